#!/usr/bin/env python3
"""Looks for secrets in the logs that a run of the tests has left.

    check_logs.py begin <folder>   empties the folder, before the tests
    check_logs.py <folder>         fails when a line in it shows what no log may show
    check_logs.py --self-test      proves on made-up lines that each kind is found

What no log may show: the passwords of the tests, tokens, and the query of a URL, where clients send
destinations and keys.
"""

import pathlib
import re
import shutil
import sys

# The passwords used in tests; a new one belongs here. Short words that logs use anyway are left out.
PASSWORDS = (
    "orchid",
    "tulip",
    "s3cret",
    "pass-word",
    "pass word",
    "p%40ss",
    "p@ss",
    "secret",
    "w0rd",
    "wr0ng",
)
FORBIDDEN = [
    ("a password", re.compile("|".join(re.escape(word) for word in PASSWORDS))),
    ("a token", re.compile(r"_token_[\w-]{8}|[?&]token=[\w-]|\b2\.[\w-]{30}")),
    ("a query", re.compile(r"[?&](?:d|url|api_password|h_\w+|key|key_id)=")),
    ("a login", re.compile(r"://[^/\s\"]*:[^/\s\"]*@")),
]

SAMPLES = (
    "GET /proxy/stream?d=x 200",
    "password tulip is wrong",
    "GET /_token_f-9C1lOjVRv5/proxy/stream 401",
    "through http://user:word@proxy.example",
)
HARMLESS = (
    "2026-01-01T00:00:00.000Z info 0123456789abcdef 127.0.0.1 GET /proxy/stream 200 10 B",
    "cannot reach http://127.0.0.1:80/path",
    "setting auth.api_password has changed",
)


def findings(text):
    """(line number, what, line) of every line that shows something."""
    for number, line in enumerate(text.splitlines(), 1):
        for what, pattern in FORBIDDEN:
            if pattern.search(line):
                yield number, what, line


def self_test():
    missed = [line for line in SAMPLES if not list(findings(line))]
    wrong = [line for line in HARMLESS if list(findings(line))]
    for line in missed + wrong:
        print(f"judged wrongly: {line}")
    return 1 if missed or wrong else 0


def check(folder):
    found = 0
    files = sorted(folder.glob("*.log"))
    for path in files:
        for number, what, line in findings(path.read_text(encoding="utf-8", errors="replace")):
            print(f"{path.name}:{number}: {what}: {line[:300]}")
            found += 1
    print(f"{len(files)} logs, {found} lines that show too much")
    return 1 if found else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) == 2 and arguments[0] == "begin":
        folder = pathlib.Path(arguments[1])
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return 0
    return check(pathlib.Path(arguments[0]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
