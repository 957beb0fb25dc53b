use std::rc::Rc;

use super::{kept, out_of_range, part};
use crate::block::kind::{BlockKind, named_block};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::{Block, Flag, Name, Override};
use crate::cfn;
use crate::cfn::type_names::REPOSITORY;
use crate::cfn::{LogicalId, Ref, Resource, TemplateString};
use crate::diag::WithOrigin;

/// The days after which images without a tag are deleted: a newer image took their tag.
const UNTAGGED_DAYS: i64 = 14;

/// A private repository of ECR.
#[derive(Debug, Clone, PartialEq)]
pub struct Repository {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// Whether a tag may move to another image.
    pub mutable_tags: Flag,
    /// The number of images that are kept; all when absent.
    pub keep: Option<WithOrigin<i64>>,
    /// Whether it is deleted with its stack.
    pub delete_with_stack: Flag,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes.
    pub overrides: Vec<WithOrigin<Override>>,
}

impl Repository {
    /// Creates a repository of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            mutable_tags: None,
            keep: None,
            delete_with_stack: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns the logical id of the repository.
    pub fn logical_id(&self) -> LogicalId {
        part(&self.name, "Repository")
    }

    /// Returns its physical name.
    pub fn name(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns its ARN.
    pub fn arn(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "Arn").into()
    }

    /// Returns its URI, which images begin with.
    pub fn uri(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "RepositoryUri").into()
    }

    /// Returns the lifecycle policy ("Lifecycle policy properties in Amazon ECR", ECR user guide): images without a tag go first.
    fn lifecycle(&self) -> String {
        let untagged = serde_json::json!({
            "rulePriority": 1,
            "description": "Images without a tag",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": UNTAGGED_DAYS,
            },
            "action": { "type": "expire" },
        });
        let oldest = self.keep.as_ref().map(|keep| {
            serde_json::json!({
                "rulePriority": 2,
                "description": "The oldest images",
                "selection": { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": keep.value },
                "action": { "type": "expire" },
            })
        });
        let rules: Vec<serde_json::Value> = std::iter::once(untagged).chain(oldest).collect();
        serde_json::json!({ "rules": rules }).to_string()
    }
}

impl BlockKind for Repository {
    named_block!(name);

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        lowering.report_all(out_of_range(self.keep.as_ref(), 1..=100_000, ("the number of images", "")));
        let repository = Resource::new(REPOSITORY, self.name.origin.clone())
            .with("ImageScanningConfiguration", cfn!({ "ScanOnPush": true }))
            .set_or("ImageTagMutability", &self.mutable_tags, "IMMUTABLE", |()| "MUTABLE")
            .with("LifecyclePolicy", cfn!({ "LifecyclePolicyText": self.lifecycle() }))
            .with_origin("LifecyclePolicy", &self.keep);
        lowering.add(self.logical_id(), kept(repository, &self.delete_with_stack));
    }
}
