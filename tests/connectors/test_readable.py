"""Laws of the readable agreement: all that is hashed can be read, what is open is said, both languages have the same words."""

from collections import UserDict
from datetime import timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from connectors.readable.agreement import SECTIONS, readable
from connectors.readable.words import Language, Words, phrases_of
from domain.agreement_parts import Better, Period
from domain.documents import AgreementDocument, AgreementLevel, FinalDraft, content_of
from domain.people import Side
from domain.targets import TargetKind
from domain.terms import AgreementKind
from tests.connectors.readings import SERVICE, Path, document, full_draft, leaves, open_draft, strings
from tests.domain.drafts import bank_draft, support, with_document, with_target

LANGUAGES: tuple[Language, ...] = get_args(Language)
ENGLISH = Words(phrases_of("en"))

DRAFTS = {"bank": bank_draft(), "full": full_draft(), "desk": FinalDraft(documents=(support("desk"),))}
ENUMS = (AgreementKind, AgreementLevel, Side, Period, Better, TargetKind)
PUT_INTO_WORDS = {member.value for enum in ENUMS for member in enum}
GROUPS = {"stop": "milestone", "start": "milestone", "pauses": "pause", "escalation": "role"}


class Noted(UserDict[str, str]):
    """Phrases that note which were asked for."""

    def __init__(self, language: Language) -> None:
        super().__init__(phrases_of(language))
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> str:
        if key in self.data:
            self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self.data else default


def told(draft: FinalDraft, words: Words = ENGLISH) -> str:
    """All that is told about a draft, a line for each text."""
    return "\n".join(strings(readable(draft, "hash", words)["documents"]))


def section(draft: FinalDraft, heading: str, number: int = -1, *, is_regulated: bool = False) -> list[str]:
    """The texts of a section of a document."""
    sections = readable(draft, "hash", ENGLISH, is_regulated=is_regulated)["documents"][number]["sections"]
    return [text for each in sections if each["heading"] == heading for block in each["blocks"] for text in strings(block)]


def expected(path: Path, leaf: str, words: Words) -> str:
    """How a text of the content is told."""
    field = next(name for name in reversed(path) if isinstance(name, str))
    if field in GROUPS:
        return words.name(GROUPS[field], leaf)
    if field in {"limit", "business_day"}:
        hours, _, minutes = leaf.removesuffix("m").partition("h") if "h" in leaf else ("", "", leaf.removesuffix("m"))
        return words.length(timedelta(hours=int(hours or 0), minutes=int(minutes or 0)))
    if field in {"monthly", "minimum", "per_started_hour"}:
        return words.money(Decimal(leaf), "").strip()
    if field in {"percent", "compliance", "value", "goal", "below", "credit", "month_percent", "year_percent"}:
        return words.number(Decimal(leaf))
    return leaf.replace("-", "–") if {"weekly", "exceptions"} & set(path) else leaf


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DRAFTS)
def test_every_text_of_the_content_is_told(name: str, language: Language) -> None:
    words = Words(phrases_of(language))
    shown = told(DRAFTS[name], words)

    texts = [(path, leaf) for path, leaf in leaves(content_of(DRAFTS[name])) if isinstance(leaf, str) and leaf not in PUT_INTO_WORDS]
    assert [(path, leaf) for path, leaf in texts if expected(path, leaf, words) not in shown] == []


def variants(leaf: Any) -> list[Any]:
    """Other values that may stand in the place of one."""
    if isinstance(leaf, bool):
        return [not leaf]
    if isinstance(leaf, int):
        return [leaf + 1]
    others = [member.value for enum in ENUMS if leaf in set(enum) for member in enum if member.value != leaf]
    if others:
        return others
    if leaf.replace(".", "").isdigit():
        return [str(Decimal(leaf) + Decimal("0.5")), str(Decimal(leaf) - Decimal("0.5"))]
    return [leaf + "x", leaf[:-1] + "9", leaf.replace("2026", "2025"), leaf.replace("2027", "2028"), "0" + leaf[1:-1] + "5", "51m", "USD"]


def replaced(value: Any, path: Path, leaf: Any) -> Any:
    if not path:
        return leaf
    first, *rest = path
    if isinstance(value, dict):
        return {name: replaced(part, tuple(rest), leaf) if name == first else part for name, part in value.items()}
    return [replaced(part, tuple(rest), leaf) if number == first else part for number, part in enumerate(value)]


@pytest.mark.parametrize("name", DRAFTS)
def test_no_two_contents_that_differ_in_one_value_read_the_same(name: str) -> None:
    draft = DRAFTS[name]
    content, shown = content_of(draft), told(draft)
    tried: set[Path] = set()
    for path, leaf in leaves(content):
        for variant in variants(leaf):
            try:
                other = FinalDraft.model_validate(replaced(content, path, variant))
            except ValidationError:
                continue
            if content_of(other) != content:
                tried.add(path)
                assert told(other) != shown, f"{path}: {variant!r} reads like {leaf!r}"
                break
    never = {path for path, _ in leaves(content)} - tried
    # The name of a parent or a zone has no other value that is allowed, and another kind of target needs other fields beside it.
    assert {path[-1] for path in never} <= {"parent", "time_zone", "document", "kind"}


def test_every_field_of_a_document_belongs_to_a_section() -> None:
    told_of = [name for section in SECTIONS for name in section.fields]

    assert sorted([*told_of, "title"]) == sorted(AgreementDocument.model_fields)


def test_every_language_has_the_same_words_and_the_same_gaps() -> None:
    def gaps(phrase: str) -> set[str]:
        return {part.partition("}")[0] for part in phrase.split("{")[1:]}

    english, polish = phrases_of("en"), phrases_of("pl")
    assert list(english) == list(polish)
    assert {key for key in english if gaps(english[key]) != gaps(polish[key])} == set()
    assert all(polish.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_used(language: Language) -> None:
    noted = Noted(language)
    kinds = [open_draft(kind) for kind in AgreementKind]
    for draft in (*DRAFTS.values(), *kinds):
        readable(draft, "hash", Words(noted), is_regulated=True)

    assert set(phrases_of(language)) - noted.asked == set()


def test_what_nobody_answered_is_said() -> None:
    assert section(open_draft(), "Service targets") == ["not answered"]
    assert section(open_draft(), "Price") == ["not answered"]
    assert section(open_draft(), "Obligations") == ["not answered"]


def test_the_answer_none_is_no_open_point() -> None:
    assert section(bank_draft(), "Exclusions") == ["none"]


def test_what_a_level_above_answers_is_pointed_to() -> None:
    assert section(bank_draft(), "Termination") == ['as in "Terms for all services to Bank Narew"']


def test_the_answer_none_of_a_level_above_holds_below() -> None:
    draft = with_document(with_document(bank_draft(), "bank", {"exclusions": []}), "podlasie", {"exclusions": None})

    assert section(draft, "Exclusions", 0) == ["none"]
    assert section(draft, "Exclusions") == ['as in "Terms for all services to Bank Narew"']


def test_a_level_that_is_not_asked_for_prices_shows_no_empty_section() -> None:
    assert section(bank_draft(), "Price", 0) == []
    assert section(bank_draft(), "Outcomes for the customer", 0) == []


def test_duties_of_the_levels_above_hold_beside_the_own_ones() -> None:
    assert section(full_draft(), "Obligations", 1)[-1] == 'and beside these, as in "The group"'


def test_an_obligation_shows_its_party_and_its_work_packages() -> None:
    shown = section(bank_draft(), "Obligations", 0)

    assert "Provider (Serwis-Druk Polska sp. z o.o.)" in shown
    assert "dispatch: Send a technician. (Field service)" in shown


def test_what_a_supplier_promises_is_taken_by_the_provider() -> None:
    assert [text for text in section(full_draft(), "Parties", 2) if text in {"Supplier", "Provider", "Customer"}] == [
        "Supplier",
        "Provider",
    ]


def test_the_two_questions_to_regulated_customers_stand_only_where_asked_or_answered() -> None:
    labels = {"Where data and service are", "Exit plan"}

    assert labels & set(section(open_draft(), "Control layer")) == set()
    assert labels & set(section(open_draft(), "Control layer", is_regulated=True)) == labels
    assert labels & set(section(bank_draft(), "Control layer")) == {"Exit plan"}


def test_a_promise_is_one_sentence() -> None:
    assert "response within 4 h of business time, in 95 % of tickets a month" in section(bank_draft(), "Service targets", 1)
    assert "reakcja do końca następnego dnia roboczego, w 95 % zgłoszeń w miesiącu" in told(bank_draft(), Words(phrases_of("pl")))


def test_a_clock_ends_with_all_its_milestones_or_with_the_first_where_it_starts_again() -> None:
    shown = section(full_draft(), "Service targets", 1)

    assert "from approval of the form to resolution and CHECKED" in shown
    assert "from every creation to the next response or fulfilment" in shown
    assert "while Night team holds the ticket, at most to shipping or purchase" in shown


def test_what_is_stated_without_effect_is_shown() -> None:
    warsaw = with_target(bank_draft().named("warsaw"), days=3)

    assert section(FinalDraft(documents=(warsaw.model_copy(update={"parent": None}),)), "Service targets").count("days: 3") == 1
    assert "Stated, without effect" not in section(bank_draft(), "Service targets", 1)


@pytest.mark.parametrize(
    ("months", "english", "polish"),
    [
        (1, "every month", "co miesiąc"),
        (3, "every 3 months", "co 3 miesiące"),
        (5, "every 5 months", "co 5 miesięcy"),
        (12, "every 12 months", "co 12 miesięcy"),
        (22, "every 22 months", "co 22 miesiące"),
    ],
)
def test_months_are_counted_as_each_language_counts(months: int, english: str, polish: str) -> None:
    assert ENGLISH.counted("months", months) == english
    assert Words(phrases_of("pl")).counted("months", months) == polish


def test_money_has_the_marks_of_the_language() -> None:
    assert ENGLISH.money(Decimal(10800), "PLN") == "10,800.00 PLN"
    assert Words(phrases_of("pl")).money(Decimal(10800), "PLN") == "10\u00a0800,00 PLN"


def test_a_name_that_people_made_up_never_becomes_a_word_of_ours() -> None:
    target = {**SERVICE["targets"][1], "stop": ["hash", "price"], "start": "none"}
    draft = FinalDraft(documents=(document(**{**SERVICE, "parent": None, "targets": [target]}),))

    assert "from every none to the next hash or price" in section(draft, "Service targets")
