"""A number in words is read whole, with its value, or not at all."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.evidence.figures import find
from dragoman.evidence.figures.grammar import grammar
from dragoman.evidence.figures.spelled import Form, State, Words, close, rows, spelling, step, words

LANGUAGES = sorted(
    file.name.removesuffix(".tsv")
    for file in (files("dragoman") / "data" / "spelled").iterdir()
    if file.name.endswith(".tsv")
)


def values(text: str, language: str) -> list[Decimal | None]:
    return [q.value for q in find(text, language) if q.kind not in ("ordinal", "date")]


READ = [
    ("de", "Die Brücke kostet zweihundertfünfzig Millionen Euro.", 250_000_000),
    ("de", "Sie kostet zwei-hundert-fünfzig Millionen Euro.", 250_000_000),
    ("de", "vier tausend vier hundert Tage", 4_400),
    ("de", "ein\u00adund\u00adachtzig Betriebe", 81),
    ("nl", "een\u00aden\u00adnegentig miljard euro", 91_000_000_000),
    ("it", "sei\u00adcento abitanti", 600),
    ("it", "nove miliardi, duecento milioni e tre­centomila euro", 9_200_300_000),
    ("pt", "oito mil, trezentos e trinta e um casos", 8_331),
    ("pt", "dois milhões, vinte e nove mil, seiscentos e um votos", 2_029_601),
    ("sw", "Watu elfu tisa, sabini na tatu walihudhuria.", 9_073),
    ("ro", "cinci sute șaisprezece mii de oameni", 516_000),
    ("ro", "paisprezece miliarde de lei", 14_000_000_000),
    ("lv", "simtu viens tūkstotis cilvēku", 101_000),
    ("kn", "ಮೂವತ್ಏಳು ಜನರು", 37),
    ("zh-Hans", "罚款陆拾伍万元", 650_000),
    ("zh-Hant", "貨款壹佰參拾貳元", 132),
    ("zh-Hant", "貨款陸佰元", 600),
    ("zh-Hant", "貨款陸萬貳仟壹佰貳拾貳元", 62_122),
    ("zh-Hans", "罚款参万元", 30_000),
    ("te", "పదునయిదు మంది", 15),
    ("sl", "trije milijoni štiristo tisoč evrov", 3_400_000),
    ("nl", "Er kwamen vijfentwintigduizend mensen naar het plein.", 25_000),
    ("en", "One hundred and five people came.", 105),
    ("en", "two thousand, two hundred and seven tonnes", 2_207),
    ("en", "a quarter of a million people", 250_000),
    ("fr", "Le plan coûtera une vingtaine de milliards d’euros.", 20_000_000_000),
    ("fr", "quatre-vingt-dix-sept mille personnes", 97_000),
    ("es", "dos mil trescientos cuarenta y cinco millones de pesos", 2_345_000_000),
    ("es", "El gobierno destinará 2 mil 345 millones de pesos.", 2_345_000_000),
    ("it", "La città ha 1 milione e 200mila abitanti.", 1_200_000),
    ("pt", "vinte e três mil e duzentas pessoas", 23_200),
    ("ro", "două sute de mii de oameni", 200_000),
    ("ro", "şaizeci şi patru de ani", 64),
    ("pl", "W wiecu wzięło udział ćwierć miliona osób.", 250_000),
    ("pl", "dwadzieścia jeden tysięcy osób", 21_000),
    ("ru", "Помощь окажут пятистам девяноста шести семьям.", 596),
    ("ru", "Сбор превысил 1 тыс. 250 рублей.", 1_250),
    ("uk", "двадцять п’ять тисяч осіб", 25_000),
    ("tr", "Depremde 53 bin 537 kişi hayatını kaybetti.", 53_537),
    ("tr", "on iki bin kişi", 12_000),
    ("az", "iyirmi beş min nəfər", 25_000),
    ("hu", "kétszázezer ember", 200_000),
    ("fi", "kaksisataaviisikymmentä ihmistä", 250),
    ("vi", "Dự án có vốn mười lăm triệu đô la.", 15_000_000),
    ("vi", "hai trăm linh năm người", 205),
    ("vi", "hai mươi năm", 20),
    ("id", "seratus dua puluh orang", 120),
    ("sw", "Watu elfu kumi walihudhuria.", 10_000),
    ("sw", "Watu mia mbili walifariki katika ajali.", 200),
    ("sw", "shilingi milioni tano", 5_000_000),
    ("ar", "حضر مائتا ألف شخص.", 200_000),
    ("ar", "ملياري دولار", 2_000_000_000),
    ("ar", "خصصت الحكومة مليارا دولار للمشروع.", 2_000_000_000),
    ("ar", "مليونا شخص", 2_000_000),
    ("ar", "حضر ألفا طالب.", 2_000),
    ("ar", "تريليونا ليرة", 2_000_000_000_000),
    ("ar", "بلغ الإنفاق مليارا و200 مليون دولار.", 1_200_000_000),
    ("ar", "بلغ العدد مليونا وخمسمئة ألف.", 1_500_000),
    ("ar", "أحد عشر مليارا", 11_000_000_000),
    ("ar", "ملياران و200 مليون دولار", 2_200_000_000),
    ("he", "נהרגו עשרים ושלושה בני אדם.", 23),
    ("fa", "بیست و پنج هزار نفر", 25_000),
    ("hi", "योजना पर साढ़े 3 करोड़ रुपये खर्च होंगे।", 35_000_000),
    ("bn", "১ হাজার ২০০ কোটি টাকা", 12_000_000_000),
    ("te", "రెండు వందల యాభై మంది", 250),
    ("kn", "ಇನ್ನೂರ ಐವತ್ತು ಜನರು", 250),
    ("th", "สองแสนห้าหมื่นคน", 250_000),
    ("ko", "십이만 오천 명이 대피했다.", 125_000),
    ("ko", "만 5천 명이 대피했다.", 15_000),
    ("ko", "집값이 1억5천 올랐다.", 150_000_000),
    ("zh-Hans", "法院判处罚款叁拾万元。", 300_000),
    ("zh-Hans", "合同金额为玖仟陆佰陆拾伍圆。", 9_665),
    ("zh-Hans", "这套房每平方米13万2。", 132_000),
    ("ka", "ორასი ორმოცდაათი ადამიანი", 250),
    ("sr", "dve hiljade trista ljudi", 2_300),
    ("sr", "две хиљаде триста људи", 2_300),
]


@pytest.mark.parametrize(("language", "text", "value"), READ, ids=lambda cell: str(cell)[:30])
def test_a_number_in_words_is_read_as_a_whole(language: str, text: str, value: int) -> None:
    assert values(text, language) == [Decimal(value)]


SILENT = [
    ("ar", "خسرت مليارا كاملا.", "one or two, before a word that is no unit"),
    ("en", "twenty thirty people", "two numbers side by side"),
    ("it", "nove milioni e centosettantamiladicotto abitanti", "a word that goes on otherwise"),
    ("ru", "двадцать пятый этаж", "an ordinal"),
    ("de", "Es waren zwanzigste Jahre.", "an ordinal in one word"),
    ("vi", "hai mươi ba mươi người", "two numbers side by side"),
    ("vi", "người thứ bảy mươi hai", "an ordinal that begins like a day of the week"),
    ("th", "ที่แปดร้อยเจ็ดสิบสี่", "an ordinal"),
    ("id", "tahun keseratus tujuh puluh tiga", "an ordinal in several words"),
    ("id", "ketujuh ratus empat puluh tujuh", "an ordinal in several words"),
    ("ms", "kelapan ratus lima puluh lima", "an ordinal in several words"),
    ("ko", "이백사십오째 날", "an ordinal by its ending"),
    ("ja", "二百三十番目の駅", "an ordinal by its ending"),
    ("no", "nihundre åttiførste dag", "an ordinal in two words"),
    ("da", "fem hundrede og tredje dag", "an ordinal in several words"),
    ("sv", "ettusen sjuhundra trettonde dagen", "an ordinal in several words"),
    ("sw", "elfu mbili elfu tatu", "two numbers side by side"),
    ("en", "a few hundred people", "no value"),
    ("ko", "이 일은 오래 걸렸다.", "syllables that are other words"),
    ("zh-Hans", "大陆居民参加了会议。", "digits of bankers that are other words"),
    ("zh-Hans", "大陆万科公司", "a digit of bankers before a scale that is a name"),
]


@pytest.mark.parametrize(("language", "text", "why"), SILENT, ids=lambda cell: str(cell)[:40])
def test_no_part_of_what_makes_no_number_is_read(language: str, text: str, why: str) -> None:
    assert [value for value in values(text, language) if value is not None] == [], why


def complete(state: State) -> bool:
    return not state.is_joined and state.last != "o" and close(state) is not None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "€386 million, two more than before"),
        ("pt", "venderam dois mil, três a mais"),
        ("it", "duemila milioni, due in più"),
    ],
)
def test_a_small_number_after_a_comma_is_another_number(language: str, text: str) -> None:
    """A comma inside a number stands before hundreds or a scale."""
    assert len(values(text, language)) == 2


@st.composite
def spelled_numbers(draw: st.DrawFn, language: str) -> tuple[str, Decimal]:
    """Words of the table in a row that make a number, and their value."""
    read = rows(language)
    assert read is not None
    pairs = [(word, form) for word, forms in sorted(read[0].items()) for form in forms if form.kind not in "ojip"]
    table = words(language)
    assert table is not None
    state, chosen = State(), []
    for _ in range(draw(st.integers(1, 6))):
        possible = [(word, after) for word, form in pairs if (after := step(state, form, repeats=table.repeats))]
        if not possible:
            break
        word, state = draw(st.sampled_from(possible))
        chosen.append(word)
    if not complete(state):
        return "", Decimal(0)
    closed = close(state)
    assert closed is not None
    separators = st.just("") if not table.is_spaced else st.sampled_from([" ", "-", "\u00ad"])
    return draw(separators).join(chosen), closed.total()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_spelled_number_is_never_read_in_part(language: str) -> None:
    """The law of whole or silent: whatever the words of a number are, `find` gives one number for all of them or none.

    The number must be one that the words can mean; some words in a row have two meanings (elfu kumi na mbili).
    """
    table = words(language)
    assert table is not None

    @settings(max_examples=60)
    @given(spelled_numbers(language))
    def law(number: tuple[str, Decimal]) -> None:
        text, _ = number
        found = [q for q in find(text, language) if q.kind not in ("ordinal", "date")]
        assert len(found) <= 1, (text, found)
        if found:
            assert (found[0].start, found[0].end) == (0, len(text)), (text, found)
            # A plural may also be too vague to have a value: kymmenien is "of ten" and "of tens".
            is_vague = found[0].value is None and text in grammar(language).lexicon.place("many")
            assert is_vague or found[0].value in meanings(spelling(text, language), table), (text, found)

    law()


def meanings(letters: str, table: Words) -> set[Decimal]:
    from dragoman.evidence.figures.spelled import parse

    return {state.total() for end, state, _ in parse(letters, table) if end == len(letters)}


def test_a_number_has_a_greatest_length() -> None:
    """A row of a thousand number words costs no more than its length."""
    assert values("two thousand " * 500, "en") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_of_a_table_are_well_formed(language: str) -> None:
    read = rows(language)
    assert read is not None
    for word, forms in read[0].items():
        assert word == spelling(word, language)
        for form in forms:
            assert form.kind in "uisbfcejop"
            assert form.value > 0 or form.kind in "uj"
            assert (form.kind in "ce") == (form.scale > 0)


def test_tens_take_units_and_hundreds_take_tens() -> None:
    twenty, five, hundred = (Form(kind, Decimal(value)) for kind, value in (("u", 20), ("u", 5), ("s", 100)))
    state = State()
    for form in (five, hundred, twenty, five):
        after = step(state, form)
        assert after is not None
        state = after
    assert state.total() == 525
    assert step(state, five) is None
