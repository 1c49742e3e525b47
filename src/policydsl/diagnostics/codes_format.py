"""Which problems can the formatter have?"""

from __future__ import annotations

from policydsl.diagnostics.model import Code

FORMAT_CHANGES = Code(
    "PD910", "FORMAT_CHANGES", "error",
    "the formatter would change what the file says", "整理格式会改变文件的内容",
    "an error of policydsl itself: laid out anew, the file would say something else ({what}); it is left as it is",
    "这是policydsl自身的错误：重新排版后，文件的内容会有不同（{what}），因此未作改动",
    "please report it with the policy file", "请报告此问题，附上政策文件",
)  # fmt: skip

FORMAT_CODES = (FORMAT_CHANGES,)
