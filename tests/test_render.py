"""Does a diagnostic show what it should, and under the right words?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from policydsl.diagnostics import machine, render
from policydsl.diagnostics.model import Code, Diagnostic, Label, Words
from policydsl.source import Source, Span

GAP = Code(
    "PD401", "BAND_GAP", "error", "a gap between bands", "两段之间有空缺",
    "nothing covers {amount}", "{amount}不属于任何一段", "add the line `bands continuous`", "加一行 `各段连续`",
)  # fmt: skip
HINT = Code("PD499", "HINT", "note", "a hint", "提示", "look here", "请看这里")


def diagnostic(
    text: str, words: str, *, name: str = "a.pol", code: Code = GAP, labels: tuple[Label, ...] = ()
) -> Diagnostic:
    return Diagnostic(code, span(text, words, name), {"amount": "100000.50元"}, labels)


def span(text: str, words: str, name: str = "a.pol") -> Span:
    start = text.index(words)
    return Span(Source(name, text), start, start + len(words))


def caret_line(rendered: str) -> str:
    return next(line for line in rendered.splitlines() if "^" in line)


def test_a_diagnostic_has_message_place_line_carets_counterexample_and_remedy() -> None:
    text = "policy a\nrule b = 61%\n"
    d = Diagnostic(GAP, span(text, "61%"), {"amount": "100000.50元"}, case=(("cost", "1元"), ("city", "甲")))
    assert render.one(d, "en") == (
        "error[PD401]: nothing covers 100000.50元\n"
        "  --> a.pol:2:10\n"
        "  |\n"
        "2 | rule b = 61%\n"
        "  |          ^^^\n"
        "  = counterexample: cost = 1元, city = 甲\n"
        "  = help: add the line `bands continuous`"
    )
    assert render.one(d, "zh") == (
        "错误[PD401]：100000.50元不属于任何一段\n"
        "  --> a.pol:2:10\n"
        "  |\n"
        "2 | rule b = 61%\n"
        "  |          ^^^\n"
        "  = 反例：cost = 1元，city = 甲\n"
        "  = 改法：加一行 `各段连续`"
    )


@pytest.mark.parametrize(
    ("line", "words", "indent", "length"),
    [
        ("中央 60%", "60%", 5, 3),  # two wide characters are four cells, and one space
        ("其中市级26元", "市级", 4, 4),
        ("（山区）9∶1", "山区", 2, 4),  # full-width brackets are wide, ∶ stands after the span
        ("e\u0301t = 5", "t", 1, 1),  # a combining accent takes no cell
        ("\tx", "x", 4, 1),  # a tab goes on to the next multiple of four
        ("ab\tx", "x", 4, 1),
        ("ｱ = 5元", "5元", 4, 3),  # half-width katakana are narrow
    ],
)
def test_carets_stand_under_the_cells_of_the_words(line: str, words: str, indent: int, length: int) -> None:
    drawn = caret_line(render.one(diagnostic(line, words), "en"))
    assert drawn == "  | " + " " * indent + "^" * length


def test_characters_that_cannot_be_seen_are_written_as_their_number() -> None:
    rendered = render.one(diagnostic("a\u202eb\u200b = 61%", "61%"), "en")
    assert "1 | a<U+202E>b<U+200B> = 61%" in rendered
    # a + <U+202E> + b + <U+200B> + " = " are 1 + 8 + 1 + 8 + 3 cells
    assert caret_line(rendered) == "  | " + " " * 21 + "^^^"
    assert "\u202e" not in rendered


def test_a_name_in_a_message_cannot_turn_the_line_around() -> None:
    d = Diagnostic(GAP, span("x", "x"), {"amount": "a\u202eb\x1b[31m"})
    rendered = render.one(d, "en")
    assert "a<U+202E>b<U+001B>[31m" in rendered
    assert "\x1b" not in rendered


def test_a_long_line_is_cut_around_the_words() -> None:
    text = "前" * 2000 + "61%" + "后" * 2000
    rendered = render.one(diagnostic(text, "61%"), "en")
    shown = rendered.splitlines()[3]
    assert shown.startswith("1 | …前")
    assert shown.endswith("后…")
    assert render.cells(shown) <= render.WIDTH + 6
    before = shown.removeprefix("1 | ").split("61%")[0]
    assert caret_line(rendered) == "  | " + " " * (1 + 2 * (len(before) - 1)) + "^^^"


def test_a_place_at_the_end_of_the_file_still_has_a_caret() -> None:
    text = "policy a"
    d = Diagnostic(GAP, Span(Source("a.pol", text), len(text), len(text)), {"amount": "x"})
    assert caret_line(render.one(d, "en")) == "  |         ^"


def test_a_span_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    assert caret_line(render.one(diagnostic("rule b\n  = 5\n", "b\n  = 5"), "en")) == "  |      ^"


def test_labels_are_shown_with_their_lines_in_the_order_of_the_text() -> None:
    text = "a 1\nb 2\nc 3\n"
    source = Source("a.pol", text)
    labels = (
        Label(Span(source, 8, 9), Words("third", "第三")),
        Label(Span(source, 0, 1), Words("first", "第一")),
        Label(Span(source, 6, 7), Words("same line", "同一行")),
    )
    d = Diagnostic(GAP, Span(source, 4, 5), {"amount": "x"}, labels)
    assert render.one(d, "zh").splitlines()[1:-1] == [
        "  --> a.pol:2:1",
        "  |",
        "2 | b 2",
        "  | ^",
        "1 | a 1",
        "  | - 第一",
        "2 | b 2",
        "  |   - 同一行",
        "3 | c 3",
        "  | - 第三",
    ]


def test_a_label_in_another_file_names_the_file() -> None:
    label = Label(span("other", "other", "b.pol"), Words("here", "此处"))
    assert "  ::: b.pol:1\n1 | other\n  | ----- here" in render.one(
        diagnostic("x", "x", labels=(label,)), "en"
    )


def test_a_diagnostic_without_text_is_one_line_with_the_file_and_the_remedy() -> None:
    d = Diagnostic(GAP, Span(Source("政策.pol", ""), 0, 0), {"amount": "空文件"})
    assert render.one(d, "zh") == "错误[PD401]：政策.pol：空文件不属于任何一段。改法：加一行 `各段连续`"
    assert render.one(d, "en") == (
        "error[PD401]: 政策.pol: nothing covers 空文件; help: add the line `bands continuous`"
    )


def test_colour_changes_nothing_but_the_escape_sequences() -> None:
    import re

    d = diagnostic("中央 60%", "60%", labels=(Label(span("中央 60%", "中央"), Words("a", "b")),))
    coloured = render.one(d, "zh", colour=True)
    assert "\x1b[1;31m错误[PD401]\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render.one(d, "zh")


def test_diagnostics_come_sorted_by_file_then_place() -> None:
    text = "abc"
    found = [diagnostic(text, "c"), diagnostic(text, "a"), diagnostic(text, "b", name="0.pol")]
    places = [line.split()[1] for line in render.text(found, "en").splitlines() if "-->" in line]
    assert places == ["0.pol:1:2", "a.pol:1:1", "a.pol:1:3"]


def test_the_summary_counts_what_there_is() -> None:
    assert render.summary((0, 0, 0), 1, "en") == "checked 1 file: no problems"
    assert render.summary((1, 2, 0), 3, "en") == "checked 3 files: 1 error, 2 warnings"
    assert render.summary((0, 0, 0), 5, "zh") == "检查了5个文件：没有问题"
    assert render.summary((2, 0, 1), 5, "zh") == "检查了5个文件：2个错误、1个提示"


# for programs


def both() -> list[Diagnostic]:
    text = "一 1\n二 2\n"
    source = Source("政策/a b.pol", text)
    label = Label(Span(source, 0, 1), Words("here", "此处"))
    first = Diagnostic(GAP, Span(source, 4, 7), {"amount": "x,y:z%\n"}, (label,), (("cost", "1元"),))
    return [first, Diagnostic(HINT, Span(source, 2, 3))]


def test_json_names_its_schema_and_counts_columns_in_code_points() -> None:
    report = machine.as_json(both(), 1, "zh")
    assert report["schema"] == "policydsl-diagnostics/1"
    assert report["summary"] == {"files": 1, "errors": 1, "warnings": 0, "notes": 1}
    found: Any = report["diagnostics"]
    assert [d["code"] for d in found] == ["PD499", "PD401"]
    assert found[1]["range"] == {
        "start": {"line": 2, "column": 1, "offset": 4},
        "end": {"line": 2, "column": 4, "offset": 7},
    }
    assert found[1]["case"] == [{"name": "cost", "value": "1元"}]
    assert found[1]["labels"][0]["words"] == "此处"
    assert found[0]["help"] is None
    assert json.loads(json.dumps(report)) == report


#: The parts of the SARIF 2.1.0 schema that our log uses, with what the standard requires of each.
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "additionalProperties": False,
    "$defs": {
        "message": {
            "type": "object",
            "required": ["text"],
            "properties": {"text": {"type": "string", "minLength": 1}},
            "additionalProperties": False,
        },
        "run": {
            "type": "object",
            "required": ["tool"],
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "properties": {
                        "driver": {
                            "type": "object",
                            "required": ["name"],
                            "properties": {
                                "name": {"type": "string"},
                                "semanticVersion": {"type": "string"},
                                "rules": {
                                    "type": "array",
                                    "uniqueItems": True,
                                    "items": {"$ref": "#/$defs/rule"},
                                },
                            },
                            "additionalProperties": False,
                        }
                    },
                    "additionalProperties": False,
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
            "additionalProperties": False,
        },
        "rule": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string"},
                "name": {"type": "string"},
                "shortDescription": {"$ref": "#/$defs/message"},
                "defaultConfiguration": {
                    "type": "object",
                    "properties": {"level": {"$ref": "#/$defs/level"}},
                    "additionalProperties": False,
                },
            },
            "additionalProperties": False,
        },
        "level": {"enum": ["none", "note", "warning", "error"]},
        "result": {
            "type": "object",
            "required": ["message"],
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": -1},
                "level": {"$ref": "#/$defs/level"},
                "message": {"$ref": "#/$defs/message"},
                "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
                "relatedLocations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
            },
            "additionalProperties": False,
        },
        "location": {
            "type": "object",
            "properties": {
                "id": {"type": "integer", "minimum": -1},
                "message": {"$ref": "#/$defs/message"},
                "physicalLocation": {
                    "type": "object",
                    "required": ["artifactLocation"],
                    "properties": {
                        "artifactLocation": {
                            "type": "object",
                            "properties": {"uri": {"type": "string", "pattern": "^[!-~]+$"}},
                            "additionalProperties": False,
                        },
                        "region": {
                            "type": "object",
                            "properties": {
                                key: {"type": "integer", "minimum": 1}
                                for key in ("startLine", "startColumn", "endLine", "endColumn")
                            },
                            "additionalProperties": False,
                        },
                    },
                    "additionalProperties": False,
                },
            },
            "additionalProperties": False,
        },
    },
}


def test_sarif_has_the_form_that_the_standard_asks_for() -> None:
    import jsonschema

    whole_file = Diagnostic(GAP, Span(Source("x.pol", ""), 0, 0), {"amount": "x"})
    log = machine.as_sarif([*both(), whole_file], "en", "1.0.0")
    jsonschema.validate(log, SARIF)
    jsonschema.validate(machine.as_sarif([], "en", "1.0.0"), SARIF)
    run: Any = log["runs"][0]  # type: ignore[index]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["PD401", "PD499"]
    assert [rules[r["ruleIndex"]] == r["ruleId"] for r in run["results"]] == [True] * 3
    place = run["results"][2]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 4}
    # 政 is E6 94 BF and 策 is E7 AD 96 in UTF-8
    assert place["artifactLocation"]["uri"] == "%E6%94%BF%E7%AD%96/a%20b.pol"


def test_an_absolute_path_becomes_a_file_uri() -> None:
    assert machine.uri("/a b/c.pol") == "file:///a%20b/c.pol"


def test_github_commands_escape_what_would_end_them() -> None:
    note, error = machine.as_github(both(), "en").splitlines()
    assert (
        note == "::notice file=政策/a b.pol,line=1,endLine=1,col=3,endColumn=4,title=PD499 a hint::look here"
    )
    assert error == (
        "::error file=政策/a b.pol,line=2,endLine=2,col=1,endColumn=4,title=PD401 a gap between bands::"
        "nothing covers x,y:z%25%0A%0Acounterexample: cost = 1元%0Ahelp: add the line `bands continuous`"
    )
    named = diagnostic("x", "x", name="a,b:c%.pol")
    assert machine.as_github([named], "en").startswith("::error file=a%2Cb%3Ac%25.pol,line=1")
