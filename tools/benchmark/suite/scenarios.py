"""What the proxies are asked to do. A level is one row of numbers per proxy."""

import dataclasses

from suite.proxies import Setting

LIMIT = 10  # Sluice's default for connections to one origin at once


@dataclasses.dataclass(frozen=True)
class Level:
    """One object, at one concurrency, under one setting."""

    scenario: str
    object: str
    connections: int
    limit: int
    tls: bool = False
    slow: bool = False

    @property
    def setting(self):
        return Setting(self.tls, self.limit)

    @property
    def title(self):
        limit = f"{self.limit} connections to the origin" if self.limit else "no limit"
        return f"{self.scenario}, c={self.connections}, {limit}"


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    object: str
    connections: tuple
    title: str
    tls: bool = False
    slow: bool = False

    def levels(self):
        """Without the limit first, then with it."""
        return [Level(self.name, self.object, count, limit, self.tls, self.slow)
                for limit in (0, LIMIT) for count in self.connections]


SCENARIOS = (
    Scenario("segment", "segment.bin", (10, 20, 30, 50, 100), "Segments of 7,340,032 bytes"),
    Scenario("small", "small.bin", (50, 200), "Objects of 1 KiB"),
    Scenario("tls", "segment.bin", (50,), "Segments of 7,340,032 bytes from an https origin", tls=True),
    Scenario("slow", "long.bin", (1000,), "Slow clients at 64 KiB/s each", slow=True),
)
QUICK = (
    Scenario("segment", "segment.bin", (10, 50), "Segments of 7,340,032 bytes"),
    Scenario("small", "small.bin", (50,), "Objects of 1 KiB"),
)


def chosen(only, quick):
    """The scenarios to run; `only` are names, or nothing for all."""
    scenarios = QUICK if quick and not only else SCENARIOS
    return [scenario for scenario in scenarios if not only or scenario.name in only]


def levels(only, quick):
    """The levels to run. A quick run leaves the limit out, but for one level."""
    found = [level for scenario in chosen(only, quick) for level in scenario.levels()]
    if quick:
        found = [level for level in found
                 if not level.limit or (level.scenario == "segment" and level.connections == 50)]
    return found
