"""How fast is one call, and is it right? The critical-illness payout of Ningxia 2020, many ways in one run.

    python benchmarks/scalar.py [--cases N] [--rounds N]

Every way answers the same cases. Those that are timed fit into the processor's cache, so that the
call is measured and not the memory; the runs are interleaved and each way's best round counts, so
the ratios are fair on a machine that is busy with other things. An engine that is not installed is a
line that says how to install it. See benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import itertools
import json
import math
import os
import random
import shutil
import subprocess
import sys
import types
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
POLICY = ROOT / "policies" / "ningxia" / "2020.pol"

CITIES = {"yinchuan": 10000, "shizuishan": 10000, "wuzhong": 9500, "zhongwei": 9500, "guyuan": 8500}
RURAL_POOR = 3000
EDGES = (100000, 200000, 300000, 400000, 500000)
RATES = {
    ("ordinary", "common"): (60, 61, 62, 63, 66, 70),
    ("ordinary", "major"): (61, 63, 64, 65, 68, 73),
    ("rural_poor", "common"): (62, 66, 67, 68, 71, 75),
    ("rural_poor", "major"): (64, 68, 69, 70, 73, 77),
}
HIGHEST = 10_000_000_000

Case = tuple[int, str, str, str]

#: How many of the cases are timed, again in every round; answers are compared on all.
TIMED = 2000


def exact(cost_fen: int, city: str, group: str, disease: str) -> int:
    """The answer in 分, by rationals from the notice's table: each slice at its rate, rounded half up."""
    start = CITIES[city] if group == "ordinary" else RURAL_POOR
    cost, low, paid = Fraction(cost_fen, 100), Fraction(start), Fraction(0)
    for high, rate in zip((*EDGES, None), RATES[group, disease], strict=True):
        top = cost if high is None else min(cost, Fraction(high))
        paid += max(top - low, Fraction(0)) * rate / 100
        low = low if high is None else Fraction(high)
    return math.floor(paid * 100 + Fraction(1, 2))


def draw_cases(count: int) -> list[Case]:
    """Costs are log-normal with a median of 20,000元; every seventh is in whole 元."""
    rng = random.Random(20200914)
    cases = []
    for i in range(count):
        cost = min(HIGHEST, int(rng.lognormvariate(math.log(2_000_000), 1.0)))
        cost -= cost % 100 if i % 7 == 0 else 0
        group, disease = rng.choice(list(RATES))
        cases.append((cost, rng.choice(list(CITIES)), group, disease))
    return cases


@dataclass(frozen=True)
class Way:
    """One way to answer: `run` gives the seconds that the first `calls` cases took, `answers` gives the
    answers to the first `count` in 分."""

    name: str
    run: Callable[[], float]
    answers: Callable[[], Sequence[int]]
    count: int

    @property
    def calls(self) -> int:
        return min(TIMED, self.count)


def timed(function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> Callable[[], float]:
    """A loop that calls `function` by position."""
    hot = arguments[:TIMED]

    def run() -> float:
        start = perf_counter()
        for a, b, c, d in hot:
            function(a, b, c, d)
        return perf_counter() - start

    return run


# our own


def compiled() -> types.ModuleType:
    from policydsl.backends.python import compile_program
    from policydsl.pipeline import check
    from policydsl.source import Source

    program = check(Source(str(POLICY), POLICY.read_text(encoding="utf-8"))).program
    assert program is not None
    module = types.ModuleType("ningxia_2020")
    sys.modules[module.__name__] = module
    text = compile_program(program, source_name="ningxia/2020.pol")
    exec(compile(text, "ningxia_2020.py", "exec"), module.__dict__)
    return module


def ours(cases: Sequence[Case]) -> list[Way]:
    module = compiled()
    payout, payout_fen, bind = module.payout, module.payout_fen, module.bind_payout_fen
    rows = [(c, module.City(a), module.Group(b), module.Disease(d)) for c, a, b, d in cases]
    yuan = [(Decimal(c).scaleb(-2), a, b, d) for c, a, b, d in rows]
    bound = {key: bind(city=key[0], group=key[1], disease=key[2]) for key in {r[1:] for r in rows}}
    staged = [(bound[r[1:]], r[0]) for r in rows]
    hot_rows, hot_yuan = rows[:TIMED], yuan[:TIMED]
    # A settled function is made to be called often: cell by cell, as a batch of one city is.
    by_cell = [(f, [r[0] for r in hot_rows if r[1:] == key]) for key, f in bound.items()]

    def run_integers() -> float:
        start = perf_counter()
        for a, b, c, d in hot_rows:
            payout_fen(cost_fen=a, city=b, group=c, disease=d)
        return perf_counter() - start

    def run_staged() -> float:
        start = perf_counter()
        for function, costs in by_cell:
            for cost in costs:
                function(cost)
        return perf_counter() - start

    def run_decimals() -> float:
        start = perf_counter()
        for a, b, c, d in hot_yuan:
            payout(cost=a, city=b, group=c, disease=d)
        return perf_counter() - start

    def integers() -> list[int]:
        return [payout_fen(cost_fen=a, city=b, group=c, disease=d) for a, b, c, d in rows]

    def decimals() -> list[int]:
        return [int(payout(cost=a, city=b, group=c, disease=d) * 100) for a, b, c, d in yuan]

    return [
        Way("policydsl payout_fen(…)", run_integers, integers, len(rows)),
        Way(
            "policydsl bind_payout_fen(…), then f(cost)",
            run_staged,
            lambda: [f(c) for f, c in staged],
            len(rows),
        ),
        Way("policydsl payout(…), Decimal", run_decimals, decimals, len(rows)),
    ]


# by hand


def integers_by_hand(cases: Sequence[Case]) -> Way:
    """The reference: bisect over precomputed cumulative amounts, folded with the rounding; no checks."""
    table: dict[tuple[str, str, str], tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = {}
    for city, deductible in CITIES.items():
        for (group, disease), rates in RATES.items():
            start = deductible if group == "ordinary" else RURAL_POOR
            edges = tuple(100 * e for e in (start, *EDGES))
            paid, bases = 0, [50]
            for i, rate in enumerate(rates):
                bases.append(paid - rate * edges[i] + 50)
                if i + 1 < len(edges):
                    paid += rate * (edges[i + 1] - edges[i])
            table[city, group, disease] = edges, (0, *rates), tuple(bases)

    def payout(cost: int, city: str, group: str, disease: str) -> int:
        edges, rates, bases = table[city, group, disease]
        i = bisect_left(edges, cost)
        return (rates[i] * cost + bases[i]) // 100

    return Way(
        "integers by hand (bisect, cumulative amounts)",
        timed(payout, cases),
        lambda: [payout(*case) for case in cases],
        len(cases),
    )


def decimal_payout() -> Callable[[Decimal, str, str, str], Decimal]:
    """The payout in Decimal as one writes it without further thought: band by band, quantized at the end."""
    deductibles = {city: Decimal(amount) for city, amount in CITIES.items()}
    bands = [
        (
            None if i == len(EDGES) else Decimal(EDGES[i]),
            {key: Decimal(r[i]) / 100 for key, r in RATES.items()},
        )
        for i in range(len(EDGES) + 1)
    ]
    cent = Decimal("0.01")

    def payout(cost: Decimal, city: str, group: str, disease: str) -> Decimal:
        low = deductibles[city] if group == "ordinary" else Decimal(RURAL_POOR)
        total = Decimal(0)
        for high, rates in bands:
            top = cost if high is None else min(cost, high)
            if top <= low:
                break
            total += (top - low) * rates[group, disease]
            low = top
        return total.quantize(cent, rounding=ROUND_HALF_UP)

    return payout


def decimals_by_hand(cases: Sequence[Case]) -> Way:
    """Decimal, without checks."""
    payout = decimal_payout()
    rows = [(Decimal(c).scaleb(-2), a, b, d) for c, a, b, d in cases]
    return Way(
        "Decimal by hand (naive)",
        timed(payout, rows),
        lambda: [int(payout(*row) * 100) for row in rows],
        len(rows),
    )


# other engines


def zen_payout(rates: Sequence[str]) -> str:
    """The payout as an expression of zen-engine: each slice of `cost` above `deductible` times its rate."""
    slices = []
    low = "deductible"
    for edge, rate in zip((*EDGES, None), rates, strict=True):
        top = "cost" if edge is None else f"min([cost, {edge}])"
        slices.append(f"max([{top} - {low}, 0]) * {rate}")
        low = str(edge)
    return f"round({' + '.join(slices)}, 2)"


def zen_table() -> dict[str, Any]:
    """The deductible and the rates `rate1` to `rate6` as a decision table by city, group and disease."""
    rules: list[dict[str, str]] = []
    for city, amount in CITIES.items():
        for (group, disease), rates in RATES.items():
            start = amount if group == "ordinary" else RURAL_POOR
            rule = {
                "_id": f"{city}-{group}-{disease}",
                "c": f"'{city}'",
                "g": f"'{group}'",
                "d": f"'{disease}'",
            }
            rules.append(rule | {"o0": str(start), **{f"o{k}": str(r / 100) for k, r in enumerate(rates, 1)}})
    fields = {"c": "city", "g": "group", "d": "disease"}
    found = {"o0": "deductible", **{f"o{k}": f"rate{k}" for k in range(1, 7)}}
    return {
        "hitPolicy": "first",
        "passThrough": True,
        "inputs": [{"id": key, "name": name, "field": name} for key, name in fields.items()],
        "outputs": [{"id": key, "name": name, "field": name} for key, name in found.items()],
        "rules": rules,
    }


def zen_graph(steps: Sequence[tuple[str, str]], table: dict[str, Any] | None = None) -> dict[str, Any]:
    """A decision of zen-engine: the table, if any, then the steps by name."""
    expressions = [{"id": key, "key": key, "value": value} for key, value in steps]
    nodes: list[dict[str, Any]] = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "steps", "type": "expressionNode", "name": "steps", "content": {"expressions": expressions}},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    if table is not None:
        nodes.insert(1, {"id": "rates", "type": "decisionTableNode", "name": "rates", "content": table})
    names = [node["id"] for node in nodes]
    edges = [
        {"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in itertools.pairwise(names)
    ]
    return {"nodes": nodes, "edges": edges}


def zen(cases: Sequence[Case]) -> list[Way]:
    engine = importlib.import_module("zen")

    compiled = {
        key: engine.compile_expression(zen_payout([str(rate / 100) for rate in rates]))
        for key, rates in RATES.items()
    }

    def bare(cost: int, city: str, group: str, disease: str) -> float:
        deductible = CITIES[city] if group == "ordinary" else RURAL_POOR
        answer: float = compiled[group, disease].evaluate({"cost": cost / 100, "deductible": deductible})
        return answer

    graph = zen_graph([("payout", zen_payout([f"rate{k}" for k in range(1, 7)]))], zen_table())
    decision = engine.ZenEngine().create_decision(json.dumps(graph))

    def decided(cost: int, city: str, group: str, disease: str) -> float:
        row = {"cost": cost / 100, "city": city, "group": group, "disease": disease}
        answer: float = decision.evaluate(row)["result"]["payout"]
        return answer

    few = cases[:1000]
    return [
        Way(
            "zen-engine, expression", timed(bare, few), lambda: [round(bare(*c) * 100) for c in few], len(few)
        ),
        Way(
            "zen-engine, decision table",
            timed(decided, few),
            lambda: [round(decided(*c) * 100) for c in few],
            len(few),
        ),
    ]


def openfisca(cases: Sequence[Case]) -> list[Way]:
    numpy = importlib.import_module("numpy")
    entities, periods, systems, taxscales, variables, simulations = (
        importlib.import_module(f"openfisca_core.{word}")
        for word in ("entities", "periods", "taxbenefitsystems", "taxscales", "variables", "simulations")
    )

    scales = {}
    for city, amount in CITIES.items():
        for (group, disease), rates in RATES.items():
            start = amount if group == "ordinary" else RURAL_POOR
            scale = taxscales.MarginalRateTaxScale()
            scale.add_bracket(0, 0)
            for low, rate in zip((start, *EDGES), rates, strict=True):
                scale.add_bracket(low, rate / 100)
            scales[city, group, disease] = scale

    def bare(cost: int, city: str, group: str, disease: str) -> float:
        return float(numpy.round(scales[city, group, disease].calc(numpy.array([cost / 100]))[0], 2))

    person = entities.SingleEntity("person", "persons", "", "")
    keys = list(scales)

    def has_name(base: type, own: str, **content: Any) -> type:
        return type(own, (base,), {"entity": person, "definition_period": periods.YEAR, **content})

    def formula(people: Any, period: Any, _: Any) -> Any:
        costs, cells = people("cost", period), people("cell", period)
        paid = numpy.zeros_like(costs)
        for i, key in enumerate(keys):
            paid = numpy.where(cells == i, scales[key].calc(costs), paid)
        return numpy.round(paid, 2)

    system = systems.TaxBenefitSystem([person])
    system.add_variable(has_name(variables.Variable, "cost", value_type=float))
    system.add_variable(has_name(variables.Variable, "cell", value_type=int))
    system.add_variable(has_name(variables.Variable, "payout", value_type=float, formula=formula))

    def simulated(cost: int, city: str, group: str, disease: str) -> float:
        cell = keys.index((city, group, disease))
        case = {"persons": {"one": {"cost": {"2020": cost / 100}, "cell": {"2020": cell}}}}
        simulation = simulations.SimulationBuilder().build_from_entities(system, case)
        return float(simulation.calculate("payout", "2020")[0])

    few, fewer = cases[:1000], cases[:200]
    return [
        Way(
            "OpenFisca-Core, bare scale",
            timed(bare, few),
            lambda: [round(bare(*c) * 100) for c in few],
            len(few),
        ),
        Way(
            "OpenFisca-Core, simulation of one",
            timed(simulated, fewer),
            lambda: [round(simulated(*c) * 100) for c in fewer],
            len(fewer),
        ),
    ]


PUBLICODES = """
import Engine from %(package)s
import { readFileSync } from 'node:fs'
const { rules, cases } = JSON.parse(readFileSync(0, 'utf8'))
const engine = new Engine(rules)
const answers = []
const start = process.hrtime.bigint()
for (const [cost, city, group, disease] of cases) {
  engine.setSituation({ cost: cost / 100, city: `'${city}'`, group: `'${group}'`, disease: `'${disease}'` })
  answers.push(engine.evaluate('payout').nodeValue)
}
console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - start) / 1e9, answers }))
"""


def publicodes(cases: Sequence[Case], node: str, package: Path) -> list[Way]:
    def of_city() -> list[dict[str, Any]]:
        return [{"si": f"city = '{c}'", "alors": a} for c, a in CITIES.items()]

    rules: dict[str, Any] = {
        "cost": 0,
        "city": "'yinchuan'",
        "group": "'ordinary'",
        "disease": "'common'",
        "deductible": {
            "variations": [{"si": "group = 'rural_poor'", "alors": RURAL_POOR}, *of_city(), {"sinon": 0}]
        },
    }
    bands: list[dict[str, Any]] = [{"taux": "0%", "plafond": "deductible"}]
    for i in range(6):
        choices = [
            {"si": {"toutes ces conditions": [f"group = '{g}'", f"disease = '{d}'"]}, "alors": f"{rates[i]}%"}
            for (g, d), rates in RATES.items()
        ]
        rules[f"rate {i + 1}"] = {"variations": [*choices, {"sinon": "0%"}]}
        band = {"taux": f"rate {i + 1}"}
        bands.append(band | ({"plafond": EDGES[i]} if i < 5 else {}))
    rules["payout"] = {"barème": {"assiette": "cost", "tranches": bands}, "arrondi": "2 décimales"}
    few = cases[:200]
    script = PUBLICODES % {"package": json.dumps((package / "dist" / "index.js").as_uri())}
    found: list[int] = []

    def run() -> float:
        done = subprocess.run(
            [node, "--input-type=module", "-e", script],
            input=json.dumps({"rules": rules, "cases": few}),
            capture_output=True,
            text=True,
            check=True,
        )
        result = json.loads(done.stdout.splitlines()[-1])
        found[:] = [-1 if a is None else round(a * 100) for a in result["answers"]]
        seconds: float = result["seconds"]
        return seconds

    return [Way("publicodes (node)", run, lambda: found, len(few))]


def others(cases: Sequence[Case]) -> tuple[list[Way], list[str]]:
    """The engines that are installed, and a line for each that is not."""
    ways: list[Way] = []
    missing: list[str] = []
    extra = 'pip install -e ".[bench]"'
    if importlib.util.find_spec("zen") is None:
        missing.append(f"zen-engine is not installed: {extra}")
    else:
        ways += zen(cases)
    if importlib.util.find_spec("openfisca_core") is None:
        missing.append(f"OpenFisca-Core is not installed: {extra}")
    else:
        ways += openfisca(cases)
    node = shutil.which("node")
    folders = [Path(os.environ.get("NODE_MODULES", ROOT / "node_modules")), Path.cwd() / "node_modules"]
    package = next((f / "publicodes" for f in folders if (f / "publicodes").is_dir()), None)
    if node is None or package is None:
        missing.append("publicodes is not installed: with Node.js, npm install --no-save publicodes")
    else:
        ways += publicodes(cases, node, package)
    return ways, missing


TARGETS = (
    ("policydsl payout_fen(…)", "integers by hand (bisect, cumulative amounts)", 1.0),
    ("policydsl bind_payout_fen(…), then f(cost)", "integers by hand (bisect, cumulative amounts)", 0.6),
    ("policydsl payout(…), Decimal", "Decimal by hand (naive)", 0.6),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    cases = draw_cases(arguments.cases)
    expected = [exact(*case) for case in cases]
    fast = [integers_by_hand(cases), *ours(cases), decimals_by_hand(cases)]
    slow, missing = others(cases)
    best = {way.name: math.inf for way in (*fast, *slow)}
    for turn in range(arguments.rounds):
        for way in (*fast, *(slow if turn < 3 else ())):
            best[way.name] = min(best[way.name], way.run() / way.calls)
    reference = best[fast[0].name]
    print(f"{'one call':48}{'ns':>10}{'ratio':>9}{'wrong':>16}")
    for way in (*fast, *slow):
        wrong = sum(a != e for a, e in zip(way.answers(), expected, strict=False))
        share = f"{wrong} of {way.count}"
        print(f"{way.name:48}{best[way.name] * 1e9:>10.0f}{best[way.name] / reference:>9.2f}{share:>16}")
    print()
    for name, other, limit in TARGETS:
        ratio = best[name] / best[other]
        verdict = "within" if ratio <= limit else "ABOVE"
        print(f"{name}: {ratio:.2f} × {other}, {verdict} {limit}")
    for line in missing:
        print(line)


if __name__ == "__main__":
    main()
