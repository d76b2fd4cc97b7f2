"""What the tests of this room share: the real recogniser, loaded once."""

import pytest

from ingest.words.recognition import Recogniser, load_model
from ingest.words.weights import find_model
from media.settings import Settings


@pytest.fixture(scope="session")
def model_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose data folder holds the bundled model, joined for this session."""
    settings = Settings(data=tmp_path_factory.mktemp("data"))
    find_model(settings)
    return settings


@pytest.fixture(scope="session")
def recogniser(model_settings: Settings) -> Recogniser:
    """The bundled model, on this process's processor."""
    return load_model(find_model(model_settings), "cpu", model_settings.beam_size)
