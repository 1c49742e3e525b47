"""What does a check suppose of the case? A policy seen with some facts known, and others within limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

from policydsl.expressions import Expr, Value
from policydsl.facts import Fact
from policydsl.model import Definition, Policy
from policydsl.nodes import Node, evolve, field, node

#: The fact that says on which day the case is; it exists where figures change with time.
ON = "on"


@node
class Range(Node):
    """The values from `low` to `high`, both included; None is without end."""

    low: Fraction | None
    high: Fraction | None

    def holds(self, x: Fraction) -> bool:
        return (self.low is None or self.low <= x) and (self.high is None or x <= self.high)


@node
class View(Node):
    """A policy seen with some facts known, by key; `"on"` is the day of the case.

    `ranges` narrows quantities that are not known. `opaque` gives conditions that nothing can
    decide (two dates compared, a product of inputs) the truth values to try.
    """

    policy: Policy
    index: Mapping[str, Definition]
    inputs: Mapping[str, Fact]
    facts: Mapping[str, Value]
    ranges: Mapping[str, Range] = field(factory=dict)
    opaque: Mapping[Expr, bool] = field(factory=dict)
    memo: dict[object, object] = field(factory=dict)
    shared: dict[object, object] = field(factory=dict)


def view(policy: Policy) -> View:
    """`policy` with no fact known."""
    index: dict[str, Definition] = {}
    for d in policy.definitions:
        index.setdefault(d.name.key, d)
    return View(policy, index, {f.name.key: f for f in policy.facts}, {})


def on_its_days(seen: View, key: str) -> View:
    """`seen` on those days only on which the definition `key` holds, when it is an edition by date."""
    on = seen.inputs.get(ON)
    window = _window(seen.policy, key)
    if on is None or window is None:
        return seen
    first, last = window
    ends = [day for day in (last, on.high) if isinstance(day, date)]
    days = evolve(on, low=first or on.low, high=min(ends, default=None))
    return evolve(seen, inputs={**seen.inputs, ON: days})


def _window(policy: Policy, key: str) -> tuple[date | None, date | None] | None:
    """The first and the last day of an edition; None of what is none, and as a day where it is not said."""
    for line in policy.timelines:
        for n, edition in enumerate(line.editions):
            if edition.key == key:
                after = line.editions[n + 1].start if n + 1 < len(line.editions) else None
                return edition.start, edition.end or (after and after - timedelta(days=1))
    return None


def knowing(seen: View, facts: Mapping[str, Value]) -> View:
    """`seen` with `facts` known as well."""
    if not facts:
        return seen
    return View(
        seen.policy,
        seen.index,
        seen.inputs,
        {**seen.facts, **facts},
        seen.ranges,
        seen.opaque,
        shared=seen.shared,
    )


def supposing(seen: View, opaque: Mapping[Expr, bool]) -> View:
    """`seen` with truth values for conditions that cannot be decided."""
    if not opaque:
        return seen
    return View(seen.policy, seen.index, seen.inputs, seen.facts, seen.ranges, opaque, shared=seen.shared)


def within(seen: View, ranges: Mapping[str, Range]) -> View:
    """`seen` with narrower ranges for some inputs."""
    if not ranges:
        return seen
    return View(
        seen.policy,
        seen.index,
        seen.inputs,
        seen.facts,
        {**seen.ranges, **ranges},
        seen.opaque,
        shared=seen.shared,
    )
