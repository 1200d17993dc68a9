"""Released prompts never change, and the variables of a prompt are exact."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman.core.models import table
from dragoman.core.request import JsonSchema, Request
from dragoman.core.source import Source, numbered
from dragoman.errors import ConfigError
from dragoman.tasks.fences import LENGTH, fence
from dragoman.tasks.prompts import (
    LONGEST_MARK,
    MAX_PROMPT_BYTES,
    PromptLibrary,
    load,
    numbered_paragraphs,
    released_digests,
    released_folder,
    verify,
)

TASKS = ("summary", "translation")

FRONT = 'task = "summary"\nversion = 101\ndate = 2026-11-21\nnote = "mine"\nvariables = ["article"]\n'
BODY = "=== system ===\nRead.\n=== user ===\nHere: {{article}}\n"


def written(folder: Path, front: str = FRONT, body: str = BODY, *, name: str = "summary/v101") -> Path:
    path = folder / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"+++\n{front}+++\n{body}", "utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value)


def test_the_released_prompts_are_unchanged() -> None:
    assert verify(PromptLibrary()) == []


def test_each_task_has_a_released_prompt_and_so_have_reask_and_repair() -> None:
    assert {prompt.task for prompt in PromptLibrary()} == {*TASKS, "reask", "repair"}
    assert set(released_digests()) == {prompt.name for prompt in PromptLibrary()}


def test_the_message_about_an_edited_prompt_names_the_next_version() -> None:
    prompts = list(PromptLibrary())
    edited = [replace(p, system=p.system + " And be quick.") if p.name == "summary/v1" else p for p in prompts]
    (problem,) = verify(edited)
    assert problem.startswith("summary/v1 was edited after its release")
    assert "summary/v2.md" in problem


def test_a_missing_or_unreleased_prompt_is_named() -> None:
    prompts = list(PromptLibrary())
    assert verify(prompts[1:]) == [f"{prompts[0].name} was released and is missing"]
    assert verify([*prompts, replace(prompts[0], version=7)]) == [
        f"{prompts[0].task}/v7 is not released yet: it is not in released.json"
    ]


def test_an_edited_copy_of_a_released_prompt_is_rejected(tmp_path: Path) -> None:
    """Even one changed letter; the message suggests another version."""
    mine = tmp_path / "mine"
    shutil.copytree(released_folder(), mine)
    path = mine / "summary" / "v1.md"
    path.write_text(path.read_text("utf-8").replace("You read one article", "You read an article"), "utf-8")
    with pytest.raises(ConfigError, match=r"differs from it.*summary/v101") as caught:
        PromptLibrary(mine)
    assert str(path) in str(caught.value)


def test_an_unchanged_copy_of_a_released_prompt_is_accepted(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(released_folder(), mine)
    library = PromptLibrary(mine)
    assert [p.name for p in library] == [p.name for p in PromptLibrary()]
    assert verify(library) == []


def test_date_and_note_do_not_change_the_digest(tmp_path: Path) -> None:
    """The digest covers exactly what reaches a request."""
    prompt = load(written(tmp_path))
    assert replace(prompt, date="2027-01-01", note="other").sha256 == prompt.sha256
    for changed in (
        replace(prompt, task="other"),
        replace(prompt, system="Read!"),
        replace(prompt, user="There: {{article}}"),
        replace(prompt, schema=JsonSchema(type="object")),
        replace(prompt, effort="low"),
        replace(prompt, thinking="off"),
        replace(prompt, max_output_tokens=99),
    ):
        assert changed.sha256 != prompt.sha256


def test_a_prompt_of_the_user_is_found_by_its_full_name_only(tmp_path: Path) -> None:
    """The name of a task alone gives the newest released prompt, never one on trial."""
    written(tmp_path)
    library = PromptLibrary(tmp_path)
    assert library.get("summary/v101").user == "Here: {{article}}"
    assert library.get("summary").name == "summary/v1"
    assert verify(library) == []


def test_a_task_of_the_user_gives_its_newest_prompt(tmp_path: Path) -> None:
    for version in (2, 10, 9):
        front = FRONT.replace("summary", "digest").replace("101", str(version))
        written(tmp_path, front, name=f"digest/v{version}")
    assert PromptLibrary(tmp_path).get("digest").name == "digest/v10"


def test_a_prompt_without_a_schema_uses_the_released_one(tmp_path: Path) -> None:
    """Whatever other schemas are in the user's folder."""
    written(tmp_path).with_suffix(".schema.json").write_text('{"type": "object"}', "utf-8")
    written(tmp_path, FRONT.replace("101", "102"), name="summary/v102")
    library = PromptLibrary(tmp_path)
    assert library.get("summary/v101").schema == {"type": "object"}
    assert library.get("summary/v102").schema == library.get("summary/v1").schema


def test_the_message_about_an_unknown_prompt_lists_all_prompts() -> None:
    with pytest.raises(
        ConfigError, match=r"no prompt 'summary/v9'; the prompts are reask/v1, repair/v1, summary/v1, translation/v1"
    ):
        PromptLibrary().get("summary/v9")


def test_a_missing_prompt_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no prompt folder at .*nowhere"):
        PromptLibrary(tmp_path / "nowhere")


FAULTS = {
    "no front matter": ("", "Just text."),
    "no task": (FRONT.replace('task = "summary"\n', ""), BODY),
    "no note": (FRONT.replace('note = "mine"\n', ""), BODY),
    "no variables": (FRONT.replace('variables = ["article"]\n', ""), BODY),
    "unknown key": (FRONT + "temperature = 1\n", BODY),
    "not TOML": ("task: summary\n", BODY),
    "another task": (FRONT.replace("summary", "translation"), BODY),
    "another version": (FRONT.replace("101", "7"), BODY),
    "variables a number": (FRONT.replace('["article"]', "5"), BODY),
    "variables in lists": (FRONT.replace('["article"]', '[["article"]]'), BODY),
    "unknown effort": (FRONT + 'effort = "utmost"\n', BODY),
    "unknown thinking": (FRONT + 'thinking = "of"\n', BODY),
    "limit in words": (FRONT + 'max_output_tokens = "many"\n', BODY),
    "limit of zero": (FRONT + "max_output_tokens = 0\n", BODY),
    "no user part": (FRONT, "=== system ===\nRead {{article}}.\n"),
    "text before the parts": (FRONT, "Hello\n" + BODY),
    "two user parts": (FRONT, BODY + "=== user ===\nAgain: {{article}}\n"),
    "a variable too many": (FRONT, BODY.replace("{{article}}", "{{article}} {{fence}}")),
    "a variable too few": (FRONT, BODY.replace("{{article}}", "")),
    "a variable in capitals": (FRONT, BODY.replace("{{article}}", "{{article}} {{Article}}")),
    "a variable in the system part": (FRONT, BODY.replace("Read.", "Read {{article}}.")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_invalid_prompt_file_is_named(tmp_path: Path, fault: str) -> None:
    """As an error of the configuration, before any request."""
    path = written(tmp_path, *FAULTS[fault])
    assert str(path) in refusal(path)


@pytest.mark.parametrize("schema", ["{", "[1]", '"x"', "null"])
def test_an_invalid_schema_file_is_named(tmp_path: Path, schema: str) -> None:
    path = written(tmp_path)
    path.with_suffix(".schema.json").write_text(schema, "utf-8")
    assert str(path) in refusal(path)


@pytest.mark.parametrize("name", ["summary/v0", "summary/v01", "summary/vx", "Summary/v101", "summary/version1"])
def test_a_file_name_without_a_version_is_rejected(tmp_path: Path, name: str) -> None:
    assert "<task>/vN.md" in refusal(written(tmp_path, name=name))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"+++\n", b"\x00"])
def test_a_file_that_is_not_a_prompt_is_named(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path)
    path.write_bytes(content)
    assert str(path) in refusal(path)


def test_line_ends_of_another_system_do_not_change_the_digest(tmp_path: Path) -> None:
    """Otherwise the same prompt would have another digest, and be paid for again, on another machine."""
    path = written(tmp_path)
    before = load(path).sha256
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(path).sha256 == before


@pytest.mark.parametrize("values", [{}, {"fence": "x"}, {"fence": "x", "article": "y", "more": "z"}, {"Article": "y"}])
def test_missing_and_unknown_variables_are_errors(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"summary/v1 takes \['article', 'fence'\]"):
        PromptLibrary().get("summary").fill(**values)


@given(st.text(), st.text())
@example("{{article}}", "{{fence}} \\g<0> \\1")
def test_variables_inside_filled_in_text_are_left_alone(word: str, article: str) -> None:
    """An article that contains {{fence}} is sent with {{fence}} in it."""
    prompt = PromptLibrary().get("summary")
    pieces = re.split(r"\{\{(\w+)\}\}", prompt.user)
    values = {"fence": word, "article": article}
    filled = prompt.fill(fence=word, article=article)
    assert filled == "".join(values[piece] if place % 2 else piece for place, piece in enumerate(pieces))


@pytest.mark.parametrize("task", TASKS)
def test_the_system_part_is_the_same_for_every_article(task: str) -> None:
    """The system part is cached. The article is in the user part, after the fence word."""
    prompt = PromptLibrary().get(task)
    assert "{{" not in prompt.system
    assert prompt.user.index("{{fence}}") < prompt.user.index("{{article}}")
    assert prompt.schema


def test_the_same_text_gives_the_same_request() -> None:
    """The fence word is computed from the text, so a second run sends nothing."""

    def asked(text: str) -> Request:
        source = Source(text, numbered([(0, len(text))]), "de", "Latn", "utf-8", "utf-8", text)
        prompt, word = PromptLibrary().get("summary"), fence(text)
        user = prompt.fill(fence=word, article=numbered_paragraphs(source, source.paragraphs, word))
        return Request("claude-sonnet-5-5", prompt.system, user, prompt.schema or JsonSchema(), 99)

    assert asked("Der Turm ist zu.").key == asked("Der Turm ist zu.").key
    assert asked("Der Turm ist zu.").key != asked("Der Turm ist auf.").key


def test_paragraphs_are_shown_with_their_numbers() -> None:
    source = Source("eins\n\nzwei\ndrei", numbered([(0, 4), (6, 10), (11, 15)]), "de", "Latn", "utf-8", "utf-8", "")
    assert numbered_paragraphs(source, source.paragraphs[1:], "ab12cd") == "[ab12cd.2] zwei\n[ab12cd.3] drei"


def test_the_mark_of_a_paragraph_is_counted_with_its_longest_number() -> None:
    """Square brackets, a fence word, a dot, a number of 9 digits, a space and a line end."""
    longest = len(f"[{'x' * LENGTH}.{10**9 - 1}] \n")
    assert longest <= LONGEST_MARK <= longest + 4


def test_a_prompt_file_may_be_as_large_as_the_largest_context() -> None:
    """At four bytes per token of English."""
    assert max(model.context for model in table().models.values()) * 4 == MAX_PROMPT_BYTES
