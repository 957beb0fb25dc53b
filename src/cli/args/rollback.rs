use super::{Rehearse, StackSelection};

#[derive(clap::Args)]
pub(crate) struct Rollback {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Skip this resource if it cannot be rolled back; repeatable
    #[arg(long, value_name = "RESOURCE")]
    pub(crate) skip: Vec<String>,
    /// Allow this resource to be replaced or deleted with its data; repeatable, `*` for all
    #[arg(long, value_name = "RESOURCE")]
    pub(crate) allow_replace: Vec<String>,
    /// Skip the approval prompt
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(clap::Args)]
pub(crate) struct Drift {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
}

#[derive(clap::Args)]
pub(crate) struct Import {
    /// Name of the stack
    pub(crate) stack: String,
    /// Resources of the script with their ids in AWS: `Tiles=my-bucket`; parts of an id are separated by `|`
    #[arg(required = true, value_name = "RESOURCE=ID")]
    pub(crate) resources: Vec<String>,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Skip the approval prompt
    #[arg(short, long)]
    pub(crate) yes: bool,
}
