"""Can some conditions hold together? Every case that they tell apart, looked at one by one.

Members, sets, yes/no facts and presence are finite. An amount or a day that is compared with
figures is cut at them. Any other comparison counts as a yes/no unknown of its own: then an answer
"never" is certain, and an answer "together" means "perhaps".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from math import floor, prod

from policydsl.checks.bounds import fact_range
from policydsl.checks.people import MOST_PEOPLE, domain
from policydsl.checks.reach import expressions_of, facts_of, walk
from policydsl.checks.values import known, number, possible
from policydsl.checks.views import View, knowing, supposing
from policydsl.expressions import Compare, Expr, HasAny, Input, Ref, Value, Within
from policydsl.facts import Fact
from policydsl.kinds import Day, Quantity, SetOf, YesNo
from policydsl.rounding import end_of_period


def everything_in(exprs: Iterable[Expr], seen: View) -> Iterator[Expr]:
    """All expressions inside `exprs`, and inside the definitions they refer to."""
    met: set[str] = set()
    waiting = list(exprs)
    while waiting:
        for inner in walk(waiting.pop()):
            yield inner
            if isinstance(inner, Ref) and inner.key not in met and inner.key in seen.index:
                met.add(inner.key)
                waiting.extend(expressions_of(seen.index[inner.key], seen))


def worlds(exprs: Iterable[Expr], seen: View) -> Iterator[View] | None:
    """Every case that `exprs` tell apart and that no `given` rules out; None when there are too
    many. A case with `opaque` conditions supposes what nothing can decide."""
    conditions = _with_givens(list(exprs), seen)
    inner = list(everything_in(conditions, seen))
    keys: set[str] = set()
    for expr in conditions:
        keys |= facts_of(expr, seen)
    cuts: dict[str, set[Fraction]] = {}
    opaque: dict[Expr, None] = {}
    for expr in inner:
        _cut(expr, seen, cuts, opaque)
    groups: dict[str, list[frozenset[str]]] = {}
    for expr in inner:
        if isinstance(expr, HasAny) and isinstance(expr.operand, Input):
            groups.setdefault(expr.operand.key, []).append(expr.members)
    axes: list[tuple[str, tuple[Value, ...]]] = []
    for key in ("on", *seen.inputs):
        if key in keys and key not in seen.facts:
            values = _values(key, seen, cuts.get(key, set()), groups.get(key))
            if values is None:
                return None
            axes.append((key, values))
    if prod(len(v) for _, v in axes) * 2 ** len(opaque) > MOST_PEOPLE:
        return None
    return _worlds(axes, list(opaque), seen)


def _worlds(axes: list[tuple[str, tuple[Value, ...]]], opaque: list[Expr], seen: View) -> Iterator[View]:
    givens = [g.condition for g in seen.policy.givens]
    for values in product(*(v for _, v in axes)):
        who = knowing(seen, {k: v for (k, _), v in zip(axes, values, strict=True)})
        for truths in product((True, False), repeat=len(opaque)):
            world = supposing(who, dict(zip(opaque, truths, strict=True)))
            if possible(givens, world):
                yield world


def _with_givens(exprs: list[Expr], seen: View) -> list[Expr]:
    """`exprs` and every `given` that speaks of the same facts, through other givens too."""
    keys: set[str] = set()
    for expr in exprs:
        keys |= facts_of(expr, seen)
    left = [g.condition for g in seen.policy.givens]
    while True:
        near = [c for c in left if not keys.isdisjoint(facts_of(c, seen))]
        if not near:
            return exprs
        for c in near:
            keys |= facts_of(c, seen)
            left.remove(c)
        exprs = [*exprs, *near]


def _is_amount(key: str, seen: View) -> bool:
    fact = seen.inputs.get(key)
    return fact is not None and isinstance(fact.kind, (Quantity, Day))


def cuts_of(key: str, exprs: Iterable[Expr], seen: View) -> set[Fraction]:
    """The figures that the input `key`, an amount or a day, is compared with in `exprs`."""
    cuts: dict[str, set[Fraction]] = {}
    for expr in everything_in(exprs, seen):
        _cut(expr, seen, cuts, {})
    return cuts.get(key, set())


def _cut(expr: Expr, seen: View, cuts: dict[str, set[Fraction]], opaque: dict[Expr, None]) -> None:
    """Where an amount or a day is compared: with a figure a cut, otherwise something unknown."""
    match expr:
        case Compare(left=Input(key=key), right=other) | Compare(left=other, right=Input(key=key)) if (
            _is_amount(key, seen)
        ):
            found = known(other, seen)
            if found is not None and not isinstance(found, (str, frozenset, bool)):
                cuts.setdefault(key, set()).add(number(found))
            elif any(_is_amount(k, seen) for k in facts_of(other, seen)) or facts_of(other, seen):
                opaque[expr] = None
        case Compare():
            if not isinstance(expr.left.kind, YesNo) and any(
                _is_amount(k, seen) for k in facts_of(expr, seen)
            ):
                opaque[expr] = None
        case Within(day=Input(key=key), start=start):
            first = known(start, seen)
            if isinstance(first, date):
                last = end_of_period(first, expr.length, expr.unit, expr.overflow)
                cuts.setdefault(key, set()).update({number(first), number(last)})
            else:
                opaque[expr] = None
        case Within():
            if facts_of(expr, seen):
                opaque[expr] = None
        case _:
            pass


def _values(
    key: str, seen: View, cuts: set[Fraction], groups: list[frozenset[str]] | None
) -> tuple[Value, ...] | None:
    fact = seen.inputs.get(key)
    if fact is None or not isinstance(fact.kind, (Quantity, Day)):
        apart = groups if fact is not None and isinstance(fact.kind, SetOf) else None
        return domain(key, seen, apart)
    found: list[Value] = [_as_value(x, fact) for x in _amounts(fact, cuts)]
    return tuple([*found, None] if fact.optional else found)


def _amounts(fact: Fact, cuts: set[Fraction]) -> list[Fraction]:
    """An amount at every cut, one on each side of it, and the ends of the range."""
    r = fact_range(fact)
    step = Fraction(1) if isinstance(fact.kind, Day) else fact.grain or Fraction(1, 10_000)
    tried = {x + n * step for x in cuts for n in (-1, 0, 1)}
    tried |= {x for x in (r.low, r.high) if x is not None}
    if not tried:
        start = date(2000, 1, 1).toordinal() if isinstance(fact.kind, Day) else 1
        tried = {Fraction(start)}
    on_grid = {floor(x / step) * step for x in tried}
    return sorted(x for x in on_grid if r.holds(x))


def _as_value(x: Fraction, fact: Fact) -> Value:
    if not isinstance(fact.kind, Day):
        return x
    return date.min + timedelta(days=int(x) - 1)
