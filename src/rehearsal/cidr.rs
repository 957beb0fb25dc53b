//! Blocks of addresses, as `Fn::Cidr` computes them.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// The block of a VPC to which AWS allocates IPv6 addresses.
pub(super) const IPV6_BLOCK: &str = "2001:db8:1234::/56";

/// Returns `count` consecutive blocks of `bits` host bits inside a block, as `Fn::Cidr` does. AWS allocates IPv6 blocks
/// itself; for them, consecutive /64 blocks of an example prefix are returned.
pub(super) fn cidr(block: &str, count: &str, bits: &str) -> Result<Vec<String>, String> {
    let wrong = || format!("Template error: Fn::Cidr cannot take {count} blocks of {bits} bits from {block}");
    let (address, _) = block.split_once('/').ok_or_else(wrong)?;
    let (count, bits): (u32, u32) = (count.parse().map_err(|_| wrong())?, bits.parse().map_err(|_| wrong())?);
    if count == 0 || count > 256 {
        return Err(wrong());
    }
    if address.contains(':') {
        return Ok((0..count).map(|at| format!("2001:db8:1234:{at:x}::/64")).collect());
    }
    let range: Ipv4Net = block.parse().map_err(|_| wrong())?;
    let room = u32::from(range.max_prefix_len() - range.prefix_len());
    if !(1..=room).contains(&bits) || u64::from(count) << bits > 1 << room {
        return Err(wrong());
    }
    let first = u32::from(range.addr());
    Ok((0..count).map(|at| format!("{}/{}", Ipv4Addr::from(first + (at << bits)), 32 - bits)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_one_another_and_must_fit() {
        let blocks = cidr("10.0.0.0/16", "3", "13").unwrap();
        assert_eq!(blocks, ["10.0.0.0/19", "10.0.32.0/19", "10.0.64.0/19"]);
        assert!(cidr("10.0.0.0/24", "3", "8").is_err());
        assert!(cidr("10.0.0.0", "1", "8").is_err());
        assert!(cidr("10.0.0.0/16", "1", "40").is_err());
    }
}
