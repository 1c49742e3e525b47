"""What do bands pay on an amount, when their edges and cells are known numbers?"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from policydsl.expressions import Rounding
from policydsl.nodes import Node, node
from policydsl.rounding import round_to


@node
class Edges(Node):
    """A band's two edges as numbers, and whether each belongs to it; None is without end."""

    low: Fraction | None
    low_closed: bool
    high: Fraction | None
    high_closed: bool


def joined(edges: Sequence[Edges]) -> list[Edges]:
    """The bands made continuous: each begins where the one before it ends."""
    out: list[Edges] = []
    for e in edges:
        before = out[-1].high if out else None
        out.append(e if before is None else Edges(before, False, e.high, e.high_closed))
    return out


def holds(e: Edges, x: Fraction) -> bool:
    """Whether the amount `x` lies in a band with these edges."""
    if e.low is not None and (x < e.low or (x == e.low and not e.low_closed)):
        return False
    return e.high is None or x < e.high or (x == e.high and e.high_closed)


def marginal(
    edges: Sequence[Edges], cells: Sequence[Fraction], x: Fraction, roundings: Sequence[Rounding]
) -> Fraction:
    """What the parts of `x` in each band make, each at its rate; `roundings` of slices and of products."""
    total = Fraction(0)
    for e, rate in zip(edges, cells, strict=True):
        low = Fraction(0) if e.low is None else e.low
        part = max(Fraction(0), (x if e.high is None else min(x, e.high)) - low)
        for r in roundings:
            if r.scope == "slice":
                part = round_to(part, r.step, r.mode)
        paid = part * rate
        for r in roundings:
            if r.scope == "product":
                paid = round_to(paid, r.step, r.mode)
        total += paid
    return total


def slab(
    edges: Sequence[Edges], cells: Sequence[Fraction], x: Fraction, *, cells_are_rates: bool
) -> Fraction | None:
    """The cell of the band that `x` lies in, as an amount or as the rate of all above the first band's edge."""
    first = edges[0].low if edges and edges[0].low is not None else Fraction(0)
    for e, cell in zip(edges, cells, strict=True):
        if holds(e, x):
            return (x - first) * cell if cells_are_rates else cell
    return None


def interpolated(edges: Sequence[Edges], cells: Sequence[Fraction], x: Fraction) -> Fraction | None:
    """The point of `x` on the straight lines through the points that the bands are."""
    points = [(e.low, c) for e, c in zip(edges, cells, strict=True) if e.low is not None]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 <= x <= x1:
            return y0 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[0][1] if len(points) == 1 and points[0][0] == x else None
