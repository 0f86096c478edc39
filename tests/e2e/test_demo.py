"""`sluice demo`: every address it prints plays to its end, with nothing else running."""

import re
import tempfile
import time
import unittest
from pathlib import Path

from harness.case import needs_sluice
from harness.frames import read_stream
from harness.playlists import origin_of, variants, walk
from harness.processes import end_on_sigterm, wait_for
from harness.sluice import Sluice
from harness.web import Web

_PLAYER_URL = re.compile(r"http://127\.0\.0\.1:\d+/proxy/hls/manifest\.m3u8\?d=\S+")

_QUIET_SECONDS = 0.5


@needs_sluice
class Demo(unittest.TestCase):
    """What a newcomer sees first."""

    folder: Path
    sluice: Sluice
    urls: list[str]

    @classmethod
    def setUpClass(cls) -> None:
        """Starts the demo and collects the addresses."""
        end_on_sigterm()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="sluice-demo-")))
        cls.sluice = cls.enterClassContext(Sluice(cls.folder, command=("demo",)))
        cls.urls = wait_for(cls.printed_urls, 15, "the demo's player URLs")

    @classmethod
    def printed_urls(cls) -> list[str]:
        """All addresses in the output; none as long as it still grows."""
        text = cls.sluice.stdout()
        time.sleep(_QUIET_SECONDS)
        return _PLAYER_URL.findall(text) if cls.sluice.stdout() == text else []

    @classmethod
    def tearDownClass(cls) -> None:
        """Ends the demo and looks at how it ended."""
        cls.sluice.end()

    def test_prints_one_address_per_line(self) -> None:
        """Ready to paste: each on a line of its own, each leading to this very Sluice."""
        lines = [line for line in self.sluice.stdout().splitlines() if _PLAYER_URL.search(line)]
        self.assertEqual(len(lines), len(self.urls))
        self.assertEqual(len(set(self.urls)), len(self.urls))
        self.assertEqual({origin_of(url) for url in self.urls}, {self.sluice.origin})

    def test_masters_have_two_variants(self) -> None:
        """Each address is a master of two variants; together they show both TS and fMP4."""
        kinds = set()
        for url in self.urls:
            with self.subTest(url), Web(self.sluice.origin) as web:
                tree = walk(web, url)
                self.assertEqual(variants(tree.playlists[url]), 2)
                self.assertEqual(
                    {origin_of(found) for found in tree.all_urls()}, {self.sluice.origin}
                )
                for text in tree.playlists.values():
                    if "#EXTINF:" in text:
                        kinds.add("fMP4" if "#EXT-X-MAP:" in text else "TS")
        self.assertEqual(kinds, {"TS", "fMP4"})

    def test_plays_to_the_end(self) -> None:
        """ffmpeg reads all variants, sound and picture, without one complaint."""
        for url in self.urls:
            with self.subTest(url):
                reading = read_stream(url, self.folder, "demo")
                self.assertEqual(reading.errors, "")
                self.assertEqual(len(reading.decoded.of_type("video")), 2)
                self.assertGreaterEqual(len(reading.decoded.of_type("audio")), 1)
                for number in reading.decoded.properties:
                    self.assertGreater(len(reading.decoded.streams.get(number, [])), 0, number)

    def test_demo_origin_is_another_server(self) -> None:
        """The stream comes from a second loopback port: what plays went through the proxy."""
        for url in self.urls:
            source = origin_of(self.sluice.destination_of(url))
            self.assertRegex(source, r"^http://127\.0\.0\.1:\d+$")
            self.assertNotEqual(source, self.sluice.origin)


if __name__ == "__main__":
    unittest.main(verbosity=2)
