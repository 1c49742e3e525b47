"""Does what a policy restates fit what it takes over? Kinds, settled figures, the figure of the year before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from policydsl.amounts import say_quantity
from policydsl.diagnostics import codes_sets as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.diagnostics.model import Fact as Said
from policydsl.facts import Category, Fact, Header, Name
from policydsl.kinds import Day, Kind, MemberOf, Quantity, SetOf, YesNo
from policydsl.model import Definition, Param, Policy, Rule, Split, Table, Tiers
from policydsl.sets.references import means
from policydsl.sets.relations import Link

#: the last figure of each param whose value is known from the policy alone
Figures = Mapping[str, Fraction]


def nothing_falls(own: Header, links: Iterable[Link], fell: frozenset[str]) -> Iterator[Diagnostic]:
    """The names of `replaces` that neither a policy nor anything taken over has. `fell` are the names that do fall."""
    named = [link.relation for link in links]
    for relation in own.relations:
        if relation.bond == "replaces" and relation not in named and relation.name not in fell:
            yield Diagnostic(codes.NOTHING_FALLS, relation.span, {"name": relation.name})


def misfits(
    own: Policy, above: Policy, link: Link, restated: frozenset[str], mine: Figures, theirs: Figures
) -> Iterator[Diagnostic]:
    """What the policy restates otherwise than it may: as another kind of thing, or though it is settled."""
    falls = {r.name for r in own.header.relations if r.bond == "replaces"}
    for key in sorted(restated):
        new, old = _entity(own, key), _entity(above, key)
        if new is None or old is None:
            continue
        label = Label(old.name.span, Words("there", "原规定"))
        before, now = _say(old, above), _say(new, own)
        if (before != now or _kind(new) != _kind(old)) and not (_is_open(old) and _kind(new) == _kind(old)):
            same_sort = isinstance(new, Category) == isinstance(old, Category)
            if not same_sort or _kind(new) != _kind(old):
                otherwise: dict[str, Said] = {
                    "name": _named(new.name),
                    "now": now,
                    "before": before,
                    "policy": link.to.key,
                }
                yield Diagnostic(codes.RESTATED_OTHERWISE, new.name.span, otherwise, (label,))
                continue
        if link.relation.bond == "amends" or _is_open(old) or _names(new) & falls:
            continue
        if not _same(new, old, mine, theirs):
            facts: dict[str, Said] = {"policy": link.to.key, "name": _named(new.name), "key": key}
            yield Diagnostic(codes.SILENT_REDEFINITION, new.name.span, facts, (label,))


def former(own: Policy, above: Policy, link: Link, mine: Figures, theirs: Figures) -> Iterator[Diagnostic]:
    """The figures of the year before that do not follow from the amended policy."""
    for param in _params(own):
        key = param.name.key
        stated = stated_before(param, mine)
        if stated is None or key not in theirs or theirs[key] == stated:
            continue
        old = _entity(above, key)
        assert old is not None
        facts: dict[str, Said] = {
            "name": _named(param.name), "stated": _amount(stated, param.kind, own),
            "former": _amount(theirs[key], param.kind, above), "policy": link.to.key,
        }  # fmt: skip
        span = (param.rise or param.prior or param).span
        yield Diagnostic(codes.FORMER_DIFFERS, span, facts, (Label(old.span, Words("there", "原规定")),))


def assumed(own: Policy, mine: Figures, known: frozenset[str]) -> Iterator[Diagnostic]:
    """The figures of the year before that no policy at hand states; `known` are the keys of those it does."""
    for param in _params(own):
        if param.prior is None or param.name.key in known or len(param.versions) > 1:
            continue  # what a rise alone says of the year before is said where figures are read
        stated = stated_before(param, mine)
        assert stated is not None
        if param.prior.origin is not None:
            origin = Words(param.prior.origin, param.prior.origin)
        elif param.quotes:
            quote = param.quotes[-1]
            origin = Words(f"clause {quote.clause} “{quote.words}”", f"原文{quote.clause}“{quote.words}”")
        else:
            origin = Words("the policy gives no source", "未注明出处")
        facts: dict[str, Said] = {
            "name": _named(param.name), "former": _amount(stated, param.kind, own), "origin": origin,
        }  # fmt: skip
        yield Diagnostic(codes.FORMER_ASSUMED, param.prior.span, facts)


def changed(
    own: Policy, above: Policy, link: Link, restated: frozenset[str], mine: Figures, theirs: Figures
) -> Iterator[Diagnostic]:
    """The figures that an amendment changes."""
    for param in _params(own):
        key = param.name.key
        if key in restated and key in theirs and key in mine and mine[key] != theirs[key]:
            facts: dict[str, Said] = {
                "name": _named(param.name), "now": _amount(mine[key], param.kind, own),
                "before": _amount(theirs[key], param.kind, above), "policy": link.to.key,
            }  # fmt: skip
            yield Diagnostic(codes.RESTATED, param.name.span, facts)


def stated_before(param: Param, mine: Figures) -> Fraction | None:
    """The figure of the year before, as far as the policy itself says."""
    if param.prior is not None and isinstance(param.prior.value, Fraction):
        return param.prior.value
    now = mine.get(param.name.key)
    if param.rise is None or now is None or not isinstance(param.rise.value, Fraction):
        return None
    return now - param.rise.value


def _params(policy: Policy) -> Iterator[Param]:
    """The params that stand in the policy's own file."""
    source = policy.header.name.span.source
    for d in policy.definitions:
        if isinstance(d, Param) and d.name.span.source is source:
            yield d


def _entity(policy: Policy, key: str) -> Definition | Fact | Category | None:
    found = policy.definition(key)
    if found is not None:
        return found
    declared = next((f for f in policy.facts if f.name.key == key), None)
    category = next((c for c in policy.categories if c.name.key == key), None)
    return category or declared


def _is_open(entity: Definition | Fact | Category) -> bool:
    return isinstance(entity, Param) and entity.open


def _names(entity: Definition | Fact | Category) -> set[str]:
    return {s for s in (entity.name.written, entity.name.alias) if s}


def _kind(entity: Definition | Fact | Category) -> Kind | tuple[Kind, ...] | None:
    match entity:
        case Param() | Rule() | Tiers() | Fact():
            return entity.kind
        case Split():
            return entity.total.kind if entity.total is not None else None
        case Table():
            return entity.kinds[0] if len(entity.kinds) == 1 else entity.kinds
        case Category():
            return None


def _same(
    new: Definition | Fact | Category, old: Definition | Fact | Category, mine: Figures, theirs: Figures
) -> bool:
    """Whether both say the same, however they write it."""
    match new, old:
        case Category(), Category():
            return [m.name.key for m in new.members] == [m.name.key for m in old.members] and [
                (g.name.key, g.members) for g in new.groups
            ] == [(g.name.key, g.members) for g in old.groups]
        case Fact(), Fact():
            return (new.low, new.high, new.grain, new.optional) == (
                old.low,
                old.high,
                old.grain,
                old.optional,
            )
        case Param(), Param():
            key = new.name.key
            return (
                len(new.versions) == len(old.versions) == 1 and key in mine and mine[key] == theirs.get(key)
            )
        case _:
            return False


def _named(name: Name) -> Words:
    return Words(f"`{name.key}`", f"“{name.shown}”")


def _amount(value: Fraction, kind: Kind, policy: Policy) -> Words:
    assert isinstance(kind, Quantity)
    currency = policy.header.currency
    return Words(*(say_quantity(value, kind, currency, language, plain=True) for language in ("en", "zh")))


def _say(entity: Definition | Fact | Category, policy: Policy) -> Words:
    """What something is, in a few words."""
    match entity:
        case Category():
            return Words("a category", "类别")
        case Fact():
            return _say_kind(entity.kind, policy)
        case Split():
            return Words("a split", "分担")
        case Table() if len(entity.kinds) > 1:
            return Words("a table of several results", "有多栏结果的表")
        case Table():
            return _say_kind(entity.kinds[0], policy)
        case _:
            return _say_kind(entity.kind, policy)


def _say_kind(kind: Kind, policy: Policy) -> Words:
    from policydsl.amounts import say_unit

    match kind:
        case Quantity(percent=True):
            return Words("a rate", "比例")
        case Quantity() if not kind.unit.powers:
            return Words("a number", "数值")
        case Quantity():
            currency = policy.header.currency
            units = say_unit(kind.unit, currency, "en"), say_unit(kind.unit, currency, "zh")
            return Words(f"an amount in {units[0]}", f"以{units[1]}计的数额")
        case YesNo():
            return Words("a yes or no", "是或否")
        case Day():
            return Words("a day", "日期")
        case MemberOf():
            return Words(f"a member of {kind.category}", "类别的一项")
        case SetOf():
            return Words(f"a set of {kind.category}", "类别的若干项")


__all__ = ["assumed", "changed", "former", "means", "misfits", "nothing_falls"]
