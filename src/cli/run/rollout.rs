use super::job::{Cx, Job, rehearsable};
use super::operation::{Operation, run_name};
use crate::cli::args::{Rollout as Args, RunOptions};
use crate::cli::exit::Exit;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::deploy::Options;
use crate::deploy::ports::{Clock, Ports};
use crate::deploy::rollout::Rollout as Change;

/// `rollout`: new images and environments for running services, without CloudFormation.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> Exit {
    match Cx::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => rehearsable(Rollout { args }, &args.rehearse, true, &cx),
        Err(exit) => exit,
    }
}

struct Rollout<'a> {
    args: &'a Args,
}

impl Job for Rollout<'_> {
    async fn on<C: Ports, K: Clock>(self, cloud: C, clock: K, cx: &Cx<'_>) -> Exit {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        let operation = Operation::begin("rollout", &self.args.rehearse, cx);
        let silent = self.args.yes || self.args.rehearse.rehearse;
        let ask = async |stack: &str, _: &[Change]| silent || operation.answered(format!("Roll out {stack}?")).await;
        let options = Options {
            give_up_after: self.args.patience.give_up_after,
            timeout: self.args.patience.timeout,
            ..Options::new(run_name(&clock))
        };
        let outcome =
            operation.carry_out(cloud, &clock, options, async |run| run.rollout(&cx.stacks, &ask).await).await;
        operation.end(&outcome, |exit| exit)
    }
}
