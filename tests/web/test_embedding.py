"""What other pages embed: badges, and the script of the banner."""

import asyncio
from xml.etree import ElementTree

from tests.harness import organisation
from tests.web.conftest import Client, Read
from tests.web.stories import Foghorn

SVG = "{http://www.w3.org/2000/svg}"


def said(svg: str) -> str:
    return ElementTree.fromstring(svg).findtext(f"{SVG}title", "")


def test_a_badge_says_the_worst_status_of_everything_or_that_of_a_component(foghorn: Foghorn, read: Read) -> None:
    assert said(read("/badge.svg")) == "Example AI: Operational"
    foghorn.reference("investigating")
    assert said(read("/badge.svg")) == "Example AI: Major outage"
    assert said(read("/components/api/badge.svg")) == "API: Partial outage"


def test_a_badge_of_a_drill_says_so(migrated_sqlite_url: str) -> None:
    foghorn = Foghorn(migrated_sqlite_url, drill=True)
    foghorn.reference("investigating")
    asyncio.run(foghorn.site.rebuild())
    assert said(Client(foghorn.web_app()).get("/badge.svg").text) == "Drill: Example AI: Major outage"
    foghorn.close()


def test_nothing_private_or_unpublished_shows_in_a_badge(foghorn: Foghorn, read: Read) -> None:
    foghorn.say("ana", "declare Trouble sev:1 on:api=major private:yes")
    foghorn.say("ana", 'update investigating sees:"zebras everywhere"')
    foghorn.say("ana", "publish")
    foghorn.say("ana", "declare! Other trouble sev:1 on:api=major")
    assert said(read("/components/api/badge.svg")) == "API: Operational"


def test_a_badge_can_be_shown_on_any_page_and_shows_any_name_as_text(migrated_sqlite_url: str) -> None:
    hostile = '<script>alert(1)</script> & "x"'
    components = [{"key": "api", "name": hostile, "names": {"de": "Schnittstelle"}}]
    foghorn = Foghorn(
        migrated_sqlite_url, organisation=organisation(components=components, channels=[], languages=("en", "de"))
    )
    asyncio.run(foghorn.site.rebuild())
    answer = Client(foghorn.web_app()).get("/components/api/badge.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert said(answer.text) == f"{hostile}: Operational"
    german = Client(foghorn.web_app()).get("/components/api/badge.svg?lang=de").text
    assert said(german) == "Schnittstelle: Betriebsbereit"
    assert Client(foghorn.web_app()).get("/components/other/badge.svg").status_code == 404
    foghorn.close()


def test_the_banner_is_small_and_asks_only_for_the_published_summary(client: Client, read: Read) -> None:
    script = read("/banner.js")
    assert len(script) < 5_000
    assert "cookie" not in script.replace("sets no cookie", "")
    assert client.get("/banner.js").headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.count("api/v2/") == 1
