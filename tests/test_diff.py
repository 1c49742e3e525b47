"""What changed from one policy to another: told exactly, for whom and from which amount on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from brute import Case, every_case, values
from conftest import EXAMPLES
from policydsl import pages, pipeline
from policydsl.changes import changes
from policydsl.cli.main import main
from policydsl.difference.told import declared_lines
from policydsl.differences import Answers, How
from policydsl.expressions import Value
from policydsl.ir import Program
from policydsl.runtime import PolicyError
from policydsl.source import Source
from policydsl.tasks import comparing
from small_policies import draft

POLICIES = Path(__file__).parent.parent / "policies"
NINGXIA = (POLICIES / "ningxia" / "2020.pol").read_text(encoding="utf-8")

HEAD = """policy p "p"
  issued 2021-01-01
  effective 2021-01-01 to 2021-12-31

category city: north, south
input cost: money in 0元 .. 1000元
"""


def checked(text: str, name: str = "p.pol") -> pipeline.Checked:
    found = pipeline.check_file(*pipeline.read(Source(name, text)))
    assert found.program is not None, [d.code.number for d in found.diagnostics]
    return found


def compared(old: str, new: str) -> dict[str, Answers]:
    before, after = checked(old).program, checked(new).program
    assert before is not None and after is not None
    return {f"{a.key}.{a.part}" if a.part else a.key: a for a in comparing.answers(before, after)}


def variant(old: str, new: str) -> str:
    assert NINGXIA.count(old) == 1
    return NINGXIA.replace(old, new)


FROM_DEDUCTIBLE = (
    variant("tiers payout", "tiers payout")
    .replace("of cost, marginal", "of greater of (cost - deductible, 0元), marginal")
    .replace("| deductible-100000 |", "| 0-100000          |")
)
SLAB = NINGXIA.replace("of cost, marginal", "of greater of (cost, deductible), slab")


# the three readings of the Ningxia table


def payout(text: str) -> Fraction:
    program = checked(text).program
    assert program is not None
    facts: dict[str, Value] = {
        "cost": Fraction(600_000),
        "city": "yinchuan",
        "group": "ordinary",
        "disease": "common",
    }
    value = comparing.answer(program, "payout", facts)
    assert isinstance(value, Fraction)
    return value


def test_the_readings_of_the_ningxia_table_pay_what_the_catalogue_of_rules_says() -> None:
    # 376,000 as written; 375,000 with the bands counted from the deductible; 413,000 as a slab.
    assert [payout(text) for text in (NINGXIA, FROM_DEDUCTIBLE, SLAB)] == [376_000, 375_000, 413_000]


def test_bands_from_the_deductible_pay_less_from_100000_on() -> None:
    answers = compared(NINGXIA, FROM_DEDUCTIBLE)
    assert {key for key, a in answers.items() if a.outcome != "same"} == {"payout"}
    found = answers["payout"]
    assert (found.outcome, found.along) == ("different", "cost")
    # Up to 100,000元 both pay (cost − deductible) × the first rate. From there on the second rate takes
    # over at once, or only after another `deductible`; for ordinary people the rate is 1 or 2 points more.
    ordinary = next(g for g in found.groups if g.loss is not None and g.loss.by == -1000)
    assert ordinary.whom.en == "ordinary, common"
    assert [(s.low, s.high, s.hows) for s in ordinary.stretches] == [
        (Fraction(0), Fraction("100000.13"), ("same",)),
        (Fraction("100000.14"), Fraction("100000.86"), ("lower", "same")),
        (Fraction("100000.87"), Fraction(100_000_000), ("lower",)),
    ]
    # 10000元 × (1 + 1 + 1 + 3 + 4) points, once the last band is reached in both.
    assert ordinary.loss is not None and ordinary.loss.facts["cost"] == 600_000
    assert (ordinary.loss.old, ordinary.loss.new) == (376_000, 375_000)
    assert all(g.gain is None for g in found.groups)


def test_a_slab_pays_more_beyond_the_first_band() -> None:
    found = compared(NINGXIA, SLAB)["payout"]
    (everybody,) = found.groups
    assert everybody.whom.en == ""
    assert [(s.low, s.high, s.hows) for s in everybody.stretches] == [
        (Fraction(0), Fraction(100_000), ("same",)),
        (Fraction("100000.01"), Fraction(100_000_000), ("higher",)),
    ]


def test_a_penny_at_the_edge_is_told() -> None:
    old = HEAD + "rule aid = if cost <= 500元 then 10元 else 0元\n"
    new = HEAD + "rule aid = if cost < 500元 then 10元 else 0元\n"
    (group_,) = compared(old, new)["aid"].groups
    assert [(s.low, s.high, s.hows) for s in group_.stretches] == [
        (Fraction(0), Fraction("499.99"), ("same",)),
        (Fraction(500), Fraction(500), ("lower",)),
        (Fraction("500.01"), Fraction(1000), ("same",)),
    ]
    assert group_.loss is not None and dict(group_.loss.facts) == {"cost": Fraction(500)}


def test_only_those_concerned_are_named() -> None:
    old = HEAD + "table aid: money by city\n  | city | aid (元) |\n  | north | 10 |\n  | south | 20 |\n"
    found = compared(old, old.replace("20", "25"))["aid"]
    assert [(g.whom.en, g.gain.by if g.gain else None) for g in found.groups] == [
        ("south", 5),
        ("north", None),
    ]


def test_equality_is_proved_of_different_texts() -> None:
    # Two ways to the same amount, for every cost.
    old = HEAD + 'rule aid = cost × 50%\n  round half up to 0.01元 because "x"\n'
    new = HEAD + 'rule aid = cost - cost × 50%\n  round half up to 0.01元 because "x"\n'
    assert compared(old, new)["aid"].outcome == "same"
    # Half a fen goes up in one and down in the other.
    other = HEAD + 'rule aid = cost × 50%\n  round half down to 0.01元 because "x"\n'
    (group_,) = compared(old, other)["aid"].groups
    assert [s.hows for s in group_.stretches] == [("lower", "same")]
    assert group_.loss is not None and group_.loss.by == Fraction(-1, 100)


def test_a_wider_range_answers_where_there_was_no_answer() -> None:
    old = HEAD + "rule aid = cost\n"
    new = old.replace("1000元", "2000元")
    (group_,) = compared(old, new)["aid"].groups
    assert [(s.low, s.high, s.hows) for s in group_.stretches] == [
        (Fraction(0), Fraction(1000), ("same",)),
        (Fraction("1000.01"), Fraction(2000), ("gained",)),
    ]


def test_a_member_that_is_gone_has_no_answer_any_more() -> None:
    old = HEAD.replace("north, south", "north, south, west") + (
        "table aid: money by city\n  | city | aid (元) |\n  | north | 10 |\n  | south, west | 20 |\n"
    )
    new = HEAD + "table aid: money by city\n  | city | aid (元) |\n  | north | 10 |\n  | south | 20 |\n"
    found = {g.whom.en: g.stretches[0].hows for g in compared(old, new)["aid"].groups}
    assert found == {"west": ("lost",), "north, south": ("same",)}


def test_outputs_come_and_go() -> None:
    answers = compared(HEAD + "param a = 1元\nparam b = 2元\n", HEAD + "param b = 2元\nparam c = 3元\n")
    assert {key: a.outcome for key, a in answers.items()} == {"a": "dropped", "b": "same", "c": "added"}


def test_what_has_several_amounts_is_left_open_and_says_so() -> None:
    head = HEAD + "input aid: money in 0元 .. 100元\n"
    found = compared(
        head + "rule left = cost - aid\n",
        head + 'rule left = cost - aid × 50%\n  round half up to 0.01元 because "x"\n',
    )["left"]
    assert (found.outcome, found.why, found.others) == ("open", "amounts", ("aid",))


# against every case


def _mutants(seed: int) -> Iterator[tuple[Program, Program]]:
    """A small policy and what slips of the pen make of it."""
    text = draft(seed).text
    file, unread = pipeline.read(Source("p.pol", text))
    before = pipeline.check_file(file, unread)
    if before.program is None:
        return
    every = list(changes(file))
    for change in every[seed % 3 :: max(1, len(every) // 3)]:
        mutant = text
        for edit in reversed(change.slip.edits):
            mutant = mutant[: edit.start] + edit.text + mutant[edit.end :]
        after = pipeline.check_file(*pipeline.read(Source("p.pol", mutant)))
        if after.program is not None:
            yield before.program, after.program


def _truth(old: Program, new: Program, one: Answers) -> dict[object, list[tuple[How, Fraction]]]:
    """What the new policy does in every case, by the amount that is followed, and by how much more it gives."""
    needed = {key for program in (old, new) for key in program.definition(one.key).inputs}
    asked = set(needed)
    givens = [set(g.inputs) for program in (old, new) for g in program.givens]
    while more := {key for about in givens if about & asked for key in about} - asked:
        asked |= more
    owns = [{f.name.key for f in program.facts} & asked for program in (old, new)]
    both = [
        {_facts(c.facts, own): c for c in every_case(program)}
        for program, own in zip((old, new), owns, strict=True)
    ]
    # What an output does not need, and only a given speaks of, is no reason for it to be lost.
    shared = {
        key: {_key(v) for v in values(old, old.fact(key))} & {_key(v) for v in values(new, new.fact(key))}
        for key in (owns[0] & owns[1]) - needed
    }
    found: dict[object, list[tuple[How, Fraction]]] = {}
    for facts in dict.fromkeys(
        facts for cases, own in zip(both, owns, strict=True) if own >= owns[0] for facts in cases
    ):
        known = dict(facts)
        if any(known[key] not in allowed for key, allowed in shared.items()):
            continue
        was, now = (cases.get(_facts(known, own)) for cases, own in zip(both, owns, strict=True))
        along = next(c.facts.get(one.along or "") for c in (was, now) if c is not None)
        found.setdefault(along, []).append(_how(was and _result(was, one), now and _result(now, one)))
    return found


def _facts(facts: Mapping[str, object], keys: set[str]) -> tuple[tuple[str, object], ...]:
    return tuple(sorted((key, _key(value)) for key, value in facts.items() if key in keys))


def _key(value: object) -> object:
    return tuple(sorted(value)) if isinstance(value, frozenset) else value


def _result(case: Case, one: Answers) -> object:
    step = case.steps[one.key]
    if isinstance(step, PolicyError):
        return None
    return step.value if one.part is None else step.part(one.part)


def _how(old: object, new: object) -> tuple[How, Fraction]:
    if old is None or new is None:
        return ("neither" if old is new else "gained" if old is None else "lost"), Fraction(0)
    if isinstance(old, str) or isinstance(new, str):
        return ("same" if old == new else "other"), Fraction(0)
    assert isinstance(old, Fraction | bool) and isinstance(new, Fraction | bool)
    by = Fraction(new) - Fraction(old)
    return ("higher" if by > 0 else "lower" if by < 0 else "same"), by


def _told(one: Answers, along: object) -> set[How]:
    """What is said of an amount, of anybody, where one thing is said of a stretch; and all that may be."""
    return {
        how
        for group_ in one.groups
        for s in group_.stretches
        if one.along is None
        or along is None
        or ((s.low is None or s.low <= along) and (s.high is None or along <= s.high))  # type: ignore[operator]
        for how in s.hows
    }


def test_every_case_is_told_as_it_is() -> None:
    policies = different = unconfirmed = 0
    for seed in range(EXAMPLES // 10):
        for old, new in _mutants(seed):
            policies += 1
            for one in comparing.answers(old, new):
                if one.outcome not in ("same", "different"):
                    continue
                truth = _truth(old, new, one)
                every = [pair for pairs in truth.values() for pair in pairs]
                hows = {how for how, _ in every}
                where = (seed, one.key, one.part)
                if one.outcome == "same":
                    assert hows <= {"same", "neither"}, where
                    continue
                different += 1
                for along, pairs in truth.items():
                    assert {how for how, _ in pairs} <= _told(one, along), (*where, along)
                changes = [c for g in one.groups for c in (g.gain, g.loss, g.other) if c is not None]
                if not all(c.confirmed for c in changes):
                    unconfirmed += 1
                    continue
                assert hows - {"same", "neither"}, where
                by = [c.by for c in changes if c.by is not None]
                assert max([Fraction(0), *by]) == max([Fraction(0), *(by for _, by in every)]), where
                assert min([Fraction(0), *by]) == min([Fraction(0), *(by for _, by in every)]), where
    assert policies > EXAMPLES / 20 and different > EXAMPLES / 20, (policies, different)
    assert unconfirmed < different / 4, (unconfirmed, different)


# declarations and callers


def told(old: str, new: str) -> list[str]:
    return list(declared_lines(comparing.compare(checked(old), checked(new)).declared, "en"))


def test_a_changed_figure_is_told_with_what_it_was() -> None:
    new = variant("| 300001-400000     | 63 ", "| 300001-400000     | 64 ")
    assert told(NINGXIA, new) == [
        "changed tiers payout (clause 二（五）)",
        "  300001-400000, ordinary, common: 63% → 64%",
    ]


def test_order_layout_and_script_are_no_difference() -> None:
    one = HEAD + "param a = 1元\nparam b = 50%\n"
    other = HEAD + "标准 b ＝ 50％\n\n# later\nparam a = 1.00元\n"
    assert told(one, other) == []
    assert {a.outcome for a in compared(one, other).values()} == {"same"}


def breaking(old: str, new: str) -> list[str]:
    before, after = checked(old).program, checked(new).program
    assert before is not None and after is not None
    return [one.text.en for one in comparing.interface(before, after) if one.breaks]


TABLE = HEAD + "table aid: money by city\n  | city | aid (元) |\n  | north | 10 |\n  | south | 20 |\n"


def test_callers_break_where_they_would() -> None:
    rule = HEAD + "rule aid = cost\n"
    assert breaking(rule, rule) == []
    assert breaking(rule, rule.replace("1000元", "900元")) == ["the range of cost of aid now ends at 900元"]
    assert breaking(rule, rule.replace("1000元", "2000元")) == []
    assert breaking(rule, rule.replace("money in", "money in whole 元 in")) == [
        "cost of aid is now in steps of 1元"
    ]
    assert breaking(rule, rule.replace("rule aid", "rule help")) == ["the output aid is gone"]
    assert breaking(TABLE, TABLE.replace("south", "west")) == ["city has no member south any more"]
    assert breaking(rule, rule + "rule more = cost\n") == []
    needs = rule.replace("rule aid = cost", "rule aid = if city is north then cost else 0元")
    assert breaking(rule, needs) == ["aid now needs city"]
    assert breaking(needs, rule) == ["aid takes no city any more"]


# the command


def run(*arguments: str) -> tuple[int, str]:
    result = subprocess.run(
        [sys.executable, "-m", "policydsl", "diff", *arguments], capture_output=True, text=True, check=False
    )
    return result.returncode, result.stdout + result.stderr


def test_the_command_tells_counts_and_writes_a_page(tmp_path: Path) -> None:
    old, new = tmp_path / "old.pol", tmp_path / "new.pol"
    old.write_text(TABLE, encoding="utf-8")
    new.write_text(TABLE.replace("20", "25").replace("10", "8"), encoding="utf-8")
    people = tmp_path / "people.csv"
    people.write_text("姓名,city\n<b>甲</b>,north\n乙,south\n丙,south\n丁,west\n戊,\n", encoding="utf-8-sig")
    page = tmp_path / "page.html"
    status, said = run(
        str(old), str(new), "--cases", str(people), "--by", "city", "-o", str(page), "--lang", "en"
    )
    assert status == 0, said
    assert "changed table aid" in said
    # One person loses 2元, two gain 5元 each, two rows say nothing that is a city.
    words = [line.split() for line in said.splitlines()]
    assert ["north", "0", "1", "0", "0", "0.00元", "2.00元", "10.00元", "8.00元"] in words
    assert ["south", "2", "0", "0", "0", "10.00元", "0.00元", "40.00元", "50.00元"] in words
    assert ["all", "2", "1", "0", "2", "10.00元", "2.00元", "50.00元", "58.00元"] in words
    text = page.read_text(encoding="utf-8")
    assert "10.00元" in text and "<script" not in text and "http" not in text.replace("http://www.w3.org", "")
    assert list(tmp_path.glob("*.tmp")) == []


def test_the_command_says_that_nothing_differs_and_whether_callers_break(tmp_path: Path) -> None:
    old, new = tmp_path / "old.pol", tmp_path / "new.pol"
    old.write_text(TABLE, encoding="utf-8")
    new.write_text("# 说明\n" + TABLE, encoding="utf-8")
    assert run(str(old), str(new), "--lang", "en")[1].splitlines()[-1] == "no difference in meaning"
    assert run(str(old), str(new), "--api", "--lang", "zh") == (0, "原有的调用仍然有效\n")
    new.write_text(TABLE.replace("south", "west"), encoding="utf-8")
    status, said = run(str(old), str(new), "--api", "--lang", "en")
    assert status == 1
    assert said.splitlines() == [
        "breaks  city has no member south any more",
        "adds  city has a new member west",
    ]
    document = json.loads(run(str(old), str(new), "--format", "json")[1])
    assert document["sameMeaning"] is False
    assert {g["whom"]: g["stretches"][0]["what"] for g in document["answers"][0]["groups"]}.values()
    assert run(str(old), str(new), "--by", "city")[0] == 2


def test_a_page_without_its_library_is_refused_before_anything_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pages, "available", lambda: False)
    policy = tmp_path / "old.pol"
    policy.write_text(TABLE, encoding="utf-8")
    page = str(tmp_path / "page.html")
    assert main(["diff", str(policy), str(policy), "-o", page, "--lang", "en"]) == 2
    said = capsys.readouterr()
    assert 'pip install "policydsl[doc]"' in said.err and "-->" not in said.err and said.out == ""
