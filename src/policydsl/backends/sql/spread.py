"""How are many bands written in SQL, and how is one of many edges found? In several steps, with arrays to look up.

A few bands are CASEs one within the other, which is the fastest that DuckDB has; with more they would be too
deep for a parser, and every row would compute all of them. So the band is searched for, and a line in it read.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import gcd

from policydsl.backends.sql.shape import Dialect
from policydsl.backends.sql.steps import ARMS
from policydsl.flat import (
    GREATEST,
    LEAST,
    Bands,
    Choose,
    Compare,
    Difference,
    Flat,
    Greatest,
    Least,
    Pick,
    Place,
    Product,
    Quotient,
    Step,
    Sum,
    Whole,
    moved,
)
from policydsl.nodes import evolve

#: How many bands are CASEs one within the other.
FEW = ARMS


#: From so many edges on they are found by the bucket that a value falls into, where there are arrays; so many
#: buckets there are at most, or as many as edges.
MANY, BUCKETS = 33, 4096
#: So many edges a bucket has at most, unless there are so many of them that a tree of CASEs is no choice.
CROWD, TOO_MANY = 3, 256


def spread(flat: Flat, dialect: Dialect) -> Flat:
    """`flat` with every schedule of many bands, the first band of others, and every search among many edges, as steps
    of other kinds."""
    if not any(
        isinstance(step, Bands) or (isinstance(step, Place) and len(step.edges) >= FEW) for step in flat.steps
    ):
        return flat
    made = _Made(arrays=dialect != "sqlite")
    new: dict[int, int] = {}
    for i, step in enumerate(flat.steps):
        there = moved(step, new)
        if isinstance(there, Bands) and len(there.edges) > FEW:
            new[i] = _line(there, made) or _sum(there, made)
            made.ranges[new[i]] = flat.ranges[i]
        elif isinstance(there, Bands):
            new[i] = _apart(there, made)
            made.ranges[new[i]] = flat.ranges[i]
        elif isinstance(there, Place):
            new[i] = made.place(there)
        else:
            new[i] = made.add(there, *flat.ranges[i])
    return evolve(
        flat,
        steps=tuple(made.steps),
        ranges=tuple(made.ranges),
        givens=tuple(
            evolve(g, holds=new[g.holds], fails=None if g.fails is None else new[g.fails])
            for g in flat.givens
        ),
        outputs=tuple(
            evolve(
                o,
                fails=None if o.fails is None else new[o.fails],
                columns=tuple(evolve(c, value=new[c.value]) for c in o.columns),
            )
            for o in flat.outputs
        ),
    )


class _Made:
    """Steps as they are made. `arrays`: whether the dialect has them."""

    def __init__(self, *, arrays: bool) -> None:
        self.arrays = arrays
        self.steps: list[Step] = []
        self.ranges: list[tuple[int, int]] = []
        self.wholes: dict[int, int] = {}

    def add(self, step: Step, low: int = LEAST, high: int = GREATEST) -> int:
        """A step; none where it would add or take away a 0 made here, or multiply by a 1."""
        match step:
            case Sum(left=same, right=b) | Difference(left=same, right=b) | Product(left=same, right=b):
                if self.wholes.get(b) == (1 if isinstance(step, Product) else 0):
                    return same
            case _:
                pass
        self.steps.append(step)
        self.ranges.append((low, high))
        return len(self.steps) - 1

    def whole(self, value: int) -> int:
        made = self.add(Whole(value), value, value)
        self.wholes[made] = value
        return made

    def place(self, step: Place) -> int:
        """Where a value is among the edges. With many of them: how many there are before its bucket, and then
        one more for each edge of the bucket that it is not below. Where buckets begin at edges, the bucket says it
        all, and where each does, no array is needed."""
        edges, count = step.edges, len(step.edges)
        if count < FEW or edges[-1] - edges[0] > GREATEST // 2 or edges[0] < LEAST // 2:
            return self.add(step, 0, count)
        width = gcd(*(edge - edges[0] for edge in edges))
        even = (edges[-1] - edges[0]) // width == count - 1
        if even or (self.arrays and count >= MANY and (edges[-1] - edges[0]) // width < _most(edges)):
            bucket = self.bucket(step.value, edges[0] - width, edges[-1], width)
            if even:
                return bucket
            starts = [(edge - edges[0]) // width for edge in edges]
            upto = tuple(bisect_right(starts, number) for number in range(-1, starts[-1] + 1))
            return self.add(Pick(bucket, upto), 0, count)
        if self.arrays and count >= MANY:
            width = _width(edges)
            if count >= TOO_MANY or _crowd(edges, width) <= CROWD:
                return self.crowded(step, width)
        return self.add(step, 0, count)

    def bucket(self, value: int, first: int, last: int, width: int) -> int:
        """In which of the buckets from `first` to `last` a value is; if in none, in the first or the last."""
        low, high = self.ranges[value]
        inside = value
        if low < first:
            inside = self.add(Greatest(inside, self.whole(first)), first, max(high, first))
        if high > last:
            inside = self.add(Least(inside, self.whole(last)), first, last)
        there = self.add(Difference(inside, self.whole(first)), 0, last - first)
        return self.add(Quotient(there, self.whole(width)), 0, (last - first) // width)

    def crowded(self, step: Place, width: int) -> int:
        """Where a value is among edges of which a bucket may have several, anywhere: the bucket halved again and again."""
        edges, count = step.edges, len(step.edges)
        starts = [(edge - edges[0]) // width for edge in edges]
        before = tuple(bisect_left(starts, number) for number in range(starts[-1] + 1))
        found = self.add(Pick(self.bucket(step.value, edges[0], edges[-1], width), before), 0, count)
        halves = [1 << k for k in reversed(range(_crowd(edges, width).bit_length()))]
        for half in halves:
            # past the last edge nothing is reached
            middles = (*edges[half - 1 :], *[GREATEST] * (2 * half))
            middle = self.add(Pick(found, middles))
            more = self.add(
                Choose(self.add(Compare(">=", step.value, middle), 0, 1), self.whole(half), self.whole(0)),
                0,
                half,
            )
            found = self.add(Sum(found, more), 0, count)
        return found


def _most(edges: Sequence[int]) -> int:
    return max(BUCKETS, len(edges))


def _width(edges: Sequence[int]) -> int:
    """A width of buckets that leaves few edges in each."""
    narrowest = max(1, min(after - before for before, after in pairwise(edges)))
    return max(narrowest, (edges[-1] - edges[0]) // (_most(edges) - 1) + 1)


def _crowd(edges: Sequence[int], width: int) -> int:
    """How many edges are in the fullest bucket."""
    return max(Counter((edge - edges[0]) // width for edge in edges).values())


def _first(step: Bands, made: _Made) -> int:
    """What the first rate would pay if there were no other band."""
    part = made.add(Greatest(made.add(Difference(step.amount, step.edges[0])), made.whole(0)))
    return made.add(Product(part, made.add(Pick(step.column, tuple(row[0] for row in step.rates)))))


def _apart(step: Bands, made: _Made) -> int:
    """The first band, and the others on top of it. Most rows are in one that differs from row to row, and what
    all rows compute is fastest by itself."""
    firsts = {row[0] for row in step.rates}
    if len(firsts) == 1 and isinstance(made.steps[step.edges[0]], Whole):
        return made.add(step)
    first = _first(step, made)
    if len(step.edges) == 1:
        return first
    others = tuple(tuple(rate - row[0] for rate in row[1:]) for row in step.rates)
    return made.add(Sum(first, made.add(Bands(step.amount, step.edges[1:], others, step.column))))


def _line(step: Bands, made: _Made) -> int | None:
    """What is paid above that: in band k, of which all edges but the first are figures, it is slope × amount +
    constant. None where they are no figures, or the product does not fit."""
    edges = [made.steps[edge] for edge in step.edges[1:]]
    figures = [edge.value for edge in edges if isinstance(edge, Whole)]
    if len(figures) < len(edges):
        return None
    columns = len(step.rates)
    slopes: list[int] = []
    constants: list[int] = []
    for k in range(len(figures) + 1):
        for row in step.rates:
            slopes.append(row[k] - row[0])
            constants.append(-sum((row[i] - row[i - 1]) * figures[i - 1] for i in range(1, k + 1)))
    low, high = made.ranges[step.amount]
    greatest = max(map(abs, slopes)) * max(abs(low), abs(high))
    if greatest + max(map(abs, constants)) > GREATEST // 2:
        return None
    first = _first(step, made)
    band = made.place(Place(step.amount, tuple(figures)))
    line = made.add(Product(band, made.whole(columns)), 0, len(slopes))
    cell = made.add(Sum(line, step.column), 0, len(slopes) - 1)
    rise = made.add(Product(step.amount, made.add(Pick(cell, tuple(slopes)))))
    return made.add(Sum(made.add(Sum(first, rise)), made.add(Pick(cell, tuple(constants)))))


def _sum(step: Bands, made: _Made) -> int:
    """The same band after band."""
    paid = _first(step, made)
    for k in range(1, len(step.edges)):
        rises = tuple(row[k] - row[k - 1] for row in step.rates)
        part = made.add(Greatest(made.add(Difference(step.amount, step.edges[k])), made.whole(0)))
        paid = made.add(Sum(paid, made.add(Product(part, made.add(Pick(step.column, rises))))))
    return paid
