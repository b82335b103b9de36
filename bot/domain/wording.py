"""Turns the record and the typed facts into template values, once, and lays out the result.

There is no English and no grammar here: sentences are in `templates/updates/<language>/`, words in its `words.toml`.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from unicodedata import east_asian_width

from bot.domain.audiences import TITLE_LIMIT, Audience
from bot.domain.components import Impact, worst
from bot.domain.facts import NEXT_UPDATE, UpdateKind
from bot.domain.language_pack import Pack
from bot.domain.lifecycle import ORDER
from bot.domain.organisation import Organisation
from bot.domain.update_context import FAILING, UpdateContext, failing_in
from bot.domain.words import LABELED, Words, spaced

FEW = 5  # this many components are named in a sentence; more are counted there and listed below
STOPS = tuple(".!?…\u3002\uff01\uff1f\u061f")  # including those of Japanese and Arabic
PARAGRAPH = "\ue001"
CUSTOMERS = "\ue002"
TYPED = "\ue003"
"""Marks used until the text is laid out: a blank line, the customers' text, the start of the typed message."""
_SENTENCE_ENDS = re.compile("(?<=[.!?\u3002\uff01\uff1f])\\s*")
_MAYBE_WIDE = re.compile("[^\x00-\u0377]")  # no character below is wide
_TAIL = re.compile(rf"(?:\s*{re.escape(NEXT_UPDATE)}[^\n]*|\s+https?://\S+)$")


class Wording(Words):
    """One language of one organization."""

    def __init__(self, language: str, pack: Pack, organisation: Organisation) -> None:
        super().__init__(pack, organisation.zone_in(pack.locale))
        self.language, self.organisation = language, organisation
        self.first = organisation.languages[0]
        self._last: tuple[UpdateContext, dict[str, object]] | None = None  # the six texts of a draft share a moment

    # ---- what a template may use; what is not known is empty

    def values(self, context: UpdateContext, audience: Audience) -> dict[str, object]:
        """All values: texts, lines with a label, and yes or no."""
        last = self._last  # read once, because other threads render other updates
        if last is None or last[0] is not context:
            last = self._last = (context, self._shared(context))
        note = context.facts.notes.get(audience.value, "") if self.language == self.first else ""
        return {**last[1], "note": self.sentence(note)}

    def _shared(self, context: UpdateContext) -> dict[str, object]:
        """What all audiences read."""
        before = context.severity_before
        changed = before is not None and before is not context.severity
        return {
            **self._typed(context),
            **self._record(context),
            **self._components(context),
            **self._times(context),
            "customers": CUSTOMERS,
            "promise": "" if context.closes else NEXT_UPDATE,
            "link": context.link,
            "title": self.title(context),
            "severity": context.severity.value,
            "severity_before": before.value if before and changed else "",
            "raised": before is not None and changed and context.severity.at_least(before),
        }

    def _typed(self, context: UpdateContext) -> dict[str, str]:
        """Facts with their labels, and sentences."""
        facts, said = context.facts, self.said(context)
        failing = failing_in(context.impacts)
        well = self.services((key for key in facts.unaffected if key not in failing), in_text=False)
        message = self.sentence(said["message"])
        return {
            **{key: self.typed(key, said[key]) for key in ("sees", "who", "workaround", "do", "cause", "data")},
            "saw": self.typed("saw", said["sees"]),
            "expect": self.typed("expect", said["sees"]),
            "ok": self.typed(
                "ok", self.say("state_join").join(part for part in (well, self.normalized(said["ok"])) if part)
            ),
            "message": TYPED + message if message else "",
            "wrong": self.sentence(said["wrong"]),
            "right": self.sentence(said["right"]),
            "avoid": self.sentence(said["avoid"]),
            **self._few_words(said["wrong"], said["right"]),
        }

    def _few_words(self, wrong: str, right: str) -> dict[str, str]:
        """The two sides of a correction as typed, if they are not sentences; otherwise empty."""
        wrong, right = self.normalized(wrong), self.normalized(right)
        few = bool(wrong and right) and not (_stops(wrong) or _stops(right))
        return {"wrong_words": wrong if few else "", "right_words": right if few else ""}

    def said(self, context: UpdateContext) -> Mapping[str, str]:
        """What was typed in this language; “no change” repeats what was said last."""
        words = dict(context.facts.words(self.language, self.first))
        if context.kind is UpdateKind.NO_CHANGE and not words["message"]:
            words["message"] = context.last.words(self.language, self.first)["message"]
        return words

    def _record(self, context: UpdateContext) -> dict[str, object]:
        """The stage, and how it follows what was published before."""
        published, failing = context.published, failing_in(context.impacts)
        outage = _outage(context)
        again = _again(context)
        rises = [one.rank > published.get(key, Impact.OPERATIONAL).rank for key, one in outage.items()]
        was_maintained = any(published.get(key) is Impact.MAINTENANCE for key in outage)
        before = context.stage_before
        words = context.facts
        return {
            "kind": context.template_name,
            "stage": context.stage.value,
            "no_change": context.kind is UpdateKind.NO_CHANGE,
            "first": not context.first_at or was_maintained,
            "again": before is context.stage,
            "back": before is not None and ORDER.index(context.stage) < ORDER.index(before),
            "relapse": _relapsed(context),
            "reopened": bool(context.closed_at),
            "has_message": bool(words.message or any(each.get("message") for each in words.translated.values())),
            "worsened": bool(published and rises) and all(rises) and not again,
            "during_maintenance": was_maintained,
            "confirmed": context.confirmed,
            "failing": bool(failing),
            "outage": bool({Impact.PARTIAL, Impact.MAJOR} & {*context.ever_failed.values()}),
            "counted": len(outage) > FEW,
            "maintenance": set(context.ever_failed.values()) == {Impact.MAINTENANCE},
        }

    def _components(self, context: UpdateContext) -> dict[str, str]:
        """Components in sentences, and in lines with a label."""
        failing, ever, outage = failing_in(context.impacts), context.ever_failed, _outage(context)
        well = [key for key in ever if key not in failing]
        lists = {"affected": outage or ever, "still": failing, "reported": ever}
        return {
            "problem": self.by_impact(outage, "problem", published=context.published) or self.say("no_component"),
            "reported_problem": self.by_impact(ever, "problem") or self.say("no_component"),
            "past": self.by_impact(ever, "past") or self.say("no_component_past"),
            "services": self.services(ever or context.impacts) or self.say("unnamed"),
            "restored": self.services(well),
            **{label: self.labeled(label, self.by_impact(keys, "state")) for label, keys in lists.items()},
            "recovered": self.labeled("recovered", self.services(well, in_text=False)),
            "concerned": self.labeled("affected", self.services(ever, in_text=False)),
            "maintained": self.labeled("maintained", self.services(failing.keys() - outage.keys(), in_text=False)),
            "changes": self._changes(context, outage) if context.published else "",
        }

    def _times(self, context: UpdateContext) -> dict[str, str]:
        facts, now = context.facts, context.now
        start, end = context.began or facts.since, facts.end or facts.fixed
        later = end or context.recovered_at or now
        known = start is not None and end is not None and start < end
        window = self.window(start, end) if known and start and end else ""
        lasted = self.length(start, end) if known and start and end else ""
        return {
            "started": self.labeled("started", self.when(facts.since, now)),
            "started_at": self.when(start, later),
            "fixed": self.labeled("fixed", self.when(facts.fixed, now)),
            "fixed_at": self.when(facts.fixed, now),
            "window": window,
            "period": self.labeled("period", window),
            "lasted": lasted,
            "duration": self.labeled("duration", lasted),
            "first_reported": self.when(context.first_at, later),
            "last_update": self.when(context.last_at, now),
            "ended_at": self.when(end, now),
            "recovered_at": self.when(context.recovered_at, now),
            "closed": self.when(context.closed_at, now),
            "corrected": self.when(context.corrected_at, now),
            "review": self.date(facts.review) if facts.review else "",
        }

    def _changes(self, context: UpdateContext, outage: Mapping[str, Impact]) -> str:
        """What differs from the last publication, one line each."""
        published, again = context.published, _again(context)
        all_again = _relapsed(context) or bool(context.closed_at)
        real = (Impact.DEGRADED, Impact.PARTIAL, Impact.MAJOR)
        before = {key: published[key] for key in outage if published.get(key) in real}
        recovered = [key for key in failing_in(published) if context.impacts.get(key) is Impact.OPERATIONAL]
        newly = [key for key in outage if published.get(key) in (None, Impact.OPERATIONAL) and key not in again]
        lines = {
            "newly": self.services(newly, in_text=False),
            "relapsed": "" if all_again else self.services(again, in_text=False),
            "worse": self.by_impact({k: was for k, was in before.items() if was.rank < outage[k].rank}, "before"),
            "better": self.by_impact({k: was for k, was in before.items() if was.rank > outage[k].rank}, "before"),
            "recovered": self.services(recovered, in_text=False),
        }
        return "\n".join(self.labeled(label, text) for label, text in lines.items())

    # ---- words

    def title(self, context: UpdateContext) -> str:
        """`ChatGPT and API: errors and endless loading`; without symptoms, or if too long, the worst impact."""
        said = self.said(context)
        if said["title"] or context.titles.get(self.language):
            return self.normalized(said["title"]) or context.titles[self.language]
        keys = context.ever_failed
        impact = worst(keys.values())
        seen = self.normalized(said["sees"]).rstrip("".join(STOPS)) if impact is not Impact.MAINTENANCE else ""
        whats = [what for what in (seen, self._impact(impact, "title")) if what]
        names = self.services(keys, in_text=False) or _capital(self.say("unnamed"))
        labels = (names, _capital(self._counted(keys))) if keys else (names,)
        titles = [self.say("label", label=label, text=what) for label in labels for what in whats] or [names]
        return next((title for title in titles if len(title) <= TITLE_LIMIT), titles[-1][:TITLE_LIMIT])

    def plain_title(self, impacts: Mapping[str, Impact]) -> str:
        """`ChatGPT and API: major outage` from impacts alone, for updates published without a title."""
        names = self.services(impacts, in_text=False) or _capital(self.say("unnamed"))
        impact = worst(impacts.values())
        return self.say("label", label=names, text=self._impact(impact, "title")) if impact.rank else names

    def impact_said(self, impact: Impact) -> str:
        """`a major outage`."""
        return self._impact(impact, "new") or self.pack.impact.operational

    def typed(self, key: str, text: str) -> str:
        """A complete sentence as a sentence. Anything else, and facts that always need one, with a label."""
        text = self.normalized(text)
        own = "sees" if key in ("saw", "expect") else key
        whole = _stops(text) or (own in self.pack.sentences and len(text.split()) > 2)
        if whole and own not in self.pack.always_labeled:
            return self.sentence(text)
        return self.labeled(key, self._without_preposition(own, text))

    def _without_preposition(self, key: str, text: str) -> str:
        """Without a leading preposition, which would repeat the label."""
        for lead in self.pack.leading.get(key, ()):
            if text.casefold().startswith(f"{lead.casefold()} "):
                return text[len(lead) :].lstrip()
        return text

    def sentence(self, text: str) -> str:
        """With a capital letter, unless the first word is a name, and a period."""
        text = self.normalized(text)
        first = text.split(" ", 1)[0].rstrip(".,:;!?")
        names = {word for one in self.organisation.components for word in one.called(self.language).split()}
        text = _capital(text) if first.isalpha() and first.islower() and first not in names else text
        return text if not text or _stops(text) else text + self.pack.stop

    def services(self, keys: Iterable[str], *, in_text: bool = True) -> str:
        """`ChatGPT and the API`; in a sentence, many components are counted or named by their group."""
        keys = set(keys)
        if in_text and len(keys) > FEW:
            return self._counted(keys)
        known = self.organisation.named(keys)
        gone = sorted(keys - {component.key for component in known})
        said = (one.within(self.language, self.first) if in_text else one.called(self.language) for one in known)
        return self.joined([*said, *gone])

    def _counted(self, keys: Collection[str]) -> str:
        groups: dict[str, set[str]] = {}
        for component in self.organisation.components:
            groups.setdefault(component.group, set()).add(component.key)
        whole = next((group for group, members in groups.items() if group and members == set(keys)), "")
        if not whole:
            return self.say("many", number=len(keys))
        return self.say("group", group=self.organisation.group_in(whole, self.language))

    def by_impact(
        self, impacts: Mapping[str, Impact], pattern: str, published: Mapping[str, Impact] | None = None
    ) -> str:
        """`a major outage affecting ChatGPT, as well as degraded performance affecting the API`, the worst first.

        “the major outage” if it was `told` before.
        """
        parts, in_text = [], pattern in ("problem", "past")
        for one in reversed(list(Impact)[1:]):
            if keys := [key for key, impact in impacts.items() if impact is one]:
                known = published is not None and all(published.get(key) is one for key in keys)
                form = ("known" if known else "new") if in_text else "label"
                components = self.services(keys, in_text=in_text)
                parts.append(self.say(pattern, impact=self._impact(one, form), components=components))
        return self.joined(parts) if in_text and len(parts) > 2 else self.say(f"{pattern}_join").join(parts)

    def _impact(self, impact: Impact, form: str) -> str:
        return "" if impact is Impact.OPERATIONAL else str(getattr(getattr(self.pack.impact, impact.word), form))

    def promise(self, at: datetime, now: datetime) -> str:
        """`Next update by 1:06 PM ET (17:06 UTC).`, with the date if it is on another day."""
        return self.say("promise", when=self.when(at, now))

    def _longest_promise(self, context: UpdateContext) -> str:
        """The longest form of the promise if the text is published within half an hour."""
        at = context.promise_at or context.now
        promises = [self.promise(each, context.now) for each in (at, at + timedelta(minutes=30))]
        return max(promises, key=len)

    # ---- layout

    def laid_out(self, rendered: str, context: UpdateContext) -> str:
        """Paragraphs of running sentences, and lines with a label."""
        paragraphs = (self._paragraph(part) for part in self._said_once(rendered, context))
        return "\n\n".join(part for part in paragraphs if part)

    def _said_once(self, rendered: str, context: UpdateContext) -> list[str]:
        """The paragraphs, without the template's sentence if the typed message starts with the same words.

        That sentence named the components, so a line does instead.
        """
        parts = rendered.split(PARAGRAPH)
        at = next((number for number, part in enumerate(parts) if TYPED in part), None)
        openings = tuple(opening.casefold() for opening in self.pack.openings.get(context.template_name, ()))
        if at is None or not openings:
            return [part.replace(TYPED, "") for part in parts]
        lines = parts[at].split("\n")
        message = next(line for line in lines if TYPED in line).replace(TYPED, "").strip()
        if any(said.startswith(openings) for said in _SENTENCE_ENDS.split(message.casefold())):
            kept = [line for line in lines if TYPED in line or not line.strip().casefold().startswith(openings)]
            named = self._components(context)["affected" if _outage(context) else "concerned"]
            dropped = "\n".join(line for line in lines if line not in kept)
            if named not in rendered and any(name in dropped for name in self._said_names(context)):
                parts[at + 1 : at + 2] = [f"{named}\n{''.join(parts[at + 1 : at + 2])}"]
            parts[at] = "\n".join(kept)
        return [part.replace(TYPED, "") for part in parts]

    def _said_names(self, context: UpdateContext) -> set[str]:
        """How sentences name the components of a moment."""
        ever = context.ever_failed or context.impacts
        return {self.services(ever), *(self.services([key]) for key in ever)} - {""}

    def _paragraph(self, rendered: str) -> str:
        """Running sentences, then each labeled line on its own."""
        lines = [spaced(line) for line in rendered.split("\n") if line.strip()]
        sentences = self.pack.join.join(line for line in lines if not line.startswith(LABELED))
        labeled = [line[1:] for line in lines if line.startswith(LABELED)]
        return "\n".join([*([sentences] if sentences else []), *labeled])

    def one_line(self, rendered: str, context: UpdateContext) -> tuple[str, tuple[str, ...]]:
        """A text for social media, and the pieces left out to make it fit. Promise and link always stay."""
        parts = "\n".join(self._said_once(rendered.replace(NEXT_UPDATE, ""), context)).split("\n")
        lines = [self.sentence(part.strip(f"{LABELED} \t")) for part in parts if part.strip(f"{LABELED} \t")]
        tail = [*([] if context.closes else [NEXT_UPDATE]), *([context.link] if context.link else [])]
        longest, limit = self._longest_promise(context), Audience.SOCIAL.limit
        left_out: list[str] = []
        while len(lines) > 1 and self._size((*lines, *tail), longest) > limit:
            left_out.insert(0, lines.pop())
        if self._size((*lines, *tail), longest) > limit:
            left_out.insert(0, lines[0])
            lines = [lines[0] if context.kind is UpdateKind.CORRECTION else self.sentence(self.title(context))]
        while self._size((*lines, *tail), longest) > limit and len(lines[0]) > 2:
            lines = [f"{lines[0][:-2].rstrip()}…"]
        return self._run_on((*lines, *tail)), tuple(left_out)

    def _run_on(self, parts: Iterable[str]) -> str:
        """Sentences joined as the language does it; an address follows a space."""
        *said, last = parts
        between = " " if last.startswith("http") else self.pack.join
        return between.join((self.pack.join.join(said), last)) if said else last

    def _size(self, parts: Iterable[str], promise: str) -> int:
        """Length as social media count it: wide characters count twice."""
        words = self._run_on(parts).replace(NEXT_UPDATE, promise)
        return len(words) + sum(east_asian_width(character) in "WF" for character in _MAYBE_WIDE.findall(words))


def fill(body: str, promise: str) -> str:
    """The body with its slot filled. Without a promise, the slot disappears, and so does its paragraph."""
    filled = re.sub(re.escape(NEXT_UPDATE) + r"\.?", lambda _: promise, body)
    lines = (re.sub(r"[ \t]{2,}", " ", line).strip() for line in filled.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def to_edit(body: str) -> tuple[str, str]:
    """The part that a person edits, and the part that Foghorn adds: the slot and what follows it, or the final link."""
    found = _TAIL.search(body.rstrip())
    return (body[: found.start()], body[found.start() :]) if found else (body, "")


def edited(words: str, before: str) -> str:
    """Edited words with the part that followed them. A slot in the edited words moves the promise there."""
    tail = to_edit(before)[1]
    tail = tail.replace(NEXT_UPDATE, "") if NEXT_UPDATE in words else tail
    words = "\n".join(line.rstrip() for line in words.strip().splitlines())
    return f"{words}{tail}".strip() if tail.strip() and tail.strip() not in words else words


def _outage(context: UpdateContext) -> dict[str, Impact]:
    """What fails now, except maintenance."""
    return {key: one for key, one in failing_in(context.impacts).items() if one is not Impact.MAINTENANCE}


def _again(context: UpdateContext) -> list[str]:
    """What fails now, was last published as operational, and had failed before."""
    was = failing_in(context.worst)
    return [key for key in _outage(context) if context.published.get(key) is Impact.OPERATIONAL and key in was]


def _relapsed(context: UpdateContext) -> bool:
    """Whether everything that fails had been operational."""
    again = _again(context)
    return bool(again) and len(again) == len(_outage(context)) and context.stage in FAILING and not context.closed_at


def _stops(text: str) -> bool:
    return text.rstrip("\"'”\u2019)»\u300d").endswith(STOPS)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
