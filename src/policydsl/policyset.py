"""Which policy decides in a place on a day? All policies of a folder, what binds them, and what is in force."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from policydsl import pipeline
from policydsl.amounts import said_day
from policydsl.api import Answer, Policy, PolicyFileError
from policydsl.diagnostics import codes_sets as codes
from policydsl.diagnostics.model import Diagnostic, Fact, Language, is_error, listed, message, order
from policydsl.files import find_policies, read_source
from policydsl.source import Source, Span
from policydsl.tasks import standings

__all__ = ["InForce", "NotInForce", "PolicySet"]


class NotInForce(LookupError):
    """No policy is in force, or none for such a place; `diagnostic` says so in both languages."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(message(diagnostic, "en"))
        self.diagnostic = diagnostic


class InForce:
    """The policies in force in a place on a day, the most local first. There may be none."""

    __slots__ = ("_missing", "day", "place", "policies")

    def __init__(self, place: str, day: date, policies: tuple[Policy, ...], missing: Diagnostic) -> None:
        self.place = place
        self.day = day
        self.policies = policies
        self._missing = missing

    def __bool__(self) -> bool:
        return bool(self.policies)

    def __repr__(self) -> str:
        return f"<InForce {self.place} {self.day}: {', '.join(p.name for p in self.policies) or 'nothing'}>"

    @property
    def policy(self) -> Policy:
        """The most local policy. Raises NotInForce when there is none."""
        if not self.policies:
            raise NotInForce(self._missing)
        return self.policies[0]

    def evaluate(self, output: str, /, **facts: object) -> Answer:
        """The answer of the most local policy that has this output, as of the day. Raises as `Policy.evaluate` does,
        and NotInForce."""
        policy = next((p for p in self.policies if _has(p, output)), None) or self.policy
        return policy.evaluate(output, **{"on": self.day, **facts})


def _has(policy: Policy, output: str) -> bool:
    try:
        policy.inputs(output)
    except KeyError:
        return False
    return True


class PolicySet:
    """Policies that are held against each other.

    `policies` are those without errors, in the order of their files; `problems` is all that is wrong with
    any of them and between them: days with nothing in force, days with two policies for one place.
    """

    __slots__ = ("_checked", "_standings", "policies", "problems")

    def __init__(self, checked: Mapping[str, pipeline.Checked], unread: Sequence[Diagnostic] = ()) -> None:
        self._checked = {c.policy.header.name.key: c for c in checked.values() if c.policy is not None}
        self._standings = standings.standings(self._checked.values())
        found = [d for c in checked.values() for d in c.diagnostics]
        found += _twins(checked.values())
        found += standings.standing_problems(self._standings)
        self.problems: tuple[Diagnostic, ...] = (*unread, *sorted(found, key=order))
        self.policies: tuple[Policy, ...] = tuple(
            Policy(c.program, c.diagnostics) for c in checked.values() if c.program is not None
        )

    @staticmethod
    def load(path: str | os.PathLike[str]) -> PolicySet:
        """All policies in a folder and the folders in it, checked one against the other. Raises PolicyFileError when
        one has errors or cannot be read, and when two are for one place on one day."""
        found = PolicySet.read(path)
        errors = tuple(filter(is_error, found.problems))
        if errors:
            raise PolicyFileError(errors)
        return found

    @staticmethod
    def read(path: str | os.PathLike[str]) -> PolicySet:
        """The same as far as it goes; what is wrong stands in `problems`."""
        unread: list[Diagnostic] = []
        sources: list[Source] = []
        for file in find_policies([os.fspath(path)]):
            source = file if isinstance(file, Diagnostic) else read_source(file)
            if isinstance(source, Diagnostic):
                unread.append(source)
            else:
                sources.append(source)
        return PolicySet.of(sources, os.fspath(path), unread)

    @staticmethod
    def of(sources: Iterable[Source], folder: str = "", unread: Sequence[Diagnostic] = ()) -> PolicySet:
        """The set of policies with these texts; `folder` is what messages call the place they are from."""
        texts = list(sources)
        for source in texts:
            others = [s for s in texts if s is not source]
            source.beside = lambda others=others: [(folder, others)]
        return PolicySet({source.name: pipeline.check(source) for source in texts}, unread)

    def __iter__(self) -> Iterator[Policy]:
        return iter(self.policies)

    def __getitem__(self, name: str) -> Policy:
        return next(p for p in self.policies if p.name == name)

    @property
    def places(self) -> tuple[str, ...]:
        """The places that policies are for, a city after its province."""
        return standings.places(self._standings)

    def at(self, place: str, day: date) -> InForce:
        """The policies in force in a place on a day: its own, then those of what it is a part of. A place is called by
        its whole name or its last part: 山东省临沂市, 临沂市, 临沂. Raises NotInForce for a place without policies."""
        here = standings.find_place(self._standings, place)
        if here is None:
            facts: dict[str, Fact] = {"place": place, "places": listed(self.places)}
            raise NotInForce(Diagnostic(codes.UNKNOWN_PLACE, _NOWHERE, facts))
        keys = standings.in_force(self._standings, here, day)
        by_name = {p.name: p for p in self.policies}
        policies = tuple(by_name[key] for key in keys if key in by_name)
        periods = listed(standings.periods(self._standings, here))
        missing = Diagnostic(
            codes.NOTHING_IN_FORCE, _NOWHERE, {"place": here, "day": said_day(day), "days": periods}
        )
        return InForce(here, day, policies, missing)

    def status(self, day: date) -> standings.Status:
        """Who is bound by what on a day, place by place."""
        return standings.status(self._standings, self._checked.values(), day)

    def status_text(self, day: date, language: Language = "zh") -> str:
        """The same for people to read."""
        return standings.status_text(self.status(day), language)

    def graph(self, language: Language = "zh") -> str:
        """What rests on what, as text."""
        return standings.graph.text(self._standings, language)

    def graph_svg(self, day: date, language: Language = "zh") -> str:
        """The same as a drawing over the days in force, with a line at `day`."""
        return standings.graph.svg(self._standings, day, language)


def _twins(checked: Iterable[pipeline.Checked]) -> Iterator[Diagnostic]:
    """The files that are of one policy with another."""
    first: dict[str, pipeline.Checked] = {}
    for here in checked:
        if here.policy is None:
            continue
        name = here.policy.header.name
        other = first.setdefault(name.key, here)
        if other is not here:
            facts: dict[str, Fact] = {"one": other.source.name, "other": here.source.name, "name": name.key}
            yield Diagnostic(codes.TWO_OF_ONE_NAME, name.span, facts)


_NOWHERE = Span(Source("", ""), 0, 0)
