"""The data directory: one supervisor each, and a clear word where it can't be used."""

import subprocess

import pytest

from service.registry.sqlite_library import library
from tests.support.processes import COMMAND, environment


def run_up(*arguments: str) -> subprocess.CompletedProcess:
    command = [str(COMMAND), "up", "--port", "0", *arguments]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_second_supervisor_on_one_directory_refuses(start):
    service = start()
    second = run_up("--data", str(service.data))
    assert second.returncode == 1
    assert second.stdout == ""
    assert len(second.stderr.splitlines()) == 1
    assert str(service.process.pid) in second.stderr
    assert service.get("/models")["items"] == []


def test_a_directory_that_cannot_be_made_is_refused_in_one_line(tmp_path):
    (tmp_path / "file").write_text("not a directory")
    refused = run_up("--data", str(tmp_path / "file" / "data"))
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert str(tmp_path / "file") in refused.stderr


def test_a_database_newer_than_the_code_is_refused(tmp_path, start_server):
    service = start_server(data=tmp_path / "data")
    service.stop()
    with library.connect(tmp_path / "data" / "feedforward.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    refused = run_up("--data", str(tmp_path / "data"))
    assert refused.returncode == 1
    assert "newer" in refused.stderr
    assert "Traceback" not in refused.stderr
