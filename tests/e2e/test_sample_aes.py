"""METHOD=SAMPLE-AES: what ffmpeg makes of it, and what it makes of our decryption."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Sequence

from harness.ffmpeg import run_ffmpeg
from harness.frames import Frames, parse_framemd5
from harness.processes import end_on_sigterm

_TOOL = os.environ["SLUICE_SAMPLE_AES_TOOL"]
_KEY = "00112233445566778899aabbccddeeff"
_IV = "0f0e0d0c0b0a09080706050403020100"
_SECONDS = 2
# ffmpeg does not decrypt the frames that it still has when the last segment has ended.
_BEFORE_THE_END = ("-t", str(_SECONDS - 1))

# Noise at a rate so high that its NAL units have emulation prevention bytes of their own. ffmpeg
# continues one frame's chain in the next of the same PES packet: each audio frame has its own.
_NOISE = f"testsrc2=size=1920x1080:rate=25:duration={_SECONDS},noise=alls=30:allf=t"
_SINE = f"sine=frequency=440:sample_rate=48000:duration={_SECONDS}"
_VIDEO = ("-c:v", "libx264", "-preset", "superfast", "-bf", "2", "-slices", "3",
          "-g", "25", "-b:v", "12M")
_TS = ("-f", "mpegts", "-pes_payload_size", "0")
_PLAYLIST = """#EXTM3U
#EXT-X-VERSION:5
#EXT-X-TARGETDURATION:{seconds}
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="key",IV=0x{iv}
#EXTINF:{seconds},
{segment}
#EXT-X-ENDLIST
"""


class SampleAes(unittest.TestCase):
    """Clear, encrypted by the tests, and decrypted by Sluice: the same frames."""

    folder: Path

    @classmethod
    def setUpClass(cls) -> None:
        """A folder with the key."""
        end_on_sigterm()
        name = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="sluice-sample-aes-"))
        cls.folder = Path(name)
        (cls.folder / "key").write_bytes(bytes.fromhex(_KEY))

    def ffmpeg(self, *arguments: str) -> str:
        """Runs it in the folder: stdout. Neither a failure nor a complaint is accepted."""
        result = run_ffmpeg(arguments, seconds=240, folder=self.folder)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def frames(self, name: str, *arguments: str) -> Frames:
        """What ffmpeg decodes."""
        # For keys, whose name counts too.
        before = ("-allowed_extensions", "ALL") if name.endswith(".m3u8") else ()
        arguments = ("-i", name, "-map", "0", *arguments, "-f", "framemd5", "-")
        return parse_framemd5(self.ffmpeg(*before, *arguments))

    def tool(self, what: str, source: str, target: str) -> str:
        """Encrypts or decrypts a file: what it says."""
        with open(self.folder / source, "rb") as read, open(self.folder / target, "wb") as written:
            done = subprocess.run([_TOOL, what, _KEY, _IV], stdin=read, stdout=written,
                                  stderr=subprocess.PIPE, timeout=240, check=True)
        return done.stderr.decode()

    def write_playlist(self, segment: str) -> str:
        """The name of a playlist with one encrypted segment."""
        text = _PLAYLIST.format(seconds=_SECONDS, iv=_IV, segment=segment)
        (self.folder / f"{segment}.m3u8").write_text(text)
        return f"{segment}.m3u8"

    def check_frames(self, clear: str, encrypted: str, decrypted: str, rows: Sequence[int]) -> None:
        """All three show the same; `rows` is the least number of frames of each stream."""
        wanted = self.frames(clear)
        self.assertEqual(len(wanted.streams), len(rows))
        for stream, least in enumerate(rows):
            self.assertGreaterEqual(len(wanted.streams[stream]), least)
        self.assertEqual(wanted.streams, self.frames(decrypted).streams)
        wanted = self.frames(clear, *_BEFORE_THE_END)
        seen = self.frames(self.write_playlist(encrypted), *_BEFORE_THE_END)
        self.assertEqual(wanted.streams, seen.streams)

    def test_transport_streams(self) -> None:
        """H.264 with B-frames and several slices, beside each codec of audio."""
        for codec in ("aac", "ac3", "eac3"):
            with self.subTest(codec):
                clear, hidden, shown = (f"{codec}_{kind}.ts" for kind in ("clear", "hidden", "shown"))
                self.ffmpeg("-f", "lavfi", "-i", _NOISE, "-f", "lavfi", "-i", _SINE, "-ac", "2",
                            *_VIDEO, "-c:a", codec, "-b:a", "192k", *_TS, clear)
                said = self.tool("encrypt", clear, hidden)
                self.assertGreater(int(said), 0, "no emulation prevention was added")
                self.tool("decrypt", hidden, shown)
                sizes = [(self.folder / name).stat().st_size for name in (hidden, shown)]
                self.assertEqual(*sizes)
                self.check_frames(clear, hidden, shown, (25 * _SECONDS, 30 * _SECONDS))

    def test_packed_audio(self) -> None:
        """AAC behind a tag."""
        self.ffmpeg("-f", "lavfi", "-i", _SINE, "-ac", "2", "-c:a", "aac", "-b:a", "128k", "a.aac")
        self.tool("encrypt-audio", "a.aac", "hidden.aac")
        self.tool("decrypt", "hidden.aac", "shown.aac")
        wanted = self.frames("a.aac").streams
        self.assertEqual(wanted, self.frames("shown.aac").streams)
        # Behind a playlist other times are made up, and the last frame is cut where those end.
        seen = self.frames(self.write_playlist("hidden.aac"), *_BEFORE_THE_END).streams
        self.assertGreaterEqual(len(seen[0]), 40 * (_SECONDS - 1))
        sums = [[frame.md5 for frame in frames[0]] for frames in (wanted, seen)]
        whole = len(sums[1]) - 1
        self.assertEqual(sums[0][:whole], sums[1][:whole])


if __name__ == "__main__":
    unittest.main(verbosity=2)
