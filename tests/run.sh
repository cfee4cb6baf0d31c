#!/usr/bin/env bash
# Install what the tests need and run all of them against the built wheel, one process a core (GRAPHRISK_TEST_WORKERS
# says how many). Extra arguments go to pytest. GRAPHRISK_DIST names a folder for the wheel and its bill of materials.
set -euo pipefail
cd "$(dirname "$0")/.."
repo=$PWD
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
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
bin=$venv/bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$bin/pip" install -q --disable-pip-version-check "build>=1.2.1" "hatchling>=1.26.3"
"$bin/python" -m build -q --wheel --no-isolation --outdir "$work/dist" .
wheel=$(ls "$work"/dist/*.whl)
"$bin/python" -m build -q --wheel --no-isolation --outdir "$work/again" .
cmp "$wheel" "$work"/again/*.whl || need "a wheel that is the same each time it is built" "see what differs: diffoscope"
"$bin/pip" install -q --disable-pip-version-check "$wheel[dev]"
"$bin/pip" install -q --disable-pip-version-check --force-reinstall --no-deps "$wheel"

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
