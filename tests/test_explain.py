"""Can an explanation be read, recomputed by hand, and taken in by a program?"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policydsl import pipeline
from policydsl.amounts import (
    say_interval,
    say_name,
    say_number,
    say_quantity,
    say_rate,
    say_unit,
    say_value,
)
from policydsl.explain import explain, to_json, to_text
from policydsl.expressions import (
    LARGEST_FRACTIONS,
    Add,
    Constant,
    Divide,
    Expr,
    Extreme,
    If,
    Input,
    Interval,
    Limit,
    Multiply,
    Round,
    Value,
)
from policydsl.files import read_source
from policydsl.interpret import evaluate
from policydsl.ir import (
    Allotment,
    Arm,
    Band,
    Body,
    Column,
    Division,
    Exceptions,
    Formula,
    Lookup,
    Program,
    Row,
    Schedule,
)
from policydsl.kinds import (
    AMOUNT,
    CURRENCIES,
    DAY,
    YES_NO,
    MemberOf,
    Quantity,
    SetOf,
    unit,
)
from policydsl.source import Source
from programs import (
    CENT,
    DAYS,
    PER_YEAR,
    TABLE,
    F,
    at,
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
    rounding,
    xinzhou,
    yuan,
)

Tongue = Literal["en", "zh"]
NINGXIA = ningxia()
XINZHOU = xinzhou()
CNY = CURRENCIES["CNY"]
ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "docs" / "explanation.schema.json").read_text(encoding="utf-8"))
POOR: dict[str, Value] = {"cost": F(150000), "city": "guyuan", "group": "rural_poor", "disease": "major"}


def sheet(program: Program, output: str, facts: dict[str, Value], language: Tongue = "zh") -> str:
    return to_text(explain(program, evaluate(program, facts, [output]), output, language))


def lines(program: Program, output: str, facts: dict[str, Value], language: Tongue = "zh") -> list[str]:
    return [line.strip() for line in sheet(program, output, facts, language).splitlines()]


def single(body: Body, **changes: Any) -> Program:
    """A policy with one definition `d` over the facts `a` (money), `n` (a number) and `who`."""
    facts = (
        fact("a", AMOUNT, label="费用"),
        fact("n", Quantity(unit(person=1)), label="人数"),
        fact("who", MemberOf("county"), label="县类"),
    )
    return Program(
        header("p", "试行办法", None), XINZHOU.categories, facts, (),
        (define("d", AMOUNT, body, "a n who", label="金额", **changes),), ("d",), (), (), (),
    )  # fmt: skip


FACTS: dict[str, Value] = {"a": F(150), "n": F(3), "who": "ordinary"}
A = given_input("a")


# values


@pytest.mark.parametrize(
    ("value", "ledger", "plain"),
    [
        ("150000", "150,000.00元", "150000元"),
        ("13.5", "13.50元", "13.5元"),
        ("54000.305", "54,000.305元", "54000.305元"),
        ("-0.5", "-0.50元", "-0.5元"),
        ("1000000000", "1,000,000,000.00元", "1000000000元"),
        ("100/3", "100/3元（≈33.333333…元）", "100/3元"),
    ],
)
def test_amounts_keep_the_decimals_of_the_grain_and_all_that_they_have(
    value: str, ledger: str, plain: str
) -> None:
    assert say_quantity(F(value), AMOUNT, CNY, "zh") == ledger
    assert say_quantity(F(value), AMOUNT, CNY, "zh", plain=True) == plain


def test_other_currencies_have_their_own_grain_and_stand_after_a_space() -> None:
    assert say_quantity(F(1500), AMOUNT, CURRENCIES["JPY"], "zh") == "1,500 JPY"
    assert say_quantity(F(1500), AMOUNT, CURRENCIES["KWD"], "zh") == "1,500.000 KWD"


def test_rates_and_numbers() -> None:
    assert [say_rate(F(v)) for v in ("0.6", "0.135", "1", "1/3")] == ["60%", "13.5%", "100%", "1/3"]
    assert [say_number(F(v)) for v in ("1234.5", "1/3", "-1000")] == ["1,234.5", "1/3", "-1,000"]


def test_units_in_both_languages() -> None:
    per_month = unit(money=1, household=-1, month=-1)
    assert say_unit(PER_YEAR.unit, CNY, "zh") == "元/人·年"
    assert say_unit(PER_YEAR.unit, CNY, "en") == "元 per person and year"
    assert say_unit(per_month, CNY, "zh") == "元/户·月"


def test_every_kind_of_value_is_said_in_both_languages() -> None:
    def said(value: Value, kind: Any) -> tuple[str, str]:
        categories = NINGXIA.categories
        zh = say_value(value, kind, currency=CNY, categories=categories, language="zh")
        return zh, say_value(value, kind, currency=CNY, categories=categories, language="en")

    assert said(date(2021, 8, 10), DAY) == ("2021年8月10日", "2021-08-10")
    assert said(True, YES_NO) == ("是", "yes")
    assert said("guyuan", MemberOf("city")) == ("固原市", "guyuan")
    assert said(frozenset({"subsistence", "orphan"}), SetOf("status")) == (
        "孤儿、低保对象",
        "orphan, subsistence",
    )
    assert said(frozenset(), SetOf("status")) == ("无", "none")
    assert said(None, DAY) == ("不存在", "does not exist")
    assert said(F(90), DAYS) == ("90天", "90 days")
    assert said(F(1), DAYS) == ("1天", "1 day")
    assert said(F(3), Quantity(unit(month=1))) == ("3个月", "3 months")
    assert said(F("13.5"), PER_YEAR) == ("13.50元/人·年", "13.50元 per person and year")


def test_a_name_is_its_label_in_chinese_and_its_alias_in_english() -> None:
    assert say_name(name("一般县", "ordinary"), "zh") == "一般县"
    assert say_name(name("一般县", "ordinary"), "en") == "ordinary"
    assert say_name(name("cost", None, "费用"), "zh") == "费用"
    assert say_name(name("cost", None, "费用"), "en") == "cost"
    assert say_name(name("cost", None, "eligible cost"), "en") == "eligible cost"


@pytest.mark.parametrize(
    ("bounds", "zh", "en"),
    [
        (("1万", False, "2万", True), "超过1万至2万", "over 1万 up to 2万"),
        (("18", True, "60", False), "不低于18、低于60", "from 18 below 60"),
        (("1", True, "2", True), "1至2", "1 to 2"),
        (("5", True, None, False), "5以上", "5 and over"),
        (("5", False, None, False), "超过5", "over 5"),
        ((None, False, "5", True), "5以下", "up to 5"),
        ((None, False, "5", False), "低于5", "below 5"),
        ((None, False, None, False), "不限", "any"),
    ],
)
def test_ranges_say_which_ends_they_include(bounds: Any, zh: str, en: str) -> None:
    low, low_closed, high, high_closed = bounds
    assert say_interval(low, low_closed, high, high_closed, "zh") == zh
    assert say_interval(low, low_closed, high, high_closed, "en") == en


# the sheet


def test_the_payout_is_explained_band_by_band_in_chinese() -> None:
    text = lines(NINGXIA, "payout", POOR)
    assert text[0].startswith("大病保险支付金额计算说明")
    assert text[0].endswith("【征求意见稿：只供测算，不作支付依据】")
    assert "政策  宁夏2020年城乡居民基本医疗保障（ningxia_2020）" in text
    assert "依据  《关于做好2020年工作的通知（征求意见稿）》，无文号" in text
    assert "1. 起付标准 3,000.00元" in text
    assert "原文二（五）：“农村建档立卡贫困人口起付标准维持3000元标准不变”" in text
    first = "100,000.00 −   3,000.00 = 97,000.00元 × 64% = 62,080.00元"
    second = "150,000.00 − 100,000.00 = 50,000.00元 × 68% = 34,000.00元"
    assert f"第1段 超过起付标准3,000.00元至100,000.00元：{first}" in text
    assert f"第2段 超过100,000.00元至200,000.00元：      {second}" in text
    assert "第3至6段未达到。核对：97,000.00 + 50,000.00 = 147,000.00元" in text
    assert "合计 62,080.00 + 34,000.00 = 96,080.00元；上不封顶" in text
    assert "三、结果  大病保险支付金额 96,080.00元" in text


def test_the_payout_is_explained_band_by_band_in_english() -> None:
    text = lines(NINGXIA, "payout", POOR, "en")
    assert text[0].endswith("[DRAFT FOR COMMENT: for estimates only, no ground for payment]")
    assert "city (统筹地区)                  guyuan (固原市)" in text
    assert "cost above deductible 3,000.00元: 150,000.00 − 3,000.00 = 147,000.00元, by bands" in text
    assert "bands 3 to 6 not reached. Check: 97,000.00 + 50,000.00 = 147,000.00元" in text
    assert "Sum 62,080.00 + 34,000.00 = 96,080.00元; no cap" in text
    assert "III. Result  payout 96,080.00元" in text


def test_a_rounding_says_whether_it_acted() -> None:
    idle = lines(NINGXIA, "payout", POOR)
    assert "四舍五入到0.01元：96,080.00元（恰为0.01元的整数倍，取整未起作用）" in idle
    facts: dict[str, Value] = {"cost": F("100000.50"), "city": "yinchuan", "group": "ordinary"}
    acted = lines(NINGXIA, "payout", facts | {"disease": "common"})
    assert "四舍五入到0.01元：54,000.305元 → 54,000.31元" in acted


def test_choices_stand_apart_and_say_whether_they_matter() -> None:
    text = sheet(NINGXIA, "payout", POOR)
    law, choices = text.split("四、原文未写明、由本政策文件选定的读法\n")
    assert "理由" not in law
    assert "各段连续（第2步，不影响本例结果），理由：原表按整元书写（A-2）" in choices
    assert "四舍五入到0.01元（第2步，不影响本例结果），理由：原文未规定" in choices
    odd = sheet(NINGXIA, "payout", POOR | {"cost": F("150000.50")})
    assert "150,000.50元不是1元的整数倍，按别的读法结果可能不同" in odd
    # 47,000 + 50,000.50 × 68% = 34,000.34: exact, so the rounding still does nothing
    assert "不影响本例结果），理由：原文未规定" in odd


def test_a_cost_up_to_the_deductible_reaches_no_band() -> None:
    text = lines(NINGXIA, "payout", POOR | {"cost": F(3000)})
    words = "年度个人负担合理医疗费用3,000.00元未超过起付标准3,000.00元，没有应分段计算的部分：0.00元"
    assert words in text


def test_a_split_prints_each_share_its_rounding_and_who_takes_the_remainder() -> None:
    program = Program(
        NINGXIA.header, NINGXIA.categories, NINGXIA.facts, (),
        (nested_funding(const(F(575), PER_YEAR)),), ("funding",), (), (), (),
    )  # fmt: skip
    text = lines(program, "funding", {"area": "mountain"})
    assert (
        "自治区各级  （8:2）575.00 × 20% = 115.00元/人·年；尾差归本方：575.00 − 460.00 = 115.00元/人·年（无尾差）"
        in text
    )
    assert "自治区        （9:1）115.00 × 90% = 103.50元/人·年；四舍五入到1元：104.00元/人·年" in text
    assert (
        "市、县（区）  （9:1）115.00 × 10% = 11.50元/人·年；尾差归本方：115.00 − 104.00 = 11.00元/人·年"
        in text
    )
    assert "核对：460.00 + 104.00 + 11.00 = 575.00元/人·年，等于总额" in text
    assert any(line.endswith("（第1步，本例起作用），理由：A-4") for line in text)


def test_who_has_no_part_in_an_arm_is_named() -> None:
    assert "本情形下市、县（区）不承担：0.00元/人·年" in lines(NINGXIA, "funding", {"area": "reclamation"})


def test_grounds_say_which_held_which_applies_and_why() -> None:
    text = lines(NINGXIA, "self_pay", {"statuses": frozenset({"orphan", "subsistence"})})
    assert any(line.startswith("（1）全额补助　符合：人员身份（孤儿、低保对象）含任一（") for line in text)
    assert "同时符合2项，就高，适用“全额补助”" in text
    assert "个人应缴 = 个人缴费标准 − 参保补助 = 300.00 − 300.00 = 0.00元/人" in text
    nobody = lines(NINGXIA, "self_pay", {"statuses": frozenset()})
    assert "以上均不符合，按基本情形：0.00元/人" in nobody
    assert any(line.endswith("不影响本例结果），理由：重复身份就高（A-7）") for line in nobody)


def test_a_period_is_printed_with_its_last_day() -> None:
    facts: dict[str, Value] = {"window": False, "joined": date(2021, 5, 28), "left": date(2021, 2, 28)}
    text = sheet(XINZHOU, "waiting", facts | {"general_waiting": F(90)})
    assert "在职工医保中断日期（2021年2月28日）后3个月内（至2021年5月28日，含当日）；免除，0天" in text
    assert "一般等待期（由其他文件规定）  90天" in text
    assert "依据  忻医保发〔2021〕15号" in text
    assert "征求意见稿" not in text


def test_only_the_steps_and_facts_of_the_output_are_told() -> None:
    facts = POOR | {"area": "river", "statuses": frozenset({"registered_poor"})}
    trace = evaluate(NINGXIA, facts)
    explanation = explain(NINGXIA, trace, "deductible", "zh")
    assert [n.step.definition.name.key for n in explanation.steps] == ["deductible"]
    assert [k for k, _ in explanation.facts] == ["city", "group"]


def test_the_digest_of_the_meaning_is_printed_where_it_is_known() -> None:
    trace = evaluate(NINGXIA, POOR, ["payout"])
    digest = "sha256:5d0cfa1109ab34c7" + "0" * 48
    explanation = explain(NINGXIA, trace, "payout", "zh", meaning=digest)
    assert "（ningxia_2020），内容摘要 sha256:5d0cfa1109ab34c7…\n" in to_text(explanation)
    assert to_json(explanation)["policy"]["meaning"] == digest


# other forms


def test_a_formula_is_printed_in_names_and_in_figures_with_the_branch_taken() -> None:
    per_person = Quantity(unit(money=1, person=-1))
    fee = const(F("12.5"), per_person)
    total = Multiply(fee, given_input("n", Quantity(unit(person=1))), AMOUNT, span=at())
    many = If(compare(">", A, yuan(100)), Add(total, yuan(1), AMOUNT, span=at()), yuan(0), AMOUNT, span=at())
    text = lines(single(Formula(many)), "d", FACTS)
    assert "符合：费用（150.00元） > 100元" in text
    assert any(line.endswith(" = 12.50元/人 × 3人 + 1.00元 = 38.50元") for line in text)
    assert (
        lines(single(Formula(many)), "d", FACTS | {"a": F(100)}).count("不符合：费用（100.00元） > 100元")
        == 1
    )


def test_a_limit_says_whether_it_acted() -> None:
    capped = single(Formula(A), finish=(Limit("cap", yuan(100), span=at()),))
    assert "最高100.00元：150.00元 → 100.00元" in lines(capped, "d", FACTS)
    assert "最高100.00元：99.00元（未起作用）" in lines(capped, "d", FACTS | {"a": F(99)})


def schedule(mode: Any, *rows: tuple[int, int | None, Expr], **changes: Any) -> Program:
    made = tuple(
        Band(
            yuan(low), False, None if high is None else yuan(high), True, (cell,),
            Interval(yuan(low), False, None if high is None else yuan(high), True, span=at()), span=at(),
        )
        for low, high, cell in rows
    )  # fmt: skip
    rates = changes.pop("cells_are_rates", True)
    return single(Schedule(A, mode, (), (Column((), "", span=at()),), made, rates, **changes))


def test_a_slab_a_cap_a_line_between_points_and_rounded_slices_are_told() -> None:
    slab = lines(schedule("slab", (100, 200, rate(10)), (200, None, rate(20))), "d", FACTS)
    assert "超过100.00元的部分：150.00 − 100.00 = 50.00元" in slab
    assert "全额适用该段比例：50.00元 × 10% = 5.00元" in slab
    capped = lines(schedule("marginal", (0, None, rate(10)), cap=yuan(120)), "d", FACTS)
    assert "封顶线120.00元：费用150.00元，超过的部分不计，按120.00元计算" in capped
    between = schedule("interpolated", (100, 100, yuan(10)), (200, 200, yuan(30)), cells_are_rates=False)
    assert "10.00 + (30.00 − 10.00) × (150.00 − 100.00) ÷ (200.00 − 100.00) = 20.00元" in lines(
        between, "d", FACTS
    )
    sliced = schedule("marginal", (0, None, rate(10)), each_slice=rounding(10, "down"))
    text = lines(sliced, "d", FACTS | {"a": F(157)})
    assert any("157.00元（舍去到10元：150.00元） × 10% = 15.00元" in line for line in text)


def test_rows_that_add_up_are_listed_with_their_sum() -> None:
    rows = (
        Row((Interval(None, False, yuan(200), True, span=at()),), (yuan(5),), span=at()),
        Row((Interval(yuan(100), False, None, False, span=at()),), (yuan(7),), span=at()),
    )
    body = Lookup((key("a", AMOUNT),), (name("d"),), (AMOUNT,), rows, "sum")
    text = lines(single(body), "d", FACTS)
    assert "第1行（200.00元以下）符合：5.00元" in text
    assert "第2行（超过100.00元）符合：7.00元" in text
    assert "共2行符合，累加：5.00 + 7.00 = 12.00元" in text


def test_largest_fractions_and_the_rest_are_told() -> None:
    parts = [part(p, "1:2:4", F(w, 7)) for p, w in (("甲", 1), ("乙", 2), ("丙", 4))]
    line = rounding(1, "down", LARGEST_FRACTIONS, "各方协商")
    body = Allotment(
        yuan(10), Division((), (Arm((), tuple(parts), span=at()),), line), tuple(map(name, "甲乙丙")), ()
    )
    text = lines(single(body), "d", FACTS)
    assert any(
        "10.00 × 1/7 = 10/7元（≈1.428571…元）；舍去到1元，尾差按最大余数分配：1.00元" in x for x in text
    )
    rest = Arm((), (part("甲", "60%"), part("乙", "rest")), span=at())
    body = Allotment(yuan(10), Division((), (rest,)), tuple(map(name, "甲乙")), ())
    assert "乙  其余 10.00 − 6.00 = 4.00元" in lines(single(body), "d", FACTS)


# by hand, and by program


_UNITS = re.compile(r"元/人·年|元/人|元| per person and year| per person|（≈[^）]*）|\([0-9]+:[0-9]+\)|[,]")
_RUN = re.compile(r"[0-9.%()+−×÷= /\-]+")


def _worth(words: str) -> Fraction:
    """The value of an arithmetic text, by its own small recursive descent."""
    tokens = re.findall(r"[0-9]+(?:\.[0-9]+)?%?|[()+−×÷/-]", words)

    def sum_() -> Fraction:
        value = product()
        while tokens and tokens[0] in "+−":
            value = value + product() if tokens.pop(0) == "+" else value - product()
        return value

    def product() -> Fraction:
        value = atom()
        while tokens and tokens[0] in "×÷/":
            value = value * atom() if tokens.pop(0) == "×" else value / atom()
        return value

    def atom() -> Fraction:
        token = tokens.pop(0)
        if token == "-":
            return -atom()
        if token == "(":
            value = sum_()
            assert tokens.pop(0) == ")"
            return value
        return F(token[:-1]) / 100 if token.endswith("%") else F(token)

    value = sum_()
    assert not tokens, words
    return value


def equations(text: str) -> list[list[Fraction]]:
    """Each run of figures with `=` in it, as the values of its sides."""
    found = []
    for line in text.splitlines():
        for run in _RUN.findall(_UNITS.sub("", line)):
            sides = [s for s in run.split("=") if re.search(r"[0-9]", s)]
            if "=" in run and len(sides) > 1:
                # the end of `name × 1/2 = 30,824.00 × 1/2 = …` is no equation of figures
                sides = sides if _is_figures(sides[0]) else sides[1:]
                # `a − b = c × r = d` goes on with the last figure: compare step by step
                found += [_steps(left, right) for left, right in itertools.pairwise(sides)]
    return found


def _is_figures(words: str) -> bool:
    try:
        _worth(words)
    except (AssertionError, IndexError, ValueError):
        return False
    return True


def _steps(left: str, right: str) -> list[Fraction]:
    first = re.match(r"\s*(-?[0-9.]+(?:/[0-9]+)?%?)", right)
    exact = F(0)
    with contextlib.suppress(AssertionError, IndexError):
        exact = _worth(right)
    if _worth(left) == exact or first is None:
        return [_worth(left), exact]
    return [_worth(left), _worth(first[1])]


CASES: list[tuple[Program, str, dict[str, Value]]] = [
    (NINGXIA, "payout", POOR),
    (NINGXIA, "payout", POOR | {"cost": F("600000.77"), "group": "ordinary"}),
    (NINGXIA, "payout", POOR | {"cost": F(0)}),
    (NINGXIA, "funding", {"area": "river"}),
    (NINGXIA, "funding", {"area": "reclamation"}),
    (NINGXIA, "self_pay", {"statuses": frozenset({"veteran"})}),
    (XINZHOU, "funding", {"county": "western"}),
    (
        XINZHOU,
        "waiting",
        {"window": True, "joined": date(2021, 3, 1), "left": None, "general_waiting": F(90)},
    ),
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("case", range(len(CASES)))
def test_every_printed_equation_holds(case: int, language: Tongue) -> None:
    program, output, facts = CASES[case]
    text = sheet(program, output, facts, language)
    for left, right in equations(text):
        assert left == right, text


def test_the_equation_reader_notices_a_wrong_figure() -> None:
    assert [a == b for a, b in equations("合计 62,080.00 + 34,000.00 = 96,081.00元")] == [False]
    assert [a == b for a, b in equations("9.00 − 1.00 = 8.00元 × 50% = 4.00元")] == [True, True]
    assert [a == b for a, b in equations("9.00 − 1.00 = 8.00元 × 50% = 5.00元")] == [True, False]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.integers(0, 10**8),
    st.sampled_from(["yinchuan", "wuzhong", "guyuan"]),
    st.sampled_from(["ordinary", "rural_poor"]),
    st.sampled_from(["common", "major"]),
    st.sampled_from(["zh", "en"]),
)
def test_the_payout_can_be_recomputed_from_the_printed_text_alone(
    fen: int, city: str, group: str, disease: str, language: Tongue
) -> None:
    facts: dict[str, Value] = {"cost": F(fen, 100), "city": city, "group": group, "disease": disease}
    text = sheet(NINGXIA, "payout", facts, language)
    slices = re.findall(r"([0-9,.]+) −\s+([0-9,.]+) =\s+([0-9,.]+)元 ×\s+([0-9.]+)% =\s+([0-9,.]+)元", text)
    paid, reach = F(0), None
    for top, low, width, percent, product in slices:
        upper, lower, part_, times, gives = (
            F(x.replace(",", "")) for x in (top, low, width, percent, product)
        )
        assert reach is None or lower == reach
        reach = upper
        assert upper - lower == part_
        assert part_ * times / 100 == gives
        paid += gives
    shown = re.search(r"(?:三、结果  大病保险支付金额|III\. Result  payout) ([0-9,.]+)元", text)
    assert shown is not None
    # half up on fen, in whole hundredths of fen
    assert F(shown[1].replace(",", "")) == F((paid * 100 + F(1, 2)).__floor__(), 100)
    column = 2 * (group == "rural_poor") + (disease == "major")
    rates = [str(cells[column]) for _, _, cells in TABLE]
    assert [p for *_, p, _ in slices] == rates[: len(slices)]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("case", range(len(CASES)))
def test_the_json_form_keeps_to_its_schema_and_to_the_numbers_of_the_text(
    case: int, language: Tongue
) -> None:
    program, output, facts = CASES[case]
    explanation = explain(program, evaluate(program, facts, [output]), output, language)
    document = json.loads(json.dumps(to_json(explanation), ensure_ascii=False))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    text = to_text(explanation)
    for step in document["steps"]:
        assert f"{step['number']:2}. {step['text'][0]}\n" in text
        assert all(f"    {line.rstrip()}\n" in text for line in step["text"][1:])
    for choice in document["choices"]:
        assert f"{choice['number']:2}. {choice['text']}\n" in text


def test_other_forms_keep_to_the_schema_too() -> None:
    rounded = Round(Divide(A, yuan(7), AMOUNT, span=at()), CENT, "half_even", AMOUNT, span=at())
    programs = [
        single(Formula(Extreme("least", (rounded, yuan(100)), AMOUNT, span=at()))),
        single(Formula(A), finish=(Limit("floor", A, because="x", span=at()), rounding(7, because="y"))),
        schedule("slab", (100, None, rate(10))),
        schedule(
            "interpolated", (100, 100, yuan(10)), (200, 200, yuan(30)), cells_are_rates=False, cap=yuan(130)
        ),
        single(Exceptions(A, (), "first")),
    ]
    for program in programs:
        for language in ("zh", "en"):
            trace = evaluate(program, FACTS, ["d"])
            document = to_json(explain(program, trace, "d", language))
            jsonschema.Draft202012Validator(SCHEMA).validate(document)


@pytest.mark.parametrize("policy", sorted((ROOT / "policies").glob("*/*.pol")), ids=lambda p: p.parent.name)
def test_every_example_of_a_real_policy_is_explained_in_equations_that_hold(policy: Path) -> None:
    source = read_source(str(policy))
    assert isinstance(source, Source)
    checked = pipeline.check(source)
    assert checked.program is not None
    validator = jsonschema.Draft202012Validator(SCHEMA)
    told: set[tuple[str, str]] = set()
    for example in checked.program.examples:
        for output in {e.output for e in example.expects if not example.refused}:
            if (example.title, output) in told:
                continue  # of a table of examples one row is enough
            told.add((example.title, output))
            trace = evaluate(checked.program, dict(example.facts), [output])
            for language in ("zh", "en"):
                explanation = explain(checked.program, trace, output, language)
                text = to_text(explanation)
                for left, right in equations(text):
                    assert left == right, text
                validator.validate(to_json(explanation))


def test_money_in_json_is_a_string_with_the_decimals_of_the_grain_and_an_exact_fraction() -> None:
    facts: dict[str, Value] = {"cost": F("100000.50"), "city": "yinchuan", "group": "ordinary"}
    trace = evaluate(NINGXIA, facts | {"disease": "common"}, ["payout"])
    document = to_json(explain(NINGXIA, trace, "payout", "zh"))
    assert document["schema"] == "policydsl-explanation/1"
    assert document["result"]["value"] == {
        "text": "54,000.31元", "value": "54000.31", "exact": "5400031/100",
    }  # fmt: skip
    (finished,) = document["steps"][1]["finished"]
    assert (finished["before"]["exact"], finished["acted"]) == ("10800061/200", True)
    assert document["steps"][1]["how"]["slices"][0]["cell"]["value"]["exact"] == "3/5"
    assert document["policy"]["draft"] is True


def test_a_figure_from_elsewhere_names_its_origin() -> None:
    elsewhere = Constant(F(550), AMOUNT, "2020年标准", span=at())
    total = Add(elsewhere, yuan(30), AMOUNT, span=at())
    assert "金额 = 550元（2020年标准） + 30元 = 550.00 + 30.00 = 580.00元" in lines(
        single(Formula(total)), "d", FACTS
    )


def test_a_condition_is_told_with_the_values_it_was_decided_on() -> None:
    old = define(
        "d", YES_NO, Formula(compare(">=", Input("a", AMOUNT, span=at()), yuan(60))), "a", label="达标"
    )
    base = single(Formula(A))
    program = Program(base.header, base.categories, base.facts, (), (old,), ("d",), (), (), ())
    text = lines(program, "d", FACTS)
    assert "1. 达标 是" in text
    assert "符合：费用（150.00元） ≥ 60元" in text
