"""What does the policy say that has no effect? Inputs nobody reads, conditions that exclude everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from policydsl.checks import words
from policydsl.checks.bounds import fact_range
from policydsl.checks.values import NoAnswer, Unknown, truth
from policydsl.checks.views import ON, View, view
from policydsl.checks.worlds import worlds
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.expressions import Constant
from policydsl.facts import Fact
from policydsl.kinds import MemberOf, SetOf
from policydsl.model import Accept, Policy
from policydsl.nodes import Node, contents, evolve


def check(policy: Policy) -> Iterator[Diagnostic]:
    """Unused inputs, categories and members, defaults out of range, and a `given` that nobody satisfies."""
    categories = {c.name.key for c in policy.categories}
    used_categories = set(policy.used)
    for fact in policy.facts:
        if fact.open or fact.name.key == ON or fact.name.key in categories:
            continue
        if isinstance(fact.kind, (MemberOf, SetOf)):
            used_categories.add(fact.kind.category)
        if fact.name.key not in policy.used:
            yield Diagnostic(codes.UNUSED_INPUT, fact.name.span, {"name": words.named(fact.name)})
    for category in policy.categories:
        if category.name.key not in used_categories:
            yield Diagnostic(codes.UNUSED_CATEGORY, category.name.span, {"name": words.named(category.name)})
    yield from _members(policy)
    for fact in policy.facts:
        yield from _default(fact, policy)
    yield from _givens(view(policy))


def _members(policy: Policy) -> Iterator[Diagnostic]:
    """Members that no test names. One of a category may be what is left (“other persons”), unless cases
    have a set of them, where it has no effect at all; levels of an ordered category are all written."""
    named = _named(policy)
    single = {f.kind.category for f in policy.facts if isinstance(f.kind, MemberOf)}
    for category in policy.categories:
        unnamed = [m.name for m in category.members if m.name.key not in named]
        few = 2 if category.name.key in single else 1
        # Where none is named the input that has them is not used, and said to be so.
        if category.ordered or not few <= len(unnamed) < len(category.members):
            continue
        said = words.members([name.key for name in unnamed], category.name.key, policy)
        facts: dict[str, str | int | Words] = {"members": said, "category": words.named(category.name)}
        yield Diagnostic(codes.UNUSED_MEMBER, unnamed[0].span, facts)


def _named(policy: Policy) -> set[str]:
    """The members that anything but an example names, whatever their category."""
    found: set[str] = set()
    pending: list[object] = [
        policy.definitions,
        policy.givens,
        policy.ensures,
        policy.requires,
        policy.timelines,
    ]
    while pending:
        one = pending.pop()
        if isinstance(one, Constant):
            found.update([one.value] if isinstance(one.value, str) else [])
        elif isinstance(one, Node):
            pending += contents(one)
        elif isinstance(one, tuple):
            # The members between which a property steps stand in a tuple.
            pending += [part for part in one if not isinstance(part, str)]
            found.update(part for part in one if isinstance(part, str))
        elif isinstance(one, frozenset):
            found.update(part for part in one if isinstance(part, str))
    return found


def _default(fact: Fact, policy: Policy) -> Iterator[Diagnostic]:
    default = fact.default
    if not fact.has_default or not isinstance(default, Fraction):
        return
    off_grain = bool(fact.grain) and (default / (fact.grain or 1)).denominator != 1
    if off_grain or not fact_range(fact).holds(default):
        yield Diagnostic(
            codes.DEFAULT_OUTSIDE,
            fact.span,
            {"name": words.named(fact.name), "value": words.amount(default, fact.kind, policy)},
        )


def _givens(seen: View) -> Iterator[Diagnostic]:
    """A condition that no case satisfies, alone or together with those before it."""
    for n, given in enumerate(seen.policy.givens):
        found = worlds([given.condition], view(evolve(seen.policy, givens=seen.policy.givens[:n])))
        if found is None:
            yield Diagnostic(codes.TOO_MANY_CASES, given.span, {"name": words.both("given", "前提")})
            return
        satisfiable = False
        for world in found:
            try:
                satisfiable = truth(given.condition, world)
            except (Unknown, NoAnswer):
                continue
            if satisfiable:
                break
        if not satisfiable:
            yield Diagnostic(codes.GIVEN_NEVER, given.condition.span, {})
            return


_FINDINGS = {
    "rate": Words("rate", "比例"),
    "gap": Words("gap", "空档"),
    "overlap": Words("overlap", "重叠"),
    "notch": Words("notch", "陡坎"),
}
_EVERYWHERE = Words("any definition", "各项")


def unneeded(accepts: Iterable[Accept]) -> Iterator[Diagnostic]:
    """The `accept` lines that silence nothing; notches are looked for by the prover, and figures that
    nothing protects by `policydsl mutate`, departures where the policy is held against those above it."""
    for accept in accepts:
        if accept.finding not in ("notch", "unprotected", "departure"):
            yield Diagnostic(
                codes.ACCEPT_UNNEEDED,
                accept.span,
                {"finding": _FINDINGS[accept.finding], "target": accept.target or _EVERYWHERE},
            )
