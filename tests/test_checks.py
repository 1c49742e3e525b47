"""Do the checks find what is wrong in a model, with the right counterexample? Figures by hand."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from policydsl import pipeline
from policydsl.checks import bounds, people, run, values, views, worlds
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics.model import Code, Diagnostic, message, remedy
from policydsl.expressions import (
    Add,
    And,
    Compare,
    Constant,
    Divide,
    Expr,
    HasAny,
    Input,
    Interval,
    IsMember,
    Multiply,
    Not,
    Ref,
    Round,
    Rounding,
    Subtract,
    Test,
    Value,
    Within,
)
from policydsl.facts import Category, Fact, Header, Member, Name, Quote
from policydsl.files import read_source
from policydsl.kinds import (
    AMOUNT,
    CURRENCIES,
    DAY,
    NUMBER,
    RATE,
    YES_NO,
    Day,
    Kind,
    MemberOf,
    Quantity,
    SetOf,
)
from policydsl.model import (
    Accept,
    Arm,
    Band,
    Column,
    Definition,
    Given,
    Ground,
    Key,
    Param,
    Policy,
    Portion,
    Restated,
    Row,
    Rule,
    Share,
    Split,
    Table,
    Tiers,
    Version,
)
from policydsl.runtime import PolicyError
from policydsl.source import Source, Span

POLICIES = Path(__file__).parent.parent / "policies"

SOURCE = Source("test.pol", "")


def at(text: str) -> Span:
    """A place of its own for `text`, after everything placed before."""
    start = len(SOURCE.text) + 1
    SOURCE.text += " " + text
    return Span(SOURCE, start, start + len(text))


def name(word: str, label: str | None = None) -> Name:
    return Name(word, None, label, span=at(word))


def yuan(x: str) -> Constant:
    return Constant(Fraction(x), AMOUNT, span=at(f"{x}元"))


def percent(x: str) -> Constant:
    return Constant(Fraction(x) / 100, RATE, span=at(f"{x}%"))


def given(key: str, kind: Kind = AMOUNT) -> Input:
    return Input(key, kind, span=at(key))


def category(key: str, *members: str) -> Category:
    return Category(name(key), tuple(Member(name(m), span=at(m)) for m in members), span=at(key))


def money(key: str, low: str = "0", high: str | None = None, grain: str = "0.01") -> Fact:
    top = None if high is None else Fraction(high)
    return Fact(name(key), AMOUNT, Fraction(low), top, Fraction(grain), span=at(key))


def one_of(key: str) -> Fact:
    return Fact(name(key), MemberOf(key), span=at(key))


def policy(
    *definitions: Definition,
    categories: Iterable[Category] = (),
    facts: Iterable[Fact] = (),
    givens: Iterable[Expr] = (),
    accepts: Iterable[Accept] = (),
    period: tuple[date | None, date | None] = (None, None),
    used: Iterable[str] | None = None,
) -> Policy:
    header = Header(
        name("test"), "", None, None, False, None, None, *period, CURRENCIES["CNY"], "last", span=at("policy")
    )
    facts = tuple(facts)
    keys = {f.name.key for f in facts} | {c.name.key for c in categories}
    return Policy(
        header,
        tuple(categories),
        facts,
        tuple(Given(g, span=g.span) for g in givens),
        definitions,
        accepts=tuple(accepts),
        used=frozenset(keys if used is None else used),
    )


def found(p: Policy) -> list[Diagnostic]:
    """What the checks say; the categories here have members to spare, which is not what they are about."""
    return [d for d in run(p) if d.code is not codes.UNUSED_MEMBER]


def only(p: Policy) -> Diagnostic:
    diagnostics = found(p)
    assert [d.code.name for d in diagnostics] == [diagnostics[0].code.name], [
        message(d, "en") for d in diagnostics
    ]
    return diagnostics[0]


def names(p: Policy) -> list[str]:
    return sorted(d.code.name for d in found(p))


# Splits


def share(payer: str, portion: Portion, parts: tuple[Share, ...] = (), restated: str | None = None) -> Share:
    said = () if restated is None else (Restated(yuan(restated), span=at(restated)),)
    return Share(name(payer), portion, said, parts, span=at(payer))


def pct(x: str) -> Portion:
    return Portion("percent", rate=Fraction(x) / 100, span=at(f"{x}%"))


def fixed(x: str) -> Portion:
    return Portion("fixed", amount=yuan(x), span=at(f"{x}元"))


def ratio(weight: int, *weights: int) -> Portion:
    return Portion(
        "ratio", weight=Fraction(weight), weights=tuple(map(Fraction, weights)), span=at("by ratio")
    )


def param(key: str, x: str) -> Param:
    return Param(name(key), AMOUNT, (Version(None, yuan(x), span=at(x)),), span=at(key))


def split(
    shares: tuple[Share, ...],
    total: Expr | None = None,
    rounding: Rounding | None = None,
    quotes: tuple[Quote, ...] = (),
    parent: tuple[str, str] | None = None,
) -> Split:
    whole = None if parent else total or Ref("subsidy", AMOUNT, span=at("subsidy"))
    return Split(
        name("funding"), parent, whole, (), (Arm((), shares, span=at("arm")),), rounding, quotes,
        span=at("split funding"),
    )  # fmt: skip


def half_up(step: str, holder: str | None = None) -> Rounding:
    return Rounding("half_up", Fraction(step), holder=holder, span=at("round half up"))


def western(county: str, quotes: tuple[Quote, ...] = ()) -> Policy:
    cities = share(
        "city_county", pct("10"), (share("city", fixed("13.5")), share("county", fixed(county))), "58"
    )
    shares = (share("central", pct("80"), (), "464"), share("province", pct("10"), (), "58"), cities)
    return policy(param("subsidy", "580"), split(shares, quotes=quotes))


def test_xinzhou_shares_of_580_are_whole() -> None:
    assert found(western("44.5")) == []


def test_a_transposed_county_share_is_reported_at_that_figure() -> None:
    quote = Quote("一", "市级补助13.5元、县级补助44.5元", span=at("quote"))
    d = only(western("45.4", (quote,)))
    assert d.code is codes.PARTS_NOT_SHARE
    assert d.span.text == "45.4元"
    assert "58.9元" in message(d, "zh") and "0.9元" in message(d, "en")
    assert "44.5元" in remedy(d, "zh")


def test_province_and_cities_read_as_20_percent_each_make_120() -> None:
    shares = tuple(
        share(p, pct(x)) for p, x in (("central", "60"), ("province", "20"), ("city", "20"), ("county", "20"))
    )
    d = only(policy(param("subsidy", "580"), split(shares)))
    assert d.code is codes.SHARES_NOT_WHOLE
    assert "合计120%，多出20个百分点" in message(d, "zh")
    assert "其中 city …元、county …元" in remedy(d, "zh")


def test_99_point_9_percent_is_a_tenth_of_a_point_too_few() -> None:
    shares = (share("central", pct("60")), share("local", pct("39.9")))
    d = only(policy(param("subsidy", "580"), split(shares)))
    assert d.code is codes.SHARES_NOT_WHOLE
    assert "0.1 points too few" in message(d, "en")


def test_348_116_26_91_make_581() -> None:
    shares = tuple(share(p, fixed(x)) for p, x in (("a", "348"), ("b", "116"), ("c", "26"), ("d", "91")))
    d = only(policy(param("subsidy", "580"), split(shares)))
    assert d.code is codes.AMOUNTS_NOT_TOTAL
    assert message(d, "en") == (
        "payers of subsidy add up to 581元, 1元 above subsidy of 580元: 348 + 116 + 26 + 91"
    )


def test_61_percent_of_580_is_not_348() -> None:
    shares = (share("central", pct("61"), (), "348"), share("local", pct("39")))
    d = only(policy(param("subsidy", "580"), split(shares)))
    assert d.code is codes.SHARE_RESTATED
    assert "353.8元" in message(d, "en")


def ningxia(subsidy: str, holder: str | None) -> Policy:
    outer = (share("central", ratio(8, 8, 2)), share("ningxia", ratio(2, 8, 2)))
    inner = (share("region", ratio(9, 9, 1)), share("local", ratio(1, 9, 1)))
    return policy(
        param("subsidy", subsidy),
        split(outer, rounding=half_up("1", "ningxia")),
        split(inner, rounding=half_up("1", holder), parent=("funding", "ningxia")),
    )


def test_a_rounding_that_never_acts_at_550_still_needs_a_holder() -> None:
    d = only(ningxia("550", None))
    assert d.code is codes.NO_HOLDER
    text = message(d, "zh")
    assert "ningxia 115元时，各方应负担region 103.5元 + local 11.5元" in text
    assert "104元 + 12元 = 116元，多于115元（110元时恰好整除）" in text
    assert remedy(d, "zh") == "写明尾差归谁，如 `尾差归 local`，则为104元 + 11元"


def test_at_575_the_missing_holder_is_shown_at_575() -> None:
    d = only(ningxia("575", None))
    assert "116元，多于115元" in message(d, "zh") and "恰好" not in message(d, "zh")


def test_with_a_holder_ningxia_is_whole_at_any_subsidy() -> None:
    for subsidy in ("550", "575", "580", "583"):
        assert found(ningxia(subsidy, "local")) == []


def test_the_holder_falls_below_zero_first_at_56_fen() -> None:
    # 0.9 T rounds up to 1元 from T = 0.5555…: on a fen grain the first such total is 0.56元
    shares = (share("region", ratio(9, 9, 1)), share("local", ratio(1, 9, 1)))
    p = policy(split(shares, given("cost"), half_up("1", "local")), facts=(money("cost"),))
    d = only(p)
    assert d.code is codes.NEGATIVE_SHARE
    assert d.case == (("cost", "0.56元"),)


def test_largest_fractions_take_any_remainder() -> None:
    shares = (share("region", ratio(9, 9, 1)), share("local", ratio(1, 9, 1)))
    p = policy(split(shares, given("cost"), half_up("0.01", "*")), facts=(money("cost"),))
    assert found(p) == []


def test_60_percent_of_an_input_leaves_the_grain_at_one_fen() -> None:
    shares = (share("fund", pct("60")), share("person", pct("40")))
    diagnostics = found(policy(split(shares, given("cost")), facts=(money("cost"),)))
    assert {d.code.name for d in diagnostics} == {"SHARE_OFF_GRAIN"}
    assert diagnostics[0].case == (("cost", "0.01元"),)
    assert "0.006元" in message(diagnostics[0], "en")


def test_mixed_shares_of_an_input_are_refused() -> None:
    shares = (share("fund", pct("60")), share("person", fixed("40")))
    assert names(policy(split(shares, given("cost")), facts=(money("cost"),))) == ["MIXED_SHARES"]


def test_two_residuals_and_a_negative_one() -> None:
    rest = Portion("rest", span=at("rest"))
    both = (share("a", pct("60")), share("b", rest), share("c", Portion("rest", span=at("rest"))))
    assert "TWO_RESIDUALS" in names(policy(param("subsidy", "580"), split(both)))
    less = (share("a", fixed("500")), share("b", fixed("100")), share("c", rest))
    d = only(policy(param("subsidy", "580"), split(less)))
    assert d.code is codes.NEGATIVE_SHARE and "-20元" in message(d, "en")


def test_a_payer_stands_on_one_path_once() -> None:
    outer = (share("central", pct("80")), share("ningxia", pct("20")))
    inner = (share("central", pct("50")), share("local", pct("50")))
    p = policy(param("subsidy", "500"), split(outer), split(inner, parent=("funding", "ningxia")))
    assert names(p) == ["PAYER_TWICE"]


# Bands


def band(low: Expr | None, high: Expr | None, *cells: str, low_closed: bool = True) -> Band:
    interval = Interval(low, low_closed, high, True, span=at("band"))
    return Band(interval, tuple(percent(c) for c in cells), span=at("row"))


def column(*tests: frozenset[str] | None) -> Column:
    return Column(tests, "rate (%)", True, span=at("column"))


def tiers(
    *bands: Band,
    mode: str | None = "marginal",
    continuous: bool = True,
    rounding: str | None = "0.01",
    columns: tuple[Column, ...] | None = None,
    keys: tuple[Key, ...] = (),
) -> Tiers:
    finish = () if rounding is None else (half_up(rounding),)
    return Tiers(
        name("payout"), AMOUNT, given("cost"), mode, keys, columns or (column(),), bands, True,  # type: ignore[arg-type]
        continuous=continuous, finish=finish, span=at("tiers"),
    )  # fmt: skip


COST = money("cost", "0", "100000000")


def test_whole_yuan_bounds_are_priced_as_in_the_notice() -> None:
    # Yinchuan, ordinary, common: 90000 × 60% = 54000; the next 50 fen at 61% are 0.305
    schedule = tiers(
        band(yuan("10000"), yuan("100000"), "60"), band(yuan("100001"), None, "61"), continuous=False
    )
    d = next(d for d in found(policy(schedule, facts=(COST,))) if d.code is codes.WHOLE_UNIT_BANDS)
    text = message(d, "zh")
    assert "例如100000.50元" in text
    assert "各段连续，支付54000.31元；费用舍去到元，支付54000.00元；费用四舍五入到元，支付54000.61元" in text
    assert d.case == (("cost", "100000.5元"),)


def test_continuous_bands_below_a_deductible_leave_a_note_only() -> None:
    schedule = tiers(band(yuan("10000"), yuan("100000"), "60"), band(yuan("100001"), None, "61"))
    assert names(policy(schedule, facts=(COST,))) == ["BELOW_FIRST_BAND"]
    accept = Accept("gap", "payout", "the deductible", span=at("accept"))
    assert found(policy(schedule, facts=(COST,), accepts=(accept,))) == []


def test_an_accept_for_nothing_is_reported() -> None:
    schedule = tiers(band(None, None, "60"))
    accept = Accept("rate", "payout", "why", span=at("accept"))
    assert names(policy(schedule, facts=(COST,), accepts=(accept,))) == ["ACCEPT_UNNEEDED"]


def test_a_wider_gap_is_not_closed_by_continuous_bands() -> None:
    schedule = tiers(band(yuan("0"), yuan("100000"), "60"), band(yuan("110001"), None, "61"))
    assert names(policy(schedule, facts=(COST,))) == ["BAND_GAP"]


def test_overlap_is_shown_with_an_amount_in_both() -> None:
    schedule = tiers(band(yuan("0"), yuan("100000"), "60"), band(yuan("90001"), None, "61"))
    d = only(policy(schedule, facts=(COST,)))
    assert d.code is codes.BAND_OVERLAP and d.case == (("cost", "100000元"),)


def test_a_last_band_that_ends_needs_a_cap() -> None:
    schedule = tiers(band(yuan("0"), yuan("500000"), "60"))
    d = only(policy(schedule, facts=(COST,)))
    assert d.code is codes.TOP_CLOSED and d.case == (("cost", "500000.01元"),)


def test_a_last_band_that_ends_where_the_input_does_is_whole() -> None:
    schedule = tiers(band(yuan("0"), yuan("500000"), "60"))
    assert found(policy(schedule, facts=(money("cost", "0", "500000"),))) == []


def test_the_edge_itself_is_covered_in_a_slab_only_when_it_is_included() -> None:
    def half_open(mode: str) -> Policy:
        interval = Interval(yuan("0"), True, yuan("500000"), False, span=at("from 0 below 500000"))
        schedule = tiers(Band(interval, (percent("60"),), span=at("row")), mode=mode)
        return policy(schedule, facts=(money("cost", "0", "500000"),))

    assert found(half_open("marginal")) == []
    d = only(half_open("slab"))
    assert d.code is codes.TOP_CLOSED and d.case == (("cost", "500000元"),)


def test_bands_after_an_open_one_and_descending_ones() -> None:
    after_open = tiers(band(yuan("0"), None, "60"), band(yuan("100000"), None, "61"))
    assert "BAND_AFTER_OPEN" in names(policy(after_open, facts=(COST,)))
    descending = tiers(band(yuan("100000"), yuan("0"), "60"), band(yuan("100001"), None, "61"))
    assert "BAND_DESCENDING" in names(policy(descending, facts=(COST,)))


def test_a_slab_that_starts_above_zero_has_no_answer_below() -> None:
    schedule = tiers(band(yuan("10000"), None, "60"), mode="slab")
    d = only(policy(schedule, facts=(COST,)))
    assert d.code is codes.UNCOVERED_BELOW and d.case == (("cost", "0元"),)


def test_a_bound_in_two_slabs_is_an_overlap_and_in_marginal_bands_is_none() -> None:
    bands = (band(yuan("0"), yuan("100000"), "60"), band(yuan("100000"), None, "61"))
    p = policy(tiers(*bands, mode="slab", continuous=False), facts=(COST,))
    assert names(p) == ["BAND_OVERLAP"]
    assert found(policy(tiers(*bands, continuous=False), facts=(COST,))) == []


def test_a_missing_mode_is_priced() -> None:
    # 150000: marginal 100000 × 60% + 50000 × 70% = 95000; slab 150000 × 70% = 105000
    bands = (band(yuan("0"), yuan("100000"), "60"), band(yuan("100000"), yuan("200000"), "70"))
    p = policy(tiers(*bands, mode=None), facts=(money("cost", "0", "200000"),))
    d = next(d for d in found(p) if d.code is codes.MODE_MISSING)
    assert "150000元 marginal pays 95000.00元, slab 105000.00元" in message(d, "en")


def test_rates_above_100_percent_and_a_hundred_times_too_small() -> None:
    high = tiers(band(yuan("0"), None, "110"))
    assert names(policy(high, facts=(COST,))) == ["RATE_OUT_OF_RANGE"]
    low = tiers(
        band(yuan("0"), yuan("100"), "60"),
        band(yuan("101"), yuan("200"), "0.61"),
        band(yuan("201"), None, "62"),
    )
    d = only(policy(low, facts=(COST,)))
    assert d.code is codes.RATE_TINY and "is 61% meant" in message(d, "en")


def city_key(key: str = "city") -> Key:
    return Key(key, given(key, MemberOf(key)), key, span=at(key))


def deductibles(*rows: tuple[Test, str]) -> Table:
    made = tuple(Row((t,), (yuan(x),), (at("cell"),), span=at("row")) for t, x in rows)
    return Table(name("deductible"), (city_key(),), (name("deductible"),), (AMOUNT,), made, span=at("table"))


def test_a_deductible_above_the_first_bound_names_the_city() -> None:
    table = deductibles((frozenset({"yinchuan"}), "10000"), (frozenset({"guyuan"}), "108500"))
    first = Ref("deductible", AMOUNT, span=at("deductible"))
    p = policy(
        table,
        tiers(band(first, yuan("100000"), "60"), band(yuan("100001"), None, "61")),
        categories=(category("city", "yinchuan", "guyuan"),),
        facts=(one_of("city"), COST),
    )
    d = next(d for d in found(p) if d.code is codes.BOUND_CROSSED)
    assert d.case == (("city", "guyuan"),)
    assert "108500元" in message(d, "zh")


def test_a_deductible_that_is_an_input_needs_a_range() -> None:
    schedule = tiers(band(given("own"), yuan("1000"), "60"), band(yuan("1001"), None, "61"))
    p = policy(schedule, facts=(COST, money("own", "0", "2000")))
    d = next(d for d in found(p) if d.code is codes.BOUND_MAY_CROSS)
    assert d.case == (("own", "2000元"),)
    fine = policy(schedule, facts=(COST, money("own", "0", "1000")))
    assert "BOUND_MAY_CROSS" not in names(fine)


def test_columns_cover_each_member_once() -> None:
    cities = (category("city", "yinchuan", "guyuan"),)
    one = tiers(band(yuan("0"), None, "60"), keys=(city_key(),), columns=(column(frozenset({"yinchuan"})),))
    assert names(policy(one, categories=cities, facts=(one_of("city"), COST))) == ["COLUMN_MISSING"]
    two = tiers(
        band(yuan("0"), None, "60", "61"),
        keys=(city_key(),),
        columns=(column(None), column(frozenset({"guyuan"}))),
    )
    assert names(policy(two, categories=cities, facts=(one_of("city"), COST))) == ["COLUMN_TWICE"]


def test_base_and_quick_deduction_are_recomputed() -> None:
    # base of band 2: 100000 × 60% = 60000; quick deduction: 100000 × 70% − 60000 = 10000
    def two(base: str, quick: str) -> Policy:
        second = Band(
            Interval(yuan("100000"), False, None, False, span=at("band")), (percent("70"),),
            yuan(base), yuan(quick), span=at("row"),
        )  # fmt: skip
        return policy(tiers(band(yuan("0"), yuan("100000"), "60"), second), facts=(COST,))

    assert found(two("60000", "10000")) == []
    assert names(two("61000", "10000")) == ["CHECKED_COLUMN_WRONG"]
    assert names(two("60000", "9000")) == ["CHECKED_COLUMN_WRONG"]


# Tables


CITIES = (category("city", "yinchuan", "guyuan"),)


def of_cities(table: Table) -> Policy:
    return policy(table, categories=CITIES, facts=(one_of("city"),))


def test_a_deleted_row_is_named_with_its_combination() -> None:
    d = only(of_cities(deductibles((frozenset({"yinchuan"}), "10000"))))
    assert d.code is codes.CELL_MISSING
    assert d.case == (("city", "guyuan"),)
    assert remedy(d, "en") == "add the row `guyuan | …`"


def test_rows_that_contradict_repeat_or_shadow() -> None:
    two = ((None, "10000"), (frozenset({"guyuan"}), "8500"))
    assert names(of_cities(deductibles(*two))) == ["ROWS_CONTRADICT"]
    assert names(of_cities(deductibles((None, "10000"), (frozenset({"guyuan"}), "10000")))) == [
        "ROW_REPEATED"
    ]


def ages(*bounds_: tuple[str | None, str | None], grain: str = "1") -> Policy:
    def number(x: str | None) -> Constant | None:
        return None if x is None else Constant(Fraction(x), NUMBER, span=at(x))

    rows = tuple(
        Row(
            (Interval(number(low), True, number(high), False, span=at("range")),),
            (yuan(str(i)),),
            (at("cell"),),
            span=at("row"),
        )
        for i, (low, high) in enumerate(bounds_)
    )
    table = Table(
        name("aid"), (Key("age", given("age", NUMBER), None, span=at("age")),), (name("aid"),), (AMOUNT,), rows,
        span=at("table"),
    )  # fmt: skip
    age = Fact(name("age"), NUMBER, Fraction(0), Fraction(120), Fraction(grain), span=at("age"))
    return policy(table, facts=(age,))


def test_ranges_of_a_table_are_covered_on_their_grain() -> None:
    assert found(ages(("0", "18"), ("18", None))) == []
    d = only(ages(("0", "18"), ("19", None)))
    assert d.code is codes.CELL_MISSING and d.case == (("age", "18"),)
    assert names(ages(("0", "18"), ("17", None))) == ["ROWS_CONTRADICT"]
    assert names(ages(("0", "18"), ("18", None), ("130", None))) == ["ROW_NEVER"]


# Grounds


STATUS = category("status", "orphan", "widow", "veteran", "subsistence")


def has(*members: str) -> HasAny:
    return HasAny(given("statuses", SetOf("status")), frozenset(members), YES_NO, span=at("has any of"))


def ground(key: str, when: Expr, x: str, exempt: bool = False) -> Ground:
    return Ground(name(key), when, yuan(x), exempt, span=at(key))


def assistance(*grounds: Ground, overlap: str | None = None, givens: Iterable[Expr] = ()) -> Policy:
    rule = Rule(name("assistance"), AMOUNT, yuan("0"), (), grounds, overlap, span=at("rule"))  # type: ignore[arg-type]
    facts = (Fact(name("statuses"), SetOf("status"), span=at("statuses")), COST, one_of("status"))
    return policy(rule, categories=(STATUS,), facts=facts, givens=givens, used=("statuses", "cost", "status"))


def test_two_grounds_that_meet_are_shown_with_a_person_and_every_choice() -> None:
    p = assistance(ground("full", has("orphan", "widow"), "300"), ground("part", has("veteran"), "270"))
    d = only(p)
    assert d.code is codes.GROUNDS_CLASH
    assert d.case == (("statuses", "(orphan, veteran)"),)
    assert "greatest` (300元), `least` (270元) or `first` (300元); `sum` gives 570元" in remedy(d, "en")


def test_grounds_that_agree_or_exclude_each_other_are_fine() -> None:
    assert found(assistance(ground("a", has("orphan"), "300"), ground("b", has("veteran"), "300"))) == []

    same = Multiply(yuan("600"), percent("50"), AMOUNT, span=at("600元 × 50%"))
    half = Ground(name("half"), has("veteran"), same, False, span=at("half"))
    assert found(assistance(ground("a", has("orphan"), "300"), half)) == []

    def cost(op: str) -> Compare:
        return Compare(op, given("cost"), yuan("1000"), YES_NO, span=at("cost"))  # type: ignore[arg-type]

    apart = (ground("a", cost("<="), "300"), ground("b", cost(">"), "270"))
    assert found(assistance(*apart)) == []
    assert names(assistance(*apart, overlap="greatest")) == ["OVERLAP_UNNEEDED"]
    touching = (ground("a", cost("<="), "300"), ground("b", cost(">="), "270"))
    d = only(assistance(*touching))
    assert d.case == (("cost", "1000元"),)


def test_a_given_can_keep_two_grounds_apart() -> None:
    never_both = Not(And((has("orphan"), has("veteran")), YES_NO, span=at("and")), YES_NO, span=at("not"))
    grounds = (ground("a", has("orphan"), "300"), ground("b", has("veteran"), "270"))
    assert found(assistance(*grounds, givens=(never_both,))) == []


def test_a_ground_that_never_holds_and_one_that_is_never_first() -> None:
    def both(low: str, high: str) -> Expr:
        above = Compare(">", given("cost"), yuan(low), YES_NO, span=at("cost"))
        below = Compare("<", given("cost"), yuan(high), YES_NO, span=at("cost"))
        return And((above, below), YES_NO, span=at("and"))

    assert names(assistance(ground("a", both("2000", "1000"), "300"))) == ["GROUND_NEVER"]
    assert found(assistance(ground("a", both("1000", "2000"), "300"))) == []
    # between 1000.00 and 1000.01 there is no fen
    assert names(assistance(ground("a", both("1000", "1000.01"), "300"))) == ["GROUND_NEVER"]
    shadowed = (ground("a", has("orphan", "widow"), "300"), ground("b", has("orphan"), "270"))
    assert names(assistance(*shadowed, overlap="first")) == ["GROUND_SHADOWED"]


def test_what_cannot_be_decided_is_said_to_be_possible() -> None:
    day = Fact(name("joined"), DAY, span=at("joined"))
    stopped = Fact(name("stopped"), DAY, span=at("stopped"))
    soon = Within(given("joined", DAY), given("stopped", DAY), 3, "month", YES_NO, span=at("within"))
    rule = Rule(
        name("wait"), AMOUNT, yuan("90"), (),
        (ground("soon", soon, "10"), ground("orphan", has("orphan"), "20")), span=at("rule"),
    )  # fmt: skip
    statuses = Fact(name("statuses"), SetOf("status"), span=at("statuses"))
    d = only(policy(rule, categories=(STATUS,), facts=(day, stopped, statuses)))
    assert d.code is codes.GROUNDS_CLASH
    assert "one person may meet both" in message(d, "en") and d.case == ()


def test_an_exemption_needs_a_zero() -> None:
    rule = Rule(
        name("rate"), RATE, percent("50"), (),
        (Ground(name("free"), has("orphan"), percent("0"), True, span=at("free")),), span=at("rule"),
    )  # fmt: skip
    statuses = Fact(name("statuses"), SetOf("status"), span=at("statuses"))
    assert names(policy(rule, categories=(STATUS,), facts=(statuses,))) == ["EXEMPT_WITHOUT_ZERO"]


# Figures


def rule(expr: Expr, kind: Kind = AMOUNT, finish: tuple[Rounding, ...] = ()) -> Rule:
    return Rule(name("result"), kind, expr, finish=finish, span=at("rule"))


def test_520_and_30_are_not_551() -> None:
    total = Add(yuan("520"), yuan("30"), AMOUNT, span=at("520元 + 30元"))
    wrong = Restated(yuan("551"), span=at("551元"))
    p = Param(name("subsidy"), AMOUNT, (Version(None, total, (wrong,), span=at("v")),), span=at("param"))
    d = only(policy(p))
    assert d.code is codes.RESTATED_WRONG
    assert message(d, "zh") == "列式与所列结果不符：520元 + 30元 = 550元，文中写作551元"
    near = Restated(yuan("551"), Fraction(1), span=at("551元"))
    assert (
        found(policy(Param(p.name, AMOUNT, (Version(None, total, (near,), span=at("v")),), span=at("p"))))
        == []
    )


def test_a_rate_of_an_amount_leaves_the_grain_unless_it_is_rounded() -> None:
    product = Multiply(given("cost"), percent("61"), AMOUNT, span=at("cost × 61%"))
    d = only(policy(rule(product), facts=(COST,)))
    assert d.code is codes.OFF_GRAIN and d.span.text == "61%"
    assert d.case == (("cost", "0.01元"),)
    assert found(policy(rule(product, finish=(half_up("0.01"),)), facts=(COST,))) == []
    assert found(policy(rule(product), facts=(money("cost", "0", None, "1"),))) == []
    assert names(policy(rule(product, finish=(half_up("0.001"),)), facts=(COST,))) == ["ROUNDED_OFF_GRAIN"]


def test_an_amount_off_the_grain_is_reported_once_where_it_arises() -> None:
    product = Multiply(given("cost"), percent("61"), AMOUNT, span=at("cost × 61%"))
    own = Rule(
        name("own"), AMOUNT,
        Subtract(given("cost"), Ref("result", AMOUNT, span=at("result")), AMOUNT, span=at("cost - result")),
        span=at("rule own"),
    )  # fmt: skip
    assert names(policy(rule(product), own, facts=(COST,))) == ["OFF_GRAIN"]


def test_a_third_is_no_decimal() -> None:
    third = Divide(Constant(Fraction(1), NUMBER, span=at("1")), Constant(Fraction(3), NUMBER, span=at("3")), RATE,
                   span=at("1 ÷ 3"))  # fmt: skip
    d = only(policy(rule(third, RATE)))
    assert d.code is codes.NOT_A_DECIMAL and "1/3" in message(d, "en")


def test_a_quotient_of_inputs_is_rounded_and_never_by_zero() -> None:
    quotient = Divide(given("cost"), given("n", NUMBER), AMOUNT, span=at("cost ÷ n"))
    n = Fact(name("n"), NUMBER, Fraction(0), Fraction(10), Fraction(1), span=at("n"))
    one = Fact(name("n"), NUMBER, Fraction(1), Fraction(10), Fraction(1), span=at("n"))
    rounded = Round(quotient, Fraction("0.01"), "half_up", AMOUNT, span=at("rounded"))
    assert names(policy(rule(rounded), facts=(COST, n))) == ["DIVISION_BY_ZERO"]
    assert found(policy(rule(rounded), facts=(COST, one))) == []
    assert "QUOTIENT_UNROUNDED" in names(policy(rule(quotient), facts=(COST, one)))


def test_a_figure_in_wan_among_figures_in_yuan() -> None:
    cities = (category("city", "a", "b", "c"),)
    table = deductibles((frozenset({"a"}), "10000"), (frozenset({"b"}), "9500"), (frozenset({"c"}), "1"))
    d = only(policy(table, categories=cities, facts=(one_of("city"),)))
    assert d.code is codes.TEN_THOUSAND and d.span.text == "1元"


def test_a_rise_larger_than_the_figure() -> None:
    p = Param(
        name("subsidy"),
        AMOUNT,
        (Version(None, yuan("30"), span=at("v")),),
        rise=yuan("580"),
        span=at("param"),
    )
    assert names(policy(p)) == ["RISE_TOO_LARGE"]


# Days and use


def dated(*starts: date | None) -> Param:
    versions = tuple(Version(s, yuan(str(i + 1)), span=at(f"from {s}")) for i, s in enumerate(starts))
    return Param(name("subsidy"), AMOUNT, versions, span=at("param"))


def test_versions_stand_in_order_and_cover_the_period() -> None:
    year = (date(2021, 1, 1), date(2021, 12, 31))
    assert found(policy(dated(date(2021, 1, 1), date(2021, 7, 1)), period=year)) == []
    assert names(policy(dated(date(2021, 2, 1)), period=year)) == ["NO_FIGURE_YET"]
    assert names(policy(dated(None, date(2022, 1, 1)), period=year)) == ["VERSION_TOO_LATE"]
    assert names(policy(dated(date(2021, 7, 1), date(2021, 1, 1)), period=year)) == ["VERSIONS_OUT_OF_ORDER"]
    assert names(policy(dated(date(2021, 1, 1), date(2021, 1, 1)), period=year)) == ["VERSION_TWICE"]
    assert names(policy(period=(date(2021, 1, 1), date(2020, 1, 1)))) == ["PERIOD_REVERSED"]


def test_unused_inputs_and_categories_are_warned_about() -> None:
    p = policy(facts=(COST,), categories=(category("city", "a"),), used=())
    assert names(p) == ["UNUSED_CATEGORY", "UNUSED_INPUT"]


def test_a_given_that_nobody_satisfies() -> None:
    never = IsMember(given("city", MemberOf("city")), frozenset(), YES_NO, span=at("city is"))
    p = policy(facts=(one_of("city"),), categories=CITIES, givens=(never,))
    assert names(p) == ["GIVEN_NEVER"]


# The analysis beneath


def test_bounds_hold_what_a_value_can_be() -> None:
    seen = views.view(policy(facts=(money("cost", "10", "20"),)))
    less = Subtract(yuan("100"), given("cost"), AMOUNT, span=at("100 - cost"))
    assert bounds.bounds(less, seen) == views.Range(Fraction(80), Fraction(90))
    product = Multiply(given("cost"), percent("5"), AMOUNT, span=at("5%"))
    assert bounds.grain(product, seen) == Fraction(1, 2000)


def test_too_many_worlds_are_not_looked_at() -> None:
    facts = tuple(Fact(name(f"f{i}"), YES_NO, span=at(f"f{i}")) for i in range(20))
    p = policy(facts=facts)
    assert worlds.worlds([given(f.name.key, YES_NO) for f in facts], views.view(p)) is None


def test_every_code_of_the_checks_is_an_error_a_warning_or_a_note() -> None:
    every: tuple[Code, ...] = codes.CHECK_CODES
    assert {c.severity for c in every} == {"error", "warning", "note"}


# The interpreter defines the meaning; the checks compute by their own route and must agree


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*/*.pol")), ids=lambda p: p.parent.name)
def test_the_checks_compute_what_the_interpreter_computes(path: Path) -> None:
    source = read_source(str(path))
    assert isinstance(source, Source)
    checked = pipeline.check(source)
    program, p = checked.program, checked.policy
    assert program is not None and p is not None
    chance = random.Random(7)
    seen = views.view(p)
    for _ in range(40):
        facts = {f.name.key: anything(f, seen, chance) for f in program.facts}
        who = views.knowing(seen, facts)
        for key in program.outputs:
            definition = seen.index[key]
            try:
                step = pipeline.run(program, facts, (key,)).step(key)
            except PolicyError as error:
                if error.code == "PC108":
                    with pytest.raises(values.NoAnswer):
                        values.result(definition, who)
                continue
            if isinstance(definition, Split):
                paid = values.split_values(definition, who)
                assert {k or "total": v for k, v in paid.items()} == dict(step.parts)
            elif not (isinstance(definition, Table) and len(definition.results) > 1):
                assert values.result(definition, who) == step.value


def anything(fact: Fact, seen: views.View, chance: random.Random) -> Value:
    """A value the fact can have."""
    if fact.optional and chance.random() < 0.3:
        return None
    if isinstance(fact.kind, Day):
        return date(2021, 1, 1) + timedelta(chance.randint(-60, 500))
    if isinstance(fact.kind, Quantity):
        low = fact.low if isinstance(fact.low, Fraction) else Fraction(0)
        high = fact.high if isinstance(fact.high, Fraction) else low + 1_000_000
        step = fact.grain or Fraction(1, 10)
        return low + chance.randint(0, int((high - low) / step)) * step
    return chance.choice(people.domain(fact.name.key, seen) or (frozenset(),))
