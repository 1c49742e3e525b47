"""What does the file mean? From what the author wrote to a model: names bound, units typed, tables laid out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics import codes_sets as timeline_codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.expressions import Ref
from policydsl.facts import Fact, Header, Name, day_fact
from policydsl.kinds import Kind
from policydsl.model import Definition, Edition, Param, Policy, Rule, Timeline, Waive
from policydsl.nodes import Node, Span, contents, evolve
from policydsl.resolve import facts as fact_passes
from policydsl.resolve import promises, rules, splits, tables
from policydsl.resolve.scope import Failed, Result, Scope, line_of, spellings
from policydsl.resolve.timelines import ALWAYS, Definable, Front, Unfolded, mergeable, picked, unfold
from policydsl.resolve.values import Values
from policydsl.syntax import ast

T = TypeVar("T")
D = TypeVar("D")


def resolve(file: ast.File) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """The model of `file`, and everything in it that does not resolve.

    A declaration with an error is left out of the model, and so is all that refers to it: what is
    there can be checked. None: the file does not even say which policy it is.
    """
    policies = [d for d in file.declarations if isinstance(d, ast.Policy)]
    if not policies:
        if file.broken:
            return None, ()  # the line that says it is among the broken ones
        place = file.declarations[0].span if file.declarations else Span(file.span.source, 0, 0)
        return None, (Diagnostic(codes.NO_POLICY, place),)
    scope = Scope(fact_passes.bare_header(policies[0].name, policies[0].span), file.broken)
    for second in policies[1:]:
        scope.report(codes.SECOND_POLICY, second.name.span)
    scope.header = fact_passes.header(scope, policies[0])
    values = Values(scope)
    _declare(scope, file)
    for category in _of(file, ast.Category):
        scope.add_category(fact_passes.category(scope, category))
    for _, fact in _each(file, ast.Input, lambda d: fact_passes.fact(scope, values, d)):
        scope.add_fact(fact)
    fact_passes.check_shadows(scope)
    unfolded = unfold(scope, [d for d in file.declarations if isinstance(d, Definable)])
    definitions = _definitions(scope, values, unfolded)
    policy = _promises(scope, values, file, definitions)
    own = scope.names.get("on")
    if scope.dated and own is not None:  # the day of the case has that name
        scope.report(codes.DUPLICATE_NAME, own.span, name="on", line=line_of(scope.header.name.span))
    periods = tuple(made for _, made in _each(file, ast.Period, values.period))
    policy = evolve(policy, periods=periods, timelines=_timelines(scope, unfolded, definitions))
    return policy, tuple(scope.diagnostics)


def header(file: ast.File) -> Header | None:
    """What a file says of its policy as a whole; None: it does not even say which one it is."""
    declared = next((d for d in file.declarations if isinstance(d, ast.Policy)), None)
    if declared is None:
        return None
    return fact_passes.header(Scope(fact_passes.bare_header(declared.name, declared.span)), declared)


def _of(file: ast.File, kind: type[D]) -> list[D]:
    return [d for d in file.declarations if isinstance(d, kind)]


def _each(file: ast.File, kind: type[D], make: Callable[[D], T]) -> Iterator[tuple[D, T]]:
    """Every declaration of one kind and what `make` makes of it; one with an error is left out."""
    for declared in _of(file, kind):
        try:
            yield declared, make(declared)
        except Failed:
            continue


def _declare(scope: Scope, file: ast.File) -> None:
    """Take every name of the policy before any is looked up."""
    dated = {
        spelling
        for d in file.declarations
        if isinstance(d, Definable) and d.days is not None and not (isinstance(d, ast.Split) and d.parent)
        for spelling in spellings(d.name)
    }
    for declaration in file.declarations:
        if isinstance(declaration, ast.Period):
            scope.periods.update(dict.fromkeys(spellings(declaration.name), declaration))
        if isinstance(
            declaration, ast.Category | ast.Period | ast.Input | ast.Param | ast.Tiers | ast.Table | ast.Rule
        ) or (isinstance(declaration, ast.Split) and declaration.parent is None):
            again = isinstance(declaration, Definable) and declaration.name.written in dated
            scope.declare(declaration.name, again=again)


# definitions


def _definitions(scope: Scope, values: Values, unfolded: Unfolded) -> list[Definition]:
    """Every definition, resolved after those it refers to, given back in the order of the text."""
    declared = unfolded.declared
    payers = _payers(scope, unfolded)
    made: dict[int, Definition] = {}
    for i in _order(scope, declared):
        declaration = declared[i]
        scope.window = unfolded.windows.get(i, ALWAYS)
        try:
            if isinstance(declaration, Front):
                rule = _front(scope, declaration, payers)
                if rule is not None:
                    made[i] = rule
            else:
                made[i] = _definition(scope, values, declaration, payers)
        except Failed:
            scope.add_result(Result(declaration.name, None, ok=False))
        scope.window = ALWAYS
    return [made[i] for i in sorted(made)]


def _payers(scope: Scope, unfolded: Unfolded) -> dict[str, splits.Payers]:
    """For every spelling of a split, the payers of it and of the splits of its shares."""
    result: dict[str, splits.Payers] = {}
    for places in unfolded.alike:
        editions = [d for i in places if isinstance(d := unfolded.declared[i], ast.Split)]
        names = [s for d in editions if d.parent is None for s in spellings(d.name)]
        front = unfolded.declared[places[0] - 1].name
        known = splits.payers(scope, editions)
        result.update(dict.fromkeys((*names, *spellings(front)), known))
    all_splits = [d for d in unfolded.declared if isinstance(d, ast.Split)]
    for root in all_splits:
        if root.parent is None and root.name.written not in result:
            names = list(spellings(root.name))
            family = [root, *(s for s in all_splits if s.parent is not None and s.parent.words[0] in names)]
            result.update(dict.fromkeys(names, splits.payers(scope, family)))
    return result


def _front(scope: Scope, front: Front, payers: dict[str, splits.Payers]) -> Rule | None:
    """The rule that picks an edition by the day; None where the value has parts, and lowering picks them."""
    results = [scope.results[path.words[0]] for path in front.editions]
    if not results or not all(result.ok for result in results):
        raise Failed
    first = results[0]
    for result, path in zip(results[1:], front.editions[1:], strict=True):
        same_parts = {key for key, _ in result.parts.values()} == {key for key, _ in first.parts.values()}
        if result.kind != first.kind or not (same_parts or front.word == "split"):
            scope.fail(
                timeline_codes.EDITIONS_DIFFER, path.span,
                Label(front.editions[0].span, Words("the first", "最初的规定")), name=front.name.written,
            )  # fmt: skip
    editions = tuple(zip(front.starts, (result.name.key for result in results), strict=True))
    parts = dict(first.parts)
    for result in results[1:]:
        parts.update(result.parts)
    own = tuple(frozenset(key for key, _ in result.parts.values()) for result in results)
    scope.add_result(Result(front.name, first.kind, parts, first.what, editions=editions, own=own))
    if first.kind is None:
        return None
    refs = [Ref(key, first.kind, span=front.span) for _, key in editions]
    return Rule(front.name, first.kind, picked(refs, front.starts, front.span), span=front.span)


def _timelines(scope: Scope, unfolded: Unfolded, definitions: Sequence[Definition]) -> tuple[Timeline, ...]:
    """The timelines as written, for the checks of their days, then those whose editions lowering picks."""
    whole: list[Timeline] = []
    rules = {d.name.key: d for d in definitions if isinstance(d, Rule)}
    for front in unfolded.declared:
        result = scope.results.get(front.name.written) if isinstance(front, Front) else None
        if isinstance(front, Front) and result is not None and result.ok:
            editions = tuple(Edition(key, start, span=front.span) for start, key in result.editions)
            grounded = mergeable([rules[key] for _, key in result.editions if key in rules])
            whole.append(
                Timeline(front.name, front.word, editions, result.kind is not None, grounded, span=front.span)
            )
    return (*unfolded.lines, *whole)


def _definition(
    scope: Scope, values: Values, declared: Definable, payers: dict[str, splits.Payers]
) -> Definition:
    match declared:
        case ast.Param():
            param = rules.param(scope, values, declared)
            scope.add_result(Result(param.name, param.kind, figure=param))
            return param
        case ast.Rule():
            rule = rules.rule(scope, values, declared)
            scope.add_result(Result(rule.name, rule.kind))
            return rule
        case ast.Tiers():
            tiers = tables.tiers(scope, values, declared)
            scope.add_result(Result(tiers.name, tiers.kind))
            return tiers
        case ast.Table():
            table = tables.table(scope, values, declared)
            scope.add_result(tables.table_result(scope, table))
            return table
        case ast.Split():
            return _split(scope, values, declared, payers)


def _split(scope: Scope, values: Values, declared: ast.Split, payers: dict[str, splits.Payers]) -> Definition:
    if declared.parent is None:
        known = payers[declared.name.written]
        split, kind = splits.split(scope, values, declared, known, None)
        scope.add_result(splits.split_result(split.name, kind, known))
        return split
    root = declared.parent.words[0]
    result = scope.results.get(root)
    if result is None or root not in payers:
        if root in scope.names:
            raise Failed
        scope.unknown(root, declared.parent.span)
    if not result.ok:
        raise Failed
    kind_: Kind = next(iter(result.parts.values()))[1]
    split, _ = splits.split(scope, values, declared, payers[root], kind_)
    return split


def _order(scope: Scope, declared: Sequence[Definable | Front]) -> list[int]:
    """The definitions in an order in which each comes after those it needs; cycles are reported.

    Without recursion, so that a chain of thousands is no deeper than one of two.
    """
    places: dict[str, list[int]] = {}
    for i, declaration in enumerate(declared):
        if isinstance(declaration, ast.Split) and declaration.parent is not None:
            root = scope.names.get(declaration.parent.words[0])
            names: Iterable[str] = spellings(root) if root is not None else ()
        else:
            names = spellings(declaration.name)
        for name in names:
            places.setdefault(name, []).append(i)
    for name, period in scope.periods.items():  # who names a period needs what its days need
        places.setdefault(name, []).extend(
            place for path in _paths(period) for place in places.get(path.words[0], ())
        )
    needs = [_needs(i, declaration, places, declared) for i, declaration in enumerate(declared)]
    order: list[int] = []
    state = [0] * len(declared)  # 0 untouched, 1 waiting for what it needs, 2 done
    for start in range(len(declared)):
        if state[start]:
            continue
        stack = [(start, iter(needs[start]))]
        state[start] = 1
        while stack:
            i, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[i] = 2
                order.append(i)
                stack.pop()
            elif state[following] == 0:
                state[following] = 1
                stack.append((following, iter(needs[following])))
            elif state[following] == 1:
                _report_cycle(scope, declared, [place for place, _ in stack], following)
    return order


def _needs(
    i: int,
    declaration: Definable | Front,
    places: dict[str, list[int]],
    declared: Sequence[Definable | Front],
) -> list[int]:
    """The definitions whose names stand in `declaration`; a split of a share needs the split it divides."""
    parent = declaration.parent if isinstance(declaration, ast.Split) else None
    found: dict[int, None] = {}
    for path in _paths(declaration):
        for place in places.get(path.words[0], ()):
            other = declared[place]
            if path is parent and isinstance(other, ast.Split) and other.parent is not None:
                continue  # its sisters divide other shares
            if place != i or path is not parent:
                found[place] = None
    return list(found)


def _paths(declaration: Node) -> Iterator[ast.Path]:
    """Every name that stands in a declaration."""
    pending: list[object] = [declaration]
    while pending:
        thing = pending.pop()
        if isinstance(thing, ast.Path):
            yield thing
        elif isinstance(thing, tuple):
            pending += thing
        elif isinstance(thing, Node) and not isinstance(thing, Name | ast.Head | ast.Type):
            pending += contents(thing)


def _report_cycle(
    scope: Scope, declared: Sequence[Definable | Front], waiting: list[int], again: int
) -> None:
    chain = [declared[i].name.written for i in [*waiting[waiting.index(again) :], again]]
    name = declared[again].name
    scope.report(codes.CYCLE, name.span, name=name.written, chain=" → ".join(chain))


# what stands on the definitions


def _promises(scope: Scope, values: Values, file: ast.File, definitions: list[Definition]) -> Policy:
    givens = [made for _, made in _each(file, ast.Given, lambda d: promises.given(scope, values, d))]
    promised = list(_each(file, ast.Promise, lambda d: promises.promise(scope, values, d)))
    accepts = [made for _, made in _each(file, ast.Accept, lambda d: promises.accept(scope, d))]
    grounds = {
        d.name.key: promises.ground_names(d.grounds) for d in definitions if isinstance(d, Rule) and d.grounds
    }
    for result in scope.results.values():
        of = [
            d for _, key in result.editions for d in definitions if d.name.key == key and isinstance(d, Rule)
        ]
        if mergeable(of):
            named = {s: k for d in of for s, k in promises.ground_names(d.grounds).items()}
            grounds[result.name.key] = {"base": "base", **named}
    used = frozenset(scope.used) | ({"on"} if scope.dated else set())
    open_facts = _open_facts(scope, definitions)
    for fact in open_facts:
        scope.add_fact(fact)
    reader = promises.Examples(scope, values, grounds)
    examples = [e for d in _of(file, ast.Example) for e in reader.examples(d)]
    waives = [Waive(d.figures, d.because, d.quotes, span=d.span) for d in _of(file, ast.Waive)]
    return Policy(
        scope.header,
        tuple(dict.fromkeys(scope.categories.values())),
        _facts(scope, open_facts),
        tuple(givens),
        tuple(definitions),
        tuple(made for declared, made in promised if not declared.below),
        tuple(made for declared, made in promised if declared.below),
        tuple(examples),
        tuple(waives),
        tuple(accepts),
        used,
    )


def _open_facts(scope: Scope, definitions: Sequence[Definition]) -> list[Fact]:
    """Open figures, as the inputs that another document sets."""
    return [
        Fact(
            d.name,
            d.kind,
            d.low,
            d.high,
            fact_passes.default_grain(scope, d.kind),
            open=True,
            quotes=d.quotes,
            notes=d.notes,
            span=d.span,
        )
        for d in definitions
        if isinstance(d, Param) and d.open
    ]


def _facts(scope: Scope, open_facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The inputs: those declared, categories used as inputs in their order, the day of the case, open figures."""
    opened = {fact.name.key for fact in open_facts}
    declared = [f for f in dict.fromkeys(scope.facts.values()) if f.name.key not in opened]
    order = list(dict.fromkeys(c.name.key for c in scope.categories.values()))
    implied = sorted(scope.implied.values(), key=lambda fact: order.index(fact.name.key))
    day = [day_fact(scope.header)] if scope.dated else []
    return (*declared, *implied, *day, *open_facts)
