"""How is an amount divided into shares, each rounded, so that nothing is lost? The arithmetic of every split."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from policydsl.expressions import LARGEST_FRACTIONS, Rounding
from policydsl.rounding import round_to

_ZERO = Fraction(0)


def exact_shares(whole: Fraction, shares: Sequence[Fraction | None]) -> list[Fraction]:
    """The shares before rounding; None is what the others leave of `whole`."""
    rest = whole - sum((s for s in shares if s is not None), _ZERO)
    return [rest if s is None else s for s in shares]


def paid_shares(
    whole: Fraction,
    exact: Sequence[Fraction],
    rated: Sequence[int],
    rounding: Rounding | None,
    taker: int | None,
) -> list[Fraction]:
    """The shares as they are paid: those at `rated` are rates and are rounded, and the one at `taker` is `whole`
    without the others."""
    paid = list(exact)
    if rounding is None or not rated:
        return paid
    if rounding.holder == LARGEST_FRACTIONS:
        _largest_fractions(paid, rated, rounding.step)
        return paid
    for i in rated:
        if i != taker:
            paid[i] = round_to(exact[i], rounding.step, rounding.mode)
    if taker is not None:
        paid[taker] = whole - sum((x for i, x in enumerate(paid) if i != taker), _ZERO)
    return paid


def _largest_fractions(paid: list[Fraction], rated: Sequence[int], step: Fraction) -> None:
    """Round the rates down, then give a step each to the largest fractions, ties in the order of
    the text. What is left under a step (the total is off the step) goes to the first of them."""
    exact = {i: paid[i] for i in rated}
    for i in rated:
        paid[i] = round_to(exact[i], step, "floor")
    left = sum(exact.values(), _ZERO) - sum((paid[i] for i in rated), _ZERO)
    for i in sorted(rated, key=lambda i: paid[i] - exact[i]):
        if left < step:
            break
        paid[i] += step
        left -= step
    paid[rated[0]] += left
