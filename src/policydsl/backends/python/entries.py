"""What do callers call? Typed functions that check their facts, in 元 and in 分, staged, and as cases."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from policydsl.backends.python.building import Builder
from policydsl.backends.python.inputs import (
    Parameter,
    checks,
    input_constant,
    keyword_only,
    ordered_facts,
    parameters,
    positional_only,
)
from policydsl.backends.python.names import (
    camel,
    is_settled,
    mangled,
    minor_unit,
)
from policydsl.backends.python.outputs import Entry, answered, from_twin, has_twin, return_type
from policydsl.backends.python.quick import quick_of
from policydsl.backends.python.signatures import documented, function, title_of
from policydsl.backends.python.templates import call, code, constant, expr, item, items, name
from policydsl.backends.python.words import (
    one_line,
)
from policydsl.ir import Given
from policydsl.kinds import MemberOf, SetOf, YesNo


def functions(entry: Entry, builder: Builder) -> list[ast.stmt]:
    """The public functions of an output, and its case."""
    definition = entry.definition
    key = definition.name.key
    own, fen = mangled(key), minor_unit(builder.program.header.currency)
    facts = ordered_facts(definition, builder)
    twin = has_twin(entry, builder)
    plain, grains = parameters(facts, builder, grains=False), parameters(facts, builder, grains=True)
    statements: list[ast.stmt] = []
    for p in plain:
        input_constant(p.fact, builder)
    if not twin:
        body, where = checks(key, plain)
        body += _given_checks(entry, where) + _computed(entry, where, builder, fen=False)
        doc = documented(entry, plain, title_of(entry, builder, fen=False), builder)
        returns = return_type(entry, builder, fen=False)
        statements.append(function(own, keyword_only(plain), returns, [doc, *body]))
    else:
        quick = quick_of(entry, grains, builder)
        statements.append(
            _in_units(entry, plain, grains, builder) if quick is None else quick.in_units(plain)
        )
        doc = ast.Expr(constant(f"`{own}`, {fen} in, {fen} out."))
        returns = return_type(entry, builder, fen=True)
        if quick is None:
            body, where = checks(key, grains)
            body += _given_checks(entry, where) + _computed(entry, where, builder, fen=True)
        else:
            body = quick.in_grains()
        statements.append(function(f"{own}_{fen}", keyword_only(grains), returns, [doc, *body]))
        settled = [p for p in grains if is_settled(p.fact)]
        free = [p for p in grains if not is_settled(p.fact)]
        categorical = any(isinstance(p.fact.kind, MemberOf | SetOf | YesNo) for p in settled)
        if categorical and any(p.grains for p in free):
            inner = _bound(entry, settled, free, builder) if quick is None else quick.bound(free)
            statements.append(_bind(entry, settled, free, inner, builder))
    statements += _problems(entry, plain, builder)
    if plain:
        statements.append(_case(entry, plain, builder))
    return statements


def _in_units(
    entry: Entry, plain: Sequence[Parameter], grains: Sequence[Parameter], builder: Builder
) -> ast.stmt:
    """The Decimal entry: facts converted, the integer entry called, its answer converted back."""
    key = entry.definition.name.key
    keywords: dict[str, ast.expr] = {}
    for p, g in zip(plain, grains, strict=True):
        value = name(p.identifier)
        if g.grains:
            helper = "_rt.count_or_none" if p.fact.optional else "_rt.count"
            value = call(helper, constant(key), input_constant(p.fact, builder), value)
        keywords[g.identifier] = value
    twin = f"{mangled(key)}_{minor_unit(builder.program.header.currency)}"
    said = call(name(twin), **keywords)
    doc = documented(entry, plain, title_of(entry, builder, fen=False), builder)
    body = [doc, *from_twin(entry, said, builder)]
    return function(mangled(key), keyword_only(plain), return_type(entry, builder, fen=False), body)


def _bound(
    entry: Entry, settled: Sequence[Parameter], free: Sequence[Parameter], builder: Builder
) -> list[ast.stmt]:
    """The body of the staged form: checks of what is settled, then the function that takes the rest."""
    key = entry.definition.name.key
    before, facts = checks(key, settled)
    body, where = checks(key, free)
    facts |= where
    body += _given_checks(entry, facts) + _computed(entry, facts, builder, fen=True)
    inner = function("bound", positional_only(free), return_type(entry, builder, fen=True), body)
    return [*before, inner, *code("return bound")]


def _bind(
    entry: Entry,
    settled: Sequence[Parameter],
    free: Sequence[Parameter],
    body: Sequence[ast.stmt],
    builder: Builder,
) -> ast.stmt:
    own = f"{mangled(entry.definition.name.key)}_{minor_unit(builder.program.header.currency)}"
    takes = ", ".join(p.identifier for p in free)
    words = (
        f"`{own}` with the categories settled: a function of {takes}, by position. Same checks, same answers."
    )
    types = ast.List([p.annotation for p in free], ast.Load())
    returns = item(builder.py("Callable"), items([types, return_type(entry, builder, fen=True)]))
    doc = ast.Expr(constant(words))
    return function(f"bind_{own}", keyword_only(settled), returns, [doc, *body])


def _problems(entry: Entry, plain: Sequence[Parameter], builder: Builder) -> list[ast.stmt]:
    key = entry.definition.name.key
    own = mangled(key)
    givens = items(
        [
            items(
                [
                    name(function),
                    items([constant(mangled(k)) for k in given.inputs]),
                    constant(given_text(given)),
                ]
            )
            for function, given in entry.givens
        ]
    )
    return code(
        "def NAME(**row: OBJECT) -> TUPLE[_rt.PolicyError, ...]:\n    DOC\n"
        "    return _rt.problems(KEY, FIELDS, GIVENS, row, ANSWER)",
        NAME=f"problems_{own}",
        OBJECT=builder.py("object"),
        TUPLE=builder.py("tuple"),
        DOC=constant(
            f"All that is wrong with the facts of a case for `{own}`, at once; nothing if it can be answered."
        ),
        KEY=constant(key),
        FIELDS=items([input_constant(p.fact, builder) for p in plain]),
        GIVENS=givens,
        ANSWER=name(own),
    )


def _case(entry: Entry, plain: Sequence[Parameter], builder: Builder) -> ast.stmt:
    own = mangled(entry.definition.name.key)
    body: list[ast.stmt] = [
        ast.Expr(
            constant(f"The inputs of `{own}`, for a request body or a queue: unknown names are refused.")
        )
    ]
    strings = item(builder.py("dict"), items([builder.py("str"), builder.py("str")]))
    config = ast.Dict([constant("extra")], [constant("forbid")])
    body.append(
        ast.AnnAssign(
            ast.Name("__pydantic_config__", ast.Store()), item(builder.py("ClassVar"), strings), config, 1
        )
    )
    for p in plain:
        body.append(ast.AnnAssign(ast.Name(p.identifier, ast.Store()), p.annotation, p.default, 1))
    asked = call(name(own), **{p.identifier: expr("self.FACT", FACT=p.identifier) for p in plain})
    returns = return_type(entry, builder, fen=False)
    body += code("def NAME(self) -> RETURNS:\n    return ASKED", NAME=own, RETURNS=returns, ASKED=asked)
    made = call(builder.py("dataclass"), frozen=constant(True), slots=constant(True), kw_only=constant(True))
    return ast.ClassDef(f"{camel(entry.definition.name.key)}Case", [], [], body, [made])


def _core_call(entry: Entry, facts: dict[str, ast.expr]) -> ast.expr:
    return call(name(entry.core), *(facts[key] for key in entry.definition.inputs))


def _computed(entry: Entry, facts: dict[str, ast.expr], builder: Builder, *, fen: bool) -> list[ast.stmt]:
    """Statements that compute the answer and return it."""
    said = _core_call(entry, facts)
    if not entry.borrowed:
        return answered(entry, said, builder, fen=fen)
    output = constant(entry.definition.name.key)
    return code(
        "try:\n    _result = SAID\nexcept _rt.PolicyError as _error:\n    raise _rt.asked_for(OUTPUT, _error) from None\nREST",
        SAID=said,
        OUTPUT=output,
        REST=answered(entry, name("_result"), builder, fen=fen),
    )


def _given_checks(
    entry: Entry, facts: dict[str, ast.expr], only: Sequence[Given] | None = None
) -> list[ast.stmt]:
    statements: list[ast.stmt] = []
    for own, given in entry.givens:
        if only is not None and not any(given is g for g in only):
            continue
        output = constant(entry.definition.name.key)
        names = items([constant(mangled(key)) for key in given.inputs])
        statements += code(
            "if not HOLDS:\n    raise _rt.contradiction(OUTPUT, NAMES, TEXT)",
            HOLDS=call(name(own), *(facts[key] for key in given.inputs)),
            OUTPUT=output,
            NAMES=names,
            TEXT=constant(given_text(given)),
        )
    return statements


def given_text(given: Given) -> str:
    return one_line(given.condition.span.text) or one_line(given.because or "")
