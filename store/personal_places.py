"""Where people stand in the tables: what each table is kept for, and the search for rows that name somebody."""

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, LargeBinary, Select, String, Table, Text, cast, or_, select
from sqlmodel import AutoString

from domain.personal_data import Identity
from domain.retention import DataKind
from store.backtest_table import BacktestRow
from store.case_tables import (
    AuditRow,
    CaseRow,
    CatalogueRow,
    DocumentRow,
    HumanTaskRow,
    PersonTokenRow,
    RegistryNumberRow,
    RegistryRow,
    ScanRow,
)
from store.cost_tables import ActualCostRow
from store.period_tables import DutyRow, FeedbackRow, MeasurementRow, PeriodResultRow
from store.planning_tables import ExpectedVolumeRow
from store.quality_proof_tables import QualityProofDecisionRow, QualityProofOfferRow, QualityProofRow
from store.replan_tables import CalendarVersionRow, ReplanMoveRow, ReplanRow
from store.service_token_table import ServiceTokenRow
from store.session_tables import SessionRow, UsedLinkRow
from store.survey_tables import SurveyRow
from store.tables import AgreementVersionRow, ClockRow, DeliveryRow, InboxRow, MailboxRow, MilestoneRow, TicketRow
from store.termination_table import TerminationRow

_KINDS: Mapping[DataKind, tuple[Any, ...]] = MappingProxyType(
    {
        DataKind.SIGN_IN: (PersonTokenRow, SessionRow, UsedLinkRow),
        DataKind.LETTER: (MailboxRow, DeliveryRow),
        DataKind.SURVEY: (SurveyRow, FeedbackRow),
        DataKind.TICKET: (TicketRow, ClockRow, MilestoneRow),
        DataKind.TRANSIT: (InboxRow,),
        DataKind.OPERATION: (ServiceTokenRow, ReplanRow, ReplanMoveRow, CalendarVersionRow, ActualCostRow, QualityProofRow, BacktestRow),
        DataKind.CASE: (CaseRow, DocumentRow, ScanRow, ExpectedVolumeRow),
        DataKind.AGREEMENT: (
            *(AgreementVersionRow, RegistryRow, RegistryNumberRow, TerminationRow),
            *(MeasurementRow, PeriodResultRow, DutyRow),
        ),
        DataKind.DECISION: (HumanTaskRow, AuditRow, QualityProofDecisionRow, QualityProofOfferRow),
        DataKind.ADDRESS: (CatalogueRow,),
    }
)
"""The tables of each kind. The directory comes last: it says what a person is called."""

ORDER = tuple(_KINDS)
"""The kinds in the order in which they are erased."""

KIND_OF: Mapping[str, DataKind] = MappingProxyType({table.__tablename__: kind for kind, tables in _KINDS.items() for table in tables})
"""What each table is kept for; a test holds that none is missing."""

PLACES: tuple[Table, ...] = tuple(table.__table__ for tables in _KINDS.values() for table in tables)

HASHED = frozenset({"agreement_version", "quality_proof"})
"""Tables whose rows are read by the hash of their content: a changed one would be found no longer."""


def searched(table: Table) -> tuple[Column[Any], ...]:
    """The columns of a table in which a person may stand."""
    return tuple(column for column in table.c if isinstance(column.type, String | AutoString | JSON))


def rows_naming(table: Table, identity: Identity) -> Select[Any]:
    """The rows of a table that may name a person, without what is no text; the names are looked at again by who reads them."""
    conditions = [condition for column in searched(table) for condition in _conditions(column, identity)]
    return select(*(column for column in table.c if not isinstance(column.type, LargeBinary))).where(or_(*conditions))


def _conditions(column: Column[Any], identity: Identity) -> Iterable[ColumnElement[bool]]:
    is_json = isinstance(column.type, JSON)
    shown = cast(column, Text) if is_json else column
    yield shown.contains(f'"{_in_json(identity.key)}"', autoescape=True) if is_json else column == identity.key
    for text in identity.texts:
        # SQLite and some settings of PostgreSQL know capitals only of A to Z; others are looked for in both forms.
        for form in (text,) if text.isascii() else sorted({text, text.lower(), text.upper(), text.title()}):
            yield shown.icontains(_in_json(form) if is_json else form, autoescape=True)


def _in_json(text: str) -> str:
    """As it stands between quotes in a JSON column."""
    return json.dumps(text)[1:-1]


def key_of(table: Table, row: Any) -> str:
    """A row's primary key, as reports name it."""
    return " ".join(str(getattr(row, column.name)) for column in table.primary_key)
