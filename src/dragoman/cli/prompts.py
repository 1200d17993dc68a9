"""`dragoman prompts` and `dragoman schema`: what the model is asked, and what the result files contain."""

from __future__ import annotations

from typing import Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.help import Panel, Section, command, exit_codes, group

prompts_app = group(help="List, show and verify the prompts.")
app.add_typer(prompts_app, name="prompts", rich_help_panel=Section.UPKEEP)


@command(
    prompts_app,
    "list",
    examples=[("dragoman prompts list", ""), ("dragoman prompts list --prompt-folder my-prompts/", "With your own.")],
    exit_codes=exit_codes(),
)
def list_prompts(folders: options.LibraryFolders = None, follow_links: options.LibraryLinks = False) -> None:
    """List the prompts: name, date, digest, whether it is released, and a note on what changed."""
    from dragoman.cli.console import emit
    from dragoman.tasks.prompts import PromptLibrary, is_released

    for prompt in PromptLibrary(*(folders or ()), follow_links=follow_links):
        state = "released" if is_released(prompt) else "not released"
        emit(f"{prompt.name:<18} {prompt.date}  {prompt.sha256[:12]}  {state:<12}  {prompt.note}")


@command(
    prompts_app,
    "show",
    examples=[
        ("dragoman prompts show summary", "The newest prompt of a task."),
        ("dragoman prompts show summary/v1 --schema", "The JSON Schema of its answer."),
    ],
    exit_codes=exit_codes(),
)
def show_prompt(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A prompt, such as summary/v1, or a task for its newest prompt.")
    ],
    folders: options.LibraryFolders = None,
    follow_links: options.LibraryLinks = False,
    schema: Annotated[
        bool, options.flag("--schema", panel=Panel.WHAT, help="Print the JSON Schema of the answer instead.")
    ] = False,
) -> None:
    """Print a prompt, exactly as it is in its file."""
    import json

    from dragoman.cli.console import emit, emit_json
    from dragoman.tasks.prompts import PromptLibrary, text_of

    prompt = PromptLibrary(*(folders or ()), follow_links=follow_links).get(name)
    if schema:
        emit_json(json.dumps(prompt.schema, ensure_ascii=False, indent=1))
    else:
        emit(text_of(prompt.path))


@command(
    prompts_app,
    "verify",
    examples=[("dragoman prompts verify", "")],
    exit_codes=exit_codes(c0="all are unchanged", c2="a released prompt was changed"),
)
def verify_prompts() -> None:
    """Verify that no released prompt has changed since its release."""
    from dragoman.cli.console import counted, emit
    from dragoman.errors import ConfigError
    from dragoman.tasks.prompts import PromptLibrary, verify

    library = list(PromptLibrary())
    problems = verify(library)
    if problems:
        raise ConfigError("; ".join(problems))
    emit(f"{counted(len(library), 'prompt')}; every released one is unchanged")


@command(
    app,
    "schema",
    section=Section.UPKEEP,
    examples=[
        ("dragoman schema > record.schema.json", "The schema of one line of records.jsonl."),
        ("dragoman schema --run", "The schema of run.json."),
    ],
    exit_codes=exit_codes(),
)
def schema_command(
    run: Annotated[
        bool, options.flag("--run", panel=Panel.WHAT, help="Print the JSON Schema of run.json instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of a record, or of run.json."""
    import json

    from dragoman.cli.console import emit_json
    from dragoman.core.published_schemas import record_schema
    from dragoman.core.run_report import run_schema

    emit_json(json.dumps(run_schema() if run else record_schema(), ensure_ascii=False, indent=1))
