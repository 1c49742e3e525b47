"""What has been changed in a workbook that comes back? Its rows beside the policy's, and the policy with the changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from policydsl.diagnostics import codes_sheets as codes
from policydsl.diagnostics.model import Diagnostic, Language, Words, listed
from policydsl.nodes import Node, evolve, node
from policydsl.sheets.archive import whole_file
from policydsl.sheets.cells import BAND, FIGURE, MEMBER, Found, Maker, Wishes, refuse
from policydsl.sheets.draft import lines
from policydsl.sheets.exported import FORM, Exported, chosen, digest, is_number
from policydsl.sheets.grid import Cell, Grid, column_letters, fold_all
from policydsl.sheets.vocabulary import Vocabulary
from policydsl.sheets.workbook import KEYS_SHEET, Book, read_grid
from policydsl.syntax import ast


@node
class Origin(Node):
    """What an exported workbook says of itself: its policy, its language, the digest of each table, and
    what the sheets were called."""

    policy: str
    language: Language
    digests: Mapping[str, str]
    sheets: frozenset[str]


@node
class NewRows(Node):
    """The rows that a table is to have: each the number of an old row, or None, and the texts of its cells."""

    declaration: ast.Tiers | ast.Table
    rows: tuple[tuple[int | None, tuple[str, ...]], ...]


def is_ours(book: Book) -> bool:
    """Whether the workbook was exported by us."""
    return KEYS_SHEET in book.hidden or KEYS_SHEET in book.visible


def needs_policy(book: Book, of: Origin) -> Diagnostic:
    """An exported workbook means nothing without the policy that it is of."""
    return Diagnostic(
        codes.BOOK_NEEDS_POLICY, whole_file(book.path), {"path": book.path, "policy": of.policy}
    )


def reaches_beyond(book: Book) -> Diagnostic:
    """What is said when the text of a cell would change more of the policy than its table."""
    en = "a cell would change more of the policy than its own table"
    return _changed(book, ", ".join(book.visible), en, "有单元格的内容会改动该表以外的部分")


def origin(book: Book) -> Origin | Diagnostic:
    """What an exported workbook was exported from."""
    grid = read_grid(book, KEYS_SHEET, own=True)
    if isinstance(grid, Diagnostic):
        return grid
    rows = [[c.text for c in row] for row in grid.rows]
    if len(rows[0]) < 3 or rows[0][0] != FORM:
        return _changed(
            book, KEYS_SHEET, "the hidden keys are not as they were written", "隐藏的标识不是导出时的样子"
        )
    language: Language = "zh" if rows[0][2] == "zh" else "en"
    digests, sheets = {row[0]: row[1] for row in rows[1:]}, frozenset(row[2] for row in rows[1:])
    return Origin(rows[0][1], language, digests, sheets)


def _changed(book: Book, sheet: str, en: str, zh: str) -> Diagnostic:
    return Diagnostic(codes.BOOK_CHANGED, whole_file(book.path), {"sheet": sheet, "what": Words(en, zh)})


def changes(
    book: Book, of: Origin, file: ast.File, words: Vocabulary
) -> tuple[tuple[NewRows, ...], tuple[Diagnostic, ...]]:
    """The tables of the policy that the workbook changes, with their new rows, and what is wrong with it."""
    name = file.span.source.name
    policy = next((d.name.key for d in file.declarations if isinstance(d, ast.Policy)), "")
    if policy != of.policy:
        facts = {
            "path": book.path,
            "policy": of.policy,
            "file": name,
            "other": policy or Words("without a name", "（未命名）"),
        }
        return (), (Diagnostic(codes.BOOK_OF_OTHER_POLICY, whole_file(book.path), facts),)
    tables, uneven = chosen(file, words, (), of.language)
    if uneven:
        return (), uneven
    by_key = {t.key: t for t in tables}
    found: list[NewRows] = []
    told: list[Diagnostic] = []
    seen: set[str] = set()
    for sheet in book.visible:
        key = _table_of(book, sheet)
        if key is None:
            if sheet in of.sheets:
                told.append(_no_keys(book, sheet))
            continue
        table = by_key.get(key)
        if key in seen:
            told.append(
                _changed(
                    book, sheet, "a table stands that another sheet holds too", "的表在另一个工作表中也有"
                )
            )
        elif table is None:
            facts = {"file": name, "name": key, "near": "", "known": listed(by_key)}
            told.append(Diagnostic(codes.TABLE_UNKNOWN, whole_file(book.path), facts))
        elif digest(table) != of.digests.get(key):
            facts = {"table": table.key, "file": name, "sheet": sheet}
            told.append(Diagnostic(codes.BOOK_OUTDATED, whole_file(book.path), facts))
        else:
            rows, more = _rows(book, sheet, table, words)
            told += more
            if rows is not None and rows.rows != tuple(enumerate(table.texts)):
                found.append(rows)
        seen.add(key)
    if not seen:
        what = Words("has none of the sheets that were exported", "中没有导出时的工作表")
        facts = {"path": book.path, "what": what, "sheets": listed(book.visible)}
        told.append(Diagnostic(codes.SHEET_UNKNOWN, whole_file(book.path), facts))
    return tuple(found), tuple(told)


def _table_of(book: Book, sheet: str) -> str | None:
    """The table that a sheet says it is of, in its hidden cells, whatever the sheet is called now."""
    top = read_grid(book, sheet, "A1:A40", own=True)
    cells = [row[0].text for row in top.rows] if isinstance(top, Grid) else []
    after = cells[cells.index(KEYS_SHEET) + 1 :] if KEYS_SHEET in cells else []
    return next(filter(None, after), None)


def _no_keys(book: Book, sheet: str) -> Diagnostic:
    return _changed(book, sheet, "the hidden row or column of keys is gone", "隐藏的标识行或标识列不见了")


# the rows of a sheet


def _rows(
    book: Book, sheet: str, table: Exported, words: Vocabulary
) -> tuple[NewRows | None, list[Diagnostic]]:
    grid = read_grid(book, sheet, own=True)
    if isinstance(grid, Diagnostic):
        return None, [grid]
    placed = _placed(book, sheet, grid, table)
    if isinstance(placed, Diagnostic):
        return None, [placed]
    columns, below = placed
    found = Found()
    maker = Maker(Wishes(table.key, words.language, words=words), found, strict=True)
    reader = _Reader(table, maker)
    seen: set[int] = set()
    rows: list[tuple[int | None, tuple[str, ...]]] = []
    for row in below:
        cells = [row[c] for c in columns]
        if all(c.kind == "empty" for c in cells):
            continue
        old = _old_row(row[0].text, len(table.texts), seen)
        if old is not None:
            seen.add(old)
        rows.append((old, tuple(reader.cell(c, i, old) for i, c in enumerate(cells))))
    if not rows and table.texts:
        found.diagnostics.append(_changed(book, sheet, "no row is left", "一行也没有了"))
    return (None if found.failed else NewRows(table.declaration, tuple(rows))), found.diagnostics


def _placed(
    book: Book, sheet: str, grid: Grid, table: Exported
) -> tuple[list[int], Sequence[tuple[Cell, ...]]] | Diagnostic:
    """Where the columns of the table stand now, and the rows below their heads."""
    by_first = {row[0].text: i for i, row in reversed(list(enumerate(grid.rows)))}
    keys, head = by_first.get(KEYS_SHEET), by_first.get("head")
    if keys is None or head is None:
        return _no_keys(book, sheet)
    named = {cell.text: c for c, cell in enumerate(grid.rows[keys]) if cell.text}
    columns = []
    for i, shown in enumerate(table.heads):
        column = named.get(f"c{i}")
        if column is None:
            return _changed(book, sheet, f"the column “{shown}” is gone", f"“{shown}”一栏不见了")
        text = grid.rows[head][column].text
        if fold_all(text) != fold_all(shown):
            return _changed(
                book, sheet, f"the head “{shown}” now reads “{text}”", f"表头“{shown}”改成了“{text}”"
            )
        columns.append(column)
    below = grid.rows[head + 1 :]
    for c in range(1, len(grid.rows[0])):
        if c not in columns and any(row[c].text for row in grid.rows[head:]):
            letter = column_letters(c)
            return _changed(book, sheet, f"the column {letter} is new", f"{letter}列是新增的")
    return columns, below


def _old_row(text: str, rows: int, seen: set[int]) -> int | None:
    """The number of the old row that a key names; a copied row is a new one."""
    number = text[1:]
    if not text.startswith("r") or not number.isascii() or not number.isdigit() or len(number) > 6:
        return None
    old = int(number)
    return old if old < rows and old not in seen else None


class _Reader:
    """Reads cells as texts of the policy; a cell that looks as it did keeps its text."""

    def __init__(self, table: Exported, maker: Maker) -> None:
        self._table = table
        self._maker = maker
        self._by_look: list[dict[str, str]] = [{} for _ in table.heads]
        for shown, texts in zip(table.shown, table.texts, strict=True):
            for column, (look, text) in enumerate(zip(shown, texts, strict=True)):
                self._by_look[column].setdefault(_look(look), text)

    def cell(self, cell: Cell, column: int, old: int | None) -> str:
        table = self._table
        if cell.kind in ("text", "number") and not cell.flaw:
            look = _look(cell.text if not cell.unit else f"{cell.text}{cell.unit}")
            if old is not None and column < len(table.shown[old]) and look == _look(table.shown[old][column]):
                return table.texts[old][column]
            if look in self._by_look[column]:
                return self._by_look[column][look]
        match table.roles[column]:
            case "words":
                wanted = MEMBER
            case "band":
                wanted = BAND
            case _:
                wanted = FIGURE
        if cell.kind == "empty" or cell.kind not in ("text", "number"):
            refuse(cell, wanted, self._maker.found)
            return ""
        if wanted is MEMBER:
            return self._maker.members(cell, table.kinds[column])
        if wanted is BAND:
            return self._maker.band(cell, table.units[column])
        return self._maker.figure(cell, table.units[column])


def _look(text: str) -> str:
    """What makes two cells look the same: 60 and 60.0 do."""
    plain = fold_all(text)
    return str(Fraction(plain)) if is_number(plain) else plain


# the text of the policy


def apply(text: str, new: Sequence[NewRows]) -> str:
    """The text of the policy with the new rows. Rows keep what stands above and beside them: quotes, comments."""
    for rows in sorted(new, key=lambda n: -n.declaration.span.start):
        text = _apply(text, rows)
    return text


def _apply(text: str, new: NewRows) -> str:
    rows = new.declaration.rows
    first = rows.span.start
    line = text.rfind("\n", 0, first) + 1
    indent = text[line:first]
    if indent.strip():
        indent = "  "
    end_of_line = "\r\n" if text[:line].endswith("\r\n") else "\n"
    head_end = _past_bar(text, rows.heads[-1].span.end)
    ends = [head_end, *(_past_bar(text, r.span.end) for r in rows.rows)]
    starts = [r.span.start for r in rows.rows]
    beside = []  # what stands after a row on its line, and what stands above the next
    for end, start in zip(ends, [*starts, None], strict=True):
        gap = text[end:start] if start is not None else text[end:].partition("\n")[0]
        same, newline, above = gap.partition("\n")
        beside.append((same.rstrip("\r"), above if newline else indent))
    heads = [" ".join(text[h.span.start : h.span.end].split()) for h in rows.heads]
    drawn = lines(heads, [cells for _, cells in new.rows])
    result = [drawn[0] + beside[0][0]]
    for (old, _), row in zip(new.rows, drawn[1:], strict=True):
        above = beside[old][1] if old is not None else indent
        after = beside[old + 1][0] if old is not None else ""
        result.append(above + row + after)
    last = ends[-1] + len(text[ends[-1] :].partition("\n")[0].rstrip("\r"))
    return text[:first] + end_of_line.join(result) + text[last:]


def _past_bar(text: str, end: int) -> int:
    """Past the border after a cell, where there is one."""
    at = end
    while text[at : at + 1] in (" ", "\t", "\u3000") and at < len(text):
        at += 1
    return at + 1 if text[at : at + 1] in ("|", "｜") else end


def same_but_rows(old: ast.File, new: ast.File, changed: Sequence[NewRows]) -> bool:
    """Whether the new policy is the old one with exactly these rows: nothing in a cell reached beyond it."""
    if len(old.declarations) != len(new.declarations):
        return False
    edited = {id(c.declaration): c for c in changed}
    for before, after in zip(old.declarations, new.declarations, strict=True):
        rows = edited.get(id(before))
        if rows is None:
            if before != after:
                return False
            continue
        if type(before) is not type(after) or not isinstance(after, ast.Tiers | ast.Table):
            return False
        assert isinstance(before, ast.Tiers | ast.Table)
        heads = before.rows.heads
        if after.rows.heads != heads or len(after.rows.rows) != len(rows.rows):
            return False
        if any(len(row.cells) != len(heads) for row in after.rows.rows):
            return False
        if evolve(after, rows=before.rows) != before:
            return False
        for (number, texts), row in zip(rows.rows, after.rows.rows, strict=True):
            if number is None or number >= len(before.rows.rows):
                continue
            was = before.rows.rows[number]
            kept = [" ".join(c.span.text.split()) for c in was.cells]
            if any(a != b for a, b, c, d in zip(was.cells, row.cells, kept, texts, strict=True) if c == d):
                return False
    return True
