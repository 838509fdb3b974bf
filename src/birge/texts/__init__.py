"""Interface texts in English, Russian, Kazakh and Kyrgyz: messages, dates, numbers, units, names, alphabet.

Data flow: `LANG.po` beside this module → Babel's reader → gettext catalogue (once per language and process) →
`translator(lang)`. A message is its English text; `word` (choices in a plan), `field`, `table`, `record` and `unit`
are contexts whose message is the schema's own name. Dates, numbers and units are written by our own rules, because
CLDR's differ from the two states' usage (the Russian name of KGZ, signs of currencies).
"""

from __future__ import annotations

import gettext
import io
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

__all__ = [
    "LANGUAGES",
    "Translator",
    "catalogue_path",
    "country",
    "folded",
    "long_date",
    "number",
    "sort_key",
    "translator",
]

LANGUAGES = ("en", "ru", "kk", "ky")

# The Kazakh alphabet holds every letter of the Russian and the Kyrgyz one, in the same relative order.
ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
PLACE = {letter: k for k, letter in enumerate(ALPHABET)}

MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "ru": [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    "kk": [
        "қаңтар",
        "ақпан",
        "наурыз",
        "сәуір",
        "мамыр",
        "маусым",
        "шілде",
        "тамыз",
        "қыркүйек",
        "қазан",
        "қараша",
        "желтоқсан",
    ],
    "ky": [
        "январы",
        "февралы",
        "марты",
        "апрели",
        "майы",
        "июну",
        "июлу",
        "августу",
        "сентябры",
        "октябры",
        "ноябры",
        "декабры",
    ],
}
LONG = {
    "en": "{day} {month} {year}",
    "ru": "{day} {month} {year} года",
    "kk": "{year} жылғы {day} {month}",
    "ky": "{year}-жылдын {day}-{month}",
}
UNKNOWN = "ZZ"
PLAIN = str.maketrans("ёәғқңөұүһі", "еагкноуухи")
# CLDR calls KGZ "Киргизия" in Russian; one form of each name, never mixed.
COUNTRIES = {
    "KAZ": {"en": "Kazakhstan", "ru": "Казахстан", "kk": "Қазақстан", "ky": "Казакстан"},
    "KGZ": {"en": "Kyrgyzstan", "ru": "Кыргызстан", "kk": "Қырғызстан", "ky": "Кыргызстан"},
}


class Translator:
    """Texts of one language: call it with an English message, then fill the placeholders with `format`."""

    def __init__(self, lang: str, texts: gettext.GNUTranslations, reviewed: bool) -> None:
        self.lang = lang
        self.reviewed = reviewed
        self._texts = texts

    def __call__(self, message: str, **facts: object) -> str:
        """Return `message` in this language with its placeholders filled from `facts`."""
        text = self._texts.gettext(message)
        return text.format(**facts) if facts else text

    def plural(self, one: str, many: str, n: int) -> str:
        """Return the form that goes with `n`; the placeholder is `{n}`."""
        return self._texts.ngettext(one, many, n).format(n=number(n, self.lang))

    def named(self, context: str, name: str) -> str:
        """Return the text for a name of the schema (`word`, `field`, `table`, `record`, `unit`), or the name itself."""
        return self._texts.pgettext(context, name)

    def date(self, day: date) -> str:
        """Return a short date: 2026-11-30 in English, 30.11.2026 elsewhere."""
        return day.isoformat() if self.lang == "en" else f"{day.day:02d}.{day.month:02d}.{day.year:04d}"

    def country(self, code: str) -> str:
        """Return the short name of a country, or the code where none is known (see `country`)."""
        return country(code, self.lang)

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number with this language's separators."""
        return number(value, self.lang, decimals)


@cache
def translator(lang: str) -> Translator:
    """Return the texts of `lang`, one of `LANGUAGES`; raises ValueError for another language."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    if lang not in LANGUAGES:
        raise ValueError(f"{lang!r} is none of {', '.join(LANGUAGES)}")
    with catalogue_path(lang).open("rb") as file:
        catalogue = read_po(file, locale=lang)
    packed = io.BytesIO()
    write_mo(packed, catalogue)
    packed.seek(0)
    reviewed = "X-Review-State: unreviewed" not in catalogue_path(lang).read_text("utf-8")
    return Translator(lang, gettext.GNUTranslations(packed), reviewed)


def catalogue_path(lang: str) -> Path:
    """Return where the catalogue of `lang` lies."""
    return Path(__file__).with_name(f"{lang}.po")


def long_date(day: date, lang: str) -> str:
    """Return a date with the month's name: 30 November 2026, 30 ноября 2026 года, 2026 жылғы 30 қараша."""
    return LONG[lang].format(day=day.day, month=MONTHS[lang][day.month - 1], year=day.year)


def number(value: float, lang: str, decimals: int = 0) -> str:
    """Return a number: 1,234.5 in English, 1 234,5 (no-break space, comma) in the other languages."""
    text = f"{value:,.{decimals}f}"
    return text if lang == "en" else text.replace(",", "\u00a0").replace(".", ",")


def country(code: str, lang: str) -> str:
    """Return the short name of the country with ISO 3166 alpha-3 `code`, or the code where none is known."""
    if code in COUNTRIES:
        return COUNTRIES[code][lang]
    from babel import Locale
    from babel.core import get_global

    short = get_global("territory_aliases").get(code, [""])[0]
    return code if short == UNKNOWN else str(Locale.parse(lang).territories.get(short, code))


def folded(text: str) -> str:
    """Return a text as it is compared: small letters, without the marks and letters that a keyboard may lack."""
    return unicodedata.normalize("NFKC", text).casefold().translate(PLAIN)


def sort_key(lang: str) -> Callable[[str], tuple[object, ...]]:
    """Return a key that sorts texts of `lang` by its alphabet: ә after а, ң after н (Python puts them last).

    Signs and digits come first, then Latin, then Cyrillic letters; capitals count as small ones.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"{lang!r} is none of {', '.join(LANGUAGES)}")

    def key(text: str) -> tuple[object, ...]:
        return tuple(_rank(letter) for letter in text.casefold()), text

    return key


def _rank(letter: str) -> tuple[int, int]:
    if letter in PLACE:
        return 3, PLACE[letter]
    return (2 if letter > "я" else 1 if letter.isalpha() else 0), ord(letter)
