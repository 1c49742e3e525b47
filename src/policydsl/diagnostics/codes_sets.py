"""Which problems can there be with policies in time and in rank? PD602 … PD648."""

from __future__ import annotations

from policydsl.diagnostics.model import Code

# Values by date, named periods

VERSIONS_GAP = Code(
    "PD602", "VERSIONS_GAP", "error", "days without a value", "有的日期没有规定",
    "{name} has no value {days}", "{name}{days}没有规定",
    "let the value before last until {last}, or add one for these days", "将前一规定的截止日改为{last}，或者补上这一期间的规定",
)  # fmt: skip
VERSIONS_OVERLAP = Code(
    "PD603", "VERSIONS_OVERLAP", "error", "days with two values", "有的日期有两个规定",
    "{name} has two values {days}", "{name}{days}有两个规定",
    "let the earlier one end on {before}", "将前一规定的截止日改为{before}",
)  # fmt: skip
EDITIONS_DIFFER = Code(
    "PD604", "EDITIONS_DIFFER", "error", "dated declarations of different kinds", "各时期的规定种类不同",
    "the dated declarations of {name} do not give the same kind of value", "{name}各时期的规定，种类、单位或者组成部分不同",
    "give both the same unit and the same parts, or different names", "统一单位和组成部分，或者用不同的名称",
)  # fmt: skip
NOT_A_PERIOD = Code(
    "PD605", "NOT_A_PERIOD", "error", "not a period", "不是期间",
    "“{name}” is no period; there are: {periods}", "“{name}”不是期间；已声明的期间：{periods}",
    "declare it: `period {name}: 2021-09-01 to 2021-12-31`", "先声明：`期间 {name}：2021年9月1日 至 2021年12月31日`",
)  # fmt: skip
NAMED_PERIOD_REVERSED = Code(
    "PD606", "NAMED_PERIOD_REVERSED", "error", "a named period that ends before it begins", "期间止于起始之前",
    "{name} begins on {first} and ends on {last}, before that", "{name}自{first}起，却止于{last}",
    "compare both days with the notice", "请对照原文核对这两个日期",
)  # fmt: skip
PERIOD_UNUSED = Code(
    "PD607", "PERIOD_UNUSED", "warning", "a period that nothing uses", "期间没有用到",
    "nothing in the policy uses {name}", "政策中没有用到{name}",
    "use it in a condition, `day within …`, or delete it", "在条件中使用，如 `日期 在 … 内`，或者删去",
)  # fmt: skip
TARGET_IN_ENSURE = Code(
    "PD608", "TARGET_IN_ENSURE", "error", "a target outside `require`", "目标数只能写在“下级应当”中",
    "`about` makes a target, and an `ensure` is proved exactly", "“约”“左右”表示目标，而“确保”须严格成立",
    "write `require`, or leave out `about`", "改为“下级应当”，或者删去“约”“左右”",
)  # fmt: skip

# Relations between policies

FORMER_DIFFERS = Code(
    "PD610", "FORMER_DIFFERS", "error", "a figure that does not follow from the amended policy", "与所修订政策的数额不衔接",
    "{name} should have been {stated} the year before, and {policy} says {former}",
    "按本条推算，{name}上年应为{stated}，而{policy}规定为{former}",
    "compare the figures of both notices", "请核对两份通知中的数额",
)  # fmt: skip
UNKNOWN_POLICY = Code(
    "PD611", "UNKNOWN_POLICY", "error", "a policy that is not there", "找不到所引政策",
    "there is no policy “{name}” among the files of {folder}", "{folder}中没有政策“{name}”的文件",
    "add its file, correct the name, or say where it is: `--policies FOLDER`",
    "补上该政策的文件，改正名称，或者用 `--policies 文件夹` 指明位置",
)  # fmt: skip
RELATION_CYCLE = Code(
    "PD612", "RELATION_CYCLE", "error", "policies that depend on each other in a circle", "政策之间循环引用",
    "the policies depend on each other in a circle: {chain}", "政策之间循环引用：{chain}",
    "keep the direction that the notices have: the later amends the earlier", "只保留通知中的方向：在后的修订在前的",
)  # fmt: skip
AMENDS_LATER = Code(
    "PD613", "AMENDS_LATER", "error", "an amended policy that is the later one", "所修订的政策在后",
    "{policy} takes effect on {other}, and this policy already on {own}", "{policy}自{other}起施行，而本政策自{own}起即已施行",
    "compare the days of both; a policy amends an earlier one", "请核对两者的施行日期；只能修订在前的政策",
)  # fmt: skip
RESTS_ON_DRAFT = Code(
    "PD614", "RESTS_ON_DRAFT", "error", "a policy that rests on a draft", "所依政策是征求意见稿",
    "{policy} is a draft, and this policy is issued", "{policy}是征求意见稿，而本政策已经印发",
    "name the issued policy, or mark this one as a draft: `issued draft`", "改引已印发的政策，或者将本政策标为“成文 征求意见稿”",
)  # fmt: skip
SILENT_REDEFINITION = Code(
    "PD615", "SILENT_REDEFINITION", "error", "something the higher policy has settled", "上级政策已有规定",
    "{policy} has settled {name} already", "{policy}已经规定了{name}",
    "delete it here, or say in the header that it falls: `replaces {key} because \"…\"`",
    "删去这一条，或者在开头写明：`废止 {key} 理由 “…”`",
)  # fmt: skip
NOTHING_FALLS = Code(
    "PD616", "NOTHING_FALLS", "error", "nothing that falls", "没有可废止的内容",
    "`replaces {name}`: there is no such policy, and nothing of that name in what this policy takes over",
    "“废止 {name}”：没有这一政策，所沿用的内容中也没有这一名称",
    "correct the name, or delete the line", "改正名称，或者删去这一行",
)  # fmt: skip
CITATION_DIFFERS = Code(
    "PD617", "CITATION_DIFFERS", "warning", "a document cited under two numbers", "同一文件的文号不一致",
    "“{title}” is cited as {own} here and as {other} in {policy}", "《{title}》在此引作{own}，在{policy}中引作{other}",
    "compare the number with the document itself; where the notice prints it so, add a reason: `because \"…\"`",
    "请对照该文件核对文号；原文就是这样写的，加注理由：`理由 “…”`",
)  # fmt: skip
TWO_OF_ONE_NAME = Code(
    "PD618", "TWO_OF_ONE_NAME", "error", "two files of one policy", "两个文件同为一项政策",
    "{one} and {other} both are the policy “{name}”", "{one}和{other}都是政策“{name}”",
    "give one of them another name, or delete it", "改其中一个的名称，或者删去一个",
)  # fmt: skip
NEVER_TOGETHER = Code(
    "PD619", "NEVER_TOGETHER", "warning", "policies that are never in force together", "两项政策没有同时施行的日期",
    "this policy is in force {own}, and {policy} {other}: on no day together",
    "本政策{own}施行，{policy}{other}施行，没有同时施行的日期",
    "compare the days of both", "请核对两者的施行日期",
)  # fmt: skip
RESTATED_OTHERWISE = Code(
    "PD620", "RESTATED_OTHERWISE", "error", "an amendment that changes what a name is", "修订后与原来的种类不同",
    "{name} is {now} here, and {before} in {policy}, which this policy amends", "{name}在此为{now}，在所修订的{policy}中为{before}",
    "state it as the amended policy does, or give it another name", "按所修订政策的种类写，或者用另一个名称",
)  # fmt: skip
RELATED_FAULTY = Code(
    "PD621", "RELATED_FAULTY", "error", "a related policy with errors", "相关政策有错误",
    "{policy} has errors of its own, so what rests on it was not checked", "{policy}本身有错误，以该政策为依据的内容没有核对",
    "check {file} first", "先检查{file}",
)  # fmt: skip
TAKEN_OVER_FAULTY = Code(
    "PD622", "TAKEN_OVER_FAULTY", "error", "something taken over that no longer fits", "沿用的内容不再成立",
    "what is taken over from {policy} no longer fits: {problem}", "沿用{policy}的内容不再成立：{problem}",
    "restate it here, or say that it falls: `replaces …`", "在本政策中重新规定，或者写明废止",
)  # fmt: skip

# Bounds from above

BOUND_BROKEN = Code(
    "PD630", "BOUND_BROKEN", "error", "a bound from above that is not kept", "不符合上级政策的规定",
    "{policy} requires “{bound}”; {shown}", "{policy}规定“{bound}”；{shown}",
    "keep {clause}. It fails in: `{example}`", "须符合{clause}。可用举例核对：`{example}`",
)  # fmt: skip
BOUND_UNDECIDED = Code(
    "PD631", "BOUND_UNDECIDED", "warning", "a bound from above that is not shown to be kept", "未能确定是否符合上级政策",
    "whether “{bound}” of {policy} is kept is not shown: {why}", "未能确定是否符合{policy}的“{bound}”：{why}",
    "state what it depends on", "写明与此有关的数额",
)  # fmt: skip
PRINCIPLE_LEFT = Code(
    "PD632", "PRINCIPLE_LEFT", "error", "a default of the higher policy that is left without a reason", "另定而未说明理由",
    "{policy} requires in principle “{bound}”; {shown}", "{policy}规定原则上“{bound}”；{shown}",
    "keep {clause}, or say why not: `accept departure {key} because \"…\"`",
    "须符合{clause}；另定的写明理由：`认可 另定 {key} 理由 “…”`",
)  # fmt: skip
DEPARTURE_UNNEEDED = Code(
    "PD633", "DEPARTURE_UNNEEDED", "warning", "a departure from nothing", "没有另定",
    "{key} keeps all that the policies above it require in principle", "{key}符合上级政策原则上的全部规定，没有另定",
    "delete the line", "删去这一行",
)  # fmt: skip
TARGET_MISSED = Code(
    "PD634", "TARGET_MISSED", "note", "a target that is not met", "未达到目标",
    "{policy} aims at “{bound}”, which binds nobody; {shown}", "{policy}的目标是“{bound}”，不作硬性要求；{shown}",
)  # fmt: skip
BOUND_WAITS = Code(
    "PD635", "BOUND_WAITS", "note", "a bound on a figure that is still open", "所约束的数额尚未规定",
    "“{bound}” of {policy} waits for {open}, which this policy does not set: whoever asks gives it with the case",
    "{policy}的“{bound}”尚无从核对：本政策没有规定{open}，计算时须另行提供",
)  # fmt: skip
BOUND_KEPT = Code(
    "PD636", "BOUND_KEPT", "note", "a bound from above that is kept", "符合上级政策的规定",
    "“{bound}” of {policy} is kept in every case", "各种情形下都符合{policy}的“{bound}”",
)  # fmt: skip
FORMER_ASSUMED = Code(
    "PD637", "FORMER_ASSUMED", "note", "a figure of the year before that is assumed", "上年数额为推定",
    "{name} is taken to have been {former} the year before: {origin}", "{name}上年按{former}计：{origin}",
)  # fmt: skip
RESTATED = Code(
    "PD638", "RESTATED", "note", "what an amendment changes", "修订的内容",
    "{name} was {before} in {policy} and is {now}", "{name}在{policy}中为{before}，现为{now}",
)  # fmt: skip

FALLS = Code(
    "PD639", "FALLS", "note", "what falls", "因此失效的内容",
    "of {policy} there fall: {names}", "{policy}中因此失效的有：{names}",
)  # fmt: skip

# Sets of policies

PLACE_GAP = Code(
    "PD640", "PLACE_GAP", "warning", "days on which nothing is in force", "有的日期没有政策施行",
    "in {place} nothing is in force from {first} to {last}: {one} has ended and {other} has not begun",
    "{place}自{first}至{last}没有政策施行：{one}已失效，{other}尚未施行",
    "compare the days of both", "请核对两者的施行日期",
)  # fmt: skip
PLACE_DOUBLE = Code(
    "PD641", "PLACE_DOUBLE", "error", "two policies for one place on one day", "同一地区同日有两项政策",
    "in {place} both {one} and {other} say what {name} is, from {first} to {last}",
    "{place}自{first}至{last}有两项政策规定{name}：{one}和{other}",
    "say which one yields: `amends {key}`, or correct the days", "写明以后者为准：`修订 {key}`，或者改正施行日期",
)  # fmt: skip
NOTHING_IN_FORCE = Code(
    "PD642", "NOTHING_IN_FORCE", "error", "nothing is in force", "没有政策施行",
    "in {place} nothing is in force on {day}", "{day}在{place}没有政策施行",
    "the days in force are: {days}", "施行期限：{days}",
)  # fmt: skip
UNKNOWN_PLACE = Code(
    "PD643", "UNKNOWN_PLACE", "error", "a place that no policy is for", "没有适用于该地区的政策",
    "no policy is for “{place}”", "没有适用于“{place}”的政策",
    "the places are: {places}", "已有的地区：{places}",
)  # fmt: skip
SET_CODES: tuple[Code, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
