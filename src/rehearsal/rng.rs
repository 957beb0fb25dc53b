//! Random numbers that depend on the seed and a key alone, so the numbers of one resource do not depend on
//! those of others.

use std::time::Duration;

use crate::cfn::hash::{FNV_OFFSET, fnv1a};

/// Returns a number of 64 bits for a key.
pub(super) fn draw(seed: u64, key: &[&str]) -> u64 {
    mix(fnv1a(seed ^ FNV_OFFSET, key.iter().flat_map(|part| part.bytes().chain([0xff]))))
}

/// Returns a number from 0 to 1 (1 excluded), in steps of a ten-thousandth.
pub(super) fn part(seed: u64, key: &[&str]) -> f64 {
    f64::from(u16::try_from(draw(seed, key) % 10_000).unwrap_or(0)) / 10_000.0
}

/// The least, the most frequent and the greatest number of seconds.
pub(super) type TriangularDistribution = (f64, f64, f64);

/// Returns a duration of a triangular distribution, in whole tenths of a second.
pub(super) fn seconds(seed: u64, key: &[&str], (low, mode, high): TriangularDistribution) -> Duration {
    let chance = part(seed, key);
    let mode_part = (mode - low) / (high - low);
    let time = if chance < mode_part {
        low + (chance * (high - low) * (mode - low)).sqrt()
    } else {
        high - ((1.0 - chance) * (high - low) * (high - mode)).sqrt()
    };
    Duration::from_secs_f64((time * 10.0).round() / 10.0)
}

/// Returns hexadecimal digits.
pub(super) fn hex(seed: u64, key: &[&str], digits: usize) -> String {
    let number = u128::from(draw(seed, key)) << 64 | u128::from(mix(draw(seed, key)));
    format!("{number:032x}")[..digits.min(32)].to_owned()
}

/// Returns capital letters and digits, as CloudFormation appends them to generated names.
pub(super) fn suffix(seed: u64, key: &[&str], length: usize) -> String {
    const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut number = draw(seed, key);
    (0..length)
        .map(|_| {
            number = mix(number);
            char::from(LETTERS[usize::try_from(number % 36).unwrap_or(0)])
        })
        .collect()
}

/// Returns a version 4 UUID.
pub(super) fn uuid(seed: u64, key: &[&str]) -> String {
    let hex = hex(seed, key, 32);
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// Performs the last step of `SplitMix64`.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
