use super::job::{Cx, Job, rehearsable};
use super::operation::{Operation, run_name};
use crate::cli::args::{Import as Args, RunOptions};
use crate::cli::exit::Exit;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::deploy::plan::{Approval, Plan};
use crate::deploy::ports::{Clock, ImportedResource, Ports};
use crate::deploy::{Options, Outcome, Run, importable};

/// `import`: takes resources that exist into a stack.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> Exit {
    let cx = match Cx::new(project, std::slice::from_ref(&args.stack), options, terminal) {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    let [stack] = cx.stacks.as_slice() else {
        cx.terminal.tell("`import` takes resources into one stack; name it");
        return Exit::Usage;
    };
    let (mut resources, mut problems) = (Vec::new(), Vec::new());
    for written in &args.resources {
        match importable(stack, written) {
            Ok(resource) => resources.push(resource),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        cx.tell(&problems);
        return Exit::Usage;
    }
    rehearsable(Import { args, resources }, &args.rehearse, true, &cx)
}

struct Import<'a> {
    args: &'a Args,
    resources: Vec<ImportedResource>,
}

impl Job for Import<'_> {
    async fn on<C: Ports, K: Clock>(self, cloud: C, clock: K, cx: &Cx<'_>) -> Exit {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        let silent = self.args.yes || self.args.rehearse.rehearse;
        let approval = if silent { Approval::Never } else { Approval::AnyChange };
        let operation = Operation::begin("import", &self.args.rehearse, cx);
        let options = Options { approval, ..Options::new(run_name(&clock)) };
        let ask = async |plan: &Plan| operation.answered(format!("Import into {}?", plan.stack)).await;
        let go = async |run: &Run<'_, C, K>| Outcome {
            stacks: vec![run.import(&cx.stacks[0], &self.resources, &ask).await],
            problems: Vec::new(),
        };
        let outcome = operation.carry_out(cloud, &clock, options, go).await;
        operation.end(&outcome, |exit| exit)
    }
}
