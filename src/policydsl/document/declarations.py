"""How does each declaration read on the page? Its sentences, tables and curves, under its clauses."""

from __future__ import annotations

from typing import assert_never

from policydsl.document.desk import Desk
from policydsl.document.figures import param_blocks
from policydsl.document.rules import rule_blocks, table_blocks
from policydsl.document.schedules import tiers_blocks
from policydsl.document.shares import share_of, split_blocks
from policydsl.document.sheet import Block, Entry
from policydsl.model import (
    Definition,
    Param,
    Rule,
    Split,
    Table,
    Tiers,
)

WORDS = {
    Param: ("标准", "figure"),
    Split: ("分担", "split"),
    Tiers: ("分段", "bands"),
    Table: ("表", "table"),
    Rule: ("规则", "rule"),
}


def entry(desk: Desk, definition: Definition) -> Entry:
    """The entry of a definition, without its links."""
    zh, en = WORDS[type(definition)]
    quotes = list(definition.quotes)
    value, blocks = "", list[Block]()
    match definition:
        case Param():
            value, blocks = param_blocks(desk, definition)
        case Split():
            blocks = split_blocks(desk, definition)
            quotes += [q for arm in definition.arms for q in arm.quotes]
        case Tiers():
            blocks = list(tiers_blocks(desk, definition))
            quotes += [q for band in definition.bands for q in band.quotes]
        case Table():
            blocks = table_blocks(desk, definition)
            quotes += [q for row in definition.rows for q in row.quotes]
        case Rule():
            blocks = rule_blocks(desk, definition)
        case _:
            assert_never(definition)
    name = desk.voice.name(definition.name)
    if isinstance(definition, Split) and definition.parent is not None:
        name = share_of(desk, definition.parent)
    also = definition.name.shown
    return Entry(
        desk.anchors[definition.name.key],
        desk.voice.pick(zh, en),
        name,
        definition.name.key if definition.name.key != name else "",
        also if desk.voice.language == "en" and also not in (name, definition.name.key) else "",
        value,
        tuple(dict.fromkeys(quotes)),
        tuple(blocks),
        definition.notes,
    )
