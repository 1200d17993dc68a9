"""The settings of a run, and where each value came from: flag, environment, ``dragoman.toml`` or default, in this
order.

An environment variable is called ``DRAGOMAN_`` and the name of the setting in capitals. An empty value is an error
wherever it comes from. Credentials are not settings: the SDKs find them, and this module neither reads nor keeps them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
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
"""Size limit of ``dragoman.toml``: a thousand times what a person needs to write down all settings."""
_PREFIX = "DRAGOMAN_"
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
ProviderName = Literal["anthropic", "bedrock", "replay"]
TaskName = Literal["summary", "translation"]


_FLAGS = {"tasks": "--task", "prompts": "--prompt", "prompt_folders": "--prompt-folder"}
"""Flags that are not spelled as their setting."""
_POSITIVE = "a number above 0"
_SECONDS = "a number of seconds above 0, such as 60"
_COUNT = "a whole number above 0"
_SWITCH = "true or false"
_MUST_BE = {
    "provider": "anthropic, bedrock or replay",
    "model": "the name of a model, such as haiku-5-5",
    "model_price_as": "the name of a model in the table, such as sonnet-5-5",
    "tasks": "summary, translation or both",
    "base_url": "an address, such as http://127.0.0.1:8000",
    "inference_profile": "global, us, eu, jp, au, apac, us-gov or none",
    "structured": "auto, native or prompted",
    "concurrency": "a whole number from 1 to 1000",
    "rpm": _POSITIVE,
    "input_tpm": _POSITIVE,
    "output_tpm": _POSITIVE,
    "timeout": _SECONDS,
    "patience": _SECONDS,
    "attempts": "a whole number from 1 to 20",
    "repairs": "0, 1 or 2",
    "max_cost": "an amount in US dollars above 0, such as 5",
    "max_file_bytes": _COUNT,
    "max_article_tokens": _COUNT,
    "follow_links": _SWITCH,
    "retry": _SWITCH,
    "refresh": _SWITCH,
}
"""What the value of a setting must be, for messages about wrong values."""


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(str(error)) from error


class Settings(BaseModel):
    """The settings of a run; they cannot be changed. `Settings()` has the defaults, `Settings.load()` also reads the
    environment and ``dragoman.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: ProviderName = "anthropic"
    """The Claude API, Amazon Bedrock, or replay from recordings, which never sends a request."""
    model: str | None = Field(default=None, min_length=1)
    """Id, short name (``haiku-5-5``), Bedrock id or ARN; None for the default of the model table."""
    model_price_as: str | None = Field(default=None, min_length=1)
    """The model of the table that is behind a ``model`` whose name does not say so: its price counts, for the cap too.
    On Bedrock, a prefix (``global.anthropic.…``) says which profile."""
    tasks: tuple[TaskName, ...] = ("summary",)
    """The tasks to carry out for each article; at least one."""
    prompts: tuple[str, ...] = ()
    """Names of prompts, such as ``summary/v1``. A task without one uses the newest released prompt."""
    prompt_folders: tuple[Path, ...] = ()
    """Folders with the user's own prompts."""
    store: Path | None = None
    """The SQLite file that keeps every reply; None for ``store.sqlite`` in the user's data directory."""
    recordings: Path | None = None
    """The folder that replay reads."""
    record: Path | None = None
    """A folder to which a recording of every exchange is written."""
    base_url: str | None = Field(default=None, min_length=1)
    """The address of another server that speaks the Messages API; None for that of the profile in use, else for
    Anthropic's."""
    region: str | None = Field(default=None, min_length=1)
    """The AWS region; None for that of the environment or of the profile."""
    profile: str | None = Field(default=None, min_length=1)
    """The AWS profile; None for that of the environment, or ``default``."""
    inference_profile: Literal["global", "us", "eu", "jp", "au", "apac", "us-gov", "none"] = "global"
    """Prefix of Bedrock model ids. ``global`` costs the list price, the others cost more."""
    structured: Literal["auto", "native", "prompted"] = "auto"
    """How the JSON Schema of the answer is sent: in the request's own field (``native``), inside the prompt
    (``prompted``), or whichever the model and the endpoint support (``auto``)."""
    concurrency: int | None = Field(default=None, ge=1, le=1000)
    """Maximum concurrent requests; None starts with a few and grows while the service answers."""
    rpm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Maximum requests per minute. The limits that the service itself names are kept as well."""
    input_tpm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Maximum input tokens per minute."""
    output_tpm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Maximum output tokens per minute."""
    timeout: float = Field(default=600.0, gt=0, allow_inf_nan=False)
    """Seconds that one request may take."""
    patience: float = Field(default=900.0, gt=0, allow_inf_nan=False)
    """Seconds that an outage of the service may last before the run ends; at most 60 if it has answered nothing yet."""
    attempts: int = Field(default=6, ge=1, le=20)
    """How many times one request is sent at most, the first time included."""
    repairs: int = Field(default=2, ge=0, le=2)
    """How many times claims that fail a check are sent back for correction; with 0 they are only flagged."""
    max_cost: Decimal | None = Field(default=None, gt=0, allow_inf_nan=False)
    """USD that one run may spend at most; None for no cap."""
    max_file_bytes: int = Field(default=10_000_000, gt=0)
    """Largest file that is read, in bytes."""
    max_article_tokens: int = Field(default=100_000, gt=0)
    """Longest article that is sent, in estimated tokens."""
    follow_links: bool = False
    """Follow links that lead out of the given folder, for articles and for the user's own prompts."""
    retry: bool = False
    """Ask again what the model refused and what failed before."""
    refresh: bool = False
    """Ask everything again."""

    @field_validator("tasks", "prompts", "prompt_folders", mode="before")
    @classmethod
    def _split_list(cls, value: Any) -> Any:
        # A list may be given as one value, or as one environment variable with commas.
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("store", "recordings", "record", mode="after")
    @classmethod
    def _expand_home(cls, value: Path | None) -> Path | None:
        return _expanded(value) if value is not None else None

    @field_validator("prompt_folders", mode="after")
    @classmethod
    def _expand_homes(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(map(_expanded, value))

    @field_validator("tasks", mode="after")
    @classmethod
    def _not_empty(cls, value: tuple[TaskName, ...]) -> tuple[TaskName, ...]:
        if not value:
            raise ValueError("name at least one task")
        return value

    @property
    def per_minute(self) -> dict[Meter, float]:
        """The user's own rate limits, by meter."""
        limits: dict[Meter, float | None] = {
            "requests": self.rpm, "input_tokens": self.input_tpm, "output_tokens": self.output_tpm
        }  # fmt: skip
        return {meter: limit for meter, limit in limits.items() if limit is not None}

    @property
    def store_path(self) -> Path:
        """The path of the store, also when it is the default."""
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
        """The settings of flags, environment, file and defaults together, see `resolve`. Raises `ConfigError`."""
        return resolve(flags, environment=environment, folder=folder).settings


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings and, for the name of each, where its value came from: the flag, the environment variable,
    ``dragoman.toml`` or ``default``."""

    settings: Settings
    origins: Mapping[str, str]


def resolve(
    flags: Mapping[str, Any] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Resolved:
    """Combine flags, ``environment``, the ``dragoman.toml`` in ``folder``, and defaults; the first that has a value
    wins.

    A flag that is None, or an empty list, was not given. Raises `ConfigError`, which names the setting and where its
    value came from.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    origins: dict[str, str] = dict.fromkeys(Settings.model_fields, "default")
    path = (folder or Path.cwd()) / FILE_NAME
    for name, value in _from_file(path).items():
        values[name] = _relative_to_file(path, name, value)
        origins[name] = FILE_NAME
    for name, variable in _variables(environment).items():
        values[name], origins[name] = _checked(environment[variable], variable, "unset it"), variable
    for name, value in (flags or {}).items():
        if value is not None and value != () and value != []:
            flag = _FLAGS.get(name, f"--{name.replace('_', '-')}")
            values[name], origins[name] = _checked(value, flag, "leave it out"), flag
    try:
        return Resolved(Settings(**values), origins)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise ConfigError(_in_words(name, origins.get(name, name), first)) from error


def _in_words(name: str, origin: str, problem: Mapping[str, Any]) -> str:
    """``--repairs must be 0, 1 or 2; got 5``: the setting as its user wrote it, what it may be, and what it is."""
    place = f"{origin}: {name}" if origin == FILE_NAME else origin
    if "error" in problem.get("ctx", {}):  # raised by a validator of this module
        return f"{place}: {problem['ctx']['error']}"
    if name not in _MUST_BE:
        return f"{place} is {problem['input']!r}: {problem['msg']}"
    value = str(problem["input"])
    return f"{place} must be {_MUST_BE[name]}; got {value if _NUMBER.fullmatch(value) else repr(problem['input'])}"


def _bare(name: str) -> str:
    return name.upper().removeprefix(_PREFIX)


def _suggestion(name: str, names: Collection[str]) -> str:
    """The known name that is most like an unknown one, if one is like it, and where all are explained."""
    import difflib

    like = {_bare(known): known for known in names}
    nearest = [like[bare] for bare in difflib.get_close_matches(_bare(name), like, n=1)]
    return (f"did you mean {nearest[0]}? " if nearest else "") + "docs/running.md lists the settings"


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment variable of each setting that has one. Raises `ConfigError` for a variable that looks like a
    setting and is none: a misspelled cap on cost would be ignored and cost money."""
    names = {f"{_PREFIX}{name.upper()}": name for name in Settings.model_fields}
    for variable in sorted(environment):
        if variable not in names and variable.upper() in names:
            raise ConfigError(f"the environment variable {variable} must be spelled {variable.upper()}")
        if variable not in names and variable.startswith(_PREFIX):
            raise ConfigError(
                f"the environment variable {variable} is not a setting of Dragoman; {_suggestion(variable, names)}"
            )
    return {name: variable for variable, name in names.items() if variable in environment}


def _checked(value: Any, place: str, otherwise: str) -> Any:
    """``value``. Raises `ConfigError` if it is an empty text: mostly that is an unset variable of a script, which did
    not mean the default."""
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
        raise ConfigError(
            f"{path} has the unknown setting {unknown[0]}; {_suggestion(unknown[0], Settings.model_fields)}"
        )
    return {name: _checked(value, f"{path}: {name}", "leave it out") for name, value in values.items()}


def _relative_to_file(path: Path, name: str, value: Any) -> Any:
    """The value of a setting in the file at ``path``, to which paths in it are relative. A value of another type than a
    path stays as it is, and fails the validation."""

    def absolute(text: Any) -> Any:
        return path.parent / text if isinstance(text, str) and not text.startswith("~") else text

    if name in ("store", "recordings", "record"):
        return absolute(value)
    if name == "prompt_folders":
        return [absolute(item) for item in value] if isinstance(value, list) else [absolute(value)]
    return value
