"""Running a program with little memory: in a memory cgroup where one may be made, else by rlimit.

A cgroup counts what a small machine would: resident pages and the kernel's socket buffers. An rlimit
counts the address space that may be written (RLIMIT_DATA), which is more than what is resident, so it is
given twice the limit, and the resident peak is reported for the reader to judge.
"""

import contextlib
import dataclasses
import os
import pathlib
import re
import resource
import subprocess
from typing import Callable, Optional

_MOUNTS = pathlib.Path("/proc/self/mountinfo")
_OWN = pathlib.Path("/proc/self/cgroup")


@dataclasses.dataclass
class Limit:
    text: str  # what is in force, for the report
    enter: Callable[[], None]  # to be called in the new process before it becomes the program
    peak_bytes: Callable[[], Optional[int]]  # what the limit counted at most; None: it does not say
    hits: Callable[[], Optional[int]]  # how often it was reached


@dataclasses.dataclass
class Group:
    """A memory cgroup to make another in, and how that version of cgroups names its files."""

    folder: pathlib.Path
    limit: str
    peak: str
    swap: str

    def read(self, folder, name, pattern=r"(\d+)"):
        with contextlib.suppress(OSError):
            found = re.search(pattern, (folder / name).read_text())
            return int(found[1]) if found else None
        return None

    def hits(self, folder):
        if self.limit == "memory.max":
            return self.read(folder, "memory.events", r"\bmax (\d+)")
        return self.read(folder, "memory.failcnt")


def _mount_of(kind, option):
    """Where a cgroup hierarchy is mounted, and which of its folders is shown there."""
    for line in _MOUNTS.read_text().splitlines():
        left, _, right = line.partition(" - ")
        fields, (name, _, options) = left.split(), right.split(maxsplit=2)
        if name == kind and (not option or option in options.split(",")):
            return pathlib.Path(fields[4]), fields[3]
    return None


def _v1_group(path):
    mount = _mount_of("cgroup", "memory")
    if mount is None:
        return None
    return Group(mount[0] / os.path.relpath(path, mount[1]), "memory.limit_in_bytes",
                 "memory.max_usage_in_bytes", "memory.memsw.limit_in_bytes")


def _v2_group(path):
    """The nearest group above whose children may have limits; a group with processes has none."""
    mount = _mount_of("cgroup2", "")
    if mount is None:
        return None
    folder = mount[0] / os.path.relpath(path, mount[1])
    while folder.is_relative_to(mount[0]):
        with contextlib.suppress(OSError):
            if "memory" in (folder / "cgroup.subtree_control").read_text().split():
                return Group(folder, "memory.max", "memory.peak", "memory.swap.max")
        folder = folder.parent
    return None


def parent_group():
    """Where a group with a limit may be tried; None where there is no such place."""
    for line in _OWN.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        group = None
        if "memory" in controllers.split(","):
            group = _v1_group(path)
        elif not controllers:
            group = _v2_group(path)
        if group is not None:
            return group
    return None


@contextlib.contextmanager
def _new_group(group, size):
    """A group with its limit; gone when the block ends."""
    folder = group.folder / f"sluice-benchmark-{os.getpid()}"
    folder.mkdir()
    try:
        (folder / group.limit).write_text(str(size))
        with contextlib.suppress(OSError):  # v1 counts memory and swap together, v2 swap alone
            (folder / group.swap).write_text(str(size if group.limit != "memory.max" else 0))
        yield folder
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()


@contextlib.contextmanager
def _by_group(size):
    group = parent_group()
    if group is None:
        raise OSError("there is no memory cgroup to make another in")
    with _new_group(group, size) as folder:
        def enter():
            (folder / "cgroup.procs").write_text(str(os.getpid()))

        try:  # whether a process may move is known when one does
            subprocess.run(["true"], preexec_fn=enter, check=True)
        except subprocess.SubprocessError as problem:
            raise OSError(f"no process may be moved to {folder}") from problem
        yield Limit(f"memory cgroup ({group.limit}), {size / 2**20:.0f} MiB with socket buffers",
                    enter, lambda: group.read(folder, group.peak), lambda: group.hits(folder))


def _by_rlimit(size):
    return Limit(
        f"RLIMIT_DATA of {2 * size / 2**20:.0f} MiB (no memory cgroup): judge by the peak RSS",
        lambda: resource.setrlimit(resource.RLIMIT_DATA, (2 * size, 2 * size)),
        lambda: None, lambda: None)


@contextlib.contextmanager
def memory_limit(size, how):
    """`how`: cgroup, rlimit, or auto, which takes a cgroup where it may."""
    with contextlib.ExitStack() as stack:
        limit = None
        if how != "rlimit":
            try:
                limit = stack.enter_context(_by_group(size))
            except OSError:
                if how == "cgroup":
                    raise
        yield limit or _by_rlimit(size)
