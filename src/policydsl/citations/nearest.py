"""Which passage of a notice is most like some words that are not in it, and which characters differ?"""

from __future__ import annotations

from collections import Counter

from policydsl.citations.fold import Folded
from policydsl.nodes import Node, node

_GRAM = 2
#: how often a pair of characters may stand in the notice and still be a trace: 医疗 is none
_COMMON = 40
#: longer words are compared by their beginning and end only
_LONGEST = 300


@node
class Likeness(Node):
    """Folded characters `start` to `end` of the notice; `here` and `there` are the stretches that differ, in
    the wanted words and in the notice, pair by pair."""

    start: int
    end: int
    here: tuple[tuple[int, int], ...]
    there: tuple[tuple[int, int], ...]


class Nearest:
    """Looks for passages of one folded text; what it needs to know of the text is gathered once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._grams: dict[str, list[int]] | None = None

    def passage(self, wanted: str) -> Likeness | None:
        """The passage most like the folded words `wanted`; None when nothing is like them."""
        start = self._start(wanted)
        if start is None:
            return None
        slack = min(20, max(4, len(wanted) // 4))
        low, high = max(0, start - slack), min(len(self.text), start + len(wanted) + slack)
        compare = _ends if len(wanted) > _LONGEST else _blocks
        blocks = compare(wanted, self.text[low:high])
        if not blocks or 2 * sum(n for _, _, n in blocks) < len(wanted):
            return None
        first, last = blocks[0], blocks[-1]
        begin = max(low, low + first[1] - first[0])
        end = min(high, low + last[1] + last[2] + len(wanted) - last[0] - last[2])
        here: list[tuple[int, int]] = []
        there: list[tuple[int, int]] = []
        a, b = 0, begin
        for i, j, n in [*blocks, (len(wanted), end - low, 0)]:
            if (a, b) != (i, low + j):
                here.append((a, i))
                there.append((b, low + j))
            a, b = i + n, low + j + n
        return Likeness(begin, end, tuple(here), tuple(there))

    def _start(self, wanted: str) -> int | None:
        """Where most pairs of characters of `wanted` stand in the notice at the same distance from each other."""
        if self._grams is None:
            self._grams = {}
            for at in range(len(self.text) - _GRAM + 1):
                self._grams.setdefault(self.text[at : at + _GRAM], []).append(at)
        votes: Counter[int] = Counter()
        for i in range(len(wanted) - _GRAM + 1):
            places = self._grams.get(wanted[i : i + _GRAM], ())
            if len(places) <= _COMMON:
                votes.update(at - i for at in places)
        if not votes:
            return None
        # a character more or less moves what follows by one: neighbouring distances belong together
        best = max(votes, key=lambda d: (sum(votes[d + k] for k in (-2, -1, 0, 1, 2)), votes[d], -d))
        return max(best, 0)


def _blocks(a: str, b: str) -> list[tuple[int, int, int]]:
    """The stretches that two texts share, from left to right: place in each, and length."""
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return [(m.a, m.b, m.size) for m in matcher.get_matching_blocks() if m.size]


def _ends(a: str, b: str) -> list[tuple[int, int, int]]:
    """What a long text shares with a passage at its beginning and at its end: quickly, but not all of it."""
    slack = range(max(len(b) - len(a), 0) + 1)
    head, begin = max((_shared(a, b[at:]), -at) for at in slack)
    tail, end = max((_shared(a[head:][::-1], b[head - begin : len(b) - at][::-1]), -at) for at in slack)
    blocks = [(0, -begin, head), (len(a) - tail, len(b) + end - tail, tail)]
    return [block for block in blocks if block[2]]


def _shared(a: str, b: str) -> int:
    """How many characters two texts share from their beginning on."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def marked(text: Folded, likeness: Likeness) -> str:
    """The passage as the notice has it, on one line, with 【 】 around what differs."""
    out, at = "", likeness.start
    for start, end in likeness.there:
        out += _between(text, at, start) + "【" + _between(text, start, end) + "】"
        at = end
    return out + _between(text, at, likeness.end)


def _between(text: Folded, start: int, end: int) -> str:
    low, high = text.original_span(start, end)
    return "".join(text.original[low:high].split())
