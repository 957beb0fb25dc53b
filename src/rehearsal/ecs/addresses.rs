//! The private addresses of tasks: each task has one of its subnet.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::rehearsal::property_access::text;

/// A subnet of tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TaskSubnet {
    id: String,
    /// `CidrBlock`; none if the subnet is not part of the rehearsal.
    block: Option<String>,
    zone: Option<String>,
}

impl TaskSubnet {
    /// Reads the properties of a subnet, if they are known.
    pub(super) fn read(id: &str, properties: Option<&Json>) -> Self {
        let properties = properties.unwrap_or(&Json::Null);
        Self { id: id.to_owned(), block: text(properties, "CidrBlock"), zone: text(properties, "AvailabilityZone") }
    }

    /// Returns its id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns its zone, if it is known.
    pub(super) fn zone(&self) -> Option<&str> {
        self.zone.as_deref()
    }
}

/// The number of addresses that each subnet has given away, by id.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Addresses(BTreeMap<String, u32>);

impl Addresses {
    /// Returns the next address of a subnet. AWS keeps the first four addresses of a subnet and the last one ("Subnet CIDR
    /// blocks" of the VPC user guide); those of stopped tasks are used again when all others were used.
    pub(super) fn next(&mut self, subnet: Option<&TaskSubnet>) -> String {
        // Subnets that the rehearsal does not know share one block, so that no address is used twice.
        let block: Option<Ipv4Net> = subnet.and_then(|subnet| subnet.block.as_ref()?.parse().ok());
        let key = subnet.filter(|_| block.is_some()).map_or("", |subnet| subnet.id());
        let given = self.0.entry(key.to_owned()).or_default();
        let block = block.unwrap_or(Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 16));
        let size = 1_u32.checked_shl(u32::from(block.max_prefix_len() - block.prefix_len())).unwrap_or(u32::MAX);
        let host = 4 + *given % size.saturating_sub(5).max(1);
        *given = given.wrapping_add(1);
        Ipv4Addr::from(u32::from(block.network()).saturating_add(host)).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_are_those_of_the_subnet_and_unique() {
        let subnet = |id: &str, block: &str| TaskSubnet::read(id, Some(&json!({ "CidrBlock": block })));
        let (small, large) = (subnet("subnet-1", "10.1.2.16/28"), subnet("subnet-2", "10.1.4.0/22"));
        let mut addresses = Addresses::default();
        let mut given: Vec<String> = (0..11).map(|_| addresses.next(Some(&small))).collect();
        assert_eq!((given[0].as_str(), given[10].as_str()), ("10.1.2.20", "10.1.2.30"));
        assert_eq!(addresses.next(Some(&large)), "10.1.4.4");
        given.sort();
        given.dedup();
        assert_eq!(given.len(), 11);
    }

    #[test]
    fn tasks_in_unknown_subnets_have_different_addresses() {
        let (mut addresses, unknown) = (Addresses::default(), TaskSubnet::read("subnet-9", None));
        assert_ne!(addresses.next(Some(&unknown)), addresses.next(None));
    }
}
