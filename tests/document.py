"""The OpenAPI document, and whether an answer is one that it names."""

import re
from typing import Any

import jsonschema
from drf_spectacular.generators import SchemaGenerator

DOCUMENT = SchemaGenerator().get_schema(request=None, public=True)


def operation(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][path][method]
    return found


def statuses(method: str, path: str) -> list[int]:
    return sorted(int(status) for status in operation(method, path)["responses"])


def parameter(method: str, path: str, name: str) -> dict[str, Any]:
    """The parameter's JSON schema."""
    [found] = [one for one in operation(method, path)["parameters"] if one["name"] == name]
    schema: dict[str, Any] = found["schema"]
    return schema


def check(method: str, path: str, reply: Any) -> None:
    """Raises when the answer's status, its type or its body is not as documented for the templated `path`."""
    named = operation(method, path)["responses"]
    assert str(reply.status_code) in named, (method, path, reply.status_code, reply.content)
    content = named[str(reply.status_code)].get("content")
    if content is None:
        assert reply.content == b""
        return
    media_type = re.split(";", reply["Content-Type"])[0]
    assert {media_type, "*/*"} & set(content), (method, path, media_type)
    if media_type == "application/json" and media_type in content:
        schema = {**content[media_type]["schema"], "components": DOCUMENT["components"]}
        jsonschema.validate(reply.json(), schema, jsonschema.Draft202012Validator)
