"""Small drawn samples: a column that tells, one that turns, a category, missing cells, and noise."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from graphrisk.kernels.credit.points import chance


def rows(n: int = 400, seed: int = 0) -> list[dict[str, Any]]:
    dice = np.random.default_rng(seed)
    lever, cover, noise = dice.normal(size=n), dice.exponential(2.0, n), dice.normal(size=n)
    branch = dice.choice(["钢贸", "食品", "纺织"], n)
    logit = -1.8 + 1.2 * lever - 0.5 * cover + 1.0 * (branch == "钢贸")
    bad = dice.random(n) < chance(logit)
    gone = dice.random(n) < 0.1
    return [
        {
            "client": f"C{k:04d}",
            "lever": round(float(lever[k]), 6),
            "cover": "" if gone[k] else round(float(cover[k]), 6),
            "noise": round(float(noise[k]), 6),
            "branch": branch[k],
            "bad": int(bad[k]),
        }
        for k in range(n)
    ]


def write(path: Path, given: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        made = csv.DictWriter(stream, list(given[0]))
        made.writeheader()
        made.writerows(given)
    return path
