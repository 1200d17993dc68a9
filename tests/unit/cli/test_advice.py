"""Errors are followed by what helps, in terms of the options of the commands."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import get_args

import pytest
import typer

from dragoman.cli import app, load_commands
from dragoman.cli.advice import advice, advised, end_without_replies, warn_about_model
from dragoman.config import Settings
from dragoman.errors import (
    ArticleError,
    ConfigError,
    DragomanError,
    FailureKind,
    Hint,
    ProviderError,
    RecordingMissing,
    RepliesElsewhere,
    RepliesRescued,
    StoreError,
)
from tests.unit.cli.test_help import COMMANDS


@pytest.mark.parametrize("hint", get_args(Hint))
def test_every_hint_has_advice_that_names_real_options_and_commands(hint: Hint) -> None:
    """The advice follows the message as sentences of its own. Options that stand by themselves are those of `run`."""
    text = advised(ProviderError(FailureKind.UNUSABLE, "the service failed", hint=hint))
    assert text.startswith("the service failed. ")
    flags = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text))
    named = [tuple(re.findall(r"^[a-z]+|(?<= )[a-z]+", command)) for command in re.findall(r"`dragoman ([^`]+)`", text)]
    assert flags or named
    assert set(named) <= COMMANDS.keys()
    known = [command for name, command in COMMANDS.items() if name == ("run",) or name in named or hint == "unsealed"]
    assert flags <= {flag for command in known for option in command.params for flag in option.opts}


def test_advice_about_several_problems_is_given_once() -> None:
    """In the order of the problems; a problem without a hint adds nothing."""
    links, folder = (advised(ConfigError("x", hint=hint)).removeprefix("x. ") for hint in ("links", "folder"))
    assert advice(["links", None, "folder", "links"]) == [links, folder]
    assert advice([None]) == []


RAISED: dict[str, DragomanError] = {
    "ConfigError": ConfigError("x", hint="store"),
    "ArticleError": ArticleError("unreadable", "x", hint="store"),
    "RecordingMissing": RecordingMissing("x", hint="store"),
    "StoreError": StoreError("x", hint="store"),
    "RepliesElsewhere": RepliesElsewhere("x", "do this", hint="store"),
    "RepliesRescued": RepliesRescued(StoreError("x", hint="store"), "Saved.", "a command"),
}


@pytest.mark.parametrize("error", RAISED.values(), ids=RAISED)
def test_every_error_can_have_a_hint(error: DragomanError) -> None:
    """The error of rescued replies has that of the store's own."""
    assert "--store" not in str(error)
    assert advised(error) == f"{error}. Use --store PATH to name another place"


def test_an_error_without_a_hint_is_its_message() -> None:
    """Nothing is added where nothing is known to help."""
    assert advised(ConfigError("no such file")) == "no such file"
    assert advised(ProviderError(FailureKind.UNUSABLE, "failed")) == "failed"


def test_missing_replies_end_a_command_with_exit_7_and_the_options_that_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Another store, or paying again; `check` offers recordings instead."""
    error = RepliesElsewhere("2 replies are missing", "restore a backup")
    with pytest.raises(typer.Exit) as exit_:
        end_without_replies(error)
    assert exit_.value.exit_code == 7
    line = capsys.readouterr().err
    assert line.endswith("(--store PATH names another store, --buy-again pays for them again)\n")
    with pytest.raises(typer.Exit):
        end_without_replies(error, "--recordings DIR reads a folder of recordings")
    assert "--buy-again" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        (Settings(model="claude-nonsense-9"), True),
        (Settings(model="haiku-5-5"), False),
        (Settings(), False),
        (Settings(model="claude-nonsense-9", provider="replay"), False),
        (Settings(model="claude-nonsense-9", model_price_as="haiku-5-5"), False),
        (Settings(model="claude-nonsense-9", max_cost=Decimal(1)), False),
    ],
    ids=["unknown", "known", "the default", "unknown, but nothing is sent", "with the model behind it", "under a cap"],
)
def test_a_model_of_unknown_price_is_warned_about(
    settings: Settings, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is sent to it. Under a cap it is sent nothing without a price, and the error says so."""
    warn_about_model(settings)
    assert capsys.readouterr().err.startswith("dragoman: claude-nonsense-9 ") == warned


def test_commands_are_loaded_for_these_tests() -> None:
    """The options above are those of the real commands."""
    load_commands()
    assert len(app.registered_commands) >= 8
