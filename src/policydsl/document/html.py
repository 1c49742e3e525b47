"""How does a page become one HTML file? By our own templates, which escape every text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policydsl.document.sheet import Page
from policydsl.pages import environment

if TYPE_CHECKING:
    from jinja2 import Environment


def to_html(page: Page) -> str:
    """The page as one file: styles and pictures inside, no script, nothing asked of the network."""
    return _environment().get_template("page.html").render(page=page)


def _environment() -> Environment:
    made = environment("policydsl.document")
    made.filters["form"] = lambda block: type(block).__name__
    made.filters["flow"] = flow
    return made


def flow(lines: tuple[str, ...]) -> str:
    """Lines of a comment as one text: apart where letters meet, together between Chinese characters."""
    text = ""
    for line in lines:
        gap = " " if text and (text[-1].isascii() or line[:1].isascii()) else ""
        text += gap + line
    return text
