"""Builds the adapters, hands them to the activities, runs the workers."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, NamedTuple

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import PollerBehaviorAutoscaling, Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.backtests import BacktestActivities
from activities.cases import CaseActivities
from activities.crm import CrmActivities
from activities.follow_ups import FollowUpActivities
from activities.notices import NoticeActivities
from activities.periods import PeriodActivities
from activities.post import Outside, Post
from activities.registry import RegistryActivities
from activities.replan import ReplanActivities
from activities.retention import RetentionActivities
from activities.surveys import SurveyActivities
from activities.terminations import TerminationActivities
from activities.tickets import TicketActivities, digest_bucket
from api.amendments import AmendmentCases
from api.clock import BusinessClock
from api.decided_facts import DecidedFacts
from api.replanner import Replanner
from api.task_links import TaskLinks, real_now
from api.termination_facts import TerminationFacts
from connectors.chat import ChatCarrier
from connectors.connected_crm import ConnectedCrm
from connectors.console import ConsoleCrm, ConsoleNotifier
from connectors.installed import sources_written_to
from connectors.letter_writer import PlainWriter
from connectors.smtp import SmtpCarrier
from connectors.survey_links import token_of
from connectors.webhook import WebhookCrm, WebhookNotifier
from domain.errors import ServandaError
from domain.ports import Amendments, Carrier, Crm, Notifier
from settings import Settings
from store.addresses import Addresses
from store.cases import CaseStore
from store.database import Database
from store.deliveries import Deliveries
from store.mailbox import Mailbox
from store.measuring import Measuring
from store.milestones import Milestones
from store.period_book import PeriodBook
from store.registry import AgreementRegistry
from store.retention import Retention as RetentionStore
from store.surveys import Surveys
from workflows.agreement import Agreement
from workflows.agreement_case import AgreementCase
from workflows.backtest import Backtest
from workflows.digest import Digest
from workflows.digests import DigestStarter
from workflows.follow_up import FollowUp
from workflows.names import BACKTESTS_QUEUE, CASES_QUEUE, CRM_QUEUE, NOTICES_QUEUE, QUEUES, SEARCH_ATTRIBUTES, TICKETS_QUEUE
from workflows.processes import Processes
from workflows.replan import Replan
from workflows.retention import Retention
from workflows.support_case import SupportCase
from workflows.ticket import Ticket

WORKFLOWS = {TICKETS_QUEUE: (Ticket, Digest), CASES_QUEUE: (AgreementCase, SupportCase, Agreement, FollowUp, Replan, Retention, Backtest)}

PASSED_THROUGH = (
    "domain",
    "activities",
    *(
        f"workflows.{part}"
        for part in ("names", "appearance", "business_time", "lanes", "effects", "deliveries", "case_process", "registering", "early_end")
    ),
)
"""What workflows share with the process: pure, or only named by them. Importing it anew for each run would cost a second,
zones work only outside the sandbox, and every open ticket would hold a copy (`docs/decisions/0002`)."""

MEASURED_AT_ONCE = 1
"""Backtests that one worker measures side by side: each keeps a processor busy. More workers measure more."""

CACHED = {TICKETS_QUEUE: 5000, CASES_QUEUE: 1000}
"""Processes a worker keeps in memory; others are replayed when something happens to them."""

GRACE = timedelta(seconds=30)
"""How long a stopping worker lets running activities end."""


_RELEASE = WorkerDeploymentConfig(
    version=WorkerDeploymentVersion(deployment_name="servanda", build_id="0.1.0"), use_worker_versioning=False
)
"""Which release works, for administrators. Without it the library would read every module to make up a name."""


class EngineMisconfigured(ServandaError):
    """The engine has something under one of our names that is not ours."""

    code = "ENGINE_MISCONFIGURED"


def sandbox() -> SandboxedWorkflowRunner:
    """The runner of all our workflows; tests and replays use the same."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))


async def connect(settings: Settings, *, lazy: bool = False) -> Client:
    """A client of the engine; a lazy one connects at its first call."""
    return await Client.connect(
        settings.temporal_address, namespace=settings.temporal_namespace, data_converter=pydantic_data_converter, lazy=lazy
    )


async def register_search_attributes(client: Client) -> None:
    """Register what administrators search by.

    Raises:
        EngineMisconfigured: a name is taken with another type; the engine would keep that type and say nothing.
    """
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=client.namespace))
    missing: dict[str, IndexedValueType.ValueType] = {}
    for key in SEARCH_ATTRIBUTES:
        wanted = IndexedValueType.ValueType(int(key.indexed_value_type))
        found = listed.custom_attributes.get(key.name)
        if found is None:
            missing[key.name] = wanted
        elif found != wanted:
            raise EngineMisconfigured(
                f"search attribute {key.name} exists with type {IndexedValueType.Name(found)}, not {IndexedValueType.Name(wanted)}"
            )
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )


def channels_of(settings: Settings) -> list[Notifier]:
    """The channels of this installation that get each notice whole, and know themselves who is behind a role."""
    made: list[Notifier] = []
    if "console" in settings.notice_channels:
        made.append(ConsoleNotifier())
    if "webhook" in settings.notice_channels:
        assert settings.notice_webhook_url is not None
        assert settings.notice_webhook_secret is not None
        made.append(WebhookNotifier(settings.notice_webhook_url, settings.notice_webhook_secret, real_now))
    return made


def carriers_of(settings: Settings, database: Database, now: BusinessClock) -> list[Carrier]:
    """The channels of this installation that carry a letter to each person."""
    made: list[Carrier] = []
    if "mailbox" in settings.notice_channels:
        made.append(Mailbox(database, now))
    if "smtp" in settings.notice_channels:
        made.append(SmtpCarrier(settings.mail_server, real_now))
    if "apprise" in settings.notice_channels:
        made.append(ChatCarrier(settings.apprise_urls))
    return made


def links_of(settings: Settings, database: Database) -> TaskLinks:
    """Links to decisions and pages; without a secret to sign them people sign in first."""
    return TaskLinks(database, settings.links_to, next(iter(settings.survey_secret), None), real_now)


def post_of(settings: Settings, database: Database, client: Client, now: BusinessClock) -> Post:
    """What writes to people, each in their language, and keeps what waits."""
    outside = Outside(Addresses(database), PlainWriter(), links_of(settings, database), carriers_of(settings, database, now))
    return Post(outside, Deliveries(database), DigestStarter(client, now), now)


def crm_of(settings: Settings) -> Crm:
    """The CRM of this installation; connected systems are told of their own tickets in their own forms."""
    url, secret, connectors = settings.crm_webhook_url, settings.crm_webhook_secret, settings.connectors
    crm: Crm = WebhookCrm(url, secret, real_now) if url is not None and secret is not None else ConsoleCrm()
    return ConnectedCrm(connectors, crm) if sources_written_to(connectors) else crm


def surveys_of(settings: Settings, database: Database) -> Surveys:
    """The surveys of this installation, with links people can follow; without a secret to sign them nobody is asked."""
    secret = next(iter(settings.survey_secret), None)
    link = (lambda survey: f"{settings.links_to}/answers/{token_of(secret, survey)}") if secret is not None else None
    return Surveys(database, settings.surveys, link)


class Instead(NamedTuple):
    """What stands in the place of an installation's own, where somebody has it otherwise."""

    amendments: Amendments | None = None
    now: BusinessClock | None = None


def build_workers(
    client: Client, settings: Settings, database: Database, queues: Sequence[str] = QUEUES, instead: Instead | None = None
) -> list[Worker]:
    """One worker per queue, so that a dead mail server takes no place from a clock."""
    log, milestones = Deliveries(database), Milestones(database, digest_bucket)
    amendments, now = instead or Instead()
    now = now or BusinessClock(settings.time_shift)
    tickets = TicketActivities(milestones, DigestStarter(client, now))
    notices = NoticeActivities(channels_of(settings), log, milestones, post_of(settings, database, client, now))
    crm = CrmActivities(crm_of(settings), log)
    cases = CaseActivities(CaseStore(database))
    registry = RegistryActivities(AgreementRegistry(database))
    periods = PeriodActivities(PeriodBook(database))
    facts = DecidedFacts(database, now, amendments or AmendmentCases(database, settings.policy, client))
    terminations = TerminationActivities(TerminationFacts(database, now, settings.policy))
    follow_ups = FollowUpActivities(Processes(client, facts))
    surveys = SurveyActivities(surveys_of(settings, database))
    replans = ReplanActivities(Replanner(database, now))
    retention = RetentionActivities(RetentionStore(database, settings.retention), now)
    backtests = BacktestActivities(Measuring(database, now))
    activities: dict[str, list[Callable[..., Any]]] = {
        TICKETS_QUEUE: [tickets.record_milestones],
        CASES_QUEUE: [
            *(cases.record_case, registry.register, registry.change_state, periods.close, periods.report, periods.look),
            *(follow_ups.open, follow_ups.tell, follow_ups.take_effect, follow_ups.start_agreement, surveys.due_surveys),
            *(replans.move, replans.finish, retention.batch, backtests.fail),
            *(terminations.mark_tickets, terminations.still_stands, terminations.wind_up, terminations.came_too_late),
        ],
        NOTICES_QUEUE: [notices.send_notice, notices.send_digest],
        CRM_QUEUE: [crm.update_ticket, crm.update_case, crm.bill_credit],
        BACKTESTS_QUEUE: [backtests.measure_proposals],
    }
    return [
        Worker(
            client,
            task_queue=queue,
            workflows=list(WORKFLOWS.get(queue, ())),
            activities=activities[queue],
            workflow_runner=sandbox(),
            # Workflow code holds the interpreter's lock, so more at once would only make each slower.
            max_concurrent_workflow_tasks=50 if queue in WORKFLOWS else None,
            max_concurrent_activities=MEASURED_AT_ONCE if queue == BACKTESTS_QUEUE else None,
            max_cached_workflows=CACHED.get(queue, 0),
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=5),
            workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
            activity_task_poller_behavior=PollerBehaviorAutoscaling(),
            graceful_shutdown_timeout=GRACE,
            deployment_config=_RELEASE,
        )
        for queue in queues
    ]


async def run_workers(client: Client, settings: Settings, database: Database, stop: asyncio.Event, queues: Sequence[str] = QUEUES) -> None:
    """Register what the engine must know and work until `stop`."""
    await register_search_attributes(client)
    async with AsyncExitStack() as running:
        for worker in build_workers(client, settings, database, queues):
            await running.enter_async_context(worker)
        await stop.wait()
