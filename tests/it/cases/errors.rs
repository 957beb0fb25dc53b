//! Wrong scripts and templates, and what users are reported.

use rtiler::cfn::check;
use rtiler::cfn::schema::Schema;
use rtiler::diag::SourceMap;

use super::snapshots::Snapshots;
use super::{evaluate, files, folder, shown, stem};
use crate::scripted::deep;

#[test]
fn wrong_scripts_have_their_recorded_diagnostics() {
    deep(|| {
        let mut snapshots = Snapshots::new();
        let err = folder("tests/cases/err");
        let scripts = files(&err, "rhai");
        assert!(scripts.len() >= 50, "the scripts were found: {}", scripts.len());
        for script in &scripts {
            let case = evaluate(script);
            assert!(!case.problems.is_empty(), "{} has no problem", script.display());
            snapshots.compare(&err.join(stem(script) + ".txt"), &shown(&case.problems, &case.sources));
        }
        for template in files(&err, "yaml") {
            let text = std::fs::read_to_string(&template).unwrap();
            let name = template.file_name().unwrap().to_string_lossy().into_owned();
            let problems = check::file(&name, &text, Schema::embedded());
            let mut sources = SourceMap::default();
            sources.add(name, text);
            snapshots.compare(&err.join(stem(&template) + ".txt"), &shown(&problems, &sources));
        }
        snapshots.and_no_other(files(&err, "txt"));
        snapshots.end();
    });
}
