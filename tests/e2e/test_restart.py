"""Restarts that nobody notices: a new process takes over, or the listening socket outlives all."""

import socket
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Sequence

from harness.case import needs_sluice
from harness.nginx import free_port
from harness.processes import Child, clean_environment, end_on_sigterm, wait_for
from harness.restarts import Downloads, PacedOrigin, listening_socket
from harness.sluice import SANITIZER_MARKS, sluice_binary

_HANDOVERS = 10
_DOWNLOADS = 1000
_ACTIVATIONS = 3

# Runs a program with a socket where a service manager puts it; the process id stays the same.
_EXEC_WRAPPER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="sluice.socket")
os.execv(sys.argv[2], sys.argv[2:])
"""


@needs_sluice
class Restart(unittest.TestCase):
    """Old and new processes of the real program, with clients that never stop asking."""

    def setUp(self) -> None:
        """An origin, and a folder for the processes' logs."""
        end_on_sigterm()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="sluice-again-")))
        self.origin = self.enterContext(PacedOrigin())
        self.children: list[Child] = []
        self.notices = self.enterContext(Notices(self.folder / "notify"))

    def start(self, command: Sequence[str], descriptors: Sequence[int] = ()) -> Child:
        """A further process; its number is in its name."""
        environment = {**clean_environment(), "NOTIFY_SOCKET": str(self.folder / "notify")}
        child = Child(
            f"sluice{len(self.children)}", command, self.folder, environment, descriptors
        )
        self.children.append(self.enterContext(child))
        return child

    def ended(self, child: Child) -> None:
        """The process has ended, or does now, by itself and without complaints."""
        self.assertEqual(child.wait(30), 0, child.report())
        for mark in SANITIZER_MARKS:
            self.assertNotIn(mark, child.stderr())

    def report(self) -> str:
        """All logs."""
        return "\n".join(child.report() for child in self.children)

    def test_handovers_under_load(self) -> None:
        """New connections, kept ones and long downloads across ten handovers: none is broken."""
        port = free_port()
        command = [sluice_binary(), "serve", "--listen", f"127.0.0.1:{port}"]
        for setting in (
            "upstream.reach=any",
            "upstream.max_concurrent_per_host=0",
            "log.requests=false",
            "server.workers=2",
            f"server.handover_socket={self.folder / 'handover'}",
        ):
            command += ["--set", setting]
        current = self.start(command)
        wait_for(lambda: "READY=1" in self.notices.text(), 30, "the first to serve", current)
        load = Downloads(f"http://127.0.0.1:{port}", self.origin)
        try:
            load.start(4, kept=False, size=20_000, seconds=0, pause=0.02)
            load.start(4, kept=True, size=50_000, seconds=0, pause=0.02)
            load.start(2, kept=True, size=1_000_000, seconds=0, pause=0.05)
            load.start(2, kept=False, size=300_000, seconds=2.5)
            load.start(2, kept=True, size=300_000, seconds=1.5)
            for number in range(1, _HANDOVERS + 1):
                enough = _DOWNLOADS * number // (_HANDOVERS + 1)
                wait_for(lambda: load.count >= enough or load.faults, 60, f"{enough} downloads")
                successor = self.start(command)
                wait_for(
                    lambda: "took over from pid" in successor.stderr(), 30, "a handover", successor
                )
                self.assertIn("handed over to pid", current.stderr())
                current = successor
                self.notices.text()  # its queue is short
            wait_for(lambda: load.count >= _DOWNLOADS or load.faults, 60, "all downloads")
        finally:
            load.finish()
        self.assertEqual(load.faults, [], self.report())
        self.assertGreaterEqual(load.count, _DOWNLOADS)
        # Every kept connection was told, at most once per handover and, mostly, each time.
        self.assertGreater(load.announced, _HANDOVERS)
        for child in self.children[:-1]:
            self.ended(child)
            # The slow downloads were under way.
            self.assertRegex(child.stderr(), r"draining, [1-9]\d* connections")
        self.assertEqual(current.stop(), 0, current.report())
        self.assertFalse((self.folder / "handover").exists())
        self.check_notices()

    def check_notices(self) -> None:
        """What a service manager was told: each new process by itself, and the end by the last."""
        told = self.notices.text().splitlines()
        self.assertEqual(told.count("READY=1"), _HANDOVERS + 1)
        self.assertEqual(sum(line.startswith("MAINPID=") for line in told), _HANDOVERS)
        self.assertEqual(told.count("STOPPING=1"), 1)

    def test_socket_activation(self) -> None:
        """With a socket that others hold, stopping and starting again refuses nobody."""
        opened = self.enterContext(listening_socket())
        port = opened.getsockname()[1]
        command = [sys.executable, "-c", _EXEC_WRAPPER, str(opened.fileno()), sluice_binary()]
        command += ["serve", "--set", "upstream.reach=any", "--set", "server.workers=2"]
        load = Downloads(f"http://127.0.0.1:{port}", self.origin)
        try:
            load.start(4, kept=False, size=20_000, seconds=0, pause=0.01)
            load.start(2, kept=False, size=300_000, seconds=0.5)
            for number in range(_ACTIVATIONS + 1):
                before = load.count
                child = self.start(command, [opened.fileno()])
                wait_for(lambda: load.count >= before + 50 or load.faults, 30, "downloads", child)
                # The workers may serve before the main thread comes to say so.
                line = f"listening on http://127.0.0.1:{port} "
                wait_for(lambda: line in child.stdout(), 30, "the address", child)
                if number < _ACTIVATIONS:
                    self.assertEqual(child.stop(), 0, child.report())
        finally:
            load.finish()
        self.assertEqual(load.faults, [], self.report())
        self.assertEqual(child.stop(), 0, child.report())
        for child in self.children:
            self.ended(child)

    def test_passed_socket_needs_a_password_where_others_reach_it(self) -> None:
        """The settings' harmless address says nothing about the socket's."""
        opened = self.enterContext(socket.socket())
        opened.bind(("0.0.0.0", 0))
        opened.listen()
        command = [sys.executable, "-c", _EXEC_WRAPPER, str(opened.fileno()), sluice_binary()]
        child = self.start(command, [opened.fileno()])
        self.assertEqual(child.wait(30), 2)
        self.assertIn("auth.api_password", child.stderr())


class Notices:
    """Stands in for a service manager: collects what NOTIFY_SOCKET is sent."""

    def __init__(self, path: Path):
        """Listens at `path` until the context is left."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        self._text = ""

    def __enter__(self) -> "Notices":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def text(self) -> str:
        """All datagrams so far, each ending its line."""
        try:
            while True:
                self._text += self._socket.recv(4096).decode() + "\n"
        except BlockingIOError:
            return self._text


if __name__ == "__main__":
    unittest.main(verbosity=2)
