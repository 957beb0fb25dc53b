//! The stack of images and large templates, and what it holds, in the rehearsal account.

use std::process::Output;

use crate::program::{printed, rtiler};

/// A service with an image of rtiler's repository; `TAG` is its tag.
const SCRIPT: &str = r#"
let image = `${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/rtiler-images:TAG`;
let web = FargateService("Web").image(image).port(80).count(1);
Stack("web").add(web)
"#;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new(tag: &str) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write(&SCRIPT.replace("TAG", tag));
        desk
    }

    fn write(&self, script: &str) {
        std::fs::write(self.0.path().join("app.rhai"), script).unwrap();
    }

    fn run(&self, words: &str) -> Output {
        rtiler(self.0.path(), words.split(' ')).output().unwrap()
    }

    /// Runs a command that ends with this code, and returns what it prints.
    fn ends(&self, words: &str, code: i32) -> String {
        let output = self.run(words);
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(code), "{words}: {text}");
        text
    }
}

#[test]
fn bootstrap_is_created_once_and_removed_with_its_contents() {
    let desk = Desk::new("1111");
    assert!(desk.ends("bootstrap --rehearse --from empty", 0).contains("created"));
    assert!(desk.ends("bootstrap --rehearse", 0).contains("no changes"));
    desk.ends("run app.rhai deploy --rehearse --from saved", 0);
    let refused = desk.ends("bootstrap --remove --rehearse", 1);
    assert!(refused.contains("bootstrap-in-use") && refused.contains("web uses 1111"), "{refused}");
    desk.ends("run app.rhai destroy --rehearse", 0);
    let removed = desk.ends("bootstrap --remove --rehearse", 0);
    assert!(removed.contains("deleted 1 images and 0 templates"), "{removed}");
    assert!(desk.ends("bootstrap --remove --rehearse", 0).contains("nothing to remove"));
}

#[test]
fn image_is_unused_once_no_template_and_no_kept_revision_names_it() {
    let desk = Desk::new("1111");
    desk.ends("bootstrap --rehearse --from empty", 0);
    desk.ends("run app.rhai deploy --rehearse --from saved", 0);
    // The image of the previous revision is kept for a rollback.
    desk.write(&SCRIPT.replace("TAG", "2222"));
    desk.ends("run app.rhai deploy --rehearse --from saved", 0);
    let kept = desk.ends("gc --rehearse --older-than 1s", 0);
    assert!(kept.contains("nothing to remove: 2 images"), "{kept}");
    desk.ends("run app.rhai destroy --rehearse", 0);
    let listed = desk.ends("gc --rehearse --older-than 1s --dry-run", 0);
    assert!(listed.contains("would delete 2 images") && listed.contains("1111"), "{listed}");
    assert!(desk.ends("gc --rehearse", 0).contains("nothing to remove"), "they are too new");
    assert!(desk.ends("gc --rehearse --older-than 1s", 0).contains("deleted 2 images"));
}

#[test]
fn rehearsal_of_a_stack_that_needs_the_bootstrap_names_the_command() {
    let desk = Desk::new("1111");
    let text = desk.ends("run app.rhai deploy --rehearse --from empty --region eu-west-1", 0);
    assert!(text.contains("in AWS, run `rtiler bootstrap --region eu-west-1` first"), "{text}");
    desk.ends("bootstrap --rehearse --region eu-west-1", 0);
    let text = desk.ends("run app.rhai deploy --rehearse --from saved --region eu-west-1", 0);
    assert!(!text.contains("rtiler bootstrap"), "{text}");
}

#[test]
fn rollback_and_import_with_a_large_template_name_the_command() {
    let desk = Desk::new("1111");
    let script = |value: &str| {
        format!(
            "let stack = Stack(\"large\");\nfor i in 0..20 {{\n    let value = \"{value}\";\n    value.pad(4000, 'x');\n    \
             stack = stack.add(AWS::SSM::Parameter(`P${{i}}`, #{{ Type: \"String\", Value: value, Name: `/large/${{i}}` }}).deletion_policy(\"Retain\"));\n}}\nstack\n"
        )
    };
    let hint = "more than a request may have, and needs a bucket; in AWS, run `rtiler bootstrap` first";
    desk.write(&script("1"));
    assert!(desk.ends("run app.rhai deploy --rehearse --from empty", 0).contains(hint));
    desk.write(&script("2"));
    desk.ends("run app.rhai deploy --rehearse --from saved", 0);
    let text = desk.ends("run app.rhai rollback --rehearse", 0);
    assert!(text.contains(hint), "{text}");
    let text = desk.ends("run app.rhai import large P0=/large/0 --rehearse", 3);
    assert!(text.contains(hint), "{text}");
    desk.ends("bootstrap --rehearse", 0);
    assert!(!desk.ends("run app.rhai rollback --rehearse", 0).contains(hint));
}

#[test]
fn commands_that_messages_suggest_work_on_the_bootstrap() {
    let desk = Desk::new("1111");
    desk.ends("bootstrap --rehearse --from empty", 0);
    assert!(desk.ends("run std/bootstrap outputs --rehearse", 0).contains("Version=1"));
    let template = desk.ends("bootstrap --show", 0);
    assert!(template.contains("aws:SecureTransport") && template.contains("ScanOnPush: true"), "{template}");
}
