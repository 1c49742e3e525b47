"""What uses what? The definitions and facts that each expression of a policy reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policydsl.expressions import Expr, Input, Present, Ref, children
from policydsl.ir import Program
from policydsl.model import Policy, Property
from policydsl.needs import expressions_of


def read_by(expr: Expr | None) -> Iterator[str]:
    """The keys of the facts and definitions that an expression reads, in reading order."""
    if expr is None:
        return
    if isinstance(expr, Input | Ref | Present):
        yield expr.key
    for child in children(expr):
        yield from read_by(child)


def uses(program: Program) -> dict[str, tuple[str, ...]]:
    """For each definition what it reads directly, each once."""
    return {
        d.name.key: tuple(dict.fromkeys(key for expr in expressions_of(d) for key in read_by(expr)))
        for d in program.definitions
    }


def used_by(uses: dict[str, tuple[str, ...]], key: str) -> tuple[str, ...]:
    return tuple(user for user, read in uses.items() if key in read and user != key)


def of_property(prop: Property) -> tuple[str, ...]:
    """What an `ensure` or a `require` is about."""
    found = [*read_by(prop.holds), *read_by(prop.output), *read_by(prop.when)]
    return tuple(dict.fromkeys([*found, *([prop.along] if prop.along else [])]))


def anchors(policy: Policy) -> dict[str, str]:
    """An anchor for everything that has a name: by the name where that is plain, else by its number."""
    found: dict[str, str] = {}
    names: Iterable[str] = (
        [d.name.key for d in policy.definitions]
        + [f.name.key for f in policy.facts]
        + [f"category {c.name.key}" for c in policy.categories]
    )
    for number, name in enumerate(names, 1):
        prefix = "c" if name.startswith("category ") else "d"
        plain = name.removeprefix("category ")
        word = plain.replace(".", "-")
        safe = word.replace("-", "_").isidentifier() and word.isascii()
        found.setdefault(name, f"{prefix}-{word}" if safe else f"{prefix}-{number}")
    return found
