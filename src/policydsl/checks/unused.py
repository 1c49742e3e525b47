"""What does the policy say that has no effect? Inputs nobody reads, conditions that exclude everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from policydsl.checks import words
from policydsl.checks.bounds import fact_range
from policydsl.checks.values import ON, NoAnswer, Unknown, View, truth, view
from policydsl.checks.worlds import worlds
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.facts import Fact
from policydsl.kinds import MemberOf, SetOf
from policydsl.model import Accept, Policy
from policydsl.nodes import evolve


def check(policy: Policy) -> Iterator[Diagnostic]:
    """Unused inputs and categories, defaults out of range, and a `given` that nobody satisfies."""
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
    for fact in policy.facts:
        yield from _default(fact, policy)
    yield from _givens(view(policy))


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
    nothing protects by `policydsl mutate`."""
    for accept in accepts:
        if accept.finding not in ("notch", "unprotected"):
            yield Diagnostic(
                codes.ACCEPT_UNNEEDED,
                accept.span,
                {"finding": _FINDINGS[accept.finding], "target": accept.target or _EVERYWHERE},
            )
