"""Sluice itself, started the way a user starts it; and a stand-in that does without."""

import os
import re
from pathlib import Path
from typing import Optional, Sequence, Union
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

from .processes import Child, E2eError, clean_environment, wait_for

_READY = re.compile(r"listening on (http://127\.0\.0\.1:\d+)")
_START_SECONDS = 30
# What the sanitizers print when they found something.
SANITIZER_MARKS = (
    "ERROR: AddressSanitizer",
    "ERROR: LeakSanitizer",
    "runtime error:",
    "WARNING: ThreadSanitizer",
)


def direct_mode() -> bool:
    """True when the tests are to play straight from the origin."""
    return os.environ.get("SLUICE_E2E_DIRECT", "0") not in ("", "0")


def sluice_binary() -> str:
    """Path of the program under test."""
    path = os.environ.get("SLUICE_BINARY", "")
    if not path:
        raise E2eError(
            "set SLUICE_BINARY to the sluice program (or SLUICE_E2E_DIRECT=1 to do without)"
        )
    if not os.access(path, os.X_OK):
        raise E2eError(f"SLUICE_BINARY={path} is not a program that can be run")
    return os.path.abspath(path)


def _environment() -> dict[str, str]:
    # Settings of the user's shell must not change what is tested.
    return {
        name: value
        for name, value in clean_environment().items()
        if not name.startswith("SLUICE_")
        and name not in ("API_PASSWORD", "APP__AUTH__API_PASSWORD")
    }


def keep_log(child: Child) -> None:
    """Leaves what a program logged where all tests' logs are looked through for secrets."""
    folder = os.environ.get("SLUICE_TEST_LOGS")
    if folder:
        with open(Path(folder) / f"e2e-{os.getpid()}.log", "a", encoding="utf-8") as log:
            log.write(child.stderr())


class Sluice:
    """A running `sluice serve` or `sluice demo` on a free loopback port."""

    def __init__(
        self,
        folder: Path,
        password: Optional[str] = None,
        command: Sequence[str] = ("serve",),
        more_settings: Sequence[str] = (),
    ):
        """Returns once it listens; its logs go to `folder`. Settings are written KEY=VALUE."""
        self.password = password
        settings = ["--set", "upstream.reach=any"] if command[0] == "serve" else []
        if password is not None:
            settings += ["--set", f"auth.api_password={password}"]
        for setting in more_settings:
            settings += ["--set", setting]
        arguments = [sluice_binary(), *command, "--listen", "127.0.0.1:0", *settings]
        self._child = Child("sluice", arguments, folder, _environment())
        try:
            ready = wait_for(
                lambda: _READY.search(self._child.stdout()),
                _START_SECONDS,
                "sluice to print 'listening on http://127.0.0.1:PORT'",
                self._child,
            )
        except E2eError as error:
            self._child.__exit__()
            raise E2eError(f"{error}\n{self._child.report()}") from None
        self.origin = ready.group(1)

    def __enter__(self) -> "Sluice":
        return self

    def __exit__(self, *_: object) -> None:
        self._child.__exit__()
        keep_log(self._child)

    def _url(self, path: str, destination: str, password: Optional[str]) -> str:
        secret = self.password if password is None else password
        suffix = f"&api_password={quote(secret, safe='')}" if secret else ""
        return f"{self.origin}{path}?d={quote(destination, safe='')}{suffix}"

    def manifest(self, destination: str, password: Optional[str] = None) -> str:
        """Sluice's address of a playlist; `password` other than the right one, "" for none."""
        return self._url("/proxy/hls/manifest.m3u8", destination, password)

    def stream(self, destination: str, password: Optional[str] = None) -> str:
        """Sluice's address of any file, passed through unchanged."""
        return self._url("/proxy/stream", destination, password)

    def segment(self, destination: str, extension: str) -> str:
        """Sluice's address of one HLS segment."""
        return self._url(f"/proxy/hls/segment.{extension}", destination, None)

    def destination_of(self, url: str) -> str:
        """The origin's address inside one of Sluice's."""
        values = parse_qs(urlsplit(url).query, strict_parsing=True).get("d", [])
        if len(values) != 1:
            raise AssertionError(f"not one d= in {url}")
        return values[0]

    def stdout(self) -> str:
        """All it has printed so far."""
        return self._child.stdout()

    def stderr(self) -> str:
        """All it has logged so far."""
        return self._child.stderr()

    def report(self) -> str:
        """State and logs, for the message of a failed test."""
        return self._child.report()

    def end(self) -> None:
        """Asks it to stop, and fails unless it leaves in peace.

        That is: exit code 0, no sanitizer had anything to say, the password is in no output.
        """
        died = self._child.returncode()
        if died is not None:
            raise AssertionError(f"sluice ended by itself with {died}\n{self.report()}")
        code = self._child.stop()
        errors = self.stderr()
        if code != 0:
            raise AssertionError(f"sluice left with {code} after SIGTERM\n{self.report()}")
        for mark in SANITIZER_MARKS:
            if mark in errors:
                raise AssertionError(f"sluice's stderr has '{mark}'\n{errors[errors.index(mark):]}")
        if self.password:
            for form in (self.password, quote(self.password), quote_plus(self.password)):
                if form in self.stdout() + errors:
                    raise AssertionError(f"sluice's output has the password\n{self.report()}")


class Direct:
    """Stands in for Sluice when SLUICE_E2E_DIRECT=1: every address stays the origin's own."""

    password: Optional[str] = None

    def __init__(self, origin: str):
        """`origin` is the scheme, host and port the streams come from."""
        self.origin = origin

    def __enter__(self) -> "Direct":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def manifest(self, destination: str, password: Optional[str] = None) -> str:
        """The address itself."""
        return destination

    def stream(self, destination: str, password: Optional[str] = None) -> str:
        """The address itself."""
        return destination

    def segment(self, destination: str, extension: str) -> str:
        """The address itself."""
        return destination

    def destination_of(self, url: str) -> str:
        """The address itself."""
        return url

    def report(self) -> str:
        """Nothing runs, nothing is logged."""
        return "--- no sluice: SLUICE_E2E_DIRECT is set"

    def end(self) -> None:
        """Nothing to stop."""


Proxy = Union[Sluice, Direct]
