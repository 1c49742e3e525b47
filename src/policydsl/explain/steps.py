"""Which steps led to an answer, and which of the author's choices stand behind them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias, assert_never

from policydsl.diagnostics.model import Language
from policydsl.expressions import Constant, Finish, Rounding, Value
from policydsl.ir import Exceptions, Ground, Lookup, Overlap, Program, Schedule
from policydsl.needs import definitions_of
from policydsl.nodes import Node, node
from policydsl.trace import (
    AllotmentTrace,
    DivisionTrace,
    ExceptionsTrace,
    FormulaTrace,
    HeldGround,
    LookupTrace,
    ScheduleTrace,
    Step,
    Trace,
)
from policydsl.wording import About


@node
class Choice(Node):
    """Something that the notice leaves open and the author settled, with the reason given.

    `acted` says whether it made a difference to this case; None when the computation alone
    cannot tell.
    """

    number: int
    step: int
    about: About
    because: str
    acted: bool | None


@node
class Numbered(Node):
    """A step of the computation and its number in the explanation."""

    number: int
    step: Step


@node
class Explanation(Node):
    """How one output of one case came about: the facts it needed, the steps, the author's choices.

    `meaning` is the digest of the policy's meaning where the caller knows it.
    """

    program: Program
    output: str
    language: Language
    facts: tuple[tuple[str, Value], ...]
    steps: tuple[Numbered, ...]
    choices: tuple[Choice, ...]
    meaning: str | None = None

    @property
    def result(self) -> Step:
        return self.steps[-1].step


def explain(
    program: Program, trace: Trace, output: str, language: Language, meaning: str | None = None
) -> Explanation:
    """The explanation of `output` in `trace`, which may hold other outputs too."""
    needed: set[str] = set()
    queue = [output]
    while queue:
        key = queue.pop()
        if key not in needed:
            needed.add(key)
            queue += definitions_of(program.definition(key))
    inputs = program.definition(output).inputs
    steps = tuple(
        Numbered(i + 1, step)
        for i, step in enumerate(s for s in trace.steps if s.definition.name.key in needed)
    )
    choices = tuple(
        Choice(i + 1, number, about, because, acted)
        for i, (number, about, because, acted) in enumerate(
            (n.number, *choice) for n in steps for choice in _choices(n.step)
        )
    )
    facts = tuple((key, value) for key, value in trace.facts if key in inputs)
    return Explanation(program, output, language, facts, steps, choices, meaning)


_Chosen: TypeAlias = tuple[About, str, "bool | None"]


def _choices(step: Step) -> Iterator[_Chosen]:
    body = step.body
    match body:
        case FormulaTrace():
            pass
        case LookupTrace():
            table = step.definition.body
            assert isinstance(table, Lookup)
            if table.overlap_because is not None:
                yield "overlap", table.overlap_because, len(body.held) > 1
        case ScheduleTrace():
            schedule = step.definition.body
            assert isinstance(schedule, Schedule)
            yield from _of_schedule(schedule, body)
        case ExceptionsTrace():
            rule = step.definition.body
            assert isinstance(rule, Exceptions)
            yield from _of_grounds(rule.grounds, body.held, body.chosen)
            if rule.overlap_because is not None:
                yield "overlap", rule.overlap_because, _differ(rule.overlap, body.held)
        case AllotmentTrace():
            yield from _of_division(body.division)
        case _:
            assert_never(body)
    for i, clause in enumerate(f for f in step.definition.finish if not _is_inner(f)):
        if clause.because is not None:
            done = step.finished[i :: max(1, _count(step))]
            yield clause, clause.because, any(f.before != f.after for f in done)
    for because in step.definition.because:
        yield "definition", because, None


def _is_inner(clause: Finish) -> bool:
    """Whether a clause is a rounding of slices or products, which is not among the finished ones."""
    return isinstance(clause, Rounding) and clause.scope != "total"


def _count(step: Step) -> int:
    """How many lines each column of a result went through."""
    return sum(not _is_inner(f) for f in step.definition.finish)


def _differ(overlap: Overlap, held: Sequence[HeldGround]) -> bool:
    """Whether several grounds hold whose values call for a rule."""
    if len(held) > 1 and (overlap in ("sum", "count") or len({h.value.value for h in held}) > 1):
        return True
    return any(_differ(overlap, h.inner) for h in held)


def _of_grounds(
    grounds: Sequence[Ground], held: Sequence[HeldGround], chosen: tuple[Ground, ...] | None
) -> Iterator[_Chosen]:
    """A ground that did not hold may have failed because of the reading, so nothing is said of it."""
    for ground in grounds:
        here = next((h for h in held if h.ground is ground), None)
        if ground.because is not None:
            acted = None if here is None else chosen is None or ground in chosen
            yield ground, ground.because, acted
        yield from _of_grounds(ground.inner, () if here is None else here.inner, chosen)


def _of_schedule(body: Schedule, trace: ScheduleTrace) -> Iterator[_Chosen]:
    if body.continuous_because is not None:
        yield "bands", body.continuous_because, _between_printed(body, trace)
    for rounding in (body.each_slice, body.each_product):
        if rounding is not None and rounding.because is not None:
            acted = (
                any(s.part != s.part_exact for s in trace.slices)
                if rounding is body.each_slice
                else any(s.product != s.product_exact for s in trace.slices)
            )
            yield rounding, rounding.because, acted


def _between_printed(body: Schedule, trace: ScheduleTrace) -> bool | None:
    """Whether reading the bands as continuous may matter: not for an amount that is a whole
    multiple of the printed gap (a whole 元), since such amounts all lie in a printed band."""
    gap = printed_gap(body)
    if not trace.slices or gap is None or trace.counted % gap == 0:
        return False
    return None


def printed_gap(body: Schedule) -> Fraction | None:
    """What lies between two bands as printed: 1 between 100000 and 100001; None where they meet."""
    for before, after in zip(body.bands, body.bands[1:], strict=False):
        high, low = before.printed.high, after.printed.low
        if isinstance(high, Constant) and isinstance(low, Constant):
            assert isinstance(high.value, Fraction)
            assert isinstance(low.value, Fraction)
            if low.value > high.value:
                return low.value - high.value
    return None


def _of_division(trace: DivisionTrace) -> Iterator[_Chosen]:
    rounding = trace.division.rounding
    if rounding is not None and rounding.because is not None:
        yield rounding, rounding.because, any(p.exact != p.value for p in trace.parts)
    for part in trace.parts:
        if part.division is not None:
            yield from _of_division(part.division)
