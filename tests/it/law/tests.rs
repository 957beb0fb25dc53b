//! The tests of the rules themselves, on small libraries.

use std::collections::BTreeMap;

use super::cycles::cycles;
use super::doors::misplaced;
use super::rooms::upward_imports;
use super::tree::Tree;
use super::words::forbidden_words;

/// Parses a library of these files under `src`.
fn library(files: &[(&str, &str)]) -> Tree {
    let texts: BTreeMap<String, String> =
        files.iter().map(|(path, text)| (format!("src/{path}"), (*text).to_owned())).collect();
    Tree::parse(&texts)
}

/// Returns whether a file of `cfn` with this code is found to import `cli`.
fn imports_cli(code: &str) -> bool {
    let tree = library(&[
        ("lib.rs", "pub mod cfn; pub mod cli; pub mod diag;"),
        ("cfn/mod.rs", "mod deep;"),
        ("cfn/deep.rs", code),
        ("cli/mod.rs", "mod files; pub use files::Files;"),
        ("cli/files.rs", "pub struct Files; pub fn open() {}"),
        ("diag/mod.rs", "pub struct Code;"),
    ]);
    upward_imports(&tree).contains_key("src/cfn/deep.rs")
}

#[test]
fn upward_import_in_any_form_is_found() {
    for code in [
        "use crate::cli::Files;",
        "use crate::{cli::Files, diag::Code};",
        "use crate::{diag, cli};",
        "use super::super::cli::Files as Disk;",
        "use crate as rtiler; fn f() { rtiler::cli::open() }",
        "fn f(_: &crate::cli::files::Files) {}",
        "fn f() { g(vec![crate::cli::open()]) }",
        "fn f() { use crate::cli::Files; }",
        "use crate::cli::*;",
        "impl super::super::cli::Files { fn f() {} }",
    ] {
        assert!(imports_cli(code), "{code}");
    }
}

#[test]
fn import_downwards_or_of_a_test_is_not_refused() {
    for code in [
        "use crate::diag::Code;",
        "#[cfg(test)] use crate::cli::Files;",
        "#[cfg(test)] mod tests { use crate::cli::Files; }",
        "// crate::cli::Files\nconst TEXT: &str = \"crate::cli::Files\";",
        "use cli::Files;",
    ] {
        assert!(!imports_cli(code), "{code}");
    }
}

/// Returns the cycles of a folder `cfn` with these files, without their common folder.
fn cycles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let mut all = vec![("lib.rs", "pub mod cfn;")];
    all.extend(files);
    let found = cycles(&library(&all).edges());
    let short = |file: String| file.trim_start_matches("src/cfn/").to_owned();
    found.into_iter().map(|cycle| cycle.into_iter().map(short).collect()).collect()
}

#[test]
fn siblings_that_import_each_other_through_their_parent_are_a_cycle() {
    let found = cycles_of(&[
        ("cfn/mod.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("cfn/a.rs", "use super::B; pub struct A;"),
        ("cfn/b.rs", "pub struct B(super::A);"),
    ]);
    assert_eq!(found, [["a.rs", "b.rs"]]);
}

#[test]
fn three_files_in_a_ring_are_a_cycle() {
    let found = cycles_of(&[
        ("cfn/mod.rs", "mod a; mod b; mod c;"),
        ("cfn/a.rs", "use super::b; pub fn f() { b::f() }"),
        ("cfn/b.rs", "pub fn f() { super::c::f() }"),
        ("cfn/c.rs", "pub fn f() { assert_eq!(super::a::f(), ()) }"),
    ]);
    assert_eq!(found, [["a.rs", "b.rs", "c.rs"]]);
}

#[test]
fn child_that_uses_an_item_of_its_folder_is_not_a_cycle() {
    let parent = ("cfn/mod.rs", "mod a; use a::A; pub struct Shared; pub fn f(_: A) {}");
    assert_eq!(cycles_of(&[parent, ("cfn/a.rs", "use super::Shared; pub struct A(Shared);")]), no_cycles());
}

#[test]
fn folder_and_file_next_to_it_that_import_each_other_are_a_cycle() {
    let found = cycles_of(&[
        ("cfn/mod.rs", "mod a; mod b;"),
        ("cfn/a/mod.rs", "mod deep; pub struct A; pub use deep::Deep;"),
        ("cfn/a/deep.rs", "pub struct Deep(crate::cfn::b::B);"),
        ("cfn/b.rs", "use super::a::Deep; pub struct B(Deep);"),
    ]);
    assert_eq!(found, [["a/deep.rs", "b.rs"]]);
}

#[test]
fn re_export_alone_is_not_a_cycle() {
    let found = cycles_of(&[
        ("cfn/mod.rs", "mod a; mod b;"),
        ("cfn/a/mod.rs", "pub use super::b::B; pub struct A;"),
        ("cfn/b.rs", "use super::a::A; pub struct B(A);"),
    ]);
    assert_eq!(found, no_cycles());
}

fn no_cycles() -> Vec<Vec<String>> {
    Vec::new()
}

#[test]
fn use_of_the_outside_world_is_found_behind_an_import_and_in_a_macro() {
    let found = |code: &str| !misplaced(&library(&[("lib.rs", "pub mod cfn;"), ("cfn/mod.rs", code)])).is_empty();
    for code in [
        "use std::fs; fn f() { fs::read(\"x\"); }",
        "use std::{env as environment}; fn f() { environment::var(\"x\"); }",
        "fn f() { println!(\"x\") }",
        "use std::time::Instant; fn f() { g!(Instant::now()) }",
        "use rhai::Dynamic;",
        "fn f(_: aws_config::Region) {}",
    ] {
        assert!(found(code), "{code}");
    }
    for code in ["use std::time::Instant; fn f(_: Instant) {}", "fn f() { let rhai = 1; format!(\"{rhai} std::fs\"); }"]
    {
        assert!(!found(code), "{code}");
    }
}

#[test]
fn forbidden_word_is_found_in_prose_in_names_and_over_the_end_of_a_line() {
    let words = |text: &str| -> Vec<(usize, String)> {
        forbidden_words(text).into_iter().map(|(line, word, _)| (line, word)).collect()
    };
    assert_eq!(words("/// It works.\nfn what_is_told() {}"), [(2, "told".to_owned())]);
    assert_eq!(words("struct StackStory;"), [(1, "story".to_owned())]);
    assert_eq!(words("// This goes\n    // on."), [(1, "goes on".to_owned())]);
    assert_eq!(words("there is no stack; it is no longer standing"), []);
    assert_eq!(words("`x` is no ARN"), [(1, "is no arn".to_owned())]);
}
