"""What can stand in the way of a page for people?"""

from __future__ import annotations

from policydsl.diagnostics.model import Code

PAGE_NEEDS_EXTRA = Code(
    "PD880", "PAGE_NEEDS_EXTRA", "error",
    "making pages needs an extra", "生成网页的组件没有安装",
    "pages need the extra `doc` (the package jinja2), which is not installed",
    "生成网页需要 `doc` 组件（jinja2），尚未安装",
    'run `pip install "policydsl[doc]"`', '运行 `pip install "policydsl[doc]"`',
)  # fmt: skip
PAGE_OVER_POLICY = Code(
    "PD881", "PAGE_OVER_POLICY", "error",
    "the page would replace a policy file", "网页会覆盖政策文件",
    "the page would be written over the policy file “{path}”", "网页将写入政策文件“{path}”，其内容会被覆盖",
    "give another name after `-o`, such as {other}", "在 `-o` 后换一个文件名，例如 {other}",
)  # fmt: skip
PAGE_UNWRITABLE = Code(
    "PD882", "PAGE_UNWRITABLE", "error",
    "the page cannot be written", "网页无法写入",
    "“{path}” cannot be written: {reason}", "“{path}”无法写入：{reason}",
    "check that its folder exists and that you may write there", "核对文件夹是否存在、是否有权写入",
)  # fmt: skip

DOCUMENT_CODES = (PAGE_NEEDS_EXTRA, PAGE_OVER_POLICY, PAGE_UNWRITABLE)
