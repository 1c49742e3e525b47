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
    "{word} cannot stand here", "此处不能写{word}",
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

# Names: PD101 … PD149

UNKNOWN_NAME = Code(
    "PD101", "UNKNOWN_NAME", "error", "an unknown name", "没有这个名称",
    "nothing is named “{name}”{near}", "没有名为“{name}”的项目{near}",
    "{remedy}", "{remedy}",
)  # fmt: skip
DUPLICATE_NAME = Code(
    "PD102", "DUPLICATE_NAME", "error", "a name given twice", "名称重复",
    "“{name}” is already the name of something (line {line})", "“{name}”已在第{line}行使用",
    "choose another name for one of the two", "其中一处改用别的名称",
)  # fmt: skip
SHADOWS = Code(
    "PD103", "SHADOWS", "error", "a member named like something else", "类别的项与其他名称相同",
    "the member “{name}” has the name of something else (line {line})", "类别的项“{name}”与第{line}行的名称相同",
    "choose another name for one of the two", "其中一处改用别的名称",
)  # fmt: skip
CYCLE = Code(
    "PD104", "CYCLE", "error", "values that need each other", "循环引用",
    "“{name}” needs itself: {chain}", "“{name}”要用到它自己：{chain}",
    "take one of these steps out", "去掉其中一步",
)  # fmt: skip
AMBIGUOUS_MEMBER = Code(
    "PD105", "AMBIGUOUS_MEMBER", "error", "a member of several categories", "项所属的类别不明",
    "“{name}” is a member of {categories}", "{categories}中都有“{name}”",
    "name the category too: `{example}`", "同时写出类别，如 `{example}`",
)  # fmt: skip
UNKNOWN_MEMBER = Code(
    "PD106", "UNKNOWN_MEMBER", "error", "an unknown member", "类别中没有这一项",
    "“{name}” is no member of {category}{near}", "{category}中没有“{name}”{near}",
    "the members of {category} are {members}", "{category}包括{members}",
)  # fmt: skip
NO_SUCH_PART = Code(
    "PD107", "NO_SUCH_PART", "error", "an unknown part of a result", "没有这个组成部分",
    "“{name}” has no part named “{part}”", "“{name}”没有名为“{part}”的组成部分",
    "{remedy}", "{remedy}",
)  # fmt: skip
NOT_A_VALUE = Code(
    "PD108", "NOT_A_VALUE", "error", "a name that is no single value", "名称不是单个数值",
    "“{name}” is {what} and no single value", "“{name}”是{what}，不是单个数值",
    "name one part: {parts}", "写明其中一项：{parts}",
)  # fmt: skip
CATEGORY_HAS_INPUT = Code(
    "PD109", "CATEGORY_HAS_INPUT", "error", "a category used beside its own input", "类别已有对应的输入项",
    "the category “{name}” already has the input “{input}” (line {line})", "类别“{name}”已有输入项“{input}”（第{line}行）",
    "write `{input}`", "写作 `{input}`",
)  # fmt: skip
NOT_AN_INPUT = Code(
    "PD110", "NOT_AN_INPUT", "error", "a name that is no input", "不是输入项",
    "“{name}” is no input of the policy", "“{name}”不是本政策的输入项",
    "name an input: {inputs}", "写一个输入项：{inputs}",
)  # fmt: skip
NOT_A_KEY = Code(
    "PD111", "NOT_A_KEY", "error", "something that cannot be looked up by", "不能作为查表依据",
    "“{name}” is {what}; a table is looked up by members, amounts or days", "“{name}”是{what}；查表依据应为类别、数额或日期",
    "use a category, or a rule with `when`", "改用类别，或用规则的 `当`",
)  # fmt: skip
WORD_OF_NO_KEY = Code(
    "PD112", "WORD_OF_NO_KEY", "error", "a column head that fits no key", "表头与依据不符",
    "“{name}” is no member of a key of this table", "“{name}”不属于本表的任何一项依据",
    "the keys are {keys}", "本表的依据为{keys}",
)  # fmt: skip
KEY_TWICE = Code(
    "PD113", "KEY_TWICE", "error", "a key that is named twice", "依据重复",
    "“{name}” is a key of this table twice", "“{name}”在本表依据中出现两次",
    "keep one", "保留一处",
)  # fmt: skip
NO_COLUMN = Code(
    "PD114", "NO_COLUMN", "error", "a table that lacks a column", "表缺少一栏",
    "the table has no column for {what}", "表中没有“{what}”一栏",
    "add the column", "补上这一栏",
)  # fmt: skip
NO_OUTER_GROUND = Code(
    "PD115", "NO_OUTER_GROUND", "error", "an inner ground without its outer one", "缺少外层情形",
    "no ground above is named “{name}”", "上文没有名为“{name}”的情形",
    "write the outer ground first", "先写外层情形",
)  # fmt: skip

# Kinds and units: PD201 … PD249

UNITS_DIFFER = Code(
    "PD201", "UNITS_DIFFER", "error", "units that do not go together", "单位不一致",
    "{left} and {right} cannot be {done}", "{left}与{right}不能{done}",
    "{remedy}", "{remedy}",
)  # fmt: skip
RATE_WITHOUT_PERCENT = Code(
    "PD202", "RATE_WITHOUT_PERCENT", "error", "a rate without its per-cent sign", "比例没有百分号",
    "the rate {figure} has no per-cent sign and would be {percent}, outside 0 to 100%",
    "比例“{figure}”没有百分号，按数值即{percent}，超出0至100%",
    "write `{figure}%`, or put “(%)” in the column head", "写作 `{figure}%`，或在表头注明“（%）”",
)  # fmt: skip
WRONG_KIND = Code(
    "PD203", "WRONG_KIND", "error", "a value of the wrong kind", "值的种类不对",
    "{found} stands where {wanted} is needed", "此处需要{wanted}，所写为{found}",
    "write {wanted}", "改写为{wanted}",
)  # fmt: skip
WRONG_CURRENCY = Code(
    "PD204", "WRONG_CURRENCY", "error", "an amount in another currency", "币种不符",
    "the figure {figure} is not in {currency}, the currency of the policy", "{figure}与本政策的币种{currency}不符",
    "write the amount in {currency}", "改用{currency}",
)  # fmt: skip
SET_NEEDS_HAS = Code(
    "PD205", "SET_NEEDS_HAS", "error", "`in` on a set", "多选项误用“属于”",
    "“{name}” holds several members, so “in” could mean any or all of them", "“{name}”可以有多项，“属于”可能指任一，也可能指全部",
    "write `{name} has any of ({members})`", "写作 `{name} 含任一（{members}）`",
)  # fmt: skip
UNGUARDED = Code(
    "PD206", "UNGUARDED", "error", "a fact that may not exist, read without a test", "可能不存在的事项未先判断",
    "“{name}” may not exist and is read here without a test", "“{name}”可能不存在，此处未先判断有无",
    "test it first: `has {name} and …`", "先写 `有 {name} 且 …`",
)  # fmt: skip
NEEDS_UNIT = Code(
    "PD207", "NEEDS_UNIT", "error", "a figure without its unit", "数字没有单位",
    "the figure {figure} has no unit; {wanted} is needed here", "数字“{figure}”没有单位，此处需要{wanted}",
    "write `{example}`; in a table the head can hold the unit, as in `cost (元)`",
    "写作 `{example}`；表格可在表头注明单位，如 `费用（元）`",
)  # fmt: skip
RANGE_EMPTY = Code(
    "PD208", "RANGE_EMPTY", "error", "a range that holds nothing", "范围为空",
    "the range ends at {high}, below its beginning {low}", "范围止于{high}，小于起点{low}",
    "put the smaller figure first", "小数在前，大数在后",
)  # fmt: skip
NOT_CONSTANT = Code(
    "PD209", "NOT_CONSTANT", "error", "a figure that must be written out", "此处应写具体数字",
    "a plain figure is needed here", "此处需要具体数字",
    "write the figure", "写出数字",
)  # fmt: skip
ZERO_DENOMINATOR = Code(
    "PD210", "ZERO_DENOMINATOR", "error", "a division by zero", "分母为零",
    "{figure} divides by zero", "{figure}的分母为零",
    "compare the notice", "请核对原文",
)  # fmt: skip
KIND_UNKNOWN = Code(
    "PD211", "KIND_UNKNOWN", "error", "a value whose kind is not said", "没有写明种类",
    "nothing says what kind of value “{name}” is", "没有写明“{name}”是哪种值",
    "write its kind: `{name}: money`", "写明种类，如 `{name}：金额`",
)  # fmt: skip
NOT_ORDERED = Code(
    "PD212", "NOT_ORDERED", "error", "以上 or 以下 on a category without an order", "类别没有等级",
    "the members of “{category}” have no order", "类别“{category}”没有高低次序",
    "declare it with `ordered category`, the highest level first", "用 `等级` 声明，从高到低排列",
)  # fmt: skip
GRAIN_UNIT = Code(
    "PD213", "GRAIN_UNIT", "error", "a grain that does not fit its input", "最小单位不符",
    "“{word}” is no unit that {kind} can be counted in", "{kind}不能以“{word}”为最小单位",
    "write `in whole 元`, or leave it out", "写作 `整 元`，或删去",
)  # fmt: skip
SLICE_ROUNDING = Code(
    "PD214", "SLICE_ROUNDING", "error", "a rounding of slices outside a schedule", "逐段取整用错位置",
    "only a marginal schedule has slices to round", "只有超额累进的分段才能逐段取整",
    "delete `each slice` or `each product`", "删去 `每段费用` 或 `每段金额`",
)  # fmt: skip
HOLDER_OUTSIDE_SPLIT = Code(
    "PD215", "HOLDER_OUTSIDE_SPLIT", "error", "a remainder outside a split", "尾差用错位置",
    "only a split has a remainder", "只有分担才有尾差",
    "delete `remainder to`", "删去 `尾差归`",
)  # fmt: skip

# Days: PD601 … PD649

NO_SUCH_DAY = Code(
    "PD601", "NO_SUCH_DAY", "error", "a day that does not exist", "日期不存在",
    "there is no day {day}", "没有{day}这一天",
    "compare the notice", "请核对原文",
)  # fmt: skip

FRONT_CODES: tuple[Code, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
