"""What is each word in its declaration? The grammar read once more, one note on the words a rule.

The method of a rule of policy.lark is called `on_` and its name, and gets the ranges of words that its
symbols cover. A rule without a method changes nothing: its words flow on in their line, so that a new construct has a
layout before anybody thought of one.
"""

from __future__ import annotations

from itertools import pairwise

from policydsl.syntax.format_words import Script, Word, ends_in_a_word, is_money, is_time, keyword
from policydsl.syntax.parse import state
from policydsl.syntax.tables import END, RULES
from policydsl.syntax.words import meaning

#: symbol, first word, word after the last
Part = tuple[str, int, int]


class Shape:
    """Notes on the words of one declaration. `asked` is the script that is wanted, None for each word's own."""

    def __init__(self, words: list[Word], asked: Script | None) -> None:
        self.words = words
        self.asked = asked

    def read(self) -> None:
        """Shift and reduce over the words, which have been parsed before without an error."""
        states = [0]
        stack: list[Part] = []
        at = 0
        while True:
            type_ = self.words[at].type if at < len(self.words) else "$END"
            if type_ == "$END" and states[-1] == END:
                return
            action = state(states[-1])[type_]
            if action > 0:
                states.append(action - 1)
                stack.append((type_, at, at + 1))
                at += 1
                continue
            name, symbol, length, _ = RULES[-action - 1]
            parts = stack[len(stack) - length :] if length else []
            if length:
                del stack[-length:]
                del states[-length:]
            start, end = (parts[0][1], parts[-1][2]) if parts else (at, at)
            if parts and (method := getattr(self, f"on_{name}", None)):
                method(parts)
            stack.append((symbol, start, end))
            states.append(state(states[-1])[symbol] - 1)

    # helpers

    def find(self, parts: list[Part], *symbols: str) -> Word | None:
        """The first word of the first part that is one of `symbols`."""
        return next(
            (self.words[start] for symbol, start, end in parts if symbol in symbols and end > start), None
        )

    def begin(self, parts: list[Part], line: str) -> Word:
        word = self.words[parts[0][1]]
        word.line = line
        return word

    def comma(self, parts: list[Part], *symbols: str) -> None:
        """A comma stands before this part, whether the author wrote one or not."""
        if (word := self.find(parts, *symbols)) is not None:
            word.comma = True
        for symbol, start, _ in parts:
            if symbol == "COMMA":
                self.words[start].drop = True

    def wide(self, parts: list[Part]) -> None:
        """In Chinese the commas here part clauses (，) and not words (、)."""
        for symbol, start, _ in parts:
            if symbol == "COMMA":
                self.words[start].variant = "wide"

    def align(self, parts: list[Part]) -> None:
        """What follows the colon stands under that of the lines around it."""
        for (symbol, _, _), (_, after, _) in pairwise(parts):
            if symbol == "COLON":
                self.words[after].gap = -1

    def role(self, word: Word | None, section: str) -> None:
        if word is not None and word.type in ("NAME", "UNIT", "BELOW"):
            word.role = section

    def script(self, word: Word) -> Script:
        return self.asked or word.script

    def tail(self, word: Word, terminal: str, script: Script) -> None:
        """Write a keyword behind a word: 3个月内, 集中参保期 内."""
        tight = word.type in ("NUMBER", "DATE") and not ends_in_a_word(word.raw)
        word.suffix = ("" if tight else " ") + keyword(terminal, script)

    # the header

    def on_field(self, parts: list[Part]) -> None:
        self.begin(parts, "field")
        self.role(self.words[parts[0][1]], "fields")
        self.words[parts[0][2]].gap = -1
        for symbol, start, end in parts:
            if symbol in ("FROM", "STARTING"):
                self.words[start].drop = True
            if symbol == "FROM":
                self.words[end].gap = -1

    def on_field_names(self, parts: list[Part]) -> None:
        self.begin(parts, "field")
        first, words = self.words[parts[0][1]], parts[1]
        self.role(first, "fields")
        self.words[words[1]].gap = -1
        if meaning("fields", first.name) in ("issued", "month_end"):
            self.role(self.words[words[1]], "states")

    def on_since(self, parts: list[Part]) -> None:
        """自 2022年1月1日起: the last word belongs to it in Chinese, and English has none."""
        word = self.words[parts[0][1]]
        word.variant = "day"
        last = self.words[parts[-1][1]]
        if last.type == "STARTING":
            last.drop = True
        if self.script(word) != "en" and not any(symbol == "TO" for symbol, _, _ in parts):
            self.tail(self.words[parts[1][1]], "STARTING", self.script(word))

    # categories and inputs

    def on_category(self, parts: list[Part]) -> None:
        if (word := self.find(parts, "members")) is not None:
            word.soft = word.soft or "members"

    def on_ours(self, parts: list[Part]) -> None:
        """A member with a reason has a line of its own where one line is too short for all."""
        self.words[parts[0][1]].soft = "item"

    def on_members(self, parts: list[Part]) -> None:
        if len(parts) == 3 and self.words[parts[1][1] - 2].type == "BECAUSE":
            word = self.words[parts[2][1]]
            word.soft = word.soft or "members"

    def on_groups(self, parts: list[Part]) -> None:
        self.words[parts[-1][1]].soft = "item"

    def on_type(self, parts: list[Part]) -> None:
        self.role(self.words[parts[0][1]], "types")

    def on_type_per(self, parts: list[Part]) -> None:
        self.role(self.words[parts[-1][1]], "dimensions")

    def on_input_mod(self, parts: list[Part]) -> None:
        if (word := self.find(parts, "IN")) is not None:
            word.variant = "between"
        self.reason(parts)

    def on_span(self, parts: list[Part]) -> None:
        """`0元 .. 1亿元` in English, 0元 至 1亿元 in Chinese."""
        for place, (symbol, start, _) in enumerate(parts):
            if symbol in ("DOTDOT", "TO", "AND_OVER"):
                self.words[start].type = "SPAN_TO" if place < len(parts) - 1 else "SPAN_OVER"

    def reason(self, parts: list[Part]) -> None:
        if (word := self.find(parts, "BECAUSE")) is not None:
            word.soft = "reason"

    on_reasons = on_period = on_waive = reason

    def own_reasons(self, parts: list[Part]) -> None:
        """Reasons of a property stand on lines of their own."""
        for symbol, start, end in parts:
            for word in self.words[start:end] if symbol == "reasons" else ():
                if word.type == "BECAUSE":
                    word.line = "reason"

    on_given = on_given_when = on_given_exactly = on_ensure = on_require = own_reasons

    # figures

    def on_param_open(self, parts: list[Part]) -> None:
        if (word := self.find(parts, "IN")) is not None:
            word.variant = "between"

    def on_version(self, parts: list[Part]) -> None:
        word = self.begin(parts, "version")
        word.variant = "day"
        for other in self.words[parts[0][1] : parts[0][2]]:
            other.suffix = ""
        self.align(parts)

    def on_restate(self, parts: list[Part]) -> None:
        self.comma(parts, "RESTATED")

    on_ratio = on_restate

    def on_rise(self, parts: list[Part]) -> None:
        self.comma(parts, "UP", "DOWN")

    def on_prior(self, parts: list[Part]) -> None:
        self.comma(parts, "WAS")

    # splits

    def on_split(self, parts: list[Part]) -> None:
        for symbol, start, _ in parts:
            if symbol == "shares_list":
                self.words[start].line = "shares"

    def of_total(self, parts: list[Part]) -> None:
        """`funding of subsidy` in English, 财政补助：补助标准 in Chinese."""
        if (word := self.find(parts, "OF", "COLON")) is not None:
            word.type = "OF_OR_COLON"

    on_split_of = of_total

    def on_arm(self, parts: list[Part]) -> None:
        self.begin(parts, "arm")
        self.align(parts)

    def on_shares_parts(self, parts: list[Part]) -> None:
        self.comma(parts, "OF_WHICH")

    # bands and tables

    def on_tiers(self, parts: list[Part]) -> None:
        self.of_total(parts)
        self.role(self.find(parts, "NAME"), "kinds")
        self.comma(parts, "NAME")
        self.comma(parts, "_by")

    def on_table(self, parts: list[Part]) -> None:
        if self.find(parts, "hit") is not None:
            self.comma(parts, "_by")

    on_table_untyped = on_table

    def on_hit(self, parts: list[Part]) -> None:
        self.wide(parts)
        self.role(self.find(parts, "NAME"), "overlaps")

    def on_head(self, parts: list[Part]) -> None:
        self.begin(parts, "row")
        self.words[parts[-1][2] - 1].row_end = True

    on_row = on_head

    def on_head_check(self, parts: list[Part]) -> None:
        self.role(self.words[parts[1][1]], "checks")

    def on_bare_range(self, parts: list[Part]) -> None:
        for (symbol, start, _), (_, after, _) in zip(parts, [*parts[1:], parts[0]], strict=True):
            word, operand = self.words[start], self.words[after]
            if symbol == "FROM":
                word.variant = (
                    "day" if operand.type == "DATE" else "money range" if is_money(operand) else "range"
                )
            elif symbol == "BELOW" and operand.type == "DATE":
                word.variant = "compare"

    # rules

    def on_ground(self, parts: list[Part]) -> None:
        self.begin(parts, "ground")
        for symbol, start, _ in parts:
            if symbol == "WHEN_END":
                self.words[start].drop = True

    def on_several(self, parts: list[Part]) -> None:
        self.begin(parts, "several")
        self.comma(parts, "NAME")
        self.role(self.find(parts, "NAME"), "overlaps")

    def on_clause(self, parts: list[Part]) -> None:
        self.begin(parts, "clause")

    on_clause_limit = on_clause_word = on_clause_remainder = on_clause_because = on_clause

    def on_clause_round(self, parts: list[Part]) -> None:
        word = self.begin(parts, "clause")
        if len(parts) == 1:
            word.variant = "alone"

    def on_finished(self, parts: list[Part]) -> None:
        """Inside brackets clauses are no lines: `(cost × 60% rounded half up to 1元)`."""
        for symbol, start, end in parts:
            for word in self.words[start:end] if symbol in ("clause", "clauses") else ():
                word.line = ""
                word.variant = word.variant or "inside"
                word.comma = word.comma or word.type == "REMAINDER_TO"

    # properties and examples

    def on_property_equal(self, parts: list[Part]) -> None:
        self.words[parts[1][1]].variant = "equal"

    def on_property_about(self, parts: list[Part]) -> None:
        """`is about 70%` in English, 为 70%左右 in Chinese."""
        self.on_property_equal(parts)
        mark = next(self.words[start] for symbol, start, _ in parts if symbol in ("ABOUT", "ABOUT_END"))
        value = next(part for part in parts[2:] if part[0] not in ("ABOUT", "ABOUT_END"))
        script = self.script(mark)
        mark.drop = True
        if script == "en":
            self.words[value[1]].prefix = keyword("ABOUT", "en") + " "
        else:
            self.tail(self.words[value[2] - 1], "ABOUT_END", script)
        self.reorder(parts[1:])

    def on_property_step(self, parts: list[Part]) -> None:
        if (word := self.find(parts, "FROM")) is not None:
            word.variant = "day"

    def on_example(self, parts: list[Part]) -> None:
        """The results of three facts or more stand on a line of their own."""
        facts = 0
        for symbol, start, end in parts:
            if symbol == "bindings":
                facts += sum(word.type in ("EQ", "IS") for word in self.words[start:end])
            elif symbol in ("GIVES", "REFUSED"):
                self.words[start].soft = "result!" if facts > 2 else "result"

    on_example_refused = on_example_bare = on_example

    def on_example_table(self, parts: list[Part]) -> None:
        if (word := self.find(parts, "COLON")) is not None:
            word.drop = True

    def on_bindings(self, parts: list[Part]) -> None:
        self.wide(parts)

    def on_accept(self, parts: list[Part]) -> None:
        self.role(self.find(parts, "NAME"), "findings")
        self.reason(parts)

    # values and conditions

    def on_negative(self, parts: list[Part]) -> None:
        self.words[parts[0][1]].unary = True

    on_datum_negative = on_negative

    def on_compare(self, parts: list[Part]) -> None:
        word, operand = self.words[parts[1][1]], self.words[parts[2][1]]
        time = is_time(operand)
        if word.type != "BELOW" or not time:
            word.variant = "compare time" if time else "compare"

    def on_compare_after(self, parts: list[Part]) -> None:
        self.words[parts[2][1]].variant = "compare"

    def on_presence(self, parts: list[Part]) -> None:
        self.words[parts[0][1]].variant = "presence"

    def on_within_after(self, parts: list[Part]) -> None:
        """`x within 3个月 after d` in English, x 在 d 后 3个月内 in Chinese."""
        value, within, figure, after, start = parts
        script = self.script(self.words[within[1]])
        if script != "en":
            self.words[within[1]].type = "STANDS"
            self.tail(self.words[figure[1]], "INSIDE", script)
            parts = [value, within, start, after, figure]
        self.reorder(parts)

    def on_stands_after(self, parts: list[Part]) -> None:
        value, stands, start, after, figure, inside = parts
        script = self.script(self.words[stands[1]])
        self.words[inside[1]].drop = True
        if script == "en":
            self.words[stands[1]].type = "WITHIN"
            parts = [value, stands, figure, after, start, inside]
        else:
            self.tail(self.words[figure[1]], "INSIDE", script)
        self.reorder(parts)

    def on_within_period(self, parts: list[Part]) -> None:
        """`x within collection` in English, x 在 集中参保期 内 in Chinese."""
        word = self.words[parts[1][1]]
        script = self.script(word)
        word.type = "WITHIN" if script == "en" else "STANDS"
        inside = self.words[parts[-1][2] - 1]
        inside.drop = inside.type == "INSIDE"
        if script != "en":
            self.tail(self.words[parts[2][2] - 1], "INSIDE", script)
        self.reorder(parts)

    def reorder(self, parts: list[Part]) -> None:
        """Write the parts in this order; comments behind words that other scripts write in another order
        stand behind the last."""
        start, end = min(part[1] for part in parts), max(part[2] for part in parts)
        words = [word for part in parts for word in self.words[part[1] : part[2]]]
        comments = [comment for word in self.words[start:end] for comment in word.trailing]
        for word in words:
            word.trailing = []
        words[-1].trailing = comments
        self.words[start:end] = words
