"""Read what we use of the cfn-lint wheel, without running any of it."""

import ast
import json
import zipfile
from dataclasses import dataclass, field

DATA = "cfnlint/data/schemas"


@dataclass
class Type:
    name: str
    schema: dict
    attributes: list  # of (name, property path)
    rules: list = field(default_factory=list)  # of (path, title, schema)


@dataclass
class Source:
    date: str
    types: list
    skipped_rules: list


def read(path):
    with zipfile.ZipFile(path) as archive:
        load = lambda name: json.loads(archive.read(name))
        names = sorted(archive.namelist())
        getatts = tables(archive.read("cfnlint/schema/_getatts.py"))
        types = {}
        for name in names:
            if name.startswith(f"{DATA}/resources/") and name.endswith(".json"):
                schema = load(name)
                types[schema["typeName"]] = Type(schema["typeName"], schema, attributes(schema, getatts))
        skipped = add_rules(archive, names, types)
        date = load(f"{DATA}/version.json")["schema_date"][:10]
        retire_runtimes(load("cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json"), date, types)
    return Source(date, [types[name] for name in sorted(types)], skipped)


def retire_runtimes(lifecycle, date, types):
    """Runtimes for which Lambda made no more functions on the day of the schemas. The schemas still list them."""
    retired = sorted(name for name, life in lifecycle.items() if (life["create-block"] or "later") <= date)
    title = "AWS Lambda makes no more functions with this runtime"
    for name in ("AWS::Lambda::Function", "AWS::Serverless::Function"):
        types[name].rules.append(("Runtime", title, {"not": {"enum": retired}}))


def tables(source):
    """The literal tables at the top of a Python module."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                pass
    return found


def attributes(schema, getatts):
    """What `Fn::GetAtt` gives: the read-only properties, every property for listed types, and exceptions."""
    name = schema["typeName"]
    if name in getatts["_all_property_types"]:
        found = []
        for prop, value in schema.get("properties", {}).items():
            leaves(schema, value, prop, found, set())
        return sorted(set(found))
    paths = [dotted(pointer) for pointer in schema.get("readOnlyProperties", [])]
    paths += getatts["_exceptions"].get(name, [])
    if name in ("AWS::CloudFormation::Stack", "AWS::Serverless::Application"):
        paths = ["Outputs.*"]
    if name == "AWS::ServiceCatalog::CloudFormationProvisionedProduct":
        paths = ["Outputs.*" if path == "Outputs" else path for path in paths]
    if name == "AWS::CloudFormation::CustomResource":
        paths = ["*"]
    return sorted(set(paths))


def leaves(schema, value, path, found, seen):
    """Scalars and lists of scalars below a property; objects are entered, lists of objects have no attribute."""
    if "$ref" in value:
        if value["$ref"] in seen:
            return
        seen = seen | {value["$ref"]}
        value = schema["definitions"][value["$ref"].split("/")[-1]] if "/definitions/" in value["$ref"] else {}
    kinds = value.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "object" in kinds:
        for name, child in value.get("properties", {}).items():
            leaves(schema, child, f"{path}.{name}", found, seen)
    elif "array" not in kinds or value.get("items", {}).get("type") not in ("object", "array"):
        found.append(path)


def dotted(pointer):
    return ".".join(pointer.split("/")[2:])


# Rules of cfn-lint whose Python code changes what the schema says, or which the checks on whole templates (in Rust)
# already tell better, in terms of the design rather than of one property.
LEFT_OUT = {
    "E3013", "W3664", "W3694", "W3702",
    # Subnets, security group rules, certificates, ECS, its logs and ACLs of buckets are judged by the rules of
    # `cfn::check`.
    "E3680", "E3676", "E3047", "E3048", "E3042", "E3044", "E3046", "E3687", "E3688", "W3687", "E3045",
    # RDS ignores what the cluster of an Aurora instance decides ("Not applicable" in `CreateDBInstance`).
    "E3682",
    # The engine versions of managed databases change too often for a pinned table to call anything an error.
    "E3690", "W3690", "E3691", "W3691", "E3695",
}


def add_rules(archive, names, types):
    """Attach to types the additional rules that are JSON schemas and look at one resource alone."""
    skipped = []
    for name in names:
        if not (name.startswith("cfnlint/rules/resources/") and name.endswith(".py")):
            continue
        source = archive.read(name).decode()
        if "schemas.extensions" not in source:
            continue
        rule = describe(source)
        schema = rule and load_rule(archive, rule)
        if schema is None or rule["id"] in LEFT_OUT:
            skipped.append(rule["id"] if rule else name)
            continue
        for keyword in rule["keywords"]:
            section, type_name, properties, *path = keyword.split("/")
            if section == "Resources" and properties == "Properties" and type_name in types:
                types[type_name].rules.append((".".join(path), "", schema))
    return sorted(skipped)


def describe(source):
    rule = {"keywords": []}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant):
            if node.targets[0].id == "id":
                rule.setdefault("id", node.value.value)
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "keywords":
                    rule["keywords"] = ast.literal_eval(keyword.value)
                if keyword.arg == "schema_details":
                    arguments = {k.arg: k.value for k in keyword.value.keywords}
                    module, file = [*keyword.value.args, *arguments.values()]
                    rule["file"] = f"{ast.unparse(module).replace('.', '/')}/{file.value}"
    return rule if "file" in rule and "id" in rule else None


def load_rule(archive, rule):
    schema = json.loads(archive.read(rule["file"]))
    if "cfnGather" in schema or "cfnContext" in json.dumps(schema):
        return None
    if "us-east-1" in schema:
        return over_regions(schema)
    return {k: v for k, v in schema.items() if k not in ("description", "title")}


def over_regions(schema):
    """One list of the values that some region has: which region a template goes to is not known when it is checked.

    Where a table also tells engines and licences apart, these are put together too: a class that no engine has is a
    mistake, and the finer question is left to AWS.
    """
    parts = [part for region, part in sorted(schema.items()) if region != "description"]
    if all(set(part) == {"enum"} for part in parts):
        return {"enum": sorted({value for part in parts for value in part["enum"]})}
    classes = {}
    for part in parts:
        gather(part, classes)
    return {"properties": {name: {"enum": sorted(values)} for name, values in sorted(classes.items())}} or None


def gather(part, classes):
    """The enums of `then`, by property: `if` holds what selects an engine."""
    for rule in part.get("allOf", [part]):
        for name, value in rule.get("then", {}).get("properties", {}).items():
            classes.setdefault(name, set()).update(value.get("enum", []))
