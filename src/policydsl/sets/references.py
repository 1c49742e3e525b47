"""Which document does a reference mean? Numbers and titles, whatever brackets, spaces and script they are in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policydsl.diagnostics import codes_sets as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.facts import Header, Relation

#: traditional letters of document numbers, titles and places → simplified
_SIMPLIFIED = str.maketrans(
    "醫療發號國務辦財會規範鄉東廣慶陝臺寧贛魯晉遼蘇閩粵瓊貴雲滬縣區鎮門關於進稅總個員實聯險項業產質檢衛種標準錄單資濱瀋陽長連濟瀘龍蘭鄭漢島嶺興義紹無錫揚鹽張貿學歲與開農屬應當為從給達補"
    "貼繳費籌額報銷傾過鞏銜轉領導組織強體際統節據對內爾濰煙棗萊陰韓紅維薩烏魚鳳鳥鐵銅銀錦鋼鎖陸隴順頭顧風飛馬駐騰驗麗齊價優傳傷備僅億儀兒兩凈凍劃劉動勞勝勢勵協參雙變嗎圍園圖團執壓處夾奪"
    "婦孫審寫寶專尋層嶽帥師帳帶幣幹庫廈廠廢彈後徑復態慣憑戶擬擴擔擇擊數斷時條極構權欄歸歷殘氣決沒況減測溫滿漁潔潛瀏點爭狀獨獲獎環現畝異監盤確碼礎禮離積稱穩窮筆簡簽類級納純紙終結絕經網緊"
    "線編練縮續罰職聽脫腦臨舉舊艱華萬藝藥術裝複見視覺觀訂計記設許訴診評詢試話該誤說課調談請論證識議護讀讓豐貧貨責貸買賣賠購賬贈軍車載輔輕輛輸適選遷還邊郵釋鄰廳",
    "医疗发号国务办财会规范乡东广庆陕台宁赣鲁晋辽苏闽粤琼贵云沪县区镇门关于进税总个员实联险项业产质检卫种标准录单资滨沈阳长连济泸龙兰郑汉岛岭兴义绍无锡扬盐张贸学岁与开农属应当为从给达补"
    "贴缴费筹额报销倾过巩衔转领导组织强体际统节据对内尔潍烟枣莱阴韩红维萨乌鱼凤鸟铁铜银锦钢锁陆陇顺头顾风飞马驻腾验丽齐价优传伤备仅亿仪儿两净冻划刘动劳胜势励协参双变吗围园图团执压处夹夺"
    "妇孙审写宝专寻层岳帅师帐带币干库厦厂废弹后径复态惯凭户拟扩担择击数断时条极构权栏归历残气决没况减测温满渔洁潜浏点争状独获奖环现亩异监盘确码础礼离积称稳穷笔简签类级纳纯纸终结绝经网紧"
    "线编练缩续罚职听脱脑临举旧艰华万艺药术装复见视觉观订计记设许诉诊评询试话该误说课调谈请论证识议护读让丰贫货责贷买卖赔购账赠军车载辅轻辆输适选迁还边邮释邻厅",
)
_BRACKETS = str.maketrans("﹝﹞[]【】［］()（）", "〔〕〔〕〔〕〔〕〔〕〔〕")
_NOISE = re.compile(r"[\s\u3000《》〈〉“”\"「」『』,，、。．·]+")
_NUMBER = re.compile(r"(\D+?)〔(\d{4})〕(\d+)号")


def folded(text: str) -> str:
    """`text` without spaces and quotation marks, with one kind of brackets, in simplified letters."""
    return _NOISE.sub("", text).translate(_BRACKETS).translate(_SIMPLIFIED)


def number(text: str) -> str | None:
    """The number of a document that `text` is or ends with, 医保发〔2020〕24号, folded; None: it is none."""
    found = _NUMBER.search(folded(text))
    return found[0] if found else None


def means(relation: Relation, header: Header) -> bool:
    """Whether `relation` names the policy of `header`: by its name, its number or its title."""
    if relation.name in (header.name.written, header.name.alias):
        return True
    wanted = folded(relation.name)
    return any(text is not None and folded(text) == wanted for text in (header.document, header.title))


def outside(relation: Relation) -> bool:
    """Whether a relation names a document by its number or title, so that no file need hold it."""
    return number(relation.name) is not None or relation.title is not None


def differing(own: Header, others: Sequence[Header]) -> Iterator[Diagnostic]:
    """Documents of one title that this policy and another cite under different numbers; a reason at one of
    the two says that it is known."""
    for relation in own.relations:
        if relation.title is None or relation.because is not None:
            continue
        title, cited = folded(relation.title), number(relation.name) or folded(relation.name)
        for other in others:
            for theirs in other.relations:
                if theirs.title is None or theirs.because is not None or folded(theirs.title) != title:
                    continue
                if (number(theirs.name) or folded(theirs.name)) != cited:
                    facts = {
                        "title": relation.title.strip("《》“” "), "own": relation.name, "other": theirs.name,
                        "policy": other.name.key,
                    }  # fmt: skip
                    label = Label(theirs.span, Words("cited so here", "此处的写法"))
                    yield Diagnostic(codes.CITATION_DIFFERS, relation.span, facts, (label,))
                    break
            else:
                continue
            break
