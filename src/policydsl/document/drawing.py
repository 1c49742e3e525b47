"""Where does everything stand in the picture of a curve? Exact geometry, written with two decimals."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Literal

from policydsl.amounts import say_decimal
from policydsl.diagnostics.render import cells
from policydsl.document.curves import Curve
from policydsl.document.voice import Voice
from policydsl.ir import Schedule
from policydsl.kinds import Kind, Quantity
from policydsl.nodes import Node, node
from policydsl.rounding import round_to

WIDTH, HEIGHT = 760, 400
LEFT, TOP, BOTTOM = 66, 40, 62
#: between two labels of lines
LEADING = 17
#: how wide a Chinese character and a letter of a label are at most, and the widest label
FULL, LETTER, WIDEST = 14, 9, 220
#: the least room between the values of two band edges
APART = 30


@node
class Label(Node):
    """Words at a place of the picture."""

    x: str
    y: str
    words: str
    place: Literal["start", "middle", "end"] = "start"


@node
class Tick(Node):
    """A mark of an axis with its value."""

    at: str
    words: str


@node
class Track(Node):
    """One line: `paths` for the pieces without a leap, `leaps` for the dashes between them, its label
    and the way from its end to the label. `number` (from 1) chooses colour and dashes."""

    number: int
    name: str
    paths: tuple[str, ...]
    leaps: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    label: Label | None
    lead: str


@node
class Drawing(Node):
    """A picture. `edges` are the band edges that all lines share, with their values where there is
    room; `starts` the places below which nothing is paid; `ceilings` limits of the result; `walls`
    amounts above which nothing counts."""

    anchor: str
    title: str
    described: str
    width: int
    height: int
    left: int
    right: str
    top: int
    base: int
    x_name: str
    y_name: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    edges: tuple[Tick, ...]
    starts: tuple[str, ...]
    ceilings: tuple[Tick, ...]
    walls: tuple[Tick, ...]
    tracks: tuple[Track, ...]


@node
class Scale(Node):
    """How the values of one axis are counted: in 万元 where they are large, and in which unit."""

    factor: int
    unit: str

    def say(self, value: Fraction) -> str:
        return say_decimal(value / self.factor, grouped=True)


def scale(kind: Kind, most: Fraction, voice: Voice) -> Scale:
    """The scale of an axis whose greatest value is `most`."""
    assert isinstance(kind, Quantity)
    unit = voice.unit(kind)
    if kind.percent:
        return Scale(1, "%")
    if kind.unit.power("money") == 1 and most >= 10_000 and voice.program.header.currency.sign == "元":
        return Scale(10_000, voice.pick(f"万{unit}", f"10,000 {unit}"))
    return Scale(1, unit)


def draw(curve: Curve, anchor: str, voice: Voice, columns: Sequence[str]) -> Drawing:
    """The picture of a curve; `columns` are the names of the schedule's columns."""
    body = curve.definition.body
    assert isinstance(body, Schedule)
    kind = curve.definition.kind
    points = [p for line in curve.lines for run in line.runs for p in run]
    lowest = min([y for _, y in points] + [Fraction(0)])
    ceilings = {value for line in curve.lines for _, value in line.limits}
    highest = max([y for _, y in points] + list(ceilings))
    across = scale(curve.amount.kind, curve.top, voice)
    up = scale(kind, max(highest, -lowest), voice)
    begin = min(x for x, _ in points)
    begin = Fraction(0) if begin >= 0 else begin
    several = len(curve.lines) > 1
    names = [columns[line.column] for line in curve.lines] if several else [""] * len(curve.lines)
    names = [_cut(n) for n in names]
    right = WIDTH - (max(map(_width, names)) + 30 if several else 24)
    base = HEIGHT - BOTTOM
    y_steps = _steps(lowest, highest)
    if y_steps[-1] in ceilings:  # room for the word above the line
        y_steps.append(2 * y_steps[-1] - y_steps[-2])
    ceiling = max(y_steps[-1], highest)
    floor_ = min(y_steps[0], lowest)

    def x_of(x: Fraction) -> Fraction:
        return LEFT + (x - begin) * (right - LEFT) / (curve.top - begin)

    def y_of(y: Fraction) -> Fraction:
        return base - (y - floor_) * (base - TOP) / (ceiling - floor_ or 1)

    tracks = []
    ends = [line.runs[-1][-1] for line in curve.lines]
    heights = _spread([y_of(y) for _, y in ends], Fraction(base))
    for number, (line, name, end, height) in enumerate(
        zip(curve.lines, names, ends, heights, strict=True), 1
    ):
        paths = tuple(" ".join(f"{_at(x_of(x))},{_at(y_of(y))}" for x, y in run) for run in line.runs)
        leaps = tuple(
            f"{_at(x_of(a[-1][0]))},{_at(y_of(a[-1][1]))} {_at(x_of(b[0][0]))},{_at(y_of(b[0][1]))}"
            for a, b in zip(line.runs, line.runs[1:], strict=False)
        )
        dots = tuple(
            (_at(x_of(x)), _at(y_of(y)))
            for run in line.runs
            for x, y in run
            if x in line.edges or len(run) == 1
        )
        label = Label(_at(right + 22), _at(height + 4), name) if several else None
        lead = (
            f"{_at(x_of(end[0]) + 3)},{_at(y_of(end[1]))} {_at(right + 19)},{_at(height)}" if several else ""
        )
        tracks.append(Track(number, name, paths, leaps, dots, label, lead))
    edges = sorted(
        {e for line in curve.lines for e in line.edges}
        - {s for n in curve.lines if (s := n.start) is not None}
    )
    walls = sorted(
        {
            line.amount_cap
            for line in curve.lines
            if line.amount_cap is not None and line.amount_cap <= curve.top
        }
    )
    name = voice.name(curve.definition.name)
    x_name = amount_name(curve, voice)
    return Drawing(
        anchor,
        voice.pick(f"{name}曲线", f"Curve of {name}"),
        describe(curve, voice, columns),
        WIDTH,
        HEIGHT,
        LEFT,
        _at(right),
        TOP,
        base,
        f"{x_name}{voice.brackets(across.unit)}" if across.unit else x_name,
        f"{name}{voice.brackets(up.unit)}" if up.unit else name,
        tuple(Tick(_at(x_of(x)), across.say(x)) for x in _steps(begin, curve.top) if begin <= x <= curve.top),
        tuple(Tick(_at(y_of(y)), _percent(y) if _is_rate(kind) else up.say(y)) for y in y_steps),
        _edge_ticks([e for e in edges if e not in walls and begin < e < curve.top], x_of, across),
        tuple(_at(x_of(s)) for s in sorted({n.start for n in curve.lines if n.start is not None})),
        tuple(Tick(_at(y_of(v)), _limit(curve, v, voice, up)) for v in sorted(ceilings)),
        tuple(Tick(_at(x_of(v)), voice.pick("封顶线 ", "cap ") + across.say(v)) for v in walls),
        tuple(tracks),
    )


def amount_name(curve: Curve, voice: Voice) -> str:
    """What the axis is called: the fact, or for an amount that is computed the schedule's word for it."""
    if any(f.name.key == curve.amount.name.key for f in voice.program.facts):
        return voice.fact(curve.amount.name.key)
    body = voice.program.definition(curve.definition.name.key).body
    assert isinstance(body, Schedule)
    return voice.expr(body.amount)


def describe(curve: Curve, voice: Voice, columns: Sequence[str]) -> str:
    """The curve in words, for those who cannot see it: for each line its value at every edge."""
    lines = []
    for line in curve.lines:
        values = voice.pick("，", ", ").join(
            voice.pick(
                f"{voice.short(x, curve.amount.kind)}时为{voice.said(y, curve.definition.kind)}",
                f"{voice.said(y, curve.definition.kind)} at {voice.short(x, curve.amount.kind)}",
            )
            for run in line.runs
            for x, y in run
        )
        name = columns[line.column] if len(curve.lines) > 1 else voice.name(curve.definition.name)
        lines.append(f"{name}{voice.pick('：', ': ')}{values}")
    return voice.pick("；", "; ").join(lines) + voice.pick("。", ".")


def _limit(curve: Curve, value: Fraction, voice: Voice, up: Scale) -> str:
    floor_only = all(which == "floor" for line in curve.lines for which, v in line.limits if v == value)
    figure = _percent(value) if _is_rate(curve.definition.kind) else up.say(value)
    return voice.pick("最低 " if floor_only else "封顶 ", "at least " if floor_only else "cap ") + figure


def _is_rate(kind: Kind) -> bool:
    return isinstance(kind, Quantity) and kind.percent


def _percent(value: Fraction) -> str:
    return f"{say_decimal(value * 100)}"


def _steps(low: Fraction, high: Fraction) -> list[Fraction]:
    """Round values from at or below `low` to at or above `high`, about six of them."""
    if high == low:
        high = low + 1
    raw = (high - low) / 6
    power = Fraction(1)
    while power * 10 <= raw:
        power *= 10
    while power > raw:
        power /= 10
    step = next(power * s for s in (1, 2, 5, 10) if power * s >= raw)
    first = floor(low / step) * step
    count = -floor(-(high - first) / step)
    return [first + step * i for i in range(count + 1)]


def _edge_ticks(edges: Sequence[Fraction], x_of: object, across: Scale) -> tuple[Tick, ...]:
    """Every edge is drawn; its value stands beside it where there is room."""
    ticks: list[Tick] = []
    last: Fraction | None = None
    for edge in edges:
        x: Fraction = x_of(edge)  # type: ignore[operator]
        words = across.say(edge) if last is None or x - last >= APART else ""
        if words:
            last = x
        ticks.append(Tick(_at(x), words))
    return tuple(ticks)


def _spread(heights: Sequence[Fraction], base: Fraction) -> list[Fraction]:
    """Heights moved apart until labels there do not touch, as little as possible, within the picture."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = [heights[i] for i in order]
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + LEADING)
    if placed and placed[-1] > base:
        placed[-1] = base
        for i in range(len(placed) - 2, -1, -1):
            placed[i] = min(placed[i], placed[i + 1] - LEADING)
    result = [Fraction(0)] * len(heights)
    for i, height in zip(order, placed, strict=True):
        result[i] = height
    return result


def _width(words: str) -> int:
    return sum(FULL if cells(c) > 1 else LETTER for c in words)


def _cut(words: str) -> str:
    """Words that fit beside the picture; the tables have them whole."""
    if _width(words) <= WIDEST:
        return words
    while _width(words) > WIDEST - FULL:
        words = words[:-1]
    return f"{words}…"


def _at(value: Fraction | int) -> str:
    """A coordinate: two decimals, the same on every machine."""
    return say_decimal(round_to(Fraction(value), Fraction(1, 100), "half_up"))
