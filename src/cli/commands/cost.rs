use crate::cli::args::{RunOptions, StackSelection};
use crate::cli::exit::ExitStatus;
use crate::cli::json::StackCost;
use crate::cli::project::{Project, Warnings};
use crate::cli::report::Output;
use crate::cli::terminal::Terminal;
use crate::printable::one_line;
use crate::repl::cost_drivers;

/// Runs `cost`: lists what each stack is billed for by the hour, in numbers and sizes. Prices differ by region and are not known here.
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
    let cost = |(name, template)| StackCost { stack: name, billed_by_the_hour: cost_drivers(template) };
    let costs: Vec<StackCost> = stacks.iter().map(|stack| (stack.name.clone(), &*stack.template)).map(cost).collect();
    Output::new(terminal, options.script.json).result(&costs, || costs.iter().map(text).collect());
    ExitStatus::Ok
}

fn text(cost: &StackCost) -> String {
    let name = one_line(&cost.stack);
    match cost.billed_by_the_hour.as_slice() {
        [] => format!("{name}: nothing is billed by the hour\n"),
        drivers => {
            let lines: String = drivers.iter().map(|driver| format!("  {}\n", one_line(driver))).collect();
            format!("{name}: billed by the hour\n{lines}")
        }
    }
}
