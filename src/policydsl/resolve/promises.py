"""What must hold, and what comes of a worked case? Givens, properties, examples, accepted findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NoReturn

from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics import codes_sets as set_codes
from policydsl.diagnostics.model import Words, listed
from policydsl.expressions import Compare, Expr, Input, Not, Or, Value
from policydsl.facts import Fact, day_fact
from policydsl.kinds import NUMBER, YES_NO, Day, Kind, MemberOf, Quantity, is_money
from policydsl.model import Accept, Example, Expectation, Given, Ground, Property
from policydsl.nodes import Span
from policydsl.resolve.facts import datum, unit_of
from policydsl.resolve.scope import Failed, Scope, spellings
from policydsl.resolve.values import Values, present
from policydsl.syntax import ast
from policydsl.syntax.words import choices, meaning


def given(scope: Scope, values: Values, declared: ast.Given) -> Given:
    if declared.other is None:
        return Given(values.condition(declared.condition), declared.because, span=declared.span)
    if declared.exactly:
        left, right = values.condition(declared.condition), values.condition(declared.other)
        return Given(
            Compare("==", left, right, YES_NO, span=declared.span), declared.because, span=declared.span
        )
    when = values.condition(declared.other)
    then = values.condition(declared.condition, present(when))
    implied = Or((Not(when, YES_NO, span=when.span), then), YES_NO, span=declared.span)
    return Given(implied, declared.because, span=declared.span)


def promise(scope: Scope, values: Values, declared: ast.Promise) -> Property:
    when = values.condition(declared.when) if declared.when is not None else None
    guards = present(when) if when is not None else frozenset()
    if not isinstance(declared.property, ast.Change):
        holds = values.condition(declared.property, guards)
        return Property(
            holds, None, None, None, when, declared.because, declared.quotes, strength=_strength(scope, declared),
            span=declared.span,
        )  # fmt: skip
    return _change(scope, values, declared, declared.property, when)


def _change(
    scope: Scope, values: Values, declared: ast.Promise, change: ast.Change, when: Expr | None
) -> Property:
    """`as cost rises: payout does not fall`, `as group from ordinary to poor: payout does not fall`."""
    members: tuple[str, str] | None = None
    if change.members is None:
        fact = scope.facts.get(".".join(change.along.words))
        if fact is None or not isinstance(fact.kind, Quantity | Day):
            _no_input(
                scope, change.along, [f for f in scope.facts.values() if isinstance(f.kind, Quantity | Day)]
            )
        along = fact.name.key
    else:
        key = values.path(change.along, frozenset())
        if not isinstance(key, Input) or not isinstance(key.kind, MemberOf):
            _no_input(scope, change.along, [f for f in scope.facts.values() if isinstance(f.kind, MemberOf)])
        category = scope.categories[key.kind.category]
        low, high = (values.member(path, category).value for path in change.members)
        assert isinstance(low, str) and isinstance(high, str)
        along, members = key.key, (low, high)
    output = values.value(change.output, frozenset())
    if not isinstance(output.kind, Quantity):
        values.wrong_kind(output, NUMBER)
    return Property(
        None,
        output,
        along,
        change.change,
        when,
        declared.because,
        declared.quotes,
        members,
        _strength(scope, declared),
        span=declared.span,
    )


def _strength(scope: Scope, declared: ast.Promise) -> Literal["binds", "about", "in_principle"]:
    if declared.about and not declared.below:
        scope.fail(set_codes.TARGET_IN_ENSURE, declared.span)
    return "about" if declared.about else "in_principle" if declared.in_principle else "binds"


def _no_input(scope: Scope, path: ast.Path, fitting: Sequence[Fact]) -> NoReturn:
    inputs = listed(f.name.written for f in fitting)
    scope.fail(codes.NOT_AN_INPUT, path.span, name=".".join(path.words), inputs=inputs)


def accept(scope: Scope, declared: ast.Accept) -> Accept:
    finding = meaning("findings", declared.finding.words[0])
    if finding is None:
        scope.fail(
            codes.UNKNOWN_WORD,
            declared.finding.span,
            word=declared.finding.words[0],
            choices=choices("findings"),
        )
    target = None
    if declared.target is not None:
        word = declared.target.words[0]
        found = scope.results.get(word)
        if found is None:
            scope.unknown(word, declared.target.span)
        target = found.name.key
    return Accept(finding, target, declared.because, declared.quotes, span=declared.span)


# examples


class Examples:
    """Resolves worked cases; `grounds` gives each rule's grounds by spelling."""

    def __init__(self, scope: Scope, values: Values, grounds: dict[str, dict[str, str]]) -> None:
        self.scope = scope
        self.values = values
        self.grounds = grounds

    def examples(self, declared: ast.Example) -> Iterable[Example]:
        if declared.rows is not None:
            yield from self._table(declared, declared.rows)
            return
        facts = self._bindings(declared.facts)
        expects = tuple(
            e
            for b in declared.expects
            if (e := self._attempt(self._expectation, b.path, b.value)) is not None
        )
        yield Example(declared.title, facts, expects, declared.refused, span=declared.span)

    def _attempt(self, read: object, path: ast.Path, value: ast.Value) -> Expectation | None:
        try:
            return read(path, value)  # type: ignore[operator,no-any-return]
        except Failed:
            return None

    def _bindings(self, bindings: Sequence[ast.Binding]) -> tuple[tuple[str, Value], ...]:
        facts: dict[str, Value] = {}
        for binding in bindings:
            try:
                fact = self._fact(binding.path)
                if fact is None:
                    inputs = listed(f.name.written for f in self._facts())
                    self.scope.fail(
                        codes.NOT_AN_INPUT,
                        binding.path.span,
                        name=".".join(binding.path.words),
                        inputs=inputs,
                    )
                if fact.name.key in facts:
                    self.scope.fail(
                        codes.DUPLICATE_NAME, binding.path.span, name=fact.name.written,
                        line=self.scope.header.span.source.position(bindings[0].span.start)[0],
                    )  # fmt: skip
                facts[fact.name.key] = datum(self.scope, self.values, binding.value, fact.kind, fact.optional)
            except Failed:
                continue
        return tuple(facts.items())

    def _facts(self) -> list[Fact]:
        return [*self.scope.facts.values(), *self.scope.implied.values()]

    def _fact(self, path: ast.Path) -> Fact | None:
        """The input a name of an example stands for: declared, a category used as one, an open figure, the day."""
        word = path.words[0]
        if len(path.words) > 1:
            return None
        fact = self.scope.facts.get(word)
        if fact is not None:
            return fact
        category = self.scope.categories.get(word)
        if category is not None:
            return self.scope.implied.get(category.name.key)
        if self.scope.dated and meaning("parts", word) == "on":
            return day_fact(self.scope.header, path.span)
        return None

    def _expectation(
        self, path: ast.Path, value: ast.Value | ast.Cell, unit: str | None = None
    ) -> Expectation:
        scope, word = self.scope, path.words[0]
        result = scope.results.get(word)
        if result is None:
            scope.unknown(word, path.span)
        if not result.ok:
            raise Failed
        key = result.name.key
        if len(path.words) == 2 and meaning("parts", path.words[1]) == "ground" and key in self.grounds:
            return Expectation(key, "ground", self._ground(key, value), None, span=path.span)
        ref = self.values.path(path, frozenset())
        part = getattr(ref, "part", None)
        return Expectation(key, part, self._datum(value, ref.kind, unit, path.span), ref.kind, span=path.span)

    def _ground(self, key: str, value: ast.Value | ast.Cell) -> str:
        word = value.words[-1] if isinstance(value, ast.Path) else value.span.text
        found = self.grounds[key].get(word)
        if found is None:
            known = list(self.grounds[key])
            self.scope.fail(
                codes.UNKNOWN_WORD, value.span, word=word,
                choices=listed(known),
            )  # fmt: skip
        return found

    def _datum(self, value: ast.Value | ast.Cell, kind: Kind, unit: str | None, span: Span) -> Value:
        if unit is not None and isinstance(value, ast.Figure) and isinstance(kind, Quantity):
            bare = not value.unit.powers and not value.percent
            found = unit_of(self.scope, unit, span)
            if bare and found is not None:
                if found[0].unit != kind.unit and not (is_money(found[0]) and is_money(kind)):
                    self.scope.fail(
                        codes.UNITS_DIFFER, value.span, left=self.scope.say_kind(found[0]),
                        right=self.scope.say_kind(kind), done=Words("taken for each other", "互相代替"),
                        remedy=Words("give both the same unit", "统一为同一单位"),
                    )  # fmt: skip
                return value.value * found[1]
        return datum(self.scope, self.values, value, kind)

    def _table(self, declared: ast.Example, rows: ast.Rows) -> Iterable[Example]:
        for number, row in enumerate(rows.rows, 1):
            if len(row.cells) != len(rows.heads):
                self.scope.report(codes.WRONG_CELLS, row.span, cells=len(row.cells), heads=len(rows.heads))
                continue
            facts: list[tuple[str, Value]] = []
            expects: list[Expectation] = []
            try:
                for head, cell in zip(rows.heads, row.cells, strict=True):
                    path = head.words[0]
                    if not isinstance(path, ast.Path):
                        self.scope.fail(codes.NO_COLUMN, head.span, what="any")
                    fact = self._fact(path)
                    if fact is None:
                        expects.append(self._expectation(path, cell, head.unit))
                    elif isinstance(cell, ast.Nothing):
                        facts.append(
                            (fact.name.key, datum(self.scope, self.values, cell, fact.kind, fact.optional))
                        )
                    else:
                        facts.append((fact.name.key, self._datum(cell, fact.kind, head.unit, head.span)))
            except Failed:
                continue
            yield Example(f"{declared.title} {number}".strip(), tuple(facts), tuple(expects), span=row.span)


def ground_names(grounds: Sequence[Ground], outer: str = "") -> dict[str, str]:
    """Every spelling of a rule's grounds to what results call it: an inner one is `outer.inner`."""
    found = {} if outer else {"base": "base"}
    for ground in grounds:
        key = f"{outer}{ground.name.key}"
        found.update(dict.fromkeys(spellings(ground.name), key))
        found.update(ground_names(ground.inner, f"{key}."))
    return found
