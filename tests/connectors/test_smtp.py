"""Mail, handed to a real mail server."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from connectors.letter_writer import PlainWriter
from connectors.mail_server import MailServer
from connectors.smtp import SmtpCarrier
from domain.effects import Notice
from domain.letters import Letter
from domain.ports import Refused
from domain.receivers import Receiver
from tests.api.people import other_bank
from tests.mail_server import serving
from tests.processes import free_port

NOW = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
NOTICE = Notice(
    key="case:1:news:0", case_id="case-1", recipients=("CUSTOMER_REP",), subject="s", body="Za drogo: żółć", phrase="cannot_offer"
)


def letter(mail: str | None = "barbara@bank.example", name: str | None = None, notice: Notice = NOTICE) -> Letter:
    person = other_bank().person("B1")
    person = person.model_copy(update={"mail": mail, **({"name": name} if name is not None else {})})
    return PlainWriter().write(notice, Receiver(person), "https://sla.example/pages/cases/case-1", {})


def carrier(server: MailServer) -> SmtpCarrier:
    return SmtpCarrier(server, lambda: NOW)


async def test_a_mail_arrives_as_text_and_html_dated_and_named_by_notice_and_person() -> None:
    with serving() as (mails, server):
        await carrier(server).carry(letter())
        await carrier(server).carry(letter())
    first, second = mails.kept

    assert mails.to[0] == ["barbara@bank.example"]
    assert (first["To"], first["From"]) == ("Barbara Bankowa <barbara@bank.example>", "Servanda <servanda@sla.example>")
    assert first["Subject"] == "Nie możemy tego zaoferować"
    assert (first["Auto-Submitted"], first["Date"]) == ("auto-generated", "Fri, 27 Nov 2026 15:00:00 +0000")
    assert first["Message-ID"] == second["Message-ID"] != ""
    assert first["Message-ID"].endswith("@sla.example>")
    text, html = first.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "Za drogo: żółć" in text.get_content()
    assert "Za drogo: żółć" in html.get_content()


async def test_two_people_get_mails_of_different_names() -> None:
    with serving() as (mails, server):
        await carrier(server).carry(letter())
        await carrier(server).carry(letter()._replace(receiver="B2"))

    assert mails.kept[0]["Message-ID"] != mails.kept[1]["Message-ID"]


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
async def test_a_refusal_for_good_is_final(step: str) -> None:
    with serving() as (mails, server), pytest.raises(Refused, match="answered 550 no such user"):
        mails.answers[step] = "550 no such user"
        await carrier(server).carry(letter())


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
async def test_a_refusal_for_now_is_tried_again(step: str) -> None:
    with serving() as (mails, server), pytest.raises(ConnectionError, match="answered 451 greylisted"):
        mails.answers[step] = "451 greylisted"
        await carrier(server).carry(letter())


async def test_a_server_that_is_away_is_tried_again() -> None:
    away = MailServer("127.0.0.1", free_port(), "none", "servanda@sla.example")
    with pytest.raises(Exception, match="rror connecting") as raised:
        await carrier(away).carry(letter())

    assert not isinstance(raised.value, Refused)


async def test_a_wrong_password_is_ours_and_no_refusal_of_the_address() -> None:
    def judge(server: Any, session: Any, envelope: Any, mechanism: Any, data: Any) -> AuthResult:  # noqa: ARG001
        return AuthResult(success=False, handled=False)

    locked = serving(authenticator=judge, auth_require_tls=False)
    with locked as (mails, server), pytest.raises(Exception, match="535") as raised:
        await carrier(server._replace(user="servanda", password="wrong")).carry(letter())

    assert not isinstance(raised.value, Refused)
    assert mails.kept == []


async def test_who_has_no_address_is_a_dead_letter() -> None:
    with pytest.raises(Refused, match="Barbara Bankowa has no mail address"):
        await carrier(MailServer("127.0.0.1", 1, "none", "servanda@sla.example")).carry(letter(None))


@pytest.mark.parametrize("mail", ["a@b,c@d", "<a@b>", "a@b;c", '"x'])
async def test_what_is_no_address_is_a_dead_letter(mail: str) -> None:
    with pytest.raises(Refused, match="no address"):
        await carrier(MailServer("127.0.0.1", 1, "none", "servanda@sla.example")).carry(letter()._replace(mail=mail))


async def test_what_people_wrote_cannot_begin_a_header() -> None:
    wrote = {"subject": "Hello\r\nBcc: all@x.test\r\n\r\n<b>", "body": "\r\n.\r\nMAIL FROM:<x>\r\n"}
    evil = NOTICE.model_copy(update={"phrase": None, **wrote})
    with serving() as (mails, server):
        await carrier(server).carry(letter(name="Barbara\r\nBcc: all@x.test", notice=evil))
    [mail] = mails.kept

    assert mails.to == [["barbara@bank.example"]]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hello Bcc: all@x.test <b>"
