"""The organization's own look for the public pages, as set in foghorn.toml."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.domain.checked import shaped

_LIGHT, _DARK = "#f4f6f6", "#151e26"  # the backgrounds in foghorn.css with the least contrast
_ENOUGH = 4.5  # WCAG 2.2, success criterion 1.4.3


class FooterLink(BaseModel):
    """A link at the bottom of every public page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1, max_length=60)
    url: Annotated[
        str,
        shaped(r"(https?://|mailto:|/)\S+", "a web address, mailto:, or a path that starts with /"),
        Field(max_length=500),
    ]


class PageConfig(BaseModel):
    """Colors and links. A logo and a style sheet are files: `web/logo.svg` and `web/look.css` in your own texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    color: str = ""
    color_dark: str = ""
    links: tuple[FooterLink, ...] = ()

    @field_validator("color")
    @classmethod
    def _readable(cls, color: str) -> str:
        return _checked(color, _LIGHT, "darker")

    @field_validator("color_dark")
    @classmethod
    def _readable_in_the_dark(cls, color: str) -> str:
        return _checked(color, _DARK, "lighter")


def _checked(color: str, background: str, better: str) -> str:
    if not color:
        return color
    try:
        found = _contrast(color, background)
    except ValueError as problem:
        raise ValueError(f"“{color}” is not a color; write it as #14506b") from problem
    if found < _ENOUGH:
        raise ValueError(
            f"“{color}” is hard to read on {background}: its contrast is {found:.1f} and must be at least {_ENOUGH}. "
            f"Choose a {better} color"
        )
    return color


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of two colors, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    """The relative luminance of a color such as `#14506b`. Raises ValueError."""
    if len(color) != len("#rrggbb") or color[0] != "#":
        raise ValueError
    shares = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
