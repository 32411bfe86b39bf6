"""An imported version is registered once for each key, with what this server knows of it."""

import pytest

from service.problems import InvalidInput, UnsupportedType
from service.registry import datasets
from service.registry.models import aliases, retention, versions
from service.schemas.retention import RetentionRule
from service.settings import Settings
from service.transfer.version_import import ImportedVersion, VersionImport, check_media_type, detect_format
from tests.support.registry_rows import new_version

KNOWN, UNKNOWN = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


@pytest.fixture
def database() -> str:
    """One kind: the queries are the same."""
    return "sqlite"


class NoSandbox:
    """Nothing is read here."""

    async def call(self, request, timeout_seconds) -> dict:
        raise NotImplementedError


@pytest.fixture
def register(registry, tmp_path):
    """`register("digest", key="k")` registers a version; returns its number and whether it is a replay."""

    def register(digest="first", alias=None, key=None, curve=(), **fields) -> tuple[int, bool]:
        version_import = VersionImport(Settings(data=tmp_path), registry, NoSandbox(), "ada")
        imported = ImportedVersion(digest, new_version(**fields), list(curve))
        version, is_replay = version_import.register("iris", alias, imported, key)
        return version.version, is_replay

    return register


def test_a_key_registers_one_version_of_one_file_and_alias(register):
    assert [register(key="k") for _ in range(2)] == [(1, False), (1, True)]
    for other in ({"digest": "second"}, {"alias": "production"}):
        with pytest.raises(InvalidInput):
            register(key="k", **other)
    assert register(key="another") == (2, False)


def test_without_a_key_each_import_is_a_version(register):
    assert [register() for _ in range(2)] == [(1, False), (2, False)]


def test_a_dataset_is_named_only_where_this_server_has_it(registry, register):
    with registry.write() as session:
        datasets.add(session, datasets.NewDataset(id=KNOWN, format="csv", bytes=1))
    for dataset in (KNOWN, UNKNOWN, None):
        register(dataset=dataset)
    with registry.read() as session:
        stored = [versions.get_version(session, "iris", number)[0].dataset for number in (1, 2, 3)]
    assert stored == [KNOWN, None, None]


def test_an_alias_is_moved_to_it_and_the_rule_of_the_model_is_applied(registry, register):
    register()
    with registry.write() as session:
        retention.set_rule(session, "iris", RetentionRule(keep_last=1), "ada")
    register()
    register(alias="production")
    with registry.read() as session:
        assert aliases.get_alias(session, "iris", "production")[0].version == 3
        assert [version.version for version in versions.list_versions(session, "iris", 10, None).items] == [3]


@pytest.mark.parametrize(
    ("content", "file_format"),
    [
        (b"PK\x03\x04", "zip"),
        ((2**32 - 1).to_bytes(8, "little") + b"{", "safetensors"),
        (b' \n{"a": 1}', "json"),
    ],
)
def test_a_file_without_a_type_is_known_by_its_first_bytes(tmp_path, content, file_format):
    file = tmp_path / "file"
    file.write_bytes(content)
    assert detect_format(file, "application/octet-stream") == file_format
    assert detect_format(file, "application/json") == "json"  # the type wins


@pytest.mark.parametrize("content", [b"", b"P", (2**32).to_bytes(8, "little") + b"{", b"[{}]"])
def test_a_file_that_nothing_is_known_of_is_refused(tmp_path, content):
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(UnsupportedType, match=r"application/zip"):
        detect_format(file, "")


def test_other_types_are_refused_and_unspecific_ones_are_not():
    for media_type in ("", "application/octet-stream", "application/zip", "application/json"):
        check_media_type(media_type)
    with pytest.raises(UnsupportedType, match="text/csv"):
        check_media_type("text/csv")
