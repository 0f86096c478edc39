"""Sluice's answers seen byte by byte: playlists, segments, ranges, password."""

import json
import unittest
from urllib.parse import quote, quote_plus, unquote, urlsplit

from harness.case import PASSWORD, PlaybackCase, needs_sluice
from harness.clips import CLIPS
from harness.playlists import lines_without_address, links, origin_of, variants, walk
from harness.sluice import direct_mode
from harness.streams import SECONDS, SEGMENT_SECONDS, VOD_PLAYLISTS
from harness.web import Web

# Those whose addresses lead to themselves: what is redirected has another address at its end.
PLAYLISTS = [
    *((why, path) for why, path, _ in VOD_PLAYLISTS),
    *((clip.why, clip.path) for clip in CLIPS if "redirected" not in clip.why),
]


class OpenServer(PlaybackCase):
    """Without a password."""

    def test_every_address_leads_through_sluice(self) -> None:
        """Playlists, segments, keys, init segments; and each is the origin's, unchanged."""
        for why, path in PLAYLISTS:
            with self.subTest(why), Web(self.proxy.origin) as ours, Web(
                self.nginx.origin
            ) as theirs:
                url = self.nginx.url(path)
                expected = walk(theirs, url)
                tree = walk(ours, self.proxy.manifest(url))
                self.assertEqual(
                    {origin_of(found) for found in tree.all_urls()}, {self.proxy.origin}
                )
                self.assertEqual(
                    sorted(map(self.proxy.destination_of, tree.playlists)),
                    sorted(expected.playlists),
                )
                self.assertEqual(
                    sorted(map(self.proxy.destination_of, tree.media)), sorted(expected.media)
                )
                self.assertGreater(len(tree.media), 0)
                for found in tree.media:
                    original = theirs.ask(self.proxy.destination_of(found))
                    answer = ours.ask(found)
                    self.assertEqual(answer.status, 200, found)
                    self.assertEqual(answer.body, original.body, found)
                    if original.headers["content-type"] != "application/octet-stream":
                        self.assertEqual(
                            answer.headers["content-type"], original.headers["content-type"], found
                        )

    def test_playlists_keep_everything_but_addresses(self) -> None:
        """All lines survive byte for byte and in order, but for the addresses in them."""
        for why, path in PLAYLISTS:
            with self.subTest(why), Web(self.proxy.origin) as ours, Web(
                self.nginx.origin
            ) as theirs:
                tree = walk(ours, self.proxy.manifest(self.nginx.url(path)))
                for found, text in tree.playlists.items():
                    original = theirs.ask(self.proxy.destination_of(found)).body.decode()
                    self.assertEqual(lines_without_address(text), lines_without_address(original))
                    self.assertEqual(len(links(text, found)), len(links(original, found)))
                    self.assertEqual(variants(text), variants(original))

    @needs_sluice
    def test_origin_connections_are_used_again(self) -> None:
        """One client asking for one segment after the other costs the origin two at most."""
        with Web(self.proxy.origin) as ours:
            before = len(self.nginx.asked())
            tree = walk(ours, self.proxy.manifest(self.nginx.url("/ts/master.m3u8")))
            for found in tree.media:
                ours.ask(found)
        asked = self.nginx.asked()[before:]
        self.assertEqual(len(asked), len(tree.all_urls()))
        self.assertLessEqual(len({one.connection for one in asked}), 2)

    def test_missing_stream_is_reported_as_missing(self) -> None:
        """The origin's 404 is Sluice's 404, on every endpoint."""
        missing = self.nginx.url("/ts/none.m3u8")
        segment = self.nginx.url("/ts/low/none.ts")
        with Web(self.proxy.origin) as ours:
            for url in (
                self.proxy.manifest(missing),
                self.proxy.stream(missing),
                self.proxy.segment(segment, "ts"),
            ):
                answer = ours.ask(url)
                self.assertEqual(answer.status, 404, url)
                if not direct_mode():
                    self.assertEqual(set(json.loads(answer.body)), {"detail", "error"})
                    self.assertEqual(answer.headers.get("access-control-allow-origin"), "*")

    @needs_sluice
    def test_health(self) -> None:
        """/health says so, without asking any origin."""
        before = len(self.nginx.asked())
        with Web(self.proxy.origin) as ours:
            answer = ours.ask(self.proxy.origin + "/health")
        self.assertEqual((answer.status, json.loads(answer.body)), (200, {"status": "healthy"}))
        self.assertEqual(len(self.nginx.asked()), before)


@needs_sluice
class WithPassword(PlaybackCase):
    """With a password."""

    password = PASSWORD

    def test_every_address_carries_the_password(self) -> None:
        """What a playlist leads to can be fetched as it stands there."""
        for why, path, _ in VOD_PLAYLISTS:
            with self.subTest(why), Web(self.proxy.origin) as ours:
                tree = walk(ours, self.proxy.manifest(self.nginx.url(path)))
                for found in tree.all_urls():
                    self.assertEqual(origin_of(found), self.proxy.origin)
                    self.assertEqual(ours.ask(found).status, 200, found)

    def test_refused_without_the_password(self) -> None:
        """403 in JSON that a web page may read; the origin is not asked."""
        url = self.nginx.url("/ts/master.m3u8")
        before = len(self.nginx.asked())
        with Web(self.proxy.origin) as ours:
            for why, wrong in (("none", ""), ("a wrong one", "wrong"), ("a beginning", "pass")):
                for address in (self.proxy.manifest(url, wrong), self.proxy.stream(url, wrong)):
                    with self.subTest(why, address=address):
                        answer = ours.ask(address)
                        self.assertEqual(answer.status, 403)
                        self.assertEqual(set(json.loads(answer.body)), {"detail", "error"})
                        self.assertEqual(answer.headers.get("access-control-allow-origin"), "*")
                        self.assertNotIn(PASSWORD, answer.body.decode())
        self.assertEqual(len(self.nginx.asked()), before)

    def test_password_in_a_header(self) -> None:
        """The header api_password serves as well as the parameter."""
        url = self.proxy.stream(self.nginx.url("/media/low.mp4"), "")
        with Web(self.proxy.origin) as ours:
            answer = ours.ask(url, headers={"api_password": PASSWORD})
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.body, (self.streams / "media/low.mp4").read_bytes())
            self.assertEqual(ours.ask(url, headers={"api_password": "wrong"}).status, 403)

    def test_password_is_not_sent_to_the_origin(self) -> None:
        """No form of it, and not even the parameter's name. (The logs are looked at in the end.)"""
        url = self.nginx.url("/aes/index.m3u8")
        with Web(self.proxy.origin) as ours:
            for found in walk(ours, self.proxy.manifest(url)).media:
                ours.ask(found)
        seen = [one.uri for one in self.nginx.asked()]
        self.assertIn("/aes/key.bin?id=7", seen)
        for uri in seen:
            for secret in (PASSWORD, quote(PASSWORD), quote_plus(PASSWORD)):
                self.assertNotIn(secret, unquote(uri) + uri)
            self.assertNotIn("api_password", uri)


class Bytes(PlaybackCase):
    """Answers to HEAD and Range requests beside nginx's own."""

    SIZE = 3 << 20
    PASSED_HEADERS = (
        "content-type",
        "content-length",
        "content-range",
        "last-modified",
        "etag",
        "cache-control",
    )

    # Why the row exists; the Range header.
    RANGES = (
        ("whole file", None),
        ("first byte only", "bytes=0-0"),
        ("inside", "bytes=1000-2999"),
        ("more than any buffer", "bytes=1-2000000"),
        ("open end", "bytes=3145000-"),
        ("last bytes", "bytes=-100"),
        ("whole file as a range", "bytes=0-"),
        ("end beyond the file", "bytes=3145720-9999999"),
        ("suffix longer than the file", "bytes=-9999999"),
        ("beyond the file", "bytes=3145728-"),
    )

    def compare(self, path: str, through: str, method: str, headers: dict[str, str]) -> int:
        """Asks both for the same; returns the status they agree on."""
        with Web(self.nginx.origin) as theirs:
            expected = theirs.ask(self.nginx.url(path), method, headers)
        answer = self.ours.ask(through, method, headers)
        self.assertEqual(answer.status, expected.status)
        if expected.status >= 400:
            # The error page is each server's own; what it says about the file is not.
            self.assertEqual(answer.headers.get("content-range"), expected.headers["content-range"])
            return expected.status
        self.assertEqual(
            [(name, answer.headers.get(name)) for name in self.PASSED_HEADERS],
            [(name, expected.headers.get(name)) for name in self.PASSED_HEADERS],
        )
        self.assertIn(answer.headers.get("accept-ranges", "bytes"), "bytes")
        self.assertEqual(answer.body, expected.body)
        if not direct_mode():
            self.assertNotIn("set-cookie", answer.headers)
            self.assertEqual(answer.headers.get("accept-ranges"), "bytes")
        return expected.status

    def setUp(self) -> None:
        """All requests of a test go over one connection, so that a wrong length would show."""
        self.ours = Web(self.proxy.origin)
        self.addCleanup(self.ours.__exit__)

    def test_answers_equal_the_origins(self) -> None:
        """GET and HEAD, whole and in ranges, through /proxy/stream and the segment endpoint."""
        path = "/files/blob.bin"
        url = self.nginx.url(path)
        statuses = set()
        for through in (self.proxy.stream(url), self.proxy.segment(url, "bin")):
            for method in ("GET", "HEAD"):
                for why, wanted in self.RANGES:
                    with self.subTest(why, method=method, through=urlsplit(through).path):
                        headers = {"Range": wanted} if wanted else {}
                        statuses.add(self.compare(path, through, method, headers))
        self.assertEqual(statuses, {200, 206, 416})

    def test_if_range_is_the_origins_to_judge(self) -> None:
        """A matching ETag or date gives the part, any other the whole file."""
        path = "/files/blob.bin"
        url = self.nginx.url(path)
        with Web(self.nginx.origin) as theirs:
            known = theirs.ask(url, "HEAD").headers
        for why, condition, status in (
            ("matching ETag", known["etag"], 206),
            ("matching date", known["last-modified"], 206),
            ("other ETag", '"other"', 200),
            ("other date", "Thu, 01 Jan 1970 00:00:00 GMT", 200),
        ):
            with self.subTest(why):
                headers = {"Range": "bytes=5-14", "If-Range": condition}
                self.assertEqual(self.compare(path, self.proxy.stream(url), "GET", headers), status)

    def test_byte_range_segments_are_the_origins_bytes(self) -> None:
        """The ranges a player asks for when it plays the EXT-X-BYTERANGE stream."""
        playlist = (self.streams / "byterange/index.m3u8").read_text()
        ranges = [line.split(":")[1] for line in playlist.splitlines() if "X-BYTERANGE:" in line]
        self.assertEqual(len(ranges), SECONDS // SEGMENT_SECONDS)
        path = "/byterange/all.m4s"
        through = self.proxy.segment(self.nginx.url(path), "m4s")
        for wanted in ranges:
            length, start = map(int, wanted.split("@"))
            headers = {"Range": f"bytes={start}-{start + length - 1}"}
            self.assertEqual(self.compare(path, through, "GET", headers), 206)


if __name__ == "__main__":
    unittest.main(verbosity=2)
