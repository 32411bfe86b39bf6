"""What a running job leaves behind: events without a gap, a curve without a jump, one checkpoint."""

from concurrent.futures import ThreadPoolExecutor

from service.registry.jobs import events as job_events
from service.registry.jobs import jobs, progress
from service.registry.models import curves


def points(first, last):
    return [{"epoch": epoch, "loss": 1 / epoch, "validation_loss": None, "learning_rate": 0.1, "elapsed_seconds": 1.0}
            for epoch in range(first, last + 1)]  # fmt: skip


def test_events_are_numbered_without_a_gap_though_many_write(registry, running):
    held = running()

    def tell(number):
        with registry.write() as session:
            progress.write_progress(session, held, {"epoch": number}, [])

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(tell, range(50)))
    with registry.read() as session:
        events = job_events.list_events(session, held.job, after=0)
        assert [event.number for event in events] == list(range(1, 53))
        assert [event.event for event in events] == ["state", "state", *["progress"] * 50]
        later = job_events.list_events(session, held.job, after=50)
        assert [event.number for event in later] == [51, 52]


def test_a_resumed_training_continues_its_curve_where_the_checkpoint_was(registry, running):
    held = running()
    with registry.write() as session:
        progress.write_progress(session, held, {"epoch": 3}, points(1, 3))
    with registry.write() as session:
        progress.write_checkpoint(session, held, 5, b"state", points(4, 5))
    with registry.write() as session:
        progress.write_progress(session, held, {"epoch": 8}, points(6, 8))
    with registry.write() as session:
        epoch, state = progress.find_checkpoint(session, held.job)
        progress.truncate_curve(session, held.job, epoch)
        progress.write_progress(session, held, {"epoch": 6}, points(6, 6))
    with registry.read() as session:
        assert state == b"state"
        assert [point.epoch for point in curves.get_of_job(session, held.job).items] == [1, 2, 3, 4, 5, 6]


def test_a_thinned_curve_keeps_its_ends(registry, running):
    held = running()
    with registry.write() as session:
        progress.write_progress(session, held, {"epoch": 1000}, points(1, 1000))
    with registry.read() as session:
        thinned = curves.get_of_job(session, held.job, points=10).items
    assert len(thinned) == 10
    assert (thinned[0].epoch, thinned[-1].epoch) == (1, 1000)


def test_a_checkpoint_is_replaced_in_place_and_gone_when_the_job_ends(registry, running):
    held = running()
    for epoch in (1, 2):
        with registry.write() as session:
            progress.write_checkpoint(session, held, epoch, f"state {epoch}".encode(), [])
    with registry.read() as session:
        assert progress.find_checkpoint(session, held.job) == (2, b"state 2")
    with registry.write() as session:
        jobs.end(session, held, "succeeded")
    with registry.read() as session:
        assert progress.find_checkpoint(session, held.job) is None
