"""Does the interpreter mean what the notices say, and what a second evaluator says?"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import drawing
from policydsl.examples import check_ensures, run_example
from policydsl.expressions import (
    LARGEST_FRACTIONS,
    Add,
    And,
    Divide,
    Expr,
    HasAny,
    If,
    Interval,
    IsMember,
    Limit,
    Not,
    Or,
    Present,
    Rounding,
    RoundingMode,
    Subtract,
    Undefined,
    Value,
)
from policydsl.interpret import Environment, compute, evaluate, problems
from policydsl.ir import (
    Allotment,
    Arm,
    Band,
    Column,
    Definition,
    Division,
    Ensure,
    Example,
    Exceptions,
    Expectation,
    Formula,
    Given,
    Ground,
    Lookup,
    Overlap,
    Part,
    Program,
    Row,
    Schedule,
)
from policydsl.kinds import AMOUNT, DAY, YES_NO, MemberOf, SetOf
from policydsl.rounding import end_of_period, round_to
from policydsl.runtime import PolicyError
from programs import (
    CENT,
    PER_YEAR,
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
    nested_funding,
    ningxia,
    part,
    rate,
    ref,
    rounding,
    xinzhou,
    yuan,
)
from second import NoAnswer, Second

NINGXIA = ningxia()
XINZHOU = xinzhou()


def answer(program: Program, output: str, **facts: Value) -> Value:
    return evaluate(program, facts, [output]).step(output).value


def shares(program: Program, output: str, **facts: Value) -> dict[str, Any]:
    return dict(evaluate(program, facts, [output]).step(output).parts)


def refusal(program: Program, output: str, **facts: Value) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        evaluate(program, facts, [output])
    return caught.value


def only(*definitions: Definition, facts: tuple[Any, ...] = (), givens: tuple[Given, ...] = ()) -> Program:
    """A policy of these definitions over two numbers `a` and `b`, a flag, a day and a level."""
    standard = (
        fact("a", AMOUNT),
        fact("b", AMOUNT),
        fact("flag", YES_NO),
        fact("when", DAY, optional=True),
        fact("level", MemberOf("level")),
        fact("marks", SetOf("level")),
    )
    return Program(
        header("p", "P", None),
        (category("level", ("one", None), ("two", None), ("three", None)),),
        (*standard, *facts),
        givens,
        definitions,
        tuple(d.name.key for d in definitions),
        (),
        (),
        (),
    )


A, B = given_input("a"), given_input("b")


def value_of(expr: Expr, **facts: Value) -> Value:
    return compute(expr, Environment(facts, {}, "test")).value


# the notices


@pytest.mark.parametrize(
    ("cost", "city", "group", "disease", "expected"),
    [
        # reading M of the notice's table: each slice of the yearly cost at its band's rate
        ("100000", "yinchuan", "ordinary", "common", "54000"),
        ("100000.50", "yinchuan", "ordinary", "common", "54000.31"),
        ("120000", "yinchuan", "ordinary", "common", "66200"),
        ("200000", "guyuan", "ordinary", "common", "115900"),
        ("600000", "yinchuan", "ordinary", "common", "376000"),
        ("600000", "guyuan", "ordinary", "common", "376900"),
        ("600000", "zhongwei", "rural_poor", "common", "407140"),
        # 97,000 × 64% + 50,000 × 68%
        ("150000", "guyuan", "rural_poor", "major", "96080"),
        # 91,500 × 61% + 50,000 × 63%
        ("150000", "guyuan", "ordinary", "major", "87315"),
        ("10000", "yinchuan", "ordinary", "common", "0"),
        ("0", "yinchuan", "ordinary", "common", "0"),
        ("3000.01", "wuzhong", "rural_poor", "major", "0.01"),
    ],
)
def test_ningxia_pays_the_figures_worked_out_by_hand(
    cost: str, city: str, group: str, disease: str, expected: str
) -> None:
    facts: dict[str, Value] = {"cost": F(cost), "city": city, "group": group, "disease": disease}
    assert answer(NINGXIA, "payout", **facts) == F(expected)


def test_the_exact_value_before_the_rounding_is_in_the_trace() -> None:
    facts: dict[str, Value] = {"cost": F("100000.50"), "city": "yinchuan", "group": "ordinary"}
    step = evaluate(NINGXIA, facts | {"disease": "common"}, ["payout"]).step("payout")
    assert [(f.before, f.after) for f in step.finished] == [(F("54000.305"), F("54000.31"))]


def test_ningxia_splits_550_by_area() -> None:
    mountain = shares(NINGXIA, "funding", area="mountain")
    river = shares(NINGXIA, "funding", area="river")
    reclamation = shares(NINGXIA, "funding", area="reclamation")
    assert (mountain["central"], mountain["region"], mountain["local"]) == (440, 99, 11)
    assert (river["central"], river["region"], river["local"]) == (440, 66, 44)
    assert (reclamation["central"], reclamation["region"], reclamation["local"]) == (440, 110, 0)
    assert mountain["ningxia"] == 110
    assert mountain["total"] == 550


@pytest.mark.parametrize(
    ("total", "area", "central", "region", "local"),
    [
        # 575: 460 and 115; 115 × 9/10 = 103.5 goes up to 104, local takes 11
        (575, "mountain", 460, 104, 11),
        # 580: 464 and 116; 104.4 → 104 and 12; 69.6 → 70 and 46
        (580, "mountain", 464, 104, 12),
        (580, "river", 464, 70, 46),
        # 577: 461.6 → 462, ningxia 115 (not 115.4); then of 115, 103.5 → 104 and 11
        (577, "mountain", 462, 104, 11),
    ],
)
def test_a_nested_split_divides_the_rounded_share(
    total: int, area: str, central: int, region: int, local: int
) -> None:
    program = Program(
        NINGXIA.header, NINGXIA.categories, NINGXIA.facts, (),
        (nested_funding(const(F(total), PER_YEAR)),), ("funding",), (), (), (),
    )  # fmt: skip
    paid = shares(program, "funding", area=area)
    assert (paid["central"], paid["region"], paid["local"]) == (central, region, local)
    assert paid["central"] + paid["region"] + paid["local"] == total


def test_xinzhou_pays_the_printed_amounts() -> None:
    ordinary = shares(XINZHOU, "funding", county="ordinary")
    western = shares(XINZHOU, "funding", county="western")
    assert [ordinary[p] for p in ("中央", "省", "市", "县", "市县")] == [348, 116, 26, 90, 116]
    assert [western[p] for p in ("中央", "省", "市", "县", "市县")] == [464, 58, F("13.5"), F("44.5"), 58]


def test_of_several_grounds_the_greatest_gives_the_value_and_all_are_listed() -> None:
    both = evaluate(NINGXIA, {"statuses": frozenset({"subsistence", "orphan"})}, ["self_pay"])
    step = both.step("assistance")
    assert (step.value, step.part("ground"), step.part("held")) == (300, "full", ("full", "fixed"))
    assert both.step("self_pay").value == 0
    nobody = evaluate(NINGXIA, {"statuses": frozenset()}, ["assistance"]).step("assistance")
    assert (nobody.value, nobody.part("ground"), nobody.part("held")) == (0, "base", ())


@pytest.mark.parametrize(
    ("left", "joined", "days"),
    [
        (date(2021, 2, 28), date(2021, 5, 28), 0),  # the last day counts
        (date(2021, 2, 28), date(2021, 5, 29), 90),
        (date(2021, 2, 28), date(2021, 2, 28), 0),  # the first day counts
        (date(2021, 3, 1), date(2021, 2, 28), 90),  # before it is not within
        (date(2020, 11, 30), date(2021, 2, 28), 0),  # there is no 30 February
        (date(2020, 11, 30), date(2021, 3, 1), 90),
        (None, date(2021, 2, 28), 90),  # never interrupted
    ],
)
def test_three_months_include_both_ends_and_end_with_a_short_month(
    left: date | None, joined: date, days: int
) -> None:
    facts: dict[str, Value] = {"window": False, "joined": joined, "left": left, "general_waiting": F(90)}
    assert answer(XINZHOU, "waiting", **facts) == days


# facts


def test_only_what_the_output_needs_is_required_but_everything_given_is_checked() -> None:
    assert answer(NINGXIA, "deductible", city="guyuan", group="ordinary") == 8500
    assert refusal(NINGXIA, "deductible", city="guyuan", group="ordinary", area="sea").code == "PC106"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cost": F(-1)}, "PC104"),
        ({"cost": F(10**8) + CENT}, "PC104"),
        ({"cost": F(1, 3)}, "PC105"),
        ({"cost": "100"}, "PC103"),
        ({"cost": True}, "PC103"),
        ({"cost": None}, "PC101"),
        ({"city": F(1)}, "PC103"),
        ({"city": "银川市"}, "PC106"),
        ({"statuses": frozenset({"king"})}, "PC106"),
        ({"statuses": "orphan"}, "PC103"),
        ({"colour": "red"}, "PC102"),
    ],
)
def test_a_wrong_fact_is_refused_by_code(change: dict[str, Value], code: str) -> None:
    facts: dict[str, Value] = {"cost": F(1), "city": "guyuan", "group": "ordinary", "disease": "major"}
    error = refusal(NINGXIA, "payout", **(facts | change))
    assert (error.code, error.name) == (code, next(iter(change)))


def test_the_ends_of_a_range_are_in_it() -> None:
    facts: dict[str, Value] = {"city": "guyuan", "group": "ordinary", "disease": "major"}
    assert problems(NINGXIA, facts | {"cost": F(0)}, ["payout"]) == ()
    assert problems(NINGXIA, facts | {"cost": F(10**8)}, ["payout"]) == ()


def test_all_problems_come_at_once_in_the_order_of_the_policy() -> None:
    found = problems(NINGXIA, {"city": "paris", "cost": F(-1), "colour": True}, ["payout"])
    assert [(p.code, p.name) for p in found] == [
        ("PC104", "cost"), ("PC106", "city"), ("PC101", "group"), ("PC101", "disease"), ("PC102", "colour"),
    ]  # fmt: skip


def test_a_datetime_is_no_day() -> None:
    error = refusal(XINZHOU, "funding", county="western", joined=datetime(2021, 3, 1, 12))
    assert (error.code, error.name) == ("PC103", "joined")


def test_facts_that_contradict_a_given_are_refused_with_its_words() -> None:
    error = refusal(NINGXIA, "deductible", city="guyuan", group="rural_poor", statuses=frozenset({"orphan"}))
    assert (error.code, error.allowed) == ("PC107", "group is rural_poor exactly when …")
    poor = frozenset({"registered_poor"})
    assert answer(NINGXIA, "deductible", city="guyuan", group="rural_poor", statuses=poor) == 3000


def test_a_missing_optional_fact_is_an_error_and_none_says_that_it_does_not_exist() -> None:
    facts: dict[str, Value] = {"window": False, "joined": date(2021, 3, 1), "general_waiting": F(90)}
    error = refusal(XINZHOU, "waiting", **facts)
    assert (error.code, error.name) == ("PC101", "left")
    assert answer(XINZHOU, "waiting", **facts, left=None) == 90


def test_a_default_is_filled_in_and_stands_in_the_trace() -> None:
    facts: dict[str, Value] = {"window": True, "joined": date(2021, 3, 1), "left": None}
    trace = evaluate(XINZHOU, facts | {"general_waiting": F(90)}, ["waiting"])
    assert dict(trace.facts)["person"] == "other"


def test_an_open_figure_is_required_of_the_outputs_that_reach_it() -> None:
    facts: dict[str, Value] = {"window": True, "joined": date(2021, 3, 1), "left": None}
    assert refusal(XINZHOU, "waiting", **facts).name == "general_waiting"
    assert answer(XINZHOU, "funding", county="western") == 580


def test_an_unknown_output_is_the_callers_mistake() -> None:
    with pytest.raises(KeyError):
        evaluate(NINGXIA, {}, ["payment"])


# expressions


@pytest.mark.parametrize(
    ("mode", "results"),
    [
        #            2.5  -2.5   3.5  -3.5   2.4  -2.4   2.6  -2.6    3
        ("half_up", (3, -3, 4, -4, 2, -2, 3, -3, 3)),
        ("half_down", (2, -2, 3, -3, 2, -2, 3, -3, 3)),
        ("half_even", (2, -2, 4, -4, 2, -2, 3, -3, 3)),
        ("up", (3, -3, 4, -4, 3, -3, 3, -3, 3)),
        ("down", (2, -2, 3, -3, 2, -2, 2, -2, 3)),
        ("ceiling", (3, -2, 4, -3, 3, -2, 3, -2, 3)),
        ("floor", (2, -3, 3, -4, 2, -3, 2, -3, 3)),
    ],
)
def test_seven_roundings(mode: RoundingMode, results: tuple[int, ...]) -> None:
    values = [F(v) for v in ("2.5", "-2.5", "3.5", "-3.5", "2.4", "-2.4", "2.6", "-2.6", "3")]
    assert [round_to(v, F(1), mode) for v in values] == list(results)


def test_rounding_goes_to_any_multiple() -> None:
    assert round_to(F("123.45"), F(10), "half_up") == 120
    assert round_to(F("12.25"), F(1, 2), "half_up") == F("12.5")
    assert round_to(F(1, 3), CENT, "up") == F("0.34")


@pytest.mark.parametrize(
    ("start", "length", "unit", "last", "following"),
    [
        # 90天内 of 1 March ends 30 May
        (date(2021, 3, 1), 90, "day", date(2021, 5, 30), date(2021, 5, 30)),
        (date(2021, 1, 31), 1, "month", date(2021, 2, 28), date(2021, 3, 1)),
        (date(2020, 2, 29), 1, "year", date(2021, 2, 28), date(2021, 3, 1)),
        (date(2021, 8, 31), 3, "month", date(2021, 11, 30), date(2021, 12, 1)),
        (date(2021, 10, 31), 14, "month", date(2022, 12, 31), date(2022, 12, 31)),
        (date(9999, 12, 1), 3, "month", date.max, date.max),
        (date(9999, 12, 1), 300, "day", date.max, date.max),
    ],
)
def test_periods_end_on_the_last_day_or_on_the_next(
    start: date, length: int, unit: Any, last: date, following: date
) -> None:
    assert end_of_period(start, length, unit, "last") == last
    assert end_of_period(start, length, unit, "next") == following


def test_a_fact_that_does_not_exist_is_not_read_behind_has() -> None:
    has = Present("when", YES_NO, span=at())
    day = given_input("when", DAY)
    after = compare(">", day, const(date(2021, 1, 1), DAY))
    assert value_of(And((has, after), YES_NO, span=at()), when=None) is False
    assert value_of(Or((Not(has, YES_NO, span=at()), after), YES_NO, span=at()), when=None) is True
    chosen = If(has, after, const(False, YES_NO), YES_NO, span=at())
    assert value_of(chosen, when=None) is False
    with pytest.raises(PolicyError, match="PC108"):
        value_of(after, when=None)


def test_division_by_zero_is_no_answer() -> None:
    with pytest.raises(PolicyError, match="PC108"):
        value_of(Divide(A, B, AMOUNT, span=at()), a=F(1), b=F(0))


def test_undefined_says_why_and_counts_only_where_it_is_read() -> None:
    undefined = define("u", AMOUNT, Formula(Undefined("not for this year", AMOUNT, span=at())))
    guarded = define(
        "g",
        AMOUNT,
        Formula(If(given_input("flag", YES_NO), ref("u"), A, AMOUNT, span=at())),
        "flag a",
    )
    program = only(undefined, guarded)
    error = refusal(program, "g", flag=True, a=F(1))
    assert (error.code, error.output, error.name, error.allowed) == ("PC108", "g", "u", "not for this year")
    trace = evaluate(program, {"flag": False, "a": F(1)}, ["g"])
    assert [s.definition.name.key for s in trace.steps] == ["g"]


def test_a_long_chain_of_definitions_is_computed_without_recursion() -> None:
    chain = [define("d0", AMOUNT, Formula(A), "a")]
    for i in range(1, 3000):
        chain.append(define(f"d{i}", AMOUNT, Formula(Add(ref(f"d{i - 1}"), yuan(1), AMOUNT, span=at())), "a"))
    assert answer(only(*chain), "d2999", a=F(1)) == 3000


# tables, bands, grounds, splits


def table(overlap: Overlap) -> Program:
    """Rows for amounts up to 10, from 5 to 20, and any amount of level one: 1, 7 and 3."""
    rows = (
        Row((Interval(None, False, yuan(10), True, span=at()), None), (yuan(1),), span=at()),
        Row((Interval(yuan(5), True, yuan(20), False, span=at()), None), (yuan(7),), span=at()),
        Row((None, frozenset({"one"})), (yuan(3),), span=at()),
    )
    keys = (key("a", AMOUNT), key("level", MemberOf("level"), "level"))
    return only(define("t", AMOUNT, Lookup(keys, (name("t"),), (AMOUNT,), rows, overlap), "a level"))


@pytest.mark.parametrize(
    ("overlap", "results"),
    [
        # (5, one): rows 1 2 3; (5, two): 1 2; (10, two): 1 2; (20, one): 3; (4.99, two): 1
        ("first", (1, 1, 1, 3, 1)),
        ("agree", (1, 1, 1, 3, 1)),
        ("greatest", (7, 7, 7, 3, 1)),
        ("least", (1, 1, 1, 3, 1)),
        ("sum", (11, 8, 8, 3, 1)),
        ("count", (3, 2, 2, 1, 1)),
    ],
)
def test_rows_that_hold_together(overlap: Overlap, results: tuple[int, ...]) -> None:
    cases = (("5", "one"), ("5", "two"), ("10", "two"), ("20", "one"), ("4.99", "two"))
    program = table(overlap)
    assert tuple(answer(program, "t", a=F(a), level=level) for a, level in cases) == results


def test_a_case_in_no_row_has_no_answer_but_a_sum_and_a_count() -> None:
    facts: dict[str, Value] = {"a": F(20), "level": "two"}
    assert refusal(table("first"), "t", **facts).code == "PC108"
    assert answer(table("sum"), "t", **facts) == 0
    assert answer(table("count"), "t", **facts) == 0


def test_a_table_of_two_results_is_read_by_column() -> None:
    rows = (
        Row((frozenset({"one"}),), (yuan(1), yuan(10)), span=at()),
        Row((frozenset({"two", "three"}),), (yuan(2), yuan(20)), span=at()),
    )
    body = Lookup(
        (key("level", MemberOf("level"), "level"),),
        (name("low"), name("high")),
        (AMOUNT, AMOUNT),
        rows,
        "agree",
    )
    spread = Subtract(ref("t", part="high"), ref("t", part="low"), AMOUNT, span=at())
    program = only(define("t", AMOUNT, body, "level"), define("spread", AMOUNT, Formula(spread), "level"))
    assert answer(program, "spread", level="three") == 18
    assert shares(program, "t", level="one") == {"low": 1, "high": 10}


def bands(mode: Any, *rows: tuple[int, int | None, Expr], **changes: Any) -> Program:
    """Bands over `a` as (low, high, cell), each with its high edge in it."""
    fields: dict[str, Any] = {"cells_are_rates": True} | changes
    made = tuple(
        Band(
            yuan(low),
            False,
            None if high is None else yuan(high),
            True,
            (cell,),
            Interval(yuan(low), False, None if high is None else yuan(high), True, span=at()),
            span=at(),
        )
        for low, high, cell in rows
    )
    body = Schedule(A, mode, (), (Column((), "", span=at()),), made, **fields)
    return only(define("s", AMOUNT, body, "a"))


def test_a_slab_takes_the_whole_above_the_first_edge_at_one_rate() -> None:
    program = bands("slab", (100, 200, rate(10)), (200, None, rate(20)))
    assert answer(program, "s", a=F(200)) == 10  # (200 − 100) × 10%
    assert answer(program, "s", a=F(200) + CENT) == (F(100) + CENT) / 5
    assert refusal(program, "s", a=F(100)).code == "PC108"


def test_a_slab_of_amounts_gives_the_amount_of_the_band() -> None:
    program = bands("slab", (0, 200, yuan(5)), (200, None, yuan(9)), cells_are_rates=False)
    assert answer(program, "s", a=F(200)) == 5
    assert answer(program, "s", a=F(201)) == 9


def test_between_two_points_lies_the_straight_line() -> None:
    program = bands(
        "interpolated", (0, 0, yuan(10)), (100, 100, yuan(20)), (200, 200, yuan(0)), cells_are_rates=False
    )
    assert answer(program, "s", a=F(25)) == F("12.5")
    assert answer(program, "s", a=F(100)) == 20
    assert answer(program, "s", a=F(150)) == 10
    assert refusal(program, "s", a=F(201)).code == "PC108"


def test_a_cap_limits_the_amount_that_counts() -> None:
    program = bands("marginal", (0, 100, rate(10)), (100, None, rate(20)), cap=yuan(150))
    assert answer(program, "s", a=F(1000)) == 20  # 100 × 10% + 50 × 20%


def test_slices_and_products_are_rounded_where_the_lines_say_so() -> None:
    rows = ((0, 100, rate(10)), (100, None, rate(20)))
    slice_, product = rounding(1, "down"), rounding("0.1", "up")
    plain = answer(bands("marginal", *rows), "s", a=F("133.77"))
    each_slice = answer(bands("marginal", *rows, each_slice=slice_), "s", a=F("133.77"))
    each_product = answer(bands("marginal", *rows, each_product=product), "s", a=F("133.77"))
    assert (plain, each_slice, each_product) == (F("16.754"), F("16.6"), F("16.8"))


def ground(key_: str, level: str, amount: int, *inner: Ground) -> Ground:
    when = HasAny(given_input("marks", SetOf("level")), frozenset({level}), YES_NO, span=at())
    return Ground(name(key_), when, yuan(amount), False, inner, span=at())


@pytest.mark.parametrize(
    ("overlap", "value", "chosen"),
    [
        ("first", 4, "x.inner"),
        ("agree", 4, "x.inner"),
        ("greatest", 7, "y"),
        ("least", 4, "x.inner"),
        ("sum", 11, "x"),
        ("count", 2, "x"),
    ],
)
def test_an_inner_ground_replaces_the_value_of_its_outer_one(
    overlap: Overlap, value: int, chosen: str
) -> None:
    body = Exceptions(
        yuan(1), (ground("x", "one", 100, ground("inner", "two", 4)), ground("y", "three", 7)), overlap
    )
    program = only(define("r", AMOUNT, body, "marks"))
    step = evaluate(program, {"marks": frozenset({"one", "two", "three"})}, ["r"]).step("r")
    assert (step.value, step.part("ground")) == (value, chosen)
    assert step.part("held") == ("x", "x.inner", "y")
    alone = evaluate(program, {"marks": frozenset({"two"})}, ["r"]).step("r")
    assert (alone.value, alone.part("ground")) == (1, "base")


def test_equal_grounds_name_the_first_of_the_text() -> None:
    body = Exceptions(yuan(1), (ground("x", "one", 7), ground("y", "two", 7)), "greatest")
    step = evaluate(only(define("r", AMOUNT, body, "marks")), {"marks": frozenset({"one", "two"})}).step("r")
    assert step.part("ground") == "x"


def divided(total: Expr, line: Rounding | None, *parts: Part) -> dict[str, Any]:
    names = tuple(name(p.payer) for p in parts)
    body = Allotment(total, Division((), (Arm((), parts, span=at()),), line), names, ())
    return shares(only(define("s", AMOUNT, body)), "s")


def test_the_holder_takes_the_whole_minus_the_others() -> None:
    # 100.01 in thirds: 33.34 each rounded half up would be 100.02
    thirds = [part(p, "1:1:1", F(1, 3)) for p in ("x", "y", "z")]
    assert divided(yuan("100.01"), rounding("0.01", holder="x"), *thirds) == {
        "x": F("33.33"), "y": F("33.34"), "z": F("33.34"), "total": F("100.01"),
    }  # fmt: skip


def test_fixed_parts_are_not_rounded_and_the_rest_is_what_they_leave() -> None:
    paid = divided(yuan(100), rounding(1), part("x", "12.5元"), part("y", "1/3", F(1, 3)), part("z", "rest"))
    assert paid == {"x": F("12.5"), "y": 33, "z": F("54.5"), "total": 100}


def test_largest_fractions_give_what_is_left_to_those_who_lost_most() -> None:
    # 10 in 1:2:4 is 1.43, 2.86, 5.71: rounded down 1 + 2 + 5, two left for y and z
    parts = [part(p, "1:2:4", F(w, 7)) for p, w in (("x", 1), ("y", 2), ("z", 4))]
    paid = divided(yuan(10), rounding(1, "down", LARGEST_FRACTIONS), *parts)
    assert paid == {"x": 1, "y": 3, "z": 6, "total": 10}
    # equal fractions: the first in the text; half a step is left over and goes to the first too
    halves = [part(p, "1:1", F(1, 2)) for p in ("x", "y")]
    assert divided(yuan(5), rounding(1, "down", LARGEST_FRACTIONS), *halves)["x"] == 3
    assert divided(yuan("5.5"), rounding(1, "down", LARGEST_FRACTIONS), *halves) == {
        "x": F("3.5"), "y": 2, "total": F("5.5"),
    }  # fmt: skip


def test_limits_and_roundings_apply_in_the_order_written() -> None:
    cap = Limit("cap", yuan("10.4"), span=at())
    floor = Limit("floor", yuan("10.3"), span=at())
    first = define("x", AMOUNT, Formula(A), "a", finish=(cap, rounding(1)))  # type: ignore[arg-type]
    then = define("y", AMOUNT, Formula(A), "a", finish=(rounding(1), cap, floor))  # type: ignore[arg-type]
    program = only(first, then)
    assert [answer(program, o, a=F("10.6")) for o in ("x", "y")] == [10, F("10.4")]
    assert [answer(program, o, a=F("9.6")) for o in ("x", "y")] == [10, F("10.3")]


# examples and properties


def test_the_example_of_the_notice_passes_and_a_wrong_one_says_what_it_got() -> None:
    example = NINGXIA.examples[0]
    assert run_example(NINGXIA, example).passed
    wrong = Example(
        "wrong", example.facts, (Expectation("payout", None, F(96081), AMOUNT, span=at()),), span=at()
    )
    result = run_example(NINGXIA, wrong)
    assert not result.passed
    assert [(d.expected.output, d.got) for d in result.differs] == [("payout", F(96080))]
    assert result.trace is not None


def test_an_example_may_expect_a_payer_or_a_ground() -> None:
    expects = (
        Expectation("assistance", "ground", "fixed", None, span=at()),
        Expectation("funding", "local", F(11), AMOUNT, span=at()),
    )
    facts: tuple[tuple[str, Value], ...] = (("statuses", frozenset({"veteran"})), ("area", "mountain"))
    assert run_example(NINGXIA, Example("both", facts, expects, span=at())).passed


def test_a_refused_example_needs_a_refusal() -> None:
    def refused(**facts: Value) -> bool:
        return run_example(NINGXIA, Example("no", tuple(facts.items()), (), True, span=at())).passed

    assert refused(cost=F(-1))
    assert refused(group="rural_poor", statuses=frozenset({"orphan"}))
    assert not refused(city="guyuan", group="ordinary")
    assert not refused(cost=F(1))


def test_an_ensure_is_decided_on_the_examples_whose_facts_it_has() -> None:
    facts = dict(NINGXIA.examples[0].facts)
    assert [r.holds for r in check_ensures(NINGXIA, facts)] == [True]
    assert check_ensures(NINGXIA, {"area": "river"}) == ()
    broken = Ensure(holds=compare("<", ref("payout"), yuan(96080)), span=at())
    elsewhere = Ensure(
        holds=compare("<", ref("payout"), yuan(0)),
        when=IsMember(given_input("city", MemberOf("city")), frozenset({"wuzhong"}), YES_NO, span=at()),
        span=at(),
    )
    program = Program(
        NINGXIA.header, NINGXIA.categories, NINGXIA.facts, NINGXIA.givens, NINGXIA.definitions,
        NINGXIA.outputs, (broken, elsewhere), (), NINGXIA.examples,
    )  # fmt: skip
    result = run_example(program, NINGXIA.examples[0])
    assert not result.passed
    assert [b.ensure for b in result.broken] == [broken]


# against a second evaluator

_amounts = st.builds(lambda n: F(n, 100), st.integers(-3000, 30000))
_modes = st.sampled_from(["half_up", "half_down", "half_even", "up", "down", "ceiling", "floor"])
_steps = st.sampled_from([F(1), CENT, F(1, 2), F(10), F(3)])


@pytest.mark.parametrize("seed", range(0, 1000, 250))
def test_a_second_evaluator_gives_the_same_answer(seed: int) -> None:
    """A thousand random programs of every kind of body, three cases of each."""
    for one in range(seed, seed + 250):
        program = drawing.program(one)
        for facts, output in itertools.product(drawing.facts(one, 3), program.outputs):
            expected: Any
            try:
                expected = Second(program, facts).answer(output)
            except NoAnswer:
                expected = "no answer"
            assert answered(program, facts, output, parts=isinstance(expected, dict)) == expected, (
                one,
                facts,
            )


def answered(program: Program, facts: Mapping[str, Value], output: str, *, parts: bool) -> Any:
    """What the interpreter gives: a value, the parts by key, or that there is no answer."""
    try:
        step = evaluate(program, facts, [output]).step(output)
    except PolicyError as error:
        assert error.code == "PC108"
        return "no answer"
    return dict(step.parts) if parts else step.value


@settings(max_examples=200, derandomize=True, deadline=None)
@given(_amounts, _steps, _modes)
def test_roundings_agree_with_rounding_the_absolute_value(
    value: Fraction, step: Fraction, mode: RoundingMode
) -> None:
    from second import nearest

    assert round_to(value, step, mode) == nearest(value, step, mode)
