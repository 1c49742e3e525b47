"""How does an explanation read on paper? A calculation sheet in Chinese or in English."""

from __future__ import annotations

from fractions import Fraction

from policydsl.amounts import say_day
from policydsl.diagnostics.model import Language
from policydsl.diagnostics.render import cells
from policydsl.explain.lines import headline, pad, step_lines
from policydsl.explain.steps import Choice, Explanation, Numbered, printed_gap
from policydsl.expressions import (
    Value,
)
from policydsl.ir import (
    Allotment,
    Ground,
    Schedule,
)
from policydsl.trace import (
    ExceptionsTrace,
    ScheduleTrace,
    Step,
)
from policydsl.wording import DRAFT, Speech


def to_text(explanation: Explanation, language: Language | None = None) -> str:
    """The explanation as a calculation sheet, in its own language or another one.

    Every number used is printed, so that the result can be recomputed by hand from the text alone.
    """
    speech = speech_of(explanation, language)
    lines = _head(explanation, speech)
    lines.append(speech.pick("一、已知情况", "I. Facts"))
    lines += _facts(explanation, speech)
    lines.append(speech.pick("二、计算过程", "II. Steps"))
    for numbered in explanation.steps:
        lines += _numbered(numbered, speech)
    lines += _result(explanation, speech)
    lines += _choices(explanation, speech)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def speech_of(explanation: Explanation, language: Language | None = None) -> Speech:
    """The words for this explanation, in its own language or another one."""
    return Speech(
        explanation.program,
        language or explanation.language,
        dict(explanation.facts),
        {n.step.definition.name.key: n.step for n in explanation.steps},
    )


# head, facts


def _head(explanation: Explanation, speech: Speech) -> list[str]:
    header = explanation.program.header
    title = speech.name(explanation.result.definition.name)
    title = speech.pick(f"{title}计算说明", f"How {title} was computed")
    if header.draft:
        mark = speech.pick(*DRAFT)
        title = f"{pad(title, 50)}{mark}" if cells(title) < 50 else f"{title}  {mark}"
    digest = ""
    if explanation.meaning is not None:
        # enough of it to compare by eye; the whole stands in the JSON form
        short = explanation.meaning if len(explanation.meaning) <= 23 else f"{explanation.meaning[:23]}…"
        digest = speech.pick(f"，内容摘要 {short}", f", meaning digest {short}")
    policy = speech.pick(f"政策  {header.title}", f"Policy  {header.title}")
    return [
        title,
        f"{policy}{speech.brackets(header.name.key)}{digest}",
        speech.pick("依据  ", "Source  ") + _source(explanation, speech),
    ]


def _source(explanation: Explanation, speech: Speech) -> str:
    header = explanation.program.header
    words: list[str] = []
    if header.issuer is not None:
        words.append(header.issuer)
    if header.document is None:
        words.append(speech.pick("文件未注明", "no document named"))
    elif header.document.endswith(("号", "號")):
        words.append(header.document)
    else:
        words.append(f"《{header.document}》" if speech.language == "zh" else header.document)
        words.append(speech.pick("无文号", "no document number"))
    if header.issued_on is not None:
        day = say_day(header.issued_on, speech.language)
        words.append(speech.pick(f"{day}成文", f"issued {day}"))
    period = speech.period(header.effective_from, header.effective_to)
    if period:
        words.append(period)
    return speech.pick("，", ", ").join(words)


def _facts(explanation: Explanation, speech: Speech) -> list[str]:
    rows = [(_fact_name(key, speech), fact_value(key, value, speech)) for key, value in explanation.facts]
    if not rows:
        return ["    " + speech.pick("无需个案情况", "none needed")]
    width = max(cells(name) for name, _ in rows)
    return [f"    {pad(name, width)}  {value}" for name, value in rows]


def _fact_name(key: str, speech: Speech) -> str:
    fact = speech.program.fact(key)
    name = speech.name(fact.name)
    if fact.open:
        return name + speech.brackets(speech.pick("由其他文件规定", "set by another document"))
    if speech.language == "en" and fact.name.shown != name and fact.name.key == name:
        return name + speech.brackets(fact.name.shown)
    return name


def fact_value(key: str, value: Value, speech: Speech) -> str:
    """A fact of the case; of a member also the word of the notice, where English uses its alias."""
    if value is None:
        return speech.pick("无", "none")
    words = speech.value(value, speech.program.fact(key).kind)
    if speech.language == "en" and isinstance(value, str):
        chinese = Speech(speech.program, "zh", {}, {}).value(value, speech.program.fact(key).kind)
        if chinese != words:
            words += speech.brackets(chinese)
    return words


def _numbered(numbered: Numbered, speech: Speech) -> list[str]:
    step = numbered.step
    lines = [f"{numbered.number:2}. {headline(step, speech)}"]
    lines += [f"    {line}" for line in step_lines(step, speech)]
    return lines


# result, choices


def _result(explanation: Explanation, speech: Speech) -> list[str]:
    step = explanation.result
    body = step.definition.body
    kind = step.definition.kind
    line = speech.pick("三、结果  ", "III. Result  ") + headline(step, speech)
    if isinstance(body, Allotment):
        shares = []
        for name in body.leaves:
            value = step.part(name.key)
            assert isinstance(value, Fraction)
            shares.append(f"{speech.name(name)} {speech.value(value, kind)}")
        line += speech.pick("，其中 ", ", of which ") + speech.listed(shares)
    elif isinstance(step.body, ExceptionsTrace):
        line += speech.brackets(_ground_named(step.body, speech))
    return [line]


def _ground_named(trace: ExceptionsTrace, speech: Speech) -> str:
    if trace.chosen is None:
        names = speech.listed([speech.name(h.ground.name) for h in trace.held])
    elif trace.chosen:
        names = speech.pick("·", ".").join(speech.name(g.name) for g in trace.chosen)
    else:
        return speech.pick("基本情形", "the base")
    return speech.pick(f"适用{names}", f"by {names}")


def _choices(explanation: Explanation, speech: Speech) -> list[str]:
    head = speech.pick(
        "四、原文未写明、由本政策文件选定的读法", "IV. What the notice leaves open and this policy file chose"
    )
    if not explanation.choices:
        return [head + speech.pick("：无", ": nothing")]
    return [head, *(f"{c.number:2}. {choice_line(explanation, c, speech)}" for c in explanation.choices)]


def choice_line(explanation: Explanation, choice: Choice, speech: Speech) -> str:
    """What was chosen, the author's reason, and whether it made a difference to this case."""
    step = explanation.steps[choice.step - 1].step
    name = speech.name(step.definition.name)
    about = speech.about(choice.about, step.definition)
    subject = f"{name}{speech.pick('：', ': ')}{about}"
    where = speech.pick(f"第{choice.step}步", f"step {choice.step}") + _effect(choice, step, speech)
    reason = speech.pick(f"，理由：{choice.because}", f", because: {choice.because}")
    return f"{subject}{speech.brackets(where)}{reason}"


def _effect(choice: Choice, step: Step, speech: Speech) -> str:
    if choice.acted is False:
        return speech.pick("，不影响本例结果", ", does not change this case")
    if choice.acted is None:
        body = step.definition.body
        if isinstance(step.body, ScheduleTrace) and isinstance(body, Schedule):
            gap = printed_gap(body)
            if choice.about == "bands" and gap is not None:
                kind = step.body.amount.expr.kind
                amount, whole = speech.value(step.body.counted, kind), speech.step(gap, kind)
                return speech.pick(
                    f"，{amount}不是{whole}的整数倍，按别的读法结果可能不同",
                    f", {amount} is no whole multiple of {whole}, another reading may differ",
                )
        if isinstance(choice.about, Ground):
            return speech.pick("，本例不符合该情形", ", does not hold in this case")
        return ""
    return speech.pick("，本例起作用", ", acts in this case")
