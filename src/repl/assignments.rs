//! Parsing of `NAME=VALUE NAME=VALUE`.

/// Parses assignments. A value reaches to the next name with a `=`, so it may have blanks; within quotes or brackets there
/// are no names. Returns `None` if the text does not begin with a name.
pub(super) fn parse(text: &str) -> Option<Vec<(String, String)>> {
    let starts = starts(text);
    if starts.first() != Some(&0) {
        return None;
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let parts = starts.iter().zip(ends).filter_map(|(start, end)| text[*start..end].split_once('='));
    Some(parts.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect())
}

/// Returns the places where an assignment begins.
fn starts(text: &str) -> Vec<usize> {
    let (mut starts, mut depth, mut quote, mut after_blank) = (Vec::new(), 0_usize, None, true);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[' | '{' | '(') => depth += 1,
            (None, ']' | '}' | ')') => depth = depth.saturating_sub(1),
            (None, _) if after_blank && depth == 0 && begins_assignment(&text[at..]) => starts.push(at),
            _ => {}
        }
        after_blank = letter.is_whitespace();
    }
    starts
}

fn begins_assignment(text: &str) -> bool {
    let name = text.split('=').next().filter(|name| name.len() < text.len()).unwrap_or_default().trim_end();
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_') && name.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap_or_default()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn several_assignments_are_separated_by_blanks() {
        assert_eq!(parsed("a=1 b=2"), pairs(&[("a", "1"), ("b", "2")]));
        assert_eq!(parsed("cpu = 512"), pairs(&[("cpu", "512")]));
        assert_eq!(parsed("title=tiles for all  cpu=1"), pairs(&[("title", "tiles for all"), ("cpu", "1")]));
        assert_eq!(parsed("empty= cpu=1"), pairs(&[("empty", ""), ("cpu", "1")]));
    }

    #[test]
    fn values_in_brackets_and_quotes_are_whole() {
        let json = r#"env={"A": "x y=2", "B": "c"} buckets=["a", "b"] n=1"#;
        let expected = [("env", r#"{"A": "x y=2", "B": "c"}"#), ("buckets", r#"["a", "b"]"#), ("n", "1")];
        assert_eq!(parsed(json), pairs(&expected));
        assert_eq!(parsed("query=a=b"), pairs(&[("query", "a=b")]));
        assert_eq!((parse("cpu"), parse("=1"), parse("")), (None, None, None));
    }
}
