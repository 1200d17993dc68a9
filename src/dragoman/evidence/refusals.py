"""Recognise in a text of an answer that the model refuses its task, or says that it was given no article.

These functions look at one text alone. Whether the article itself says such a thing is decided by their callers, who
have the source. What stands in quotation marks, or is attributed to somebody, is said by a person in the article and
does not count. Refusals in other languages than English are whole phrases in the table of cue words (kind ``refusal``).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from dragoman.core.text import caseless
from dragoman.evidence.cue_words import may_have, pattern, rows

_LONGEST_HEADLINE = 12
"""Words of a refusal without a subject ("Unable to process this content"). A longer one is a headline of news."""


def _any(*alternatives: str) -> str:
    return f"(?:{'|'.join(alternatives)})"


_QUOTED = re.compile(
    '“[^”]*”|"[^"]*"|«[^»]*»|„[^“”]*[“”]'
    # An apostrophe inside a word ends no quotation.
    r"|(?<!\w)['‘](?!\w{0,2}[’']\w)[^‘’'\n]*(?:\w['’]\w[^‘’'\n]*)*['’](?!\w)"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\s\"'”’)\]*_]+")

_SAID = _any(
    "said", "says", "told", "tells", "replie[sd]", "answered", "wr(?:ote|ites)", "add(?:ed|s)", "explained",
    "respond(?:ed|s)", "stated", "apologi[sz]ed", "according to", "quoted", "are asked", "is asked",
)  # fmt: skip
_ATTRIBUTED = re.compile(rf"\b{_SAID}\b")

_HELP = "help(?=$|[.,;:!]| (?:with|you|to|in|on|here|summari|translat|process|extract|because|due|since)\\b)"
"""Not the idioms "cannot help but", "cannot help falling"."""
_TASK = _any(
    "assist", "summari[sz]", "translat", "process", "comply", "fulfil", "complete", "provid", "generat", "produc",
    "creat", "extract", "analy[sz]", "access", "read", "view", r"see\b", r"open\b", "retriev", "discuss", "engage",
    "continu", "answer", "respond", "support", "reproduc", "shar", "offer", r"give\b", r"write\b", r"return\b",
    "proceed", r"do (?:that|this|so)\b", "carry out", "handl", "interpret", "perform", "accommodat", "render",
    "paraphras", _HELP,
)  # fmt: skip
"""Beginnings of the verbs for what the model was asked to do."""

_DONE = _any(
    "summari[sz]ed", "translated", "processed", "provided", "generated", "completed", "produced", "fulfilled",
    "created", "displayed",
)  # fmt: skip
_TEXT = _any(
    "articles?", "texts?", "contents?", "documents?", "passages?", "paragraphs?", "requests?", "materials?", "pages?",
    "files?", "links?", "topics?", r"summar(?:y|ies)", "translations?", "abstracts?", "instructions?", "tasks?",
    "information",
)  # fmt: skip
_THIS = _any("th(?:is|at|ese|e)", "your", "such", "any", "an?")
_OBJECT = re.compile(
    rf"\b{_THIS}(?: \w+){{0,3}}? {_TEXT}\b"
    r"|\b(?:summar(?:y|ies|i[sz]ing)|translat(?:e|ion|ing)|copyright\w*|content)\b|\b(?:with|do|to) (?:that|this)\b"
    r"|\baccess (?:external|the internet|links?|urls?|web ?sites?)\b"
    rf"|\b(?:summari[sz]e|translate|process) (?:{_TEXT}|this|that|it)\W*$"
)
"""What the model was asked to work on."""

_ADVERB = _any("currently", "still", "simply", "really", "respectfully", "politely", "therefore", "not", "also", "just")
_UNABLE = _any(
    "unable", "not able", "not allowed", "not permitted", "not in a position", "not comfortable", "not willing",
    "not going", "not designed", "not programmed", "prohibited from", "unwilling",
)  # fmt: skip
_CANNOT = _any(
    rf"(?:{_ADVERB} )?can(?: ?not|'t|t)", "won't", "will not", "(?:do not|don't) feel comfortable",
    rf"(?:am|are|'m|'re|was|were)(?: {_ADVERB})* {_UNABLE}",
    r"(?:must|have to|need to|'ll have to|will have to)(?: \w+ly)? (?:decline|refuse|refrain)",
    "(?:respectfully |politely )?(?:decline|refuse)",
    "(?:do not|don't) have (?:access|the ability|the capability|permission)",
    "(?:'d|would) (?:rather|prefer) not", "prefer not to",
)  # fmt: skip
_APOLOGY = re.compile(
    r"^\W*" + _any(
        "(?:(?:i'?m|i am|we'?re|we are)? ?(?:very |so |really |deeply |truly |terribly )?sorry)",
        "(?:i |we |my |our )?(?:sincere(?:ly)? )?apolog(?:y|ies|i[sz]e)", "unfortunately", "regrettably", "i regret",
        "regretfully", "i'?m afraid", "i am afraid", "thank you", "as an? ", "due to",
        "for (?:safety|copyright|legal|policy)", "while i ", "although i ", "i (?:appreciate|understand|see|notice)",
    )
)  # fmt: skip
"""How a polite refusal begins."""

_ROOTS = (
    " i ", "i'm", "i'd", "i'll", " we ", "we're", "my ", "you ", "unable", "cannot", "can't", "can not", "won't",
    "could not", "couldn't", "not able", "not be ", "refus", "declin", "sorry", "apolog", "unfortunately", "regrettabl",
    "impossible", "failed to", "violate", "against", " ai", "claude", "chatbot", "assistant", "language model", "llm",
    "please", "kindly", "article", "content", "text", "document", "passage", "paragraph", "input", "denied", "rejected",
    "enough", "insufficient",
)  # fmt: skip
"""Letters of which every text that one of the patterns below matches has some. Looking for them takes a tenth of the
time of the patterns."""

_FIRST_PERSON = re.compile(rf"\b(?:i|we) ?{_CANNOT}\b.{{0,60}}?\b{_TASK}")
_I_CANNOT = re.compile(
    rf"^(?:(?!\b(?:why|that|what|which|who|because|when|if|so)\b).){{0,60}}?\bi ?{_CANNOT}\b.{{0,60}}?\b{_TASK}"
)
"""In a main clause: "the reason why I cannot do that" is said by a person."""
_THE_MODEL = re.compile(
    r"\b(?:the|this|our) (?:ai |language )?(?:model|assistant|system|ai|service|chatbot)"
    rf" {_CANNOT}\b.{{0,40}}?\b{_TASK}"
)
_CANNOT_AT_ALL = re.compile(rf"\b(?:i|we) ?{_CANNOT}\W*$")
_DECLINE = re.compile(
    r"\bappropriate for me to\b|\bi(?:'ll| will| must| have to| need to|'m going to have to)?(?: \w+ly)? "
    rf"(?:decline|refuse)(?:\W*$| to {_TASK}| (?:this|that|the|your) (?:request|task)\b)"
)
_AI = _any(
    "ai", r"a\.i\.", "artificial intelligence", "(?:large )?language model", "llm", "assistant", "chatbot"
)  # fmt: skip
_AI_SPEAKS = re.compile(
    r"(?:^|\b(?:but|and|because|since|that) )\W*"
    rf"(?:as an? {_AI}(?: (?:large )?(?:language )?(?:model|assistant|system))*"
    r"(?: (?:developed|created|made|trained) by \w+)?,? (?:i|my|it)\b"
    rf"|i(?: am|'m) (?:only |just )?(?:an? {_AI}\b|claude\b))"
    r"|\bmy (?:training data|knowledge cut-?off|(?:safety |content |usage )?guidelines|programming|content policy)\b"
)
_NO_SUBJECT = re.compile(
    r"^\W*"
    + _any(
        "(?:unable|not able|failed|impossible) to", "can(?:not|'t)", "could not", "refus(?:ed|ing) to",
        "declin(?:ed|ing) to", "request (?:refused|declined|denied|rejected)",
    )
    + rf"\b ?(?:be )?(?:{_TASK}\w*)?"
)  # fmt: skip
_NOT_DONE = re.compile(
    r"^\W*(?:(?:sorry|unfortunately|regrettably|however|i'm sorry)\W+(?:but )?)?"
    r"(?:(?:due to|because of|for) [^,]{0,60}, )?"
    r"(?:(?:the|this|that|your|a|an) )?(?:\w+ )?"
    + _any("article", "text", "content", "request", "summary", "translation", "abstract", "paragraph", "document")
    + r" (?:(?:can|will|could) ?not|can't|couldn't|won't|(?:is|was) not able to) be (?:\w+ly )?"
    + _DONE
    + r"(?:\W*$|,? (?:because|due|as|since|by me|at this time|here)\b)"
    r"|^\W*this (?:content|article|text|request|topic) (?:violates|may violate|goes against|is against)\b"
)
_ALONE = re.compile(
    r"\W*(?:refused|declined|i (?:refuse|decline)|(?:i'm |i am )?(?:very |so )?sorry"
    r"|i apologi[sz]e|(?:my )?apologies)\W*"
)
"""Nothing but the word of a refusal or an apology."""

_GIVEN_TEXT = _any(
    "articles?", "texts?", "contents?", "documents?", "passages?", "paragraphs?", "input", "source"
)  # fmt: skip
_GIVE = _any("provide", "share", "paste", "send", "upload", "supply", "attach", "include", "insert", "resend", "submit")
_GIVEN = _any(
    "provided", "given", "supplied", "included", "attached", "submitted", "received", "shared", "present"
)  # fmt: skip
_REQUEST = re.compile(
    "|".join((
        r"\b(?:please|kindly|(?:could|can|would) you(?: please)?|if you (?:can|could|would))"
        rf" {_GIVE}(?: me| us)?(?: with)?(?: the| an| a| your| more| its| some| any)?"
        rf"(?: \w+){{0,4}}? (?:{_GIVEN_TEXT}|here)\b",
        rf"\b(?:please|kindly) {_GIVE}(?: it| that| this| one)?(?: again)?\W*$",
        r"\b(?:i|we) (?:do not|don't|cannot|can't|could not|couldn't|did not|didn't) (?:actually )?"
        r"(?:see|find|have|receive|detect|locate|get) (?:access to )?(?:an?|any|the|your)(?: \w+){0,3}?"
        r" (?:article|text|content|document|passage|input|attachment|file)s?\b",
        r"\byou (?:have not|haven't|did not|didn't|forgot to) (?:actually )?"
        rf"(?:provide|share|include|paste|attach|send)d?(?: (?:me|us|with|an?|any|the|your|actual))*"
        rf" (?:{_GIVEN_TEXT}|anything)\b",
        r"\bno (?:\w+ ){0,2}?(?:article|text|content|input|document|passage|paragraph)s?(?: \w+)?"
        rf" (?:(?:was|were|is|has been|have been|(?:appears|seems) to have been) )?(?:actually )?{_GIVEN}\b",
        r"^\W*(?:there (?:is|was) |i see )no (?:\w+ )?(?:article|text|content|input|document)"
        r" (?:to|in|provided|here)\b",
        r"\bthe (?:provided |given |supplied )?(?:article|text|content|input|document|message)(?: \w+)?"
        r" (?:is|appears(?: to be)?|seems(?: to be)?|was) (?:empty|blank|missing)\W*(?:$|and\b|so\b|please\b)",
        r"^\W*(?:(?:sure|certainly|of course|absolutely)\W+)?i(?:'d| would) be (?:happy|glad) to"
        r" (?:help|assist|summari|translat)",
        r"\bthe (?:provided|given|supplied|submitted) (?:article|text|content|input|document|message)"
        r" (?:does not|doesn't|did not) (?:contain|include|have)"
        r" (?:an?|any|the)(?: \w+)? (?:article|text|content)s?\W*$",
        r"^\W*(?:there (?:is|was) )?(?:not enough|insufficient) (?:information|content|text|context|data)\b"
        r".{0,30} to (?:\w+ a )?(?:summar|translat|extract|provide|create|generate)",
        r"\b(?:what|which) (?:article|text|document) (?:would|do) you (?:like|want)",
    ))
)  # fmt: skip


def may_be_no_answer(text: str) -> bool:
    """Quick check: false only if a text neither refuses nor asks for the article."""
    plain = _plain(text)
    return _may_match(plain) or _foreign().search(plain) is not None


def refusal(text: str) -> str | None:
    """The words with which the model refuses its task; None when the text does not refuse."""
    plain = _plain(text)
    if (foreign := _foreign().search(plain)) is not None:
        return foreign[0].strip()
    if not _may_match(plain):
        return None
    if _ALONE.fullmatch(plain):
        return plain.strip()
    apologised = False
    for sentence in _own_sentences(plain):
        apologised = apologised or _APOLOGY.search(sentence) is not None
        if not _ATTRIBUTED.search(sentence) and _refuses(sentence, apologised=apologised):
            return sentence
    return None


def request_for_text(text: str) -> str | None:
    """The words with which the model asks for an article, or says that it was given none; None when there are none."""
    plain = _plain(text)
    for sentence in _own_sentences(plain) if _may_match(plain) else ():
        if (request := _REQUEST.search(sentence)) is not None and not _ATTRIBUTED.search(sentence):
            return request[0].strip()
    return None


def somebody_cannot(text: str, language: str) -> bool:
    """Whether in a text of the source, in its language or in English, somebody apologises or cannot do something. Then
    a faithful rendering of it may read like a refusal."""
    plain = caseless(text)
    for code in (language, "en"):
        cannot = pattern(code, "cannot") if may_have(plain, code, "cannot") else None
        if cannot is not None and cannot.search(text):
            return True
    return False


def _may_match(plain: str) -> bool:
    """Quick check: false only if no pattern for English matches."""
    padded = f" {plain} "
    return any(map(padded.__contains__, _ROOTS))


def _refuses(sentence: str, *, apologised: bool) -> bool:
    if _AI_SPEAKS.search(sentence) or _DECLINE.search(sentence) or _NOT_DONE.search(sentence):
        return True
    if _I_CANNOT.search(sentence) and _OBJECT.search(sentence):
        return True
    if apologised and (
        _FIRST_PERSON.search(sentence) or _THE_MODEL.search(sentence) or _CANNOT_AT_ALL.search(sentence)
    ):
        return True
    alone = _NO_SUBJECT.search(sentence)
    if alone is None or sentence.count(" ") >= _LONGEST_HEADLINE:
        return False
    return _OBJECT.search(sentence) is not None or not sentence[alone.end() :].strip(" .!…")


@cache
def _foreign() -> re.Pattern[str]:
    """Finds a refusal in another language than English, at the beginning of a text."""
    phrases = sorted({caseless(word) for _, kind, word in rows() if kind == "refusal"}, key=len, reverse=True)
    return re.compile(rf"^\W*(?:{'|'.join(map(re.escape, phrases))})")


@lru_cache(maxsize=64)  # several questions are asked about a text in a row
def _plain(text: str) -> str:
    return " ".join(caseless(text).replace("’", "'").split())


def _own_sentences(plain: str) -> list[str]:
    """The sentences of a text without the words in quotation marks; all of it when nothing else is left."""
    outside = _QUOTED.sub(" ", plain)
    if not re.search(r"\w", outside):
        outside = plain
    return [sentence for sentence in map(str.strip, _SENTENCE_END.split(outside)) if sentence]
