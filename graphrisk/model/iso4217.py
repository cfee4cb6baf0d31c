"""The currency codes of ISO 4217 in use, and those withdrawn since 2010 that older contracts still carry."""

from __future__ import annotations

import unicodedata

# ISO 4217 table A.1 (current) without the testing code XTS and XXX ("no currency").
_CURRENT = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD
MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU
UYW UZS VED VES VND VUV WST XAF XAG XAU XCD XCG XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG
"""
# Table A.3, withdrawn since 2010.
_WITHDRAWN = "BYR CUC EEK HRK LTL LVL MRO SLL STD TMM VEF ZMK ZWL"

CODES = frozenset(_CURRENT.split()) | frozenset(_WITHDRAWN.split())

MEANT = {
    "RMB": "CNY", "CNH": "CNY", "人民币": "CNY", "人民币元": "CNY", "元": "CNY", "¥": "CNY", "￥": "CNY", "NTD": "TWD",
    "STG": "GBP", "€": "EUR", "$": "USD", "US$": "USD", "美元": "USD", "美金": "USD", "欧元": "EUR", "港币": "HKD",
    "港元": "HKD", "HK$": "HKD", "日元": "JPY", "日圆": "JPY", "英镑": "GBP", "£": "GBP", "新台币": "TWD",
    "澳元": "AUD", "加元": "CAD", "瑞士法郎": "CHF", "韩元": "KRW", "新加坡元": "SGD",
}  # fmt: skip
"""What people write, and the code they mean."""


def meant_code(text: str) -> str:
    """Return the code that `text` means, "" where none is known."""
    folded = unicodedata.normalize("NFKC", text).strip().upper()
    return MEANT.get(folded) or MEANT.get(text) or (folded if folded in CODES else "")
