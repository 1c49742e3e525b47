"""Does each figure of a declaration stand in its quotes, or in the table they speak of?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from policydsl.citations.claims import Claim, Line, Use
from policydsl.citations.fold import fold
from policydsl.citations.quotes import MOST_NEAREST, Key, key
from policydsl.citations.text import Notice, Passage
from policydsl.diagnostics import codes_quotes as codes
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.facts import Quote
from policydsl.printed import Printed, figures, same

#: words of a quote that send the reader to a table
_TABLE = re.compile("(下表|[见見]表|如下|附表|附件)")
_ANNEX = frozenset(("附表", "附件"))
#: The most figures of a table; in a longer text rows are not looked for.
MOST_CELLS = 2_000
_STOPS = "，,、；;。：:（(）)“”"

#: The figures of the tables that quotes speak of.
Tables: TypeAlias = "Mapping[Key, tuple[Printed, ...]]"


def check(
    claims: Iterable[Claim], tables: Tables | None, days: Sequence[Printed] = ()
) -> Iterator[Diagnostic]:
    """Every figure that stands neither in its quotes nor in the table they speak of, has no origin, is in no
    reason given beside it and no day of the header (`days`). `tables` None: the tables are not known, and rows that
    may stand in one pass."""
    left = MOST_NEAREST
    for claim in claims:
        seen: set[tuple[int, int]] = set()
        elsewhere = (*days, *claim.implied)
        for use in claim.uses:
            place = (use.span.start, use.span.end)
            if place not in seen and use.said not in elsewhere and not quoted(use):
                seen.add(place)
                yield _not_quoted(use, claim)
        for line in claim.lines:
            wrong = list(_line(line, claim, tables, look=left > 0))
            left -= any(d.code is codes.TABLE_DIFFERS for d in wrong)
            yield from wrong


def quoted(use: Use) -> bool:
    """Whether a figure needs no other support: it is nothing, from elsewhere, quoted, or explained."""
    said = use.said
    if use.origin is not None or (said.value == 0 and said.measure not in ("calendar", "ratio")):
        return True
    return any(same(said, found) for quote in use.quotes for found in figures(quote.words)) or any(
        same(said, found) for reason in use.because for found in figures(reason)
    )


# tables


def speaks_of_table(quote: Quote) -> bool:
    return _TABLE.search(quote.words) is not None


def table_of(quote: Quote, passage: Passage, notice: Notice) -> tuple[Printed, ...]:
    """The figures printed after a quote that speaks of a table: to the end of its clause, or of the notice
    when the table is an annex."""
    said = _TABLE.search(quote.words)
    end = len(notice.folded.text) if said and said[1] in _ANNEX else notice.clause_end(passage.start)
    _, low = notice.original(passage.start, passage.end)
    _, high = notice.original(passage.start, end)
    return tuple(islice((notice.figures[n] for n in notice.figures_between(low, high)), MOST_CELLS))


def rows_in(line: Line, table: Sequence[Printed]) -> int | None:
    """Where the figures of a row stand in a table, one after another; None when they do not."""
    wanted = [use.said for use in line.uses]
    n = len(wanted)
    for at in range(len(table) - n + 1) if n else ():
        if all(same(w, f) for w, f in zip(wanted, table[at : at + n], strict=True)):
            return at
    return None


def _line(line: Line, claim: Claim, tables: Tables | None, *, look: bool) -> Iterator[Diagnostic]:
    """The figures of a row that are not as quoted or printed; `look`: the row that is meant is looked for."""
    speaking = [q for q in line.quotes if speaks_of_table(q)]
    missing = [use for use in line.uses if not quoted(use)]
    if not missing:
        return
    if not speaking:
        yield from (_not_quoted(use, claim) for use in missing)
        return
    if tables is None:
        return
    known = [(q, tables[key(q)]) for q in speaking if key(q) in tables]
    if not known or any(rows_in(line, table) is not None for _, table in known):
        return  # a quote that was not found is reported as such
    quote, table = known[0]
    clause = (
        Words(f"clause {quote.clause}", f"条款{quote.clause}")
        if quote.clause
        else Words("the notice", "原文")
    )
    best = _most_alike(line, table) if look else None
    if best is None:
        no_row = Words("no row is like it", "也没有相近的一行")
        too_many = Words("too many differ to look for each", "不符的行过多，不再逐一查找")
        first, last = line.uses[0].span, line.uses[-1].span
        yield Diagnostic(
            codes.TABLE_DIFFERS,
            first.to(last),
            {"clause": clause, "nearest": no_row if look else too_many},
        )
        return
    for use, found in zip(line.uses, table[best:], strict=False):
        if not same(use.said, found):
            nearest = Words(
                f"the row most like it has {found.written} where {use.span.text} stands",
                f"最接近的一行在此处是{found.written}，不是{use.span.text}",
            )
            yield Diagnostic(codes.TABLE_DIFFERS, use.span, {"clause": clause, "nearest": nearest})


def _most_alike(line: Line, table: Sequence[Printed]) -> int | None:
    """Where the row of the table begins that agrees with `line` in most figures, the first counting more than the
    others: in half of them at least."""
    wanted = [use.said for use in line.uses]
    n = len(wanted)
    scores = {
        at: [same(w, f) for w, f in zip(wanted, table[at : at + n], strict=True)]
        for at in range(len(table) - n + 1)
    }
    best = max(scores, key=lambda at: (sum(scores[at]), scores[at][0], -at), default=None)
    return best if best is not None and 2 * sum(scores[best]) >= n else None


# words


def _not_quoted(use: Use, claim: Claim) -> Diagnostic:
    figure = use.span.text
    return Diagnostic(codes.FIGURE_NOT_QUOTED, use.span, {"figure": figure, "nearest": _nearest(use, claim)})


def _nearest(use: Use, claim: Claim) -> Words:
    """The phrase of the quotes that prints a figure like this one, which no other figure of the declaration says."""
    if not use.quotes:
        return Words("it has no quote", "本项没有摘引")
    others = [u.said for u in (*claim.uses, *(u for line in claim.lines for u in line.uses)) if u is not use]
    best: tuple[int, Quote, Printed] | None = None
    for quote in use.quotes:
        for found in figures(quote.words):
            score = _likeness(use.said, found) - 2 * any(same(o, found) for o in others)
            if best is None or score > best[0]:
                best = (score, quote, found)
    if best is None or best[0] <= 0:
        quote = use.quotes[0]
        where = (
            Words(f"clause {quote.clause}, “", f"条款{quote.clause}“") if quote.clause else Words("“", "“")
        )
        return Words(f"it quotes {where.en}{quote.words}”", f"所摘引的是{where.zh}{quote.words}”")
    _, quote, found = best
    phrase = phrase_of(quote.words, found)
    if not quote.clause:
        return Words(f"they have “{phrase}”", f"摘引写的是“{phrase}”")
    return Words(f"clause {quote.clause} has “{phrase}”", f"条款{quote.clause}写的是“{phrase}”")


def phrase_of(words: str, found: Printed) -> str:
    """A figure with what it says it of: 县级补助44.5元."""
    start = max((words.rfind(stop, 0, found.start) for stop in _STOPS), default=-1) + 1
    return words[start : found.end].strip()


def _likeness(meant: Printed, found: Printed) -> int:
    """How alike two figures that differ are: the same unit, the same digits, the same length."""
    if (meant.measure in ("calendar", "document")) != (found.measure in ("calendar", "document")):
        return 0
    a, b = _digits(meant), _digits(found)
    score = 3 if meant.measure == found.measure else 0
    score += 3 if sorted(a) == sorted(b) else 0
    return score + sum(x == y for x, y in zip(a, b, strict=False)) - abs(len(a) - len(b))


def _digits(said: Printed) -> str:
    numbers = said.parts or (said.number,)
    return "".join(c for n in numbers for c in fold(str(n)) if c.isdigit())
