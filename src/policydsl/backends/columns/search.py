"""Between which two edges is a number? By comparisons, by buckets of equal width, or by halving.

Plain integers, so that every executor can use the plan it is given.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

#: As many edges as are simply compared; as many buckets as a table may have.
FEW, _BUCKETS = 8, 1 << 14


@dataclass(frozen=True, slots=True)
class Buckets:
    """A number, moved to `low` .. `high`, lies in bucket (n − low) >> `shift`. `starts[bucket]` edges are
    not above any number in it, and it holds one edge more at most, `next[bucket]`."""

    low: int
    high: int
    shift: int
    starts: tuple[int, ...]
    next: tuple[int, ...]


def buckets(edges: Sequence[int]) -> Buckets | None:
    """Buckets narrow enough to hold one edge each; None where that takes too many of them."""
    low, high = edges[0] - 1, edges[-1]
    gap = min((b - a for a, b in itertools.pairwise(edges)), default=1)
    shift = max(gap.bit_length() - 1, 0)
    count = ((high - low) >> shift) + 1
    if gap <= 0 or count > _BUCKETS:
        return None
    firsts = [low + (i << shift) for i in range(count)]
    starts = [bisect_right(edges, first) for first in firsts]
    following = [edges[min(s, len(edges) - 1)] if s < len(edges) else high + 1 for s in starts]
    return Buckets(low, high, shift, tuple(starts), tuple(following))


@dataclass(frozen=True, slots=True)
class Grid:
    """A number, moved to `low` .. `high`, lies in slot (n − low) // `width`, and `starts[slot]` edges are not above it."""

    low: int
    high: int
    width: int
    starts: tuple[int, ...]


def grid(edges: Sequence[int]) -> Grid | None:
    """Slots that end where edges may lie and nowhere else; None where that takes too many of them."""
    width = math.gcd(*(b - a for a, b in itertools.pairwise(edges)))
    low, high = edges[0] - width, edges[-1]
    if width <= 0 or (high - low) // width >= _BUCKETS:
        return None
    return Grid(low, high, width, tuple(bisect_right(edges, n) for n in range(low, high + 1, width)))


def runs(values: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbouring equal values as one: the place after each run, and its value."""
    found: list[tuple[int, int]] = []
    for place, value in enumerate(values, 1):
        if found and found[-1][1] == value:
            found[-1] = (place, value)
        else:
            found.append((place, value))
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """Bands as one line a band: where k edges are not above the amount, the schedule pays rates[c][k] × amount +
    bases[c][k], for column c."""

    edges: tuple[int, ...]
    rates: tuple[tuple[int, ...], ...]
    bases: tuple[tuple[int, ...], ...]


def line(edges: Sequence[int], rates: Sequence[Sequence[int]]) -> Line:
    """The lines of bands whose edges are figures."""
    slopes, bases = [], []
    for row in rates:
        own_slopes, own_bases, paid = [0], [0], 0
        for k, (edge, rate) in enumerate(zip(edges, row, strict=True)):
            if k:
                paid += row[k - 1] * (edge - edges[k - 1])
            own_slopes.append(rate)
            own_bases.append(paid - rate * edge)
        slopes.append(tuple(own_slopes))
        bases.append(tuple(own_bases))
    return Line(tuple(edges), tuple(slopes), tuple(bases))


@dataclass(frozen=True, slots=True)
class Segments:
    """Bands by bucket: with b the bucket of an amount x (the first for those below `buckets.low`, the last for those
    above), column c pays rates[c][b] × x + bases[c][b] + steps[c][b] × max(x − next[b], 0)."""

    buckets: Buckets
    rates: tuple[tuple[int, ...], ...]
    bases: tuple[tuple[int, ...], ...]
    steps: tuple[tuple[int, ...], ...]


def segments(edges: Sequence[int], rates: Sequence[Sequence[int]]) -> Segments | None:
    """Bands whose edges are figures, by bucket; None where the buckets would be too many."""
    found = buckets(edges)
    if found is None:
        return None
    lines = line(edges, rates)
    by_column = []
    for slopes, bases in zip(lines.rates, lines.bases, strict=True):
        steps = [b - a for a, b in itertools.pairwise(slopes)] + [0]
        by_column.append(tuple(tuple(row[place] for place in found.starts) for row in (slopes, bases, steps)))
    own_rates, own_bases, own_steps = zip(*by_column, strict=True)
    return Segments(found, own_rates, own_bases, own_steps)
