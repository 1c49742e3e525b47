"""The problems of text, syntax, names, kinds and days: all that reading and resolving can find."""

from __future__ import annotations

from policydsl.diagnostics.model import Code

# Text: PD001 … PD029

BIDI_CONTROL = Code(
    "PD001", "BIDI_CONTROL", "error", "a character that turns the direction of writing", "改变书写方向的字符",
    "a character turns the direction of writing here ({character}), so the text is not read in the order it is shown",
    "此处有改变书写方向的字符（{character}），显示的顺序与实际顺序不同",
    "delete the character; comments and quotes may not hold it either",
    "删去该字符；注释和引文中也不得出现",
)  # fmt: skip
ZERO_WIDTH = Code(
    "PD002", "ZERO_WIDTH", "error", "an invisible character", "不可见字符",
    "an invisible character stands here ({character})", "此处有不可见字符（{character}）",
    "delete it, or type the line again", "删去该字符，或重新录入这一行",
)  # fmt: skip
LOOK_ALIKE = Code(
    "PD003", "LOOK_ALIKE", "error", "a letter that looks like another", "形似字符",
    "the character {character} looks like a letter it is not", "字符{character}与常用字形似而不同",
    "type it again with the ordinary keyboard", "用普通输入法重新录入",
)  # fmt: skip
CONTROL_CHARACTER = Code(
    "PD004", "CONTROL_CHARACTER", "error", "a control character", "控制字符",
    "a control character stands here ({character})", "此处有控制字符（{character}）",
    "delete it; copy the text again as plain text", "删去该字符；以纯文本方式重新复制",
)  # fmt: skip
UNEXPECTED_CHARACTER = Code(
    "PD005", "UNEXPECTED_CHARACTER", "error", "a character the language has no use for", "不能使用的字符",
    "the character “{character}” means nothing here", "此处不能使用字符“{character}”",
    "delete it, or put the text in quotes", "删去该字符，或将这段文字放入引号",
)  # fmt: skip
FULLWIDTH_DIGIT = Code(
    "PD006", "FULLWIDTH_DIGIT", "error", "a full-width digit", "全角数字",
    "the figure is written in full-width digits", "此处的数字是全角数字",
    "write `{figure}`", "写作 `{figure}`",
)  # fmt: skip
UNTERMINATED_STRING = Code(
    "PD007", "UNTERMINATED_STRING", "error", "a quotation mark that is not closed", "引号未闭合",
    "the quotation mark is not closed on its line", "引号在本行内没有闭合",
    "close it; a text in quotes stands on one line", "补上后引号；引号中的文字须在同一行",
)  # fmt: skip
NESTING_TOO_DEEP = Code(
    "PD008", "NESTING_TOO_DEEP", "error", "brackets nested too deep", "括号层数过多",
    "brackets are nested more than {limit} deep", "括号嵌套超过{limit}层",
    "name the inner values with rules of their own", "将内层算式另立规则并命名",
)  # fmt: skip
LINE_TOO_LONG = Code(
    "PD009", "LINE_TOO_LONG", "error", "a line that is too long", "行过长",
    "the line has more than {limit} characters", "这一行超过{limit}个字符",
    "break it; line ends mean nothing in a policy file", "分成几行；换行不影响含义",
)  # fmt: skip
UNEXPECTED = Code(
    "PD010", "UNEXPECTED", "error", "a word that cannot stand here", "位置不对的词语",
    "{word} cannot stand here", "此处不应为{word}",
    "what can stand here: {expected}", "此处可以是：{expected}",
)  # fmt: skip
GLUED_KEYWORD = Code(
    "PD011", "GLUED_KEYWORD", "error", "a keyword written together with a name", "关键词与名称连写",
    "nothing is named “{word}”; “{keyword}” is a keyword and takes a space",
    "没有名为“{word}”的项目；“{keyword}”是关键词，与名称之间应空一格",
    "write `{spaced}`, or put the whole in quotes if it is one name",
    "写作 `{spaced}`；如整体是一个名称，请加引号",
)  # fmt: skip
ENDS_TOO_EARLY = Code(
    "PD012", "ENDS_TOO_EARLY", "error", "a declaration that ends too early", "声明不完整",
    "the declaration ends here and is not complete", "声明到此为止，内容不完整",
    "what can follow: {expected}", "其后可以是：{expected}",
)  # fmt: skip
RESERVED_WORD = Code(
    "PD013", "RESERVED_WORD", "error", "a keyword where a name should stand", "以关键词作名称",
    "“{word}” is a keyword and cannot be a name as it is", "“{word}”是关键词，不能直接作名称",
    "put it in quotes, or choose another name", "加上引号，或另取名称",
)  # fmt: skip
TIGHT_HYPHEN = Code(
    "PD014", "TIGHT_HYPHEN", "error", "a hyphen without spaces", "减号两侧没有空格",
    "a hyphen without spaces makes a range of figures, and no range can stand here",
    "两侧没有空格的“-”表示数字范围，此处不能使用范围",
    "for a subtraction put a space on both sides: `a - b`", "表示减法时，两侧各空一格：`甲 - 乙`",
)  # fmt: skip
NUMBER_TOO_LONG = Code(
    "PD015", "NUMBER_TOO_LONG", "error", "a figure with too many digits", "数字位数过多",
    "the figure has more than {digits} digits or {decimals} decimals", "数字超过{digits}位整数或{decimals}位小数",
    "compare the notice", "请核对原文",
)  # fmt: skip
THOUSANDS = Code(
    "PD016", "THOUSANDS", "error", "a comma inside a figure", "数字中有逗号",
    "a comma inside a figure could part two figures", "数字中的逗号也可能是两个数字之间的顿号",
    "write `{figure}`, or put a space after the comma for a list", "写作 `{figure}`；如为并列的两个数字，逗号后空一格",
)  # fmt: skip
FIGURE_RUNS_ON = Code(
    "PD017", "FIGURE_RUNS_ON", "error", "a figure that runs on into a word", "数字与文字连写",
    "the figure {figure} runs on into “{run}”", "数字{figure}与“{run}”连在一起",
    "put a space between them, or put the whole in quotes if it is one name",
    "在两者之间空一格；如整体是一个名称，请加引号",
)  # fmt: skip
YEAR_OR_YEARS = Code(
    "PD018", "YEAR_OR_YEARS", "error", "a calendar year or a number of years", "年份与年数不分",
    "“{figure}” could be a calendar year or a number of years", "“{figure}”可能是年份，也可能是年数",
    "write a whole day such as `2021年1月1日`, or put a name in quotes", "写明日期，如 `2021年1月1日`；如为名称，请加引号",
)  # fmt: skip
BLANK_CELL = Code(
    "PD019", "BLANK_CELL", "error", "an empty cell", "空白单元格",
    "the cell is empty: it could mean the same as above, any, or nothing", "单元格空白：可能表示同上、不限或没有",
    "write the value, or `any`", "填写内容；不限的，写 `不限`",
)  # fmt: skip
NO_DECLARATION = Code(
    "PD020", "NO_DECLARATION", "error", "text before the first declaration", "声明之前有内容",
    "“{word}” belongs to no declaration: a file begins with `policy` and a name",
    "“{word}”不属于任何声明：文件应以 `政策` 和名称开头",
    "begin with `policy NAME \"TITLE\"`; a comment begins with #", "以 `政策 名称 “标题”` 开头；注释以 # 开头",
)  # fmt: skip
SOURCE_TOO_LARGE = Code(
    "PD021", "SOURCE_TOO_LARGE", "error", "a file that is too large", "文件过大",
    "the file is larger than {limit} KiB", "文件超过{limit} KiB",
    "divide it into several policies", "分成几个政策文件",
)  # fmt: skip
TOO_MANY_DECLARATIONS = Code(
    "PD022", "TOO_MANY_DECLARATIONS", "error", "too many declarations", "声明过多",
    "the file has more than {limit} declarations", "文件中的声明超过{limit}项",
    "divide it into several policies", "分成几个政策文件",
)  # fmt: skip
NAME_TOO_LONG = Code(
    "PD023", "NAME_TOO_LONG", "error", "a name that is too long", "名称过长",
    "the name has more than {limit} characters", "名称超过{limit}个字",
    "shorten it and put the full wording into the label", "缩短名称，全称写入标签",
)  # fmt: skip
STRING_TOO_LONG = Code(
    "PD024", "STRING_TOO_LONG", "error", "a text that is too long", "文字过长",
    "the text has more than {limit} characters", "文字超过{limit}个字",
    "quote a phrase, not a paragraph", "摘引短语即可，不必摘引整段",
)  # fmt: skip
EXPRESSION_TOO_LONG = Code(
    "PD025", "EXPRESSION_TOO_LONG", "error", "an expression that is too long", "算式过长",
    "one expression has more than {limit} operators", "一个算式中的运算符超过{limit}个",
    "name parts of it with rules of their own", "将其中的部分另立规则并命名",
)  # fmt: skip
TOO_MANY_BANDS = Code(
    "PD026", "TOO_MANY_BANDS", "error", "too many bands", "分段过多",
    "the schedule has more than {limit} bands", "分段超过{limit}段",
    "divide it into several schedules", "分成几张分段表",
)  # fmt: skip

# Shape: PD030 … PD049

UNKNOWN_WORD = Code(
    "PD030", "UNKNOWN_WORD", "error", "a word that this place does not know", "此处不认识的词语",
    "“{word}” is not known here", "此处不认识“{word}”",
    "write one of: {choices}", "可写：{choices}",
)  # fmt: skip
ALIAS_NOT_ASCII = Code(
    "PD031", "ALIAS_NOT_ASCII", "error", "an alias that is not ASCII", "别名不是英文字母",
    "the alias “{alias}” is not in ASCII letters", "别名“{alias}”不是英文字母",
    "an alias is for programmers: letters, digits and _", "别名供程序使用，只用英文字母、数字和下划线",
)  # fmt: skip
RATIO_LENGTH = Code(
    "PD032", "RATIO_LENGTH", "error", "a ratio that does not fit its payers", "比例与承担方数目不符",
    "{payers} payers stand before a ratio of {weights} parts ({ratio})", "承担方有{payers}个，比例{ratio}有{weights}项",
    "give each payer one part of the ratio", "每个承担方对应比例中的一项",
)  # fmt: skip
NO_POLICY = Code(
    "PD033", "NO_POLICY", "error", "a file without its policy", "缺少政策声明",
    "the file does not say which policy it is", "文件没有写明是哪项政策",
    "begin with `policy NAME \"TITLE\"`", "以 `政策 名称 “标题”` 开头",
)  # fmt: skip
SECOND_POLICY = Code(
    "PD034", "SECOND_POLICY", "error", "two policies in one file", "一个文件有两项政策",
    "a file holds one policy, and this is the second", "一个文件只写一项政策，这是第二项",
    "move it to a file of its own", "移到单独的文件",
)  # fmt: skip
WRONG_FIELD = Code(
    "PD035", "WRONG_FIELD", "error", "a header field that is written wrongly", "表头项目写法不对",
    "“{field}” takes {wanted}", "“{field}”应写{wanted}",
    "correct the line", "改正这一行",
)  # fmt: skip
ROUNDING_UNNAMED = Code(
    "PD036", "ROUNDING_UNNAMED", "error", "取整 without a mode", "取整未写明方式",
    "取整 names no way of rounding: half up, up and down differ, for 103.5元 they give {half_up}, {up} and {down}",
    "“取整”没有写明方式：四舍五入、进一、舍去结果不同，如103.5元分别为{half_up}、{up}、{down}",
    "write `round half up to 1元`, `round up to 1元` or `round down to 1元`",
    "写作 `四舍五入到 1元`、`进一到 1元` 或 `舍去到 1元`",
)  # fmt: skip
ROUNDING_STEP = Code(
    "PD037", "ROUNDING_STEP", "error", "a rounding to no unit", "取整没有单位",
    "the rounding says no unit above zero to round to", "取整没有写明大于零的单位",
    "write the unit: `round half up to 0.01元`", "写明单位，如 `四舍五入到 0.01元`",
)  # fmt: skip
WRONG_CELLS = Code(
    "PD038", "WRONG_CELLS", "error", "a row with too few or too many cells", "行的单元格数目不对",
    "the row has {cells} cells, the head has {heads}", "这一行有{cells}个单元格，表头有{heads}个",
    "give each column one cell", "每栏填一个单元格",
)  # fmt: skip
CLAUSE_OUT_OF_PLACE = Code(
    "PD039", "CLAUSE_OUT_OF_PLACE", "error", "a line that does not belong here", "此处不能使用的附加行",
    "this line has no meaning in a {word} declaration", "“{word}”声明中不能写这一行",
    "delete it, or move it to the declaration it is about", "删去，或移到相应的声明",
)  # fmt: skip
NO_ROWS = Code(
    "PD040", "NO_ROWS", "error", "a table without rows", "没有内容的表",
    "the table has a head and no rows", "表只有表头，没有内容",
    "add the rows of the notice's table", "按原文补上各行",
)  # fmt: skip
ALIAS_NEEDED_ONCE = Code(
    "PD041", "ALIAS_NEEDED_ONCE", "error", "two aliases for one name", "同一名称有两个别名",
    "“{name}” has the alias {one} and the alias {other}", "“{name}”有两个别名：{one}和{other}",
    "keep one of them", "只保留一个",
)  # fmt: skip

FRONT_CODES: tuple[Code, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
