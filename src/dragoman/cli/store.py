"""`dragoman store`: statistics, verification, export, import, removal and salvage of stored replies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.help import STDOUT, Panel, Section, command, exit_codes, group
from dragoman.cli.options import given

if TYPE_CHECKING:
    from dragoman.store.sqlite.store import Store

store_app = group(help="Maintain the store, the file that keeps every reply.")
app.add_typer(store_app, name="store", rich_help_panel=Section.UPKEEP)

ArticleOption = Annotated[
    str | None,
    options.flag(
        "--article", panel=Panel.WHAT, metavar="ID",
        help="Only replies about this article: its id, its name or the digest of its file.",
    ),
]  # fmt: skip
_STORE = "the store cannot be used"


@command(
    store_app,
    "stats",
    examples=[("dragoman store stats", ""), ("dragoman store stats --store other.sqlite --json", "")],
    exit_codes=exit_codes(c7=f"{_STORE}, or {STDOUT}"),
)
def stats(
    path: options.StorePath = None,
    as_json: Annotated[bool, options.flag("--json", panel=Panel.WHAT, help="Print JSON.")] = False,
) -> None:
    """Count replies and their cost by day, model, prompt and provider."""
    import json

    from dragoman.cli.console import counted, emit, emit_json, noun
    from dragoman.store import maintenance

    with _open(path) as store:
        facts = maintenance.stats(store)
    if as_json:
        emit_json(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    unknown = f" and {facts['unknown_cost']} of unknown price" if facts["unknown_cost"] else ""
    lines = [
        f"{facts['store']}: {counted(facts['exchanges'], 'reply')} for {counted(facts['articles'], 'article')}, "
        f"{facts['bytes']:,} bytes, ${facts['cost_usd']}{unknown}"
    ]
    for name in ("day", "model", "prompt", "provider"):
        for key, entry in facts[f"by_{name}"].items():
            more = f", {entry['unknown_cost']} of unknown price" if entry["unknown_cost"] else ""
            count, cost = entry["exchanges"], entry["cost_usd"]
            lines.append(f"  {name:<9} {key:<28} {count:>7} {noun(count, 'reply'):<7}  ${cost}{more}")
    emit("\n".join(lines))


@command(
    store_app,
    "verify",
    examples=[("dragoman store verify", "")],
    exit_codes=exit_codes(c0="no damage was detected", c7="something does not match, or the store cannot be used"),
)
def verify(path: options.StorePath = None) -> None:
    """Check the file of the store, every checksum and every request key."""
    from dragoman.cli.console import counted, emit, say
    from dragoman.store import maintenance
    from dragoman.store.recovery_commands import repair_command

    with _open(path) as store:
        problems = maintenance.verify(store)
        count, _ = maintenance.count_exchanges(store)
        without, without_price = maintenance.unsealed(store)
        location = store.path
    for problem in problems:
        say(problem)
    if without:
        say(f"{counted(without, 'reply')} saved by an earlier version without a checksum: only the key was verified")
    if without_price:
        say(f"{counted(without_price, 'reply')} saved by an earlier version: the checksum does not cover the price")
    if problems:
        say(
            f"dragoman: {counted(len(problems), 'problem')} in the store. `{repair_command(location)}` "
            "copies what is readable into a new store"
        )
        raise typer.Exit(7)
    emit(f"{counted(count, 'reply')}: every key matches its request, and the file is undamaged")


@command(
    store_app,
    "export",
    examples=[
        ("dragoman store export recordings/", "Every reply, for offline runs and tests."),
        ("dragoman store export recordings/ --article ru-zerno.html", "The replies about one article."),
    ],
    exit_codes=exit_codes(c7=f"{_STORE}, or the recordings cannot be written"),
)
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write to: one recording per reply.")],
    path: options.StorePath = None,
    article: ArticleOption = None,
) -> None:
    """Write stored replies as recordings, which --provider replay reads."""
    from dragoman.cli.console import counted, say
    from dragoman.store import maintenance

    with _open(path) as store:
        written = maintenance.export(store, folder, article=article)
    say(f"wrote {counted(written, 'recording')} to {folder}")


@command(
    store_app,
    "import",
    examples=[
        ("dragoman store import recordings/", ""),
        ("dragoman store import rescued/ --store other.sqlite", "Into another store."),
    ],
    exit_codes=exit_codes(c3="some files could not be read; all others were imported", c7=_STORE),
)
def import_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with recordings of live replies.")],
    path: options.StorePath = None,
    unsealed: Annotated[
        bool,
        options.flag(
            "--unsealed",
            panel=Panel.ADVANCED,
            help="Also import recordings without a checksum, which earlier versions of Dragoman wrote.",
        ),
    ] = False,
) -> None:
    """Add recordings of live replies to the store, such as those paid for on another machine.

    From then on, every recording of origin live or batch counts as a reply of the service that it names: import only
    folders whose source you know.
    """
    from dragoman.cli.advice import advice
    from dragoman.cli.console import counted, say
    from dragoman.config import Settings
    from dragoman.store import maintenance
    from dragoman.store.sqlite.store import Store

    with Store(Settings.load(given(store=path)).store_path) as store:
        report = maintenance.import_recordings(store, folder, unsealed=unsealed)
    for problem in report.unreadable:
        say(str(problem))
    for text in advice(problem.hint for problem in report.unreadable):
        say(text)
    say(
        f"{counted(report.taken, 'reply')} imported, {report.skipped} left out (already in the store, or not of origin "
        "live or batch)"
    )
    if report.taken:
        say("imported replies now count as replies of the service, at their recorded price")
    if report.unreadable:
        say(
            f"dragoman: {counted(len(report.unreadable), 'file')} could not be read. Replace them with complete copies "
            "and import again (no reply is imported twice); otherwise the next run requests and pays for these again"
        )
        raise typer.Exit(3)


@command(
    store_app,
    "prune",
    examples=[
        ("dragoman store prune --before 2026-01-31", "What this would free; removes nothing."),
        ("dragoman store prune --article ru-zerno.html --yes", "Remove the replies about one article."),
    ],
    exit_codes=exit_codes(c7=_STORE),
)
def prune(
    path: options.StorePath = None,
    article: ArticleOption = None,
    before: Annotated[
        str | None,
        options.flag(
            "--before", panel=Panel.WHAT, metavar="DAY", help="Only replies older than this day, such as 2026-01-31."
        ),
    ] = None,
    everything: Annotated[bool, options.flag("--all", panel=Panel.WHAT, help="Every reply.")] = False,
    yes: Annotated[
        bool, options.flag("--yes", panel=Panel.WHAT, help="Remove them. Without --yes, nothing is removed.")
    ] = False,
) -> None:
    """Remove replies from the store; without --yes, only show what this would free.

    Also shows what the replies cost, because a later run would pay for them again.
    """
    from dragoman.cli.console import counted, say
    from dragoman.errors import ConfigError
    from dragoman.store import maintenance

    if article is None and before is None and not everything:
        raise ConfigError("store prune needs --article ID, --before DAY or --all")
    with _open(path) as store:
        chosen = maintenance.prunable(store, article=article, before=before)
        unknown = f" and {chosen.unknown_cost} of unknown price" if chosen.unknown_cost else ""
        say(
            f"{counted(len(chosen.ids), 'reply')} for {counted(len(chosen.articles), 'article')}, "
            f"{chosen.bytes:,} bytes; they cost ${chosen.cost_usd}{unknown}"
        )
        if chosen.rejections:
            rejected = counted(len(chosen.rejections), "rejected request")
            say(f"{rejected}; a later run would send them again")
        if not yes:
            say("nothing was removed; add --yes to remove them")
            return
        maintenance.prune(store, chosen)
        say("removed")


@command(
    store_app,
    "repair",
    examples=[("dragoman store repair", ""), ("dragoman store repair --store other.sqlite", "")],
    exit_codes=exit_codes(
        c0="the new store has what could be read",
        c2="the file is not a store, or nothing is wrong with it; nothing was changed",
        c7="no reply can be read, so nothing was changed; or the disk is full",
    ),
)
def repair(path: options.StorePath = None, prompt_folders: options.EarlierPromptFolders = None) -> None:
    """Copy what is readable in a damaged store into a new one; the damaged file is kept beside it."""
    from dragoman.cli.console import counted, say
    from dragoman.config import Settings
    from dragoman.store.salvage import salvage
    from dragoman.tasks.prompts import PromptLibrary

    settings = Settings.load(given(store=path, prompt_folders=prompt_folders))
    prompts = PromptLibrary(*settings.prompt_folders, follow_links=settings.follow_links)
    outcome = salvage(settings.store_path, prompts.shared_texts())
    sentences = [f"{counted(outcome.saved, 'reply')} saved"]
    if outcome.lost is None:
        sentences.append("the file is too damaged to show how many are lost")
    else:
        sentences[0] += f", {outcome.lost} lost"
    if outcome.lost != 0:
        sentences.append("the next run requests and pays for lost replies again, unless you restore a backup")
    say("; ".join([*sentences, f"the damaged file is {outcome.damaged}"]))


def _open(path: Path | None) -> Store:
    from dragoman.config import Settings
    from dragoman.errors import ConfigError
    from dragoman.store.sqlite.store import Store

    location = Settings.load(given(store=path)).store_path
    if not location.exists():
        raise ConfigError(f"there is no store at {location}. Name another one with --store")
    return Store(location)
