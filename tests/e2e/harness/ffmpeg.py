"""Running ffmpeg to its end."""

import subprocess
from pathlib import Path
from typing import Optional, Sequence

from .processes import E2eError, clean_environment, find_program


def ffmpeg_command(arguments: Sequence[str]) -> list[str]:
    """An ffmpeg call that prints errors only, and never asks anything."""
    return [find_program("ffmpeg"), "-nostdin", "-hide_banner", "-v", "error", "-y", *arguments]


def run_ffmpeg(
    arguments: Sequence[str], seconds: float, folder: Optional[Path] = None
) -> "subprocess.CompletedProcess[str]":
    """Runs ffmpeg inside `folder`; fails when it takes longer, not when ffmpeg fails."""
    command = ffmpeg_command(arguments)
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=clean_environment(),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise E2eError(f"not at the end after {seconds:g} s: {' '.join(command)}") from None
