"""Which combinations of keys does no row take, and which do several? Exactly, by sets of rows as bits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import combinations, product
from math import prod
from typing import TypeAlias

from policydsl.checks.people import MOST_PEOPLE
from policydsl.checks.reach import facts_of
from policydsl.checks.values import known, possible
from policydsl.checks.views import View, knowing
from policydsl.checks.worlds import worlds
from policydsl.expressions import Input, Test, Value
from policydsl.kinds import Day, MemberOf, SetOf, YesNo
from policydsl.model import Key

#: What a key can be: a member or yes/no, some members of a set, or for a quantity an amount that
#: stands for a stretch between two bounds.
Atom: TypeAlias = "str | frozenset[str] | Fraction"
#: What a key can be, and the rows that take it (row n is bit n).
Axis: TypeAlias = "tuple[tuple[Atom, int], ...]"


def members_of(key: Key, seen: View) -> tuple[Atom, ...] | None:
    """What a key of members or of yes/no can be; None for a quantity or a day. Of the sets of
    members nothing, one and two are enough: more meet no row that these do not meet."""
    if isinstance(key.value, Input) and key.value.key in seen.facts:
        known = seen.facts[key.value.key]
        if isinstance(known, bool):
            return ("yes",) if known else ("no",)
        if isinstance(known, (str, frozenset)):
            return (known,)
    match key.value.kind:
        case SetOf():
            every = [m.name.key for m in seen.policy.category(key.value.kind.category).members]
            return tuple(frozenset(c) for n in (1, 2, 0) for c in combinations(every, n))
        case MemberOf():
            return tuple(m.name.key for m in seen.policy.category(key.value.kind.category).members)
        case YesNo():
            return ("yes", "no")
        case _:
            return None


def axis(values: Iterable[Atom], tests: Iterable[Test]) -> Axis:
    """The rows that take each of `values`."""
    every = 0
    of_member: dict[Atom, int] = {}
    for i, test in enumerate(tests):
        if test is None:
            every |= 1 << i
        elif isinstance(test, frozenset):
            for member in test:
                of_member[member] = of_member.get(member, 0) | 1 << i

    def taking(x: Atom) -> int:
        rows = every
        for member in x if isinstance(x, frozenset) else (x,):
            rows |= of_member.get(member, 0)
        return rows

    return tuple((value, taking(value)) for value in values)


def cells(axes: Sequence[Axis], rows: int) -> Iterator[tuple[tuple[Atom, ...], int]] | None:
    """Every combination with those of the `rows` rows that take it; None when there are too many."""
    if prod(len(a) for a in axes) > MOST_PEOPLE:
        return None
    return _cells(axes, (1 << rows) - 1)


def _cells(axes: Sequence[Axis], every: int) -> Iterator[tuple[tuple[Atom, ...], int]]:
    for combination in product(*axes):
        mask = every
        for _, rows in combination:
            mask &= rows
        yield tuple(a for a, _ in combination), mask


def rows_of(mask: int) -> list[int]:
    """The numbers of the rows in `mask`, from the first."""
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def as_person(keys: Sequence[Key], atoms: Sequence[Atom], seen: View) -> View:
    """The facts that a combination of keys settles: those that are looked up directly."""
    facts: dict[str, Value] = {}
    for key, atom in zip(keys, atoms, strict=True):
        if isinstance(key.value, Input):
            match key.value.kind:
                case YesNo():
                    facts[key.value.key] = atom == "yes"
                case Day() if isinstance(atom, Fraction):
                    facts[key.value.key] = date.fromordinal(int(atom))
                case _:
                    facts[key.value.key] = atom
    return knowing(seen, facts)


def may_be(person: View) -> bool:
    """Whether no `given` rules this combination out, whatever else is true of the case."""
    givens = [g.condition for g in person.policy.givens]
    if not possible(givens, person):
        return False
    undecided = [g for g in givens if known(g, person) is None]
    found = worlds(undecided, person) if undecided else None
    return found is None or next(found, None) is not None


def depends_on(tests: Iterable[Test], seen: View) -> frozenset[str]:
    """The facts that the bounds in `tests` depend on."""
    out: set[str] = set()
    for test in tests:
        if test is not None and not isinstance(test, frozenset):
            for bound in (test.low, test.high):
                if bound is not None:
                    out |= facts_of(bound, seen)
    return frozenset(out)
