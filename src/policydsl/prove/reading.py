"""What does a program give for one kind of person, as formulas? The ir put to a solver.

What the interpreter computes for a case, a `Reading` says of all cases of a cell at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
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
    Subtract,
    Test,
    Undefined,
    Within,
)  # fmt: skip
from policydsl.ir import (
    Allotment,
    Band,
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
from policydsl.prove.cells import Cell
from policydsl.prove.pieces import Beyond
from policydsl.prove.symbolic import without_roundings
from policydsl.prove.terms import (
    ZERO,
    Amount,
    Choice,
    Holds,
    Ramp,
    Symbol,
    Terms,
    Truth,
    amount,
    is_settled,
    plus,
)  # fmt: skip

#: a value, and where there is one
Answer: TypeAlias = tuple[Symbol, Truth]
#: the values of a definition and of its parts (None: the whole), and where it has an answer
Answers: TypeAlias = "tuple[dict[str | None, Symbol], Truth]"
Edges: TypeAlias = list[tuple[Amount, "Amount | None"]]


class Reading:
    """What the program gives for the people of `cell`, as formulas; `instead` stands for inputs."""

    def __init__(
        self, terms: Terms, program: Program, cell: Cell, instead: Mapping[str, Amount] | None = None
    ) -> None:
        self.terms = terms
        self.program = program
        self.cell = cell
        self.instead = instead or {}
        self._made: dict[str, Answers] = {}
        self._periods: dict[Expr, Truth] = {}

    # expressions

    def holds(self, expr: Expr) -> tuple[Truth, Truth]:
        """Where a condition holds, and where it has an answer."""
        value, answered = self.symbol(expr)
        if not isinstance(value, Holds):
            raise Beyond
        return value.truth, answered

    def symbol(self, expr: Expr) -> Answer:
        t = self.terms
        match expr:
            case Constant():
                return self._constant(expr), True
            case Input():
                return self._input(expr)
            case Ref():
                values, answered = self.definition(expr.key)
                if expr.part not in values:
                    return t.constant(ZERO), answered
                return values[expr.part], answered
            case Add() | Subtract() | Multiply() | Divide():
                (left, ok), (right, ok_too) = self.symbol(expr.left), self.symbol(expr.right)
                if isinstance(expr, Multiply):
                    return t.multiply(left, right), t.both(ok, ok_too)
                if isinstance(expr, Divide):
                    value, nonzero = t.divide(left, right)
                    return value, t.both(ok, ok_too, nonzero)
                return t.add(left, right, 1 if isinstance(expr, Add) else -1), t.both(ok, ok_too)
            case Extreme():
                best, ok = self.symbol(expr.operands[0])
                for operand in expr.operands[1:]:
                    other, ok_too = self.symbol(operand)
                    best, ok = t.extreme(expr.which, best, other), t.both(ok, ok_too)
                return best, ok
            case Round():
                value, ok = self.symbol(expr.operand)
                return t.round(value, expr.step, expr.mode), ok
            case If():
                when, ok = self.holds(expr.condition)
                value, ok_too = self._chosen(
                    when, lambda: self.symbol(expr.then), lambda: self.symbol(expr.otherwise)
                )
                return value, t.both(ok, ok_too)
            case Compare() | And() | Or() | Not() | IsMember() | HasAny() | Present() | Within():
                truth, ok = self._condition(expr)
                return Holds(truth), ok
            case Undefined():
                return (Holds(False) if isinstance(expr.kind, YesNo) else t.constant(ZERO)), False
            case _:
                assert_never(expr)

    def _constant(self, expr: Constant) -> Symbol:
        value = expr.value
        match value:
            case bool():
                return Holds(value)
            case str():
                return value
            case date():
                return self.terms.constant(Fraction(value.toordinal()))
            case Fraction():
                return self.terms.constant(value)
            case _:
                raise Beyond

    def _input(self, expr: Input) -> Answer:
        if isinstance(expr.kind, Quantity | Day):
            if self.cell.facts.get(f"?{expr.key}") is False:
                return self.terms.constant(ZERO), False
            value = self.instead.get(expr.key)
            return (self.terms.input(self.program.fact(expr.key)) if value is None else value), True
        held = self.cell.facts[expr.key]
        if isinstance(held, bool):
            return Holds(held), True
        if not isinstance(held, str):
            raise Beyond
        return held, True

    def _condition(
        self, expr: Compare | And | Or | Not | IsMember | HasAny | Present | Within
    ) -> tuple[Truth, Truth]:
        t = self.terms
        match expr:
            case Compare() if isinstance(expr.left.kind, YesNo):
                (left, ok), (right, ok_too) = self.holds(expr.left), self.holds(expr.right)
                same = t.where(left, right, t.negated(right))
                return (same if expr.op == "==" else t.negated(same)), t.both(ok, ok_too)
            case Compare():
                (a, ok), (b, ok_too) = self.symbol(expr.left), self.symbol(expr.right)
                return t.compared(expr.op, a, b), t.both(ok, ok_too)
            case And() | Or():
                return self._until(expr.operands, isinstance(expr, Or))
            case Not():
                truth, ok = self.holds(expr.operand)
                return t.negated(truth), ok
            case IsMember():
                value, ok = self.symbol(expr.operand)
                return t.among(value, expr.members), ok
            case HasAny():
                held = self.cell.facts.get(expr.operand.key) if isinstance(expr.operand, Input) else None
                if not isinstance(held, frozenset):
                    raise Beyond
                return not held.isdisjoint(expr.members), True
            case Present():
                return self.cell.facts[f"?{expr.key}"] is True, True
            case Within():
                (day, ok), (start, ok_too) = self.symbol(expr.day), self.symbol(expr.start)
                if expr not in self._periods:
                    self._periods[expr] = t.within(expr, day, start)
                return self._periods[expr], t.both(ok, ok_too)
            case _:
                assert_never(expr)

    def _until(self, operands: Sequence[Expr], decisive: bool) -> tuple[Truth, Truth]:
        """Operands from the left until one is `decisive` (no for `and`, yes for `or`); the rest is not asked."""
        t = self.terms
        asked: Truth = True
        answered: Truth = True
        for operand in operands:
            if asked is False:
                break
            truth, ok = self.holds(operand)
            answered = t.both(answered, t.either(t.negated(asked), ok))
            asked = t.both(asked, t.negated(truth) if decisive else truth)
        return (t.negated(asked) if decisive else asked), answered

    def _chosen(self, when: Truth, then: Callable[[], Answer], otherwise: Callable[[], Answer]) -> Answer:
        """`then` where `when` holds, else `otherwise`; a side that is never read is not looked at."""
        if isinstance(when, bool):
            return then() if when else otherwise()
        (a, ok), (b, ok_too) = then(), otherwise()
        if ok is False or ok_too is False:
            return (b if ok is False else a), self.terms.where(when, ok, ok_too)
        return self.terms.choose(when, a, b), self.terms.where(when, ok, ok_too)

    # definitions

    def definition(self, key: str) -> Answers:
        """The values of a definition and of its parts, and where it has an answer."""
        if key not in self._made:
            definition = self.program.definition(key)
            values, answered = self.body(definition)
            self._made[key] = self.finish(values, answered, definition.finish)
        return self._made[key]

    def unrounded(self, expr: Expr) -> Answer:
        """A value without the roundings written under it; of a sum, under each of its terms."""
        match expr:
            case Add() | Subtract():
                (left, ok), (right, ok_too) = self.unrounded(expr.left), self.unrounded(expr.right)
                value = self.terms.add(left, right, 1 if isinstance(expr, Add) else -1)
                return value, self.terms.both(ok, ok_too)
            case Ref():
                definition = without_roundings(self.program.definition(expr.key))
                values, ok = self.finish(*self.body(definition), definition.finish)
                return values[expr.part], ok
            case _:
                return self.symbol(expr)

    def finish(self, values: dict[str | None, Symbol], answered: Truth, lines: Sequence[Finish]) -> Answers:
        """The values with roundings and limits applied."""
        t = self.terms
        values = dict(values)
        for line in lines:
            if isinstance(line, Rounding):
                if line.scope != "total":
                    continue
                for part, value in values.items():
                    if _is_quantity(value):
                        values[part] = t.round(value, line.step, line.mode)
            else:
                bound, ok = self.symbol(line.bound)
                answered = t.both(answered, ok)
                which = "least" if line.which == "cap" else "greatest"
                for part, value in values.items():
                    if _is_quantity(value):
                        values[part] = t.extreme(which, value, bound)
        return values, answered

    def body(self, definition: Definition) -> Answers:
        """The values of a definition before its last lines."""
        body = definition.body
        match body:
            case Formula():
                value, ok = self.symbol(body.value)
                return {None: value}, ok
            case Lookup():
                return self._lookup(body)
            case Schedule():
                value, ok = self._schedule(body)
                return {None: value}, ok
            case Exceptions():
                found, value, ok = self._grounds(body.grounds, body.overlap)
                value, ok = self._or_base(found, (value, ok), lambda: self.symbol(body.base))
                return {None: value}, ok
            case Allotment():
                return self._allotment(body)
            case _:
                assert_never(body)

    def _or_base(self, found: Truth, given: Answer, base: Callable[[], Answer]) -> Answer:
        return self._chosen(found, lambda: given, base)

    # tables

    def _passes(self, keys: Sequence[Key], tests: Sequence[Test]) -> tuple[Truth, Truth]:
        """Where all tests of a row pass, from the left, and where that has an answer."""
        t = self.terms
        passes: Truth = True
        answered: Truth = True
        for key, test in zip(keys, tests, strict=True):
            if test is None or passes is False:
                continue
            value, _ = self.symbol(key.value)
            if isinstance(test, Interval):
                truth, ok = self._inside(value, test)
            else:
                truth, ok = t.among(value, test), True
            answered = t.both(answered, t.either(t.negated(passes), ok))
            passes = t.both(passes, truth)
        return passes, answered

    def _inside(self, value: Symbol, interval: Interval) -> tuple[Truth, Truth]:
        t = self.terms
        inside: Truth = True
        answered: Truth = True
        for bound, closed, ops in (
            (interval.low, interval.low_closed, (">=", ">")),
            (interval.high, interval.high_closed, ("<=", "<")),
        ):
            if bound is not None:
                edge, ok = self.symbol(bound)
                answered = t.both(answered, t.either(t.negated(inside), ok))
                op: CompareOp = ops[0] if closed else ops[1]  # type: ignore[assignment]
                inside = t.both(inside, t.compared(op, value, edge))
        return inside, answered

    def _keys_answered(self, keys: Sequence[Key]) -> Truth:
        return self.terms.both(*(self.symbol(key.value)[1] for key in keys))

    def _lookup(self, body: Lookup) -> Answers:
        t = self.terms
        answered = self._keys_answered(body.keys)
        held: list[tuple[Truth, Sequence[Expr]]] = []
        for row in body.rows:
            passes, ok = self._passes(body.keys, row.tests)
            answered = t.both(answered, ok)
            if passes is not False:
                held.append((passes, row.results))
        values: dict[str | None, Symbol] = {}
        for i, name in enumerate(body.results):
            if body.overlap == "count":
                value: Symbol = self._count([passes for passes, _ in held])
            else:
                entries = [(passes, self.symbol(results[i])) for passes, results in held]
                found, value, ok = self._together(entries, body.overlap)
                if body.overlap == "sum":
                    value = t.choose(found, value, t.constant(ZERO))
                    ok = t.either(t.negated(found), ok)
                else:
                    ok = t.both(found, ok)
                answered = t.both(answered, ok)
            values[name.key if len(body.results) > 1 else None] = value
        return values, answered

    def _count(self, truths: Iterable[Truth]) -> Symbol:
        t = self.terms
        total: Symbol = t.constant(ZERO)
        for truth in truths:
            total = t.add(total, t.choose(truth, t.constant(Fraction(1)), t.constant(ZERO)))
        return total

    def _together(
        self, entries: Sequence[tuple[Truth, Answer]], overlap: Overlap
    ) -> tuple[Truth, Symbol, Truth]:
        """Where an entry holds, what those that hold give together, and where they give it."""
        t = self.terms
        possible = [(truth, answer) for truth, answer in entries if truth is not False]
        found = t.either(*(truth for truth, _ in possible))
        if not possible:
            return False, t.constant(ZERO), False
        if overlap in ("first", "agree"):
            last = next((i for i, (truth, _) in enumerate(possible) if truth is True), len(possible) - 1)
            value, ok = possible[last][1]
            for truth, (other, ok_too) in reversed(possible[:last]):
                value, ok = self._chosen(truth, lambda a=(other, ok_too): a, lambda a=(value, ok): a)  # type: ignore[misc]
            return found, value, ok
        ok = t.both(*(t.either(t.negated(truth), ok) for truth, (_, ok) in possible))
        if overlap == "sum":
            total: Symbol = t.constant(ZERO)
            for truth, (value, _) in possible:
                total = t.add(total, t.choose(truth, value, t.constant(ZERO)))
            return found, total, ok
        truth, (best, _) = possible[0]
        for held, (value, _) in possible[1:]:
            both = t.extreme(overlap, _as_number(best), _as_number(value))
            best = t.choose(t.both(truth, held), both, t.choose(truth, _as_number(best), _as_number(value)))
            truth = t.either(truth, held)
        return found, best, ok

    def _grounds(self, grounds: Sequence[Ground], overlap: Overlap) -> tuple[Truth, Symbol, Truth]:
        """Where a ground holds, what those that hold give, and where that has an answer."""
        t = self.terms
        entries: list[tuple[Truth, Answer]] = []
        answered: Truth = True
        for ground in grounds:
            when, ok = self.holds(ground.when)
            answered = t.both(answered, ok)
            if when is False:
                continue
            found, value, ok = self._grounds(ground.inner, overlap)
            entries.append((when, self._or_base(found, (value, ok), lambda g=ground: self.symbol(g.value))))  # type: ignore[misc]
        if overlap == "count":
            truths = [when for when, _ in entries]
            found, value, ok = t.either(*truths), self._count(truths), True
        else:
            found, value, ok = self._together(entries, overlap)
        # A condition without an answer leaves the whole rule without one, whether a ground holds or not.
        return t.either(found, t.negated(answered)), value, t.both(answered, ok)

    # schedules

    def _schedule(self, body: Schedule) -> Answer:
        t = self.terms
        symbol, ok = self.symbol(body.amount)
        answered = t.both(self._keys_answered(body.keys), ok)
        if body.cap is not None:
            cap, ok = self.symbol(body.cap)
            symbol, answered = t.extreme("least", symbol, cap), t.both(answered, ok)
        counted = t.flat(symbol)
        edges: Edges = []
        for band in body.bands:
            low, ok = self.symbol(band.low)
            high, ok_too = self.symbol(band.high) if band.high is not None else (None, True)
            answered = t.both(answered, ok, ok_too)
            edges.append((t.flat(low), None if high is None else t.flat(high)))
        columns = []
        for i, column in enumerate(body.columns):
            passes, _ = self._passes(body.keys, column.tests)
            if passes is not False:
                columns.append((passes, self._column(body, counted, edges, i)))
        found, value, ok = self._together(columns, "first")
        return value, t.both(answered, found, ok)

    def _column(self, body: Schedule, counted: Amount, edges: Edges, column: int) -> Answer:
        cells = [self.symbol(band.cells[column]) for band in body.bands]
        match body.mode:
            case "marginal":
                return self._marginal(body, counted, edges, cells)
            case "slab":
                return self._slab(body, counted, edges, cells)
            case "interpolated":
                return self._interpolated(counted, [low for low, _ in edges], cells)
            case _:
                assert_never(body.mode)

    def _marginal(self, body: Schedule, counted: Amount, edges: Edges, cells: list[Answer]) -> Answer:
        t = self.terms
        total: Symbol = t.constant(ZERO)
        answered: Truth = True
        start = len(edges)
        if body.each_slice is None and body.each_product is None:
            start = self._ascending(body.bands, edges, cells)
        for (low, high), (cell, ok) in list(zip(edges, cells, strict=True))[:start]:
            top = counted if high is None else t.extreme("least", counted, high)
            part = t.extreme("greatest", t.add(top, low, -1), t.constant(ZERO))
            answered = t.both(answered, t.either(t.compared("<=", part, t.constant(ZERO)), ok))
            if body.each_slice is not None:
                part = t.round(part, body.each_slice.step, body.each_slice.mode)
            product = t.multiply(part, cell)
            if body.each_product is not None:
                product = t.round(product, body.each_product.step, body.each_product.mode)
            total = t.add(total, product)
        if start < len(edges):
            rates = [t.flat(cell).low or ZERO for cell, _ in cells[start:]]
            total = t.add(total, self._cumulated(counted, edges[start:], rates))
        return total, answered

    def _ascending(self, bands: Sequence[Band], edges: Edges, cells: list[Answer]) -> int:
        """From which band on the bands have constant rates and edges that surely meet and ascend."""
        start = len(edges)
        while start > 0:
            low, high = edges[start - 1]
            cell, ok = cells[start - 1]
            if ok is not True or not is_settled(cell) or isinstance(cell, Choice):
                break
            if start < len(edges):
                following = edges[start][0]
                if high is None or low.high is None or following.low is None or low.high > following.low:
                    break
                if bands[start - 1].high != bands[start].low and not _same(high, following):
                    break
            elif high is not None and (low.high is None or high.low is None or low.high > high.low):
                break
            start -= 1
        return start

    def _cumulated(self, counted: Amount, edges: Edges, rates: list[Fraction]) -> Symbol:
        """What ascending bands pay: in each band, what the bands before it pay and its rate of the rest."""
        t = self.terms
        ends = [low for low, _ in edges] + [high for _, high in edges[-1:] if high is not None]
        known = tuple([end.low if end.low == end.high else None for end in ends])
        key = (counted.term, counted.den, counted.low, counted.high, known, tuple(rates))
        ramp = t.ramps.get(key) if None not in known else None
        if ramp is None:
            ramp = Ramp(counted, self._bands(counted, edges, rates), known, tuple(rates))
            if None not in known:
                t.ramps[key] = ramp
        if ramp.gives.low is None or ramp.gives.low != ramp.gives.high:
            t.ramp(ramp, edges[0][0])
        return ramp.gives

    def _bands(self, counted: Amount, edges: Edges, rates: list[Fraction]) -> Amount:
        t = self.terms
        pays: list[Amount] = []
        before = t.constant(ZERO)
        for (low, high), rate in zip(edges, rates, strict=True):
            start = amount(t.add(before, t.scale(low, rate), -1))
            line = amount(t.add(t.scale(counted, rate), start))
            pays.append(_in_band(line, before, counted, low, high, rate))
            if high is not None:
                before = amount(t.add(start, t.scale(high, rate)))
        value: Symbol = before if edges[-1][1] is not None else pays[-1]
        for (_, high), paid in reversed(list(zip(edges, pays, strict=True))):
            if high is not None:
                value = t.choose(t.compared("<=", counted, high), paid, value)
        return t.flat(t.choose(t.compared("<=", counted, edges[0][0]), t.constant(ZERO), value))

    def _slab(self, body: Schedule, counted: Amount, edges: Edges, cells: list[Answer]) -> Answer:
        t = self.terms
        above = t.add(counted, edges[0][0], -1)
        entries: list[tuple[Truth, Answer]] = []
        for band, (low, high), (cell, ok) in zip(body.bands, edges, cells, strict=True):
            inside = t.compared(">=" if band.low_closed else ">", counted, low)
            if high is not None:
                inside = t.both(inside, t.compared("<=" if band.high_closed else "<", counted, high))
            if inside is not False:
                entries.append((inside, (t.multiply(above, cell) if body.cells_are_rates else cell, ok)))
        found, value, ok = self._together(entries, "first")
        return value, t.both(found, ok)

    def _interpolated(self, counted: Amount, points: list[Amount], cells: list[Answer]) -> Answer:
        t = self.terms
        entries: list[tuple[Truth, Answer]] = []
        for i, (at, (cell, ok)) in enumerate(zip(points, cells, strict=True)):
            entries.append((t.compared("==", counted, at), (cell, ok)))
            if not i:
                continue
            low, (first, ok_too) = points[i - 1], cells[i - 1]
            inside = t.both(t.compared(">", counted, low), t.compared("<", counted, at))
            if inside is not False:
                slope, nonzero = t.divide(t.add(cell, first, -1), t.add(at, low, -1))
                value = t.add(first, t.multiply(slope, t.add(counted, low, -1)))
                entries.append((inside, (value, t.both(ok, ok_too, nonzero))))
        found, value, ok = self._together(entries, "first")
        return value, t.both(found, ok)

    # splits

    def _allotment(self, body: Allotment) -> Answers:
        total, ok = self.symbol(body.total)
        paid, answered = self._division(body.division, total)
        payers = [name.key for name in (*body.leaves, *body.subtotals)]
        values: dict[str | None, Symbol] = {None: total, "total": total}
        values |= {payer: paid.get(payer, self.terms.constant(ZERO)) for payer in payers}
        return values, self.terms.both(ok, answered)

    def _division(self, division: Division, whole: Symbol) -> tuple[dict[str, Symbol], Truth]:
        """What each payer pays, in whichever arm it is, and where there is an arm."""
        t = self.terms
        arms = [(self._passes(division.keys, arm.tests)[0], arm) for arm in division.arms]
        made = [
            (passes, *self._arm(arm.parts, division.rounding, whole))
            for passes, arm in arms
            if passes is not False
        ]
        paid: dict[str, Symbol] = {}
        for payer in dict.fromkeys(payer for _, shares, _ in made for payer in shares):
            entries = [(passes, (shares.get(payer, t.constant(ZERO)), True)) for passes, shares, _ in made]
            paid[payer] = self._together(entries, "first")[1]
        reads: list[tuple[Truth, Answer]] = [(passes, (Holds(True), ok)) for passes, _, ok in made]
        found, _, ok = self._together(reads, "first")
        return paid, t.both(self._keys_answered(division.keys), found, ok)

    def _arm(
        self, parts: Sequence[Part], rounding: Rounding | None, whole: Symbol
    ) -> tuple[dict[str, Symbol], Truth]:
        t = self.terms
        paid: dict[str, Symbol] = {}
        shares, answered = self._shares(parts, rounding, whole)
        for part, share in zip(parts, shares, strict=True):
            paid[part.payer] = t.add(paid[part.payer], share) if part.payer in paid else share
            if part.division is not None:
                below, ok = self._division(part.division, share)
                answered = t.both(answered, ok)
                for payer, value in below.items():
                    paid[payer] = t.add(paid[payer], value) if payer in paid else value
        return paid, answered

    def _shares(
        self, parts: Sequence[Part], rounding: Rounding | None, whole: Symbol
    ) -> tuple[list[Symbol], Truth]:
        """Each part's share, as `ir.Division` says: rates rounded, the holder takes the whole minus the others."""
        t = self.terms
        rated = [i for i, part in enumerate(parts) if part.portion.how == "rate"]
        rest = next((i for i, part in enumerate(parts) if part.portion.how == "rest"), None)
        fractions = rounding is not None and rounding.holder == LARGEST_FRACTIONS
        taker = rest
        if rounding is not None and rounding.holder is not None and not fractions and rated:
            named = next((i for i, part in enumerate(parts) if part.payer == rounding.holder), None)
            taker = named if named is not None else rest if rest is not None else rated[-1]
        shares: list[Symbol] = [whole] * len(parts)
        answered: Truth = True
        for i, part in enumerate(parts):
            portion = part.portion
            if portion.how == "fixed":
                assert portion.amount is not None
                shares[i], ok = self.symbol(portion.amount)
                answered = t.both(answered, ok)
            elif portion.how == "rate":
                assert portion.rate is not None
                shares[i] = t.multiply(whole, t.constant(portion.rate))
        if rest is not None:
            shares[rest] = self._left(shares, rest, whole)
        if fractions:
            assert rounding is not None
            self._largest_fractions(shares, rated, rounding.step)
            return shares, answered
        if rounding is not None:
            for i in rated:
                if i != taker:
                    shares[i] = t.round(shares[i], rounding.step, rounding.mode)
        if taker is not None:
            shares[taker] = self._left(shares, taker, whole)
        return shares, answered

    def _left(self, shares: list[Symbol], taker: int, whole: Symbol) -> Symbol:
        """The whole minus the shares of all others."""
        for i, share in enumerate(shares):
            if i != taker:
                whole = self.terms.add(whole, share, -1)
        return whole

    def _largest_fractions(self, shares: list[Symbol], rated: Sequence[int], step: Fraction) -> None:
        """Each rate rounded down, then a step to each of the largest fractions; the first takes what is left."""
        t = self.terms
        zero = t.constant(ZERO)
        down = {i: t.round(shares[i], step, "floor") for i in rated}
        fractions = {i: t.add(shares[i], down[i], -1) for i in rated}
        left: Symbol = zero
        for i in rated:
            left = t.add(left, fractions[i])
        for i in rated:
            before = [t.compared(">" if j > i else ">=", fractions[j], fractions[i]) for j in rated if j != i]
            place = t.add(self._count(before), t.constant(Fraction(1)))
            due = t.compared("<=", t.multiply(place, t.constant(step)), left)
            shares[i] = t.add(down[i], t.choose(due, t.constant(step), zero))
        if rated:
            shares[rated[0]] = t.add(shares[rated[0]], t.add(left, t.round(left, step, "floor"), -1))


def _in_band(
    line: Amount, before: Amount, counted: Amount, low: Amount, high: Amount | None, rate: Fraction
) -> Amount:
    """The line of a band with its least and greatest value there, which may be less wide than the line's."""
    tops = [top for top in (counted.high, high.high if high is not None else None) if top is not None]
    if not tops or low.low is None:
        return evolve(line, low=None, high=None)
    most = max(min(tops) - low.low, ZERO) * rate
    low_end, high_end = plus(before.low, min(most, ZERO), 1), plus(before.high, max(most, ZERO), 1)
    return evolve(line, low=low_end, high=high_end)


def _same(a: Amount, b: Amount) -> bool:
    return a.low is not None and a.low == a.high == b.low == b.high


def _is_quantity(symbol: Symbol) -> bool:
    return isinstance(symbol, Amount) or (isinstance(symbol, Choice) and _is_quantity(symbol.then))


def _as_number(symbol: Symbol) -> Symbol:
    """The greater of two yes/no values is not put to a solver."""
    if isinstance(symbol, Holds):
        raise Beyond
    return symbol
