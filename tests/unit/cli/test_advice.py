"""Errors are followed by what helps, in terms of the options of the commands."""

from __future__ import annotations

import re
from typing import get_args

import pytest
import typer

from dragoman.cli import app, load_commands
from dragoman.cli.advice import advised, end_without_replies, warn_about_model
from dragoman.config import Settings
from dragoman.errors import ConfigError, FailureKind, Hint, ProviderError, RepliesElsewhere
from tests.unit.cli.test_help import COMMANDS


@pytest.mark.parametrize("hint", get_args(Hint))
def test_every_hint_has_advice_that_names_options_of_run(hint: Hint) -> None:
    """The advice follows the message as sentences of its own."""
    text = advised(ProviderError(FailureKind.UNUSABLE, "the service failed", hint=hint))
    assert text.startswith("the service failed. ")
    flags = set(re.findall(r"--[a-z-]+", text))
    assert flags
    assert flags <= {flag for option in COMMANDS["run",].params for flag in option.opts}


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
    ],
    ids=["unknown", "known", "the default", "unknown, but nothing is sent"],
)
def test_a_model_of_unknown_price_is_warned_about(
    settings: Settings, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is sent to it."""
    warn_about_model(settings)
    assert capsys.readouterr().err.startswith("dragoman: claude-nonsense-9 ") == warned


def test_commands_are_loaded_for_these_tests() -> None:
    """The options above are those of the real commands."""
    load_commands()
    assert len(app.registered_commands) >= 8
