"""How does a policy read as a page for people?"""

from policydsl.document.build import build
from policydsl.document.html import available, to_html

__all__ = ["available", "build", "to_html"]
