"""The commands of the Dockerfile and the compose file, for tests that run them without a container engine."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from tests.support.processes import PROJECT

DOCKERFILE = PROJECT / "Dockerfile"
COMPOSE_FILE = PROJECT / "docker-compose.yml"


def compose_services(profile: str) -> dict[str, dict[str, Any]]:
    """The services that `docker compose --profile PROFILE up` starts."""
    services = yaml.safe_load(COMPOSE_FILE.read_text())["services"]
    return {name: service for name, service in services.items() if profile in service.get("profiles", [profile])}


def default_profile() -> str:
    """The profile that Compose uses by default, from .env."""
    return re.search(r"^COMPOSE_PROFILES=(\w+)$", (PROJECT / ".env").read_text(), re.MULTILINE)[1]


def instructions(keyword: str) -> list[str]:
    """The arguments of each `keyword` instruction of the Dockerfile, with continued lines joined."""
    lines = DOCKERFILE.read_text().replace("\\\n", " ").splitlines()
    return [line.removeprefix(keyword).strip() for line in lines if line.startswith(f"{keyword} ")]


def image_command() -> list[str]:
    return json.loads(instructions("CMD")[-1])


def health_check() -> list[str]:
    """The command of the image's HEALTHCHECK."""
    return json.loads(instructions("HEALTHCHECK")[-1].partition("CMD ")[2])


def copied_sources() -> list[Path]:
    """The paths that the Dockerfile copies from the project's folder into the build."""
    sources = [path for line in instructions("COPY") if "--from" not in line for path in line.split()[:-1]]
    return [PROJECT / path for path in sources]
