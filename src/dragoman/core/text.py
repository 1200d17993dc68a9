"""One spelling of letters that case-blind patterns take for the same: a plain search tells what is not in a text."""

from __future__ import annotations


def caseless(text: str) -> str:
    """``text``, letter by letter, such that letters that `re.IGNORECASE` takes for the same are the same.

    Whatever a case-blind pattern of plain letters finds in a text, its caseless letters stand in the caseless text.
    """
    # The dotted and the dotless i of Turkish are an i to such patterns, and are none to `str.casefold`.
    return text.replace("İ", "i").casefold().replace("ı", "i")
