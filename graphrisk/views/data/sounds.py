"""How Chinese names are typed in Latin letters: initials and syllables, by pypinyin, which the extra `zh` installs."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CHINESE = re.compile("[\u4e00-\u9fff]")


def sounds(names: Sequence[str]) -> list[str | None]:
    """Return for each name its initials and its syllables, "hlmy henglimaoyi"; None without Chinese, or the package."""
    if not any(_CHINESE.search(name) for name in names):
        return [None] * len(names)
    try:
        from pypinyin import lazy_pinyin
    except ImportError:
        return [None] * len(names)
    out: list[str | None] = []
    for name in names:
        syllables = [one for one in lazy_pinyin("".join(_CHINESE.findall(name))) if one.isascii()]
        initials = "".join(one[0] for one in syllables)
        out.append(f"{initials} {''.join(syllables)}" if len(syllables) > 1 else None)
    return out
