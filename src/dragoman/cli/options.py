"""The options that several commands have, each defined once: its names, its variable, its panel, its sentence.

Numbers are texts here: `Settings` reads them, so that a wrong one has the same message wherever it comes from.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from dragoman.cli.help import Panel, whole


class ProviderChoice(StrEnum):
    anthropic = "anthropic"
    bedrock = "bedrock"
    replay = "replay"


class TaskChoice(StrEnum):
    summary = "summary"
    translation = "translation"


class StructuredChoice(StrEnum):
    auto = "auto"
    native = "native"
    prompted = "prompted"


def _setting(name: str, *flags: str, help: str, panel: Panel, metavar: str | None = None, also: str = "") -> Any:
    """An option that is a setting: its variable is shown, and so is a variable of another program (``also``)."""
    variables = whole(f"[env: DRAGOMAN_{name.upper()}") + (" " + whole(f"or {also}") if also else "") + "]"
    return typer.Option(*flags, help=f"{help} {variables}", metavar=metavar, rich_help_panel=panel)


def flag(*names: str, help: str, panel: Panel, metavar: str | None = None, **more: Any) -> Any:
    """An option that is no setting."""
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=panel, **more)


# What to work on.

ArticlePaths = Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files and folders of articles.")]
OutputFolder = Annotated[Path, typer.Argument(metavar="OUT", help="A folder that `dragoman run` wrote.")]

Tasks = Annotated[
    list[TaskChoice] | None,
    _setting(
        "tasks", "--task", panel=Panel.WHAT, metavar="summary|translation",
        help="What to request for each article; repeat it for both. Default: summary.",
    ),
]  # fmt: skip
Model = Annotated[
    str | None,
    _setting(
        "model", "--model", panel=Panel.WHAT, metavar="NAME",
        help="The Claude model: an id or a short name, such as haiku-5-5 or opus-5-5. Default: the one that "
        "`dragoman doctor` shows.",
    ),
]  # fmt: skip
ModelPriceAs = Annotated[
    str | None,
    _setting(
        "model_price_as", "--model-price-as", panel=Panel.MONEY, metavar="NAME",
        help="The model of the table that is behind a --model whose name does not say so, such as an application's "
        "inference profile or a model of another server: its price counts, for --max-cost too.",
    ),
]  # fmt: skip
Prompts = Annotated[
    list[str] | None,
    _setting(
        "prompts", "--prompt", panel=Panel.WHAT, metavar="NAME",
        help="Which prompt to use for a task, by name, such as summary/v1; may be repeated. "
        "Default: the newest released prompt.",
    ),
]  # fmt: skip
_PROMPT_FOLDER = "Where to look for prompts of your own, besides the released ones; may be repeated."
PromptFolders = Annotated[
    list[Path] | None,
    _setting(
        "prompt_folders", "--prompt-folder", "--prompts", panel=Panel.WHAT, metavar="DIR",
        help=f"{_PROMPT_FOLDER} Use one of them with --prompt.",
    ),
]  # fmt: skip
EarlierPromptFolders = Annotated[
    list[Path] | None,
    _setting(
        "prompt_folders", "--prompt-folder", "--prompts", panel=Panel.WHERE, metavar="DIR",
        help="Where to look for prompts of your own, if stored replies were requested with them; may be repeated.",
    ),
]  # fmt: skip
"""For commands that read stored replies again."""
LibraryFolders = Annotated[
    list[Path] | None,
    flag("--prompt-folder", "--prompts", panel=Panel.WHERE, metavar="DIR", help=_PROMPT_FOLDER),
]
"""For commands that list and show prompts: they do not read the settings."""
PlannedRetry = Annotated[
    bool,
    _setting(
        "retry", "--retry", panel=Panel.WHAT,
        help="Plan as if what was refused, rejected, invalid or cut off before were requested again, and corrections "
        "that could not be used.",
    ),
]  # fmt: skip
PlannedRefresh = Annotated[
    bool,
    _setting(
        "refresh", "--refresh", panel=Panel.WHAT,
        help="Plan as if everything were requested and paid for again, without stored replies.",
    ),
]  # fmt: skip
PlannedBuyAgain = Annotated[
    bool,
    flag(
        "--buy-again", panel=Panel.MONEY,
        help="Plan as if replies that the records in OUT depend on were paid for again where the store no longer has "
        "them.",
    ),
]  # fmt: skip
OnePrompt = Annotated[
    list[str] | None,
    _setting(
        "prompts", "--prompt", panel=Panel.WHAT, metavar="NAME",
        help="Which prompt to use, by name, such as summary/v1. Default: the newest released prompt.",
    ),
]  # fmt: skip
"""For commands with one task."""
Retry = Annotated[
    bool,
    _setting(
        "retry", "--retry", panel=Panel.WHAT,
        help="Request again what was refused, rejected, invalid or cut off before, and corrections that could not be "
        "used; every other stored reply is used.",
    ),
]  # fmt: skip
Refresh = Annotated[
    bool,
    _setting(
        "refresh", "--refresh", panel=Panel.WHAT,
        help="Request everything again and pay for it; stored replies are not used.",
    ),
]  # fmt: skip
Repairs = Annotated[
    str | None,
    _setting(
        "repairs", "--repairs", panel=Panel.MONEY, metavar="N",
        help="How many times items that fail a check are sent back for correction, 0 to 2; 0 only flags them. "
        "Default: 2.",
    ),
]  # fmt: skip

# Where it comes from and goes.

Provider = Annotated[
    ProviderChoice | None,
    _setting(
        "provider", "--provider", panel=Panel.WHERE, metavar="anthropic|bedrock|replay",
        help="The direct API, Amazon Bedrock, or recordings only (sends nothing). Default: anthropic.",
    ),
]  # fmt: skip
StorePath = Annotated[
    Path | None,
    _setting(
        "store", "--store", panel=Panel.WHERE, metavar="PATH",
        help="The SQLite file that keeps every reply. Default: store.sqlite in your data directory.",
    ),
]  # fmt: skip
RecordingsFolder = Annotated[
    Path | None,
    _setting(
        "recordings", "--recordings", panel=Panel.WHERE, metavar="DIR",
        help="Read replies from the recordings in this folder, with --provider replay.",
    ),
]  # fmt: skip
CheckedRecordings = Annotated[
    Path | None,
    _setting(
        "recordings", "--recordings", panel=Panel.WHERE, metavar="DIR",
        help="Read replies from the recordings in this folder instead of the store. Default: as the run did.",
    ),
]  # fmt: skip
RecordFolder = Annotated[
    Path | None,
    _setting(
        "record", "--record", panel=Panel.WHERE, metavar="DIR",
        help="Write a recording of every request and reply that is used to this folder (--recordings reads them).",
    ),
]  # fmt: skip
BaseUrl = Annotated[
    str | None,
    _setting(
        "base_url", "--base-url", panel=Panel.WHERE, metavar="URL", also="ANTHROPIC_BASE_URL",
        help="Another server that speaks the Messages API, with or without /v1 at the end. Default: that of the "
        "profile in use, else Anthropic's.",
    ),
]  # fmt: skip
Region = Annotated[
    str | None,
    _setting(
        "region", "--region", panel=Panel.WHERE, metavar="NAME", also="AWS_REGION",
        help="AWS region for Bedrock. Default: that of an ARN in --model, else AWS_DEFAULT_REGION, else that of the "
        "AWS profile.",
    ),
]  # fmt: skip
Profile = Annotated[
    str | None,
    _setting(
        "profile", "--profile", panel=Panel.WHERE, metavar="NAME", also="AWS_PROFILE",
        help="AWS profile (credentials) for Bedrock.",
    ),
]  # fmt: skip
InferenceProfile = Annotated[
    str | None,
    _setting(
        "inference_profile", "--inference-profile", panel=Panel.WHERE, metavar="NAME",
        help="Where Bedrock may process texts: global, us, eu, jp, au, apac, us-gov or none. All but global keep them "
        "in that place and cost more. Default: global.",
    ),
]  # fmt: skip
_FOLLOW_LINKS = "Also follow links that lead out of the given folder, and links to folders."
FollowLinks = Annotated[bool, _setting("follow_links", "--follow-links", panel=Panel.WHERE, help=_FOLLOW_LINKS)]
FollowLink = Annotated[
    bool,
    _setting(
        "follow_links", "--follow-links", panel=Panel.WHERE,
        help="Read FILE even if it is a link that leads out of its folder.",
    ),
]  # fmt: skip
"""For commands that read one file."""
LibraryLinks = Annotated[bool, flag("--follow-links", panel=Panel.WHERE, help=_FOLLOW_LINKS)]
"""For commands that do not read the settings."""

# What it may cost.

MaxCost = Annotated[
    str | None,
    _setting(
        "max_cost", "--max-cost", panel=Panel.MONEY, metavar="USD",
        help="Maximum cost of this one invocation: a request is sent only if its worst-case price still fits. Each "
        "turn of a loop, or of xargs, is an invocation with its own cap. Default: no cap.",
    ),
]  # fmt: skip
BuyAgain = Annotated[
    bool,
    flag(
        "--buy-again", panel=Panel.MONEY,
        help="Pay again for replies that the records in OUT depend on and that the store no longer has.",
    ),
]  # fmt: skip

# How fast, and for how long.

Concurrency = Annotated[
    str | None,
    _setting(
        "concurrency", "--concurrency", panel=Panel.SPEED, metavar="N",
        help="Maximum concurrent requests, from the first one on. Default: starts at 4, grows to 64.",
    ),
]  # fmt: skip
Rpm = Annotated[
    str | None,
    _setting("rpm", "--rpm", panel=Panel.SPEED, metavar="N", help="Maximum requests per minute."),
]
InputTpm = Annotated[
    str | None,
    _setting("input_tpm", "--input-tpm", panel=Panel.SPEED, metavar="N", help="Maximum input tokens per minute."),
]
OutputTpm = Annotated[
    str | None,
    _setting("output_tpm", "--output-tpm", panel=Panel.SPEED, metavar="N", help="Maximum output tokens per minute."),
]
Timeout = Annotated[
    str | None,
    _setting(
        "timeout", "--timeout", panel=Panel.SPEED, metavar="SECONDS",
        help="Maximum duration of one request. Default: 600.",
    ),
]  # fmt: skip
Patience = Annotated[
    str | None,
    _setting(
        "patience", "--patience", panel=Panel.SPEED, metavar="SECONDS",
        help="How long an outage of the service may last before the command gives up. Default: 900, but 60 while the "
        "service has not answered anything.",
    ),
]  # fmt: skip

# The rest.

Structured = Annotated[
    StructuredChoice | None,
    _setting(
        "structured", "--structured", panel=Panel.ADVANCED, metavar="auto|native|prompted",
        help="Send the schema of the answer natively or inside the prompt. Default: auto, what the model supports.",
    ),
]  # fmt: skip
Strict = Annotated[
    bool,
    flag("--strict", panel=Panel.ADVANCED, help="Exit 3 also when a record has an error finding."),
]


def given(**flags: Any) -> dict[str, Any]:
    """Flags as settings: options that were not given are left out, choices become their values."""

    def value_of(value: Any) -> Any:
        if isinstance(value, list):
            return tuple(map(value_of, value))
        return value.value if isinstance(value, StrEnum) else value

    # By identity: 0 is a value, and validation must see wrong values.
    return {
        name: value_of(value)
        for name, value in flags.items()
        if value is not None and value is not False and not (isinstance(value, list | tuple) and not value)
    }


def settings(context: typer.Context) -> dict[str, Any]:
    """The options of a command that are settings, given or not: its parameters have the names of the settings."""
    from dragoman.config import Settings

    return given(**{name: value for name, value in context.params.items() if name in Settings.model_fields})
