"""The caller of a request, as the registry's records name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["predict", "read", "train", "manage", "admin"]


@dataclass(frozen=True)
class Caller:
    """A caller by name, with the address and the key that they call from.

    On a loopback address there is one caller, without a key, who may do everything.
    """

    name: str = "anonymous"
    address: str | None = None
    key: str | None = None

    def require(self, scope: Scope, model: str | None = None) -> None:
        """Require a scope of the caller, for a model if one is given. Without keys, every caller holds all scopes."""
