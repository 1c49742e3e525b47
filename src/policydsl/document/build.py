"""What does the page of a policy hold? Its provisions, facts, examples and choices, in an order to be read in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from policydsl.amounts import say_day
from policydsl.diagnostics.model import Language
from policydsl.document import choices, grids, links
from policydsl.document.curves import Answer
from policydsl.document.declarations import entry
from policydsl.document.desk import Desk
from policydsl.document.sheet import Block, Cell, Entry, Item, Items, Link, Page, Part, Prose
from policydsl.document.voice import Voice
from policydsl.document.worked import example_grids
from policydsl.facts import Fact, Group, Member
from policydsl.ir import Definition, Program
from policydsl.model import Param, Policy, Property, Split
from policydsl.nodes import evolve
from policydsl.wording import DRAFT

_FINDINGS = {
    "rate": ("比例", "a rate"),
    "notch": ("陡坎", "a notch"),
    "gap": ("空档", "a gap"),
    "overlap": ("重叠", "an overlap"),
    "unprotected": ("未核对", "not checked"),
    "departure": ("与上级要求不同", "a departure from a bound above"),
}
#: how strictly a `require` is meant
_STRENGTHS = {
    "binds": ("", ""),
    "about": ("工作目标，按“左右”掌握", "a target: about"),
    "in_principle": ("原则上如此，说明理由的可以另定", "in principle: another figure needs a reason"),
}
_BONDS = {
    "amends": ("修订", "Amends"),
    "adopts": ("转发", "Adopts"),
    "under": ("依据", "Under"),
    "replaces": ("废止", "Replaces"),
}
_DIGITS = "零一二三四五六七八九十"


def build(
    policy: Policy,
    program: Program,
    answer: Answer,
    language: Language,
    *,
    proved: Sequence[bool],
    passed: Sequence[bool],
    digests: Mapping[str, str],
    maker: str,
) -> Page:
    """The page of a policy without errors, in Chinese or English.

    `answer` computes one output of one case. `proved` says of each `ensure` whether it holds for every
    case, `passed` of each example whether it comes out. `digests` are "meaning", "interface" and "text".
    """
    return _Builder(policy, program, answer, Voice(program, language, {}, {})).page(
        proved, passed, digests, maker
    )


class _Builder:
    def __init__(self, policy: Policy, program: Program, answer: Answer, voice: Voice) -> None:
        self.policy = policy
        self.program = program
        self.answer = answer
        self.voice = voice
        self.anchors = links.anchors(policy)
        self.uses = links.uses(program)
        self.choices = tuple(self._choices())

    def page(
        self, proved: Sequence[bool], passed: Sequence[bool], digests: Mapping[str, str], maker: str
    ) -> Page:
        voice = self.voice
        header = self.policy.header
        found = [p for p in self._parts(proved, passed) if p.entries or p.blocks]
        parts = tuple(evolve(p, title=self._numbered(i, p.title)) for i, p in enumerate(found, 1))
        names = {
            "meaning": ("内容摘要", "meaning"),
            "interface": ("接口摘要", "interface"),
            "text": ("文本摘要", "text"),
        }
        return Page(
            voice.language,
            header.title,
            voice.pick(*DRAFT) if header.draft else "",
            tuple(self._facts()),
            header.notes,
            parts,
            tuple((voice.pick(*names[key]), value) for key, value in digests.items()),
            maker,
        )

    def _numbered(self, number: int, title: str) -> str:
        return self.voice.pick(f"{_DIGITS[number]}、{title}", f"{number}. {title}")

    def _facts(self) -> Iterator[tuple[str, str]]:
        voice, header = self.voice, self.policy.header
        if header.document is not None:
            numbered = header.document.endswith(("号", "號"))
            yield (
                (voice.pick("文号", "Document") if numbered else voice.pick("文件", "Document")),
                header.document,
            )
            if not numbered:
                yield voice.pick("文号", "Number"), voice.pick("无", "none")
        if header.issuer is not None:
            yield voice.pick("发文机关", "Issued by"), header.issuer
        if header.issued_on is not None:
            yield voice.pick("成文日期", "Issued on"), say_day(header.issued_on, voice.language)
        elif header.draft:
            yield (
                voice.pick("成文日期", "Issued on"),
                voice.pick("尚未印发（征求意见稿）", "not issued yet (a draft for comment)"),
            )
        period = voice.period(header.effective_from, header.effective_to)
        if period:
            yield voice.pick("施行期间", "In force"), period.removeprefix("in force ").removesuffix("施行")
        if header.place is not None:
            yield voice.pick("适用地区", "Place"), header.place
        for bond, related in groupby(header.relations, key=lambda relation: relation.bond):
            names = [r.name + ("" if r.title is None else voice.brackets(r.title)) for r in related]
            yield voice.pick(*_BONDS[bond]), voice.listed(names)
        if header.currency.code != "CNY":
            yield voice.pick("币种", "Currency"), header.currency.code
        if header.text is not None:
            yield voice.pick("原文文件", "Text of the notice"), header.text
        yield voice.pick("程序名称", "Name in programs"), header.name.key

    # parts

    def _parts(self, proved: Sequence[bool], passed: Sequence[bool]) -> Iterator[Part]:
        voice, policy = self.voice, self.policy
        yield Part("provisions", voice.pick("政策规定", "Provisions"), entries=tuple(self._entries()))
        yield Part(
            "cases",
            voice.pick("类别和个案情况", "Categories and facts of a case"),
            voice.pick(
                "计算一个个案须知道的情况，以及各类人员、地区的分类。",
                "What has to be known of a case, and the kinds of people and places there are.",
            ),
            tuple(self._categories()),
            tuple(self._inputs()),
        )
        yield Part(
            "requires",
            voice.pick("对下级政策的要求", "Bounds on the policies below this one"),
            blocks=self._properties(policy.requires, [], "require"),
        )
        yield Part(
            "examples",
            voice.pick("计算举例", "Worked examples"),
            voice.pick(
                "政策文件自带的举例，逐项计算核对。", "The policy's own examples, each computed and compared."
            ),
            blocks=tuple(example_grids(self.program, passed, voice)),
        )
        yield Part(
            "choices",
            voice.pick(
                "原文未写明、由本政策文件选定的读法", "What the notice leaves open and this policy file chose"
            ),
            blocks=(Items(tuple(item for _, item in self.choices)),) if self.choices else (),
        )
        yield Part(
            "ensures",
            voice.pick("本政策确保的性质", "What this policy ensures"),
            blocks=self._properties(policy.ensures, proved, "ensure"),
        )
        yield Part(
            "left-out",
            voice.pick("不编入的数字和认可的情形", "Figures left out and findings accepted"),
            blocks=tuple(self._left_out()),
        )

    def _entries(self) -> Iterator[Entry]:
        desk = Desk(self.policy, self.program, self.voice, self.answer, self.anchors)
        for definition in self.policy.definitions:
            key = definition.name.key
            own, users = self.uses.get(key, ()), links.used_by(self.uses, key)
            if isinstance(definition, Split) and definition.parent is not None:
                own = (
                    definition.parent[0],
                    *(read for k in definition.keys for read in links.read_by(k.value)),
                )
            yield evolve(
                entry(desk, definition),
                choices=tuple(self._chosen_in(key)),
                uses=self._links(own),
                used_by=(*self._links(users), *self._property_links(key)),
            )

    def _links(self, keys: Iterable[str]) -> tuple[Link, ...]:
        return tuple(Link(self._name(key), self.anchors[key]) for key in keys if key in self.anchors)

    def _property_links(self, key: str) -> Iterator[Link]:
        for properties, anchor, words in (
            (
                self.policy.requires,
                "requires",
                self.voice.pick("对下级政策的要求", "bounds on lower policies"),
            ),
            (self.policy.ensures, "ensures", self.voice.pick("确保的性质", "what is ensured")),
        ):
            if any(key in links.of_property(p) for p in properties):
                yield Link(words, anchor)

    def _name(self, key: str) -> str:
        if any(f.name.key == key for f in self.program.facts):
            return self.voice.fact(key)
        return self.voice.definition(key)

    # categories, inputs, givens

    def _categories(self) -> Iterator[Entry]:
        voice = self.voice
        for category in self.policy.categories:
            name = voice.name(category.name)
            codes = any(m.code for m in category.members)
            blocks: list[Block] = [
                grids.member_grid(name, [(m.name, m.code) for m in category.members], voice, codes=codes)
            ]
            if category.ordered:
                blocks.insert(
                    0, _prose(voice.stop(voice.pick("由高到低排列", "from the highest to the lowest")))
                )
            if category.groups:
                blocks.append(
                    Items(
                        tuple(
                            Item(
                                voice.stop(
                                    voice.pick("包括", "is ")
                                    + voice.members(frozenset(g.members), category.name.key)
                                ),
                                voice.name(g.name),
                            )
                            for g in category.groups
                        )
                    )
                )
            key = category.name.key
            users = [k for k, read in self.uses.items() if any(self._is_of(r, key) for r in read)]
            also = category.name.shown
            yield Entry(
                self.anchors[f"category {key}"],
                voice.pick("等级" if category.ordered else "类别", "category"),
                name,
                key if key != name else "",
                also if voice.language == "en" and also not in (name, key) else "",
                quotes=category.quotes,
                blocks=tuple(blocks),
                used_by=self._links(users),
            )

    def _is_of(self, key: str, category: str) -> bool:
        """Whether a fact is a member, or a set of members, of a category."""
        fact = next((f for f in self.program.facts if f.name.key == key), None)
        return fact is not None and grids.category_of(fact.kind) == category

    def _inputs(self) -> Iterator[Block]:
        voice = self.voice
        facts = [f for f in self.policy.facts if not f.open]
        if facts:
            heads = [
                voice.pick("情况", "fact"),
                voice.pick("程序名称", "name in programs"),
                *(["in the notice's words"] if voice.language == "en" else []),
                voice.pick("种类", "kind"),
                voice.pick("范围", "range"),
                voice.pick("用于", "used by"),
            ]
            rows = [self._input(f) for f in facts]
            yield grids.plain_grid(voice.pick("个案情况", "Facts of a case"), heads, rows, titled=True)
        if self.policy.periods:
            heads = [voice.pick("期间", "period"), voice.pick("起", "from"), voice.pick("止", "to")]
            days = [
                [Cell(voice.name(p.name), head="row"), Cell(voice.expr(p.first)), Cell(voice.expr(p.last))]
                for p in self.policy.periods
            ]
            yield grids.plain_grid(voice.pick("期间", "Periods"), heads, days, titled=True)
        if self.policy.givens:
            yield _prose(
                voice.stop(
                    voice.pick(
                        "各项情况应当同时符合下列前提，不符合的不予计算",
                        "the facts of every case satisfy these conditions, or nothing is computed",
                    )
                )
            )
            yield Items(tuple(Item(voice.stop(voice.expr(g.condition))) for g in self.policy.givens))

    def _input(self, fact: Fact) -> list[Cell]:
        voice = self.voice
        bounds = voice.range(fact)
        notes = []
        if fact.optional:
            notes.append(voice.pick("可以没有", "may not exist"))
        if fact.has_default:
            value = voice.pick("无", "none") if fact.default is None else voice.said(fact.default, fact.kind)
            notes.append(voice.pick(f"未填按{value}", f"{value} if not given"))
        users = voice.listed([voice.definition(k) for k in links.used_by(self.uses, fact.name.key)])
        return [
            Cell(voice.name(fact.name), head="row", anchor=self.anchors[fact.name.key]),
            Cell(fact.name.key),
            *([Cell(fact.name.shown)] if voice.language == "en" else []),
            Cell(voice.kind(fact.kind)),
            Cell(voice.pick("；", "; ").join([bounds, *notes] if bounds else notes)),
            Cell(users),
        ]

    # properties

    def _properties(
        self, properties: Sequence[Property], proved: Sequence[bool], anchor: str
    ) -> tuple[Block, ...]:
        voice = self.voice
        items = []
        for i, prop in enumerate(properties):
            note = voice.pick(*_STRENGTHS[prop.strength])
            if i < len(proved):
                note = (
                    voice.pick("已证明对所有情形成立", "proved for every case")
                    if proved[i]
                    else voice.pick("未能证明，只在举例中核对", "not proved, checked on the examples only")
                )
            items.append(
                Item(voice.property(prop), quotes=prop.quotes, note=note, anchor=f"{anchor}-{i + 1}")
            )
        return (Items(tuple(items)),) if items else ()

    # choices

    def _choices(self) -> Iterator[tuple[str, Item]]:
        """Every choice with the key of what it stands in."""
        voice = self.voice
        number = 0
        for definition in self._computed():
            key = definition.name.key
            for about, because in choices.of(definition):
                number += 1
                words = voice.about(about, definition)
                link = Link(voice.name(definition.name), self.anchors[key])
                yield key, Item(words, link=link, because=because, anchor=f"choice-{number}")
        for key, words, anchor, because in self._other_choices():
            number += 1
            yield key, Item(words, link=Link(key, anchor), because=because, anchor=f"choice-{number}")

    def _computed(self) -> Iterator[Definition]:
        """How each declaration is computed, in the order of the text; a split of a share is part of the split."""
        for declared in self.policy.definitions:
            inner = isinstance(declared, Split) and declared.parent is not None
            if not inner and not (isinstance(declared, Param) and declared.open):
                yield self.program.definition(declared.name.key)

    def _other_choices(self) -> Iterator[tuple[str, str, str, str]]:
        voice = self.voice
        for definition in self.policy.definitions:
            if isinstance(definition, Param) and definition.open:
                for because in definition.because:
                    yield (
                        voice.name(definition.name),
                        voice.pick("读法", "the reading"),
                        self.anchors[definition.name.key],
                        because,
                    )
        for relation in self.policy.header.relations:
            if relation.because is not None:
                yield voice.pick(*_BONDS[relation.bond]), relation.name, "head", relation.because
        for category in self.policy.categories:
            parts: list[Member | Group] = [*category.members, *category.groups]
            for part in parts:
                if part.because is not None:
                    ours = voice.pick(
                        f"“{voice.name(part.name)}”的用语", f"the wording of “{voice.name(part.name)}”"
                    )
                    yield (
                        voice.name(category.name),
                        ours,
                        self.anchors[f"category {category.name.key}"],
                        part.because,
                    )
        for given in self.policy.givens:
            if given.because is not None:
                yield voice.pick("前提", "condition"), voice.expr(given.condition), "cases", given.because
        for i, prop in enumerate(self.policy.requires, 1):
            if prop.because is not None:
                yield (
                    voice.pick("对下级政策的要求", "bound on lower policies"),
                    voice.property(prop),
                    f"require-{i}",
                    prop.because,
                )
        for i, prop in enumerate(self.policy.ensures, 1):
            if prop.because is not None:
                yield (
                    voice.pick("确保的性质", "what is ensured"),
                    voice.property(prop),
                    f"ensure-{i}",
                    prop.because,
                )

    def _chosen_in(self, key: str) -> Iterator[Link]:
        for number, (where, item) in enumerate(self.choices, 1):
            if where == key or (item.link is not None and item.link.anchor == self.anchors.get(key)):
                yield Link(str(number), item.anchor)

    # what is left out

    def _left_out(self) -> Iterator[Block]:
        voice = self.voice
        if self.policy.waives:
            rows = [
                [Cell(voice.listed([f"“{f}”" for f in w.figures]), head="row"), Cell(w.because)]
                for w in self.policy.waives
            ]
            heads = [
                voice.pick("原文数字", "figures of the notice"),
                voice.pick("不编入的理由", "why they are left out"),
            ]
            yield grids.plain_grid(voice.pick("不编入的数字", "Figures left out"), heads, rows, titled=True)
        if self.policy.accepts:
            rows = []
            for accept in self.policy.accepts:
                target = ""
                if accept.target is not None:
                    target = self._name(accept.target) if accept.target in self.anchors else accept.target
                zh, en = _FINDINGS.get(accept.finding, (accept.finding, accept.finding))
                rows.append([Cell(target, head="row"), Cell(voice.pick(zh, en)), Cell(accept.because)])
            heads = [
                voice.pick("所在规定", "where"),
                voice.pick("情形", "finding"),
                voice.pick("认可的理由", "why it is accepted"),
            ]
            yield grids.plain_grid(voice.pick("认可的情形", "Findings accepted"), heads, rows, titled=True)


def _prose(*lines: str) -> Block:
    return Prose(lines)
