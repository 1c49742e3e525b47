"""What does a policy say with all that it rests on? The policies beside it read, joined, and held against it.

A policy takes over what it amends or adopts, sees what it is under, and keeps what those above it
require. The other policies come with its source (`Source.beside`); none is looked for here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from policydsl.checks.figures import figures
from policydsl.diagnostics import codes_sets as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words, is_error
from policydsl.lower import lower
from policydsl.model import Policy
from policydsl.nodes import Node, node
from policydsl.resolve import header, resolve
from policydsl.sets import bounds, carried
from policydsl.sets.joining import Joined, join, names_of
from policydsl.sets.references import differing, folded
from policydsl.sets.relations import Document, Link, family, together
from policydsl.source import Source, Span
from policydsl.syntax import ast
from policydsl.syntax.parse import parse

if TYPE_CHECKING:
    from policydsl.ir import Program
    from policydsl.prove.decide import Verdict

_BONDS = ("amends", "adopts", "under", "replaces")


def rests_on_others(file: ast.File) -> bool:
    """Whether a policy names other documents in its header."""
    return any(
        field.key in _BONDS for d in file.declarations if isinstance(d, ast.Policy) for field in d.fields
    )


@node
class Join(Node):
    """One policy that the policy at hand is joined with, and what came of it."""

    link: Link
    joined: Joined


class Whole:
    """A policy with what it rests on. `file` are its declarations and those it takes over, `found` what is
    wrong with its relations."""

    def __init__(self, own: Document, others: Iterable[tuple[Document, bool]], folder: str | Words) -> None:
        self.own = own
        known = list(others)
        self._faulty = {d.key for d, whole in known if not whole}
        self.family, found = family(own, [d for d, _ in known], folder)
        self.found: list[Diagnostic] = [*found, *differing(own.header, [d.header for d, _ in known])]
        self.joins: list[Join] = []
        self._files: dict[str, ast.File] = {}
        self._models: dict[str, tuple[Policy | None, tuple[Diagnostic, ...]]] = {}
        self.file = self.effective(own.key, self.joins)
        fell = frozenset(name for j in self.joins for name in j.joined.fell)
        if not any(map(is_error, found)):
            self.found += carried.nothing_falls(own.header, self.family.of(own.key), fell)

    def effective(self, key: str, joins: list[Join] | None = None) -> ast.File:
        """The declarations of a policy with those it takes over."""
        if key in self._files:
            return self._files[key]
        document = self.family.documents[key]
        file = document.file
        falls = frozenset(r.name for r in document.header.relations if r.bond == "replaces")
        for link in self.family.of(key):
            if link.relation.bond == "replaces":
                continue
            joined = join(file, self.effective(link.to.key), link.relation.bond, falls)
            if joins is not None:
                joins.append(Join(link, joined))
            file = joined.file
        self._files[key] = file
        return file

    def model(self, key: str) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
        """The model of a related policy with what it takes over, and its errors before anything is proved."""
        if key not in self._models:
            from policydsl import checks

            policy, found = resolve(self.effective(key))
            if policy is not None:
                found = (*found, *checks.run(policy, complete=False))
            self._models[key] = policy, tuple(filter(is_error, found))
        return self._models[key]

    def sorted_out(
        self, unresolved: Iterable[Diagnostic], checked: Iterable[Diagnostic]
    ) -> Iterator[Diagnostic]:
        """What was found in the joined policy, as its own author should read it: of what stands in other
        files only errors count, and those of policies that have them by themselves once. Where a policy is
        missing, a name that cannot be resolved is no news."""
        if any(map(is_error, self.found)):
            unresolved = ()
        found = (*unresolved, *checked)
        source = self.own.file.span.source
        told: set[str] = set()
        known: dict[tuple[str, str, int], str] = {}
        for j in self.joins:
            key = j.link.to.key
            errors = self.model(key)[1]
            if errors or key in self._faulty:
                told.add(key)
                facts = {"policy": key, "file": j.link.to.header.name.span.source.name}
                yield Diagnostic(codes.RELATED_FAULTY, j.link.relation.span, facts)
            known.update({_where(d): key for d in errors})
        for diagnostic in found:
            # By name: `mutate` reads a changed declaration as a text of its own, under the same name.
            if diagnostic.span.source.name == source.name:
                yield diagnostic
            elif is_error(diagnostic) and _where(diagnostic) not in known and not told:
                link = self._link_to(diagnostic.span.source)
                label = Label(diagnostic.span, Words("there", "原规定"))
                broken: dict[str, str | int | Words] = {
                    "policy": link.to.key,
                    "problem": bounds.said(diagnostic),
                }
                yield Diagnostic(
                    codes.TAKEN_OVER_FAULTY, link.relation.span, broken, (label,), diagnostic.case
                )

    def _link_to(self, source: Source) -> Link:
        links = self.family.of(self.own.key)
        direct = next((x for x in links if x.to.header.name.span.source is source), None)
        return direct or links[0]

    def misfits(self, own: Policy) -> Iterator[Diagnostic]:
        """What the policy restates otherwise than it may."""
        for j in self.joins:
            above = self.model(j.link.to.key)[0]
            if above is None:
                continue
            mine, theirs = figures(own), figures(above)
            yield from carried.misfits(own, above, j.link, j.joined.restated, mine, theirs)
            if j.link.relation.bond == "amends":
                yield from carried.former(own, above, j.link, mine, theirs)

    def notes(self, own: Policy) -> Iterator[Diagnostic]:
        """What falls, what an amendment changes, and which figures of the year before are assumed."""
        known: set[str] = set()
        mine = figures(own)
        for link in self.family.of(self.own.key):
            yield from self._falls(link)
        for j in self.joins:
            above = self.model(j.link.to.key)[0]
            if above is not None and j.link.relation.bond == "amends":
                theirs = figures(above)
                known |= theirs.keys()
                yield from carried.changed(own, above, j.link, j.joined.restated, mine, theirs)
        yield from carried.assumed(own, mine, frozenset(known))

    def _falls(self, link: Link) -> Iterator[Diagnostic]:
        """What of a policy falls because `replaces` says so."""
        named = names_of(self.effective(link.to.key))
        falls = frozenset(named) if link.relation.bond == "replaces" else frozenset()
        falls |= next((j.joined.fell for j in self.joins if j.link is link), frozenset())
        if falls:
            shown = [d.name for key, d in named.items() if key in falls]
            names = Words(", ".join(n.key for n in shown), "、".join(n.shown for n in shown))
            facts: dict[str, str | int | Words] = {"policy": link.to.key, "names": names}
            yield Diagnostic(codes.FALLS, link.relation.span, facts)

    def held(
        self,
        own: Policy,
        prove: Callable[[Program], Iterable[Verdict]],
        tell: Callable[[Program, Verdict], Diagnostic | None],
    ) -> Iterator[Diagnostic]:
        """What becomes of each bound from above, the nearest policy first; those kept, waiting and missed
        as targets are notes."""
        skip: set[tuple[str, int]] = set()
        departures = {a.target: a for a in own.accepts if a.finding == "departure" and a.target is not None}
        left: set[str] = set()
        for document in self.family.above(self.own.key):
            fallback = next(
                (x.relation.span for x in self.family.of(self.own.key) if x.to.key == document.key),
                self.own.header.name.span,
            )
            if self.model(document.key)[1] or document.key in self._faulty:
                facts = {"policy": document.key, "file": document.header.name.span.source.name}
                yield Diagnostic(codes.RELATED_FAULTY, fallback, facts)
                continue
            if together(own.header, document.header) is None:
                continue
            asked = bounds.question(self.file, self.effective(document.key), document, skip)
            if asked is None:
                continue
            yield from self._answers(own, asked, document, prove, tell, fallback, departures, left)
        yield from bounds.unneeded(departures, left)

    def _answers(
        self,
        own: Policy,
        asked: bounds.Question,
        document: Document,
        prove: Callable[[Program], Iterable[Verdict]],
        tell: Callable[[Program, Verdict], Diagnostic | None],
        fallback: Span,
        departures: Mapping[str, object],
        left: set[str],
    ) -> Iterator[Diagnostic]:
        policy, unresolved = resolve(asked.file)
        if policy is None:
            return
        program = lower(bounds.limited(policy, own.header, document.header))
        verdicts = {(v.ensure.span.source.name, v.ensure.span.start): v for v in prove(program)}
        for bound in asked.bounds:
            span = bounds.place(bound, self.own.file, fallback)
            figure = bounds.waiting(bound, policy)
            verdict = verdicts.get(bound.place)
            if figure is not None:
                yield bounds.waits(bound, figure, span)
            elif verdict is None:
                problem = next(filter(is_error, unresolved), None)
                why = bounds.said(problem) if problem is not None else Words("it cannot be read", "无法读取")
                yield bounds.undecided(bound, why, span)
            elif verdict.outcome == "proved":
                yield bounds.kept(bound, span)
            else:
                told = tell(program, verdict)
                assert told is not None
                if verdict.outcome == "open":
                    yield bounds.undecided(bound, bounds.said(told), span)
                    continue
                assert verdict.witness is not None
                opened = [f.name for f in program.facts if f.open and f.name.key in verdict.witness.facts]
                said = bounds.broken(bound, told, opened, span, departures)  # type: ignore[arg-type]
                if said is None and bound.about is not None:
                    left.add(bound.about)
                elif said is not None:
                    yield said


def _where(diagnostic: Diagnostic) -> tuple[str, str, int]:
    return diagnostic.code.number, diagnostic.span.source.name, diagnostic.span.start


def whole(file: ast.File) -> Whole | None:
    """The policy of `file` with what it rests on; None: the file does not say which policy it is."""
    own = _document(file)
    if own is None:
        return None
    beside = file.span.source.beside
    read: dict[str, tuple[Document, bool] | None] = {}
    found = None
    for folder, sources in beside() if beside is not None else ():
        found = Whole(own, _documents(own, sources, read), folder)
        if len(found.family.of(own.key)) == len(own.header.relations):
            return found  # everything is found; a document outside may stand in a wider folder
    return found or Whole(own, (), Words("the policies at hand", "现有政策"))


@lru_cache(maxsize=64)
def _parsed(source: Source) -> tuple[ast.File, tuple[Diagnostic, ...]]:
    """A text beside, read once while many policies, or many changes of one, rest on it."""
    return parse(source)


def _documents(
    own: Document, sources: Sequence[Source], read: dict[str, tuple[Document, bool] | None]
) -> list[tuple[Document, bool]]:
    """The policies that `own` may mean, directly or through others, and whether each could be read whole.

    A text that holds none of the names is not read: a large folder costs no more than what is named.
    """
    wanted = {folded(text) for text in _named(own)}
    texts = {
        source.name: folded(source.text) for source in sources if source.name != own.file.span.source.name
    }
    pending = [source for source in sources if source.name in texts]
    found: list[tuple[Document, bool]] = []
    progress = True
    while progress:
        progress = False
        for source in list(pending):
            if not any(name in texts[source.name] for name in wanted):
                continue
            pending.remove(source)
            if source.name not in read:
                file, wrong = _parsed(source)
                document = _document(file)
                read[source.name] = (document, not any(map(is_error, wrong))) if document else None
            entry = read[source.name]
            if entry is not None:
                found.append(entry)
                wanted |= {folded(text) for text in _named(entry[0])}
                progress = True
    return sorted(found, key=lambda entry: entry[0].header.name.span.source.name)


def _named(document: Document) -> Iterator[str]:
    """The names of a policy, and what it calls the documents that it names."""
    yield from filter(None, (document.key, document.header.name.written))
    for relation in document.header.relations:
        yield from filter(None, (relation.name, relation.title))


def assumptions(policy: Policy) -> Iterator[Diagnostic]:
    """The figures of the year before that a policy states and no other policy does."""
    return carried.assumed(policy, figures(policy), frozenset())


def _document(file: ast.File) -> Document | None:
    """What a file says it is."""
    made = header(file)
    return Document(file, made) if made is not None else None
