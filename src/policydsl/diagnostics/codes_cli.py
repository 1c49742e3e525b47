"""Which problems can a file itself have, before any of it is read as a policy?"""

from __future__ import annotations

from policydsl.diagnostics.model import Code

FILE_MISSING = Code(
    "PD080", "FILE_MISSING", "error",
    "the file or folder does not exist", "文件或文件夹不存在",
    "there is no file or folder “{path}”", "没有名为“{path}”的文件或文件夹",
    "check the path; `policydsl new FILE` makes a first policy file",
    "核对路径；新建政策文件可以运行 `policydsl new 文件名`",
)  # fmt: skip
FILE_UNREADABLE = Code(
    "PD081", "FILE_UNREADABLE", "error",
    "the file cannot be read", "文件读不出来",
    "“{path}” cannot be read: {reason}", "“{path}”读不出来：{reason}",
    "check that it is a file and that you may read it", "核对它是否为文件、是否有权读取",
)  # fmt: skip
NO_POLICIES = Code(
    "PD082", "NO_POLICIES", "error",
    "the folder holds no policy", "文件夹里没有政策文件",
    "the folder “{path}” holds no policy file (*.pol)", "文件夹“{path}”里没有政策文件（*.pol）",
    "name another folder, or make a policy with `policydsl new FILE.pol`",
    "换一个文件夹，或者用 `policydsl new 文件名.pol` 新建",
)  # fmt: skip
FILE_IS_FOLDER = Code(
    "PD083", "FILE_IS_FOLDER", "error",
    "a folder stands where one file is wanted", "应当给出文件，给出的是文件夹",
    "“{path}” is a folder, and one policy file is wanted here", "“{path}”是文件夹，这里应当给出一个政策文件",
    "name one of the .pol files in it", "写出其中一个 .pol 文件的路径",
)  # fmt: skip
NOT_UTF8_GB18030 = Code(
    "PD084", "NOT_UTF8_GB18030", "error",
    "the file is saved as GB18030, not as UTF-8", "文件按GB18030保存，不是UTF-8",
    "the file is not UTF-8; it reads as GB18030", "文件不是UTF-8编码，按GB18030可以读出",
    "run `policydsl fmt --from gb18030 {path}`, or save it as UTF-8",
    "运行 `policydsl fmt --from gb18030 {path}`，或另存为时编码选“UTF-8”",
)  # fmt: skip
NOT_UTF8_UTF16 = Code(
    "PD085", "NOT_UTF8_UTF16", "error",
    "the file is saved as UTF-16, not as UTF-8", "文件按UTF-16保存，不是UTF-8",
    "the file is not UTF-8; it reads as UTF-16 (“Unicode” in Notepad)",
    "文件不是UTF-8编码，按UTF-16（记事本中的“Unicode”）可以读出",
    "run `policydsl fmt --from utf-16 {path}`, or save it as UTF-8",
    "运行 `policydsl fmt --from utf-16 {path}`，或另存为时编码选“UTF-8”",
)  # fmt: skip
NOT_TEXT = Code(
    "PD086", "NOT_TEXT", "error",
    "the file is not a text in any encoding we know", "文件不是能够识别的文本",
    "the file is neither UTF-8 nor GB18030: byte {offset} does not fit",
    "文件既不是UTF-8也不是GB18030编码：第{offset}个字节不符",
    "a policy is plain text; from Word or WPS, save it as plain text with the encoding UTF-8",
    "政策文件须为纯文本；从Word或WPS另存为纯文本，编码选“UTF-8”",
)  # fmt: skip
FILE_TOO_LARGE = Code(
    "PD087", "FILE_TOO_LARGE", "error",
    "the file is too large for a policy", "文件过大",
    "the file is larger than {limit} KiB, the most that is read",
    "文件超过{limit} KiB，这是读取的上限",
    "check that it is a policy; divide one that is into several", "核对它是否为政策文件；确实过大的，分为几个文件",
)  # fmt: skip
DRAFT = Code(
    "PD088", "DRAFT", "error",
    "a draft is compiled only when asked to", "征求意见稿须注明才编译",
    "“{title}” is a draft, and evaluators made from it must not decide payments",
    "“{title}”是征求意见稿，由它生成的程序不得作为支付依据",
    "for trials add `--draft`; once the notice is issued, remove `draft` from the header",
    "试算时加 `--draft`；正式印发后，删去文件开头的“征求意见稿”",
)  # fmt: skip
SAME_POLICY_NAME = Code(
    "PD089", "SAME_POLICY_NAME", "error",
    "two policies have one name", "两个政策同名",
    "two policies are called {name}, and both would be written to {file}",
    "有两个政策都叫{name}，生成的文件都是{file}",
    "give one of them another name or alias", "给其中一个换一个名称或别名",
)  # fmt: skip
INTERNAL_ERROR = Code(
    "PD901", "INTERNAL_ERROR", "error",
    "an error of policydsl itself", "policydsl自身的错误",
    "an error of policydsl itself, not of the policy: {what}", "这是policydsl自身的错误，不是政策文件的错误：{what}",
    "please report it with the command, the policy file, and what `POLICYDSL_DEBUG=1` prints before the same command",
    "请报告此问题，附上所用命令、政策文件，以及设置环境变量 `POLICYDSL_DEBUG=1` 后重新运行的输出",
)  # fmt: skip

CLI_CODES = (
    FILE_MISSING,
    FILE_UNREADABLE,
    NO_POLICIES,
    FILE_IS_FOLDER,
    NOT_UTF8_GB18030,
    NOT_UTF8_UTF16,
    NOT_TEXT,
    FILE_TOO_LARGE,
    DRAFT,
    SAME_POLICY_NAME,
    INTERNAL_ERROR,
)

#: Problems of the call rather than of a policy: the exit status is 2.
CALL_CODES = (FILE_MISSING, FILE_UNREADABLE, NO_POLICIES, FILE_IS_FOLDER)
