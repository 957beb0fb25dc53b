use std::rc::Rc;

use super::kind::BlockKind;
use super::lowering::{LoweredBlock, Lowering};
use super::{
    Alb, Block, Bucket, Cache, Cluster, Dashboard, Database, ExpressService, FargateService, FileSystem, Job,
    LoweringContext, Name, Nlb, Parameter, Queue, RawResource, Repository, StoredSecret, Table, Topic, Vpc, depends_on,
    for_each_block, overrides,
};
use crate::cfn::{LogicalId, TemplateString};
use crate::diag::{Origin, WithOrigin};

macro_rules! implement_block {
    ($($variant:ident($kind:ident) $doc:literal)*) => {
        impl Block {
            /// Returns the place of the script that names the block.
            pub fn origin(&self) -> &Origin {
                match self {
                    $(Self::$variant(block) => BlockKind::origin(&**block),)*
                }
            }

            /// Returns the type and name of the block: `Vpc Shop`; none for one that exists already, or that is the
            /// resource itself.
            pub fn label(&self) -> Option<String> {
                let (kind, name) = match self {
                    $(Self::$variant(block) => (stringify!($variant), BlockKind::block_name(&**block)),)*
                };
                // The network and the cluster of a stack have no name.
                name.map(|name| format!("{kind} {name}").trim_end().to_owned())
            }

            /// Returns the logical ids that the block's attributes refer to, its own first; none for one that exists
            /// already.
            pub fn logical_ids(&self) -> Vec<LogicalId> {
                match self {
                    $(Self::$variant(block) => BlockKind::logical_ids(&**block),)*
                }
            }

            /// Returns the text that the block is when a script uses it as a value: mostly a `Ref`.
            pub fn reference(&self) -> TemplateString {
                match self {
                    $(Self::$variant(block) => BlockKind::reference(&**block),)*
                }
            }

            /// Returns the blocks that the script lets be created before it, unless its kind has further ones.
            pub(super) fn depends_on(&self) -> &[WithOrigin<Block>] {
                match self {
                    $(Self::$variant(block) => BlockKind::depends_on(&**block),)*
                }
            }

            /// Returns whether it is the cluster or the network of a stack, which the script does not name.
            pub(crate) fn is_of_stack(&self) -> bool {
                match self {
                    Self::Cluster(cluster) => cluster.identity.is_of_stack(),
                    Self::Vpc(vpc) => vpc.identity.is_of_stack(),
                    _ => false,
                }
            }

            /// Returns whether both are one value of the script, and not only equal.
            pub fn same(&self, other: &Block) -> bool {
                match (self, other) {
                    $((Self::$variant(one), Self::$variant(other)) => Rc::ptr_eq(one, other),)*
                    _ => false,
                }
            }

            /// Returns the resources, the parameters and the problems of the block in a stack of this name.
            pub fn lower(&self, stack: &str, context: &LoweringContext) -> LoweredBlock {
                let mut lowering = Lowering::new(stack, context);
                match self {
                    $(Self::$variant(block) => {
                        BlockKind::lower(block, &mut lowering);
                        let mut lowered = lowering.finish();
                        depends_on::add(block.depends_on(), &BlockKind::logical_ids(&**block), &mut lowered);
                        let stem = BlockKind::block_name(&**block).map(Name::stem).unwrap_or_default();
                        overrides::apply(block.overrides(), &stem, &mut lowered);
                        BlockKind::complete(block, &mut lowered);
                        lowered
                    })*
                }
            }
        }

        $(impl From<$kind> for Block {
            fn from(block: $kind) -> Self {
                Self::$variant(Rc::new(block))
            }
        }

        impl From<Rc<$kind>> for Block {
            fn from(block: Rc<$kind>) -> Self {
                Self::$variant(block)
            }
        })*
    };
}

for_each_block!(implement_block);
