"""What does a policy call the words of a table? Its categories, members and figures by everything they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policydsl.diagnostics.model import Language, Words
from policydsl.facts import Name
from policydsl.nodes import Node, node
from policydsl.sheets.grid import fold_all
from policydsl.syntax import ast
from policydsl.syntax.words import CONNECTIVES, DECLARATIONS, GROUNDS, PHRASES, entry

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\u3007"
#: what turns the word after it round: 非农村贫困人口 is not 农村贫困人口
_NOT = frozenset("非不未无無除")
_BARE = re.compile(rf"[A-Za-z_][A-Za-z0-9_]*|[{_HAN}]+")


@node
class Named(Node):
    """Something with a name: as the policy writes it, and as people see it."""

    written: str
    shown: str
    spellings: frozenset[str]


@node
class Kind(Node):
    """A category: what `by` calls it (an input of it, if there is one), its members and groups."""

    name: Named
    key: str
    members: tuple[Named, ...]


@node
class Vocabulary(Node):
    """All that a policy names. `amounts` are the inputs, figures and results that may bound a band."""

    language: Language
    kinds: tuple[Kind, ...]
    amounts: tuple[Named, ...]


def vocabulary(file: ast.File, known: ast.File) -> Vocabulary:
    """The words of the policy `file` as it was read, whether or not it is free of errors; `known` holds its
    declarations and those of the policies that it rests on."""
    inputs = [d for d in known.declarations if isinstance(d, ast.Input)]
    kinds = []
    amounts = []
    for declared in known.declarations:
        match declared:
            case ast.Category(name=name):
                key = _input_of(name, inputs) or name
                spellings = _named(name).spellings | _named(key).spellings
                called = Named(_word(name.written), name.shown, spellings)
                every = (*(m.name for m in declared.members), *(g.name for g in declared.groups))
                kinds.append(Kind(called, _word(key.written), tuple(map(_named, every))))
            case (
                ast.Input(name=name)
                | ast.Param(name=name)
                | ast.Rule(name=name)
                | ast.Table(name=name)
                | ast.Tiers(name=name)
            ):
                amounts.append(_named(name))
            case _:
                pass
    return Vocabulary(language_of(file), tuple(kinds), tuple(amounts))


def language_of(file: ast.File) -> Language:
    """The language of the keywords of a policy, by the word that its first declaration begins with."""
    first = file.declarations[0].span.text if file.declarations else ""
    return "en" if first[:1].isascii() else "zh"


def is_traditional(file: ast.File) -> bool:
    """Whether the declarations of a policy begin with words that only the traditional script writes so."""
    words = [d.span.text.split(maxsplit=1)[0] for d in file.declarations if d.span.text]
    spelt = [entry("declarations", terminal) for terminal in set(DECLARATIONS.values())]
    return any(w in s.get("hant", ()) and w not in s["zh"] for w in words for s in spelt)


def _input_of(category: Name, inputs: Iterable[ast.Input]) -> Name | None:
    words = {category.written, category.alias}
    for declared in inputs:
        if not declared.type.set_of and declared.type.word.words[-1] in words:
            return declared.name
    return None


def _named(name: Name) -> Named:
    each = (name.written, name.alias, name.label)
    return Named(_word(name.written), name.shown, frozenset(fold_all(s) for s in each if s))


def _word(text: str) -> str:
    return word(text, '""')


def word(text: str, marks: str = "“”") -> str:
    """`text` as a name in a policy: bare where the language reads it as one, else in quotation marks."""
    if (
        _BARE.fullmatch(text)
        and not any(text in t for t in (CONNECTIVES, DECLARATIONS, GROUNDS))
        and text not in PHRASES
    ):
        return text
    return quoted(text, marks)


def quoted(text: str, marks: str = "“”") -> str:
    """`text` in quotation marks, those within it taken out."""
    plain = re.sub('["“”\n\r\t]', "", text)
    return f"{marks[0]}{plain}{marks[-1]}"


def exactly(text: str, known: Iterable[Named]) -> list[Named]:
    """What is called just so."""
    wanted = fold_all(text)
    return [n for n in known if wanted in n.spellings]


def within(text: str, known: Iterable[Named]) -> list[Named]:
    """What is named inside a longer text, in its order there, the longest names first: 普通参保人员 in
    普通参保人员支付比例."""
    rest = fold_all(text)
    found: list[tuple[int, Named]] = []
    by_length = sorted(
        ((s, n) for n in known for s in n.spellings if len(s) > 1 and not s.isascii()),
        key=lambda p: (-len(p[0]), p[0]),
    )
    for spelling, named in by_length:
        at = rest.find(spelling)
        if at >= 0 and (at == 0 or rest[at - 1] not in _NOT):
            rest = rest[:at] + "\0" * len(spelling) + rest[at + len(spelling) :]
            found.append((at, named))
    return list(dict.fromkeys(n for _, n in sorted(found, key=lambda p: p[0])))


def around(text: str, known: Iterable[Named]) -> list[Named]:
    """What has the text inside its name: 起付标准 in 大病保险起付标准."""
    part = fold_all(text)
    if len(part) < 2 or part.isascii():
        return []
    return [n for n in known if any(part in s for s in n.spellings)]


def near(text: str, known: Iterable[Named]) -> Words:
    """“; is … meant” for the closest name, or nothing."""
    from difflib import get_close_matches

    spellings = {s: n.shown for n in known for s in n.spellings}
    wanted = fold_all(text)
    close = get_close_matches(wanted, spellings, n=1)
    if not close:  # two characters of three, or of four, in short Chinese words
        close = [s for s in spellings if len(s) == len(wanted) > 1 and sum(map(str.__ne__, s, wanted)) == 1][
            :1
        ]
    if not close:
        return Words("", "")
    return Words(f"; is “{spellings[close[0]]}” meant", f"，是否指“{spellings[close[0]]}”")


def some(known: Iterable[Named]) -> Words:
    """The first of them, to show how they are written."""
    names = [n.shown for n in known]
    more = len(names) > 8
    return Words(
        ", ".join(names[:8]) + (" …" if more else "") or "none",
        "、".join(names[:8]) + ("……" if more else "") or "无",
    )


def parted(text: str) -> Iterator[str]:
    """The words of a cell that names several: 银川市、石嘴山市."""
    for part in re.split(r"[、,，;；\n]|(?<=[^A-Za-z])(?:和|及|与)(?=[^A-Za-z])", text):
        if part.strip():
            yield part.strip()
