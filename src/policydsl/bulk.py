"""How does a Python program have many cases computed at once? A table in, a table of the same kind out.

pay = policydsl.columns(policy, outputs=["payout"])
paid = pay(frame)          # NumPy arrays by name, an Arrow table, a Polars or pandas frame
"""

from __future__ import annotations

import os
import types
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from policydsl import pipeline
from policydsl.amounts import say_value
from policydsl.api import Policy, PolicyFileError, load
from policydsl.caseinput import expected, names, range_of
from policydsl.diagnostics.model import Language
from policydsl.facts import Fact, day_fact
from policydsl.flat import Flat, InputColumn, ResultColumn, Spelling, column_name
from policydsl.kinds import MemberOf, SetOf, is_money
from policydsl.runtime import PolicyError, one_of

if TYPE_CHECKING:
    from policydsl.backends.columns.writing import Bad

__all__ = ["Columns", "RowsError", "columns"]

Engine = Literal["auto", "numpy", "numba"]
OnError = Literal["raise", "mark"]
LANGUAGES: tuple[Language, Language] = ("en", "zh")
_FIRST = 10


class RowsError(PolicyError):
    """Rows of a table that cannot be answered.

    `code`, `output` and `name` are those of the first of them, `row` is its number, counted from 0. `counts` has
    the number of rows of each code and name; a row counts once, for the first that is wrong with it. `first`
    are the numbers, codes and names of the first ten rows.
    """

    def __init__(
        self,
        output: str,
        first: tuple[tuple[int, str, str], ...],
        counts: Mapping[tuple[str, str], int],
        allowed: str = "",
        allowed_zh: str = "",
    ) -> None:
        self.row, code, name = first[0]
        super().__init__(code, output, name, None, allowed)
        self.first = first
        self.counts = dict(counts)
        self.rows = sum(self.counts.values())
        self._allowed_zh = allowed_zh

    def __reduce__(self) -> Any:
        return type(self), (self.output, self.first, self.counts, self.allowed, self._allowed_zh)

    def __str__(self) -> str:
        return f"{self.code}: {self.output}: {self.message('en')}"

    def message(self, language: Language = "en") -> str:
        """What is wrong with the first row, then how many rows there are, by code and name."""
        zh = language == "zh"
        own = PolicyError(self.code, self.output, self.name, None, self._allowed_zh if zh else self.allowed)
        words = own.message(language)
        if zh:
            each = "、".join(f"{name} {code} {count}行" for (code, name), count in self.counts.items())
            return f"第{self.row}行（从0起）：{words}；共{self.rows}行不能计算：{each}"
        each = ", ".join(f"{name} {code} in {count}" for (code, name), count in self.counts.items())
        return f"row {self.row} (counted from 0): {words}; rows without an answer: {self.rows} ({each})"


def columns(
    policy: Policy | types.ModuleType,
    outputs: Sequence[str] | None = None,
    *,
    on_error: OnError = "raise",
    decimals: bool = False,
    engine: Engine = "auto",
    threads: int | None = None,
    source: str | os.PathLike[str] | None = None,
) -> Columns:
    """A function from tables to tables that computes `outputs` (None: all) of a policy.

    `policy` is a loaded one, or its compiled module; a module needs `source`, the policy's file, whose
    meaning must be the module's to the digest. With `on_error="raise"` a row that cannot be answered raises `RowsError`;
    with "mark" its results are null, and each output has a column `error` with its code. With
    `decimals` money comes back in 元 as decimals, else in 分 as integers (`payout_fen`).

    `engine` "numba" needs the extra `fast`; "auto" takes it when it is installed and has been loaded, or when there are
    so many rows that loading it is repaid. `threads` (None: as many as there are processors) is for numba.

    Raises PolicyFileError where 64 bits may not suffice, ImportError where a library is missing, KeyError for
    an output that does not exist, ValueError where module and source differ.
    """
    if isinstance(policy, types.ModuleType):
        policy = _of_module(policy, source)
    return Columns(policy, outputs, on_error, decimals, engine, threads)


def _of_module(module: types.ModuleType, source: str | os.PathLike[str] | None) -> Policy:
    about = getattr(module, "POLICY", None)
    if about is None or not hasattr(about, "meaning"):
        raise ValueError(f"{module.__name__} is no compiled policy")
    if source is None:
        raise ValueError("a compiled module holds no tables for columns: give the policy's file as source=")
    policy = load(source)
    if pipeline.meaning(policy.program) != about.meaning:
        raise ValueError(f"{os.fspath(source)} means something else than {module.__name__}: compile it again")
    return policy


class Columns:
    """The outputs of a policy, ready for tables. Call it with one; threads may share it.

    `inputs` are the columns it takes, `results` those it gives, by name.
    """

    def __init__(
        self,
        policy: Policy,
        outputs: Sequence[str] | None,
        on_error: OnError,
        decimals: bool,
        engine: Engine,
        threads: int | None,
    ) -> None:
        for what, given, allowed in (
            ("on_error", on_error, ("raise", "mark")),
            ("engine", engine, ("auto", "numpy", "numba")),
        ):
            if given not in allowed:
                raise ValueError(f"{what} is {' or '.join(map(repr, allowed))}, not {given!r}")
        _needs("numpy", "columns")
        if engine == "numba":
            _needs("numba", "fast")
        program = policy.program
        keys = None if outputs is None else tuple(policy._output(name) for name in outputs)
        flat = pipeline.flatten(program, keys)
        if not isinstance(flat, Flat):
            raise PolicyFileError(flat)
        self.flat = flat
        self._program = program
        self._mark = on_error == "mark"
        self._decimals = decimals
        self._executor = pipeline.columns_executor(
            flat, self._spellings(), decimals=decimals, mark=self._mark, engine=engine, threads=threads
        )

    @property
    def inputs(self) -> dict[str, InputColumn]:
        """The columns a table must have, by the name of the column of integers."""
        return {self._names_of(c)[1 if c.grains else 0][0]: c for c in self.flat.inputs}

    @property
    def results(self) -> dict[str, ResultColumn]:
        """The columns of the answer, those of errors left out."""
        return {
            column_name(self.flat, output.key, column, decimals=self._decimals): column
            for output in self.flat.outputs
            for column in output.columns
        }

    def __call__(self, table: Any, /, **fixed: object) -> Any:
        """The answers to all rows of `table`, in its order: a dict of arrays for a mapping, else a table of
        its kind, with the index of a pandas frame. Inputs in `fixed` are the same in every row.

        Raises RowsError, PolicyError for a column that is missing or of the wrong type, TypeError for what is no table,
        ValueError for columns of different lengths.
        """
        fixed = self._without_day(fixed)
        if _is_lazy(table):
            if not self._mark:
                raise ValueError(
                    "a lazy frame is computed later: use on_error='mark', and look at the errors then"
                )
            return self._executor.lazy(table, fixed)
        answered = self._executor.answered(table, fixed)
        if answered.bad and not self._mark:
            raise self._error(answered.bad)
        return answered.table()

    # words

    def _names_of(self, column: InputColumn) -> tuple[tuple[str, ...], tuple[str, ...]]:
        own = names(self._program.fact(column.key).name)
        minor = tuple(f"{name}_{self.flat.minor}" for name in own) if column.grains else ()
        return own, minor

    def _spellings(self) -> dict[str, Spelling]:
        found = {}
        for column in self.flat.inputs:
            own, minor = self._names_of(column)
            fact = self._program.fact(column.key)
            found[column.key] = Spelling(own, minor, self._places(column), self._wanted(fact, column))
        return found

    def _places(self, column: InputColumn) -> dict[str, int]:
        """Every text that stands for a member: its key, name, label and code."""
        if not isinstance(column.kind, MemberOf | SetOf):
            return {}
        places: dict[str, int] = {}
        members = self._program.category(column.kind.category).members
        for place, member in enumerate(members):
            places[member.name.key] = place
        for place, member in enumerate(members):
            for text in (*names(member.name), member.code):
                if text is not None:
                    places.setdefault(text, place)
        return places

    def _wanted(self, fact: Fact, column: InputColumn) -> str:
        key = fact.name.key
        if column.grains:
            unit = self.flat.minor
            sign = self._program.header.currency.sign
            return f"integers of {unit} in a column {key}_{unit}, or decimals of {sign} in a column {key} (no floats)"
        if is_money(fact.kind) or column.den > 1:
            return f"decimals in a column {key} (no floats)"
        if isinstance(fact.kind, MemberOf):
            return f"texts, a dictionary of texts, or places in the category: {one_of(column.members)}"
        if isinstance(fact.kind, SetOf):
            return "lists of members, or masks"
        return expected(fact.kind, self._program).en

    # what is wrong

    def _without_day(self, fixed: dict[str, object]) -> dict[str, object]:
        """The inputs but for a day that no answer depends on: on it the policy must be in force, that is all."""
        day = day_fact(self._program.header)
        given = next((name for name in fixed if name in names(day.name)), None)
        if given is None or any(column.key == day.name.key for column in self.flat.inputs):
            return fixed
        output = self.flat.outputs[0].key
        value = fixed[given]
        if type(value) is not date:
            raise PolicyError("PC103", output, day.name.key, value, "date")
        first, last = self._program.header.effective_from, self._program.header.effective_to
        if (first is not None and value < first) or (last is not None and value > last):
            raise PolicyError("PC104", output, day.name.key, value, range_of(self._program, day, "en"))
        return {name: other for name, other in fixed.items() if name != given}

    def _error(self, bad: Sequence[Bad]) -> RowsError:
        counts: dict[tuple[str, str], int] = {}
        rows: list[tuple[int, str, str]] = []
        for one in bad:
            name = self._name_at(one.place)
            counts[one.code, name] = counts.get((one.code, name), 0) + one.count
            rows += [(row, one.code, name) for row in one.first]
        rows = sorted(rows)[:_FIRST]
        _, code, name = rows[0]
        output = next((o.key for o in self.flat.outputs if o.key == name), self.flat.outputs[0].key)
        en, zh = (self._allowed(code, name, language) for language in LANGUAGES)
        return RowsError(output, tuple(rows), counts, en, zh)

    def _name_at(self, place: int) -> str:
        if place < 0:
            return self.flat.outputs[-1 - place].key
        if place < len(self.flat.inputs):
            return self.flat.inputs[place].key
        return ", ".join(self.flat.givens[place - len(self.flat.inputs)].inputs)

    def _allowed(self, code: str, name: str, language: Language) -> str:
        zh = language == "zh"
        fact = next((f for f in self._program.facts if f.name.key == name), None)
        if code == "PC107":
            return next((g.text for g in self.flat.givens if ", ".join(g.inputs) == name), "")
        if fact is None:
            return "此行无结果" if zh else "no answer for the row"
        column = self.flat.input(name)
        if code == "PC106":
            return one_of(column.members)
        if code in ("PC105", "PC109"):
            step = Fraction(column.step, column.den)
            currency = self._program.header.currency
            return say_value(step, fact.kind, currency=currency, categories=(), language=language, plain=True)
        return range_of(self._program, fact, language)


def _is_lazy(table: Any) -> bool:
    return type(table).__module__.startswith("polars") and type(table).__name__ == "LazyFrame"


def _needs(library: str, extra: str) -> None:
    from importlib.util import find_spec

    if find_spec(library) is None:
        raise ImportError(f"this needs {library}: pip install 'policydsl[{extra}]'")
