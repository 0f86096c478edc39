"""What parameters change in a stream, as players see it: its length, variants, start and keys."""

import json
import unittest
from typing import Any
from urllib.parse import urlsplit

from harness.browser import play_all_in_browser, require_browser
from harness.case import PlaybackCase, needs_sluice
from harness.clips import CLIP_SECONDS, PLAIN, segments
from harness.frames import Frames, Reading, read_stream
from harness.playlists import walk
from harness.streams import FRAMES_PER_SECOND, SECONDS
from harness.web import Web


@needs_sluice
class Parameters(PlaybackCase):
    """Parameters of the manifest route."""

    def read(self, path: str, more: str = "") -> Reading:
        """A stream through Sluice, all of it."""
        return read_stream(self.through(path) + more, self.folder, "proxied")

    def through(self, path: str) -> str:
        """Sluice's address of a playlist of nginx's."""
        return self.proxy.manifest(self.nginx.url(path))

    def by_hand(self, name: str, lines: list[str]) -> Reading:
        """What a media playlist of these segments shows, straight from the origin."""
        text = "\n".join(["#EXTM3U", "#EXT-X-TARGETDURATION:1", *lines, "#EXT-X-ENDLIST", ""])
        (self.nginx.live_folder / name).write_text(text)
        return read_stream(self.nginx.url(f"/live/{name}"), self.folder, "by_hand")

    def assert_same(self, ours: Reading, theirs: Reading) -> None:
        """Packets and frames are the same, and ffmpeg had nothing to complain about."""
        self.assertEqual((ours.errors, theirs.errors), ("", ""))
        for mine, other in ((ours.copied, theirs.copied), (ours.decoded, theirs.decoded)):
            self.assertEqual(mine.properties, other.properties)
            self.assertEqual(mine.streams, other.streams)

    def test_skip_removes_what_lies_in_the_ranges(self) -> None:
        """The rest is what a playlist without these segments shows."""
        encrypted = "/clips/keys/index.m3u8"
        for why, path, value, left in (
            ("the beginning", PLAIN, "0-1", (1, 2, 3)),
            ("the middle", PLAIN, "1-3", (0, 3)),
            ("two ranges", PLAIN, "0-1,2-3", (1, 3)),
            ("the end", PLAIN, "3-4", (0, 1, 2)),
            ("the segment before one whose number is its IV", encrypted, "1-2", (0, 2, 3)),
            ("the segment that a key is given with", encrypted, "2-3", (0, 1, 3)),
        ):
            with self.subTest(why):
                lines = segments(*(f"/clips/ts/seg_{number}.ts" for number in left))
                expected = self.by_hand("by_hand.m3u8", lines)
                video = expected.decoded.of_type("video")[0]
                pictures = len(left) * FRAMES_PER_SECOND
                self.assertEqual(len(expected.decoded.streams[video]), pictures)
                start = len(self.nginx.asked())
                self.assert_same(self.read(path, f"&skip={value}"), expected)
                asked = {one.uri for one in self.nginx.asked()[start:]}
                for number in range(CLIP_SECONDS):
                    address = path.replace("index.m3u8", f"seg_{number}.ts")
                    self.assertEqual(address in asked, number in left, address)

    def test_skip_holds_for_all_variants(self) -> None:
        """Given with a master, it is carried into the playlists below."""
        reading = self.read("/ts/master.m3u8", f"&skip=0-{SECONDS - 2}")
        self.assertEqual(reading.errors, "")
        video = reading.decoded.of_type("video")
        self.assertEqual(len(video), 2)
        for number in video:
            self.assertEqual(len(reading.decoded.streams[number]), 2 * FRAMES_PER_SECOND)

    def test_decrypt_takes_the_keys_out(self) -> None:
        """No EXT-X-KEY is left, what comes is in the clear, and its frames are the same."""
        for path in ("/aes/index.m3u8", "/clips/keys/index.m3u8", "/clips/sealed/index.m3u8"):
            with self.subTest(path), Web(self.proxy.origin) as web:
                through = self.through(path) + "&decrypt=true"
                tree = walk(web, through)
                self.assertNotIn("#EXT-X-KEY", "".join(tree.playlists.values()))
                for address in tree.media:
                    body = web.ask(address).body
                    if "/sealed/" in path:
                        self.assertIn(body[4:8], (b"ftyp", b"styp", b"moof"), address)
                    else:
                        self.assertEqual((len(body) % 188, body[0:1]), (0, b"G"), address)
                direct = read_stream(self.nginx.url(path), self.folder, "direct")
                self.assert_same(self.read(path, "&decrypt=true"), direct)

    def sizes(self, frames: Frames) -> set[str]:
        """Width and height of all pictures."""
        lines = [line for part in frames.properties.values() for line in part]
        return {line.split()[-1] for line in lines if line.startswith("#dimensions")} - {"0x0"}

    def test_one_variant_is_left(self) -> None:
        """Chosen by its height, or the highest."""
        for why, more, size in (
            ("by height, the low one", "&resolution=180p", "320x180"),
            ("by height, the high one", "&resolution=270p", "480x270"),
            ("the highest", "&max_res=true", "480x270"),
        ):
            for path in ("/ts/master.m3u8", "/fmp4/master.m3u8"):
                with self.subTest(why, path=path), Web(self.proxy.origin) as web:
                    through = self.through(path) + more
                    self.assertEqual(web.ask(through).body.count(b"#EXT-X-STREAM-INF:"), 1)
                    reading = self.read(path, more)
                    self.assertEqual(reading.errors, "")
                    self.assertEqual(self.sizes(reading.decoded), {size})
                    self.assertEqual(len(reading.decoded.of_type("audio")), 1)

    def test_in_the_browser(self) -> None:
        """hls.js sees the same."""
        require_browser()
        rows: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
            ("skip", PLAIN, "&skip=1-2", {}),
            ("decrypt", "/clips/keys/index.m3u8", "&decrypt=true", {"until": 3.2}),
            ("resolution", "/ts/master.m3u8", "&resolution=270p", {}),
            ("max_res", "/fmp4/master.m3u8", "&max_res=true", {}),
            ("start_offset", PLAIN, "&start_offset=2", {}),
        )
        plays = [{"url": self.through(path) + more, **wish} for _, path, more, wish in rows]
        reports = dict(zip((row[0] for row in rows), play_all_in_browser(plays, self.folder)))
        for why, report in reports.items():
            with self.subTest(why):
                text = json.dumps(report, indent=1)
                self.assertEqual(report["outcome"], "played", text)
                self.assertEqual([error for error in report["errors"] if error["fatal"]], [], text)
                self.assertEqual(report["levels"], 1, text)
        self.assertAlmostEqual(reports["skip"]["duration"], CLIP_SECONDS - 1, delta=0.2)
        asked = [self.proxy.destination_of(one["url"]) for one in reports["decrypt"]["requests"]]
        self.assertEqual([url for url in asked if urlsplit(url).path.endswith(".key")], [])
        for name in ("resolution", "max_res"):
            self.assertEqual(reports[name]["size"], [480, 270])
        self.assertAlmostEqual(reports["start_offset"]["firstTime"], 2, delta=0.3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
