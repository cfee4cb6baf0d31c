"""A real Neo4j Community server for tests: jars by Maven, a free loopback port, authentication on.

python -m tests.neo4j_server fetch          download the jars of every version that this machine's Java can run
"""

from __future__ import annotations

import ctypes
import functools
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

POM = Path(__file__).parent / "neo4j" / "pom.xml"
LTS = "5.26.30"
CURRENT = "2026.08.1"
# First Java that each line of Neo4j runs on: https://neo4j.com/docs/operations-manual/current/installation/requirements/
NEEDS_JAVA = {LTS: 17, CURRENT: 21}
_OPENS = ("java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch", "java.base/java.util.concurrent")


class UnavailableError(Exception):
    """No server can be started here; the text says what to install."""


@functools.cache
def javas() -> dict[Path, int]:
    """Return the Java homes of this machine with their major version."""
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    homes += sorted(path.resolve() for path in Path("/usr/lib/jvm").glob("*") if (path / "bin" / "java").is_file())
    on_path = shutil.which("java")
    if on_path:
        homes.append(Path(on_path).resolve().parent.parent)
    found: dict[Path, int] = {}
    for home in homes:
        if home in found or not (home / "bin" / "java").is_file():
            continue
        said = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=False).stderr
        match = re.search(r'version "(\d+)', said)
        if match:
            found[home] = int(match[1])
    return found


def java_for(version: str) -> Path:
    """Return the oldest Java home that can run a Neo4j version; UnavailableError if there is none."""
    fitting = sorted((major, home) for home, major in javas().items() if major >= NEEDS_JAVA[version])
    if version == LTS:
        fitting = [pair for pair in fitting if pair[0] <= 21] or fitting
    if not fitting:
        raise UnavailableError(
            f"Neo4j {version} needs Java {NEEDS_JAVA[version]} or newer: apt-get install openjdk-17-jdk"
        )
    return fitting[0][1]


def runnable_versions() -> list[str]:
    """Return the Neo4j versions that this machine's Java can run: 5.26 always, the current one with Java 21+."""
    return [LTS, *([CURRENT] if any(major >= NEEDS_JAVA[CURRENT] for major in javas().values()) else [])]


def libraries(version: str) -> Path:
    """Return the folder with a version's jars, downloaded by Maven once; UnavailableError where that fails."""
    folder = Path(os.environ.get("NEO4J_LIB_CACHE", Path.home() / ".cache" / "graphrisk-neo4j")) / version
    done = folder / ".complete"
    if done.is_file():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise UnavailableError("Maven is missing: apt-get install maven")
    command = [maven, "-q", "-B", "-f", str(POM), f"-Dneo4j.version={version}", "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise UnavailableError(f"Maven cannot download Neo4j {version}: {(ran.stdout + ran.stderr)[-500:]}")
    done.touch()
    return folder


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def end_with_parent() -> None:
    """Ask the kernel to end this process when the one that started it ends, however that ends (Linux).

    Source: prctl(2), PR_SET_PDEATHSIG.
    """
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL)


def _can_end_with_parent() -> bool:
    # The kernel looks at the thread that started the process, and one in the middle of a test ends before the test.
    return sys.platform == "linux" and threading.current_thread() is threading.main_thread()


@dataclass(kw_only=True)
class Server:
    """A server in its own folder: start, kill, start again; `stop` ends only what was started here."""

    home: Path
    version: str = LTS
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: secrets.token_hex(8))
    heap: str = "1g"
    jvm: str = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"  # a test's server lives shortly: compile little
    pagecache: str = "128m"
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"neo4j://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that graphrisk reads."""
        return {"NEO4J_USERNAME": "neo4j", "NEO4J_PASSWORD": self.password}

    def start(self, patience: float = 240.0) -> Server:
        """Start the server and wait until it takes connections."""
        self.prepare()
        console = self.home / "logs" / "console.log"
        main = (
            "org.neo4j.server.CommunityEntryPoint"
            if self.version.startswith("5.")
            else "org.neo4j.server.Neo4jCommunity"
        )
        with console.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *self._java(f"-Xms256m -Xmx{self.heap} {self.jvm} -Dlog4j2.disable.jmx=true".split()),
                    main,
                    f"--home-dir={self.home}",
                    f"--config-dir={self.home / 'conf'}",
                    "--console-mode",
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent if _can_end_with_parent() else None,
            )
        self.wait_until_started(patience)
        return self

    def wait_until_started(self, patience: float = 240.0) -> None:
        """Wait until the server takes connections; UnavailableError where it ends or takes too long."""
        console = self.home / "logs" / "console.log"
        until = time.monotonic() + patience
        while b" Started." not in console.read_bytes():
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > until:
                said = console.read_text("utf-8", "replace")[-1500:]
                self.kill()
                raise UnavailableError(f"Neo4j {self.version} does not start: {said}")
            time.sleep(0.2)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def admin(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run a neo4j-admin command on this server's files; return what it printed."""
        ran = subprocess.run(
            [*self._java(["-Xmx1g"]), "org.neo4j.cli.AdminTool", *arguments],
            env={**os.environ, "NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")},
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise RuntimeError(f"neo4j-admin {' '.join(arguments)}: {(ran.stdout + ran.stderr)[-3000:]}")
        return ran.stdout + ran.stderr

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def _java(self, options: list[str]) -> list[str]:
        opens = [f"--add-opens={package}=ALL-UNNAMED" for package in (*_OPENS, "java.base/java.lang")]
        jars = f"{libraries(self.version)}/*:{self.home / 'conf'}"
        return [str(java_for(self.version) / "bin" / "java"), "-cp", jars, *options, *opens]

    def prepare(self) -> None:
        """Write the configuration and the password, if that is not done."""
        if (self.home / "conf").is_dir():
            return
        for name in ("conf", "data", "logs", "plugins", "import", "run", "licenses"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        settings = {
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.listen_address": f"127.0.0.1:{self.port}",
            "server.bolt.advertised_address": f"127.0.0.1:{self.port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "server.directories.import": self.home / "import",
            "dbms.security.auth_enabled": "true",
            "dbms.usage_report.enabled": "false",
            "server.memory.pagecache.size": self.pagecache,
            "db.tx_log.rotation.retention_policy": "100M size",
        }
        text = "".join(f"{key}={value}\n" for key, value in settings.items())
        (self.home / "conf" / "neo4j.conf").write_text(text, "utf-8")
        self.admin("dbms", "set-initial-password", self.password)


if __name__ == "__main__":
    if sys.argv[1:] != ["fetch"]:
        sys.exit(str(__doc__))
    for wanted in runnable_versions():
        print(wanted, libraries(wanted))
