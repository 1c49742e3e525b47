"""Does a property of several amounts hold? Asked of z3, one kind of person at a time, with bounded work.

This is the only module that imports z3 (the extra `[prove]`), and only when it is asked. That there
is no case proves the property; a case that it finds is made plain and computed by the interpreter
before it is believed. Whatever else comes of it leaves the property open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

from policydsl.expressions import Add, Expr, Input, Ref, Rounding, Subtract, Value
from policydsl.facts import Fact
from policydsl.ir import Ensure, Program
from policydsl.kinds import Day, Quantity
from policydsl.prove.cells import Cell, Reach, axes, cells, facts_of, reach
from policydsl.prove.decide import Replay, Witness, roundness
from policydsl.prove.pieces import Beyond
from policydsl.prove.reading import Answer, Reading
from policydsl.prove.terms import Terms, Truth, month_rule, range_of

#: how much work one question may be, and all questions of one property, in z3's own count
LIMIT: Final = 4_000_000
TOTAL: Final = 200_000_000
#: how often a case is computed to find plainer figures for it
MAX_TRIES: Final = 150
#: in how many months the beginning of a period is looked at, one after the other
MAX_MONTHS: Final = 24
#: what amounts are asked to be multiples of, in grains, when there is a case at all
PLAIN: Final = (1_000_000, 10_000, 100)


class Undecided(Exception):
    """The solver gave no answer within its limits, or a case that did not come out when it was computed."""


def available() -> bool:
    """Whether the solver is installed."""
    try:
        import z3  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


def solve(
    program: Program, ensure: Ensure, replay: Replay, *, limit: int = LIMIT, total: int = TOTAL
) -> Witness | None:
    """A case that breaks the property, or None when there is surely none.

    Raises `Undecided`; `pieces.Product` where amounts are multiplied by each other, `pieces.Beyond` for
    what else cannot be put to a solver, and `cells.TooMany`.
    """
    return _Search(program, ensure, replay, limit, total).run()


class _Search:
    def __init__(self, program: Program, ensure: Ensure, replay: Replay, limit: int, total: int) -> None:
        import z3

        self.z3: Any = z3
        # In a context of its own the answer is the same whatever was asked before.
        self.context = z3.Context()
        self.program = program
        self.ensure = ensure
        self.replay = replay
        self.limit = limit
        self.left = total
        self.tries = MAX_TRIES
        self.givens, self.reach = _concerned(program, ensure)
        read = {e.key for e in self.reach.expressions if isinstance(e, Input)}
        self.amounts = {
            fact.name.key: fact
            for fact in program.facts
            if isinstance(fact.kind, Quantity | Day) and fact.name.key in read
        }

    def run(self) -> Witness | None:
        found = axes(self.program, self.reach, ())
        if self.ensure.members is not None:
            found = [axis for axis in found if axis.fact != self.ensure.along]
        asked: dict[tuple[int, ...], list[Truth]] = {}
        undecided = False
        for cell in cells(found):
            terms, broken = self._formula(cell, exact=False)
            # In one context equal formulas are one object, for as long as it is kept.
            key = tuple([formula.get_id() for formula in broken])
            if not broken or key in asked:
                continue
            asked[key] = broken
            try:
                witness = self._search(cell, terms, broken)
            except Undecided:
                undecided = True
                continue
            if witness is not None:
                return witness
        if undecided:
            raise Undecided
        return None

    def _formula(self, cell: Cell, *, exact: bool) -> tuple[Terms, list[Truth]]:
        """What is so of a case of the cell that breaks the property; empty when there is surely none."""
        terms = Terms(self.z3, self.context, exact=exact)
        broken = _violation(terms, self.program, self.ensure, self.givens, cell)
        if broken is False or any(rule is False for rule in terms.rules):
            return terms, []
        formulas = [formula for formula in (*terms.rules, broken) if formula is not True]
        return terms, formulas or [self.z3.BoolVal(True, self.context)]

    # one kind of person

    def _search(self, cell: Cell, rough: Terms, roughly: list[Truth]) -> Witness | None:
        """A case of the cell that breaks the property, or None when there is none."""
        model = self._model(roughly)
        if model is None:
            return None
        terms, broken = self._formula(cell, exact=True)
        if not broken:
            return None
        months: set[tuple[int, int]] = set()
        while True:
            found = self._model(broken)
            if found is None:
                return None
            if found is _UNKNOWN:
                # What breaks it but for the roundings may break it with them.
                numbers = None if model is _UNKNOWN else self._numbers(rough, model)
            else:
                numbers = self._numbers(terms, found)
            ...
