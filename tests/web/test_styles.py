"""The style sheets have a rule for every class that a page uses."""

import re

from bot.web_templates import WEB


def test_every_class_of_a_page_has_a_rule_or_a_script() -> None:
    rules = "".join((WEB / name).read_text(encoding="utf-8") for name in ("foghorn.css", "console.css"))
    scripts = "".join(path.read_text(encoding="utf-8") for path in WEB.glob("*.js"))
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", rules)) | set(re.findall(r"[\w-]+", scripts))
    missing = {}
    for page in WEB.rglob("*.j2"):
        filled = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "~", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        names = {name for words in re.findall(r'class="([^"]*)"', filled) for name in words.split() if "~" not in name}
        if unknown := names - known:
            missing[page.name] = unknown
    assert missing == {}
