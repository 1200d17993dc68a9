"""The file of a store: its tables, how it is created, migrated and opened, and what its errors mean for the user."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import uuid
from contextlib import suppress
from pathlib import Path

from dragoman.core.files import make_folder, sync_folder
from dragoman.errors import Hint, StoreError
from dragoman.store.owner import is_of_a_dead_process, mark_of_this_process
from dragoman.store.recovery_commands import repair_command

APPLICATION_ID = 0x44524147
"""``DRAG``: marks the file as a store of Dragoman in its header."""

BUSY_SECONDS = 60.0
"""How long a process waits for the commit of another before it reports that the store is locked."""

# Append-only: a store that an earlier version made gets the statements it has not seen yet.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE texts (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
    CREATE TABLE exchanges (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL,
        origin TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        base_url TEXT,
        article TEXT NOT NULL,
        article_sha256 TEXT NOT NULL,
        task TEXT NOT NULL,
        role TEXT NOT NULL,
        parent TEXT,
        round INTEGER NOT NULL,
        prompt TEXT NOT NULL,
        prompt_sha256 TEXT NOT NULL,
        structured TEXT NOT NULL,
        model_sent TEXT,
        attempts INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        cost_usd TEXT,
        price_table TEXT,
        model TEXT NOT NULL,
        system_sha256 TEXT NOT NULL,
        schema_sha256 TEXT NOT NULL,
        user TEXT NOT NULL,
        effort TEXT,
        thinking TEXT NOT NULL,
        max_tokens INTEGER NOT NULL,
        body TEXT NOT NULL,
        settled INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX exchanges_by_key ON exchanges (key);
    CREATE INDEX exchanges_by_parent ON exchanges (parent) WHERE parent IS NOT NULL;
    CREATE INDEX exchanges_by_article ON exchanges (article_sha256);
    CREATE TABLE leases (
        key TEXT NOT NULL, scope TEXT NOT NULL, owner TEXT NOT NULL, expires_at REAL NOT NULL,
        PRIMARY KEY (key, scope)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE sources (
        sha256 TEXT NOT NULL, media_type TEXT NOT NULL, recipe TEXT NOT NULL, source TEXT NOT NULL,
        PRIMARY KEY (sha256, media_type)
    ) STRICT;
    """,
    """
    ALTER TABLE exchanges ADD COLUMN items TEXT NOT NULL DEFAULT '';
    CREATE TABLE finished (
        digest TEXT PRIMARY KEY, article_sha256 TEXT NOT NULL, state TEXT NOT NULL, record BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX finished_by_article ON finished (article_sha256)
    """,
    """
    ALTER TABLE leases ADD COLUMN beat REAL
    """,
    """
    ALTER TABLE exchanges ADD COLUMN retries TEXT NOT NULL DEFAULT '';
    ALTER TABLE exchanges ADD COLUMN checksum INTEGER;
    ALTER TABLE sources ADD COLUMN checksum INTEGER
    """,
    """
    ALTER TABLE exchanges ADD COLUMN settled_checksum INTEGER;
    INSERT OR IGNORE INTO facts VALUES ('secret', lower(hex(randomblob(32))));
    INSERT OR IGNORE INTO facts SELECT 'pruned', ranges || '|' || ranges FROM (
        SELECT coalesce(group_concat(first || '-' || last), '') AS ranges FROM (
            SELECT before + 1 AS first, id - 1 AS last
            FROM (SELECT id, lag(id, 1, 0) OVER (ORDER BY id) AS before FROM exchanges) WHERE id > before + 1
            UNION ALL
            SELECT newest + 1, seq
            FROM (SELECT coalesce(max(id), 0) AS newest FROM exchanges), sqlite_sequence
            WHERE name = 'exchanges' AND seq > newest
        )
    )
    """,
    """
    CREATE TABLE rejections (
        key TEXT NOT NULL, service TEXT NOT NULL, article TEXT NOT NULL, article_sha256 TEXT NOT NULL,
        status INTEGER NOT NULL, message TEXT NOT NULL, created_at TEXT NOT NULL, checksum INTEGER NOT NULL,
        PRIMARY KEY (key, service)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX rejections_by_article ON rejections (article_sha256)
    """,
    """
    CREATE INDEX exchanges_by_name ON exchanges (article)
    """,
    """
    ALTER TABLE exchanges ADD COLUMN left_out TEXT NOT NULL DEFAULT ''
    """,
)


OTHER_PLACE = "choose another place for the store"
"""What to do when a file cannot be the store; the errors that say so have the hint ``store``."""


class UnsuitableFile(sqlite3.DatabaseError):
    """The file is not damaged, but this version of Dragoman must not write into it; ``advice`` says what to do."""

    def __init__(self, message: str, advice: str = OTHER_PLACE, *, hint: Hint | None = "store") -> None:
        super().__init__(message)
        self.advice = advice
        self.hint = hint


def store_error(path: Path, error: Exception) -> StoreError:
    """What happened to the store and what to do about it, as the error for an ``error`` of SQLite or the disk."""
    if isinstance(error, UnicodeDecodeError):
        # SQLite quotes damaged names in its message, which then is not UTF-8.
        error = sqlite3.DatabaseError("its tables have damaged names")
    # The text of an OSError includes the path, which may contain any word, so only its reason is looked at.
    what = (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
    then = "run again: what was paid for is kept"
    hint: Hint | None = None
    if isinstance(error, UnsuitableFile):
        cure, then, hint = error.advice, "", error.hint
    elif "locked" in what:
        cure = f"another process has locked it for {BUSY_SECONDS:.0f} seconds; wait until that process ends"
    elif is_read_only(path) and isinstance(error, sqlite3.OperationalError | OSError):
        cure, hint = "its file system is read-only; make it writable, or use a copy of the store elsewhere", "store"
    elif _is_in_unwritable_folder(path) and "unable to open" in what:
        cure = f"the folder {path.parent} is not writable, and SQLite has to write there; give write access to it"
    elif "readonly" in what or isinstance(error, PermissionError) or getattr(error, "errno", None) == errno.EROFS:
        cure, then, hint = f"it is not writable; give write access, or {OTHER_PLACE}", "", "store"
    elif "is full" in what or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        cure = "the disk is full; make room"
    elif isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        cure = f"nothing was changed; `{repair_command(path)}` salvages what is readable"
        then = ""
    else:
        cure = "check the disk and the folder"
    return StoreError(f"the store {path} cannot be used: {what}", cure, then, hint=hint)


def is_read_only(path: Path) -> bool:
    """Whether a path, or the nearest folder above it that exists, is on a read-only file system."""
    for place in (path, *path.absolute().parents):
        with suppress(OSError):
            return bool(os.statvfs(place).f_flag & os.ST_RDONLY)
    return False


def _is_in_unwritable_folder(path: Path) -> bool:
    return path.exists() and not os.access(path.parent, os.W_OK)


def connect(path: Path) -> sqlite3.Connection:
    """Open the file of an existing store. Raises `sqlite3.Error`.

    On a read-only file system SQLite cannot create its log files. If there is no log, everything is in the file itself
    and no process can change it, so it is opened as immutable.
    """
    name, immutable = str(path), is_read_only(path) and not _has_log(path)
    if immutable:
        name = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    db = sqlite3.connect(name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=immutable)
    db.row_factory = sqlite3.Row
    return db


def _has_log(path: Path) -> bool:
    log = Path(f"{path}-wal")
    return log.exists() and log.stat().st_size > 0


def connect_new(path: Path) -> sqlite3.Connection:
    """A new, empty store file with all migrations, for `create` and for salvaging into."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    os.close(descriptor)
    db = sqlite3.connect(path, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _migrate(db)
    db.execute("INSERT INTO facts VALUES ('store_id', ?)", (uuid.uuid4().hex,))
    return db


def check_closed(path: Path) -> None:
    """Raises `OSError` when a store that was closed still has a log. Closing moves the log into the file, and SQLite
    reports nothing when the disk is too full for that."""
    if _has_log(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def temporary_beside(path: Path, ending: str = "") -> Path:
    """A new name beside the store, for a file that this process removes again or puts in the place of the store."""
    return path.with_name(f".{path.name}-{mark_of_this_process()}-{uuid.uuid4().hex[:12]}{ending}")


def clear_leftovers(path: Path) -> None:
    """Remove the files that killed processes of this machine left beside the store (see `temporary_beside`)."""
    named = re.compile(
        rf"\.{re.escape(path.name)}-([0-9a-f]{{8}}-\d+)-[0-9a-f]{{12}}(\.repair(\.log)?)?(-wal|-shm|-journal)?"
    )
    with suppress(OSError):
        for entry in list(os.scandir(path.parent)):
            name = named.fullmatch(entry.name)
            if name is not None and is_of_a_dead_process(name[1]):
                os.unlink(entry.path)


def create(path: Path) -> None:
    """Create a store beside ``path`` and then link it to ``path``, complete: several processes may try at once."""
    temporary = temporary_beside(path)
    try:
        clear_leftovers(path)
        # Look for the log first: another process creates the file before its log.
        if _has_log(path) and not path.exists():
            raise UnsuitableFile(
                "its file is gone, but its log still exists, and SQLite would mix that into a new store",
                f"put the file back beside {path.name}-wal, or move {path.name}-wal and {path.name}-shm away",
                hint=None,
            )
        make_folder(path.parent)
        connect_new(temporary).close()
        check_closed(temporary)
        with suppress(FileExistsError):  # another process was first
            os.link(temporary, path)
        sync_folder(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise store_error(path, error) from error
    finally:
        for leftover in (temporary, Path(f"{temporary}-wal"), Path(f"{temporary}-shm")):
            with suppress(OSError):
                leftover.unlink()


def check_and_migrate(db: sqlite3.Connection) -> None:
    """Bring a store up to date. Raises `UnsuitableFile` for another program's database and for a newer store."""
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise UnsuitableFile("the file is another program's database")
    db.execute("PRAGMA synchronous = FULL")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise UnsuitableFile(
            f"a newer version of Dragoman made it (schema {version}; this version knows {len(MIGRATIONS)})",
            f"use that version, or {OTHER_PLACE}",
        )
    if version < len(MIGRATIONS):
        _migrate(db)


def identity(db: sqlite3.Connection) -> tuple[str | None, bytes | None]:
    """The id and the secret of an open store. A damaged secret counts as missing, and then no recording is marked."""
    facts = dict(db.execute("SELECT name, value FROM facts WHERE name IN ('store_id', 'secret')").fetchall())
    try:
        secret = bytes.fromhex(facts.get("secret", ""))
    except ValueError:
        secret = b""
    return facts.get("store_id"), secret or None


def _migrate(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        # Read the version again inside the transaction: another process may have been faster.
        version = db.execute("PRAGMA user_version").fetchone()[0]
        for script in MIGRATIONS[version:]:
            for statement in script.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite ends it itself when the disk is full
            db.execute("ROLLBACK")
        raise
