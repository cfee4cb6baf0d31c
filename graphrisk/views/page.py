"""A finished page: written as a file, displayed in a notebook."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphrisk.views.picture import Picture


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """A finished page: `html` is the whole text, `picture` the data that it shows."""

    html: str
    picture: Picture | None = None

    def write(self, path: str | Path) -> Path:
        """Write the page as UTF-8 with \\n line ends, whatever the locale and system; return where."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and (target.is_symlink() or not target.is_file()):  # a pipe, a device, somebody's link
            target.write_bytes(self.html.encode("utf-8"))
            return target
        fresh = target.with_name(f".{target.name}.part")  # a full disk leaves no half page behind
        try:
            fresh.write_bytes(self.html.encode("utf-8"))
            fresh.replace(target)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        return target

    def __repr__(self) -> str:
        return "<Page: .write(PATH) saves it>"

    def _repr_html_(self) -> str:
        """Return the page in a sandboxed frame: scripts run, but reach neither the notebook nor the network."""
        return (
            f'<iframe srcdoc="{html.escape(self.html, quote=True)}" sandbox="allow-scripts allow-downloads" '
            'style="width:100%;height:720px;border:1px solid #d0d7de;border-radius:6px" loading="lazy" '
            f'title="{html.escape(self.picture.title if self.picture else "graphrisk view", quote=True)}"></iframe>'
        )
