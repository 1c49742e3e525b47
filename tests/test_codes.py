"""Is every diagnostic whole: two languages, a page, a case that provokes it?"""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from policydsl import pipeline
from policydsl.diagnostics import codes
from policydsl.diagnostics.codes import CODES
from policydsl.diagnostics.model import Code, is_error
from policydsl.source import Source
from policydsl.tasks import remarks
from test_cases import case_files, provoked

PAGES = Path(__file__).parent.parent / "docs" / "errors"
#: Found where files are read, policies are gathered or code is written, and tested there.
#: codes that other tests provoke: files, backends, our own faults, a solver that is missing or gives up, OpenCC
#: that is missing, and the record of what was verified
ELSEWHERE = (
    {c.number for c in CODES if c.number.startswith(("PD08", "PD7", "PD85", "PD86", "PD87", "PD88", "PD9"))}
    | {"PD521", "PD522"}
    | {"PD640", "PD641", "PD642", "PD643"}  # between the policies of a set
    | {"PD805", *(f"PD{n}" for n in range(812, 819))}
)
#: codes whose page shows no policy, because it would fill the page
TOO_LONG = {"PD524"}
_HEADER = 'policy page "page"\n'
each_code = pytest.mark.parametrize("code", CODES, ids=lambda c: f"{c.number}-{c.name}")


def words(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def test_numbers_and_names_are_given_once() -> None:
    assert len({c.number for c in CODES}) == len(CODES)
    assert len({c.name for c in CODES}) == len(CODES)
    assert all(re.fullmatch(r"PD\d{3}", c.number) and re.fullmatch(r"[A-Z0-9_]+", c.name) for c in CODES)


def test_a_code_is_a_constant_of_its_own_name_and_can_be_found() -> None:
    for code in CODES:
        assert getattr(codes, code.name) is code
        assert codes.find(code.number.lower()) is code
        assert codes.find(code.name.lower()) is code
    assert codes.find("PD000") is None


@each_code
def test_both_languages_state_the_same_facts(code: Code) -> None:
    assert words(code.en) == words(code.zh)
    assert words(code.help_en) == words(code.help_zh)
    assert code.title_en and code.title_zh and code.en and code.zh
    assert bool(code.help_en) == bool(code.help_zh)


@each_code
def test_a_message_is_plain(code: Code) -> None:
    for text in (code.en, code.help_en, code.title_en):
        assert not re.match(r"[A-Z][a-z]", text), text
        assert not text.endswith(".") or text.endswith("…"), text
    for text in (code.zh, code.help_zh, code.title_zh):
        assert not text.endswith(("。", "！", ".")), text
        for banned in ("您", "非法", "错误码", "请输入", "用户"):
            assert banned not in text, text
    for text in (code.en, code.zh, code.help_en, code.help_zh):
        assert text.count("`") % 2 == 0, text


@each_code
def test_a_code_has_its_page(code: Code) -> None:
    page = (PAGES / f"{code.number}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code.number} {code.name}: ")
    assert code.title_zh in page.splitlines()[0] and code.title_en in page.splitlines()[0]


def test_no_page_is_left_of_a_code_that_is_gone() -> None:
    assert {p.stem for p in PAGES.glob("PD*.md")} == {c.number for c in CODES}


def rows(n: int) -> str:
    """A schedule of `n` bands of 100元 each."""
    body = "".join(f"  | {i}00元 to {i + 1}00元 | 60 |\n" for i in range(n))
    return f"input cost: money in 0元 .. {n}00元\ntiers t of cost, marginal\n  | cost | rate (%) |\n{body}"


#: Invisible in print, or too long to print: what provokes each of these codes.
UNPRINTABLE: dict[str, str] = {
    "PD001": "# \u202e turned\nparam a = 1元\n",
    "PD002": "param a\u200bb = 1元\n",
    "PD003": "param р = 1元\n",  # a Cyrillic letter
    "PD004": "param a = 1元 \x07\n",
    "PD008": f"rule a = {'(' * 65}1元{')' * 65}\n",
    "PD009": f"param a = 1元 # {'x' * 4000}\n",
    "PD021": "# a line\n" * 60_000,
    "PD022": "".join(f"param a{i} = 1元\n" for i in range(5001)),
    "PD023": f"param {'a' * 129} = 1元\n",
    "PD024": f'param a "{"x" * 2001}" = 1元\n',
    "PD025": f"rule a = {' + '.join(['1元'] * 300)}\n",
    "PD026": rows(1001),
    "PD033": "param a = 1元\n",
}


@pytest.mark.parametrize("number", UNPRINTABLE)
def test_a_code_that_cannot_be_printed_is_provoked(number: str) -> None:
    text = UNPRINTABLE[number]
    if number != "PD033":
        text = _HEADER + text
    checked = pipeline.check(Source("limit", text))
    assert number in {d.code.number for d in checked.diagnostics}
    assert checked.program is None


@pytest.mark.parametrize(
    "text",
    [
        f"rule a = {'(' * 60}1元{')' * 60}\n",
        f"param {'a' * 128} = 1元\n",
        f'param a "{"x" * 2000}" = 1元\n',
        f"param a = 1元\n# {'x' * 3990}\n",
    ],
)
def test_what_is_just_inside_a_limit_is_accepted(text: str) -> None:
    assert pipeline.check(Source("limit", _HEADER + text)).program is not None


def test_every_code_is_provoked_by_a_case() -> None:
    seen = {number for path in case_files() for number in provoked(path)}
    missing = {c.number for c in CODES} - seen - ELSEWHERE - set(UNPRINTABLE)
    assert not missing, sorted(missing)


_NOTICE = re.compile(r"```notice\n(.*?)^```", re.MULTILINE | re.DOTALL)
_BESIDE = re.compile(r"```beside\n(.*?)^```", re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(r"```pol\n(.*?)^```", re.MULTILINE | re.DOTALL)


@each_code
def test_the_wrong_example_of_a_page_is_wrong_and_the_right_one_right(code: Code) -> None:
    page = (PAGES / f"{code.number}.md").read_text(encoding="utf-8")
    examples = _EXAMPLE.findall(page)
    if not examples:
        assert code.number in ELSEWHERE | TOO_LONG or code.number in UNPRINTABLE
        return
    others = [Source(f"beside-{n}.pol", text) for n, text in enumerate(_BESIDE.findall(page), 1)]
    wrong, right = (
        pipeline.check(
            Source(
                "page",
                text if text.startswith(("polic", "政策")) else _HEADER + text,
                beside=lambda: [("policies", others)],
            )
        )
        for text in examples
    )
    if notice := _NOTICE.search(page):
        wrong, right = (pipeline.with_quotes(c, Source("notice", notice[1])) for c in (wrong, right))
    assert code.number in said(wrong)
    assert not any(is_error(d) for d in right.diagnostics), [d.code.number for d in right.diagnostics]
    assert code.number not in said(right)


def said(checked: pipeline.Checked) -> set[str]:
    """The codes of all that `check` says, with `--verbose` and `--notches` too."""
    every = (*checked.diagnostics, *remarks.remarks(checked), *remarks.notches(checked))
    return {d.code.number for d in every}
