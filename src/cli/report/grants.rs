//! The access that a plan adds, the most dangerous first.

use std::collections::BTreeSet;

use super::format::counted;
use super::style::{bad, faint, warning};
use crate::cli::terminal::Detail;
use crate::cli::text_width::wrap;
use crate::deploy::plan::Danger;
use crate::deploy::plan::broadening::{Broadening, Grant};
use crate::printable::one_line;

/// Returns a line for each permission; those that blocks need themselves are counted, and listed with `--verbose`.
pub(super) fn grants(broadenings: &[Broadening], detail: Detail) -> String {
    let is_shown = |it: &&Broadening| detail.verbose || it.danger() > Danger::Minimum;
    let shown: Vec<&Broadening> = broadenings.iter().filter(is_shown).collect();
    if shown.is_empty() {
        return String::new();
    }
    let title = if shown.len() > 1 { "new access, the most dangerous first:" } else { "new access:" };
    let mut text = format!("  {title}\n");
    for broadening in &shown {
        let sign = if broadening.danger() >= Danger::High { bad("!") } else { warning("!") };
        let line = format!("    {sign} {}: {}", one_line(&broadening.resource), one_line(&grant(&broadening.grant)));
        text.push_str(&wrap(&line, detail.width, 8));
        text.push('\n');
    }
    let hidden = broadenings.len() - shown.len();
    if hidden > 0 {
        text.push_str(&faint(&format!("    and {} that blocks need themselves\n", counted(hidden, "grant"))));
    }
    text
}

fn grant(grant: &Grant) -> String {
    let list = |items: &BTreeSet<String>| items.iter().map(|item| reader(item)).collect::<Vec<_>>().join(", ");
    match grant {
        Grant::Statement { effect, actions, resources, principals, .. } => {
            let who = principals.iter().map(|it| if it == "*" { "* (anyone)".to_owned() } else { reader(it) });
            let who = who.collect::<Vec<_>>().join(", ");
            let who = if who.is_empty() { who } else { format!(" to {who}") };
            let on = if resources.is_empty() { String::new() } else { format!(" on {}", list(resources)) };
            let verb = if effect == "Allow" { "allows" } else { "no longer denies" };
            format!("{verb} {}{on}{who}", list(actions))
        }
        Grant::ManagedPolicy(arn) => format!("attaches {arn}"),
        Grant::Rule { ingress: true, peer, ports } => {
            format!("allows inbound traffic from {} on {ports}", reader(peer))
        }
        Grant::Rule { ingress: false, peer, ports } => {
            format!("allows outbound traffic to {} on {ports}", reader(peer))
        }
    }
}

/// Returns a principal, action, resource or address with the meaning of its signs.
fn reader(text: &str) -> String {
    match text {
        "*" => "* (everything)".to_owned(),
        "AWS:*" => "AWS:* (anyone)".to_owned(),
        "0.0.0.0/0" | "::/0" => format!("{text} (anyone)"),
        text => text.to_owned(),
    }
}
