"""Tryton: a module with a trigger posts each record, signed; notes over REST.

Source: Tryton's documentation of `ir.trigger` and of its REST interface (release 8). Tryton has no webhooks of its own, so the form
is ours: `{id, at, model, record}` with `X-Tryton-Signature: t=SECONDS,v1=HEX`.
"""

from connectors.incoming import Maker, one_record
from connectors.outgoing import Call, Desk, bearer
from connectors.proofs import Stamped


def _note(deal: str, text: str) -> Call:
    return Call("POST", "/rest/model/ir.note", {"resource": f"sale.opportunity,{deal}", "message": text})


TRYTON = Maker(
    verify=Stamped("x-tryton-signature"),
    postings=one_record,
    desk=Desk(headers=bearer, deal_comment=_note),
)
