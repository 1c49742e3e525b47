"""How do several small figures share an integer of 64 bits? Side by side, to be shifted down and cut out.

A compiler does that for eight rows at once, which it cannot do when figures are read from a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from policydsl.backends.columns.search import Segments
from policydsl.flat import GREATEST

WORD = 64


@dataclass(frozen=True, slots=True)
class Packed:
    """The figure at place p is ((`word` >> p × `width`) & `mask`) × `factor` + `low`. `word` has a sign, as its
    highest bit may be set."""

    word: int
    width: int
    factor: int
    low: int

    @property
    def mask(self) -> int:
        return (1 << self.width) - 1


def packed(values: Sequence[int]) -> Packed | None:
    """All figures in one word; None where they do not fit."""
    low = min(0, *values)
    if max(values) - low > GREATEST:
        return None
    factor = gcd(*(value - low for value in values)) or 1
    fields = [(value - low) // factor for value in values]
    bits = max(1, max(fields).bit_length())
    even = 1 << (bits - 1).bit_length()  # words of one width are shifted by the same distance
    for width in (max(8, even), even, bits):
        if len(fields) * width <= WORD:
            return Packed(_signed(_joined(fields, width)), width, factor, low)
    return None


def _joined(fields: Sequence[int], width: int) -> int:
    return sum(field << width * place for place, field in enumerate(fields))


def _signed(word: int) -> int:
    """The number of 64 bits as one with a sign."""
    return word - (1 << WORD) if word >> (WORD - 1) else word


@dataclass(frozen=True, slots=True)
class PackedSegments:
    """`Segments` in two tables, one column after the other. Of a word the lowest `rate_bits` are the rate; then come, in
    `offset_bits`, how far from the beginning of its bucket the next edge lies; then, with a sign, the step there."""

    words: tuple[int, ...]
    bases: tuple[int, ...]
    rate_bits: int
    offset_bits: int


def packed_segments(found: Segments) -> PackedSegments | None:
    """The same with rate, step and edge in one word; None where they do not fit."""
    own = found.buckets
    rates = [rate for row in found.rates for rate in row]
    steps = [step for row in found.steps for step in row]
    if min(rates) < 0:
        return None
    rate_bits, offset_bits = max(rates).bit_length(), own.shift + 1
    if rate_bits + offset_bits + max(abs(step) for step in steps).bit_length() >= WORD:
        return None
    # an edge beyond the bucket is as one at its end: no amount of the bucket is above either
    offsets = [
        min(edge - own.low - (bucket << own.shift), 1 << own.shift) for bucket, edge in enumerate(own.next)
    ]
    words = [
        (step << rate_bits + offset_bits) | (offset << rate_bits) | rate
        for rate, step, offset in zip(rates, steps, offsets * len(found.rates), strict=True)
    ]
    bases = [base for row in found.bases for base in row]
    return PackedSegments(tuple(words), tuple(bases), rate_bits, offset_bits)
