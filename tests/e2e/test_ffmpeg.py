"""ffmpeg plays every kind of stream through Sluice and sees exactly what the origin has."""

import unittest
from urllib.parse import urlsplit

from harness.case import PASSWORD, PlaybackCase, needs_sluice
from harness.clips import CLIPS, DISGUISED, PLAIN
from harness.ffmpeg import run_ffmpeg
from harness.frames import Frame, Frames, Reader, Reading, read_stream
from harness.live import WINDOW_SEGMENTS, LiveChannel
from harness.nginx import Asked
from harness.sluice import direct_mode
from harness.streams import FRAMES_PER_SECOND, SECONDS, VOD_PLAYLISTS

VIDEO_FRAMES = SECONDS * FRAMES_PER_SECOND
# Neither repeats nor drops a picture, whatever its time.
PICTURES = ("-map", "0:v", "-fps_mode", "passthrough")


class Playing(PlaybackCase):
    """Reading a stream through Sluice and directly, and comparing."""

    def read_both(
        self, url: str, through: str, before: tuple[str, ...] = ()
    ) -> tuple[Reading, Reading]:
        """The same stream straight from the origin and through Sluice."""
        direct = read_stream(url, self.folder, "direct", before)
        proxied = read_stream(through, self.folder, "proxied", before)
        return direct, proxied

    def assert_same_frames(self, direct: Frames, proxied: Frames) -> None:
        """Same streams, same properties, same frames at the same times."""
        self.assertEqual(direct.properties, proxied.properties)
        self.assertEqual(sorted(direct.streams), sorted(proxied.streams))
        for number, frames in direct.streams.items():
            self.assertGreater(len(frames), 0, f"stream {number} is empty")
            ours = proxied.streams[number]
            self.assertEqual(len(frames), len(ours), f"frames of stream {number}")
            for index, pair in enumerate(zip(ours, frames)):
                self.assertEqual(*pair, f"frame {index} of stream {number}")

    def assert_same_reading(self, direct: Reading, proxied: Reading) -> None:
        """Packets and decoded frames are the same, and ffmpeg had nothing to complain about."""
        self.assertEqual(direct.errors, "")
        self.assertEqual(proxied.errors, "")
        self.assert_same_frames(direct.copied, proxied.copied)
        self.assert_same_frames(direct.decoded, proxied.decoded)

    def assert_plays_alike(self, path: str, streams: int, pictures: int = VIDEO_FRAMES) -> None:
        """A whole stream is the same through Sluice, and so is what the origin is asked."""
        url = self.nginx.url(path)
        start = len(self.nginx.asked())
        direct = read_stream(url, self.folder, "direct")
        middle = len(self.nginx.asked())
        proxied = read_stream(self.proxy.manifest(url), self.folder, "proxied")
        asked = self.nginx.asked()

        self.assertEqual(len(direct.decoded.streams), streams)
        for number in direct.decoded.of_type("video"):
            self.assertEqual(len(direct.decoded.streams[number]), pictures)
        self.assert_same_reading(direct, proxied)
        # An address may be signed: the origin must see it byte for byte as its playlist has it.
        self.assertEqual(
            {one.uri for one in asked[middle:]}, {one.uri for one in asked[start:middle]}
        )
        self.assertEqual({one.host for one in asked[middle:]}, {urlsplit(url).netloc})


class OpenServer(Playing):
    """Without a password."""

    def test_vod_frames_equal_the_origins(self) -> None:
        """Every kind of VOD stream, all variants, packets and decoded frames."""
        for why, path, streams in VOD_PLAYLISTS:
            with self.subTest(why):
                self.assert_plays_alike(path, streams)

    def test_clips_equal_the_origins(self) -> None:
        """The rest of what HLS can do, and what origins do to it."""
        for clip in CLIPS:
            with self.subTest(clip.why):
                self.assert_plays_alike(clip.path, clip.streams, clip.pictures)

    def test_each_language_equals_the_origins(self) -> None:
        """One sound chosen by the player: the right one, and nothing of the other is fetched."""
        url = self.nginx.url("/clips/languages/master.m3u8")
        sounds = {}
        for number, (language, other) in enumerate((("english", "german"), ("german", "english"))):
            with self.subTest(language):
                maps = ("-map", f"0:a:{number}")
                direct = read_stream(url, self.folder, "direct", maps=maps)
                start = len(self.nginx.asked())
                through = self.proxy.manifest(url)
                proxied = read_stream(through, self.folder, "proxied", maps=maps)
                self.assert_same_reading(direct, proxied)
                asked = " ".join(one.uri for one in self.nginx.asked()[start:])
                self.assertIn(f"/{language}/3.m4s", asked)
                self.assertNotIn(f"/{other}/3.m4s", asked)
                sounds[language] = [frame.md5 for frame in proxied.decoded.streams[0]]
        self.assertNotEqual(sounds["english"], sounds["german"])

    @needs_sluice
    def test_disguised_streams_equal_the_plain_one(self) -> None:
        """What a stream is called, and which type its origin gives it, is no matter."""
        direct = read_stream(self.nginx.url(PLAIN), self.folder, "direct")
        for why, path in DISGUISED:
            with self.subTest(why):
                through = self.proxy.manifest(self.nginx.url(path))
                self.assert_same_reading(direct, read_stream(through, self.folder, "proxied"))

    def test_whole_file_can_be_seeked(self) -> None:
        """An MP4 through /proxy/stream: the same frames from the start and from any place in it."""
        for why, path in (
            ("index at the start", "/media/low.mp4"),
            ("index at the end, found by a range request", "/media/high.mp4"),
        ):
            for seek in ((), ("-ss", "0.5"), ("-ss", "7.3"), ("-ss", "11.9")):
                with self.subTest(why, seek=seek):
                    url = self.nginx.url(path)
                    self.assert_same_reading(*self.read_both(url, self.proxy.stream(url), seek))
        ranges = [
            one
            for one in self.nginx.asked()
            if one.uri == "/media/high.mp4" and one.status == 206 and self.is_proxys(one)
        ]
        self.assertGreater(len(ranges), 0, "no range request came through")

    @staticmethod
    def is_proxys(asked: Asked) -> bool:
        """True for a request that is not ffmpeg's own; in direct mode there are no others."""
        return direct_mode() or not asked.user_agent.startswith("Lavf/")


@needs_sluice
class WithPassword(Playing):
    """With a password."""

    password = PASSWORD

    def test_vod_frames_equal_the_origins(self) -> None:
        """The password given once in the first address is enough for the whole stream."""
        for why, path, streams in VOD_PLAYLISTS:
            with self.subTest(why):
                self.assert_plays_alike(path, streams)

    def test_whole_file_plays(self) -> None:
        """/proxy/stream takes the password as the playlist does."""
        url = self.nginx.url("/media/high.mp4")
        self.assert_same_reading(*self.read_both(url, self.proxy.stream(url)))

    def test_player_without_the_password_is_told(self) -> None:
        """ffmpeg fails at once, and with the status."""
        for why, wrong in (("none", ""), ("a wrong one", "wrong")):
            with self.subTest(why):
                url = self.proxy.manifest(self.nginx.url("/ts/master.m3u8"), wrong)
                run = run_ffmpeg(["-i", url, "-f", "null", "-"], 30)
                self.assertNotEqual(run.returncode, 0)
                self.assertIn("403", run.stderr)


class Live(PlaybackCase):
    """A live channel with a sliding window, to its end."""

    CHANNEL_SECONDS = 20
    # Read at once by two players, which may join one segment apart.
    LEAST_OVERLAP_SECONDS = 8

    def setUp(self) -> None:
        """Starts a channel of each kind; they end by themselves."""
        self.channels = {}
        for extension in ("ts", "m4s"):
            folder = self.nginx.live_folder / extension
            channel = LiveChannel(
                self.streams, folder, self.folder, self.CHANNEL_SECONDS, extension
            )
            self.addCleanup(channel.__exit__)
            self.channels[extension] = channel

    def report(self) -> str:
        """The servers' logs and the publishers'."""
        return "\n".join([super().report(), *(one.report() for one in self.channels.values())])

    def start_reading(self, url: str, name: str) -> Reader:
        """Reads from the live edge in the background, until EXT-X-ENDLIST."""
        reader = Reader(url, self.folder, name, ("-copyts",), PICTURES)
        self.addCleanup(reader.stop)
        return reader

    def test_frames_equal_the_origins(self) -> None:
        """Two players at once, one direct: what both have seen is the same, without a gap.

        Times are the stream's own (-copyts), so that frames can be matched no matter when each
        player joined. From the later join to the end of the channel, both must have every packet
        and every picture the other has.
        """
        readers = {}
        for extension, channel in self.channels.items():
            url = self.nginx.url(f"/live/{extension}/index.m3u8")
            channel.wait_for_segments(3)
            proxied = self.start_reading(self.proxy.manifest(url), f"proxied_{extension}")
            readers[extension] = (proxied, self.start_reading(url, f"direct_{extension}"))
        for extension, (proxied, direct) in readers.items():
            with self.subTest(extension):
                seen, expected = proxied.result(60), direct.result(60)
                self.assert_window_slid(extension)
                self.assert_same_from_later_join(seen, expected)

    def assert_window_slid(self, extension: str) -> None:
        """The channel was live, and has ended."""
        channel = self.channels[extension]
        self.assertTrue(channel.has_ended())
        playlist = channel.playlist()
        self.assertNotIn(f"live_000.{extension}", playlist, "the window did not slide")
        self.assertLessEqual(playlist.count("#EXTINF:"), WINDOW_SEGMENTS)
        self.assertEqual("#EXT-X-MAP:" in playlist, extension == "m4s")

    def assert_same_from_later_join(self, seen: Reading, expected: Reading) -> None:
        """From there on each has every packet and every picture of the other."""
        for what, ours, theirs in (
            ("packets", seen.copied, expected.copied),
            ("pictures", seen.decoded, expected.decoded),
        ):
            self.assertEqual(sorted(ours.streams), sorted(theirs.streams))
            for number in theirs.streams:
                a, b = ours.by_pts(number), theirs.by_pts(number)
                first = max(min(a), min(b))
                self.assertEqual(since(a, first), since(b, first), f"{what} of stream {number}")
        pictures = seen.decoded.by_pts(0).keys() & expected.decoded.by_pts(0).keys()
        self.assertGreaterEqual(len(pictures), self.LEAST_OVERLAP_SECONDS * FRAMES_PER_SECOND)


def since(frames: dict[int, Frame], first: int) -> dict[int, Frame]:
    """The frames shown at `first` or later."""
    return {pts: frame for pts, frame in frames.items() if pts >= first}


if __name__ == "__main__":
    unittest.main(verbosity=2)
