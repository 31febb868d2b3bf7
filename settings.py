"""The only reader of the environment. Every setting is `SERVANDA_` and its name in capitals, or a line in `.env`."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from connectors.documents import read_policy
from connectors.installed import Connector, read_connectors
from connectors.mail_server import MailServer, Security
from connectors.openid_client import Client
from connectors.proof_signing import is_proof_key
from domain.errors import BadInput
from domain.identities import IdentityClaim
from domain.people import SIDES_OF, Role
from domain.retention import RetentionPolicy
from domain.surveys import SurveyPolicy
from domain.timer_policy import TimerPolicy

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Channel = Literal["console", "mailbox", "webhook", "smtp", "apprise"]


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Words = BeforeValidator(_split)


def _parse(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError as wrong:
        raise ValueError("this is no JSON") from wrong


FromJson = BeforeValidator(_parse)


class Settings(BaseSettings):
    """How this installation runs. The defaults are those of one machine with nothing else installed."""

    model_config = SettingsConfigDict(env_prefix="SERVANDA_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Annotated[Path, Field(description="where `servanda up` keeps its databases and secrets")] = Path(".servanda")
    database_url: Annotated[
        str | None, Field(description="sqlite+aiosqlite:///FILE or postgresql+asyncpg://…; default: a file in data_dir")
    ] = None
    temporal_address: Annotated[str, Field(pattern=r"^.+:[0-9]{1,5}$", description="host:port of the engine")] = "127.0.0.1:7233"
    temporal_namespace: Annotated[str, Field(description="namespace of the engine")] = "default"
    temporal_ui: Annotated[str | None, Field(description="address of the engine's UI, for links")] = "http://127.0.0.1:8233"
    temporal_binary: Annotated[
        str | None, Field(description="the engine's development server, if not the one that was installed along")
    ] = None
    api_host: Annotated[str, Field(description="address the API listens on")] = "127.0.0.1"
    api_port: Annotated[int, Field(ge=0, le=65535, description="port of the API")] = 8000
    api_token: Annotated[
        str | None,
        Field(
            min_length=16,
            description="bearer token that sees and pauses tickets and reads the mailbox; a service token can do less and expires",
        ),
    ] = None
    crm_secret: Annotated[
        tuple[str, ...],
        NoDecode,
        Words,
        Field(description="whsec_… that incoming events are signed with; two while one replaces the other"),
    ] = ()
    max_body_bytes: Annotated[int, Field(gt=0, description="largest request body")] = 2_000_000
    body_seconds: Annotated[float, Field(gt=0, le=3600, description="seconds in which a request's body must have come")] = 30
    write_rate: Annotated[
        float,
        Field(gt=0, le=100_000, description="changes a second that one person or program may make in the long run; ten times that at once"),
    ] = 20
    sign_in_rate: Annotated[
        float, Field(gt=0, le=100_000, description="attempts to sign in, and requests nobody is known for, a minute from one address")
    ] = 60
    trusted_proxies: Annotated[
        str, Field(description="addresses of proxies whose word for where a request comes from is taken, with commas; * for any")
    ] = "127.0.0.1"
    notice_channels: Annotated[
        tuple[Channel, ...], NoDecode, Words, Field(description="console, mailbox, webhook, smtp, apprise; several with commas")
    ] = ("mailbox",)
    notice_webhook_url: Annotated[str | None, Field(description="where the webhook channel posts notices")] = None
    notice_webhook_secret: Annotated[str | None, Field(description="whsec_… that outgoing notices are signed with")] = None
    smtp_host: Annotated[str | None, Field(description="mail server of the channel smtp")] = None
    smtp_port: Annotated[int, Field(ge=1, le=65535, description="its port")] = 587
    smtp_security: Annotated[Security, Field(description="starttls, tls from the first byte, or none")] = "starttls"
    smtp_user: Annotated[str | None, Field(description="whom to log in as; none: without a login")] = None
    smtp_password: Annotated[SecretStr | None, Field(description="with which password")] = None
    smtp_from: Annotated[str | None, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+$", description="address that mails come from")] = None
    apprise_urls: Annotated[
        dict[str, tuple[str, ...]],
        NoDecode,
        FromJson,
        Field(repr=False, description="JSON of addresses by person or role of the provider, for the channel apprise"),
    ] = {}
    crm_webhook_url: Annotated[str | None, Field(description="where the CRM takes what happened to its tickets; default: the console")] = (
        None
    )
    crm_webhook_secret: Annotated[str | None, Field(description="whsec_… that outgoing updates are signed with")] = None
    connectors_file: Annotated[Path | None, Field(description="YAML with the CRMs and help desks that are connected")] = None
    public_url: Annotated[
        str | None, Field(pattern=r"^https?://[^\s/]+$", description="address of the API as people's browsers see it, for links in notices")
    ] = None
    openid_issuer: Annotated[
        str | None,
        Field(pattern=r"^https?://\S+$", description="issuer of the OpenID provider that people sign in with, exactly as it writes itself"),
    ] = None
    openid_client_id: Annotated[str | None, Field(min_length=1, description="what this installation is called there")] = None
    openid_client_secret: Annotated[str | None, Field(min_length=1, description="its secret there")] = None
    openid_audience: Annotated[
        str | None, Field(min_length=1, description="what access tokens for the API name as their audience; default: the client id")
    ] = None
    openid_person: Annotated[
        IdentityClaim, Field(description="what people are found in the directory by: sub, or mail if the provider has verified it")
    ] = "sub"
    session_hours: Annotated[float, Field(gt=0, le=720, description="hours a browser stays signed in")] = 12
    survey_secret: Annotated[
        tuple[str, ...],
        NoDecode,
        Words,
        Field(description="whsec_… that links to surveys are signed with; the first signs, all of them open; without one nobody is asked"),
    ] = ()
    proof_key: Annotated[
        tuple[str, ...],
        NoDecode,
        Words,
        Field(repr=False, description="ed25519_… that proofs of quality are signed with; the first signs, all of them are told in public"),
    ] = ()
    surveys: Annotated[SurveyPolicy, NoDecode, FromJson, Field(description="JSON of what differs from the defaults of surveys")] = (
        SurveyPolicy()
    )
    retention: Annotated[
        RetentionPolicy, NoDecode, FromJson, Field(description="JSON of what differs from the periods of personal data")
    ] = RetentionPolicy()
    policy_file: Annotated[
        Path | None, Field(description="YAML with the times and thresholds of agreement cases that differ from the defaults")
    ] = None
    replan_rate: Annotated[
        float, Field(ge=1, le=1000, description="open tickets that a re-plan moves in a second, unless it says another")
    ] = 50
    time_shift: Annotated[
        timedelta, Field(description="engine time less business time, for stories with other dates; zero in production")
    ] = timedelta()

    @model_validator(mode="after")
    def _is_whole(self) -> "Settings":
        if "webhook" in self.notice_channels and not (self.notice_webhook_url and self.notice_webhook_secret):
            raise ValueError("the channel webhook needs SERVANDA_NOTICE_WEBHOOK_URL and SERVANDA_NOTICE_WEBHOOK_SECRET")
        if "smtp" in self.notice_channels and not (self.smtp_host and self.smtp_from):
            raise ValueError("the channel smtp needs SERVANDA_SMTP_HOST and SERVANDA_SMTP_FROM")
        if "apprise" in self.notice_channels and not self.apprise_urls:
            raise ValueError("the channel apprise needs SERVANDA_APPRISE_URLS")
        for role in (Role(name) for name in self.apprise_urls if name in Role.__members__):
            if role in SIDES_OF:
                raise ValueError(f"SERVANDA_APPRISE_URLS: {role} belongs to several parties, who must not read each other's notices")
        if self.crm_webhook_url and not self.crm_webhook_secret:
            raise ValueError("SERVANDA_CRM_WEBHOOK_URL needs SERVANDA_CRM_WEBHOOK_SECRET")
        self._check_openid()
        for secret in (*self.crm_secret, *self.survey_secret, self.notice_webhook_secret, self.crm_webhook_secret):
            if secret is not None and not is_secret(secret):
                raise ValueError("a webhook secret reads whsec_ and at least 16 bytes in base64; `servanda doctor --new-secret` makes one")
        if not all(map(is_proof_key, self.proof_key)):
            raise ValueError("a key of proofs reads ed25519_ and 32 bytes in base64; `servanda doctor --new-proof-key` makes one")
        return self

    def _check_openid(self) -> None:
        if self.openid_issuer is None:
            return
        if not (self.openid_client_id and self.openid_client_secret):
            raise ValueError("SERVANDA_OPENID_ISSUER needs SERVANDA_OPENID_CLIENT_ID and SERVANDA_OPENID_CLIENT_SECRET")
        issuer = urlsplit(self.openid_issuer)
        if issuer.scheme != "https" and issuer.hostname not in LOOPBACK:
            raise ValueError("SERVANDA_OPENID_ISSUER: what says who people are is reached by https")

    @property
    def openid(self) -> Client | None:
        """What this installation is to its OpenID provider; None where it has none."""
        if self.openid_issuer is None or self.openid_client_id is None or self.openid_client_secret is None:
            return None
        audience = self.openid_audience or self.openid_client_id
        return Client(self.openid_issuer, self.openid_client_id, self.openid_client_secret, audience)

    @property
    def database(self) -> str:
        """Address of the database."""
        return self.database_url or f"sqlite+aiosqlite:///{(self.data_dir / 'servanda.db').absolute()}"

    @property
    def mail_server(self) -> MailServer:
        """The server that the channel smtp sends through."""
        assert self.smtp_host is not None
        assert self.smtp_from is not None
        password = self.smtp_password.get_secret_value() if self.smtp_password is not None else None
        return MailServer(self.smtp_host, self.smtp_port, self.smtp_security, self.smtp_from, self.smtp_user, password)

    @property
    def policy(self) -> TimerPolicy:
        """Times and thresholds of agreement cases opened from now on.

        Raises:
            BadInput: the policy file is faulty; the message says where.
        """
        return read_policy(self.policy_file) if self.policy_file is not None else TimerPolicy()

    @property
    def connectors(self) -> Mapping[str, Connector]:
        """The connected systems by name; their secrets may stand in variables of the environment.

        Raises:
            BadInput: the connectors file or a mapping is faulty, or a variable is not set; the message says where.
        """
        return read_connectors(self.connectors_file, os.environ) if self.connectors_file is not None else {}

    @property
    def api_url(self) -> str:
        """Address of the API as this machine reaches it."""
        host = "127.0.0.1" if self.api_host in {"0.0.0.0", "::"} else self.api_host  # noqa: S104  (compared, not bound)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.api_port}"

    @property
    def links_to(self) -> str:
        """Address that links in notices begin with."""
        return self.public_url or self.api_url

    @property
    def is_loopback(self) -> bool:
        """Can only this machine reach the API?"""
        return self.api_host in LOOPBACK


def load_settings() -> Settings:
    """The settings of the environment.

    Raises:
        BadInput: a setting has a value it cannot have; the message names it.
    """
    try:
        return Settings()
    except ValidationError as wrong:
        first = wrong.errors()[0]
        setting, *within = map(str, first["loc"] or ("",))
        name = "SERVANDA_" + ".".join([setting.upper(), *within]) + ": " if setting else ""
        raise BadInput(name + str(first["msg"]).removeprefix("Value error, ")) from wrong


def is_secret(text: str) -> bool:
    """Is this a webhook secret?"""
    try:
        return text.startswith("whsec_") and len(base64.b64decode(text.removeprefix("whsec_"), validate=True)) >= 16
    except ValueError:
        return False


def new_secret() -> str:
    """A new webhook secret."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
