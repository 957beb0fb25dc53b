//! Parsing of a line that is a command.

use super::command::ReplCommand;
use crate::diag::did_you_mean;

/// A line that begins with a colon.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ParsedLine<'a> {
    /// A command with its argument.
    Known(ReplCommand, &'a str),
    /// An unknown name, with a hint that suggests a command.
    Unknown(&'a str, Option<String>),
    /// The first letters of several commands.
    Ambiguous(&'a str, Vec<ReplCommand>),
}

/// Parses a line that begins with a colon. An unambiguous prefix of a name is enough: `:res`.
pub(super) fn parse(line: &str) -> Option<ParsedLine<'_>> {
    let rest = line.trim().strip_prefix(':')?;
    let (name, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let matching: Vec<ReplCommand> =
        ReplCommand::ALL.iter().copied().filter(|command| command.name().starts_with(name)).collect();
    Some(match (ReplCommand::from_name(name), matching.as_slice()) {
        (Some(command), _) => ParsedLine::Known(command, argument.trim()),
        (None, [only]) if !name.is_empty() => ParsedLine::Known(*only, argument.trim()),
        (None, [_, ..]) if !name.is_empty() => ParsedLine::Ambiguous(name, matching),
        _ => ParsedLine::Unknown(name, suggestion(name)),
    })
}

/// Parses a line that is a word for help or for the end, as other REPLs have it: `help`, `help plan`, `exit`, `quit()`.
pub(super) fn parse_word(line: &str) -> Option<ParsedLine<'_>> {
    let line = line.trim();
    let (word, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let (name, argument) = (word.strip_suffix("()").unwrap_or(word), argument.trim());
    let is_about_command = || argument.is_empty() || ReplCommand::from_name(argument).is_some();
    match ReplCommand::from_name(name).filter(|_| !word.starts_with(':'))? {
        ReplCommand::Help if is_about_command() => Some(ParsedLine::Known(ReplCommand::Help, argument)),
        ReplCommand::Quit if argument.is_empty() => Some(ParsedLine::Known(ReplCommand::Quit, "")),
        _ => None,
    }
}

/// Returns the command that a line without a colon begins with, if it begins with one.
pub(super) fn without_colon(line: &str) -> Option<ReplCommand> {
    let name = line.split_whitespace().next()?;
    ReplCommand::from_name(name).filter(|_| !line.trim().contains('\n'))
}

/// Returns a hint with the command of the nearest name.
pub(super) fn suggestion(name: &str) -> Option<String> {
    let hint = did_you_mean(name, ReplCommand::ALL.iter().map(|command| command.name()))?;
    Some(hint.replacen('`', "`:", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_gives_a_command_and_its_argument() {
        assert_eq!(parse("  :doc  Alb.url "), Some(ParsedLine::Known(ReplCommand::Doc, "Alb.url")));
        assert_eq!(parse(":rel"), Some(ParsedLine::Known(ReplCommand::Reload, "")));
        assert_eq!(parse(":set a=1"), Some(ParsedLine::Known(ReplCommand::Set, "a=1")));
        assert_eq!(parse("1 + 1"), None);
    }

    #[test]
    fn first_letters_of_several_commands_are_ambiguous() {
        let both = vec![ReplCommand::History, ReplCommand::Help];
        assert_eq!(parse(":h"), Some(ParsedLine::Ambiguous("h", both)));
        assert_eq!(parse(":set"), Some(ParsedLine::Known(ReplCommand::Set, "")));
        assert_eq!(parse(":"), Some(ParsedLine::Unknown("", None)));
    }

    #[test]
    fn words_for_help_and_the_end_need_no_colon() {
        for line in ["exit", "quit", "quit()", " exit() "] {
            assert_eq!(parse_word(line), Some(ParsedLine::Known(ReplCommand::Quit, "")), "{line}");
        }
        assert_eq!(parse_word("help"), Some(ParsedLine::Known(ReplCommand::Help, "")));
        assert_eq!(parse_word("help plan"), Some(ParsedLine::Known(ReplCommand::Help, "plan")));
        for line in ["help + 1", "exit now", "quitter", "helper()", "deploy"] {
            assert_eq!(parse_word(line), None, "{line}");
        }
    }

    #[test]
    fn misspelt_command_gives_a_suggestion() {
        assert_eq!(
            parse(":resorces"),
            Some(ParsedLine::Unknown("resorces", Some("did you mean `:resources`?".into())))
        );
    }
}
