//! Completion in real shells, and the man page in real readers. A shell that is not installed is named and skipped.

use std::path::Path;
use std::process::Command;

const SCRIPT: &str = r#"
let s = settings("APP", #{ stage: "dev", verbose: false });
print("not for the shell");
let web = FargateService("Web").image("nginx:1.29").port(80);
Stack(`shop-${s.stage}`).add(web)
"#;

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.rhai"), SCRIPT).unwrap();
    std::fs::create_dir(folder.path().join("bin")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_rtiler"), folder.path().join("bin/rtiler")).unwrap();
    folder
}

/// Runs a program; nothing if it is not installed.
fn run(program: &str, arguments: &[&str], folder: &Path) -> Option<String> {
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.join("bin").display());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env_clear();
    let environment = [("PATH", path.as_str()), ("HOME", folder.to_str().unwrap()), ("LC_ALL", "C.UTF-8")];
    match command.envs(environment).output() {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && errors.is_empty(), "{program}: {errors}");
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(_) => {
            eprintln!("{program} is not installed: its test did not run");
            None
        }
    }
}

/// Lines to complete, and the candidates that a shell offers for each.
const LINES: &[(&str, &[&str])] = &[
    ("rtiler comp", &["completions"]),
    ("rtiler run app.rhai dep", &["deploy"]),
    ("rtiler run app.rhai deploy sh", &["shop-dev"]),
    ("rtiler run app.rhai deploy --set stage=prod sh", &["shop-prod"]),
    ("rtiler run app.rhai deploy --set st", &["stage="]),
    ("rtiler run app.rhai deploy --set verbose=t", &["verbose=true"]),
    ("rtiler run app.rhai logs We", &["WebService"]),
    ("rtiler run app.rhai deploy --fault WebService:oo", &["WebService:oom"]),
    ("rtiler explain fargate-s", &["fargate-size"]),
    ("rtiler doc FargateService.cp", &["FargateService.cpu"]),
    ("rtiler run app.rhai deploy --require-approval b", &["broadening"]),
];

#[test]
fn bash_completes_words_and_names_of_the_script() {
    let folder = project();
    for (line, expected) in LINES {
        // Bash breaks words at `=` and `:` and replaces the last part only.
        let last = line.rsplit(' ').next().unwrap();
        let kept = last.rfind(['=', ':']).map_or("", |at| &last[..=at]);
        let expected: Vec<String> = expected.iter().map(|word| word.strip_prefix(kept).unwrap().to_owned()).collect();
        let script = format!(
            "source <(rtiler completions bash); COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:'; COMP_LINE='{line}'; \
             COMP_POINT={}; COMP_WORDS=(rtiler); _rtiler; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            line.len()
        );
        let Some(found) = run("bash", &["--norc", "--noprofile", "-c", &script], folder.path()) else { return };
        assert_eq!(found.lines().collect::<Vec<_>>(), expected, "{line}");
    }
}

#[test]
fn bash_offers_files_for_a_script() {
    let folder = project();
    let line = "rtiler run app";
    let script = format!(
        "source <(rtiler completions bash); COMP_LINE='{line}'; COMP_POINT={}; COMP_WORDS=(rtiler); _rtiler; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        line.len()
    );
    let found = run("bash", &["--norc", "--noprofile", "-c", &script], folder.path());
    assert!(found.is_none_or(|found| found == "app.rhai\n"));
}

#[test]
fn fish_completes_words_and_names_of_the_script() {
    let folder = project();
    for (line, expected) in LINES {
        let script = format!("rtiler completions fish | source; complete -C '{line}'");
        let Some(found) = run("fish", &["--no-config", "-c", &script], folder.path()) else { return };
        let words: Vec<&str> = found.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert_eq!(words, *expected, "{line}");
    }
}

#[test]
fn zsh_completes_words_and_names_of_the_script() {
    let folder = project();
    for (line, expected) in LINES {
        let words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
        // Replaces the completion system of an interactive shell.
        let script = format!(
            "compadd() {{ while [[ $1 != -- ]]; do shift; done; shift; print -rl -- \"$@\" }}; compdef() {{ }}; \
             eval \"$(rtiler completions zsh)\"; words=({}); CURRENT={}; _rtiler",
            words.join(" "),
            words.len()
        );
        let Some(found) = run("zsh", &["-f", "-c", &script], folder.path()) else { return };
        assert_eq!(found.lines().collect::<Vec<_>>(), *expected, "{line}");
    }
}

#[test]
fn completion_of_a_script_with_an_error_is_silent_and_writes_nothing() {
    let folder = project();
    std::fs::write(folder.path().join("app.rhai"), "let a = ;").unwrap();
    let found = run("rtiler", &["complete", "--line", "rtiler run app.rhai deploy "], folder.path());
    let bin = folder.path().join("bin/rtiler").display().to_string();
    let found = found.or_else(|| run(&bin, &["complete", "--line", "rtiler run app.rhai deploy "], folder.path()));
    assert_eq!(found.as_deref(), Some("\n"));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn man_page_is_read_without_a_warning() {
    let folder = project();
    let bin = folder.path().join("bin/rtiler").display().to_string();
    let page = run(&bin, &["man"], folder.path()).unwrap();
    std::fs::write(folder.path().join("rtiler.1"), page).unwrap();
    let written = Command::new(&bin).args(["man", "--output", "pages"]).current_dir(folder.path()).output().unwrap();
    assert!(written.status.success());
    for page in ["rtiler.1", "pages/rtiler-run-deploy.1"] {
        let groff = run("groff", &["-man", "-Tutf8", "-ww", page], folder.path());
        let text = groff.or_else(|| run("mandoc", &["-Tutf8", page], folder.path()));
        assert!(text.is_none_or(|text| text.contains("approval") || text.contains("scripts")), "{page}");
    }
}
