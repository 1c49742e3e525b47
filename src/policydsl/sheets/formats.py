"""What number does a cell show? The value that the sheet holds, in the format that it is shown in.

A sheet holds binary numbers. `repr` gives the shortest decimal that stands for exactly one of them,
which is what was typed: 0.1, 44.5, 13.55. A number that needs more than 15 digits was computed, or was cut off
when it was typed, and is never taken.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from policydsl.amounts import decimals, say_decimal

#: The digits that every decimal keeps on its way through a sheet.
DIGITS = 15

_LITERAL = re.compile(r'"([^"]*)"|[\\!](.)|_.|\*.|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|([¥￥元])')


def exact(number: object) -> Fraction | None:
    """The decimal that a number of a sheet stands for; None when it has more digits than a sheet keeps."""
    written = Decimal(repr(number))
    digits = "".join(map(str, written.as_tuple().digits)).strip("0")
    return Fraction(written) if written.is_finite() and len(digits) <= DIGITS else None


def shown(value: Fraction, code: str) -> tuple[str, str] | None:
    """The figure and the unit (%, 元, 万元 or "") that a cell shows; None when it shows another number.

    `code` is the format of the cell: General, 0.00%, #,##0.00"元".
    """
    literals: list[str] = []

    def take(match: re.Match[str]) -> str:
        literals.append(next((g for g in match.groups() if g), ""))
        return ""

    core = _LITERAL.sub(take, code.split(";")[0])
    words = "".join(literals)
    percent = "%" in core
    places = re.search(r"\.([0#?]*)", core)
    if re.search(r"[0#?],+(?![0#?])", core):
        return None  # the format divides by thousands
    if "‰" in core or (percent and core.count("%") > 1):
        return None
    figure = value * 100 if percent else value
    plain = not re.search(r"[0#?]", core) or re.search(r"[EeGg/]", core) is not None
    if not plain and (decimals(figure) or 0) > (len(places[1]) if places else 0):
        return None
    if percent or "%" in words or "％" in words:
        unit = "%"
    elif "元" in words or "¥" in words or "￥" in words:
        unit = next((big for big in ("万元", "亿元") if big in words), "元")
    elif "万" in words or "亿" in words:
        return None
    else:
        unit = ""
    return say_decimal(figure), unit
