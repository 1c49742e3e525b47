"""Is a cell a figure, and in which unit? Text of a sheet to the writing of the language, digit for digit."""

from __future__ import annotations

import re

from policydsl.kinds import CURRENCIES
from policydsl.nodes import Node, node
from policydsl.sheets.grid import Cell, fold, fold_all
from policydsl.syntax.figures import read_per
from policydsl.syntax.words import meaning

_FIGURE = re.compile(r"([¥￥]?)([0-9]+(?:,[0-9]{3})+(?![0-9])|[0-9]+)(\.[0-9]+)?([^0-9.,].*)?")
_IN_BRACKETS = re.compile(
    r"(.*?)[\s，,、]*[(（\[【〔]\s*(?:单位|單位|unit)?\s*[:：]?\s*([^()（）\[\]【】〔〕]{1,12})\s*[)）\]】〕]\s*",
    re.DOTALL,
)
_UNIT_STATED = re.compile(r"(?:金额)?(?:单位|單位|unit)\s*[:：]\s*([^\s，,；;()（）]{1,8})")
_COINS = ("元", "角", "分")


@node
class Figure(Node):
    """A printed figure: its digits without thousands separators, and the unit written behind it."""

    digits: str
    unit: str


def read_unit(text: str) -> str | None:
    """The unit as a column head writes it: 元, 万元, %, 元/人·年, 岁; None when it is none."""
    unit = fold_all(text).replace("％", "%").replace("圆", "元").replace("人民币", "")
    unit = unit.replace("元/每人每年", "元/人·年").replace("元/每人", "元/人").replace("元/人.年", "元/人·年")
    top, _, per = unit.partition("/")
    base = top[1:] if len(top) > 1 and top[0] in "万萬亿億" else top
    known = base in _COINS or base in CURRENCIES or meaning("dimensions", base) is not None
    if top in ("%", "‰") and not per:
        return unit
    if not known or (per and any(meaning("dimensions", w) is None for w in re.split(r"[/·]", per))):
        return None
    if per:
        read_per(per)
    return unit


def split_unit(text: str) -> tuple[str, str]:
    """A head without its unit, and the unit: 支付比例（%） is 支付比例 and %."""
    match = _IN_BRACKETS.fullmatch(text)
    if match is not None and (unit := read_unit(match[2])) is not None:
        return match[1].strip(), unit
    stripped = text.rstrip()
    if stripped[-1:] in ("%", "％", "‰"):
        return stripped[:-1].strip(), "‰" if stripped[-1] == "‰" else "%"
    return text.strip(), ""


def stated_unit(text: str) -> str | None:
    """The unit that a line above a table states for all of it: 单位：元."""
    match = _UNIT_STATED.search(fold(text))
    return read_unit(match[1]) if match else None


def read_figure(cell: Cell) -> Figure | None:
    """The figure that a cell prints; None when it prints none."""
    if cell.kind == "number":
        return (
            None
            if cell.flaw or cell.text.startswith("-") or "/" in cell.text
            else Figure(cell.text, cell.unit)
        )
    if cell.kind != "text":
        return None
    return read_text(cell.text)


def read_text(text: str) -> Figure | None:
    match = _FIGURE.fullmatch(fold_all(text))
    if match is None:
        return None
    sign, whole, part, rest = match.groups()
    digits = whole.replace(",", "") + (part or "")
    unit = (rest or "").lstrip("·")
    if unit in ("万", "亿", "萬", "億"):
        return Figure(digits, f"{unit}元" if sign else unit)
    if unit in ("个百分点", "個百分點"):
        return Figure(digits, unit)
    if sign and not unit:
        return Figure(digits, "元")
    if unit and read_unit(unit) is None and unit not in ("周岁", "周歲", "个月", "個月"):
        return None
    return Figure(digits, read_unit(unit) or unit if unit else "")


def written(figure: Figure, head_unit: str) -> str:
    """The figure as a cell under a head with that unit writes it: bare where the units are the same."""
    if figure.unit == head_unit:
        return figure.digits
    if figure.unit in ("万", "亿", "萬", "億") and head_unit.startswith("元"):
        return f"{figure.digits}{figure.unit}{head_unit}"
    if head_unit.startswith(f"{figure.unit}/") and figure.unit:
        return figure.digits  # 300元 under 元/人·年
    space = " " if figure.unit[:1].isascii() and figure.unit[:1].isalpha() else ""
    return f"{figure.digits}{space}{figure.unit}"
