"""Sluice restarted under load: clients that count every broken or refused request."""

import hashlib
import http.client
import random
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, Optional
from urllib.parse import quote, urlsplit

_SECONDS = 30
_SLOW_PIECES = 20


class PacedOrigin:
    """An origin on loopback: `/<bytes>/<seconds>` is a file of that size that takes that long."""

    def __init__(self) -> None:
        """Serves from here on, until the context is left."""
        # Distinct at every offset, so that no part can stand for another one.
        self._data = random.Random(7).randbytes(1 << 20)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "PacedOrigin":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def digest(self, size: int) -> str:
        """SHA-256 of a file of that size."""
        return hashlib.sha256(self._data[:size]).hexdigest()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        data = self._data

        class Handler(BaseHTTPRequestHandler):
            """Answers GET with keep-alive."""

            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:  # pylint: disable=invalid-name
                """The file, in pieces with pauses when it is to take long."""
                size, seconds = self.path.strip("/").split("/")
                body = memoryview(data)[: int(size)]
                self.send_response(200)
                self.send_header("Content-Length", size)
                self.end_headers()
                pieces = _SLOW_PIECES if float(seconds) else 1
                for number in range(pieces):
                    start, end = (len(body) * n // pieces for n in (number, number + 1))
                    self.wfile.write(body[start:end])
                    time.sleep(float(seconds) / pieces)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        return Handler


class Downloads:
    """Clients in threads of their own that download until told to stop; every fault is kept.

    A connection closed by the server counts as broken unless a response announced it.
    """

    def __init__(self, proxy: str, origin: PacedOrigin):
        """`proxy` is Sluice's scheme, host and port."""
        self._address = urlsplit(proxy).netloc
        self._origin = origin
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.count = 0
        self.announced = 0  # connections that ended as a response had said
        self.faults: list[str] = []

    def start(self, clients: int, kept: bool, size: int, seconds: float, pause: float = 0) -> None:
        """Adds clients that fetch one kind of file; `kept`: each over one connection."""
        for number in range(clients):
            name = f"{'kept' if kept else 'new'} {size}/{seconds:g} #{number}"
            run = self._kept if kept else self._new
            self._threads.append(
                threading.Thread(target=self._run, args=(name, run, size, seconds, pause))
            )
            self._threads[-1].start()

    def finish(self) -> None:
        """Lets each client end its download, and waits for it."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, name: str, run: Callable[..., None], size: int, secs: float, rest: float) -> None:
        try:
            run(size, secs, rest)
        except (OSError, http.client.HTTPException, AssertionError) as error:
            with self._lock:
                self.faults.append(f"{name}: {type(error).__name__}: {error}")

    def _fetch(self, connection: http.client.HTTPConnection, size: int, seconds: float) -> bool:
        """One download; True when the server announced the end of the connection."""
        target = quote(f"{self._origin.origin}/{size}/{seconds:g}", safe="")
        connection.request("GET", f"/proxy/stream?d={target}")
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise AssertionError(f"status {response.status}: {body[:200]!r}")
        if hashlib.sha256(body).hexdigest() != self._origin.digest(size):
            raise AssertionError(f"{len(body)} bytes, and not the right ones")
        with self._lock:
            self.count += 1
        return bool(response.will_close)

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._address.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=_SECONDS)
        connection.connect()
        # A connection that was closed must be noticed, not opened again.
        connection.auto_open = 0
        return connection

    def _new(self, size: int, seconds: float, rest: float) -> None:
        while not self._stop.is_set():
            connection = self._connect()
            self._fetch(connection, size, seconds)
            connection.close()
            time.sleep(rest)

    def _kept(self, size: int, seconds: float, rest: float) -> None:
        connection: Optional[http.client.HTTPConnection] = None
        while not self._stop.is_set():
            connection = connection or self._connect()
            if self._fetch(connection, size, seconds):
                connection.close()
                connection = None
                with self._lock:
                    self.announced += 1
            time.sleep(rest)
        if connection:
            connection.close()


def listening_socket() -> socket.socket:
    """A socket on a loopback port of the system's choice that listens already."""
    opened = socket.socket()
    opened.bind(("127.0.0.1", 0))
    opened.listen(1024)
    return opened
