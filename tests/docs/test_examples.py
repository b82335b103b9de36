"""Examples in the documents are read by the code they are for."""

import json
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.lifecycle import Stage
from bot.drill.scenario import load
from bot.errors import ConfigurationError
from bot.platforms.webhook import signing
from bot.platforms.webhook.render import render
from bot.settings import EXAMPLE, read_organisation
from bot.views import ImpactLabel, PublishedUpdate
from tests.reference import ORGANISATION
from tests.samples import WORDING

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
AT = datetime(2026, 4, 20, 15, 44, tzinfo=UTC)
POST = PublishedUpdate(
    title="ChatGPT, ChatGPT Business, Codex, and API: errors and endless loading",
    stage=Stage.INVESTIGATING,
    body="We are now investigating a major outage affecting ChatGPT, ChatGPT Business, Codex, and the API.\n\n"
    "User impact: errors and endless loading\nScope: worldwide",
    audience=Audience.ENTERPRISE,
    language="en",
    impacts=tuple(
        ImpactLabel(name, Impact.MAJOR, "Major outage") for name in ("ChatGPT", "ChatGPT Business", "Codex", "API")
    ),
    published_at=AT,
    promised_at=AT + timedelta(minutes=15),
    link="https://status.example.com/incidents/INC-42",
    wording=WORDING,
)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def example(page: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", (HOW_TO / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def receive(headers: dict[str, str], body: bytes) -> None:
    """What the page tells receivers to run."""
    names: dict[str, object] = {}
    exec(example("subscriptions.md", "python").replace("whsec_...", SECRET), names)
    names["receive"](headers, body)  # type: ignore[operator]


@pytest.mark.parametrize("page", ["configure.md", "subscriptions.md"])
def test_configuration_shown_fits_into_the_example(page: str) -> None:
    type(ORGANISATION).model_validate({**ORGANISATION.model_dump(), **tomllib.loads(example(page, "toml"))})


def test_the_scenario_shown_can_be_played(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(example("drills.md", "toml"), encoding="utf-8")
    assert len(load(tmp_path / "small.toml").steps) == 2


def test_a_webhook_receives_the_body_shown() -> None:
    body = render(POST)
    assert body is not None
    assert json.loads(body) == json.loads(example("subscriptions.md", "json"))


def test_the_signature_check_shown_accepts_what_foghorn_signs(capsys: pytest.CaptureFixture[str]) -> None:
    body = render(POST) or b""
    now = datetime.now(UTC)  # noqa: TID251, the library compares with the machine's clock
    receive(signing.headers(SECRET, "dlv_1", now, body.decode()), body)
    assert capsys.readouterr().out == f"{POST.title}\n"


def test_the_signature_check_shown_refuses_what_was_changed_on_the_way() -> None:
    body = render(POST) or b""
    now = datetime.now(UTC)  # noqa: TID251
    headers = signing.headers(SECRET, "dlv_1", now, body.decode())
    with pytest.raises(WebhookVerificationError):
        receive(headers, body.replace(b"API", b"app"))


def test_a_broken_configuration_is_refused_as_shown(tmp_path: Path) -> None:
    broken = re.sub(r"\[approval\](.*)\nSEV1 = 1", r"[approval]\1\nSEV1 = 9", EXAMPLE.read_text(encoding="utf-8"))
    path = tmp_path / "foghorn.toml"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refusal:
        read_organisation(path)
    line = broken[: broken.index("SEV1 = 9")].count("\n") + 1
    shown = re.sub(r"line \d+", f"line {line}", example("configure.md", "text").strip())
    assert str(refusal.value).replace(str(path), "foghorn.toml") == shown
