"""An origin of low-latency HLS: parts, blocking reloads, hints, delta updates, reports."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Mapping, Optional
from urllib.parse import parse_qsl, urlsplit

PART_SECONDS = 0.2
PARTS_PER_SEGMENT = 5
# Segments older than this may be left out of a delta update.
SKIP_SECONDS = 6
# Segments at the end of the playlist that still tell their parts.
_SEGMENTS_IN_PARTS = 3
# A request is held no longer than this, so that a failing test ends.
_HOLD_SECONDS = 15

_MASTER = """#EXTM3U
#EXT-X-VERSION:9
#EXT-X-STREAM-INF:BANDWIDTH=250000,CODECS="avc1.4d400d,mp4a.40.2"
index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=260000,CODECS="avc1.4d400d,mp4a.40.2"
other.m3u8
"""

_HEAD = f"""#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:1
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.6,CAN-SKIP-UNTIL={SKIP_SECONDS}
#EXT-X-PART-INF:PART-TARGET={PART_SECONDS}
#EXT-X-MEDIA-SEQUENCE:0
"""


@dataclass(frozen=True)
class AskedFor:
    """One request, and whether it had to wait for what it asked for."""

    path: str
    query: Mapping[str, str]
    held: bool


def split_fragments(mp4: bytes) -> tuple[bytes, list[bytes]]:
    """The initialisation section of a fragmented MP4, and its fragments. ISO/IEC 14496-12, 8.8."""
    init, parts, at = b"", [], 0
    while at < len(mp4):
        size, kind = int.from_bytes(mp4[at : at + 4], "big"), mp4[at + 4 : at + 8]
        box = mp4[at : at + size]
        at += size
        if kind in (b"ftyp", b"moov"):
            init += box
        elif kind == b"moof":
            parts.append(box)
        elif kind == b"mdat":
            parts[-1] += box
    return init, parts


class LowLatencyOrigin:
    """Serves /ll/master.m3u8 with two variants, which are the same: /ll/index.m3u8, other.m3u8.

    Parts appear when the test says so (`begin`, `advance`), or by themselves, in real time, from
    the first request for the master on (`starts_by_itself`).
    """

    def __init__(self, source: Path, published: int, starts_by_itself: bool = False):
        """`source` is an MP4 with a fragment for each part, of which `published` are there."""
        self.init, self.parts = split_fragments(source.read_bytes())
        self._changed = threading.Condition()
        self._published = published
        self._begun = False
        self._ended = False
        self._closing = threading.Event()
        self._waiting = 0
        self._asked: list[AskedFor] = []
        self._clock: Optional[threading.Thread] = None
        self._starts_by_itself = starts_by_itself
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def __enter__(self) -> "LowLatencyOrigin":
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self.finish()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self._clock:
            self._clock.join()

    def url(self, name: str) -> str:
        """The address of master.m3u8, index.m3u8 or other.m3u8."""
        return f"http://127.0.0.1:{self._server.server_port}/ll/{name}"

    def asked(self) -> list[AskedFor]:
        """All requests that could be answered so far."""
        with self._changed:
            return list(self._asked)

    def waiting(self) -> int:
        """Requests that are held at this moment."""
        with self._changed:
            return self._waiting

    def begin(self) -> None:
        """The first half of the next part is there."""
        with self._changed:
            self._begun = True
            self._changed.notify_all()

    def advance(self, count: int = 1) -> None:
        """So many more parts are there, whole."""
        with self._changed:
            self._published = min(self._published + count, len(self.parts))
            self._begun = False
            self._ended = self._published == len(self.parts)
            self._changed.notify_all()

    def finish(self) -> None:
        """Everything is there, and the playlist has its EXT-X-ENDLIST."""
        self.advance(len(self.parts))

    def halves(self, number: int) -> tuple[bytes, bytes]:
        """A part as it comes into being."""
        part = self.parts[number]
        return part[: len(part) // 2], part[len(part) // 2 :]

    def answer(self, handler: "_Handler", path: str, query: Mapping[str, str]) -> None:
        """Answers one request, on its own thread."""
        name = path.removeprefix("/ll/")
        if name == "master.m3u8":
            self._start_clock()
            self._note(path, query, False)
            handler.send_whole("application/vnd.apple.mpegurl", _MASTER.encode())
        elif name in ("index.m3u8", "other.m3u8"):
            held = self._hold_until(self._wanted(query))
            self._note(path, query, held)
            text = self._playlist(name, "_HLS_skip" in query)
            handler.send_whole("application/vnd.apple.mpegurl", text.encode())
        elif name == "init.mp4":
            self._note(path, query, False)
            handler.send_whole("video/mp4", self.init)
        elif name.startswith("seg_"):
            first = int(name[4:].removesuffix(".m4s")) * PARTS_PER_SEGMENT
            self._note(path, query, False)
            body = b"".join(self.parts[first : first + PARTS_PER_SEGMENT])
            handler.send_whole("video/iso.segment", body)
        else:
            self._answer_part(handler, path, query, int(name[5:].removesuffix(".m4s")))

    def _answer_part(
        self, handler: "_Handler", path: str, query: Mapping[str, str], number: int
    ) -> None:
        """What is there, whole; what was hinted at, as it comes."""
        with self._changed:
            is_there = number < self._published
        if is_there:
            self._note(path, query, False)
            handler.send_whole("video/iso.segment", self.parts[number])
            return
        first, second = self.halves(number)
        self._hold_until(number, half=True)
        self._note(path, query, True)
        handler.begin_chunks("video/iso.segment")
        handler.send_chunk(first)
        self._hold_until(number)
        handler.send_chunk(second)
        handler.send_chunk(b"")

    def _note(self, path: str, query: Mapping[str, str], held: bool) -> None:
        with self._changed:
            self._asked.append(AskedFor(path, query, held))

    @staticmethod
    def _wanted(query: Mapping[str, str]) -> int:
        """The part that must be in the playlist before it is sent; -1 for any playlist."""
        if "_HLS_msn" not in query:
            return -1
        last = str(PARTS_PER_SEGMENT - 1)
        return int(query["_HLS_msn"]) * PARTS_PER_SEGMENT + int(query.get("_HLS_part", last))

    def _hold_until(self, number: int, half: bool = False) -> bool:
        """Waits for a part (or its first half) or the end of the stream; true when it had to."""

        def is_there() -> bool:
            begun = half and self._begun and number == self._published
            return begun or number < self._published or self._ended

        with self._changed:
            if is_there():
                return False
            self._waiting += 1
            self._changed.wait_for(is_there, _HOLD_SECONDS)
            self._waiting -= 1
            return True

    def _start_clock(self) -> None:
        with self._changed:
            if not self._starts_by_itself or self._clock:
                return
            self._clock = threading.Thread(target=self._run)
            self._clock.start()

    def _run(self) -> None:
        while not self._closing.wait(PART_SECONDS / 2):
            self.begin()
            if self._closing.wait(PART_SECONDS / 2):
                return
            self.advance()
            if self._ended:
                return

    def _playlist(self, name: str, may_skip: bool) -> str:
        with self._changed:
            published, ended = self._published, self._ended
        whole = -(-published // PARTS_PER_SEGMENT) if ended else published // PARTS_PER_SEGMENT
        skipped = int(published * PART_SECONDS - SKIP_SECONDS) if may_skip and not ended else 0
        lines = []
        if skipped > 0:
            lines.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}")
        else:
            lines.append('#EXT-X-MAP:URI="init.mp4"')
        for segment in range(max(skipped, 0), whole):
            if segment >= whole - _SEGMENTS_IN_PARTS and not ended:
                lines += self._part_lines(segment, published)
            lines += ["#EXTINF:1,", f"seg_{segment}.m4s"]
        if ended:
            lines.append("#EXT-X-ENDLIST")
        else:
            lines += self._part_lines(whole, published)
            lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part_{published}.m4s"')
            other = "other.m3u8" if name == "index.m3u8" else "index.m3u8"
            msn, part = divmod(published - 1, PARTS_PER_SEGMENT)
            lines.append(f'#EXT-X-RENDITION-REPORT:URI="{other}",LAST-MSN={msn},LAST-PART={part}')
        return _HEAD + "\n".join(lines) + "\n"

    @staticmethod
    def _part_lines(segment: int, published: int) -> list[str]:
        first = segment * PARTS_PER_SEGMENT
        return [
            f'#EXT-X-PART:DURATION={PART_SECONDS},INDEPENDENT=YES,URI="part_{number}.m4s"'
            for number in range(first, min(first + PARTS_PER_SEGMENT, published))
        ]


class _Server(ThreadingHTTPServer):
    # Its threads end with their connections, which may outlive the test.
    daemon_threads = True
    block_on_close = False

    def __init__(self, origin: LowLatencyOrigin):
        self.origin = origin
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Answers by the origin's state."""
        parts = urlsplit(self.path)
        try:
            self.server.origin.answer(self, parts.path, dict(parse_qsl(parts.query)))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        except (IndexError, ValueError):
            self.send_error(404)

    def send_whole(self, content_type: str, body: bytes) -> None:
        """An answer of known length."""
        self._send_head(content_type, "Content-Length", str(len(body)))
        self.wfile.write(body)

    def begin_chunks(self, content_type: str) -> None:
        """The head of an answer that comes bit by bit."""
        self._send_head(content_type, "Transfer-Encoding", "chunked")

    def send_chunk(self, chunk: bytes) -> None:
        """A bit; an empty one is the end."""
        self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))

    def _send_head(self, content_type: str, *length: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header(*length)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """The journal has it."""
