"""The words of notices: every kind there is, in every language, filled with what the notice says."""

import ast
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any, get_args

import pytest

from connectors.phrases import Phrases
from connectors.readable.words import phrases_of
from domain.clock_milestones import MilestoneKind
from domain.effects import Notice
from domain.follow_ups.dispute import DisputeState
from domain.follow_ups.renewal import RenewalDecision
from domain.follow_ups.triggers import ChangeTrigger
from domain.people import Language, Role
from domain.stages.review import RejectCode
from domain.termination import TerminationBasis
from domain.terms import Alert
from domain.timer_policy import DATED_TASKS, TASKS
from tests.conftest import ROOT

LANGUAGES: tuple[Language, ...] = get_args(Language)
BOOKS = {language: phrases_of(language, "notices") for language in LANGUAGES}

COMMON = {"text", "case", "customer"}
OF_FOLLOW_UPS = {"registry_no", "about", "period"}

MADE_UP = {
    "domain/case_telling.py": {"task_opened", "task_void", "task_reminder", "task_escalation"},
    "domain/telling.py": {f"ticket_{kind.value.lower()}" for kind in MilestoneKind},
    "domain/ending.py": {"terminating", "revoked", "terminated"},
}
"""Phrases whose names are put together in these modules."""


class Told(ast.NodeVisitor):
    """Where a module tells something: the phrases it names, and the values it gives them."""

    def __init__(self) -> None:
        self.phrases: dict[str, set[str]] = {}
        self.without: list[int] = []
        self.keys: set[str] = set()

    def visit_Dict(self, node: ast.Dict) -> None:
        self.keys |= {key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
        self.generic_visit(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = {each.arg: each.value for each in node.keywords}
        if name in {"telling", "notice", "Notice"} and node.keywords:
            if "phrase" not in given and None not in given:
                self.without.append(node.lineno)
            elif "phrase" in given:
                values = {str(each) for each in given if each not in {"phrase", "subject", "body", None}}
                for phrase in constants(given["phrase"]):
                    self.phrases.setdefault(phrase, values)
        self.generic_visit(node)


def constants(node: ast.expr) -> Iterator[str]:
    """The names an expression can have, as far as they stand in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)


def told_in(path: str) -> Told:
    found = Told()
    found.visit(ast.parse((ROOT / path).read_text(encoding="utf-8")))
    return found


MODULES = sorted(
    str(path.relative_to(ROOT))
    for room in ("domain", "activities", "store", "workflows")
    for path in (ROOT / room).rglob("*.py")
    if any(word in path.read_text(encoding="utf-8") for word in ("telling(", ".notice(", "Notice("))
)
TOLD = {path: told_in(path) for path in MODULES}
PHRASES = {phrase for told in TOLD.values() for phrase in told.phrases} | {each for names in MADE_UP.values() for each in names}


def gaps(text: str) -> dict[str, str]:
    return {name: spec or "" for _, name, spec, _ in Formatter().parse(text) if name is not None}


def test_every_notice_says_what_it_is_about() -> None:
    assert {path: told.without for path, told in TOLD.items() if told.without} == {}
    assert len(PHRASES) > 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_notice_has_its_words(language: Language) -> None:
    missing = [
        f"{phrase}.{part}" for phrase in sorted(PHRASES) for part in ("subject", "body") if f"{phrase}.{part}" not in BOOKS[language]
    ]

    assert missing == []


def test_no_words_are_left_over() -> None:
    known = {key.removesuffix(".subject") for key in BOOKS["en"] if key.endswith(".subject")}

    assert known - PHRASES == {"gathered"}


def test_the_languages_have_the_same_keys_and_the_same_gaps() -> None:
    polish, english = BOOKS["pl"], BOOKS["en"]

    assert {key for key in polish if not key.endswith(".few")} == set(english)
    for key in english:
        if key.endswith((".subject", ".body")):
            assert gaps(polish[key]).keys() == gaps(english[key]).keys(), key


@pytest.mark.parametrize("path", MODULES)
def test_what_a_phrase_names_is_given_where_it_is_told(path: str) -> None:
    told = TOLD[path]
    common = COMMON | (OF_FOLLOW_UPS if "follow_ups" in path else set())
    common |= {"registry_no"} if path in {"domain/consequences.py", "domain/irregularities.py"} else set()
    for phrase, values in told.phrases.items():
        named = gaps(BOOKS["pl"][f"{phrase}.subject"]) | gaps(BOOKS["pl"][f"{phrase}.body"])
        assert named.keys() <= common | values | told.keys, phrase


def test_codes_are_put_into_words() -> None:
    groups: Mapping[str, Any] = {
        "task": [*TASKS, *DATED_TASKS],
        "role": [*(role.value for role in Role), "OWNER", "MANAGER"],
        "alert": list(Alert),
        "basis": list(TerminationBasis),
        "decision": list(RenewalDecision),
        "state": list(DisputeState),
        "rejection": list(RejectCode),
        "trigger": list(ChangeTrigger),
        "kind": list(MilestoneKind),
    }
    missing = [
        f"{language}: {group}.{code}"
        for language, book in BOOKS.items()
        for group, codes in groups.items()
        for code in codes
        if f"{group}.{code}" not in book
    ]

    assert missing == []


# ---- how they read --------------------------------------------------------------------------------------------------

TASK = {
    "case": "case-1",
    "customer": "Bank Narew S.A.",
    "task": "APPROVE_REQUIREMENTS",
    "assignee": "CUSTOMER_REP",
    "opened_at": "2026-03-17T09:15:00+01:00",
    "due_at": "2026-03-31T17:00:00+02:00",
}


def notice(phrase: str | None, body: str = "b", **values: str | int) -> Notice:
    return Notice(key="k", recipients=("B1",), subject="in English", body=body, phrase=phrase, values=values)


def test_a_reminder_in_polish_reads_as_people_write() -> None:
    assert Phrases("pl").told(notice("task_reminder", **TASK)) == (
        "Przypomnienie: akceptacja wymagań",
        "Sprawa case-1, klient: Bank Narew S.A.\nZadanie czeka od: wt. 17.03.2026, 09:15. Termin: wt. 31.03.2026, 17:00.",
    )


def test_the_same_in_english() -> None:
    assert Phrases("en").told(notice("task_reminder", **TASK)) == (
        "Reminder: approve the requirements",
        "Case case-1, customer Bank Narew S.A.\nOpen since Tue 2026-03-17 09:15, due Tue 2026-03-31 17:00.",
    )


@pytest.mark.parametrize(("days", "said"), [(1, "1 dzień"), (2, "2 dni"), (5, "5 dni"), (12, "12 dni"), (22, "22 dni"), (30, "30 dni")])
def test_polish_counts_days(days: int, said: str) -> None:
    told = Phrases("pl").told(
        notice("credit", registry_no="SLA/2026/0001", amount="1250.5", currency="PLN", about="A", period="P", days=days)
    )

    assert told == ("SLA/2026/0001: rabat 1\u00a0250,50 PLN", f"Za cel A w okresie P. Czas na zakwestionowanie: {said}.")


@pytest.mark.parametrize(
    ("total", "said"), [(1, "1 zdarzenie"), (3, "3 zdarzenia"), (5, "5 zdarzeń"), (13, "13 zdarzeń"), (24, "24 zdarzenia")]
)
def test_polish_counts_events(total: int, said: str) -> None:
    subject, body = Phrases("pl").told(notice("digest", total=total, since="Q1", kinds="BREACH: 2, WARNING: 1"))

    assert subject == f"Zapisane bez osobnych powiadomień: {said}"
    assert body.endswith("przekroczenia: 2, ostrzeżenia: 1.")


def test_figures_lengths_and_lists_of_codes_are_read_in_the_language() -> None:
    violation = notice("violation", registry_no="N", target="t", period="2026-04", promised="99.5 %", achieved="92.5000 %")
    differs = notice("renewal_differs", registry_no="N", wanted="SLM_MANAGER: RENEW_AS_IS, CUSTOMER_REP: LET_EXPIRE")
    warning = notice(
        "ticket_warning", clock="response", level=75, ticket="T-1", agreement="a 1.0", target="response", started_at="", due_at="",
        used="3h30m", left="30m",
    )  # fmt: skip

    assert Phrases("pl").told(violation)[1] == "Uzgodniono: 99,5 %, osiągnięto: 92,5 %."
    assert Phrases("pl").told(differs)[1] == "menedżer poziomu usług: odnowić bez zmian; przedstawiciel klienta: nie odnawiać"
    assert Phrases("en").told(warning)[1].endswith("Business time used: 3 h 30 min; left: 30 min.")


def test_people_are_called_by_their_names() -> None:
    told = Phrases("pl", {"A1": "Anna Agencka"}).told(notice("contact_named", person="A1"))

    assert told[1] == "Anna Agencka zapyta Państwa o potrzeby."


@pytest.mark.parametrize(
    "given", [notice(None), notice("of_a_later_release", x=1), notice("violation", target="t"), notice("plan", about="{x")]
)
def test_a_notice_whose_words_are_not_there_is_told_in_english_and_never_lost(given: Notice) -> None:
    assert Phrases("pl").told(given) == ("in English", "b")


def test_what_people_wrote_is_never_read_as_a_phrase() -> None:
    wrote = "{__class__} %s {link} \\n"

    assert Phrases("pl").told(notice("cannot_offer", wrote))[1] == wrote
