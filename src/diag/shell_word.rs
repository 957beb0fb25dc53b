/// Returns a word as a POSIX shell reads it: in single quotes if it has other characters than names have.
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_with_blanks_or_quotes_is_one_word_of_a_shell() {
        assert_eq!(shell_word("../acme-web@v1.2"), "../acme-web@v1.2");
        assert_eq!(shell_word("my shop/a"), "'my shop/a'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
