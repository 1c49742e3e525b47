"""Does a property hold for every input, and if not, which case shows it? Decided, never sampled.

Every combination of finite facts is taken, and in each the one amount that varies is followed
over its whole range. A property is proved, refuted by a case, or left open, and then says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from policydsl.expressions import (
    Add,
    Compare,
    CompareOp,
    Expr,
    Not,
    Ref,
    Rounding,
    Subtract,
    Value,
    Within,
)
from policydsl.facts import Fact
from policydsl.ir import Ensure, Program
from policydsl.kinds import YES_NO, Day
from policydsl.nodes import Node, node
from policydsl.prove import pieces as p
from policydsl.prove.cells import (
    Axis,
    Cell,
    Reach,
    TooMany,
    amounts_in,
    amounts_valued,
    axes,
    biggest,
    cells,
    conditions,
    facts_of,
    givens_about,
    keys_of,
    placed,
    reach,
)  # fmt: skip
from policydsl.prove.limits import consistent
from policydsl.prove.pieces import Beyond, Condition, Domain, Function, Product, Unsure
from policydsl.prove.symbolic import Schedules, World, domain_of
from policydsl.prove.witnesses import (
    Replay,
    Witness,
    candidates,
    earliest,
    roundest,
    roundness,
    sides_of,
    value_of,
)

Why: TypeAlias = Literal["amounts", "product", "cells", "solver"]

#: how many candidate cases are tried for the facts that the analysis took as given either way
MAX_TRIES = 400


@node
class Verdict(Node):
    """What became of one property: "proved", "refuted" by `witness`, or "open" because of `why`.

    `amounts` are the inputs that vary together where that is why; `combinations` the axes that multiply.
    """

    ensure: Ensure
    outcome: Literal["proved", "refuted", "open"]
    witness: Witness | None = None
    why: Why | None = None
    amounts: tuple[str, ...] = ()
    combinations: tuple[Axis, ...] = ()


def decide(program: Program, replay: Replay) -> Iterator[Verdict]:
    """Prove or refute each `ensure` of the policy for all inputs that satisfy the givens."""
    common = _Common()
    for ensure in program.ensures:
        yield _Question(program, ensure, replay, common).verdict()


class _Common:
    """What the properties of one policy share: worlds, which cell, variable and exactness tell apart, and schedules."""

    def __init__(self) -> None:
        self.worlds: dict[tuple[object, ...], World] = {}
        self.schedules: Schedules = {}


class _Question:
    def __init__(self, program: Program, ensure: Ensure, replay: Replay, common: _Common) -> None:
        self.program = program
        self.ensure = ensure
        self.replay = replay
        self.common = common
        self.facts = {fact.name.key: fact for fact in program.facts}
        #: what a change is looked for in: the output where it has a value and the property is about it
        self.followed: Function = ()
        roots = [e for e in (ensure.holds, ensure.output, ensure.when) if e is not None]
        self.reach: Reach = reach(program, roots)
        self.givens = givens_about(program, keys_of(self.reach))
        if self.givens:
            self.reach = reach(program, [*roots, *self.givens])

    def verdict(self) -> Verdict:
        output, along = self.ensure.output, self.ensure.along
        if output is not None and along not in keys_of(reach(self.program, (output,))):
            return Verdict(self.ensure, "proved")
        try:
            variable = self._variable()
        except _SeveralAmounts as several:
            return self._solved(several.keys)
        # A comparison of what other amounts only decide is made of comparisons that are taken as facts.
        atoms = [e for e in conditions(self.reach) if amounts_valued(self.program, sides_of(e)) - {variable}]
        if output is not None and any(along in keys_of(reach(self.program, (atom,))) for atom in atoms):
            # what changes may change the comparison too, so it is no fact that both points share
            return self._solved(amounts_in(self.program, self._main()) | ({variable} if variable else set()))
        try:
            every = cells(self._axes(atoms))
            return self._over([cell for cell in every if consistent(cell, self.program)], variable)
        except TooMany:
            return self._too_many(atoms)
        except Product:
            return self._open("product", tuple(sorted(amounts_in(self.program, self._main()))))
        except Beyond:
            return self._solved(amounts_in(self.program, self._main()))

    def _axes(self, atoms: Iterable[Expr]) -> list[Axis]:
        found = axes(self.program, self.reach, atoms)
        if self.ensure.members is not None:
            found = [axis for axis in found if axis.fact != self.ensure.along]
        return found

    def _too_many(self, atoms: Iterable[Expr]) -> Verdict:
        return Verdict(self.ensure, "open", None, "cells", (), tuple(biggest(self._axes(atoms))))

    def _solved(self, amounts: Iterable[str]) -> Verdict:
        """What a solver says, where following one amount does not decide."""
        from policydsl.prove import solver

        keys = tuple(sorted(amounts))
        if not solver.available():
            if solver.multiplies(self.program, self.ensure):
                return self._open("product", keys)
            return self._open("amounts" if len(keys) > 1 else "solver", keys)
        try:
            witness = solver.solve(self.program, self.ensure, self.replay)
        except Product:
            return self._open("product", keys)
        except TooMany:
            return self._too_many(())
        except (Beyond, solver.Undecided):
            return self._open("solver", keys)
        return Verdict(self.ensure, "refuted" if witness is not None else "proved", witness)

    def _open(self, why: Why, keys: tuple[str, ...]) -> Verdict:
        return Verdict(self.ensure, "open", None, why, keys)

    def _main(self) -> Expr:
        main = self.ensure.holds or self.ensure.output
        assert main is not None
        return main

    def _variable(self) -> str | None:
        """The one amount that varies: what the property is about, or what its conditions compare."""
        if self.ensure.along is not None and self.ensure.members is None:
            return self.ensure.along
        main = self._main()
        sides = [side for e in _comparisons(main) for side in sides_of(e)] or [main]
        valued = amounts_valued(self.program, sides)
        if len(valued) > 1:
            raise _SeveralAmounts(tuple(sorted(valued)))
        if valued:
            return next(iter(valued))
        deciding = (main, *conditions(self.reach))
        return next((key for e in deciding for key in sorted(amounts_in(self.program, e))), None)

    # every combination

    def _over(self, every: list[Cell], variable: str | None) -> Verdict:
        fact = self.facts[variable] if variable is not None else None
        grain = fact.grain if fact is not None and fact.grain is not None else Fraction(1)
        domain: Domain = (0, 0)
        if fact is not None:
            first, last = domain_of(fact.low, fact.high, grain)
            if isinstance(fact.kind, Day):
                first = fact.low.toordinal() if isinstance(fact.low, date) else date.min.toordinal()
                last = last if last is not None else date.max.toordinal()
            domain = (first, last)
        best: tuple[tuple[int, int, int], Witness] | None = None
        left_open = False
        for cell in every:
            if best is not None and cell.turns > best[0][0]:
                break
            broken = self._broken(cell, variable, grain, domain)
            points = earliest if fact is not None and isinstance(fact.kind, Day) else roundest
            for n in points(broken):
                witness = self._witness(cell, fact, n, grain)
                if witness is None:
                    left_open = True
                    continue
                rank = (cell.turns, *((0, n) if points is earliest else roundness(n)))
                if best is None or rank < best[0]:
                    best = (rank, witness)
                break
        if best is not None:
            return Verdict(self.ensure, "refuted", best[1])
        if left_open:
            return self._solved(amounts_in(self.program, self._main()) | ({variable} if variable else set()))
        return Verdict(self.ensure, "proved")

    def _broken(self, cell: Cell, variable: str | None, grain: Fraction, domain: Domain) -> Condition:
        """Where the property is broken in a cell; roundings are followed exactly only where they decide."""
        for exact in (False, True):
            try:
                broken = self._violation(cell, variable, grain, domain, exact=exact)
            except Unsure:
                if exact:
                    raise Beyond from None
                continue
            if not any(None in piece.pattern for piece in broken):
                return broken
        raise Beyond

    def _world(
        self, cell: Cell, variable: str | None, grain: Fraction, domain: Domain, *, exact: bool
    ) -> World:
        key = (frozenset(cell.facts.items()), frozenset(cell.atoms.items()), variable, exact)
        worlds = self.common.worlds
        if key not in worlds:
            worlds[key] = World(
                self.program, cell, variable, grain, domain, exact=exact, schedules=self.common.schedules
            )
        return worlds[key]

    def _violation(
        self, cell: Cell, variable: str | None, grain: Fraction, domain: Domain, *, exact: bool
    ) -> Condition:
        if self.ensure.members is not None:
            assert self.ensure.along is not None
            low, high = (
                self._world(placed(cell, self.ensure.along, m), variable, grain, domain, exact=exact)
                for m in self.ensure.members
            )
            within = p.both(self._within(low), self._within(high))
            return _true_only(p.both(within, self._steps(low, high)))
        world = self._world(cell, variable, grain, domain, exact=exact)
        within = self._within(world)
        if within == p.always(False, world.domain):
            return within
        if self.ensure.holds is not None:
            return _true_only(p.both(within, p.negated(world.condition(self.ensure.holds))))
        return _true_only(self._changes(world, within))

    def _within(self, world: World) -> Condition:
        """The points that the property is about: the givens hold there, and its `when`."""
        within = p.always(True, world.domain)
        for given in self.givens:
            within = p.both(within, self._answered(world, given))
        if self.ensure.when is not None:
            within = p.both(within, world.condition(self.ensure.when))
        return within

    def _answered(self, world: World, given: Expr) -> Condition:
        """Where a given holds; one that cannot be followed is taken to hold, and cases are checked against it."""
        try:
            return world.condition(given)
        except Beyond:
            return p.always(True, world.domain)

    # changes along an amount

    def _steps(self, low: World, high: World) -> Condition:
        """The points at which the output, going from one member to the other, moves the wrong way."""
        output = self.ensure.output
        assert output is not None
        op: CompareOp = "<" if self.ensure.change == "fall" else ">"
        smooth_low, smooth_high = smooth(low, output), smooth(high, output)
        if (smooth_low.rounding, smooth_low.taken) == (smooth_high.rounding, smooth_high.taken):
            wrong = p.compared(smooth_high.function, smooth_low.function, op)
            if wrong == p.always(False, low.domain) or smooth_low.rounding is None:
                return wrong
        if not low.exact:
            raise Unsure
        return p.compared(high.function(output), low.function(output), op)

    def _changes(self, world: World, within: Condition) -> Condition:
        """The points whose value, against the last one before that has a value, breaks the property."""
        output = self.ensure.output
        assert output is not None
        if self.ensure.change == "jump":
            leaps = _jumps(_limited(world.unrounded(output), within))
            if leaps == p.always(False, world.domain):
                return leaps
            if not world.exact:
                raise Unsure
            self.followed = _limited(world.function(output), within)
            moves = p.either(_falls(self.followed, rise=False), _falls(self.followed, rise=True))
            return p.both(leaps, moves)
        rise = self.ensure.change == "rise"
        before_rounding = smooth(world, output)
        self.followed = _limited(before_rounding.function, within)
        wrong = _falls(self.followed, rise=rise)
        if wrong == p.always(False, world.domain) or before_rounding.rounding is None:
            return wrong
        if not world.exact:
            raise Unsure
        self.followed = _limited(world.function(output), within)
        return _falls(self.followed, rise=rise)

    # cases

    def _witness(self, cell: Cell, fact: Fact | None, n: int, grain: Fraction) -> Witness | None:
        """A whole case at point `n` of a cell that does break the property when it is computed."""
        for extra in self._others(cell, fact):
            facts = {**extra, **facts_of(cell)}
            before = None
            if fact is not None and cell.facts.get(f"?{fact.name.key}") is not False:
                facts[fact.name.key] = value_of(fact, n, grain)
                if self.ensure.change is not None and self.ensure.members is None:
                    last = _last_before(self.followed, n)
                    before = {**facts, fact.name.key: value_of(fact, last, grain)}
            if self.ensure.members is not None:
                assert self.ensure.along is not None
                before = {**facts, self.ensure.along: self.ensure.members[0]}
                facts[self.ensure.along] = self.ensure.members[1]
            broken = self.replay(self.ensure, facts, before)
            if broken is not None and (self.ensure.change != "jump" or self._is_of(cell, facts)):
                return Witness(facts, before, broken)
        return None

    def _is_of(self, cell: Cell, facts: Mapping[str, Value]) -> bool:
        """Whether the comparisons of a case come out as those of the cell: two values that differ are no
        jump yet, so a jump that was found for the cell must be one of the case."""
        for atom, truth in cell.atoms.items():
            other = Not(atom, YES_NO, span=atom.span) if truth else atom
            if self.replay(Ensure(holds=other, span=atom.span), facts, None) is None:
                return False
        return True

    def _others(self, cell: Cell, fact: Fact | None) -> Iterator[dict[str, Value]]:
        """Values for the amounts and days that do not vary, near the figures they are compared with."""
        others = [
            self.facts[key]
            for key in sorted(keys_of(self.reach))
            if key not in cell.facts and (fact is None or key != fact.name.key)
        ]
        choices = [list(candidates(self.program, other, self.reach)) for other in others]
        for place in range(min(MAX_TRIES, max(1, _count(choices)))):
            picked: dict[str, Value] = {}
            for other, values in zip(others, choices, strict=True):
                picked[other.name.key] = values[place % len(values)]
                place //= len(values)
            yield picked


class _SeveralAmounts(Exception):
    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(keys)
        self.keys = keys


def _comparisons(expr: Expr) -> list[Compare | Within]:
    """The comparisons a condition is made of, not looking into the definitions it names."""
    found: list[Compare | Within] = []
    pending = [expr]
    while pending:
        e = pending.pop()
        if isinstance(e, Compare | Within):
            found.append(e)
        elif hasattr(e, "operands"):
            pending += e.operands
        elif hasattr(e, "operand"):
            pending.append(e.operand)
    return found


def _true_only(condition: Condition) -> Condition:
    """A point without an answer breaks no property."""
    return tuple(
        p.TruthPiece(piece.low, piece.high, tuple([False if t == "void" else t for t in piece.pattern]))
        for piece in condition
    )


# before the last rounding


@node
class Smooth(Node):
    """A value before its last rounding, that rounding (None: there was none), and whether what is
    rounded is taken away.

    Rounding never turns a rise into a fall, so what the smooth value does not do the rounded
    value does not do either.
    """

    function: Function
    rounding: Rounding | None = None
    taken: bool = False


def smooth(world: World, expr: Expr) -> Smooth:
    """`expr` without the rounding that is applied last to it.

    A sum of a rounded value and one on the grid of that rounding rounds like the sum of both,
    when the rounding moves along with its argument: `cost - payout` is such a sum.
    """
    match expr:
        case Ref():
            definition = world.program.definition(expr.key)
            totals = [
                line for line in definition.finish if isinstance(line, Rounding) and line.scope == "total"
            ]
            if len(totals) != 1 or definition.finish[-1] != totals[0]:
                return Smooth(world.function(expr))
            body = world.body(definition, expr.part)
            before = world.finish(body, definition.finish[:-1])  # type: ignore[arg-type]
            return (
                Smooth(before, totals[0]) if _moves_along(before, totals[0]) else Smooth(world.function(expr))
            )
        case Add() | Subtract():
            left, right = smooth(world, expr.left), smooth(world, expr.right)
            one, other = (left, right) if left.rounding is not None else (right, left)
            sign = 1 if isinstance(expr, Add) else -1
            if one.rounding is None:
                return Smooth(p.add(left.function, right.function, sign))
            if other.rounding is not None or not p.on_grid(other.function, one.rounding.step):
                return Smooth(world.function(expr))
            taken = one.taken != (one is right and sign < 0)
            return Smooth(p.add(left.function, right.function, sign), one.rounding, taken)
        case _:
            return Smooth(world.function(expr))


def _moves_along(function: Function, rounding: Rounding) -> bool:
    """Whether the rounding of `x + step` is the rounding of `x` and a step, for all values there are."""
    if rounding.mode in ("floor", "ceiling"):
        return True
    if rounding.mode == "half_even":
        return False
    for piece in function:
        if piece.starts is not None and (piece.under or piece.over or not p.never_negative(piece)):
            return False
    return True


# change from point to point


def _limited(function: Function, within: Condition) -> Function:
    """The function where the condition holds, and no value elsewhere."""
    domain = within[0].low, within[-1].high
    return function if within == p.always(True, domain) else p.choose(within, function, p.nowhere(domain))


def _last_before(function: Function, n: int) -> int:
    """The last point before `n` that has a value."""
    last = n - 1
    for piece in function:
        if piece.low >= n:
            break
        if piece.starts is not None:
            last = n - 1 if piece.high is None else min(piece.high, n - 1)
    return last


def _falls(function: Function, *, rise: bool) -> Condition:
    """The points at which the value is less than at the last one before (with `rise`, more)."""
    if any(piece.under or piece.over for piece in function):
        raise Unsure
    sign = -1 if rise else 1
    made: list[p.TruthPiece] = []
    previous: p.Piece | None = None
    for piece in function:
        low = piece.low
        if piece.starts is None:
            made.append(p.TruthPiece(low, piece.high, (False,)))
            continue
        fallen = False
        if previous is not None:
            assert previous.high is not None
            fallen = sign * p.order(previous, previous.high, piece, low) < 0
        falling = _falling(piece, sign)
        if falling == (fallen,):
            made.append(p.TruthPiece(low, piece.high, falling))
        else:
            made.append(p.TruthPiece(low, low, (fallen,)))
            if piece.high is None or piece.high > low:
                made.append(p.TruthPiece(low + 1, piece.high, falling))
        previous = piece
    return p.joined(made)


def _falling(piece: p.Piece, sign: int) -> tuple[p.Truth, ...]:
    if piece.starts is not None and len(piece.starts) == 1:
        return (sign * piece.rise < 0,)
    steps = [sign * step < 0 for step in _steps_in(piece)]
    return (steps[0],) if len(set(steps)) == 1 else tuple(steps)


def _steps_in(piece: p.Piece) -> list[int]:
    """By how many parts the value differs from the one before, by residue."""
    assert piece.starts is not None
    starts = piece.starts
    return [piece.rise + starts[r] - starts[r - 1] for r in range(len(starts))]


def _jumps(function: Function) -> Condition:
    """The points before which the value leaps: its step is neither that of a line on either side, nor
    one of the steps beside it, nor between them. Where there is no value there is no step."""
    if any(piece.under or piece.over for piece in function):
        raise Unsure
    made: list[p.TruthPiece] = []
    previous: p.Piece | None = None
    for piece in function:
        low, high = piece.low, piece.high
        turns = 1 if piece.starts is None else len(piece.starts)
        leaps = not (previous is not None and _meet(previous, piece)) and _leaps(function, low)
        previous = piece
        if turns == 1 and not leaps:
            made.append(p.TruthPiece(low, high, (False,)))
            continue
        made.append(p.TruthPiece(low, low, (leaps,)))
        if high is not None and high == low:
            continue
        if turns == 1:
            made.append(p.TruthPiece(low + 1, high, (False,)))
        elif high is not None and high - low < turns + 2:
            # The starts beyond its ends mean nothing, so that it does not repeat yet.
            made += [p.TruthPiece(n, n, (_leaps(function, n),)) for n in range(low + 1, high + 1)]
        else:
            made.append(p.TruthPiece(low + 1, high, _leaping(piece)))
    return p.joined(made)


def _meet(before: p.Piece, after: p.Piece) -> bool:
    """Whether the step from one line to the next is that of one of them, or between them."""
    if before.starts is None or after.starts is None or len(before.starts) + len(after.starts) > 2:
        return False
    assert before.high is not None
    step = p.order(before, before.high, after, after.low)
    steps = before.rise * after.den, after.rise * before.den
    return min(steps) <= step <= max(steps)


def _leaps(function: Function, n: int) -> bool:
    """Whether the step that leads to `n` is unlike all that is beside it."""
    step = _step(function, n)
    if step is None:
        return False
    lines = [
        piece for piece in (p.piece_at(function, n - 1), p.piece_at(function, n)) if len(piece.starts) == 1
    ]
    around = [piece.slope for piece in lines]
    around += [s for s in (_step(function, n - 1), _step(function, n + 1)) if s is not None]
    return bool(around) and not min(around) <= step <= max(around)


def _step(function: Function, n: int) -> Fraction | None:
    """By how much the value at `n` differs from the one before; None where there are no two values."""
    last = function[-1].high
    if n <= function[0].low or (last is not None and n > last):
        return None
    before, after = p.value_at(function, n - 1), p.value_at(function, n)
    return None if before is None or after is None else after - before


def _leaping(piece: p.Piece) -> tuple[p.Truth, ...]:
    """The steps that a rounding on the way makes again and again: those unlike the ones before and after."""
    steps = _steps_in(piece)
    beside = [(steps[r - 1], steps[(r + 1) % len(steps)]) for r in range(len(steps))]
    odd = tuple([_odd(before, step, after) for step, (before, after) in zip(steps, beside, strict=True)])
    return odd if True in odd else (False,)


def _odd(before: int, step: int, after: int) -> bool:
    return not min(before, after) <= step <= max(before, after)


def _count(choices: list[list[Value]]) -> int:
    count = 1
    for values in choices:
        count *= len(values)
    return count
