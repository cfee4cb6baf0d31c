#!/usr/bin/env bash
# The fast loop of developers: format, style, types, floors, generated documents, and the tests that need neither a
# server (Maven, Java) nor a browser nor the engine of contagion, which compiles for a minute. Under three minutes on two
# cores, the first time too. In the environment of `pip install -e .[dev]`; --only-tests leaves the checks of the sources
# out, further arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}"
checked=
if [ "${1:-}" = --only-tests ]; then
  shift
else
  types=$(mktemp)
  trap 'rm -f "$types"' EXIT
  mypy >"$types" 2>&1 &
  checked=$!
  ruff format --check -q .
  ruff check -q .
  floors=$(lint-imports --no-cache) || { echo "$floors"; exit 1; }
  python -m cogapp --check docs/*.md >/dev/null || { echo "docs: run python -m cogapp -r docs/*.md" >&2; exit 1; }
fi
python -m pytest -q -m "not neo4j and not browser" \
  tests/test_house.py tests/test_docs.py tests/test_members.py tests/test_config.py tests/test_scenario.py \
  tests/test_statement.py tests/model tests/graph tests/loading tests/loaders tests/export tests/kernels/network \
  tests/analyze/test_chains.py tests/analyze/test_quality.py tests/analyze/test_needs.py \
  tests/views/test_layout.py tests/views/test_page.py tests/views/test_palette.py \
  --ignore tests/model/test_frames.py --ignore tests/graph/test_channels.py \
  "$@"
[ -z "$checked" ] || wait "$checked" || { cat "$types"; exit 1; }
