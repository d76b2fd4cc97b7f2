"""What every room's tests share: the real material beside the checkout, and PostgreSQL, where they are."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, text

from tests.on_postgres.standing_in import postgres_standing_in

SHARED = Path(__file__).parents[2] / "shared"

# The same examples in every run, so that a change is what a failure speaks of; ENTENDU_DRAW=1 draws others.
# Processors are shared here: how long an example takes, or the making of one, says nothing. Fixtures
# that examples share are archives that they only read.
hypothesis_settings.register_profile(
    "shared machine",
    deadline=None,
    derandomize=not os.environ.get("ENTENDU_DRAW"),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("shared machine")


@pytest.fixture(autouse=True, scope="session")
def unhurried_searches() -> Iterator[None]:
    """Let searches take as long as a busy machine needs: what is held of them is what they find."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("search.index.TIME_LIMIT_S", 60.0)
        yield


collect_ignore = ["on_postgres/sitecustomize.py"]  # for programs that tests run: Python finds it by its path
ON_POSTGRES = os.environ.get("ENTENDU_TEST_DATABASE") == "postgresql"


@pytest.fixture(autouse=True, scope="session")
def catalogues(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep catalogues in SQLite files, or with ENTENDU_TEST_DATABASE=postgresql on a server of ours."""
    if not ON_POSTGRES:
        yield
        return
    with postgres_standing_in(request.getfixturevalue("postgres_url")):
        yield


def pytest_configure(config: pytest.Config) -> None:
    """Let PostgreSQL's connections be closed by whoever collects garbage, as SQLite's are."""
    if ON_POSTGRES:
        unclosed = "ignore:.*BaseConnection.__del__:pytest.PytestUnraisableExceptionWarning"
        config.addinivalue_line("filterwarnings", unclosed)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what only SQLite can show."""
    if ON_POSTGRES:
        for item in items:
            if marker := item.get_closest_marker("sqlite"):
                item.add_marker(pytest.mark.skip(reason=f"on SQLite alone: {marker.args[0]}"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real audio and transcripts; skips where this machine lacks it."""
    if not SHARED.is_dir():
        pytest.skip(f"no real material at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start a PostgreSQL server of our own on a Unix socket; skip where none is installed."""
    initdb, pg_ctl = (shutil.which(name) or _debian_binary(name) for name in ("initdb", "pg_ctl"))
    if not initdb or not pg_ctl:
        pytest.skip("PostgreSQL is not installed: no initdb")
    # Not under pytest's own folder, of which a run that starts meanwhile would prune the oldest.
    with tempfile.TemporaryDirectory(prefix="entendu-pg-") as name:
        yield from _serve_postgres(Path(name), initdb, pg_ctl)


@pytest.fixture
def fresh_postgres(postgres_url: str, tmp_path: Path) -> str:
    """The address of an empty database of its own on that server."""
    return _fresh_database(postgres_url, tmp_path.name)


def _fresh_database(url: str, name: str) -> str:
    fresh = "t_" + "".join(char for char in name.lower() if char.isalnum())[-50:]
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{fresh}"'))
        connection.execute(text(f'CREATE DATABASE "{fresh}"'))
    engine.dispose()
    return url.replace("/postgres?", f"/{fresh}?")


def _serve_postgres(folder: Path, initdb: str, pg_ctl: str) -> Iterator[str]:
    as_user = (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    )
    if as_user:
        _open_to(folder, "postgres")
    data = folder / "data"
    _run([*as_user, initdb, "-D", str(data), "-A", "trust", "-U", "entendu", "-E", "UTF8", "--no-sync"])
    server = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=400"
    _run([*as_user, pg_ctl, "-D", str(data), "-o", server, "-w", "-l", str(folder / "log"), "start"])
    try:
        yield f"postgresql+psycopg://entendu@/postgres?host={folder}"
    finally:
        _run([*as_user, pg_ctl, "-D", str(data), "-m", "immediate", "stop"])


def _debian_binary(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else None


def _open_to(folder: Path, user: str) -> None:
    shutil.chown(folder, user, user)
    for parent in folder.parents:
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
