"""How does a person get the rows of a table wrong? One lost, one written twice, two cells exchanged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from policydsl.changes.conditions import slips
from policydsl.changes.writing import Edit, Script, Slip, left_out, one_line, without
from policydsl.diagnostics.model import Words
from policydsl.nodes import Span
from policydsl.syntax import ast


def row_slips(rows: ast.Rows, script: Script) -> Iterator[Slip]:
    """Every slip in the rows of a schedule or a table. A column that is only checked is a restatement
    and has none."""
    checked = {i for i, head in enumerate(rows.heads) if head.check}
    percent = {i for i, head in enumerate(rows.heads) if head.unit in ("%", "％")}
    for row in rows.rows:
        for i, cell in enumerate(row.cells):
            if i in checked:
                continue
            yield from slips(cell, script, percent=i in percent)
            if isinstance(cell, ast.Members):
                yield from _fewer(cell, script)
        if len(rows.rows) > 1:
            yield without(row.span, Words("the row", "此行"), row.quotes)
        yield _twice(row.span)
    for above, below in pairwise(rows.rows):
        for i, (left, right) in enumerate(zip(above.cells, below.cells, strict=False)):
            if i not in checked:
                yield from exchanged(left.span, right.span)
                yield from _moved(left, right, script)
                yield from _moved(right, left, script)


def _twice(span: Span) -> Slip:
    return Slip(Words("the row written twice", "此行写了两遍"), (Edit(span.end, span.end, f"\n{span.text}"),))


def exchanged(left: Span, right: Span) -> Iterator[Slip]:
    """Two texts each in the other's place, unless they are the same."""
    one, other = one_line(left.text), one_line(right.text)
    if one != other:
        said = Words(f"{one} and {other} exchanged", f"{one}与{other}互换")
        yield Slip(said, (Edit(left.start, left.end, right.text), Edit(right.start, right.end, left.text)))


def _written(members: Sequence[str], script: Script) -> str:
    return (", " if script == "en" else "、").join(members)


def _fewer(cell: ast.Members, script: Script) -> Iterator[Slip]:
    names = [path.span.text for path in cell.paths]
    for i in range(len(names)):
        edit = Edit(cell.span.start, cell.span.end, _written(names[:i] + names[i + 1 :], script))
        yield Slip(left_out(names[i]), (edit,))


def _moved(source: ast.Cell, target: ast.Cell, script: Script) -> Iterator[Slip]:
    """One member of a cell in the neighbour's cell instead."""
    if not isinstance(source, ast.Members) or not isinstance(target, ast.Members | ast.Path):
        return
    names = [path.span.text for path in source.paths]
    others = [target.span.text] if isinstance(target, ast.Path) else [p.span.text for p in target.paths]
    for i, name in enumerate(names):
        if name in others:
            continue
        fewer, more = _written(names[:i] + names[i + 1 :], script), _written([*others, name], script)
        edits = [
            Edit(source.span.start, source.span.end, fewer),
            Edit(target.span.start, target.span.end, more),
        ]
        said = Words(
            f"{name} moved to the row of {one_line(target.span.text)}",
            f"“{name}”移入“{one_line(target.span.text)}”一行",
        )
        yield Slip(said, tuple(sorted(edits, key=lambda edit: edit.start)))
