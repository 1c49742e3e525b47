"""How do two policies differ in what they declare, and in how their evaluators are called?"""

from policydsl.difference.declared import declared
from policydsl.difference.interface import interface

__all__ = ["declared", "interface"]
