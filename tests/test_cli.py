"""What does the command line print, where, and with which exit status?"""

from __future__ import annotations

import functools
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest

from policydsl import pipeline
from policydsl.cli.commands import COMMANDS
from policydsl.cli.console import default_language
from policydsl.cli.main import main
from policydsl.diagnostics.render import cells
from policydsl.expressions import Compare
from policydsl.ir import Ensure, Expectation, Program
from policydsl.kinds import AMOUNT, YES_NO
from policydsl.nodes import evolve
from policydsl.source import Source
from programs import at, ningxia, xinzhou

PAYOUT = [
    "--set",
    "cost=150000",
    "--set",
    "city=guyuan",
    "--set",
    "group=rural_poor",
    "--set",
    "disease=major",
]


@dataclass
class Result:
    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the command line in this process, with English as the language of the locale."""
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")

    def call(*arguments: str) -> Result:
        capsys.readouterr()
        status = main(list(arguments))
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return call


def holding(source: Source, program: Program) -> pipeline.Checked:
    """What checking gives for a text that holds: here a program built by hand."""
    checked = pipeline.Checked(source, (), None)
    checked.program = program
    return checked


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose files stand for programs built by hand: ningxia.pol, xinzhou.pol."""
    programs = {"ningxia.pol": ningxia(), "xinzhou.pol": xinzhou()}
    for name in programs:
        (tmp_path / name).write_text("policy\n", encoding="utf-8")

    def check(source: Source) -> pipeline.Checked:
        return holding(source, programs[os.path.basename(source.name)])

    monkeypatch.setattr(pipeline, "check", check)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def replace_program(monkeypatch: pytest.MonkeyPatch, program: Program) -> None:
    monkeypatch.setattr(pipeline, "check", lambda source: holding(source, program))


# files


def test_a_missing_file_is_one_line_and_a_bad_call(run: Run) -> None:
    result = run("check", "no/such.pol")
    assert result.status == 2
    assert result.out == ""
    assert result.err == (
        "error[PD080]: there is no file or folder “no/such.pol”; "
        "help: check the path; `policydsl new FILE` makes a first policy file\n"
    )
    assert run("run", "no/such.pol").status == 2
    assert run("test", "no/such.pol").status == 2
    assert run("explain", "no/such.pol", "payout").status == 2
    assert run("compile", "no/such.pol", "-o", "out").status == 2


def test_a_folder_without_policies_is_a_bad_call(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".hidden.pol").write_text("policy", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    result = run("check", str(tmp_path), "--lang", "zh")
    assert result.status == 2
    assert result.err.startswith(f"错误[PD082]：文件夹“{tmp_path}”里没有政策文件")
    assert result.err.count("\n") == 1


def test_a_folder_where_a_file_is_wanted_is_a_bad_call(run: Run, tmp_path: Path) -> None:
    result = run("run", str(tmp_path))
    assert (result.status, result.err.split(":")[0]) == (2, "error[PD083]")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_a_bad_call(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.pol"
    path.write_text("policy", encoding="utf-8")
    path.chmod(0)
    assert run("check", str(path)).status == 2


def test_a_path_that_no_file_can_have_is_a_bad_call(run: Run) -> None:
    result = run("check", "a\0b.pol")
    assert result.status == 2
    assert "\0" not in result.err


def test_a_file_in_gb18030_is_named_and_the_conversion_works(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "忻州.pol"
    text = "policy 忻州居民医保\n"
    path.write_bytes(text.encode("gb18030"))
    result = run("check", str(path), "--lang", "zh")
    assert result.status == 1
    assert "文件不是UTF-8编码，按GB18030可以读出" in result.out
    assert "1 | policy 忻州居民医保\n  |        ^^" in result.out
    assert f"改法：运行 `policydsl fmt --from gb18030 {path}`" in result.out

    assert run("fmt", "--from", "gb18030", str(path)).status == 0
    assert path.read_bytes() == text.encode("utf-8")
    again = run("fmt", "--from", "gb18030", str(path))
    assert (again.status, again.err) == (1, f"error: “{path}” is UTF-8 already\n")
    assert os.listdir(tmp_path) == ["忻州.pol"]


def test_a_file_in_utf_16_is_named_and_the_conversion_works(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.pol"
    path.write_bytes("policy 政策\r\n".encode("utf-16"))
    assert "error[PD085]" in run("check", str(path)).out
    assert run("fmt", "--from", "utf-16", str(path)).status == 0
    assert path.read_bytes() == "policy 政策\r\n".encode()


def test_a_file_that_is_no_text_is_refused_and_never_converted(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.pol"
    path.write_bytes(b"policy \xff\xff\xff")
    result = run("check", str(path))
    assert result.status == 1
    assert "error[PD086]" in result.out
    assert "byte 8 does not fit" in result.out
    assert run("fmt", "--from", "gb18030", str(path)).status == 1
    assert path.read_bytes() == b"policy \xff\xff\xff"


def test_a_file_over_the_limit_is_not_read(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.pol"
    path.write_bytes(b"#" * (512 * 1024 + 1))
    result = run("check", str(path))
    assert result.status == 1
    assert result.out.startswith(f"error[PD087]: {path}: the file is larger than 512 KiB")


def test_a_folder_is_checked_file_by_file_each_once_in_order(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("b.pol", "a/z.pol", "a/b.pol", ".git/x.pol"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\ufeffpolicy\r\n", encoding="utf-8")
    seen: list[tuple[str, str]] = []

    def check(source: Source) -> pipeline.Checked:
        seen.append((os.path.relpath(source.name, tmp_path), source.text))
        return pipeline.Checked(source, (), None)

    monkeypatch.setattr(pipeline, "check", check)
    result = run("check", str(tmp_path / "b.pol"), str(tmp_path))
    # The byte order mark is gone, the line ends are as they were.
    assert seen == [(name, "policy\r\n") for name in ("b.pol", "a/b.pol", "a/z.pol")]
    assert (result.status, result.out) == (0, "checked 3 files: no problems\n")


def test_a_check_without_options_prints_what_one_with_them_prints(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.pol"
    path.write_text('policy a "A"\nrule b = c\n', encoding="utf-8")
    plain = run("check", str(path))
    assert plain == run("check", str(path), "--format", "text") == run("check", "--lang", "en", str(path))
    assert plain.status == 1
    assert plain.out.endswith("checked 1 file: 1 error\n")


def test_verbose_also_lists_the_files_without_problems(run: Run, policies: Path) -> None:
    result = run("check", "--verbose", "ningxia.pol", "xinzhou.pol")
    assert result.out.startswith("ningxia.pol: no problems\nxinzhou.pol: no problems\n")


def test_the_forms_for_programs_tell_the_same_problem(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.pol"
    path.write_text('policy a "A"\nrule b = c\n', encoding="utf-8")
    report = json.loads(run("check", str(path), "--format", "json").out)
    (found,) = report["diagnostics"]
    assert found["range"]["start"] == {"line": 2, "column": 10, "offset": 22}
    log = json.loads(run("check", str(path), "--format", "sarif").out)
    (result,) = log["runs"][0]["results"]
    assert result["ruleId"] == found["code"]
    command, summary = run("check", str(path), "--format", "github").out.splitlines()
    assert command.startswith(
        f"::error file={path},line=2,endLine=2,col=10,endColumn=11,title={found['code']} "
    )
    assert summary == "checked 1 file: 1 error"


# run


def test_the_ningxia_payout_is_96080_yuan(run: Run, policies: Path) -> None:
    result = run("run", "ningxia.pol", "payout", *PAYOUT)
    assert (result.status, result.out) == (0, "payout 大病保险支付金额 = 96080.00元\n")
    assert result.err == "[DRAFT FOR COMMENT: for estimates only, no ground for payment]\n"


def test_facts_are_taken_as_people_write_them(run: Run, policies: Path) -> None:
    result = run(
        "run", "ningxia.pol", "大病保险支付金额", "--lang", "zh",
        "--set", "年度个人负担合理医疗费用=15万元", "--set", "city＝固原市",
        "--set", "group=农村贫困人口", "--set", "disease=20种大病",
    )  # fmt: skip
    assert (result.status, result.out) == (0, "payout 大病保险支付金额 = 96080.00元\n")
    assert result.err == "【征求意见稿：只供测算，不作支付依据】\n"


def test_json_gives_money_as_strings_and_a_split_as_an_object(run: Run, policies: Path) -> None:
    result = run("run", "xinzhou.pol", "funding", "subsidy", "--set", "county=western", "--format", "json")
    assert result.status == 0
    answer = json.loads(result.out)
    assert answer["subsidy"] == "580.00"
    assert answer["funding"] == {
        "中央": "464.00", "省": "58.00", "市": "13.50", "县": "44.50", "市县": "58.00", "total": "580.00",
    }  # fmt: skip
    assert answer["$status"] == "issued"
    assert result.err == ""


def test_a_split_is_printed_payer_by_payer(run: Run, policies: Path) -> None:
    result = run("run", "xinzhou.pol", "财政补助", "--set", "county=ordinary", "--lang", "zh")
    assert result.out == (
        "funding 财政补助 = 580.00元/人·年\n"
        "  中央 = 348.00元/人·年\n"
        "  省 = 116.00元/人·年\n"
        "  市 = 26.00元/人·年\n"
        "  县 = 90.00元/人·年\n"
        "  市县 = 116.00元/人·年\n"
    )


def test_a_rule_with_grounds_tells_the_ground(run: Run, policies: Path) -> None:
    facts = ["--set", "window=是", "--set", "joined=2021年8月10日", "--set", "left=2021-06-01",
             "--set", "person=newborn", "--set", "general_waiting=90天"]  # fmt: skip
    result = run("run", "xinzhou.pol", "waiting", *facts, "--lang", "zh")
    assert result.out == (
        "waiting 等待期 = 0天（依据：in_window 集中参保；同时符合：interrupted 中断缴费、special 特殊群体）\n"
    )
    answer = json.loads(run("run", "xinzhou.pol", "waiting", *facts, "--format", "json").out)
    assert answer["waiting"] == {
        "value": 0, "ground": "in_window", "held": ["in_window", "interrupted", "special"],
    }  # fmt: skip
    none_held = [*facts[:1], "window=否", *facts[2:5], "left=无", "--set", "person=other", *facts[8:]]
    result = run("run", "xinzhou.pol", "waiting", *none_held)
    assert result.out == "waiting 等待期 = 90 days\n"


def test_an_output_without_an_answer_does_not_hide_the_others(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.pol"
    path.write_text(
        'policy a "A"\ncategory kind: a "甲", b "乙"\n'
        "table fee: money by kind\n  | kind | fee (元) |\n  | a | 1 |\n"
        '  | b | undefined because "另行规定" |\n'
        "param double = 2元\n",
        encoding="utf-8",
    )
    result = run("run", str(path), "--set", "kind=乙")
    assert result == Result(1, "double = 2.00元\n", "error: fee: the policy gives no answer here: 另行规定\n")
    assert run("run", str(path), "--set", "kind=甲").out == "fee = 1.00元\ndouble = 2.00元\n"
    explained = run("explain", str(path), "fee", "--set", "kind=乙", "--lang", "zh")
    assert explained == Result(1, "", "错误：政策对此情形不作规定：另行规定\n")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["payuot"], 2, "there is no output “payuot”; is “payout” meant?"),
        (["zzz"], 2, "there is no output “zzz”; there are: subsidy（人均财政补助标准）, funding"),
        (["payout", "--set", "cots=1"], 2, "there is no input “cots”; is “cost” meant?"),
        (["payout", "--set", "cost"], 2, "“cost” sets nothing; write --set NAME=VALUE"),
        (["payout", "--set", "cost=1", "--set", "cost=2"], 2, "is set twice"),
        (["payout", "--set", "cost=x"], 1, "“x” is no amount; write it like 150000元 or 15万元"),
        (["payout", *PAYOUT[2:], "--set", "cost=2亿元"], 1, "is 200000000元, outside 0元 to 100000000元"),
        (["payout", *PAYOUT[2:], "--set", "cost=0.001"], 1, "it must be a multiple of 0.01元"),
        (["payout", *PAYOUT, "--set", "statuses=orphan"], 1, "the facts contradict group is rural_poor"),
        (["payout", "--set", "city=北京"], 1, "“北京” is not one of"),
    ],
)
def test_a_bad_call_ends_with_2_and_bad_case_data_with_1(
    run: Run, policies: Path, arguments: list[str], status: int, words: str
) -> None:
    result = run("run", "ningxia.pol", *arguments)
    assert words in result.err
    assert (result.status, result.out) == (status, "")


def test_all_missing_facts_are_named_with_how_to_set_them(run: Run, policies: Path) -> None:
    result = run("run", "ningxia.pol", "payout", "--set", "cost=1", "--lang", "zh")
    assert result.status == 2
    assert result.err.splitlines()[1:] == [
        "错误：还缺以下情况：",
        "  --set city=…    city（统筹地区）：以下之一：银川市、石嘴山市、吴忠市、中卫市、固原市",
        "  --set group=…    group（人员类别）：以下之一：普通参保人员、农村贫困人口",
        "  --set disease=…    disease（病种）：以下之一：普通疾病、20种大病",
    ]


class Terminal(io.StringIO):
    """Standard input that is a terminal on which these lines are typed."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_missing_facts_are_asked_for(
    run: Run, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("很多\n2亿\n15万元\n9\n5\n农村贫困人口\n2\n"))
    result = run("run", "ningxia.pol", "payout", "--lang", "zh")
    assert (result.status, result.out) == (0, "payout 大病保险支付金额 = 96080.00元\n")
    assert "cost（年度个人负担合理医疗费用）：金额，例如150000元、15万元，0元至100000000元" in result.err
    assert "“很多”不是金额" in result.err
    assert "超出范围：0元至100000000元" in result.err
    assert "  5) 固原市\n" in result.err
    assert "“9”不在以下各项之中" in result.err


def test_members_of_a_set_are_chosen_by_number(
    run: Run, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = {m.name.key: i for i, m in enumerate(ningxia().category("status").members, 1)}
    typed = f"{numbers['subsistence']}、{numbers['veteran']}\n"
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    result = run("run", "ningxia.pol", "self_pay")
    # 低保对象 and 重点优抚 both get 270元 of the 300元
    assert (result.status, result.out) == (0, "self_pay 个人应缴 = 30.00元 per person\n")
    monkeypatch.setattr(sys, "stdin", Terminal("\n"))
    assert run("run", "ningxia.pol", "self_pay").out == "self_pay 个人应缴 = 300.00元 per person\n"


def test_input_that_ends_early_stops_the_asking(
    run: Run, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("15万元\n"))
    assert run("run", "ningxia.pol", "payout").status == 130


# explain


def test_an_answer_is_explained_and_a_draft_is_called_one(run: Run, policies: Path) -> None:
    result = run("explain", "ningxia.pol", "payout", *PAYOUT, "--lang", "zh")
    assert result.status == 0
    assert "征求意见稿" in result.out
    assert "96,080.00元" in result.out
    report = json.loads(run("explain", "ningxia.pol", "payout", *PAYOUT, "--format", "json").out)
    assert report["output"] == "payout"
    assert run("explain", "ningxia.pol").status == 2


def test_a_code_is_explained_by_number_and_by_name(run: Run) -> None:
    result = run("explain", "pd084")
    assert result.status == 0
    assert result.out.startswith("PD084 NOT_UTF8_GB18030 (error)\nthe file is saved as GB18030")
    assert "`policydsl fmt --from gb18030 ‹path›`" in result.out
    assert run("explain", "NOT_UTF8_GB18030").out == result.out
    assert run("explain", "PC104", "--lang", "zh").out == "PC104\n“‹name›”超出范围‹allowed›\n"
    assert run("explain", "PD999").status == 2
    assert run("explain", "PC999").status == 2


# test


def failing(program: Program) -> Program:
    """The Ningxia example with a deductible and a payout of another city, and a property that fails."""
    (example,) = program.examples
    expects = (
        Expectation("payout", None, F(96000), AMOUNT, span=at()),
        Expectation("deductible", None, F(8500), AMOUNT, span=at()),
    )
    cost = next(i for i in (e.holds for e in program.ensures) if i is not None)
    assert isinstance(cost, Compare)
    never = Compare(">", cost.left, cost.right, YES_NO, span=at())
    broken = Ensure(holds=never, span=at("payout > cost"))
    return evolve(program, examples=(evolve(example, expects=expects),), ensures=(broken,))


def test_examples_that_hold_are_counted(run: Run, policies: Path) -> None:
    result = run("test", "ningxia.pol", "xinzhou.pol")
    assert (result.status, result.out, result.err) == (0, "1 example in 2 files: 1 passed\n", "")


def test_a_failing_example_shows_facts_difference_and_the_first_step_that_differs(
    run: Run, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_program(monkeypatch, failing(ningxia()))
    result = run("test", "ningxia.pol", "--lang", "zh")
    assert result.status == 1
    assert result.out == (
        "不符：举例“固原市贫困户，大病”\n"
        "  --> ningxia.pol:1\n"
        "  已知情况：年度个人负担合理医疗费用 = 150000元，统筹地区 = 固原市，人员类别 = 农村贫困人口，病种 = 20种大病\n"
        "  大病保险支付金额：应为96000元，算得96080元\n"
        "  起付标准：应为8500元，算得3000元\n"
        "  最先不符的一步：deductible 起付标准\n"
        "    deductible 起付标准 = 3000.00元\n"
        "  第1行的要求不成立：payout > cost\n"
        "\n"
        "核对了1个文件的1个举例：0个相符，1个不符\n"
    )
    report = json.loads(run("test", "ningxia.pol", "--format", "json").out)
    assert report["summary"] == {"passed": 0, "failed": 1, "files not tested": 0}
    (example,) = report["files"][0]["examples"]
    assert example["first_difference"] == "deductible"
    assert example["differs"][0] == {
        "output": "payout", "part": None, "expected": "96000.00", "got": "96080.00",
    }  # fmt: skip
    assert example["broken"] == ["payout > cost"]


def test_a_policy_with_errors_is_reported_as_not_tested(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.pol").write_text('policy a "A"\nrule b = c\n', encoding="utf-8")
    result = run("test", str(tmp_path))
    assert result.status == 1
    assert "a.pol:2:10" in result.err
    assert result.out == "0 examples in 0 files: 0 passed; 1 file with errors not tested\n"


# compile

FIRST = 'policy one "第一"\nparam fee = 5元/人\n'


def write(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.pol").write_text(text, encoding="utf-8")
    return [str(folder / f"{name}.pol") for name in files]


def test_a_module_is_written_for_each_policy_by_its_name(run: Run, tmp_path: Path) -> None:
    write(tmp_path, a=FIRST, b=FIRST.replace("one", "two"))
    result = run("compile", str(tmp_path), "-o", str(tmp_path / "out" / "deep"))
    assert (result.status, result.err) == (0, "")
    assert sorted(os.listdir(tmp_path / "out" / "deep")) == ["one.py", "two.py"]
    assert result.out.splitlines() == [str(tmp_path / "out" / "deep" / f"{n}.py") for n in ("one", "two")]
    assert f"{tmp_path.name}/a.pol" in (tmp_path / "out" / "deep" / "one.py").read_text(encoding="utf-8")


def test_nothing_is_written_when_one_of_the_policies_has_an_error(run: Run, tmp_path: Path) -> None:
    write(tmp_path, a=FIRST, b='policy two "B"\nrule b = c\n')
    result = run("compile", str(tmp_path), "-o", str(tmp_path / "out"))
    assert result.status == 1
    assert "b.pol:2:10" in result.err
    assert not (tmp_path / "out").exists()


def test_a_draft_is_compiled_only_when_asked_to(run: Run, tmp_path: Path) -> None:
    paths = write(tmp_path, a='policy one "第一"\n  issued draft\nparam fee = 5元/人\n')
    result = run("compile", *paths, "-o", str(tmp_path), "--lang", "zh")
    assert result.status == 1
    assert "错误[PD088]：“第一”是征求意见稿" in result.err
    assert os.listdir(tmp_path) == ["a.pol"]
    assert run("compile", *paths, "-o", str(tmp_path), "--draft").status == 0
    assert sorted(os.listdir(tmp_path)) == ["a.pol", "one.py"]


def test_two_policies_of_one_name_are_refused(run: Run, tmp_path: Path) -> None:
    paths = write(tmp_path, a=FIRST, b=FIRST.replace("one", "One"))
    result = run("compile", *paths, "-o", str(tmp_path / "out"))
    assert result.status == 1
    assert "error[PD089]: two policies are called One, and both would be written to One.py" in result.err
    assert "a.pol:1" in result.err
    assert not (tmp_path / "out").exists()


def test_names_without_an_alias_are_listed_and_can_be_accepted(run: Run, tmp_path: Path) -> None:
    paths = write(tmp_path, a='policy one "第一"\nparam 缴费 = 5元/人\nparam 补助 = 5元/人\n')
    result = run("compile", *paths, "-o", str(tmp_path / "out"))
    assert result.status == 1
    assert [line for line in result.err.splitlines() if "-->" in line] == [
        f"  --> {paths[0]}:2:7",
        f"  --> {paths[0]}:3:7",
    ]
    assert run("compile", *paths, "-o", str(tmp_path / "out"), "--native-names").status == 0


def test_a_folder_that_cannot_be_written_is_a_bad_call(run: Run, tmp_path: Path) -> None:
    paths = write(tmp_path, a=FIRST)
    result = run("compile", *paths, "-o", paths[0])
    assert result.status == 2
    assert result.err.startswith(f"error: cannot write to “{paths[0]}”")


def test_a_write_that_fails_leaves_the_old_modules_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from policydsl.files import write_all

    old, new = tmp_path / "old.py", tmp_path / "new.py"
    old.write_text("old", encoding="utf-8")
    with pytest.raises(OSError):
        write_all({str(old): "x", str(new): "y", str(tmp_path / "none" / "z.py"): "z"})
    assert os.listdir(tmp_path) == ["old.py"]
    assert old.read_text(encoding="utf-8") == "old"


# new


@pytest.mark.parametrize(("language", "word"), [("zh", "政策 "), ("en", "policy ")])
def test_new_writes_a_skeleton_and_never_overwrites(
    run: Run, tmp_path: Path, language: str, word: str
) -> None:
    path = tmp_path / "a.pol"
    assert run("new", str(path), "--lang", language).status == 0
    text = path.read_text(encoding="utf-8")
    assert f"\n{word}" in text
    path.write_text("mine", encoding="utf-8")
    result = run("new", str(path), "--lang", language)
    assert result.status == 2
    assert result.err.count("\n") == 1
    assert path.read_text(encoding="utf-8") == "mine"
    assert run("new", str(tmp_path / "no" / "a.pol")).status == 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_skeleton_passes_check_test_and_compile(run: Run, tmp_path: Path, language: str) -> None:
    path = str(tmp_path / "a.pol")
    run("new", path, "--lang", language)
    checked = run("check", path)
    assert checked.status == 0
    assert checked.out == "checked 1 file: no problems\n"
    assert run("test", path).out == "1 example in 1 file: 1 passed\n"
    assert run("compile", path, "-o", str(tmp_path)).status == 0
    # 95000元 at 60% are 57000元, and 50000元 at 70% are 35000元.
    answer = run("run", path, "payout", "--set", "cost=15万元", "--set", "group=destitute")
    assert answer.out.endswith("= 92000.00元\n")


# what goes wrong outside the policy


def test_our_own_mistake_is_said_to_be_ours_without_a_traceback(
    run: Run, policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(source: Source) -> pipeline.Checked:
        raise RecursionError("maximum depth\nreached")

    monkeypatch.setattr(pipeline, "check", broken)
    monkeypatch.delenv("POLICYDSL_DEBUG", raising=False)
    result = run("check", "ningxia.pol")
    assert result.status == 2
    assert result.err.startswith("error[PD901]: an error of policydsl itself, not of the policy: ")
    assert "RecursionError: maximum depth reached" in result.err
    assert "Traceback" not in result.err
    monkeypatch.setenv("POLICYDSL_DEBUG", "1")
    assert "Traceback" in run("check", "ningxia.pol").err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chek"], "没有命令“chek”，是否指check"),
        (["frobnicate"], "可用的有：check、run、explain"),
        (["check"], "缺少文件"),
        (["check", "--colour", "a"], "没有选项“--colour”"),
        (["check", "--format", "xml", "a"], "--format只能取：text、json、sarif、github"),
        (["compile", "a"], "缺少"),
    ],
)
def test_a_call_that_cannot_be_read_is_answered_in_one_line(
    run: Run, arguments: list[str], words: str
) -> None:
    result = run(*arguments, "--lang", "zh")
    assert words in result.err
    assert (result.status, result.err.count("\n"), result.out) == (2, 1, "")


def test_the_language_is_that_of_the_locale() -> None:
    assert default_language({"LANG": "zh_CN.UTF-8"}) == "zh"
    assert default_language({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}) == "en"
    assert default_language({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW"}) == "zh"
    assert default_language({"LC_ALL": "", "LANG": "de_DE"}) == "en"


def test_colour_stands_only_on_a_terminal_and_never_with_no_color(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.pol"
    path.write_bytes("政策".encode("gb18030"))
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b" not in run("check", str(path)).out
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True)
    assert "\x1b[1;31merror[PD084]" in run("check", str(path)).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("check", str(path)).out


# the real process


@pytest.mark.parametrize(
    "command", [[], *([name] for name in COMMANDS), ["table", "import"], ["table", "export"]]
)
def test_help_in_chinese_leaves_no_english_and_fits_the_terminal(command: list[str]) -> None:
    done = help_in_chinese()[" ".join(command)]
    assert done.startswith(f"用法：policydsl {' '.join([*command, '[选项]'])}"), done
    assert not re.search(r"Usage|Options|Commands|Show |required|default|FILE|OUTPUT", done), done
    assert all(
        cells(line) <= 80 and not line.strip().startswith(tuple("，。；：）")) for line in done.splitlines()
    )


@functools.cache
def help_in_chinese() -> dict[str, str]:
    """The help of every command, from one process: its language is settled when the commands are imported."""
    script = (
        "import click, json\n"
        "from policydsl.cli.commands import group\n"
        "def walk(command, context, words):\n"
        "    yield ' '.join(words), command.get_help(context)\n"
        "    for name in command.list_commands(context) if isinstance(command, click.Group) else ():\n"
        "        inner = command.get_command(context, name)\n"
        "        yield from walk(inner, inner.context_class(inner, context, name), [*words, name])\n"
        "print(json.dumps(dict(walk(group, group.context_class(group, info_name='policydsl'), []))))\n"
    )
    environment = {**os.environ, "LC_ALL": "zh_CN.UTF-8", "COLUMNS": "80"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "policydsl", *arguments],
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("encoding", ["cp936", "ascii", "latin-1"])
def test_output_never_fails_on_a_console_that_cannot_show_it(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pol"
    path.write_bytes("政策 🩺〔2021〕".encode("gb18030"))
    done = process("check", str(path), "--lang", "zh", PYTHONIOENCODING=encoding)
    assert done.returncode == 1
    assert done.stderr == b""
    assert "\\U0001f63a" not in done.stdout.decode(encoding)
    assert "\\U0001fa7a" in done.stdout.decode(encoding)


def test_json_can_be_read_whatever_the_encoding_of_the_output(tmp_path: Path) -> None:
    path = tmp_path / "a.pol"
    path.write_bytes("政策".encode("gb18030"))
    reports: list[Any] = [
        json.loads(process("check", str(path), "--lang", "zh", "--format", "json", PYTHONIOENCODING=e).stdout)
        for e in ("utf-8", "cp936", "ascii")
    ]
    assert reports[0] == reports[1] == reports[2]
    assert reports[0]["diagnostics"][0]["code"] == "PD084"


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise there")
def test_a_reader_who_leaves_is_no_error_of_ours() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "policydsl", "explain", "PD084"],
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert done.stderr == b""
    assert done.returncode == 141


# the policies of this repository

POLICIES = Path(__file__).parent.parent / "policies"


def test_the_policies_are_clean_and_their_examples_hold(run: Run) -> None:
    checked = run("check", str(POLICIES))
    assert checked.status == 0 and checked.out.endswith(" files: no problems\n")
    tested = run("test", str(POLICIES))
    assert tested.status == 0
    assert tested.out.endswith(" passed\n")


def test_the_payout_of_the_notice_is_computed_and_explained(run: Run) -> None:
    path = str(POLICIES / "ningxia" / "2020.pol")
    assert run("run", path, "payout", *PAYOUT).out.endswith("= 96080.00元\n")
    explained = run("explain", path, "payout", *PAYOUT, "--lang", "zh").out
    # 100000 - 3000 at 64% and 150000 - 100000 at 68%
    assert "62,080.00元" in explained
    assert "34,000.00元" in explained


@pytest.mark.parametrize(
    ("policy", "fact", "payers"),
    [
        ("xinzhou/2021", "county=一般县", ("348.00", "116.00", "26.00", "90.00")),
        ("xinzhou/2021", "county=西部县", ("464.00", "58.00", "13.50", "44.50")),
        ("ningxia/2020", "area=mountain", ("440.00", "99.00", "11.00")),
        ("ningxia/2020", "area=川区", ("440.00", "66.00", "44.00")),
        ("ningxia/2020", "area=reclamation", ("440.00", "110.00", "0.00")),
    ],
)
def test_each_government_pays_what_the_notice_says(
    run: Run, policy: str, fact: str, payers: tuple[str, ...]
) -> None:
    names = (
        ("central", "province", "city", "county") if "xinzhou" in policy else ("central", "region", "local")
    )
    result = run("run", str(POLICIES / f"{policy}.pol"), "funding", "--set", fact, "--format", "json")
    funding = json.loads(result.out)["funding"]
    assert [funding[name] for name in names] == list(payers)


def test_two_compilations_are_the_same_to_the_byte(tmp_path: Path) -> None:
    surroundings = [
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "zh_CN.UTF-8", "TZ": "Asia/Shanghai"},
    ]
    for number, environment in enumerate(surroundings):
        folder = str(tmp_path / str(number))
        done = process("compile", str(POLICIES), "--draft", "-o", folder, **environment)
        assert done.returncode == 0, done.stderr
    first, second = (
        {p.name: p.read_bytes() for p in (tmp_path / str(number)).iterdir()} for number in (0, 1)
    )
    assert len(first) == 6
    assert first == second
