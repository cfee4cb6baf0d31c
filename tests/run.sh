#!/usr/bin/env bash
# Install what the tests need and run all of them against the built wheel, one process a core (GRAPHRISK_TEST_WORKERS
# says how many), then the fast ones again with the oldest packages that pyproject.toml allows. Extra arguments go to
# pytest, and leave the second run out. GRAPHRISK_DIST names a folder for the wheel and its bill of materials.
set -euo pipefail
cd "$(dirname "$0")/.."
repo=$PWD
unset PYTHONPATH  # what is tested is the wheel
need() { echo "tests: $1 is missing: $2" >&2; exit 1; }

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || need "Python 3.11" "apt-get install python3 python3-venv"
if [ -z "${NEO4J_URI:-}" ]; then
  command -v java >/dev/null || need "Java 17" "apt-get install openjdk-17-jre-headless"
  command -v mvn >/dev/null || need "Maven" "apt-get install maven"
fi
if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -q && apt-get install -y -q chromium fonts-noto-cjk
  else
    need "Chromium" "sudo apt-get install chromium fonts-noto-cjk"
  fi
fi

venv=${GRAPHRISK_TEST_VENV:-$repo/.venv-test}
oldest=$venv-oldest
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
bin=$venv/bin
work=$(mktemp -d)
installing=
trap 'if [ -n "$installing" ]; then kill "$installing" 2>/dev/null || true; fi; rm -rf "$work"' EXIT
"$bin/pip" install -q --disable-pip-version-check "build>=1.2.1" "hatchling>=1.26.3"
"$bin/python" -m build -q --wheel --no-isolation --outdir "$work/dist" .
wheel=$(ls "$work"/dist/*.whl)
"$bin/python" -m build -q --wheel --no-isolation --outdir "$work/again" .
cmp "$wheel" "$work"/again/*.whl || need "a wheel that is the same each time it is built" "see what differs: diffoscope"
"$bin/pip" install -q --disable-pip-version-check "$wheel[dev]"
"$bin/pip" install -q --disable-pip-version-check --force-reinstall --no-deps "$wheel"

install_oldest() {
  [ -x "$oldest/bin/python" ] || "$python" -m venv "$oldest"
  "$python" tests/oldest.py >"$work/oldest.txt"
  "$oldest/bin/pip" install -q --disable-pip-version-check -c "$work/oldest.txt" \
    "$wheel[er,zh]" cogapp hypothesis pytest pytest-timeout pytest-xdist
}
if [ $# = 0 ]; then
  install_oldest >"$work/installed" 2>&1 &
  installing=$!
fi

"$bin/ruff" format --check -q . || need "formatting" "run: ruff format"
"$bin/ruff" check -q .
"$bin/lint-imports" --no-cache >"$work/imports" || { cat "$work/imports"; exit 1; }
"$bin/mypy" --cache-dir "$work/mypy"
"$bin/python" -m cogapp --check docs/*.md >"$work/cog" || need "generated documentation" "run: python -m cogapp -r docs/*.md"

# The tests lie beside no source here, so that what they import is the wheel.
ln -s "$repo/tests" "$work/tests"
ln -s "$repo/benchmarks" "$work/benchmarks"
cd "$work"
export PATH="$bin:$PATH" GRAPHRISK_WHEEL="$wheel"
PYTHONPATH=$work "$bin/python" -P -m tests.sbom "${wheel%.whl}.cdx.json"
if [ -n "${GRAPHRISK_DIST:-}" ]; then mkdir -p "$GRAPHRISK_DIST" && cp dist/* "$GRAPHRISK_DIST"; fi
"$bin/python" -P -m graphrisk doctor --warm  # once: else each process of pytest would compile the same
cores=$(nproc)
workers=${GRAPHRISK_TEST_WORKERS:-$((cores < 6 ? cores : 6))}
"$bin/python" -P -m pytest -c "$repo/pyproject.toml" --rootdir "$work" -p no:cacheprovider -q -n "$workers" tests "$@"

if [ -n "$installing" ]; then
  wait "$installing" || { cat "$work/installed" >&2; need "the oldest packages" "raise a bound of pyproject.toml"; }
  echo "with the oldest packages:"
  # what is old warns about what is new beside it
  PATH="$oldest/bin:$PATH" bash "$repo/tests/fast.sh" --only-tests -p no:cacheprovider -W default -n "$workers"
fi
