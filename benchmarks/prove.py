"""How long does a proof take? Five properties of the Ningxia table, the checks of all policies, a large table.

    python benchmarks/prove.py [--rounds N]

Everything is measured in one run and each figure is the best of its rounds, so the ratios are fair on
a machine that is busy with other things. Reading and resolving the text is part of a check and no
part of a proof. The solver is a line that says how to install it when it is missing. See
benchmarks/README.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from time import perf_counter

from policydsl import pipeline
from policydsl.examples import breaks
from policydsl.ir import Program
from policydsl.nodes import evolve
from policydsl.prove import solver
from policydsl.prove.decide import decide
from policydsl.source import Source

ROOT = Path(__file__).resolve().parent.parent
POLICIES = sorted((ROOT / "policies").glob("*/*.pol"))
NINGXIA = ROOT / "policies" / "ningxia" / "2020.pol"

#: what is proved, in the words of a person and of the policy
PROPERTIES = (
    ("payout <= cost", "ensure payout <= cost"),
    ("it never falls as the cost rises", "ensure as cost rises: payout does not fall"),
    ("the rate is at most 100%", "ensure as cost rises: cost - payout does not fall"),
    ("it does not jump", "ensure as cost rises: payout does not jump"),
    ("never less for the poor", "ensure as group from ordinary to rural_poor: payout does not fall"),
)
#: targets in seconds
ALL_FIVE, ALL_POLICIES, LARGE = 0.005, 1.0, 2.0

DIMENSIONS = {"level": 4, "group": 4, "place": 3, "disease": 3, "year": 5}
BANDS = 50


def best(rounds: int, run: Callable[[], object]) -> float:
    """The shortest time of some runs, in seconds."""
    shortest = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        run()
        shortest = min(shortest, perf_counter() - start)
    return shortest


def program_of(text: str, *properties: str) -> Program:
    """A checked policy with these properties instead of its own."""
    head, mark, rest = text.partition("\nensure ")
    kept = [line for line in (mark + rest).splitlines() if not line.startswith("ensure ")]
    checked = pipeline.check(Source("policy.pol", "\n".join([head, *properties, *kept])))
    assert checked.program is not None, [d.code.number for d in checked.diagnostics]
    return checked.program


def only(program: Program, place: int) -> Program:
    """The policy with one of its properties."""
    return evolve(program, ensures=program.ensures[place : place + 1])


def prove(program: Program) -> list[str]:
    return [verdict.outcome for verdict in decide(program, partial(breaks, program))]


def solve(program: Program) -> list[str]:
    replay = partial(breaks, program)
    return [
        "proved" if solver.solve(program, ensure, replay) is None else "refuted" for ensure in program.ensures
    ]


def ningxia(rounds: int) -> None:
    program = program_of(NINGXIA.read_text(encoding="utf-8"), *(written for _, written in PROPERTIES))
    with_solver = solver.available()
    print(f"{'Ningxia 2020: 6 bands × 4 columns × 5 cities':50}{'exact ms':>10}{'z3 ms':>10}{'ratio':>8}")
    for place, (name, _) in enumerate(PROPERTIES):
        one = only(program, place)
        assert prove(one) == ["proved"]
        exact = best(rounds, partial(prove, one))
        asked = best(max(rounds // 10, 1), partial(solve, one)) if with_solver else None
        line(name, exact, asked)
    exact = best(rounds, partial(prove, program))
    line(
        "all five together",
        exact,
        best(max(rounds // 10, 1), partial(solve, program)) if with_solver else None,
    )
    if not with_solver:
        print("z3 is not installed: pip install -e '.[prove]'")
    aimed("the five together", exact, ALL_FIVE)


def line(name: str, exact: float, asked: float | None) -> None:
    beside = f"{asked * 1000:>10.1f}{asked / exact:>8.0f}" if asked is not None else f"{'-':>10}{'-':>8}"
    print(f"  {name:48}{exact * 1000:>10.2f}{beside}")


def policies(rounds: int) -> None:
    sources = [Source(str(path), path.read_text(encoding="utf-8")) for path in POLICIES]
    print(f"\n{'every check of a policy, its properties included':50}{'ms':>10}")
    together = 0.0
    for source, path in zip(sources, POLICIES, strict=True):
        seconds = best(max(rounds // 20, 2), partial(pipeline.check, source))
        together += seconds
        print(f"  {path.parent.name + '/' + path.stem:48}{seconds * 1000:>10.1f}")
    print(f"  {'all':48}{together * 1000:>10.1f}")
    aimed("all checks of all policies", together, ALL_POLICIES)


def large_policy() -> str:
    """A schedule of 50 bands in 16 columns above a deductible for each of 45 other kinds: 720 kinds of people."""

    def members(name: str) -> list[str]:
        return [f"{name}{i}" for i in range(DIMENSIONS[name])]

    def declared() -> Iterator[str]:
        yield 'policy large "大表"'
        for name in DIMENSIONS:
            listed = ", ".join(f'{m} "{m}类"' for m in members(name))
            yield f"category {name}: {listed}"
        yield "input cost: money in 0元 .. 1亿元"
        yield "table deductible: money by place, disease, year"
        yield "  | place | disease | year | deductible (元) |"
        for i, row in enumerate(product(members("place"), members("disease"), members("year"))):
            yield f"  | {' | '.join(row)} | {1000 + 100 * i} |"
        columns = list(product(members("level"), members("group")))
        yield "tiers payout of cost, marginal, by level, group"
        yield "  | cost (元) | " + " | ".join(f"{a} {b} (%)" for a, b in columns) + " |"
        for band in range(BANDS):
            low = "deductible" if not band else str(10000 * band)
            edge = f"over {low} to {10000 * (band + 1)}" if band + 1 < BANDS else f"over {low}"
            yield f"  | {edge} | " + " | ".join(str(30 + band + i) for i, _ in enumerate(columns)) + " |"
        yield '  round half up to 0.01元 because "the notice is silent"'
        yield "ensure payout <= cost"
        yield "ensure as cost rises: payout does not fall"
        yield "ensure as cost rises: cost - payout does not fall"
        yield "ensure as cost rises: payout does not jump"
        yield "ensure as group from group0 to group3: payout does not fall"

    return "\n".join(declared()) + "\n"


def large(rounds: int) -> None:
    source = Source("large.pol", large_policy())
    checked = pipeline.check(source)
    assert checked.program is not None, [d.code.number for d in checked.diagnostics]
    assert [verdict.outcome for verdict in checked.verdicts] == ["proved"] * 5
    turns = max(rounds // 50, 1)
    whole = best(turns, partial(pipeline.check, source))
    proofs = best(turns, partial(prove, checked.program))
    kinds = 1
    for many in DIMENSIONS.values():
        kinds *= many
    print(f"\n{f'{BANDS} bands, 5 dimensions, {kinds} kinds of people':50}{'ms':>10}")
    print(f"  {'every check, five properties included':48}{whole * 1000:>10.0f}")
    print(f"  {'of which the five properties':48}{proofs * 1000:>10.0f}")
    aimed("the large table", whole, LARGE)


def aimed(what: str, seconds: float, limit: float) -> None:
    verdict = "within" if seconds <= limit else "ABOVE"
    print(f"{what}: {seconds / limit:.2f} of the {limit * 1000:g} ms aimed at, {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    ningxia(rounds)
    policies(rounds)
    large(rounds)


if __name__ == "__main__":
    main()
