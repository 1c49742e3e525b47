"""How is a checked policy computed? From the model's constructs to the ir: splits of shares put inside
each other, bands given their edges, dated figures turned into choices, definitions in the order of need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import assert_never

from policydsl import ir, model
from policydsl.expressions import (
    And,
    Compare,
    Constant,
    Expr,
    Finish,
    If,
    Input,
    Interval,
    Limit,
    Not,
    Or,
    Present,
    Ref,
    Rounding,
    children,
    rebuilt,
)  # fmt: skip
from policydsl.facts import Name
from policydsl.kinds import DAY, PURE, YES_NO, Kind, Quantity, is_money
from policydsl.nodes import Node, Span, contents, evolve


def lower(policy: model.Policy) -> ir.Program:
    """The program of a policy that every check has passed."""
    return _Lowering(policy).program()


class _Lowering:
    def __init__(self, policy: model.Policy) -> None:
        self.policy = policy
        self.open = {d.name.key for d in policy.definitions if isinstance(d, model.Param) and d.open}
        self.lines = [line for line in policy.timelines if line.editions and line.editions[0].key]

    def program(self) -> ir.Program:
        policy = self.policy
        made = {
            definition.name.key: definition
            for declared in policy.definitions
            if (definition := self._definition(declared)) is not None
        }
        made.update({line.name.key: self._picked(line, made) for line in self.lines if not line.single})
        made.update({line.name.key: _with_grounds(line, made) for line in self.lines if line.grounded})
        editions = {edition.key for line in self.lines for edition in line.editions}
        needs = {key: _needs(definition) for key, definition in made.items()}
        order = _order(needs)
        reach: dict[str, frozenset[str]] = {}
        for key in order:
            own = _inputs(made[key])
            reach[key] = own.union(*(reach[other] for other in needs[key]))
        places = {fact.name.key: i for i, fact in enumerate(policy.facts)}

        def sort(keys: frozenset[str]) -> tuple[str, ...]:
            return tuple(sorted(keys, key=lambda key: places[key]))

        def reached(*exprs: Expr | None) -> tuple[str, ...]:
            found: frozenset[str] = frozenset()
            for expr in exprs:
                if expr is not None:
                    found |= _expr_inputs(expr).union(*(reach[r] for r in _refs(expr)))
            return sort(found)

        definitions = tuple(evolve(made[key], inputs=sort(reach[key])) for key in order)
        return ir.Program(
            policy.header,
            policy.categories,
            policy.facts,
            tuple(
                ir.Given(e := self._expr(g.condition), reached(e), g.because, span=g.span)
                for g in policy.givens
            ),
            definitions,
            self._outputs([key for key in made if key not in editions]),
            tuple(self._property(p) for p in policy.ensures),
            tuple(self._property(p) for p in policy.requires),
            tuple(_example(e) for e in policy.examples),
        )

    # expressions

    def _expr(self, expr: Expr) -> Expr:
        """`expr` with open figures read as inputs."""
        if isinstance(expr, Ref) and expr.key in self.open:
            return Input(expr.key, expr.kind, span=expr.span)
        parts = children(expr)
        if not parts or not self.open:
            return expr
        return rebuilt(expr, tuple(self._expr(part) for part in parts))

    def _maybe(self, expr: Expr | None) -> Expr | None:
        return self._expr(expr) if expr is not None else None

    def _finish(self, finish: Sequence[Finish]) -> tuple[Finish, ...]:
        return tuple(
            evolve(line, bound=self._expr(line.bound)) if isinstance(line, Limit) else line for line in finish
        )

    def _interval(self, interval: Interval) -> Interval:
        return evolve(interval, low=self._maybe(interval.low), high=self._maybe(interval.high))

    # definitions

    def _definition(self, declared: model.Definition) -> ir.Definition | None:
        match declared:
            case model.Param():
                if declared.open:
                    return None
                body: ir.Body = ir.Formula(self._dated(declared))
                return self._made(declared, "param", declared.kind, body, declared.finish)
            case model.Rule():
                return self._rule(declared)
            case model.Tiers():
                body = self._schedule(declared)
                finish = [line for line in declared.finish if not _is_slice_rounding(line)]
                return self._made(declared, "tiers", declared.kind, body, finish)
            case model.Table():
                return self._made(
                    declared, "table", declared.kinds[0], self._lookup(declared), declared.finish
                )
            case model.Split():
                if declared.parent is not None:
                    return None
                assert declared.total is not None
                body = self._allotment(declared)
                return self._made(declared, "split", declared.total.kind, body, ())
            case _:
                assert_never(declared)

    def _made(
        self, declared: model.Definition, word: str, kind: Kind, body: ir.Body, finish: Sequence[Finish]
    ) -> ir.Definition:
        return ir.Definition(
            declared.name, kind, self._grain(kind, finish), body, self._finish(finish), (), word,  # type: ignore[arg-type]
            declared.quotes, declared.notes, declared.because, span=declared.span,
        )  # fmt: skip

    def _grain(self, kind: Kind, finish: Sequence[Finish]) -> Fraction | None:
        """Money is in the currency's grain, counts and durations are whole, rates are any rational."""
        if not isinstance(kind, Quantity):
            return None
        return self._money_grain(kind) or (None if kind.unit == PURE else Fraction(1))

    def _money_grain(self, kind: Quantity) -> Fraction | None:
        return self.policy.header.currency.grain if is_money(kind) else None

    def _dated(self, param: model.Param) -> Expr:
        """The version in force on the day of the case: later ones are tried first."""
        value = self._expr(param.versions[0].value)
        for version in param.versions[1:]:
            assert version.start is not None
            value = If(
                _from_day(version.start, version.span),
                self._expr(version.value),
                value,
                param.kind,
                span=version.span,
            )
        return value

    # values by date

    def _outputs(self, keys: Sequence[str]) -> tuple[str, ...]:
        """The outputs in the order of the text: those that lowering picks stand where they are written."""
        places = {d.name.key: n for n, d in enumerate(self.policy.definitions)}
        places.update({line.name.key: places[line.editions[0].key] for line in self.lines if not line.single})
        return tuple(sorted(keys, key=lambda key: places[key]))

    def _picked(self, line: model.Timeline, made: Mapping[str, ir.Definition]) -> ir.Definition:
        """The parts of a dated split or table, each read from the edition in force."""
        editions = [made[edition.key] for edition in line.editions]
        starts = [edition.start for edition in line.editions]
        first = editions[0]

        def part(key: str) -> Expr:
            refs = [_part_of(edition, key, first.kind, line.span) for edition in editions]
            return _in_force(refs, starts, line.span)

        body: ir.Body
        if isinstance(first.body, ir.Lookup):
            rows = tuple(
                ir.Row((_days(starts, n, line.span),), tuple(
                    Ref(edition.name.key, kind, name.key, span=line.span)
                    for name, kind in zip(first.body.results, first.body.kinds, strict=True)
                ), edition.quotes, span=edition.span)
                for n, edition in enumerate(editions)
            )  # fmt: skip
            key = ir.Key(Input("on", DAY, span=line.span), "on", None)
            body = ir.Lookup((key,), first.body.results, first.body.kinds, rows, "agree")
        else:
            bodies = [edition.body for edition in editions if isinstance(edition.body, ir.Allotment)]
            leaves = {name.key: name for b in bodies for name in b.leaves}
            subtotals = {name.key: name for b in bodies for name in b.subtotals}
            leaves = {key: name for key, name in leaves.items() if key not in subtotals}
            whole = _in_force(
                [Ref(edition.name.key, first.kind, "total", span=line.span) for edition in editions],
                starts,
                line.span,
            )
            parents = _parents(bodies)
            division = _fixed_division([*subtotals, *leaves], parents, None, part, line.span)
            body = ir.Allotment(whole, division, tuple(leaves.values()), tuple(subtotals.values()))
        return ir.Definition(line.name, first.kind, first.grain, body, (), (), line.word, span=line.span)

    def _rule(self, rule: model.Rule) -> ir.Definition:
        base = self._expr(rule.base)
        if not rule.grounds:
            return self._made(rule, "rule", rule.kind, ir.Formula(base), rule.finish)
        grounds = tuple(self._ground(ground) for ground in rule.grounds)
        body = ir.Exceptions(base, grounds, rule.overlap or "agree", rule.overlap_because)
        return self._made(rule, "rule", rule.kind, body, rule.finish)

    def _ground(self, ground: model.Ground) -> ir.Ground:
        return ir.Ground(
            ground.name, self._expr(ground.when), self._expr(ground.value), ground.exempt,
            tuple(self._ground(g) for g in ground.inner), ground.because, ground.quotes, span=ground.span,
        )  # fmt: skip

    def _key(self, key: model.Key) -> ir.Key:
        return ir.Key(self._expr(key.value), key.name, key.category)

    def _lookup(self, table: model.Table) -> ir.Lookup:
        rows = tuple(
            ir.Row(
                tuple(self._interval(t) if isinstance(t, Interval) else t for t in row.tests),
                tuple(self._expr(r) for r in row.results), row.quotes, span=row.span,
            )
            for row in table.rows
        )  # fmt: skip
        keys = tuple(self._key(key) for key in table.keys)
        return ir.Lookup(
            keys, table.results, table.kinds, rows, table.overlap or "agree", table.overlap_because
        )

    # schedules

    def _schedule(self, tiers: model.Tiers) -> ir.Schedule:
        assert tiers.mode is not None
        zero = Constant(Fraction(0), tiers.amount.kind, span=tiers.span)
        bands: list[ir.Band] = []
        for band in tiers.bands:
            printed = self._interval(band.interval)
            low = printed.low if printed.low is not None else zero
            low_closed = printed.low_closed or printed.low is None
            if bands and (tiers.continuous or tiers.mode == "marginal") and bands[-1].high is not None:
                low, low_closed = bands[-1].high, not bands[-1].high_closed
            cells = tuple(self._expr(cell) for cell in band.cells)
            bands.append(
                ir.Band(
                    low,
                    low_closed,
                    printed.high,
                    printed.high_closed,
                    cells,
                    printed,
                    band.quotes,
                    span=band.span,
                )
            )
        scopes = {line.scope: line for line in tiers.finish if isinstance(line, Rounding)}
        return ir.Schedule(
            self._expr(tiers.amount),
            tiers.mode,
            tuple(self._key(key) for key in tiers.keys),
            tuple(ir.Column(column.tests, column.title, span=column.span) for column in tiers.columns),
            tuple(bands),
            tiers.cells_are_rates,
            self._expr(tiers.cap.bound) if tiers.cap is not None else None,
            scopes.get("slice"),
            scopes.get("product"),
            tiers.continuous_because,
        )

    # splits

    def _allotment(self, split: model.Split) -> ir.Allotment:
        assert split.total is not None
        within = {
            d.parent[1]: d
            for d in self.policy.definitions
            if isinstance(d, model.Split) and d.parent is not None and d.parent[0] == split.name.key
        }
        division = self._division(split, within)
        payers: dict[str, Name] = {}
        divided: set[str] = set()
        for member in (split, *within.values()):
            if member.parent is not None:
                divided.add(member.parent[1])
            for arm in member.arms:
                for share in _shares(arm.shares):
                    payers.setdefault(share.payer.key, share.payer)
                    if share.parts:
                        divided.add(share.payer.key)
        leaves = tuple(name for key, name in payers.items() if key not in divided)
        subtotals = tuple(name for key, name in payers.items() if key in divided)
        return ir.Allotment(self._expr(split.total), division, leaves, subtotals)

    def _division(self, split: model.Split, within: Mapping[str, model.Split]) -> ir.Division:
        arms = tuple(
            ir.Arm(
                arm.tests,
                tuple(self._part(share, within, split.rounding) for share in arm.shares),
                arm.quotes,
                span=arm.span,
            )
            for arm in split.arms
        )
        keys = tuple(self._key(key) for key in split.keys)
        return ir.Division(keys, arms, split.rounding, split.quotes if split.parent is not None else ())

    def _part(
        self, share: model.Share, within: Mapping[str, model.Split], rounding: Rounding | None
    ) -> ir.Part:
        """A share; the rounding of its split holds for the parts after `of which` too."""
        division: ir.Division | None = None
        if share.payer.key in within:
            division = self._division(within[share.payer.key], within)
        elif share.parts:
            parts = tuple(self._part(part, within, rounding) for part in share.parts)
            arm = ir.Arm((), parts, span=share.span)
            division = ir.Division((), (arm,), rounding)
        return ir.Part(share.payer.key, self._portion(share.portion), division, span=share.span)

    def _portion(self, portion: model.Portion) -> ir.Portion:
        written = portion.span.text
        match portion.how:
            case "percent":
                return ir.Portion("rate", portion.rate, None, written)
            case "ratio":
                assert portion.weight is not None
                return ir.Portion("rate", portion.weight / sum(portion.weights), None, written)
            case "fixed":
                assert portion.amount is not None
                return ir.Portion("fixed", None, self._expr(portion.amount), written)
            case "rest" | "all":
                return ir.Portion(portion.how, None, None, written)
            case _:
                assert_never(portion.how)

    # properties

    def _property(self, property_: model.Property) -> ir.Ensure:
        return ir.Ensure(
            self._maybe(property_.holds), self._maybe(property_.output), property_.along, property_.change,
            self._maybe(property_.when), property_.because, property_.members, span=property_.span,
        )  # fmt: skip


def _example(example: model.Example) -> ir.Example:
    expects = tuple(ir.Expectation(e.output, e.part, e.value, e.kind, span=e.span) for e in example.expects)
    return ir.Example(example.title, example.facts, expects, example.refused, span=example.span)


def _is_slice_rounding(line: Finish) -> bool:
    return isinstance(line, Rounding) and line.scope != "total"


def _with_grounds(line: model.Timeline, made: Mapping[str, ir.Definition]) -> ir.Definition:
    """A dated rule as one rule, whose grounds hold on the days of their own edition."""
    editions = [made[edition.key] for edition in line.editions]
    starts = [edition.start for edition in line.editions]
    begin = [None, *starts[1:]]  # the first holds from the first day there is
    windows = [_on_days(a, b, line.span) for a, b in zip(begin, [*starts[1:], None], strict=True)]
    bases: list[Expr] = []
    grounds: list[tuple[ir.Ground, Expr | None]] = []
    overlap: tuple[ir.Overlap, str | None] = ("agree", None)
    for n, edition in enumerate(editions):
        match edition.body:
            case ir.Exceptions():
                bases.append(edition.body.base)
                grounds += [(ground, windows[n]) for ground in edition.body.grounds]
                if edition.body.overlap != "agree":
                    overlap = edition.body.overlap, edition.body.overlap_because
            case ir.Formula():
                bases.append(edition.body.value)
            case _:
                raise AssertionError(edition.body)
    body = ir.Exceptions(_in_force(bases, starts, line.span), _merged(grounds), *overlap)
    front = made[line.name.key]
    return evolve(front, body=body, grain=editions[0].grain, finish=editions[0].finish)


def _on_days(start: date | None, after: date | None, span: Span) -> Expr | None:
    """Whether the day of the case is from `start` on and before `after`; None: it always is."""
    tests = [] if start is None else [_from_day(start, span)]
    if after is not None:
        tests.append(Not(_from_day(after, span), YES_NO, span=span))
    return And(tuple(tests), YES_NO, span=span) if len(tests) > 1 else next(iter(tests), None)


def _merged(grounds: Sequence[tuple[ir.Ground, Expr | None]]) -> tuple[ir.Ground, ...]:
    """Grounds of several editions, each with the days of its own; those of one name are one."""
    by_key: dict[str, list[tuple[ir.Ground, Expr | None]]] = {}
    for ground, days in grounds:
        by_key.setdefault(ground.name.key, []).append((ground, days))
    found: list[ir.Ground] = []
    for same in by_key.values():
        first = same[0][0]
        tests = tuple(
            g.when if days is None else And((days, g.when), YES_NO, span=g.when.span) for g, days in same
        )
        value = same[-1][0].value
        for g, days in reversed(same[:-1]):
            assert days is not None
            value = If(days, g.value, value, g.value.kind, span=g.value.span)
        inner = _merged([(i, days) for g, days in same for i in g.inner])
        when = tests[0] if len(tests) == 1 else Or(tests, YES_NO, span=first.when.span)
        quotes = tuple(dict.fromkeys(q for g, _ in same for q in g.quotes))
        found.append(evolve(first, when=when, value=value, inner=inner, quotes=quotes))
    return tuple(found)


def _part_of(edition: ir.Definition, key: str, kind: Kind, span: Span) -> Expr:
    """A payer's part of an edition of a split: nothing where it is no payer."""
    assert isinstance(edition.body, ir.Allotment)
    if any(name.key == key for name in (*edition.body.leaves, *edition.body.subtotals)):
        return Ref(edition.name.key, kind, key, span=span)
    return Constant(Fraction(0), kind, span=span)


def _in_force(values: Sequence[Expr], starts: Sequence[date | None], span: Span) -> Expr:
    """The value that holds on the day of the case: the last one that has begun."""
    found = values[0]
    for value, start in zip(values[1:], starts[1:], strict=True):
        assert start is not None
        found = If(_from_day(start, span), value, found, value.kind, span=span)
    return found


def _days(starts: Sequence[date | None], n: int, span: Span) -> Interval:
    """The days from the `n`th start to before the next; the first begins with the days themselves."""
    low, following = starts[n] if n else None, starts[n + 1] if n + 1 < len(starts) else None
    return Interval(
        Constant(low, DAY, span=span) if low is not None else None, True,
        Constant(following, DAY, span=span) if following is not None else None, False, span=span,
    )  # fmt: skip


def _parents(bodies: Sequence[ir.Allotment]) -> dict[str, str | None]:
    """For each payer the one whose share its own is a part of."""
    found: dict[str, str | None] = {}

    def walk(division: ir.Division, parent: str | None) -> None:
        for arm in division.arms:
            for part in arm.parts:
                found.setdefault(part.payer, parent)
                if part.division is not None:
                    walk(part.division, part.payer)

    for body in bodies:
        walk(body.division, None)
    return found


def _fixed_division(
    payers: Sequence[str],
    parents: Mapping[str, str | None],
    parent: str | None,
    part: Callable[[str], Expr],
    span: Span,
) -> ir.Division:
    """The payers below `parent`, each with an amount that is computed elsewhere."""
    below = [key for key in parents if parents[key] == parent]
    parts = tuple(
        ir.Part(
            key, ir.Portion("fixed", None, part(key), key),
            _fixed_division(payers, parents, key, part, span) if key in parents.values() else None, span=span,
        )
        for key in below
    )  # fmt: skip
    return ir.Division((), (ir.Arm((), parts, span=span),))


def _from_day(start: date, span: Span) -> Expr:
    return Compare(">=", Input("on", DAY, span=span), Constant(start, DAY, span=span), YES_NO, span=span)


def _shares(shares: Sequence[model.Share]) -> list[model.Share]:
    """Shares and the parts within them, in reading order."""
    found: list[model.Share] = []
    for share in shares:
        found.append(share)
        found += _shares(share.parts)
    return found


# what needs what


def _expressions(thing: object) -> list[Expr]:
    """Every expression inside an ir record, outermost ones only."""
    found: list[Expr] = []
    pending: list[object] = [thing]
    while pending:
        here = pending.pop()
        if isinstance(here, Expr):
            found.append(here)
        elif isinstance(here, tuple):
            pending += here
        elif isinstance(here, Node) and not isinstance(here, Name):
            pending += contents(here)
    return found


def _walk(expr: Expr) -> list[Expr]:
    found, pending = [], [expr]
    while pending:
        here = pending.pop()
        found.append(here)
        pending += children(here)
    return found


def _refs(expr: Expr) -> frozenset[str]:
    return frozenset(e.key for e in _walk(expr) if isinstance(e, Ref))


def _expr_inputs(expr: Expr) -> frozenset[str]:
    return frozenset(e.key for e in _walk(expr) if isinstance(e, Input | Present))


def _needs(definition: ir.Definition) -> frozenset[str]:
    exprs = _expressions((definition.body, definition.finish))
    return frozenset().union(*(_refs(e) for e in exprs))


def _inputs(definition: ir.Definition) -> frozenset[str]:
    exprs = _expressions((definition.body, definition.finish))
    return frozenset().union(*(_expr_inputs(e) for e in exprs))


def _order(needs: Mapping[str, frozenset[str]]) -> list[str]:
    """Keys after those they need; ties in the order of the text. There is no cycle."""
    order: list[str] = []
    done: set[str] = set()
    for start in needs:
        stack = [start]
        while stack:
            key = stack[-1]
            waiting = [other for other in needs if other in needs[key] and other not in done]
            if key in done:
                stack.pop()
            elif waiting:
                stack.append(waiting[0])
            else:
                done.add(key)
                order.append(key)
                stack.pop()
    return order
