"""How do a table and a rule read? What is looked up, the grounds and what happens where several hold."""

from __future__ import annotations

from policydsl.document import grids
from policydsl.document.desk import Desk
from policydsl.document.figures import restated
from policydsl.document.sheet import Block, Item, Items, Link, Prose
from policydsl.expressions import Constant, Undefined
from policydsl.kinds import Kind, YesNo
from policydsl.model import (
    Ground,
    Rule,
    Table,
    Timeline,
)


def table_blocks(desk: Desk, table: Table) -> list[Block]:
    voice = desk.voice
    by = voice.listed([grids.key_name(k, voice) for k in table.keys])
    name = voice.name(table.name)
    lines = [voice.stop(voice.pick(f"{name}按{by}查下表确定", f"{name} is looked up by {by}"))]
    if table.overlap is not None:
        lines.append(_overlap(desk, table.overlap))
    lines += voice.finish(table.finish, table.kinds[0])
    return [Prose(tuple(lines)), grids.table_grid(table, voice)]


def _overlap(desk: Desk, overlap: str) -> str:
    zh, en = {
        "first": (
            "同时符合两项以上的，按先后次序适用在前的一项",
            "where several apply, the first one does",
        ),
        "greatest": ("同时符合两项以上的，就高", "where several apply, the greatest does"),
        "least": ("同时符合两项以上的，就低", "where several apply, the least does"),
        "sum": ("同时符合两项以上的，累加", "where several apply, they add up"),
        "count": ("按符合的项数计算", "those that apply are counted"),
    }[overlap]
    return desk.voice.stop(desk.voice.pick(zh, en))


# rules


def _dated_rule(desk: Desk, rule: Rule, line: Timeline) -> list[Block]:
    """A value that several declarations give, each for some days: where they stand."""
    voice = desk.voice
    name = voice.name(rule.name)
    words = voice.stop(
        voice.pick(f"{name}按日期适用下列规定", f"which of these gives {name} depends on the date")
    )
    items = [Item("", link=Link(voice.definition(e.key), desk.anchors[e.key])) for e in line.editions]
    return [Prose((words,)), Items(tuple(items))]


def rule_blocks(desk: Desk, rule: Rule) -> list[Block]:
    voice = desk.voice
    name = voice.name(rule.name)
    for line in desk.policy.timelines:
        if line.name.key == rule.name.key and line.single and all(e.key for e in line.editions):
            return _dated_rule(desk, rule, line)
    base = rule.base
    if not rule.grounds:
        if isinstance(rule.kind, YesNo):
            words = voice.pick(
                f"{voice.expr(base)}的，{name}为“是”，否则为“否”",
                f"{name} is yes where {voice.expr(base)}, and no otherwise",
            )
        elif isinstance(base, Undefined):
            words = voice.pick(f"{name}不作规定", f"{name} is undefined")
        else:
            words = voice.pick(f"{name}为{voice.expr(base)}", f"{name} is {voice.expr(base)}")
        lines = [voice.stop(words), *restated(desk, rule.restated, desk.value_of(rule.name.key))]
        return [Prose((*lines, *voice.finish(rule.finish, rule.kind)))]
    if isinstance(base, Undefined):
        words = voice.pick(
            f"{name}按下列情形确定；不属于下列情形的，不作规定",
            f"{name} is set by these grounds, and undefined where none holds",
        )
    elif isinstance(base, Constant):
        value = voice.said(base.value, base.kind)
        words = voice.pick(
            f"{name}按下列情形确定；不属于下列情形的，为{value}",
            f"{name} is set by these grounds, and is {value} where none holds",
        )
    else:
        value = voice.expr(base)
        words = voice.pick(f"{name}为{value}，但下列情形除外", f"{name} is {value}, except on these grounds")
    lines = [voice.stop(words), *restated(desk, rule.restated, desk.value_of(rule.name.key))]
    if isinstance(base, Undefined):
        lines.append(
            voice.stop(voice.pick(f"不作规定的理由：{base.because}", f"undefined because {base.because}"))
        )
    after = []
    if rule.overlap is not None:
        after.append(_overlap(desk, rule.overlap))
    after += voice.finish(rule.finish, rule.kind)
    blocks: list[Block] = [
        Prose(tuple(lines)),
        Items(tuple(_ground(desk, g, rule.kind) for g in rule.grounds)),
    ]
    return blocks + ([Prose(tuple(after))] if after else [])


def _ground(desk: Desk, ground: Ground, kind: Kind) -> Item:
    voice = desk.voice
    when = voice.expr(ground.when)
    value = voice.expr(ground.value)
    if ground.exempt:
        words = voice.pick(f"{when}的，免除，即为{value}", f"where {when}: exempt, {value}")
    elif isinstance(ground.value, Undefined):
        words = voice.pick(f"{when}的，{value}", f"where {when}: {value}")
    else:
        words = voice.pick(f"{when}的，为{value}", f"where {when}: {value}")
    inner = tuple(_ground(desk, g, kind) for g in ground.inner)
    if inner:
        words += voice.pick("，但下列情形除外", ", except")
    return Item(voice.stop(words), voice.name(ground.name), ground.quotes, inner=inner)
