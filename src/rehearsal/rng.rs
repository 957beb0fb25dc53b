//! Chance that repeats itself: a number for each question, from a seed and the question's words alone. What one resource
//! draws never depends on what others drew before.

/// A number of 64 bits for these words.
pub(super) fn draw(seed: u64, words: &[&str]) -> u64 {
    let letters = words.iter().flat_map(|word| word.bytes().chain([0xff]));
    mix(letters
        .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// A part of one, from 0 to 1 (1 excluded), in steps of a ten-thousandth.
pub(super) fn part(seed: u64, words: &[&str]) -> f64 {
    f64::from(u16::try_from(draw(seed, words) % 10_000).unwrap_or(0)) / 10_000.0
}

/// So many hexadecimal digits.
pub(super) fn hex(seed: u64, words: &[&str], digits: usize) -> String {
    let number = u128::from(draw(seed, words)) << 64 | u128::from(mix(draw(seed, words)));
    format!("{number:032x}")[..digits.min(32)].to_owned()
}

/// So many capital letters and digits, as CloudFormation puts them behind the names that it makes.
pub(super) fn suffix(seed: u64, words: &[&str], length: usize) -> String {
    const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut number = draw(seed, words);
    (0..length)
        .map(|_| {
            number = mix(number);
            char::from(LETTERS[usize::try_from(number % 36).unwrap_or(0)])
        })
        .collect()
}

/// A version 4 UUID.
pub(super) fn uuid(seed: u64, words: &[&str]) -> String {
    let hex = hex(seed, words, 32);
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// `SplitMix64`'s last step.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
