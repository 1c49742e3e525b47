"""Can comparisons that are taken as facts hold together? What they say of one input with figures is looked at.

Those of one input are decided at the values next to their figures: between two figures nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from policydsl.expressions import Compare, CompareOp, Constant, Expr, Input, Within
from policydsl.facts import Fact
from policydsl.ir import Program
from policydsl.kinds import Day
from policydsl.nodes import Node, node
from policydsl.prove.cells import Cell
from policydsl.rounding import end_of_period

#: an input compared with a figure, and the figure
Limit = tuple[CompareOp, Fraction]

_DENIED: Mapping[CompareOp, CompareOp] = {
    "<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="
}  # fmt: skip
_TURNED: Mapping[CompareOp, CompareOp] = {
    "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="
}  # fmt: skip


@node
class _Claim(Node):
    """What a combination says of one input: that one of the limits holds, or (`every`) all do."""

    limits: tuple[Limit, ...]
    every: bool

    def holds(self, x: Fraction) -> bool:
        found = (_holds(x, op, bound) for op, bound in self.limits)
        return all(found) if self.every else any(found)


def consistent(cell: Cell, program: Program) -> bool:
    """Whether the comparisons of a combination can hold together. What compares inputs with each other,
    or results, is taken to be free."""
    claims: dict[str, list[_Claim]] = {}
    for atom, truth in cell.atoms.items():
        found = _claim(atom, truth)
        if found is not None:
            claims.setdefault(found[0], []).append(found[1])
    return all(
        any(all(claim.holds(x) for claim in about) for x in _tried(about, program.fact(key)))
        for key, about in claims.items()
    )


def limits_of(cell: Cell) -> dict[str, list[Limit]]:
    """What a combination says of each input that is compared with figures."""
    limits: dict[str, list[Limit]] = {}
    for atom, truth in cell.atoms.items():
        found = limit_of(atom)
        if found is not None:
            key, op, bound = found
            limits.setdefault(key, []).append((op if truth else _DENIED[op], bound))
    return limits


def limit_of(atom: Expr) -> tuple[str, CompareOp, Fraction] | None:
    """An input that is compared with a figure, as `input op figure`; None when it is something else."""
    match atom:
        case Compare(op=op, left=Input(key=key), right=Constant(value=bound)):
            pass
        case Compare(op=op, left=Constant(value=bound), right=Input(key=key)):
            op = _TURNED[op]
        case _:
            return None
    if isinstance(bound, date):
        bound = Fraction(bound.toordinal())
    return (key, op, bound) if isinstance(bound, Fraction) else None


def _claim(atom: Expr, truth: bool) -> tuple[str, _Claim] | None:
    if isinstance(atom, Within):
        if not (isinstance(atom.day, Input) and isinstance(atom.start, Constant)):
            return None
        first = atom.start.value
        assert isinstance(first, date)
        last = end_of_period(first, atom.length, atom.unit, atom.overflow)
        low, high = Fraction(first.toordinal()), Fraction(last.toordinal())
        inside: tuple[Limit, ...] = ((">=", low), ("<=", high))
        outside: tuple[Limit, ...] = (("<", low), (">", high))
        return atom.day.key, _Claim(inside if truth else outside, truth)
    found = limit_of(atom)
    if found is None:
        return None
    key, op, bound = found
    return key, _Claim(((op if truth else _DENIED[op], bound),), True)


def _tried(claims: Iterable[_Claim], fact: Fact) -> Iterable[Fraction]:
    """A value of the fact out of each stretch on which no claim changes."""
    bounds = sorted({bound for claim in claims for _, bound in claim.limits})
    low, high = (None if end is None else _number(end) for end in (fact.low, fact.high))
    grain = Fraction(1) if isinstance(fact.kind, Day) else fact.grain
    if grain is None:
        ends = sorted({*bounds, *(end for end in (low, high) if end is not None)})
        found = {ends[0] - 1, *ends, ends[-1] + 1, *((a + b) / 2 for a, b in pairwise(ends))}
    else:
        found = {(floor(bound / grain) + n) * grain for bound in bounds for n in (-1, 0, 1)}
        if low is not None:
            found.add(ceil(low / grain) * grain)
        if high is not None:
            found.add(floor(high / grain) * grain)
    return [x for x in found if (low is None or x >= low) and (high is None or x <= high)]


def _number(x: object) -> Fraction:
    if isinstance(x, date):
        return Fraction(x.toordinal())
    assert isinstance(x, Fraction)
    return x


def _holds(x: Fraction, op: CompareOp, bound: Fraction) -> bool:
    return {
        "<": x < bound, "<=": x <= bound, ">": x > bound, ">=": x >= bound, "==": x == bound, "!=": x != bound
    }[op]  # fmt: skip
