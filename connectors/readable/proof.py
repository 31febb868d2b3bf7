"""A published proof of quality as people read it: its result, its months, how it came about, and how to check it."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, get_args

from connectors.proof_svg import proof_in_words, proof_svg, stretch_of
from connectors.readable.blocks import Block, Cell, chart, facts, lead, link, table, text
from connectors.readable.words import Language, Words, phrases_of
from domain.quality_proofs import ProofContent, ProofCounts, ProofSums, attainment_shown
from domain.results import Colour


class ReadProof(NamedTuple):
    """A published proof: without content once it was withdrawn. `address` is that of its page, without a suffix."""

    proof: str
    content: ProofContent | None
    digest: str
    published_at: datetime
    address: str
    withdrawn_at: datetime | None = None
    withdrawn_because: str | None = None


def method_note() -> dict[str, tuple[str, ...]]:
    """How a proof comes about, in every language, as it is kept in the proof itself."""
    notes = {}
    for language in get_args(Language):
        phrases = phrases_of(language, "proof")
        notes[language] = tuple(phrase for key, phrase in phrases.items() if key.startswith("note."))
    return notes


def readable_proof(read: ReadProof, language: Language) -> dict[str, Any]:
    """The proof in words: a document for its result, its months, its method, and how to check it."""
    words, content = Words(phrases_of(language, "proof")), read.content
    told = [("withdrawn", _withdrawn(read, words))] if content is None else [*_contents(content, words)]
    told.append(("verify", _verify(read, words)))
    return {
        "title": words["title"],
        "subtitle": words.say("of", service=content.service_name, provider=content.provider) if content is not None else read.proof,
        "hash": read.digest,
        "language": words["language"],
        "words": {name: words[name] for name in ("hash", "page", "contents")},
        "documents": [{"title": words[name], "sections": [{"heading": None, "blocks": list(blocks)}]} for name, blocks in told],
    }


def _contents(content: ProofContent, words: Words) -> Iterator[tuple[str, Iterator[Block]]]:
    yield "result", _result(content, words)
    yield "months", _months(content, words)
    yield "lines", _lines(content, words)
    yield "method", (text(line) for line in content.method.note[words["language"]])


def _result(content: ProofContent, words: Words) -> Iterator[Block]:
    total = content.total
    months = ", ".join(words.say(f"months.{colour}", count=count) for colour in _BEST_FIRST if (count := total.months.get(colour)))
    yield lead(words.say("attained", attainment=words.figure(total.attainment), months=months))
    yield chart(proof_svg(content, words), proof_in_words(content, words))
    yield facts(
        (words["stretch"], words.say("from_to", first=content.first_month, last=content.last_month)),
        (words["customers"], str(content.customers)),
        *((words[name], shown) for name, shown in zip(_HEAD, _counted(total, words), strict=True)),
    )


_BEST_FIRST = (Colour.GREEN, Colour.AMBER, Colour.RED, Colour.GREY)
_HEAD = ("share", "clocks", "allowed", "promises")


def _counted(counts: ProofCounts, words: Words) -> tuple[str, ...]:
    promises = words.say("kept_of", kept=counts.kept, of=counts.kept + counts.missed)
    return (*_summed(counts, words), f"{promises}{words.say('not_measured', count=counts.unmeasured) if counts.unmeasured else ''}")


def _summed(sums: ProofSums, words: Words) -> tuple[str, ...]:
    clocks = words.say("met_of", met=sums.met, of=sums.met + sums.breached)
    used = words.say("used_of", breached=sums.breached, allowed=words.number(Decimal(sums.allowed)))
    return words.figure(attainment_shown(sums)), clocks, used


def _months(content: ProofContent, words: Words) -> Iterator[Block]:
    rows = [(stretch_of(cell), words[f"colour.{cell.colour}"], *_counted(cell, words)) for cell in content.cells]
    yield table(words.labels("month", "colour", *_HEAD), rows, is_named=True)


def _lines(content: ProofContent, words: Words) -> Iterator[Block]:
    rows: list[tuple[Cell, ...]] = [
        (stretch_of(cell), line.target or words["others"], *_summed(line, words)) for cell in content.cells for line in cell.lines
    ]
    yield table(words.labels("month", "target", *_HEAD[:3]), rows, is_named=True)


def _withdrawn(read: ReadProof, words: Words) -> Iterator[Block]:
    assert read.withdrawn_at is not None
    yield lead(words.say("withdrawn_on", at=_instant(read.withdrawn_at)))
    yield facts((words["reason"], read.withdrawn_because or "–"))


def _verify(read: ReadProof, words: Words) -> Iterator[Block]:
    yield facts((words["proof"], read.proof), (words["published_at"], _instant(read.published_at)))
    path, site = f"/proofs/{read.proof}", read.address.removesuffix(f"/proofs/{read.proof}")
    forms = [("data", f"{path}.json"), ("pages", f"{path}?language={words['other_language']}"), ("key", "/proofs/key.json")]
    forms.insert(2, ("file", f"{path}.pdf?language={words['language']}"))
    yield table(words.labels("what", "where"), [(words[name], link(site + address, address)) for name, address in forms], is_named=True)
    yield text(words.say("how", address=f"{read.address}.json"))


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
