"""Settings: flags over environment over ``dragoman.toml`` over defaults, and which of them won.

Environment variables are ``DRAGOMAN_`` and the name in capitals. An empty value is refused wherever it comes from.
Credentials are no settings: they stay with the SDKs and are neither read nor kept here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from dragoman.asking.rates import Meter
from dragoman.core import read_file
from dragoman.errors import ConfigError

FILE_NAME = "dragoman.toml"
MAX_SETTINGS_BYTES = 1_000_000
"""Of ``dragoman.toml``: a thousand times what all settings take, written by a person."""
_PREFIX = "DRAGOMAN_"
ProviderName = Literal["anthropic", "bedrock", "replay"]
TaskName = Literal["summary", "translation"]


_FLAGS = {"tasks": "--task", "prompts": "--prompt", "prompt_folders": "--prompt-folder"}
"""Flags that are not spelled as their setting."""


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(str(error)) from error


class Settings(BaseModel):
    """How articles are asked for. Frozen; `Settings()` is the defaults, `load` takes in file and environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: ProviderName = "anthropic"
    """Direct API, Amazon Bedrock, or recordings and nothing else."""
    model: str | None = Field(default=None, min_length=1)
    """Id, short name (``haiku-5-5``) or Bedrock id; None is the default of the model table."""
    tasks: tuple[TaskName, ...] = ("summary",)
    prompts: tuple[str, ...] = ()
    """Released or own prompts by name, such as ``summary/v1``; the newest released one where none is named."""
    prompt_folders: tuple[Path, ...] = ()
    """Folders with the user's own prompts."""
    store: Path | None = None
    """The SQLite file; None is ``store.sqlite`` in the user's data directory."""
    recordings: Path | None = None
    """Folder that replay reads."""
    record: Path | None = None
    """Folder that gets a recording of every exchange used."""
    base_url: str | None = Field(default=None, min_length=1)
    """Another server that speaks the Messages API."""
    region: str | None = Field(default=None, min_length=1)
    profile: str | None = Field(default=None, min_length=1)
    """AWS region and profile; None leaves them to the AWS chain."""
    inference_profile: Literal["global", "us", "eu", "jp", "au", "apac", "us-gov", "none"] = "global"
    """Prefix of Bedrock model ids; ``global`` is list price, the others cost more."""
    structured: Literal["auto", "native", "prompted"] = "auto"
    """How the schema goes: natively, inside the prompt, or as the model and endpoint take it."""
    concurrency: int | None = Field(default=None, ge=1, le=1000)
    """Requests in flight at first and at most; None starts with a few and grows while answers come."""
    rpm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    input_tpm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    output_tpm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Requests, input and output tokens a minute at most; what the service says of itself is kept as well."""
    timeout: float = Field(default=600.0, gt=0, allow_inf_nan=False)
    """Seconds for one request."""
    patience: float = Field(default=900.0, gt=0, allow_inf_nan=False)
    """Seconds that an outage of the service may last before the run ends; 60 at most where nothing was answered."""
    attempts: int = Field(default=6, ge=1, le=20)
    """Tries of one request, the first included."""
    repairs: int = Field(default=2, ge=0, le=2)
    """How many times what a check objects to is sent back to be corrected; 0 only flags it."""
    max_cost: Decimal | None = Field(default=None, gt=0, allow_inf_nan=False)
    """USD that one invocation may spend at most."""
    max_file_bytes: int = Field(default=10_000_000, gt=0)
    max_article_tokens: int = Field(default=100_000, gt=0)
    """Longest article, in estimated tokens, that is sent."""
    follow_links: bool = False
    """Read articles, and prompts of the user's own, through links that lead out of the folder that was given."""
    retry: bool = False
    """Ask anew what was refused or failed before."""
    refresh: bool = False
    """Ask everything anew."""

    @field_validator("tasks", "prompts", "prompt_folders", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        # One value, or one environment variable with commas, stands for a list.
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("store", "recordings", "record", mode="after")
    @classmethod
    def _home(cls, value: Path | None) -> Path | None:
        return _expanded(value) if value is not None else None

    @field_validator("prompt_folders", mode="after")
    @classmethod
    def _homes(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(map(_expanded, value))

    @field_validator("tasks", mode="after")
    @classmethod
    def _something(cls, value: tuple[TaskName, ...]) -> tuple[TaskName, ...]:
        if not value:
            raise ValueError("at least one task must be asked for")
        return value

    @property
    def per_minute(self) -> dict[Meter, float]:
        """The user's own limits, by meter."""
        wanted: dict[Meter, float | None] = {
            "requests": self.rpm, "input_tokens": self.input_tpm, "output_tokens": self.output_tpm
        }  # fmt: skip
        return {meter: most for meter, most in wanted.items() if most is not None}

    @property
    def store_path(self) -> Path:
        """Where the store is, the default filled in."""
        if self.store is not None:
            return self.store
        from platformdirs import user_data_path

        return user_data_path("dragoman", appauthor=False) / "store.sqlite"

    @classmethod
    def load(
        cls,
        flags: Mapping[str, Any] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Settings:
        """The settings in force; see `resolve`. Raises `ConfigError`."""
        return resolve(flags, environment=environment, folder=folder).settings


@dataclass(frozen=True, slots=True)
class Resolved:
    """Settings and, for each name, where its value came from: flag, environment, file or default."""

    settings: Settings
    origins: Mapping[str, str]


def resolve(
    flags: Mapping[str, Any] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Resolved:
    """Flags (None is "not given") over environment over ``dragoman.toml`` in ``folder`` over defaults.

    Raises `ConfigError` that names the setting and the place it came from.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    origins: dict[str, str] = dict.fromkeys(Settings.model_fields, "default")
    path = (folder or Path.cwd()) / FILE_NAME
    for name, value in _from_file(path).items():
        values[name] = _beside(path, name, value)
        origins[name] = FILE_NAME
    for name, variable in _variables(environment).items():
        values[name], origins[name] = _something_in(environment[variable], variable, "unset it"), variable
    for name, value in (flags or {}).items():
        if value is not None and value != () and value != []:
            flag = _FLAGS.get(name, f"--{name.replace('_', '-')}")
            values[name], origins[name] = _something_in(value, flag, "leave it out"), flag
    try:
        return Resolved(Settings(**values), origins)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise ConfigError(f"{origins.get(name, name)}: {name} is {first['input']!r}: {first['msg']}") from error


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The variable of each setting that the environment has. Raises `ConfigError` for one that is nearly a setting's:
    a cap that is overlooked costs money."""
    known = {f"{_PREFIX}{name.upper()}": name for name in Settings.model_fields}
    for variable in sorted(environment):
        if variable not in known and variable.upper() in known:
            raise ConfigError(f"the environment has {variable}, which is spelled {variable.upper()}")
        if variable not in known and variable.startswith(_PREFIX):
            raise ConfigError(f"the environment has {variable}, which is no setting; there are {', '.join(known)}")
    return {name: variable for variable, name in known.items() if variable in environment}


def _something_in(value: Any, place: str, otherwise: str) -> Any:
    """``value``, unless it is an empty text: mostly a script's variable that was not set, and no default was meant."""
    if isinstance(value, str) and not value.strip():
        raise ConfigError(f"{place} is empty: {otherwise}, or give a value")
    return value


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = read_file.toml_table(read_file.read_whole(path, MAX_SETTINGS_BYTES))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    unknown = sorted(values.keys() - Settings.model_fields.keys())
    if unknown:
        known = ", ".join(Settings.model_fields)
        raise ConfigError(f"{path} has the unknown setting {unknown[0]}; there are {known}")
    return {name: _something_in(value, f"{path}: {name}", "leave it out") for name, value in values.items()}


def _beside(path: Path, name: str, value: Any) -> Any:
    """Paths in the file are relative to it; what is no path is left for validation to refuse."""

    def beside(given: Any) -> Any:
        return path.parent / given if isinstance(given, str) and not given.startswith("~") else given

    if name in ("store", "recordings", "record"):
        return beside(value)
    if name == "prompt_folders":
        return [beside(item) for item in value] if isinstance(value, list) else [beside(value)]
    return value
