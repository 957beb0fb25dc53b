//! Packages in an evaluation: who runs, and what passes from one package to another.
//!
//! Each package, and the project with its own files, is a *domain*. Rhai runs a function of a module in the state of its caller: the
//! function would see the functions and imports of the caller, and a closure of the caller would see those of the module. So the
//! functions of a package run in a state of their own (`boundary`), in which nothing of the caller is visible, and a function pointer
//! that leaves its domain is bound to it. The tag of the state names the domain, and no script can change it: what a call may
//! read is decided by it, however the call came about.
//!
//! `import_target` finds out what an import names, `package_module` makes a module of a package, `crossings` knows the calls between
//! domains and what each package used of the limits, `places` moves problems inside of packages to the calls of the project.
//!
//! *Invariant*: no value that two domains share can be changed by one of them, except through a function that its owner gave away.

mod boundary;
pub(super) mod crossings;
mod import_target;
mod package_module;
mod places;
mod pointers;

pub(super) use import_target::{ImportTarget, import_target};
pub(super) use package_module::{PackageFile, load, register};
pub(super) use places::{is_inside, point_at_caller};
