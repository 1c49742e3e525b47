"""Where does each word stand on the page? Lines, alignment, and where a line that is too long is broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby, pairwise

from policydsl.diagnostics.render import cells
from policydsl.syntax.format_words import Note, Script, Word, cannot_begin_a_line, ends_in_a_word

#: the most cells of a line that can be broken
LIMIT = 110
#: columns wider than this are not kept in line with a cell or head that is
WIDEST = 40
STEP = 2
CONTINUED = 2 * STEP

#: how deep a kind of line stands; all others one step
_DEPTH = {"head": 0, "ground reason": 2}
#: words before which a line may be broken: the smaller number first
_BREAKS = {
    "AND": 1, "OR": 1, "WHEN": 1, "EXACTLY_WHEN": 1, "THEN": 1, "ELSE": 1, "BECAUSE": 2, "BY": 1, "IF_NOT_GIVEN": 1,
    "GIVES": 1, "REFUSED": 1, "PLUS": 3, "MINUS": 3, "TIMES": 4, "DIV": 4, "EQ": 5, "RESTATED": 1, "UP": 1, "DOWN": 1,
    "WAS": 1, "REMAINDER_TO": 1, "EACH_SLICE": 1, "EACH_PRODUCT": 1, "OF_WHICH": 1, "IN_WHOLE": 1,
}  # fmt: skip
#: between spaces also where a full-width bracket stands beside them: ）-（ would be a range
_SPACED = frozenset(("PLUS", "MINUS", "TIMES", "DIV", "LT", "LE", "GT", "GE", "NE"))
_AFTER_NUMBER = frozenset(("AND_OVER", "AND_UNDER", "INSIDE", "THE_PART", "SPAN_OVER", "ABOUT_END"))


class Line:
    """Words that stand on one line if there is room; `kind` says what they are."""

    __slots__ = ("kind", "words")

    def __init__(self, kind: str, words: list[Word]) -> None:
        self.kind = kind
        self.words = words

    @property
    def indent(self) -> int:
        return STEP * _DEPTH.get(self.kind, 1)


@lru_cache(10_000)
def width(text: str) -> int:
    """How many cells of a terminal the text takes."""
    return len(text) if text.isascii() else cells(text)


def page(pieces: list[list[Word]], rest: list[Note], columns: list[int], script: Script) -> str:
    """The text of all declarations; `rest` stands after the last, `columns` tells where each began."""
    out: list[str] = []
    for i, words in enumerate(pieces):
        notes = _left_behind(words[0].above, columns[i], out if i else [])
        if i == 1 and pieces[0][0].type == "POLICY" and not (notes and notes[0].kind == "blank"):
            _blank(out)
        _notes(notes, 0, out)
        words[0].above = []
        _declaration(words, script, out)
    _notes(_left_behind(rest, 0, out), 0, out)
    while out and not out[-1]:
        out.pop()
    return "".join(line + "\n" for line in out)


def _left_behind(notes: list[Note], column: int, out: list[str]) -> list[Note]:
    """Comments that stand deeper than the declaration after them belong to the one before, down to a blank line."""
    count = 0
    while out and count < len(notes) and notes[count].kind == "comment" and notes[count].column > column:
        out.append(" " * STEP + notes[count].text)
        count += 1
    return notes[count:]


def _notes(notes: Iterable[Note], indent: int, out: list[str]) -> None:
    for note in notes:
        if note.kind == "blank":
            _blank(out)
        else:
            out.append(" " * indent + note.text)


def _blank(out: list[str]) -> None:
    if out and out[-1]:
        out.append("")


def _declaration(words: list[Word], script: Script, out: list[str]) -> None:
    for a, colon, b in zip(words, words[1:], words[2:], strict=False):
        if colon.spelt == "：" and a.type == "NUMBER" and a.spelt[-1].isdigit() and b.spelt[0].isdigit():
            b.gap = 1  # 18：300元 would be a ratio
    lines = list(_lines(words))
    _align(lines, script)
    for kind, group in groupby(lines, lambda line: line.kind):
        if kind == "row":
            _table(list(group), script, out)
            continue
        for line in group:
            _notes(line.words[0].above, line.indent, out)
            out += _lay(line, script)


def _lines(words: list[Word]) -> Iterator[Line]:
    """Cut a declaration into its lines, each reason with what it explains."""
    line = Line("head", [words[0]])
    in_row = False
    explained = True
    for word in words[1:]:
        kind = "" if in_row else word.line
        if kind == "clause" and word.type == "BECAUSE":
            if line.kind == "several" or (line.kind == "clause" and not explained):
                word.soft, explained, kind = "reason", True, ""
            else:
                kind = "ground reason" if line.kind in ("ground", "ground reason") else "reason"
        elif (
            kind == "clause"
            and line.kind == "clause"
            and word.type in ("EACH_SLICE", "EACH_PRODUCT", "REMAINDER_TO")
        ):
            word.comma, kind = word.type == "REMAINDER_TO", ""
        elif kind == "clause":
            explained = False
        in_row = (in_row or kind == "row") and not word.row_end
        if kind:
            yield line
            line = Line(kind, [word])
        else:
            line.words.append(word)
    yield line


def _lead(before: Word, word: Word, script: Script) -> str:
    """What stands between two words: a space, a comma, or nothing."""
    if word.comma:
        return ", " if script == "en" else "，"
    a, b = before.spelt[-1:], word.spelt[:1]
    types = (before.type, word.type)
    if before.unary and word.unary:
        return " "
    if before.unary or "HYPHEN" in types or "DOT" in types or before.type == "LPAR":
        return ""
    if word.unary:  # a minus that touches a word is a hyphen
        return "" if a in "：" else " "
    if word.type in _SPACED or before.type in _SPACED:
        return " "
    if word.type in ("RPAR", "COMMA", "SEMI", "COLON") or b in "：（" or a in "）：；，、":
        return ""
    if b == "＝":
        return "" if a in "”」" else " "
    if before.type == "NUMBER" and word.type in _AFTER_NUMBER and not b.isascii():
        return " " if ends_in_a_word(a) else ""
    if word.type == "NUMBER" and before.type in ("UP", "DOWN") and not a.isascii():
        return ""
    return " "


def _joined(words: list[Word], script: Script) -> str:
    text = ""
    for i, word in enumerate(words):
        text += (_lead(words[i - 1], word, script) + " " * word.gap if i else "") + word.spelt
    return text


def _align(lines: list[Line], script: Script) -> None:
    """Let what follows the first words of fields, versions and arms stand in one column."""
    for kind in ("field", "version", "arm"):
        heads: list[tuple[Word, int]] = []
        for line in lines:
            at = next((i for i, word in enumerate(line.words) if word.gap < 0), 0)
            if line.kind == kind and at:
                line.words[at].gap = 0
                heads.append((line.words[at], width(_joined(line.words[:at], script))))
        widest = max((size for _, size in heads if size <= WIDEST), default=0)
        for word, size in heads:
            word.gap = max(0, widest - size)


# one line


def _lay(line: Line, script: Script) -> Iterator[str]:
    """The line, on as many lines as it takes."""
    words = line.words
    leads = ["", *(_lead(a, b, script) + " " * b.gap for a, b in pairwise(words))]
    size = line.indent + sum(width(lead) + width(word.spelt) for lead, word in zip(leads, words, strict=True))
    is_long = size > LIMIT or any(word.soft == "result!" for word in words)
    if not is_long and not any(_parted(a, b) for a, b in pairwise(words)):
        yield (
            " " * line.indent
            + "".join(a + b.spelt for a, b in zip(leads, words, strict=True))
            + _behind(words[-1])
        )
        return
    starts = [0, *(i for i, word in enumerate(words) if i and word.soft and is_long), len(words)]
    for start, end in pairwise(starts):
        indent = line.indent + (STEP if start else 0)
        if words[start].soft == "members" and start:
            hang = indent
        elif line.kind == "arm" and (column := _column(line, leads)) <= WIDEST:
            hang = column
        else:
            hang = indent + CONTINUED
        following = leads[end].rstrip() if end < len(words) else ""
        for note in words[start].above if start else ():
            if note.kind != "blank":
                yield " " * indent + note.text
        yield from _fill(words[start:end], leads[start:end], following, indent, hang)


def _column(line: Line, leads: list[str]) -> int:
    """Where the word after the first colon of an arm stands."""
    at = next(i for i, word in enumerate(line.words) if word.type == "COLON") + 1
    return (
        line.indent
        + sum(width(a) + width(b.spelt) for a, b in zip(leads[:at], line.words, strict=False))
        + width(leads[at])
    )


def _parted(before: Word, word: Word) -> bool:
    """Whether a comment stands between two words, so that a line ends there."""
    return bool(before.trailing) or any(note.kind != "blank" for note in word.above)


def _behind(word: Word) -> str:
    return "".join(f"  {comment}" for comment in word.trailing)


def _fill(words: list[Word], leads: list[str], following: str, indent: int, hang: int) -> Iterator[str]:
    """Words on lines that are broken where they must be, and else where they best can.

    `following` stands after the last word: the comma before a part that is on a line of its own.
    """
    depths = list(_depths(words))
    start = 0
    while start < len(words):
        end = _line_end(words, leads, depths, start, LIMIT - (hang if start else indent), width(following))
        text = " " * (hang if start else indent) + words[start].spelt
        text += "".join(leads[i] + words[i].spelt for i in range(start + 1, end))
        text += (leads[end] if end < len(words) else following).rstrip()
        yield text + _behind(words[end - 1])
        start = end
        for note in words[start].above if start < len(words) else ():
            if note.kind != "blank":
                yield " " * hang + note.text


def _line_end(
    words: list[Word], leads: list[str], depths: list[int], start: int, room: int, following: int
) -> int:
    """Which word no longer stands on the line that begins with `words[start]`."""
    places: list[tuple[int, int, int]] = []  # a place to break, how bad it is, cells before it
    used = width(words[start].spelt)
    for end in range(start + 1, len(words)):
        if _parted(words[end - 1], words[end]):
            return end if used <= room or not places else _best(places, room)
        rank = _rank(words[end - 1], words[end], depths[end])
        if rank is not None and (not places or used + width(leads[end].rstrip()) <= room):
            places.append((end, rank, used))
        used += width(leads[end]) + width(words[end].spelt)
        if used > room and places:
            return _best(places, room)
    return len(words) if used + following <= room or not places else _best(places, room)


def _depths(words: list[Word]) -> Iterator[int]:
    depth = 0
    for word in words:
        depth -= word.type == "RPAR"
        yield depth
        depth += word.type == "LPAR"


def _rank(before: Word, word: Word, depth: int) -> int | None:
    """How bad it is to break a line between two words; None where it cannot be done."""
    if cannot_begin_a_line(word) or before.unary:
        return None
    if before.type == "SEMI":
        return 0
    if before.type == "COMMA" or word.comma:
        return 1 + 10 * depth
    if before.type in ("COLON", "OF_OR_COLON"):
        return 10 * depth
    if word.type in _BREAKS and not word.unary:
        return _BREAKS[word.type] + 10 * depth
    return None


def _best(candidates: list[tuple[int, int, int]], room: int) -> int:
    """The last of the best places that leave no line much too short; else the last place."""
    long = [c for c in candidates if c[2] * 3 >= room]
    if not long:
        return candidates[-1][0]
    least = min(rank for _, rank, _ in long)
    return next(at for at, rank, _ in reversed(long) if rank == least)


# tables


def _table(rows: list[Line], script: Script, out: list[str]) -> None:
    """Rows with their columns in line; a row with comments between its cells is left out of that."""
    cut = [
        None if any(_parted(a, b) for a, b in pairwise(row.words)) else _cells(row.words, script)
        for row in rows
    ]
    columns: list[int] = []
    for found in cut:
        for i, text in enumerate(found or ()):
            columns += [0] * (i + 1 - len(columns))
            if (size := width(text)) <= WIDEST:
                columns[i] = max(columns[i], size)
    for row, found in zip(rows, cut, strict=True):
        _notes(row.words[0].above, STEP, out)
        if found is None:
            out += _lay(row, script)
            continue
        padded = (text + " " * (columns[i] - width(text)) for i, text in enumerate(found))
        out.append(" " * STEP + "| " + " | ".join(padded) + " |" + _behind(row.words[-1]))


def _cells(words: list[Word], script: Script) -> list[str]:
    found: list[list[Word]] = []
    for word in words[:-1]:
        if word.type == "BAR":
            found.append([])
        else:
            found[-1].append(word)
    return [_joined(cell, script) for cell in found]
