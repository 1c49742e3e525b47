"""What does a Python program get that loads a policy and asks it?"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

import policydsl
from policydsl import Grounds, Parts, PolicyError, PolicyFileError

POLICIES = Path(__file__).parent.parent / "policies"


@pytest.fixture(scope="module")
def ningxia() -> policydsl.Policy:
    return policydsl.load(POLICIES / "ningxia" / "2020.pol")


@pytest.fixture(scope="module")
def xinzhou() -> policydsl.Policy:
    return policydsl.load(POLICIES / "xinzhou" / "2021.pol")


CASE: Mapping[str, object] = {"city": "guyuan", "group": "rural_poor", "disease": "major"}


@pytest.mark.parametrize("cost", ["150000", "150,000", "15万元", Decimal("150000.00"), 150000])
def test_money_is_taken_in_many_forms_and_comes_back_as_decimal(
    ningxia: policydsl.Policy, cost: object
) -> None:
    answer = ningxia.evaluate("payout", cost=cost, **CASE)
    assert type(answer) is Decimal
    assert str(answer) == "96080.00"


def test_the_callers_decimal_context_changes_nothing(ningxia: policydsl.Policy) -> None:
    with localcontext() as context:
        context.prec = 3
        assert str(ningxia.evaluate("payout", cost=Decimal("150000.01"), **CASE)) == "96080.01"


def test_members_may_be_called_by_label(ningxia: policydsl.Policy) -> None:
    answer = ningxia.evaluate("payout", cost=150000, city="固原市", group="农村贫困人口", disease="20种大病")
    assert answer == Decimal(96080)


def test_a_split_comes_back_as_its_payers(ningxia: policydsl.Policy) -> None:
    funding = ningxia.evaluate("funding", area="mountain")
    assert isinstance(funding, Parts)
    assert (funding.central, funding["region"], funding.local) == (440, 99, 11)
    assert funding.ningxia == 110
    assert funding["total"] == 550
    assert pickle.loads(pickle.dumps(funding)) == funding
    with pytest.raises(AttributeError):
        funding.central = Decimal(0)
    with pytest.raises(AttributeError):
        _ = funding.centre


def test_a_rule_with_grounds_tells_which_gave_the_value(ningxia: policydsl.Policy) -> None:
    both = ningxia.evaluate("assistance", statuses=["severely_disabled", "subsistence"])
    assert both == Grounds(Decimal(300), "full", ("full", "fixed"))
    nobody = ningxia.evaluate("assistance", statuses=[])
    assert nobody == Grounds(Decimal(0), "base", ())


def test_names_in_chinese_work_too(xinzhou: policydsl.Policy) -> None:
    funding = xinzhou.evaluate("财政补助", 县类="西部县")
    assert isinstance(funding, Parts)
    payers = [str(funding[k]) for k in ("central", "province", "city", "county")]
    assert payers == ["464.00", "58.00", "13.50", "44.50"]


def test_an_answer_is_explained_in_either_language(ningxia: policydsl.Policy) -> None:
    chinese = ningxia.explain("payout", language="zh", cost=150000, **CASE)
    assert "62,080.00" in chinese and "征求意见稿" in chinese
    english = ningxia.explain("payout", language="en", cost=150000, **CASE)
    assert "62,080.00" in english and "DRAFT" in english


@pytest.mark.parametrize(
    ("changes", "code", "name"),
    [
        ({"cost": 0.5}, "PC103", "cost"),
        ({"cost": True}, "PC103", "cost"),
        ({"cost": "many"}, "PC103", "cost"),
        ({"cost": Decimal("NaN")}, "PC103", "cost"),
        ({"cost": -1}, "PC104", "cost"),
        ({"cost": Decimal("0.001")}, "PC105", "cost"),
        ({"city": "beijing"}, "PC103", "city"),
        ({"town": "x"}, "PC102", "town"),
        ({"cost": None}, "PC103", "cost"),
    ],
)
def test_wrong_case_data_is_a_policy_error_that_names_the_input(
    ningxia: policydsl.Policy, changes: dict[str, object], code: str, name: str
) -> None:
    facts = {"cost": 150000, **CASE, **changes}
    with pytest.raises(PolicyError) as error:
        ningxia.evaluate("payout", **facts)
    assert (error.value.code, error.value.name) == (code, name)
    assert error.value.output == "payout"
    for value in changes.values():
        assert repr(value) not in str(error.value) or value is None


def test_a_missing_fact_is_not_zero(ningxia: policydsl.Policy) -> None:
    with pytest.raises(PolicyError) as error:
        ningxia.evaluate("payout", **CASE)
    assert (error.value.code, error.value.name) == ("PC101", "cost")


def test_an_output_that_does_not_exist_is_a_key_error_with_a_suggestion(ningxia: policydsl.Policy) -> None:
    with pytest.raises(KeyError, match="is 'payout' meant"):
        ningxia.evaluate("payuot")


def test_what_a_policy_says_of_itself(ningxia: policydsl.Policy) -> None:
    assert (ningxia.name, ningxia.draft) == ("ningxia_2020", True)
    assert ningxia.title == "宁夏2020年城乡居民基本医疗保障"
    assert {"payout", "deductible", "funding", "assistance", "self_pay"} <= set(ningxia.outputs)
    assert ningxia.inputs("payout") == ("cost", "city", "group", "disease")
    assert repr(ningxia) == "<Policy ningxia_2020 (draft)>"


def test_a_draft_can_be_refused() -> None:
    path = POLICIES / "ningxia" / "2020.pol"
    with pytest.raises(PolicyFileError) as error:
        policydsl.load(path, draft_ok=False)
    assert [d.code.number for d in error.value.diagnostics] == ["PD088"]


def test_a_file_with_errors_raises_them_all(tmp_path: Path) -> None:
    path = tmp_path / "a.pol"
    path.write_text('policy a "A"\nrule b = c\nrule d = e\n', encoding="utf-8")
    with pytest.raises(PolicyFileError) as error:
        policydsl.load(path)
    assert len(error.value.diagnostics) == 2
    assert f"{path}:2:10" in str(error.value)
    assert "错误[" in error.value.message("zh")
    with pytest.raises(PolicyFileError) as missing:
        policydsl.load(tmp_path / "b.pol")
    assert [d.code.number for d in missing.value.diagnostics] == ["PD080"]


def test_days_and_facts_that_may_not_exist(xinzhou: policydsl.Policy) -> None:
    case: dict[str, object] = {"in_window": False, "joined": date(2021, 8, 10), "statuses": ()}
    # 10 May to 10 August is three months to the day; from 9 May it is a day more.
    within = xinzhou.evaluate("waiting", interrupted=date(2021, 5, 10), general_waiting=90, **case)
    assert within == Grounds(0, "interruption", ("interruption",))
    late = xinzhou.evaluate("waiting", interrupted="2021年5月9日", general_waiting="90天", **case)
    assert late == Grounds(90, "base", ())
    assert isinstance(late, Grounds)
    assert type(late.value) is int
    never = xinzhou.evaluate("waiting", interrupted=None, general_waiting=90, **case)
    assert never == late


def test_the_package_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = policydsl.nothing
    assert "load" in dir(policydsl)
