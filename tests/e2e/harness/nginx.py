"""nginx as the origin: serves the streams, and remembers what it was asked for."""

import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from .processes import Child, E2eError, find_program, wait_for
from .web import Web

_START_ATTEMPTS = 5

_CONFIG = """
daemon off;
master_process off;
pid "{state}/nginx.pid";
error_log "{state}/error.log" notice;
events {{ worker_connections 512; }}
http {{
  types {{
    application/vnd.apple.mpegurl m3u8;
    video/mp2t ts;
    video/mp4 mp4;
    video/iso.segment m4s;
    text/vtt vtt;
    text/html html;
    text/javascript js;
    image/png png;
    image/jpeg jpg;
    application/json json;
  }}
  default_type application/octet-stream;
  log_format asked "$connection\\t$request_method\\t$request_uri\\t$status\\t$http_range"
                   "\\t$http_user_agent\\t$http_host\\t$remote_addr";
  access_log "{state}/access.log" asked;
  client_body_temp_path "{state}/client_body";
  proxy_temp_path "{state}/proxy";
  fastcgi_temp_path "{state}/fastcgi";
  uwsgi_temp_path "{state}/uwsgi";
  scgi_temp_path "{state}/scgi";
  sendfile on;
  keepalive_timeout 65s;
  keepalive_requests 10000;
  {headers}
  server {{
    listen 127.0.0.1:{port};
    root "{root}";
    location /live/ {{ root "{state}/www"; }}
    location /moved/ {{ rewrite ^/moved/(.*)$ /clips/$1 redirect; }}
    location = /sync {{ access_log off; return 204; }}
    {hop}
  }}
  {guarded}
}}
"""

# Answers only to the addresses that the outgoing proxies of a test connect from.
_GUARDED = """server {{
    listen 127.0.0.1:{guarded_port};
    listen 127.0.0.1:{secure_port} ssl;
    ssl_certificate "{certificate}";
    ssl_certificate_key "{key}";
    root "{root}";
    allow {allowed};
    deny all;
    location = /hop/back {{ return 302 http://127.0.0.1:{port}/files/blob.bin; }}
  }}"""
_HOP = "location = /hop/there {{ return 302 http://localhost:{guarded_port}/hop/back; }}"

# Of these addresses each outgoing proxy has its own.
GUARDED_FOR = "127.0.0.8/29"


@dataclass(frozen=True)
class Asked:
    """One request as nginx logged it; `uri` is the request target byte for byte."""

    connection: str
    method: str
    uri: str
    status: int
    range: str
    user_agent: str
    host: str
    peer: str


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, as files; it vouches for itself."""

    certificate: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    """For localhost and 127.0.0.1, signed by itself, in files below `folder`."""
    made = Certificate(folder / "cert.pem", folder / "key.pem")
    command = [find_program("openssl"), "req", "-x509", "-nodes", "-days", "2"]
    command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    return made


def free_port() -> int:
    """A loopback TCP port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Nginx:
    """A running nginx with `root` at `/`, and a folder the test may write to at `/live/`.

    What is below `/clips/` is also below `/moved/`, by redirects.
    With `cors` it allows every web origin, which only playing without Sluice needs. With a
    `certificate` it has the same root a second time, at `guarded` and `secure` (http and https),
    for GUARDED_FOR only; /hop/there leads there, and /hop/back there leads back.
    """

    def __init__(
        self,
        root: Path,
        state: Path,
        cors: bool = False,
        certificate: Optional[Certificate] = None,
    ):
        """Everything nginx writes goes below `state`."""
        self._state = state
        self.live_folder = state / "www" / "live"
        self.live_folder.mkdir(parents=True)
        self._headers = (
            'add_header Cache-Control "max-age=7";\n  add_header Set-Cookie "who=origin";'
        )
        if cors:
            self._headers += '\n  add_header Access-Control-Allow-Origin "*";'
        self._root = root
        self._certificate = certificate
        self.guarded = self.secure = ""
        self.port, self._child = self._start()
        self.origin = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Nginx":
        return self

    def __exit__(self, *_: object) -> None:
        if self._child.returncode() is None:
            self._child.stop()
        self._child.__exit__()

    def _start(self) -> tuple[int, Child]:
        program = find_program("nginx")
        errors = self._state / "error.log"
        for _ in range(_START_ATTEMPTS):
            port = free_port()
            config = self._state / "nginx.conf"
            config.write_text(self._config(port))
            command = [program, "-p", str(self._state), "-e", str(errors), "-c", str(config)]
            child = Child("nginx", command, self._state)
            try:
                wait_for(lambda: _accepts(port), 10, f"nginx to listen on port {port}", child)
            except E2eError as error:
                child.__exit__()
                log = errors.read_text() if errors.exists() else child.stderr()
                if "Address already in use" in log:
                    errors.unlink(missing_ok=True)
                    continue
                raise E2eError(f"{error}:\n{log}") from None
            return port, child
        raise E2eError(f"nginx found no free port in {_START_ATTEMPTS} attempts")

    def _config(self, port: int) -> str:
        hop = guarded = ""
        if self._certificate:
            values = {"port": port, "guarded_port": free_port(), "secure_port": free_port()}
            self.guarded = f"http://localhost:{values['guarded_port']}"
            self.secure = f"https://localhost:{values['secure_port']}"
            hop = _HOP.format(**values)
            guarded = _GUARDED.format(
                certificate=self._certificate.certificate,
                key=self._certificate.key,
                root=self._root,
                allowed=GUARDED_FOR,
                **values,
            )
        return _CONFIG.format(
            state=self._state,
            root=self._root,
            port=port,
            headers=self._headers,
            hop=hop,
            guarded=guarded,
        )

    def url(self, path: str) -> str:
        """Absolute address of a path that begins with `/`."""
        return self.origin + path

    def asked(self) -> list[Asked]:
        """All requests answered so far, in the order of their ends."""
        # A request is logged just after its last byte was sent. nginx does one thing at a time:
        # once it has answered another request, everything before is in the log.
        with Web(self.origin) as web:
            web.ask(self.url("/sync"))
        log = self._state / "access.log"
        rows = [line.split("\t") for line in log.read_text("utf-8", "replace").splitlines()]
        return [
            Asked(connection, method, uri, int(status), wanted, agent, host, peer)
            for connection, method, uri, status, wanted, agent, host, peer in rows
        ]

    def report(self) -> str:
        """The ends of its logs, for the message of a failed test."""
        parts = []
        for name in ("error.log", "access.log"):
            log = self._state / name
            lines = log.read_text("utf-8", "replace").splitlines()[-30:] if log.exists() else []
            parts.append(f"--- nginx {name}:\n" + ("\n".join(lines) or "(empty)"))
        return "\n".join(parts)
