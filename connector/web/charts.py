"""Charts of the dashboard: drawn by pygal, made harmless, and put into the page.

What pygal draws is rebuilt of a few elements and attributes: no style, no script, no address of another host. The
page's own sheet (static/dashboard.css) gives colours and letters, so a chart follows the reader's dark mode and their
printer; hovering tells a value by the element `title`. Whoever does not see it has `says` and the table beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from xml.etree import ElementTree

from markupsafe import Markup

from connector.locale.columns import width
from connector.locale.format import number

#: `bars` lie, one below the other; `columns` stand; `stacked` are columns of parts; `line` joins points of time.
Kind = Literal["bars", "columns", "stacked", "line", "gauge"]
WIDTH = 760
#: Letters in the units of the drawing, as in static/dashboard.css.
LETTERS = 13
#: Longer names are cut in the drawing, never in the table.
LONGEST = 28
#: What a letter of a label takes, and the room that all labels below a chart share.
LETTER, ROOM = 8, 680
#: Between a drawing and its edge.
MARGIN = 8
_KEPT = {
    "svg": ("viewBox", "class"),
    "g": ("class", "transform"),
    "rect": ("x", "y", "width", "height", "rx", "ry", "class"),
    "path": ("d", "class", "transform"),
    "circle": ("cx", "cy", "r", "class"),
    "text": ("x", "y", "class", "transform", "text-anchor"),
    "tspan": ("x", "y", "class"),
}  # fmt: skip
_NAMESPACE = "http://www.w3.org/2000/svg"


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one name, one for each label of the chart; None is a gap.

    `tone` is a colour with a meaning; `mark` are points without a line.
    """

    name: str
    values: Sequence[float | None]
    tone: Literal["", "good", "warn", "bad", "soft", "mark"] = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn. `says` is the main point in a sentence; `told` writes a value, `unit` stands at the axis."""

    kind: Kind
    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    says: str = ""
    told: Callable[[float], str] = number
    most: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw: no value, or nothing but nought."""
        return not any(value for one in self.series for value in one.values)

    @property
    def legend(self) -> list[tuple[int, str, str]]:
        """Place, name and tone of each series; none where there is but one."""
        return [(place, one.name, one.tone) for place, one in enumerate(self.series)] if len(self.series) > 1 else []


def drawn(chart: Chart) -> Markup:
    """The chart as SVG to stand in a page; the same chart is the same text."""
    graph = _graph(chart)
    for one in chart.series:
        graph.add(one.name, [*reversed(one.values)] if chart.kind == "bars" else list(one.values))
    tones: dict[str, str] = {f"serie-{place}": one.tone for place, one in enumerate(chart.series) if one.tone}
    kept = _kept(graph.render_tree(), tones)
    assert kept is not None  # noqa: S101 - the root is an svg
    kept.set("xmlns", _NAMESPACE)
    kept.set("aria-hidden", "true")
    kept.set("focusable", "false")
    return Markup(ElementTree.tostring(kept, encoding="unicode"))  # noqa: S704 - of elements that were escaped


@cache
def _pygal() -> Any:
    """pygal, without the finder of plugins that it hangs into Python's imports: Python warns of it ever after."""
    import pygal  # type: ignore[import-untyped]

    sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != "pygal"]
    return pygal


def _graph(chart: Chart) -> Any:
    pygal = _pygal()
    classes = {
        "bars": pygal.HorizontalBar, "columns": pygal.Bar, "stacked": pygal.StackedBar, "line": pygal.Line,
        "gauge": pygal.SolidGauge,
    }  # fmt: skip
    graph = classes[chart.kind](
        style=_style(), css=[], js=[], no_prefix=True, width=WIDTH, height=_height(chart), show_legend=False,
        margin=MARGIN, spacing=6, explicit_size=False, disable_xml_declaration=True, order_min=None, min_scale=3,
        max_scale=5,
        print_values=chart.kind in ("bars", "columns"), print_values_position="top", truncate_label=-1,
        value_formatter=chart.told, dots_size=3, include_x_axis=True, show_x_guides=chart.kind == "bars",
        range=None if chart.most is None else (0, chart.most),
    )  # fmt: skip
    longest = LONGEST if chart.kind == "bars" else max(6, ROOM // LETTER // max(len(chart.labels), 1) - 2)
    if chart.kind == "line":
        longest = LONGEST
    labels = [_cut(one, longest) for one in chart.labels]
    graph.x_labels = [*reversed(labels)] if chart.kind == "bars" else _thinned(labels)
    graph.margin_left = MARGIN + _wider(chart, labels)
    if chart.kind == "line" and labels:
        graph.margin_right = MARGIN + LETTER * width(labels[-1]) // 2
    if chart.kind == "bars":
        graph.margin_right = MARGIN + LETTER * max((width(one) for one in _told(chart)), default=0)
    return graph


def _cut(label: str, longest: int) -> str:
    """The label, or as much of its beginning as there is room for."""
    if width(label) <= longest:
        return label
    kept = label
    while width(kept) > longest - 1:
        kept = kept[:-1]
    return f"{kept}…"


def _wider(chart: Chart, labels: Sequence[str]) -> int:
    """What the names at the left take beyond what pygal leaves them: it takes every letter for a narrow one."""
    named = labels if chart.kind == "bars" else _told(chart)
    return LETTER * max((width(one) - len(one) for one in named), default=0)


def _told(chart: Chart) -> list[str]:
    """Every value as it is written."""
    return [chart.told(value) for one in chart.series for value in one.values if value is not None]


def _thinned(labels: Sequence[str]) -> list[str]:
    """So many of them that none lies on its neighbour; the last is among them."""
    longest = max((width(one) for one in labels), default=1)
    each = -(-len(labels) * (LETTER * longest + 12) // ROOM)
    return [one if (len(labels) - 1 - place) % each == 0 else "" for place, one in enumerate(labels)]


def _height(chart: Chart) -> int:
    return 56 + 34 * max(len(chart.labels), 2) if chart.kind == "bars" else 280


def _style() -> Any:
    from pygal.style import Style  # type: ignore[import-untyped]

    return Style(
        label_font_size=LETTERS, major_label_font_size=LETTERS, value_font_size=LETTERS, font_family="sans-serif"
    )


def _kept(element: Any, tones: dict[str, str]) -> ElementTree.Element | None:
    """The element with what of it a page may hold; None where it is of no kind that is kept."""
    name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    if name not in _KEPT or "tooltip-overlay" in element.get("class", ""):
        return None
    made = ElementTree.Element(name, {key: element.get(key) for key in _KEPT[name] if element.get(key)})
    tone = next((tone for place, tone in tones.items() if place in made.get("class", "").split()), "")
    if tone:
        made.set("class", f"{made.get('class')} tone-{tone}")
    made.text = (element.text or "") if name in ("text", "tspan") else None
    _tell(element, made)
    made.extend([child for one in element if (child := _kept(one, tones)) is not None])
    return made


def _tell(element: Any, made: ElementTree.Element) -> None:
    """The value that pygal keeps for its script, as the words that every browser shows over it."""
    said = {one.get("class", ""): one.text or "" for one in element if one.tag == "desc"}
    if "value" in said:
        title = ElementTree.SubElement(made, "title")
        title.text = ": ".join(text for text in (said.get("x_label", ""), said["value"]) if text)
