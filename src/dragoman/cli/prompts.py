"""`dragoman prompts` and `dragoman schema`: what is asked, and what the records look like."""

from __future__ import annotations

from typing import Annotated

import typer

from dragoman.cli import app, options

prompts_app = typer.Typer(
    help="List, show and verify prompts.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)
app.add_typer(prompts_app, name="prompts")


@prompts_app.command("list")
def list_prompts(folders: options.PromptFolders = None, follow_links: options.FollowLinks = False) -> None:
    """One line a prompt: name, date, digest, whether it is released, change note."""
    from dragoman.cli.console import emit
    from dragoman.tasks.prompts import PromptLibrary, is_released

    for prompt in PromptLibrary(*(folders or ()), follow_links=follow_links):
        state = "released" if is_released(prompt) else "not released"
        emit(f"{prompt.name:<18} {prompt.date}  {prompt.sha256[:12]}  {state:<12}  {prompt.note}")


@prompts_app.command("show")
def show_prompt(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as summary/v1, or summary for the newest.")],
    folders: options.PromptFolders = None,
    follow_links: options.FollowLinks = False,
    schema: Annotated[bool, typer.Option("--schema", help="The JSON Schema of the answer instead.")] = False,
) -> None:
    """Print a prompt as its file stands."""
    import json

    from dragoman.cli.console import emit, emit_json
    from dragoman.tasks.prompts import PromptLibrary, text_of

    prompt = PromptLibrary(*(folders or ()), follow_links=follow_links).get(name)
    if schema:
        emit_json(json.dumps(prompt.schema, ensure_ascii=False, indent=1))
    else:
        emit(text_of(prompt.path))


@prompts_app.command("verify")
def verify_prompts() -> None:
    """Check that every released prompt is as it was released. Exit 2 when one was edited."""
    from dragoman.cli.console import emit
    from dragoman.errors import ConfigError
    from dragoman.tasks.prompts import PromptLibrary, verify

    library = list(PromptLibrary())
    problems = verify(library)
    if problems:
        raise ConfigError("; ".join(problems))
    emit(f"{len(library)} prompts, all as released")


@app.command("schema")
def schema_command(
    run: Annotated[bool, typer.Option("--run", help="The JSON Schema of run.json instead.")] = False,
) -> None:
    """Print the JSON Schema of a record, or of run.json."""
    import json

    from dragoman.cli.console import emit_json
    from dragoman.core.record import record_schema
    from dragoman.core.run_report import run_schema

    emit_json(json.dumps(run_schema() if run else record_schema(), ensure_ascii=False, indent=1))
