"""What an HTML page says about itself in its head and scripts: title, metadata, redirects, visitor checks."""

from __future__ import annotations

import re
from typing import Any

from dragoman.reading.formats.extracted import Page

_ARTICLE = re.compile(
    r"""["'](?:News|Report|Reportage|BlogPosting|Scholarly|AnalysisNews|OpinionNews)?Article["']|datePublished"""
    r"""|article:published_time|property=["']?og:type["']?\s+content=["']?article""",
    re.IGNORECASE,
)
_PAID = re.compile(r"""isAccessibleForFree["']?\s*[:=]\s*["']?(?:https?://schema\.org/)?false""", re.IGNORECASE)
_PAYWALL = re.compile(r"""(?:class|id)\s*=\s*(?:"[^"]*|'[^']*|)\b(?:paywall|regwall|piano-|premium-wall)""", re.I)

_CHALLENGE = (
    "cf_chl_", "cf-browser-verification", "cf-challenge", "cf-error-details", "captcha-delivery.com", "px-captcha",
    "_pxappid", "_incapsula_resource", "/_sec/cp_challenge", "errors.edgesuite.net", "sgcaptcha", "ddos-guard",
    "awswafcookiedomainlist", "gokuprops", "sucuri_cloudproxy", "challenge-form", "geo.captcha", "kpsdk",
    "distil_r_captcha", "wbaas", "smartcaptcha", "showcaptcha",
)  # fmt: skip
"""The scripts and addresses, in lower case, by which the usual services check a visitor. Cloudflare puts ``/jsd/``
scripts into ordinary pages too, so only the names that a check itself has count. A search for each takes a twentieth of
the time of one pattern for all."""

_REFRESH = re.compile(r"\s*(\d+)\s*[;,]\s*url\s*=", re.IGNORECASE)
_REDIRECT_SECONDS = 15
"""The longest wait of a redirect: a page that reloads itself later is one that is read, such as a live ticker."""

_MOST_READ = 2_000_000
"""Characters of a page in which its marks are looked for."""


def page_facts(root: Any, text: str) -> Page:
    """What the page with this root element and this text says about itself."""
    head = text[:_MOST_READ]
    lowered = head.lower()
    refreshes = (
        _REFRESH.match(meta.get("content") or "")
        for meta in root.iter("meta")
        if (meta.get("http-equiv") or "").lower() == "refresh"
    )
    return Page(
        title=next((" ".join((title.text or "").split()) for title in root.iter("title")), ""),
        without_scripts=" ".join(" ".join(element.itertext()) for element in root.iter("noscript")),
        is_marked_as_article=_ARTICLE.search(head) is not None,
        is_marked_as_paid=_PAID.search(head) is not None or _PAYWALL.search(head) is not None,
        is_challenge=any(mark in lowered for mark in _CHALLENGE),
        redirects=any(match and int(match[1]) <= _REDIRECT_SECONDS for match in refreshes),
    )
