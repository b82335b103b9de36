"""Joining an incident that was declared twice: one goes on, the other is closed and points to it; both records stay."""

from bot.actions import promises
from bot.actions.incidents import check_open
from bot.domain.components import Impact, worst
from bot.domain.incident import ClosedAs, Incident
from bot.domain.people import Person
from bot.domain.record import EntryKind
from bot.domain.updates import UpdateState
from bot.errors import MergePrivate, MergeSelf, MergeUnpublished
from bot.store import incidents, updates
from bot.store.transaction import Transaction


def merge(tx: Transaction, actor: Person, survivor: Incident, other: Incident) -> None:
    """Close `other` into `survivor`, whose next update its subscribers get. Raises Conflict.

    What customers were told is not taken back: the survivor shows the worse impact of both.
    """
    _check(survivor, other)
    draft = updates.find_draft(tx, other, hold=True)
    if draft is not None:
        draft.state = UpdateState.DISCARDED
    _take_impacts(tx, survivor, other)
    for person in incidents.invited(tx, other):
        incidents.invite(tx, survivor, person)
    other.closed_at, other.closed_as, other.merged_into = tx.now, ClosedAs.MERGED, survivor.id
    promises.end_promise(tx, other)
    tx.published = tx.published or other.first_published_at is not None
    tx.record(actor, EntryKind.MERGED, other, f"merged into {survivor.key}")
    tx.record(actor, EntryKind.MERGED, survivor, f"{other.key} is part of this incident now")


def _check(survivor: Incident, other: Incident) -> None:
    if survivor.id == other.id:
        raise MergeSelf(incident=survivor.key)
    check_open(survivor)
    check_open(other)
    if survivor.private is not other.private:
        private, public = (other, survivor) if other.private else (survivor, other)
        raise MergePrivate(private=private.key, public=public.key)
    if other.first_published_at is not None and survivor.first_published_at is None:
        raise MergeUnpublished(known=other.key, unknown=survivor.key)


def _take_impacts(tx: Transaction, survivor: Incident, other: Incident) -> None:
    mine = {row.component: row for row in incidents.impacts(tx, survivor)}
    for row in incidents.impacts(tx, other):
        own = mine.get(row.component)
        felt = [row.value, *([own.value] if own else [])]
        incidents.set_impact(tx, survivor, row.component, worst(felt))
        told: list[Impact] = [i for i in (row.published, own.published if own else None) if i is not None]
        if told:
            tx.session.flush()
            incidents.told_impact(tx, survivor, row.component, worst(told))
