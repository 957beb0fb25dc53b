//! The notices of the libraries that the program is built from. `deny.toml` says which libraries may come in.

use std::collections::BTreeSet;
use std::process::Command;

/// Returns the names and versions of the crates that the program is built from, on every platform.
fn shipped() -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--edges", "normal,build", "--target", "all", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let lines = String::from_utf8_lossy(&tree.stdout).into_owned();
    let crates = lines.lines().filter_map(|line| line.split_once(" v"));
    let crates = crates.filter(|(name, _)| *name != "rtiler");
    crates.map(|(name, rest)| format!("{name} {}", rest.split(' ').next().unwrap_or(rest))).collect()
}

#[test]
fn notices_name_every_crate_of_the_program_with_its_version() {
    let notices = include_str!("../../THIRD-PARTY-NOTICES.txt");
    let lines = notices.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(" ("));
    let named: BTreeSet<&str> = lines.map(|(name, _)| name).collect();
    let missing: Vec<String> = shipped().into_iter().filter(|known| !named.contains(known.as_str())).collect();
    assert_eq!(missing, Vec::<String>::new(), "run `python3 tools/notices/build.py`");
    for (name, source) in [("smartstring", "bodil/smartstring"), ("minicbor", "minicbor")] {
        let line = notices.lines().find(|line| line.starts_with(&format!("  {name} ")));
        assert!(line.is_some_and(|line| line.contains(source)), "{name} has the address of its source");
    }
}
