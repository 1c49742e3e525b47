"""What is wrong with what a policy takes from its notice, judged by the text or by the record of what was verified?"""

from __future__ import annotations

from collections.abc import Iterator

from policydsl.amounts import say_decimal
from policydsl.citations import figures, labels, quotes, reasons
from policydsl.citations.claims import Claims, claims, day_printed, year_before
from policydsl.citations.lock import Entry, entry
from policydsl.citations.quotes import Finder, key, places
from policydsl.citations.text import Notice
from policydsl.diagnostics import codes_quotes as codes
from policydsl.diagnostics.model import Diagnostic, Fact, Words
from policydsl.syntax import ast


def check(
    file: ast.File, notice: Notice | None, recorded: Entry | None, lock: str, *, locking: bool = False
) -> Iterator[Diagnostic]:
    """The problems of quotes, figures, labels, waived figures and reasons.

    With the notice they are judged by its text, without it by what `recorded` says was verified; without either,
    figures by the quotes and nothing by the notice. `lock` is what messages call the record; "" means that there is
    none to keep. `locking`: the record is about to be written.
    """
    made = claims(file)
    days = tuple(map(day_printed, made.days))
    if notice is not None:
        finder = Finder(notice)
        yield from finder.check(made.quotes)
        yield from figures.check(made.claims, tables(made, notice), days)
        yield from labels.check_labels(made.labels, finder)
        yield from labels.check_waives(made.waives, notice)
        if lock and not locking:
            yield from _stale(file, made, notice, recorded, lock)
    elif recorded is not None:
        facts = _facts(file, made, lock)
        yield from quotes.locked(made.quotes, recorded.recorded(), facts)
        yield from figures.check(made.claims, recorded.tables(), days)
        yield from labels.locked(made.labels, made.waives, recorded.words, facts)
    else:
        yield from figures.check(made.claims, None, days)
    if any(claim.lines for claim in made.claims):
        from policydsl.citations import whose

        yield from whose.check(made.claims, file)
    yield from reasons.check(file)


def tables(made: Claims, notice: Notice) -> figures.Tables:
    """The figures of the tables that quotes speak of."""
    speaking = [q for q in made.quotes if figures.speaks_of_table(q)]
    where = places(speaking, notice)
    return {key(q): figures.table_of(q, where[key(q)], notice) for q in speaking if key(q) in where}


def _stale(
    file: ast.File, made: Claims, notice: Notice, recorded: Entry | None, lock: str
) -> Iterator[Diagnostic]:
    facts = _facts(file, made, lock)
    if recorded is not None and recorded.text == made.text and recorded.digest != notice.digest:
        yield Diagnostic(codes.NOTICE_CHANGED, made.text_span, facts)
    elif recorded != entry(made, notice):
        yield Diagnostic(codes.LOCK_STALE, made.text_span, facts)


def _facts(file: ast.File, made: Claims, lock: str) -> dict[str, str]:
    return {"lock": lock, "text": made.text or "", "file": file.span.source.name}


def rises(file: ast.File) -> Iterator[Diagnostic]:
    """What `up 30元` says of the year before, for figures that are written out."""
    for declaration in file.declarations:
        if isinstance(declaration, ast.Param) and declaration.rise is not None:
            for before in year_before(declaration):
                now, rise = declaration.versions[-1].value, declaration.rise
                unit = _unit(now.span.text)
                facts: dict[str, Fact] = {
                    "now": now.span.text.split(" ")[0],
                    "rise": rise.figure.span.text,
                    "direction": Words("less" if rise.down else "more", "减少" if rise.down else "增加"),
                    "before": f"{say_decimal(before.number)}{unit}",
                }
                yield Diagnostic(codes.RISE_IMPLIES, rise.span, facts)


def _unit(written: str) -> str:
    return written.lstrip("¥￥0123456789.")
