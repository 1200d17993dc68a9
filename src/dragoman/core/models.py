"""The dated table of models: ids on both services, limits, abilities and prices.

The data is in ``data/models.toml``. A model that is not in the table can still be used: its price is unknown (never 0),
its schema is sent inside the prompt, and its name is sent as given.
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
"""Prefixes of inference profiles on Bedrock. ``global`` costs list price, the others cost more."""

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


@dataclass(frozen=True, slots=True)
class ModelTable:
    """All models, the default model, and the date on which the data was read."""

    as_of: str
    default: str
    regional_multiplier: Decimal
    models: Mapping[str, Model] = field(repr=False)

    def find(self, name: str) -> Model:
        """A model by id, short name (``haiku-5-5``), dated id, or Bedrock id with or without a profile.

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
    """A message about a name that is not in the table, with the nearest name that is; None for a known model."""
    if table().find(name).known:
        return None
    short = {id_.removeprefix("claude-"): id_ for id_ in table().models}
    nearest = difflib.get_close_matches(name.strip().removeprefix("claude-"), short, n=1)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    return f"{name} is not in the model table of {table().as_of}: it is sent as given, and its price is unknown{hint}"


@cache
def table() -> ModelTable:
    """The table of this version."""
    raw = tomllib.loads((files("dragoman") / "data" / "models.toml").read_text("utf-8"))
    return ModelTable(
        as_of=raw["as_of"],
        default=raw["default"],
        regional_multiplier=Decimal(raw["regional_multiplier"]),
        models={name: _model(name, row) for name, row in raw["models"].items()},
    )


def profile_prefix(name: str) -> str | None:
    """The inference-profile prefix of a name: ``us`` for ``us.anthropic.claude-…``; None without one."""
    match = _PREFIX.match(name.strip())
    return match[1] if match else None


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
