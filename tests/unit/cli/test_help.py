"""Help pages: a newcomer learns from the page of a command what it is for, how to call it and how it can end."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from dragoman.asking.breaker import BreakerTiming
from dragoman.asking.concurrency import CEILING, START
from dragoman.cli import app, load_commands
from dragoman.cli.help import EXIT_CODES, OLD_NAMES, OTHER, HelpCommand, HelpGroup, Panel, Section
from dragoman.config import Settings, resolve
from tests.support.commands import REPLAY, SAMPLES, here, records
from tests.support.words import PRIVATE_WORDS

load_commands()
ROOT: Any = get_command(app)
TYPES = re.compile(r"<[^>]*>|\b(str|int|float|bool|list\[|Path|None|True|False)\b|range\b")
"""What Typer prints for an option without a metavar, or for a Python value."""


def commands(group: Any, name: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each command below a group, hidden ones included, with its name."""
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*name, word))
        else:
            yield (*name, word), command


def groups(group: Any, name: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The group itself, and each below it."""
    yield name, group
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from groups(command, (*name, word))


COMMANDS = dict(commands(ROOT))
GROUPS = dict(groups(ROOT))
by_name = pytest.mark.parametrize("name", COMMANDS, ids=" ".join)


def page(name: tuple[str, ...]) -> str:
    """What ``--help`` prints, on 80 columns."""
    done = here(*name, "--help")
    assert (done.code, done.stderr) == (0, "")
    return done.stdout


def section(text: str, heading: str) -> str:
    """The lines below a heading, up to the next one."""
    found = re.search(rf"^{re.escape(heading)}:\n((?: .*\n?|\n(?= ))*)", text, re.MULTILINE)
    assert found is not None, heading
    return found[1]


def options_of(name: tuple[str, ...]) -> list[Any]:
    """The options of a command, without ``--help``."""
    return [parameter for parameter in COMMANDS[name].params if parameter.param_type_name == "option"]


@by_name
def test_a_page_begins_with_its_usage_and_a_purpose_of_one_sentence(name: tuple[str, ...]) -> None:
    """``Usage: dragoman run [OPTIONS] PATH… -o OUT``, then what the command is for."""
    text = page(name)
    assert re.match(rf"Usage: .*dragoman {' '.join(name)} \[OPTIONS\]", text)
    purpose = COMMANDS[name].help.split("\n\n")[0]
    assert re.fullmatch(r"[A-Z][^\n]*(\n[^\n]*)?\.", purpose)
    assert len(purpose) <= 120
    assert " ".join(purpose.split()) in " ".join(text.split())


@by_name
def test_a_page_has_examples_that_can_be_called(name: tuple[str, ...]) -> None:
    """Each example names this command, and its arguments and options are accepted."""
    command = COMMANDS[name]
    assert isinstance(command, HelpCommand)
    shown = section(page(name), "Examples")
    assert command.examples
    for line, purpose in command.examples:
        assert f"  {line}\n" in shown
        assert purpose in shown
        words = [word for word in re.split(r" [<>|] ", line)[0].split(" ") if word]
        assert words == shlex.split(" ".join(words))
        assert words[: 1 + len(name)] == ["dragoman", *name]
        command.make_context(name[-1], words[1 + len(name) :])  # raises a usage error for what is not accepted


def test_an_example_that_is_not_accepted_is_seen() -> None:
    """What the test above relies on."""
    with pytest.raises(Exception, match="--nonsense"):
        COMMANDS["run",].make_context("run", ["articles/", "-o", "out/", "--nonsense"])


@by_name
def test_a_page_names_the_exit_codes_that_the_command_can_end_with(name: tuple[str, ...]) -> None:
    """Each with its meaning, and no code that does not exist; every command can end with 0, and with 2 for usage."""
    codes = COMMANDS[name].exit_codes
    assert {"0", "2"} <= set(codes) <= set(EXIT_CODES)
    assert list(codes) == sorted(codes, key=list(EXIT_CODES).index)
    shown = section(page(name), "Exit codes")
    for code, meaning in codes.items():
        assert re.search(rf"^  {code} +\S", shown, re.MULTILINE)
        assert meaning in " ".join(shown.split())


def test_the_overview_names_every_exit_code_as_the_readme_does() -> None:
    """The same codes, in the same order."""
    readme = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    table = readme[readme.index("| exit code | meaning |") :]
    rows = re.findall(r"^\| (\d[\d, ]*) \|", table.split("\n\n")[0], re.MULTILINE)
    assert [row.replace(", ", "/") for row in rows] == list(EXIT_CODES)
    shown = section(page(()), "Exit codes")
    assert re.findall(r"^  (\d\S*) ", shown, re.MULTILINE) == list(EXIT_CODES)


@by_name
def test_every_option_is_in_a_panel_with_a_sentence(name: tuple[str, ...]) -> None:
    """No option is without a purpose, and each stands below the heading of its panel."""
    text = page(name)
    for option in options_of(name):
        assert option.rich_help_panel in list(Panel), option.name
        assert re.match(r"[A-Z].*\.", option.help), option.name
        (shown,) = [flag for flag in option.opts if flag not in OLD_NAMES and flag.startswith("--")]
        assert re.search(rf"^  (-\w, )?{shown}\b", section(text, option.rich_help_panel), re.MULTILINE)
    assert "--help" in section(text, OTHER)
    headings = [heading for heading in re.findall(r"^(\w[\w ]*):$", text, re.MULTILINE) if heading in list(Panel)]
    assert headings == [panel for panel in Panel if panel in headings]


@by_name
def test_no_page_shows_the_name_of_a_python_type(name: tuple[str, ...]) -> None:
    """``--timeout SECONDS`` and ``--task summary|translation``, not ``<float>`` and ``<list[TaskChoice]>``."""
    text = page(name)
    for row in re.findall(r"^  (-.*?|[A-Z[].*?)(?:  |$)", text, re.MULTILINE):
        assert TYPES.search(row) is None, row
    for parameter in COMMANDS[name].params:
        is_flag = getattr(parameter, "is_flag", False)
        assert is_flag or re.fullmatch(r"[A-Z\[\]|…-]+|[a-z|]+", parameter.metavar), parameter.name


@by_name
def test_choices_are_named_by_the_values_that_they_take(name: tuple[str, ...]) -> None:
    """The metavar of an option with a fixed set of values lists all of them."""
    for option in options_of(name):
        if option.type_descriptor.is_choice:
            assert option.metavar.split("|") == [str(choice.value) for choice in option.type_descriptor.choices]


READS_NO_SETTINGS = {("prompts", "list"), ("prompts", "show")}
"""Their options have the names of settings, and no variable is read for them."""


@by_name
def test_an_option_that_is_a_setting_shows_its_variable(name: tuple[str, ...]) -> None:
    """``[env: DRAGOMAN_TIMEOUT]``, whole on one line; no other option shows one."""
    text = page(name)
    flags = {resolve({setting: value}, environment={}).origins[setting]: setting for setting, value in GIVEN.items()}
    assert set(flags.values()) == set(Settings.model_fields) - {"attempts", "max_file_bytes", "max_article_tokens"}
    for option in options_of(name):
        names = {flag: setting for flag, setting in flags.items() if flag in option.opts}
        variables = re.findall(r"DRAGOMAN_\w+", option.help)
        if names and name not in READS_NO_SETTINGS and name[0] != "dev":
            assert variables == [f"DRAGOMAN_{setting.upper()}" for setting in names.values()]
            assert f"[env: {variables[0]}" in text
        elif name[0] != "dev":
            assert variables == []


GIVEN: dict[str, Any] = {
    "provider": "replay", "model": "x", "model_price_as": "x", "tasks": ["summary"], "prompts": ["x"],
    "prompt_folders": ["x"], "store": "x",
    "recordings": "x", "record": "x", "base_url": "x", "region": "x", "profile": "x", "inference_profile": "eu",
    "structured": "auto", "concurrency": 1, "rpm": 1, "input_tpm": 1, "output_tpm": 1, "timeout": 1, "patience": 1,
    "repairs": 1, "max_cost": 1, "follow_links": True, "retry": True, "refresh": True,
}  # fmt: skip
"""A value for each setting that has a flag; `resolve` names the flag."""


def test_a_default_in_a_help_text_is_that_of_the_settings() -> None:
    """Numbers and words behind ``Default:`` on the page of `run`."""
    text = " ".join(page(("run",)).split())
    fields = {name: field.default for name, field in Settings.model_fields.items()}
    stated = {
        "tasks": rf"--task .*?Default: {fields['tasks'][0]}\.",
        "provider": rf"--provider .*?Default: {fields['provider']}\.",
        "inference_profile": rf"--inference-profile .*?Default: {fields['inference_profile']}\.",
        "structured": rf"--structured .*?Default: {fields['structured']},",
        "timeout": rf"--timeout SECONDS .*?Default: {fields['timeout']:.0f}\.",
        "patience": (
            rf"--patience SECONDS .*?Default: {fields['patience']:.0f}, "
            rf"but {BreakerTiming().unproven_patience:.0f} while"
        ),
        "repairs": rf"--repairs N .*?Default: {fields['repairs']}\.",
        "concurrency": rf"--concurrency N .*?Default: starts at {START}, grows to {CEILING}\.",
    }
    for name, pattern in stated.items():
        found = re.search(pattern, text)
        assert found is not None, name
        assert found[0].count("Default:") == 1, name


@pytest.mark.parametrize("name", GROUPS, ids=lambda name: " ".join(name) or "dragoman")
def test_the_page_of_a_group_lists_its_commands_with_whole_sentences(name: tuple[str, ...]) -> None:
    """No sentence ends in ``...``."""
    group = GROUPS[name]
    assert isinstance(group, HelpGroup)
    text = page(name)
    assert "..." not in text.replace("[ARGS]...", "")
    one_line = " ".join(text.split())
    for word, command in group.commands.items():
        if not command.hidden:
            assert f"{word} {' '.join(str(command.help).split(chr(10) * 2)[0].split())}" in one_line
    assert str(group.help).split("\n\n")[0].endswith(".")


def test_every_visible_command_is_in_a_section_of_the_overview() -> None:
    """No command stands below the plain heading ``Commands``."""
    assert {command.rich_help_panel for command in ROOT.commands.values() if not command.hidden} == set(Section)
    assert "\nCommands:" not in page(())


def test_options_that_are_easily_confused_stand_beside_each_other() -> None:
    """So that each explains the other: which comes directly after which on the page of `run`."""
    flags = re.findall(r"^  (?:-\w, )?(--[\w-]+)", page(("run",)), re.MULTILINE)
    for first, second in (
        ("--prompt", "--prompt-folder"),
        ("--recordings", "--record"),
        ("--retry", "--refresh"),
        ("--refresh", "--start-over"),
        ("--timeout", "--patience"),
    ):
        assert flags.index(second) == flags.index(first) + 1
    limit, rpm = ({option.opts[0]: option for option in options_of(("run",))}[flag] for flag in ("--limit", "--rpm"))
    assert "--rpm" in limit.help
    assert limit.rich_help_panel != rpm.rich_help_panel


def test_former_names_of_options_still_work_and_are_not_shown(tmp_path: Path) -> None:
    """``--fresh`` is ``--start-over``, ``--prompts`` is ``--prompt-folder``."""
    assert set(OLD_NAMES) == {"--fresh", "--prompts"}
    for name in COMMANDS:
        assert not re.search(rf"{'|'.join(OLD_NAMES)}\b", page(name))
    one, other = sorted(SAMPLES.iterdir())[:2]
    for flag in ("--fresh", "--start-over"):
        here("run", one, "-o", tmp_path / "out", *REPLAY)
        here("run", other, "-o", tmp_path / "out", *REPLAY, flag)
        assert [record["article"]["name"] for record in records(tmp_path / "out")] == [other.name]
    for flag in ("--prompts", "--prompt-folder"):
        done = here("prompts", "list", flag, tmp_path / "nowhere")
        assert (done.code, str(tmp_path / "nowhere") in done.stderr) == (2, True)
    assert resolve({"prompt_folders": ["x"]}, environment={}).origins["prompt_folders"] == "--prompt-folder"


@by_name
def test_pages_are_free_of_private_words(name: tuple[str, ...]) -> None:
    """A newcomer understands each sentence."""
    assert PRIVATE_WORDS.findall(page(name)) == []


def test_a_page_fits_a_terminal_of_eighty_columns() -> None:
    """All but the examples, which are typed as they stand."""
    for name in COMMANDS:
        text = page(name)
        examples = section(text, "Examples")
        assert max(len(line) for line in text.replace(examples, "").splitlines()) <= 80


def test_a_command_is_registered_once() -> None:
    """`load_commands` may be called again."""
    before = len(app.registered_commands)
    load_commands()
    assert len(app.registered_commands) == before
    assert isinstance(app, typer.Typer)
