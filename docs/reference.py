"""Makes docs/reference from the code. `make docs` writes the pages; a test fails when they are not current."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.commands import catalog, choices, fields
from bot.commands.catalog import Command, IncidentScope
from bot.commands.fields import Field, Placement
from bot.domain.audiences import ALWAYS, Audience
from bot.domain.lint.findings import LEAKS, NEVER
from bot.domain.lint.rules import RULES
from bot.domain.organisation import Organisation
from bot.domain.people import Group
from bot.domain.update_context import TEMPLATE_NAMES
from bot.platforms import PLATFORMS
from bot.settings import EXAMPLE, organisation_model, read_organisation, settings_model
from bot.templating import BUILT_IN
from docs import rooms
from docs.glossary import glossary
from docs.who_may import who_may

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Made by docs/reference.py from the code: change the code, then `make docs`. -->"

WHO = {
    Group.MEMBERS: "everyone Foghorn knows",
    Group.SUPPORT: "everyone Foghorn knows, including support guests",
    Group.RESPONDERS: "responders and administrators",
    Group.ADMINISTRATORS: "administrators",
}
ALSO = {
    "declare": "On Discord for responders, unless `[who_may]` says otherwise. Someone who is not listed in "
    "foghorn.toml is asked why after three incidents in ten minutes.",
    "approve": "Also required: an approver listed in foghorn.toml who did not write the current revision. "
    "If only the security approver is missing, a member of the group `security`.",
    "publish": "Also required: a person listed in foghorn.toml; with `alone:`, the commander.",
}
ABOUT = {
    IncidentScope.NONE: "",
    IncidentScope.OPEN: "Applies to the incident you name (`INC-7`), the one whose room you are in, or the only open "
    "one.",
    IncidentScope.LAST: "Applies to the incident you name (`INC-7`), the one whose room you are in, the only open one, "
    "or else the newest.",
}
TAKEN = {
    Placement.KEY: "",
    Placement.WORD: "the next word",
    Placement.MAYBE: "the next word, if it is one",
    Placement.REST: "the rest of the line",
}

COMMANDS = """# Commands

The same commands work everywhere. In the console's command bar and in chat, type `/incident VERB ...`; on the
command line, type `foghorn incident --as HANDLE VERB ...`.

- The first word is the verb. Free text and `key:value` pairs follow in any order. A value in words runs to the next
  key, or to where a sentence of its own begins; `key:"two words"` says exactly where it ends. Curly quotation marks and
  long dashes work too.
- Only the verb's own keys are keys. A key followed by a space is text: `Workaround: reload the page`. Where customers
  read what you type (`update`, `resolve`, `correct`, `reopen`, `cancel`, `translate`), a key that the verb does not
  have, such as `caus:DNS`, is refused; elsewhere it is text.
- In an incident's room you can leave out the incident. Elsewhere, name it (`INC-7`) outside the free text, or leave it
  out if only one is open.
- Times are in the organization's zone unless you name one (`13:30 UTC`), and mean the next such time within 12 hours.
  `30m`, `1h30m`, and `2d` count from now. `9am`, `noon`, `1251`, `yesterday 21:40`, `Apr 19 14:00`, and `9:51 PT` work
  too.
- If something is missing or unclear, you get a form that holds what you typed. Nothing is changed until you submit it.
- `declare!` and `private!` skip the question “Are you sure?”.

[Who may use which command](who-may.md) is a table. `who_may` in foghorn.toml changes who can use a verb; see
[foghorn.toml](organisation.md).
"""

ORGANISATION = """# The organization: foghorn.toml

`FOGHORN_CONFIG` names the file. Without it, Foghorn reads `./foghorn.toml`, or else the
[built-in example](../../foghorn.example.toml). The file is read once, at start. `foghorn check` checks it and
names every mistake with its line; `foghorn check --apply` also brings it into the database, as `foghorn run` does at
start.
A key that is not listed here is refused.
"""

WORDS: Mapping[str, str] = {
    "Organisation.name": "The name that customers know. The database remembers it; see "
    "[whose database it is](../how-to/configure.md#whose-database-it-is)",
    "Organisation.time_zone": "Time zone of the times in texts, such as America/New_York",
    "Organisation.zone_label": "How texts name the zone (“ET”). Empty: its abbreviation on that date",
    "Organisation.locale": "Locale of times and dates, such as en_GB (24-hour clock, British dates). Empty: that "
    "of each language",
    "Organisation.languages": "Any of en, de, fr, es, pt-BR, ja, and your own. People type in the first one; see "
    "[several languages](../how-to/languages.md)",
    "Organisation.escalate_to": "Handle of who is asked when an update is 10 minutes overdue. Empty: every approver",
    "Organisation.components": "At least one table `[[components]]`",
    "Organisation.groups": "Tables `[groups.NAME]`: language = the group's name there",
    "Organisation.people": "At least one table `[[people]]`",
    "Organisation.channels": "Tables `[[channels]]`",
    "Organisation.webhooks": "Tables `[[webhooks]]`",
    "Organisation.cadence": "Table `[cadence]`",
    "Organisation.approval": "Table `[approval]`",
    "Organisation.who_may": "Table `[who_may]`: verb = group (members, responders, approvers, security, "
    "administrators), instead of what [the catalogue](commands.md) says",
    "Organisation.lint": "Table `[lint]`",
    "Organisation.social": "Table `[social]`",
    "Organisation.support": "Table `[support]`: what the support page tells support staff besides the texts",
    "Organisation.rooms": "Table `[rooms]`",
    "Organisation.uptime": "Table `[uptime]`: whether the status page shows uptime, and how it is counted",
    "Organisation.assistant": "Table `[assistant]`",
    "AssistantConfig.url": "Address of an OpenAI-compatible endpoint, such as https://models.example.com/v1",
    "AssistantConfig.model": "Name of the model there",
    "Organisation.macros": "Audiences whose text is in every draft, for support staff to copy",
    "Component.key": "What people type: `on:api=major`",
    "Component.name": "On the pages: “API”",
    "Component.in_text": 'In a sentence: “the API”, or by language: `in_text.de = "der Kasse"`. Empty: the name',
    "Component.names": 'Its name by language: `names.de = "Kasse"`. Empty: the name',
    "Component.group": "Heading on the status page. `[groups.NAME]` names it in other languages",
    "Component.description": "One line for the status page",
    "PersonConfig.name": "Full name. The lint keeps it out of texts",
    "PersonConfig.handle": "`--as ana`, `assign commander @ana`",
    "PersonConfig.groups": "Any of responders, approvers, security, administrators",
    "ChannelConfig.name": "Starts with `#`; the destination is `local:#status`",
    "ChannelConfig.follows": "What it is subscribed to at first; see Follows",
    "WebhookConfig.name": "The destination is `webhook:NAME`",
    "WebhookConfig.url": "Starts with https://",
    "WebhookConfig.secret_env": "Environment variable that holds the `whsec_...` secret",
    "WebhookConfig.allow_private": "Allow http:// and addresses of private networks",
    "WebhookConfig.follows": "What it is subscribed to at first; see Follows",
    "SubscriptionConfig.audience": "The audience whose text it receives",
    "SubscriptionConfig.components": "Keys of components. Empty: all",
    "SubscriptionConfig.minimum_severity": "This severity and worse ones",
    "SubscriptionConfig.language": "One of `languages`",
    "SubscriptionConfig.mode": "`every` message, one message kept `current`, or a headline with a `thread`",
    "Cadence.SEV1": "Minutes until the next update is due",
    "Cadence.SEV2": "The same",
    "Cadence.SEV3": "The same",
    "Cadence.SEV4": "The same",
    "Cadence.monitoring": "The same in stage monitoring, at any severity",
    "Cadence.first_update": "Minutes from the declaration until the first update is due",
    "ApprovalPolicy.SEV1": "Approvers needed, none of them the author",
    "ApprovalPolicy.SEV2": "The same",
    "ApprovalPolicy.SEV3": "The same. Going back a stage and reopening need at least one at any severity",
    "ApprovalPolicy.SEV4": "The same",
    "ApprovalPolicy.first_investigating": "For the first text, in stage investigating, if nobody edited it by hand",
    "ApprovalPolicy.no_change": "For a “no change” update that nobody edited by hand",
    "ApprovalPolicy.alone": "Whether the commander can publish alone, with a reason",
    "ApprovalPolicy.expires_minutes": "Minutes until an approval expires",
    "LintLists.internal_hosts": "Regular expressions of host names that must not be published, added to the built-in",
    "LintLists.allowed_hosts": "Hosts that texts may link to",
    "LintLists.allowed_addresses": "IP networks that customers may read, such as 203.0.113.0/24",
    "LintLists.allowed_contacts": "E-mail addresses and phone numbers that customers may read",
    "LintLists.vendors": "Suppliers named as the one at fault: `allow`, `warn` or `block`",
    "LintLists.allowed_tickets": "Prefixes of words that only look like ticket keys: GPT-4, CVE-2026-1",
    "LintLists.customers": "Names of customers that must not be published",
    "LintLists.staff": "Names of colleagues, in addition to the people in this file",
    "LintLists.jargon": "Word = plain replacement, in addition to the built-in ones",
    "LintLists.off": "Rules to turn off, by number or name, except those that prevent leaks",
    "Organisation.page": "Table `[page]`: the look of the [status page](../how-to/status-page.md)",
    "PageConfig.color": "Color of links, buttons, and the focus outline on the public pages, such as #14506b. It must "
    "be readable on white",
    "PageConfig.color_dark": "The same in dark mode, such as #8ccbe6",
    "PageConfig.links": "Tables `[[page.links]]`: links at the bottom of every public page",
    "FooterLink.text": "What the link says",
    "FooterLink.url": "Starts with https://, http://, mailto:, or /",
    "UptimeConfig.show": "Show each component's uptime of the last 90 days on the status page, and how it is counted",
    "UptimeConfig.major": "How much of a minute counts as lost while there is a major outage, from 0 to 1",
    "UptimeConfig.partial": "The same for a partial outage",
    "UptimeConfig.degraded": "The same for degraded performance. Maintenance never counts",
    "RoomsConfig.where": "Where rooms are created: where the incident was `declared`, or on `all` platforms",
    "RoomsConfig.archive_after_hours": "Hours after the end of the incident. 0: never",
    "Organisation.announce": "Table `[announce]`; see [announce incidents](../how-to/configure.md#announce-incidents)",
    "AnnounceConfig.channels": "Channels of responders, with their platform: `slack:C0123ABCD`. Not subscribed, not "
    "shared with another organization, and not where rooms are",
    "AnnounceConfig.ping": "Severity = user groups on Slack and roles on Discord to mention: `SEV1 = "
    '["slack:S0123ABCD"]`',
    "SocialConfig.draft": "Draft a short text for social media with each update; people post it",
    "SupportConfig.ask": "What to ask customers who report the problem",
    "SupportConfig.do_not_say": "What not to tell them",
}


def commands() -> str:
    """Every command of the catalogue with its fields."""
    example = read_organisation(EXAMPLE)
    commands = catalog.COMMANDS.values()
    parts = [NOTE, COMMANDS, "| verb | what it does | who can use it |\n| --- | --- | --- |"]
    parts[-1] += "".join(
        f"\n| [`{c.verb}`](#{c.verb}) | {c.summary} | {WHO[c.who_may]} |" for c in catalog.COMMANDS.values()
    )
    parts += [_command(command, example) for command in commands]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _command(command: Command, example: Organisation) -> str:
    lines = [f"## {command.verb}", "", command.summary, "", f"    {command.example}", ""]
    what = "Changes something." if command.writes else "Only reads."
    lines.append(f"{what} For {WHO[command.who_may]}. {ALSO.get(command.verb, '')}".strip())
    if ABOUT[command.incident]:
        lines.append(ABOUT[command.incident])
    if command.fields:
        lines += ["", "| field | typed as | choices, or a hint |", "| --- | --- | --- |"]
        lines += [_field(field, example) for field in command.fields]
    return "\n".join(lines)


def _field(field: Field, example: Organisation) -> str:
    ways = [TAKEN[field.takes]] if TAKEN[field.takes] else []
    ways.append(f"`{field.key}:`")
    needed = " (required)" if field.required else ""
    return f"| {field.label}{needed} | {', or '.join(ways)} | {_cell(_choices(field, example))} |"


def _choices(field: Field, example: Organisation) -> str:
    if field.parse is fields.yes_no:
        return "yes, no"
    if field.options is choices.component_options:
        return "component keys" + (f". {field.hint}" if field.hint else "")
    if field.options is choices.person_options:
        return "a handle or a name, such as @ana"
    if field.options is not None:
        return ", ".join(option.value for option in field.options(example))
    return field.hint


def settings() -> str:
    """The settings of the environment."""
    head = "# Settings\n\nRead from the environment at start. Secrets are not read from foghorn.toml and never logged."
    rows = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for field in settings_model(PLATFORMS).model_fields.values():
        default = "none" if field.default in (None, "") else f"`{field.default}`"
        rows.append(f"| `{field.validation_alias}` | {default} | {_cell(field.description or '')} |")
    tail = (
        "`foghorn.toml` names more variables: the secret of each webhook, in `secret_env`. Everything that is not a "
        "secret is set in that file; see [foghorn.toml](organisation.md)."
    )
    return "\n\n".join([NOTE, head, "\n".join(rows), tail]) + "\n"


def lint() -> str:
    """The rules of the lint."""
    head = (
        "# Lint\n\nThese rules check every text of a draft. A blocker stops publication; a warning or a note does "
        "not. Each finding shows the words, the reason, and what to write instead.\n\n"
        f"“Publish alone” overrides blockers, except {', '.join(sorted(NEVER))}. `lint.off` in foghorn.toml turns "
        f"rules off, by number or name, except {', '.join(sorted(LEAKS))}."
    )
    rows = ["| rule | name | weight | texts for | what it finds |", "| --- | --- | --- | --- | --- |"]
    rows += [f"| {r.id} | {r.name} | {r.weight} | {_audiences(r.audiences)} | {_cell(r.doc)} |" for r in RULES]
    return "\n\n".join([NOTE, head, "\n".join(rows)]) + "\n"


def _audiences(audiences: Sequence[Audience]) -> str:
    left = [audience.value for audience in Audience if audience not in audiences]
    return "all" if not left else f"all except {', '.join(left)}"


def templates() -> str:
    """The texts, whom they are for, and the values they may use."""
    head = (
        "# Templates\n\nEvery update has one text per audience and language. Sentences come from templates, words from "
        "the language's `words.toml`; a file at the same path under `FOGHORN_TEMPLATES_DIR` replaces the built-in one. "
        "See [Write your own texts](../how-to/templates.md)."
    )
    audiences = ["| audience | drafted | characters while open |", "| --- | --- | --- |"]
    audiences += [f"| {each.value} | {_drafted(each)} | {each.limit} |" for each in Audience]
    texts = ["| kind | for |", "| --- | --- |", *(f"| `{name}.md.j2` | {_kind(name)} |" for name in TEMPLATE_NAMES)]
    described = (BUILT_IN / "updates" / "README.md").read_text(encoding="utf-8")
    rules = re.search(r"\n(- Templates are Jinja.*)", described, re.DOTALL)
    assert rules, "templates/updates/README.md lost its rules"
    tables = ["## Audiences", "\n".join(audiences), "## Kinds", "\n".join(texts)]
    return "\n\n".join([NOTE, head, *tables, "## Rules", rules[1].strip()]) + "\n"


def _drafted(audience: Audience) -> str:
    if audience in ALWAYS:
        return "always"
    also = "with `[social] draft = true`, " if audience is Audience.SOCIAL else ""
    return also + "when someone is subscribed to it, or `macros` lists it"


def _kind(name: str) -> str:
    return {
        "investigating": "stage investigating, also when the problem returns and when the incident is reopened",
        "identified": "stage identified, also when it goes back to it",
        "resolved": "the closing text",
        "no_change": "an update that only says what is still true",
        "correction": "the short message that corrects a published update",
        "false_alarm": "the closing text of a canceled incident that customers have read about",
        "maintenance": "every stage, while nothing is worse than under maintenance",
    }.get(name, f"stage {name.replace('_', ' ')}")


def organisation() -> str:
    """Every key of foghorn.toml."""
    parts = [NOTE, ORGANISATION.strip()]
    for model in models():
        heading = _HEADINGS.get(model.__name__, model.__name__)
        rows = ["| key | type | default | meaning |", "| --- | --- | --- | --- |"]
        for name, field in model.model_fields.items():
            words = WORDS.get(f"{model.__name__}.{name}") or field.description or f"Table `[{name}]`"
            rows.append(f"| `{name}` | {_type(field)} | {_default(field)} | {_cell(words)} |")
        parts += [f"## {heading}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


_HEADINGS = {
    "Organisation": "At the top",
    "Component": "`[[components]]`",
    "PersonConfig": "`[[people]]`",
    "ChannelConfig": "`[[channels]]`",
    "WebhookConfig": "`[[webhooks]]`",
    "SubscriptionConfig": "Follows, in a channel or webhook",
    "Cadence": "`[cadence]`",
    "ApprovalPolicy": "`[approval]`",
    "LintLists": "`[lint]`",
    "SocialConfig": "`[social]`",
    "SupportConfig": "`[support]`",
    "RoomsConfig": "`[rooms]`",
    "UptimeConfig": "`[uptime]`",
    "PageConfig": "`[page]`",
    "FooterLink": "`[[page.links]]`",
    "AnnounceConfig": "`[announce]`",
    "AssistantConfig": "`[assistant]`",
    **{platform.config.__name__: f"`[{platform.name}]`" for platform in PLATFORMS},
}


def models() -> list[type[BaseModel]]:
    """The organisation's model and those within it, each once."""
    found: dict[type[BaseModel], None] = {}

    def visit(model: type[BaseModel]) -> None:
        if model not in found:
            found[model] = None
            for field in model.model_fields.values():
                for inner in _models_in(field.annotation):
                    visit(inner)

    visit(organisation_model(PLATFORMS))
    return list(found)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _type(field: FieldInfo) -> str:
    kind = field.annotation
    bounds = {type(each).__name__: each for each in field.metadata}
    if kind in (int, float) and {"Ge", "Le"} <= set(bounds):
        return f"number, {cast(Any, bounds['Ge']).ge} to {cast(Any, bounds['Le']).le}"
    names = {int: "number", str: "text", bool: "true or false"}
    if kind in names:
        return names[kind]
    if list(_models_in(kind)):
        return "tables" if str(kind).startswith("tuple") else "table"
    if str(kind).startswith("tuple"):
        return "list of texts"
    if str(kind).startswith("dict"):
        return "table of lists" if "tuple" in str(kind) else "table of texts"
    return "text"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, BaseModel):
        return "see below"
    if value in (None, "", (), {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("\n", " ")


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands,
    "who-may.md": lambda: f"{NOTE}\n\n{who_may()}",
    "settings.md": settings,
    "organisation.md": organisation,
    "templates.md": templates,
    "lint.md": lint,
    "glossary.md": lambda: f"{NOTE}\n\n{glossary()}\n",
}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for page, make in PAGES.items():
        (FOLDER / page).write_text(make(), encoding="utf-8")
    rooms.PICTURE.write_text(rooms.picture(), encoding="utf-8")
