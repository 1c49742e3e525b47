"""Is the generated Python right, typed, exact and safe? Against the notices, the interpreter and misuse."""

from __future__ import annotations

import ast
import copy
import decimal
import itertools
import json
import math
import os
import pickle
import random
import subprocess
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import drawing
from policydsl import runtime
from policydsl.backends.python import CannotCompile, compile_program, digests, problems
from policydsl.backends.python.layout import comment
from policydsl.diagnostics.codes_backends import (
    NAME_COLLISION,
    NAME_WITHOUT_ALIAS,
    RESERVED_NAME,
    UNROUNDED_QUOTIENT,
)
from policydsl.expressions import Divide, If, Multiply, Round, Subtract, Undefined, Value
from policydsl.facts import Fact
from policydsl.files import read_source
from policydsl.interpret import evaluate
from policydsl.ir import Definition, Exceptions, Formula, Given, Ground, Program
from policydsl.kinds import AMOUNT, DAY, RATE, YES_NO, Day, MemberOf, Quantity, SetOf, YesNo
from policydsl.pipeline import check
from policydsl.rounding import round_to
from policydsl.runtime import PolicyError
from policydsl.source import Source
from policydsl.trace import Step
from programs import (
    CENT,
    DAYS,
    F,
    at,
    category,
    compare,
    const,
    define,
    fact,
    given_input,
    header,
    name,
    ningxia,
    quote,
    ref,
    rounding,
    xinzhou,
    yuan,
)
from random_programs import EVERYTHING, FIRST, program
from towns import TOWN_2020, TOWN_2021, together

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
_numbers = itertools.count()
#: what mypy knows of the standard library, from one run of the tests to the next
CACHE = str(ROOT / ".mypy_cache" / "generated")


def load(text: str, own: str = "") -> Any:
    """The module of a text, found in `sys.modules` as dataclasses and pickle need it."""
    module = types.ModuleType(own or f"generated_{next(_numbers)}")
    sys.modules[module.__name__] = module
    exec(compile(text, f"{module.__name__}.py", "exec"), module.__dict__)
    return module


@cache
def policy(place: str) -> Program:
    source = read_source(str(ROOT / "policies" / place))
    assert isinstance(source, Source)
    checked = check(source)
    assert checked.program is not None, checked.diagnostics
    return checked.program


@cache
def text_of(place: str, standalone: bool = False) -> str:
    return compile_program(policy(place), source_name=place, native_names=True, standalone=standalone)


@cache
def module(place: str) -> Any:
    return load(text_of(place), policy(place).header.name.key)


NX, XZ = "ningxia/2020.pol", "xinzhou/2021.pol"
POLICIES = (NX, XZ, "chongqing/2021.pol", "shandong/2021.pol", "linyi/2020.pol", "shandong/2020.pol")


def refused(function: Any, /, **row: Any) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        function(**row)
    return caught.value


# the notices, by hand

# NX-18 as printed: the upper edge of each band in 元, then per cent for ordinary members (common,
# 20 diseases) and for the rural poor (common, 20 diseases).
NOTICE = (
    (100000, 60, 61, 62, 64),
    (200000, 61, 63, 66, 68),
    (300000, 62, 64, 67, 69),
    (400000, 63, 65, 68, 70),
    (500000, 66, 68, 71, 73),
    (None, 70, 73, 75, 77),
)
START = {"yinchuan": 10000, "shizuishan": 10000, "wuzhong": 9500, "zhongwei": 9500, "guyuan": 8500}
COLUMN = {
    ("ordinary", "common"): 1,
    ("ordinary", "major"): 2,
    ("rural_poor", "common"): 3,
    ("rural_poor", "major"): 4,
}


def by_hand(fen: int, city: str, group: str, disease: str) -> int:
    """The payout in 分: slices between the edges in Fractions, the sum rounded half up."""
    left, low = Fraction(fen, 100), Fraction(START[city] if group == "ordinary" else 3000)
    paid = Fraction(0)
    for row in NOTICE:
        high = math.inf if row[0] is None else row[0]
        part = max(Fraction(0), (left if left < high else Fraction(int(high))) - low)
        paid += part * Fraction(row[COLUMN[group, disease]] or 0, 100)
        if high != math.inf:
            low = Fraction(int(high))
    return math.floor(100 * paid + Fraction(1, 2))


def edge_cases() -> Iterator[tuple[int, str, str, str]]:
    for (group, disease), city in itertools.product(COLUMN, START):
        start = START[city] if group == "ordinary" else 3000
        for edge in (0, start, *(row[0] for row in NOTICE if row[0]), 100_000_000):
            for fen in (100 * edge - 1, 100 * edge, 100 * edge + 1):
                if 0 <= fen <= 10_000_000_000:
                    yield fen, city, group, disease


def random_cases(count: int) -> Iterator[tuple[int, str, str, str]]:
    rng = random.Random(20201118)
    for _ in range(count):
        top = rng.choice((10**6, 10**7, 10**8, 10**10))
        group, disease = rng.choice(list(COLUMN))
        yield rng.randint(0, top), rng.choice(list(START)), group, disease


def test_the_payout_is_the_notices_table_on_20000_cases_and_every_edge() -> None:
    m = module(NX)
    staged: dict[tuple[str, str, str], Any] = {}
    for fen, *cell in (*edge_cases(), *random_cases(20_000)):
        city, group, disease = m.City(cell[0]), m.Group(cell[1]), m.Disease(cell[2])
        expected = by_hand(fen, *cell)
        assert m.payout_fen(cost_fen=fen, city=city, group=group, disease=disease) == expected
        key = (cell[0], cell[1], cell[2])
        if key not in staged:
            staged[key] = m.bind_payout_fen(city=city, group=group, disease=disease)
        assert staged[key](fen) == expected
        cost = Decimal(f"{fen // 100}.{fen % 100:02}")
        answer = m.payout(cost=cost, city=city, group=group, disease=disease)
        assert (type(answer), answer.as_tuple().exponent, answer * 100) == (Decimal, -2, expected)


@pytest.mark.parametrize(
    ("cost", "city", "group", "disease", "expected"),
    [
        ("150000", "guyuan", "rural_poor", "major", "96080.00"),  # 97,000 × 64% + 50,000 × 68%
        ("600000", "guyuan", "ordinary", "common", "376900.00"),
        ("100000.50", "yinchuan", "ordinary", "common", "54000.31"),  # 54,000.305
        ("8500", "guyuan", "ordinary", "major", "0.00"),
    ],
)
def test_the_payout_of_worked_cases(cost: str, city: str, group: str, disease: str, expected: str) -> None:
    m = module(NX)
    answer = m.payout(cost=Decimal(cost), city=m.City(city), group=m.Group(group), disease=m.Disease(disease))
    assert str(answer) == expected


def test_ningxia_splits_550_by_area() -> None:
    m = module(NX)
    shares = {
        a.value: (f.central, f.region, f.local, f.ningxia, f.total)
        for a in m.Area
        for f in (m.funding(area=a),)
    }
    assert shares == {
        "mountain": (440, 99, 11, 110, 550),
        "river": (440, 66, 44, 110, 550),
        "reclamation": (440, 110, 0, 110, 550),
    }


def test_xinzhou_pays_the_printed_amounts() -> None:
    m = load(compile_program(xinzhou(), source_name="x.pol", native_names=True))
    ordinary, western = (m.funding(county=c) for c in m.County)
    assert (ordinary.中央, ordinary.省, ordinary.市, ordinary.县, ordinary.市县) == (348, 116, 26, 90, 116)
    assert str(western.市) == "13.50"
    assert (western.中央, western.省, western.市, western.县, western.total) == (
        464, 58, Decimal("13.5"), Decimal("44.5"), 580,
    )  # fmt: skip
    assert m.funding_fen(county=m.County.WESTERN).县 == 4450


def test_a_person_of_two_groups_gets_the_greater_aid_and_both_are_listed() -> None:
    m = module(NX)
    both = m.assistance(statuses=[m.Status.SUBSISTENCE, m.Status.ORPHAN, m.Status.ORPHAN])
    assert (both.value, both.ground) == (300, m.AssistanceGround.FULL)
    assert both.held == (m.AssistanceGround.FULL, m.AssistanceGround.FIXED)
    nobody = m.assistance_fen(statuses=())
    assert (nobody.value, nobody.ground, nobody.held) == (0, m.AssistanceGround.BASE, ())
    assert m.self_pay(statuses={m.Status.VETERAN}) == 30


def test_a_waiting_period_is_lifted_on_the_last_day_of_three_months() -> None:
    m = load(compile_program(xinzhou(), source_name="x.pol", native_names=True))
    asked = {"window": False, "joined": date(2021, 2, 28), "general_waiting": 90}
    assert m.waiting(**asked, left=date(2020, 11, 30)).ground is m.WaitingGround.INTERRUPTED
    assert m.waiting(**asked, left=date(2020, 11, 27)).value == 90
    none = m.waiting(**asked, left=None, person=m.Person.OTHER)
    assert (none.value, none.ground, none.held) == (90, m.WaitingGround.BASE, ())
    assert m.POLICY.open_figures == ("general_waiting",)
    assert (
        refused(m.waiting, window=False, joined=date(2021, 2, 28), left=None, general_waiting=366).code
        == "PC104"
    )
    with pytest.raises(TypeError):
        m.waiting(window=False, joined=date(2021, 2, 28), general_waiting=90)  # `left` has no default


# against the interpreter


def as_given(row: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as callers of generated code give them."""

    def given_value(value: Value) -> Any:
        if not isinstance(value, Fraction):
            return value
        return Decimal(value.numerator) / Decimal(value.denominator)

    return {key: given_value(value) for key, value in row.items()}


def same(answer: Any, step: Step) -> bool:
    """Whether an answer of generated code is the interpreter's, part by part."""
    parts = dict(step.parts)
    if "ground" in parts:
        same_ground = (answer.ground, answer.held) == (parts["ground"], parts["held"])
        return same_ground and plain(answer.value) == step.value
    if parts:
        return all(plain(getattr(answer, key)) == value for key, value in parts.items())
    return bool(plain(answer) == step.value)


def plain(value: Any) -> Any:
    assert not isinstance(value, float)
    return Fraction(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


@pytest.mark.parametrize("seed", range(0, 160, 20))
def test_random_programs_answer_as_the_interpreter_does(seed: int) -> None:
    for one in range(seed, seed + 20):
        answers_alike(drawing.program(one), drawing.facts(one, 3))


def answers_alike(p: Program, rows: Sequence[dict[str, Value]]) -> None:
    """Whether a program compiled answers these cases as the interpreter does, in every way to ask it."""
    m = load(compile_program(p, source_name="p.pol"))
    for row, output in itertools.product(rows, ("d", "e")):
        try:
            step = evaluate(p, row, [output]).step(output)
        except PolicyError as error:
            mine = refused(getattr(m, output), **as_given(row))
            assert (mine.code, mine.output, mine.name) == (error.code, error.output, error.name)
            assert [e.code for e in getattr(m, f"problems_{output}")(**as_given(row))] == ["PC108"]
            continue
        answer = getattr(m, output)(**as_given(row))
        assert same(answer, step), (answer, step.value, step.parts)
        twin = getattr(m, f"{output}_fen", None)
        if twin is not None:
            fen: dict[str, Any] = {
                f"{k}_fen" if isinstance(v, Fraction) else k: int(v * 100) if isinstance(v, Fraction) else v
                for k, v in row.items()
            }
            settled = {k: fen[k] for k in ("flag", "level", "marks")}
            bound = getattr(m, f"bind_{output}_fen")(**settled)
            assert twin(**fen) == bound(fen["a_fen"], fen["b_fen"], fen["when"], fen["on"])
            amount = twin(**fen)
            if type(amount) is int:
                assert Fraction(amount, 100) == plain(answer)


def value_of(f: Fact, p: Program, rng: random.Random) -> Value:
    """A value of a fact, at an end of its range every third time."""
    if f.optional and rng.random() < 0.3:
        return None
    match f.kind:
        case Quantity():
            grain = f.grain or CENT
            low = f.low if isinstance(f.low, Fraction) else F(0)
            high = f.high if isinstance(f.high, Fraction) else F(10**6)
            top = int((high - low) / grain)
            return low + grain * rng.choice((0, top, rng.randint(0, top), rng.randint(0, min(top, 10**4))))
        case YesNo():
            return rng.random() < 0.5
        case Day():
            return date.fromordinal(date(2021, 1, 1).toordinal() + rng.randint(-400, 700))
        case MemberOf() as kind:
            return rng.choice(p.category(kind.category).members).name.key
        case SetOf() as kind:
            members = [m.name.key for m in p.category(kind.category).members]
            return frozenset(rng.sample(members, rng.randint(0, min(3, len(members)))))


@pytest.mark.parametrize("place", POLICIES)
def test_every_output_of_a_policy_answers_as_the_interpreter_does(place: str) -> None:
    p, m = policy(place), module(place)
    rng = random.Random(place)
    for output in p.outputs:
        needed = [p.fact(key) for key in p.definition(output).inputs]
        if not hasattr(m, output):
            constant = getattr(m, output.upper())
            assert plain(constant) == evaluate(p, {}, [output]).step(output).value
            continue
        for _ in range(40):
            row = {f.name.key: value_of(f, p, rng) for f in needed}
            if any(f.low is not None for f in needed if isinstance(f.kind, Day)):
                row |= {f.name.key: f.low for f in needed if isinstance(f.kind, Day) and f.low}
            given_row = {
                k: int(v) if isinstance(v, Fraction) and not m_takes_decimal(p.fact(k)) else v
                for k, v in row.items()
            }
            try:
                step = evaluate(p, row, [output]).step(output)
            except PolicyError as error:
                assert refused(getattr(m, output), **as_given(given_row)).code == error.code
            else:
                assert same(getattr(m, output)(**as_given(given_row)), step), (output, row)


def m_takes_decimal(f: Fact) -> bool:
    from policydsl.backends.python.names import is_int

    return not is_int(f)


# what is refused

CASE: dict[str, Any] = {"city": "guyuan", "group": "rural_poor", "disease": "major"}


@pytest.mark.parametrize(
    ("cost", "code"),
    [
        (150000, "PC103"),
        (150000.0, "PC103"),
        ("150000", "PC103"),
        (True, "PC103"),
        (None, "PC103"),
        (Decimal("NaN"), "PC104"),
        (Decimal("sNaN"), "PC104"),
        (Decimal("Infinity"), "PC104"),
        (Decimal("-Infinity"), "PC104"),
        (Decimal("-0"), "PC104"),
        (Decimal("-0.00"), "PC104"),
        (Decimal("-0.01"), "PC104"),
        (Decimal("100000000.01"), "PC104"),
        (Decimal("1e400000"), "PC104"),
        (Decimal("-1e400000"), "PC104"),
        (Decimal("0.001"), "PC105"),
        (Decimal("1e-400000"), "PC105"),
        (Decimal("1." + "0" * 5000 + "1"), "PC105"),
    ],
)
def test_an_amount_that_is_none_is_refused_at_once(cost: object, code: str) -> None:
    m = module(NX)
    error = refused(m.payout, cost=cost, **CASE)
    assert (error.code, error.output, error.name) == (code, "payout", "cost")
    assert [e.code for e in m.problems_payout(cost=cost, **CASE)] == [code]


def test_more_digits_than_the_grain_are_taken_when_they_say_nothing() -> None:
    m = module(NX)
    assert m.payout(cost=Decimal("150000." + "0" * 50), **CASE) == 96080
    assert m.payout(cost=Decimal("15E4"), **CASE) == 96080
    assert m.payout(cost=Decimal("0E+400000"), **CASE) == 0


class Numpyish(int):
    """Stands for an integer of another library: an int by inheritance, with arithmetic of its own."""

    def __mul__(self, other: object) -> Numpyish:
        return Numpyish(-1)

    __rmul__ = __mul__


@pytest.mark.parametrize(
    ("fen", "code"),
    [
        (True, "PC103"),
        (15_000_000.0, "PC103"),
        (Decimal(15_000_000), "PC103"),
        ("15000000", "PC103"),
        (Numpyish(15_000_000), "PC103"),
        (-1, "PC104"),
        (10_000_000_001, "PC104"),
        (10**400, "PC104"),
    ],
)
def test_the_integer_entry_takes_nothing_but_int_in_range(fen: object, code: str) -> None:
    m = module(NX)
    assert refused(m.payout_fen, cost_fen=fen, **CASE).code == code
    with pytest.raises(PolicyError) as caught:
        m.bind_payout_fen(**CASE)(fen)
    assert (caught.value.code, caught.value.name) == (code, "cost")


@pytest.mark.parametrize("city", ["固原市", "Guyuan", "", 3, None, ["guyuan"], {}, "rural_poor"])
def test_what_is_no_member_is_refused_and_the_key_is_taken(city: object) -> None:
    m = module(NX)
    for function, cost in ((m.payout, {"cost": Decimal(1)}), (m.payout_fen, {"cost_fen": 1})):
        error = refused(function, **cost, **(CASE | {"city": city}))
        assert (error.code, error.name) == ("PC106", "city")
        assert "guyuan" in error.allowed
    assert refused(m.bind_payout_fen, **(CASE | {"city": city})).name == "city"
    assert refused(m.deductible, city=city, group=m.Group.ORDINARY).name == "city"


def test_members_of_two_categories_with_one_key_are_not_taken_for_each_other() -> None:
    both = (category("left", ("same", None), ("l", None)), category("right", ("same", None), ("r", None)))
    keys = tuple(given_input(w, MemberOf(w)) for w in ("left", "right"))
    from policydsl.expressions import IsMember

    value = If(
        IsMember(keys[0], frozenset({"same"}), YES_NO, span=at()),
        If(IsMember(keys[1], frozenset({"same"}), YES_NO, span=at()), yuan(1), yuan(2), AMOUNT, span=at()),
        yuan(3),
        AMOUNT,
        span=at(),
    )
    p = Program(
        header("p", "P", None), both, tuple(fact(w, MemberOf(w)) for w in ("left", "right")), (),
        (define("x", AMOUNT, Formula(value), "left right"),), ("x",), (), (), (),
    )  # fmt: skip
    m = load(compile_program(p, source_name="p.pol"))
    assert m.x(left=m.Left.SAME, right=m.Right.R) == 2
    assert refused(m.x, left=m.Right.SAME, right=m.Left.SAME).name == "left"


@pytest.mark.parametrize("statuses", ["orphan", b"orphan", {"orphan": 1}, 3, None, iter([])])
def test_a_set_is_a_collection_and_no_string(statuses: object) -> None:
    m = module(NX)
    assert refused(m.self_pay, statuses=statuses).code == "PC103"


@pytest.mark.parametrize("statuses", [["orphans"], ["孤儿"], [None], [["orphan"]]])
def test_what_is_no_member_in_a_set_is_refused(statuses: object) -> None:
    assert refused(module(NX).self_pay, statuses=statuses).code == "PC106"


def test_a_datetime_is_no_date_and_an_int_no_yes() -> None:
    m = load(compile_program(xinzhou(), source_name="x.pol", native_names=True))
    good: dict[str, Any] = {"window": False, "joined": date(2021, 2, 28), "left": None, "general_waiting": 90}
    assert refused(m.waiting, **(good | {"joined": datetime(2021, 2, 28)})).code == "PC103"
    assert refused(m.waiting, **(good | {"joined": date(2022, 1, 1)})).code == "PC104"
    assert refused(m.waiting, **(good | {"window": 0})).code == "PC103"
    assert refused(m.waiting, **(good | {"general_waiting": True})).code == "PC103"
    assert refused(m.waiting, **(good | {"general_waiting": Decimal(90)})).code == "PC103"


def test_all_problems_of_a_case_come_at_once_in_the_policys_order() -> None:
    m = module(NX)
    found = m.problems_payout(disease=3, cost=Decimal("-1"), hospital="x", city=m.City.GUYUAN)
    expected = {("PC104", "cost"), ("PC101", "group"), ("PC106", "disease"), ("PC102", "hospital")}
    assert {(e.code, e.name) for e in found} == expected
    assert found[-1].name == "hospital"
    assert m.problems_payout(cost=Decimal(1), **CASE) == ()


def test_facts_that_contradict_a_given_are_refused_with_its_words() -> None:
    base = ningxia()
    row = "group statuses"
    p = Program(
        base.header, base.categories, base.facts, base.givens,
        (define("x", AMOUNT, Formula(yuan(1)), row),), ("x",), (), (), (),
    )  # fmt: skip
    m = load(compile_program(p, source_name="p.pol"))
    assert m.x(group=m.Group.RURAL_POOR, statuses=[m.Status.REGISTERED_POOR]) == 1
    error = refused(m.x, group=m.Group.RURAL_POOR, statuses=[])
    assert (error.code, error.allowed) == ("PC107", "group is rural_poor exactly when …")
    assert [e.code for e in m.problems_x(group=m.Group.RURAL_POOR, statuses=[])] == ["PC107"]


def test_no_answer_names_the_output_asked_for_and_the_definition_at_fault() -> None:
    body = If(
        given_input("flag", YES_NO), yuan(5), Undefined("not said", AMOUNT, span=at()), AMOUNT, span=at()
    )
    p = program(
        define("inner", AMOUNT, Formula(body), EVERYTHING),
        define("outer", AMOUNT, Formula(ref("inner")), EVERYTHING),
    )
    m = load(compile_program(p, source_name="p.pol"))
    row = {"a": Decimal(1), "b": Decimal(1), "when": None, "on": FIRST, "level": m.Level.ONE, "marks": []}
    assert m.outer(flag=True, **row) == 5
    error = refused(m.outer, flag=False, **row)
    assert (error.code, error.output, error.name, error.allowed) == ("PC108", "outer", "inner", "not said")


def test_errors_pickle_and_keep_the_case_out_of_their_text() -> None:
    m = module(NX)
    error = refused(m.payout, cost=Decimal("123456789.01"), **CASE)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.args, again.value) == (PolicyError, error.args, error.value)
    assert "123456789" not in str(error)
    assert "123456789.01" in error.message("zh")
    assert "0元 .. 100000000元" in error.message("zh")
    member = refused(m.payout, cost=Decimal(1), **(CASE | {"city": "Secret"}))
    assert "Secret" not in str(member)


def test_results_are_frozen_and_pickle() -> None:
    m = module(NX)
    answer = m.funding(area=m.Area.RIVER)
    with pytest.raises(AttributeError):
        answer.central = 0
    assert pickle.loads(pickle.dumps(answer)) == answer
    case = m.PayoutCase(
        cost=Decimal(150000), city=m.City.GUYUAN, group=m.Group.RURAL_POOR, disease=m.Disease.MAJOR
    )
    assert pickle.loads(pickle.dumps(case)).payout() == 96080
    assert copy.deepcopy(m.City.GUYUAN) is m.City.GUYUAN


def test_members_are_found_by_key_label_and_code() -> None:
    m = module(NX)
    assert m.City.parse("固原市") is m.City.parse("640400") is m.City.parse("guyuan") is m.City.GUYUAN
    assert (m.City.GUYUAN.label, m.City.GUYUAN.code, str(m.City.GUYUAN)) == ("固原市", "640400", "guyuan")
    assert json.dumps(m.City.GUYUAN) == '"guyuan"'
    with pytest.raises(PolicyError) as caught:
        m.City.parse("海原县")
    assert (caught.value.code, caught.value.name) == ("PC106", "City")


# exactness


@pytest.mark.parametrize("rounding_mode", [decimal.ROUND_DOWN, decimal.ROUND_UP, decimal.ROUND_HALF_EVEN])
def test_the_callers_decimal_context_changes_nothing(rounding_mode: str) -> None:
    m = module(NX)
    traps = [decimal.Inexact, decimal.Rounded, decimal.Subnormal, decimal.FloatOperation, decimal.Overflow]
    with decimal.localcontext(
        decimal.Context(prec=3, rounding=rounding_mode, Emax=5, Emin=-5, traps=traps)
    ) as ctx:
        answer = m.payout(cost=Decimal("150000.01"), **CASE)
        shares = m.funding(area=m.Area.MOUNTAIN)
        assert not any(ctx.flags.values())
    # 97,000 × 64% + 50,000.01 × 68% = 96,080.0068
    assert (str(answer), str(shares.central)) == ("96080.01", "440.00")


@settings(max_examples=300, derandomize=True, deadline=None)
@given(
    st.integers(-(10**6), 10**6),
    st.integers(1, 1000),
    st.sampled_from(["half_up", "half_down", "half_even", "up", "down", "ceiling", "floor"]),
)
def test_integer_roundings_are_those_of_the_language(n: int, d: int, mode: Any) -> None:
    expected = round_to(Fraction(n, d), Fraction(1), mode)
    assert getattr(runtime, mode)(n, d) == expected
    assert runtime.quotient(getattr(runtime, mode), "x", -n, -d) == expected
    assert runtime.quotient(getattr(runtime, mode), "x", 2 * n, 2 * d) == expected


def test_a_quotient_of_two_facts_is_rounded_exactly() -> None:
    quotient = Divide(given_input("a"), given_input("b"), AMOUNT, span=at())
    p = program(define("x", AMOUNT, Formula(quotient), "a b", finish=(rounding("0.01"),)))
    m = load(compile_program(p, source_name="p.pol"))
    assert str(m.x(a=Decimal(2), b=Decimal(3))) == "0.67"
    assert str(m.x(a=Decimal("-0.05"), b=Decimal(10))) == "-0.01"  # half up is away from zero
    assert str(m.x(a=Decimal("-0.05"), b=Decimal(-10))) == "0.01"
    error = refused(m.x, a=Decimal(1), b=Decimal("0.00"))
    assert (error.code, error.allowed) == ("PC108", "÷ 0")


def test_counts_are_ints_rates_decimals_and_thirds_fractions() -> None:
    more = (fact("rate", RATE, F(0), F(1)), fact("days", DAYS, F(0), F(99), F(1)))
    paid = Multiply(given_input("a"), given_input("rate", RATE), AMOUNT, span=at())
    third = Divide(given_input("a"), const(F(3)), AMOUNT, span=at())
    p = program(
        define("paid", AMOUNT, Formula(paid), "a rate", finish=(rounding("0.01"),)),
        define("double", DAYS, Formula(Multiply(given_input("days", DAYS), const(F(2), RATE), DAYS, span=at())), "days", grain=F(1)),
        define("share", RATE, Formula(Multiply(given_input("rate", RATE), const(F(1, 2), RATE), RATE, span=at())), "rate", grain=None),
        define("third", AMOUNT, Formula(third), "a", grain=None),
        more=more,
    )  # fmt: skip
    m = load(compile_program(p, source_name="p.pol"))
    assert str(m.paid(a=Decimal("100.01"), rate=Decimal("0.5"))) == "50.01"
    assert m.paid_fen(a_fen=10001, rate=Decimal("0.5")) == 5001
    assert (m.double(days=7), type(m.double(days=7))) == (14, int)
    assert m.share(rate=Decimal("0.333")) == Decimal("0.1665")
    assert m.third(a=Decimal(10)) == Fraction(10, 3)
    assert not hasattr(m, "third_fen")
    assert refused(m.share, rate=Decimal("0.1234567891")).code == "PC109"
    assert refused(m.share, rate=Decimal("1.01")).code == "PC104"
    assert refused(m.double, days=7.0).code == "PC103"


def test_an_amount_in_whole_yuan_is_refused_off_its_grain() -> None:
    more = (fact("fee", AMOUNT, F(0), F(1000), F(1)),)
    p = program(define("x", AMOUNT, Formula(given_input("fee")), "fee"), more=more)
    m = load(compile_program(p, source_name="p.pol"))
    assert m.x(fee=Decimal("12.00")) == 12
    assert m.x_fen(fee_fen=1200) == 1200
    assert refused(m.x, fee=Decimal("12.50")).code == "PC105"
    error = refused(m.x_fen, fee_fen=1250)
    assert (error.code, error.allowed) == ("PC105", "1元")


def test_an_amount_without_bounds_has_at_most_18_digits() -> None:
    p = program(define("x", AMOUNT, Formula(given_input("b")), "b"))
    m = load(compile_program(p, source_name="p.pol"))
    assert m.x(b=Decimal("999999999999999999.99")) == Decimal("999999999999999999.99")
    assert m.x_fen(b_fen=-(10**20) + 1) == 1 - 10**20
    assert refused(m.x, b=Decimal(10**18)).code == "PC109"
    assert refused(m.x_fen, b_fen=10**20).code == "PC109"
    assert refused(m.x, b=Decimal("1e400000")).code == "PC109"


# the text


def test_compiling_twice_gives_the_same_bytes_under_any_hash_seed() -> None:
    script = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from programs import ningxia; from policydsl.backends.python import compile_program\n"
        "sys.stdout.buffer.write(compile_program(ningxia(), source_name='x.pol').encode())"
    )
    texts = set()
    for seed, zone, locale in (("1", "UTC", "C"), ("4711", "Asia/Shanghai", "C.UTF-8")):
        env = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, check=True
        )
        texts.add(done.stdout)
    assert texts == {compile_program(ningxia(), source_name="x.pol").encode()}


def test_tables_stand_as_in_the_notice_with_the_printed_ranges_beside_them() -> None:
    text = text_of(NX)
    assert "    (100000, (60, 61, 62, 64)),  # deductible-100000\n" in text
    assert "    (None, (70, 73, 75, 77)),  # 500001 and over\n" in text
    assert "        City.GUYUAN: 8500,\n" in text
    assert "# 二（五）“" in text
    assert "# central 8:2, ningxia 8:2\n" in text
    assert "        # region 9:1, local 9:1\n" in text
    assert "征求意见稿" in text.splitlines()[0]


def test_generated_code_imports_the_standard_library_and_the_runtime_only() -> None:
    for standalone in (False, True):
        for node in ast.walk(ast.parse(text_of(NX, standalone))):
            if isinstance(node, ast.ImportFrom):
                module_name = node.module or ""
                ours = module_name == "policydsl" and [a.name for a in node.names] == ["runtime"]
                assert module_name.split(".")[0] in sys.stdlib_module_names or (ours and not standalone)
    imported = [
        n
        for n in ast.walk(ast.parse(Path(runtime.__file__).read_text(encoding="utf-8")))
        if isinstance(n, ast.ImportFrom)
    ]
    assert all((n.module or "").split(".")[0] in sys.stdlib_module_names for n in imported)


def test_no_float_stands_in_generated_code() -> None:
    for place in POLICIES:
        for node in ast.walk(ast.parse(text_of(place, True))):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
            assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))


def test_a_standalone_module_needs_no_policydsl(tmp_path: Path) -> None:
    (tmp_path / "alone.py").write_text(text_of(NX, True), encoding="utf-8")
    script = (
        "import sys; sys.modules['policydsl'] = None\n"
        "import pickle; from alone import *; from decimal import Decimal\n"
        "print(payout(cost=Decimal(150000), city=City.GUYUAN, group=Group.RURAL_POOR, disease=Disease.MAJOR))\n"
        "try: payout(cost=Decimal(-1), city=City.GUYUAN, group=Group.RURAL_POOR, disease=Disease.MAJOR)\n"
        "except PolicyError as e: print(pickle.loads(pickle.dumps(e)).code)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == (["96080.00", "PC104"], "")


def test_another_runtime_is_refused_at_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "API", 2)
    with pytest.raises(ImportError, match="compile the policy again"):
        load(text_of(NX))


EVIL = "a\"\"\"\n'''\\\x00\x1b[31m\u202e\u2028 raise SystemExit # \\N{BULLET} {x} %s \\"


def test_words_of_the_policy_cannot_become_code() -> None:
    p = program(
        define(
            "x",
            AMOUNT,
            Formula(given_input("a")),
            EVERYTHING,
            label=EVIL,
            quotes=(quote(EVIL, EVIL),),
            because=(EVIL,),
        ),
        define("p", AMOUNT, Formula(yuan(1)), "", word="param", label=EVIL, quotes=(quote("", EVIL),)),
        givens=(Given(compare("<=", given_input("a"), given_input("a"), EVIL), ("a",), EVIL, span=at(EVIL)),),
        more=(fact("unused", AMOUNT, label=EVIL),),
    )
    p = Program(
        header("p", EVIL, EVIL), (category("level", ("one", EVIL), ("two", None), ("three", None)),),
        p.facts, p.givens, p.definitions, p.outputs, (), (), (),
    )  # fmt: skip
    for standalone in (False, True):
        text = compile_program(p, source_name=EVIL, standalone=standalone)
        assert all(c.isprintable() or c == "\n" for c in text)
        m = load(text)
        row = {"b": Decimal(1), "flag": True, "when": None, "on": FIRST, "level": m.Level.ONE, "marks": []}
        assert m.x(a=Decimal(1), **row) == 1
        assert m.Level.ONE.label == EVIL
    assert comment("a\nb\x00") == "a\\nb\\x00"


def test_names_of_python_may_be_names_of_the_policy() -> None:
    """Inputs and outputs called type, date, int, max, sum, Decimal, bisect_left, value, held, i, edge."""
    words = (
        "type",
        "int",
        "sum",
        "Decimal",
        "edge",
        "i",
        "start",
        "rates",
        "ValueError",
        "tuple",
        "KeyError",
    )
    more = tuple(fact(w, AMOUNT, F(0), F(100), CENT) for w in words)
    more += (
        fact("date", DAY),
        fact("frozenset", SetOf("level")),
        fact("bool", YES_NO, has_default=True, default=False),
    )
    greatest = subtract_all([given_input(w) for w in words])
    every = " ".join([*words, "date", "frozenset", "bool"])
    grounds = (Ground(name("value"), given_input("bool", YES_NO), yuan(3), False, span=at()),)
    p = program(
        define("max", AMOUNT, Formula(greatest), every),
        define("value", AMOUNT, Exceptions(ref("max"), grounds, "greatest"), every),
        define("date_of", DAY, Formula(given_input("date", DAY)), "date", grain=None),
        define("Final", AMOUNT, Formula(ref("value")), every),
        define("PolicyErrors", AMOUNT, Formula(const(F(2))), "", word="param"),
        more=more,
    )
    for standalone in (False, True):
        m = load(compile_program(p, source_name="p.pol", standalone=standalone))
        row = {w: Decimal(10 if w == "type" else 1) for w in words} | {
            "date": date(2021, 1, 1),
            "frozenset": [],
        }
        assert m.max(**row) == 10 - (len(words) - 1)
        assert m.Final(**row, bool=True) == 3
        assert m.value(**row).ground is m.ValueGround.BASE
        assert m.date_of(date=date(2021, 1, 1)) == date(2021, 1, 1)
        with pytest.raises(m.PolicyError, match="PC103"):
            m.max(**(row | {"type": 1}))
        assert m.MaxCase(**row).max() == 10 - (len(words) - 1)


def subtract_all(terms: list[Any]) -> Any:
    result = terms[0]
    for term in terms[1:]:
        result = Subtract(result, term, AMOUNT, span=at())
    return result


def numbers_of(p: Program, **options: bool) -> list[tuple[str, object]]:
    return [(d.code.number, d.facts.get("name")) for d in problems(p, **options)]


def test_names_without_an_ascii_alias_are_listed_once_unless_native_names_are_wanted() -> None:
    found = [name_ for number, name_ in numbers_of(xinzhou()) if number == NAME_WITHOUT_ALIAS.number]
    assert found == ["中央", "省", "市", "县", "市县"]
    assert numbers_of(xinzhou(), native_names=True) == []
    with pytest.raises(CannotCompile) as caught:
        compile_program(xinzhou(), source_name="x.pol")
    assert len(caught.value.diagnostics) == 5


def one(written: str, *inputs: str, word: str = "rule") -> Definition:
    return define(written, AMOUNT, Formula(yuan(1)), " ".join(inputs), word)


@pytest.mark.parametrize("written", ["class", "from", "_private", "None"])
def test_reserved_words_are_refused_as_names(written: str) -> None:
    assert numbers_of(program(one(written)))[0] == (RESERVED_NAME.number, written)
    more = (fact(written, AMOUNT),)
    assert numbers_of(program(one("x", written), more=more))[0][0] == RESERVED_NAME.number


@pytest.mark.parametrize(
    "definitions",
    [
        (one("pay"), one("pay_fen")),
        (one("low_income"), one("LowIncomeCase")),
        (one("a_b", word="param"), one("A_B", word="param")),
        (one("Level"), one("x")),
        (one("POLICY"), one("x")),
    ],
)
def test_names_that_become_one_are_refused(definitions: tuple[Definition, ...]) -> None:
    shown = numbers_of(program(*(d if d.word == "param" else one(d.name.written, "a") for d in definitions)))
    assert NAME_COLLISION.number in {number for number, _ in shown}


def test_a_quotient_that_goes_on_unrounded_is_refused() -> None:
    quotient = Divide(given_input("a"), given_input("b"), AMOUNT, span=at())
    unrounded = program(define("x", AMOUNT, Formula(Subtract(quotient, yuan(1), AMOUNT, span=at())), "a b"))
    assert numbers_of(unrounded) == [(UNROUNDED_QUOTIENT.number, "x")]
    fine = Subtract(Round(quotient, CENT, "half_up", AMOUNT, span=at()), yuan(1), AMOUNT, span=at())
    assert numbers_of(program(define("x", AMOUNT, Formula(fine), "a b"))) == []


# digests

POL = """policy p "P"
  effective 2021-01-01 to 2021-12-31
category level "级别": one "一级", two "二级"
input cost "费用": money in 0元 .. 1000元
> 一 不低于一半
param base "基数" = 100元
table start "起点": money by level
  | level | start (元) |
  | one | 10 |
  | two | 20 |
rule pay "支付" = (cost + base - start) × 50%
  round half up to 0.01元 because "not said"
"""


def digests_of(text: str) -> tuple[str, str]:
    checked = check(Source("p.pol", text))
    assert checked.program is not None, [(d.code.number, dict(d.facts)) for d in checked.diagnostics]
    return digests(checked.program)


def test_the_digest_of_the_meaning_is_that_of_the_answers() -> None:
    meaning, interface = digests_of(POL)
    assert meaning.startswith("sha256:")
    assert len(meaning) == len(interface) == 71
    lines = POL.splitlines(keepends=True)
    rule, rest = "".join(lines[-2:]), "".join(lines[2:-2])
    moved = "".join(lines[:2]) + rule + rest
    same_meaning = {
        "formatting": POL.replace(" = 100元", "   =\n   100元"),
        "order": moved,
        "comments": POL.replace("param base", "# a comment\nparam base"),
        "labels": POL.replace("一级", "壹级"),
        "script": POL.replace("param base", "标准 base").replace("rule pay", "规则 pay"),
        "reasons": POL.replace("not said", "nobody knows"),
        "quotes": POL.replace("不低于一半", "一半"),
        "a percentage as a fraction": POL.replace("× 50%", "× 1/2"),
    }
    for what, text in same_meaning.items():
        assert digests_of(text)[0] == meaning, what
    for old, new in (("50%", "51%"), ("| 20 |", "| 21 |"), ("half up", "half down"), ("1000元", "1001元")):
        assert digests_of(POL.replace(old, new))[0] != meaning, old


def test_the_digest_of_the_interface_is_that_of_the_calls() -> None:
    _, interface = digests_of(POL)
    for old, new in (("50%", "51%"), ("| 20 |", "| 21 |"), ("一级", "壹级"), ("not said", "who knows")):
        assert digests_of(POL.replace(old, new))[1] == interface, old
    changed = (
        ("1000元", "1001元"),
        ("two", "three"),
        ("cost", "costs"),
        ('"费用": money', '"费用": money optional'),
    )
    for old, new in changed[:3]:
        assert digests_of(POL.replace(old, new))[1] != interface, old


# types


def _checked(folder: Path, command: list[str]) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every policy compiled in both ways, two years of one as a package, and the files of misuses."""
    folder = tmp_path_factory.mktemp("typed")
    for place in POLICIES:
        own = policy(place).header.name.key
        (folder / f"{own}.py").write_text(text_of(place), encoding="utf-8")
        (folder / f"{own}_alone.py").write_text(text_of(place, True), encoding="utf-8")
    (folder / "town").mkdir()
    for own, text in {"__init__": "", **together(TOWN_2020, TOWN_2021).texts}.items():
        (folder / "town" / f"{own}.py").write_text(text, encoding="utf-8")
    for file in MISUSES:
        (folder / file).write_text(_misuses(file), encoding="utf-8")
    return folder


MISUSES = ("misuses.py", "by_day.py")


def _misuses(file: str) -> str:
    return (HERE / "typing" / file).with_suffix(".txt").read_text(encoding="utf-8")


def _marked() -> set[tuple[str, int]]:
    return {
        (file, i) for file in MISUSES for i, line in enumerate(_misuses(file).splitlines(), 1) if "#!" in line
    }


def test_a_table_and_a_schedule_of_hundreds_of_rows_compile_and_answer_at_every_edge() -> None:
    rows = "".join(f"  | from {10 * i} below {10 * i + 10} | {i % 97} |\n" for i in range(450))
    bands = "".join(f"  | {10 * i}-{10 * i + 10} | {1 + i * 90 // 450} |\n" for i in range(449))
    text = (
        'policy long "long"\ninput cost: money in 0元 .. 4499.99元\n'
        f"table fee: money by cost\n  | cost (元) | fee (元) |\n{rows}"
        f"tiers paid of cost, slab\n  | cost (元) | rate (%) |\n{bands}  | 4490 and over | 95 |\n"
        '  as printed because "x"\n  bands continuous because "x"\n  round half up to 0.01元 because "x"\n'
        'accept notch paid because "x"\n'
    )
    program = check(Source("long.pol", text)).program
    assert program is not None
    module = load(compile_program(program, source_name="long.pol"))
    for i in (0, 1, 199, 200, 201, 399, 400, 448, 449):
        assert [module.fee_fen(cost_fen=1000 * i + fen) for fen in (0, 999)] == [i % 97 * 100] * 2
        rate = 95 if i == 449 else 1 + i * 90 // 450
        assert module.paid_fen(cost_fen=1000 * i + 500) == (10 * i + 5) * rate


def test_mypy_takes_every_module_and_refuses_every_misuse(typed: Path) -> None:
    output = _checked(
        typed, [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", CACHE, "."]
    )
    found = [line.split(":") for line in output.splitlines() if ": error:" in line]
    assert {(file, int(line)) for file, line, *_ in found} == _marked(), output


def test_pyright_takes_every_module_and_refuses_every_misuse(typed: Path) -> None:
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "."]
    output = _checked(typed, command)
    if not output.lstrip().startswith("{"):
        pytest.skip(f"pyright could not be started: {output[-200:]}")
    found = json.loads(output)["generalDiagnostics"]
    errors = [
        (Path(d["file"]).name, d["range"]["start"]["line"] + 1) for d in found if d["severity"] == "error"
    ]
    assert set(errors) == _marked(), found
