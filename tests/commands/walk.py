"""A walk over every page a person can reach by its links, at a running installation."""

import re
from collections import Counter, deque
from operator import itemgetter
from typing import NamedTuple

import httpx2

from tests.api.browsers import Page

MOST = 400
MOST_OF_ONE = 40
"""Addresses of one page with other questions."""


SLOW = 200.0
"""Milliseconds of work that no page may take."""


class Seen(NamedTuple):
    """A page as it was answered; times are the server's own, in milliseconds."""

    address: str
    status: int
    total: float
    cpu: float
    html: str


def walk(address: str, token: str) -> list[Seen]:
    """Sign in and follow every link of ours, each address once; of lists that go on, some."""
    found: list[Seen] = []
    with httpx2.Client(base_url=address, follow_redirects=True, timeout=30) as browser:
        browser.post("/sign-in", data={"token": token})
        waiting, known, asked = deque(["/pages"]), {"/pages"}, Counter[str]()
        while waiting and len(found) < MOST:
            wanted = waiting.popleft()
            answer = browser.get(wanted)
            # What the processor was interrupted for by others is no work of the page: a slow one is asked twice more.
            times = _times(answer)
            for _ in range(2):
                times = min(times, _times(browser.get(wanted)), key=itemgetter(1)) if times[1] >= SLOW else times
            found.append(Seen(wanted, answer.status_code, *times, answer.text))
            if "html" not in answer.headers["content-type"]:
                continue
            for link in Page(answer).all_links:
                target = str(answer.url.join(link)).removeprefix(address).partition("#")[0]
                page = target.partition("?")[0]
                if target.startswith("/pages") and target not in known and asked[page] < MOST_OF_ONE:
                    known.add(target)
                    asked[page] += 1
                    waiting.append(target)
    return found


def _times(answer: httpx2.Response) -> tuple[float, float]:
    said = dict(re.findall(r"(\w+);dur=([\d.]+)", answer.headers.get("server-timing", "")))
    return float(said.get("total", 0)), float(said.get("cpu", 0))
