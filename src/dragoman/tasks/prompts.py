"""Reads prompt files. A Prompt is one version of the prompt of a task, with a digest.

A prompt is ``prompts/<task>/vN.md``: TOML front matter between ``+++`` lines, a system part that is the same for every
article (so that it can be cached) and a user part with ``{{variables}}``. The JSON Schema of the answer is beside it in
``vN.schema.json``. ``released.json`` pins the digest of each released version. A released prompt is never edited; a new
wording is ``v2``.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dragoman.core import read_file
from dragoman.core.request import Effort, JsonSchema, Thinking
from dragoman.core.shown_paragraphs import marked
from dragoman.core.source import Paragraph, Source
from dragoman.core.text import canonical_json, sha256
from dragoman.errors import ConfigError

MAX_PROMPT_BYTES = 4_000_000
"""Limit for a prompt file, a schema, and ``released.json``: a million tokens of English. No model reads a longer
prompt."""

_NAME = re.compile(r"([a-z][a-z0-9-]*)/v([1-9]\d*)")
_VARIABLE = re.compile(r"\{\{(\w+)\}\}")
_PARTS = re.compile(r"^=== (system|user) ===\n", re.MULTILINE)


@dataclass(frozen=True)
class Prompt:
    """One version of the prompt of one task. ``name`` is ``summary/v1``; ``sha256`` covers prompt and schema."""

    task: str
    version: int
    date: str
    note: str
    system: str
    user: str
    variables: tuple[str, ...]
    schema: JsonSchema | None = field(repr=False)
    effort: Effort | None
    thinking: Thinking
    max_output_tokens: int
    path: Path = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.task}/v{self.version}"

    @cached_property
    def sha256(self) -> str:
        """Digest of everything that can change a request; date and note do not count."""
        return sha256(
            canonical_json(
                [
                    self.task,
                    self.system,
                    self.user,
                    self.schema,
                    self.effort,
                    self.thinking,
                    self.max_output_tokens,
                ]
            )
        )

    @cached_property
    def wording(self) -> str:
        """All that a request says besides the article."""
        return "\n".join((self.system, self.user, self.schema.text if self.schema is not None else ""))

    def fill(self, **values: str) -> str:
        """The user part with its variables filled in. Raises ValueError unless exactly the declared variables are
        given."""
        if set(values) != set(self.variables):
            raise ValueError(f"prompt {self.name} takes {sorted(self.variables)} but got {sorted(values)}")
        return _VARIABLE.sub(lambda match: values[match[1]], self.user)


class PromptLibrary:
    """The released prompts, and the user's own prompts from other folders.

    The content of a prompt and its schema is sent to the service. A link that leads out of a user's folder is therefore
    an error, unless ``follow_links`` is set.
    """

    def __init__(self, *folders: Path, follow_links: bool = False) -> None:
        self.folders = (released_folder(), *folders)
        self._prompts: dict[str, Prompt] = {}
        for folder in self.folders:
            if not folder.is_dir():
                raise ConfigError(f"no prompt folder at {folder}; it should contain files such as summary/v2.md")
            trusted = follow_links or folder == self.folders[0]  # an installation may be made of links
            allowed = None if trusted else read_file.only_inside(folder)
            for path in sorted(folder.glob("*/v*.md")):
                prompt = load(path, self._released_schema(path.parent.name), allowed)
                earlier = self._prompts.get(prompt.name)
                if earlier and earlier.sha256 != prompt.sha256:
                    raise ConfigError(
                        f"{path} has the name of the released prompt {prompt.name} but differs from it; "
                        f"give it another version, such as {prompt.task}/v{prompt.version + 100}"
                    )
                self._prompts.setdefault(prompt.name, prompt)

    def _released_schema(self, task: str) -> JsonSchema | None:
        """The schema of the newest released prompt of a task, for a user's prompt without a schema of its own."""
        folder = self.folders[0]
        released = [p for p in self._prompts.values() if p.task == task and p.path.is_relative_to(folder)]
        return max(released, key=lambda prompt: prompt.version).schema if released else None

    def __iter__(self) -> Iterator[Prompt]:
        return iter(sorted(self._prompts.values(), key=lambda prompt: (prompt.task, prompt.version)))

    def shared_texts(self) -> Iterator[str]:
        """The texts that all requests of a prompt share, for each prompt: its system text and its schema."""
        for prompt in self:
            yield prompt.system
            if prompt.schema:
                yield prompt.schema.canonical

    def get(self, name: str) -> Prompt:
        """A prompt by name (``summary/v1``), or the newest released prompt of a task by the name of the task.

        Raises `ConfigError`, which lists the available prompts.
        """
        if name in self._prompts:
            return self._prompts[name]
        of_task = [prompt for prompt in self._prompts.values() if prompt.task == name]
        if of_task:
            digests = released_digests()
            released = [prompt for prompt in of_task if prompt.name in digests]
            return max(released or of_task, key=lambda prompt: prompt.version)
        raise ConfigError(f"no prompt {name!r}; the prompts are {', '.join(sorted(self._prompts))}")


def released_folder() -> Path:
    """``prompts/`` of a checkout, or the copy inside an installed wheel."""
    packaged = Path(str(files("dragoman") / "data" / "prompts"))
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[3] / "prompts"


def released_digests() -> dict[str, str]:
    """The digest with which each prompt was released, by name."""
    content = read_file.read_whole(released_folder() / "released.json", MAX_PROMPT_BYTES)
    digests: dict[str, str] = read_file.json_value(content)
    return digests


def is_released(prompt: Prompt) -> bool:
    """Whether a prompt is word for word one that was released."""
    return released_digests().get(prompt.name) == prompt.sha256


def verify(prompts: Iterable[Prompt]) -> list[str]:
    """The problems of the released prompts, one sentence each; empty when all are as released."""
    pinned = released_digests()
    folder = released_folder()
    present = {prompt.name: prompt for prompt in prompts if prompt.path.is_relative_to(folder)}
    problems = [f"{name} was released and is missing" for name in sorted(pinned.keys() - present.keys())]
    for name, prompt in sorted(present.items()):
        if name not in pinned:
            problems.append(f"{name} is not released yet: it is not in released.json")
        elif pinned[name] != prompt.sha256:
            problems.append(
                f"{name} was edited after its release ({prompt.sha256[:12]} is not {pinned[name][:12]}): "
                f"undo that, and put the new version into {prompt.task}/v{prompt.version + 1}.md"
            )
    return problems


def load(path: Path, schema: JsonSchema | None = None, allowed: read_file.PathCheck | None = None) -> Prompt:
    """The prompt in a file. Raises `ConfigError` that says what is wrong and where."""
    name = f"{path.parent.name}/{path.stem}"
    match = _NAME.fullmatch(name)
    if not match:
        raise ConfigError(f"{path} is not named <task>/vN.md")
    try:
        prompt = _parsed(path, match[1], int(match[2]), schema, allowed)
    except OSError as error:
        raise ConfigError(f"prompt file {path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ConfigError(f"prompt file {path} cannot be used: {error}") from error
    used = set(_VARIABLE.findall(prompt.user))
    if used != set(prompt.variables):
        raise ConfigError(
            f"prompt file {path} declares the variables {sorted(prompt.variables)} but uses {sorted(used)}"
        )
    if _VARIABLE.search(prompt.system):
        raise ConfigError(
            f"prompt file {path}: the system part must not have variables, because it is the same for every article"
        )
    return prompt


def text_of(path: Path, allowed: read_file.PathCheck | None = None) -> str:
    """The text of a prompt file with line ends ``\\n``. Raises OSError, and ValueError when it is not UTF-8."""
    content = read_file.read_whole(path, MAX_PROMPT_BYTES, allowed=allowed)
    return content.decode().replace("\r\n", "\n").replace("\r", "\n")


def _parsed(
    path: Path, task: str, version: int, schema: JsonSchema | None, allowed: read_file.PathCheck | None
) -> Prompt:
    """Raises OSError, and ValueError that says what is wrong with the file."""
    pieces = text_of(path, allowed).split("+++\n", 2)
    if len(pieces) != 3 or pieces[0]:
        raise ValueError("it must begin with a line +++, front matter in TOML, and another line +++")
    try:
        meta = _FrontMatter.model_validate(read_file.toml_table(pieces[1].encode()))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(f"front matter: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if (meta.task, meta.version) != (task, version):
        raise ValueError(f"front matter says {meta.task}/v{meta.version}")
    parts = _PARTS.split(pieces[2])
    names = parts[1::2]
    if parts[0].strip() or "user" not in names or len(set(names)) != len(names):
        raise ValueError("after the front matter, === user === must occur once and === system === at most once")
    sections = {name: section.strip() for name, section in zip(names, parts[2::2], strict=True)}
    schema_path = path.with_suffix(".schema.json")
    if os.path.lexists(schema_path):
        own = _own_schema(schema_path, allowed)
        if not isinstance(own, dict):
            raise ValueError(f"{schema_path.name} is not a JSON Schema")
        schema = JsonSchema(own)
    return Prompt(
        task=task,
        version=version,
        date=str(meta.date),
        note=meta.note,
        system=sections.get("system", ""),
        user=sections["user"],
        variables=tuple(meta.variables),
        schema=schema,
        effort=meta.effort,
        thinking=meta.thinking,
        max_output_tokens=meta.max_output_tokens,
        path=path,
    )


def _own_schema(path: Path, allowed: read_file.PathCheck | None) -> Any:
    """Raises ValueError that names the schema file, because callers name only the prompt file."""
    try:
        return read_file.json_value(read_file.read_whole(path, MAX_PROMPT_BYTES, allowed=allowed))
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    task: str
    version: int
    date: datetime.date
    note: str
    variables: list[str]
    effort: Effort | None = None
    thinking: Thinking = "default"
    max_output_tokens: int = Field(default=16_000, gt=0)


LONGEST_MARK = 32
"""Most characters that a prompt adds to a paragraph, including the line end: a fence word has 16, and the number of a
paragraph at most 9."""


def numbered_paragraphs(source: Source, paragraphs: Iterable[Paragraph], word: str) -> str:
    """Paragraphs as a prompt shows them: ``[word.3] text``, one after the other."""
    return "\n".join(marked(word, p.number, source.text[p.start : p.end]) for p in paragraphs)
