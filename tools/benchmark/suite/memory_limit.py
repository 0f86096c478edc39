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
    """Where this process' own memory cgroup is, and how that version of cgroups names its files."""

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


def own_group():
    """None where there are no memory cgroups."""
    for line in _OWN.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            mount, files = _mount_of("cgroup", "memory"), (
                "memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.memsw.limit_in_bytes")
        elif not controllers:
            mount, files = _mount_of("cgroup2", ""), ("memory.max", "memory.peak", "memory.swap.max")
        else:
            continue
        if mount is None:
            continue
        folder = mount[0] / os.path.relpath(path, mount[1])
        if (folder / "cgroup.controllers").exists() and "memory" not in (
                folder / "cgroup.controllers").read_text().split():
            continue
        return Group(folder, *files)
    return None


@contextlib.contextmanager
def _new_group(group, size):
    """A group below this process' own, with its limit; gone when the block ends."""
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
    group = own_group()
    if group is None:
        raise OSError("there is no memory cgroup")
    with _new_group(group, size) as folder:
        yield Limit(
            f"memory cgroup ({group.limit}), {size / 2**20:.0f} MiB with socket buffers",
            lambda: (folder / "cgroup.procs").write_text(str(os.getpid())),
            lambda: group.read(folder, group.peak), lambda: group.hits(folder))


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
