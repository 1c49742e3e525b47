"""What is wrong with a small policy? Found by looking at all its cases: gaps, overlaps, clashes, sums, grains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from brute import VOID, Case
from policydsl.interpret import Environment, compute
from policydsl.interpret.expressions import number
from policydsl.ir import Band, Definition, Exceptions, Ground, Lookup, Program, Schedule
from policydsl.kinds import is_money
from policydsl.runtime import PolicyError
from policydsl.trace import AllotmentTrace, DivisionTrace, Step

#: a kind of problem, the definition that has it, and which of its rows or grounds
Problem = tuple[str, str, str]


def problems(
    program: Program, cases: Sequence[Case], windows: Mapping[str, tuple[date, date]]
) -> set[Problem]:
    """Everything that is wrong in some case, or with what holds in none; `windows` are the days on which a
    definition holds, if not always."""
    return {
        (what, definition.name.key, where)
        for definition in program.definitions
        for what, where in _of(
            definition, _apart(definition, on_days(cases, windows.get(definition.name.key)))
        )
    }


def _apart(definition: Definition, cases: Sequence[Case]) -> Sequence[Case]:
    """One of those cases that the definition does not tell apart: they have one and the same step of it."""
    return list({id(case.steps[definition.name.key]): case for case in reversed(cases)}.values())[::-1]


def on_days(cases: Sequence[Case], days: tuple[date, date] | None) -> Sequence[Case]:
    """The cases on these days; all of them where there are no days."""
    if days is None:
        return cases
    return [case for case in cases if isinstance(on := case.facts["on"], date) and days[0] <= on <= days[1]]


def _of(definition: Definition, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    body = definition.body
    if isinstance(body, Lookup):
        yield from _table(body, cases)
    elif isinstance(body, Exceptions):
        yield from _grounds(body.grounds, body.overlap, cases)
    elif isinstance(body, Schedule):
        yield from _bands(body, cases)
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
        asked = [case.ask(g.when) for g in grounds]
        held = [g for g, answer in zip(grounds, asked, strict=True) if answer is True]
        met |= {g.name.key for g in held}
        if VOID not in asked:  # else there is no answer
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


def _bands(body: Schedule, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    for case in cases:
        env = Environment(case.facts, case.steps, "")
        try:
            amount = number(compute(body.amount, env))
            if body.cap is not None:
                amount = min(amount, number(compute(body.cap, env)))
            slab, continuous = body.mode == "slab", body.continuous_because is not None
            bands = [_printed(band, env, slab=slab, continuous=continuous) for band in body.bands]
        except PolicyError:
            continue
        if any(band.empty() for band in bands):
            yield "a band of nothing", ""
        if body.mode == "slab":
            held = [band for band in bands if band.holds(amount)]
            if len(held) != 1:
                yield "no band" if not held else "two bands", ""
        elif body.mode == "marginal" and not any((band.high or 0) < 0 for band in bands):
            parts = [band.part(amount) for band in bands]
            if sum(parts) != max(amount - (bands[0].low or 0), 0):
                yield "slices do not make the amount", ""


class _Printed:
    """A band as it is printed, its bounds computed for one case; of continuous ones, as they meet."""

    def __init__(
        self, low: Fraction | None, low_closed: bool, high: Fraction | None, high_closed: bool
    ) -> None:
        self.low, self.low_closed, self.high, self.high_closed = low, low_closed, high, high_closed

    def holds(self, amount: Fraction) -> bool:
        above = self.low is None or amount > self.low or (amount == self.low and self.low_closed)
        below = self.high is None or amount < self.high or (amount == self.high and self.high_closed)
        return above and below

    def empty(self) -> bool:
        if self.low is None or self.high is None or self.low < self.high:
            return False
        return self.low > self.high or not (self.low_closed and self.high_closed)

    def part(self, amount: Fraction) -> Fraction:
        """How much of an amount lies between the bounds; what is below zero counts for nothing."""
        top = amount if self.high is None else min(amount, self.high)
        return max(top - (self.low or 0), Fraction(0))


def _printed(band: Band, env: Environment, *, slab: bool, continuous: bool) -> _Printed:
    interval = band.printed
    low, high = (None if e is None else number(compute(e, env)) for e in (interval.low, interval.high))
    if low is None and slab:
        return _Printed(Fraction(0), True, high, interval.high_closed)  # what is below zero is in no band
    if continuous:
        low = number(compute(band.low, env))
    return _Printed(low, band.low_closed if continuous else interval.low_closed, high, interval.high_closed)


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
