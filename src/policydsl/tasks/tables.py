"""How does a table come from a sheet into a policy, and go back? For `table`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from policydsl.diagnostics.model import Diagnostic, Language, is_error
from policydsl.pipeline import format, whole
from policydsl.sheets import returned
from policydsl.sheets.book import write_book
from policydsl.sheets.cells import Wishes, among
from policydsl.sheets.draft import lay_out
from policydsl.sheets.exported import chosen
from policydsl.sheets.grid import Grid
from policydsl.sheets.pasted import decode, read_pasted
from policydsl.sheets.recognise import recognise
from policydsl.sheets.returned import is_ours
from policydsl.sheets.vocabulary import Vocabulary, is_traditional, vocabulary
from policydsl.sheets.workbook import Book, choose_sheet, open_book, read_grid
from policydsl.source import Source
from policydsl.syntax.ast import File
from policydsl.syntax.parse import parse

__all__ = [
    "export_tables",
    "is_ours",
    "open_book",
    "pasted_table",
    "returned_tables",
    "sheet_table",
    "table_block",
]


def pasted_table(name: str, data: bytes) -> Grid | Diagnostic:
    """The table in pasted text, given as its bytes."""
    source = decode(name, data)
    return source if isinstance(source, Diagnostic) else read_pasted(source)


def sheet_table(book: Book, sheet: str | None, cells: str | None) -> Grid | Diagnostic:
    """The filled cells of a sheet, or those named by `cells` (A1:F9)."""
    chosen = choose_sheet(book, sheet)
    return chosen if isinstance(chosen, Diagnostic) else read_grid(book, chosen, cells)


def table_block(
    grid: Grid,
    file: File | None,
    language: Language,
    *,
    name: str,
    kind: Literal["tiers", "table"] | None = None,
    mode: str | None = None,
    keys: tuple[str, ...] = (),
    amount: str | None = None,
) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The `tiers` or `table` block called `name` that a table of a sheet makes, with the names of the policy
    `file`, or without one in the language; None when it makes none. And what there is to say of it."""
    wishes = Wishes(name, language, kind, mode, keys, amount)
    if file is not None:
        wishes = among(wishes, file, _words(file))
    draft, told = recognise(grid, wishes)
    if draft is None:
        return None, told
    text = lay_out(draft, wishes.language, wishes.like)
    made, wrong = parse(Source(name, text))
    if wrong or len(made.declarations) != 1:  # a cell holds what no policy may
        return None, (*told, *wrong)
    drawn = format(made.span.source, "hant" if file is not None and is_traditional(file) else None)
    return (drawn if isinstance(drawn, str) else text), told


def _words(file: File) -> Vocabulary:
    """What a policy names, and the policies that it rests on."""
    rests = whole(file)
    return vocabulary(file, rests.file if rests is not None else file)


def export_tables(file: File, names: Sequence[str], language: Language) -> bytes | tuple[Diagnostic, ...]:
    """A workbook of the tables and schedules of a policy: those called `names`, or all; or what is wrong,
    nothing where the policy has none."""
    tables, told = chosen(file, _words(file), names, language)
    if told or not tables:
        return told
    book = write_book(file, tables, language)
    return (book,) if isinstance(book, Diagnostic) else book


def returned_tables(book: Book, file: File | None) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """The text of a policy with what was changed in a workbook exported from it, the same text when
    nothing was; None with what is wrong, the policy `file` missing too."""
    of = returned.origin(book)
    if isinstance(of, Diagnostic):
        return None, (of,)
    if file is None:
        return None, (returned.needs_policy(book, of),)
    source = file.span.source
    new, told = returned.changes(book, of, file, _words(file))
    if any(map(is_error, told)):
        return None, told
    changed = Source(source.name, returned.apply(source.text, new), beside=source.beside)
    if new and format(source) == source.text:
        drawn = format(changed)
        changed = Source(source.name, drawn, beside=source.beside) if isinstance(drawn, str) else changed
    after, broken = parse(changed)
    if new and (broken or not returned.same_but_rows(file, after, new)):
        return None, broken or (returned.reaches_beyond(book),)
    return changed, told
