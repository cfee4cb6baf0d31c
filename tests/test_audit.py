from __future__ import annotations

import json

from tests.audit import read


def test_a_package_that_was_not_looked_up_is_not_one_without_weaknesses() -> None:
    one = {"id": "PYSEC-2026-1", "fix_versions": ["1.1", "2.0"], "aliases": []}
    answer = {
        "dependencies": [
            {"name": "fine", "version": "1.0", "vulns": []},
            {"name": "weak", "version": "1.0", "vulns": [one]},
            {"name": "unknown", "skip_reason": "Dependency not found and could not be audited"},
        ]
    }
    assert (["weak 1.0: PYSEC-2026-1, mended in 1.1, 2.0"], ["unknown"]) == read(json.dumps(answer))
