"""Which spelling means what, in which position? Look-ups over the table of words."""

from __future__ import annotations

from policydsl.diagnostics.model import Language, Words
from policydsl.syntax.tables import WORDS


def _spellings(section: str) -> dict[str, str]:
    return {
        spelling: key
        for key, languages in WORDS[section].items()
        for spellings in languages.values()
        for spelling in spellings
    }


#: spelling → terminal
DECLARATIONS = _spellings("declarations")
GROUNDS = _spellings("grounds")
CONNECTIVES = _spellings("connectives")

#: spellings of more than one word, by their first word, longest first
PHRASES: dict[str, list[tuple[tuple[str, ...], str]]] = {}
for _table in (DECLARATIONS, GROUNDS, CONNECTIVES):
    for _spelling, _terminal in _table.items():
        if " " in _spelling:
            _words = tuple(_spelling.split())
            PHRASES.setdefault(_words[0], []).append((_words, _terminal))
for _phrases in PHRASES.values():
    _phrases.sort(key=lambda phrase: -len(phrase[0]))

_positions: dict[str, dict[str, str]] = {}


def meaning(section: str, word: str) -> str | None:
    """The meaning of `word` in a position that has its own words: a section of keywords.toml."""
    if section not in _positions:
        _positions[section] = _spellings(section)
    return _positions[section].get(word)


def entry(section: str, key: str) -> dict[str, list[str]]:
    """The spellings of one entry of keywords.toml by script: en, zh and hant."""
    return WORDS[section][key]


def choices(section: str) -> Words:
    """The words that may stand in such a position, for a message."""
    return Words(
        ", ".join(languages["en"][0] for languages in WORDS[section].values()),
        "、".join(languages["zh"][0] for languages in WORDS[section].values()),
    )


def spellings(terminal: str, language: Language) -> tuple[str, ...]:
    """How a connective is spelt in `language`; Chinese means both scripts."""
    languages = WORDS["connectives"][terminal]
    return (*languages.get(language, ()), *(languages.get("hant", ()) if language == "zh" else ()))


def spelling(terminal: str, language: Language) -> str | None:
    """How a keyword terminal is first spelt in `language`; None for a terminal that is no keyword."""
    for section in ("declarations", "grounds", "connectives"):
        languages = WORDS[section].get(terminal)
        if languages is not None:
            other: Language = "zh" if language == "en" else "en"
            return (languages.get(language) or languages[other])[0]
    return None
