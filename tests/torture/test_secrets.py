"""Secrets planted wherever credentials are kept, and a service that repeats them: none may appear anywhere.

Every command runs with all of them present. Then everything that it printed and wrote is searched, and the body of
every request that the service received.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.commands import Ended, articles, dragoman, records
from tests.support.service import Service

from .amount import ALL, only_all, some
from .planting import Echo, EchoingDoor, Planted, plain, secret, swept
from .terminals import on_a_terminal

MANY = Echo.KINDS
PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
NOWHERE = "http://127.0.0.1:9"


@dataclass
class World:
    """A place with articles and planted secrets. Commands run in ``work``; only ``home`` is not searched."""

    root: Path
    service: Service
    planted: Planted = field(default_factory=Planted)
    options: list[object] = field(default_factory=list)
    printed: dict[str, bytes] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def out(self) -> Path:
        return self.work / "out"

    @property
    def asking(self) -> tuple[object, ...]:
        return (*self.options, "--store", self.work / "store.sqlite")

    @property
    def env(self) -> dict[str, str]:
        return {"TMPDIR": str(self.work / "tmp"), "NO_PROXY": "127.0.0.1", **self.planted.env}

    def give(self, *words: object) -> Ended:
        """Run a command and keep what it prints."""
        done = dragoman(*words, home=self.home, cwd=self.work, env=self.env)
        name = " ".join(str(word) for word in words)[:90]
        self.printed[f"{len(self.printed)}: {name}"] = (done.stdout + done.stderr).encode()
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def show(self, *words: object) -> None:
        """Run a command at a terminal and keep what the terminal receives."""
        seen = on_a_terminal(words, home=self.home, cwd=self.work, env=self.env)
        self.printed[f"{len(self.printed)}: at a terminal: {' '.join(map(str, words))[:70]}"] = seen.screen

    def sweep(self) -> list[str]:
        bodies = [entry.body for entry in self.service.ledger if entry.body is not None]
        return swept(self.planted, self.work, self.printed, bodies)


def plant(root: Path, service: Service) -> World:
    """Plant what every world has: proxies, profiles, links, files beside the articles, and variables of other
    programs.
    """
    world = World(root, service)
    planted, folder = world.planted, articles(world.work / "in", MANY)
    (world.work / "tmp").mkdir()
    world.home.mkdir()
    for name in PROXIES:
        password = secret(name.replace("_", "-"))
        planted.variable(name, password, with_password(NOWHERE, password))
    for name in ("ANTHROPIC_IDENTITY_TOKEN", "ANTHROPIC_AWS_API_KEY", "GITHUB_TOKEN"):
        planted.variable(name, plain(name.replace("_", "-")))
    planted.variable("DATABASE_URL", plain("database"), f"postgres://somebody:{plain('database')}@db.invalid/app")
    planted.variable("ANTHROPIC_CUSTOM_HEADERS", plain("header"), f"x-gateway-key: {plain('header')}")
    planted.file(
        world.home / ".aws/credentials",
        f"[default]\naws_access_key_id = {plain('profile-id')}\naws_secret_access_key = {plain('profile-secret')}\n"
        f"aws_session_token = {plain('profile-session')}\nregion = us-east-1\n",
        profile_id=plain("profile-id"), profile_secret=plain("profile-secret"),
        profile_session=plain("profile-session"),
    )  # fmt: skip
    planted.file(world.home / ".config/anthropic/configs/default.json", '{"authentication": {"type": "user_oauth"}}')
    token = plain("profile-token")
    planted.file(
        world.home / ".config/anthropic/credentials/default.json",
        json.dumps({"access_token": token, "refresh_token": plain("refresh-token")}),
        profile_token=token, refresh_token=plain("refresh-token"),
    )  # fmt: skip
    dotenv = f"SECRET={plain('dotenv')}\n"
    planted.file(folder / ".env", dotenv, dotenv=plain("dotenv"))
    planted.file(world.home / "private.txt", f"Mật khẩu là {secret('linked-file')}.\n", linked=secret("linked-file"))
    planted.file(world.home / "secrets/one.txt", f"{secret('linked-folder')}\n", linked_folder=secret("linked-folder"))
    (folder / "linked.txt").symlink_to(world.home / "private.txt")
    (folder / "environ.txt").symlink_to("/proc/self/environ")
    (folder / "folder").symlink_to(world.home / "secrets")
    (folder / "sub").mkdir()
    (folder / "sub/up.txt").symlink_to("../../../home/private.txt")
    (folder / "command.txt").symlink_to("/proc/self/cmdline")
    return world


# Worlds: the sources of the credential that is used.


def by_key(world: World) -> None:
    """Use a key; a token is present but has lower priority."""
    world.planted.variable("ANTHROPIC_API_KEY", plain("api-key"))
    world.planted.variable("ANTHROPIC_AUTH_TOKEN", plain("auth-token"))
    world.options += ["--base-url", world.service.url]


def by_address(world: World) -> None:
    """Use the user and password in the address of a flag, which take priority over a key."""
    world.planted.variable("ANTHROPIC_API_KEY", plain("api-key"))
    world.planted.values["base_url"] = secret("base-url")
    world.options += ["--base-url", with_password(world.service.url, secret("base-url"))]


def by_proxy(world: World) -> None:
    """Use a proxy that requires a password; the test service is the proxy."""
    world.planted.variable("ANTHROPIC_API_KEY", plain("api-key"))
    world.options += ["--base-url", "http://service.invalid"]
    for name in ("HTTP_PROXY", "http_proxy"):
        world.planted.env[name] = with_password(world.service.url, world.planted.values[name])
    world.planted.env["NO_PROXY"] = ""


def by_token(world: World) -> None:
    """Use a bearer token."""
    world.planted.variable("ANTHROPIC_AUTH_TOKEN", plain("auth-token"))
    world.options += ["--base-url", world.service.url]


def by_file(world: World) -> None:
    """Use the address with user and password in dragoman.toml."""
    world.planted.variable("ANTHROPIC_AUTH_TOKEN", plain("auth-token"))
    address = with_password(world.service.url, secret("toml-url"))
    world.planted.file(world.work / "dragoman.toml", f"base_url = {json.dumps(address)}\n", toml_url=secret("toml-url"))


def by_environment(world: World) -> None:
    """Use the address with user and password in a variable."""
    world.planted.variable("ANTHROPIC_AUTH_TOKEN", plain("auth-token"))
    password = secret("environment-url")
    world.planted.variable("ANTHROPIC_BASE_URL", password, with_password(world.service.url, password))


def by_profile(world: World) -> None:
    """Use the profile that the SDK reads from disk."""
    world.planted.env["ANTHROPIC_CONFIG_DIR"] = str(world.home / ".config/anthropic")
    world.planted.env["ANTHROPIC_PROFILE"] = "default"
    world.planted.variable("ANTHROPIC_SCOPE_OF_ANOTHER_PROGRAM", plain("another-program"))
    world.options += ["--base-url", world.service.url]


def by_aws_keys(world: World) -> None:
    """Use Bedrock with keys and a session token in the environment."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        world.planted.variable(name, plain(name.replace("_", "-")))
    world.options += ["--provider", "bedrock", "--region", "us-east-1", "--base-url", world.service.url]


def by_aws_profile(world: World) -> None:
    """Use Bedrock with the keys of a profile on disk."""
    world.planted.env["AWS_PROFILE"] = "default"
    world.planted.variable("ANTHROPIC_API_KEY", plain("api-key"))
    world.options += ["--provider", "bedrock", "--region", "us-east-1", "--base-url", world.service.url]


def by_bearer(world: World) -> None:
    """Use Bedrock with its bearer token."""
    world.planted.variable("AWS_BEARER_TOKEN_BEDROCK", plain("bearer"))
    world.options += ["--provider", "bedrock", "--region", "us-east-1", "--base-url", world.service.url]


def by_aws_address(world: World) -> None:
    """Use Bedrock with user and password in the address in the environment."""
    password = secret("bedrock-url")
    world.planted.variable("AWS_BEARER_TOKEN_BEDROCK", plain("bearer"))
    world.planted.variable("ANTHROPIC_BEDROCK_BASE_URL", password, with_password(world.service.url, password))
    world.options += ["--provider", "bedrock", "--region", "us-east-1"]


def with_password(address: str, password: str) -> str:
    """Return an address with a user and a password."""
    return address.replace("http://", f"http://somebody:{quote(password, safe='')}@")


WORLDS: Sequence[Callable[[World], None]] = (
    by_key, by_address, by_proxy, by_token, by_file, by_environment, by_profile,
    by_aws_keys, by_aws_profile, by_bearer, by_aws_address,
)  # fmt: skip


def every_command(world: World) -> None:
    """Run all commands, beginning with those that send requests."""
    folder, out, store = world.work / "in", world.out, world.work / "store.sqlite"
    given = world.asking
    world.give("run", folder, "-o", out, *given, "--record", world.work / "recordings", "--concurrency", "2")
    world.give("summarize", folder / "a03.txt", *given)
    world.give("summarize", folder / "a01.txt", *given, "--format", "markdown")
    world.give("plan", folder, *given, "--exact")
    world.give("doctor", *given, "--ping")
    world.give("show", out)
    world.give("store", "export", world.work / "exported", "--store", store)
    if not ALL:
        return
    world.give("run", folder, "-o", world.work / "out-json", *given, "--retry", "--log-format", "json")
    world.give("run", folder, "-o", world.work / "out-both", *given, "--task", "summary", "--task", "translation")
    world.give("inspect", folder / "environ.txt")
    world.give("translate", folder / "a03.txt", *given)
    world.give("inspect", folder / "a00.txt")
    world.give("plan", folder, *given, "--json")
    world.give("check", out, "--store", store)
    world.give("report", out, "--tables", "csv,xlsx")
    for record in records(out):
        world.give("show", out, record["article"]["id"])
    world.give("decisions", "show", out)
    world.give("doctor", *given)
    for words in (["stats"], ["verify"], ["prune", "--article", "a03.txt", "--yes"]):
        world.give("store", *words, "--store", store)
    world.give("store", "import", world.work / "exported", "--store", world.work / "second.sqlite")
    (world.work / "third.sqlite").write_bytes(bytes(4096) + store.read_bytes()[4096:])
    world.give("store", "repair", "--store", world.work / "third.sqlite")
    for words in (["prompts", "list"], ["prompts", "show", "summary"], ["prompts", "verify"], ["schema"]):
        world.give(*words)


@pytest.mark.parametrize("credential", some(WORLDS, few=1), ids=lambda world: world.__name__)
def test_no_command_writes_prints_or_sends_a_planted_secret(
    credential: Callable[[World], None], tmp_path: Path
) -> None:
    """The service repeats the credential in errors, request ids, refusals and answers, and the search detects none."""
    with Echo() as service:
        world = plant(tmp_path, service)
        credential(world)
        every_command(world)
        answered = [entry for entry in service.ledger if entry.answered == 200]
        assert len(answered) >= 4, "the service was not reached: " + str(world.printed)[-2000:]
        world.show("run", world.work / "in", "-o", world.work / "out-terminal", *world.asking, "--refresh")
        assert not (wrong := world.sweep()), "\n".join(wrong)


@pytest.mark.parametrize("credential", some(WORLDS, few=1), ids=lambda world: world.__name__)
def test_an_error_that_repeats_a_rejected_credential_is_quoted_without_it(
    credential: Callable[[World], None], tmp_path: Path
) -> None:
    """401 or 403 ends a run with 4. Neither the message nor OUT nor the store has the secret."""
    with EchoingDoor() as service:
        world = plant(tmp_path, service)
        credential(world)
        assert world.give("run", world.work / "in", "-o", world.out, *world.asking).code == 4
        assert world.give("summarize", world.work / "in/a00.txt", *world.asking).code == 4
        world.show("run", world.work / "in", "-o", world.out, *world.asking)
        assert service.ledger
        assert not (wrong := world.sweep()), "\n".join(wrong)


@only_all
@pytest.mark.parametrize("credential", WORLDS, ids=lambda world: world.__name__)
def test_the_log_of_the_sdk_has_no_planted_secret(credential: Callable[[World], None], tmp_path: Path) -> None:
    """`ANTHROPIC_LOG=debug` prints requests. They contain the articles and no credentials."""
    with Echo() as service:
        world = plant(tmp_path, service)
        credential(world)
        world.planted.env["ANTHROPIC_LOG"] = "debug"
        world.give("run", world.work / "in", "-o", world.out, *world.asking, "--concurrency", "2")
        world.give("doctor", *world.asking, "--ping")
        assert not (wrong := world.sweep()), "\n".join(wrong)


@only_all
def test_a_failing_command_does_not_print_a_planted_secret(tmp_path: Path) -> None:
    """For wrong settings, a wrong address or a file that is not a store, the message names the setting and not its
    value.
    """
    with Echo() as service:
        world = plant(tmp_path, service)
        by_address(world)
        address, broken = world.options[-1], world.work / "broken.sqlite"
        broken.write_bytes(b"no store" * 1000)
        folder = world.work / "in"
        for words in (
            ("run", folder, "-o", world.out, "--base-url", f"{address}:99999", "--store", world.work / "s"),
            ("run", folder, "-o", world.out, "--base-url", str(address).replace("http", "ftp"), "--store", "s"),
            ("run", folder, "-o", world.out, "--base-url", str(address).partition("@")[0], "--store", "s"),
            ("run", folder, "-o", world.out, *world.options, "--store", broken),
            ("run", folder, "-o", world.out, *world.asking, "--model", "no-such-model", "--max-cost", "1"),
            ("doctor", "--base-url", f"{address}:99999"),
        ):
            assert world.give(*words).code in (2, 4, 7)
        assert not (wrong := world.sweep()), "\n".join(wrong)


def test_a_link_out_of_the_folder_is_a_skipped_row_that_says_so(tmp_path: Path) -> None:
    """Nothing of linked files and folders outside, `/proc` and devices is sent. With `--follow-links` files are
    read.
    """
    with Service() as service:
        world = plant(tmp_path, service)
        world.options += ["--base-url", service.url]
        folder = world.work / "in"
        (folder / "zero.txt").symlink_to("/dev/zero")
        done = world.give("run", folder, "-o", world.out, *world.asking)
        assert done.code == 0, done.stderr
        rows = {record["article"]["name"]: record for record in records(world.out)}
        for name in ("linked.txt", "environ.txt", "sub/up.txt", "zero.txt"):
            assert rows[name]["status"] == "skipped", rows[name]
            assert "link" in rows[name]["reason"]["message"] or "--follow-links" in rows[name]["reason"]["message"]
        assert service.paid == MANY
        assert not (wrong := world.sweep()), "\n".join(wrong)
        shutil.rmtree(world.out)
        followed = world.give("run", folder, "-o", world.out, *world.asking, "--follow-links")
        rows = {record["article"]["name"]: record for record in records(world.out)}
        assert rows["linked.txt"]["status"] != "skipped", followed.stderr
        assert rows["environ.txt"]["status"] in ("skipped", "failed")
        assert rows["zero.txt"]["status"] in ("skipped", "failed")


def test_at_least_20_secrets_are_planted_in_every_world(tmp_path: Path) -> None:
    """The search detects each of them in each of its forms."""
    with ExitStack() as stack:
        for number, credential in enumerate(WORLDS):
            world = plant(tmp_path / str(number), stack.enter_context(Service()))
            credential(world)
            assert len(world.planted.values) >= 20
            assert len(set(world.planted.values.values())) == len(world.planted.values)
            for name, value in world.planted.values.items():
                planted_texts = {"x": f"{value}", "y": json.dumps({"a": f"({value})"}), "z": quote(f"<{value}>")}
                wrong = swept(
                    world.planted, world.work, {k: v.encode() for k, v in planted_texts.items()}, [{"b": value}]
                )
                assert len([line for line in wrong if name in line]) == 4, (name, wrong)
