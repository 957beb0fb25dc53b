//! Reads unquoted words of YAML. CloudFormation reads YAML 1.1: <https://yaml.org/type/>.

use super::node::Kind;

/// Returns the meaning of a plain scalar.
pub(super) fn resolve(word: &str) -> Kind {
    match word {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Kind::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Kind::Bool(false),
        _ => {}
    }
    if !word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Kind::Text(word.to_owned());
    }
    int(word).map(Kind::Int).or_else(|| float(word).map(Kind::Float)).unwrap_or_else(|| Kind::Text(word.to_owned()))
}

/// Returns whether it is a number that YAML 1.1 reads in base 8 because of its leading zero.
pub(super) fn is_octal(word: &str) -> bool {
    let digits = word.trim_start_matches(['+', '-']);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7' | b'_'))
}

fn int(word: &str) -> Option<i64> {
    let (negative, digits) = match word.as_bytes().first()? {
        b'-' => (true, &word[1..]),
        b'+' => (false, &word[1..]),
        _ => (false, word),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        _ if is_octal(digits) => (8, &digits[1..]),
        _ if digits.len() > 1 && digits.starts_with('0') => return None,
        _ => (10, digits),
    };
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    let sign = if negative { "-" } else { "" };
    if plain.starts_with(['+', '-']) { None } else { i64::from_str_radix(&format!("{sign}{plain}"), radix).ok() }
}

/// Parses digits with a dot or an exponent; infinities and NaN are not allowed in a template.
fn float(word: &str) -> Option<f64> {
    let plain = word.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE_".contains(&byte));
    let number: String = word.chars().filter(|c| *c != '_').collect();
    let digits = number.trim_start_matches(['+', '-']);
    // `012345678901` is a string for every reader of YAML 1.1: neither octal nor a number with a dot.
    let marked = digits.contains(['.', 'e', 'E']) || !digits.starts_with('0');
    (plain && marked && digits.contains(|c: char| c.is_ascii_digit())).then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(word: &str) -> String {
        format!("{:?}", resolve(word))
    }

    #[test]
    fn plain_scalars_are_read_as_in_yaml_1_1() {
        assert_eq!(word("yes"), "Bool(true)");
        assert_eq!(word("Off"), "Bool(false)");
        assert_eq!(word("~"), "Null");
        assert_eq!(word("0x1F"), "Int(31)");
        assert_eq!(word("0755"), "Int(493)");
        assert_eq!(word("-12"), "Int(-12)");
        assert_eq!(word("1_000"), "Int(1000)");
        assert_eq!(word("1.5"), "Float(1.5)");
        assert_eq!(word("1e3"), "Float(1000.0)");
        assert_eq!(word("0.5"), "Float(0.5)");
        assert_eq!(word("0"), "Int(0)");
    }

    #[test]
    fn almost_number_is_a_string() {
        for text in
            ["012345678901", "2010-09-09", "10.0.0.0/16", "1.2.3", "-", ".", "+", "--1", "0x", "22:22", "1e", "-x"]
        {
            assert_eq!(word(text), format!("Text({text:?})"));
        }
    }
}
