//! The arguments of the setters of `Scaling`.

use rhai::{Dynamic, Map as RhaiMap};

use crate::block::scaling::metric::stem_of;
use crate::block::{Block, Metric};
use crate::cfn::TemplateString;
use crate::cfn::type_names::QUEUE;
use crate::diag::{Code, Diagnostic};
use crate::script::block_types::block;
use crate::script::call::{Argument, ConversionError, FromScript};
use crate::script::value::{to_text, to_value};

/// A queue of SQS: its name in metrics, and the stem of what follows it.
pub(crate) struct QueueArg {
    pub(crate) name: TemplateString,
    pub(crate) stem: String,
}

/// A metric of CloudWatch as a map.
pub(crate) struct MetricArg(pub(crate) Metric);

take! {
    QueueArg, "a queue, or its name or ARN", |value, argument| queue(&value, argument);
    MetricArg, "a metric such as `#{ Namespace: \"App\", MetricName: \"Jobs\" }`", |value, argument| metric(&value, argument);
}

fn queue(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<QueueArg, ConversionError> {
    match block(value) {
        Some(Block::Resource(resource)) if resource.kind.as_str() == QUEUE => {
            // The reference makes the queue a part of the stack.
            to_text(value, argument.call.state).map_err(Some)?;
            Ok(QueueArg { name: resource.attribute("QueueName"), stem: resource.name.value.stem() })
        }
        Some(Block::Queue(queue)) => {
            to_text(value, argument.call.state).map_err(Some)?;
            Ok(QueueArg { name: queue.name(), stem: queue.name.value.stem() })
        }
        Some(_) => Err(None),
        None => named(&TemplateString::take(value.clone(), argument)?, argument),
    }
}

/// Returns the queue of a name, an ARN or a URL; each ends with the name.
fn named(text: &TemplateString, argument: &Argument<'_, '_>) -> Result<QueueArg, ConversionError> {
    let Some(literal) = text.as_str() else {
        let stem = text.as_reference().map_or_else(|| "Queue".to_owned(), |reference| stem_of(reference.id.as_str()));
        return match text.as_reference().and_then(|reference| reference.attribute.as_deref()) {
            Some("Arn" | "QueueUrl") => Err(Some(not_a_name(text, argument))),
            _ => Ok(QueueArg { name: text.clone(), stem }),
        };
    };
    let name = literal.rsplit([':', '/']).next().unwrap_or_default();
    if name.is_empty() {
        return Err(None);
    }
    Ok(QueueArg { name: name.into(), stem: stem_of(name) })
}

fn not_a_name(text: &TemplateString, argument: &Argument<'_, '_>) -> Diagnostic {
    Diagnostic::new(Code::WrongArgument, "metrics name a queue by its name, and this is another of its attributes")
        .at(&argument.call.at.origin, format!("holds `{text}`"))
        .help("pass the queue itself: `.queue(queue, 100)`")
}

fn metric(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<MetricArg, ConversionError> {
    if !value.is::<RhaiMap>() {
        return Err(None);
    }
    let crate::cfn::Value::Map(properties) = to_value(value, argument.call.state).map_err(Some)? else {
        return Err(None);
    };
    let has = |key: &str| properties.contains_key(key);
    let is_complete = has("Metrics") || (has("Namespace") && has("MetricName"));
    if !is_complete {
        return Err(Some(incomplete(argument)));
    }
    Ok(MetricArg(Metric { properties, origins: argument.literal_origins().into(), name: None }))
}

fn incomplete(argument: &Argument<'_, '_>) -> Diagnostic {
    Diagnostic::new(Code::WrongArgument, "a metric has a `Namespace` and a `MetricName`, or `Metrics` for an expression")
        .at(&argument.call.at.origin, "")
        .help("write `#{ Namespace: \"AWS/SQS\", MetricName: \"ApproximateAgeOfOldestMessage\", Dimensions: #{ QueueName: queue.QueueName } }`")
}
