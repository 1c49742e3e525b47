"""What is everything called in Python? One mangling of the policy's names, and what stands in its way."""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from policydsl.diagnostics.codes_backends import NAME_COLLISION, NAME_WITHOUT_ALIAS, RESERVED_NAME
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.diagnostics.model import Fact as Said
from policydsl.facts import Fact, Name
from policydsl.ir import Allotment, Definition, Exceptions, Ground, Lookup, Program
from policydsl.kinds import Currency, MemberOf, Quantity, SetOf, YesNo, is_money

#: Names that every generated module has for itself.
OWN = ("POLICY", "PolicyError")

LOCAL = ("_rt", "_builtins", "_answer", "_count", "_error", "_ground", "_held", "_result", "_value")

#: What generated code takes from the standard library and from builtins. Where a policy has one of
#: these names for itself, the code reaches it under another (`_date`, `_builtins.type`).
STANDARD = {
    "bisect_left": "bisect",
    "Callable": "collections.abc",
    "Collection": "collections.abc",
    "dataclass": "dataclasses",
    "date": "datetime",
    "Decimal": "decimal",
    "Fraction": "fractions",
    "ClassVar": "typing",
    "Final": "typing",
    "NamedTuple": "typing",
}


def mangled(key: str) -> str:
    """`key` as an identifier, in the form Python itself normalises identifiers to (NFKC)."""
    text = unicodedata.normalize("NFKC", key)
    text = "".join(c if f"a{c}".isidentifier() else f"_x{ord(c):x}_" for c in text)
    return text if text.isidentifier() else f"n{text}"


def upper(key: str) -> str:
    """As a constant or a member: `rural_poor` is RURAL_POOR."""
    return mangled(key).upper()


def camel(key: str) -> str:
    """As a class: `low_income` is LowIncome."""
    return "".join(word[:1].upper() + word[1:] for word in mangled(key).split("_"))


def minor_unit(currency: Currency) -> str:
    """What the smallest unit of the currency is called in names: fen for CNY."""
    return "fen" if currency.code == "CNY" else "minor"


def ground_paths(grounds: tuple[Ground, ...], above: str = "") -> Iterator[tuple[str, Ground]]:
    """Every ground with the key results name it by: `full`, then `full.veteran` within it."""
    for ground in grounds:
        own = ground.name.key
        key = own if not above or own.startswith(f"{above}.") else f"{above}.{own}"
        yield key, ground
        yield from ground_paths(ground.inner, key)


def counts_in_grains(fact: Fact, currency: Currency) -> bool:
    """Whether the integer entry takes this fact as an int of the currency's smallest unit."""
    grain = currency.grain if fact.grain is None else fact.grain
    return is_money(fact.kind) and (grain / currency.grain).denominator == 1


def part_names(definition: Definition) -> tuple[Name, ...]:
    """The payers of a split (leaves, subtotals), the columns of a table with several; else nothing."""
    match definition.body:
        case Allotment() as body:
            return (*body.leaves, *body.subtotals)
        case Lookup() as body if len(body.results) > 1:
            return body.results
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class Public:
    """A name that callers see: the policy's name, the identifier, and the scope it must be alone in."""

    name: Name
    identifier: str
    scope: str
    what: Words


_CATEGORY = Words("a category", "类别")
_MEMBER = Words("a member of a category", "类别的项")
_INPUT = Words("an input", "输入项")
_OUTPUT = Words("an output", "结果项")
_PART = Words("a part of a result", "结果的组成部分")
_GROUND = Words("a ground", "例外情形")


def public_names(program: Program) -> Iterator[Public]:
    """Every name that callers see, and every name that is made from one."""
    fen = minor_unit(program.header.currency)
    for category in program.categories:
        own = camel(category.name.key)
        yield Public(category.name, own, "", _CATEGORY)
        for member in category.members:
            yield Public(member.name, upper(member.name.key), own, _MEMBER)
    for fact in program.facts:
        yield Public(fact.name, mangled(fact.name.key), "inputs", _INPUT)
        if counts_in_grains(fact, program.header.currency):
            yield Public(fact.name, f"{mangled(fact.name.key)}_{fen}", "inputs", _INPUT)
    for definition in program.definitions:
        name, key = definition.name, definition.name.key
        if key not in program.outputs:
            continue  # only read by others
        own, made = mangled(key), camel(key)
        if definition.word == "param" and not definition.inputs:
            yield Public(name, upper(key), "", _OUTPUT)
            yield Public(name, f"{upper(key)}_{fen.upper()}", "", _OUTPUT)
            continue
        for identifier in (own, f"{own}_{fen}", f"bind_{own}_{fen}", f"problems_{own}"):
            yield Public(name, identifier, "", _OUTPUT)
        if definition.inputs:
            yield Public(name, f"{made}Case", "", _OUTPUT)
            for needed in definition.inputs:
                fact = program.fact(needed)
                yield Public(fact.name, mangled(needed), f"{made}Case", _INPUT)
            yield Public(name, own, f"{made}Case", _OUTPUT)
        parts = part_names(definition)
        grounds = definition.body.grounds if isinstance(definition.body, Exceptions) else ()
        if parts or isinstance(definition.body, Exceptions):
            yield Public(name, made, "", _OUTPUT)
            yield Public(name, f"{made}{fen.capitalize()}", "", _OUTPUT)
        for part in parts:
            yield Public(part, mangled(part.key), made, _PART)
        if isinstance(definition.body, Allotment):
            yield Public(name, "total", made, _PART)
        if isinstance(definition.body, Exceptions):
            yield Public(name, f"{made}Ground", "", _OUTPUT)
            yield Public(name, "BASE", f"{made}Ground", _GROUND)
            for path, ground in ground_paths(grounds):
                yield Public(ground.name, upper(path.replace(".", "_")), f"{made}Ground", _GROUND)


def name_problems(program: Program, *, native_names: bool) -> Iterator[Diagnostic]:
    """Names that Python cannot have: without an ASCII form (unless `native_names`), reserved, colliding."""
    told: set[str] = set()
    seen: dict[tuple[str, str], Public] = {}
    for own in OWN:
        module = Name(own, label=f"policydsl.{own}", span=program.header.span)
        seen["", own] = Public(module, own, "", _OUTPUT)
    for public in public_names(program):
        name, identifier = public.name, public.identifier
        if not native_names and not name.key.isascii():
            if name.key not in told:
                said: dict[str, Said] = {"name": name.written, "what": public.what}
                yield Diagnostic(NAME_WITHOUT_ALIAS, name.span, said)
            told.add(name.key)
            continue
        facts: dict[str, Said] = {"name": name.shown, "what": public.what, "identifier": identifier}
        if _reserved(public):
            if identifier not in told:
                yield Diagnostic(RESERVED_NAME, name.span, facts)
            told.add(identifier)
            continue
        other = seen.setdefault((public.scope, identifier), public)
        if (other.what, other.name) != (public.what, name):
            yield Diagnostic(NAME_COLLISION, name.span, {**facts, "other": other.name.shown})


def _reserved(public: Public) -> bool:
    """Keywords, names with an underscore before them, and the two methods that every tuple has."""
    identifier = public.identifier
    return (
        keyword.iskeyword(identifier)
        or identifier.startswith("_")
        or (public.what is _PART and identifier in ("count", "index"))
    )


@dataclass(slots=True)
class Scope:
    """The names in use in one module, from which private ones keep clear.

    `taken` are those of the module and of the arguments of its functions, `shadowing` all that hide a
    name of the standard library somewhere, fields of classes included.
    """

    taken: set[str]
    shadowing: set[str]
    standard: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, program: Program) -> Scope:
        """The public names of a module, and the local names that its functions have for themselves."""
        public = [*public_names(program)]
        taken = {p.identifier for p in public if p.scope in ("", "inputs")}
        return cls({*OWN, *LOCAL, *taken}, {*OWN, *(p.identifier for p in public)})

    def private(self, wanted: str) -> str:
        """`wanted`, or with a number after it where that is in use."""
        identifier, number = wanted, 2
        while identifier in self.taken or keyword.iskeyword(identifier):
            identifier, number = f"{wanted}_{number}", number + 1
        self.taken.add(identifier)
        return identifier

    def std(self, name: str) -> str:
        """How the code of this module says a name of the standard library or a builtin."""
        if name in STANDARD:
            self.standard.add(name)
            return f"_{name}" if name in self.shadowing else name
        assert hasattr(builtins, name), name
        if name in self.shadowing:
            self.standard.add("builtins")
            return f"_builtins.{name}"
        return name


def is_settled(fact: Fact) -> bool:
    """Whether the staged form of an evaluator settles this fact beforehand."""
    return fact.open or isinstance(fact.kind, MemberOf | SetOf | YesNo)


def is_int(fact: Fact) -> bool:
    """Whether the fact is a plain int in every entry: a count or a number of days."""
    return (
        isinstance(fact.kind, Quantity)
        and not is_money(fact.kind)
        and not fact.kind.percent
        and fact.grain is not None
        and fact.grain.denominator == 1
    )
