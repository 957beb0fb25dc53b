//! The danger of a permission: who could do what with it.

use std::collections::BTreeSet;

use super::broadening::{Broadening, Grant};

/// The danger of a permission, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Danger {
    /// The minimum that a block needs.
    Minimum,
    /// Named actions on named resources, or traffic of named sources.
    Low,
    /// Web traffic from anywhere, all actions of a service, or actions on all resources.
    Moderate,
    /// Other accounts, a way to more permissions, all actions of a service on everything, or a port that is open to anyone.
    High,
    /// Anyone may use it, or it permits everything.
    Critical,
}

/// Managed policies that permit nearly everything, or to grant oneself everything.
const ADMINISTRATORS: [&str; 4] =
    ["/AdministratorAccess", "/PowerUserAccess", "/IAMFullAccess", "/job-function/SystemAdministrator"];

/// Actions by which their holder can get more permissions, by their beginnings.
const ESCALATION: [&str; 12] = [
    "iam:Attach",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:PassRole",
    "iam:Put",
    "iam:SetDefaultPolicyVersion",
    "iam:Update",
    "iam:AddUserToGroup",
    "sts:AssumeRole",
    "organizations:",
    "iam:*",
];

/// Ports of administration and of databases, which no public client needs.
const PRIVATE_PORTS: [u16; 12] = [22, 23, 445, 1433, 2375, 3306, 3389, 5432, 6379, 9200, 11211, 27017];

impl Broadening {
    /// Returns the danger of the permission.
    pub fn danger(&self) -> Danger {
        if self.minimum { Danger::Minimum } else { danger(&self.grant) }
    }
}

fn danger(grant: &Grant) -> Danger {
    match grant {
        Grant::Statement { actions, resources, principals, condition, .. } => {
            of_principals(principals, condition).max(of_actions(actions, resources))
        }
        Grant::ManagedPolicy(arn) if ADMINISTRATORS.iter().any(|name| arn.ends_with(name)) => Danger::Critical,
        Grant::ManagedPolicy(_) => Danger::Moderate,
        Grant::Rule { ingress: true, peer, ports } if is_anyone(peer) => of_open_ports(ports),
        Grant::Rule { .. } => Danger::Low,
    }
}

fn of_principals(principals: &BTreeSet<String>, condition: &str) -> Danger {
    let one = |principal: &String| match principal.split_once(':').unwrap_or(("", principal)) {
        ("" | "AWS", "*") if condition.is_empty() => Danger::Critical,
        // A role or user of the stack itself.
        ("AWS", own) if own.starts_with("${") => Danger::Low,
        ("", "*") | ("AWS" | "Federated", _) => Danger::High,
        _ => Danger::Low,
    };
    principals.iter().map(one).max().unwrap_or(Danger::Low)
}

fn of_actions(actions: &BTreeSet<String>, resources: &BTreeSet<String>) -> Danger {
    let everywhere = resources.contains("*");
    let one = |action: &String| {
        let everything = action == "*" || action == "*:*" || action.starts_with("not ");
        let escalates = ESCALATION.iter().any(|start| action.starts_with(start));
        match (everything, escalates || action.ends_with(":*"), everywhere) {
            (true, _, true) => Danger::Critical,
            (true, _, false) | (_, true, true) => Danger::High,
            (_, true, false) | (_, _, true) => Danger::Moderate,
            _ => Danger::Low,
        }
    };
    // The actions of a trust policy have no resources.
    if resources.is_empty() { Danger::Low } else { actions.iter().map(one).max().unwrap_or(Danger::Low) }
}

fn is_anyone(peer: &str) -> bool {
    peer.ends_with("/0")
}

/// Returns the danger of ports that anyone can reach: `tcp 443`, `tcp 8000-8080`, `any protocol`.
fn of_open_ports(ports: &str) -> Danger {
    let Some((_, range)) = ports.split_once(' ').filter(|(protocol, _)| *protocol != "any") else {
        return Danger::Critical;
    };
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    match (from.parse::<u16>(), to.parse::<u16>()) {
        (Ok(from), Ok(to)) if from == to && [80, 443].contains(&from) => Danger::Moderate,
        (Ok(from), Ok(to)) if PRIVATE_PORTS.iter().any(|port| (from..=to).contains(port)) => Danger::Critical,
        _ => Danger::High,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(actions: &[&str], resources: &[&str], principals: &[&str]) -> Danger {
        let set = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        danger(&Grant::Statement {
            effect: "Allow".to_owned(),
            actions: set(actions),
            resources: set(resources),
            principals: set(principals),
            condition: String::new(),
        })
    }

    fn open(peer: &str, ports: &str) -> Danger {
        danger(&Grant::Rule { ingress: true, peer: peer.to_owned(), ports: ports.to_owned() })
    }

    #[test]
    fn statements_for_anyone_and_for_everything_are_critical() {
        assert_eq!(allow(&["s3:GetObject"], &["arn:aws:s3:::a/*"], &["*"]), Danger::Critical);
        assert_eq!(allow(&["*"], &["*"], &[]), Danger::Critical);
        assert_eq!(allow(&["iam:PassRole"], &["*"], &[]), Danger::High);
        assert_eq!(allow(&["sqs:*"], &["arn:aws:sqs:eu-west-1:1:jobs"], &[]), Danger::Moderate);
        assert_eq!(allow(&["s3:GetObject"], &["arn:aws:s3:::a/*"], &[]), Danger::Low);
        assert_eq!(allow(&["sts:AssumeRole"], &[], &["AWS:arn:aws:iam::123456789012:root"]), Danger::High);
        assert_eq!(allow(&["sts:AssumeRole"], &[], &["Service:lambda.amazonaws.com"]), Danger::Low);
    }

    #[test]
    fn database_port_that_is_open_to_anyone_is_worse_than_a_web_port() {
        assert_eq!(open("0.0.0.0/0", "tcp 443"), Danger::Moderate);
        assert_eq!(open("::/0", "tcp 5432"), Danger::Critical);
        assert_eq!(open("0.0.0.0/0", "tcp 8000-8080"), Danger::High);
        assert_eq!(open("0.0.0.0/0", "any protocol"), Danger::Critical);
        assert_eq!(open("10.0.0.0/8", "tcp 5432"), Danger::Low);
    }
}
