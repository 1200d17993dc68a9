"""The names of the checks, as findings carry them. They are part of the file format: a name is added, never changed.

A record that is read may hold a name that is not in this list, from another version.
"""

from __future__ import annotations

from typing import Literal

CheckName = Literal[
    "quote.absent",  # the quote of a claim is not in the source
    "quote.paragraph",  # the quote is in another paragraph than the one that the claim names
    "speaker.absent",  # the name of a speaker is not in the source
    "name.absent",  # the name of an entity is not in the source
    "value.scale",  # a figure has the digits of the source's figure at another scale
    "value.figure",  # a figure is not the source's
    "value.unit",  # a figure has another unit than in the source
    "value.currency",  # an amount has another currency than in the source
    "value.date",  # a date is not the source's
    "value.stated",  # the model misread a figure of the quote
    "value.event_date",  # the date of an event is not in the source
    "value.published",  # the date of publication is not in the source
    "value.elsewhere",  # a figure is in the source and not in the quote
    "attribution.name",  # a person who says the claim is not in the source
    "attribution.speaker",  # a speaker for words that nobody in the source says
    "polarity.dropped",  # the quote denies and the claim does not
    "polarity.added",  # the claim denies and the quote does not
    "shape.claims",  # more claims than were asked for, or none
    "shape.key_points",  # more key points than were asked for, or fewer
    "shape.boilerplate",  # boilerplate paragraphs that the source does not have
    "quantity.quote",  # a stated figure is not a whole figure of the quote
    "coverage.sentence",  # no claim covers a sentence with figures, a quotation or a denial
    "language.english",  # a field that should be English is not
    "instructions.article",  # the article addresses a machine that reads it
    "instructions.link",  # the answer has an address that the source does not have
    "instructions.order",  # the answer tells its reader to do something and the source does not
    "inside.change",  # a change that the source states does not follow from its figures
    "inside.share",  # a share that the source states does not follow from its figures
    "inside.sum",  # a total that the source states is not the sum of its parts
    "repair.done",  # a repair corrected the item
    "repair.failed",  # the item is still wrong after its repair
]
