"""Which cells does a definition have? The finite cases of its categories, walked one by one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from itertools import product

from policydsl.backends.python.building import Builder
from policydsl.backends.python.templates import constant
from policydsl.expressions import Test
from policydsl.kinds import Kind, MemberOf, YesNo

#: More cases than this are not laid out in a table.
LIMIT = 5000


def values_of(kind: Kind, builder: Builder) -> tuple[str, ...] | None:
    """The keys of a category's members, "yes" and "no"; None for a kind that is not finite."""
    match kind:
        case MemberOf():
            return tuple(m.name.key for m in builder.program.category(kind.category).members)
        case YesNo():
            return ("yes", "no")
        case _:
            return None


def case_literal(kind: Kind, key: str, builder: Builder) -> ast.expr:
    """The value that such a key stands for."""
    return builder.member(kind.category, key) if isinstance(kind, MemberOf) else constant(key == "yes")


def cases(kinds: Sequence[Kind], builder: Builder) -> list[tuple[str, ...]] | None:
    """Every combination; None where a kind is not finite or there are too many."""
    domains: list[tuple[str, ...]] = []
    size = 1
    for kind in kinds:
        domain = values_of(kind, builder)
        if domain is None:
            return None
        domains.append(domain)
        size *= len(domain)
    return list(product(*domains)) if size <= LIMIT else None


def holds(tests: Sequence[Test], case: Sequence[str]) -> bool:
    """Whether a row of tests on categories holds for a case."""
    for test, key in zip(tests, case, strict=True):
        assert test is None or isinstance(test, frozenset)
        if test is not None and key not in test:
            return False
    return True


def nested(kinds: Sequence[Kind], leaf: Callable[[tuple[str, ...]], ast.expr], builder: Builder) -> ast.expr:
    """Dictionaries in dictionaries, a level for each kind."""

    def level(rest: Sequence[Kind], above: tuple[str, ...]) -> ast.expr:
        if not rest:
            return leaf(above)
        keys = values_of(rest[0], builder) or ()
        return ast.Dict(
            [case_literal(rest[0], key, builder) for key in keys],
            [level(rest[1:], (*above, key)) for key in keys],
        )

    return level(kinds, ())


def all_distinct(kinds: Sequence[Kind], builder: Builder) -> bool:
    """Whether no member of one of these categories has the key of a member of another: then a
    dictionary tells a member of the wrong category from its own."""
    seen: dict[str, str] = {}
    for kind in kinds:
        if not isinstance(kind, MemberOf):
            return False
        for key in values_of(kind, builder) or ():
            if seen.setdefault(key, kind.category) != kind.category:
                return False
    return True


def covered(tests: Iterator[Sequence[Test]], kinds: Sequence[Kind], builder: Builder) -> bool:
    """Whether every case passes one of the rows of tests."""
    rows = list(tests)
    every = cases(kinds, builder)
    return every is not None and all(any(holds(row, case) for row in rows) for case in every)
