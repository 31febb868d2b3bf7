"""Phrases of notices with their gaps filled, in one language: how each kind of value is read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from string import Formatter
from typing import Any

from connectors.readable.words import Words, phrases_of
from domain.durations import parse_duration
from domain.effects import Notice, Said
from domain.people import Language


class Phrases:
    """The notices' words in one language. In `{due_at:instant}` the part after the colon says how the value is read."""

    def __init__(self, language: Language, names: Mapping[str, str] | None = None) -> None:
        """Speak a language; `names` are those of people by key."""
        self._names = names or {}
        self.words = Words(phrases_of(language, "notices"))
        self._formatter = _Formatter(self._readings())

    def told(self, notice: Notice) -> tuple[str, str]:
        """Subject and body of a notice; its English ones where it has no phrase that this release knows."""
        if notice.phrase is None:
            return notice.subject, notice.body
        values = {"text": notice.body, **notice.values}
        try:
            return self.say(f"{notice.phrase}.subject", **values), self.say(f"{notice.phrase}.body", **values)
        except (KeyError, ValueError):  # a notice of a release with other phrases is told in English, and never lost
            return notice.subject, notice.body

    def say(self, key: str, **values: Said | Sequence[str]) -> str:
        """A phrase with its gaps filled."""
        return self._formatter.vformat(self.words[key], (), values)

    def _readings(self) -> Mapping[str, Callable[[Any], str]]:
        words = self.words
        named = {
            reading: _by_group(words, group)
            for reading, group in {
                "task": "task",
                "alert": "alert",
                "basis": "basis",
                "decision": "decision",
                "state": "state",
                "rejection": "rejection",
                "trigger": "trigger",
            }.items()
        }
        return named | {
            "instant": self._instant,
            "day": lambda value: self._date(date.fromisoformat(value)) if value else "–",
            "length": lambda value: words.length(parse_duration(value)) if value else "–",
            "figure": words.figure,
            "money": lambda value: words.money(Decimal(value), "").strip(),
            "days": lambda value: words.counted("days", int(value)),
            "times": lambda value: words.counted("times", int(value)),
            "messages": lambda value: words.counted("messages", int(value)),
            "milestones": lambda value: words.counted("milestones", int(value)),
            "list": lambda value: ", ".join(_parts(value)) or words["nothing"],
            "people": lambda value: ", ".join(self._who(each) for each in _parts(value)) or words["none"],
            "who": self._who,
            "roles": lambda value: ", ".join(self._who(each) for each in _parts(value)) or words["none"],
            "reasons": lambda value: ", ".join(words.name("reason", each) for each in _parts(value)),
            "decisions": lambda value: "; ".join(self._counted_by(each, "role", "decision") for each in _parts(value)),
            "kinds": lambda value: ", ".join(self._counted_by(each, "kind", "") for each in _parts(value)),
            "in_brackets": lambda value: f" ({value})" if value else "",
        }

    def _instant(self, value: str) -> str:
        if not value:
            return "–"
        at = datetime.fromisoformat(value)
        return at.strftime(self.words["instant"]).format(weekday=self.words[f"weekday.{at.weekday()}"])

    def _date(self, day: date) -> str:
        return day.strftime(self.words["day"])

    def _who(self, key: str) -> str:
        """A person's name, else what a role is called."""
        return self._names.get(key) or self.words.name("role", key)

    def _counted_by(self, pair: str, left: str, right: str) -> str:
        name, _, value = pair.partition(": ")
        return f"{self.words.name(left, name)}: {self.words.name(right, value)}"


class _Formatter(Formatter):
    """Fills gaps, and reads each value as its phrase says."""

    def __init__(self, readings: Mapping[str, Callable[[Any], str]]) -> None:
        self._readings = readings

    def format_field(self, value: Any, format_spec: str) -> str:
        """One value as text."""
        return self._readings[format_spec](value) if format_spec else str(value)


def _by_group(words: Words, group: str) -> Callable[[str], str]:
    return lambda code: words.name(group, code)


def _parts(value: str | Sequence[str]) -> Sequence[str]:
    return [part for part in value.split(", ") if part] if isinstance(value, str) else value
