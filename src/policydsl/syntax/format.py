"""What is the one layout of a policy file? The same words, drawn again and read again before they are given out."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from policydsl.diagnostics import codes_format as codes
from policydsl.diagnostics.model import Diagnostic, is_error
from policydsl.nodes import Node, fields
from policydsl.source import Source, Span
from policydsl.syntax.format_lines import STEP, page
from policydsl.syntax.format_shape import Shape
from policydsl.syntax.format_words import Note, Script, Word, file_script, in_danger, own_script, spell
from policydsl.syntax.lexer import QUOTE, Lexed, lex
from policydsl.syntax.parse import parse_words
from policydsl.syntax.tables import WORDS
from policydsl.syntax.words import meaning


def format_source(source: Source, script: Script | None = None) -> str | tuple[Diagnostic, ...]:
    """The text of a policy file in its one layout, or why it has none: what is wrong with its syntax.

    With `script` the keywords and the punctuation are those of that script, without it each keyword
    stays in its own. Line ends are those of the first line. What is given out has been read again and
    says the same; where it did not, that is our fault and reported as such.
    """
    lexed = lex(source)
    file, diagnostics = parse_words(source, lexed)
    if any(map(is_error, diagnostics)):
        return diagnostics
    pieces, rest = _words(source, lexed)
    before = _kept_words(pieces, rest)
    drawn = Source(source.name, _draw(source, pieces, rest, script))
    lexed = lex(drawn)
    again, trouble = parse_words(drawn, lexed)
    what = next((d.code.name for d in trouble if is_error(d)), "")
    what = what or _difference(file.declarations, again.declarations)
    what = what or _lost(before, _kept_words(*_words(drawn, lexed)))
    if what:
        return (Diagnostic(codes.FORMAT_CHANGES, Span(source, 0, 0), {"what": what}),)
    is_windows = "\r\n" in source.text[: source.text.find("\n") + 1]
    return drawn.text.replace("\n", "\r\n") if is_windows else drawn.text


def _draw(source: Source, pieces: list[list[Word]], rest: list[Note], asked: Script | None) -> str:
    """The text of all declarations."""
    every = [word for piece in pieces for word in piece]
    file = asked or file_script(every)
    for word in every:
        word.script = own_script(word, file)
    columns = [_column(source, piece[0].start) for piece in pieces]
    for piece in pieces:
        Shape(piece, asked).read()
    pieces, rest = _kept(pieces, rest)
    _parts_of_results(pieces)
    for piece in pieces:
        risky = [
            i for i, word in enumerate(piece) if word.type == "NAME" and not word.role and in_danger(piece, i)
        ]
        for i in risky:
            piece[i].type = "STRING"
        for word in piece:
            word.spelt = spell(word, file, asked)
    return page(pieces, rest, columns, file)


def _words(source: Source, lexed: Lexed) -> tuple[list[list[Word]], list[Note]]:
    """The words of each declaration with what stands between them, and what stands after the last."""
    text = source.text
    at = 1 if text.startswith("\ufeff") else 0
    pieces: list[list[Word]] = []
    last: Word | None = None
    for piece in lexed.pieces:
        words: list[Word] = []
        for token in piece:
            word = Word(token, text[token.start : token.end])
            word.above, trailing = _between(source, at, token.start)
            if trailing and last is not None:
                last.trailing.append(trailing)
            words.append(word)
            last, at = word, max(at, token.end)
        pieces.append(words)
    rest, trailing = _between(source, at, len(text))
    if trailing and last is not None:
        last.trailing.append(trailing)
    return pieces, rest


def _between(source: Source, start: int, end: int) -> tuple[list[Note], str]:
    """Comments, quotes and blank lines between two words, and the comment behind the first of them."""
    text = source.text
    if not text[start:end].strip(" "):
        return [], ""
    notes: list[Note] = []
    trailing = ""
    first = start in (0, 1) and not text[:start].strip("\ufeff")
    empty = first
    at = start
    while at < end:
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        if first and QUOTE.match(text, at):
            words = text[at:stop].strip()
            words = f"{words[0]} {words[1:].strip()}".rstrip() if words[0] in ">＞" else words
            notes.append(Note("quote", words, _column(source, at)))
            at, empty = stop, False
        elif text[at] == "#":
            words = text[at:stop].rstrip()
            if first:
                notes.append(Note("comment", words, _column(source, at)))
            else:
                trailing = f"{trailing}  {words}" if trailing else words
            at, empty = stop, False
        elif text[at] == "\n":
            if empty:
                notes.append(Note("blank", "", 0))
            first = empty = True
            at += 1
        else:
            if not text[at].isspace():  # a comma that the lexer drops
                first = empty = False
            at += 1
    return notes, trailing


def _column(source: Source, at: int) -> int:
    """How far from the start of its line something stands."""
    return source.position(at)[1] - 1


def _kept(pieces: list[list[Word]], rest: list[Note]) -> tuple[list[list[Word]], list[Note]]:
    """The words without those that are not written; what stood around one stands around its neighbours."""
    kept: list[list[Word]] = []
    above: list[Note] = []
    for words in pieces:
        kept.append([])
        for word in words:
            above += word.above
            if word.drop:
                kept[-1][-1].trailing += word.trailing
                continue
            word.above, above = above, []
            kept[-1].append(word)
    rest, above = above + rest, []
    for word in (word for words in kept for word in words):
        word.above = above + word.above
        # one comment can stand behind a word; more stand below it
        above = [Note("comment", comment, STEP) for comment in word.trailing[1:]]
        del word.trailing[1:]
    return kept, above + rest


def _parts_of_results(pieces: list[list[Word]]) -> None:
    """Find `payout.ground`, `funding.total`, and the day `on` of an example, where no name of the file is like it."""
    uses: list[tuple[Word, str]] = []
    names: set[str] = set()
    for words in pieces:
        for before, word in pairwise(words):
            part = meaning("parts", word.name) if word.type in ("NAME", "STRING") and not word.role else None
            if part is None:
                continue
            if (before.type == "DOT") != (part == "on") and (part != "on" or words[0].type == "EXAMPLE"):
                uses.append((word, part))
            else:
                names.add(part)
    for word, part in uses:
        if word.type == "NAME" and part not in names:
            word.role = "parts"


# reading again


def _difference(before: object, after: object) -> str:
    """Where two trees differ, in a few words; "" where they say the same. Figures as printed count, places do not."""
    stack = [(before, after)]
    while stack:
        a, b = stack.pop()
        if isinstance(a, Node):
            if type(a) is not type(b):
                return f"{type(a).__name__}, {type(b).__name__}"
            stack += [
                (getattr(a, name), getattr(b, name))
                for name in fields(a)
                if not isinstance(getattr(a, name), Span)
            ]
        elif isinstance(a, tuple) and isinstance(b, tuple):
            if len(a) != len(b):
                return f"{len(a)}, {len(b)}"
            stack += zip(a, b, strict=True)
        elif a != b and not (isinstance(a, str) and isinstance(b, str) and _any_script(a) == _any_script(b)):
            return f"{a}, {b}"
    return ""


def _lost(before: Counter[str], after: Counter[str]) -> str:
    """What the one text has more often than the other; "" when there is nothing."""
    before.subtract(after)
    return next((word for word, count in before.items() if count), "")


def _kept_words(pieces: list[list[Word]], rest: list[Note]) -> Counter[str]:
    """What no layout changes: names, figures, quoted texts, comments and quotes. A word that is read by its
    position counts as its meaning."""
    found = [note.text for note in rest if note.kind != "blank"]
    for word in (word for piece in pieces for word in piece):
        if word.above:
            found += [note.text for note in word.above if note.kind != "blank"]
        found += word.trailing
        if word.type in ("NAME", "STRING") and _any_script(word.name) != _UNDER:
            found.append(_any_script(word.name))
        elif word.type == "UNIT":
            kind, stroke, per = word.raw.partition("/")
            found.append(_any_script(kind) + stroke + per)
        elif word.type in ("NUMBER", "DATE", "RATIO"):
            found.append(word.raw)
    return Counter(found)


def _spelt_alike() -> dict[str, str]:
    """For each spelling of a word that is read by its position the same word, whatever script it is in."""
    found: dict[str, str] = {}
    for section, entries in WORDS.items():
        if section in ("declarations", "grounds", "connectives"):
            continue
        for languages in entries.values():
            spellings = [spelling for each in languages.values() for spelling in each]
            groups = {found[s] for s in spellings if s in found}  # “persons” is a kind and a dimension
            name = min(groups, default=spellings[0])
            found.update({s: name for s, group in found.items() if group in groups})
            found.update(dict.fromkeys(spellings, name))
    return found


_SAME = _spelt_alike()
#: in English the field `under` is the word of a comparison, and in Chinese none
_UNDER = _SAME["under"]


def _any_script(text: str) -> str:
    return _SAME.get(text, text)
