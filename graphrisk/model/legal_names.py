"""Names of firms taken apart: what a firm is called, and its legal form, each written in one way.

`Alpha Ltd.` and `ALPHA LIMITED` are one name and one form; `Alpha GmbH` is another form, thus another firm.
"""

from __future__ import annotations

import re
import unicodedata

_FORMS = {
    "limited": ("limited", "ltd", "co ltd", "co limited", "company limited", "pte ltd", "pty ltd", "pvt ltd",
                "private limited", "有限公司", "有限责任公司"),
    "plc": ("plc", "p l c", "public limited company", "股份有限公司"),
    "corporation": ("inc", "incorporated", "corp", "corporation"),
    "company": ("co", "company", "公司"),
    "llc": ("llc", "l l c", "limited liability company"),
    "llp": ("llp", "limited liability partnership"),
    "lp": ("lp", "limited partnership", "有限合伙", "合伙企业有限合伙"),
    "partnership": ("partnership", "普通合伙", "合伙企业普通合伙", "合伙企业"),
    "gmbh": ("gmbh", "mbh"),
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
    "株式会社": ("株式会社", "k k", "kk"),
    "cooperative": ("专业合作社", "合作社"),
    "sole proprietor": ("个人独资企业",),
}  # fmt: skip
_FORM_OF = {said: form for form, ways in _FORMS.items() for said in ways}
_LONGEST = max(said.count(" ") + 1 for said in _FORM_OF)
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_UNSPACED = sorted((said for said in _FORM_OF if _EAST_ASIAN.search(said)), key=len, reverse=True)
_DOTS = re.compile(r"[.'’]")
_NO_WORD = re.compile(r"[\W_]+")


def split_legal_form(name: str) -> tuple[str, str]:
    """Return the name without its legal form, and the form ("" where none is known), in lower case."""
    plain = _NO_WORD.sub(" ", _DOTS.sub("", unicodedata.normalize("NFKC", name).casefold())).strip()
    if _EAST_ASIAN.search(plain):
        joined = plain.replace(" ", "")
        for said in _UNSPACED:
            if joined.endswith(said) and len(joined) > len(said):
                return joined[: -len(said)], _FORM_OF[said]
            if joined.startswith(said) and len(joined) > len(said):  # 株式会社 stands before the name as well
                return joined[len(said) :], _FORM_OF[said]
    words = plain.split(" ")
    for count in range(min(_LONGEST, len(words) - 1), 0, -1):
        form = _FORM_OF.get(" ".join(words[-count:]))
        if form is not None:
            return " ".join(words[:-count]), form
    return plain, ""
