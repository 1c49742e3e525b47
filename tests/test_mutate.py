"""Which mistakes in copying a notice does a policy let pass? Small policies of which it is known, and the five."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policydsl import pipeline
from policydsl.changes import changes
from policydsl.changes.figures import day_slips, figure_slips, weight_slips
from policydsl.changes.writing import keyword, script_of
from policydsl.citations.lock import Entry
from policydsl.cli.main import main
from policydsl.files import read_source
from policydsl.mutate import Outcome, Report, changed_text, mutate
from policydsl.source import Source
from policydsl.syntax.words import CONNECTIVES
from policydsl.tasks import locks

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(p.relative_to(ROOT / "policies").as_posix() for p in (ROOT / "policies").rglob("*.pol"))
HEADER = 'policy sample "样例"\n'
LOCK = locks.read("sources.lock", (ROOT / "policies" / "sources.lock").read_text(encoding="utf-8"))
RECORDED = LOCK if isinstance(LOCK, dict) else {}


def report(text: str) -> Report:
    source = Source("sample.pol", HEADER + text)
    assert [d.code.number for d in pipeline.check(source).diagnostics if d.code.severity != "note"] == []
    return mutate(source)


def said(text: str, verdict: str) -> list[str]:
    """The changes that end in that verdict."""
    return [o.said.en for o in report(text).outcomes if o.verdict == verdict]


def all_said(text: str) -> list[str]:
    return [change.slip.said.en for change in changes(pipeline.read(Source("", HEADER + text))[0])]


# what can go wrong with a figure


@pytest.mark.parametrize(
    ("written", "slips"),
    [
        ("44.5元", {"44.6元", "44.4元", "45.4元", "4.45元", "445元"}),
        ("580元/人·年", {"581元/人·年", "579元/人·年", "508元/人·年", "58元/人·年", "5800元/人·年"}),
        ("61%", {"62%", "60%", "16%", "610%", "6.1%", "0.61%"}),
        ("10%", {"11%", "9%", "100%", "1%", "0.1%"}),  # 01% is no figure
        ("0元", {"1元"}),
        ("9", {"10", "8", "90", "0.9"}),
        ("0.01元", {"0.02元", "0.00元", "0.10元", "0.1元", "0.001元"}),
        ("1亿元", {"2亿元", "0亿元", "10亿元", "0.1亿元"}),
        ("3个月", {"4个月", "2个月", "30个月", "0.3个月"}),
        ("30 days", {"31 days", "29 days", "3 days", "300 days"}),
        ("1/2", {"2/2", "0/2", "1/3", "1/1"}),
        ("¥25", {"¥26", "¥24", "¥52", "¥250", "¥2.5"}),
    ],
)
def test_a_figure_is_mistyped_in_these_ways(written: str, slips: set[str]) -> None:
    assert set(figure_slips(written)) == slips


def test_a_bare_figure_under_a_percent_head_may_lack_its_percent() -> None:
    assert set(figure_slips("61", percent=True)) - set(figure_slips("61")) == {"0.61"}


def test_a_ratio_is_mistyped_in_these_ways() -> None:
    assert set(weight_slips("8∶2")) == {"9∶2", "7∶2", "8∶3", "8∶1", "2∶8"}
    assert set(weight_slips("5:3:3")) == {"6:3:3", "4:3:3", "5:4:3", "5:2:3", "5:3:4", "5:3:2", "3:5:3"}


@pytest.mark.parametrize(
    ("written", "slips"),
    [
        ("2021-12-31", {"2022-01-01", "2021-12-30", "2022-01-31", "2022-12-31"}),
        ("2022年1月31日", {"2022年2月1日", "2022年1月30日", "2022年2月28日", "2023年1月31日"}),
        ("2024-02-29", {"2024-03-01", "2024-02-28", "2024-03-29", "2025-02-28"}),
        ("9999-12-31", {"9999-12-30"}),  # there is no later day
    ],
)
def test_a_day_is_mistyped_in_these_ways(written: str, slips: set[str]) -> None:
    assert set(day_slips(written)) == slips


def test_what_is_no_figure_and_what_is_no_day_is_left_alone() -> None:
    assert figure_slips("六十") == ()
    assert day_slips("2021-02-30") == day_slips("2021") == ()


# what can go wrong with a condition, a table, a rule


@pytest.mark.parametrize(
    ("condition", "other"),
    [
        ("cost over 1000元", "cost from 1000元"),
        ("cost above 1000元", "cost from 1000元"),
        ("cost from 1000元", "cost over 1000元"),
        ("cost no less than 1000元", "cost over 1000元"),
        ("cost up to 1000元", "cost below 1000元"),
        ("cost no more than 1000元", "cost below 1000元"),
        ("cost below 1000元", "cost up to 1000元"),
        ("cost < 1000元", "cost <= 1000元"),
        ("cost <= 1000元", "cost < 1000元"),
        ("cost ≥ 1000元", "cost > 1000元"),
        ("cost ＞ 1000元", "cost >= 1000元"),
        ("cost 1000元 or more", "cost over 1000元"),
        ("cost 1000元 and under", "cost below 1000元"),
        ("(cost + 1元) over (cost - 1元)", "(cost + 1元) from (cost - 1元)"),
    ],
)
def test_a_comparison_is_made_stricter_or_less_strict(condition: str, other: str) -> None:
    text = f"input cost: money in 0元 .. 9000元\nrule a when {condition}\n"
    file, _ = pipeline.read(Source("", text))
    changed = {changed_text(text, c.slip) for c in changes(file)}
    assert text.replace(condition, other) in changed


@pytest.mark.parametrize(
    ("condition", "other"),
    [
        ("费用 超过 1000元", "费用 不低于 1000元"),
        ("费用 高于 1000元", "费用 不低于 1000元"),
        ("费用 不低于 1000元", "费用 超过 1000元"),
        ("费用 不超过 1000元", "费用 低于 1000元"),
        ("费用 不足 1000元", "费用 不超过 1000元"),
        ("费用 1000元以上", "费用 超过 1000元"),
        ("费用 1000元以内", "费用 低于 1000元"),
        ("费用 为 1元 或 费用 超过 2元", "费用 为 1元 且 费用 超过 2元"),
        ("费用 为 1元 并且 费用 超过 2元", "费用 为 1元 或 费用 超过 2元"),
        ("费用 为 1元", "非（费用 为 1元）"),
    ],
)
def test_a_chinese_condition_is_changed_in_its_own_words(condition: str, other: str) -> None:
    text = f"输入 费用（cost）：金额 介于 0元 至 9000元\n规则 甲（a） 当 {condition}\n"
    file, _ = pipeline.read(Source("", text))
    changed = {changed_text(text, c.slip) for c in changes(file)}
    assert text.replace(condition, other) in changed


def test_a_traditional_text_is_changed_in_traditional_words() -> None:
    text = "輸入 費用（cost）：金額 介於 0元 至 9000元\n規則 甲（a） 當 費用 不超過 1元 且 費用 超過 0元\n"
    assert script_of(text) == "hant"
    file, _ = pipeline.read(Source("", text))
    changed = {changed_text(text, c.slip) for c in changes(file)}
    assert text.replace("不超過", "低於") in changed
    assert text.replace("費用 超過", "費用 不低於") in changed


def test_the_words_that_changes_write_are_words_of_the_language() -> None:
    for terminal in ("FROM", "OVER", "BELOW", "UPTO", "AND_OVER", "ROUND_UP", "HAS_ANY"):
        for script in ("en", "zh", "hant"):
            assert CONNECTIVES[keyword(terminal, script)] == terminal


def test_the_edges_of_a_range_are_put_out_and_in() -> None:
    text = (
        "input age: years in 0年 .. 150年\n"
        "table fee: money by age\n"
        "  | age (年) | fee (元) |\n"
        "  | below 18 | 1 |\n"
        "  | 18-59 | 2 |\n"
        "  | 60 and over | 3 |\n"
    )
    changes = all_said(text)
    assert {
        "below 18 → up to 18",
        "18-59 → over 18 up to 59",
        "18-59 → from 18 below 59",
        "60 and over → over 60",
    } <= set(changes)


def test_rows_and_members_are_lost_doubled_and_exchanged() -> None:
    text = (
        'category city: a "甲", b "乙", c "丙"\n'
        "table fee: money by city\n"
        "  | city | fee (元) |\n"
        "  | a, b | 1 |\n"
        "  > 一 丙2元\n"
        "  | c | 2 |\n"
    )
    assert sorted(s for s in all_said(text) if "→" not in s) == [
        "1 and 2 exchanged",
        "a left out",
        "a moved to the row of c",
        "a, b and c exchanged",
        "b left out",
        "b moved to the row of c",
        "the row left out",
        "the row left out",
        "the row written twice",
        "the row written twice",
    ]


def test_grounds_and_their_lists_are_lost_and_mixed_up() -> None:
    text = (
        'category status: orphan "孤儿", veteran "优抚对象", poor "低保对象"\n'
        "input statuses: set of status\n"
        "rule aid = 0元\n"
        "  > 一 全额\n"
        "  except full when statuses has any of (orphan, veteran): 300元\n"
        '    because "a"\n'
        "  except fixed when statuses has poor: 270元\n"
        '  when several apply, greatest because "b"\n'
    )
    found = all_said(text)
    assert "orphan moved from full to fixed" in found
    assert "veteran left out" in found
    assert "greatest → sum" in found
    file, _ = pipeline.read(Source("", text))
    changed = {changed_text(text, c.slip) for c in changes(file)}
    # A ground goes with its quote and its reason.
    assert any(re.search(r"rule aid = 0元\s*except fixed", t) for t in changed)


def test_who_holds_the_remainder_and_how_it_is_rounded_are_changed() -> None:
    text = (
        "param subsidy = 551元/人·年\n"
        "split funding of subsidy\n"
        "  central, province by 8:2\n"
        '  round half up to 1元, remainder to province because "r"\n'
    )
    found = all_said(text)
    assert "province → central" in found
    modes = {s.split(" → round ")[1] for s in found if " → round " in s}
    assert modes == {"half down to 1元", "half even to 1元", "up to 1元", "down to 1元"}


def test_what_is_only_printed_or_only_checked_is_left_alone() -> None:
    text = (
        "# 61元 in a comment\n"
        "> 一 补助62元\n"
        'param subsidy "63元" = 10元 + 20元 = 30元 \n'
        'waive "64元" because "65元"\n'
        "ensure subsidy > 29元\n"
        'example "66": gives subsidy = 30元\n'
    )
    edited = {e.text for c in changes(pipeline.read(Source("", text))[0]) for e in c.slip.edits}
    assert edited == {"11元", "9元", "100元", "1元", "21元", "19元", "200元", "2元"}


# every change can be read, and reading it alone is reading it in its place


def corpus() -> Iterator[tuple[str, str]]:
    """The blocks of the manuals, in which every construct stands in both languages, and the policies."""
    for page in ("language.md", "language.zh.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        for match in re.finditer(r"^```pol\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            whole = re.search(r"^(policy|政策) ", match[1], re.MULTILINE)
            yield f"{page}:{text[: match.start()].count(chr(10)) + 1}", (("" if whole else HEADER) + match[1])
    for name in FILES:
        yield name, (ROOT / "policies" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "text"), list(corpus()), ids=[name for name, _ in corpus()])
def test_a_change_is_one_declaration_that_reads_alone_as_in_its_place(name: str, text: str) -> None:
    source = Source(name, text)
    file, _ = pipeline.read(source)
    all_changes = list(changes(file))
    for change in all_changes[:: max(1, len(all_changes) // 40)]:
        whole, wrong = pipeline.read(Source(name, changed_text(text, change.slip)))
        if [d.code.number for d in wrong] == ["PD018"]:
            continue  # 1500年 is read as a calendar year, and refused
        assert wrong == (), change.slip
        others = [d for i, d in enumerate(whole.declarations) if i != change.declaration]
        assert others == [d for i, d in enumerate(file.declarations) if i != change.declaration], change.slip
        assert whole.declarations[change.declaration] != file.declarations[change.declaration], change.slip


# which changes survive

FEE = 'input cost: money in 0元 .. 1000元\nrule fee = cost × 50%\n  round half up to 1元 because "r"\n'


def test_without_examples_nothing_notices_a_rate() -> None:
    assert "50% → 51%" in said(FEE, "unnoticed")
    assert "50% → 5%" in said(FEE, "unnoticed")


def test_an_example_notices_what_changes_its_answer_and_nothing_else() -> None:
    # 50% of 3元 is 1.50元: half up, half even and up make 2元 of it, half down and down 1元. At 51% it is
    # 1.53元 and 2元 too, at 49% 1.47元 and 1元. The range of the cost has no part in it.
    unnoticed = said(FEE + "example: cost = 3元 gives fee = 2元\n", "unnoticed")
    assert unnoticed == [
        "0元 → 1元",
        "1000元 → 1001元",
        "1000元 → 999元",
        "1000元 → 10000元",
        "1000元 → 100元",
        "50% → 51%",
        "round half up to 1元 → round half even to 1元",
        "round half up to 1元 → round up to 1元",
        "1元 → 2元",
    ]


def test_examples_at_the_edges_leave_nothing_unnoticed() -> None:
    examples = (
        "example: cost = 5元 gives fee = 3元\n"  # 2.50: half even and half down make 2
        "example: cost = 100.80元 gives fee = 50元\n"  # 50.40: up makes 51
        "example: cost = 1000元 gives fee = 500元\n"  # at 51% 510, at 49% 490
        "example: cost = 0元 gives fee = 0元\n"
        "example: cost = 1000.01元 is refused\n"
    )
    assert said(FEE + examples, "unnoticed") == []


def test_a_check_notices_a_share_and_a_restatement_a_sum() -> None:
    text = (
        "param subsidy = 550元 + 30元 = 580元\n"
        "split funding of subsidy\n"
        "  central 60%, province 40%\n"
        '  round half up to 0.01元, remainder to province because "r"\n'
    )
    outcomes = report(text).outcomes
    by = {o.said.en: o.code for o in outcomes}
    assert by["550元 → 551元"] == by["30元 → 31元"] == "PD250"
    assert by["60% → 61%"] == "PD301"
    # 40% and 60% for 60% and 40% still make the whole.
    assert [o.said.en for o in outcomes if "exchanged" in o.said.en and o.verdict == "unnoticed"] == [
        "60% and 40% exchanged"
    ]


def test_an_ensure_that_is_refuted_notices_a_change_without_any_example() -> None:
    text = FEE + "ensure fee <= cost + 1元\n"
    assert said(FEE, "noticed") != said(text, "noticed")
    assert "50% → 500%" in said(text, "noticed")
    assert "50% → 51%" in said(text, "unnoticed")


def test_an_ensure_that_breaks_on_an_example_notices_a_change() -> None:
    text = (
        'category group: ordinary "普通", poor "贫困"\n'
        "table deductible: money by group\n"
        "  | group | deductible (元) |\n"
        "  | ordinary | 10000 |\n"
        "  | poor | 3000 |\n"
        "ensure deductible <= 10000元\n"
    )
    assert "10000 → 10001" in said(text, "noticed")
    assert "10000 → 9999" in said(text, "unnoticed")


def test_a_member_of_the_wrong_list_is_noticed_by_the_example_of_that_member() -> None:
    """One that is left out is noticed by the check: nothing names it then."""
    text = (
        'category status: orphan "孤儿", veteran "优抚对象", poor "低保对象"\n'
        "input statuses: set of status\n"
        "rule aid = 0元\n"
        "  except full when statuses has any of (orphan, veteran): 300元\n"
        "  except fixed when statuses has poor: 270元\n"
        '  when several apply, greatest because "r"\n'
        "example\n"
        "  | statuses | aid (元) | aid.ground |\n"
        "  | none | 0 | base |\n"
        "  | orphan | 300 | full |\n"
        "  | poor | 270 | fixed |\n"
        "  | orphan, poor | 300 | full |\n"
    )
    assert said(text, "unnoticed") == [
        "veteran moved from full to fixed",
        "greatest → first",  # full stands first
    ]


def test_a_bound_on_the_policies_below_is_noticed_by_nothing() -> None:
    text = "param paid: rate open\nparam floor = 60%\nrequire paid >= floor\nexample: gives floor = 60%\n"
    assert said(text, "unnoticed") == ["paid >= floor → paid > floor"]


QUOTED = """policy sample "样例"
  effective 2021-01-01 to 2021-12-31
  text "notice.txt"
> 一 补助580元
param subsidy = 580元
> 一 个人缴费320元
param premium = 320元
accept unprotected premium because "why"
"""


def test_a_figure_that_its_quote_no_longer_holds_is_noticed() -> None:
    source = Source("sample.pol", QUOTED)
    assert [d.code.number for d in pipeline.check(source).diagnostics] == []
    found = mutate(source)
    by = {o.said.en: (o.verdict, o.code) for o in found.outcomes}
    assert by["580元 → 508元"] == by["320元 → 321元"] == ("noticed", "PD806")
    assert found.unneeded == (8,)
    # Without the name of a notice `check` compares nothing, and nothing is noticed.
    bare = mutate(Source("sample.pol", QUOTED.replace('  text "notice.txt"\n', "")))
    by = {o.said.en: (o.verdict, o.code) for o in bare.outcomes}
    assert (by["580元 → 508元"], by["320元 → 321元"]) == (("unnoticed", None), ("explained", None))


def test_a_row_is_compared_with_the_table_that_the_lock_records() -> None:
    text = QUOTED + (
        'category kind: a "甲", b "乙"\n> 二 标准见下表\n'
        "table aid: money by kind\n  | kind | aid (元) |\n  | a | 100 |\n  | b | 200 |\n"
    )
    notice = Source("notice.txt", "一、补助580元，个人缴费320元。\n二、标准见下表。\n甲\n100\n乙\n200\n")
    recorded = locks.entry(pipeline.read(Source("sample.pol", text))[0], notice)
    for given, code in ((recorded, "PD807"), (None, None)):
        by = {o.said.en: o.code for o in mutate(Source("sample.pol", text), given).outcomes}
        assert by["100 → 101"] == by["200 → 20"] == code


def test_a_figure_that_a_bound_from_above_does_not_allow_is_noticed() -> None:
    above = Source(
        "above.pol",
        'policy province "省"\n  effective 2021-01-01 to 2021-12-31\nparam paid: rate open\nrequire paid >= 60%\n',
    )
    text = 'policy town "市"\n  under province\n  effective 2021-01-01 to 2021-12-31\nparam paid = 65%\n'
    source = Source("town.pol", text, beside=lambda: [("policies", [above])])
    assert [d.code.number for d in pipeline.check(source).diagnostics] == []
    by = {o.said.en: o.verdict for o in mutate(source).outcomes}
    assert (by["65% → 56%"], by["65% → 6.5%"], by["65% → 64%"]) == ("noticed", "noticed", "unnoticed")


def test_what_changes_no_answer_is_told_apart() -> None:
    text = (
        "input cost: money in 0元 .. 1000元\n"
        "param base = 30元, up 5元\n"
        "tiers fee of cost, marginal\n"
        "  | cost (元) | rate (%) |\n"
        "  | 0-100 | 60 |\n"
        "  | 101 and over | 70 |\n"
        '  bands continuous because "c"\n'
        '  round half up to 0.01元 because "r"\n'
    )
    found = said(text, "idle")
    assert "0-100 → from 0 below 100" in found  # a slice of nothing pays nothing
    assert "101 and over → over 101" in found
    assert "5元 → 6元" in found
    assert "60 → 61" not in found
    source = Source("sample.pol", HEADER.rstrip() + "\n  effective 2021-01-01 to 2021-12-31\n" + FEE)
    idle = [o.said.en for o in mutate(source).outcomes if o.verdict == "idle"]
    assert "2021-12-31 → 2021-12-30" in idle


def test_the_day_a_figure_changes_is_computed_from() -> None:
    text = (
        "param premium: money\n  from 2020-01-01: 81元\n  from 2021-01-01: 90元\n"
        "example: on = 2020-12-31 gives premium = 81元\n"
    )
    source = Source("sample.pol", HEADER.rstrip() + "\n  effective 2020-01-01 to 2021-12-31\n" + text)
    by_verdict = {o.said.en: o.verdict for o in mutate(source).outcomes}
    assert by_verdict["2021-01-01 → 2020-12-31"] == "noticed"
    assert by_verdict["2021-01-01 → 2021-01-02"] == "unnoticed"
    assert by_verdict["90元 → 91元"] == "unnoticed"


def test_accept_explains_the_changes_of_its_declaration_only() -> None:
    accepted = (
        FEE
        + 'rule other = cost × 20%\n  round half up to 1元 because "r"\naccept unprotected fee because "why"\n'
    )
    found = report(accepted)
    explained = [o for o in found.outcomes if o.verdict == "explained"]
    assert {(o.name.en, o.because) for o in explained} == {("fee", "why")}
    assert "50% → 51%" in [o.said.en for o in explained]
    assert {o.name.en for o in found.outcomes if o.verdict == "unnoticed"} == {"cost", "other"}
    assert found.unneeded == ()


def test_an_accept_that_explains_nothing_is_told() -> None:
    text = 'param subsidy = 30元\nexample: gives subsidy = 30元\naccept unprotected subsidy because "why"\n'
    found = report(text)
    assert found.count("unnoticed") == found.count("explained") == 0
    assert found.unneeded == (4,)


def test_the_changed_line_is_the_line_of_the_file() -> None:
    text = (
        "# a comment\n> 一 费用\ntable fee: money by kind\n"
        "  | kind | fee (元) |\n  | a | 61 |\n  > 一 乙\n  | b | 62 |\n"
        'category kind: a "甲", b "乙"\n'
    )
    outcomes = {(o.line, o.said.en): o for o in report(text).outcomes}
    assert outcomes[6, "61 → 16"].shown == "| a | 16 |"
    assert outcomes[8, "the row left out"].shown == "| b | 62 |"


# the five policies


@pytest.mark.parametrize("name", FILES)
def test_every_change_of_a_policy_is_noticed_or_explained(name: str) -> None:
    read = read_source(str(ROOT / "policies" / name))
    assert isinstance(read, Source)
    near = tuple(read.beside() if read.beside is not None else ())

    def source(text: str) -> Source:
        return Source(read.name, text, beside=lambda: near)

    text = read.text
    recorded = RECORDED[name]
    found = mutate(source(text), recorded)
    assert [_where(o) for o in found.outcomes if o.verdict == "unnoticed"] == []
    assert found.unneeded == ()
    # What is accepted stays the exception.
    assert found.count("noticed") > 2 * found.count("explained")
    # A change is judged by its declaration read alone and by few examples; here by the changed file itself.
    every = list(changes(pipeline.read(source(text))[0]))
    for change, outcome in list(zip(every, found.outcomes, strict=True))[5::40]:
        changed = source(changed_text(text, change.slip))
        assert noticed(changed, recorded) == (outcome.verdict == "noticed"), outcome


def noticed(source: Source, recorded: Entry) -> bool:
    """Whether a check or an example finds fault with a text, the slow and plain way."""
    checked = pipeline.with_quotes(pipeline.check(source), None, recorded)
    if any(d.code.severity != "note" for d in checked.diagnostics):
        return True
    assert checked.program is not None
    return not all(result.passed for result in pipeline.test(checked.program))


def _where(outcome: Outcome) -> tuple[str, int, str]:
    return outcome.name.en, outcome.line, outcome.said.en


# the command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fee.pol").write_text(
        HEADER + FEE + "example: cost = 3元 gives fee = 2元\n", encoding="utf-8"
    )
    (tmp_path / "wrong.pol").write_text(HEADER + "param a = 1元 = 2元\n", encoding="utf-8")
    (tmp_path / "failing.pol").write_text(
        HEADER + "param a = 1元\nexample: gives a = 2元\n", encoding="utf-8"
    )
    (tmp_path / "whole.pol").write_text(
        HEADER + "param a = 30元\nexample: gives a = 30元\n", encoding="utf-8"
    )
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main(["mutate", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_survivors_are_listed_with_their_changed_lines(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(folder / "fee.pol")
    status, out, err = call(capsys, file, "--lang", "en")
    assert (status, err) == (1, "")
    assert "fee: 50% → 51% at line 3: no check or example notices\n     3 | rule fee = cost × 51%\n" in out
    assert out.endswith("fee.pol: 18 changes, 9 noticed, 9 not noticed\n")
    status, out, _ = call(capsys, file, "--lang", "zh")
    assert status == 1
    assert "fee：第3行 50% → 51%，检查和举例都没有发现\n     3 | rule fee = cost × 51%\n" in out
    assert out.endswith("fee.pol：18处改动，发现9处，未发现9处\n")


def test_all_noticed_is_exit_status_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, str(folder / "whole.pol"), "--lang", "en")
    assert status == 0
    assert out == f"{folder / 'whole.pol'}: 4 changes, 4 noticed\n"


def test_the_json_form_has_every_change(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, str(folder / "fee.pol"), "--format", "json", "--lang", "en")
    told: dict[str, Any] = json.load(io.StringIO(out))
    assert status == 1
    assert told["schema"] == "policydsl-mutate/1"
    assert told["summary"] == {"noticed": 9, "explained": 0, "unnoticed": 9, "idle": 0}
    by_change = {c["change"]: c for c in told["changes"]}
    assert by_change["50% → 49%"] == {
        "declaration": "fee",
        "line": 3,
        "change": "50% → 49%",
        "text": "rule fee = cost × 49%",
        "verdict": "noticed",
        "code": None,
        "example": 5,
        "because": None,
    }


def test_a_policy_that_is_wrong_already_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = call(capsys, str(folder / "wrong.pol"), "--lang", "en")
    assert (status, out) == (1, "")
    assert "PD250" in err
    status, out, err = call(capsys, str(folder / "failing.pol"), "--lang", "en")
    assert (status, out) == (1, "")
    assert "failing.pol:3: an example does not come out" in err
    status, out, err = call(capsys, str(folder / "missing.pol"), "--lang", "zh")
    assert (status, out) == (2, "")
    assert err
