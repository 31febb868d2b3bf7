"""One document of an agreement with the words to tell it in: what it answers itself, and what a level above answers for it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from connectors.readable.blocks import Block, table, text
from connectors.readable.words import Words
from domain.documents import AgreementDocument, AgreementLevel, FinalDraft
from domain.people import Side
from domain.terms import SUPPORT_KINDS, AgreementKind


class Chapter(NamedTuple):
    """A document of a draft in the words of a language; `is_regulated` says whether the law watches the customer."""

    draft: FinalDraft
    document: AgreementDocument
    words: Words
    is_regulated: bool

    @property
    def above(self) -> Sequence[AgreementDocument]:
        """The documents of the levels above, nearest first; what they answer holds here too."""
        return self.draft.ancestors(self.document)

    @property
    def is_service(self) -> bool:
        """Is it of the level that carries targets, prices and limits?"""
        return self.document.level is AgreementLevel.SERVICE

    @property
    def is_sold(self) -> bool:
        """Is it a promise to a customer, and not one of a team or supplier to us?"""
        return self.is_service and self.document.kind not in SUPPORT_KINDS

    @property
    def sides(self) -> tuple[Side, Side]:
        """Who gives and who takes: what a supplier gives is taken by the provider of the promise above."""
        return (Side.SUPPLIER, Side.PROVIDER) if self.document.kind is AgreementKind.UC else (Side.PROVIDER, Side.CUSTOMER)

    def elsewhere(self, answer: Callable[[AgreementDocument], Any]) -> str:
        """Where a point that is open here is answered above, or that nobody answered it."""
        parent = next((each for each in self.above if answer(each) is not None), None)
        return self.words.say("as_above", title=parent.title) if parent is not None else self.words["no_answer"]

    def answered(self, field: str, block: Callable[[Any], Block]) -> list[Block]:
        """The document's own answer, or where else it stands; an empty list is the answer "none"."""
        own = getattr(self.document, field)
        if own is None:
            return [text(self.elsewhere(lambda each: getattr(each, field)))]
        return [text(self.words["none"]) if own == () else block(own)]

    def listed(self, field: str, head: Sequence[str], row: Callable[[Any], Sequence[str]]) -> list[Block]:
        """An answer of several entries as a table, a row for each."""
        return self.answered(field, lambda own: table(self.words.labels(*head), map(row, own)))
