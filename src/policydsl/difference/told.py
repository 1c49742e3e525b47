"""How is a difference between two policies told? Line by line for people, and as an object for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any

from policydsl.amounts import say_days, say_decimal, say_interval, say_members, say_name, say_value
from policydsl.diagnostics.model import Language, Words
from policydsl.diagnostics.render import cells
from policydsl.difference.cases import total
from policydsl.differences import Answers, Change, Comparison, Declared, Group, How, Stretch, Tally
from policydsl.expressions import Value
from policydsl.ir import Program
from policydsl.kinds import Day, Kind, MemberOf, Quantity, SetOf, Unit, YesNo, unit
from policydsl.nodes import evolve

_HOWS: dict[How, Words] = {
    "same": Words("the same", "相同"),
    "higher": Words("more", "增加"),
    "lower": Words("less", "减少"),
    "other": Words("another result", "结果不同"),
    "gained": Words("a result where there was none", "原无结果，现有结果"),
    "lost": Words("no result any more", "原有结果，现无结果"),
    "neither": Words("no result in either", "均无结果"),
}
_WHATS = {
    "added": Words("added", "新增"),
    "dropped": Words("dropped", "删去"),
    "changed": Words("changed", "改动"),
}
_WORDS = {
    "policy": Words("policy", "政策"), "category": Words("category", "类别"), "input": Words("input", "输入"),
    "param": Words("param", "标准"), "split": Words("split", "分担"), "tiers": Words("tiers", "分段"),
    "table": Words("table", "表"), "rule": Words("rule", "规则"), "given": Words("given", "前提"),
    "ensure": Words("ensure", "确保"), "require": Words("require", "下级应当"),
}  # fmt: skip
NO_DIFFERENCE = Words("no difference in meaning", "含义没有不同")


def say(words: Words, language: Language) -> str:
    return words.zh if language == "zh" else words.en


def lines(both: Comparison, language: Language) -> Iterator[str]:
    """The whole comparison."""
    zh = language == "zh"
    for word, program in ((Words("old", "旧"), both.old), (Words("new", "新"), both.new)):
        header = program.header
        name = f"{header.title}（{header.name.key}）" if zh else f"{header.title} ({header.name.key})"
        yield f"{say(word, language)}  {name}"
    if both.same and not both.declared:
        yield say(NO_DIFFERENCE, language)
    else:
        if both.declared:
            yield ""
            yield "条文改动" if zh else "What is declared"
            yield from (f"  {line}" for line in declared_lines(both.declared, language))
        yield ""
        yield "计算结果" if zh else "What is answered"
        yield from (f"  {line}" for line in answers_lines(both.answers, both, language))
    yield from tallies_lines(both, language)


# declarations


def declared_lines(found: Iterable[Declared], language: Language) -> Iterator[str]:
    """A line a declaration, and one for each thing in it that differs."""
    for head, one in declared_heads(found, language):
        yield head
        if one is not None and one.what == "changed":
            for about, was, now in one.details:
                yield f"  {_detail(about, was, now, language)}"


def declared_heads(found: Iterable[Declared], language: Language) -> Iterator[tuple[str, Declared | None]]:
    """What becomes of each declaration, in one line. New inputs, and those that are gone, stand together in a line of
    no declaration."""
    for (what, word, listed), group in groupby(found, lambda d: (d.what, d.word, _listed(d))):
        if listed:
            names = ("、" if language == "zh" else ", ").join(say(d.title, language) for d in group)
            yield f"{say(_WHATS[what], language)} {say(_WORDS[word], language)} {names}", None
        else:
            yield from ((_head(one, language), one) for one in group)


def _listed(one: Declared) -> bool:
    """Whether a declaration is told by its name alone, with others of its kind."""
    return one.what != "changed" and one.word == "input" and not one.quotes


def _head(one: Declared, language: Language) -> str:
    """What becomes of a declaration, its name and its clause; of a new one, or one that is gone, also what it says,
    where that is one thing."""
    zh = language == "zh"
    title, value = say(one.title, language), ""
    if one.what != "changed":
        said = [now if one.what == "added" else was for about, was, now in one.details if not about.en]
        if one.word in ("ensure", "require") and said:
            title = say(said[0], language)
        elif len(said) == 1 and one.word == "param":
            value = say(said[0], language)
    head = f"{say(_WHATS[one.what], language)} {say(_WORDS[one.word], language)} {title}"
    clauses = dict.fromkeys(q.clause for q in one.quotes if q.clause)
    if clauses:
        head += f"（原文{'、'.join(clauses)}）" if zh else f" (clause {', '.join(clauses)})"
    return f"{head}{'：' if zh else ': '}{value}" if value else head


def _detail(about: Words, was: Words, now: Words, language: Language) -> str:
    zh = language == "zh"
    name = say(about, language)
    if not say(was, language):
        text = f"增加 {say(now, language)}" if zh else f"added {say(now, language)}"
    elif not say(now, language):
        text = f"删去 {say(was, language)}" if zh else f"dropped {say(was, language)}"
    else:
        text = f"{say(was, language)} → {say(now, language)}"
        if say(was, language) == say(now, language):
            text += "（写法相同，所指不同）" if zh else " (written alike, but not the same)"
    return f"{name}{'：' if zh else ': '}{text}" if name else text


# answers


def answers_lines(found: Sequence[Answers], both: Comparison, language: Language) -> Iterator[str]:
    """What becomes of each output: those that differ with all their groups, the others by name."""
    zh = language == "zh"
    for one in found:
        if one.outcome in ("different", "open", "incomparable"):
            yield from answer_lines(one, both, language)
    for outcome, words in (
        ("added", Words("new outputs", "新增的结果")),
        ("dropped", Words("outputs that are gone", "删去的结果")),
        ("same", Words("proved the same for every input", "已证明完全相同")),
    ):
        named = [say(one.title, language) for one in found if one.outcome == outcome]
        if named:
            yield f"{say(words, language)}{'：' if zh else ': '}{('、' if zh else ', ').join(named)}"


def answer_lines(one: Answers, both: Comparison, language: Language) -> Iterator[str]:
    """One output that differs: its title, why it is not decided, and its groups."""
    zh = language == "zh"
    title = say(one.title, language)
    if one.along is not None and one.groups:
        along = _fact_name(both, one.along, language)
        title += f"，随{along}变化" if zh else f", as {along} varies"
    yield title
    if one.outcome == "incomparable":
        yield f"  {say(_incomparable(one), language)}"
        return
    if one.outcome == "open":
        yield f"  {say(_why(one, both), language)}"
    for group in one.groups:
        yield from (f"  {line}" for line in group_lines(one, group, both, language))


def _incomparable(one: Answers) -> Words:
    if one.why == "currency":
        return Words("not comparable: the currencies differ", "不可比：币种不同")
    if one.why == "kind":
        return Words("not comparable: the result is of another kind", "不可比：结果的种类不同")
    return Words("not comparable: a fact it needs is of another kind", "不可比：所用情况的种类不同")


def _why(one: Answers, both: Comparison) -> Words:
    """Why it is not decided."""
    match one.why:
        case "cells":
            return Words(
                "not decided: there are too many combinations of facts", "未能判定：各项情况的组合过多"
            )
        case "amounts":
            en = ", ".join(_fact_name(both, key, "en") for key in one.others)
            zh = "、".join(_fact_name(both, key, "zh") for key in one.others)
            return Words(
                f"not decided for every input: {en} varies too, and was looked at only at the ends of its range",
                f"未能对所有情况判定：{zh}也会变化，只比较了其范围的两端",
            )
        case _:
            return Words(
                "not decided: amounts are multiplied by amounts, or rounded in too many ways",
                "未能判定：数额与数额相乘，或者取整过于复杂",
            )


def group_lines(one: Answers, group: Group, both: Comparison, language: Language) -> Iterator[str]:
    """Who they are, a line for each stretch, and the largest changes."""
    zh = language == "zh"
    yield say(group.whom, language) or ("所有人" if zh else "everybody")
    for stretch in group.stretches:
        where = stretch_text(stretch, one.along, both, language)
        said = hows_text(stretch, one.kind, language)
        yield f"  {where}{'：' if zh else ': '}{said}" if where else f"  {said}"
    changes: tuple[tuple[How, Change | None], ...] = (
        ("higher", group.gain), ("lower", group.loss), ("other", group.other)
    )  # fmt: skip
    for how, change in changes:
        if change is not None:
            yield f"  {_change(how, change, one, both, language)}"


def hows_text(stretch: Stretch, kind: Kind | None, language: Language) -> str:
    """What the new policy does on a stretch: 增加；减少或相同（因取整）."""
    hows = [say(_hows(kind).get(how, _HOWS[how]), language) for how in stretch.hows]
    if len(hows) == 1:
        return hows[0]
    return f"{'或'.join(hows)}（因取整）" if language == "zh" else f"{' or '.join(hows)} (by roundings)"


def _hows(kind: Kind | None) -> dict[How, Words]:
    """Higher and lower, of a day and of yes or no."""
    match kind:
        case Day():
            return {"higher": Words("later", "推后"), "lower": Words("earlier", "提前")}
        case YesNo():
            return {"higher": Words("now yes", "由否变为是"), "lower": Words("now no", "由是变为否")}
        case _:
            return {}


def _change(how: How, change: Change, one: Answers, both: Comparison, language: Language) -> str:
    """How much at most, and a person."""
    zh = language == "zh"
    words = _MOST[how]
    if how == "other" and (change.old is None or change.new is None):
        words = _HOWS["gained" if change.old is None else "lost"]
    if isinstance(one.kind, Day | YesNo) and how != "other":
        words = _hows(one.kind)[how]
    said = say(words, language)
    if change.endless and how != "other":
        said = say(_ENDLESS[how], language)
    elif change.by is not None and not isinstance(one.kind, YesNo):
        by = say_by(change.by, one.kind, both, language)
        said = f"最多{said}{by}" if zh else f"at most {by} {said}"
    case = facts_text(change, both, language)
    old, new = (answer_text(v, one.kind, both, language) for v in (change.old, change.new))
    if case:
        said += f"，如{case}" if zh else f", for example {case}"
    said += f"：{old} → {new}" if zh else f": {old} → {new}"
    if not change.confirmed:
        said += "（条件可能不会同时成立）" if zh else " (these conditions may never meet)"
    return said


_MOST: dict[How, Words] = {
    "higher": Words("more", "增加"),
    "lower": Words("less", "减少"),
    "other": Words("another result", "结果不同"),
}
_ENDLESS: dict[How, Words] = {
    "higher": Words("ever more as the amount grows", "随数额不断增加，没有上限"),
    "lower": Words("ever less as the amount grows", "随数额不断减少，没有上限"),
}


def stretch_text(stretch: Stretch, along: str | None, both: Comparison, language: Language) -> str:
    """The amounts of a stretch, both ends included; nothing when it is all there is."""
    if along is None:
        return ""
    if isinstance(stretch.low, date) or isinstance(stretch.high, date):
        return say_days(_day(stretch.low), _day(stretch.high), language)
    low, high = (
        None if bound is None else fact_text(along, bound, both, language)
        for bound in (stretch.low, stretch.high)
    )
    if low == high and low is not None:
        return low
    return say_interval(low, True, high, True, language)


def _day(bound: Fraction | date | None) -> date | None:
    """None for a day that no bound was written for."""
    return bound if isinstance(bound, date) and bound not in (date.min, date.max) else None


def say_by(by: Fraction, kind: Kind | None, both: Comparison, language: Language) -> str:
    """How much more or less, without a sign: 1200元, 2个百分点, 31天."""
    if isinstance(kind, Day):
        kind = Quantity(unit(day=1))
    if isinstance(kind, Quantity) and kind.percent:
        points = answer_text(abs(by) * 100, Quantity(kind.unit), both, language)
        return f"{points}个百分点" if language == "zh" else f"{points} point{'s' * (points != '1')}"
    return answer_text(abs(by), kind, both, language)


def answer_text(value: Value, kind: Kind | None, both: Comparison, language: Language) -> str:
    if value is None or kind is None:
        return "无结果" if language == "zh" else "no result"
    known = both.new if _knows(both.new, kind, value) else both.old
    return _said(value, kind, known, language)


def facts_text(change: Change, both: Comparison, language: Language) -> str:
    """The facts of a person, in the order of the policy; nothing when none is needed."""
    names = {f.name.key: f.name for program in (both.old, both.new) for f in program.facts}
    order = dict.fromkeys(f.name.key for program in (both.new, both.old) for f in program.facts)
    equal, comma = (" ＝ ", "，") if language == "zh" else (" = ", ", ")
    parts = [
        f"{say_name(names[key], language)}{equal}{fact_text(key, change.facts[key], both, language)}"
        for key in order
        if key in change.facts
    ]
    return comma.join(parts)


def fact_text(key: str, value: Value, both: Comparison, language: Language) -> str:
    if value is None:
        return "无" if language == "zh" else "none"
    for program in (both.new, both.old):
        fact = next((f for f in program.facts if f.name.key == key), None)
        if fact is not None and _knows(program, fact.kind, value):
            return _said(value, fact.kind, program, language)
    return str(value)


def _knows(program: Program, kind: Kind, value: Value) -> bool:
    """Whether the members of a value are members of the policy's category."""
    if not isinstance(kind, MemberOf | SetOf):
        return True
    members = {m.name.key for c in program.categories if c.name.key == kind.category for m in c.members}
    return (set(value) if isinstance(value, frozenset) else {value}) <= members


def _said(value: Value, kind: Kind, program: Program, language: Language, *, plain: bool = True) -> str:
    if isinstance(kind, SetOf) and isinstance(value, frozenset):
        return say_members(value, kind.category, program.categories, language)
    return say_value(
        value,
        kind,
        currency=program.header.currency,
        categories=program.categories,
        language=language,
        plain=plain,
    )


def _fact_name(both: Comparison, key: str, language: Language) -> str:
    for program in (both.new, both.old):
        for fact in program.facts:
            if fact.name.key == key:
                return say_name(fact.name, language)
    return key


# a list of people

_COUNTED = (
    Words("gain", "增加人数"), Words("lose", "减少人数"), Words("the same", "不变人数"), Words("no result", "无结果人数"),
    Words("gains", "增加金额"), Words("losses", "减少金额"), Words("old sum", "原合计"), Words("new sum", "现合计"),
)  # fmt: skip


def tally_heads(by: Sequence[str], language: Language) -> tuple[str, ...]:
    return (*by, *(say(words, language) for words in _COUNTED))


def tally_cells(tally: Tally, kind: Kind, both: Comparison, language: Language) -> tuple[str, ...]:
    """A row of the table of tallies: what it is counted by, four counts, four sums."""
    counts = (tally.gained, tally.lost, tally.same, tally.unanswered)
    sums = (tally.gains, tally.losses, tally.old, tally.new)
    said = (_said(x, _of_all(kind), both.new, language, plain=False) for x in sums)
    blank = "（空）" if language == "zh" else "(blank)"
    return (*(text or blank for text in tally.key), *(f"{n:,}" for n in counts), *said)


def _of_all(kind: Kind) -> Kind:
    """What the amounts of many people add up to: 元/年, of 元/人·年."""
    if isinstance(kind, Quantity) and kind.unit.power("person") < 0:
        powers = tuple((dimension, power) for dimension, power in kind.unit.powers if dimension != "person")
        return evolve(kind, unit=Unit(powers))
    return kind


def total_key(by: Sequence[str], language: Language) -> tuple[str, ...]:
    """What stands under the columns of the last row."""
    return ("合计" if language == "zh" else "all", *("—" for _ in by[1:]))


def tallies_lines(both: Comparison, language: Language) -> Iterator[str]:
    """A table for each output, with a line for all people together last."""
    by = both.by
    zh = language == "zh"
    if both.lacking:
        yield ""
        yield from lacking_lines(both, language)
    for key, tallies in both.counted.items():
        definition = both.new.definition(key)
        yield ""
        yield f"{'名单统计：' if zh else 'people counted: '}{say_name(definition.name, language)}"
        rows = [tally_heads(by, language)]
        rows += [tally_cells(one, definition.kind, both, language) for one in tallies]
        if by:
            every = evolve(total(tallies), key=total_key(by, language))
            rows.append(tally_cells(every, definition.kind, both, language))
        widths = [max(cells(row[i]) for row in rows) for i in range(len(rows[0]))]
        for row in rows:
            padded = [
                text + " " * (width - cells(text)) if i < len(by) else " " * (width - cells(text)) + text
                for i, (text, width) in enumerate(zip(row, widths, strict=True))
            ]
            yield "  " + "  ".join(padded).rstrip()


def lacking_lines(both: Comparison, language: Language) -> Iterator[str]:
    """The outputs that could be computed for nobody, and the columns that they would need."""
    for key, names in both.lacking.items():
        output = say_name(both.new.definition(key).name, language)
        if language == "zh":
            yield f"名单未统计“{output}”：缺少“{'”“'.join(say_name(n, language) for n in names)}”列"
        else:
            yield f"{output} is not counted: no column {', '.join(say_name(n, language) for n in names)}"


# for programs


def tallies_json(both: Comparison) -> dict[str, Any]:
    return {
        key: [
            {
                "by": dict(zip(both.by, one.key, strict=True)),
                "gained": one.gained,
                "lost": one.lost,
                "same": one.same,
                "unanswered": one.unanswered,
                "gains": _plain(one.gains),
                "losses": _plain(one.losses),
                "old": _plain(one.old),
                "new": _plain(one.new),
            }
            for one in tallies
        ]
        for key, tallies in both.counted.items()
    }


def as_json(both: Comparison, language: Language) -> dict[str, Any]:
    """Everything that differs as an object: figures as decimal text, members by key."""
    return {
        "old": both.old.header.name.key,
        "new": both.new.header.name.key,
        "sameMeaning": both.same,
        "declarations": [
            {
                "what": d.what,
                "word": d.word,
                "title": say(d.title, language),
                "clauses": list(dict.fromkeys(q.clause for q in d.quotes)),
                "details": [
                    {
                        "about": say(about, language),
                        "old": say(was, language) or None,
                        "new": say(now, language) or None,
                    }
                    for about, was, now in d.details
                ],
            }
            for d in both.declared
        ],
        "answers": [_answers_json(a, both, language) for a in both.answers],
        "cases": tallies_json(both),
        "notCounted": {key: [name.key for name in names] for key, names in both.lacking.items()},
    }


def _answers_json(one: Answers, both: Comparison, language: Language) -> dict[str, Any]:
    return {
        "output": one.key,
        "part": one.part,
        "outcome": one.outcome,
        "along": one.along,
        "why": one.why,
        "lookedAtEndsOnly": list(one.others),
        "groups": [
            {
                "whom": say(group.whom, language),
                "stretches": [
                    {"from": _plain(s.low), "to": _plain(s.high), "what": list(s.hows)}
                    for s in group.stretches
                ],
                **{
                    name: _change_json(change)
                    for name, change in (("gain", group.gain), ("loss", group.loss), ("other", group.other))
                    if change is not None
                },
            }
            for group in one.groups
        ],
    }


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "facts": {key: _plain(value) for key, value in change.facts.items()},
        "old": _plain(change.old),
        "new": _plain(change.new),
        "by": _plain(change.by),
        "endless": change.endless,
        "confirmed": change.confirmed,
    }


def _plain(value: Value) -> Any:
    match value:
        case None | bool() | str():
            return value
        case date():
            return value.isoformat()
        case frozenset():
            return sorted(value)
        case Fraction():
            return say_decimal(value)
