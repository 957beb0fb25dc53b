//! The problems of links.

use std::rc::Rc;

use super::{Link, MODES, keys};
use crate::block::lowering::Lowering;
use crate::block::{Block, Name, Vpc};
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};

/// Returns the problems of the links of tasks in a network. `is_express`: the tasks are those of a service of Express Mode, which mounts
/// nothing and calls no other service by its name.
pub(crate) fn problems(
    links: &[WithOrigin<Link>],
    (owner, is_express): (&WithOrigin<Name>, bool),
    network: &Rc<Vpc>,
    lowering: &Lowering<'_>,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for link in links {
        let target = target(link, is_express);
        let is_target = target.is_none();
        problems.extend(target);
        if !is_target {
            continue;
        }
        problems.extend(mode(link));
        problems.extend(prefix(link));
        problems.extend(names_of_snapshot(link));
        problems.extend(keys::unknown(link));
        problems.extend(other_network(link, owner, network, lowering));
    }
    problems
}

fn problem(link: &WithOrigin<Link>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::Link, message).at(&link.origin, "linked here")
}

fn label(block: &Block) -> String {
    block.label().unwrap_or_else(|| block.logical_ids().first().map(ToString::to_string).unwrap_or_default())
}

/// Reports a block that `.link` does not take.
fn target(link: &WithOrigin<Link>, is_express: bool) -> Option<Diagnostic> {
    let help = match &link.value.target {
        Block::Database(_)
        | Block::Cache(_)
        | Block::Queue(_)
        | Block::Topic(_)
        | Block::Bucket(_)
        | Block::Table(_)
        | Block::Secret(_) => return None,
        Block::FileSystem(_) if link.value.is_mount => return None,
        Block::FileSystem(_) if is_express => {
            "Express Mode mounts no file systems: use a `FargateService` with `.efs(\"/data\", files)`"
        }
        Block::FargateService(_) if is_express => "give it the address: `.env(\"API_URL\", alb.url)`",
        Block::FileSystem(_) => "mount it: `.efs(\"/data\", files)`",
        Block::FargateService(_) => "let it call the service: `.calls(service)`",
        Block::Repository(_) => "use its image: `` .image(`${repository.uri}:1.0.0`) ``",
        Block::Resource(_) => "give the permission and the variables: `.allow(action, arn)` and `.env(name, value)`",
        _ => "link a database, cache, queue, topic, bucket, table or secret",
    };
    Some(problem(link, format!("`{}` cannot be linked", label(&link.value.target))).help(help))
}

/// Reports an unknown mode, and a mode of a block that has none.
fn mode(link: &WithOrigin<Link>) -> Option<Diagnostic> {
    let mode = link.value.mode.as_deref()?;
    let names = MODES.map(|(name, _)| name);
    if let Some(prefix) = link.value.prefix.as_deref().filter(|prefix| names.contains(prefix)) {
        let problem = problem(link, "the mode is written before the prefix".to_owned());
        return Some(problem.help(format!("write the prefix first: `.link(x, \"{mode}\", \"{prefix}\")`")));
    }
    if !names.contains(&mode) {
        let problem = problem(link, format!("`{mode}` is neither a mode nor a prefix"));
        return Some(
            problem
                .help_if(did_you_mean(&mode.to_ascii_lowercase().replace('_', "-"), names))
                .help("a mode is `read`, `write` or `read-write`; a prefix has capital letters: `ORDERS`"),
        );
    }
    let why = match &link.value.target {
        Block::Database(_) => "the user of a database decides what it may do",
        Block::Cache(_) => "each client of a cache reads and writes",
        Block::Secret(_) => "the tasks get the value of a secret",
        Block::Topic(_) if mode != "write" => "tasks can only publish to a topic",
        _ => return None,
    };
    Some(
        problem(link, format!("`{}` has no mode `{mode}`", label(&link.value.target)))
            .note(why)
            .help("leave the mode out"),
    )
}

/// Reports a prefix that names of variables cannot begin with.
fn prefix(link: &WithOrigin<Link>) -> Option<Diagnostic> {
    let prefix = link.value.prefix.as_deref()?;
    // The mode is in its place, which is reported there.
    if link.value.mode.is_some() && MODES.iter().any(|(name, _)| *name == prefix) {
        return None;
    }
    let letters = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    let is_prefix = prefix.starts_with(|first: char| first.is_ascii_uppercase())
        && prefix.chars().all(letters)
        && !prefix.ends_with('_');
    (!is_prefix).then(|| {
        problem(link, format!("`{prefix}` is not a prefix of variables"))
            .help("a prefix has capital letters, digits and underscores: `ORDERS`, which gives `ORDERS_HOST`")
            .help("a mode is `read`, `write` or `read-write`")
    })
}

/// Warns about a restored database whose names the script does not say: the link does not invent them.
fn names_of_snapshot(link: &WithOrigin<Link>) -> Option<Diagnostic> {
    let Block::Database(database) = &link.value.target else { return None };
    let snapshot = database.snapshot.as_ref()?;
    let prefix = link.value.prefix();
    let unknown = [("NAME", "database", database.database_name()), ("USER", "user", database.user_name())];
    let unknown: Vec<_> = unknown.into_iter().filter(|(_, _, name)| name.is_none()).collect();
    let (first, setters) = (unknown.first()?, unknown.iter().map(|(_, setter, _)| format!(".{setter}(\"app\")")));
    let variables: Vec<String> = unknown.iter().map(|(end, ..)| format!("`{prefix}_{end}`")).collect();
    let (noun, verb) = if unknown.len() == 1 { (first.1, "is") } else { ("database and user", "are") };
    let message = format!(
        "the link gives no {}: the {noun} of `{}` {verb} not known",
        variables.join(" and no "),
        label(&link.value.target)
    );
    let setters: String = setters.collect();
    Some(
        problem(link, message)
            .as_warning()
            .at(&snapshot.origin, "the snapshot decides them")
            .help(format!("say the names that the snapshot has: `{setters}` of the database")),
    )
}

/// Reports a block in another network than the tasks.
fn other_network(
    link: &WithOrigin<Link>,
    owner: &WithOrigin<Name>,
    network: &Rc<Vpc>,
    lowering: &Lowering<'_>,
) -> Option<Diagnostic> {
    let target = &link.value.target;
    let other = lowering.context.data_network(target)?;
    let is_known = matches!(target, Block::Database(_) | Block::Cache(_) | Block::FileSystem(_));
    (is_known && !lowering.context.is_same_network(network, other)).then(|| {
        problem(link, format!("`{}` and `{}` are in different networks", owner.value, label(target)))
            .at(network.identity.origin(), "the network of the tasks")
            .at(other.identity.origin(), format!("the network of `{}`", label(target)))
            .help("give both one network: `.vpc(net)` of the block and of the cluster, or of their stacks")
    })
}
