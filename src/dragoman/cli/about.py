"""Commands about dragoman itself: prompts, schema, doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.options import given

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


@app.command("doctor")
def doctor_command(
    provider: options.Provider = None,
    model: options.Model = None,
    recordings: options.RecordingsFolder = None,
    store: options.StorePath = None,
    base_url: options.BaseUrl = None,
    region: options.Region = None,
    profile: options.Profile = None,
    inference_profile: options.InferenceProfile = None,
    ping: Annotated[bool, typer.Option("--ping", help="Make one free call to see that it works.")] = False,
) -> None:
    """Show which credentials, region, model, prices and settings would be used, and what is missing. Offline."""
    from dragoman.cli.console import emit, say
    from dragoman.config import resolve
    from dragoman.runs import doctor

    resolved = resolve(
        given(
            provider=provider, model=model, recordings=recordings, store=store, base_url=base_url, region=region,
            profile=profile, inference_profile=inference_profile,
        )
    )  # fmt: skip
    diagnosis = doctor.examine(resolved)
    emit("\n".join(f"{name:<12} {what}" for name, what in diagnosis.lines))
    for missing in diagnosis.missing:
        say(f"missing: {missing}")
    if diagnosis.wrong is not None:
        raise diagnosis.wrong
    if ping:
        emit(f"{'ping':<12} {doctor.ping(resolved.settings)}")
    if diagnosis.missing:
        raise typer.Exit(4)
