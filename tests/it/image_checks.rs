//! `check --images` and `images` on images of a real registry: one image for each fault.

#![cfg(feature = "oci")]

use std::path::Path;
use std::process::{Command, Output};

use crate::harness::{DockerRegistry, containers_are_wanted};
use crate::program::{printed, rtiler};

/// A registry with images made by buildah, and a folder for scripts and the cache.
struct Images {
    registry: DockerRegistry,
    folder: tempfile::TempDir,
}

/// What an image runs unless a test sets something else: a program without root on port 8080.
const GOOD: [&str; 8] = ["--user", "10001", "--port", "8080", "--env", "PORT=8080", "--cmd", "/app/serve"];

impl Images {
    fn new() -> Self {
        let images = Self { registry: DockerRegistry::start(), folder: tempfile::tempdir().unwrap() };
        std::fs::write(images.folder.path().join("serve"), "#!/bin/sh\n").unwrap();
        images
    }

    fn buildah(&self, arguments: &[&str]) -> String {
        let (root, run) = (self.path("storage/root"), self.path("storage/run"));
        let mut command = Command::new("buildah");
        let command = command.args(["--root", &root, "--runroot", &run, "--storage-driver", "vfs"]);
        let output = command.args(arguments).output().expect("the tests need `buildah` (Debian's package)");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn name(&self, tag: &str) -> String {
        format!("{}/team/web:{tag}", self.registry.host())
    }

    /// Creates an image with a configuration, without pushing it.
    fn create(&self, name: &str, architecture: &str, configuration: &[&str]) {
        let container = self.buildah(&["from", "--arch", architecture, "scratch"]);
        self.buildah(&["copy", &container, &self.path("serve"), "/app/serve"]);
        let config = ["config", "--arch", architecture, "--os", "linux"];
        self.buildah(&[&config[..], configuration, &[container.as_str()]].concat());
        self.buildah(&["commit", &container, name]);
    }

    /// Pushes an image with a configuration, and returns its name.
    fn push(&self, tag: &str, architecture: &str, configuration: &[&str]) -> String {
        let name = self.name(tag);
        self.create(&name, architecture, configuration);
        self.buildah(&["push", "--tls-verify=false", &name]);
        name
    }

    /// Pushes an index of images for these architectures, and returns its name.
    fn push_index(&self, tag: &str, architectures: &[&str]) -> String {
        let name = self.name(tag);
        self.buildah(&["manifest", "create", &name]);
        for architecture in architectures {
            let part = format!("localhost/{tag}-{architecture}:1");
            self.create(&part, architecture, &GOOD);
            self.buildah(&["manifest", "add", &name, &format!("containers-storage:{part}")]);
        }
        self.buildah(&["manifest", "push", "--all", "--tls-verify=false", &name, &format!("docker://{name}")]);
        name
    }

    /// Runs a command on a script with a service of an image.
    fn run(&self, image: &str, setters: &str, arguments: &str) -> Output {
        let script = format!(
            "let web = FargateService(\"Web\").image(\"{image}\").port(8080){setters};\nStack(\"app\").add(web)\n"
        );
        std::fs::write(self.folder.path().join("app.rhai"), script).unwrap();
        self.rtiler(&format!("run app.rhai {arguments}"))
    }

    fn rtiler(&self, line: &str) -> Output {
        let mut command = rtiler(self.folder.path(), line.split(' '));
        command.env("RTILER_CACHE", self.path("cache")).env("DOCKER_CONFIG", self.path("no-docker"));
        command.env("AWS_EC2_METADATA_DISABLED", "true").output().unwrap()
    }

    /// Returns the codes that a check of the images finds.
    fn codes(&self, image: &str, setters: &str) -> Vec<String> {
        let output = self.run(image, setters, "check --images --json");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}", printed(&output));
        });
        let problems = document["problems"].as_array().unwrap_or_else(|| panic!("{document}"));
        let codes = problems.iter().map(|problem| problem["code"].as_str().unwrap().to_owned());
        codes.filter(|code| code.contains("image")).collect()
    }
}

#[test]
fn each_fault_of_an_image_is_found_and_a_good_image_has_none() {
    if !containers_are_wanted() {
        return;
    }
    let images = Images::new();
    let good = images.push("good", "amd64", &GOOD);
    assert_eq!(images.codes(&good, ""), [""; 0]);
    assert_eq!(images.codes(&images.name("missing"), ""), ["image-missing"]);
    assert_eq!(images.codes(&good, ".arm64()"), ["image-platform"]);
    let low = images.push("low", "amd64", &["--user", "app", "--port", "80", "--cmd", "/app/serve"]);
    assert_eq!(images.codes(&low, ""), ["image-port"], "it exposes 80, and the container maps 8080");
    let root = images.push("root", "amd64", &["--port", "8080", "--cmd", "/app/serve"]);
    assert_eq!(images.codes(&root, ""), [""; 0]);
    let other = images.push("other", "amd64", &["--user", "app", "--env", "PORT=9000", "--cmd", "/app/serve"]);
    assert_eq!(images.codes(&other, ""), ["image-port"], "its PORT is 9000");
    let empty = images.push("empty", "amd64", &["--user", "app", "--port", "8080", "--cmd", "", "--entrypoint", ""]);
    assert_eq!(images.codes(&empty, ""), ["image-program"]);
    assert_eq!(images.codes(&empty, ".command([\"/app/serve\"])"), [""; 0]);
}

#[test]
fn user_without_root_and_a_low_port_are_a_warning_at_both_lines() {
    if !containers_are_wanted() {
        return;
    }
    let images = Images::new();
    let image = images.push("low", "amd64", &["--user", "app", "--port", "80", "--cmd", "/app/serve"]);
    let script = format!(
        "let web = FargateService(\"Web\")\n    .image(\"{image}\")\n    .port(80);\nStack(\"app\").add(web)\n"
    );
    std::fs::write(images.folder.path().join("app.rhai"), script).unwrap();
    let text = printed(&images.rtiler("run app.rhai check --images"));
    assert!(text.contains("warning[image-user]") && text.contains("app.rhai:2:"), "{text}");
    assert!(text.contains("may not open port 80"), "{text}");
}

#[test]
fn index_has_the_platforms_of_its_images() {
    if !containers_are_wanted() {
        return;
    }
    let images = Images::new();
    let both = images.push_index("both", &["amd64", "arm64"]);
    assert_eq!(images.codes(&both, ""), [""; 0]);
    assert_eq!(images.codes(&both, ".arm64()"), [""; 0]);
    let one = images.push_index("one", &["arm64"]);
    assert_eq!(images.codes(&one, ""), ["image-platform"]);
}

#[test]
fn images_lists_what_the_registry_knows_and_its_cache_without_it() {
    if !containers_are_wanted() {
        return;
    }
    let images = Images::new();
    let both = images.push_index("both", &["amd64", "arm64"]);
    let document = |output: &Output| -> serde_json::Value {
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", printed(output)))
    };
    let listed = document(&images.run(&both, "", "images --json"))["result"][0].clone();
    assert_eq!((&listed["image"], &listed["source"]), (&both.clone().into(), &"registry".into()), "{listed}");
    assert!(listed["digest"].as_str().unwrap().starts_with("sha256:"), "{listed}");
    let platforms = listed["platforms"].as_array().unwrap();
    assert_eq!(platforms.len(), 2, "{listed}");
    let needed: Vec<_> = platforms.iter().filter(|it| it["compressed_bytes"].is_u64()).collect();
    assert_eq!(needed.len(), 1, "{listed}");
    assert_eq!(needed[0]["platform"], "linux/amd64");
    assert!(needed[0]["created"].is_string(), "{listed}");
    assert_eq!(listed["used_by"][0]["block"], "FargateService Web");
    let text = printed(&images.run(&both, "", "images"));
    assert!(text.contains("FargateService Web/web") && text.contains("linux/amd64, linux/arm64"), "{text}");
    let rehearsed = document(&images.run(&both, "", "images --rehearse --json"))["result"][0].clone();
    assert_eq!(rehearsed["digest"], listed["digest"], "the cache has it");
    let missing = document(&images.run(&images.name("missing"), "", "images --json"))["result"][0].clone();
    assert_eq!(missing["unread"], "it does not exist in its registry");
}

/// Returns whether a path names a file of the program's cache.
fn is_cached(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|files| files.count() > 0)
}

#[test]
fn check_fills_the_cache_and_a_rehearsal_does_not() {
    if !containers_are_wanted() {
        return;
    }
    let images = Images::new();
    let good = images.push("good", "amd64", &GOOD);
    images.run(&good, "", "images --rehearse");
    assert!(!is_cached(&images.folder.path().join("cache/images/content")), "a rehearsal sends no request");
    images.run(&good, "", "check --images");
    assert!(is_cached(&images.folder.path().join("cache/images/content")));
}
