"""Where does a figure end? A number with its 万, its unit and its per-person, and what may not run on after it.

A table of units and a few lines of code: one regular expression for all of them takes 4 ms to compile.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from policydsl.diagnostics import codes_front as codes
from policydsl.kinds import CURRENCIES
from policydsl.syntax.tokens import Token
from policydsl.syntax.words import CONNECTIVES, meaning

MAX_DIGITS = 18
MAX_DECIMALS = 9

_COINS = ("元", "角", "分")
_MYRIADS = "万萬亿億"
#: what may be written tightly after a number, a longer one before its beginning
_UNITS = (
    "个百分点", "個百分點", "个月", "個月", "周岁", "周歲", "岁", "歲", "天", "日", "年", "月", "人", "户", "戶", "次", "例",
    "%", "％", "‰",
)  # fmt: skip
_PER = (
    "household", "person", "month", "year", "case", "day", "个月", "個月", "人", "户", "戶", "次", "例", "年", "月", "天",
    "日",
)  # fmt: skip
_DIGITS = re.compile(r"[¥￥]?([0-9]+)(?:\.([0-9]+))?")
_ASCII_WORD = re.compile(r" ?([A-Za-z]+)(?![A-Za-z0-9_])")
_THOUSANDS = re.compile(r"(?:[,，][0-9]{3})+(?![0-9])(?:\.[0-9]+)?")


def figure_end(text: str, at: int) -> int:
    """Where the unit of a number that ends at `at` ends: 万元, %, 个月, 元/人·年."""
    end = at
    while end < at + 2 and text[end : end + 1] in _MYRIADS and end < len(text):
        end += 1
    if text[end : end + 1] in _COINS:
        return per_end(text, end + 1)
    if end == at:
        end += len(next((unit for unit in _UNITS if text.startswith(unit, at)), ""))
    return per_end(text, end)


def per_end(text: str, at: int) -> int:
    """Where `/人·年` or `/人/年` at `at` ends; `at` when there is none."""
    end = at
    while text[end : end + 1] == "/" or (end > at and text[end : end + 1] == "·"):
        word = next((word for word in _PER if text.startswith(word, end + 1)), None)
        if word is None:
            break
        end += 1 + len(word)
    return end


def finish_number(text: str, token: Token, run_on: re.Pattern[str], report: Callable[..., None]) -> None:
    """Take the unit of a number into its token, `3 months` and `100 CNY` too; refuse what runs on after it.

    `run_on` matches the word that could follow without a space.
    """
    digits = _DIGITS.match(token.text)
    assert digits is not None
    plain = "/" not in token.text
    number_end = token.end
    token.end = figure_end(text, token.end) if plain else token.end
    token.text = text[token.start : token.end]
    if len(digits[1]) > MAX_DIGITS or len(digits[2] or "") > MAX_DECIMALS or len(token.text) > 64:
        report(codes.NUMBER_TOO_LONG, token.start, token.end, digits=MAX_DIGITS, decimals=MAX_DECIMALS)
        token.text = "1"
        return
    thousands = _THOUSANDS.match(text, token.end) if token.end == number_end else None
    if thousands is not None:
        joined = (token.text + thousands[0]).replace(",", "").replace("，", "")
        report(codes.THOUSANDS, token.start, thousands.end(), figure=joined)
        return
    if token.text[4:] == "年" and len(digits[0]) == 4:
        report(codes.YEAR_OR_YEARS, token.start, token.end, figure=token.text)
        return
    if plain and token.end == number_end:
        word = _ASCII_WORD.match(text, token.end)
        if word and (meaning("dimensions", word[1]) is not None or word[1] in CURRENCIES):
            token.text += word[1]
            token.end = word.end()
            return
    run = run_on.match(text, token.end)
    if run is not None and run[0] not in CONNECTIVES:
        report(codes.FIGURE_RUNS_ON, token.start, run.end(), figure=token.text, run=run[0])
        token.end = run.end()
