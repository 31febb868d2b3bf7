"""`servanda proof verify`: a published proof is checked by whoever has it, and a changed one is found."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli import run
from connectors.proof_signing import new_proof_key, public_keys
from domain.canonical import digest_of
from tests.api.printing_year import printing_year, published
from tests.conftest import fresh


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep still."""


class Site:
    """A site that tells a published proof and its keys as files, beside copies on paper and on disk."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        self.proof = ""

    @property
    def page(self) -> str:
        return f"{self.address}/proofs/{self.proof}"

    @property
    def data(self) -> Path:
        return self.folder / "proofs" / f"{self.proof}.json"

    @property
    def keys(self) -> Path:
        return self.folder / "proofs" / "key.json"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "proofs").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = Site(folder, f"http://127.0.0.1:{server.server_port}")
    asyncio.run(_publish(made))
    yield made
    server.shutdown()
    server.server_close()


async def _publish(site: Site) -> None:
    database = await fresh(site.folder)
    async with printing_year(database, public_url=site.address) as people:
        site.proof = (await published(people))["proof"]
        for name in (f"{site.proof}.json", "key.json", f"{site.proof}.pdf"):
            (site.folder / "proofs" / name).write_bytes((await people.get(None, f"/proofs/{name}")).content)
    await database.close()


Printed = Callable[[], str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    return lambda: capsys.readouterr().out


def test_an_address_a_file_and_a_pdf_hold(site: Site, printed: Printed) -> None:
    pdf = site.folder / "proofs" / f"{site.proof}.pdf"

    assert [run(["proof", "verify", source]) for source in (site.page, f"{site.page}.json", str(site.data), str(pdf))] == [0] * 4
    said = printed()
    assert said.count(f"{site.proof} holds; the keys are those of {site.address}/proofs/key.json") == 4
    assert "ok    colours" in said
    assert "ok    printed" in said


def test_each_check_is_printed_as_json(site: Site, printed: Printed) -> None:
    assert run(["proof", "verify", str(site.data), "--key", str(site.keys), "--json"]) == 0

    told = json.loads(printed())
    names = ["form", "hash", "method", "months", "cells", "total", "colours", "enough", "signature"]
    assert ([each["name"] for each in told["checks"]], told["holds"]) == (names, True)


def deep(value: dict[str, Any], *path: Any) -> Any:
    for name in path:
        value = value[name]
    return value


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        (("content", "cells", 2), "colour", "GREEN"),
        (("content", "total"), "attainment", "99.9 %"),
        (("content",), "provider", "Somebody else"),
        (("content",), "service_name", "Something else"),
        (("content", "method", "note"), "en", ["all is well"]),
        (("content",), "added", "a word"),
        ((), "hash", "0" * 64),
        ((), "proof", "proof-0000000000000000"),
        ((), "published_at", "2020-01-01T00:00:00Z"),
        ((), "signature", "e30.e30.AAAA"),
        ((), "signature", "none"),
    ],
)
def test_whatever_is_changed_is_found(site: Site, printed: Printed, tmp_path: Path, place: tuple[Any, ...], name: str, value: Any) -> None:
    told = json.loads(site.data.read_text(encoding="utf-8"))
    deep(told, *place)[name] = value
    changed = tmp_path / "changed.json"
    for digest in (told["hash"], digest_of(told["content"])):
        changed.write_text(json.dumps(told if name == "hash" else told | {"hash": digest}), encoding="utf-8")

        assert run(["proof", "verify", str(changed), "--key", str(site.keys)]) == 1
        assert "DOES NOT HOLD: " in printed().splitlines()[-1]


def test_somebody_elses_key_proves_nothing(site: Site, printed: Printed, tmp_path: Path) -> None:
    other = tmp_path / "key.json"
    other.write_text(json.dumps(public_keys([new_proof_key()])), encoding="utf-8")

    assert run(["proof", "verify", site.page, "--key", str(other)]) == 1
    assert "BAD   signature: none of the keys signed this" in printed()


def test_a_withdrawn_proof_does_not_hold_and_says_why(site: Site, printed: Printed, tmp_path: Path) -> None:
    told = json.loads(site.data.read_text(encoding="utf-8")) | {"content": None, "withdrawn_because": "measured wrongly"}
    withdrawn = tmp_path / "withdrawn.json"
    withdrawn.write_text(json.dumps(told), encoding="utf-8")

    assert run(["proof", "verify", str(withdrawn), "--key", str(site.keys)]) == 1
    assert "BAD   withdrawn: measured wrongly" in printed()


def test_a_pdf_whose_address_gives_something_else_is_found(site: Site, printed: Printed) -> None:
    kept = site.data.read_text(encoding="utf-8")
    site.data.write_text(kept.replace('"GREEN"', '"RED"'), encoding="utf-8")
    try:
        assert run(["proof", "verify", str(site.folder / "proofs" / f"{site.proof}.pdf")]) == 1
    finally:
        site.data.write_text(kept, encoding="utf-8")
    assert "BAD   hash" in printed()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"no json", "is no JSON"), (b"{}", "is no published proof: proof is wrong"), (b"[]", "is no published proof"), (b"%PDF-1.7", "PDF")],
)
def test_what_is_no_proof_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)

    assert run(["proof", "verify", str(file)]) == 2
    error = capsys.readouterr().err
    assert (said in error, error.count("\n")) == (True, 1)


def test_what_is_not_there_is_said_in_one_line(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = [str(tmp_path / "none.json"), f"{site.address}/proofs/proof-0000000000000000", "http://127.0.0.1:9/proofs/proof-0"]

    assert [run(["proof", "verify", each]) for each in missing] == [2, 2, 2]
    assert capsys.readouterr().err.count("\n") == 3
