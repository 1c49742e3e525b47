"""What do some real programs look like? Built by hand, without the front end, for tests of what comes after it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from policydsl.expressions import (
    And,
    Compare,
    CompareOp,
    Constant,
    Expr,
    HasAny,
    Input,
    Interval,
    IsMember,
    Or,
    Present,
    Ref,
    Rounding,
    RoundingMode,
    Subtract,
    Value,
    Within,
)
from policydsl.facts import Category, Fact, Header, Member, Name, Quote
from policydsl.ir import (
    Allotment,
    Arm,
    Band,
    Body,
    Column,
    Definition,
    Division,
    Ensure,
    Example,
    Exceptions,
    Expectation,
    Formula,
    Given,
    Ground,
    Key,
    Lookup,
    Part,
    Portion,
    Program,
    Row,
    Schedule,
)
from policydsl.kinds import (
    AMOUNT,
    CURRENCIES,
    DAY,
    RATE,
    YES_NO,
    Kind,
    MemberOf,
    Quantity,
    SetOf,
    unit,
)
from policydsl.source import Source, Span

F = Fraction
CENT = F(1, 100)
PER_HEAD = Quantity(unit(money=1, person=-1))
PER_YEAR = Quantity(unit(money=1, person=-1, year=-1))
DAYS = Quantity(unit(day=1))


def at(text: str = "") -> Span:
    """A span whose text is `text`."""
    return Span(Source("program.pol", text), 0, len(text))


def name(written: str, alias: str | None = None, label: str | None = None) -> Name:
    return Name(written, alias, label, span=at(written))


def quote(clause: str, words: str) -> Quote:
    return Quote(clause, words, span=at(words))


def category(written: str, *members: tuple[str, str | None]) -> Category:
    """Members as (key, label)."""
    return Category(
        name(written),
        tuple(Member(name(m, None, label), span=at(m)) for m, label in members),
        span=at(),
    )


def const(value: Value, kind: Kind = AMOUNT) -> Constant:
    return Constant(value, kind, span=at())


def yuan(amount: str | int) -> Constant:
    return const(F(amount))


def rate(percent: str | int) -> Constant:
    return const(F(percent) / 100, RATE)


def given_input(key: str, kind: Kind = AMOUNT) -> Input:
    return Input(key, kind, span=at())


def ref(key: str, kind: Kind = AMOUNT, part: str | None = None) -> Ref:
    return Ref(key, kind, part, span=at())


def subtract(left: Expr, right: Expr, kind: Kind) -> Subtract:
    return Subtract(left, right, kind, span=at())


def compare(op: CompareOp, left: Expr, right: Expr, text: str = "") -> Compare:
    return Compare(op, left, right, YES_NO, span=at(text))


def rounding(
    step: str | int, mode: RoundingMode = "half_up", holder: str | None = None, because: str | None = None
) -> Rounding:
    return Rounding(mode, F(step), "total", holder, because, span=at())


def key(name_: str, kind: Kind, category_: str | None = None) -> Key:
    return Key(given_input(name_, kind), name_, category_)


def part(
    payer: str, how: str, figure: str | int | Fraction | None = None, division: Division | None = None
) -> Part:
    """`part("central", "60%")`, `part("central", "8:2", F(4, 5))`, `part("city", "13.5元")`, "rest", "all"."""
    if how in ("rest", "all"):
        portion = Portion(how, None, None, how)  # type: ignore[arg-type]
    elif how.endswith("%"):
        portion = Portion("rate", F(how[:-1]) / 100, None, how)
    elif how.endswith("元"):
        portion = Portion("fixed", None, const(F(how[:-1]), PER_YEAR), how)
    else:
        assert figure is not None
        portion = Portion("rate", F(figure), None, how)
    return Part(payer, portion, division, span=at())


def arm(members: str | None, *parts: Part, quotes: tuple[Quote, ...] = ()) -> Arm:
    tests = () if members is None else (frozenset(members.split()),)
    return Arm(tests, parts, quotes, span=at())


def define(
    written: str,
    kind: Kind,
    body: Body,
    inputs: str = "",
    word: str = "rule",
    *,
    label: str | None = None,
    alias: str | None = None,
    grain: Fraction | None = CENT,
    finish: tuple[Rounding, ...] = (),
    quotes: tuple[Quote, ...] = (),
    because: tuple[str, ...] = (),
) -> Definition:
    return Definition(
        name(written, alias, label),
        kind,
        grain,
        body,
        finish,
        tuple(inputs.split()),
        word,  # type: ignore[arg-type]
        quotes,
        (),
        because,
        span=at(written),
    )


def fact(
    key_: str,
    kind: Kind,
    low: Fraction | date | None = None,
    high: Fraction | date | None = None,
    grain: Fraction | None = None,
    *,
    label: str | None = None,
    optional: bool = False,
    default: Value = None,
    has_default: bool = False,
    open_: bool = False,
) -> Fact:
    return Fact(
        name(key_, None, label), kind, low, high, grain, optional, default, has_default, open_, span=at(key_)
    )


def header(
    key_: str, title: str, document: str | None, *, draft: bool = False, currency: str = "CNY"
) -> Header:
    return Header(
        name=name(key_),
        title=title,
        document=document,
        issuer=None,
        draft=draft,
        issued_on=None,
        text=None,
        effective_from=None,
        effective_to=None,
        currency=CURRENCIES[currency],
        month_end="last",
        span=at(),
    )


# Ningxia 2020

CITIES = ("yinchuan", "shizuishan", "wuzhong", "zhongwei", "guyuan")
GROUPS = ("ordinary", "rural_poor")
DISEASES = ("common", "major")
TABLE = (
    (None, 100000, (60, 61, 62, 64)),
    (100001, 200000, (61, 63, 66, 68)),
    (200001, 300000, (62, 64, 67, 69)),
    (300001, 400000, (63, 65, 68, 70)),
    (400001, 500000, (66, 68, 71, 73)),
    (500001, None, (70, 73, 75, 77)),
)
FULL = frozenset({"destitute", "orphan", "severely_disabled", "cadre_widow"})
FIXED = frozenset({"veteran", "low_income_elder", "registered_poor", "subsistence", "moderately_disabled"})


def _deductible() -> Definition:
    rows = (
        ("ordinary", "yinchuan shizuishan", 10000),
        ("ordinary", "wuzhong zhongwei", 9500),
        ("ordinary", "guyuan", 8500),
        ("rural_poor", None, 3000),
    )
    body = Lookup(
        (key("group", MemberOf("group"), "group"), key("city", MemberOf("city"), "city")),
        (name("deductible"),),
        (AMOUNT,),
        tuple(
            Row(
                (frozenset({group}), None if cities is None else frozenset(cities.split())),
                (yuan(amount),),
                (quote("二（五）", "农村建档立卡贫困人口起付标准维持3000元标准不变"),)
                if cities is None
                else (),
                span=at(),
            )
            for group, cities, amount in rows
        ),
        "agree",
    )
    return define("deductible", AMOUNT, body, "city group", "table", label="起付标准")


def _payout() -> Definition:
    edge: Expr = ref("deductible")
    bands = []
    for printed_low, high, rates in TABLE:
        bands.append(
            Band(
                edge,
                False,
                None if high is None else yuan(high),
                True,
                tuple(rate(r) for r in rates),
                Interval(
                    ref("deductible") if printed_low is None else yuan(printed_low),
                    True,
                    None if high is None else yuan(high),
                    True,
                    span=at(),
                ),
                span=at(),
            )
        )
        if high is not None:
            edge = yuan(high)
    columns = tuple(
        Column((frozenset({g}), frozenset({d})), f"{g} {d} (%)", span=at()) for g in GROUPS for d in DISEASES
    )
    body = Schedule(
        given_input("cost"),
        "marginal",
        (key("group", MemberOf("group"), "group"), key("disease", MemberOf("disease"), "disease")),
        columns,
        tuple(bands),
        True,
        continuous_because="原表按整元书写（A-2）",
    )
    words = "起付标准以上合规医疗费用支付比例由8段合并为6段，具体标准见下表，支付费用上不封顶"
    return define(
        "payout",
        AMOUNT,
        body,
        "cost city group disease",
        "tiers",
        label="大病保险支付金额",
        finish=(rounding("0.01", because="原文未规定"),),
        quotes=(quote("二（五）", words),),
        because=("按年度费用总额分段、超额累进（A-1）",),
    )


def nested_funding(total: Expr, inputs: str = "area") -> Definition:
    """8:2, of the 2 by area 9:1, 6:4 or all; whole 元, the remainders to the lower level."""
    inner = Division(
        (key("area", MemberOf("area"), "area"),),
        (
            arm("mountain", part("region", "9:1", "9/10"), part("local", "9:1", "1/10")),
            arm("river", part("region", "6:4", "3/5"), part("local", "6:4", "2/5")),
            arm("reclamation", part("region", "all")),
        ),
        rounding(1, holder="local", because="A-4"),
    )
    outer = Division(
        (),
        (arm(None, part("central", "8:2", "4/5"), part("ningxia", "8:2", "1/5", inner)),),
        rounding(1, holder="ningxia", because="原文只写“取整”（A-4）"),
    )
    body = Allotment(
        total,
        outer,
        (name("central", None, "中央"), name("region", None, "自治区"), name("local", None, "市、县（区）")),
        (name("ningxia", None, "自治区各级"),),
    )
    return define("funding", PER_YEAR, body, inputs, "split", label="财政补助")


def _assistance() -> Definition:
    grounds = tuple(
        Ground(
            name(key_, None, label),
            HasAny(given_input("statuses", SetOf("status")), members, YES_NO, span=at()),
            const(F(amount), PER_HEAD),
            False,
            quotes=(quote("一（二）", words),),
            span=at(),
        )
        for key_, label, members, amount, words in (
            ("full", "全额补助", FULL, 300, "城乡特困供养人员、孤儿等补助300元，个人不缴费"),
            ("fixed", "定额补助", FIXED, 270, "三级中度残疾人员定额补助270元，个人缴费30元"),
        )
    )
    body = Exceptions(const(F(0), PER_HEAD), grounds, "greatest", "重复身份就高（A-7）")
    return define("assistance", PER_HEAD, body, "statuses", label="参保补助")


def ningxia() -> Program:
    statuses: list[tuple[str, str | None]] = [(s, None) for s in sorted(FULL)]
    statuses += [(s, None) for s in sorted(FIXED)]
    statuses[statuses.index(("orphan", None))] = ("orphan", "孤儿")
    statuses[statuses.index(("subsistence", None))] = ("subsistence", "低保对象")
    contribution = define(
        "contribution",
        PER_HEAD,
        Formula(const(F(300), PER_HEAD)),
        word="param",
        label="个人缴费标准",
        quotes=(quote("一（二）", "2021年居民医保个人缴费标准为每人300元"),),
    )
    self_pay = define(
        "self_pay",
        PER_HEAD,
        Formula(subtract(ref("contribution", PER_HEAD), ref("assistance", PER_HEAD), PER_HEAD)),
        "statuses",
        label="个人应缴",
    )
    subsidy = define(
        "subsidy", PER_YEAR, Formula(const(F(550), PER_YEAR)), word="param", label="人均财政补助标准"
    )
    case = (
        ("cost", F(150000)),
        ("city", "guyuan"),
        ("group", "rural_poor"),
        ("disease", "major"),
    )
    poor = IsMember(
        given_input("group", MemberOf("group")),
        frozenset({"rural_poor"}),
        YES_NO,
        span=at("group is rural_poor"),
    )
    registered = HasAny(
        given_input("statuses", SetOf("status")), frozenset({"registered_poor"}), YES_NO, span=at()
    )
    return Program(
        header(
            "ningxia_2020",
            "宁夏2020年城乡居民基本医疗保障",
            "关于做好2020年工作的通知（征求意见稿）",
            draft=True,
        ),
        (
            category("area", ("mountain", "山区"), ("river", "川区"), ("reclamation", "农垦生态移民")),
            category("city", *zip(CITIES, ("银川市", "石嘴山市", "吴忠市", "中卫市", "固原市"), strict=True)),
            category("group", ("ordinary", "普通参保人员"), ("rural_poor", "农村贫困人口")),
            category("disease", ("common", "普通疾病"), ("major", "20种大病")),
            category("status", *statuses),
        ),
        (
            fact("cost", AMOUNT, F(0), F(10**8), CENT, label="年度个人负担合理医疗费用"),
            fact("city", MemberOf("city"), label="统筹地区"),
            fact("group", MemberOf("group"), label="人员类别"),
            fact("disease", MemberOf("disease"), label="病种"),
            fact("area", MemberOf("area"), label="地区类别"),
            fact("statuses", SetOf("status"), label="人员身份"),
        ),
        (
            Given(
                Compare("==", poor, registered, YES_NO, span=at("group is rural_poor exactly when …")),
                ("group", "statuses"),
                span=at(),
            ),
        ),
        (
            subsidy,
            nested_funding(ref("subsidy", PER_YEAR)),
            _deductible(),
            _payout(),
            contribution,
            _assistance(),
            self_pay,
        ),
        ("subsidy", "funding", "deductible", "payout", "contribution", "assistance", "self_pay"),
        (
            Ensure(holds=compare("<=", ref("payout"), given_input("cost")), span=at("payout <= cost")),
            Ensure(output=ref("payout"), along="cost", change="fall", span=at()),
        ),
        (),
        (
            Example(
                "固原市贫困户，大病",
                case,
                (
                    Expectation("deductible", None, F(3000), AMOUNT, span=at()),
                    Expectation("payout", None, F(96080), AMOUNT, span=at()),
                ),
                span=at(),
            ),
        ),
    )


# Xinzhou 2021: names in Chinese with aliases, one split by amounts, one rule with days and grounds


def xinzhou() -> Program:
    def amounts(city: str, county: str) -> Division:
        return Division((), (arm(None, part("市", city), part("县", county)),))

    split = Division(
        (key("county", MemberOf("county"), "county"),),
        (
            arm(
                "ordinary",
                part("中央", "60%"),
                part("省", "20%"),
                part("市县", "20%", None, amounts("26元", "90元")),
            ),
            arm(
                "western",
                part("中央", "80%"),
                part("省", "10%"),
                part("市县", "10%", None, amounts("13.5元", "44.5元")),
            ),
        ),
    )
    funding = define(
        "财政补助",
        PER_YEAR,
        Allotment(
            ref("subsidy", PER_YEAR),
            split,
            (name("中央"), name("省"), name("市"), name("县")),
            (name("市县"),),
        ),
        "county",
        "split",
        alias="funding",
    )
    joined = given_input("joined", DAY)
    left = given_input("left", DAY)
    grounds = (
        (
            "in_window",
            "集中参保",
            Compare("==", given_input("window", YES_NO), const(True, YES_NO), YES_NO, span=at()),
        ),
        (
            "interrupted",
            "中断缴费",
            And(
                (Present("left", YES_NO, span=at()), Within(joined, left, 3, "month", YES_NO, span=at())),
                YES_NO,
                span=at(),
            ),
        ),
        (
            "special",
            "特殊群体",
            Or(
                (
                    IsMember(
                        given_input("person", MemberOf("person")), frozenset({"newborn"}), YES_NO, span=at()
                    ),
                    IsMember(
                        given_input("person", MemberOf("person")), frozenset({"rural_low"}), YES_NO, span=at()
                    ),
                ),
                YES_NO,
                span=at(),
            ),
        ),
    )
    waiting = define(
        "等待期",
        DAYS,
        Exceptions(
            given_input("general_waiting", DAYS),
            tuple(
                Ground(
                    name(written, key_),
                    when,
                    const(F(0), DAYS),
                    True,
                    because="“等”按列举已尽处理（A-8）" if key_ == "special" else None,
                    span=at(),
                )
                for key_, written, when in grounds
            ),
            "agree",
        ),
        "window joined left person general_waiting",
        alias="waiting",
        grain=F(1),
        quotes=(quote("二", "不设等待期"),),
    )
    return Program(
        header("xinzhou_2021", "忻州市2021年城乡居民基本医疗保障", "忻医保发〔2021〕15号"),
        (
            category("county", ("ordinary", "一般县"), ("western", "享受西部政策的县")),
            category("person", ("other", "其他人员"), ("newborn", "新生儿"), ("rural_low", "农村低收入人口")),
        ),
        (
            fact("county", MemberOf("county"), label="县类"),
            fact("window", YES_NO, label="集中参保期内"),
            fact("joined", DAY, date(2021, 1, 1), date(2021, 12, 31), label="参保日期"),
            fact("left", DAY, label="职工医保中断日期", optional=True),
            fact("person", MemberOf("person"), label="人员类别", default="other", has_default=True),
            fact("general_waiting", DAYS, F(0), F(365), F(1), label="一般等待期", open_=True),
        ),
        (),
        (
            define(
                "补助标准",
                PER_YEAR,
                Formula(const(F(580), PER_YEAR)),
                word="param",
                alias="subsidy",
                quotes=(quote("一", "人均财政补助标准增加30元，达到580元"),),
            ),
            funding,
            waiting,
        ),
        ("subsidy", "funding", "waiting"),
        (),
        (),
        (),
    )
