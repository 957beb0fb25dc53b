//! The text of errors and help of the command line.

use crate::printable::{from_ansi, is_printable_text, one_line};

/// Returns the text of an error, or help, for the words that were given; `parse` parses words.
///
/// The text mixes the styles of the library, which are escape sequences, with the words of the user. Words that have control
/// characters are made visible and parsed again, so that each sequence is a style of the library.
pub(crate) fn error_text(
    error: &clap::Error,
    words: &[String],
    parse: impl FnOnce(&[String]) -> Option<clap::Error>,
) -> String {
    if words.iter().all(|word| is_printable_text(word)) {
        return styled_text(error);
    }
    let visible: Vec<String> = words.iter().map(|word| one_line(word).into_owned()).collect();
    // The visible words may be valid; without its styles the text has no sequence of the library.
    parse(&visible).map_or_else(|| error.to_string(), |error| styled_text(&error))
}

fn styled_text(error: &clap::Error) -> String {
    from_ansi(&error.render().ansi().to_string())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::*;
    use crate::cli::args::Args;
    use crate::printable::plain;

    fn parse(words: &[String]) -> Option<clap::Error> {
        let matches = Args::command().try_get_matches_from(words);
        matches.and_then(|matches| Args::from_arg_matches(&matches).map(drop)).err()
    }

    fn text(words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        error_text(&parse(&words).expect("an error"), &words, parse)
    }

    #[test]
    fn word_with_an_escape_sequence_is_shown_and_not_coloured() {
        let text = text(&["rtiler", "run", "a.rhai", "deploy", "--\u{1b}[31mx\nerror: forged"]);
        assert!(plain(&text).contains("unexpected argument '--␛[31mx␊error: forged'"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn error_of_plain_words_has_styles() {
        let text = text(&["rtiler", "explian"]);
        assert!(plain(&text).starts_with("error: ") && plain(&text) != text, "{text:?}");
    }
}
