"""What does the notice leave open, and what did the author of the policy settle? Every `because`, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, assert_never

from policydsl.ir import (
    Allotment,
    Definition,
    Division,
    Exceptions,
    Formula,
    Ground,
    Lookup,
    Schedule,
)
from policydsl.wording import About

Chosen: TypeAlias = tuple[About, str]


def of(definition: Definition) -> Iterator[Chosen]:
    """The choices in one definition, in the order of its parts, with their reasons."""
    body = definition.body
    for because in definition.because:
        yield "definition", because
    match body:
        case Formula():
            pass
        case Lookup():
            if body.overlap_because is not None:
                yield "overlap", body.overlap_because
        case Schedule():
            if body.continuous_because is not None:
                yield "bands", body.continuous_because
            for rounding in (body.each_slice, body.each_product):
                if rounding is not None and rounding.because is not None:
                    yield rounding, rounding.because
        case Exceptions():
            yield from _of_grounds(body.grounds)
            if body.overlap_because is not None:
                yield "overlap", body.overlap_because
        case Allotment():
            yield from _of_division(body.division)
        case _:
            assert_never(body)
    inner = [r for r in (body.each_slice, body.each_product) if r] if isinstance(body, Schedule) else []
    for clause in definition.finish:
        if clause.because is not None and clause not in inner:
            yield clause, clause.because


def _of_grounds(grounds: Sequence[Ground]) -> Iterator[Chosen]:
    for ground in grounds:
        if ground.because is not None:
            yield ground, ground.because
        yield from _of_grounds(ground.inner)


def _of_division(division: Division) -> Iterator[Chosen]:
    if division.rounding is not None and division.rounding.because is not None:
        yield division.rounding, division.rounding.because
    for arm in division.arms:
        for part in arm.parts:
            if part.division is not None:
                yield from _of_division(part.division)
