"""Schemas as hash-consed nodes: equal parts of a service's types are stored once, however often they occur."""

import re
import struct

KINDS = {"string": 1, "integer": 2, "number": 4, "boolean": 8, "object": 16, "array": 32, "null": 64}

# The keyword numbers of the format; `src/cfn/schema/node.rs` has the same list.
TAGS = {name: number for number, name in enumerate(
    """type enum enumCaseInsensitive pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum
    multipleOf items minItems maxItems uniqueItems uniqueKeys properties required additionalProperties
    patternProperties minProperties maxProperties dependentRequired dependentExcluded requiredXor requiredOr allOf
    anyOf oneOf not if then else format default propertyNames contains prefixItems alias never unordered""".split(), 1)}

COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
STRINGS = ("required", "requiredXor", "requiredOr", "uniqueKeys", "enumCaseInsensitive")
ONE = ("not", "if", "then", "else", "propertyNames", "contains")
MANY = ("allOf", "anyOf", "oneOf", "prefixItems")


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def number(value):
    """An integer zigzagged, or the eight bytes of a float."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) < 2**62:
        return b"\0" + varint(value * 2 if value >= 0 else -value * 2 - 1)
    return b"\1" + struct.pack("<d", value)


class Definitions:
    """What a `$ref` points at: `#/definitions/Port`, seldom `#/properties/Port`; a few point at nothing."""

    def __init__(self, schema):
        self.schema = schema

    def __getitem__(self, pointer):
        found = self.schema
        for part in pointer.split("/")[1:]:
            found = found.get(part, {})
        return found


class Table:
    """Records by number; equal records share one."""

    def __init__(self):
        self.records, self.known = [], {}

    def add(self, record):
        if record not in self.known:
            self.known[record] = len(self.records)
            self.records.append(record)
        return self.known[record]

    def reserve(self):
        self.records.append(None)
        return len(self.records) - 1


class Service:
    """Strings and nodes of one service, and in `docs` its descriptions."""

    def __init__(self):
        self.strings, self.nodes = Table(), Table()

    def text(self, value):
        return varint(self.strings.add(value.encode()))

    def texts(self, values):
        return varint(len(values)) + b"".join(self.text(value) for value in values)

    def scalar(self, value):
        if isinstance(value, bool):
            return b"\3" if value else b"\2"
        if isinstance(value, (int, float)):
            return number(value)
        return b"\4" + self.text(str(value))


class Nodes:
    """Interns the schema of one type into a service's table."""

    def __init__(self, service, definitions):
        self.service, self.definitions = service, definitions
        self.done, self.open = {}, {}

    def intern(self, schema):
        if schema is False:
            return self.add([("never", b"")])
        if schema is True:
            schema = {}
        if "$ref" in schema:
            rest = {k: v for k, v in schema.items() if k != "$ref" and k in TAGS}
            name = schema["$ref"]
            if rest:
                return self.intern({**self.definitions[name], **rest})
            return self.reference(name)
        return self.add(self.fields(schema))

    def reference(self, name):
        """A definition that contains itself is entered through an alias, which is filled in when it is complete."""
        if name in self.done:
            return self.done[name]
        if name in self.open:
            if self.open[name] is None:
                self.open[name] = self.service.nodes.reserve()
            return self.open[name]
        self.open[name] = None
        self.done[name] = self.intern(self.definitions[name])
        alias = self.open.pop(name)
        if alias is not None:
            self.service.nodes.records[alias] = encode([("alias", varint(self.done[name]))])
        return self.done[name]

    def add(self, fields):
        return self.service.nodes.add(encode(fields))

    def fields(self, schema):
        out = []
        for key in sorted(schema, key=lambda k: TAGS.get(k, 0)):
            value = schema[key]
            if key == "dependencies":
                key = "dependentRequired"
            payload = self.payload(key, value)
            if payload is not None:
                out.append((key, payload))
        if schema.get("insertionOrder") is False:
            out.append(("unordered", b""))
        if "const" in schema and not isinstance(schema["const"], (dict, list)):
            out.append(("enum", varint(1) + self.service.scalar(schema["const"])))
        return out

    def payload(self, key, value):
        s = self.service
        if key == "type":
            return bytes([sum(KINDS[kind] for kind in ([value] if isinstance(value, str) else value))])
        if key == "enum":
            if any(isinstance(x, (dict, list)) for x in value):
                return None
            return varint(len(value)) + b"".join(s.scalar(x) for x in value)
        if key in ("pattern", "format"):
            return s.text(value)
        if key in COUNTS:
            return varint(int(value))
        if key in NUMBERS:
            return number(value)
        if key == "uniqueItems":
            return b"" if value else None
        if key in STRINGS:
            return s.texts(value) if isinstance(value, list) else None
        if key in ONE or key == "items":
            return varint(self.intern(value)) if not isinstance(value, list) else None
        if key in MANY:
            return varint(len(value)) + b"".join(varint(self.intern(x)) for x in value)
        if key == "additionalProperties":
            return None if value is True or value == {} else b"" if value is False else varint(self.intern(value))
        if key in ("properties", "patternProperties"):
            pairs = [(name, self.intern(value[name])) for name in sorted(value)]
            return varint(len(pairs)) + b"".join(s.text(name) + varint(node) for name, node in pairs)
        if key in ("dependentRequired", "dependentExcluded"):
            lists = {name: needs for name, needs in sorted(value.items()) if isinstance(needs, list)}
            return varint(len(lists)) + b"".join(s.text(name) + s.texts(needs) for name, needs in lists.items())
        if key == "default" and not isinstance(value, (dict, list, type(None))):
            return s.scalar(value)
        return None


def encode(fields):
    return varint(len(fields)) + b"".join(bytes([TAGS[key]]) + varint(len(body)) + body for key, body in fields)


class Docs:
    """Descriptions as a tree of their own, so that they cost nothing unless someone asks.

    A record is a text (or none), a node whose children continue it (or none), and children of its own. Lists are
    looked through: a path names properties only. The values of a map are `*`.
    """

    def __init__(self, service, definitions):
        self.service, self.definitions = service, definitions
        self.known = {}

    def intern(self, schema):
        return self.service.nodes.add(self.record(schema))

    def definition(self, name):
        if name not in self.known:
            self.known[name] = self.service.nodes.reserve()
            self.service.nodes.records[self.known[name]] = self.record(self.definitions[name])
        return self.known[name]

    def record(self, schema):
        text = short(schema.get("description"))
        out = varint(0) if not text else varint(1 + self.service.strings.add(text.encode()))
        while isinstance(schema.get("items"), dict):
            schema = schema["items"]
        parts = {"*": part for part in schema.get("patternProperties", {}).values()} | schema.get("properties", {})
        if "$ref" in schema:
            return out + varint(1 + self.definition(schema["$ref"])) + varint(0)
        children = [(name, self.intern(part)) for name, part in sorted(parts.items()) if isinstance(part, dict)]
        children = [(name, node) for name, node in children if self.service.nodes.records[node] != b"\0\0\0"]
        return out + varint(0) + varint(len(children)) + b"".join(
            self.service.text(name) + varint(node) for name, node in children)


def short(text, limit=300):
    """The first paragraph, without markup, cut at the end of a sentence."""
    if not text:
        return None
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text.strip()).replace("``", "`")
    text = re.sub(r"<[^>]+>", "", text)
    text = " ".join(text.split("\n")[0].split())
    if len(text) > limit:
        end = text.rfind(". ", 0, limit)
        text = text[: end + 1] if end > 60 else text[:limit].rsplit(" ", 1)[0] + " …"
    return text or None
