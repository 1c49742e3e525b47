"""What is an expression of the model worth, when some or all facts of the case are known?

Exact values under a partial assignment of facts. The interpreter answers the same for a whole case, on the
ir; checks look at the model, where a fact may be missing and not everything is in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import assert_never

from policydsl.checks.slices import Edges, interpolated, joined, marginal, slab
from policydsl.checks.views import ON, View
from policydsl.dividing import exact_shares, paid_shares
from policydsl.expressions import (
    Add,
    And,
    Compare,
    Constant,
    Divide,
    Expr,
    Extreme,
    Finish,
    HasAny,
    If,
    Input,
    Interval,
    IsMember,
    Limit,
    Multiply,
    Not,
    Or,
    Present,
    Ref,
    Round,
    Rounding,
    Subtract,
    Test,
    Undefined,
    Value,
    Within,
)
from policydsl.model import (
    Band,
    Definition,
    Ground,
    Param,
    Row,
    Rule,
    Share,
    Split,
    Table,
    Tiers,
    Version,
)
from policydsl.rounding import end_of_period, round_to


class Unknown(Exception):
    """The value depends on a fact that the assignment does not have."""


class NoAnswer(Exception):
    """The policy gives no value here: undefined, no row, no band, a division by zero."""


# Exact values


def value(expr: Expr, seen: View) -> Value:
    """The value of `expr`. Raises `Unknown` or `NoAnswer`."""
    if seen.opaque and expr in seen.opaque:
        return seen.opaque[expr]
    match expr:
        case Constant():
            return expr.value
        case Input():
            if expr.key not in seen.facts:
                raise Unknown(expr.key)
            return seen.facts[expr.key]
        case Ref():
            return _ref(expr, seen)
        case Add():
            return _sum(value(expr.left, seen), value(expr.right, seen), 1)
        case Subtract():
            return _sum(value(expr.left, seen), value(expr.right, seen), -1)
        case Multiply():
            return amount(expr.left, seen) * amount(expr.right, seen)
        case Divide():
            divisor = amount(expr.right, seen)
            if divisor == 0:
                raise NoAnswer("0")
            return amount(expr.left, seen) / divisor
        case Extreme():
            return _extreme(expr.which, [value(o, seen) for o in expr.operands])
        case Round():
            return round_to(amount(expr.operand, seen), expr.step, expr.mode)
        case If():
            return value(expr.then if truth(expr.condition, seen) else expr.otherwise, seen)
        case Compare():
            return _compare(expr.op, value(expr.left, seen), value(expr.right, seen))
        case And():
            return _all(expr.operands, seen, True)
        case Or():
            return not _all(expr.operands, seen, False)
        case Not():
            return not truth(expr.operand, seen)
        case IsMember():
            return value(expr.operand, seen) in expr.members
        case HasAny():
            held = value(expr.operand, seen)
            return isinstance(held, frozenset) and not expr.members.isdisjoint(held)
        case Present():
            if expr.key not in seen.facts:
                raise Unknown(expr.key)
            return seen.facts[expr.key] is not None
        case Within():
            day, start = value(expr.day, seen), value(expr.start, seen)
            if not isinstance(day, date) or not isinstance(start, date):
                raise NoAnswer("day")
            return start <= day <= end_of_period(start, expr.length, expr.unit, expr.overflow)
        case Undefined():
            raise NoAnswer(expr.because)
        case _:
            assert_never(expr)


def amount(expr: Expr, seen: View) -> Fraction:
    """The value of a quantity. Raises `Unknown` or `NoAnswer` (an absent fact has no amount)."""
    found = value(expr, seen)
    if not isinstance(found, Fraction):
        raise NoAnswer("absent")
    return found


def truth(expr: Expr, seen: View) -> bool:
    """The value of a condition. Raises `Unknown` or `NoAnswer`."""
    found = value(expr, seen)
    if not isinstance(found, bool):
        raise NoAnswer("absent")
    return found


def known(expr: Expr, seen: View) -> Value:
    """The value of `expr`, or None where it is unknown, undefined or absent."""
    try:
        return value(expr, seen)
    except (Unknown, NoAnswer):
        return None


def known_amount(expr: Expr, seen: View) -> Fraction | None:
    """The value of a quantity, or None where it is unknown, undefined or absent."""
    found = known(expr, seen)
    return found if isinstance(found, Fraction) else None


def possible(conditions: Iterable[Expr], seen: View) -> bool:
    """Whether none of `conditions` is known to be false."""
    return all(known(c, seen) is not False for c in conditions)


def _sum(left: Value, right: Value, sign: int) -> Value:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left + sign * right
    if isinstance(left, date) and isinstance(right, Fraction):
        return left + timedelta(days=sign * floor(right))
    if isinstance(left, date) and isinstance(right, date):
        return Fraction((left - right).days)
    raise NoAnswer("absent")


def _extreme(which: str, values: list[Value]) -> Value:
    numbers = [v for v in values if isinstance(v, Fraction)]
    if len(numbers) == len(values):
        return max(numbers) if which == "greatest" else min(numbers)
    days = [v for v in values if isinstance(v, date)]
    if len(days) == len(values):
        return max(days) if which == "greatest" else min(days)
    raise NoAnswer("absent")


def _compare(op: str, left: Value, right: Value) -> bool:
    if op == "==":
        return left == right
    if op == "!=":
        return left != right
    a, b = number(left), number(right)
    below, equal = a < b, a == b
    match op:
        case "<":
            return below
        case "<=":
            return below or equal
        case ">":
            return not below and not equal
        case _:
            return not below


def _all(operands: tuple[Expr, ...], seen: View, wanted: bool) -> bool:
    """Whether all operands are `wanted`, from the left; one that is not decides, even when others
    are unknown."""
    missing: Unknown | None = None
    for operand in operands:
        try:
            if truth(operand, seen) is not wanted:
                return False
        except Unknown as unknown:
            missing = unknown
    if missing is not None:
        raise missing
    return True


# Definitions


def _ref(expr: Ref, seen: View) -> Value:
    memo_key = (expr.key, expr.part)
    if memo_key in seen.memo:
        found = seen.memo[memo_key]
        if isinstance(found, (Unknown, NoAnswer)):
            raise found
        return found  # type: ignore[return-value]
    definition = seen.index.get(expr.key)
    if definition is None:  # an open figure
        if expr.key not in seen.facts:
            raise Unknown(expr.key)
        return seen.facts[expr.key]
    try:
        found = result(definition, seen, expr.part)
    except (Unknown, NoAnswer) as none:
        seen.memo[memo_key] = none
        raise
    seen.memo[memo_key] = found
    return found


def result(definition: Definition, seen: View, part: str | None = None) -> Value:
    """The value of a definition, or of its payer or column `part`. Raises `Unknown`, `NoAnswer`."""
    match definition:
        case Param():
            if definition.name.key in seen.facts:
                return seen.facts[definition.name.key]
            if definition.open:
                raise Unknown(definition.name.key)
            return _finished(value(version_of(definition, seen).value, seen), definition.finish, seen)
        case Rule():
            chosen = _ground_values(definition, definition.grounds, seen)
            base = value(definition.base, seen) if chosen is None else chosen
            return _finished(base, definition.finish, seen)
        case Table():
            return _finished(_table_value(definition, seen, part), definition.finish, seen)
        case Tiers():
            return tiers_value(definition, seen)
        case Split():
            payers = split_values(definition, seen)
            return payers["" if part is None or part == "total" else part]
        case _:
            assert_never(definition)


def version_of(param: Param, seen: View) -> Version:
    """The version of `param` in force. Raises `Unknown` when it depends on a day not known."""
    if len(param.versions) == 1 and param.versions[0].start is None:
        return param.versions[0]
    on = seen.facts.get(ON)
    if not isinstance(on, date):
        if len(param.versions) == 1:
            return param.versions[0]
        raise Unknown(ON)
    begun = [v for v in param.versions if v.start is None or v.start <= on]
    if not begun:
        raise NoAnswer("before the first day")
    return max(begun, key=lambda v: v.start or date.min)


def _finished(found: Value, finish: tuple[Finish, ...], seen: View) -> Value:
    for clause in finish:
        if not isinstance(found, Fraction):
            return found
        match clause:
            case Rounding():
                if clause.scope == "total":
                    found = round_to(found, clause.step, clause.mode)
            case Limit():
                bound = amount(clause.bound, seen)
                found = min(found, bound) if clause.which == "cap" else max(found, bound)
    return found


def holding(grounds: tuple[Ground, ...], seen: View) -> tuple[Ground, ...]:
    """The grounds that hold, in the order of the text."""
    return tuple(g for g in grounds if truth(g.when, seen))


def _ground_values(rule: Rule, grounds: tuple[Ground, ...], seen: View) -> Value:
    """What the grounds that hold give together, or None when none holds."""
    if rule.overlap in (None, "first"):
        for ground in grounds:
            if truth(ground.when, seen):
                return ground_value(rule, ground, seen)
        return None
    values = [ground_value(rule, g, seen) for g in holding(grounds, seen)]
    return _together(rule.overlap, values) if values else None


def ground_value(rule: Rule, ground: Ground, seen: View) -> Value:
    """What `ground` gives where it holds, its inner grounds included."""
    inner = _ground_values(rule, ground.inner, seen) if ground.inner else None
    return value(ground.value, seen) if inner is None else inner


def _together(overlap: str | None, values: list[Value]) -> Value:
    match overlap:
        case "greatest" | "least":
            return _extreme(str(overlap), values)
        case "sum":
            return sum((v for v in values if isinstance(v, Fraction)), Fraction(0))
        case "count":
            return Fraction(len(values))
        case _:
            return values[0]


def passes(test: Test, found: Value, seen: View) -> bool:
    """Whether a key's value passes the test of a row, an arm or a column."""
    match test:
        case None:
            return True
        case Interval():
            return inside(test, number(found), seen)
        case _:
            if isinstance(found, bool):
                return ("yes" if found else "no") in test
            if isinstance(found, frozenset):
                return not test.isdisjoint(found)
            return found in test


def number(found: Value) -> Fraction:
    """A quantity, or a day as the count of days it is; raises `NoAnswer` for an absent fact."""
    if isinstance(found, date):
        return Fraction(found.toordinal())
    if isinstance(found, Fraction):
        return found
    raise NoAnswer("absent")


def edge(expr: Expr | None, seen: View) -> Fraction | None:
    """A bound of an interval as a number (a day as its count of days); None is open."""
    return None if expr is None else number(value(expr, seen))


def inside(interval: Interval, x: Fraction, seen: View) -> bool:
    low, high = edge(interval.low, seen), edge(interval.high, seen)
    if low is not None and (x < low or (x == low and not interval.low_closed)):
        return False
    return high is None or x < high or (x == high and interval.high_closed)


def _table_value(table: Table, seen: View, part: str | None) -> Value:
    column = 0
    if part is not None:
        column = next((i for i, r in enumerate(table.results) if r.key == part), 0)
    keys = [value(k.value, seen) for k in table.keys]
    held: list[Value] = []
    for row in _rows_that_hold(table, keys, seen):
        found = value(row.results[column], seen)
        if table.overlap in (None, "first"):
            return found
        held.append(found)
    if not held and table.overlap not in ("sum", "count"):
        raise NoAnswer("no row")
    return _together(table.overlap, held)


def _rows_that_hold(table: Table, keys: list[Value], seen: View) -> Iterator[Row]:
    """The rows whose tests all pass, in the order of the text; those that ask for members by bits."""
    if not all(isinstance(k, str) for k in keys):
        for row in table.rows:
            if all(passes(t, k, seen) for t, k in zip(row.tests, keys, strict=False)):
                yield row
        return
    mask = (1 << len(table.rows)) - 1
    for i, key in enumerate(keys):
        memo_key = ("rows", table.name.key, i, key)
        if memo_key not in seen.shared:
            tests = [row.tests[i] for row in table.rows]
            seen.shared[memo_key] = sum(1 << n for n, t in enumerate(tests) if passes(t, key, seen))
        mask &= seen.shared[memo_key]  # type: ignore[operator]
    while mask:
        lowest = mask & -mask
        yield table.rows[lowest.bit_length() - 1]
        mask ^= lowest


# Schedules


def edges_of(band: Band, seen: View) -> Edges:
    """The edges of a band as printed. Raises `Unknown`, `NoAnswer`."""
    i = band.interval
    return Edges(edge(i.low, seen), i.low_closed, edge(i.high, seen), i.high_closed)


def column_of(tiers: Tiers, seen: View) -> int:
    """The number of the column that is read. Raises `Unknown`, `NoAnswer`."""
    if len(tiers.columns) == 1 and all(t is None for t in tiers.columns[0].tests):
        return 0
    keys = [value(k.value, seen) for k in tiers.keys]
    for i, column in enumerate(tiers.columns):
        if all(passes(t, k, seen) for t, k in zip(column.tests, keys, strict=False)):
            return i
    raise NoAnswer("no column")


def tiers_value(
    tiers: Tiers,
    seen: View,
    mode: str | None = None,
    continuous: bool | None = None,
    at: Fraction | None = None,
) -> Fraction:
    """What `tiers` pays; `mode`, `continuous` and the amount `at` may be tried other than written.

    Raises `Unknown`, `NoAnswer`.
    """
    x = amount(tiers.amount, seen) if at is None else at
    if tiers.cap is not None:
        x = min(x, amount(tiers.cap.bound, seen))
    column = column_of(tiers, seen)
    edges = [edges_of(b, seen) for b in tiers.bands]
    if tiers.continuous if continuous is None else continuous:
        edges = joined(edges)
    cells = [amount(b.cells[column], seen) for b in tiers.bands]
    slices = [c for c in tiers.finish if isinstance(c, Rounding) and c.scope != "total"]
    paid: Fraction | None
    match mode or tiers.mode or "marginal":
        case "slab":
            paid = slab(edges, cells, x, cells_are_rates=tiers.cells_are_rates)
        case "interpolated":
            paid = interpolated(edges, cells, x)
        case _:
            paid = marginal(edges, cells, x, slices)
    if paid is None:
        raise NoAnswer("no band")
    done = _finished(paid, tiers.finish, seen)
    assert isinstance(done, Fraction)
    return done


# Splits


def rate_of(share: Share) -> Fraction | None:
    """The share of what is divided, for a percentage, a ratio or `all`; None for 元 and `rest`."""
    p = share.portion
    match p.how:
        case "percent":
            return p.rate
        case "ratio":
            total = sum(p.weights, Fraction(0))
            return p.weight / total if p.weight is not None and total else None
        case "all":
            return Fraction(1)
        case _:
            return None


def payers_of(share: Share) -> Iterator[str]:
    """The keys of a share's payer and of those who divide it."""
    yield share.payer.key
    for part in share.parts:
        yield from payers_of(part)


def holder_of(shares: tuple[Share, ...], split: Split) -> int | None:
    """Which of `shares` takes what rounding leaves over: the holder named, else the payer of the rest."""
    if split.rounding is None:
        return None
    holder = split.rounding.holder
    named = next((i for i, s in enumerate(shares) if s.payer.key == holder), None)
    return (
        named
        if named is not None
        else next((i for i, s in enumerate(shares) if s.portion.how == "rest"), None)
    )


def divide(
    shares: tuple[Share, ...], whole: Fraction, split: Split, seen: View
) -> list[tuple[Fraction, Fraction]]:
    """Each share's exact part of `whole` and what it is after rounding. Raises `Unknown`, `NoAnswer`."""
    exact: list[Fraction | None] = []
    for share in shares:
        rate = rate_of(share)
        if rate is not None:
            exact.append(rate * whole)
        elif share.portion.amount is not None:
            exact.append(amount(share.portion.amount, seen))
        else:
            exact.append(None)
    full = exact_shares(whole, exact)
    rated = [i for i, s in enumerate(shares) if s.portion.how in ("percent", "ratio")]
    return list(
        zip(full, paid_shares(whole, full, rated, split.rounding, holder_of(shares, split)), strict=True)
    )


def total_of(split: Split, seen: View) -> Fraction:
    """The amount a split divides; of a split of a share, that share where its payer has one.

    Raises `Unknown`, `NoAnswer`.
    """
    if split.parent is None:
        assert split.total is not None
        return amount(split.total, seen)
    root = seen.index.get(split.parent[0])
    if not isinstance(root, Split):
        raise NoAnswer("no such split")
    reached = _reached(root, seen)
    if split.parent[1] not in reached:
        raise NoAnswer("not a payer here")
    return reached[split.parent[1]]


def split_values(split: Split, seen: View) -> dict[str, Fraction]:
    """What each payer of an outermost split bears, those who have no part 0; "" is the total."""
    payers = {
        payer
        for d in (split, *_splits_of_shares(split, seen).values())
        for arm in d.arms
        for share in arm.shares
        for payer in payers_of(share)
    }
    return {**dict.fromkeys(payers, Fraction(0)), **_reached(split, seen)}


def _splits_of_shares(split: Split, seen: View) -> dict[str, Split]:
    name = split.name.key
    return {
        d.parent[1]: d
        for d in seen.policy.definitions
        if isinstance(d, Split) and d.parent and d.parent[0] == name
    }


def _reached(split: Split, seen: View) -> dict[str, Fraction]:
    """What the payers of the arms that apply bear; "" is the total."""
    below = _splits_of_shares(split, seen)
    whole = total_of(split, seen)
    out = {"": whole}

    def descend(of: Split, shares: tuple[Share, ...], divided: Fraction) -> None:
        for share, (_, part) in zip(shares, divide(shares, divided, of, seen), strict=True):
            out[share.payer.key] = part
            if share.parts:
                descend(of, share.parts, part)
            elif share.payer.key in below:
                nested = below[share.payer.key]
                descend(nested, arm_of(nested, seen), part)

    descend(split, arm_of(split, seen), whole)
    return out


def arm_of(split: Split, seen: View) -> tuple[Share, ...]:
    """The shares that apply. Raises `Unknown`, `NoAnswer`."""
    keys = [value(k.value, seen) for k in split.keys]
    for arm in split.arms:
        if all(passes(t, k, seen) for t, k in zip(arm.tests, keys, strict=False)):
            return arm.shares
    raise NoAnswer("no arm")
