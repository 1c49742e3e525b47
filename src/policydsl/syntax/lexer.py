"""What are the words of a text? One regular expression, then passes: pasted rows, phrases, commas, pieces.

Every problem becomes a diagnostic and the rest of the text is read on. What could make a later
pass slow or deep (nesting, endless numbers, floods of declarations) is refused here, before there
is a tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics.model import Code, Diagnostic
from policydsl.facts import Quote
from policydsl.source import Source, Span
from policydsl.syntax.numerals import finish_number, per_end
from policydsl.syntax.tokens import Token
from policydsl.syntax.words import CONNECTIVES, DECLARATIONS, GROUNDS, PHRASES

MAX_SOURCE = 512 * 1024
MAX_LINE = 4_000
MAX_NESTING = 64
MAX_OPERATORS = 200
MAX_DECLARATIONS = 5_000
MAX_BANDS = 1_000
MAX_NAME = 128
MAX_STRING = 2_000

_HAN = "㐀-䶿一-鿿〇\U00020000-\U0003fffd"

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ZERO_WIDTH = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2064\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_LOOK_ALIKE = (
    "\u0370-\u052f\u0530-\u058f\u13a0-\u13ff\u2c80-\u2cff\u2e80-\u2fdf\ua4d0-\ua4ff\uf900-\ufaff"
    "\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff\U0002f800-\U0002fa1f"
)
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ue000-\uf8ff\ufffe\uffff\ud800-\udfff"
_REFUSED = re.compile(f"[{_BIDI}{_ZERO_WIDTH}{_LOOK_ALIKE}{_CONTROL}]")
_REFUSALS: tuple[tuple[str, Code], ...] = (
    (_BIDI, codes.BIDI_CONTROL),
    (_ZERO_WIDTH, codes.ZERO_WIDTH),
    (_LOOK_ALIKE, codes.LOOK_ALIKE),
    (_CONTROL, codes.CONTROL_CHARACTER),
)

_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\u00a0\u3000]+)
  | (?P<newline>\n)
  | (?P<comment>\#[^\n]*)
  | (?P<string>"[^"\n]*"|“[^”\n]*”|「[^」\n]*」)
  | (?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?![0-9])|[0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}日)
  | (?P<ratio>[0-9]+(?:\.[0-9]+)?(?:[:：∶][0-9]+(?:\.[0-9]+)?)+)
  | (?P<number>[¥￥]?[0-9]+(?:/[0-9]+|\.[0-9]+)?)
  | (?P<unit>[%％‰])
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<han>[{_HAN}]+)
  | (?P<op>\.\.|<=|>=|!=|[:：∶,，、;；()（）=＝+＋\-－−×*÷<＜≤≦>＞≥≧≠|｜.→])
    """,
    re.VERBOSE,
)
_OPERATORS = {
    ":": "COLON", "：": "COLON", "∶": "COLON", ",": "COMMA", "，": "COMMA", "、": "COMMA", ";": "SEMI", "；": "SEMI",
    "(": "LPAR", "（": "LPAR", ")": "RPAR", "）": "RPAR", "=": "EQ", "＝": "EQ", "+": "PLUS", "＋": "PLUS",
    "-": "MINUS", "－": "MINUS", "−": "MINUS", "×": "TIMES", "*": "TIMES", "÷": "DIV", "<": "LT", "＜": "LT",
    "<=": "LE", "≤": "LE", "≦": "LE", ">": "GT", "＞": "GT", ">=": "GE", "≥": "GE", "≧": "GE", "!=": "NE",
    "≠": "NE", "|": "BAR", "｜": "BAR", ".": "DOT", "..": "DOTDOT", "→": "GIVES",
}  # fmt: skip

_CLAUSE = r"[一二三四五六七八九十百零〇0-9（）()第章节節条條款项項附表件末段之.．-]+"
QUOTE = re.compile(
    rf"[ \t\u3000]*(?:[>＞][ \t\u3000]*(?:({_CLAUSE})(?:[ \t\u3000]+|$))?|原文[ \t\u3000]+({_CLAUSE})[:：])"
)

#: a comma before one of these says nothing
_ABSORBS_COMMA = frozenset(
    "RESTATED OF_WHICH UP DOWN REMAINDER_TO BECAUSE BY EACH_SLICE EACH_PRODUCT GIVES REFUSED IF_NOT_GIVEN "
    "CAPPED_AT AT_LEAST CAP CONTINUOUS WAS WITHIN IN_WHOLE AND OR EXACTLY_WHEN WHEN ROUND_HALF_UP "
    "ROUND_HALF_DOWN ROUND_HALF_EVEN ROUND_UP ROUND_DOWN ROUND_CEILING ROUND_FLOOR ROUND_BARE".split()
)
_VALUE_OPERATORS = frozenset("PLUS MINUS TIMES DIV AND OR NOT IF ELSE".split())
_ENDS_OPERATORS = frozenset(["BAR", "EXCEPT", "EXEMPT", "SEVERAL", "SEMI", "GIVES"])
_RUN_ON = re.compile(f"[{_HAN}]+|[A-Za-z_][A-Za-z0-9_]*")


class Lexed:
    """The pieces of a text, one a declaration, and what was wrong with its characters."""

    __slots__ = ("diagnostics", "pieces")

    def __init__(self, pieces: list[list[Token]], diagnostics: list[Diagnostic]) -> None:
        self.pieces = pieces
        self.diagnostics = diagnostics


def lex(source: Source) -> Lexed:
    """Cut `source` into pieces that each begin with a declaration word."""
    diagnostics: list[Diagnostic] = []

    def report(code: Code, start: int, end: int, **facts: str | int) -> None:
        diagnostics.append(Diagnostic(code, Span(source, start, end), facts))

    if len(source.text) > MAX_SOURCE:
        report(codes.SOURCE_TOO_LARGE, 0, 0, limit=MAX_SOURCE // 1024)
        return Lexed([], diagnostics)
    for number, code, at in _refused(source.text):
        report(code, at, at + 1, character=f"U+{number:04X}")
    for start, end in _long_lines(source.text):
        report(codes.LINE_TOO_LONG, start, end, limit=MAX_LINE)
    if diagnostics:
        return Lexed([], diagnostics)
    tokens = _tokens(source, report)
    tokens = _drop_commas(_join(_bars(tokens)))
    _limits(tokens, report)
    if any(d.code in (codes.NESTING_TOO_DEEP, codes.EXPRESSION_TOO_LONG) for d in diagnostics):
        return Lexed([], diagnostics)
    return Lexed(_pieces(tokens, report), diagnostics)


def _refused(text: str) -> Iterator[tuple[int, Code, int]]:
    """Characters that are refused everywhere; the first of each kind, lest a hostile text flood the report."""
    seen: set[str] = set()
    start = 1 if text.startswith("\ufeff") else 0
    for match in _REFUSED.finditer(text, start):
        for characters, code in _REFUSALS:
            if re.match(f"[{characters}]", match[0]) and code.number not in seen:
                seen.add(code.number)
                yield ord(match[0]), code, match.start()
        if len(seen) == len(_REFUSALS):
            return


def _long_lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        if len(line) > MAX_LINE:
            yield start + MAX_LINE, start + MAX_LINE + 1
        start += len(line) + 1


_Report = Callable[..., None]


def _tokens(source: Source, report: _Report) -> list[Token]:
    """Every token of the text, quotes and comments hung on the token after them.

    A tab inside a line becomes a TAB token, which `_bars` reads as the border of a pasted cell.
    """
    text = source.text
    tokens: list[Token] = []
    quotes: list[Quote] = []
    notes: list[str] = []
    at = 1 if text.startswith("\ufeff") else 0
    first = True
    while at < len(text):
        if first and (quote := QUOTE.match(text, at)):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            words = text[quote.end() : end].strip()
            quotes.append(Quote(quote[1] or quote[2] or "", words, span=Span(source, at, end)))
            if len(words) > MAX_STRING:
                report(codes.STRING_TOO_LONG, quote.end(), quote.end() + 1, limit=MAX_STRING)
            at = end
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            at = _unknown_character(text, at, report)
            continue
        kind, found = match.lastgroup, match[0]
        if kind == "newline":
            first, at = True, match.end()
            continue
        if kind == "space":
            if "\t" in found and not first:
                tokens.append(Token("TAB", found, at, match.end(), False))
            at = match.end()
            continue
        if kind == "comment":
            if first:
                notes.append(found.lstrip("#").strip())
            at = match.end()
            continue
        assert kind is not None
        token = Token(_TYPES.get(kind) or _OPERATORS[found], found, at, match.end(), first)
        if kind == "number":
            finish_number(text, token, _RUN_ON, report)
        elif kind == "op" and token.type == "MINUS" and _is_tight(text, token):
            token.type = "HYPHEN"
        elif kind == "string":
            token.text = found[1:-1]
            if len(token.text) > MAX_STRING:
                report(codes.STRING_TOO_LONG, token.start, token.start + 1, limit=MAX_STRING)
        elif kind in ("word", "han"):
            if len(found) > MAX_NAME:
                report(codes.NAME_TOO_LONG, token.start, token.end, limit=MAX_NAME)
            token.end = per_end(text, token.end)
            if token.end > match.end():  # 元/人·年 in a column head, 金额/人·年 as a kind
                token.type, token.text = "UNIT", text[token.start : token.end]
        token.quotes, token.notes = tuple(quotes), tuple(notes)
        quotes.clear()
        notes.clear()
        tokens.append(token)
        first, at = False, token.end
    return tokens


_TYPES = {
    "string": "STRING", "date": "DATE", "ratio": "RATIO", "number": "NUMBER", "unit": "UNIT", "word": "NAME",
    "han": "NAME",
}  # fmt: skip


def _unknown_character(text: str, at: int, report: _Report) -> int:
    """Report what no token begins with, and say where to read on."""
    character = text[at]
    if character in '"“「':
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        report(codes.UNTERMINATED_STRING, at, at + 1)
        return end
    if character in "０１２３４５６７８９":
        end = at
        while end < len(text) and text[end] in "０１２３４５６７８９．":
            end += 1
        ascii_form = "".join(chr(ord(c) - 0xFEE0) for c in text[at:end])
        report(codes.FULLWIDTH_DIGIT, at, end, figure=ascii_form)
        return end
    report(codes.UNEXPECTED_CHARACTER, at, at + 1, character=character)
    return at + 1


def _is_tight(text: str, token: Token) -> bool:
    """Whether a hyphen stands between two characters without spaces: then it makes a range."""
    before = text[token.start - 1 : token.start]
    after = text[token.end : token.end + 1]
    return (
        bool(before and after)
        and not before.isspace()
        and before not in "(（=＝:：|｜,"
        and not after.isspace()
    )


def _bars(tokens: list[Token]) -> list[Token]:
    """Read lines with tabs between their words, pasted from a sheet, as the rows of a table."""
    if not any(token.type == "TAB" for token in tokens):
        return tokens
    result: list[Token] = []
    inside_table = False
    line: list[Token] = []

    def finish() -> None:
        pasted = (
            inside_table and any(t.type == "TAB" for t in line) and not any(t.type == "BAR" for t in line)
        )
        if not pasted:
            result.extend(t for t in line if t.type != "TAB")
            return
        opening = Token("BAR", "|", line[0].start, line[0].start, True)
        opening.quotes, opening.notes = line[0].quotes, line[0].notes
        result.append(opening)
        for token in line:
            token.first = False
            result.append(Token("BAR", "|", token.start, token.end, False) if token.type == "TAB" else token)
        result.append(Token("BAR", "|", line[-1].end, line[-1].end, False))

    for token in tokens:
        if token.first:
            finish()
            line = []
            if token.text in DECLARATIONS:
                inside_table = DECLARATIONS[token.text] in ("TIERS", "TABLE", "EXAMPLE")
        line.append(token)
    finish()
    return result


def _join(tokens: list[Token]) -> list[Token]:
    """Join phrases from the left, longest first, and give words their terminals."""
    result: list[Token] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.type != "NAME":
            result.append(token)
            i += 1
            continue
        words, terminal = _phrase(tokens, i)
        if terminal is not None:
            token.type = terminal
            if words > 1:
                last = tokens[i + words - 1]
                token.text = " ".join(t.text for t in tokens[i : i + words])
                token.end = last.end
        result.append(token)
        i += words
    return result


def _phrase(tokens: list[Token], i: int) -> tuple[int, str | None]:
    """How many tokens from `i` on are one word of the language, and its terminal (None: a name)."""
    first = tokens[i]
    for words, terminal in PHRASES.get(first.text, ()):
        if len(words) > len(tokens) - i or not _acts(terminal, first):
            continue
        following = tokens[i + 1 : i + len(words)]
        if all(
            t.text == w and t.type == "NAME" and not t.first
            for t, w in zip(following, words[1:], strict=True)
        ):
            return len(words), terminal
    if first.first:
        terminal_here = DECLARATIONS.get(first.text) or GROUNDS.get(first.text)
        if terminal_here is not None:
            return 1, terminal_here
    return 1, CONNECTIVES.get(first.text)


def _acts(terminal: str, token: Token) -> bool:
    """Declaration words act only as the first word of a line."""
    return token.first or terminal not in _LINE_WORDS


_LINE_WORDS = frozenset(DECLARATIONS.values()) | frozenset(GROUNDS.values())


def _drop_commas(tokens: list[Token]) -> list[Token]:
    return [
        token
        for i, token in enumerate(tokens)
        if token.type != "COMMA" or i + 1 == len(tokens) or tokens[i + 1].type not in _ABSORBS_COMMA
    ]


def _limits(tokens: list[Token], report: _Report) -> None:
    """Refuse nesting and chains of operators that no person writes, and blank cells."""
    depth = operators = 0
    for i, token in enumerate(tokens):
        if token.type == "LPAR":
            depth += 1
            if depth == MAX_NESTING + 1:
                report(codes.NESTING_TOO_DEEP, token.start, token.end, limit=MAX_NESTING)
        elif token.type == "RPAR":
            depth = max(0, depth - 1)
        elif token.type in _LINE_WORDS or token.type in _ENDS_OPERATORS:
            operators = 0
            if token.type in DECLARATIONS.values():
                depth = 0
        elif token.type in _VALUE_OPERATORS:
            operators += 1
            if operators == MAX_OPERATORS + 1:
                report(codes.EXPRESSION_TOO_LONG, token.start, token.end, limit=MAX_OPERATORS)
        if token.type == "BAR" and i and tokens[i - 1].type == "BAR" and not token.first:
            report(codes.BLANK_CELL, tokens[i - 1].start, token.end)


def _pieces(tokens: list[Token], report: _Report) -> list[list[Token]]:
    starts = [i for i, token in enumerate(tokens) if token.first and token.type in _DECLARATION_TERMINALS]
    if len(starts) > MAX_DECLARATIONS:
        token = tokens[starts[MAX_DECLARATIONS]]
        report(codes.TOO_MANY_DECLARATIONS, token.start, token.end, limit=MAX_DECLARATIONS)
        return []
    if tokens and (not starts or starts[0] > 0):
        report(codes.NO_DECLARATION, tokens[0].start, tokens[0].end, word=tokens[0].text)
    return [tokens[a:b] for a, b in pairwise([*starts, len(tokens)])]


_DECLARATION_TERMINALS = frozenset(DECLARATIONS.values())
