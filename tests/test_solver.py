"""Is what the solver says of several amounts true? Figures by hand, all cases of small policies, and its limits."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import partial
from itertools import product
from math import ceil, floor
from pathlib import Path

import pytest

from policydsl import pipeline
from policydsl.diagnostics.model import is_error, message, remedy
from policydsl.examples import breaks
from policydsl.expressions import Value
from policydsl.prove import solver
from policydsl.prove.decide import Verdict
from policydsl.prove.pieces import Beyond, Product
from policydsl.prove.witnesses import Witness
from policydsl.source import Source

pytest.importorskip("z3")

ROOT = Path(__file__).resolve().parents[1]
CENT = Fraction(1, 100)

AMOUNTS = """
policy sample "样例"
input cost "住院费用": money in 0元 .. 1000元
input other "门诊费用": money in 0元 .. 1000元
"""
SHARES = """
rule pay "住院支付额" = cost × 60%
  round half up to 0.01元 because "the notice is silent"
rule aid "门诊支付额" = other × 50%
  round half up to 0.01元 because "the notice is silent"
"""


def checked(text: str) -> pipeline.Checked:
    return pipeline.check(Source("sample.pol", text.lstrip()))


def verdicts(text: str) -> tuple[Verdict, ...]:
    found = checked(text)
    wrong = [d for d in found.diagnostics if is_error(d) and not d.code.number.startswith("PD52")]
    assert not wrong, [message(d, "en") for d in wrong]
    return found.verdicts


def said(text: str, *properties: str) -> list[str]:
    """What becomes of each property of a policy."""
    return [v.outcome for v in verdicts(text + "\n".join(properties))]


def witness(text: str) -> Witness:
    (verdict,) = verdicts(text)
    assert verdict.outcome == "refuted" and verdict.witness is not None
    return verdict.witness


def yuan(value: Value) -> Fraction:
    assert isinstance(value, Fraction)
    return value


def half_up(value: Fraction) -> Fraction:
    """A value that is not negative, to 0.01."""
    return Fraction(floor(value * 100 + Fraction(1, 2)), 100)


# two amounts


def test_two_payments_are_never_above_two_costs() -> None:
    # 0.006 is rounded to 0.01, which is not above the 0.01 it is paid for.
    assert said(AMOUNTS + SHARES, "ensure pay + aid <= cost + other") == ["proved"]


def test_rounding_up_pays_more_than_the_rate() -> None:
    facts = witness(AMOUNTS + SHARES + "ensure pay + aid <= (cost + other) × 60%").facts
    cost, other = yuan(facts["cost"]), yuan(facts["other"])
    assert half_up(cost * 6 / 10) + half_up(other / 2) > (cost + other) * 6 / 10


def test_the_greatest_sum_is_reached_in_one_case_only() -> None:
    # 600元 + 500元, when both costs are 1000元
    text = AMOUNTS + SHARES
    assert said(text, "ensure pay + aid <= 1100元") == ["proved"]
    assert witness(text + "ensure pay + aid < 1100元").facts == {"cost": 1000, "other": 1000}


def test_a_counterexample_has_plain_figures() -> None:
    facts = witness(AMOUNTS + SHARES + "ensure pay + aid < 703.17元").facts
    cost, other = yuan(facts["cost"]), yuan(facts["other"])
    assert cost * 6 / 10 + other / 2 >= Fraction("703.17")
    assert cost % 100 == 0 and other % 100 == 0


def test_a_given_on_two_amounts_is_kept() -> None:
    text = AMOUNTS + SHARES
    within = "ensure pay - aid >= 0元"
    assert said(text, within) == ["refuted"]
    assert said(text + "given cost >= other\n", within) == ["proved"]
    # 0.6 × 100 - 0.5 × 120 is nothing; one fen more of the other and it is below
    assert said(text + "given cost × 6 >= other × 5\n", within) == ["proved"]
    assert said(text + "given cost × 6 + 1元 >= other × 5\n", within) == ["refuted"]


def test_a_part_of_the_inputs_is_looked_at_alone() -> None:
    text = AMOUNTS + SHARES
    assert said(text, "ensure pay >= aid when cost > other", "ensure pay > aid when cost > other") == [
        "proved",
        "refuted",
    ]


def test_where_there_is_no_answer_nothing_is_broken() -> None:
    text = AMOUNTS + 'rule bonus: money = if cost > other then cost - other else undefined because "x"\n'
    assert said(text, "ensure bonus > 0元", "ensure bonus > 0.01元") == ["proved", "refuted"]


# roundings

#: how far the rounded value lies from an amount from 0元 on, at most above and at most below
OFF = {
    "half up": ("0.5", "-0.49"),
    "half down": ("0.49", "-0.5"),
    "half even": ("0.5", "-0.5"),
    "up": ("0.99", "0"),
    "down": ("0", "-0.99"),
    "ceiling": ("0.99", "0"),
    "floor": ("0", "-0.99"),
}
#: the same below 0元: all but the last two are mirrored
BELOW_ZERO = {mode: (low.lstrip("-"), f"-{high}") for mode, (high, low) in OFF.items()} | {
    "ceiling": OFF["ceiling"],
    "floor": OFF["floor"],
}


@pytest.mark.parametrize("mode", OFF)
@pytest.mark.parametrize("negative", [False, True], ids=["from zero", "below zero"])
def test_a_sum_is_rounded_by_its_mode(mode: str, negative: bool) -> None:
    above, below = (Fraction(x) for x in (BELOW_ZERO if negative else OFF)[mode])
    low, high = ("-20元", "0元") if negative else ("0元", "20元")
    text = f"""
policy sample "样例"
input a: money in {low} .. {high}
input b: money in {low} .. {high}
rule whole = a + b
  round {mode} to 1元 because "the notice is silent"
"""

    def apart(op: str, figure: Fraction) -> str:
        yuan, fen = divmod(abs(int(figure * 100)), 100)
        return f"ensure whole {op} a + b {'-' if figure < 0 else '+'} {yuan}.{fen:02d}元"

    properties = (
        apart("<=", above),
        apart("<=", above - CENT),
        apart(">=", below),
        apart(">=", below + CENT),
    )
    assert said(text, *properties) == ["proved", "refuted", "proved", "refuted"]


def test_a_rounded_value_is_rounded_again() -> None:
    # 1.445元 becomes 1.45元 and that 1.5元, 0.055元 more; rounded once it would be 1.4元
    text = (
        AMOUNTS
        + """
rule fine = (cost + other) × 0.1
  round half up to 0.01元 because "x"
rule coarse = fine
  round half up to 0.1元 because "x"
"""
    )
    tenth = "(cost + other) × 0.1"
    assert said(text, f"ensure coarse <= {tenth} + 0.055元", f"ensure coarse <= {tenth} + 0.054元") == [
        "proved",
        "refuted",
    ]


# bands, tables, grounds, splits

LATE = """
policy sample "样例"
input cost: money in 0元 .. 1亿元
input counted: money in 0元 .. 10万元
rule left = greater of (10000元 - counted, 0元)
tiers late of cost, marginal
  | cost (元)             | rate (%) |
  | over left to 50000    | 60       |
  | over 50000            | 70       |
  round half up to 0.01元 because "x"
"""


def test_bands_from_a_bound_that_varies() -> None:
    assert said(
        LATE,
        "ensure late <= cost",
        "ensure as cost rises: late does not fall",
        "ensure as cost rises: cost - late does not fall",
        "ensure as counted rises: late does not fall",
        "ensure as counted rises: late does not rise",
        # all counted: 30000元 + 70%; nothing counted: 6000元 less
        "ensure late <= 30000元 when cost <= 50000元",
        "ensure late >= 24000元 when cost >= 50000元",
        "ensure late >= 24000.01元 when cost >= 50000元",
    ) == ["proved"] * 4 + ["refuted", "proved", "proved", "refuted"]


def test_a_refuted_rise_shows_both_points() -> None:
    found = witness(LATE + "ensure as counted rises: late does not rise")
    assert found.before is not None
    cost, now, before = (
        yuan(f) for f in (found.facts["cost"], found.facts["counted"], found.before["counted"])
    )
    assert before < now <= 10000 < cost + now


def test_each_product_rounded_on_its_own() -> None:
    text = """
policy sample "样例"
input a: money in 0元 .. 30000元
input b: money in 0元 .. 30000元
tiers pay of a, marginal
  | a (元)             | rate (%) |
  | 0-10000            | 50       |
  | over 10000 to 20000 | 55      |
  | over 20000         | 60       |
  round up to 1元, each product because "x"
"""
    # 15000 × … : three products, of which only the last reached is not whole
    assert said(
        text, "ensure pay + b <= a + b + 0.99元", "ensure pay + b <= a + b", "ensure pay + b >= a × 50% + b"
    ) == ["proved", "refuted", "proved"]


def test_a_table_and_rates_by_another_amount() -> None:
    text = (
        AMOUNTS
        + """
table share: rate by other
  | other (元)    | share (%) |
  | up to 100     | 50        |
  | over 100 to 500 | 60      |
  | over 500      | 80        |
rule pay = cost × share
  round half up to 0.01元 because "x"
"""
    )
    assert said(
        text,
        "ensure pay <= cost × 80%",
        "ensure pay <= cost × 80% + 0.01元",
        "ensure pay <= cost × 60% + 0.01元 when other <= 500元",
        "ensure as other rises: pay does not fall",
        # 60% of 833.33元 is 499.998元
        "ensure pay >= other when other <= 500元 and cost >= 833.33元",
        "ensure pay >= other when other <= 500元 and cost >= 833.32元",
    ) == ["refuted", "proved", "proved", "proved", "proved", "refuted"]


@pytest.mark.parametrize(
    ("overlap", "sure"), [("greatest", 300), ("least", 100), ("sum", 400), ("first", 100)]
)
def test_grounds_that_overlap_give_what_is_said(overlap: str, sure: int) -> None:
    text = (
        AMOUNTS
        + f"""
rule grant = 0元
  except small when cost >= 500元: 100元
  except large when other >= 500元: 300元
  when several apply, {overlap} because "x"
"""
    )
    both = "when cost >= 500元 and other >= 500元"
    assert said(
        text,
        f"ensure grant + cost = {sure}元 + cost {both}",
        f"ensure grant + cost = {sure + 1}元 + cost {both}",
        "ensure grant + cost <= 399元 + cost",
    ) == ["proved", "refuted", "refuted" if overlap == "sum" else "proved"]


SPLITS = (
    AMOUNTS
    + """
split funding of cost
  a 60%, b 25%, of which b1 50%, b2 rest; c rest
  round half up to 1元, remainder to c because "x"
split funds of other
  x 33%, y 33%, z 34%
  round down to 1元, remainder to largest fractions because "x"
"""
)


def test_the_parts_of_splits_make_their_totals() -> None:
    assert said(
        SPLITS,
        "ensure funding.a + funding.b1 + funding.b2 + funding.c + funds.x + funds.y + funds.z = cost + other",
        "ensure funding.b1 + funding.b2 + funds.x = funding.b + funds.x",
        # 60% of 0.90元 is 0.54元, rounded to 1元: the holder pays 0.10元 less than nothing
        "ensure funding.c + funds.z >= -0.10元 - 0.01元 when cost >= 0.90元",
        "ensure funding.c + funds.z >= 0元",
        "ensure funds.x + cost >= funds.y + cost",
        "ensure funds.y + cost >= funds.x + cost",
    ) == ["proved", "proved", "refuted", "refuted", "proved", "refuted"]


# days

WAITING = """
policy sample "样例"
input joined "参保日期": date in 2000-01-01 .. 2030-12-31
input gone "中断日期": optional date in 2000-01-01 .. 2030-12-31
rule timely when has gone and joined within 3个月 after gone
rule waiting = 90天
  except continued when timely: 0天
"""


def test_three_months_are_between_89_and_92_days() -> None:
    after = "has gone and joined >= gone and"
    assert said(
        WAITING,
        f"ensure waiting is 0天 when {after} joined within 89天 after gone",
        f"ensure waiting is 0天 when {after} joined within 90天 after gone",
        f"ensure waiting is 90天 when {after} not (joined within 92天 after gone)",
        f"ensure waiting is 90天 when {after} not (joined within 91天 after gone)",
        "ensure waiting is 0天 when timely",
    ) == ["proved", "refuted", "proved", "refuted", "proved"]


def test_a_counterexample_of_days_is_a_day_that_is_too_late() -> None:
    facts = witness(
        WAITING + "ensure waiting is 0天 when has gone and joined >= gone and joined within 90天 after gone"
    ).facts
    joined, gone = facts["joined"], facts["gone"]
    assert isinstance(joined, date) and isinstance(gone, date)
    assert (joined - gone).days == 90
    # 31 January and 30 days of a month that is shorter: the three months end on 30 April
    assert joined.month * 100 + joined.day > (gone.month + 3) * 100 + gone.day - 100 * 12 * (gone.month > 9)


# changes


def test_a_fall_across_cases_without_an_answer_is_a_fall() -> None:
    text = (
        AMOUNTS
        + """
rule r: money = other
  except early when cost < 100元: other + 50元
  except between when cost from 100元 and cost < 200元: undefined because "x"
"""
    )
    found = witness(text + "ensure as cost rises: r does not fall")
    assert found.before is not None
    assert yuan(found.before["cost"]) < 100 and yuan(found.facts["cost"]) >= 200
    assert said(text, "ensure as cost rises: r does not rise", "ensure as other rises: r does not fall") == [
        "proved",
        "proved",
    ]


def test_a_fall_from_one_grain_to_the_next_is_found() -> None:
    text = AMOUNTS + "rule r = if cost < 1000元 then other + 0.01元 else other\n"
    assert said(
        text,
        "ensure as cost rises: r does not fall when cost >= 999.99元",
        "ensure as cost rises: r does not fall when cost <= 999.99元",
    ) == ["refuted", "proved"]


def test_one_group_is_never_worse_off_than_another() -> None:
    text = (
        AMOUNTS
        + """
category group: ordinary "普通参保人员", poor "贫困人口"
rule pay = (if group is poor then cost × 65% else cost × 60%) + other × 10%
  round half up to 0.01元 because "x"
"""
    )
    assert said(
        text,
        "ensure as group from ordinary to poor: pay does not fall",
        "ensure as group from poor to ordinary: pay does not fall",
    ) == ["proved", "refuted"]


def test_jumps_of_an_output_of_two_amounts() -> None:
    text = AMOUNTS + "rule r = other + (if cost >= 500元 then 100元 else 0元)\n"
    found = witness(text + "ensure as cost rises: r does not jump")
    assert found.before is not None
    assert (found.before["cost"], found.facts["cost"]) == (500 - CENT, 500)
    assert said(text, "ensure as other rises: r does not jump") == ["proved"]
    kinked = (
        AMOUNTS + 'rule r = greater of (cost × 60% - other, 0元)\n  round half up to 0.01元 because "x"\n'
    )
    assert said(kinked, "ensure as cost rises: r does not jump") == ["proved"]


# every case of small policies, computed here


def random_policy(seed: int) -> tuple[str, int, int]:
    """Bands over one amount and a rounded share of another; the ranges of the two in whole 元."""
    r = random.Random(seed)
    edges = sorted(r.sample(range(1, 20), r.randint(1, 3)))
    rates = [r.choice([0, 25, 40, 50, 60, 75, 90, 100]) for _ in range(len(edges) + 1)]
    rows = "".join(
        f"  | {f'over {low} to {high}' if high else f'over {low}'} | {rate} |\n"
        for low, high, rate in zip([0, *edges], [*edges, None], rates, strict=True)
    )
    mode, other = (r.choice(list(OFF)) for _ in range(2))
    text = f"""
policy small "小"
input cost: money in whole 元 in 0元 .. 24元
input extra: money in whole 元 in 0元 .. 9元
tiers pay of cost, marginal
  | cost (元) | rate (%) |
{rows}  round {mode} to 1元 because "x"
rule aid = extra × {r.choice([20, 30, 50, 70])}%
  round {other} to {r.choice([1, 2])}元 because "x"
"""
    return text, 24, 9


def answers(text: str, facts: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """`pay` and `aid` by arithmetic that shares nothing with the product but the text."""
    lines = [line.strip() for line in text.splitlines()]
    paid = Fraction(0)
    for line in lines:
        if line.startswith("| over"):
            band, rate = (cell.strip() for cell in line.strip("|").split("|"))
            words = band.split()
            low, high = int(words[1]), int(words[3]) if len(words) > 2 else 10**9
            paid += max(min(facts["cost"], Fraction(high)) - low, Fraction(0)) * int(rate) / 100
    modes = [line.split(" to ")[0].removeprefix("round ") for line in lines if line.startswith("round")]
    steps = [int(line.split(" to ")[1].split("元")[0]) for line in lines if line.startswith("round")]
    share = next(int(line.split("×")[1].strip(" %")) for line in lines if line.startswith("rule aid"))
    return {
        "cost": facts["cost"],
        "extra": facts["extra"],
        "pay": rounded(paid, modes[0], steps[0]),
        "aid": rounded(facts["extra"] * share / 100, modes[1], steps[1]),
    }


def rounded(value: Fraction, mode: str, step: int) -> Fraction:
    """A value from 0 on, to whole steps."""
    steps = value / step
    down = floor(steps)
    half = Fraction(1, 2)
    whole = {
        "half up": floor(steps + half),
        "half down": ceil(steps - half),
        "half even": down + (steps - down > half or (steps - down == half and down % 2 == 1)),
        "up": ceil(steps),
        "down": down,
        "ceiling": ceil(steps),
        "floor": down,
    }[mode]
    return Fraction(whole * step)


@pytest.mark.parametrize("seed", range(30))
def test_two_amounts_of_a_small_policy_are_decided_as_all_cases_are(seed: int) -> None:
    text, cost, extra = random_policy(seed)
    every = {
        (a, b): answers(text, {"cost": Fraction(a), "extra": Fraction(b)})
        for a, b in product(range(cost + 1), range(extra + 1))
    }
    most = max(one["pay"] + one["aid"] for one in every.values())
    owed = min(one["cost"] + one["extra"] - one["pay"] - one["aid"] for one in every.values())
    falls = any(every[a, 0]["pay"] < every[a - 1, 0]["pay"] for a in range(1, cost + 1))
    steep = any(every[a, 0]["pay"] - every[a - 1, 0]["pay"] > 1 for a in range(1, cost + 1))
    assert not falls
    expected = {
        f"ensure pay + aid <= {most}元": True,
        f"ensure pay + aid <= {most - 1}元": False,
        f"ensure cost + extra - pay - aid >= {owed}元": True,
        f"ensure cost + extra - pay - aid >= {owed + 1}元": False,
        "ensure as cost rises: pay + aid does not fall": True,
        "ensure as cost rises: cost + aid - pay does not fall": not steep,
    }
    # A figure below zero has no place in an ensure but as a difference.
    properties = [line.replace(">= -", ">= 0元 - ") for line in expected]
    assert said(text, *properties) == ["proved" if holds else "refuted" for holds in expected.values()]


@pytest.mark.parametrize("seed", range(25))
def test_the_solver_agrees_with_the_exact_analysis_of_one_amount(seed: int) -> None:
    text, _, _ = random_policy(seed)
    properties = [
        "ensure pay <= cost",
        "ensure pay <= 12元",
        "ensure pay >= cost × 25% - 1元",
        "ensure as cost rises: pay does not fall",
        "ensure as cost rises: cost - pay does not fall",
        "ensure as cost rises: pay does not jump",
        "ensure pay < 9元 when cost < 15元",
    ]
    found = checked(text + "\n".join(properties))
    assert found.policy is not None
    from policydsl.lower import lower

    program = lower(found.policy)
    for verdict in found.verdicts:
        case = solver.solve(program, verdict.ensure, partial(breaks, program))
        assert verdict.outcome == ("proved" if case is None else "refuted"), verdict.ensure.span.text


# limits

HARD = AMOUNTS + SHARES + "ensure pay + aid <= (cost + other) × 60% + 0.005元\n"


def test_work_beyond_the_limit_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for limited in (partial(solver.solve, limit=20), partial(solver.solve, total=1)):
        with monkeypatch.context() as patch:
            patch.setattr(solver, "solve", limited)
            for text in (HARD, AMOUNTS + SHARES + "ensure pay + aid < 1100元"):
                found = checked(text)
                assert [(v.outcome, v.why) for v in found.verdicts] == [("open", "solver")]
                assert [d.code.number for d in found.diagnostics] == ["PD522"]
                assert found.program is not None


def test_a_case_that_does_not_come_out_is_not_believed() -> None:
    found = checked(AMOUNTS + SHARES + "ensure pay + aid < 1100元")
    assert found.policy is not None
    from policydsl.lower import lower

    program = lower(found.policy)
    with pytest.raises(solver.Undecided):
        solver.solve(program, program.ensures[0], lambda *_: None)


def test_a_product_of_amounts_is_refused() -> None:
    text = """
policy sample "样例"
input a: number in 0 .. 10
input b: number in 0 .. 10
ensure a × b <= 100
"""
    assert [d.code.number for d in checked(text).diagnostics] == ["PD523"]


def test_too_many_kinds_of_people_are_named() -> None:
    members = [f"s{i}" for i in range(18)]
    text = AMOUNTS + f"category status: {', '.join(members)}\ninput statuses: set of status\nrule r = cost\n"
    text += "".join(f"  except e{m} when statuses has {m}: 1元\n" for m in members)
    for several in ("ensure r + other <= 2000元", "ensure r <= 1000元"):
        (problem,) = [
            d for d in checked(text + several).diagnostics if is_error(d) or "PD52" in d.code.number
        ]
        assert problem.code.number == "PD524"
        assert "statuses × 262144" in message(problem, "zh")


# without the solver


@pytest.fixture
def no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)


@pytest.mark.usefixtures("no_solver")
def test_without_the_solver_the_command_that_installs_it_is_told() -> None:
    found = checked(AMOUNTS + SHARES + "ensure pay + aid <= cost + other")
    assert [(v.outcome, v.why, v.amounts) for v in found.verdicts] == [("open", "amounts", ("cost", "other"))]
    (problem,) = found.diagnostics
    assert (problem.code.number, problem.code.severity) == ("PD521", "warning")
    assert "住院费用" in message(problem, "zh") and "门诊费用" in message(problem, "zh")
    for language in ("en", "zh"):
        assert "pip install 'policydsl[prove]'" in remedy(problem, language)
    assert found.program is not None


@pytest.mark.usefixtures("no_solver")
def test_without_the_solver_one_amount_is_proved_all_the_same() -> None:
    assert said(AMOUNTS + SHARES, "ensure pay <= cost", "ensure as cost rises: pay does not fall") == [
        "proved",
        "proved",
    ]


@pytest.mark.usefixtures("no_solver")
def test_without_the_solver_a_product_is_refused_all_the_same() -> None:
    numbers = "policy sample\ninput a: number in 0 .. 10\ninput b: number in 0 .. 10\n"
    assert [d.code.number for d in checked(numbers + "ensure a × b <= 100").diagnostics] == ["PD523"]
    by_table = numbers + "table c: number by b\n  | b | c |\n  | up to 5 | 1 |\n  | over 5 | 2 |\n"
    assert [d.code.number for d in checked(by_table + "ensure a × c <= 20").diagnostics] == ["PD521"]


def test_the_solver_is_loaded_only_where_amounts_meet() -> None:
    call = (
        "import json, sys\n"
        "from policydsl import pipeline\n"
        "from policydsl.source import Source\n"
        "pipeline.check(Source('x', open(sys.argv[1], encoding='utf-8').read()))\n"
        "json.dump(sorted(sys.modules), sys.stdout)\n"
    )
    path = str(ROOT / "policies" / "ningxia" / "2020.pol")
    done = subprocess.run([sys.executable, "-c", call, path], capture_output=True, check=True)
    assert not {
        m for m in json.loads(done.stdout) if m.split(".")[0] == "z3" or m == "policydsl.prove.solver"
    }


def test_the_same_case_is_found_every_time() -> None:
    text = AMOUNTS + SHARES + "ensure pay + aid < 703.17元"
    assert (
        len({json.dumps(sorted((k, str(v)) for k, v in witness(text).facts.items())) for _ in range(3)}) == 1
    )


def test_what_cannot_be_put_to_the_solver_is_said_to_be_open() -> None:
    # A rounding under another rounding: what is a jump of it is not defined.
    text = AMOUNTS + SHARES + "rule total = pay + aid\n"
    found = checked(text + "ensure as cost rises: total does not jump")
    assert [(v.outcome, v.why) for v in found.verdicts] == [("open", "solver")]
    assert found.policy is not None
    from policydsl.lower import lower

    program = lower(found.policy)
    with pytest.raises(Beyond) as refused:
        solver.solve(program, program.ensures[0], partial(breaks, program))
    assert not isinstance(refused.value, Product)
