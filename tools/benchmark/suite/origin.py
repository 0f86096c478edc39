"""The origin: nginx with the files that are asked for, plain and over TLS."""

import contextlib
import dataclasses
import http.client
import os
import pathlib
import re
import subprocess

from suite.processes import BenchmarkError, Program, find_program, free_port

WORKERS = 2
CONFIG = pathlib.Path(__file__).with_name("config")
MIB = 1024 * 1024
# segment: 10 s of video at 6 Mbit/s. long: more than a slow client reads while it is measured, and
# more than upstream.limiter_release_after, so that it is a long stream to Sluice.
OBJECTS = {"segment.bin": 7 * MIB, "small.bin": 1024, "long.bin": 96 * MIB}


def write_config(name, path, **values):
    """Fills the @placeholders@ of a template."""
    text = (CONFIG / name).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    path.write_text(text)
    return path


@dataclasses.dataclass
class Origin:
    port: int
    tls_port: int
    files: pathlib.Path
    program: Program
    status: http.client.HTTPConnection  # kept open, so that asking does not count

    def url(self, name, tls=False):
        scheme, port = ("https", self.tls_port) if tls else ("http", self.port)
        return f"{scheme}://127.0.0.1:{port}/{name}"

    def accepted(self):
        """Connections accepted so far: how many were opened anew is the difference of two calls."""
        self.status.request("GET", "/status")
        return int(re.search(rb"requests\s+(\d+)", self.status.getresponse().read())[1])


def _make_files(folder):
    folder.mkdir()
    for name, size in OBJECTS.items():
        with open(folder / name, "wb") as file:
            for at in range(0, size, MIB):
                file.write(os.urandom(min(MIB, size - at)))
    return folder


def _make_certificate(folder):
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    done = subprocess.run(
        [find_program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
        capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(f"openssl made no certificate:\n{done.stderr}")
    return key, certificate


@contextlib.contextmanager
def running_origin(folder, send_buffer=None):
    """Files, certificate and nginx; all gone when the block ends.

    send_buffer: bytes the kernel may hold unsent on each connection. A thousand slow streams from an
    origin on the same machine otherwise use up the memory that the kernel has for all TCP.
    """
    home = folder / "origin"
    home.mkdir()
    files = _make_files(folder / "files")
    key, certificate = _make_certificate(folder)
    port, tls_port, status_port = free_port(), free_port(), free_port()
    config = write_config(
        "nginx-origin.conf", home / "nginx.conf", folder=home, files=files, workers=WORKERS,
        port=port, tls_port=tls_port, status_port=status_port, key=key, certificate=certificate,
        listen_options=f" sndbuf={send_buffer}" if send_buffer else "")
    with Program("origin", [find_program("nginx"), "-p", home, "-c", config], folder) as program:
        program.wait_for_port(port)
        status = http.client.HTTPConnection("127.0.0.1", status_port, timeout=30)
        with contextlib.closing(status):
            yield Origin(port, tls_port, files, program, status)
