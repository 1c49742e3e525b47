"""What do people's ways of writing a fact mean, and which ways are refused?"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction as F

import pytest

from policydsl.caseinput import (
    Unreadable,
    find_fact,
    find_output,
    nearest,
    range_of,
    read_value,
    say_problem,
    take_value,
)
from policydsl.expressions import Value
from policydsl.facts import Category, Fact, Member
from policydsl.ir import Program
from policydsl.kinds import AMOUNT, DAY, NUMBER, RATE, YES_NO, Kind, MemberOf, Quantity, SetOf, unit
from policydsl.pipeline import problems
from programs import CENT, fact, header, name, ningxia, xinzhou

PROGRAM = ningxia()
PER_YEAR = Quantity(unit(money=1, person=-1, year=-1))
DAYS = Quantity(unit(day=1))


def read(text: str, kind: Kind, *, optional: bool = False, program: Program = PROGRAM) -> Value:
    return read_value(program, fact("x", kind, optional=optional), text)


def refused(text: str, kind: Kind, *, program: Program = PROGRAM) -> tuple[str, str]:
    with pytest.raises(Unreadable) as error:
        read(text, kind, program=program)
    return error.value.words.en, error.value.words.zh


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("150000", F(150000)),
        ("150,000", F(150000)),
        ("1,150,000.05", F(115000005, 100)),
        ("15万元", F(150000)),
        ("15万", F(150000)),
        ("1.5万元", F(15000)),
        ("3亿元", F(300000000)),
        ("150000.50元", F(300001, 2)),
        ("¥150000", F(150000)),
        ("￥1.5万元", F(15000)),
        ("150000 CNY", F(150000)),
        ("5角", F(1, 2)),
        ("15000000分", F(150000)),
        ("-3元", F(-3)),
        ("+3", F(3)),
        ("1 500元", F(1500)),
        (" 150000元 ", F(150000)),
        ("１５００００．５０元", F(300001, 2)),
        ("1５0，0００元", F(150000)),
    ],
)
def test_an_amount_is_read_as_yuan(text: str, yuan: F) -> None:
    assert read(text, AMOUNT) == yuan


@pytest.mark.parametrize("text", ["580", "580元", "580元/人·年", "580元/人/年", "5.8百元/人·年"])
def test_an_amount_per_person_may_name_its_unit_or_not(text: str) -> None:
    assert read(text, PER_YEAR) == 580


@pytest.mark.parametrize(
    ("text", "kind", "zh"),
    [
        ("1,50", AMOUNT, "“1,50”中的逗号没有按三位分节"),
        ("15,0000", AMOUNT, "“15,0000”中的逗号没有按三位分节"),
        ("", AMOUNT, "“”不是金额，写法如150000元、15万元"),
        ("很多", AMOUNT, "“很多”不是金额，写法如150000元、15万元"),
        ("1e5", AMOUNT, "“1e5”不是金额，写法如150000元、15万元"),
        ("NaN", AMOUNT, "“NaN”不是金额，写法如150000元、15万元"),
        ("0x10", AMOUNT, "“0x10”不是金额，写法如150000元、15万元"),
        ("1.5.2", AMOUNT, "“1.5.2”不是金额，写法如150000元、15万元"),
        ("5%", AMOUNT, "“5%”的单位不对，应为元"),
        ("5美元", AMOUNT, "“5美元”的单位不对，应为元"),
        ("580元/人", PER_YEAR, "“580元/人”的单位不对，应为元/人·年"),
        ("580元/人·年", AMOUNT, "“580元/人·年”的单位不对，应为元"),
        ("1234567890123456789", AMOUNT, "“1234567890123456789”位数过多：整数至多18位，小数至多9位"),
        ("0.1234567891", AMOUNT, "“0.1234567891”位数过多：整数至多18位，小数至多9位"),
        ("60", RATE, "“60”没有百分号；如为百分之60，写作60%"),
        ("0.6", RATE, "“0.6”没有百分号；如为百分之0.6，写作0.6%"),
        ("60元", RATE, "“60元”的单位不对：比例的单位是%"),
        ("1/0", RATE, "“1/0”不是数字"),
        ("3个月", DAYS, "“3个月”的单位不对，应为天"),
        ("3元", NUMBER, "“3元”的单位不对：此项没有单位"),
        ("也许", YES_NO, "“也许”既不是“是”也不是“否”"),
        ("1", YES_NO, "“1”既不是“是”也不是“否”"),
        ("2021年2月30日", DAY, "没有2021年2月30日这一天"),
        ("2021-8", DAY, "“2021-8”不是日期，写法如2021年8月10日、2021-08-10"),
        ("10/8/2021", DAY, "“10/8/2021”不是日期，写法如2021年8月10日、2021-08-10"),
        ("2021年8-10", DAY, "“2021年8-10”不是日期，写法如2021年8月10日、2021-08-10"),
    ],
)
def test_what_is_not_a_value_of_the_kind_is_refused_with_the_remedy(text: str, kind: Kind, zh: str) -> None:
    assert refused(text, kind)[1] == zh


def test_a_refusal_speaks_english_too() -> None:
    assert refused("60", RATE)[0] == "“60” has no per-cent sign; write 60% if that is meant"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("60%", RATE, F(3, 5)),
        ("６０％", RATE, F(3, 5)),
        ("5‰", RATE, F(1, 200)),
        ("1/3", RATE, F(1, 3)),
        ("0", RATE, F(0)),
        ("90", DAYS, F(90)),
        ("90天", DAYS, F(90)),
        ("90日", DAYS, F(90)),
        ("1 day", DAYS, F(1)),
        ("3", NUMBER, F(3)),
        ("65周岁", Quantity(unit(year=1)), F(65)),
        ("2万人", Quantity(unit(person=1)), F(20000)),
        ("3个月", Quantity(unit(month=1)), F(3)),
        ("是", YES_NO, True),
        ("否", YES_NO, False),
        ("Yes", YES_NO, True),
        ("no", YES_NO, False),
        ("2021年8月10日", DAY, date(2021, 8, 10)),
        ("2021-08-10", DAY, date(2021, 8, 10)),
        ("2021-8-10", DAY, date(2021, 8, 10)),
        ("2021/8/10", DAY, date(2021, 8, 10)),
        ("2021.8.10", DAY, date(2021, 8, 10)),
        ("２０２１年８月１０日", DAY, date(2021, 8, 10)),
        ("guyuan", MemberOf("city"), "guyuan"),
        ("固原市", MemberOf("city"), "guyuan"),
        ("Guyuan", MemberOf("city"), "guyuan"),
        ("orphan、subsistence", SetOf("status"), frozenset({"orphan", "subsistence"})),
        ("孤儿，低保对象", SetOf("status"), frozenset({"orphan", "subsistence"})),
        ("orphan, orphan", SetOf("status"), frozenset({"orphan"})),
        ("", SetOf("status"), frozenset()),
        ("无", SetOf("status"), frozenset()),
        ("none", SetOf("status"), frozenset()),
    ],
)
def test_other_kinds_are_read_as_people_write_them(text: str, kind: Kind, value: Value) -> None:
    assert read(text, kind) == value


def test_a_fact_that_may_not_exist_is_said_not_to_by_none() -> None:
    for text in ("", "无", "none"):
        for kind in (DAY, AMOUNT, MemberOf("city"), YES_NO):
            assert read(text, kind, optional=True) is None
    with pytest.raises(Unreadable):
        read("无", DAY)


def test_a_member_called_none_is_that_member() -> None:
    program = with_category("无")
    assert read("无", MemberOf("kind"), optional=True, program=program) == "无"
    assert read("无", SetOf("kind"), program=program) == frozenset({"无"})


def with_category(*members: str, codes: tuple[str | None, ...] = ()) -> Program:
    made = tuple(
        Member(name(m), code, span=name(m).span)
        for m, code in zip(members, codes or (None,) * len(members), strict=True)
    )
    found = Category(name("kind"), made, span=name("kind").span)
    return Program(header("p", "P", None), (found,), (), (), (), (), (), (), ())


def test_a_code_names_its_member_but_a_name_goes_first() -> None:
    program = with_category("甲", "乙", "01", codes=("01", "02", "03"))
    assert read("02", MemberOf("kind"), program=program) == "乙"
    assert read("01", MemberOf("kind"), program=program) == "01"
    assert read("01,02", SetOf("kind"), program=program) == frozenset({"01", "乙"})


def test_an_unknown_member_is_answered_with_the_nearest_and_all() -> None:
    en, zh = refused("guyuann", MemberOf("city"))
    assert en.endswith("; is “guyuan” meant")
    assert refused("固原", MemberOf("city"))[1] == (
        "“固原”不在以下各项之中：银川市、石嘴山市、吴忠市、中卫市、固原市，是否指“固原市”"
    )
    assert "zhongwei" in en
    assert zh.endswith("，是否指“guyuan”")


def test_inputs_and_outputs_are_found_by_alias_name_and_label() -> None:
    assert find_fact(PROGRAM, "年度个人负担合理医疗费用") is find_fact(PROGRAM, "cost")
    assert find_fact(PROGRAM, "费用") is None
    other = xinzhou()
    for called in ("funding", "财政补助", " funding "):
        found = find_output(other, called)
        assert found is not None
        assert found.name.key == "funding"


def test_the_nearest_name_is_offered_only_when_it_is_near() -> None:
    assert nearest("起付线", ["起付标准", "支付比例"]) == "起付标准"
    assert nearest("payuot", ["payout", "deductible"]) == "payout"
    assert nearest("zzz", ["payout", "deductible"]) is None


# from programs


@pytest.mark.parametrize(
    ("given", "kind", "value"),
    [
        (Decimal("150000.05"), AMOUNT, F(15000005, 100)),
        (Decimal("1.50000000000000000000"), AMOUNT, F(3, 2)),
        (Decimal("0E+400000"), AMOUNT, F(0)),
        (150000, AMOUNT, F(150000)),
        (F(1, 3), RATE, F(1, 3)),
        (Decimal("0.6"), RATE, F(3, 5)),
        ("15万元", AMOUNT, F(150000)),
        (True, YES_NO, True),
        (date(2021, 8, 10), DAY, date(2021, 8, 10)),
        ("guyuan", MemberOf("city"), "guyuan"),
        (["orphan", "低保对象"], SetOf("status"), frozenset({"orphan", "subsistence"})),
        ((), SetOf("status"), frozenset()),
        ("orphan", SetOf("status"), frozenset({"orphan"})),
    ],
)
def test_values_of_programs_are_taken_exactly(given: object, kind: Kind, value: Value) -> None:
    assert take_value(PROGRAM, fact("x", kind), given) == value


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (0.5, AMOUNT),
        (True, AMOUNT),
        (Decimal("NaN"), AMOUNT),
        (Decimal("Infinity"), AMOUNT),
        (Decimal("1e400000"), AMOUNT),
        (Decimal("1e-400000"), AMOUNT),
        (Decimal("0.0000000001"), AMOUNT),
        (1, YES_NO),
        (datetime(2021, 8, 10), DAY),
        (5, MemberOf("city")),
        ([5], SetOf("status")),
        (None, AMOUNT),
    ],
)
def test_values_of_another_type_are_refused(given: object, kind: Kind) -> None:
    with pytest.raises(Unreadable):
        take_value(PROGRAM, fact("x", kind), given)


# what is wrong with a case, in words


def problem(facts: dict[str, Value], language: str) -> str:
    case: dict[str, Value] = {
        "cost": F(1),
        "city": "guyuan",
        "group": "ordinary",
        "disease": "major",
        **facts,
    }
    (error,) = problems(PROGRAM, case, ("payout",))
    return say_problem(PROGRAM, error, "zh" if language == "zh" else "en")


def test_a_value_out_of_range_is_told_with_the_range() -> None:
    assert problem({"cost": F(10**8 + 1)}, "zh") == (
        "“cost（年度个人负担合理医疗费用）”为100000001元，超出范围：0元至100000000元"
    )
    assert problem({"cost": F(-1)}, "en") == (
        "cost（年度个人负担合理医疗费用） is -1元, outside 0元 to 100000000元"
    )


def test_a_value_off_the_grain_is_told_with_the_grain() -> None:
    assert problem({"cost": F(1, 1000)}, "zh") == (
        "“cost（年度个人负担合理医疗费用）”为0.001元，应为0.01元的整数倍"
    )


def test_a_range_with_one_end_says_so() -> None:
    def ranged(low: F | None, high: F | None) -> Fact:
        return fact("x", AMOUNT, low, high, CENT)

    assert range_of(PROGRAM, ranged(F(0), None), "zh") == "0元以上"
    assert range_of(PROGRAM, ranged(None, F(5)), "en") == "up to 5元"
    assert range_of(PROGRAM, ranged(None, None), "en") == ""
