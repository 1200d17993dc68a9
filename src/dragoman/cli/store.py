"""Commands over the store: stats, verify, export, prune, repair."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.options import given

if TYPE_CHECKING:
    from dragoman.store.sqlite.store import Store

store_app = typer.Typer(
    help="Look after the store of replies.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)
app.add_typer(store_app, name="store")

ArticleOption = Annotated[
    str | None, typer.Option("--article", metavar="ID", help="Only of this article: its id, name or digest.")
]


@store_app.command()
def stats(
    path: options.StorePath = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Count replies and money by day, model, prompt and provider."""
    import json

    from dragoman.cli.console import counted, emit, emit_json
    from dragoman.store import maintenance

    with _open(path) as store:
        facts = maintenance.stats(store)
    if as_json:
        emit_json(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    unknown = f" and {facts['unknown_cost']} of unknown price" if facts["unknown_cost"] else ""
    lines = [
        f"{facts['store']}: {counted(facts['exchanges'], 'reply')} over {counted(facts['articles'], 'article')}, "
        f"{facts['bytes']:,} bytes, ${facts['cost_usd']}{unknown}"
    ]
    for name in ("day", "model", "prompt", "provider"):
        for key, entry in facts[f"by_{name}"].items():
            more = f", {entry['unknown_cost']} of unknown price" if entry["unknown_cost"] else ""
            lines.append(f"  {name:<9} {key:<28} {entry['exchanges']:>7} replies  ${entry['cost_usd']}{more}")
    emit("\n".join(lines))


@store_app.command()
def verify(path: options.StorePath = None) -> None:
    """Check the file, every checksum and every key. Exit 7 when something does not fit."""
    from dragoman.cli.console import counted, emit, say
    from dragoman.store import maintenance

    with _open(path) as store:
        problems = maintenance.verify(store)
        count = maintenance.count_exchanges(store)
        without, without_price = maintenance.unsealed(store)
        place = store.path
    for problem in problems:
        say(problem)
    if without:
        say(f"{counted(without, 'exchange')} saved by an earlier version without a checksum: only the key was verified")
    if without_price:
        say(f"{counted(without_price, 'exchange')} saved by an earlier version: no checksum covers the price")
    if problems:
        say(f"dragoman: {len(problems)} problems; `dragoman store repair --store {place}` salvages what is whole")
        raise typer.Exit(7)
    emit(f"{count} exchanges, every key fits its request; the file is sound")


@store_app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Gets one recording an exchange.")],
    path: options.StorePath = None,
    article: ArticleOption = None,
) -> None:
    """Write stored exchanges as recordings that --provider replay reads."""
    from dragoman.cli.console import say
    from dragoman.store import maintenance

    with _open(path) as store:
        say(f"{maintenance.export(store, folder, article=article)} recordings in {folder}")


@store_app.command("import")
def import_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Recordings of live replies.")],
    path: options.StorePath = None,
    unsealed: Annotated[
        bool,
        typer.Option(
            "--unsealed", help="Also take recordings without a checksum, as earlier versions of Dragoman wrote them."
        ),
    ] = False,
) -> None:
    """Put recordings of live replies into the store: what was rescued, or paid for on another machine.

    Every recording of origin live or batch counts as Claude's own reply from then on (or as a reply of the custom
    server it names): import only folders whose source you know. Takes all that can be read; exit 3 when something could
    not.
    """
    from dragoman.cli.console import counted, say
    from dragoman.config import Settings
    from dragoman.store import maintenance
    from dragoman.store.sqlite.store import Store

    with Store(Settings.load(given(store=path)).store_path) as store:
        done = maintenance.import_recordings(store, folder, unsealed=unsealed)
    for sentence in done.unreadable:
        say(sentence)
    say(f"{counted(done.taken, 'reply')} taken, {done.skipped} left (already there, or not of origin live or batch)")
    if done.taken:
        say("what was taken counts as the service's own word from now on, with the price that it names")
    if done.unreadable:
        say(
            f"dragoman: {counted(len(done.unreadable), 'file')} could not be read: copy whole ones there and import "
            "again (what is in the store is not taken twice), or the next run asks and pays for these again"
        )
        raise typer.Exit(3)


@store_app.command()
def prune(
    path: options.StorePath = None,
    article: ArticleOption = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="DAY", help="Only what was asked before it.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All replies.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what it would free.")] = False,
) -> None:
    """Remove replies: first says what it would free, and what buying them again would cost."""
    from dragoman.cli.console import counted, say
    from dragoman.errors import ConfigError
    from dragoman.store import maintenance

    if article is None and before is None and not everything:
        raise ConfigError("store prune needs --article ID, --before DAY or --all")
    with _open(path) as store:
        what = maintenance.prunable(store, article=article, before=before)
        unknown = f" and {what.unknown_cost} of unknown price" if what.unknown_cost else ""
        say(
            f"{counted(len(what.ids), 'reply')} over {counted(len(what.articles), 'article')}, {what.bytes:,} bytes; "
            f"they cost ${what.cost_usd}{unknown}"
        )
        if not yes:
            say("nothing was removed; say --yes to remove them")
            return
        maintenance.prune(store, what)
        say("removed")


@store_app.command()
def repair(path: options.StorePath = None, prompt_folders: options.PromptFolders = None) -> None:
    """Copy what is readable of a damaged store into a new one; the damaged file is kept beside it."""
    from dragoman.cli.console import counted, say
    from dragoman.config import Settings
    from dragoman.store.salvage import salvage
    from dragoman.tasks.prompts import PromptLibrary

    settings = Settings.load(given(store=path, prompt_folders=prompt_folders))
    prompts = PromptLibrary(*settings.prompt_folders, follow_links=settings.follow_links)
    done = salvage(settings.store_path, prompts.shared_texts())
    if done.lost is None:
        told = (
            f"{counted(done.saved, 'reply')} saved; the file is so damaged that nobody can tell how many are lost. "
            "The next run asks and pays for them again, unless a copy of the store (a backup) is put in its place"
        )
    else:
        told = f"{counted(done.saved, 'reply')} saved, {done.lost} lost"
        told += ": the next run asks and pays for these again" if done.lost else ""
    say(f"{told}; the damaged file is {done.damaged}")
    if done.saved_nothing:
        # What follows in a script would buy everything again.
        raise typer.Exit(7)


def _open(path: Path | None) -> Store:
    from dragoman.config import Settings
    from dragoman.errors import ConfigError
    from dragoman.store.sqlite.store import Store

    place = Settings.load(given(store=path)).store_path
    if not place.exists():
        raise ConfigError(f"there is no store at {place} yet; name another with --store")
    return Store(place)
