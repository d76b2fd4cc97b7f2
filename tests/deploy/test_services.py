"""The service files take away what the program does not need, as systemd itself reads and counts them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
MOST_EXPOSED = 30  # in tenths: systemd's own scale, from 0 (nothing left) to 100; "OK" begins at 49
units = pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda path: path.name)


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


@units
def test_a_service_exposes_little(unit: Path) -> None:
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(unit))
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd cannot count offline")
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr


@units
def test_systemd_understands_every_line(unit: Path, tmp_path: Path) -> None:
    """Of a copy that starts something which is here: a word that it does not know is only warned of."""
    text = re.sub(r"^ExecStart=.*$", "ExecStart=/bin/true", unit.read_text(encoding="utf-8"), flags=re.M)
    text = re.sub(r"^(User|Group|WorkingDirectory|Documentation)=.*\n", "", text, flags=re.M)
    copy = tmp_path / unit.name
    copy.write_text(text, encoding="utf-8")
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(copy))
    told = [line for line in (done.stdout + done.stderr).splitlines() if unit.name in line]
    assert told == []
