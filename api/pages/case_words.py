"""Cases in words: their titles instead of keys, who was reminded of what, what billing was told."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from api.pages.words import PageWords
from domain.follow_ups.follow_up import FollowUpKind
from domain.follow_ups.follow_up import follow_up_id as id_of
from domain.human_tasks import NudgeKind
from domain.people import Role
from domain.registry_numbers import in_registry

_KINDS = {id_of(kind, "").partition(":")[0]: kind for kind in FollowUpKind}
_NUDGE = re.compile(rf"(?P<kind>{'|'.join(NudgeKind).lower()}) (?P<task>[A-Z_]+):\d+:(?P<whom>.+?)(#\d+)?")


def case_title(case_id: str, words: PageWords) -> str:
    """A follow-up by its kind, agreement and occasion; a case of another kind by its key, which has no parts."""
    prefix, *about = case_id.split(":")
    if prefix not in _KINDS or not about:
        return case_id
    return " · ".join((words.called("case", _KINDS[prefix]), in_registry(about[0]), *about[1:]))


def nudges_told(reason: str, words: PageWords, named: Callable[[str], str]) -> str:
    """What the trail says of reminders and escalations, in words; what is not of that form stands as it is."""
    return "; ".join(_nudge(each, words, named) for each in reason.split("; "))


def _nudge(told: str, words: PageWords, named: Callable[[str], str]) -> str:
    found = _NUDGE.fullmatch(told)
    if found is None:
        return told
    whom = found["whom"]
    who = words.called("role", whom) if whom in Role.__members__ else named(whom)
    said = words["cases." + found["kind"]]
    return f"{said}: {words.called('task', found['task'])} ({who})"


def in_words(content: Mapping[str, Any], words: PageWords) -> dict[str, Any]:
    """What a case is about with its instants as instants, codes as words, and of each note to billing when it was and how much."""
    read = {name: _READ[name](value, words) if name in _READ else value for name, value in content.items()}
    if "amount" in read and "currency" in read:
        read["amount"] = words.amount(str(read["amount"]), str(read.pop("currency")))
    return read


def _notes(notes: Iterable[Mapping[str, Any]], words: PageWords) -> list[dict[str, Any]]:
    return [{"at": datetime.fromisoformat(each["at"]), "amount": words.amount(each["amount"], each["currency"])} for each in notes]


def _instant(value: str, words: PageWords) -> datetime:
    del words  # the page writes it in its reader's zone
    return datetime.fromisoformat(value)


def _reasons(codes: Iterable[str], words: PageWords) -> str:
    return "; ".join(words.called("reason", each) for each in codes)


class PageLink(NamedTuple):
    """Something to read: what it is called, and the page it stands on; None where it has none."""

    shown: str
    leads_to: str | None


_OF_PACKS = (
    (re.compile(r"/registry/([^/?]+)/(?:reports/|results\?period=)([^/?&]+)"), "cases.to_read_report", "/pages/agreements/{0}/reports/{1}"),
    (re.compile(r"/registry/([^/?]+)/slam"), "cases.to_read_chart", "/pages/agreements/{0}"),
    (re.compile(r"/registry/([^/?]+)/follow-ups\?kind=CREDIT"), "cases.to_read_credits", "/pages/reviews?kind=CREDIT"),
    (re.compile(r"/registry/([^/?]+)/surveys\?period=([^/?&]+)"), "cases.to_read_surveys", None),
)


def to_read(address: str, words: PageWords) -> PageLink:
    """What a review's pack names by an address of the API, as a page and in words; the address itself where it is none we know."""
    for form, phrase, page in _OF_PACKS:
        if (found := form.fullmatch(address)) is not None:
            number, *period = found.groups()
            shown = words.say(phrase, number=in_registry(number), period="".join(period))
            return PageLink(shown, page.format(*found.groups()) if page is not None else None)
    return PageLink(address, None)


def _pack(addresses: Iterable[str], words: PageWords) -> list[PageLink]:
    return [to_read(each, words) for each in addresses]


_READ: Mapping[str, Callable[[Any, PageWords], Any]] = {
    "notes": _notes,
    "reasons": _reasons,
    "pack": _pack,
    "meeting_at": _instant,
    "due_at": _instant,
    "pack_sent_at": _instant,
    "held_at": _instant,
    "ends_at": _instant,
}
