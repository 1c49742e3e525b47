"""Which figures of a table does `check` point out, and which ordinary tables does it leave alone?"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from policydsl import pipeline
from policydsl.diagnostics.model import Diagnostic, message
from policydsl.files import read_source
from policydsl.source import Source

ROOT = Path(__file__).parent.parent
HEAD = """policy p "p"
category group: x "甲", y "乙", z "丙"
category place: n, s
input cost: money in 0元 .. 1000000元
"""


def advice(text: str) -> list[Diagnostic]:
    result = pipeline.check(Source("pattern.pol", text))
    assert result.program is not None, [message(d, "en") for d in result.diagnostics]
    return [d for d in result.diagnostics if d.code.number in ("PD450", "PD451")]


def said(text: str) -> list[str]:
    return [message(d, "en") for d in advice(text)]


def schedule(*columns: list[int], line: str = "", mode: str = "marginal") -> str:
    """Bands of 1000元 with these rates for x, y, z."""
    keys = "xyz"[: len(columns)]
    by = ", by group" if len(columns) > 1 else ""
    heads = " | ".join(f"{k} (%)" for k in keys) if by else "rate (%)"
    rows = []
    for i, cells in enumerate(zip(*columns, strict=True)):
        last = i == len(columns[0]) - 1
        interval = f"over {i * 1000}" if last else f"over {i * 1000} to {i * 1000 + 1000}"
        rows.append(f"  | {interval} | {' | '.join(map(str, cells))} |")
    any_z = "" if len(columns) != 2 else "rule unused when group is z\n"
    return (
        f"{HEAD}tiers payout of cost, {mode}{by}\n  | cost (元) | {heads} |\n" + "\n".join(rows) + "\n"
        f'{line}  round half up to 0.01元 because "x"\n{any_z}rule where when place is n\n'
        "accept notch because \"x\"\n"
    )  # fmt: skip


def ningxia() -> str:
    return (ROOT / "policies" / "ningxia" / "2020.pol").read_text(encoding="utf-8")


def without_as_printed() -> str:
    return "\n".join(line for line in ningxia().splitlines() if not line.startswith("  as printed"))


def test_the_uplifts_of_ningxia_that_are_not_the_usual_ones_are_pointed_out() -> None:
    assert sorted(said(without_as_printed())) == [
        "major is 2 points above common in 10 places, but 1 point above in band 1 for ordinary, "
        "3 points above in band 6 for ordinary",
        "rural_poor is 5 points above ordinary in 9 places, but 2 points above in band 1 for common, "
        "3 points above in band 1 for major, 4 points above in band 6 for major",
    ]


def test_the_same_in_chinese() -> None:
    found = sorted(message(d, "zh") for d in advice(without_as_printed()))
    assert found == [
        "20种大病比普通疾病高2个百分点的有10处，但第1段普通参保人员高1个百分点、第6段普通参保人员高3个百分点",
        "农村贫困人口比普通参保人员高5个百分点的有9处，但第1段普通疾病高2个百分点、第1段20种大病高3个百分点、"
        "第6段20种大病高4个百分点",
    ]


def test_as_printed_silences_it() -> None:
    assert said(ningxia()) == []


@pytest.mark.parametrize(
    "place", ["xinzhou/2021", "shandong/2021", "chongqing/2021", "linyi/2020", "shandong/2020"]
)
def test_the_other_policies_are_left_alone(place: str) -> None:
    source = read_source(str(ROOT / "policies" / f"{place}.pol"))
    assert isinstance(source, Source)
    result = pipeline.check(source)
    assert result.program is not None
    assert not [d for d in result.diagnostics if d.code.number in ("PD450", "PD451")]


def test_the_place_is_the_figure_that_breaks_the_pattern() -> None:
    x = [10, 11, 13, 16, 20]
    text = schedule(x, [15, 16, 18, 27, 25], [30, 30, 30, 30, 30])
    (d,) = [d for d in advice(text) if "y" in message(d, "en")]
    assert d.span.text == "27"
    assert message(d, "en") == "y is 5 points above x in 4 places, but 11 points above in band 4"


def test_three_figures_are_no_pattern() -> None:
    assert said(schedule([10, 11, 13, 16], [15, 16, 18, 27], [30, 30, 30, 30])) == []


def test_two_breaks_in_six_are_no_pattern() -> None:
    assert said(schedule([10, 11, 13, 16, 20, 25], [15, 16, 18, 21, 28, 37], [30] * 6)) == []


def test_columns_that_are_alike_but_for_one_band_are_left_alone() -> None:
    x = [10, 11, 13, 16, 20]
    assert said(schedule(x, [10, 11, 13, 16, 25], [10, 11, 13, 16, 20])) == []


def test_columns_that_are_apart_by_the_same_everywhere_are_left_alone() -> None:
    x = [10, 11, 13, 16, 20]
    assert said(schedule(x, [c + 5 for c in x], [c + 9 for c in x])) == []


def test_one_wrong_figure_in_the_middle_column_is_told_once() -> None:
    x = [10, 11, 13, 16, 20]
    y = [15, 16, 19, 21, 25]
    assert said(schedule(x, y, [c + 9 for c in x])) == [
        "y is 5 points above x in 4 places, but 6 points above in band 3"
    ]


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        (
            [60, 62, 64, 67, 68, 70],
            "band 4 is 67%; the other bands rise by 2 points each, which would make it 66%",
        ),
        (
            [61, 62, 64, 66, 68, 70],
            "band 1 is 61%; the other bands rise by 2 points each, which would make it 60%",
        ),
        (
            [60, 62, 64, 66, 68, 75],
            "band 6 is 75%; the other bands rise by 2 points each, which would make it 70%",
        ),
        (
            [70, 68, 66, 65, 62],
            "band 4 is 65%; the other bands fall by 2 points each, which would make it 64%",
        ),
        (
            [60, 62, 64, 67, 69, 71],
            "band 4 is 67%; the other bands rise by 2 points each, which would make it 66%",
        ),
    ],
)
def test_a_figure_or_a_step_that_is_off_is_pointed_out(rates: list[int], expected: str) -> None:
    assert said(schedule(rates)) == [expected]


@pytest.mark.parametrize(
    "rates",
    [
        [60, 61, 62, 63, 66, 70],  # Ningxia, ordinary
        [3, 10, 20, 25, 30, 35, 45],  # the tax on wages
        [60, 60, 60, 60, 70],
        [50, 60, 70, 75],
        [60, 62, 64, 66, 68, 70],
        [60, 61, 63, 66, 70, 75],
        [60, 62, 64, 66],
    ],
)
def test_ordinary_schedules_are_left_alone(rates: list[int]) -> None:
    assert said(schedule(rates)) == []


@pytest.mark.parametrize("seed", range(20))
def test_figures_without_a_pattern_are_left_alone(seed: int) -> None:
    r = random.Random(seed)
    columns = [sorted(r.sample(range(100), 6)) for _ in range(3)]
    assert said(schedule(*columns)) == []


def test_rows_of_a_table_are_compared_too() -> None:
    rows = "".join(
        f"  | {g} | {p} | {base + (20 if p == 's' else 0)} |\n"
        for g, base in (("x", 100), ("y", 130), ("z", 170))
        for p in "ns"
    )
    text = f"{HEAD}table aid: money by group, place\n  | group | place | aid (元) |\n{rows}rule c = cost\n"
    assert said(text) == []  # three times 20元 are no pattern yet
    categories = text.replace('z "丙"', "z, u, v")
    more = "  | u | n | 230 |\n  | u | s | 250 |\n  | v | n | 300 |\n  | v | s | 330 |\n"
    (d,) = advice(categories.replace("rule c", f"{more}rule c"))
    assert message(d, "en") == "s is 20元 above n in 4 places, but 30元 above in v"
    assert d.span.text == "330"
    silenced = categories.replace("rule c", f'{more}  as printed because "compared"\nrule c')
    assert said(silenced) == []


def test_as_printed_stands_only_where_there_are_rows() -> None:
    result = pipeline.check(Source("p.pol", 'policy p "p"\nparam a = 1元\n  as printed because "x"\n'))
    assert [d.span.text for d in result.diagnostics] == ["as printed"]


def test_an_output_with_an_error_elsewhere_gets_no_advice() -> None:
    result = pipeline.check(Source("p.pol", schedule([60, 62, 64, 67, 68, 70]) + "rule bad = nowhere\n"))
    assert "PD451" not in {d.code.number for d in result.diagnostics}
