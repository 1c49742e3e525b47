"""Is what the prover says of splits at other totals what happens at every single total?

The brute force here divides each total anew, in integers, and shares no code with the product.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import count
from pathlib import Path

import pytest

from policydsl import pipeline
from policydsl.cli.main import main
from policydsl.diagnostics.model import message
from policydsl.ir import Program
from policydsl.prove.splits import Findings, findings
from policydsl.source import Source
from policydsl.tasks import remarks as verbose

F = Fraction
ROOT = Path(__file__).parent.parent
WORDS = {"half_up": "half up", "half_down": "half down", "half_even": "half even", "up": "up", "down": "down"}


def compiled(text: str) -> Program:
    checked = pipeline.check(Source("split.pol", f'policy p "p"\n{text}'))
    assert checked.program is not None, [message(d, "en") for d in checked.diagnostics]
    return checked.program


def rounded(n: int, d: int, mode: str) -> int:
    """`n / d` to a whole number; n and d are not negative."""
    whole, left = n // d, n % d
    more = {
        "half_up": 2 * left >= d,
        "half_down": 2 * left > d,
        "half_even": 2 * left > d or (2 * left == d and whole % 2 == 1),
        "up": left > 0,
        "down": False,
    }[mode]
    return whole + more


def shares(total: int, weights: list[int], mode: str, holder: int | None) -> list[int]:
    """Whole yuan of each payer of `total` yuan; the holder takes what the others leave."""
    paid = [rounded(total * w, sum(weights), mode) for w in weights]
    if holder is not None:
        paid[holder] = total - sum(x for i, x in enumerate(paid) if i != holder)
    return paid


def policy(figure: int, weights: list[int], mode: str, holder: int) -> str:
    names = "abcd"[: len(weights)]
    return (
        f"param subsidy = {figure}元/人·年\n"
        f"split funding of subsidy\n"
        f"  {', '.join(names)} by {':'.join(map(str, weights))}\n"
        f'  round {WORDS[mode]} to 1元, remainder to {names[holder]} because "x"\n'
    )


def found(program: Program) -> list[Findings]:
    return list(findings(program))


def random_split(seed: int) -> tuple[int, list[int], str, int]:
    r = random.Random(seed)
    weights = [r.randint(1, 9) for _ in range(r.randint(2, 4))]
    mode = r.choice(list(WORDS))
    # A figure at which the checks have nothing to say: large enough for every holder.
    return r.randint(60, 400), weights, mode, r.randrange(len(weights))


@pytest.mark.parametrize("seed", range(60))
def test_every_figure_of_a_rounding_equals_brute_force(seed: int) -> None:
    figure, weights, mode, holder = random_split(seed)
    (f,) = found(compiled(policy(figure, weights, mode, holder)))
    whole = sum(weights)
    enough = range(figure + 1, figure + 4 * whole)

    def acts(t: int) -> bool:
        return any(t * w % whole for w in weights)

    first = next((t for t in enough if acts(t)), None)
    assert (None if f.acts is None else f.acts.total) == first
    if f.acts is not None and first is not None:
        assert list(f.acts.paid) == shares(first, weights, mode, holder)
        assert list(f.acts.exact) == [F(first * w, whole) for w in weights]
    assert f.sums
    most = max(
        abs(shares(t, weights, mode, holder)[holder] - F(t * weights[holder], whole))
        for t in range(6 * whole)
    )
    assert f.remainder == most
    below = [t for t in range(8 * whole * whole) if min(shares(t, weights, mode, holder)) < 0]
    assert f.negative_below == (max(below) + 1 if below else 0)
    for reading in f.readings:
        for t in range(figure, figure + 4 * whole):
            own = shares(t, weights, mode, holder)
            other = shares(t, weights, reading.mode, holder if reading.holder else None)
            if (other != own) if reading.holder else (sum(other) != t):
                assert reading.first is not None
                assert reading.first.total == t
                assert list(reading.first.paid) == other
                break
        else:
            assert reading.first is None


def nested(total: int, upper: int, mode: str) -> tuple[int, list[int]]:
    """The share of ningxia of a total, and what region and local get of it; `upper` of 10 goes to region."""
    share = total - rounded(total * 4, 5, "half_up")
    return share, [rounded(share * upper, 10, mode), share - rounded(share * upper, 10, mode)]


@pytest.mark.parametrize(("arm", "upper"), [("mountain", 9), ("river", 6)])
def test_the_shares_of_a_share_equal_brute_force_over_the_totals(arm: str, upper: int) -> None:
    program = _ningxia()
    f = next(f for f in found(program) if f.above and f.arm.tests == (frozenset({arm}),))
    acts = next(t for t in count(551) if nested(t, upper, "half_up")[0] * upper % 10)
    assert f.acts is not None
    assert (int(f.acts.total), int(f.acts.whole)) == (acts, nested(acts, upper, "half_up")[0])
    assert list(f.acts.paid) == nested(acts, upper, "half_up")[1]
    for reading in f.readings:
        wanted = None
        for t in range(550, 700):
            share, own = nested(t, upper, "half_up")
            if reading.holder:
                other = nested(t, upper, reading.mode)[1]
                differs = other != own
            else:
                other = [rounded(share * part, 10, reading.mode) for part in (upper, 10 - upper)]
                differs = sum(other) != share
            if differs:
                wanted = (t, share, other)
                break
        got = reading.first
        assert (
            None if got is None else (int(got.total), int(got.whole), [int(x) for x in got.paid])
        ) == wanted
    assert f.remainder == max(
        abs(nested(t, upper, "half_up")[1][1] - F(nested(t, upper, "half_up")[0] * (10 - upper), 10))
        for t in range(200)
    )


def _ningxia() -> Program:
    path = ROOT / "policies" / "ningxia" / "2020.pol"
    program = pipeline.check(Source("ningxia", path.read_text(encoding="utf-8"))).program
    assert program is not None
    return program


def remarks(path: str, language: str = "en") -> list[str]:
    text = (ROOT / "policies" / path).read_text(encoding="utf-8")
    return [message(d, language) for d in verbose.remarks(pipeline.check(Source(path, text)))]  # type: ignore[arg-type]


def test_ningxia_is_exact_at_550_acts_from_551_and_needs_its_holder_at_115() -> None:
    said = "\n".join(remarks("ningxia/2020.pol"))
    assert "subsidy is exact at 550元; the rounding acts from 551元" in said
    assert "without a holder, half up pays 104 + 12 of 115元 (subsidy 573元), together 116元" in said
    assert "for every multiple of 1元 as subsidy, the parts make the whole and none is negative" in said


def test_the_same_in_chinese() -> None:
    said = "\n".join(remarks("ningxia/2020.pol", "zh"))
    assert "人均财政补助标准为550元时恰好整除；自551元起，取整起作用，440.8 + 110.2化为441 + 110" in said
    assert "四舍五入在115元（人均财政补助标准573元）时为104 + 12，合计116元" in said
    assert "起起" not in said


def test_the_division_among_those_who_bear_all_is_not_rounded() -> None:
    arms = {f.arm.tests for f in found(_ningxia()) if f.remainder is not None}
    assert (frozenset({"reclamation"}),) not in arms


def test_a_total_of_whole_yuan_that_is_not_a_multiple_of_the_step_is_considered_too() -> None:
    # 115元 to whole 10元: 90% is 103.5元, so 100元, and 15元 for the other; totals of 5元 repeat.
    text = policy(115, [9, 1], "half_up", 1).replace("to 1元", "to 10元")
    (f,) = found(compiled(text))
    assert f.step == 5
    assert f.stated[0].paid == (F(100), F(15))


def test_the_figures_of_several_years_are_all_stated() -> None:
    text = policy(110, [9, 1], "half_up", 1).replace(
        "param subsidy = 110元/人·年\n",
        "param subsidy: money per person per year\n  from 2020-01-01: 110元/人·年\n  from 2021-01-01: 115元/人·年\n",
    )
    program = compiled(text.replace("param", "param", 1))
    (f,) = found(program)
    assert [d.total for d in f.stated] == [110, 115]
    assert f.acts is not None
    assert f.acts.total == 116


def test_largest_fractions_are_never_a_whole_step_away() -> None:
    text = policy(100, [1, 1, 1], "half_up", 0).replace("remainder to a", "remainder to largest fractions")
    (f,) = found(compiled(text))
    # thirds of a yuan: a third more, or two thirds more
    assert f.sums
    assert f.remainder == F(2, 3)
    assert f.negative_below == 0


def test_fixed_amounts_hold_at_one_total_only() -> None:
    text = "param subsidy = 580元/人·年\nsplit funding of subsidy\n  a 80%; b 20%, of which c 26元, d 90元\n"
    whole, shared = found(compiled(text))
    assert whole.sums
    assert not shared.sums
    assert shared.stated[0].whole == 116


def test_the_rest_is_negative_below_the_amounts_of_the_others() -> None:
    text = "param subsidy = 580元/人·年\nsplit funding of subsidy\n  a 26.5元, b rest\n"
    (f,) = found(compiled(text))
    assert f.sums
    assert f.negative_below == F("26.5")


def test_a_period_too_long_to_walk_through_is_decided_by_bounds() -> None:
    # 12.3457% of a total repeats after 1,000,000 yuan only.
    text = (
        "param subsidy = 1000000元/人·年\nsplit funding of subsidy\n  a 12.3457%, b 87.6543%\n"
        '  round half up to 1元, remainder to b because "x"\n'
    )
    (f,) = found(compiled(text))
    assert f.sums
    assert f.remainder == F(1, 2)
    assert f.acts is not None
    assert f.acts.total == 1000001


def test_the_command_says_it_when_asked_to_be_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(ROOT / "policies" / "ningxia" / "2020.pol")
    assert main(["check", "-v", "--lang", "en", path]) == 0
    assert "note[PD331]: subsidy is exact at 550元; the rounding acts from 551元" in capsys.readouterr().out
    assert main(["check", path]) == 0
    assert "PD331" not in capsys.readouterr().out
