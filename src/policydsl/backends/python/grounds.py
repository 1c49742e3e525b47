"""How does a rule with grounds find its value, the ground that gave it, and all that held?"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from fractions import Fraction

from policydsl.backends.python.building import Function, Value
from policydsl.backends.python.expressions import learnt, plain, value
from policydsl.backends.python.names import camel, ground_paths, upper
from policydsl.backends.python.pieces import Outcome, finished, said_in
from policydsl.backends.python.scale import (
    Number,
    common,
    figure,
    hull,
)
from policydsl.backends.python.templates import (
    above,
    call,
    constant,
    expr,
    item,
    items,
    name,
)
from policydsl.backends.python.words import quoted
from policydsl.ir import (
    Definition,
    Exceptions,
    Ground,
)


def exceptions(definition: Definition, body: Exceptions, fn: Function) -> Outcome:
    """Every ground that holds with what it gives, then which of them counts."""
    key = definition.name.key
    enum = name(f"{camel(key)}Ground")
    base = value(body.base, fn)
    given = _ground_values(body.grounds, "", body, fn)
    numbers = [v for v, _ in (*given.values(), (base, False)) if isinstance(v, Number)]
    den = common(numbers)
    several = body.overlap in ("sum", "count")
    first = body.overlap in ("agree", "first")
    # The pairs in `held` tell which grounds hold, unless a pair may stand for another ground.
    listed = (
        several or any(g.inner for g in body.grounds) or (first and any(fails for _, fails in given.values()))
    )
    of = fn.builder.annotation(definition.kind, inner=True, counted=True)
    pair = items([of, expr("ENUM | None", ENUM=enum) if several else enum])
    applied = fn.temporary("applied") if listed else ""
    if listed:
        _new_list(applied, enum, fn)

    def level(grounds: Sequence[Ground], outer: str, above_: tuple[str, ...]) -> str:
        held = fn.temporary("held" if not outer else f"held_{outer.replace('.', '_')}")
        _new_list(held, item(fn.builder.py("tuple"), pair), fn)
        for path, ground in _own_paths(grounds, outer):
            fn.hint = f"{upper(key)}_{upper(path.replace('.', '_'))}"
            when = plain(ground.when, fn)
            fn.hint = ""
            member = expr("ENUM.GROUND", ENUM=enum, GROUND=upper(path.replace(".", "_")))
            said, may_fail = given[path]
            with fn.block() as block:
                if applied:
                    fn.add("MET.append(GROUND)", MET=applied, GROUND=member)
                own = items([said_in(said, den), member])
                if ground.inner:
                    with fn.knowing(learnt(ground.when, True, fn)):
                        inner = level(ground.inner, path, (held, *above_))
                    own = expr(
                        "PICK if HELD else OWN", PICK=_pick(body.overlap, inner, den), HELD=inner, OWN=own
                    )
                if may_fail and first:
                    # A ground that is passed over need not have a value, nor one within it.
                    for passed in (held, *above_):
                        own = expr("HELD[0] if HELD else OWN", HELD=passed, OWN=own)
                fn.add("HELD.append(PAIR)", HELD=held, PAIR=own)
            fn.body.append(above(ast.If(when, block, []), *quoted(ground.quotes)))
        return held

    held = level(body.grounds, "", ())
    result, ground = fn.temporary("result"), fn.temporary("ground")
    fn.add(
        "RESULT, GROUND = PICK if HELD else BASE",
        RESULT=result,
        GROUND=ground,
        PICK=_pick(body.overlap, held, den),
        HELD=held,
        BASE=items([said_in(base, den), expr("ENUM.BASE", ENUM=enum)]),
    )
    everything = name(applied) if listed else expr("[ground for _, ground in HELD]", HELD=held)
    said_ground = expr("GROUND or MET[0]", GROUND=ground, MET=applied) if several else name(ground)
    final: Value = name(result)
    if numbers:
        low, high = hull(numbers)
        if several:
            low, high = (Fraction(0) if low is not None and low >= 0 else None), None
        final = finished(definition, Number(name(result), den, low, high), fn)
    return Outcome((final,), said_ground, call(fn.builder.py("tuple"), everything))


def _new_list(own: str, of: ast.expr, fn: Function) -> None:
    listed = item(fn.builder.py("list"), of)
    fn.body.append(ast.AnnAssign(ast.Name(own, ast.Store()), listed, ast.List([], ast.Load()), 1))


def _ground_values(
    grounds: Sequence[Ground], outer: str, body: Exceptions, fn: Function
) -> dict[str, tuple[Value, bool]]:
    """The own value of each ground, by its path, and whether it may be missing."""
    values: dict[str, tuple[Value, bool]] = {}
    for path, ground in _own_paths(grounds, outer):
        before, fn.fails = fn.fails, False
        with fn.knowing(learnt(ground.when, True, fn)):
            own = figure(Fraction(1)) if body.overlap == "count" else value(ground.value, fn)
            values[path] = own, fn.fails
            values |= _ground_values(ground.inner, path, body, fn)
        fn.fails = fn.fails or before
    return values


def _own_paths(grounds: Sequence[Ground], outer: str) -> list[tuple[str, Ground]]:
    """These grounds with their paths, without those inside them."""
    return [(path, g) for path, g in ground_paths(tuple(grounds), outer) if any(g is own for own in grounds)]


def _pick(overlap: str, held: str, den: int) -> ast.expr:
    if overlap in ("agree", "first"):
        return item(name(held), constant(0))
    if overlap == "count":
        return call("_rt.number_of", name(held), constant(den))
    helper = {"greatest": "greatest", "least": "least", "sum": "together"}[overlap]
    return call(f"_rt.{helper}", name(held))
