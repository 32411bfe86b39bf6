"""What the protocol refuses."""

from __future__ import annotations

from service.problems import Problem


class BadInference(Problem):
    """A request of the Open Inference Protocol that can't be carried out. The detail says what to change."""

    status, slug, title = 400, "bad-inference", "The inference request is not valid"
