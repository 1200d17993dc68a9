"""The dated table of models: ids on both services, limits, abilities. Prices are read by `pricing`.

The data is ``data/models.toml``. A model that is not in it can still be used: it has no price ("unknown",
never 0), takes prompted JSON, and is sent by the name it was given.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

PROFILE_PREFIXES = ("global", "us", "eu", "jp", "au", "apac", "us-gov")
"""Inference-profile prefixes of Bedrock. ``global`` is list price, the others cost more."""

_PREFIX = re.compile(rf"^({'|'.join(PROFILE_PREFIXES)})\.(?=anthropic\.)")


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the table. ``known`` is False for a name that is not in it. Limits are in tokens."""

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


@dataclass(frozen=True, slots=True)
class ModelTable:
    """All models, the default, and the date the table was read."""

    as_of: str
    default: str
    regional_multiplier: Decimal
    models: Mapping[str, Model] = field(repr=False)

    def find(self, name: str) -> Model:
        """A model by id, short name (``haiku-5-5``), dated id or Bedrock id with or without a profile.

        An unknown name gives a Model with ``known`` False, cautious limits and no price.
        """
        bare = _PREFIX.sub("", name.strip())
        undated = re.sub(r"-20\d{6}$", "", bare)
        for candidate in (bare, f"claude-{bare}", undated, f"claude-{undated}"):
            if candidate in self.models:
                return self.models[candidate]
        for model in self.models.values():
            if model.bedrock == bare:
                return model
        return Model(id=bare, known=False, context=200_000, max_output=64_000, bedrock=bare)


def unknown_model(name: str) -> str | None:
    """What to say about a name that is not in the table, with the nearest that is; None for a known one."""
    if table().find(name).known:
        return None
    short = {known.removeprefix("claude-"): known for known in table().models}
    near = difflib.get_close_matches(name.strip().removeprefix("claude-"), short, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{name} is not in the table of models of {table().as_of}: it is sent as it is, its price is unknown{hint}"


@cache
def table() -> ModelTable:
    """The table that ships with this version."""
    raw = tomllib.loads((files("dragoman") / "data" / "models.toml").read_text("utf-8"))
    return ModelTable(
        as_of=raw["as_of"],
        default=raw["default"],
        regional_multiplier=Decimal(raw["regional_multiplier"]),
        models={name: _model(name, row) for name, row in raw["models"].items()},
    )


def profile_prefix(name: str) -> str | None:
    """``us`` out of ``us.anthropic.claude-…``; None when the name has no inference-profile prefix."""
    found = _PREFIX.match(name.strip())
    return found[1] if found else None


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
    )


def _rates(row: Mapping[str, Any], prefix: str) -> Rates:
    return Rates(**{name: Decimal(row[prefix + name]) for name in Rates.__dataclass_fields__})
