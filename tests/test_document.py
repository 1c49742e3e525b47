"""Does the page of a policy say what the policy says, exactly, and can nothing in the policy take it over?"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction as F
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from policydsl import pipeline
from policydsl.cli.main import main
from policydsl.diagnostics.model import Language
from policydsl.document.curves import Curve, curve, nice, rounds
from policydsl.document.grids import merged
from policydsl.expressions import Value
from policydsl.files import read_source
from policydsl.interpret import evaluate
from policydsl.ir import Program
from policydsl.runtime import PolicyError
from policydsl.source import Source
from policydsl.tasks import pages
from policydsl.trace import Step

ROOT = Path(__file__).parent.parent
POLICIES = sorted(f"{p.parent.name}/{p.stem}" for p in (ROOT / "policies").glob("*/*.pol"))
LANGUAGES: tuple[Language, ...] = ("zh", "en")
CHROMIUM = Path("/usr/bin/chromium")
#: elements without an end tag
VOID = {"meta", "link", "br"}


# reading pages, with a parser that shares nothing with what wrote them


class Element:
    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Element | str] = []

    @property
    def text(self) -> str:
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    def all(self, tag: str | None = None, cls: str | None = None) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                if tag in (None, child.tag) and (
                    cls is None or cls in child.attributes.get("class", "").split()
                ):
                    yield child
                yield from child.all(tag, cls)


class Tree(HTMLParser):
    """The elements of a page; every tag must be closed by its own."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {})
        self.open = [self.root]
        self.feed(text)
        self.close()
        assert len(self.open) == 1, [e.tag for e in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def page_of(text: str, language: Language = "zh") -> str:
    checked = pipeline.check(Source("policy.pol", text))
    assert checked.program is not None, [d.code.number for d in checked.diagnostics]
    return pages.page(checked, language)


@cache
def checked_policy(name: str) -> pipeline.Checked:
    source = read_source(str(ROOT / "policies" / f"{name}.pol"))
    assert isinstance(source, Source)
    return pipeline.check(source)


@cache
def html(name: str, language: Language) -> str:
    return pages.page(checked_policy(name), language)


@cache
def tree(name: str, language: Language) -> Element:
    return Tree(html(name, language)).root


def entry(root: Element, anchor: str) -> Element:
    return next(a for a in root.all("article") if a.attributes["aria-labelledby"] == anchor)


def cells(table: Element) -> list[list[str]]:
    return [
        [c.words for c in row.children if isinstance(c, Element) and c.tag in ("th", "td")]
        for row in table.all("tr")
    ]


each_page = pytest.mark.parametrize(("name", "language"), [(n, lang) for n in POLICIES for lang in LANGUAGES])

# curves


def answer(program: Program, facts: Mapping[str, Value], output: str) -> Step | None:
    try:
        return evaluate(program, facts, (output,)).step(output)
    except PolicyError:
        return None


def curve_of(text: str, key: str) -> Curve | None:
    program = pipeline.check(Source("policy.pol", f"policy p\n{text}")).program
    assert program is not None
    return curve(program, key, answer)


def test_the_points_of_the_ningxia_curve_are_those_worked_by_hand() -> None:
    program = checked_policy("ningxia/2020").program
    assert program is not None
    found = curve(program, "payout", answer)
    assert found is not None
    assert found.top == 600_000
    assert dict(found.fixed) == {"city": "yinchuan"}
    points = [[(int(x), int(y)) for x, y in run] for line in found.lines for run in line.runs]
    # 97000 × 64%, then 100000 at 68, 69, 70, 73 and 77%
    assert points[3] == [
        (0, 0), (3000, 0), (100_000, 62_080), (200_000, 130_080), (300_000, 199_080),
        (400_000, 269_080), (500_000, 342_080), (600_000, 419_080),
    ]  # fmt: skip
    # 90000 × 60%, then 100000 at 61, 62, 63, 66 and 70%
    assert points[0] == [
        (0, 0), (10_000, 0), (100_000, 54_000), (200_000, 115_000), (300_000, 177_000),
        (400_000, 240_000), (500_000, 306_000), (600_000, 376_000),
    ]  # fmt: skip
    assert [line.start for line in found.lines] == [10_000, 10_000, 3_000, 3_000]


MARGINAL = """
input cost: money in 0元 .. 1亿元
tiers payout of cost, marginal
  | cost (元)  | rate (%) |
  | over 1000 up to 5000 | 50 |
  | over 5000  | 60 |
"""


def test_a_cap_of_the_result_bends_the_curve_where_it_begins_to_act() -> None:
    found = curve_of(MARGINAL + '  capped at 20000元\n  round half up to 0.01元 because "silent"\n', "payout")
    assert found is not None
    (line,) = found.lines
    # 2000 up to 5000, and 18000 more at 60% by 35000
    assert (F(35_000), F(20_000)) in line.runs[0]
    assert line.limits == (("cap", F(20_000)),)
    assert line.runs[0][-1][1] == 20_000
    assert line.straight


def test_a_cap_of_the_amount_bends_the_curve_there() -> None:
    found = curve_of(MARGINAL + '  cap 6000元\n  round half up to 0.01元 because "silent"\n', "payout")
    assert found is not None
    (line,) = found.lines
    assert line.amount_cap == 6000
    assert (F(6000), F(2600)) in line.runs[0]
    assert line.runs[0][-1][1] == 2600


SLAB = """
input cost: money in 0元 .. 1亿元
tiers relief of cost, slab
  | cost (元) | relief (元) |
  | below 10000 | 0 |
  | from 10000 below 50000 | 500 |
  | 50000 and over | 1000 |
accept notch relief because "so it is"
"""


def test_a_slab_leaps_from_fen_to_fen() -> None:
    found = curve_of(SLAB, "relief")
    assert found is not None
    runs = found.lines[0].runs
    assert [{y for _, y in run} for run in runs] == [{0}, {500}, {1000}]
    assert runs[0][-1][0] == F("9999.99")
    assert runs[1][0][0] == 10_000
    assert (runs[1][-1][0], runs[2][0][0]) == (F("49999.99"), F(50_000))


def test_a_schedule_over_a_computed_amount_is_followed_along_that_amount() -> None:
    text = MARGINAL.replace("of cost", "of net").replace("| cost", "| net")
    text = text.replace(
        "tiers", "input credit: money in 0元 .. 1000元\nrule net = greater of (cost - credit, 0元)\ntiers"
    )
    found = curve_of(text + '  round half up to 0.01元 because "silent"\n', "payout")
    assert found is not None
    assert (F(5000), F(2000)) in found.lines[0].runs[0]


def test_a_curve_that_another_document_decides_is_not_drawn() -> None:
    text = MARGINAL.replace("over 1000", "over floor").replace(
        "tiers", "param floor: money open in 0元 .. 1000元\ntiers"
    )
    text += '  round half up to 0.01元 because "silent"\n'
    assert curve_of(text, "payout") is None
    assert "不作曲线" in page_of(f"policy p\n{text}")
    told = text + 'example "one": cost = 5000元, floor = 500元 gives payout = 2250元\n'
    found = curve_of(told, "payout")
    assert found is not None
    assert found.fixed == (("floor", F(500)),)


def test_round_amounts_go_beyond_the_last_edge() -> None:
    found = curve_of(SLAB, "relief")
    assert found is not None
    assert list(map(int, rounds(found))) == [5000, 10_000, 20_000, 50_000, 100_000]
    assert [nice(F(x)) for x in (600_000, 610_000, 99, F(1, 3))] == [600_000, 800_000, 100, F(2, 5)]


def test_the_picture_puts_every_point_where_its_axes_say() -> None:
    article = entry(tree("ningxia/2020", "zh"), "d-payout")
    (svg,) = article.all("svg")
    texts = list(svg.all("text"))
    below = {t.text: F(t.attributes["x"]) for t in texts if t.attributes["y"] == "358"}
    left = {
        t.text: F(t.attributes["y"])
        for t in texts
        if t.attributes.get("text-anchor") == "end" and t.attributes["x"] == "58"
    }
    assert set(below) == {"0", "10", "20", "30", "40", "50", "60"}  # in 万元
    assert {"0", "10", "20", "30", "40", "50"} == set(left)
    width, height = (below["60"] - below["0"]) / 60, (left["0"] - left["50"]) / 50
    (last,) = next(svg.all("g", "t4")).all("polyline", "track")
    drawn = [tuple(map(F, point.split(","))) for point in last.attributes["points"].split()]
    worked = [(0, 0), (3000, 0), (100_000, 62_080), (200_000, 130_080), (300_000, 199_080), (400_000, 269_080), (500_000, 342_080), (600_000, 419_080)]  # fmt: skip
    for (x, y), (cost, payout) in zip(drawn, worked, strict=True):
        assert abs(x - (below["0"] + width * F(cost, 10_000))) < F(2, 100)
        assert abs(y - (left["0"] - height * F(payout, 10_000))) < F(2, 100)
    assert [t.text for t in texts if t.attributes["y"] == "34"] == [
        "10",
        "20",
        "30",
        "40",
        "50",
    ]  # the band edges
    assert {"年度个人负担合理医疗费用（万元）", "大病保险支付金额（万元）"} <= {t.text for t in texts}
    assert [n.text for n in svg.all("text", "name")] == [
        "普通参保人员·普通疾病", "普通参保人员·20种大病", "农村贫困人口·普通疾病", "农村贫困人口·20种大病",
    ]  # fmt: skip
    title, desc = next(svg.all("title")), next(svg.all("desc"))
    assert svg.attributes["aria-labelledby"].split() == [title.attributes["id"], desc.attributes["id"]]
    assert "60万元时为419080元" in desc.text


def test_the_picture_shows_where_a_cap_holds() -> None:
    text = MARGINAL + '  capped at 20000元\n  round half up to 0.01元 because "silent"\n'
    (svg,) = Tree(page_of(f"policy p\n{text}")).root.all("svg")
    (limit,) = svg.all("g", "limit")
    assert limit.words == "封顶 2"
    (track,) = svg.all("polyline", "track")
    end = track.attributes["points"].split()[-1]
    assert end.split(",")[1] == next(limit.all("line")).attributes["y1"]


# what the page says


def test_a_figure_is_a_sentence_with_its_clause() -> None:
    text = 'policy p\n> 一（二） 人均财政补助标准增加30元，达到580元\nparam subsidy "人均财政补助标准" = 580元/人·年, up 30元\n'
    article = entry(Tree(page_of(text)).root, "d-subsidy")
    assert "人均财政补助标准为580元/人·年，较上年增加30元，由此推得上年为550元/人·年。" in article.words
    (quote,) = article.all("blockquote")
    assert quote.words == "原文一（二） “人均财政补助标准增加30元，达到580元”"
    article = entry(Tree(page_of(text, "en")).root, "d-subsidy")
    assert "Subsidy is 580元 per person and year, 30元 more than the year before" in article.words


def test_a_split_is_a_table_of_payers() -> None:
    (table,) = entry(tree("xinzhou/2021", "zh"), "d-funding").all("table")
    rows = cells(table)
    assert rows[0] == ["县类", "承担方", "份额", "原文数额（元/人·年）", "按580元/人·年计算（元/人·年）"]
    assert rows[1] == ["一般县", "中央", "60%", "348", "348"]
    assert rows[4] == ["其中：市", "定额26元", "", "26"]
    assert rows[6] == ["享受西部政策的县", "中央", "80%", "464", "464"]
    assert rows[10] == ["其中：县", "定额44.5元", "", "44.5"]
    heads = [c for c in table.all("th") if c.attributes.get("scope") == "rowgroup"]
    assert [(c.words, c.attributes["rowspan"]) for c in heads] == [("一般县", "5"), ("享受西部政策的县", "5")]


def test_a_split_of_a_share_is_told_of_that_share() -> None:
    (table,) = entry(tree("ningxia/2020", "zh"), "d-funding-ningxia").all("table")
    assert cells(table)[1:] == [
        ["山区", "自治区", "90%（9∶1中的9）", "99"],
        ["市、县（区）", "10%（9∶1中的1）", "11"],
        ["川区", "自治区", "60%（6∶4中的6）", "66"],
        ["市、县（区）", "40%（6∶4中的4）", "44"],
        ["农垦生态移民", "自治区", "全额", "110"],
    ]


def test_an_amount_that_differs_from_case_to_case_is_not_given() -> None:
    text = """policy p
category area: hill "山区", plain "川区"
category kind: old "旧", new "新"
param subsidy = 100元
split funding of subsidy by area
  hill:  upper 80%, lower 20%
  plain: upper 60%, lower 40%
split funding.lower by kind
  old: city all
  new: city 50%, county 50%
"""
    (table,) = entry(Tree(page_of(text)).root, "d-funding-lower").all("table")
    assert cells(table)[1] == ["旧", "city", "全额"]  # of 20元 or of 40元
    (table,) = entry(Tree(page_of(text)).root, "d-funding").all("table")
    assert cells(table)[1:3] == [["山区", "upper", "80%", "80"], ["lower", "20%", "20"]]
    inner = (
        text.replace("20%", "40%")
        .replace("80%", "60%")
        .replace("plain: upper 60%, lower 40%", "plain: upper 50%, other 10%, lower 40%")
    )
    (table,) = entry(Tree(page_of(inner)).root, "d-funding-lower").all("table")
    assert cells(table)[1:] == [
        ["旧", "city", "全额", "40"],
        ["新", "city", "50%", "20"],
        ["county", "50%", "20"],
    ]


def test_a_rule_of_several_days_leads_to_each_of_its_editions() -> None:
    text = """policy p
  effective 2022-01-01
rule aid "救助" from 2022-01-01 = 10元
rule aid from 2022-07-01 = 20元
rule twice = aid + aid
"""
    root = Tree(page_of(text)).root
    front = entry(root, "d-aid")
    assert "救助按日期适用下列规定。" in front.words
    targets = [a.attributes["href"].removeprefix("#") for a in front.all("ol").__next__().all("a")]
    assert ["为10元。" in entry(root, targets[0]).words, "为20元。" in entry(root, targets[1]).words] == [
        True,
        True,
    ]


def test_tables_are_tables_with_merged_cells_and_printed_figures() -> None:
    (table,) = entry(tree("ningxia/2020", "zh"), "d-deductible").all("table")
    assert cells(table) == [
        ["参保人员类别", "地市", "大病保险起付标准（元）"],
        ["普通参保人员", "银川市、石嘴山市", "10000"],
        ["吴忠市、中卫市", "9500"],
        ["固原市", "8500"],
        ["农村贫困人口", "不限", "3000"],
    ]
    bands = next(entry(tree("ningxia/2020", "zh"), "d-payout").all("table"))
    assert cells(bands)[:4] == [
        ["年度个人负担合理医疗费用（元）", "支付比例（%）"],
        ["普通参保人员", "农村贫困人口"],
        ["普通疾病", "20种大病", "普通疾病", "20种大病"],
        ["大病保险起付标准至100000", "60", "61", "62", "64"],
    ]
    assert cells(bands)[-1] == ["500001以上", "70", "73", "75", "77"]


def test_cells_merge_only_where_what_stands_before_them_does() -> None:
    rows = [("a", "x"), ("a", "x"), ("b", "x"), ("b", "y")]
    spans = [[None if c is None else c.rows for c in row] for row in merged(rows, 2)]
    assert spans == [[2, 2], [None, None], [2, 1], [None, 1]]


def test_grounds_are_conditions_as_an_official_writes_them() -> None:
    items = [i.words for i in entry(tree("xinzhou/2021", "zh"), "d-waiting").all("li")]
    assert items == [
        "集中参保：在集中参保期内参保的，免除，即为0天。",
        "中断缴费：有职工医保中断缴费日期，且参保日期在职工医保中断缴费日期后3个月内的，免除，即为0天。",
        "特殊群体：人员身份属于新生儿、农村低收入人口之一的，免除，即为0天。",
    ]
    assert "同时符合两项以上的，就高。" in entry(tree("ningxia/2020", "zh"), "d-assistance").words


def test_round_amounts_are_worked_out_beside_the_curve() -> None:
    tables = list(entry(tree("ningxia/2020", "zh"), "d-payout").all("table"))
    rows = {row[0]: row[1:] for row in cells(tables[1])[1:]}
    assert rows["100,000"] == ["54,000", "54,900", "60,140", "62,080"]
    assert rows["1,000,000"] == ["656,000", "679,900", "707,140", "727,080"]  # 400000 more at the last rates


def test_dated_figures_and_open_ones_say_so() -> None:
    text = "policy p\n  effective 2022-01-01\nparam premium: money\n  from 2022-01-01: 81元\n  from 2023-01-01: 90元\nparam limit: money open in 0元 .. 5000元\nrule both = premium + limit\n"
    root = Tree(page_of(text)).root
    (table,) = entry(root, "d-premium").all("table")
    assert cells(table)[1:] == [["2022年1月1日", "81元"], ["2023年1月1日", "90元"]]
    assert "limit由其他文件规定，计算时须另行给出（金额，0元至5000元）。" in entry(root, "d-limit").words


def test_a_restatement_and_an_origin_are_told() -> None:
    article = entry(tree("chongqing/2021", "zh"), "d-deductible")
    assert "大病保险起付线为上年度居民人均可支配收入 × 1/2，即15412元/人·年。" in article.words
    assert "原文写作15412元/人·年，核对一致。" in article.words
    assert "数字来源：由起付线15412元推得" in entry(tree("chongqing/2021", "zh"), "d-income").words


def test_declarations_lead_to_each_other() -> None:
    article = entry(tree("ningxia/2020", "zh"), "d-deductible")
    users = next(p for p in article.all("p") if p.words.startswith("被引用"))
    assert [(a.words, a.attributes["href"]) for a in users.all("a")] == [("大病保险支付金额", "#d-payout")]
    payout = entry(tree("ningxia/2020", "zh"), "d-payout")
    used = next(p for p in payout.all("p") if p.words.startswith("引用"))
    assert [a.attributes["href"] for a in used.all("a")] == [
        "#d-cost",
        "#d-group",
        "#d-disease",
        "#d-deductible",
    ]


@pytest.mark.parametrize("name", POLICIES)
def test_every_reason_and_every_waiver_stands_on_the_page(name: str) -> None:
    text = (ROOT / "policies" / f"{name}.pol").read_text(encoding="utf-8")
    reasons = re.findall(r'(?:because|理由)\s*["“]([^"”]*)["”]', text)
    reasons = [
        r for r in reasons if not r.startswith("the poor get 2 and 3 points")
    ]  # vouches for a pattern only
    shown = tree(name, "zh").text
    assert len(reasons) > 15 or name != "ningxia/2020"
    for reason in reasons:
        whole = reason if reason in shown else reason.split("“")[0]  # a reason that quotes ends early here
        assert whole in shown, reason
    checked = checked_policy(name)
    assert checked.policy is not None
    for waive in checked.policy.waives:
        assert all(f"“{figure}”" in shown for figure in waive.figures)


def test_what_is_ensured_says_whether_it_is_proved() -> None:
    section = next(
        s for s in tree("ningxia/2020", "zh").all("section") if s.attributes["aria-labelledby"] == "ensures"
    )
    items = [i.words for i in section.all("li")]
    assert items[0] == "大病保险支付金额不超过年度个人负担合理医疗费用。 已证明对所有情形成立"
    assert items[1].startswith("年度个人负担合理医疗费用增加时，大病保险支付金额不减少。")
    assert len(items) == 5


def test_a_draft_is_marked_and_an_issued_notice_is_not() -> None:
    for language, words in (("zh", "征求意见稿：只供测算，不作支付依据"), ("en", "DRAFT FOR COMMENT")):
        (banner,) = tree("ningxia/2020", language).all("p", "draft")
        assert words in banner.text
        assert not list(tree("xinzhou/2021", language).all("p", "draft"))


def test_the_head_and_the_digests_are_told() -> None:
    root = tree("xinzhou/2021", "zh")
    first = next(root.all("dl"))
    words = [e.words for e in first.all() if e.tag in ("dt", "dd")]
    told = dict(zip(words[::2], words[1::2], strict=True))
    assert told["文号"] == "忻医保发〔2021〕15号"
    assert told["施行期间"] == "2021年1月1日至2021年12月31日"
    checked = checked_policy("xinzhou/2021")
    assert checked.program is not None
    assert pipeline.meaning(checked.program) in next(root.all("footer")).text


def test_an_example_that_does_not_come_out_is_marked() -> None:
    text = 'policy p\ninput cost: money in 0元 .. 100元\nrule half = cost × 50%\n  round half up to 0.01元 because "silent"\nexample "right": cost = 10元 gives half = 5元\nexample "wrong": cost = 10元 gives half = 6元\n'
    root = Tree(page_of(text)).root
    section = next(s for s in root.all("section") if s.attributes["aria-labelledby"] == "examples")
    (table,) = section.all("table")
    assert cells(table)[1:] == [["right", "10", "5", "相符"], ["wrong", "10", "6", "与计算不符"]]


@each_page
def test_no_name_of_the_other_language_is_left_in_our_own_words(name: str, language: Language) -> None:
    root = tree(name, language)
    assert root.children and next(root.all("html")).attributes["lang"] == (
        "zh-CN" if language == "zh" else "en"
    )
    for tag, cls in (
        ("h2", None),
        ("thead", None),
        ("span", "kind"),
        ("span", "status"),
        ("caption", "hidden"),
    ):
        for element in root.all(tag, cls):
            if language == "zh" and tag != "thead":
                assert not re.fullmatch(r"[A-Za-z ]+", element.words) or cls == "hidden", element.words
            if language == "en" and tag in ("h2", "span"):
                assert not re.search(r"[一-鿿]", element.words), element.words


# what the page is


@each_page
def test_a_page_asks_for_nothing_and_runs_nothing(name: str, language: Language) -> None:
    root = tree(name, language)
    assert not list(root.all("script")) and not list(root.all("iframe")) and not list(root.all("img"))
    ids = [e.attributes["id"] for e in root.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for element in root.all():
        for attribute, value in element.attributes.items():
            assert not attribute.startswith("on"), element.tag
            assert attribute not in ("src", "srcset", "style", "data", "action", "xlink:href")
            if attribute == "href":
                assert value == "data:," or value.removeprefix("#") in ids, value
        if element.tag == "svg" or "aria-labelledby" in element.attributes:
            assert all(i in ids for i in element.attributes["aria-labelledby"].split())
    styles = "".join(e.text for e in root.all("style"))
    assert "url(" not in styles and "@import" not in styles and "@font-face" not in styles
    assert "default-src 'none'" in html(name, language)
    assert "http" not in re.sub(r"http-equiv", "", html(name, language))


HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">&amp;javascript:alert(3)'.replace('"', "'")


def test_hostile_words_of_a_policy_are_only_words() -> None:
    text = f"""# {HOSTILE}
policy p "{HOSTILE}"
  document "{HOSTILE}"
  issuer "javascript:alert(1)"
  text "</style><script>1</script>"

category group: one "{HOSTILE}", two "two</title>" "</td>"; both "{HOSTILE}" has one, two
input cost "{HOSTILE}": money in 0元 .. 1亿元
input statuses: set of group
> 一 {HOSTILE}
tiers payout "</svg>{HOSTILE}" of cost, marginal, by group
  | cost (元)  | one (%) | two (%) |
  | over 1000 up to 5000 | 50 | 60 |
  | over 5000  | 60 | 70 |
  round half up to 0.01元 because "{HOSTILE}"
rule aid "{HOSTILE}" = 0元
  except full "{HOSTILE}" when statuses has both: 10元
    because "{HOSTILE}"
waive "{HOSTILE}" because "{HOSTILE}"
accept gap payout because "{HOSTILE}"
ensure payout <= cost because "{HOSTILE}"
example "{HOSTILE}": cost = 1000元, group = one gives payout = 0元
"""
    checked = pipeline.check(Source("policy.pol", text))
    assert checked.program is not None, [(d.code.number, d.span) for d in checked.diagnostics]
    for language in LANGUAGES:
        page = pages.page(checked, language)
        root = Tree(page).root
        assert "<script" not in page and "<img" not in page
        assert {e.tag for e in root.all()} <= {
            "html", "head", "meta", "link", "title", "style", "body", "a", "header", "p", "div", "h1", "h2", "h3", "dl", "dt",
            "dd", "nav", "ol", "li", "main", "section", "article", "span", "code", "blockquote", "table", "caption", "thead",
            "tbody", "tr", "th", "td", "figure", "figcaption", "svg", "desc", "g", "line", "text", "path", "polyline",
            "circle", "strong", "footer",
        }  # fmt: skip
        assert next(root.all("h1")).text == HOSTILE
        assert all(
            e.attributes["href"].startswith(("#", "data:,")) for e in root.all() if "href" in e.attributes
        )
        assert page.count("&lt;script&gt;") > 8


def test_the_same_policy_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    call = [sys.executable, "-m", "policydsl", "doc", str(ROOT / "policies/ningxia/2020.pol"), "--lang", "zh"]
    environment = {**os.environ, "PYTHONHASHSEED": "1", "LC_ALL": "C"}
    done = subprocess.run(call, capture_output=True, check=True, env=environment)
    assert done.stdout.decode("utf-8") == html("ningxia/2020", "zh")


# the command


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "a.pol"
    path.write_text('policy a "甲"\nparam subsidy = 580元\n', encoding="utf-8")
    return path


def test_a_page_is_written_under_its_name_and_nothing_else_is_left(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = policy.with_name("page.html")
    page.write_text("old", encoding="utf-8")
    assert main(["doc", str(policy), "-o", str(page), "--lang", "en"]) == 0
    assert capsys.readouterr().out == f"{page}\n"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>\n")
    assert sorted(p.name for p in policy.parent.iterdir()) == ["a.pol", "page.html"]


def test_a_policy_with_errors_has_no_page(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy.write_text('policy a "甲"\nparam subsidy = 580元 = 581元\n', encoding="utf-8")
    page = policy.with_name("page.html")
    assert main(["doc", str(policy), "-o", str(page), "--lang", "en"]) == 1
    assert "error[PD250]" in capsys.readouterr().err
    assert not page.exists()


@pytest.mark.parametrize("name", ["a.pol", "b.POL", "./a.pol"])
def test_a_page_never_takes_the_place_of_a_policy(
    policy: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(policy.parent)
    text = policy.read_text(encoding="utf-8")
    assert main(["doc", "a.pol", "-o", name, "--lang", "zh"]) == 2
    assert "PD881" in capsys.readouterr().err
    assert policy.read_text(encoding="utf-8") == text
    assert [p.name for p in policy.parent.iterdir()] == ["a.pol"]


def test_a_page_that_cannot_be_written_is_told_in_both_languages(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = policy.parent / "missing" / "page.html"
    assert main(["doc", str(policy), "-o", str(page), "--lang", "zh"]) == 2
    assert f"错误[PD882]：“{page}”无法写入：文件或文件夹不存在" in capsys.readouterr().err
    assert main(["doc", str(policy), "-o", str(page), "--lang", "en"]) == 2
    assert "no such file or folder" in capsys.readouterr().err


def test_without_the_extra_the_command_names_what_to_install(
    policy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    page = policy.with_name("page.html")
    assert main(["doc", str(policy), "-o", str(page), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert "error[PD880]" in told and 'pip install "policydsl[doc]"' in told
    assert not page.exists()


def test_a_missing_policy_is_a_bad_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doc", "no/such.pol", "-o", "page.html", "--lang", "en"]) == 2
    assert "PD080" in capsys.readouterr().err


# in a browser


@pytest.mark.browser
@pytest.mark.skipif(
    not CHROMIUM.exists(), reason="Chromium is not installed: pages were not opened in a browser"
)
def test_pages_open_in_a_browser_without_overflow_errors_or_requests(tmp_path: Path) -> None:
    api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pages were not opened"
    )
    pages = {
        (n, lang): tmp_path / f"{n.replace('/', '-')}-{lang}.html" for n in POLICIES for lang in LANGUAGES
    }
    for (name, language), path in pages.items():
        path.write_text(html(name, language), encoding="utf-8")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        for width, scheme in ((1280, "light"), (390, "dark")):
            tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            asked: list[str] = []
            said: list[str] = []
            tab.on("request", lambda request, asked=asked: asked.append(request.url))
            tab.on("console", lambda message, said=said: said.append(message.text))
            tab.on("pageerror", lambda error, said=said: said.append(str(error)))
            for (name, language), path in pages.items():
                asked.clear()
                tab.goto(path.as_uri())
                where = f"{name} {language} {width}"
                assert tab.evaluate("document.documentElement.scrollWidth") <= width, where
                assert asked == [path.as_uri()] or asked == [path.as_uri(), "data:,"], where
                assert said == [], where
                drawn = tab.evaluate(
                    "[...document.querySelectorAll('svg polyline.track')].map(l => l.getBBox().width)"
                )
                assert len(drawn) == (4 if name.startswith("ningxia") else 0), where
                assert all(w > 300 for w in drawn), where
                # every label of the picture lies within it
                outside = tab.evaluate(
                    "[...document.querySelectorAll('svg')].flatMap(s => [...s.querySelectorAll('text')].filter(t => "
                    "{ const b = t.getBBox(), v = s.viewBox.baseVal; "
                    "return b.x < 0 || b.y < 0 || b.x + b.width > v.width || b.y + b.height > v.height })"
                    ".map(t => t.textContent))"
                )
                assert outside == [], where
            tab.close()
        browser.close()
