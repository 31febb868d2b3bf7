"""Letters: in the receiver's words, escaped, and safe for a mail's header."""

from connectors.letter_writer import PlainWriter
from domain.effects import Notice
from domain.letters import Letter
from domain.receivers import Receiver
from tests.api.people import other_bank

PEOPLE = other_bank().person_by_key
LINK = "https://sla.example/decide/abc"


def notice(phrase: str = "cannot_offer", body: str = "Za drogo", **values: str | int) -> Notice:
    return Notice(key="case:1:news:0", case_id="case-1", recipients=("CUSTOMER_REP",), subject="s", body=body, phrase=phrase, values=values)


def written(given: Notice, person: str = "B1", *, behalf: tuple[str, ...] = (), unreached: tuple[str, ...] = ()) -> Letter:
    return PlainWriter().write(given, Receiver(PEOPLE[person], behalf, unreached), LINK, {})


def test_a_letter_greets_says_links_and_says_that_nobody_reads_answers() -> None:
    letter = written(notice())

    assert letter.text == (
        "Dzień dobry, Barbara Bankowa,\n\nZa drogo\n\nSzczegóły i decyzja:\nhttps://sla.example/decide/abc\n\n"
        "Wiadomość wysłana automatycznie, prosimy na nią nie odpowiadać."
    )
    assert (letter.subject, letter.key) == ("Nie możemy tego zaoferować", "case:1:news:0@B1")
    assert '<a href="https://sla.example/decide/abc">Otwórz</a>' in letter.html


def test_a_letter_says_why_it_comes_to_somebody_else() -> None:
    assert "Otrzymują to Państwo w zastępstwie: Celina Relacka." in written(notice(), "C2", behalf=("Celina Relacka",)).text
    assert (
        "Nikt nie odbiera wiadomości dla: kierownik zespołu, dyżurny." in written(notice(), "M1", unreached=("TEAM_LEAD", "ON_CALL")).text
    )


def test_what_people_wrote_is_escaped_and_begins_no_header() -> None:
    letter = written(notice("comment", "<script>alert(1)</script>\r\nBcc: all@x.test", comment="c1\r\nBcc: all@x.test\u2028x"))

    assert letter.subject == "Uwaga do projektu: c1 Bcc: all@x.test x"
    assert "<script>" not in letter.html
    assert "&lt;script&gt;" in letter.html


def test_a_subject_has_an_end() -> None:
    assert len(written(notice("comment", comment="x" * 5000)).subject) == 300


def test_several_are_gathered_into_one_letter() -> None:
    first, second = written(notice("cannot_offer", "A & B"), "M1"), written(notice("stays", "C", registry_no="SLA/2026/0001"), "M1")
    letter = PlainWriter().gather([first, second], "gathered:x")

    assert (letter.subject, letter.key) == ("Zestawienie: 2 wiadomości", "gathered:x@M1")
    assert (
        "* Nie możemy tego zaoferować\nA & B\nhttps://sla.example/decide/abc\n\n* SLA/2026/0001: umowa bez zmian\nPowód: C" in letter.text
    )
    assert letter.html.count("https://sla.example/decide/abc") == 2
    assert "A &amp; B" in letter.html


def test_who_asked_for_help_is_asked_how_it_was_at_the_address_they_are_known_by() -> None:
    asked, news = notice("survey", "1 to 5"), notice()

    assert [PlainWriter().write_to_nobody(asked, (name,)).mail for name in ("ewa@bank.example", "ewa.k")] == ["ewa@bank.example", None]
    assert PlainWriter().write_to_nobody(news, ("ewa@bank.example",)).mail is None


def test_what_nobody_stands_behind_is_kept_as_it_was_made() -> None:
    letter = PlainWriter().write_to_nobody(notice(), ("ON_CALL",))

    assert (letter.receiver, letter.name, letter.subject, letter.text, letter.key) == ("", "ON_CALL", "s", "Za drogo", "case:1:news:0")
