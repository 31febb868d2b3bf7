"""Other systems are called on a short leash, and what they answer is understood."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from connectors import guarded
from connectors.guarded import MAX_ANSWER_BYTES, GuardedClient, NotTold, Response, check_taken
from domain.ports import Refused


def client(answer: httpx2.Response) -> GuardedClient:
    return GuardedClient("https://desk.example.com/", transport=httpx2.MockTransport(lambda _: answer))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_followed_nowhere_and_refused(status: int) -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(status, headers={"location": "http://169.254.169.254/"})

    async with GuardedClient("https://desk.example.com", transport=httpx2.MockTransport(answer)) as made:
        with pytest.raises(Refused, match=str(status)):
            check_taken(await made.call("GET", "/x"))
    assert asked == ["https://desk.example.com/x"]


async def test_an_answer_is_read_up_to_a_bound() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100_000

    async with client(httpx2.Response(200, content=endless())) as made:
        with pytest.raises(NotTold, match=str(MAX_ANSWER_BYTES)):
            await made.call("GET", "/x")


async def test_somebody_who_answers_byte_by_byte_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "SECONDS_TO_ANSWER", 0.2)

    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.05)

    async with client(httpx2.Response(200, content=drops())) as made:
        with pytest.raises(NotTold, match="TimeoutError"):
            await made.call("GET", "/x")


@pytest.fixture
def deaf() -> Iterator[str]:
    """Somebody who takes the call and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            server.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


async def test_somebody_who_hangs_up_or_is_not_there_is_tried_again(deaf: str) -> None:
    async with GuardedClient(deaf) as made:
        with pytest.raises(NotTold):
            await made.call("GET", "/")
    async with GuardedClient("http://127.0.0.1:9") as made:
        with pytest.raises(NotTold):
            await made.call("GET", "/")


@pytest.mark.parametrize("status", [400, 404, 409, 410, 422])
def test_what_will_never_be_taken_is_refused(status: int) -> None:
    with pytest.raises(Refused):
        check_taken(Response(status, b""))


@pytest.mark.parametrize("status", [401, 403, 408, 425, 429, 500, 502, 503, 504])
def test_what_may_be_taken_later_is_tried_again(status: int) -> None:
    with pytest.raises(NotTold):
        check_taken(Response(status, b""))


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_what_was_taken_was_taken(status: int) -> None:
    check_taken(Response(status, b""))
