"""What can stand in the way of computing files of cases: the files, their columns, a run that was broken off."""

from __future__ import annotations

from policydsl.diagnostics.model import Code

BATCH_NEEDS_EXTRA = Code(
    "PD760", "BATCH_NEEDS_EXTRA", "error",
    "batch files need an extra", "批量计算须另行安装组件",
    "the library that computes batch files ({library}) is not installed", "没有安装批量计算所用的程序库（{library}）",
    'run `pip install "policydsl[{extra}]"`', '运行 `pip install "policydsl[{extra}]"`',
)  # fmt: skip
BATCH_FORMAT = Code(
    "PD761", "BATCH_FORMAT", "error",
    "a file of an unknown format", "文件格式无法识别",
    "the name “{path}” does not say which format is meant", "从文件名“{path}”看不出文件格式",
    "name files `….parquet`, `….csv` or `….tsv`; for a folder as output, end its name with `/`",
    "文件名以 `.parquet`、`.csv` 或 `.tsv` 结尾；输出到文件夹的，名称以 `/` 结尾",
)  # fmt: skip
BATCH_NO_INPUT = Code(
    "PD762", "BATCH_NO_INPUT", "error",
    "no file to read", "没有可读的文件",
    "there is no file of cases at “{path}”", "“{path}”处没有可供计算的文件",
    "check the path; a folder must hold files that end in `.parquet`, `.csv` or `.tsv`",
    "请核对路径；文件夹中应有以 `.parquet`、`.csv` 或 `.tsv` 结尾的文件",
)  # fmt: skip
BATCH_MIXED = Code(
    "PD763", "BATCH_MIXED", "error",
    "files of several formats", "文件格式不一",
    "“{path}” is {form}, and “{other}” before it is {before}", "“{path}”是{form}，前面的“{other}”是{before}",
    "give files of one format in one call", "一次只给一种格式的文件",
)  # fmt: skip
BATCH_UNREADABLE = Code(
    "PD764", "BATCH_UNREADABLE", "error",
    "a file that cannot be read", "文件无法读取",
    "“{path}” cannot be read: {reason}", "“{path}”无法读取：{reason}",
    "check that the file is complete, of the format that its name says, and that it may be read",
    "请核对文件是否完整、格式是否与文件名一致、是否有读取权限",
)  # fmt: skip
BATCH_NOT_UTF8 = Code(
    "PD765", "BATCH_NOT_UTF8", "error",
    "a CSV file that is not in UTF-8", "CSV文件不是UTF-8编码",
    "“{path}” is not in UTF-8{likely}", "“{path}”不是UTF-8编码{likely}",
    "save it as “CSV UTF-8” in the spreadsheet, or {instead}",
    "在电子表格软件中另存为“CSV UTF-8”，或者{instead}",
)  # fmt: skip
BATCH_CSV_BROKEN = Code(
    "PD766", "BATCH_CSV_BROKEN", "error",
    "a CSV file whose rows cannot be told apart", "CSV文件的行列不清",
    "“{path}”, {place}: {reason}", "“{path}”{place}：{reason}",
    "correct the file, no output was written; rows are counted from 1 without the heading",
    "请改正文件，目前没有写出结果；行号从1起，不计表头",
)  # fmt: skip
BATCH_COLUMN_MISSING = Code(
    "PD767", "BATCH_COLUMN_MISSING", "error",
    "a file without a column that is needed", "文件缺少所需的列",
    "“{path}” has no column for the input {input}; it has: {columns}", "“{path}”中没有输入项{input}的列；现有：{columns}",
    "name the column {names}, or give the same value to every row with `--set {key}=…`",
    "将该列命名为{names}；各行取值相同的，可写 `--set {key}=…`",
)  # fmt: skip
BATCH_COLUMN_TWICE = Code(
    "PD768", "BATCH_COLUMN_TWICE", "error",
    "columns that cannot be told apart by name", "列名无法区分",
    "“{path}” has columns that cannot be told apart by name: {columns}", "“{path}”中有列名无法区分的列：{columns}",
    "give each column a name of its own; capitals alone make no difference",
    "各列应有不同的名称，仅大小写不同的视为相同",
)  # fmt: skip
BATCH_TWO_COLUMNS = Code(
    "PD769", "BATCH_TWO_COLUMNS", "error",
    "two columns for one input", "一个输入项有两列",
    "the input {input} could be read from several places: {columns}", "输入项{input}有多个来源：{columns}",
    "leave one of them, or rename the others", "只保留其中一个，或者将其余改名",
)  # fmt: skip
BATCH_COLUMN_TYPE = Code(
    "PD770", "BATCH_COLUMN_TYPE", "error",
    "a column of the wrong type", "列的类型不符",
    "the column “{column}” for the input {input} is of type {type}", "输入项{input}的列“{column}”类型为{type}",
    "make it {wanted}", "改为{wanted}",
)  # fmt: skip
BATCH_FILES_DIFFER = Code(
    "PD771", "BATCH_FILES_DIFFER", "error",
    "files with different columns", "各文件的列不一致",
    "“{path}” has other columns than “{other}”: {columns}", "“{path}”与“{other}”的列不一致：{columns}",
    "all files of one call have the same columns of the same types, in the same order",
    "一次计算的各个文件，列的名称、类型和顺序应当一致",
)  # fmt: skip
BATCH_OUTPUT_EXISTS = Code(
    "PD772", "BATCH_OUTPUT_EXISTS", "error",
    "the output exists already", "输出文件已经存在",
    "“{path}” exists already and is left as it is", "“{path}”已经存在，未作改动",
    "choose another name, or replace it with `--force`", "请换一个名称；确需替换的，加 `--force`",
)  # fmt: skip
BATCH_OUTPUT_IS_INPUT = Code(
    "PD773", "BATCH_OUTPUT_IS_INPUT", "error",
    "the output would write over the input", "输出会覆盖输入",
    "“{path}” is read, so it cannot be written", "“{path}”是输入，不能同时作为输出",
    "write to a place outside the input", "输出到输入以外的位置",
)  # fmt: skip
BATCH_COLUMN_TAKEN = Code(
    "PD774", "BATCH_COLUMN_TAKEN", "error",
    "a column has the name of a result", "列名与结果重名",
    "the file has a column “{column}” already, and a result would be called the same", "文件中已有“{column}”列，与结果重名",
    "rename the column, or name with `--keep` only the columns that are to be handed on",
    "将该列改名，或者用 `--keep` 只写明需要带出的列",
)  # fmt: skip
BATCH_UNFINISHED = Code(
    "PD775", "BATCH_UNFINISHED", "error",
    "a run that was broken off", "上次计算没有完成",
    "an earlier run for “{path}” was broken off after {rows} rows; its work is in “{folder}”",
    "“{path}”的上次计算在完成{rows}行后中断，已完成的部分在“{folder}”",
    "go on with `--resume`, or begin again with `--force`", "加 `--resume` 继续；重新开始的，加 `--force`",
)  # fmt: skip
BATCH_NOTHING_TO_RESUME = Code(
    "PD776", "BATCH_NOTHING_TO_RESUME", "error",
    "nothing to resume", "没有可继续的计算",
    "there is no unfinished run for “{path}”", "“{path}”没有未完成的计算",
    "leave `--resume` out", "去掉 `--resume`",
)  # fmt: skip
BATCH_RESUME_DIFFERS = Code(
    "PD777", "BATCH_RESUME_DIFFERS", "error",
    "a run that cannot be resumed", "不能继续上次的计算",
    "the run for “{path}” cannot go on: {what} changed since it began", "“{path}”的计算不能继续：开始以后，{what}有变化",
    "begin again with `--force`, or restore what changed", "加 `--force` 重新开始，或者恢复原样",
)  # fmt: skip
BATCH_RUNNING = Code(
    "PD778", "BATCH_RUNNING", "error",
    "another run is at work", "另一个计算正在进行",
    "another run is writing “{path}” now", "另一个计算正在写“{path}”",
    "wait for it to end, or choose another name", "请等其结束，或者换一个名称",
)  # fmt: skip
BATCH_WRITE_FAILED = Code(
    "PD779", "BATCH_WRITE_FAILED", "error",
    "the output cannot be written", "输出无法写入",
    "cannot write for “{path}”: {reason}", "“{path}”无法写入：{reason}",
    "see to the space and the permissions of its folder; then go on with `--resume` if a run had begun",
    "请核对所在文件夹的剩余空间和权限；已经开始计算的，之后加 `--resume` 继续",
)  # fmt: skip
BATCH_TOO_MANY_REJECTS = Code(
    "PD780", "BATCH_TOO_MANY_REJECTS", "error",
    "too many rows cannot be answered", "不能计算的行过多",
    "{rejects} rows cannot be answered, more than the {limit} of `--max-rejects`; nothing is written under “{path}”",
    "有{rejects}行不能计算，超过 `--max-rejects` 的{limit}行；没有写出“{path}”",
    "they are listed in “{rejects_path}”; correct the rows and begin again with `--force`",
    "这些行列在“{rejects_path}”；改正后加 `--force` 重新计算",
)  # fmt: skip
BATCH_NOT_ON_SPARK = Code(
    "PD781", "BATCH_NOT_ON_SPARK", "error",
    "not possible on Spark", "Spark不支持",
    "on Spark there is no {what}", "使用Spark时不支持{what}",
    "{instead}", "{instead}",
)  # fmt: skip
BATCH_SPARK_FAILED = Code(
    "PD782", "BATCH_SPARK_FAILED", "error",
    "work that Spark did not do", "Spark未能完成",
    "the work was not done by Spark: {reason}", "Spark未能完成计算：{reason}",
    "check that Java 17 or later is installed, that the master “{master}” can be reached, and its logs",
    "请核对是否装有Java 17或更高版本、能否连接“{master}”，并查看其日志",
)  # fmt: skip
BATCH_INPUT_CHANGED = Code(
    "PD783", "BATCH_INPUT_CHANGED", "error",
    "a file changed while it was read", "计算期间文件有变化",
    "“{path}” was changed while it was being read; nothing is written", "“{path}”在计算期间有变化，没有写出结果",
    "begin again with `--force` when the file is complete", "待文件写完后，加 `--force` 重新计算",
)  # fmt: skip
BATCH_NO_COLUMN = Code(
    "PD784", "BATCH_NO_COLUMN", "error",
    "a column to keep that is not there", "需要带出的列不存在",
    "there is no column “{column}” to keep; there are: {columns}", "没有可带出的列“{column}”；现有：{columns}",
    "check the name after `--keep`", "请核对 `--keep` 后的名称",
)  # fmt: skip

#: Every code of this family, in the order of their numbers.
BATCH_CODES: tuple[Code, ...] = (
    BATCH_NEEDS_EXTRA,
    BATCH_FORMAT,
    BATCH_NO_INPUT,
    BATCH_MIXED,
    BATCH_UNREADABLE,
    BATCH_NOT_UTF8,
    BATCH_CSV_BROKEN,
    BATCH_COLUMN_MISSING,
    BATCH_COLUMN_TWICE,
    BATCH_TWO_COLUMNS,
    BATCH_COLUMN_TYPE,
    BATCH_FILES_DIFFER,
    BATCH_OUTPUT_EXISTS,
    BATCH_OUTPUT_IS_INPUT,
    BATCH_COLUMN_TAKEN,
    BATCH_UNFINISHED,
    BATCH_NOTHING_TO_RESUME,
    BATCH_RESUME_DIFFERS,
    BATCH_RUNNING,
    BATCH_WRITE_FAILED,
    BATCH_TOO_MANY_REJECTS,
    BATCH_NOT_ON_SPARK,
    BATCH_SPARK_FAILED,
    BATCH_INPUT_CHANGED,
    BATCH_NO_COLUMN,
)
#: Those that are a fault of the call.
BATCH_CALL_CODES = (
    BATCH_NEEDS_EXTRA,
    BATCH_FORMAT,
    BATCH_NO_INPUT,
    BATCH_OUTPUT_EXISTS,
    BATCH_OUTPUT_IS_INPUT,
    BATCH_UNFINISHED,
    BATCH_NOTHING_TO_RESUME,
    BATCH_RUNNING,
    BATCH_NOT_ON_SPARK,
    BATCH_NO_COLUMN,
)
