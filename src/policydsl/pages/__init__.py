"""How does something become one HTML file? By our own templates, which escape every text, in one style."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def available() -> bool:
    """Whether the library that fills templates is installed (the extra `doc`)."""
    try:
        import jinja2  # noqa: F401
    except ImportError:
        return False
    return True


def environment(package: str) -> Environment:
    """What fills the templates of a package, and those that all pages share: `page.css`."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("policydsl.pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
