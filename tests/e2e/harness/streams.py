"""The streams the tests play: made once by ffmpeg, kept by the content of their recipe.

Folder layout, all below one root that nginx serves:
  media/low.mp4          faststart            media/high.mp4   moov at the end
  ts/master.m3u8         two variants, TS; one by relative, one by absolute path; signed
  fmp4/master.m3u8       two variants, fMP4, sound in a rendition of its own (EXT-X-MEDIA)
  byterange/index.m3u8   one fMP4 file, EXT-X-BYTERANGE
  aes/index.m3u8         TS with an AES-128 key, whose address has a query
  files/blob.bin         3 MiB of noise
  clips/                 short ones, see clips.py
"""

import hashlib
import os
import random
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import clips
from .ffmpeg import run_ffmpeg
from .processes import E2eError, find_program

FRAMES_PER_SECOND = 25
SECONDS = 12
SEGMENT_SECONDS = 2

# Why the row exists; its playlist; how many streams a player finds in it.
VOD_PLAYLISTS = (
    ("TS, two variants by relative and absolute path, signed segments", "/ts/master.m3u8", 4),
    ("fMP4, sound in a rendition of its own", "/fmp4/master.m3u8", 3),
    ("one file, every segment a byte range of it", "/byterange/index.m3u8", 2),
    ("AES-128, the key comes through Sluice too", "/aes/index.m3u8", 2),
)

_ENCODE_SECONDS = 120
_KEY = bytes(range(0x40, 0x50))
# A signed address: everything in it would change if somebody decoded and encoded it again.
SIGNED_QUERY = "sig=a%2fB%2Bc+d%20e&n=~1"

_GROUP_OF_PICTURES = FRAMES_PER_SECOND * SEGMENT_SECONDS
_HLS = f"-c copy -f hls -hls_time {SEGMENT_SECONDS} -hls_playlist_type vod -hls_list_size 0"

# One line per ffmpeg call, run inside the root.
_COMMANDS = (
    *(
        f"-f lavfi -i testsrc2=size={size}:rate={FRAMES_PER_SECOND}:duration={SECONDS}"
        f" -f lavfi -i sine=frequency={tone}:sample_rate=48000:duration={SECONDS} -ac 2"
        " -c:v libx264 -preset veryfast -profile:v main -pix_fmt yuv420p"
        f" -b:v {rate} -maxrate {rate} -bufsize {rate}"
        f" -g {_GROUP_OF_PICTURES} -keyint_min {_GROUP_OF_PICTURES} -sc_threshold 0"
        f" -c:a aac -b:a 96k {flags} media/{name}.mp4"
        for name, size, tone, rate, flags in (
            ("low", "320x180", 440, "150k", "-movflags +faststart"),
            ("high", "480x270", 660, "400k", ""),
        )
    ),
    "-i media/low.mp4 -i media/high.mp4 -map 0 -map 1"
    f" -var_stream_map v:0,a:0,name:low|v:1,a:1,name:high {_HLS}"
    " -master_pl_name master.m3u8 -hls_segment_filename ts/%v/seg_%03d.ts ts/%v/index.m3u8",
    "-i media/low.mp4 -i media/high.mp4 -map 0:v -map 1:v -map 0:a"
    " -var_stream_map v:0,agroup:sound,name:low|v:1,agroup:sound,name:high|"
    f"a:0,agroup:sound,default:yes,name:sound {_HLS} -hls_segment_type fmp4"
    " -master_pl_name master.m3u8 -hls_segment_filename fmp4/%v/seg_%03d.m4s fmp4/%v/index.m3u8",
    f"-i media/low.mp4 {_HLS} -hls_segment_type fmp4 -hls_flags single_file"
    " -hls_segment_filename byterange/all.m4s byterange/index.m3u8",
    f"-i media/low.mp4 {_HLS} -start_number 5 -hls_key_info_file aes/key_info"
    " -hls_segment_filename aes/seg_%03d.ts aes/index.m3u8",
)
_KEY_INFO = "key.bin?id=7\naes/key.bin\n"


def _words(command: str) -> list[str]:
    # The variants of var_stream_map are separated by spaces inside one argument.
    return [word.replace("|", " ") for word in command.split()]


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    if old not in text:
        raise E2eError(f"{path.name} made by ffmpeg has no '{old}'")
    path.write_text(text.replace(old, new))


def _make(root: Path) -> None:
    for name in ("media", "ts/low", "ts/high", "fmp4", "byterange", "aes", "files"):
        (root / name).mkdir(parents=True)
    (root / "aes/key.bin").write_bytes(_KEY)
    (root / "aes/key_info").write_text(_KEY_INFO)
    (root / "files/blob.bin").write_bytes(random.Random(1).randbytes(3 << 20))
    clips.make_folders(root)
    for command in (*_COMMANDS, *clips.COMMANDS):
        run = run_ffmpeg(_words(command), _ENCODE_SECONDS, root)
        if run.returncode != 0:
            raise E2eError(f"ffmpeg {command}\n{run.stderr}")
    _edit(root / "ts/master.m3u8", "high/index.m3u8", "/ts/high/index.m3u8")
    _edit(root / "ts/high/index.m3u8", ".ts\n", f".ts?{SIGNED_QUERY}\n")
    clips.finish(root)


def _recipe() -> str:
    """Changes whenever what is made could change: these two files, and ffmpeg itself."""
    version = subprocess.run(
        [find_program("ffmpeg"), "-version"], capture_output=True, check=True, timeout=30
    ).stdout
    recipes = Path(__file__).read_bytes() + Path(clips.__file__).read_bytes()
    return hashlib.sha256(recipes + version).hexdigest()[:16]


def make_streams(fallback: Path) -> Path:
    """The root of all streams: kept in SLUICE_E2E_CACHE, or made anew inside `fallback`."""
    cache = Path(os.environ.get("SLUICE_E2E_CACHE") or fallback).absolute()
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / f"streams-{_recipe()}"
    if root.is_dir():
        return root
    # Made beside and renamed, so that a test running at the same time never sees half of it.
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=cache))
    try:
        draft.chmod(0o755)
        _make(draft)
        draft.rename(root)
    except OSError:
        if not root.is_dir():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return root
