"""Does each case file say what the compiler says? Policies in Markdown, with what is expected of them.

A case is a title (a fact), prose, and for each ```pol block a block after it:

```expect
PD304 at "91元": zh "合计581元" en "1元 above"
```

one line for every problem that is reported, with the text it is reported at (`…` at the end stands
for the rest) and words that its message or remedy holds; or `no problems`. A line that begins with
`perhaps` is about what follows from another problem and need not be reported. A ```run block has lines
`OUTPUT NAME=VALUE … = ANSWER` for the policy before it. Blocks `remarks` and `notches` are like
`expect`, for what `check --verbose` and `check --notches` add. A block `notice` before a policy is the text that its
quotes are compared with, a block `beside` another policy of its set. Expectations are written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from policydsl import caseinput, pipeline, results
from policydsl.diagnostics.model import Diagnostic, Language, is_error, message, remedy
from policydsl.expressions import Value
from policydsl.ir import Program
from policydsl.source import Source
from policydsl.tasks import remarks

CASES = Path(__file__).parent / "cases"
_BLOCK = re.compile(
    r"^```(notice|beside|pol|expect|remarks|notches|run)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
_EXPECTED = re.compile(r'(PD\d{3}) at "(.*?)"(?:: ((?:en|zh) ".*"))?')
_WORDS = re.compile(r'(en|zh) "([^"]*)"')
_RUN = re.compile(r"(\S+)\s*(.*?)\s*=\s*([^=]*)")


def case_files() -> list[Path]:
    return sorted(CASES.rglob("*.md"))


def blocks(path: Path) -> list[tuple[str, str]]:
    """The blocks of a case file: their kind and their text."""
    return [(kind, text) for kind, text in _BLOCK.findall(path.read_text(encoding="utf-8"))]


def provoked(path: Path) -> Iterator[str]:
    """The numbers of the codes that a case expects."""
    for kind, text in blocks(path):
        if kind in ("expect", "remarks", "notches"):
            yield from (found[1] for line in text.splitlines() if (found := _EXPECTED.fullmatch(line)))


@pytest.mark.parametrize("path", case_files(), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_case_is_reported_as_it_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(r"# \S", text), "a case begins with its title"
    found = blocks(path)
    assert found and found[0][0] in ("pol", "notice", "beside"), "a case has a policy"
    checked: pipeline.Checked | None = None
    notice: Source | None = None
    others: list[Source] = []
    for kind, block in found:
        if kind == "notice":
            notice = Source("notice.txt", block)
        elif kind == "beside":
            others.append(Source(f"beside-{len(others) + 1}.pol", block))
        elif kind == "pol":
            checked = pipeline.check(Source(path.name, block, beside=lambda: [("policies", others)]))
            if notice is not None:
                checked = pipeline.with_quotes(checked, notice)
        else:
            assert checked is not None
            if kind == "expect":
                expect(checked, block.strip().splitlines())
            elif kind in ("remarks", "notches"):
                more = remarks.remarks(checked) if kind == "remarks" else remarks.notches(checked)
                reported(list(more), block.strip().splitlines())
            else:
                assert checked.program is not None, shown(checked.diagnostics)
                for line in block.strip().splitlines():
                    answer(checked.program, line)


def shown(diagnostics: Iterable[Diagnostic]) -> str:
    """What was reported, in the form of an `expect` block."""
    return "\n".join(
        f'{d.code.number} at "{d.span.text}": zh "{message(d, "zh")}" en "{message(d, "en")}"'
        for d in diagnostics
    )


def expect(checked: pipeline.Checked, lines: list[str]) -> None:
    """Every line is reported, and nothing else is."""
    reported(list(checked.diagnostics), lines)
    assert (checked.program is None) == any(map(is_error, checked.diagnostics))


def reported(left: list[Diagnostic], lines: list[str]) -> None:
    """Every line is among these, and nothing else is."""
    every = shown(left)
    for line in lines if lines != ["no problems"] else []:
        parsed = _EXPECTED.fullmatch(line.removeprefix("perhaps "))
        assert parsed, f"not understood: {line}"
        number, place, words = parsed.groups()
        same = [d for d in left if d.code.number == number and stands_at(d, place)]
        if not same and line.startswith("perhaps "):
            continue
        assert same, f"not reported: {line}\nreported:\n{every}"
        language: Language
        for language, part in _WORDS.findall(words or ""):
            said = f"{message(same[0], language)} {remedy(same[0], language)}"
            assert part in said, f"{part} is not in: {said}"
        left.remove(same[0])
    assert not left, f"reported and not expected:\n{shown(left)}"


def stands_at(diagnostic: Diagnostic, place: str) -> bool:
    text = diagnostic.span.text
    return text.startswith(place[:-1]) if place.endswith("…") else text == place


def answer(program: Program, line: str) -> None:
    """`payout cost=150000 city=guyuan = 96080.00元`; a part is written `funding.central`."""
    parsed = _RUN.fullmatch(line)
    assert parsed, f"not understood: {line}"
    name, given, wanted = parsed.groups()
    output, _, part = name.partition(".")
    definition = caseinput.find_output(program, output)
    assert definition is not None, f"no output {output}"
    facts: dict[str, Value] = {}
    for pair in given.split():
        key, _, value = pair.partition("=")
        fact = caseinput.find_fact(program, key)
        assert fact is not None, f"no input {key}"
        facts[fact.name.key] = caseinput.read_value(program, fact, value)
    trace = pipeline.run(program, facts, (definition.name.key,))
    said = results.as_json(program, trace.step(definition.name.key))
    if part:
        assert isinstance(said, dict)
        said = said[part]
    elif isinstance(said, dict):
        said = said["value"]
    assert str(said).lower() == wanted.removesuffix("元").lower(), line
