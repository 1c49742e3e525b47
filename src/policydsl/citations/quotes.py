"""Does each quote stand in the notice, once, and in the clause whose number it gives?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from policydsl.citations.fold import Folded, NoConverter, fold, simplified
from policydsl.citations.text import MOST_PLACES, Notice, Passage, fits, say_clause, steps
from policydsl.diagnostics import codes_quotes as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.facts import Quote
from policydsl.source import Span

if TYPE_CHECKING:
    from policydsl.citations.nearest import Likeness, Nearest

#: The most words, and the most rows, for which the nearest is looked for in one policy.
MOST_NEAREST = 40

Key = tuple[str, str]


def key(quote: Quote) -> Key:
    """What makes two quotes the same: the clause and the folded words."""
    return fold(quote.clause), fold(quote.words)


def places(quotes: Iterable[Quote], notice: Notice) -> dict[Key, Passage]:
    """Where each quote stands that stands in its clause once."""
    found: dict[Key, Passage] = {}
    for quote in quotes:
        if key(quote) not in found and (passage := _place(quote, notice)) is not None:
            found[key(quote)] = passage
    return found


def _place(quote: Quote, notice: Notice) -> Passage | None:
    try:
        here = _in_clause(notice.find(quote.words), quote, notice)
    except NoConverter:
        return None
    return here[0] if len(here) == 1 else None


def _in_clause(found: Sequence[Passage], quote: Quote, notice: Notice) -> list[Passage]:
    number = steps(quote.clause)
    return [p for p in found if fits(number, notice.clause_at(p.start))] if number else list(found)


class Finder:
    """Reports what is not in one notice, with the passages that are most like it."""

    def __init__(self, notice: Notice) -> None:
        self.notice = notice
        self._nearest: dict[str, Nearest] = {}
        self._left = MOST_NEAREST

    def nearest(self, words: str) -> Likeness | None:
        """The passage most like these words, in either script; None when nothing is, or when enough was looked for."""
        if self._left <= 0:
            return None
        self._left -= 1
        wanted, text = fold(words), self.notice.folded.text
        if self.notice.mixes_scripts(wanted):
            with suppress(NoConverter):
                wanted, text = simplified(wanted), self.notice.simplified
        if text not in self._nearest:
            from policydsl.citations.nearest import Nearest

            self._nearest[text] = Nearest(text)
        return self._nearest[text].passage(wanted)

    def said(self, likeness: Likeness | None) -> tuple[Words, tuple[Label, ...]]:
        """What the notice has instead, for a message, and its places."""
        if likeness is None:
            return Words("it has nothing like them", "也没有相近的词句"), ()
        from policydsl.citations.nearest import marked

        passage = marked(self.notice.folded, likeness)
        where = clause_words(self.notice, likeness.start)
        labels = tuple(
            Label(self.span(start, end), Words("differs in the notice", "原文不同之处"))
            for start, end in likeness.there
        )
        return Words(f"the nearest are “{passage}” in {where.en}", f"最接近的是{where.zh}“{passage}”"), labels

    def span(self, start: int, end: int) -> Span:
        """Folded characters of the notice as a place in its text."""
        return Span(self.notice.source, *self.notice.original(start, end))

    def check(self, quotes: Iterable[Quote]) -> Iterator[Diagnostic]:
        """Each quote that does not stand in its clause exactly once, or stands there in the other script."""
        for quote in quotes:
            try:
                yield from self._check(quote)
            except NoConverter:
                what = Words("these words", "这些词句")
                yield Diagnostic(codes.HANT_MISSING, words_span(quote), {"words": what})

    def _check(self, quote: Quote) -> Iterator[Diagnostic]:
        found = self.notice.find(quote.words)
        here = _in_clause(found, quote, self.notice)
        if not found:
            likeness = self.nearest(quote.words)
            said, labels = self.said(likeness)
            yield Diagnostic(codes.QUOTE_NOT_FOUND, _differing(quote, likeness), {"nearest": said}, labels)
        elif not here:
            where = [clause_words(self.notice, p.start) for p in found]
            told = Words(
                ", ".join(dict.fromkeys(w.en for w in where)), "、".join(dict.fromkeys(w.zh for w in where))
            )
            label = Label(self.span(found[0].start, found[0].end), Words("they stand here", "原文在此处"))
            clause = Words(quote.clause, f"条款{quote.clause}")
            yield Diagnostic(
                codes.QUOTE_OTHER_CLAUSE, clause_span(quote), {"clause": clause, "found": told}, (label,)
            )
        elif len(here) > 1:
            times: Words | int = len(here)
            if len(found) >= MOST_PLACES:
                times = Words(f"{MOST_PLACES} or more", f"不少于{MOST_PLACES}")
            named = quote.clause
            clause = Words(f"clause {named}", f"条款{named}") if named else Words("the notice", "原文")
            labels = tuple(Label(self.span(p.start, p.end), Words("here", "此处")) for p in here[:2])
            yield Diagnostic(codes.QUOTE_TWICE, words_span(quote), {"times": times, "clause": clause}, labels)
        elif here[0].other_script:
            yield self._other_script(quote, here[0])

    def _other_script(self, quote: Quote, passage: Passage) -> Diagnostic:
        span = self.span(passage.start, passage.end)
        hant = self.notice.folded.script == "hant"
        return Diagnostic(
            codes.QUOTE_OTHER_SCRIPT,
            words_span(quote),
            {
                "script": Words("traditional" if hant else "simplified", "繁体字" if hant else "简体字"),
                "words": "".join(span.text.split()),
            },
        )


def locked(
    quotes: Iterable[Quote], recorded: Mapping[Key, object], facts: Mapping[str, str]
) -> Iterator[Diagnostic]:
    """Each quote that is not among those recorded as verified."""
    for quote in quotes:
        if key(quote) not in recorded:
            what = Words("this quote", "这处摘引")
            yield Diagnostic(codes.NOT_LOCKED, words_span(quote), {**facts, "what": what})


def clause_words(notice: Notice, place: int) -> Words:
    """The clause that a place of the notice stands in, for a message."""
    number = say_clause(notice.clause_at(place))
    return (
        Words(f"clause {number}", f"条款{number}")
        if number
        else Words("the part before clause 一", "条款一之前")
    )


# places in the policy


def words_span(quote: Quote) -> Span:
    """The words of a quote in the policy, without its sign and number."""
    at = quote.span.text.rfind(quote.words) if quote.words else -1
    if at < 0:
        return quote.span
    start = quote.span.start + at
    return Span(quote.span.source, start, start + len(quote.words))


def clause_span(quote: Quote) -> Span:
    """The number of the clause in a quote."""
    at = quote.span.text.find(quote.clause) if quote.clause else -1
    if at < 0:
        return quote.span
    start = quote.span.start + at
    return Span(quote.span.source, start, start + len(quote.clause))


def _differing(quote: Quote, likeness: Likeness | None) -> Span:
    """The characters of a quote that differ from the notice, from the first to the last."""
    span = words_span(quote)
    if likeness is None or not likeness.here:
        return span
    folded = Folded(quote.words)
    start, _ = folded.original_span(likeness.here[0][0], likeness.here[0][0])
    last = likeness.here[-1]
    _, end = folded.original_span(*last)
    return Span(span.source, span.start + start, span.start + max(end, start))
