"""How does a person get a value or a condition wrong? Its figures, 超过 for 以上, 且 for 或, a member lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from policydsl.changes.figures import day_slips, figure_slips
from policydsl.changes.writing import (
    OPERATOR_SIGNS,
    Edit,
    Script,
    Slip,
    becomes,
    connective,
    keyword,
    left_out,
    listed,
    one_line,
    replaced,
)
from policydsl.diagnostics.model import Words
from policydsl.nodes import Node, Span, contents
from policydsl.syntax import ast

_STRICTER = {
    "LT": "LE", "LE": "LT", "GT": "GE", "GE": "GT", "OVER": "FROM", "FROM": "OVER", "UPTO": "BELOW",
    "BELOW": "UPTO",
}  # fmt: skip
_MODES = {
    "half_up": "ROUND_HALF_UP", "half_down": "ROUND_HALF_DOWN", "half_even": "ROUND_HALF_EVEN", "up": "ROUND_UP",
    "down": "ROUND_DOWN", "ceiling": "ROUND_CEILING", "floor": "ROUND_FLOOR",
}  # fmt: skip
#: Amounts that are not below zero know no difference between these.
_SAME_MODE = {"up": "ceiling", "ceiling": "up", "down": "floor", "floor": "down"}


def slips(thing: object, script: Script, *, percent: bool = False) -> Iterator[Slip]:
    """Every slip in a value, a condition, or a tuple of lines; names and restatements have none.

    `percent`: bare figures stand for percentages.
    """
    match thing:
        case ast.Figure():
            bare = percent and not thing.unit.powers
            yield from (replaced(thing.span, s) for s in figure_slips(thing.span.text, percent=bare))
        case ast.DateFigure():
            yield from (replaced(thing.span, s) for s in day_slips(thing.span.text))
        case ast.Restate() | ast.Path() | str() | None:
            return
        case tuple():
            for part in thing:
                yield from slips(part, script, percent=percent)
        case Node():
            for part in contents(thing):
                if isinstance(part, Node | tuple):
                    yield from slips(part, script, percent=percent)
            yield from _own(thing, script)
        case _:
            return


def _own(thing: Node, script: Script) -> Iterator[Slip]:
    """The slips of the thing itself, apart from those of its parts."""
    match thing:
        case ast.Compare():
            yield from _strictness(thing, script)
        case ast.Is(reach=str()):
            yield from _reach(thing, script)
        case ast.Logic():
            yield from _joined(thing, script)
        case ast.Has() | ast.In():
            yield from _fewer_members(thing, script)
        case ast.IfThen():
            yield negated(thing.condition.span, script)
        case ast.Extreme():
            both = ("GREATER_OF", "SMALLER_OF") if thing.which == "greatest" else ("SMALLER_OF", "GREATER_OF")
            yield from _first_word(thing.span, *both, script)
        case ast.Range():
            yield from _edges(thing, script)
        case ast.Round(mode=str() as mode):
            for other, terminal in _MODES.items():
                if other not in (mode, _SAME_MODE.get(mode), "ceiling", "floor"):
                    yield from _first_word(thing.span, _MODES[mode], terminal, script)
        case _:
            return


def negated(condition: Span, script: Script) -> Slip:
    """The condition turned into its opposite."""
    now = f"not ({condition.text})" if script == "en" else f"非（{condition.text}）"
    said = Words(f"the condition turned round, {one_line(now)}", f"条件写反，成为{one_line(now)}")
    return Slip(said, (Edit(condition.start, condition.end, now),))


def _first_word(whole: Span, old: str, new: str, script: Script) -> Iterator[Slip]:
    """The connective `new` in place of `old`, in whatever spelling it begins the text."""
    text = whole.text
    for end in range(len(text), 0, -1):  # the longest first: 取整到 before 取整
        if text[end - 1].isalpha() and connective(text[:end]) == old:
            word = keyword(new, script)
            said = becomes(text, word + text[end:])
            yield Slip(said, (Edit(whole.start, whole.start + end, word),))
            return


def _strictness(thing: ast.Compare, script: Script) -> Iterator[Slip]:
    source = thing.span.source
    left, right = thing.left.span, thing.right.span
    between = source.text[left.end : right.start]
    terminal = connective(between)
    if terminal in _STRICTER:
        other = _STRICTER[terminal]
        sign = OPERATOR_SIGNS.get(other) or keyword(other, script)
        word = between.strip("()（） \t\r\n")
        at = left.end + between.index(word)
        now = (
            thing.span.text[: at - thing.span.start]
            + sign
            + thing.span.text[at + len(word) - thing.span.start :]
        )
        yield Slip(becomes(thing.span.text, now), (Edit(at, at + len(word), sign),))
        return
    after = connective(source.text[right.end : thing.span.end])
    if after in ("AND_OVER", "AND_UNDER"):
        strict = keyword("OVER" if after == "AND_OVER" else "BELOW", script)
        now = f"{left.text} {strict} {right.text}"
        edit = Edit(right.start, thing.span.end, f"{strict} {right.text}")
        if source.text[right.start - 1 : right.start] not in (" ", "\u3000"):
            edit = Edit(right.start, thing.span.end, f" {strict} {right.text}")
        yield Slip(becomes(thing.span.text, now), (edit,))


def _reach(thing: ast.Is, script: Script) -> Iterator[Slip]:
    """二级以上 without 以上, and as 二级以下."""
    level = thing.right.span
    start = thing.span.text[: level.end - thing.span.start]
    other = keyword("AND_UNDER" if thing.reach == "over" else "AND_OVER", script)
    for tail in ("", f" {other}"):
        yield Slip(becomes(thing.span.text, start + tail), (Edit(level.end, thing.span.end, tail),))


def _joined(thing: ast.Logic, script: Script) -> Iterator[Slip]:
    """One 且 written as 或, or the other way round."""
    old, new = ("AND", "OR") if thing.op == "and" else ("OR", "AND")
    text = thing.span.source.text
    for left, right in pairwise(thing.operands):
        between = text[left.span.end : right.span.start]
        bare = re.sub(r"#[^\n]*", lambda m: " " * len(m[0]), between)
        for word in re.finditer(r"[^\s()（），,]+", bare):
            if connective(word[0]) != old:
                continue
            at, end = left.span.end + word.start(), left.span.end + word.end()
            now = text[left.span.start : at] + keyword(new, script) + text[end : right.span.end]
            said = becomes(text[left.span.start : right.span.end], now)
            yield Slip(said, (Edit(at, end, keyword(new, script)),))


def _fewer_members(thing: ast.Has | ast.In, script: Script) -> Iterator[Slip]:
    if len(thing.members) > 1:
        for i in range(len(thing.members)):
            rest = [m.span.text for m in (*thing.members[:i], *thing.members[i + 1 :])]
            edit = Edit(thing.span.start, thing.span.end, with_members(thing, rest, script))
            yield Slip(left_out(thing.members[i].span.text), (edit,))


def with_members(thing: ast.Has | ast.In, members: list[str], script: Script) -> str:
    """The text of a condition with another list of members."""
    if isinstance(thing, ast.Has):
        word = keyword("HAS_ANY", script)
    else:
        word = keyword("NOT_IN" if thing.negated else "IN", script)
    return f"{thing.left.span.text} {word} {listed(members, script)}"


def _edges(thing: ast.Range, script: Script) -> Iterator[Slip]:
    """A range whose low or high edge is in where it was out, or out where it was in."""
    part = f" {keyword('THE_PART', script)}" if thing.the_part else ""
    low = thing.low.span.text if thing.low is not None else None
    high = thing.high.span.text if thing.high is not None else None

    def written(low_closed: bool, high_closed: bool) -> str:
        words = []
        if low is not None:
            words += [keyword("FROM" if low_closed else "OVER", script), low]
        if high is not None:
            words += [keyword("UPTO" if high_closed else "BELOW", script), high]
        return " ".join(words) + part

    if low is not None:
        yield replaced(thing.span, written(not thing.low_closed, thing.high_closed))
    if high is not None:
        yield replaced(thing.span, written(thing.low_closed, not thing.high_closed))
