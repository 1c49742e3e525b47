"""Would a program that calls the old policy's evaluators still work with the new one's?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from policydsl.amounts import say_value
from policydsl.diagnostics.model import Words
from policydsl.differences import Incompatible
from policydsl.facts import Category, Fact
from policydsl.ir import Allotment, Definition, Exceptions, Ground, Lookup, Program


def interface(old: Program, new: Program) -> Iterator[Incompatible]:
    """What a caller meets: first the outputs, then the facts they take, then the members of categories."""
    if old.header.currency != new.header.currency:
        yield _broken(
            f"amounts are in {new.header.currency.code} and were in {old.header.currency.code}",
            f"金额原为{old.header.currency.code}，现为{new.header.currency.code}",
        )
    for key in old.outputs:
        if key not in new.outputs:
            yield _broken(f"the output {key} is gone", f"结果“{key}”已没有")
        else:
            yield from _output(old, new, old.definition(key), new.definition(key))
    for key in new.outputs:
        if key not in old.outputs:
            yield _more(f"the output {key} is new", f"新增结果“{key}”")
    for category in old.categories:
        after = next((c for c in new.categories if c.name.key == category.name.key), None)
        if after is None:
            yield _broken(f"the category {category.name.key} is gone", f"类别“{category.name.key}”已没有")
        else:
            yield from _members(category, after)


def _output(old: Program, new: Program, before: Definition, after: Definition) -> Iterator[Incompatible]:
    key = before.name.key
    if before.kind != after.kind or before.grain != after.grain:
        yield _broken(f"the result of {key} is of another kind", f"“{key}”的结果种类不同")
    for part in _parts(before):
        if part not in _parts(after):
            yield _broken(f"{key} has no {part} any more", f"“{key}”不再有“{part}”")
    for part in _parts(after):
        if part not in _parts(before):
            yield _more(f"{key} has a new part {part}", f"“{key}”新增“{part}”")
    for fact in after.inputs:
        taken = new.fact(fact)
        if fact not in before.inputs:
            if taken.has_default:
                yield _more(f"{key} takes {fact}, which may be left out", f"“{key}”可以另给“{fact}”，可不填")
            else:
                yield _broken(f"{key} now needs {fact}", f"“{key}”现在需要“{fact}”")
        else:
            yield from _fact(old, new, key, old.fact(fact), taken)
    for fact in before.inputs:
        if fact not in after.inputs:
            yield _broken(f"{key} takes no {fact} any more", f"“{key}”不再用“{fact}”")


def _fact(old: Program, new: Program, output: str, before: Fact, after: Fact) -> Iterator[Incompatible]:
    name = after.name.key
    if before.kind != after.kind:
        yield _broken(
            f"{name}, which {output} takes, is of another kind", f"“{output}”所用的“{name}”种类不同"
        )
        return
    if before.has_default and not after.has_default:
        yield _broken(f"{name} may no longer be left out of {output}", f"“{output}”的“{name}”不能再不填")
    elif before.has_default and before.default != after.default:
        yield _broken(
            f"{name} that is left out of {output} now counts as {_say(new, after, after.default, 'en')}",
            f"“{output}”的“{name}”不填时，现按{_say(new, after, after.default, 'zh')}计",
        )
    if before.optional and not after.optional:
        yield _broken(f"{name} of {output} must now exist", f"“{output}”的“{name}”现在必须有")
    if _grain_narrowed(before, after):
        yield _broken(
            f"{name} of {output} is now in steps of {_say(new, after, after.grain, 'en')}",
            f"“{output}”的“{name}”的最小单位现为{_say(new, after, after.grain, 'zh')}",
        )
    for low, was, now in ((True, before.low, after.low), (False, before.high, after.high)):
        if now is not None and (was is None or (was < now if low else was > now)):  # type: ignore[operator]
            en, zh = ("starts at", "最低") if low else ("ends at", "最高")
            yield _broken(
                f"the range of {name} of {output} now {en} {_say(new, after, now, 'en')}",
                f"“{output}”的“{name}”的范围现在{zh}为{_say(new, after, now, 'zh')}",
            )


def _grain_narrowed(before: Fact, after: Fact) -> bool:
    if after.grain is None or before.grain == after.grain:
        return False
    return before.grain is None or (before.grain / after.grain).denominator != 1


def _members(before: Category, after: Category) -> Iterator[Incompatible]:
    name = before.name.key
    known = {member.name.key: member for member in after.members}
    for member in before.members:
        key = member.name.key
        if key not in known:
            yield _broken(f"{name} has no member {key} any more", f"类别“{name}”不再有“{key}”")
        elif member.code is not None and member.code != known[key].code:
            yield _broken(
                f"the code of {name}.{key} is {known[key].code or 'gone'} and was {member.code}",
                f"类别“{name}”中“{key}”的代码原为{member.code}，现{f'为{known[key].code}' if known[key].code else '已没有'}",
            )
    old_keys = {member.name.key for member in before.members}
    for key in known:
        if key not in old_keys:
            yield _more(f"{name} has a new member {key}", f"类别“{name}”新增“{key}”")


def _parts(definition: Definition) -> tuple[str, ...]:
    body = definition.body
    if isinstance(body, Allotment):
        return tuple(name.key for name in (*body.leaves, *body.subtotals))
    if isinstance(body, Lookup) and len(body.results) > 1:
        return tuple(name.key for name in body.results)
    if isinstance(body, Exceptions):
        return tuple(_grounds(body.grounds))
    return ()


def _grounds(grounds: tuple[Ground, ...]) -> Iterator[str]:
    for ground in grounds:
        yield ground.name.key
        yield from _grounds(ground.inner)


def _say(program: Program, fact: Fact, value: Fraction | date | object, language: str) -> str:
    return say_value(
        value,  # type: ignore[arg-type]
        fact.kind,
        currency=program.header.currency,
        categories=program.categories,
        language=language,  # type: ignore[arg-type]
        plain=True,
    )


def _broken(en: str, zh: str) -> Incompatible:
    return Incompatible(True, Words(en, zh))


def _more(en: str, zh: str) -> Incompatible:
    return Incompatible(False, Words(en, zh))
