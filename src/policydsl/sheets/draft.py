"""What was made of a table of a sheet? A `tiers` or `table` block in parts, and how it is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from policydsl.diagnostics.model import Language
from policydsl.diagnostics.render import cells as width
from policydsl.nodes import Node, node
from policydsl.syntax import ast
from policydsl.syntax.words import entry, meaning, spelling


@node
class Column(Node):
    """A column: the words of its head as the policy writes them, and its unit."""

    words: tuple[str, ...]
    unit: str = ""


@node
class Draft(Node):
    """A block to be written. `amount` and `mode` are those of tiers, `type` the kind of a table's result."""

    kind: Literal["tiers", "table"]
    name: str
    amount: str
    mode: str | None
    type: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


def lay_out(draft: Draft, language: Language, like: ast.Tiers | ast.Table | None = None) -> str:
    """The text of the block, with a line end after it.

    With `like`, a declaration of the policy, what stands above and below its rows is kept.
    """
    rows = lines([head_text(c) for c in draft.columns], draft.rows)
    if like is None:
        return f"{_first_line(draft, language)}\n" + "".join(f"  {row}\n" for row in rows)
    text, start = like.span.source.text, like.span.start
    above = text[start : like.rows.span.start].rstrip()
    last = text.find("\n", like.rows.span.end)
    below = text[last + 1 : like.span.end] if 0 <= last < like.span.end else ""
    below = below.rstrip()
    return f"{above}\n" + "".join(f"  {row}\n" for row in rows) + (f"{below}\n" if below else "")


def head_text(column: Column) -> str:
    words = " ".join(column.words)
    return f"{words} ({column.unit})" if column.unit else words


def lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table with bars, its columns aligned by the cells that they take on a terminal."""
    every = [list(heads), *map(list, rows)]
    widths = [max(width(row[i]) for row in every) for i in range(len(heads))]
    return [
        "| " + " | ".join(cell + " " * (w - width(cell)) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in every
    ]


def _first_line(draft: Draft, language: Language) -> str:
    zh = language == "zh"
    by, comma = spelling("BY", language), "、" if zh else ", "
    keys = f" {by} {comma.join(draft.keys)}" if draft.keys else ""
    if draft.kind == "tiers":
        mode = entry("kinds", draft.mode)[language][0] if draft.mode else ""
        if zh:
            return (
                f"{spelling('TIERS', 'zh')} {draft.name}：{draft.amount}"
                + (f"，{mode}" if mode else "")
                + keys
            )
        mode = f", {mode}" if mode else ""
        return f"{spelling('TIERS', 'en')} {draft.name} of {draft.amount}{mode}" + (
            f",{keys}" if keys else ""
        )
    kind = f"{'：' if zh else ': '}{draft.type}" if draft.type else ""
    return f"{spelling('TABLE', language)} {draft.name}{kind}{keys}"


def type_of(unit: str, language: Language) -> str:
    """The kind of a result whose head has that unit: 金额/人·年 for 元/人·年, “” for one without a unit."""
    if not unit:
        return ""
    top, _, per = unit.partition("/")
    if top in ("%", "‰"):
        return entry("types", "rate")[language][0]
    base = top[1:] if len(top) > 1 and top[0] in "万萬亿億" else top
    kinds = {
        "day": "days",
        "month": "months",
        "year": "years",
        "person": "persons",
        "household": "households",
        "case": "cases",
    }
    dimension = meaning("dimensions", base)
    kind = entry("types", kinds.get(dimension or "", "money"))[language][0]
    if not per:
        return kind
    if language == "zh":
        return f"{kind}/{per}"
    each = [meaning("dimensions", w) or w for w in per.replace("/", "·").split("·")]
    return kind + "".join(f" per {w}" for w in each)
