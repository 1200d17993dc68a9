"""`dragoman doctor` shows what would be used and what is missing, offline, and never shows a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import RECORDINGS, articles, here, to
from tests.support.service import MODEL_NOT_FOUND, UNAUTHORIZED, Service

SECRET = "sk-ant-canary-0001"


def facts(stdout: str) -> dict[str, str]:
    """The lines by name; lines of several settings are joined."""
    found: dict[str, str] = {}
    for line in stdout.splitlines():
        name, _, what = line.partition(" ")
        found[name] = f"{found[name]}; {what.strip()}" if name in found else what.strip()
    return found


def notes(stdout: str) -> list[str]:
    """The notes, apart from those on the certificates of this machine."""
    found = [line.partition(" ")[2].strip() for line in stdout.splitlines() if line.startswith("note ")]
    return [note for note in found if "SSL_CERT" not in note]


def test_with_nothing_set_it_says_what_is_missing(tmp_path: Path) -> None:
    """Exit 4 says what to set and everything else that could be found out; nothing is created."""
    done = here("doctor", "--store", tmp_path / "store.sqlite")
    assert done.code == 4
    assert done.stderr == "missing: a credential for the Claude API: set ANTHROPIC_API_KEY\n"
    found = facts(done.stdout)
    assert found["provider"] == "anthropic (default)"
    assert found["credentials"] == "none found"
    assert found["endpoint"] == "anthropic"
    assert "not created yet" in found["store"]
    assert "all as released" in found["prompts"]
    assert "per million tokens" in found["price"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
def test_a_credential_is_named_and_never_shown(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The output has the name of the variable and no part of its value."""
    monkeypatch.setenv(name, SECRET)
    done = here("doctor")
    assert (done.code, done.stderr) == (0, "")
    assert facts(done.stdout)["credentials"] == f"{name} is set"
    assert SECRET not in done.stdout + done.stderr
    assert SECRET[-4:] not in done.stdout


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, {"an AWS region", "AWS credentials"}),
        ({"AWS_REGION": "eu-central-1"}, {"AWS credentials"}),
        ({"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET}, {"an AWS region"}),
        ({"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "eu-central-1"}, set()),
        ({"AWS_BEARER_TOKEN_BEDROCK": SECRET, "AWS_DEFAULT_REGION": "us-east-1"}, set()),
    ],
    ids=["nothing", "a region", "a key", "a key and a region", "a bearer token"],
)
def test_bedrock_needs_a_region_and_credentials(
    environment: dict[str, str], missing: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each missing item is a line on stderr; secrets are not printed."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = here("doctor", "--provider", "bedrock")
    assert done.code == (4 if missing else 0)
    lines = done.stderr.splitlines()
    assert len(lines) == len(missing)
    for what in missing:
        assert any(line.startswith(f"missing: {what}") for line in lines)
    assert SECRET not in done.stdout + done.stderr


def test_aws_files_are_read_for_profile_and_region_and_not_for_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile in ~/.aws provides credentials and region; an unknown profile is reported as missing."""
    folder = Path.home() / ".aws"
    folder.mkdir()
    (folder / "config").write_text("[default]\nregion = eu-west-1\n[profile work]\nregion = us-west-2\n")
    (folder / "credentials").write_text(f"[default]\naws_secret_access_key = {SECRET}\n[work]\n")
    default = here("doctor", "--provider", "bedrock")
    assert (default.code, default.stderr) == (0, "")
    assert facts(default.stdout)["region"] == "eu-west-1 (the profile default)"
    work = here("doctor", "--provider", "bedrock", "--profile", "work")
    assert facts(work.stdout)["region"] == "us-west-2 (the profile work)"
    assert "profile work" in facts(work.stdout)["credentials"]
    assert here("doctor", "--provider", "bedrock", "--profile", "nobody").code == 4
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert facts(here("doctor", "--provider", "bedrock").stdout)["region"] == "us-west-2 (the profile work)"
    assert SECRET not in default.stdout + work.stdout
    (folder / "credentials").write_bytes(b"\xff\xfe not a file of profiles [")
    assert here("doctor", "--provider", "bedrock").code in (0, 4)


def test_replay_needs_its_folder_and_nothing_else(tmp_path: Path) -> None:
    """No credentials are looked for, and the folder must exist."""
    done = here("doctor", "--provider", "replay")
    assert done.code == 4
    assert "a folder of recordings (the setting recordings)" in done.stderr


def test_replay_with_its_folder_misses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the recordings named, nothing is missing."""
    monkeypatch.setenv("DRAGOMAN_RECORDINGS", str(RECORDINGS))
    done = here("doctor", "--provider", "replay")
    assert (done.code, done.stderr) == (0, "")
    assert facts(done.stdout)["recordings"] == str(RECORDINGS)
    assert "DRAGOMAN_RECORDINGS" in facts(done.stdout)["setting"]
    assert here("doctor", "--provider", "replay", "--ping").code == 2


@pytest.mark.parametrize("by", ["flag", "environment", "file", "ANTHROPIC_BASE_URL"])
def test_a_password_in_an_address_is_never_printed(by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the address comes from, it is shown without user and password."""
    address = f"http://user:{SECRET}@127.0.0.1:1/path"
    monkeypatch.chdir(tmp_path)
    flags: tuple[str, ...] = ()
    if by == "flag":
        flags = ("--base-url", address)
    elif by == "file":
        (tmp_path / "dragoman.toml").write_text(f'base_url = "{address}"\n')
    else:
        monkeypatch.setenv("DRAGOMAN_BASE_URL" if by == "environment" else by, address)
    done = here("doctor", *flags)
    assert done.code == 0
    assert "http://127.0.0.1:1/path" in done.stdout
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("port", ["8080:9", "x", "99999", "-1"])
def test_an_address_with_an_invalid_port_is_exit_2_and_shown_without_its_password(port: str) -> None:
    """`doctor` still shows all other settings."""
    done = here("doctor", "--base-url", f"http://user:{SECRET}@127.0.0.1:{port}/path")
    assert done.code == 2
    assert "the base URL is not an address" in done.stderr
    assert "base_url = http://127.0.0.1/path" in done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_a_password_in_an_address_is_not_in_the_files_of_a_run(tmp_path: Path) -> None:
    """It is neither in run.json, the store or a recording, nor in the message that the server cannot be reached."""
    folder = articles(tmp_path / "in", 1)
    with Service() as service:
        address = service.url.replace("http://", f"http://user:{SECRET}@")
        done = here(
            "run", folder, "-o", tmp_path / "out", "--base-url", address, "--store", tmp_path / "s",
            "--record", tmp_path / "recorded",
        )  # fmt: skip
        assert done.code == 0, done.stderr
    assert SECRET not in done.stdout + done.stderr
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path.name


def test_each_setting_says_where_it_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The origin is a flag, an environment variable or the file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRAGOMAN_CONCURRENCY", "3")
    (tmp_path / "dragoman.toml").write_text("timeout = 30\n")
    done = here("doctor", "--model", "haiku-5-5", "--base-url", "http://127.0.0.1:1")
    found = facts(done.stdout)
    assert found["model"] == "claude-haiku-5-5 (--model)"
    assert "concurrency = 3 (DRAGOMAN_CONCURRENCY)" in found["setting"]
    assert "timeout = 30.0 (dragoman.toml)" in found["setting"]


def test_a_model_without_a_price_is_noted(tmp_path: Path) -> None:
    """The note says that the price is unknown and that a budget refuses the model."""
    done = here("doctor", "--model", "my-local-model", "--base-url", "http://127.0.0.1:1")
    assert done.code == 0
    assert "price is unknown" in done.stdout
    assert "per million tokens" not in done.stdout


def test_ping_makes_one_free_call_and_says_what_it_learnt() -> None:
    """On the loopback service the model is known, and nothing is generated."""
    with Service() as service:
        done = here("doctor", "--ping", "--base-url", service.url)
        assert (done.code, done.stderr) == (0, "")
        assert "claude-sonnet-5-5" in facts(done.stdout)["ping"]
        assert [entry.kind for entry in service.ledger] == ["models"]
        assert service.paid == 0


@pytest.mark.parametrize("status", [UNAUTHORIZED, MODEL_NOT_FOUND], ids=["401", "404"])
def test_a_ping_that_fails_is_exit_4_with_the_message_of_the_service(status: object) -> None:
    """Everything that was found out before is printed too."""
    with Service(free_script=lambda *_: status) as service:  # type: ignore[arg-type]  # a Status
        done = here("doctor", "--ping", "--base-url", service.url)
    assert done.code == 4
    assert "provider" in done.stdout
    assert done.stderr.startswith("dragoman: ")
    assert "Traceback" not in done.stderr


def test_a_ping_without_a_server_is_exit_4() -> None:
    """Nothing listens at the address: the result is a line and not a traceback."""
    done = here("doctor", "--ping", "--base-url", "http://127.0.0.1:9")
    assert done.code == 4
    assert "http://127.0.0.1:9" in done.stderr


def test_doctor_contacts_no_service_and_creates_no_store(tmp_path: Path, store_path: Path) -> None:
    """The command is offline."""
    with Service() as service:
        done = here("doctor", *to(service, store_path))
        assert done.code == 0
        assert service.ledger == ()
    assert not store_path.exists()


def test_the_model_behind_a_name_is_shown_with_its_price(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named by the setting, or still to be looked up. A model that is not in the table is a wrong setting."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    name = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123def456"
    asked = ("doctor", "--provider", "bedrock", "--model", name, "--store", tmp_path / "store.sqlite")
    found = facts(here(*asked, "--model-price-as", "haiku-4-5").stdout)
    assert found["price"].startswith("$1 in, $5 out per million tokens as claude-haiku-4-5, times 1.1")
    assert "reads from the prompt cache $0.10 (table" in found["price"]
    found = facts(here(*asked).stdout)
    assert "price" not in found
    assert "the setting model_price_as" in found["note"]
    assert "unless Bedrock says which model is behind it" in found["note"]
    done = here(*asked, "--model-price-as", "haiku-4")
    assert done.code == 2
    assert "haiku-4 is not in it" in done.stderr


ARN = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0"
REGIONS: dict[str, tuple[dict[str, str], tuple[str, ...], str, list[str]]] = {
    "the ARN alone": ({}, ("--model", ARN), "eu-central-1 (the ARN)", []),
    "the ARN and the same region": ({"AWS_REGION": "eu-central-1"}, ("--model", ARN), "eu-central-1 (the ARN)", []),
    "the ARN and a variable": (
        {"AWS_REGION": "us-east-1"}, ("--model", ARN), "eu-central-1 (the ARN)",
        ["the region us-east-1 (AWS_REGION) is not used: the ARN takes precedence"],
    ),
    "the ARN and the setting": (
        {}, ("--model", ARN, "--region", "us-east-1"), "us-east-1 (the setting region)",
        ["the region eu-central-1 (the ARN) is not used: the setting region takes precedence"],
    ),
    "an ARN for all regions": (
        {"AWS_REGION": "us-east-1"},
        ("--model", "arn:aws:bedrock:::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0"),
        "us-east-1 (AWS_REGION)", [],
    ),
    "two variables": (
        {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "eu-west-1"}, (), "us-east-1 (AWS_REGION)",
        ["the region eu-west-1 (AWS_DEFAULT_REGION) is not used: AWS_REGION takes precedence"],
    ),
    "the setting and two variables": (
        {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "eu-west-1"}, ("--region", "eu-north-1"),
        "eu-north-1 (the setting region)",
        [
            "the region us-east-1 (AWS_REGION) is not used: the setting region takes precedence",
            "the region eu-west-1 (AWS_DEFAULT_REGION) is not used: the setting region takes precedence",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("variables", "flags", "shown", "noted"), REGIONS.values(), ids=REGIONS)
def test_the_region_is_the_one_that_a_run_uses(
    variables: dict[str, str], flags: tuple[str, ...], shown: str, noted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The region of an ARN counts too. Every other region that is named is noted as not used; nothing is missing."""
    for name, value in {"AWS_BEARER_TOKEN_BEDROCK": SECRET, **variables}.items():
        monkeypatch.setenv(name, value)
    done = here("doctor", "--provider", "bedrock", *flags)
    assert (done.code, done.stderr) == (0, "")
    assert facts(done.stdout)["region"] == shown
    assert notes(done.stdout) == noted


PROBLEMS: dict[str, tuple[dict[str, str], tuple[str, ...], dict[str, str]]] = {
    "a proxy": (
        {"HTTPS_PROXY": "ftp://proxy:21"}, ("--base-url", "http://127.0.0.1:1"),
        {"endpoint": "custom at http://127.0.0.1:1", "credentials": "ANTHROPIC_API_KEY is set"},
    ),
    "a base URL": (
        {}, ("--base-url", "http://127.0.0.1:1/v1?x=1"),
        {
            "endpoint": "custom at http://127.0.0.1:1/v1, which cannot be used",
            "credentials": "ANTHROPIC_API_KEY is set",
        },
    ),
    "a base URL that cannot be read": (
        {}, ("--base-url", "http://["), {"endpoint": "custom at not an address, which cannot be used"},
    ),
    "a key": (
        {"ANTHROPIC_API_KEY": " "}, ("--base-url", "http://127.0.0.1:1"),
        {"endpoint": "custom at http://127.0.0.1:1, which cannot be used", "credentials": "cannot be used"},
    ),
    "a region": (
        {"AWS_REGION": "eu/", "AWS_BEARER_TOKEN_BEDROCK": SECRET}, ("--provider", "bedrock"),
        {"endpoint": "bedrock, which cannot be used", "credentials": "AWS_BEARER_TOKEN_BEDROCK is set"},
    ),
    "certificates": (
        {"AWS_REGION": "eu-west-1", "AWS_BEARER_TOKEN_BEDROCK": SECRET, "SSL_CERT_FILE": "/nowhere"},
        ("--provider", "bedrock"),
        {
            "endpoint": "bedrock", "region": "eu-west-1 (AWS_REGION)",
            "credentials": "AWS_BEARER_TOKEN_BEDROCK is set",
        },
    ),
    "a token and a profile": (
        {"AWS_REGION": "eu-west-1", "AWS_BEARER_TOKEN_BEDROCK": SECRET}, ("--provider", "bedrock", "--profile", "x"),
        {"endpoint": "bedrock, which cannot be used", "region": "eu-west-1 (AWS_REGION)"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("variables", "flags", "shown"), PROBLEMS.values(), ids=PROBLEMS)
def test_after_an_error_the_other_lines_are_shown_too(
    variables: dict[str, str], flags: tuple[str, ...], shown: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Endpoint, credentials and region as far as they can be known, so that all problems are seen at once."""
    for name, value in {"ANTHROPIC_API_KEY": SECRET, **variables}.items():
        monkeypatch.setenv(name, value)
    done = here("doctor", *flags)
    assert done.code == 2, done.stderr
    assert {name: facts(done.stdout)[name] for name in shown} == shown
    assert SECRET not in done.stdout + done.stderr
    assert done.stderr.count("dragoman: ") == 1


@pytest.mark.parametrize(
    ("value", "shown", "noted"),
    [
        ("foo", "http://foo (HTTPS_PROXY)", ["HTTPS_PROXY has no scheme: it is read as http://foo"]),
        ("user:pass-word@foo:3128", "http://foo:3128 (HTTPS_PROXY)",
         ["HTTPS_PROXY has no scheme: it is read as http://foo:3128"]),
        ("http://foo", "http://foo (HTTPS_PROXY)", []),
    ],
    ids=["a name", "a login and a port", "with a scheme"],
)  # fmt: skip
def test_a_proxy_without_a_scheme_is_noted(
    value: str, shown: str, noted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read as an address of HTTP, as curl reads it: a typing error would otherwise only be seen in a run."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    monkeypatch.setenv("HTTPS_PROXY", value)
    done = here("doctor")
    assert (done.code, facts(done.stdout)["proxy"], notes(done.stdout)) == (0, shown, noted)
    assert "pass-word" not in done.stdout
