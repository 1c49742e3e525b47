"""How was one definition computed? The lines of its step, for each form of body."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import assert_never

from policydsl.amounts import say_interval, say_rate
from policydsl.diagnostics.render import cells
from policydsl.expressions import (
    LARGEST_FRACTIONS,
    Constant,
    Input,
    Limit,
    Ref,
    Rounding,
    Value,
)
from policydsl.facts import Quote
from policydsl.ir import (
    Allotment,
    Definition,
    Exceptions,
    Ground,
    Key,
    Lookup,
    Overlap,
    Row,
    Schedule,
)
from policydsl.kinds import Kind, YesNo
from policydsl.trace import (
    AllotmentTrace,
    Computed,
    DivisionTrace,
    ExceptionsTrace,
    Finished,
    FormulaTrace,
    HeldGround,
    LookupTrace,
    PartTrace,
    ScheduleTrace,
    Step,
)
from policydsl.wording import OVERLAPS, Speech


def pad(words: str, width: int) -> str:
    return words + " " * (width - cells(words))


def headline(step: Step, speech: Speech) -> str:
    """The definition's name and value: 起付标准 3,000.00元."""
    name = speech.name(step.definition.name)
    body = step.definition.body
    if isinstance(body, Lookup) and len(body.results) > 1:
        values = [_column_value(step, i, speech) for i in range(len(body.results))]
        return f"{name} {speech.listed(values)}"
    return f"{name} {speech.value(step.value, step.definition.kind)}"


def _column_value(step: Step, column: int, speech: Speech) -> str:
    body = step.definition.body
    assert isinstance(body, Lookup)
    key = body.results[column]
    value = step.part(key.key)
    assert not isinstance(value, tuple)
    return f"{speech.name(key)} {speech.value(value, body.kinds[column])}"


def step_lines(step: Step, speech: Speech) -> list[str]:
    """How the value of one definition came about, line by line, with the clauses it rests on."""
    definition = step.definition
    body, trace = definition.body, step.body
    quotes: list[Quote] = list(definition.quotes)
    match trace:
        case FormulaTrace():
            lines = _formula(definition, trace, speech)
        case LookupTrace():
            assert isinstance(body, Lookup)
            lines = _lookup(definition, body, trace, speech)
            for row in trace.held:
                quotes += row.quotes
        case ScheduleTrace():
            assert isinstance(body, Schedule)
            lines = _schedule(definition, body, trace, speech)
            for s in trace.slices:
                quotes += s.band.quotes
        case ExceptionsTrace():
            assert isinstance(body, Exceptions)
            lines = _exceptions(definition, body, trace, speech)
            quotes += _held_quotes(trace.held)
        case AllotmentTrace():
            assert isinstance(body, Allotment)
            lines = _allotment(definition, body, trace, speech)
            quotes += _arm_quotes(trace.division)
        case _:
            assert_never(trace)
    lines += [finish_line(f, definition.kind, speech) for f in step.finished]
    return lines + [speech.quote(q) for q in dict.fromkeys(quotes)]


def _held_quotes(held: Sequence[HeldGround]) -> list[Quote]:
    return [q for h in held for q in (*h.ground.quotes, *_held_quotes(h.inner))]


def _arm_quotes(trace: DivisionTrace) -> list[Quote]:
    inner = [q for p in trace.parts if p.division is not None for q in _arm_quotes(p.division)]
    return [*trace.division.quotes, *trace.arm.quotes, *inner]


def finish_line(finished: Finished, kind: Kind, speech: Speech) -> str:
    """One rounding or limit, the value before and after it, and whether it acted."""
    clause = finished.clause
    before, after = speech.value(finished.before, kind), speech.value(finished.after, kind)
    match clause:
        case Rounding():
            to = speech.rounded_to(clause.mode, clause.step, kind)
            if finished.before == finished.after:
                return speech.pick(
                    f"{to}：{after}（恰为{speech.step(clause.step, kind)}的整数倍，取整未起作用）",
                    f"{to}: {after} (a whole multiple of {speech.step(clause.step, kind)}, the rounding did not act)",
                )
            return speech.pick(f"{to}：{before} → {after}", f"{to}: {before} → {after}")
        case Limit():
            assert finished.bound is not None
            bound = _bound(finished.bound, speech)
            limit = speech.pick(
                f"{'最高' if clause.which == 'cap' else '最低'}{bound}",
                f"{'capped at' if clause.which == 'cap' else 'at least'} {bound}",
            )
            if finished.before == finished.after:
                return speech.pick(f"{limit}：{after}（未起作用）", f"{limit}: {after} (did not act)")
            return speech.pick(f"{limit}：{before} → {after}", f"{limit}: {before} → {after}")
        case _:
            assert_never(clause)


def _bound(computed: Computed, speech: Speech) -> str:
    """A bound with its name, where it has one: 起付标准3,000.00元."""
    value = speech.value(computed.value, computed.expr.kind)
    if isinstance(computed.expr, Input | Ref):
        return speech.expr(computed.expr) + speech.pick("", " ") + value
    if isinstance(computed.expr, Constant):
        return value
    return f"{speech.expr(computed.expr)} = {speech.figures(computed)} = {value}"


def _formula(definition: Definition, trace: FormulaTrace, speech: Speech) -> list[str]:
    computed = trace.value
    if isinstance(definition.kind, YesNo) and not isinstance(computed.expr, Constant):
        return [speech.verdict(computed.expr, computed.value is True)]
    lines = speech.branches(computed)
    return lines + _calculation(speech.name(definition.name), computed, speech)


def _calculation(name: str, computed: Computed, speech: Speech) -> list[str]:
    """`个人应缴 = 个人缴费标准 − 参保补助 = 300.00 − 270.00 = 30.00元/人`; nothing for a mere figure."""
    chain = speech.chain(computed)
    if isinstance(computed.expr, Constant):
        return [f"{speech.value(computed.value, computed.expr.kind)}{chain}"] if chain else []
    return [f"{name}{chain} = {speech.value(computed.value, computed.expr.kind)}"]


def _keys(keys: Sequence[Key], values: Sequence[Computed], speech: Speech) -> str:
    """What was looked up: 人员类别 农村贫困人口、统筹地区 固原市."""
    words = [_key(key, c, speech) for key, c in zip(keys, values, strict=True)]
    return speech.listed(words)


def _key(key: Key, computed: Computed, speech: Speech) -> str:
    name, value = speech.expr(key.value), speech.value(computed.value, computed.expr.kind)
    # A category that has no Chinese name says nothing in a Chinese sentence that its member does not.
    if speech.language == "zh" and key.category is not None and name.isascii():
        return value
    return f"{name} {value}"


# tables


def _lookup(definition: Definition, body: Lookup, trace: LookupTrace, speech: Speech) -> list[str]:
    keys = _keys(body.keys, trace.keys, speech)
    several = len(trace.held) > 1
    lines: list[str] = []
    if not trace.held:
        lines.append(speech.pick(f"按{keys}查表：没有符合的行", f"looked up by {keys}: no row holds"))
    for i, row in enumerate(trace.held):
        number = body.rows.index(row) + 1
        tests = _row(row, body, speech)
        gives = ""
        if i < len(trace.results):
            gives = speech.pick("：", ": ") + _row_results(body, trace.results[i], speech)
        if several or body.overlap in ("sum", "count"):
            lines.append(
                speech.pick(f"第{number}行（{tests}）符合{gives}", f"row {number} ({tests}) holds{gives}")
            )
        else:
            lines.append(
                speech.pick(
                    f"按{keys}查表，适用第{number}行（{tests}）{gives}",
                    f"looked up by {keys}: row {number} ({tests}){gives}",
                )
            )
    if trace.held and (several or body.overlap in ("sum", "count")):
        lines.insert(0, speech.pick(f"按{keys}查表", f"looked up by {keys}"))
        lines.append(_together_rows(definition, body, trace, speech))
    return lines


def _row(row: Row, body: Lookup, speech: Speech) -> str:
    tests = [speech.test(t, k.category) for t, k in zip(row.tests, body.keys, strict=True)]
    return speech.pick("｜", " | ").join(tests)


def _row_results(body: Lookup, results: Sequence[Computed], speech: Speech) -> str:
    words = []
    for name, computed in zip(body.results, results, strict=True):
        value = speech.value(computed.value, computed.expr.kind)
        if not isinstance(computed.expr, Constant):
            value = f"{speech.expr(computed.expr)} = {speech.figures(computed)} = {value}"
        words.append(value if len(body.results) == 1 else f"{speech.name(name)} {value}")
    return speech.pick("；", "; ").join(words)


def _together_rows(definition: Definition, body: Lookup, trace: LookupTrace, speech: Speech) -> str:
    zh, en = OVERLAPS[body.overlap]
    words: list[str] = []
    for i, name in enumerate(body.results):
        value, kind = trace.values[i], body.kinds[i]
        shown = speech.value(value, kind)
        if body.overlap == "sum":
            terms = [speech.figure(_fraction(r[i].value), kind) for r in trace.results]
            shown = f"{' + '.join(terms)} = {shown}" if len(terms) > 1 else shown
        words.append(shown if len(body.results) == 1 else f"{speech.name(name)} {shown}")
    joined = speech.pick("；", "; ").join(words)
    count = len(trace.held)
    return speech.pick(f"共{count}行符合，{zh}：{joined}", f"{count} rows hold, {en}: {joined}")


def _fraction(value: Value) -> Fraction:
    assert isinstance(value, Fraction)
    return value


# bands


def _schedule(definition: Definition, body: Schedule, trace: ScheduleTrace, speech: Speech) -> list[str]:
    lines = _amount_lines(body, trace, speech)
    match body.mode:
        case "marginal":
            lines += _marginal(definition, body, trace, speech)
        case "slab":
            lines += _slab(definition, body, trace, speech)
        case "interpolated":
            lines += _interpolated(definition, body, trace, speech)
        case _:
            assert_never(body.mode)
    return lines


def _amount_name(trace: ScheduleTrace, speech: Speech) -> str:
    if isinstance(trace.amount.expr, Input | Ref):
        return speech.expr(trace.amount.expr)
    return speech.pick("计算基数", "the amount")


def _amount_lines(body: Schedule, trace: ScheduleTrace, speech: Speech) -> list[str]:
    """The column read, and the amount that the bands divide, with its cap."""
    lines: list[str] = []
    if body.keys:
        keys = _keys(body.keys, trace.keys, speech)
        column = trace.column + 1
        lines.append(
            speech.pick(
                f"按{keys}，适用分段表第{column}栏",
                f"by {keys}: column {column} of the bands",
            )
        )
    kind = trace.amount.expr.kind
    name = _amount_name(trace, speech)
    if not isinstance(trace.amount.expr, Input | Ref):
        lines.append(f"{name}{speech.chain(trace.amount)} = {speech.value(trace.amount.value, kind)}")
    if trace.cap is not None:
        cap = _bound(trace.cap, speech)
        counted = speech.value(trace.counted, kind)
        if trace.counted == trace.amount.value:
            lines.append(
                speech.pick(
                    f"封顶线{cap}：{name}{counted}未超过", f"cap {cap}: {name} {counted} is not above it"
                )
            )
        else:
            amount = speech.value(trace.amount.value, kind)
            lines.append(
                speech.pick(
                    f"封顶线{cap}：{name}{amount}，超过的部分不计，按{counted}计算",
                    f"cap {cap}: of {name} {amount} the part above it does not count, {counted} does",
                )
            )
    return lines


def _marginal(definition: Definition, body: Schedule, trace: ScheduleTrace, speech: Speech) -> list[str]:
    kind = trace.amount.expr.kind
    name = _amount_name(trace, speech)
    counted = speech.value(trace.counted, kind)
    first = trace.bounds[0][0]
    low = trace.edges[0][0]
    gap = speech.pick("", " ")
    if not trace.slices:
        zero = speech.value(Fraction(0), definition.kind)
        return [
            speech.pick(
                f"{name}{counted}未超过{_bound(first, speech)}，没有应分段计算的部分：{zero}",
                f"{name} {counted} is not above {_bound(first, speech)}, no band is reached: {zero}",
            )
        ]
    lines: list[str] = []
    if low != 0 or not isinstance(first.expr, Constant):
        part = f"{speech.figure(trace.counted, kind)} − {speech.figure(low, kind)} = "
        part += speech.value(trace.counted - low, kind)
        lines.append(
            speech.pick(
                f"{name}中超过{_bound(first, speech)}的部分：{part}，分段如下",
                f"{name} above {_bound(first, speech)}: {part}, by bands",
            )
        )
    else:
        lines.append(speech.pick(f"{name}{gap}{counted}，分段如下", f"{name} {counted}, by bands"))
    lines += _slice_lines(definition, body, trace, speech)
    check = ""
    parts = [speech.figure(s.part_exact, kind) for s in trace.slices]
    if len(parts) > 1:
        total = speech.value(sum((s.part_exact for s in trace.slices), Fraction(0)), kind)
        check = speech.pick(f"核对：{' + '.join(parts)} = {total}", f"Check: {' + '.join(parts)} = {total}")
    beyond = _not_reached(len(body.bands), trace, speech)
    lines.append(speech.pick("。", ". ").join(w for w in (beyond, check) if w)) if beyond or check else None
    products = [speech.figure(s.product, definition.kind) for s in trace.slices]
    total = speech.value(sum((s.product for s in trace.slices), Fraction(0)), definition.kind)
    open_top = speech.pick("；上不封顶", "; no cap") if _no_cap(definition) else ""
    lines.append(
        speech.pick(f"合计 {' + '.join(products)} = {total}", f"Sum {' + '.join(products)} = {total}")
        + open_top
        if len(products) > 1
        else speech.pick(f"合计 {total}", f"Sum {total}") + open_top
    )
    return lines


def _no_cap(definition: Definition) -> bool:
    """Whether nothing bounds what a schedule pays: neither the amount nor the sum has a cap."""
    body = definition.body
    assert isinstance(body, Schedule)
    capped = any(isinstance(clause, Limit) and clause.which == "cap" for clause in definition.finish)
    return not capped and body.cap is None and body.bands[-1].high is None


def _not_reached(bands: int, trace: ScheduleTrace, speech: Speech) -> str:
    reached = {s.number for s in trace.slices}
    beyond = [n for n in range(1, bands + 1) if n not in reached and n > max(reached)]
    empty = [n for n in range(1, bands + 1) if n not in reached and n < max(reached)]
    words: list[str] = []
    if empty:
        numbers = speech.listed([str(n) for n in empty])
        words.append(speech.pick(f"第{numbers}段没有金额", f"band {numbers} is empty"))
    if len(beyond) == 1:
        words.append(speech.pick(f"第{beyond[0]}段未达到", f"band {beyond[0]} not reached"))
    elif beyond:
        words.append(
            speech.pick(
                f"第{beyond[0]}至{beyond[-1]}段未达到", f"bands {beyond[0]} to {beyond[-1]} not reached"
            )
        )
    return speech.pick("，", ", ").join(words)


def _range(trace: ScheduleTrace, number: int, speech: Speech) -> str:
    """A band between its edges, a low edge that has a name with its name."""
    low, high = trace.bounds[number - 1]
    upper = None if high is None else _bound(high, speech)
    return say_interval(_bound(low, speech), False, upper, True, speech.language)


def _slice_lines(definition: Definition, body: Schedule, trace: ScheduleTrace, speech: Speech) -> list[str]:
    """`第1段 超过…至…：100,000.00 − 3,000.00 = 97,000.00元 × 64% = 62,080.00元`, in columns."""
    kind = trace.amount.expr.kind
    rows: list[tuple[str, ...]] = []
    for s in trace.slices:
        upper = trace.counted if s.high is None else min(s.high, trace.counted)
        rows.append(
            (
                _range(trace, s.number, speech),
                speech.figure(upper, kind),
                speech.figure(s.low, kind),
                _stages(s.part_exact, s.part, kind, body.each_slice, speech),
                _cell(s.cell, speech),
                _stages(s.product_exact, s.product, definition.kind, body.each_product, speech),
            )
        )
    widths = [max(cells(row[i]) for row in rows) for i in range(6)]
    lines: list[str] = []
    for s, (words, top, low, part, cell, product) in zip(trace.slices, rows, strict=True):
        band = speech.pick(f"第{s.number}段", f"band {s.number},")
        colon = speech.pick("：", ": ")
        lines.append(
            f"{band} {pad(words + colon, widths[0] + 2)}{top:>{widths[1]}} − {low:>{widths[2]}}"
            f" = {_left(part, widths[3])} × {_left(cell, widths[4])} = {_left(product, widths[5])}"
        )
        lines += [f"    {line}" for line in speech.branches(s.cell)]
    return lines


def _left(words: str, width: int) -> str:
    return " " * (width - cells(words)) + words


def _cell(cell: Computed, speech: Speech) -> str:
    value = speech.value(cell.value, cell.expr.kind)
    if isinstance(cell.expr, Constant):
        return value
    words, figures = speech.expr(cell.expr), speech.figures(cell)
    return f"[{words} = {value}]" if figures == words else f"[{words} = {figures} = {value}]"


def _stages(exact: Fraction, rounded: Fraction, kind: Kind, rounding: Rounding | None, speech: Speech) -> str:
    """A slice or a product, exact, and rounded where a line says so."""
    words = speech.value(exact, kind)
    if rounding is None:
        return words
    to = speech.rounded_to(rounding.mode, rounding.step, kind)
    return speech.pick(
        f"{words}（{to}：{speech.value(rounded, kind)}）", f"{words} ({to}: {speech.value(rounded, kind)})"
    )


def _slab(definition: Definition, body: Schedule, trace: ScheduleTrace, speech: Speech) -> list[str]:
    (s,) = trace.slices
    kind = trace.amount.expr.kind
    name = _amount_name(trace, speech)
    low, high = trace.bounds[s.number - 1]
    band = body.bands[s.number - 1]
    words = say_interval(
        _bound(low, speech),
        band.low_closed,
        None if high is None else _bound(high, speech),
        band.high_closed,
        speech.language,
    )
    counted = speech.value(trace.counted, kind)
    lines = [
        speech.pick(
            f"{name}{counted}在第{s.number}段（{words}）", f"{name} {counted} is in band {s.number}, {words}"
        )
    ]
    product = speech.value(s.product, definition.kind)
    if not body.cells_are_rates:
        return [
            *lines,
            speech.pick(f"该段标准：{_cell(s.cell, speech)}", f"its figure: {_cell(s.cell, speech)}"),
        ]
    if s.low == 0:
        part = speech.value(s.part, kind)
    else:
        whole = f"{speech.figure(trace.counted, kind)} − {speech.figure(s.low, kind)}"
        part = f"({whole}) = {speech.value(s.part, kind)}"
        first = _bound(trace.bounds[0][0], speech)
        lines.append(
            speech.pick(
                f"超过{first}的部分：{whole} = {speech.value(s.part, kind)}",
                f"above {first}: {whole} = {speech.value(s.part, kind)}",
            )
        )
        part = speech.value(s.part, kind)
    lines.append(
        speech.pick(
            f"全额适用该段比例：{part} × {_cell(s.cell, speech)} = {product}",
            f"the whole at the rate of the band: {part} × {_cell(s.cell, speech)} = {product}",
        )
    )
    return lines


def _interpolated(definition: Definition, body: Schedule, trace: ScheduleTrace, speech: Speech) -> list[str]:
    kind = trace.amount.expr.kind
    name = _amount_name(trace, speech)
    counted = speech.value(trace.counted, kind)
    points = [f"{speech.value(s.low, kind)} → {_cell(s.cell, speech)}" for s in trace.slices]
    if len(trace.slices) == 1:
        return [
            speech.pick(
                f"{name}{counted}正在第{trace.slices[0].number}点：{points[0]}",
                f"{name} {counted} is point {trace.slices[0].number}: {points[0]}",
            )
        ]
    before, after = trace.slices
    value = speech.value(before.product + after.product, definition.kind)
    y0, y1 = _fraction(before.cell.value), _fraction(after.cell.value)
    cell_kind = before.cell.expr.kind

    def figure(x: Fraction, k: Kind) -> str:
        return speech.figure(x, k)

    formula = (
        f"{figure(y0, cell_kind)} + ({figure(y1, cell_kind)} − {figure(y0, cell_kind)})"
        f" × ({figure(trace.counted, kind)} − {figure(before.low, kind)})"
        f" ÷ ({figure(after.low, kind)} − {figure(before.low, kind)}) = {value}"
    )
    return [
        speech.pick(
            f"{name}{counted}在第{before.number}点（{points[0]}）与第{after.number}点（{points[1]}）之间，直线内插",
            f"{name} {counted} lies between point {before.number} ({points[0]}) and point {after.number} ({points[1]}), interpolated",
        ),
        formula,
    ]


# grounds


def _exceptions(
    definition: Definition, body: Exceptions, trace: ExceptionsTrace, speech: Speech
) -> list[str]:
    lines = _ground_lines(definition, body.grounds, trace.held, speech, "")
    name = speech.name(definition.name)
    if trace.base is not None:
        base = speech.value(trace.base.value, definition.kind)
        head = speech.pick("以上均不符合，按基本情形", "none of these holds, the base applies")
        chain = speech.chain(trace.base)
        equals = speech.pick(f"：{base}{chain}", f": {base}{chain}")
        if isinstance(definition.kind, YesNo) and not isinstance(trace.base.expr, Constant):
            equals = speech.pick("：", ": ") + speech.verdict(trace.base.expr, trace.base.value is True)
        elif chain and not isinstance(trace.base.expr, Constant):
            equals = speech.pick("：", ": ") + f"{name}{chain} = {base}"
        return [*lines, *speech.branches(trace.base), f"{head}{equals}"]
    return lines + _together(definition, body.overlap, trace.held, trace.chosen, speech)


def _ground_lines(
    definition: Definition,
    grounds: Sequence[Ground],
    held: Sequence[HeldGround],
    speech: Speech,
    outer: str,
) -> list[str]:
    lines: list[str] = []
    for i, ground in enumerate(grounds):
        number = f"{outer}{i + 1}"
        here = next((h for h in held if h.ground is ground), None)
        label = speech.pick(f"（{number}）", f"({number}) ") + speech.name(ground.name)
        verdict = speech.verdict(ground.when, here is not None)
        gives = ""
        if here is not None and not here.inner and here.value.value is not None:
            value = speech.value(here.value.value, definition.kind)
            exempt = speech.pick("免除，", "exempt, ") if ground.exempt else ""
            how = speech.chain(here.value)
            if how and not isinstance(here.value.expr, Constant):
                value = f"{how.removeprefix(' = ')} = {value}"
            elif how:
                value += how
            gives = speech.pick("；", "; ") + exempt + value
        lines.append(f"{label}{speech.pick('　', '  ')}{verdict}{gives}")
        if here is not None:
            lines += [
                "    " + line
                for line in _ground_lines(definition, ground.inner, here.inner, speech, f"{number}.")
            ]
    return lines


def _together(
    definition: Definition,
    overlap: Overlap,
    held: Sequence[HeldGround],
    chosen: Sequence[Ground] | None,
    speech: Speech,
) -> list[str]:
    """Which ground gave the value, when more than one held."""
    if chosen is not None:
        name = speech.quoted(speech.pick("·", ".").join(speech.name(g.name) for g in chosen))
        if len(held) == 1:
            return [speech.pick(f"适用{name}", f"{name} applies")]
        zh, en = OVERLAPS[overlap]
        return [
            speech.pick(f"同时符合{len(held)}项，{zh}，适用{name}", f"{len(held)} grounds hold, {en}: {name}")
        ]
    zh, en = OVERLAPS[overlap]
    if overlap == "sum":
        terms = [_fraction(h.value.value) for h in held]
        words = " + ".join(speech.figure(t, definition.kind) for t in terms)
        words += f" = {speech.value(sum(terms, Fraction(0)), definition.kind)}"
    else:
        words = str(len(held))
    return [speech.pick(f"同时符合{len(held)}项，{zh}：{words}", f"{len(held)} grounds hold, {en}: {words}")]


# splits


def _allotment(definition: Definition, body: Allotment, trace: AllotmentTrace, speech: Speech) -> list[str]:
    kind = definition.kind
    total = speech.value(trace.division.whole, kind)
    if isinstance(trace.total.expr, Constant):
        lines = [speech.pick(f"总额 {total}", f"total {total}") + speech.chain(trace.total)]
    else:
        lines = [speech.pick("总额", "total") + f"{speech.chain(trace.total)} = {total}"]
    lines += _division(definition, trace.division, speech)
    leaves, paid = _leaves(trace.division)
    absent = [n for n in (*body.leaves, *body.subtotals) if n.key not in paid]
    if absent:
        names = speech.listed([speech.name(n) for n in absent])
        zero = speech.value(Fraction(0), kind)
        lines.append(speech.pick(f"本情形下{names}不承担：{zero}", f"not a payer here: {names}, {zero}"))
    if len(leaves) > 1:
        sums = " + ".join(speech.figure(v, kind) for v in leaves)
        whole = speech.value(sum(leaves, Fraction(0)), kind)
        lines.append(speech.pick(f"核对：{sums} = {whole}，等于总额", f"Check: {sums} = {whole}, the total"))
    return lines


def _leaves(trace: DivisionTrace) -> tuple[list[Fraction], set[str]]:
    values: list[Fraction] = []
    paid: set[str] = set()
    for part in trace.parts:
        paid.add(part.part.payer)
        if part.division is None:
            values.append(part.value)
        else:
            inner, names = _leaves(part.division)
            values += inner
            paid |= names
    return values, paid


def _division(
    definition: Definition, trace: DivisionTrace, speech: Speech, *, inner: bool = False
) -> list[str]:
    """A line for each payer; those of an inner division stand indented below their head."""
    lines: list[str] = []
    by = _keys(trace.division.keys, trace.keys, speech) if trace.keys else ""
    if inner:
        head = speech.pick("其中" + (f"按{by}" if by else ""), "of which" + (f" by {by}" if by else ""))
        lines.append(f"    {head}{speech.pick('：', ':')}")
    elif by:
        lines.append(speech.pick(f"按{by}：", f"by {by}:"))
    indent = "    " if inner else ""
    names = [speech.part(definition, p.part.payer) for p in trace.parts]
    width = max(cells(n) for n in names)
    for name, part in zip(names, trace.parts, strict=True):
        lines.append(f"{indent}{pad(name, width)}  {_share(definition, trace, part, speech)}")
        if part.division is not None:
            below = _division(definition, part.division, speech, inner=True)
            lines += [indent + line for line in below]
    return lines


def _share(definition: Definition, trace: DivisionTrace, part: PartTrace, speech: Speech) -> str:
    kind = definition.kind
    exact = speech.value(part.exact, kind)
    portion = part.part.portion
    whole = speech.figure(trace.whole, kind)
    others = [p for p in trace.parts if p is not part]
    match portion.how:
        case "rate":
            assert portion.rate is not None
            rate = say_rate(portion.rate)
            words = f"{whole} × {rate} = {exact}"
            if portion.written not in (rate, ""):
                words = speech.pick(f"（{portion.written}）", f"({portion.written}) ") + words
        case "fixed":
            assert part.amount is not None
            words = speech.pick("定额 ", "fixed ")
            if not isinstance(part.amount.expr, Constant):
                words += f"{speech.expr(part.amount.expr)} = {speech.figures(part.amount)} = "
            words += exact
        case "all":
            words = speech.pick("全额 ", "all, ") + exact
        case "rest":
            words = speech.pick("其余 ", "the rest, ") + _minus(trace, others, kind, speech, exact_only=True)
            words += exact
        case _:
            assert_never(portion.how)
    if part.rounding is not None:
        words += speech.pick("；", "; ") + _rounded(part, part.rounding, kind, speech)
    elif part.holder or part.exact != part.value:
        after = speech.value(part.value, kind)
        unchanged = speech.pick("（无尾差）", " (nothing left over)") if part.exact == part.value else ""
        taken = _minus(trace, others, kind, speech, exact_only=False)
        words += speech.pick("；尾差归本方：", "; takes the remainder: ") + f"{taken}{after}{unchanged}"
    return words


def _minus(
    trace: DivisionTrace, others: Sequence[PartTrace], kind: Kind, speech: Speech, *, exact_only: bool
) -> str:
    """`550.00 − 440.00 = `: the whole minus what the others pay."""
    figures = [speech.figure(p.exact if exact_only else p.value, kind) for p in others]
    if not figures:
        return ""
    return f"{speech.figure(trace.whole, kind)} − {' − '.join(figures)} = "


def _rounded(part: PartTrace, rounding: Rounding, kind: Kind, speech: Speech) -> str:
    value = speech.value(part.value, kind)
    if rounding.holder == LARGEST_FRACTIONS:
        step = speech.step(rounding.step, kind)
        return speech.pick(
            f"舍去到{step}，尾差按最大余数分配：{value}",
            f"rounded down to {step}, what is left goes to the largest fractions: {value}",
        )
    to = speech.rounded_to(rounding.mode, rounding.step, kind)
    unchanged = speech.pick("（未起作用）", " (did not act)") if part.exact == part.value else ""
    return f"{to}{speech.pick('：', ': ')}{value}{unchanged}"
