"""What holds of a small policy? Found by trying every case there is, by the interpreter: nothing is proved here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise, product
from typing import Final, Literal, TypeAlias

from policydsl.expressions import Add, Expr, Input, Present, Ref, Rounding, Subtract, Value
from policydsl.facts import Fact
from policydsl.interpret import Environment, compute
from policydsl.interpret.bodies import run
from policydsl.ir import Allotment, Body, Definition, Division, Ensure, Program, Schedule
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo
from policydsl.nodes import Node, contents, evolve
from policydsl.runtime import PolicyError
from policydsl.trace import Step

#: where there is no answer
VOID: Final = "no answer"

Answer: TypeAlias = "Value | Literal['no answer']"


class _Known:
    """What the cases of a policy have in common: each value is computed once for the facts it looks at."""

    def __init__(self, program: Program) -> None:
        self.places = {fact.name.key: place for place, fact in enumerate(program.facts)}
        self.steps: dict[tuple[object, ...], Step | PolicyError] = {}
        self.answers: dict[tuple[object, ...], Answer] = {}
        #: the places of the facts that each definition looks at, and each expression that was asked
        self.definitions: dict[str, tuple[int, ...]] = {}
        self.asked: dict[int, tuple[Expr, tuple[int, ...]]] = {}
        for definition in program.definitions:
            self.definitions[definition.name.key] = self._looked_at(definition)

    def of(self, expr: Expr) -> tuple[int, ...]:
        if id(expr) not in self.asked:
            self.asked[id(expr)] = expr, self._looked_at(expr)
        return self.asked[id(expr)][1]

    def _looked_at(self, record: object) -> tuple[int, ...]:
        found: set[int] = set()
        pending = [record]
        while pending:
            one = pending.pop()
            if isinstance(one, Input | Present):
                found.add(self.places[one.key])
            elif isinstance(one, Ref):
                found.update(self.definitions[one.key])
            elif isinstance(one, Node):
                pending += contents(one)
            elif isinstance(one, tuple):
                pending += one
        return tuple(sorted(found))


class Case:
    """The facts of one case, and every definition computed from them. `known` is what cases have in
    common and `places` which of its values each fact has, where they are some of all."""

    def __init__(
        self,
        program: Program,
        facts: Mapping[str, Value],
        known: _Known | None = None,
        places: Sequence[int] = (),
    ) -> None:
        self.program = program
        self.facts = facts
        self.known = known
        self.places = places
        self.steps: dict[str, Step | PolicyError] = {}
        for definition in program.definitions:
            key = definition.name.key
            if known is None:
                self.steps[key] = self._step(definition)
                continue
            about = (key, *[places[i] for i in known.definitions[key]])
            if about not in known.steps:
                known.steps[about] = self._step(definition)
            self.steps[key] = known.steps[about]

    def _step(self, definition: Definition) -> Step | PolicyError:
        try:
            return run(definition, Environment(self.facts, self.steps, definition.name.key))
        except PolicyError as error:
            return error

    def ask(self, expr: Expr) -> Answer:
        if self.known is None:
            return self._answer(expr)
        about = (id(expr), *[self.places[i] for i in self.known.of(expr)])
        if about not in self.known.answers:
            self.known.answers[about] = self._answer(expr)
        return self.known.answers[about]

    def _answer(self, expr: Expr) -> Answer:
        try:
            return compute(expr, Environment(self.facts, self.steps, "")).value
        except PolicyError:
            return VOID

    def allowed(self) -> bool:
        """Whether the facts satisfy every given."""
        return all(self.ask(given.condition) is True for given in self.program.givens)


def values(program: Program, fact: Fact) -> list[Value]:
    """Every value that a fact can have."""
    found: list[Value]
    match fact.kind:
        case YesNo():
            found = [False, True]
        case MemberOf():
            found = [m.name.key for m in program.category(fact.kind.category).members]
        case SetOf():
            members = [m.name.key for m in program.category(fact.kind.category).members]
            found = [
                frozenset(m for i, m in enumerate(members) if bits >> i & 1)
                for bits in range(2 ** len(members))
            ]
        case Day():
            assert isinstance(fact.low, date) and isinstance(fact.high, date)
            found = [fact.low + timedelta(days=i) for i in range((fact.high - fact.low).days + 1)]
        case Quantity():
            assert isinstance(fact.low, Fraction) and isinstance(fact.high, Fraction)
            grain = fact.grain or Fraction(1)
            first, last = -(-fact.low // grain), fact.high // grain
            found = [n * grain for n in range(first, last + 1)]
    return [*found, None] if fact.optional else found


def every_case(program: Program) -> list[Case]:
    """All cases that the givens allow."""
    known = _Known(program)
    keys = [fact.name.key for fact in program.facts]
    every = product(*(enumerate(values(program, fact)) for fact in program.facts))
    found = []
    for chosen in every:
        facts = dict(zip(keys, [value for _, value in chosen], strict=True))
        case = Case(program, facts, known, [place for place, _ in chosen])
        if case.allowed():
            found.append(case)
    return found


#: "unclear": whether a step is a jump cannot be told from so few points
Found: TypeAlias = Literal["holds", "broken", "unclear"]


def found(ensure: Ensure, cases: Sequence[Case]) -> Found:
    """Whether a property holds in all cases that it is about."""
    about = [case for case in cases if ensure.when is None or case.ask(ensure.when) is True]
    if ensure.holds is not None:
        return "broken" if any(case.ask(ensure.holds) is False for case in about) else "holds"
    assert ensure.output is not None and ensure.along is not None
    if ensure.change == "jump":
        return _jumps(ensure.output, ensure.along, about)
    for line in lines(about, ensure.along, ensure.members):
        answers = [a for case in line if isinstance(a := case.ask(ensure.output), Fraction)]
        if ensure.members is not None and len(answers) < 2:
            continue
        for before, after in pairwise(answers):
            if after < before if ensure.change == "fall" else after > before:
                return "broken"
    return "holds"


def lines(cases: Sequence[Case], along: str, members: tuple[str, str] | None = None) -> Iterator[list[Case]]:
    """Cases that differ in one fact only, as that fact rises, or goes from one member to another."""
    alike: dict[tuple[Value, ...], dict[Value, Case]] = {}
    for case in cases:
        rest = tuple(value for key, value in case.facts.items() if key != along)
        alike.setdefault(rest, {})[case.facts[along]] = case
    for line in alike.values():
        if members is not None:
            yield [line[m] for m in members if m in line]
        else:
            yield [line[at] for at in sorted(at for at in line if at is not None)]


# jumps


def _jumps(output: Expr, along: str, cases: Sequence[Case]) -> Found:
    """A step is a jump when it is neither like the steps before and after it nor between them, is not
    made by a band that begins and ends within it, and is still there after rounding."""
    told: Found = "holds"
    for line in lines(cases, along):
        fact = next(f for f in line[0].program.facts if f.name.key == along)
        grain = fact.grain or Fraction(1)
        stretch: list[tuple[Case, Fraction]] = []
        for case in [*line, None]:
            answer = VOID if case is None else _unrounded(output, case)
            last = _number(stretch[-1][0].facts[along]) if stretch else None
            if case is None or answer == VOID or (last and _number(case.facts[along]) != last + grain):
                one = _leaps(stretch, output, along)
                if one == "broken":
                    return one
                told = one if one != "holds" else told
                stretch = []
            if case is not None and isinstance(answer, Fraction):
                stretch.append((case, answer))
    return told


def _number(value: Value) -> Fraction:
    if isinstance(value, date):
        return Fraction(value.toordinal())
    assert isinstance(value, Fraction)
    return value


def _leaps(stretch: Sequence[tuple[Case, Fraction]], output: Expr, along: str) -> Found:
    """Whether there is a jump among points that follow one another."""
    #: lines of several steps, and single steps between them: the step, how many, the cases around the last
    runs: list[tuple[Fraction, int, Case, Case]] = []
    for (case, one), (after, two) in pairwise(stretch):
        many = runs.pop()[1] if runs and runs[-1][0] == two - one else 0
        runs.append((two - one, many + 1, case, after))
    told: Found = "holds"
    for i, (step, many, case, after) in enumerate(runs):
        if many > 1 or len(runs) == 1:
            told = "unclear" if len(stretch) == 2 else told
            continue
        if i in (0, len(runs) - 1) or runs[i - 1][1] == 1 or runs[i + 1][1] == 1:
            told = "unclear"
            continue
        low, high = sorted((runs[i - 1][0], runs[i + 1][0]))
        if not low <= step <= high and case.ask(output) != after.ask(output):
            if isinstance(case.facts[along], date) or _leaps_at_once(case, output, along):
                return "broken"
            told = "unclear"
    return told


def _leaps_at_once(case: Case, output: Expr, along: str) -> bool:
    """Whether the value leaps somewhere before the next point: looked for ever more closely."""
    low = _number(case.facts[along])
    fact = next(f for f in case.program.facts if f.name.key == along)
    width = fact.grain or Fraction(1)

    def at(point: Fraction) -> Answer:
        return _unrounded(output, Case(case.program, {**case.facts, along: point}))

    stretches = [(low, at(low), at(low + width))]
    for _ in range(12):
        width /= 2
        halves = []
        for start, one, two in stretches:
            middle = at(start + width)
            halves += [(start, one, middle), (start + width, middle, two)]
        stretches = [
            (start, one, two)
            for start, one, two in halves
            if not (isinstance(one, Fraction) and isinstance(two, Fraction) and abs(two - one) <= 8 * width)
        ]
    return bool(stretches)


def _unrounded(expr: Expr, case: Case) -> Answer:
    """A value without the roundings written under the outputs it is a sum of."""
    match expr:
        case Add() | Subtract():
            left, right = _unrounded(expr.left, case), _unrounded(expr.right, case)
            if not isinstance(left, Fraction) or not isinstance(right, Fraction):
                return VOID
            return left + right if isinstance(expr, Add) else left - right
        case Ref():
            definition = without_roundings(case.program.definition(expr.key))
            try:
                step = run(definition, Environment(case.facts, case.steps, ""))
            except PolicyError:
                return VOID
            answer = step.value if expr.part is None else step.part(expr.part)
            assert isinstance(answer, Fraction)
            return answer
        case _:
            return case.ask(expr)


def without_roundings(definition: Definition) -> Definition:
    body: Body = definition.body
    if isinstance(body, Schedule):
        body = evolve(body, each_slice=None, each_product=None)
    elif isinstance(body, Allotment):
        body = evolve(body, division=_undivided(body.division))
    finish = tuple(line for line in definition.finish if not isinstance(line, Rounding))
    return evolve(definition, body=body, finish=finish)


def _undivided(division: Division) -> Division:
    arms = tuple(
        evolve(
            arm,
            parts=tuple(
                part if part.division is None else evolve(part, division=_undivided(part.division))
                for part in arm.parts
            ),
        )
        for arm in division.arms
    )
    return evolve(division, arms=arms, rounding=None)
