"""`dragoman doctor`: which credentials, region, model, prices and settings a command would use."""

from __future__ import annotations

from typing import Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.help import Panel, Section, command, exit_codes
from dragoman.cli.options import given


@command(
    app,
    "doctor",
    section=Section.UPKEEP,
    examples=[
        ("dragoman doctor", "Offline: what would be used, and what is missing."),
        ("dragoman doctor --provider bedrock --region eu-central-1 --ping", "Try Bedrock with one free request."),
    ],
    exit_codes=exit_codes(
        c0="nothing is missing",
        c2="an option, a setting or a variable of the network cannot be used",
        c4="credentials or a region are missing, or the service does not answer --ping",
    ),
)
def doctor_command(
    provider: options.Provider = None,
    model: options.Model = None,
    model_price_as: options.ModelPriceAs = None,
    recordings: options.RecordingsFolder = None,
    store: options.StorePath = None,
    base_url: options.BaseUrl = None,
    region: options.Region = None,
    profile: options.Profile = None,
    inference_profile: options.InferenceProfile = None,
    ping: Annotated[
        bool,
        options.flag("--ping", panel=Panel.WHAT, help="Send one free request, to see whether the service answers."),
    ] = False,
) -> None:
    """Show which credentials, model, prices and settings would be used, and what is missing.

    Sends nothing, except with --ping. Each setting is shown with the place that it comes from.
    """
    from dragoman.cli.console import emit, say
    from dragoman.config import resolve
    from dragoman.runs import doctor

    resolved = resolve(
        given(
            provider=provider, model=model, model_price_as=model_price_as, recordings=recordings, store=store,
            base_url=base_url, region=region, profile=profile, inference_profile=inference_profile,
        )
    )  # fmt: skip
    diagnosis = doctor.examine(resolved)
    emit("\n".join(f"{name:<12} {fact}" for name, fact in diagnosis.lines))
    for missing in diagnosis.missing:
        say(f"missing: {missing}")
    for problem in diagnosis.wrong[1:]:
        say(f"dragoman: {problem}")
    if diagnosis.wrong:
        raise diagnosis.wrong[0]
    if ping:
        emit(f"{'ping':<12} {doctor.ping(resolved.settings)}")
    if diagnosis.missing:
        raise typer.Exit(4)
