"""Which AWS profile, region, credentials and certificates are used, and where each comes from.

The SDK, boto3 and AWS's own tools each read another choice of variables: a run would use one region, and its free calls
another. Everything is resolved here once. The files are read as botocore reads them;
tests/unit/asking/providers/test_aws.py compares the results with botocore. Imports no SDK.
"""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dragoman.asking.providers import certificates
from dragoman.asking.providers.credentials import AWS_FILES, LARGEST_FILE
from dragoman.core import read_file
from dragoman.core.models import arn_of
from dragoman.errors import ConfigError

BEARER = "AWS_BEARER_TOKEN_BEDROCK"
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
PROFILES = ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")
"""In botocore's order."""
_REGION = re.compile(r"(?![0-9]+$)(?!-)[a-zA-Z0-9-]{1,63}(?<!-)")
"""botocore's pattern. The region is part of a host name: ``eu/`` would send requests, signed, to another host."""
_WEB_IDENTITY = "AWS_WEB_IDENTITY_TOKEN_FILE"
_CONTAINER = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
_WHOLE_NUMBERS = ("AWS_MAX_ATTEMPTS", "AWS_METADATA_SERVICE_TIMEOUT", "AWS_METADATA_SERVICE_NUM_ATTEMPTS")
_IGNORED = (
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
)  # fmt: skip
"""Variables that choose another host in AWS's own tools, and that the SDK does not read."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value, and where it comes from."""

    text: str
    origin: str

    def __str__(self) -> str:
        return f"{self.text} ({self.origin})"


@dataclass(frozen=True, slots=True)
class Place:
    """What requests to AWS use. Each is None if nothing provides it."""

    profile: Value | None
    region: Value | None
    credentials: str | None
    """Where they come from, in words."""
    authorities: Value | None
    """A file of further certificates to trust."""
    unknown_profile: bool
    """Whether ``profile`` is named and in none of the files; then no request can be made."""
    notes: tuple[str, ...]
    """What a user may not expect."""


def place_of(
    environment: Mapping[str, str], *, region: str | None = None, profile: str | None = None, model: str | None = None
) -> Place:
    """Resolve everything; ``region`` and ``profile`` are settings and come first, then the region of ``model`` if it is
    an ARN.

    Raises `ConfigError` for what no request could use.
    """
    place, problems = examine(environment, region=region, profile=profile, model=model)
    for problem in problems:
        raise problem
    return place


def examine(
    environment: Mapping[str, str], *, region: str | None = None, profile: str | None = None, model: str | None = None
) -> tuple[Place, list[ConfigError]]:
    """The same as far as it can be known, with everything that no request could use."""
    problems = list(_problems(environment, profile))
    profiles, notes = _profiles(environment)
    named = Value(profile, "the setting profile") if profile else _first(environment, PROFILES)
    name = named.text if named else "default"
    section = profiles.get(name, {})
    bearer = bool(environment.get(BEARER))
    regions = list(_regions(environment, region, model))
    if not regions and section.get("region"):
        regions.append(Value(section["region"], f"the profile {name}"))
    found = regions[0] if regions else None
    if found and not _REGION.fullmatch(found.text):
        problems.append(
            ConfigError(
                f"the AWS region {found.text!r} ({found.origin}) is not the name of a region: use a name such as "
                "eu-west-1"
            )
        )
    for other in regions[1:]:
        if found and other.text != found.text:
            notes.append(f"the region {other} is not used: {found.origin} takes precedence")
    authorities = _first(environment, ("AWS_CA_BUNDLE",))
    if authorities is None and section.get("ca_bundle"):
        authorities = Value(section["ca_bundle"], f"ca_bundle of the AWS profile {name}")
    credentials, ignored = _credentials(environment, name, section, explicit=bool(profile), known=name in profiles)
    for variable in (*REGIONS, "AWS_ACCESS_KEY_ID", "AWS_CA_BUNDLE", "ANTHROPIC_BEDROCK_BASE_URL"):
        if environment.get(variable) == "":
            notes.append(f"{variable} is empty, which counts as not set")
    notes += ignored
    token_file = environment.get(_WEB_IDENTITY, "")
    if _uses_web_identity(environment, section, explicit=bool(profile)) and not Path(token_file).is_file():
        problems.append(
            ConfigError(
                f"{_WEB_IDENTITY} names {token_file}, which is not an existing file: set it to the file of the token, "
                "or unset it"
            )
        )
    if bearer and named:
        notes.append(f"{BEARER} takes precedence over the keys of the profile {named}")
    for variable in _IGNORED:
        if environment.get(variable, "").lower() not in ("", "false"):
            notes.append(f"{variable} does not apply to articles: set the base URL to send them to another host")
    unknown = named is not None and name not in profiles and not bearer
    return Place(named, found, credentials, authorities, unknown, tuple(notes)), problems


def _regions(environment: Mapping[str, str], region: str | None, model: str | None) -> Iterator[Value]:
    """Every region that a setting, the ARN of the model or a variable names, the one in use first."""
    if region:
        yield Value(region, "the setting region")
    arn = arn_of(model or "")
    if arn is not None and arn.region:
        yield Value(arn.region, "the ARN")
    yield from (Value(environment[name], name) for name in REGIONS if environment.get(name))


def check_certificates(environment: Mapping[str, str], place: Place) -> None:
    """Raise `ConfigError` if the further certificates cannot be used."""
    certificates.check_key_log(environment)
    if place.authorities:
        certificates.check_file(place.authorities.origin, place.authorities.text)


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> Value | None:
    return next((Value(environment[name], name) for name in names if environment.get(name)), None)


def _problems(environment: Mapping[str, str], profile: str | None) -> Iterator[ConfigError]:
    """The variables that contradict each other, or that AWS's libraries would use although they are empty."""
    if BEARER in environment and not environment[BEARER].strip():
        yield ConfigError(f"{BEARER} is empty, and would be sent as a token all the same: unset it, or give a token")
    elif environment.get(BEARER) and profile:
        yield ConfigError(
            f"{BEARER} is set, and the setting profile names the AWS profile {profile}: requests can be signed with "
            "the keys of the profile or carry the token, but not both. Unset the variable, or leave the profile out"
        )
    for name in _WHOLE_NUMBERS:
        if name in environment and not re.fullmatch(r"\s*\d+\s*", environment[name]):
            yield ConfigError(f"{name} must be a whole number: AWS's libraries cannot read it. Correct or unset it")
    signs = bool(environment.get("AWS_ACCESS_KEY_ID")) and not (profile or environment.get(BEARER))
    if signs and not environment.get("AWS_SECRET_ACCESS_KEY", "").strip():
        yield ConfigError("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: set both, or neither")
    for name in () if profile else PROFILES:
        if name in environment and not environment[name].strip():
            yield ConfigError(f"{name} is empty, and AWS's libraries would look for a profile without a name: unset it")
        if environment.get(name):
            break  # the other one is not read


def _credentials(
    environment: Mapping[str, str], name: str, section: Mapping[str, str], *, explicit: bool, known: bool
) -> tuple[str | None, list[str]]:
    """Where credentials come from, in botocore's order, and what is not used because of that."""
    if environment.get(BEARER):
        ignored = [f"AWS_ACCESS_KEY_ID is set but not used: {BEARER} takes precedence"]
        return f"{BEARER} is set", ignored if environment.get("AWS_ACCESS_KEY_ID") else []
    profile = f"profile {name} in the AWS files"
    if environment.get("AWS_ACCESS_KEY_ID"):
        if explicit:
            ignored = [f"AWS_ACCESS_KEY_ID is set but not used: the {profile} takes precedence"]
            return profile if known else None, ignored
        own_keys = known and section.keys() & {"aws_access_key_id", "role_arn", "sso_session", "credential_process"}
        ignored = [f"the keys of the {profile} are not used: AWS_ACCESS_KEY_ID takes precedence"]
        return "AWS_ACCESS_KEY_ID is set", ignored if own_keys else []
    if _uses_web_identity(environment, section, explicit=explicit):
        return f"{_WEB_IDENTITY} is set", []
    if known:
        return profile, []
    container = _first(environment, _CONTAINER)
    return (f"{container.origin} is set" if container else None), []


def _uses_web_identity(environment: Mapping[str, str], section: Mapping[str, str], *, explicit: bool) -> bool:
    """Whether the credentials are those of a web identity; ``section`` is the profile, ``explicit`` if a setting names
    it."""
    if environment.get(BEARER) or environment.get("AWS_ACCESS_KEY_ID"):
        return False
    return bool(environment.get(_WEB_IDENTITY)) and not explicit and "role_arn" not in section


def _profiles(environment: Mapping[str, str]) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The settings of each profile, without secrets, and a note on each file that cannot be read. Those of the
    credentials file win, as for botocore."""
    merged: dict[str, dict[str, str]] = {}
    notes: list[str] = []
    for variable, usual in AWS_FILES.items():
        path = Path(environment.get(variable, usual)).expanduser()
        parser = configparser.RawConfigParser(default_section="")
        try:
            parser.read_string(read_file.read_whole(path, LARGEST_FILE).decode())
        except FileNotFoundError:
            continue
        except (configparser.Error, UnicodeDecodeError, OSError) as error:
            reason = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not a file of profiles"
            if environment.get(variable, usual):
                notes.append(f"{path} cannot be read: {reason}")
            continue
        for section in parser.sections():
            name = _profile_name(section) if variable == "AWS_CONFIG_FILE" else section
            if name is not None:
                merged.setdefault(name, {}).update(
                    (key, "" if key in _SECRET else value) for key, value in parser.items(section)
                )
    return merged, notes


_SECRET = ("aws_secret_access_key", "aws_session_token")


def _profile_name(section: str) -> str | None:
    """The profile of a section of the config file; None for another kind of section."""
    if section == "default":
        return section
    try:
        words = shlex.split(section)
    except ValueError:
        return None
    return words[1] if len(words) == 2 and words[0] == "profile" else None
