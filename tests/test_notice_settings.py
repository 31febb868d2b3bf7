"""Channels that lack what they need, or would show one party's notices to another, are refused at the start."""

from datetime import timedelta
from pathlib import Path

import pytest

from api.clock import BusinessClock
from domain.errors import BadInput
from settings import load_settings
from store.database import Database
from tests.conftest import settings_for
from worker import carriers_of, channels_of

FAULTS = {
    "smtp needs SERVANDA_SMTP_HOST and SERVANDA_SMTP_FROM": {"NOTICE_CHANNELS": "smtp", "SMTP_HOST": "mail.example"},
    "apprise needs SERVANDA_APPRISE_URLS": {"NOTICE_CHANNELS": "apprise"},
    "CUSTOMER_REP belongs to several parties": {"APPRISE_URLS": '{"CUSTOMER_REP": ["json://127.0.0.1/"]}'},
    "SERVANDA_SMTP_FROM": {"SMTP_FROM": "a@b\r\nBcc: c@d"},
    "this is no JSON": {"APPRISE_URLS": "{"},
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_fault_of_a_channel_is_said(said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in FAULTS[said].items():
        monkeypatch.setenv(f"SERVANDA_{name}", value)

    with pytest.raises(BadInput, match=said):
        load_settings()


async def test_an_installation_has_the_channels_it_names_and_keeps_its_password_to_itself() -> None:
    channels = ("console", "webhook", "mailbox", "smtp")
    hook = {"notice_webhook_url": "http://127.0.0.1/", "notice_webhook_secret": "whsec_c2VydmFuZGEtdGVzdC1zZWNyZXQtMDE="}
    mail = {"smtp_host": "mail.example", "smtp_from": "servanda@sla.example", "smtp_user": "s", "smtp_password": "hidden"}
    settings = settings_for("sqlite+aiosqlite:///nowhere.db", notice_channels=channels, **hook, **mail)
    database = Database(settings.database)

    assert [each.name for each in channels_of(settings)] == ["console", "webhook"]
    assert [each.name for each in carriers_of(settings, database, BusinessClock(timedelta()))] == ["mailbox", "smtp"]
    assert (settings.mail_server.security, settings.mail_server.port, settings.mail_server.password) == ("starttls", 587, "hidden")
    assert "hidden" not in repr(settings)
    await database.close()
