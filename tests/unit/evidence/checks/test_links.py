"""Addresses are found however they are written, and other words with dots are not addresses."""

from __future__ import annotations

import pytest

from dragoman.evidence.checks.links import link_key, links, plain_addresses

ADDRESSES = {
    "https": ("Visit https://evil.example/buy now.", "https://evil.example/buy"),
    "hxxp": ("See hxxp://evil.example/x for more.", "hxxp://evil.example/x"),
    "ftp": ("The file is at ftp://evil.example/a.zip.", "ftp://evil.example/a.zip"),
    "a scheme of its own": ("Open tg://resolve?domain=evil in the app.", "tg://resolve?domain=evil"),
    "mailto": ("Write to mailto:a@evil.example today.", "mailto:a@evil.example"),
    "mail": ("Write to sales@evil.example today.", "sales@evil.example"),
    "mail in words": ("Write to sales [at] evil [dot] example today.", "sales@evil.example"),
    "data": ("data:text/html;base64,AAAA is loaded", "data:text/html"),
    "javascript": ("It runs javascript:alert(1) there", "javascript:alert(1"),
    "telephone": ("The line tel:+18005550100 is open", "tel:+18005550100"),
    "www": ("See www.evil.example.", "www.evil.example"),
    "bare with a path": ("Log on to evil.example/login first.", "evil.example/login"),
    "bare with a port": ("It answers at evil.example:8443 too.", "evil.example:8443"),
    "bare": ("Sold by evil-shop.com, they say.", "evil-shop.com"),
    "bare in capitals": ("Sold by EVIL.COM, they say.", "EVIL.COM"),
    "of another script": ("Sold by магазин.рф, they say.", "магазин.рф"),
    "mixed scripts": ("Sold by bücher.de, they say.", "bücher.de"),
    "dot in brackets": ("Sold by evil[.]com, they say.", "evil.com"),
    "dot in words": ("Sold by evil dot com, they say.", "evil.com"),
    "full-width dot": ("Sold by evil．com, they say.", "evil.com"),
    "ideographic dot": ("Sold by evil。com, they say.", "evil.com"),
    "full width": ("Sold by ｅｖｉｌ．ｃｏｍ, they say.", "evil.com"),
}


NO_ADDRESSES = [
    "The U.S. and the U.K. signed, e.g. in 2024, i.e. last year, at 5.30 p.m. sharp.",
    "It grew by 3.5 percent to 1.234.567 and 4.000,50; see No.7 and p.12.",
    "The files report.pdf, index.html, setup.py, README.md and data.csv were leaked.",
    "It reached its end.It began anew. Mr.Smith and St.Petersburg are fine.",
    "Node.js was used; version 2.0.1 and 192.168.0.1 too.",
    "Dr. Dot said: the dot of an i and the at sign are signs.",
    "Data: 5 of 10. Tel: none. Source: the ministry. File: closed.",
    "9:30 a.m. and/or 24/7, km/h, 1:2, AC/DC, Inc./Ltd.",
    "The ratio (a.k.a. the score) fell; Ph.D. students vs. others etc.",
]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_abbreviations_figures_and_files_are_no_addresses(text: str) -> None:
    """Nor are two sentences without a space between them."""
    assert list(links(text)) == []


@pytest.mark.parametrize(("text", "address"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_is_found_in_its_plain_form(text: str, address: str) -> None:
    assert list(links(text)) == [address]


def test_the_key_of_an_address_omits_its_optional_parts() -> None:
    """Two ways to write one address have one key, so a link of the source is recognised in the reply."""
    keys = {link_key(address) for address in ("https://www.evil.com/", "hxxp://evil.com", "EVIL.COM", "evil.com/")}
    assert keys == {"evil.com"}


def test_text_without_addresses_stays_as_it_is() -> None:
    text = "The U.S. signed; 3.5 percent, at 5.30 p.m."
    assert plain_addresses(text) == text
