"""Which people are there to consider? The finite facts a property depends on, taken in every combination.

Members that no test tells apart are one class; a set of members is the presence or absence of
each class. A comparison of a second amount, which is not followed exactly, is one more fact that
may hold or not: what is proved for both is proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from policydsl.expressions import (
    Compare,
    Expr,
    HasAny,
    Input,
    IsMember,
    Present,
    Ref,
    Value,
    Within,
    children,
)  # fmt: skip
from policydsl.ir import (
    Allotment,
    Definition,
    Division,
    Key,
    Lookup,
    Program,
    Schedule,
)  # fmt: skip
from policydsl.kinds import Day, Kind, MemberOf, Quantity, SetOf, YesNo
from policydsl.needs import expressions_of
from policydsl.nodes import Node, node

MAX_CELLS = 50_000


@node
class Axis(Node):
    """One finite fact and the values it is considered with, the plainest first.

    `fact` is its key; for an optional fact's existence it is the key with "?" before it. `atom` is
    a comparison that is taken as a fact of its own.
    """

    fact: str
    values: Sequence[Value]
    atom: Expr | None = None


@node
class Cell(Node):
    """One combination: the finite facts by key, and the truth of each comparison taken as a fact."""

    facts: Mapping[str, Value]
    atoms: Mapping[Expr, bool]
    #: how many facts differ from their plainest value
    turns: int = 0


@node
class Reach(Node):
    """What an expression reaches: every expression inside it and inside the definitions it needs."""

    expressions: tuple[Expr, ...]
    definitions: tuple[Definition, ...]


def reach(program: Program, roots: Iterable[Expr]) -> Reach:
    found: list[Expr] = []
    definitions: dict[str, Definition] = {}
    pending = list(roots)
    while pending:
        expr = pending.pop()
        found.append(expr)
        pending += children(expr)
        if isinstance(expr, Ref) and expr.key not in definitions:
            definition = program.definition(expr.key)
            definitions[expr.key] = definition
            pending += expressions_of(definition)
    return Reach(tuple(found), tuple(definitions.values()))


def keys_of(found: Reach) -> set[str]:
    """The facts that the reached expressions ask about."""
    return {e.key for e in found.expressions if isinstance(e, Input | Present)}


def givens_about(program: Program, keys: set[str]) -> list[Expr]:
    """The givens that limit these facts, and those that limit the facts these bring in, and so on."""
    about = set(keys)
    while more := {key for g in program.givens if about & set(g.inputs) for key in g.inputs} - about:
        about |= more
    return [g.condition for g in program.givens if about & set(g.inputs)]


def amounts_in(program: Program, expr: Expr) -> frozenset[str]:
    """The keys of amounts and days that decide an expression, through definitions too."""
    return frozenset(
        e.key for e in reach(program, (expr,)).expressions if isinstance(e, Input) and _is_amount(e)
    )


def amounts_valued(program: Program, roots: Iterable[Expr]) -> frozenset[str]:
    """The amounts and days that make up the values of `roots`, those in conditions left out."""
    found: set[str] = set()
    seen: set[str] = set()
    pending = list(roots)
    while pending:
        expr = pending.pop()
        if isinstance(expr, Input) and _is_amount(expr):
            found.add(expr.key)
        elif isinstance(expr, Ref):
            if expr.key not in seen:
                seen.add(expr.key)
                pending += _values_of(program.definition(expr.key))
        elif not isinstance(expr, Compare | Within):
            pending += children(expr)
    return frozenset(found)


def _values_of(definition: Definition) -> list[Expr]:
    """The expressions of a definition that can be its value; keys of amounts count too, for a row is chosen by them."""
    return list(expressions_of(definition))


def _is_amount(expr: Expr) -> bool:
    return isinstance(expr.kind, Quantity | Day)


def conditions(found: Reach) -> list[Compare | Within]:
    return [e for e in found.expressions if isinstance(e, Compare | Within)]


def facts_of(cell: Cell) -> dict[str, Value]:
    """The facts of a cell as a case gives them: None for what does not exist."""
    given: dict[str, Value] = {key: value for key, value in cell.facts.items() if not key.startswith("?")}
    return given | {key[1:]: None for key, value in cell.facts.items() if key[:1] == "?" and value is False}


def placed(cell: Cell, fact: str, value: Value) -> Cell:
    """The same people but for one fact."""
    return Cell({**cell.facts, fact: value}, cell.atoms, cell.turns)


# axes


def axes(program: Program, found: Reach, atoms: Iterable[Expr]) -> list[Axis]:
    """The finite facts that the reached expressions depend on."""
    tests: dict[str | Kind, set[frozenset[str]]] = {}
    plain: dict[str, Input] = {}
    optional: set[str] = set()
    for expr in found.expressions:
        if isinstance(expr, IsMember | HasAny):
            tests.setdefault(_tested(expr.operand), set()).add(expr.members)
        if isinstance(expr, Input) and isinstance(expr.kind, YesNo | MemberOf | SetOf):
            plain[expr.key] = expr
        if isinstance(expr, Present):
            optional.add(expr.key)
    for key, test in _key_tests(found.definitions):
        tests.setdefault(_tested(key.value), set()).add(test)
    result: list[Axis] = []
    for fact in program.facts:
        name = fact.name.key
        if name in optional:
            result.append(Axis(f"?{name}", (False, True)))
        kind = fact.kind
        if name not in plain:
            continue
        if isinstance(kind, YesNo):
            result.append(Axis(name, (False, True)))
        elif isinstance(kind, MemberOf):
            members = [m.name.key for m in program.category(kind.category).members]
            # The member may also be what a rule gives, and be tested there.
            told_apart = tests.get(name, set()) | tests.get(kind, set())
            result.append(Axis(name, tuple(_classes(members, told_apart))))
        elif isinstance(kind, SetOf):
            members = [m.name.key for m in program.category(kind.category).members]
            result.append(Axis(name, _subsets(_classes(members, tests.get(name, set()), tested=True))))
    result += [Axis("", (False, True), atom) for atom in dict.fromkeys(atoms)]
    return result


def _tested(operand: Expr) -> str | Kind:
    """What a test of members is about: one fact, or any value of a kind."""
    return operand.key if isinstance(operand, Input) else operand.kind


def _key_tests(definitions: Iterable[Definition]) -> Iterator[tuple[Key, frozenset[str]]]:
    """The member tests of tables, schedules and splits, with the key each is about."""
    for definition in definitions:
        body = definition.body
        if isinstance(body, Lookup):
            for row in body.rows:
                yield from _pairs(body.keys, row.tests)
        elif isinstance(body, Schedule):
            for column in body.columns:
                yield from _pairs(body.keys, column.tests)
        elif isinstance(body, Allotment):
            yield from _division_tests(body.division)


def _division_tests(division: Division) -> Iterator[tuple[Key, frozenset[str]]]:
    for arm in division.arms:
        yield from _pairs(division.keys, arm.tests)
        for part in arm.parts:
            if part.division is not None:
                yield from _division_tests(part.division)


def _pairs(keys: tuple[Key, ...], tests: tuple[object, ...]) -> Iterator[tuple[Key, frozenset[str]]]:
    for key, test in zip(keys, tests, strict=True):
        if isinstance(test, frozenset):
            yield key, test


def _classes(members: list[str], tests: set[frozenset[str]], *, tested: bool = False) -> list[str]:
    """One member of each class that the tests tell apart; with `tested` only of those some test names."""
    seen: dict[frozenset[frozenset[str]], str] = {}
    for member in members:
        signature = frozenset(test for test in tests if member in test)
        if signature or not tested:
            seen.setdefault(signature, member)
    return list(seen.values())


def _subsets(members: list[str]) -> Sequence[Value]:
    """Every set of the members, the smallest first; of too many members only how many sets there are."""
    if len(members) > 16:
        return range(2 ** min(len(members), 60))  # type: ignore[return-value]
    numbered = sorted(range(2 ** len(members)), key=lambda bits: bits.bit_count())
    return [frozenset(m for i, m in enumerate(members) if bits >> i & 1) for bits in numbered]


class TooMany(Exception):
    """There are more combinations than can be considered."""


def cells(axes_: list[Axis]) -> Iterator[Cell]:
    """Every combination, those that differ least from the plainest first."""
    count = 1
    for axis in axes_:
        count *= len(axis.values)
    if count > MAX_CELLS:
        raise TooMany
    choices = [list(enumerate(axis.values)) for axis in axes_]
    for combination in sorted(product(*choices), key=_turns):
        facts = {a.fact: value for a, (_, value) in zip(axes_, combination, strict=True) if a.atom is None}
        atoms = {
            a.atom: bool(value)
            for a, (_, value) in zip(axes_, combination, strict=True)
            if a.atom is not None
        }
        yield Cell(facts, atoms, _turns(combination))


def _turns(combination: tuple[tuple[int, Value], ...]) -> int:
    """How far from the plainest: facts that differ, and the size of sets."""
    return sum(
        len(value) if isinstance(value, frozenset) else (1 if place else 0) for place, value in combination
    )


def biggest(axes_: list[Axis]) -> list[Axis]:
    """The axes with most values, for the message that there are too many combinations."""
    return sorted(axes_, key=lambda axis: -len(axis.values))[:3]
