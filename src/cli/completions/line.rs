//! The last word of a command line: an option, the value of one, a command or an argument, by the declaration of the
//! command line.

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::values::{Given, Source};
use super::{Answer, Candidate};
use crate::cli::args::Args;
use crate::cli::terminal::Terminal;

/// The words before the cursor, followed through the commands.
struct Position<'c> {
    command: &'c Command,
    /// The number of arguments that are not options.
    positional: usize,
    /// The option whose value is at the cursor.
    pending: Option<&'c Arg>,
    /// Whether `--` was typed.
    is_escaped: bool,
    given: Given,
}

/// Returns the candidates for the last of the words after the name of the program.
pub(super) fn answer(words: &[String], terminal: &Terminal, allocated: fn() -> usize) -> Answer {
    let mut root = Args::command();
    root.build();
    let Some((last, before)) = words.split_last() else { return Answer::default() };
    let mut position =
        Position { command: &root, positional: 0, pending: None, is_escaped: false, given: Given::default() };
    before.iter().for_each(|word| position.read(word));
    let source = Source { given: &position.given, terminal, allocated };
    let mut answer = position.answer(last, &source);
    answer.candidates.retain(|candidate| candidate.text.starts_with(last.as_str()));
    answer
}

impl<'c> Position<'c> {
    /// Reads a word before the cursor.
    fn read(&mut self, word: &str) {
        if let Some(option) = self.pending.take() {
            self.given.add(option.get_id().as_str(), word);
        } else if self.is_escaped {
            self.positional += 1;
        } else if word == "--" {
            self.is_escaped = true;
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let option = self.options().find(|arg| arg.get_long() == Some(name)).filter(|arg| takes_value(arg));
            match (option, value) {
                (Some(option), Some(value)) => self.given.add(option.get_id().as_str(), value),
                (option, None) => self.pending = option,
                (None, Some(_)) => {}
            }
        } else if let Some(short) = word.strip_prefix('-').filter(|short| !short.is_empty()) {
            let last = short.chars().last();
            self.pending = self.options().find(|arg| arg.get_short() == last).filter(|arg| takes_value(arg));
        } else if let Some(inner) = self.command.find_subcommand(word).filter(|_| self.takes_command()) {
            (self.command, self.positional) = (inner, 0);
        } else {
            if let Some(argument) = self.argument() {
                self.given.add(argument.get_id().as_str(), word);
            }
            self.positional += 1;
        }
    }

    fn options(&self) -> impl Iterator<Item = &'c Arg> + use<'c> {
        self.command.get_arguments().filter(|arg| !arg.is_positional() && !arg.is_hide_set())
    }

    /// Returns the argument at the cursor; the last one may be given several times.
    fn argument(&self) -> Option<&'c Arg> {
        let all: Vec<&Arg> =
            self.command.get_positionals().filter(|arg| arg.is_last_set() == self.is_escaped).collect();
        let several = all.last().filter(|arg| matches!(arg.get_action(), ArgAction::Append));
        all.get(self.positional).or(several).copied()
    }

    /// Returns whether a command can follow: its own arguments are complete.
    fn takes_command(&self) -> bool {
        self.command.has_subcommands() && self.positional >= self.command.get_positionals().count()
    }

    fn answer(&self, last: &str, source: &Source<'_>) -> Answer {
        if let Some(option) = self.pending {
            return source.values(self.command, option, last);
        }
        if let Some((name, value)) = last.split_once('=').filter(|_| last.starts_with("--") && !self.is_escaped) {
            let option = self.options().find(|arg| arg.get_long() == name.strip_prefix("--"));
            let Some(option) = option.filter(|arg| takes_value(arg)) else { return Answer::default() };
            let mut answer = source.values(self.command, option, value);
            answer.candidates.iter_mut().for_each(|candidate| candidate.text = format!("{name}={}", candidate.text));
            return answer;
        }
        if last.starts_with('-') && !self.is_escaped {
            return Answer { candidates: self.options().flat_map(option_names).collect(), files: false };
        }
        if self.takes_command() && !self.is_escaped {
            let commands = self.command.get_subcommands().filter(|inner| !inner.is_hide_set());
            let about = |inner: &Command| inner.get_about().map(ToString::to_string).unwrap_or_default();
            let candidates = commands.map(|inner| Candidate::new(inner.get_name(), about(inner))).collect();
            return Answer { candidates, files: false };
        }
        self.argument().map(|argument| source.values(self.command, argument, last)).unwrap_or_default()
    }
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

fn option_names(arg: &Arg) -> impl Iterator<Item = Candidate> + use<> {
    let about = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let long = arg.get_long().map(|long| format!("--{long}"));
    let short = arg.get_short().map(|short| format!("-{short}"));
    long.into_iter().chain(short).map(move |name| Candidate::new(name, about.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Globals;

    fn complete(line: &str) -> Vec<String> {
        let words: Vec<String> = line.split(' ').skip(1).map(str::to_owned).collect();
        let answer = answer(&words, &Terminal::new(&Globals::default()), || 0);
        answer.candidates.into_iter().map(|candidate| candidate.text).collect()
    }

    #[test]
    fn command_of_run_follows_the_script() {
        assert!(complete("rtiler ").contains(&"run".to_owned()));
        assert_eq!(complete("rtiler run a.rhai dep"), ["deploy"]);
        assert_eq!(complete("rtiler run a.rhai --quiet roll"), ["rollback"]);
        assert_eq!(complete("rtiler run a.rhai --set x=1 roll"), ["rollback"]);
        assert!(complete("rtiler compl").contains(&"completions".to_owned()));
        assert!(!complete("rtiler compl").contains(&"complete".to_owned()), "hidden");
    }

    #[test]
    fn options_and_their_listed_values_are_offered() {
        assert_eq!(complete("rtiler run a.rhai deploy --require"), ["--require-approval"]);
        assert_eq!(complete("rtiler run a.rhai deploy --require-approval b"), ["broadening"]);
        assert_eq!(complete("rtiler run a.rhai deploy --require-approval=n"), ["--require-approval=never"]);
        assert_eq!(complete("rtiler completions z"), ["zsh"]);
        assert!(complete("rtiler run a.rhai run-task Web -- --re").is_empty(), "words of the container's command");
    }

    #[test]
    fn names_of_the_reference_and_codes_are_offered() {
        assert_eq!(complete("rtiler doc FargateService.cp"), ["FargateService.cpu"]);
        assert_eq!(complete("rtiler doc AWS::S3::BucketP"), ["AWS::S3::BucketPolicy"]);
        assert_eq!(complete("rtiler explain fargate-s"), ["fargate-size"]);
        assert!(complete("rtiler doc ").len() > 100);
    }
}
