"""Starting and stopping programs, and what /proc says of them."""

import contextlib
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_LOG_TAIL = 3000


class BenchmarkError(RuntimeError):
    """Something the benchmark cannot go on without; the text says what."""


def find_program(name):
    """Absolute path; the sbin folders count too, which users rarely have in PATH."""
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])
    found = shutil.which(name, path=places)
    if found is None:
        raise BenchmarkError(f"{name} is not installed (tools/bench installs what is missing)")
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def allow_many_files():
    """Lets all programs started from here open as many files as the system lets them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = 65536 if most == resource.RLIM_INFINITY else min(most, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most))


class Program:
    """A running program, which is stopped with its children when the block ends."""

    def __init__(self, name, command, folder, prepare=None):
        """`prepare` is called in the new process before it becomes the program."""
        self.name = name
        self.command = [str(part) for part in command]
        self.log = pathlib.Path(folder) / f"{name}.log"
        with open(self.log, "wb") as log:
            # A session of its own: Ctrl-C reaches the benchmark only, which then stops it.
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=prepare)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def stop(self):
        members = family(self.pid) if self.process.poll() is None else []
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
            return
        for member in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        self.process.wait()

    def check(self):
        """Fails when the program has ended."""
        if self.process.poll() is not None:
            raise BenchmarkError(
                f"{self.name} ended with {self.process.returncode}:\n{' '.join(self.command)}\n"
                f"{self.log_tail()}")

    def log_tail(self):
        return self.log.read_bytes()[-_LOG_TAIL:].decode(errors="replace")

    def wait_for_port(self, port):
        for _ in range(400):
            self.check()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.025)
        raise BenchmarkError(f"{self.name} does not listen on port {port}:\n{self.log_tail()}")


def family(pid):
    """The process and all that descend from it."""
    members = [pid]
    for member in members:
        for children in pathlib.Path(f"/proc/{member}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                members.extend(map(int, children.read_text().split()))
    return members


def cpu_seconds(pid):
    """CPU time of a process, its threads and its living children."""
    ticks = 0
    for member in family(pid):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_PER_SECOND


def machine_cpu_seconds():
    """Time the machine's cores were busy, whoever kept them so."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    idle, waiting = fields[3], fields[4]
    return (sum(fields) - idle - waiting) / TICKS_PER_SECOND


def _memory(pid, field):
    total = 0
    for member in family(pid):
        with contextlib.suppress(OSError):
            found = re.search(rf"{field}:\s+(\d+)", pathlib.Path(f"/proc/{member}/status").read_text())
            total += int(found[1]) * 1024 if found else 0
    return total / 1e6


def rss_mb(pid):
    """Resident memory of the process and its children, in 10^6 bytes; shared pages count in each."""
    return _memory(pid, "VmRSS")


def peak_rss_mb(pid):
    """The same at its peak since start or forget_peak(); the sum of each process' own peak."""
    return _memory(pid, "VmHWM")


def forget_peak(pid):
    """Starts the peak anew, where that is allowed."""
    for member in family(pid):
        with contextlib.suppress(OSError):
            pathlib.Path(f"/proc/{member}/clear_refs").write_text("5")
