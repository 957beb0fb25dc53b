//! Candidates and signature help at positions of the cursor.

use std::rc::Rc;
use std::sync::Arc;

use super::*;
use crate::package::{FileTree, Grants, LoadedPackage, Manifest, Packages};
use crate::script::session::Session;
use crate::script::{Limits, LoadError, SourceLoader};

struct Project;

impl SourceLoader for Project {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        match path {
            "lib/web.rhai" => Ok("fn service(name, image) { name }\nexport const TAG = 1;".to_owned()),
            _ => Err(LoadError::Missing),
        }
    }
}

impl DirectoryListing for Project {
    fn list(&self, path: &str) -> Vec<String> {
        let names: &[&str] = match path {
            "" => &["app.rhai", "lib/", "notes.txt"],
            "lib/" => &["web.rhai"],
            _ => &[],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}

fn session() -> Session {
    let mut session = Session::new(Rc::new(Project), Vec::new(), Limits::default());
    for line in [
        "let alb = Alb(\"Web\")",
        "let tiles = AWS::S3::Bucket(\"Tiles\")",
        "let s = settings(\"WEB\", #{ cpu: 256, name: \"web\" })",
        "fn web_image(tag) { tag }",
        "import \"std/titiler\" as titiler",
        "import \"lib/web\" as web",
        "let list = [1]",
        "FargateService(\"Last\")",
    ] {
        assert!(matches!(session.evaluate(line), crate::script::session::EntryResult::Done(_)), "{line}");
    }
    session
}

/// The text before the cursor; the candidates that must be first (`^`), present, or absent (`!`).
const POSITIONS: &[(&str, &[&str])] = &[
    // Names.
    ("al", &["^alb"]),
    ("let x = t", &["tiles", "titiler::"]),
    ("web", &["web_image(", "web::"]),
    ("Far", &["^FargateService("]),
    ("let c = Clu", &["Cluster("]),
    ("Vpc::", &["existing("]),
    ("Image", &["Image::build("]),
    ("cfn::j", &["join("]),
    ("cfn::", &["azs(", "sub("]),
    ("titiler::", &["GDAL"]),
    ("web::", &["service(", "TAG"]),
    ("le", &["let "]),
    ("let ", &["!alb"]),
    ("let mine = 1; mi", &["^mine"]),
    ("fn f(parameter_one) { param", &["^parameter_one", "parameter("]),
    ("for zone in list { zo", &["^zone"]),
    ("list.map(|item| ite", &["^item"]),
    ("`http://${al", &["^alb"]),
    ("// al", &["!alb"]),
    // Members.
    ("alb.", &["^vpc(", "listen(", "url", "!cpu("]),
    ("alb.li", &["^listen("]),
    ("alb.u", &["url"]),
    ("FargateService(\"x\").cpu(1).", &["^cluster(", "memory(", "name"]),
    ("FargateService(\"x\").cluster(Cluster(\"y\")).", &["image("]),
    ("FargateService(\"x\")\n    .cpu(1)\n    .mem", &["^memory("]),
    ("Scaling(1..=2).", &["^cpu(", "requests_per_target(", "no_scale_in()"]),
    ("let a = FargateService(\"x\"); a.", &["^cluster("]),
    ("let a = Alb(\"x\").internal(); a.", &["listen(", "url"]),
    ("_.", &["^cluster("]),
    ("Vpc::existing(\"vpc-1\").pub", &["^public_subnets("]),
    ("(alb).re", &["^redirect_http()"]),
    ("Stack(\"s\").add(alb).out", &["^output("]),
    ("tiles.", &["Arn", "DomainName", "deletion_policy("]),
    ("AWS::S3::Bucket(\"x\").dep", &["^depends_on("]),
    ("AWS::S3::Bucket(\"x\").A", &["^Arn"]),
    ("s.", &["^cpu", "name", "keys()"]),
    ("s.name.", &["split(", "len"]),
    ("list.", &["push(", "map("]),
    ("\"text\".to_", &["to_upper()"]),
    ("let t = settings(\"X\", #{ one: 1, two: 2 }); t.", &["^one", "two"]),
    // Resources.
    ("AWS::", &["Region", "S3::", "ECS::"]),
    ("AWS::EC2::Inst", &["^Instance("]),
    ("AWS::S3::", &["Bucket(", "BucketPolicy("]),
    ("AWS::EC2::Instance(\"x\", #{", &["ImageId: ", "InstanceType: ", "!PublicIp: "]),
    ("AWS::EC2::Instance(\"x\", #{ ImageId: \"ami-1\", Im", &["!ImageId: "]),
    ("AWS::ECS::Service(\"x\", #{ DeploymentConfiguration: #{ Min", &["^MinimumHealthyPercent: "]),
    ("AWS::ECS::Service(\"x\", #{ LaunchType: ", &["\"FARGATE\"", "\"EC2\""]),
    ("AWS::ECS::Service(\"x\", #{ LaunchType: \"FAR", &["FARGATE"]),
    ("AWS::S3::Bucket(\"x\", #{ Tags: [#{ ", &["^Key: ", "Value: "]),
    ("AWS::KMS::Key(\"x\", #{ EnableKeyRotation: ", &["^true", "false"]),
    ("AWS::SQS::Queue(\"x\", #{ QueueName: al", &["alb"]),
    ("FargateService(\"x\").override(\"AWS::ECS::Service\", #{ Prop", &["^PropagateTags: "]),
    ("FargateService(\"x\").override(\"AWS::ECS::Ser", &["AWS::ECS::Service"]),
    // Texts.
    ("import \"", &["std/titiler", "app", "lib/", "!notes.txt"]),
    ("import \"lib/", &["^lib/web"]),
    ("tiles.deletion_policy(\"", &["Retain", "Snapshot"]),
    ("FargateService(\"x\").subnets(\"p", &["public", "private"]),
    ("Gunicorn().log_level(\"", &["debug", "critical"]),
    ("let o = optional(\"", &["int", "string"]),
    ("import ", &["\"std/titiler\""]),
];

#[test]
fn candidates_at_each_position_are_as_expected() {
    let session = session();
    let mut wrong = String::new();
    for (text, wanted) in POSITIONS {
        let found = session.complete(text, text.len(), &Project);
        let texts: Vec<&str> = found.candidates.iter().map(|candidate| candidate.text.as_str()).collect();
        for wanted in *wanted {
            let good = match wanted.as_bytes()[0] {
                b'^' => texts.first() == Some(&&wanted[1..]),
                b'!' => !texts.contains(&&wanted[1..]),
                _ => texts.contains(wanted),
            };
            if !good {
                wrong += &format!("{text}  wants {wanted}, has {:?}\n", &texts[..texts.len().min(12)]);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(POSITIONS.len() >= 50);
}

#[test]
fn candidate_replaces_the_typed_prefix() {
    let session = session();
    let range = |text: &str| session.complete(text, text.len(), &Project).range;
    assert_eq!(range("let x = Farg"), 8..12);
    assert_eq!(range("import \"lib/w"), 8..13);
    assert_eq!(range("`${al"), 3..5);
    let found = session.complete("al + 1", 2, &Project);
    assert_eq!((found.range, found.candidates[0].text.as_str()), (0..2, "alb"));
    assert!(found.candidates[0].description.contains("Alb"));
}

#[test]
fn completion_at_any_cursor_does_not_panic() {
    let session = session();
    let ends = [
        "`${ \"é ]})({[ /* ${`",
        "\r\n_.\r\n🦀::🦀.\u{a0}\u{3000}#{ é: \"",
        "import \"é/🦀",
        "AWS::É::É(\"x\", #{ É: [#{ ",
    ];
    for text in ends.iter().map(|end| (*end).to_owned()).chain(scripts()) {
        // Every place would take minutes; this step is prime to what repeats in a script.
        let step = if text.len() < 100 { 1 } else { text.len() / 60 + 1 };
        for cursor in (0..=text.len() + 1).step_by(step) {
            session.complete(&text, cursor, &Project);
            session.signature_help(&text, cursor);
        }
    }
}

/// Returns the scripts of the project, and each with carriage returns.
#[allow(clippy::disallowed_methods, reason = "a test reads the project's own files")]
fn scripts() -> Vec<String> {
    let mut all = Vec::new();
    for folder in ["scripts", "stdlib"] {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|end| end == "rhai") {
                let text = std::fs::read_to_string(path).expect("a script");
                all.extend([text.replace('\n', "\r\n"), text]);
            }
        }
    }
    assert!(all.len() > 2, "there are scripts");
    all
}

#[test]
fn signature_help_names_the_argument_at_the_cursor() {
    let session = session();
    let hint =
        |text: &str| session.signature_help(text, text.len()).map(|hint| (hint.signature, hint.argument, hint.doc));
    let (signature, argument, doc) = hint("FargateService(\"x\").cpu(").expect("a hint");
    assert_eq!((signature.as_str(), &signature[argument]), ("FargateService.cpu(units)", "units"));
    assert!(doc.starts_with("Sets the CPU units of a task"), "{doc}");
    let (signature, argument, _) = hint("alb.access_logs(\"bucket\", ").expect("a hint");
    assert_eq!(&signature[argument], "prefix");
    assert_eq!(hint("web_image(").expect("a hint").0, "web_image(tag)");
    assert_eq!(hint("AWS::S3::Bucket(").expect("a hint").0, "AWS::S3::Bucket(id, properties)");
    let (signature, _, doc) = hint("AWS::ECS::Service(\"x\", #{ DesiredCount: ").expect("a hint");
    assert!(signature == "DesiredCount: integer" && !doc.is_empty(), "{signature}: {doc}");
    assert_eq!(hint("1 + "), None);
}

#[test]
fn text_argument_offers_exactly_the_declared_values() {
    let session = session();
    let offered = |text: &str| -> Vec<String> {
        session.complete(text, text.len(), &Project).candidates.into_iter().map(|candidate| candidate.text).collect()
    };
    let mut listed = 0;
    for kind in crate::script::bindings::types() {
        for method in kind.methods.iter().filter(|method| !method.values.listed().is_empty()) {
            let before = "\"a\", ".repeat(method.parameters.len() - 1);
            let owner = format!("{}(\"x\").{}({before}\"", kind.name, method.name);
            assert_eq!(offered(&owner), method.values.listed(), "{owner}");
            listed += 1;
        }
    }
    assert!(listed > 4, "{listed} methods list values");
    assert!(offered("FargateService(\"x\").user(\"").is_empty(), "a word of the documentation is not a value");
    assert_eq!(offered("optional(\""), crate::settings::SettingType::NAMES);
}

/// A project that imports a package.
struct WithPackage;

impl SourceLoader for WithPackage {
    fn read(&self, _path: &str) -> Result<String, LoadError> {
        Err(LoadError::Missing)
    }

    fn packages(&self) -> Arc<Packages> {
        let manifest = |name: &str, rest: &str| {
            let text = format!("[package]\nname = \"{name}\"\nversion = \"1.2.0\"\n{rest}");
            Arc::new(Manifest::parse("rtiler.toml", &text).expect("a manifest"))
        };
        let mut files = FileTree::default();
        let text = "/// Creates a service. More.\nfn web_service(name, image) { name }\nfn empty() { 1 }\nprivate fn inner() { 1 }\n";
        files.add("main.rhai", text.as_bytes().to_vec()).expect("a file");
        let package =
            LoadedPackage { manifest: manifest("acme-web", ""), files: Arc::new(files), granted: Grants::default() };
        let project = manifest("app", "[dependencies]\nacme-web = { path = \"../web\" }\n");
        Arc::new(Packages::new(project, [package]))
    }
}

#[test]
fn package_and_its_functions_are_candidates() {
    let session = Session::new(Rc::new(WithPackage), Vec::new(), Limits::default());
    let found = |text: &str| session.complete(text, text.len(), &Project).candidates;
    assert_eq!(found("import \"ac")[0].text, "acme-web");
    assert_eq!(found("import ac")[0].text, "\"acme-web\"");
    let functions = found("import \"acme-web\" as web; web::");
    let texts: Vec<&str> = functions.iter().map(|candidate| candidate.text.as_str()).collect();
    assert_eq!(texts, ["web_service(", "empty()"]);
    assert_eq!(functions[0].description, "web_service(name, image): Creates a service");
}
