"""Holds JSON against a schema of docs/schemas/: the part of JSON Schema 2020-12 that those are written in.

A keyword that is not known here is an error, so that no schema asks for what nobody checks.
"""

import re

TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
    "integer": int, "number": (int, float),
}
IGNORED = {"$schema", "$id", "$defs", "title", "description"}


def is_type(value, name):
    if isinstance(value, bool) and name in ("integer", "number"):
        return False
    return isinstance(value, TYPES[name])


def problems(value, schema, root, place="$"):
    """Yields a sentence for each thing that is not as the schema has it."""
    if schema is True:
        return
    if schema is False:
        yield f"{place}: is not expected"
        return
    for keyword, wanted in schema.items():
        if keyword in IGNORED or keyword in ("properties", "patternProperties", "additionalProperties"):
            continue
        if keyword == "$ref":
            yield from problems(value, root["$defs"][wanted.removeprefix("#/$defs/")], root, place)
        elif keyword == "type":
            names = wanted if isinstance(wanted, list) else [wanted]
            if not any(is_type(value, name) for name in names):
                yield f"{place}: {value!r:.60} is not of type {' or '.join(names)}"
                return
        elif keyword == "const":
            if value != wanted:
                yield f"{place}: {value!r:.60} is not {wanted!r}"
        elif keyword == "enum":
            if value not in wanted:
                yield f"{place}: {value!r:.60} is none of {wanted}"
        elif keyword == "minimum":
            if is_type(value, "number") and value < wanted:
                yield f"{place}: {value} is below {wanted}"
        elif keyword == "maximum":
            if is_type(value, "number") and value > wanted:
                yield f"{place}: {value} is above {wanted}"
        elif keyword == "required":
            yield from (f"{place}: has no `{key}`" for key in wanted
                        if isinstance(value, dict) and key not in value)
        elif keyword == "items":
            if isinstance(value, list):
                for i, item in enumerate(value):
                    yield from problems(item, wanted, root, f"{place}[{i}]")
        elif keyword == "minItems":
            if isinstance(value, list) and len(value) < wanted:
                yield f"{place}: has fewer than {wanted} items"
        elif keyword == "maxItems":
            if isinstance(value, list) and len(value) > wanted:
                yield f"{place}: has more than {wanted} items"
        else:
            raise ValueError(f"{place}: the keyword `{keyword}` is not checked by tests/schemas/validate.py")
    if isinstance(value, dict):
        yield from member_problems(value, schema, root, place)


def member_problems(value, schema, root, place):
    named, prefixed = schema.get("properties", {}), schema.get("patternProperties", {})
    for key, member in value.items():
        wanted = [named[key]] if key in named else [s for pattern, s in prefixed.items()
                                                    if re.search(pattern, key)]
        for one in wanted or [schema.get("additionalProperties", True)]:
            yield from problems(member, one, root, f"{place}.{key}")
