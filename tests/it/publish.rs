//! `rtiler publish`: which files it sends, what it refuses, and that other programs read what it sent.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::program::{printed, rtiler};

const MANIFEST: &str =
    "[package]\nname = \"acme-web\"\nversion = \"1.2.0\"\ndescription = \"Web services\"\nlicence = \"MIT\"\n";
const ENTRY: &str =
    "/// Creates a web service.\nfn web_service(name, image) { FargateService(name).image(image).port(80) }\n";

/// Returns a folder with the package and further files.
fn package(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("rtiler.toml", MANIFEST), ("main.rhai", ENTRY)].iter().chain(files) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// Runs `rtiler publish TARGET` and returns its exit code and what it printed to both streams.
fn publish(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = rtiler(folder, ["publish"].iter().chain(arguments).copied()).output().unwrap();
    (output.status.code(), printed(&output))
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let end = Command::new("git").arg("-C").arg(folder).args(identity).args(arguments).output().unwrap();
    assert!(end.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&end.stderr));
}

const TARGET: &str = "oci://registry.example.com/team/acme-web";

#[test]
fn dry_run_lists_what_would_be_sent() {
    let folder = package(&[
        ("README.md", "hello\n"),
        (".env", "A=1"),
        ("vendor/x/main.rhai", "1"),
        ("rtiler.lock", "format = 1\n"),
    ]);
    let (code, text) = publish(folder.path(), &[TARGET, "--dry-run"]);
    assert_eq!(code, Some(0), "{text}");
    let files: Vec<&str> = text.lines().take_while(|line| !line.starts_with("exports")).map(str::trim_start).collect();
    assert_eq!(
        files,
        ["6  README.md", &format!("{}  main.rhai", ENTRY.len()), &format!("{}  rtiler.toml", MANIFEST.len())]
    );
    assert!(text.contains("exports: web_service(name, image)\n"), "{text}");
    assert!(text.contains(&format!("would publish {TARGET}:1.2.0 ")), "{text}");
    // The digest depends on nothing but the files.
    let other = package(&[("README.md", "hello\n")]);
    assert_eq!(publish(other.path(), &[TARGET, "--dry-run"]).1, text);
    std::fs::write(other.path().join("README.md"), "Hello\n").unwrap();
    assert_ne!(publish(other.path(), &[TARGET, "--dry-run"]).1, text);
}

#[test]
fn package_is_found_from_a_folder_of_it() {
    let folder = package(&[("lib/net.rhai", "1")]);
    let (code, text) = publish(&folder.path().join("lib"), &[TARGET, "--dry-run"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("lib/net.rhai"), "{text}");
}

#[test]
fn hostile_or_careless_packages_are_refused() {
    let key = format!("let key = \"{}{}\";\n", "AKIA", "2E0A8F3B244C9986");
    let folder = package(&[("lib/keys.rhai", &key)]);
    let (code, text) = publish(folder.path(), &[TARGET, "--dry-run"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("error[publish-secret]: line 1 of `lib/keys.rhai` holds a credential"), "{text}");
    assert!(text.contains("keys.rhai\n"), "the files are listed all the same: {text}");

    let folder = package(&[]);
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("users.txt")).unwrap();
    let (code, text) = publish(folder.path(), &[TARGET, "--dry-run"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("`users.txt` is a link"), "{text}");

    for (target, message) in [
        ("registry.example.com/web", "is not a repository of a registry"),
        ("oci://registry.example.com/web:1.3.0", "names the version `1.3.0`"),
        ("oci://registry.example.com/../web", "is not the name of a repository"),
        ("oci://registry.example.com", "has no repository"),
    ] {
        let (code, text) = publish(folder.path(), &[target]);
        assert_eq!(code, Some(2), "{target}: {text}");
        assert!(text.contains(message), "{target}: {text}");
    }
}

#[test]
fn changes_that_are_not_committed_are_refused() {
    let folder = package(&[]);
    git(folder.path(), &["init", "-q", "."]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "x"]);
    assert_eq!(publish(folder.path(), &[TARGET, "--dry-run"]).0, Some(0));
    std::fs::write(folder.path().join("main.rhai"), format!("{ENTRY}// more\n")).unwrap();
    let (code, text) = publish(folder.path(), &[TARGET, "--dry-run"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("error[publish-refused]: `main.rhai` has changes that are not committed"), "{text}");
    assert_eq!(publish(folder.path(), &[TARGET, "--dry-run", "--allow-dirty"]).0, Some(0));
}

#[test]
fn package_whose_tests_fail_is_not_sent() {
    let folder = package(&[("tests/web.rhai", "fn test_one() { assert_eq(1, 2); }\n")]);
    // No registry is asked: the port is closed.
    let (code, text) = publish(folder.path(), &["oci://127.0.0.1:1/web"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("test_one"), "{text}");
}

#[test]
fn missing_licence_is_a_warning() {
    let folder = package(&[]);
    std::fs::write(folder.path().join("rtiler.toml"), MANIFEST.replace("licence = \"MIT\"\n", "")).unwrap();
    let (code, text) = publish(folder.path(), &[TARGET, "--dry-run"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("warning[publish-incomplete]: the package has no `licence`"), "{text}");
}

#[test]
fn documentation_shows_the_packages_of_a_project() {
    let folder = package(&[(
        "app/rtiler.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nacme-web = { path = \"..\" }\n",
    )]);
    let doc = |folder: &Path, name: &str| printed(&rtiler(folder, ["doc", name]).output().unwrap());
    for folder in [folder.path(), &folder.path().join("app")] {
        assert!(doc(folder, "acme-web").contains("import \"acme-web\" as web;"), "{}", doc(folder, "acme-web"));
        let page = doc(folder, "acme-web::web_service");
        assert!(page.starts_with("web::web_service(name, image)\n\nCreates a web service.\n"), "{page}");
        assert!(page.contains("It creates `FargateService`."), "{page}");
    }
    assert!(!folder.path().join("app/rtiler.lock").exists(), "documentation writes nothing");
    assert!(doc(&folder.path().join("app"), "acme-web::web_sevrice").contains("did you mean `acme-web::web_service`"));
}

#[test]
fn json_names_the_files_and_the_digest() {
    let folder = package(&[]);
    let output = rtiler(folder.path(), ["publish", TARGET, "--dry-run", "--json"]).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["result"]["published"], false, "{document}");
    assert_eq!(document["result"]["files"][0]["file"], "main.rhai");
    assert_eq!(document["result"]["exports"][0], "web_service(name, image)");
}

#[cfg(feature = "oci")]
#[test]
fn published_package_is_read_by_skopeo_and_never_replaced() {
    use crate::harness::{DockerRegistry, containers_are_wanted};
    if !containers_are_wanted() {
        return;
    }
    let registry = DockerRegistry::start();
    let target = format!("oci://{}/team/acme-web", registry.host());
    let folder = package(&[("README.md", "hello\n")]);
    let (code, dry) = publish(folder.path(), &[&target, "--dry-run"]);
    assert_eq!(code, Some(0), "{dry}");
    let digest = dry.lines().find_map(|line| line.strip_prefix("digest:")).unwrap().trim();
    let (code, text) = publish(folder.path(), &[&target]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains(digest), "{text}");

    let skopeo = |arguments: &[&str]| {
        let output = Command::new("skopeo").args(arguments).output().expect("Debian's package skopeo is installed");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let image = format!("docker://{}/team/acme-web", registry.host());
    let tags: Value = serde_json::from_slice(&skopeo(&["list-tags", "--tls-verify=false", &image])).unwrap();
    assert_eq!(tags["Tags"], serde_json::json!(["1.2.0"]));
    let raw = skopeo(&["inspect", "--raw", "--tls-verify=false", &format!("{image}:1.2.0")]);
    let manifest: Value = serde_json::from_slice(&raw).unwrap();
    assert_eq!(manifest["artifactType"], "application/vnd.rtiler.package.v1");
    // The files are a tar file that `tar` reads.
    let copy = tempfile::tempdir().unwrap();
    skopeo(&["copy", "--src-tls-verify=false", &format!("{image}:1.2.0"), &format!("dir:{}", copy.path().display())]);
    let layer = manifest["layers"][0]["digest"].as_str().unwrap().trim_start_matches("sha256:");
    let listing = Command::new("tar").arg("-tf").arg(copy.path().join(layer)).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&listing.stdout), "README.md\nmain.rhai\nrtiler.toml\n");

    std::fs::write(folder.path().join("README.md"), "changed\n").unwrap();
    let (code, text) = publish(folder.path(), &[&target]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("error[publish-exists]"), "{text}");
    assert_eq!(skopeo(&["inspect", "--raw", "--tls-verify=false", &format!("{image}:1.2.0")]), raw);
}

#[cfg(feature = "oci")]
#[test]
fn published_package_is_added_used_and_updated_by_another_project() {
    use crate::harness::{DockerRegistry, containers_are_wanted};
    if !containers_are_wanted() {
        return;
    }
    let registry = DockerRegistry::start();
    let target = format!("oci://{}/team/acme-web", registry.host());
    let web = package(&[]);
    assert_eq!(publish(web.path(), &[&target]).0, Some(0));

    let app = tempfile::tempdir().unwrap();
    std::fs::write(app.path().join("rtiler.toml"), "[package]\nname = \"app\"\nversion = \"0.1.0\"\n").unwrap();
    let script = "import \"acme-web\" as web;\nStack(\"app\").add(web::web_service(\"Shop\", \"nginx:1.27\"))\n";
    std::fs::write(app.path().join("main.rhai"), script).unwrap();
    let run = |arguments: &[&str]| {
        let output = rtiler(app.path(), arguments.iter().copied()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", printed(&output));
        printed(&output)
    };
    run(&["add", &format!("{target}:1.2")]);
    let lock = || std::fs::read_to_string(app.path().join("rtiler.lock")).unwrap();
    assert!(lock().contains("revision = \"sha256:"), "{}", lock());
    run(&["check", ".", "--locked", "--offline"]);

    std::fs::write(web.path().join("rtiler.toml"), MANIFEST.replace("1.2.0", "1.3.0")).unwrap();
    assert_eq!(publish(web.path(), &[&target]).0, Some(0));
    assert!(run(&["outdated"]).contains("1.3.0"));
    run(&["update"]);
    assert!(lock().contains("version = \"1.3.0\""), "{}", lock());
    run(&["check", ".", "--locked", "--offline"]);
}
