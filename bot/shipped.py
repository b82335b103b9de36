"""Files that come with the code: templates, migrations, scenarios, and the example configuration."""

from pathlib import Path

_BOT = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The path of a file or folder that comes with the code: inside `bot` in a wheel, beside it in a checkout."""
    inside = _BOT / name
    return inside if inside.exists() else _BOT.parent / name
