use std::rc::Rc;

use super::lowering::{LoweredBlock, Lowering};
use super::{Block, Name, Override};
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

    /// Returns the blocks that are created before its own resource, unless `lower` adds them.
    fn depends_on(&self) -> &[WithOrigin<Block>] {
        &[]
    }

    /// Returns the properties to set in the resources of the block.
    fn overrides(&self) -> &[WithOrigin<Override>] {
        &[]
    }
}

/// Writes the functions of [`BlockKind`] for a block with the fields `name`, `depends_on` and `overrides`. With the function of its reference, it
/// has one logical id: `named_block!(name)`.
macro_rules! named_block {
    () => {
        fn origin(&self) -> &$crate::diag::Origin {
            &self.name.origin
        }

        fn block_name(&self) -> Option<&$crate::block::Name> {
            Some(&self.name.value)
        }

        fn depends_on(&self) -> &[$crate::diag::WithOrigin<$crate::block::Block>] {
            &self.depends_on
        }

        fn overrides(&self) -> &[$crate::diag::WithOrigin<$crate::block::Override>] {
            &self.overrides
        }
    };
    ($reference:ident) => {
        $crate::block::kind::named_block!();

        fn logical_ids(&self) -> Vec<$crate::cfn::LogicalId> {
            vec![self.logical_id()]
        }

        fn reference(&self) -> $crate::cfn::TemplateString {
            self.$reference()
        }
    };
}

pub(crate) use named_block;
