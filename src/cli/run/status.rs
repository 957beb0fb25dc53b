use serde_json::{Value as Json, json};

use super::job::{Cx, Job, rehearsable};
use crate::cli::args::{Look, RunOptions};
use crate::cli::exit::Exit;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::screen::{bold, overview as drawn};
use crate::cli::terminal::Terminal;
use crate::deploy::operate::overview;
use crate::deploy::ports::{Clock, Ports};

/// `status`: the deployed stacks with what runs in them.
pub(crate) fn command(args: &Look, options: &RunOptions, project: Project, terminal: &Terminal) -> Exit {
    match Cx::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => rehearsable(Status, &args.rehearse, false, &cx),
        Err(exit) => exit,
    }
}

struct Status;

impl Job for Status {
    fn cut_short(&self) -> Option<Exit> {
        Some(Exit::Interrupted)
    }

    async fn on<C: Ports, K: Clock>(self, cloud: C, _clock: K, cx: &Cx<'_>) -> Exit {
        let mut facts = Vec::new();
        for stack in &cx.stacks {
            let there = stack.home(&cloud);
            match overview(&there, &stack.name).await {
                Ok(Some(found)) if cx.options.script.json => {
                    facts.push(serde_json::to_value(&found).unwrap_or_default());
                }
                Ok(Some(found)) => cx.terminal.answer(&drawn(&found, cx.terminal.table_width())),
                Ok(None) if cx.options.script.json => facts.push(json!({ "name": stack.name, "status": null })),
                Ok(None) => cx.terminal.line(&format!("{}  is not deployed", bold(&stack.name))),
                Err(error) => return cx.refused(&error),
            }
        }
        if cx.options.script.json {
            json::answer(cx.terminal, &Json::Array(facts));
        }
        Exit::Ok
    }
}
