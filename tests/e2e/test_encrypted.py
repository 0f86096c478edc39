"""Streams encrypted by Shaka Packager come clear through Sluice, with decrypt=true."""

import json
import unittest
from pathlib import Path
from typing import Optional

from harness.browser import play_all_in_browser, require_browser
from harness.case import PlaybackCase, needs_sluice
from harness.clips import CLIP_SECONDS
from harness.frames import read_stream
from harness.packager import KEY_FILE, package
from harness.playlists import walk
from harness.streams import FRAMES_PER_SECOND
from harness.web import Web

_FRAGMENTS = ("mp4", "m4s")
_TRANSPORT = ("", "ts")
# Why the row exists; the scheme; what the container's init segment and segments are called.
_KINDS = {
    "cbcs": ("SAMPLE-AES in fMP4", "cbcs", *_FRAGMENTS),
    "cenc": ("SAMPLE-AES-CTR in fMP4", "cenc", *_FRAGMENTS),
    "ts": ("SAMPLE-AES in TS, packed audio beside it", "cbcs", *_TRANSPORT),
}


def _descriptor(source: Path, kind: str, init: str, extension: str) -> str:
    """One stream for the packager."""
    if not init and kind == "audio":
        extension = "aac"
    words = [f"in={source}", f"stream={kind}", f"segment_template={kind}_$Number$.{extension}"]
    if init:
        words.append(f"init_segment={kind}_init.{init}")
    words.append(f"playlist_name={kind}.m3u8")
    return ",".join(words + (["hls_group_id=sound"] if kind == "audio" else []))


@needs_sluice
class Encrypted(PlaybackCase):
    """Each kind of encryption, beside the same stream packaged in the clear."""

    @classmethod
    def setUpClass(cls) -> None:
        """Packages all of them."""
        super().setUpClass()
        for name, (_, scheme, init, extension) in _KINDS.items():
            cls.make(f"{name}/hidden", scheme, init, extension)
            cls.make(f"{name}/clear", None, init, extension)

    @classmethod
    def make(cls, name: str, scheme: Optional[str], init: str, extension: str) -> None:
        """Packages the clip into a folder of nginx's."""
        folder = cls.nginx.live_folder / name
        folder.mkdir(parents=True)
        source = cls.streams / "media/clip.mp4"
        streams = [_descriptor(source, kind, init, extension) for kind in ("video", "audio")]
        package(streams, scheme, folder)
        if scheme != "cenc":
            return
        # The packager names no key for this scheme.
        key = f'#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="{KEY_FILE}"\n#EXTINF'
        for kind in ("video", "audio"):
            playlist = folder / f"{kind}.m3u8"
            playlist.write_text(playlist.read_text().replace("#EXTINF", key, 1))

    def address(self, name: str, kind: str) -> str:
        """Of a master playlist at nginx."""
        return self.nginx.url(f"/live/{name}/{kind}/master.m3u8")

    def through(self, name: str) -> str:
        """Sluice's address of the encrypted one."""
        return self.proxy.manifest(self.address(name, "hidden")) + "&decrypt=true"

    def test_frames_equal_the_clear_streams(self) -> None:
        """Packets and decoded frames, of picture and sound."""
        for name, (why, *_) in _KINDS.items():
            with self.subTest(why):
                self.assert_hidden(name)
                clear = read_stream(self.address(name, "clear"), self.folder, "clear")
                shown = read_stream(self.through(name), self.folder, "shown")
                self.assertEqual((clear.errors, shown.errors), ("", ""))
                video = clear.decoded.of_type("video")[0]
                pictures = CLIP_SECONDS * FRAMES_PER_SECOND
                self.assertEqual(len(clear.decoded.streams[video]), pictures)
                for ours, theirs in ((shown.copied, clear.copied), (shown.decoded, clear.decoded)):
                    self.assertEqual(ours.properties, theirs.properties)
                    self.assertEqual(ours.streams, theirs.streams)

    def assert_hidden(self, name: str) -> None:
        """The files really are encrypted: none is the clear one's."""
        hidden, clear = (self.nginx.live_folder / name / kind for kind in ("hidden", "clear"))
        segments = [one.name for one in hidden.iterdir() if one.suffix in (".m4s", ".ts", ".aac")]
        self.assertGreaterEqual(len(segments), 2 * CLIP_SECONDS)
        for segment in segments:
            self.assertNotEqual((hidden / segment).read_bytes(), (clear / segment).read_bytes())

    def test_no_trace_is_left(self) -> None:
        """No key in a playlist, no box that tells of encryption, and each map asked for once."""
        marks = (b"sinf", b"senc", b"saiz", b"saio", b"pssh", b"encv", b"enca", b"seig", b"tenc")
        for name in ("cbcs", "cenc"):
            with self.subTest(name), Web(self.proxy.origin) as web:
                start = len(self.nginx.asked())
                tree = walk(web, self.through(name))
                self.assertNotIn("#EXT-X-KEY", "".join(tree.playlists.values()))
                self.assertGreaterEqual(len(tree.media), 2 * CLIP_SECONDS)
                for address in tree.media:
                    answer = web.ask(address)
                    self.assertEqual(answer.status, 200)
                    self.assertEqual([mark for mark in marks if mark in answer.body], [])
                asked = [one.uri for one in self.nginx.asked()[start:]]
                # By the player as a map, and by each of the workers for its segments.
                self.assertLess(asked.count(f"/live/{name}/hidden/video_init.mp4"), CLIP_SECONDS)
                self.assertLess(asked.count(f"/live/{name}/hidden/{KEY_FILE}"), CLIP_SECONDS)

    def test_in_the_browser(self) -> None:
        """hls.js plays them without a key."""
        require_browser()
        plays = [{"url": self.through(name), "until": 2.2} for name in _KINDS]
        reports = play_all_in_browser(plays, self.folder)
        for (why, *_), report in zip(_KINDS.values(), reports):
            with self.subTest(why):
                text = json.dumps(report, indent=1)
                self.assertEqual(report["outcome"], "played", text)
                self.assertEqual([error for error in report["errors"] if error["fatal"]], [], text)
                self.assertIsNone(report["mediaError"], text)
                self.assertGreater(report["framesShown"], 0, text)
                self.assertGreater(report["audioBytesDecoded"], 0, text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
