"""Look for known holes in what is pinned, in the open database of OSV: a part of `make check`.

pip-audit asks about every package of requirements.lock, and torch. A known hole fails the check. The
want of a network does not, and is said: no answer is no all-clear. What must stay for a while
although it has a hole stands in ACCEPTED, with the reason.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ACCEPTED: dict[str, str] = {}  # an advisory's identity: why it cannot touch us
ASK = ("--disable-pip", "--no-deps", "--progress-spinner", "off", "--timeout", "10", "--format", "json")
NO_NETWORK = re.compile(
    r"ConnectionError|ConnectTimeout|ReadTimeout|Timeout|NameResolution|ProxyError|SSLError"
)
LIMIT_S = 300


def main(further: list[str]) -> int:
    """Audit; `further` are options of pip-audit's, as another database's address."""
    packages: list[dict[str, Any]] = []
    for pins in list_pins():
        try:
            packages += ask(pins, further)
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            if isinstance(error, ValueError) and not NO_NETWORK.search(str(error)):
                return say(f"The audit failed: {error}") or 1
            return say(f"Dependencies were NOT audited, no database of holes answered: {str(error)[:200]}")
    return judge(packages)


def ask(pins: str, further: list[str]) -> list[dict[str, Any]]:
    """Ask pip-audit of these pins; ValueError, with its last words, where it answers nothing."""
    with tempfile.TemporaryDirectory() as folder:
        answer, listed = Path(folder) / "answer.json", Path(folder) / "pins.txt"
        listed.write_text(pins)
        command = [sys.executable, "-m", "pip_audit", *ASK, "-r", str(listed), "-o", str(answer)]
        command += ["--vulnerability-service", "osv", *further]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)  # noqa: S603
        if not answer.is_file():
            raise ValueError(" ".join(done.stderr.strip().splitlines()[-1:]))
        packages: list[dict[str, Any]] = json.loads(answer.read_text())["dependencies"]
        return packages


def list_pins() -> list[str]:
    """List what is pinned, torch too, as files that name no package twice (some have a pin a platform)."""
    lock = (ROOT / "requirements.lock").read_text()
    torch = re.findall(r'"(torch==[^"]+)"', (ROOT / "pyproject.toml").read_text())
    pins = re.findall(r"^([A-Za-z0-9][\w.-]*(?:\[[\w,-]+\])?==[^\s;\\]+)", lock, re.MULTILINE)
    files: list[dict[str, str]] = []
    for pin in dict.fromkeys([*pins, *torch]):
        name = pin.partition("==")[0]
        file = next((file for file in files if name not in file), None)
        if file is None:
            files.append(file := {})
        file[name] = pin
    return ["\n".join(file.values()) + "\n" for file in files]


def judge(packages: list[dict[str, Any]]) -> int:
    """Say what is known of each package; 1 where there is a hole that nobody accepted."""
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    holes = [
        (package, hole)
        for package in packages
        for hole in package.get("vulns", ())
        if not {hole["id"], *hole.get("aliases", ())} & ACCEPTED.keys()
    ]
    for package, hole in holes:
        fixed = ", ".join(hole.get("fix_versions", ())) or "no version yet"
        say(f"{package['name']} {package['version']} has a known hole, {hole['id']}; fixed in {fixed}.")
    if skipped:
        say(f"NOT audited, {len(skipped)} of {len(packages)}: {', '.join(skipped)[:300]}.")
    if not holes:
        say(f"{len(packages) - len(skipped)} dependencies audited, no known hole.")
    return int(bool(holes))


def say(sentence: str) -> int:
    """Print a sentence; 0, the status of a check that nothing failed."""
    print(sentence, flush=True)  # noqa: T201 -- a command of its own
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
