"""The words of a readable agreement or report in one language: labels, names of what is known by a code, numbers, counted things."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from connectors.documents import read_yaml
from domain.durations import format_duration

Language: TypeAlias = Literal["pl", "en"]

_OF_A_SHARE = re.compile(r"\.(\d{4})(?= %)")
"""The decimals of a share that was promised or achieved; figures with fewer stand in columns, each with as many."""

TEMPLATES = Path(__file__).parent.parent / "templates"


class Words:
    """The phrases of a language by key, and how it writes what it counts.

    A name that people chose (a milestone, a reason) is put into words where the language knows it and stands as it is where not.
    """

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self._phrases = phrases

    def __getitem__(self, key: str) -> str:
        """The phrase of a key."""
        return self._phrases[key]

    def say(self, key: str, **values: object) -> str:
        """A phrase with its gaps filled."""
        return self._phrases[key].format(**values)

    def labels(self, *keys: str) -> tuple[str, ...]:
        """The phrases of several keys, such as the head of a table."""
        return tuple(self._phrases[key] for key in keys)

    def name(self, group: str, code: str) -> str:
        """What a code of this group is called; the code itself if people made it up."""
        return self._phrases.get(f"{group}.{code}", code)

    def names(self, group: str, codes: Iterable[str]) -> str:
        """What several codes are called; "none" if there are none."""
        return ", ".join(self.name(group, code) for code in codes) or self["none"]

    def optional(self, value: object | None) -> str:
        """A value, or that nobody answered."""
        return str(value) if value is not None else self["no_answer"]

    def yes_or_no(self, *, answer: bool) -> str:
        """An answer of one word."""
        return self["yes" if answer else "no"]

    def counted(self, key: str, count: int) -> str:
        """So many of something: a language may have a form for one, one for 2 to 4 (Polish also 22 to 24 …), one for the rest."""
        few = count % 10 in {2, 3, 4} and count % 100 not in {12, 13, 14}
        form = "one" if count == 1 else "few" if few and f"{key}.few" in self._phrases else "many"
        return self.say(f"{key}.{form}", count=count)

    def number(self, value: Decimal) -> str:
        """A number as exact as it was given."""
        return f"{value:f}".replace(".", self["decimal_mark"])

    def figure(self, shown: str | None) -> str:
        """A figure that was cut off for people, with this language's decimal mark; a dash where there is none.

        Zeros at the end of a share of four decimals are left out, `92.5000 %` is 92.5 %: what is cut off stays cut off, never rounded up.
        """
        if shown is None:
            return "–"
        return _OF_A_SHARE.sub(lambda found: f".{found[1]}".rstrip("0").rstrip("."), shown).replace(".", self["decimal_mark"])

    def minutes(self, minutes: float) -> str:
        """Minutes to the hundredth, cut off, without decimals that say nothing."""
        cut = Decimal(str(minutes)).quantize(Decimal("0.01"), ROUND_DOWN)
        return self.number(cut.quantize(Decimal(1)) if cut == cut.to_integral_value() else cut)

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount to the hundredth, in groups of thousands, with its currency."""
        marks = str.maketrans({",": self["thousands_mark"], ".": self["decimal_mark"]})
        return f"{amount:,.2f}".translate(marks) + f" {currency}"

    def length(self, length: timedelta) -> str:
        """A length of time: `4 h 30 min`, the same in every language."""
        parts = re.findall(r"(-?\d+)([hms])", format_duration(length))
        return " ".join(f"{count} {'min' if unit == 'm' else unit}" for count, unit in parts)


Book: TypeAlias = Literal["words", "report", "notices", "plain", "backtest", "proof"]


@lru_cache
def phrases_of(language: Language, book: Book = "words") -> Mapping[str, str]:
    """The phrases of a language by key, for agreements, reports or notices, or in plain words; every language has the same keys."""
    phrases: dict[str, str] = read_yaml(TEMPLATES / f"{book}.{language}.yaml").value
    return phrases
