"""What is wrong with a token that cannot stand where it stands, and what could?"""

from __future__ import annotations

from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics.model import Diagnostic, Language, Words
from policydsl.source import Source, Span
from policydsl.syntax.tokens import Token
from policydsl.syntax.words import CONNECTIVES, DECLARATIONS, GROUNDS, spelling

_PLAIN: dict[str, tuple[str, str]] = {
    "NAME": ("a name", "名称"), "STRING": ("a text in quotes", "引号中的文字"), "NUMBER": ("a figure", "数字"),
    "RATIO": ("a ratio such as 8:2", "比例，如8:2"), "DATE": ("a day", "日期"), "UNIT": ("a unit", "单位"),
    "COLON": ("“:”", "“：”"), "COMMA": ("“,”", "“，”"), "SEMI": ("“;”", "“；”"), "LPAR": ("“(”", "“（”"),
    "RPAR": ("“)”", "“）”"), "BAR": ("“|”", "“|”"), "EQ": ("“=”", "“=”"), "DOT": ("“.”", "“.”"), "DOTDOT": ("“..”", "“..”"),
    "HYPHEN": ("“-” without spaces", "不带空格的“-”"),
    "$END": ("the end of the declaration", "声明结束"),
}  # fmt: skip
_OPERATORS = frozenset(["PLUS", "MINUS", "TIMES", "DIV", "LT", "LE", "GT", "GE", "NE"])

#: expected things are listed from the most telling to the least
_FIRST = ("COLON", "EQ", "COMMA", "BAR", "RPAR", "NUMBER", "NAME", "STRING", "BECAUSE", "RATIO", "DATE")
_MOST = 6


def unexpected(tokens: list[Token], index: int, expected: set[str], source: Source) -> Diagnostic:
    """The diagnostic for `tokens[index]` (or the end of the declaration) where `expected` could stand."""
    if index == len(tokens):
        last = tokens[-1]
        return Diagnostic(
            codes.ENDS_TOO_EARLY, Span(source, last.start, last.end), {"expected": _list(expected)}
        )
    token = tokens[index]
    span = Span(source, token.start, token.end)
    for at in (index, index - 1):
        if at >= 0 and (glued := _glued(tokens[at])) is not None:
            word, keyword, spaced = glued
            place = Span(source, tokens[at].start, tokens[at].end)
            return Diagnostic(
                codes.GLUED_KEYWORD, place, {"word": word, "keyword": keyword, "spaced": spaced}
            )
    if token.type == "HYPHEN":
        return Diagnostic(codes.TIGHT_HYPHEN, span, {})
    if token.type == "LPAR" and "RPAR" not in expected and not expected:
        return Diagnostic(codes.UNEXPECTED, span, {"word": f"“{token.text}”", "expected": _list(expected)})
    if token.text in DECLARATIONS and "NAME" in expected:
        return Diagnostic(codes.RESERVED_WORD, span, {"word": token.text})
    if spelling(token.type, "en") is not None and "NAME" in expected:
        return Diagnostic(codes.RESERVED_WORD, span, {"word": token.text})
    return Diagnostic(codes.UNEXPECTED, span, {"word": f"“{token.text}”", "expected": _list(expected)})


def _glued(token: Token) -> tuple[str, str, str] | None:
    """`其中市级` is a keyword and a name written together: the word, the keyword, and it with a space."""
    if token.type != "NAME" or token.text.isascii():
        return None
    text = token.text
    for size in range(len(text) - 1, 0, -1):
        head, tail = text[:size], text[size:]
        if _is_keyword(head) and len(head) > 1:
            return text, head, f"{head} {tail}"
        if _is_keyword(tail) and len(tail) > 1:
            return text, tail, f"{head} {tail}"
    for head, tail in ((text[:1], text[1:]), (text[:-1], text[-1:])):
        keyword = head if len(head) == 1 else tail
        if keyword in ("当", "按", "即", "为", "在"):
            return text, keyword, f"{head} {tail}"
    return None


def _is_keyword(text: str) -> bool:
    return text in CONNECTIVES or text in GROUNDS


def _list(expected: set[str]) -> Words:
    return Words(_say(expected, "en"), _say(expected, "zh"))


def _say(expected: set[str], language: Language) -> str:
    order = [t for t in _FIRST if t in expected] + sorted(t for t in expected if t not in _FIRST)
    words: list[str] = []
    for terminal in order:
        if terminal in _OPERATORS:
            continue
        plain = _PLAIN.get(terminal)
        word = plain[language == "zh"] if plain else f"“{spelling(terminal, language)}”"
        if word not in words:
            words.append(word)
    if expected & _OPERATORS and len(words) < _MOST:
        words.append("an operator" if language == "en" else "运算符")
    return ("、" if language == "zh" else ", ").join(words[:_MOST]) or (
        "nothing more" if language == "en" else "无"
    )
