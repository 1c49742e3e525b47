"""What programs can there be? Random ones for comparing a backend with the interpreter: every kind of body.

A quotient stands directly inside a rounding, as `check` asks for it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import strategies as st

from policydsl.expressions import (
    LARGEST_FRACTIONS,
    Add,
    And,
    Divide,
    Expr,
    Extreme,
    HasAny,
    If,
    Interval,
    IsMember,
    Limit,
    Multiply,
    Not,
    Or,
    Present,
    Round,
    Rounding,
    Subtract,
    Undefined,
    Within,
)
from policydsl.ir import (
    Allotment,
    Band,
    Body,
    Column,
    Definition,
    Division,
    Exceptions,
    Formula,
    Ground,
    Lookup,
    Overlap,
    Program,
    Row,
    Schedule,
)
from policydsl.kinds import AMOUNT, DAY, YES_NO, MemberOf, SetOf
from policydsl.nodes import evolve
from programs import (
    CENT,
    F,
    arm,
    at,
    category,
    compare,
    const,
    define,
    fact,
    given_input,
    header,
    key,
    name,
    part,
    rate,
    ref,
    rounding,
)

A, B = given_input("a"), given_input("b")
WHEN, ON = given_input("when", DAY), given_input("on", DAY)
FIRST, LAST = date(2020, 1, 1), date(2021, 12, 31)
LEVELS = ("one", "two", "three")
EVERYTHING = "a b flag when on level marks"
OVERLAPS: tuple[Overlap, ...] = ("agree", "first", "greatest", "least", "sum", "count")

amounts = st.builds(lambda n: F(n, 100), st.integers(-3000, 30000))
days = st.dates(date(2019, 12, 1), date(2022, 3, 31))
modes = st.sampled_from(["half_up", "half_down", "half_even", "up", "down", "ceiling", "floor"])
steps = st.sampled_from([F(1), CENT, F(1, 2), F(10), F(3)])


def numbers(depth: int) -> st.SearchStrategy[Expr]:
    leaf = st.one_of(st.just(A), st.just(B), st.builds(lambda v: const(v), amounts))
    if depth == 0:
        return leaf
    below = numbers(depth - 1)
    pair = st.tuples(below, below)
    makers: tuple[Callable[..., Expr], ...] = (Add, Subtract, Multiply)
    return st.one_of(
        leaf,
        *(st.builds(lambda p, m=m: m(*p, AMOUNT, span=at()), pair) for m in makers),
        st.builds(
            lambda p, s, m: Round(Divide(p[0], p[1], AMOUNT, span=at()), s, m, AMOUNT, span=at()),
            pair,
            steps,
            modes,
        ),
        st.builds(lambda a, c: Divide(a, const(c or F(7)), AMOUNT, span=at()), below, amounts),
        st.builds(
            lambda w, o: Extreme(w, tuple(o), AMOUNT, span=at()),
            st.sampled_from(["greatest", "least"]),
            st.lists(below, min_size=2, max_size=3),
        ),
        st.builds(lambda o, s, m: Round(o, s, m, AMOUNT, span=at()), below, steps, modes),
        st.builds(lambda c, p: If(c, p[0], p[1], AMOUNT, span=at()), conditions(depth - 1), pair),
        st.just(Undefined("nothing", AMOUNT, span=at())) if depth == 1 else leaf,
    )


def conditions(depth: int) -> st.SearchStrategy[Expr]:
    day = st.sampled_from([WHEN, ON])
    ops = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    members = st.frozensets(st.sampled_from(LEVELS), min_size=1)
    leaf = st.one_of(
        st.just(given_input("flag", YES_NO)),
        st.just(Present("when", YES_NO, span=at())),
        st.builds(lambda m: IsMember(given_input("level", MemberOf("level")), m, YES_NO, span=at()), members),
        st.builds(lambda m: HasAny(given_input("marks", SetOf("level")), m, YES_NO, span=at()), members),
        st.builds(
            lambda d, start, n, unit, overflow: Within(
                d, const(start, DAY), n, unit, YES_NO, overflow, span=at()
            ),
            day,
            days,
            st.integers(0, 40),
            st.sampled_from(["day", "month", "year"]),
            st.sampled_from(["last", "next"]),
        ),
        st.builds(lambda d, op, other: compare(op, d, const(other, DAY)), day, ops, days),
    )
    if depth <= 0:
        return leaf
    below, sides = conditions(depth - 1), numbers(depth - 1)
    several = st.lists(below, min_size=2, max_size=3)
    return st.one_of(
        leaf,
        st.builds(compare, ops, sides, sides),
        st.builds(compare, st.sampled_from(["==", "!="]), below, below),
        st.builds(lambda o: And(tuple(o), YES_NO, span=at()), several),
        st.builds(lambda o: Or(tuple(o), YES_NO, span=at()), several),
        st.builds(lambda o: Not(o, YES_NO, span=at()), below),
    )


@st.composite
def tables(draw: st.DrawFn) -> Body:
    overlap: Overlap = draw(st.sampled_from(OVERLAPS))
    columns = draw(st.integers(1, 2))
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        low, high = sorted(draw(st.tuples(amounts, amounts)))
        interval = Interval(
            draw(st.sampled_from([None, const(low)])),
            draw(st.booleans()),
            draw(st.sampled_from([None, const(high)])),
            draw(st.booleans()),
            span=at(),
        )
        members = draw(st.none() | st.frozensets(st.sampled_from(["one", "two"]), min_size=1))
        yes = draw(st.none() | st.sampled_from([frozenset({"yes"}), frozenset({"no"})]))
        rows.append(Row((interval, members, yes), tuple(draw(numbers(1)) for _ in range(columns)), span=at()))
    keys = (key("a", AMOUNT), key("level", MemberOf("level"), "level"), key("flag", YES_NO))
    results = (name("d"),) if columns == 1 else (name("left"), name("right"))
    return Lookup(keys, results, (AMOUNT,) * columns, tuple(rows), overlap)


@st.composite
def dense_tables(draw: st.DrawFn) -> Body:
    overlap: Overlap = draw(st.sampled_from(OVERLAPS))
    rows = [
        Row(
            (
                draw(st.none() | st.frozensets(st.sampled_from(LEVELS), min_size=1)),
                draw(st.none() | st.just(frozenset({"yes"}))),
            ),
            (const(draw(amounts)),),
            span=at(),
        )
        for _ in range(draw(st.integers(1, 4)))
    ]
    if draw(st.booleans()):
        rows.append(Row((None, None), (const(draw(amounts)),), span=at()))
    keys = (key("level", MemberOf("level"), "level"), key("flag", YES_NO))
    return Lookup(keys, (name("d"),), (AMOUNT,), tuple(rows), overlap)


@st.composite
def schedules(draw: st.DrawFn) -> Body:
    mode: Any = draw(st.sampled_from(["marginal", "marginal", "slab", "interpolated"]))
    edges = sorted(draw(st.lists(amounts, min_size=2, max_size=5, unique=True)))
    plain = draw(st.booleans()) or mode == "interpolated"
    rows = []
    for low, high in itertools.pairwise(edges):
        top = const(low if mode == "interpolated" else high)
        second: Expr = rate(draw(st.integers(-9, 120))) if plain else draw(numbers(1))
        rows.append(
            Band(
                const(low),
                draw(st.booleans()),
                None if mode != "interpolated" and high == edges[-1] and draw(st.booleans()) else top,
                True,
                (rate(draw(st.integers(0, 120))), second),
                Interval(const(low), False, top, True, span=at()),
                span=at(),
            )
        )
    columns = (Column((frozenset({"one"}),), "1", span=at()), Column((None,), "2", span=at()))
    each = st.none() | st.builds(lambda s, m: rounding(str(s), m), steps, modes)
    return Schedule(
        A,
        mode,
        (key("level", MemberOf("level"), "level"),),
        columns,
        tuple(rows),
        draw(st.booleans()) or mode == "marginal",
        draw(st.none() | st.just(B)),
        draw(each),
        draw(each),
    )


@st.composite
def rules(draw: st.DrawFn) -> Body:
    def some(depth: int) -> tuple[Ground, ...]:
        return tuple(
            Ground(
                name(f"g{depth}{i}"),
                draw(conditions(1)),
                draw(numbers(1)),
                False,
                some(depth - 1) if depth and draw(st.booleans()) else (),
                span=at(),
            )
            for i in range(draw(st.integers(1, 3)))
        )

    return Exceptions(draw(numbers(1)), some(1), draw(st.sampled_from(OVERLAPS)))


@st.composite
def splits(draw: st.DrawFn) -> Body:
    def division(depth: int, payers: list[str]) -> Division:
        holder = draw(st.sampled_from([payers[0], payers[-1], LARGEST_FRACTIONS]))
        line = draw(st.none() | st.builds(lambda s, m: rounding(str(s), m, holder), steps, modes))
        arms = []
        for members in ("one", "two three"):
            weights = draw(st.lists(st.integers(1, 9), min_size=len(payers), max_size=len(payers)))
            inner = division(0, [f"{payers[0]}{i}" for i in range(2)]) if depth else None
            parts = [
                part(p, f"{w}", F(w, sum(weights)), inner if p == payers[0] else None)
                for p, w in zip(payers, weights, strict=True)
            ]
            if draw(st.booleans()):
                parts[-1] = part(payers[-1], "rest")
                if line is not None:
                    parts[0] = part(payers[0], "7元", None, inner)
                    line = Rounding(line.mode, line.step, "total", None, None, span=at())
            arms.append(arm(members, *parts))
        return Division((key("level", MemberOf("level"), "level"),), tuple(arms), line)

    leaves = tuple(name(n) for n in ("x0", "x1", "y", "z"))
    return Allotment(draw(numbers(1)), division(1, ["x", "y", "z"]), leaves, (name("x"),))


facts = st.fixed_dictionaries(
    {
        "a": amounts,
        "b": amounts,
        "flag": st.booleans(),
        "when": st.none() | days,
        "on": st.dates(FIRST, LAST),
        "level": st.sampled_from(LEVELS),
        "marks": st.frozensets(st.sampled_from(LEVELS)),
    }
)


def _amounts() -> st.SearchStrategy[Body]:
    return st.one_of(st.builds(Formula, numbers(3)), tables(), dense_tables(), schedules(), rules(), splits())


def _is_yes_no(body: Body) -> bool:
    return isinstance(body, Formula) and body.value.kind == YES_NO


def _has_parts(body: Body) -> bool:
    return isinstance(body, Allotment) or (isinstance(body, Lookup) and len(body.results) > 1)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A definition `d` of any body, now and then with two editions by date, and `e` that reads it."""
    body = draw(st.one_of(st.builds(Formula, conditions(2)), _amounts()))
    yes_no = _is_yes_no(body)
    finish = draw(
        st.lists(
            st.builds(rounding, st.sampled_from(["1", "0.01"]), modes)
            | st.builds(lambda w, b: Limit(w, b, span=at()), st.sampled_from(["cap", "floor"]), numbers(1)),
            max_size=2,
        )
    )
    lines: tuple[Any, ...] = () if isinstance(body, Allotment) or yes_no else tuple(finish)
    grain = CENT if lines and isinstance(lines[-1], Rounding) else None
    kind = YES_NO if yes_no else AMOUNT
    column = (
        draw(st.sampled_from(["left", "right"])) if isinstance(body, Lookup) and _has_parts(body) else None
    )
    if isinstance(body, Allotment):
        column = draw(st.sampled_from([None, "x1", "x", "y"]))
    reader: Expr = ref("d", kind, column)
    second = If(reader, A, B, AMOUNT, span=at()) if yes_no else Multiply(reader, B, AMOUNT, span=at())
    last = define("e", AMOUNT, Formula(second), EVERYTHING, grain=None)
    first = define("d", kind, body, EVERYTHING, finish=lines, grain=grain)
    other = draw(st.builds(Formula, conditions(2)) if yes_no else _amounts())
    if draw(st.integers(0, 3)) or _has_parts(body) or _has_parts(other):
        return program(first, last)
    return dated(first, other, draw(days), last)


def dated(first: Definition, other: Body, start: date, last: Definition) -> Program:
    """The program in which `first` holds before a day and `other` from then on, as editions by date are lowered."""
    names = ("d_1", "d_2")
    editions = [
        define(n, first.kind, body, EVERYTHING, finish=first.finish, grain=first.grain)  # type: ignore[arg-type]
        for n, body in zip(names, (first.body, other), strict=True)
    ]
    begun = compare(">=", ON, const(start, DAY))
    earlier, later = (ref(n, first.kind) for n in names)
    picked = Formula(If(begun, later, earlier, first.kind, span=at()))
    front = define("d", first.kind, picked, EVERYTHING, grain=first.grain)
    return evolve(program(*editions, front, last), outputs=("d", "e"))


def program(*definitions: Definition, givens: tuple[Any, ...] = (), more: tuple[Any, ...] = ()) -> Program:
    """A policy of these definitions over two amounts `a` and `b`, a flag, a day, the day of the case, a level and marks."""
    given = (
        fact("a", AMOUNT, F(-30), F(300), CENT),
        fact("b", AMOUNT),
        fact("flag", YES_NO),
        fact("when", DAY, optional=True),
        fact("on", DAY, FIRST, LAST),
        fact("level", MemberOf("level")),
        fact("marks", SetOf("level")),
    )
    return Program(
        header("p", "P", None),
        (category("level", *((level, None) for level in LEVELS)),),
        (*given, *more),
        givens,
        definitions,
        tuple(d.name.key for d in definitions),
        (),
        (),
        (),
    )
