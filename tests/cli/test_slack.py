"""`foghorn slack manifest`: what is pasted when the app is created."""

import json

from tests.cli.runner import Foghorn


def test_the_manifest_is_for_socket_mode(foghorn: Foghorn) -> None:
    said = foghorn("slack", "manifest")

    made = json.loads(said.out)
    assert [made["settings"]["socket_mode_enabled"], "url" in made["features"]["slash_commands"][0]] == [True, False]


def test_over_http_it_names_the_address(foghorn: Foghorn) -> None:
    made = json.loads(foghorn("slack", "manifest", "--http", "https://foghorn.example.com/").out)

    assert made["settings"]["interactivity"]["request_url"] == "https://foghorn.example.com/slack/events"


def test_an_address_without_encryption_is_refused(foghorn: Foghorn) -> None:
    said = foghorn("slack", "manifest", "--http", "http://foghorn.example.com")

    assert (said.code, "https://" in said.err) == (2, True)
