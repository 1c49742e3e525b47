"""What does a schedule pay over the whole range of its amount? Exact points, from the interpreter at the band edges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, pairwise, product
from math import ceil, floor
from typing import TypeAlias

from policydsl.document import links
from policydsl.expressions import Input, Limit, Rounding, Value
from policydsl.facts import Fact
from policydsl.ir import Definition, Program, Schedule
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo
from policydsl.needs import definitions_of, expressions_of
from policydsl.nodes import Node, evolve, node
from policydsl.trace import Finished, ScheduleTrace, Step

#: Computes one output of one case; None where the policy refuses the case or gives no answer.
Answer: TypeAlias = Callable[[Program, Mapping[str, Value], str], Step | None]
Point: TypeAlias = tuple[Fraction, Fraction]

#: how many kinds of case are tried to find one for each column
MAX_CASES = 4096
#: how many bands are followed
MAX_BANDS = 60
#: how many times as far as the last edge the picture goes to show a cap
FARTHEST = 10
#: how often new points are looked for where a limit begins to act
ROUNDS = 3


@node
class Line(Node):
    """One column of a schedule. `runs` are the pieces without a leap, each a row of exact points.

    `edges` are the bounds of the bands that lie in view, `start` the bound below which nothing is
    paid, `amount_cap` the amount above which nothing counts, `limits` the values at which a line
    such as `capped at` holds the result, as ("cap" or "floor", value).
    """

    column: int
    facts: tuple[tuple[str, Value], ...]
    runs: tuple[tuple[Point, ...], ...]
    edges: tuple[Fraction, ...]
    start: Fraction | None
    amount_cap: Fraction | None
    limits: tuple[tuple[str, Fraction], ...]
    straight: bool


@node
class Curve(Node):
    """A schedule as lines over `amount`, the key of the fact that rises, from 0 or its least value.

    `program` is the policy the points were computed with: where the amount of the schedule is not a fact
    itself, one in which it is. `fixed` are the facts that are the same in all lines.
    """

    program: Program
    definition: Definition
    amount: Fact
    lines: tuple[Line, ...]
    fixed: tuple[tuple[str, Value], ...]
    top: Fraction


def curve(program: Program, key: str, answer: Answer) -> Curve | None:
    """The curve of one schedule; None where a fact without a plain value (an open figure, a second
    amount) decides it, or where it has too many bands to be looked at."""
    program, amount = _with_amount(program, key)
    definition = program.definition(key)
    body = definition.body
    assert isinstance(body, Schedule)
    if len(body.bands) > MAX_BANDS:
        return None
    cases = _cases(program, definition, body, amount, answer)
    top = _top(body, amount, [step for _, step in cases.values()])
    if top is not None:
        ends = [_reaches(amount, facts, top, program, key, answer) for facts, _ in cases.values()]
        top = max([top, *ends])
    if top is None:
        return None
    lines: list[Line] = []
    for column, (facts, step) in sorted(cases.items()):

        def value(x: Fraction, facts: Mapping[str, Value] = facts) -> Step | None:
            return answer(program, {**facts, amount.name.key: x}, key)

        if (line := _line(definition, amount, column, facts, step, top, value)) is not None:
            lines.append(line)
    if not lines:
        return None
    fixed = tuple(f for f in lines[0].facts if all(f in line.facts for line in lines))
    return Curve(program, definition, amount, tuple(lines), fixed, top)


def at(curve: Curve, line: Line, amount: Fraction, answer: Answer) -> Step | None:
    """The case of a line at one amount."""
    facts = {**dict(line.facts), curve.amount.name.key: amount}
    return answer(curve.program, facts, curve.definition.name.key)


def rounds(curve: Curve, many: int = 8) -> tuple[Fraction, ...]:
    """Round amounts (1, 2 and 5 and their tens) from around the first edge to beyond the last one."""
    edges = [e for line in curve.lines for e in line.edges if e > 0]
    least, most = (min(edges), max(edges)) if edges else (curve.top / 10, curve.top)
    found: list[Fraction] = []
    power = Fraction(1)
    while power < least / 10:
        power *= 10
    while not found or found[-1] <= most:
        for digit in (1, 2, 5):
            value = power * digit
            if value >= least / 2 and (not found or found[-1] <= most):
                found.append(value)
        power *= 10
    low, high = _bounds(curve.amount)
    found = [v for v in found if low <= v and (high is None or v <= high)]
    return tuple(found[-many:])


# cases


def _with_amount(program: Program, key: str) -> tuple[Program, Fact]:
    """The fact that rises; a schedule over a computed amount gets one, and a program that reads it."""
    definition = program.definition(key)
    body = definition.body
    assert isinstance(body, Schedule)
    expr = body.amount
    if isinstance(expr, Input):
        return program, program.fact(expr.key)
    known = {f.name.key for f in program.facts}
    own = "amount"
    while own in known:
        own += "_"
    name = evolve(definition.name, written=own, alias=None, label=None)
    assert isinstance(expr.kind, Quantity)
    fact = Fact(name, expr.kind, Fraction(0), None, program.header.currency.grain, span=expr.span)
    read = Input(own, expr.kind, span=expr.span)
    changed = evolve(definition, body=evolve(body, amount=read))
    needed = {key for expr in expressions_of(changed) for key in links.read_by(expr)}
    for other in definitions_of(changed):
        needed |= set(program.definition(other).inputs)
    inputs = (*(f.name.key for f in program.facts if f.name.key in needed), own)
    changed = evolve(changed, inputs=inputs)
    definitions = tuple(changed if d.name.key == key else d for d in program.definitions)
    return evolve(program, facts=(*program.facts, fact), definitions=definitions), fact


def _cases(
    program: Program, definition: Definition, body: Schedule, amount: Fact, answer: Answer
) -> dict[int, tuple[dict[str, Value], Step]]:
    """For each column the first kind of case that reads it, with an answer to it, by the column's number."""
    keys = {k.value.key for k in body.keys if isinstance(k.value, Input)}
    wanted = [program.fact(k) for k in definition.inputs if k != amount.name.key]
    ordered = sorted(wanted, key=lambda f: f.name.key in keys)  # what the columns are by changes fastest
    choices = [_choices(program, fact) for fact in ordered]
    if not all(choices):
        return {}
    found: dict[int, tuple[dict[str, Value], Step]] = {}
    for values in islice(product(*choices), MAX_CASES):
        facts = {f.name.key: v for f, v in zip(ordered, values, strict=True)}
        for probe in _probes(body, amount):
            step = answer(program, {**facts, amount.name.key: probe}, definition.name.key)
            if step is not None:
                assert isinstance(step.body, ScheduleTrace)
                found.setdefault(step.body.column, (facts, step))
                break
        if len(found) == len(body.columns):
            break
    return found


def _choices(program: Program, fact: Fact) -> tuple[Value, ...]:
    """The values that stand for all of a fact. For one with endless values: its default, that it does
    not exist, or what the policy's first example says."""
    match fact.kind:
        case MemberOf(category=category):
            return tuple(m.name.key for m in program.category(category).members)
        case YesNo():
            return (False, True)
        case SetOf(category=category):
            members = program.category(category).members
            return (frozenset(), *(frozenset({m.name.key}) for m in members))
        case Quantity() | Day():
            if fact.has_default:
                return (fact.default,)
            if fact.optional:
                return (None,)
            told = [
                dict(e.facts)[fact.name.key]
                for e in program.examples
                if not e.refused and fact.name.key in dict(e.facts)
            ]
            if told:
                return (told[0],)
            day = program.header.effective_from
            return (day,) if isinstance(fact.kind, Day) and fact.name.key == "on" and day else ()


def _probes(body: Schedule, amount: Fact) -> Iterator[Fraction]:
    """Amounts at which some band may be read: the least, and around every printed bound."""
    low, high = _bounds(amount)
    grain = amount.grain or Fraction(1)
    yield _on_grid(low, grain)
    for band in body.bands:
        for bound in (band.printed.low, band.printed.high):
            value = getattr(bound, "value", None)
            if isinstance(value, Fraction):
                for near in (value, value + grain):
                    if low <= near and (high is None or near <= high) and near % grain == 0:
                        yield near


def _bounds(amount: Fact) -> tuple[Fraction, Fraction | None]:
    low = amount.low if isinstance(amount.low, Fraction) else Fraction(0)
    high = amount.high if isinstance(amount.high, Fraction) else None
    return low, high


# points


def _top(body: Schedule, amount: Fact, steps: Iterable[Step]) -> Fraction | None:
    """Where the picture ends: a round amount above the last edge, or the end of the last band."""
    edges = {e for step in steps for e in _edges(step)}
    last = max(edges, default=Fraction(0))
    low, high = _bounds(amount)
    if body.mode == "interpolated" or (body.bands[-1].high is not None and body.mode == "slab"):
        top = last
    elif last > 0:
        few = len({e for e in edges if e > 0}) < 2
        top = nice(last * 3 if few else last * Fraction(6, 5))
    else:
        top = Fraction(100_000)
    if high is not None:
        top = min(top, high)
    return top if top > low else None


def _reaches(
    amount: Fact, facts: Mapping[str, Value], top: Fraction, program: Program, key: str, answer: Answer
) -> Fraction:
    """How far the picture goes for the result to come to its cap, where that is not too far; else `top`."""
    grain = amount.grain or Fraction(1)
    _, high = _bounds(amount)
    here, there = (
        answer(program, {**facts, amount.name.key: floor(x / grain) * grain}, key) for x in (top, top * 2)
    )
    if here is None or there is None:
        return top
    for one, other in zip(here.finished, there.finished, strict=True):
        if isinstance(one.clause, Limit) and one.clause.which == "cap" and _over(one) < 0:
            rise = _over(other) - _over(one)
            if rise > 0:
                root = top - _over(one) * top / rise
                if root <= top * FARTHEST and (high is None or root < high):
                    return max(top, min(nice(root * Fraction(11, 10)), high or root * 2))
    return top


def nice(value: Fraction) -> Fraction:
    """The least of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 with some power of ten that is not below `value`."""
    power = Fraction(1)
    while power * 10 <= value:
        power *= 10
    while power > value:
        power /= 10
    steps = (1, Fraction(6, 5), Fraction(3, 2), 2, Fraction(5, 2), 3, 4, 5, 6, 8, 10)
    return next(power * s for s in steps if power * s >= value)


def _edges(step: Step) -> list[Fraction]:
    trace = step.body
    assert isinstance(trace, ScheduleTrace)
    found = {e for low, high in trace.edges for e in (low, high) if e is not None}
    if trace.cap is not None and isinstance(trace.cap.value, Fraction):
        found.add(trace.cap.value)
    return sorted(found)


def _line(
    definition: Definition,
    amount: Fact,
    column: int,
    facts: Mapping[str, Value],
    shown: Step,
    top: Fraction,
    answer: Callable[[Fraction], Step | None],
) -> Line | None:
    body, trace = definition.body, shown.body
    assert isinstance(body, Schedule) and isinstance(trace, ScheduleTrace)
    grain = amount.grain or Fraction(1, 100)
    low, _ = _bounds(amount)
    known: dict[Fraction, Step | None] = {}

    def look(amounts: Iterable[Fraction]) -> None:
        for x in amounts:
            if low <= x <= top and x not in known:
                known[x] = answer(x)

    edges = [e for e in _edges(shown) if low <= e <= top]
    look((_on_grid(low, grain), floor(top / grain) * grain))
    for edge in edges:
        near = {floor(edge / grain) * grain, ceil(edge / grain) * grain}
        look(near)
        if body.mode == "slab":
            look({n + step for n in near for step in (-grain, grain)})
    for _ in range(ROUNDS):
        look(tuple(_where_limits_act(known, grain)))
    points = sorted(known.items())
    runs = _runs(points, leaps=body.mode == "slab")
    if not runs:
        return None
    start = trace.edges[0][0]
    cap = trace.cap.value if trace.cap is not None else None
    return Line(
        column,
        tuple(facts.items()),
        runs,
        tuple(edges),
        start if body.mode == "marginal" and start > low else None,
        cap if isinstance(cap, Fraction) else None,
        tuple(_limits(step for _, step in points)),
        _straight(runs, definition, body, grain, answer),
    )


def _on_grid(value: Fraction, grain: Fraction) -> Fraction:
    return ceil(value / grain) * grain


def _value(step: Step | None) -> Fraction | None:
    return step.value if step is not None and isinstance(step.value, Fraction) else None


def _where_limits_act(known: Mapping[Fraction, Step | None], grain: Fraction) -> Iterator[Fraction]:
    """The amounts on the grid around each point at which a cap or a floor begins or ceases to act."""
    for (x, here), (y, there) in pairwise(sorted(known.items())):
        if here is None or there is None:
            continue
        for one, other in zip(here.finished, there.finished, strict=True):
            if isinstance(one.clause, Limit):
                before, after = _over(one), _over(other)
                if before * after < 0:
                    root = x + (y - x) * before / (before - after)
                    yield floor(root / grain) * grain
                    yield ceil(root / grain) * grain


def _over(finished: Finished) -> Fraction:
    assert finished.bound is not None and isinstance(finished.bound.value, Fraction)
    return finished.before - finished.bound.value


def _limits(steps: Iterable[Step | None]) -> Iterator[tuple[str, Fraction]]:
    """The limits that act somewhere and have one value everywhere."""
    values: dict[str, set[Fraction]] = {}
    acts: set[str] = set()
    for step in steps:
        for finished in step.finished if step is not None else ():
            if isinstance(finished.clause, Limit):
                assert finished.bound is not None and isinstance(finished.bound.value, Fraction)
                values.setdefault(finished.clause.which, set()).add(finished.bound.value)
                if finished.before != finished.after:
                    acts.add(finished.clause.which)
    for which, several in values.items():
        if which in acts and len(several) == 1:
            yield which, several.pop()


def _runs(steps: Sequence[tuple[Fraction, Step | None]], *, leaps: bool) -> tuple[tuple[Point, ...], ...]:
    """The points in rows: a row ends where there is no answer, and in a slab with its band."""
    runs: list[list[Point]] = []
    before: int | None = None
    for x, step in steps:
        y = _value(step)
        if step is None or y is None:
            before = None
            continue
        band = _band(step) if leaps else 0
        if band != before:
            runs.append([])
        runs[-1].append((x, y))
        before = band
    return tuple(map(tuple, runs))


def _band(step: Step) -> int:
    assert isinstance(step.body, ScheduleTrace)
    return step.body.slices[0].number if step.body.slices else 0


def _straight(
    runs: Sequence[Sequence[Point]],
    definition: Definition,
    body: Schedule,
    grain: Fraction,
    answer: Callable[[Fraction], Step | None],
) -> bool:
    """Whether the middle between each two points lies on the line between them, but for rounding."""
    steps = [f.step for f in definition.finish if isinstance(f, Rounding)]
    steps += [r.step * len(body.bands) for r in (body.each_slice, body.each_product) if r is not None]
    room = sum(steps, grain)
    for run in runs:
        for (x, y), (x2, y2) in pairwise(run):
            middle = floor((x + x2) / 2 / grain) * grain
            got = _value(answer(middle))
            if got is None or abs(got - (y + (y2 - y) * (middle - x) / (x2 - x))) > room:
                return False
    return True
