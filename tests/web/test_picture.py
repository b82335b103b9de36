"""The picture on the page of an incident: published facts only, described in words, with a table behind it."""

import re

from tests.web.conftest import Read
from tests.web.stories import Foghorn


def test_the_picture_shows_what_was_published_and_nothing_else(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("fix")
    foghorn.say("ana", "impact api=major")
    page = read("/incidents/INC-1")
    picture = page[page.index('id="picture"') : page.index('id="h-comp"')]
    assert "67 minutes from major outage to fix" in picture
    assert "ChatGPT: Major outage, since 11:44 AM ET (15:44 UTC)" in picture
    assert "API: Partial outage" in picture
    assert "API: Major outage" not in picture
    assert not re.search(r"SEV\d|Declared", picture)
    assert picture.count('role="img"') == 2
    assert 'aria-labelledby="picture-title picture-about"' in picture
    assert "style=" not in picture


def test_the_table_behind_the_picture_says_which_promised_times_were_kept(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference()
    page = read("/incidents/INC-1")
    cells = re.findall(r'data-label="Promised times">([^<]*)<', page)
    assert cells == [
        "next by 6:20 AM: 5 h 24 min late",
        "next by 11:59 AM: kept",
        "next by 12:12 PM: 39 min late",
        "next by 1:06 PM: kept",
        "next by 2:05 PM: kept",
        "",
    ]
