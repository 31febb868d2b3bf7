"""Notices as letters: in the receiver's language, as plain text and as simple HTML in which everything is escaped."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from connectors.phrases import Phrases
from connectors.readable.words import TEMPLATES
from domain.effects import Notice
from domain.letters import Letter
from domain.people import Language
from domain.receivers import PERSONAL, Receiver

_ROLES_READ: Language = "en"
"""The language of what no person reads by themselves: a chat of a role, a letter to nobody."""

_LONGEST_SUBJECT = 300
_ADDRESS = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class PlainWriter:
    """Carries out `domain.ports.LetterWriter`."""

    def write(self, notice: Notice, to: Receiver, link: str | None, names: Mapping[str, str]) -> Letter:
        """A notice as a letter to one person, with the remarks why it is them."""
        person = to.person
        phrases = Phrases(person.language, names)
        remarks = []
        if to.on_behalf_of:
            remarks.append(phrases.say("on_behalf", names=to.on_behalf_of))
        if to.unreached:
            remarks.append(phrases.say("nobody", roles=to.unreached))
        letter = _letter(notice, phrases, (person.person, _line(person.name), person.language), remarks, link)
        return letter._replace(mail=person.mail)

    def write_to_role(self, notice: Notice, role: str, link: str | None) -> Letter:
        """A notice for the place where everybody of a role reads."""
        return _letter(notice, Phrases(_ROLES_READ), (role, role, _ROLES_READ), [], link)._replace(is_role=True)

    def write_to_nobody(self, notice: Notice, unreached: Sequence[str]) -> Letter:
        """A notice that no person stands behind, as it was made; what is for one person alone, known by their address, is sent there."""
        body, name = _clean(notice.body), _line(", ".join(unreached))
        letter = Letter(notice, "", name, _ROLES_READ, _line(notice.subject), body, _html(_ROLES_READ, [("", body, None)]))
        return letter._replace(mail=name) if notice.phrase in PERSONAL and _ADDRESS.match(name) else letter

    def gather(self, letters: Sequence[Letter], key: str) -> Letter:
        """One letter of several to the same person: what each says, in their order."""
        first = letters[0]
        phrases = Phrases(first.language)
        said = [_said(each.notice, Phrases(each.language)) for each in letters]
        subject = phrases.say("gathered.subject", count=len(letters))
        body = phrases.say("gathered.body")
        listed = [(title, text, each.link) for (title, text), each in zip(said, letters, strict=True)]
        parts = [body, *("\n".join(filter(None, (f"* {title}", text, link))) for title, text, link in listed)]
        text = "\n\n".join([phrases.say("greeting", name=first.name), *parts, phrases.say("footer")])
        notice = Notice(key=key, recipients=(first.receiver,), subject=subject, body=body)
        page = _html(first.language, listed, greeting=phrases.say("greeting", name=first.name), intro=body)
        return first._replace(notice=notice, subject=subject, text=text, html=page, link=None)


def _letter(notice: Notice, phrases: Phrases, to: tuple[str, str, Language], remarks: Sequence[str], link: str | None) -> Letter:
    receiver, name, language = to
    subject, body = _said(notice, phrases)
    greeting = phrases.say("greeting", name=name)
    linked = f"{phrases.words['link']}\n{link}" if link is not None else ""
    text = "\n\n".join(filter(None, [greeting, body, *remarks, linked, phrases.words["footer"]]))
    page = _html(language, [("", body, link)], greeting=greeting, remarks=remarks)
    return Letter(notice, receiver, name, language, subject, text, page, link=link)


def _said(notice: Notice, phrases: Phrases) -> tuple[str, str]:
    subject, body = phrases.told(notice)
    return _line(subject), _clean(body)


def _line(text: str) -> str:
    """One line: what people wrote into a subject can begin no header."""
    return _CONTROL.sub(" ", text).strip()[:_LONGEST_SUBJECT]


def _clean(text: str) -> str:
    """Text of lines, without characters that show nothing."""
    return "\n".join(_CONTROL.sub(" ", line).rstrip() for line in text.splitlines())


def _html(language: Language, parts: Sequence[tuple[str, str, str | None]], **around: Any) -> str:
    words = Phrases(language).words
    said = {"greeting": "", "intro": "", "remarks": (), **around}
    return str(_template().render(language=language, parts=parts, footer=words["footer"], open=words["open"], **said))


@lru_cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  (100 ms that only a writer pays)

    engine = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return engine.from_string((TEMPLATES / "notice.html.jinja").read_text(encoding="utf-8"))
