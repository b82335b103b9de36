"""What Foghorn says, as data without markup. Two closed unions: a view without a layout is a type error."""

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.deliveries import DeliveryState
from bot.domain.destinations import Destination
from bot.domain.lifecycle import Stage
from bot.domain.lint.findings import Finding, Weight
from bot.domain.severity import Severity
from bot.domain.times import Zone
from bot.views.answers import (
    Asks,
    Button,
    Document,
    Form,
    FormField,
    Help,
    HelpGroup,
    HelpLine,
    Line,
    Listing,
    Notice,
    Option,
)
from bot.views.drafts import ApprovalRequest, DraftReview, DraftText
from bot.views.incidents import ImpactLine, IncidentCard, NudgeCard, PromiseLine, RoleLine
from bot.views.phrases import RoomName, Sentence, say
from bot.views.posts import (
    Call,
    Correction,
    CorrectionMark,
    ImpactLabel,
    IncidentPicture,
    PostWording,
    PublishedUpdate,
    RoomLine,
    post_wording,
)
from bot.views.reports import DeliveryLine, DeliveryReport, EntryLine, Macro, Timeline
from bot.views.rooms import Archive, Bookmark, Invitation, OpenRoom, Pin, Removal, RoomStep, SetTopic

Answer = (
    Notice | Form | IncidentCard | DraftReview | DeliveryReport | Listing | Timeline | Macro | Help | Document
    | NudgeCard
)  # fmt: skip
"""The replies to commands; every surface renders all of them."""

Post = (
    PublishedUpdate | Correction | IncidentPicture | NudgeCard | RoomLine | Call | IncidentCard | DraftReview
    | DeliveryReport | ApprovalRequest
)  # fmt: skip
"""The messages that are delivered; every messenger renders all of them."""

__all__ = [
    "Answer", "ApprovalRequest", "Archive", "Asks", "Audience", "Bookmark", "Button", "Call", "Correction",
    "CorrectionMark", "DeliveryLine", "DeliveryReport", "DeliveryState", "Destination", "Document", "DraftReview",
    "DraftText", "EntryLine", "Finding", "Form", "FormField", "Help", "HelpGroup", "HelpLine", "Impact",
    "ImpactLabel", "ImpactLine", "IncidentCard", "IncidentPicture", "Invitation", "Line", "Listing", "Macro",
    "Notice", "NudgeCard", "OpenRoom", "Option", "Pin", "Post", "PostWording", "PromiseLine", "PublishedUpdate",
    "Removal", "RoleLine", "RoomLine", "RoomName", "RoomStep", "Sentence", "SetTopic", "Severity", "Stage",
    "Timeline", "Weight", "Zone", "post_wording", "say",
]  # fmt: skip
