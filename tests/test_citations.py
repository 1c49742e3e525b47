"""Does a policy say what its notice says, and is that told rightly? Mostly on a small notice of our own making."""

from __future__ import annotations

import json
import random
import re
from fractions import Fraction as F
from pathlib import Path

import pytest

from policydsl import pipeline
from policydsl.citations import fold as folding
from policydsl.citations.fold import Folded, fold
from policydsl.citations.lock import FILE
from policydsl.citations.text import Notice, fits, say_clause, steps
from policydsl.cli.main import main
from policydsl.cli.sources import LOCK
from policydsl.diagnostics.model import Diagnostic, is_error, message
from policydsl.printed import figures, han_number, same
from policydsl.source import Source
from policydsl.syntax.ast import File
from policydsl.tasks import locks
from policydsl.tasks.coverage import covered

ROOT = Path(__file__).resolve().parents[1]
NOTICES = ROOT.parent / "shared" / "notices"
POLICIES = tuple(
    sorted(p.relative_to(ROOT / "policies").with_suffix("").as_posix() for p in ROOT.glob("policies/*/*.pol"))
)
real = pytest.mark.skipif(
    not NOTICES.is_dir(),
    reason=f"the texts of the five notices are not at hand ({NOTICES.name}): not compared",
)

NOTICE = """样例市医疗保障局文件
样医保发〔2021〕9号
关于做好2021年工作的通知

一、筹资
（一）人均财政补助标准新增 30
元，达到５８０元。按８：２由中央、省分担。
（二）特困人员补助320元；低保对象补助百分之五十。
二、待遇
（一）等待期三个月，住院支付比例稳定在70%左右。
（二）大病支付比例见下表。
1
0-10000
60
2
10001以上
70
2021年8月5日
"""
POLICY = """policy sample "样例市2021年"
  document  "样医保发〔2021〕9号"
  issued    2021-08-05
  text      "sample.txt"
  effective 2021-01-01 to 2021-12-31

category status: destitute "特困人员", low "低保对象", other "其他人员" because "our own word"
input statuses: set of status
input cost: money in 0元 .. 1亿元

> 一（一） 人均财政补助标准新增30元，达到580元
param subsidy = 580元/人·年, up 30元

> 一（一） 按8∶2由中央、省分担
split funding of subsidy
  central, province by 8:2

> 一（二） 特困人员补助320元；低保对象补助百分之五十
rule aid = 0元
  except full when statuses has destitute: 320元
  except half when statuses has low: 320元 × 50%
  when several apply, greatest because "in their favour"
rule neither when statuses has other

> 二（二） 大病支付比例见下表
tiers payout of cost, marginal
  | cost (元)      | rate (%) |
  | 0-10000        | 60       |
  | 10001 and over | 70       |
  because "each slice at its own rate"
  bands continuous because "written in whole yuan"
  round half up to 0.01元 because "the notice is silent"

waive "三个月" because "set by another document"
waive "70%左右" because "a target"
"""


def notice(text: str = NOTICE) -> Source:
    return Source("sample.txt", text)


def problems(policy: str = POLICY, text: str | None = NOTICE) -> list[Diagnostic]:
    """What is said of the quotes of a policy, which itself holds."""
    file, found = pipeline.read(Source("sample.pol", policy))
    assert not found, [message(d, "en") for d in found]
    return list(pipeline.quote_problems(file, notice(text) if text is not None else None))


def codes(policy: str = POLICY, text: str | None = NOTICE) -> list[tuple[str, str]]:
    return [(d.code.number, d.span.text) for d in problems(policy, text)]


def changed(old: str, new: str) -> str:
    assert POLICY.count(old) == 1, old
    return POLICY.replace(old, new)


# figures in running text

WRITINGS = [
    ("补助580元", "money", F(580)),
    ("补助５８０元", "money", F(580)),
    ("补助 580 元", "money", F(580)),
    ("补助1.5万元", "money", F(15000)),
    ("封顶1亿元", "money", F(10**8)),
    ("补助10,000元", "money", F(10000)),
    ("补助44.5元", "money", F(89, 2)),
    ("补助5角", "money", F(1, 2)),
    ("补助五百八十元", "money", F(580)),
    ("补助伍佰捌拾元", "money", F(580)),
    ("限额一万五千元", "money", F(15000)),
    ("总额一亿二千万元", "money", F(120_000_000)),
    ("比例60%", "rate", F(3, 5)),
    ("比例60％", "rate", F(3, 5)),
    ("比例百分之六十", "rate", F(3, 5)),
    ("比例百分之百", "rate", F(1)),
    ("千分之五", "rate", F(1, 200)),
    ("收入的三分之一", "rate", F(1, 3)),
    ("按八成发放", "rate", F(4, 5)),
    ("收入的一半", "rate", F(1, 2)),
    ("由市全额补助", "rate", F(1)),
    ("提高2个百分点", "rate", F(1, 50)),
    ("等待期3个月", "month", F(3)),
    ("不超过三個月", "month", F(3)),
    ("出生后90天内", "day", F(90)),
    ("满十五日", "day", F(15)),
    ("满60周岁", "year", F(60)),
    ("二级医疗机构", "level", F(2)),
    ("一档320元", "level", F(1)),
    ("第二批省增补品种", "level", F(2)),
    ("共30种", "number", F(30)),
]


@pytest.mark.parametrize(("text", "measure", "value"), WRITINGS, ids=[w[0] for w in WRITINGS])
def test_a_figure_is_read_in_any_writing(text: str, measure: str, value: F) -> None:
    first = next(figures(text))
    assert (first.measure, first.value) == (measure, value)
    assert text[first.start : first.end] == first.written


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2021年8月10日", (2021, 8, 10)),
        ("二〇二一年八月十日", (2021, 8, 10)),
        ("2021-08-10", (2021, 8, 10)),
        ("2021 年12月起", (2021, 12, 0)),
        ("2022年度", (2022, 0, 0)),
        ("8月10日前", (0, 8, 10)),
        ("9月底前", (0, 9, 0)),
    ],
)
def test_a_day_is_read_with_what_is_printed_of_it(text: str, parts: tuple[int, ...]) -> None:
    (found,) = figures(text)
    assert found.measure == "calendar" and found.parts == parts


@pytest.mark.parametrize(
    "text",
    [
        "统一年度",
        "十分重要",
        "完成",
        "市县两级财政",
        "一致",
        "进一步",
        "三重保障",
        "万元户",
        "第三方",
        "同一人",
        "成员",
    ],
)
def test_a_word_is_no_figure(text: str) -> None:
    assert list(figures(text)) == []


def test_a_ratio_a_document_and_a_range_are_read() -> None:
    (ratio,) = figures("按8∶2分担")
    assert ratio.measure == "ratio" and ratio.parts == (F(8), F(2))
    (document,) = figures("医保发﹝2020﹞134号")
    assert document.measure == "document" and document.parts == (F(2020), F(134))
    assert [f.number for f in figures("100001-200000")] == [100001, 200000]


def in_words(n: int) -> str:
    """A number below ten thousand in Chinese, by the rule of the school: 五百零八."""
    digits, places = "零一二三四五六七八九", ("千", "百", "十", "")
    out = ""
    for figure, place in zip(f"{n:04}", places, strict=True):
        out += digits[int(figure)] + (place if figure != "0" else "")
    return re.sub("零+", "零", out).strip("零")


def test_chinese_numbers_are_read_as_they_are_taught() -> None:
    for n in range(1, 10_000):
        assert han_number(in_words(n)) == n
        assert han_number(f"{in_words(n)}万") == n * 10_000
    assert han_number("百百") is None and han_number("二一十") is None and han_number("万") is None


def test_a_figure_says_what_is_printed_only_in_the_same_unit() -> None:
    def agree(meant: str, found: str) -> bool:
        return same(next(figures(meant)), next(figures(found)))

    assert agree("580元", "五百八十元") and agree("60%", "百分之六十") and agree("1/2", "一半")
    assert agree("60%", "60") and agree("80%", "8∶2") and agree("8:2", "8∶2")
    assert not agree("60%", "60元") and not agree("3个月", "3天") and not agree("8:2", "2∶8")
    assert agree("2021年12月1日", "2021年12月") and agree("2020年2月29日", "2020年2月")
    assert not agree("2021年12月2日", "2021年12月") and agree("2021年8月10日", "8月10日")
    assert not agree("2021年8月10日", "2022年8月10日")


def test_a_hostile_text_is_read_to_its_end() -> None:
    for piece in ("1", "1.", "1,", "1:", "一", "十", "分之", "〔", "2021年", "1/", "111,", "百分之"):
        for found in figures(piece * 3_000):
            assert found.end - found.start <= 64


# folding and clauses


def test_only_spaces_widths_brackets_and_colons_are_folded() -> None:
    assert fold("５８０ 元，\n（达 到）") == "580元,(达到)"
    assert fold("〔2021〕") == fold("﹝2021﹞") == fold("［2021］") == fold("(2021)")
    assert fold("8∶2") == fold("8：2") == fold("8:2")
    for one, other in (
        ("，", "、"),
        ("。", "."),
        ("“", '"'),
        ("元", "圆"),
        ("580", "五百八十"),
        ("于", "於"),
    ):
        assert fold(one) != fold(other)


def test_every_folded_character_keeps_its_place() -> None:
    text = Folded(NOTICE)
    at = 0
    for i, c in enumerate(text.text):
        low, high = text.original_span(i, i + 1)
        assert high == low + 1 and low >= at and fold(NOTICE[low]) == c
        assert text.folded_at(low) == i
        at = low + 1


def test_clauses_are_numbered_from_the_outermost_part_inwards() -> None:
    text = Notice(notice("附件\n一、甲\n（一）乙\n(二)丙\n二、丁\n(十二)戊\n1.己\n（1）庚\n第三条 辛\n"))
    where = {c: say_clause(text.clause_at(text.folded.text.index(c))) for c in "甲乙丙丁戊己庚辛"}
    assert where == {
        "甲": "一",
        "乙": "一（一）",
        "丙": "一（二）",
        "丁": "二",
        "戊": "二（十二）",
        "己": "二（十二）1",
        "庚": "二（十二）1（1）",
        "辛": "第三条",
    }
    inside = text.clause_at(text.folded.text.index("戊"))
    assert (
        fits(steps("二（十二）"), inside)
        and fits(steps("二"), inside)
        and fits(steps("（12）"), inside) is False
    )
    assert not fits(steps("一（十二）"), inside) and not fits(steps("十二"), inside)


# quotes


def test_a_policy_that_says_what_its_notice_says_has_no_problems() -> None:
    assert codes() == []


def test_every_phrase_of_a_notice_is_found_however_it_is_spaced() -> None:
    text = Notice(notice())
    plain = text.folded.text
    chance = random.Random(4)
    for _ in range(300):
        start = chance.randrange(len(plain) - 12)
        phrase = plain[start : start + chance.randint(6, 12)]
        spaced = "".join(c + chance.choice(["", " ", "\u3000", "\n"]) for c in phrase)
        assert start in [p.start for p in text.find(spaced)]
        at = chance.randrange(len(phrase))
        assert not text.find(phrase[:at] + "龘" + phrase[at + 1 :])


def test_the_nearest_passage_marks_what_differs() -> None:
    """Each change of one character of a long quote is shown at its place."""
    words = "人均财政补助标准新增30元，达到580元"
    for at in range(2, len(words) - 2):
        if words[at] in "，":
            continue
        policy = changed(words, words[:at] + words[at + 1 :])
        (found,) = [d for d in problems(policy) if d.code.number == "PD801"]
        said = message(found, "zh")
        before, after = said.split("【", 1)
        missing, rest = after.split("】", 1)
        assert "【" not in rest
        # where two equal characters stand side by side either may be the one that is missing
        assert fold(missing) == words[at] and words in (before + missing + rest).replace(",", "，").replace(
            "５８０", "580"
        )
        assert len(found.labels) == 1
        label = found.labels[0].span
        assert label.source.name == "sample.txt" and label.text == missing


def test_a_long_quote_is_compared_from_both_ends() -> None:
    words = "".join(random.Random(8).sample([chr(c) for c in range(0x4E00, 0x9FA0)], 400))
    text = f"一、通知如下。{words}。并及时拨付到位。\n"
    policy = 'policy p "p"\n  text "t.txt"\n> 一 {}\ninput a: yes_no\nrule b when a\n'
    for at in (0, 1, 199, 398, 399):
        (found,) = problems(policy.format(words[:at] + "々" + words[at + 1 :]), text)
        assert f"【{words[at]}】" in message(found, "zh") and found.span.text == "々"
        if 0 < at < 399:
            (found,) = problems(policy.format(words[:at] + words[at + 1 :]), text)
            assert f"{words[at - 1]}【{words[at]}】{words[at + 1]}" in message(found, "zh")
            assert found.span.text == ""


def test_a_quote_without_a_number_is_looked_for_everywhere() -> None:
    assert codes(changed("> 一（一） 人均", "> 人均")) == []


def test_the_same_words_in_two_clauses_are_told_apart_by_the_number() -> None:
    text = "一、甲\n参保补助580元。\n二、乙\n参保补助580元。\n"
    policy = 'policy p "p"\n  text "sample.txt"\n> {} 参保补助580元\nparam a = 580元\n'
    assert codes(policy.format("一"), text) == codes(policy.format("二"), text) == []
    assert codes(policy.format("三"), text) == [("PD802", "三")]
    assert codes(policy.format("").replace(">  ", "> "), text) == [("PD803", "参保补助580元")]


def test_without_opencc_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opencc", None)
    text = "一、人均財政補助標準達到580元。\n"
    policy = 'policy p "p"\n  text "sample.txt"\n> 一 人均财政补助标准达到580元\nparam a = 580元\n'
    (found,) = problems(policy, text)
    assert found.code.number == "PD805" and 'pip install "policydsl[hant]"' in found.code.help_en
    with pytest.raises(folding.NoConverter):
        folding.simplified("補")


def test_a_long_notice_and_a_hostile_policy_come_to_an_end() -> None:
    quotes = "".join(f"> 一 {'补' * 60}{i}{'助' * 60}\nparam a{i} = {i + 1}元\n" for i in range(60))
    found = problems(f'policy p "p"\n  text "sample.txt"\n{quotes}', "一、" + "补助" * 120_000)
    assert {d.code.number for d in found} == {"PD801", "PD806"}


# figures


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("= 580元/人·年", "= 850元/人·年", [("PD806", "850元/人·年")]),
        ("up 30元", "up 40元", [("PD806", "40元")]),
        ("by 8:2", "by 2:8", [("PD806", "2:8")]),
        ("× 50%", "× 60%", [("PD806", "60%")]),
        ("has destitute: 320元", "has destitute: 230元", [("PD806", "230元")]),
        ("| 70       |", "| 60       |", [("PD807", "60")]),
        ("10001 and over", "10002 and over", [("PD807", "10002")]),
        (' because "our own word"', "", [("PD808", "other")]),
        ('"70%左右"', '"75%左右"', [("PD809", "75%左右")]),
        (' because "in their favour"', "", [("PD810", "when several apply, greatest")]),
        (' because "the notice is silent"', "", [("PD810", "round half up to 0.01元")]),
        ('  because "each slice at its own rate"\n', "", [("PD810", "marginal")]),
        (' because "written in whole yuan"', "", [("PD810", "bands continuous")]),
    ],
)
def test_a_slip_is_reported_where_it_stands(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert codes(changed(old, new)) == expected


def test_a_figure_from_elsewhere_names_its_origin_or_its_reason() -> None:
    rule = "> 二（一） 等待期三个月\nrule top = 999元{}\n"
    assert codes(POLICY + rule.format("")) == [("PD806", "999元")]
    assert codes(POLICY + rule.format(' "公报"')) == []
    assert codes(POLICY + rule.format('\n  because "999元 stands in the gazette"')) == []
    assert codes(POLICY + rule.format('\n  because "1000元 stands in the gazette"')) == [("PD806", "999元")]


_EXCHANGED = """policy p "p"
category tier: one "一档", two "二档"
> {quote}
table dues: money by tier
  | tier | dues (元) |
  | one  | {one} |
  | two  | {two} |
"""


def exchanged(quote: str, one: str = "695", two: str = "320") -> list[str]:
    """What is said to stand at another member, with the cells exchanged unless they are given."""
    found = problems(_EXCHANGED.format(quote=quote, one=one, two=two), None)
    assert {d.code.number for d in found} <= {"PD819"}
    return [d.span.text for d in found]


@pytest.mark.parametrize(
    "quote",
    [
        "一档320元、二档695元",
        "一档、二档分别为320元、695元",
        "2021年缴费一档每人320元，二档每人６９５元。",
    ],
)
def test_figures_exchanged_under_a_plain_quote_are_found(quote: str) -> None:
    assert exchanged(quote) == ["695", "320"]
    assert exchanged(quote, "320", "695") == []


@pytest.mark.parametrize(
    "quote",
    [
        "320元为一档、695元为二档",  # figures before names
        "一档320元，其中个人120元；二档695元",  # two figures for one name
        "一档320元；二档在一档基础上增加，达到695元",  # a name twice
        "缴费标准为320元、695元",  # no names
        "一档320元、695元两种",  # one name for two figures
        "合计695元，一档320元、二档375元",  # a figure that is nobody's
        "一档320元、二档695元\n> 二档为320元、一档为695元",  # two quotes that differ
    ],
)
def test_a_quote_that_could_be_read_otherwise_is_not_held_against_a_cell(quote: str) -> None:
    assert exchanged(quote) == []


def test_results_exchanged_in_a_row_are_found_by_the_heads_of_their_columns() -> None:
    policy = """policy p "p"
category level: a "一级", b "二级"
> 起付额、限额一级为100元、20000元
> 二级起付额300元、限额50000元
table due by level
  | level | 起付额（元） | 限额（元） |
  | a     | 100          | 20000      |
  | b     | {}           | {}         |
"""
    assert problems(policy.format(300, 50000), None) == []
    found = problems(policy.format(50000, 300), None)
    assert [(d.code.number, d.span.text) for d in found] == [("PD819", "50000"), ("PD819", "300")]


def test_a_figure_given_to_a_group_is_that_of_its_members() -> None:
    policy = """policy p "p"
category who: a "孤儿", b "低保对象", c "其他人员"; young "困境儿童" has a; poor "困难群体" has young, b
> 困难群体60元、其他人员50元
table aid: money by who
  | who  | aid (元) |
  | a, b | {}       |
  | c    | {}       |
"""
    assert problems(policy.format(60, 50), None) == []
    assert [d.span.text for d in problems(policy.format(50, 60), None)] == ["50", "60"]


def test_a_cell_from_elsewhere_or_with_a_reason_may_differ_from_its_quote() -> None:
    assert exchanged("一档320元、二档695元", '695 "公报"', '320 "公报"') == []
    assert exchanged("一档320元、二档695元\n> 一档、二档均为500元", "500", "500") == []


def test_nothing_is_said_of_a_policy_that_names_no_text(
    run_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run_in / "a.pol").write_text('policy p "p"\nparam a = 580元\n', encoding="utf-8")
    assert main(["check", "a.pol", "--lang", "en"]) == 0
    assert capsys.readouterr().out == "checked 1 file: no problems\n"


# what the notice has and the policy has not


def statuses(policy: str) -> dict[str, list[str]]:
    """The figures of the notice by what became of them, as written."""
    file, _ = pipeline.read(Source("sample.pol", policy))
    found: dict[str, list[str]] = {}
    for f in covered([file], notice()).coverage.figures:
        found.setdefault(f.status, []).append(f.figure.written.replace("\n", ""))
    return found


def test_every_figure_of_the_notice_is_encoded_or_waived() -> None:
    assert statuses(POLICY) == {
        "encoded": [
            "〔2021〕9号", "2021年", "30", "５８０元", "８：２", "320元", "百分之五十", "1", "0", "10000", "60", "2", "10001",
            "70", "2021年8月5日",
        ],
        "waived": ["三个月", "70%"],
    }  # fmt: skip


def test_a_figure_that_nothing_says_is_listed() -> None:
    without = changed('waive "三个月" because "set by another document"\n', "")
    assert statuses(without)["unused"] == ["三个月"]
    quoted = POLICY + "> 二（一） 住院支付比例稳定在70%左右\nrule x = cost\n"
    assert "unused" not in statuses(quoted)
    assert statuses(quoted.replace('waive "70%左右" because "a target"\n', ""))["unused"] == ["70%"]
    example = '\nexample "a": statuses = (low) gives aid = 160元\n'
    repeated = without + "> 二（一） 等待期三个月\nparam w: months open" + example
    assert statuses(repeated)["unused"] == ["三个月"]
    assert "unused" not in statuses(repeated + "ensure w >= 3个月\n")


def test_a_day_of_an_example_does_not_say_the_year_it_falls_in() -> None:
    text = "一、收取2022年个人缴费，2022年1月1日起享受待遇。\n"
    policy = (
        'policy p "p"\ninput joined: date\n> 一 收取2022年个人缴费，2022年1月1日起享受待遇\n'
        'rule late when joined > 2020-02-02\nexample "a": joined = 2022-01-01 gives late is yes\n'
    )
    file, _ = pipeline.read(Source("p", policy))
    found = covered([file], notice(text)).coverage.figures
    assert [(f.figure.written, f.status) for f in found] == [
        ("2022年", "unused"),
        ("2022年1月1日", "encoded"),
    ]


def test_waived_words_show_only_where_they_leave_a_figure_out() -> None:
    text = "一、按9∶1分担。\n1\n"
    policy = 'policy p "p"\nparam a = 550元\n> 一 按9∶1分担\nsplit b of a\n  x, y by 9:1\nwaive "1" because "a page number"\n'
    file, _ = pipeline.read(Source("p", policy))
    stretches = covered([file], notice(text)).coverage.stretches
    assert [(text[s.start : s.end], s.status) for s in stretches] == [
        ("按9∶1分担", "encoded"),
        ("1", "waived"),
    ]


# the record of what was verified


@pytest.fixture
def run_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, with the policy in `p/` and the notice in `texts/`, as the current one."""
    for folder in ("p", "texts"):
        (tmp_path / folder).mkdir()
    (tmp_path / "p" / "sample.pol").write_text(POLICY, encoding="utf-8")
    (tmp_path / "texts" / "sample.txt").write_text(NOTICE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[str], str]:
    """The status of a check, the codes it reports, and its last lines."""
    status = main(["check", "p", "--lang", "en", *options])
    out = capsys.readouterr().out
    return status, re.findall(r"^\w+\[(PD\d+)\]", out, re.MULTILINE), "\n".join(out.splitlines()[-2:])


def update(*paths: str) -> int:
    return main(["source", *(paths or ("p",)), "--sources", "texts", "--update", "--lang", "en"])


def test_the_name_of_the_lock_is_one() -> None:
    assert LOCK == FILE


def test_without_text_and_record_one_line_says_that_nothing_was_checked(
    run_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, found, last = check(capsys)
    assert (status, found) == (0, [])
    assert last == (
        "the quotes of 1 file were not checked: there is neither the notice (--sources) nor a record in sources.lock\n"
        "checked 1 file: no problems"
    )
    assert check(capsys, "--sources", "texts")[2] == "checked 1 file: no problems"


def test_the_record_stands_in_for_the_text(run_in: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert update() == 0
    assert capsys.readouterr().out == "p/sources.lock: 1 policy recorded\n"
    status, found, last = check(capsys)
    assert (status, found) == (0, [])
    assert last.startswith(
        "the quotes of 1 file were compared with the record p/sources.lock only: the notices are not at hand"
    )
    first = (run_in / "p" / LOCK).read_bytes()
    assert update() == 0 and (run_in / "p" / LOCK).read_bytes() == first


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("达到580元", "达到590元", ["PD814", "PD806"]),
        ("> 一（一） 人均", "> 二（一） 人均", ["PD814"]),
        ("= 580元/人·年", "= 590元/人·年", ["PD806"]),
        ("| 60       |", "| 61       |", ["PD807"]),
        ('"特困人员"', '"特困户"', ["PD814"]),
        ('"70%左右"', '"75%左右"', ["PD814"]),
    ],
)
def test_what_changed_since_it_was_verified_is_reported_without_the_text(
    run_in: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, found: list[str]
) -> None:
    assert update() == 0
    (run_in / "p" / "sample.pol").write_text(changed(old, new), encoding="utf-8")
    status, reported, _ = check(capsys)
    assert status == 1 and sorted(reported) == sorted(found)


def test_a_changed_text_and_a_record_that_is_behind_are_reported_with_the_text(
    run_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert update() == 0
    (run_in / "texts" / "sample.txt").write_text(NOTICE.replace("\n\n", "\n \n"), encoding="utf-8")
    assert check(capsys, "--sources", "texts")[:2] == (0, [])
    (run_in / "texts" / "sample.txt").write_text(NOTICE.replace("文件", "办公室文件"), encoding="utf-8")
    assert check(capsys, "--sources", "texts")[:2] == (0, ["PD812"])
    assert update() == 0
    assert check(capsys, "--sources", "texts")[:2] == (0, [])
    (run_in / "p" / "sample.pol").write_text(
        changed("标准新增30元，", "标准新增30元，") + "> 一 筹资\nrule x = cost\n", encoding="utf-8"
    )
    assert check(capsys, "--sources", "texts")[:2] == (0, ["PD813"])


def test_nothing_is_recorded_of_a_policy_with_a_wrong_quote(
    run_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert update() == 0
    before = (run_in / "p" / LOCK).read_bytes()
    (run_in / "p" / "sample.pol").write_text(changed("达到580元", "达到590元"), encoding="utf-8")
    assert update() == 1
    assert "nothing was recorded" in capsys.readouterr().err
    assert (run_in / "p" / LOCK).read_bytes() == before
    assert sorted(p.name for p in (run_in / "p").iterdir()) == ["sample.pol", LOCK]


@pytest.mark.parametrize(
    "edit",
    [
        lambda t: t.replace("580元", "590元", 1),
        lambda t: t.replace(' "text"', '  "text"', 1),
        lambda t: t.replace('"seal"', '"sael"'),
        lambda t: t[:-3],
        lambda t: "",
        lambda t: "[" * 100_000,
        lambda t: json.dumps({"schema": "policydsl-sources/1", "policies": {"p": 1}}),
        lambda t: "\ud7ff" + t,
    ],
)
def test_a_record_edited_by_hand_is_not_trusted(
    run_in: Path, capsys: pytest.CaptureFixture[str], edit: object
) -> None:
    assert update() == 0
    lock = run_in / "p" / LOCK
    assert callable(edit)
    broken = str(edit(lock.read_text(encoding="utf-8")))
    lock.write_text(broken, encoding="utf-8")
    for options in ((), ("--sources", "texts")):
        assert check(capsys, *options)[:2] == (1, ["PD815"])
    assert update() == 1 and lock.read_text(encoding="utf-8") == broken
    lock.unlink()
    assert update() == 0 and check(capsys)[:2] == (0, [])


def test_a_policy_that_is_gone_leaves_the_record(run_in: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second = run_in / "p" / "other.pol"
    second.write_text(POLICY, encoding="utf-8")
    assert update() == 0
    second.unlink()
    assert update("p/sample.pol") == 0
    assert list(json.loads((run_in / "p" / LOCK).read_text(encoding="utf-8"))["policies"]) == ["sample.pol"]


# where texts are


def test_the_folder_of_texts_is_named_in_pyproject(run_in: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = run_in / "pyproject.toml"
    project.write_text('[tool.policydsl]\nsources = ["nowhere", "texts"]\n', encoding="utf-8")
    assert check(capsys)[2] == "checked 1 file: no problems"
    project.write_text('[tool.policydsl]\nsources = "texts"\n', encoding="utf-8")
    assert check(capsys)[2] == "checked 1 file: no problems"
    for wrong in ("[tool.policydsl]\nsources = 3\n", "[tool.policydsl\n"):
        project.write_text(wrong, encoding="utf-8")
        assert main(["check", "p"]) == main(["check", "p", "--lang", "en"]) == 2
        assert "pyproject.toml" in capsys.readouterr().err


def test_programs_get_the_remark_apart_from_the_result(
    run_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "p", "--format", "json", "--lang", "en"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["diagnostics"] == [] and "were not checked" in said.err


def test_a_text_is_never_looked_for_outside_its_folder(
    run_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run_in / "secret.txt").write_text(NOTICE, encoding="utf-8")
    for name in ("../secret.txt", str(run_in / "secret.txt").replace("\\", "/")):
        (run_in / "p" / "sample.pol").write_text(changed('"sample.txt"', f'"{name}"'), encoding="utf-8")
        assert "were not checked" in check(capsys, "--sources", "texts")[2]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (NOTICE.encode("gb18030"), "PD817"),
        (b"\xff\xfe" + NOTICE.encode("utf-16-le"), "PD817"),
        (b"\xff\xff\xff", "PD817"),
        (b"1" * (512 * 1024 + 1), "PD818"),
        (b"\xe8\xa1\xa5" * 4_000_000, "PD818"),
    ],
)
def test_a_text_that_cannot_be_read_is_reported_and_nothing_written(
    run_in: Path, capsys: pytest.CaptureFixture[str], data: bytes, code: str
) -> None:
    (run_in / "texts" / "sample.txt").write_bytes(data)
    assert check(capsys, "--sources", "texts")[:2] == (1, [code])
    assert update() == 1
    assert code in capsys.readouterr().err
    assert not (run_in / "p" / LOCK).exists()


def test_a_text_that_is_not_there_is_a_fault_of_the_call(
    run_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["source", "p", "--lang", "en"]) == 2
    assert "PD816" in capsys.readouterr().err
    assert main(["check", "p", "--sources", "nowhere"]) == 2


# how the notice is shown


def test_policies_of_one_notice_are_shown_together(run_in: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The lock knows that the other policy is made from the same text."""
    half = 'policy other "另一政策"\n  text "sample.txt"\nwaive "三个月" because "set by another document"\n'
    first = changed('waive "三个月" because "set by another document"\n', "")
    (run_in / "p" / "sample.pol").write_text(first, encoding="utf-8")
    (run_in / "p" / "other.pol").write_text(half, encoding="utf-8")
    assert shown(capsys, "--lang", "en")[0] == 1
    assert update() == 0
    status, out = shown(capsys, "--lang", "en")
    assert status == 0 and out.endswith("17 figures: 15 encoded, 2 left out, 0 used by nothing\n")
    assert out.startswith("样例市2021年、另一政策  texts/sample.txt\n")
    assert main(["source", "p", "--sources", "texts", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["policies"] == ["p/other.pol", "p/sample.pol"]


def shown(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    capsys.readouterr()
    status = main(["source", "p/sample.pol", "--sources", "texts", *options])
    return status, capsys.readouterr().out


def test_the_notice_is_shown_with_what_is_encoded_and_what_is_not(
    run_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = shown(capsys, "--lang", "en")
    assert status == 0
    assert (
        "11 | （二）【大病支付比例见下表】。" in out
        and "10 | （一）等待期〈三个月〉，住院支付比例稳定在〈70%左右〉。" in out
    )
    assert out.endswith("17 figures: 15 encoded, 2 left out, 0 used by nothing\n")
    text = changed('waive "三个月" because "set by another document"\n', "")
    (run_in / "p" / "sample.pol").write_text(text, encoding="utf-8")
    status, out = shown(capsys, "--lang", "zh")
    assert status == 1
    assert (
        "等待期★三个月★" in out
        and "三个月（第10行，条款二（一）“（一）等待期三个月，住院支付比例稳”）" in out
    )
    assert out.endswith("共17个数：已编入15个，不编入1个，未处理1个\n")


def test_the_notice_as_json_gives_every_figure_its_place(
    run_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = shown(capsys, "--format", "json")
    page = json.loads(out)
    assert (status, page["schema"], page["summary"]) == (
        0,
        "policydsl-source/1",
        {"encoded": 15, "waived": 2, "unused": 0},
    )
    for figure in page["figures"]:
        assert NOTICE[figure["start"] : figure["end"]] == figure["text"]
        lines = NOTICE[: figure["start"]].split("\n")
        assert (figure["line"], figure["column"]) == (len(lines), len(lines[-1]) + 1)
    ends = [0, *(x for p in page["passages"] for x in (p["start"], p["end"]))]
    assert ends == sorted(ends)
    waived = next(f for f in page["figures"] if f["text"] == "三个月")
    assert waived["because"] == "set by another document" and waived["clause"] == "二（一）"
    assert "waive" in POLICY.split("\n")[waived["policy_line"] - 1]


def test_the_page_is_self_contained_and_escapes_the_notice(
    run_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = NOTICE.replace("样例市医疗保障局文件", '<script>alert("1")</script>\u202e&lt;')
    (run_in / "texts" / "sample.txt").write_text(hostile, encoding="utf-8")
    _, out = shown(capsys, "--format", "html")
    assert "<script" not in out and "&lt;script&gt;" in out and "\u202e" not in out and "&amp;lt;" in out
    assert not re.search(r"\b(?:src|href)=|url\(|@import|https?:", out)
    body = re.sub(r"<[^>]+>", "", out.split('<div class="notice">')[1].split("</div>")[0])
    assert "达到５８０元。按８：２由中央、省分担。" in body


# the five notices


@real
@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_says_what_its_notice_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = ROOT / "policies" / f"{name}.pol"
    assert main(["check", str(path), "--sources", str(NOTICES), "--lang", "en"]) == 0
    assert capsys.readouterr().out == "checked 1 file: no problems\n"


def read(name: str) -> tuple[File, Source]:
    """A policy of the repository and the text of its notice."""
    path = ROOT / "policies" / f"{name}.pol"
    file, _ = pipeline.read(Source(str(path), path.read_text(encoding="utf-8")))
    text = locks.text_name(file)
    assert text is not None
    return file, Source(text, (NOTICES / text).read_text(encoding="utf-8"))


@real
@pytest.mark.parametrize("text", [p.name for p in sorted(NOTICES.glob("*.txt"))])
def test_no_figure_of_a_notice_is_left_unexplained(text: str) -> None:
    """Every run of digits, and every amount and share in Chinese numerals, is in a figure that is accounted for."""
    files = [file for file, notice in map(read, POLICIES) if notice.name == text]
    notice = Source(text, (NOTICES / text).read_text(encoding="utf-8"))
    found = covered(files, notice).coverage.figures
    assert {f.status for f in found} == {"encoded", "waived"}
    assert all(f.because for f in found if f.status == "waived")
    counted = re.compile(
        "[0-9０-９]+|百分之|[一二三四五六七八九十]+个月|一半|全[额額]|[一二三四]级(?!财政)|[一二]档"
    )
    for match in counted.finditer(notice.text):
        assert any(f.figure.start <= match.start() < f.figure.end for f in found), match


@real
def test_the_record_in_the_repository_is_that_of_the_notices() -> None:
    """After a change of a policy: `policydsl source policies --sources … --update`."""
    entries = {f"{name}.pol": locks.entry(*read(name)) for name in POLICIES}
    assert (ROOT / "policies" / LOCK).read_text(encoding="utf-8") == locks.written(entries)


def slipped(name: str, old: str, new: str) -> list[Diagnostic]:
    policy = (ROOT / "policies" / f"{name}.pol").read_text(encoding="utf-8")
    assert policy.count(old) >= 1, old
    file, _ = pipeline.read(Source(name, policy.replace(old, new, 1)))
    text = locks.text_name(file)
    assert text is not None
    return list(pipeline.quote_problems(file, Source(text, (NOTICES / text).read_text(encoding="utf-8"))))


def test_a_county_share_with_two_digits_exchanged_quotes_the_notice() -> None:
    """Also without the text: the quotes in the policy say it."""
    policy = (ROOT / "policies" / "xinzhou" / "2021.pol").read_text(encoding="utf-8")
    file, _ = pipeline.read(Source("xinzhou", policy.replace("县 44.5元", "县 45.4元")))
    (found,) = pipeline.quote_problems(file, None)
    assert (found.code.number, found.span.text) == ("PD806", "45.4元")
    assert "“县级补助44.5元”" in message(found, "zh") and "“县级补助44.5元”" in message(found, "en")


@real
def test_a_digit_deleted_from_a_quote_is_shown_in_the_notice() -> None:
    found = next(d for d in slipped("xinzhou/2021", "县级补助44.5元", "县级补助4.5元") if is_error(d))
    assert found.code.number == "PD801" and "县级补助4【4】.5元" in message(found, "zh")
    assert [label.span.text for label in found.labels] == ["4"]
    assert found.labels[0].span.source.name == "xinzhou-2021.txt"


@real
@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("| 66                    | 68", "| 65                    | 68", "65"),
        ("| 400001-500000 ", "| 400001-600000 ", "600000"),
    ],
)
def test_a_slip_in_the_table_of_ningxia_is_found_in_the_printed_one(old: str, new: str, at: str) -> None:
    assert [(d.code.number, d.span.text) for d in slipped("ningxia/2020", old, new)] == [("PD807", at)]


@real
def test_the_traditional_notice_of_shandong_is_matched_by_simplified_quotes() -> None:
    pytest.importorskip("opencc")
    policy = (
        'policy p "p"\n  text "shandong-2021.txt"\n'
        "> 二 各市普通门诊统筹基金最高支付限额原则上不低于200元\nparam a = 200元\n"
    )
    file, _ = pipeline.read(Source("p", policy))
    text = Source("shandong-2021.txt", (NOTICES / "shandong-2021.txt").read_text(encoding="utf-8"))
    (found,) = pipeline.quote_problems(file, text)
    assert found.code.number == "PD804"
    assert "各市普通門診統籌基金最高支付限額原則上不低于200元" in message(found, "zh")
