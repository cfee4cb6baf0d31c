"""Known weaknesses of the packages that come along with graphrisk: `python -m tests.audit`, where the internet is.

It installs pip-audit into an environment of its own and asks one service after another. Exit code 0: every package was
looked up and none has a known weakness; 1: some have, each in a line; 2: some were not looked up, so nothing is known.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tests.sbom import brought

SERVICES = ("pypi", "osv")


def read(answer: str) -> tuple[list[str], list[str]]:
    """Return the weaknesses in pip-audit's JSON, a line each, and the packages that it did not look up.

    pip-audit itself ends with 0 where it looked up none.
    """
    weak, left_out = [], []
    for package in json.loads(answer)["dependencies"]:
        if "vulns" not in package:
            left_out.append(package["name"])
        for one in package.get("vulns", ()):
            mended = ", ".join(one["fix_versions"]) or "no version yet"
            weak.append(f"{package['name']} {package['version']}: {one['id']}, mended in {mended}")
    return weak, left_out


def asked(program: Path, packages: Path, service: str) -> tuple[list[str], list[str]]:
    """Return what `read` returns, of one service; all packages are left out where it does not answer."""
    command = [program, "-r", packages, "--no-deps", "--disable-pip", "-s", service, "-f", "json", "--timeout", "10"]
    ran = subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False)
    if not ran.stdout.strip():
        print(f"{service}: {(ran.stderr.strip().splitlines() or ['no answer'])[-1]}", file=sys.stderr)
        return [], packages.read_text("utf-8").split()
    return read(ran.stdout)


def main() -> int:
    """Ask until a service has looked up every package."""
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        place = Path(folder)
        packages = place / "packages.txt"
        packages.write_text("".join(f"{name}=={one.version}\n" for name, one in brought().items()), "utf-8")
        venv.create(place / "own", with_pip=True)
        programs = place / "own" / ("Scripts" if sys.platform == "win32" else "bin")
        subprocess.run([programs / "python", "-m", "pip", "install", "-q", "pip-audit"], check=True)
        for service in SERVICES:
            weak, left_out = asked(programs / "pip-audit", packages, service)
            print(f"{service}: {len(left_out)} not looked up, {len(weak)} known weaknesses")
            print(*weak, sep="\n", end="\n" if weak else "")
            if weak:
                return 1
            if not left_out:
                return 0
    return 2


if __name__ == "__main__":
    sys.exit(main())
