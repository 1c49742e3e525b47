"""What does each name stand for? The names of one policy, and the diagnostics found while binding them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NoReturn, TypeAlias

from policydsl.amounts import say_unit
from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics.model import Code, Diagnostic, Fact, Label, Words
from policydsl.facts import Category, Header, Name
from policydsl.facts import Fact as PolicyFact
from policydsl.kinds import Day, Kind, MemberOf, Quantity, SetOf, YesNo
from policydsl.model import Param
from policydsl.nodes import Node, Span, field, node
from policydsl.syntax import ast
from policydsl.syntax.words import CONNECTIVES


class Failed(Exception):
    """What was being resolved has an error that is already reported; give it up and go on elsewhere."""


@node
class Result(Node):
    """What other declarations may know of a definition: its kind, or the kinds of its parts.

    `parts` maps every spelling of a part to its key and kind; `kind` is None when the definition
    is no single value. `ok` is False for one that has errors: what refers to it stays silent. Of a
    dated value, `editions` are the first days and the keys of its definitions, `own` the parts of each.
    `figure` is a param with dated figures.
    """

    name: Name
    kind: Kind | None
    parts: Mapping[str, tuple[str, Kind]] = field(factory=dict)
    what: Words = field(factory=lambda: Words("a value", "一个值"))
    ok: bool = True
    editions: tuple[tuple[date | None, str], ...] = ()
    own: tuple[frozenset[str], ...] = ()
    figure: Param | None = None

    def part_names(self) -> list[str]:
        """The parts as they are written, each once."""
        return list({key: part for part, (key, _) in reversed(list(self.parts.items()))}.values())


Entity: TypeAlias = Category | PolicyFact | Result | Name


class Scope:
    """The names known so far. `Name` entities are definitions that are not resolved yet."""

    def __init__(self, header: Header, broken: frozenset[str] = frozenset()) -> None:
        self.header = header
        #: words of declarations that could not be read
        self.broken = broken
        self.diagnostics: list[Diagnostic] = []
        self.categories: dict[str, Category] = {}
        self.facts: dict[str, PolicyFact] = {}
        self.results: dict[str, Result] = {}
        self.names: dict[str, Name] = {}
        self.used: set[str] = set()
        #: category key → the inputs of it that the policy declares
        self.inputs_of: dict[str, list[PolicyFact]] = {}
        #: categories that are inputs themselves, by their use as a key
        self.implied: dict[str, PolicyFact] = {}
        #: whether some figure is dated, so that the day of the case is an input
        self.dated = False
        #: named periods by their spellings
        self.periods: dict[str, ast.Period] = {}
        #: the days on which what is being resolved holds
        self.window: tuple[date | None, date | None] = (None, None)
        #: of categories that were asked for: what each word in them names
        self._words: dict[str, tuple[Category, dict[str, frozenset[str]]]] = {}

    # reporting

    def report(self, code: Code, span: Span, *labels: Label, **facts: Fact) -> None:
        self.diagnostics.append(Diagnostic(code, span, facts, labels))

    def fail(self, code: Code, span: Span, *labels: Label, **facts: Fact) -> NoReturn:
        self.report(code, span, *labels, **facts)
        raise Failed

    # declaring

    def declare(self, name: Name, *, again: bool = False) -> None:
        """Take a name and its alias, or report that one of them is taken; a dated one may stand `again`."""
        for spelling in dict.fromkeys((name.written, name.alias)):
            if spelling is None:
                continue
            other = self.names.get(spelling)
            if other is not None and other is not name:
                if again and other.written == name.written:
                    continue
                self.report(
                    codes.DUPLICATE_NAME, name.span, Label(other.span, Words("first here", "先在此处使用")),
                    name=spelling, line=line_of(other.span),
                )  # fmt: skip
                continue
            self.names[spelling] = name

    def add_category(self, category: Category) -> None:
        for spelling in spellings(category.name):
            self.categories.setdefault(spelling, category)

    def add_fact(self, fact: PolicyFact) -> None:
        for spelling in spellings(fact.name):
            self.facts.setdefault(spelling, fact)
        if isinstance(fact.kind, MemberOf | SetOf):
            self.inputs_of.setdefault(fact.kind.category, []).append(fact)

    def add_result(self, result: Result) -> None:
        for spelling in spellings(result.name):
            self.results.setdefault(spelling, result)

    # looking up

    def use(self, key: str) -> None:
        self.used.add(key)

    def category_as_input(self, category: Category, span: Span) -> PolicyFact:
        """The fact that a category used by its own name is; refused when it has inputs of its own."""
        key = category.name.key
        single = [
            f for f in self.inputs_of.get(key, ()) if isinstance(f.kind, MemberOf) and f.name.key != key
        ]
        if single:
            fact = single[0]
            self.fail(
                codes.CATEGORY_HAS_INPUT, span, name=category.name.written, input=fact.name.written,
                line=line_of(fact.span),
            )  # fmt: skip
        if key not in self.implied:
            self.implied[key] = PolicyFact(
                category.name, MemberOf(key), quotes=category.quotes, span=category.span
            )
        return self.implied[key]

    def unknown(self, name: str, span: Span) -> NoReturn:
        """Report a name that nothing has, with the nearest known one or the keyword glued to it."""
        if name in self.broken:
            raise Failed
        known = [n for n in self.names if n != name]
        segments = _segments(name, known)
        if segments:
            self.fail(
                codes.UNKNOWN_NAME,
                span,
                name=name,
                near="",
                remedy=Words(f"write `{segments}`", f"写作 `{segments}`"),
            )
        close = closest(name, known)
        if close is not None:
            other = self.names[close]
            line = line_of(other.span)
            self.fail(
                codes.UNKNOWN_NAME, span, name=name,
                near=Words(f"; line {line} has “{close}”: is it meant", f"；第{line}行有“{close}”，是否指它"),
                remedy=Words(f"write `{close}`, or declare `{name}`", f"写作 `{close}`，或先声明“{name}”"),
            )  # fmt: skip
        self.fail(
            codes.UNKNOWN_NAME, span, name=name, near="",
            remedy=Words(f"declare it, for example `input {name}: money`", f"先声明，如 `输入 {name}：金额`"),
        )  # fmt: skip

    # words for messages

    def say_kind(self, kind: Kind) -> Words:
        match kind:
            case Quantity():
                if not kind.unit.powers:
                    return Words("a rate", "比例") if kind.percent else Words("a number", "数值")
                currency = self.header.currency
                en = say_unit(kind.unit, currency, "en")
                zh = say_unit(kind.unit, currency, "zh")
                return Words(f"an amount in {en}", f"以{zh}计的数额")
            case YesNo():
                return Words("a yes or no", "是或否")
            case Day():
                return Words("a day", "日期")
            case MemberOf():
                return Words(f"a member of {kind.category}", f"“{self._category(kind.category)}”的一项")
            case SetOf():
                return Words(f"a set of {kind.category}", f"“{self._category(kind.category)}”的若干项")

    def words_in(self, category: Category) -> dict[str, frozenset[str]]:
        """The members that each word in `category` names; of two that are called so the first, and a member before a group."""
        held, words = self._words.get(category.name.key, (None, {}))
        if held is not category:
            words = {}
            for member in category.members:
                for spelling in spellings(member.name):
                    words.setdefault(spelling, frozenset((member.name.key,)))
            for group in category.groups:
                for spelling in spellings(group.name):
                    words.setdefault(spelling, frozenset(group.members))
            self._words[category.name.key] = (category, words)
        return words

    def _category(self, key: str) -> str:
        category = self.categories.get(key)
        return category.name.written if category else key


def spellings(name: Name) -> Iterable[str]:
    return dict.fromkeys(s for s in (name.written, name.alias) if s)


def line_of(span: Span) -> int:
    return span.source.position(span.start)[0]


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, if any is."""
    from difflib import get_close_matches  # only a mistake pays for its import

    return next(iter(get_close_matches(name, list(known), 1, 0.5)), None)


def near(name: str, known: Iterable[str]) -> Words:
    """`; is “…” meant` for the closest of the known names, or nothing."""
    close = closest(name, known)
    return Words(f"; is “{close}” meant", f"，是否指“{close}”") if close else Words("", "")


def _segments(name: str, known: list[str]) -> str | None:
    """`起付标准以上` as `起付标准 以上`, when a known name and a keyword make it up."""
    if name.isascii():
        return None
    words = set(known)
    for size in range(1, len(name)):
        head, tail = name[:size], name[size:]
        if (head in words and tail in CONNECTIVES) or (head in CONNECTIVES and tail in words):
            return f"{head} {tail}"
    return None
