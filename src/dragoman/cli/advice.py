"""What a user can do about an error, in terms of the options of the commands.

Lower layers know what happened and what would help; only this package knows what an option is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NoReturn

import typer

from dragoman.errors import BudgetReached, DragomanError, Hint

if TYPE_CHECKING:
    from dragoman.config import Settings
    from dragoman.errors import RepliesElsewhere

_ADVICE: Mapping[Hint, str] = {
    "address": "Check the address (--base-url), the network and the proxy",
    "timeout": "Wait until the service answers. If it is only slow, use a longer --timeout",
    "later": "Wait until the service works again. To make the command wait longer, use --patience",
    "quota": "Wait until the quota is renewed, use another --model, --region or --inference-profile, or ask for a "
    "higher quota",
    "then": "Run the same command again after that time; `dragoman plan` shows what is left",
    "model": "Check --model; `dragoman doctor` shows it",
    "model or region": "Check --model and --region; `dragoman doctor` shows them",
    "model or address": "Check --base-url and --model; `dragoman doctor` shows them",
    "price": "Name the model whose price it has with --model-price-as, choose another --model, or leave --max-cost out",
    "profile": "Try --inference-profile, or request access to the model",
    "redirect": "If that is the right address, set it with --base-url; otherwise check the network: it may require a "
    "login",
    "schema": "Use --structured prompted, or leave --structured out",
    "api": "Check --base-url and --provider: the server must speak Claude's Messages API, or Bedrock's",
    "store": "Use --store PATH to name another place",
    "output": "Use -o to name another folder",
    "folder": "Use `dragoman run` for folders",
    "articles": "`dragoman show OUT` lists the articles",
    "links": "Use --follow-links to follow links",
    "recording": "Use `dragoman run … --record DIR` to record replies of the service",
    "repair recording": "Use `dragoman run … --record DIR` to record replies of the service, or --repairs 0 to run "
    "without repairs",
    "checksum": "`dragoman store export` and `dragoman run … --record DIR` write recordings with a checksum; `dragoman "
    "dev seal FOLDER` seals those written by hand; `dragoman store import FOLDER --unsealed` imports paid replies that "
    "an earlier version saved outside the store",
    "unsealed": "Add --unsealed to that command if an earlier version wrote them",
    "import": "`dragoman store import DIR` imports recordings",
    "requests": "Check --model, --prompt, --structured and --base-url. If only these articles are at fault, run the "
    "same command again: it starts with the articles that were not tried yet",
}


def advised(error: DragomanError) -> str:
    """The error as a sentence, followed by what helps if that is known."""
    if isinstance(error, BudgetReached) and error.cap_too_low:
        return f"{error}. Raise --max-cost"
    return with_advice(str(error), error.hint)


def with_advice(message: str, hint: Hint | None) -> str:
    """A message without a full stop, followed by what helps if there is a hint."""
    return f"{message}. {_ADVICE[hint]}" if hint is not None else message


def advice(hints: Iterable[Hint | None]) -> list[str]:
    """What helps about several problems, each advice once, in the order of the problems."""
    return [_ADVICE[hint] for hint in dict.fromkeys(hints) if hint is not None]


def end_without_replies(error: RepliesElsewhere, choice: str = "--buy-again pays for them again") -> NoReturn:
    """End a command that needs replies that the store does not have; say which options help."""
    from dragoman.cli.console import say

    say(f"dragoman: {advised(error)} (--store PATH names another store, {choice})")
    raise typer.Exit(error.exit_code) from error


def warn_about_model(settings: Settings) -> None:
    """Say so if the model is not in the table of models, and no setting says which model is behind it."""
    from dragoman.cli.console import say
    from dragoman.core.models import unknown_model

    if settings.model is None or settings.model_price_as is not None or settings.provider == "replay":
        return
    if settings.max_cost is not None:  # either the price is looked up, or the command ends and says why
        return
    if warning := unknown_model(settings.model):
        say(f"dragoman: {warning}")
