"""What does each payer of a split bear, in steps?"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import assert_never

from policydsl.expressions import LARGEST_FRACTIONS, Rounding
from policydsl.flatten.building import Builder
from policydsl.flatten.expressions import Scope, compute
from policydsl.flatten.tables import first_row
from policydsl.flatten.values import (
    Val,
    add,
    also,
    at,
    choose,
    common,
    figure,
    multiply,
    rounded,
    select,
    total,
    without,
)
from policydsl.ir import Allotment, Arm, Division, Part


def allotment(body: Allotment, scope: Scope) -> tuple[Val, dict[str, Val]]:
    """The whole, and the share of each payer, subtotals and "total" included; all fail together."""
    b = scope.b
    whole = compute(body.total, scope)
    zero = figure(b, Fraction(0))
    paid = {name.key: zero for name in (*body.leaves, *body.subtotals)}
    shares, fails = _division(body.division, without(whole), scope)
    for payer, share in shares.items():
        paid[payer] = add(b, paid.get(payer, zero), share)
    fails = b.any_of(whole.fails, fails)
    paid["total"] = without(whole)
    return also(b, whole, fails), {payer: also(b, share, fails) for payer, share in paid.items()}


def _division(division: Division, whole: Val, scope: Scope) -> tuple[dict[str, Val], int | None]:
    """What each payer gets of `whole`, the divisions below included; and what fails."""
    b = scope.b
    keys = [compute(key.value, scope) for key in division.keys]
    arm = first_row([a.tests for a in division.arms], division.keys, keys, scope)
    fails = b.any_of(*(k.fails for k in keys), arm.fails)
    zero = figure(b, Fraction(0))
    by_arm = [_arm(a, division.rounding, whole, scope) for a in division.arms]
    payers = dict.fromkeys(payer for shares, _ in by_arm for payer in shares)
    paid = {payer: select(b, arm.i, [shares.get(payer, zero) for shares, _ in by_arm]) for payer in payers}
    for k, (_, wrong) in enumerate(by_arm):
        fails = b.any_of(fails, b.where(b.compare("==", arm.i, b.whole(k)), wrong))
    return paid, fails


def _arm(arm: Arm, rounding: Rounding | None, whole: Val, scope: Scope) -> tuple[dict[str, Val], int | None]:
    b = scope.b
    exact, fails = _exact_shares(arm.parts, whole, scope)
    values = _rounded_shares(arm.parts, exact, whole, rounding, b)
    zero = figure(b, Fraction(0))
    paid: dict[str, Val] = {}
    for part, value in zip(arm.parts, values, strict=True):
        paid[part.payer] = add(b, paid.get(part.payer, zero), value)
        if part.division is not None:
            below, wrong = _division(part.division, value, scope)
            fails = b.any_of(fails, wrong)
            for payer, share in below.items():
                paid[payer] = add(b, paid.get(payer, zero), share)
    return paid, fails


def _exact_shares(parts: Sequence[Part], whole: Val, scope: Scope) -> tuple[list[Val], int | None]:
    b = scope.b
    shares: list[Val | None] = []
    fails: int | None = None
    for part in parts:
        portion = part.portion
        amount = None if portion.amount is None else compute(portion.amount, scope)
        if amount is not None:
            fails = b.any_of(fails, amount.fails)
        match portion.how:
            case "rate":
                assert portion.rate is not None
                shares.append(multiply(b, whole, figure(b, portion.rate)))
            case "fixed":
                assert amount is not None
                shares.append(without(amount))
            case "all":
                shares.append(whole)
            case "rest":
                shares.append(None)
            case _:
                assert_never(portion.how)
    if None not in shares:
        return [s for s in shares if s is not None], fails
    rest = add(b, whole, total(b, [s for s in shares if s is not None]), minus=True)
    return [rest if s is None else s for s in shares], fails


def _rounded_shares(
    parts: Sequence[Part], exact: Sequence[Val], whole: Val, rounding: Rounding | None, b: Builder
) -> list[Val]:
    """The shares after rounding; who takes what it leaves over is said at `policydsl.ir.Division`."""
    values = list(exact)
    rated = [i for i, part in enumerate(parts) if part.portion.how == "rate"]
    if rounding is None or not rated:
        return values
    if rounding.holder == LARGEST_FRACTIONS:
        return _largest_fractions(values, rated, rounding.step, b)
    named = next((i for i, part in enumerate(parts) if part.payer == rounding.holder), None)
    rest = next((i for i, part in enumerate(parts) if part.portion.how == "rest"), None)
    if rounding.holder is None:
        named = None
        taker = rest
    else:
        taker = named if named is not None else rest if rest is not None else rated[-1]
    for i in rated:
        if rounding.holder is None or i != taker:
            values[i] = rounded(b, values[i], rounding.step, rounding.mode)
    if taker is not None:
        others = total(b, [v for i, v in enumerate(values) if i != taker])
        values[taker] = add(b, whole, others, minus=True)
    return values


def _largest_fractions(values: list[Val], rated: Sequence[int], step: Fraction, b: Builder) -> list[Val]:
    """Each rate rounded down; a step each to the largest fractions, equal ones in the order of the text, and
    what is left under a step to the first."""
    down = {i: rounded(b, values[i], step, "floor") for i in rated}
    over = {i: add(b, values[i], down[i], minus=True) for i in rated}
    den = common(b, [*over.values(), figure(b, step)])
    whole_step = int(step * den)
    fractions = {i: b.bounded(at(b, over[i], den), 0, whole_step - 1) for i in rated}
    left = b.whole(0)
    for i in rated:
        left = b.sum(left, fractions[i])
    steps = b.quotient(left, b.whole(whole_step))
    zero, one = b.whole(0), b.whole(1)
    for i in rated:
        before = zero  # how many come before this one
        for j in rated:
            if j != i:
                op = b.compare(">=" if j < i else ">", fractions[j], fractions[i])
                before = b.sum(before, b.choose(op, one, zero))
        gets = b.compare("<", before, steps)
        values[i] = add(b, down[i], choose(b, gets, figure(b, step), figure(b, Fraction(0))))
    rest = b.difference(left, b.times(steps, whole_step))
    rest = b.bounded(rest, 0, whole_step - 1)
    values[rated[0]] = add(b, values[rated[0]], Val(rest, den))
    return values
