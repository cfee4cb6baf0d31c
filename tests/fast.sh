#!/usr/bin/env bash
# The fast loop of developers: style, floors, types, and the tests that need neither a server nor a browser nor long
# compiling. In the environment of `pip install -e .[dev]`. Extra arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
ruff format --check -q .
ruff check -q .
lint-imports --no-cache >/dev/null
mypy
python -m pytest -q -m "not neo4j and not browser" \
  tests/test_house.py tests/test_docs.py tests/test_config.py tests/test_scenario.py tests/test_statement.py \
  tests/model tests/graph tests/export tests/cases/test_findings.py tests/cases/test_supplies.py \
  tests/kernels/network tests/analyze/test_against_unshocked.py tests/analyze/test_chains.py tests/analyze/test_quality.py \
  "$@"
