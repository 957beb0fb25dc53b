use super::{Rehearse, StackSelection};

#[derive(clap::Args)]
pub(crate) struct Rollback {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Leave this resource as it is where it cannot be put back; repeatable
    #[arg(long, value_name = "RESOURCE")]
    pub(crate) skip: Vec<String>,
    /// Do not ask
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
    /// The stack
    pub(crate) stack: String,
    /// Resources of the script with what identifies them in AWS: `Tiles=my-bucket`; parts of an id stand apart by `|`
    #[arg(required = true, value_name = "RESOURCE=ID")]
    pub(crate) resources: Vec<String>,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}
