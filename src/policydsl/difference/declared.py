"""What was added, dropped or changed from one policy to another, declaration by declaration?

A declaration is taken apart into its aspects: the figure of a param, each cell of a table, each share.
Two aspects are the same when they mean the same; how they are written, and in which script, is no
difference. What is shown is what the author wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import TypeAlias, assert_never

from policydsl.amounts import say_day, say_days, say_members, say_name, say_unit, say_value
from policydsl.canonical import Canonical, canonical
from policydsl.diagnostics.model import Words
from policydsl.differences import Declared
from policydsl.expressions import Compare, Finish, Interval, Test, Value
from policydsl.facts import Category, Fact, Header, Name, Quote
from policydsl.kinds import Day, Kind, MemberOf, Quantity, SetOf, YesNo
from policydsl.model import (
    Definition,
    Edition,
    Given,
    Key,
    Param,
    Policy,
    Property,
    Rule,
    Share,
    Split,
    Table,
    Tiers,
)
from policydsl.model import Ground as ModelGround
from policydsl.nodes import Node, Span, node
from policydsl.syntax.words import DECLARATIONS


@node
class Aspect(Node):
    """One thing that a declaration says: what about (nothing: its value), what it means, and as written. Of a cell of
    a schedule also its band as written, and what tells it from the other cells of the band."""

    about: Words
    form: Canonical
    written: Words
    band: Words | None = None
    column: Canonical = None


@node
class Entry(Node):
    """A declaration by what it is matched by, its title, and its aspects by what they are matched by.

    `kin` are looser keys: a declaration that has no match is matched by the first of them, then by the next.
    """

    key: tuple[str, ...]
    word: str
    title: Words
    aspects: Mapping[Canonical, Aspect]
    quotes: tuple[Quote, ...] = ()
    kin: tuple[tuple[str, ...], ...] = ()


_VALUE = Words("", "")
_Aspects: TypeAlias = Iterator[tuple[tuple[Canonical, ...], Aspect]]


def declared(old: Policy, new: Policy, fold: Callable[[str], str] = str) -> Iterator[Declared]:
    """Every declaration that differs: those that changed, those that are new, those that were dropped, each in the
    order of its policy. Titles and numbers of documents are equal when they are once folded by `fold`."""
    before, after = list(_entries(old, fold)), list(_entries(new, fold))
    pairs = _matched(before, after)
    for n, entry in enumerate(after):
        if n in pairs and (details := _details(before[pairs[n]].aspects, entry.aspects)):
            yield Declared("changed", entry.word, entry.title, details, entry.quotes)
    for n, entry in enumerate(after):
        if n not in pairs:
            yield Declared("added", entry.word, entry.title, _details({}, entry.aspects), entry.quotes)
    for n, entry in enumerate(before):
        if n not in pairs.values():
            yield Declared("dropped", entry.word, entry.title, _details(entry.aspects, {}), entry.quotes)


def _matched(before: Sequence[Entry], after: Sequence[Entry]) -> dict[int, int]:
    """Which entry of `before` is which of `after`, by the place in the latter."""
    pairs: dict[int, int] = {}
    most = max((len(e.kin) for e in (*before, *after)), default=0)
    for level in range(most + 1):
        open_: dict[tuple[str, ...], list[int]] = {}
        for n, entry in enumerate(before):
            if n not in pairs.values() and (key := _key(entry, level)) is not None:
                open_.setdefault(key, []).append(n)
        for n, entry in enumerate(after):
            key = _key(entry, level)
            if n not in pairs and key is not None and open_.get(key):
                pairs[n] = open_[key].pop(0)
    return pairs


def _key(entry: Entry, level: int) -> tuple[str, ...] | None:
    if level == 0:
        return entry.key
    return entry.kin[level - 1] if level <= len(entry.kin) else None


def _details(
    old: Mapping[Canonical, Aspect], new: Mapping[Canonical, Aspect]
) -> tuple[tuple[Words, Words, Words], ...]:
    found: list[tuple[Words, Words, Words]] = []
    gone = [aspect for key, aspect in old.items() if key not in new]
    moved = _moved(gone, [aspect for key, aspect in new.items() if key not in old])
    told: set[Words] = set()
    for key, aspect in new.items():
        was = old.get(key)
        band = moved.get(aspect.band) if was is None and aspect.band is not None else None
        if band is not None and aspect.band is not None:
            if band not in told:
                found.append((Words("band", "分段"), band, aspect.band))
                told.add(band)
            was = next((g for g in gone if (g.band, g.column) == (band, aspect.column)), None)
            gone = [g for g in gone if g is not was]
        if was is None:
            found.append((aspect.about, _VALUE, aspect.written))
        elif was.form != aspect.form:
            found.append((aspect.about, was.written, aspect.written))
    found += [(aspect.about, aspect.written, _VALUE) for aspect in gone]
    return tuple(found)


def _moved(gone: Sequence[Aspect], come: Sequence[Aspect]) -> dict[Words, Words]:
    """Which band each new band was before, where as many are gone as have come."""
    before, after = (
        list(dict.fromkeys(a.band for a in every if a.band is not None)) for every in (gone, come)
    )
    return dict(zip(after, before, strict=True)) if len(before) == len(after) else {}


# declarations


def _entries(policy: Policy, fold: Callable[[str], str]) -> Iterator[Entry]:
    yield _entry(("policy",), "policy", _said(policy.header.name), _header(policy.header, fold))
    for category in policy.categories:
        members = ("category", *sorted(member.name.key for member in category.members))
        yield _entry(
            ("category", category.name.key),
            "category",
            _said(category.name),
            _category(category),
            category.quotes,
            kin=(members,),
        )
    for fact in policy.facts:
        if not fact.open and not _implied(fact):
            yield _entry(
                ("input", fact.name.key), "input", _said(fact.name), _fact(policy, fact), fact.quotes
            )
    dated = {e.key: (line.name, e) for line in policy.timelines for e in line.editions}
    picked = {name.key for name, _ in dated.values()} - set(dated)
    for definition in policy.definitions:
        name = definition.name
        if name.key in picked:  # the rule that picks the edition of the day
            continue
        # A split of a share has the name of the whole split.
        path = definition.parent if isinstance(definition, Split) and definition.parent else (name.key,)
        title = _said(name) if path == (name.key,) else _words(".".join(path))
        aspects = _definition(policy, definition)
        kin: tuple[tuple[str, ...], ...] = ()
        if path == (name.key,) and name.key in dated:
            whole, edition = dated[name.key]
            title, aspects = _with_days(whole, edition), chain(_days(edition), aspects)
            kin = (("edition", whole.key),)
        word = _word(definition)
        yield _entry(("definition", *path), word, title, aspects, definition.quotes, kin=kin)
    for given in policy.givens:
        yield _entry(
            ("given", str(canonical(given.condition))), "given", _written(given.condition.span), _given(given)
        )
    for word, properties in (("ensure", policy.ensures), ("require", policy.requires)):
        for found in properties:
            yield _property(word, found)


def _implied(fact: Fact) -> bool:
    """Whether a fact is there because its category is, and says nothing of its own."""
    kind = fact.kind
    own = isinstance(kind, MemberOf) and fact.name.key == kind.category
    return own and not fact.optional and not fact.has_default


def _entry(
    key: tuple[str, ...],
    word: str,
    title: Words,
    aspects: _Aspects,
    quotes: tuple[Quote, ...] = (),
    *,
    kin: tuple[tuple[str, ...], ...] = (),
) -> Entry:
    return Entry(key, word, title, {_frozen(place): aspect for place, aspect in aspects}, quotes, kin)


def _days(edition: Edition) -> _Aspects:
    """The days that one declaration of a dated value is for."""
    form: Canonical = [canonical(edition.start), canonical(edition.end)]
    yield ("days",), Aspect(Words("days", "适用日期"), form, _said_days(edition))


def _said_days(edition: Edition) -> Words:
    return Words(*(say_days(edition.start, edition.end, language) for language in ("en", "zh")))


def _with_days(name: Name, edition: Edition) -> Words:
    own, days = _said(name), _said_days(edition)
    return Words(f"{own.en} ({days.en})", f"{own.zh}（{days.zh}）")


def _frozen(place: tuple[Canonical, ...]) -> Canonical:
    """Something to look up by that is equal for equal places."""
    return repr(place)


def _word(definition: Definition) -> str:
    match definition:
        case Param():
            return "param"
        case Split():
            return "split"
        case Tiers():
            return "tiers"
        case Table():
            return "table"
        case Rule():
            return "rule"
        case _:
            assert_never(definition)


def _header(header: Header, fold: Callable[[str], str]) -> _Aspects:
    for about, value in (
        (Words("title", "标题"), header.title),
        (Words("document number", "文号"), header.document),
        (Words("issuer", "发文机关"), header.issuer),
        (Words("status", "状态"), _DRAFT if header.draft else _ISSUED),
        (Words("in force from", "施行"), header.effective_from),
        (Words("in force to", "施行至"), header.effective_to),
        (Words("currency", "币种"), header.currency.code),
    ):
        if value is not None:
            words = (
                _day(value)
                if isinstance(value, date)
                else value
                if isinstance(value, Words)
                else _words(value)
            )
            yield (about.en,), Aspect(about, fold(words.en), words)


def _day(day: date) -> Words:
    return Words(say_day(day, "en"), say_day(day, "zh"))


_DRAFT, _ISSUED = Words("draft", "征求意见稿"), Words("issued", "已印发")


def _category(category: Category) -> _Aspects:
    yield ("name",), Aspect(Words("name", "名称"), category.name.key, _said(category.name))
    for place, member in enumerate(category.members):
        order: Canonical = str(place) if category.ordered else None
        code = f" “{member.code}”" if member.code is not None else ""
        said = _said(member.name)
        yield (
            ("member", member.name.key),
            Aspect(Words("member", "项"), [member.name.key, member.code, order], _suffixed(said, code)),
        )
    for group in category.groups:
        about = Words(f"group {_said(group.name).en}", f"组“{_said(group.name).zh}”")
        yield (
            ("group", group.name.key),
            Aspect(about, [*sorted(group.members)], _members(group.members, category.name.key, (category,))),
        )


def _fact(policy: Policy, fact: Fact) -> _Aspects:
    yield ("kind",), Aspect(Words("kind", "种类"), canonical(fact.kind), _kind(policy, fact.kind))
    for about, bound in ((Words("from", "最低"), fact.low), (Words("to", "最高"), fact.high)):
        if bound is not None:
            yield (about.en,), Aspect(about, canonical(bound), _value(policy, bound, fact.kind))
    if fact.grain is not None:
        grain = _value(policy, fact.grain, fact.kind)
        yield ("grain",), Aspect(Words("in steps of", "最小单位"), canonical(fact.grain), grain)
    if fact.optional:
        yield ("optional",), Aspect(_VALUE, True, Words("may not exist", "可无"))
    if fact.has_default:
        about = Words("when not given", "未填时")
        yield ("default",), Aspect(about, canonical(fact.default), _value(policy, fact.default, fact.kind))


def _given(given: Given) -> _Aspects:
    yield ("condition",), Aspect(_VALUE, canonical(given.condition), _written(given.condition.span))


def _property(word: str, found: Property) -> Entry:
    """A promise is matched by what it is about, so that a bound that moved is one that changed."""
    holds = found.holds
    aspect = Aspect(_VALUE, canonical(found), _promised(found))
    aspects: _Aspects = iter([(("it",), aspect)])
    if not isinstance(holds, Compare):
        key: tuple[str, ...] = (word, repr(aspect.form))
        return _entry(key, word, aspect.written, aspects, found.quotes)
    about, order = repr(canonical(holds.left)), holds.op
    key = (word, about, order, repr(canonical(found.when)))
    kin = ((word, about, order), (word, about))
    return _entry(key, word, _written(holds.left.span), aspects, found.quotes, kin=kin)


def _promised(found: Property) -> Words:
    """What a promise says, without its first word and its reason."""
    parts = [e.span for e in (found.holds, found.when) if e is not None]
    end = max((span.end for span in parts), default=found.span.end)
    text = " ".join(found.span.source.text[found.span.start : end].split())
    for spelling in sorted(DECLARATIONS, key=len, reverse=True):
        text = text.removeprefix(spelling)
    return _words(text.strip())


# definitions


def _definition(policy: Policy, definition: Definition) -> _Aspects:
    match definition:
        case Param():
            yield from _param(policy, definition)
        case Split():
            yield from _split(policy, definition)
        case Tiers():
            yield from _tiers(policy, definition)
        case Table():
            yield from _table(policy, definition)
        case Rule():
            yield from _rule(definition)
        case _:
            assert_never(definition)
    yield from _finish(definition.finish if not isinstance(definition, Split) else ())


def _param(policy: Policy, param: Param) -> _Aspects:
    if param.open:
        yield ("value", None), Aspect(_VALUE, "open", Words("set by another document", "另行规定"))
    for version in param.versions:
        about = _VALUE if version.start is None else Words(f"from {version.start}", f"自{version.start}起")
        yield (
            ("value", canonical(version.start)),
            Aspect(about, canonical(version.value), _written(version.value.span)),
        )
    for about, bound in ((Words("from", "最低"), param.low), (Words("to", "最高"), param.high)):
        if bound is not None:
            yield (about.en,), Aspect(about, canonical(bound), _value(policy, bound, param.kind))


def _split(policy: Policy, split: Split) -> _Aspects:
    if split.total is not None:
        yield ("total",), Aspect(Words("of", "总额"), canonical(split.total), _written(split.total.span))
    for arm in split.arms:
        where = _tests(policy, split.keys, arm.tests)
        yield from _shares(canonical(arm.tests), where, arm.shares)
    if split.rounding is not None:
        written = _written(split.rounding.span)
        yield ("round",), Aspect(Words("rounding", "取整"), canonical(split.rounding), written)


def _shares(arm: Canonical, where: Words, shares: Iterable[Share], above: str = "") -> _Aspects:
    for share in shares:
        payer = _said(share.payer)
        about = _joined(where, Words(f"{above}{payer.en}", f"{above}{payer.zh}"))
        written = _written(share.portion.span)
        yield ("share", arm, above, share.payer.key), Aspect(about, canonical(share.portion), written)
        yield from _shares(arm, where, share.parts, f"{above}{share.payer.key}.")


def _tiers(policy: Policy, tiers: Tiers) -> _Aspects:
    yield ("amount",), Aspect(Words("of", "计算基数"), canonical(tiers.amount), _written(tiers.amount.span))
    mode = _MODES.get(tiers.mode or "", Words("not said", "未写明"))
    yield ("mode",), Aspect(Words("way of computing", "计算方式"), tiers.mode, mode)
    for band in tiers.bands:
        interval = _written(band.interval.span)
        for column, cell in zip(tiers.columns, band.cells, strict=True):
            about = _joined(interval, _tests(policy, tiers.keys, column.tests))
            yield (
                ("cell", _interval(band.interval), canonical(column.tests)),
                Aspect(
                    about,
                    canonical(cell),
                    _cell(cell.span, percent=column.percent_head),
                    interval,
                    canonical(column.tests),
                ),
            )
    if tiers.continuous:
        yield ("continuous",), Aspect(_VALUE, True, Words("bands continuous", "各段连续"))
    if tiers.cap is not None:
        yield (
            ("cap",),
            Aspect(Words("cap", "封顶线"), canonical(tiers.cap.bound), _written(tiers.cap.bound.span)),
        )


_MODES = {
    "marginal": Words("marginal", "超额累进"),
    "slab": Words("slab", "全额累进"),
    "interpolated": Words("interpolated", "插值"),
}


def _table(policy: Policy, table: Table) -> _Aspects:
    for row in table.rows:
        where = _tests(policy, table.keys, row.tests)
        for name, kind, result in zip(table.results, table.kinds, row.results, strict=True):
            about = where if len(table.results) == 1 else _joined(where, _said(name))
            constant = getattr(result, "value", None)
            written = _value(policy, constant, kind) if constant is not None else _written(result.span)
            yield ("cell", canonical(row.tests), name.key), Aspect(about, canonical(result), written)
    yield from _overlap(table.overlap)


def _rule(rule: Rule) -> _Aspects:
    yield ("base",), Aspect(_VALUE, canonical(rule.base), _written(rule.base.span))
    yield from _grounds(rule.grounds)
    yield from _overlap(rule.overlap)


def _grounds(grounds: Iterable[ModelGround]) -> _Aspects:
    for ground in grounds:
        name = _said(ground.name)
        about = Words(f"ground {name.en}", f"情形“{name.zh}”")
        form = [canonical(ground.when), canonical(ground.value), ground.exempt]
        when, value = _written(ground.when.span), _written(ground.value.span)
        written = Words(f"when {when.en}: {value.en}", f"当 {when.zh}：{value.zh}")
        if ground.exempt:
            written = Words(f"exempt when {when.en}", f"免除，当 {when.zh}")
        yield ("ground", ground.name.key), Aspect(about, form, written)
        yield from _grounds(ground.inner)


def _overlap(overlap: str | None) -> _Aspects:
    if overlap is not None:
        yield ("overlap",), Aspect(Words("when several apply", "同时符合"), overlap, _OVERLAPS[overlap])


_OVERLAPS = {
    "first": Words("the first", "按先后次序"),
    "greatest": Words("the greatest", "就高"),
    "least": Words("the least", "就低"),
    "sum": Words("the sum", "累加"),
    "count": Words("their number", "计数"),
}


def _finish(lines: Sequence[Finish]) -> _Aspects:
    for place, line in enumerate(lines):
        yield ("finish", str(place)), Aspect(_VALUE, canonical(line), _written(line.span))


# words


def _words(text: str) -> Words:
    return Words(text, text)


def _said(name: Name) -> Words:
    return Words(say_name(name, "en"), say_name(name, "zh"))


def _suffixed(words: Words, text: str) -> Words:
    return Words(words.en + text, words.zh + text)


def _joined(first: Words, second: Words) -> Words:
    if not first.en:
        return second
    return Words(f"{first.en}, {second.en}", f"{first.zh}，{second.zh}")


def _written(span: Span) -> Words:
    """What the author wrote, on one line."""
    return _words(" ".join(span.text.split()))


def _cell(span: Span, *, percent: bool) -> Words:
    """A cell as written; a bare figure under a head of （%） with its sign."""
    text = " ".join(span.text.split())
    return _words(f"{text}%" if percent and not text.endswith(("%", "％")) else text)


def _value(policy: Policy, value: Value, kind: Kind) -> Words:
    currency = policy.header.currency
    en, zh = (
        say_value(value, kind, currency=currency, categories=policy.categories, language=language, plain=True)
        for language in ("en", "zh")
    )
    return Words(en, zh)


def _kind(policy: Policy, kind: Kind) -> Words:
    match kind:
        case MemberOf() | SetOf():
            name = _said(next(c.name for c in policy.categories if c.name.key == kind.category))
            several = isinstance(kind, SetOf)
            return Words(f"set of {name.en}", f"多选 {name.zh}") if several else name
        case Quantity():
            if not kind.unit.powers:
                return Words("a rate", "比例") if kind.percent else Words("a number", "数值")
            currency = policy.header.currency
            return Words(say_unit(kind.unit, currency, "en"), say_unit(kind.unit, currency, "zh"))
        case Day():
            return Words("a date", "日期")
        case YesNo():
            return Words("yes/no", "是否")
        case _:
            assert_never(kind)


def _members(keys: Iterable[str], category: str, categories: Sequence[Category]) -> Words:
    chosen = tuple(keys)
    return Words(
        say_members(chosen, category, categories, "en"), say_members(chosen, category, categories, "zh")
    )


def _interval(interval: Interval) -> Canonical:
    return [canonical(interval.low), interval.low_closed, canonical(interval.high), interval.high_closed]


def _tests(policy: Policy, keys: Sequence[Key], tests: Sequence[Test]) -> Words:
    """The members and ranges that a row or an arm is for; nothing when it is for all."""
    said = _VALUE
    for key, test in zip(keys, tests, strict=True):
        match test:
            case None:
                continue
            case Interval():
                said = _joined(said, _written(test.span))
            case _:
                if key.category is None:
                    words = Words("yes", "是") if "yes" in test else Words("no", "否")
                else:
                    words = _members(test, key.category, policy.categories)
                said = _joined(said, words)
    return said
