"""Unusual data on which templates are tried before a real incident uses them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.components import Impact
from bot.domain.facts import NEXT_UPDATE, NOTES, WORDS, Facts, UpdateKind
from bot.domain.lifecycle import Stage
from bot.domain.organisation import Organisation
from bot.domain.severity import Severity
from bot.domain.update_context import UpdateContext

ODD_WORDS = {
    "right to left": "الصفحات لا تعمل ‏(API)‏",
    "emoji": "🔥 pages fail 🙈",
    "markup": "<b>pages</b> *fail* `now` & <!channel> [here](https://example.com) @everyone",
    "template syntax": "{{ severity }} {% if x %} {# pages #} ${title} %s {0}",
    "slots": f"{NEXT_UPDATE} and {{when}}",
    "our own marks": "pages\ue000 do\ue001 not\ue002 load\ue003",
    "one letter": "x",
    "only a stop": ".",
    "lines": "pages\n\n\tdo  not\r\nload",
    "whole sentences": "Pages do not load. Requests fail!",
    "500 characters": "pages do not load and requests return errors " * 11,
}
STAGES = tuple(stage for stage in Stage if stage is not Stage.DECLARED)
_OPEN = tuple(stage for stage in STAGES if stage is not Stage.RESOLVED)


def template_samples(organisation: Organisation, now: datetime) -> Iterator[tuple[str, UpdateContext]]:
    """Every kind of text and every branch: with no facts, with all facts, and with unusual text. Named."""
    for kind, context in sample_contexts(organisation, now).items():
        for data, odd in _odd(context, organisation, now).items():
            yield f"{kind}, {data}", odd


def sample_contexts(organisation: Organisation, now: datetime) -> dict[str, UpdateContext]:
    """One context for each kind of text and branch, about the first component alone and without facts."""
    key = organisation.components[0].key
    major, well = {key: Impact.MAJOR}, {key: Impact.OPERATIONAL}
    first = UpdateContext(UpdateKind.STAGE, Stage.INVESTIGATING, now, Facts(), major, severity=Severity.SEV1,
                   link="https://status.example.com/incidents/INC-1")  # fmt: skip
    later = replace(
        first, published=major, worst=major, stage_before=Stage.INVESTIGATING, first_at=now - timedelta(hours=2),
        last_at=now - timedelta(minutes=30), last=Facts(message="Pages load slowly."), severity_before=Severity.SEV1,
    )  # fmt: skip
    over = {Stage.MONITORING: well, Stage.RESOLVED: well}
    at = {stage: replace(later, stage=stage, impacts=over.get(stage, major)) for stage in STAGES}
    fixed = replace(later, published=well, stage_before=Stage.MONITORING)
    wrong = Facts(wrong="Signing in works.", right="Some sign-ins fail too.")
    slow, hour = {key: Impact.DEGRADED}, now - timedelta(hours=1)
    maintained = {key: Impact.MAINTENANCE}
    planned = {stage: replace(one, impacts=over.get(stage, maintained), published=maintained, worst=maintained)
               for stage, one in at.items()}  # fmt: skip
    return {
        "first text": first,
        **{stage.value: context for stage, context in at.items()},
        **{f"again {stage.value}": replace(at[stage], stage_before=stage, published=at[stage].impacts)
           for stage in _OPEN},
        **{f"no change at {stage.value}": replace(at[stage], kind=UpdateKind.NO_CHANGE, stage_before=stage)
           for stage in _OPEN},
        **{f"correction at {stage.value}": replace(at[stage], kind=UpdateKind.CORRECTION, corrected_at=hour,
                                                   facts=wrong)
           for stage in STAGES},
        "worse": replace(later, published=slow, worst=slow, severity_before=Severity.SEV3),
        "smaller": replace(at[Stage.IDENTIFIED], impacts=slow),
        **{f"returned at {stage.value}": replace(fixed, stage=stage) for stage in _OPEN[:3]},
        **{f"reopened at {stage.value}": replace(fixed, stage=stage, stage_before=Stage.RESOLVED,
                                                 closed_at=hour) for stage in _OPEN[:3]},
        "fix, all operational": replace(at[Stage.FIX_IMPLEMENTED], impacts=well),
        "monitoring, confirmed": replace(at[Stage.MONITORING], confirmed=True),
        "monitoring, still failing": replace(at[Stage.MONITORING], impacts=major),
        "resolved, recovery confirmed": replace(at[Stage.RESOLVED], recovered_at=now - timedelta(minutes=50)),
        "false alarm": replace(at[Stage.RESOLVED], kind=UpdateKind.CANCELLATION, severity=Severity.SEV4),
        **{f"maintenance at {stage.value}": context for stage, context in planned.items()},
        "maintenance, no change": replace(planned[Stage.INVESTIGATING], kind=UpdateKind.NO_CHANGE),
        "failed during maintenance": replace(later, published=maintained, worst=maintained),
    }  # fmt: skip


def _odd(context: UpdateContext, organisation: Organisation, now: datetime) -> dict[str, UpdateContext]:
    """The same context with different data."""
    keys = [component.key for component in organisation.components]
    twelve = [*keys, *(f"service-{number}" for number in range(len(keys) + 1, 13))][:12]
    spread = (Impact.MAJOR, Impact.PARTIAL, Impact.DEGRADED, Impact.MAINTENANCE)
    known = replace(context, facts=everything(organisation, now))

    def over(some: list[str]) -> UpdateContext:
        impacts = {key: spread[number % 4] for number, key in enumerate(some)}
        failing = any(impact is not Impact.OPERATIONAL for impact in context.impacts.values())
        shown = impacts if failing else dict.fromkeys(some, Impact.OPERATIONAL)
        return replace(known, impacts=shown, worst={**impacts, **context.worst} if context.first_at else {})

    day = timedelta(days=1)
    over_midnight = context.facts.model_copy(update={"since": now - day * 2, "end": now})
    return {
        "nothing known": replace(context, impacts={}, published={}, worst={}),
        "one component": context,
        "everything known": over(keys),
        "twelve components": over(twelve),
        "a title of 200 characters": replace(known, titles={"en": ("wide " * 40).strip()}),
        "over midnight": replace(known, began=now - day * 2, facts=over_midnight),
        "times the wrong way round": replace(
            known, facts=over_midnight.model_copy(update={"since": now, "end": now - day})
        ),
        **{name: replace(over(keys), facts=_said(words), last=_said(words)) for name, words in ODD_WORDS.items()},
    }


def everything(organisation: Organisation, now: datetime) -> Facts:
    """Every fact known."""
    return Facts(
        message="We are adding capacity, and error rates are falling.",
        sees="pages load without end and requests return errors",
        who="about a third of requests",
        since=now - timedelta(minutes=67),
        ok="payment by invoice",
        unaffected=tuple(component.key for component in organisation.components[-1:]),
        workaround="Use the mobile app.",
        do="Reload the page, then sign in again.",
        cause="a configuration change",
        fixed=now - timedelta(minutes=10),
        end=now - timedelta(minutes=10),
        data="No data was lost.",
        review=(now + timedelta(days=7)).date(),
        wrong="Signing in works.",
        right="Some sign-ins fail too.",
        avoid="Please do not reset your password.",
        notes=dict.fromkeys(NOTES, "Nothing else is known."),
    )


def _said(words: str) -> Facts:
    return Facts.model_validate({**dict.fromkeys(WORDS, words), "title": "", "notes": dict.fromkeys(NOTES, words)})
