"""/metrics as Prometheus reads it."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from harness.case import needs_sluice
from harness.processes import end_on_sigterm
from harness.sluice import Sluice
from harness.web import Web

_PROMTOOL = shutil.which("promtool")
_SKIPPED = 77


@needs_sluice
class Metrics(unittest.TestCase):
    """A real scrape of a server that has done something."""

    def test_promtool_has_no_complaint(self) -> None:
        """Format, names, units and help are as Prometheus wants them."""
        assert _PROMTOOL is not None
        end_on_sigterm()
        with tempfile.TemporaryDirectory(prefix="sluice-metrics-") as name:
            folders = [Path(name) / part for part in ("origin", "proxy")]
            for folder in folders:
                folder.mkdir()
            with Sluice(folders[0]) as origin, Sluice(folders[1]) as sluice, Web(
                sluice.origin
            ) as web:
                for path in ("/health", "/nowhere"):
                    web.ask(sluice.stream(origin.origin + path))
                web.ask(sluice.stream("http://127.0.0.1:1/"))
                answer = web.ask(sluice.origin + "/metrics?format=prometheus")
        self.assertEqual(answer.status, 200)
        for name in ("sluice_requests_total", "sluice_request_duration_seconds_bucket",
                     "sluice_origin_connections_kept", "sluice_errors_total", "process_open_fds"):
            self.assertIn(f"\n{name}".encode(), answer.body)
        checked = subprocess.run(
            [_PROMTOOL, "check", "metrics"], input=answer.body, capture_output=True, timeout=60,
            check=False,
        )
        self.assertEqual((checked.stdout + checked.stderr).decode(), "")
        self.assertEqual(checked.returncode, 0)


if __name__ == "__main__":
    if _PROMTOOL is None:
        print("promtool is not installed")
        sys.exit(_SKIPPED)
    unittest.main(verbosity=2)
