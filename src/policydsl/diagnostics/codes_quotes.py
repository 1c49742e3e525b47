"""The problems of what a policy takes from its notice: quotes, figures, labels, and the record of what was verified."""

from __future__ import annotations

from policydsl.diagnostics.model import Code

QUOTE_NOT_FOUND = Code(
    "PD801", "QUOTE_NOT_FOUND", "error", "a quote that is not in the notice", "原文中没有的摘引",
    "the notice does not have these words; {nearest}", "原文没有这样的词句；{nearest}",
    "quote a phrase as the notice has it; only spaces, widths and forms of brackets may differ",
    "照录原文词句，只有空格、全角半角和括号的形式可以不同",
)  # fmt: skip
QUOTE_OTHER_CLAUSE = Code(
    "PD802", "QUOTE_OTHER_CLAUSE", "error", "a quote from another clause", "摘引的条款编号不符",
    "clause {clause} does not have these words; they stand in {found}", "{clause}没有这样的词句，原文在{found}",
    "write the number of the clause they stand in", "写出词句所在条款的编号",
)  # fmt: skip
QUOTE_TWICE = Code(
    "PD803", "QUOTE_TWICE", "error", "a quote that stands there twice", "摘引在原文中出现不止一次",
    "these words stand {times} times in {clause}, so it is not clear which are meant",
    "这些词句在{clause}中出现{times}次，不能确定是哪一处",
    "quote more of the sentence", "多摘引几个字，使其只有一处",
)  # fmt: skip
QUOTE_OTHER_SCRIPT = Code(
    "PD804", "QUOTE_OTHER_SCRIPT", "note", "a quote in the other script", "摘引与原文繁简不同",
    "the notice has these words in {script} characters: “{words}”", "原文是{script}：“{words}”",
)  # fmt: skip
HANT_MISSING = Code(
    "PD805", "HANT_MISSING", "warning", "traditional and simplified characters cannot be compared", "不能对照繁简字",
    "the notice does not have {words} as written, and its characters are of the other script",
    "原文与政策文件繁简不同，照原样没有找到{words}",
    "to compare them, run `pip install \"policydsl[hant]\"`", "如需对照，运行 `pip install \"policydsl[hant]\"`",
)  # fmt: skip
FIGURE_NOT_QUOTED = Code(
    "PD806", "FIGURE_NOT_QUOTED", "error", "a figure that no quote holds", "摘引中没有的数额",
    "{figure} stands in no quote of this declaration; {nearest}", "{figure}不在本项的摘引中；{nearest}",
    "correct the figure, or quote the words that set it; one from elsewhere has its origin in quotation marks after it, "
    "or stands in a `because`",
    "更正数额，或摘引写有该数额的词句；不出自原文的，在其后用引号注明来源，或写入 `理由`",
)  # fmt: skip
TABLE_DIFFERS = Code(
    "PD807", "TABLE_DIFFERS", "error", "a row that differs from the printed table", "与原文表格不符的行",
    "the table in {clause} has no such row; {nearest}", "{clause}的表格中没有这样一行；{nearest}",
    "correct the row; its figures stand in the order of the printed table", "更正此行；各数按原文表格的次序书写",
)  # fmt: skip
LABEL_NOT_FOUND = Code(
    "PD808", "LABEL_NOT_FOUND", "error", "a label that is not in the notice", "原文中没有的名称",
    "the notice does not have the words “{label}”; {nearest}", "原文没有“{label}”；{nearest}",
    "use the notice's words, or mark the label as your own: `because \"…\"` after it, of a group after its members",
    "改用原文的词句；是本文件用语的，在其后注明 `理由 “……”`，组则注在所含各项之后",
)  # fmt: skip
WAIVE_NOT_FOUND = Code(
    "PD809", "WAIVE_NOT_FOUND", "error", "a waived figure that is not in the notice", "不编入的数额原文中没有",
    "the notice does not have “{figure}”, so there is nothing to leave out", "原文没有“{figure}”，无须写明不编入",
    "correct it, or delete it", "更正，或删去",
)  # fmt: skip
REASON_MISSING = Code(
    "PD810", "REASON_MISSING", "warning", "a choice without a reason", "没有说明理由的选择",
    "no quote sets this ({what}), and no reason is given", "摘引中没有规定此项（{what}），也没有写明理由",
    "quote the words that set it, or add `because \"…\"`", "摘引作此规定的词句，或加上 `理由 “……”`",
)  # fmt: skip
RISE_IMPLIES = Code(
    "PD811", "RISE_IMPLIES", "note", "what a rise says of the year before", "由增减推得的上年数额",
    "{now}, {rise} {direction} than the year before: the year before had {before}",
    "{now}，较上年{direction}{rise}：上年为{before}",
)  # fmt: skip
NOTICE_CHANGED = Code(
    "PD812", "NOTICE_CHANGED", "warning", "a notice that changed since it was verified", "原文在核对后有改动",
    "the text {text} is not the one that {lock} records", "原文 {text} 与 {lock} 所记录的不同",
    "if the new text is right, run `policydsl source --update {file}`",
    "新的原文无误的，运行 `policydsl source --update {file}`",
)  # fmt: skip
LOCK_STALE = Code(
    "PD813", "LOCK_STALE", "warning", "a record that is out of date", "核对记录未更新",
    "{lock} does not record what this policy now takes from {text}", "{lock} 没有记录本文件现在从 {text} 摘引的内容",
    "run `policydsl source --update {file}`", "运行 `policydsl source --update {file}`",
)  # fmt: skip
NOT_LOCKED = Code(
    "PD814", "NOT_LOCKED", "error", "words that were never verified", "未经核对的词句",
    "{lock} does not record {what} as verified, and the text {text} is not at hand",
    "{lock} 没有核对过{what}的记录，手头也没有原文 {text}",
    "name the folder of the texts with `--sources`; then run `policydsl source --update {file}`",
    "用 `--sources` 指出原文所在文件夹，再运行 `policydsl source --update {file}`",
)  # fmt: skip
LOCK_BROKEN = Code(
    "PD815", "LOCK_BROKEN", "error", "a record that was edited by hand", "核对记录被手工改动",
    "“{lock}” is not as policydsl wrote it: {reason}", "“{lock}”不是policydsl写出的原样：{reason}",
    "delete it, and write it anew from the texts with `policydsl source --update`",
    "删去该文件，用 `policydsl source --update` 依据原文重新生成",
)  # fmt: skip
NOTICE_MISSING = Code(
    "PD816", "NOTICE_MISSING", "error", "the notice's text is not at hand", "手头没有原文",
    "the text of “{file}” was not found: {where}", "没有找到“{file}”的原文：{where}",
    "name the folder of the texts with `--sources`, or in `pyproject.toml` as `sources` under `[tool.policydsl]`",
    "用 `--sources` 指出原文所在文件夹，或写入 `pyproject.toml` 的 `[tool.policydsl]` 中的 `sources`",
)  # fmt: skip
NOTICE_NOT_UTF8 = Code(
    "PD817", "NOTICE_NOT_UTF8", "error", "the notice's text is not UTF-8", "原文不是UTF-8编码",
    "the notice “{path}” is not UTF-8; {reads}", "原文“{path}”不是UTF-8编码；{reads}",
    "save it as plain text with the encoding UTF-8", "另存为纯文本，编码选“UTF-8”",
)  # fmt: skip
NOTICE_TOO_LARGE = Code(
    "PD818", "NOTICE_TOO_LARGE", "error", "the notice's text is too large", "原文过大",
    "the notice “{path}” is larger than {limit} KiB, the most that is read", "原文“{path}”超过{limit} KiB，这是读取的上限",
    "keep the text of one notice in the file", "一个文件只存一份通知的文字",
)  # fmt: skip
FIGURE_OF_ANOTHER = Code(
    "PD819", "FIGURE_OF_ANOTHER", "error", "a figure that the quote gives to another", "摘引中属于另一项的数额",
    "{figure} stands at “{own}”, but {clause} has it at “{other}”: “{phrase}”",
    "{figure}写在“{own}”，而{clause}中是“{other}”的：“{phrase}”",
    "exchange the two, or correct the names; a figure from elsewhere has its origin in quotation marks after it",
    "请核对后对调，或更正名称；不出自原文的数额，在其后用引号注明来源",
)  # fmt: skip

QUOTE_CODES: tuple[Code, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
