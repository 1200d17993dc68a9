"""Check that the English of each paragraph is the translation of that paragraph.

This is done without a dictionary, from what a paragraph and its English have in common whatever the language: figures
(`figures`), the sounds of names, signs and lengths (`marks`, `sounds`, `lengths`; `placement` compares paragraphs and
`sentences` the sentences of one). The English alone shows words left as they are (`copied`) and texts that say nothing
of the source (`wording`). A paragraph whose English is no translation at all gets that one finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dragoman.core.answers import Translation
from dragoman.core.field_paths import translation_path
from dragoman.core.record import Finding, Severity
from dragoman.core.source import Source
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.checks.language import foreign
from dragoman.evidence.checks.quantities import read_lines
from dragoman.evidence.checks.translation import copied, figures, placement, sentences
from dragoman.evidence.checks.translation.pairs import Pair, pairs_of
from dragoman.evidence.checks.translation.wording import Remark, check_length, check_same, check_wording


def check(source: Source, translation: Translation) -> list[Finding]:
    """``translation.*`` and ``value.*`` for each paragraph, in order. A paragraph that `checks.language` reports as a
    whole is left to it."""
    whole = read_lines(source.text, source.language)
    usable, findings = [], []
    for pair in pairs_of(source, translation):
        remark = check_wording(pair, source.language)
        if remark:
            findings.append(_finding(pair, remark))
        is_translation = remark is None or remark.severity != "error"
        if is_translation and foreign(pair.english.text, source.language) is None:
            usable.append(pair)
    findings += (_finding(pair, remark) for pair, remark in check_same(usable))
    moved = _moved(usable)
    for pair in usable:
        if pair.number in moved:
            findings.append(_finding(pair, moved[pair.number]))
        elif untranslated := _untranslated(pair, source):
            findings.append(_finding(pair, untranslated))
        else:
            findings += figures.check(pair, whole)
            findings += (_finding(pair, remark) for remark in _incomplete(pair))
    return sorted(findings, key=_paragraph)


def _moved(pairs: Sequence[Pair]) -> Mapping[int, Remark]:
    """``translation.place`` by number of paragraph: the English belongs to another paragraph."""
    remarks = {}
    for move in placement.moves(pairs):
        severity = _severity(move.gain, placement.CERTAIN)
        verb = "is" if severity == "error" else "seems to be"
        message = f"this English {verb} that of paragraph {pairs[move.better].number} of the source"
        remarks[pairs[move.english].number] = Remark(
            "translation.place", severity, message, pairs[move.english].english.text
        )
    return remarks


def _untranslated(pair: Pair, source: Source) -> Remark | None:
    """``translation.untranslated``: a part of the English is still in the language of the source, or in another one."""
    english = pair.english.text
    if source.script in ("Latn", "Zyyy"):
        words = copied.copied(pair.source.text, english)
        if words or copied.is_source(pair.source.text, english):
            severity: Severity = "error" if words and copied.is_certain(words) else "warning"
            message = "these words of the source were not translated"
            return Remark("translation.untranslated", severity, message, words or english)
    if words := copied.foreign_run(english):
        return Remark("translation.untranslated", "error", "these words should be in English", words)
    if foreign := copied.foreign_sentence(english, source.language):
        sentence, language = foreign
        message = f"this sentence should be in English, but it appears to be “{language}”"
        return Remark("translation.untranslated", "error", message, sentence)
    return None


def _incomplete(pair: Pair) -> Iterator[Remark]:
    """``translation.length``, ``translation.omitted`` and ``translation.added``: less or more than the source says."""
    if remark := check_length(pair):
        yield remark
        return
    if lonely := sentences.omitted(pair):
        severity = _severity(lonely.gain, sentences.CERTAIN)
        message = "this sentence of the source has no counterpart in the English of its paragraph"
        yield Remark("translation.omitted", severity, message, None, lonely.text)
    if lonely := sentences.added(pair):
        severity = _severity(lonely.gain, sentences.CERTAIN)
        message = "this sentence of the English has no counterpart in this paragraph of the source"
        yield Remark("translation.added", severity, message, lonely.text)


def _severity(gain: float, certain: float) -> Severity:
    return "error" if gain >= certain else "warning"


def _finding(pair: Pair, remark: Remark) -> Finding:
    return finding(
        remark.check,
        remark.severity,
        translation_path(pair.number),
        remark.message,
        paragraph=pair.number,
        place=pair.place,
        expected=remark.expected or pair.source.text,
        got=remark.got,
    )


def _paragraph(found: Finding) -> int:
    return found.paragraph or 0
