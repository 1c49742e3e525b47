"""In whose words is a change written? A replacement in the text, and the script of its keywords."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

from policydsl.diagnostics.model import Words
from policydsl.facts import Quote
from policydsl.nodes import Node, Span, node
from policydsl.syntax.words import CONNECTIVES, DECLARATIONS, entry

Script: TypeAlias = Literal["en", "zh", "hant"]


@node
class Edit(Node):
    """`text` in place of the code points `start` to `end` (not included) of the file."""

    start: int
    end: int
    text: str


@node
class Slip(Node):
    """One mistake that a person could make: what it is in a few words, and what it does to the text.

    The edits stand in the order of the text and do not overlap. `at` is where the reader looks, when
    that is not where the first edit begins.
    """

    said: Words
    edits: tuple[Edit, ...]
    at: int | None = None


#: The spelling that a change writes, where a keyword has several.
_PREFERRED = {
    "FROM": ("from", "不低于", "不低於"),
    "BELOW": ("below", "低于", "低於"),
    "UPTO": ("up to", "不超过", "不超過"),
}
_SCRIPTS: tuple[Script, ...] = ("en", "zh", "hant")


def script_of(text: str) -> Script:
    """The script of most declaration words of a text; simplified unless a word is traditional only."""
    counts = dict.fromkeys(_SCRIPTS, 0)
    for first in re.findall(r"^([^\W\d_]+)(?=[\s：:])", text, re.MULTILINE):
        if terminal := DECLARATIONS.get(first):
            spellings = entry("declarations", terminal)
            for script in _SCRIPTS:
                counts[script] += first in spellings.get(script, ())
    if counts["zh"] == counts["en"] == 0:
        return "hant" if counts["hant"] else "en"
    return max(_SCRIPTS, key=lambda script: counts[script])


def keyword(terminal: str, script: Script) -> str:
    """How that connective is spelt in that script."""
    if terminal in _PREFERRED:
        return _PREFERRED[terminal][_SCRIPTS.index(script)]
    return spelt("connectives", terminal, script)


def spelt(section: str, key: str, script: Script) -> str:
    """The first spelling of an entry of keywords.toml in that script."""
    languages = entry(section, key)
    return (languages.get(script) or languages.get("zh") or languages["en"])[0]


def connective(text: str) -> str | None:
    """The terminal of the one connective in `text`, brackets and comments around it left out."""
    words = " ".join(re.sub(r"#[^\n]*|[()（）]", " ", text).split())
    return CONNECTIVES.get(words) or _OPERATORS.get(words)


_OPERATORS = {
    "<": "LT", "＜": "LT", "<=": "LE", "≤": "LE", "≦": "LE",
    ">": "GT", "＞": "GT", ">=": "GE", "≥": "GE", "≧": "GE",
}  # fmt: skip
OPERATOR_SIGNS = {"LT": "<", "LE": "<=", "GT": ">", "GE": ">="}


def listed(words: Iterable[str], script: Script) -> str:
    """Names in brackets, as the lists of conditions are written: (orphan, veteran), （孤儿、优抚对象）."""
    return f"({', '.join(words)})" if script == "en" else f"（{'、'.join(words)}）"


def becomes(was: str, now: str) -> Words:
    """`60 → 61`, on one line whatever the layout."""
    said = f"{one_line(was)} → {one_line(now)}"
    return Words(said, said)


def one_line(text: str) -> str:
    return " ".join(text.split())


def replaced(span: Span, now: str) -> Slip:
    """`span` written as `now`."""
    return Slip(becomes(span.text, now), (Edit(span.start, span.end, now),))


def left_out(name: str) -> Words:
    return Words(f"{name} left out", f"漏写“{one_line(name)}”")


def without(span: Span, what: Words, quotes: tuple[Quote, ...] = ()) -> Slip:
    """Nothing where `span` is, nor where the quotes above it are; what it was is left out."""
    start = quotes[0].span.start if quotes else span.start
    said = Words(f"{what.en} left out", f"漏写{what.zh}")
    return Slip(said, (Edit(start, span.end, ""),), span.start)
