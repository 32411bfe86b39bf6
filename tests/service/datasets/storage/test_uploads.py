"""Temporary files that the system refuses: a problem that says so, and nothing left behind."""

import shutil
import subprocess
import sys
from pathlib import Path

NO_TEMPORARY_FOLDER = """
import resource
from service.datasets.storage.uploads import StagedFileWriter
from service.problems import Unavailable
from service.settings import Settings
settings = Settings(database_url="postgresql+psycopg://nowhere/none")
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no file may hold a byte: Python finds no folder that is usable
try:
    StagedFileWriter(settings)
except Unavailable as problem:
    print(problem.headers["Retry-After"])
"""


def run(script: str, *within: str) -> str:
    """What a Python script prints, in a process of its own."""
    command = [*within, sys.executable, "-c", script]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_where_no_folder_takes_temporary_files_that_is_a_problem():
    assert run(NO_TEMPORARY_FOLDER) == "5"


READ_ONLY = """
import os, subprocess
from pathlib import Path
from service.api.http.uploads import Uploads
from service.settings import Settings
here = Path(os.environ["DISK"])
files = Uploads(Settings(data=here))
paths = [files.begin()._file.finish().path for _ in range(2)]
subprocess.run(["mount", "-o", "remount,ro", here], check=True)
files.discard()
subprocess.run(["mount", "-o", "remount,rw", here], check=True)
files.discard()
print([path.exists() for path in paths])
"""


def test_a_temporary_file_that_cannot_be_removed_fails_no_request(tmp_path: Path):
    unshare = shutil.which("unshare")
    assert unshare, "this test needs `unshare`, of util-linux"
    on_small_disk = 'mount -t tmpfs tmpfs "$0" && DISK="$0" exec "$@"'
    within = [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", on_small_disk, str(tmp_path)]
    assert run(READ_ONLY, *within) == "[False, False]"
