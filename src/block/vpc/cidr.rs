use ipnet::Ipv4Net;

/// The prefix of the smallest subnet of a VPC (Amazon VPC User Guide, "Subnet CIDR blocks").
const SMALLEST_SUBNET: u8 = 28;

/// Returns the first `count` of equal ranges that share a range; none if they would be too small for a subnet.
pub(super) fn split(range: Ipv4Net, count: usize) -> Option<Vec<Ipv4Net>> {
    let bits = count.checked_next_power_of_two()?.trailing_zeros();
    let prefix = range.prefix_len().checked_add(u8::try_from(bits).ok()?)?;
    let subnets = range.subnets(prefix).ok().filter(|_| prefix <= SMALLEST_SUBNET)?;
    Some(subnets.take(count).collect())
}

#[cfg(test)]
mod tests {
    fn split(range: &str, count: usize) -> Option<Vec<String>> {
        let subnets = super::split(range.parse().expect("a range"), count)?;
        Some(subnets.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn two_zones_divide_a_network_into_four_ranges() {
        let quarters = split("10.0.0.0/16", 4).expect("large enough");
        assert_eq!(quarters, ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18", "10.0.192.0/18"]);
    }

    #[test]
    fn three_zones_use_six_of_eight_ranges() {
        let ranges = split("10.1.0.0/16", 6).expect("large enough");
        assert_eq!(ranges.first().map(String::as_str), Some("10.1.0.0/19"));
        assert_eq!(ranges.last().map(String::as_str), Some("10.1.160.0/19"));
    }

    #[test]
    fn subnets_have_at_least_sixteen_addresses() {
        assert!(split("10.0.0.0/26", 4).is_some());
        assert_eq!(split("10.0.0.0/27", 4), None);
    }
}
