"""`servanda agreement render`: a page to standard output or a file, a PDF to a file, one line where it cannot."""

from pathlib import Path

import pytest

from cli import run
from domain.documents import hash_of
from tests.commands.refusals import refused
from tests.conftest import EXAMPLES
from tests.domain.drafts import bank_draft, support

DRAFT = str(EXAMPLES / "drafts" / "bank-narew.yaml")
DESK = str(EXAMPLES / "supports" / "desk.yaml")
TERMS = str(EXAMPLES / "agreements" / "erp.yaml")


def test_a_draft_is_a_page_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["agreement", "render", DRAFT]) == 0

    shown = capsys.readouterr().out
    assert shown.startswith("<!DOCTYPE html>\n")
    assert shown.endswith("</html>\n")
    assert hash_of(bank_draft()) in shown


def test_a_document_alone_is_rendered_with_its_own_hash(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["agreement", "render", DESK, "--language", "pl"]) == 0

    shown = capsys.readouterr().out
    assert "Porozumienie operacyjne (OLA)" in shown
    assert hash_of(support("desk")) in shown


def test_a_page_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "bank.html"

    assert run(["agreement", "render", DRAFT, "--output", str(page)]) == 0
    assert capsys.readouterr().out.startswith(f"{page}: ")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>\n")


def test_a_pdf_goes_to_a_file(tmp_path: Path) -> None:
    pdf = tmp_path / "bank.pdf"

    assert run(["agreement", "render", DRAFT, "--format", "pdf", "--output", str(pdf)]) == 0
    assert pdf.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([DRAFT, "--format", "pdf"], "--output FILE"),
        ([DRAFT, "--format", "docx"], "'html', 'pdf'"),
        ([DRAFT, "--language", "de"], "'pl', 'en'"),
        ([DRAFT, "--output", "/no/such/place.html"], "/no/such/place.html: No such file"),
        ([TERMS], "only the terms of tickets"),
        (["/no/such/draft.yaml"], "/no/such/draft.yaml:1: No such file"),
        ([], "FILE"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in refused(capsys, "agreement", "render", *arguments)
