"""How does a schedule read? Its rule, its bands, its curve, and what it pays at round amounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from policydsl.amounts import say_decimal
from policydsl.document import grids
from policydsl.document.curves import Curve, at, curve, rounds
from policydsl.document.desk import Desk
from policydsl.document.drawing import amount_name, draw
from policydsl.document.sheet import Block, Cell, Figure, Grid, Prose
from policydsl.expressions import Input, Ref, Value
from policydsl.kinds import Kind, Quantity, is_money
from policydsl.model import (
    Tiers,
)
from policydsl.nodes import evolve

#: the most lines of a curve that can be told apart
MAX_LINES = 8


def tiers_blocks(desk: Desk, tiers: Tiers) -> Iterator[Block]:
    voice = desk.voice
    name, amount = voice.name(tiers.name), voice.expr(tiers.amount)
    by = voice.listed([grids.key_name(k, voice) for k in tiers.keys])
    what = (
        voice.pick("支付比例" if is_money(tiers.kind) else "比例", "rate")
        if tiers.cells_are_rates
        else voice.pick("数额", "amount")
    )
    match tiers.mode:
        case "marginal":
            words = voice.pick(
                f"{name}按{amount}分段计算（超额累进）：落在各段内的部分分别乘以该段的{what}，各段相加",
                f"{name} is computed on {amount} by bands (marginal): the part in each band counts at that band's rate, and the parts add up",
            )
        case "slab":
            low = tiers.bands[0].interval.low
            if low is not None and getattr(low, "value", None) != 0 and tiers.cells_are_rates:
                whole = voice.pick(f"超过{voice.expr(low)}的全部数额", f"all that is above {voice.expr(low)}")
            else:
                whole = voice.pick("全部数额", "the whole amount")
            words = voice.pick(
                f"{name}按{amount}所在的段确定（全额累进）："
                + (f"{whole}适用所在段的{what}" if tiers.cells_are_rates else "适用所在段的数额"),
                f"{name} is set by the band that {amount} is in (slab): "
                + (
                    f"{whole} counts at the rate of that band"
                    if tiers.cells_are_rates
                    else "it is the amount of that band"
                ),
            )
        case _:
            words = voice.pick(
                f"{name}按{amount}在下列各点之间直线内插",
                f"{name} lies on the straight line between the points below, along {amount}",
            )
    lines = [voice.stop(words)]
    if by:
        lines.append(voice.stop(voice.pick(f"{what}按{by}确定", f"the {what} depends on {by}")))
    first = tiers.bands[0].interval.low
    if tiers.mode == "marginal" and first is not None and getattr(first, "value", None) != 0:
        edge = voice.expr(first)
        lines.append(
            voice.stop(voice.pick(f"不超过{edge}的部分不计", f"what is not above {edge} does not count"))
        )
    if tiers.continuous:
        lines.append(
            voice.stop(
                voice.pick(
                    "各段首尾相接，段与段之间不留空档", "each band begins where the one before it ends"
                )
            )
        )
    if tiers.cap is not None:
        bound = voice.expr(tiers.cap.bound)
        lines.append(
            voice.stop(
                voice.pick(
                    f"封顶线为{bound}，超过的部分不计", f"what is above the cap, {bound}, does not count"
                )
            )
        )
    elif tiers.bands[-1].interval.high is None and not any(
        getattr(f, "which", "") == "cap" for f in tiers.finish
    ):
        lines.append(voice.stop(voice.pick("上不封顶", "there is no cap")))
    lines += voice.finish(tiers.finish, tiers.kind)
    yield Prose(tuple(lines))
    yield grids.band_grid(tiers, voice)
    found = curve(desk.program, tiers.name.key, desk.answer)
    if found is None:
        yield Prose(
            (
                voice.stop(
                    voice.pick(
                        "结果还取决于另行给出的数额，或者分段过多，不作曲线",
                        "there is no curve, because other amounts decide the result, or the bands are too many",
                    )
                ),
            )
        )
        return
    names = grids.column_names(tiers, voice)
    for i, part in enumerate(_readable(found, tiers)):
        anchor = desk.anchors[tiers.name.key] + (f"-{i + 1}" if i else "")
        yield Figure(
            draw(part, f"curve-{anchor}", voice, names), tuple(_curve_notes(desk, part, tiers, names))
        )
    yield _worked(desk, found, names)


def _curve_notes(desk: Desk, found: Curve, tiers: Tiers, names: Sequence[str]) -> Iterator[str]:
    voice = desk.voice
    if found.fixed:
        told = voice.listed(
            [
                voice.pick(f"{voice.fact(k)}为{_fact(desk, k, v)}", f"{voice.fact(k)} {_fact(desk, k, v)}")
                for k, v in found.fixed
            ]
        )
        yield voice.stop(voice.pick(f"本图按{told}绘制", f"drawn for {told}"))
    kind = found.amount.kind
    starts: dict[Fraction, list[str]] = {}
    for line in found.lines:
        if line.start is not None:
            starts.setdefault(line.start, []).append(names[line.column])
    if starts:
        told = voice.pick("；", "; ").join(
            voice.short(s, kind) + (voice.brackets(voice.listed(who)) if len(starts) > 1 else "")
            for s, who in sorted(starts.items())
        )
        yield "▲ " + voice.stop(
            voice.pick(f"{_start(desk, tiers)}：{told}", f"{_start(desk, tiers)}: {told}")
        )
    caps = sorted({line.amount_cap for line in found.lines if line.amount_cap is not None})
    edges = sorted({e for line in found.lines for e in line.edges} - {*starts, *caps})
    if edges:
        told = voice.listed([voice.short(e, kind) for e in edges if e > 0])
        if told:
            yield voice.stop(voice.pick(f"分段界限：{told}", f"band edges: {told}"))
    if caps:
        told = voice.listed([voice.short(c, kind) for c in caps])
        yield voice.stop(voice.pick(f"封顶线：{told}", f"cap: {told}"))
    if not all(line.straight for line in found.lines):
        yield voice.stop(
            voice.pick(
                "图中各点准确，点与点之间的连线为近似",
                "the points are exact, and the lines between them are approximate",
            )
        )


def _start(desk: Desk, tiers: Tiers) -> str:
    """What the bound is called below which nothing is paid."""
    low = tiers.bands[0].interval.low
    if isinstance(low, Ref | Input):
        return desk.voice.expr(low)
    return desk.voice.pick("不计的部分至", "nothing is paid up to")


def _fact(desk: Desk, key: str, value: Value) -> str:
    voice = desk.voice
    if value is None:
        return voice.pick("无", "none")
    return voice.said(value, desk.program.fact(key).kind)


def _worked(desk: Desk, found: Curve, names: Sequence[str]) -> Grid:
    """What is paid at round amounts."""
    voice = desk.voice
    kind = found.definition.kind
    axis = amount_name(found, voice)
    several = len(found.lines) > 1
    heads = [grids.headed(axis, found.amount.kind, voice)]
    if several:
        heads += [grids.head(names[line.column]) for line in found.lines]
    else:
        heads.append(grids.headed(voice.name(found.definition.name), kind, voice))
    rows = []
    for x in rounds(found):
        cells = [Cell(_grouped(desk, x, found.amount.kind), head="row", figure=True)]
        for line in found.lines:
            step = at(found, line, x, desk.answer)
            value = None if step is None else step.value
            words = voice.pick("不作规定", "undefined") if value is None else _grouped(desk, value, kind)
            cells.append(Cell(words, figure=True))
        rows.append(cells)
    unit = voice.brackets(voice.unit(kind)) if several and voice.unit(kind) else ""
    caption = voice.pick(f"整数数额的计算结果{unit}", f"Results at round amounts{unit}")
    if found.fixed:
        told = voice.listed([_fact(desk, k, v) for k, v in found.fixed])
        caption += voice.pick(f"，{told}", f", {told}")
    return grids.plain_grid(caption, heads, rows, titled=True)


def _grouped(desk: Desk, value: Value, kind: Kind) -> str:
    """A figure that we computed, its digits in groups: 1,000,000."""
    if isinstance(value, Fraction) and isinstance(kind, Quantity) and not kind.percent:
        return say_decimal(value, grouped=True)
    return desk.voice.bare(value, kind)


def _readable(found: Curve, tiers: Tiers) -> Iterable[Curve]:
    """The curve, or where it has too many lines one for each member of the first key."""
    if len(found.lines) <= MAX_LINES:
        return (found,)
    groups: dict[object, list[int]] = {}
    for i, line in enumerate(found.lines):
        groups.setdefault(tiers.columns[line.column].tests[0], []).append(i)
    parts = []
    for members in groups.values():
        for start in range(0, len(members), MAX_LINES):
            parts.append(
                evolve(found, lines=tuple(found.lines[i] for i in members[start : start + MAX_LINES]))
            )
    return parts
