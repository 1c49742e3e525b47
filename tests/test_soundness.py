"""Is the prover right? On small random policies its verdicts are what trying every case shows, and
each rule of it, broken on purpose, is found out by that.

`python -m pytest tests/test_soundness.py --examples 5000` tries more policies than every run does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from brute import every_case
from conftest import EXAMPLES
from policydsl import expressions, ir, model, pipeline
from policydsl.lower import lower
from policydsl.nodes import Node, Span, fields
from policydsl.prove import cells, decide, limits, pieces, solver, symbolic
from policydsl.prove.pieces import Condition, Function, Piece, TruthPiece
from policydsl.resolve import resolve
from policydsl.rounding import round_to
from policydsl.source import Source
from small_policies import draft, promises
from soundness import Tally, differences, misjudged, misprinted, readable


def test_verdicts_are_the_truth(seeds: range, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the solver, and for every second policy without it: then only what has several amounts is
    left open. Each counterexample breaks its property again when it is computed."""
    tally = Tally()
    found = [problem for seed in seeds[::2] for problem in differences(seed, tally)]
    _without_the_solver(monkeypatch)
    found += [problem for seed in seeds[1::2] for problem in differences(seed, tally)]
    assert found == []
    assert tally.policies >= len(seeds) * 2 / 5, tally.skipped
    assert tally.outcomes["proved holds"] >= len(seeds) / 2, tally.outcomes
    assert tally.outcomes["refuted broken"] >= len(seeds) / 2, tally.outcomes


def _without_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "available", lambda: False)


def test_an_example_that_is_printed_fails_when_it_is_pasted() -> None:
    assert [problem for seed in range(60) for problem in misprinted(seed)] == []


def test_checks_say_what_is_so(seeds: range) -> None:
    tally = Tally()
    assert [problem for seed in seeds for problem in misjudged(seed, tally)] == []
    assert tally.policies >= len(seeds) * 3 / 4, tally.skipped


#: what a policy says beside its answers; what it asks of others
BESIDE = {"Example", "Expectation", "Accept", "Waive", "Property"}


#: policies that between them have every construct, every form of a property, every fault: they are looked at first
CONSTRUCTS = (8, 15, 23, 25, 75, 78, 136, 143, 235, 261, 319)
FORMS = (18, 128, 170)
FAULTS = (2, 26, 31, 51, 64, 88)


def test_the_policies_have_every_construct() -> None:
    """Every record of the model and of the ir, and every word that one can have: `slab`, `half_even`, `>=`."""
    wanted = {
        name
        for module in (expressions, ir, model)
        for record in vars(module).values()
        if isinstance(record, type) and issubclass(record, Node) and record.__module__ == module.__name__
        for name in _names(record)
        if name.split(".")[0] not in BESIDE
    }
    found: set[str] = set()
    for seed in (*CONSTRUCTS, *range(260)):
        if wanted <= found:
            break
        written = draft(seed)
        some = {name: {0: Fraction(seed % 9), 1: Fraction(3)} for name in written.money}
        text = written.text + "\n".join(promises(written, seed, some))
        policy, unresolved = resolve(pipeline.read(Source("small.pol", text))[0])
        assert policy is not None and not unresolved, text
        _collect((policy, lower(policy)), found)
    assert wanted - found == set()


def _collect(records: tuple[object, ...], found: set[str]) -> None:
    """The names of the records in others, and `record.field=word`."""
    pending = list(records)
    while pending:
        one = pending.pop()
        if isinstance(one, Node):
            own = type(one).__name__
            found.add(own)
            for key, value in zip(fields(one), (getattr(one, key) for key in fields(one)), strict=True):
                if isinstance(value, str):
                    found.add(f"{own}.{key}={value}")
                elif not isinstance(value, Span):
                    pending.append(value)
        elif isinstance(one, tuple):
            pending += one


def _names(record: type) -> Iterator[str]:
    """The name of a kind of record, and each word that a field of it can have."""
    yield record.__name__
    hints = get_type_hints(record)
    for key, hint in hints.items():
        for word in _words(hint):
            yield f"{record.__name__}.{key}={word}"


def _words(hint: object) -> Iterator[str]:
    if get_origin(hint) is Literal:
        yield from (word for word in get_args(hint) if isinstance(word, str))
    elif get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from _words(part)


def test_the_properties_have_every_form() -> None:
    left = {
        "as cost rises", "as stays rises", "as joined rises", "does not fall", "does not rise", "does not jump",
        "as group from", "as level from", ".total", " = ", " is ", " is not ", " <= ", " >= ", " < ", " > ", " when ",
    }  # fmt: skip
    for seed in (*FORMS, *range(200)):
        written = draft(seed)
        some = {name: {0: Fraction(seed % 9), 1: Fraction(3)} for name in written.money}
        text = "\n".join(promises(written, seed, some))
        left = {words for words in left if words not in text}
        if not left:
            break
    assert left == set()


def test_the_careless_policies_have_every_fault() -> None:
    wanted = {
        "no row", "rows differ", "row never", "row never first", "grounds clash", "ground never",
        "grounds together", "no band", "two bands", "slices do not make the amount", "a share below nothing",
        "a share off the grain", "off the grain", "nobody", "nothing",
    }  # fmt: skip
    tally = Tally()
    for seed in (*FAULTS, *range(110)):
        assert list(misjudged(seed, tally)) == []
        if wanted <= set(tally.outcomes):
            break
    assert wanted <= set(tally.outcomes)


# each rule of the prover, broken


def _patched(module: Any, name: str, made: Callable[[Any], Any]) -> Callable[[pytest.MonkeyPatch], None]:
    """A break: what stands in the module, or its class, replaced by what is made of it."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, name, made(getattr(module, name)))

    return patch


def _strict_as_loose(old: Callable[..., bool]) -> Callable[..., bool]:
    return lambda d, op: old(d, {"<": "<=", ">": ">="}.get(op, op))


def _loose_as_strict(old: Callable[..., bool]) -> Callable[..., bool]:
    return lambda d, op: old(d, {"<=": "<", ">=": ">"}.get(op, op))


def _one_end_only(old: Callable[[Piece], Any]) -> Callable[[Piece], Any]:
    """The vertex at the far end of a piece dropped."""

    def broken(piece: Piece) -> Any:
        found = old(piece.on(piece.low, piece.low))
        return found if piece.high is not None else old(piece)

    return broken


def _short_period(old: Callable[..., int]) -> Callable[..., int]:
    return lambda *lengths: max(lengths)


def _half_even_without_parity(old: Callable[..., Piece]) -> Callable[..., Piece]:
    return lambda line, step, mode, _: old(line, step, "half_up" if mode == "half_even" else mode, round_to)


def _void_is(truth: bool) -> Callable[[Callable[..., Condition]], Callable[..., Condition]]:
    def make(old: Callable[..., Condition]) -> Callable[..., Condition]:
        def broken(*args: Any) -> Condition:
            return tuple(
                TruthPiece(p.low, p.high, tuple([truth if t == "void" else t for t in p.pattern]))
                for p in old(*args)
            )

        return broken

    return make


def _first_cell_skipped(old: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def broken(axes: Sequence[Any]) -> Iterator[Any]:
        found = list(old(axes))
        return iter(found[1:] if len(found) > 1 else found)

    return broken


def _last_cell_skipped(old: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def broken(axes: Sequence[Any]) -> Iterator[Any]:
        found = list(old(axes))
        return iter(found[:-1] if len(found) > 1 else found)

    return broken


def _last_point_left_out(old: Callable[..., tuple[int, int | None]]) -> Callable[..., tuple[int, int | None]]:
    def broken(low: object, high: object, grain: Fraction) -> tuple[int, int | None]:
        first, last = old(low, high, grain)
        return first, None if last is None else max(first, last - 1)

    return broken


def _at_once(old: Callable[..., Function]) -> Callable[..., Function]:
    """The steps of a rounding left out, as if it never acted."""
    return lambda function, step, mode, rounds, *, exact: function


def _by_sign_of_the_first_point(old: Callable[[Piece], list[Piece]]) -> Callable[[Piece], list[Piece]]:
    return lambda piece: [piece]


def _never(old: object) -> Callable[..., bool]:
    return lambda *_: False


def _always(old: object) -> Callable[..., bool]:
    return lambda *_: True


def _nothing(old: object) -> Callable[..., list[Any]]:
    return lambda *_: []


def _not_falling(old: object) -> Callable[..., tuple[bool, ...]]:
    """A fall inside a piece overlooked: only where pieces meet."""
    return lambda piece, sign: (False,)


def _greatest_is_first(old: Callable[..., Any]) -> Callable[..., Any]:
    def broken(self: Any, found: Any, value: Any, truth: Any, entry: Any, overlap: str) -> Any:
        return old(self, found, value, truth, entry, "first" if overlap == "greatest" else overlap)

    return broken


def _both_is_either(old: Callable[..., Condition]) -> Callable[..., Condition]:
    return pieces.either


def _no_errors(old: dict[str, Any]) -> dict[str, Any]:
    return {mode: (Fraction(0), Fraction(0)) for mode in old}


def _errors_of_half_a_step(old: dict[str, Any]) -> dict[str, Any]:
    return {mode: (below / 2, above / 2) for mode, (below, above) in old.items()}


def _one_member_of_each_category(old: Callable[..., list[str]]) -> Callable[..., list[str]]:
    return lambda members, tests, *, tested=False: old(members, set(), tested=False)[:1]


def _ends_a_day_early(old: Callable[..., Any]) -> Callable[..., Any]:
    from datetime import timedelta

    return lambda *args: old(*args) - timedelta(days=1)


def _only_the_figures(old: Callable[..., Any]) -> Callable[..., Any]:
    """No value between two figures tried."""

    def broken(claims: Any, fact: Any) -> Any:
        figures = {bound for claim in claims for _, bound in claim.limits}
        return [x for x in old(claims, fact) if x in figures]

    return broken


def _rest_is_the_whole(old: Callable[..., list[Function]]) -> Callable[..., list[Function]]:
    def broken(self: Any, parts: Any, rounding: Any, whole: Function) -> list[Function]:
        found = old(self, parts, rounding, whole)
        return [whole if part.portion.how == "rest" else f for part, f in zip(parts, found, strict=True)]

    return broken


BREAKS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "strict is loose": _patched(pieces, "_holds", _strict_as_loose),
    "loose is strict": _patched(pieces, "_holds", _loose_as_strict),
    "a vertex is dropped": _patched(pieces, "_least_and_most", _one_end_only),
    "periods are too short": _patched(pieces, "_period", _short_period),
    "half even without parity": _patched(pieces, "_stepped", _half_even_without_parity),
    "no answer counts as yes": _patched(pieces, "compared", _void_is(True)),
    "no answer counts as no": _patched(pieces, "compared", _void_is(False)),
    "the first cell is skipped": _patched(decide, "cells", _first_cell_skipped),
    "the last cell is skipped": _patched(decide, "cells", _last_cell_skipped),
    "the last point is left out": _patched(decide, "domain_of", _last_point_left_out),
    "roundings never act": _patched(pieces, "rounded", _at_once),
    "roundings do not see the sign": _patched(pieces, "_by_sign", _by_sign_of_the_first_point),
    "everything is on the grid": _patched(pieces, "_on_grid", _always),
    "givens are ignored": _patched(decide, "givens_about", _nothing),
    "a fall inside a piece is overlooked": _patched(decide, "_falling", _not_falling),
    "greatest is first": _patched(symbolic.World, "_merge", _greatest_is_first),
    "both is either": _patched(pieces, "both", _both_is_either),
    "roundings have no error": _patched(pieces, "_ERRORS", _no_errors),
    "members are not told apart": _patched(cells, "_classes", _one_member_of_each_category),
    "a period ends a day early": _patched(symbolic, "end_of_period", _ends_a_day_early),
    "the rest is the whole": _patched(symbolic.World, "_shares", _rest_is_the_whole),
    "no step leaps": _patched(decide, "_leaps", _never),
    "comparisons hold together at figures only": _patched(limits, "_tried", _only_the_figures),
}


#: policies that between them showed each rule broken, twice where several did: they are tried first
TELLING = (6, 9, 40, 45, 57, 90, 118, 141, 155, 163, 203, 223, 243, 254, 274, 276, 323)


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_rule_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the solver, which would decide rightly what a broken rule leaves open."""
    _without_the_solver(monkeypatch)
    BREAKS[name](monkeypatch)
    assert any(_wrong(seed) for seed in (*TELLING, *range(EXAMPLES))), "no policy shows it"


def test_a_rounding_that_does_not_move_along_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 4元 to 5元 what is rounded goes from -0.5元 to 0.5元, and its rounding from -1元 to 1元."""
    policy, _ = readable(
        'policy small "小"\ninput cost: money in whole 元 in 0元 .. 9元\n'
        "rule left = cost - 4.5元\n  round half up to 1元\n"
        "ensure as cost rises: cost - left does not fall\n"
    )
    assert policy is not None
    program = lower(policy)
    _without_the_solver(monkeypatch)
    verdict = next(pipeline.prove(program))
    assert verdict.witness is not None and verdict.witness.facts == {"cost": Fraction(5)}
    monkeypatch.setattr(decide, "_moves_along", _always(None))
    assert next(pipeline.prove(program)).outcome == "proved"


def _wrong(seed: int) -> bool:
    """Whether a policy shows that something is wrong: a verdict that is not the truth, or none at all."""
    try:
        return next(differences(seed, Tally()), None) is not None
    except Exception:
        return True


def test_one_policy_as_it_is_tried() -> None:
    """4 cases: 0元 to 3元. Half of each is 0, 0.5, 1, 1.5元, rounded half up 0, 1, 1, 2元."""
    policy, wrong = readable(
        'policy small "小"\ninput cost: money in whole 元 in 0元 .. 3元\n'
        "rule half = cost × 50%\n  round half up to 1元\n"
        "ensure half <= 2元\nensure half < 2元\nensure as cost rises: half does not fall\n"
    )
    assert policy is not None and wrong == set()
    program = lower(policy)
    cases = every_case(program)
    half = program.ensures[1].holds
    assert half is not None and len(cases) == 4
    assert [case.ask(half) for case in cases] == [True, True, True, False]
    verdicts = list(pipeline.prove(program))
    assert [v.outcome for v in verdicts] == ["proved", "refuted", "proved"]
    assert verdicts[1].witness is not None and verdicts[1].witness.facts == {"cost": Fraction(3)}
