"""`dragoman dev`: for people who change prompts, schemas and handwritten recordings. Hidden from ``--help``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.help import DONE, Panel, command, group
from dragoman.cli.options import TaskChoice, given

_EXIT_CODES = {"0": DONE, "2": "wrong usage or settings"}

development = group(help="For the development of Dragoman itself.")
app.add_typer(development, name="dev", hidden=True)

Folder = Annotated[Path, typer.Argument(metavar="RECORDINGS", help="A folder of recordings.")]


@command(development, "schemas", examples=[("dragoman dev schemas", "")], exit_codes=_EXIT_CODES)
def schemas() -> None:
    """Write the schema files of the newest prompts from the classes in the code."""
    from dragoman.cli.console import say
    from dragoman.tasks.prompts import released_folder
    from dragoman.testing.handwritten import write_schemas

    for path in write_schemas(released_folder()):
        say(f"wrote {path}")


@command(development, "release", examples=[("dragoman dev release", "")], exit_codes=_EXIT_CODES)
def release() -> None:
    """Release every new prompt: write its digest to released.json."""
    from dragoman.cli.console import say
    from dragoman.tasks.prompts import released_folder
    from dragoman.testing.handwritten import release as pin

    say(", ".join(pin(released_folder())) or "there is no new prompt to release")


@command(
    development,
    "handwrite",
    examples=[
        ("dragoman dev handwrite article.txt answer.json --recordings recordings/ --on 2026-11-21", "One answer."),
        (
            "dragoman dev handwrite article.txt first.json fixed.json --recordings recordings/ --on 2026-11-21",
            "An answer, and its correction.",
        ),
    ],
    exit_codes={**_EXIT_CODES, "3": "the article cannot be read"},
)
def handwrite(
    article: Annotated[Path, typer.Argument(metavar="ARTICLE", help="The article.")],
    answers: Annotated[
        list[Path],
        typer.Argument(
            metavar="ANSWER…",
            help="The answer, as the JSON that a model would return, then one more for each time it is sent back.",
        ),
    ],
    folder: Annotated[
        Path, options.flag("--recordings", panel=Panel.WHERE, metavar="DIR", help="The folder to write to.")
    ],
    day: Annotated[
        str, options.flag("--on", panel=Panel.WHAT, metavar="DAY", help="The day it was written, such as 2026-11-21.")
    ],
    task: Annotated[
        TaskChoice,
        options.flag("--task", panel=Panel.WHAT, metavar="summary|translation", help="The task that is answered."),
    ] = TaskChoice.summary,
    model: options.Model = None,
) -> None:
    """Write recordings of answers that a person wrote; they are marked as handwritten."""
    from dragoman.cli.console import say
    from dragoman.config import Settings
    from dragoman.runs.session import model_of, specs_of
    from dragoman.testing.handwritten import write_by_hand

    settings = Settings.load(given(tasks=[task], model=model))
    (spec,) = specs_of(settings, model_of(settings))
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


@command(
    development,
    "rekey",
    examples=[("dragoman dev rekey samples/recordings --articles samples/articles", "")],
    exit_codes={**_EXIT_CODES, "3": "some recordings could not be updated and stay as they were"},
)
def rekey(
    folder: Folder,
    samples: Annotated[
        Path,
        options.flag("--articles", panel=Panel.WHERE, metavar="DIR", help="The folder with the recorded articles."),
    ],
    prompts: options.Prompts = None,
    model: options.Model = None,
) -> None:
    """Update the requests in handwritten recordings to the current prompts, schemas and preparation."""
    from dragoman.cli.console import counted, say
    from dragoman.config import Settings
    from dragoman.runs.session import model_of, specs_of
    from dragoman.testing.handwritten import rekey as rewrite

    settings = Settings.load(given(tasks=list(TaskChoice), prompts=prompts, model=model))
    changed, problems = rewrite(folder, samples, specs_of(settings, model_of(settings)))
    for problem in problems:
        say(problem)
    say(f"{counted(changed, 'recording')} updated")
    if problems:
        raise typer.Exit(3)


@command(
    development,
    "seal",
    examples=[("dragoman dev seal recordings/", "")],
    exit_codes={**_EXIT_CODES, "3": "a recording of another origin was edited, or one cannot be read"},
)
def seal_command(folder: Folder) -> None:
    """Renew the checksums of recordings that a person wrote or edited.

    Only recordings of origin handwritten or altered get a new checksum.
    """
    from dragoman.cli.advice import advice
    from dragoman.cli.console import counted, say
    from dragoman.testing.handwritten import seal

    written, problems = seal(folder)
    for problem in problems:
        say(str(problem))
    for text in advice(problem.hint for problem in problems):
        say(text)
    say(f"{counted(written, 'recording')} sealed")
    if problems:
        raise typer.Exit(3)
