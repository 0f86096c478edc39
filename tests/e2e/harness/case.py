"""What all end-to-end test classes share: the servers, and their logs when a test fails."""

import sys
import tempfile
import unittest
from pathlib import Path
from typing import Optional

from .nginx import Nginx, make_certificate
from .processes import end_on_sigterm
from .sluice import Direct, Proxy, Sluice, direct_mode
from .streams import make_streams

# Has what could go wrong on its way through a query string.
PASSWORD = "pass+word &e2e%"

# For tests of what only Sluice has.
needs_sluice = unittest.skipIf(direct_mode(), "plays straight from the origin")


class PlaybackCase(unittest.TestCase):
    """An origin with all streams, and Sluice beside it, for all tests of one class.

    At the end Sluice must leave with 0 on SIGTERM and without a word from a sanitizer.
    """

    password: Optional[str] = None
    # The origin has a part that only outgoing proxies reach; see Nginx.
    guarded = False
    folder: Path
    streams: Path
    nginx: Nginx
    proxy: Proxy

    @classmethod
    def setUpClass(cls) -> None:
        """Starts the servers."""
        end_on_sigterm()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="sluice-e2e-")))
        cls.streams = make_streams(cls.folder)
        state = cls.folder / "nginx"
        state.mkdir()
        certificate = make_certificate(cls.folder) if cls.guarded else None
        cls.nginx = cls.enterClassContext(
            Nginx(cls.streams, state, cors=direct_mode(), certificate=certificate)
        )
        if direct_mode():
            cls.proxy = cls.enterClassContext(Direct(cls.nginx.origin))
        else:
            cls.proxy = cls.enterClassContext(Sluice(cls.folder, cls.password))

    @classmethod
    def tearDownClass(cls) -> None:
        """Ends Sluice and looks at how it ended."""
        cls.proxy.end()

    def run(self, result: Optional[unittest.TestResult] = None) -> Optional[unittest.TestResult]:
        """Runs one test; when it fails, the servers' logs follow on stderr."""
        before = _troubles(result)
        outcome = super().run(result)
        if _troubles(result) > before:
            print(f"\n=== {self.id()} failed; the servers' logs:\n{self.report()}", file=sys.stderr)
        return outcome

    def report(self) -> str:
        """State and logs of everything that runs; a class with more servers adds theirs."""
        return f"{self.proxy.report()}\n{self.nginx.report()}"


def _troubles(result: Optional[unittest.TestResult]) -> int:
    return 0 if result is None else len(result.failures) + len(result.errors)
