"""The report as one HTML page: no script, nothing from elsewhere, A4 when printed, the same bytes for the same data."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence

from graphrisk.answers.html import paragraphs, table_html
from graphrisk.report.base import Section

_STYLE = """
:root{color-scheme:light}
body{font:14px/1.5 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",system-ui,sans-serif;
color:#1f2430;background:#fff;max-width:190mm;margin:0 auto;padding:10mm 8mm}
h1{font-size:24px;margin:0 0 2mm}h2{font-size:17px;margin:8mm 0 2mm;border-bottom:2px solid #1f2430;break-after:avoid}
p{margin:1.2mm 0}.lead{color:#4a5160}.warning{border-left:4px solid #D55E00;padding-left:3mm}
table{border-collapse:collapse;width:100%;margin:3mm 0;font-size:12px}caption{text-align:left;font-weight:bold;padding:1mm 0}
th,td{padding:1mm 2mm;border-bottom:1px solid #d5d9e0;text-align:left;vertical-align:top}
th{border-bottom:1.5px solid #1f2430}.brief{white-space:nowrap}.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
small{color:#5c6470}svg{max-width:100%;height:auto;display:block;margin:2mm 0;
font-family:"Noto Sans CJK SC","Microsoft YaHei","PingFang SC",system-ui,sans-serif}tr,svg{break-inside:avoid}
.method p{font-size:11px;margin:.6mm 0;color:#3a414e}
@page{size:A4;margin:14mm 12mm 16mm}
@media print{body{max-width:none;padding:0}thead{display:table-header-group}}
"""


def page(title: str, lead: str, sections: Sequence[Section], lang: str) -> str:
    """Return the page."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    body = "".join(_section(section, last=section is sections[-1]) for section in sections)
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>"
        f'<header><h1>{html.escape(title)}</h1><p class="lead">{html.escape(lead)}</p></header>'
        f"<main>{body}</main></body></html>\n"
    )


def _section(section: Section, *, last: bool) -> str:
    kind = ' class="method"' if last else ""
    warned = "".join(f'<p class="warning">{html.escape(line)}</p>' for line in section.warnings)
    tables = "".join(
        table_html(shown, reader, section.most_rows, styled=False)
        for shown, reader in section.tables
        if len(shown.frame)
    )
    return (
        f"<section{kind}><h2>{html.escape(section.title)}</h2>{paragraphs(section.sentences)}{warned}"
        f"{''.join(section.charts)}{tables}</section>"
    )
