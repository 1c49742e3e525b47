"""How does a figure read? What it is, how it came about, since when, and what the notice prints."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from policydsl.amounts import say_day
from policydsl.document import grids
from policydsl.document.desk import Desk
from policydsl.document.sheet import Block, Cell, Grid, Prose
from policydsl.expressions import Constant, Value
from policydsl.facts import Fact
from policydsl.kinds import YesNo, is_money
from policydsl.model import (
    Param,
    Restated,
)


def param_blocks(desk: Desk, param: Param) -> tuple[str, list[Block]]:
    voice = desk.voice
    name = voice.name(param.name)
    if param.open:
        given = _open(desk, desk.program.fact(param.name.key))
        words = voice.pick(
            f"{name}由其他文件规定，计算时须另行给出{given}",
            f"{name} is set by another document, and has to be given for each case{given}",
        )
        return voice.pick("另行规定", "set elsewhere"), [Prose((voice.stop(words),))]
    if len(param.versions) > 1 or param.versions[0].start is not None:
        return "", [
            Prose((voice.stop(voice.pick(f"{name}按日期确定", f"{name} depends on the date")),)),
            _dated(desk, param),
        ]
    version = param.versions[0]
    value = desk.value_of(param.name.key)
    shown = voice.said(value, param.kind) if value is not None else ""
    clauses = []
    if isinstance(version.value, Constant):
        clauses.append(
            voice.pick(
                f"{name}为{voice.said(version.value.value, param.kind)}",
                f"{name} is {voice.said(version.value.value, param.kind)}",
            )
        )
        if version.value.origin is not None:
            clauses.append(
                voice.pick(f"数字来源：{version.value.origin}", f"a figure from {version.value.origin}")
            )
    else:
        words = voice.expr(version.value)
        clauses.append(
            voice.pick(
                f"{name}为{words}，即{shown}" if shown else f"{name}为{words}",
                f"{name} is {words}" + (f", that is {shown}" if shown else ""),
            )
        )
    clauses += _rise(desk, param, value)
    lines = [
        voice.stop(*clauses),
        *restated(desk, version.restated, value),
        *voice.finish(param.finish, param.kind),
    ]
    return shown, [Prose(tuple(lines))]


def _open(desk: Desk, fact: Fact) -> str:
    """What an open figure may be: （天数，0天至180天）; nothing for a mere yes or no."""
    voice = desk.voice
    if isinstance(fact.kind, YesNo):
        return ""
    words, bounds = voice.kind(fact.kind), voice.range(fact)
    if is_money(fact.kind):  # its unit stands in the range, or after a comma
        words, bounds = (
            voice.pick("金额", "an amount"),
            bounds or voice.pick("", "in ") + voice.unit(fact.kind),
        )
    return voice.brackets(voice.pick("，", ", ").join([words, *([bounds] if bounds else [])]))


def _rise(desk: Desk, param: Param, value: Value) -> list[str]:
    voice = desk.voice
    prior = None if param.prior is None else voice.expr(param.prior)
    if param.rise is None or not isinstance(param.rise.value, Fraction):
        return [] if prior is None else [voice.pick(f"上年为{prior}", f"after {prior} the year before")]
    rise = param.rise.value
    step = voice.step(abs(rise), param.kind)
    words = [
        voice.pick(
            f"较上年{'增加' if rise >= 0 else '减少'}{step}",
            f"{step} {'more' if rise >= 0 else 'less'} than the year before",
        )
    ]
    if prior is not None:
        words.append(voice.pick(f"上年为{prior}", f"which was {prior}"))
    elif isinstance(value, Fraction):
        before = voice.said(value - rise, param.kind)
        words.append(voice.pick(f"由此推得上年为{before}", f"which makes {before} for that year"))
    return words


def restated(desk: Desk, figures: Sequence[Restated], value: Value) -> list[str]:
    voice = desk.voice
    lines = []
    for r in figures:
        printed = voice.said(r.value.value, r.value.kind)
        if r.within is not None and r.value.value != value:
            within = voice.said(r.within, r.value.kind)
            lines.append(
                voice.stop(
                    voice.pick(
                        f"原文写作{printed}，与此相差不超过{within}",
                        f"the notice prints {printed}, which is within {within} of it",
                    )
                )
            )
        else:
            lines.append(
                voice.stop(
                    voice.pick(f"原文写作{printed}，核对一致", f"the notice prints {printed}, which agrees")
                )
            )
    return lines


def _dated(desk: Desk, param: Param) -> Grid:
    voice = desk.voice
    rows = []
    for version in param.versions:
        start = version.start or desk.policy.header.effective_from
        day = say_day(start, voice.language) if start is not None else ""
        if version.end is not None:
            day += voice.pick("至", " to ") + say_day(version.end, voice.language)
        printed = "; ".join(voice.said(r.value.value, r.value.kind) for r in version.restated)
        cells = [
            Cell(day, head="row"),
            Cell(voice.expr(version.value), figure=grids.is_figure(param.kind)),
        ]
        if any(v.restated for v in param.versions):
            cells.append(Cell(printed, figure=True))
        rows.append(cells)
    heads = [voice.pick("自", "from"), voice.name(param.name)]
    if any(v.restated for v in param.versions):
        heads.append(voice.pick("原文写作", "as printed"))
    return grids.plain_grid(voice.name(param.name), heads, rows)
