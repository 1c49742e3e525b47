"""How do other engines compute a workload, each as its manual says? OpenFisca-Core, zen-engine, publicodes, and Decimal.

Rows are brought into the form an engine takes before the time is taken. An engine that is not installed is a line
that says how to install it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.ours import rows_of
from benchmarks.scalar import (
    CITIES,
    EDGES,
    RATES,
    RURAL_POOR,
    decimal_payout,
    zen_graph,
    zen_payout,
    zen_table,
)
from benchmarks.ways import Way
from benchmarks.workloads import (
    AREAS,
    ASSISTANCE,
    DISEASES,
    FIXED,
    FULL,
    GROUPS,
    MEMBERS,
    PAYOUT,
    SPLIT,
    STATUSES,
    Table,
    Workload,
    some,
)

EXTRA = 'pip install -e ".[bench]"'
_CITIES = tuple(CITIES)
_PARTS = ("central", "region", "local", "ningxia", "total")


def fen(column: Any) -> Any:
    """Amounts in 元 as integers of 分: the nearest, since the engine may hold binary floats."""
    return np.rint(np.asarray(column, np.float64) * 100).astype(np.int64)


def texts(table: Table) -> list[dict[str, Any]]:
    """Each row as its facts by name, members and statuses as texts and amounts as integers of 分."""
    columns = {}
    for name, column in table.items():
        values = column.tolist()
        if name == "statuses":
            values = [[status for k, status in enumerate(STATUSES) if mask >> k & 1] for mask in values]
        elif name in MEMBERS:
            values = [MEMBERS[name][place] for place in values]
        columns[name] = values
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


# Decimal


def decimal_way(workload: Workload, table: Table) -> Way:
    """Decimal as one writes it without further thought, nothing checked."""
    pay, yuan = decimal_payout(), Decimal(1)
    shares = {"mountain": Decimal("0.9"), "river": Decimal("0.6"), "reclamation": None}

    def payout(cost: Decimal, city: str, group: str, disease: str) -> tuple[Decimal, ...]:
        return (pay(cost, city, group, disease),)

    def split(subsidy: Decimal, area: str) -> tuple[Decimal, ...]:
        central = (subsidy * Decimal("0.8")).quantize(yuan, rounding=ROUND_HALF_UP)
        ningxia = subsidy - central
        share = shares[area]
        region = ningxia if share is None else (ningxia * share).quantize(yuan, rounding=ROUND_HALF_UP)
        return central, region, ningxia - region, ningxia, subsidy

    def assistance(statuses: list[str]) -> tuple[Decimal, ...]:
        if any(status in FULL for status in statuses):
            return (Decimal(0),)
        return (Decimal(30),) if any(status in FIXED for status in statuses) else (Decimal(300),)

    functions: dict[str, Callable[..., tuple[Decimal, ...]]] = {
        "payout": payout, "funding": split, "self_pay": assistance,
    }  # fmt: skip
    takes = {"payout": PAYOUT.inputs, "funding": SPLIT.inputs, "self_pay": ASSISTANCE.inputs}
    rows = texts(table)
    calls = []
    for output in workload.outputs:
        given = [
            tuple(Decimal(row[n]).scaleb(-2) if n.endswith("_fen") else row[n] for n in takes[output])
            for row in rows
        ]
        calls.append((functions[output], given))

    def run() -> list[list[tuple[Decimal, ...]]]:
        return [[function(*row) for row in given] for function, given in calls]

    def answers(found: list[list[tuple[Decimal, ...]]]) -> Mapping[str, Any]:
        columns = [column for part in found for column in zip(*part, strict=True)]
        return {
            name: np.array([int(amount.scaleb(2)) for amount in column], np.int64)
            for name, column in zip(workload.results, columns, strict=True)
        }

    return Way("Decimal by hand, naive", len(rows), run, answers)


# OpenFisca-Core


def openfisca_way(workload: Workload, table: Table) -> Way:
    """A simulation of all rows at once. Its amounts are binary floats of 32 bits, as is its rule."""
    entities, indexed, periods, systems, taxscales, variables, simulations = (
        importlib.import_module(f"openfisca_core.{word}")
        for word in (
            "entities", "indexed_enums", "periods", "taxbenefitsystems", "taxscales", "variables", "simulations",
        )
    )  # fmt: skip
    person = entities.SingleEntity("person", "persons", "", "")
    enums = {
        name: indexed.Enum(name, {member: member for member in members}, module=__name__)
        for name, members in MEMBERS.items()
    }

    def variable(name: str, value_type: type = float, **content: Any) -> type:
        own = {"entity": person, "definition_period": periods.YEAR, "value_type": value_type, **content}
        return type(name, (variables.Variable,), own)

    scales = {}
    for city, amount in CITIES.items():
        for (group, disease), rates in RATES.items():
            scale = taxscales.MarginalRateTaxScale()
            scale.add_bracket(0, 0)
            start = amount if group == "ordinary" else RURAL_POOR
            for low, rate in zip((start, *EDGES), rates, strict=True):
                scale.add_bracket(low, rate / 100)
            scales[city, group, disease] = scale

    def payout(people: Any, period: Any) -> Any:
        cost = people("cost", period)
        of = {name: people(name, period) for name in ("city", "group", "disease")}
        paid = np.zeros_like(cost)
        for (city, group, disease), scale in scales.items():
            chosen = (
                (of["city"] == enums["city"][city])
                * (of["group"] == enums["group"][group])
                * (of["disease"] == enums["disease"][disease])
            )
            paid = np.where(chosen, scale.calc(cost), paid)
        return np.round(paid, 2)

    def central(people: Any, period: Any) -> Any:
        return np.round(people("subsidy", period) * 0.8)

    def ningxia(people: Any, period: Any) -> Any:
        return people("subsidy", period) - people("central", period)

    def region(people: Any, period: Any) -> Any:
        rest, area = people("ningxia", period), people("area", period)
        kinds = [area == enums["area"][member] for member in AREAS]
        return np.select(kinds, [np.round(rest * 0.9), np.round(rest * 0.6), rest])

    def local(people: Any, period: Any) -> Any:
        return people("ningxia", period) - people("region", period)

    def total(people: Any, period: Any) -> Any:
        return people("central", period) + people("region", period) + people("local", period)

    def self_pay(people: Any, period: Any) -> Any:
        full = sum(people(status, period) for status in FULL) > 0
        fixed = sum(people(status, period) for status in FIXED) > 0
        return 300 - np.where(full, 300, np.where(fixed, 270, 0))

    system = systems.TaxBenefitSystem([person])
    for name in ("cost", "subsidy"):
        system.add_variable(variable(name))
    for name, members in MEMBERS.items():
        kind = enums[name]
        default = kind[members[0]]
        system.add_variable(variable(name, indexed.Enum, possible_values=kind, default_value=default))
    for status in STATUSES:
        system.add_variable(variable(status, bool))
    formulas = {f.__name__: f for f in (payout, central, ningxia, region, local, total, self_pay)}
    for name, formula in formulas.items():
        system.add_variable(variable(name, formula=formula))

    wanted = {"payout": ("payout",), "funding": _PARTS, "self_pay": ("self_pay",)}
    names = [name for output in workload.outputs for name in wanted[output]]
    count = rows_of(table)
    given: dict[str, Any] = {}
    for name, column in table.items():
        if name.endswith("_fen"):
            given[name.removesuffix("_fen")] = column / 100
        elif name == "statuses":
            given |= {status: (column >> k & 1).astype(np.bool_) for k, status in enumerate(STATUSES)}
        else:
            given[name] = indexed.EnumArray(column.astype(np.int16), enums[name])

    def run() -> list[Any]:
        simulation = simulations.SimulationBuilder().build_default_simulation(system, count)
        for name, column in given.items():
            simulation.set_input(name, "2020", column)
        return [simulation.calculate(name, "2020") for name in names]

    return Way(
        "OpenFisca-Core, simulation of all rows",
        count,
        run,
        lambda found: {name: fen(column) for name, column in zip(workload.results, found, strict=True)},
    )


# zen-engine


def zen_way(workload: Workload, table: Table) -> Way:
    """A decision: a table of rates, then expressions. Amounts are decimals inside and floats at the door."""
    engine = importlib.import_module("zen")
    steps: list[tuple[str, str]] = []
    if "payout" in workload.outputs:
        steps.append(("payout", zen_payout([f"rate{k}" for k in range(1, 7)])))
    if "funding" in workload.outputs:
        steps += [
            ("central", "round(subsidy * 0.8)"),
            ("ningxia", "subsidy - $.central"),
            ("region", "area == 'mountain' ? round($.ningxia * 0.9) : area == 'river' ? round($.ningxia * 0.6) : $.ningxia"),
            ("local", "$.ningxia - $.region"),
            ("total", "$.central + $.region + $.local"),
        ]  # fmt: skip
    if "self_pay" in workload.outputs:
        full, fixed = (", ".join(f"'{status}'" for status in group) for group in (FULL, FIXED))
        steps.append(
            ("self_pay", f"some(statuses, # in [{full}]) ? 0 : some(statuses, # in [{fixed}]) ? 30 : 300")
        )
    graph = zen_graph(steps, zen_table() if "payout" in workload.outputs else None)
    decision = engine.ZenEngine().create_decision(json.dumps(graph))
    rows = [
        {n.removesuffix("_fen"): v / 100 if n.endswith("_fen") else v for n, v in row.items()}
        for row in texts(table)
    ]
    wanted = {"payout": ("payout",), "funding": _PARTS, "self_pay": ("self_pay",)}
    names = [name for output in workload.outputs for name in wanted[output]]

    def run() -> list[Any]:
        return [decision.evaluate(row)["result"] for row in rows]

    return Way(
        "zen-engine, row by row",
        len(rows),
        run,
        lambda found: {
            r: fen([row[n] for row in found]) for r, n in zip(workload.results, names, strict=True)
        },
    )


# publicodes

_SCRIPT = """
import Engine from %s
import { readFileSync } from 'node:fs'
const { rules, situations, wanted } = JSON.parse(readFileSync(0, 'utf8'))
const engine = new Engine(rules)
const start = process.hrtime.bigint()
const answers = situations.map((situation) => {
  engine.setSituation(situation)
  return wanted.map((name) => engine.evaluate(name).nodeValue)
})
console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - start) / 1e9, answers }))
"""


def publicodes_way(workload: Workload, table: Table, node: str, package: Path) -> Way:
    """In Node.js, which takes the time; starting it and reading the rules are left out."""
    rules, wanted = _publicodes_rules(workload)
    situations = []
    for row in texts(table):
        situation: dict[str, Any] = {}
        for name, value in row.items():
            if name == "statuses":
                situation |= {status: "oui" if status in value else "non" for status in STATUSES}
            elif name.endswith("_fen"):
                situation[name.removesuffix("_fen")] = value / 100
            else:
                situation[name] = f"'{value}'"
        situations.append(situation)
    script = _SCRIPT % json.dumps((package / "dist" / "index.js").as_uri())
    given = json.dumps({"rules": rules, "situations": situations, "wanted": wanted})

    def run() -> tuple[float, list[list[float]]]:
        done = subprocess.run(
            [node, "--input-type=module", "-e", script],
            input=given,
            capture_output=True,
            text=True,
            check=True,
        )
        result = json.loads(done.stdout.splitlines()[-1])
        return result["seconds"], result["answers"]

    def answers(found: tuple[float, list[list[float]]]) -> Mapping[str, Any]:
        columns = zip(*found[1], strict=True)
        return {
            name: fen([float("nan") if x is None else x for x in column])
            for name, column in zip(workload.results, columns, strict=True)
        }

    return Way("publicodes, row by row", len(situations), run, answers, timed_inside=True)


def _publicodes_rules(workload: Workload) -> tuple[dict[str, Any], list[str]]:
    rules: dict[str, Any] = {}
    wanted: list[str] = []
    if "payout" in workload.outputs:
        starts = [{"si": f"city = '{city}'", "alors": amount} for city, amount in CITIES.items()]
        poor = {"si": "group = 'rural_poor'", "alors": RURAL_POOR}
        rules |= {
            "cost": 0,
            "city": f"'{_CITIES[0]}'",
            "group": f"'{GROUPS[0]}'",
            "disease": f"'{DISEASES[0]}'",
            "deductible": {"variations": [poor, *starts, {"sinon": 0}]},
        }
        bands: list[dict[str, Any]] = [{"taux": "0%", "plafond": "deductible"}]
        for k in range(6):
            choices = [
                {
                    "si": {"toutes ces conditions": [f"group = '{g}'", f"disease = '{d}'"]},
                    "alors": f"{rates[k]}%",
                }
                for (g, d), rates in RATES.items()
            ]
            rules[f"rate {k + 1}"] = {"variations": [*choices, {"sinon": "0%"}]}
            bands.append({"taux": f"rate {k + 1}"} | ({"plafond": EDGES[k]} if k < 5 else {}))
        rules["payout"] = {"barème": {"assiette": "cost", "tranches": bands}, "arrondi": "2 décimales"}
        wanted.append("payout")
    if "funding" in workload.outputs:
        rules |= {
            "subsidy": 550,
            "area": f"'{AREAS[0]}'",
            "central": {"valeur": "subsidy * 80%", "arrondi": "oui"},
            "ningxia": "subsidy - central",
            "by mountain": {"valeur": "ningxia * 90%", "arrondi": "oui"},
            "by river": {"valeur": "ningxia * 60%", "arrondi": "oui"},
            "region": {
                "variations": [
                    {"si": "area = 'mountain'", "alors": "by mountain"},
                    {"si": "area = 'river'", "alors": "by river"},
                    {"sinon": "ningxia"},
                ]
            },
            "local": "ningxia - region",
            "total": "central + region + local",
        }
        wanted += _PARTS
    if "self_pay" in workload.outputs:
        rules |= dict.fromkeys(STATUSES, "non")
        rules["self pay"] = {
            "variations": [
                {"si": {"une de ces conditions": list(FULL)}, "alors": 0},
                {"si": {"une de ces conditions": list(FIXED)}, "alors": 30},
                {"sinon": 300},
            ]
        }
        wanted.append("self pay")
    return rules, wanted


# all of them


def other_ways(workload: Workload, table: Table, divided: int = 1) -> tuple[list[Way], list[str]]:
    """The engines that are installed, each with as many rows as it computes in a second or two, over `divided`; and a
    line for each that is not installed."""

    def rows(most: int) -> Table:
        return some(table, workload, max(1, most // divided))

    ways = [decimal_way(workload, rows(200_000))]
    missing = []
    if importlib.util.find_spec("openfisca_core") is None:
        missing.append(f"OpenFisca-Core is not installed: {EXTRA}")
    else:
        ways.append(openfisca_way(workload, rows(1_000_000)))
    if importlib.util.find_spec("zen") is None:
        missing.append(f"zen-engine is not installed: {EXTRA}")
    else:
        ways.append(zen_way(workload, rows(5_000)))
    node, package = shutil.which("node"), publicodes_package()
    if node is None or package is None:
        missing.append("publicodes is not installed: with Node.js, npm install --no-save publicodes")
    else:
        ways.append(publicodes_way(workload, rows(1_000), node, package))
    return ways, missing


def publicodes_package() -> Path | None:
    """The folder of the npm package: under `NODE_MODULES`, here, or in the folder above."""
    folders = [Path.cwd() / "node_modules", Path(__file__).resolve().parent.parent / "node_modules"]
    named = os.environ.get("NODE_MODULES")
    found = ([Path(named)] if named else []) + folders
    return next((f / "publicodes" for f in found if (f / "publicodes").is_dir()), None)
