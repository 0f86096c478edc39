"""Programs started by a test, and waiting for them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Mapping, Optional, Sequence, TypeVar

Answer = TypeVar("Answer")

# Proxies of the environment would be used by ffmpeg even for loopback addresses.
_PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_LOG_TAIL_BYTES = 8000


class E2eError(RuntimeError):
    """A part the tests are made of is missing or did not work; says which and how to help."""


def clean_environment() -> dict[str, str]:
    """The environment without proxy settings: every connection is the one the test means."""
    return {
        name: value for name, value in os.environ.items() if name.lower() not in _PROXY_VARIABLES
    }


def find_program(name: str) -> str:
    """Absolute path of a program; the sbin folders count too, which users rarely have in PATH."""
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])
    found = shutil.which(name, path=search)
    if found is None:
        raise E2eError(f"{name} is not installed; install it with the distribution's packages")
    return found


def wait_for(
    look: Callable[[], Optional[Answer]], seconds: float, what: str, child: "Optional[Child]" = None
) -> Answer:
    """Calls `look` until it returns something true, and returns that.

    Fails with `what` after `seconds`, and at once when `child` has ended meanwhile.
    """
    deadline = time.monotonic() + seconds
    while True:
        ended = child is not None and child.returncode() is not None
        answer = look()
        if answer:
            return answer
        if ended and child is not None:
            raise E2eError(f"{child.name} ended with {child.returncode()} before {what}")
        if time.monotonic() > deadline:
            raise E2eError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.02)


def end_on_sigterm() -> None:
    """Turns SIGTERM (a time-out of the test runner) into an exit that runs all clean-up."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def _dies_with_the_test(command: Sequence[str]) -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *command] if setpriv else list(command)


class Child:
    """A server started by a test. Its output goes to files; leaving the context ends it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        environment: Optional[Mapping[str, str]] = None,
        descriptors: Sequence[int] = (),
    ):
        """Starts `command`; `folder` receives `<name>.out` and `<name>.err`.

        It inherits `descriptors` besides these.
        """
        self.name = name
        self._out = folder / f"{name}.out"
        self._err = folder / f"{name}.err"
        with open(self._out, "wb") as out, open(self._err, "wb") as err:
            self._process = subprocess.Popen(
                _dies_with_the_test(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=dict(environment or clean_environment()),
                pass_fds=descriptors,
            )

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        if self.returncode() is None:
            self._process.kill()
        self._process.wait()

    def returncode(self) -> Optional[int]:
        """Exit code (negative: signal), None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> int:
        """Exit code, once it has ended by itself; subprocess.TimeoutExpired when it has not."""
        return self._process.wait(seconds)

    def stdout(self) -> str:
        """All it has printed so far."""
        return self._out.read_text("utf-8", "replace")

    def stderr(self) -> str:
        """All it has logged so far."""
        return self._err.read_text("utf-8", "replace")

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 20) -> int:
        """Sends the signal, waits for the end and returns the exit code; kills it when it stays."""
        self._process.send_signal(number)
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise E2eError(
                f"{self.name} was still there {seconds:g} s after {number.name}"
            ) from None

    def report(self) -> str:
        """The end of both outputs, for the message of a failed test."""
        state = self.returncode()
        head = f"--- {self.name}: " + ("running" if state is None else f"exit code {state}")
        parts = [head]
        for label, text in (("stdout", self.stdout()), ("stderr", self.stderr())):
            parts.append(
                f"--- {self.name} {label}:\n{text[-_LOG_TAIL_BYTES:].rstrip() or '(empty)'}"
            )
        return "\n".join(parts)
