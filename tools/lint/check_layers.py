#!/usr/bin/env python3
"""Checks the layer rule: which room may include which, and where third-party headers may appear.

    check_layers.py [tree]       checks include/ and src/ of the tree (default: this one)
    check_layers.py --self-test  proves on made-up trees that each kind of violation is found

A room is a folder of include/sluice/ and src/. It may include the rooms its row names, and nothing
else; a third-party header is included only in the rooms that its row names, so that a library can
be exchanged in one place. The link graph cannot see this: a header needs no library.
"""

import dataclasses
import pathlib
import re
import sys
import tempfile

# Room -> the rooms it may include, bottom-up. A room may always include itself.
FORMATS = {"hls", "dash", "mp4", "ts", "cenc"}
ROOMS = {
    "core": set(),
    "hls": {"core"},
    "dash": {"core"},
    "mp4": {"core"},
    "ts": {"core"},
    "cenc": {"core"},
    "media": {"core"} | FORMATS,
    "net": {"core"},
    "http": {"core", "net"},
    "upstream": {"core", "net", "http"},
    "access": {"core", "http"},
    "delivery": {"core", "media", "net", "http", "upstream"},
    "server": {"core", "net", "http", "access"},
}
ROOMS["routes"] = set(ROOMS)
ROOMS["app"] = set(ROOMS)

# Start of a header's name -> the rooms that may include it; None = every room. The longest start
# decides. A library without a row may not be used at all: add the row with the reason to use it.
ASIO_ROOMS = {"net", "http", "upstream", "delivery", "server", "routes", "app"}
THIRD_PARTY = {
    "boost/asio": ASIO_ROOMS,
    "boost/asio/ip": ASIO_ROOMS | {"access"},  # addresses as values
    "boost/beast": {"http"},
    "boost/intrusive": None,
    "boost/json": {"cenc", "access", "server", "routes", "app"},
    "boost/system": None,
    "CLI/": {"app"},
    "demo_clip.hpp": {"routes"},  # ours, generated from assets/demo by SluiceEmbed.cmake
    "fmt/": None,
    "openssl/": {"cenc", "net", "access"},
    "prometheus/": {"routes"},  # the text form of /metrics; counting is core's own
    "pugixml": {"core"},
    "spdlog/": {"core"},
    "toml++/": {"app"},
    "zlib.h": {"http"},
}

# Folders of the C library and the kernel: not third-party.
SYSTEM_FOLDERS = ("sys/", "netinet/", "net/", "arpa/", "linux/", "bits/")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
PRAGMA_ONCE = re.compile(r"^\s*#\s*pragma\s+once\b", re.MULTILINE)
SOURCE_SUFFIXES = {".cpp", ".hpp", ".h", ".ipp"}


@dataclasses.dataclass(frozen=True)
class Violation:
    path: pathlib.Path
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


def room_of(path):
    """The room of a file given relative to the tree, or None when it lies in none."""
    parts = path.parts
    if parts[:2] == ("include", "sluice") and len(parts) > 3:
        return parts[2]
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    return None


def check_room_include(room, name):
    """What is wrong with `room` including "sluice/<other>/...", or None."""
    parts = name.split("/")
    other = parts[1] if len(parts) > 2 else None
    if other not in ROOMS:
        return f'"{name}" belongs to no known room'
    if other == room or other in ROOMS[room]:
        return None
    allowed = ", ".join(r for r in ROOMS if r in ROOMS[room]) or "no other room"
    return f'"{name}": {room} may not include {other} (it may include {allowed})'


def check_library_include(room, name):
    """What is wrong with `room` including a header that is not ours, or None."""
    if name.startswith(SYSTEM_FOLDERS):
        return None
    matching = [start for start in THIRD_PARTY if name.startswith(start)]
    if not matching:
        is_library = "/" in name or name.endswith(".hpp")
        return f"<{name}>: this library has no row in check_layers.py" if is_library else None
    allowed = THIRD_PARTY[max(matching, key=len)]
    if allowed is None or room in allowed:
        return None
    rooms = ", ".join(r for r in ROOMS if r in allowed)
    return f"<{name}>: only {rooms} may include it, not {room}"


def check_include(tree, path, room, bracket, name):
    """What is wrong with one #include line, or None."""
    if ".." in name.split("/"):
        return f'"{name}": no ".." in an include'
    if name.startswith("sluice/"):
        return check_room_include(room, name)
    if bracket == '"':
        if (tree / path.parent / name).is_file() or (tree / "src" / room / name).is_file():
            return None
        return f'"{name}" is not in src/{room}; other rooms are included as "sluice/<room>/..."'
    return check_library_include(room, name)


def check_file(tree, path):
    """All violations in one file given relative to the tree."""
    text = (tree / path).read_text(encoding="utf-8")
    room = room_of(path)
    found = []
    if path.suffix in {".hpp", ".h"} and not PRAGMA_ONCE.search(text):
        found.append(Violation(path, 1, "a header starts with #pragma once"))
    if path.parts[0] == "tests":
        return found
    if room not in ROOMS:
        found.append(Violation(path, 1, "this file lies in no known room"))
        return found
    for number, line in enumerate(text.splitlines(), start=1):
        match = INCLUDE.match(line)
        wrong = check_include(tree, path, room, *match.groups()) if match else None
        if wrong:
            found.append(Violation(path, number, wrong))
    return found


def check_tree(tree):
    """(number of files looked at, violations) of a tree."""
    paths = sorted(
        path.relative_to(tree)
        for folder in ("include", "src", "tests")
        for path in (tree / folder).rglob("*")
        if path.suffix in SOURCE_SUFFIXES and "node_modules" not in path.parts
    )
    return len(paths), [violation for path in paths for violation in check_file(tree, path)]


# --- self-test ---------------------------------------------------------------------------------
# Why the row exists, the file, its lines, a part of the one message it must cause (None: clean).
CASES = [
    ("a room may include the rooms below it", "src/upstream/a.cpp",
     ['#include "sluice/net/x.hpp"'], None),
    ("a room may include itself", "src/hls/a.cpp", ['#include "sluice/hls/x.hpp"'], None),
    ("standard and system headers are free", "src/hls/a.cpp",
     ["#include <vector>", "#include <sys/uio.h>", "#include <fcntl.h>"], None),
    ("routes may include every room above", "src/routes/a.cpp",
     ['#include "sluice/mp4/x.hpp"'], None),
    ("upwards is wrong", "src/core/a.cpp",
     ['#include "sluice/net/x.hpp"'], "core may not include net"),
    ("sideways is wrong", "src/hls/a.cpp",
     ['#include "sluice/dash/x.hpp"'], "hls may not include dash"),
    ("a stage does no I/O", "src/media/a.cpp",
     ['#include "sluice/net/x.hpp"'], "media may not include net"),
    ("two levels up from a public header", "include/sluice/http/a.hpp",
     ["#pragma once", '#include "sluice/app/x.hpp"'], "http may not include app"),
    ("angle brackets are no way round", "src/core/a.cpp",
     ["#include <sluice/net/x.hpp>"], "core may not include net"),
    ("spaces are no way round", "src/core/a.cpp",
     ['  #  include  "sluice/net/x.hpp"'], "core may not include net"),
    ("dots are no way round", "src/core/a.cpp", ['#include "../net/x.hpp"'], 'no ".."'),
    ("another room's private header", "src/core/a.cpp",
     ['#include "net/private.hpp"'], "is not in src/core"),
    ("an own private header is fine", "src/net/a.cpp", ['#include "private.hpp"'], None),
    ("an unknown room", "src/core/a.cpp", ['#include "sluice/attic/x.hpp"'], "no known room"),
    ("a file in an unknown room", "src/attic/a.cpp", [], "in no known room"),
    ("a file in no room", "src/a.cpp", [], "in no known room"),
    ("Asio outside its rooms", "src/hls/a.cpp", ["#include <boost/asio/buffer.hpp>"], "not hls"),
    ("Beast outside http", "src/upstream/a.cpp",
     ["#include <boost/beast/http/parser.hpp>"], "only http"),
    ("OpenSSL outside its rooms", "src/http/a.cpp", ["#include <openssl/evp.h>"], "not http"),
    ("TOML below app", "src/server/a.cpp", ["#include <toml++/toml.h>"], "only app"),
    ("spdlog above core", "src/net/a.cpp", ["#include <spdlog/spdlog.h>"], "only core"),
    ("Prometheus below routes", "src/server/a.cpp",
     ["#include <prometheus/metric_family.h>"], "only routes"),
    ("pugixml above core", "src/hls/a.cpp", ["#include <pugixml.hpp>"], "only core"),
    ("a library nobody decided on", "src/core/a.cpp", ["#include <boost/regex.hpp>"], "no row"),
    ("a header without #pragma once", "include/sluice/core/a.hpp",
     ["#include <vector>"], "#pragma once"),
    ("a test header without #pragma once", "tests/support/a.hpp", [], "#pragma once"),
    ("tests may include every room", "tests/unit/a.cpp",
     ['#include "sluice/app/x.hpp"', "#include <openssl/evp.h>"], None),
]


def self_test():
    """Runs CASES, each in a tree of its own; returns the number that went wrong."""
    wrong = 0
    for why, name, lines, expected in CASES:
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder)
            for path, text in ((name, "\n".join(lines)), ("src/net/private.hpp", "#pragma once")):
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
                (tree / path).write_text(text + "\n", encoding="utf-8")
            _, found = check_tree(tree)
        messages = [str(violation) for violation in found]
        as_expected = len(messages) == 1 and expected in messages[0] if expected else not messages
        if not as_expected:
            wrong += 1
            print(f"self-test: {why}: expected {expected or 'nothing'}, got {messages}")
    print(f"self-test: {len(CASES) - wrong} of {len(CASES)} cases as expected")
    return wrong


def main(arguments):
    if arguments == ["--self-test"]:
        return 1 if self_test() else 0
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    tree = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parents[2]
    count, found = check_tree(tree)
    for violation in found:
        print(violation)
    if count == 0:
        print(f"check_layers: no sources in {tree}", file=sys.stderr)
        return 2
    print(f"check_layers: {count} files, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
