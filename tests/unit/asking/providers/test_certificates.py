"""Certificates that no connection could use are reported before anything is sent."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import httpx2
import pytest
import trustme

from dragoman.asking.providers import certificates
from dragoman.errors import ConfigError

HASHED = "5ed36f99.0"


@pytest.fixture(scope="module")
def pem() -> bytes:
    return trustme.CA().cert_pem.bytes()


def folder_with(path: Path, name: str, content: bytes) -> str:
    path.mkdir()
    (path / name).write_bytes(content)
    return str(path)


def test_a_file_with_a_certificate_is_accepted(tmp_path: Path, pem: bytes) -> None:
    """Text around the certificate does not matter. The folder is not used, so it is not checked."""
    file = tmp_path / "ca.pem"
    file.write_bytes(b"# our authority\n" + pem)
    certificates.check({"SSL_CERT_FILE": str(file), "SSL_CERT_DIR": "/nowhere"})
    certificates.check({"SSL_CERT_FILE": "", "SSL_CERT_DIR": ""})
    certificates.check({})


def bad_files(folder: Path) -> dict[str, Path]:
    """Paths that name no file of certificates."""
    (folder / "empty").write_bytes(b"")
    (folder / "text").write_text("certificates are elsewhere")
    (folder / "key").write_bytes(trustme.CA().issue_cert("a.example").private_key_pem.bytes())
    (folder / "broken").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (folder / "cut").write_bytes(trustme.CA().cert_pem.bytes()[:200])
    (folder / "dangling").symlink_to(folder / "nothing")
    os.mkfifo(folder / "pipe")
    return {path.name: path for path in folder.iterdir()} | {"missing": folder / "nothing", "a folder": folder}


KINDS = ["empty", "text", "key", "broken", "cut", "dangling", "pipe", "missing", "a folder"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_a_certificate_is_named_with_its_variable(kind: str, tmp_path: Path) -> None:
    """Nothing waits for a pipe. Where the file can be opened, the HTTP library fails as well."""
    path = bad_files(tmp_path)[kind]
    with pytest.raises(ConfigError, match=f"SSL_CERT_FILE names {path}, which .*: set it to a file of cert"):
        certificates.check({"SSL_CERT_FILE": str(path)})
    if kind != "pipe":
        with pytest.raises((OSError, ssl.SSLError)):
            ssl.create_default_context(cafile=path)


def test_a_folder_with_a_certificate_by_its_hash_is_accepted(tmp_path: Path, pem: bytes) -> None:
    """Several folders may be named, as for OpenSSL."""
    good = folder_with(tmp_path / "good", HASHED, pem)
    (tmp_path / "empty").mkdir()
    for value in (good, f"{good}{os.pathsep}{tmp_path / 'empty'}", f"{os.pathsep}{good}"):
        certificates.check({"SSL_CERT_DIR": value})


FOLDERS: dict[str, tuple[str, bytes | None, str]] = {
    "empty": ("x.txt", b"", "contains no certificate that OpenSSL finds"),
    "no hash in the name": ("ca.pem", None, "contains no certificate that OpenSSL finds .*openssl rehash"),
    "no certificate in the file": (HASHED, b"junk", "contains no certificate that OpenSSL finds"),
}


@pytest.mark.parametrize(("name", "content", "problem"), FOLDERS.values(), ids=FOLDERS)
def test_a_folder_without_a_certificate_is_named(
    name: str, content: bytes | None, problem: str, tmp_path: Path, pem: bytes
) -> None:
    """With such a folder every connection would fail, as if the service had no valid certificate."""
    value = folder_with(tmp_path / "folder", name, pem if content is None else content)
    with pytest.raises(ConfigError, match=f"SSL_CERT_DIR names {value}, which {problem}"):
        certificates.check({"SSL_CERT_DIR": value})
    assert not ssl.create_default_context(capath=value).get_ca_certs()


def test_each_of_several_folders_must_exist(tmp_path: Path, pem: bytes) -> None:
    """The message names the one that is missing, or that is a file."""
    good = folder_with(tmp_path / "good", HASHED, pem)
    for bad, problem in (("/nowhere", "is not an existing folder"), (__file__, "is a file: use SSL_CERT_FILE")):
        with pytest.raises(ConfigError, match=f"SSL_CERT_DIR names {bad}, which {problem}"):
            certificates.check({"SSL_CERT_DIR": f"{good}{os.pathsep}{bad}"})


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_what_cannot_be_read_is_named(tmp_path: Path, pem: bytes) -> None:
    """The reason of the system is in the message."""
    file = tmp_path / "ca.pem"
    file.write_bytes(pem)
    file.chmod(0)
    with pytest.raises(ConfigError, match=r"SSL_CERT_FILE names .* cannot be read .Permission denied."):
        certificates.check({"SSL_CERT_FILE": str(file)})


def test_a_folder_is_searched_only_so_far(tmp_path: Path, pem: bytes) -> None:
    """Twenty files are tried: more junk than that in front of a certificate is no folder of certificates."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(certificates.TRIED - 1):
        (folder / f"{number:08x}.0").write_text("junk")
    (folder / "ffffffff.0").write_bytes(pem)
    certificates.check({"SSL_CERT_DIR": str(folder)})
    (folder / "fffffffe.0").write_text("junk")
    with pytest.raises(ConfigError, match="contains no certificate"):
        certificates.check({"SSL_CERT_DIR": str(folder)})
    assert certificates.TRIED == 20


def test_a_log_of_keys_that_cannot_be_written_is_not_blamed_on_the_certificates(
    tmp_path: Path, pem: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python opens it when the HTTP library makes a context with certificates of the environment, and only then."""
    (tmp_path / "ca.pem").write_bytes(pem)
    environment = {"SSLKEYLOGFILE": "/nowhere/keys", "SSL_CERT_FILE": str(tmp_path / "ca.pem")}
    with pytest.raises(ConfigError, match="SSLKEYLOGFILE names /nowhere/keys, which cannot be written"):
        certificates.check(environment)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(FileNotFoundError):
        httpx2.create_ssl_context()
    certificates.check({"SSLKEYLOGFILE": "/nowhere/keys"})
    certificates.check(environment | {"SSLKEYLOGFILE": str(tmp_path / "keys")})
    assert not (tmp_path / "keys").exists()
