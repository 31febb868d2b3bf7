"""What each side owes, in words: duties and their work packages, volumes, exclusions, outcomes, money, supports."""

from collections.abc import Iterator

from connectors.readable.blocks import Block, facts, table, text
from connectors.readable.chapter import Chapter
from domain.agreement_parts import CreditTable, LatenessPenalty, Obligation, Outcome, Price, WorkloadLimit


def workload_limits(chapter: Chapter) -> list[Block]:
    """The volumes up to which the promise holds."""

    def row(limit: WorkloadLimit) -> tuple[str, ...]:
        return str(limit.volume), limit.unit, chapter.words[f"period.{limit.per}"]

    return chapter.listed("workload_limits", ("volume", "unit", "per"), row)


def exclusions(chapter: Chapter) -> list[Block]:
    """What does not count."""
    return chapter.listed("exclusions", ("exclusion", "text"), lambda each: (each.exclusion, each.text))


def obligations(chapter: Chapter) -> Iterator[Block]:
    """The duties of both sides; those of the levels above hold beside the document's own."""
    words, own = chapter.words, chapter.document.obligations
    if own:
        yield table(words.labels("side", "obligation", "text", "packages"), (_obligation(chapter, each) for each in own))
    above = [each.title for each in chapter.above if each.obligations]
    for title in above:
        yield text(words.say("also_above" if own else "as_above", title=title))
    if not own and not above:
        yield text(words["no_answer"])


def _obligation(chapter: Chapter, duty: Obligation) -> tuple[str, ...]:
    parties = dict(zip(chapter.sides, (chapter.document.provider, chapter.document.customer), strict=True))
    party = f" ({parties[duty.side].name})" if duty.side in parties else ""
    packages = "\n".join(f"{each.package}: {each.task} ({each.owner})" for each in duty.packages) or "–"
    said = f"{duty.text}\n{chapter.words[f'due_every.{duty.every}']}" if duty.every is not None else duty.text
    return chapter.words[f"side.{duty.side}"] + party, duty.obligation, said, packages


def outcomes(chapter: Chapter) -> list[Block]:
    """What the customer wants to reach."""

    def row(outcome: Outcome) -> tuple[str, ...]:
        return outcome.outcome, outcome.statement, f"{chapter.words.number(outcome.goal)} %" if outcome.goal is not None else "–"

    return chapter.listed("outcomes", ("outcome", "text", "goal"), row)


def price(chapter: Chapter) -> list[Block]:
    """What is paid, and for which option."""
    words = chapter.words

    def block(agreed: Price) -> Block:
        return facts((words["monthly"], words.money(agreed.monthly, agreed.currency)), (words["option"], agreed.option or "–"))

    return chapter.answered("price", block)


def credit_tables(chapter: Chapter) -> list[Block]:
    """What is given back for a result below a target, the mildest step first."""
    words = chapter.words

    def row(credit: CreditTable) -> tuple[str, ...]:
        steps = sorted(credit.bands, key=lambda band: band.below, reverse=True)
        shown = (words.say("band", below=words.number(each.below), credit=words.number(each.credit)) for each in steps)
        return credit.target, "\n".join(shown)

    return [*chapter.listed("credits", ("target", "bands"), row), *_limits(chapter), *_penalties(chapter)]


def _limits(chapter: Chapter) -> list[Block]:
    """What bounds the credits."""
    words, limits = chapter.words, chapter.document.credit_limits
    if limits is None:
        return []
    shares = [(words[name], f"{words.number(value)} %") for name in ("month_percent", "year_percent") if (value := getattr(limits, name))]
    return [facts(*shares, (words["minimum"], words.money(limits.minimum, chapter.document.currency)))]


def _penalties(chapter: Chapter) -> list[Block]:
    """What each late ticket costs."""
    words = chapter.words

    def row(penalty: LatenessPenalty) -> tuple[str, ...]:
        return penalty.target, words.money(penalty.per_started_hour, chapter.document.currency)

    return chapter.listed("penalties", ("target", "per_started_hour"), row) if chapter.document.penalties else []


def links(chapter: Chapter) -> Iterator[Block]:
    """What each target rests on."""
    words, document = chapter.words, chapter.document
    if document.links:
        head = words.labels("target", "support", "support_target", "segment", "lane")
        yield table(head, ((each.target, each.support, each.support_target, each.segment, str(each.lane)) for each in document.links))
        yield text(words["lanes"])
    if document.self_provided:
        yield facts((words["self_provided"], ", ".join(document.self_provided)))
    if not document.links and not document.self_provided:
        yield text(words["no_answer"])
