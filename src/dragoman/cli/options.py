"""The options that commands share, each said once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer


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


OutputFolder = Annotated[Path, typer.Argument(metavar="OUT", help="A folder that `dragoman run` wrote.")]

Provider = Annotated[
    ProviderChoice | None,
    typer.Option("--provider", help="The direct API, Amazon Bedrock, or recordings only. Default: anthropic."),
]
Model = Annotated[str | None, typer.Option("--model", help="Id or short name, such as haiku-5-5 or opus-5-5.")]
Tasks = Annotated[
    list[TaskChoice] | None, typer.Option("--task", help="What to ask for; may be repeated. Default: summary.")
]
Prompts = Annotated[
    list[str] | None, typer.Option("--prompt", help="A prompt by name, such as summary/v1; may be repeated.")
]
PromptFolders = Annotated[
    list[Path] | None, typer.Option("--prompts", help="A folder with prompts of your own; may be repeated.")
]
StorePath = Annotated[
    Path | None, typer.Option("--store", help="The SQLite file that keeps every reply. [env: DRAGOMAN_STORE]")
]
RecordingsFolder = Annotated[Path | None, typer.Option("--recordings", help="The folder that replay reads.")]
RecordFolder = Annotated[
    Path | None, typer.Option("--record", help="Also write every exchange that is used into this folder.")
]
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", help="Another server that speaks the Messages API. [env: ANTHROPIC_BASE_URL]"),
]
Region = Annotated[str | None, typer.Option("--region", help="AWS region, for Bedrock.")]
Profile = Annotated[str | None, typer.Option("--profile", help="AWS profile, for Bedrock.")]
InferenceProfile = Annotated[
    str | None,
    typer.Option("--inference-profile", help="Bedrock inference profile: global, us, eu, jp, au, apac, us-gov, none."),
]
Structured = Annotated[
    StructuredChoice | None,
    typer.Option("--structured", help="Send the schema natively or inside the prompt. Default: as the model takes it."),
]
Timeout = Annotated[float | None, typer.Option("--timeout", help="Seconds for one request. Default: 600.")]
Patience = Annotated[
    float | None,
    typer.Option(
        "--patience",
        help="Seconds that an outage of the service may last before the command ends. Default: 900, and 60 as long as "
        "the service has not answered anything.",
    ),
]
Repairs = Annotated[
    int | None,
    typer.Option("--repairs", help="How often what a check objects to is sent back to be corrected. Default: 2."),
]
MaxCost = Annotated[
    str | None,
    typer.Option(
        "--max-cost",
        metavar="USD",
        help="What this one invocation may cost at most, worst cases included. Each turn of a loop, or of xargs, is an "
        "invocation with a cap of its own.",
    ),
]
FollowLinks = Annotated[
    bool,
    typer.Option(
        "--follow-links",
        help="Also read what links lead to outside the folder that was given, and folders that are links.",
    ),
]
Retry = Annotated[bool, typer.Option("--retry", help="Ask anew what was refused or failed before.")]
Refresh = Annotated[bool, typer.Option("--refresh", help="Ask everything anew, stored or not.")]

BuyAgain = Annotated[
    bool,
    typer.Option(
        "--buy-again", help="Pay again for replies that the records in OUT rest on and the store does not have."
    ),
]


def given(**flags: Any) -> dict[str, Any]:
    """Flags as settings: what was not given is left out, choices become their values."""

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return tuple(map(plain, value))
        return value.value if isinstance(value, StrEnum) else value

    # By identity: 0 is a value, and wrong values must be seen.
    return {
        name: plain(value)
        for name, value in flags.items()
        if value is not None and value is not False and not (isinstance(value, list | tuple) and not value)
    }


def settings(context: typer.Context) -> dict[str, Any]:
    """The flags of a command that are settings: its parameters have their names."""
    from dragoman.config import Settings

    return given(**{name: value for name, value in context.params.items() if name in Settings.model_fields})
