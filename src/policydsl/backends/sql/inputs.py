"""How is a column of a table read and judged in SQL? Its count, or why the row is not answered.

A value that an input may have becomes its count, any other NULL; only for a row with such a NULL is asked which
code it deserves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from sqlglot import exp

from policydsl.backends.sql import spelling as s
from policydsl.backends.sql.shape import Dialect, Field
from policydsl.backends.sql.spelling import Sql
from policydsl.flat import InputColumn, places_of
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo
from policydsl.nodes import Node, evolve, node

#: What each dialect calls its types of integers, texts, lists of texts, days and truths.
_INTEGERS = {
    "duckdb": "U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER",
    "spark": "(tiny|small|big)?int",
    "postgres": ("smallint", "integer", "bigint"),
    "sqlite": ("integer",),
}
_DECIMALS = {"duckdb": "DECIMAL", "spark": "decimal"}
_TEXTS = {
    "duckdb": ("VARCHAR",),
    "spark": ("string",),
    "postgres": ("text", "character varying"),
    "sqlite": ("text",),
}
_LISTS = {
    "duckdb": ("VARCHAR[]",),
    "spark": ("array<string>",),
    "postgres": ("text[]", "character varying[]"),
}
_DAYS = {"duckdb": ("DATE",), "spark": ("date",), "postgres": ("date",)}
_TRUTHS = {"duckdb": ("BOOLEAN",), "spark": ("boolean",), "postgres": ("boolean",)}

_NUMBER = "-?[0-9]+([.][0-9]+)?"
#: At most 18 digits before the point and nine that count after it.
_TAKEN = "-?0*[0-9]{1,18}([.][0-9]{1,9}0*)?"
_NEGATIVE_ZERO = "-0+([.]0+)?"
_EPOCH = date(1970, 1, 1).toordinal()
_YES, _NO = ("true", "yes", "1", "是"), ("false", "no", "0", "否")
#: More than nine digits after the point that count.
_TOO_FINE = "-?[0-9]+[.][0-9]{9}[0-9]*[1-9][0-9]*"


@node
class Reading(Node):
    """`count` is the value counted (for a yes/no its truth), NULL where the input may not have it. `codes` says
    which problem a bad value has: the first code whose condition holds; the last holds always. `before` are
    columns that these are made from, in layers of which each reads the one before. With `fits`, the count is
    what it says only where `fits` holds, and with `beyond` it is that instead of NULL, which is more than any
    value: DuckDB is several times as fast with columns that are never NULL. With `most`, a bad value too has a count
    that is not below 0 and not above that: `loose`, or else the count itself. It serves steps that take no harm
    from it."""

    count: Sql
    codes: tuple[tuple[str, Sql], ...]
    before: tuple[tuple[tuple[str, Sql], ...], ...] = ()
    fits: Sql | None = None
    beyond: int | None = None
    most: int | None = None
    loose: Sql | None = None


def absent(field: Field, raw: Sql) -> Sql:
    """Whether the value is not there."""
    if field.form == "text" and not isinstance(field.column.kind, SetOf):
        return s.any_of([s.is_null(raw), s.compared("==", raw.copy(), s.text(""))])
    return s.is_null(raw)


def read(field: Field, raw: Sql, dialect: Dialect) -> Reading:
    """The reading of the column `raw`."""
    column = field.column
    match column.kind:
        case YesNo():
            return _yes_no(field, raw, dialect)
        case Quantity() if field.form != "count":
            return _quantity(field, raw, dialect)
        case Day() if field.form != "count":
            return _day(field, raw, dialect)
        case MemberOf() if field.form != "count":
            return _member(field, raw, dialect)
        case SetOf() if field.form != "count":
            return _set(field, raw, dialect)
        case _:
            return _counted(column, raw, dialect)


def _is_of(raw: Sql, names: str | Sequence[str], dialect: Dialect) -> Sql:
    """Whether a column is of one of these types, or of those of a pattern. All dialects but SQLite know that
    before the first row."""
    if isinstance(names, str):
        return _matches(s.call("TYPEOF", raw.copy()), names, dialect)
    if dialect == "postgres":
        kinds = [s.cast(s.text(name), "regtype", "postgres") for name in names]
        return s.one_of(s.call("PG_TYPEOF", raw.copy()), kinds)
    return s.one_of(s.call("TYPEOF", raw.copy()), map(s.text, names))


def _matches(raw: Sql, pattern: str, dialect: Dialect) -> Sql:
    """Whether the whole of a text is of a pattern; not for SQLite, which has none."""
    match dialect:
        case "duckdb":
            return s.call("REGEXP_FULL_MATCH", raw.copy(), s.text(pattern))
        case "postgres":
            return exp.RegexpLike(this=raw.copy(), expression=s.text(f"^({pattern})$"))
        case _:  # Java's $ also stands before a line feed at the end
            return exp.RegexpLike(this=raw.copy(), expression=s.text(f"^({pattern})(?![^a]|a)"))


def _counted(column: InputColumn, raw: Sql, dialect: Dialect) -> Reading:
    """An integer that is the count itself."""
    typed = _is_of(raw, _INTEGERS[dialect], dialect)
    base = raw.copy()
    if dialect == "duckdb":
        base = s.try_cast(base, "bigint")  # unsigned and of 128 bits
    elif dialect != "sqlite":
        base = s.cast(base, "bigint")
    inside = s.between(base, s.number(column.low), s.number(column.high))
    beyond = "PC106" if isinstance(column.kind, MemberOf | SetOf) else "PC104"
    codes = [("PC103", s.negated(typed.copy()))]
    fits = inside.copy()
    if column.step > 1:
        fits = s.every([fits, s.compared("==", s.remainder(base.copy(), s.number(column.step)), s.number(0))])
        codes.append((beyond, s.is_not_true(inside)))
        beyond = "PC105"
    codes.append((beyond, s.truth(True)))
    # no dialect promises to stop an AND at what is false
    reading = Reading(base.copy(), tuple(codes), fits=s.chosen([(typed, fits)], s.truth(False)))
    if dialect == "duckdb" and isinstance(column.kind, MemberOf):
        bits = 8 if column.high < 1 << 8 else 16 if column.high < 1 << 16 else 0
        if bits:
            place = s.try_cast(raw.copy(), "utinyint" if bits == 8 else "usmallint", dialect)
            return evolve(reading, most=(1 << bits) - 1, loose=s.cast(place, "int"))
    return reading


# quantities


def _quantity(field: Field, raw: Sql, dialect: Dialect) -> Reading:
    """A decimal or an integer in the unit, or a text of digits."""
    column = field.column
    if dialect == "sqlite":
        return _in_sqlite(field, raw)
    off = "PC109" if column.free else "PC105"
    if field.form == "plain":
        typed, base = _is_decimal(raw, dialect), raw.copy()
        if dialect == "postgres":
            base = s.cast(base, "decimal")
        sound, codes = typed.copy(), [("PC103", s.negated(typed))]
    else:
        texts = _is_of(raw, _TEXTS[dialect], dialect)
        sound = s.every(
            [texts, _matches(raw, _TAKEN, dialect), s.negated(_matches(raw, _NEGATIVE_ZERO, dialect))]
        )
        base = s.cast(raw.copy(), "decimal(27, 9)")
        number = s.every([texts.copy(), _matches(raw, _NUMBER, dialect)])
        codes = [("PC103", s.negated(number)), (off, _matches(raw, _TOO_FINE, dialect))]
    inside = s.between(base, _bound(column.low, column.den, -1), _bound(column.high, column.den, 1))
    scaled, exact = _scaled(base.copy(), column, dialect)
    on_step = s.every([*exact, s.compared("==", s.remainder(scaled, s.number(column.step)), s.number(0))])
    count = s.chosen([(on_step, s.cast(scaled.copy(), "bigint"))], None)
    codes.append(("PC104", s.negated(s.chosen([(sound.copy(), inside.copy())], s.truth(False)))))
    codes.append((off, s.truth(True)))
    return Reading(s.chosen([(sound, s.chosen([(inside, count)], None))], None), tuple(codes))


def _bound(count: int, den: int, outward: int) -> Sql:
    """A bound of a range in the unit; where no decimal is exact, the whole number beyond it."""
    places = places_of(den)
    if places is None:
        return s.number(outward * (outward * count // den + 1))
    size = f"{abs(count) * 10**places // den:0{places + 1}d}"
    literal = exp.Literal.number(f"{size[:-places]}.{size[-places:]}" if places else size)
    return exp.Neg(this=literal) if count < 0 else literal


def _is_decimal(raw: Sql, dialect: Dialect) -> Sql:
    """Whether a column holds integers or decimals. Those of more than 18 digits after the point are left out:
    their products do not fit."""
    integers = _INTEGERS[dialect]
    if not isinstance(integers, str):
        return _is_of(raw, (*integers, "numeric"), dialect)
    return _is_of(raw, f"{integers}|{_DECIMALS[dialect]}[(][0-9]+,([0-9]|1[0-8])[)]", dialect)


def _scaled(base: Sql, column: InputColumn, dialect: Dialect) -> tuple[Sql, list[Sql]]:
    """`base` × den, and what must hold for that to be exact; `base` lies in the range of the input."""
    exact = []
    if dialect == "spark":  # a product of wider decimals would lose digits
        digits = len(str(max(abs(column.low), abs(column.high)) // column.den)) + 1
        narrow = s.cast(base.copy(), f"decimal({digits + 9}, 9)")
        exact = [s.compared("==", narrow, base)]
        base = narrow.copy()
    return (base.copy() if column.den == 1 else s.times(base.copy(), s.number(column.den))), exact


def _in_sqlite(field: Field, raw: Sql) -> Reading:
    """A quantity in SQLite: an integer, or a text of digits that is taken apart, for SQLite has no decimals."""
    column = field.column
    off = "PC109" if column.free else "PC105"

    name = raw.name

    def is_like(pattern: str) -> Sql:
        return exp.Like(this=raw.copy(), expression=s.text(pattern))

    def after(value: Sql, at: Sql) -> Sql:
        return s.call("SUBSTR", value.copy(), at)

    def no_zeros(value: Sql) -> Sql:
        return s.call("LTRIM", value.copy(), s.text("0"))

    def only_digits(value: Sql) -> Sql:
        return s.negated(exp.Glob(this=value.copy(), expression=s.text("*[^0-9]*")))

    negative = is_like("-%")
    body, ahead, behind = (s.column(f"{name}_{part}") for part in ("digits", "whole", "part"))
    point = s.call("INSTR", s.joined_text(body, s.text(".")), s.text("."))
    before = (
        ((body.name, after(raw, s.chosen([(negative, s.number(2))], s.number(1)))),),
        (
            (ahead.name, s.call("SUBSTR", body.copy(), s.number(1), s.minus(point, s.number(1)))),
            (behind.name, after(body, s.plus(point.copy(), s.number(1)))),
        ),
    )
    number = s.every(
        [
            s.compared("==", s.call("TYPEOF", raw.copy()), s.text("text")),
            only_digits(ahead),
            only_digits(behind),
            s.compared("!=", ahead.copy(), s.text("")),
            s.negated(is_like("%.")),
        ]
    )
    too_fine = s.compared("!=", no_zeros(after(behind, s.number(10))), s.text(""))
    whole = s.cast(ahead.copy(), "bigint")
    billionths = s.cast(
        s.call("SUBSTR", s.joined_text(behind.copy(), s.text("0" * 9)), s.number(1), s.number(9)), "bigint"
    )
    fine = s.times(billionths, s.number(column.den))
    size = s.plus(s.times(whole, s.number(column.den)), s.divided(fine, s.number(10**9), "sqlite"))
    rest = s.remainder(fine.copy(), s.number(10**9))
    # what is left over puts the value beyond its count
    beyond = s.plus(size.copy(), s.chosen([(s.compared("==", rest, s.number(0)), s.number(0))], s.number(1)))

    def signed(value: Sql) -> Sql:
        return s.chosen([(negative.copy(), exp.Neg(this=exp.Paren(this=value.copy())))], value.copy())

    def inside(value: Sql) -> Sql:
        return s.between(value, s.number(column.low), s.number(column.high))

    limit = max(abs(column.low), abs(column.high)) // column.den + 1
    zero = s.compared("==", no_zeros(s.call("REPLACE", body.copy(), s.text("."), s.text(""))), s.text(""))
    near = s.every(
        [
            s.compared("<=", s.call("LENGTH", no_zeros(ahead)), s.number(18)),
            s.compared("<=", whole.copy(), s.number(limit)),
            s.negated(s.every([negative.copy(), zero])),
        ]
    )
    kinds = [number]
    exact = s.every([s.negated(too_fine), s.compared("==", rest.copy(), s.number(0))])
    arms = [(s.every([number.copy(), near, exact, inside(signed(size))]), signed(size))]
    within = [(s.every([number.copy(), near.copy()]), inside(signed(beyond)))]
    if field.form == "plain":
        integer = s.compared("==", s.call("TYPEOF", raw.copy()), s.text("integer"))
        close = s.every([integer, s.between(raw.copy(), s.number(-limit), s.number(limit))])
        scaled = s.times(raw.copy(), s.number(column.den))
        kinds.append(integer.copy())
        arms.append((s.every([close, inside(scaled)]), scaled.copy()))
        within.append((close.copy(), inside(scaled.copy())))
    count = s.chosen(arms, None)
    if column.step > 1:
        on_step = s.compared("==", s.remainder(count, s.number(column.step)), s.number(0))
        count = s.chosen([(on_step, count.copy())], None)
    codes = (
        ("PC103", s.negated(s.any_of([kind.copy() for kind in kinds]))),
        (off, s.every([number.copy(), too_fine.copy()])),
        ("PC104", s.negated(s.chosen(within, s.truth(False)))),
        (off, s.truth(True)),
    )
    return Reading(count, codes, before)


# days, truths, members


def _day(field: Field, raw: Sql, dialect: Dialect) -> Reading:
    column = field.column
    low, high = (date.fromordinal(_EPOCH + count).isoformat() for count in (column.low, column.high))
    if dialect == "sqlite":
        shape = exp.Glob(
            this=raw.copy(), expression=s.text("[0-9]" * 4 + "-" + "[0-9]" * 2 + "-" + "[0-9]" * 2)
        )
        # counting no days on makes 2021-02-29 what it is: 2021-03-01
        real = s.compared("==", s.call("DATE", raw.copy(), s.text("+0 days")), raw.copy())
        typed = s.every([s.compared("==", s.call("TYPEOF", raw.copy()), s.text("text")), shape, real])
        inside = s.between(raw.copy(), s.text(low), s.text(high))
        seconds = s.cast(s.call("STRFTIME", s.text("%s"), raw.copy()), "bigint")
        count = s.divided(seconds, s.number(86400), dialect)
        codes = (("PC103", s.is_not_true(typed.copy())), ("PC104", s.truth(True)))
        return Reading(s.chosen([(s.every([typed, inside]), count)], None), codes)
    if field.form == "text":
        typed = s.every([_is_of(raw, _TEXTS[dialect], dialect), _real_day(raw, dialect)])
    else:
        typed = _is_of(raw, _DAYS[dialect], dialect)
    base = s.try_cast(raw.copy(), "date") if dialect == "duckdb" else s.cast(raw.copy(), "date")
    # days beyond the range, infinite ones among them, are not subtracted
    inside = s.between(base, s.cast(s.text(low), "date"), s.cast(s.text(high), "date"))
    first = s.cast(s.text("1970-01-01"), "date")
    days = s.call("DATEDIFF", base.copy(), first) if dialect == "spark" else s.minus(base.copy(), first)
    count = s.chosen([(inside, s.cast(days, "bigint"))], None)
    codes = (("PC103", s.negated(typed.copy())), ("PC104", s.truth(True)))
    return Reading(s.chosen([(typed, count)], None), codes)


def _real_day(raw: Sql, dialect: Dialect) -> Sql:
    """Whether a text is a day of the calendar: 2021-02-30 is none."""

    def part(at: int, length: int) -> Sql:
        return s.cast(s.call("SUBSTR", raw.copy(), s.number(at), s.number(length)), "int")

    def multiple(value: int) -> Sql:
        return s.compared("==", s.remainder(part(1, 4), s.number(value)), s.number(0))

    leap = s.every([multiple(4), s.any_of([s.negated(multiple(100)), multiple(400)])])
    month = part(6, 2)
    last = s.chosen(
        [
            (s.one_of(month, map(s.number, (4, 6, 9, 11))), s.number(30)),
            (s.compared("!=", month.copy(), s.number(2)), s.number(31)),
            (leap, s.number(29)),
        ],
        s.number(28),
    )
    shape = _matches(raw.copy(), "[0-9]{4}-[0-9]{2}-[0-9]{2}", dialect)
    real = s.every(
        [
            s.compared(">=", part(1, 4), s.number(1)),
            s.between(part(6, 2), s.number(1), s.number(12)),
            s.between(part(9, 2), s.number(1), last),
        ]
    )
    return s.chosen([(shape, real)], s.truth(False))


def _yes_no(field: Field, raw: Sql, dialect: Dialect) -> Reading:
    codes = (("PC103", s.truth(True)),)
    if field.form == "text":
        said = s.call("LOWER", s.cast(raw, "text"))
        return Reading(
            s.chosen(
                [
                    (s.one_of(said, map(s.text, _YES)), s.truth(True)),
                    (s.one_of(said.copy(), map(s.text, _NO)), s.truth(False)),
                ],
                None,
            ),
            codes,
        )
    if field.form == "count" or dialect == "sqlite":
        typed = _is_of(raw, _INTEGERS[dialect], dialect)
        return Reading(
            s.chosen(
                [
                    (s.every([typed, s.compared("==", raw.copy(), s.number(1))]), s.truth(True)),
                    (s.every([typed.copy(), s.compared("==", raw.copy(), s.number(0))]), s.truth(False)),
                ],
                None,
            ),
            codes,
        )
    return Reading(
        s.chosen([(_is_of(raw, _TRUTHS[dialect], dialect), s.cast(raw.copy(), "boolean"))], None), codes
    )


def _member(field: Field, raw: Sql, dialect: Dialect) -> Reading:
    # in SQLite a cast would keep the collation of the column, and a text made anew has none
    said = s.joined_text(raw, s.text("")) if dialect == "sqlite" else s.cast(raw, "text")
    beyond = len(field.column.members)
    arms = [
        exp.If(this=s.text(text), true=s.number(place) if i else _big(place, dialect))
        for i, (text, place) in enumerate(field.texts)
    ]
    places = exp.Case(this=said, ifs=arms, default=s.number(beyond))
    most = beyond if dialect == "duckdb" else None
    return Reading(places, (("PC106", s.truth(True)),), beyond=beyond, most=most)


def _set(field: Field, raw: Sql, dialect: Dialect) -> Reading:
    if dialect == "sqlite":
        return _set_in_text(field, raw)
    typed = _is_of(raw, (_TEXTS if field.form == "text" else _LISTS)[dialect], dialect)
    listed = raw.copy()
    all_keys = [s.text(text) for text, _ in field.texts]
    match dialect:
        case "duckdb":
            if field.form == "text":
                parts = s.call("STRING_SPLIT", listed, s.text(","))
                none = s.cast(exp.Array(expressions=[]), "varchar[]")
                listed = s.chosen([(s.compared("==", raw.copy(), s.text("")), none)], parts)
            known = s.every(
                [
                    s.call("LIST_HAS_ALL", exp.Array(expressions=all_keys), listed.copy()),
                    s.compared("==", s.call("LEN", listed.copy()), s.call("LIST_COUNT", listed.copy())),
                ]
            )

            def has(key: str) -> Sql:
                return s.call("LIST_CONTAINS", listed.copy(), s.text(key))

        case "postgres":
            if field.form == "text":
                listed = s.call("STRING_TO_ARRAY", listed, s.text(","))
            else:
                listed = s.cast(listed, "text[]")
            known = exp.ArrayContainsAll(this=exp.Array(expressions=all_keys), expression=listed.copy())

            def has(key: str) -> Sql:
                return exp.EQ(this=s.text(key), expression=exp.Any(this=exp.Paren(this=listed.copy())))

        case "spark":
            if field.form == "text":
                parts = s.call("SPLIT", listed, s.text(","), s.number(-1))
                none = s.cast(s.call("ARRAY"), "array<string>")
                listed = s.chosen([(s.compared("==", raw.copy(), s.text("")), none)], parts)
            extra = s.call("ARRAY_EXCEPT", listed.copy(), s.call("ARRAY", *all_keys))
            known = s.compared("==", s.call("SIZE", extra), s.number(0))

            def has(key: str) -> Sql:
                return s.call("ARRAY_CONTAINS", listed.copy(), s.text(key))

    mask = _mask(field, has, dialect)
    codes = (("PC103", s.negated(typed.copy())), ("PC106", s.truth(True)))
    return Reading(s.chosen([(typed, s.chosen([(known, mask)], None))], None), codes)


def _mask(field: Field, has: Callable[[str], Sql], dialect: Dialect) -> Sql:
    """The mask of a set: the bit of each member that is in it under any of its texts."""
    whole: Sql | None = None
    for place in range(len(field.column.members)):
        found = [has(text) for text, of in field.texts if of == place]
        bit = s.chosen([(s.any_of(found), _big(1 << place, dialect))], s.number(0))
        whole = bit if whole is None else s.plus(whole, bit)
    return s.number(0) if whole is None else whole


def _big(value: int, dialect: Dialect) -> Sql:
    return s.number(value) if dialect == "sqlite" else s.cast(s.number(value), "bigint")


def _set_in_text(field: Field, raw: Sql) -> Reading:
    """Keys with commas between, found between commas that are doubled: `,a,,b,`. They are all known when as
    many keys are found as there are."""
    typed = s.compared("==", s.call("TYPEOF", raw), s.text("text"))
    doubled = s.column(f"{raw.name}_keys")
    before = s.joined_text(s.text(","), s.call("REPLACE", raw.copy(), s.text(","), s.text(",,")), s.text(","))

    def has(key: str) -> Sql:
        return s.compared(">", s.call("INSTR", doubled.copy(), s.text(f",{key},")), s.number(0))

    def length(value: Sql) -> Sql:
        return s.call("LENGTH", value)

    found: Sql | None = None
    for key, _ in field.texts:
        without = s.call("REPLACE", doubled.copy(), s.text(f",{key},"), s.text(""))
        times = s.divided(s.minus(length(doubled.copy()), length(without)), s.number(len(key) + 2), "sqlite")
        found = (
            exp.Paren(this=times) if found is None else exp.Add(this=found, expression=exp.Paren(this=times))
        )
    commas = s.minus(length(raw.copy()), length(s.call("REPLACE", raw.copy(), s.text(","), s.text(""))))
    known = s.compared("==", s.plus(commas, s.number(1)), found)
    empty = s.compared("==", raw.copy(), s.text(""))
    mask = _mask(field, has, "sqlite")
    codes = (("PC103", s.negated(typed.copy())), ("PC106", s.truth(True)))
    count = s.chosen([(s.every([typed, empty]), s.number(0)), (s.every([typed.copy(), known]), mask)], None)
    return Reading(count, codes, (((doubled.name, before),),))
