"""Measure how often the language of a text is identified, over a folder of translations of one text (NTREX-128).

    python benchmarks/languages.py FOLDER            whole documents
    python benchmarks/languages.py FOLDER --first 3  the first lines of each

FOLDER is a checkout of MicrosoftTranslator/NTREX: ``NTREX-128/newstest2019-ref.LANGUAGE.txt`` has a sentence per line,
``DOCUMENT_IDS.tsv`` names the document of each line. A language that `OTHERS` does not name must be ``und``. The lists
of Malay and Indonesian words were written with a look at this text, all others without.
"""

from __future__ import annotations

import argparse
from collections import Counter
from itertools import groupby
from pathlib import Path

from dragoman.reading.language import identify

TAGS = {
    "afr": "af", "amh": "am", "arb": "ar", "aze-Latn": "az", "bak": "ba", "bel": "be", "ben": "bn", "bos": "bs",
    "bul": "bg", "cat": "ca", "ces": "cs", "cym": "cy", "dan": "da", "deu": "de", "ell": "el", "est": "et", "eus": "eu",
    "fas": "fa", "prs": "fa", "fil": "fil", "fin": "fi", "fra": "fr", "fra-CA": "fr", "gle": "ga", "glg": "gl",
    "guj": "gu", "hau": "ha", "heb": "he", "hin": "hi", "hrv": "hr", "hun": "hu", "hye": "hy", "ibo": "ig", "ind": "id",
    "isl": "is", "ita": "it", "jpn": "ja", "kan": "kn", "kat": "ka", "kaz": "kk", "khm": "km", "kir": "ky", "kor": "ko",
    "lao": "lo", "lav": "lv", "lit": "lt", "ltz": "lb", "mal": "ml", "mar": "mr", "mkd": "mk", "mlg": "mg", "mlt": "mt",
    "mon": "mn", "mri": "mi", "msa": "ms", "mya": "my", "nep": "ne", "nld": "nl", "nno": "nn", "nob": "no", "pan": "pa",
    "pol": "pl", "por": "pt", "por-BR": "pt", "pus": "ps", "ron": "ro", "rus": "ru", "sin": "si", "slk": "sk",
    "slv": "sl", "snd-Arab": "sd", "som": "so", "spa": "es", "spa-MX": "es", "sqi": "sq", "srp-Cyrl": "sr",
    "srp-Latn": "sr-Latn", "swa": "sw", "swe": "sv", "tam": "ta", "tat": "tt", "tel": "te", "tgk-Cyrl": "tg",
    "tha": "th", "tuk": "tk", "tur": "tr", "uig": "ug", "ukr": "uk", "urd": "ur", "uzb": "uz", "vie": "vi",
    "xho": "xh", "yor": "yo", "zho-CN": "zh-Hans", "zho-TW": "zh-Hant", "zul": "zu", "ckb-Arab": "ckb", "smo": "sm",
    "sna-Latn": "sn", "nya": "ny",
}  # fmt: skip
OTHERS = ("bem", "ewe", "fao", "fij", "fuc", "kin", "orm", "ton", "ven", "wol")
"""Languages that the detector does not know and that must be ``und``."""


def main() -> None:
    """Print a line for each language that is not always identified, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, help="only so many lines of each document")
    options = parser.parse_args()
    documents = (options.folder / "DOCUMENT_IDS.tsv").read_text("utf-8").split()
    sums: Counter[str] = Counter()
    for code, tag in sorted({**TAGS, **dict.fromkeys(OTHERS, "und")}.items()):
        path = options.folder / "NTREX-128" / f"newstest2019-ref.{code}.txt"
        lines = zip(documents, path.read_text("utf-8").splitlines(), strict=True)
        texts = [[line for _, line in group] for _, group in groupby(lines, key=lambda pair: pair[0])]
        answers = Counter(identify("\n".join(text[: options.first]))[0] for text in texts)
        sums["right"] += answers[tag]
        sums["und"] += answers["und"] if tag != "und" else 0
        sums["all"] += len(texts)
        if answers[tag] < len(texts):
            others = ", ".join(f"{answer} {count}" for answer, count in answers.most_common() if answer != tag)
            print(f"{code:9} {tag:8} {answers[tag]:4} of {len(texts)} right; {others}")
    wrong = sums["all"] - sums["right"] - sums["und"]
    print(f"{sums['all']:,} texts: {sums['right']:,} right, {sums['und']} und, {wrong} wrong")


if __name__ == "__main__":
    main()
