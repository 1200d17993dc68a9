"""The names of the checks, as findings have them. They are part of the file format: names are added, never changed.

A record written by another version may have a name that is not in this list.
"""

from __future__ import annotations

from typing import Literal

CheckName = Literal[
    "quote.absent",  # the quote of a claim is not in the source
    "quote.paragraph",  # the quote is not in the paragraph that the claim names
    "speaker.absent",  # the name of a speaker is not in the source
    "name.absent",  # the name of an entity is not in the source
    "value.scale",  # a figure has the digits of the source's figure at another scale
    "value.figure",  # a figure differs from the source's
    "value.unit",  # a figure has another unit than in the source
    "value.currency",  # an amount has another currency than in the source
    "value.date",  # a date differs from the source's
    "value.stated",  # the model misread a figure of the quote
    "value.event_date",  # the date of an event is not in the source
    "value.published",  # the date of publication is not in the source
    "value.elsewhere",  # a figure is in the source but not in the quote
    "attribution.name",  # the person who is said to make the claim is not in the source
    "attribution.speaker",  # the claim names a speaker for words that nobody says in the source
    "polarity.dropped",  # the quote denies and the claim does not
    "polarity.added",  # the claim denies and the quote does not
    "shape.claims",  # more claims than requested, or none
    "shape.key_points",  # more or fewer key points than requested
    "shape.boilerplate",  # boilerplate paragraphs that do not exist in the source
    "quantity.quote",  # a stated figure is not a complete figure in the quote
    "coverage.sentence",  # no claim covers a sentence with figures, a quotation or a denial
    "language.english",  # a field that should be English is not
    "instructions.article",  # the article gives instructions to a machine that reads it
    "instructions.link",  # the answer has a link that is not in the source
    "instructions.order",  # the answer tells its reader to do something that the source does not
    "inside.change",  # a change that the source states does not follow from its figures
    "inside.share",  # a share that the source states does not follow from its figures
    "inside.sum",  # a total that the source states is not the sum of its parts
    "repair.done",  # a repair corrected the item
    "repair.failed",  # the item is still wrong after its repair
    "service.model",  # another model answered than the one that was asked
]
