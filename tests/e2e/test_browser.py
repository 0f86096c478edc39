"""hls.js in headless Chromium plays every kind of stream through Sluice, across origins."""

import json
import unittest
from typing import Any

from harness.browser import play_all_in_browser, play_in_browser, require_browser
from harness.case import PASSWORD, PlaybackCase, needs_sluice
from harness.clips import CUES, DISGUISED, STEERING
from harness.live import LiveChannel
from harness.playlists import origin_of
from harness.sluice import direct_mode

# Longer than all tests together; the test ends it.
LIVE_SECONDS = 600

# Why the row exists; its playlist; what must happen besides playing past a boundary.
CLIPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("TS, every segment a byte range", "/clips/single/index.m3u8", {}),
    ("keys change, the last is none", "/clips/keys/index.m3u8", {"until": 3.2}),
    ("fMP4 encrypted, its map too", "/clips/sealed/index.m3u8", {"until": 3.2}),
    ("sound and subtitles are switched", "/clips/languages/master.m3u8", {"tracks": True}),
    ("master with an I-frame playlist", "/clips/iframes/master.m3u8", {}),
    ("two encodings joined", "/clips/joined/index.m3u8", {"until": 2.4}),
    ("every playlist redirected", "/moved/languages/master.m3u8", {}),
    ("every segment redirected", "/clips/elsewhere/index.m3u8", {}),
    *((why, path, {}) for why, path in DISGUISED),
)


class InBrowser(PlaybackCase):
    """Playing in the browser, and what must be true of every stream that plays."""

    @classmethod
    def setUpClass(cls) -> None:
        """Looks for the browser before anything is started."""
        require_browser()
        super().setUpClass()

    def assert_plays(self, path: str, levels: int, live: bool = False) -> dict[str, Any]:
        """Playback runs past a segment boundary, and every request went to Sluice."""
        report = play_in_browser(self.proxy.manifest(self.nginx.url(path)), self.folder)
        self.assert_played(report, levels, live)
        return report

    def assert_played(
        self, report: dict[str, Any], levels: int, live: bool = False, sound: bool = True
    ) -> None:
        """What a report must say."""
        text = json.dumps(report, indent=1)
        self.assertEqual(report["unsupported"], [], "this Chromium cannot play H.264 and AAC")
        self.assertEqual(report["outcome"], "played", text)
        self.assertEqual([error for error in report["errors"] if error["fatal"]], [], text)
        self.assertIsNone(report["mediaError"], text)
        self.assertEqual(report["scriptErrors"], [], text)
        self.assertGreater(report["currentTime"], report["firstTime"], text)
        self.assertGreater(report["framesShown"], 0, text)
        self.assertEqual(report["audioBytesDecoded"] > 0, sound, text)
        self.assertEqual((report["levels"], report["live"]), (levels, live), text)
        self.assert_asked_only_sluice(report)

    def assert_asked_only_sluice(self, report: dict[str, Any]) -> None:
        """The page's own files aside, the browser has spoken to Sluice alone."""
        requests = report["requests"]
        self.assertEqual({origin_of(one["url"]) for one in requests}, {self.proxy.origin})
        # A playlist at least, and two segments.
        self.assertGreaterEqual(len(requests), 3)
        fine = (None, 200, 206, 302) if direct_mode() else (None, 200, 206)
        refused = [one for one in requests if one["status"] not in fine]
        self.assertEqual(refused, [])
        if not direct_mode():
            agents = {one.user_agent for one in self.nginx.asked()}
            self.assertNotIn(report["userAgent"], agents, "the browser itself reached the origin")


class OpenServer(InBrowser):
    """Without a password."""

    channels: dict[str, LiveChannel]

    @classmethod
    def setUpClass(cls) -> None:
        """Starts the live channels early: their windows fill while the other tests run."""
        super().setUpClass()
        cls.channels = {}
        for extension in ("ts", "m4s"):
            folder = cls.nginx.live_folder / extension
            channel = LiveChannel(cls.streams, folder, cls.folder, LIVE_SECONDS, extension)
            cls.channels[extension] = cls.enterClassContext(channel)

    def test_ts(self) -> None:
        """Two variants; hls.js takes the TS apart itself."""
        self.assert_plays("/ts/master.m3u8", levels=2)

    def test_fmp4(self) -> None:
        """Two variants, picture and sound apart, each with an init segment."""
        self.assert_plays("/fmp4/master.m3u8", levels=2)

    def test_byte_ranges(self) -> None:
        """All segments out of one file: the browser asks for ranges of it."""
        report = self.assert_plays("/byterange/index.m3u8", levels=1)
        self.assertIn(206, {one["status"] for one in report["requests"]})

    def test_aes_128(self) -> None:
        """The browser decrypts, with a key that came through Sluice."""
        self.assert_plays("/aes/index.m3u8", levels=1)
        self.assertIn("/aes/key.bin?id=7", {one.uri for one in self.nginx.asked()})

    def test_clips(self) -> None:
        """The rest of what HLS can do, one after the other in one browser."""
        plays = [
            {"url": self.proxy.manifest(self.nginx.url(path)), **wishes}
            for _, path, wishes in CLIPS
        ]
        reports = play_all_in_browser(plays, self.folder)
        for (why, path, wishes), report in zip(CLIPS, reports):
            with self.subTest(why):
                self.assert_played(report, levels=1, sound="/iframes/" not in path)
                if "tracks" in wishes:
                    self.assertEqual(report["cues"], list(CUES))
                if "/joined/" in path:
                    self.assertEqual(report["size"], [480, 270], "the second encoding")

    def test_content_steering(self) -> None:
        """The origin's wish reaches the player through Sluice, and is followed."""
        url = self.proxy.manifest(self.nginx.url("/clips/steering/master.m3u8"))
        start = len(self.nginx.asked())
        report = play_in_browser(url, self.folder, until=2)
        self.assert_played(report, levels=1)
        self.assertEqual(report["steering"], [STEERING])
        asked = [one.uri for one in self.nginx.asked()[start:]]
        steering = [uri for uri in asked if uri.startswith("/clips/steering/steering.json?of=clip")]
        self.assertEqual(len(steering), 1)
        self.assertIn("_HLS_pathway=", steering[0])
        self.assertIn("/clips/single/all.ts", asked)

    def test_live(self) -> None:
        """A sliding window that moves on while it is played, of TS and of fragmented MP4."""
        for extension, channel in self.channels.items():
            with self.subTest(extension):
                channel.wait_for_segments(3)
                self.assert_plays(f"/live/{extension}/index.m3u8", levels=1, live=True)
                channel.end()

    def report(self) -> str:
        """The servers' logs and the publishers'."""
        return "\n".join([super().report(), *(one.report() for one in self.channels.values())])


@needs_sluice
class WithPassword(InBrowser):
    """With a password."""

    password = PASSWORD

    def test_plays_with_the_password(self) -> None:
        """The password in the first address opens all that follow."""
        self.assert_plays("/ts/master.m3u8", levels=2)

    def test_page_sees_why_it_is_refused(self) -> None:
        """Without the password: the status 403, not an opaque network failure."""
        url = self.proxy.manifest(self.nginx.url("/ts/master.m3u8"), "")
        report = play_in_browser(url, self.folder)
        fatal = [error["status"] for error in report["errors"] if error["fatal"]]
        self.assertEqual((report["outcome"], fatal), ("fatal", [403]), json.dumps(report, indent=1))
        self.assertEqual(self.nginx.asked(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
