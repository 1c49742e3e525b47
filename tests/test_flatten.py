"""Do the integer steps of a policy mean what the policy means, and fit 64 bits? Against the interpreter, and by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

import engines
from engines import compared, expected, plain, program_of, rows_for
from policydsl.diagnostics.codes_backends import UNROUNDED_QUOTIENT
from policydsl.diagnostics.codes_flat import (
    FIGURES_TOO_WIDE,
    RANGE_MISSING,
    RANGE_TOO_WIDE,
    TOO_MANY_GROUNDS,
    TOO_MANY_MEMBERS,
)
from policydsl.diagnostics.model import Diagnostic, message, remedy
from policydsl.expressions import And, Divide, If, Interval, Multiply, Or, Present, Round, Undefined, Within
from policydsl.facts import Fact
from policydsl.flat import Bands, Flat, Pick, Place, Product, Quotient, reads, roots
from policydsl.flatten import flatten
from policydsl.flatten.building import Builder
from policydsl.flatten.days import count_of, end_of_period
from policydsl.flatten.values import round_quotient
from policydsl.ir import Band, Column, Exceptions, Formula, Given, Ground, Lookup, Program, Row, Schedule
from policydsl.kinds import AMOUNT, DAY, RATE, YES_NO, MemberOf, Quantity, SetOf
from policydsl.rounding import end_of_period as last_day
from policydsl.rounding import round_to
from programs import (
    CENT,
    F,
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
    ningxia,
    rate,
    ref,
    rounding,
    xinzhou,
    yuan,
)  # fmt: skip

A, B, FLAG, WHEN = given_input("a"), given_input("b"), given_input("flag", YES_NO), given_input("when", DAY)
FACTS: tuple[Fact, ...] = (
    fact("a", AMOUNT, F(0), F(1000), CENT),
    fact("b", AMOUNT, F(-10), F(10), CENT),
    fact("flag", YES_NO),
    fact("when", DAY, date(2019, 1, 1), date(2022, 12, 31), optional=True),
    fact("level", MemberOf("level")),
    fact("marks", SetOf("level")),
)
LEVELS = ("one", "two", "three")


def policy(
    *definitions: Any,
    facts: tuple[Fact, ...] = FACTS,
    givens: tuple[Given, ...] = (),
    members: Sequence[str] = LEVELS,
) -> Program:
    return Program(
        header("p", "P", None), (category("level", *((m, None) for m in members)),), facts, givens,
        definitions, tuple(d.name.key for d in definitions), (), (), (),
    )  # fmt: skip


def flat_of(program: Program, *outputs: str) -> Flat:
    found = flatten(program, outputs or None)
    assert isinstance(found, Flat), [message(d, "en") for d in found]
    return found


def refused(program: Program) -> Diagnostic:
    found = flatten(program)
    assert isinstance(found, tuple)
    (only,) = found
    return only


def same(program: Program, count: int = 60) -> None:
    rows = rows_for(program, count, 1)
    assert not compared(
        program, flat_of(program), rows, plain(flat_of(program), rows), [expected(program, r) for r in rows]
    )


@pytest.mark.parametrize("make", [ningxia, xinzhou])
def test_the_notices_come_out_the_same(make: Any) -> None:
    same(engines.ranged(make()), 150)


def test_a_difference_is_seen() -> None:
    program = policy(
        define(
            "x", AMOUNT, Formula(Multiply(A, rate("60"), AMOUNT, span=at())), "a", finish=(rounding("0.01"),)
        )
    )
    flat = flat_of(program)
    rows = rows_for(program, 50, 1)
    raw = plain(flat, rows)
    raw.values["x", None] = [value + (i == 7) for i, value in enumerate(raw.values["x", None])]
    raw.codes = [None for _ in raw.codes]
    found = compared(program, flat, rows, raw, [expected(program, row) for row in rows])
    assert len(found) == 1 + sum(isinstance(expected(program, row), str) for row in rows)


# the form of the steps


def test_the_payout_of_ningxia_is_one_schedule_and_one_division() -> None:
    flat = flat_of(ningxia(), "payout")
    (bands,) = [s for s in flat.steps if isinstance(s, Bands)]
    assert bands.rates == (
        (60, 61, 62, 63, 66, 70), (61, 63, 64, 65, 68, 73), (62, 66, 67, 68, 71, 75), (64, 68, 69, 70, 73, 77),
    )  # fmt: skip
    (deductible,) = [s for s in flat.steps if isinstance(s, Pick)]
    assert sorted(deductible.values) == sorted([1000000, 1000000, 950000, 950000, 850000, *[300000] * 5])
    assert sum(isinstance(s, Quotient) for s in flat.steps) == 1
    # 3,000 to 10 million yuan and above, in 1/10000 of a fen at most: 77% of what lies above each edge
    output = flat.outputs[0].columns[0]
    assert (output.den, output.grains) == (100, True)


def test_a_step_reads_only_earlier_ones_and_all_are_needed() -> None:
    for seed in range(40):
        flat = flatten(program_of(seed))
        assert isinstance(flat, Flat)
        read = set(roots(flat))
        for i, step in enumerate(flat.steps):
            assert all(j < i for j in reads(step))
            read.update(reads(step))
        assert read == set(range(len(flat.steps)))


def test_a_table_of_figures_is_one_look_up() -> None:
    rows = [
        Row(
            (Interval(yuan(low), True, yuan(low + 10), False, span=at()), frozenset({member})),
            (yuan(low + place),),
            span=at(),
        )
        for low in range(0, 1000, 10)
        for place, member in enumerate(LEVELS)
    ]
    keys = (key("a", AMOUNT), key("level", MemberOf("level"), "level"))
    program = policy(
        define("t", AMOUNT, Lookup(keys, (name("t"),), (AMOUNT,), tuple(rows), "agree"), "a level")
    )
    flat = flat_of(program)
    assert sum(isinstance(s, Place) for s in flat.steps) == 1
    assert max(len(s.values) for s in flat.steps if isinstance(s, Pick)) == 303
    # 1000元 itself is above every row
    assert expected(program, {"a": F(1000), "level": "one"}) == {"t": None}
    same(program)


def test_only_what_is_read_can_be_missing() -> None:
    missing = Undefined("nothing", AMOUNT, span=at())
    no_day = compare("==", WHEN, const(date(2020, 1, 1), DAY))
    program = policy(
        define("x", AMOUNT, Formula(missing), "a"),
        define("y", AMOUNT, Formula(If(FLAG, ref("x"), A, AMOUNT, span=at())), "a flag"),
        define(
            "z", YES_NO, Formula(And((Present("when", YES_NO, span=at()), no_day), YES_NO, span=at())), "when"
        ),
        define("w", YES_NO, Formula(Or((no_day, FLAG), YES_NO, span=at())), "when flag"),
    )
    flat = flat_of(program)
    row = {"a": F(5), "flag": False, "when": None}
    raw = plain(flat, [row, {**row, "flag": True}])
    assert engines.outcome(flat, raw, 0) == {"x": None, "y": {None: F(5)}, "z": {None: False}, "w": None}
    assert engines.outcome(flat, raw, 1) == {"x": None, "y": None, "z": {None: False}, "w": None}


def test_grounds_and_those_that_hold_are_told() -> None:
    veteran = Ground(name("veteran"), compare(">", A, yuan(5)), yuan(7), False, span=at())
    grounds = (
        Ground(name("full"), FLAG, yuan(3), False, (veteran,), span=at()),
        Ground(name("fixed"), compare(">", A, yuan(2)), yuan(3), False, span=at()),
    )
    program = policy(define("x", AMOUNT, Exceptions(yuan(1), grounds, "greatest"), "a flag"))
    flat = flat_of(program)
    rows: list[dict[str, Any]] = [
        {"a": F(a), "flag": flag} for a, flag in ((1, False), (9, True), (3, True), (9, False))
    ]
    raw = plain(flat, rows)
    assert [engines.outcome(flat, raw, i) for i in range(4)] == [
        {"x": {None: F(1), "ground": "base", "held": ()}},
        {"x": {None: F(7), "ground": "full.veteran", "held": ("full", "full.veteran", "fixed")}},
        {"x": {None: F(3), "ground": "full", "held": ("full", "fixed")}},
        {"x": {None: F(3), "ground": "fixed", "held": ("fixed",)}},
    ]


def test_inputs_are_judged_in_their_order_then_the_givens() -> None:
    promise = Given(compare("<", A, yuan(500)), ("a",), span=at("a below 500元"))
    program = policy(define("x", AMOUNT, Formula(A), "a flag level"), givens=(promise,))
    flat = flat_of(program)
    rows: list[dict[str, Any]] = [
        {"a": F(-1), "flag": None, "level": "one"},
        {"a": F(1), "flag": None, "level": "four"},
        {"a": F(501), "flag": True, "level": "four"},
        {"a": F(501), "flag": True, "level": "one"},
        {"a": F(1, 1000), "flag": True, "level": "one"},
        {"a": F(1001), "flag": True, "level": "one"},
    ]
    assert plain(flat, rows).codes == ["PC104", "PC101", "PC106", "PC107", "PC105", "PC104"]
    assert [expected(program, row) for row in rows] == plain(flat, rows).codes


# roundings and days


@pytest.mark.parametrize("mode", ["half_up", "half_down", "half_even", "up", "down", "ceiling", "floor"])
@pytest.mark.parametrize("by", [1, 2, 3, 7, 10, 100])
@pytest.mark.parametrize("fixed", [True, False], ids=["by a figure", "by a value"])
@pytest.mark.parametrize(("low", "high"), [(-45, 45), (0, 45), (-45, -1)])
def test_every_rounding_divides_integers_that_are_not_below_zero(
    mode: Any, by: int, fixed: bool, low: int, high: int
) -> None:
    from policydsl.flat import Column as Given_

    b = Builder()
    n = b.add(Given_("n"), low, high)
    d = b.whole(by) if fixed else b.add(Given_("d"), 1, 200)
    result = round_quotient(b, n, d, mode)
    for value in range(low, high + 1):
        columns: list[Any] = []
        for step, (least, most) in zip(b.steps, b.ranges, strict=True):
            inputs = {"n": value, "d": by}
            columns.append(
                inputs[step.fact]
                if isinstance(step, Given_)
                else engines.run(step, [columns[j] for j in reads(step)])
            )
            assert least <= columns[-1] <= most
        assert columns[result] == round_to(Fraction(value, by), Fraction(1), mode), (value, by)


@pytest.mark.parametrize("overflow", ["last", "next"])
@pytest.mark.parametrize(
    ("length", "unit"),
    [
        (0, "day"),
        (90, "day"),
        (1, "month"),
        (3, "month"),
        (11, "month"),
        (1, "year"),
        (4, "year"),
        (8000, "year"),
    ],
)
def test_a_period_ends_on_the_day_the_calendar_says(length: int, unit: Any, overflow: Any) -> None:
    from policydsl.flat import Column as Given_

    b = Builder()
    day = b.add(Given_("day"), count_of(date.min), count_of(date.max))
    result = end_of_period(b, day, length, unit, overflow)
    starts = [
        date(y, m, d)
        for y in (1, 1899, 1900, 2000, 2019, 2020, 2100, 9999)
        for m in range(1, 13)
        for d in (1, 15, 28)
    ]
    starts += [
        date(y, m, d)
        for y in (1900, 2000, 2020, 2023, 9999)
        for m, d in ((1, 29), (1, 30), (1, 31), (3, 31), (12, 31), (2, 28))
    ]
    starts += [date(2020, 2, 29), date(2000, 2, 29), date.min, date.max]
    for start in starts:
        columns: list[Any] = []
        for step, (least, most) in zip(b.steps, b.ranges, strict=True):
            columns.append(
                count_of(start)
                if isinstance(step, Given_)
                else engines.run(step, [columns[j] for j in reads(step)])
            )
            assert least <= columns[-1] <= most, (start, step)
        assert columns[result] == count_of(last_day(start, length, unit, overflow)), start


def test_a_period_from_a_day_of_the_case_is_computed() -> None:
    facts = (*FACTS, fact("joined", DAY, date(2019, 1, 1), date(2022, 12, 31)))
    inside = Within(given_input("joined", DAY), WHEN, 3, "month", YES_NO, "last", span=at())
    same(
        policy(
            define(
                "x",
                YES_NO,
                Formula(And((Present("when", YES_NO, span=at()), inside), YES_NO, span=at())),
                "when joined",
            ),
            facts=facts,
        ),
        200,
    )


def test_quotients_of_inputs_are_exact_until_they_are_rounded() -> None:
    quotient = Divide(A, B, AMOUNT, span=at())
    both = Divide(Divide(A, B, AMOUNT, span=at()), given_input("b"), AMOUNT, span=at())
    same(policy(
        define("x", AMOUNT, Formula(Round(quotient, CENT, "half_even", AMOUNT, span=at())), "a b"),
        define("y", YES_NO, Formula(compare(">", quotient, yuan(3))), "a b"),
        define("z", AMOUNT, Formula(Round(Multiply(both, A, AMOUNT, span=at()), F(1), "half_up", AMOUNT, span=at())), "a b"),
    ), 200)  # fmt: skip


# what does not fit


def test_a_range_that_is_too_wide_is_named_with_one_that_would_do() -> None:
    facts = (
        fact("cost", AMOUNT, F(0), F(10) ** 12, CENT),
        fact("persons", Quantity(AMOUNT.unit), F(0), F(10) ** 9, CENT),
    )
    product = Multiply(given_input("cost"), given_input("persons"), AMOUNT, span=at("cost × persons"))
    program = policy(
        define("total", AMOUNT, Formula(product), "cost persons", finish=(rounding("0.01"),)), facts=facts
    )
    found = refused(program)
    assert found.code is RANGE_TOO_WIDE
    assert found.span.text == "cost"
    assert found.labels[0].span.text == "cost × persons"
    # 10**12 元 are 10**14 fen and 10**9 are 10**11 hundredths: 10**25; with 10**6 元 it is 10**19, with 10**5 10**18
    assert "“cost” may be up to 1000000000000元" in message(found, "en")
    assert "“cost”最大可为1000000000000元" in message(found, "zh")
    assert ", for example up to 100000元;" in remedy(found, "en")
    assert "，例如不超过100000元；" in remedy(found, "zh")
    narrow = (fact("cost", AMOUNT, F(0), F(10) ** 5, CENT), facts[1])
    flat_of(policy(*program.definitions, facts=narrow))


def test_an_amount_without_a_limit_is_named() -> None:
    program = policy(
        define("x", AMOUNT, Formula(given_input("cost")), "cost"),
        facts=(fact("cost", AMOUNT, F(0), None, CENT),),
    )
    assert refused(program).code is RANGE_MISSING


def test_a_count_without_a_limit_fits_by_itself() -> None:
    facts = (fact("n", RATE, F(0), None, F(1)),)
    flat_of(policy(define("x", RATE, Formula(given_input("n", RATE)), "n"), facts=facts))


def test_a_range_that_is_just_wide_enough_is_accepted() -> None:
    def doubled(high: int) -> Program:
        facts = (fact("cost", RATE, F(0), F(high), F(1)),)
        return policy(
            define(
                "x",
                RATE,
                Formula(Multiply(given_input("cost", RATE), const(F(2), RATE), RATE, span=at())),
                "cost",
            ),
            facts=facts,
        )

    flat_of(doubled(2**62 - 1))
    assert refused(doubled(2**62)).code is RANGE_TOO_WIDE


def test_figures_alone_can_be_too_large() -> None:
    third = const(F(1, 3**25), RATE)
    square = Multiply(
        Multiply(A, third, AMOUNT, span=at()), Multiply(third, A, AMOUNT, span=at()), AMOUNT, span=at()
    )
    power = If(FLAG, const(F(1, 7**20), RATE), const(F(1, 11**20), RATE), RATE, span=at())
    assert refused(policy(define("x", AMOUNT, Formula(power), "flag", grain=None))).code is FIGURES_TOO_WIDE
    flat_of(policy(define("x", AMOUNT, Formula(square), "a", grain=None)))


def test_a_mask_has_room_for_62() -> None:
    marks = (fact("marks", SetOf("level")), *FACTS[:1])
    shares = policy(
        define("x", AMOUNT, Formula(A), "a marks"), facts=marks, members=[f"m{i}" for i in range(62)]
    )
    flat_of(shares)
    more = policy(
        define("x", AMOUNT, Formula(A), "a marks"), facts=marks, members=[f"m{i}" for i in range(63)]
    )
    assert refused(more).code is TOO_MANY_MEMBERS
    grounds = tuple(Ground(name(f"g{i}"), FLAG, yuan(i), False, span=at()) for i in range(63))
    assert (
        refused(policy(define("x", AMOUNT, Exceptions(yuan(1), grounds, "first"), "flag"))).code
        is TOO_MANY_GROUNDS
    )


def test_an_output_that_is_an_unrounded_quotient_is_refused() -> None:
    program = policy(define("x", AMOUNT, Formula(Divide(A, B, AMOUNT, span=at())), "a b", grain=None))
    assert refused(program).code is UNROUNDED_QUOTIENT


def test_an_output_that_does_not_exist_is_no_output() -> None:
    with pytest.raises(KeyError):
        flatten(ningxia(), ["payed"])


# schedules


def bands(edges: Sequence[Any], rates: Sequence[int], last: bool = True) -> Schedule:
    rows = []
    for i, (low, cell) in enumerate(zip(edges, rates, strict=False)):
        high = edges[i + 1] if i + 1 < len(edges) else None
        assert high is not None or last
        rows.append(
            Band(
                low, False, high, True, (rate(cell),), Interval(low, False, high, True, span=at()), span=at()
            )
        )
    return Schedule(A, "marginal", (), (Column((), "", span=at()),), tuple(rows), True)


def test_hundreds_of_bands_are_one_step() -> None:
    many = bands([yuan(i) for i in range(600)], [i % 90 for i in range(600)])
    program = policy(define("x", AMOUNT, many, "a", finish=(rounding("0.01"),)))
    (step,) = [s for s in flat_of(program).steps if isinstance(s, Bands)]
    assert len(step.edges) == 600
    same(program)


def test_bands_that_no_amount_reaches_are_left_out() -> None:
    many = bands([yuan(i) for i in (0, 500, 1000, 2000)], [10, 20, 30, 40])
    flat = flat_of(policy(define("x", AMOUNT, many, "a", finish=(rounding("0.01"),))))
    (step,) = [s for s in flat.steps if isinstance(s, Bands)]
    assert step.rates == ((1, 2),)  # tenths: 10% and 20% of amounts up to 1000元


def test_an_edge_that_may_pass_another_is_summed_slice_by_slice() -> None:
    crossing = bands([yuan(0), given_input("b"), yuan(5)], [10, 20, 30])
    flat = flat_of(policy(define("x", AMOUNT, crossing, "a b", finish=(rounding("0.01"),))))
    assert not any(isinstance(s, Bands) for s in flat.steps)
    assert sum(isinstance(s, Product) for s in flat.steps) >= 1
    same(policy(define("x", AMOUNT, crossing, "a b", finish=(rounding("0.01"),))))
