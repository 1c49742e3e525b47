"""Reading: the grammar has no hidden conflict, three scripts give one tree, hostile text is refused quickly."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from policydsl.kinds import unit
from policydsl.source import Source, Span
from policydsl.syntax import ast, build
from policydsl.syntax.builder import LISTS, Builder, builders
from policydsl.syntax.figures import read_date, read_figure
from policydsl.syntax.parse import parse
from policydsl.syntax.tables import RULES, WORDS

GRAMMAR = (build.grammar_folder() / "policy.lark").read_text("utf-8")
KEYWORDS = (build.grammar_folder() / "keywords.toml").read_text("utf-8")


def read(text: str) -> ast.File:
    file, diagnostics = parse(Source("t.pol", text))
    assert not diagnostics, diagnostics
    return file


def codes(text: str) -> list[str]:
    return [d.code.number for d in parse(Source("t.pol", text))[1]]


def figure(text: str) -> ast.Figure:
    source = Source("t", text)
    return read_figure(text, Span(source, 0, len(text)))


# the grammar


def test_the_grammar_has_no_shift_reduce_conflict() -> None:
    assert build.conflicts(GRAMMAR) == ""


def test_a_conflict_would_be_seen() -> None:
    assert "conflict" in build.conflicts("%declare A PLUS\nstart: e\ne: e PLUS e | A").lower()


def test_the_shipped_tables_are_those_of_the_grammar() -> None:
    assert build.TABLES.read_text("utf-8") == build.render(GRAMMAR, KEYWORDS), (
        "run python -m policydsl.syntax.build"
    )


def test_every_rule_has_its_builder() -> None:
    builder = Builder(Source("t", ""), [], [])
    names = {name for name, symbol, _, transparent in RULES if not transparent or name != symbol}
    assert builders(builder, names).keys() == names - LISTS - {"start"}


def test_one_spelling_belongs_to_one_terminal() -> None:
    for sections in (("declarations", "grounds"), ("connectives",)):
        spelt = Counter(
            (spelling, terminal)
            for section in sections
            for terminal, languages in WORDS[section].items()
            for spelling in {s for spellings in languages.values() for s in spellings}
        )
        owners = Counter(spelling for spelling, _ in spelt)
        assert [spelling for spelling, count in owners.items() if count > 1] == []


def test_a_word_at_the_start_of_a_line_is_no_connective_too() -> None:
    lines = {
        s
        for section in ("declarations", "grounds")
        for w in WORDS[section].values()
        for spelt in w.values()
        for s in spelt
    }
    connectives = {s for w in WORDS["connectives"].values() for spelt in w.values() for s in spelt}
    assert lines & connectives == set()


def test_the_grammar_spells_no_keyword() -> None:
    code = "\n".join(line.partition("//")[0] for line in GRAMMAR.splitlines())
    assert '"' not in code


# one tree in three scripts

ENGLISH = """policy p "t"
  document "文〔2021〕1号"
  effective 2021-01-01 to 2021-12-31
category county: ordinary, western
input cost: money in 0元 .. 1亿元
input broken: optional date
> 一 一般县中央补助348元
param subsidy = 580元/人·年, up 30元
split funding of subsidy by county
  ordinary: central 60%, namely 348元; province 20%; local 20%, of which city 26元, district 90元
  western: central, local by 8:2
  round half up to 1元, remainder to local because "why"
rule waiting: days = 90天
  except late when has broken and not cost over 100元: 0天 because "x"
  exempt west when county is western or cost up to 5元
  when several apply, greatest
ensure as cost rises: waiting does not fall
"""
CHINESE = """政策 p “t”
  文号 “文〔2021〕1号”
  施行 2021年1月1日 至 2021年12月31日
类别 county：ordinary、western
输入 cost：金额 介于 0元 至 1亿元
输入 broken：可无 日期
> 一 一般县中央补助348元
标准 subsidy ＝ 580元/人·年，较上年增加30元
分担 funding：subsidy 按 county
  ordinary：central 60%，即 348元；province 20%；local 20%，其中 city 26元、district 90元
  western：central、local 按 8∶2
  四舍五入到 1元，尾差归 local 理由 “why”
规则 waiting：天数 ＝ 90天
  例外 late 当 有 broken 且 非 cost 超过 100元 时：0天 理由 “x”
  免除 west 当 county 为 western 或 cost 不超过 5元
  同时符合，就高
确保 随 cost 增加：waiting 不减少
"""
TRADITIONAL = """政策 p 「t」
  文號 「文〔2021〕1号」
  施行 2021年1月1日 至 2021年12月31日
類別 county：ordinary、western
輸入 cost：金額 介於 0元 至 1億元
輸入 broken：可無 日期
> 一 一般县中央补助348元
標準 subsidy ＝ 580元/人·年，較上年增加30元
分擔 funding：subsidy 按 county
  ordinary：central 60%，即 348元；province 20%；local 20%，其中 city 26元、district 90元
  western：central、local 按 8∶2
  四捨五入到 1元，尾差歸 local 理由 「why」
規則 waiting：天數 ＝ 90天
  例外 late 當 有 broken 且 非 cost 超過 100元 時：0天 理由 「x」
  免除 west 當 county 為 western 或 cost 不超過 5元
  同時符合，就高
確保 隨 cost 增加：waiting 不減少
"""


def meaning(file: ast.File) -> str:
    """A tree as text, with the contextual words of one script in place of another's."""
    text = repr(file.declarations)
    for other, word in (("金额", "money"), ("金額", "money"), ("日期", "date"), ("天数", "days"), ("天數", "days"),
                        ("就高", "greatest")):  # fmt: skip
        text = text.replace(f"'{other}'", f"'{word}'")
    return text


def test_english_simplified_and_traditional_keywords_give_one_tree() -> None:
    assert meaning(read(ENGLISH)) == meaning(read(CHINESE)) == meaning(read(TRADITIONAL))


def test_line_ends_mean_nothing_within_a_declaration() -> None:
    flat = ENGLISH.replace("\n  round", " round").replace("\n  western:", " western:")
    assert read(flat).declarations == read(ENGLISH).declarations


def test_a_byte_order_mark_and_crlf_change_nothing() -> None:
    assert read("\ufeff" + ENGLISH.replace("\n", "\r\n")).declarations == read(ENGLISH).declarations


def test_pasted_tab_separated_rows_are_the_rows_of_a_table() -> None:
    drawn = "table t: money by city\n  | city | t (元) |\n  | a | 1 |\n  | b, c | 2 |\n"
    pasted = "table t: money by city\n  city\tt (元)\n  a\t1\n  b, c\t2\n"
    assert read("policy p\n" + pasted).declarations == read("policy p\n" + drawn).declarations


def test_a_quoted_word_is_a_name_even_where_a_keyword_is_meant() -> None:
    (_, declared) = read('policy p\nrule "标准" = 1元\n').declarations
    assert isinstance(declared, ast.Rule) and declared.name.written == "标准"


def test_a_quote_belongs_to_what_follows_it() -> None:
    (_, rule) = read("policy p\n> 一 甲\nrule r = 1元\n> 二（三） 乙\n  exempt x when a is b\n").declarations
    assert isinstance(rule, ast.Rule)
    assert [(q.clause, q.words) for q in rule.quotes] == [("一", "甲")]
    assert [(q.clause, q.words) for q in rule.grounds[0].quotes] == [("二（三）", "乙")]


def test_round_up_to_is_one_word_and_not_a_limit() -> None:
    (_, declared) = read("policy p\nparam x = 5元\n  round up to 1元\n").declarations
    assert isinstance(declared, ast.Param)
    assert [type(c).__name__ for c in declared.clauses] == ["Round"]
    assert isinstance(declared.clauses[0], ast.Round) and declared.clauses[0].mode == "up"


# figures


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("580元", 580), ("13.5元", Fraction(27, 2)), ("1.5万元", 15000), ("1亿元", 10**8), ("3角", Fraction(3, 10)),
        ("7分", Fraction(7, 100)), ("60%", Fraction(3, 5)), ("60％", Fraction(3, 5)), ("5‰", Fraction(1, 200)),
        ("2个百分点", Fraction(1, 50)), ("1/3", Fraction(1, 3)), ("3个月", 3), ("90天", 90), ("¥5", 5), ("2万亿元", 2 * 10**12),
    ],
)  # fmt: skip
def test_a_printed_figure_is_the_number_it_says(text: str, value: Fraction) -> None:
    assert figure(text).value == value


def test_units_of_figures() -> None:
    assert figure("580元/人·年").unit == unit(money=1, person=-1, year=-1) == figure("580元/人/年").unit
    assert figure("5000元/月").unit == unit(money=1, month=-1)
    assert figure("3个月").unit == unit(month=1)
    assert figure("60%").percent and not figure("1/3").percent


def test_the_last_day_of_february() -> None:
    span = Span(Source("t", ""), 0, 0)
    assert read_date("2020年2月29日", span).value is not None
    assert read_date("2021-02-29", span).value is None


# what is refused


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("param x = 1\u202e元", "PD001"),
        ("# a comment with \u2066 in it\nparam x = 1元", "PD001"),
        ("param x\u200b = 1元", "PD002"),
        ("param sub\u0455idy = 1元", "PD003"),
        ("> 一 quote with \u0430\nparam x = 1元", "PD003"),
        ("param x = 1元\x07", "PD004"),
        ("param x = 1元 @", "PD005"),
        ("param x = １２元", "PD006"),
        ('param x = 1元 "open', "PD007"),
        ("param x = " + "(" * 65 + "1元" + ")" * 65, "PD008"),
        ("param x = 1元 # " + "x" * 4000, "PD009"),
        ("param x = = 1元", "PD010"),
        ("split s of x\n 市县 20%，其中市级 26元", "PD011"),
        ("param x =", "PD012"),
        ("param x = 1234567890123456789元", "PD015"),
        ("param x = 0.1234567891元", "PD015"),
        ("param x = 1,234元", "PD016"),
        ("param x = 580元/人数", "PD017"),
        ("rule x = 2021年", "PD018"),
        ("table t by a\n | a | t (元) |\n | b | |", "PD019"),
        ("param " + "x" * 129 + " = 1元", "PD023"),
        ('param x = 1元 "' + "x" * 2001 + '"', "PD024"),
        ("param x = 1元" + " + 1元" * 201, "PD025"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(text: str, code: str) -> None:
    assert code in codes("policy p\n" + text + "\n")


def test_text_before_the_policy_is_reported() -> None:
    assert codes("忻州\npolicy p\n") == ["PD020"]
    assert codes("忻州\n") == ["PD020"]
    assert codes("") == codes("# only a comment\n") == []


def test_a_file_over_the_limit_is_refused_unread() -> None:
    assert codes("x" * (512 * 1024 + 1)) == ["PD021"]


def test_too_many_declarations_and_bands_are_refused() -> None:
    assert "PD022" in codes("policy p\n" + "rule r = 1元\n" * 5000)
    rows = "".join(f"  | {i}-{i + 1} | 1% |\n" for i in range(1001))
    assert codes(f"policy p\ntiers t of c, marginal\n  | c (元) | r |\n{rows}") == ["PD026"]


def test_every_broken_declaration_gives_its_own_error_and_the_rest_is_read() -> None:
    text = "policy p\nparam a = = 1元\nparam b = 2元\nrule c when\ninput d\nparam e = 5元\n"
    file, diagnostics = parse(Source("t.pol", text))
    assert [Source("t", text).position(d.span.start)[0] for d in diagnostics] == [2, 4, 5]
    assert [d.name.written for d in file.declarations if isinstance(d, ast.Param)] == ["b", "e"]


@pytest.mark.parametrize(
    "flood",
    ["(", ")", "|", "元", "9", "a", '"', ":", "9:", "1/", "> ", "#", "-", "=", "其中", "/人", "。", ".", "\t", "not ",
     "a\t", "一", "2021-", "“", "（", "and ", "x.", "| |", "1元 ", "\n(", "policy\n"],
)  # fmt: skip
def test_floods_of_one_thing_are_answered(flood: str) -> None:
    text = "policy p\nparam x = " + flood * (50_000 // len(flood))
    lines = "\n".join(text[i : i + 3000] for i in range(0, len(text), 3000))
    assert parse(Source("t.pol", lines))[1]


def test_ten_thousand_brackets_are_refused_before_a_tree_is_built() -> None:
    text = "policy p\nrule x = " + "\n".join("(" * 100 for _ in range(100))
    assert codes(text) == ["PD008"]
