"""A regime of a package of its own: the path of its file."""

from pathlib import Path

HOUSE_RULE = Path(__file__).with_name("house_rule.toml")
