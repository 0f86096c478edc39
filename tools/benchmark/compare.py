#!/usr/bin/env python3
"""Sluice beside nginx's proxy_pass: the same files from the same origin, in interleaved rounds.

    compare.py [--sluice BINARY] [--rounds N] [--seconds S] [--connections C]

Starts an nginx origin, an nginx proxy and Sluice on loopback, loads the two proxies in turn with wrk,
and prints for each file the medians over the rounds: requests per second, GB per second, the proxy's
CPU time per request and per GB, and the whole machine's CPU time per GB (on loopback the kernel
charges one side's work to another). RSS is read idle before the first round and after the last.

Needs nginx and wrk. Nothing is tuned for one side: both have two workers and no request log, and
keep their connections to the origin.
"""

import argparse
import contextlib
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.parse

TREE = pathlib.Path(__file__).resolve().parents[2]
FILES = {"1 KiB": 1024, "7 MiB": 7 * 1024 * 1024}
TICK = os.sysconf("SC_CLK_TCK")
WORKERS = 2

COMMON = """
daemon off; worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
"""
ORIGIN = COMMON + "server {{ listen 127.0.0.1:{port}; root {files}; }} }}"
PROXY = COMMON + """
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffer_size 64k; proxy_buffers 8 64k; proxy_busy_buffers_size 128k;
      proxy_max_temp_file_size 0;
    }}
  }}
}}"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


@contextlib.contextmanager
def running(*command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def nginx(folder, template, **values):
    folder.mkdir()
    config = folder / "nginx.conf"
    config.write_text(template.format(folder=folder, workers=WORKERS, **values))
    with running(shutil.which("nginx") or "/usr/sbin/nginx", "-p", folder, "-c", config) as pid:
        wait_for_port(values["port"])
        yield pid


def family(pid):
    """The process and its children."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def cpu_seconds(pid):
    total = 0
    for member in family(pid):
        fields = pathlib.Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def machine_seconds():
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICK


def rss_mb(pid):
    total = 0
    for member in family(pid):
        status = pathlib.Path(f"/proc/{member}/status").read_text()
        total += int(re.search(r"VmRSS:\s+(\d+)", status)[1])
    return total / 1000


def load(pid, url, seconds, connections):
    """One round of wrk: (requests, bytes of body and heads, seconds, CPU own, CPU of the machine)."""
    before = cpu_seconds(pid), machine_seconds(), time.monotonic()
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", url],
                          capture_output=True, text=True, check=True).stdout
    after = cpu_seconds(pid), machine_seconds(), time.monotonic()
    if "Non-2xx" in done or "Socket errors" in done:
        raise SystemExit(f"{url} failed under load:\n{done}")
    requests, size, unit = re.search(r"(\d+) requests in [\d.]+\w+, ([\d.]+)(\w+) read", done).groups()
    scale = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}[unit]
    own, whole, elapsed = (b - a for a, b in zip(before, after))
    return int(requests), float(size) * scale, elapsed, own, whole


def row(name, rounds):
    median = statistics.median
    return (f"| {name} | {median(r / t for r, _, t, _, _ in rounds):,.0f} "
            f"| {median(b / t / 1e9 for _, b, t, _, _ in rounds):.2f} "
            f"| {median(own / r * 1e6 for r, _, _, own, _ in rounds):.1f} "
            f"| {median(own / (b / 1e9) for _, b, _, own, _ in rounds):.2f} "
            f"| {median(whole / (b / 1e9) for _, b, _, _, whole in rounds):.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sluice", default=str(TREE / "build/release/sluice"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=50)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sluice-bench-")))
        folder.chmod(0o755)
        files = folder / "files"
        files.mkdir()
        for name, size in FILES.items():
            (files / name.replace(" ", "")).write_bytes(os.urandom(size))
        origin, proxy, port = free_port(), free_port(), free_port()
        stack.enter_context(nginx(folder / "origin", ORIGIN, port=origin, files=files))
        nginx_pid = stack.enter_context(nginx(folder / "proxy", PROXY, port=proxy, origin=origin))
        sluice_pid = stack.enter_context(running(
            options.sluice, "serve", "--listen", f"127.0.0.1:{port}", "--set", "upstream.reach=any",
            "--set", "log.requests=false", "--set", f"server.workers={WORKERS}"))
        wait_for_port(port)
        idle = {"Sluice": rss_mb(sluice_pid), "nginx": rss_mb(nginx_pid)}
        for name in FILES:
            path = "/" + name.replace(" ", "")
            quoted = urllib.parse.quote(f"http://127.0.0.1:{origin}{path}", safe="")
            sides = {
                "Sluice": (sluice_pid, f"http://127.0.0.1:{port}/proxy/stream?d={quoted}"),
                "nginx": (nginx_pid, f"http://127.0.0.1:{proxy}{path}"),
            }
            results = {side: [] for side in sides}
            for _ in range(options.rounds):
                for side, (pid, url) in sides.items():
                    results[side].append(load(pid, url, options.seconds, options.connections))
            print(f"\n{name}, {options.connections} connections, {options.rounds} rounds of "
                  f"{options.seconds} s\n")
            print("| proxy | requests/s | GB/s | CPU us/request | CPU-s/GB | whole machine CPU-s/GB |")
            print("|---|---|---|---|---|---|")
            for side in sides:
                print(row(side, results[side]), flush=True)
        print("\nRSS idle / after: " + ", ".join(
            f"{side} {idle[side]:.1f} / {rss_mb(pid):.1f} MB"
            for side, pid in (("Sluice", sluice_pid), ("nginx", nginx_pid))))


if __name__ == "__main__":
    main()
