"""Origins fetched through real outgoing proxies: tinyproxy, Squid, microsocks, Dante."""

import json
import socket
import subprocess
import time
import unittest
from typing import Sequence

from harness.case import PlaybackCase, needs_sluice
from harness.frames import read_stream
from harness.nginx import Asked, Certificate, free_port
from harness.playlists import origin_of, walk
from harness.processes import clean_environment
from harness.proxies import (
    ONLY_SQUID_KNOWS,
    PASSWORD,
    TINY_PASSWORD,
    TINY_USER,
    USER,
    ProxyServer,
    Socks4a,
    dante,
    microsocks,
    squid,
    tinyproxy,
)
from harness.sluice import Sluice, sluice_binary
from harness.web import Answer, Web

QUICK_SECONDS = 4


@needs_sluice
class OutgoingProxies(PlaybackCase):
    """A part of the origin answers only to the addresses that the proxies connect from."""

    guarded = True
    servers: list[ProxyServer]
    # Why the row exists (kind and program), its URL, the server behind it.
    kinds: list[tuple[str, str, ProxyServer]]

    @classmethod
    def setUpClass(cls) -> None:
        """Starts the proxies beside the other servers."""
        super().setUpClass()
        cls.folder.chmod(0o755)  # Squid may become another user
        certificate = Certificate(cls.folder / "cert.pem", cls.folder / "key.pem")
        start = cls.enterClassContext
        tiny = start(tinyproxy(cls.folder))
        squids = squid(cls.folder, certificate)
        for one in squids:
            start(one)
        login = start(microsocks(cls.folder, True))
        open_one = start(microsocks(cls.folder, False))
        danted = start(dante(cls.folder))
        four = start(Socks4a())
        cls.servers = [tiny, *squids, login, open_one, danted, four]
        cls.kinds = [
            ("http, tinyproxy with login", tiny.url("http", TINY_USER, TINY_PASSWORD), tiny),
            ("http, Squid", squids[0].url("http"), squids[0]),
            ("https, Squid", squids[1].url("https"), squids[1]),
            ("socks4, Dante", danted.url("socks4"), danted),
            ("socks4a", four.url("socks4a"), four),
            ("socks5, Dante", danted.url("socks5"), danted),
            ("socks5h, Dante", danted.url("socks5h"), danted),
            ("socks5, microsocks", open_one.url("socks5"), open_one),
            ("socks5, microsocks with login", login.url("socks5", USER, PASSWORD), login),
            ("socks5h, microsocks with login", login.url("socks5h", USER, PASSWORD), login),
        ]

    def report(self) -> str:
        """With what the proxies have to say."""
        return "\n".join([super().report(), *(one.report() for one in self.servers)])

    def start(self, *settings: str) -> Sluice:
        """A Sluice with these settings that trusts the origin's certificate."""
        folder = self.folder / f"sluice-{time.monotonic_ns()}"
        folder.mkdir()
        sluice = Sluice(
            folder, more_settings=[f"upstream.ca_file={self.folder / 'cert.pem'}", *settings]
        )
        self.addCleanup(self.end, sluice)
        return sluice

    def end(self, sluice: Sluice) -> None:
        """It leaves in peace, and no secret of a proxy is in its output."""
        with sluice:
            sluice.end()
            for secret in (PASSWORD, TINY_PASSWORD, "wr0ng"):
                self.assertNotIn(secret, sluice.stdout() + sluice.stderr())

    def all_through(self, url: str) -> Sluice:
        """A Sluice that asks this proxy for everything."""
        return self.start(f"proxy.proxy_url={url}", "proxy.all_proxy=true")

    def kind(self, name: str) -> str:
        """The URL of the kind whose row begins so."""
        return next(url for why, url, _ in self.kinds if why.startswith(name))

    def ask(self, sluice: Sluice, url: str, **more: object) -> Answer:
        """One request for a whole file through this Sluice."""
        with Web(sluice.origin) as web:
            return web.ask(sluice.stream(url), **more)  # type: ignore[arg-type]

    def asked_since(self, before: int) -> list[Asked]:
        """What the origin was asked after it had been asked `before` times."""
        return self.nginx.asked()[before:]

    def assert_refused(self, answer: Answer, status: int, words: str) -> None:
        """An error of Sluice's own, which says what is wrong and gives nothing away."""
        self.assertEqual(answer.status, status, answer.body)
        detail = json.loads(answer.body)["detail"]
        self.assertIn(words, detail)
        for secret in (USER, PASSWORD, TINY_USER + ":", TINY_PASSWORD, "wr0ng", "://"):
            self.assertNotIn(secret, detail)

    def test_guarded_origins_refuse_us(self) -> None:
        """What proves in the other tests that a proxy was used."""
        self.assertEqual(self.ask(self.start(), self.nginx.guarded + "/files/blob.bin").status, 403)

    def test_every_kind_fetches_files_ranges_and_playlists(self) -> None:
        """From http and https origins; each request comes from the proxy's address."""
        blob = (self.streams / "files/blob.bin").read_bytes()
        for why, url, server in self.kinds:
            sluice = self.all_through(url)
            for origin in (self.nginx.guarded, self.nginx.secure):
                with self.subTest(why, origin=origin), Web(sluice.origin) as web:
                    before = len(self.nginx.asked())
                    file = sluice.stream(origin + "/files/blob.bin")
                    answer = web.ask(file)
                    self.assertEqual((answer.status, answer.body == blob), (200, True))
                    answer = web.ask(file, headers={"Range": "bytes=1000000-1999999"})
                    self.assertEqual(answer.status, 206)
                    self.assertEqual(answer.body, blob[1_000_000:2_000_000])
                    answer = web.ask(file, "HEAD")
                    self.assertEqual(answer.headers["content-length"], str(len(blob)))
                    self.assert_same_tree(web, sluice, origin)
                    asked = [
                        one for one in self.asked_since(before) if one.host == origin.split("//")[1]
                    ]
                    self.assertGreater(len(asked), 10)
                    self.assertEqual({one.peer for one in asked}, {server.address})
                    self.assertNotIn(403, {one.status for one in asked})

    def assert_same_tree(self, web: Web, sluice: Sluice, origin: str) -> None:
        """A master playlist and all it leads to, signed addresses among it."""
        tree = walk(web, sluice.manifest(origin + "/ts/master.m3u8"))
        self.assertGreater(len(tree.media), 10)
        with Web(self.nginx.origin) as direct:
            for found in tree.media:
                self.assertEqual(origin_of(found), sluice.origin)
                original = sluice.destination_of(found)
                self.assertTrue(original.startswith(origin))
                expected = direct.ask(self.nginx.origin + original[len(origin) :])
                self.assertEqual(web.ask(found).body, expected.body)

    def test_connections_are_used_again(self) -> None:
        """Through each kind a few connections serve many requests."""
        for why, url, _ in self.kinds:
            if "tinyproxy" in why:
                continue  # it closes after each answer
            sluice = self.all_through(url)
            with self.subTest(why), Web(sluice.origin) as web:
                before = len(self.nginx.asked())
                for _ in range(10):
                    web.ask(sluice.stream(self.nginx.secure + "/aes/key.bin"))
                connections = {one.connection for one in self.asked_since(before)}
                self.assertLessEqual(len(connections), 2)

    def test_players_see_the_same_frames(self) -> None:
        """ffmpeg, through TLS inside TLS and through SOCKS, against the origin itself."""
        direct = read_stream(self.nginx.url("/fmp4/master.m3u8"), self.folder, "direct")
        for kind in ("https, Squid", "socks5h, microsocks with login", "http, tinyproxy"):
            with self.subTest(kind):
                sluice = self.all_through(self.kind(kind))
                url = sluice.manifest(self.nginx.secure + "/fmp4/master.m3u8")
                proxied = read_stream(url, self.folder, "proxied")
                self.assertEqual(proxied.errors, "")
                self.assertGreater(len(direct.decoded.streams[0]), 100)
                self.assertEqual(direct.copied, proxied.copied)
                self.assertEqual(direct.decoded, proxied.decoded)

    def test_wrong_logins_are_reported(self) -> None:
        """502 with the cause, for every way of asking; the origin is not asked."""
        tiny, login = self.servers[0], self.servers[3]
        before = len(self.nginx.asked())
        for url in (
            tiny.url("http", TINY_USER, "wr0ng"),
            tiny.url("http"),
            login.url("socks5", USER, "wr0ng"),
            login.url("socks5h", "somebody", PASSWORD),
            login.url("socks5"),
        ):
            sluice = self.all_through(url)
            for origin in (self.nginx.guarded, self.nginx.secure):
                if "wr0ng" in url and url.startswith("http:") and origin == self.nginx.guarded:
                    continue  # tinyproxy answers 401 then, as an origin might
                with self.subTest(url, origin=origin):
                    answer = self.ask(sluice, origin + "/files/blob.bin")
                    self.assert_refused(answer, 502, "user name and password")
        self.assertEqual(self.asked_since(before), [])

    def test_a_proxy_that_is_down_is_reported_quickly(self) -> None:
        """502 with the cause, for every kind."""
        for kind in ("http", "https", "socks4", "socks4a", "socks5", "socks5h"):
            sluice = self.all_through(f"{kind}://127.0.0.1:{free_port()}")
            with self.subTest(kind):
                began = time.monotonic()
                answer = self.ask(sluice, self.nginx.secure + "/files/blob.bin")
                self.assertLess(time.monotonic() - began, QUICK_SECONDS)
                self.assert_refused(answer, 502, "outgoing proxy failed: it does not accept")

    def test_a_proxy_that_hangs_costs_the_dial_time_out(self) -> None:
        """504 with the cause."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            for kind in ("http", "socks4", "socks5h"):
                url = f"{kind}://127.0.0.1:{silent.getsockname()[1]}"
                sluice = self.start(
                    f"proxy.proxy_url={url}", "proxy.all_proxy=true", "upstream.dial_timeout=0.5"
                )
                with self.subTest(kind):
                    answer = self.ask(sluice, self.nginx.secure + "/files/blob.bin")
                    self.assert_refused(answer, 504, "outgoing proxy did not answer in time")

    def test_an_origin_that_is_down_is_not_the_proxys_fault(self) -> None:
        """502 that says that the proxy did not connect."""
        for why, url, _ in self.kinds:
            with self.subTest(why):
                answer = self.ask(self.all_through(url), f"https://localhost:{free_port()}/")
                self.assert_refused(answer, 502, "proxy does not connect to the origin")

    def test_each_redirect_takes_its_own_route(self) -> None:
        """From a direct origin to a proxied one and back."""
        port = self.nginx.guarded.rsplit(":", 1)[1]
        blob = (self.streams / "files/blob.bin").read_bytes()
        for why, url, server in self.kinds:
            routes = json.dumps({f"all://*:{port}": {"proxy_url": url}})
            sluice = self.start(f"proxy.transport_routes={routes}")
            with self.subTest(why):
                before = len(self.nginx.asked())
                answer = self.ask(sluice, self.nginx.url("/hop/there"))
                self.assertEqual((answer.status, answer.body == blob), (200, True))
                self.assertEqual(
                    [(one.uri, one.peer) for one in self.asked_since(before)],
                    [
                        ("/hop/there", "127.0.0.1"),
                        ("/hop/back", server.address),
                        ("/files/blob.bin", "127.0.0.1"),
                    ],
                )

    def test_verification_is_off_for_one_host_only(self) -> None:
        """By name without, by address with verification of the same untrusted certificate."""
        routes = json.dumps({"https://localhost": {"verify_ssl": False}})
        sluice = self.start(
            "upstream.ca_file=",
            f"proxy.transport_routes={routes}",
            f"proxy.proxy_url={self.kind('socks5h, microsocks')}",
            "proxy.all_proxy=true",
        )
        by_name = self.nginx.secure + "/aes/key.bin"
        for _ in range(2):
            self.assertEqual(self.ask(sluice, by_name).status, 200)
            answer = self.ask(sluice, by_name.replace("localhost", "127.0.0.1"))
            self.assert_refused(answer, 502, "certificate was refused")

    def test_names_are_looked_up_where_they_should_be(self) -> None:
        """A name that only Squid knows: found through it, not by Sluice."""
        url = self.nginx.guarded.replace("localhost", ONLY_SQUID_KNOWS) + "/aes/key.bin"
        for kind in ("http, Squid", "https, Squid"):
            with self.subTest(kind):
                self.assertEqual(self.ask(self.all_through(self.kind(kind)), url).status, 200)
        for kind in ("socks5, Dante", "socks4, Dante"):
            with self.subTest(kind):
                answer = self.ask(self.all_through(self.kind(kind)), url)
                self.assert_refused(answer, 502, "host name was not found")

    def test_the_environment_names_a_proxy(self) -> None:
        """HTTP_PROXY and its like are not read; ALL_PROXY is, as compatible servers do."""
        url = "http://proxy.example:3128"
        env = clean_environment()
        env.update({name: url for name in ("http_proxy", "HTTP_PROXY", "HTTPS_PROXY")})
        listing = self.check_config(env=env)
        self.assertIn('proxy_url = "" ', listing)
        self.assertIn("all_proxy = false", listing)
        listing = self.check_config(env={**env, "all_proxy": url})
        self.assertIn(f'proxy_url = "{url}"', listing)
        self.assertIn("all_proxy = true", listing)
        self.assertIn("# environment all_proxy", listing)

    def test_listing_hides_logins(self) -> None:
        """check-config shows which proxy, but not how to log in."""
        url = self.kind("socks5h, microsocks with login")
        routes = json.dumps({"all://a.example": {"proxy_url": url}})
        listing = self.check_config(
            f"proxy.proxy_url={url}", f"proxy.transport_routes={routes}", env=clean_environment()
        )
        self.assertIn("socks5h://********@127.0.0.1:", listing)
        self.assertIn('"all://a.example" = { proxy = true, proxy_url = "socks5h://***', listing)
        self.assertNotIn("s3cret", listing)

    @staticmethod
    def check_config(*settings: str, env: dict[str, str]) -> str:
        """What `sluice check-config` prints."""
        words: Sequence[str] = [word for one in settings for word in ("--set", one)]
        return subprocess.run(
            [sluice_binary(), "check-config", *words],
            env=env,
            check=True,
            capture_output=True,
            text=True,
            timeout=30,
        ).stdout


if __name__ == "__main__":
    unittest.main()
