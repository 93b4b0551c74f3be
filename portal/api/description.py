"""The OpenAPI document (3.1) laid out for people: addresses, parameters, answers with examples."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext

Document = Mapping[str, Any]

# What stands in an address in place of its parts, in the examples.
SAMPLES = {"slug": "2026", "number": "P-000123"}
# Parameters worth showing in an example.
ASKED = {"award": "expert", "limit": "10"}


@dataclass(frozen=True)
class Row:
    """A parameter, or a field of an answer. `schema`: the name of the record it holds, if any."""

    name: str
    kind: str
    words: str
    schema: str = ""


@dataclass(frozen=True)
class Address:
    """One address of the API. `curl`: an example to try, on one line."""

    key: str
    path: str
    title: str
    words: str
    parameters: list[Row]
    schema: str
    is_list: bool
    curl: str
    example: str


@dataclass(frozen=True)
class Record:
    """A kind of record in the answers."""

    name: str
    rows: list[Row]


def addresses(document: Document, host: str) -> list[Address]:
    """Return every address in the document's order; `host` is where the examples ask."""
    return [
        _address(document, path, methods["get"], host)
        for path, methods in document["paths"].items()
    ]


def records(document: Document) -> list[Record]:
    """Return every kind of record with its fields, by name."""
    return [
        Record(name, list(_fields(schema)))
        for name, schema in sorted(document["components"]["schemas"].items())
        if "properties" in schema
    ]


def _address(document: Document, path: str, operation: Document, host: str) -> Address:
    answer = operation["responses"][200]["content"]["application/json"]["schema"]
    name, is_list = _record_of(answer)
    example = _example(document, answer)
    return Address(
        key=operation["operationId"],
        path=path,
        title=_(operation["summary"]),
        words=_(operation.get("description", "")),
        parameters=[_parameter(one) for one in operation["parameters"]],
        schema=name,
        is_list=is_list,
        curl=f"curl '{host}{path.format(**SAMPLES)}{_query(operation)}'",
        example=json.dumps(example, ensure_ascii=False, indent=2),
    )


def _query(operation: Document) -> str:
    names = [one["name"] for one in operation["parameters"] if one["in"] == "query"]
    asked = {name: ASKED[name] for name in names if name in ASKED}
    return f"?{urlencode(asked)}" if asked else ""


def _parameter(one: Document) -> Row:
    schema, words = one["schema"], _(one["description"])
    if schema.get("default"):
        without = gettext("Without it: %(value)s.") % {"value": schema["default"]}
        words = f"{words} {without}"
    # What is not asked for is left out; there is no null in an address.
    return Row(one["name"], _kind(schema).removesuffix(" | null"), words)


def _fields(schema: Document) -> Iterator[Row]:
    for name, field in schema["properties"].items():
        yield Row(name, _kind(field), _(field.get("description", "")), _record_of(field)[0])


def _record_of(schema: Document) -> tuple[str, bool]:
    """Return the name of the record a schema holds, and whether it is a list of them."""
    for one in (schema, *schema.get("anyOf", [])):
        if "$ref" in one:
            return one["$ref"].rsplit("/", 1)[-1], False
        if "$ref" in one.get("items", {}):
            return one["items"]["$ref"].rsplit("/", 1)[-1], True
    return "", False


def _kind(schema: Document) -> str:
    """Return what a value is, in JSON's words: "string (date) | null", "list of WorkRecord"."""
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if schema.get("type") == "array":
        return gettext("list of %(kind)s") % {"kind": _kind(schema["items"])}
    form = schema.get("format")
    return f"{schema['type']} ({form})" if form else str(schema["type"])


def _example(document: Document, schema: Document) -> Any:
    """Return a value as it might be answered, from the fields' own examples."""
    if "examples" in schema:
        return schema["examples"][0]
    if "anyOf" in schema:
        return _example(document, schema["anyOf"][0])
    if "$ref" in schema:
        record = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return _example(document, record)
    if schema["type"] == "array":
        return [_example(document, schema["items"])]
    if "properties" in schema:
        return {name: _example(document, one) for name, one in schema["properties"].items()}
    plain = {"date-time": "2026-07-01T01:00:00Z"}.get(schema.get("format", ""), "…")
    return {"integer": 1, "number": 1.5, "boolean": True}.get(schema["type"], plain)


def _(words: str) -> str:
    """Return a description of the document in the page's language."""
    return gettext(words) if words else ""
