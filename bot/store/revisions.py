"""Queries about the revisions of open drafts."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import col, select

from bot.domain.revisions import DraftRevision
from bot.domain.updates import Update
from bot.store.transaction import Transaction


def revisions(tx: Transaction, draft: Update) -> Sequence[DraftRevision]:
    """All revisions of a draft, oldest first."""
    query = select(DraftRevision).where(DraftRevision.update_id == draft.id)
    return tx.session.exec(query.order_by(col(DraftRevision.revision))).all()


def find_revision(tx: Transaction, draft: Update, revision: int) -> DraftRevision | None:
    """One revision of a draft; None if it belongs to another draft or to an older version of Foghorn."""
    return tx.session.get(DraftRevision, (draft.id, revision))


def drop_revisions(tx: Transaction, draft: Update, *, revision: int | None = None) -> None:
    """Delete them, or one of them, because the draft was published or discarded, or words were redacted."""
    query = delete(DraftRevision).where(col(DraftRevision.update_id) == draft.id)
    tx.session.execute(query if revision is None else query.where(col(DraftRevision.revision) == revision))
