//! Names of stacks and of outputs.

use std::collections::HashMap;

use crate::block::{Program, Stack};
use crate::cfn::names;
use crate::cfn::regions::{self, RegionName};
use crate::diag::{Code, Diagnostic, Origin, Sink};

const LONGEST_STACK_NAME: usize = 128;

/// Returns the problems of the names and accounts of stacks.
pub(super) fn stacks(program: &Program) -> Sink {
    let mut problems = Sink::new();
    let mut known: HashMap<&str, &Origin> = HashMap::new();
    for stack in &program.stacks {
        let name = &stack.name;
        problems.extend(stack_name(&name.value, &name.origin));
        problems.extend(account(stack));
        problems.extend(region(stack));
        if let Some(first) = known.insert(&name.value, &name.origin) {
            problems.push(
                Diagnostic::new(Code::DuplicateStack, format!("two stacks are named `{}`", name.value))
                    .at(&name.origin, "the second")
                    .at(first, "the first")
                    .help("give each stack a name of its own, also in different regions"),
            );
        }
    }
    problems
}

fn stack_name(name: &str, origin: &Origin) -> Option<Diagnostic> {
    let letters = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    let first = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let fits = name.len() <= LONGEST_STACK_NAME;
    (!(letters && first && fits)).then(|| {
        Diagnostic::new(Code::StackName, format!("`{name}` cannot be the name of a stack")).at(origin, "").help(
            format!(
                "a name begins with a letter, followed by letters, digits and hyphens, {LONGEST_STACK_NAME} at most"
            ),
        )
    })
}

/// Checks the region of a stack: AWS adds regions, so the form of one is enough.
fn region(stack: &Stack) -> Option<Diagnostic> {
    let region = stack.region.as_ref()?;
    let name = region.value.as_str();
    let problem = match regions::classify(name) {
        RegionName::Known => return None,
        RegionName::Malformed => Diagnostic::new(Code::UnknownRegion, format!("`{name}` is not a region of AWS")),
        RegionName::Unlisted => {
            Diagnostic::new(Code::UnknownRegion, format!("`{name}` is not a region that rtiler knows")).as_warning()
        }
    };
    let nearest = regions::suggestion(name).map(|known| format!("did you mean `{known}`?"));
    let problem = problem.at(&region.origin, "").help_if(nearest);
    Some(problem.help("`aws account list-regions` lists the regions of the account"))
}

fn account(stack: &Stack) -> Option<Diagnostic> {
    let account = stack.account.as_ref()?;
    let fits = account.value.len() == 12 && account.value.bytes().all(|byte| byte.is_ascii_digit());
    (!fits).then(|| {
        Diagnostic::new(Code::AccountId, format!("`{}` is not the id of an account", account.value))
            .at(&account.origin, "")
            .help("an account's id has twelve digits: `123456789012`")
    })
}

/// Returns the logical id of an output: its name, or the stem of one in kebab-case.
pub(super) fn output(name: &str, origin: &Origin, problems: &mut Sink) -> Option<String> {
    let id = if name.contains('-') { names::stem(name) } else { name.to_owned() };
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Some(id);
    }
    problems.push(
        Diagnostic::new(Code::OutputName, format!("`{name}` cannot be the name of an output"))
            .at(origin, "")
            .help("use letters, digits and hyphens: `Endpoint`, `service-url`"),
    );
    None
}
