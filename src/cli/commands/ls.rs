use crate::cli::args::{RunOptions, StackSelection};
use crate::cli::exit::ExitStatus;
use crate::cli::json::StackListing;
use crate::cli::project::{Project, Warnings};
use crate::cli::report::Output;
use crate::cli::table::Table;
use crate::cli::terminal::Terminal;
use crate::synth::DesiredStack;

/// Runs `ls`: lists the stacks with their region, order and resources.
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
        table.optional(&["RESOURCES", "ORDER"]).with(rows).render(terminal.detail())
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
    }
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
