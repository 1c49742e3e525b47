"""Are the labels of categories, and the figures that are waived, words of the notice?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from policydsl.citations.claims import Label, Waived
from policydsl.citations.fold import NoConverter, fold
from policydsl.citations.quotes import Finder
from policydsl.citations.text import Notice, Passage
from policydsl.diagnostics import codes_quotes as codes
from policydsl.diagnostics.model import Diagnostic, Fact, Words


def check_labels(labels: Iterable[Label], finder: Finder) -> Iterator[Diagnostic]:
    """Each label that is neither in the notice nor marked as the author's own wording."""
    for label in labels:
        if label.because is not None:
            continue
        try:
            found = finder.notice.find(label.words)
        except NoConverter:
            what = Words(f"“{label.words}”", f"“{label.words}”")
            yield Diagnostic(codes.HANT_MISSING, label.span, {"words": what})
            continue
        if not found:
            said, marks = finder.said(finder.nearest(label.words))
            facts: dict[str, Fact] = {"label": label.words, "name": label.span.text, "nearest": said}
            yield Diagnostic(codes.LABEL_NOT_FOUND, label.span, facts, marks)


def check_waives(waives: Iterable[Waived], notice: Notice) -> Iterator[Diagnostic]:
    """Each waived figure that the notice does not have."""
    for waived in waives:
        try:
            found = waived_places(waived, notice)
        except NoConverter:
            what = Words(f"“{waived.words}”", f"“{waived.words}”")
            yield Diagnostic(codes.HANT_MISSING, waived.span, {"words": what})
            continue
        if not found:
            yield Diagnostic(codes.WAIVE_NOT_FOUND, waived.span, {"figure": waived.words})


def waived_places(waived: Waived, notice: Notice) -> list[Passage]:
    """Where the waived words stand; 2号 does not stand in 32号. Raises `NoConverter`."""
    text, wanted = notice.folded.text, fold(waived.words)
    digits = re.compile("[0-9.]")
    found: list[Passage] = []
    for passage in notice.find(waived.words):
        before, after = text[passage.start - 1 : passage.start], text[passage.end : passage.end + 1]
        if wanted[0].isdigit() and digits.match(before) and not _runs_in(text, passage.start):
            continue
        if wanted[-1].isdigit() and after.isdigit() and not _runs_out(notice, passage.end):
            continue
        found.append(passage)
    return found


def _runs_in(text: str, at: int) -> bool:
    """A stop before a figure ends a sentence and is no part of it."""
    return text[at - 1] == "." and not text[at - 2 : at - 1].isdigit()


def _runs_out(notice: Notice, end: int) -> bool:
    """Whether something stood between a figure and the digits that follow it once the spaces are gone."""
    _, here = notice.original(end - 1, end)
    there, _ = notice.original(end, end + 1)
    return here != there


def locked(
    labels: Iterable[Label], waives: Iterable[Waived], recorded: Collection[str], facts: Mapping[str, str]
) -> Iterator[Diagnostic]:
    """Each label and waived figure that is not among the words recorded as verified."""
    wanted = [(label.words, label.span) for label in labels if label.because is None]
    for words, span in (*wanted, *((w.words, w.span) for w in waives)):
        if fold(words) not in recorded:
            yield Diagnostic(codes.NOT_LOCKED, span, {**facts, "what": f"“{words}”"})
