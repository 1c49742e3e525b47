"""What can be wrong with a workbook or a pasted table, and with one that comes back edited?"""

from __future__ import annotations

from policydsl.diagnostics.model import Code

WORKBOOK_DAMAGED = Code(
    "PD850", "WORKBOOK_DAMAGED", "error",
    "the workbook is damaged", "工作簿已损坏",
    "“{path}” is no whole workbook: {reason}", "“{path}”不是完整的工作簿：{reason}",
    "open it in Excel or WPS and save it again as .xlsx", "用Excel或WPS打开后另存为 .xlsx",
)  # fmt: skip
WORKBOOK_OLD_FORMAT = Code(
    "PD851", "WORKBOOK_OLD_FORMAT", "error",
    "a workbook in the old format", "旧格式的工作簿",
    "“{path}” is a workbook in the old format (.xls, .et), which is not read",
    "“{path}”是旧格式（.xls、.et）的工作簿，不能读取",
    "open it in Excel or WPS and save it as “Excel workbook (*.xlsx)”",
    "用Excel或WPS打开，另存为“Excel 工作簿（*.xlsx）”",
)  # fmt: skip
WORKBOOK_PASSWORD = Code(
    "PD852", "WORKBOOK_PASSWORD", "error",
    "the workbook is locked with a password", "工作簿设有打开密码",
    "“{path}” is locked with a password", "“{path}”设有打开密码，无法读取",
    "open it with its password and save a copy without one", "输入密码打开后，取消打开密码，另存一份",
)  # fmt: skip
NOT_A_WORKBOOK = Code(
    "PD853", "NOT_A_WORKBOOK", "error",
    "the file is not a workbook", "文件不是工作簿",
    "“{path}” is {what}, not a workbook (.xlsx)", "“{path}”是{what}，不是工作簿（.xlsx）",
    "open it in Excel or WPS and save it as .xlsx; or copy its cells and paste them to `policydsl table import -`",
    "用Excel或WPS打开，另存为 .xlsx；或者复制表格，粘贴给 `policydsl table import -`",
)  # fmt: skip
SHEET_TOO_LARGE = Code(
    "PD854", "SHEET_TOO_LARGE", "error",
    "more than the table of a notice can hold", "超出通知所附表格应有的大小",
    "“{path}” holds more than {limit}, the most that is read", "“{path}”超过{limit}，这是读取的上限",
    "copy the one table into a workbook of its own", "把要读取的表格单独复制到一个新的工作簿",
)  # fmt: skip
SHEET_UNKNOWN = Code(
    "PD855", "SHEET_UNKNOWN", "error",
    "which sheet is meant", "未指明工作表",
    "“{path}” {what}; its sheets are: {sheets}", "“{path}”{what}，其中的工作表有：{sheets}",
    "name one with --sheet", "用 --sheet 写明工作表的名称",
)  # fmt: skip
CELLS_UNKNOWN = Code(
    "PD856", "CELLS_UNKNOWN", "error",
    "the cells meant are not there", "所指的单元格不存在",
    "the sheet “{sheet}” has no cells {cells}; it is filled from {filled}", "工作表“{sheet}”中没有{cells}，有内容的是{filled}",
    "write --range as in `--range A1:F9`, inside what is filled", "按 `--range A1:F9` 的样子写，范围不超出有内容的部分",
)  # fmt: skip
EXCEL_MISSING = Code(
    "PD857", "EXCEL_MISSING", "error",
    "reading and writing workbooks needs an extra", "读写工作簿的组件没有安装",
    "workbooks need the extra `excel`, which is not installed", "读写工作簿需要 `excel` 组件，尚未安装",
    "run `pip install 'policydsl[excel]'`; pasting cells to `policydsl table import -` needs nothing",
    "运行 `pip install 'policydsl[excel]'`；把表格粘贴给 `policydsl table import -` 则不需要",
)  # fmt: skip
WORKBOOK_ENTITY = Code(
    "PD858", "WORKBOOK_ENTITY", "error",
    "the workbook declares entities", "工作簿内含实体声明",
    "the part {part} of “{path}” declares a document type, as no office program does; nothing of it is read",
    "“{path}”的组成部分{part}含有文档类型声明，办公软件不会这样保存；未读取其内容",
    "do not trust the file; ask its sender for another", "不要使用这个文件，请提供者另行提供",
)  # fmt: skip
TEXT_NOT_UTF8 = Code(
    "PD859", "TEXT_NOT_UTF8", "error",
    "pasted text in another encoding", "粘贴的文字不是UTF-8编码",
    "the pasted text is not UTF-8{also}", "粘贴的文字不是UTF-8编码{also}",
    "save it as UTF-8 first; in PowerShell set `$OutputEncoding = [Text.Encoding]::UTF8`",
    "先另存为UTF-8；在PowerShell中先设置 `$OutputEncoding = [Text.Encoding]::UTF8`",
)  # fmt: skip

NO_TABLE = Code(
    "PD860", "NO_TABLE", "error",
    "no table was found", "没有找到表格",
    "there is no table here: {what}", "这里没有表格：{what}",
    "name the cells with --range, heads and figures both", "用 --range 写明单元格范围，表头和数字都要包括在内",
)  # fmt: skip
HEADS_UNCLEAR = Code(
    "PD861", "HEADS_UNCLEAR", "error",
    "the heads do not fit the columns", "表头与各栏不对应",
    "{heads} heads stand over {columns} columns, and which belongs over which cannot be told",
    "{heads}个表头之下有{columns}栏，无法判断各个表头对应哪几栏",
    "paste the cells from the sheet itself, or give every column its whole head",
    "从工作表中复制粘贴，或者为每一栏写全表头",
)  # fmt: skip
CELL_EMPTY = Code(
    "PD862", "CELL_EMPTY", "error",
    "an empty cell", "单元格是空的",
    "{cell} is empty; the table needs {what} there", "{cell}是空的，此处应有{what}",
    "fill it in; what holds for every member is written `any`, what the notice leaves open as `undefined because \"…\"`",
    "请填写；不分项目的写 `不限`，原文不作规定的在政策文件中写 `不作规定 理由 “……”`",
)  # fmt: skip
CELL_FORMULA = Code(
    "PD863", "CELL_FORMULA", "error",
    "a formula in the place of a figure", "单元格是公式",
    "{cell} is computed by the formula {formula}; a policy takes figures as they are printed",
    "{cell}由公式{formula}算出，政策文件只采用印好的数字",
    "copy the cells and paste them as values, and compare them with the notice", "复制后选择性粘贴为“数值”，并与原文核对",
)  # fmt: skip
CELL_WRONG_TYPE = Code(
    "PD864", "CELL_WRONG_TYPE", "error",
    "a cell of the wrong type", "单元格的类型不对",
    "{cell} holds {what}; the table needs {wanted} there", "{cell}是{what}，此处应为{wanted}",
    "write it as text; Excel turns a range such as 1-5 into a day unless the cell is formatted as text first",
    "请改写为文字；单元格未设为文本格式时，Excel会把1-5这样的范围变成日期",
)  # fmt: skip
FIGURE_INEXACT = Code(
    "PD865", "FIGURE_INEXACT", "error",
    "a number that the sheet does not hold exactly", "数字不精确",
    "{cell} holds {figure}, more digits than a sheet can hold exactly: it was computed or is cut off",
    "{cell}的数字为{figure}，超过表格能够准确保存的15位，可能是计算得出的，或者已经截断",
    "write the figure of the notice, or format the cell as text and write it again", "改为原文的数字，或者把单元格设为文本格式后重新填写",
)  # fmt: skip
FIGURE_SHOWN_OTHERWISE = Code(
    "PD866", "FIGURE_SHOWN_OTHERWISE", "error",
    "a number that looks otherwise than it is", "显示的数字与实际的数字不同",
    "{cell} holds {figure} and its format {format} shows it otherwise", "{cell}的数字为{figure}，按格式{format}显示时与此不同",
    "write the figure that the notice prints, and let the cell show all of it", "改为原文的数字，并让单元格完整显示",
)  # fmt: skip
FIGURE_UNREADABLE = Code(
    "PD867", "FIGURE_UNREADABLE", "error",
    "a cell that is no figure", "单元格不是数字",
    "{cell} is “{text}”, which is no figure{of}", "{cell}是“{text}”，不是数字{of}",
    "write the figure alone, with or without its unit: 60, 60%, 1.5万元", "只写数字，可以带单位，如60、60%、1.5万元",
)  # fmt: skip
BAND_UNREADABLE = Code(
    "PD868", "BAND_UNREADABLE", "error",
    "a cell that is no range", "单元格不是范围",
    "{cell} is “{text}”, which is read as no range", "{cell}是“{text}”，无法识别为范围",
    "write it as one of: 100001-200000, 10万元以下, 超过1万元至10万元, 500001以上",
    "写成这样的形式：100001-200000、10万元以下、超过1万元至10万元、500001以上",
)  # fmt: skip
WORD_UNKNOWN = Code(
    "PD869", "WORD_UNKNOWN", "error",
    "words that the policy does not know", "政策文件中没有的词语",
    "{cell} is “{text}”; the policy has no such {what}{near}", "{cell}是“{text}”，政策文件中没有这样的{what}{near}",
    "write it as the policy does ({known}), or declare it there first", "按政策文件的写法填写（{known}），或者先在政策文件中声明",
)  # fmt: skip
WORD_AMBIGUOUS = Code(
    "PD870", "WORD_AMBIGUOUS", "error",
    "words that can mean two things", "词语可以有两种含义",
    "{cell} is “{text}”, which can be {readings}", "{cell}是“{text}”，可以指{readings}",
    "write the name that the policy uses", "写成政策文件中的名称",
)  # fmt: skip
MERGED_OVER = Code(
    "PD871", "MERGED_OVER", "error",
    "cells that are merged across the table", "合并单元格跨越了表格的不同部分",
    "the cells {cells} are merged over {what}", "{cells}合并在一起，跨越了{what}",
    "take the merge apart and write each cell", "取消合并，逐格填写",
)  # fmt: skip
CELLS_HIDDEN = Code(
    "PD872", "CELLS_HIDDEN", "error",
    "hidden rows or columns", "有隐藏的行或列",
    "hidden in the sheet “{sheet}”: {which}", "工作表“{sheet}”中隐藏了{which}",
    "show them, or delete them, or name cells without them with --range", "取消隐藏或者删去，或者用 --range 指定不含它们的范围",
)  # fmt: skip

BOOK_NEEDS_POLICY = Code(
    "PD873", "BOOK_NEEDS_POLICY", "error",
    "an exported workbook without its policy", "导出的工作簿须与政策文件一起导入",
    "“{path}” was exported from the policy {policy}; its changes can only be put back there",
    "“{path}”是从政策{policy}导出的，修改只能写回该政策文件",
    "name the file with --policy", "用 --policy 写明政策文件",
)  # fmt: skip
BOOK_OF_OTHER_POLICY = Code(
    "PD874", "BOOK_OF_OTHER_POLICY", "error",
    "a workbook of another policy", "工作簿是从别的政策导出的",
    "“{path}” was exported from the policy {policy}, and {file} is the policy {other}",
    "“{path}”是从政策{policy}导出的，而{file}是政策{other}",
    "name the file it was exported from", "用 --policy 写明它原来的政策文件",
)  # fmt: skip
BOOK_OUTDATED = Code(
    "PD875", "BOOK_OUTDATED", "error",
    "the table has changed since it was exported", "导出以后表格已有改动",
    "{table} in {file} is no longer as it was when the sheet “{sheet}” was exported",
    "{file}中的{table}在导出工作表“{sheet}”以后已有改动",
    "export it again and make the changes there", "重新导出，在新的工作簿中修改",
)  # fmt: skip
BOOK_CHANGED = Code(
    "PD876", "BOOK_CHANGED", "error",
    "an exported sheet has lost what it is read by", "导出的工作表结构已被改动",
    "in the sheet “{sheet}” {what}", "工作表“{sheet}”中{what}",
    "only rows and their cells can be changed in a sheet; export it again, and change columns in the policy itself",
    "在工作表中只能改动各行的内容；请重新导出，栏目在政策文件中修改",
)  # fmt: skip
TABLE_UNKNOWN = Code(
    "PD877", "TABLE_UNKNOWN", "error",
    "the policy has no such table", "政策文件中没有这个表",
    "{file} has no table and no tiers called “{name}”{near}", "{file}中没有名为“{name}”的表或分段{near}",
    "it has: {known}", "其中有：{known}",
)  # fmt: skip

TABLE_READ_AS = Code(
    "PD878", "TABLE_READ_AS", "note",
    "how words of the table were read", "表中词语的读法",
    "{what}", "{what}",
    "compare it with the notice", "请与原文核对",
)  # fmt: skip
TABLE_NOT_SAID = Code(
    "PD879", "TABLE_NOT_SAID", "note",
    "what the table does not say", "表中没有写明的事项",
    "{what}", "{what}",
    "{help}", "{help}",
)  # fmt: skip

SHEET_CODES = (
    WORKBOOK_DAMAGED, WORKBOOK_OLD_FORMAT, WORKBOOK_PASSWORD, NOT_A_WORKBOOK, SHEET_TOO_LARGE, SHEET_UNKNOWN,
    CELLS_UNKNOWN, EXCEL_MISSING, WORKBOOK_ENTITY, TEXT_NOT_UTF8, NO_TABLE, HEADS_UNCLEAR, CELL_EMPTY, CELL_FORMULA,
    CELL_WRONG_TYPE, FIGURE_INEXACT, FIGURE_SHOWN_OTHERWISE, FIGURE_UNREADABLE, BAND_UNREADABLE, WORD_UNKNOWN,
    WORD_AMBIGUOUS, MERGED_OVER, CELLS_HIDDEN, BOOK_NEEDS_POLICY, BOOK_OF_OTHER_POLICY, BOOK_OUTDATED,
    BOOK_CHANGED, TABLE_UNKNOWN, TABLE_READ_AS, TABLE_NOT_SAID,
)  # fmt: skip

#: Problems of the call rather than of a table: the exit status is 2.
SHEET_CALL_CODES = (SHEET_UNKNOWN, CELLS_UNKNOWN, EXCEL_MISSING, BOOK_NEEDS_POLICY, TABLE_UNKNOWN)
