"""Which figures of the notice does the policy encode or waive, and which does nothing use?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Literal, TypeAlias

from policydsl.citations.claims import Claim, Claims, Waived, claims, day_printed, told
from policydsl.citations.figures import rows_in, speaks_of_table, table_of
from policydsl.citations.fold import NoConverter
from policydsl.citations.labels import waived_places
from policydsl.citations.quotes import key, places
from policydsl.citations.text import Notice, say_clause
from policydsl.nodes import Node, node
from policydsl.printed import Printed, figures, same
from policydsl.source import Span
from policydsl.syntax import ast

Status: TypeAlias = Literal["encoded", "waived", "unused"]


@node
class Found(Node):
    """A figure of the notice; `by` is the declaration that encodes it or the `waive` line."""

    figure: Printed
    status: Status
    clause: str
    by: Span | None = None
    because: str | None = None


@node
class Stretch(Node):
    """Characters `start` to `end` of the notice that are a quote or label, or waived, or an unused figure."""

    start: int
    end: int
    status: Status
    by: Span | None = None
    because: str | None = None


@node
class Coverage(Node):
    """What becomes of every figure of a notice, and the passages that are quoted, in the order of its text."""

    figures: tuple[Found, ...]
    stretches: tuple[Stretch, ...]

    def count(self, status: Status) -> int:
        return sum(f.status == status for f in self.figures)

    @property
    def unused(self) -> tuple[Found, ...]:
        return tuple(f for f in self.figures if f.status == "unused")


def coverage(files: Sequence[ast.File], notice: Notice) -> Coverage:
    """Every figure of the notice, with what encodes or waives it in any of the policies that are made from it."""
    passages: list[Stretch] = []
    waived: list[Stretch] = []
    encoded: dict[int, Span] = {}
    headers: list[tuple[Printed, Span]] = []
    for file in files:
        made = claims(file)
        passages += [*_labels(made, notice), *_quoted(made, notice)]
        waived += _waived(made.waives, notice)
        for n, span in _encoded(made, file, notice):
            encoded.setdefault(n, span)
        headers += [(figure, made.text_span) for figure in _header_figures(made)]
    found: list[Found] = []
    for n, figure in enumerate(notice.figures):
        clause = say_clause(notice.clause_at(notice.folded.folded_at(figure.start)))
        by = encoded.get(n) or next((span for said, span in headers if _in_header(figure, said)), None)
        waive = next((s for s in waived if s.start < figure.end and figure.start < s.end), None)
        if by is not None:
            found.append(Found(figure, "encoded", clause, by))
        elif waive is not None:
            found.append(Found(figure, "waived", clause, waive.by, waive.because))
        else:
            found.append(Found(figure, "unused", clause))
    passages.sort(key=lambda s: s.end - s.start)  # of two that overlap the longer shows
    return Coverage(tuple(found), tuple(_stretches([*passages, *waived], found)))


# what encodes a figure


def _encoded(made: Claims, file: ast.File, notice: Notice) -> Iterator[tuple[int, Span]]:
    """The numbers of the figures that a declaration encodes: those in its quotes and tables that it says, or that
    an example or a property repeats, and those in the labels of categories."""
    repeated = tuple(dict.fromkeys(told(file)))
    where = places(made.quotes, notice)
    for claim in made.claims:
        says = [
            *(use.said for use in claim.uses),
            *(use.said for line in claim.lines for use in line.uses),
            *(figure for label in claim.labels for figure in figures(label)),
            *claim.implied,
        ]
        for quote in claim.quotes:
            passage = where.get(key(quote))
            if passage is None:
                continue
            low, high = notice.original(passage.start, passage.end)
            for n in notice.figures_between(low, high):
                figure = notice.figures[n]
                if (
                    any(same(said, figure) or said == figure for said in says)
                    or any(same(said, figure) for said in repeated if not _part_of_day(figure))
                    or (claim.has_all and figure.written in ("全额", "全額"))
                ):
                    yield n, claim.span
            if speaks_of_table(quote):
                table = table_of(quote, passage, notice)
                yield from ((n, claim.span) for n in _rows(claim, table, notice))
    for start, end, span in _label_places(made, notice):
        yield from ((n, span) for n in notice.figures_between(start, end))


def _part_of_day(figure: Printed) -> bool:
    """A year or a month: that an example falls in it does not repeat it."""
    return figure.measure == "calendar" and not figure.parts[2]


def _rows(claim: Claim, table: Sequence[Printed], notice: Notice) -> Iterator[int]:
    """The figures of the rows that stand in the table as they stand in the policy, and the rows' own numbers."""
    if not table:
        return
    first = next(n for n, f in enumerate(notice.figures) if f is table[0])
    starts = []
    for line in claim.lines:
        at = rows_in(line, table)
        if at is not None:
            starts.append(first + at)
            yield from range(first + at, first + at + len(line.uses))
    for number, start in enumerate(starts, 1):
        before = notice.figures[start - 1] if start else None
        if before is not None and before.measure == "number" and before.number == number:
            yield start - 1


def _header_figures(made: Claims) -> tuple[Printed, ...]:
    """The days in the header, and the figures of the title and of the notice's number."""
    return (*map(day_printed, made.days), *(f for words in made.header for f in figures(words)))


def _in_header(figure: Printed, header: Printed) -> bool:
    """Whether the header says a figure: its number, a day of it, or the year of one."""
    if header.measure == "calendar" and figure.measure == "calendar":
        if not any(figure.parts[1:]):
            return figure.parts[0] == header.parts[0]
        return figure.parts == header.parts
    if header.measure == "calendar" and figure.measure == "number":  # 2021版
        return figure.number == header.parts[0]
    return header.measure == "document" and figure == header


# passages


def _quoted(made: Claims, notice: Notice) -> Iterator[Stretch]:
    where = places(made.quotes, notice)
    for claim in made.claims:
        for quote in claim.quotes:
            passage = where.get(key(quote))
            if passage is not None:
                low, high = notice.original(passage.start, passage.end)
                yield Stretch(low, high, "encoded", claim.span)


def _label_places(made: Claims, notice: Notice) -> Iterator[tuple[int, int, Span]]:
    for label in made.labels:
        with suppress(NoConverter):
            for passage in notice.find(label.words):
                yield (*notice.original(passage.start, passage.end), label.span)


def _labels(made: Claims, notice: Notice) -> Iterator[Stretch]:
    for start, end, span in _label_places(made, notice):
        yield Stretch(start, end, "encoded", span)


def _waived(waives: Iterable[Waived], notice: Notice) -> Iterator[Stretch]:
    for waived in waives:
        with suppress(NoConverter):
            for passage in waived_places(waived, notice):
                low, high = notice.original(passage.start, passage.end)
                yield Stretch(low, high, "waived", waived.span, waived.because)


def _around(found: Found) -> Stretch:
    return Stretch(found.figure.start, found.figure.end, found.status, found.by, found.because)


def _leaves_out(stretch: Stretch, found: Sequence[Found]) -> bool:
    """Whether waived words leave a figure out here: the 1 of a page number is none of 9∶1."""
    inside = [f for f in found if stretch.start < f.figure.end and f.figure.start < stretch.end]
    return not inside or any(f.status == "waived" for f in inside)


def _stretches(passages: Sequence[Stretch], found: Sequence[Found]) -> Iterator[Stretch]:
    """The passages cut where they begin and end, so that none overlaps: an unused figure shows in a quote, and
    a waived one too."""
    pieces = [
        *(_around(f) for f in found if f.status == "encoded"),
        *(s for s in passages if s.status == "encoded"),
        *(s for s in passages if s.status == "waived" and _leaves_out(s, found)),
        *(_around(f) for f in found if f.status != "encoded"),
    ]
    edges = sorted({edge for s in pieces for edge in (s.start, s.end)})
    shown: list[Stretch] = []
    starting: dict[int, list[int]] = {}
    for n, piece in enumerate(pieces):
        starting.setdefault(piece.start, []).append(n)
    open_: set[int] = set()
    for low, high in pairwise(edges):
        open_ = {n for n in (*open_, *starting.get(low, ())) if pieces[n].end > low}
        if not open_:
            continue
        top = pieces[max(open_)]
        if shown and shown[-1].end == low and (shown[-1].status, shown[-1].by) == (top.status, top.by):
            low = shown.pop().start
        shown.append(Stretch(low, high, top.status, top.by, top.because))
    return iter(shown)
