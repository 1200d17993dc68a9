"""`dragoman doctor`: which credentials, region, model, prices and settings would be used."""

from __future__ import annotations

from typing import Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.options import given


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
