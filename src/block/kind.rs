use std::rc::Rc;

use super::lowering::{LoweredBlock, Lowering};
use super::{Name, Override};
use crate::cfn::{LogicalId, TemplateString};
use crate::diag::{Origin, WithOrigin};

/// The functions that every kind of block has.
pub(crate) trait BlockKind {
    /// Returns the place of the script that names the block.
    fn origin(&self) -> &Origin;

    /// Returns the name of the block in the script; none for one that exists already, or that is the resource itself.
    fn block_name(&self) -> Option<&Name>;

    /// Returns the logical ids that the block's attributes refer to, its own first; none for one that exists already.
    fn logical_ids(&self) -> Vec<LogicalId>;

    /// Returns the text that the block is when a script uses it as a value: mostly a `Ref`.
    fn reference(&self) -> TemplateString;

    /// Adds the resources and parameters of the block, and reports the problems of its settings.
    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>);

    /// Adds what follows from the finished resources of the block, its overrides included.
    fn complete(self: &Rc<Self>, _lowered: &mut LoweredBlock) {}

    /// Returns the properties to set in the resources of the block.
    fn overrides(&self) -> &[WithOrigin<Override>] {
        &[]
    }
}
