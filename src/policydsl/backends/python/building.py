"""What is being built? A module under construction, and one function of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias, assert_never

from policydsl.backends.python.names import Scope, camel, mangled, upper
from policydsl.backends.python.scale import Number
from policydsl.backends.python.templates import call, code, constant, expr, item, name
from policydsl.expressions import Ref
from policydsl.facts import Fact
from policydsl.ir import Definition, Program
from policydsl.kinds import Day, Kind, MemberOf, Quantity, SetOf, YesNo, is_money

#: A value in generated code: a quantity with its scale, or an expression of any other kind.
Value: TypeAlias = Number | ast.expr

#: A number beyond 18 digits before the point is refused, and beyond 9 after it where no grain is declared.
DIGITS = 10**18
FREE_SCALE = 10**9


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the facts at a point of the code: see `Function`."""

    existing: frozenset[str] = frozenset()
    possible: dict[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a definition is read: `say` gives its value, or a tuple of `values`.

    The codes of `values` mean nothing here; `known` ones need no `say`. `fails`: there may be no
    answer. `parts` says which of the values a payer or a column is.
    """

    say: Callable[[Function], ast.expr]
    values: tuple[Value, ...]
    parts: dict[str | None, int]
    single: bool
    fails: bool


@dataclass(slots=True)
class Builder:
    """The module: its statements so far, its names, and how its definitions are read."""

    program: Program
    scope: Scope
    statements: list[ast.stmt] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    made: dict[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def minor(self) -> int:
        """How many of the smallest unit make one unit of the currency: 100 分."""
        return int(1 / self.program.header.currency.grain)

    def std(self, word: str) -> str:
        return self.scope.std(word)

    def py(self, word: str) -> ast.expr:
        """A name of the standard library or a builtin."""
        return expr(self.std(word))

    def private(self, role: tuple[str, ...], wanted: str) -> str:
        """The private name for a role, the same each time it is asked for."""
        if role not in self.made:
            self.made[role] = self.scope.private(wanted)
        return self.made[role]

    def table(self, role: tuple[str, ...], wanted: str, value: ast.expr, *notes: str) -> ast.expr:
        """A module constant for `value`, made once."""
        if role not in self.made:
            own = self.private(role, wanted)
            (statement,) = code("NAME: FINAL = VALUE", NAME=own, FINAL=self.py("Final"), VALUE=value)
            statement.above = notes  # type: ignore[attr-defined]
            self.statements.append(statement)
        return name(self.made[role])

    def category(self, key: str) -> str:
        return camel(key)

    def member(self, category: str, key: str) -> ast.expr:
        return expr("CLASS.MEMBER", CLASS=camel(category), MEMBER=upper(key))

    def members(self, category: str, keys: frozenset[str]) -> list[ast.expr]:
        """The members of those keys, in the order of the category."""
        ordered = (m.name.key for m in self.program.category(category).members)
        return [self.member(category, key) for key in ordered if key in keys]

    def annotation(self, kind: Kind, *, inner: bool, counted: bool, optional: bool = False) -> ast.expr:
        """The type of a value: as callers give it, or `inner` as generated code computes with it.

        `counted` says that callers give an int.
        """
        match kind:
            case Quantity():
                result = self.py("int") if inner or counted else self.py("Decimal")
            case YesNo():
                result = self.py("bool")
            case Day():
                result = self.py("date")
            case MemberOf():
                result = name(camel(kind.category))
            case SetOf():
                box = self.py("frozenset") if inner else self.py("Collection")
                result = item(box, name(camel(kind.category)))
            case _:
                assert_never(kind)
        return expr("TYPE | None", TYPE=result) if optional else result

    def scale(self, fact: Fact) -> int:
        """What a quantity is counted in inside generated code: 1/100 for money in 分."""
        if is_money(fact.kind):
            grain = self.program.header.currency.grain if fact.grain is None else fact.grain
            return self.minor if self.minor % grain.denominator == 0 else grain.denominator
        return FREE_SCALE if fact.grain is None else fact.grain.denominator

    def canonical(self, kind: Kind, grain: Fraction | None, static: int) -> int:
        """The denominator that a value of a definition is handed on in."""
        if is_money(kind):
            landed = static if grain is None else grain.denominator
            return self.minor if self.minor % landed == 0 else landed
        return static if grain is None else grain.denominator

    def new_function(
        self, definition: str, facts: dict[str, ast.expr], reserved: Sequence[str] = ()
    ) -> Function:
        return Function(self, definition, facts, set(reserved) | set(self.scope.standard))

    def inner_parameters(self, keys: Sequence[str]) -> ast.arguments:
        """The parameters of a private function that reads these facts."""
        arguments = []
        for key in keys:
            fact = self.program.fact(key)
            kind = self.annotation(fact.kind, inner=True, counted=True, optional=fact.optional)
            arguments.append(ast.arg(mangled(key), kind))
        return ast.arguments([], arguments, None, [], [], None, [])


@dataclass(slots=True)
class Function:
    """A function under construction: where its facts are, and its statements so far.

    `definition` is whose value is computed, for errors. At this point of the code `existing` are the
    optional facts that are known to exist, and `possible` the members that a fact may still be where
    conditions around it have said so. `fails`: there may be no answer, `borrowed` because of another
    definition.
    """

    builder: Builder
    definition: str
    facts: dict[str, ast.expr]
    reserved: set[str]
    body: list[ast.stmt] = field(default_factory=list)
    existing: frozenset[str] = frozenset()
    possible: dict[str, frozenset[str]] = field(default_factory=dict)
    fails: bool = False
    borrowed: bool = False
    hint: str = ""

    def temporary(self, wanted: str) -> str:
        identifier, number = mangled(wanted), 2
        taken = self.reserved | {n.id for n in self.facts.values() if isinstance(n, ast.Name)}
        while identifier in taken or identifier in self.builder.scope.taken:
            identifier, number = f"{mangled(wanted)}{number}", number + 1
        self.reserved.add(identifier)
        return identifier

    def add(self, template: str, **blanks: ast.expr | str | Sequence[ast.stmt]) -> None:
        self.body += code(template, **blanks)

    def assign(self, wanted: str, value: ast.expr) -> ast.expr:
        """A local variable for `value`, unless it is a name or a literal already."""
        if isinstance(value, ast.Name | ast.Constant):
            return value
        own = self.temporary(wanted)
        self.add("NAME = VALUE", NAME=own, VALUE=value)
        return name(own)

    def hold(self, wanted: str, number: Number) -> Number:
        """A number that will be used more than once, as a local variable."""
        if number.known is not None or number.never:
            return number
        over = None if number.over is None else self.assign(wanted, number.over)
        return Number(
            self.assign(wanted, number.code), number.den, number.low, number.high, number.known, over
        )

    @contextmanager
    def block(self) -> Iterator[list[ast.stmt]]:
        """Statements added meanwhile go into the list that is handed out."""
        outer, self.body = self.body, []
        try:
            yield self.body
        finally:
            self.body = outer

    @contextmanager
    def knowing(self, known: Known) -> Iterator[None]:
        """Inside it this is known of the facts."""
        before = self.existing, self.possible
        self.learn(known)
        try:
            yield
        finally:
            self.existing, self.possible = before

    def learn(self, known: Known) -> None:
        self.existing |= known.existing
        self.possible = dict(self.possible)
        for key, members in known.possible.items():
            self.possible[key] = self.possible.get(key, members) & members

    def no_answer(self, because: str) -> ast.expr:
        self.fails = True
        return call("_rt.no_answer", constant(self.definition), constant(because))

    def fact(self, key: str) -> ast.expr:
        """The fact, in the form that generated code computes with."""
        value = self.facts[key]
        if self.builder.program.fact(key).optional and key not in self.existing:
            self.fails = True
            return call("_rt.present", constant(self.definition), constant(key), value)
        return value

    def number(self, key: str) -> Number:
        """The quantity that a fact is."""
        fact = self.builder.program.fact(key)
        scale = self.builder.scale(fact)
        low = fact.low if isinstance(fact.low, Fraction) else Fraction(-DIGITS)
        high = fact.high if isinstance(fact.high, Fraction) else Fraction(DIGITS)
        return Number(self.fact(key), scale, low, high)

    def read(self, ref: Ref) -> Value:
        """The value of another definition."""
        answer = self.builder.answers[ref.key]
        index = answer.parts[ref.part]
        value = answer.values[index]
        if isinstance(value, Number) and value.known is not None:
            return value
        if answer.fails:
            self.fails = self.borrowed = True
        said = answer.say(self)
        if not answer.single:
            said = item(said, constant(index))
        if isinstance(value, Number):
            return Number(said, value.den, value.low, value.high)
        return said

    def arguments(self, definition: Definition) -> list[ast.expr]:
        """The facts that a definition's private function takes, as they are called here."""
        return [self.facts[key] for key in definition.inputs]
