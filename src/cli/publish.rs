//! `rtiler publish`: packs the package in the working directory and sends it to a registry.

use std::path::Path;

use super::args::Publish;
use super::exit::ExitStatus;
use super::json::{PublishedFile, PublishedPackage};
use super::packages::ProjectPlace;
use super::report::{Output, counted};
use super::terminal::Terminal;
use crate::cfn::sensitive::credential_lines;
use crate::diag::{Code, Diagnostic, Severity, SourceMap};
use crate::package::{
    Artifact, Export, FileTree, MANIFEST, Manifest, PackageSource, Revision, parse_source, publication_problems,
};
use crate::registry::{OciRepository, published_tree, uncommitted_files};
use crate::script::reference::{self, Entry, Kind};

/// A package with what is going to be sent.
struct Package {
    manifest: Manifest,
    tree: FileTree,
    exports: Vec<Export>,
    artifact: Artifact,
}

/// Runs `rtiler publish oci://REGISTRY/NAME`.
pub(crate) fn command(publish: &Publish, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let mut sources = SourceMap::default();
    let done = run(publish, terminal, allocated, &mut sources);
    match done {
        Ok(exit) => exit,
        Err((exit, problems)) => {
            terminal.problems(&problems, &sources);
            exit
        }
    }
}

type Failure = (ExitStatus, Vec<Diagnostic>);

fn run(
    publish: &Publish,
    terminal: &Terminal,
    allocated: fn() -> usize,
    sources: &mut SourceMap,
) -> Result<ExitStatus, Failure> {
    let script = |problem: Diagnostic| (ExitStatus::Script, vec![problem]);
    let (registry, repository) = target(&publish.target).map_err(|problem| (ExitStatus::Usage, vec![problem]))?;
    let place = ProjectPlace::here().map_err(script)?;
    let package = read(&place, sources).map_err(|problems| (ExitStatus::Script, problems))?;
    let mut problems =
        publication_problems(&package.manifest, &package.tree, &place.folder.display().to_string(), credential_lines);
    if !publish.allow_dirty {
        problems.extend(dirty(folder_of(&place), &package.tree));
    }
    if !problems.is_empty() {
        terminal.problems(&problems, sources);
    }
    let is_refused = problems.iter().any(|problem| problem.severity == Severity::Error);
    let name = format!("oci://{registry}/{repository}:{}", package.manifest.version);
    let is_sent = !is_refused && !publish.dry_run;
    if is_sent {
        if !super::test::pass(folder_of(&place), terminal, allocated) {
            let problem = Diagnostic::new(Code::PublishRefused, "the tests of the package fail");
            return Err(script(problem.help("correct what `rtiler test` reports")));
        }
        terminal.status(&format!("publishing {name}"));
        let published = OciRepository::open(&registry, &repository)
            .and_then(|repository| repository.publish(&package.manifest.version, &package.artifact));
        published.map_err(script)?;
    }
    if !is_refused || publish.dry_run {
        let result = package.result(&name, is_sent);
        let verb = match (is_sent, is_refused) {
            (true, _) => "published",
            (false, true) => "cannot publish",
            (false, false) => "would publish",
        };
        Output::new(terminal, publish.json).result(&result, || text(&result, verb));
    }
    Ok(if is_refused { ExitStatus::Script } else { ExitStatus::Ok })
}

/// Returns the registry and repository of a target without a version: that is in the manifest.
fn target(text: &str) -> Result<(String, String), Diagnostic> {
    let refused = |message: String| Diagnostic::new(Code::CommandLine, message);
    let Some(rest) = text.strip_prefix("oci://") else {
        return Err(refused(format!("`{text}` is not a repository of a registry"))
            .help("write `rtiler publish oci://registry.example.com/name`"));
    };
    let repository = rest.split_once('/').map_or("", |(_, repository)| repository);
    if let Some((plain, version)) = repository.rsplit_once(':') {
        let registry = rest.split('/').next().unwrap_or_default();
        let message = format!("`{text}` names the version `{version}`: it is `version` in `{MANIFEST}`");
        return Err(refused(message).help(format!("write `oci://{registry}/{plain}`")));
    }
    match parse_source(&format!("{text}:1.0")) {
        Ok((PackageSource::Oci { registry, repository }, Revision::Version(_))) => Ok((registry, repository)),
        Ok(_) => Err(refused(format!("`{text}` is not a repository of a registry"))),
        Err(why) => Err(refused(why)),
    }
}

/// Reads the package in a folder.
fn read(place: &ProjectPlace, sources: &mut SourceMap) -> Result<Package, Vec<Diagnostic>> {
    let manifest = place.manifest(sources)?;
    let folder = folder_of(place);
    let tree = published_tree(folder, &manifest).map_err(|problem| vec![problem])?;
    let entries = reference::package(&manifest, tree.text(&manifest.entry.value).unwrap_or_default());
    let exports: Vec<Export> = entries.iter().filter(|entry| entry.kind != Kind::Module).map(export).collect();
    let documentation: Vec<String> = entries.iter().map(|entry| entry.to_markdown(1, &|_| None)).collect();
    let artifact = Artifact::new(&manifest, &tree, &exports, &documentation.join("\n"));
    Ok(Package { manifest, tree, exports, artifact })
}

/// Returns the folder of a project as a path that the system takes: that of the working directory is empty.
fn folder_of(place: &ProjectPlace) -> &Path {
    if place.folder.as_os_str().is_empty() { Path::new(".") } else { &place.folder }
}

fn export(entry: &Entry) -> Export {
    Export {
        name: entry.short_name().to_owned(),
        signature: entry
            .signatures
            .first()
            .map(|signature| signature.rsplit("::").next().unwrap_or(signature).to_owned()),
        summary: entry.summary.clone(),
    }
}

/// Returns the error of files that are not committed.
fn dirty(folder: &Path, tree: &FileTree) -> Option<Diagnostic> {
    let changed = uncommitted_files(folder, tree)?;
    let first = changed.first()?;
    let message = match changed.len() {
        1 => format!("`{first}` has changes that are not committed"),
        more => format!("`{first}` and {} have changes that are not committed", counted(more - 1, "other file")),
    };
    Some(Diagnostic::new(Code::PublishRefused, message).help("commit them, or publish with `--allow-dirty`"))
}

impl Package {
    fn result(&self, name: &str, published: bool) -> PublishedPackage {
        let file = |(path, content): (&str, &[u8])| PublishedFile { file: path.to_owned(), size_bytes: content.len() };
        PublishedPackage {
            package: self.manifest.name.to_string(),
            version: self.manifest.version.to_string(),
            target: name.to_owned(),
            digest: self.artifact.digest().to_string(),
            hash: self.tree.hash().to_string(),
            size_bytes: self.artifact.size(),
            files: self.tree.files().map(file).collect(),
            exports: self
                .exports
                .iter()
                .map(|export| export.signature.clone().unwrap_or_else(|| export.name.clone()))
                .collect(),
            published,
        }
    }
}

/// Returns the package as text: its files with their sizes, its exports, and its digest.
fn text(package: &PublishedPackage, verb: &str) -> String {
    let width = package.files.iter().map(|file| file.size_bytes.to_string().len()).max().unwrap_or(0);
    let files = package.files.iter().map(|file| format!("{:>width$}  {}\n", file.size_bytes, file.file));
    format!(
        "{}exports: {}\nhash:    {}\ndigest:  {}\n{verb} {} ({} bytes)\n",
        files.collect::<String>(),
        if package.exports.is_empty() { "nothing".to_owned() } else { package.exports.join(", ") },
        package.hash,
        package.digest,
        package.target,
        package.size_bytes,
    )
}
