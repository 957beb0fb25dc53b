"""The binary format. All numbers little-endian; `varint` is LEB128.

    header     b"RTS1", u32 length of the index, u32 length of the dictionary for schemas, u32 of that for docs
    index      text of the date, varint number of services, then for each service: text name ("ECS", "Alexa::ASK"),
               varint number of types, the names of its types without the service, sorted, then the four lengths of
               its two blobs (schema and docs, packed and unpacked); blobs follow each other in this order
    dictionaries, then the blobs, each a zstd frame without checksum

    blob       varint counts of strings, nodes, types; the lengths of all of them in this order as varints; then their
               bytes in the same order
    type       varint node of the properties, varint flags, text of the tag property, varint 1 + node of `Ref`,
               then paths: read-only, create-only, conditional create-only, write-only, primary identifier; then the
               attributes (text, varint 1 + node) and the rules (text path, text title, varint node)
    docs       the same blob without schemas: nodes are doc records (varint 1 + text or 0, varint 1 + node that continues
               or 0, varint count, then text and node for each child), types are single varints
"""

import struct

import zstandard

from nodes import Definitions, Docs, Nodes, Service, varint

LEVEL = 22
DICTIONARY = 64 * 1024
FLAGS = {"taggable": 1, "tags_are_map": 2, "delete_first": 4, "tag_on_create": 8, "tag_updatable": 16}


def pack(source):
    services = {}
    for kind in source.types:
        service, name = split(kind.name)
        services.setdefault(service, []).append((name, kind))
    raw = [(name, members, schema_blob(members), docs_blob(members)) for name, members in sorted(services.items())]
    dictionaries = [train([blobs[i] for blobs in raw]) for i in (2, 3)]
    index = text(source.date) + varint(len(raw))
    body = b""
    totals = [0, 0]
    for name, members, *blobs in raw:
        index += text(name) + varint(len(members)) + b"".join(text(member) for member, _ in members)
        for i, blob in enumerate(blobs):
            packed = compress(blob, dictionaries[i])
            totals[i] += len(packed)
            index += varint(len(packed)) + varint(len(blob))
            body += packed
    first, second = (dictionary.as_bytes() for dictionary in dictionaries)
    print(f"index {len(index)}, schemas {totals[0]}, docs {totals[1]}, {len(raw)} services")
    print(f"rules that are not packed: {' '.join(source.skipped_rules)}")
    return b"RTS1" + struct.pack("<III", len(index), len(first), len(second)) + index + first + second + body


def split(name):
    """`AWS::ECS::Service` is `Service` of `ECS`; others keep their vendor."""
    vendor, service, kind = name.split("::", 2)
    return (service if vendor == "AWS" else f"{vendor}::{service}"), kind


def text(value):
    return varint(len(value.encode())) + value.encode()


def compress(blob, dictionary):
    parameters = zstandard.ZstdCompressionParameters.from_level(
        LEVEL, source_size=len(blob), write_checksum=0, write_dict_id=0, write_content_size=0)
    return zstandard.ZstdCompressor(dict_data=dictionary, compression_params=parameters).compress(blob)


def train(blobs):
    """Small services are what a dictionary helps; chunks keep a large one from filling it."""
    samples = [blob[at:at + 4096] for blob in blobs for at in range(0, min(len(blob), 65536), 4096)]
    return zstandard.train_dictionary(DICTIONARY, samples, k=1024, d=8, level=LEVEL)


def table(service, types):
    strings, nodes = service.strings.records, service.nodes.records
    counts = varint(len(strings)) + varint(len(nodes)) + varint(len(types))
    lengths = b"".join(varint(len(record)) for record in strings + nodes + types)
    return counts + lengths + b"".join(strings + nodes + types)


def schema_blob(members):
    service = Service()
    return table(service, [type_record(service, kind) for _, kind in members])


def docs_blob(members):
    service = Service()
    types = []
    for _, kind in members:
        docs = Docs(service, Definitions(kind.schema))
        types.append(varint(docs.intern(kind.schema)))
    return table(service, types)


def type_record(service, kind):
    schema = kind.schema
    nodes = Nodes(service, Definitions(schema))
    at = lambda path: resolve(schema, path)
    tagging = schema.get("tagging", {})
    taggable = tagging.get("taggable", schema.get("taggable", "Tags" in schema.get("properties", {})))
    tag_property = tagging.get("tagProperty", "/properties/Tags").split("/", 2)[2]
    tag_node = at(tag_property) if taggable else None
    flags = [
        ("taggable", taggable and tag_node is not None),
        ("tags_are_map", tag_node is not None and "items" not in tag_node),
        ("delete_first", schema.get("replacementStrategy") == "delete_then_create"),
        ("tag_on_create", tagging.get("tagOnCreate", True)),
        ("tag_updatable", tagging.get("tagUpdatable", True)),
    ]
    out = varint(nodes.intern({k: v for k, v in schema.items() if k not in ("definitions", "type")} | {"type": "object"}))
    out += varint(sum(FLAGS[name] for name, on in flags if on)) + service.text(tag_property.replace("/", "."))
    primary = schema.get("primaryIdentifier", [])
    single = at(primary[0].split("/", 2)[2]) if len(primary) == 1 else None
    out += varint(0) if single is None else varint(1 + nodes.intern(single))
    for key in ("readOnlyProperties", "createOnlyProperties", "conditionalCreateOnlyProperties",
                "writeOnlyProperties", "primaryIdentifier"):
        out += service.texts([path.split("/", 2)[2].replace("/", ".") for path in schema.get(key, [])])
    out += varint(len(kind.attributes))
    for name in kind.attributes:
        node = at(name.replace(".", "/"))
        out += service.text(name) + (varint(0) if node is None else varint(1 + nodes.intern(node)))
    out += varint(len(kind.rules))
    for path, title, rule in kind.rules:
        out += service.text(path) + service.text(title) + varint(nodes.intern(rule))
    return out


def resolve(schema, path):
    """The schema at a property path such as `Endpoint/Address` or `Rules/*/Arn`."""
    node, definitions = schema, Definitions(schema)
    for part in path.split("/"):
        node = node.get("items") if part == "*" and "items" in node else node.get("properties", {}).get(part)
        while isinstance(node, dict) and "$ref" in node:
            node = {**definitions[node["$ref"]], **{k: v for k, v in node.items() if k != "$ref"}}
        if not isinstance(node, dict):
            return None
    return node
