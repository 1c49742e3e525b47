"""Which range does a cell print? 10万元以下, 100001-200000, 起付标准-100000, ≥500001 and how the language writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

from policydsl.diagnostics.model import Language
from policydsl.nodes import Node, node
from policydsl.sheets.grid import fold, fold_all

Place: TypeAlias = Literal["low", "high"]

#: these are also the first characters of names: they count before a digit only
_BARE = ("满", "滿", "自", "从", "從")
_BEFORE: tuple[tuple[tuple[str, ...], Place, bool], ...] = (
    (("不超过", "不超過", "不高于", "不高於", "不多于", "不大于", "小于等于", "小于或等于", "至多", "≤", "≦", "<="), "high", True),
    (("不低于", "不低於", "不少于", "不小于", "大于等于", "大于或等于", "至少", "≥", "≧", ">="), "low", True),
    (("低于", "低於", "不足", "不满", "不滿", "未满", "未滿", "小于", "少于", "<"), "high", False),
    (("超过", "超過", "高于", "高於", "大于", "多于", ">"), "low", False),
    (_BARE, "low", True),
)  # fmt: skip
_AFTER: tuple[tuple[tuple[str, ...], Place, bool], ...] = (
    (("及以上", "含以上", "以上"), "low", True),
    (("及以下", "含以下", "以下", "以内", "以內", "之内", "之內"), "high", True),
)
_ENGLISH = tuple(
    (re.compile(rf"(?<![A-Za-z_]){words}(?![A-Za-z_])", re.IGNORECASE), sign)
    for words, sign in (
        (r"(?:and over|or more|and above)", "以上"), (r"(?:and under|or less|and below)", "以下"),
        (r"(?:up to|no more than|at most)", "≤"), (r"(?:from|no less than|at least)", "≥"), (r"(?:over|above)", ">"),
        (r"(?:below|under)", "<"), (r"to", "-"), (r"and", "且"), (r"the part", "的部分"),
    )
)  # fmt: skip
_PARTED = re.compile(r"--|—+|-|至|到")
_BETWEEN = re.compile(r"^[,、且]")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_THOUSANDS = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")
_LEFT_OF_X = re.compile(r"^(.+?)(<=|≤|≦|<)[A-Za-z\u4e00-\u9fff]{0,10}(<=|≤|≦|<)(.+)$")


@node
class Bounds(Node):
    """A range in the words of the cell: `worded` tells 超过…至… from a bare 1-2; bounds are texts, or None."""

    low: str | None
    low_closed: bool
    high: str | None
    high_closed: bool
    worded: bool
    the_part: bool = False


def read_bounds(text: str) -> Bounds | None:
    """The range that a cell prints, bounds as they stand; None when it is none."""
    words = fold(text).replace("–", "-").replace("−", "-").replace("～", "-").replace("〜", "-")
    for english, sign in _ENGLISH:
        words = english.sub(sign, words)
    words = _THOUSANDS.sub(lambda m: m[0].replace(",", ""), fold_all(words).replace("~", "-"))
    the_part = False
    for ending in ("的部分", "部分"):
        if words.endswith(ending):
            words, the_part = words.removesuffix(ending), True
            break
    words = re.sub(r"\(不含[^()]*\)", "†", words)
    words = re.sub(r"\(含[^()]*\)", "", words)
    if (formula := _LEFT_OF_X.match(words)) is not None:
        low, first, second, high = formula.groups()
        return Bounds(low, first != "<", high, second != "<", True, the_part)
    items: list[tuple[str, Place | None, bool]] = []
    while words:
        item = _item(words)
        if item is None or len(items) == 2:
            return None
        value, place, closed, words = item
        items.append((value, place, closed))
    return _bounds(items, the_part)


def _item(words: str) -> tuple[str, Place | None, bool, str] | None:
    """One bound from the front: its text, the side and whether it is included, and what is left."""
    place: Place | None = None
    closed = True
    for spellings, side, included in _BEFORE:
        found = next((s for s in spellings if words.startswith(s)), None)
        if found is not None and (found not in _BARE or words[1:2].isdigit()):
            words, place, closed = words[len(found) :], side, included
            break
    ends = [i for i in (_first(words), _parted(words)) if i is not None]
    end = min(ends, default=len(words))
    value, rest = words[:end], words[end:]
    open_ = rest.startswith("†")
    rest = rest.removeprefix("†")
    for spellings, side, included in _AFTER:
        found = next((s for s in spellings if rest.startswith(s)), None)
        if found is not None:
            if place is not None:
                return None
            rest, place, closed = rest[len(found) :], side, included
            break
    if open_ or rest.startswith("†"):
        rest, closed = rest.removeprefix("†"), False
    if not value:
        return None
    if (parted := _PARTED.match(rest)) is not None:
        rest = rest[parted.end() :]
        if place is None:
            place = "low"
        if not rest:
            return None
    elif (joined := _BETWEEN.match(rest)) is not None:
        rest = rest[joined.end() :]
    return value, place, closed, rest


def _first(words: str) -> int | None:
    """Where the words after a bound, or before the next one, begin."""
    number = _NUMBER.match(words)
    start = number.end() if number else 1
    marks = [s for table in (_AFTER, _BEFORE) for spellings, _, _ in table for s in spellings]
    found = [i for s in marks if s not in _BARE and (i := words.find(s, start)) >= 0]
    found += [i for s in ("†", ",", "、", "且") if (i := words.find(s, start)) >= 0]
    return min(found, default=None)


def _parted(words: str) -> int | None:
    match = _PARTED.search(words, 1)
    return match.start() if match else None


def _bounds(items: Sequence[tuple[str, Place | None, bool]], the_part: bool) -> Bounds | None:
    worded = any(place is not None for _, place, _ in items[1:]) or len(items) == 1
    low: tuple[str, bool] | None = None
    high: tuple[str, bool] | None = None
    for i, (value, place, closed) in enumerate(items):
        side = place or ("high" if i else None)
        if side == "low" and low is None:
            low = (value, closed)
        elif side == "high" and high is None:
            high = (value, closed)
        else:
            return None
    if low is None and high is None:
        return None
    worded = worded or (low is not None and not low[1])
    return Bounds(
        low[0] if low else None, low[1] if low else False, high[0] if high else None, high[1] if high else False,
        worded, the_part,
    )  # fmt: skip


def write_bounds(bounds: Bounds, bound: Callable[[str], str | None], language: Language) -> str | None:
    """The range as the language writes it, each bound as `bound` writes it; None when one of them is none."""
    low = bound(bounds.low) if bounds.low is not None else None
    high = bound(bounds.high) if bounds.high is not None else None
    if (bounds.low is not None and low is None) or (bounds.high is not None and high is None):
        return None
    zh = language == "zh"
    text = _written(bounds, low, high, zh)
    return text + (("的部分" if zh else " the part") if bounds.the_part else "")


def _written(bounds: Bounds, low: str | None, high: str | None, zh: bool) -> str:
    if high is None:
        if bounds.low_closed:
            return f"{_tight(low)}以上" if zh else f"{low} and over"
        return f"超过 {low}" if zh else f"over {low}"
    if low is None:
        if bounds.high_closed:
            return f"{_tight(high)}以下" if zh else f"up to {high}"
        return f"不满 {high}" if zh else f"below {high}"
    if bounds.low_closed and bounds.high_closed:
        if not bounds.worded:
            return f"{low}-{high}"
        return f"{_tight(low)}以上 {_tight(high)}以下" if zh else f"from {low} up to {high}"
    if bounds.low_closed:
        return f"{_tight(low)}以上 不满 {high}" if zh else f"from {low} below {high}"
    if bounds.high_closed:
        return f"超过 {low} 至 {high}" if zh else f"over {low} up to {high}"
    return f"超过 {low} 不满 {high}" if zh else f"over {low} below {high}"


def _tight(bound: str | None) -> str:
    """A bound before 以上: a figure stands tight, a name takes a space, or the two would be one name."""
    assert bound is not None
    return bound if bound[0].isdigit() or bound[-1] in '”"」' else f"{bound} "
