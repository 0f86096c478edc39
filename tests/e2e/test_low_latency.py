"""Low-latency HLS through Sluice: what a player asks of the origin, and what it gets when."""

import json
import unittest
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

from harness.browser import play_in_browser, require_browser
from harness.case import PlaybackCase
from harness.frames import Reader, read_stream
from harness.low_latency import PARTS_PER_SEGMENT, LowLatencyOrigin
from harness.playlists import links, origin_of
from harness.processes import wait_for
from harness.web import Web

_SOURCE = "clips/low_latency.mp4"


class LowLatency(PlaybackCase):
    """A stream whose parts come into being while they are asked for."""

    def start_origin(self, parts: int, starts_by_itself: bool = False) -> LowLatencyOrigin:
        """An origin that ends with the test."""
        origin = LowLatencyOrigin(self.streams / _SOURCE, parts, starts_by_itself)
        return self.enterContext(origin)

    def playlist(self, origin: LowLatencyOrigin, query: str = "") -> str:
        """The rewritten playlist, asked for with delivery directives."""
        url = self.proxy.manifest(origin.url("index.m3u8"))
        url += ("&" if "?" in url else "?") + query
        with Web(origin_of(url)) as web:
            answer = web.ask(url)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.body.decode()

    def assert_leads_through_proxy(self, origin: LowLatencyOrigin, text: str) -> None:
        """Every address in a playlist leads through the proxy to what the origin has."""
        base = self.proxy.manifest(origin.url("index.m3u8"))
        found = links(text, base)
        self.assertGreater(len(found), PARTS_PER_SEGMENT)
        for link in found:
            self.assertEqual(origin_of(link.url), origin_of(base))
            name = urlsplit(self.proxy.destination_of(link.url)).path
            self.assertTrue(name.startswith("/ll/"), name)

    def test_reload_is_held_until_the_part_is_there(self) -> None:
        """_HLS_msn and _HLS_part reach the origin, which answers when it can."""
        origin = self.start_origin(6 * PARTS_PER_SEGMENT)
        with ThreadPoolExecutor(1) as pool:
            reload = pool.submit(self.playlist, origin, "_HLS_msn=6&_HLS_part=2")
            wait_for(lambda: origin.waiting() == 1 or reload.done(), 15, "the origin to be asked")
            self.assertFalse(reload.done(), "an answer before the part was there")
            origin.advance(3)
            text = reload.result(15)
        self.assertIn("part_32.m4s", text)
        self.assertIn("part_33.m4s", text.split("#EXT-X-PRELOAD-HINT", 1)[1])
        asked = origin.asked()[-1]
        self.assertEqual((asked.path, asked.held), ("/ll/index.m3u8", True))
        self.assertEqual(asked.query, {"_HLS_msn": "6", "_HLS_part": "2"})
        self.assert_leads_through_proxy(origin, text)

    def test_delta_update(self) -> None:
        """_HLS_skip reaches the origin; what it leaves out stays left out, reports stay true."""
        origin = self.start_origin(10 * PARTS_PER_SEGMENT)
        for query, skipped, segments in (("", "", 10), ("_HLS_skip=YES", "SKIPPED-SEGMENTS=4", 6)):
            with self.subTest(query):
                text = self.playlist(origin, query)
                self.assertIn(skipped, text)
                self.assertEqual(text.count("#EXTINF:"), segments)
                self.assertIn(",LAST-MSN=9,LAST-PART=4", text)
                self.assertEqual(list(origin.asked()[-1].query), ["_HLS_skip"] if query else [])
                self.assert_leads_through_proxy(origin, text)
        report = text.split("#EXT-X-RENDITION-REPORT", 1)[1]
        self.assertIn("other.m3u8", report)

    def test_hinted_part_streams_as_it_comes(self) -> None:
        """It is held while it does not exist; then its bytes come while the rest is missing."""
        origin = self.start_origin(6 * PARTS_PER_SEGMENT)
        text = self.playlist(origin)
        hint = text.split("#EXT-X-PRELOAD-HINT", 1)[1].splitlines()[0]
        base = self.proxy.manifest(origin.url("index.m3u8"))
        address = urlsplit(links(f"#EXT-X-PRELOAD-HINT{hint}", base)[0].url)
        first, second = origin.halves(6 * PARTS_PER_SEGMENT)
        connection = HTTPConnection(address.netloc, timeout=10)
        self.addCleanup(connection.close)
        connection.request("GET", f"{address.path}?{address.query}")
        wait_for(lambda: origin.waiting() == 1, 15, "the origin to be asked for the hinted part")
        origin.begin()
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        self.assertEqual(response.read(len(first)), first)
        wait_for(lambda: origin.waiting() == 1, 15, "the origin to wait for the second half")
        origin.advance()
        self.assertEqual(response.read(), second)

    def test_players(self) -> None:
        """hls.js takes the parts, with all that is to it; ffmpeg beside it the whole segments."""
        require_browser()
        origin = self.start_origin(7 * PARTS_PER_SEGMENT, starts_by_itself=True)
        through = self.proxy.manifest(origin.url("index.m3u8"))
        beside = Reader(through, self.folder, "proxied", ("-copyts",))
        self.addCleanup(beside.stop)
        master = self.proxy.manifest(origin.url("master.m3u8"))
        report = play_in_browser(master, self.folder, lowLatency=True, until=9)
        text = json.dumps(report, indent=1)
        self.assertEqual(report["outcome"], "played", text)
        self.assertEqual([error for error in report["errors"] if error["fatal"]], [], text)
        self.assertGreater(report["parts"], 0, text)
        self.assertGreater(report["deltas"], 0, text)
        asked = origin.asked()
        reloads = [one.query for one in asked if one.path.endswith(("index.m3u8", "other.m3u8"))]
        for name in ("_HLS_msn", "_HLS_part", "_HLS_skip"):
            self.assertTrue([query for query in reloads if name in query], f"no {name}: {text}")
        self.assertTrue([one for one in asked if one.held], "no reload was held")
        self.assertTrue([one for one in asked if one.path.startswith("/ll/part_")])

        origin.finish()
        seen = beside.result(30)
        direct = read_stream(origin.url("index.m3u8"), self.folder, "direct", ("-copyts",))
        for number in direct.copied.streams:
            ours, theirs = seen.copied.by_pts(number), direct.copied.by_pts(number)
            first = min(ours)
            self.assertEqual(ours, {at: one for at, one in theirs.items() if at >= first})


if __name__ == "__main__":
    unittest.main(verbosity=2)
