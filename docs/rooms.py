"""Draws docs/pictures/rooms.svg from the layers contract in pyproject.toml; `make docs` writes it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

PICTURE = Path(__file__).parent / "pictures" / "rooms.svg"
ROOMS: Mapping[str, str] = {
    "cli": "the command line",
    "cli_backup": "foghorn backup, restore",
    "cli_lint": "foghorn lint",
    "cli_people": "foghorn people",
    "cli_templates": "foghorn templates",
    "run": "foghorn run",
    "restoring": "looks for what was sent since a backup",
    "drill": "plays scenarios",
    "main": "the composition root: starts and stops everything",
    "core": "what every entry point needs: store, desk, messengers",
    "platforms": "Slack, Discord, console ...",
    "web": "status page, feeds",
    "worker": "ticks, outbox, reminders",
    "assistant": "asks a model",
    "replicas": "hears other processes",
    "intake": "the front door: the inbox keeps commands, the desk runs them",
    "commands": "every command with its fields and its handler",
    "reading": "builds views from rows",
    "changes": "tells listeners what was committed",
    "connections": "which platforms are connected",
    "presence": "who has a page open",
    "ports": "what a platform implements",
    "actions": "what may change",
    "views": "what is said, and how it is laid out",
    "store": "transactions, queries",
    "settings": "environment, foghorn.toml",
    "templating": "finds and renders files",
    "web_templates": "renders pages",
    "domain": "types and rules, without input or output",
    "toml": "reads TOML with line numbers",
    "clock": "the time",
    "errors": "every refusal",
    "ids": "new IDs",
    "shipped": "finds files beside the code",
}
"""Room: what it is for."""
WIDTH, ROW, GAP, LEFT = 840, 46, 10, 20
STYLE = (
    "text{font-family:system-ui,sans-serif;fill:#14232d}.name{font-size:15px;font-weight:600}.note{font-size:12px;"
    "fill:#455a66}rect{fill:#eef4f7;stroke:#17506b}.page{fill:#fff;stroke:none}"
)


def layers() -> list[list[str]]:
    """The rooms from top to bottom; those of one row do not import each other."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    rows = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[room.strip() for room in row.split("|")] for row in rows]


def picture() -> str:
    """The drawing."""
    rows = layers()
    height = len(rows) * (ROW + GAP) + GAP + 26
    drawn = []
    for number, row in enumerate(rows):
        y = GAP + number * (ROW + GAP)
        width = (WIDTH - 2 * LEFT - GAP * (len(row) - 1)) / len(row)
        for place, room in enumerate(row):
            x = LEFT + place * (width + GAP)
            drawn.append(f'<rect x="{x:.0f}" y="{y}" width="{width:.0f}" height="{ROW}" rx="6"/>')
            drawn.append(f'<text class="name" x="{x + 14:.0f}" y="{y + 20}">{escape(room)}</text>')
            drawn.append(f'<text class="note" x="{x + 14:.0f}" y="{y + 37}">{escape(ROOMS[room])}</text>')
    said = "Each room imports only from the rooms below it. Rooms next to each other do not import each other."
    drawn.append(f'<text class="note" x="{LEFT}" y="{height - 14}">{said}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{said}">'
    page = f'<style>{STYLE}</style>\n<rect class="page" width="{WIDTH}" height="{height}"/>'
    return "\n".join([head, page, *drawn, "</svg>"]) + "\n"
