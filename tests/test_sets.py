"""Do policies stand to each other as their notices say? Taken over, bound, in force, and refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

import policydsl
from policydsl import pipeline
from policydsl.cli.main import main
from policydsl.diagnostics.model import Diagnostic, message, remedy
from policydsl.expressions import Value
from policydsl.files import read_source
from policydsl.policyset import NotInForce, PolicySet
from policydsl.runtime import PolicyError
from policydsl.sets.references import folded, number
from policydsl.source import Source
from policydsl.tasks.remarks import remarks

ROOT = Path(__file__).resolve().parents[1]
POLICIES = ROOT / "policies"


@cache
def notices() -> PolicySet:
    return PolicySet.load(POLICIES)


def shandong(text: str, *more: Source) -> pipeline.Checked:
    """A policy of a city beside the policies of Shandong."""
    beside = [read_source(str(p)) for p in sorted((POLICIES / "shandong").glob("*.pol"))]
    others = [*(s for s in beside if isinstance(s, Source)), *more]
    return pipeline.check(Source("city.pol", text, beside=lambda: [("policies", others)]))


def numbers(found: Iterable[Diagnostic]) -> list[str]:
    return [d.code.number for d in found]


def beside(text: str, *others: str) -> pipeline.Checked:
    sources = [Source(f"{n}.pol", other) for n, other in enumerate(others, 1)]
    return pipeline.check(Source("own.pol", text, beside=lambda: [("policies", sources)]))


CITY = """policy jinan_2021 "济南市2021年"
  place "山东省济南市"
  effective 2021-01-01 to 2021-12-31
  under shandong_2021
"""


# The five notices joined


def test_what_the_notices_say_of_the_year_before_is_checked_or_named() -> None:
    """520 + 30 = 550, 550 + 30 = 580, 280 + 40 = 320, 81 → 90, 83% → 85%."""
    told = {}
    for path in sorted(POLICIES.glob("*/*.pol")):
        source = read_source(str(path))
        assert isinstance(source, Source)
        for d in remarks(pipeline.check(source)):
            if d.code.number in ("PD637", "PD638"):
                said = message(d, "en")
                told[f"{path.parent.name}/{path.stem}", said.split("`")[1]] = (d.code.number, said)
    amounts = {
        ("shandong/2020", "subsidy_floor"): ("PD637", "520元"),
        ("shandong/2021", "subsidy_floor"): ("PD638", "was 550元"),
        ("shandong/2021", "contribution"): ("PD637", "280元"),
        ("shandong/2021", "illness_premium"): ("PD638", "was 81元"),
        ("ningxia/2020", "subsidy"): ("PD637", "520元"),
        ("ningxia/2020", "inpatient_rate"): ("PD637", "83%"),
        ("xinzhou/2021", "subsidy"): ("PD637", "550元"),
        ("xinzhou/2021", "contribution"): ("PD637", "280元"),
        ("chongqing/2021", "subsidy"): ("PD637", "550元"),
    }
    for key, (code, part) in amounts.items():
        assert told[key][0] == code and part in told[key][1], (key, told[key])
    assert "90元" in told["shandong/2021", "illness_premium"][1]
    assert "580元" in told["shandong/2021", "subsidy_floor"][1]
    ningxia = (POLICIES / "ningxia" / "2020.pol").read_text(encoding="utf-8")
    assert 'waive "8段", "6段" because' in ningxia


@pytest.mark.parametrize(
    ("old", "new"), [("較上年增加30元", "較上年增加40元"), ("＝ 580元/人·年", "＝ 590元/人·年")]
)
def test_a_figure_that_does_not_follow_from_2020_is_reported(old: str, new: str) -> None:
    source = read_source(str(POLICIES / "shandong" / "2021.pol"))
    assert isinstance(source, Source) and old in source.text
    changed = Source("shandong.pol", source.text.replace(old, new, 1), beside=source.beside)
    (d,) = [d for d in pipeline.check(changed).diagnostics if d.code.number == "PD610"]
    assert "550元" in message(d, "zh")


def test_linyi_says_what_shandong_says_and_sets_no_figure_of_its_own() -> None:
    linyi, province = notices()["linyi_2020"], notices()["shandong_2020"]
    assert linyi.outputs == province.outputs
    assert linyi.evaluate("illness_premium") == Decimal(81)
    assert {f.name.key for f in linyi.program.facts if f.open} == {
        f.name.key for f in province.program.facts if f.open
    }
    with pytest.raises(PolicyError) as missing:
        linyi.evaluate("deductible_cap")
    assert (missing.value.code, missing.value.name) == ("PC101", "income")
    assert linyi.evaluate("deductible_cap", income=26000) == Decimal(13000)
    source = read_source(str(POLICIES / "linyi" / "2020.pol"))
    assert isinstance(source, Source)
    waiting = [d for d in remarks(pipeline.check(source)) if d.code.number == "PD635"]
    assert len(waiting) == 5


def test_a_passage_that_is_taken_over_is_cited_with_its_own_notice() -> None:
    linyi, province = notices()["linyi_2020"], notices()["shandong_2020"]
    clause, words = "一（二）", "“2020 年我省居民医保大病保险筹资标准为每人 81 元”"
    assert f"    鲁医保发〔2020〕60号{clause}：{words}\n" in linyi.explain("illness_premium")
    assert f"    鲁医保发〔2020〕60号 clause {clause}: {words}\n" in linyi.explain(
        "illness_premium", language="en"
    )
    assert f"    原文{clause}：{words}\n" in province.explain("illness_premium")


def test_shandong_2021_keeps_what_it_does_not_restate() -> None:
    new, old = notices()["shandong_2021"], notices()["shandong_2020"]
    taken = set(old.outputs) - {"contribution_floor"}  # of 2020, and said to fall
    assert taken < set(new.outputs)
    assert "contribution_floor" not in new.outputs
    assert new.evaluate("subsidy_floor") == Decimal(580) and old.evaluate("subsidy_floor") == Decimal(550)
    facts = {"poor": True, "referred": True, "entry_year": False, "at_school": False, "general_cut": "10%"}
    cut = new.evaluate("transfer_cut", **facts)
    assert isinstance(cut, policydsl.Grounds) and cut.value == 0


def test_the_national_notice_cited_under_two_numbers_is_advised() -> None:
    source = read_source(str(POLICIES / "shandong" / "2020.pol"))
    ningxia = (POLICIES / "ningxia" / "2020.pol").read_text(encoding="utf-8")
    assert isinstance(source, Source)
    assert numbers(pipeline.check(source).diagnostics) == []
    unsaid = re.sub(r"\n    because \"as the notice prints it.*", "", ningxia)
    other = Source("ningxia.pol", unsaid)
    found = pipeline.check(Source("sd.pol", source.text, beside=lambda: [("policies", [other])])).diagnostics
    assert numbers(found) == ["PD617"]
    assert "国医保发〔2020〕24号" in message(found[0], "zh")


# Bounds from above


@pytest.mark.parametrize(
    ("line", "clause", "about"),
    [
        ("param deductible = 0元/人·年\n", "取消大病保險起付線", "deductible"),
        ("param subsidy = 579元/人·年\n", "達到每人每年不低于580元", "subsidy"),
        ("param subsidy = 579.99元/人·年\n", "達到每人每年不低于580元", "subsidy"),
        ("param copay_rate = 0%\n", "堅決杜絕個人零自付", "copay_rate"),
        ("rule outside_catalogue when 1元 > 0元\n", "突破基本醫保藥品目錄", "outside_catalogue"),
        ("param basic_rate = 71%\nparam former_basic_rate = 70%\n", "提高基本醫保報銷比例", "basic_rate"),
        ("param illness_rate = 59%\n", "政策范围内支付比例不低于 60%", "illness_rate"),
    ],
)
def test_a_city_outside_a_bound_is_refuted_with_the_clause_and_a_case(
    line: str, clause: str, about: str
) -> None:
    checked = shandong(CITY + line)
    (found,) = [d for d in checked.diagnostics if d.code.severity == "error"]
    assert found.code.number == "PD630"
    assert clause in message(found, "zh") and found.span.text == about
    example = re.search(r"`(举例 .*)`", remedy(found, "zh"))
    assert example is not None
    replayed = shandong(CITY + line + example[1] + "\n")
    assert not [d for d in replayed.diagnostics if d.code.number.startswith("PD1")]
    assert replayed.policy is not None and [e.expects[0].output for e in replayed.policy.examples] == [about]


@pytest.mark.parametrize(
    "line",
    [
        "param deductible = 0.01元/人·年\nparam income = 30824元/人·年\n",
        "param subsidy = 580元/人·年\n",
        "param copay_rate = 0.01%\n",
        "param illness_rate = 60%\n",
        "param outpatient_limit = 200元/人·年\n",
        "param deductible = 15412元/人·年\nparam income = 30824元/人·年\nparam overspent = yes\n",
    ],
)
def test_a_city_at_a_bound_keeps_it(line: str) -> None:
    checked = shandong(CITY + line)
    assert numbers(checked.diagnostics) == []
    assert "PD636" in numbers(remarks(checked))


def test_the_case_of_a_broken_bound_gives_what_it_says() -> None:
    line = "category area: town, village\ninput years: years in 0 .. 40\nrule subsidy = if area is village and years > 30年 then 579元/人·年 else 600元/人·年\n"
    checked = shandong(CITY + line)
    (found,) = [d for d in checked.diagnostics if d.code.severity == "error"]
    case_ = dict(found.case)
    assert case_["area"] == "village" and 31 <= int(case_["years"]) <= 40
    alone = pipeline.check(Source("alone.pol", 'policy alone "alone"\n' + line)).program
    assert alone is not None
    case: dict[str, Value] = {"area": "village", "years": Fraction(case_["years"])}
    assert pipeline.run(alone, case, ("subsidy",)).step("subsidy").value == 579


def test_a_default_may_be_left_with_a_reason_and_only_so() -> None:
    left = CITY + "param outpatient_limit = 199元/人·年\n"
    found = shandong(left).diagnostics
    assert numbers(found) == ["PD632"]
    assert "原則上不低于200元" in message(found[0], "zh")
    reason = 'accept departure outpatient_limit because "the fund of the city is small"\n'
    assert numbers(shandong(left + reason).diagnostics) == []
    assert numbers(shandong(left.replace("199", "200") + reason).diagnostics) == ["PD633"]


def test_a_target_is_reported_and_never_binds() -> None:
    checked = shandong(CITY + "param inpatient_rate = 50%\n")
    assert numbers(checked.diagnostics) == [] and checked.program is not None
    assert [d.span.text for d in remarks(checked) if d.code.number == "PD634"] == ["inpatient_rate"]


def test_a_bound_on_days_binds_on_the_days_on_which_both_are_in_force() -> None:
    province = 'policy province "p"\n  effective 2021-03-01 to 2021-08-31\nparam subsidy: money open\nrequire subsidy >= 580元\n'
    city = 'policy city "c"\n  effective 2021-01-01 to 2021-12-31\n  under province\nparam subsidy\n'
    before = city + "  from 2021-01-01: 500元\n  from 2021-03-01: 580元\n  from 2021-09-01: 100元\n"
    assert numbers(beside(before, province).diagnostics) == []
    late = city + "  from 2021-01-01: 500元\n  from 2021-03-02: 580元\n"
    (found,) = beside(late, province).diagnostics
    assert found.code.number == "PD630" and ("办理日期", "2021-03-01") in found.case


def test_a_bound_may_itself_change_by_date() -> None:
    province = (
        'policy province "p"\n  effective 2021-01-01 to 2022-12-31\nparam subsidy: money open\n'
        "param floor\n  from 2021-01-01: 580元\n  from 2022-01-01: 610元\nrequire subsidy >= floor\n"
    )
    city = 'policy city "c"\n  effective 2021-01-01 to 2022-12-31\n  under province\nparam subsidy = 600元\n'
    (found,) = beside(city, province).diagnostics
    assert found.code.number == "PD630" and ("办理日期", "2022-01-01") in found.case
    ended = city.replace("to 2022-12-31", "to 2021-12-31")
    assert numbers(beside(ended, province).diagnostics) == []


def test_bounds_bind_through_the_policies_between() -> None:
    nation = (
        'policy nation "n"\n  effective 2020-01-01\nparam subsidy: money open\nrequire subsidy >= 580元\n'
    )
    province = 'policy province "p"\n  effective 2021-01-01\n  under nation\nparam other = 1元\n'
    first = 'policy city_2020 "c"\n  effective 2020-01-01\n  under province\nparam subsidy = 580元\n'
    for line in ("under province", "adopts province", "amends city_2020"):
        city = f'policy city "c"\n  effective 2021-06-01\n  {line}\nparam subsidy = 579元\n'
        found = beside(city, nation, province, first).diagnostics
        assert "PD630" in numbers(found), line


def test_the_figures_of_a_higher_policy_can_be_named_by_a_lower_one() -> None:
    city = CITY + "rule total = contribution + 10元/人·年\nparam subsidy = 580元/人·年\n"
    program = shandong(city).program
    assert program is not None
    assert pipeline.run(program, {}, ("total",)).step("total").value == 330
    assert "waiting" not in program.outputs and "contribution" in program.outputs


def test_an_alias_binds_a_figure_of_another_name() -> None:
    city = CITY + "标准 我市门诊限额（outpatient_limit）＝ 150元/人·年\n"
    (found,) = shandong(city).diagnostics
    assert found.code.number == "PD632" and found.span.text == "我市门诊限额"


# What is in force


@pytest.mark.parametrize(
    ("place", "day", "names"),
    [
        ("临沂", date(2020, 11, 5), ["linyi_2020", "shandong_2020"]),
        ("临沂市", date(2020, 1, 1), ["linyi_2020", "shandong_2020"]),
        ("临沂", date(2019, 12, 31), []),
        ("临沂", date(2020, 2, 29), ["linyi_2020", "shandong_2020"]),
        ("山东省临沂市", date(2020, 12, 31), ["linyi_2020", "shandong_2020"]),
        ("山东省临沂市", date(2021, 1, 1), ["shandong_2021"]),
        ("临沂", date(2021, 12, 31), ["shandong_2021"]),
        ("临沂", date(2022, 1, 1), []),
        ("山東省", date(2020, 12, 31), ["shandong_2020"]),
        ("山东", date(2021, 1, 1), ["shandong_2021"]),
        ("重庆", date(2021, 12, 5), []),
        ("重庆", date(2021, 12, 6), ["chongqing_2021"]),
        ("重庆", date(2021, 12, 7), ["chongqing_2021"]),
        ("重庆", date.max, ["chongqing_2021"]),
        ("忻州", date(2021, 12, 31), ["xinzhou_2021"]),
        ("忻州", date(2022, 1, 1), []),
        ("宁夏", date(2020, 6, 1), []),  # a draft is never in force
        ("宁夏", date.min, []),
    ],
)
def test_what_is_in_force_in_a_place_on_a_day(place: str, day: date, names: list[str]) -> None:
    here = notices().at(place, day)
    assert [p.name for p in here.policies] == names
    assert bool(here) == bool(names)


def test_an_answer_as_of_a_day_is_that_of_the_policy_of_that_day() -> None:
    found = notices()
    assert found.at("临沂", date(2020, 11, 5)).evaluate("illness_premium") == Decimal(81)
    assert found.at("临沂", date(2021, 1, 1)).evaluate("illness_premium") == Decimal(90)
    assert found.at("山东", date(2020, 12, 31)).evaluate("subsidy_floor") == Decimal(550)
    with pytest.raises(NotInForce) as nothing:
        found.at("临沂", date(2022, 1, 1)).evaluate("illness_premium")
    assert "2022年" not in str(nothing.value) and "2022-01-01" in str(nothing.value)
    with pytest.raises(NotInForce) as nowhere:
        found.at("广州", date(2021, 1, 1))
    assert "山东省临沂市" in message(nowhere.value.diagnostic, "zh") or "山东省临沂市" in remedy(
        nowhere.value.diagnostic, "zh"
    )


def test_a_policy_is_asked_for_a_day_outside_its_own_and_says_so() -> None:
    policy = policydsl.load(POLICIES / "linyi" / "2020.pol")
    assert policy.evaluate("illness_premium", on="2020-12-31") == Decimal(81)
    for day in ("2019-12-31", "2021-01-01"):
        with pytest.raises(PolicyError) as refused:
            policy.evaluate("illness_premium", on=day)
        assert (refused.value.code, refused.value.name) == ("PC104", "on")


def made(*policies: str) -> PolicySet:
    return PolicySet.of([Source(f"{n}.pol", text) for n, text in enumerate(policies, 1)], "policies")


def year(name: str, first: str, last: str, *lines: str) -> str:
    header = "".join(f"  {line}\n" for line in lines)
    return f'policy {name} "{name}"\n  place "甲省"\n  effective {first} to {last}\n{header}param subsidy = 580元\n'


def test_days_between_two_policies_are_reported() -> None:
    one, two = year("one", "2020-01-01", "2020-12-30"), year("two", "2021-01-01", "2021-12-31", "amends one")
    (gap,) = made(one, two).problems
    assert gap.code.number == "PD640"
    assert "from 2020-12-31 to 2020-12-31" in message(gap, "en")
    closed = year("one", "2020-01-01", "2020-12-31")
    assert made(closed, two).problems == ()


def test_two_policies_on_one_day_are_reported() -> None:
    one, two = year("one", "2020-01-01", "2021-01-01"), year("two", "2021-01-01", "2021-12-31")
    (double,) = made(one, two).problems
    assert double.code.number == "PD641"
    assert "from 2021-01-01 to 2021-01-01" in message(double, "en")
    amended = year("two", "2021-01-01", "2021-12-31", "amends one")
    found = made(one, amended)
    assert found.problems == ()
    assert [p.name for p in found.at("甲", date(2020, 12, 31)).policies] == ["one"]
    assert [p.name for p in found.at("甲", date(2021, 1, 1)).policies] == ["two"]


def test_gaps_and_doubles_are_the_days_with_no_policy_and_with_two() -> None:
    """Three policies with days drawn over two months, against a count of days."""
    import random

    for seed in range(60):
        r = random.Random(seed)
        start = date(2021, 1, 1)
        spans = []
        for _ in range(3):
            first = start + timedelta(r.randint(0, 40))
            spans.append((first, first + timedelta(r.randint(0, 20))))
        found = made(*(year(f"p{n}", str(a), str(b)) for n, (a, b) in enumerate(spans)))
        days = [start + timedelta(n) for n in range(70)]
        count = [sum(a <= d <= b for a, b in spans) for d in days]
        begun = [i for i, c in enumerate(count) if c]
        hole = any(count[i] == 0 for i in range(begun[0], begun[-1]))
        kinds = set(numbers(found.problems))
        assert ("PD641" in kinds) == (max(count) > 1), spans
        assert ("PD640" in kinds) == hole, spans
        for day, n in zip(days, count, strict=True):
            assert len(found.at("甲省", day).policies) == n


def test_two_files_of_one_policy_are_named() -> None:
    (twice,) = [d for d in made(year("one", "2020-01-01", "2020-12-31"), year("one", "2021-01-01", "2021-12-31")).problems
                if d.code.number == "PD618"]  # fmt: skip
    assert "1.pol" in message(twice, "zh") and "2.pol" in message(twice, "zh")


@pytest.mark.parametrize(
    "days", [("0001-01-01", "9999-12-31"), ("9999-12-31", "9999-12-31"), ("0001-01-01", "0001-01-01")]
)
def test_days_at_the_edge_of_the_calendar(days: tuple[str, str]) -> None:
    other = year("two", "2020-01-01", "2020-12-31", 'replaces one because "x"').replace("subsidy", "other")
    found = made(year("one", *days), other)
    assert [p.name for p in found.at("甲省", date.fromisoformat(days[0])).policies][:1] in (["one"], [])


# Relations


def test_a_chain_of_amendments_takes_over_the_latest_of_each() -> None:
    a = 'policy a "a"\n  effective 2019-01-01\nparam x = 1元\nparam y = 1元\nparam z = 1元\nrule sum = x + y + z\n'
    b = 'policy b "b"\n  effective 2020-01-01\n  amends a\nparam y = 20元\n'
    c = 'policy c "c"\n  effective 2021-01-01\n  amends b\nparam z = 300元\n'
    program = beside(c, a, b).program
    assert program is not None
    assert pipeline.run(program, {}, ("sum",)).step("sum").value == 321


def test_what_is_said_to_fall_falls_with_all_that_is_said_of_it() -> None:
    a = (
        'policy a "a"\n  effective 2020-01-01\ninput cost: money in 0元 .. 100元\nparam x = 1元\nrule twice = cost × 2\n'
        "ensure twice >= cost\nrequire x >= 1元\n"
    )
    b = 'policy b "b"\n  effective 2021-01-01\n  amends a\n  replaces twice, cost, x because "以本通知为准"\nparam y = 1元\n'
    checked = beside(b, a)
    assert checked.program is not None, [message(d, "en") for d in checked.diagnostics]
    assert checked.program.outputs == ("y",) and checked.program.requires == ()


def test_names_in_the_other_script_are_the_same_by_their_alias() -> None:
    a = (
        'policy a "a"\n  effective 2020-01-01\n类别 身份（status）：特困人员（poor）、其他人员（other）\n'
        "标准 缴费（pay）＝ 280元\n规则 自付（own）＝ 缴费\n  例外 特困（full） 当 身份 为 特困人员：0元\n"
    )
    b = (
        'policy b "b"\n  effective 2021-01-01\n  amends a\n'
        "類別 身分（status）：特困人員（poor）、其他人員（other）\n標準 繳費（pay）＝ 320元\n"
    )
    program = beside(b, a).program
    assert program is not None
    values = [pipeline.run(program, {"status": s}, ("own",)).step("own").value for s in ("poor", "other")]
    assert values == [0, 320]


def test_numbers_of_documents_are_compared_whatever_their_brackets_and_script() -> None:
    same = {"鲁医保发〔2020〕60号", "魯醫保發[2020] 60 號", "鲁医保发﹝2020﹞60号", "鲁医保发【2020】60号"}
    assert len({folded(text) for text in same}) == 1
    assert number("《通知》（医保发〔2020〕24 号）") is not None
    assert folded("医保发〔2020〕24号") != folded("国医保发〔2020〕24号")


def test_a_text_with_ten_thousand_policies_beside_reads_those_that_are_named() -> None:
    many = [Source(f"{n}.pol", f'policy p{n} "p"\nparam a = nowhere\n') for n in range(10_000)]
    one = Source("one.pol", 'policy one "one"\n  effective 2020-01-01\nparam a = 1元\n')
    own = Source(
        "own.pol",
        'policy own "own"\n  effective 2021-01-01\n  amends one\n',
        beside=lambda: [("x", [*many, one])],
    )
    assert pipeline.check(own).program is not None


# The command


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = main(list(arguments))
    out = capsys.readouterr()
    return status, out.out, out.err


def test_status_says_who_is_bound_by_what(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run("status", str(POLICIES), "--on", "2020-11-05", "--lang", "zh", capsys=capsys)
    assert status == 0 and err == ""
    linyi = out.split("山东省临沂市\n")[1]
    assert "转发 shandong_2020" in linyi and "须符合 shandong_2020" in linyi
    assert "二（二） 大病支付比例 不低于 60%" in out and "另行规定" in out
    status, out, _ = run("status", str(POLICIES), "--on", "2021年3月1日", "--lang", "en", capsys=capsys)
    assert "no policy of its own is in force" in out and "bound by shandong_2021" in out
    assert "amends shandong_2020" in out


def test_status_draws_the_policies_as_text_and_as_svg(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run("status", str(POLICIES), "--on", "2021-03-01", "--graph", "--lang", "en", capsys=capsys)
    assert "shandong_2021  2021-01-01 – 2021-12-31" in out and "amends → shandong_2020" in out
    _, out, _ = run(
        "status", str(POLICIES), "--on", "2021-03-01", "--graph", "--format", "svg", capsys=capsys
    )
    drawn = ElementTree.fromstring(out)
    words = {e.text for e in drawn.iter() if e.tag.endswith("text")}
    assert {"linyi_2020", "shandong_2020", "shandong_2021", "2021-03-01"} <= words
    assert len([e for e in drawn.iter() if e.tag.endswith("rect")]) == 1 + 6


@pytest.mark.parametrize("day", ["2021-02-29", "yesterday", "2021-13-01", ""])
def test_a_day_that_is_none_is_a_bad_call(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run("status", str(POLICIES), "--on", day, "--lang", "zh", capsys=capsys)
    assert status == 2 and "没有这一天" in err


def test_status_of_a_folder_without_policies_is_a_bad_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run("status", str(tmp_path), "--lang", "en", capsys=capsys)
    assert status == 2 and str(tmp_path) in err


def test_a_policy_missing_from_the_folder_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(POLICIES / "linyi", tmp_path / "policies" / "linyi")
    status, out, _ = run(
        "check", str(tmp_path / "policies" / "linyi" / "2020.pol"), "--lang", "zh", capsys=capsys
    )
    assert status == 1 and "错误[PD611]" in out and "PD101" not in out
    shutil.copytree(POLICIES / "shandong", tmp_path / "elsewhere" / "shandong")
    given = ("--policies", str(tmp_path / "elsewhere"))
    status, out, _ = run("check", str(tmp_path / "policies" / "linyi" / "2020.pol"), *given, capsys=capsys)
    assert status == 0


def test_a_policy_further_up_that_has_errors_is_named() -> None:
    nation = 'policy nation "n"\n  effective 2020-01-01\nparam subsidy: money open\nparam a = 1元 = 2元\nrequire subsidy >= 1元\n'
    province = 'policy province "p"\n  effective 2020-01-01\n  under nation\nparam b = 1元\n'
    city = 'policy city "c"\n  effective 2020-01-01\n  under province\nparam subsidy = 2元\n'
    found = beside(city, nation, province).diagnostics
    assert numbers(found) == ["PD621"] and "nation" in message(found[0], "en")


@pytest.mark.parametrize("seed", range(40))
def test_a_bound_is_refuted_exactly_where_a_case_breaks_it(seed: int) -> None:
    """Random provinces and cities over a few days, areas and years, against every case there is."""
    import random

    r = random.Random(seed)
    start = date(2020, 2, 24)  # over the leap day and a change of month

    def days() -> tuple[date, date]:
        first = start + timedelta(r.randint(0, 5))
        return first, first + timedelta(r.randint(2, 9))

    def dated(name: str, first: date, last: date, low: int, high: int) -> tuple[str, list[tuple[date, int]]]:
        cuts = sorted({first, *(first + timedelta(r.randint(0, (last - first).days)) for _ in range(2))})
        values = [(cut, r.randint(low, high)) for cut in cuts]
        return f"param {name}\n" + "".join(f"  from {cut}: {value}元\n" for cut, value in values), values

    high_days, low_days = days(), days()
    floor, floors = dated("floor", *high_days, 3, 6)
    base, bases = dated("base", *low_days, 4, 7)
    plus, edge = r.randint(0, 2), r.randint(0, 4)
    op = r.choice((">=", ">"))
    province = (
        f'policy province "p"\n  effective {high_days[0]} to {high_days[1]}\nparam aid: money open\n'
        f"{floor}require aid {op} floor\n"
    )
    city = (
        f'policy city "c"\n  effective {low_days[0]} to {low_days[1]}\n  under province\n'
        f"category area: town, village\ninput years: years in 0 .. 4\n{base}"
        f"rule aid = base\n  except far when area is village and years >= {edge}年: base + {plus}元\n"
    )

    def value(of: list[tuple[date, int]], day: date) -> int:
        return next(v for first, v in reversed(of) if first <= day)

    broken = []
    for n in range(20):
        day = start + timedelta(n)
        if high_days[0] <= day <= high_days[1] and low_days[0] <= day <= low_days[1]:
            for village in (False, True):
                for years in range(5):
                    aid = value(bases, day) + (plus if village and years >= edge else 0)
                    limit = value(floors, day)
                    if not (aid >= limit if op == ">=" else aid > limit):
                        broken.append((str(day), "village" if village else "town", str(years)))
    found = beside(city, province)
    assert numbers(d for d in found.diagnostics if d.code.severity == "error") == (
        ["PD630"] if broken else []
    )
    for d in found.diagnostics:
        if d.code.number == "PD630":
            case = dict(d.case)
            fits = [
                b for b in broken
                if case.get("办理日期", b[0]) == b[0] and case.get("area", b[1]) == b[1] and case.get("years", b[2]) == b[2]
            ]  # fmt: skip
            assert fits, (case, broken)
