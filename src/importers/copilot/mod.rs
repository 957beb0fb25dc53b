//! AWS Copilot: the manifests of an application as one stack.

mod addons;
mod http;
mod job;
mod keys;
mod messaging;
mod nlb;
mod scaling;
mod sidecar;
mod stages;
mod task;
mod values;

use indexmap::IndexMap;

use super::draft::Draft;
use super::interpolation::Variables;
use super::names::{Taken, block_name, variable_name};
use super::note::Note;
use super::secrets::Secrets;
use super::source::{Node, reason_for};
use super::writer::{Expr, Script};
use super::{Imported, SourceFiles};
use crate::cfn::schema::Schema;
use crate::diag::{Code, Diagnostic, Origin, Sink};

/// The number of environments that a script has as stages.
const MOST_STAGES: usize = 32;

/// A manifest of a service or job.
struct Manifest {
    name: String,
    kind: String,
    file: String,
    folder: String,
    node: Node,
}

/// The state that the workloads of an application share.
struct Copilot<'a> {
    files: &'a dyn SourceFiles,
    schema: &'a Schema,
    app: String,
    variables: Variables,
    blocks: Taken,
    names: Taken,
    /// The variables of topics, by service and name, and whether they are FIFO.
    topics: IndexMap<(String, String), (String, bool)>,
    balancers: Balancers,
    /// The Network Load Balancers with their variables, by service.
    network_balancers: IndexMap<String, (String, Expr)>,
    secrets: Secrets,
    outputs: Vec<(String, Expr)>,
    /// Everything that is added to the stack.
    added: Vec<Expr>,
    notes: Vec<Note>,
    /// The comments about the manifests of environments.
    remarks: Vec<String>,
    has_private: bool,
}

/// The load balancers that services use: the public and the internal one.
#[derive(Default)]
struct Balancers {
    public: Option<Balancer>,
    internal: Option<Balancer>,
}

/// A load balancer.
#[derive(Default)]
struct Balancer {
    /// The service that gets the requests which no route matches.
    default: Option<String>,
}

/// Writes the manifests of a Copilot application as a script. `folder` is what users call the folder.
///
/// # Errors
///
/// The problems of a folder without manifests, and of manifests that are not YAML.
pub fn copilot(folder: &str, name: Option<&str>, files: &dyn SourceFiles, schema: &Schema) -> Result<Imported, Sink> {
    let root = if files.names("copilot").is_empty() { "" } else { "copilot/" };
    let (mut manifests, mut notes) = (Vec::new(), Vec::new());
    for entry in files.names(root) {
        let path = format!("{root}{entry}/manifest.yml");
        let Some(text) = files.text(&path) else { continue };
        let node = Node::read(&path, &text)?.renamed("true", "on");
        let kind = node.text_of("type").unwrap_or_default();
        let name = node.text_of("name").unwrap_or_else(|| entry.clone());
        manifests.push(Manifest { name, kind, file: path, folder: format!("{root}{entry}"), node });
    }
    if manifests.is_empty() {
        let problem = Diagnostic::new(Code::ImportSource, format!("`{folder}` has no manifests of Copilot"));
        let help = "name the folder that holds `copilot/NAME/manifest.yml`";
        return Err(vec![problem.at(&Origin::new(folder, 0, 0), "").help(help)]);
    }
    // Topics are published before they are subscribed to.
    manifests.sort_by_key(|manifest| (manifest.kind == "Worker Service", manifest.name.clone()));
    let app = name.map(str::to_owned).or_else(|| application(root, files)).unwrap_or_else(|| "app".to_owned());
    let stages = stages_of(root, &manifests, files, &mut notes)?;
    let mut copilot = Copilot::new(files, &block_name(&app), &stages, schema);
    copilot.remarks = notes.iter().map(Note::to_string).collect();
    copilot.notes = notes;
    let addons = copilot.environment_addons(root);
    Ok(copilot.write(folder, &manifests, &stages, addons))
}

/// Returns the name of the application, from `copilot/.workspace`.
fn application(root: &str, files: &dyn SourceFiles) -> Option<String> {
    let text = files.text(&format!("{root}.workspace"))?;
    Node::read(".workspace", &text).ok()?.text_of("application")
}

/// Returns the names of the environments, and notes what their manifests set.
fn stages_of(
    root: &str,
    manifests: &[Manifest],
    files: &dyn SourceFiles,
    notes: &mut Vec<Note>,
) -> Result<Vec<String>, Sink> {
    let mut stages: Vec<String> = Vec::new();
    for entry in files.names(&format!("{root}environments")) {
        let path = format!("{root}environments/{entry}/manifest.yml");
        let Some(text) = files.text(&path) else { continue };
        let node = Node::read(&path, &text)?;
        _ = (node.get("type"), node.get("name"), node.at("network.vpc"));
        stages.push(node.text_of("name").unwrap_or(entry));
        for unused in node.unused() {
            let reason = reason_for(keys::ENVIRONMENT, &unused.path).unwrap_or(keys::UNKNOWN);
            let text = format!("`{}` of the environment has no counterpart: {reason}", unused.path);
            notes.push(Note { file: path.clone(), line: unused.line, text });
        }
    }
    for manifest in manifests {
        let overrides = manifest.node.get("environments").map(Node::entries).unwrap_or_default();
        let new: Vec<String> =
            overrides.iter().map(|(name, _)| name.clone()).filter(|name| !stages.contains(name)).collect();
        stages.extend(new);
    }
    if stages.len() > MOST_STAGES {
        let text = format!("the application has {} environments; the script has the first {MOST_STAGES}", stages.len());
        notes.push(Note { file: format!("{root}environments"), line: 0, text });
        stages.truncate(MOST_STAGES);
    }
    Ok(stages)
}

impl<'a> Copilot<'a> {
    fn new(files: &'a dyn SourceFiles, app: &str, stages: &[String], schema: &'a Schema) -> Self {
        let mut variables = Variables::default();
        variables.bind("COPILOT_APPLICATION_NAME", Expr::text(app));
        let stage = if stages.is_empty() { Expr::text("production") } else { Expr::name("s.stage") };
        variables.bind("COPILOT_ENVIRONMENT_NAME", stage);
        if !stages.is_empty() {
            let choice = Expr::call("choice", [Expr::List(stages.iter().map(Expr::text).collect())]);
            variables.declare("stage", choice);
        }
        Self {
            files,
            schema,
            app: app.to_owned(),
            variables,
            blocks: Taken::default(),
            names: Taken::with(&["s", "stack", "alb", "internal_alb"]),
            topics: IndexMap::new(),
            balancers: Balancers::default(),
            network_balancers: IndexMap::new(),
            secrets: Secrets::default(),
            outputs: Vec::new(),
            added: Vec::new(),
            notes: Vec::new(),
            remarks: Vec::new(),
            has_private: false,
        }
    }

    fn write(mut self, folder: &str, manifests: &[Manifest], stages: &[String], addons: Vec<String>) -> Imported {
        let mut body = Script::default();
        for manifest in manifests {
            self.workload(manifest, stages, &mut body);
        }
        let mut script = Script::new([
            format!(
                "Written by `rtiler import-from copilot` from {folder}. Paths are relative to the folder of `copilot`."
            ),
            "Copilot deploys a stack for each service; this is one stack for all, next to those of Copilot.".to_owned(),
        ]);
        if let Some(declarations) = self.variables.declarations() {
            let prefix = self.app.to_ascii_uppercase().replace('-', "_");
            let comment = "The environments of Copilot are stages: `--set stage=NAME`.".to_owned();
            script.define(vec![comment], "s", Expr::call("settings", [Expr::text(prefix), declarations]));
        }
        self.remarks.drain(..).for_each(|remark| script.remark(remark));
        self.secrets.write(&mut script);
        self.write_balancers(&mut script);
        script.append(body);
        let (comments, stack) = self.stack(stages, addons);
        script.end(comments, stack);
        self.notes.sort();
        self.notes.dedup();
        Imported { script: script.text(), notes: self.notes }
    }

    /// Returns the variable of a secret whose value is not copied.
    fn secret(&mut self, source: &str, name: &str) -> String {
        self.secrets.variable(source, name, &mut self.blocks, &mut self.names)
    }

    fn write_balancers(&mut self, script: &mut Script) {
        let name = block_name(&self.app);
        if self.balancers.public.is_some() {
            let alb = Expr::call("Alb", [Expr::text(&name)]).set("listen", [Expr::Int(80)]);
            script.define(Vec::new(), "alb", alb);
            self.outputs.push(("Url".to_owned(), Expr::name("alb.url")));
        }
        if self.balancers.internal.is_some() {
            let alb = Expr::call("Alb", [Expr::text(format!("{name}-internal"))]);
            script.define(Vec::new(), "internal_alb", alb.set("internal", []).set("listen", [Expr::Int(80)]));
        }
        for (variable, balancer) in std::mem::take(&mut self.network_balancers).into_values() {
            script.define(Vec::new(), &variable, balancer);
        }
    }

    fn stack(&mut self, stages: &[String], addons: Vec<String>) -> (Vec<String>, Expr) {
        let mut comments = addons;
        let name = match stages {
            [] => Expr::text(&self.app),
            _ => Expr::Joined(vec![Expr::text(format!("{}-", self.app)), Expr::name("s.stage")]),
        };
        let mut stack = Expr::call("Stack", [name]);
        if !self.has_private {
            comments
                .push("As in Copilot, tasks are in public subnets, so the network needs no NAT gateway.".to_owned());
            let vpc = Expr::call("Vpc", [Expr::text(&self.app)]).set("nat_gateways", [Expr::Int(0)]);
            stack = stack.set("vpc", [vpc]);
        }
        if !self.added.is_empty() {
            stack = stack.set("add", [Expr::List(std::mem::take(&mut self.added))]);
        }
        let outputs = std::mem::take(&mut self.outputs);
        (
            comments,
            outputs.into_iter().fold(stack, |stack, (name, value)| stack.set("output", [Expr::text(name), value])),
        )
    }

    /// Adds a service or job to the script.
    fn workload(&mut self, manifest: &Manifest, stages: &[String], script: &mut Script) {
        let block = self.blocks.unique(&block_name(&manifest.name), "-");
        let variable = self.names.unique(&variable_name(&manifest.name), "_");
        if !matches!(
            manifest.kind.as_str(),
            "Load Balanced Web Service" | "Backend Service" | "Worker Service" | "Scheduled Job"
        ) {
            return self.not_written(manifest, script);
        }
        let noted = self.notes.len();
        let mut messaging = messaging::topics(self, manifest, &block);
        messaging.extend(messaging::queue(self, manifest, &block));
        let mut comments: Vec<String> = self.notes[noted..].iter().map(Note::to_string).collect();
        for (name, value) in messaging {
            script.define(std::mem::take(&mut comments), &name, value);
        }
        comments.into_iter().for_each(|comment| script.remark(comment));
        let is_job = manifest.kind == "Scheduled Job";
        let addons = self.inline_addons(manifest, &block, script);
        let mut drafts = Vec::new();
        for stage in stages.iter().map(Some).chain(stages.is_empty().then_some(None)) {
            let node = in_stage(&manifest.node, stage);
            let mut draft = Draft::new(&manifest.file);
            if is_job {
                job::write(self, manifest, &node, &mut draft);
            } else {
                self.service(manifest, &node, &block, &mut draft);
            }
            addons.iter().for_each(|output| output.set(&mut draft));
            unused(manifest, &node, &mut draft);
            drafts.push((stage.cloned().unwrap_or_default(), draft));
        }
        let merged = stages::merge(&variable, &manifest.file, drafts, &mut self.names);
        self.notes.extend(merged.draft.notes.iter().cloned());
        let kind = if is_job { "Job" } else { "FargateService" };
        merged.write(script, Vec::new(), &variable, Expr::call(kind, [Expr::text(block)]));
        self.added.push(Expr::name(variable));
    }

    fn service(&mut self, manifest: &Manifest, node: &Node, block: &str, draft: &mut Draft) {
        task::image(self, node, draft);
        task::size(node, draft);
        let port = node.at("image.port").and_then(Node::int);
        if let Some(port) = port {
            draft.set_int("port", port);
        }
        values::environment(self, manifest, node, draft);
        task::container(self, node, draft);
        task::placement(self, node, draft);
        http::write(self, manifest, node, port, draft);
        nlb::write(self, manifest, node, port, draft);
        scaling::write(manifest, node, draft);
        task::deployment(node, draft);
        sidecar::write(self, node, draft);
        messaging::access(self, manifest, block, draft);
        task::overrides(node, draft);
    }

    /// Notes a service of a type that has no counterpart.
    fn not_written(&mut self, manifest: &Manifest, script: &mut Script) {
        let advice = match manifest.kind.as_str() {
            "Request-Driven Web Service" => {
                "App Runner takes no new customers: write it as a `FargateService` behind an `Alb`"
            }
            "Static Site" => {
                "put the files into a bucket behind CloudFront (AWS::S3::Bucket, AWS::CloudFront::Distribution)"
            }
            _ => "it is not a type that Copilot documents",
        };
        let text = format!("`{}` is a {} and is not in the script: {advice}", manifest.name, manifest.kind);
        let note = Note { file: manifest.file.clone(), line: manifest.node.line, text };
        script.remark(note.to_string());
        self.notes.push(note);
    }
}

/// Notes the keys that were not used.
fn unused(manifest: &Manifest, node: &Node, draft: &mut Draft) {
    _ = (node.get("name"), node.get("type"));
    // What they hold is in the value of each stage.
    _ = node.get("environments").map(Node::whole);
    for unused in node.unused() {
        let reason = reason_for(keys::WORKLOAD, &unused.path).unwrap_or(keys::UNKNOWN);
        draft.note(unused.line, format!("`{}` of `{}` has no counterpart: {reason}", unused.path, manifest.name));
    }
}

/// Returns a manifest in an environment: the keys of `environments.NAME` replace those of the manifest.
fn in_stage(node: &Node, stage: Option<&String>) -> Node {
    let own = node.clone();
    let overrides = stage.and_then(|stage| node.peek("environments")?.peek(stage).cloned());
    match overrides {
        Some(overrides) => own.overridden(overrides),
        None => own,
    }
}
