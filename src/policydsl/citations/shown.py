"""How does a notice look with what a policy encodes, leaves out and overlooks? As text, as JSON, as one page."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TypeAlias

from policydsl.citations.coverage import Coverage, Found, Status, Stretch
from policydsl.citations.text import Notice
from policydsl.diagnostics.model import Language
from policydsl.diagnostics.render import visible
from policydsl.source import Source, Span

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | None"

#: The name and version of the form of `as_json`; a change that could break a reader raises the number.
SCHEMA = "policydsl-source/1"

_MARKS: dict[Status, tuple[str, str]] = {
    "encoded": ("【", "】"),
    "waived": ("〈", "〉"),
    "unused": ("★", "★"),
}
_COLOURS: dict[Status, str] = {"encoded": "\x1b[32m", "waived": "\x1b[33m", "unused": "\x1b[1;4;31m"}
_WORDS: dict[Language, dict[Status, str]] = {
    "en": {"encoded": "encoded", "waived": "left out", "unused": "used by nothing"},
    "zh": {"encoded": "已编入", "waived": "不编入", "unused": "未处理"},
}
_PLAIN = "\x1b[0m"


class Covered:
    """A notice, what became of its figures in the policies made from it, and what people call these."""

    def __init__(
        self, coverage: Coverage, notice: Notice, sources: tuple[Source, ...], titles: tuple[str, ...]
    ) -> None:
        self.coverage = coverage
        self.notice = notice
        self.sources = sources
        self.titles = titles

    @property
    def title(self) -> str:
        return "、".join(self.titles)


def as_text(covered: Covered, language: Language, *, colour: bool = False) -> str:
    """The notice with its line numbers and with marks around what is encoded, left out and used by nothing, then
    the figures left out with the reasons, those that nothing uses, and how many there are of each."""
    coverage, notice = covered.coverage, covered.notice
    words = _WORDS[language]
    if colour:
        legend = "  ".join(f"{_COLOURS[s]}{words[s]}{_PLAIN}" for s in words)
    else:
        legend = "  ".join(f"{_MARKS[s][0]}{words[s]}{_MARKS[s][1]}" for s in words)
    out = [f"{visible(covered.title)}  {visible(notice.source.name)}", legend, ""]
    width = len(str(notice.source.text.count("\n") + 1))
    for number, line in enumerate(_lines(coverage, notice.source, colour), 1):
        out.append(f"{number:>{width}} | {line}".rstrip())
    out.append("")
    for status in ("waived", "unused"):
        found = [f for f in coverage.figures if f.status == status]
        if found:
            out.append(f"{words[status]}{'：' if language == 'zh' else ':'}")
            out += [f"  {_told(f, notice.source, language)}" for f in found]
    out.append(summary(coverage, language))
    return "\n".join(out) + "\n"


def summary(coverage: Coverage, language: Language) -> str:
    """`35 figures: 26 encoded, 9 left out`, and how many nothing uses."""
    counts = [(coverage.count(status), word) for status, word in _WORDS[language].items()]
    total = len(coverage.figures)
    if language == "zh":
        return f"共{total}个数：" + "，".join(f"{word}{n}个" for n, word in counts)
    return f"{total} figure{'' if total == 1 else 's'}: " + ", ".join(f"{n} {word}" for n, word in counts)


def _told(found: Found, source: Source, language: Language) -> str:
    figure = found.figure
    line, _ = source.position(figure.start)
    start = max(source.text.rfind("\n", 0, figure.start) + 1, figure.start - 12)
    end = source.text.find("\n", figure.end)
    around = source.text[start : min(len(source.text) if end < 0 else end, figure.end + 8)].strip()
    because = found.because or ""
    clause = found.clause
    if language == "zh":
        place = f"第{line}行" + (f"，条款{clause}" if clause else "")
        return visible(f"{figure.written}（{place}“{around}”）" + (f"：{because}" if because else ""))
    place = f"line {line}" + (f", clause {clause}" if clause else "")
    return visible(f"{figure.written} ({place}, “{around}”)" + (f": {because}" if because else ""))


def _lines(coverage: Coverage, source: Source, colour: bool) -> Iterator[str]:
    out = ""
    for piece, stretch in _pieces(coverage, source):
        parts = piece.split("\n")
        for n, part in enumerate(parts):
            if n:
                yield out
                out = ""
            shown = visible(part.rstrip("\r").replace("\t", "    "))
            if stretch is None or not part.strip():
                out += shown
            elif colour:
                out += f"{_COLOURS[stretch.status]}{shown}{_PLAIN}"
            else:
                left, right = _MARKS[stretch.status]
                out += f"{left}{shown}{right}"
    yield out


def _pieces(coverage: Coverage, source: Source) -> Iterator[tuple[str, Stretch | None]]:
    """The text of the notice from beginning to end, in pieces that are one stretch or none."""
    at = 0
    for stretch in coverage.stretches:
        if stretch.start > at:
            yield source.text[at : stretch.start], None
        yield source.text[stretch.start : stretch.end], stretch
        at = stretch.end
    yield source.text[at:], None


# for programs


def as_json(covered: Covered) -> dict[str, Json]:
    """Every figure of the notice with its place and what became of it, and the passages. Offsets count code points
    from 0, lines and columns from 1; `policy` and `policy_line` say where it is encoded or left out."""
    coverage, notice = covered.coverage, covered.notice
    return {
        "schema": SCHEMA,
        "policies": [source.name for source in covered.sources],
        "text": notice.source.name,
        "digest": notice.digest,
        "figures": [
            {
                "text": f.figure.written,
                **_place(notice.source, f.figure.start, f.figure.end),
                "clause": f.clause,
                "status": f.status,
                **_by(f.by),
                "because": f.because,
            }
            for f in coverage.figures
        ],
        "passages": [
            {**_place(notice.source, s.start, s.end), "status": s.status, **_by(s.by)}
            for s in coverage.stretches
        ],
        "summary": {s: coverage.count(s) for s in _WORDS["en"]},
    }


def _place(source: Source, start: int, end: int) -> dict[str, Json]:
    line, column = source.position(start)
    return {"line": line, "column": column, "start": start, "end": end}


def _by(span: Span | None) -> dict[str, Json]:
    if span is None:
        return {"policy": None, "policy_line": None}
    return {"policy": span.source.name, "policy_line": span.source.position(span.start)[0]}


# one page

_STYLE = """
:root { color-scheme: light dark; --encoded: #d8f0d8; --waived: #f3ead0; --unused: #c62828; --line: #8886 }
@media (prefers-color-scheme: dark) { :root { --encoded: #1f4425; --waived: #4a3f1c; --unused: #ff8a80 } }
body { font: 1rem/1.8 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem; line-height: 1.4 }
.notice { white-space: pre-wrap; overflow-wrap: anywhere; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); padding: 1rem 0 }
.encoded { background: var(--encoded); color: inherit }
.waived { background: var(--waived); color: inherit; text-decoration: underline dotted }
.unused { background: none; color: var(--unused); font-weight: bold; text-decoration: underline wavy }
table { border-collapse: collapse } th, td { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid var(--line) }
@media print { .encoded, .waived { print-color-adjust: exact } }
"""


def as_html(covered: Covered, language: Language) -> str:
    """One self-contained page: the notice with its passages marked, and a table of what is left out or overlooked."""
    coverage, notice, title = covered.coverage, covered.notice, covered.title
    words = _WORDS[language]
    zh = language == "zh"
    body = "".join(
        _mark(piece, stretch) if stretch is not None and piece.strip() else _escaped(piece)
        for piece, stretch in _pieces(coverage, notice.source)
    )
    legend = " · ".join(f'<mark class="{s}">{w}</mark>' for s, w in words.items())
    rows = "".join(
        f"<tr><td>{_escaped(f.figure.written)}</td><td>{notice.source.position(f.figure.start)[0]}</td>"
        f"<td>{words[f.status]}</td><td>{_escaped(f.because or '')}</td></tr>"
        for f in coverage.figures
        if f.status != "encoded"
    )
    heads = ("数", "行", "处理", "理由") if zh else ("figure", "line", "", "because")
    table = f"<table><tr>{''.join(f'<th>{h}</th>' for h in heads)}</tr>{rows}</table>" if rows else ""
    return (
        f'<!doctype html>\n<html lang="{"zh-Hans" if zh else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{_escaped(title)}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{_escaped(title)}</h1>\n"
        f"<p>{_escaped(notice.source.name)} · {summary(coverage, language)}</p>\n<p>{legend}</p>\n"
        f'<div class="notice">{body}</div>\n{table}\n</body></html>\n'
    )


def _mark(piece: str, stretch: Stretch) -> str:
    says = stretch.because or ""
    if stretch.by is not None and not says:
        line = stretch.by.source.position(stretch.by.start)[0]
        says = f"{stretch.by.source.name}:{line}"
    title = f' title="{_escaped(says)}"' if says else ""
    return f'<mark class="{stretch.status}"{title}>{_escaped(piece)}</mark>'


def _escaped(words: str) -> str:
    """Text for a page; what cannot be seen is written as its number."""
    lines = (visible(line.replace("\t", "    ")) for line in words.replace("\r\n", "\n").split("\n"))
    return escape("\n".join(lines))
