"""The organization's own look of the public pages."""

import asyncio
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.domain.page_look import PageConfig
from bot.templating import Templates
from tests.harness import organisation
from tests.web.conftest import Client
from tests.web.stories import Foghorn

LINKS = [
    {"text": "Terms <b>", "url": "https://example.com/terms?a=1&b=2"},
    {"text": "Help", "url": "mailto:help@example.com"},
]


def test_colors_a_logo_a_style_sheet_and_links_are_on_every_public_page(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "web" / "look.css").write_text(".top { background: gold; }")
    foghorn = Foghorn(
        migrated_sqlite_url,
        organisation=organisation(page={"color": "#5b2a86", "color_dark": "#d0a9f5", "links": LINKS}),
        templates=Templates(tmp_path),
    )
    foghorn.reference("investigating")
    asyncio.run(foghorn.site.rebuild())
    client = Client(foghorn.web_app())
    for path, root in (("/", "."), ("/history", "."), ("/incidents/INC-1", "..")):
        page = client.get(path).text
        assert f'<link rel="stylesheet" href="{root}/look.css">' in page
        assert f'<img class="logo" src="{root}/logo.svg" alt="">' in page
        assert '<a href="https://example.com/terms?a=1&amp;b=2">Terms &lt;b&gt;</a>' in page
        assert page.index("/foghorn.css") < page.index("/look.css")
    style = client.get("/look.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert style.text.startswith(":root { --act: #5b2a86;")
    assert "(prefers-color-scheme: dark) { :root { --act: #d0a9f5;" in style.text
    assert style.text.endswith(".top { background: gold; }")
    logo = client.get("/logo.svg")
    assert logo.headers["content-type"] == "image/svg+xml"
    assert "default-src 'none'" in logo.headers["content-security-policy"]
    assert "/look.css" in client.get("/nothing").text
    foghorn.close()


def test_without_a_look_there_is_no_file_for_it(client: Client, foghorn: Foghorn) -> None:
    asyncio.run(foghorn.site.rebuild())
    assert "look.css" not in client.get("/").text
    assert client.get("/look.css").status_code == 404
    assert client.get("/logo.svg").status_code == 404


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            {"color": "#ffd700"},
            r"hard to read on #f4f6f6: its contrast is 1\.\d and must be at least 4\.5. Choose a darker",
        ),
        ({"color_dark": "#14506b"}, "hard to read on #151e26"),
        ({"color": "red; } * { display: none"}, "is not a color; write it as #14506b"),
        ({"color": "#12345g"}, "is not a color"),
        ({"links": [{"text": "x", "url": "javascript:alert(1)"}]}, "url"),
    ],
)
def test_a_look_that_nobody_can_read_is_refused(setting: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PageConfig.model_validate(setting)
    assert re.search(problem, str(refused.value))
