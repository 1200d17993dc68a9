"""Show which credentials, region, model and prices a run would use, and what is missing. Offline; shows no secret."""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from dragoman.__about__ import VERSION
from dragoman.asking.providers.credentials import AWS_FILES, LARGEST_FILE, secrets_in_environment
from dragoman.asking.providers.routes import certificates_variable, proxies
from dragoman.asking.providers.sdk import without_secrets
from dragoman.config import Resolved, Settings
from dragoman.core import read_file
from dragoman.core.models import Model, table
from dragoman.errors import ConfigError
from dragoman.runs.session import model_of, provider_of
from dragoman.tasks.prompts import PromptLibrary, released_folder, verify


@dataclass(frozen=True)
class Diagnosis:
    """What `examine` has seen."""

    lines: tuple[tuple[str, str], ...]
    """Names and their values, in the order in which they are shown."""
    missing: tuple[str, ...]
    """What a run would need and does not have, with how to provide it."""
    wrong: ConfigError | None = None
    """The setting with which no request could be sent."""


def examine(resolved: Resolved, environment: Mapping[str, str] | None = None) -> Diagnosis:
    """Examine settings, environment and files, without the network and without loading an SDK."""
    environment = os.environ if environment is None else environment
    settings = resolved.settings
    lines: list[tuple[str, str]] = [("dragoman", VERSION)]
    missing: list[str] = []
    wrong: ConfigError | None = None
    times = Decimal(1)
    try:
        model = model_of(settings)
    except ConfigError as error:
        wrong, model = error, model_of(settings.model_copy(update={"model_price_as": None}))
    lines.append(("provider", f"{settings.provider} ({resolved.origins['provider']})"))
    if settings.provider == "replay":
        folder = settings.recordings
        lines.append(("recordings", str(folder) if folder else "none"))
        if folder is None or not folder.is_dir():
            missing.append("a folder of recordings (the setting recordings)")
    else:
        try:
            provider = provider_of(settings)
        except ConfigError as error:
            wrong = error
        else:
            endpoint, times = provider.endpoint, provider.price_multiplier
            lines.append(("endpoint", f"{endpoint}{' at ' + provider.base_url if provider.base_url else ''}"))
            lines += _proxies_and_certificates(environment)
            credentials, missing_credentials = _credentials(settings, endpoint, environment)
            lines += credentials
            missing += missing_credentials
    lines += _model(model, resolved.origins["model"], times)
    if not model.known and model.behind is None:
        unknown = f"{model.id} is not in the table: its price is unknown, so a run with a cap on cost is refused"
        if settings.provider == "bedrock" and model.by_tokens:
            unknown += ", unless Bedrock says which model is behind it (bedrock:GetInferenceProfile)"
        lines.append(("note", unknown))
    store = settings.store_path
    state = f"{store.stat().st_size:,} bytes" if store.exists() else "not created yet"
    lines.append(("store", f"{store} ({state}; {resolved.origins['store']})"))
    problems = verify(PromptLibrary())
    lines.append(("prompts", f"{released_folder()} ({'; '.join(problems) or 'all as released'})"))
    lines += [
        ("setting", f"{name} = {_shown(name, getattr(settings, name))} ({origin})")
        for name, origin in sorted(resolved.origins.items())
        if origin != "default" and name not in ("provider", "model", "store")
    ]
    secrets = secrets_in_environment(environment)
    return Diagnosis(tuple((name, secrets.mask(value)) for name, value in lines), tuple(missing), wrong)


def _proxies_and_certificates(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """The proxies and certificates that requests would use."""
    used_proxies = [("proxy", f"{without_secrets(url)} ({variable})") for variable, url in proxies(environment).items()]
    variable = certificates_variable(environment)
    return used_proxies + ([("certificates", f"{environment[variable]} ({variable})")] if variable else [])


def _shown(name: str, value: object) -> str:
    return without_secrets(value) if name == "base_url" and isinstance(value, str) else str(value)


def ping(settings: Settings) -> str:
    """Send one free request and say how it went. Raises `ProviderError` when it fails, `ConfigError` in replay."""
    if settings.provider == "replay":
        raise ConfigError("replay has no service to ping")
    with closing(provider_of(settings)) as provider:
        return provider.ping(model_of(settings))


def _model(model: Model, origin: str, times: Decimal) -> list[tuple[str, str]]:
    """The model and its price; ``times`` is what the endpoint costs as a multiple of the list price."""
    lines = [("model", f"{model.id} ({origin})")]
    if model.rates is not None:
        behind = f" as {model.behind}" if model.behind is not None else ""
        extra = f", times {times} for its inference profile" if times != 1 else ""
        tier = (
            f"; from {model.tier_above:,} prompt tokens on ${model.tier_rates.input} and ${model.tier_rates.output}"
            if (model.tier_above and model.tier_rates)
            else ""
        )
        lines.append(
            (
                "price",
                f"${model.rates.input} in, ${model.rates.output} out per million tokens{behind}{extra}{tier} "
                f"(table of {table().as_of})",
            )
        )
    if model.end_of_life:
        lines.append(("note", f"{model.id} reaches its end of life on {model.end_of_life}"))
    return lines


def _credentials(
    settings: Settings, endpoint: str, environment: Mapping[str, str]
) -> tuple[list[tuple[str, str]], list[str]]:
    if settings.provider == "bedrock":
        return _aws(settings, environment)
    from dragoman.asking.providers.anthropic import credential_variable

    name = credential_variable(environment)
    if name:
        return [("credentials", f"{name} is set")], []
    if endpoint == "custom":
        return [("credentials", "none; a local server needs none")], []
    folder = Path(environment.get("ANTHROPIC_CONFIG_DIR") or "~/.config/anthropic").expanduser()
    if folder.is_dir():
        return [("credentials", f"no variable is set; the SDK will look for a profile in {folder}")], []
    return [("credentials", "none found")], ["a credential for the Claude API: set ANTHROPIC_API_KEY"]


def _aws(settings: Settings, environment: Mapping[str, str]) -> tuple[list[tuple[str, str]], list[str]]:
    profile = settings.profile or environment.get("AWS_PROFILE") or "default"
    files = _aws_files(environment)
    has_profile = files.has_section(profile)
    region = settings.region or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if region is None and has_profile:
        region = files.get(profile, "region", fallback=None)
    missing = [] if region else ["an AWS region (the setting region, AWS_REGION or the region of the profile)"]
    if environment.get("AWS_BEARER_TOKEN_BEDROCK"):
        credentials = "AWS_BEARER_TOKEN_BEDROCK is set"
    elif environment.get("AWS_ACCESS_KEY_ID"):
        credentials = "AWS_ACCESS_KEY_ID is set"
    elif has_profile:
        credentials = f"profile {profile} in the AWS files"
    elif environment.get("AWS_ROLE_ARN") or environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        credentials = "a role given by the environment"
    else:
        credentials = "none in environment or files (an instance role is looked up only when a request is sent)"
        missing.append("AWS credentials: a profile, AWS_ACCESS_KEY_ID, or a role")
    return [("region", region or "none"), ("credentials", credentials)], missing


def _aws_files(environment: Mapping[str, str]) -> configparser.RawConfigParser:
    """The credentials and config files of AWS, merged by profile, with nothing but the region. Unreadable files count
    as empty."""
    merged = configparser.RawConfigParser()
    for variable, usual in AWS_FILES.items():
        parser = configparser.RawConfigParser()
        try:
            content = read_file.read_whole(Path(environment.get(variable) or usual).expanduser(), LARGEST_FILE)
            parser.read_string(content.decode())
        except (configparser.Error, UnicodeDecodeError, OSError):
            continue
        for section in parser.sections():
            name = section.removeprefix("profile ")
            if not merged.has_section(name):
                merged.add_section(name)
            if parser.has_option(section, "region"):
                merged.set(name, "region", parser.get(section, "region"))
    return merged
