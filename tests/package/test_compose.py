"""`compose.yaml`: it sets what Foghorn reads, and its proxy goes on while one of the two is killed."""

import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
import yaml
from sqlalchemy import make_url

from bot.cli import command_line
from bot.platforms import PLATFORMS
from tests.conftest import Postgres, go_without
from tests.package.installed import ROOT, environment, free_port, running
from tests.reference import SETTINGS

FOGHORN = (sys.executable, "-c", "from bot.cli import main; main()")


def compose() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_everything_that_is_set_is_a_setting() -> None:
    settings = {str(field.validation_alias) for field in SETTINGS.model_fields.values()}
    for name in ("migrate", "foghorn-1", "foghorn-2"):
        assert set(compose()["services"][name]["environment"]) <= settings


def test_the_guide_names_every_variable_that_has_to_be_in_env() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert asked == {"POSTGRES_PASSWORD", "FOGHORN_CONSOLE_TOKEN", "FOGHORN_DOMAIN"}
    guide = (ROOT / "docs/how-to/production.md").read_text(encoding="utf-8")
    assert {name for name in asked if f"{name}=" not in guide} == set()


def test_nothing_but_the_proxy_can_be_reached_from_outside() -> None:
    assert [name for name, service in compose()["services"].items() if "ports" in service] == ["proxy"]


def test_what_its_services_refer_to_is_there() -> None:
    found = compose()
    for service in found["services"].values():
        waits = service.get("depends_on", {})
        assert set(waits) <= set(found["services"])
        for name in waits if isinstance(waits, dict) else ():
            ends = found["services"][name].get("restart") == "no"
            assert ends or "healthcheck" in found["services"][name]
            assert waits[name]["condition"] == ("service_completed_successfully" if ends else "service_healthy")
        assert {each["source"] for each in service.get("configs", ())} <= set(found["configs"])
        assert {each.partition(":")[0] for each in service.get("volumes", ())} <= set(found["volumes"])


def test_the_image_gets_its_configuration_its_database_and_commands_that_exist() -> None:
    services = compose()["services"]
    owner = services["postgres"]["environment"]["POSTGRES_USER"]  # whose database has the same name
    for service in services.values():
        if service["image"] == "foghorn":
            url = make_url(service["environment"]["FOGHORN_DATABASE_URL"])
            assert (url.host, url.username, url.database) == ("postgres", owner, owner)
            assert service["environment"]["FOGHORN_CONFIG"] in [each["target"] for each in service["configs"]]
            program, verb = service.get("command", "foghorn run").split()
            assert (program, verb in command_line(PLATFORMS).commands) == ("foghorn", True)


def test_the_proxy_asks_every_process_where_the_image_listens_and_hides_that_address() -> None:
    found, dockerfile = compose(), (ROOT / "Dockerfile").read_text(encoding="utf-8")
    image = dict(re.findall(r"(FOGHORN_\w+)=(\S+)", dockerfile))
    proxied = found["configs"]["proxy"]["content"]
    services = found["services"].items()
    running = [name for name, each in services if each["image"] == "foghorn" and "command" not in each]

    assert re.findall(r"[\w-]+:\d+", proxied) == [f"{name}:{image['FOGHORN_PORT']}" for name in running]
    assert image["FOGHORN_HOST"] == "0.0.0.0"  # the proxy is another container
    [hidden], [asked] = re.findall(r"@internal path (.+)", proxied), re.findall(r"health_uri (\S+)", proxied)
    assert asked in hidden.split()


@pytest.mark.package
def test_pages_stay_while_one_of_two_processes_is_killed(postgres: Postgres, tmp_path: Path) -> None:
    caddy = shutil.which("caddy") or go_without("caddy")
    url, folder = postgres.make(), tmp_path / "empty"
    folder.mkdir()
    settings = {"FOGHORN_DATABASE_URL": url, "FOGHORN_CONSOLE_TOKEN": "a" * 32, "PYTHONPATH": str(ROOT)}
    ports = [free_port() for _ in range(3)]
    settings["FOGHORN_PUBLIC_URL"] = f"http://127.0.0.1:{ports[2]}"
    subprocess.run([*FOGHORN, "migrate"], cwd=folder, env=environment(**settings), check=True)
    (folder / "Caddyfile").write_text(proxy(*ports), encoding="utf-8")
    with ExitStack() as stack:
        replicas = [
            stack.enter_context(running([*FOGHORN, "run"], folder, port, FOGHORN_PORT=str(port), **settings))
            for port in ports[:2]
        ]
        serving = stack.enter_context(running([caddy, "run"], folder, ports[2], HOME=str(tmp_path)))
        for each in [*replicas, serving]:
            assert "All systems operational" in each.read()
        with pytest.raises(URLError, match="404"):
            serving.read("/metrics")
        replicas[0].process.kill()
        assert all("All systems operational" in serving.read() for _ in range(50))
    postgres.drop(url)


def proxy(first: int, second: int, port: int) -> str:
    """The proxy's settings, with addresses on this machine and without a certificate."""
    content = compose()["configs"]["proxy"]["content"].replace(
        "${FOGHORN_DOMAIN:-localhost}", f"http://127.0.0.1:{port}"
    )
    for number, there in (("1", first), ("2", second)):
        content = content.replace(f"foghorn-{number}:8080", f"127.0.0.1:{there}")
    return f"{{\n  admin off\n}}\n{content}"
