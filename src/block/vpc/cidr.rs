use std::fmt;
use std::net::Ipv4Addr;

/// A block of IPv4 addresses: `10.0.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cidr {
    address: u32,
    bits: u32,
}

/// The smallest subnet of a VPC (Amazon VPC User Guide, "Subnet CIDR blocks").
const SMALLEST: u32 = 28;

impl Cidr {
    /// The block of a text, with the bits beyond the prefix as written.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let address: Ipv4Addr = address.parse().ok()?;
        let bits = bits.parse().ok().filter(|bits| *bits <= 32)?;
        Some(Self { address: address.into(), bits })
    }

    /// The length of the prefix in bits.
    pub(crate) fn bits(self) -> u32 {
        self.bits
    }

    /// The same block without the bits beyond the prefix.
    #[must_use]
    pub(crate) fn network(self) -> Self {
        let mask = u32::MAX.checked_shl(32 - self.bits).unwrap_or(0);
        Self { address: self.address & mask, ..self }
    }

    /// The first `count` of equal blocks that share this one; none where they would be too small for a subnet.
    pub(crate) fn split(self, count: u32) -> Option<Vec<Self>> {
        let bits = self.bits + count.checked_next_power_of_two()?.trailing_zeros();
        let block = |at: u32| Self { address: self.address + (at << (32 - bits)), bits };
        (bits <= SMALLEST).then(|| (0..count).map(block).collect())
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", Ipv4Addr::from(self.address), self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(block: &str, count: u32) -> Option<Vec<String>> {
        let blocks = Cidr::parse(block).expect("a block").split(count)?;
        Some(blocks.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn two_zones_quarter_a_network() {
        let quarters = split("10.0.0.0/16", 4).expect("room");
        assert_eq!(quarters, ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18", "10.0.192.0/18"]);
    }

    #[test]
    fn three_zones_take_six_of_eight_blocks() {
        let blocks = split("10.1.0.0/16", 6).expect("room");
        assert_eq!(blocks.first().map(String::as_str), Some("10.1.0.0/19"));
        assert_eq!(blocks.last().map(String::as_str), Some("10.1.160.0/19"));
    }

    #[test]
    fn subnets_are_never_smaller_than_sixteen_addresses() {
        assert!(split("10.0.0.0/26", 4).is_some());
        assert_eq!(split("10.0.0.0/27", 4), None);
    }

    #[test]
    fn bits_beyond_the_prefix_are_seen() {
        let block = Cidr::parse("10.0.1.0/16").expect("a block");
        assert_ne!(block, block.network());
        assert_eq!(block.network().to_string(), "10.0.0.0/16");
        assert_eq!(Cidr::parse("0.0.0.0/0").expect("a block").network().to_string(), "0.0.0.0/0");
    }

    #[test]
    fn nonsense_is_no_block() {
        for wrong in ["", "10.0.0.0", "10.0.0/16", "10.0.0.0/33", "ten/16"] {
            assert_eq!(Cidr::parse(wrong), None, "{wrong}");
        }
    }
}
