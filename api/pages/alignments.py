"""Whether supports carry the promises of a case's draft, as pictures and tables; for the provider's people."""

import asyncio

from fastapi import Response

from api.dependencies import TheParts
from api.pages.agreement_sheet import DrawnChain, drawn
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from api.promises import chains_as_checked
from api.routes.cases import show_alignment, the_case
from connectors.readable.words import Words, phrases_of
from domain.agreement_case import AgreementCase
from domain.documents import AgreementDocument

router = page_router()


@router.get("/pages/cases/{case_id}/alignment")
async def show_case_alignment(case_id: str, parts: TheParts, visitor: TheVisitor) -> Response:
    """The chain under each promise of the draft, by the last report of the alignment check."""
    row = await the_case(case_id, parts, visitor.someone)
    reports = await show_alignment(row, visitor.someone)
    case = AgreementCase.model_validate(row.document)
    supports = {name: AgreementDocument.model_validate(each.document) for name, each in case.supports.items()}
    # Chains with date kinds are played through a week of minutes: beside the loop that answers others.
    found = await asyncio.to_thread(chains_as_checked, case.draft, supports, case.alignment) if case.draft is not None else ()
    titles = {each.document: each.title for each in case.draft.documents} if case.draft is not None else {}
    documents: list[tuple[str, bool, list[DrawnChain]]] = [
        (titles[each.report.document], each.report.holds, drawn(each, visitor, each.report.document)) for each in found
    ]
    return own(
        "alignment",
        visitor,
        section="/pages/cases",
        row=row,
        documents=[each for each in documents if each[2]],
        is_checked=bool(reports),
        plain=Words(phrases_of(visitor.language, "plain")),
    )
