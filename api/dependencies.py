"""What routes ask for, named for the thing."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from temporalio.client import Client

from api.backtest_desk import BacktestDesk
from api.calendar_desk import CalendarDesk
from api.capacity_desk import CapacityDesk
from api.case_bodies import Enricher
from api.case_desk import CaseDesk
from api.case_forwarder import CaseForwarder
from api.case_intake import CaseIntake
from api.change_intake import ChangeIntake
from api.clock import BusinessClock
from api.cost_desk import CostDesk
from api.delivery_desk import DeliveryDesk
from api.forwarder import Forwarder
from api.inbox import Inbox
from api.limits import Limits
from api.performance import Performance
from api.proof_desk import ProofDesk
from api.replan_desk import ReplanDesk
from api.termination_intake import TerminationIntake
from connectors.forecast_methods import installed_methods
from connectors.installed import Connector
from connectors.signatures import verify
from domain.lifecycle import CASE_ENDS
from domain.termination import promising
from domain.terms import Agreement
from settings import Settings
from store.agreements import AgreementStore
from store.amended import Amended
from store.audit import AuditTrail
from store.backtests import BacktestStore
from store.calendars import CalendarStore
from store.cases import CaseStore
from store.database import Database
from store.directory import Directory
from store.duties import DutyStore
from store.evidence import PeriodCloser
from store.feedback import FeedbackStore
from store.judged import JudgedClocks
from store.kpis import Kpis
from store.mailbox import Mailbox
from store.measurements import MeasurementStore
from store.neglect import Neglect
from store.period_results import ClosedPeriods
from store.periods import Periods
from store.quality_proofs import QualityProofStore
from store.registry import AgreementRegistry
from store.replans import ReplanStore
from store.reports import Reports
from store.risks import Risks
from store.scans import Scans
from store.service_tokens import ServiceTokens
from store.sessions import Sessions
from store.supports import SupportFinder
from store.survey_answers import SurveyAnswers
from store.tickets import TicketStore
from store.work_packages import WorkPackages

if TYPE_CHECKING:
    from connectors.openid_provider import OpenIdProvider


class Parts:
    """Everything the API is built from; `api.app` makes one."""

    def __init__(self, settings: Settings, database: Database, now: BusinessClock, client: Client | None = None) -> None:
        """Build what needs no engine that is up."""
        self.settings = settings
        self.database = database
        self.now = now
        self.tickets = TicketStore(database)
        self.agreements = AgreementStore(database)
        self.inbox = Inbox(database, self.tickets, self.agreements, now)
        self.deliveries = DeliveryDesk(database, client, now)
        self.mailbox = Mailbox(database, now)
        self.forwarder: Forwarder | None = None
        self.directory = Directory(database, settings.policy)
        self.sessions, self.service_tokens = Sessions(database), ServiceTokens(database)
        self.openid = _provider(settings)
        self.limits = Limits(settings.write_rate, settings.sign_in_rate)
        self.cases = CaseStore(database)
        self.registry = AgreementRegistry(database)
        self.audit = AuditTrail(database)
        self.supports = SupportFinder(database, [state.value for state in CASE_ENDS])
        self.desk = CaseDesk(database, client, now)
        self.scans = Scans(database)
        self.measurements = MeasurementStore(database)
        self.periods, self.closed = Periods(database), ClosedPeriods(database)
        self.judged = JudgedClocks(database)
        self.reports = Reports(database)
        self.kpis, self.risks, self.costs = Kpis(database), Risks(database), CostDesk(database, now)
        self.closer, self.capacity = PeriodCloser(database), CapacityDesk(database, now, installed_methods())
        self.feedback, self.duties = FeedbackStore(database), DutyStore(database)
        self.surveys = SurveyAnswers(database)
        self.enricher = Enricher(self.supports, self.scans, Performance(database, now))
        self.policy = settings.policy
        self.intake = CaseIntake(database, now, settings.policy)
        self.amended = Amended(database)
        self.changes = ChangeIntake(database, now, settings.policy)
        self.backtests, self.backtest_desk = BacktestStore(database), BacktestDesk(database, now)
        self.replans, self.replan_desk = ReplanStore(database), ReplanDesk(database, now)
        self.calendars = CalendarStore(database)
        self.calendar_desk = CalendarDesk(database, now, settings.replan_rate)
        self.case_forwarder: CaseForwarder | None = None
        self.terminations = TerminationIntake(database, now)

    @cached_property
    def proofs(self) -> QualityProofStore:
        """Proofs of quality."""
        return QualityProofStore(self.database)

    @cached_property
    def proof_desk(self) -> ProofDesk:
        """Where they are drafted and decided on."""
        return ProofDesk(self.database, self.now, self.settings.proof_key)

    @cached_property
    def connectors(self) -> Mapping[str, Connector]:
        """The connected systems by name.

        Raises:
            BadInput: the connectors file or a mapping is faulty.
        """
        return self.settings.connectors

    @cached_property
    def work(self) -> WorkPackages:
        """The work packages of agreements."""
        return WorkPackages(self.database)

    @cached_property
    def neglect(self) -> Neglect:
        """Obligations nobody acts on."""
        return Neglect(self.database)

    async def promising(self, at: datetime) -> Sequence[Agreement]:
        """Every agreement version that tickets may run under, without those whose end was ordered and has come."""
        async with self.database.reading() as connection:
            ended = await self.terminations.store.all_standing(connection)
            published = await self.agreements.all(connection)
        return promising(published, ended, at)


def _provider(settings: Settings) -> "OpenIdProvider | None":
    if settings.openid is None:
        return None
    from connectors.openid_provider import OpenIdProvider  # noqa: PLC0415  (its libraries would slow down every start without one)

    return OpenIdProvider(settings.openid)


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


TheParts = Annotated[Parts, Depends(_parts)]


async def signed_body(parts: Parts, request: Request) -> bytes:
    """A body whose signature fits.

    Raises:
        BadSignature: it does not.
        StaleTimestamp: it was signed too long ago.
    """
    # The signature's time is checked against the real clock: it guards against repetition, which business time does not.
    body = await request.body()
    verify(parts.settings.crm_secret, request.headers, body, datetime.now(UTC))
    return body
