"""Does a policy keep what those above it require? The question put as a program, and the answer in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policydsl.diagnostics import codes_sets as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words, listed, message
from policydsl.facts import Header, Name
from policydsl.ir import Ensure, Program
from policydsl.model import Accept, Policy
from policydsl.needs import refs
from policydsl.nodes import Node, Span, evolve, node
from policydsl.sets.joining import join, names_of, principal
from policydsl.sets.relations import Document
from policydsl.syntax import ast


@node
class Bound(Node):
    """A `require` of a higher policy. `about` is the key of the figure that it binds."""

    by: Document
    promise: ast.Promise
    about: str | None

    @property
    def place(self) -> tuple[str, int]:
        return self.promise.span.source.name, self.promise.span.start

    @property
    def text(self) -> str:
        """The bound as its policy writes it, on one line."""
        span = self.promise.property.span
        if self.promise.when is not None:
            span = span.to(self.promise.when.span)
        return " ".join(span.text.split())

    @property
    def words(self) -> str:
        """The words of the notice, with the number of their clause; without a quote the bound itself."""
        if not self.promise.quotes:
            return self.text
        return "；".join(f"{q.clause} {q.words}".strip() for q in self.promise.quotes)


@node
class Question(Node):
    """A policy joined with one above it; the bounds of the latter stand in `file` as ensures."""

    file: ast.File
    bounds: tuple[Bound, ...]


def question(own: ast.File, above: ast.File, by: Document, skip: set[tuple[str, int]]) -> Question | None:
    """What of `above` binds `own`; None: nothing that is not among those to `skip`."""
    core = evolve(own, declarations=tuple(d for d in own.declarations if not isinstance(d, _PROMISES)))
    joined = join(core, above, "bound").file
    named = names_of(joined)
    declarations: list[ast.Declaration] = []
    found: list[Bound] = []
    for declaration in joined.declarations:
        if isinstance(declaration, ast.Promise):
            bound = Bound(by, declaration, principal(declaration, named))
            if bound.place in skip:
                continue
            skip.add(bound.place)
            found.append(bound)
            declaration = evolve(declaration, below=False, about=False)
        declarations.append(declaration)
    if not found:
        return None
    return Question(evolve(joined, declarations=tuple(declarations)), tuple(found))


_PROMISES = ast.Promise | ast.Example | ast.Waive | ast.Accept


def limited(policy: Policy, own: Header, above: Header) -> Policy:
    """The joined policy on the days on which both are in force."""
    first = max(filter(None, (own.effective_from, above.effective_from)), default=None)
    last = min(filter(None, (own.effective_to, above.effective_to)), default=None)
    facts = tuple(evolve(f, low=first, high=last) if f.name.key == "on" else f for f in policy.facts)
    return evolve(policy, header=evolve(policy.header, effective_from=first, effective_to=last), facts=facts)


def waiting(bound: Bound, policy: Policy) -> Name | None:
    """The figure that a bound is about, where nobody has set it yet."""
    return next((f.name for f in policy.facts if f.open and f.name.key == bound.about), None)


def open_figures(program: Program, ensure: Ensure) -> list[Name]:
    """The open figures that a property depends on, through other definitions too."""
    inputs: set[str] = set()
    for expr in (ensure.holds, ensure.output, ensure.when):
        if expr is not None:
            inputs |= _inputs(expr)
            for key in refs(expr):
                inputs |= set(program.definition(key).inputs)
    return [f.name for f in program.facts if f.open and f.name.key in inputs]


def _inputs(expr: object) -> set[str]:
    from policydsl.expressions import Input, Present, children

    found: set[str] = set()
    pending = [expr]
    while pending:
        here = pending.pop()
        if isinstance(here, Input | Present):
            found.add(here.key)
        pending += children(here)  # type: ignore[arg-type]
    return found


# answers


def place(bound: Bound, own: ast.File, fallback: Span) -> Span:
    """Where the policy says what a bound is about; else where it names the policy above it."""
    source = own.span.source
    for declaration in own.declarations:
        name = getattr(declaration, "name", None)
        if isinstance(name, Name) and name.key == bound.about and name.span.source is source:
            return name.span
    return fallback


def _facts(bound: Bound) -> dict[str, str | int | Words]:
    return {"policy": titled(bound.by.header), "bound": bound.words, "clause": f"`{bound.text}`"}


def titled(header: Header) -> Words:
    """A policy as messages call it: its title and its number."""
    number = header.document
    if number is None or number == header.title:
        return Words(header.title, f"《{header.title}》")
    return Words(f"{header.title} ({number})", f"《{header.title}》（{number}）")


def _label(bound: Bound) -> Label:
    return Label(bound.promise.span, Words("the bound", "上级的规定"))


def kept(bound: Bound, span: Span) -> Diagnostic:
    return Diagnostic(codes.BOUND_KEPT, span, _without(_facts(bound), "clause"), (_label(bound),))


def waits(bound: Bound, figure: Name, span: Span) -> Diagnostic:
    facts = {**_without(_facts(bound), "clause"), "open": Words(figure.key, f"“{figure.shown}”")}
    return Diagnostic(codes.BOUND_WAITS, span, facts, (_label(bound),))


def undecided(bound: Bound, why: Words, span: Span) -> Diagnostic:
    facts = {**_without(_facts(bound), "clause"), "why": why}
    return Diagnostic(codes.BOUND_UNDECIDED, span, facts, (_label(bound),))


def broken(
    bound: Bound, told: Diagnostic, waits_for: list[Name], span: Span, departures: Mapping[str, Accept]
) -> Diagnostic | None:
    """A bound that a case breaks, as its strength demands; None for a default that is left with a reason.

    `told` is what the prover says of it, `waits_for` the open figures that the case had to assume.
    """
    shown, example = told.facts["shown"], told.facts["example"]
    if waits_for and not bound.promise.about:
        names = listed(name.key for name in waits_for).en, listed(name.shown for name in waits_for).zh
        en = shown.en if isinstance(shown, Words) else str(shown)
        zh = shown.zh if isinstance(shown, Words) else str(shown)
        why = Words(f"it depends on {names[0]}; {en}", f"取决于{names[1]}；{zh}")
        return undecided(bound, why, span)
    facts = {**_facts(bound), "shown": shown, "example": example}
    if bound.promise.about:
        return Diagnostic(
            codes.TARGET_MISSED, span, _only(facts, "policy", "bound", "shown"), (_label(bound),)
        )
    if bound.promise.in_principle:
        if bound.about in departures:
            return None
        facts = {**_only(facts, "policy", "bound", "shown", "clause"), "key": bound.about or "?"}
        return Diagnostic(codes.PRINCIPLE_LEFT, span, facts, (_label(bound),), told.case)
    return Diagnostic(codes.BOUND_BROKEN, span, facts, (_label(bound),), told.case)


def unneeded(departures: Mapping[str, Accept], left: set[str]) -> Iterator[Diagnostic]:
    """Departures from nothing: the policy keeps all that is required in principle of that figure."""
    for key, accept in departures.items():
        if key not in left:
            yield Diagnostic(codes.DEPARTURE_UNNEEDED, accept.span, {"key": key})


def said(diagnostic: Diagnostic) -> Words:
    return Words(message(diagnostic, "en"), message(diagnostic, "zh"))


def _without(facts: dict[str, str | int | Words], *gone: str) -> dict[str, str | int | Words]:
    return {key: value for key, value in facts.items() if key not in gone}


def _only(facts: Mapping[str, str | int | Words], *kept_: str) -> dict[str, str | int | Words]:
    return {key: facts[key] for key in kept_}
