"""Which other policies does a policy rest on, and may it? Names looked up among the policies at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from policydsl.amounts import said_day
from policydsl.diagnostics import codes_sets as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.diagnostics.model import Fact as Said
from policydsl.facts import Header, Relation
from policydsl.nodes import Node, node
from policydsl.sets.references import means, outside
from policydsl.syntax import ast


@node
class Document(Node):
    """A policy as far as its own file says: its declarations and its header."""

    file: ast.File
    header: Header

    @property
    def key(self) -> str:
        return self.header.name.key


@node
class Link(Node):
    """A relation and the policy that it names."""

    relation: Relation
    to: Document


@node
class Family(Node):
    """What a policy rests on: the links of each policy that can be reached from it, by key."""

    links: Mapping[str, tuple[Link, ...]]
    documents: Mapping[str, Document]

    def of(self, key: str) -> tuple[Link, ...]:
        return self.links.get(key, ())

    def above(self, key: str) -> tuple[Document, ...]:
        """The policies that bind the one of `key`, the nearest first: those it adopts or is under, theirs, and
        those of the policies it amends."""
        found: dict[str, Document] = {}
        queue = [(link, link.relation.bond) for link in self.of(key)]
        while queue:
            link, bond = queue.pop(0)
            if bond == "replaces":
                continue
            if bond != "amends" and link.to.key not in found and link.to.key != key:
                found[link.to.key] = link.to
            queue += [(further, further.relation.bond) for further in self.of(link.to.key)]
        amended = {document.key for document in self.amended(key)}
        return tuple(document for name, document in found.items() if name not in amended)

    def amended(self, key: str) -> tuple[Document, ...]:
        """The policies that the one of `key` amends, the latest first."""
        found: list[Document] = []
        queue = [key]
        while queue:
            for link in self.of(queue.pop(0)):
                if link.relation.bond == "amends" and link.to not in found:
                    found.append(link.to)
                    queue.append(link.to.key)
        return tuple(found)


def family(
    own: Document, others: Sequence[Document], folder: str | Words
) -> tuple[Family, tuple[Diagnostic, ...]]:
    """What `own` rests on among `others`, and what is wrong with that; with an error there are no links.

    `folder` is what messages call the place where `others` are from.
    """
    found: list[Diagnostic] = []
    every = [own, *(d for d in others if d.header.name.span.source is not own.header.name.span.source)]
    links: dict[str, tuple[Link, ...]] = {}
    documents: dict[str, Document] = {own.key: own}
    queue = [own]
    while queue:
        here = queue.pop(0)
        made: list[Link] = []
        for relation in here.header.relations:
            meant = [d for d in every if d is not here and means(relation, d.header)]
            if len({d.key for d in meant}) < len(meant):
                found.append(_twice(relation, meant))
            if meant:
                made.append(Link(relation, meant[0]))
                if meant[0].key not in documents:
                    documents[meant[0].key] = meant[0]
                    queue.append(meant[0])
            elif relation.bond != "replaces" and not (relation.bond == "under" and outside(relation)):
                if here is own and means(relation, own.header):
                    chain = f"{own.key} → {own.key}"
                    found.append(Diagnostic(codes.RELATION_CYCLE, relation.span, {"chain": chain}))
                else:
                    missing: dict[str, Said] = {"name": relation.name, "folder": folder}
                    found.append(Diagnostic(codes.UNKNOWN_POLICY, relation.span, missing))
        links[here.key] = tuple(made)
    circle = _circle(own, links)
    if circle is not None:
        found.append(circle)
    else:
        for link in links[own.key]:
            found += _allowed(own, link, Family(links, documents))
    whole = not any(d.code.severity == "error" for d in found)
    return (Family(links, documents) if whole else Family({}, documents)), tuple(found)


def _twice(relation: Relation, meant: Sequence[Document]) -> Diagnostic:
    one, other = (d.header.name.span.source.name for d in meant[:2])
    facts = {"one": one, "other": other, "name": meant[0].key}
    return Diagnostic(codes.TWO_OF_ONE_NAME, relation.span, facts)


def _circle(own: Document, links: Mapping[str, tuple[Link, ...]]) -> Diagnostic | None:
    """The first chain of relations that comes back to where it was."""
    stack: list[tuple[str, Iterator[Link]]] = [(own.key, iter(links[own.key]))]
    first: list[Relation] = []
    done: set[str] = set()
    while stack:
        key, rest = stack[-1]
        link = next(rest, None)
        if link is None:
            done.add(key)
            stack.pop()
            if first:
                first.pop()
            continue
        waiting = [k for k, _ in stack]
        if link.to.key in waiting:
            chain = " → ".join([*waiting[waiting.index(link.to.key) :], link.to.key])
            start = first[0] if first else link.relation
            return Diagnostic(codes.RELATION_CYCLE, start.span, {"chain": chain})
        if link.to.key not in done:
            first.append(link.relation)
            stack.append((link.to.key, iter(links.get(link.to.key, ()))))
    return None


def _allowed(own: Document, link: Link, family: Family) -> Iterator[Diagnostic]:
    """What is wrong with one relation of a policy: days that do not fit, a draft."""
    mine, theirs, relation = own.header, link.to.header, link.relation
    name = link.to.key
    label = Label(theirs.effective_span or theirs.name.span, Words("its days", "其施行日期"))
    if relation.bond in ("amends", "replaces"):
        if mine.effective_from and theirs.effective_from and theirs.effective_from > mine.effective_from:
            facts: dict[str, Said] = {
                "policy": name, "other": said_day(theirs.effective_from), "own": said_day(mine.effective_from),
            }  # fmt: skip
            yield Diagnostic(codes.AMENDS_LATER, relation.span, facts, (label,))
    elif not together(mine, theirs):
        facts_: dict[str, Said] = {"own": days(mine), "policy": name, "other": days(theirs)}
        yield Diagnostic(codes.NEVER_TOGETHER, relation.span, facts_, (label,))
    if mine.draft or relation.bond == "replaces":
        return
    chain = [link.to, *(further.to for further in _reached(link.to, family))]
    draft = next((document for document in chain if document.header.draft), None)
    if draft is not None:
        says = Label(draft.header.name.span, Words("the draft", "征求意见稿"))
        yield Diagnostic(codes.RESTS_ON_DRAFT, relation.span, {"policy": draft.key}, (says,))


def _reached(start: Document, family: Family) -> list[Link]:
    found: list[Link] = []
    queue = [start.key]
    seen = {start.key}
    while queue:
        for link in family.of(queue.pop()):
            if link.to.key not in seen and link.relation.bond != "replaces":
                seen.add(link.to.key)
                found.append(link)
                queue.append(link.to.key)
    return found


def together(one: Header, other: Header) -> tuple[date, date] | None:
    """The first and the last day on which both are in force; None: there is no such day."""
    first = max(one.effective_from or date.min, other.effective_from or date.min)
    last = min(one.effective_to or date.max, other.effective_to or date.max)
    return (first, last) if first <= last else None


def days(header: Header) -> Words:
    """The days in force: from 2021-01-01 to 2021-12-31, both included."""
    first, last = header.effective_from, header.effective_to
    if first is None:
        return Words("on days not stated", "（未写日期）")
    start = said_day(first).zh
    if last is None:
        return Words(f"from {first} on", f"自{start}起")
    return Words(f"from {first} to {last}", f"自{start}至{said_day(last).zh}")
