"""What is true of some policies, worked out by hand, and does the prover say so? One construct at a time,
at its edges, with the case it shows."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from policydsl import pipeline
from policydsl.diagnostics.model import is_error, message, remedy
from policydsl.examples import run_examples
from policydsl.expressions import Value
from policydsl.lower import lower
from policydsl.prove import solver
from policydsl.prove.decide import Verdict
from policydsl.resolve import resolve
from policydsl.source import Source

HEAD = 'policy sample "样例"\n'
F = Fraction


def check(text: str) -> pipeline.Checked:
    checked = pipeline.check(Source("sample.pol", text if "policy " in text else HEAD + text))
    wrong = [d for d in checked.diagnostics if is_error(d) and d.code.number != "PD520"]
    assert wrong == [], [message(d, "en") for d in wrong]
    return checked


def verdict(policy: str, line: str) -> Verdict:
    """What becomes of one property; the example that is printed for it fails when it is pasted in."""
    text = policy if "policy " in policy else HEAD + policy
    checked = check(f"{text}ensure {line}\n")
    (found,) = checked.verdicts
    if found.outcome == "refuted":
        told = next(d for d in checked.diagnostics if d.code.number == "PD520")
        pasted = f"{text}ensure {line}\n{told.facts['example']}\n"
        file, unread = pipeline.read(Source("pasted.pol", pasted))
        resolved, unresolved = resolve(file)
        assert resolved is not None and not unread and not unresolved, pasted
        assert [r.passed for r in run_examples(lower(resolved))] == [False], pasted
    return found


def proved(policy: str, *lines: str) -> None:
    for line in lines:
        assert verdict(policy, line).outcome == "proved", line


def refuted(policy: str, line: str, **case: Value | int) -> None:
    """Refuted by exactly this case; amounts in 元."""
    found = verdict(policy, line)
    assert found.witness is not None, f"{found.outcome}: {line}"
    wanted = {
        key: F(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for key, value in case.items()
    }
    assert dict(found.witness.facts) == wanted, line


# figures


def test_a_figure_without_facts() -> None:
    """580元 × 60% = 348元."""
    policy = "param subsidy = 580元\nrule share = subsidy × 60%\n"
    proved(policy, "share is 348元", "share <= 348元", "share > 347.99元", "share + share = 696元")
    refuted(policy, "share < 348元")
    refuted(policy, "share is not 348元")


def test_a_figure_by_date() -> None:
    """81元 until the end of June, 90元 from 1 July."""
    policy = (
        'policy sample "样例"\n  effective 2021-01-01 to 2021-12-31\n'
        "param premium: money\n  from 2021-01-01: 81元\n  from 2021-07-01: 90元\nrule due = premium + 10元\n"
    )
    proved(policy, "due <= 100元", "due >= 91元")
    refuted(policy, "due < 100元", on=date(2021, 7, 1))
    refuted(policy, "due over 91元", on=date(2021, 1, 1))


def test_an_open_figure_within_its_range() -> None:
    policy = "param waiting: days open in 0天 .. 180天\nrule longest = waiting + 30天\n"
    proved(policy, "longest <= 210天", "longest >= 30天", "longest over 209天 when waiting is 180天")
    refuted(policy, "longest < 210天", waiting=180)


# tables


DEDUCTIBLE = """category group: ordinary "普通", poor "贫困"
category city: yinchuan "银川", guyuan "固原"
table deductible: money by group, city
  | group    | city     | deductible (元) |
  | ordinary | yinchuan | 10000 |
  | ordinary | guyuan   | 8500  |
  | poor     | any      | 3000  |
"""


def test_a_table_of_members() -> None:
    proved(
        DEDUCTIBLE,
        "deductible >= 3000元",
        "deductible <= 10000元",
        "deductible is 3000元 when group is poor",
        "deductible over 3000元 when group is ordinary",
        "as group from poor to ordinary: deductible does not fall",
        "as city from yinchuan to guyuan: deductible does not rise",
    )
    refuted(DEDUCTIBLE, "deductible over 8500元 when group is ordinary", group="ordinary", city="guyuan")
    refuted(
        DEDUCTIBLE, "as group from ordinary to poor: deductible does not fall", group="poor", city="yinchuan"
    )


def test_a_table_of_ranges_at_its_edge() -> None:
    policy = (
        "input age: years in 0年 .. 150年\ntable premium: money by age\n"
        "  | age (年) | premium (元) |\n  | below 18 | 100 |\n  | 18 and over | 200 |\n"
    )
    proved(policy, "premium is 100元 when age < 18年", "premium is 200元 when age >= 18年")
    proved(policy, "as age rises: premium does not fall")
    refuted(policy, "premium is 100元 when age <= 18年", age=18)
    refuted(policy, "premium is 200元 when age >= 17年", age=17)
    refuted(policy, "as age rises: premium does not rise", age=18)
    refuted(policy, "as age rises: premium does not jump", age=18)


@pytest.mark.parametrize(
    ("overlap", "at_5", "at_15"), [("first", 7, 7), ("greatest", 7, 9), ("least", 7, 7), ("sum", 7, 16)]
)
def test_rows_that_overlap(overlap: str, at_5: int, at_15: int) -> None:
    """Up to 20元 there are 7元, from 10元 on 9元."""
    policy = (
        "input cost: money in whole 元 in 0元 .. 20元\n"
        f"table t: money, {overlap} by cost\n  | cost (元) | t (元) |\n  | up to 20 | 7 |\n  | from 10 up to 30 | 9 |\n"
    )
    if overlap == "first":
        policy = policy.replace("up to 20 | 7", "up to 19 | 7")
    proved(policy, f"t is {at_5}元 when cost < 10元", f"t is {at_15}元 when cost is 15元")
    refuted(policy, f"t is not {at_15}元 when cost is 15元", cost=15)


def test_how_many_rows_hold() -> None:
    policy = (
        "input cost: money in whole 元 in 0元 .. 20元\n"
        "table n: count, count by cost\n  | cost (元) | n |\n  | over 5 | 1 |\n  | over 10 | 1 |\n"
    )
    proved(policy, "n <= 2", "n is 0 when cost <= 5元", "n is 2 when cost > 10元")
    refuted(policy, "n < 2", cost=20)


def test_the_columns_of_a_row_are_read_together() -> None:
    """Where the rate is not laid down, the amount of that row has no answer either, and breaks nothing."""
    policy = (
        "input cost: money in whole 元 in 0元 .. 20元\ntable t by cost\n  | cost (元) | p (元) | q (元) |\n"
        '  | up to 10 | 1 | 2 |\n  | over 10 | 5 | undefined because "not laid down" |\n'
    )
    proved(policy, "t.p is 1元", "t.q is 2元")
    refuted(policy, "t.p is not 1元 when cost over 5元", cost=6)


# bands

TIERS = """input cost: money in 0元 .. 1亿元
tiers payout of cost, marginal
  | cost (元)   | rate (%) |
  | up to 10000 | 0  |
  | over 10000 to 100000 | 60 |
  | over 100000 | 70 |
  round half up to 0.01元
"""


def test_a_marginal_schedule() -> None:
    """90000元 × 60% = 54000元 at the second edge; one fen more is 0.007元, rounded up 0.01元."""
    proved(
        TIERS,
        "payout <= cost",
        "payout <= 54000元 when cost <= 100000元",
        "payout is 54000.01元 when cost is 100000.01元",
        "payout > 0元 when cost > 10000元",
        "as cost rises: payout does not fall",
        "as cost rises: cost - payout does not fall",
        "as cost rises: payout does not jump",
        "payout <= cost × 70%",
    )
    refuted(TIERS, "payout < 54000元 when cost <= 100000元", cost=100000)
    refuted(TIERS, "payout <= 54000元 when cost <= 100000.01元", cost=F("100000.01"))
    refuted(TIERS, "payout > 0元 when cost >= 10000元", cost=10000)
    refuted(TIERS, "payout <= cost × 60%", cost=200000)


def test_a_rounding_down_leaves_the_first_fen_unpaid() -> None:
    policy = TIERS.replace("half up", "down")
    proved(policy, "payout > 0元 when cost > 10000.01元", "as cost rises: payout does not fall")
    refuted(policy, "payout > 0元 when cost > 10000元", cost=F("10000.01"))


def test_an_input_without_end() -> None:
    policy = TIERS.replace("0元 .. 1亿元", "0元 ..")
    proved(policy, "payout <= cost", "as cost rises: payout does not fall", "payout <= cost × 70%")
    assert verdict(policy, "payout <= 7000万元").outcome == "refuted"
    proved(policy, "payout <= 7000万元 when cost <= 1亿元")


SLAB = """input cost: money in 0元 .. 10000元
tiers levy of cost, slab
  | cost (元)   | rate (%) |
  | up to 1000  | 10 |
  | over 1000   | 20 |
  round half up to 0.01元
accept notch levy because "as the notice has it"
"""


def test_a_slab_leaps() -> None:
    """1000元 × 10% = 100元; 1000.01元 × 20% = 200.002元."""
    proved(SLAB, "levy <= cost", "as cost rises: levy does not fall", "levy <= 100元 when cost <= 1000元")
    proved(SLAB, "as cost rises: levy does not jump when cost <= 1000元")
    proved(SLAB, "as cost rises: levy does not jump when cost > 1000元")
    refuted(SLAB, "as cost rises: levy does not jump", cost=F("1000.01"))
    refuted(SLAB, "as cost rises: cost - levy does not fall", cost=F("1000.01"))
    refuted(SLAB, "levy < 200元 when cost <= 1000.01元", cost=F("1000.01"))


def test_a_slab_that_falls() -> None:
    policy = SLAB.replace("10 |", "50 |")
    refuted(policy, "as cost rises: levy does not fall", cost=F("1000.01"))
    proved(policy, "as cost rises: levy does not fall when cost <= 1000元")


def test_a_straight_line_between_points() -> None:
    """20元 at 50000元, half-way to 40元; 45元 at 150000元, half-way from 40元 to 50元."""
    policy = (
        "input cost: money in 0元 .. 200000元\ntiers fee of cost, interpolated\n  | cost (元) | fee (元) |\n"
        "  | 0-0 | 0 |\n  | 100000-100000 | 40 |\n  | 200000-200000 | 50 |\n  round half up to 0.01元\n"
    )
    proved(
        policy,
        "fee is 20元 when cost is 50000元",
        "fee is 45元 when cost is 150000元",
        "fee <= 50元",
        "as cost rises: fee does not fall",
        "as cost rises: fee does not jump",
    )
    refuted(policy, "fee < 50元", cost=200000)


def test_a_cap_on_the_amount_and_one_on_the_result() -> None:
    policy = (
        "input cost: money in 0元 .. 10000元\n"
        "tiers a of cost, marginal\n  | cost (元) | rate (%) |\n  | 0 and over | 50 |\n  cap 4000元\n"
        "  round half up to 0.01元\n"
        "rule b = cost × 50%\n  capped at 2000元\n  at least 10元\n  round half up to 0.01元\n"
    )
    proved(policy, "a <= 2000元", "b <= 2000元", "b >= 10元", "a <= b", "a = b when cost >= 20元")
    refuted(policy, "a < 2000元", cost=4000)
    refuted(policy, "b over 10元", cost=0)
    refuted(policy, "b < 2000元", cost=4000)
    refuted(policy, "a = b", cost=0)


# roundings

MODES = {  # of -3, -1, 1 and 3 to whole multiples of 2
    "half up": (-4, -2, 2, 4),
    "half down": (-2, 0, 0, 2),
    "half even": (-4, 0, 0, 4),
    "up": (-4, -2, 2, 4),
    "down": (-2, 0, 0, 2),
    "ceiling": (-2, 0, 2, 4),
    "floor": (-4, -2, 0, 2),
}


@pytest.mark.parametrize("mode", MODES)
def test_each_way_to_round(mode: str) -> None:
    policy = f"input cost: money in whole 元 in -9元 .. 9元\nrule a = cost\n  round {mode} to 2元\n"
    for amount, rounded in zip((-3, -1, 1, 3), MODES[mode], strict=True):
        here = f"when cost is {_yuan(amount)}"
        proved(policy, f"a is {_yuan(rounded)} {here}")
        refuted(policy, f"a is not {_yuan(rounded)} {here}", cost=amount)
    proved(
        policy, "as cost rises: a does not fall", "a <= cost + 1元" if "half" in mode else "a <= cost + 2元"
    )


def _yuan(amount: int) -> str:
    return f"{amount}元" if amount >= 0 else f"(0元 - {-amount}元)"


@pytest.mark.parametrize(
    ("line", "at_3"),
    [("", "2元"), ("\n  each slice", "1.5元"), ("\n  each product", "1元")],
)
def test_what_is_rounded_in_a_schedule(line: str, at_3: str) -> None:
    """Of 3元 the slices are 1.5元 at 50% and 1.5元 at 100%. The total 2.25元 rounded down is 2元. Each
    slice rounded down is 1元, which pays 0.5元 + 1元; each product, 0.75元 and 1.5元, rounded down is 0元 + 1元."""
    policy = (
        "input cost: money in 0元 .. 9元\ntiers a of cost, marginal\n  | cost (元) | rate (%) |\n"
        f"  | up to 1.5 | 50 |\n  | over 1.5 | 100 |\n  round down to 1元{line}\n  round half up to 0.01元\n"
    )
    proved(policy, f"a is {at_3} when cost is 3元", "a <= cost", "as cost rises: a does not fall")
    refuted(policy, f"a is not {at_3} when cost is 3元", cost=3)


def test_a_rounding_on_the_way_is_no_jump_of_its_own_but_of_what_uses_it() -> None:
    """Under the output a rounding is left out; the output after it has its steps."""
    policy = "input cost: money in whole 元 in 0元 .. 90元\nrule a = cost × 50%\n  round down to 10元\nrule b = a + 1元\n"
    proved(policy, "as cost rises: a does not jump")
    refuted(policy, "as cost rises: b does not jump", cost=20)


# grounds


def test_an_exemption_within_a_period() -> None:
    """3 months after 30 November 2020 end on 28 February 2021."""
    policy = (
        "input joined: date in 2020-12-01 .. 2021-12-31\nparam waiting = 90天\n"
        "rule wait = waiting\n  exempt timely when joined within 3个月 after 2020-11-30\n"
    )
    proved(
        policy,
        "wait is 0天 when joined <= 2021-02-28",
        "wait is 90天 when joined >= 2021-03-01",
        "as joined rises: wait does not fall",
    )
    refuted(policy, "as joined rises: wait does not rise", joined=date(2021, 3, 1))
    refuted(policy, "wait is 0天", joined=date(2021, 3, 1))


GROUNDS = """category status: orphan "孤儿", veteran "优抚对象", elder "老人"
input statuses: set of status
input working: yes_no
rule aid = 10元
  except full when statuses has orphan: 300元
  except full.working when working: 200元
  except fixed when statuses has any of (veteran, elder): 270元
"""


@pytest.mark.parametrize(
    ("overlap", "both", "both_working"),
    [("first", 300, 200), ("greatest", 300, 270), ("least", 270, 200), ("sum", 570, 470)],
)
def test_grounds_that_hold_together(overlap: str, both: int, both_working: int) -> None:
    policy = f'{GROUNDS}  when several apply, {overlap} because "the notice does not say"\n'
    two = "statuses has orphan and statuses has veteran"
    proved(
        policy,
        f"aid is {both}元 when {two} and not working",
        f"aid is {both_working}元 when {two} and working",
        "aid is 10元 when not (statuses has any of (orphan, veteran, elder))",
        "aid >= 10元",
    )
    refuted(policy, "aid over 10元", statuses=frozenset(), working=False)
    refuted(
        policy,
        f"aid is not {both_working}元 when {two} and working",
        statuses=frozenset({"orphan", "veteran"}),
        working=True,
    )


def test_a_given_excludes_the_counterexample() -> None:
    policy = f'{GROUNDS}  when several apply, greatest because "A-7"\n'
    refuted(policy, "aid <= 270元", statuses=frozenset({"orphan"}), working=False)
    proved(f"{policy}given working when statuses has orphan\n", "aid <= 270元")
    refuted(f"{policy}given working\n", "aid > 10元", statuses=frozenset(), working=True)


def test_a_given_that_reaches_the_property_through_another() -> None:
    """Whoever costs anything is working, and nobody is: no cost, then."""
    policy = (
        "input cost: money in whole 元 in 0元 .. 9元\ninput working: yes_no\ngiven working when cost > 0元\n"
        "given not working\nrule a = cost × 50%\n"
    )
    proved(policy, "a is 0元", "cost is 0元")


# splits


def test_a_split_whose_holder_takes_the_remainder() -> None:
    """80% of 2元 is 1.6元, rounded 2元: 0.4元 more, and never more than that."""
    policy = (
        "input total: money in whole 元 in 0元 .. 1000元\nsplit f of total\n  central, local by 8:2\n"
        '  round half up to 1元, remainder to local because "only 取整"\n'
    )
    proved(
        policy,
        "f.central + f.local = f.total",
        "f.local >= 0元",
        "f.central <= total × 80% + 0.4元",
        "f.central >= total × 80% - 0.4元",
        "as total rises: f.central does not fall",
        "as total rises: f.local does not fall",
        "f.central is 440元 when total is 550元",
    )
    refuted(policy, "f.central <= total × 80% + 0.39元", total=2)
    refuted(policy, "f.local over 0元 when total > 0元", total=1)


def test_a_rest_that_does_not_hold_the_remainder() -> None:
    """The holder is named: what is left is exactly 70%, and the holder takes the whole without it."""
    policy = (
        "input total: money in whole 元 in 0元 .. 10元\nsplit f of total\n  x 30%, y rest\n"
        "  round half up to 1元, remainder to x\n"
    )
    proved(policy, "f.y = total × 70%", "f.x + f.y = total", "f.x = total × 30%")
    refuted(policy, "f.y < 7元", total=10)


def test_a_share_that_is_divided_further_by_area() -> None:
    """550元: 440元 central, 110元 the region's: 99元 + 11元 in the mountains, all of it for the reclaimed."""
    policy = (
        "category area: mountain, reclaimed\ninput total: money in whole 元 in 0元 .. 1000元\n"
        'split f of total\n  central, region by 8:2\n  round half up to 1元, remainder to region because "A-4"\n'
        "split f.region by area\n  mountain: upper, local by 9:1\n  reclaimed: upper all\n"
        '  round half up to 1元, remainder to local because "A-4"\n'
    )
    proved(
        policy,
        "f.central + f.upper + f.local = total",
        "f.upper is 99元 when total is 550元 and area is mountain",
        "f.upper is 110元 when total is 550元 and area is reclaimed",
        "f.local is 0元 when area is reclaimed",
    )
    refuted(policy, "f.local is 0元", area="mountain", total=30)


def test_a_remainder_to_the_largest_fractions() -> None:
    """Of 10元 by 1:1:1 each has 3元, and the last yuan goes to the first of equal fractions; of 2元
    by 1:1:1 the first two have 1元 each."""
    policy = (
        "input total: money in whole 元 in 0元 .. 50元\nsplit f of total\n  a, b, c by 1:1:1\n"
        "  round down to 1元, remainder to largest fractions\n"
    )
    proved(
        policy,
        "f.a + f.b + f.c = total",
        "f.a is 4元 when total is 10元",
        "f.b is 3元 when total is 10元",
        "f.b is 1元 when total is 2元",
        "f.a <= f.c + 1元",
        "as total rises: f.c does not fall",
    )
    refuted(policy, "f.a = f.c", total=1)


# facts that may not exist, days, yes and no, no answer


def test_a_day_that_may_not_exist() -> None:
    policy = (
        "input joined: date in 2021-01-01 .. 2021-12-31\ninput gone: optional date in 2020-01-01 .. 2020-12-31\n"
        "rule aid = 0元\n  except back when has gone and gone > 2020-06-30: 100元\n"
    )
    proved(policy, "aid is 0元 when not (has gone)", "aid <= 100元")
    refuted(policy, "aid is 0元", gone=date(2020, 7, 1))
    refuted(policy, "aid is 100元", gone=None)
    refuted(policy, "aid is 0元 when has gone", gone=date(2020, 7, 1))


def test_a_period_that_begins_on_a_day_of_the_case() -> None:
    """From 28 February 2021 one month ends on 28 March."""
    policy = (
        "input gone: date in 2021-01-01 .. 2021-03-31\nrule timely when 2021-03-28 within 1个月 after gone\n"
        "rule aid = 0元\n  except t when timely: 100元\n"
    )
    proved(policy, "aid is 100元 when gone >= 2021-02-28 and gone <= 2021-03-28")
    refuted(policy, "aid is 0元 when gone >= 2021-02-28", gone=date(2021, 2, 28))
    refuted(policy, "aid is 100元 when gone >= 2021-02-27", gone=date(2021, 2, 27))


def test_yes_and_no() -> None:
    policy = "input a: yes_no\ninput b: yes_no\nrule both when a and b\nrule either when a or b\n"
    proved(policy, "either or not both", "not both or either", "either is yes when both")
    refuted(policy, "both or not either", a=False, b=True)
    refuted(policy, "either", a=False, b=False)


def test_no_answer_breaks_nothing_and_is_not_looked_at_in_vain() -> None:
    policy = (
        "input cost: money in whole 元 in 0元 .. 9元\ninput flag: yes_no\n"
        'rule a: money = if cost >= 5元 then cost else undefined because "too little"\n'
    )
    proved(policy, "a >= 5元", "a <= 9元", "as cost rises: a does not fall")
    refuted(policy, "a > 5元", cost=5)
    refuted(policy, "flag and a >= 5元", flag=False, cost=0)


def test_a_fall_across_amounts_without_an_answer() -> None:
    """7元 up to 3元, nothing laid down for 4元 and 5元, and 2元 from 6元 on: it does fall."""
    policy = (
        "input cost: money in whole 元 in 0元 .. 9元\ntable a: money by cost\n  | cost (元) | a (元) |\n"
        '  | up to 3 | 7 |\n  | over 3 below 6 | undefined because "?" |\n  | 6 and over | 2 |\n'
    )
    refuted(policy, "as cost rises: a does not fall", cost=6)
    proved(policy, "as cost rises: a does not rise", "as cost rises: a does not jump")
    proved(policy, "as cost rises: a does not fall when cost <= 5元")


# several amounts


def test_a_comparison_that_turns_as_the_amount_rises() -> None:
    """At a cost above the other amount the aid is gone: whatever the other is, it falls there."""
    policy = (
        "input cost: money in whole 元 in 0元 .. 9元\ninput other: money in whole 元 in 0元 .. 9元\n"
        "rule aid = if cost > other then 0元 else 5元\n"
    )
    assert verdict(policy, "as cost rises: aid does not fall").outcome != "proved"
    if solver.available():
        assert verdict(policy, "as cost rises: aid does not fall").outcome == "refuted"


def test_a_fact_that_only_decides_is_taken_both_ways() -> None:
    policy = (
        "input cost: money in whole 元 in 0元 .. 9元\ninput other: money in whole 元 in 0元 .. 9元\n"
        "rule aid = if other > 3元 then cost × 50% else cost\n"
    )
    proved(policy, "aid <= cost", "as cost rises: aid does not fall", "as cost rises: aid does not jump")
    refuted(policy, "aid = cost", cost=1, other=4)


TWO_PERIODS = (
    "input cost: money in whole 元 in 0元 .. 9元\ninput joined: date in 2021-01-25 .. 2021-02-05\n"
    "rule aid = cost\n  except early when joined within 3天 after 2021-01-28: cost + 2元\n"
    "  except late when joined from 2021-02-01: cost + 1元\n  when several apply, sum\n"
)


def test_comparisons_of_one_day_hold_together_on_some_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 days after 28 January end on the 31st: nobody has both, and cost + 2元 is the most. From the 31st on, both
    are cost + 2元 + cost + 1元 that day."""
    monkeypatch.setattr(solver, "available", lambda: False)
    proved(TWO_PERIODS, "aid <= cost + 2元", "as cost rises: aid does not fall", "aid >= cost")
    proved(
        TWO_PERIODS, "aid is cost when joined below 2021-01-28", "aid over cost when joined from 2021-01-28"
    )
    both = TWO_PERIODS.replace("from 2021-02-01", "from 2021-01-31")
    refuted(both, "aid <= cost + 2元", cost=0, joined=date(2021, 1, 31))


@pytest.mark.parametrize(
    ("grain", "low", "high", "holds"),
    [("in whole 元 ", "5", "6", False), ("in whole 角 ", "5", "5.1", False), ("", "5", "5.02", True), ("", "5", "5.01", False)],
)  # fmt: skip
def test_between_two_figures_there_is_an_amount_or_none(
    grain: str, low: str, high: str, holds: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solver, "available", lambda: False)
    policy = (
        f"input cost: money in whole 元 in 0元 .. 9元\ninput other: money {grain}in 0元 .. 9元\n"
        f"rule aid = if other over {low}元 and other below {high}元 then cost + 1元 else cost\n"
    )
    if holds:
        refuted(policy, "aid <= cost", cost=0, other=F("5.01"))
    else:
        proved(policy, "aid <= cost")


def test_an_amount_that_decides_a_figure_decides_what_is_compared_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solver, "available", lambda: False)
    policy = (
        "input cost: money in whole 元 in 0元 .. 9元\ninput other: money in whole 元 in 0元 .. 9元\n"
        "rule fee = 3元\n  except far when other over 5元: 4元\nrule aid = if fee > 3元 then cost else 0元\n"
    )
    proved(policy, "aid is 0元 when other <= 5元", "aid = cost when other > 5元", "fee <= 4元")
    refuted(policy, "aid = cost when other >= 5元", cost=1, other=5)


def test_a_given_about_the_fact_that_decides_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "available", lambda: False)
    policy = (
        "input cost: money in whole 元 in 0元 .. 9元\ninput other: money in whole 元 in 0元 .. 9元\n"
        "given other over 5元 when cost over 3元\nrule aid = if other over 5元 then 0元 else cost\n"
    )
    proved(policy, "aid <= 3元")
    refuted(policy, "aid <= 2元", cost=3, other=0)


# what is said


def texts(text: str) -> tuple[str, str]:
    """The message and the remedy of the one refutation, in Chinese and in English."""
    checked = pipeline.check(Source("sample.pol", text))
    (told,) = (d for d in checked.diagnostics if d.code.number == "PD520")
    return f"{message(told, 'zh')}; {remedy(told, 'zh')}", f"{message(told, 'en')}; {remedy(told, 'en')}"


def test_a_refutation_reads_well_in_a_chinese_policy() -> None:
    zh, en = texts(
        "政策 样例（sample）“样例”\n类别 身份（status）：“全额”（full）“孤儿”、veteran “优抚对象”\n"
        "输入 人员身份（statuses）：多选 身份\n输入 新生儿（newborn）：是否\n输入 中断日期（gone）：可无 日期\n"
        "规则 补贴（aid）＝ 0元\n  例外 甲（a） 当 人员身份 含 “全额” 且 新生儿 且 非（有 中断日期）：300元\n"
        "确保 补贴 低于 300元\n"
    )
    assert zh == (
        "并非对所有情形都成立：人员身份为孤儿，新生儿为是，中断日期为无时，补贴为300元; "
        "更正政策或该项性质；可用下例复核：举例 “反例”：人员身份 ＝ （“全额”），新生儿 ＝ 是，中断日期 ＝ 无 结果 补贴 ＝ 300元"
    )
    assert en.startswith(
        "this does not hold for every case: statuses full, newborn yes, gone none: aid is 300元"
    )


def test_a_refuted_change_names_both_points() -> None:
    zh, en = texts(HEAD + SLAB + "ensure as cost rises: levy does not jump\n")
    assert "cost为1000.01元时，levy为200元；cost为1000元时为100元" in zh
    assert "cost 1000.01元: levy is 200元; for cost 1000元 it is 100元" in en
    assert 'example "counterexample": cost = 1000.01元 gives levy = 100元' in en


def test_parts_are_called_as_people_call_them() -> None:
    zh, en = texts(
        "政策 样例（sample）“样例”\n标准 总额（total）＝ 100元\n分担 补助（funding）：总额\n"
        "  中央（central）60%，地方（local）40%\n确保 补助.中央 不超过 补助.地方\n"
    )
    assert "补助.中央为60元，补助.地方为40元" in zh
    assert "funding.central is 60元, funding.local is 40元" in en


def test_a_property_that_depends_on_nothing_is_told_so() -> None:
    zh, en = texts('policy sample "样例"\nparam a = 1元\nensure 2元 < 1元\n')
    assert "其中没有因情形而异的内容" in zh
    assert "nothing in it depends on the case" in en


def test_a_property_of_facts_alone_is_told_without_a_result() -> None:
    zh, en = texts(
        'policy sample "样例"\ninput newborn "新生儿": yes_no\nrule aid when newborn\nensure not newborn\n'
    )
    assert "新生儿为是，" not in zh.replace("新生儿为是；", "")
    assert 'example "counterexample": newborn = yes gives aid = yes' in en
