//! Values and resources that other stacks and teams own, and that a rehearsal assumes: parameters of Parameter Store, exports,
//! and resources to import.
//!
//! `--assume` gives values. Others have a default of the right form, which depends on the name and the seed alone, so that
//! each rehearsal assumes the same. `form` finds the form.
//!
//! May import `cfn`, and `rng` of the rehearsal.

mod form;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use form::ValueForm;

use super::state::resource_key;
use crate::cfn::Template;
use crate::deploy::api::AwsEnvironment;

/// The prefix of the parameters by which stacks of one script read each other's values. They exist after a deployment only.
const OWN_PARAMETERS: &str = "/rtiler/";

/// The values and resources that `--assume` gives, each with its name: of a parameter, of an export, or the type of a
/// resource with its id as the value.
#[derive(Debug, Clone, Default)]
pub struct Assumptions {
    /// The names and values.
    pub given: Vec<(String, String)>,
    /// The exports of the script's own stacks, which have no default: they exist after a deployment only.
    pub own_exports: Vec<String>,
}

/// The use of assumed values in one run of the program.
#[derive(Debug, Default)]
pub(super) struct AssumptionLog {
    /// Whether unknown values have a default.
    has_defaults: bool,
    own_exports: BTreeSet<String>,
    /// The given names that nothing has read yet.
    unread: RefCell<BTreeSet<String>>,
    /// The defaults that were read.
    defaults: RefCell<BTreeMap<String, String>>,
}

impl AssumptionLog {
    /// Creates the log of a run.
    pub(super) fn new(assumptions: &Assumptions) -> Self {
        let unread = assumptions.given.iter().map(|(name, value)| written(name, value));
        Self {
            has_defaults: true,
            own_exports: assumptions.own_exports.iter().cloned().collect(),
            unread: RefCell::new(unread.collect()),
            defaults: RefCell::default(),
        }
    }

    /// Returns the names and the defaults that were read.
    pub(super) fn defaults(&self) -> Vec<(String, String)> {
        self.defaults.borrow().clone().into_iter().collect()
    }

    /// Returns the given names that nothing read.
    pub(super) fn unread(&self) -> Vec<String> {
        self.unread.borrow().iter().cloned().collect()
    }

    /// Notes that something read a given name.
    pub(super) fn read(&self, name: &str, value: &str) {
        self.unread.borrow_mut().remove(&written(name, value));
    }
}

/// Returns a name as reports show it: a resource with its id.
fn written(name: &str, value: &str) -> String {
    if is_resource(name) { format!("{name}={value}") } else { name.to_owned() }
}

/// Returns whether a name is the type of a resource.
pub(super) fn is_resource(name: &str) -> bool {
    name.starts_with("AWS::")
}

/// Returns the key of a resource that is assumed to exist.
pub(super) fn resource(kind: &str, id: &str) -> String {
    resource_key(kind, id)
}

/// The assumed values as a template reads them.
#[derive(Clone, Copy)]
pub(super) struct AssumedValues<'a> {
    pub(super) seed: u64,
    pub(super) given: &'a BTreeMap<String, String>,
    pub(super) log: &'a AssumptionLog,
    pub(super) template: &'a Template,
    pub(super) environment: &'a AwsEnvironment,
}

impl AssumedValues<'_> {
    /// Returns the value of a parameter of Parameter Store that a template parameter of this type reads.
    pub(super) fn of_parameter(&self, id: &str, kind: &str, name: &str) -> Option<String> {
        self.value(name, || ValueForm::of_type(kind).unwrap_or_else(|| form::of_reference(self.template, id, name)))
    }

    /// Returns the value of a parameter of Parameter Store that `{{resolve:ssm:NAME}}` reads.
    pub(super) fn of_dynamic_reference(&self, name: &str) -> Option<String> {
        self.value(name, || form::of_text(self.template, &format!("resolve:ssm:{name}"), name))
    }

    /// Returns the value of an export.
    pub(super) fn of_export(&self, name: &str) -> Option<String> {
        let is_own = self.log.own_exports.contains(name) && !self.given.contains_key(name);
        if is_own { None } else { self.value(name, || form::of_import(self.template, name)) }
    }

    fn value(&self, name: &str, form: impl FnOnce() -> ValueForm) -> Option<String> {
        if let Some(given) = self.given.get(name) {
            self.log.read(name, given);
            return Some(given.clone());
        }
        if !self.log.has_defaults || name.starts_with(OWN_PARAMETERS) {
            return None;
        }
        if let Some(known) = self.log.defaults.borrow().get(name) {
            return Some(known.clone());
        }
        let value = form().value(self.seed, name, self.environment);
        self.log.defaults.borrow_mut().insert(name.to_owned(), value.clone());
        Some(value)
    }
}
