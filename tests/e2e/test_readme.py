"""The README's examples, run as they stand there but for the addresses."""

import re
import subprocess
import unittest
from pathlib import Path
from urllib.parse import quote

from harness.case import PlaybackCase, needs_sluice

_README = Path(__file__).resolve().parents[2] / "README.md"
_EXAMPLE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@needs_sluice
class Readme(PlaybackCase):
    """What a newcomer copies from the README works."""

    def example(self, text: str) -> str:
        """The example, pointed at this test's servers."""
        here = text.replace("http://127.0.0.1:8888", self.proxy.origin)
        return here.replace(quote("https://origin.example", safe=""), quote(self.nginx.origin, safe=""))

    def test_every_example_runs(self) -> None:
        """Each `sh` block ends well, and what it prints or stores is what the README promises."""
        examples = _EXAMPLE.findall(_README.read_text(encoding="utf-8"))
        outputs = []
        for text in examples:
            with self.subTest(text):
                done = subprocess.run(
                    ["bash", "-ec", self.example(text)],
                    cwd=self.folder,
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=False,
                )
                self.assertEqual(done.returncode, 0, done.stderr)
                outputs.append(done.stdout)
        self.assertEqual(outputs[0], '{"status":"healthy"}')
        self.assertTrue(outputs[1].startswith("#EXTM3U"))
        self.assertGreater((self.folder / "copy.mp4").stat().st_size, 100_000)
        self.assertEqual((self.folder / "part.bin").stat().st_size, 100)
        self.assertIn("/_token_", outputs[5])
        self.assertTrue(outputs[6].startswith("Everything that was tried works"))
        self.assertEqual(len(outputs), 7)


if __name__ == "__main__":
    unittest.main()
