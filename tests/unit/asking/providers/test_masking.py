"""Credentials are found in texts from outside however they are written, and nothing else is changed."""

from __future__ import annotations

import base64
import html
import itertools
import json
import traceback
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dragoman.asking.providers.masking import LONGEST_WORD, MASK, SHORTEST, WITHHELD, Secrets

SECRET = "sk-ant-api03-AbC/d+e=f_g&h<i"

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "capitals": str.upper,
    "small letters": str.lower,
    "in an address": lambda secret: quote(secret, safe=""),
    "in a path": quote,
    "in a form": quote_plus,
    "each byte in percent": lambda secret: "".join(f"%{ord(letter):02x}" for letter in secret),
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON with a slash escaped": lambda secret: secret.replace("/", "\\/"),
    "JSON in JSON": lambda secret: json.dumps(json.dumps({"key": secret}))[1:-1],
    "JSON with all escaped": lambda secret: "".join(f"\\u{ord(letter):04X}" for letter in secret),
    "HTML": html.escape,
    "HTML by numbers": lambda secret: "".join(f"&#{ord(letter)};" for letter in secret),
    "Python bytes": lambda secret: repr(secret.encode()),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 for addresses": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "Basic authentication": lambda secret: base64.b64encode(b"ab:" + secret.encode()).decode(),
    "Basic, another place": lambda secret: base64.b64encode(b"a:" + secret.encode() + b"!").decode(),
    "base64 in lines": lambda secret: "\n".join(base64.encodebytes(b"x" * 50 + secret.encode()).decode().split()),
    "over lines": lambda secret: "\r\n    ".join((secret[:9], secret[9:15], secret[15:])),
    "over lines in JSON": lambda secret: secret[:9] + "\\n" + secret[9:],
    "a letter a line": "\n".join,
    "with spaces": " ".join,
    "with invisible characters": "\u200b".join,
    "with a colour inside": lambda secret: secret[:9] + "\x1b[31m" + secret[9:],
    "UTF-16": lambda secret: secret.encode("utf-16-le").decode("latin-1"),
}
PLACES = ["{}", "invalid key: {}.", '{{"error":{{"message":"{}"}}}}', "<p>{}</p>", "https://host/{}/x?y={}"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_credential_is_found_in_every_spelling(spelling: str, place: str) -> None:
    """In errors and in replies. No seven letters of it are left, whatever is decoded afterwards."""
    spelt = SPELLINGS[spelling](SECRET)
    text = place.replace("{}", spelt).replace("{{", "{").replace("}}", "}")
    for masked in (Secrets.of([SECRET]).mask(text), Secrets.of([SECRET]).mask_reply(text)):
        assert MASK in masked
        assert spelt not in masked
        left = "".join(character for character in masked.lower() if not character.isspace())
        assert not any(SECRET.lower()[at : at + 7] in left for at in range(len(SECRET) - 7))


@settings(database=None, deadline=None)
@example("n" * SHORTEST + "1", "\\", "")
@example("token-12", "C:\\", ":")
@example("a%41bcdef1", "", "")
@given(
    st.text("abnrtuxXYZ0123456789-_/+=%&\\.", min_size=SHORTEST, max_size=40),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_no_text_around_a_credential_hides_it(secret: str, before: str, after: str) -> None:
    """It is removed in its literal form, unless it looks like a word or a number."""
    secrets = Secrets.of([secret])
    masked = secrets.mask_reply(before + secret + after)
    if any(len(strong) >= SHORTEST and "\\" not in strong and "%" not in strong for strong in secrets.strong):
        assert secret.strip() not in masked.replace(MASK, "\0")


@settings(database=None, deadline=None)
@given(st.text(max_size=200))
def test_a_text_without_a_credential_stays_unchanged(text: str) -> None:
    """Whatever it contains."""
    secrets = Secrets.of([SECRET, "another-secret-0123456789", "hunter22"])
    assert secrets.mask_reply(text) == text


def test_masking_a_masked_text_changes_nothing() -> None:
    """Text is masked at the transport, and again when an error leaves the provider."""
    secrets = Secrets.of([SECRET, "hunter2"], names=["alice"])
    once = secrets.mask(f"key={SECRET} hunter2 alice@host")
    assert secrets.mask(once) == once


def test_masked_json_is_json() -> None:
    """A paid reply can still be parsed."""
    body = json.dumps({"content": [{"text": json.dumps({"title_en": f"My key is {SECRET}"})}]})
    inner = json.loads(json.loads(Secrets.of([SECRET]).mask_reply(body))["content"][0]["text"])
    assert inner == {"title_en": f"My key is {MASK}"}


@settings(database=None, deadline=None)
@example(f"a\n{base64.b64encode(SECRET.encode()).decode()}", "")
@example(f'"{base64.b64encode(SECRET.encode()).decode()}', "\u0001")
@example("\\", "\\")
@given(st.text(max_size=20), st.text(max_size=20))
def test_masked_json_is_json_whatever_surrounds_the_credential(before: str, after: str) -> None:
    """No escape is cut, not even in JSON inside JSON, and whether slashes are escaped or not."""
    slash = "/slash-canary-0001"
    for secret in (SECRET, slash, base64.b64encode(SECRET.encode()).decode()):
        for levels in (1, 2):
            body = before + secret + after
            for _ in range(levels):
                body = json.dumps(body)
            for spelt in (body, body.replace("/", "\\/")):
                masked = Secrets.of([SECRET, slash]).mask_reply(spelt)
                for _ in range(levels):
                    masked = json.loads(masked)
                assert MASK in masked


WEAK = ["hunter2", "research", "20241130", "ollama", "governor", "a", "ab1"]


@pytest.mark.parametrize("value", WEAK)
def test_a_value_that_could_be_a_word_is_not_masked_in_replies(value: str) -> None:
    """An article may contain it by chance."""
    reply = json.dumps({"title_en": f"The {value} said", "abstract": value})
    assert Secrets.of([value]).mask_reply(reply) == reply


@pytest.mark.parametrize(
    ("value", "text", "masked"),
    [
        ("hunter2", "wrong password hunter2 given", f"wrong password {MASK} given"),
        ("research", "password=research is wrong", f"password={MASK} is wrong"),
        ("research", 'token: "research"', f'token: "{MASK}"'),
        ("research", "http://research@proxy", f"http://{MASK}@proxy"),
        ("research", "research into models", "research into models"),
        ("hunter2", "hunter22 and xhunter2", "hunter22 and xhunter2"),
        ("a", "a=a", "a=a"),
        ("ab1", "key=ab1", f"key={MASK}"),
        ("a1", "key=a1", "key=a1"),
    ],
)
def test_in_an_error_such_a_value_is_masked_if_it_is_used_as_a_credential(value: str, text: str, masked: str) -> None:
    """That is, where it can mean nothing else."""
    assert Secrets.of([value]).mask(text) == masked


def test_the_lengths_below_which_a_value_may_occur_by_chance() -> None:
    """Eight characters, or sixteen for values of only letters or only digits."""
    assert (SHORTEST, LONGEST_WORD) == (8, 16)
    assert Secrets.of(["abcd-12"]).strong == Secrets.of(["a" * 15]).strong == Secrets.of(["1" * 15]).strong == set()
    assert len(Secrets.of(["abcd-123", "a" * 16, "1" * 16]).strong) == 3


def test_a_user_is_masked_together_with_the_password_and_not_alone() -> None:
    """Names of people occur in articles."""
    secrets = Secrets.of_login("angela.merkel", "pass")
    assert secrets.mask_reply("angela.merkel and pass") == "angela.merkel and pass"
    for pair in ("angela.merkel:pass", base64.b64encode(b"angela.merkel:pass").decode()):
        assert secrets.mask_reply(f"login {pair} failed") == f"login {MASK} failed"


def test_a_text_is_withheld_if_its_credential_cannot_be_located() -> None:
    """To lose a text is better than to show a credential. Here the credential appears only when escapes are decoded
    twice.
    """
    secrets = Secrets.of(["secret-0001"])
    assert secrets.mask_reply("%5cu0073ecret-0001 secret-0001") in (f"%5cu0073ecret-0001 {MASK}", WITHHELD)


class OddError(Exception):
    """An exception that builds its text itself."""

    def __init__(self, *, value: str) -> None:
        super().__init__()
        self.value = value

    def __str__(self) -> str:
        return f"odd {self.value}"


def raised(*errors: Exception) -> Exception:
    """The first of a chain, each caused by the next."""
    for error, cause in itertools.pairwise(errors):
        error.__cause__ = cause
    return errors[0]


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"bad {SECRET}"),
        OddError(value=SECRET),
        raised(RuntimeError("outer"), ValueError(SECRET)),
        raised(RuntimeError(SECRET), OddError(value=SECRET), KeyError(SECRET)),
        OSError(2, f"no {SECRET}", f"/{SECRET}"),
        UnicodeEncodeError("ascii", SECRET, 0, 1, f"bad {SECRET}"),
    ],
    ids=["its text", "a text of its own", "its cause", "a long chain", "system", "encoding"],
)
def test_an_exception_with_a_credential_is_copied_without_it(error: Exception) -> None:
    """The copy keeps the type or its name, the chain and the line numbers; a traceback shows no credential."""
    try:
        raise error
    except Exception as caught:
        cleaned = Secrets.of([SECRET]).cleaned(caught)
    shown = "".join(traceback.format_exception(cleaned))
    assert SECRET not in shown
    assert SECRET not in repr(cleaned)
    assert type(error).__name__ in shown
    assert "test_masking.py" in shown


def test_an_exception_without_a_credential_is_not_copied() -> None:
    """The original stays the cause."""
    error = raised(RuntimeError("outer"), ValueError("inner"))
    assert Secrets.of([SECRET]).cleaned(error) is error
