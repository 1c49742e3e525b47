"""What does a rule with grounds give, by which ground, and which of them hold?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policydsl.flatten.expressions import Scope, compute
from policydsl.flatten.tables import together
from policydsl.flatten.values import Val, also, choose, without
from policydsl.ir import Exceptions, Ground, Overlap


@dataclass(frozen=True, slots=True)
class Granted:
    """The value; the place of the ground in `keys` ("base" first); a mask of the grounds that hold, bit i for
    `keys[i + 1]`."""

    value: Val
    ground: int
    held: int
    keys: tuple[str, ...]


def ground_keys(grounds: Sequence[Ground], above: str = "") -> Iterator[str]:
    """The keys that results name grounds by, inner ones after their outer one: `full`, `full.veteran`."""
    for ground in grounds:
        own = ground.name.key
        key = own if not above or own.startswith(f"{above}.") else f"{above}.{own}"
        yield key
        yield from ground_keys(ground.inner, key)


@dataclass(frozen=True, slots=True)
class _Held:
    """Grounds side by side: whether one holds, what they give, the number of the one that gave it (0: several
    did), the mask of those that hold, the number of the first, and what fails whatever is read."""

    any: int
    value: Val
    ground: int
    mask: int
    first: int
    fails: int | None


def exceptions(body: Exceptions, scope: Scope) -> Granted:
    b = scope.b
    keys = ("base", *ground_keys(body.grounds))
    held = _together(body.grounds, body.overlap, 1, scope)
    base = compute(body.base, scope)
    value = also(b, choose(b, held.any, held.value, base), held.fails)
    several = b.compare("==", held.ground, b.whole(0))
    ground = b.choose(held.any, b.choose(several, held.first, held.ground), b.whole(0))
    return Granted(value, ground, held.mask, keys)


def _together(grounds: Sequence[Ground], overlap: Overlap, number: int, scope: Scope) -> _Held:
    """What `grounds` give, the first of them being number `number` of all."""
    b = scope.b
    tests: list[int] = []
    values: list[Val] = []
    givers: list[int] = []
    numbers: list[int] = []
    mask = b.whole(0)
    fails: int | None = None
    for ground in grounds:
        when = compute(ground.when, scope)
        own = compute(ground.value, scope)
        fails = b.any_of(fails, when.fails)
        inner = _together(ground.inner, overlap, number + 1, scope) if ground.inner else None
        giver = b.whole(number)
        bits = b.whole(1 << (number - 1))
        if inner is not None:
            fails = b.any_of(fails, b.where(when.i, inner.fails))
            own = choose(b, inner.any, inner.value, own)
            giver = b.choose(inner.any, inner.ground, giver)
            bits = b.sum(bits, inner.mask)
        mask = b.sum(mask, b.choose(when.i, bits, b.whole(0)))
        tests.append(when.i)
        values.append(own)
        givers.append(giver)
        numbers.append(number)
        number += 1 + sum(1 for _ in ground_keys(ground.inner))
    made = together(overlap, tests, values, scope)
    chosen = first = b.whole(0)
    for k in range(len(grounds) - 1, -1, -1):
        chosen = b.choose(b.compare("==", made.which, b.whole(k)), givers[k], chosen)
        first = b.choose(tests[k], b.whole(numbers[k]), first)
    value = without(made.value) if overlap == "count" else made.value
    return _Held(made.held, value, chosen, mask, first, fails)
