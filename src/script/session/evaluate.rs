//! Evaluates a session with a further entry, and removes entries that no longer have an effect.
//!
//! The session retains of an entry:
//!
//! | the entry | retained |
//! |---|---|
//! | is a loaded file | the entry |
//! | declares a function, an import or an export | the entry |
//! | declares a setting that no entry before it declared | the entry |
//! | adds, changes or removes a variable of the user | the entry |
//! | does none of this, and its value is a stack or a list of stacks | its stacks, in a variable |
//! | only shows a value | nothing, but `_` is its value until the next one |
//!
//! A variable that an entry without a name was stored in (`it3`) is not a variable of the user: its appearance and its
//! disappearance are not changes.

use std::collections::HashSet;
use std::rc::Rc;

use super::entry;
use super::entry::{Retention, SessionEntry};
use super::snapshot::Snapshot;
use super::{Diagnostics, DisplayValue, EntryResult, Evaluated, LastValue, Session};
use crate::diag::Diagnostic;
use crate::script::concatenated_source::ConcatenatedSource;
use crate::script::eval_state::{SESSION_SOURCE, fingerprint};
use crate::script::{Input, evaluate};
use crate::settings::SettingInput;

/// The maximum number of entries that are tried for removal after each line: each try is an evaluation.
const MAX_REMOVAL_ATTEMPTS: usize = 2;

impl Session {
    /// Evaluates the session with a new entry at its end.
    pub(super) fn evaluate_next(&mut self, mut entries: Vec<SessionEntry>, entry: SessionEntry) -> EntryResult {
        entry::forget_unused_values(&mut entries, &entry);
        entries.push(entry);
        let (snapshot, value) = match self.evaluate_all(&entries, &self.given) {
            Ok(run) => run,
            Err(result) => return result,
        };
        let diagnostics = self.new_diagnostics(&snapshot);
        if diagnostics.has_errors() {
            return EntryResult::Failed(diagnostics);
        }
        let mut entry = entries.pop().expect("the new entry was pushed");
        let changed = self.changed_variables(&snapshot, &entries);
        let value = value.map(|value| DisplayValue::new(value, Rc::clone(&snapshot)));
        entry.retention = self.retention(&entry, &snapshot, &changed, value.as_ref());
        if let Some(value) = value.as_ref().filter(|value| !value.stacks().is_empty()) {
            entry.store_stacks(&snapshot, value.is_stack());
        }
        let printed = snapshot.printed_since(&self.snapshot);
        if let Some(value) = &value {
            self.last = Some(LastValue { entry: entry.clone(), before: entries.len(), value: value.clone() });
        }
        let retained = entry.retention != Retention::None;
        if retained {
            entries.push(entry);
            self.accept(entries, snapshot);
        } else if !self.has_same_sources(&entries) {
            // The line used `_`, which is a variable from now on.
            self.accept_again(entries);
        }
        EntryResult::Done(Evaluated { value, printed, diagnostics, changed, retained })
    }

    /// Returns what the session retains of an entry; see the table at the top of this file.
    fn retention(
        &self,
        entry: &SessionEntry,
        snapshot: &Snapshot,
        changed: &[String],
        value: Option<&DisplayValue>,
    ) -> Retention {
        let has_effect = entry.loaded
            || entry.has_declaration()
            || snapshot.declares_more_settings(&self.snapshot)
            || !changed.is_empty();
        match value {
            _ if has_effect => Retention::Full,
            Some(value) if !value.stacks().is_empty() => Retention::Stacks,
            _ => Retention::None,
        }
    }

    /// Returns the variables of the user that are new, changed or gone.
    fn changed_variables(&self, snapshot: &Snapshot, entries: &[SessionEntry]) -> Vec<String> {
        let is_new_or_gone = |name: &str| snapshot.get(name).is_none() || self.snapshot.get(name).is_none();
        let held: HashSet<&str> =
            entries.iter().chain(&self.entries).filter_map(|entry| entry.variable.as_deref()).collect();
        let mut changed = snapshot.changes(&self.snapshot);
        changed.retain(|name| !(is_new_or_gone(name) && held.contains(name.as_str())));
        changed
    }

    /// Returns whether the session has these entries, with the same sources.
    fn has_same_sources(&self, entries: &[SessionEntry]) -> bool {
        entries.len() == self.entries.len() && entries.iter().zip(&self.entries).all(|(a, b)| a.is_same_source(b))
    }

    /// Evaluates other entries, or the same ones with other settings.
    pub(super) fn evaluate_again(&mut self, entries: Vec<SessionEntry>, given: Vec<SettingInput>) -> EntryResult {
        let (snapshot, _) = match self.evaluate_all(&entries, &given) {
            Ok(run) => run,
            Err(result) => return result,
        };
        let diagnostics = Diagnostics { problems: snapshot.problems(), sources: snapshot.sources() };
        if diagnostics.has_errors() {
            return EntryResult::Failed(diagnostics);
        }
        let changed = snapshot.changes(&self.snapshot);
        (self.entries, self.given, self.snapshot) = (entries, given, snapshot);
        EntryResult::Done(Evaluated { diagnostics, changed, retained: true, ..Evaluated::nothing() })
    }

    fn accept(&mut self, entries: Vec<SessionEntry>, snapshot: Rc<Snapshot>) {
        let holds_values = entries.iter().any(|entry| entry.variable.is_some());
        let overridden = entry::overrides(&entries);
        self.entries = entries;
        self.snapshot = snapshot;
        if overridden {
            entry::forget_overridden(&mut self.entries);
        }
        if holds_values || overridden {
            self.accept_again(self.entries.clone());
        }
        while self.forget_overwritten() {}
        if let Some(last) = &mut self.last {
            last.before = last.before.min(self.entries.len());
        }
    }

    fn accept_again(&mut self, entries: Vec<SessionEntry>) {
        if let Ok((snapshot, _)) = self.evaluate_all(&entries, &self.given) {
            (self.entries, self.snapshot) = (entries, snapshot);
        }
    }

    /// Removes an entry whose variable was set again before it was used. Returns whether there was one.
    fn forget_overwritten(&mut self) -> bool {
        entry::overwritten(&self.entries).into_iter().take(MAX_REMOVAL_ATTEMPTS).any(|at| self.forget(at))
    }

    /// Removes an entry if the session is the same without it. Returns whether it was removed.
    fn forget(&mut self, at: usize) -> bool {
        let mut fewer = self.entries.clone();
        fewer.remove(at);
        let Ok((snapshot, _)) = self.evaluate_all(&fewer, &self.given) else { return false };
        let same = snapshot.changes(&self.snapshot).is_empty()
            && snapshot.settings().len() == self.snapshot.settings().len()
            && snapshot.problems().len() <= self.snapshot.problems().len();
        if same {
            (self.entries, self.snapshot) = (fewer, snapshot);
        }
        same
    }

    fn evaluate_all(
        &self,
        entries: &[SessionEntry],
        given: &[SettingInput],
    ) -> Result<(Rc<Snapshot>, Option<rhai::Dynamic>), EntryResult> {
        let whole = Rc::new(ConcatenatedSource::of(entry::parts(entries)));
        let input = Input {
            name: SESSION_SOURCE,
            text: &whole.text,
            files: Rc::clone(&self.files),
            given: given.to_vec(),
            limits: self.limits.clone(),
        };
        let run = evaluate(&input, Some(&whole), &self.budget());
        if run.interrupted {
            return Err(EntryResult::Interrupted);
        }
        let value = run.value.clone().filter(|value| !value.is_unit());
        Ok((Rc::new(Snapshot::of(run)), value))
    }

    /// Returns the diagnostics that are new.
    fn new_diagnostics(&self, snapshot: &Snapshot) -> Diagnostics {
        let known: HashSet<u64> = self.snapshot.problems().iter().map(fingerprint).collect();
        let is_new = |problem: &Diagnostic| !known.contains(&fingerprint(problem));
        let problems = snapshot.problems().into_iter().filter(is_new).collect();
        Diagnostics { problems, sources: snapshot.sources() }
    }
}
