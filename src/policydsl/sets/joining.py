"""What does a policy say together with the one it rests on? One file made of the declarations of both.

What the policy restates is its own, by the key of the name, whatever script the names are in; the
rest is taken over. Every declaration keeps its place in the file it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Literal, TypeAlias, TypeGuard

from policydsl.facts import Name, Quote
from policydsl.nodes import Node, contents, evolve, fields, node
from policydsl.syntax import ast
from policydsl.syntax.words import meaning

#: amend, adopt: everything is taken over; under: what the policy names; bound: all, to hold it against
How: TypeAlias = Literal["amends", "adopts", "under", "bound"]

Named: TypeAlias = (
    ast.Category | ast.Period | ast.Input | ast.Param | ast.Split | ast.Tiers | ast.Table | ast.Rule
)


@node
class Joined(Node):
    """The declarations of a policy with those taken over before its own. `restated` are the keys that both
    declare, `fell` those of `replaces` that the other policy has."""

    file: ast.File
    restated: frozenset[str] = frozenset()
    fell: frozenset[str] = frozenset()


def join(own: ast.File, above: ast.File, how: How, replaced: frozenset[str] = frozenset()) -> Joined:
    """`own` with what it takes over from `above`; `replaced` are names that fall."""
    mine = {d.name.key: d for d in own.declarations if is_named(d)}
    theirs = {d.name.key: d for d in above.declarations if is_named(d)}
    fell = frozenset(k for k, d in theirs.items() if replaced & {k, d.name.written, d.name.alias})
    restated = frozenset(mine.keys() & theirs.keys())
    gone = fell | restated
    spelt = _respelt(mine, theirs, restated)
    bounded = {name for d in own.declarations if _is_require(d) for name in _principal(d, mine, theirs)}
    kept: list[ast.Declaration] = []
    wanted = _named_by(own, above) if how == "under" else None
    document = _document(above)
    for declaration in above.declarations:
        if not _taken(declaration, how, theirs, gone, fell, bounded, wanted, mine):
            continue
        taken = declaration if how == "bound" else _attributed(declaration, document)
        kept.append(_rewritten(taken, spelt) if spelt else taken)  # type: ignore[arg-type]
    head = [d for d in own.declarations if isinstance(d, ast.Policy)]
    rest = [d for d in own.declarations if not isinstance(d, ast.Policy)]
    joined = evolve(own, declarations=(*head, *kept, *rest), broken=own.broken | above.broken)
    return Joined(joined, restated, fell)


def is_named(declaration: ast.Declaration) -> TypeGuard[Named]:
    """Whether a declaration gives a name to something; a split of a share belongs to the split."""
    if isinstance(declaration, ast.Split):
        return declaration.parent is None
    return isinstance(declaration, Named)


def names_of(file: ast.File) -> dict[str, Named]:
    """What a file declares, by key."""
    return {d.name.key: d for d in file.declarations if is_named(d)}


def _taken(
    declaration: ast.Declaration,
    how: How,
    theirs: Mapping[str, Named],
    gone: frozenset[str],
    fell: frozenset[str],
    bounded: set[str],
    wanted: frozenset[str] | None,
    mine: Mapping[str, Named],
) -> bool:
    keys = _keys(theirs)
    match declaration:
        case ast.Policy() | ast.Example() | ast.Waive():
            return False
        case ast.Accept():
            target = declaration.target.words[0] if declaration.target is not None else None
            if meaning("findings", declaration.finding.words[0]) in ("unprotected", "departure"):
                return False  # said of the file it stands in
            return how in ("amends", "adopts") and target is not None and keys.get(target) not in gone
        case ast.Promise(below=True):
            if how == "under" or _mentions(declaration, keys) & fell:
                return False
            return how != "amends" or not (_principal(declaration, theirs, {}) & bounded)
        case ast.Promise():
            return how in ("amends", "adopts") and not (_mentions(declaration, keys) & gone)
        case ast.Given():
            named = _mentions(declaration, keys)
            return not named & fell and (wanted is None or named <= wanted)
        case ast.Split() if declaration.parent is not None:
            root = keys.get(declaration.parent.words[0])
            return root is not None and root not in gone and (wanted is None or root in wanted)
        case _:
            key = declaration.name.key
            return key not in gone and (wanted is None or key in wanted)


def _is_require(declaration: ast.Declaration) -> bool:
    return isinstance(declaration, ast.Promise) and declaration.below


def _keys(named: Mapping[str, Named]) -> dict[str, str]:
    """Every spelling of a name → its key."""
    return {s: key for key, d in named.items() for s in (d.name.written, d.name.alias) if s}


def _mentions(declaration: ast.Declaration, keys: Mapping[str, str]) -> set[str]:
    """The keys of what a declaration names."""
    return {keys[path.words[0]] for path in paths(declaration) if path.words[0] in keys}


def principal(promise: ast.Promise, named: Mapping[str, Named]) -> str | None:
    """The key of what a `require` is about: the first thing that it names."""
    return next(iter(_principal(promise, named, {})), None)


def _principal(
    declaration: ast.Declaration, named: Mapping[str, Named], more: Mapping[str, Named]
) -> set[str]:
    keys = {**_keys(more), **_keys(named)}
    assert isinstance(declaration, ast.Promise)
    found = (keys[path.words[0]] for path in paths(declaration.property) if path.words[0] in keys)
    return set(islice(found, 1))


def _named_by(own: ast.File, above: ast.File) -> frozenset[str]:
    """The keys of what `own` names in `above`, with all that this needs; what `own` declares itself left out."""
    keys = _keys(names_of(above))
    mine = _keys(names_of(own))
    by_key: dict[str, list[ast.Declaration]] = {}
    for d in above.declarations:
        if is_named(d):
            by_key.setdefault(d.name.key, []).append(d)
        elif isinstance(d, ast.Split) and d.parent is not None:
            by_key.setdefault(keys.get(d.parent.words[0], ""), []).append(d)
    found: set[str] = set()
    queue = [
        keys[path.words[0]]
        for d in own.declarations
        if not isinstance(d, ast.Policy)
        for path in paths(d)
        if path.words[0] in keys and path.words[0] not in mine
    ]
    while queue:
        key = queue.pop()
        if key not in found:
            found.add(key)
            queue += [keys[p.words[0]] for d in by_key.get(key, ()) for p in paths(d) if p.words[0] in keys]
    return frozenset(found)


def paths(thing: object) -> Iterator[ast.Path]:
    """Every name that stands in something, in reading order."""
    pending: list[object] = [thing]
    while pending:
        here = pending.pop()
        if isinstance(here, ast.Path):
            yield here
        elif isinstance(here, tuple):
            pending += reversed(here)
        elif isinstance(here, Node) and not isinstance(here, Name):
            pending += reversed(contents(here))


# quotes of another notice


def _document(file: ast.File) -> str:
    """The number of a policy's notice, without one its title, else its name."""
    for head in file.declarations:
        if isinstance(head, ast.Policy):
            words = next((f.words[0] for f in head.fields if f.key == "document" and f.words), None)
            return words if isinstance(words, str) else f"《{head.name.shown}》"
    return ""


def _attributed(thing: object, document: str) -> object:
    """`thing` with the notice at its quotes; those that were taken over before have theirs already."""
    if isinstance(thing, Quote):
        return thing if thing.document else evolve(thing, document=document)
    return _changed(thing, lambda part: _attributed(part, document))


# names in another spelling


def _respelt(
    mine: Mapping[str, Named], theirs: Mapping[str, Named], restated: Iterable[str]
) -> dict[str, Name]:
    """How what is taken over must call the things restated: theirs → mine."""
    found: dict[str, Name] = {}
    for key in restated:
        old, new = theirs[key], mine[key]
        pairs = [(old.name, new.name)]
        if isinstance(old, ast.Category) and isinstance(new, ast.Category):
            pairs += _pairs([m.name for m in old.members], [m.name for m in new.members])
            pairs += _pairs([g.name for g in old.groups], [g.name for g in new.groups])
        if isinstance(old, ast.Split) and isinstance(new, ast.Split):
            pairs += _pairs(_payers(old), _payers(new))
        found.update({o.written: n for o, n in pairs if o.written != n.written})
    return found


def _pairs(old: Iterable[Name], new: Iterable[Name]) -> list[tuple[Name, Name]]:
    by_key = {name.key: name for name in new}
    return [(name, by_key[name.key]) for name in old if name.key in by_key]


def _payers(split: ast.Split) -> list[Name]:
    found: list[Name] = []
    pending = [share for arm in split.arms for share in arm.shares]
    while pending:
        share = pending.pop()
        found.append(share.payer)
        pending += share.parts
    return sorted(found, key=lambda name: not name.alias)


def _rewritten(thing: object, spelt: Mapping[str, Name]) -> object:
    """`thing` with the names of `spelt` in their other spelling. A whole name has then its place where it is
    declared: what is said of it in the policy at hand can be read there."""
    if isinstance(thing, ast.Path):
        words = tuple(spelt[word].written if word in spelt else word for word in thing.words)
        if words == thing.words:
            return thing
        return evolve(thing, words=words, span=spelt[thing.words[0]].span if len(words) == 1 else thing.span)
    return _changed(thing, lambda part: _rewritten(part, spelt))


def _changed(thing: object, change: Callable[[object], object]) -> object:
    """`thing` with `change` made in each of its parts; it is the same record where that makes no difference."""
    if isinstance(thing, tuple):
        return tuple(change(part) for part in thing)
    if not isinstance(thing, Node) or isinstance(thing, Name):
        return thing
    changed: dict[str, object] = {}
    for name in fields(thing):
        part = getattr(thing, name)
        if isinstance(part, Node | tuple) and name != "span":
            made = change(part)
            if made is not part and made != part:
                changed[name] = made
    return evolve(thing, **changed) if changed else thing
