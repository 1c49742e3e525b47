"""What stands in a generated module, and in what order? The policy, its categories, its definitions, its answers."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from policydsl.backends.python.bodies import compute
from policydsl.backends.python.building import Answer, Builder, Function, Value
from policydsl.backends.python.digest import digests
from policydsl.backends.python.entries import (
    functions,
    given_text,
)
from policydsl.backends.python.expressions import literal, plain
from policydsl.backends.python.inputs import decimal_literal
from policydsl.backends.python.ladders import Ladder, ladder_of
from policydsl.backends.python.names import (
    STANDARD,
    Scope,
    camel,
    mangled,
    minor_unit,
    part_names,
    upper,
)
from policydsl.backends.python.outputs import Entry, result_classes
from policydsl.backends.python.pieces import Outcome
from policydsl.backends.python.scale import Number, Unsupported
from policydsl.backends.python.shared import category_class, category_label
from policydsl.backends.python.splits import portions
from policydsl.backends.python.templates import above, call, code, constant, item, items, name
from policydsl.backends.python.words import document, one_line, quoted, unit_of
from policydsl.expressions import Constant
from policydsl.facts import Category
from policydsl.ir import Allotment, Definition, Exceptions, Formula, Given, Lookup, Program, Schedule
from policydsl.kinds import Kind, Quantity, is_money
from policydsl.needs import definitions_of, refs


class DefinitionUnsupported(Exception):
    """Integers over a static denominator cannot say this definition."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(definition.name.key)
        self.definition = definition


def build(
    program: Program,
    source_name: str,
    taken: Sequence[str] = (),
    shared: Mapping[str, str] | None = None,
    *,
    flat: bool = False,
) -> ast.Module:
    """The module of a policy; private names keep clear of `taken`. `shared` says which module beside it each
    category is imported from that does not stand in it: one of its package, or with `flat` one on the path.
    """
    shared = shared or {}
    scope = Scope.of(program)
    scope.taken.update(taken)
    builder = Builder(program, scope)
    givens = [
        (builder.private(("given", str(i)), f"_given_{i + 1}"), g) for i, g in enumerate(program.givens)
    ]
    imported = [
        _imported(category, shared[category.name.key], 0 if flat else 1)
        for category in program.categories
        if category.name.key in shared
    ]
    for category in program.categories:
        if category.name.key not in shared:
            builder.statements.append(above(category_class(category), *quoted(category.quotes)))
    read = {key for d in program.definitions for key in definitions_of(d)}
    read |= {key for g in program.givens for key in refs(g.condition)}
    for definition in program.definitions:
        try:
            _define(definition, builder, givens, needed=definition.name.key in read)
        except Unsupported:
            raise DefinitionUnsupported(definition) from None
    for function, given in givens:
        builder.statements.append(_given(function, given, builder))
    return ast.Module([*_head(program, source_name, builder, imported), *builder.statements], [])


def _head(
    program: Program, source_name: str, builder: Builder, imported: Sequence[ast.stmt]
) -> list[ast.stmt]:
    doc = f"{document(program.header)}. Made by policydsl from {one_line(source_name)}; edit that."
    policy = _policy(program, builder)
    public = _public(imported, builder)
    statements: list[ast.stmt] = [ast.Expr(constant(doc)), *code("from __future__ import annotations")]
    return [
        *statements,
        *_imports(builder),
        *imported,
        *code("_rt.require_api(1)"),
        *code("__all__ = NAMES", NAMES=ast.List([constant(n) for n in public], ast.Load())),
        *code("PolicyError = _rt.PolicyError"),
        policy,
    ]


def _public(imported: Sequence[ast.stmt], builder: Builder) -> list[str]:
    """What the module offers: its functions, classes and constants without an underscore, in order."""
    found = ["POLICY", "PolicyError"]
    for statement in (*imported, *builder.statements):
        match statement:
            case ast.ImportFrom(names=aliases):
                found += [alias.name for alias in aliases]
            case ast.FunctionDef(name=own) | ast.ClassDef(name=own):
                found.append(own)
            case ast.AnnAssign(target=ast.Name(id=own)):
                found.append(own)
            case _:
                pass
    return [own for own in found if not own.startswith("_")]


def _imports(builder: Builder) -> list[ast.stmt]:
    statements: list[ast.stmt] = []
    standard = builder.scope.standard
    if "builtins" in standard:
        statements += code("import builtins as _builtins")
    for module in sorted(set(STANDARD.values())):
        words = sorted(w for w in standard if STANDARD.get(w) == module)
        if words:
            aliases = [ast.alias(w, f"_{w}" if w in builder.scope.shadowing else None) for w in words]
            statements.append(ast.ImportFrom(module, aliases, 0))
    statements += code("from policydsl import runtime as _rt")
    return statements


def _policy(program: Program, builder: Builder) -> ast.stmt:
    header = program.header
    meaning, interface = digests(program)
    days = [
        constant(None)
        if day is None
        else call(builder.py("date"), *map(constant, (day.year, day.month, day.day)))
        for day in (header.effective_from, header.effective_to)
    ]
    value = call(
        "_rt.Policy",
        name=constant(header.name.key),
        title=constant(header.title),
        document=constant(header.document),
        status=constant("draft" if header.draft else "issued"),
        in_force=items(days),
        open_figures=items([constant(mangled(f.name.key)) for f in program.facts if f.open]),
        meaning=constant(meaning),
        interface=constant(interface),
    )
    return code("POLICY: FINAL = VALUE", FINAL=builder.py("Final"), VALUE=value)[0]


def _imported(category: Category, module: str, level: int) -> ast.stmt:
    """A category that stands in a module of its own, with the notice's words for it."""
    statement = ast.ImportFrom(module, [ast.alias(camel(category.name.key))], level)
    return above(statement, *category_label(category), *quoted(category.quotes))


def _kinds(definition: Definition) -> tuple[Kind, ...]:
    match definition.body:
        case Allotment() as body:
            return (definition.kind,) * (len(body.leaves) + len(body.subtotals) + 1)
        case Lookup() as body:
            return body.kinds if len(body.results) > 1 else (definition.kind,)
        case Formula() | Schedule() | Exceptions():
            return (definition.kind,)


def _parts(definition: Definition) -> dict[str | None, int]:
    parts: dict[str | None, int] = {n.key: i for i, n in enumerate(part_names(definition))}
    match definition.body:
        case Allotment():
            parts["total"] = parts[None] = len(parts)
        case Lookup() as body if len(body.results) == 1:
            parts[body.results[0].key] = parts[None] = 0
        case _:
            parts.setdefault(None, 0)
    return parts


def _parameters(definition: Definition) -> dict[str, ast.expr]:
    return {key: name(mangled(key)) for key in definition.inputs}


def _define(
    definition: Definition, builder: Builder, givens: Sequence[tuple[str, Given]], *, needed: bool
) -> None:
    """A definition's tables, private function, classes and public functions, and how others read it."""
    key = definition.name.key
    kinds = _kinds(definition)
    fn = builder.new_function(key, _parameters(definition), list(map(mangled, definition.inputs)))
    outcome = compute(definition, fn)
    known = _known(definition, outcome, fn, builder)
    if known is not None:
        said = known.code if isinstance(known, Number) else known
        builder.answers[key] = Answer(lambda _: said, (known,), _parts(definition), True, False)
        return
    core = builder.private(("core", key), f"_{mangled(key)}")
    single = len(outcome.values) == 1 and outcome.ground is None
    inline = isinstance(definition.body, Lookup) and single and not fn.body

    def say(reader: Function) -> ast.expr:
        if not inline:
            return call(name(core), *reader.arguments(definition))
        own = builder.new_function(key, {k: reader.facts[k] for k in definition.inputs})
        (value,) = compute(definition, own).values
        return value.code if isinstance(value, Number) else value

    builder.answers[key] = Answer(say, outcome.values, _parts(definition), single, fn.fails)
    ladder = _ladder(definition, builder)
    own_givens = tuple((f, g) for f, g in givens if set(g.inputs) <= set(definition.inputs))
    entry = Entry(definition, core, outcome.values, kinds, own_givens, fn.borrowed, ladder)
    classes = result_classes(entry, builder)
    public = functions(entry, builder)
    if (needed and not inline) or (key in builder.program.outputs and _calls(public, core)):
        builder.statements += [c for c in classes if c.name.endswith("Ground")]  # type: ignore[attr-defined]
        builder.statements.append(_core(definition, core, outcome, kinds, fn, builder))
        builder.statements += [c for c in classes if not c.name.endswith("Ground")]  # type: ignore[attr-defined]
    if key in builder.program.outputs:
        builder.statements += public


def _calls(statements: Sequence[ast.stmt], own: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == own for s in statements for n in ast.walk(s))


def _ladder(definition: Definition, builder: Builder) -> Ladder | None:
    if not isinstance(definition.body, Schedule):
        return None
    fn = builder.new_function(definition.name.key, _parameters(definition))
    return ladder_of(definition, definition.body, fn)


def _core(
    definition: Definition, core: str, outcome: Outcome, kinds: Sequence[Kind], fn: Function, builder: Builder
) -> ast.stmt:
    """The private function: facts in the form that generated code computes with, values likewise."""
    said = [v.code if isinstance(v, Number) else v for v in outcome.values]
    types = [builder.annotation(k, inner=True, counted=True) for k in kinds]
    if outcome.ground is not None and outcome.held is not None:
        enum = name(f"{camel(definition.name.key)}Ground")
        said += [outcome.ground, outcome.held]
        types += [enum, item(builder.py("tuple"), items([enum, ast.Constant(...)]))]
    returned = said[0] if len(said) == 1 else items(said)
    returns = types[0] if len(types) == 1 else item(builder.py("tuple"), items(types))
    body = [*fn.body, ast.Return(returned)]
    arguments = builder.inner_parameters(definition.inputs)
    notes = quoted(definition.quotes) if not isinstance(definition.body, Lookup | Schedule) else []
    if isinstance(definition.body, Allotment) and len(definition.body.division.arms) == 1:
        notes.append(portions(definition.body.division.arms[0]))
    return above(ast.FunctionDef(core, arguments, body, [], returns), *notes)


def _known(definition: Definition, outcome: Outcome, fn: Function, builder: Builder) -> Value | None:
    """A figure of the policy becomes a constant: in the unit, and money in the smallest unit too."""
    if definition.word != "param" or definition.inputs or fn.body or fn.fails or len(outcome.values) != 1:
        return None
    (value,) = outcome.values
    own = upper(definition.name.key)
    final = builder.py("Final")
    notes = [*quoted(definition.quotes), *_shown(definition, builder)]
    if not isinstance(value, Number):
        if not isinstance(definition.body, Formula) or not isinstance(definition.body.value, Constant):
            return None
        said = literal(definition.body.value.value, definition.kind, fn)
        (statement,) = code("NAME: FINAL = VALUE", NAME=own, FINAL=final, VALUE=said)
        builder.statements.append(above(statement, *notes))
        return name(own)
    if value.known is None:
        return None
    figure = value.known
    assert isinstance(definition.kind, Quantity)
    money = is_money(definition.kind) and (figure * builder.minor).denominator == 1
    grain = definition.grain
    whole = not is_money(definition.kind) and not definition.kind.percent
    if whole and grain is not None and grain.denominator == 1:
        said = constant(int(figure))
    elif _terminates(figure.denominator):
        said = decimal_literal(figure, len(str(builder.minor)) - 1 if money else 0, builder)
    else:
        said = call(builder.py("Fraction"), constant(figure.numerator), constant(figure.denominator))
    (statement,) = code("NAME: FINAL = VALUE", NAME=own, FINAL=final, VALUE=said)
    builder.statements.append(above(statement, *notes))
    if not money:
        return value
    fen = f"{own}_{minor_unit(builder.program.header.currency).upper()}"
    count = constant(int(figure * builder.minor))
    builder.statements += code("NAME: FINAL = VALUE", NAME=fen, FINAL=final, VALUE=count)
    return Number(name(fen), builder.minor, figure, figure, figure)


def _shown(definition: Definition, builder: Builder) -> list[str]:
    words = [definition.name.shown] if definition.name.shown != definition.name.key else []
    unit = unit_of(definition.kind, builder.program)
    said = ", ".join([*words, *([unit] if unit and unit != "rate" else [])])
    return [one_line(said)] if said else []


def _terminates(den: int) -> bool:
    for prime in (2, 5):
        while den % prime == 0:
            den //= prime
    return den == 1


def _given(function: str, given: Given, builder: Builder) -> ast.stmt:
    """A condition that the facts of every case satisfy."""
    keys = given.inputs
    fn = builder.new_function(builder.program.header.name.key, {key: name(mangled(key)) for key in keys})
    condition = plain(given.condition, fn)
    arguments = builder.inner_parameters(keys)
    statement = ast.FunctionDef(
        function, arguments, [*fn.body, ast.Return(condition)], [], builder.py("bool")
    )
    return above(statement, given_text(given))
