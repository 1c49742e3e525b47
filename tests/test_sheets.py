"""Do tables come from sheets as they are printed, and do changes made in a workbook find their way back?

The workbooks are made here: with XlsxWriter, and with openpyxl as other programs save them, with merged
cells, dimensions that are not true, numbers kept as text, blank rows at the end.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils import get_column_letter

from policydsl import pipeline
from policydsl.cli.main import main
from policydsl.diagnostics.model import Diagnostic, message
from policydsl.diagnostics.render import text as rendered
from policydsl.sheets.formats import exact, shown
from policydsl.sheets.ranges import read_bounds, write_bounds
from policydsl.sheets.workbook import Book
from policydsl.source import Source
from policydsl.syntax import ast
from policydsl.tasks import tables

ROOT = Path(__file__).parent.parent
NOTICE = ROOT.parent / "shared" / "notices" / "ningxia-2020-draft.txt"
POLICIES = sorted((ROOT / "policies").glob("*/*.pol"))

POLICY = """policy sample_2021 "样例市2021年城乡居民基本医疗保障"
  effective 2021-01-01 to 2021-12-31
category group "参保人员类别": ordinary "普通参保人员", poor "贫困人口"
category disease "疾病类别": common "普通疾病", major "20种大病"
category city "地市": north "北山市", south "南河市", east "东湖市"
input cost "年度费用": money in 0元 .. 1亿元
input age "年龄": years in 0年 .. 150年
param deductible "大病保险起付标准" = 10000元
"""
#: A head of two levels, the upper one merged, as notices print it.
HEADS = (
    ("分段", "年度费用（元）", "普通参保人员支付比例（%）", None, "贫困人口支付比例（%）", None),
    (None, None, "普通疾病", "20种大病", "普通疾病", "20种大病"),
)
BANDS = (
    (1, "起付标准-100000", 60, 61, 62, 64),
    (2, "100001-200000", 61, 63.5, 66, 68),
    (3, "200001以上", 70, 73, 75, 77),
)
MERGED = ("A1:A2", "B1:B2", "C1:D1", "E1:F1")
BLOCK = """tiers payout of cost, marginal, by group, disease
  | cost (元)         | ordinary common (%) | ordinary major (%) | poor common (%) | poor major (%) |
  | deductible-100000 | 60                  | 61                 | 62              | 64             |
  | 100001-200000     | 61                  | 63.5               | 66              | 68             |
  | 200001 and over   | 70                  | 73                 | 75              | 77             |
"""
FINISHED = f'{BLOCK}  bands continuous because "ours"\n  round half up to 0.01元 because "ours"\n'


def policy(text: str = POLICY, name: str = "sample.pol") -> ast.File:
    file, wrong = pipeline.read(Source(name, text))
    assert not wrong
    return file


def saved(*rows: Sequence[object], merged: Iterable[str] = (), formats: dict[str, str] | None = None,
          change: Callable[[Any], None] | None = None, name: str = "表1") -> bytes:  # fmt: skip
    """A workbook with one sheet as openpyxl saves it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    for place, code in (formats or {}).items():
        for cell in [c for r in sheet[place] for c in r] if ":" in place else [sheet[place]]:
            cell.number_format = code
    for cells in merged:
        sheet.merge_cells(cells)
    if change is not None:
        change(sheet)
    return bytes_of(book)


def bytes_of(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def opened(data: bytes, path: str = "book.xlsx") -> Book:
    book = tables.open_book(path, data)
    assert not isinstance(book, Diagnostic), rendered([book], "en")
    return book


Block = tuple[str | None, tuple[Diagnostic, ...]]


def block(data: bytes, file: ast.File | None = None, cells: str | None = None, **wishes: Any) -> Block:
    grid = tables.sheet_table(opened(data), None, cells)
    if isinstance(grid, Diagnostic):
        return None, (grid,)
    return tables.table_block(
        grid, file, wishes.pop("language", "en"), name=wishes.pop("name", "payout"), **wishes
    )


def pasted(text: str, file: ast.File | None = None, **wishes: Any) -> Block:
    grid = tables.pasted_table("-", text.encode())
    if isinstance(grid, Diagnostic):
        return None, (grid,)
    return tables.table_block(
        grid, file, wishes.pop("language", "en"), name=wishes.pop("name", "payout"), **wishes
    )


def codes(told: Iterable[Diagnostic], severity: str = "error") -> list[str]:
    return [d.code.number for d in told if d.code.severity == severity]


def rows_of(text: str, name: str) -> ast.Rows:
    file = policy(text)
    return next(
        d.rows for d in file.declarations if isinstance(d, ast.Tiers | ast.Table) and d.name.key == name
    )


def read_bytes_of(data: bytes) -> Callable[..., bytes | Diagnostic]:
    """`files.read_bytes`, to which every workbook holds these bytes."""
    return lambda path, *limit: data if path.endswith(".xlsx") else Path(path).read_bytes()


# a schedule of a notice


def test_a_sheet_with_merged_heads_becomes_the_block_of_the_policy() -> None:
    text, told = block(saved(*HEADS, *BANDS, merged=MERGED), policy(), mode="marginal")
    assert text == BLOCK
    assert not codes(told)
    assert not codes(pipeline.check(Source("p", f"{POLICY}{FINISHED}")).diagnostics)


def test_the_same_cells_pasted_become_the_same_block() -> None:
    lines = ["\t".join("" if cell is None else str(cell) for cell in row) for row in (*HEADS, *BANDS)]
    for text in (
        "\n".join(lines),
        "\r\n".join(lines) + "\r\n",
        "见下表。\n" + "\n".join(lines) + "\n\n以上。\n",
    ):
        assert pasted(text, policy(), mode="marginal")[0] == BLOCK


def dumped(rows: Iterable[Sequence[object]], before: str = "\t") -> str:
    """The table one cell a line, merged cells once, rows parted by empty lines."""
    return "\n\n".join("\n".join(f"{before}{cell}" for cell in row) for row in rows)


def test_a_table_dumped_one_cell_a_line_becomes_the_same_block() -> None:
    upper = [cell for cell in HEADS[0] if cell is not None]
    lower = ["" if cell is None else cell for cell in HEADS[1]]
    assert (
        pasted(f"前文。\n{dumped([upper, lower, *BANDS])}\n\n后文。", policy(), mode="marginal")[0] == BLOCK
    )
    # the blank cells under the heads that are merged downwards are often lost
    assert pasted(dumped([upper, lower[2:], *BANDS], ""), policy(), mode="marginal")[0] == BLOCK


def test_heads_that_cannot_be_shared_out_are_told() -> None:
    upper = ["分段", "年度费用（元）", "普通参保人员（%）", "贫困人口（%）", "其他（%）"]
    lower = ["", "", "普通疾病", "20种大病", "慢性病", "门诊"]
    text, told = pasted(dumped([upper, lower, *BANDS]), policy())
    assert text is None
    assert codes(told) == ["PD861"]


def test_without_a_policy_words_stand_in_quotes_and_the_block_checks_in_a_policy_that_knows_them() -> None:
    text, told = block(
        saved(*HEADS, *BANDS, merged=MERGED), mode="slab", language="zh", keys=("“人群”", "“病种”")
    )
    assert text is not None and not codes(told)
    assert text.splitlines()[0] == "分段 payout：“年度费用”，全额累进，按 “人群”、“病种”"
    assert "| “起付标准”-100000 |" in text
    around = (
        "政策 样例（sample）\n类别 “人群”：“普通参保人员支付比例”、“贫困人口支付比例”\n类别 “病种”：“普通疾病”、“20种大病”\n"
        "输入 “年度费用”：金额 介于 0元 至 1亿元\n标准 “起付标准” ＝ 0元\n"
    )
    after = "  各段连续 理由 “自定”\n  四舍五入到 0.01元 理由 “自定”\n"
    assert not codes(pipeline.check(Source("p", around + text + after)).diagnostics)


def test_what_the_table_does_not_say_is_pointed_out() -> None:
    text, told = block(saved(*HEADS, *BANDS, merged=MERGED))
    assert text is not None and text.startswith('tiers payout of "年度费用", by head1, head2\n')
    assert codes(told, "note") == ["PD879", "PD879"]


def test_figures_without_a_unit_are_pointed_out() -> None:
    text, told = block(
        saved(("参保人员类别", "支付比例"), ("普通参保人员", 0.6), ("贫困人口", 0.7)), policy()
    )
    assert text is not None and codes(told, "note") == ["PD879"]
    assert "支付比例" in message(told[0], "zh")


def test_a_block_of_a_name_that_the_policy_has_keeps_its_head_and_its_last_lines() -> None:
    file = policy(f"{POLICY}{FINISHED}\nparam other = 1元\n")
    changed = tuple((n, band, *(f + 1 for f in figures)) for n, band, *figures in BANDS)
    text, told = block(saved(*HEADS, *changed, merged=MERGED), file)
    assert text is not None and not codes(told)
    assert (
        text.splitlines()[2]
        == "  | deductible-100000 | 61                  | 62                 | 63              | 65             |"
    )
    assert text.splitlines()[0] == FINISHED.splitlines()[0]
    assert text.splitlines()[-2:] == FINISHED.splitlines()[-2:]


@pytest.mark.skipif(not NOTICE.exists(), reason=f"the notice {NOTICE.name} is not beside the repository")
def test_the_table_of_ningxia_pasted_from_the_notice_is_the_one_in_the_policy() -> None:
    path = ROOT / "policies" / "ningxia" / "2020.pol"
    own = path.read_text(encoding="utf-8")
    file = policy(own)
    text, told = pasted(NOTICE.read_text(encoding="utf-8"), file, mode="marginal")
    assert text is not None and not codes(told)
    pulled = policy(f"{POLICY}{text}")
    assert [d.rows for d in pulled.declarations if isinstance(d, ast.Tiers)] == [rows_of(own, "payout")]
    # under another name it does not lean on the declaration that is there
    other, _ = pasted(NOTICE.read_text(encoding="utf-8"), file, mode="marginal", name="again")
    assert other is not None and other.startswith("tiers again of cost, marginal, by group, disease\n")
    assert rows_of(f"{POLICY}{other}", "again") == rows_of(own, "payout")


def test_the_table_of_ningxia_from_a_workbook_is_the_one_in_the_policy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = (ROOT / "policies" / "ningxia" / "2020.pol").read_text(encoding="utf-8")
    rows = (
        ("分段", "年度个人负担合理医疗费用（元）", "普通参保人员大病保险支付比例（%）", None, "农村贫困人口大病保险支付比例（%）", None),
        HEADS[1],
        (1, "起付标准-100000", 60, 61, 62, 64),
        (2, "100001-200000", 61, 63, 66, 68),
        (3, "200001-300000", 62, 64, 67, 69),
        (4, "300001-400000", 63, 65, 68, 70),
        (5, "400001-500000", 66, 68, 71, 73),
        (6, "500001以上", 70, 73, 75, 77),
    )  # fmt: skip
    text, told = block(saved(*rows, merged=MERGED), policy(own), mode="marginal", name="again")
    assert text is not None and not codes(told)
    assert rows_of(f"{POLICY}{text}", "again") == rows_of(own, "payout")
    # and the manual shows what is printed
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(
        "policydsl.files.read_bytes", read_bytes_of(saved(*rows, merged=MERGED, name="大病保险"))
    )
    page = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    sample = re.search(r"\$ policydsl (table import notices.*)\n((?:.*\n)*?)  …\n", page)
    assert sample is not None
    assert main(sample[1].split()) == 0
    assert capsys.readouterr().out.startswith(sample[2])


# tables


def test_a_table_by_members_has_its_kind_from_the_unit_of_its_head() -> None:
    data = saved(
        ("参保人员类别", "地市", "起付标准（元）"), ("普通参保人员", "北山市、南河市", 10000), (None, "东湖市", 8500.5),
        ("贫困人口", "不限", 3000), merged=("A2:A3",),
    )  # fmt: skip
    text, told = block(data, policy(), name="threshold")
    assert not told
    assert text == (
        "table threshold: money by group, city\n"
        "  | group    | city         | 起付标准 (元) |\n"
        "  | ordinary | north, south | 10000         |\n"
        "  | ordinary | east         | 8500.5        |\n"
        "  | poor     | any          | 3000          |\n"
    )
    assert not codes(pipeline.check(Source("p", POLICY + text)).diagnostics)


def test_in_pasted_text_blank_words_below_a_word_are_merged_and_said_to_be() -> None:
    text, told = pasted(
        "参保人员类别\t地市\t数额（元）\n普通参保人员\t北山市\t1\n\t南河市\t2\n贫困人口\t不限\t3\n", policy()
    )
    assert text is not None and "  | ordinary | south | 2         |\n" in text
    assert codes(told, "note") == ["PD878"]
    text, told = block(saved(("参保人员类别", "数额（元）"), ("普通参保人员", 1), (None, 2)), policy())
    assert text is None and codes(told) == ["PD862"]


def test_a_table_of_ages_with_several_results_has_a_unit_in_each_head() -> None:
    data = saved(("年龄（岁）", "起付线（元）", "支付比例"), ("不满18", 100, 0.9), ("18以上", "２００", 0.855),
                 formats={"C2:C3": "0.0%"})  # fmt: skip
    text, told = block(data, policy(), name="stay")
    assert not told
    assert text == (
        "table stay by age\n"
        "  | age (岁)     | 起付线 (元) | 支付比例 (%) |\n"
        "  | below 18     | 100         | 90           |\n"
        "  | 18 and over  | 200         | 85.5         |\n"
    ).replace("age (岁)     ", "age (岁)    ").replace("below 18     ", "below 18    ").replace(
        "over  |", "over |"
    )
    assert not codes(pipeline.check(Source("p", POLICY + text)).diagnostics)


def test_members_across_the_top_make_a_table_by_two_keys() -> None:
    data = saved(("单位：元", None, None, None), ("参保人员类别", "北山市", "南河市", "东湖市"), ("普通参保人员", 1, 2, 3),
                 ("贫困人口", 4, 5, "6.50"), ("注：2021年起执行。", None, None, None))  # fmt: skip
    text, told = block(data, policy(), name="levy")
    assert text == (
        "table levy: money by group, city\n"
        "  | group    | north (元) | south (元) | east (元) |\n"
        "  | ordinary | 1          | 2          | 3         |\n"
        "  | poor     | 4          | 5          | 6.50      |\n"
    )
    assert [d.code.number for d in told] == ["PD878"]  # the remark that is left out
    assert not codes(pipeline.check(Source("p", POLICY + text)).diagnostics)


def test_a_chinese_policy_gets_a_chinese_block() -> None:
    file = policy(
        "政策 样例（sample_2021）\n类别 参保人群（group）：居民（resident）“城乡居民”、大学生（student）\n类别 档次（tier）：一档（one）、二档（two）\n"
    )
    data = saved(
        ("参保人群", "档次", "缴费标准（元/人·年）"), ("城乡居民", "一档", 320), ("城乡居民", "二档", "695")
    )
    text, told = block(data, file, name="缴费")
    assert not told
    assert text == (
        "表 缴费：金额/人·年 按 参保人群、档次\n"
        "  | 参保人群 | 档次 | 缴费标准（元/人·年） |\n"
        "  | 居民     | 一档 | 320                  |\n"
        "  | 居民     | 二档 | 695                  |\n"
    )
    old = policy("政策 樣例（sample_2021）\n類別 人群（group）：居民（resident）、學生（student）\n")
    text, _ = block(
        saved(("费用（元）", "居民（%）", "學生（%）"), ("10万以下", 5, 6), ("10万以上", 7, 8)),
        old,
        mode="slab",
        amount="費用",
    )
    assert text is not None and text.splitlines()[0] == "分段 payout：費用，全額累進，按 人群"


# figures


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.1, "0.1"), (44.5, "44.5"), (13.55, "13.55"), (1e15, "1000000000000000"), (60.0, "60"), (0.07, "0.07"),
     (123456789012345, "123456789012345"), (1.1, "1.1"), (1e-7, "0.0000001")],
)  # fmt: skip
def test_a_number_of_a_sheet_is_the_decimal_that_was_typed(number: float, text: str) -> None:
    value = exact(number)
    assert value is not None
    assert shown(value, "") == (text, "")


def stored(data: bytes, number: float) -> bytes:
    """The workbook with the number to its last digit, as Excel stores it, for 77; openpyxl rounds to 15 digits."""
    return replaced(data, "xl/worksheets/sheet1.xml", lambda t: t.replace("<v>77</v>", f"<v>{number!r}</v>"))


@pytest.mark.parametrize("number", [0.1 + 0.2, 1 / 3, 1234567890123456.0, 100.1 * 3])
def test_a_number_of_more_than_fifteen_digits_is_not_guessed(number: float) -> None:
    assert exact(number) is None
    data = stored(saved(("参保人员类别", "数额（元）"), ("普通参保人员", 77), ("贫困人口", 3)), number)
    text, told = block(data, policy())
    assert text is None and codes(told) == ["PD865"]
    assert repr(number).removesuffix(".0") in message(told[0], "en")


@pytest.mark.parametrize(
    ("value", "code", "seen"),
    [
        (0.6, "0%", ("60", "%")), (0.285, "0.0%", ("28.5", "%")), (0.57, "0.00%", ("57", "%")), (0.6049, "0%", None),
        (12.5, '#,##0.00"元"', ("12.5", "元")), (12.5, "¥#,##0.00", ("12.5", "元")), (12.5, "[$¥-804]#,##0.00", ("12.5", "元")),
        (13.5, "#,##0", None), (60, '0"%"', ("60", "%")), (60, r"0\%", ("60", "%")), (5, '0"万元"', ("5", "万元")),
        (50000, '0!.0,"万"', None), (50000, "#,##0,", None), (7, "General", ("7", "")), (7, "@", ("7", "")), (7, "0_ ", ("7", "")),
        (1500, "[Red]0.00", ("1500", "")), (3, "0.00E+00", ("3", "")), (0.25, "# ?/?", ("0.25", "")),
    ],
)  # fmt: skip
def test_a_format_shows_the_number_or_the_cell_is_refused(
    value: float, code: str, seen: tuple[str, str] | None
) -> None:
    number = exact(value)
    assert number is not None
    assert shown(number, code) == seen


def test_a_format_that_hides_digits_is_told_with_what_the_cell_holds() -> None:
    data = saved(
        ("参保人员类别", "比例"), ("普通参保人员", 0.6049), ("贫困人口", 0.7), formats={"B2:B3": "0%"}
    )
    text, told = block(data, policy())
    assert text is None and codes(told) == ["PD866"]
    assert "表1!B2 holds 0.6049" in message(told[0], "en")


def test_what_the_head_and_the_cells_say_of_the_unit_must_agree() -> None:
    text, told = block(
        saved(("参保人员类别", "比例（%）"), ("普通参保人员", "60％"), ("贫困人口", "300元")), policy()
    )
    assert text is None and codes(told) == ["PD867"]
    text, _ = block(
        saved(("参保人员类别", "数额（元）"), ("普通参保人员", "1.5万"), ("贫困人口", "3,000元")), policy()
    )
    assert text is not None and "| 1.5万元   |" in text and "| 3000      |" in text
    text, _ = block(
        saved(("参保人员类别", "比例"), ("普通参保人员", "60%"), ("贫困人口", "７０．５％")), policy()
    )
    assert text is not None and "比例 (%)" in text and "| 70.5     |" in text


@pytest.mark.parametrize(
    ("cell", "code"),
    [("=B3*2", "PD863"), (True, "PD864"), (date(2021, 1, 5), "PD864"), ("六十", "PD867"), (-5, "PD867"), ("#REF!", "PD864")],
)  # fmt: skip
def test_what_is_no_printed_figure_is_refused_in_its_place(cell: object, code: str) -> None:
    data = saved(("参保人员类别", "数额（元）"), ("普通参保人员", cell), ("贫困人口", 3))
    text, told = block(data, policy())
    assert text is None and codes(told) == [code]
    assert "表1!B2" in message(told[0], "zh")


def test_a_formula_is_refused_even_where_it_shows_a_value() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("表1")
    for r, row in enumerate((("参保人员类别", "数额（元）"), ("普通参保人员", None), ("贫困人口", 3))):
        sheet.write_row(r, 0, row)
    sheet.write_formula(1, 1, "=B3*2", None, 6)
    book.close()
    text, told = block(stream.getvalue(), policy())
    assert text is None and codes(told) == ["PD863"]
    assert "=B3*2" in message(told[0], "en")


def test_a_range_that_excel_made_a_day_is_told() -> None:
    data = saved(("年龄（岁）", "数额（元）"), (datetime(2021, 1, 5), 1), ("6-10", 2), ("11以上", 3))
    text, told = block(data, policy())
    assert text is None and codes(told) == ["PD864"]


# ranges


@pytest.mark.parametrize(
    ("cell", "zh", "en"),
    [
        ("10万元以下", "10万元以下", "up to 10万元"),
        ("100001-200000", "100001-200000", "100001-200000"),
        ("500001以上", "500001以上", "500001 and over"),
        ("500001元及以上", "500001元以上", "500001元 and over"),
        ("起付标准-100000", "起付标准-100000", "起付标准-100000"),
        ("自付标准至3000", "自付标准-3000", "自付标准-3000"),
        ("超过1万元至10万元", "超过 1万元 至 10万元", "over 1万元 up to 10万元"),
        ("１～５０，０００元", "1-50000元", "1-50000元"),
        ("满18不满60", "18以上 不满 60", "from 18 below 60"),
        ("18岁以上不满60岁", "18岁以上 不满 60岁", "from 18岁 below 60岁"),
        ("10000元以上（不含）至20000元（含）", "超过 10000元 至 20000元", "over 10000元 up to 20000元"),
        ("10万元（不含）以上", "超过 10万元", "over 10万元"),
        ("10000＜X≤20000", "超过 10000 至 20000", "over 10000 up to 20000"),
        ("≤10,000", "10000以下", "up to 10000"),
        ("大于0小于等于5000", "超过 0 至 5000", "over 0 up to 5000"),
        ("10000元以上20000元以下", "10000元以上 20000元以下", "from 10000元 up to 20000元"),
        ("超过10000元的部分", "超过 10000元的部分", "over 10000元 the part"),
        ("over 10000 up to 50000", "超过 10000 至 50000", "over 10000 up to 50000"),
        ("from 18 below 60", "18以上 不满 60", "from 18 below 60"),
        ("deductible to 100000", "deductible-100000", "deductible-100000"),
    ],
)  # fmt: skip
def test_a_printed_range_is_written_in_the_words_of_the_language(cell: str, zh: str, en: str) -> None:
    bounds = read_bounds(cell)
    assert bounds is not None
    assert write_bounds(bounds, lambda text: text, "zh") == zh
    assert write_bounds(bounds, lambda text: text, "en") == en


@pytest.mark.parametrize("cell", ["1000", "20种大病", "1-2-3", "-", "以上", "10元以下儿童", "", "2021年"])
def test_what_is_no_range_is_not_read_as_one(cell: str) -> None:
    assert read_bounds(cell) is None


# names


def test_a_word_that_the_policy_does_not_know_is_told_with_the_nearest() -> None:
    text, told = block(saved(("参保人员类别", "数额（元）"), ("普通参报人员", 1), ("贫困人口", 2)), policy())
    assert text is None and codes(told) == ["PD869"]
    assert "是否指“普通参保人员”" in message(told[0], "zh")


def test_a_word_that_turns_a_name_round_is_not_taken_for_it() -> None:
    text, told = block(
        saved(("参保人员类别", "数额（元）"), ("普通参保人员", 1), ("非贫困人口", 2)), policy()
    )
    assert text is None and codes(told) == ["PD869"]
    text, told = block(
        saved(("参保人员类别", "数额（元）"), ("普通参保人员", 1), ("贫困人口（建档立卡）", 2)), policy()
    )
    assert text is not None and codes(told, "note") == ["PD878"]


def test_a_word_of_two_categories_is_ambiguous() -> None:
    file = policy(f'{POLICY}category other "其他类别": x "北山市", y "南河市"\n')
    text, told = block(saved(("地区", "数额（元）"), ("北山市", 1), ("南河市", 2)), file)
    assert text is None and codes(told) == ["PD870"]


def test_a_label_that_looks_like_a_formula_or_a_line_of_a_policy_stays_text() -> None:
    text, _ = block(
        saved(("人员", "数额（元）"), ("甲”\n规则 乙 ＝ 1元", 1), ("“丙” | 2 |", 2)), language="zh"
    )
    assert text is not None
    file, wrong = pipeline.read(Source("p", f"政策 样例\n{text}"))
    assert not wrong and len(file.declarations) == 2
    assert rows_of(f"政策 样例\n{text}", "payout").rows[1].cells[0] == ast.Path(("丙 | 2 |",), span=file.span)


def test_a_cell_with_what_no_policy_may_hold_makes_no_block() -> None:
    text, told = block(saved(("人员", "数额（元）"), ("\u0430dults", 1), ("甲", 2)))  # a Cyrillic letter
    assert text is None and codes(told) == ["PD003"]
    text, told = block(saved(("人员", "数额（元）"), ("甲", 1), ("乙", 2)), name='a”b "c" 标准')
    assert text is not None and text.startswith('table "ab c 标准": money by "人员"\n')


def test_a_column_of_remarks_is_left_out_and_said_to_be() -> None:
    text, told = block(
        saved(("参保人员类别", "数额（元）", "备注"), ("普通参保人员", 1, "见附件"), ("贫困人口", 2, None)),
        policy(),
    )
    assert text is not None and "备注" not in text
    assert codes(told, "note") == ["PD878"]


def test_a_first_figure_that_is_a_word_is_no_head() -> None:
    text, told = block(
        saved(("参保人员类别", "数额（元）"), ("普通参保人员", "见附件"), ("贫困人口", 2)), policy()
    )
    assert text is None and codes(told) == ["PD867"]
    assert "表1!B2" in message(told[0], "en")


# sheets as they are


def test_what_stands_around_a_table_is_passed_over() -> None:
    data = saved((), ("", "附件：支付标准", None), (), (None, "参保人员类别", "数额（元）"), (None, "普通参保人员", 1),
                 (None, "贫困人口", 2), (None, "", None), (), (), merged=("B2:C2",))  # fmt: skip
    text, told = block(data, policy())
    assert text == (
        "table payout: money by group\n  | group    | 数额 (元) |\n  | ordinary | 1         |\n  | poor     | 2         |\n"
    )
    assert not told


def test_a_dimension_that_is_not_true_and_blank_rows_to_the_end_do_no_harm() -> None:
    data = saved(("参保人员类别", "数额（元）"), ("普通参保人员", "1"), ("贫困人口", "2"))
    for dimension in ("A1", "A1:XFD1048576", "C5:D9"):
        claim = f'<dimension ref="{dimension}"'
        odd = replaced(data, "xl/worksheets/sheet1.xml", partial(re.sub, r'<dimension ref="[^"]*"', claim))
        blank = replaced(
            odd,
            "xl/worksheets/sheet1.xml",
            lambda t: t.replace(
                "</sheetData>", '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
            ),
        )
        text, told = block(blank, policy())
        assert text is not None and text.count("\n") == 4 and not told


def test_forty_thousand_styled_blank_rows_change_nothing() -> None:
    data = saved(
        ("参保人员类别", "比例"), ("普通参保人员", 0.5), ("贫困人口", 0.25), formats={"B2:B3": "0.00%"}
    )
    blank = "".join(
        f'<row r="{n}" ht="20"><c r="A{n}" s="0"/><c r="B{n}" s="1"/></row>' for n in range(4, 40_000)
    )
    full = replaced(
        data, "xl/worksheets/sheet1.xml", lambda t: t.replace("</sheetData>", f"{blank}</sheetData>")
    )
    assert block(full, policy()) == block(data, policy())
    assert block(full, policy())[0] is not None


def test_cells_without_references_are_counted() -> None:
    data = saved(
        ("参保人员类别", "数额（元）"), ("普通参保人员", 0.5), ("贫困人口", 2), formats={"B2:B3": "0.0"}
    )
    bare = replaced(
        data, "xl/worksheets/sheet1.xml", lambda t: re.sub(r'(<(?:c|row)[^>]*?) r="[A-Z]*[0-9]+"', r"\1", t)
    )
    text, told = block(bare, policy())
    assert text is not None and "| 0.5       |" in text and not told


def replaced(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The workbook with one of its parts changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()).encode() if name == part else content)
    return stream.getvalue()


def test_a_range_of_cells_is_read_alone_and_a_wrong_one_is_told() -> None:
    data = saved(("参保人员类别", "数额（元）", "旧数额（元）"), ("普通参保人员", 1, 9), ("贫困人口", 2, 8))
    text, _ = block(data, policy(), cells="a1:b3")
    assert text is not None and "旧标准" not in text
    assert block(data, policy(), cells="$A$1:$B$3")[0] == text
    for cells in ("Z1:Z9", "一到九", "A1"):
        text, told = block(data, policy(), cells=cells)
        assert text is None and codes(told) == ["PD856"]


def test_hidden_rows_and_columns_are_not_passed_over_in_silence() -> None:
    rows = (("参保人员类别", "数额（元）", "旧数额（元）"), ("普通参保人员", 1, 9), ("贫困人口", 2, 8))

    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True

    text, told = block(saved(*rows, change=hide), policy())
    assert text is None and codes(told) == ["PD872"]
    assert "row 3 and column C" in message(told[0], "en")
    text, told = block(saved(*rows, change=hide), policy(), cells="A1:B2")
    assert text is not None and not codes(told)


def test_one_of_several_sheets_has_to_be_named() -> None:
    book = openpyxl.Workbook()
    for name in ("甲", "乙"):
        book.create_sheet(name).append(["数额（元）", 1])
    data = bytes_of(book)
    assert codes(block(data)[1]) == ["PD855"]
    wrong = tables.sheet_table(opened(data), "丙", None)
    assert isinstance(wrong, Diagnostic) and "甲, 乙" in message(wrong, "en")


def test_merges_over_heads_and_figures_are_refused() -> None:
    data = saved(("参保人员类别", "数额（元）"), ("普通参保人员", 1), ("贫困人口", 2), merged=("A1:A2",))
    _, told = block(data, policy())
    assert codes(told) == ["PD871"] and "表1!A1:A2 are merged" in message(told[0], "en")


@pytest.mark.parametrize(
    "rows",
    [
        [("甲", "乙"), ("丙", "丁")],
        [(1, 2), (3, 4)],
        [("", ""), ("", "")],
        [("人员", "备注"), ("甲", "见附件")],
    ],
)
def test_a_sheet_without_a_table_is_told(rows: list[tuple[object, ...]]) -> None:
    text, told = block(saved(*rows), policy())
    assert text is None and codes(told)[:1] == ["PD860"]


# files that are none


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (70 * 1024 * 1024))
    return stream.getvalue()


def many_rows() -> bytes:
    rows = "".join(f'<row r="{i}"><c r="A{i}"><v>{i}</v></c></row>' for i in range(1, 5_002))
    data = saved(("人员", "数额（元）"), ("甲", 1))
    return replaced(
        data,
        "xl/worksheets/sheet1.xml",
        lambda t: re.sub(r"<sheetData>.*</sheetData>", f"<sheetData>{rows}</sheetData>", t),
    )


def entity() -> bytes:
    declared = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return replaced(saved(("人员", "数额（元）"), ("甲", 1)), "xl/workbook.xml", lambda t: declared + t)


def cut() -> bytes:
    data = saved(("人员", "数额（元）"), ("甲", 1))
    return data[: len(data) * 2 // 3]


def wrong_sum() -> bytes:
    """A part that unpacks to more than the archive says."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 5_000_000)
    return stream.getvalue().replace((5_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "PD853"), ("类别,数额\n甲,1\n".encode("gb18030"), "PD853"), (b"%PDF-1.7", "PD853"), (b"<html><table></table></html>", "PD853"),
        (_OLE, "PD851"), (_OLE + "EncryptedPackage".encode("utf-16-le"), "PD852"), (b"PK\x03\x04 nonsense", "PD850"),
        (cut, "PD850"), (wrong_sum, "PD850"), (bomb, "PD854"), (many_rows, "PD854"), (entity, "PD858"),
    ],
    ids=["empty", "csv", "pdf", "html", "xls", "password", "rubbish", "cut", "sum", "bomb", "rows", "entity"],
)  # fmt: skip
def test_a_file_that_is_no_fit_workbook_is_refused(data: bytes | Callable[[], bytes], code: str) -> None:
    book = tables.open_book("book.xlsx", data if isinstance(data, bytes) else data())
    found = book if isinstance(book, Diagnostic) else tables.sheet_table(book, None, None)
    assert isinstance(found, Diagnostic), found
    assert found.code.number == code


def test_a_csv_saved_by_notepad_is_called_by_its_name() -> None:
    found = tables.open_book("a.csv", "类别,数额\n甲,1\n".encode("gb18030"))
    assert isinstance(found, Diagnostic)
    assert "a text with commas (.csv) in GB18030" in message(found, "en")
    assert "GB18030编码的以逗号分隔的文本（.csv）" in message(found, "zh")


def test_damage_anywhere_in_a_workbook_never_ends_in_an_exception() -> None:
    data = saved(*HEADS, *BANDS, merged=MERGED, formats={"C3:F5": "0.0"})
    parts = zipfile.ZipFile(io.BytesIO(data)).namelist()
    for part in parts:
        for damage in (
            lambda t: "",
            lambda t: t[: len(t) // 2],
            lambda t: t.replace('"', ""),
            lambda t: t.replace("1", "x"),
        ):
            bad = replaced(data, part, damage)
            book = tables.open_book("b.xlsx", bad)
            if not isinstance(book, Diagnostic):
                grid = tables.sheet_table(book, None, None)
                if not isinstance(grid, Diagnostic):
                    tables.table_block(grid, policy(), "en", name="x")


def test_pasted_text_of_another_encoding_is_told() -> None:
    wrong = tables.pasted_table("-", "类别\t数额\n".encode("gb18030"))
    assert isinstance(wrong, Diagnostic) and wrong.code.number == "PD859"
    utf16 = tables.pasted_table("-", "类别\t数额（元）\n甲\t1\n".encode("utf-16"))
    assert not isinstance(utf16, Diagnostic)


@pytest.mark.parametrize("text", ["甲\t1\n" * 20_001, "甲\t" * 600_000])
def test_a_flood_of_pasted_text_is_refused(text: str) -> None:
    wrong = tables.pasted_table("-", text.encode())
    assert isinstance(wrong, Diagnostic) and wrong.code.number == "PD854"


def test_pasted_cells_with_line_ends_in_quotation_marks_are_one_cell() -> None:
    text, told = pasted('参保人员类别\t"数额\n（元）"\n普通参保人员\t1\n贫困人口\t2\n', policy())
    assert text is not None and "| 数额 (元) |" in text and not told


@pytest.mark.parametrize(
    "text", ["", "\n\n", "没有表格的一段文字。", "\t\n\t\n", "甲\n乙\n丙", "\t甲\n文字\n\t乙\n"]
)
def test_pasted_text_without_a_table_is_told(text: str) -> None:
    block_, told = pasted(text, policy())
    assert block_ is None and codes(told) == ["PD860"]


# out and back


def edited(data: bytes, change: Callable[[Any], object]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book)
    return bytes_of(book)


def exported(file: ast.File, *names: str, language: Any = "zh") -> bytes:
    data = tables.export_tables(file, names, language)
    assert isinstance(data, bytes), data
    return data


def returned(data: bytes, file: ast.File) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    return tables.returned_tables(opened(data), file)


TWO = (
    POLICY
    + FINISHED
    + """
# the cities
> 二 北山市、南河市10000元，东湖市8500元
table threshold "住院门槛额": money by group, city
  | group    | city         | threshold (元) |
  | ordinary | north, south | 10000          | # both
  | ordinary | east         | 8500           |
  > 二 贫困人口3000元
  | poor     | any          | 3000           |
  because "as written"
"""
)
SHEET = "住院门槛额"


def test_the_same_policy_gives_the_same_workbook() -> None:
    file = policy(TWO)
    assert exported(file) == exported(file)
    book = openpyxl.load_workbook(io.BytesIO(exported(file)))
    assert book.sheetnames == ["说明", "payout", SHEET, "可选项目", "policydsl"]
    assert [book[s].sheet_state for s in book.sheetnames] == ["visible"] * 4 + ["veryHidden"]
    sheet = book[SHEET]
    assert [c.value for c in sheet[3]] == ["head", "参保人员类别", "地市", "住院门槛额（元）"]
    assert [c.value for c in sheet[4]] == ["r0", "普通参保人员", "北山市、南河市", 10000]
    assert sheet.row_dimensions[1].hidden and sheet.column_dimensions["A"].hidden
    assert sheet.data_validations.dataValidation[0].formula1 == "'可选项目'!$A$2:$A$4"
    assert [c.value for c in book["可选项目"]["A"][:4]] == [
        "参保人员类别",
        "普通参保人员",
        "贫困人口",
        "不限",
    ]
    assert exported(file, "threshold") != exported(file)


def test_a_label_that_begins_with_an_equals_sign_is_no_formula() -> None:
    file = policy(
        f'{POLICY}category odd: a "=1+1", b "+cmd|x"\ntable t: money by odd\n  | odd | t (元) |\n  | a | 1 |\n  | b | 2 |\n'
    )
    sheet = openpyxl.load_workbook(io.BytesIO(exported(file)))["t"]
    assert [(c.value, c.data_type) for c in sheet["B"][3:5]] == [("=1+1", "s"), ("+cmd|x", "s")] or all(
        c.data_type != "f" for c in sheet["B"]
    )
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(exported(file))).read("xl/worksheets/sheet2.xml")
    same, told = returned(exported(file), file)
    assert same is not None and same.text == file.span.source.text and not told


@pytest.mark.parametrize("path", POLICIES, ids=lambda p: p.parent.name)
def test_an_untouched_round_trip_changes_nothing(path: Path) -> None:
    file = policy(path.read_text(encoding="utf-8"), str(path))
    if not any(isinstance(d, ast.Tiers | ast.Table) for d in file.declarations):
        assert tables.export_tables(file, (), "zh") == ()
        return
    for language in ("zh", "en"):
        data = exported(file, language=language)
        for again in (data, edited(data, lambda book: None)):  # as it is, and saved by another program
            same, told = returned(again, file)
            assert same is not None and not told
            assert same.text == file.span.source.text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_changed_figure_changes_its_own_line_alone(end: str) -> None:
    text = TWO.replace("\n", end)
    file = policy(text)

    def change(book: Any) -> None:
        book[SHEET]["D4"] = 10500

    new, told = returned(edited(exported(file), change), file)
    assert new is not None and not told
    assert new.text == text.replace("| north, south | 10000 ", "| north, south | 10500 ")


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip().startswith(("|", ">"))][-6:]


def test_rows_that_are_moved_take_their_quotes_and_comments_along() -> None:
    file = policy(TWO)

    def change(book: Any) -> None:
        sheet = book[SHEET]
        values = [[c.value for c in row] for row in sheet["A4:D6"]]
        for row, place in zip((values[2], values[0]), (4, 5), strict=True):
            for column, value in enumerate(row, 1):
                sheet.cell(place, column).value = value
        sheet.delete_rows(6)

    new, told = returned(edited(exported(file), change), file)
    assert new is not None and not told
    assert new.text[new.text.index("  | group    | city") :] == (
        "  | group    | city         | threshold (元) |\n"
        "  > 二 贫困人口3000元\n"
        "  | poor     | any          | 3000           |\n"
        "  | ordinary | north, south | 10000          | # both\n"
        '  because "as written"\n'
    )


def test_rows_can_be_added_in_the_words_of_the_labels_and_copied() -> None:
    file = policy(TWO)

    def change(book: Any) -> None:
        book[SHEET].append([None, "贫困人口", "东湖市、南河市", "2,500元"])
        book[SHEET].append(["r1", "普通参保人员", "东湖市", 8500])

    new, told = returned(edited(exported(file), change), file)
    assert new is not None and not told
    assert new.text.splitlines()[-3:-1] == [
        "  | poor     | east, south  | 2500           |",
        "  | ordinary | east         | 8500           |",
    ]


def test_bands_can_be_changed_as_the_notice_writes_them() -> None:
    file = policy(TWO)

    def change(book: Any) -> None:
        sheet = book["payout"]
        sheet["B4"] = "大病保险起付标准～８０，０００"
        sheet["B5"] = "80001-200000"
        sheet["C5"] = 0.615
        sheet["C5"].number_format = "0.0%"

    new, told = returned(edited(exported(file), change), file)
    assert new is not None and not told
    assert "  | deductible-80000 | 60 " in new.text
    assert "  | 80001-200000     | 61.5 " in new.text


@pytest.mark.parametrize(
    ("cell", "value", "code", "said"),
    [
        ("B5", "普通参报人员", "PD869", "是否指“普通参保人员”"),
        ("C4", "北山", "PD869", "是否指“北山市”"),
        ("C5", "西岭市", "PD869", "单元格住院门槛额!C5"),
        ("C5", "东湖市 | 1 |\ntable x: money by city", "PD869", "住院门槛额!C5"),
        ("D6", None, "PD862", "单元格住院门槛额!D6是空的"),
        ("D6", "三千", "PD867", "“三千”"),
        ("D6", "=D5*2", "PD863", "=D5*2"),
        ("D6", -5, "PD867", "“-5”"),
        ("D3", "标准（元）", "PD876", "表头"),
        ("F5", "新", "PD876", "F列是新增的"),
        ("C1", None, "PD876", "不见了"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_taken_back_is_told_in_its_place(
    cell: str, value: object, code: str, said: str
) -> None:
    file = policy(TWO)

    def change(book: Any) -> None:
        book[SHEET][cell] = value

    new, told = returned(edited(exported(file), change), file)
    assert new is None and codes(told) == [code]
    assert said in message(told[0], "zh")


def test_a_merged_cell_stands_for_each_cell_that_it_covers() -> None:
    file = policy(TWO)

    def change(book: Any) -> None:
        book[SHEET]["D4"] = 9000
        book[SHEET].merge_cells("D4:D5")

    new, told = returned(edited(exported(file), change), file)
    assert new is not None and not told
    assert "north, south | 9000 " in new.text and "east         | 9000 " in new.text


def test_sheets_may_be_renamed_and_left_out_but_not_doubled() -> None:
    file = policy(TWO)

    def rename(book: Any) -> None:
        book[SHEET]["D4"] = 10500
        book[SHEET].title = "改过"
        del book["payout"]

    new, told = returned(edited(exported(file), rename), file)
    assert new is not None and not told and "| 10500 " in new.text
    new, told = returned(edited(exported(file), lambda book: book.copy_worksheet(book[SHEET])), file)
    assert new is None and codes(told) == ["PD876"]


def test_a_workbook_of_another_policy_or_of_an_older_text_is_refused() -> None:
    file = policy(TWO)
    data = exported(file)
    _, told = returned(data, policy(TWO.replace("sample_2021", "sample_2022")))
    assert codes(told) == ["PD874"]
    _, told = returned(data, policy(TWO.replace("8500           |", "8600           |")))
    assert codes(told) == ["PD875"]
    _, told = returned(data, policy(TWO.replace("threshold", "limit")))
    assert codes(told) == ["PD877"]
    _, told = tables.returned_tables(opened(data), None)
    assert codes(told) == ["PD873"]
    # what stands elsewhere in the policy may have changed
    same, told = returned(data, policy(TWO.replace("= 10000元", "= 11000元")))
    assert same is not None and not told


@pytest.mark.parametrize("change", ["insert_cols", "delete_cols", "delete_rows"])
def test_a_sheet_without_its_hidden_keys_is_not_passed_over(change: str) -> None:
    file = policy(TWO)
    new, told = returned(edited(exported(file), lambda book: getattr(book[SHEET], change)(1)), file)
    assert new is None and codes(told) == ["PD876"]


def test_rows_put_in_above_the_heads_do_no_harm() -> None:
    file = policy(TWO)
    same, told = returned(edited(exported(file), lambda book: book[SHEET].insert_rows(2)), file)
    assert same is not None and not told and same.text == TWO


def test_all_rows_of_a_table_cannot_be_deleted() -> None:
    file = policy(TWO)
    new, told = returned(edited(exported(file), lambda book: book[SHEET].delete_rows(4, 3)), file)
    assert new is None and codes(told) == ["PD876"]


# the command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "sample.pol").write_text(TWO, encoding="utf-8")
    return tmp_path


def test_changes_are_shown_before_they_are_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "export", "sample.pol", "threshold", "-o", "book.xlsx"]) == 0
    assert main(["table", "import", "book.xlsx", "--policy", "sample.pol"]) == 0
    assert "nothing is changed" in capsys.readouterr().out
    book = openpyxl.load_workbook("book.xlsx")
    book[SHEET]["D4"] = 10500
    book.save("book.xlsx")
    assert main(["table", "import", "book.xlsx", "--policy", "sample.pol"]) == 0
    out = capsys.readouterr().out
    assert "-  | ordinary | north, south | 10000 " in out and "+  | ordinary | north, south | 10500 " in out
    assert "is not changed yet" in out
    assert (folder / "sample.pol").read_text(encoding="utf-8") == TWO
    assert main(["table", "import", "book.xlsx", "--policy", "sample.pol", "--write"]) == 0
    assert (folder / "sample.pol").read_text(encoding="utf-8") == TWO.replace(
        "10000          |", "10500          |"
    )
    assert [p.name for p in folder.iterdir()] == ["sample.pol", "book.xlsx"] or len(
        list(folder.iterdir())
    ) == 2
    assert (
        main(["table", "import", "book.xlsx", "--policy", "sample.pol", "--write"]) == 1
    )  # exported from the text before


def test_on_a_terminal_it_asks_before_it_writes(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["table", "export", "sample.pol", "-o", "book.xlsx", "--lang", "zh"]) == 0
    book = openpyxl.load_workbook("book.xlsx")
    book[SHEET]["D4"] = 10500
    book.save("book.xlsx")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for answer, now in (("n\n", "10000"), ("y\n", "10500")):
        stdin = io.TextIOWrapper(io.BytesIO(answer.encode()))
        monkeypatch.setattr(stdin, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdin", stdin)
        assert main(["table", "import", "book.xlsx", "--policy", "sample.pol"]) == 0
        assert f"north, south | {now} " in (folder / "sample.pol").read_text(encoding="utf-8")


def test_a_block_is_printed_or_written_to_a_new_file(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "notice.xlsx").write_bytes(saved(*HEADS, *BANDS, merged=MERGED))
    call = [
        "table",
        "import",
        "notice.xlsx",
        "--policy",
        "sample.pol",
        "--name",
        "again",
        "--kind",
        "超额累进",
    ]
    assert main(call) == 0
    assert capsys.readouterr().out == BLOCK.replace("payout", "again")
    assert main([*call, "-o", "new.pol"]) == 0
    assert (folder / "new.pol").read_text(encoding="utf-8") == BLOCK.replace("payout", "again")
    assert main([*call, "-o", "new.pol"]) == 2  # it exists
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO("参保人员类别\t数额（元）\n贫困人口\t1\n".encode()))
    )
    capsys.readouterr()
    assert main(["table", "import", "-", "--policy", "sample.pol", "--name", "t"]) == 0
    assert capsys.readouterr().out.startswith("table t: money by group\n")


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        (["import", "none.xlsx"], 2, "PD080"),
        (["import", "sample.pol"], 1, "PD853"),
        (["import", "notice.xlsx", "--sheet", "丙"], 2, "PD855"),
        (["import", "notice.xlsx", "--kind", "steps"], 2, "marginal, slab, interpolated"),
        (["export", "sample.pol", "住院门槛", "-o", "b.xlsx"], 2, "is “住院门槛额” meant"),
        (["export", "empty.pol", "-o", "b.xlsx"], 1, "no table and no tiers"),
        (["export", "broken.pol", "-o", "b.xlsx"], 1, "PD0"),
    ],
)
def test_a_call_that_cannot_be_done_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], call: list[str], status: int, said: str
) -> None:
    (folder / "notice.xlsx").write_bytes(saved(*HEADS, *BANDS, merged=MERGED))
    (folder / "empty.pol").write_text('policy a "b"\n', encoding="utf-8")
    (folder / "broken.pol").write_text('policy a "b"\ntable t: money by\n', encoding="utf-8")
    before = sorted(p.name for p in folder.iterdir())
    assert main(["table", *call]) == status
    captured = capsys.readouterr()
    assert said in captured.err and not captured.out
    assert sorted(p.name for p in folder.iterdir()) == before


@pytest.mark.parametrize("library", ["python_calamine", "xlsxwriter"])
def test_a_missing_extra_is_told_with_the_command_that_installs_it(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    (folder / "notice.xlsx").write_bytes(saved(*HEADS, *BANDS, merged=MERGED))
    monkeypatch.setitem(sys.modules, library, None)
    call = ["export", "sample.pol", "-o", "b.xlsx"] if library == "xlsxwriter" else ["import", "notice.xlsx"]
    assert main(["table", *call]) == 2
    assert "pip install 'policydsl[excel]'" in capsys.readouterr().err


@pytest.mark.parametrize("page", ["tables.md", "tables.zh.md"])
def test_the_links_of_the_manual_lead_somewhere(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) > 10
    assert not [link for link in links if not (ROOT / "docs" / link).exists()]


def test_the_letters_of_columns_are_those_of_a_sheet() -> None:
    from policydsl.sheets.grid import column_letters

    assert [column_letters(n) for n in range(800)] == [get_column_letter(n + 1) for n in range(800)]
