"""What do evaluators take? Facts as arguments, with their types, defaults and checks."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from policydsl.backends.python.building import DIGITS, Builder
from policydsl.backends.python.expressions import literal
from policydsl.backends.python.names import (
    camel,
    counts_in_grains,
    is_int,
    mangled,
    minor_unit,
    upper,
)
from policydsl.backends.python.templates import call, code, constant, name
from policydsl.expressions import Value as Known
from policydsl.facts import Fact
from policydsl.ir import Definition
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo, is_money
from policydsl.rounding import round_to


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
                step=constant(step_of(fact, builder)),
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


def step_of(fact: Fact, builder: Builder) -> int:
    grain = fact.grain
    if grain is None:
        if not is_money(fact.kind):
            return 1
        grain = builder.program.header.currency.grain
    return int(grain * builder.scale(fact))


def bounds_of(fact: Fact, scale: int) -> tuple[int, int]:
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
            low, high = bounds_of(fact, builder.scale(fact))
            step = step_of(fact, builder)
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
