#!/usr/bin/env python3
"""Runs clang-tidy 14 over the sources below src/ that a build folder compiles.

    run_tidy.py <build folder> [path part...]    path parts: only files whose path contains one

A file that was clean is not looked at again until it, any header of the project, its command line
or .clang-tidy changes; that is remembered in .cache/clang-tidy. The exit code is 0 when all is
clean, 1 when something was found, 77 when there is no clang-tidy 14 (CTest: skipped).
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time

VERSION = 14
TREE = pathlib.Path(__file__).resolve().parents[2]
CACHE = TREE / ".cache" / "clang-tidy"
# Warnings are g++'s business; clang has others, and may not know all of g++'s names for them. Nor
# does it need to know how the code is instrumented.
EXTRA = ["-Wno-everything", "-Wno-unknown-warning-option"]
UNWANTED = re.compile(r"^-(f(no-)?sanitize|fcoroutines|fmodules-ts|fno-lto|flto|W)")
REMEMBER_DAYS = 30


def find_tidy():
    """The clang-tidy to run, or None."""
    for name in (f"clang-tidy-{VERSION}", "clang-tidy"):
        path = shutil.which(name)
        if not path:
            continue
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if re.search(rf"version {VERSION}\.", said.stdout):
            return path
    return None


def compile_commands(build):
    """(source, folder, arguments) for each source of the tree's src/, in the order of the build."""
    rows = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    seen = set()
    for row in rows:
        source = pathlib.Path(os.path.normpath(os.path.join(row["directory"], row["file"])))
        if (TREE / "src") not in source.parents or source in seen:
            continue
        seen.add(source)
        arguments = row.get("arguments") or shlex.split(row["command"])
        yield source, row["directory"], compiler_arguments(arguments)


def compiler_arguments(arguments):
    """The command without compiler launcher, compiler, and what only g++ or only a build needs."""
    kept = []
    rest = iter(arguments)
    for argument in rest:
        if argument.startswith("-"):
            break
    else:
        return kept
    while argument is not None:
        if argument in ("-o", "-MF", "-MT", "-MQ"):
            next(rest, None)
        elif argument not in ("-c", "-MD", "-MMD") and not UNWANTED.match(argument):
            kept.append(argument)
        argument = next(rest, None)
    return kept


def digest(*parts):
    """One hash over texts and bytes, each kept apart from the next."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "little") + data)
    return total.hexdigest()


def common_digest(tidy):
    """What every result depends on: clang-tidy, its settings, this script and all headers."""
    version = subprocess.run([tidy, "--version"], capture_output=True, check=False).stdout
    headers = sorted(
        path
        for folder in ("include", "src")
        for path in (TREE / folder).rglob("*")
        if path.suffix in {".hpp", ".h", ".ipp"}
    )
    texts = [part for path in headers for part in (str(path.relative_to(TREE)), path.read_bytes())]
    settings = (TREE / ".clang-tidy").read_bytes()
    return digest(version, settings, pathlib.Path(__file__).read_bytes(), *texts)


def check(tidy, common, source, folder, arguments):
    """(clean, from the cache, output) of one source."""
    name = str(source.relative_to(TREE))
    known = CACHE / digest(common, name, source.read_bytes(), *arguments)
    if known.exists():
        known.touch()
        return True, True, ""
    command = [tidy, "--quiet", str(source), "--", *arguments, *EXTRA]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode == 0:
        known.touch()
        return True, False, ""
    noise = re.compile(r"^\d+ warnings? (generated|treated as errors?)|^Suppressed|^Use -header")
    lines = (run.stdout + run.stderr).splitlines()
    return False, False, "\n".join(line for line in lines if not noise.match(line))


def forget_old_results():
    """Removes results that no run has used for a while."""
    oldest = time.time() - REMEMBER_DAYS * 86400
    for path in CACHE.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def main(arguments):
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    tidy = find_tidy()
    if not tidy:
        print(f"run_tidy: skipped: clang-tidy {VERSION} is not installed")
        return 77
    build, parts = pathlib.Path(arguments[0]), arguments[1:]
    try:
        rows = list(compile_commands(build))
    except (OSError, ValueError, KeyError) as error:
        print(f"run_tidy: {build}/compile_commands.json: {error}", file=sys.stderr)
        return 2
    rows = [row for row in rows if not parts or any(part in str(row[0]) for part in parts)]
    if not rows:
        print(f"run_tidy: {build} compiles no such file of {TREE}/src", file=sys.stderr)
        return 2
    CACHE.mkdir(parents=True, exist_ok=True)
    common = common_digest(tidy)
    workers = int(os.environ.get("SLUICE_JOBS") or os.cpu_count() or 1)
    dirty = cached = 0
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for clean, known, output in pool.map(lambda row: check(tidy, common, *row), rows):
            dirty += not clean
            cached += known
            if output:
                print(output, flush=True)
    forget_old_results()
    print(f"run_tidy: {len(rows)} files, {cached} unchanged since clean, {dirty} with findings")
    return 1 if dirty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
