"""The names of the checks, as findings have them. They are part of the file format: names are added, never changed.

A record written by another version may have a name that is not in this list.
"""

from __future__ import annotations

from typing import Literal

CheckName = Literal[
    "quote.absent",  # the quote of a claim is not in the source
    "quote.paragraph",  # the quote is not in the paragraph that the claim names
    "quote.negation_left_out",  # the quote leaves out a negation that belongs to its words
    "quote.qualifier_left_out",  # the quote leaves out a condition or a word such as allegedly
    "quote.speaker_left_out",  # the quote leaves out who accuses or claims, and the claim states it as a fact
    "quote.gap",  # the ellipsis of a quote joins words of different clauses, or leaves out too much
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
    "value.bound",  # a figure has another bound than in the source, such as at least for at most
    "value.elsewhere",  # a figure is in the source but not in the quote
    "value.missing",  # the English of a paragraph lacks a figure of the source
    "value.added",  # the English of a paragraph has a figure that the source lacks
    "attribution.name",  # the person who is said to make the claim is not in the source
    "attribution.speaker",  # the claim names a speaker for words that nobody says in the source
    "polarity.dropped",  # the quote denies and the claim does not
    "polarity.added",  # the claim denies and the quote does not
    "shape.claims",  # more claims than requested, or none
    "shape.key_points",  # more or fewer key points than requested
    "shape.invalid",  # an item of the answer is not as the schema has it, and was left out
    "shape.boilerplate",  # boilerplate paragraphs that do not exist in the source
    "quantity.quote",  # a stated figure is not a complete figure in the quote
    "coverage.sentence",  # no claim covers a sentence with figures, a quotation or a denial
    "language.english",  # a field that should be English is not
    "empty.refusal",  # a text of the answer refuses
    "empty.request",  # a text of the answer asks for the article
    "empty.placeholder",  # a text of the answer holds the place of another one: N/A, TBD, …
    "empty.repeated",  # a text of the answer says the same again and again
    "empty.length",  # a text of the answer is far longer than the article can carry
    "translation.empty",  # the English of a paragraph is a placeholder
    "translation.refusal",  # the English of a paragraph is a refusal
    "translation.repeated",  # the English of a paragraph repeats itself
    "translation.same",  # two different paragraphs have the same English
    "translation.untranslated",  # a part of a paragraph is not in English
    "translation.length",  # the English of a paragraph is too short or too long
    "translation.omitted",  # a sentence of the source has no counterpart in the English
    "translation.added",  # a sentence of the English has no counterpart in the source
    "translation.place",  # the English belongs to another paragraph
    "instructions.article",  # the article gives instructions to a machine that reads it
    "instructions.link",  # the answer has a link that is not in the source
    "instructions.order",  # the answer tells its reader to do something that the source does not
    "source.cut",  # the page says that the rest of the article is only for some readers
    "inside.change",  # a change that the source states does not follow from its figures
    "inside.share",  # a share that the source states does not follow from its figures
    "inside.sum",  # a total that the source states is not the sum of its parts
    "repair.done",  # a repair corrected the item
    "repair.failed",  # the item is still wrong after its repair
    "repair.unusable",  # the item is still wrong, because the reply to its repair could not be used
    "service.model",  # another model answered than the one that was asked
    "service.price",  # a reply states terms that change its price, or make it unknown
]
