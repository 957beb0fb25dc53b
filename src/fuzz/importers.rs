//! Sources of other tools, written as scripts.

use super::{Allocated, NAME, assert_shown};
use crate::cfn::parse;
use crate::cfn::schema::Schema;
use crate::diag::{Code, Diagnostic, Sink, SourceMap};
use crate::importers::{self, Imported, SourceFiles};
use crate::script;

/// A folder with one manifest of Copilot, or with a file of variables.
struct OneFile<'a>(&'a str);

impl SourceFiles for OneFile<'_> {
    fn text(&self, path: &str) -> Option<String> {
        matches!(path, ".env" | "web/manifest.yml").then(|| self.0.to_owned())
    }

    fn names(&self, folder: &str) -> Vec<String> {
        if folder.is_empty() { vec!["web".to_owned()] } else { Vec::new() }
    }
}

/// Reads an input as a Compose file, as a template and as a manifest of Copilot.
pub(super) fn source(input: &[u8], _: Allocated) {
    let Ok(text) = parse::decode(NAME, input) else { return };
    let files = OneFile(text);
    let mut sources = SourceMap::default();
    sources.add(NAME, text);
    assert_sound(importers::compose(NAME, text, "fuzz", &files), &sources);
    assert_sound(importers::template(NAME, text, "fuzz", Schema::embedded()), &sources);
    assert_sound(importers::copilot(NAME, None, &files, Schema::embedded()), &SourceMap::default());
}

/// Asserts that what was written is a script: no text of a source ends a literal or a comment.
fn assert_sound(imported: Result<Imported, Sink>, sources: &SourceMap) {
    match imported {
        Err(problems) => assert_shown(&problems, sources),
        Ok(imported) => {
            let problems = script::format(NAME, &imported.script).err().unwrap_or_default();
            let is_depth =
                |problem: &Diagnostic| problem.code == Code::LimitDepth || problem.code == Code::LimitLiteral;
            assert!(problems.iter().all(is_depth), "{problems:?}\n{}", imported.script);
        }
    }
}
