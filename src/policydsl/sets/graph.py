"""How do the policies of a set stand to each other? Bars over the days, a row a policy, drawn as text or as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from policydsl.diagnostics.model import Language
from policydsl.sets.references import folded, means
from policydsl.sets.standing import Days, Standing, days_of, places
from policydsl.sets.status import BONDS

_LEFT, _WIDTH, _ROW, _TOP = 220, 640, 46, 46


def text(every: Sequence[Standing], language: Language) -> str:
    """Each policy under its place, with what it rests on below it."""
    zh = language == "zh"
    lines: list[str] = []
    for place in (*places(every), ""):
        own = [s for s in every if folded(s.place) == folded(place)]
        if not own:
            continue
        lines.append(place or ("（未写适用地区）" if zh else "(no place stated)"))
        for n, standing in enumerate(_ordered(own)):
            last = n == len(own) - 1
            lines.append(f"{'└' if last else '├'}─ {standing.key}  {_days(standing, every, zh=zh)}")
            named = standing.header.relations
            for m, relation in enumerate(named):
                to = next((s.key for s in every if means(relation, s.header)), relation.name)
                word = BONDS[relation.bond].zh if zh else BONDS[relation.bond].en
                branch = "└" if m == len(named) - 1 else "├"
                lines.append(f"{' ' if last else '│'}    {branch}─ {word} → {to}")
    return "\n".join(lines) + "\n"


def _days(standing: Standing, every: Sequence[Standing], *, zh: bool) -> str:
    if standing.header.draft:
        return "征求意见稿" if zh else "draft"
    held = days_of(standing, every)
    if held is None:
        return "—"
    last = "…" if held.last == date.max else str(held.last)
    return f"{'…' if held.first == date.min else held.first} – {last}"


def _ordered(own: Sequence[Standing]) -> list[Standing]:
    return sorted(own, key=lambda s: (s.header.effective_from or date.min, s.key))


def svg(every: Sequence[Standing], day: date, language: Language) -> str:
    """The same as a drawing: bars over the days in force, arrows for what rests on what, a line at `day`."""
    rows = [
        s
        for place in (*places(every), "")
        for s in _ordered([s for s in every if folded(s.place) == folded(place)])
    ]
    known = [d for s in rows if (d := _span(s, every)) is not None]
    first = min([d.first for d in known if d.first > date.min] or [day])
    last = max([d.last for d in known if d.last < date.max] or [first])
    first = date(min(first, day).year, 1, 1)
    last = date(max(last, day).year, 12, 31)
    total = (last - first).days + 1

    def x(of: date) -> int:
        inside = min(max(of, first), last)
        return _LEFT + (inside - first).days * _WIDTH // total

    height = _TOP + _ROW * len(rows) + 24
    width = _LEFT + _WIDTH + 30
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="13">',
        '<defs><marker id="to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for year in range(first.year, last.year + 1):
        at = x(date(year, 1, 1))
        out.append(f'<line x1="{at}" y1="24" x2="{at}" y2="{height - 16}" stroke="#ddd"/>')
        out.append(f'<text x="{at + 4}" y="20" fill="#555">{year}</text>')
    for n, standing in enumerate(rows):
        out += _bar(standing, n, every, x)
    for n, standing in enumerate(rows):
        out += _arrows(standing, n, rows, every, x, language)
    at = x(day)
    out.append(f'<line x1="{at}" y1="24" x2="{at}" y2="{height - 16}" stroke="#c00" stroke-dasharray="4 3"/>')
    out.append(f'<text x="{at + 4}" y="{height - 4}" fill="#c00">{day}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def _span(standing: Standing, every: Sequence[Standing]) -> Days | None:
    """The days a bar is drawn for: a draft's too."""
    held = days_of(standing, every)
    if held is None and standing.header.draft and standing.header.effective_from is not None:
        return Days(standing.header.effective_from, standing.header.effective_to or date.max)
    return held


def _bar(standing: Standing, n: int, every: Sequence[Standing], x) -> list[str]:  # type: ignore[no-untyped-def]
    top = _TOP + n * _ROW
    held = _span(standing, every)
    draft = standing.header.draft
    title = escape(standing.header.title)
    out = [
        f'<text x="10" y="{top + 14}">{escape(standing.key)}</text>',
        f'<text x="10" y="{top + 29}" fill="#777" font-size="11">{escape(standing.place)}</text>',
    ]
    if held is not None:
        left, right = x(held.first), x(held.last)
        fill, dash = ("#fff", ' stroke-dasharray="4 3"') if draft else ("#cfe3f7", "")
        out.append(
            f'<rect x="{left}" y="{top}" width="{max(right - left, 2)}" height="20" rx="3" fill="{fill}" '
            f'stroke="#369"{dash}><title>{title}</title></rect>'
        )
    return out


def _arrows(  # type: ignore[no-untyped-def]
    standing: Standing, n: int, rows: Sequence[Standing], every: Sequence[Standing], x, language: Language
) -> list[str]:
    out: list[str] = []
    mine = _span(standing, every)
    for relation in standing.header.relations:
        m = next((i for i, s in enumerate(rows) if means(relation, s.header)), None)
        theirs = _span(rows[m], every) if m is not None else None
        if m is None or mine is None or theirs is None or m == n:
            continue
        start = x(mine.first) + 12
        end = x(min(theirs.last, mine.first - timedelta(1) if mine.first > date.min else mine.first)) - 12
        end = max(end, x(theirs.first) + 12)
        y1, y2 = _TOP + n * _ROW + (0 if m < n else 20), _TOP + m * _ROW + (20 if m < n else 0)
        word = BONDS[relation.bond].zh if language == "zh" else BONDS[relation.bond].en
        out.append(f'<path d="M{start} {y1}L{end} {y2}" stroke="#555" fill="none" marker-end="url(#to)"/>')
        out.append(
            f'<text x="{(start + end) // 2 + 6}" y="{(y1 + y2) // 2 + 4}" font-size="11" fill="#555">{word}</text>'
        )
    return out
