use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::cfn::schema::Schema;
use crate::cfn::sensitive::{KnownSecrets, is_secret_name, secrets_of};
use crate::cfn::{LogicalId, Parameter, StackJob, TemplateDocument};
use crate::diag::Origin;
use crate::image::{PinnedImage, RequiredImage};

/// A stack as the script describes it, ready to be planned and deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredStack {
    /// The name in CloudFormation.
    pub name: String,
    /// The region, if the script sets one.
    pub region: Option<String>,
    /// The account, if the script sets one.
    pub account: Option<String>,
    /// The template; its origins are the lines of the script at which failures are shown.
    pub template: TemplateDocument,
    /// The values of template parameters.
    pub parameters: IndexMap<String, String>,
    /// The tags of the stack itself. A tag that holds a reference is on the resources only.
    pub tags: IndexMap<String, String>,
    /// Whether CloudFormation refuses to delete the stack.
    pub termination_protection: bool,
    /// The names of the stacks that are deployed before it, in the order of the script.
    pub after: Vec<String>,
    /// The place of the script that creates the stack.
    pub origin: Origin,
    /// The block behind each resource.
    pub owners: HashMap<LogicalId, OwnerBlock>,
    /// The images that are pushed before it is deployed.
    pub images: Vec<RequiredImage>,
    /// The images whose tags become digests when it is planned or deployed.
    pub pinned: Vec<PinnedImage>,
    /// Its jobs, in the order of the script.
    pub jobs: Vec<StackJob>,
    /// The values of the script's secret settings.
    pub secrets: KnownSecrets,
}

/// The block that creates a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnerBlock {
    /// The place of the script that names it; the origin of a resource may be that of one of the block's setters.
    pub origin: Origin,
    /// Its type and name: `Vpc Shop`; none for a resource that is written as CloudFormation has it.
    pub label: Option<Arc<str>>,
}

impl DesiredStack {
    /// Returns a stack without parameters, tags and dependencies.
    pub fn new(name: impl Into<String>, template: impl Into<TemplateDocument>, origin: Origin) -> Self {
        Self {
            name: name.into(),
            region: None,
            account: None,
            template: template.into(),
            parameters: IndexMap::new(),
            tags: IndexMap::new(),
            termination_protection: false,
            after: Vec::new(),
            origin,
            owners: HashMap::new(),
            images: Vec::new(),
            pinned: Vec::new(),
            jobs: Vec::new(),
            secrets: KnownSecrets::default(),
        }
    }

    /// Returns the type and name of the block that creates a resource, unless the script writes the resource itself.
    pub fn block_of(&self, id: &LogicalId) -> Option<&str> {
        self.owners.get(id)?.label.as_deref()
    }

    /// Returns every secret of the stack: of its settings, its template and its parameters.
    pub fn known_secrets(&self, schema: Option<&Schema>) -> KnownSecrets {
        let is_secret =
            |name: &str| is_secret_name(name) || self.template.parameters.get(name).is_some_and(Parameter::is_secret);
        let given = self.parameters.iter().filter(|(name, _)| is_secret(name)).map(|(_, value)| value.clone());
        secrets_of(&self.template, schema).with(&KnownSecrets::new(given)).with(&self.secrets)
    }

    /// Returns the text of the template that CloudFormation gets.
    pub fn body(&self) -> Cow<'_, str> {
        self.template.body()
    }
}
