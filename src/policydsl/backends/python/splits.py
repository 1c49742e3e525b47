"""How is a total divided among its payers? From the top down, with roundings and who takes what they leave."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import assert_never

from policydsl.backends.python.building import Function, Value
from policydsl.backends.python.cells import covered
from policydsl.backends.python.expressions import number
from policydsl.backends.python.pieces import (
    all_pass,
    chain,
    key_values,
    kinds_of,
    landed,
    row_known,
    set_local,
    uncovered,
)
from policydsl.backends.python.scale import (
    Number,
    add,
    at,
    common,
    figure,
    hull,
    multiply,
    rounded,
)
from policydsl.backends.python.templates import (
    above,
    call,
    constant,
    items,
    name,
)
from policydsl.backends.python.words import one_line, quoted
from policydsl.expressions import (
    LARGEST_FRACTIONS,
    Rounding,
    Test,
)
from policydsl.ir import (
    Allotment,
    Arm,
    Definition,
    Division,
    Part,
)
from policydsl.kinds import SetOf


def allotment(definition: Definition, body: Allotment, fn: Function) -> tuple[Value, ...]:
    """The payers' shares (leaves, then subtotals), then the total."""
    total = fn.hold("total", number(body.total, fn))
    if total.never:
        return (total,) * (len(body.leaves) + len(body.subtotals) + 1)
    paid = _divide(definition, body.division, total, fn)
    values: list[Value] = []
    for payer in (*body.leaves, *body.subtotals):
        share = paid.get(payer.key, figure(Fraction(0)))
        values.append(landed(share, definition.kind, definition.grain, fn))
    values.append(landed(total, definition.kind, definition.grain, fn))
    return tuple(values)


def _divide(definition: Definition, split: Division, whole: Number, fn: Function) -> dict[str, Number]:
    """What each payer bears of `whole`."""
    kinds = kinds_of(split.keys)
    if all(test is None for test in split.arms[0].tests):
        return _shares(definition, split, split.arms[0], whole, fn)
    keys = key_values(split.keys, fn)
    arms: list[tuple[ast.expr, list[ast.stmt], dict[str, Number]]] = []
    for arm in split.arms:
        with fn.block() as block, fn.knowing(row_known(arm.tests, split.keys)):
            shares = _shares(definition, split, arm, whole, fn)
        arms.append((all_pass(arm.tests, keys, split.keys, fn), block, shares))
    payers = list(dict.fromkeys(payer for _, _, shares in arms for payer in shares))
    nothing = figure(Fraction(0))
    merged: dict[str, Number] = {}
    names: dict[str, tuple[str, int]] = {}
    for payer in payers:
        all_shares = [shares.get(payer, nothing) for _, _, shares in arms]
        den = fn.builder.canonical(definition.kind, definition.grain, common(all_shares))
        own = fn.temporary(payer)
        names[payer] = own, den
        merged[payer] = Number(name(own), den, *hull(all_shares))
    branches: list[tuple[ast.expr | None, list[ast.stmt]]] = []
    for (condition, block, shares), arm in zip(arms, split.arms, strict=True):
        assigned: list[ast.stmt] = []
        for payer, (own, den) in names.items():
            assigned += set_local(own, shares.get(payer, nothing), den)
        body = [*block, *assigned]
        above(body[0], *quoted(arm.quotes), portions(arm))
        branches.append((condition, body))
    tests: list[tuple[Test, ...]] = [tuple(arm.tests) for arm in split.arms]
    if not any(isinstance(k, SetOf) for k in kinds) and covered(iter(tests), kinds, fn.builder):
        branches[-1] = (None, branches[-1][1])
        fn.body += chain(branches, [])
    else:
        fn.body += chain(branches, [ast.Expr(uncovered(split.keys, fn))])
    return merged


def portions(arm: Arm) -> str:
    """The shares of an arm as printed: region 9:1, local 9:1."""
    return one_line(", ".join(f"{part.payer} {part.portion.written}" for part in arm.parts))


def _shares(
    definition: Definition, split: Division, arm: Arm, whole: Number, fn: Function
) -> dict[str, Number]:
    values = _exact_shares(arm.parts, whole, fn)
    if split.rounding is not None:
        values = _rounded_shares(arm.parts, values, whole, split.rounding, fn)
    paid: dict[str, Number] = {}
    for part, share in zip(arm.parts, values, strict=True):
        if part.division is not None:
            share = fn.hold(part.payer, share)
            below = _divide(definition, part.division, share, fn)
        else:
            below = {}
        for payer, borne in ((part.payer, share), *below.items()):
            paid[payer] = add(paid[payer], borne) if payer in paid else borne
    return paid


def _exact_shares(parts: Sequence[Part], whole: Number, fn: Function) -> list[Number]:
    shares: list[Number | None] = []
    for part in parts:
        portion = part.portion
        match portion.how:
            case "rate":
                assert portion.rate is not None
                shares.append(multiply(whole, figure(portion.rate)))
            case "fixed":
                assert portion.amount is not None
                shares.append(fn.hold(part.payer, number(portion.amount, fn)))
            case "all":
                shares.append(whole)
            case "rest":
                shares.append(None)
            case _:
                assert_never(portion.how)
    rest = whole
    for share in shares:
        if share is not None:
            rest = add(rest, share, -1)
    return [rest if share is None else share for share in shares]


def _rounded_shares(
    parts: Sequence[Part], exact: Sequence[Number], whole: Number, rounding: Rounding, fn: Function
) -> list[Number]:
    """Rates rounded; the holder, or else the payer of the rest, takes the whole minus the others."""
    values = list(exact)
    rated = [i for i, part in enumerate(parts) if part.portion.how == "rate"]
    if not rated:
        return values
    if rounding.holder == LARGEST_FRACTIONS:
        return _largest_fractions(parts, values, rated, rounding, fn)
    rest = next((i for i, part in enumerate(parts) if part.portion.how == "rest"), None)
    taker = rest
    if rounding.holder is not None:
        named = next((i for i, part in enumerate(parts) if part.payer == rounding.holder), None)
        taker = named if named is not None else rest if rest is not None else rated[-1]
    for i in rated:
        if i != taker or rounding.holder is None:
            share = rounded(exact[i], rounding.step, rounding.mode, fn.definition)
            values[i] = fn.hold(parts[i].payer, share)
    if taker is not None:
        left = whole
        for i, share in enumerate(values):
            if i != taker:
                left = add(left, share, -1)
        values[taker] = left
    return values


def _largest_fractions(
    parts: Sequence[Part], exact: Sequence[Number], rated: Sequence[int], rounding: Rounding, fn: Function
) -> list[Number]:
    values = list(exact)
    den = lcm(common([exact[i] for i in rated]), rounding.step.denominator)
    shares = items([at(exact[i], den) for i in rated])
    names = [fn.temporary(parts[i].payer) for i in rated]
    target = ast.Tuple([ast.Name(own, ast.Store()) for own in names], ast.Store())
    made = call("_rt.largest_fractions", shares, constant(int(rounding.step * den)))
    fn.body.append(ast.Assign([target], made))
    for i, own in zip(rated, names, strict=True):
        low = exact[i].low
        floor = Fraction(0) if low is not None and low >= 0 else None
        values[i] = Number(name(own), den, floor, None)
    return values
