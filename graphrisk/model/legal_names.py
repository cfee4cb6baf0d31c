"""Names of firms taken apart: what a firm is called, and its legal form, each written in one way.

`Alpha Ltd.` and `ALPHA LIMITED` are one name and one form; `Alpha GmbH` is another form, thus another firm.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_FORMS = {
    "limited": ("limited", "ltd", "co ltd", "co limited", "company limited", "pte ltd", "pty ltd", "pvt ltd",
                "private limited", "有限公司", "有限责任公司", "有限責任公司", "责任有限公司"),
    "plc": ("plc", "p l c", "public limited company", "股份有限公司", "股份公司"),
    "集团": ("集团", "集團", "集团公司", "集團公司"),
    "集团有限公司": ("集团有限公司", "集團有限公司", "集团有限责任公司"),
    "集团股份": ("集团股份有限公司", "集團股份有限公司"),
    "corporation": ("inc", "incorporated", "corp", "corporation"),
    "company": ("co", "company", "公司"),
    "llc": ("llc", "l l c", "limited liability company"),
    "llp": ("llp", "limited liability partnership"),
    "lp": ("lp", "limited partnership", "有限合伙", "合伙企业有限合伙"),
    "partnership": ("partnership", "普通合伙", "合伙企业普通合伙", "合伙企业", "特殊普通合伙"),
    "gmbh": ("gmbh", "mbh", "gesellschaft mbh", "gesellschaft mit beschränkter haftung"),
    "gmbh & co kg": ("gmbh co kg", "gmbh und co kg"),
    "ag": ("ag", "aktiengesellschaft"),
    "kg": ("kg",),
    "se": ("se",),
    "sa": ("sa", "s a"),
    "sas": ("sas",),
    "sarl": ("sarl", "s a r l"),
    "srl": ("srl", "s r l"),
    "spa": ("spa", "s p a"),
    "nv": ("nv", "n v"),
    "bv": ("bv", "b v"),
    "ab": ("ab",),
    "as": ("as", "a s"),
    "aps": ("aps",),
    "oy": ("oy",),
    "oyj": ("oyj",),
    "sp zoo": ("sp z o o", "sp z oo", "sp zoo"),
    "sro": ("sro", "s r o"),
    "ooo": ("ooo", "ооо"),
    "sdn bhd": ("sdn bhd",),
    "bhd": ("bhd",),
    "株式会社": ("株式会社", "株式會社", "k k", "kk", "kabushiki kaisha"),
    "有限会社": ("有限会社", "有限會社", "yugen kaisha"),
    "合同会社": ("合同会社", "godo kaisha", "g k"),
    "合名会社": ("合名会社",),
    "合資会社": ("合資会社",),
    "相互会社": ("相互会社",),
    "財団法人": ("一般財団法人", "公益財団法人", "財団法人"),
    "社団法人": ("一般社団法人", "公益社団法人", "社団法人"),
    "医療法人": ("医療法人社団", "医療法人財団", "医療法人"),
    "社会福祉法人": ("社会福祉法人",),
    "学校法人": ("学校法人",),
    "特定非営利活動法人": ("特定非営利活動法人", "npo法人"),
    "分公司": ("分公司", "有限公司分公司", "股份有限公司分公司"),
    "分店": ("分店",),
    "总公司": ("总公司", "總公司"),
    "事务所": ("事务所", "事務所"),
    "厂": ("厂", "廠"),
    "经营部": ("经营部", "營業部"),
    "个体工商户": ("个体工商户",),
    "cooperative": ("专业合作社", "合作社"),
    "sole proprietor": ("个人独资企业",),
}  # fmt: skip
_MARKED = {"株": "株式会社", "有": "有限会社", "同": "合同会社", "名": "合名会社", "資": "合資会社"}
"""Forms that stand in brackets or as one sign (㈱ is (株) once written in one way), before or after the name."""
_BRACKETED = re.compile(r"^\(([株有同名資])\)|\(([株有同名資])\)$")
_PLACES = """
中国 北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东
河南 湖北 湖南 广东 广西 海南 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆
香港 澳门 台湾 深圳 广州 杭州 宁波 温州 南京 苏州 无锡 武汉 成都 西安 青岛 大连
厦门 郑州 长沙 合肥 福州 济南 沈阳 东莞 佛山 珠海 嘉兴 绍兴 金华 台州 湖州 常州
南通 徐州 昆明 贵阳 南宁 海口 兰州 太原 石家庄 哈尔滨 长春 南昌 乌鲁木齐
東京 大阪 京都 名古屋 横浜 神戸 福岡 札幌 仙台 広島
"""
PLACES = tuple(_PLACES.split())
"""Places that stand before or in brackets within the name of a firm: provinces, and cities with many firms."""
SHORTEST = 3
"""Characters that must be left of a name without its place."""
_PLACE = re.compile(f"({'|'.join(sorted(PLACES, key=len, reverse=True))})[省市]?")
_FORM_OF = {said: form for form, ways in _FORMS.items() for said in ways}
_LONGEST = max(said.count(" ") + 1 for said in _FORM_OF)
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_UNSPACED = sorted((said for said in _FORM_OF if _EAST_ASIAN.search(said)), key=len, reverse=True)
_RANK = {said: rank for rank, said in enumerate(_UNSPACED)}
_LENGTHS = sorted({len(said) for said in _UNSPACED}, reverse=True)
_DOTS = re.compile(r"[.'’]")
_NO_WORD = re.compile(r"[\W_]+")
REMEMBERED = 1 << 17
"""Names that are taken apart once: another snapshot holds nearly the same, and checks ask again."""


@lru_cache(maxsize=REMEMBERED)
def split_legal_form(name: str) -> tuple[str, str]:
    """Return the name without its legal form, and the form ("" where none is known), in lower case."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    if not plain.isalnum():  # most Chinese names have nothing to take out
        narrow = _DOTS.sub("", plain).strip()
        if (mark := _BRACKETED.search(narrow)) is not None and mark[0] != narrow:
            rest = _NO_WORD.sub(" ", narrow.replace(mark[0], " ", 1)).strip()
            return rest.replace(" ", "") if _EAST_ASIAN.search(rest) else rest, _MARKED[mark[1] or mark[2]]
        plain = _NO_WORD.sub(" ", narrow).strip()
    if _EAST_ASIAN.search(plain):
        joined = plain.replace(" ", "")
        for size in _LENGTHS:  # the longest form that the name begins or ends with
            if size >= len(joined):
                continue
            behind, before = joined[-size:], joined[:size]  # 株式会社 stands before the name as well
            if behind in _RANK and _RANK[behind] <= _RANK.get(before, len(_RANK)):
                return joined[:-size], _FORM_OF[behind]
            if before in _RANK:
                return joined[size:], _FORM_OF[before]
    words = plain.split(" ")
    for count in range(min(_LONGEST, len(words) - 1), 0, -1):
        form = _FORM_OF.get(" ".join(words[-count:]))
        if form is not None:
            return " ".join(words[:-count]), form
    return plain, ""


def split_place(base: str) -> tuple[str, str]:
    """Return a name (without legal form) without the first known place in it, and the place ("" where there is none).

    >>> split_place("浙江省恒力贸易"), split_place("恒力浙江贸易"), split_place("恒力贸易"), split_place("浙江")
    (('恒力贸易', '浙江'), ('恒力贸易', '浙江'), ('恒力贸易', ''), ('浙江', ''))
    """
    found = _PLACE.search(base)
    if found is None or len(base) - len(found[0]) < SHORTEST:
        return base, ""
    return base[: found.start()] + base[found.end() :], found[1]
