"""Chromium with hls.js, driven by browser/play_hls.mjs."""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Mapping, Sequence

from .processes import E2eError, clean_environment, find_program

_FOLDER = Path(__file__).resolve().parent.parent / "browser"
# Starting the browser on a busy machine, beyond the time the player itself is given.
_START_SECONDS = 30


def require_browser() -> None:
    """Fails, saying how to help, when a part of the browser test is not installed."""
    for package in ("hls.js", "playwright-core"):
        if not (_FOLDER / "node_modules" / package / "package.json").is_file():
            raise E2eError(f"{package} is not installed; run: npm ci --prefix tests/e2e/browser")
    find_program("node")
    chromium = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    if not os.access(chromium, os.X_OK):
        raise E2eError(f"no browser at {chromium}; install chromium or set CHROMIUM")


def play_all_in_browser(
    plays: Sequence[Mapping[str, Any]], folder: Path, seconds: int = 30
) -> list[dict[str, Any]]:
    """Plays one stream after the other in one browser, each in a page of its own.

    Each of `plays` has a `url`, and may have what play() of player.js takes besides. Each ends when
    it has played as wished, failed, or taken longer than `seconds`. Returns play_hls.mjs's reports.
    Each call has a browser profile of its own inside `folder`.
    """
    profile = tempfile.mkdtemp(prefix="profile-", dir=folder)
    command = [find_program("node"), str(_FOLDER / "play_hls.mjs")]
    command += ["--plays", json.dumps(plays), "--profile", profile, "--seconds", str(seconds)]
    limit = len(plays) * seconds + _START_SECONDS
    # Chromium leaves files in the home folder beside those in its profile.
    home = {"HOME": profile, "XDG_CONFIG_HOME": profile, "XDG_CACHE_HOME": profile}
    try:
        run = subprocess.run(
            command,
            env={**clean_environment(), **home},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        raise E2eError(f"the browser took more than {limit} s") from None
    if run.returncode != 0:
        raise E2eError(f"play_hls.mjs left with {run.returncode}:\n{run.stderr}")
    reports: list[dict[str, Any]] = json.loads(run.stdout)
    return reports


def play_in_browser(
    url: str, folder: Path, seconds: int = 30, **wishes: object
) -> dict[str, Any]:
    """Plays one stream; see play_all_in_browser."""
    return play_all_in_browser([{"url": url, **wishes}], folder, seconds)[0]
