"""The files that an export is made of."""

from __future__ import annotations

WEIGHTS = "weights.safetensors"
RECORD = "version.json"
NETWORK = "network.json"
CARD = "card.md"
README = "README.md"
SUMS = "SHA256SUMS"

MEMBERS = (README, CARD, NETWORK, RECORD, WEIGHTS, SUMS)
REQUIRED = (RECORD, WEIGHTS, SUMS)
FORM = 1
