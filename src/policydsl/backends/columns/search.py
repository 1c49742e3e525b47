"""Between which two edges is a number? By comparisons, by buckets of equal width, or by halving.

Plain integers, so that every executor can use the plan it is given.
"""

from __future__ import annotations

import itertools
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
