//! Long output, and files that are edited, saved and reloaded.

use std::fs::read_to_string;
use std::path::Path;

use super::terminal::{ENTER, repl};

const SCRIPT: &str =
    "let alb = Alb(\"Web\");\nStack(\"web\").add(FargateService(\"Web\").image(\"nginx:1.27\").behind(alb))\n";

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[test]
fn only_very_long_or_requested_output_goes_through_the_pager() {
    let folder = tempfile::tempdir().unwrap();
    let paging =
        |rows| repl(folder.path()).window(rows, 120).environment("PAGER", "sed 's/^/paged: /' | tail -n 3").open();
    // `:help` has about 40 lines: more than three screens of 8 lines, and fewer than three of 30.
    let mut terminal = paging(8);
    terminal.enter(":help");
    terminal.wait_text("paged:   :target");
    terminal.enter("1 + 1");
    terminal.wait_line("2");
    let mut terminal = paging(30);
    terminal.enter("help");
    terminal.wait_text("  :target [aws|rehearsal]");
    terminal.enter(":page [1, 2]");
    terminal.wait_text("paged: [1, 2]");
    // A pager that does not exist is not used.
    let mut terminal = repl(folder.path()).window(8, 120).environment("PAGER", "no-such-pager").open();
    terminal.enter(":help");
    terminal.wait_text("  :target [aws|rehearsal]");
}

#[test]
fn session_follows_the_data_files_that_its_scripts_read() {
    let folder = tempfile::tempdir().unwrap();
    let sizes = folder.path().join("sizes.json");
    write(&sizes, "60");
    write(
        &folder.path().join("app.rhai"),
        "let alb = Alb(\"Web\").idle_timeout(read_json(\"sizes.json\"));\n\
         Stack(\"web\").add(FargateService(\"Web\").image(\"nginx:1.27\").behind(alb))\n",
    );
    let mut terminal = repl(folder.path()).argument("app.rhai").window(60, 100).open();
    terminal.wait_text("variables: ");
    write(&sizes, "61");
    terminal.press(ENTER);
    terminal.wait_text("sizes.json changed; reloaded");
    terminal.wait_text("~ WebAlb");
}

#[test]
fn script_is_loaded_at_the_start_and_reloaded_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (script, module) = (folder.path().join("app.rhai"), folder.path().join("sizes.rhai"));
    write(&module, "export const SECONDS = 60;");
    let text = SCRIPT.replace(
        "let alb = Alb(\"Web\")",
        "import \"sizes\" as sizes;\nlet alb = Alb(\"Web\").idle_timeout(sizes::SECONDS)",
    );
    write(&script, &text);
    let mut terminal = repl(folder.path()).argument("app.rhai").window(60, 100).open();
    terminal.wait_text("variables: ");
    write(&module, "export const SECONDS = 61;");
    terminal.press(ENTER);
    terminal.wait_text("sizes.rhai changed; reloaded");
    terminal.wait_text("~ WebAlb");
    // A mistake leaves the session unchanged and is reported once; the fix is loaded.
    write(&script, "let alb = Alb(");
    terminal.enter("1 + 1");
    terminal.wait_text("error[");
    terminal.wait_line("2");
    terminal.enter("alb");
    terminal.wait_text("    .idle_timeout(61)\n");
    write(&script, &text.replace("nginx:1.27", "nginx:1.28"));
    terminal.press(ENTER);
    terminal.wait_text("~ WebTask");
}

#[test]
fn script_that_could_not_be_loaded_is_retried_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("app.rhai");
    write(&script, "let alb = Alb(");
    let mut terminal = repl(folder.path()).argument("app.rhai").open();
    terminal.wait_text("error[");
    write(&script, SCRIPT);
    terminal.press(ENTER);
    terminal.wait_text("variables: alb");
}

#[test]
fn edit_opens_the_editor_and_reloads_the_script() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("app.rhai"), SCRIPT);
    let editor = "sed -i 's/nginx:1.27/nginx:1.28/'";
    let mut terminal = repl(folder.path()).argument("app.rhai").environment("EDITOR", editor).window(50, 90).open();
    terminal.enter(":edit");
    terminal.wait_text("~ WebTask");
    let mut terminal = repl(folder.path()).argument("app.rhai").window(50, 90).open();
    terminal.enter(":edit");
    terminal.wait_text("nor `$EDITOR` is set");
    let mut terminal = repl(folder.path()).environment("VISUAL", "false").open();
    terminal.enter(":edit other.rhai");
    terminal.wait_text("`false` failed");
}

#[test]
fn save_asks_before_it_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved.rhai");
    let mut terminal = repl(folder.path()).window(60, 90).open();
    terminal.enter("Stack(\"web\").add(Alb(\"Web\").vpc(Vpc(\"Web\")))");
    terminal.wait_text("billed by the hour");
    terminal.enter(":save saved.rhai");
    terminal.wait_text("wrote saved.rhai");
    assert!(read_to_string(&saved).unwrap().contains("Alb(\"Web\")"));
    write(&saved, "// mine\n");
    terminal.enter(":save saved.rhai");
    terminal.wait_text("overwrite it? [y/N]");
    terminal.enter("n");
    terminal.wait_text("saved.rhai was not written");
    assert_eq!(read_to_string(&saved).unwrap(), "// mine\n");
    terminal.enter(":save saved.rhai");
    terminal.wait("the second question", |screen| screen.matches("overwrite it? [y/N]").count() == 2);
    terminal.enter("y");
    terminal.wait("the second write", |screen| screen.matches("wrote saved.rhai").count() == 2);
    assert!(read_to_string(&saved).unwrap().contains("Alb(\"Web\")"));
    terminal.enter(":save .");
    terminal.wait_text("cannot write `.`");
}
