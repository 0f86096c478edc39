"""Short streams, one for each feature of HLS that the long ones do not have.

All are made from media/clip.mp4 (4 s, segments of 1 s), below clips/ in the root of the streams:
  ts             plain TS, of which several of the others are made
  single         TS, every segment a byte range of one file
  keys           ts encrypted: keys change, with and without IV, the last segment in the clear
  fragments      fMP4, picture and sound together
  sealed         fragments encrypted, the map with the first of two keys
  languages      fMP4 picture, sound in two languages, WebVTT subtitles
  iframes        TS with an I-frame playlist into the same file
  joined         half of ts, then another encoding after EXT-X-DISCONTINUITY
  disguised      ts under the names of scripts, pages and pictures
  bare           ts with addresses that have no extension
  defined        ts with variables in its addresses
  steering       two pathways to ts, and what steers between them
  low_latency.mp4  14 s in fragments, each a part of a low-latency stream
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from .processes import find_program

CLIP_SECONDS = 4
_FRAMES_PER_SECOND = 25
_PICTURES = CLIP_SECONDS * _FRAMES_PER_SECOND


@dataclass(frozen=True)
class Clip:
    """One stream below clips/, as ffmpeg finds it."""

    why: str
    path: str
    streams: int
    pictures: int


# What ffmpeg plays from the origin as well as through Sluice.
CLIPS = (
    Clip("TS, every segment a byte range of one file", "/clips/single/index.m3u8", 2, _PICTURES),
    Clip("AES-128, keys change, with and without IV", "/clips/keys/index.m3u8", 2, _PICTURES),
    Clip("fMP4 encrypted with AES-128, its map too", "/clips/sealed/index.m3u8", 2, _PICTURES),
    Clip("sound in two languages, subtitles", "/clips/languages/master.m3u8", 3, _PICTURES),
    Clip("master with an I-frame playlist", "/clips/iframes/master.m3u8", 1, _PICTURES),
    Clip("I-frame playlist", "/clips/iframes/iframes.m3u8", 1, CLIP_SECONDS),
    Clip("two encodings, joined by a discontinuity", "/clips/joined/index.m3u8", 2, _PICTURES),
    Clip("every playlist redirected to another path", "/moved/languages/master.m3u8", 3, _PICTURES),
    Clip("every segment redirected to another path", "/clips/elsewhere/index.m3u8", 2, _PICTURES),
)

# Has the frames of PLAIN, but ffmpeg may not like it without Sluice.
PLAIN = "/clips/ts/index.m3u8"
DISGUISED = (
    ("TS named and typed as scripts and pages", "/clips/disguised/pages.m3u8"),
    ("TS named and typed as pictures", "/clips/disguised/pictures.m3u8"),
    ("playlists and segments without extension", "/clips/bare/master"),
    ("the same, redirected to another path", "/moved/bare/master"),
    ("variables of the playlist itself", "/clips/defined/own.m3u8"),
    ("variables imported from the master", "/clips/defined/master.m3u8"),
    ("variables from the address's query", "/clips/defined/query.m3u8?where=ts&file=seg"),
)

_HLS = "-f hls -hls_time 1 -hls_playlist_type vod -hls_list_size 0"
_FMP4 = f"{_HLS} -hls_segment_type fmp4"
# One for each group of pictures.
_FRAGMENTS = "-movflags empty_moov+default_base_moof+frag_keyframe"
_BITEXACT = "-threads 1 -flags +bitexact -fflags +bitexact"


def _encode(
    file: str, size: str, tone: int, sample_rate: int, seconds: int, group: int = _FRAMES_PER_SECOND
) -> str:
    return (
        f"-f lavfi -i testsrc2=size={size}:rate={_FRAMES_PER_SECOND}:duration={seconds}"
        f" -f lavfi -i sine=frequency={tone}:sample_rate={sample_rate}:duration={seconds} -ac 2"
        " -c:v libx264 -preset veryfast -profile:v main -pix_fmt yuv420p -b:v 150k"
        f" -g {group} -keyint_min {group} -sc_threshold 0 -c:a aac -b:a 64k {_BITEXACT} {file}"
    )


# One line per ffmpeg call, run inside the root.
COMMANDS = (
    _encode("media/clip.mp4", "320x180", 440, 48000, CLIP_SECONDS),
    _encode("media/other.mp4", "480x270", 660, 44100, CLIP_SECONDS // 2),
    _encode(f"{_FRAGMENTS} clips/low_latency.mp4", "320x180", 550, 48000, 14, group=5),
    f"-i media/clip.mp4 -c copy {_HLS} -hls_segment_filename clips/ts/seg_%d.ts"
    " clips/ts/index.m3u8",
    f"-i media/other.mp4 -c copy {_HLS} -hls_segment_filename clips/joined/seg_%d.ts"
    " clips/joined/other.m3u8",
    f"-i media/clip.mp4 -c copy {_HLS} -hls_flags single_file"
    " -hls_segment_filename clips/single/all.ts clips/single/index.m3u8",
    f"-i media/clip.mp4 -c copy {_FMP4} -hls_segment_filename clips/fragments/%d.m4s"
    " clips/fragments/index.m3u8",
    f"-i media/clip.mp4 -map 0:v -c copy {_FMP4}"
    " -hls_segment_filename clips/languages/video/%d.m4s clips/languages/video/index.m3u8",
    f"-i media/clip.mp4 -map 0:a -c copy {_FMP4}"
    " -hls_segment_filename clips/languages/english/%d.m4s clips/languages/english/index.m3u8",
    f"-f lavfi -i sine=frequency=880:sample_rate=48000:duration={CLIP_SECONDS} -ac 2 -c:a aac"
    f" -b:a 64k {_BITEXACT} {_FMP4}"
    " -hls_segment_filename clips/languages/german/%d.m4s clips/languages/german/index.m3u8",
    # The tables before each picture let a player begin with any of them.
    "-i media/clip.mp4 -map 0:v -c copy -f mpegts -mpegts_flags pat_pmt_at_frames"
    " clips/iframes/all.ts",
)

_FOLDERS = (
    *("ts", "single", "keys", "iframes", "joined", "disguised", "bare", "elsewhere"),
    *("defined", "steering", "fragments", "sealed"),
)
_LANGUAGES = ("video", "english", "german", "words")

_MASTER_OF_LANGUAGES = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,URI="english/index.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Deutsch",LANGUAGE="de",AUTOSELECT=YES,URI="german/index.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="English",LANGUAGE="en",AUTOSELECT=YES,URI="words/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=250000,CODECS="avc1.4d400d,mp4a.40.2",AUDIO="sound",SUBTITLES="text"
video/index.m3u8
"""

CUES = ("the first words", "the second words")
_WORDS = """WEBVTT
X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000

00:00:0{start}.000 --> 00:00:0{end}.000
{text}
"""

STEERING = {"VERSION": 1, "TTL": 300, "PATHWAY-PRIORITY": ["beta", "alpha"]}

# Extensions that players and proxies might go by.
_DISGUISES = {"pages": ("js", "html", "css", "txt"), "pictures": ("png", "jpg", "webp", "gif")}


def media_playlist(lines: Sequence[str], sequence: int = 0) -> str:
    """A whole VOD playlist; `lines` are the segments with their tags."""
    head = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:1", "#EXT-X-PLAYLIST-TYPE:VOD"]
    body = [f"#EXT-X-MEDIA-SEQUENCE:{sequence}", *lines, "#EXT-X-ENDLIST"]
    return "\n".join([*head, *body]) + "\n"


def segments(*addresses: str) -> list[str]:
    """The lines of segments of one second."""
    return [line for address in addresses for line in ("#EXTINF:1,", address)]


def master_playlist(*variants: str, attributes: str = "") -> str:
    """A master playlist; `attributes` go into all its EXT-X-STREAM-INF."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7"]
    for variant in variants:
        lines += [f"#EXT-X-STREAM-INF:BANDWIDTH=250000{attributes}", variant]
    return "\n".join(lines) + "\n"


def make_folders(root: Path) -> None:
    """What ffmpeg writes into must be there before."""
    for name in (*_FOLDERS, *(f"languages/{part}" for part in _LANGUAGES)):
        (root / "clips" / name).mkdir(parents=True)


def finish(root: Path) -> None:
    """Makes what COMMANDS do not; they have been run."""
    clips = root / "clips"
    _make_keys(clips / "ts", clips / "keys")
    _make_sealed(clips / "fragments", clips / "sealed")
    _make_languages(clips / "languages")
    _make_iframes(clips / "iframes")
    _make_joined(clips / "joined")
    _make_renamed(clips)
    _make_defined(clips / "defined")
    _make_steering(clips / "steering")


def _encrypt(clear: Path, written: Path, key: bytes, vector: str) -> None:
    command = [find_program("openssl"), "enc", "-aes-128-cbc", "-K", key.hex(), "-iv", vector]
    command += ["-in", str(clear), "-out", str(written)]
    subprocess.run(command, check=True, capture_output=True, timeout=30)


def _make_keys(source: Path, folder: Path) -> None:
    """Segments 7 to 10; without IV, the number of the segment is the IV. RFC 8216, 5.2."""
    keys = {"one": bytes(range(16)), "two": bytes(range(16, 32))}
    for name, key in keys.items():
        (folder / f"{name}.key").write_bytes(key)
    iv = "00112233445566778899aabbccddeeff"
    rows = (
        ("one", f"{7:032x}", 'METHOD=AES-128,URI="one.key"'),
        ("one", iv, f'METHOD=AES-128,URI="one.key",IV=0x{iv.upper()}'),
        ("two", f"{9:032x}", 'METHOD=AES-128,URI="two.key?id=2",KEYFORMAT="identity"'),
        ("", "", "METHOD=NONE"),
    )
    lines = []
    for number, (key, vector, attributes) in enumerate(rows):
        clear, written = source / f"seg_{number}.ts", folder / f"seg_{number}.ts"
        if key:
            _encrypt(clear, written, keys[key], vector)
        else:
            written.write_bytes(clear.read_bytes())
        lines += [f"#EXT-X-KEY:{attributes}", *segments(written.name)]
    (folder / "index.m3u8").write_text(media_playlist(lines, sequence=7))


def _make_sealed(source: Path, folder: Path) -> None:
    """A map needs a vector of its own, and stays when the key changes. RFC 8216, 4.3.2.5."""
    keys = {"one": bytes(range(16)), "two": bytes(range(16, 32))}
    for name, key in keys.items():
        (folder / f"{name}.key").write_bytes(key)
    iv = "00112233445566778899aabbccddeeff"
    lines = [f'#EXT-X-KEY:METHOD=AES-128,URI="one.key",IV=0x{iv}', '#EXT-X-MAP:URI="init.mp4"']
    _encrypt(source / "init.mp4", folder / "init.mp4", keys["one"], iv)
    for number in range(CLIP_SECONDS):
        if number == 2:
            lines.append('#EXT-X-KEY:METHOD=AES-128,URI="two.key"')
        key, vector = ("one", iv) if number < 2 else ("two", f"{number:032x}")
        _encrypt(source / f"{number}.m4s", folder / f"{number}.m4s", keys[key], vector)
        lines += segments(f"{number}.m4s")
    (folder / "index.m3u8").write_text(media_playlist(lines))


def _make_languages(folder: Path) -> None:
    (folder / "master.m3u8").write_text(_MASTER_OF_LANGUAGES)
    lines = []
    each = CLIP_SECONDS // len(CUES)
    for number, text in enumerate(CUES):
        words = _WORDS.format(start=number * each, end=(number + 1) * each, text=text)
        (folder / f"words/{number}.vtt").write_text(words)
        lines += [f"#EXTINF:{each},", f"{number}.vtt"]
    playlist = media_playlist(lines).replace("TARGETDURATION:1", f"TARGETDURATION:{each}")
    (folder / "words/index.m3u8").write_text(playlist)


def _pictures(ts: bytes) -> list[tuple[int, bool]]:
    """Where each picture begins, with the tables before it; true for those that stand alone."""
    found: list[tuple[int, bool]] = []
    tables = 0
    for at in range(0, len(ts), 188):
        pid = (ts[at + 1] & 0x1F) << 8 | ts[at + 2]
        if pid == 0:
            tables = at
        elif ts[at + 1] & 0x40 and pid >= 0x100 and pid != 0x1000:
            has_adaptation = ts[at + 3] & 0x20 and ts[at + 4]
            found.append((tables, bool(has_adaptation and ts[at + 5] & 0x40)))
    return found


def _make_iframes(folder: Path) -> None:
    ts = (folder / "all.ts").read_bytes()
    pictures = _pictures(ts)
    keys = [number for number, (_, is_key) in enumerate(pictures) if is_key]
    starts = [at for at, _ in pictures] + [len(ts)]
    ends_of_groups = [*keys[1:], len(pictures)]
    for name, more, ends in (
        ("index", [], ends_of_groups),
        ("iframes", ["#EXT-X-I-FRAMES-ONLY"], [key + 1 for key in keys]),
    ):
        lines = list(more)
        for key, end in zip(keys, ends):
            size = starts[end] - starts[key]
            lines += ["#EXTINF:1,", f"#EXT-X-BYTERANGE:{size}@{starts[key]}", "all.ts"]
        (folder / f"{name}.m3u8").write_text(media_playlist(lines))
    codecs = ',CODECS="avc1.4d400d"'
    master = master_playlist("index.m3u8", attributes=codecs)
    master += f'#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000{codecs},URI="iframes.m3u8"\n'
    (folder / "master.m3u8").write_text(master)


def _make_joined(folder: Path) -> None:
    first = segments("../ts/seg_0.ts", "../ts/seg_1.ts")
    second = segments("seg_0.ts", "seg_1.ts")
    lines = [*first, "#EXT-X-DISCONTINUITY", *second]
    (folder / "index.m3u8").write_text(media_playlist(lines))


def _make_renamed(clips: Path) -> None:
    bare = [f"seg_{number}" for number in range(CLIP_SECONDS)]
    for number in range(CLIP_SECONDS):
        content = (clips / f"ts/seg_{number}.ts").read_bytes()
        (clips / "bare" / bare[number]).write_bytes(content)
        for extensions in _DISGUISES.values():
            (clips / f"disguised/seg_{number}.{extensions[number]}").write_bytes(content)
    for name, extensions in _DISGUISES.items():
        names = [f"seg_{number}.{extension}" for number, extension in enumerate(extensions)]
        (clips / f"disguised/{name}.m3u8").write_text(media_playlist(segments(*names)))
    (clips / "bare/index").write_text(media_playlist(segments(*bare)))
    (clips / "bare/master").write_text(master_playlist("index?list"))
    moved = [f"/moved/ts/seg_{number}.ts" for number in range(CLIP_SECONDS)]
    (clips / "elsewhere/index.m3u8").write_text(media_playlist(segments(*moved)))


def _make_defined(folder: Path) -> None:
    """Each of the ways in which a variable gets its value. RFC 8216bis, 4.4.2.3."""
    define = "#EXT-X-DEFINE:"
    own = [f'{define}NAME="where",VALUE="ts"', f'{define}NAME="file",VALUE="seg"']
    for name, definitions in (
        ("own", own),
        ("imported", [f'{define}IMPORT="where"', f'{define}IMPORT="file"']),
        ("query", [f'{define}QUERYPARAM="where"', f'{define}QUERYPARAM="file"']),
    ):
        addresses = [f"../{{$where}}/{{$file}}_{number}.ts" for number in range(CLIP_SECONDS)]
        playlist = media_playlist([*definitions, *segments(*addresses)])
        (folder / f"{name}.m3u8").write_text(playlist.replace("VERSION:7", "VERSION:11"))
    own.append(f'{define}NAME="list",VALUE="imported"')
    master = master_playlist("{$list}.m3u8").splitlines()
    (folder / "master.m3u8").write_text("\n".join([master[0], *own, *master[1:]]) + "\n")


def _make_steering(folder: Path) -> None:
    """The origin prefers the pathway that is not the first. RFC 8216bis, 7."""
    variants = ("../ts/index.m3u8", "../single/index.m3u8")
    master = ["#EXTM3U", "#EXT-X-VERSION:7"]
    master.append('#EXT-X-CONTENT-STEERING:SERVER-URI="steering.json?of=clip",PATHWAY-ID="alpha"')
    for pathway, variant in zip(("alpha", "beta"), variants):
        master += [f'#EXT-X-STREAM-INF:BANDWIDTH=250000,PATHWAY-ID="{pathway}"', variant]
    (folder / "master.m3u8").write_text("\n".join(master) + "\n")
    (folder / "steering.json").write_text(json.dumps(STEERING))
