//! The files of each kind of project.

use crate::cli::args::Template;

/// The steps of the workflow that need stacks.
const STEPS: &str =
    "      - run: rtiler check . --locked --deny warnings\n      - run: rtiler run . deploy --rehearse --locked\n";

/// Returns the files of a project with their paths and texts.
pub(super) fn files(template: Template, name: &str) -> Vec<(&'static str, String)> {
    let version = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
    let filled = |text: &str| text.replace("NAME", name).replace("VERSION", version);
    let mut files: Vec<(&'static str, String)> =
        own(template).iter().map(|(path, text)| (*path, filled(text))).collect();
    if template != Template::Package {
        files.push(("rtiler.toml", filled(include_str!("templates/rtiler.toml"))));
    }
    files.push((".gitignore", include_str!("templates/gitignore").to_owned()));
    // A package has no stack of its own.
    let steps = if template == Template::Package { "" } else { STEPS };
    let workflow = include_str!("templates/workflow.yml").replace("STEPS\n", steps);
    files.push((".github/workflows/stacks.yml", workflow));
    files.sort();
    files
}

/// Returns the files that only this kind of project has.
fn own(template: Template) -> &'static [(&'static str, &'static str)] {
    match template {
        Template::Web => &[
            ("app.rhai", include_str!("templates/web/app.rhai")),
            ("tests/app.rhai", include_str!("templates/web/tests/app.rhai")),
        ],
        Template::Worker => &[
            ("app.rhai", include_str!("templates/worker/app.rhai")),
            ("tests/app.rhai", include_str!("templates/worker/tests/app.rhai")),
        ],
        Template::Titiler => &[
            ("app.rhai", include_str!("templates/titiler/app.rhai")),
            ("tests/app.rhai", include_str!("templates/titiler/tests/app.rhai")),
        ],
        Template::Minimal => &[
            ("app.rhai", include_str!("templates/minimal/app.rhai")),
            ("tests/app.rhai", include_str!("templates/minimal/tests/app.rhai")),
        ],
        Template::Package => &[
            ("README.md", include_str!("templates/package/README.md")),
            ("main.rhai", include_str!("templates/package/main.rhai")),
            ("rtiler.toml", include_str!("templates/package/rtiler.toml")),
            ("tests/main.rhai", include_str!("templates/package/tests/main.rhai")),
        ],
    }
}
