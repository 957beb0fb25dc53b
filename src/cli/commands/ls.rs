use crate::cfn::{JobStart, StackJob};
use crate::cli::args::{RunOptions, StackSelection};
use crate::cli::exit::ExitStatus;
use crate::cli::json::{JobListing, ScheduleListing, StackListing};
use crate::cli::project::{Project, Warnings};
use crate::cli::report::Output;
use crate::cli::table::Table;
use crate::cli::terminal::{Detail, Terminal};
use crate::synth::DesiredStack;

/// Runs `ls`: lists the stacks with their region, order and resources, and their jobs with what starts them.
pub(crate) fn command(
    args: &StackSelection,
    options: &RunOptions,
    project: Project,
    terminal: &Terminal,
) -> ExitStatus {
    let (stacks, _) = match project.chosen(&args.stacks, Warnings::Hidden, terminal) {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    let orders = orders(&stacks);
    let values: Vec<StackListing> = stacks.iter().zip(&orders).map(|(stack, order)| value(stack, *order)).collect();
    Output::new(terminal, options.script.json).result(&values, || {
        let rows = stacks.iter().zip(&orders).map(|(stack, order)| row(stack, *order, options.region.as_deref()));
        let table = Table::new(&["STACK", "REGION", "ORDER", "RESOURCES", "AFTER"]);
        let stacks = table.optional(&["RESOURCES", "ORDER"]).with(rows).render(terminal.detail());
        format!("{stacks}{}", jobs(&values, terminal.detail()))
    });
    ExitStatus::Ok
}

fn value(stack: &DesiredStack, order: usize) -> StackListing {
    StackListing {
        stack: stack.name.clone(),
        region: stack.region.clone(),
        account: stack.account.clone(),
        order,
        after: stack.after.clone(),
        resources: stack.template.resources.len(),
        jobs: stack.jobs.iter().map(|it| job(it, stack)).collect(),
    }
}

fn job(job: &StackJob, stack: &DesiredStack) -> JobListing {
    let schedule = |start: JobStart| ScheduleListing {
        schedule: start.logical_id.to_string(),
        expression: start.expression,
        time_zone: start.time_zone,
    };
    JobListing {
        job: job.name.clone(),
        task_definition: job.task_definition.to_string(),
        before_deploy: job.before_deploy,
        schedules: job.schedules(&stack.template).into_iter().map(schedule).collect(),
    }
}

/// Returns the jobs of all stacks as a table; empty without jobs.
fn jobs(stacks: &[StackListing], detail: Detail) -> String {
    let rows: Vec<Vec<String>> = stacks
        .iter()
        .flat_map(|stack| stack.jobs.iter().map(|job| vec![job.job.clone(), stack.stack.clone(), starts(job)]))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("\n{}", Table::new(&["JOB", "STACK", "RUNS"]).with(rows).render(detail))
}

/// Returns when a job runs: `cron(0 3 * * ? *) Europe/Zurich`, `before a deployment`, `by run-task`.
fn starts(job: &JobListing) -> String {
    let schedule = |it: &ScheduleListing| {
        let expression = it.expression.as_deref().unwrap_or("a schedule");
        [Some(expression), it.time_zone.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let before = job.before_deploy.then(|| "before a deployment".to_owned());
    let all: Vec<String> = before.into_iter().chain(job.schedules.iter().map(schedule)).collect();
    if all.is_empty() { "by run-task".to_owned() } else { all.join("; ") }
}

fn row(stack: &DesiredStack, order: usize, region: Option<&str>) -> Vec<String> {
    vec![
        stack.name.clone(),
        stack.region.as_deref().or(region).unwrap_or("-").to_owned(),
        order.to_string(),
        stack.template.resources.len().to_string(),
        if stack.after.is_empty() { "-".into() } else { stack.after.join(", ") },
    ]
}

/// Returns the order of each stack: 1 without dependencies, else one more than the highest order that it depends on.
fn orders(stacks: &[DesiredStack]) -> Vec<usize> {
    let mut orders = vec![1; stacks.len()];
    for _ in 0..stacks.len() {
        for at in 0..stacks.len() {
            let before = stacks.iter().zip(&orders).filter(|(other, _)| stacks[at].after.contains(&other.name));
            orders[at] = 1 + before.map(|(_, order)| *order).max().unwrap_or(0);
        }
    }
    orders
}
