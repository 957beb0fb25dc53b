//! The dependencies of the binary: licences, one HTTP stack, no C libraries for cryptography.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Licences that require their notice, and MPL for changes to its own files. (`cargo deny` takes minutes to install.)
const ACCEPTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "MPL-2.0+",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that must never come in, and why.
const BANNED: &[(&str, &str)] = &[
    ("aws-lc-sys", "TLS is rustls with ring: no build of C that takes minutes"),
    ("openssl-sys", "TLS is rustls with ring"),
    ("native-tls", "TLS is rustls with ring"),
    ("serde_yaml", "dead; we read and write YAML ourselves"),
    ("serde_yml", "RUSTSEC-2025-0068"),
];

/// Returns the crates that a user's binary is built from on this platform.
fn packages() -> Vec<Value> {
    let tree = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let metadata: Value = serde_json::from_slice(&tree.stdout).expect("cargo writes JSON");
    metadata["packages"].as_array().cloned().expect("there are packages")
}

/// Returns whether accepted licences alone satisfy a licence expression.
fn is_accepted(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ").replace(" WITH LLVM-exception", "");
    plain.split(" AND ").all(|part| part.split(" OR ").any(|licence| ACCEPTED.contains(&licence.trim())))
}

#[test]
fn every_crate_has_an_accepted_licence() {
    let strange: Vec<String> = packages()
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(is_accepted))
        .map(|package| format!("{} {}: {}", package["name"], package["version"], package["license"]))
        .collect();
    assert_eq!(strange, Vec::<String>::new());
    assert!(!is_accepted("GPL-3.0-only") && !is_accepted("MIT AND AGPL-3.0"));
}

#[test]
fn banned_crates_are_absent_and_http_has_one_stack() {
    let packages = packages();
    let versions = |name: &str| packages.iter().filter(|package| package["name"] == name).count();
    for (name, reason) in BANNED {
        assert_eq!(versions(name), 0, "`{name}` is back: {reason}");
    }
    // The SDK's types bring the traits of `http-body` 0.4 as well as those of 1, without a second client.
    for name in ["hyper", "rustls", "tokio", "h2"] {
        assert!(versions(name) <= 1, "`{name}` comes in {} versions", versions(name));
    }
}

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
