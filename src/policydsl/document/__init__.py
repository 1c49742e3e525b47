"""How does a policy read as a page for people?"""

from policydsl.document.build import build
from policydsl.document.html import to_html

__all__ = ["build", "to_html"]
