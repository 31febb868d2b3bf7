"""How often, how slowly and how deep: limits on what anybody may send."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from api.errors import TooManyRequests
from api.gate import Gate
from api.limits import Limit
from connectors.signatures import sign
from settings import Settings
from tests.api.browsers import Browser
from tests.api.people import Office, office
from tests.conftest import SECRET, fresh, serve, settings_for


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_is_emptied_by_one_alone_and_fills_again_with_time() -> None:
    clock = Clock()
    limit = Limit(3, 0.5, clock)
    for _ in range(3):
        limit.take("M1")
    with pytest.raises(TooManyRequests) as told:
        limit.take("M1")
    limit.take("L1")
    clock.now = 2.0
    limit.take("M1")

    assert told.value.wait == 2, "seconds until there is one again"
    with pytest.raises(TooManyRequests):
        limit.take("M1")


def test_buckets_do_not_grow_without_end() -> None:
    clock = Clock()
    limit = Limit(2, 1, clock)
    for number in range(25_000):
        limit.take(f"address {number}")

    assert len(limit._left) <= 10_000


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[Office]:
    """An office where people write rarely, and few try the door."""
    database = await fresh(tmp_path)
    async with office(database, None, write_rate=0.3, sign_in_rate=5) as made:
        yield made
    await database.close()


async def test_who_changes_too_much_waits_and_nobody_else_does(slow: Office) -> None:
    codes = [(await slow.send("M1", "/offers/none/activate")).status_code for _ in range(4)]
    again = await slow.send("M1", "/offers/none/activate")
    other, look = await slow.send("C1", "/offers/none/activate"), await slow.get("M1", "/tasks")

    assert codes == [404, 404, 404, 429]
    assert (again.status_code, again.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert 1 <= int(again.headers["retry-after"]) <= 4
    assert (other.status_code, look.status_code) == (404, 200)


async def test_who_guesses_tokens_is_slowed_down_and_who_has_one_is_not(slow: Office) -> None:
    guesses = [(await slow.api.http.get("/tasks", headers={"authorization": f"Bearer {number}"})).status_code for number in range(7)]
    known = await slow.get("M1", "/tasks")

    assert guesses == [401, 401, 401, 401, 401, 429, 429]
    assert known.status_code == 200


async def test_signing_in_by_a_form_is_limited_too_and_the_page_says_so(slow: Office) -> None:
    browser = Browser(slow)
    form = (await browser.open("/sign-in")).form("/sign-in")
    pages = [await browser.send(form, token="wrong") for _ in range(6)]

    assert [page.status for page in pages] == [401, 401, 401, 401, 401, 429]
    assert pages[-1].answer.headers["retry-after"]
    assert "<h1>" in pages[-1].html


async def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    async with serve(settings_for(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", body_seconds=0.05)) as api:

        async def trickle() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(2)
            yield b"}"

        answer = await sent_to(api.app, trickle())

    assert (answer.status_code, answer.json()["code"]) == (408, "REQUEST_TOO_SLOW")


async def sent_to(app: object, body: AsyncIterator[bytes]) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as http:  # type: ignore[arg-type]
        return await http.post("/crm/events", content=body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("[" * 65 + "]" * 65, "NESTED_TOO_DEEP"),
        ('{"a":' * 65 + "1" + "}" * 65, "NESTED_TOO_DEEP"),
        ("[" * 64 + "]" * 64, "INVALID_EVENT"),
        (json.dumps(["[[[[" * 100]), "INVALID_EVENT"),
        (json.dumps(['"' + "[" * 200]), "INVALID_EVENT"),
        (json.dumps([[]] * 200), "INVALID_EVENT"),
    ],
    ids=["lists", "objects", "as deep as may be", "brackets in a text", "behind a quote in a text", "many beside each other"],
)
async def test_json_is_as_deep_as_it_may_be_and_no_deeper(slow: Office, body: str, code: str) -> None:
    answer = await slow.api.http.post("/crm/events", content=body.encode(), headers=sign(SECRET, "m", datetime.now(UTC), body.encode()))

    assert (answer.status_code, answer.json()["code"]) == (422, code)


ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-frame-options": "DENY",
}


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/tasks", 401), ("/nowhere", 404)])
async def test_every_answer_says_what_a_browser_may_do_with_it(slow: Office, path: str, status: int) -> None:
    answer = await slow.get(None, path)

    assert answer.status_code == status
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


async def test_a_page_keeps_its_own_rules_and_the_style_sheet_its_cache(slow: Office) -> None:
    page = await Browser(slow).open("/sign-in")
    style = await slow.api.http.get(page.html.split('rel="stylesheet" href="')[1].split('"')[0])

    assert page.answer.headers["referrer-policy"] == "same-origin"
    assert "default-src 'none'" in page.answer.headers["content-security-policy"]
    assert "immutable" in style.headers["cache-control"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("sla.example.org", 200),
        ("sla.example.org:8443", 200),
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("evil.test", 421),
        ("", 421),
        ("[", 421),
    ],
)
async def test_only_requests_for_this_server_are_answered(tmp_path: Path, host: str, status: int) -> None:
    settings = settings_for(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", public_url="https://sla.example.org")
    async with serve(settings) as api:
        answer = await api.http.get("/healthz", headers={"host": host})

    assert answer.status_code == status
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_without_a_public_name_any_is_taken() -> None:
    assert Gate(None, Settings(_env_file=None))._hosts == frozenset()  # type: ignore[arg-type]
