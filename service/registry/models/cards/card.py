"""A version's model card (Mitchell et al. 2019): what it is for, what made it, how good it is, where its limits are."""

from __future__ import annotations

import json

from service.registry import Session, datasets
from service.registry.models import versions
from service.registry.models.cards import facts, quality
from service.registry.models.cards.markdown import plain
from service.schemas.dataset import Dataset
from service.schemas.registry import Version

LONGEST_DESCRIPTION = 10_000


def get_card(session: Session, model: str, reference: str | int | None) -> str:
    """The card of a stored version. Raises NotFound and Gone."""
    version, _ = versions.get_version(session, model, reference)
    row = None if version.dataset is None else datasets.find_row(session, version.dataset)
    return card(version, None if row is None else datasets.as_dataset(row))


def card(version: Version, dataset: Dataset | None = None) -> str:
    """The card of a version, which must include its request and notes."""
    sections = {
        "What it predicts": facts.predicts(version),
        "What it takes": facts.takes(version),
        "Data": facts.data(version, dataset),
        "Training": facts.training(version),
        "How good it is": quality.metrics(version),
        "Warnings": quality.warnings(version),
        "Limits": quality.limits(version),
        "Where it comes from": facts.lineage(version),
        "To make it again": facts.reproduction(version),
        "The whole request": _request(version),
        "Notes": (version.notes or "").strip(),
    }
    title = f"# {version.model}, version {version.version}"
    parts = [title, plain(version.description, LONGEST_DESCRIPTION)]
    parts += [f"## {name}\n\n{text}" for name, text in sections.items() if text]
    return "\n\n".join(part for part in parts if part) + "\n"


def _request(version: Version) -> str:
    """The request as indented code, so that no text in it can end the block."""
    if version.request is None:
        return ""
    text = json.dumps(version.request, indent=2, ensure_ascii=False)
    return "\n".join(f"    {line}" for line in text.splitlines())
