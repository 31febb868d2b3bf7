"""The words of the pages in Polish and English: `api/templates/BOOK.LANGUAGE.yaml`, called `BOOK.key` in code and templates."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from connectors.documents import read_yaml
from connectors.readable.words import TEMPLATES as READABLE
from connectors.readable.words import Language, Words

TEMPLATES = Path(__file__).parent.parent / "templates"

_WITH_TIME = {"pl": "EEE d MMM y, HH:mm", "en": "EEE d MMM y, HH:mm"}


class PageWords(Words):
    """The phrases of all pages in one language, and how it writes instants and dates."""

    def __init__(self, language: Language, phrases: Mapping[str, str]) -> None:
        """Take the phrases by their full keys."""
        super().__init__(phrases)
        self.language: Language = language

    def called(self, group: str, code: object) -> str:
        """What a code is called, as the book of names has it; a code without a name is put into plain letters."""
        shown = str(code)
        name = self.name(f"names.{group}", shown)
        return name if name != shown else shown.replace("_", " ").lower()

    def codes(self, group: str) -> dict[str, str]:
        """What each code of a group is called, by code."""
        begin = f"names.{group}."
        return {key.removeprefix(begin): phrase for key, phrase in self._phrases.items() if key.startswith(begin)}

    def instant(self, at: datetime, zone: ZoneInfo) -> str:
        """An instant on the clocks of a zone, to the minute."""
        return format_datetime(at, _WITH_TIME[self.language], tzinfo=zone, locale=self.language)

    def when(self, at: date | datetime, zone: ZoneInfo) -> str:
        """An instant or a date, whichever it is."""
        return self.instant(at, zone) if isinstance(at, datetime) else self.day(at)

    def amount(self, amount: str, currency: str = "") -> str:
        """Money as the API writes it, such as `1530.00`, as this language does; without a currency where it stands elsewhere."""
        return self.money(Decimal(amount), currency).strip()

    def month(self, day: date) -> str:
        """A month by its name."""
        return format_date(day, "LLLL", locale=self.language)

    def weekday(self, day: date, *, wide: bool = False) -> str:
        """A day of the week, short or in full."""
        return format_date(day, "cccc" if wide else "cccccc", locale=self.language)

    def seconds(self, seconds: float) -> str:
        """A length of time, in words."""
        return self.length(timedelta(seconds=int(seconds)))

    def day(self, day: date) -> str:
        """A date."""
        return format_date(day, "EEE d MMM y", locale=self.language)


@lru_cache
def page_words(language: Language) -> PageWords:
    """The words of a language; every language has the same keys."""
    phrases: dict[str, str] = {}
    for path in sorted(TEMPLATES.glob(f"*.{language}.yaml")):
        book: dict[str, object] = read_yaml(path).value
        phrases |= {f"{path.name.split('.', maxsplit=1)[0]}.{key}": str(phrase) for key, phrase in book.items()}
    told: dict[str, str] = read_yaml(READABLE / f"notices.{language}.yaml").value
    # A task, a role or a reason is called in a mail what it is called on a page.
    phrases |= {
        f"names.{key}": phrase[:1].upper() + phrase[1:] for key, phrase in told.items() if key.startswith(("task.", "role.", "reason."))
    }
    for mark in ("decimal_mark", "thousands_mark", "none", "or", "no_answer", "yes", "no", "language"):  # what `Words` itself asks for
        phrases[mark] = phrases[f"page.{mark}"]
    return PageWords(language, phrases)
