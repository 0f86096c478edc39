"""The rounds of one proxy at one level become one row: medians, worst cases, sums of errors."""

import statistics


def _over_rounds(rounds, value, choose=statistics.median):
    values = [found for found in map(value, rounds) if found is not None]
    return choose(values) if values else None


def _ratio(top, bottom):
    return top / bottom if top is not None and bottom else None


def _gigabytes(done):
    """None where nothing but failures came: their bytes are not what the proxy is for."""
    return None if done["error_count"] and not done["requests"] else done["bytes"] / 1e9


def _sum_by_kind(results, field):
    total = {}
    for result in results:
        for kind, count in result[field].items():
            total[kind] = total.get(kind, 0) + count
    return total


def worst_ms(result):
    """The longest latency, with what was still waiting at the end if that is longer."""
    return max(result["latency_ms"]["max"], result["oldest_unfinished_ms"])


def _latency(results):
    """Of the requests that ended; all None when none did."""
    ended = [result for result in results if result["latency_ms"]["count"]]
    row = {name: _over_rounds(ended, lambda r, name=name: r["latency_ms"][name])
           for name in ("avg", "p50", "p90", "p99")}
    row["max"] = _over_rounds(results, worst_ms, max)
    return row


def _probe(rounds):
    probes = [done["probe"] for done in rounds if "probe" in done]
    if not probes:
        return None
    return {"latency_ms": _latency(probes), "errors": _sum_by_kind(probes, "errors"),
            "warm_up_errors": _sum_by_kind(probes, "warm_up_errors"),
            "requests": sum(probe["requests"] for probe in probes)}


def summary(rounds):
    """One row. CPU and throughput are medians of each round's own ratio."""
    return {
        "rounds": len(rounds),
        "latency_ms": _latency(rounds),
        "first_byte_p99_ms": _over_rounds(rounds, lambda r: r["first_byte_ms"]["p99"]),
        "requests": sum(done["requests"] for done in rounds),
        "requests_per_s": _over_rounds(rounds, lambda r: r["requests_per_s"]),
        "mb_per_s": _over_rounds(rounds, lambda r: r["mb_per_s"]),
        "errors": _sum_by_kind(rounds, "errors"),
        "warm_up_errors": _sum_by_kind(rounds, "warm_up_errors"),
        "starved": _over_rounds(rounds, lambda r: r["starved"], max),
        "cpu_s_per_gb": _over_rounds(rounds, lambda r: _ratio(r["proxy_cpu_s"], _gigabytes(r))),
        "machine_cpu_s_per_gb": _over_rounds(
            rounds, lambda r: _ratio(r["machine_cpu_s"], _gigabytes(r))),
        "cpu_us_per_request": _over_rounds(
            rounds, lambda r: _ratio(r["proxy_cpu_s"], r["requests"] / 1e6)),
        "cpu_percent": _over_rounds(
            rounds, lambda r: _ratio(r["proxy_cpu_s"], r["cpu_window_s"] / 100)),
        "origin_connections": _over_rounds(rounds, lambda r: r["origin_connections"]),
        "peak_rss_mb": _over_rounds(rounds, lambda r: r.get("peak_rss_mb"), max),
        "probe": _probe(rounds),
    }
