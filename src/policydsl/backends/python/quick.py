"""Which entries are the fastest? Schedules that were made ready, checks and arithmetic in one function."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from policydsl.backends.python.building import Builder
from policydsl.backends.python.cells import all_distinct
from policydsl.backends.python.inputs import (
    Parameter,
    bounds_of,
    input_constant,
    keyword_only,
    positional_only,
    step_of,
)
from policydsl.backends.python.ladders import Ladder, ladder_value
from policydsl.backends.python.names import (
    mangled,
)
from policydsl.backends.python.outputs import Entry, handed_out, return_type
from policydsl.backends.python.scale import Number
from policydsl.backends.python.signatures import documented, function, title_of
from policydsl.backends.python.templates import code, constant, expr, item, items, name


@dataclass(frozen=True, slots=True)
class Quick:
    """The entries of a marginal schedule over one input whose columns and edges are settled by categories.

    Most amounts lie in the first band, so that is tried first; a number inside it needs no test
    of its range, for the bands stay within it.
    """

    entry: Entry
    ladder: Ladder
    amount: Parameter
    members: tuple[Parameter, ...]
    builder: Builder

    def _look_up(self, target: str) -> list[ast.stmt]:
        key = self.entry.definition.name.key
        row = self.ladder.table
        given = []
        for p in self.members:
            row = item(row, name(p.identifier))
            given.append(items([input_constant(p.fact, self.builder), name(p.identifier)]))
        if not self.members:
            return code(f"{target} = ROW", ROW=row)
        return code(
            f"try:\n    {target} = ROW\n"
            "except (KEY_ERROR, TYPE_ERROR):\n    raise _rt.first_refusal(OUTPUT, GIVEN) from None",
            ROW=row,
            KEY_ERROR=self.builder.py("KeyError"),
            TYPE_ERROR=self.builder.py("TypeError"),
            OUTPUT=constant(key),
            GIVEN=items(given),
        )

    def _blanks(self, x: str) -> dict[str, ast.expr]:
        fact = self.amount.fact
        low, high = bounds_of(fact, self.builder.scale(fact))
        return {
            "X": name(x),
            "LOW": constant(low),
            "HIGH": constant(high),
            "STEP": constant(step_of(fact, self.builder)),
            "TYPE": self.builder.py("type"),
            "INT": self.builder.py("int"),
            "OUTPUT": constant(self.entry.definition.name.key),
            "FIELD": input_constant(fact, self.builder),
            "BISECT": self.builder.py("bisect_left"),
            "NOTHING": constant(0),
            "FIRST": ladder_value(self.ladder, name("rate"), name("base"), name(x)),
            "LATER": ladder_value(self.ladder, expr("rates[i]"), expr("bases[i]"), name(x)),
        }

    def _climb(self, x: str, template: str, unpack: bool, **more: ast.expr) -> list[ast.stmt]:
        """`template` with the bands climbed where it says CLIMB."""
        rest = "    edges, rates, bases = bands\n" if unpack else ""
        inside = "X >= LOW" if not more else "X >= LOW and (X or not GIVEN.is_signed())"
        climb = (
            "if X <= edge:\n"
            "    if X > start:\n"
            "        return FIRST\n"
            f"    if {inside}:\n"
            "        return NOTHING\n"
            "elif X <= HIGH:\n"
            f"{rest}"
            "    i = BISECT(edges, X)\n"
            "    return LATER\n"
        )
        blanks = {**self._blanks(x), **more}
        return code(template, CLIMB=code(climb, **blanks), **blanks)

    @property
    def _on_grain(self) -> str:
        return "" if step_of(self.amount.fact, self.builder) == 1 else " and not X % STEP"

    def _in_grains(self, unpack: bool) -> list[ast.stmt]:
        template = (
            f"if TYPE(X) is INT{self._on_grain}:\n    CLIMB\nraise _rt.refusal(OUTPUT, FIELD, X, grains=True)"
        )
        return self._climb(self.amount.identifier, template, unpack)

    def in_grains(self) -> list[ast.stmt]:
        return [*self._look_up("start, edge, rate, base, bands"), *self._in_grains(True)]

    def bound(self, free: Sequence[Parameter]) -> list[ast.stmt]:
        returns = return_type(self.entry, self.builder, fen=True)
        inner = function("bound", positional_only(free), returns, self._in_grains(False))
        look_up = self._look_up("start, edge, rate, base, (edges, rates, bases)")
        return [*look_up, inner, *code("return bound")]

    def in_units(self, plain: Sequence[Parameter]) -> ast.stmt:
        entry, builder = self.entry, self.builder
        kind, grain = entry.kinds[0], entry.definition.grain
        blanks = self._blanks("_count")
        scale = builder.scale(self.amount.fact)

        def lifted(count: ast.expr) -> ast.expr:
            return handed_out(count, entry.values[0], kind, grain, builder, fen=False)

        given = name(mangled(self.amount.fact.name.key))
        body = code(
            "if TYPE(GIVEN) is not DECIMAL:\n"
            "    raise _rt.refusal(OUTPUT, FIELD, GIVEN)\n"
            "try:\n"
            "    X = _rt.exact(_rt.times(GIVEN, SCALE)).__trunc__()\n"
            "except (ARITHMETIC_ERROR, VALUE_ERROR):\n"
            "    raise _rt.refusal(OUTPUT, FIELD, GIVEN) from None\n",
            X="_count",
            TYPE=blanks["TYPE"],
            OUTPUT=blanks["OUTPUT"],
            FIELD=blanks["FIELD"],
            GIVEN=given,
            DECIMAL=builder.py("Decimal"),
            SCALE=expr("_rt.HUNDRED") if scale == 100 else constant(scale),
            ARITHMETIC_ERROR=builder.py("ArithmeticError"),
            VALUE_ERROR=builder.py("ValueError"),
        )
        body += self._look_up("start, edge, rate, base, bands")
        on_grain = self._on_grain.removeprefix(" and ")
        template = f"if {on_grain}:\n    CLIMB\n" if on_grain else "CLIMB\n"
        body += self._climb(
            "_count",
            f"{template}raise _rt.refusal(OUTPUT, FIELD, GIVEN)",
            True,
            GIVEN=given,
            FIRST=lifted(blanks["FIRST"]),
            LATER=lifted(blanks["LATER"]),
            NOTHING=lifted(constant(0)),
        )
        doc = documented(entry, plain, title_of(entry, builder, fen=False), builder)
        returns = return_type(entry, builder, fen=False)
        return function(mangled(entry.definition.name.key), keyword_only(plain), returns, [doc, *body])


def quick_of(entry: Entry, grains: Sequence[Parameter], builder: Builder) -> Quick | None:
    """The fastest form, where the definition has it."""
    ladder = entry.ladder
    if ladder is None or entry.givens or entry.borrowed:
        return None
    amounts = [p for p in grains if p.fact.name.key not in ladder.keys]
    members = tuple(p for key in ladder.keys for p in grains if p.fact.name.key == key)
    if len(amounts) != 1 or not amounts[0].grains:
        return None
    amount = amounts[0]
    fact = amount.fact
    simple = (
        not fact.optional
        and ladder.direct
        and fact.low is not None
        and fact.low == 0
        and isinstance(entry.values[0], Number)
        and ladder.den == entry.values[0].den
    )
    used = {p.identifier for p in grains} | {mangled(p.fact.name.key) for p in grains}
    clash = used & {"start", "edge", "rate", "base", "bands", "edges", "rates", "bases", "i", "bound"}
    if not simple or clash or not all_distinct([p.fact.kind for p in members], builder):
        return None
    return Quick(entry, ladder, amount, members, builder)
