"""Does every amount lie in exactly one band of a schedule, and does each band have its rate?"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import floor

from policydsl.amounts import say_decimal, say_rate
from policydsl.checks import words
from policydsl.checks.bounds import bounds, common, first_on_grid, grain
from policydsl.checks.coverage import as_person, axis, cells, may_be, members_of, rows_of
from policydsl.checks.people import people
from policydsl.checks.reach import facts_of, interval_expressions
from policydsl.checks.slices import Edges, holds, joined
from policydsl.checks.values import NoAnswer, Unknown, column_of, edges_of, known_amount, tiers_value
from policydsl.checks.views import Range, View, on_its_days, view
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.expressions import Constant, Expr, Input
from policydsl.kinds import is_money
from policydsl.model import Policy, Tiers
from policydsl.nodes import Node, Span, node


def check(policy: Policy) -> Iterator[Diagnostic]:
    """The problems of all schedules."""
    every = view(policy)
    for d in policy.definitions:
        seen = on_its_days(every, d.name.key)
        if isinstance(d, Tiers) and d.bands:
            yield from _mode(d, seen)
            yield from _columns(d, seen)
            yield from _after_open(d)
            yield from _edges(d, seen)
            yield from _rates(d, seen)
            yield from _checked_columns(d, seen)


def _edge_facts(tiers: Tiers, seen: View) -> set[str]:
    out: set[str] = set()
    for band in tiers.bands:
        for expr in interval_expressions(band.interval):
            out |= facts_of(expr, seen)
    if tiers.cap is not None:
        out |= facts_of(tiers.cap.bound, seen)
    return out


def _all_facts(tiers: Tiers, seen: View) -> set[str]:
    """The facts that edges, columns and cells depend on, but not the amount's."""
    out = _edge_facts(tiers, seen)
    for key in tiers.keys:
        out |= facts_of(key.value, seen)
    for band in tiers.bands:
        for cell in band.cells:
            out |= facts_of(cell, seen)
    return out


def _say(x: Fraction, tiers: Tiers, seen: View) -> Words:
    return words.edge(x, tiers.amount.kind, seen.policy)


def _amount_case(tiers: Tiers, who: View, x: Fraction) -> tuple[tuple[str, str], ...]:
    if isinstance(tiers.amount, Input):
        return words.case(who, {tiers.amount.key: x})
    return words.case(who)


def _in(who: View) -> Words:
    """The person in brackets, or nothing."""
    said = words.person(who)
    return words.both(f" ({said.en})", f"（{said.zh}）") if said.zh else said


# How the amount is cut


def _mode(tiers: Tiers, seen: View) -> Iterator[Diagnostic]:
    if tiers.mode is None:
        yield Diagnostic(
            codes.MODE_MISSING,
            tiers.name.span,
            {"name": words.named(tiers.name), "readings": _modes_priced(tiers, seen)},
        )
    if tiers.of_the_part and tiers.mode == "slab":
        yield Diagnostic(codes.PART_IN_SLAB, tiers.name.span, {"name": words.named(tiers.name)})
    if tiers.mode == "marginal" and not tiers.cells_are_rates:
        yield Diagnostic(
            codes.AMOUNTS_IN_MARGINAL, tiers.bands[0].cells[0].span, {"name": words.named(tiers.name)}
        )


def _modes_priced(tiers: Tiers, seen: View) -> Words:
    """What the two ways of reading bands would pay on one amount."""
    for who in people(_all_facts(tiers, seen), seen) or ():
        try:
            edges = [edges_of(b, who) for b in tiers.bands]
            x = _typical(edges)
            if x is None or not tiers.cells_are_rates:
                break
            m = tiers_value(tiers, who, mode="marginal", continuous=True, at=x)
            s = tiers_value(tiers, who, mode="slab", continuous=True, at=x)
        except (Unknown, NoAnswer):
            continue
        said, in_, p = _say(x, tiers, seen), _in(who), seen.policy
        return words.both(
            f": for {said.en}{in_.en} marginal pays {words.money(m, p)}, slab {words.money(s, p)}",
            f"：例如{said.zh}{in_.zh}，超额累进为{words.money(m, p)}，全额累进为{words.money(s, p)}",
        )
    return words.both("", "")


def _typical(edges: list[Edges]) -> Fraction | None:
    """An amount in the middle of the second band, or above its edge."""
    if len(edges) < 2 or edges[1].low is None:
        return None
    low, high = edges[1].low, edges[1].high
    return 2 * floor(low) + Fraction(0) if high is None else Fraction(floor((floor(low) + high) / 2))


def _columns(tiers: Tiers, seen: View) -> Iterator[Diagnostic]:
    if not tiers.keys:
        return
    axes = []
    for i, key in enumerate(tiers.keys):
        values = members_of(key, seen)
        if values is None:
            return
        axes.append(axis(values, [c.tests[i] for c in tiers.columns]))
    found = cells(axes, len(tiers.columns))
    if found is None:
        yield Diagnostic(codes.TOO_MANY_CASES, tiers.name.span, {"name": words.named(tiers.name)})
        return
    missing: list[View] = []
    twice: set[tuple[int, int]] = set()
    for atoms, mask in found:
        who = as_person(tiers.keys, atoms, seen)
        if mask == 0 and may_be(who):
            missing.append(who)
        elif mask & (mask - 1) and may_be(who):
            one, two = rows_of(mask)[:2]
            if (one, two) not in twice:
                twice.add((one, two))
                yield Diagnostic(
                    codes.COLUMN_TWICE,
                    tiers.columns[two].span,
                    {"name": words.named(tiers.name), "who": words.person(who)},
                    (Label(tiers.columns[one].span, words.both("and here", "另一栏")),),
                    words.case(who),
                )
    if missing:
        yield Diagnostic(
            codes.COLUMN_MISSING,
            tiers.columns[-1].span,
            {
                "name": words.named(tiers.name),
                "who": words.listed([words.both(f"({_in(w).en[2:]}", _in(w).zh) for w in missing[:4]]),
                "count": len(missing),
            },
            case=words.case(missing[0]),
        )


def _after_open(tiers: Tiers) -> Iterator[Diagnostic]:
    if tiers.mode == "interpolated":
        return
    for i, band in enumerate(tiers.bands[:-1]):
        if band.interval.high is None:
            yield Diagnostic(
                codes.BAND_AFTER_OPEN,
                tiers.bands[i + 1].interval.span,
                {"open": i + 1, "after": i + 2},
                (Label(band.interval.span, words.both("open above", "上不封顶")),),
            )
            return


# Where bands begin and end


@node
class Schedule(Node):
    """A schedule with its edges for one person."""

    tiers: Tiers
    who: View
    edges: tuple[Edges, ...]
    range: Range
    step: Fraction | None


def _edges(tiers: Tiers, seen: View) -> Iterator[Diagnostic]:
    found = people(_edge_facts(tiers, seen), seen)
    if found is None:
        yield Diagnostic(codes.TOO_MANY_CASES, tiers.name.span, {"name": words.named(tiers.name)})
        return
    reported: set[tuple[str, int, int]] = set()
    for who in found:
        try:
            edges = tuple(edges_of(b, who) for b in tiers.bands)
        except Unknown:
            yield from _once(_crossing(tiers, who), reported)
            continue
        except NoAnswer:
            continue  # a table without this cell says so itself
        schedule = Schedule(tiers, who, edges, bounds(tiers.amount, who), _step(tiers, who))
        yield from _once(_one_person(schedule), reported)


def _step(tiers: Tiers, who: View) -> Fraction | None:
    """A step of which every amount that is looked up is a whole multiple; the cap is one of them."""
    step = grain(tiers.amount, who)
    return step if tiers.cap is None else common(step, grain(tiers.cap.bound, who))


def _once(found: Iterator[Diagnostic], reported: set[tuple[str, int, int]]) -> Iterator[Diagnostic]:
    """Each problem at a place for the first person only; bands that all end a yuan short, once."""
    for d in found:
        place = (d.code.number, d.span.start, d.span.end)
        if d.code is codes.WHOLE_UNIT_BANDS:
            place = (d.code.number, 0, 0)
        if place not in reported:
            reported.add(place)
            yield d


def _one_person(s: Schedule) -> Iterator[Diagnostic]:
    disorder = list(_descending(s)) or list(_out_of_order(s))
    if disorder:
        yield from disorder
        return
    if s.tiers.mode != "interpolated":
        for i in range(len(s.edges) - 1):
            yield from _between(s, i)
    yield from _top(s)
    yield from _below(s)


def _is_figure(expr: Expr | None) -> bool:
    return expr is None or isinstance(expr, Constant)


def _descending(s: Schedule) -> Iterator[Diagnostic]:
    """Bands whose lower bound is above their upper one: as printed, or for this person. A first band
    without a lower bound starts at nothing."""
    for i, (e, band) in enumerate(zip(s.edges, s.tiers.bands, strict=True)):
        low = Fraction(0) if e.low is None and i == 0 else e.low
        if low is None or e.high is None or low <= e.high:
            continue
        interval = band.interval
        facts: dict[str, str | int | Words] = {
            "band": i + 1,
            "low": _say(low, s.tiers, s.who),
            "high": _say(e.high, s.tiers, s.who),
        }
        if _is_figure(interval.low) and _is_figure(interval.high):
            yield Diagnostic(codes.BAND_DESCENDING, interval.span, facts)
            continue
        moving = interval.high if _is_figure(interval.low) else interval.low
        assert moving is not None
        facts["name"] = _called(moving, s.who)
        facts["who"] = words.person(s.who)
        yield Diagnostic(codes.BOUND_CROSSED, moving.span, facts, case=words.case(s.who))


def _called(expr: Expr, seen: View) -> Words:
    """What a bound is called: the name it refers to, or its text."""
    key = getattr(expr, "key", None)
    if isinstance(key, str):
        if key in seen.index:
            return words.named(seen.index[key].name)
        if key in seen.inputs:
            return words.named(seen.inputs[key].name)
    return words.both(expr.span.text, expr.span.text)


def _crossing(tiers: Tiers, who: View) -> Iterator[Diagnostic]:
    """Bounds that depend on amounts: by how far each of them can reach."""
    for i, band in enumerate(tiers.bands):
        interval = band.interval
        if interval.low is None or interval.high is None:
            continue
        low, high = bounds(interval.low, who), bounds(interval.high, who)
        if low.high is not None and high.low is not None and low.high <= high.low:
            continue
        moving = interval.high if _is_figure(interval.low) else interval.low
        key = moving.key if isinstance(moving, Input) else None
        reach = low.high if moving is interval.low else high.low
        facts: dict[str, str | int | Words] = {
            "band": i + 1,
            "name": _called(moving, who),
            "reach": words.both("any amount", "任意金额") if reach is None else _say(reach, tiers, who),
            "other": _called(interval.low if moving is interval.high else interval.high, who),
        }
        case = words.case(who, {key: reach}) if key is not None and reach is not None else ()
        yield Diagnostic(codes.BOUND_MAY_CROSS, moving.span, facts, case=case)


def _out_of_order(s: Schedule) -> Iterator[Diagnostic]:
    """Bands that start below the one before them; points that do not ascend."""
    for i, (before, after) in enumerate(pairwise(s.edges)):
        if before.low is None or after.low is None:
            continue
        if after.low < before.low or (s.tiers.mode == "interpolated" and after.low == before.low):
            reached = before.low if before.high is None else before.high
            yield Diagnostic(
                codes.BANDS_OUT_OF_ORDER,
                s.tiers.bands[i + 1].interval.span,
                {
                    "band": i + 2,
                    "low": _say(after.low, s.tiers, s.who),
                    "before": i + 1,
                    "high": _say(reached, s.tiers, s.who),
                },
            )


def _between(s: Schedule, i: int) -> Iterator[Diagnostic]:
    """What lies between band `i` and the next: an amount in neither, or one in both."""
    before, after = s.edges[i], s.edges[i + 1]
    if before.high is None:
        return  # another check says so
    marginal = s.tiers.mode != "slab"
    low = after.low
    if low is None or low < before.high:
        x = _last_in(before, s.step)
        if marginal or low is None or x > low or (x == low and after.low_closed):
            yield _overlap(s, i, x)
    elif low > before.high:
        yield from _gap(s, i, before.high, low)
    elif marginal or (s.step and (low / s.step).denominator != 1):
        return  # no amount lies on the edge itself, or a slice of nothing pays nothing
    elif before.high_closed and after.low_closed and not s.tiers.continuous:
        yield _overlap(s, i, low)
    elif not before.high_closed and not after.low_closed:
        yield _gap_at(s, i, before.high, low, low)


def _last_in(band: Edges, step: Fraction | None) -> Fraction:
    """The greatest amount in a band that ends."""
    assert band.high is not None
    if not step:
        return band.high if band.high_closed else band.high - Fraction(1, 100)
    x = floor(band.high / step) * step
    return x - step if x == band.high and not band.high_closed else x


def _overlap(s: Schedule, i: int, x: Fraction) -> Diagnostic:
    low, high = s.edges[i + 1].low, s.edges[i].high
    assert high is not None
    return Diagnostic(
        codes.BAND_OVERLAP,
        s.tiers.bands[i + 1].interval.span,
        {
            "one": i + 1,
            "two": i + 2,
            "high": _say(high, s.tiers, s.who),
            "low": words.both("no lower bound", "没有下限") if low is None else _say(low, s.tiers, s.who),
            "amount": _say(x, s.tiers, s.who),
        },
        (Label(s.tiers.bands[i].interval.span, words.both(f"band {i + 1}", f"第{i + 1}段")),),
        _amount_case(s.tiers, s.who, x),
    )


def _gap(s: Schedule, i: int, high: Fraction, low: Fraction) -> Iterator[Diagnostic]:
    width = low - high
    whole = width == 1 and high.denominator == 1
    on_grid = s.step is not None and s.step != 0 and width <= s.step
    if s.tiers.continuous and (whole or on_grid):
        return
    if s.tiers.mode == "slab" and on_grid:
        left_out = _left_out(s.edges[i], s.edges[i + 1], s.step or Fraction(1))
        if left_out is not None:
            yield _gap_at(s, i, high, low, left_out)
        return
    if whole and not on_grid and not s.tiers.continuous:
        yield _whole_unit(s, i, high, low)
    else:
        x = low if on_grid else high + width / 2
        if s.step and not on_grid:
            x = high + max(1, floor(width / 2 / s.step)) * s.step
        yield _gap_at(s, i, high, low, x)


def _left_out(before: Edges, after: Edges, step: Fraction) -> Fraction | None:
    """The first amount on the grid that lies in neither of two bands; None when there is none."""
    assert before.high is not None and after.low is not None
    x = first_on_grid(before.high, step)
    if x == before.high and before.high_closed:
        x += step
    return x if x < after.low or (x == after.low and not after.low_closed) else None


def _gap_at(s: Schedule, i: int, high: Fraction, low: Fraction, x: Fraction) -> Diagnostic:
    return Diagnostic(
        codes.BAND_GAP,
        s.tiers.bands[i + 1].interval.span,
        {
            "one": i + 1,
            "two": i + 2,
            "high": _say(high, s.tiers, s.who),
            "low": _say(low, s.tiers, s.who),
            "amount": _say(x, s.tiers, s.who),
        },
        (Label(s.tiers.bands[i].interval.span, words.both(f"band {i + 1}", f"第{i + 1}段")),),
        _amount_case(s.tiers, s.who, x),
    )


def _whole_unit(s: Schedule, i: int, high: Fraction, low: Fraction) -> Diagnostic:
    """Bounds in whole yuan on a finer grain: what each reading would pay on an amount between."""
    step = s.step or Fraction(1, 2)
    x = high + max(1, floor(Fraction(1, 2) / step)) * step
    who, readings = _readings_priced(s, x)
    return Diagnostic(
        codes.WHOLE_UNIT_BANDS,
        s.tiers.bands[i + 1].interval.span,
        {
            "one": i + 1,
            "two": i + 2,
            "high": _say(high, s.tiers, s.who),
            "low": _say(low, s.tiers, s.who),
            "amount": words.money(x, s.who.policy)
            if is_money(s.tiers.amount.kind)
            else _say(x, s.tiers, s.who),
            "who": _in(who),
            "readings": readings,
        },
        (Label(s.tiers.bands[i].interval.span, words.both(f"band {i + 1}", f"第{i + 1}段")),),
        _amount_case(s.tiers, who, x),
    )


def _readings_priced(s: Schedule, x: Fraction) -> tuple[View, Words]:
    """The person an example is about, and what three readings pay on the amount `x`."""
    money = is_money(s.tiers.amount.kind)
    unit = words.both("yuan", "元") if money else words.both("whole numbers", "整数")
    down, up = Fraction(floor(x)), Fraction(floor(x + Fraction(1, 2)))
    for who in people(_all_facts(s.tiers, s.who), s.who) or ():
        try:
            column_of(s.tiers, who)
            joined_, cut, near = (
                words.money(tiers_value(s.tiers, who, continuous=True, at=at), who.policy)
                for at in (x, down, up)
            )
        except (Unknown, NoAnswer):
            continue
        return who, words.both(
            f"bands continuous pays {joined_}; the amount rounded down to {unit.en} pays {cut}; "
            f"rounded half up to {unit.en} pays {near}",
            f"各段连续，支付{joined_}；费用舍去到{unit.zh}，支付{cut}；费用四舍五入到{unit.zh}，支付{near}",
        )
    return s.who, words.both(
        f"bands continuous; the amount rounded down to {unit.en}; rounded half up to {unit.en}",
        f"各段连续；费用舍去到{unit.zh}；费用四舍五入到{unit.zh}",
    )


def _top(s: Schedule) -> Iterator[Diagnostic]:
    last = s.edges[-1]
    if last.high is None or any(e.high is None for e in s.edges[:-1]):
        return
    cap = None if s.tiers.cap is None else known_amount(s.tiers.cap.bound, s.who)
    if cap is not None and s.tiers.cap is not None and cap < last.high:
        yield Diagnostic(
            codes.CAP_BELOW_BANDS,
            s.tiers.cap.bound.span,
            {"cap": _say(cap, s.tiers, s.who), "high": _say(last.high, s.tiers, s.who)},
            (Label(s.tiers.bands[-1].interval.span, words.both("the last band", "最后一段")),),
        )
        return
    most = s.range.high if cap is None else cap if s.range.high is None else min(cap, s.range.high)
    # a marginal slice of nothing pays nothing, so there the edge itself may be in no band
    edge_covered = last.high_closed or s.tiers.mode == "marginal"
    if most is not None and (most < last.high or (most == last.high and edge_covered)):
        return
    x = last.high + (s.step or Fraction(1, 100)) if last.high_closed else last.high
    yield Diagnostic(
        codes.TOP_CLOSED,
        s.tiers.bands[-1].interval.span,
        {
            "high": _say(last.high, s.tiers, s.who),
            "amount": _say(x, s.tiers, s.who),
            "next": f"{say_decimal(last.high + (1 if s.tiers.continuous else 0))}",
        },
        case=_amount_case(s.tiers, s.who, x),
    )


def _below(s: Schedule) -> Iterator[Diagnostic]:
    first = s.edges[0]
    if first.low is None:
        if s.tiers.mode != "slab":
            return
        first = Edges(Fraction(0), True, first.high, first.high_closed)  # a first band begins at nothing
        assert first.low is not None
    least = s.range.low
    marginal = s.tiers.mode not in ("slab", "interpolated")
    if not marginal and s.tiers.cap is not None:
        # What lies above the cap counts for nothing, so the cap itself must have an answer.
        cap = bounds(s.tiers.cap.bound, s.who).low
        least = cap if least is not None and cap is not None and cap < least else least
    if least is not None and (least > first.low or holds(first, least)):
        return
    if marginal and (first.low <= 0 or (least is not None and least >= first.low)):
        return
    x = Fraction(0) if least is None else least
    bound = s.tiers.bands[0].interval.low
    code = codes.BELOW_FIRST_BAND if marginal else codes.UNCOVERED_BELOW
    yield Diagnostic(
        code,
        bound.span if bound is not None else s.tiers.bands[0].interval.span,
        {
            "name": words.named(s.tiers.name),
            "target": s.tiers.name.key,
            "low": _called(bound, s.who)
            if bound is not None and not _is_figure(bound)
            else _say(first.low, s.tiers, s.who),
            "amount": _say(x, s.tiers, s.who),
        },
        case=() if marginal else _amount_case(s.tiers, s.who, x),
    )


# Rates and checked columns


def _rates(tiers: Tiers, seen: View) -> Iterator[Diagnostic]:
    if not tiers.cells_are_rates or tiers.mode == "interpolated":
        return
    figures = [
        (i, cell, x)
        for i, band in enumerate(tiers.bands)
        for cell in band.cells
        if (x := known_amount(cell, seen)) is not None
    ]
    usual = sorted(x for *_, x in figures)[len(figures) // 2] if figures else Fraction(0)
    for i, cell, x in figures:
        facts: dict[str, str | int | Words] = {
            "band": i + 1,
            "rate": say_rate(x),
            "target": tiers.name.key,
            "name": words.named(tiers.name),
        }
        if not 0 <= x <= 1:
            yield Diagnostic(codes.RATE_OUT_OF_RANGE, cell.span, facts)
        elif 0 < x < Fraction(1, 50) and usual >= 10 * x and usual >= Fraction(1, 10):
            facts["usual"] = say_rate(usual)
            facts["meant"] = say_rate(x * 100)
            yield Diagnostic(codes.RATE_TINY, cell.span, facts)


def _checked_columns(tiers: Tiers, seen: View) -> Iterator[Diagnostic]:
    """`= base` and `= quick_deduction`: what the bands below add up to, against the printed figure."""
    if tiers.mode != "marginal" or not tiers.cells_are_rates:
        return
    if all(b.base is None and b.quick_deduction is None for b in tiers.bands):
        return
    for who in people(_all_facts(tiers, seen), seen) or ():
        try:
            column = column_of(tiers, who)
            edges = [edges_of(b, who) for b in tiers.bands]
        except (Unknown, NoAnswer):
            return
        if tiers.continuous:
            edges = joined(edges)
        wrong = list(_one_column(tiers, column, edges, who))
        if wrong:
            yield from wrong
            return


def _one_column(tiers: Tiers, column: int, edges: list[Edges], who: View) -> Iterator[Diagnostic]:
    paid = Fraction(0)
    for i, (band, e) in enumerate(zip(tiers.bands, edges, strict=True)):
        rate = known_amount(band.cells[column], who)
        if rate is None:
            return
        low = e.low or Fraction(0)
        expected = ((band.base, paid, "base"), (band.quick_deduction, rate * low - paid, "quick_deduction"))
        for printed, x, what in expected:
            if printed is not None and printed.value != x:
                yield _checked_wrong(printed, x, what, i, who)
        if e.high is not None:
            paid += (e.high - low) * rate


def _checked_wrong(printed: Constant, x: Fraction, what: str, band: int, who: View) -> Diagnostic:
    p = who.policy
    assert isinstance(printed.value, Fraction)
    column = words.both("base", "基数") if what == "base" else words.both("quick deduction", "速算扣除数")
    span: Span = printed.span
    return Diagnostic(
        codes.CHECKED_COLUMN_WRONG,
        span,
        {
            "band": band + 1,
            "column": column,
            "printed": words.amount(printed.value, printed.kind, p),
            "exact": words.amount(x, printed.kind, p),
        },
    )
