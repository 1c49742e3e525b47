"""What does a policy take from its notice? The quotes, figures, labels and waived figures of its declarations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from policydsl.facts import Name, Quote
from policydsl.kinds import Unit
from policydsl.nodes import Node, contents, evolve, fields, node, span_field
from policydsl.printed import Printed, figures
from policydsl.source import Span
from policydsl.syntax import ast


@node
class Use(Node):
    """A figure of a declaration: what it says, the quotes that may hold it, the reasons given beside it.

    `origin` names where it comes from when not from the notice. `of`: in a cell, the words of its column's head
    and of its row, which may name members of categories.
    """

    said: Printed
    quotes: tuple[Quote, ...] = ()
    because: tuple[str, ...] = ()
    origin: str | None = None
    of: tuple[str, ...] = ()
    span: Span = span_field()


@node
class Line(Node):
    """The figures of one row of a table, in the order of its cells; `heads` are the words of all columns."""

    uses: tuple[Use, ...]
    quotes: tuple[Quote, ...]
    heads: tuple[str, ...] = ()
    span: Span = span_field()


@node
class Claim(Node):
    """What one declaration takes from the notice.

    `quotes`: all of them, those of its grounds, rows and arms too. `labels`: its names as people read them,
    in which figures may stand. `implied`: what `up 30元` says of the year before. `has_all`: one payer
    bears all of something.
    """

    quotes: tuple[Quote, ...] = ()
    uses: tuple[Use, ...] = ()
    lines: tuple[Line, ...] = ()
    labels: tuple[str, ...] = ()
    implied: tuple[Printed, ...] = ()
    has_all: bool = False
    span: Span = span_field()


@node
class Label(Node):
    """The label of a member or of a group; `because`: it is the author's own wording."""

    words: str
    because: str | None
    span: Span = span_field()


@node
class Waived(Node):
    """Words of the notice with a figure that is left out, and why."""

    words: str
    because: str
    span: Span = span_field()


@node
class Claims(Node):
    """`text`: the file that holds the notice. `header`: the policy's title, the notice's number and the numbers of
    others that its header names; `days`: the days there."""

    text: str | None
    text_span: Span
    header: tuple[str, ...]
    days: tuple[date, ...]
    claims: tuple[Claim, ...]
    labels: tuple[Label, ...]
    waives: tuple[Waived, ...]

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Every quote with words in it, in the order of the policy."""
        return tuple(q for claim in self.claims for q in claim.quotes if q.words)


def claims(file: ast.File) -> Claims:
    """All that the declarations of a policy take from its notice."""
    made: list[Claim] = []
    labels: list[Label] = []
    waives: list[Waived] = []
    header: ast.Policy | None = None
    for declaration in file.declarations:
        match declaration:
            case ast.Policy():
                header = declaration
                made.append(Claim(declaration.quotes, span=declaration.span))
            case ast.Category():
                made.append(_of_category(declaration))
                labels += _labels(declaration)
            case ast.Waive():
                waives += _waived(declaration)
                made.append(Claim(declaration.quotes, span=declaration.span))
            case ast.Example() | ast.Promise(below=False):
                made.append(Claim(declaration.quotes, span=declaration.span))
            case _:
                made.append(_of_definition(declaration))
    text, span, words, days = _header(header) if header is not None else (None, file.span, (), ())
    return Claims(text, span, words, days, tuple(made), tuple(labels), tuple(waives))


def _header(policy: ast.Policy) -> tuple[str | None, Span, tuple[str, ...], tuple[date, ...]]:
    text: str | None = None
    span = policy.name.span
    words = [policy.name.label or ""]
    days: list[date] = []
    for field in policy.fields:
        found = [w for w in field.words if isinstance(w, str)]
        days += [w.value for w in field.words if isinstance(w, ast.DateFigure) and w.value is not None]
        if field.key == "text" and found:
            text, span = found[0], field.span
        else:
            words += [*found, field.title or ""]
    return text, span, tuple(words), tuple(days)


def _of_category(category: ast.Category) -> Claim:
    names = [category.name, *(m.name for m in category.members), *(g.name for g in category.groups)]
    return Claim(category.quotes, labels=tuple(n.shown for n in names), span=category.span)


def _labels(category: ast.Category) -> Iterator[Label]:
    """The labels for people; a name in ASCII without one is no wording at all."""
    named = [(m.name, m.because) for m in category.members] + [(g.name, g.because) for g in category.groups]
    for name, because in named:
        if not name.shown.isascii():
            yield Label(name.shown, because, span=name.span)


def _waived(waive: ast.Waive) -> Iterator[Waived]:
    start = 0
    for words in waive.figures:
        start = max(waive.span.text.find(words, start), 0)
        place = waive.span.start + start
        yield Waived(words, waive.because, span=Span(waive.span.source, place, place + len(words)))
        start += len(words)


def _of_definition(declaration: ast.Declaration) -> Claim:
    uses: list[Use] = []
    lines: list[Line] = []
    for found in _walk(declaration, (), ()):
        if isinstance(found, Line):
            lines.append(found)
        else:
            uses.append(found)
    name = getattr(declaration, "name", None)
    labels = [name.shown] if isinstance(name, Name) else []
    labels += [g.name.shown for g in getattr(declaration, "grounds", ())]
    return Claim(
        tuple(_quotes(declaration)),
        tuple(uses),
        tuple(lines),
        labels=tuple(labels),
        implied=tuple(year_before(declaration)),
        has_all=isinstance(declaration, ast.Split)
        and any(share.portion.how == "all" for arm in declaration.arms for share in arm.shares),
        span=declaration.span,
    )


def told(file: ast.File) -> Iterator[Printed]:
    """The figures of examples and properties, which repeat what the other declarations say."""
    for declaration in file.declarations:
        if isinstance(declaration, ast.Example) or (
            isinstance(declaration, ast.Promise) and not declaration.below
        ):
            for found in _walk(declaration, (), ()):
                yield from (u.said for u in (found.uses if isinstance(found, Line) else (found,)))


def year_before(declaration: ast.Declaration) -> Iterator[Printed]:
    """What `up 30元` on a figure that is written out says of the year before."""
    if isinstance(declaration, ast.Param) and declaration.rise is not None and declaration.versions:
        value, rise = declaration.versions[-1].value, declaration.rise.figure.value
        if isinstance(value, ast.Figure):
            before = value.value + (rise if declaration.rise.down else -rise)
            yield evolve(_printed(value), value=before, number=before)


def _quotes(thing: object) -> Iterator[Quote]:
    """The quotes of a declaration and of its grounds, arms and rows, its own first."""
    if isinstance(thing, Quote):
        yield thing
    elif isinstance(thing, tuple):
        for each in thing:
            yield from _quotes(each)
    elif isinstance(thing, Node) and not isinstance(thing, _PASSED_OVER):
        yield from getattr(thing, "quotes", ())
        for name in fields(thing):
            if name not in ("quotes", "span"):
                yield from _quotes(getattr(thing, name))


# figures

#: A rounding step and the range of an input are the author's; what is written in words has no figures.
_PASSED_OVER = (ast.Round, ast.InputRange, ast.Because, Quote, Name, ast.Type, ast.Path, ast.Head, Unit)


def _walk(thing: object, quotes: tuple[Quote, ...], because: tuple[str, ...]) -> Iterator[Use | Line]:
    """The figures in a part of a declaration, with the quotes and reasons that stand around them."""
    if isinstance(thing, tuple):
        for each in thing:
            yield from _walk(each, quotes, because)
        return
    if not isinstance(thing, Node) or isinstance(thing, _PASSED_OVER):
        return
    quotes = (*getattr(thing, "quotes", ()), *quotes)
    because = (*_reasons(thing), *because)
    match thing:
        case ast.Figure():
            yield Use(_printed(thing), quotes, because, thing.origin, span=thing.span)
        case ast.DateFigure():
            if thing.value is not None:
                yield Use(day_printed(thing.value), quotes, because, span=thing.span)
        case ast.Portion(how="ratio"):
            said = Printed("ratio", thing.weights[0], thing.weights[0], thing.weights)
            yield Use(said, quotes, because, span=thing.span)
        case ast.Restate():
            yield from _walk(thing.figure, quotes, because)
        case ast.Rows():
            for row in thing.rows:
                yield _line(thing.heads, row, quotes, because)
        case _:
            for part in contents(thing):
                yield from _walk(part, quotes, because)


def _reasons(thing: Node) -> Iterator[str]:
    because = getattr(thing, "because", None)
    if isinstance(because, str):
        yield because
    elif isinstance(because, tuple):
        yield from because
    yield from (c.text for c in getattr(thing, "clauses", ()) if isinstance(c, ast.Because))


def _line(
    heads: Sequence[ast.Head], row: ast.Row, quotes: tuple[Quote, ...], because: tuple[str, ...]
) -> Line:
    """One row; a bare figure counts what the head of its column says. Columns that are only checked do not count."""
    quotes = (*row.quotes, *quotes)
    found: list[Use] = []
    named = tuple(word for cell in row.cells for word in _members(cell))
    for n, cell in enumerate(row.cells):
        head = heads[n] if n < len(heads) else None
        if head is not None and head.check:
            continue
        of = (*named, *_head(head)) if head is not None else named
        for use in _walk(cell, quotes, because):
            if isinstance(use, Use):
                unit = (head.unit or "") if head is not None and use.said.measure == "number" else ""
                said = (_read(f"{use.span.text}{unit}") if unit else None) or use.said
                found.append(evolve(use, said=said, of=() if isinstance(cell, ast.Range) else of))
    words = tuple(word for head in heads if not head.check for word in _head(head))
    return Line(tuple(found), quotes, words, span=row.span)


def _head(head: ast.Head) -> Iterator[str]:
    yield from (w.words[-1] for w in head.words if isinstance(w, ast.Path))


def _members(cell: ast.Cell) -> Iterator[str]:
    """The members that a cell may name."""
    if isinstance(cell, ast.Path | ast.Members):
        yield from (path.words[-1] for path in ([cell] if isinstance(cell, ast.Path) else cell.paths))


def _printed(figure: ast.Figure) -> Printed:
    return _read(figure.written) or Printed("number", figure.value, figure.value)


def _read(written: str) -> Printed | None:
    return next(figures(written), None)


def day_printed(day: date) -> Printed:
    """A day as a notice prints it, with year, month and day."""
    parts = (Fraction(day.year), Fraction(day.month), Fraction(day.day))
    return Printed("calendar", Fraction(0), parts[0], parts)
