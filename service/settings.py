"""What the environment of a process says, read once and passed down."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE = 1024 * 1024


class Settings(BaseSettings):
    """Settings by `FEEDFORWARD_…` variables, `.env`, or flags of the command line (which win)."""

    model_config = SettingsConfigDict(env_prefix="FEEDFORWARD_", env_file=".env", extra="ignore", frozen=True)

    data: Path = Field(Path("feedforward-data"), description="Directory of the database and of the datasets.")
    database_url: str | None = Field(None, description="postgresql+psycopg://…; by default SQLite in `data`.")
    database_password_file: Path | None = Field(None, description="File that holds the password of `database_url`.")
    dataset_store: str | None = Field(
        None,
        max_length=1000,
        description="s3://bucket/prefix or file:///shared/folder for larger datasets; needs the extra `object-store`.",
    )
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    workers: int = Field(default_factory=lambda: min(4, os.cpu_count() or 1), ge=0, le=64)
    api_processes: int = Field(1, ge=1, le=64)
    insecure: bool = Field(False, description="Serve other hosts than loopback without keys.")
    allowed_hosts: list[str] = Field([], description="Further names allowed in the Host header.")
    migrate: bool = True
    log_level: str = "info"
    fast_path: bool = Field(
        True, description="Answer plain predictions without the layers of the web framework; the responses are equal."
    )

    max_predict_bytes: int = 16 * MEBIBYTE
    max_train_bytes: int = 64 * MEBIBYTE
    max_upload_bytes: int = 4096 * MEBIBYTE
    max_import_bytes: int = 1024 * MEBIBYTE
    max_predict_rows: int = 100_000
    max_json_depth: int = 64
    max_hidden_layers: int = 16
    max_hidden_width: int = 4096
    max_parameters: int = 50_000_000
    max_epochs: int = 1_000_000
    max_columns: int = 10_000
    max_queued_jobs: int = 200_000
    max_running_per_model: int | None = Field(None, ge=1, description="How many jobs of one model may run at once.")
    max_attempts: int = 3
    keep_jobs_days: float | None = Field(None, ge=0, description="How long ended jobs are kept.")
    max_trainer_memory_bytes: int = 4096 * MEBIBYTE
    max_loaded_bytes: int = Field(512 * MEBIBYTE, description="Memory for loaded versions in one API process.")
    body_timeout_seconds: float = Field(60, description="Time a client has to send the body of its request.")
    drain_seconds: float = Field(30, description="Time running requests have to end after SIGTERM.")
    seconds_between_reports: float = Field(
        0.1, ge=0.1, description="How long a running job waits between writes of its progress."
    )
    seconds_between_alert_checks: float = Field(
        300, gt=0, description="How often alerts on live predictions are checked."
    )
    webhook_hosts: list[str] = Field(
        ["*"],
        description="Where webhooks may be sent: names, `*.example.org`, or `*` for every public host. "
        "Only a host that is named itself may be private or without TLS; `name:8443` allows a port, `name:*` each.",
    )
    seconds_between_webhook_looks: float = Field(
        1, ge=0.05, description="The longest time an event waits before it is sent."
    )
    webhook_timeout_seconds: float = Field(15, gt=0, le=60, description="Time a receiver has to respond.")
    webhook_retry_seconds: list[float] = Field(
        [5, 30, 120, 600, 3600, 10_800, 21_600, 43_200, 86_400, 86_400],
        description="How long to wait before each further attempt.",
    )
    lease_seconds: float = Field(10, description="Time after which a silent worker is considered dead.")

    @field_validator("dataset_store")
    @classmethod
    def _can_be_used(cls, address: str | None) -> str | None:
        if address is None:
            return None
        scheme, separator, place = address.partition("://")
        if not separator or not place or scheme == "memory":
            raise ValueError("give a persistent location, such as s3://bucket/prefix or file:///shared/folder")
        if find_spec("fsspec") is None:
            raise ValueError("this needs the extra `object-store`: pip install 'feedforward[object-store]'")
        return address

    @property
    def on_sqlite(self) -> bool:
        return self.resolved_database_url.startswith("sqlite")

    @property
    def resolved_database_url(self) -> str:
        """The database's address, with the password of `database_password_file` filled in.

        Raises OSError when that file cannot be read.
        """
        if self.database_url is None:
            return f"sqlite:///{self.data.absolute() / 'feedforward.db'}"
        if self.database_password_file is None:
            return self.database_url
        password = quote(self.database_password_file.read_text().strip(), safe="")
        scheme, _, rest = self.database_url.partition("://")
        user, _, place = rest.rpartition("@")
        return f"{scheme}://{user}:{password}@{place}"

    @property
    def on_loopback(self) -> bool:
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")
