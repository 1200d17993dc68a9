"""Check that every figure of the English is in the source, at the same scale and in the same unit.

The figures of a claim are compared with its quote, its sentence, its paragraph and the whole source (`scopes`), of
which the nearest decides; those of the title, the abstract and the key points with the whole source. A finding is an
error only if the source has a figure that clearly corresponds and differs. A figure that the source may have in words
that Dragoman cannot read gives no finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cache, lru_cache, partial
from importlib.resources import files

from dragoman.core.field_paths import claim_path
from dragoman.core.language_tags import primary
from dragoman.core.record import CheckedClaim, CheckedSummary, Finding, Severity
from dragoman.core.source import Source
from dragoman.evidence.checks.bounds import check_bounds
from dragoman.evidence.checks.currencies import (
    TOMAN,
    are_rial_and_toman,
    is_home,
    is_open,
    is_rial_or_toman,
    may_be_same,
    names_money,
)
from dragoman.evidence.checks.dates import check_date, check_event_date, check_published, check_whole_dates
from dragoman.evidence.checks.english_fields import running_text
from dragoman.evidence.checks.intended_figure import Intended, intended_figure, nearer_figure
from dragoman.evidence.checks.misread_figures import check_cut_groups, check_misread
from dragoman.evidence.checks.model_figures import check_stated
from dragoman.evidence.checks.quantities import (
    Observation,
    TextQuantities,
    bounds,
    is_small,
    read,
    read_lines,
    read_part,
    rounds_to,
    same_value,
    shown,
    values,
)
from dragoman.evidence.checks.scopes import claim_paragraph, claim_scopes, close_to, in_parts
from dragoman.evidence.checks.units import check_units, is_converted
from dragoman.evidence.figures import Quantity

_MAYBE_FIGURE = re.compile(r"\d{4}|\d,\d")
"""A year of another calendar or a number with a group cut: no figure of the English, but compared with the source."""

_PERCENTS = {"%": "per cent", "pp": "percentage points", "bp": "basis points"}
_MARGIN = re.compile(
    r"\b(?:w[io]ns?|winning|led|leads?|leading|ahead|margin|majority|victory|beat|beats)\b", re.IGNORECASE
)
_MARGIN_REACH = 32
"""Characters before and after the figure: the verb, a hedge, and what was won."""
_TOMAN_FACTORS = (Decimal(TOMAN), 1 / Decimal(TOMAN))


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``value.scale``, ``value.figure``, ``value.unit``, ``value.currency``, ``value.date`` and ``value.stated``
    (errors; warnings where the case is less certain), ``value.event_date`` and ``value.published`` (warnings),
    ``value.bound`` (any severity), and ``value.elsewhere`` (note) for a figure that is in the source but not in the
    quote."""
    if not reads(source.language):
        return []
    whole = read_lines(source.text, source.language)
    findings: list[Finding] = []
    # Several claims have the same paragraph.
    paragraph_of = cache(partial(_read_paragraph, source, whole))
    for claim in summary.claims:
        findings += _check_claim(source, claim, whole, paragraph_of)
        findings += check_stated(source, claim)
    for field in running_text(summary):
        english = read(field.text, "en")
        if english.quantities or _MAYBE_FIGURE.search(field.text):
            observations = (*compare(english, [whole]), *check_bounds(english, [whole]))
            findings += [observation.finding(field.path) for observation in observations]
    if summary.published and (observation := check_published(summary.published, whole)):
        findings.append(observation.finding("published"))
    return findings


@lru_cache(maxsize=64)
def reads(language: str) -> bool:
    """Whether there is a reviewed table of number words for ``language``. Without one, figures cannot be judged."""
    code = primary(language)
    return (files("dragoman") / "data" / "quantities" / f"{code}.tsv").is_file()


def _check_claim(
    source: Source, claim: CheckedClaim, whole: TextQuantities, paragraph_of: Callable[[int], TextQuantities]
) -> Iterator[Finding]:
    english = read(claim.text_en, "en")
    if not (claim.event_date or english.quantities or _MAYBE_FIGURE.search(claim.text_en)):
        return
    scopes = claim_scopes(source, claim, whole, paragraph_of)
    quote, wider = scopes[0], scopes[1:]
    number, place, parts = claim_paragraph(source, claim), claim.evidence.span, claim.evidence.parts
    placed = in_parts(whole, parts) if parts else quote
    observations = (*compare(english, scopes), *check_bounds(english, [placed, *wider]))
    for observation in observations:
        yield observation.finding(claim_path(claim.id, "text_en"), number, place)
    if claim.event_date and (late := check_event_date(claim.event_date, quote, whole)):
        yield late.finding(claim_path(claim.id, "event_date"), number, place)


def _read_paragraph(source: Source, whole: TextQuantities, number: int) -> TextQuantities:
    paragraph = source.paragraphs[number - 1]
    return read_part(whole, paragraph.start, paragraph.end)


def compare(english: TextQuantities, scopes: Sequence[TextQuantities]) -> Iterator[Observation]:
    """What is wrong with the figures of an English text. ``scopes`` go from the narrowest (a quote) to the widest; the
    last one is the whole source, and the only one for a text that is not a claim."""
    if len(scopes) > 1:
        yield from check_date(english, scopes)
        yield from _compare_fractions(english, scopes[0])
        yield from check_misread(english, scopes)
    else:
        yield from check_cut_groups(english, scopes)
        yield from check_whole_dates(english, scopes[0])
    yield from check_units(english, scopes)
    for figure in english.quantities:
        if figure.kind not in ("date", "ordinal") and not is_small(figure):
            for bound in bounds(figure):
                yield from _compare_amount(bound, english, scopes)


def _compare_amount(
    figure: Quantity, english: TextQuantities, scopes: Sequence[TextQuantities]
) -> Iterator[Observation]:
    printed = english.printed(figure)
    for distance, scope in enumerate(scopes):
        equal = [source_figure for source_figure in scope.near(figure) if same_value(figure, source_figure)]
        if equal:
            nearer = nearer_figure(figure, equal[0], english, close_to(scopes)[:distance]) if distance else None
            if nearer is not None:
                yield _differs(figure, english, nearer)
            elif not any(_has_same_unit(figure, source_figure) for source_figure in equal):
                yield from _unit_differs(figure, english, equal[0], scope, scopes)
            elif distance and (match := next((quantity for quantity in equal if quantity.kind == figure.kind), None)):
                message = f"“{printed}” is not in the quote of the claim, but elsewhere in the source"
                yield Observation("value.elsewhere", "note", message, scope.printed(match), printed)
            return
    if is_converted(figure, scopes) or _is_in_tomans(figure, scopes):
        return
    intended = intended_figure(figure, english, scopes)
    if intended is not None:
        yield _differs(figure, english, intended)


def _differs(figure: Quantity, english: TextQuantities, intended: Intended) -> Observation:
    """The observation that the English does not state the figure that it was meant to state."""
    printed, source_words = english.printed(figure), intended.scope.printed(intended.figure)
    message = f"“{printed}” ({shown(figure)}) in the English; {source_words} = {shown(intended.figure)} in the source"
    return Observation(intended.check, intended.severity, message, source_words, printed)


def _has_same_unit(figure: Quantity, source_figure: Quantity) -> bool:
    """Whether two equal figures may have one unit. Only money and percentages are compared here: `units` compares
    measures, and nouns are not compared."""
    if figure.kind == "money" and source_figure.kind == "money":
        return may_be_same(figure.unit, source_figure.unit)
    if figure.unit in ("%", "pp", "bp") and source_figure.unit in ("%", "pp", "bp"):
        return figure.unit == source_figure.unit
    # `_unit_differs` decides about an amount for which only the English names a currency.
    return not (figure.kind == "money" and not is_open(figure.unit) and source_figure.kind != "money")


def _unit_differs(
    figure: Quantity,
    english: TextQuantities,
    source_figure: Quantity,
    scope: TextQuantities,
    scopes: Sequence[TextQuantities],
) -> Iterator[Observation]:
    printed, source_words = english.printed(figure), scope.printed(source_figure)
    if figure.kind == "money" and source_figure.kind != "money":
        severity = _added_currency(figure, source_figure, scope, scopes)
        if severity is not None:
            message = f"“{printed}” names a currency, but the source has “{source_words}” without a currency"
            yield Observation("value.currency", severity, message, source_words, printed)
    elif figure.kind == "money":
        message = f"“{printed}” is in another currency than “{source_words}” in the source"
        yield Observation("value.currency", "error", message, source_words, printed)
    else:
        unit, source_unit = (_PERCENTS.get(each.unit or "", each.unit) for each in (figure, source_figure))
        message = f"“{printed}” is in {unit}, but “{source_words}” in the source is in {source_unit}"
        severity = (
            "warning" if "bp" not in (figure.unit, source_figure.unit) and _is_margin(figure, english) else "error"
        )
        yield Observation("value.unit", severity, message, source_words, printed)


def _is_margin(figure: Quantity, english: TextQuantities) -> bool:
    """Whether the figure is the lead of one share over another, for which papers write per cent and points alike."""
    return bool(_MARGIN.search(english.text, max(0, figure.start - _MARGIN_REACH), figure.end + _MARGIN_REACH))


def _added_currency(
    figure: Quantity, source_figure: Quantity, scope: TextQuantities, scopes: Sequence[TextQuantities]
) -> Severity | None:
    """How severe it is that only the English names a currency; None if the source may mean that currency."""
    home = is_home(figure.unit, scope.language)
    if _has_currency(figure, scopes[:-1] or scopes) or names_money(
        scope.text[source_figure.start :], source_figure.end - source_figure.start, scope.language
    ):
        return None
    if _has_currency(figure, scopes):
        return None if home is not False else "warning"  # the article may name it once and mean it everywhere
    return "warning" if home else "error"


def _has_currency(figure: Quantity, scopes: Sequence[TextQuantities]) -> bool:
    """Whether one of the scopes has an amount in the currency of ``figure``."""
    return any(
        source_figure.kind == "money" and source_figure.unit and may_be_same(figure.unit, source_figure.unit)
        for scope in scopes
        for source_figure in scope.quantities
    )


def _is_in_tomans(figure: Quantity, scopes: Sequence[TextQuantities]) -> bool:
    """Whether the source has the amount in tomans and the English in rials, or the other way round."""
    if not is_rial_or_toman(figure.unit):
        return False
    converted = [
        figure._replace(value=value * factor, low=None, high=None)
        for value in values(figure)
        for factor in _TOMAN_FACTORS
    ]
    return any(
        are_rial_and_toman(figure.unit, source_figure.unit)
        and any(rounds_to(exact, value) for value in values(amount) for exact in values(source_figure))
        for scope in scopes
        for amount in converted
        for source_figure in scope.near(amount)
    )


def _compare_fractions(english: TextQuantities, quote: TextQuantities) -> Iterator[Observation]:
    """``value.figure`` for a third that became a quarter: either side has one fraction that the other side lacks."""
    unmatched = [f for f in _fractions(english) if not any(same_value(f, q) for q in quote.quantities)]
    if len(unmatched) != 1:
        return
    missing = [f for f in _fractions(quote) if not any(same_value(q, f) for q in english.quantities)]
    if len(missing) == 1:
        printed, source_words = english.printed(unmatched[0]), quote.printed(missing[0])
        message = f"the English says “{printed}”, but the source says “{source_words}”"
        yield Observation("value.figure", "error", message, source_words, printed)


def _fractions(text: TextQuantities) -> list[Quantity]:
    """The quantities between 0 and 1 that have no unit."""
    return [
        q for q in text.quantities if q.kind == "other" and q.unit is None and q.value is not None and 0 < q.value < 1
    ]
