//! Several processes in one folder: none undoes what another did in the rehearsal account.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::program::{printed, rtiler};

fn deploy(folder: &Path, stack: &str, more: &[&str]) -> Child {
    let mut command = rtiler(folder, ["run", "app.rhai", "deploy", stack, "--rehearse"]);
    command.args(more);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn project(stacks: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let stacks: Vec<String> =
        (0..stacks).map(|at| format!("Stack(\"app-{at}\").add(AWS::SQS::Queue(\"Jobs\", #{{}}))")).collect();
    std::fs::write(folder.path().join("app.rhai"), format!("[{}]", stacks.join(", "))).unwrap();
    folder
}

#[test]
fn parallel_deployments_are_all_saved() {
    let folder = project(6);
    let children: Vec<Child> = (0..6).map(|at| deploy(folder.path(), &format!("app-{at}"), &[])).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", printed(&output));
    }
    for at in 0..6 {
        let output = deploy(folder.path(), &format!("app-{at}"), &[]).wait_with_output().unwrap();
        assert!(printed(&output).contains("no changes"), "app-{at} was lost:\n{}", printed(&output));
    }
}

#[test]
fn lock_of_the_account_names_its_owner_and_ends_with_it() {
    let folder = project(1);
    let mut slow = deploy(folder.path(), "app-0", &["--speed", "0.05"]);
    let lock = folder.path().join(".rtiler/rehearsal.lock");
    let began = Instant::now();
    while !std::fs::read_to_string(&lock).is_ok_and(|holder| holder.contains("since")) {
        assert!(began.elapsed() < Duration::from_mins(1), "the account is never held");
        std::thread::sleep(Duration::from_millis(20));
    }
    let second = deploy(folder.path(), "app-0", &[]).wait_with_output().unwrap();
    let text = printed(&second);
    assert!(text.contains("error[rehearsal-in-use]"), "{text}");
    assert!(text.contains(&format!("process {} since 20", slow.id())), "{text}");
    slow.kill().unwrap();
    slow.wait().unwrap();
    let third = deploy(folder.path(), "app-0", &[]).wait_with_output().unwrap();
    assert!(third.status.success(), "{}", printed(&third));
}

#[test]
fn file_in_place_of_the_folder_is_reported() {
    let folder = project(1);
    std::fs::write(folder.path().join(".rtiler"), "").unwrap();
    let output = deploy(folder.path(), "app-0", &[]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    assert!(printed(&output).contains("error[file-unwritable]: cannot write to `.rtiler`"), "{}", printed(&output));
}
