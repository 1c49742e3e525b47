"""Where does an output leap, fall, or take more than all of it, as an amount rises? Every place, and for whom.

A leap is one of the value before its last rounding. Every combination of the finite facts is taken
and the amount is followed over its whole range; equal findings are told once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Literal, TypeAlias, assert_never

from policydsl.expressions import Constant, Input, Ref, Round, Rounding
from policydsl.facts import Fact
from policydsl.ir import Allotment, Definition, Formula, Lookup, Program, Schedule
from policydsl.kinds import Day, Kind, Quantity, is_money
from policydsl.needs import expressions_of
from policydsl.nodes import Node, evolve, node
from policydsl.prove import pieces as p
from policydsl.prove.cells import Axis, Cell, Reach, TooMany, amounts_valued, cells, reach
from policydsl.prove.limits import consistent
from policydsl.prove.pieces import Beyond, Domain, Function, Piece, Unsure
from policydsl.prove.symbolic import Symbol, World, domain_of
from policydsl.prove.whom import People, every_axis, everybody, of_cell, together

#: Steps that a rounding on the way makes are told from this many grains on; finer ones nobody sees.
_COARSE = 10
#: More second amounts than this are not put at both ends of their ranges.
_MOST_OTHERS = 4

_ZERO = Fraction(0)


@node
class Jump(Node):
    """At `at` the value goes from `before` to `after` at once; `at` itself still has, with side
    "from" already has, the one beyond.

    `until`: the amount from which on the loss is made up: after a leap down, the value itself is
    back; after a leap up, the amount less the value. None: never, or nothing is lost.
    """

    at: Fraction
    side: Literal["over", "from"]
    before: Fraction
    after: Fraction
    until: Fraction | None = None


@node
class Falls(Node):
    """From `low` to `high` (None: without end) the value falls, by `by` for each unit more."""

    low: Fraction
    high: Fraction | None
    by: Fraction


@node
class Steep(Node):
    """From `low` to `high` (None: without end) each unit more makes the value rise by `rate`, which is over 1."""

    low: Fraction
    high: Fraction | None
    rate: Fraction


@node
class Steps(Node):
    """The value goes in steps, because something it is computed from is rounded to more than a few grains."""


@node
class Unlisted(Node):
    """What cannot be followed exactly: "product" of amounts that vary together, too many "cells", or
    `others`, amounts that were looked at only at the ends of their ranges."""

    why: Literal["product", "cells", "others"]
    others: tuple[str, ...] = ()


Finding: TypeAlias = Jump | Falls | Steep | Steps | Unlisted


@node
class Notch(Node):
    """A finding about an output (or a part of it) along an amount, and the people it concerns (none: all)."""

    definition: Definition
    part: str | None
    along: str
    finding: Finding
    people: tuple[People, ...] = ()
    reach: Reach | None = None


# what is looked at


def notches(program: Program) -> Iterator[Notch]:
    """Every finding about every output along every amount of money of the case, in the order of the text."""
    for key in program.outputs:
        yield from of_output(program, program.definition(key))


def of_output(program: Program, definition: Definition) -> Iterator[Notch]:
    for part in _parts(definition):
        kind = kind_of(definition, part)
        for fact in program.facts:
            if is_money(fact.kind) and not fact.open and fact.name.key in definition.inputs:
                yield from _along(program, definition, part, kind, fact)


def _parts(definition: Definition) -> tuple[str | None, ...]:
    """The amounts and rates that a definition gives: itself, its columns, its payers."""
    body = definition.body
    if isinstance(body, Lookup) and len(body.results) > 1:
        return tuple(r.key for r, k in zip(body.results, body.kinds, strict=True) if isinstance(k, Quantity))
    if isinstance(body, Allotment):
        return tuple(name.key for name in (*body.leaves, *body.subtotals))
    return (None,) if isinstance(definition.kind, Quantity) else ()


def kind_of(definition: Definition, part: str | None) -> Kind:
    body = definition.body
    if isinstance(body, Lookup):
        return next(
            (k for r, k in zip(body.results, body.kinds, strict=True) if r.key == part), definition.kind
        )
    return definition.kind


def _along(
    program: Program, definition: Definition, part: str | None, kind: Kind, fact: Fact
) -> Iterator[Notch]:
    key = fact.name.key
    root = Ref(definition.name.key, kind, part, span=definition.span)
    others = tuple(sorted(amounts_valued(program, [root]) - {key}))
    grain = fact.grain or program.header.currency.grain
    domain = domain_of(fact.low, fact.high, grain)
    same_unit = isinstance(kind, Quantity) and isinstance(fact.kind, Quantity) and kind.unit == fact.kind.unit
    found = _Followed(program, definition, part, key, domain, grain, same_unit, others)
    yield from found.notches()
    if others:
        yield Notch(definition, part, key, Unlisted("others", others))


def slab(program: Program, definition: Definition, body: Schedule) -> Iterator[Notch]:
    """The leaps of a schedule along the amount it is of, whatever that is computed from."""
    amount = body.amount
    if isinstance(amount, Input) and isinstance(program.fact(amount.key).kind, Quantity):
        fact = program.fact(amount.key)
        grain = fact.grain or _grain(amount.kind, program)
        domain = domain_of(fact.low, fact.high, grain)
    else:
        grain, domain = _grain(amount.kind, program), (0, None)
        amount = Input("", body.amount.kind, span=body.amount.span)
        definition = evolve(definition, body=evolve(body, amount=amount))
    others = set[str]()
    for expr in expressions_of(definition):
        others |= amounts_valued(program, [expr])
    followed = _Followed(
        program, definition, None, amount.key, domain, grain, False, tuple(sorted(others - {amount.key}))
    )
    yield from followed.notches()


def _grain(kind: Kind, program: Program) -> Fraction:
    if is_money(kind):
        return program.header.currency.grain
    return Fraction(1) if isinstance(kind, Quantity) and kind.unit.powers else Fraction(1, 10**6)


class FiguredWorld(World):
    """A world in which some other amounts have a figure too."""

    def _input(self, expr: Input) -> Symbol:
        figure = self.cell.facts.get(expr.key)
        if isinstance(figure, Fraction) or (isinstance(figure, date) and isinstance(expr.kind, Day)):
            number = figure if isinstance(figure, Fraction) else Fraction(figure.toordinal())
            return p.constant(number, self.domain)
        return super()._input(expr)

    def _slab(
        self, body: Schedule, amount: Function, lows: list[Function], highs: list[Function | None], cells: list[Function]
    ) -> Function:  # fmt: skip
        quick = self._quick_slab(body, amount, lows, highs, cells)
        return quick if quick is not None else super()._slab(body, amount, lows, highs, cells)

    def _quick_slab(
        self, body: Schedule, amount: Function, lows: list[Function], highs: list[Function | None], cells: list[Function]
    ) -> Function | None:  # fmt: skip
        """A slab over the amount itself with constant edges and cells: one piece a band."""
        only = amount[0]
        if len(amount) > 1 or only.offsets is None or len(only.offsets) > 1 or only.below or only.above:
            return None
        edges = [p.constant_value(low) for low in lows]
        tops = [None if high is None else p.constant_value(high) for high in highs]
        values = [p.constant_value(cell) for cell in cells]
        if only.slope <= 0 or None in edges or None in values:
            return None
        at, last = self.domain
        start = only.offsets[0]
        made: list[Piece] = []
        for band, low, high, top, cell in zip(body.bands, edges, highs, tops, values, strict=True):
            assert low is not None and edges[0] is not None and cell is not None
            if high is not None and top is None:
                return None
            first = _first_above((low - start) / only.slope, included=band.low_closed)
            end = last
            if top is not None:
                end = _first_above((top - start) / only.slope, included=not band.high_closed) - 1
                end = end if last is None else min(end, last)
            first = max(first, at)
            if end is not None and end < first:
                continue
            if first > at:
                made.append(p.void(at, first - 1))
            rate = cell if body.cells_are_rates else None
            if rate is None:
                made.append(p.piece(first, end, _ZERO, (cell,)))
            else:
                made.append(p.piece(first, end, only.slope * rate, ((start - edges[0]) * rate,)))
            if end is None or end == last:
                return p.merged(made)
            at = end + 1
        made.append(p.void(at, last))
        return p.merged(made)


def _first_above(x: Fraction, *, included: bool) -> int:
    """The first whole number above `x`, or `x` itself when it is one and `included`."""
    return ceil(x) if included else floor(x) + 1


class _Followed:
    """One output along one amount, for everybody."""

    def __init__(
        self,
        program: Program,
        definition: Definition,
        part: str | None,
        along: str,
        domain: Domain,
        grain: Fraction,
        same_unit: bool,
        others: tuple[str, ...] = (),
    ) -> None:
        self.program = program
        self.definition = definition
        self.part = part
        self.along = along
        self.domain = domain
        self.grain = grain
        self.same_unit = same_unit
        self.others = others
        roots = list(expressions_of(definition))
        found = reach(program, roots)
        keys = {e.key for e in found.expressions if isinstance(e, Input)}
        self.givens = [g.condition for g in program.givens if keys & set(g.inputs)]
        if self.givens:
            found = reach(program, [*roots, *self.givens])
        # The definition itself is reached too: its rows and columns tell people apart.
        self.reach = Reach(found.expressions, (*found.definitions, definition))
        named_facts = [f.name.key for f in program.facts if f.name.key in keys]
        self.asked = [k for key in named_facts for k in (key, f"?{key}")]
        named = (e.value for e in found.expressions if isinstance(e, Constant))
        grains = {x / grain for x in named if isinstance(x, Fraction)}
        self.figures = frozenset(int(n) for n in grains if n.denominator == 1)

    def notches(self) -> Iterator[Notch]:
        try:
            axes_ = [*every_axis(self.program, self.reach, {self.along, *self.others}), *self._other_axes()]
            whom: dict[Finding, list[People]] = {}
            there: list[People] = []
            for cell in cells(axes_):
                if consistent(cell, self.program):
                    there.append(of_cell(cell, self.asked))
                    for finding in self._in(cell):
                        whom.setdefault(finding, []).append(there[-1])
        except TooMany:
            yield self._notch(Unlisted("cells"))
            return
        except Beyond:
            yield self._notch(Unlisted("product"))
            return
        every = everybody(there)
        for finding in sorted(whom, key=_order):
            yield self._notch(finding, together(whom[finding], every))

    def _notch(self, finding: Finding, people: tuple[People, ...] = ()) -> Notch:
        return Notch(self.definition, self.part, self.along, finding, people, self.reach)

    def _other_axes(self) -> Iterator[Axis]:
        if len(self.others) > _MOST_OTHERS:
            raise Beyond
        for key in self.others:
            fact = self.program.fact(key)
            yield Axis(
                key, tuple(dict.fromkeys(x for x in (fact.low, fact.high) if x is not None)) or (_ZERO,)
            )

    def _in(self, cell: Cell) -> list[Finding]:
        for exact in (False, True):
            world = FiguredWorld(self.program, cell, self.along, self.grain, self.domain, exact=exact)
            try:
                return list(
                    _findings(self._function(world), self.grain, self.same_unit, self._coarse(), self.figures)
                )
            except Unsure:
                continue
        raise Beyond

    def _function(self, world: World) -> Function:
        """The output before its last roundings, with no answer where the facts are refused."""
        value = world.body(self.definition, self.part)
        if not isinstance(value, tuple) or not isinstance(value[0], Piece):
            raise Beyond
        limits = [line for line in self.definition.finish if not isinstance(line, Rounding)]
        function = world.finish(value, limits)
        for given in self.givens:
            try:
                function = p.choose(world.condition(given), function, p.nowhere(world.domain))
            except Beyond:
                continue  # about other amounts: it rules out no amount for sure
        return function

    def _coarse(self) -> Fraction | None:
        """From which height on steps are told; None where the roundings are the output's own."""
        body = self.definition.body
        if isinstance(body, Allotment) or (isinstance(body, Formula) and isinstance(body.value, Round)):
            return None
        if isinstance(body, Schedule) and (body.each_slice or body.each_product):
            return None
        return _COARSE * (self.definition.grain or Fraction(1, 10_000))


def _order(finding: Finding) -> tuple[Fraction, int]:
    match finding:
        case Jump():
            return finding.at, 0
        case Falls():
            return finding.low, 1
        case Steep():
            return finding.low, 2
        case Steps() | Unlisted():
            return _ZERO, 3
        case _:
            assert_never(finding)


# one function


def _findings(
    function: Function, grain: Fraction, same_unit: bool, coarse: Fraction | None, figures: frozenset[int]
) -> Iterator[Finding]:
    """What there is to tell of a function of an amount that is counted in `grain`; `figures` are the
    amounts that the policy names."""
    steps = False
    for i, piece in enumerate(function):
        if piece.offsets is None:
            continue
        before = function[i - 1] if i else None
        leaps = before is not None and before.offsets is not None and _leaps(function, i)
        if leaps and before is not None:
            yield _jump(function, i, grain, same_unit, figures)
        steps = steps or (coarse is not None and bool(piece.slope) and _spread(piece) > coarse)
        if piece.high == piece.low:
            continue
        follows = before is not None and before.offsets is not None
        low = _edge(piece.low - 1, piece.low, figures) if follows else piece.low
        high = None if piece.high is None else piece.high * grain
        slope = piece.slope / grain
        if slope < 0:
            yield Falls(low * grain, high, -slope)
        elif slope > 1 and same_unit:
            yield Steep(low * grain, high, slope)
    if steps:
        yield Steps()


def _spread(piece: Piece) -> Fraction:
    """By how much the values of a piece may lie off its line, through roundings on the way."""
    assert piece.offsets is not None
    return max(piece.offsets) - min(piece.offsets) + max(piece.below, piece.above)


def _leaps(function: Function, i: int) -> bool:
    """Whether piece `i` does not continue the one before it: the step between them is one that
    neither line makes, and roundings on the way do not explain it."""
    before, after = function[i - 1], function[i]
    assert before.high is not None
    step = after.at(after.low) - before.at(before.high)
    near = [before, after]
    if before.low == before.high or after.low == after.high:
        # A point for itself has no slope; that of the lines around it tells what a step may be.
        near = [x for x in function[max(0, i - 3) : i + 3] if x.offsets is not None]
    slopes = [x.slope for x in near]
    slack = _ZERO
    for x in near:
        assert x.offsets is not None
        slack = max(slack, max(x.offsets) - min(x.offsets) + x.below + x.above)
    slack = 2 * slack
    return not min(slopes) - slack <= step <= max(slopes) + slack


def _jump(function: Function, i: int, grain: Fraction, same_unit: bool, figures: frozenset[int]) -> Jump:
    """The leap from piece `i - 1` to piece `i`, at the edge between the two amounts."""
    before, after = function[i - 1], function[i]
    assert before.high is not None
    n = _edge(before.high, after.low, figures)
    assert before.offsets is not None and after.offsets is not None
    # A point for itself has no slope, and says nothing of the value beside it.
    plain = all(len(x.offsets or ()) == 1 and (x.slope or x.low != x.high) for x in (before, after))
    low = before.at(n) if plain else before.at(before.high)
    high = after.at(n) if plain else after.at(after.low)
    until: Fraction | None = None
    if high < low:
        until = _reaches(function[i:], low, _ZERO)
    elif same_unit:
        until = _reaches(function[i:], n * grain - low, grain)
    return Jump(
        n * grain, "over" if n == before.high else "from", low, high, None if until is None else until * grain
    )


def _reaches(function: Sequence[Piece], level: Fraction, amount: Fraction) -> Fraction | None:
    """The first point at which the function (with `amount`: that much a point, less the function) is at `level`."""
    for piece in function:
        if piece.offsets is None:
            return None
        sign = -1 if amount else 1
        slope, offset = amount + sign * piece.slope, sign * piece.offsets[piece.low % len(piece.offsets)]
        if slope * piece.low + offset >= level:
            return Fraction(piece.low)
        if slope > 0:
            n = ceil((level - offset) / slope)
            if piece.high is None or n <= piece.high:
                return Fraction(n)
    return None


def _edge(a: int, b: int, figures: frozenset[int]) -> int:
    """Of two neighbouring amounts the one that the policy names, else the one with more noughts at its end."""

    def rank(n: int) -> tuple[bool, int]:
        text = str(abs(n))
        return n in figures, len(text) - len(text.rstrip("0")) if n else 99

    return b if rank(b) > rank(a) else a
