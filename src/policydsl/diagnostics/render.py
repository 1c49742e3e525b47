"""How does a diagnostic look on a terminal? The line it speaks of, carets under its words, the remedy.

错误[PD401]：第1段止于100000元，第2段起于100001元，其间的费用不属于任何一段
  --> policies/ningxia/2020.pol:58:5
   |
58 |   | 100001-200000 | 61 | 63 | 66 | 68 |
   |     ^^^^^^^^^^^^^
   = 反例：cost = 100000.50元
   = 改法：加一行 `各段连续`
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from policydsl.diagnostics.model import (
    Diagnostic,
    Language,
    Severity,
    message,
    order,
    remedy,
    say,
)
from policydsl.source import Source, Span

#: The most terminal cells of a source line that are shown; longer ones are cut around the span.
WIDTH: Final = 110
_TAB: Final = 4

SEVERITY_WORDS: Final[dict[Language, dict[Severity, str]]] = {
    "en": {"error": "error", "warning": "warning", "note": "note"},
    "zh": {"error": "错误", "warning": "警告", "note": "提示"},
}
_COLOURS: Final[dict[Severity, str]] = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;36m"}
_BLUE: Final = "\x1b[1;34m"
_BOLD: Final = "\x1b[1m"
_PLAIN: Final = "\x1b[0m"

_Paint: TypeAlias = Callable[[str, str], str]


def text(diagnostics: Iterable[Diagnostic], language: Language, *, colour: bool = False) -> str:
    """All diagnostics, sorted by place; after one of several lines stands an empty line."""
    shown = (one(d, language, colour=colour) for d in sorted(diagnostics, key=order))
    return "".join(f"{s}\n\n" if "\n" in s else f"{s}\n" for s in shown)


def one(diagnostic: Diagnostic, language: Language, *, colour: bool = False) -> str:
    """One diagnostic, without a line end after it. One that has no text to show takes one line."""
    paint = _paint if colour else _leave
    severity = diagnostic.code.severity
    colon = "：" if language == "zh" else ": "
    word = f"{SEVERITY_WORDS[language][severity]}[{diagnostic.code.number}]"
    said = message(diagnostic, language)
    whole_file = not diagnostic.span.source.text
    if whole_file and diagnostic.span.source.name not in said:
        said = f"{diagnostic.span.source.name}{colon}{said}"
    head = f"{paint(word, _COLOURS[severity])}{paint(colon + visible(said), _BOLD)}"
    case = visible(_case(diagnostic, language))
    help_ = visible(remedy(diagnostic, language))
    words = {"en": ("counterexample: ", "help: "), "zh": ("反例：", "改法：")}[language]
    if whole_file:
        if not help_:
            return head
        return f"{head}。{words[1]}{help_}" if language == "zh" else f"{head}; {words[1]}{help_}"
    lines, margin = _places(diagnostic, language, paint)
    lines.insert(0, head)
    for word, content in zip(words, (case, help_), strict=True):
        if content:
            lines.append(f"{' ' * margin} {paint('=', _BLUE)} {paint(word, _BOLD)}{content}")
    return "\n".join(lines)


def summary(counts: tuple[int, int, int], files: int, language: Language) -> str:
    """The last line of `check`: how many files were read and how many errors, warnings and notes there are."""
    errors, warnings, notes = counts
    if language == "zh":
        found = [f"{n}个{w}" for n, w in zip(counts, SEVERITY_WORDS["zh"].values(), strict=True) if n]
        return f"检查了{files}个文件：{'、'.join(found) if found else '没有问题'}"
    found = [
        f"{n} {w}{'' if n == 1 else 's'}"
        for n, w in zip((errors, warnings, notes), ("error", "warning", "note"), strict=True)
        if n
    ]
    return f"checked {files} file{'' if files == 1 else 's'}: {', '.join(found) if found else 'no problems'}"


def count(diagnostics: Iterable[Diagnostic]) -> tuple[int, int, int]:
    """How many errors, warnings and notes there are."""
    severities = [d.code.severity for d in diagnostics]
    return severities.count("error"), severities.count("warning"), severities.count("note")


def visible(words: str) -> str:
    """`words` with every control, bidirectional and zero-width character written as its number."""
    if words.isprintable():
        return words
    return "".join(c if c == "\n" else _shown(c) for c in words)


def cells(words: str) -> int:
    """How many terminal cells `words` take, wide characters being two."""
    return sum(map(_width, words))


def _places(diagnostic: Diagnostic, language: Language, paint: _Paint) -> tuple[list[str], int]:
    """The lines that show the places of a diagnostic, and the width of their line numbers."""
    span, source = diagnostic.span, diagnostic.span.source
    severity = diagnostic.code.severity
    marks = [(span, "^", "", _COLOURS[severity])]
    marks += [(label.span, "-", visible(say(label.words, language)), _BLUE) for label in diagnostic.labels]
    margin = max(len(str(s.source.position(s.start)[0])) for s, *_ in marks)
    line, column = source.position(span.start)
    out = [f"{' ' * margin} {paint('-->', _BLUE)} {visible(source.name)}:{line}:{column}"]
    bar = paint("|", _BLUE)
    out.append(f"{' ' * margin} {bar}")
    shown: tuple[Source, int] | None = None
    # The labels come in the order of the text, the place itself first.
    ordered = marks[:1] + sorted(marks[1:], key=lambda m: (m[0].source is not source, m[0].start))
    on_line: dict[tuple[str, int], list[Span]] = {}
    for s, *_ in ordered:
        on_line.setdefault((s.source.name, s.source.position(s.start)[0]), []).append(s)
    for s, mark, words, tint in ordered:
        number = s.source.position(s.start)[0]
        if shown is not None and s.source is not shown[0]:
            out.append(f"{' ' * margin} {paint(':::', _BLUE)} {visible(s.source.name)}:{number}")
        drawn = _Line(s.source, number, on_line[s.source.name, number])
        if shown != (s.source, number):
            out.append(f"{paint(str(number).rjust(margin), _BLUE)} {bar} {drawn.text}".rstrip())
            shown = (s.source, number)
        indent, length = drawn.cells_of(s)
        under = paint(mark * length + (f" {words}" if words else ""), tint)
        out.append(f"{' ' * margin} {bar} {' ' * indent}{under}")
    return out, margin


class _Line:
    """One source line as it is drawn: made visible, tabs expanded, cut when it is too long."""

    def __init__(self, source: Source, number: int, spans: Sequence[Span]) -> None:
        raw = source.line(number)
        self._first = spans[0].start - source.position(spans[0].start)[1] + 1
        self._length = len(raw)
        pieces: list[str] = []
        self._starts = [0]  # the cell at which each code point begins, and that after the last
        for character in raw:
            at = self._starts[-1]
            piece = " " * (_TAB - at % _TAB) if character == "\t" else _shown(character)
            pieces.append(piece)
            self._starts.append(at + cells(piece))
        self._from, to = self._window(spans)
        left = "…" if self._from else ""
        right = "…" if to < len(pieces) else ""
        self._shift = len(left) - self._starts[self._from]
        self.text = left + "".join(pieces[self._from : to]) + right
        self._to = to

    def cells_of(self, span: Span) -> tuple[int, int]:
        """Where the mark under `span` begins, and how many cells it takes: at least one."""
        start = min(max(span.start - self._first, self._from), self._to)
        end = min(max(span.end - self._first, start), self._to)
        left, right = self._starts[start] + self._shift, self._starts[end] + self._shift
        return left, max(right - left, 1)

    def _window(self, spans: Sequence[Span]) -> tuple[int, int]:
        """The code points that are shown: all, or some cells before the first span and what follows."""
        if self._starts[-1] <= WIDTH:
            return 0, self._length
        start = min(max(spans[0].start - self._first, 0), self._length)
        low = start
        while low > 0 and self._starts[start] - self._starts[low - 1] <= WIDTH // 3:
            low -= 1
        high = low
        while high < self._length and self._starts[high + 1] - self._starts[low] <= WIDTH:
            high += 1
        return low, high


def _shown(character: str) -> str:
    """The character, or its number when it would not be seen or would change what is seen."""
    if character.isprintable() or character == "\u3000":
        return character
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"<U+{ord(character):04X}>"
    return " "  # a no-break or other space


def _width(character: str) -> int:
    """How many cells of a terminal a character takes. Where Unicode leaves it open (“ · ×) it is one, as in
    the terminals of today, Chinese ones too."""
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _case(diagnostic: Diagnostic, language: Language) -> str:
    comma = "，" if language == "zh" else ", "
    return comma.join(f"{name} = {value}" for name, value in diagnostic.case)


def _paint(words: str, colour: str) -> str:
    return f"{colour}{words}{_PLAIN}"


def _leave(words: str, _colour: str) -> str:
    return words
