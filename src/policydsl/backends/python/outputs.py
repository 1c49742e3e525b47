"""What do evaluators give? Decimals or integers, classes of payers, of columns and of grounds."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from policydsl.backends.python.building import Builder, Value
from policydsl.backends.python.ladders import Ladder
from policydsl.backends.python.names import (
    camel,
    ground_paths,
    mangled,
    minor_unit,
    part_names,
    upper,
)
from policydsl.backends.python.scale import Number
from policydsl.backends.python.templates import call, code, constant, expr, item, items, name
from policydsl.backends.python.words import (
    docstring,
    one_line,
    unit_of,
)
from policydsl.ir import Allotment, Definition, Exceptions, Given, Lookup
from policydsl.kinds import Kind, Quantity, is_money


@dataclass(frozen=True, slots=True)
class Entry:
    """One output as its public functions see it.

    `values` are what the private function `core` gives (one value, or a tuple of them, a rule's
    ground and held after its value). `givens` are the conditions that are checked on each call.
    `borrowed`: an error may come from another definition.
    """

    definition: Definition
    core: str
    values: tuple[Value, ...]
    kinds: tuple[Kind, ...]
    givens: tuple[tuple[str, Given], ...]
    borrowed: bool
    ladder: Ladder | None


def is_counted(value: Value, kind: Kind, builder: Builder) -> bool:
    """Whether the integer entry gives this value in the smallest unit."""
    return isinstance(value, Number) and is_money(kind) and value.den == builder.minor


def has_twin(entry: Entry, builder: Builder) -> bool:
    return any(is_counted(v, k, builder) for v, k in zip(entry.values, entry.kinds, strict=True))


def _decimals(den: int) -> int | None:
    places = 0
    while 10**places % den and places < 64:
        places += 1
    return None if 10**places % den else places


def _whole(value: Number, kind: Kind, grain: Fraction | None) -> bool:
    """Whether a quantity is handed out as an int."""
    assert isinstance(kind, Quantity)
    if is_money(kind) or kind.percent or value.den != 1:
        return False
    return grain is not None or bool(kind.unit.powers)


def result_type(value: Value, kind: Kind, grain: Fraction | None, builder: Builder, *, fen: bool) -> ast.expr:
    if not isinstance(value, Number):
        return builder.annotation(kind, inner=True, counted=False)
    if (fen and is_counted(value, kind, builder)) or _whole(value, kind, grain):
        return builder.py("int")
    return builder.py("Fraction" if _decimals(value.den) is None else "Decimal")


def handed_out(
    said: ast.expr, value: Value, kind: Kind, grain: Fraction | None, builder: Builder, *, fen: bool
) -> ast.expr:
    """A value of generated code as callers get it; in the integer entry money stays as it is."""
    if not isinstance(value, Number):
        return said
    if (fen and is_counted(value, kind, builder)) or _whole(value, kind, grain):
        return said
    places = _decimals(value.den)
    if places is None:
        return call(builder.py("Fraction"), said, constant(value.den))
    more = 10**places // value.den
    count = said if more == 1 else expr("N * F", N=said, F=constant(more))
    if places == 2:
        return call("_rt.decimal", count, expr("_rt.CENT"))
    return call("_rt.decimals", count, constant(places))


def fields(entry: Entry, builder: Builder) -> list[tuple[str, str]]:
    """The fields of a result class and what to say of each; nothing where the result is one value."""
    definition = entry.definition
    own = [(mangled(n.key), n.shown if n.shown != n.key else "") for n in part_names(definition)]
    if isinstance(definition.body, Allotment):
        return [*own, ("total", "")]
    return own


def result_classes(entry: Entry, builder: Builder) -> list[ast.stmt]:
    """The classes of an answer that is more than one value."""
    definition = entry.definition
    key = definition.name.key
    classes: list[ast.stmt] = []
    if isinstance(definition.body, Exceptions):
        classes.append(_ground_class(definition, definition.body, builder))
    parts = fields(entry, builder)
    if not parts and not isinstance(definition.body, Exceptions):
        return classes
    variants = (False, True) if has_twin(entry, builder) else (False,)
    for fen in variants:
        types = [
            result_type(v, k, grain_of(definition, k), builder, fen=fen)
            for v, k in zip(entry.values, entry.kinds, strict=True)
        ]
        if isinstance(definition.body, Exceptions):
            ground = name(f"{camel(key)}Ground")
            tuple_of = item(builder.py("tuple"), items([ground, constant(...)]))  # type: ignore[arg-type]
            named = [("value", types[0]), ("ground", ground), ("held", tuple_of)]
            said = "The value, the ground that gave it (BASE where none held), and all that held, in the notice's order."
        else:
            named = [(n, t) for (n, _), t in zip(parts, types, strict=True)]
            said = _parts_words(entry, parts)
        title = definition.name.shown
        unit = (
            minor_unit(builder.program.header.currency) if fen else unit_of(definition.kind, builder.program)
        )
        doc = docstring([one_line(f"{title}{f', in {unit}' if unit else ''}."), "", said])
        body: list[ast.stmt] = [ast.Expr(constant(doc))]
        body += [ast.AnnAssign(ast.Name(n, ast.Store()), t, None, 1) for n, t in named]
        if fen:
            own = f"{camel(key)}{minor_unit(builder.program.header.currency).capitalize()}"
            classes.append(ast.ClassDef(own, [builder.py("NamedTuple")], [], body, []))
        else:
            frozen = call(builder.py("dataclass"), frozen=constant(True), slots=constant(True))
            classes.append(ast.ClassDef(camel(key), [], [], body, [frozen]))
    return classes


def _parts_words(entry: Entry, parts: Sequence[tuple[str, str]]) -> str:
    labelled = ", ".join(f"{n} {label}" if label else n for n, label in parts)
    body = entry.definition.body
    if isinstance(body, Allotment) and body.subtotals:
        leaves = ", ".join(mangled(n.key) for n in body.leaves)
        return one_line(f"{labelled}. The total is the sum of {leaves}.")
    return one_line(f"{labelled}.")


def _ground_class(definition: Definition, body: Exceptions, builder: Builder) -> ast.stmt:
    members: list[ast.stmt] = [ast.Expr(constant(f"What can give `{mangled(definition.name.key)}`."))]
    members += code("BASE = PAIR", PAIR=items([constant("base"), constant(definition.name.shown)]))
    for path, ground in ground_paths(body.grounds):
        member = upper(path.replace(".", "_"))
        members += code("M = PAIR", M=member, PAIR=items([constant(path), constant(ground.name.shown)]))
    return ast.ClassDef(f"{camel(definition.name.key)}Ground", [expr("_rt.Category")], [], members, [])


def grain_of(definition: Definition, kind: Kind) -> Fraction | None:
    return None if isinstance(definition.body, Lookup) and part_names(definition) else definition.grain


def return_type(entry: Entry, builder: Builder, *, fen: bool) -> ast.expr:
    definition = entry.definition
    if fields(entry, builder) or isinstance(definition.body, Exceptions):
        suffix = minor_unit(builder.program.header.currency).capitalize() if fen else ""
        return name(f"{camel(definition.name.key)}{suffix}")
    return result_type(entry.values[0], entry.kinds[0], definition.grain, builder, fen=fen)


def answered(entry: Entry, said: ast.expr, builder: Builder, *, fen: bool) -> list[ast.stmt]:
    """Return what `said` (the private function's result) is to callers."""
    definition = entry.definition
    parts = fields(entry, builder)
    grounded = isinstance(definition.body, Exceptions)
    if not parts and not grounded:
        out = handed_out(said, entry.values[0], entry.kinds[0], definition.grain, builder, fen=fen)
        return [ast.Return(out)]
    own = return_type(entry, builder, fen=fen)
    if grounded:
        out = handed_out(name("_value"), entry.values[0], entry.kinds[0], definition.grain, builder, fen=fen)
        return code(
            "_value, _ground, _held = SAID\nreturn OWN(VALUE, _ground, _held)", SAID=said, OWN=own, VALUE=out
        )
    values = [
        handed_out(item(name("_result"), constant(i)), v, k, grain_of(definition, k), builder, fen=fen)
        for i, (v, k) in enumerate(zip(entry.values, entry.kinds, strict=True))
    ]
    statements = [] if entry.borrowed else code("_result = SAID", SAID=said)
    return [*statements, ast.Return(call(own, *values))]


def from_twin(entry: Entry, said: ast.expr, builder: Builder) -> list[ast.stmt]:
    """Return the answer of the integer entry in units of the currency."""
    definition = entry.definition

    def lifted(x: ast.expr, value: Value, kind: Kind) -> ast.expr:
        if not is_counted(value, kind, builder):
            return x
        return handed_out(x, value, kind, grain_of(definition, kind), builder, fen=False)

    parts = fields(entry, builder)
    if not parts and not isinstance(definition.body, Exceptions):
        return [ast.Return(lifted(said, entry.values[0], entry.kinds[0]))]
    own = return_type(entry, builder, fen=False)
    statements = code("_answer = SAID", SAID=said)
    if isinstance(definition.body, Exceptions):
        value = lifted(expr("_answer.value"), entry.values[0], entry.kinds[0])
        return statements + code("return OWN(VALUE, _answer.ground, _answer.held)", OWN=own, VALUE=value)
    values = [
        lifted(expr("_answer.PART", PART=n), v, k)
        for (n, _), v, k in zip(parts, entry.values, entry.kinds, strict=True)
    ]
    return [*statements, ast.Return(call(own, *values))]
