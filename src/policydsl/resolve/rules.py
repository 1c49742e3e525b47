"""What do params and rules say? Figures by day, values with their grounds."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics.model import Words
from policydsl.expressions import Constant, Expr, If, Undefined
from policydsl.kinds import YES_NO, Kind, Quantity
from policydsl.model import Ground, Param, Restated, Rule, Version
from policydsl.nodes import Node, evolve, field, node
from policydsl.resolve.clauses import lines
from policydsl.resolve.facts import bounds, kind_of
from policydsl.resolve.scope import Failed, Scope, line_of, spellings
from policydsl.resolve.values import NO_GUARDS, Guards, Values, fold, present
from policydsl.syntax import ast
from policydsl.syntax.words import choices, meaning


def param(scope: Scope, values: Values, declared: ast.Param) -> Param:
    before = len(scope.diagnostics)
    kind = kind_of(scope, declared.type) if declared.type is not None else None
    low = high = None
    if declared.open:
        if kind is None:
            scope.fail(codes.KIND_UNKNOWN, declared.name.span, name=declared.name.written)
        low, high = bounds(scope, values, kind, declared.range)
    versions = []
    for version in declared.versions:
        value = values.of_kind(version.value, kind)
        kind = kind or value.kind
        start = None
        if version.start is not None:
            start = version.start.value
            if start is None:
                scope.report(codes.NO_SUCH_DAY, version.start.span, day=version.start.written)
        end = version.end.value if version.end is not None else None
        if version.end is not None and end is None:
            scope.report(codes.NO_SUCH_DAY, version.end.span, day=version.end.written)
        restated = restatements(values, version.restated, kind)
        versions.append(Version(start, value, restated, end, span=version.span))
    assert kind is not None
    rise = None
    if declared.rise is not None:
        rise = values.constant(declared.rise.figure, kind)
        if declared.rise.down:
            assert isinstance(rise.value, Fraction)
            rise = evolve(rise, value=-rise.value)
    prior = None
    if declared.prior is not None:
        prior = values.constant(declared.prior.figure, kind)
    tail = lines(values, declared.clauses, kind, Words("param", "标准"))
    if len(scope.diagnostics) > before:
        raise Failed
    if any(version.start is not None for version in versions):
        scope.dated = True
    return Param(
        declared.name, kind, tuple(versions), declared.open, rise, tail.finish, declared.quotes, declared.notes,
        tail.because, low, high, prior, span=declared.span,
    )  # fmt: skip


def restatements(values: Values, restated: Sequence[ast.Restate], kind: Kind) -> tuple[Restated, ...]:
    """The figures printed beside a value, in its unit."""
    made = []
    for restate in restated:
        value = values.constant(restate.figure, kind)
        within = values.constant(restate.within, kind).value if restate.within is not None else None
        made.append(Restated(value, within, span=restate.span))  # type: ignore[arg-type]
    return tuple(made)


def rule(scope: Scope, values: Values, declared: ast.Rule) -> Rule:
    before = len(scope.diagnostics)
    kind: Kind | None = YES_NO if declared.yes_no else None
    if declared.type is not None:
        kind = kind_of(scope, declared.type)
    because: tuple[str, ...] = ()
    if declared.yes_no:
        base = values.condition(declared.value)
    elif isinstance(declared.value, ast.Undefined):
        if kind is None:
            scope.fail(codes.KIND_UNKNOWN, declared.name.span, name=declared.name.written)
        base = Undefined(_reasons(declared), kind, span=declared.value.span)
    else:
        base = _because(values.of_kind(declared.value, kind), _reasons(declared))
    kind = kind or base.kind
    if (
        declared.grounds
        and isinstance(base, Constant)
        and isinstance(kind, Quantity)
        and declared.type is None
    ):
        kind = _fuller(values, kind, declared.grounds)
        base = values.adopt(base, kind)
    restated = restatements(values, declared.restated, kind)
    grounds = _grounds(scope, values, declared.grounds, kind)
    overlap = overlap_because = None
    if declared.several is not None:
        word = declared.several.word.words[0]
        overlap = meaning("overlaps", word)
        overlap_because = declared.several.because
        if overlap is None:
            scope.report(
                codes.UNKNOWN_WORD, declared.several.word.span, word=word, choices=choices("overlaps")
            )
    tail = lines(values, declared.clauses, kind, Words("rule", "规则"))
    if not isinstance(base, Undefined):
        because = tail.because
    if len(scope.diagnostics) > before:
        raise Failed
    return Rule(
        declared.name, kind, base, restated, grounds, overlap, overlap_because, tail.finish, declared.quotes,  # type: ignore[arg-type]
        declared.notes, because, span=declared.span,
    )  # fmt: skip


def _reasons(declared: ast.Rule) -> str:
    return "; ".join(clause.text for clause in declared.clauses if isinstance(clause, ast.Because))


def _because(expr: Expr, reason: str) -> Expr:
    """`expr` with the reason of its line, which says why a branch of it is undefined."""
    if isinstance(expr, Undefined):
        return expr if expr.because else evolve(expr, because=reason)
    if isinstance(expr, If):
        then, otherwise = _because(expr.then, reason), _because(expr.otherwise, reason)
        return evolve(expr, then=then, otherwise=otherwise)
    return expr


def _fuller(values: Values, kind: Quantity, grounds: Sequence[ast.Ground]) -> Quantity:
    """The kind of a rule whose base is a bare zero: a ground's figure says the unit."""
    if kind.unit.powers or kind.percent:
        return kind
    for ground in grounds:
        if isinstance(ground.value, ast.Figure):
            found = values.figure(ground.value).kind
            if isinstance(found, Quantity):
                return found
    return kind


@node
class _Open(Node):
    """A ground whose inner grounds are still being gathered."""

    declared: ast.Ground
    inner: list[_Open] = field(factory=list)


def _grounds(scope: Scope, values: Values, declared: Sequence[ast.Ground], kind: Kind) -> tuple[Ground, ...]:
    """Grounds with the dotted ones put inside the ground they name."""
    top: list[_Open] = []
    known: dict[str, _Open] = {}
    names: dict[str, ast.Ground] = {}
    for ground in declared:
        made = _Open(ground)
        for spelling in spellings(ground.name):
            if spelling in names:
                scope.report(
                    codes.DUPLICATE_NAME, ground.name.span, name=spelling, line=line_of(names[spelling].span)
                )
                break
        names.update(dict.fromkeys(spellings(ground.name), ground))
        if ground.outer is None:
            top.append(made)
        elif ground.outer in known:
            known[ground.outer].inner.append(made)
        else:
            scope.report(codes.NO_OUTER_GROUND, ground.name.span, name=ground.outer)
            continue
        known.update(dict.fromkeys(spellings(ground.name), made))
    return tuple(g for open_ in top if (g := _ground(scope, values, open_, kind, NO_GUARDS)) is not None)


def _ground(scope: Scope, values: Values, open_: _Open, kind: Kind, guards: Guards) -> Ground | None:
    declared = open_.declared
    try:
        when = values.condition(declared.when, guards)
        guards = guards | present(when)
        value = _ground_value(values, declared, kind, guards)
    except Failed:
        return None
    inner = tuple(g for i in open_.inner if (g := _ground(scope, values, i, kind, guards)) is not None)
    return Ground(
        declared.name,
        when,
        value,
        declared.value is None,
        inner,
        declared.because,
        declared.quotes,
        span=declared.span,
    )


def _ground_value(values: Values, declared: ast.Ground, kind: Kind, guards: Guards) -> Expr:
    if declared.value is None:
        return Constant(Fraction(0), kind, span=declared.span)
    if isinstance(declared.value, ast.Undefined):
        return Undefined(declared.because or "", kind, span=declared.value.span)
    if isinstance(kind, type(YES_NO)):
        return values.condition(declared.value, guards)
    expr = _because(values.of_kind(declared.value, kind, guards), declared.because or "")
    return fold(expr) or expr
