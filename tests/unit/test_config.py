"""Flags override the environment, which overrides dragoman.toml, which overrides defaults; every value knows its
origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from dragoman.cli.options import given
from dragoman.config import Resolved, Settings, resolve
from dragoman.errors import ConfigError


def resolved(
    tmp_path: Path,
    toml: str | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Resolved:
    if toml is not None:
        (tmp_path / "dragoman.toml").write_text(toml, "utf-8")
    return resolve(flags, environment=environment or {}, folder=tmp_path)


def refusal(
    tmp_path: Path,
    toml: str | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> str:
    with pytest.raises(ConfigError) as caught:
        resolved(tmp_path, toml, environment, flags)
    return str(caught.value)


FILE, VARIABLE, FLAG = 'model = "haiku-5-5"', {"DRAGOMAN_MODEL": "sonnet-5-5"}, {"model": "opus-5-5"}


@pytest.mark.parametrize(
    ("toml", "environment", "flags", "model", "origin"),
    [
        (FILE, VARIABLE, FLAG, "opus-5-5", "--model"),
        (None, None, FLAG, "opus-5-5", "--model"),
        (FILE, VARIABLE, None, "sonnet-5-5", "DRAGOMAN_MODEL"),
        (FILE, VARIABLE, {"model": None}, "sonnet-5-5", "DRAGOMAN_MODEL"),
        (FILE, {"MODEL": "x"}, None, "haiku-5-5", "dragoman.toml"),
        ("", {}, {}, None, "default"),
        (None, None, None, None, "default"),
    ],
)
def test_the_highest_priority_source_wins_and_is_named(
    tmp_path: Path,
    toml: str | None,
    environment: dict[str, str] | None,
    flags: dict[str, Any] | None,
    model: str | None,
    origin: str,
) -> None:
    found = resolved(tmp_path, toml, environment, flags)
    assert found.settings.model == model
    assert found.origins["model"] == origin


def test_each_setting_is_resolved_by_itself(tmp_path: Path) -> None:
    found = resolved(
        tmp_path,
        "concurrency = 3\ntimeout = 30\nattempts = 2\n",
        {"DRAGOMAN_TIMEOUT": "40", "DRAGOMAN_ATTEMPTS": "4"},
        {"attempts": 5},
    )
    assert (found.settings.concurrency, found.settings.timeout, found.settings.attempts) == (3, 40.0, 5)
    assert {name: where for name, where in found.origins.items() if where != "default"} == {
        "concurrency": "dragoman.toml", "timeout": "DRAGOMAN_TIMEOUT", "attempts": "--attempts",
    }  # fmt: skip


def test_every_setting_has_an_origin(tmp_path: Path) -> None:
    found = resolved(tmp_path)
    assert set(found.origins) == set(Settings.model_fields)
    assert found.settings == Settings()
    assert set(found.origins.values()) == {"default"}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("provider", "bedrock", "bedrock"),
        ("tasks", "summary, translation", ("summary", "translation")),
        ("tasks", "translation", ("translation",)),
        ("prompts", "summary/v1,translation/v1,", ("summary/v1", "translation/v1")),
        ("prompt_folders", "/a, /b c", (Path("/a"), Path("/b c"))),
        ("store", "/data/store.sqlite", Path("/data/store.sqlite")),
        ("concurrency", "16", 16),
        ("timeout", "2.5", 2.5),
        ("max_cost", "0.10", Decimal("0.10")),
        ("retry", "1", True),
        ("refresh", "false", False),
        ("inference_profile", "us-gov", "us-gov"),
    ],
)
def test_values_from_the_environment_are_parsed_from_text(tmp_path: Path, name: str, text: str, value: Any) -> None:
    """Lists are separated by commas."""
    variable = f"DRAGOMAN_{name.upper()}"
    found = resolved(tmp_path, environment={variable: text})
    assert getattr(found.settings, name) == value
    assert found.origins[name] == variable


def test_the_file_takes_lists_and_single_values(tmp_path: Path) -> None:
    found = resolved(tmp_path, 'tasks = ["summary", "translation"]\nprompts = "summary/v1"\nmax_cost = 0.1\n')
    assert found.settings.tasks == ("summary", "translation")
    assert found.settings.prompts == ("summary/v1",)
    assert found.settings.max_cost == Decimal("0.1")


@pytest.mark.parametrize("name", ["store", "recordings", "record"])
def test_a_path_in_the_file_is_relative_to_the_file(tmp_path: Path, name: str) -> None:
    """This holds wherever the command is called from; paths in flags and in the environment are relative to the current
    folder.
    """
    assert getattr(resolved(tmp_path, f'{name} = "here/x"').settings, name) == tmp_path / "here" / "x"
    assert getattr(resolved(tmp_path, f'{name} = "/there/x"').settings, name) == Path("/there/x")
    assert getattr(resolved(tmp_path, flags={name: Path("here/x")}).settings, name) == Path("here/x")
    assert getattr(resolved(tmp_path, environment={f"DRAGOMAN_{name.upper()}": "x"}).settings, name) == Path("x")


@pytest.mark.parametrize("toml", ['prompt_folders = ["mine", "/theirs"]', 'prompt_folders = "mine"'])
def test_prompt_folders_in_the_file_are_relative_to_the_file(tmp_path: Path, toml: str) -> None:
    folders = resolved(tmp_path, toml).settings.prompt_folders
    assert folders[0] == tmp_path / "mine"
    assert folders[1:] in ((), (Path("/theirs"),))


@pytest.mark.parametrize("name", ["store", "recordings", "record", "prompt_folders"])
@pytest.mark.parametrize("place", ["file", "environment", "flag"])
def test_a_tilde_is_the_home_folder_everywhere(tmp_path: Path, name: str, place: str) -> None:
    toml = f'{name} = "~/x"' if place == "file" else None
    environment = {f"DRAGOMAN_{name.upper()}": "~/x"} if place == "environment" else {}
    path = Path("~/x")
    flags = {name: (path,) if name == "prompt_folders" else path} if place == "flag" else {}
    value = getattr(resolved(tmp_path, toml, environment, flags).settings, name)
    assert value == ((Path.home() / "x",) if name == "prompt_folders" else Path.home() / "x")


def test_the_home_of_an_unknown_user_is_a_wrong_setting(tmp_path: Path) -> None:
    assert refusal(tmp_path, environment={"DRAGOMAN_STORE": "~no-such-user-here/x"}).startswith("DRAGOMAN_STORE: ")


def test_an_unknown_setting_in_the_file_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    message = refusal(tmp_path, 'modle = "haiku-5-5"')
    assert str(tmp_path / "dragoman.toml") in message
    assert "unknown setting modle" in message
    assert "did you mean model? docs/running.md lists the settings" in message


def test_an_unknown_flag_is_refused(tmp_path: Path) -> None:
    """This applies to Python, where no command line has validated the name first."""
    assert "modle" in refusal(tmp_path, flags={"modle": "haiku-5-5"})
    with pytest.raises(ValidationError):
        Settings(modle="haiku-5-5")  # type: ignore[call-arg]  # the test needs the wrong name


BAD: list[tuple[str, str | None, dict[str, str], dict[str, Any]]] = [
    ("--concurrency must be a whole number from 1 to 1000; got 0", None, {}, {"concurrency": 0}),
    ("--concurrency must be a whole number from 1 to 1000; got 9999", None, {}, {"concurrency": 9999}),
    ("--task must be summary, translation or both; got 'poem'", None, {}, {"tasks": ("summary", "poem")}),
    ("--max-cost must be an amount in US dollars above 0, such as 5; got 'much'", None, {}, {"max_cost": "much"}),
    ("--max-cost must be an amount in US dollars above 0, such as 5; got 0", None, {}, {"max_cost": "0"}),
    ("--max-cost must be an amount in US dollars above 0, such as 5; got -1", None, {}, {"max_cost": "-1"}),
    ("--repairs must be 0, 1 or 2; got 5", None, {}, {"repairs": "5"}),
    ("--rpm must be a number above 0; got 0", None, {}, {"rpm": "0"}),
    ("--timeout must be a number of seconds above 0, such as 60; got -1", None, {}, {"timeout": -1}),
    (
        "--inference-profile must be global, us, eu, jp, au, apac, us-gov or none; got 'mars'",
        None,
        {},
        {"inference_profile": "mars"},
    ),
    ("DRAGOMAN_PROVIDER must be anthropic, bedrock or replay; got 'openai'", None, {"DRAGOMAN_PROVIDER": "openai"}, {}),
    ("DRAGOMAN_TASKS must be summary, translation or both; got 'poem'", None, {"DRAGOMAN_TASKS": "summary,poem"}, {}),
    ("DRAGOMAN_TASKS: name at least one task", None, {"DRAGOMAN_TASKS": ","}, {}),
    (
        "DRAGOMAN_TIMEOUT must be a number of seconds above 0, such as 60; got 'long'",
        None,
        {"DRAGOMAN_TIMEOUT": "long"},
        {},
    ),
    (
        "DRAGOMAN_TIMEOUT must be a number of seconds above 0, such as 60; got 'inf'",
        None,
        {"DRAGOMAN_TIMEOUT": "inf"},
        {},
    ),
    (
        "DRAGOMAN_TIMEOUT must be a number of seconds above 0, such as 60; got 'nan'",
        None,
        {"DRAGOMAN_TIMEOUT": "nan"},
        {},
    ),
    (
        "DRAGOMAN_MAX_COST must be an amount in US dollars above 0, such as 5; got 'nan'",
        None,
        {"DRAGOMAN_MAX_COST": "nan"},
        {},
    ),
    ("DRAGOMAN_RETRY must be true or false; got 'maybe'", None, {"DRAGOMAN_RETRY": "maybe"}, {}),
    ("DRAGOMAN_CONCURRENCY must be a whole number from 1 to 1000; got 2.5", None, {"DRAGOMAN_CONCURRENCY": "2.5"}, {}),
    ("dragoman.toml: attempts must be a whole number from 1 to 20; got 0", "attempts = 0", {}, {}),
    ("dragoman.toml: store is 5", "store = 5", {}, {}),
    ("dragoman.toml: tasks: name at least one task", "tasks = []", {}, {}),
    ("dragoman.toml: prompt_folders is 1", "prompt_folders = [1]", {}, {}),
    ("dragoman.toml: model must be the name of a model, such as haiku-5-5; got [1]", "model = [1]", {}, {}),
]


@pytest.mark.parametrize(("message", "toml", "environment", "flags"), BAD, ids=[case[0] for case in BAD])
def test_a_bad_value_names_the_place_it_came_from(
    tmp_path: Path, message: str, toml: str | None, environment: dict[str, str], flags: dict[str, Any]
) -> None:
    """The message names the flag as it is typed, the variable or the file; then what the value must be, and what it
    is."""
    assert refusal(tmp_path, toml, environment, flags).startswith(message)


@pytest.mark.parametrize(
    ("variable", "right"),
    [
        ("DRAGOMAN_max_cost", "DRAGOMAN_MAX_COST"),
        ("dragoman_max_cost", "DRAGOMAN_MAX_COST"),
        ("Dragoman_Max_Cost", "DRAGOMAN_MAX_COST"),
        ("DRAGOMAN_Model", "DRAGOMAN_MODEL"),
    ],
)
def test_a_variable_in_another_case_is_refused_and_the_right_one_is_named(
    tmp_path: Path, variable: str, right: str
) -> None:
    """A cap that is overlooked costs money, even if the correct variable is set as well."""
    assert f"{variable} must be spelled {right}" in refusal(tmp_path, environment={variable: "0.01"})
    assert variable in refusal(tmp_path, environment={variable: "0.01", right: "1"})


@pytest.mark.parametrize("variable", ["DRAGOMAN_MODLE", "DRAGOMAN_modle", "DRAGOMAN_"])
def test_a_variable_of_no_setting_is_refused_with_the_nearest_one(tmp_path: Path, variable: str) -> None:
    """Only variables that start with ``DRAGOMAN_`` are checked; those of other programs are ignored."""
    message = refusal(tmp_path, environment={variable: "x"})
    nearest = "did you mean DRAGOMAN_MODEL? " if "mod" in variable.lower() else ""
    assert f"{variable} is not a setting of Dragoman; {nearest}docs/running.md lists the settings" in message
    assert resolved(tmp_path, environment={"dragoman_modle": "x", "MAX_COST": "1"}).settings == Settings()


@pytest.mark.parametrize("name", Settings.model_fields)
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_variable_is_refused_whatever_its_setting(tmp_path: Path, name: str, value: str) -> None:
    """An empty value means neither "no cap" nor "the default"; for that, unset the variable."""
    variable = f"DRAGOMAN_{name.upper()}"
    assert refusal(tmp_path, environment={variable: value}) == f"{variable} is empty: unset it, or give a value"


@pytest.mark.parametrize("name", ["model", "max_cost", "base_url", "region", "profile", "store", "recordings", "tasks"])
def test_an_empty_text_is_no_default_from_a_file_or_a_flag_either(tmp_path: Path, name: str) -> None:
    """An empty model name is not the default model."""
    assert f"dragoman.toml: {name} is empty: leave it out, or give a value" in refusal(tmp_path, f'{name} = ""')
    (tmp_path / "dragoman.toml").unlink()
    assert " is empty: leave it out, or give a value" in refusal(tmp_path, flags={name: ""})


@pytest.mark.parametrize("name", ["model", "base_url", "region", "profile"])
def test_settings_made_in_python_refuse_empty_text(name: str) -> None:
    with pytest.raises(ValidationError):
        Settings(**{name: ""})


def test_a_bad_value_is_named_by_the_place_that_won(tmp_path: Path) -> None:
    assert refusal(tmp_path, "timeout = 1", {"DRAGOMAN_TIMEOUT": "x"}).startswith("DRAGOMAN_TIMEOUT must be ")
    assert resolved(tmp_path, "timeout = 'x'", {"DRAGOMAN_TIMEOUT": "1"}).settings.timeout == 1


@pytest.mark.parametrize("content", [b"model = ", b"\xff\xfe", b"= 1", b"a = 1\na = 2"])
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "dragoman.toml").write_bytes(content)
    assert str(tmp_path / "dragoman.toml") in refusal(tmp_path)


def test_a_folder_instead_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "dragoman.toml").mkdir()
    assert str(tmp_path / "dragoman.toml") in refusal(tmp_path)


def test_the_environment_and_folder_of_the_process_are_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are the environment and the current folder of the command."""
    (tmp_path / "dragoman.toml").write_text("concurrency = 2\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRAGOMAN_TIMEOUT", "7")
    settings = Settings.load()
    assert (settings.concurrency, settings.timeout) == (2, 7.0)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().model = "haiku-5-5"  # type: ignore[misc]  # the test assigns to a frozen object


def test_the_store_has_a_default_place() -> None:
    assert Settings().store_path.is_relative_to(Path.home())
    assert Settings().store_path.name == "store.sqlite"
    assert Settings(store=Path("/x/y")).store_path == Path("/x/y")


def test_a_flag_with_a_zero_value_counts_as_given() -> None:
    """--concurrency 0 is a mistake to be reported, not the default."""
    assert given(concurrency=0, timeout=0.0, limit=None, retry=False, tasks=[], prompts=()) == {
        "concurrency": 0,
        "timeout": 0.0,
    }
