"""One round: the load generator, and what the proxy and the machine spent while it measured."""

import contextlib
import dataclasses
import json
import subprocess
import time

from suite.processes import BenchmarkError, cpu_seconds, machine_cpu_seconds, peak_rss_mb, rss_mb

SLOW_RATE = 64 * 1024
SLOW_RECEIVE_BUFFER = 16 * 1024
PROBE_INTERVAL = "100ms"


@dataclasses.dataclass
class Generator:
    """The load generator, and how long it warms up and measures."""

    binary: str
    seconds: float
    warm_up: float
    copies: bool = False  # bodies are copied to the client, as by wrk

    def start(self, url, connections, *more):
        command = [self.binary, "-url", url, "-connections", str(connections), "-duration",
                   f"{self.seconds}s", "-warm-up", f"{self.warm_up}s", *map(str, more)]
        if self.copies:
            command.append("-copy")
        return Load(subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True))


class Load:
    """A running load generator; stopped when the block ends."""

    def __init__(self, process):
        self.process = process

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def wait_for(self, word):
        line = self.process.stdout.readline()
        if line.strip() != word:
            self.process.kill()
            raise BenchmarkError(f"the load generator failed: {line}{self.process.stderr.read()}")

    def result(self):
        """After "end": its JSON."""
        text = self.process.stdout.read()
        if self.process.wait():
            raise BenchmarkError(f"the load generator failed: {self.process.stderr.read()}")
        return json.loads(text.strip().split("\n")[-1])


def slow_options(generator, files):
    """A slow client's flags, and a generator that waits until all are connected and paced."""
    longer = dataclasses.replace(generator, seconds=max(generator.seconds, 10), warm_up=3)
    return longer, ["-rate", SLOW_RATE, "-receive-buffer", SLOW_RECEIVE_BUFFER, "-ramp-up", "2s",
                    "-verify", "all", "-expect", files / "long.bin"]


def _counters(pid, origin):
    return cpu_seconds(pid) if pid else 0, machine_cpu_seconds(), time.monotonic(), origin.accepted()


def measured(load, pid, origin):
    """Waits for a load; its result with what was spent, and connected, while it measured."""
    load.wait_for("begin")
    before = _counters(pid, origin)
    load.wait_for("end")
    own, machine, elapsed, accepted = (
        late - early for early, late in zip(before, _counters(pid, origin)))
    return {**load.result(), "proxy_cpu_s": own if pid else None, "machine_cpu_s": machine,
            "cpu_window_s": elapsed, "origin_connections": accepted}


def run_round(generator, level, running, origin):
    """One round of `level`; the probe's result is under "probe" where there are slow clients."""
    url = running.url(level.object)
    if not level.slow:
        with generator.start(url, level.connections, "-expect", origin.files / level.object) as load:
            done = measured(load, running.pid, origin)
    else:
        generator, flags = slow_options(generator, origin.files)
        with contextlib.ExitStack() as stack:
            load = stack.enter_context(generator.start(url, level.connections, *flags))
            probe = stack.enter_context(generator.start(
                running.url("small.bin"), 1, "-interval", PROBE_INTERVAL, "-ramp-up", "2s",
                "-expect", origin.files / "small.bin"))
            done = measured(load, running.pid, origin)
            probe.wait_for("begin")
            probe.wait_for("end")
            done["probe"] = probe.result()
    if running.program:
        running.program.check()
    if running.pid:
        done["rss_mb"], done["peak_rss_mb"] = rss_mb(running.pid), peak_rss_mb(running.pid)
    return done
