"""Is a slip of the pen in a real policy reported at the slip? Each is made in a copy of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from policydsl import pipeline
from policydsl.files import read_source
from policydsl.source import Source

POLICIES = Path(__file__).parent.parent / "policies"


def checked(place: str, old: str, new: str) -> pipeline.Checked:
    source = read_source(str(POLICIES / place))
    assert isinstance(source, Source)
    assert old in source.text, f"{place} no longer has {old}"
    return pipeline.check(Source(place, source.text.replace(old, new, 1), beside=source.beside))


SLIPS = [
    # a figure with two digits exchanged, in its place and beside its share
    ("xinzhou/2021.pol", "市 13.5元、县 44.5元", "市 13.5元、县 45.4元", "PD302", "45.4元"),
    ("xinzhou/2021.pol", "中央 80%，即 464元", "中央 80%，即 446元", "PD305", "446元"),
    ("xinzhou/2021.pol", "（province）20%", "（province）2%", "PD301", "2%"),
    ("xinzhou/2021.pol", "较上年增加30元", "较上年增加3000元", "PD251", "3000元"),
    # a row left out
    ("ningxia/2020.pol", "  | ordinary   | guyuan               | 8500            |\n", "", "PD430", "deductible"),
    (
        "ningxia/2020.pol",
        "  | 200001-300000     | 62                  | 64                 | 67                    | 69                   |\n",
        "", "PD401", "300001-400000",
    ),
    # a rate with its per-cent sign twice, a bound with a digit too few
    ("ningxia/2020.pol", "| 60                  | 61   ", "| 60                  | 0.61 ", "PD414", "0.61"),
    ("ningxia/2020.pol", "| 200001-300000  ", "| 20001-300000   ", "PD405", "20001-300000"),
    ("ningxia/2020.pol", "| 500001 and over   |", "| 500001-600000     |", "PD408", "500001-600000"),
    ("ningxia/2020.pol", "  bands continuous\n    because", "  because", "PD403", "100001-200000"),
    ("ningxia/2020.pol", "| yinchuan, shizuishan | 10000 ", "| yinchuan, shizuishan | 110000", "PD406", "deductible"),
    ("ningxia/2020.pol", "  round half up to 0.01元 because", "  because", "PD253", "60"),
    ("ningxia/2020.pol", "  reclamation: region all\n", "", "PD308", "ningxia"),
    ("ningxia/2020.pol", "  when several apply, greatest", "  # when several apply, greatest", "PD501", "fixed"),
    ("chongqing/2021.pol", "× 1/2 ＝ 15412元", "× 1/2 ＝ 15421元", "PD250", "15421元"),
    ("chongqing/2021.pol", "  | 大学生   | 二档 | ", "  | 居民     | 二档 | ", "PD431", "655"),
    ("shandong/2021.pol", "  同時符合，就高", "  # 同時符合，就高", "PD501", "定額補貼"),
    ("shandong/2021.pol", "  捨去到 0.01元", "  捨去到 0.001元", "PD254", "捨去到 0.001元"),
    ("shandong/2020.pol", "550元/人·年，较上年增加30元", "30元/人·年，较上年增加550元", "PD251", "550元"),
    ("linyi/2020.pol", "2020年1月1日 至 2020年12月31日", "2020年12月31日 至 2020年1月1日", "PD650", "施行     2020年12月31日 至 2020年1月1日"),
    ("ningxia/2020.pol", ", remainder to ningxia\n    because", " because", "PD312", "round half up to 1元"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "old", "new", "number", "at"), SLIPS, ids=lambda x: str(x)[:24])
def test_a_slip_is_reported_where_it_was_made(place: str, old: str, new: str, number: str, at: str) -> None:
    found = [(d.code.number, d.span.text) for d in checked(place, old, new).diagnostics]
    assert any(n == number and text.startswith(at) for n, text in found), found


def test_the_policies_themselves_have_no_errors() -> None:
    for place in sorted(POLICIES.glob("*/*.pol")):
        source = read_source(str(place))
        assert isinstance(source, Source)
        result = pipeline.check(source)
        assert result.program is not None, [d.code.number for d in result.diagnostics]
