"""Renders a post as JSON for webhooks."""

import json
from datetime import datetime

from bot.views import Correction, Post, PublishedUpdate

PUBLISHED = "incident.update.published"
CORRECTED = "incident.update.corrected"
CORRECTION = "incident.correction.published"


def render(post: Post) -> bytes | None:
    """The request body; None for posts that are only for responders."""
    match post:
        case PublishedUpdate():
            return _body(CORRECTED if post.corrected else PUBLISHED, post.published_at, _update(post))
        case Correction():
            return _body(CORRECTION, post.published_at, _text(post))
        case _:
            return None


def _body(kind: str, at: datetime, data: dict[str, object]) -> bytes:
    whole = {"type": kind, "timestamp": at.isoformat(), "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _text(post: PublishedUpdate | Correction) -> dict[str, object]:
    return {
        "incident": post.link.rpartition("/")[2],
        "link": post.link,
        "title": post.title,
        "body": post.body,
        "audience": post.audience.value,
        "language": post.language,
        "published_at": post.published_at.isoformat(),
    }


def _update(post: PublishedUpdate) -> dict[str, object]:
    data = {
        **_text(post),
        "stage": post.stage.value,
        "impact": [{"component": shown.component, "impact": shown.impact.value} for shown in post.impacts],
        "promised_at": post.promised_at.isoformat() if post.promised_at else None,
    }
    if post.corrected:
        data |= {"corrected_at": post.corrected.at.isoformat(), "old_words": post.corrected.old_words}
    return data
