"""A version as one file: whole, the same bytes each time, and readable without us."""

import hashlib
import json
import subprocess
import sys

import pytest

from tests.support.archives import IRIS, files_of


def test_the_archive_holds_the_stored_bytes_and_the_version(server, http, exported):
    files = files_of(exported)
    assert set(files) == {
        "README.md", "SHA256SUMS", "card.md", "network.json", "version.json", "weights.safetensors",
    }  # fmt: skip
    version = http.get("/models/moved/versions/1").json()
    assert files["weights.safetensors"] == http.get("/models/moved/versions/1/weights").content
    assert files["network.json"] == http.get("/models/moved/versions/1/weights?format=json").content
    assert files["card.md"].decode() == http.get("/models/moved/versions/1/card").text
    record = json.loads(files["version.json"])
    assert record["version"] == {key: value for key, value in version.items() if key not in {"aliases", "job", "links"}}
    assert record["curve"] == http.get("/models/moved/versions/1/curve").json()["items"]
    assert record["data"]["id"] == version["dataset"]
    assert record["data"]["rows"] == 150
    assert [column["name"] for column in record["data"]["columns"]][-1] == "species"


def test_the_same_version_is_the_same_bytes(http, exported):
    again = http.get("/models/moved/versions/1/export")
    assert again.content == exported
    assert again.headers["content-disposition"] == 'attachment; filename="moved-1.zip"'
    known = http.get("/models/moved/versions/1/export", headers={"If-None-Match": again.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert http.get("/models/moved/versions/1").json()["links"]["export"] == "/models/moved/versions/1/export"


def test_other_programs_unpack_and_check_it(exported, tmp_path):
    (tmp_path / "moved-1.zip").write_bytes(exported)
    subprocess.run([sys.executable, "-m", "zipfile", "-e", "moved-1.zip", "."], cwd=tmp_path, check=True)
    told = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert told.stdout.count(": OK\n") == 5


def test_what_its_readme_says_predicts_the_same(server, exported, tmp_path):
    for name, content in files_of(exported).items():
        (tmp_path / name).write_bytes(content)
    page = (tmp_path / "README.md").read_text()
    program = page.split("```python\n")[1].split("```")[0]
    values = [list(map(float, line.split(",")[:4])) for line in IRIS.read_text().splitlines()[1::30]]
    program += f"\nprint(json.dumps(predict({values}).tolist()))\n"
    told = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True)
    answered = server.predict("moved", values)["predictions"]
    for by_hand, ours in zip(json.loads(told.stdout), answered, strict=True):
        assert by_hand == pytest.approx(list(ours["probabilities"].values()), abs=1e-6)


def test_the_wanted_digest_is_the_files(http, exported):
    etag = http.get("/models/moved/versions/latest/export").headers["etag"]
    assert etag == f'"{hashlib.sha256(exported).hexdigest()}"'


def test_what_is_not_there_is_not_exported(http, exported):
    assert http.get("/models/moved/versions/99/export").status_code == 404
    assert http.get("/models/never-made/versions/1/export").status_code == 404
