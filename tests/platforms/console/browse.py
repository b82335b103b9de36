"""A browser without a script: reads real HTML, follows links, fills in and sends forms, presses buttons.

`me = Browse(client, links)`, `me.sign_in("ana")`, `me.run("declare API down")`, `me.submit("Draft it", message="...")`,
`me.press("Publish")`, `me.text()`. What is not on the page cannot be pressed or filled in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

BASE = "http://127.0.0.1:8080"
SILENT = ("script", "style", "svg", "title")
INLINE = ("a", "b", "code", "del", "ins", "kbd", "mark", "q", "span", "strong", "sup", "time")
VOID = ("input", "meta", "link", "br", "hr", "use", "path", "circle", "img")


@dataclass
class FormSeen:
    """One form: where it goes, its fields with the values they have now, and the words of its buttons."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


@dataclass
class LinkSeen:
    """One link."""

    words: str
    to: str


class Page(HTMLParser):
    """What a page holds."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[FormSeen] = []
        self.links: list[LinkSeen] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.title = ""
        self.words: list[str] = []
        self._open: list[str] = []
        self._form: FormSeen | None = None
        self._area = self._select = ""
        self._first = False
        self._button: list[str] | None = None
        self.feed(html)

    @property
    def text(self) -> str:
        """All words, single-spaced."""
        return " ".join("".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what can be used."""
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if tag not in INLINE:
            self.words.append(" ")
        if given.get("id"):
            self.ids.append(given["id"])
        if given.get("aria-label"):
            self.labels.append(given["aria-label"])
        if tag == "form":
            self._form = FormSeen(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self.links.append(LinkSeen("", given["href"]))
        elif tag == "button" and given.get("type", "submit") == "submit":
            self._button = []
        elif self._form is not None and tag in ("input", "textarea", "select", "option"):
            self._field(self._form, tag, given)

    def _field(self, form: FormSeen, tag: str, given: Mapping[str, str]) -> None:
        name = given.get("name", "")
        if tag == "option":
            if "selected" in given or self._first:
                form.fields[self._select][-1] = given.get("value", "")
            self._first = False
        elif tag == "select":
            self._select, self._first = name, True
            form.fields.setdefault(name, []).append("")
        elif tag == "textarea":
            self._area = name
            form.fields[name] = [""]
        elif given.get("type") in ("checkbox", "radio"):
            form.fields.setdefault(name, []).extend([given.get("value", "on")] if "checked" in given else [])
        elif name:
            form.fields.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """Close what was open."""
        if tag not in INLINE:
            self.words.append(" ")
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "button" and self._button is not None:
            if self._form is not None:
                self._form.buttons.append(" ".join("".join(self._button).split()))
            self._button = None
        elif tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """Words belong to what is open."""
        if self._open and self._open[-1] == "title" and "svg" not in self._open:
            self.title += data
        if any(tag in SILENT for tag in self._open):
            return
        self.words.append(data)
        if self._area and self._form is not None:
            kept = self._form.fields[self._area]
            kept[0] = (kept[0] + data).removeprefix("\n")
        if self._button is not None:
            self._button.append(data)
        if "a" in self._open:
            self.links[-1].words = " ".join(f"{self.links[-1].words} {data}".split())


class Client(Protocol):
    """What asks: an `httpx.Client`, or one that needs no server."""

    def request(self, method: str, url: str, **asked: Any) -> httpx.Response:
        """One answer; redirects are not followed where `follow_redirects` is False."""


class Browse:
    """One person at one browser. `links(name)` gives a sign-in link; `client` asks without following redirects."""

    def __init__(self, client: Client, links: Callable[[str], str], base: str = BASE) -> None:
        self.client = client
        self.links = links
        self.base = base
        self.url = f"{base}/console"
        self.response: httpx.Response | None = None
        self.page = Page("")

    @property
    def status(self) -> int:
        """Of the last answer."""
        assert self.response is not None
        return self.response.status_code

    def text(self) -> str:
        """The words of the page."""
        return self.page.text

    def sign_in(self, name: str) -> None:
        """Follow a sign-in link and press its button."""
        self.open(self.links(name))
        (label,) = [b for form in self.page.forms for b in form.buttons if b.startswith("Sign in as")]
        self.press(label)
        assert self.status == 200, self.text()

    def open(self, where: str) -> str:
        """Go to an address; its words."""
        return self._ask("GET", urljoin(self.url, where))

    def run(self, line: str) -> str:
        """Type a line in the command bar."""
        bar = next(form for form in self.page.forms if "line" in form.fields and form.buttons == ["Run"])
        return self.send(bar, line=line)

    def press(self, label: str) -> str:
        """Press a button, or follow a link, with these words."""
        for form in self.page.forms:
            if label in form.buttons:
                return self.send(form)
        found = next((link for link in self.page.links if link.words == label), None)
        assert found is not None, f"nothing says {label!r} among {self.buttons()} in: {self.text()}"
        return self.open(found.to)

    def submit(self, label: str, /, **typed: str | list[str]) -> str:
        """Fill in the form whose button says `label`, and send it."""
        form = next((f for f in self.page.forms if label in f.buttons and set(typed) <= set(f.fields)), None)
        assert form is not None, f"no form {label!r} with {sorted(typed)} among {self.page.forms}"
        return self.send(form, **typed)

    def send(self, form: FormSeen, /, **typed: str | list[str]) -> str:
        """Send a form of this page, some fields changed."""
        fields = {name: values for name, values in form.fields.items() if name}
        fields |= {name: [value] if isinstance(value, str) else value for name, value in typed.items()}
        return self._ask(form.method.upper(), urljoin(self.url, form.action), fields)

    def buttons(self) -> list[str]:
        """The words of everything that can be pressed."""
        return [label for form in self.page.forms for label in form.buttons] + [link.words for link in self.page.links]

    def _ask(self, method: str, url: str, fields: Mapping[str, list[str]] | None = None) -> str:
        headers = {"Origin": self.base, "Sec-Fetch-Site": "same-origin"} if method == "POST" else {}
        for _ in range(5):
            data = fields if method == "POST" else None
            if fields and method == "GET":
                url, fields = f"{url}?{urlencode(fields, doseq=True)}", None
            self.response = self.client.request(method, url, data=data, headers=headers, follow_redirects=False)
            self.url = url
            if not self.response.is_redirect:
                break
            method, fields, headers = "GET", None, {}
            url = urljoin(url, self.response.headers["location"])
        self.url = urlsplit(self.url)._replace(fragment="").geturl()
        self.page = Page(self.response.text)
        return self.text()
