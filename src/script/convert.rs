//! Values of a script as the types of blocks.

use std::ops::{Range, RangeInclusive};
use std::rc::Rc;

use rhai::{Array, Dynamic, ImmutableString, Map};

use super::block_types::{BlockType, block};
use super::call::{Argument, ConversionError, FromScript};
use super::describe::{describe, friendly};
use super::value::{Reference, to_text, to_value};
use crate::block::{
    BeforeDeploy, Block, FileSystem, HealthCheck, IntOrRef, Job, Name, Probe, Route, TargetPort, TaskSubnets,
};
use crate::cfn::{TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

macro_rules! take {
    ($($type:ty, $what:literal, |$value:ident, $argument:ident| $body:expr;)*) => {
        $(impl FromScript for $type {
            const EXPECTED: &'static str = $what;
            fn take($value: Dynamic, $argument: &Argument<'_, '_>) -> Result<Self, ConversionError> { $body }
        })*
    };
}

// It uses the macro, so it comes after it.
pub(crate) mod images;
pub(crate) mod load_balancers;
pub(crate) mod scaling;

take! {
    i64, "a whole number", |value, argument| whole(value.as_int().map_err(|_| None)?, argument);
    f64, "a number", |value, _argument| number(&value).ok_or(None);
    bool, "`true` or `false`", |value, _argument| value.as_bool().map_err(|_| None);
    RangeInclusive<i64>, "a range such as `1..=4`", |value, argument| range(&value, argument);
    TemplateString, "text", |value, argument| text_only(&value, argument);
    TextOrNumber, "text or a number", |value, argument| to_text(&value, argument.call.state).map(TextOrNumber).map_err(not_text);
    Value, "a value", |value, argument| to_value(&value, argument.call.state).map_err(Some);
    String, "text", |value, argument| literal(&value, argument);
    Name, "a name", |value, argument| Name::parse(&literal(&value, argument)?).map_err(Some);
    TargetPort, "the number or the name of a port", |value, argument| target_port(&value, argument);
    IntOrRef, "a whole number", |value, argument| amount(&value, argument);
    OneOrMany, "text or a list of texts", |value, argument| texts(&value, argument).map(OneOrMany);
    Numbers, "a list of whole numbers", |value, argument| numbers(&value, argument).map(Numbers);
    StringMap, "a map of names and values", |value, argument| entries(&value, argument).map(StringMap);
    PropertyValue, "a value", |value, argument| to_value(&value, argument.call.state).map(|it| PropertyValue(it, argument.literal_origins())).map_err(Some);
    Properties, "a map of properties", |value, argument| properties(&value, argument);
    RouteArg, "a path such as `/api/*`, or a `Route()`", |value, argument| route(value, argument).map(RouteArg);
    HealthCheckArg, "a path or command, or a `HealthCheck(..)`", |value, argument| check(value, argument).map(HealthCheckArg);
    Probe, "a path, a line of shell, or a list of a command and its arguments", |value, argument| probe(&value, argument);
    StackItems, "a block, a resource, or a list of them", |value, argument| adds(value, argument).map(StackItems);
    SourceArg, "a service, a job, a load balancer, the id of a security group, or a block of addresses", |value, argument| source(value, argument).map(SourceArg);
    FileSystemId, "the id of a file system", |value, argument| file_system_id(value, argument);
    FileSystemArg, "a `FileSystem` or the id of a file system", |value, argument| file_system(value, argument);
    SubnetsArg, "`public`, `private`, `isolated`, or a list of the ids of subnets", |value, argument| subnets(&value, argument).map(SubnetsArg);
    LinkTarget, "a database, cache, queue, topic, bucket, table or secret", |value, _argument| block(&value).map(LinkTarget).ok_or(None);
    BeforeDeploy, "a command or a `Job(..)`", |value, argument| before_deploy(value, argument);
    DependencyTargets, "a block, a resource, or a list of them", |value, _argument| targets(value).map(DependencyTargets).ok_or(None);
}

/// Text, or a number or `bool` that is written as text.
pub(crate) struct TextOrNumber(pub(crate) TemplateString);
/// One text or several.
pub(crate) struct OneOrMany(pub(crate) Vec<TemplateString>);
/// Whole numbers.
pub(crate) struct Numbers(pub(crate) Vec<i64>);
/// Names with texts, each with the origin of its key; `()` values are left out.
pub(crate) struct StringMap(pub(crate) Vec<WithOrigin<(String, TemplateString)>>);
/// Properties with the origins of their keys.
pub(crate) struct Properties(pub(crate) crate::cfn::Map, pub(crate) Vec<(crate::cfn::PropertyPath, Origin)>);
/// A value of a property with the origins of its keys and items.
pub(crate) struct PropertyValue(pub(crate) Value, pub(crate) Vec<(crate::cfn::PropertyPath, Origin)>);
/// A `Route`, or the path of one.
pub(crate) struct RouteArg(pub(crate) Route);
/// A `HealthCheck`, or the path or command of one.
pub(crate) struct HealthCheckArg(pub(crate) HealthCheck);
/// A source of traffic: a block of addresses, or the id of a security group.
pub(crate) struct SourceArg(pub(crate) TemplateString);
/// The items added to a stack.
pub(crate) struct StackItems(pub(crate) Vec<Block>);
/// A file system that tasks mount.
pub(crate) enum FileSystemArg {
    /// One that the script creates.
    Block(Rc<FileSystem>),
    /// The id of another one.
    Id(TemplateString),
}
/// The id of a file system that the script does not create as a block.
pub(crate) struct FileSystemId(pub(crate) TemplateString);
/// The subnets in which tasks run.
pub(crate) struct SubnetsArg(pub(crate) TaskSubnets);
/// A block that tasks use.
pub(crate) struct LinkTarget(pub(crate) Block);
/// Blocks or resources that another resource can depend on.
pub(crate) struct DependencyTargets(pub(crate) Vec<Block>);

impl<T: BlockType> FromScript for Rc<T> {
    const EXPECTED: &'static str = T::WITH_ARTICLE;

    fn take(value: Dynamic, _argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        value.try_cast::<Rc<T>>().ok_or(None)
    }
}

impl<T: FromScript> FromScript for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn take(value: Dynamic, argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        if value.is_unit() { Ok(None) } else { T::take(value, argument).map(Some) }
    }
}

fn not_text(problem: Diagnostic) -> ConversionError {
    (problem.code != Code::WrongArgument).then_some(problem)
}

fn number(value: &Dynamic) -> Option<f64> {
    #[allow(clippy::cast_precision_loss, reason = "settings are small numbers")]
    let whole = |number: i64| number as f64;
    value.as_float().or_else(|_| value.as_int().map(whole)).ok()
}

/// The largest number that a setter takes, so that sums and products of the numbers of a script do not overflow.
const LARGEST: u64 = 1_000_000_000_000;

fn whole(number: i64, argument: &Argument<'_, '_>) -> Result<i64, ConversionError> {
    if number.unsigned_abs() <= LARGEST {
        return Ok(number);
    }
    let message = format!("`{}` does not take a number as large as {number}", argument.call.name);
    let problem = Diagnostic::new(Code::WrongArgument, message).at(&argument.call.at.origin, "");
    Err(Some(problem.help(format!("write a number from -{LARGEST} to {LARGEST}"))))
}

fn numbers(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<Vec<i64>, ConversionError> {
    let items = value.as_array_ref().map_err(|_| None)?;
    items.iter().map(|item| whole(item.as_int().map_err(|_| None)?, argument)).collect()
}

fn range(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<RangeInclusive<i64>, ConversionError> {
    if let Some(range) = value.read_lock::<RangeInclusive<i64>>() {
        return Ok(whole(*range.start(), argument)?..=whole(*range.end(), argument)?);
    }
    let Some(range) = value.read_lock::<Range<i64>>().map(|range| range.clone()) else { return Err(None) };
    let (least, most) = (range.start.min(range.end), range.start.max(range.end));
    let problem = format!("`{}..{}` leaves out its end", range.start, range.end);
    let problem = Diagnostic::new(Code::WrongArgument, problem)
        .at(&argument.call.at.origin, format!("`{}` takes a range with its end", argument.call.name))
        .help(format!("write `{least}..={most}`"));
    Err(Some(problem))
}

/// Converts text, references and blocks, but not numbers: no name, id or ARN is a number.
fn text_only(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<TemplateString, ConversionError> {
    if value.is_int() || value.is_float() || value.is_bool() {
        return Err(None);
    }
    to_text(value, argument.call.state).map_err(not_text)
}

/// Converts text without references: it decides the structure of the template, so its value is needed at synthesis
/// time.
fn literal(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<String, ConversionError> {
    if !value.is_string() && !value.is::<Reference>() {
        return Err(None);
    }
    let text = to_text(value, argument.call.state).map_err(Some)?;
    text.as_str().map(str::to_owned).ok_or_else(|| {
        let message = format!(
            "`{}` needs text at synthesis time, but this value is only known at deployment",
            argument.call.name
        );
        Some(Diagnostic::new(Code::DeferredValue, message).at(&argument.call.at.origin, format!("holds `{text}`")))
    })
}

fn amount(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<IntOrRef, ConversionError> {
    if let Ok(number) = value.as_int() {
        return whole(number, argument).map(IntOrRef::Literal);
    }
    if let Some(number) = value.read_lock::<ImmutableString>().and_then(|text| text.trim().parse::<i64>().ok()) {
        let problem =
            Diagnostic::new(Code::WrongArgument, format!("`{}` takes a whole number, not text", argument.call.name));
        let problem = problem.at(&argument.call.at.origin, "text");
        let problem = match argument.call.state.setting_with_default(&number.to_string()) {
            Some((name, origin)) => problem.at(&origin, format!("the default of `{name}` is text")),
            None => problem,
        };
        return Err(Some(problem.help(format!("write `{number}` without quotes"))));
    }
    match to_text(value, argument.call.state) {
        Ok(text) if text.as_str().is_none() => Ok(IntOrRef::Ref(text)),
        _ => Err(None),
    }
}

fn subnets(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<TaskSubnets, ConversionError> {
    let is_parameter = matches!(block(value), Some(Block::Parameter(_)));
    if !value.is_string() && !value.is_array() && !value.is::<Reference>() && !is_parameter {
        return Err(None);
    }
    let ids = to_value(value, argument.call.state).map_err(Some)?;
    let kind = ids.as_str().map(str::to_owned);
    Ok(kind.map_or(TaskSubnets::Ids(ids), TaskSubnets::Kind))
}

fn target_port(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<TargetPort, ConversionError> {
    match value.as_int() {
        Ok(number) => whole(number, argument).map(TargetPort::Number),
        Err(_) => literal(value, argument).map(TargetPort::Name),
    }
}

fn texts(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<Vec<TemplateString>, ConversionError> {
    let one = |value: &Dynamic| to_text(value, argument.call.state).map_err(not_text);
    match value.as_array_ref() {
        Ok(items) => items.iter().filter(|item| !item.is_unit()).map(one).collect(),
        Err(_) => one(value).map(|text| vec![text]),
    }
}

fn entries(
    value: &Dynamic,
    argument: &Argument<'_, '_>,
) -> Result<Vec<WithOrigin<(String, TemplateString)>>, ConversionError> {
    let map = value.as_map_ref().map_err(|_| None)?;
    let origins = argument.literal_origins();
    let origin_of = |key: &str| {
        let path = crate::cfn::PropertyPath::attribute(key);
        let found = origins.iter().find(|(known, _)| *known == path);
        found.map_or_else(|| argument.call.at.origin.clone(), |(_, origin)| origin.clone())
    };
    let mut entries = Vec::new();
    for (key, value) in map.iter().filter(|(_, value)| !value.is_unit()) {
        let origin = origin_of(key);
        let text = to_text(value, argument.call.state).map_err(|problem| {
            let known = not_text(problem);
            known.unwrap_or_else(|| {
                let message =
                    format!("`{}` takes text or numbers, and `{key}` is {}", argument.call.name, describe(value));
                Diagnostic::new(Code::WrongArgument, message).at(&origin, "")
            })
        })?;
        entries.push(WithOrigin::new((key.to_string(), text), origin));
    }
    Ok(entries)
}

fn properties(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<Properties, ConversionError> {
    if !value.is::<Map>() {
        return Err(None);
    }
    match to_value(value, argument.call.state).map_err(Some)? {
        Value::Map(map) => Ok(Properties(map, argument.literal_origins())),
        _ => Err(None),
    }
}

fn route(value: Dynamic, argument: &Argument<'_, '_>) -> Result<Route, ConversionError> {
    if value.is::<Rc<Route>>() {
        return Ok((*value.cast::<Rc<Route>>()).clone());
    }
    let path = literal(&value, argument)?;
    Ok(Route::path(argument.call.at.put(path)))
}

fn check(value: Dynamic, argument: &Argument<'_, '_>) -> Result<HealthCheck, ConversionError> {
    if value.is::<Rc<HealthCheck>>() {
        return Ok((*value.cast::<Rc<HealthCheck>>()).clone());
    }
    Ok(HealthCheck::new(argument.call.at.put(probe(&value, argument)?)))
}

fn before_deploy(value: Dynamic, argument: &Argument<'_, '_>) -> Result<BeforeDeploy, ConversionError> {
    if value.is::<Rc<Job>>() {
        return Ok(BeforeDeploy::Job(value.cast::<Rc<Job>>()));
    }
    // A block in the place of a command would be its ARN.
    if block(&value).is_some() {
        return Err(None);
    }
    texts(&value, argument).map(BeforeDeploy::Command)
}

fn source(value: Dynamic, argument: &Argument<'_, '_>) -> Result<TemplateString, ConversionError> {
    let group = match block(&value) {
        Some(Block::FargateService(service)) => service.security_group_id(),
        Some(Block::Job(job)) => job.security_group_id(),
        Some(Block::ExpressService(express)) => express.security_group_id(),
        Some(Block::Nlb(nlb)) => nlb.security_group_id(),
        Some(Block::Alb(alb)) => alb.known_security_group().ok_or(None)?,
        _ => return TemplateString::take(value, argument),
    };
    // The reference makes the block a part of the stack.
    to_text(&value, argument.call.state).map_err(Some)?;
    Ok(group)
}

fn file_system(value: Dynamic, argument: &Argument<'_, '_>) -> Result<FileSystemArg, ConversionError> {
    match block(&value) {
        Some(Block::FileSystem(files)) => Ok(FileSystemArg::Block(files)),
        _ => TemplateString::take(value, argument).map(FileSystemArg::Id),
    }
}

fn file_system_id(value: Dynamic, argument: &Argument<'_, '_>) -> Result<FileSystemId, ConversionError> {
    if !matches!(block(&value), Some(Block::FileSystem(_))) {
        return TemplateString::take(value, argument).map(FileSystemId);
    }
    let message = "a `FileSystem` is mounted through an access point of its own";
    let problem = Diagnostic::new(Code::WrongArgument, message).at(&argument.call.at.origin, "");
    Err(Some(
        problem
            .help("write the path and the block: `.efs(\"/data\", files)`")
            .help("to read alone, mount it as a volume: `.mount(volume, path, \"read-only\")`"),
    ))
}

fn probe(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<Probe, ConversionError> {
    if value.is::<Array>() {
        return texts(value, argument).map(Probe::Command);
    }
    to_text(value, argument.call.state).map(Probe::Text).map_err(not_text)
}

fn adds(value: Dynamic, argument: &Argument<'_, '_>) -> Result<Vec<Block>, ConversionError> {
    let items = if value.is::<Array>() { value.cast::<Array>() } else { vec![value] };
    items.iter().filter(|item| !item.is_unit()).map(|item| one_add(item, argument)).collect()
}

fn targets(value: Dynamic) -> Option<Vec<Block>> {
    let items = if value.is::<Array>() { value.cast::<Array>() } else { vec![value] };
    items.iter().filter(|item| !item.is_unit()).map(block).collect()
}

fn one_add(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<Block, ConversionError> {
    block(value).ok_or_else(|| {
        let found = describe(value);
        let message = format!("`.add` takes blocks and resources, not {found}");
        Some(
            Diagnostic::new(Code::WrongArgument, message)
                .at(&argument.call.at.origin, "")
                .help_if(part_of_a_service(value).or_else(|| blocks_of_a_map(value))),
        )
    })
}

/// Returns how the blocks of a map are added, such as those that a function of `std/web` returns.
fn blocks_of_a_map(value: &Dynamic) -> Option<String> {
    let map = value.as_map_ref().ok()?;
    let names: Vec<String> =
        map.iter().filter(|(_, value)| block(value).is_some()).map(|(name, _)| format!("made.{name}")).collect();
    let added = match names.as_slice() {
        [] => return None,
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    };
    Some(format!("give the map a name, and add what it holds: `let made = ..;` and `.add({added})`"))
}

/// Returns the setter of a service that takes this value, if it belongs to a service and not to a stack.
fn part_of_a_service(value: &Dynamic) -> Option<String> {
    let kind = friendly(value.type_name());
    let setter = match kind.as_str() {
        "Scaling" => "scaling",
        "Gunicorn" => "gunicorn",
        "Container" => "sidecar",
        "HealthCheck" => "health_check",
        "Route" => "behind(alb, route)",
        "Target" => "behind(alb, route, target)",
        "Redirect" | "FixedResponse" => {
            return Some(format!("a {kind} is part of a load balancer: `alb.route(route, action)`"));
        }
        "Authentication" => return Some("a login is part of a load balancer: `alb.authenticate(login)`".to_owned()),
        "Image" | "ArchivedImage" | "RegistryImage" => "image",
        _ => return None,
    };
    Some(format!("a {kind} is part of a service: `service.{setter}`"))
}
