"""Do the grounds of a rule agree where several hold, and can each of them hold at all?"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from policydsl.checks import words
from policydsl.checks.values import NoAnswer, Unknown, ground_value, known, truth
from policydsl.checks.views import View, knowing, on_its_days, view
from policydsl.checks.worlds import worlds
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.expressions import Expr, Value
from policydsl.facts import Name
from policydsl.kinds import Day, Kind, Quantity, is_money
from policydsl.model import Ground, Overlap, Policy, Rule, Table
from policydsl.nodes import Span


def check(policy: Policy) -> Iterator[Diagnostic]:
    """The problems of all rules' grounds, and of the words that settle overlaps."""
    every = view(policy)
    for d in policy.definitions:
        seen = on_its_days(every, d.name.key)
        match d:
            case Rule():
                yield from _exempt(d, d.grounds)
                yield from _overlap_word(d.name, d.overlap, d.kind, d.name.span)
                yield from _level(d, d.grounds, (), seen)
            case Table():
                for kind in d.kinds[:1]:
                    yield from _overlap_word(d.name, d.overlap, kind, d.name.span)
            case _:
                pass


def _exempt(rule: Rule, grounds: tuple[Ground, ...]) -> Iterator[Diagnostic]:
    has_zero = isinstance(rule.kind, Quantity) and not rule.kind.percent
    for ground in grounds:
        if ground.exempt and not has_zero:
            yield Diagnostic(
                codes.EXEMPT_WITHOUT_ZERO,
                ground.name.span,
                {"ground": words.named(ground.name), "rule": words.named(rule.name)},
            )
        yield from _exempt(rule, ground.inner)


def _overlap_word(name: Name, overlap: Overlap | None, kind: Kind, span: Span) -> Iterator[Diagnostic]:
    if overlap == "sum" and not isinstance(kind, Quantity):
        yield Diagnostic(codes.SUM_OF_NO_AMOUNT, span, {"name": words.named(name)})
    elif overlap in ("greatest", "least") and not isinstance(kind, (Quantity, Day)):
        yield Diagnostic(codes.NOTHING_GREATER, span, {"name": words.named(name)})
    elif overlap == "count" and (not isinstance(kind, Quantity) or kind.percent or is_money(kind)):
        yield Diagnostic(codes.COUNT_OF_OTHER_KIND, span, {"name": words.named(name)})


def _level(
    rule: Rule, grounds: tuple[Ground, ...], outer: tuple[Expr, ...], seen: View
) -> Iterator[Diagnostic]:
    """The grounds of one level: of the rule, or inside one of its grounds where `outer` holds."""
    if not grounds:
        return
    never: set[int] = set()
    for i, ground in enumerate(grounds):
        outcome = _can_hold((*outer, ground.when), seen)
        if outcome is None:
            yield Diagnostic(codes.TOO_MANY_CASES, ground.when.span, {"name": words.named(ground.name)})
            return
        if not outcome:
            never.add(i)
            yield Diagnostic(codes.GROUND_NEVER, ground.when.span, {"ground": words.named(ground.name)})
    live = [g for i, g in enumerate(grounds) if i not in never]
    together = False
    clashed = False
    for j, two in enumerate(live):
        for one in live[:j]:
            if together and (rule.overlap is not None or clashed):
                break
            found = worlds((*outer, *_said_by(one), *_said_by(two)), seen)
            if found is None:
                yield Diagnostic(codes.TOO_MANY_CASES, two.when.span, {"name": words.named(two.name)})
                return
            meets = [w for w in found if _holds((*outer, one.when, two.when), w)]
            together = together or bool(meets)
            if rule.overlap is None and not clashed:
                clash = next((c for w in meets if (c := _clash(rule, one, two, w)) is not None), None)
                if clash is not None:
                    clashed = True
                    yield _clashing(rule, grounds, one, two, clash)
    if rule.overlap == "first":
        yield from _shadowed(live, outer, seen)
    if rule.overlap is not None and not together and len(grounds) > 1 and not outer:
        yield Diagnostic(
            codes.OVERLAP_UNNEEDED,
            rule.name.span,
            {"rule": words.named(rule.name), "target": rule.name.key},
        )
    for ground in live:
        yield from _level(rule, ground.inner, (*outer, ground.when), seen)


def _said_by(ground: Ground) -> Iterator[Expr]:
    """All that a ground looks at: its condition, its value, and those of its inner grounds."""
    yield ground.when
    yield ground.value
    for inner in ground.inner:
        yield from _said_by(inner)


def _holds(conditions: tuple[Expr, ...], world: View) -> bool:
    """Whether all `conditions` hold; one that has no value does not."""
    try:
        return all(truth(c, world) for c in conditions)
    except (Unknown, NoAnswer):
        return False


def _can_hold(conditions: tuple[Expr, ...], seen: View) -> bool | None:
    found = worlds(conditions, seen)
    return None if found is None else any(_holds(conditions, w) for w in found)


Clash = tuple[View, Value, Value]


def _clash(rule: Rule, one: Ground, two: Ground, world: View) -> Clash | None:
    """The values that two grounds give in a world where both hold, if they differ."""
    if one.value == two.value and not one.inner and not two.inner:
        return None
    try:
        a, b = ground_value(rule, one, world), ground_value(rule, two, world)
    except (Unknown, NoAnswer):
        return world, None, None
    return (world, a, b) if a != b else None


def _clashing(rule: Rule, grounds: tuple[Ground, ...], one: Ground, two: Ground, clash: Clash) -> Diagnostic:
    world, a, b = clash
    policy = world.policy
    who = _shown(world)

    def say(x: Value, expr: Expr) -> Words:
        if x is None:
            return words.both(expr.span.text, expr.span.text)
        if isinstance(x, Fraction):
            return words.amount(x, rule.kind, policy)
        return words.figure(x, rule.kind, policy)

    sure = not world.opaque
    return Diagnostic(
        codes.GROUNDS_CLASH,
        two.name.span,
        {
            "can": words.both("can", "可以") if sure else words.both("may", "可能"),
            "one": words.named(one.name),
            "two": words.named(two.name),
            "n": grounds.index(one) + 1,
            "m": grounds.index(two) + 1,
            "a": say(a, one.value),
            "b": say(b, two.value),
            "who": words.person(who),
            "choices": _choices(rule, a, b, say, one, two),
        },
        (Label(one.name.span, words.both("the other ground", "另一情形")),),
        words.case(who) if sure else (),
    )


def _shown(world: View) -> View:
    """The facts of a counterexample without those that are no: they only would lengthen it."""
    kept = {k: v for k, v in world.facts.items() if v is not False and v is not None and v != frozenset()}
    return knowing(view(world.policy), kept)


def _choices(rule: Rule, a: Value, b: Value, say: object, one: Ground, two: Ground) -> Words:
    """What each way to settle the overlap would give."""
    assert callable(say)
    if not isinstance(a, Fraction) or not isinstance(b, Fraction):
        return words.both(
            "state `when several apply, first` or make the grounds exclude each other",
            "写明 `同时符合，按先后次序`，或使两种情形互不重叠",
        )
    high, low = say(max(a, b), one.value), say(min(a, b), one.value)
    first, total = say(a, one.value), say(a + b, one.value)
    return words.both(
        f"state `when several apply, greatest` ({high.en}), `least` ({low.en}) or `first` ({first.en}); "
        f"`sum` gives {total.en}",
        f"写明 `同时符合，就高`（{high.zh}）、`就低`（{low.zh}）或 `按先后次序`（{first.zh}）；`累加`为{total.zh}",
    )


def _shadowed(grounds: list[Ground], outer: tuple[Expr, ...], seen: View) -> Iterator[Diagnostic]:
    """Under "first": a ground that is never the first to hold."""
    for j, ground in enumerate(grounds):
        if j == 0:
            continue
        earlier = grounds[:j]
        reached = _reached(ground, earlier, outer, seen)
        if reached is None:  # too many cases for all at once: each earlier ground alone
            reached = not any(_reached(ground, [g], outer, seen) is False for g in earlier)
        if not reached:
            yield Diagnostic(
                codes.GROUND_SHADOWED,
                ground.name.span,
                {
                    "ground": words.named(ground.name),
                    "before": words.listed([words.named(g.name) for g in earlier]),
                },
                (Label(earlier[-1].name.span, words.both("looked at before", "在前")),),
            )


def _reached(ground: Ground, earlier: list[Ground], outer: tuple[Expr, ...], seen: View) -> bool | None:
    """Whether `ground` can hold where none of `earlier` does; None when that is too much to look at."""
    found = worlds((*outer, ground.when, *(g.when for g in earlier)), seen)
    if found is None:
        return None
    return any(
        _holds((*outer, ground.when), w) and not any(known(g.when, w) is True for g in earlier) for w in found
    )
