//! Values as the expressions that create them.
//!
//! A block is shown as the chain of calls that created it. Values of variables are shown by their names, and a reference
//! inside a text by its block.

use std::collections::HashMap;
use std::rc::Rc;

use rhai::{Dynamic, FnPtr};

use crate::block::{Block, RawResource};
use crate::cfn::{Function, Intrinsic, LogicalId, Ref, Segment, TemplateString, Value};
use crate::printable::is_printable;
use crate::script::block_types::{address_of, address_of_block, block, type_name};
use crate::script::call_history::{CallHistory, RecordedCall};
use crate::script::declaration::ScriptType;
use crate::script::value::{Reference, reference_of};

/// The maximum width of an expression on one line.
const WIDTH: usize = 88;

/// The variables that an expression may mention.
pub(in crate::script) struct NamedValues {
    by_address: HashMap<usize, String>,
    by_logical_id: HashMap<LogicalId, (String, Block)>,
}

impl NamedValues {
    /// Creates an empty set of names: every value is written out.
    pub(in crate::script) fn none() -> Self {
        Self { by_address: HashMap::new(), by_logical_id: HashMap::new() }
    }

    /// Creates the names of a session's variables.
    pub(in crate::script) fn of<'a>(variables: impl Iterator<Item = (&'a str, &'a Dynamic)>) -> Self {
        let mut names = Self::none();
        // A name that the user chose replaces the generated name of `_`.
        let chosen = |name: &str| name.strip_prefix("it").is_none_or(|rest| rest.parse::<u32>().is_err());
        let (chosen, given): (Vec<_>, Vec<_>) = variables.partition(|(name, _)| chosen(name));
        for (name, value) in given.into_iter().chain(chosen) {
            if let Some(address) = address_of(value) {
                names.by_address.insert(address, name.to_owned());
            }
            if let Some(block) = block(value) {
                for id in block.logical_ids() {
                    names.by_logical_id.insert(id, (name.to_owned(), block.clone()));
                }
            }
        }
        names
    }
}

/// Returns the expression that creates a value, which is written out even if a variable holds it.
pub(in crate::script) fn expression(value: &Dynamic, call_history: &CallHistory, names: &NamedValues) -> String {
    let writer = Writer { call_history, names };
    match address_of(value).and_then(|address| call_history.of(address)) {
        Some(last) => writer.chain(last, 0, Form::Broken),
        None => writer.value(value, 0),
    }
}

/// Returns the type of a value, as users know it.
pub(in crate::script) fn kind(value: &Dynamic) -> String {
    if let Some(resource) = value.read_lock::<Rc<RawResource>>() {
        return resource.kind.to_string();
    }
    type_name(value).map_or_else(|| plain_kind(value).to_owned(), str::to_owned)
}

fn plain_kind(value: &Dynamic) -> &'static str {
    match value.type_name() {
        "i64" => "whole number",
        "f64" => "number",
        "bool" => "bool",
        "string" | "&str" => "text",
        "()" => "nothing",
        "array" => "list",
        "map" => "map",
        "Fn" => "function",
        "char" => "character",
        _ if value.is::<Reference>() => "reference",
        name if name.contains("Range") => "range",
        _ => "value",
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// On one line.
    Flat,
    /// One setter, item or entry a line.
    Broken,
}

struct Writer<'a> {
    call_history: &'a CallHistory,
    names: &'a NamedValues,
}

impl Writer<'_> {
    /// Writes a value on one line if it fits after `indent` columns.
    fn value(&self, value: &Dynamic, indent: usize) -> String {
        let flat = self.form(value, indent, Form::Flat);
        if flat.chars().count() + indent <= WIDTH && !flat.contains('\n') {
            return flat;
        }
        self.form(value, indent, Form::Broken)
    }

    fn form(&self, value: &Dynamic, indent: usize, form: Form) -> String {
        if let Some(address) = address_of(value) {
            if let Some(name) = self.names.by_address.get(&address) {
                return name.clone();
            }
            if let Some(last) = self.call_history.of(address) {
                return self.chain(last, indent, form);
            }
        }
        if let Ok(items) = value.as_array_ref() {
            let item = |item: &Dynamic, indent| self.at(item, indent, form);
            return brackets("[", "]", items.iter().map(|one| item(one, indent + 4)), indent, form);
        }
        if let Ok(entries) = value.as_map_ref() {
            let entry = |(key, value): (&rhai::Identifier, &Dynamic)| entry(key, &self.at(value, indent + 4, form));
            return brackets("#{", "}", entries.iter().map(|(key, value)| entry((key, value))), indent, form);
        }
        if let Some(reference) = value.read_lock::<Reference>() {
            return self.cfn(&reference.0);
        }
        if let Some(function) = value.read_lock::<FnPtr>() {
            return format!("Fn({:?})", function.fn_name());
        }
        match value.clone().into_immutable_string() {
            Ok(text) => TemplateString::parse(&text).map_or_else(|_| quoted(&text), |text| self.text(&text)),
            Err(_) if value.is_unit() => "()".to_owned(),
            Err(_) if value.is_char() => format!("'{value}'"),
            Err(_) => value.to_string(),
        }
    }

    fn at(&self, value: &Dynamic, indent: usize, form: Form) -> String {
        match form {
            Form::Flat => self.form(value, indent, Form::Flat),
            Form::Broken => self.value(value, indent),
        }
    }

    /// Returns the calls that created a value.
    fn chain(&self, last: usize, indent: usize, form: Form) -> String {
        let steps = self.call_history.chain(last);
        let short = form == Form::Broken && steps.len() == 1;
        let mut text = String::new();
        for (at, step) in steps.iter().enumerate() {
            if at > 0 && form == Form::Broken {
                text += &format!("\n{}", " ".repeat(indent + 4));
            }
            let dot = if at > 0 { "." } else { "" };
            let inner = if short || at == 0 { indent } else { indent + 4 };
            text += &format!("{dot}{}({})", step.name, self.arguments(step, inner, form));
        }
        text
    }

    fn arguments(&self, step: &RecordedCall, indent: usize, form: Form) -> String {
        let arguments: Vec<String> = step.arguments.iter().map(|argument| self.at(argument, indent, form)).collect();
        arguments.join(", ")
    }

    /// Returns a value of a template as an expression.
    fn cfn(&self, value: &Value) -> String {
        match value {
            Value::Null => "()".to_owned(),
            Value::Bool(flag) => flag.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => format!("{number:?}"),
            Value::Text(text) => self.text(text),
            Value::List(items) => brackets("[", "]", items.iter().map(|item| self.cfn(item)), 0, Form::Flat),
            Value::Map(map) => {
                let entries = map.iter().map(|(key, value)| entry(key, &self.cfn(value)));
                brackets("#{", "}", entries, 0, Form::Flat)
            }
            Value::Call(call) => self.call(call),
        }
    }

    /// Returns a text in quotes, as a reference, or in back-ticks.
    fn text(&self, text: &TemplateString) -> String {
        match text.pieces() {
            [] => "\"\"".to_owned(),
            [Segment::Literal(literal)] => quoted(literal),
            [Segment::Ref(reference)] => self.reference(reference),
            [Segment::Call(call)] => self.call(call),
            pieces => {
                let piece = |piece: &Segment| match piece {
                    Segment::Literal(literal) => literal.replace('`', "``").replace("${", "${\"$\"}{"),
                    Segment::Ref(reference) => format!("${{{}}}", self.reference(reference)),
                    Segment::Call(call) => format!("${{{}}}", self.call(call)),
                };
                format!("`{}`", pieces.iter().map(piece).collect::<String>())
            }
        }
    }

    fn reference(&self, reference: &Ref) -> String {
        if reference.id.as_str().starts_with("AWS::") {
            return reference.id.to_string();
        }
        let named = self.names.by_logical_id.get(&reference.id);
        let known = named.and_then(|(name, block)| member(name, block, reference));
        known.or_else(|| self.unnamed_reference(reference)).unwrap_or_else(|| match &reference.attribute {
            Some(attribute) => format!("cfn::get_att({}, {})", quoted(reference.id.as_str()), quoted(attribute)),
            None => format!("cfn::ref({})", quoted(reference.id.as_str())),
        })
    }

    /// Returns a reference to a block that no variable holds, written out.
    fn unnamed_reference(&self, reference: &Ref) -> Option<String> {
        let last = self.call_history.last_for_logical_id(&reference.id)?;
        let block = block(&self.call_history.step(last).value)?;
        let name = self.names.by_address.get(&address_of_block(&block)).cloned();
        member(&name.unwrap_or_else(|| self.chain(last, 0, Form::Flat)), &block, reference)
    }

    fn call(&self, call: &Intrinsic) -> String {
        let list = || call.argument.as_list().unwrap_or_default();
        let known = match (call.function, list()) {
            (Function::Join, [_, _]) => Some("join"),
            (Function::Select, [_, _]) => Some("select"),
            (Function::Split, [_, _]) => Some("split"),
            (Function::Sub, [_, _]) => Some("sub"),
            (Function::Cidr, [_, _, _]) => Some("cidr"),
            _ => None,
        };
        if let Some(name) = known {
            let arguments: Vec<String> = list().iter().map(|argument| self.cfn(argument)).collect();
            return format!("cfn::{name}({})", arguments.join(", "));
        }
        match (call.function, self.cfn(&call.argument)) {
            (Function::ImportValue, name) => format!("cfn::import_value({name})"),
            (Function::Base64, value) => format!("cfn::base64({value})"),
            (Function::GetAzs, region) if region == "\"\"" => "cfn::azs()".to_owned(),
            (Function::GetAzs, region) => format!("cfn::azs({region})"),
            (function, argument) => format!("#{{ {}: {argument} }}", quoted(function.name())),
        }
    }
}

/// Returns the property of a block that gives a reference.
fn member(name: &str, block: &Block, reference: &Ref) -> Option<String> {
    fn of<T: ScriptType>(block: &T, desired: &Value) -> Option<&'static str> {
        T::PROPERTIES.iter().find(|property| (property.get)(block) == *desired).map(|property| property.name)
    }
    if reference_of(block).as_reference() == Some(reference) {
        return Some(name.to_owned());
    }
    let desired = Value::from(reference);
    let property = match block {
        Block::Vpc(block) => of(&**block, &desired),
        Block::Cluster(block) => of(&**block, &desired),
        Block::FargateService(block) => of(&**block, &desired),
        Block::ExpressService(block) => of(&**block, &desired),
        Block::Job(block) => of(&**block, &desired),
        Block::Alb(block) => of(&**block, &desired),
        Block::Nlb(block) => of(&**block, &desired),
        Block::Database(block) => of(&**block, &desired),
        Block::Cache(block) => of(&**block, &desired),
        Block::Bucket(block) => of(&**block, &desired),
        Block::Queue(block) => of(&**block, &desired),
        Block::Topic(block) => of(&**block, &desired),
        Block::Table(block) => of(&**block, &desired),
        Block::FileSystem(block) => of(&**block, &desired),
        Block::Secret(block) => of(&**block, &desired),
        Block::Repository(block) => of(&**block, &desired),
        Block::Dashboard(block) => of(&**block, &desired),
        Block::Resource(_) => reference.attribute.as_deref(),
        Block::Parameter(_) => None,
    };
    property.map(|property| format!("{name}.{property}"))
}

fn brackets(open: &str, close: &str, items: impl Iterator<Item = String>, indent: usize, form: Form) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        return format!("{open}{close}");
    }
    let space = if open == "[" { "" } else { " " };
    match form {
        Form::Flat => format!("{open}{space}{}{space}{close}", items.join(", ")),
        Form::Broken => {
            let lines: String = items.iter().map(|item| format!("{}{item},\n", " ".repeat(indent + 4))).collect();
            format!("{open}\n{lines}{}{close}", " ".repeat(indent))
        }
    }
}

fn entry(key: &str, value: &str) -> String {
    let mut letters = key.chars();
    let starts = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let is_name = starts && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_name { format!("{key}: {value}") } else { format!("{}: {value}", quoted(key)) }
}

/// Returns a text in double quotes.
pub(in crate::script) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            letter if is_printable(letter) => quoted.push(letter),
            letter if letter <= '\u{FFFF}' => quoted += &format!("\\u{:04x}", u32::from(letter)),
            letter => quoted += &format!("\\U{:08x}", u32::from(letter)),
        }
    }
    quoted + "\""
}
