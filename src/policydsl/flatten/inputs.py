"""What may the column of each input hold, and how is it counted?"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor
from typing import assert_never

from policydsl.expressions import Value
from policydsl.facts import Fact
from policydsl.flat import InputColumn
from policydsl.flatten.days import FIRST, LAST, count_of
from policydsl.flatten.expressions import mask
from policydsl.ir import Program
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo, is_money

#: An amount without a range has at most 18 digits before the point, one without a grain nine after it.
DIGITS, PLACES = 10**18, 10**9


def input_column(program: Program, fact: Fact, places: Mapping[str, Mapping[str, int]]) -> InputColumn:
    key, kind = fact.name.key, fact.kind
    default: int | None = None
    members: tuple[str, ...] = ()
    den = step = 1
    free = grains = False
    match kind:
        case Quantity():
            grain = fact.grain
            if grain is None and is_money(kind):
                grain = program.header.currency.grain
            free = grain is None
            den = PLACES if grain is None else grain.denominator
            if is_money(kind):
                unit = program.header.currency.grain
                grains = (grain or unit) % unit == 0
                den = max(den, unit.denominator) if grains else den
            step = 1 if grain is None else int(grain * den)
            limit = DIGITS * den - 1
            assert not isinstance(fact.low, str)
            low = -limit if fact.low is None else ceil(_figure(fact.low) * den)
            high = limit if fact.high is None else floor(_figure(fact.high) * den)
        case Day():
            low = FIRST if fact.low is None else count_of(fact.low)  # type: ignore[arg-type]
            high = LAST if fact.high is None else count_of(fact.high)  # type: ignore[arg-type]
        case YesNo():
            low, high = 0, 1
        case MemberOf():
            members = tuple(places[kind.category])
            low, high = 0, len(members) - 1
        case SetOf():
            members = tuple(places[kind.category])
            low, high = 0, (1 << len(members)) - 1
        case _:
            assert_never(kind)
    if fact.has_default and fact.default is not None:
        default = _count(
            fact.default, den, places[kind.category] if isinstance(kind, MemberOf | SetOf) else {}
        )
    optional = fact.optional
    safe = min(max(0, -(-low // step) * step), high)
    return InputColumn(key, kind, low, high, den, step, members, optional, default, free, safe, grains)


def _figure(bound: object) -> Fraction:
    assert isinstance(bound, Fraction)
    return bound


def _count(value: Value, den: int, places: Mapping[str, int]) -> int:
    match value:
        case bool():
            return int(value)
        case Fraction():
            return int(value * den)
        case str():
            return places[value]
        case frozenset():
            return mask(value, places)
        case None:
            raise AssertionError("a default exists")
        case _:
            return count_of(value)
