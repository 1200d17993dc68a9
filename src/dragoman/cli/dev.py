"""``dragoman dev``: for those who change prompts, schemas and handwritten recordings. Hidden from --help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.options import TaskChoice, given

development = typer.Typer(
    help="For development of dragoman itself.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)
app.add_typer(development, name="dev", hidden=True)

Folder = Annotated[Path, typer.Argument(metavar="RECORDINGS", help="The folder of recordings.")]


@development.command()
def schemas() -> None:
    """Write the schema files of the newest prompts from the models of the code."""
    from dragoman.cli.console import say
    from dragoman.tasks.prompts import released_folder
    from dragoman.testing.handwritten import write_schemas

    for path in write_schemas(released_folder()):
        say(f"wrote {path}")


@development.command()
def release() -> None:
    """Pin the digests of prompts that are not released yet."""
    from dragoman.cli.console import say
    from dragoman.tasks.prompts import released_folder
    from dragoman.testing.handwritten import release as pin

    say(", ".join(pin(released_folder())) or "nothing new to release")


@development.command()
def handwrite(
    article: Annotated[Path, typer.Argument(help="The article.")],
    answers: Annotated[
        list[Path],
        typer.Argument(help="The answer, as the JSON a model would return; then one for each time it is sent back."),
    ],
    folder: Annotated[Path, typer.Option("--recordings", help="Gets the recording.")],
    day: Annotated[str, typer.Option("--on", metavar="DAY", help="The day it was written, such as 2026-11-21.")],
    task: Annotated[TaskChoice, typer.Option("--task")] = TaskChoice.summary,
    model: options.Model = None,
) -> None:
    """Make recordings of answers written by hand, marked as such."""
    from dragoman.cli.console import say
    from dragoman.config import Settings
    from dragoman.core.models import table
    from dragoman.runs.session import specs_of
    from dragoman.testing.handwritten import write_by_hand

    settings = Settings.load(given(tasks=[task], model=model))
    (spec,) = specs_of(settings, table().find(settings.model or table().default))
    texts = [_text(answer) for answer in answers]
    for path in write_by_hand(article, texts, spec, folder, on=day):
        say(str(path))


def _text(path: Path) -> str:
    from dragoman.core.read_file import read_whole
    from dragoman.errors import ConfigError
    from dragoman.store.recordings import MAX_RECORDING_BYTES

    try:
        return read_whole(path, MAX_RECORDING_BYTES).decode()
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error


@development.command()
def rekey(
    folder: Folder,
    samples: Annotated[Path, typer.Option("--articles", help="The folder the recordings' articles are in.")],
    prompts: options.Prompts = None,
    model: options.Model = None,
) -> None:
    """Give handwritten recordings the request of today's prompts, schemas and preparation."""
    from dragoman.cli.console import say
    from dragoman.config import Settings
    from dragoman.core.models import table
    from dragoman.runs.session import specs_of
    from dragoman.testing.handwritten import rekey as rewrite

    settings = Settings.load(given(tasks=list(TaskChoice), prompts=prompts, model=model))
    changed, problems = rewrite(folder, samples, specs_of(settings, table().find(settings.model or table().default)))
    for problem in problems:
        say(problem)
    say(f"{changed} recordings rewritten")
    if problems:
        raise typer.Exit(3)


@development.command("seal")
def seal_command(folder: Folder) -> None:
    """Give recordings that a person wrote or altered the checksum of what they hold now.

    Only those of origin handwritten or altered. Exit 3 when another one was edited, or cannot be read.
    """
    from dragoman.cli.console import counted, say
    from dragoman.testing.handwritten import seal

    written, problems = seal(folder)
    for problem in problems:
        say(problem)
    say(f"{counted(written, 'recording')} sealed")
    if problems:
        raise typer.Exit(3)
