"""What ffmpeg reads from a stream, packet by packet and frame by frame, as md5 sums."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Sequence

from .ffmpeg import ffmpeg_command
from .processes import Child, E2eError


@dataclass(frozen=True)
class Frame:
    """One row of ffmpeg's framemd5 format; times in the stream's own time base."""

    dts: int
    pts: int
    duration: int
    size: int
    md5: str


@dataclass
class Frames:
    """All rows of one framemd5 output, per stream in the order they were read."""

    properties: dict[int, list[str]] = field(default_factory=dict)
    streams: dict[int, list[Frame]] = field(default_factory=dict)

    def of_type(self, media_type: str) -> list[int]:
        """The numbers of all streams of a type: video or audio."""
        return [
            number
            for number, lines in self.properties.items()
            if f"#media_type {number}: {media_type}" in lines
        ]

    def by_pts(self, stream: int) -> dict[int, Frame]:
        """The frames of one stream by presentation time, each time at most once."""
        frames = self.streams[stream]
        found = {frame.pts: frame for frame in frames}
        if len(found) != len(frames):
            raise AssertionError(f"stream {stream} shows the same pts twice")
        return found


@dataclass
class Reading:
    """One pass over a stream: its packets as they came, its frames as decoded, ffmpeg's errors."""

    copied: Frames
    decoded: Frames
    errors: str


def parse_framemd5(text: str) -> Frames:
    """Reads ffmpeg's framemd5 format, version 2.

    Rows are kept per stream: how ffmpeg interleaves two streams is not part of what is compared.
    """
    frames = Frames()
    for line in text.splitlines():
        if line.startswith("#"):
            words = line[1:].replace(",", " ").replace(":", " ", 1).split()
            if len(words) > 2 and words[0] != "stream#" and words[1].isdigit():
                frames.properties.setdefault(int(words[1]), []).append(line)
            continue
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) < 6:
            raise E2eError(f"not a row of framemd5: '{line}'")
        dts, pts, duration, size = map(int, cells[1:5])
        row = Frame(dts, pts, duration, size, ",".join(cells[5:]))
        frames.streams.setdefault(int(cells[0]), []).append(row)
    return frames


class Reader:
    """Reads all of a stream once, in the background, copying and decoding at the same time."""

    def __init__(
        self,
        url: str,
        folder: Path,
        name: str,
        before: Sequence[str] = (),
        decoded: Sequence[str] = ("-map", "0"),
        copied: Sequence[str] = ("-map", "0"),
    ):
        """Starts at once. `before` are options of the input, the others of the two outputs."""
        self._url = url
        self._copied = folder / f"{name}.copied"
        self._decoded = folder / f"{name}.decoded"
        arguments = [*before, "-i", url]
        arguments += [*copied, "-c", "copy", "-f", "framemd5", str(self._copied)]
        arguments += [*decoded, "-f", "framemd5", str(self._decoded)]
        self._child = Child(f"ffmpeg-{name}", ffmpeg_command(arguments), folder)

    def stop(self) -> None:
        """Ends ffmpeg if it still runs."""
        self._child.__exit__()

    def result(self, seconds: float) -> Reading:
        """Waits for the end of the stream. Fails when ffmpeg does, or when it takes longer.

        What ffmpeg complained about without failing is in the reading's `errors`.
        """
        try:
            code = self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self._url} has no end after {seconds:g} s") from None
        finally:
            self.stop()
        if code != 0:
            raise AssertionError(f"ffmpeg cannot play {self._url}: {self._child.stderr()}")
        return Reading(
            parse_framemd5(self._copied.read_text()),
            parse_framemd5(self._decoded.read_text()),
            self._child.stderr(),
        )


def read_stream(
    url: str,
    folder: Path,
    name: str,
    before: Sequence[str] = (),
    seconds: float = 60,
    maps: Sequence[str] = ("-map", "0"),
) -> Reading:
    """Reads all of a stream that has an end, or what `maps` choose of it; see Reader."""
    return Reader(url, folder, name, before, maps, maps).result(seconds)
