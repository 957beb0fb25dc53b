use serde_json::json;

use crate::cli::args::{RunOptions, StackSelection};
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::table::table;
use crate::cli::terminal::Terminal;
use crate::synth::DesiredStack;

/// `ls`: the stacks with region, order and resources.
pub(crate) fn command(
    args: &StackSelection,
    options: &RunOptions,
    project: Project,
    terminal: &Terminal,
) -> ExitStatus {
    let (stacks, _) = match project.chosen(&args.stacks, terminal) {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    let waves = waves(&stacks);
    if options.script.json {
        let facts = stacks.iter().zip(&waves).map(|(stack, wave)| {
            json!({
                "name": stack.name, "region": stack.region, "account": stack.account, "order": wave,
                "after": stack.after, "resources": stack.template.resources.len(),
            })
        });
        json::answer(terminal, &facts.collect());
        return ExitStatus::Ok;
    }
    let row = |(stack, wave): (&DesiredStack, &usize)| {
        vec![
            stack.name.clone(),
            stack.region.clone().or_else(|| options.region.clone()).unwrap_or_else(|| "-".into()),
            wave.to_string(),
            stack.template.resources.len().to_string(),
            if stack.after.is_empty() { "-".into() } else { stack.after.join(", ") },
        ]
    };
    let rows: Vec<Vec<String>> = stacks.iter().zip(&waves).map(row).collect();
    terminal.answer(&table(&["STACK", "REGION", "ORDER", "RESOURCES", "AFTER"], &rows));
    ExitStatus::Ok
}

/// When each stack is deployed: 1 for those that wait for nobody, and one more than the latest that it waits for.
fn waves(stacks: &[DesiredStack]) -> Vec<usize> {
    let mut waves = vec![1; stacks.len()];
    for _ in 0..stacks.len() {
        for at in 0..stacks.len() {
            let before = stacks.iter().zip(&waves).filter(|(other, _)| stacks[at].after.contains(&other.name));
            waves[at] = 1 + before.map(|(_, wave)| *wave).max().unwrap_or(0);
        }
    }
    waves
}
