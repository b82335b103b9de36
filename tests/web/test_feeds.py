"""The feeds, read by a program that knows nothing of us."""

import feedparser
import pytest

from bot.core import open_core
from bot.settings import Settings
from bot.web.feeds import Feeds
from tests.reference import ORGANISATION
from tests.web.conftest import Client, Read
from tests.web.stories import Foghorn

FEEDS = ("/history.atom", "/updates.atom", "/history.rss", "/components/api/updates.rss")
BOTH = ("/history.atom", "/updates.rss")
NONSENSE = "<script>alert(1)</script> & \u202eevil\u202c \U0001f600 \x0b"


@pytest.mark.parametrize("path", FEEDS)
def test_feeds_are_well_formed_and_name_themselves(foghorn: Foghorn, read: Read, path: str) -> None:
    foghorn.reference()
    feed = feedparser.parse(read(path))
    assert feed.bozo == 0
    assert feed.version == ("atom10" if path.endswith("atom") else "rss20")
    links = {link.rel: link.href for link in feed.feed.links}
    assert links["self"] == f"https://status.example.com{path}"
    assert feed.feed.title.startswith("Example AI")


@pytest.mark.parametrize("path", BOTH)
def test_an_empty_feed_is_well_formed(read: Read, path: str) -> None:
    feed = feedparser.parse(read(path))
    assert (feed.bozo, len(feed.entries)) == (0, 0)


def test_the_history_has_one_entry_for_each_incident(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference()
    (entry,) = feedparser.parse(read("/history.atom")).entries
    assert entry.id == "tag:status.example.com,2026:incident/INC-1"
    assert entry.title.startswith("Resolved: ChatGPT")
    assert entry.link == "https://status.example.com/incidents/INC-1"
    assert (entry.published, entry.updated) == ("2026-04-20T09:20:00.000Z", "2026-04-20T18:03:00.000Z")
    failed = "API: Partial outage, from 11:44 AM to 12:51 PM ET (15:44 to 16:51 UTC) on April 20, 2026 (67 minutes)"
    assert failed in entry.content[0].value


def test_the_updates_have_one_entry_for_each_update_newest_first(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference()
    entries = feedparser.parse(read("/updates.atom")).entries
    labels = [entry.title.partition(": ChatGPT")[0] for entry in entries]
    assert labels == [
        "Resolved",
        "Monitoring",
        "Fix implemented",
        "Correction of update 3",
        "Identified",
        "Investigating: now a major outage",
        "Investigating",
    ]
    assert len({entry.id for entry in entries}) == 7


def test_a_corrected_update_reads_right_and_is_updated(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("corrected")
    entry = next(e for e in feedparser.parse(read("/updates.atom")).entries if e.title.startswith("Identified"))
    assert "Some sign-ins fail too." in entry.content[0].value
    assert "Signing in works." not in entry.content[0].value
    assert entry.updated > entry.published


def test_an_entry_keeps_its_id_in_every_feed_and_when_more_is_published(foghorn: Foghorn, read: Read) -> None:
    def ids(path: str) -> list[str]:
        return [entry.id for entry in feedparser.parse(read(path)).entries]

    foghorn.reference("investigating")
    before = ids("/updates.atom")
    assert ids("/history.rss") == ids("/components/api/history.atom") == ids("/history.atom")
    foghorn.publish("update identified Signing in works.", after=13)
    for path in ("/updates.atom", "/updates.rss", "/components/api/updates.atom", "/components/api/updates.rss"):
        assert ids(path)[1:] == before


def test_a_component_has_feeds_of_its_incidents_and_of_those_that_name_none(foghorn: Foghorn, read: Read) -> None:
    foghorn.say("ana", "declare Trouble sev:4 on:api=partial")
    foghorn.publish('update investigating sees:"requests fail"')
    foghorn.say("ana", "declare! Something is odd sev:4")
    foghorn.publish('update INC-2 investigating sees:"something is odd"')
    foghorn.say("ana", "publish INC-2")

    def titles(path: str) -> list[str]:
        return [entry.link.rpartition("/")[2] for entry in feedparser.parse(read(path)).entries]

    assert titles("/components/api/history.rss") == ["INC-2", "INC-1"]
    assert titles("/components/codex/history.rss") == ["INC-2"]
    assert feedparser.parse(read("/components/api/history.rss")).feed.title == "Example AI, API status: incidents"


def test_rss_has_the_same_entries_as_atom(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference()
    rss, atom = (feedparser.parse(read(f"/updates.{kind}")).entries for kind in ("rss", "atom"))
    assert [(e.id, e.title, e.link, e.published_parsed, e.updated) for e in rss] == [
        (e.id, e.title, e.link, e.published_parsed, e.updated) for e in atom
    ]
    assert [e.summary for e in rss] == [e.content[0].value for e in atom]


@pytest.mark.parametrize("path", BOTH)
def test_markup_in_a_title_or_a_text_stays_text(foghorn: Foghorn, read: Read, path: str) -> None:
    foghorn.insert_published(NONSENSE, NONSENSE)
    text = read(path)
    feed = feedparser.parse(text, sanitize_html=False)
    assert feed.bozo == 0
    [entry] = feed.entries
    content = entry.content[0].value if path.endswith("atom") else entry.summary
    assert "<script>alert(1)</script>" in entry.title
    assert "&lt;script&gt;" in content
    assert "<script>" not in content


@pytest.mark.parametrize("path", BOTH)
def test_a_reader_that_has_it_gets_304_until_something_is_published(
    foghorn: Foghorn, client: Client, read: Read, path: str
) -> None:
    foghorn.reference("investigating")
    read(path)
    etag = client.get(path).headers["etag"]
    foghorn.clock.wait(10)
    read(path)
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    foghorn.publish("update identified Signing in works.")
    read(path)
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_pages_announce_the_feeds(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference()
    assert 'type="application/atom+xml" title="Example AI: every update" href="./updates.atom"' in read("/")
    assert 'href="../updates.atom"' in read("/incidents/INC-1")


def test_a_new_public_address_changes_links_but_no_entry_becomes_new(migrated_sqlite_url: str) -> None:
    tags, urls = [], []
    for url in ("http://localhost:8080", "https://status.example.com", "https://status.example.org"):
        settings = Settings(FOGHORN_DATABASE_URL=migrated_sqlite_url, FOGHORN_PUBLIC_URL=url)
        core = open_core(settings, ORGANISATION, follows=True)
        feeds = Feeds(core.app)
        tags.append(feeds.tag)
        urls.append(feeds.url)
        core.close()

    assert tags == ["tag:localhost,2026:", *["tag:status.example.com,2026:"] * 2]
    assert urls[-1] == "https://status.example.org"
