"""Identifiers in paths that need more than a pattern."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from service.problems import NotFound, shorten

_MESSAGE = re.compile(r"msg_[0-9a-f]{32}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _job_id(text: str) -> str:
    """Raises NotFound for a malformed id, as for a job that does not exist."""
    if not _UUID.fullmatch(text):
        raise NotFound(f"There is no job `{shorten(text, 50)}`.")
    return text


JobId = Annotated[
    str,
    AfterValidator(_job_id),
    Field(json_schema_extra={"format": "uuid"}, examples=["01980a2b-6c1e-7cc3-98c4-dc0c0c07398f"]),
]


def _webhook_id(text: str) -> str:
    if not _UUID.fullmatch(text):
        raise NotFound(f"There is no webhook `{shorten(text, 50)}`.")
    return text


def _delivery_id(text: str) -> str:
    if not _MESSAGE.fullmatch(text):
        raise NotFound(f"There is no delivery `{shorten(text, 50)}`.")
    return text


WebhookId = Annotated[str, AfterValidator(_webhook_id), Field(json_schema_extra={"format": "uuid"})]
DeliveryId = Annotated[str, AfterValidator(_delivery_id), Field(examples=["msg_01a211b4c2f87d6b9f1c2a6d0c9f9a51"])]
