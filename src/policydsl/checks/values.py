"""What is an expression of the model worth, when some or all facts of the case are known?

Exact values under a partial assignment of facts, and the facts that a value depends on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import assert_never

from policydsl.expressions import (
    LARGEST_FRACTIONS,
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
    children,
)
from policydsl.facts import Fact
from policydsl.model import (
    Band,
    Definition,
    Ground,
    Param,
    Policy,
    Row,
    Rule,
    Share,
    Split,
    Table,
    Tiers,
    Version,
)
from policydsl.nodes import Node, field, node
from policydsl.rounding import end_of_period, round_to

#: The fact that says on which day the case is; it exists where figures change with time.
ON = "on"


class Unknown(Exception):
    """The value depends on a fact that the assignment does not have."""


class NoAnswer(Exception):
    """The policy gives no value here: undefined, no row, no band, a division by zero."""


@node
class Range(Node):
    """The values from `low` to `high`, both included; None is without end."""

    low: Fraction | None
    high: Fraction | None

    def holds(self, x: Fraction) -> bool:
        return (self.low is None or self.low <= x) and (self.high is None or x <= self.high)


@node
class View(Node):
    """A policy seen with some facts known, by key; `"on"` is the day of the case.

    `ranges` narrows quantities that are not known. `opaque` gives conditions that nothing can
    decide (two dates compared, a product of inputs) the truth values to try.
    """

    policy: Policy
    index: Mapping[str, Definition]
    inputs: Mapping[str, Fact]
    facts: Mapping[str, Value]
    ranges: Mapping[str, Range] = field(factory=dict)
    opaque: Mapping[Expr, bool] = field(factory=dict)
    memo: dict[object, object] = field(factory=dict)
    shared: dict[object, object] = field(factory=dict)


def view(policy: Policy) -> View:
    """`policy` with no fact known."""
    index: dict[str, Definition] = {}
    for d in policy.definitions:
        index.setdefault(d.name.key, d)
    return View(policy, index, {f.name.key: f for f in policy.facts}, {})


def knowing(seen: View, facts: Mapping[str, Value]) -> View:
    """`seen` with `facts` known as well."""
    if not facts:
        return seen
    return View(
        seen.policy,
        seen.index,
        seen.inputs,
        {**seen.facts, **facts},
        seen.ranges,
        seen.opaque,
        shared=seen.shared,
    )


def supposing(seen: View, opaque: Mapping[Expr, bool]) -> View:
    """`seen` with truth values for conditions that cannot be decided."""
    if not opaque:
        return seen
    return View(seen.policy, seen.index, seen.inputs, seen.facts, seen.ranges, opaque, shared=seen.shared)


def within(seen: View, ranges: Mapping[str, Range]) -> View:
    """`seen` with narrower ranges for some inputs."""
    if not ranges:
        return seen
    return View(
        seen.policy,
        seen.index,
        seen.inputs,
        seen.facts,
        {**seen.ranges, **ranges},
        seen.opaque,
        shared=seen.shared,
    )


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


@node
class Edges(Node):
    """A band's two edges as numbers, and whether each belongs to it; None is without end."""

    low: Fraction | None
    low_closed: bool
    high: Fraction | None
    high_closed: bool


def edges_of(band: Band, seen: View) -> Edges:
    """The edges of a band as printed. Raises `Unknown`, `NoAnswer`."""
    i = band.interval
    return Edges(edge(i.low, seen), i.low_closed, edge(i.high, seen), i.high_closed)


def joined(edges: list[Edges]) -> list[Edges]:
    """The bands made continuous: each begins where the one before it ends."""
    out: list[Edges] = []
    for e in edges:
        before = out[-1].high if out else None
        out.append(e if before is None else Edges(before, False, e.high, e.high_closed))
    return out


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
    match mode or tiers.mode or "marginal":
        case "slab":
            paid = _slab(tiers, edges, cells, x)
        case "interpolated":
            paid = _interpolated(edges, cells, x)
        case _:
            paid = _marginal(edges, cells, x, slices)
    done = _finished(paid, tiers.finish, seen)
    assert isinstance(done, Fraction)
    return done


def _marginal(edges: list[Edges], cells: list[Fraction], x: Fraction, roundings: list[Rounding]) -> Fraction:
    total = Fraction(0)
    for e, rate in zip(edges, cells, strict=True):
        low = Fraction(0) if e.low is None else e.low
        part = max(Fraction(0), (x if e.high is None else min(x, e.high)) - low)
        for r in roundings:
            if r.scope == "slice":
                part = round_to(part, r.step, r.mode)
        paid = part * rate
        for r in roundings:
            if r.scope == "product":
                paid = round_to(paid, r.step, r.mode)
        total += paid
    return total


def _slab(tiers: Tiers, edges: list[Edges], cells: list[Fraction], x: Fraction) -> Fraction:
    first = edges[0].low if edges and edges[0].low is not None else Fraction(0)
    for e, cell in zip(edges, cells, strict=True):
        if holds(e, x):
            return (x - first) * cell if tiers.cells_are_rates else cell
    raise NoAnswer("no band")


def holds(e: Edges, x: Fraction) -> bool:
    """Whether the amount `x` lies in a band with these edges."""
    if e.low is not None and (x < e.low or (x == e.low and not e.low_closed)):
        return False
    return e.high is None or x < e.high or (x == e.high and e.high_closed)


def _interpolated(edges: list[Edges], cells: list[Fraction], x: Fraction) -> Fraction:
    points = [(e.low, c) for e, c in zip(edges, cells, strict=True) if e.low is not None]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 <= x <= x1:
            return y0 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    if len(points) == 1 and points[0][0] == x:
        return points[0][1]
    raise NoAnswer("no point")


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
    rest = whole - sum((e for e in exact if e is not None), Fraction(0))
    full = [rest if e is None else e for e in exact]
    rounding = split.rounding
    if rounding is None:
        return [(e, e) for e in full]
    if rounding.holder == LARGEST_FRACTIONS:
        return _by_fractions(shares, full, rounding)
    holder = holder_of(shares, split)
    out = [
        (e, e if s.portion.how not in ("percent", "ratio") else round_to(e, rounding.step, rounding.mode))
        for s, e in zip(shares, full, strict=True)
    ]
    if holder is not None:
        others = sum((r for i, (_, r) in enumerate(out) if i != holder), Fraction(0))
        out[holder] = (full[holder], whole - others)
    return out


def _by_fractions(
    shares: tuple[Share, ...], full: list[Fraction], rounding: Rounding
) -> list[tuple[Fraction, Fraction]]:
    turn = [i for i, s in enumerate(shares) if s.portion.how in ("percent", "ratio")]
    kept = [round_to(e, rounding.step, "floor") if i in turn else e for i, e in enumerate(full)]
    left = sum(full, Fraction(0)) - sum(kept, Fraction(0))
    for i in sorted(turn, key=lambda i: kept[i] - full[i]):
        if left < rounding.step:
            break
        kept[i] += rounding.step
        left -= rounding.step
    if turn:
        kept[turn[0]] += left
    return list(zip(full, kept, strict=True))


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


# What a value depends on


def facts_of(expr: Expr, seen: View) -> frozenset[str]:
    """The keys of all facts that `expr` may need, through definitions too."""
    memo_key = ("facts", expr)
    if memo_key in seen.shared:
        return seen.shared[memo_key]  # type: ignore[return-value]
    out: set[str] = set()
    match expr:
        case Input() | Present():
            out.add(expr.key)
        case Ref():
            out |= facts_of_definition(expr.key, seen)
        case _:
            for child in children(expr):
                out |= facts_of(child, seen)
    found = frozenset(out)
    seen.shared[memo_key] = found
    return found


def facts_of_definition(key: str, seen: View) -> frozenset[str]:
    """The keys of all facts that the definition `key` may need."""
    memo_key = ("facts of", key)
    if memo_key in seen.shared:
        return seen.shared[memo_key]  # type: ignore[return-value]
    definition = seen.index.get(key)
    out: set[str] = set()
    if definition is None or (isinstance(definition, Param) and definition.open):
        out.add(key)
    elif isinstance(definition, Param) and any(v.start for v in definition.versions):
        out.add(ON)
    if definition is not None:
        for expr in expressions_of(definition, seen):
            out |= facts_of(expr, seen)
    found = frozenset(out)
    seen.shared[memo_key] = found
    return found


def expressions_of(definition: Definition, seen: View | None = None) -> Iterator[Expr]:
    """Every expression that stands in a definition; with `seen`, those of splits of its shares too."""
    match definition:
        case Param():
            for version in definition.versions:
                yield version.value
            yield from _finish_expressions(definition.finish)
        case Rule():
            yield definition.base
            yield from _ground_expressions(definition.grounds)
            yield from _finish_expressions(definition.finish)
        case Table():
            for key in definition.keys:
                yield key.value
            for row in definition.rows:
                yield from row.results
                for test in row.tests:
                    if isinstance(test, Interval):
                        yield from interval_expressions(test)
            yield from _finish_expressions(definition.finish)
        case Tiers():
            yield definition.amount
            for key in definition.keys:
                yield key.value
            for band in definition.bands:
                yield from interval_expressions(band.interval)
                yield from band.cells
            if definition.cap is not None:
                yield definition.cap.bound
            yield from _finish_expressions(definition.finish)
        case Split():
            if definition.total is not None:
                yield definition.total
            for key in definition.keys:
                yield key.value
            for arm in definition.arms:
                yield from _share_expressions(arm.shares)
            if seen is not None and definition.parent is None:
                for d in seen.policy.definitions:
                    if isinstance(d, Split) and d.parent and d.parent[0] == definition.name.key:
                        yield from expressions_of(d)
        case _:
            assert_never(definition)


def interval_expressions(interval: Interval) -> Iterator[Expr]:
    if interval.low is not None:
        yield interval.low
    if interval.high is not None:
        yield interval.high


def _finish_expressions(finish: tuple[Finish, ...]) -> Iterator[Expr]:
    for clause in finish:
        if isinstance(clause, Limit):
            yield clause.bound


def _ground_expressions(grounds: tuple[Ground, ...]) -> Iterator[Expr]:
    for ground in grounds:
        yield ground.when
        yield ground.value
        yield from _ground_expressions(ground.inner)


def _share_expressions(shares: tuple[Share, ...]) -> Iterator[Expr]:
    for share in shares:
        if share.portion.amount is not None:
            yield share.portion.amount
        yield from _share_expressions(share.parts)


def walk(expr: Expr) -> Iterator[Expr]:
    """`expr` and every expression inside it."""
    yield expr
    for child in children(expr):
        yield from walk(child)
