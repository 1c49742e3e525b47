"""The problems of a policy that reads well and means something wrong: all that the checks can find."""

from __future__ import annotations

from policydsl.diagnostics.model import Code

# Names without effect: PD150 …

UNUSED_INPUT = Code(
    "PD150", "UNUSED_INPUT", "warning", "an input that nothing uses", "输入项未被使用",
    "nothing uses the input “{name}”", "没有一处用到输入项“{name}”",
    "delete it, or add the rule that needs it", "删去，或补上用到它的规则",
)  # fmt: skip
UNUSED_CATEGORY = Code(
    "PD151", "UNUSED_CATEGORY", "warning", "a category that nothing uses", "类别未被使用",
    "nothing uses the category “{name}”", "没有一处用到类别“{name}”",
    "delete it, or add the rule that needs it", "删去，或补上用到它的规则",
)  # fmt: skip
ACCEPT_UNNEEDED = Code(
    "PD152", "ACCEPT_UNNEEDED", "warning", "an `accept` that accepts nothing", "认可未起作用",
    "nothing of the kind “{finding}” is found at “{target}”: this line accepts nothing",
    "“{target}”没有“{finding}”这一情况，此行未起作用",
    "delete the line, or name what it is about", "删去此行，或改写所指的项目",
)  # fmt: skip

UNUSED_MEMBER = Code(
    "PD153", "UNUSED_MEMBER", "warning", "a member that nothing names", "类别中的项未被使用",
    "no condition, row, column or share names {members} of {category}",
    "没有一处条件、表格或分担写到{category}中的{members}",
    "name it where it counts; leave it out, or join what nothing tells apart into one, where it does not",
    "应当适用的，在相应之处写明；不适用的删去，无须区分的合并为一项",
)  # fmt: skip

# Figures: PD250 …

RESTATED_WRONG = Code(
    "PD250", "RESTATED_WRONG", "error", "a restated figure that is wrong", "列式与所列结果不符",
    "the sum and the figure beside it differ: {formula}, written {printed}",
    "列式与所列结果不符：{formula}，文中写作{printed}",
    "{quote}", "{quote}",
)  # fmt: skip
RISE_TOO_LARGE = Code(
    "PD251", "RISE_TOO_LARGE", "error", "a rise that leaves nothing for the year before", "增幅不小于现值",
    "{name} is {now} after a rise of {rise}, so it would have been {before} the year before",
    "{name}现为{now}，较上年增加{rise}，则上年为{before}",
    "compare both figures with the notice", "请对照原文核对这两个数",
)  # fmt: skip
RISE_WRONG = Code(
    "PD252", "RISE_WRONG", "error", "a rise that is not the difference between two years", "增幅与上年数额不符",
    "{name} is {now} after a rise of {rise}, so the figure before it should be {before}, and it is {written}",
    "{name}现为{now}，较上年增加{rise}，则上年应为{before}，所写为{written}",
    "compare the three figures with the notice", "请对照原文核对这三个数",
)  # fmt: skip
OFF_GRAIN = Code(
    "PD253", "OFF_GRAIN", "error", "an amount that can have parts of a fen", "金额可能不足最小单位",
    "{name} can come to an amount that is no multiple of {grain}{example}",
    "{name}的结果可能不是{grain}的整数倍{example}",
    "say how it is rounded, for example `round half up to {step}`",
    "写明如何取整，如 `四舍五入到 {step}`",
)  # fmt: skip
ROUNDED_OFF_GRAIN = Code(
    "PD254", "ROUNDED_OFF_GRAIN", "error", "a rounding finer than the currency", "取整单位小于币种最小单位",
    "amounts are rounded to {step}, and the smallest unit of the currency is {grain}",
    "取整到{step}，而币种的最小单位是{grain}",
    "round to {grain} or to a multiple of it", "取整到{grain}或其整数倍",
)  # fmt: skip
NOT_A_DECIMAL = Code(
    "PD255", "NOT_A_DECIMAL", "error", "a rate that is no decimal", "比例除不尽",
    "{name} can be {value}, which no number of decimals writes exactly",
    "{name}可能为{value}，写不成有限小数",
    "say how it is rounded, for example `round half up to 0.01%`",
    "写明如何取整，如 `四舍五入到 0.01%`",
)  # fmt: skip
QUOTIENT_UNROUNDED = Code(
    "PD256", "QUOTIENT_UNROUNDED", "error", "a quotient that is not rounded", "除式未取整",
    "the quotient {quotient} has endless decimals for most inputs and is used without rounding",
    "除式{quotient}多半除不尽，未取整就参与计算",
    "round it where it stands: `({quotient} rounded half up to …)`",
    "当即取整，写作 `（{quotient} 四舍五入到 …）`",
)  # fmt: skip
DIVISION_BY_ZERO = Code(
    "PD257", "DIVISION_BY_ZERO", "error", "a divisor that can be zero", "除数可能为零",
    "the divisor {divisor} can be zero: that depends on {inputs}", "除数{divisor}可能为零，取决于{inputs}",
    "give {inputs} a range above zero, or test for zero before dividing",
    "为{inputs}写明大于零的范围，或先判断是否为零",
)  # fmt: skip
TEN_THOUSAND = Code(
    "PD258", "TEN_THOUSAND", "warning", "元 where 万元 seems to be meant", "疑将万元写作元",
    "{figure} stands among figures like {usual}: is {meant} meant", "{figure}与其余各项（如{usual}）相差悬殊，是否应为{meant}",
    "write `{meant}` if that is so", "如是，写作 `{meant}`",
)  # fmt: skip
DEFAULT_OUTSIDE = Code(
    "PD259", "DEFAULT_OUTSIDE", "error", "a default outside the range", "未填时的取值超出范围",
    "{name} counts as {value} when it is not given, which its range or unit does not allow",
    "{name}未填时按{value}计，不在其范围内或不是最小单位的整数倍",
    "change the default or the range", "修改未填时的取值，或修改范围",
)  # fmt: skip

# Splits: PD301 …

SHARES_NOT_WHOLE = Code(
    "PD301", "SHARES_NOT_WHOLE", "error", "shares that do not make 100%", "各方比例合计不是100%",
    "shares of {who} add up to {sum}, {points} points {sign}: {terms}",
    "{who}各方比例合计{sum}，{sign}{points}个百分点：{terms}",
    "{hint}", "{hint}",
)  # fmt: skip
PARTS_NOT_SHARE = Code(
    "PD302", "PARTS_NOT_SHARE", "error", "parts that do not make their share", "其中各项合计不等于该份额",
    "the parts of {who} make {sum}, {off} {sign} its share of {whole}: {terms}",
    "{who}应合计{whole}，其中各项为{terms} = {sum}，{sign}{off}",
    "{quote}", "{quote}",
)  # fmt: skip
PARTS_RATES = Code(
    "PD303", "PARTS_RATES", "error", "parts whose percentages do not make 100%", "其中各项比例合计不是100%",
    "the parts of {payer} add up to {sum} of it and should make 100%: {terms}",
    "{payer}其中各项比例合计{sum}，应为100%：{terms}",
    "after `of which` a percentage is one of the share, not of the whole",
    "`其中` 之后的百分比是占该份额的比例，不是占总额的比例",
)  # fmt: skip
AMOUNTS_NOT_TOTAL = Code(
    "PD304", "AMOUNTS_NOT_TOTAL", "error", "amounts that do not make the total", "各方金额合计不等于总额",
    "payers of {who} add up to {sum}, {off} {sign} {total} of {whole}: {terms}",
    "{who}各方合计{sum}，比{total}{whole}{sign}{off}：{terms}",
    "{quote}", "{quote}",
)  # fmt: skip
SHARE_RESTATED = Code(
    "PD305", "SHARE_RESTATED", "error", "a share and an amount that disagree", "比例与所列金额不符",
    "where {total} is {whole}, {portion} of it is {exact} for {payer}, and {printed} is written beside it",
    "{payer}负担{total}{whole}的{portion}，应为{exact}，文中写作{printed}",
    "{quote}", "{quote}",
)  # fmt: skip
TWO_RESIDUALS = Code(
    "PD306", "TWO_RESIDUALS", "error", "two payers of the rest", "两方都承担其余",
    "both {first} and {second} take the rest", "{first}和{second}都承担其余部分",
    "leave `rest` to one of them and give the other its share", "只留一方写 `其余`，另一方写明份额",
)  # fmt: skip
NEGATIVE_SHARE = Code(
    "PD307", "NEGATIVE_SHARE", "error", "a share below zero", "份额为负数",
    "where {total} is {whole}, the others take {others} and {payer} is left with {amount}",
    "{payer}的份额为{amount}：{total}{whole}中，其余各方已占{others}",
    "compare the shares with the notice", "请对照原文核对各方份额",
)  # fmt: skip
ARM_MISSING = Code(
    "PD308", "ARM_MISSING", "error", "a member without shares", "有的情形没有规定分担",
    "{name} says nothing for {who} ({count} in all)", "{name}没有规定{who}如何分担（共{count}种情形）",
    "add a line with their shares", "补上相应的一行",
)  # fmt: skip
ARMS_OVERLAP = Code(
    "PD309", "ARMS_OVERLAP", "error", "a member with two lists of shares", "同一情形有两种分担",
    "{who} has shares in two places", "{who}有两处规定",
    "keep one of them", "只保留一处",
)  # fmt: skip
PAYER_TWICE = Code(
    "PD310", "PAYER_TWICE", "error", "a payer who occurs twice", "同一承担方出现两次",
    "{payer} is a payer of the same total twice", "同一笔总额中，{payer}作为承担方出现了两次",
    "add the two shares up, or give one of the payers another name", "将两处份额合并，或将其中一方改名",
)  # fmt: skip
SHARE_OFF_GRAIN = Code(
    "PD311", "SHARE_OFF_GRAIN", "error", "a share with parts of a fen", "份额不足最小单位",
    "where {total} is {whole}, {payer} would bear {amount}, which is no multiple of {grain}",
    "{total}为{whole}时，{payer}应负担{amount}，不是{grain}的整数倍",
    "say how shares are rounded and who takes what is left, for example "
    "`round half up to {grain}, remainder to {holder}`",
    "写明如何取整、尾差归谁，如 `四舍五入到 {grain}，尾差归 {holder}`",
)  # fmt: skip
NO_HOLDER = Code(
    "PD312", "NO_HOLDER", "error", "a rounding whose remainder nobody takes", "取整后尾差无人承担",
    "after rounding the parts can differ from the whole: where {total} is {whole} they owe {exact}, rounded "
    "{rounded} = {sum}, {sign} than {whole}{present}",
    "取整后各方之和可能不等于总额：{total}{whole}时，各方应负担{exact}，取整为{rounded} = {sum}，{sign}于{whole}{present}",
    "name the holder, for example `remainder to {holder}`: {settled}",
    "写明尾差归谁，如 `尾差归 {holder}`，则为{settled}",
)  # fmt: skip
HOLDER_NOT_PAYER = Code(
    "PD313", "HOLDER_NOT_PAYER", "error", "a remainder for somebody who does not pay", "尾差归于非承担方",
    "the remainder goes to {holder}, who is no payer of this split", "尾差归{holder}，而{holder}不是本项的承担方",
    "name one of the payers: {payers}", "写一个承担方：{payers}",
)  # fmt: skip
MIXED_SHARES = Code(
    "PD314", "MIXED_SHARES", "error", "percentages and fixed amounts of a total that varies", "总额可变而比例与定额并用",
    "shares in per cent and in fixed amounts cannot make {total} for every amount it can take",
    "{total}可以取不同数额，比例与定额并用，合计不可能总是相等",
    "write all shares as percentages, or all amounts and one `rest`", "全部写成比例，或全部写成定额并由一方承担 `其余`",
)  # fmt: skip
SHARE_RATE = Code(
    "PD315", "SHARE_RATE", "error", "a share outside 0 to 100%", "份额超出0至100%",
    "the share of {payer} is {rate}, outside 0 to 100%", "{payer}的份额为{rate}，超出0至100%",
    "compare the notice", "请核对原文",
)  # fmt: skip
SHARE_DIVIDED_TWICE = Code(
    "PD316", "SHARE_DIVIDED_TWICE", "error", "a share that is divided in two ways", "同一份额划分了两次",
    "the share of {payer} is divided in two places", "{payer}的份额在两处作了划分",
    "keep one of them", "只保留一处",
)  # fmt: skip

# Bands: PD401 …

BAND_GAP = Code(
    "PD401", "BAND_GAP", "error", "a gap between two bands", "两段之间有空档",
    "band {one} ends at {high} and band {two} starts at {low}: {amount} is in neither",
    "第{one}段止于{high}，第{two}段起于{low}，{amount}不属于任何一段",
    "compare the bounds with the notice", "请对照原文核对上下限",
)  # fmt: skip
BAND_OVERLAP = Code(
    "PD402", "BAND_OVERLAP", "error", "two bands that overlap", "两段重叠",
    "band {one} goes up to {high} and band {two} starts at {low}: {amount} is in both",
    "第{one}段至{high}，第{two}段起于{low}，{amount}同时属于两段",
    "compare the bounds with the notice; 以上 and 以下 include the figure, `over` and `below` do not",
    "请对照原文核对上下限；“以上”“以下”包含本数，“超过”“不满”不包含本数",
)  # fmt: skip
WHOLE_UNIT_BANDS = Code(
    "PD403", "WHOLE_UNIT_BANDS", "error", "bounds in whole yuan, amounts in fen", "上下限为整元而金额有角分",
    "band {one} ends at {high} and band {two} starts at {low}: an amount between them is in no band, for example "
    "{amount}{who}. choose a reading: {readings}",
    "第{one}段止于{high}，第{two}段起于{low}，其间的数额不属于任何一段，例如{amount}{who}。须选定一种读法：{readings}",
    "add the line `bands continuous`", "加一行 `各段连续`",
)  # fmt: skip
BAND_DESCENDING = Code(
    "PD404", "BAND_DESCENDING", "error", "a band that ends below its start", "下限高于上限",
    "band {band} starts at {low} and ends at {high}, below its start", "第{band}段起于{low}，止于{high}，上限低于下限",
    "compare the bounds with the notice", "请对照原文核对上下限",
)  # fmt: skip
BANDS_OUT_OF_ORDER = Code(
    "PD405", "BANDS_OUT_OF_ORDER", "error", "bands that do not ascend", "各段不是由低到高",
    "band {band} starts at {low}, and band {before} before it already reached {high}",
    "第{band}段起于{low}，而前面的第{before}段已到{high}",
    "write the bands from the lowest to the highest", "各段由低到高排列",
)  # fmt: skip
BOUND_CROSSED = Code(
    "PD406", "BOUND_CROSSED", "error", "a deductible above the band's upper bound", "起付线高于本段上限",
    "for {who} {name} makes band {band} start at {low}, above its end at {high}",
    "{who}：按{name}，第{band}段起于{low}，高于上限{high}",
    "compare both figures with the notice", "请对照原文核对这两个数",
)  # fmt: skip
BOUND_MAY_CROSS = Code(
    "PD407", "BOUND_MAY_CROSS", "error", "a bound that an input can move too far", "上下限可能交叉",
    "{name} can be {reach}, and then band {band} crosses its other bound, {other}",
    "{name}可以达到{reach}，第{band}段将越过另一界限{other}",
    "give the input a range that keeps it on its side", "为该输入项写明范围，使其不越过另一界限",
)  # fmt: skip
TOP_CLOSED = Code(
    "PD408", "TOP_CLOSED", "error", "a last band that ends", "最后一段有上限",
    "the last band ends at {high}; above it nothing is said, for example for {amount}",
    "最后一段止于{high}，超过的部分没有规定，例如{amount}",
    "add the band `over {next}`, or state `cap …元`",
    "不设封顶线的，增加一段 `超过 {next}`；设封顶线的，写明 `封顶线 …元`",
)  # fmt: skip
BAND_AFTER_OPEN = Code(
    "PD409", "BAND_AFTER_OPEN", "error", "a band after one without end", "不封顶的一段之后还有分段",
    "band {open} has no upper bound, and band {after} follows it", "第{open}段没有上限，其后还有第{after}段",
    "give band {open} its upper bound, or move it to the end", "为第{open}段写明上限，或移到最后",
)  # fmt: skip
BELOW_FIRST_BAND = Code(
    "PD410", "BELOW_FIRST_BAND", "note", "amounts below the first band", "第一段以下的数额",
    "{name} pays nothing on amounts below the first band, which starts at {low}: {amount} gives nothing",
    "{name}自{low}起分段，低于此数的部分不计；数额为{amount}时，结果为零",
    "if that is meant, say so: `accept gap {target} because \"…\"`",
    "原文确实如此的，写明 `认可 空档 {target} 理由 “…”`",
)  # fmt: skip
UNCOVERED_BELOW = Code(
    "PD411", "UNCOVERED_BELOW", "error", "amounts below the first band have no answer", "第一段以下没有规定",
    "{name} says nothing below {low}, for example for {amount}", "{name}没有规定{low}以下的情形，例如{amount}",
    "add a first band, or give the amount a range that starts there", "增加一段，或为该金额写明起点相同的范围",
)  # fmt: skip
CAP_BELOW_BANDS = Code(
    "PD412", "CAP_BELOW_BANDS", "error", "a cap below the last band's end", "封顶线低于最后一段上限",
    "the cap is {cap}, and the last band ends at {high}", "封顶线为{cap}，最后一段止于{high}",
    "compare both figures with the notice", "请对照原文核对这两个数",
)  # fmt: skip
RATE_OUT_OF_RANGE = Code(
    "PD413", "RATE_OUT_OF_RANGE", "warning", "a rate outside 0 to 100%", "支付比例超出0至100%",
    "the rate {rate} in band {band} of {name} is outside 0 to 100%", "{name}第{band}段的比例{rate}超出0至100%",
    "compare the notice; if it is so, write `accept rate {target} because \"…\"`",
    "请核对原文；确应如此的，写明 `认可 比例 {target} 理由 “…”`",
)  # fmt: skip
RATE_TINY = Code(
    "PD414", "RATE_TINY", "warning", "a rate a hundred times smaller than the others", "比例疑似少写一百倍",
    "the rate {rate} in band {band} of {name} stands among rates like {usual}: is {meant} meant",
    "{name}第{band}段的比例{rate}与其余比例（如{usual}）相差悬殊，是否应为{meant}",
    "compare the notice; if it is so, write `accept rate {target} because \"…\"`",
    "请核对原文；确应如此的，写明 `认可 比例 {target} 理由 “…”`",
)  # fmt: skip
MODE_MISSING = Code(
    "PD415", "MODE_MISSING", "error", "bands without a way to read them", "没有写明如何按段计算",
    "{name} does not say whether each slice has its band's rate or the whole amount has one{readings}",
    "{name}没有写明是分段计算还是全额套用所在段{readings}",
    "write `marginal` (each slice), `slab` (the whole) or `interpolated` after the amount",
    "在金额之后写明 `超额累进`（分段计算）、`全额累进`（全额套用）或 `直线内插`",
)  # fmt: skip
PART_IN_SLAB = Code(
    "PD416", "PART_IN_SLAB", "error", "的部分 in a slab", "全额累进中写了“的部分”",
    "the bands of {name} say “the part”, which means each slice, and the head says slab",
    "{name}各段写有“的部分”，意为分段计算，而表头写的是全额累进",
    "write `marginal`, or take “the part” out of the bands", "改为 `超额累进`，或删去“的部分”",
)  # fmt: skip
AMOUNTS_IN_MARGINAL = Code(
    "PD417", "AMOUNTS_IN_MARGINAL", "error", "amounts where slices need rates", "超额累进中写了金额",
    "{name} is marginal, and its cells are amounts: a slice needs a rate", "{name}为超额累进，表中却是金额；分段计算需要比例",
    "write rates, or make it a `slab`", "改写比例，或改为 `全额累进`",
)  # fmt: skip
CHECKED_COLUMN_WRONG = Code(
    "PD418", "CHECKED_COLUMN_WRONG", "error", "a base or quick deduction that is wrong", "基数或速算扣除数有误",
    "the {column} of band {band} should be {exact} and is written {printed}",
    "第{band}段的{column}应为{exact}，文中写作{printed}",
    "compare the notice", "请核对原文",
)  # fmt: skip
COLUMN_MISSING = Code(
    "PD419", "COLUMN_MISSING", "error", "a member without a column", "有的情形没有对应的栏",
    "{name} has no column for {who} ({count} in all)", "{name}没有{who}对应的栏（共{count}种情形）",
    "add the column", "补上这一栏",
)  # fmt: skip
COLUMN_TWICE = Code(
    "PD420", "COLUMN_TWICE", "error", "a member with two columns", "同一情形有两栏",
    "{name} has two columns for {who}", "{name}有两栏都对应{who}",
    "keep one of them", "只保留一栏",
)  # fmt: skip

# Tables: PD430 …

CELL_MISSING = Code(
    "PD430", "CELL_MISSING", "error", "a combination without a row", "表不完整",
    "the table {name} has no value for {who}{more}", "{name}表不完整：{who}{more}没有对应的值",
    "add the row `{row} | …`", "增加一行 `{row} | …`",
)  # fmt: skip
ROWS_CONTRADICT = Code(
    "PD431", "ROWS_CONTRADICT", "error", "two rows that contradict each other", "两行相互矛盾",
    "two rows hold for {who} and differ: {one} and {two}", "{who}同时符合两行，结果不同：{one}和{two}",
    "correct one of them, or state `first`, `greatest`, `least` or `sum` in the head",
    "改正其中一行，或在表头写明 `按先后次序`、`就高`、`就低`或 `累加`",
)  # fmt: skip
ROW_SHADOWED = Code(
    "PD432", "ROW_SHADOWED", "error", "a row that is never reached", "永远用不到的行",
    "row {row} of {name} is never reached: row {before} holds before it wherever it would",
    "{name}第{row}行永远用不到：凡符合它的情形，都先符合第{before}行",
    "move it up, or delete it", "移到前面，或删去",
)  # fmt: skip
ROW_REPEATED = Code(
    "PD433", "ROW_REPEATED", "warning", "a row that repeats others", "重复的行",
    "row {row} of {name} adds nothing to row {before}", "{name}第{row}行与第{before}行重复",
    "delete it; if the notice says it twice, write `accept overlap {target} because \"…\"`",
    "删去；原文确有重复的，写明 `认可 重叠 {target} 理由 “…”`",
)  # fmt: skip
ROW_NEVER = Code(
    "PD434", "ROW_NEVER", "error", "a row that nobody meets", "没有人符合的行",
    "row {row} of {name} holds for nobody: its range is empty or outside the input's",
    "{name}第{row}行无人符合：范围为空，或超出输入项的范围",
    "compare its bounds with the notice", "请对照原文核对其上下限",
)  # fmt: skip
TOO_MANY_CASES = Code(
    "PD440", "TOO_MANY_CASES", "error", "too many combinations to check", "组合过多，无法逐一检查",
    "{name} depends on more than 100000 combinations of facts, and they cannot all be checked",
    "{name}涉及的情形超过100000种，无法逐一检查",
    "divide it into several tables or rules", "分成几张表或几条规则",
)  # fmt: skip

# Exceptions: PD501 …

GROUNDS_CLASH = Code(
    "PD501", "GROUNDS_CLASH", "error", "two grounds that can hold together and differ", "两种情形可以同时符合而结果不同",
    "one person {can} meet both ({n}) {one}, {a}, and ({m}) {two}, {b}: for example {who}",
    "同一人{can}同时符合（{n}）{one}{a}和（{m}）{two}{b}，结果不同，例如：{who}",
    "{choices}", "{choices}",
)  # fmt: skip
GROUND_NEVER = Code(
    "PD502", "GROUND_NEVER", "error", "a ground that can never hold", "永远不会符合的情形",
    "nobody can meet the ground {ground}", "没有人能符合情形“{ground}”",
    "compare its condition with the notice", "请对照原文核对其条件",
)  # fmt: skip
GROUND_SHADOWED = Code(
    "PD503", "GROUND_SHADOWED", "error", "a ground that is never the first", "永远轮不到的情形",
    "whoever meets {ground} meets one of {before} first, so it never counts",
    "凡符合{ground}的，都先符合{before}，因此永远轮不到它",
    "move it up, or delete it", "移到前面，或删去",
)  # fmt: skip
EXEMPT_WITHOUT_ZERO = Code(
    "PD504", "EXEMPT_WITHOUT_ZERO", "error", "an exemption from something without a zero", "不能免除的值",
    "{ground} exempts from {rule}, which is no amount, count or duration and has no zero",
    "{ground}免除{rule}，而{rule}不是金额、个数或时长，没有零值",
    "write `except {ground} when …:` and the value", "写作 `例外 {ground} 当 …：` 并写明取值",
)  # fmt: skip
OVERLAP_UNNEEDED = Code(
    "PD505", "OVERLAP_UNNEEDED", "note", "an overlap rule that nothing needs", "用不到的重叠规定",
    "no two grounds of {rule} can hold together, so the line “when several apply” never acts",
    "{rule}的各情形不可能同时符合，“同时符合”一行不起作用",
    "delete the line, or keep it with `accept overlap {target} because \"…\"`",
    "删去此行；保留的，写明 `认可 重叠 {target} 理由 “…”`",
)  # fmt: skip
SUM_OF_NO_AMOUNT = Code(
    "PD506", "SUM_OF_NO_AMOUNT", "error", "a sum of what cannot be added", "不能累加的值",
    "the values of {name} are no amounts and cannot be summed", "{name}的值不是数额，不能累加",
    "write `first`", "改用 `按先后次序`",
)  # fmt: skip
NOTHING_GREATER = Code(
    "PD507", "NOTHING_GREATER", "error", "a greatest of what has no order", "不能比较高低的值",
    "the values of {name} are neither amounts nor days, so none is greater", "{name}的值不是数额或日期，不能比较高低",
    "write `first`", "改用 `按先后次序`",
)  # fmt: skip
COUNT_OF_OTHER_KIND = Code(
    "PD508", "COUNT_OF_OTHER_KIND", "error", "a count where something else is wanted", "计数结果的种类不符",
    "{name} counts what holds, and its kind is no number", "{name}按符合的项数计，而其种类不是数值",
    "give it the kind `count`", "将种类写作 `个数`",
)  # fmt: skip
GIVEN_NEVER = Code(
    "PD550", "GIVEN_NEVER", "error", "facts that nobody can satisfy", "没有人能满足的前提",
    "no case can satisfy this condition together with those before it", "没有任何情形能同时满足此前提和前面的前提",
    "correct one of the conditions", "改正其中一个条件",
)  # fmt: skip

# Days: PD650 …

PERIOD_REVERSED = Code(
    "PD650", "PERIOD_REVERSED", "error", "a period that ends before it starts", "施行期限止于起始之前",
    "the policy takes effect on {first} and ends on {last}, before that", "政策自{first}起施行，却止于{last}",
    "compare both days with the notice", "请对照原文核对这两个日期",
)  # fmt: skip
VERSIONS_OUT_OF_ORDER = Code(
    "PD651", "VERSIONS_OUT_OF_ORDER", "error", "figures that are not in the order of their days", "各版本未按日期先后排列",
    "the figures of {name} do not stand in the order of their days", "{name}的各个数额未按日期先后排列",
    "put the earlier day first", "日期在前的写在前面",
)  # fmt: skip
VERSION_TWICE = Code(
    "PD652", "VERSION_TWICE", "error", "two figures from the same day", "同一天起有两个数额",
    "{name} has two figures from {day} on", "{name}自{day}起有两个数额",
    "keep one of them", "只保留一个",
)  # fmt: skip
NO_FIGURE_YET = Code(
    "PD653", "NO_FIGURE_YET", "error", "a first day without a figure", "施行之初没有数额",
    "the policy is in force from {first}, and {name} has its first figure from {start} on",
    "政策自{first}起施行，而{name}自{start}起才有数额",
    "add the figure for the first days", "补上施行之初的数额",
)  # fmt: skip
VERSION_TOO_LATE = Code(
    "PD654", "VERSION_TOO_LATE", "error", "a figure from after the policy has ended", "数额起始于政策失效之后",
    "{name} has a figure from {start} on, and the policy ends on {last}", "{name}有自{start}起的数额，而政策止于{last}",
    "compare both days with the notice", "请对照原文核对这两个日期",
)  # fmt: skip
VERSION_TOO_EARLY = Code(
    "PD655", "VERSION_TOO_EARLY", "warning", "a figure that ends before the policy begins", "数额在政策施行前已失效",
    "the figure of {name} from {start} on is replaced on {next}, before the policy takes effect on {first}",
    "{name}自{start}起的数额至{next}已被取代，而政策自{first}起才施行",
    "delete it, or correct the day", "删去，或改正日期",
)  # fmt: skip

CHECK_CODES: tuple[Code, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
