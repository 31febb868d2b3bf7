"""`servanda agreement`: check agreement files, make them readable, publish them, print their schema."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import BaseModel

from commands.output import print_json, say
from connectors.documents import Fault, FaultyDocument, form_of, read_agreement, read_document, read_draft
from connectors.readable.words import Language
from connectors.rendering import render_html, render_pdf
from domain.alignment import check_alignment
from domain.consistency import faults_of
from domain.documents import AgreementDocument, FinalDraft, hash_of
from domain.errors import BadInput, NotFound
from domain.findings import Verdict
from domain.registry_numbers import in_registry
from domain.service_report import ServiceReport
from domain.terms import Agreement
from settings import load_settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Agreements as files: check them, align them with their supports, read them, publish them.",
)

FORMS: dict[str, type[BaseModel]] = {"terms": Agreement, "document": AgreementDocument, "draft": FinalDraft, "report": ServiceReport}
"""What an agreement file may hold: the terms of tickets alone, one whole document, or all documents of an agreement; and its report."""

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help="agreements as YAML, for example examples/agreements/printers-warsaw.yaml")
]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command()
def check(files: Files, as_json: AsJson = False) -> None:
    """Say file, line and rule of each fault; a draft or document is also checked for completeness and consistency.

    Example: servanda agreement check examples/agreements/*.yaml examples/drafts/*.yaml
    """
    sound, faults = [], []
    for file in files:
        try:
            sound.append(_summary(_checked(file)))
        except FaultyDocument as wrong:
            faults += wrong.faults
    if as_json:
        print_json({"agreements": sound, "faults": [fault._asdict() for fault in faults]})
    else:
        for each in sound:
            say(f"{each['agreement']} {each['version']}: no fault, {each['targets']} target(s), hash {each['hash'][:12]}")
    if faults:
        raise FaultyDocument(faults)


@app.command()
def align(
    draft: Annotated[Path, typer.Argument(metavar="DRAFT", help="the promise: a draft as YAML")],
    supports: Annotated[list[Path], typer.Argument(metavar="SUPPORT…", help="OLAs and UCs as YAML, by the names that links use")],
    as_json: AsJson = False,
) -> None:
    """Hold a draft against the OLAs and UCs it rests on; exit code 1 where a rule fails.

    Example: servanda agreement align examples/drafts/bank-narew.yaml examples/supports/*.yaml
    """
    known = {each.document: each for each in map(read_document, supports)}
    promises = read_draft(draft)
    reports = [check_alignment(promises.in_full(each), known) for each in promises.documents if each.targets or each.availability]
    if as_json:
        print_json([report.model_dump(mode="json") for report in reports])
    else:
        for report in reports:
            for finding in report.findings:
                say(f"{report.document}.{finding.target}: rule {finding.rule} {finding.verdict.value}: {finding.message}")
    if any(finding.verdict is Verdict.FAILS for report in reports for finding in report.findings):
        raise typer.Exit(1)


@app.command("import")
def import_(files: Files, by: Annotated[str, typer.Option(help="who imports them")] = "command", as_json: AsJson = False) -> None:
    """Register ready terms, marked as imported by whom and when; a registered version never changes.

    Example: servanda agreement import examples/agreements/*.yaml
    """
    agreements, faults = _read(files)
    if faults:
        raise FaultyDocument(faults)
    published = asyncio.run(publish(agreements, by))
    if as_json:
        print_json([{**_summary(each), "new": new} for each, new in zip(agreements, published, strict=True)])
        return
    for each, new in zip(agreements, published, strict=True):
        say(f"{each.agreement} {each.version} {'published' if new else 'was published before'}, in force from {each.effective_from}")


@app.command()
def render(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="a draft or a document as YAML")],
    language: Annotated[Language, typer.Option(help="pl or en; texts of the agreement stay as they were written")] = "en",
    form: Annotated[Literal["html", "pdf"], typer.Option("--format", help="html or pdf")] = "html",
    output: Annotated[Path | None, typer.Option(help="file to write; without it a page goes to standard output")] = None,
) -> None:
    """Write an agreement as people read it, with the hash that approvals and signatures are attached to.

    Example: servanda agreement render examples/drafts/bank-narew.yaml --language pl --format pdf --output bank.pdf
    """
    if form == "pdf" and output is None:
        raise BadInput("a PDF is no text to print; name its file: --output FILE")
    value = _document_or_draft(file)
    draft = value if isinstance(value, FinalDraft) else FinalDraft(documents=(value,))
    shown = render_pdf(draft, hash_of(value), language) if form == "pdf" else render_html(draft, hash_of(value), language).encode()
    if output is None:
        sys.stdout.write(shown.decode())
        return
    try:
        output.write_bytes(shown)
    except OSError as wrong:
        raise BadInput(f"{output}: {wrong.strerror or wrong}") from wrong
    say(f"{output}: {len(shown)} bytes, hash {hash_of(value)[:12]}")


@app.command()
def openslo(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="a number of the registry, such as SLA-2026-0001")],
    version: Annotated[str | None, typer.Option(help="default: the newest")] = None,
) -> None:
    """Print the shares an agreement promises as OpenSLO v1, for tools that watch objectives.

    Example: servanda agreement openslo SLA-2026-0001 > sla.openslo.yaml
    """
    sys.stdout.write(asyncio.run(_openslo(number, version)))


async def _openslo(number: str, version: str | None) -> str:
    from commands.stored import open_database  # noqa: PLC0415
    from connectors.openslo import Promise, openslo_yaml  # noqa: PLC0415
    from store.registry import AgreementRegistry  # noqa: PLC0415
    from store.stated import Stated  # noqa: PLC0415

    async with open_database() as database:
        entry = await AgreementRegistry(database).entry(in_registry(number), version)
        if entry is None:
            raise NotFound(f"there is no agreement {number}" + (f" in version {version}" if version is not None else ""))
        return openslo_yaml(Promise(entry.registry_no, entry.version, Stated.of(entry).document))


@app.command()
def schema(form: Annotated[str, typer.Option(help="terms, document, draft or report")] = "terms") -> None:
    """Print the JSON Schema of an agreement file, or of a report.

    Example: servanda agreement schema --form draft
    """
    if form not in FORMS:
        raise BadInput(f"there is no form {form!r}; there are {', '.join(FORMS)}")
    print_json(FORMS[form].model_json_schema())


def _document_or_draft(file: Path) -> AgreementDocument | FinalDraft:
    form = form_of(file)
    if form == "terms":
        raise BadInput(f"{file}: holds only the terms of tickets; a draft has documents, a document has a name in document")
    return read_draft(file) if form == "draft" else read_document(file)


def _checked(file: Path) -> Agreement | AgreementDocument | FinalDraft:
    if form_of(file) == "terms":
        return read_agreement(file)
    value = _document_or_draft(file)
    draft = value if isinstance(value, FinalDraft) else FinalDraft(documents=(value,))
    if faults := faults_of(draft):
        raise FaultyDocument([Fault(str(file), 1, str(fault)) for fault in faults])
    return value


def _read(files: list[Path]) -> tuple[list[Agreement], list[Fault]]:
    agreements: list[Agreement] = []
    faults: list[Fault] = []
    for file in files:
        try:
            agreements.append(read_agreement(file))
        except FaultyDocument as wrong:
            faults += wrong.faults
    return agreements, faults


def _summary(value: Agreement | AgreementDocument | FinalDraft) -> dict[str, str]:
    if isinstance(value, FinalDraft):
        targets = sum(len(each.targets) + len(each.availability) for each in value.documents)
        name, version, kind, digest = value.documents[0].document, "draft", value.documents[0].kind, hash_of(value)
    elif isinstance(value, AgreementDocument):
        name, version, kind, digest = value.document, "document", value.kind, hash_of(value)
        targets = len(value.targets) + len(value.availability)
    else:
        name, version, kind, digest, targets = value.agreement, value.version, value.kind, value.digest, len(value.targets)
    return {"agreement": name, "version": version, "kind": kind.value, "hash": digest, "targets": str(targets)}


async def publish(agreements: list[Agreement], by: str) -> list[bool]:
    """Register ready terms in this installation's database; says which are new.

    Raises:
        BadInput: a version is published with other content, or the database is not there.
    """
    from api.clock import BusinessClock  # noqa: PLC0415
    from commands.stored import open_database  # noqa: PLC0415
    from store.registry import AgreementRegistry  # noqa: PLC0415

    now = BusinessClock(load_settings().time_shift)
    async with open_database() as database:
        registry = AgreementRegistry(database)
        return [await registry.import_terms(each, by, now()) for each in agreements]
