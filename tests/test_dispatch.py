"""Are equal categories of several policies one class, and does a day find the policy in force on it?"""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from policydsl.backends.python import compile_program
from policydsl.cli.main import main
from policydsl.diagnostics.model import Diagnostic
from policydsl.runtime import PolicyError
from policydsl.tasks import modules
from policydsl.tasks.standings import days_in_force
from towns import TOWN_2020, TOWN_2021, checked, programs, together

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path; what is imported from it is forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def package(folder: Path, *texts: str, name: str | None = "by_day") -> None:
    (folder / "town").mkdir(exist_ok=True)
    (folder / "town" / "__init__.py").touch()
    for module, text in together(*texts, name=name).texts.items():
        (folder / "town" / f"{module}.py").write_text(text, encoding="utf-8")
    importlib.invalidate_caches()


def load(module: str) -> Any:
    return importlib.import_module(f"town.{module}")


def refused(function: Any, /, **row: Any) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        function(**row)
    return caught.value


# categories


def test_an_equal_category_of_two_years_is_one_class(imports: Path) -> None:
    package(imports, TOWN_2020, TOWN_2021)
    old, new = load("town_2020"), load("town_2021")
    assert old.City is new.City
    assert "City" in old.__all__ and "City" in new.__all__
    # As the later year lists them.
    assert [m.name for m in old.City] == ["SOUTH", "NORTH"]
    assert (old.City.parse("S"), old.City.parse("北城")) == (new.City.SOUTH, new.City.NORTH)
    assert pickle.loads(pickle.dumps(old.City.SOUTH)) is new.City.SOUTH
    # 100 × 50% + 100 × 75%, and 100 × 60% + 100 × 80%.
    assert old.payout(cost=Decimal(200), city=new.City.NORTH) == Decimal(125)
    assert new.payout(cost=Decimal(200), city=old.City.SOUTH) == Decimal(140)


def test_a_category_with_another_label_stays_in_each_module(imports: Path) -> None:
    package(imports, TOWN_2020, TOWN_2021)
    old, new = load("town_2020"), load("town_2021")
    assert old.Status is not new.Status
    assert (old.Status.POOR.label, new.Status.POOR.label) == ("困难户", "困难")
    assert refused(new.aid, statuses=[old.Status.POOR]).code == "PC106"


CITIES = """\
policy town_2020 "town"
  effective 2020-01-01 to 2020-12-31
category city: south "南城" "S", north "北城"
rule a = if city is south then 1元 else 0元
rule b = if city is north then 1元 else 0元
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"S"', '"X"'),
        (' "S"', ""),
        ('north "北城"', 'north "北城", west "西城"'),
        ('south "南城"', 'south "城南"'),
        ('south "南城"', '南城（south）"南城"'),
        ("category city", "ordered category city"),
    ],
)
def test_what_differs_in_a_member_is_not_shared(old: str, new: str) -> None:
    later = CITIES.replace("2020", "2021").replace(old, new)
    texts = together(CITIES, later, name=None).texts
    # A name that is also the label is no difference.
    assert (set(texts) == {"town_2020", "town_2021"}) is ("（south）" not in new)


def test_a_name_and_a_code_of_a_member_are_compared_together() -> None:
    town = CITIES.replace('south "南城" "S"', '南城区（south）"南城" "S"')
    later = town.replace("2020", "2021")
    assert len(together(town, later, name=None).texts) == 3
    assert len(together(town, later.replace('"S"', '"X"'), name=None).texts) == 2
    assert len(together(town, later.replace("南城区", "城南区"), name=None).texts) == 2


def test_the_order_counts_only_in_an_ordered_category() -> None:
    ordered = [t.replace("category city", "ordered category city") for t in (TOWN_2020, TOWN_2021)]
    assert not any(module.startswith("_city") for module in together(*ordered, name=None).texts)
    assert any(module.startswith("_city") for module in together(TOWN_2020, TOWN_2021, name=None).texts)


def test_three_years_share_by_what_is_equal() -> None:
    # 2022 has another city, and the status of 2021.
    later = TOWN_2021.replace("2021", "2022").replace("南城", "城南")
    texts = together(TOWN_2020, TOWN_2021, later, name=None).texts
    shared = {module.rsplit("_", 1)[0]: module for module in texts if module.startswith("_")}
    assert set(shared) == {"_city", "_status"}
    assert [shared["_city"] in texts[f"town_{year}"] for year in (2020, 2021, 2022)] == [True, True, False]
    assert [shared["_status"] in texts[f"town_{year}"] for year in (2020, 2021, 2022)] == [False, True, True]


def test_a_policy_that_shares_nothing_compiles_to_the_bytes_it_has_alone() -> None:
    (alone,) = programs(TOWN_2021)
    text = compile_program(alone[1], source_name="town.pol")
    assert together(TOWN_2021, name=None).texts == {"town_2021": text}
    apart = TOWN_2020.replace("category city", "ordered category city")
    assert together(apart, TOWN_2021, name=None).texts["town_2021"] == text


def test_nothing_depends_on_the_order_in_which_policies_are_given() -> None:
    assert together(TOWN_2020, TOWN_2021).texts == together(TOWN_2021, TOWN_2020).texts


def test_an_earlier_module_keeps_its_members_when_others_are_compiled_beside_it(imports: Path) -> None:
    package(imports, TOWN_2020, TOWN_2021, name=None)
    # Two later years share a city of another name; what the earlier ones import stays as it was.
    later = [TOWN_2021.replace("2021", year).replace("南城", "城南") for year in ("2022", "2023")]
    package(imports, *later, name=None)
    assert load("town_2020").City is load("town_2021").City
    assert load("town_2022").City is load("town_2023").City
    assert load("town_2020").City.SOUTH.label == "南城" and load("town_2022").City.SOUTH.label == "城南"


# by the day


def test_the_day_of_the_claim_finds_its_policy(imports: Path) -> None:
    package(imports, TOWN_2020, TOWN_2021)
    town = load("by_day")
    # 100 × 50% + 100 × 75% in 2020, × 70% in 2021; 2020 has a 29 February.
    for day, expected in (
        (date(2020, 1, 1), 125),
        (date(2020, 2, 29), 125),
        (date(2020, 12, 31), 125),
        (date(2021, 1, 1), 120),
        (date(2021, 12, 31), 120),
    ):
        assert town.payout(on=day, cost=Decimal(200), city=town.City.NORTH) == expected
        assert town.payout_fen(on=day, cost_fen=20000, city=town.City.NORTH) == expected * 100
        assert town.bind_payout_fen(on=day, city=town.City.NORTH)(20000) == expected * 100
    assert (town.premium(on=date(2020, 5, 1)), town.premium_fen(on=date(2021, 5, 1))) == (80, 9000)
    # 60% of 80元 and of 90元.
    assert (town.fund(on=date(2020, 5, 1)).state, town.fund(on=date(2021, 5, 1)).state) == (48, 54)


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2022, 1, 1), date.min, date.max])
def test_a_day_with_nothing_in_force_is_refused_with_the_days_that_are(imports: Path, day: date) -> None:
    package(imports, TOWN_2020, TOWN_2021)
    town = load("by_day")
    error = refused(town.payout, on=day, cost=Decimal(200), city=town.City.NORTH)
    assert (error.code, error.output, error.name, error.value) == ("PC104", "payout", "on", day)
    assert error.allowed == "2020-01-01 .. 2020-12-31, 2021-01-01 .. 2021-12-31"
    # Only 2021 has a grant.
    assert town.grant(on=date(2021, 1, 1), city=town.City.SOUTH) == 7
    assert (
        refused(town.grant, on=date(2020, 12, 31), city=town.City.SOUTH).allowed == "2021-01-01 .. 2021-12-31"
    )
    assert [e.code for e in town.problems_payout(on=day, cost=Decimal(-1))] == ["PC104"]
    assert [e.code for e in town.problems_payout(on=date(2021, 1, 1), cost=Decimal(-1))] == ["PC104", "PC101"]


@pytest.mark.parametrize("day", ["2021-01-01", datetime(2021, 1, 1), None, 20210101])
def test_what_is_no_day_is_refused(imports: Path, day: object) -> None:
    package(imports, TOWN_2020, TOWN_2021)
    town = load("by_day")
    assert refused(town.premium, on=day).code == "PC103"
    assert [e.code for e in town.problems_payout(on=day)] == ["PC103"]


def test_a_value_that_changes_within_the_year_is_as_of_the_day(imports: Path) -> None:
    package(imports, TOWN_2020, TOWN_2021)
    town = load("by_day")
    days = (date(2020, 7, 1), date(2021, 6, 30), date(2021, 7, 1))
    assert [town.bonus(on=day) for day in days] == [5, 5, 6]
    assert town.problems_bonus(on=date(2021, 7, 1)) == ()


def test_an_output_that_is_called_differently_is_left_out_and_named(imports: Path) -> None:
    found = together(TOWN_2020, TOWN_2021)
    assert found.left == ("aid",)
    package(imports, TOWN_2020, TOWN_2021)
    assert not hasattr(load("by_day"), "aid")
    assert "aid" in (load("by_day").__doc__ or "")
    # Another unit, another default, another range of the same fact.
    for old, new, left in (
        ("cost: money", "cost: money if not given 0元", True),
        ("0元 .. 1000元", "0元 .. 2000元", False),
    ):
        assert ("payout" in together(TOWN_2020, TOWN_2021.replace(old, new)).left) is left, new


def test_a_policy_that_another_amends_ends_the_day_before() -> None:
    earlier = TOWN_2020.replace("2020-12-31", "2021-12-31")
    double = modules.together(
        programs(earlier, TOWN_2021),
        dispatch_as="by_day",
        days=days_in_force([checked(earlier), checked(TOWN_2021)]),
    )
    assert isinstance(double, tuple)
    (problem,) = double
    assert isinstance(problem, Diagnostic) and problem.code.number == "PD790"
    assert (problem.facts["first"], problem.facts["last"]) == ("2021-01-01", "2021-12-31")
    days = ((date(2020, 1, 1), date(2020, 12, 31)), (date(2021, 1, 1), date(2021, 12, 31)))
    cut = modules.together(programs(earlier, TOWN_2021), dispatch_as="by_day", days=days)
    assert not isinstance(cut, tuple)


def test_a_draft_is_chosen_on_no_day() -> None:
    draft = TOWN_2021.replace("  effective", "  issued draft\n  effective")
    found = modules.together(
        programs(TOWN_2020, draft),
        dispatch_as="by_day",
        days=days_in_force([checked(TOWN_2020), checked(draft)]),
    )
    assert isinstance(found, tuple) and [d.code.number for d in found] == ["PD791"]


def test_names_of_python_may_be_names_of_outputs_and_inputs(imports: Path) -> None:
    old = """\
policy rt "a"
  effective 2020-01-01 to 2020-12-31
category decimal: one "一", two "二"
input date: date
input type: money in 0元 .. 9元
rule int = if date is after 2020-06-01 and decimal is two then type else 0元
param final = 1元
""".replace("date is after 2020-06-01", "date > 2020-06-01")
    package(imports, old, old.replace("2020", "2021").replace("policy rt", "policy builtins"))
    town = load("by_day")
    kinds = {"date": date(2021, 7, 1), "decimal": town.Decimal.TWO}
    assert town.int(on=date(2021, 1, 1), type=Decimal(3), **kinds) == 3
    assert town.final(on=date(2020, 1, 1)) == 1


def test_a_policy_compiled_apart_is_noticed_at_import(imports: Path) -> None:
    package(imports, TOWN_2020, TOWN_2021)
    (alone,) = together(TOWN_2021, name=None).texts.values()
    (imports / "town" / "town_2021.py").write_text(alone, encoding="utf-8")
    with pytest.raises(ImportError, match="compile them together again"):
        load("by_day")
    assert isinstance(load("town_2020"), ModuleType)


@pytest.mark.parametrize(
    ("old", "new"), [("2021-12-31", "2021-11-30"), ("cost: money", "cost: money if not given 0元")]
)
def test_other_days_or_another_call_are_noticed_at_import(imports: Path, old: str, new: str) -> None:
    package(imports, TOWN_2020, TOWN_2021)
    texts = together(TOWN_2020, TOWN_2021.replace(old, new)).texts
    (imports / "town" / "town_2021.py").write_text(texts["town_2021"], encoding="utf-8")
    with pytest.raises(ImportError, match="compile them together again"):
        load("by_day")


# the command


@dataclass
class Result:
    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def compiled(capsys: pytest.CaptureFixture[str]) -> Run:
    """`policydsl compile` of a folder, in this process."""

    def call(folder: Path, *arguments: str) -> Result:
        capsys.readouterr()
        status = main(["compile", str(folder), "--lang", "en", *arguments])
        said = capsys.readouterr()
        return Result(status, said.out, said.err)

    return call


@pytest.fixture
def town(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    for year, text in (("2020", TOWN_2020), ("2021", TOWN_2021)):
        (tmp_path / "policies" / f"{year}.pol").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_command_makes_a_package(compiled: Run, town: Path) -> None:
    done = compiled(town / "policies", "-o", str(town / "town"), "--dispatch", "by_day")
    assert done.status == 0, done.err
    assert done.err.splitlines() == [
        "not in module “by_day”, because the policies are called differently: aid"
    ]
    assert (town / "town" / "__init__.py").read_bytes() == b""
    script = (
        "from datetime import date; from decimal import Decimal\n"
        "from town.by_day import City, payout; from town import town_2020, town_2021\n"
        "print(payout(on=date(2020, 2, 29), cost=Decimal(200), city=City.NORTH), town_2020.City is town_2021.City)\n"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=town, capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("125.00 True\n", "")
    again = {p.name: p.read_bytes() for p in (town / "town").glob("*.py")}
    assert compiled(town / "policies", "-o", str(town / "town"), "--dispatch", "by_day").status == 0
    assert {p.name: p.read_bytes() for p in (town / "town").glob("*.py")} == again


def test_flat_modules_import_each_other_by_name(compiled: Run, town: Path) -> None:
    done = compiled(town / "policies", "-o", str(town / "not-a-package"), "--dispatch", "by_day", "--flat")
    assert done.status == 0, done.err
    assert not (town / "not-a-package" / "__init__.py").exists()
    script = "import by_day, town_2020; print(by_day.City is town_2020.City)"
    folder = town / "not-a-package"
    said = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("True\n", "")


def test_what_cannot_be_called_or_found_is_a_fault_of_the_call(compiled: Run, town: Path) -> None:
    for arguments, words in (
        (("-o", str(town / "no-package")), "--flat"),
        (("-o", str(town / "x"), "--dispatch", "a-b"), "cannot be the name of a module"),
        (("-o", str(town / "x"), "--dispatch", "class"), "cannot be the name of a module"),
        (("-o", str(town / "x"), "--dispatch", "Town_2020"), "is the name of a policy"),
        (("-o", str(town / "x"), "--dispatch", "by_day", "--standalone"), "do not go together"),
    ):
        done = compiled(town / "policies", *arguments)
        assert done.status == 2 and words in done.err, (arguments, done.err)
    assert not (town / "x").exists() and not (town / "no-package").exists()


def test_standalone_modules_share_nothing(compiled: Run, town: Path) -> None:
    done = compiled(town / "policies", "-o", str(town / "not-a-package"), "--standalone")
    assert sorted(Path(line).name for line in done.out.splitlines()) == ["town_2020.py", "town_2021.py"]


def test_the_two_years_of_shandong_are_found_by_the_day(compiled: Run, imports: Path) -> None:
    done = compiled(ROOT / "policies" / "shandong", "-o", str(imports / "town"), "--dispatch", "shandong")
    assert done.status == 0, done.err
    importlib.invalidate_caches()
    shandong = load("shandong")
    days = date(2020, 12, 31), date(2021, 1, 1)
    # 550 → 580, 81 → 90; an average of at least 280 in 2020, 320 in 2021.
    assert [shandong.subsidy_floor_fen(on=day) for day in days] == [55000, 58000]
    assert [shandong.illness_premium(on=day) for day in days] == [81, 90]
    assert (shandong.contribution_floor(on=days[0]), shandong.contribution(on=days[1])) == (280, 320)
    assert refused(shandong.contribution, on=days[0]).allowed == "2021-01-01 .. 2021-12-31"
    # Poor people who are referred within the province lose nothing.
    assert (
        shandong.transfer_cut(
            on=days[1],
            poor=True,
            referred=True,
            entry_year=False,
            at_school=False,
            general_cut=Decimal("0.1"),
        ).value
        == 0
    )
