"""Examples of requests and responses about webhooks."""

from __future__ import annotations

from typing import Any

WEBHOOK_ID = "01a211c3-5f0e-7b3a-9d54-0a3f4f1f6b11"
DELIVERY_ID = "msg_01a211c36a6277d0b1c6d6a6a2c14f0e"
AT = "2026-11-25T08:12:29.794318Z"
WEBHOOK: dict[str, Any] = {
    "id": WEBHOOK_ID,
    "url": "https://hooks.example.com/feedforward",
    "events": ["alias.moved", "job.ended"],
    "models": ["iris"],
    "description": "Deploys what production names.",
    "enabled": True,
    "disabled_because": None,
    "old_secret_until": None,
    "created_at": AT,
    "created_by": "anonymous",
    "updated_at": AT,
    "links": {
        "self": f"/webhooks/{WEBHOOK_ID}",
        "deliveries": f"/webhooks/{WEBHOOK_ID}/deliveries",
        "test": f"/webhooks/{WEBHOOK_ID}/test",
    },
}
DELIVERY: dict[str, Any] = {
    "id": DELIVERY_ID,
    "webhook": WEBHOOK_ID,
    "type": "alias.moved",
    "model": "iris",
    "state": "delivered",
    "created_at": AT,
    "due_at": None,
    "ended_at": "2026-11-25T08:12:36.081237Z",
    "attempts": [
        {"at": "2026-11-25T08:12:30.118805Z", "seconds": 0.01231, "status": 503, "error": "the receiver answered 503"},
        {"at": "2026-11-25T08:12:36.063511Z", "seconds": 0.00952, "status": 204, "error": None},
    ],
    "payload": {
        "type": "alias.moved",
        "timestamp": AT,
        "data": {"model": "iris", "alias": "production", "before": 1, "after": 2, "by": "anonymous"},
    },
}
TEST_DELIVERY: dict[str, Any] = DELIVERY | {
    "type": "webhook.test",
    "model": None,
    "attempts": DELIVERY["attempts"][1:],
    "payload": {"type": "webhook.test", "timestamp": AT, "data": {"webhook": WEBHOOK_ID}},
}

WEBHOOK_EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "NewWebhook": [{name: WEBHOOK[name] for name in ("url", "events", "models", "description")}],
    "WebhookChange": [{"events": ["*"]}, {"enabled": True}],
    "Rotation": [{"keep_hours": 24}],
    "Webhook": [WEBHOOK],
    "WebhookWithSecret": [WEBHOOK | {"secret": "whsec_B956GMI5wcRphhGFw95hQDJl2TfR+e128YVAmXp7pr8="}],
    "Delivery": [DELIVERY],
    "WebhookTest": [{"delivery": TEST_DELIVERY, "answer": "ok"}],
}
