"""Numbers as a reader of the page writes them; the browser's half is assets/js/words.js."""

from graphrisk.model.figures import count, money, percent

__all__ = ["count", "money", "percent"]
