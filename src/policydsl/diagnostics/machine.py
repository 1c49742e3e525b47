"""How do other programs read diagnostics? As our own JSON, as SARIF, as annotations of GitHub Actions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias
from urllib.parse import quote

from policydsl.diagnostics.model import (
    Diagnostic,
    Language,
    Severity,
    message,
    order,
    remedy,
    say,
)
from policydsl.diagnostics.render import count, visible
from policydsl.source import Span

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"

#: The name and version of the form of `as_json`; a change that could break a reader raises the number.
SCHEMA: Final = "policydsl-diagnostics/1"

_SARIF_LEVELS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "note": "note"}
_GITHUB_LEVELS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "note": "notice"}


def as_json(diagnostics: Iterable[Diagnostic], files: int, language: Language) -> dict[str, Json]:
    """All diagnostics in order, with counts. Lines and columns count from 1, in code points; the end is
    not included. A diagnostic of a whole file has no range."""
    found = sorted(diagnostics, key=order)
    errors, warnings, notes = count(found)
    return {
        "schema": SCHEMA,
        "language": language,
        "diagnostics": [_json(d, language) for d in found],
        "summary": {"files": files, "errors": errors, "warnings": warnings, "notes": notes},
    }


def as_sarif(diagnostics: Iterable[Diagnostic], language: Language, version: str) -> dict[str, Json]:
    """A SARIF 2.1.0 log of one run; `version` is the version of policydsl."""
    found = sorted(diagnostics, key=order)
    codes = sorted({d.code.number: d.code for d in found}.values(), key=lambda c: c.number)
    index = {code.number: i for i, code in enumerate(codes)}
    rules: list[Json] = [
        {
            "id": code.number,
            "name": "".join(word.capitalize() for word in code.name.split("_")),
            "shortDescription": {"text": code.title_zh if language == "zh" else code.title_en},
            "defaultConfiguration": {"level": _SARIF_LEVELS[code.severity]},
        }
        for code in codes
    ]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "policydsl", "semanticVersion": version, "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(d, index[d.code.number], language) for d in found],
            }
        ],
    }


def as_github(diagnostics: Iterable[Diagnostic], language: Language) -> str:
    """One workflow command a diagnostic, each on its line."""
    return "".join(f"{_command(d, language)}\n" for d in sorted(diagnostics, key=order))


def _json(diagnostic: Diagnostic, language: Language) -> Json:
    code = diagnostic.code
    return {
        "code": code.number,
        "name": code.name,
        "severity": code.severity,
        "message": message(diagnostic, language),
        "help": remedy(diagnostic, language) or None,
        "file": diagnostic.span.source.name,
        "range": _range(diagnostic.span),
        "labels": [
            {
                "file": label.span.source.name,
                "range": _range(label.span),
                "words": say(label.words, language),
            }
            for label in diagnostic.labels
        ],
        "case": [{"name": name, "value": value} for name, value in diagnostic.case],
    }


def _range(span: Span) -> Json:
    if not span.source.text:
        return None
    ends: list[dict[str, Json]] = []
    for offset in (span.start, span.end):
        line, column = span.source.position(offset)
        ends.append({"line": line, "column": column, "offset": offset})
    return {"start": ends[0], "end": ends[1]}


def _result(diagnostic: Diagnostic, index: int, language: Language) -> Json:
    result: dict[str, Json] = {
        "ruleId": diagnostic.code.number,
        "ruleIndex": index,
        "level": _SARIF_LEVELS[diagnostic.code.severity],
        "message": {"text": _whole(diagnostic, language)},
        "locations": [_location(diagnostic.span)],
    }
    if diagnostic.labels:
        result["relatedLocations"] = [
            {"id": i, **_location(label.span), "message": {"text": say(label.words, language)}}
            for i, label in enumerate(diagnostic.labels, 1)
        ]
    return result


def _location(span: Span) -> dict[str, Json]:
    physical: dict[str, Json] = {"artifactLocation": {"uri": uri(span.source.name)}}
    if span.source.text:
        (line, column), (end_line, end_column) = map(span.source.position, (span.start, span.end))
        physical["region"] = {
            "startLine": line,
            "startColumn": column,
            "endLine": end_line,
            "endColumn": end_column,
        }
    return {"physicalLocation": physical}


def uri(path: str) -> str:
    """The path as a reference of RFC 3986: relative paths stay relative, absolute ones begin with file://."""
    slashed = path.replace(os.sep, "/")
    quoted = quote(slashed.encode("utf-8", "surrogateescape"), safe="/:" if os.path.isabs(path) else "/")
    if os.path.isabs(path):
        return f"file://{'' if quoted.startswith('/') else '/'}{quoted}"
    return quoted


def _command(diagnostic: Diagnostic, language: Language) -> str:
    code, span = diagnostic.code, diagnostic.span
    title = code.title_zh if language == "zh" else code.title_en
    properties = [("file", span.source.name)]
    if span.source.text:
        (line, column), (end_line, end_column) = map(span.source.position, (span.start, span.end))
        properties += [("line", str(line)), ("endLine", str(end_line)), ("col", str(column))]
        if end_line == line:  # columns are refused for a span over several lines
            properties.append(("endColumn", str(max(end_column, column + 1))))
    properties.append(("title", f"{code.number} {title}"))
    written = ",".join(f"{k}={_escape(v, (':', ','))}" for k, v in properties)
    return f"::{_GITHUB_LEVELS[code.severity]} {written}::{_escape(_whole(diagnostic, language))}"


def _escape(words: str, also: Sequence[str] = ()) -> str:
    for character in ("%", "\r", "\n", *also):
        words = words.replace(character, f"%{ord(character):02X}")
    return words


def _whole(diagnostic: Diagnostic, language: Language) -> str:
    """Message, counterexample and remedy as one text of up to three lines."""
    zh = language == "zh"
    lines = [message(diagnostic, language)]
    if diagnostic.case:
        case = ("，" if zh else ", ").join(f"{n} = {v}" for n, v in diagnostic.case)
        lines.append(f"反例：{case}" if zh else f"counterexample: {case}")
    if help_ := remedy(diagnostic, language):
        lines.append(f"改法：{help_}" if zh else f"help: {help_}")
    return visible("\n".join(lines))
