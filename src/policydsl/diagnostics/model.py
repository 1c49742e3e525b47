"""What is a diagnostic? A code, a place, and the facts its message is filled with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from policydsl.nodes import Node, field, node
from policydsl.source import Span

Language: TypeAlias = Literal["en", "zh"]
Severity: TypeAlias = Literal["error", "warning", "note"]


@node
class Words(Node):
    """A text that both languages need in their own form."""

    en: str
    zh: str


Fact: TypeAlias = "str | int | Words"


@node
class Code(Node):
    """One kind of problem: `number` is `PD401`, `name` is `BAND_GAP`.

    `en`, `zh` are the messages and `help_en`, `help_zh` the remedies; `{word}` in them
    stands for a fact of the diagnostic. `title_*` name the problem on its page.
    """

    number: str
    name: str
    severity: Severity
    title_en: str
    title_zh: str
    en: str
    zh: str
    help_en: str = ""
    help_zh: str = ""


@node
class Label(Node):
    """A second place that a diagnostic speaks of, with a few words on it."""

    span: Span
    words: Words


@node
class Diagnostic(Node):
    """A problem at a place; `case` is a counterexample as `name = value` texts, ready for an example."""

    code: Code
    span: Span
    facts: Mapping[str, Fact] = field(factory=dict)
    labels: tuple[Label, ...] = ()
    case: tuple[tuple[str, str], ...] = ()


def listed(names: Iterable[str]) -> Words:
    """Names one after another, as each language parts them, of very many the first; of none “none”, 无."""
    each = list(dict.fromkeys(names))
    more = ""
    if len(each) > 21:  # as `runtime.one_of`, which a check does not load
        each, more = each[:20], f" … {each[-1]} ({len(each)})"
    return Words(", ".join(each) + more, "、".join(each) + more) if each else Words("none", "无")


def fill(text: str, facts: Mapping[str, Fact], language: Language) -> str:
    """`text` with each `{word}` replaced by the fact of that name in `language`."""
    return text.format_map({k: say(v, language) for k, v in facts.items()})


def say(fact: Fact, language: Language) -> str:
    """`fact` in `language`."""
    if isinstance(fact, Words):
        return fact.zh if language == "zh" else fact.en
    return str(fact)


def message(diagnostic: Diagnostic, language: Language) -> str:
    code = diagnostic.code
    return fill(code.zh if language == "zh" else code.en, diagnostic.facts, language)


def remedy(diagnostic: Diagnostic, language: Language) -> str:
    code = diagnostic.code
    return fill(code.help_zh if language == "zh" else code.help_en, diagnostic.facts, language)


def order(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    """Sort key: by file, place, then code."""
    span = diagnostic.span
    return span.source.name, span.start, span.end, diagnostic.code.number


def is_error(diagnostic: Diagnostic) -> bool:
    return diagnostic.code.severity == "error"
