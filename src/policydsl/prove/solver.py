"""Does a property of several amounts hold? Asked of z3, cell by cell, with bounded work.

This is the only module that imports z3 (the extra `[prove]`), and it does so when it is asked. A
"no such case" of the solver proves a cell; a case it finds is made plain, computed by the
interpreter and only then believed. Whatever else it says leaves the property open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Final

from policydsl.expressions import Add, Expr, Input, Ref, Rounding, Subtract, Value
from policydsl.facts import Fact
from policydsl.ir import Ensure, Program
from policydsl.kinds import Day, Quantity
from policydsl.nodes import Node, node
from policydsl.prove.cells import Cell, axes, cells, facts_of, reach
from policydsl.prove.decide import Replay, Witness, roundness
from policydsl.prove.formulas import Answer, Reading, Symbol, Terms, Truth, month_rule, reach_of
from policydsl.prove.pieces import Beyond

#: how much work one question to the solver may be, and all questions of one property, in z3's own count
LIMIT: Final = 4_000_000
TOTAL: Final = 100_000_000
#: how many times a property is computed to find plainer figures
MAX_TRIES: Final = 200
#: how many months a period's beginning is looked at in, one after the other
MAX_MONTHS: Final = 36
#: what all amounts are asked to be multiples of, in grains, before any figures will do
PLAIN: Final = (10_000, 100, 1)


class Undecided(Exception):
    """The solver gave no answer within its limits, or one that did not come out when it was computed."""


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

    Raises `Undecided`, `pieces.Product` where amounts are multiplied by each other, `pieces.Beyond` for
    what cannot be put to a solver, and `cells.TooMany`.
    """
    return _Search(program, ensure, replay, limit, total).run()


class _Search:
    def __init__(self, program: Program, ensure: Ensure, replay: Replay, limit: int, total: int) -> None:
        import z3

        self.z3: Any = z3
        # A context of its own makes the answers the same whatever was asked before.
        self.context = z3.Context()
        self.program = program
        self.ensure = ensure
        self.replay = replay
        self.limit = limit
        self.left = total
        self.tries = MAX_TRIES
        roots = [e for e in (ensure.holds, ensure.output, ensure.when) if e is not None]
        self.givens = _givens(program, roots)
        self.reach = reach(program, [*roots, *self.givens])
        read = {e.key for e in self.reach.expressions if isinstance(e, Input)}
        self.amounts = [
            fact for fact in program.facts if fact.name.key in read and isinstance(fact.kind, Quantity | Day)
        ]
        if ensure.members is None and ensure.along is not None and ensure.along not in read:
            self.amounts.append(program.fact(ensure.along))

    def run(self) -> Witness | None:
        found = [
            axis
            for axis in axes(self.program, self.reach, ())
            if self.ensure.members is None or axis.fact != self.ensure.along
        ]
        settled: set[tuple[int, ...]] = set()
        kept: list[Truth] = []
        undecided = False
        for cell in cells(found):
            terms, broken = self._formula(cell, exact=False)
            # Formulas that are the same are the same object within a context; they are kept alive for that.
            key = tuple([f.get_id() for f in broken])
            if key in settled or not broken:
                continue
            settled.add(key)
            kept += broken
            try:
                witness = self._cell(cell, terms, broken)
            except Undecided:
                undecided = True
                continue
            if witness is not None:
                return witness
        if undecided:
            raise Undecided
        return None

    def _formula(self, cell: Cell, *, exact: bool) -> tuple[Terms, list[Truth]]:
        """What a case of the cell is like that breaks the property; empty when there can be none."""
        terms = Terms(self.z3, self.context, self.program, exact=exact)
        broken = violation(terms, self.ensure, self.givens, cell)
        if broken is False:
            return terms, []
        return terms, [*terms.rules, *([] if broken is True else [broken])] or [self.z3.BoolVal(True, self.context)]

    # one cell

    def _cell(self, cell: Cell, terms: Terms, broken: list[Truth]) -> Witness | None:
        """A case of the cell that breaks the property, None when there is none: first with roundings as errors."""
        rough = self._ask(broken)
        if rough == self.z3.unsat:
            return None
        for _ in range(MAX_MONTHS):
            terms, broken = self._formula(cell, exact=True)
            model = self._plain_model(terms, broken)
            if model is None:
                return None
            witness = self._witness(cell, terms, model)
            if witness is not None:
                return witness
            if not terms.periods:
                raise Undecided
            ...
        raise Undecided
