use super::bootstrap;
use super::context::CommandContext;
use super::runner::{AccountCommand, run_command};
use crate::cli::account::Access;
use crate::cli::args::ImportService as Args;
use crate::cli::bootstrap_script;
use crate::cli::exit::ExitStatus;
use crate::cli::frontend::Frontend;
use crate::cli::terminal::Terminal;
use crate::cli::written_script::{check_output, print};
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::operate::service_parts;
use crate::diag::{Code, Diagnostic};
use crate::importers;

/// Runs `import-from service`: writes a script from a running service.
pub(crate) fn command(args: &Args, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    if let Err(exit) = check_output(&args.script, terminal) {
        return exit;
    }
    let options = args.account.run_options();
    let terminal = &terminal.for_frontend(Frontend::shell(bootstrap_script::NAME, &options, args.rehearse.rehearse));
    match bootstrap::context(&args.rehearse, &options, terminal, allocated) {
        Ok(cx) => run_command(ImportService { args }, &cx),
        Err(exit) => exit,
    }
}

struct ImportService<'a> {
    args: &'a Args,
}

impl AccountCommand for ImportService<'_> {
    const ACCESS: Access = Access::Read;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        cx.announce_rehearsal();
        let place = match api.environment().await {
            Ok(place) => place,
            Err(error) => return cx.aws_error(&error),
        };
        let name = &self.args.service;
        match service_parts(&api, &place, &name.cluster, &name.service).await {
            Ok(Some(parts)) => {
                let imported = importers::service(&parts, self.args.script.name.as_deref());
                print(&self.args.script, imported, &cx.output, cx.terminal)
            }
            Ok(None) => {
                let message = format!("{} has no service `{}/{}`", place.region, name.cluster, name.service);
                let problem = Diagnostic::new(Code::UnknownService, message);
                cx.report(&[problem.help("list the services of a cluster: `aws ecs list-services --cluster CLUSTER`")]);
                ExitStatus::Usage
            }
            Err(error) => cx.aws_error(&error),
        }
    }
}
