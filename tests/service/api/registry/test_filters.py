"""Models and versions found by words, tags, times and figures."""

from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest


@pytest.fixture
def accuracies(name: str, add_versions) -> list[float | None]:
    """The validation accuracy of each version, first version first; the loss is one minus it."""
    values = [0.5, 0.9, None, 0.7, 0.9, 0.8]
    for place, value in enumerate(values):
        figures = {} if value is None else {"accuracy": value, "loss": 1 - value, "rows": 30}
        tags = {"team": "flowers" if place % 2 else "trees", "run": str(place)}
        add_versions(name, 1, metrics={"training": {"accuracy": 1.0}, "validation": figures}, tags=tags)
    return values


def pages(http: httpx.Client, path: str, **query: object) -> list[int]:
    seen, cursor = [], {}
    while True:
        page = http.get(path, params={"limit": 2, **query} | cursor).json()
        seen += [version["version"] for version in page["items"]]
        if page["next_cursor"] is None:
            return seen
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.usefixtures("accuracies")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"sort": "accuracy"}, [5, 2, 6, 4, 1]),
        ({"sort": "validation_loss"}, [2, 5, 6, 4, 1]),
        ({"sort": "training_accuracy"}, [6, 5, 4, 3, 2, 1]),
        ({"sort": "accuracy", "tag": "team=flowers"}, [2, 6, 4]),
        ({"metric": "accuracy>=0.8"}, [6, 5, 2]),
        ({"metric": ["accuracy>0.5", "validation_loss>0.15"]}, [6, 4]),
        ({"metric": "accuracy<=5e-1"}, [1]),
        ({"tag": ["team=trees", "run=2"]}, [3]),
        ({"tag": "team"}, [6, 5, 4, 3, 2, 1]),
        ({"tag": "team=rocks"}, []),
        ({"sort": "unheard_of"}, []),
        ({"after": "2020-01-01T00:00:00Z"}, [6, 5, 4, 3, 2, 1]),
        ({"before": "2020-01-01T00:00:00Z"}, []),
    ],
)
def test_versions_are_found_and_put_in_order(http: httpx.Client, name: str, query, expected):
    assert pages(http, f"/models/{name}/versions", **query) == expected


@pytest.mark.usefixtures("accuracies")
def test_a_list_by_figures_holds_no_deleted_version(http: httpx.Client, name: str):
    assert http.delete(f"/models/{name}/versions/5").status_code == 204
    assert pages(http, f"/models/{name}/versions", sort="accuracy") == [2, 6, 4, 1]


@pytest.mark.usefixtures("accuracies")
def test_pages_by_a_figure_hold_each_version_once_while_better_ones_come(http: httpx.Client, name: str, add_versions):
    address, query = f"/models/{name}/versions", {"sort": "accuracy", "limit": 2}
    first = http.get(address, params=query).json()
    add_versions(name, 1, metrics={"training": None, "validation": {"accuracy": 0.99}})
    add_versions(name, 1, metrics={"training": None, "validation": {"accuracy": 0.6}})
    second = http.get(address, params=query | {"cursor": first["next_cursor"], "limit": 200}).json()
    assert [version["version"] for version in second["items"]] == [6, 4, 8, 1]


@pytest.mark.usefixtures("accuracies")
def test_changed_tags_are_found_and_the_old_ones_are_not(http: httpx.Client, name: str):
    http.patch(f"/models/{name}/versions/1", json={"tags": {"team": "rocks"}}).raise_for_status()
    assert pages(http, f"/models/{name}/versions", tag="team=rocks") == [1]
    assert pages(http, f"/models/{name}/versions", tag="run=0") == []


@pytest.mark.usefixtures("accuracies")
@pytest.mark.parametrize("other", [{}, {"sort": "training_accuracy"}])
def test_a_cursor_belongs_to_its_order(http: httpx.Client, name: str, other: dict):
    cursor = http.get(f"/models/{name}/versions", params={"limit": 2, "sort": "accuracy"}).json()["next_cursor"]
    answer = http.get(f"/models/{name}/versions", params=other | {"cursor": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["location"]) == (422, ["query", "cursor"])


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"metric": "accuracy"}, "metric"),
        ({"metric": "accuracy=1"}, "metric"),
        ({"metric": "accuracy>nan"}, "metric"),
        ({"sort": "a b"}, "sort"),
        ({"after": "yesterday"}, "after"),
        ({"after": "0001-01-01T00:00:00+02:00"}, "after"),
        ({"tag": "a\0b"}, "tag"),
        ({"tag": ["a"] * 11}, "tag"),
        ({"sort": ["a", "b"]}, "sort"),
    ],
)
def test_a_filter_that_is_none_is_told_so(http: httpx.Client, name: str, add_versions, query, place):
    add_versions(name)
    answer = http.get(f"/models/{name}/versions", params=query)
    assert (answer.status_code, answer.json()["errors"][0]["location"][:2]) == (422, ["query", place])


def test_models_are_found_by_words_tags_and_times(http: httpx.Client, name: str, add_versions):
    before = datetime.now(UTC).isoformat()
    add_versions(name)
    told = {"description": f"Tells 100% of {name.upper()} apart.", "tags": {"team": name, "odd \"'.$[0] key": "ä"}}
    http.patch(f"/models/{name}", json=told).raise_for_status()

    def found(**query: object) -> list[str]:
        return [model["name"] for model in http.get("/models", params=query).raise_for_status().json()["items"]]

    assert found(query=f"100% of {name}") == [name], "whatever the case"
    assert found(query=f"100_ of {name}") == []
    assert found(tag=f"team={name}") == found(tag=[f"team={name}", "odd \"'.$[0] key=ä"]) == [name]
    assert found(tag=["team", f"team={name}x"]) == []
    assert found(query=name, after=before) == [name]
    assert found(query=name, before=before) == []
    in_india = datetime.fromisoformat(before).astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()
    assert found(query=name, after=in_india) == [name]
    assert found(query=name, before=in_india) == []
