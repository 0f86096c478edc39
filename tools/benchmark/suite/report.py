"""The report: Markdown tables, the charts beside it, and the same as JSON."""

import json

from suite.charts import Chart, svg
from suite.scenarios import SCENARIOS

_FAST = ("| proxy | MB/s | requests/s | avg ms | p50 | p90 | p99 | max | errors | own CPU-s/GB | "
         "machine CPU-s/GB | own CPU us/request | new origin connections | RSS idle MB | RSS peak MB |")
_SLOW = ("| proxy | MB/s | errors | starved | first byte p99 ms | probe p50 ms | probe p99 | probe max | "
         "probe errors | own CPU % | own CPU-s/GB | RSS idle MB | RSS peak MB |")
_COLUMNS = """\
Medians over the rounds; max is the worst of all rounds, errors are their sum, and RSS peak is that of
all rounds of the level. MB and GB are 10^6 and 10^9 bytes of bodies. Own CPU is the proxy's processes and
threads; the machine's is every core's, load generator, origin and kernel work for others included. New
origin connections are those opened while a round was measured."""
_SLOW_COLUMNS = """\
Each client reads a file of 96 MiB at 64 KiB/s and compares every byte. A probe asks the same proxy for an
object of 1 KiB every 100 ms, or when the one before has ended; its max includes one that had not ended.
Starved: clients that got less than 80% of their rate (the worst round)."""


def number(value, digits=1):
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 or digits == 0 else f"{value:,.{digits}f}"


def errors(row):
    """The sum by kind, also of the warm-up: a failure is one whenever it happens."""
    parts = [f"{count} {kind}" for kind, count in sorted(row["errors"].items())]
    early = sum(row["warm_up_errors"].values())
    if early:
        parts.append(f"{early} in warm-up")
    return ", ".join(parts) or "0"


def _latencies(latency, names):
    return [number(latency[name], 2) for name in names]


def _fast_cells(row):
    return [number(row["mb_per_s"], 0), number(row["requests_per_s"], 0),
            *_latencies(row["latency_ms"], ("avg", "p50", "p90", "p99", "max")), errors(row),
            number(row["cpu_s_per_gb"], 3), number(row["machine_cpu_s_per_gb"], 3),
            number(row["cpu_us_per_request"]), number(row["origin_connections"], 0), number(row["idle_rss_mb"]),
            number(row["peak_rss_mb"])]


def _slow_cells(row):
    probe = row["probe"]
    return [number(row["mb_per_s"]), errors(row), number(row["starved"], 0),
            number(row["first_byte_p99_ms"], 2), *_latencies(probe["latency_ms"], ("p50", "p99", "max")),
            errors(probe), number(row["cpu_percent"]), number(row["cpu_s_per_gb"], 3),
            number(row["idle_rss_mb"]), number(row["peak_rss_mb"])]


def table(level):
    head, cells = (_SLOW, _slow_cells) if level["slow"] else (_FAST, _fast_cells)
    lines = [head, "|" + "---|" * (head.count("|") - 1)]
    lines += [f"| {row['proxy']} | {' | '.join(cells(row))} |" for row in level["rows"]]
    notes = [f"* {row['proxy']}: {row['note']}" for row in level["rows"] if row["note"]]
    return "\n".join(lines + [""] * bool(notes) + notes)


def _limit_text(limit):
    return f"At most {limit} connections to the origin" if limit else "No limit of connections to the origin"


def _charts_of(results):
    """(file name, Chart) of everything measured at several concurrencies."""
    fast = [level for level in results["levels"] if not level["slow"] and not level["tls"]]
    for scenario in ("segment", "small"):
        for limit in sorted({level["limit"] for level in fast}):
            levels = [level for level in fast
                      if level["scenario"] == scenario and level["limit"] == limit]
            if levels:
                yield from _charts_of_levels(scenario, limit, levels)


def _charts_of_levels(scenario, limit, levels):
    names = [row["proxy"] for row in levels[0]["rows"]]
    measures = [("cpu", "own CPU-s per GB", "cpu_s_per_gb", [n for n in names if n != "direct"])]
    if scenario == "segment":
        measures.insert(0, ("throughput", "MB/s", "mb_per_s", names))
    else:
        measures.insert(0, ("throughput", "requests/s", "requests_per_s", names))
        measures[1] = ("cpu", "own CPU us per request", "cpu_us_per_request", measures[1][3])
    limited = f"at most {limit} connections to the origin" if limit else "no limit"
    size = {"segment": "7 MB segments", "small": "1 KiB objects"}[scenario]
    for kind, unit, field, shown in measures:
        values = {name: [next((row[field] for row in level["rows"] if row["proxy"] == name), None)
                         for level in levels] for name in shown}
        if values:
            chart = Chart(f"{size}, {limited}: {unit}", "concurrent clients",
                          [level["connections"] for level in levels], values)
            yield f"{scenario}-{'limit' + str(limit) if limit else 'nolimit'}-{kind}.svg", chart


def _header(results):
    machine, versions = results["machine"], results["versions"]
    return f"""\
# Benchmark of {results['date']}

* machine: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, \
Linux {machine['kernel']}; load average before the run {machine['load_before']:.2f}
* programs: {', '.join(f'{name} {version}' for name, version in versions.items())}
* commit: {results['commit'] or 'unknown'}
* command: `{results['command']}`
* {results['rounds']} rounds of {results['seconds']:g} s after {results['warm_up']:g} s of warm-up, \
proxies in turn; bodies are {'copied to' if results['copies'] else 'dropped in the kernel by'} the client

Origin, client and proxies run on this one machine over loopback. Every server has two workers or
threads, no request log, and keeps its connections to the origin.

{_COLUMNS}
"""


def markdown(results, chart_names):
    parts = [_header(results)]
    for scenario in SCENARIOS:
        levels = [level for level in results["levels"] if level["scenario"] == scenario.name]
        if not levels:
            continue
        parts.append(f"## {scenario.title}\n")
        if scenario.slow:
            parts.append(_SLOW_COLUMNS + "\n")
        parts += [f"![{name}]({name})\n" for name in chart_names if f"-{scenario.name}-" in name]
        for level in levels:
            parts.append(f"### {_limit_text(level['limit'])}, {level['connections']} clients\n")
            parts.append(table(level) + "\n")
    return "\n".join(parts)


def write_report(results, folder, stem):
    """Writes <stem>.md, <stem>.json and <stem>-*.svg; returns the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for name, chart in _charts_of(results):
        names.append(f"{stem}-{name}")
        (folder / names[-1]).write_text(svg(chart))
    (folder / f"{stem}.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / f"{stem}.md").write_text(markdown(results, names))
    return folder / f"{stem}.md"
