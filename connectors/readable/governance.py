"""How the agreement is kept alive, in words: change, reviews, end, escalation, control layer."""

from collections.abc import Iterator

from connectors.readable.blocks import Block, facts
from connectors.readable.chapter import Chapter
from domain.agreement_parts import ModificationPlan, RenewalClause, ReviewPlan, TerminationRoute
from domain.completeness import CONTROL_PARTS, FINANCIAL_PARTS


def every_ticket(chapter: Chapter) -> Iterator[Block]:
    """What holds for tickets of every target: reopening, and who is told after a breach."""
    words = chapter.words
    yield facts(
        (words["reopening"], words.counted("reopening_days", chapter.document.reopening_days)),
        (words["escalation"], words.names("role", chapter.document.escalation)),
    )


def modification_plan(chapter: Chapter) -> list[Block]:
    """Who may ask for a change, how, and with what notice."""
    words = chapter.words

    def block(plan: ModificationPlan) -> Block:
        is_common = plan.version_rule == ModificationPlan.model_fields["version_rule"].default
        return facts(
            (words["who_may_ask"], plan.who_may_ask),
            (words["how"], plan.how),
            (words["notice"], words.counted("days", plan.notice_days)),
            (words["version_rule"], words["common_version_rule"] if is_common else plan.version_rule),
        )

    return chapter.answered("modification_plan", block)


def reviews(chapter: Chapter) -> list[Block]:
    """When both sides look at the agreement together."""
    words = chapter.words

    def block(plan: ReviewPlan) -> Block:
        return facts((words["rhythm"], words.counted("months", plan.every_months)), (words["first_on"], words.optional(plan.first_on)))

    return chapter.answered("reviews", block)


def termination(chapter: Chapter) -> list[Block]:
    """How the agreement may be ended early."""
    words = chapter.words

    def block(route: TerminationRoute) -> Block:
        return facts((words["how"], route.how), (words["notice"], words.counted("days", route.notice_days)))

    return chapter.answered("termination", block)


def renewal(chapter: Chapter) -> list[Block]:
    """What is agreed for the end of the term."""
    words = chapter.words

    def block(clause: RenewalClause) -> Block:
        length = str(clause.months) if clause.months is not None else words["as_long_again"]
        return facts(
            (words["renews"], words.yes_or_no(answer=clause.automatic)),
            (words["goes_on_for"], length),
            (words["notice"], words.counted("days", clause.notice_days)),
        )

    return chapter.answered("renewal", block)


def control_layer(chapter: Chapter) -> Iterator[Block]:
    """The six parts, each with its own answer or that of a level above; two more where the law asks them or somebody answered."""
    layers = [each.control_layer for each in (chapter.document, *chapter.above)]
    more = [part for part in FINANCIAL_PARTS if chapter.is_regulated or any(getattr(layer, part) is not None for layer in layers)]
    yield facts(*((chapter.words[part], _control_part(chapter, part)) for part in (*CONTROL_PARTS, *more)))


def _control_part(chapter: Chapter, part: str) -> str:
    own: str | None = getattr(chapter.document.control_layer, part)
    return own if own is not None else chapter.elsewhere(lambda each: getattr(each.control_layer, part))
