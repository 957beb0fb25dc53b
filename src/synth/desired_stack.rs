use indexmap::IndexMap;

use crate::cfn::Template;
use crate::deploy::api::CloudFormation;
use crate::diag::Origin;

/// A stack as the script wants it.
#[derive(Debug, Clone)]
pub struct DesiredStack {
    /// Its name in CloudFormation.
    pub name: String,
    /// The region, where the script says one.
    pub region: Option<String>,
    /// The template with the places that made it: failures are shown there.
    pub template: Template,
    /// The same template as the text that CloudFormation gets.
    pub body: String,
    /// Values of parameters.
    pub parameters: IndexMap<String, String>,
    /// Tags of the stack.
    pub tags: IndexMap<String, String>,
    /// Whether deleting it is to be refused.
    pub termination_protection: bool,
    /// The names of the stacks that must be there first.
    pub after: Vec<String>,
    /// Where the script makes it.
    pub origin: Origin,
}

impl DesiredStack {
    /// The account in the region that the stack is for.
    pub fn home<C: CloudFormation>(&self, cloud: &C) -> C {
        self.region.as_ref().map_or_else(|| cloud.clone(), |region| cloud.in_region(region))
    }
}
