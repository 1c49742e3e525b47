"""What is each value, for one kind of person, as one amount rises? The ir read as exact functions.

One `World` is a combination of all finite facts; one amount or day is left to vary. What the
interpreter computes for a case, this computes for all cases of the world at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import ceil, floor, lcm
from typing import TypeAlias, assert_never

from policydsl.expressions import (
    LARGEST_FRACTIONS,
    Add,
    And,
    Compare,
    CompareOp,
    Constant,
    Divide,
    Expr,
    Extreme,
    Finish,
    HasAny,
    If,
    Input,
    Interval,
    IsMember,
    Multiply,
    Not,
    Or,
    Present,
    Ref,
    Round,
    Rounding,
    RoundingMode,
    Subtract,
    Test,
    Undefined,
    Within,
)  # fmt: skip
from policydsl.ir import (
    Allotment,
    Definition,
    Division,
    Exceptions,
    Formula,
    Ground,
    Key,
    Lookup,
    Overlap,
    Part,
    Program,
    Schedule,
)  # fmt: skip
from policydsl.kinds import Day, Quantity, YesNo
from policydsl.nodes import evolve
from policydsl.prove import pieces as p
from policydsl.prove.cells import Cell
from policydsl.prove.pieces import Beyond, Condition, Domain, Function, Piece, Unsure
from policydsl.rounding import end_of_period, round_to

#: an amount or a day as a function, a yes/no value as a condition, a member by key
Symbol: TypeAlias = "Function | Condition | str"

#: schedules over the amount itself, by the line, the edges and the rates
Schedules: TypeAlias = dict[tuple[object, ...], Function]


class World:
    """One combination of finite facts, with `variable` left to vary over `domain`, in whole `grain`s.

    With `exact` roundings are followed step by step; without it they are an error of at most a
    step, which is quicker and nearly always enough. `schedules` are those that worlds have in common.
    """

    def __init__(
        self,
        program: Program,
        cell: Cell,
        variable: str | None,
        grain: Fraction,
        domain: Domain,
        *,
        exact: bool,
        schedules: Schedules | None = None,
    ) -> None:
        self.program = program
        self.cell = cell
        self.variable = variable
        self.grain = grain
        self.domain = domain
        self.exact = exact
        self.schedules: Schedules = {} if schedules is None else schedules
        self._made: dict[tuple[str, str | None], Symbol] = {}
        self._bodies: dict[tuple[str, str | None], Symbol] = {}

    # expressions

    def function(self, expr: Expr) -> Function:
        return _as_function(self.symbol(expr))

    def condition(self, expr: Expr) -> Condition:
        return _as_condition(self.symbol(expr))

    def symbol(self, expr: Expr) -> Symbol:
        atom = self.cell.atoms.get(expr) if self.cell.atoms and isinstance(expr, Compare | Within) else None
        if atom is not None:
            return p.always(atom, self.domain)
        match expr:
            case Constant():
                return self._constant(expr)
            case Input():
                return self._input(expr)
            case Ref():
                return self.result(expr.key, expr.part)
            case Add() | Subtract():
                sign = 1 if isinstance(expr, Add) else -1
                return p.add(self.function(expr.left), self.function(expr.right), sign)
            case Multiply():
                return p.multiply(self.function(expr.left), self.function(expr.right))
            case Divide():
                return p.divide(self.function(expr.left), self.function(expr.right))
            case Extreme():
                best = self.function(expr.operands[0])
                for operand in expr.operands[1:]:
                    best = self._extreme(expr.which, best, self.function(operand))
                return best
            case Round():
                return self.round(self.function(expr.operand), expr.step, expr.mode)
            case If():
                return self._if(expr)
            case Compare():
                return self._compare(expr)
            case And() | Or():
                combine = p.both if isinstance(expr, And) else p.either
                truth = self.condition(expr.operands[0])
                for operand in expr.operands[1:]:
                    if truth == p.always(isinstance(expr, Or), self.domain):
                        return truth
                    truth = combine(truth, self.condition(operand))
                return truth
            case Not():
                return p.negated(self.condition(expr.operand))
            case IsMember():
                return p.always(self.symbol(expr.operand) in expr.members, self.domain)
            case HasAny():
                assert isinstance(expr.operand, Input)
                held = self.cell.facts[expr.operand.key]
                assert isinstance(held, frozenset)
                return p.always(not held.isdisjoint(expr.members), self.domain)
            case Present():
                return p.always(self.cell.facts[f"?{expr.key}"] is True, self.domain)
            case Within():
                return self._within(expr)
            case Undefined():
                if isinstance(expr.kind, YesNo):
                    return p.always("void", self.domain)
                return p.nowhere(self.domain)
            case _:
                assert_never(expr)

    def _constant(self, expr: Constant) -> Symbol:
        value = expr.value
        if isinstance(value, bool):
            return p.always(value, self.domain)
        if isinstance(value, str):
            return value
        return p.constant(_number(value), self.domain)

    def _input(self, expr: Input) -> Symbol:
        if isinstance(expr.kind, Quantity | Day):
            if self.cell.facts.get(f"?{expr.key}") is False:
                return p.nowhere(self.domain)
            if expr.key == self.variable:
                return p.line(self.grain, self.domain)
            raise Beyond
        value = self.cell.facts[expr.key]
        if isinstance(value, bool):
            return p.always(value, self.domain)
        assert isinstance(value, str)
        return value

    def _extreme(self, which: str, left: Function, right: Function) -> Function:
        a, b = p.constant_value(left), p.constant_value(right)
        if a is not None and b is not None:
            return left if (a >= b) == (which == "greatest") else right
        return p.choose(p.compared(left, right, ">=" if which == "greatest" else "<="), left, right)

    def _if(self, expr: If) -> Symbol:
        condition = self.condition(expr.condition)
        if (
            len(condition) == 1
            and len(condition[0].pattern) == 1
            and isinstance(condition[0].pattern[0], bool)
        ):
            return self.symbol(expr.then if condition[0].pattern[0] else expr.otherwise)
        return _select(condition, self.symbol(expr.then), self.symbol(expr.otherwise))

    def _compare(self, expr: Compare) -> Condition:
        if isinstance(expr.left.kind, YesNo):
            return p.same(self.condition(expr.left), self.condition(expr.right), expr.op)
        return p.compared(self.function(expr.left), self.function(expr.right), expr.op)

    def _within(self, expr: Within) -> Condition:
        """Whether a day lies within a period: one of the two days varies, or none."""
        day, start = self.function(expr.day), self.function(expr.start)
        fixed = p.constant_value(start)
        if fixed is not None:
            end = end_of_period(_date(fixed), expr.length, expr.unit, expr.overflow).toordinal()
            last = p.constant(Fraction(end), self.domain)
            return p.both(p.compared(day, start, ">="), p.compared(day, last, "<="))
        at = p.constant_value(day)
        if at is None or len(start) > 1:
            raise Beyond
        return p.both(p.compared(start, day, "<="), self._ends_after(expr, int(at)))

    def _ends_after(self, expr: Within, day: int) -> Condition:
        """Where a period that begins on the varying day ends on `day` or later: from some beginning on."""
        low, high = self.domain
        if high is None:
            raise Beyond

        def reaches(start: int) -> bool:
            return (
                end_of_period(date.fromordinal(start), expr.length, expr.unit, expr.overflow).toordinal()
                >= day
            )

        below, above = low, high + 1
        while below < above:
            middle = (below + above) // 2
            if reaches(middle):
                above = middle
            else:
                below = middle + 1
        found: list[p.TruthPiece] = []
        if below > low:
            found.append(p.TruthPiece(low, below - 1, (False,)))
        if below <= high:
            found.append(p.TruthPiece(below, high, (True,)))
        return tuple(found)

    def round(self, function: Function, step: Fraction, mode: RoundingMode) -> Function:
        return p.rounded(function, step, mode, round_to, exact=self.exact)

    # definitions

    def result(self, key: str, part: str | None = None) -> Symbol:
        """The value of a definition, or of one of its parts, its last lines applied."""
        if (key, part) not in self._made:
            definition = self.program.definition(key)
            symbol = self.body(definition, part)
            if definition.finish and isinstance(symbol, tuple) and isinstance(symbol[0], Piece):
                symbol = self.finish(symbol, definition.finish)
            self._made[key, part] = symbol
        return self._made[key, part]

    def body(self, definition: Definition, part: str | None) -> Symbol:
        """The value of a definition before its last lines."""
        key = (definition.name.key, part)
        if key not in self._bodies:
            self._bodies[key] = self._body(definition, part)
        return self._bodies[key]

    def _body(self, definition: Definition, part: str | None) -> Symbol:
        body = definition.body
        match body:
            case Formula():
                return self.symbol(body.value)
            case Lookup():
                column = next((i for i, name in enumerate(body.results) if name.key == part), 0)
                wanted = self._lookup(body, column)
                for other in range(len(body.results)):
                    if other != column:
                        wanted = _where(self._lookup(body, other), wanted)
                return wanted
            case Schedule():
                return self._schedule(body)
            case Exceptions():
                held, value = self._grounds(body.grounds, body.overlap)
                return self._chosen(held, value, lambda: self.symbol(body.base))
            case Allotment():
                total = self.function(body.total)
                if part in (None, "total"):
                    return total
                paid: dict[str, Function] = {}
                self._divide(body.division, total, paid)
                assert part is not None
                return paid.get(part, p.constant(p.ZERO, self.domain))
            case _:
                assert_never(body)

    def finish(self, function: Function, lines: Sequence[Finish]) -> Function:
        for line in lines:
            if isinstance(line, Rounding):
                if line.scope == "total":
                    function = self.round(function, line.step, line.mode)
            else:
                which = "least" if line.which == "cap" else "greatest"
                function = self._extreme(which, function, self.function(line.bound))
        return function

    def unrounded(self, expr: Expr) -> Function:
        """A value without the roundings written under it; of a sum, under each of its terms."""
        match expr:
            case Add() | Subtract():
                sign = 1 if isinstance(expr, Add) else -1
                return p.add(self.unrounded(expr.left), self.unrounded(expr.right), sign)
            case Ref():
                written = self.program.definition(expr.key)
                definition = without_roundings(written)
                same = definition.body is written.body
                body = self.body(written, expr.part) if same else self._body(definition, expr.part)
                return self.finish(_as_function(body), definition.finish)
            case _:
                return self.function(expr)

    def _chosen(self, held: Condition | None, value: Symbol | None, base: Callable[[], Symbol]) -> Symbol:
        """`value` where something held, else the base, which is looked at only if it is needed."""
        if held is None or value is None:
            return base()
        truth = _settled(held)
        if truth is not None:
            return value if truth else base()
        return _select(held, value, base())

    # tables

    def _lookup(self, body: Lookup, column: int) -> Symbol:
        held: list[tuple[Condition, Expr]] = []
        for row in body.rows:
            truth = self._tests(body.keys, row.tests)
            if _settled(truth) is not False:
                held.append((truth, row.results[column]))
        if body.overlap == "count":
            total = p.constant(p.ZERO, self.domain)
            for truth, _ in held:
                one, none = p.constant(Fraction(1), self.domain), p.constant(p.ZERO, self.domain)
                total = p.add(total, p.choose(truth, one, none))
            return total
        entries = [(truth, self.symbol(result)) for truth, result in held]
        found, value = self._overlapping(entries, body.overlap)
        none_holds = p.constant(p.ZERO, self.domain) if body.overlap == "sum" else p.nowhere(self.domain)
        return self._chosen(found, value, lambda: none_holds)

    def _tests(self, keys: Sequence[Key], tests: Sequence[Test]) -> Condition:
        truth = p.always(True, self.domain)
        for key, test in zip(keys, tests, strict=True):
            if test is None:
                continue
            if _settled(truth) is False:
                return truth
            if isinstance(test, Interval):
                truth = p.both(truth, self._inside(self.function(key.value), test))
            elif self.symbol(key.value) not in test:
                return p.both(truth, p.always(False, self.domain))
        return truth

    def _inside(self, value: Function, interval: Interval) -> Condition:
        truth = p.always(True, self.domain)
        if interval.low is not None:
            op: CompareOp = ">=" if interval.low_closed else ">"
            truth = p.both(truth, p.compared(value, self.function(interval.low), op))
        if interval.high is not None:
            under: CompareOp = "<=" if interval.high_closed else "<"
            truth = p.both(truth, p.compared(value, self.function(interval.high), under))
        return truth

    def _overlapping(
        self, entries: Sequence[tuple[Condition, Symbol]], overlap: Overlap
    ) -> tuple[Condition | None, Symbol | None]:
        """Where at least one entry holds, and what the entries that hold give together."""
        found: Condition | None = None
        value: Symbol | None = None
        for truth, entry in entries:
            if _settled(truth) is False:
                continue
            if found is None or value is None:
                found, value = truth, entry
                continue
            if isinstance(value, str) or isinstance(entry, str):
                if overlap in ("first", "agree") and _settled(found) is True:
                    continue
                raise Beyond
            value = self._merge(found, value, truth, entry, overlap)
            found = p.either(found, truth)
        return found, value

    def _merge(
        self, found: Condition, value: Symbol, truth: Condition, entry: Symbol, overlap: Overlap
    ) -> Symbol:
        if overlap in ("first", "agree") or not isinstance(value[0], Piece):
            return _select(found, value, entry)
        now, new = _as_function(value), _as_function(entry)
        zero = p.constant(p.ZERO, self.domain)
        if overlap == "sum":
            return p.add(p.choose(found, now, zero), p.choose(truth, new, zero))
        both = self._extreme(overlap, now, new)
        return p.choose(p.both(found, truth), both, p.choose(found, now, new))

    def _grounds(self, grounds: Sequence[Ground], overlap: Overlap) -> tuple[Condition | None, Symbol | None]:
        entries: list[tuple[Condition, Symbol]] = []
        count = p.constant(p.ZERO, self.domain)
        for ground in grounds:
            truth = self.condition(ground.when)
            if _settled(truth) is False:
                continue
            inner = self._grounds(ground.inner, overlap)
            entries.append((truth, self._chosen(*inner, partial(self.symbol, ground.value))))
            one, none = p.constant(Fraction(1), self.domain), p.constant(p.ZERO, self.domain)
            count = p.add(count, p.choose(truth, one, none))
        if overlap == "count" and entries:
            found = entries[0][0]
            for truth, _ in entries[1:]:
                found = p.either(found, truth)
            return found, count
        return self._overlapping(entries, overlap)

    # schedules

    def _schedule(self, body: Schedule) -> Function:
        amount = self.function(body.amount)
        if body.cap is not None:
            amount = self._extreme("least", amount, self.function(body.cap))
        column = next(
            (i for i, c in enumerate(body.columns) if _settled(self._tests(body.keys, c.tests)) is True), None
        )
        if column is None:
            return p.nowhere(self.domain)
        if body.mode == "marginal":
            quick = self._quick_marginal(body, amount, column)
            if quick is not None:
                return quick
        lows = [self.function(band.low) for band in body.bands]
        highs = [self.function(band.high) if band.high is not None else None for band in body.bands]
        cells = [self.function(band.cells[column]) for band in body.bands]
        if body.mode == "marginal":
            return self._marginal(body, amount, lows, highs, cells)
        if body.mode == "slab":
            return self._slab(body, amount, lows, highs, cells)
        return self._interpolated(amount, lows, cells)

    def _quick_marginal(self, body: Schedule, amount: Function, column: int) -> Function | None:
        """A schedule over the amount itself with constant edges and rates: one piece a band."""
        if body.each_slice or body.each_product or len(amount) > 1:
            return None
        only = amount[0]
        if only.rise <= 0 or only.starts is None or len(only.starts) > 1 or only.under or only.over:
            return None
        edges = [self._fixed(band.low) for band in body.bands]
        tops = [None if band.high is None else self._fixed(band.high) for band in body.bands]
        rates = [self._fixed(band.cells[column]) for band in body.bands]
        ends = [*edges, tops[-1]] if body.bands[-1].high is not None else edges
        if None in ends or None in rates or tops[:-1] != edges[1:]:
            return None
        known = tuple([end for end in ends if end is not None])
        if any(low > high for low, high in pairwise(known)):
            return None
        paid = tuple([rate for rate in rates if rate is not None])
        # Many kinds of people have the same bands.
        key = (self.domain, only.rise, only.den, only.starts, known, paid)
        if key not in self.schedules:
            self.schedules[key] = self._bands(only, known, paid)
        return self.schedules[key]

    def _fixed(self, expr: Expr) -> Fraction | None:
        """The value of an expression that is one constant."""
        if isinstance(expr, Constant):
            return _number(expr.value)
        return p.constant_value(self.function(expr))

    def _bands(self, line: Piece, edges: Sequence[Fraction], rates: Sequence[Fraction]) -> Function:
        """The parts of a rising line between ascending edges, each at its rate; nothing above a last edge."""
        assert line.starts is not None
        # The line and the edges are counted in parts of `den`, the rates in parts of `share`.
        den = lcm(line.den, *(edge.denominator for edge in edges))
        share = lcm(*(rate.denominator for rate in rates))
        rise, start = line.rise * (den // line.den), line.starts[0] * (den // line.den)
        bounds = [edge.numerator * (den // edge.denominator) for edge in edges]
        shares = [rate.numerator * (share // rate.denominator) for rate in rates]
        at, end = self.domain
        made: list[Piece] = []
        rate = paid = 0
        for bound, following in zip(bounds, [*shares, 0], strict=False):
            last = (bound - start) // rise
            if last >= at:
                high = last if end is None else min(last, end)
                made.append(p.in_parts(at, high, den * share, rate * rise, (rate * start + paid,)))
                at = high + 1
                if high == end:
                    return p.merged(made)
            paid += (rate - following) * bound
            rate = following
        made.append(p.in_parts(at, end, den * share, rate * rise, (rate * start + paid,)))
        return p.merged(made)

    def _marginal(
        self, body: Schedule, amount: Function, lows: list[Function], highs: list[Function | None], cells: list[Function]
    ) -> Function:  # fmt: skip
        total = p.constant(p.ZERO, self.domain)
        zero = p.constant(p.ZERO, self.domain)
        for low, high, cell in zip(lows, highs, cells, strict=True):
            top = amount if high is None else self._extreme("least", amount, high)
            part = self._extreme("greatest", p.add(top, low, -1), zero)
            if body.each_slice is not None:
                part = self.round(part, body.each_slice.step, body.each_slice.mode)
            product = p.multiply(part, cell)
            if body.each_product is not None:
                product = self.round(product, body.each_product.step, body.each_product.mode)
            total = p.add(total, product)
        return total

    def _slab(
        self, body: Schedule, amount: Function, lows: list[Function], highs: list[Function | None], cells: list[Function]
    ) -> Function:  # fmt: skip
        value = p.nowhere(self.domain)
        above_first = p.add(amount, lows[0], -1)
        for band, low, high, cell in reversed(list(zip(body.bands, lows, highs, cells, strict=True))):
            inside = p.compared(amount, low, ">=" if band.low_closed else ">")
            if high is not None:
                inside = p.both(inside, p.compared(amount, high, "<=" if band.high_closed else "<"))
            value = p.choose(inside, p.multiply(above_first, cell) if body.cells_are_rates else cell, value)
        return value

    def _interpolated(self, amount: Function, points: list[Function], cells: list[Function]) -> Function:
        value = p.nowhere(self.domain)
        pairs = list(pairwise(zip(points, cells, strict=True)))
        for (low, at_low), (high, at_high) in reversed(pairs):
            share = p.divide(p.add(amount, low, -1), p.add(high, low, -1))
            on_line = p.add(at_low, p.multiply(share, p.add(at_high, at_low, -1)))
            inside = p.both(p.compared(amount, low, ">="), p.compared(amount, high, "<="))
            value = p.choose(inside, on_line, value)
        if not pairs:
            value = p.choose(p.compared(amount, points[0], "=="), cells[0], value)
        return value

    # splits

    def _divide(self, division: Division, whole: Function, paid: dict[str, Function]) -> None:
        arm = next((a for a in division.arms if _settled(self._tests(division.keys, a.tests)) is True), None)
        if arm is None:
            raise Beyond
        shares = self._shares(arm.parts, division.rounding, whole)
        for part, share in zip(arm.parts, shares, strict=True):
            before = paid.get(part.payer)
            paid[part.payer] = share if before is None else p.add(before, share)
            if part.division is not None:
                self._divide(part.division, share, paid)

    def _shares(self, parts: Sequence[Part], rounding: Rounding | None, whole: Function) -> list[Function]:
        """Each part's share, as `ir.Division` says: rates rounded, the holder takes the whole minus the others."""
        rated = [i for i, part in enumerate(parts) if part.portion.how == "rate"]
        rest = next((i for i, part in enumerate(parts) if part.portion.how == "rest"), None)
        exact = [self._exact_share(part, whole) for part in parts]
        if rest is not None:
            for i, share in enumerate(exact):
                if i != rest:
                    exact[rest] = p.add(exact[rest], share, -1)
        if rounding is None or not rated:
            return exact
        if rounding.holder == LARGEST_FRACTIONS:
            return self._by_fractions(exact, rated, rounding.step)
        taker = rest
        if rounding.holder is not None:
            named = next((i for i, part in enumerate(parts) if part.payer == rounding.holder), None)
            taker = named if named is not None else rest if rest is not None else rated[-1]
        shares = [
            self.round(share, rounding.step, rounding.mode) if i in rated and i != taker else share
            for i, share in enumerate(exact)
        ]
        if taker is not None:
            shares[taker] = whole
            for i, share in enumerate(shares):
                if i != taker:
                    shares[taker] = p.add(shares[taker], share, -1)
        return shares

    def _exact_share(self, part: Part, whole: Function) -> Function:
        """A part before rounding; of the rest, the whole that the others are still to be taken from."""
        if part.portion.how == "rate":
            assert part.portion.rate is not None
            return p.scale(whole, part.portion.rate)
        if part.portion.how == "fixed":
            assert part.portion.amount is not None
            return self.function(part.portion.amount)
        return whole

    def _by_fractions(self, exact: list[Function], rated: list[int], step: Fraction) -> list[Function]:
        """Rates rounded down, then a step each to the largest fractions, as far as what is left goes."""
        if not self.exact:
            raise Unsure
        one, none = p.constant(step, self.domain), p.constant(p.ZERO, self.domain)
        shares = [self.round(f, step, "floor") if i in rated else f for i, f in enumerate(exact)]
        lost = {i: p.add(exact[i], shares[i], -1) for i in rated}
        left = none
        for i in rated:
            left = p.add(left, lost[i])
        spare = left
        for i in rated:
            #: the steps that go to others first, and this one's own
            turn = one
            for j in rated:
                if j != i:
                    first = p.compared(lost[j], lost[i], ">=" if j < i else ">")
                    turn = p.add(turn, p.choose(first, one, none))
            more = p.choose(p.compared(left, turn, ">="), one, none)
            shares[i] = p.add(shares[i], more)
            spare = p.add(spare, more, -1)
        shares[rated[0]] = p.add(shares[rated[0]], spare)
        return shares


def without_roundings(definition: Definition) -> Definition:
    """A definition without the roundings written under it."""
    body = definition.body
    if isinstance(body, Schedule):
        if body.each_slice is not None or body.each_product is not None:
            body = evolve(body, each_slice=None, each_product=None)
    elif isinstance(body, Allotment):
        body = evolve(body, division=_exactly(body.division))
    finish = tuple(line for line in definition.finish if not isinstance(line, Rounding))
    return evolve(definition, body=body, finish=finish)


def _exactly(division: Division) -> Division:
    """A division without its roundings."""
    arms = tuple(
        evolve(
            arm,
            parts=tuple(
                part if part.division is None else evolve(part, division=_exactly(part.division))
                for part in arm.parts
            ),
        )
        for arm in division.arms
    )
    return evolve(division, arms=arms, rounding=None)


def _as_function(symbol: Symbol) -> Function:
    if isinstance(symbol, str) or not isinstance(symbol[0], Piece):
        raise Beyond
    return symbol


def _as_condition(symbol: Symbol) -> Condition:
    if isinstance(symbol, str) or isinstance(symbol[0], Piece):
        raise Beyond
    return symbol


def _select(truth: Condition, then: Symbol, otherwise: Symbol) -> Symbol:
    """A choice between two amounts, or between two yes/no values."""
    if isinstance(then, str) or isinstance(then[0], Piece):
        return p.choose(truth, _as_function(then), _as_function(otherwise))
    return p.pick(truth, _as_condition(then), _as_condition(otherwise))


def _where(other: Symbol, value: Symbol) -> Symbol:
    """`value` where `other` has an answer too: the results of a row are computed together."""
    if isinstance(other, str) or isinstance(value, str):
        return value
    if isinstance(other[0], Piece):
        answered = p.compared(_as_function(other), _as_function(other), "==")
    else:
        answered = p.same(_as_condition(other), _as_condition(other), "==")
    return _select(answered, value, value)


def _settled(truth: Condition) -> bool | None:
    """The truth of a condition that is the same everywhere."""
    first = truth[0].pattern[0] if len(truth) == 1 and len(truth[0].pattern) == 1 else None
    return first if isinstance(first, bool) else None


def _number(value: object) -> Fraction:
    """An amount as it is, a day as its count of days."""
    if isinstance(value, date):
        return Fraction(value.toordinal())
    assert isinstance(value, Fraction)
    return value


def _date(number: Fraction) -> date:
    return date.fromordinal(int(number))


def domain_of(low: object, high: object, grain: Fraction) -> Domain:
    """A range of amounts or days in whole grains."""
    first = ceil(_number(low) / grain) if low is not None else 0
    return first, (floor(_number(high) / grain) if high is not None else None)
