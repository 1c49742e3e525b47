"""What is wrong with a small policy? Found by looking at all its cases: gaps, overlaps, clashes, sums, grains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from brute import Case
from policydsl.interpret import Environment, compute
from policydsl.ir import Definition, Exceptions, Ground, Lookup, Program, Schedule
from policydsl.kinds import is_money
from policydsl.runtime import PolicyError
from policydsl.trace import AllotmentTrace, DivisionTrace, ScheduleTrace, Step

#: a kind of problem, the definition that has it, and which of its rows or grounds
Problem = tuple[str, str, str]


def problems(program: Program, cases: Sequence[Case]) -> set[Problem]:
    """Everything that is wrong in some case, or with what holds in none."""
    return {
        (what, definition.name.key, where)
        for definition in program.definitions
        for what, where in _of(definition, cases)
    }


def _of(definition: Definition, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    body = definition.body
    if isinstance(body, Lookup):
        yield from _table(body, cases)
    elif isinstance(body, Exceptions):
        yield from _grounds(body.grounds, body.overlap, cases)
    elif isinstance(body, Schedule):
        yield from _bands(definition, body, cases)
    for case in cases:
        step = case.steps[definition.name.key]
        if not isinstance(step, Step):
            continue
        if isinstance(step.body, AllotmentTrace):
            yield from _division(step.body.division)
        elif is_money(definition.kind):
            figures = [step.value, *(value for _, value in step.parts)]
            if any(isinstance(f, Fraction) and f % Fraction(1, 100) for f in figures):
                yield "off the grain", ""


def _asked(case: Case, expr: object) -> object:
    try:
        return compute(expr, Environment(case.facts, case.steps, "")).value  # type: ignore[arg-type]
    except PolicyError:
        return None


# tables


def _table(body: Lookup, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    from policydsl.interpret.bodies import _all_pass

    met, first = set(), set()
    for case in cases:
        env = Environment(case.facts, case.steps, "")
        try:
            keys = tuple(compute(key.value, env) for key in body.keys)
            held = [i for i, row in enumerate(body.rows) if _all_pass(row.tests, keys, env)]
        except PolicyError:
            continue
        met |= set(held)
        first |= set(held[:1])
        if not held and body.overlap not in ("sum", "count"):
            yield "no row", ""
        if body.overlap == "agree" and len(held) > 1:
            for column in range(len(body.results)):
                values = [_asked(case, body.rows[i].results[column]) for i in held]
                if len(set(values)) > 1:
                    yield "rows differ", ""
    for i in range(len(body.rows)):
        if i not in met:
            yield "row never", str(i + 1)
        elif i not in first and body.overlap in ("first", "agree"):
            yield "row never first", str(i + 1)


# grounds


def _grounds(grounds: Sequence[Ground], overlap: str, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    """The grounds of one level, in the cases in which the ground around them holds."""
    met, first, together = set(), set(), False
    for case in cases:
        held = [g for g in grounds if case.ask(g.when) is True]
        met |= {g.name.key for g in held}
        first |= {g.name.key for g in held[:1]}
        together = together or len(held) > 1
        if overlap == "agree" and len({_given(g, case) for g in held}) > 1:
            yield "grounds clash", ""
    for ground in grounds:
        if ground.name.key not in met:
            yield "ground never", ground.name.key
        elif overlap == "first" and ground.name.key not in first:
            yield "ground never first", ground.name.key
    if together:
        yield "grounds together", ""
    for ground in grounds:
        if ground.inner:
            inside = [case for case in cases if case.ask(ground.when) is True]
            yield from (p for p in _grounds(ground.inner, overlap, inside) if p[0] != "grounds together")


def _given(ground: Ground, case: Case) -> object:
    """What a ground gives: what the first of its inner ones that holds gives, else its own value."""
    inner = next((g for g in ground.inner if case.ask(g.when) is True), None)
    return case.ask(ground.value) if inner is None else _given(inner, case)


# bands


def _bands(definition: Definition, body: Schedule, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    for case in cases:
        env = Environment(case.facts, case.steps, "")
        try:
            amount = compute(body.amount, env).value
            if body.cap is not None:
                cap = compute(body.cap, env).value
                assert isinstance(amount, Fraction) and isinstance(cap, Fraction)
                amount = min(amount, cap)
            lows = [compute(band.low, env).value for band in body.bands]
        except PolicyError:
            continue
        assert isinstance(amount, Fraction)
        step = case.steps[definition.name.key]
        if body.mode == "slab":
            held = [band for band in body.bands if _inside(amount, band, env)]
            if len(held) != 1:
                yield "no band" if not held else "two bands", ""
        elif body.mode == "marginal" and isinstance(step, Step):
            assert isinstance(step.body, ScheduleTrace)
            first = lows[0]
            assert isinstance(first, Fraction)
            if sum(s.part_exact for s in step.body.slices) != max(amount - first, 0):
                yield "slices do not make the amount", ""


def _inside(amount: Fraction, band: object, env: Environment) -> bool:
    """Whether an amount lies in a band as it is printed."""
    interval = band.printed  # type: ignore[attr-defined]
    if interval.low is not None:
        low = compute(interval.low, env).value
        if amount < low or (amount == low and not interval.low_closed):  # type: ignore[operator]
            return False
    if interval.high is not None:
        high = compute(interval.high, env).value
        if amount > high or (amount == high and not interval.high_closed):  # type: ignore[operator]
            return False
    return True


# splits


def _division(division: DivisionTrace) -> Iterator[tuple[str, str]]:
    paid = [part.value for part in division.parts]
    if sum(paid) != division.whole:
        yield "shares do not make the whole", ""
    if division.whole >= 0 and any(value < 0 for value in paid):
        yield "a share below nothing", ""
    if any(value % Fraction(1, 100) for value in paid) and division.whole % Fraction(1, 100) == 0:
        yield "a share off the grain", ""
    for part in division.parts:
        if part.division is not None:
            yield from _division(part.division)
