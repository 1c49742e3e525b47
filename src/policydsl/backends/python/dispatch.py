"""Which of several policies answers on a day? A typed module that calls the evaluators of the one in force."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policydsl.backends.python.digest import digests
from policydsl.backends.python.names import STANDARD, Scope, camel, mangled, minor_unit, upper
from policydsl.backends.python.templates import call, code, constant, copied, expr, items, name
from policydsl.backends.python.words import docstring, one_line
from policydsl.canonical import Canonical, canonical
from policydsl.diagnostics.codes_backends import DISPATCH_DOUBLE, DISPATCH_DRAFT
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.ir import Definition, Program

_ON = "on"


@dataclass(frozen=True, slots=True)
class Edition:
    """A compiled policy: its module, the days it is in force (None: a draft), and where each of its shared
    categories stands."""

    program: Program
    tree: ast.Module
    days: tuple[date, date] | None
    shared: Mapping[str, str]

    @property
    def module(self) -> str:
        return mangled(self.program.header.name.key)


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one policy has under a name: a function, or a constant (then `arguments` are none). Classes of
    policies are written `module.Class` in it, all other names plainly."""

    edition: Edition
    definition: Definition
    arguments: ast.arguments
    returns: ast.expr
    constant: str | None
    day: bool

    @property
    def call(self) -> Canonical:
        """What a caller has to know of it."""
        program, definition = self.edition.program, self.definition
        inputs: list[Canonical] = [
            [key, canonical(program.fact(key).kind)] for key in definition.inputs if key != _ON
        ]
        return [
            program.header.currency.code,
            canonical(definition.kind),
            inputs,
            ast.dump(self.arguments),
        ]


def problems(editions: Sequence[Edition]) -> Iterator[Diagnostic]:
    """What keeps policies from being chosen between by a day: one that is never in force, two that are together."""
    for edition in editions:
        header = edition.program.header
        if edition.days is None:
            yield Diagnostic(DISPATCH_DRAFT, header.name.span, {"name": header.name.key})
    for n, one in enumerate(editions):
        for other in editions[n + 1 :]:
            if one.days is None or other.days is None:
                continue
            first, last = max(one.days[0], other.days[0]), min(one.days[1], other.days[1])
            both = [key for key in other.program.outputs if key in one.program.outputs]
            if first <= last and both:
                mine, theirs = one.program.header, other.program.header
                label = Label(mine.effective_span or mine.name.span, Words("the other", "另一政策"))
                facts = {
                    "one": mine.name.key,
                    "other": theirs.name.key,
                    "name": both[0],
                    "first": str(first),
                    "last": _day(last),
                }
                yield Diagnostic(DISPATCH_DOUBLE, theirs.effective_span or theirs.name.span, facts, (label,))


def dispatcher(editions: Sequence[Edition], *, flat: bool = False) -> tuple[ast.Module, tuple[str, ...]]:
    """The module that chooses between policies by the day, and the outputs that it leaves out because they are
    called differently. The policies have none of the `problems`."""
    ordered = sorted(editions, key=lambda e: (e.days or (date.min, date.max), e.module))
    offers: dict[str, list[_Offer]] = {}
    for edition in ordered:
        for own, offer in _offers(edition):
            offers.setdefault(own, []).append(offer)
    left = {
        o.definition.name.key: None
        for found in offers.values()
        for o in found
        if any(o.call != other.call for other in found) or not _dispatchable(o)
    }
    kept = {
        own: found
        for own, found in offers.items()
        if all(o.definition.name.key not in left for o in found) and _bindable(own, found)
    }
    return _Writer(ordered, kept, flat).module(tuple(left)), tuple(left)


def _dispatchable(offer: _Offer) -> bool:
    """Whether `on` is the day of the case, if the output needs it: a policy may call another fact so."""
    return _ON not in offer.definition.inputs or offer.day


def _bindable(own: str, found: Sequence[_Offer]) -> bool:
    """Whether what a function returns does not take the day once more."""
    staged = own.startswith("bind_") and own not in {mangled(o.definition.name.key) for o in found}
    return not staged or all(_ON not in o.definition.inputs for o in found)


# what a policy offers


def _offers(edition: Edition) -> Iterator[tuple[str, _Offer]]:
    program = edition.program
    fen = minor_unit(program.header.currency)
    statements: dict[str, ast.stmt] = {}
    classes: dict[str, str] = {}
    for statement in edition.tree.body:
        match statement:
            case ast.FunctionDef(name=own) | ast.AnnAssign(target=ast.Name(id=own)):
                statements[own] = statement
            case ast.ClassDef(name=own):
                classes[own] = edition.module
            case _:
                pass
    for key, module in edition.shared.items():
        classes[camel(key)] = module
    plain = _Plain(classes)
    for key in program.outputs:
        definition = program.definition(key)
        own = mangled(key)
        for said in (own, f"{own}_{fen}", f"bind_{own}_{fen}", f"problems_{own}"):
            function = statements.get(said)
            if isinstance(function, ast.FunctionDef) and function.returns is not None:
                arguments, day = _without_day(plain.visit(copied(function.args)))
                if arguments.kwarg is not None:
                    day = _ON in definition.inputs and _takes_day(statements.get(own))
                returns = plain.visit(copied(function.returns))
                yield said, _Offer(edition, definition, arguments, returns, None, day)
        for said, shout in ((own, upper(key)), (f"{own}_{fen}", f"{upper(key)}_{fen.upper()}")):
            figure = statements.get(shout)
            if said not in statements and isinstance(figure, ast.AnnAssign) and figure.value is not None:
                kind = _type_of(plain.visit(copied(figure.value)))
                none = ast.arguments([], [], None, [], [], None, [])
                yield said, _Offer(edition, definition, none, kind, shout, False)


def _without_day(arguments: ast.arguments) -> tuple[ast.arguments, bool]:
    """The arguments but for `on`, where that is a day, and whether it was."""
    pairs = list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
    rest = [(a, d) for a, d in pairs if not _is_day(a)]
    arguments.kwonlyargs = [a for a, _ in rest]
    arguments.kw_defaults = [d for _, d in rest]
    return arguments, len(rest) < len(pairs)


def _is_day(argument: ast.arg) -> bool:
    return (
        argument.arg == _ON and argument.annotation is not None and ast.unparse(argument.annotation) == "date"
    )


def _takes_day(function: ast.stmt | None) -> bool:
    return isinstance(function, ast.FunctionDef) and any(
        a.arg == _ON and a.annotation is not None and ast.unparse(a.annotation) in ("date", "_date")
        for a in function.args.kwonlyargs
    )


def _type_of(value: ast.expr) -> ast.expr:
    """The type of a figure of the policy: Decimal("550.00"), 90, City.GUYUAN."""
    match value:
        case ast.Call(func=made):
            return made
        case ast.Attribute(value=category):
            return category
        case ast.Constant(value=bool()):
            return name("bool")
        case _:
            return name("int")


class _Plain(ast.NodeTransformer):
    """Names as another module may say them: classes of the policy as `module.Class`, and what the policy's own
    names had pushed aside (`_date`, `_builtins.int`) under its first name."""

    def __init__(self, classes: Mapping[str, str]) -> None:
        self.classes = classes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.classes:
            return ast.Attribute(name(self.classes[node.id]), node.id, ast.Load())
        own = node.id.removeprefix("_")
        return name(own) if own in STANDARD else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "_builtins":
            return name(node.attr)
        return self.generic_visit(node)


# the module


class _Writer(ast.NodeTransformer):
    def __init__(
        self, editions: Sequence[Edition], offers: Mapping[str, Sequence[_Offer]], flat: bool
    ) -> None:
        self.editions, self.offers, self.flat = editions, offers, flat
        parameters = {a.arg for found in offers.values() for o in found for a in o.arguments.kwonlyargs}
        public = {"POLICIES", "PolicyError", *offers}
        self.homes = self._homes(public)
        public |= set(self.homes)
        self.scope = Scope({*public, *parameters, _ON, "_rt", "_builtins"}, {*public, *parameters})
        self.alias = {e.module: self.scope.private(f"_{e.module}") for e in editions}
        self.days = {e.module: self.scope.private(f"_{upper(e.module)}") for e in editions}
        self.on_input = self.scope.private("_ON_INPUT")

    def _homes(self, taken: set[str]) -> dict[str, tuple[str, list[str]]]:
        """For each class of a category that one meaning belongs to: where it stands, and the modules that have it."""
        found: dict[str, dict[str, list[str]]] = {}
        for edition in self.editions:
            for category in edition.program.categories:
                where = edition.shared.get(category.name.key, edition.module)
                found.setdefault(camel(category.name.key), {}).setdefault(where, []).append(edition.module)
        return {
            own: next(iter(places.items()))
            for own, places in found.items()
            if len(places) == 1 and own not in taken
        }

    def module(self, left: Sequence[str]) -> ast.Module:
        functions = [self._function(own, found) for own, found in self.offers.items()]
        keys = ", ".join(e.program.header.name.key for e in self.editions)
        lines = [f"The policies {keys} by the day. Made by policydsl from these; edit them."]
        if left:
            lines += ["", f"Called differently from one to another, and not here: {', '.join(left)}."]
        body = [
            *self._table(),
            *self._checked(),
            *(self._days(e) for e in self.editions),
            *code("NAME: FINAL = _rt.Day('on')", NAME=self.on_input, FINAL=self._std("Final")),
            *functions,
        ]
        public = ["POLICIES", "PolicyError", *sorted(self.homes), *self.offers]
        head = [
            ast.Expr(constant(docstring([one_line(line) for line in lines], ""))),
            *code("from __future__ import annotations"),
            *self._imports(),
            *code("_rt.require_api(1)"),
            *code("__all__ = NAMES", NAMES=ast.List([constant(n) for n in public], ast.Load())),
            *code("PolicyError = _rt.PolicyError"),
        ]
        return ast.Module([*head, *body], [])

    def _std(self, word: str) -> ast.expr:
        return expr(self.scope.std(word))

    def _imports(self) -> list[ast.stmt]:
        level = 0 if self.flat else 1
        statements: list[ast.stmt] = []
        if "builtins" in self.scope.standard:
            statements += code("import builtins as _builtins")
        for module in sorted(set(STANDARD.values())):
            words = sorted(w for w in self.scope.standard if STANDARD.get(w) == module)
            if words:
                aliases = [ast.alias(w, f"_{w}" if w in self.scope.shadowing else None) for w in words]
                statements.append(ast.ImportFrom(module, aliases, 0))
        statements += code("from policydsl import runtime as _rt")
        modules = [ast.alias(e.module, self.alias[e.module]) for e in self.editions]
        if self.flat:
            statements += [ast.Import([alias]) for alias in modules]
        else:
            statements.append(ast.ImportFrom(None, modules, 1))
        for own, (_, modules_of) in sorted(self.homes.items()):
            statements.append(ast.ImportFrom(modules_of[-1], [ast.alias(own)], level))
        return statements

    def _checked(self) -> list[ast.stmt]:
        """The modules are those that this one was made for; one that was compiled again by itself may be called
        differently, hold other days, or have categories of its own."""
        again = constant("these policies were compiled apart: compile them together again")
        headers = [e.program.header for e in self.editions]
        made = {
            "interface": [constant(digests(e.program)[1]) for e in self.editions],
            "in_force": [items(self._bounds(h.effective_from, h.effective_to)) for h in headers],
        }
        statements: list[ast.stmt] = []
        for attribute, values in made.items():
            own = self.scope.private(f"_{attribute.upper()}")
            statements += code(
                "MADE: FINAL = VALUES\nif [policy.ATTRIBUTE for policy in POLICIES] != MADE:\n    raise IMPORT(AGAIN)",
                ATTRIBUTE=attribute,
                MADE=own,
                FINAL=self._std("Final"),
                VALUES=ast.List(values, ast.Load()),
                IMPORT=self._std("ImportError"),
                AGAIN=again,
            )
        for own, (_, modules) in sorted(self.homes.items()):
            if len(modules) > 1:
                same = [expr("MODULE.CLASS", MODULE=self.alias[m], CLASS=own) for m in modules]
                statements += code(
                    "if LEN(SAME) != 1:\n    raise IMPORT(AGAIN)",
                    LEN=self._std("len"),
                    SAME=ast.Set(same),
                    IMPORT=self._std("ImportError"),
                    AGAIN=again,
                )
        return statements

    def _table(self) -> list[ast.stmt]:
        policies = items([expr("MODULE.POLICY", MODULE=self.alias[e.module]) for e in self.editions])
        return code("POLICIES: FINAL = VALUE", FINAL=self._std("Final"), VALUE=policies)

    def _days(self, edition: Edition) -> ast.stmt:
        assert edition.days is not None
        days = items(self._bounds(*edition.days))
        return code(
            "NAME: FINAL = VALUE", NAME=self.days[edition.module], FINAL=self._std("Final"), VALUE=days
        )[0]

    def _bounds(self, first: date | None, last: date | None) -> list[ast.expr]:
        return [constant(None) if day is None else self._date(day) for day in (first, last)]

    def _date(self, day: date) -> ast.expr:
        if day in (date.min, date.max):
            return expr("DATE.min" if day == date.min else "DATE.max", DATE=self._std("date"))
        return call(self.scope.std("date"), *map(constant, (day.year, day.month, day.day)))

    def _function(self, own: str, found: Sequence[_Offer]) -> ast.stmt:
        first = found[-1]
        row = first.arguments.kwarg is not None
        on = ast.arg(_ON, self._std("date"))
        taken = self.visit(copied(first.arguments))
        arguments = ast.arguments(
            [], [], None, [on, *taken.kwonlyargs], [None, *taken.kw_defaults], taken.kwarg, []
        )
        returned: dict[str, ast.expr] = {}
        for offer in found:
            type_ = self.visit(copied(offer.returns))
            returned[ast.unparse(type_)] = type_
        types = list(returned.values())
        returns = types[0]
        for type_ in types[1:]:
            returns = ast.BinOp(returns, ast.BitOr(), type_)
        periods = [_period(o.edition) for o in found]
        title = first.definition.name.shown
        doc = [f"{title}{', ' if title else ''}by the policy in force on `on`.", ""]
        doc += [f"{o.edition.program.header.name.key}: {p}" for o, p in zip(found, periods, strict=True)]
        doc += ["", "All that is wrong with the facts, at once." if row else "Raises PolicyError."]
        output = constant(first.definition.name.key)
        wrong = expr("_rt.refusal(OUTPUT, FIELD, on)", OUTPUT=output, FIELD=name(self.on_input))
        none = call(
            "_rt.PolicyError",
            constant("PC104"),
            output,
            constant(_ON),
            name(_ON),
            constant(", ".join(periods)),
        )
        body: list[ast.stmt] = [ast.Expr(constant(docstring([one_line(line) for line in doc])))]
        body += code(
            "if TYPE(on) is not DATE:\n    STOP",
            TYPE=self._std("type"),
            DATE=self._std("date"),
            STOP=_stop(wrong, row),
        )
        for offer in found:
            body += code(
                "if DAYS[0] <= on <= DAYS[1]:\n    return ANSWER",
                DAYS=name(self.days[offer.edition.module]),
                ANSWER=self._answer(own, offer),
            )
        body += _stop(none, row)
        return ast.FunctionDef(own, arguments, body, [], returns)

    def _answer(self, own: str, offer: _Offer) -> ast.expr:
        module = self.alias[offer.edition.module]
        if offer.constant is not None:
            return expr("MODULE.CONSTANT", MODULE=module, CONSTANT=offer.constant)
        keywords = [ast.keyword(_ON, name(_ON))] if offer.day else []
        keywords += [ast.keyword(a.arg, name(a.arg)) for a in offer.arguments.kwonlyargs]
        if offer.arguments.kwarg is not None:
            keywords.append(ast.keyword(None, name(offer.arguments.kwarg.arg)))
        return ast.Call(expr("MODULE.FUNCTION", MODULE=module, FUNCTION=own), [], keywords)

    # names as this module says them

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in STANDARD or hasattr(builtins, node.id):
            return self._std(node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if not isinstance(node.value, ast.Name) or node.value.id == "_rt":
            return self.generic_visit(node)
        own, where = node.attr, node.value.id
        if own in self.homes and self.homes[own][0] == where:
            return name(own)
        module = where if where in self.alias else self._having(where)
        return (
            ast.Attribute(name(self.alias[module]), own, ast.Load()) if module else self.generic_visit(node)
        )

    def _having(self, where: str) -> str | None:
        return next((e.module for e in self.editions if where in e.shared.values()), None)


def _stop(error: ast.expr, row: bool) -> list[ast.stmt]:
    """What becomes of a day that is none, or has no policy: raised, or told with the rest."""
    return [ast.Return(items([error]))] if row else [ast.Raise(error)]


def _period(edition: Edition) -> str:
    assert edition.days is not None
    return f"{_day(edition.days[0])} .. {_day(edition.days[1])}"


def _day(day: date) -> str:
    return "…" if day in (date.min, date.max) else str(day)
