"""Show which credentials, region, model and prices a run would use, and what is missing. Offline; shows no secret."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal

from dragoman.__about__ import VERSION
from dragoman.asking.providers import Provider, aws, certificates, routes
from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.providers.credentials import secrets_in_environment
from dragoman.asking.providers.profiles import config_folder, credential_of, notes_on
from dragoman.asking.providers.sdk import without_secrets
from dragoman.config import Resolved, Settings
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
    wrong: tuple[ConfigError, ...] = ()
    """The settings and variables with which no request could be sent."""


def examine(resolved: Resolved, environment: Mapping[str, str] | None = None) -> Diagnosis:
    """Examine settings, environment and files, without the network and without loading an SDK."""
    environment = os.environ if environment is None else environment
    settings = resolved.settings
    lines: list[tuple[str, str]] = [("dragoman", VERSION)]
    missing: list[str] = []
    more: list[tuple[str, str]] = []
    wrong: list[ConfigError] = []
    times = Decimal(1)
    try:
        model = model_of(settings)
    except ConfigError as error:
        wrong.append(error)
        model = model_of(settings.model_copy(update={"model_price_as": None}))
    lines.append(("provider", f"{settings.provider} ({resolved.origins['provider']})"))
    if settings.provider == "replay":
        folder = settings.recordings
        lines.append(("recordings", str(folder) if folder else "none"))
        if folder is None or not folder.is_dir():
            missing.append("a folder of recordings (the setting recordings)")
    else:
        wrong += routes.problems(environment)
        provider: Provider | None = None
        if settings.provider == "bedrock":
            more, missing, problems = _aws(settings, environment)
            wrong += problems
        try:
            provider = provider_of(settings, check_environment=False)
        except ConfigError as error:
            wrong.append(error)
        if provider is not None:
            times = provider.price_multiplier
            lines.append(("endpoint", provider.endpoint + (f" at {provider.base_url}" if provider.base_url else "")))
            if provider.address_note:
                lines.append(("note", provider.address_note))
        else:
            lines.append(("endpoint", _unusable_endpoint(settings, environment)))
        if isinstance(provider, AnthropicProvider):
            more, missing = _claude(provider, environment)
        elif settings.provider == "anthropic":
            more = _claude_credential(environment)
        lines += more + _network(environment)
    lines += _model(model, resolved.origins["model"], times)
    if not model.known and model.behind is None:
        unknown = f"{model.id} is not in the table: its price is unknown, so a run with a cap on cost is refused, "
        unknown += "unless "
        if settings.provider == "bedrock" and model.by_tokens and not settings.base_url:
            unknown += "Bedrock says which model is behind it (bedrock:GetInferenceProfile), or "
        unknown += "the setting model_price_as names the model whose price it has"
        lines.append(("note", unknown))
    store = settings.store_path
    state = f"{store.stat().st_size:,} bytes" if store.exists() else "not created yet"
    lines.append(("store", f"{store} ({state}; {resolved.origins['store']})"))
    changed = verify(PromptLibrary())
    lines.append(("prompts", f"{released_folder()} ({'; '.join(changed) or 'all as released'})"))
    lines += [
        ("setting", f"{name} = {_shown(name, getattr(settings, name))} ({origin})")
        for name, origin in sorted(resolved.origins.items())
        if origin != "default" and name not in ("provider", "model", "store")
    ]
    secrets = secrets_in_environment(environment)
    # The same problem may be found in several ways.
    each_once = {str(error): error for error in wrong}.values()
    return Diagnosis(tuple((name, secrets.mask(value)) for name, value in lines), tuple(missing), tuple(each_once))


def _network(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """The proxies, certificates and headers that requests would use. Addresses are shown without their passwords."""
    lines: list[tuple[str, str]] = []
    for variable, url in routes.proxy_addresses(environment).items():
        shown = _proxy(variable, url)
        lines.append(("proxy", f"{shown or 'cannot be used'} ({variable})"))
        if shown and "://" not in environment[variable]:
            lines.append(("note", f"{variable} has no scheme: it is read as {shown}"))
    if exceptions := routes.exceptions_in_use(environment):
        variable, value = exceptions
        lines.append(("no proxy", f"{value if '@' not in value else 'set'} ({variable})"))
    if trusted := certificates.variable_in_use(environment):
        lines.append(("certificates", f"{environment[trusted]} ({trusted})"))
        if trusted == "SSL_CERT_FILE" and environment.get("SSL_CERT_DIR"):
            lines.append(("note", "SSL_CERT_DIR is set but not used: SSL_CERT_FILE takes precedence"))
    if headers := routes.custom_headers(environment):
        lines.append(("headers", f"{', '.join(headers)} (ANTHROPIC_CUSTOM_HEADERS)"))
    return lines


def _proxy(variable: str, url: str) -> str | None:
    """The address of a proxy; None for one that cannot be used, because its password may be anywhere in it."""
    try:
        routes.routes({variable: url})
    except ConfigError:
        return None
    return without_secrets(url)


def _shown(name: str, value: object) -> str:
    return _address(value) if name == "base_url" and isinstance(value, str) else str(value)


def _address(url: str) -> str:
    """An address as it may be shown."""
    try:
        return without_secrets(url)
    except ValueError:
        return "not an address"


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
                f"${model.rates.input} in, ${model.rates.output} out per million tokens{behind}{extra}{tier}; "
                f"reads from the prompt cache ${model.rates.cache_read} (table of {table().as_of})",
            )
        )
    if model.end_of_life:
        lines.append(("note", f"{model.id} reaches its end of life on {model.end_of_life}"))
    return lines


def _claude(provider: AnthropicProvider, environment: Mapping[str, str]) -> tuple[list[tuple[str, str]], list[str]]:
    """The credential for the Claude API or for a server that speaks it, and what is missing."""
    found, used = credential_of(environment), provider.credential
    notes = notes_on(environment, found)
    missing: list[str] = []
    if used is None:
        shown = "none; a local server needs none"
        if found.kind != "none":
            notes.append(f"{found} is not sent to this server: it is not for it")
    elif used.kind == "none":
        shown = "none found"
        missing.append("a credential for the Claude API: set ANTHROPIC_API_KEY")
    elif used.kind == "variable":
        shown = f"{used.name} is set"
    else:
        chosen = "chosen by ANTHROPIC_PROFILE" if used.chosen else "the active one"
        shown = f"{used}, {chosen}" if used.kind == "profile" else str(used)
        if used.problem:
            missing.append(f"a credential for the Claude API: {used} cannot be used: {used.problem}")
    if found.kind != "profile" and (config_folder(environment) / "configs").is_dir():
        notes.append(f"profiles in {config_folder(environment)} are not used")
    return [("credentials", shown), *(("note", note) for note in notes)], missing


def _unusable_endpoint(settings: Settings, environment: Mapping[str, str]) -> str:
    """Where requests would go if their settings could be used."""
    bedrock = settings.provider == "bedrock"
    variable = "ANTHROPIC_BEDROCK_BASE_URL" if bedrock else "ANTHROPIC_BASE_URL"
    url = settings.base_url or environment.get(variable)
    return f"custom at {_address(url)}, which cannot be used" if url else f"{settings.provider}, which cannot be used"


def _claude_credential(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """The credential that is found, where it cannot be said whether it would be sent."""
    try:
        found = credential_of(environment)
    except ConfigError:
        return [("credentials", "cannot be used")]
    return [("credentials", f"{found} is set" if found.kind == "variable" else str(found))]


def _aws(
    settings: Settings, environment: Mapping[str, str]
) -> tuple[list[tuple[str, str]], list[str], list[ConfigError]]:
    """The region, credentials and certificates for Bedrock, what is missing, and what cannot be used."""
    place, problems = aws.examine(environment, region=settings.region, profile=settings.profile, model=settings.model)
    try:
        aws.check_certificates(environment, place)
    except ConfigError as error:
        problems.append(error)
    missing = [] if place.region else ["an AWS region (the setting region, AWS_REGION or the region of the profile)"]
    if place.unknown_profile:
        missing.append(f"the AWS profile {place.profile}: it is not in the AWS files")
    elif place.credentials is None:
        missing.append("AWS credentials: a profile, AWS_ACCESS_KEY_ID, or a role")
    none = "none in environment or files (an instance role is looked up only when a request is sent)"
    lines = [("region", str(place.region or "none"))]
    if place.profile:
        lines.append(("profile", str(place.profile)))
    lines.append(("credentials", place.credentials or none))
    if place.authorities:
        lines.append(("certificates", f"{place.authorities}, in addition"))
    return [*lines, *(("note", note) for note in place.notes)], missing, problems
