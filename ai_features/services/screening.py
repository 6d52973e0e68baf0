"""Texts that read like orders to the AI: refused, shortened, noted, or known to be honest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from ai_features.errors import InputRefused, NothingToMark
from ai_features.models import FalsePositive, InjectionFinding
from ai_features.privacy import injection
from ai_features.privacy.injection import Finding
from ai_features.privacy.injection_rules import BLOCK, REDACT
from ai_features.services.call import Call
from ai_features.services.question import Question

# One call may be full of them; nobody reads more.
_MOST_STORED, _MOST_TOLD = 50, 20


def find(call: Call, question: Question) -> list[Finding]:
    """What the rules find in the sanitised input, without what was marked as honest for this business.

    Stored at once: how often a rule is right is counted whatever becomes of the call.
    """
    findings = injection.check_tree(question.clean_items)
    if not findings:
        return []
    marked = FalsePositive.objects.filter(
        business_id=call.caller.business_id, text_hash__in={finding.text_hash for finding in findings}
    )
    honest = set(marked.values_list("rule", "text_hash"))
    findings = [finding for finding in findings if (finding.rule, finding.text_hash) not in honest]
    distinct = {(finding.rule, finding.text_hash): finding for finding in reversed(findings)}
    InjectionFinding.objects.bulk_create(
        [_row(call, question, finding) for finding in [*reversed(distinct.values())][:_MOST_STORED]]
    )
    return findings


def refusal(call: Call, question: Question, findings: Sequence[Finding]) -> InputRefused | None:
    """What to tell when one of them blocks."""
    places = [(question.field(f.field), f.rule) for f in findings if f.mode == BLOCK]
    if not places:
        return None
    errors = [
        {"field": field, "code": rule, "detail": "Reads like an order to the AI."}
        for field, rule in list(dict.fromkeys(places))[:_MOST_TOLD]
    ]
    return InputRefused(errors=errors, request_id=call.id)


def shorten(question: Question, findings: Sequence[Finding]) -> Question:
    """The question without the pieces that redacting rules found, knowing which fields are shorter."""
    fields = [question.field(finding.field) for finding in findings if finding.mode == REDACT]
    if not fields:
        return question
    items = injection.without(question.clean_items, list(findings))
    return replace(question, shortened=items, removed=tuple(dict.fromkeys(fields)))


def mark_false_positives(
    *, request_id: UUID, rules: Sequence[str], note: str, by_id: int, now: datetime
) -> int:
    """From now on these rules let the texts of this call through, for its business. How many are new.

    Raises NothingToMark when the rules found nothing there.
    """
    findings = list(InjectionFinding.objects.filter(request_id=request_id, rule__in=rules))
    if not findings:
        raise NothingToMark
    before = FalsePositive.objects.filter(business_id=findings[0].business_id).count()
    FalsePositive.objects.bulk_create(
        [
            FalsePositive(
                business_id=finding.business_id,
                rule=finding.rule,
                text_hash=finding.text_hash,
                request_id=request_id,
                marked_by_id=by_id,
                note=note,
                created_at=now,
            )
            for finding in findings
        ],
        ignore_conflicts=True,
    )
    return FalsePositive.objects.filter(business_id=findings[0].business_id).count() - before


def _row(call: Call, question: Question, finding: Finding) -> InjectionFinding:
    return InjectionFinding(
        business_id=call.caller.business_id,
        request_id=call.id,
        feature=call.feature.slug,
        rule=finding.rule,
        mode=finding.mode,
        field=question.field(finding.field)[:200],
        text_hash=finding.text_hash,
        created_at=call.now,
    )
