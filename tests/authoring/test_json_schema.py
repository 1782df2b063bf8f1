"""The schemas of the knowledge files, and that they fit the files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.authoring.json_schema import NAMES, schema
from bot.knowledge.files import read_file
from bot.knowledge.yaml_source import parse

SMALL = Path(__file__).parents[1] / "bakery"
TYPES: dict[str, type] = {"array": list, "object": dict, "string": str}


def misfits(value: Any, shape: dict[str, Any], whole: dict[str, Any], at: str) -> list[str]:  # noqa: ANN401
    """The paths in a value at which its schema does not name the key or wants another type."""
    shape = whole["$defs"][shape["$ref"].rsplit("/", 1)[-1]] if "$ref" in shape else shape
    if "anyOf" in shape:
        return min((misfits(value, branch, whole, at) for branch in shape["anyOf"]), key=len)
    if shape.get("type") in TYPES and not isinstance(value, TYPES[shape["type"]]):
        return [f"{at}: not {shape['type']}"]
    if isinstance(value, list):
        return [path for i, item in enumerate(value) for path in misfits(item, shape.get("items", {}), whole, f"{at}[{i}]")]
    if not isinstance(value, dict):
        return []
    found: list[str] = []
    for key, item in value.items():
        shapes = [named for pattern, named in shape.get("patternProperties", {}).items() if re.search(pattern, key)]
        rest = shape.get("properties", {}).get(key, shapes[0] if shapes else shape.get("additionalProperties", True))
        if rest is False:
            found.append(f"{at}.{key}: not known")
        elif isinstance(rest, dict):
            found += misfits(item, rest, whole, f"{at}.{key}")
    return found


def read(name: str) -> Any:  # noqa: ANN401
    """A file of the small knowledge base as plain data."""
    document = parse(read_file(SMALL / f"{name}.yaml"))
    assert document.faults == []
    return document.data


def test_every_knowledge_file_has_a_schema() -> None:
    assert NAMES == ("faq", "phrasings", "out_of_scope", "social", "tests")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_says_what_it_is(name: str) -> None:
    found = schema(name)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["type"] == "object"
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    "name",
    [
        "phrasings",
        "out_of_scope",
        "social",
        pytest.param("faq"),
        pytest.param("tests"),
    ],
)
def test_a_schema_is_titled_with_its_file(name: str) -> None:
    assert schema(name)["title"] == f"careerbot {name}.yaml"


@pytest.mark.parametrize("name", NAMES)
def test_the_files_name_only_keys_of_the_schema(name: str) -> None:
    found = schema(name)
    data = read(name)
    assert [path for path in misfits(data, found, found, name) if path.endswith("not known")] == []
    assert set(found.get("required", [])) <= set(data)


@pytest.mark.parametrize(
    "name",
    [
        "phrasings",
        "out_of_scope",
        pytest.param("faq"),
        pytest.param("social"),
        pytest.param("tests"),
    ],
)
def test_what_the_loader_takes_fits_the_schema(name: str) -> None:
    found = schema(name)
    assert misfits(read(name), found, found, name) == []


def test_a_key_that_is_not_known_is_found() -> None:
    found = schema()
    assert misfits({"entries": [{"id": "a", "titel": "x"}]}, found, found, "faq") == ["faq.entries[0].titel: not known"]
    assert misfits({"entries": "x"}, found, found, "faq") == ["faq.entries: not array"]


def test_keys_stand_as_editors_write_them() -> None:
    properties = schema()["$defs"]["EntryModel"]["properties"]
    assert "not" in properties
    assert "never" not in properties


def test_the_old_name_of_the_conversations_is_accepted_and_marked() -> None:
    found = schema("tests")
    assert "deprecated" not in found["properties"]["conversations"]
    assert found["properties"]["talks"]["deprecated"]
    for name in ("conversations", "talks"):
        assert misfits({name: [[{"say": "hello", "act": "social"}]]}, found, found, "tests") == []
        assert misfits({name: [[{"sai": "hello"}]]}, found, found, "tests") == [f"tests.{name}[0][0].sai: not known"]


def test_there_is_no_schema_of_another_file() -> None:
    with pytest.raises(KeyError):
        schema("fqa")
