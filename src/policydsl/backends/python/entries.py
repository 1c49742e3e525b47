"""What do callers call? Typed functions that check their facts, in 元 and in 分, staged, and as cases."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from policydsl.backends.python.bodies import Ladder, ladder_value
from policydsl.backends.python.building import DIGITS, Builder, Value
from policydsl.backends.python.cells import all_distinct
from policydsl.backends.python.expressions import literal
from policydsl.backends.python.names import (
    camel,
    counts_in_grains,
    ground_paths,
    is_int,
    is_settled,
    mangled,
    minor_unit,
    part_names,
    upper,
)
from policydsl.backends.python.scale import Number
from policydsl.backends.python.templates import call, code, constant, expr, item, items, name
from policydsl.backends.python.words import (
    choices,
    docstring,
    fact_line,
    one_line,
    quoted,
    roundings,
    unit_of,
)
from policydsl.expressions import Value as Known
from policydsl.facts import Fact
from policydsl.ir import Allotment, Definition, Exceptions, Given, Lookup
from policydsl.kinds import Day, Kind, MemberOf, Quantity, SetOf, YesNo, is_money
from policydsl.rounding import round_to


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


# the inputs


def input_name(key: str) -> str:
    return f"_{upper(key)}_INPUT"


def input_constant(fact: Fact, builder: Builder) -> ast.expr:
    """What a fact has to be, for `policydsl.runtime`; the constant is made where it is first needed."""
    options: dict[str, ast.expr] = {}
    if fact.optional:
        options["optional"] = constant(True)
    if fact.has_default:
        options["required"] = constant(False)
    key = constant(mangled(fact.name.key))
    match fact.kind:
        case Quantity():
            scale = builder.scale(fact)
            money = is_money(fact.kind)
            if is_int(fact):
                options["whole"] = constant(True)
            if fact.grain is None and not money:
                options["free"] = constant(True)
            sign = builder.program.header.currency.sign if money else ""
            value = call(
                "_rt.Quantity",
                key,
                low=constant(_count(fact.low, scale)),
                high=constant(_count(fact.high, scale)),
                step=constant(_step(fact, builder)),
                scale=constant(scale),
                sign=constant(sign),
                **options,
            )
        case YesNo():
            value = call("_rt.YesNo", key, **options)
        case Day():
            for word, bound in (("low", fact.low), ("high", fact.high)):
                if bound is not None:
                    function = builder.new_function("", {})
                    options[word] = literal(bound, fact.kind, function)
            value = call("_rt.Day", key, **options)
        case MemberOf():
            value = call("_rt.Member", key, name(camel(fact.kind.category)), **options)
        case SetOf():
            value = call("_rt.Members", key, name(camel(fact.kind.category)), **options)
    return builder.table(("input", fact.name.key), input_name(fact.name.key), value)


def _count(bound: object, scale: int) -> int | None:
    if not isinstance(bound, Fraction):
        return None
    return int(round_to(bound, Fraction(1, scale), "half_up") * scale)


def _step(fact: Fact, builder: Builder) -> int:
    grain = fact.grain
    if grain is None:
        if not is_money(fact.kind):
            return 1
        grain = builder.program.header.currency.grain
    return int(grain * builder.scale(fact))


def _bounds(fact: Fact, scale: int) -> tuple[int, int]:
    low, high = _count(fact.low, scale), _count(fact.high, scale)
    limit = DIGITS * scale - 1
    return (-limit if low is None else low), (limit if high is None else high)


def ordered_facts(definition: Definition, builder: Builder) -> list[Fact]:
    """The facts in the order of the policy, the figures that another document sets after them."""
    facts = [builder.program.fact(key) for key in definition.inputs]
    return [f for f in facts if not f.open] + [f for f in facts if f.open]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A fact as one entry takes it. `grains`: as an int of the smallest unit, under `cost_fen`."""

    fact: Fact
    grains: bool
    builder: Builder

    @property
    def identifier(self) -> str:
        own = mangled(self.fact.name.key)
        return f"{own}_{minor_unit(self.builder.program.header.currency)}" if self.grains else own

    @property
    def annotation(self) -> ast.expr:
        counted = self.grains or is_int(self.fact)
        return self.builder.annotation(
            self.fact.kind, inner=False, counted=counted, optional=self.fact.optional
        )

    @property
    def default(self) -> ast.expr | None:
        if not self.fact.has_default:
            return None
        return default_value(self.fact.default, self.fact, self.grains, self.builder)

    @property
    def argument(self) -> ast.arg:
        return ast.arg(self.identifier, self.annotation)


def default_value(default: Known, fact: Fact, grains: bool, builder: Builder) -> ast.expr:
    if default is None:
        return constant(None)
    if isinstance(default, Fraction):
        if grains:
            return constant(int(default * builder.minor))
        return constant(int(default)) if is_int(fact) else decimal_literal(default, 0, builder)
    return literal(default, fact.kind, builder.new_function("", {}))


def decimal_literal(value: Fraction, places: int, builder: Builder) -> ast.expr:
    """Decimal("550.00"): at least `places` decimals, exact."""
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return call(builder.py("Decimal"), constant(f"-{text}" if value < 0 else text))


def parameters(facts: Sequence[Fact], builder: Builder, *, grains: bool) -> list[Parameter]:
    currency = builder.program.header.currency
    return [Parameter(f, grains and counts_in_grains(f, currency), builder) for f in facts]


def keyword_only(taken: Sequence[Parameter]) -> ast.arguments:
    return ast.arguments([], [], None, [p.argument for p in taken], [p.default for p in taken], None, [])


def positional_only(taken: Sequence[Parameter]) -> ast.arguments:
    return ast.arguments([p.argument for p in taken], [], None, [], [], None, [])


# checks


def checks(output: str, taken: Sequence[Parameter]) -> tuple[list[ast.stmt], dict[str, ast.expr]]:
    """Statements that refuse facts that are not taken, and where the facts are after them."""
    statements: list[ast.stmt] = []
    facts: dict[str, ast.expr] = {}
    for p in taken:
        more, where = _check(output, p)
        statements += more
        facts[p.fact.name.key] = where
    return statements, facts


def _check(output: str, p: Parameter) -> tuple[list[ast.stmt], ast.expr]:
    fact, builder, x = p.fact, p.builder, name(p.identifier)
    known = {
        "X": x,
        "OUTPUT": constant(output),
        "FIELD": input_constant(fact, builder),
        "TYPE": builder.py("type"),
    }
    absent = "X is not None and " if fact.optional else ""
    match fact.kind:
        case Quantity():
            if not p.grains and not is_int(fact):
                helper = "count_or_none" if fact.optional else "count"
                own = builder.private(("local", fact.name.key), f"_{mangled(fact.name.key)}_count")
                return code(f"OWN = _rt.{helper}(OUTPUT, FIELD, X)", OWN=own, **known), name(own)
            low, high = _bounds(fact, builder.scale(fact))
            step = _step(fact, builder)
            off = " or X % STEP" if step != 1 else ""
            wrong = f"TYPE(X) is not INT or not LOW <= X <= HIGH{off}"
            return code(
                f"if {f'{absent}({wrong})' if absent else wrong}:\n"
                f"    raise _rt.refusal(OUTPUT, FIELD, X{', grains=True' if p.grains else ''})",
                INT=builder.py("int"),
                LOW=constant(low),
                HIGH=constant(high),
                STEP=constant(step),
                **known,
            ), x
        case YesNo():
            return code(
                f"if {absent}TYPE(X) is not BOOL:\n    raise _rt.refusal(OUTPUT, FIELD, X)",
                BOOL=builder.py("bool"),
                **known,
            ), x
        case Day():
            blank = builder.new_function("", {})
            wrong = "TYPE(X) is not DATE"
            bounds = {
                w: literal(b, fact.kind, blank) for w, b in (("LOW", fact.low), ("HIGH", fact.high)) if b
            }
            if "LOW" in bounds and "HIGH" in bounds:
                wrong += " or not LOW <= X <= HIGH"
            elif bounds:
                wrong += " or X < LOW" if "LOW" in bounds else " or X > HIGH"
            return code(
                f"if {f'{absent}({wrong})' if absent else wrong}:\n    raise _rt.refusal(OUTPUT, FIELD, X)",
                DATE=builder.py("date"),
                **bounds,
                **known,
            ), x
        case MemberOf():
            own_class = name(camel(fact.kind.category))
            return code(
                f"if {absent}TYPE(X) is not CLASS:\n    TARGET = _rt.member(OUTPUT, FIELD, CLASS, X)",
                CLASS=own_class,
                TARGET=p.identifier,
                **known,
            ), x
        case SetOf():
            own = builder.private(("local", fact.name.key), f"_{mangled(fact.name.key)}_set")
            made = "_rt.members(OUTPUT, FIELD, CLASS, X)"
            return code(
                f"OWN = {f'None if X is None else {made}' if fact.optional else made}",
                OWN=own,
                CLASS=name(camel(fact.kind.category)),
                **known,
            ), name(own)


def _given_checks(
    entry: Entry, facts: dict[str, ast.expr], only: Sequence[Given] | None = None
) -> list[ast.stmt]:
    statements: list[ast.stmt] = []
    for function, given in entry.givens:
        if only is not None and not any(given is g for g in only):
            continue
        output = constant(entry.definition.name.key)
        names = items([constant(mangled(key)) for key in given.inputs])
        statements += code(
            "if not HOLDS:\n    raise _rt.contradiction(OUTPUT, NAMES, TEXT)",
            HOLDS=call(name(function), *(facts[key] for key in given.inputs)),
            OUTPUT=output,
            NAMES=names,
            TEXT=constant(given_text(given)),
        )
    return statements


def given_text(given: Given) -> str:
    return one_line(given.condition.span.text) or one_line(given.because or "")


# results


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
            result_type(v, k, _grain(definition, k), builder, fen=fen)
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


def _grain(definition: Definition, kind: Kind) -> Fraction | None:
    return None if isinstance(definition.body, Lookup) and part_names(definition) else definition.grain


def return_type(entry: Entry, builder: Builder, *, fen: bool) -> ast.expr:
    definition = entry.definition
    if fields(entry, builder) or isinstance(definition.body, Exceptions):
        suffix = minor_unit(builder.program.header.currency).capitalize() if fen else ""
        return name(f"{camel(definition.name.key)}{suffix}")
    return result_type(entry.values[0], entry.kinds[0], definition.grain, builder, fen=fen)


def _answer(entry: Entry, said: ast.expr, builder: Builder, *, fen: bool) -> list[ast.stmt]:
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
        handed_out(item(name("_result"), constant(i)), v, k, _grain(definition, k), builder, fen=fen)
        for i, (v, k) in enumerate(zip(entry.values, entry.kinds, strict=True))
    ]
    statements = [] if entry.borrowed else code("_result = SAID", SAID=said)
    return [*statements, ast.Return(call(own, *values))]


def _from_twin(entry: Entry, said: ast.expr, builder: Builder) -> list[ast.stmt]:
    """Return the answer of the integer entry in units of the currency."""
    definition = entry.definition

    def lifted(x: ast.expr, value: Value, kind: Kind) -> ast.expr:
        if not is_counted(value, kind, builder):
            return x
        return handed_out(x, value, kind, _grain(definition, kind), builder, fen=False)

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


# the functions


def _docs(entry: Entry, taken: Sequence[Parameter], lead: str, builder: Builder) -> ast.stmt:
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


def _title(entry: Entry, builder: Builder, *, fen: bool) -> str:
    definition = entry.definition
    unit = unit_of(definition.kind, builder.program)
    if fen:
        unit = f"{minor_unit(builder.program.header.currency)} in, {minor_unit(builder.program.header.currency)} out"
    return one_line(f"{definition.name.shown}{f', {unit}' if unit else ''}.")


def _core_call(entry: Entry, facts: dict[str, ast.expr]) -> ast.expr:
    return call(name(entry.core), *(facts[key] for key in entry.definition.inputs))


def _computed(entry: Entry, facts: dict[str, ast.expr], builder: Builder, *, fen: bool) -> list[ast.stmt]:
    """Statements that compute the answer and return it."""
    said = _core_call(entry, facts)
    if not entry.borrowed:
        return _answer(entry, said, builder, fen=fen)
    output = constant(entry.definition.name.key)
    return code(
        "try:\n    _result = SAID\nexcept _rt.PolicyError as _error:\n    raise _rt.asked_for(OUTPUT, _error) from None\nREST",
        SAID=said,
        OUTPUT=output,
        REST=_answer(entry, name("_result"), builder, fen=fen),
    )


def _function(
    own: str, arguments: ast.arguments, returns: ast.expr, body: Sequence[ast.stmt]
) -> ast.FunctionDef:
    return ast.FunctionDef(own, arguments, list(body), [], returns)


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
        doc = _docs(entry, plain, _title(entry, builder, fen=False), builder)
        returns = return_type(entry, builder, fen=False)
        statements.append(_function(own, keyword_only(plain), returns, [doc, *body]))
    else:
        quick = _quick(entry, grains, builder)
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
        statements.append(_function(f"{own}_{fen}", keyword_only(grains), returns, [doc, *body]))
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
    doc = _docs(entry, plain, _title(entry, builder, fen=False), builder)
    body = [doc, *_from_twin(entry, said, builder)]
    return _function(mangled(key), keyword_only(plain), return_type(entry, builder, fen=False), body)


def _bound(
    entry: Entry, settled: Sequence[Parameter], free: Sequence[Parameter], builder: Builder
) -> list[ast.stmt]:
    """The body of the staged form: checks of what is settled, then the function that takes the rest."""
    key = entry.definition.name.key
    before, facts = checks(key, settled)
    body, where = checks(key, free)
    facts |= where
    body += _given_checks(entry, facts) + _computed(entry, facts, builder, fen=True)
    inner = _function("bound", positional_only(free), return_type(entry, builder, fen=True), body)
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
    return _function(f"bind_{own}", keyword_only(settled), returns, [doc, *body])


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


# schedules that were made ready: the fastest entries, checks and arithmetic in one function


@dataclass(frozen=True, slots=True)
class Quick:
    """The entries of a marginal schedule over one input whose columns and edges are settled by categories.

    Most amounts lie in the first band, so that is tried first; a number inside it needs no test
    of its range, for the bands stay within it.
    """

    entry: Entry
    ladder: Ladder
    amount: Parameter
    members: tuple[Parameter, ...]
    builder: Builder

    def _look_up(self, target: str) -> list[ast.stmt]:
        key = self.entry.definition.name.key
        row = self.ladder.table
        given = []
        for p in self.members:
            row = item(row, name(p.identifier))
            given.append(items([input_constant(p.fact, self.builder), name(p.identifier)]))
        if not self.members:
            return code(f"{target} = ROW", ROW=row)
        return code(
            f"try:\n    {target} = ROW\n"
            "except (KEY_ERROR, TYPE_ERROR):\n    raise _rt.first_refusal(OUTPUT, GIVEN) from None",
            ROW=row,
            KEY_ERROR=self.builder.py("KeyError"),
            TYPE_ERROR=self.builder.py("TypeError"),
            OUTPUT=constant(key),
            GIVEN=items(given),
        )

    def _blanks(self, x: str) -> dict[str, ast.expr]:
        fact = self.amount.fact
        low, high = _bounds(fact, self.builder.scale(fact))
        return {
            "X": name(x),
            "LOW": constant(low),
            "HIGH": constant(high),
            "STEP": constant(_step(fact, self.builder)),
            "TYPE": self.builder.py("type"),
            "INT": self.builder.py("int"),
            "OUTPUT": constant(self.entry.definition.name.key),
            "FIELD": input_constant(fact, self.builder),
            "BISECT": self.builder.py("bisect_left"),
            "NOTHING": constant(0),
            "FIRST": ladder_value(self.ladder, name("rate"), name("base"), name(x)),
            "LATER": ladder_value(self.ladder, expr("rates[i]"), expr("bases[i]"), name(x)),
        }

    def _climb(self, x: str, template: str, unpack: bool, **more: ast.expr) -> list[ast.stmt]:
        """`template` with the bands climbed where it says CLIMB."""
        rest = "    edges, rates, bases = bands\n" if unpack else ""
        inside = "X >= LOW" if not more else "X >= LOW and (X or not GIVEN.is_signed())"
        climb = (
            "if X <= edge:\n"
            "    if X > start:\n"
            "        return FIRST\n"
            f"    if {inside}:\n"
            "        return NOTHING\n"
            "elif X <= HIGH:\n"
            f"{rest}"
            "    i = BISECT(edges, X)\n"
            "    return LATER\n"
        )
        blanks = {**self._blanks(x), **more}
        return code(template, CLIMB=code(climb, **blanks), **blanks)

    @property
    def _on_grain(self) -> str:
        return "" if _step(self.amount.fact, self.builder) == 1 else " and not X % STEP"

    def _in_grains(self, unpack: bool) -> list[ast.stmt]:
        template = (
            f"if TYPE(X) is INT{self._on_grain}:\n    CLIMB\nraise _rt.refusal(OUTPUT, FIELD, X, grains=True)"
        )
        return self._climb(self.amount.identifier, template, unpack)

    def in_grains(self) -> list[ast.stmt]:
        return [*self._look_up("start, edge, rate, base, bands"), *self._in_grains(True)]

    def bound(self, free: Sequence[Parameter]) -> list[ast.stmt]:
        returns = return_type(self.entry, self.builder, fen=True)
        inner = _function("bound", positional_only(free), returns, self._in_grains(False))
        look_up = self._look_up("start, edge, rate, base, (edges, rates, bases)")
        return [*look_up, inner, *code("return bound")]

    def in_units(self, plain: Sequence[Parameter]) -> ast.stmt:
        entry, builder = self.entry, self.builder
        kind, grain = entry.kinds[0], entry.definition.grain
        blanks = self._blanks("_count")
        scale = builder.scale(self.amount.fact)

        def lifted(count: ast.expr) -> ast.expr:
            return handed_out(count, entry.values[0], kind, grain, builder, fen=False)

        given = name(mangled(self.amount.fact.name.key))
        body = code(
            "if TYPE(GIVEN) is not DECIMAL:\n"
            "    raise _rt.refusal(OUTPUT, FIELD, GIVEN)\n"
            "try:\n"
            "    X = _rt.exact(_rt.times(GIVEN, SCALE)).__trunc__()\n"
            "except (ARITHMETIC_ERROR, VALUE_ERROR):\n"
            "    raise _rt.refusal(OUTPUT, FIELD, GIVEN) from None\n",
            X="_count",
            TYPE=blanks["TYPE"],
            OUTPUT=blanks["OUTPUT"],
            FIELD=blanks["FIELD"],
            GIVEN=given,
            DECIMAL=builder.py("Decimal"),
            SCALE=expr("_rt.HUNDRED") if scale == 100 else constant(scale),
            ARITHMETIC_ERROR=builder.py("ArithmeticError"),
            VALUE_ERROR=builder.py("ValueError"),
        )
        body += self._look_up("start, edge, rate, base, bands")
        on_grain = self._on_grain.removeprefix(" and ")
        template = f"if {on_grain}:\n    CLIMB\n" if on_grain else "CLIMB\n"
        body += self._climb(
            "_count",
            f"{template}raise _rt.refusal(OUTPUT, FIELD, GIVEN)",
            True,
            GIVEN=given,
            FIRST=lifted(blanks["FIRST"]),
            LATER=lifted(blanks["LATER"]),
            NOTHING=lifted(constant(0)),
        )
        doc = _docs(entry, plain, _title(entry, builder, fen=False), builder)
        returns = return_type(entry, builder, fen=False)
        return _function(mangled(entry.definition.name.key), keyword_only(plain), returns, [doc, *body])


def _quick(entry: Entry, grains: Sequence[Parameter], builder: Builder) -> Quick | None:
    """The fastest form, where the definition has it."""
    ladder = entry.ladder
    if ladder is None or entry.givens or entry.borrowed:
        return None
    amounts = [p for p in grains if p.fact.name.key not in ladder.keys]
    members = tuple(p for key in ladder.keys for p in grains if p.fact.name.key == key)
    if len(amounts) != 1 or not amounts[0].grains:
        return None
    amount = amounts[0]
    fact = amount.fact
    simple = (
        not fact.optional
        and ladder.direct
        and fact.low is not None
        and fact.low == 0
        and isinstance(entry.values[0], Number)
        and ladder.den == entry.values[0].den
    )
    used = {p.identifier for p in grains} | {mangled(p.fact.name.key) for p in grains}
    clash = used & {"start", "edge", "rate", "base", "bands", "edges", "rates", "bases", "i", "bound"}
    if not simple or clash or not all_distinct([p.fact.kind for p in members], builder):
        return None
    return Quick(entry, ladder, amount, members, builder)
