//! The words of a command line that is being typed.

/// Splits a line into words as a POSIX shell does, without expansions. The last word is the one at the cursor; it is empty
/// after a blank, and a quote in it may be open.
pub(super) fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None::<char>);
    let mut started = false;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\'' | '"', None) => (quote, started) = (Some(letter), true),
            (letter, Some(open)) if letter == open => quote = None,
            ('\\', None | Some('"')) => {
                word.extend(letters.next());
                started = true;
            }
            (letter, None) if letter.is_whitespace() => {
                if started {
                    words.push(std::mem::take(&mut word));
                }
                started = false;
            }
            (letter, _) => {
                word.push(letter);
                started = true;
            }
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn last_word_is_the_one_at_the_cursor() {
        assert_eq!(split("rtiler run "), ["rtiler", "run", ""]);
        assert_eq!(split("rtiler run my\\ app.rhai 'a b' \"c"), ["rtiler", "run", "my app.rhai", "a b", "c"]);
        assert_eq!(split("rtiler --set x='"), ["rtiler", "--set", "x="]);
    }
}
