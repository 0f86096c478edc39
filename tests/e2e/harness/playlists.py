"""Every address in an HLS playlist, and in the playlists it leads to."""

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from .web import Web

_URI_ATTRIBUTE = re.compile(r'[:,]URI="([^"]*)"')


@dataclass(frozen=True)
class Link:
    """An address as it stands in a playlist, made absolute."""

    url: str
    is_playlist: bool


@dataclass
class Tree:
    """A playlist and all it leads to, in the order of reading; each address once."""

    playlists: dict[str, str] = field(default_factory=dict)
    media: list[str] = field(default_factory=list)

    def all_urls(self) -> list[str]:
        """All addresses, playlists first."""
        return [*self.playlists, *self.media]


def links(text: str, base: str) -> list[Link]:
    """All addresses of one playlist. RFC 8216, 4.3: URI lines, and URI attributes of tags."""
    found = []
    variant = False
    for line in text.splitlines():
        if line.startswith("#"):
            variant = variant or line.startswith("#EXT-X-STREAM-INF:")
            leads_on = line.startswith(("#EXT-X-MEDIA:", "#EXT-X-I-FRAME-STREAM-INF:"))
            for address in _URI_ATTRIBUTE.findall(line):
                found.append(Link(urljoin(base, address), leads_on))
        elif line.strip():
            found.append(Link(urljoin(base, line.strip()), variant))
            variant = False
    return found


def lines_without_address(text: str) -> list[str]:
    """All lines in order, with the addresses in them taken out."""
    found = []
    for line in text.split("\n"):
        if line.strip() and not line.startswith("#"):
            line = "(address)"
        found.append(_URI_ATTRIBUTE.sub("(address)", line))
    return found


def variants(text: str) -> int:
    """How many EXT-X-STREAM-INF a master playlist has."""
    return sum(line.startswith("#EXT-X-STREAM-INF:") for line in text.splitlines())


def walk(web: Web, url: str) -> Tree:
    """Fetches a playlist and, one by one, all playlists it leads to.

    Fails when one of them is refused, is no playlist or lies on another server than `web`'s.
    """
    tree = Tree()
    waiting = [url]
    while waiting:
        address = waiting.pop(0)
        if address in tree.playlists:
            continue
        answer = web.ask(address)
        text = answer.body.decode("utf-8")
        if answer.status != 200 or not text.startswith("#EXTM3U"):
            raise AssertionError(f"{address}: {answer.status}, not a playlist: {text[:200]!r}")
        if "mpegurl" not in answer.headers.get("content-type", "").lower():
            raise AssertionError(f"{address}: content type {answer.headers.get('content-type')}")
        tree.playlists[address] = text
        for link in links(text, address):
            if link.is_playlist:
                waiting.append(link.url)
            elif link.url not in tree.media:
                tree.media.append(link.url)
    return tree


def origin_of(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
