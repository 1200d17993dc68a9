"""Article: one input file or text with its bytes and id."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from dragoman.core.text import sha256


@dataclass(frozen=True, slots=True)
class Article:
    """One input file or text. ``name`` is relative to the folder it was found in, with ``/``.

    ``media_type`` is one of the values of `MEDIA_TYPES`; ``size`` is in bytes.
    """

    name: str
    content: bytes = field(repr=False)
    media_type: str
    sha256: str
    size: int

    @property
    def id(self) -> str:
        """A slug of the name and ten digits of the digest of the bytes; safe as a file name on any system."""
        return article_id(self.name, self.sha256)


def article_id(name: str, digest: str) -> str:
    """The id of an article: ``bai-1.txt`` and the digest of its bytes give ``bai-1-txt-600afdb87e``.

    Only ``a-z 0-9 -``. When the slug loses a part of the name (folders, another script, punctuation, length), four
    digits of the digest of the name are added, so that two names of the same bytes have different ids.
    """
    ascii_name = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    ascii_name = ascii_name.encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:48].strip("-")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+", name) or len(name) != len(slug):
        slug = f"{slug}-{sha256(name)[:4]}".strip("-")
    return f"{slug}-{digest[:10]}"


def make_article(name: str, content: bytes, media_type: str) -> Article:
    """An Article from its bytes, with digest and size."""
    return Article(name, content, media_type, sha256(content), len(content))
