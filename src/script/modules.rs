//! `import "std/titiler"` and `import "lib/network"`: modules of the standard library, and files next to the script.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rhai::{Dynamic, Engine, EvalAltResult, GlobalRuntimeState, Module, ModuleResolver, Position, Scope, Shared};

use super::eval_state::{EvalState, package_of_tag};
use super::package_paths::{label, source_name};
use super::packages::{ImportTarget, PackageFile, import_target, load};
use super::source::Source;
use super::source_loader::{LoadError, SourceLoader};
use crate::diag::{Code, Diagnostic, Origin, did_you_mean};
use crate::package::LoadedPackage;

/// The modules that come with the binary, by name.
pub(crate) const STD: &[(&str, &str)] = &[
    ("std/gunicorn", include_str!("../../stdlib/gunicorn.rhai")),
    ("std/network", include_str!("../../stdlib/network.rhai")),
    ("std/policies", include_str!("../../stdlib/policies.rhai")),
    ("std/scheduled", include_str!("../../stdlib/scheduled.rhai")),
    ("std/titiler", include_str!("../../stdlib/titiler.rhai")),
    ("std/web", include_str!("../../stdlib/web.rhai")),
    ("std/worker", include_str!("../../stdlib/worker.rhai")),
];

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

    /// Returns a module, and loads it at the first import.
    fn module(
        &self,
        engine: &Engine,
        global: &GlobalRuntimeState,
        import: &Import,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let pos = import.pos;
        if let Some(module) = self.loaded.borrow().get(&import.key) {
            return Ok(Shared::clone(module));
        }
        if let Some(first) = self.loading.borrow().iter().position(|other| *other == import.key) {
            return Err(placed(thrown(cycle(&self.loading.borrow()[first..], &import.name)), pos));
        }
        self.check_number(pos)?;
        self.loading.borrow_mut().push(import.key.clone());
        let module = self.load(engine, global, import);
        self.loading.borrow_mut().pop();
        let mut module = module.map_err(|error| in_module(&import.name, error, pos))?;
        hide_imports(&mut module);
        module.set_id(import.name.clone());
        module.build_index();
        let module = Shared::new(module);
        self.loaded.borrow_mut().insert(import.key.clone(), Shared::clone(&module));
        Ok(module)
    }

    fn load(
        &self,
        engine: &Engine,
        global: &GlobalRuntimeState,
        import: &Import,
    ) -> Result<Module, Box<EvalAltResult>> {
        if let Some((package, path)) = &import.file {
            let missing = || thrown(LoadError::Missing.problem(&import.name));
            let text = package.files.text(path).ok_or_else(missing)?;
            let file = PackageFile {
                package: Rc::clone(package),
                source: &import.name,
                text,
                is_entry: import.is_entry,
                origin: import.origin.clone(),
                is_of_project: import.importer.is_none(),
            };
            return load(engine, &self.state, &file);
        }
        let text = self.text(&import.name).map_err(thrown)?;
        let ast = Source::new(&import.name, &text).compile(engine, &self.state)?;
        let mut inside = engine.new_global_runtime_state();
        // What a module of rtiler does for a package, it does with the rights of the package.
        inside.tag = global.tag.clone();
        Module::eval_ast_as_new_raw(engine, &mut Scope::new(), &mut inside, &ast)
    }

    /// Returns what an import names.
    fn import(&self, global: &GlobalRuntimeState, path: &str, pos: Position) -> Result<Import, Diagnostic> {
        let importer = package_of_tag(&global.tag);
        let origin = self.state.origin_at(global.source().unwrap_or(""), pos);
        let file = path_of(&origin.source, path);
        let target = import_target(path, (importer.as_deref(), &origin.source), &file, &*self.files)?;
        let domain = importer.as_ref().map(|package| label(package)).unwrap_or_default();
        let (name, file, is_entry) = match target {
            ImportTarget::Plain => (file, None, false),
            ImportTarget::Inside(path) => {
                let package = importer.clone();
                let name = package.as_ref().map(|package| source_name(package, &path)).unwrap_or_default();
                (name, package.map(|package| (package, path)), false)
            }
            ImportTarget::Entry(package) => {
                let entry = package.manifest.entry.value.clone();
                let name = source_name(&package, &entry);
                self.state.package_entries.borrow_mut().insert(path.to_owned(), name.as_str().into());
                (name, Some((Rc::new(package), entry)), true)
            }
        };
        // Each package has its own modules: what one of them captured is not seen by another.
        Ok(Import { key: format!("{domain}\0{name}\0{is_entry}"), name, file, is_entry, importer, origin, pos })
    }
}

/// An import of a script.
struct Import {
    /// The key of its module.
    key: String,
    /// The name of its source.
    name: String,
    /// The package and the path in it; none for a file of the project and a module of rtiler.
    file: Option<(Rc<LoadedPackage>, String)>,
    /// Whether it enters the package.
    is_entry: bool,
    importer: Option<Rc<LoadedPackage>>,
    origin: Origin,
    pos: Position,
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
        let mut global = engine.new_global_runtime_state();
        global.source = from.map(Into::into);
        self.resolve_raw(engine, &mut global, &mut Scope::new(), path, pos)
    }

    fn resolve_raw(
        &self,
        engine: &Engine,
        global: &mut GlobalRuntimeState,
        _scope: &mut Scope<'_>,
        path: &str,
        pos: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let import = self.import(global, path, pos).map_err(|problem| placed(thrown(problem), pos))?;
        self.module(engine, global, &import)
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
    let name_of = |key: &String| key.split('\0').nth(1).unwrap_or(key).to_owned();
    let importers: Vec<String> = importers.iter().map(|key| format!("`{}`", name_of(key))).collect();
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
