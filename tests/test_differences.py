"""What does `policydsl diff` make of odd policies and odd lists of people?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from policydsl import pipeline
from policydsl.cli.main import main
from policydsl.differences import Answers
from policydsl.source import Source
from policydsl.tasks import comparing

ROOT = Path(__file__).resolve().parent.parent
HEAD = 'policy p "p"\n  effective 2021-01-01 to 2022-12-31\ninput cost: money in 0元 .. 1000元\n'


def checked(text: str) -> pipeline.Checked:
    found = pipeline.check(Source("p.pol", text))
    assert found.program is not None, found.diagnostics
    return found


def declared(old: str, new: str, language: str = "en") -> list[str]:
    from policydsl.difference.told import declared_lines

    return list(declared_lines(comparing.compare(checked(old), checked(new)).declared, language))  # type: ignore[arg-type]


def answers(old: str, new: str) -> dict[str, Answers]:
    before, after = checked(old).program, checked(new).program
    assert before is not None and after is not None
    return {a.key: a for a in comparing.answers(before, after)}


def stretches(found: Answers) -> list[tuple[object, object, tuple[str, ...]]]:
    (group,) = found.groups
    return [(s.low, s.high, s.hows) for s in group.stretches]


# stretches


DATED = HEAD + "param a from 2021-01-01 to 2021-12-31 = 10元\nparam a from 2022-01-01 = 20元\n"


def test_a_figure_that_begins_later_differs_on_the_days_between() -> None:
    later = DATED.replace("2021-12-31 = 10", "2022-06-30 = 10").replace("2022-01-01 = 20", "2022-07-01 = 20")
    assert stretches(answers(DATED, later)["a"]) == [
        (date(2021, 1, 1), date(2021, 12, 31), ("same",)),
        (date(2022, 1, 1), date(2022, 6, 30), ("lower",)),
        (date(2022, 7, 1), date(2022, 12, 31), ("same",)),
    ]
    assert declared(DATED, later) == [
        "changed param a (from 2022-07-01 on)",
        "  days: from 2022-01-01 on → from 2022-07-01 on",
    ]


def test_short_stretches_are_told_one_by_one_where_nothing_is_rounded() -> None:
    head = HEAD + "input age: years in 0年 .. 100年\n"
    old = head + "rule aid = if age < 18年 then 1元 else 2元\n"
    new = head + "rule aid = if age < 12年 then 1元 else if age < 16年 then 3元 else 2元\n"
    assert stretches(answers(old, new)["aid"]) == [
        (Fraction(0), Fraction(11), ("same",)),
        (Fraction(12), Fraction(17), ("higher",)),
        (Fraction(18), Fraction(100), ("same",)),
    ]
    # Two lines that cross at 5元: below they are less, there the same, above more.
    crossing = answers(
        HEAD.replace("1000元", "9元") + "rule aid = cost\n",
        HEAD.replace("1000元", "9元") + "rule aid = cost × 2 - 5元\n",
    )["aid"]
    assert stretches(crossing) == [
        (Fraction(0), Fraction("4.99"), ("lower",)),
        (Fraction(5), Fraction(5), ("same",)),
        (Fraction("5.01"), Fraction(9), ("higher",)),
    ]


def test_a_band_that_pays_more_is_no_rounding_however_short_it_is() -> None:
    head = HEAD.replace("1000元", "9元")
    half, rounded = "cost × 50%", '\n  round half up to 0.01元 because "x"\n'
    found = answers(
        f"{head}rule aid = {half}{rounded}",
        f"{head}rule aid = if cost >= 3元 and cost < 6元 then {half} + 1元 else {half}{rounded}",
    )["aid"]
    assert stretches(found) == [
        (Fraction(0), Fraction("2.99"), ("same",)),
        (Fraction(3), Fraction("5.99"), ("higher",)),
        (Fraction(6), Fraction(9), ("same",)),
    ]


def test_the_roundest_of_the_largest_changes_is_named() -> None:
    text = HEAD + 'rule aid = cost × 75%\n  round half up to 0.01元 because "x"\n'
    (group,) = answers(text, text.replace("75%", "76%"))["aid"].groups
    assert group.gain is not None and dict(group.gain.facts) == {"cost": 1000}


def test_facts_that_an_output_does_not_need_are_not_named() -> None:
    text = HEAD + "input low: money in 0元 .. 9元\ngiven low <= cost\nparam a = 1元\nrule b = cost + low\n"
    (group,) = answers(text, text.replace("1元\n", "2元\n"))["a"].groups
    assert group.gain is not None and dict(group.gain.facts) == {}


def test_many_sets_of_members_are_counted_instead_of_listed() -> None:
    members = ", ".join(f"m{i}" for i in range(6))
    grounds = "".join(f"  except g{i} when statuses has m{i}: {i + 1}元\n" for i in range(6))
    text = HEAD + f"category status: {members}\ninput statuses: set of status\nrule aid = 0元\n{grounds}"
    text += '  when several apply, greatest because "x"\n'
    found = answers(text, text.replace("greatest", "sum"))["aid"]
    # Of 64 sets the empty one and those of one member are as before.
    assert [g.whom.en for g in found.groups if g.gain] == ["57 combinations of statuses"]


def told(old: str, new: str, language: str = "en") -> list[str]:
    from policydsl.difference.told import answers_lines

    both = comparing.compare(checked(old), checked(new))
    return list(answers_lines(both.answers, both, language))  # type: ignore[arg-type]


def test_days_and_yes_or_no_are_told_in_their_own_words() -> None:
    text = HEAD + "param day = 2021-01-01\nrule dear when cost > 100元\nrule share = 50%\n"
    new = text.replace("= 2021-01-01", "= 2021-02-01").replace("100元", "200元").replace("50%", "49%")
    assert told(text, new) == [
        "day", "  everybody", "    later", "    at most 31 days later: 2021-01-01 → 2021-02-01",
        "dear, as cost varies", "  everybody",
        "    0元 to 100元: the same", "    100.01元 to 200元: now no", "    200.01元 to 1000元: the same",
        "    now no, for example cost = 200元: yes → no",
        "share", "  everybody", "    less", "    at most 1 point less: 50% → 49%",
    ]  # fmt: skip
    assert "    最多推后31天：2021年1月1日 → 2021年2月1日" in told(text, new, "zh")
    assert "    100.01元至200元：由是变为否" in told(text, new, "zh")


def test_a_difference_without_end_says_so() -> None:
    text = HEAD.replace(" in 0元 .. 1000元", "") + "rule aid = cost\n"
    # Below 100元 the new one is less, by 100元 at the most, from there on ever more.
    assert told(text, text.replace("= cost", "= cost × 2 - 100元")) == [
        "aid, as cost varies",
        "  everybody",
        "    0元 to 99.99元: less",
        "    100元: the same",
        "    100.01元 and over: more",
        "    ever more as the amount grows, for example cost = 200元: 200元 → 300元",
        "    at most 100元 less, for example cost = 0元: 0元 → -100元",
    ]


def test_amounts_of_two_currencies_are_not_compared() -> None:
    text = HEAD + "rule aid = cost\nrule share = 50%\n"
    found = answers(text, text.replace("effective", "currency USD\n  effective").replace("元", " USD"))
    assert (found["aid"].outcome, found["aid"].why) == ("incomparable", "currency")
    assert found["share"].outcome == "same"


# declarations


def test_a_bound_that_changed_is_no_bound_dropped_and_another_added() -> None:
    text = (
        HEAD
        + "param a: money open\nparam b: money open\nrequire a >= 1元\nrequire b >= 1元\nrequire b <= 9元\n"
    )
    new = text.replace("a >= 1元", "a <= 2元").replace("b <= 9元", "b <= 8元")
    assert declared(text, new) == [
        "changed require a",
        "  a >= 1元 → a <= 2元",
        "changed require b",
        "  b <= 9元 → b <= 8元",
    ]


def test_a_category_of_another_name_with_the_same_members_is_renamed() -> None:
    text = HEAD + "category city: north, south\nrule aid = if city is north then 1元 else 2元\n"
    found = declared(text, text.replace("category city", "category town").replace("if city", "if town"))
    assert found[:2] == ["changed category town", "  name: city → town"]


def test_a_bound_of_a_band_that_moved_is_told_once() -> None:
    text = (
        HEAD
        + """category g: x, y
tiers payout of cost, marginal, by g
  | cost (元)    | x (%) | y (%) |
  | 0-100        | 50    | 60    |
  | 100-200      | 55    | 65    |
  | 200 and over | 70    | 80    |
  round half up to 0.01元 because "x"
"""
    )
    new = text.replace("100-200", "100-300").replace("200 and over", "300 and over").replace("55 ", "56 ")
    assert declared(text, new) == [
        "changed tiers payout",
        "  band: 100-200 → 100-300",
        "  100-300, x: 55% → 56%",
        "  band: 200 and over → 300 and over",
    ]
    # One band less: what is gone and what has come is told cell by cell.
    fewer = text.replace("  | 100-200      | 55    | 65    |\n", "").replace("200 and over", "100 and over")
    assert declared(text, fewer) == [
        "changed tiers payout",
        "  100 and over, x: added 70%",
        "  100 and over, y: added 80%",
        "  100-200, x: dropped 55%",
        "  100-200, y: dropped 65%",
        "  200 and over, x: dropped 70%",
        "  200 and over, y: dropped 80%",
    ]


def test_what_is_new_or_gone_says_what_it_was() -> None:
    old = HEAD + "param a = 1元\nparam c = 2元\ninput x: yes_no\ninput y: yes_no\nrule r when x and y\n"
    new = HEAD + "param a = 1元\nparam b = 3元\nensure a <= 2元\n"
    assert declared(old, new) == [
        "added param b: 3元",
        "added ensure a <= 2元",
        "dropped input x, y",
        "dropped param c: 2元",
        "dropped rule r",
    ]


def test_another_script_of_a_title_is_no_difference() -> None:
    old = 'policy p "山东医疗保障"\n  issuer "国家税务总局、财政厅"\nparam a = 1元\n'
    new = 'policy p "山東醫療保障"\n  issuer "國家稅務總局、財政廳"\nparam a = 1元\n'
    assert declared(old, new) == []
    assert declared(old, new.replace("山東", "山西")) != []


def test_what_shandong_changed_in_2021_is_what_the_two_notices_say() -> None:
    old, new = (
        (ROOT / "policies" / "shandong" / f"{y}.pol").read_text(encoding="utf-8") for y in (2020, 2021)
    )
    folder = str(ROOT / "policies" / "shandong")
    sources = [Source("2020.pol", old), Source("2021.pol", new)]
    for source in sources:
        source.beside = lambda: [(folder, sources)]
    before, after = (pipeline.check(source) for source in sources)
    both = comparing.compare(before, after)
    changed = {d.title.en.partition(" ")[0]: d.details for d in both.declared if d.what == "changed"}
    assert set(changed) == {
        "shandong_2021", "subsidy_floor", "illness_premium", "住院支付比例", "大病保險起付線",
    }  # fmt: skip
    said = {key: [(was.en, now.en) for _, was, now in details] for key, details in changed.items()}
    assert said["subsidy_floor"] == [("550元/人·年", "580元/人·年")]
    assert said["illness_premium"] == [("81元/人·年", "90元/人·年")]
    # 280元 on average becomes 320元, which is not an average any more.
    figures = {(d.what, d.title.en): d.details[0] for d in both.declared if d.word == "param"}
    assert figures["dropped", "contribution_floor"][1].en == "280元/人·年"
    assert figures["added", "contribution"][2].en == "320元/人·年"
    outcomes = {a.key: a.outcome for a in both.answers}
    assert {key for key, outcome in outcomes.items() if outcome == "different"} == {
        "subsidy_floor",
        "illness_premium",
    }
    # Half of the income is the same half, however it is written.
    assert outcomes["deductible_cap"] == "same"


# the command


@dataclass
class Result:
    status: int
    out: str
    err: str


Run = Callable[..., Result]
TABLE = (
    HEAD
    + 'category city: north "北", south\ntable aid: money by city\n  | city | aid (元) |\n  | north | 10 |\n  | south | 20 |\n'
)
TABLE += "rule half = cost\n"


@pytest.fixture
def diff(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """`policydsl diff` of two policies in a folder of their own, in this process."""
    (tmp_path / "old.pol").write_text(TABLE, encoding="utf-8")
    (tmp_path / "new.pol").write_text(TABLE.replace("20", "25"), encoding="utf-8")

    def call(*arguments: str) -> Result:
        capsys.readouterr()
        status = main(
            ["diff", str(tmp_path / "old.pol"), str(tmp_path / "new.pol"), "--lang", "en", *arguments]
        )
        said = capsys.readouterr()
        return Result(status, said.out, said.err)

    return call


def test_a_page_is_written_over_nothing_that_it_is_made_from(diff: Run, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("city\nnorth\n", encoding="utf-8")
    for path in (tmp_path / "other.POL", tmp_path / "new.pol", people):
        before = path.read_bytes() if path.exists() else None
        done = diff("-o", str(path), "--cases", str(people))
        assert (done.status, done.out) == (2, "") and "not written over" in done.err, path
        assert (path.read_bytes() if path.exists() else None) == before


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        ("city,县\n北,甲\n".encode("gb18030"), "CSV UTF-8"),
        (b"city,city\nnorth,south\n", "two columns"),
        (b"county\nx\n", "no column"),
    ],
)
def test_a_list_that_cannot_be_counted_says_why(diff: Run, tmp_path: Path, data: bytes, words: str) -> None:
    people = tmp_path / "people.csv"
    people.write_bytes(data)
    done = diff("--cases", str(people), "--by", "city")
    assert (done.status, done.out) == (2, "") and words in done.err


def test_an_output_without_its_columns_is_named_and_not_counted(diff: Run, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("\ufeffcity,county\n北,甲\nsouth,\nsouth,甲,too,many\nnowhere\n", encoding="utf-8")
    done = diff("--cases", str(people), "--by", "county")
    assert done.status == 0
    lines = [line.split() for line in done.out.splitlines()]
    assert "half is not counted: no column cost" in done.out
    # 甲: 10元 as before and 20 → 25元; without a county: 20 → 25元, and one that is in no city.
    assert ["甲", "1", "0", "1", "0", "5.00元", "0.00元", "30.00元", "35.00元"] in lines
    assert ["(blank)", "1", "0", "0", "1", "5.00元", "0.00元", "20.00元", "25.00元"] in lines
    assert ["all", "2", "0", "1", "1", "10.00元", "0.00元", "50.00元", "60.00元"] in lines


def test_an_unknown_output_is_a_fault_of_the_call(diff: Run) -> None:
    done = diff("--output", "nope")
    assert done.status == 2 and "aid" in done.err
    assert "half" not in diff("--output", "aid").out


# the manual


@pytest.mark.parametrize(("page", "language"), [("diff.md", "en"), ("diff.zh.md", "zh")])
def test_the_manuals_sample_is_what_the_command_prints(
    page: str,
    language: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for name, body in re.findall(r"^`([\w.]+)`[:：]\n\n```\w+\n(.*?)```", text, re.DOTALL | re.MULTILINE):
        (tmp_path / name).write_text(body, encoding="utf-8")
    ((line, printed),) = re.findall(r"```console\n\$ policydsl (.*?)\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    assert main([*line.split(), "--lang", language]) == 0
    assert capsys.readouterr().out == printed
