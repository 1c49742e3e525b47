"""Has each day the answers of the declarations of that day? Dated policies against the same policies of one day."""

from __future__ import annotations

import itertools
import random
import sys
import types
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from policydsl import pipeline, results
from policydsl.amounts import say_name
from policydsl.diagnostics.model import message
from policydsl.ir import Program
from policydsl.runtime import PolicyError
from policydsl.source import Source

FIRST, LAST = date(2020, 1, 1), date(2021, 12, 31)
HEAD = f"""policy dated "dated"
  effective {FIRST} to {LAST}
category area: mountain, river, plain
input cost: money in 0元 .. 100万元
input joined: date
input helped: yes_no
"""


def check(text: str) -> pipeline.Checked:
    return pipeline.check(Source("dated.pol", text))


def codes(text: str) -> list[tuple[str, str]]:
    return [(d.code.number, d.span.text) for d in check(text).diagnostics if d.code.severity != "note"]


def program(text: str) -> Program:
    checked = check(text)
    assert checked.program is not None, [(d.code.number, message(d, "en")) for d in checked.diagnostics]
    return checked.program


def answers(of: Program, facts: Mapping[str, Any], outputs: Sequence[str]) -> dict[str, object]:
    trace = pipeline.run(of, facts, outputs)
    return {key: results.as_python(of, trace.step(key)) for key in outputs}


# Random policies: each declaration is a form with a place for its days and figures drawn for each edition.


def param(at: str, r: random.Random) -> str:
    return f"param subsidy{at} = {r.randint(1, 9) * 100}元/人·年\n"


def tiers(at: str, r: random.Random) -> str:
    edge, low, high = r.randint(1, 9) * 1000, r.randint(10, 50), r.randint(51, 90)
    return (
        f"tiers payout{at} of cost, marginal\n  | cost (元) | rate (%) |\n"
        f"  | {edge} to {edge * 3} | {low} |\n  | over {edge * 3} | {high} |\n"
        '  round half up to 0.01元 because "x"\n'
    )


def table(at: str, r: random.Random) -> str:
    a, b = r.randint(1, 99), r.randint(1, 99)
    return f"table deductible{at}: money by area\n  | area | deductible (元) |\n  | mountain | {a} |\n  | river, plain | {b} |\n"


def columns(at: str, r: random.Random) -> str:
    a, b = r.randint(1, 99), r.randint(1, 99)
    return f"table stay{at} by area\n  | area | line (元) | share (%) |\n  | plain | {a} | {b} |\n  | any | {b} | {a} |\n".replace(
        "| any |", "| mountain, river |"
    )


def split(at: str, r: random.Random) -> str:
    a = r.randint(10, 80)
    if r.random() < 0.5:
        return f'split funding{at} of subsidy\n  central {a}%, province {100 - a}%\n  round half up to 1元, remainder to province because "x"\n'
    return (
        f"split funding{at} of subsidy by area\n  mountain: central {a}%, province rest\n"
        '  river: central all\n  plain: province all\n  round half up to 1元, remainder to province because "x"\n'
    )


def rule(at: str, r: random.Random) -> str:
    low, high, inner = r.randint(0, 9), r.randint(10, 99), r.randint(100, 199)
    text = f"rule aid{at} = {low}元\n  except full when helped: {high}元\n"
    if r.random() < 0.5:
        text += f"  except full.far when area is mountain: {inner}元\n"
    if r.random() < 0.5:
        text += f"  except near when area is plain: {r.randint(1, 300)}元\n"
    return text + '  when several apply, greatest because "x"\n'


def yes_no(at: str, r: random.Random) -> str:
    return f"rule early{at} when joined < {FIRST + timedelta(r.randint(0, 700))}\n"


FORMS = (param, tiers, table, columns, split, rule, yes_no)
OUTPUTS = ("subsidy", "payout", "deductible", "stay", "funding", "aid", "early", "both", "share")
#: what is not dated, and reads what is
MORE = "rule both = payout + aid\nrule share = funding.central\n"


def starts(r: random.Random) -> list[date]:
    days = (LAST - FIRST).days
    cuts = sorted(r.sample(range(1, days), r.randint(0, 3)))
    return [FIRST, *(FIRST + timedelta(cut) for cut in cuts)]


def drawn(r: random.Random) -> tuple[str, list[tuple[date, list[str]]]]:
    """A dated policy, and for each stretch of days the undated declarations of it."""
    text, dated = HEAD, []
    for form in FORMS:
        begin = starts(r)
        editions = []
        for n, start in enumerate(begin):
            following = begin[n + 1] if n + 1 < len(begin) else None
            written = r.random() < 0.3
            end = (following - timedelta(1) if following else LAST) if written else None
            at = f" from {start} to {end}" if end else f" from {start}"
            if len(begin) == 1 and r.random() < 0.5:
                at = ""
            mark = r.getstate()
            text += form(at, r)
            r.setstate(mark)
            editions.append((start, form("", r)))
        dated.append(editions)
    text += MORE
    cuts = sorted({start for editions in dated for start, _ in editions})
    days = [
        (cut, [next(body for start, body in reversed(editions) if start <= cut) for editions in dated])
        for cut in cuts
    ]
    return text, days


def cases(r: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "cost": Fraction(r.randint(0, 10**8), 100),
            "area": r.choice(("mountain", "river", "plain")),
            "joined": FIRST + timedelta(r.randint(-30, 760)),
            "helped": r.random() < 0.5,
        }
        for _ in range(3)
    ]


_numbers = itertools.count()


def module(of: Program) -> Any:
    made = types.ModuleType(f"timeline_{next(_numbers)}")
    sys.modules[made.__name__] = made
    exec(
        compile(pipeline.compile_python(of, source_name="dated.pol"), f"{made.__name__}.py", "exec"),
        made.__dict__,
    )
    return made


@pytest.mark.parametrize("seed", range(12))
def test_a_dated_policy_answers_on_each_day_as_the_policy_of_that_day_does(seed: int) -> None:
    r = random.Random(seed)
    text, stretches = drawn(r)
    whole = program(text)
    assert [key for key in whole.outputs if key in OUTPUTS] == list(whole.outputs)
    generated = module(whole)
    for n, (first, bodies) in enumerate(stretches):
        alone = program(HEAD + "".join(bodies) + MORE)
        last = stretches[n + 1][0] - timedelta(1) if n + 1 < len(stretches) else LAST
        days = {first, last, first + (last - first) // 2} | {
            d for d in (date(2020, 2, 29), date(2020, 12, 31), date(2021, 1, 1)) if first <= d <= last
        }
        for day, case in itertools.product(sorted(days), cases(r)):
            wanted = answers(alone, case, OUTPUTS)
            assert answers(whole, {**case, "on": day}, OUTPUTS) == wanted, (day, case)
            for output in ("payout", "deductible", "early", "both", "share", "aid"):
                needs = whole.definition(output).inputs
                given = {k: v for k, v in {**case, "on": day}.items() if k in needs}
                if "cost" in given:
                    given["cost"] = _decimal(given["cost"])
                if "area" in given:
                    given["area"] = generated.Area(given["area"])
                if not needs:
                    continue
                said = getattr(generated, output)(**given)
                if output == "aid":
                    said = results.Grounds(said.value, str(said.ground), tuple(map(str, said.held)))
                assert said == wanted[output], (output, day, case)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator * 100 // value.denominator).scaleb(-2)


@pytest.mark.parametrize("day", [FIRST - timedelta(1), LAST + timedelta(1), date.min, date.max])
def test_a_day_outside_the_days_in_force_is_refused(day: date) -> None:
    of = program(HEAD + "param a from 2020-01-01 = 1元\nparam a from 2021-01-01 = 2元\nparam b = 3元\n")
    with pytest.raises(PolicyError) as refused:
        pipeline.run(of, {"on": day}, ("a",))
    assert (refused.value.code, refused.value.name, refused.value.allowed) == (
        "PC104", "on", "2020-01-01 .. 2021-12-31",
    )  # fmt: skip
    with pytest.raises(PolicyError) as generated:
        module(of).a(on=day)
    assert (generated.value.code, generated.value.name) == ("PC104", "on")
    with pytest.raises(PolicyError) as undated:
        pipeline.run(of, {"on": day}, ("b",))
    assert undated.value.code == "PC104"
    with pytest.raises(PolicyError):
        module(of).POLICY.require_in_force(day)


@pytest.mark.parametrize("day", [FIRST, LAST, date(2020, 2, 29)])
def test_a_day_in_force_is_taken_with_or_without_dated_values(day: date) -> None:
    of = program(HEAD.replace("dated", "undated") + "param b = 3元\n")
    assert pipeline.run(of, {"on": day}, ("b",)).step("b").value == 3
    module(of).POLICY.require_in_force(day)


def test_a_policy_without_days_takes_every_day() -> None:
    of = program('policy p "p"\nparam b = 3元\n')
    assert pipeline.run(of, {"on": date(1900, 1, 1)}, ("b",)).step("b").value == 3


# Gaps and overlaps against a count of days


@pytest.mark.parametrize("seed", range(40))
def test_gaps_and_overlaps_are_the_days_with_no_value_and_with_two(seed: int) -> None:
    r = random.Random(seed)
    first, last = date(2021, 1, 1), date(2021, 1, 31)
    cut = first + timedelta(r.randint(1, 28))
    second_end = last + timedelta(r.choice((-2, -1, 0, 0, 0)))
    first_end = cut + timedelta(r.choice((-3, -2, -1, -1, 0, 1)))
    if first_end < first or first_end > last or second_end < cut:
        return
    days = [first + timedelta(n) for n in range(31)]
    count = [(first <= d <= first_end) + (cut <= d <= second_end) for d in days]
    text = (
        f'policy p "p"\n  effective {first} to {last}\nparam a\n'
        f"  from {first} to {first_end}: 1元\n  from {cut} to {second_end}: 2元\n"
    )
    found = {number for number, _ in codes(text)}
    assert ("PD603" in found) == (2 in count)
    assert ("PD602" in found) == (0 in count)


def test_the_days_of_a_gap_are_named() -> None:
    text = 'policy p "p"\n  effective 2020-01-01 to 2020-12-31\nparam a\n  from 2020-01-01 to 2020-02-28: 1元\n  from 2020-03-01: 2元\n'
    (gap,) = check(text).diagnostics
    assert "no value on 2020-02-29" in message(gap, "en")
    assert gap.case == (("on", "2020-02-29"),)


# Splits of shares, and what splits may not do


FAMILY = """policy f "f"
  effective 2021-01-01 to 2022-12-31
param subsidy
  from 2021-01-01: 550元/人·年
  from 2022-01-01: 580元/人·年
split funding of subsidy
  central, province by 8:2
  round half up to 1元, remainder to province because "x"
split funding.province from 2021-01-01
  region, local by 9:1
  round half up to 1元, remainder to local because "x"
split funding.province from 2021-07-01
  region, local by 6:4
  round half up to 1元, remainder to local because "x"
"""


@pytest.mark.parametrize(
    ("day", "parts"),
    [
        # 550 × 80% = 440; 110 × 90% = 99, × 60% = 66; 580 × 80% = 464, 116 × 60% = 69.6
        (date(2021, 6, 30), {"central": 440, "region": 99, "local": 11, "province": 110}),
        (date(2021, 7, 1), {"central": 440, "region": 66, "local": 44, "province": 110}),
        (date(2022, 1, 1), {"central": 464, "region": 70, "local": 46, "province": 116}),
    ],
)
def test_a_dated_split_of_a_share_changes_with_its_undated_whole(day: date, parts: dict[str, int]) -> None:
    of = program(FAMILY)
    step = pipeline.run(of, {"on": day}, ("funding",)).step("funding")
    assert {key: step.part(key) for key in parts} == parts
    generated = module(of).funding(on=day)
    assert {key: getattr(generated, key) for key in parts} == parts


def test_printed_shares_are_held_against_the_total_of_their_own_days() -> None:
    text = """policy f "f"
  effective 2021-01-01 to 2022-12-31
param subsidy
  from 2021-01-01: 580元/人·年
  from 2022-01-01: 610元/人·年
split funding from 2021-01-01 of subsidy
  central 60%, city 26元, county 206元
split funding from 2022-01-01 of subsidy
  central 60%, city 30元, county {county}元
"""
    assert codes(text.format(county=214)) == []
    assert [number for number, _ in codes(text.format(county=213))] == ["PD304"]


def test_a_payer_that_is_divided_on_some_days_only_is_reported() -> None:
    text = """policy f "f"
  effective 2021-01-01 to 2022-12-31
param subsidy = 580元/人·年
split funding from 2021-01-01 of subsidy
  central 60%, local 40%, of which city 32元, county 200元
split funding from 2022-01-01 of subsidy
  central 60%, local 40%
"""
    assert [number for number, _ in codes(text)] == ["PD604"]


def test_two_declarations_without_days_are_two_of_one_name() -> None:
    assert [n for n, _ in codes(HEAD + "rule a = 1元\nrule a = 2元\n")][:1] == ["PD102"]
    found = codes(HEAD + "rule a = 1元\nrule a = 2元\nrule a from 2021-01-01 = 3元\n")
    assert "PD102" in [n for n, _ in found]


GROUNDS = """policy g "g"
  effective 2021-01-01 to 2022-12-31
input poor: yes_no
input old: yes_no
rule aid from 2021-01-01 = 0元
  except full when poor: 100元
  {several}
rule aid from 2022-01-01 = 0元
  except full when poor: 200元
  except aged when old: 150元
  when several apply, greatest because "x"
"""


def test_the_ground_of_a_dated_rule_is_that_of_its_edition() -> None:
    text = GROUNDS.format(several="") + (
        'example "before": on = 2021-12-31, poor = yes, old = yes gives aid = 100元, aid.ground is full\n'
        'example "after": on = 2022-01-01, poor = no, old = yes gives aid = 150元, aid.ground is aged\n'
        'example "none": on = 2021-12-31, poor = no, old = yes gives aid = 0元, aid.ground is base\n'
    )
    assert all(result.passed for result in pipeline.test(program(text)))


def test_editions_that_finish_differently_give_the_value_alone() -> None:
    of = program(GROUNDS.format(several="capped at 90元"))
    facts = {"poor": True, "old": False}
    values = [
        pipeline.run(of, {**facts, "on": day}, ("aid",)).step("aid")
        for day in (date(2021, 12, 31), date(2022, 1, 1))
    ]
    assert [step.value for step in values] == [90, 200] and [step.parts for step in values] == [(), ()]


def test_an_edition_without_days_holds_from_the_first_day() -> None:
    of = program(HEAD + "rule a = 1元\nrule a from 2021-01-01 = 2元\n")
    values = [
        pipeline.run(of, {"on": d}, ("a",)).step("a").value
        for d in (FIRST, date(2020, 12, 31), date(2021, 1, 1), LAST)
    ]
    assert values == [1, 1, 2, 2]


def test_chinese_spellings_mean_the_same() -> None:
    chinese = """政策 某市（p）“某市”
  施行 2021年1月1日 至 2022年12月31日
期间 集中参保期（collection）：2021年9月1日 至 2021年12月31日
输入 费用（cost）：金额 介于 0元 至 1亿元
输入 参保日期（joined）：日期
分段 支付额（payout） 自 2021年1月1日起：费用，超额累进
  | 费用（元） | 比例（%） |
  | 超过 0 | 50 |
  四舍五入到 0.01元 理由 “x”
分段 支付额 自 2022年1月1日起：费用，超额累进
  | 费用（元） | 比例（%） |
  | 超过 0 | 60 |
  四舍五入到 0.01元 理由 “x”
规则 集中参保（early） 当 参保日期 在 集中参保期 内
规则 当年（this_year） 当 办理日期 不超过 2021-12-31
标准 补助标准（subsidy）＝ 580元/人·年，较上年增加30元，上年为 550元/人·年 “由580元推得”
"""
    of = program(chinese)
    paid = [
        pipeline.run(of, {"on": d, "cost": Fraction(100)}, ("payout",)).step("payout").value
        for d in (date(2021, 12, 31), date(2022, 1, 1))
    ]
    assert paid == [50, 60]
    inside = [
        pipeline.run(of, {"joined": d}, ("early",)).step("early").value
        for d in (date(2021, 8, 31), date(2021, 9, 1), date(2021, 12, 31), date(2022, 1, 1))
    ]
    assert inside == [False, True, True, False]
    assert pipeline.run(of, {"on": date(2022, 1, 1)}, ("this_year",)).step("this_year").value is False


def test_a_property_is_proved_over_the_days_too() -> None:
    text = (
        'policy p "p"\n  effective 2020-01-01 to 2021-12-31\ninput cost: money in 0元 .. 100万元\n'
        "tiers payout from 2020-01-01 of cost, marginal\n  | cost (元) | rate (%) |\n  | over 0 | 60 |\n"
        '  round half up to 0.01元 because "x"\n'
        "tiers payout from 2021-01-01 of cost, marginal\n  | cost (元) | rate (%) |\n  | over 0 | {rate} |\n"
        '  round half up to 0.01元 because "x"\n'
        "ensure payout <= cost × 65% + 0.01元\n"
    )
    assert [n for n, _ in codes(text.format(rate=65).replace("cost × 65% + 0.01元", "cost"))] == []
    found = [d for d in check(text.format(rate=66)).diagnostics if d.code.number == "PD520"]
    assert len(found) == 1
    assert ("办理日期", "2021-01-01") in found[0].case


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_edge_of_the_calendar_are_days(day: str) -> None:
    text = f'policy p "p"\nparam a\n  from {day} to {day}: 1元\n'
    assert {n for n, _ in codes(text)} <= {"PD602"}
    whole = 'policy p "p"\n  effective 0001-01-01 to 9999-12-31\nrule a from 0001-01-01 = 1元\nrule a from 9999-12-31 = 2元\n'
    of = program(whole)
    assert [pipeline.run(of, {"on": d}, ("a",)).step("a").value for d in (date.min, date.max)] == [1, 2]


def test_the_name_of_the_day_is_not_free_where_values_are_dated() -> None:
    dated = "rule t from 2021-03-01 = 1元\nrule t from 2022-03-01 = 2元\n"
    assert [n for n, _ in codes('policy p "p"\ninput on: date\n' + dated)][:1] == ["PD102"]
    assert codes('policy p "p"\ninput on: date\nrule early when on < 2021-01-01\n') == []


def test_a_period_is_no_value() -> None:
    assert ("PD203", "q") in codes('policy p "p"\nperiod q: 2021-01-01 to 2021-03-01\nrule w = q\n')


def test_a_name_that_looks_like_that_of_an_edition_is_another() -> None:
    of = program(
        'policy p "p"\nrule t from 2021-03-01 = 1元\nrule t from 2022-03-01 = 2元\nparam t_20210301 = 9元\n'
    )
    day = date(2021, 3, 1)
    assert answers(of, {"on": day}, ("t", "t_20210301")) == {"t": Decimal(1), "t_20210301": Decimal(9)}
    assert of.outputs == ("t", "t_20210301") and module(of).t(on=day) == 1


def test_an_edition_is_called_by_its_first_day() -> None:
    of = program('policy p "p"\nrule t "甲" from 2021-03-01 = 1元\nrule t from 2022-03-01 = 2元\n')
    names = [d.name for d in of.definitions if d.name.key == "t_20210301"]
    assert [say_name(name, "en") for name in names] == ["t (from 2021-03-01)"]
    assert [say_name(name, "zh") for name in names] == ["甲（2021年3月1日起）"]
