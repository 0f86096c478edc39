"""Bar charts as SVG: groups along the x axis, one bar per proxy in each."""

import dataclasses
import math
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 920, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 78, 50
_COLOURS = {"direct": "#8a9099", "Sluice": "#0b62c4", "nginx": "#2b8a3e", "HAProxy": "#d9480f"}
_MORE_COLOURS = ("#7b2cbf", "#0c8599", "#a61e4d", "#5c4b00")


@dataclasses.dataclass
class Chart:
    """`values[series][group]` is a number, or None where there is none."""

    title: str
    x_label: str
    groups: list
    values: dict

    @property
    def highest(self):
        return max((value for row in self.values.values() for value in row if value), default=1)


def _colours(names):
    """One colour per series; the known proxies have theirs in every chart."""
    more = iter(_MORE_COLOURS * 3)
    return {name: _COLOURS.get(name) or next(more) for name in names}


def _step(highest):
    """Distance of grid lines: 1, 2 or 5 times a power of ten, about five lines."""
    rough = highest / 5
    power = 10 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def _number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _text(x, y, text, size=12, anchor="middle", fill="#1f2328", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}" '
            f'font-weight="{weight}">{escape(str(text))}</text>')


def _grid(step, count, scale):
    bottom = _HEIGHT - _BOTTOM
    for line in range(count + 1):
        y = bottom - line * step * scale
        colour = "#1f2328" if line == 0 else "#d8dee4"
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}"/>'
        yield _text(_LEFT - 8, y + 4, _number(line * step) if line else "0", anchor="end")


def _legend(colours):
    x = _LEFT
    for name, colour in colours.items():
        yield f'<rect x="{x}" y="44" width="14" height="14" fill="{colour}"/>'
        yield _text(x + 20, 56, name, 13, "start")
        x += 42 + 8 * len(name)


def _bars(chart, colours, scale):
    bottom = _HEIGHT - _BOTTOM
    room = (_WIDTH - _LEFT - _RIGHT) / len(chart.groups)
    width = min(room * 0.86 / len(colours), 60)
    for at, group in enumerate(chart.groups):
        middle = _LEFT + room * (at + 0.5)
        yield _text(middle, bottom + 20, group)
        x = middle - width * len(colours) / 2
        for name, colour in colours.items():
            value = chart.values[name][at]
            if value is None:
                yield _text(x + width / 2, bottom - 6, "none", 10)
            else:
                height = value * scale
                yield (f'<rect x="{x + 1:.1f}" y="{bottom - height:.1f}" width="{width - 2:.1f}" '
                       f'height="{height:.1f}" fill="{colour}"/>')
                yield _text(x + width / 2, bottom - height - 5, _number(value), 10)
            x += width


def svg(chart):
    """The chart as a file's text; dark on white whatever the page around it."""
    step = _step(chart.highest)
    lines = math.ceil(chart.highest * 1.02 / step)
    scale = (_HEIGHT - _TOP - _BOTTOM) / (lines * step)
    colours = _colours(chart.values)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" font-family="DejaVu Sans, Verdana, sans-serif" role="img">',
        f"<title>{escape(chart.title)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        _text(_LEFT, 28, chart.title, 16, "start", weight="bold"),
        *_legend(colours),
        *_grid(step, lines, scale),
        *_bars(chart, colours, scale),
        _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 10, chart.x_label),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
