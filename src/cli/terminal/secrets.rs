//! Secrets that the terminal does not print.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::cfn::sensitive::{KnownSecrets, OptionsOfPrograms, ShowValues};
use crate::diag::{Code, Diagnostic, SourceMap};

/// The secrets of a command, shared by all its terminals.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrets {
    known: Arc<Mutex<KnownSecrets>>,
    permission: Option<ShowValues>,
}

impl Secrets {
    /// Returns the same secrets with the permission to print them.
    pub(super) fn shown(&self) -> Self {
        Self { permission: Some(ShowValues::requested()), ..self.clone() }
    }

    pub(super) fn permission(&self) -> Option<ShowValues> {
        self.permission
    }

    pub(super) fn add(&self, more: &KnownSecrets) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = known.with(more);
    }

    fn known(&self) -> KnownSecrets {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns a text without known secrets. The service's own texts keep what only looks like a credential.
    pub(super) fn hidden_in<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.permission.is_some() { Cow::Borrowed(text) } else { self.known().known_in(text) }
    }

    /// Returns diagnostics without secrets and credentials, and the lines that they show without those.
    pub(super) fn hidden_in_problems(
        &self,
        problems: &[Diagnostic],
        sources: &SourceMap,
    ) -> (Vec<Diagnostic>, SourceMap) {
        if self.permission.is_some() {
            return (problems.to_vec(), sources.clone());
        }
        let (known, mut clean) = (self.known(), sources.clone());
        let origins = problems.iter().flat_map(|problem| {
            problem.labels.iter().map(|label| &label.origin).chain(problem.trace.iter().map(|frame| &frame.origin))
        });
        // Such a warning may be about a property whose name does not show that it holds a secret.
        let plain = problems.iter().filter(|problem| problem.code == Code::PlaintextSecret);
        let plain: HashSet<u32> = plain.filter_map(Diagnostic::origin).map(|origin| origin.line).collect();
        let options = OptionsOfPrograms::named_in(&sources.texts());
        clean.change_lines(origins, |number, before, line| {
            let clean = known.same_width_after(before, line, &options);
            if plain.contains(&number) { without_texts(&clean) } else { clean }
        });
        (self.hidden_in_each(problems), clean)
    }

    /// Returns diagnostics without secrets and credentials.
    pub(super) fn hidden_in_each(&self, problems: &[Diagnostic]) -> Vec<Diagnostic> {
        let (known, mut clean) = (self.known(), problems.to_vec());
        for problem in clean.iter_mut().filter(|_| self.permission.is_none()) {
            let labels = problem.labels.iter_mut().map(|label| &mut label.message);
            let frames = problem.trace.iter_mut().map(|frame| &mut frame.what);
            let texts = std::iter::once(&mut problem.message).chain(&mut problem.notes);
            texts.chain(labels).chain(frames).for_each(|text| *text = known.text(text));
            problem.hints.iter_mut().for_each(|hint| *hint = hint.with_text(|text| known.known_in(text).into_owned()));
        }
        clean
    }
}

/// Returns a line with asterisks in place of every text after a colon or comma.
fn without_texts(line: &str) -> String {
    let (mut clean, mut quote, mut is_value) = (String::with_capacity(line.len()), None, false);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => (quote, is_value) = (None, false),
            (Some(_), _) if is_value => {
                clean.push('*');
                continue;
            }
            (None, '"' | '\'' | '`') => quote = Some(letter),
            (None, ':' | ',' | '=') => is_value = true,
            (None, letter) if !letter.is_whitespace() && letter != '[' => is_value = false,
            _ => {}
        }
        clean.push(letter);
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Origin;

    #[test]
    fn secret_is_hidden_in_texts_and_in_the_shown_lines_of_the_script() {
        let secrets = Secrets::default();
        secrets.add(&KnownSecrets::new(["hunter2hunter2".to_owned()]));
        let mut sources = SourceMap::default();
        sources.add("a.rhai", "let a = 1;\nlet b = \"hunter2hunter2\";\nlet c = f(#{ password: \"other-one\" });\n");
        let problem = Diagnostic::new(Code::PlaintextSecret, "`hunter2hunter2` is plain")
            .at(&Origin::new("a.rhai", 2, 10), "hunter2hunter2")
            .at(&Origin::new("a.rhai", 3, 1), "")
            .help("write `.key(\"hunter2hunter2\")`");
        let (problems, shown) = secrets.hidden_in_problems(&[problem], &sources);
        assert_eq!(problems[0].message, "`(not shown)` is plain");
        assert_eq!(problems[0].labels[0].message, "(not shown)");
        assert_eq!(problems[0].hints[0], "write `.key(\"(not shown)\")`");
        let expected = "let a = 1;\nlet b = \"**************\";\nlet c = f(#{ password: \"*********\" });\n";
        assert_eq!(shown.text("a.rhai"), Some(expected));
        assert_eq!(without_texts("Key(\"A\", #{ Value: \"x\", n: 1 })"), "Key(\"A\", #{ Value: \"*\", n: 1 })");
        assert_eq!(secrets.hidden_in("x hunter2hunter2 y"), "x (not shown) y");
        assert_eq!(secrets.shown().hidden_in("x hunter2hunter2 y"), "x hunter2hunter2 y");
    }

    #[test]
    fn secret_after_an_option_is_hidden_if_another_source_names_the_program() {
        let mut sources = SourceMap::default();
        sources.add("entry 1", "let web = web.entrypoint([\"mysql\"]);\n");
        sources.add("entry 2", "web.command([\"-phunter2\"]).cpu(\"x\")\n");
        let problem = Diagnostic::new(Code::WrongArgument, "no number").at(&Origin::new("entry 2", 1, 1), "");
        let (_, shown) = Secrets::default().hidden_in_problems(&[problem], &sources);
        assert_eq!(shown.text("entry 2"), Some("web.command([\"-p*******\"]).cpu(\"x\")\n"));
    }
}
