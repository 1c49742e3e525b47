"""Is each figure what its restatement says, on the grain of its kind, and always computable?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import assert_never

from policydsl.amounts import say_decimal
from policydsl.checks import words
from policydsl.checks.bounds import (
    bounds,
    common,
    grain,
    kind_of,
    narrowed,
    on_grain,
    raw_grain,
    terminates,
)
from policydsl.checks.people import people
from policydsl.checks.reach import expressions_of, facts_of, facts_of_definition, interval_expressions
from policydsl.checks.values import NoAnswer, Unknown, known_amount, result
from policydsl.checks.views import View, knowing, on_its_days, view
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.expressions import (
    And,
    Constant,
    Divide,
    Expr,
    Finish,
    If,
    Input,
    Limit,
    Multiply,
    Or,
    Round,
    Rounding,
    children,
)
from policydsl.facts import Quote
from policydsl.kinds import Quantity, is_money
from policydsl.model import Definition, Ground, Param, Policy, Restated, Rule, Split, Table, Tiers

#: How many cases are tried to show that a value leaves its grain.
_MOST_TRIED = 600


def check(policy: Policy) -> Iterator[Diagnostic]:
    """The problems of all figures."""
    every = view(policy)
    for d in policy.definitions:
        seen = on_its_days(every, d.name.key)
        yield from _restated(d, seen)
        if isinstance(d, Param):
            yield from _rise(d, seen)
        yield from _grain(d, seen)
        yield from _quotients(d, seen)
        yield from _ten_thousand(d, policy)


def figures(policy: Policy) -> dict[str, Fraction]:
    """The last figure of each param whose value is known from the policy alone."""
    seen = view(policy)
    found: dict[str, Fraction] = {}
    for d in policy.definitions:
        if isinstance(d, Param) and d.versions:
            amount = known_amount(d.versions[-1].value, seen)
            if amount is not None:
                found[d.name.key] = amount
    return found


# Restated figures


def _restated(d: Definition, seen: View) -> Iterator[Diagnostic]:
    match d:
        case Param():
            for version in d.versions:
                yield from _against(version.value, version.restated, d.quotes, seen)
        case Rule():
            yield from _against(d.base, d.restated, d.quotes, seen)
        case Table() | Tiers() | Split():
            return
        case _:
            assert_never(d)


def _against(
    expr: Expr, restated: tuple[Restated, ...], quotes: tuple[Quote, ...], seen: View
) -> Iterator[Diagnostic]:
    if not restated:
        return
    for who in people(facts_of(expr, seen), seen) or ():
        exact = known_amount(expr, who)
        if exact is None:
            continue
        wrong = [r for r in restated if _off(r, exact)]
        for r in wrong:
            assert isinstance(r.value.value, Fraction)
            text = expr.span.text.strip()
            said = words.amount(exact, expr.kind, seen.policy)
            plain = isinstance(expr, Constant)
            yield Diagnostic(
                codes.RESTATED_WRONG,
                r.value.span,
                {
                    "formula": said if plain else words.both(f"{text} = {said.en}", f"{text} = {said.zh}"),
                    "printed": words.amount(r.value.value, r.value.kind, seen.policy),
                    "quote": _quoted(quotes),
                },
                (Label(expr.span, words.both("comes to " + said.en, "算得" + said.zh)),),
                words.case(who),
            )
        if wrong:
            return


def _off(restated: Restated, exact: Fraction) -> bool:
    printed = restated.value.value
    return isinstance(printed, Fraction) and abs(printed - exact) > (restated.within or 0)


def _quoted(quotes: tuple[Quote, ...]) -> Words:
    if not quotes:
        return words.both("compare the two figures with the notice", "请对照原文核对这两个数")
    q = quotes[-1]
    clause = f" {q.clause}" if q.clause else ""
    return words.both(f"compare clause{clause}, “{q.words}”", f"请核对原文{q.clause}“{q.words}”")


def _rise(param: Param, seen: View) -> Iterator[Diagnostic]:
    """`up 30元` on the year before: what the year before must have been."""
    rise = param.rise
    if rise is None or not isinstance(rise.value, Fraction) or not param.versions:
        return
    figures = [known_amount(v.value, seen) for v in param.versions]
    last = figures[-1]
    if last is None:
        return
    facts: dict[str, str | int | Words] = {
        "name": words.named(param.name),
        "now": words.amount(last, param.kind, seen.policy),
        "rise": words.amount(rise.value, param.kind, seen.policy),
        "before": words.amount(last - rise.value, param.kind, seen.policy),
    }
    prior = param.prior.value if param.prior is not None else None
    if last - rise.value <= 0:
        yield Diagnostic(codes.RISE_TOO_LARGE, rise.span, facts)
    elif len(figures) > 1 and figures[-2] is not None and figures[-2] != last - rise.value:
        facts["written"] = words.amount(figures[-2], param.kind, seen.policy)
        label = Label(param.versions[-2].value.span, words.both("the year before", "上年"))
        yield Diagnostic(codes.RISE_WRONG, rise.span, facts, (label,))
    elif param.prior is not None and isinstance(prior, Fraction) and prior != last - rise.value:
        facts["written"] = words.amount(prior, param.kind, seen.policy)
        label = Label(param.prior.span, words.both("the year before", "上年"))
        yield Diagnostic(codes.RISE_WRONG, rise.span, facts, (label,))


# Grain


def _grain(d: Definition, seen: View) -> Iterator[Diagnostic]:
    if isinstance(d, Split) or (isinstance(d, Param) and d.open):
        return
    parts = [r.key for r in d.results] if isinstance(d, Table) else [None]
    for part in parts:
        kind = kind_of(d, part)
        if not isinstance(kind, Quantity) or (isinstance(d, Tiers) and d.mode is None):
            continue
        found = raw_grain(d, seen, part)
        least = seen.policy.header.currency.grain
        if is_money(kind):
            if not on_grain(found, least):
                yield from _off_grain(d, part, least, seen)
        elif found is not None and not terminates(found):
            x = next((v for e in _values_of(d) if (v := known_amount(e, seen)) is not None), found)
            yield Diagnostic(
                codes.NOT_A_DECIMAL,
                d.name.span,
                {"name": words.named(d.name), "value": f"{x.numerator}/{x.denominator}"},
            )


def _off_grain(d: Definition, part: str | None, least: Fraction, seen: View) -> Iterator[Diagnostic]:
    if _rounds_wrongly(d.finish if not isinstance(d, Split) else (), least):
        clause = next(c for c in reversed(_finish(d)) if isinstance(c, Rounding))
        yield Diagnostic(
            codes.ROUNDED_OFF_GRAIN,
            clause.span,
            {
                "step": words.money(clause.step, seen.policy),
                "grain": words.money(least, seen.policy),
            },
        )
        return
    cause = _cause(d, part, least, seen)
    example = _example(d, part, least, seen)
    shown = words.both("", "")
    if example is not None:
        who, x = example
        said, p = words.amount(x, kind_of(d, part) or d_kind(d), seen.policy), words.person(who)
        shown = words.both(
            f", for example {said.en}" + (f" for {p.en}" if p.en else ""),
            f"，例如{p.zh}时为{said.zh}" if p.zh else f"，为{said.zh}",
        )
    yield Diagnostic(
        codes.OFF_GRAIN,
        d.name.span if cause is None else cause.span,
        {
            "name": words.named(d.name),
            "grain": words.amount(least, kind_of(d, part) or d_kind(d), seen.policy),
            "example": shown,
            "step": words.money(least, seen.policy),
        },
        (Label(d.name.span, words.both("defined here", "在此定义")),) if cause is not None else (),
        words.case(example[0]) if example is not None else (),
    )


def d_kind(d: Definition) -> Quantity:
    kind = kind_of(d)
    assert isinstance(kind, Quantity)
    return kind


def _finish(d: Definition) -> tuple[Finish, ...]:
    return () if isinstance(d, Split) else d.finish


def _rounds_wrongly(finish: Sequence[Finish], least: Fraction) -> bool:
    steps = [c.step for c in finish if isinstance(c, Rounding) and c.scope == "total"]
    return bool(steps) and not on_grain(steps[-1], least)


def _values_of(d: Definition) -> Iterator[Expr]:
    """The expressions that a definition's value may be."""
    match d:
        case Param():
            yield from (v.value for v in d.versions)
        case Rule():
            yield d.base
            yield from _ground_values(d.grounds)
        case Table():
            yield from (e for row in d.rows for e in row.results)
        case Tiers():
            yield from (c for band in d.bands for c in band.cells)
        case Split():
            return
        case _:
            assert_never(d)


def _ground_values(grounds: Iterable[Ground]) -> Iterator[Expr]:
    for ground in grounds:
        yield ground.value
        yield from _ground_values(ground.inner)


def _cause(d: Definition, part: str | None, least: Fraction, seen: View) -> Expr | None:
    """The figure that takes the value off the grain."""
    match d:
        case Tiers() if d.cells_are_rates:
            step = grain(d.amount, seen)
            for band in d.bands:
                for expr in interval_expressions(band.interval):
                    step = common(step, grain(expr, seen))
            for band in d.bands:
                for cell in band.cells:
                    rate = grain(cell, seen)
                    if step is None or rate is None or not on_grain(step * rate, least):
                        return cell
            return None
        case Table():
            i = next((i for i, r in enumerate(d.results) if r.key == part), 0)
            exprs: list[Expr] = [row.results[i] for row in d.rows]
        case _:
            exprs = list(_values_of(d))
    for expr in exprs:
        if not on_grain(grain(expr, seen), least):
            return _deepest(expr, least, seen)
    for clause in _finish(d):
        if isinstance(clause, Limit) and not on_grain(grain(clause.bound, seen), least):
            return clause.bound
    return None


def _deepest(expr: Expr, least: Fraction, seen: View) -> Expr:
    """The innermost expression of money that is off the grain; of a product its constant."""
    for child in children(expr):
        kind = getattr(child, "kind", None)
        if isinstance(kind, Quantity) and is_money(kind) and not on_grain(grain(child, seen), least):
            return _deepest(child, least, seen)
    if isinstance(expr, Multiply):
        for child in children(expr):
            if isinstance(child, Constant):
                return child
    return expr


def _example(d: Definition, part: str | None, least: Fraction, seen: View) -> tuple[View, Fraction] | None:
    """A case in which the value is off the grain, and the value."""
    needed = facts_of_definition(d.name.key, seen)
    for who in islice(_cases(needed, d, seen), _MOST_TRIED):
        try:
            x = result(d, who, part)
        except (Unknown, NoAnswer):
            continue
        if isinstance(x, Fraction) and (x / least).denominator != 1:
            return who, x
    return None


def _cases(needed: Iterable[str], d: Definition, seen: View) -> Iterator[View]:
    """Cases to try: every person, with amounts at the ends of their ranges, at the figures of the
    definition, and one grain above each."""
    keys = list(needed)
    amounts: list[tuple[str, list[Fraction]]] = []
    for key in keys:
        fact = seen.inputs.get(key)
        if fact is None or not isinstance(fact.kind, Quantity):
            continue
        step = fact.grain or Fraction(1, 100)
        r = bounds(Input(key, fact.kind, span=fact.span), seen)
        low = r.low if r.low is not None else Fraction(0)
        tried = [low + step, low, *(low + n * step for n in range(2, 8))]
        if isinstance(d, Tiers):
            edges = [known_amount(e, seen) for b in d.bands for e in interval_expressions(b.interval)]
            tried += [e + step for e in edges if e is not None]
        if r.high is not None:
            tried += [r.high - step, r.high]
        amounts.append((key, [x for x in tried if r.holds(x) and (x / step).denominator == 1]))
    everyone = people(keys, seen)
    for who in everyone if everyone is not None else (seen,):
        for values in product(*(a for _, a in amounts)):
            yield knowing(who, {k: v for (k, _), v in zip(amounts, values, strict=True)})


# Quotients


def _quotients(d: Definition, seen: View) -> Iterator[Diagnostic]:
    finish = _finish(d)
    rounded = bool(finish) and isinstance(finish[0], Rounding) and finish[0].scope == "total"
    roots = () if isinstance(d, Tiers) else tuple(_values_of(d))
    identities = {id(root) for root in roots}
    for expr in expressions_of(d):
        at_root = id(expr) in identities
        yield from _divisions(expr, seen, rounded and at_root)


def _divisions(expr: Expr, seen: View, rounded: bool) -> Iterator[Diagnostic]:
    match expr:
        case Divide():
            yield from _divisor(expr, seen)
            if not rounded and facts_of(expr.right, seen):
                yield Diagnostic(codes.QUOTIENT_UNROUNDED, expr.span, {"quotient": expr.span.text})
            yield from _divisions(expr.left, seen, False)
            yield from _divisions(expr.right, seen, False)
        case If():
            yield from _divisions(expr.condition, seen, False)
            yield from _divisions(expr.then, narrowed(expr.condition, True, seen), rounded)
            yield from _divisions(expr.otherwise, narrowed(expr.condition, False, seen), rounded)
        case And() | Or():
            for operand in expr.operands:
                yield from _divisions(operand, seen, False)
                seen = narrowed(operand, isinstance(expr, And), seen)
        case Round():
            yield from _divisions(expr.operand, seen, True)
        case _:
            for child in children(expr):
                yield from _divisions(child, seen, False)


def _divisor(expr: Divide, seen: View) -> Iterator[Diagnostic]:
    if not bounds(expr.right, seen).holds(Fraction(0)):
        return
    zero: tuple[tuple[str, str], ...] = ()
    if isinstance(expr.right, Input):
        zero = words.case(seen, {expr.right.key: Fraction(0)})
    names = [words.named(seen.inputs[k].name) for k in sorted(facts_of(expr.right, seen)) if k in seen.inputs]
    yield Diagnostic(
        codes.DIVISION_BY_ZERO,
        expr.right.span,
        {
            "divisor": expr.right.span.text,
            "inputs": words.listed(names) if names else words.both("the figure", "该数"),
        },
        case=zero,
    )


# 万元 beside 元


def _ten_thousand(d: Definition, policy: Policy) -> Iterator[Diagnostic]:
    """A figure that would stand among the others of its kind if it were in 万元."""
    for group in _comparable(d):
        figures = [
            (e, e.value)
            for e in group
            if isinstance(e, Constant) and isinstance(e.value, Fraction) and is_money(e.kind) and e.value > 0
        ]
        if len(figures) < 3:
            continue
        figures.sort(key=lambda figure: figure[1])
        (expr, x), *others = figures
        least, usual, greatest = (others[i][1] for i in (0, len(others) // 2, -1))
        if x * 1000 <= least and least / 2 <= x * 10_000 <= greatest * 10:
            yield Diagnostic(
                codes.TEN_THOUSAND,
                expr.span,
                {
                    "figure": words.amount(x, expr.kind, policy),
                    "usual": words.amount(usual, expr.kind, policy),
                    "meant": f"{say_decimal(x)}万{policy.header.currency.sign}",
                },
            )


def _comparable(d: Definition) -> Iterator[list[Expr]]:
    """Figures of one declaration that should be of the same order."""
    match d:
        case Table():
            for i in range(len(d.results)):
                yield [row.results[i] for row in d.rows]
        case Tiers():
            yield [b.interval.high for b in d.bands if b.interval.high is not None]
        case Split():
            for arm in d.arms:
                yield [s.portion.amount for s in arm.shares if s.portion.amount is not None]
        case Param():
            yield [v.value for v in d.versions]
        case Rule():
            return
        case _:
            assert_never(d)
