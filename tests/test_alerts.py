"""The alerts ring by figures that the program gives; promtool, where it is installed, rings each of them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import Archive, archive, client, sound  # noqa: F401 -- fixtures

DEPLOY = Path(__file__).parents[1] / "deploy"
RULES = DEPLOY / "prometheus-rules.yml"
DECLARED = re.compile(r"^# TYPE (\S+) (\w+)$", re.MULTILINE)
NAMED = re.compile(r"\b((?:entendu|process)_[a-z_]+)\b")


def test_every_alert_is_about_a_figure_that_is_given(client: TestClient, archive: Archive) -> None:  # noqa: F811
    form = re.search(r'name="form_token" value="([^"]+)"', client.get("/login").text)
    assert form is not None
    client.post("/login", data={"form_token": form[1], "login": archive.login, "password": archive.password})
    given = {name for name, _ in DECLARED.findall(client.get("/metrics").text)}
    given |= {f"{name}{part}" for name in given for part in ("_bucket", "_count", "_sum")}
    expressions = re.findall(r"expr: (.*?)\n +for:", RULES.read_text(encoding="utf-8"), re.DOTALL)
    named = {name for expression in expressions for name in NAMED.findall(expression)}
    assert len(named) > 10
    assert named - given == set()


def test_the_operators_page_tells_of_every_alert_and_every_alert_says_what_to_do() -> None:
    rules = RULES.read_text(encoding="utf-8")
    alerts = re.findall(r"- alert: (\w+)", rules)
    told = (DEPLOY.parent / "docs" / "operators.md").read_text(encoding="utf-8")
    assert [alert for alert in alerts if alert not in told] == []
    assert rules.count("action: ") == rules.count("summary: ") == len(alerts)


@pytest.mark.parametrize(
    "arguments",
    [["check", "rules", "prometheus-rules.yml"], ["test", "rules", "prometheus-rules.test.yml"]],
    ids=lambda arguments: arguments[0],
)
def test_promtool_agrees(arguments: list[str]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: Debian has it in its package prometheus")
    done = subprocess.run([promtool, *arguments], cwd=DEPLOY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
