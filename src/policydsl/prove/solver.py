"""Does a property of several amounts hold? Asked of z3, one kind of person at a time, with bounded work.

This is the only module that imports z3 (the extra `[prove]`), and only when it is asked. That there
is no case proves the property; a case that it finds is made plain and computed by the interpreter
before it is believed. Whatever else comes of it leaves the property open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import islice
from math import ceil, floor
from typing import Any, Final

from policydsl.expressions import Expr, Value
from policydsl.facts import Fact
from policydsl.ir import Ensure, Program
from policydsl.kinds import Day, Quantity
from policydsl.nodes import evolve
from policydsl.prove.cells import Cell, TooMany, axes, cells, facts_of, givens_about, keys_of, placed, reach
from policydsl.prove.pieces import Beyond, Product
from policydsl.prove.reading import Answer, Reading
from policydsl.prove.terms import ZERO, Amount, Quotient, Ramp, Terms, Truth, month_rule, range_of, times
from policydsl.prove.witnesses import Replay, Witness, roundness

#: how much work one question may be, and all questions of one property, in z3's own count
LIMIT: Final = 4_000_000
TOTAL: Final = 50_000_000
#: what it counts for to put one kind of person to the solver
PER_CELL: Final = 20_000
#: how often a case is computed to find plainer figures for it
MAX_TRIES: Final = 150
#: in how many months the beginning of a period is looked at, one after the other
MAX_MONTHS: Final = 24
#: under which name the amount that rises is counted at the point before
BEFORE: Final = "<"
#: what amounts are asked to be multiples of, in grains, once there is a case at all
PLAIN: Final = (1_000_000, 10_000, 100)


#: in how many kinds of people a product is looked for when there is no solver
MAX_LOOKED_AT: Final = 64


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
    import z3

    return _Search(program, ensure, replay, limit, total, z3).run()


def multiplies(program: Program, ensure: Ensure) -> bool:
    """Whether amounts are multiplied by each other on the way to the property; needs no solver."""
    search = _Search(program, ensure, lambda *_: None, 0, 0, _Unasked())
    try:
        for cell in islice(search.cells(), MAX_LOOKED_AT):
            search.formula(cell, exact=False)
    except Product:
        return True
    except (Beyond, TooMany):
        pass
    return False


class _Unasked:
    """Stands for the module of the solver and for all that it makes, where nothing is asked of it."""

    def __getattr__(self, name: str) -> _Unasked:
        return self

    def __call__(self, *_: object) -> _Unasked:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __call__
    __lt__ = __le__ = __gt__ = __ge__ = __call__
    __eq__ = __ne__ = __call__  # type: ignore[assignment]
    __hash__ = object.__hash__


class _Search:
    def __init__(
        self, program: Program, ensure: Ensure, replay: Replay, limit: int, total: int, z3: Any
    ) -> None:
        self.z3 = z3
        # In a context of its own the answer is the same whatever was asked before.
        self.context = z3.Context()
        self.program = program
        self.ensure = ensure
        self.replay = replay
        self.limit = limit
        self.left = total
        self.ramps: dict[tuple[object, ...], Ramp] = {}
        self.tries = MAX_TRIES
        roots = [e for e in (ensure.holds, ensure.output, ensure.when) if e is not None]
        self.givens = givens_about(program, keys_of(reach(program, roots)))
        self.reach = reach(program, [*roots, *self.givens])
        read = keys_of(self.reach)
        self.amounts = {
            fact.name.key: fact
            for fact in program.facts
            if isinstance(fact.kind, Quantity | Day) and fact.name.key in read
        }

    def cells(self) -> Iterator[Cell]:
        found = axes(self.program, self.reach, ())
        if self.ensure.members is not None:
            found = [axis for axis in found if axis.fact != self.ensure.along]
        return cells(found)

    def run(self) -> Witness | None:
        asked: dict[tuple[int, ...], list[Truth]] = {}
        undecided = False
        for cell in self.cells():
            self.left -= PER_CELL
            if self.left <= 0:
                raise Undecided
            rough, broken = self.formula(cell, exact=False)
            # In one context equal formulas are one object, for as long as it is kept.
            key = tuple([formula.get_id() for formula in broken])
            if not broken or key in asked:
                continue
            asked[key] = broken
            try:
                witness = self._case(cell, rough, broken)
            except Undecided:
                undecided = True
                continue
            if witness is not None:
                return witness
        if undecided:
            raise Undecided
        return None

    def formula(self, cell: Cell, *, exact: bool) -> tuple[Terms, list[Truth]]:
        """What is so of a case of the cell that breaks the property; empty when there is surely none."""
        terms = Terms(self.z3, self.context, self.ramps, exact=exact)
        broken = _violation(terms, self.program, self.ensure, self.givens, cell)
        formulas = [formula for formula in (*terms.rules, broken) if formula is not True]
        if any(formula is False for formula in formulas):
            return terms, []
        return terms, formulas or [self.z3.BoolVal(True, self.context)]

    # one kind of person

    def _case(self, cell: Cell, rough: Terms, broken: list[Truth]) -> Witness | None:
        """A case of the cell that breaks the property, or None when there is none.

        Roundings are an error first, which is quick and often enough; only then whole quotients.
        """
        near: dict[str, int] | None = None
        try:
            model = self._model(broken)
            if model is None:
                return None
            near = self._numbers(rough, model)
        except Undecided:
            pass
        try:
            return self._exact_case(cell)
        except Undecided:
            witness = self._computed(cell, near) if near is not None else None
            if witness is None or near is None:
                raise
            return self._plainer(cell, near, witness)

    def _exact_case(self, cell: Cell) -> Witness | None:
        terms, broken = self.formula(cell, exact=True)
        if not broken:
            return None
        for _ in range(MAX_MONTHS):
            model = self._model(broken)
            if model is None:
                return None
            for plainer in (self._plain_model(terms, broken), model):
                numbers = None if plainer is None else self._numbers(terms, plainer)
                witness = None if numbers is None else self._computed(cell, numbers)
                if witness is not None and numbers is not None:
                    return self._plainer(cell, numbers, witness)
            rules = list(_months(terms, model))
            if not rules or all(any(rule.eq(known) for known in broken) for rule in rules):
                break
            broken += rules
        raise Undecided

    def _model(self, formulas: Iterable[Truth]) -> Any:
        """What makes all formulas true, or None when nothing does."""
        if self.left <= 0:
            raise Undecided
        solver = self.z3.Solver(ctx=self.context)
        solver.set("rlimit", min(self.limit, self.left))
        solver.add(*formulas)
        before = _spent(solver)
        try:
            answer = solver.check()
        except self.z3.Z3Exception:
            raise Undecided from None
        self.left -= _spent(solver) - before
        if answer == self.z3.unsat:
            return None
        if answer == self.z3.sat:
            return solver.model()
        raise Undecided

    def _plain_model(self, terms: Terms, broken: list[Truth]) -> Any:
        """The same with amounts that are multiples of a round figure, if there is such a case."""
        counts = [
            terms.counts[key]
            for key, fact in self.amounts.items()
            if key in terms.counts and isinstance(fact.kind, Quantity)
        ]
        for multiple in PLAIN:
            try:
                model = self._model([*broken, *(count % multiple == 0 for count in counts)])
            except Undecided:
                return None
            if model is not None:
                return model
        return None

    # cases

    def _numbers(self, terms: Terms, model: Any) -> dict[str, int]:
        """Each amount of a case in whole grains, as the solver has it; the plainest where it has none."""

        numbers: dict[str, int] = {}
        if BEFORE in terms.counts:
            numbers[BEFORE] = _number(model, terms.counts[BEFORE])
        for key, fact in self.amounts.items():
            low, high, grain = range_of(fact)
            if key in terms.counts:
                numbers[key] = _number(model, terms.counts[key])
            else:
                plain = self.program.header.effective_from or date(2021, 1, 1)
                wanted = Fraction(plain.toordinal()) if isinstance(fact.kind, Day) else Fraction(0)
                bounded = max(wanted, low) if low is not None else wanted
                numbers[key] = ceil((min(bounded, high) if high is not None else bounded) / grain)
        return numbers

    def _computed(self, cell: Cell, numbers: Mapping[str, int]) -> Witness | None:
        """The case with these amounts, if it does break the property when it is computed."""
        facts: dict[str, Value] = {key: _value(fact, numbers[key]) for key, fact in self.amounts.items()}
        facts |= facts_of(cell)
        along = self.ensure.along
        before: dict[str, Value] | None = None
        if self.ensure.members is not None:
            assert along is not None
            before = {**facts, along: self.ensure.members[0]}
            facts[along] = self.ensure.members[1]
        elif along is not None:
            if facts.get(along) is None:
                return None
            before = {**facts, along: _value(self.amounts[along], numbers[BEFORE])}
        broken = self.replay(self.ensure, facts, before)
        return None if broken is None else Witness(facts, before, broken)

    def _plainer(self, cell: Cell, numbers: dict[str, int], witness: Witness) -> Witness:
        """The case with rounder amounts, one after the other, as long as it breaks the property."""
        # Whether a value jumps is not seen from two cases alone.
        if self.ensure.change == "jump":
            return witness
        for key in [*self.amounts, *self.amounts]:
            for n in _rounder(self.amounts[key], numbers[key]):
                near = {**numbers, key: n}
                if BEFORE in numbers and key == self.ensure.along:
                    near[BEFORE] = n - 1
                if not self.tries:
                    return witness
                self.tries -= 1
                found = self._computed(cell, near)
                if found is not None:
                    numbers, witness = near, found
                    break
        return witness


def _spent(solver: Any) -> int:
    """The work of a context so far, in z3's count."""
    return next((int(value) for key, value in solver.statistics() if key == "rlimit count"), 0)


def _months(terms: Terms, model: Any) -> Iterator[Truth]:
    """What periods are exactly, where they begin in the months that the solver has chosen."""
    for period in terms.periods:
        yield month_rule(terms, period, _number(model, period.start.term))


def _number(model: Any, term: Any) -> int:
    """What a model gives for a term, without its fraction."""
    value = model.eval(term, model_completion=True)
    return int(value.as_long()) if value.is_int() else floor(value.as_fraction())


def _value(fact: Fact, n: int) -> Value:
    if isinstance(fact.kind, Day):
        return date.fromordinal(min(max(n, date.min.toordinal()), date.max.toordinal()))
    return n * range_of(fact)[2]


def _rounder(fact: Fact, n: int) -> list[int]:
    """Amounts in whole grains that are rounder than `n`, the roundest first: multiples of powers of ten
    next to it, and the ends of the range; for a day the first of its month and year."""
    low, high, grain = range_of(fact)
    if isinstance(fact.kind, Day):
        day = date.fromordinal(n)
        firsts = [day.replace(month=1, day=1), day.replace(day=1)]
        return [first.toordinal() for first in firsts if first != day]
    found = [floor(end / grain) for end in (low, high, Fraction(0)) if end is not None]
    for power in range(len(str(abs(n))) + 2):
        step = 10**power
        found += [n // step * step, -(-n // step) * step]
    inside = {m for m in found if (low is None or m * grain >= low) and (high is None or m * grain <= high)}
    return sorted((m for m in inside if roundness(m) < roundness(n)), key=roundness)


# the property


def _violation(terms: Terms, program: Program, ensure: Ensure, givens: Sequence[Expr], cell: Cell) -> Truth:
    """That a case of the cell breaks the property; for a change, together with the case before it."""
    if ensure.holds is not None:
        reading = Reading(terms, program, cell)
        within = _within(reading, ensure, givens)
        if within is False:
            return False
        holds, answered = reading.holds(ensure.holds)
        return terms.both(within, answered, terms.negated(holds))
    along, output = ensure.along, ensure.output
    assert along is not None and output is not None
    if ensure.members is not None:
        readings = [Reading(terms, program, placed(cell, along, member)) for member in ensure.members]
    elif cell.facts.get(f"?{along}") is False:
        return False
    else:
        now = Reading(terms, program, cell)
        readings = [
            Reading(terms, program, cell, {along: _before(terms, program, along, cell, ensure, givens)}),
            now,
        ]
    within = terms.both(*(_within(reading, ensure, givens) for reading in readings))
    if within is False:
        return False
    if ensure.change == "jump":
        return terms.both(within, _jumps(terms, program.fact(along), output, *readings))
    marks = [len(terms.steps)]
    values: list[Answer] = []
    for reading in readings:
        values.append(reading.symbol(output))
        marks.append(len(terms.steps))
    if not terms.exact:
        first, second, third = marks
        terms.in_step(terms.steps[first:second], terms.steps[second:third])
    (was, ok), (value, ok_too) = values
    wrong = terms.compared("<" if ensure.change == "fall" else ">", value, was)
    return terms.both(within, ok, ok_too, wrong)


def _within(reading: Reading, ensure: Ensure, givens: Sequence[Expr]) -> Truth:
    """That a case is one the property is about: the givens hold, and its `when`."""
    conditions = [*givens, *([ensure.when] if ensure.when is not None else [])]
    return reading.terms.both(*(truth for condition in conditions for truth in reading.holds(condition)))


def _before(
    terms: Terms, program: Program, along: str, cell: Cell, ensure: Ensure, givens: Sequence[Expr]
) -> Amount:
    """The amount that rises, at the point before: a grain less; where points are left out between, any less."""
    fact = program.fact(along)
    amount = terms.input(fact)
    count = terms.counts[along]
    assert ensure.output is not None
    trial = Reading(Terms(terms.z3, terms.context, terms.ramps, exact=terms.exact), program, cell)
    whole = _within(trial, ensure, givens) is True and trial.symbol(ensure.output)[1] is True
    if whole or ensure.change == "jump":
        before = count - 1
    else:
        before = terms.unknown(None, None)
        terms.rules.append(before < count)
    low, high, grain = range_of(fact)
    if low is not None:
        terms.rules.append(before >= int(low / grain))
    terms.counts[BEFORE] = before
    return evolve(amount, term=times(before, grain.numerator), high=None if high is None else high - grain)


def _jumps(terms: Terms, fact: Fact, output: Expr, before: Reading, now: Reading) -> Truth:
    """That the output leaps somewhere between two points: by more than it can rise or fall between them.

    The roundings written under it are left out of that, but it must differ with them too; of a rounding
    further down it cannot be said what is a leap.
    """
    key = fact.name.key
    ends = [terms.between(fact, terms.counts[BEFORE], terms.counts[key], name) for name in ("<x", "<y")]
    x, y = ends
    (was, ok), (value, ok_too) = (
        Reading(terms, now.program, now.cell, {key: end}).unrounded(output) for end in ends
    )
    if any(isinstance(step, Quotient) for step in terms.steps):
        raise Beyond
    change, width = terms.flat(terms.add(value, was, -1)), terms.add(y, x, -1)
    rise = terms.multiply(width, terms.constant(change.steep))
    leaps = terms.either(
        terms.compared(">", change, rise), terms.compared("<", terms.add(change, rise), terms.constant(ZERO))
    )
    (first, ok_first), (last, ok_last) = before.symbol(output), now.symbol(output)
    moves = terms.both(ok_first, ok_last, terms.compared("!=", first, last))
    return terms.both(ok, ok_too, terms.compared(">", width, terms.constant(ZERO)), leaps, moves)
