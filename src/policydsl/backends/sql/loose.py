"""Which members may be computed with although their place is beyond their category? Those that are only looked up.

A row with such a member is not answered, so what is computed of it only has to stay within its integers. Replacing
the place by a good one first would cost DuckDB more than looking it up.
"""

from __future__ import annotations

from collections.abc import Mapping

from policydsl.flat import (
    Among,
    Bands,
    Column,
    Compare,
    Flat,
    Pick,
    Place,
    Product,
    Sum,
    needed,
    reads,
    roots,
)

#: What DuckDB's INTEGER holds.
_WIDEST = 2**31 - 1


def loose(flat: Flat, most: Mapping[str, int]) -> frozenset[str]:
    """Those of the inputs in `most` that no row needs replaced, each being anything from 0 to what is said there: they
    are told from others and looked up, by themselves or as parts of a sum that fits 32 bits."""
    used = needed(flat.steps, roots(flat))
    ranges: dict[int, tuple[int, int]] = {}
    of: dict[int, frozenset[str]] = {}
    strict: set[str] = set()
    for i in sorted(used):
        step = flat.steps[i]
        if isinstance(step, Column) and step.fact in most:
            ranges[i], of[i] = (0, most[step.fact]), frozenset((step.fact,))
        parts = [j for j in reads(step) if j in of]
        if not parts:
            continue
        whole = frozenset().union(*(of[j] for j in parts))
        match step:
            case Sum(left=a, right=b) | Product(left=a, right=b):
                one, other = (ranges.get(j, flat.ranges[j]) for j in (a, b))
                if isinstance(step, Sum):
                    low, high = one[0] + other[0], one[1] + other[1]
                else:
                    low, high = one[0] * other[0], one[1] * other[1]
                if min(*one, *other) < 0 or high > _WIDEST:
                    strict |= whole
                ranges[i], of[i] = (low, high), whole
            case Pick() | Place() | Compare() | Among():
                pass
            case Bands() if parts == [step.column]:
                pass
            case _:
                strict |= whole
    return frozenset(most) - strict
