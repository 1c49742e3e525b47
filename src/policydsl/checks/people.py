"""Which people does a policy tell apart? Every assignment of the facts that have finitely many values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations, product
from math import prod
from typing import assert_never

from policydsl.checks.reach import expressions_of, facts_of, walk
from policydsl.checks.values import possible
from policydsl.checks.views import ON, View, knowing
from policydsl.expressions import HasAny, Value
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo
from policydsl.model import Param

#: More people than this are not looked at one by one; the checks say so.
MOST_PEOPLE = 100_000


def domain(key: str, seen: View, apart: Iterable[frozenset[str]] | None = None) -> tuple[Value, ...] | None:
    """Every value the fact `key` can take, or None when they are too many to name.

    The subsets of a category are named one by one up to 16 members. With `apart`, only sets that
    differ in which of those groups of members they meet are told apart.
    """
    if key == ON:
        return _days_of_change(seen)
    fact = seen.inputs.get(key)
    if fact is None:
        return None
    found: tuple[Value, ...]
    match fact.kind:
        case YesNo():
            found = (True, False)
        case MemberOf():
            found = tuple(m.name.key for m in seen.policy.category(fact.kind.category).members)
        case SetOf():
            members = [m.name.key for m in seen.policy.category(fact.kind.category).members]
            if apart is not None:
                groups = list(apart)
                alike: dict[tuple[bool, ...], str] = {}
                for m in members:
                    alike.setdefault(tuple(m in g for g in groups), m)
                members = [m for signature, m in alike.items() if any(signature)]
            if len(members) > 16:
                return None
            found = tuple(subsets(members))
        case Quantity() | Day():
            return None
        case _:
            assert_never(fact.kind)
    return (*found, None) if fact.optional else found


def subsets(members: list[str]) -> list[frozenset[str]]:
    """Every subset of `members`, the smaller ones first."""
    return [frozenset(c) for n in range(len(members) + 1) for c in combinations(members, n)]


def _days_of_change(seen: View) -> tuple[date, ...]:
    """The first day of the case that there is and every later one on which a figure of the policy changes."""
    policy = seen.policy
    starts = {
        v.start for d in policy.definitions if isinstance(d, Param) for v in d.versions if v.start is not None
    }
    starts |= {e.start for line in policy.timelines for e in line.editions if e.start is not None}
    first = policy.header.effective_from
    if first is not None:
        starts = {max(s, first) for s in starts} | {first}
    on = seen.inputs.get(ON)
    low, high = (on.low, on.high) if on is not None else (None, None)
    return tuple(
        sorted(
            s
            for s in starts
            if (not isinstance(low, date) or low <= s) and (not isinstance(high, date) or s <= high)
        )
    )


def people(keys: Iterable[str], seen: View) -> Iterator[View] | None:
    """Every assignment of the facts `keys` that have finitely many values and that no `given`
    rules out; None when they are more than `MOST_PEOPLE`."""
    named: list[tuple[str, tuple[Value, ...]]] = []
    wanted = set(keys)
    for key in (ON, *seen.inputs):
        if key in wanted and key not in seen.facts:
            values = domain(key, seen, _groups_met(key, seen))
            if values:
                named.append((key, values))
            elif key in seen.inputs and isinstance(seen.inputs[key].kind, SetOf):
                return None
    if prod(len(v) for _, v in named) > MOST_PEOPLE:
        return None
    return _people(named, seen)


def _people(named: list[tuple[str, tuple[Value, ...]]], seen: View) -> Iterator[View]:
    conditions = [g.condition for g in seen.policy.givens]
    for values in product(*(v for _, v in named)):
        person = knowing(seen, {k: v for (k, _), v in zip(named, values, strict=True)})
        if possible(conditions, person):
            yield person


def _groups_met(key: str, seen: View) -> tuple[frozenset[str], ...] | None:
    """The groups of members that any condition of the policy asks of the set `key`."""
    fact = seen.inputs.get(key)
    if fact is None or not isinstance(fact.kind, SetOf):
        return None
    memo_key = ("groups", key)
    if memo_key not in seen.shared:
        found: dict[frozenset[str], None] = {}
        exprs = [e for d in seen.policy.definitions for e in expressions_of(d)]
        for expr in [*exprs, *(g.condition for g in seen.policy.givens)]:
            for inner in walk(expr):
                if isinstance(inner, HasAny) and key in facts_of(inner.operand, seen):
                    found[inner.members] = None
        seen.shared[memo_key] = tuple(found)
    return seen.shared[memo_key]  # type: ignore[return-value]
