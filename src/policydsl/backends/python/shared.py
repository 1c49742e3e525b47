"""Which categories do policies that are compiled together have in common? Each of these stands once, in a module of its own.

A member of one policy's category is then a member of the other's, for type checkers too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from policydsl.backends.python.layout import lay_out
from policydsl.backends.python.names import camel, mangled, upper
from policydsl.backends.python.templates import above, code, constant, expr, items
from policydsl.backends.python.words import one_line
from policydsl.canonical import Canonical
from policydsl.facts import Category, Member
from policydsl.ir import Program


@dataclass(frozen=True, slots=True)
class Shared:
    """A category that several policies have: the module that it stands in, and the text of that module.

    The name of the module says what it holds (`_city_3f9a2c71`), so that another compilation never puts
    other members where modules of an earlier one look for theirs.
    """

    module: str
    text: str


def shared_categories(programs: Sequence[Program]) -> tuple[Mapping[str, Shared], ...]:
    """For each program its shared categories by key.

    Two categories are one when they have the same key and the same members, with equal names, labels
    and codes; their order counts only where the category is ordered. The order is that of the latest policy.
    """
    found: dict[str, list[tuple[int, Category]]] = {}
    for place, program in enumerate(programs):
        for category in program.categories:
            found.setdefault(repr(_form(category)), []).append((place, category))
    result: tuple[dict[str, Shared], ...] = tuple({} for _ in programs)
    for alike in found.values():
        if len(alike) > 1:
            latest = max(alike, key=lambda each: _age(programs[each[0]]))[1]
            one = _module(latest)
            for place, category in alike:
                result[place][category.name.key] = one
    return result


def _form(category: Category) -> Canonical:
    """What makes two categories one."""
    members = [repr(_values(member)) for member in category.members]
    return [category.name.key, category.ordered, repr(members if category.ordered else sorted(members))]


def _values(member: Member) -> tuple[str | None, ...]:
    """What a member is made of: key, label, code, and the name in the policy file where that is another."""
    own = member.name
    if own.written not in (own.key, own.shown):
        return own.key, own.shown, member.code, own.written
    return (own.key, own.shown) if member.code is None else (own.key, own.shown, member.code)


def _age(program: Program) -> tuple[date, str]:
    return program.header.effective_from or date.min, program.header.name.key


def _module(category: Category) -> Shared:
    own = camel(category.name.key)
    doc = f"{own}, as several policies have it. Made by policydsl from these; edit them."
    statements = [
        ast.Expr(constant(doc)),
        *code("from __future__ import annotations"),
        *code("from policydsl import runtime as _rt"),
        *code("_rt.require_api(1)"),
        *code("__all__ = NAMES", NAMES=ast.List([constant(own)], ast.Load())),
        category_class(category),
    ]
    text = lay_out(ast.Module(statements, []))
    digest = sha256(text.encode()).hexdigest()[:8]
    return Shared(f"_{mangled(category.name.key).lower()}_{digest}", text)


def category_class(category: Category) -> ast.stmt:
    """The class of a category, a line a member."""
    body: list[ast.stmt] = []
    for member in category.members:
        values = items(list(map(constant, _values(member))))
        body += code("MEMBER = VALUES", MEMBER=upper(member.name.key), VALUES=values)
    statement = ast.ClassDef(camel(category.name.key), [expr("_rt.Category")], [], body, [])
    return above(statement, *category_label(category))


def category_label(category: Category) -> Iterator[str]:
    """What people call a category, where that is not its key."""
    if category.name.shown != category.name.key:
        yield one_line(category.name.shown)
