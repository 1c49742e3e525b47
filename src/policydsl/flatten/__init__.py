"""Can a policy be computed in integers of 64 bits, and in which steps? A `Flat`, or what stands in the way.

Intervals are followed from the declared ranges of the inputs through every step. Where one leaves 64
bits, the input that makes it so large is named, with the range that would do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from policydsl.amounts import say_value
from policydsl.diagnostics.codes_backends import UNROUNDED_QUOTIENT
from policydsl.diagnostics.codes_flat import (
    FIGURES_TOO_WIDE,
    RANGE_MISSING,
    RANGE_TOO_WIDE,
    TOO_MANY_GROUNDS,
    TOO_MANY_MEMBERS,
)
from policydsl.diagnostics.model import Diagnostic, Label, Language, Words
from policydsl.diagnostics.model import Fact as Told
from policydsl.expressions import Finish, Limit, Rounding
from policydsl.facts import Fact
from policydsl.flat import (
    GREATEST,
    LEAST,
    MASK_BITS,
    Column,
    Exists,
    Flag,
    Flat,
    GivenTest,
    InputColumn,
    OutputColumns,
    ResultColumn,
    needed,
    renumbered,
    roots,
)
from policydsl.flatten.bands import schedule
from policydsl.flatten.building import Builder, TooWide
from policydsl.flatten.expressions import Scope, compute
from policydsl.flatten.grounds import exceptions, ground_keys
from policydsl.flatten.inputs import input_column
from policydsl.flatten.splits import allotment
from policydsl.flatten.tables import lookup
from policydsl.flatten.values import Unrounded, Val, also, extreme, rounded, without
from policydsl.ir import Allotment, Definition, Exceptions, Formula, Lookup, Program, Schedule
from policydsl.kinds import YES_NO, Kind, MemberOf, Quantity, SetOf, YesNo, is_money
from policydsl.needs import definitions_of, refs
from policydsl.nodes import Span, evolve

__all__ = ["flatten"]


def flatten(program: Program, outputs: Sequence[str] | None = None) -> Flat | tuple[Diagnostic, ...]:
    """The steps for these outputs (None: all that fit no diagnostic, or else every diagnostic).

    Raises KeyError for an output that does not exist.
    """
    wanted = program.outputs if outputs is None else tuple(outputs)
    found = tuple(_limits(program, wanted))
    if found:
        return found
    try:
        return _Flattening(program, wanted).flat()
    except _Refused as refused:
        return (refused.diagnostic,)


class _Refused(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic


def _wanted(program: Program, outputs: Sequence[str]) -> dict[str, Definition]:
    """The definitions that `outputs` need, themselves included, in the order of the program."""
    by_key = {d.name.key: d for d in program.definitions}
    found: set[str] = set()
    queue = list(outputs)
    while queue:
        key = queue.pop()
        if key not in found:
            found.add(key)
            queue += definitions_of(by_key[key])
    return {key: d for key, d in by_key.items() if key in found}


def _facts(program: Program, outputs: Sequence[str]) -> tuple[Fact, ...]:
    keys = {key for output in outputs for key in program.definition(output).inputs}
    return tuple(fact for fact in program.facts if fact.name.key in keys)


def _limits(program: Program, outputs: Sequence[str]) -> Iterator[Diagnostic]:
    """What is too many for the bits of a mask."""
    for key in outputs:
        if all(d.name.key != key for d in program.definitions):
            raise KeyError(key)
    for fact in _facts(program, outputs):
        if isinstance(fact.kind, SetOf):
            count = len(program.category(fact.kind.category).members)
            if count > MASK_BITS:
                facts: dict[str, Told] = {"name": fact.name.shown, "count": count, "limit": MASK_BITS}
                yield Diagnostic(TOO_MANY_MEMBERS, fact.name.span, facts)
    for definition in _wanted(program, outputs).values():
        if isinstance(definition.body, Exceptions):
            count = len(list(ground_keys(definition.body.grounds)))
            if count > MASK_BITS:
                facts = {"output": definition.name.shown, "count": count, "limit": MASK_BITS}
                yield Diagnostic(TOO_MANY_GROUNDS, definition.name.span, facts)


class _Flattening:
    """The steps of some outputs, as they are made: definition after definition."""

    def __init__(self, program: Program, outputs: Sequence[str]) -> None:
        self.program = program
        self.outputs = tuple(outputs)
        self.b = Builder()
        self.places = {
            c.name.key: {m.name.key: i for i, m in enumerate(c.members)} for c in program.categories
        }
        self.facts = _facts(program, outputs)
        self.columns = {f.name.key: input_column(program, f, self.places) for f in self.facts}
        self.values: dict[tuple[str, str | None], Val] = {}
        self.grounds: dict[str, tuple[str, ...]] = {}
        self.scope: Scope

    def flat(self) -> Flat:
        outputs = tuple(dict.fromkeys(self.outputs))
        try:
            inputs = {key: self._input(column) for key, column in self.columns.items()}
            optional = frozenset(key for key, column in self.columns.items() if column.optional)
            self.scope = Scope(
                self.b, inputs, optional, self.places, lambda key, part: self.values[key, part]
            )
            definitions = _wanted(self.program, outputs)
            givens = [g for g in self.program.givens if all(key in self.columns for key in g.inputs)]
            for given in givens:
                definitions |= _wanted(self.program, tuple(refs(given.condition)))
            for definition in self.program.definitions:
                if definition.name.key in definitions:
                    self.b.definition, self.b.span = definition.name.key, definition.name.span
                    self._define(definition)
            tests = []
            for given in givens:
                self.b.definition = outputs[0] if outputs else ""
                holds = compute(given.condition, self.scope)
                text = " ".join(given.condition.span.text.split())
                tests.append(GivenTest(holds.i, holds.fails, given.inputs, text))
            results = tuple(self._output(definitions[key]) for key in outputs)
        except TooWide as error:
            raise _Refused(self._too_wide(error)) from None
        except Unrounded:
            definition = self.program.definition(self.b.definition)
            facts = {"name": definition.name.shown}
            raise _Refused(Diagnostic(UNROUNDED_QUOTIENT, definition.name.span, facts)) from None
        flat = Flat(
            self.program.header.name.key,
            tuple(self.columns.values()),
            tuple(self.b.steps),
            tuple(self.b.ranges),
            tuple(tests),
            results,
            "fen" if self.program.header.currency.code == "CNY" else "minor",
        )
        return renumbered(flat, needed(flat.steps, roots(flat)))

    def _input(self, column: InputColumn) -> Val:
        b = self.b
        if isinstance(column.kind, YesNo):
            i = b.flag(Flag(column.key))
        else:
            if column.low < LEAST or column.high > GREATEST:
                definitions = [self.program.definition(output) for output in self.outputs]
                asker = next(d for d in definitions if column.key in d.inputs)
                raise _Refused(self._wide_input(column.key, asker.name.shown, asker.name.span))
            i = b.add(Column(column.key), column.low, column.high)
        fails = b.opposite(b.flag(Exists(column.key))) if column.optional else None
        return Val(i, column.den, fails)

    def _define(self, definition: Definition) -> None:
        key, body = definition.name.key, definition.body
        b, scope = self.b, self.scope
        match body:
            case Formula():
                value = compute(body.value, scope)
            case Lookup():
                values = lookup(body, scope)
                if len(values) > 1:
                    kinds = (
                        YES_NO if b.is_truth(v.i) else k for v, k in zip(values, body.kinds, strict=True)
                    )
                    done = [
                        self._finish(definition.finish, v) if isinstance(kind, Quantity) else v
                        for v, kind in zip(values, kinds, strict=True)
                    ]
                    fails = b.any_of(*(v.fails for v in done))
                    for name, v in zip(body.results, done, strict=True):
                        self.values[key, name.key] = also(b, without(v), fails)
                    self.values[key, None] = Val(b.whole(0), 1, fails)
                    return
                value = values[0]
            case Schedule():
                value = schedule(body, scope)
            case Exceptions():
                granted = exceptions(body, scope)
                value = granted.value
                self.values[key, "ground"] = Val(granted.ground)
                self.values[key, "held"] = Val(granted.held)
                self.grounds[key] = granted.keys
            case Allotment():
                value, payers = allotment(body, scope)
                value = self._finish(definition.finish, value)
                for payer, share in payers.items():
                    self.values[key, payer] = also(b, share, value.fails)
                self.values[key, None] = value
                return
        self.values[key, None] = self._finish(definition.finish, value)

    def _finish(self, clauses: Sequence[Finish], value: Val) -> Val:
        """The lines after a value, in order; roundings of slices and products are done by then."""
        for clause in clauses:
            self.b.span = clause.span
            match clause:
                case Rounding():
                    if clause.scope == "total":
                        value = rounded(self.b, value, clause.step, clause.mode)
                case Limit():
                    bound = compute(clause.bound, self.scope)
                    value = extreme(self.b, "least" if clause.which == "cap" else "greatest", (value, bound))
        return value

    # what comes out

    def _output(self, definition: Definition) -> OutputColumns:
        key, body = definition.name.key, definition.body
        self.b.definition, self.b.span = key, definition.name.span
        columns: list[ResultColumn] = []
        if isinstance(body, Lookup) and len(body.results) > 1:
            for name, kind in zip(body.results, body.kinds, strict=True):
                columns.append(self._column(self.values[key, name.key], name.key, kind, definition))
        elif isinstance(body, Allotment):
            for name in (*body.leaves, *body.subtotals):
                columns.append(
                    self._column(self.values[key, name.key], name.key, definition.kind, definition)
                )
            columns.append(self._column(self.values[key, None], None, definition.kind, definition))
        else:
            columns.append(self._column(self.values[key, None], None, definition.kind, definition))
        if key in self.grounds:
            keys = self.grounds[key]
            columns.append(ResultColumn("ground", None, self.values[key, "ground"].i, members=keys))
            columns.append(ResultColumn("held", None, self.values[key, "held"].i, members=keys[1:]))
        return OutputColumns(key, tuple(columns), self.values[key, None].fails)

    def _column(self, value: Val, part: str | None, kind: Kind, definition: Definition) -> ResultColumn:
        b = self.b
        i, den, grains = value.i, value.den, False
        if value.over is not None:
            raise Unrounded
        if isinstance(kind, Quantity) and not b.is_truth(i):
            unit = self.program.header.currency.grain
            if is_money(kind) and unit.denominator % den == 0:
                i, den, grains = b.times(i, unit.denominator // den), unit.denominator, True
            grain = definition.grain
            if not grains and is_money(kind) and grain is not None and grain % unit == 0:
                # it lands on its grain whatever the case, so nothing is left over
                i, grains = self._divided(i, den, unit.denominator), True
                den = unit.denominator
        members = tuple(self.places[kind.category]) if isinstance(kind, MemberOf | SetOf) else ()
        return ResultColumn(part, kind, i, den, members, grains)

    def _divided(self, i: int, den: int, unit: int) -> int:
        b = self.b
        ratio = Fraction(den, unit)
        low = b.low(i)
        count = b.times(i, ratio.denominator)
        more = max(0, -((low * ratio.denominator) // ratio.numerator))
        shifted = b.sum(count, b.whole(more * ratio.numerator))
        return b.difference(b.quotient(shifted, b.whole(ratio.numerator)), b.whole(more))

    # what is too wide

    def _too_wide(self, error: TooWide) -> Diagnostic:
        definition = self.program.definition(error.definition) if error.definition else None
        output = definition.name.shown if definition is not None else self.program.header.title
        place = error.span or (definition.name.span if definition is not None else self.program.header.span)
        below = needed(tuple(self.b.steps), error.reads)
        keys = [s.fact for i in sorted(below) if isinstance(s := self.b.steps[i], Column)]
        quantities = [k for k in keys if isinstance(self.columns[k].kind, Quantity)]
        if not quantities:
            return Diagnostic(FIGURES_TOO_WIDE, place, {"output": output})
        widest = max(quantities, key=lambda k: max(abs(self.columns[k].low), abs(self.columns[k].high)))
        return self._wide_input(widest, output, place)

    def _wide_input(self, key: str, output: str, place: Span) -> Diagnostic:
        """That the range of the input `key` is too wide for what is computed at `place`."""
        fact = self.program.fact(key)
        suggested = self._suggestion(fact)
        facts: dict[str, Told] = {
            "name": fact.name.shown,
            "output": output,
            "high": self._say(fact, self._high(fact)),
            "suggestion": Words("", "") if suggested is None else suggested,
        }
        code = RANGE_MISSING if fact.high is None else RANGE_TOO_WIDE
        labels = (Label(place, Words("too large here", "此处可能超出")),)
        return Diagnostic(code, fact.span, facts, labels)

    def _high(self, fact: Fact) -> Fraction:
        column = self.columns[fact.name.key]
        return Fraction(max(abs(column.low), abs(column.high)), column.den)

    def _say(self, fact: Fact, value: Fraction) -> Words:
        program = self.program

        def say(language: Language) -> str:
            return say_value(
                value,
                fact.kind,
                currency=program.header.currency,
                categories=(),
                language=language,
                plain=True,
            )

        return Words(say("en"), say("zh"))

    def _suggestion(self, fact: Fact) -> Words | None:
        """The greatest power of ten up to 10**12 that would do as the upper limit of `fact`, were it alone changed."""
        low = fact.low if isinstance(fact.low, Fraction) else Fraction(0)
        for power in range(12, -1, -1):
            high = Fraction(10**power)
            if high >= self._high(fact) or high < low:
                continue
            floor = max(low, -high)
            narrow = evolve(fact, low=floor, high=high)
            facts = tuple(narrow if f.name.key == fact.name.key else f for f in self.program.facts)
            try:
                _Narrowed(evolve(self.program, facts=facts), self.outputs).flat()
            except _TooWideStill:
                continue
            except _Refused:
                return None
            said = self._say(fact, high)
            return Words(f", for example up to {said.en}", f"，例如不超过{said.zh}")
        return None


class _TooWideStill(Exception):
    pass


class _Narrowed(_Flattening):
    """A try with a narrower range, which says no more than whether it is narrow enough."""

    def _wide_input(self, key: str, output: str, place: Span) -> Diagnostic:
        raise _TooWideStill
