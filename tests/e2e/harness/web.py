"""Plain HTTP requests, for looking at answers byte by byte."""

import http.client
from dataclasses import dataclass
from typing import Mapping, Optional
from urllib.parse import urlsplit

_SECONDS = 20


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Web:
    """One keep-alive connection to one server."""

    def __init__(self, origin: str):
        """`origin` is scheme, host and port; nothing is connected before the first request."""
        self._origin = origin
        self._connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=_SECONDS)
        self._socket: Optional[object] = None

    def __enter__(self) -> "Web":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(
        self, url: str, method: str = "GET", headers: Optional[Mapping[str, str]] = None
    ) -> Answer:
        """Sends one request; the answer must leave the connection open for the next one."""
        if not url.startswith(self._origin + "/"):
            raise AssertionError(f"{url} does not belong to {self._origin}")
        target = url[len(self._origin) :]
        self._connection.request(method, target, headers=dict(headers or {}))
        if self._socket is not None and self._connection.sock is not self._socket:
            raise AssertionError(f"the connection was closed before {method} {target}")
        self._socket = self._connection.sock
        response = self._connection.getresponse()
        body = response.read()
        names = [name.lower() for name, _ in response.getheaders()]
        if len(set(names)) != len(names):
            raise AssertionError(f"{method} {target}: a header came twice: {sorted(names)}")
        if response.will_close:
            raise AssertionError(f"{method} {target}: the server closes the connection")
        fields = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, fields, body)
