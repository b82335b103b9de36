"""The organization's own look for the public pages: its colors, its logo, and its style sheet, as files of the site."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.page_look import PageConfig
from bot.templating import Templates

STYLE = "/look.css"
_DARK = "#8ccbe6"  # as in foghorn.css
_TYPES = {"logo.svg": "image/svg+xml", "logo.png": "image/png", "logo.webp": "image/webp"}
_DERIVED = (
    "--act-hover: color-mix(in srgb, var(--act) 80%, var(--ink)); --act-tint: color-mix(in srgb, var(--act) 12%, "
    "var(--surface));"
)


@dataclass(frozen=True)
class Look:
    """What the pages link to."""

    files: Mapping[str, tuple[bytes, str]]  # path -> content and media type
    logo: str = ""  # its path; empty: Foghorn's mark

    @property
    def style(self) -> str:
        """The path of the style sheet; empty if there is none."""
        return STYLE if STYLE in self.files else ""


def look(page: PageConfig, templates: Templates) -> Look:
    """From `[page]` in foghorn.toml, and from `web/look.css` and a logo in the organization's own templates."""
    light = f":root {{ --act: {page.color}; {_DERIVED} }}\n" if page.color else ""
    dark = page.color_dark or (_DARK if page.color else "")  # the light color would be hard to read there
    dark = (
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ --act: {dark}; {_DERIVED} }} }}\n" if dark else ""
    )
    own = templates.own_file("web/look.css")
    style = (light + dark).encode() + (own.read_bytes() if own else b"")
    files = {STYLE: (style, "text/css; charset=utf-8")} if style else {}
    for name, media_type in _TYPES.items():
        if file := templates.own_file(f"web/{name}"):
            return Look({**files, f"/{name}": (file.read_bytes(), media_type)}, f"/{name}")
    return Look(files)
