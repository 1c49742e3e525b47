"""How are integers kept narrow, and looked up, in Polars expressions?

A pass over a column costs what its bytes cost, so a step is computed in the narrowest type that holds its proven range.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeAlias

import polars as pl

from policydsl.backends.columns.search import FEW, Grid, buckets, grid, runs

Expr: TypeAlias = pl.Expr

#: The types of integers, from narrow to wide; each holds what those before it hold. A width is a place in it.
TYPES: tuple[Any, ...] = (pl.UInt8, pl.Int16, pl.Int32, pl.Int64)
_ENDS = ((0, 2**8 - 1), (-(2**15), 2**15 - 1), (-(2**31), 2**31 - 1))
WIDEST = len(TYPES) - 1

#: By the width of a figure, the most runs of equal ones that are selected one after the other: each select is a pass,
#: a look-up costs as much as so many.
_SELECTS = (8, 7, 5, 4)
#: As many figures never need a look-up.
SELECTED = min(_SELECTS)


def width(low: int, high: int) -> int:
    """The narrowest that holds low to high."""
    return next((w for w, (least, most) in enumerate(_ENDS) if least <= low and high <= most), WIDEST)


def widened(value: Expr, own: int, wanted: int) -> Expr:
    return value if own == wanted else value.cast(TYPES[wanted])


def whole(value: int, own: int = WIDEST) -> Expr:
    return pl.lit(value, TYPES[own])


def folded(parts: Sequence[Expr], join: Callable[[Expr, Expr], Expr]) -> Expr:
    return reduce(join, parts)


def looks_up(values: Sequence[int]) -> bool:
    """Whether `picked` looks these figures up, so that an index outside them would be an error."""
    return len(runs(values)) > _SELECTS[width(min(values), max(values))]


def picked(index: Expr, values: Sequence[int], wanted: int | None = None) -> Expr:
    """values[index], of the width `wanted` (None: the narrowest). Where `looks_up`, every index must be a place in them."""
    own = width(min(values), max(values))
    if looks_up(values):
        return gathered(index, values, own if wanted is None else wanted)
    found = runs(values)
    result = whole(found[-1][1], own)
    for end, value in reversed(found[:-1]):
        result = pl.when(index < end).then(whole(value, own)).otherwise(result)
    return widened(result, own, own if wanted is None else wanted)


def gathered(index: Expr, values: Sequence[int], own: int = WIDEST) -> Expr:
    return pl.lit(pl.Series(values, dtype=TYPES[own])).gather(index.cast(pl.UInt32, wrap_numerical=True))


def placed(value: Expr, edges: Sequence[int]) -> Expr:
    """How many of `edges` are not above `value`, an integer of 64 bits, in width(0, len(edges))."""
    own = width(0, len(edges))
    if len(edges) <= FEW:
        return folded([(value >= edge).cast(TYPES[own]) for edge in edges], lambda a, b: a + b)
    evenly = grid(edges)
    if evenly is not None:
        return gathered(slot(value, evenly), evenly.starts, own)
    found = buckets(edges)
    if found is None:
        return pl.lit(pl.Series(edges, dtype=pl.Int64)).search_sorted(value, side="right").cast(TYPES[own])
    inside = between(value, found.low, found.high)
    bucket = _divided(inside - found.low, found.high - found.low, 2**found.shift)
    return gathered(bucket, found.starts, own) + (inside >= gathered(bucket, found.next)).cast(TYPES[own])


def slot(value: Expr, evenly: Grid) -> Expr:
    """The slot that an integer of 64 bits lies in, of 32 bits without a sign or of 64."""
    inside = between(value, evenly.low, evenly.high)
    return _divided(inside - evenly.low, evenly.high - evenly.low, evenly.width)


def between(value: Expr, low: int, high: int) -> Expr:
    """`value` moved to low .. high, and one of these where it is not there. (`clip` takes three times as long.)"""
    return pl.max_horizontal(pl.min_horizontal(value, whole(high)), whole(low))


def _divided(value: Expr, most: int, by: int) -> Expr:
    """value // by for a value of 0 to `most`."""
    return (value.cast(pl.UInt32, wrap_numerical=True) if most < 2**32 else value) // by
