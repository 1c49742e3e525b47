"""How is each word of a policy written in one script? Keywords by their role, punctuation, and nothing else:
names, figures, days and the text inside quotes stay as they are."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, TypeAlias

from policydsl.syntax.tables import WORDS
from policydsl.syntax.tokens import Token
from policydsl.syntax.words import DECLARATIONS, GROUNDS, PHRASES, meaning

Script: TypeAlias = Literal["en", "zh", "hant"]
SCRIPTS: tuple[Script, ...] = ("en", "zh", "hant")


class Note(NamedTuple):
    """A line of its own between words: a comment, a quote, or a blank one. `column` is where it began."""

    kind: Literal["comment", "quote", "blank"]
    text: str
    column: int


class Word:
    """One token on its way to the page.

    `format_shape` says what it is in its declaration (`role`, `variant`, `line` …), this module how it is
    spelt, `format_lines` where it stands. Thousands are made for a file, so this is a plain class.
    """

    __slots__ = (
        "above", "comma", "drop", "gap", "line", "name", "prefix", "raw", "role", "row_end", "script", "soft",
        "spelt", "start", "suffix", "trailing", "type", "unary", "variant",
    )  # fmt: skip

    def __init__(self, token: Token, raw: str) -> None:
        self.type = token.type
        #: the text as it stands in the source
        self.raw = raw
        #: the text without quotation marks, a phrase with single spaces
        self.name = token.text
        self.start = token.start
        #: what stands on lines of their own above it, and the comment behind it on its line
        self.above: list[Note] = []
        self.trailing: list[str] = []
        #: the script it is written in
        self.script: Script = "en"
        #: the section of keywords.toml that a NAME is read by in its position
        self.role = ""
        #: which of several spellings its position wants
        self.variant = ""
        #: the kind of line it begins, and the kind of line it begins when one line is too long for all
        self.line = ""
        self.soft = ""
        #: whether a comma stands before it
        self.comma = False
        #: spaces before it beyond the usual, to align it with the lines around it
        self.gap = 0
        self.unary = False
        self.drop = False
        self.prefix = self.suffix = ""
        #: whether it is the last bar of a row of a table
        self.row_end = False
        self.spelt = ""


#: terminal → how it is written in English, and in Chinese
PUNCTUATION: dict[str, tuple[str, str]] = {
    "COLON": (":", "："), "COMMA": (",", "、"), "SEMI": (";", "；"), "LPAR": ("(", "（"), "RPAR": (")", "）"),
    "BAR": ("|", "|"), "EQ": ("=", "＝"), "PLUS": ("+", "+"), "MINUS": ("-", "-"), "TIMES": ("×", "×"),
    "DIV": ("÷", "÷"), "LT": ("<", "<"), "LE": ("<=", "≤"), "GT": (">", ">"), "GE": (">=", "≥"), "NE": ("!=", "≠"),
    "DOT": (".", "."), "DOTDOT": ("..", ".."), "HYPHEN": ("-", "-"),
}  # fmt: skip

#: what a position wants where it is not the first spelling: (terminal, position) → en, zh, hant
VARIANTS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("FROM", "day"): ("from", "自", "自"),
    ("FROM", "range"): ("from", "满", "滿"),
    ("FROM", "money range"): ("from", "不低于", "不低於"),
    ("FROM", "compare"): ("no less than", "不低于", "不低於"),
    ("FROM", "compare time"): ("no less than", "满", "滿"),
    ("UPTO", "compare"): ("no more than", "不超过", "不超過"),
    ("UPTO", "compare time"): ("no more than", "不超过", "不超過"),
    ("BELOW", "compare"): ("below", "低于", "低於"),
    ("HAS", "presence"): ("has", "有", "有"),
    ("IN", "between"): ("in", "介于", "介於"),
    ("AND_OVER", "compare"): ("or more", "以上", "以上"),
    ("AND_UNDER", "compare"): ("or less", "以下", "以下"),
    ("ROUND_BARE", "alone"): ("round to", "取整", "取整"),
}

_KEYWORDS = {t: section for section in ("declarations", "grounds", "connectives") for t in WORDS[section]}
_TIME = re.compile(r"[^/]*(?:天|日|月|年|岁|歲|days?|months?|years?)")
#: words of more than one word that English has, taken apart
_PHRASE_WORDS = {word for phrases in PHRASES.values() for words, _ in phrases for word in words}
_LINE_WORDS = {spelling.split()[0] for spelling in (*DECLARATIONS, *GROUNDS)} | {"原文"}


def is_time(word: Word | None) -> bool:
    """Whether it is a printed period: 3个月, 18周岁."""
    return word is not None and word.type == "NUMBER" and _TIME.fullmatch(word.name) is not None


def is_money(word: Word | None) -> bool:
    return word is not None and word.type == "NUMBER" and "元" in word.name


def ends_in_a_word(text: str) -> bool:
    """Whether a Chinese word after the figure wants a space: 3个月内 and 70%左右, but `3 months 内`."""
    return text[-1:].isascii() and text[-1:].isalpha()


def cannot_begin_a_line(word: Word) -> bool:
    """Whether the word would be read as another thing there: a declaration word, or `>` of a quote."""
    if word.type in ("GT", "GE"):
        return True
    return word.type == "NAME" and word.name in _LINE_WORDS


def file_script(words: list[Word]) -> Script:
    """The script of most declaration words; for words that both Chinese scripts write alike, of all keywords."""
    counts = dict.fromkeys(SCRIPTS, 0)
    heads = [word for word in words if word.type in WORDS["declarations"]]
    for word in heads:
        for script in SCRIPTS:
            counts[script] += word.name in _spellings("declarations", word.type, script)
    best = max(counts.values(), default=0)
    tied = [script for script in SCRIPTS if counts[script] == best]
    if len(tied) == 1 or not heads:
        return tied[0] if heads else "en"
    if "en" in tied:
        return "en" if heads[0].name in _spellings("declarations", heads[0].type, "en") else tied[1]
    for word in words:
        if word.type in _KEYWORDS and word.type not in ("WHEN_END", "ABOUT"):  # these are not always written
            here = [s for s in tied if word.name in _spellings(_KEYWORDS[word.type], word.type, s)]
            if len(here) == 1:
                return here[0]
    return "zh"


def own_script(word: Word, file: Script) -> Script:
    """The script that a keyword is written in; that of the file where it could be either."""
    section = _KEYWORDS.get(word.type)
    if section is None or word.name in _spellings(section, word.type, file):
        return file
    return next((s for s in SCRIPTS if word.name in _spellings(section, word.type, s)), file)


def _spellings(section: str, key: str, script: Script) -> list[str]:
    """All spellings of an entry in a script; traditional Chinese writes as simplified where it says nothing."""
    languages = WORDS[section][key]
    return languages.get(script) or (languages["zh"] if script == "hant" else [])


def keyword(terminal: str, script: Script, variant: str = "") -> str:
    """A keyword in a script, as its position wants it; a word that English lacks in Chinese."""
    if variants := VARIANTS.get((terminal, variant)):
        return variants[SCRIPTS.index(script)]
    spellings = (
        _spellings(_KEYWORDS[terminal], terminal, script) or WORDS[_KEYWORDS[terminal]][terminal]["zh"]
    )
    if variant == "inside" and script == "en" and len(spellings) > 1:
        return spellings[1]
    return spellings[0]


def positional(section: str, text: str, script: Script | None) -> str:
    """A word that is read by its position, in a script; of None in its own. Unknown words stay."""
    key = meaning(section, text)
    if key is None:
        return text
    own = next(s for s in SCRIPTS if text in _spellings(section, key, s))
    return _spellings(section, key, script or own)[0]


def quoted(text: str, script: Script) -> str:
    """`text` in the quotation marks of a script, or in others when it holds their end."""
    marks = (("“", "”"), ("「", "」"))
    straight = (('"', '"'),)
    order = (*straight, *marks) if script == "en" else (*marks, *straight)
    return next(f"{a}{text}{b}" for a, b in order if b not in text)


def spell(word: Word, file: Script, asked: Script | None) -> str:
    """What stands on the page for a word."""
    script = asked or word.script
    match word.type:
        case "STRING":
            text = quoted(word.name, file)
        case "NAME" if word.role:
            text = positional(word.role, word.raw, asked)
        case "UNIT" if word.role:
            kind, stroke, per = word.raw.partition("/")
            text = positional(word.role, kind, asked) + stroke + per
        case "OF_OR_COLON":
            text = keyword("OF", "en") if file == "en" else "："
        case "SPAN_TO":
            text = ".." if file == "en" else keyword("TO", file)
        case "SPAN_OVER":
            text = ".." if file == "en" else keyword("AND_OVER", file)
        case "COMMA" if word.variant == "wide":
            text = "," if file == "en" else "，"
        case "EQ" if word.variant == "equal":
            text = "="
        case type_ if word.role and type_ in _KEYWORDS:
            text = positional(word.role, word.name, asked)
        case type_ if type_ in PUNCTUATION:
            text = PUNCTUATION[type_][file != "en"]
        case type_ if type_ in _KEYWORDS:
            text = keyword(type_, script, word.variant)
        case _:
            text = word.raw
    return word.prefix + text + word.suffix


def in_danger(words: list[Word], i: int) -> bool:
    """Whether the name `words[i]` would become part of a keyword: `more` after `or`, a declaration word at
    the start of a line. It is looked at as English, whose keywords alone have several words, so that a name
    is quoted in every script or in none."""
    word = words[i]
    if (word.line or word.soft) and word.name in _LINE_WORDS:
        return True
    if word.name not in _PHRASE_WORDS:
        return False
    parts: list[str] = []
    at = 0
    for j in range(max(0, i - 4), min(len(words), i + 5)):
        other = words[j]
        if j == i:
            at = len(parts)
        if other.type == "OF_OR_COLON":
            parts.append("of")
        elif other.type in _KEYWORDS:
            parts += keyword(other.type, "en", other.variant).split()
        else:
            parts.append(other.name if other.type == "NAME" else "|")
    return any(
        parts[start : start + len(phrase)] == list(phrase) and start <= at < start + len(phrase)
        for start in range(len(parts))
        for phrase, _ in PHRASES.get(parts[start], ())
    )
