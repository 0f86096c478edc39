"""A live channel: ffmpeg publishes a sliding window of segments while the test runs."""

import signal
from pathlib import Path

from .processes import Child, E2eError, find_program, wait_for
from .streams import SEGMENT_SECONDS

WINDOW_SEGMENTS = 5


# What ffmpeg's HLS muxer has to be told, by the extension of the segments.
_FORMATS = {"ts": "", "m4s": " -hls_segment_type fmp4"}


class LiveChannel:
    """Plays media/low.mp4 over and over in real time into `folder`/index.m3u8.

    Its segments are TS (`extension` "ts") or fragmented MP4 ("m4s"). Segments that have left the window are deleted. When it ends, by itself after `seconds` or by
    `end()`, the playlist gets its EXT-X-ENDLIST.
    """

    def __init__(self, root: Path, folder: Path, logs: Path, seconds: int, extension: str = "ts"):
        """`root` is that of the streams; `folder` must be served by nginx."""
        folder.mkdir(parents=True)
        self._playlist = folder / "index.m3u8"
        command = (
            f"-nostdin -hide_banner -v warning -re -stream_loop -1 -i {{source}} -t {seconds}"
            f" -c copy -f hls -hls_time {SEGMENT_SECONDS} -hls_list_size {WINDOW_SEGMENTS}"
            " -hls_flags delete_segments+temp_file -hls_delete_threshold 3"
            f" -hls_segment_filename {{folder}}/live_%03d.{extension}{_FORMATS[extension]}"
            " {folder}/index.m3u8"
        )
        words = [
            word.format(source=root / "media/low.mp4", folder=folder) for word in command.split()
        ]
        self._child = Child(f"publisher of {extension}", [find_program("ffmpeg"), *words], logs)

    def __enter__(self) -> "LiveChannel":
        return self

    def __exit__(self, *_: object) -> None:
        self._child.__exit__()

    def playlist(self) -> str:
        """The playlist as it is now, empty before the first segment is complete."""
        return self._playlist.read_text() if self._playlist.exists() else ""

    def wait_for_segments(self, count: int) -> None:
        """Returns once the window holds `count` segments."""
        wait_for(
            lambda: self.playlist().count("#EXTINF:") >= count,
            60,
            f"{count} live segments",
            self._child,
        )

    def has_ended(self) -> bool:
        """True once the playlist says that nothing will follow."""
        return "#EXT-X-ENDLIST" in self.playlist()

    def end(self) -> None:
        """Ends the channel the way an encoder does, with EXT-X-ENDLIST."""
        if self._child.returncode() is None:
            self._child.stop(signal.SIGINT)
        if not self.has_ended():
            raise E2eError(f"the live channel has no EXT-X-ENDLIST\n{self.report()}")

    def report(self) -> str:
        """State and logs, for the message of a failed test."""
        return f"{self._child.report()}\n--- playlist:\n{self.playlist()}"
