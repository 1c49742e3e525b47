"""How does a page become one HTML file? By our own templates, which escape every text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policydsl.document.sheet import Page

if TYPE_CHECKING:
    from jinja2 import Environment


def available() -> bool:
    """Whether the library that fills templates is installed (the extra `[doc]`)."""
    try:
        import jinja2  # noqa: F401
    except ImportError:
        return False
    return True


def to_html(page: Page) -> str:
    """The page as one file: styles and pictures inside, no script, nothing asked of the network."""
    return _environment().get_template("page.html").render(page=page)


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("policydsl.document"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["form"] = lambda block: type(block).__name__
    environment.filters["flow"] = flow
    return environment


def flow(lines: tuple[str, ...]) -> str:
    """Lines of a comment as one text: apart where letters meet, together between Chinese characters."""
    text = ""
    for line in lines:
        gap = " " if text and (text[-1].isascii() or line[:1].isascii()) else ""
        text += gap + line
    return text
