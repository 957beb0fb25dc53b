//! The program is linked so that an error in memory is hard to use: `readelf` reads that from the program.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::process::Command;

/// Returns what `readelf` prints about the program.
fn readelf(option: &str) -> String {
    let output = Command::new("readelf").args([option, "--wide", env!("CARGO_BIN_EXE_rtiler")]).output();
    let output = output.expect("readelf is installed with the linker");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn program_is_position_independent() {
    assert!(readelf("--file-header").contains("DYN ("), "the program has a fixed address");
}

#[test]
fn tables_of_the_linker_are_read_only_before_the_program_starts() {
    assert!(readelf("--segments").contains("GNU_RELRO"), "no RELRO");
    assert!(readelf("--dynamic").contains("BIND_NOW"), "RELRO is not full: functions are bound when they are called");
}

#[test]
fn stack_is_not_executable() {
    let segments = readelf("--segments");
    let stack = segments.lines().find(|line| line.contains("GNU_STACK")).expect("a segment for the stack");
    assert!(stack.contains(" RW ") && !stack.contains(" RWE "), "{stack}");
}

#[test]
fn c_code_has_the_stack_protector() {
    assert!(readelf("--dyn-syms").contains("__stack_chk_fail"), "C was compiled without `.cargo/config.toml`");
}
