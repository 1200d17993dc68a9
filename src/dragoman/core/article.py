"""Article: one input as found, its bytes and its id."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from dragoman.core.text import sha256


@dataclass(frozen=True, slots=True)
class Article:
    """One input as found. ``name`` is relative to the folder it was found in, with ``/``.

    ``media_type`` is one of the values of `MEDIA_TYPES`; ``size`` is in bytes.
    """

    name: str
    content: bytes = field(repr=False)
    media_type: str
    sha256: str
    size: int

    @property
    def id(self) -> str:
        """A slug of the name and a short digest of the bytes; safe as a file name on any system."""
        return article_id(self.name, self.sha256)


def article_id(name: str, digest: str) -> str:
    """``economy/Bài 1.txt`` and the digest of its bytes give ``economy-bai-1-txt-600afdb87e``.

    Only ``a-z 0-9 -``. A name that the slug does not hold whole (folders, another script, signs, length) has
    four digits of its own digest in the id, so that two names of the same bytes do not share one.
    """
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    plain = plain.encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+", name) or len(name) != len(slug):
        slug = f"{slug}-{sha256(name)[:4]}".strip("-")
    return f"{slug}-{digest[:10]}"


def make_article(name: str, content: bytes, media_type: str) -> Article:
    """An Article with its digest taken."""
    return Article(name, content, media_type, sha256(content), len(content))
