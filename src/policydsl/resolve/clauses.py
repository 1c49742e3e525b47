"""What do the lines after a value say? Roundings, limits, reasons, sorted for the declaration they follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics.model import Words
from policydsl.expressions import Finish, Limit
from policydsl.kinds import Kind
from policydsl.nodes import Node, node
from policydsl.resolve.scope import Failed
from policydsl.resolve.values import Values
from policydsl.syntax import ast


@node
class Lines(Node):
    """`finish`: roundings and limits in order. `amount_cap`, `continuous`: only schedules have them;
    `as_printed`: schedules and tables. `because`: reasons for the declaration as a whole."""

    finish: tuple[Finish, ...]
    because: tuple[str, ...]
    continuous: ast.Continuous | None
    amount_cap: Limit | None
    as_printed: bool = False


def lines(
    values: Values,
    clauses: Sequence[ast.Clause],
    kind: Kind,
    word: Words,
    *,
    schedule: bool = False,
    rows: bool = False,
) -> Lines:
    """The clause lines of a declaration of that `kind`; `word` is its declaration word for messages.

    A `schedule` has lines of its own; `rows` says that there are printed rows: a schedule's or a table's.
    """
    scope = values.scope
    finish: list[Finish] = []
    because: list[str] = []
    continuous: ast.Continuous | None = None
    amount_cap: Limit | None = None
    as_printed = False
    for clause in clauses:
        try:
            match clause:
                case ast.Round():
                    if clause.holder is not None:
                        scope.fail(codes.HOLDER_OUTSIDE_SPLIT, clause.span)
                    if clause.scope != "total" and not schedule:
                        scope.fail(codes.SLICE_ROUNDING, clause.span)
                    finish.append(values.rounding(clause, kind))
                case ast.Limit(which="amount_cap"):
                    if not schedule:
                        scope.fail(codes.CLAUSE_OUT_OF_PLACE, clause.span, word=word)
                    amount_cap = values.limit(clause, kind)
                case ast.Limit():
                    finish.append(values.limit(clause, kind))
                case ast.Continuous():
                    if not schedule:
                        scope.fail(codes.CLAUSE_OUT_OF_PLACE, clause.span, word=word)
                    continuous = clause
                case ast.AsPrinted():
                    if not (schedule or rows):
                        scope.fail(codes.CLAUSE_OUT_OF_PLACE, clause.span, word=word)
                    as_printed = True
                case ast.Because():
                    because.append(clause.text)
                case _:
                    assert_never(clause)
        except Failed:
            continue
    return Lines(tuple(finish), tuple(because), continuous, amount_cap, as_printed)
