"""The text of a destination."""

import pytest

from bot.domain.destinations import Destination


@pytest.mark.parametrize(
    ("text", "destination"),
    [
        ("slack:C0123", Destination("slack", "C0123")),
        ("local:#status", Destination("local", "#status")),
        ("webhook:crm:eu", Destination("webhook", "crm:eu")),
        ("discord:@123", Destination.of_person("discord", "123")),
        ("slack:U0123", Destination.of_person("slack", "U0123")),
        ("slack:room:INC-42", Destination("slack", incident="INC-42")),
        ("slack:room:INC-42:card", Destination("slack", incident="INC-42", queue="card")),
    ],
)
def test_a_destination_is_read_from_the_text_it_is_written_as(text: str, destination: Destination) -> None:
    assert (Destination.parse(text), str(destination)) == (destination, text)
