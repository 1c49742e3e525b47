"""What stands around the body of a public function? Its signature and its docstring."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from policydsl.backends.python.building import Builder
from policydsl.backends.python.inputs import Parameter
from policydsl.backends.python.names import (
    minor_unit,
)
from policydsl.backends.python.outputs import Entry
from policydsl.backends.python.templates import constant
from policydsl.backends.python.words import (
    choices,
    docstring,
    fact_line,
    one_line,
    quoted,
    roundings,
    unit_of,
)


def documented(entry: Entry, taken: Sequence[Parameter], lead: str, builder: Builder) -> ast.stmt:
    definition, program = entry.definition, builder.program
    lines = [lead]
    quotes = quoted(definition.quotes)
    if quotes:
        lines += ["", *quotes]
    if taken:
        lines += ["", *(_parameter_line(p) for p in taken)]
    said = [*(f"{r[:1].upper()}{r[1:]}." for r in roundings(definition, program))]
    said += [f"The author's choice: {one_line(c)}." for c in choices(definition)]
    lines += ["", *(one_line(s) for s in said), "Raises PolicyError."]
    return ast.Expr(constant(docstring(lines)))


def _parameter_line(p: Parameter) -> str:
    words = fact_line(p.fact, p.builder.program)
    fen = f"in {minor_unit(p.builder.program.header.currency)}" if p.grains else ""
    said = "; ".join(w for w in (fen, words) if w)
    return f"{p.identifier}: {said}" if said else p.identifier


def title_of(entry: Entry, builder: Builder, *, fen: bool) -> str:
    definition = entry.definition
    unit = unit_of(definition.kind, builder.program)
    if fen:
        unit = f"{minor_unit(builder.program.header.currency)} in, {minor_unit(builder.program.header.currency)} out"
    return one_line(f"{definition.name.shown}{f', {unit}' if unit else ''}.")


def function(
    own: str, arguments: ast.arguments, returns: ast.expr, body: Sequence[ast.stmt]
) -> ast.FunctionDef:
    return ast.FunctionDef(own, arguments, list(body), [], returns)
