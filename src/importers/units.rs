//! Durations, sizes and command lines as other tools write them.

use crate::cfn::check::fargate_memories;

/// The CPU units of Fargate (Amazon ECS Developer Guide, "Task CPU and memory").
const CPU: [i64; 8] = [256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768];

/// Returns the smallest size of Fargate with at least these CPU units and this memory in MiB; the largest one if none is.
pub(super) fn fargate_size(cpu: i64, memory: i64) -> (i64, i64) {
    let sizes = CPU.into_iter().flat_map(|units| fargate_memories(units).into_iter().map(move |mib| (units, mib)));
    let mut largest = (0, 0);
    for size in sizes {
        if size.0 >= cpu && size.1 >= memory {
            return size;
        }
        largest = size;
    }
    largest
}

/// Returns the seconds of a duration, rounded up: `1m30s`, `500ms`, `10`.
pub(super) fn seconds(text: &str) -> Option<i64> {
    const UNITS: [(&str, f64); 6] = [("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit = if rest.is_empty() { "s" } else { &rest[..unit_end] };
        total += number * UNITS.iter().find(|(name, _)| *name == unit)?.1;
        rest = &rest[unit_end..];
    }
    rounded_up(total)
}

/// Returns the MiB of a size in bytes, rounded up: `512m`, `1g`, `1.5GB`, `1048576`.
pub(super) fn mebibytes(text: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let factor = match text[end..].trim() {
        "" | "b" => 1.0 / f64::from(1 << 20),
        "k" | "kb" | "kib" => 1.0 / 1024.0,
        "m" | "mb" | "mib" => 1.0,
        "g" | "gb" | "gib" => 1024.0,
        "t" | "tb" | "tib" => 1024.0 * 1024.0,
        _ => return None,
    };
    rounded_up(number * factor)
}

/// Returns the CPU units of a number of CPUs, rounded up: `0.5` are 512.
pub(super) fn cpu_units(text: &str) -> Option<i64> {
    rounded_up(text.trim().parse::<f64>().ok()? * 1024.0)
}

#[allow(clippy::cast_possible_truncation, reason = "the number is within the range")]
fn rounded_up(number: f64) -> Option<i64> {
    let whole = (number - 1e-9).ceil().max(0.0);
    (whole < 1e15).then_some(whole as i64)
}

/// Returns the words of a command line, as a shell splits them: quotes and backslashes, without expansion.
pub(super) fn shell_words(text: &str) -> Vec<String> {
    let (mut words, mut word): (Vec<String>, Option<String>) = (Vec::new(), None);
    let (mut quote, mut letters) = (None, text.chars());
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (Some('"') | None, '\\') => word.get_or_insert_default().extend(letters.next()),
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, letter) if letter.is_whitespace() => words.extend(word.take()),
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_rounded_up() {
        let found: Vec<_> = ["1m30s", "500ms", "10", "2h", "1.5s", "x", ""].into_iter().map(seconds).collect();
        assert_eq!(found, [Some(90), Some(1), Some(10), Some(7200), Some(2), None, None]);
        let found: Vec<_> = ["512m", "1g", "1.5GB", "1048577", "64k", "x"].into_iter().map(mebibytes).collect();
        assert_eq!(found, [Some(512), Some(1024), Some(1536), Some(2), Some(1), None]);
        assert_eq!(cpu_units("0.5"), Some(512));
    }

    #[test]
    fn size_is_the_smallest_of_fargate_that_fits() {
        assert_eq!(fargate_size(100, 100), (256, 512));
        assert_eq!(fargate_size(256, 3000), (512, 3072));
        assert_eq!(fargate_size(600, 1), (1024, 2048));
        assert_eq!(fargate_size(1_000_000, 1), (32_768, 249_856));
    }

    #[test]
    fn command_line_is_split_as_a_shell_does() {
        assert_eq!(shell_words(r#"sh -c "a 'b' \"c\"" d\ e '' f"#), ["sh", "-c", "a 'b' \"c\"", "d e", "", "f"]);
    }
}
