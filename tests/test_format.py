"""Layout: one for every construct, nothing lost, the same in three scripts and back."""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

import random_sentences
import small_policies
from policydsl import pipeline
from policydsl.cli.main import main
from policydsl.diagnostics.render import cells
from policydsl.nodes import Node, fields
from policydsl.source import Source
from policydsl.syntax import ast, format_lines, format_words
from policydsl.syntax import format as formatting
from policydsl.syntax.format_words import PUNCTUATION, SCRIPTS, VARIANTS, Script
from policydsl.syntax.lexer import lex
from policydsl.syntax.parse import parse
from policydsl.syntax.tables import WORDS

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"^```pol[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)

#: A ratio has two weights or more, and what it comes to as many figures: no text that is read uses this.
NEVER = {"<figures : figure>"}


def examples() -> dict[str, list[str]]:
    """Texts that can be read, by where they are from."""
    folders = {
        "policies": sorted((ROOT / "policies").rglob("*.pol")),
        "skeletons": sorted((ROOT / "src" / "policydsl" / "cli").glob("*.pol")),
    }
    found = {name: [p.read_text(encoding="utf-8") for p in paths] for name, paths in folders.items()}
    pages = {
        "manual": sorted((ROOT / "docs").glob("language*.md")),
        "cases": sorted((ROOT / "tests" / "cases").rglob("*.md")),
    }
    for name, paths in pages.items():
        found[name] = [t for p in paths for t in _BLOCK.findall(p.read_text(encoding="utf-8"))]
    found["grammar"] = [text for _, text in random_sentences.sentences(0) if text is not None]
    return {name: [t for t in texts if not parse(Source("t", t))[1]] for name, texts in found.items()}


CORPUS = examples()
EVERY = [text for texts in CORPUS.values() for text in texts]
each_source = pytest.mark.parametrize("name", CORPUS)


@cache
def laid(text: str, script: Script | None = None) -> str:
    result = pipeline.format(Source("t.pol", text), script)
    assert isinstance(result, str), [(d.code.name, dict(d.facts)) for d in result]
    return result


@cache
def tree(text: str) -> tuple[ast.Declaration, ...]:
    file, diagnostics = parse(Source("t.pol", text))
    assert not diagnostics, diagnostics
    return file.declarations


# every construct


def test_every_alternative_of_the_grammar_is_in_the_corpus() -> None:
    """Each is tried by a sentence made for it; one that cannot be made has no example to be laid out."""
    missing = {str(rule) for rule, text in random_sentences.sentences(0) if text is None}
    assert missing == NEVER


def nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
        for name in fields(value):
            yield from nodes(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from nodes(each)


def test_the_corpus_holds_every_class_of_the_tree() -> None:
    seen = {type(node) for text in EVERY for node in nodes(tree(text))}
    declared = {
        c for c in vars(ast).values() if isinstance(c, type) and issubclass(c, Node) and c is not Node
    }
    assert declared - seen == {ast.File}


def same_tree(text: str) -> None:
    before, after = tree(text), tree(laid(text))
    assert before == after
    assert written(before) == written(after)


def written(declarations: tuple[ast.Declaration, ...]) -> list[str]:
    """Figures and days as they are printed, which take no part in equality."""
    return [n.written for n in nodes(declarations) if isinstance(n, ast.Figure | ast.DateFigure)]


def same_twice(text: str) -> None:
    once = laid(text)
    assert laid(once) == once


def same_there_and_back(text: str) -> None:
    english, chinese, traditional = laid(text, "en"), laid(text, "zh"), laid(text, "hant")
    assert laid(english, "zh") == chinese
    assert laid(chinese, "en") == english
    assert laid(traditional, "zh") == chinese
    assert laid(english, "hant") == traditional


def same_comments(text: str) -> None:
    for script in (None, *SCRIPTS):
        assert comments(laid(text, script)) == comments(text)


@each_source
def test_the_tree_stays_as_it_is(name: str) -> None:
    for text in CORPUS[name]:
        same_tree(text)


@each_source
def test_a_second_time_changes_nothing(name: str) -> None:
    for text in CORPUS[name]:
        same_twice(text)


@each_source
def test_another_script_and_back_is_the_same_to_the_byte(name: str) -> None:
    for text in CORPUS[name][:: 5 if name == "cases" else 1]:
        same_there_and_back(text)


@each_source
def test_comments_and_quotes_are_kept(name: str) -> None:
    for text in CORPUS[name][:: 5 if name == "cases" else 1]:
        same_comments(text)


def test_a_file_in_one_script_keeps_it() -> None:
    for text in CORPUS["grammar"][::3]:
        for script in SCRIPTS:
            assert laid(laid(text, script)) == laid(text, script)


def test_random_policies_and_sentences_are_kept(seeds: range) -> None:
    rules = random_sentences.RULES
    for seed in seeds[::20]:
        drafts = [small_policies.draft(seed, careless=bool(seed % 40)).text]
        made = random_sentences.sentence(rules[seed % len(rules)], seed)
        for text in (*drafts, *([made] if made else [])):
            same_tree(text)
            same_twice(text)
            same_there_and_back(text)


def comments(text: str) -> Counter[str]:
    """Comments and lines of quotes, found without the lexer."""
    found: Counter[str] = Counter()
    for line in text.splitlines():
        if line.lstrip().startswith(">") or re.match(r"\s*原文\s+\S+[:：]", line):
            found[" ".join(line.split())] += 1
            continue
        bare = re.sub(r"\"[^\"]*\"|“[^”]*”|「[^」]*」", lambda m: "x" * len(m[0]), line)
        if "#" in bare:
            found[line[bare.index("#") :].rstrip()] += 1
    return found


@pytest.mark.parametrize("seed", range(3))
def test_comments_and_line_ends_anywhere_are_kept(seed: int) -> None:
    random = Random(seed)
    for text in random.sample(EVERY, 40):
        tossed = toss(text, random)
        if parse(Source("t", tossed))[1]:  # a name that begins a line can be another word
            continue
        once = laid(tossed)
        assert comments(once) == comments(tossed)
        assert laid(once) == once
        assert tree(once) == tree(tossed)
        english = laid(tossed, "en")
        assert laid(laid(english, "zh"), "en") == english


def toss(text: str, random: Random) -> str:
    """`text` with comments, blank lines and line ends between some of its words."""
    out: list[str] = []
    at = 0
    for token in (t for piece in lex(Source("t", text)).pieces for t in piece):
        if token.start < at:
            continue
        gap, chance = text[at : token.start], random.random()
        if at and token.type not in ("HYPHEN", "GT", "GE"):
            if chance < 0.04:
                gap += f"  # behind {len(out)}\n"
            elif chance < 0.07:
                gap += f"\n   # above {len(out)}\n\n"
            elif chance < 0.12:
                gap += "\n"
        out += [gap, text[token.start : token.end]]
        at = token.end
    return "".join(out) + text[at:]


def test_all_results_of_a_policy_stay_the_same_in_another_script() -> None:
    compared = 0
    for path in sorted((ROOT / "policies").rglob("*.pol")):
        text = path.read_text(encoding="utf-8")
        program = pipeline.check(Source("t.pol", text)).program
        if program is None:  # one that stands on another policy means nothing alone
            continue
        meaning = pipeline.meaning(program)
        for script in SCRIPTS:
            program = pipeline.check(Source("t.pol", laid(text, script))).program
            assert program is not None
            assert pipeline.meaning(program) == meaning
        compared += 1
    assert compared >= 4


# the layout itself


def check(before: str, after: str, script: Script | None = None) -> None:
    assert laid(before, script) == after


def test_a_policy_in_english() -> None:
    check(
        """policy p "t"
 document "d"
 effective 2021-01-01
category c:one "一",two
param a=5元/人·年,up 3元
param b:money
 from 2021-01-01:1元
 from 2022-01-01 to 2022-12-31:20元
split f of a by c
 one:x 60%namely 3元;y rest of which z 1元,w rest
 two: x,y by 8∶2
 round half up to 1元,remainder to y because "why"
tiers t of cost marginal by c
|cost(元)|one(%)|two(%)|
|0-100|5|10|
|101 and over|60|7|
 bands continuous because "why"
rule r=a×(1元 - 2元)
 except g when cost over 5元 and not more:1元 because "why"
 when several apply greatest
ensure r<=a because "why"
example "e":cost=5元 gives r=1元
""",
        """policy p "t"
  document  "d"
  effective 2021-01-01

category c: one "一", two
param a = 5元/人·年, up 3元
param b: money
  from 2021-01-01:               1元
  from 2022-01-01 to 2022-12-31: 20元
split f of a by c
  one: x 60%, namely 3元; y rest, of which z 1元, w rest
  two: x, y by 8∶2
  round half up to 1元, remainder to y because "why"
tiers t of cost, marginal, by c
  | cost (元)    | one (%) | two (%) |
  | 0-100        | 5       | 10      |
  | 101 and over | 60      | 7       |
  bands continuous because "why"
rule r = a × (1元 - 2元)
  except g when cost over 5元 and not more: 1元
    because "why"
  when several apply, greatest
ensure r <= a
  because "why"
example "e": cost = 5元 gives r = 1元
""",
    )


def test_a_policy_in_chinese() -> None:
    check(
        """政策 样例 (sample) "样例"
 文号 "d"
 发文机关 "x"
 施行 自 2021年1月1日 至 2021年12月31日
类别 县类(county):一般县(ordinary),西部县
标准 补助标准(subsidy)=580元/人·年,较上年增加 30元
分担 财政补助 之 补助标准 按 县类
 一般县:中央 60%,即 348元;省 其余,其中 市 1元,县 其余
 西部县:中央,省 按 8:2
 四舍五入到 1元 尾差归 省
表 起付线:金额 按 县类,年龄
| 县类 | 年龄(年) | 起付线(元) |
| 一般县 | 满 18 不足 60 | 10000 |
| 西部县 | 60 以上 | 5 |
规则 乙(b) 当 (费用 不足 5元 或 年龄 满 18周岁) 且 参保日期 在 中断日期 后 3个月 内
  免除 丙 当 身份 含任一 (孤儿,老人) 的
确保 补助标准=580元/人·年
举例 "甲":身份=(孤儿),费用=-5元 结果 补助标准=580元
""",
        """政策 样例（sample）“样例”
  文号     “d”
  发文机关 “x”
  施行     2021年1月1日 至 2021年12月31日

类别 县类（county）：一般县（ordinary）、西部县
标准 补助标准（subsidy）＝ 580元/人·年，较上年增加30元
分担 财政补助：补助标准 按 县类
  一般县：中央 60%，即 348元；省 其余，其中 市 1元、县 其余
  西部县：中央、省 按 8:2
  四舍五入到 1元，尾差归 省
表 起付线：金额 按 县类、年龄
  | 县类   | 年龄（年）    | 起付线（元） |
  | 一般县 | 满 18 不满 60 | 10000        |
  | 西部县 | 60以上        | 5            |
规则 乙（b）当（费用 低于 5元 或 年龄 满 18周岁）且 参保日期 在 中断日期 后 3个月内
  免除 丙 当 身份 含任一（孤儿、老人）
确保 补助标准 = 580元/人·年
举例 “甲”：身份 ＝（孤儿），费用 ＝ -5元 结果 补助标准 ＝ 580元
""",
    )


def test_the_same_period_stands_in_the_order_of_each_language() -> None:
    english = "rule a when joined within 3个月 after left and joined within season\n"
    chinese = "规则 a 当 joined 在 left 后 3个月内 且 joined 在 season 内\n"
    check(english, chinese, "zh")
    check(chinese, english, "en")
    check(
        chinese,
        "規則 a 當 joined 在 left 後 3個月內 且 joined 在 season 內\n".replace("3個月", "3个月"),
        "hant",
    )


def test_words_that_are_read_by_position_are_rewritten_and_names_are_not() -> None:
    check(
        """政策 类别
  成文 征求意见稿
输入 金额：金额 每 人 每 年
输入 比例：比例
规则 首次 ＝ 金额
  同时符合，就高
认可 比例 首次 理由 “就高”
""",
        """policy 类别
  issued draft

input 金额: money per person per year
input 比例: rate
rule 首次 = 金额
  when several apply, greatest
accept rate 首次 because "就高"
""",
        "en",
    )


def test_a_part_of_a_result_is_rewritten_unless_the_file_has_such_a_name() -> None:
    example = 'example "e": x = 1元 gives r.ground is base, f.total = 5元\n'
    check(example, "举例 “e”：x ＝ 1元 结果 r.情形 为 base，f.合计 ＝ 5元\n", "zh")
    assert "r.ground" in laid("param ground = 5元\n" + example, "zh")


def test_a_name_that_another_script_would_read_as_a_keyword_is_quoted_in_every_script() -> None:
    text = "规则 r 当 limit 或 more\n分担 set：x 按 k 标准：a 全额\n"
    zh = "规则 r 当 limit 或 “more”\n分担 “set”：x 按 k\n  “标准”：a 全额\n"
    check(text, zh)
    check(text, 'rule r when limit or "more"\nsplit "set" of x by k\n  "标准": a all\n', "en")
    check(laid(text, "en"), zh, "zh")


def test_a_quoted_name_stays_quoted() -> None:
    check("param “or” ＝ 5元\n", 'param "or" = 5元\n')
    check('param "或" = 5元\n', "标准 “或”＝ 5元\n", "zh")


def test_a_text_with_quotation_marks_in_it_gets_others() -> None:
    check('waive "“8∶2”" because "a"\n', "不编入 「“8∶2”」 理由 “a”\n", "zh")
    check('waive “a"b”\n because 「c」\n', 'waive “a"b” because "c"\n')


def test_cells_are_as_wide_as_the_terminal_shows_them() -> None:
    rows = laid("table t: money by k\n|k|t(元)|\n|a|1|\n|一级医院|20|\n|“20种”|3|\n").splitlines()[1:]
    assert len({cells(row) for row in rows}) == 1
    assert rows[1] == "  | a        | 1      |"


def test_pasted_rows_are_drawn_as_a_table() -> None:
    pasted = "table t: money by k\nk\tt (元)\na\t1\nb, c\t20\n"
    check(pasted, "table t: money by k\n  | k    | t (元) |\n  | a    | 1      |\n  | b, c | 20     |\n")


def test_comments_stay_where_they_belong() -> None:
    text = """# the file

# the category
category c: one, # the first
 two
  # | a row | left out |

table t: money by c # a table
  | c | t (元) | # heads
  # above a row
  > 一 words
  | one | 5 | # five

 # deeper, but after a blank line
param a = 5元
  # the end
"""
    check(
        text,
        """# the file

# the category
category c: one,  # the first
    two
  # | a row | left out |

table t: money by c  # a table
  | c   | t (元) |  # heads
  # above a row
  > 一 words
  | one | 5      |  # five

# deeper, but after a blank line
param a = 5元
  # the end
""",
    )


def test_blank_lines_part_declarations_as_the_author_did() -> None:
    check(
        "\n\nparam a = 1元\nparam b = 2元\n\n\n\nparam c = 3元\n\n",
        "param a = 1元\nparam b = 2元\n\nparam c = 3元\n",
    )


def test_a_long_line_is_broken_where_it_reads_well() -> None:
    long = "rule r when " + " and ".join(f"(first_fact_{i} or second_fact_{i})" for i in range(6))
    lines = laid(long + "\n").splitlines()
    assert len(lines) == 3
    assert all(line.startswith("    and (") for line in lines[1:])
    names = "、".join(f"“第{i}种情形下的人员”" for i in range(12))
    lines = laid(f"类别 身份：{names}；特别 含 {names}\n").splitlines()
    assert lines[0] == "类别 身份："
    assert all(cells(line) <= 110 for line in lines)
    assert [line[:3] for line in lines] == ["类别 ", "  “", "  “", "  “", "  特", "   ", "   "]


def test_a_figure_before_a_colon_does_not_become_a_ratio_nor_a_minus_a_hyphen() -> None:
    check(
        "规则 甲 ＝ 1元\n  例外 乙 当 年龄 不满 18 : 300元\n",
        "规则 甲 ＝ 1元\n  例外 乙 当 年龄 低于 18： 300元\n",
    )
    check(
        "规则 甲 ＝ (1元 + 丙)-(丁 × - -5元)\n".replace(")-(", ") - ("),
        "规则 甲 ＝（1元 + 丙） - （丁 × - -5元）\n",
    )


def test_a_member_with_a_reason_has_its_own_line_where_one_is_too_short() -> None:
    short = 'category c: one because "x", two; g has one because "y"\n'
    check(short, short)
    reason = "本文件用语，指特困人员中孤儿和事实无人抚养儿童以外的其他人员"
    check(
        f"类别 身份：甲、乙 理由 “{reason}”、丙、丁；戊 含 丙 理由 “{reason}”\n",
        f"类别 身份：\n  甲、\n  乙 理由 “{reason}”、\n  丙、丁；\n  戊 含 丙 理由 “{reason}”\n",
    )


def test_only_a_text_in_quotes_can_be_longer_than_a_line() -> None:
    for text in CORPUS["policies"]:
        for line in laid(text).splitlines():
            bare = re.sub(r"\"[^\"]*\"|“[^”]*”|「[^」]*」", "", line)
            assert cells(bare) <= 110 or line.lstrip()[:1] in "#>|", line


def test_every_variant_is_a_spelling_of_its_word() -> None:
    for (terminal, _), forms in VARIANTS.items():
        words = WORDS["connectives"][terminal]
        for script, form in zip(SCRIPTS, forms, strict=True):
            assert form in words.get(script, words["zh"]), (terminal, form)


def test_every_mark_is_read_again_as_what_it_is() -> None:
    for terminal, marks in PUNCTUATION.items():
        for mark in marks:
            tokens = [t.type for piece in lex(Source("t", f"rule r = 1 {mark} 2")).pieces for t in piece]
            expected = "MINUS" if terminal == "HYPHEN" else terminal
            assert expected in tokens, mark


def test_line_ends_of_windows_stay() -> None:
    check("param a=1元\r\nparam b = 2元\r\n", "param a = 1元\r\nparam b = 2元\r\n")


def test_a_file_with_errors_of_meaning_is_laid_out() -> None:
    text = "policy p\nrule a=b+c\nsplit s of a\n x 60%,y 60%\n"
    assert pipeline.check(Source("t", text)).program is None
    check(text, "policy p\n\nrule a = b + c\nsplit s of a\n  x 60%, y 60%\n")


def test_what_would_change_is_never_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = format_lines.page

    def spoil(old: str, new: str) -> str:
        monkeypatch.setattr(formatting, "page", lambda *a: draw(*a).replace(old, new))
        result = pipeline.format(Source("t.pol", 'param a "l" = 60元 # c\n> 一 q\nparam b = 100元\n'))
        assert not isinstance(result, str)
        return result[0].code.number

    for old, new in (
        ("60元", "61元"), ("60元", "60.0元"), ("100元", "0.01万元"), ("# c", "# d"), ("# c", ""), ("一 q", "二 q"),
        ("param b", "rule b"), ('"l"', '"m"'), ("> 一 q\n", ""), ("= 100", "100"), ("b =", "B ="),
    ):  # fmt: skip
        assert spoil(old, new) == "PD910", (old, new)


# the command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    (tmp_path / "a.pol").write_text("param  a=1元\n", encoding="utf-8")
    (tmp_path / "good.pol").write_text("param b = 1元\n", encoding="utf-8")
    return tmp_path


Printed = pytest.CaptureFixture[str]


def test_files_are_rewritten_and_told(folder: Path, capsys: Printed) -> None:
    assert main(["fmt", "."]) == 0
    said = capsys.readouterr().out.replace("\\", "/")
    assert said == "./a.pol: laid out\n2 files: 1 laid out, 1 as they should be\n"
    assert (folder / "a.pol").read_text(encoding="utf-8") == "param a = 1元\n"
    assert main(["fmt", "a.pol", "good.pol"]) == 0
    assert capsys.readouterr().out == "2 files: nothing to change\n"


def test_check_lists_and_writes_nothing(
    folder: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert main(["fmt", "--check", "a.pol", "good.pol"]) == 1
    assert capsys.readouterr().out == "a.pol：格式不符\n共2个文件，1个格式不符，1个格式符合\n"
    assert (folder / "a.pol").read_text(encoding="utf-8") == "param  a=1元\n"
    assert main(["fmt", "--check", "good.pol"]) == 0
    assert capsys.readouterr().out == "共1个文件，格式都符合\n"


def test_diff_shows_and_writes_nothing(folder: Path, capsys: Printed) -> None:
    assert main(["fmt", "--diff", "."]) == 0
    said = capsys.readouterr().out
    assert "-param  a=1元\n+param a = 1元\n" in said
    assert "good.pol" not in said
    assert (folder / "a.pol").read_text(encoding="utf-8") == "param  a=1元\n"
    assert main(["fmt", "--diff", "--check", "."]) == 1


def test_standard_input_goes_to_standard_output(
    folder: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    give("标准  a=1元\r\n".encode())
    assert main(["fmt", "--stdin", "--lang", "en"]) == 0
    assert capsys.readouterr().out == "param a = 1元\r\n"
    give(b"param = =")
    assert main(["fmt", "--stdin"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and "PD01" in captured.err
    assert main(["fmt", "--stdin", "a.pol"]) == 2


def test_a_file_that_cannot_be_read_is_shown_and_left_alone_and_the_others_are_not(
    folder: Path, capsys: Printed
) -> None:
    broken = folder / "broken.pol"
    broken.write_text("param  c = = 1元\n", encoding="utf-8")
    (folder / "chinese.pol").write_bytes("param 甲 = 1元\n".encode("gb18030"))
    assert main(["fmt", "."]) == 1
    captured = capsys.readouterr()
    assert "PD010" in captured.err and "PD084" in captured.err
    assert broken.read_text(encoding="utf-8") == "param  c = = 1元\n"
    assert (folder / "a.pol").read_text(encoding="utf-8") == "param a = 1元\n"
    assert main(["fmt", "nowhere.pol"]) == 2


@pytest.mark.skipif(os.name == "nt", reason="permissions and links of POSIX")
def test_permissions_links_and_the_byte_order_mark_stay(folder: Path) -> None:
    real = folder / "a.pol"
    real.write_bytes("\ufeffparam  a=1元\n".encode())
    real.chmod(0o640)
    (folder / "link.pol").symlink_to(real)
    assert main(["fmt", "link.pol"]) == 0
    assert (folder / "link.pol").is_symlink()
    assert real.read_bytes() == "\ufeffparam a = 1元\n".encode()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(os.listdir(folder)) == ["a.pol", "good.pol", "link.pol"]


def test_from_is_used_alone(folder: Path, capsys: Printed) -> None:
    assert main(["fmt", "--from", "gb18030", "--check", "a.pol"]) == 2
    assert main(["fmt"]) == 2
    assert "--from is used alone" in capsys.readouterr().err


# what we ship is laid out


def test_the_policies_are_laid_out() -> None:
    for path in sorted((ROOT / "policies").rglob("*.pol")):
        text = path.read_text(encoding="utf-8")
        assert laid(text) == text, f"run policydsl fmt {path.relative_to(ROOT)}"


def test_new_policies_are_laid_out() -> None:
    for text in CORPUS["skeletons"]:
        assert laid(text) == text


@pytest.mark.parametrize("page", ["language.md", "language.zh.md"])
def test_the_samples_of_the_manual_are_laid_out(page: str) -> None:
    for block in _BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8")):
        if not parse(Source("t", block))[1]:
            assert laid(block) == block, "policydsl fmt --stdin lays a sample out"


def test_a_phrase_that_is_no_keyword_is_no_danger() -> None:
    words = formatting._words(source := Source("t", "rule r = more + limit\n"), lex(source))[0][0]
    assert not any(format_words.in_danger(words, i) for i in range(len(words)))
