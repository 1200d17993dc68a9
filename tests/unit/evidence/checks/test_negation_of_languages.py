"""Negation and speech in 26 languages: one clause that denies, one that does not, and a phrase that only looks
like a denial."""

from __future__ import annotations

import pytest

from dragoman.evidence.checks.negation import compare_negation
from dragoman.evidence.cue_words import denials, pattern
from dragoman.evidence.left_out import is_negated

CLOSES, STAYS, MORE = "The plant will close.", "The plant will not close.", "The plant makes glass and steel."

DENIES = {
    "hr": "Tvornica neće biti zatvorena.",
    "sr": "Фабрика неће бити затворена.",
    "sr-Latn": "Fabrika nije zatvorena.",
    "sk": "Závod nebude zatvorený.",
    "sl": "Tovarna ne bo zaprta.",
    "ca": "La fàbrica no tancarà.",
    "gl": "A fábrica non pechará.",
    "af": "Die fabriek sal nie sluit nie.",
    "fil": "Hindi isasara ang pabrika.",
    "ka": "ქარხანა არ დაიხურება.",
    "hy": "Գործարանը չի փակվի։",
    "az": "Zavod bağlanmayacaq.",
    "kk": "Зауыт жабылмайды.",
    "uz": "Zavod yopilmaydi.",
    "uz-Cyrl": "Завод ёпилмайди.",
    "sv": "Fabriken kommer inte att stängas.",
    "da": "Fabrikken bliver ikke lukket.",
    "no": "Fabrikken blir ikke stengt.",
    "nn": "Fabrikken blir ikkje stengd.",
    "fi": "Tehdasta ei suljeta.",
    "et": "Tehast ei suleta.",
    "lv": "Rūpnīca netiks slēgta.",
    "lt": "Gamykla nebus uždaryta.",
    "hu": "A gyár nem zár be.",
    "ro": "Fabrica nu se va închide.",
    "el": "Το εργοστάσιο δεν θα κλείσει.",
    "bg": "Заводът няма да затвори.",
    "mk": "Фабриката нема да се затвори.",
    "sq": "Fabrika nuk do të mbyllet.",
}
"""The plant will not close. A region or script is part of the id only; the tables are those of the language."""

STATES = {
    "hr": "Tvornica će biti zatvorena u petak.",
    "sr": "Фабрика ће бити затворена у петак.",
    "sk": "Závod zatvoria v nedeľu.",
    "sl": "Tovarno bodo zaprli v petek.",
    "ca": "La fàbrica tancarà divendres.",
    "gl": "A fábrica pechará o venres.",
    "af": "Die fabriek sal Vrydag sluit.",
    "fil": "Isasara ang pabrika ni Ana Reyes sa Biyernes.",
    "ka": "ქარხანა პარასკევს დაიხურება, ეს კარგი არის.",
    "hy": "Գործարանը կփակվի չորեքշաբթի, Չինաստանում։",
    "az": "Zavod cümə günü bağlanacaq, dəmir və namaz haqqında.",
    "kk": "Зауыт жұма күні жабылады, маған айтты.",
    "uz": "Zavod juma kuni yopiladi.",
    "sv": "Fabriken stängs på fredag, enligt inspektören.",
    "da": "Fabrikken lukker på fredag.",
    "no": "Fabrikken stenger på fredag.",
    "fi": "Tehdas suljetaan perjantaina, kiistanalainen päätös.",
    "et": "Tehas suletakse reedel.",
    "lv": "Rūpnīcu slēgs piektdien, nedēļas beigās.",
    "lt": "Gamykla bus uždaryta penktadienį, nes taip pigiau nei anksčiau.",
    "hu": "A gyár pénteken bezár, ez kizárólag a nemzeti piacot érinti.",
    "ro": "Fabrica se închide vineri, după negocieri.",
    "el": "Το εργοστάσιο κλείνει την Παρασκευή.",
    "bg": "Заводът затваря в неделя, това е изключително важно.",
    "mk": "Фабриката се затвора во недела.",
    "sq": "Fabrika mbyllet të premten pas takimit.",
}
"""The plant will close, with words that begin or end like a denial: nedeľu (Sunday), Չինաստան (China), dəmir (iron)."""

NOT_ONLY = {
    "hr": "Tvornica proizvodi ne samo staklo nego i čelik.",
    "sr": "Фабрика производи не само стакло него и челик.",
    "sk": "Závod vyrába nielen sklo, ale aj oceľ.",
    "sl": "Tovarna proizvaja ne le steklo, ampak tudi jeklo.",
    "ca": "La fàbrica fa no només vidre, sinó també acer.",
    "gl": "A fábrica fai non só vidro, senón tamén aceiro.",
    "af": "Die fabriek maak nie net glas nie slegs vir die land.",
    "fil": "Gumagawa ang pabrika hindi lamang ng salamin kundi bakal din.",
    "ka": "ქარხანა აწარმოებს არა მხოლოდ მინას, არამედ ფოლადს.",
    "hy": "Գործարանն արտադրում է ոչ միայն ապակի, այլ նաև պողպատ։",
    "az": "Zavod təkcə yox, şüşə ilə yanaşı polad istehsal edir.",
    "kk": "Зауыт шыны ғана емес, болат та шығарады.",
    "uz": "Zavod nafaqat shisha, balki po'lat ham ishlab chiqaradi.",
    "sv": "Fabriken tillverkar inte bara glas utan också stål.",
    "da": "Fabrikken laver ikke kun glas, men også stål.",
    "no": "Fabrikken lager ikke bare glass, men også stål.",
    "fi": "Tehdas valmistaa ei vain lasia vaan myös terästä.",
    "et": "Tehas toodab mitte ainult klaasi, vaid ka terast.",
    "lv": "Rūpnīca ražo ne tikai stiklu, bet arī tēraudu.",
    "lt": "Gamykla gamina ne tik stiklą, bet ir plieną.",
    "hu": "A gyár nem csak üveget, hanem acélt is készít.",
    "ro": "Fabrica produce nu doar sticlă, ci și oțel.",
    "el": "Το εργοστάσιο παράγει όχι μόνο γυαλί αλλά και χάλυβα.",
    "bg": "Заводът произвежда не само стъкло, но и стомана.",
    "mk": "Фабриката произведува не само стакло, туку и челик.",
    "sq": "Fabrika prodhon jo vetëm qelq, por edhe çelik.",
}

SPEAKS = {
    "hr": "Direktorica je rekla da tvornica radi.",
    "sr": "Директорка је рекла да фабрика ради.",
    "sk": "Riaditeľka povedala, že závod pracuje.",
    "sl": "Direktorica je dejala, da tovarna dela.",
    "ca": "La directora va dir que la fàbrica funciona.",
    "gl": "A directora dixo que a fábrica funciona.",
    "af": "Die direkteur het gesê die fabriek werk.",
    "fil": "Sinabi ng direktor na gumagana ang pabrika.",
    "ka": "დირექტორმა თქვა, რომ ქარხანა მუშაობს.",
    "hy": "Տնօրենն ասաց, որ գործարանն աշխատում է։",
    "az": "Direktor dedi ki, zavod işləyir.",
    "kk": "Директор зауыт жұмыс істейді деді.",
    "uz": "Direktor zavod ishlayapti, dedi.",
    "sv": "Direktören sade att fabriken är i drift.",
    "da": "Direktøren sagde, at fabrikken kører.",
    "no": "Direktøren sa at fabrikken går.",
    "nn": "Direktøren seier at fabrikken går.",
    "fi": "Johtaja sanoi, että tehdas toimii.",
    "et": "Direktor ütles, et tehas töötab.",
    "lv": "Direktore sacīja, ka rūpnīca strādā.",
    "lt": "Direktorė sakė, kad gamykla dirba.",
    "hu": "Az igazgató azt mondta, hogy a gyár működik.",
    "ro": "Directoarea a declarat că fabrica funcționează.",
    "el": "Η διευθύντρια είπε ότι το εργοστάσιο λειτουργεί.",
    "bg": "Директорката каза, че заводът работи.",
    "mk": "Директорката рече дека фабриката работи.",
    "sq": "Drejtoresha tha se fabrika punon.",
}

LANGUAGES = sorted(STATES)


@pytest.mark.parametrize("tag", sorted(DENIES))
def test_a_dropped_negation_is_told(tag: str) -> None:
    found = compare_negation(tag, DENIES[tag], CLOSES)
    assert found is not None
    assert found[0] == "polarity.dropped"


@pytest.mark.parametrize("tag", sorted(DENIES))
def test_a_negation_that_the_english_has_too_is_right(tag: str) -> None:
    assert compare_negation(tag, DENIES[tag], STAYS) is None


@pytest.mark.parametrize("tag", sorted(DENIES))
def test_what_a_quote_may_not_leave_out_is_known(tag: str) -> None:
    """The same clause is negated for the check of words that a quote leaves out."""
    assert is_negated(DENIES[tag], tag)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_statement_is_no_denial(tag: str) -> None:
    assert compare_negation(tag, STATES[tag], CLOSES) is None
    assert not is_negated(STATES[tag], tag)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_not_only_is_no_denial(tag: str) -> None:
    assert compare_negation(tag, NOT_ONLY[tag], MORE) is None


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_verb_of_saying_is_known(tag: str) -> None:
    """And a plain statement has none."""
    says = pattern(tag, "says")
    assert says is not None
    assert says.search(SPEAKS[tag])
    assert not says.search(DENIES[tag])


@pytest.mark.parametrize("tag", LANGUAGES)
def test_words_of_denial_are_known(tag: str) -> None:
    assert denials(tag) is not None
