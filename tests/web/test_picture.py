"""The picture on the page of an incident: published facts only, described in words, with a table behind it."""

import re
import struct
from dataclasses import replace
from xml.etree import ElementTree

from bot.domain.picture import published_story
from bot.store import published
from bot.views.picture import picture
from bot.views.png import can_draw_text, png, standalone
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


def test_as_an_image_it_has_its_key_and_the_light_colors_and_words_cannot_act_in_it(foghorn: Foghorn) -> None:
    foghorn.reference()
    with foghorn.store.read() as tx:
        incident = published.find(tx, 1)
        assert incident is not None
        words = foghorn.app.templates.wording(foghorn.app.organisation, "en")
        drawn = picture(published_story(published.history(tx, incident), words, tx.now))
    named = tuple(replace(lane, name="<script>alert(1)</script> & \u202eevil") for lane in drawn.story.lanes)
    hostile = ElementTree.fromstring(standalone(picture(replace(drawn.story, lanes=named))))
    assert {each.tag.rpartition("}")[2] for each in hostile.iter()} == {
        "svg",
        "title",
        "desc",
        "style",
        "rect",
        "path",
        "circle",
        "text",
    }
    svg = standalone(drawn)
    for each in ("Promised time kept", "Quiet period, shortened", "<title>INC-1, April 20, 2026", "#b01f30"):
        assert each in svg
    assert "var(" not in svg
    image = png(svg)
    assert image.startswith(b"\x89PNG")
    wide, high = struct.unpack(">II", image[16:24])
    assert (wide, 600 < high < 1400) == (2096, True)
    assert can_draw_text()
    assert png(svg.replace("</style>", " text { display: none }</style>")) != image
