"""What is the value of a definition? Each form of body by its own rule, with a trace of how."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias, assert_never

from policydsl.dividing import exact_shares, paid_shares
from policydsl.expressions import (
    LARGEST_FRACTIONS,
    Finish,
    Interval,
    Limit,
    Rounding,
    Test,
    Value,
)
from policydsl.interpret.expressions import (
    Environment,
    compare,
    compute,
    extreme,
    first_extreme,
    number,
    truth,
)
from policydsl.ir import (
    Allotment,
    Definition,
    Division,
    Exceptions,
    Formula,
    Ground,
    Key,
    Lookup,
    Overlap,
    Part,
    Schedule,
)
from policydsl.rounding import round_to
from policydsl.runtime import PolicyError
from policydsl.trace import (
    AllotmentTrace,
    BodyTrace,
    Computed,
    DivisionTrace,
    ExceptionsTrace,
    Finished,
    FormulaTrace,
    HeldGround,
    LookupTrace,
    PartTrace,
    ScheduleTrace,
    Slice,
    Step,
)

Parts: TypeAlias = tuple[tuple[str, "Value | tuple[str, ...]"], ...]


def run(definition: Definition, env: Environment) -> Step:
    """The definition's value with its trace; raises `PolicyError` PC108 where there is none."""
    body = definition.body
    trace: BodyTrace
    parts: Parts = ()
    match body:
        case Formula():
            trace = FormulaTrace(compute(body.value, env))
            value = trace.value.value
        case Lookup():
            trace = _lookup(body, env)
            if len(body.results) > 1:
                return _columns(definition, body, trace, env)
            value = trace.values[0]
        case Schedule():
            trace = _schedule(body, env)
            value = sum((s.product for s in trace.slices), Fraction(0))
        case Exceptions():
            trace, value = _exceptions(body, env)
            parts = (("ground", _ground_key(trace)), ("held", held_keys(trace)))
        case Allotment():
            trace = _allotment(body, env)
            value = trace.division.whole
            parts = _payers(body, trace)
        case _:
            assert_never(body)
    finished, value = _finish(definition.finish, value, env)
    return Step(definition, trace, finished, value, parts)


def _columns(definition: Definition, body: Lookup, trace: LookupTrace, env: Environment) -> Step:
    """A table of several results has no value of its own; its last lines apply to each quantity."""
    parts: list[tuple[str, Value | tuple[str, ...]]] = []
    finished: tuple[Finished, ...] = ()
    for name, value in zip(body.results, trace.values, strict=True):
        if isinstance(value, Fraction):
            done, value = _finish(definition.finish, value, env)
            finished += done
        parts.append((name.key, value))
    return Step(definition, trace, finished, None, tuple(parts))


def _finish(clauses: Sequence[Finish], value: Value, env: Environment) -> tuple[tuple[Finished, ...], Value]:
    """Apply the lines after a value in order. Roundings of slices and products are done by then."""
    finished: list[Finished] = []
    for clause in clauses:
        if isinstance(clause, Rounding) and clause.scope != "total":
            continue
        assert isinstance(value, Fraction)
        before, bound = value, None
        match clause:
            case Rounding():
                value = round_to(value, clause.step, clause.mode)
            case Limit():
                bound = compute(clause.bound, env)
                value = min(value, number(bound)) if clause.which == "cap" else max(value, number(bound))
            case _:
                assert_never(clause)
        finished.append(Finished(clause, before, value, bound))
    return tuple(finished), value


# keys, rows, columns


def _keys(keys: Sequence[Key], env: Environment) -> tuple[Computed, ...]:
    return tuple(compute(k.value, env) for k in keys)


def _passes(test: Test, value: Value, env: Environment) -> bool:
    match test:
        case None:
            return True
        case frozenset():
            if isinstance(value, bool):
                return ("yes" if value else "no") in test
            if isinstance(value, frozenset):
                return not value.isdisjoint(test)
            return value in test
        case Interval():
            return _inside(test, value, env)
        case _:
            assert_never(test)


def _inside(interval: Interval, value: Value, env: Environment) -> bool:
    if interval.low is not None:
        low = compute(interval.low, env).value
        if not compare(">=" if interval.low_closed else ">", value, low):
            return False
    if interval.high is not None:
        high = compute(interval.high, env).value
        if not compare("<=" if interval.high_closed else "<", value, high):
            return False
    return True


def _all_pass(tests: Sequence[Test], keys: Sequence[Computed], env: Environment) -> bool:
    return all(_passes(t, k.value, env) for t, k in zip(tests, keys, strict=True))


def _lookup(body: Lookup, env: Environment) -> LookupTrace:
    keys = _keys(body.keys, env)
    held = tuple(row for row in body.rows if _all_pass(row.tests, keys, env))
    if body.overlap == "count":
        return LookupTrace(keys, held, None, tuple(Fraction(len(held)) for _ in body.results))
    if not held:
        if body.overlap == "sum":
            return LookupTrace(keys, held, None, tuple(Fraction(0) for _ in body.results))
        shown = ", ".join(f"{k.name} {_shown(c.value)}" for k, c in zip(body.keys, keys, strict=True))
        raise env.no_answer(shown)
    if body.overlap in ("agree", "first"):
        first = tuple(compute(r, env) for r in held[0].results)
        return LookupTrace(keys, held, held[0], tuple(c.value for c in first), (first,))
    results = tuple(tuple(compute(r, env) for r in row.results) for row in held)
    columns = [[row[i].value for row in results] for i in range(len(body.results))]
    if body.overlap == "sum":
        only = held[0] if len(held) == 1 else None
        return LookupTrace(keys, held, only, tuple(_sum(values) for values in columns), results)
    rows = {first_extreme(body.overlap, values) for values in columns}
    chosen = held[rows.pop()] if len(rows) == 1 else None
    values = tuple(extreme(body.overlap, values) for values in columns)
    return LookupTrace(keys, held, chosen, values, results)


def _shown(value: Value) -> str:
    return str(value)


def _sum(values: Sequence[Value]) -> Fraction:
    total = Fraction(0)
    for value in values:
        assert isinstance(value, Fraction)
        total += value
    return total


# bands


def _schedule(body: Schedule, env: Environment) -> ScheduleTrace:
    keys = _keys(body.keys, env)
    amount = compute(body.amount, env)
    counted = number(amount)
    cap = None if body.cap is None else compute(body.cap, env)
    if cap is not None:
        counted = min(counted, number(cap))
    column = next((i for i, c in enumerate(body.columns) if _all_pass(c.tests, keys, env)), None)
    if column is None:
        shown = ", ".join(f"{k.name} {_shown(c.value)}" for k, c in zip(body.keys, keys, strict=True))
        raise env.no_answer(shown)
    bounds = tuple(
        (compute(b.low, env), None if b.high is None else compute(b.high, env)) for b in body.bands
    )
    edges = tuple((number(low), None if high is None else number(high)) for low, high in bounds)
    match body.mode:
        case "marginal":
            slices = _marginal(body, counted, column, edges, env)
        case "slab":
            slices = (_slab(body, counted, column, edges, env),)
        case "interpolated":
            slices = _interpolated(body, counted, column, [low for low, _ in edges], env)
        case _:
            assert_never(body.mode)
    return ScheduleTrace(keys, amount, counted, column, body.columns[column], edges, slices, bounds, cap)


Edges: TypeAlias = tuple[tuple[Fraction, "Fraction | None"], ...]


def _rounded(value: Fraction, rounding: Rounding | None) -> Fraction:
    return value if rounding is None else round_to(value, rounding.step, rounding.mode)


def _marginal(
    body: Schedule, counted: Fraction, column: int, edges: Edges, env: Environment
) -> tuple[Slice, ...]:
    slices: list[Slice] = []
    for i, (band, (low, high)) in enumerate(zip(body.bands, edges, strict=True)):
        top = counted if high is None else min(counted, high)
        if top <= low:
            continue
        part = _rounded(top - low, body.each_slice)
        cell = compute(band.cells[column], env)
        exact = part * number(cell)
        product = _rounded(exact, body.each_product)
        slices.append(Slice(i + 1, band, low, high, top - low, part, cell, exact, product))
    return tuple(slices)


def _slab(body: Schedule, counted: Fraction, column: int, edges: Edges, env: Environment) -> Slice:
    for i, (band, (low, high)) in enumerate(zip(body.bands, edges, strict=True)):
        above = counted >= low if band.low_closed else counted > low
        below = high is None or (counted <= high if band.high_closed else counted < high)
        if above and below:
            first = edges[0][0]
            part = counted - first
            cell = compute(band.cells[column], env)
            product = part * number(cell) if body.cells_are_rates else number(cell)
            return Slice(i + 1, band, first, high, part, part, cell, product, product)
    raise env.no_answer(_shown(counted))


def _interpolated(
    body: Schedule, counted: Fraction, column: int, points: Sequence[Fraction], env: Environment
) -> tuple[Slice, ...]:
    def point(i: int, weight: Fraction) -> Slice:
        cell = compute(body.bands[i].cells[column], env)
        product = weight * number(cell)
        return Slice(i + 1, body.bands[i], points[i], points[i], weight, weight, cell, product, product)

    for i, at in enumerate(points):
        if counted == at:
            return (point(i, Fraction(1)),)
        if i and points[i - 1] < counted < at:
            above = (counted - points[i - 1]) / (at - points[i - 1])
            return point(i - 1, 1 - above), point(i, above)
    raise env.no_answer(_shown(counted))


# grounds


def _exceptions(body: Exceptions, env: Environment) -> tuple[ExceptionsTrace, Value]:
    outcome = _grounds(body.grounds, body.overlap, env)
    if outcome is None:
        base = compute(body.base, env)
        return ExceptionsTrace(base, (), ()), base.value
    held, value, chosen = outcome
    if isinstance(value, PolicyError):
        raise value
    return ExceptionsTrace(None, held, chosen), value


_Outcome: TypeAlias = tuple[tuple[HeldGround, ...], "Value | PolicyError", "tuple[Ground, ...] | None"]


def _grounds(grounds: Sequence[Ground], overlap: Overlap, env: Environment) -> _Outcome | None:
    """The grounds that hold, what they give together, and the path to the one that gave it.

    None when none holds. The value of a ground that is passed over may be missing: it is the
    answer's error only if it is needed for the answer.
    """
    held: list[HeldGround] = []
    values: list[Value | PolicyError] = []
    paths: list[tuple[Ground, ...] | None] = []
    for ground in grounds:
        when = compute(ground.when, env)
        if not truth(when):
            continue
        inner = _grounds(ground.inner, overlap, env)
        value: Value | PolicyError
        if inner is None:
            computed = _or_error(ground, env)
            value, path = computed if isinstance(computed, PolicyError) else computed.value, (ground,)
            shown = Computed(ground.value, None) if isinstance(computed, PolicyError) else computed
            held.append(HeldGround(ground, when, shown))
            paths.append(path)
        else:
            inner_held, value, inner_path = inner
            shown = Computed(ground.value, None if isinstance(value, PolicyError) else value)
            held.append(HeldGround(ground, when, shown, inner_held))
            paths.append(None if inner_path is None else (ground, *inner_path))
        values.append(value)
    if not held:
        return None
    value, which = _together(overlap, values)
    return tuple(held), value, None if which is None else paths[which]


def _or_error(ground: Ground, env: Environment) -> Computed | PolicyError:
    try:
        return compute(ground.value, env)
    except PolicyError as error:
        return error


def _together(
    overlap: Overlap, values: Sequence[Value | PolicyError]
) -> tuple[Value | PolicyError, int | None]:
    """What several grounds give, and which of them gave it (None: more than one)."""
    if overlap in ("agree", "first"):
        return values[0], 0
    if overlap == "count":
        return Fraction(len(values)), 0 if len(values) == 1 else None
    known: list[Value] = []
    for value in values:
        if isinstance(value, PolicyError):
            return value, None
        known.append(value)
    if overlap == "sum":
        return _sum(known), 0 if len(known) == 1 else None
    which = first_extreme(overlap, known)
    return known[which], which


def ground_key(path: Sequence[Ground]) -> str:
    """The key of a ground as results name it; an inner one after its outer ones: `full.veteran`."""
    key = ""
    for ground in path:
        own = ground.name.key
        key = own if not key or own.startswith(f"{key}.") else f"{key}.{own}"
    return key or "base"


def held_keys(trace: ExceptionsTrace) -> tuple[str, ...]:
    """The keys of all grounds that held, inner ones after their outer one, in the notice's order."""

    def walk(held: Sequence[HeldGround], outer: tuple[Ground, ...]) -> list[str]:
        keys: list[str] = []
        for h in held:
            path = (*outer, h.ground)
            keys.append(ground_key(path))
            keys += walk(h.inner, path)
        return keys

    return tuple(walk(trace.held, ()))


def _ground_key(trace: ExceptionsTrace) -> str:
    return held_keys(trace)[0] if trace.chosen is None else ground_key(trace.chosen)


# splits


def _allotment(body: Allotment, env: Environment) -> AllotmentTrace:
    total = compute(body.total, env)
    return AllotmentTrace(total, _division(body.division, number(total), env))


def _division(division: Division, whole: Fraction, env: Environment) -> DivisionTrace:
    keys = _keys(division.keys, env)
    arm = next((a for a in division.arms if _all_pass(a.tests, keys, env)), None)
    if arm is None:
        shown = ", ".join(f"{k.name} {_shown(c.value)}" for k, c in zip(division.keys, keys, strict=True))
        raise env.no_answer(shown)
    amounts = [None if p.portion.amount is None else compute(p.portion.amount, env) for p in arm.parts]
    exact = _exact_shares(arm.parts, amounts, whole)
    holder = _holder(arm.parts, division.rounding)
    # The payer of the rest takes what rounding leaves over, unless a holder is named.
    rest = next((i for i, part in enumerate(arm.parts) if part.portion.how == "rest"), None)
    rated = [i for i, part in enumerate(arm.parts) if _is_rounded(part)]
    taker = holder if holder is not None else rest
    values = paid_shares(whole, exact, rated, division.rounding, taker)
    parts: list[PartTrace] = []
    for i, part in enumerate(arm.parts):
        rounded = division.rounding is not None and i != holder and _is_rounded(part)
        rounding = division.rounding if rounded else None
        below = None if part.division is None else _division(part.division, values[i], env)
        parts.append(PartTrace(part, exact[i], values[i], rounding, i == holder, below, amounts[i]))
    return DivisionTrace(whole, division, keys, arm, tuple(parts))


def _is_rounded(part: Part) -> bool:
    return part.portion.how == "rate"


def _exact_shares(
    parts: Sequence[Part], amounts: Sequence[Computed | None], whole: Fraction
) -> list[Fraction]:
    shares: list[Fraction | None] = []
    for part, amount in zip(parts, amounts, strict=True):
        portion = part.portion
        match portion.how:
            case "rate":
                assert portion.rate is not None
                shares.append(whole * portion.rate)
            case "fixed":
                assert amount is not None
                shares.append(number(amount))
            case "all":
                shares.append(whole)
            case "rest":
                shares.append(None)
            case _:
                assert_never(portion.how)
    return exact_shares(whole, shares)


def _holder(parts: Sequence[Part], rounding: Rounding | None) -> int | None:
    """Who takes the whole minus the others: the holder named; where he has no part in this arm,
    the payer of the rest, else the last payer of a rate. Nobody where nothing is rounded."""
    if rounding is None or rounding.holder in (None, LARGEST_FRACTIONS):
        return None
    rounded = [i for i, part in enumerate(parts) if _is_rounded(part)]
    if not rounded:
        return None
    named = next((i for i, part in enumerate(parts) if part.payer == rounding.holder), None)
    rest = next((i for i, part in enumerate(parts) if part.portion.how == "rest"), None)
    return named if named is not None else rest if rest is not None else rounded[-1]


def _payers(body: Allotment, trace: AllotmentTrace) -> Parts:
    paid = {name.key: Fraction(0) for name in (*body.leaves, *body.subtotals)}

    def collect(division: DivisionTrace) -> None:
        for part in division.parts:
            paid[part.part.payer] = paid.get(part.part.payer, Fraction(0)) + part.value
            if part.division is not None:
                collect(part.division)

    collect(trace.division)
    return (*paid.items(), ("total", trace.division.whole))
