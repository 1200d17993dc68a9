"""The dated table of models: ids on both services, limits, abilities and prices.

The data is in ``data/models.toml``. A model that is not in the table can still be used: its price is unknown (never 0),
its schema is sent inside the prompt, and its name is sent as given.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

PROFILE_PREFIXES = ("global", "us", "eu", "jp", "au", "apac", "us-gov")
"""Prefixes of inference profiles on Bedrock. ``global`` costs list price, the others cost more."""

_PREFIX = re.compile(rf"^({'|'.join(PROFILE_PREFIXES)})\.(?=anthropic\.)")
_DATE = re.compile(r"-20\d{6}$")
_BEFORE_ANSWERED = re.compile(r"^(?:[a-z][a-z0-9_-]*/)*(?:anthropic--|databricks-)?")
"""What gateways put before the name of the model that answered: ``bedrock/``, ``anthropic/``, ``anthropic--``."""
_AROUND_ANSWERED = re.compile(r"^anthropic\.|[-]v\d+(:\d+)*$|@20\d{6}$|-latest$|:[a-z][a-z0-9]*$|\[[0-9a-z]+\]$")
"""What Bedrock puts around the name of a model; a date as Vertex writes it; what names the newest of the dates; and how
gateways write a variant (``:thinking``, ``[1m]``), which costs the same for each token."""
_VERSION_DOT = re.compile(r"(?<=\d)\.(?=\d)")
"""As gateways write versions: ``claude-sonnet-5.5``."""
_ARN = re.compile(r"arn:aws[a-z-]*:bedrock:(?P<region>[a-z0-9-]*):\d*:(?P<kind>[a-z-]+)/(?P<id>.+)")
_NAMED_IN_ARN = ("foundation-model", "inference-profile")
PROFILE_KINDS = ("inference-profile", "application-inference-profile")
"""Kinds of ARN behind which there is an inference profile, with one model in one or several regions."""


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal


@dataclass(frozen=True, slots=True)
class Arn:
    """A name of something in Bedrock. ``region`` is "" for what is in all of them."""

    region: str
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the table. ``known`` is False for a model that is not in it. Limits are in tokens."""

    id: str
    known: bool
    context: int
    max_output: int
    structured_direct: bool = False
    structured_bedrock: bool = False
    effort: bool = False
    thinks: bool = False
    thinking_off: str | None = None
    cache_minimum: int | None = None
    bedrock: str | None = None
    bedrock_version: str | None = None
    rates: Rates | None = None
    tier_above: int | None = None
    tier_rates: Rates | None = None
    end_of_life: str | None = None
    geographic_price: bool = False
    """Whether a geography in which the model must run (`Usage.inference_geo`) changes its price."""
    behind: str | None = None
    """Id of the model of the table that is behind a name which does not say so: a user named it, or the service was
    asked. Replies under names that the table does not have cost what it costs."""
    by_tokens: bool = True
    """False for what is billed otherwise, such as throughput by the hour."""

    def with_behind(self, other: Model) -> Model:
        """The same name, with ``other`` of the table behind it.

        It gets the prices and abilities of ``other`` on which no request key depends. The key must be the same whether
        or not it is known what is behind the name: otherwise replies would be paid for again.
        """
        if self.known:
            return replace(self, behind=other.id)
        return replace(
            self,
            behind=other.id,
            by_tokens=True,
            context=other.context,
            structured_direct=other.structured_direct,
            structured_bedrock=other.structured_bedrock,
            cache_minimum=other.cache_minimum,
            bedrock_version=other.bedrock_version,
            rates=other.rates,
            tier_above=other.tier_above,
            tier_rates=other.tier_rates,
            end_of_life=other.end_of_life,
            geographic_price=other.geographic_price,
        )


@dataclass(frozen=True, slots=True)
class ModelTable:
    """All models, the default model, and the date on which the data was read."""

    as_of: str
    default: str
    regional_multiplier: Decimal
    geographies: Mapping[str, Decimal] = field(repr=False)
    """By ``inference_geo`` as replies state it: what it costs as a multiple of the list price."""
    service_tiers: Mapping[str, Decimal] = field(repr=False)
    """By ``service_tier`` as replies state it: the same."""
    speeds: Mapping[str, Decimal] = field(repr=False)
    """By ``speed`` as replies state it: the same."""
    models: Mapping[str, Model] = field(repr=False)

    def find(self, name: str) -> Model:
        """A model by id, short name (``haiku-5-5``), dated id, or Bedrock id with or without a profile; also by an ARN
        that has such an id in it.

        An unknown name gives a Model with ``known`` False, cautious limits and no price.
        """
        name = name.strip()
        arn = arn_of(name)
        bare = _PREFIX.sub("", arn.id if arn is not None and arn.kind in _NAMED_IN_ARN else name)
        undated = _DATE.sub("", bare)
        for candidate in (bare, f"claude-{bare}", undated, f"claude-{undated}"):
            if candidate in self.models:
                return self.models[candidate]
        for model in self.models.values():
            if model.bedrock == bare:
                return model
        by_tokens = arn is None or arn.kind in (*_NAMED_IN_ARN, *PROFILE_KINDS)
        own = name if arn is not None else bare
        return Model(id=own, known=False, context=200_000, max_output=64_000, bedrock=own, by_tokens=by_tokens)

    def find_answered(self, name: str) -> Model:
        """The model that a reply names. Services and gateways have more spellings for it than requests may use."""
        found = self.find(name)
        if found.known:
            return found
        plain = _VERSION_DOT.sub("-", name.strip().lower())
        other = self.find(_AROUND_ANSWERED.sub("", _PREFIX.sub("", _BEFORE_ANSWERED.sub("", plain))))
        return other if other.known else found


def unknown_model(name: str) -> str | None:
    """A message about a name that is not in the table, with the nearest name that is; None for a known model."""
    model = table().find(name)
    if model.known:
        return None
    missing = f"{name} is not in the model table of {table().as_of}: it is sent as given, and its price is"
    if not model.by_tokens:
        return f"{missing} unknown, because it is not billed by tokens"
    if arn_of(name) is not None:
        return f"{missing} known when it has answered"
    return f"{missing} unknown{nearest_model(name)}"


def nearest_model(name: str) -> str:
    """``; did you mean sonnet-5-5?`` about an unknown name like one of the table; "" for any other name."""
    short = {id_.removeprefix("claude-"): id_ for id_ in table().models}
    nearest = difflib.get_close_matches(name.strip().removeprefix("claude-"), short, n=1)
    return f"; did you mean {nearest[0]}?" if nearest else ""


@cache
def table() -> ModelTable:
    """The table of this version."""
    raw = tomllib.loads((files("dragoman") / "data" / "models.toml").read_text("utf-8"))
    return ModelTable(
        as_of=raw["as_of"],
        default=raw["default"],
        regional_multiplier=Decimal(raw["regional_multiplier"]),
        **{name: _factors(raw[name]) for name in ("geographies", "service_tiers", "speeds")},
        models={name: _model(name, row) for name, row in raw["models"].items()},
    )


def other_model(asked: str, answered: str) -> Model | None:
    """The model that a reply names, if it is another than the one that was asked.

    None if the name that was asked is not in the table: a server may call its models what it likes.
    """
    expected, found = table().find(asked), table().find_answered(answered)
    return found if expected.known and found.id != expected.id else None


def arn_of(name: str) -> Arn | None:
    """The parts of an ARN of Bedrock; None for any other name."""
    match = _ARN.fullmatch(name.strip())
    return Arn(match["region"], match["kind"], match["id"]) if match else None


def profile_prefix(name: str) -> str | None:
    """The inference-profile prefix of a name or of the name in an ARN: ``us`` for ``us.anthropic.claude-…``; None
    without one."""
    arn = arn_of(name)
    match = _PREFIX.match(arn.id if arn is not None else name.strip())
    return match[1] if match else None


def _factors(row: Mapping[str, str]) -> Mapping[str, Decimal]:
    return {name: Decimal(factor) for name, factor in row.items()}


def _model(name: str, row: Mapping[str, Any]) -> Model:
    return Model(
        id=name,
        known=True,
        context=row["context"],
        max_output=row["max_output"],
        structured_direct=row["structured"]["direct"],
        structured_bedrock=row["structured"]["bedrock"],
        effort=row["effort"],
        thinks=row["thinks"],
        thinking_off=row.get("thinking_off"),
        cache_minimum=row["cache_minimum"],
        bedrock=row["bedrock"],
        bedrock_version=row.get("bedrock_version"),
        rates=_rates(row, ""),
        tier_above=row.get("tier_above"),
        tier_rates=_rates(row, "tier_") if "tier_above" in row else None,
        end_of_life=row.get("end_of_life"),
        geographic_price=row["geographic_price"],
    )


def _rates(row: Mapping[str, Any], prefix: str) -> Rates:
    return Rates(**{name: Decimal(row[prefix + name]) for name in Rates.__dataclass_fields__})
