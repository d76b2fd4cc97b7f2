"""Three machines share one archive, one is destroyed and one cut off: see `trials.three_workers`."""

from pathlib import Path

import pytest

from trials import networks, servers
from trials.three_workers import STATIONS, run_trial

SEED = 7  # each machine takes two episodes at once: six are in the hands of all three
MISSING = networks.why_not() or servers.why_not()


@pytest.mark.slow
@pytest.mark.skipif(MISSING is not None, reason=f"no three machines here: {MISSING}")
def test_an_archive_survives_a_machine_destroyed_and_one_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 1, 3, 4: with PostgreSQL over TCP, a shared folder, and a recogniser written by hand."""
    monkeypatch.setenv("TRIAL_PART_S", "0.1")
    report = run_trial(tmp_path, light=True, seed=SEED, episodes=2 * STATIONS, silence_s=6)
    assert report.differences == [] and len(report.taken_over_s) == 2
