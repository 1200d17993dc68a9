"""What helps when a service cannot be used, with the names of the options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

import typer

from dragoman.errors import DragomanError, Hint, ProviderError

if TYPE_CHECKING:
    from dragoman.config import Settings
    from dragoman.errors import RepliesElsewhere

_ADVICE: Mapping[Hint, str] = {
    "address": "Check the address (--base-url), the network and the proxy",
    "timeout": "Wait until the service answers; if it is only slow, use a longer --timeout",
    "later": "Wait until the service works again; to let the command itself wait longer, use --patience",
    "quota": "Wait until the quota is back, use another --model, --region or --inference-profile, or ask for a higher "
    "quota",
    "requests": "Check --model, --prompt, --structured and --base-url. If only these articles are at fault, run the "
    "same command again: it begins with those that were not tried yet",
}


def advised(error: DragomanError) -> str:
    """The error as a sentence, followed by what helps where that is known."""
    hint = error.hint if isinstance(error, ProviderError) else None
    return f"{error}. {_ADVICE[hint]}" if hint is not None else str(error)


def end_without_replies(error: RepliesElsewhere) -> NoReturn:
    """End a command that would pay again, with the options that there are."""
    from dragoman.cli.console import say

    say(f"dragoman: {error} (--store PATH names another store, --buy-again pays for them again)")
    raise typer.Exit(error.exit_code) from error


def warn_about_model(settings: Settings) -> None:
    from dragoman.cli.console import say
    from dragoman.core.models import unknown_model

    if settings.model and settings.provider != "replay" and (told := unknown_model(settings.model)):
        say(f"dragoman: {told}")
