"""How does a comparison of two policies look as a page? One self-contained file, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from policydsl.amounts import say_name
from policydsl.diagnostics.model import Language
from policydsl.difference import told
from policydsl.difference.cases import total
from policydsl.differences import Answers, Comparison, Declared, Tally
from policydsl.kinds import Kind
from policydsl.nodes import evolve
from policydsl.pages import environment


def to_html(both: Comparison, language: Language) -> str:
    """The page as text. Needs jinja2 (the extra `doc`)."""
    zh = language == "zh"
    return (
        environment("policydsl.difference")
        .get_template("comparison.html")
        .render(
            zh=zh,
            language="zh-CN" if zh else "en",
            titles=[
                (p.header.title, p.header.name.key, p.header.document or "") for p in (both.old, both.new)
            ],
            draft=both.old.header.draft or both.new.header.draft,
            same=both.same,
            declared=[
                _declaration(head, one, language)
                for head, one in told.declared_heads(both.declared, language)
            ],
            answers=[
                _answer(one, both, language)
                for one in both.answers
                if one.outcome in ("different", "open", "incomparable")
            ],
            unchanged=[told.say(one.title, language) for one in both.answers if one.outcome == "same"],
            added=[told.say(one.title, language) for one in both.answers if one.outcome == "added"],
            dropped=[told.say(one.title, language) for one in both.answers if one.outcome == "dropped"],
            lacking=list(told.lacking_lines(both, language)),
            tables=[_table(key, tallies, both, language) for key, tallies in both.counted.items()],
        )
    )


def _declaration(head: str, one: Declared | None, language: Language) -> dict[str, Any]:
    if one is None:
        return {"head": head, "what": "", "details": [], "quotes": []}
    return {
        "head": head,
        "what": one.what,
        "details": [tuple(told.say(w, language) for w in detail) for detail in one.details],
        "quotes": [(quote.clause, quote.words) for quote in one.quotes],
    }


def _answer(one: Answers, both: Comparison, language: Language) -> dict[str, Any]:
    head, *rest = told.answer_lines(one, both, language)
    groups: list[dict[str, Any]] = []
    for group in one.groups:
        whom, *lines = told.group_lines(one, group, both, language)
        stretches = [
            (
                told.stretch_text(stretch, one.along, both, language),
                told.hows_text(stretch, one.kind, language),
                stretch.hows[0] if len(stretch.hows) == 1 else "mixed",
            )
            for stretch in group.stretches
        ]
        groups.append({"whom": whom, "stretches": stretches, "changes": lines[len(stretches) :]})
    remark = rest[0] if rest and one.outcome != "different" else ""
    return {"head": head, "remark": remark, "groups": groups}


def _table(key: str, tallies: Sequence[Tally], both: Comparison, language: Language) -> dict[str, Any]:
    by = both.by
    definition = both.new.definition(key)
    rows = list(tallies)
    if by:
        rows.append(evolve(total(tallies), key=told.total_key(by, language)))
    return {
        "title": say_name(definition.name, language),
        "heads": told.tally_heads(by, language),
        "labels": len(by),
        "rows": [told.tally_cells(row, definition.kind, both, language) for row in rows],
        "bars": _bars(tallies, definition.kind, both, language),
    }


def _bars(tallies: Sequence[Tally], kind: Kind, both: Comparison, language: Language) -> list[dict[str, Any]]:
    """A row of the chart for each tally: how far its losses reach to the left and its gains to the right,
    in thousandths of the largest."""
    largest = max((max(t.gains, t.losses) for t in tallies), default=Fraction(0)) or Fraction(1)
    rows = [(t, told.tally_cells(t, kind, both, language)) for t in tallies]
    return [
        {
            "label": ("、" if language == "zh" else ", ").join(cells[: len(t.key)]),
            "gains": int(t.gains * 1000 / largest),
            "losses": int(t.losses * 1000 / largest),
            "gains_text": cells[len(t.key) + 4],
            "losses_text": cells[len(t.key) + 5],
        }
        for t, cells in rows
    ]
