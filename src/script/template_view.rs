//! A synthesised template as tests and policies read it: the type `Template` of scripts.

use std::rc::Rc;

use rhai::{Array, Dynamic, Map, NativeCallContext};
use wildmatch::WildMatch;

use super::block_types::BlockType;
use super::call::{Argument, Call, ConversionError, FromScript};
use super::declaration::{Declaration, Getter, TypeNames, getters};
use super::registration::register_getter;
use super::value::{Unresolved, from_value};
use crate::block::Block;
use crate::cfn::schema::Schema;
use crate::cfn::{LogicalId, Resource, Template, Value, emit};
use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::script::global_functions::GlobalFunctions;
use crate::synth::DesiredStack;

/// A template with its stack.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TemplateView {
    pub(crate) stack: Rc<DesiredStack>,
    /// The warnings of the stack.
    warnings: Rc<[Diagnostic]>,
}

impl TemplateView {
    pub(crate) fn new(stack: DesiredStack, warnings: impl Into<Rc<[Diagnostic]>>) -> Self {
        Self { stack: Rc::new(stack), warnings: warnings.into() }
    }

    pub(crate) fn template(&self) -> &Template {
        &self.stack.template
    }

    /// Returns the resources of a type.
    pub(crate) fn of_type<'t>(&'t self, kind: &'t ResourceKind) -> impl Iterator<Item = (&'t LogicalId, &'t Resource)> {
        self.template().resources.iter().filter(|(_, resource)| kind.matches(resource.kind.as_str()))
    }

    /// Returns a resource as a map of a script.
    fn described(&self, id: &LogicalId, resource: &Resource) -> Map {
        let values = |values: &crate::cfn::Map| -> Dynamic {
            values.iter().map(|(name, value)| (name.as_str().into(), from_value(value))).collect::<Map>().into()
        };
        let depends_on: Array = resource.depends_on.iter().map(|id| id.as_str().to_owned().into()).collect();
        let entries: [(&str, Dynamic); 10] = [
            ("id", id.as_str().to_owned().into()),
            ("type", resource.kind.as_str().to_owned().into()),
            ("properties", values(&resource.properties)),
            ("attributes", values(&resource.attributes)),
            ("tags", tags(resource)),
            ("depends_on", depends_on.into()),
            ("condition", resource.condition.clone().map_or(Dynamic::UNIT, Into::into)),
            ("block", self.stack.block_of(id).map_or(Dynamic::UNIT, |label| label.to_owned().into())),
            ("source", resource.origin.source.to_string().into()),
            ("line", i64::from(resource.origin.line).into()),
        ];
        entries.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }

    fn resources(&self, kind: &ResourceKind) -> Array {
        self.of_type(kind).map(|(id, resource)| self.described(id, resource).into()).collect()
    }

    fn resource(&self, call: &Call<'_>, id: &str) -> Option<Dynamic> {
        let resources = &self.template().resources;
        if let Some((id, resource)) = resources.get_key_value(id) {
            return Some(self.described(id, resource).into());
        }
        let ids: Vec<&str> = resources.keys().map(LogicalId::as_str).collect();
        let problem = Diagnostic::new(Code::WrongArgument, format!("the template has no resource `{id}`"));
        let problem = problem.help_if(did_you_mean(id, ids.iter().copied()));
        call.report(problem.help(format!("its resources are {}", ids.join(", "))));
        None
    }

    fn outputs(&self) -> Map {
        let outputs = self.template().outputs.iter();
        outputs.map(|(name, output)| (name.as_str().into(), from_value(&output.value))).collect()
    }

    fn warnings(&self) -> Array {
        let warning = |problem: &Diagnostic| -> Dynamic {
            let text = |text: &str| Dynamic::from(text.to_owned());
            let entries = [("code", text(problem.code.as_str())), ("message", text(&problem.message))];
            entries.into_iter().map(|(name, value)| (name.into(), value)).collect::<Map>().into()
        };
        self.warnings.iter().map(warning).collect()
    }
}

/// Returns the tags of a resource as a map; `()` if its type takes none, or if they are not known until the deployment.
fn tags(resource: &Resource) -> Dynamic {
    let kind = Schema::embedded().get(resource.kind.as_str());
    let Some(tagging) = kind.and_then(|kind| kind.tags()) else { return Dynamic::UNIT };
    match resource.properties.get(tagging.property) {
        None => Map::new().into(),
        Some(Value::Map(tags)) => {
            tags.iter().map(|(key, tag)| (key.as_str().into(), from_value(tag))).collect::<Map>().into()
        }
        Some(Value::List(items)) => {
            let tag = |item: &Value| Some((item.get("Key")?.as_str()?.into(), from_value(item.get("Value")?)));
            items.iter().map(tag).collect::<Option<Map>>().map_or(Dynamic::UNIT, Into::into)
        }
        Some(_) => Dynamic::UNIT,
    }
}

/// A type of resources, or a glob of several: `AWS::S3::*`.
pub(crate) struct ResourceKind(String);

impl ResourceKind {
    fn matches(&self, kind: &str) -> bool {
        if self.is_glob() { WildMatch::new(&self.0).matches(kind) } else { self.0 == kind }
    }

    fn is_glob(&self) -> bool {
        self.0.contains(['*', '?'])
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromScript for ResourceKind {
    const EXPECTED: &'static str = "a type of resources";

    fn take(value: Dynamic, argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        let kind = Self(String::take(value, argument)?);
        // A type with a typing mistake would be counted as none.
        let vendor = kind.0.split("::").next().unwrap_or_default();
        if kind.is_glob() || vendor == "Custom" || Schema::embedded().contains(&kind.0) {
            return Ok(kind);
        }
        let service = kind.0.split("::").nth(1).unwrap_or_default();
        let names: Vec<String> = Schema::embedded().types_of(service).collect();
        let problem = Diagnostic::new(Code::UnknownType, format!("there is no resource type `{}`", kind.0));
        Err(Some(problem.help_if(did_you_mean(&kind.0, names.iter().map(String::as_str)))))
    }
}

impl BlockType for TemplateView {
    const NAME: &'static str = "Template";
    const WITH_ARTICLE: &'static str = "a Template";

    fn block(_this: &Rc<Self>) -> Option<Block> {
        None
    }
}

const GETTERS: &[Getter<TemplateView>] = getters! {
    /// Returns every resource, as maps with `id`, `type`, `properties`, `tags`, `attributes` (`DeletionPolicy` and the
    /// like), `depends_on`, `condition`, `block`, `source` and `line`.
    ///
    /// ```rhai-test
    /// let t = template(stack);
    /// assert_eq(t.resources().map(|resource| resource.id), ["Jobs"]);
    /// ```
    fn resources() |template| template.resources(&ResourceKind("*".to_owned()));
    /// Returns the resources of a type, or of the types that a glob such as `AWS::S3::*` matches.
    ///
    /// ```rhai-test
    /// let queue = template(stack).resources("AWS::SQS::Queue")[0];
    /// assert_eq(queue.id, "Jobs");
    /// assert_eq(queue.properties, #{ VisibilityTimeout: 60 });
    /// ```
    fn resources(kind: ResourceKind) |template| template.resources(&kind);
    /// Returns the number of resources.
    ///
    /// ```rhai-test
    /// assert_eq(template(stack).count(), 1);
    /// ```
    fn count() |template| whole(template.template().resources.len());
    /// Returns the number of resources of a type, or of the types that a glob such as `AWS::S3::*` matches.
    ///
    /// ```rhai-test
    /// assert_eq(template(stack).count("AWS::SQS::Queue"), 1);
    /// ```
    fn count(kind: ResourceKind) |template| whole(template.of_type(&kind).count());
};

/// The getter whose failure is reported at its call.
const RESOURCE: Getter<TemplateView> = Getter {
    declaration: Declaration::new(
        "resource",
        " Returns the resource of a logical id, as a map. A template without it is an error.\n\n ```rhai-test\n \
         assert_eq(template(stack).resource(\"Jobs\").properties.VisibilityTimeout, 60);\n ```\n",
        &[("id", "text")],
    ),
    get: |template, call| {
        let id: String = call.take("id")?;
        template.resource(call, &id)
    },
};

/// A property, which is read without brackets.
struct Field {
    name: &'static str,
    doc: &'static str,
    get: fn(&TemplateView) -> Dynamic,
}

const FIELDS: &[Field] = &[
    Field {
        name: "name",
        doc: " Returns the name of the stack.\n\n ```rhai-test\n assert_eq(template(stack).name, \"web\");\n ```\n",
        get: |template| template.stack.name.clone().into(),
    },
    Field {
        name: "region",
        doc: " Returns the region of the stack; `()` if the script sets none.\n\n ```rhai-test\n \
              assert_eq(template(stack.region(\"eu-central-1\")).region, \"eu-central-1\");\n ```\n",
        get: |template| template.stack.region.clone().map_or(Dynamic::UNIT, Into::into),
    },
    Field {
        name: "tags",
        doc: " Returns the tags of the stack, as a map.\n\n ```rhai-test\n \
              assert_eq(template(stack.tag(\"team\", \"maps\")).tags, #{ team: \"maps\" });\n ```\n",
        get: |template| {
            let tags = template.stack.tags.iter();
            tags.map(|(key, value)| (key.as_str().into(), value.clone().into())).collect::<Map>().into()
        },
    },
    Field {
        name: "outputs",
        doc: " Returns the values of the outputs, as a map.\n\n ```rhai-test\n \
              assert_eq(template(stack.output(\"Team\", \"maps\")).outputs, #{ Team: \"maps\" });\n ```\n",
        get: |template| template.outputs().into(),
    },
    Field {
        name: "warnings",
        doc: " Returns the warnings of the stack, as maps with `code` and `message`. Suppressed ones are left out.\n\n \
              ```rhai-test\n assert_eq(template(stack).warnings, []);\n ```\n",
        get: |template| template.warnings().into(),
    },
];

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Registers the type.
pub(crate) fn register(globals: &mut GlobalFunctions) {
    globals.register_type_with_name::<Rc<TemplateView>>(TemplateView::NAME);
    globals.register_type_with_name::<Unresolved>("value of the deployment");
    globals.register_fn("==", |a: Unresolved, b: Unresolved| a == b);
    globals.register_fn("!=", |a: Unresolved, b: Unresolved| a != b);
    for name in ["to_string", "to_debug"] {
        globals.register_fn(name, |value: &mut Unresolved| emit::json::compact(&value.0));
    }
    GETTERS.iter().chain([&RESOURCE]).for_each(|getter| register_getter::<TemplateView>(globals, getter));
    for field in FIELDS {
        globals.register_get(field.name, move |_: NativeCallContext, this: &mut Rc<TemplateView>| (field.get)(this));
    }
}

/// Returns the methods and properties of the type, for documentation.
pub(crate) fn names() -> TypeNames {
    TypeNames {
        name: TemplateView::NAME,
        methods: GETTERS.iter().chain([&RESOURCE]).map(|getter| getter.declaration).collect(),
        properties: FIELDS.iter().map(|field| (field.name, field.doc)).collect(),
    }
}
