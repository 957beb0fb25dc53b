//! The rules of security groups that let tasks connect to what they use.

use std::ops::RangeInclusive;

use super::Link;
use crate::block::data::file_system;
use crate::block::lowering::Lowering;
use crate::block::{Block, Name};
use crate::cfn::type_names::SECURITY_GROUP_INGRESS;
use crate::cfn::{LogicalId, Resource, TemplateString};
use crate::diag::WithOrigin;

/// The tasks that use a block: whose they are, and their security group.
pub(crate) struct LinkingTasks<'a> {
    /// The service or job.
    pub(crate) block: &'a Block,
    /// The logical id of the service or job.
    pub(crate) id: LogicalId,
    /// The id of the security group of the tasks.
    pub(crate) security_group: TemplateString,
}

/// Adds a rule for each linked block that is reached by address. Returns the resources that the tasks wait for.
pub(crate) fn lower(
    links: &[WithOrigin<Link>],
    tasks: &LinkingTasks<'_>,
    lowering: &mut Lowering<'_>,
) -> Vec<LogicalId> {
    let mut needed = Vec::new();
    for (at, link) in links.iter().enumerate() {
        if lowering.context.in_same_stack(tasks.block, &link.value.target) {
            needed.extend(link.value.ready());
        }
        let is_first = !links[..at].iter().any(|other| other.value.target == link.value.target);
        if let Some((name, group, ports)) = link.value.listener().filter(|_| is_first) {
            let id = LogicalId::from(format!("{}To{name}", tasks.id));
            let rule = Resource::new(SECURITY_GROUP_INGRESS, link.origin.clone())
                .with("Description", format!("Tasks of {}", tasks.id))
                .with("GroupId", group)
                .with("SourceSecurityGroupId", tasks.security_group.clone())
                .with("IpProtocol", "tcp")
                .with("FromPort", *ports.start())
                .with("ToPort", *ports.end());
            lowering.add(id.clone(), rule);
            needed.push(id);
        }
    }
    needed
}

impl Link {
    /// Returns what listens for connections: its part of a logical id, its security group and its ports.
    fn listener(&self) -> Option<(String, TemplateString, RangeInclusive<i64>)> {
        let named = |name: &WithOrigin<Name>, role: &str| format!("{}{role}", name.value.stem());
        let one = |port: i64| port..=port;
        match &self.target {
            Block::Database(database) => {
                Some((named(&database.name, "Database"), database.security_group_id(), one(database.port_number())))
            }
            Block::Cache(cache) => Some((named(&cache.name, "Cache"), cache.security_group_id(), cache.ports())),
            Block::FileSystem(files) => {
                Some((named(&files.name, "FileSystem"), files.security_group_id(), one(file_system::PORT)))
            }
            _ => None,
        }
    }
}
