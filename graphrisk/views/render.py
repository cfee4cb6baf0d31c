"""A picture as one HTML file that asks nobody for anything: inert data, a policy of hashes, the same bytes always."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from functools import cache
from importlib.resources import files
from typing import Any

from graphrisk.errors import GraphRiskError
from graphrisk.views.page import Page
from graphrisk.views.picture import Picture

VIS_NETWORK = "templates/lib/vis-9.1.2/vis-network.min.js"
VIS_SHA256 = "1f20f0736f32cb9bedf8f6383b25cfea2f839e1abe80d6e8040b4d5bea378c69"
"""Digest of the one third-party script that runs in a page: vis-network 9.1.2 as pyvis 0.3.2 carries it."""


def inert_json(value: Any) -> str:
    """Return `value` as JSON that cannot end a script element or start a comment; refuses NaN."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    for letter in "&<>\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def source_hash(text: str) -> str:
    """Return the Content-Security-Policy source of an inline script or style."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


@cache
def vis_network() -> str:
    """Return the script of vis-network from the pyvis wheel; refuses any other than the one that was examined."""
    raw = (files("pyvis") / VIS_NETWORK).read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if found != VIS_SHA256:
        raise GraphRiskError(
            f"the vis-network script of pyvis is not the one examined (sha256 {found[:12]}...)",
            hint="install pyvis==0.3.2",
        )
    text = raw.decode("utf-8").replace("\r\n", "\n")  # as a browser reads it, and so hashes it
    return text.split("//# sourceMappingURL")[0]


@cache
def application() -> str:
    """Return the page's own script: the modules of assets/js in the order of their names, in one scope."""
    folder = files("graphrisk.views") / "assets" / "js"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".js"))
    parts = [(folder / name).read_text("utf-8") for name in names]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "\n})();\n"


@cache
def _asset(name: str) -> str:
    return (files("graphrisk.views") / "assets" / name).read_text("utf-8")


def render(picture: Picture, *, compress: bool = False) -> Page:
    """Return the page of a picture, of a book or of any network. Same picture, same bytes.

    `compress` packs the data (deflate, base64), which browsers since 2023 unpack.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    style, vis, app = _asset("page.css"), vis_network(), application()
    for text, end in ((vis, "</script"), (app, "</script"), (style, "</style")):
        if end in text.lower():
            raise GraphRiskError(f"an asset of the page holds {end}")
    policy = (
        f"default-src 'none'; script-src {source_hash(vis)} {source_hash(app)}; style-src {source_hash(style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    data = inert_json(picture.data())
    if compress:
        data = base64.b64encode(zlib.compress(data.encode("utf-8"), 9)).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    template = environment.from_string(_asset("page.html"))
    html = template.render(
        lang="zh-CN" if picture.lang == "zh" else "en",
        title=picture.title,
        words=picture.words,
        policy=policy,
        packed=compress,
        style=Markup(style),
        vis=Markup(vis),
        app=Markup(app),
        data=Markup(data),
    )
    return Page(html, picture)
