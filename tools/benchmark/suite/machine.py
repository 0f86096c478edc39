"""What the numbers were measured on and with."""

import os
import pathlib
import platform
import re
import subprocess

from suite.processes import find_program

TREE = pathlib.Path(__file__).resolve().parents[3]


def _output(*command):
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip()


def _cpu_model():
    found = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _memory_gib():
    found = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return round(int(found[1]) / 1024**2, 1)


def _system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()


def _version(pattern, *command):
    found = re.search(pattern, _output(*command))
    return found[1] if found else "unknown"


def describe_machine():
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gib": _memory_gib(),
        "system": _system(),
        "kernel": platform.release(),
        "load_before": os.getloadavg()[0],
    }


def describe_versions(sluice):
    return {
        "Sluice": _version(r"sluice (\S+)", sluice, "version"),
        "nginx": _version(r"nginx/(\S+)", find_program("nginx"), "-v"),
        "HAProxy": _version(r"version (\S+)", find_program("haproxy"), "-v"),
        "OpenSSL": _version(r"OpenSSL (\S+)", find_program("openssl"), "version"),
        "Python": platform.python_version(),
    }


def describe_commit():
    """The commit of this tree, and "changed" if files differ from it; empty without git."""
    commit = _output("git", "-C", TREE, "rev-parse", "--short=12", "HEAD")
    if not re.fullmatch("[0-9a-f]+", commit):
        return ""
    return commit + (" (changed)" if _output("git", "-C", TREE, "status", "--porcelain") else "")
