//! `import "std/titiler"` and `import "lib/network"`: modules of the standard library, and files next to the script.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use rhai::{Dynamic, Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};

use super::eval_state::EvalState;
use super::source::Source;
use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::package::Packages;

/// Reads the files of a project.
pub trait SourceLoader {
    /// Returns the text of a file by its path, which is relative to where the script's own path is relative to.
    ///
    /// # Errors
    ///
    /// The reason why there is no text; see [`LoadError`].
    fn read(&self, path: &str) -> Result<String, LoadError>;

    /// Returns the packages that the scripts may import by name.
    fn packages(&self) -> Arc<Packages> {
        Arc::default()
    }
}

/// No files: for scripts that import nothing but `std/`.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl SourceLoader for NoFiles {
    fn read(&self, _path: &str) -> Result<String, LoadError> {
        Err(LoadError::Missing)
    }
}

/// The reason why a file cannot be read as a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadError {
    /// The file does not exist.
    Missing,
    /// It is outside the project's root, which is given.
    Outside(String),
    /// It is a folder.
    Folder,
    /// It is a pipe, a device, a socket or a link that is not followed; with the reason.
    NotRegular(String),
    /// It is not UTF-8; with the number of the first line that is not.
    NotText(usize),
    /// It is too large; with its size in bytes.
    TooLarge(u64),
    /// Any other error, with the message of the operating system.
    Other(String),
}

impl LoadError {
    /// Returns a size in megabytes, to be printed with one digit after the point.
    #[allow(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
    pub(crate) fn megabytes(bytes: u64) -> f64 {
        bytes as f64 / 1e6
    }

    /// Returns the diagnostic of the error, without an origin.
    pub fn problem(&self, path: &str) -> Diagnostic {
        let is_script = std::path::Path::new(path).extension().is_none_or(|ending| ending == "rhai");
        let (code, what) = if is_script { (Code::NotAScript, "script") } else { (Code::NotText, "file") };
        let (code, message) = match self {
            LoadError::Missing => (Code::FileMissing, format!("there is no file `{path}`")),
            LoadError::Outside(root) => (Code::FileOutside, format!("`{path}` is outside the project `{root}`")),
            LoadError::Folder => (Code::NotAScript, format!("`{path}` is a folder, not a file")),
            LoadError::NotText(line) => (code, format!("`{path}` is not text: line {line} is not UTF-8")),
            LoadError::TooLarge(bytes) => {
                (Code::LimitSource, format!("`{path}` is too large for a {what}: {:.1} MB", Self::megabytes(*bytes)))
            }
            LoadError::NotRegular(why) | LoadError::Other(why) => {
                (Code::FileUnreadable, format!("`{path}` cannot be read: {why}"))
            }
        };
        let problem = Diagnostic::new(code, message);
        match self {
            LoadError::Outside(_) => problem.help("a script may import files of its own project only"),
            LoadError::NotText(_) => problem.help(format!("save the {what} as UTF-8")),
            LoadError::NotRegular(_) => {
                problem.help("give the path of a file; commands that take a file read standard input as `-`")
            }
            _ => problem,
        }
    }
}

/// The modules that come with the binary, by name.
pub(crate) const STD: &[(&str, &str)] = &[("std/titiler", include_str!("../../stdlib/titiler.rhai"))];

/// The maximum number of modules of one evaluation, including those that its modules import.
const MAX_MODULES: usize = 200;

/// The maximum number of modules of which each imports the next: each takes some of the stack.
const MAX_CHAIN: usize = 50;

/// Resolves imports for one evaluation.
pub(crate) struct ImportResolver {
    files: Rc<dyn SourceLoader>,
    state: Rc<EvalState>,
    loaded: RefCell<HashMap<String, Shared<Module>>>,
    loading: RefCell<Vec<String>>,
}

impl ImportResolver {
    pub(crate) fn new(files: Rc<dyn SourceLoader>, state: Rc<EvalState>) -> Self {
        Self { files, state, loaded: RefCell::default(), loading: RefCell::default() }
    }

    fn text(&self, name: &str) -> Result<String, Diagnostic> {
        if let Some((_, text)) = STD.iter().find(|(module, _)| *module == name) {
            return Ok((*text).to_owned());
        }
        if name.starts_with("std/") {
            let names = STD.iter().map(|(module, _)| *module);
            return Err(Diagnostic::new(Code::FileMissing, format!("there is no module `{name}`"))
                .help_if(did_you_mean(name, names.clone()))
                .help(format!("the modules of rtiler are {}", names.collect::<Vec<_>>().join(", "))));
        }
        self.files.read(name).map_err(|why| why.problem(name).help_if(import_hint(&why)))
    }

    /// Checks the number of modules before another one is loaded.
    fn check_number(&self, pos: Position) -> Result<(), Box<EvalAltResult>> {
        let chain = self.loading.borrow().len();
        let message = if chain >= MAX_CHAIN {
            format!("more than {MAX_CHAIN} modules import each other in a row")
        } else if chain + self.loaded.borrow().len() >= MAX_MODULES {
            format!("the script imports more than {MAX_MODULES} modules")
        } else {
            return Ok(());
        };
        Err(placed(thrown(Diagnostic::new(Code::LimitModules, message)), pos))
    }

    fn load(&self, engine: &Engine, name: &str) -> Result<Module, Box<EvalAltResult>> {
        let text = self.text(name).map_err(thrown)?;
        let source = Source::new(name, &text);
        let ast = source.compile(engine, &self.state)?;
        Module::eval_ast_as_new(Scope::new(), &ast, engine)
    }
}

/// Removes what a module imports from what it exports. Rhai lists a module again below each module that imports it, so
/// that modules that import each other's imports would double the work with each of them.
fn hide_imports(module: &mut Module) {
    let imports: Vec<String> = module.iter_sub_modules().map(|(name, _)| name.to_owned()).collect();
    for name in imports {
        module.set_sub_module(name, Module::new());
    }
}

fn import_hint(why: &LoadError) -> Option<String> {
    (*why == LoadError::Missing)
        .then(|| "a path is relative to the file that imports it; `std/..` names a module of rtiler".to_owned())
}

/// Wraps a diagnostic in an error of Rhai; its origin is added later.
fn thrown(problem: Diagnostic) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(problem), Position::NONE))
}

impl ModuleResolver for ImportResolver {
    fn resolve(
        &self,
        engine: &Engine,
        from: Option<&str>,
        path: &str,
        pos: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let name = path_of(&self.state.origin_at(from.unwrap_or(""), pos).source, path);
        if let Some(module) = self.loaded.borrow().get(&name) {
            return Ok(Shared::clone(module));
        }
        if let Some(first) = self.loading.borrow().iter().position(|other| *other == name) {
            return Err(placed(thrown(cycle(&self.loading.borrow()[first..], &name)), pos));
        }
        self.check_number(pos)?;
        self.loading.borrow_mut().push(name.clone());
        let module = self.load(engine, &name);
        self.loading.borrow_mut().pop();
        let mut module = module.map_err(|error| in_module(&name, error, pos))?;
        hide_imports(&mut module);
        module.set_id(name.clone());
        module.build_index();
        let module = Shared::new(module);
        self.loaded.borrow_mut().insert(name, Shared::clone(&module));
        Ok(module)
    }
}

/// Adds the origin of the import to a diagnostic of ours; one inside the module has its own origin.
fn in_module(name: &str, error: Box<EvalAltResult>, pos: Position) -> Box<EvalAltResult> {
    match *error {
        EvalAltResult::ErrorRuntime(ref value, Position::NONE) if value.is::<Diagnostic>() => placed(error, pos),
        _ => Box::new(EvalAltResult::ErrorInModule(name.to_owned(), error, pos)),
    }
}

fn placed(mut error: Box<EvalAltResult>, pos: Position) -> Box<EvalAltResult> {
    error.set_position(pos);
    error
}

fn cycle(importers: &[String], name: &str) -> Diagnostic {
    let importers: Vec<String> = importers.iter().map(|module| format!("`{module}`")).collect();
    Diagnostic::new(Code::CyclicImport, format!("`{name}` imports itself"))
        .note(format!("{} -> `{name}`", importers.join(" -> ")))
        .help("move what both need into a third file")
}

/// Returns the name of a module: `std/..` as it is, anything else relative to the importing file, with `.rhai` at its
/// end.
pub(crate) fn path_of(from: &str, path: &str) -> String {
    if path.starts_with("std/") {
        return path.trim_end_matches(".rhai").to_owned();
    }
    let folder = if path.starts_with('/') { "" } else { from.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let absolute = if path.starts_with('/') || folder.starts_with('/') { "/" } else { "" };
    let joined = parts.join("/");
    let extension =
        if std::path::Path::new(&joined).extension().is_some_and(|end| end == "rhai") { "" } else { ".rhai" };
    format!("{absolute}{joined}{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_path_is_relative_to_the_importing_file() {
        assert_eq!(path_of("scripts/app.rhai", "lib/network"), "scripts/lib/network.rhai");
        assert_eq!(path_of("scripts/lib/a.rhai", "../b.rhai"), "scripts/b.rhai");
        assert_eq!(path_of("app.rhai", "../b"), "../b.rhai");
        assert_eq!(path_of("../x/app.rhai", "./lib"), "../x/lib.rhai");
        assert_eq!(path_of("/tmp/a/app.rhai", "lib"), "/tmp/a/lib.rhai");
        assert_eq!(path_of("std/titiler", "std/other"), "std/other");
    }
}
