"""Is the manual true? Its blocks are checked, its keywords are those of the table, its links lead somewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from policydsl import pipeline
from policydsl.diagnostics.model import is_error, message
from policydsl.source import Source

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
MANUAL_ZH = (ROOT / "docs" / "language.zh.md").read_text(encoding="utf-8")
HEADER = 'policy manual "手册"\n'

_BLOCK = re.compile(r"^```pol(?: error (PD[0-9]{3}))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## (.*)$", re.MULTILINE)


def blocks() -> list[tuple[str, str | None, str]]:
    """Each block of both manuals: the section and line it stands in, the code it must yield, its text."""
    found = []
    for manual in (MANUAL, MANUAL_ZH):
        for match in _BLOCK.finditer(manual):
            before = manual[: match.start()]
            section = _HEADING.findall(before)[-1]
            found.append((f"{section}:{before.count(chr(10)) + 1}", match[1], match[2]))
    return found


def checked(text: str) -> pipeline.Checked:
    whole = text if re.search(r"^(policy|政策) ", text, re.MULTILINE) else HEADER + text
    return pipeline.check(Source("manual.pol", whole))


@pytest.mark.parametrize(("where", "code", "text"), blocks(), ids=[b[0] for b in blocks()])
def test_a_block_of_the_manual_is_as_it_says(where: str, code: str | None, text: str) -> None:
    result = checked(text)
    errors = [(d.code.number, message(d, "en")) for d in result.diagnostics if is_error(d)]
    if code is not None:
        assert [number for number, _ in errors] == [code], errors
        return
    assert errors == []
    assert result.program is not None
    failed = [r.example.title for r in pipeline.test(result.program) if not r.passed]
    assert failed == []


def test_every_construct_has_a_block_in_both_languages() -> None:
    """The first spelling of each declaration word begins a line of some block."""
    text = "\n".join(block for _, code, block in blocks() if code is None)
    for languages in _words()["declarations"].values():
        for language in ("en", "zh"):
            spelling = languages[language][0]
            assert re.search(rf"^{spelling}[ \n]", text, re.MULTILINE), spelling


def test_the_table_of_keywords_is_that_of_the_language() -> None:
    written = re.search(r"<!-- keywords -->\n(.*?)<!-- /keywords -->", MANUAL, re.DOTALL)
    assert written is not None
    assert written[1] == keyword_table()


def keyword_table() -> str:
    """The table of the section Keywords, made from grammar/keywords.toml."""
    titles = {
        "declarations": "Declaration words",
        "grounds": "Words for grounds",
        "connectives": "Connectives",
        "fields": "Fields of `policy`",
        "states": "States in the header",
        "types": "Kinds",
        "dimensions": "Dimensions",
        "kinds": "Kinds of schedule",
        "overlaps": "What several rows or grounds make",
        "checks": "Checked columns",
        "findings": "Findings",
        "parts": "Parts of results",
    }
    lines = []
    for section, words in _words().items():
        lines += [f"\n**{titles[section]}**\n", "| English | 简体 | 繁體 |", "|---|---|---|"]
        for languages in words.values():
            zh = languages["zh"]
            cells = (languages.get("en", []), zh, languages.get("hant", zh))
            lines.append("| " + " | ".join(", ".join(spellings) for spellings in cells) + " |")
    return "\n".join(lines) + "\n\n"


def _words() -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads((ROOT / "grammar" / "keywords.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "docs/language.md", "docs/language.zh.md"])
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-")
        for h in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif "://" not in target:
            assert ((ROOT / page).parent / target.split("#")[0]).exists(), target


def test_the_policy_in_the_readme_is_that_of_the_folder() -> None:
    shown = re.search(r"^```text\n(.*?)```$", README, re.MULTILINE | re.DOTALL)
    assert shown is not None
    assert shown[1] in (ROOT / "policies" / "xinzhou" / "2021.pol").read_text(encoding="utf-8")


def consoles() -> list[tuple[str, str]]:
    """The commands of the README and what it says they print."""
    return re.findall(r"^```console\n\$ policydsl (.*)\n((?:.*\n)*?)```$", README, re.MULTILINE)


@pytest.mark.parametrize(("command", "shown"), consoles(), ids=[c[0].split()[0] for c in consoles()])
def test_the_readme_shows_what_the_command_prints(command: str, shown: str, tmp_path: Path) -> None:
    assert printed(command, tmp_path) == shown


def printed(command: str, folder: Path) -> str:
    """What a command of the README prints, in a folder with the policies and the broken copy it speaks of."""
    shutil.copytree(ROOT / "policies", folder / "policies")
    whole = (folder / "policies" / "xinzhou" / "2021.pol").read_text(encoding="utf-8")
    (folder / "xinzhou.pol").write_text(whole.replace("县 44.5元", "县 45.4元"), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "policydsl", *command.split()],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
    )
    return run.stdout
