"""Shows beside a test's failure what a service logged during the test."""

from collections.abc import Iterator

import pytest

from tests.support.service import Service

_WATCHED = pytest.StashKey[list[tuple[Service, int]]]()
_SHOWN_CHARACTERS = 8_000


def watch(item: pytest.Item, service: Service) -> None:
    """Show the service's log from now on if this test fails."""
    item.stash.setdefault(_WATCHED, []).append((service, len(service.read_logs())))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    report = yield
    if report.failed:
        for service, start in item.stash.get(_WATCHED, []):
            report.sections.append((f"Log of {service.url}", service.read_logs()[start:][-_SHOWN_CHARACTERS:]))
    return report
