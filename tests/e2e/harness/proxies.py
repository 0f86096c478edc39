"""Outgoing proxies, real ones, on loopback ports and each with an address it connects from."""

import os
import socket
import socketserver
import struct
import threading
from pathlib import Path
from typing import Optional
from urllib.parse import quote

from .nginx import Certificate, free_port
from .processes import Child, E2eError, find_program, wait_for

# Has what could go wrong on its way through a URL.
USER = "me@home"
PASSWORD = "s3cret:/%&word"
# A name that the system does not know, and Squid does.
ONLY_SQUID_KNOWS = "only-squid-knows.test"


def accepts(port: int) -> bool:
    """True when somebody listens on a loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class ProxyServer:
    """One running proxy; `address` is where its connections come from."""

    def __init__(self, name: str, address: str, port: int, child: Optional[Child] = None):
        """Waits until it listens."""
        self.name = name
        self.address = address
        self.port = port
        self._child = child
        try:
            wait_for(lambda: accepts(port), 15, f"{name} to listen on port {port}", child)
        except E2eError as error:
            report = child.report() if child else ""
            self.__exit__()
            raise E2eError(f"{error}\n{report}") from None

    def __enter__(self) -> "ProxyServer":
        return self

    def __exit__(self, *_: object) -> None:
        if self._child:
            self._child.__exit__()

    def url(self, scheme: str, user: str = "", password: str = "") -> str:
        """Its URL as Sluice takes it."""
        login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
        return f"{scheme}://{login}127.0.0.1:{self.port}"

    def report(self) -> str:
        """State and output, for the message of a failed test."""
        return self._child.report() if self._child else f"--- {self.name}: in this process"


def tinyproxy(folder: Path) -> ProxyServer:
    """HTTP, with login. Its settings know no quoting: a login of its own."""
    port, address = free_port(), "127.0.0.10"
    settings = folder / "tinyproxy.conf"
    settings.write_text(
        f"Port {port}\nListen 127.0.0.1\nBind {address}\nTimeout 60\nMaxClients 100\n"
        f"LogLevel Connect\nBasicAuth {TINY_USER} {TINY_PASSWORD}\n"
    )
    command = [find_program("tinyproxy"), "-d", "-c", str(settings)]
    return ProxyServer("tinyproxy", address, port, Child("tinyproxy", command, folder))


TINY_USER = "tiny"
TINY_PASSWORD = "s3cretword"


def microsocks(folder: Path, login: bool) -> ProxyServer:
    """SOCKS 5, with or without login."""
    port = free_port()
    name, address = ("microsocks-login", "127.0.0.11") if login else ("microsocks", "127.0.0.14")
    command = [find_program("microsocks"), "-i", "127.0.0.1", "-p", str(port), "-b", address]
    if login:
        command += ["-u", USER, "-P", PASSWORD]
    return ProxyServer(name, address, port, Child(name, command, folder))


def squid(folder: Path, certificate: Certificate) -> tuple[ProxyServer, ProxyServer]:
    """HTTP, and HTTP inside TLS: the same program on two ports."""
    plain, secure, address = free_port(), free_port(), "127.0.0.12"
    hosts = folder / "squid.hosts"
    hosts.write_text(f"127.0.0.1 localhost {ONLY_SQUID_KNOWS}\n")
    settings = folder / "squid.conf"
    # Started by root it becomes another user, who may not write here: hence no logs.
    settings.write_text(
        f"http_port 127.0.0.1:{plain}\n"
        f"https_port 127.0.0.1:{secure} tls-cert={certificate.certificate}"
        f" tls-key={certificate.key}\n"
        f"tcp_outgoing_address {address}\nhosts_file {hosts}\nhttp_access allow all\n"
        "pid_filename none\ncache_log /dev/null\naccess_log none\ncache deny all\n"
        "netdb_filename none\nvisible_hostname test\nshutdown_lifetime 0 seconds\n"
    )
    service = f"sluice{os.getpid()}"
    command = [find_program("squid"), "-N", "-d", "1", "-n", service, "-f", str(settings)]
    child = Child("squid", command, folder)
    first = ProxyServer("squid", address, plain, child)
    return first, ProxyServer("squid (TLS)", address, secure, child)


def dante(folder: Path) -> ProxyServer:
    """SOCKS 4 and 5, without login."""
    port, address = free_port(), "127.0.0.13"
    settings = folder / "danted.conf"
    settings.write_text(
        f"logoutput: stderr\ninternal: 127.0.0.1 port = {port}\nexternal: {address}\n"
        "clientmethod: none\nsocksmethod: none\n"
        "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
        "socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 log: connect error }\n"
    )
    command = [find_program("danted"), "-f", str(settings)]
    return ProxyServer("danted", address, port, Child("danted", command, folder))


class _Socks4a(socketserver.BaseRequestHandler):
    """SOCKS 4 and 4A by the letter of their memos; no packaged server does 4A."""

    def handle(self) -> None:
        """One connection."""
        version, command, port, address = struct.unpack(">BBH4s", self._read(8))
        self._read_text()
        host = socket.inet_ntoa(address)
        if address[:3] == b"\0\0\0" and address[3]:
            host = self._read_text()
        if (version, command) != (4, 1):
            return
        try:
            origin = socket.create_connection((host, port), 10, (Socks4a.ADDRESS, 0))
        except OSError:
            self.request.sendall(b"\0\x5b" + bytes(6))
            return
        origin.settimeout(None)
        self.request.sendall(b"\0\x5a" + bytes(6))
        back = threading.Thread(target=_carry, args=(origin, self.request), daemon=True)
        back.start()
        _carry(self.request, origin)
        back.join()
        origin.close()

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.request.recv(count - len(data))
            if not piece:
                raise ConnectionError("cut")
            data += piece
        return data

    def _read_text(self) -> str:
        data = b""
        while not data.endswith(b"\0"):
            data += self._read(1)
        return data[:-1].decode()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A probe that connects and leaves is no error."""


class Socks4a(ProxyServer):
    """SOCKS 4A, in this process."""

    ADDRESS = "127.0.0.9"

    def __init__(self) -> None:
        """Listens at once."""
        self._server = _Server(("127.0.0.1", 0), _Socks4a)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        super().__init__("socks4a", self.ADDRESS, self._server.server_address[1])

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
