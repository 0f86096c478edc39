"""What is compared: nothing between, Sluice, its peers.

A proxy is a context manager that yields a Running; it is started anew for each level of a scenario.
"""

import contextlib
import dataclasses
import urllib.parse
from typing import Callable, Optional

from suite.origin import WORKERS, write_config
from suite.processes import BenchmarkError, Program, find_program, forget_peak, free_port


@dataclasses.dataclass
class Setting:
    """The conditions a level is run under."""

    tls: bool  # the origin is asked over TLS
    limit: int  # connections to the origin at once; 0: no limit


@dataclasses.dataclass
class Running:
    pid: Optional[int]  # None: there is no process between client and origin
    url: Callable[[str], str]  # from the name of an object
    note: str = ""  # what the reader has to know of this row
    program: Optional[Program] = None


def quoted(origin, name, setting):
    """The origin's URL of an object, percent-encoded for a query."""
    return urllib.parse.quote(origin.url(name, setting.tls), safe="")


class Direct:
    name = "direct"

    @contextlib.contextmanager
    def start(self, origin, _folder, setting):
        note = "no proxy: no limit" if setting.limit else ""
        yield Running(None, lambda name: origin.url(name, setting.tls), note)


class Sluice:
    name = "Sluice"

    def __init__(self, binary):
        self.binary = binary

    def arguments(self, port, setting):
        """The command line of a server on `port`."""
        values = {"upstream.reach": "any", "log.requests": "false", "server.workers": WORKERS,
                  "server.shutdown_grace": "1s", "upstream.max_concurrent_per_host": setting.limit}
        if setting.tls:
            values["upstream.verify_tls"] = "false"
        arguments = [self.binary, "serve", "--listen", f"127.0.0.1:{port}"]
        for key, value in values.items():
            arguments += ["--set", f"{key}={value}"]
        return arguments

    @contextlib.contextmanager
    def start(self, origin, folder, setting):
        port = free_port()

        def url(name):
            return f"http://127.0.0.1:{port}/proxy/stream?d={quoted(origin, name, setting)}"

        with Program("sluice", self.arguments(port, setting), folder) as program:
            program.wait_for_port(port)
            yield Running(program.pid, url, "", program)


class Nginx:
    name = "nginx"

    @contextlib.contextmanager
    def start(self, origin, folder, setting):
        port, home = free_port(), folder / "nginx-proxy"
        home.mkdir(exist_ok=True)
        config = write_config(
            "nginx-proxy.conf", home / "nginx.conf", folder=home, workers=WORKERS, port=port,
            scheme="https" if setting.tls else "http",
            origin=origin.tls_port if setting.tls else origin.port)
        note = "without limit: it answers 502 instead of waiting" if setting.limit else ""
        command = [find_program("nginx"), "-p", home, "-c", config]
        with Program("nginx", command, folder) as program:
            program.wait_for_port(port)
            yield Running(program.pid, lambda name: f"http://127.0.0.1:{port}/{name}", note, program)


class HAProxy:
    name = "HAProxy"

    @contextlib.contextmanager
    def start(self, origin, folder, setting):
        port = free_port()
        options = ["pool-purge-delay 300s"]
        if setting.tls:
            options.append("ssl verify none")
        if setting.limit:
            options.append(f"maxconn {setting.limit}")
        config = write_config(
            "haproxy.cfg", folder / "haproxy.cfg", workers=WORKERS, port=port,
            origin=origin.tls_port if setting.tls else origin.port,
            server_options=" ".join(options))
        with Program("haproxy", [find_program("haproxy"), "-db", "-f", config], folder) as program:
            program.wait_for_port(port)
            yield Running(program.pid, lambda name: f"http://127.0.0.1:{port}/{name}", "", program)


class Peer:
    """A proxy that somebody else has started: NAME=URL_TEMPLATE=PID."""

    def __init__(self, text):
        self.name, _, rest = text.partition("=")
        self.template, _, pid = rest.rpartition("=")
        if not self.name or "{url}" not in self.template or not pid.isdigit():
            raise BenchmarkError(
                f"--peer {text}: NAME=URL_TEMPLATE=PID, with {{url}} for the origin's URL")
        self.pid = int(pid)

    @contextlib.contextmanager
    def start(self, origin, _folder, setting):
        def url(name):
            return self.template.replace("{url}", quoted(origin, name, setting))

        forget_peak(self.pid)
        yield Running(self.pid, url, "with settings of its own")


def all_proxies(binary, peers):
    return [Direct(), Sluice(binary), Nginx(), HAProxy(), *map(Peer, peers)]
