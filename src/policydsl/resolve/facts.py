"""What does the policy know of a case? Its header, categories and inputs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Literal

from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics.model import Label, Words, listed
from policydsl.expressions import Value
from policydsl.facts import Bond, Category, Fact, Group, Header, Member, Name, Relation
from policydsl.kinds import (
    AMOUNT,
    CURRENCIES,
    DAY,
    MONEY,
    NUMBER,
    PURE,
    RATE,
    YES_NO,
    Currency,
    Day,
    Kind,
    MemberOf,
    Quantity,
    SetOf,
    Unit,
    YesNo,
    is_money,
    unit,
)  # fmt: skip
from policydsl.nodes import Span
from policydsl.resolve.scope import Failed, Scope, line_of, near, spellings
from policydsl.resolve.values import Values
from policydsl.syntax import ast
from policydsl.syntax.figures import read_per
from policydsl.syntax.words import choices, meaning

_KINDS: dict[str, Kind] = {
    "money": AMOUNT, "rate": RATE, "number": NUMBER, "count": NUMBER, "date": DAY, "yes_no": YES_NO,
    "persons": Quantity(unit(person=1)), "households": Quantity(unit(household=1)), "cases": Quantity(unit(case=1)),
    "days": Quantity(unit(day=1)), "months": Quantity(unit(month=1)), "years": Quantity(unit(year=1)),
}  # fmt: skip

#: the grain of a rate or a plain number that states none: a figure has up to six decimals
FINE = Fraction(1, 10**6)


# header


def bare_header(name: Name, span: Span) -> Header:
    """A header without fields: what messages need before the real one is read."""
    return Header(
        name,
        name.label or name.written,
        None,
        None,
        False,
        None,
        None,
        None,
        None,
        CURRENCIES["CNY"],
        "last",
        span=span,
    )


def header(scope: Scope, policy: ast.Policy) -> Header:
    fields: dict[str, ast.Field] = {}
    for field in policy.fields:
        if field.key in fields and field.key not in _BONDS:
            scope.report(
                codes.DUPLICATE_NAME, field.span, Label(fields[field.key].span, Words("first here", "先在此处使用")),
                name=field.key, line=line_of(fields[field.key].span),
            )  # fmt: skip
        fields.setdefault(field.key, field)
    effective_from, effective_to = _period(scope, fields.get("effective"))
    draft, issued_on = _issued(scope, fields.get("issued"))
    return Header(
        policy.name,
        policy.name.label or policy.name.written,
        _text(scope, fields.get("document")),
        _text(scope, fields.get("issuer")),
        draft,
        issued_on,
        _text(scope, fields.get("text")),
        effective_from,
        effective_to,
        _currency(scope, fields.get("currency")),
        _month_end(scope, fields.get("month_end")),
        policy.notes,
        fields["effective"].span if "effective" in fields else None,
        _text(scope, fields.get("place")),
        tuple(
            relation
            for field in policy.fields
            if field.key in _BONDS
            for relation in _relations(scope, field)
        ),
        span=policy.span,
    )


#: the lines that name other documents; each may stand several times
_BONDS: dict[str, Bond] = {"amends": "amends", "adopts": "adopts", "under": "under", "replaces": "replaces"}


def _relations(scope: Scope, field: ast.Field) -> Iterator[Relation]:
    if not field.paths:
        _wrong_field(scope, field, Words("the name or number of a document", "政策名称或文号"))
    for path in field.paths:
        yield Relation(_BONDS[field.key], ".".join(path.words), field.title, field.because, span=path.span)


def _text(scope: Scope, field: ast.Field | None) -> str | None:
    if field is None:
        return None
    if len(field.words) == 1 and isinstance(field.words[0], str):
        return field.words[0]
    _wrong_field(scope, field, Words("a text in quotes", "引号中的文字"))
    return None


def _wrong_field(scope: Scope, field: ast.Field, wanted: Words) -> None:
    scope.report(codes.WRONG_FIELD, field.span, field=field.span.text.split()[0], wanted=wanted)


def _day(scope: Scope, figure: ast.DateFigure) -> date | None:
    if figure.value is None:
        scope.report(codes.NO_SUCH_DAY, figure.span, day=figure.written)
    return figure.value


def _period(scope: Scope, field: ast.Field | None) -> tuple[date | None, date | None]:
    if field is None:
        return None, None
    days = [word for word in field.words if isinstance(word, ast.DateFigure)]
    if not days or len(days) != len(field.words):
        _wrong_field(
            scope, field, Words("one day, or two days with `to`", "一个日期，或用“至”连接的两个日期")
        )
        return None, None
    first = _day(scope, days[0])
    last = _day(scope, days[1]) if len(days) > 1 else None
    return first, last


def _issued(scope: Scope, field: ast.Field | None) -> tuple[bool, date | None]:
    if field is None:
        return False, None
    word = field.words[0]
    if isinstance(word, ast.DateFigure):
        return False, _day(scope, word)
    if meaning("states", word) != "draft":
        _wrong_field(scope, field, Words("a day or `draft`", "日期或“征求意见稿”"))
        return False, None
    return True, None


def _currency(scope: Scope, field: ast.Field | None) -> Currency:
    if field is None:
        return CURRENCIES["CNY"]
    word = field.words[0]
    if not isinstance(word, str) or word not in CURRENCIES:
        _wrong_field(scope, field, Words(f"one of {', '.join(CURRENCIES)}", f"{'、'.join(CURRENCIES)}之一"))
        return CURRENCIES["CNY"]
    return CURRENCIES[word]


def _month_end(scope: Scope, field: ast.Field | None) -> Literal["last", "next"]:
    if field is None:
        return "last"
    word = field.words[0]
    state = meaning("states", word) if isinstance(word, str) else None
    if state not in ("last_day", "next_day"):
        _wrong_field(scope, field, Words("`last_day` or `next_day`", "“当月末日”或“次月首日”"))
        return "last"
    return "last" if state == "last_day" else "next"


# categories


def category(scope: Scope, declared: ast.Category) -> Category:
    members: list[Member] = []
    taken: dict[str, Name] = {}
    for member in declared.members:
        if _take(scope, taken, member.name):
            members.append(Member(member.name, member.code, member.because, span=member.span))
    groups: list[Group] = []
    known: dict[str, tuple[str, ...]] = {
        spelling: (m.name.key,) for m in members for spelling in spellings(m.name)
    }
    for group in declared.groups:
        keys: dict[str, None] = {}
        for path in group.members:
            word = ".".join(path.words)
            if word not in known:
                scope.report(
                    codes.UNKNOWN_MEMBER, path.span, name=word, category=declared.name.written, near=near(word, known),
                    members=listed(m.name.written for m in members),
                )  # fmt: skip
            keys.update(dict.fromkeys(known.get(word, ())))
        if _take(scope, taken, group.name):
            groups.append(Group(group.name, tuple(keys), group.because, span=group.span))
            known.update({spelling: tuple(keys) for spelling in spellings(group.name)})
    return Category(
        declared.name, tuple(members), tuple(groups), declared.ordered, declared.quotes, span=declared.span
    )


def _take(scope: Scope, taken: dict[str, Name], name: Name) -> bool:
    for spelling in spellings(name):
        if spelling in taken:
            scope.report(
                codes.DUPLICATE_NAME, name.span, Label(taken[spelling].span, Words("first here", "先在此处使用")),
                name=spelling, line=line_of(taken[spelling].span),
            )  # fmt: skip
            return False
    taken.update(dict.fromkeys(spellings(name), name))
    return True


def check_shadows(scope: Scope) -> None:
    """A member may not have the name of an input or a definition."""
    seen: set[str] = set()
    for category_ in scope.categories.values():
        if category_.name.key in seen:
            continue
        seen.add(category_.name.key)
        for member in category_.members:
            for spelling in spellings(member.name):
                other = scope.names.get(spelling)
                if other is not None and spelling not in scope.categories:
                    scope.report(
                        codes.SHADOWS, member.name.span, Label(other.span, Words("the other", "另一处")),
                        name=spelling, line=line_of(other.span),
                    )  # fmt: skip
                    break


# kinds and inputs


def kind_of(scope: Scope, type_: ast.Type) -> Kind:
    """The kind a type names: a word of the language, or a category."""
    word = ".".join(type_.word.words)
    name = meaning("types", word) if len(type_.word.words) == 1 else None
    category_ = scope.categories.get(word)
    if type_.set_of or name is None:
        if category_ is None:
            known = [*scope.categories]
            scope.report(
                codes.UNKNOWN_WORD, type_.word.span, word=word,
                choices=Words(f"{choices('types').en}; {', '.join(known)}", f"{choices('types').zh}；{'、'.join(known)}"),
            )  # fmt: skip
            raise Failed
        scope.use(category_.name.key)
        return SetOf(category_.name.key) if type_.set_of else MemberOf(category_.name.key)
    kind = _KINDS[name]
    per = PURE
    for dimension in type_.per:
        per = per.times(unit(**{dimension: 1}))
    if type_.unit is not None:
        per = per.times(read_per(type_.unit))
    if per != PURE:
        if not isinstance(kind, Quantity):
            scope.fail(
                codes.WRONG_KIND, type_.span, found=scope.say_kind(kind), wanted=Words("an amount", "数额")
            )
        return Quantity(kind.unit.times(per, -1), kind.percent)
    return kind


def unit_of(scope: Scope, text: str, span: Span) -> tuple[Quantity, Fraction] | None:
    """The kind and the factor of a column head's unit: 元, 万元, %, 元/人·年, 天."""
    word, _, per = text.partition("/")
    factor = Fraction(1)
    for myriad, value in (("万", 10**4), ("萬", 10**4), ("亿", 10**8), ("億", 10**8)):
        if word.startswith(myriad) and len(word) > 1:
            word, factor = word[1:], Fraction(value)
    if word in ("%", "％", "‰"):
        return RATE, Fraction(1, 1000 if word == "‰" else 100)
    base: Unit | None = None
    if word in ("元", "角", "分") and scope.header.currency.code == "CNY":
        base = MONEY
        factor *= {"元": Fraction(1), "角": Fraction(1, 10), "分": Fraction(1, 100)}[word]
    elif word == scope.header.currency.code:
        base = MONEY
    elif (dimension := meaning("dimensions", word)) is not None:
        base = unit(**{dimension: 1})
    if base is None:
        scope.report(codes.UNKNOWN_WORD, span, word=text, choices="元, 万元, %, 元/人·年, 天, 人, 年")
        return None
    return Quantity(base.times(read_per(per), -1) if per else base), factor


def fact(scope: Scope, values: Values, declared: ast.Input) -> Fact:
    kind = kind_of(scope, declared.type)
    grain = default_grain(scope, kind)
    if declared.whole is not None:
        whole = unit_of(scope, declared.whole.words[0], declared.whole.span)
        if whole is not None:
            if not isinstance(kind, Quantity) or not (
                whole[0].unit == kind.unit or (whole[0].unit == MONEY and is_money(kind))
            ):
                scope.fail(
                    codes.GRAIN_UNIT,
                    declared.whole.span,
                    word=declared.whole.words[0],
                    kind=scope.say_kind(kind),
                )
            grain = whole[1]
    low, high = bounds(scope, values, kind, declared.range)
    default: Value = None
    if declared.default is not None:
        default = datum(scope, values, declared.default, kind, declared.type.optional)
    return Fact(
        declared.name, kind, low, high, grain, declared.type.optional, default, declared.default is not None,
        quotes=declared.quotes, notes=(*declared.notes, *declared.because), span=declared.span,
    )  # fmt: skip


def default_grain(scope: Scope, kind: Kind) -> Fraction | None:
    if not isinstance(kind, Quantity):
        return None
    if is_money(kind):
        return scope.header.currency.grain
    return FINE if kind.unit == PURE else Fraction(1)


def bounds(
    scope: Scope, values: Values, kind: Kind, range_: ast.InputRange | None
) -> tuple[Fraction | date | None, Fraction | date | None]:
    """The range of a fact. Amounts and counts that state none are not negative."""
    if range_ is None:
        return (Fraction(0) if isinstance(kind, Quantity) else None), None
    if not isinstance(kind, Quantity | Day):
        scope.fail(
            codes.WRONG_KIND,
            range_.span,
            found=scope.say_kind(kind),
            wanted=Words("an amount or a day", "数额或日期"),
        )
    low = values.constant(range_.low, kind).value
    high = values.constant(range_.high, kind).value if range_.high is not None else None
    assert isinstance(low, Fraction | date) and (high is None or isinstance(high, Fraction | date))
    if high is not None and high < low:  # type: ignore[operator]
        assert range_.high is not None
        scope.report(codes.RANGE_EMPTY, range_.span, low=range_.low.span.text, high=range_.high.span.text)
    return low, high


def datum(
    scope: Scope, values: Values, value: ast.Value | ast.Cell, kind: Kind, optional: bool = False
) -> Value:
    """A value of a case, as an example or a default writes it."""
    if isinstance(value, ast.Nothing) and (optional or isinstance(kind, SetOf)):
        return frozenset() if isinstance(kind, SetOf) else None
    if isinstance(kind, SetOf):
        category_ = scope.categories[kind.category]
        paths = value.paths if isinstance(value, ast.Members) else (value,)
        keys: frozenset[str] = frozenset()
        for path in paths:
            if not isinstance(path, ast.Path):
                scope.fail(
                    codes.WRONG_KIND, path.span, found=Words(f"“{path.span.text}”", f"“{path.span.text}”"),
                    wanted=scope.say_kind(kind),
                )  # fmt: skip
            keys |= values.members(path, category_)
        return keys
    if isinstance(value, ast.Range | ast.Any | ast.NoLimit | ast.Nothing | ast.Members):
        scope.fail(
            codes.WRONG_KIND, value.span, found=Words(f"“{value.span.text}”", f"“{value.span.text}”"),
            wanted=scope.say_kind(kind),
        )  # fmt: skip
    if isinstance(kind, YesNo) and isinstance(value, ast.YesNo):
        return value.value
    return values.constant(value, kind).value
