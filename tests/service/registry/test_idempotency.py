"""An Idempotency-Key keeps what it made, and is for one request."""

import pytest

from service.problems import InvalidInput
from service.registry.idempotency import Idempotency, find_record, remember

SENT = Idempotency("a key", "the digest of what was sent")


def test_a_key_keeps_the_dataset_that_it_made(registry):
    with registry.write() as session:
        remember(session, SENT, dataset="sha256:0")
    with registry.read() as session:
        row = find_record(session, SENT)
        assert (row.dataset, row.job, row.version_id) == ("sha256:0", None, None)


def test_a_key_keeps_the_job_that_it_made(registry, running):
    job = running().job
    with registry.write() as session:
        remember(session, SENT, job=job)
    with registry.read() as session:
        row = find_record(session, SENT)
        assert (row.dataset, row.job, row.version_id) == (None, job, None)


def test_a_key_is_for_one_request(registry):
    with registry.write() as session:
        remember(session, SENT)
    with registry.read() as session, pytest.raises(InvalidInput):
        find_record(session, Idempotency(SENT.key, "another digest"))


def test_a_key_that_nobody_used_made_nothing(registry):
    with registry.read() as session:
        assert find_record(session, SENT) is None
