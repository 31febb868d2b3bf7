"""Signing in with a real OpenID provider on this machine, and every way in which that may go wrong."""

import re
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

with warnings.catch_warnings():  # it uses what authlib will give up, and authlib switches its warnings on when it is loaded
    import authlib.deprecate  # noqa: F401

    warnings.simplefilter("ignore")
    import flask
    import oidc_provider_mock
    from oidc_provider_mock._server import _threaded_server

from store.database import Database
from store.directory import Directory
from tests.api.browsers import Browser, Page
from tests.api.people import Office, office, other_bank
from tests.conftest import fresh
from tests.processes import free_port

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CLIENT = "servanda"
KEY = RSAKey.generate_key(2048)


class Provider:
    """The provider, with its keys in our hands."""

    def __init__(self, app: flask.Flask, port: int) -> None:
        self.app = app
        self.issuer = f"http://localhost:{port}"

    @property
    def storage(self) -> Any:
        with self.app.test_request_context("/"):
            self.app.preprocess_request()
            return flask.g.oidc_provider_mock_storage

    def key(self) -> RSAKey:
        return RSAKey.import_key(self.storage.jwk.as_dict(is_private=True))

    def change_key(self) -> None:
        """Another key from now on, as providers do every few weeks."""
        self.storage.jwk = type(self.storage.jwk).generate_key(is_private=True)

    def token(self, key: RSAKey | None = None, algorithm: str = "RS256", **claims: Any) -> str:
        """An access token for our API, unless something else is said."""
        said = {"iss": self.issuer, "aud": CLIENT, "sub": "M1", "exp": int(time.time()) + 300, **claims}
        signer = key or self.key()
        header = {"alg": algorithm, "kid": signer.thumbprint()}
        return jwt.encode(header, {name: value for name, value in said.items() if value is not None}, signer, [algorithm])


@pytest.fixture
def provider() -> Iterator[Provider]:
    users = [
        oidc_provider_mock.User(sub=sub, claims=claims)
        for sub, claims in {
            "M1": {"email": "maria@provider.test", "email_verified": True},
            "stranger": {"email": "nobody@elsewhere.test", "email_verified": True},
            "unverified": {"email": "maria@provider.test", "email_verified": False},
        }.items()
    ]
    app, port = oidc_provider_mock.app(user_claims=users), free_port()
    with _threaded_server(app, port=port):
        yield Provider(app, port)


@pytest.fixture
async def bank(tmp_path: Path, provider: Provider) -> AsyncIterator[Office]:
    database = await fresh(tmp_path)
    async with office(database, None, **with_provider(provider)) as made:
        yield made
    await database.close()


def with_provider(provider: Provider, **more: Any) -> dict[str, Any]:
    named = {"openid_issuer": provider.issuer, "openid_client_id": CLIENT, "openid_client_secret": "their secret"}
    return {**named, "public_url": "http://test", **more}


async def to_provider(browser: Browser, wanted: str = "/pages/tasks") -> str:
    """The browser is sent to the provider; gives the address."""
    sent = await browser.http.get("/sign-in/openid", params={"next": wanted}, follow_redirects=False)
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


def signed_in_there(address: str, sub: str) -> str:
    """Somebody signs in at the provider; gives the address it sends the browser back to."""
    answer = httpx2.post(address, data={"sub": sub}, follow_redirects=False)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def sign_in(bank: Office, sub: str) -> Page:
    browser = Browser(bank)
    return await browser.open(signed_in_there(await to_provider(browser), sub))


async def test_a_person_signs_in_there_and_sees_the_page_they_wanted_here(bank: Office) -> None:
    page = await sign_in(bank, "M1")

    assert (page.status, page.answer.url.path) == (200, "/pages/tasks")
    assert "Maria Menedżerska" in page.text


async def test_what_is_sent_to_the_provider_binds_the_answer_to_this_browser(bank: Office, provider: Provider) -> None:
    address = await to_provider(Browser(bank))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    assert address.startswith(f"{provider.issuer}/oauth2/authorize?")
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == ("code", "S256", CLIENT)
    assert asked["redirect_uri"] == "http://test/sign-in/openid/callback"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 32


@pytest.mark.parametrize("sub", ["stranger", "m1"])
async def test_whom_the_directory_does_not_know_does_not_get_in(bank: Office, sub: str) -> None:
    page = await sign_in(bank, sub)

    assert page.status == 403
    assert "the directory has nobody for this account" in page.text
    assert "servanda_session" not in page.answer.headers.get("set-cookie", "")


async def test_an_answer_to_another_sign_in_signs_nobody_in(bank: Office) -> None:
    victim, attacker = Browser(bank), Browser(bank)
    await to_provider(victim)
    page = await victim.open(signed_in_there(await to_provider(attacker), "M1"))

    assert page.status == 401
    assert "another sign-in" in page.text


async def test_an_answer_nobody_asked_for_signs_nobody_in(bank: Office) -> None:
    page = await Browser(bank).open("/sign-in/openid/callback?code=made-up&state=made-up")

    assert page.status == 401
    assert "began no sign-in" in page.text


async def test_an_id_token_with_the_nonce_of_another_sign_in_is_refused(bank: Office) -> None:
    browser = Browser(bank)
    address = re.sub("nonce=[^&]+", "nonce=of-another", await to_provider(browser))
    page = await browser.open(signed_in_there(address, "M1"))

    assert page.status == 401
    assert "belongs to another sign-in" in page.text


async def test_a_made_up_code_is_refused_by_the_provider(bank: Office) -> None:
    browser = Browser(bank)
    state = parse_qs(urlsplit(await to_provider(browser)).query)["state"][0]
    page = await browser.open(f"/sign-in/openid/callback?code=made-up&state={state}")

    assert page.status == 401
    assert "refused" in page.text


async def test_who_declines_there_is_told_so_here(bank: Office) -> None:
    browser = Browser(bank)
    state = parse_qs(urlsplit(await to_provider(browser)).query)["state"][0]
    page = await browser.open(f"/sign-in/openid/callback?error=access_denied&state={state}")

    assert page.status == 401
    assert "access_denied" in page.text


async def test_keys_that_changed_since_are_fetched_once(bank: Office, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.openid_provider._BETWEEN_LOOKS", 0.0)
    first = await sign_in(bank, "M1")
    provider.change_key()
    second = await sign_in(bank, "M1")

    assert (first.status, second.status) == (200, 200)


async def test_an_access_token_of_the_provider_opens_the_api(bank: Office, provider: Provider) -> None:
    answer = await asked(bank, provider.token())

    assert answer.status_code == 200


WRONG: dict[str, dict[str, Any]] = {
    "for another audience": {"aud": "another-api"},
    "of another issuer": {"iss": "http://localhost:1"},
    "without an audience": {"aud": None},
    "expired": {"exp": int(time.time()) - 3600},
    "that never expires": {"exp": None},
    "of nobody": {"sub": "stranger"},
    "that says who signed in": {"nonce": "n"},
    "signed by somebody else": {"key": KEY},
    "signed another way": {"algorithm": "RS512"},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
async def test_a_token_that_does_not_count_opens_nothing(bank: Office, provider: Provider, claims: dict[str, Any]) -> None:
    answer = await asked(bank, provider.token(**claims))

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


async def test_a_token_without_a_signature_opens_nothing(bank: Office, provider: Provider) -> None:
    none = "eyJhbGciOiJub25lIn0." + provider.token().split(".")[1] + "."
    answer = await asked(bank, none)

    assert answer.status_code == 401


async def test_while_the_provider_is_away_tokens_of_the_directory_still_open_everything(tmp_path: Path, provider: Provider) -> None:
    gone = with_provider(provider, openid_issuer=f"http://localhost:{free_port()}")
    database = await fresh(tmp_path)
    async with office(database, None, **gone) as bank:
        page = await Browser(bank).open("/sign-in/openid")
        theirs = await asked(bank, provider.token())
        ours = await bank.get("M1", "/tasks")
        by_page = await Browser(bank).sign_in("M1")
    await database.close()

    assert (page.status, "does not answer" in page.text) == (503, True)
    assert (theirs.status_code, theirs.json()["code"]) == (503, "PROVIDER_AWAY")
    assert ours.status_code == 200
    assert by_page.answer.url.path == "/pages"


async def test_people_may_be_found_by_an_address_the_provider_has_verified(tmp_path: Path, provider: Provider) -> None:
    database = await fresh(tmp_path)
    async with office(database, None, **with_provider(provider, openid_person="mail")) as bank:
        await mail_of_m1(database)
        known, unverified = await sign_in(bank, "M1"), await sign_in(bank, "unverified")
    await database.close()

    assert (known.status, unverified.status) == (200, 403)


async def mail_of_m1(database: Database) -> None:
    directory = Directory(database)
    known = other_bank()
    people = tuple(each.model_copy(update={"mail": "Maria@provider.test"}) if each.person == "M1" else each for each in known.people)
    await directory.load(known.model_copy(update={"people": people}), "test", datetime.now(UTC))


async def test_signing_out_here_offers_to_sign_out_there(bank: Office, provider: Provider) -> None:
    browser = Browser(bank)
    home = await browser.open(signed_in_there(await to_provider(browser), "M1"))
    out = await browser.send(home.form("/sign-out"))
    there = await browser.http.get("/sign-out/openid", follow_redirects=False)

    assert "/sign-out/openid" in out.links.values()
    assert there.headers["location"].startswith(f"{provider.issuer}/oauth2/end_session?client_id=servanda")
    assert (await browser.open("/pages/tasks")).answer.url.path == "/sign-in"


async def test_without_a_provider_there_is_nowhere_to_be_sent(tmp_path: Path) -> None:
    database = await fresh(tmp_path)
    async with office(database, None) as bank:
        page, form = await Browser(bank).open("/sign-in/openid"), await Browser(bank).open("/sign-in")
    await database.close()

    assert page.status == 404
    assert "/sign-in/openid" not in form.html


async def asked(bank: Office, token: str) -> httpx2.Response:
    return await bank.api.http.get("/tasks", headers={"authorization": f"Bearer {token}"})
