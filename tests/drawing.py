"""How are thousands of random programs drawn in seconds? The strategies that `random_programs` uses, without shrinking.

`drawn` loads that module a second time over these instead of hypothesis': the same programs, drawn from a
`random.Random`, fifty times faster.
"""

from __future__ import annotations

import importlib.util
import random
import sys
import types
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

Draw = Callable[["Strategy"], Any]


class Strategy:
    """A way to draw a value."""

    def __init__(self, draw: Callable[[random.Random], Any]) -> None:
        self.draw = draw

    def __or__(self, other: Strategy) -> Strategy:
        return one_of(self, other)

    def map(self, function: Callable[[Any], Any]) -> Strategy:
        return Strategy(lambda rng: function(self.draw(rng)))


def just(value: Any) -> Strategy:
    return Strategy(lambda rng: value)


def none() -> Strategy:
    return just(None)


def booleans() -> Strategy:
    return Strategy(lambda rng: rng.random() < 0.5)


def integers(low: int, high: int) -> Strategy:
    return Strategy(lambda rng: rng.choice((low, high, rng.randint(low, high), rng.randint(low, high))))


def dates(low: date, high: date) -> Strategy:
    return Strategy(lambda rng: low + timedelta(rng.randrange((high - low).days + 1)))


def sampled_from(values: Sequence[Any]) -> Strategy:
    return Strategy(lambda rng: rng.choice(values))


def one_of(*ways: Strategy) -> Strategy:
    return Strategy(lambda rng: rng.choice(ways).draw(rng))


def builds(function: Callable[..., Any], *parts: Strategy) -> Strategy:
    return Strategy(lambda rng: function(*(part.draw(rng) for part in parts)))


def tuples(*parts: Strategy) -> Strategy:
    return builds(lambda *values: values, *parts)


def lists(element: Strategy, min_size: int = 0, max_size: int = 3, unique: bool = False) -> Strategy:
    def draw(rng: random.Random) -> list[Any]:
        found: list[Any] = []
        wanted = rng.randint(min_size, max_size)
        for _ in range(wanted * 10):
            if len(found) == wanted:
                break
            value = element.draw(rng)
            if not unique or value not in found:
                found.append(value)
        return found

    return Strategy(draw)


def frozensets(element: Strategy, min_size: int = 0) -> Strategy:
    return lists(element, min_size, 3, unique=True).map(frozenset)


def fixed_dictionaries(parts: dict[str, Strategy]) -> Strategy:
    return Strategy(lambda rng: {key: part.draw(rng) for key, part in parts.items()})


def composite(function: Callable[..., Any]) -> Callable[..., Strategy]:
    def made(*arguments: Any) -> Strategy:
        return Strategy(lambda rng: function(lambda way: way.draw(rng), *arguments))

    return made


@cache
def _drawn() -> types.ModuleType:
    """`random_programs` over these strategies."""
    strategies = types.ModuleType("hypothesis.strategies")
    vars(strategies).update({name: value for name, value in globals().items() if not name.startswith("_")})
    vars(strategies).update(SearchStrategy=list, DrawFn=Draw)
    spec = importlib.util.spec_from_file_location(
        "random_programs_drawn", Path(__file__).with_name("random_programs.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    kept = sys.modules.get("hypothesis")
    sys.modules["hypothesis"] = types.ModuleType("hypothesis")
    vars(sys.modules["hypothesis"])["strategies"] = strategies
    try:
        spec.loader.exec_module(module)
    finally:
        if kept is None:
            del sys.modules["hypothesis"]
        else:
            sys.modules["hypothesis"] = kept
    return module


def program(seed: int) -> Any:
    """The random program of this seed."""
    return _drawn().programs().draw(random.Random(seed))


def condition(seed: int) -> Any:
    """A random condition on the inputs of these programs."""
    return _drawn().conditions(1).draw(random.Random(seed))


def facts(seed: int, many: int) -> list[dict[str, Any]]:
    """The facts of some random cases for these programs."""
    rng = random.Random(seed)
    return [_drawn().facts.draw(rng) for _ in range(many)]
