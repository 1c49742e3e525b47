"""Are the leaps, falls and rates above 100% that the prover lists those that happen, amount by amount?

The brute force runs the interpreter on every amount of a small range and looks at the values alone.
"""

from __future__ import annotations

import json
import random
import re
from fractions import Fraction
from pathlib import Path

import pytest

from policydsl import pipeline
from policydsl.cli.main import main
from policydsl.diagnostics.model import message
from policydsl.expressions import Value
from policydsl.ir import Program
from policydsl.prove.notches import Falls, Jump, Notch, Steep, Unlisted, notches
from policydsl.source import Source
from policydsl.tasks import remarks

F = Fraction
ROOT = Path(__file__).parent.parent
TOP = 60
GROUPS = ("x", "y", "z")
HEAD = f"""policy p "p"
category group: x, y, z
input cost: money in whole 元 in 0元 .. {TOP}元
input flag: yes_no
"""


def checked(text: str) -> pipeline.Checked:
    result = pipeline.check(Source("notch.pol", text))
    assert result.program is not None, [message(d, "en") for d in result.diagnostics]
    return result


def compiled(text: str) -> Program:
    program = checked(text).program
    assert program is not None
    return program


def curve(program: Program, output: str, group: str, flag: bool) -> list[Fraction]:
    """The value of an output at every whole yuan, as the interpreter computes it."""
    facts: dict[str, Value] = {"group": group, "flag": flag}
    values = []
    for n in range(TOP + 1):
        value = pipeline.run(program, {**facts, "cost": F(n)}, (output,)).step(output).value
        assert isinstance(value, Fraction)
        values.append(value)
    return values


def concerns(notch: Notch, group: str, flag: bool) -> bool:
    facts = {"group": group, "flag": flag}
    return not notch.people or any(
        all(facts[str(question)] in answers for question, answers in people.answers)
        for people in notch.people
    )


def noughts(n: int) -> int:
    return 99 if n == 0 else len(str(n)) - len(str(n).rstrip("0"))


def jumps(
    v: list[Fraction], figures: set[int]
) -> set[tuple[Fraction, str, Fraction, Fraction, Fraction | None]]:
    """Where a step is one that neither the step before it nor the one after it makes. Bands here are
    three yuan wide at least, so both steps lie within one."""
    found = set()
    for n in range(1, TOP - 1):
        before, step, after = v[n] - v[n - 1], v[n + 1] - v[n], v[n + 2] - v[n + 1]
        if min(before, after) <= step <= max(before, after):
            continue
        later = (n + 1 in figures, noughts(n + 1)) > (n in figures, noughts(n))
        low = v[n] + before if later else v[n]
        high = v[n + 1] if later else v[n + 1] - after
        at = n + 1 if later else n
        if high < low:
            back = next((m for m in range(n + 1, TOP + 1) if v[m] >= low), None)
        else:
            back = next((m for m in range(n + 1, TOP + 1) if m - v[m] >= at - low), None)
        until = None if back is None else F(back)
        found.add((F(at), "from" if later else "over", low, high, until))
    return found


def random_policy(seed: int) -> str:
    """A slab, a marginal schedule with high rates, and a rule with grounds on the cost and on people."""
    r = random.Random(seed)

    def edges() -> list[int]:
        cuts = sorted(r.sample(range(4, TOP - 4, 4), r.randint(1, 3)))
        return [0, *cuts]

    def bands(cuts: list[int], cells: int, low: int, high: int) -> str:
        lines = []
        for i, cut in enumerate(cuts):
            top = cuts[i + 1] if i + 1 < len(cuts) else None
            if i == 0:
                interval = f"0-{top}" if top is not None else "0元 and over"
            else:
                interval = f"over {cut} to {top}" if top is not None else f"over {cut}"
            rates = " | ".join(str(r.randint(low, high) * 10) for _ in range(cells))
            lines.append(f"  | {interval} | {rates} |")
        return "\n".join(lines)

    first = r.randrange(6, TOP - 24, 2)
    op = r.choice(("over", "from", "below", "up to"))
    return (
        HEAD
        + f"tiers levy of cost, slab, by group\n  | cost (元) | x (%) | y (%) | z (%) |\n{bands(edges(), 3, 0, 15)}\n"
        + f"tiers paid of cost, marginal\n  | cost (元) | rate (%) |\n{bands(edges(), 1, 0, 15)}\n"
        + "rule left = paid - cost × 50%\n"
        + "rule aid = cost × 20%\n"
        + f"  except some when cost {op} {first}元 and group is {r.choice(GROUPS)}: {r.randint(0, 9)}元\n"
        + f"  except flagged when flag and cost over {first + r.randrange(6, 18, 2)}元: cost × 40%\n"
        + "  when several apply, first because \"x\"\n"
        + "accept rate levy because \"x\"\naccept rate paid because \"x\"\naccept notch because \"x\"\n"
        + "accept gap paid because \"x\"\naccept overlap because \"x\"\n"
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(25))
def test_every_leap_and_fall_equals_brute_force(seed: int) -> None:
    text = random_policy(seed)
    program = compiled(text)
    figures = {
        int(x)
        for pair in re.findall(r"([0-9]+)(?=元|-| to)|(?:over|to|-) ?([0-9]+)", text)
        for x in pair
        if x
    }
    listed = list(notches(program))
    assert not any(isinstance(n.finding, Unlisted) for n in listed)
    for output in ("levy", "paid", "left", "aid"):
        here = [n for n in listed if n.definition.name.key == output]
        for group in GROUPS:
            for flag in (False, True):
                v = curve(program, output, group, flag)
                mine = [n.finding for n in here if concerns(n, group, flag)]
                got = {(j.at, j.side, j.before, j.after, j.until) for j in mine if isinstance(j, Jump)}
                assert got == jumps(v, figures), (output, group, flag)
                leaps = {n for n in range(TOP) if any(at in (n, n + 1) for at, *_ in got)}
                for n in set(range(TOP)) - leaps:
                    step = v[n + 1] - v[n]
                    falls = {-f.by for f in mine if isinstance(f, Falls) and f.low <= n < (f.high or TOP)}
                    steep = {f.rate for f in mine if isinstance(f, Steep) and f.low <= n < (f.high or TOP)}
                    assert falls == ({step} if step < 0 else set()), (output, group, flag, n)
                    assert steep == ({step} if step > 1 else set()), (output, group, flag, n)


def listed(text: str, language: str = "en") -> list[str]:
    return [message(d, language) for d in remarks.notches(checked(text))]  # type: ignore[arg-type]


def test_the_ningxia_payout_does_not_leap() -> None:
    path = ROOT / "policies" / "ningxia" / "2020.pol"
    said = listed(path.read_text(encoding="utf-8"))
    assert not any("payout" in line for line in said)
    assert len(said) == 2  # the deductible that counts once falls, and depends on two amounts


def test_read_as_a_slab_the_ningxia_payout_leaps_at_every_bound_for_all_cities() -> None:
    text = (ROOT / "policies" / "ningxia" / "2020.pol").read_text(encoding="utf-8")
    text = text.replace("of cost, marginal, by", "of cost, slab, by").replace(
        "| deductible-100000 |", "| 0-100000 |"
    )
    text = text.split('example "')[0].replace("accept gap payout", "# ")
    result = pipeline.check(Source("slab.pol", text))
    warned = [message(d, "en") for d in result.diagnostics if d.code.number == "PD441"]
    # Ordinary, common: 60% of 100000元 is 60000元 and 61% is 61000元.
    assert warned == [
        "over 100000元 of cost, payout goes from 60000元 to 61000元 at once, 1000元 more; for ordinary, common, "
        "and at 4 other amounts"
    ]


def test_a_leap_of_a_rounded_value_is_told_before_its_rounding() -> None:
    said = listed(
        HEAD
        + 'rule pay = if cost > 20元 then cost × 55% else cost × 50%\n  round half up to 1元 because "x"\nrule f when flag\nrule g when group is x\n'
    )
    assert said == [
        "over 20元 of cost, pay goes from 10元 to 11元 at once, 1元 more; cost less pay is back at what it was only from 23元 on"
    ]


def test_a_cap_that_a_rounded_value_reaches_is_no_leap() -> None:
    text = (
        HEAD
        + "rule pay = cost × 33%\n  round half up to 1元\nrule most = smaller of (pay, 9元)\n"
        + "rule f when flag\nrule g when group is x\n"
    )
    assert not any("at once" in line for line in listed(text))


def test_the_same_leap_of_all_but_one_member_is_one_line() -> None:
    text = HEAD + (
        "rule aid = 0元\n  except big when cost from 30元 and group in (x, z): 5元\nrule f when flag\n"
    )
    (line,) = listed(text)
    assert "; for x, z;" in line


def test_who_cannot_reach_an_amount_is_not_among_those_whom_a_leap_there_concerns() -> None:
    text = HEAD + (
        "given cost <= 20元 when flag\n"
        "rule aid = 0元\n"
        "  except big when cost from 30元: 5元\n"
        "  except small when flag and cost over 10元: 3元\n"
        '  when several apply, first because "x"\nrule g when group is x\n'
    )
    big, small = sorted(listed(text))
    assert "from 30元" in big and "; for not flag;" in big
    assert "over 10元" in small and "; for flag;" in small


def test_income_is_told_by_its_limits() -> None:
    text = (
        'policy p "p"\ninput cost: money in 0元 .. 100元\ninput income: money in 0元 .. 100元\n'
        "rule aid = 0元\n"
        "  except low when income below 10元 and cost over 50元: 5元\n"
        "  except middle when income from 10元 and income below 20元 and cost over 50元: 5元\n"
        'accept overlap because "x"\n'
    )
    (line,) = [x for x in listed(text) if "of cost" in x]
    assert "for income below 20元;" in line
    (line,) = [x for x in listed(text, "zh") if x.startswith("cost 超过")]
    assert "适用于income低于20元；" in line.replace("income 低", "income低")


def test_a_slab_of_an_amount_that_is_computed_is_looked_at_along_that_amount() -> None:
    text = HEAD + (
        "input paid: money in whole 元 in 0元 .. 60元\n"
        "rule f when flag\nrule g when group is x\n"
        "tiers levy of cost + paid, slab\n  | cost (元) | rate (%) |\n  | 0-50 | 10 |\n  | over 50 | 20 |\n"
    )
    (d,) = [d for d in checked(text).diagnostics if d.code.number == "PD441"]
    assert message(d, "en") == "over 50元 of the amount, levy goes from 5元 to 10元 at once, 5元 more"
    assert message(d, "zh") == "数额超过50元时，levy 由5元直接变为10元，多5元"
    assert d.span.text == "over 50"


def test_a_slab_of_days_leaps_too() -> None:
    text = (
        'policy p "p"\ninput late: days in 0天 .. 100天\n'
        "tiers fee of late, slab\n  | late (天) | fee (元) |\n  | 0-10 | 0 |\n  | 11 and over | 50 |\n"
    )
    (d,) = [d for d in checked(text).diagnostics if d.code.number == "PD441"]
    assert message(d, "en") == "over 10 days of late, fee goes from 0元 to 50元 at once, 50元 more"
    assert message(d, "zh") == "late 超过10天时，fee 由0元直接变为50元，多50元"


def test_a_slab_whose_bands_agree_does_not_leap() -> None:
    text = HEAD + (
        "rule f when flag\nrule g when group in (x, y)\n"
        "tiers levy of cost, slab\n  | cost (元) | rate (%) |\n  | 0-20 | 10 |\n  | over 20 | 10 |\n"
    )
    assert [d.code.number for d in checked(text).diagnostics] == []


def test_the_command_lists_them_or_says_that_there_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaping, smooth = tmp_path / "leaping.pol", tmp_path / "smooth.pol"
    leaping.write_text(
        HEAD
        + "rule aid = if cost from 30元 then 5元 else 0元\nrule f when flag\nrule g when group in (x, y)\n",
        "utf-8",
    )
    smooth.write_text(
        HEAD + "rule aid = cost × 10%\nrule f when flag\nrule g when group in (x, y)\n", "utf-8"
    )
    assert main(["check", "--notches", "--lang", "en", str(leaping), str(smooth)]) == 0
    said = capsys.readouterr().out
    assert "note[PD442]: from 30元 of cost, aid goes from 0元 to 5元 at once" in said
    assert "smooth.pol: no output leaps" in said and "leaping.pol: no output leaps" not in said
    assert main(["check", "--notches", "--lang", "zh", str(smooth)]) == 0
    assert "smooth.pol：没有跳变" in capsys.readouterr().out
    assert main(["check", "--notches", "--format", "json", str(leaping)]) == 0
    found = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [d["code"] for d in found] == ["PD442"]
    assert main(["check", "--lang", "en", str(leaping)]) == 0
    assert "PD442" not in capsys.readouterr().out
