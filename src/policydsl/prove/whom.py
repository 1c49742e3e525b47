"""Whom does a finding concern? Combinations of facts, joined where all of a fact's values are alike, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from policydsl.amounts import say_days, say_interval, say_name
from policydsl.diagnostics.model import Language, Words
from policydsl.expressions import CompareOp, Expr, HasAny, Input, Value
from policydsl.facts import Fact
from policydsl.ir import Program
from policydsl.kinds import Day, MemberOf, Quantity, SetOf
from policydsl.nodes import Node, evolve, node
from policydsl.prove import wording
from policydsl.prove.cells import Axis, Cell, Reach, amounts_in, axes, conditions
from policydsl.prove.limits import limit_of, limits_of


@node
class Limits(Node):
    """The question between which figures the input of that key lies."""

    key: str


@node
class Between(Node):
    """The values between two bounds; None is without end."""

    low: Fraction | None
    low_closed: bool
    high: Fraction | None
    high_closed: bool


#: a fact by its key, the limits of an amount or a day, or another comparison
Question: TypeAlias = str | Limits | Expr
Answer: TypeAlias = Value | Between


def every_axis(program: Program, found: Reach, followed: Collection[str] = ()) -> Iterator[Axis]:
    """The finite facts of what is reached, each member of a category for itself, and the comparisons of
    amounts and days other than those `followed`, each of which may hold or not."""
    atoms = [e for e in conditions(found) if amounts_in(program, e).difference(followed)]
    for axis in axes(program, found, atoms):
        kind = None if axis.atom is not None else _kind(program, axis.fact)
        if isinstance(kind, MemberOf):
            members = [m.name.key for m in program.category(kind.category).members]
            yield evolve(axis, values=tuple(members))
        else:
            yield axis


def _fact(program: Program, key: str) -> Fact | None:
    return next((f for f in program.facts if f.name.key == key), None)


def _kind(program: Program, key: str) -> object:
    fact = _fact(program, key)
    return None if fact is None else fact.kind


def _between(limits: Sequence[tuple[CompareOp, Fraction]]) -> Between:
    """All limits taken together."""
    lows = [(bound, op == ">") for op, bound in limits if op in (">", ">=", "==")]
    highs = [(bound, op != "<") for op, bound in limits if op in ("<", "<=", "==")]
    low, high = max(lows, default=None), min(highs, default=None)
    return Between(
        low[0] if low else None,
        not low[1] if low else False,
        high[0] if high else None,
        high[1] if high else False,
    )


def _number(x: Fraction | date) -> Fraction:
    return Fraction(x.toordinal()) if isinstance(x, date) else x


# people in groups


@node
class People(Node):
    """The people with one of the answers to each question; a question that is not here is open."""

    answers: tuple[tuple[Question, frozenset[Answer]], ...]


def of_cell(cell: Cell, asked: Collection[str]) -> People:
    """The people of one combination, as far as the facts `asked` and the comparisons tell them apart."""
    answers: list[tuple[Question, frozenset[Answer]]] = [
        (key, frozenset({cell.facts[key]})) for key in asked if key in cell.facts
    ]
    for key, limits in limits_of(cell).items():
        answers.append((Limits(key), frozenset({_between(limits)})))
    for atom, truth in cell.atoms.items():
        if limit_of(atom) is None:
            answers.append((atom, frozenset({truth})))
    return People(tuple(answers))


Everybody: TypeAlias = Mapping[Question, frozenset[Answer]]


def everybody(people: Iterable[People]) -> Everybody:
    """Every answer that any of the people has to each question."""
    found: dict[Question, set[Answer]] = {}
    for p in people:
        for question, answers in p.answers:
            found.setdefault(question, set()).update(answers)
    return {question: frozenset(answers) for question, answers in found.items()}


def together(people: Iterable[People], every: Everybody) -> tuple[People, ...]:
    """A few groups that hold exactly these `people`; a question of which they have `every` answer that
    anybody has is left out."""
    left = list(dict.fromkeys(people))
    for question, all_answers in every.items():
        groups: dict[tuple[tuple[Question, frozenset[Answer]], ...], set[Answer]] = {}
        for p in left:
            rest = tuple([(q, v) for q, v in p.answers if q != question])
            groups.setdefault(rest, set()).update(dict(p.answers).get(question, ()))
        left = [
            People(rest if answers == all_answers else (*rest, (question, frozenset(answers))))
            for rest, answers in groups.items()
        ]
    return tuple(left)


# in words


def said(groups: Sequence[People], found: Reach, program: Program) -> Words:
    """Who they are; nothing when they are all."""
    if any(not p.answers for p in groups):
        return wording.NOTHING
    each = [wording.listed(_one(q, v, found, program) for q, v in p.answers) for p in groups]
    return wording.listed(each, "; ", "；")


def _one(question: Question, values: frozenset[Answer], found: Reach, program: Program) -> Words:
    if isinstance(question, Limits):
        return _limits_words(question.key, [v for v in values if isinstance(v, Between)], program)
    if not isinstance(question, str):
        text = " ".join(question.span.text.split())
        return wording.both(text) if True in values else Words(f"not {text}", f"并非{text}")
    fact = _fact(program, question.removeprefix("?"))
    if fact is None:
        return wording.both(question)
    name = wording.named(fact.name)
    if question.startswith("?"):
        return (
            Words(f"with {name.en}", f"有{name.zh}")
            if True in values
            else Words(f"without {name.en}", f"无{name.zh}")
        )
    match fact.kind:
        case MemberOf():
            keys = [v for v in values if isinstance(v, str)]
            members = wording.members(keys, fact.kind.category, program)
            if _ambiguous(keys, fact.kind.category, program):
                return Words(f"{name.en} {members.en}", f"{name.zh}为{members.zh}")
            return members
        case SetOf():
            sets = sorted((v for v in values if isinstance(v, frozenset)), key=lambda s: (len(s), sorted(s)))
            return _sets(question, sets, name, fact.kind.category, found, program)
        case Quantity() | Day():
            figures = sorted((v for v in values if isinstance(v, Fraction | date)), key=_number)
            said_ = wording.listed(wording.value_words(v, fact.kind, program) for v in figures)
            return Words(f"{name.en} {said_.en}", f"{wording.leading(name).zh}{said_.zh}")
        case _:
            return name if True in values else Words(f"not {name.en}", f"非{name.zh}")


def _ambiguous(keys: Collection[str], category: str, program: Program) -> bool:
    """Whether members are called as those of another category are."""
    shown = {
        m.name.shown
        for c in program.categories
        if c.name.key == category
        for m in c.members
        if m.name.key in keys
    }
    return any(m.name.shown in shown for c in program.categories if c.name.key != category for m in c.members)


def _limits_words(key: str, stretches: Sequence[Between], program: Program) -> Words:
    """The amounts (or days) of an input that the stretches cover, neighbouring ones joined."""
    fact = program.fact(key)
    joined: list[Between] = []
    for s in sorted(stretches, key=lambda s: (s.low is not None, s.low or Fraction(0), not s.low_closed)):
        last = joined[-1] if joined else None
        if last is not None and last.high == s.low and (last.high_closed or s.low_closed):
            joined[-1] = Between(last.low, last.low_closed, s.high, s.high_closed)
        else:
            joined.append(s)

    def say(language: Language) -> str:
        def bound(x: Fraction | None) -> str | None:
            if x is None:
                return None
            said_ = wording.amount(x, fact.kind, program)
            return said_.zh if language == "zh" else said_.en

        name = say_name(fact.name, language)
        if isinstance(fact.kind, Day):
            days = [say_days(*_days(s), language) for s in joined]
            return f"{name}在{'或'.join(days)}" if language == "zh" else f"{name} {' or '.join(days)}"
        each = [
            say_interval(bound(s.low), s.low_closed, bound(s.high), s.high_closed, language) for s in joined
        ]
        return f"{name}{'或'.join(each)}" if language == "zh" else f"{name} {' or '.join(each)}"

    return Words(say("en"), say("zh"))


def _days(stretch: Between) -> tuple[date | None, date | None]:
    """The first and the last day of a stretch."""
    low, high = stretch.low, stretch.high
    return (
        None if low is None else date.fromordinal(int(low) + (not stretch.low_closed)),
        None if high is None else date.fromordinal(int(high) - (not stretch.high_closed)),
    )


#: so many sets are named one by one
_MOST_SETS = 8


def _sets(
    key: str, sets: list[frozenset[str]], name: Words, category: str, found: Reach, program: Program
) -> Words:
    """Sets of members as the condition that holds for just these, or one by one."""
    every = [e.members for e in found.expressions if isinstance(e, HasAny) and _is(e.operand, key)]
    nothing_else = frozenset().union(*sets) if sets else frozenset()
    for members in dict.fromkeys(every):
        said_ = wording.members(members, category, program)
        if all(not s.isdisjoint(members) for s in sets):
            return Words(f"{name.en} has {said_.en}", f"{name.zh}含{said_.zh}")
        if len(every) == 1 and all(s.isdisjoint(members) for s in sets):
            return Words(f"{name.en} without {said_.en}", f"{name.zh}不含{said_.zh}")
    if len(sets) > _MOST_SETS:
        return Words(f"{len(sets):,} combinations of {name.en}", f"{name.zh}的{len(sets):,}种组合")
    if not nothing_else:
        return Words(f"no {name.en}", f"无{name.zh}")
    each = (wording.members(s, category, program) if s else Words("none", "无") for s in sets)
    parts = wording.listed(each, " or ", "或")
    return Words(f"{name.en} {parts.en}", f"{wording.leading(name).zh}{parts.zh}")


def _is(expr: Expr, key: str) -> bool:
    return isinstance(expr, Input) and expr.key == key
