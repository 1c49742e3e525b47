"""Are the five notices encoded rightly? Clean, their examples pass, and their figures come out by another route."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from policydsl import pipeline
from policydsl.diagnostics.model import message
from policydsl.expressions import Value
from policydsl.files import read_source
from policydsl.ir import Program
from policydsl.runtime import PolicyError
from policydsl.source import Source

ROOT = Path(__file__).resolve().parents[1]
FILES = (
    "xinzhou/2021.pol",
    "shandong/2021.pol",
    "ningxia/2020.pol",
    "chongqing/2021.pol",
    "linyi/2020.pol",
    "shandong/2020.pol",
)


@cache
def checked(name: str) -> pipeline.Checked:
    path = ROOT / "policies" / name
    source = read_source(str(path))
    assert isinstance(source, Source)
    return pipeline.check(source)


def program(name: str) -> Program:
    result = checked(name).program
    assert result is not None
    return result


def answer(name: str, output: str, facts: Mapping[str, Value], part: str | None = None) -> object:
    step = pipeline.run(program(name), facts, (output,)).step(output)
    return step.value if part is None else step.part(part)


@pytest.mark.parametrize("name", FILES)
def test_a_policy_is_clean(name: str) -> None:
    problems = [
        (d.code.number, d.span, message(d, "en"))
        for d in checked(name).diagnostics
        if d.code.severity != "note"
    ]
    assert problems == []
    assert checked(name).program is not None


@pytest.mark.parametrize("name", FILES)
def test_every_example_of_a_policy_passes(name: str) -> None:
    results = pipeline.test(program(name))
    assert len(results) > 10
    assert [(r.example.title, r.example.span) for r in results if not r.passed] == []


@pytest.mark.parametrize("name", FILES)
def test_every_public_name_has_an_ascii_alias(name: str) -> None:
    policy = program(name)
    names = [f.name for f in policy.facts] + [d.name for d in policy.definitions]
    for category in policy.categories:
        names += [category.name, *(m.name for m in category.members), *(g.name for g in category.groups)]
    assert [n.key for n in names if not n.key.isascii()] == []


@pytest.mark.parametrize(
    ("name", "right", "wrong", "code", "at"),
    [
        ("xinzhou/2021.pol", "县 44.5元", "县 45.4元", "PD302", "45.4元"),
        ("xinzhou/2021.pol", "市（city）26元", "市（city）62元", "PD302", "62元"),
        ("xinzhou/2021.pol", "60%，即 348元", "60%，即 384元", "PD305", "384元"),
        ("ningxia/2020.pol", "| 61                 | 62 ", "| 0.61               | 62 ", "PD414", "0.61"),
        (
            "ningxia/2020.pol",
            "  | ordinary   | guyuan               | 8500            |\n",
            "",
            "PD430",
            "deductible",
        ),
        ("ningxia/2020.pol", "| 200001-300000 ", "| 200010-300000 ", "PD401", "200010-300000"),
        ("chongqing/2021.pol", "× 1/2 ＝ 15412元/人·年", "× 1/2 ＝ 15421元/人·年", "PD250", "15421元/人·年"),
        (
            "chongqing/2021.pol",
            "  | 大学生   | 二档 | 655                      |\n",
            "",
            "PD430",
            "个人缴费标准",
        ),
        ("shandong/2021.pol", "  同時符合，就高 理由", "  # ", "PD501", "定額補貼"),
    ],
)
def test_a_broken_figure_is_reported_at_that_figure(
    name: str, right: str, wrong: str, code: str, at: str
) -> None:
    source = read_source(str(ROOT / "policies" / name))
    assert isinstance(source, Source) and right in source.text
    changed = Source(name, source.text.replace(right, wrong, 1), beside=source.beside)
    found = pipeline.check(changed).diagnostics
    assert [(d.code.number, d.span.text) for d in found if d.code.severity != "note"] == [(code, at)]


# Ningxia: the table of the notice, typed from it and computed without the product's code.

DEDUCTIBLE = {"yinchuan": 10000, "shizuishan": 10000, "wuzhong": 9500, "zhongwei": 9500, "guyuan": 8500}
EDGES = (100000, 200000, 300000, 400000, 500000)
RATES = {
    ("ordinary", "common"): (60, 61, 62, 63, 66, 70),
    ("ordinary", "major"): (61, 63, 64, 65, 68, 73),
    ("rural_poor", "common"): (62, 66, 67, 68, 71, 75),
    ("rural_poor", "major"): (64, 68, 69, 70, 73, 77),
}


def deductible(city: str, group: str) -> int:
    return 3000 if group == "rural_poor" else DEDUCTIBLE[city]


def payout(cost: Fraction, city: str, group: str, disease: str) -> Fraction:
    """What the notice pays, from the jumps of the rate at each edge; half up to 0.01元."""
    rates = RATES[group, disease]
    total = max(cost - deductible(city, group), Fraction(0)) * rates[0]
    for edge, below, above in zip(EDGES, rates[:-1], rates[1:], strict=True):
        total += max(cost - edge, Fraction(0)) * (above - below)
    return Fraction((2 * total.numerator + total.denominator) // (2 * total.denominator), 100)


def test_the_payout_of_ningxia_on_its_edges_and_on_random_cases() -> None:
    policy = program("ningxia/2020.pol")
    chance = random.Random(20200101)
    cases = [
        (Fraction(edge * 100 + fen, 100), city, group, disease)
        for city in DEDUCTIBLE
        for group, disease in RATES
        for edge in (deductible(city, group), *EDGES)
        for fen in (-1, 0, 1)
    ]
    cases += [
        (
            Fraction(chance.randint(0, 80_000_000), 100),
            chance.choice(list(DEDUCTIBLE)),
            *chance.choice(list(RATES)),
        )
        for _ in range(20_000)
    ]
    for cost, city, group, disease in cases:
        facts: dict[str, Value] = {"cost": cost, "city": city, "group": group, "disease": disease}
        got = pipeline.run(policy, facts, ("payout",)).step("payout").value
        assert got == payout(cost, city, group, disease), facts


@pytest.mark.parametrize(
    ("cost", "city", "group", "disease", "yuan"),
    [
        ("150000", "guyuan", "rural_poor", "major", "96080"),
        ("100000", "yinchuan", "ordinary", "common", "54000"),
        ("100000.5", "yinchuan", "ordinary", "common", "54000.31"),
        ("120000", "yinchuan", "ordinary", "common", "66200"),
        ("200000", "guyuan", "ordinary", "common", "115900"),
        ("600000", "yinchuan", "ordinary", "common", "376000"),
        ("600000", "guyuan", "ordinary", "common", "376900"),
        ("600000", "wuzhong", "rural_poor", "common", "407140"),
    ],
)
def test_payouts_of_ningxia_worked_by_hand(cost: str, city: str, group: str, disease: str, yuan: str) -> None:
    facts: dict[str, Value] = {"cost": Fraction(cost), "city": city, "group": group, "disease": disease}
    assert answer("ningxia/2020.pol", "payout", facts) == Fraction(yuan)


@pytest.mark.parametrize(
    ("area", "central", "ningxia", "region", "local"),
    [("mountain", 440, 110, 99, 11), ("river", 440, 110, 66, 44), ("reclamation", 440, 110, 110, 0)],
)
def test_who_pays_the_subsidy_in_ningxia(
    area: str, central: int, ningxia: int, region: int, local: int
) -> None:
    parts = {"central": central, "ningxia": ningxia, "region": region, "local": local, "total": 550}
    for part, yuan in parts.items():
        assert answer("ningxia/2020.pol", "funding", {"area": area}, part) == yuan, part


@pytest.mark.parametrize(
    ("county", "shares"),
    [
        ("ordinary", {"central": "348", "province": "116", "shared": "116", "city": "26", "county": "90"}),
        ("western", {"central": "464", "province": "58", "shared": "58", "city": "13.5", "county": "44.5"}),
    ],
)
def test_who_pays_the_subsidy_in_xinzhou(county: str, shares: dict[str, str]) -> None:
    for part, yuan in {**shares, "total": "580"}.items():
        assert answer("xinzhou/2021.pol", "funding", {"county": county}, part) == Fraction(yuan), part


def test_the_deductible_of_chongqing_is_half_the_income() -> None:
    assert answer("chongqing/2021.pol", "income", {}) == 15412 * 2 == 30824
    assert answer("chongqing/2021.pol", "deductible", {}) == 15412


def test_the_second_tier_of_chongqing_costs_the_same_more_for_students_and_residents() -> None:
    def paid(group: str, tier: str) -> object:
        return answer("chongqing/2021.pol", "contribution", {"group": group, "tier": tier})

    assert [paid(g, t) for g in ("resident", "student") for t in ("tier_one", "tier_two")] == [
        320,
        695,
        280,
        655,
    ]
    assert 695 - 320 == 655 - 280


@pytest.mark.parametrize(
    ("output", "facts"),
    [
        ("benefits_from", {"born": date(1980, 5, 6), "joined": date(2022, 2, 28), "paid": date(2022, 3, 1)}),
        ("benefits_from", {"born": date(1980, 5, 6), "joined": date(2021, 11, 30), "paid": date(2022, 1, 1)}),
        ("benefits_from", {"born": date(1980, 5, 6), "joined": date(2022, 1, 15), "paid": None}),
        (
            "graduate_benefits_from",
            {
                "born": date(2000, 5, 6),
                "joined": date(2022, 12, 2),
                "graduation": date(2022, 9, 1),
                "paid_back": True,
            },
        ),
        (
            "graduate_benefits_from",
            {
                "born": date(2000, 5, 6),
                "joined": date(2022, 10, 1),
                "graduation": date(2022, 9, 1),
                "paid_back": False,
            },
        ),
    ],
)
def test_chongqing_gives_no_day_of_benefit_where_the_notice_gives_none(
    output: str, facts: dict[str, Value]
) -> None:
    with pytest.raises(PolicyError) as error:
        answer("chongqing/2021.pol", output, facts)
    assert error.value.code == "PC108"


def test_the_figures_of_the_notices_agree_with_each_other() -> None:
    def figure(name: str, output: str) -> object:
        return answer(name, output, {})

    assert figure("linyi/2020.pol", "subsidy_floor") == 550
    assert figure("shandong/2021.pol", "subsidy_floor") == 550 + 30
    assert figure("xinzhou/2021.pol", "subsidy") == figure("chongqing/2021.pol", "subsidy") == 580
    assert figure("ningxia/2020.pol", "subsidy") == 520 + 30
    assert figure("linyi/2020.pol", "contribution_floor") == 280
    assert (
        figure("shandong/2021.pol", "contribution") == figure("xinzhou/2021.pol", "contribution") == 280 + 40
    )
    assert figure("linyi/2020.pol", "illness_premium") == 81
    assert figure("shandong/2021.pol", "illness_premium") == 81 + 9
