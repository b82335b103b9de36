"""`make bench`: prints the figures and writes them to docs/benchmarks.md."""

import os
import platform
from pathlib import Path
from time import perf_counter

from benchmarks import commands, counts, deliveries, discord, growth, lint, load, memory, servers, slack, steps, texts
from benchmarks.measure import table
from benchmarks.picture import drawn
from bot.clock import utc_now

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
PICTURE = PAGE.parent / "pictures" / "benchmarks.svg"
PARTS = (
    ("Commands", commands.figures, "From `Desk.run` to the answer, commit included, one caller."),
    ("Many destinations", growth.figures, "On SQLite, with a messenger that answers at once."),
    ("Texts", texts.figures, "One draft at SEV1 and stage identified."),
    ("Lint", lint.figures, "Cases are sentences; `foghorn lint` and the draft run the same rules."),
    (
        "Pages and process",
        servers.figures,
        "Over loopback. The client is Python and shares the machine, so the ratio says more than the rate.",
    ),
    (
        "Slack",
        slack.figures,
        "Against a local server that speaks as Slack does, over two sockets, all in one process.",
    ),
    (
        "Discord",
        discord.figures,
        "Against local servers that speak as Discord and Slack do, all in one process.",
    ),
    (
        "Deliveries",
        deliveries.figures,
        "To local servers, in the same process. Slack's limit of a workspace is Foghorn's own: 5 messages a second "
        "after 50; Discord's is 50 calls a second.",
    ),
    (
        "Memory",
        memory.figures,
        "With a local server in the same process, which forgets what it got. What grows is free memory between the "
        "objects, until about 16,000 deliveries; the objects do not.",
    ),
    ("Load", load.figures, "Commands at fixed times over two sockets of a local server in the same process."),
    (
        "Steps",
        steps.figures,
        "Functions and files of bot/, and statements with the values bound to them, in a process that has run each "
        "command before.",
    ),
    ("Size", counts.figures, "Lines by kind; a comment counts where it has a line of its own."),
)


def main() -> None:
    """Run all parts, and print each as soon as it is measured."""
    start = perf_counter()
    parts, measured = [], []
    for name, figures, how in PARTS:
        found = list(figures())
        parts.append(f"## {name}\n\n{how}\n\n{table(found)}\n")
        measured += found
        print(parts[-1], flush=True)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = (
        "# Benchmarks\n\n`make bench` takes these measurements and writes this page. A ratio compares with a peer "
        f"measured in the same run, so it says more than a time.\n\nLast run: {utc_now():%Y-%m-%d}, {machine}, "
        f"{perf_counter() - start:.0f} s.\n\n![The ratios of the tables below that compare with other programs]"
        "(pictures/benchmarks.svg)\n"
    )
    PAGE.write_text("\n".join([head, *parts]), encoding="utf-8")
    PICTURE.write_text(drawn(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
