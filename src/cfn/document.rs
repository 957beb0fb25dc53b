use std::borrow::Cow;
use std::ops::Deref;

use super::{LogicalId, Places, Template, emit, parse};
use crate::diag::{Origin, Report};

/// A template with the text that CloudFormation gets: the text that it was read from, else the template as YAML.
///
/// The template cannot be changed in place, so the two always agree.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TemplateDocument {
    template: Template,
    text: Option<String>,
}

impl TemplateDocument {
    /// Parses a template and keeps its text as it is. `name` is the name of the source in diagnostics.
    pub fn parse(name: &str, text: impl Into<String>) -> Report<Self> {
        let text = text.into();
        let Report { value, problems } = parse::template(name, &text);
        Report { value: value.map(|template| Self { template, text: Some(text) }), problems }
    }

    /// Returns the text that CloudFormation gets.
    pub fn body(&self) -> Cow<'_, str> {
        match &self.text {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(emit::yaml(&self.template)),
        }
    }

    /// Replaces the origin of every resource.
    #[must_use]
    pub fn with_origins(mut self, origin: impl Fn(&LogicalId) -> Origin) -> Self {
        for (id, resource) in &mut self.template.resources {
            resource.origin = origin(id);
            // Places in a text that is not shown say nothing to a reader.
            resource.origins = Places::default();
        }
        self
    }

    /// Returns the template without its text.
    pub fn into_template(self) -> Template {
        self.template
    }
}

impl From<Template> for TemplateDocument {
    fn from(template: Template) -> Self {
        Self { template, text: None }
    }
}

impl Deref for TemplateDocument {
    type Target = Template;

    fn deref(&self) -> &Template {
        &self.template
    }
}
