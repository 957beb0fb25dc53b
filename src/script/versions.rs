//! The versions of the values of a script: each constructor begins a value, and each setter creates a new version of it.
//!
//! A version knows the setter that created it, and the calls that took it or only referred to it. From this follow a setter
//! that is called twice, a block that is changed after its use, and a block that nothing uses.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::rc::{Rc, Weak};

use rhai::Dynamic;

use super::block_types::{address, address_of};
use crate::cfn::Value;
use crate::diag::Origin;

/// The number of values at which those that are gone are forgotten.
const FIRST_SWEEP: usize = 4_096;

/// The index of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct VersionId(u32);

impl VersionId {
    /// Returns the index.
    pub(super) fn number(self) -> u32 {
        self.0
    }
}

/// A call of the script: its name as messages write it, and its place.
#[derive(Debug, Clone)]
pub(super) struct CallPlace {
    pub(super) name: String,
    pub(super) origin: Origin,
}

/// A setter as it is declared.
pub(super) struct Setter {
    pub(super) name: &'static str,
    /// The number of its parameters.
    pub(super) parameters: usize,
    /// Whether each call adds a value.
    pub(super) adds: bool,
}

/// A version of a value.
pub(super) struct Version {
    /// The type of the value.
    pub(super) kind: &'static str,
    /// The version that the setter was called on; none for a constructor.
    pub(super) before: Option<VersionId>,
    /// The version that the constructor created.
    pub(super) first: VersionId,
    /// The setter, or the constructor.
    pub(super) name: &'static str,
    pub(super) origin: Origin,
    /// The number of the setter's arguments, if it holds one value; none for a constructor and for a setter that adds.
    holds: Option<usize>,
    /// Whether the setter changed the value.
    pub(super) differs: bool,
    /// The versions in its arguments.
    pub(super) takes: Vec<VersionId>,
    /// The first call that took this version.
    pub(super) taken: Option<Rc<CallPlace>>,
    /// The first use of this version in a text or of one of its attributes.
    pub(super) mentioned: Option<Rc<CallPlace>>,
    /// The first call that took the version before, when the setter was called.
    pub(super) before_was_taken: Option<Rc<CallPlace>>,
    /// The first use of the version before in a text or of one of its attributes, when the setter was called.
    pub(super) before_was_mentioned: Option<Rc<CallPlace>>,
    /// Whether this version or a later one is taken.
    pub(super) leads_to_taken: bool,
    /// Whether this version or a later one is mentioned.
    pub(super) leads_to_mentioned: bool,
}

impl Version {
    fn new(kind: &'static str, before: Option<VersionId>, first: VersionId, call: (&'static str, Origin)) -> Self {
        Self {
            kind,
            before,
            first,
            name: call.0,
            origin: call.1,
            holds: None,
            differs: false,
            takes: Vec::new(),
            taken: None,
            mentioned: None,
            before_was_taken: None,
            before_was_mentioned: None,
            leads_to_taken: false,
            leads_to_mentioned: false,
        }
    }
}

/// An attribute whose value was read and is another one in a later version.
pub(super) struct StaleRead {
    /// The attribute.
    pub(super) attribute: &'static str,
    /// The place that read it.
    pub(super) read: Origin,
    /// The version in which it has another value.
    pub(super) version: VersionId,
}

/// Returns the value of an attribute of a block, if it is of the right type.
type ReadAttribute = dyn Fn(&dyn Any) -> Option<Value>;

/// An attribute that the script read, with its value.
struct Read {
    attribute: &'static str,
    origin: Origin,
    value: Value,
    /// Returns the attribute of another version.
    of: Rc<ReadAttribute>,
}

/// All versions of one evaluation.
#[derive(Default)]
pub(super) struct Versions {
    all: Vec<Version>,
    by_address: HashMap<usize, (VersionId, Weak<dyn Any>)>,
    swept: usize,
    /// The attributes that were read, by the first version.
    reads: HashMap<u32, Vec<Read>>,
    pub(super) stale: Vec<StaleRead>,
    /// The addresses that the current call mentioned.
    pub(super) mentioned_now: Vec<usize>,
    /// The first versions of values of which a setter failed.
    doubtful: HashSet<u32>,
}

impl Versions {
    /// Returns a version.
    pub(super) fn get(&self, id: VersionId) -> &Version {
        &self.all[id.0 as usize]
    }

    /// Returns all versions with their ids, in the order of creation.
    pub(super) fn iter(&self) -> impl Iterator<Item = (VersionId, &Version)> {
        self.all.iter().zip(0..).map(|(version, at)| (VersionId(at), version))
    }

    /// Returns the version of a value, if it is one that a constructor or setter created.
    pub(super) fn of(&self, address: usize) -> Option<VersionId> {
        self.by_address.get(&address).map(|(id, _)| *id)
    }

    /// Returns the version of a value of the script.
    pub(super) fn of_value(&self, value: &Dynamic) -> Option<VersionId> {
        self.of(address_of(value)?)
    }

    /// Adds a value that a constructor created.
    pub(super) fn begin<T: Any>(&mut self, kind: &'static str, value: &Rc<T>, call: (&'static str, Origin)) {
        let first = self.next();
        self.all.push(Version::new(kind, None, first, call));
        self.know(value, first);
    }

    /// Adds the version that a setter created.
    pub(super) fn change<T: Any + PartialEq>(
        &mut self,
        before: &Rc<T>,
        value: &Rc<T>,
        setter: &Setter,
        origin: &Origin,
    ) -> Option<VersionId> {
        let before_id = self.of(address(before))?;
        let id = self.next();
        let known = self.get(before_id);
        let mut version = Version::new(known.kind, Some(before_id), known.first, (setter.name, origin.clone()));
        version.holds = (!setter.adds).then_some(setter.parameters);
        version.before_was_taken.clone_from(&known.taken);
        version.before_was_mentioned.clone_from(&known.mentioned);
        version.differs = (known.taken.is_none() && known.mentioned.is_none()) || before != value;
        self.compare_reads(version.first, id, &**value);
        self.all.push(version);
        self.know(value, id);
        Some(id)
    }

    /// Returns the earlier call of a setter that holds one value. A setter without an argument changes nothing when it is
    /// called again.
    pub(super) fn called_before(&self, before: Option<VersionId>, setter: &Setter) -> Option<&Origin> {
        if setter.adds {
            return None;
        }
        let mut at = before;
        while let Some(version) = at.map(|id| self.get(id)) {
            if let Some(given) = version.holds.filter(|_| version.name == setter.name) {
                return (given > 0 || setter.parameters > 0).then_some(&version.origin);
            }
            at = version.before;
        }
        None
    }

    /// Records that a call took the values in its arguments, except those that it only mentioned. Returns all of them.
    pub(super) fn take(&mut self, arguments: &[usize], call: &Rc<CallPlace>) -> Vec<VersionId> {
        let mentioned = std::mem::take(&mut self.mentioned_now);
        let mut taken = Vec::new();
        for address in arguments {
            let Some(id) = self.of(*address) else { continue };
            taken.push(id);
            if !mentioned.contains(address) {
                let first = |version: &mut Version| {
                    version.taken.get_or_insert_with(|| Rc::clone(call));
                };
                self.mark(id, first, |version| &mut version.leads_to_taken);
            }
        }
        for address in mentioned {
            taken.extend(self.mention(address, call));
        }
        taken
    }

    /// Records that a text or call refers to a value. Returns its version.
    pub(super) fn mention(&mut self, address: usize, call: &Rc<CallPlace>) -> Option<VersionId> {
        let id = self.of(address)?;
        let first = |version: &mut Version| {
            version.mentioned.get_or_insert_with(|| Rc::clone(call));
        };
        self.mark(id, first, |version| &mut version.leads_to_mentioned);
        Some(id)
    }

    /// Records that the script read an attribute.
    pub(super) fn read<T: Any>(&mut self, value: &Rc<T>, read: (&'static str, &Value, Origin), get: fn(&T) -> Value) {
        let Some(first) = self.of(address(value)).map(|id| self.get(id).first) else { return };
        let (attribute, value, origin) = read;
        let known = self.reads.entry(first.0).or_default();
        if !known.iter().any(|read| read.attribute == attribute && read.value == *value) {
            let of = Rc::new(move |other: &dyn Any| other.downcast_ref::<T>().map(get));
            known.push(Read { attribute, origin, value: value.clone(), of });
        }
    }

    fn compare_reads(&mut self, first: VersionId, version: VersionId, value: &dyn Any) {
        let Some(reads) = self.reads.get_mut(&first.0) else { return };
        for read in reads.extract_if(.., |read| (read.of)(value).is_some_and(|now| now != read.value)) {
            self.stale.push(StaleRead { attribute: read.attribute, read: read.origin, version });
        }
    }

    /// Marks a version, and that the versions before it lead to it.
    fn mark(&mut self, id: VersionId, own: impl FnOnce(&mut Version), leads: fn(&mut Version) -> &mut bool) {
        own(&mut self.all[id.0 as usize]);
        let mut at = Some(id);
        while let Some(version) = at.map(|id| &mut self.all[id.0 as usize]) {
            if std::mem::replace(leads(version), true) {
                return;
            }
            at = version.before;
        }
    }

    /// Records that a setter of a value failed.
    pub(super) fn doubt(&mut self, address: usize) {
        let first = self.of(address).map(|id| self.get(id).first.0);
        self.doubtful.extend(first);
    }

    /// Returns the places of all calls that created values of which a setter failed, or that took such a value. A stack is
    /// not doubtful because one of its blocks is.
    pub(super) fn doubtful(&self) -> HashSet<Origin> {
        let mut doubtful = self.doubtful.clone();
        loop {
            let takes = |version: &&Version| {
                version.kind != "Stack"
                    && version.takes.iter().any(|taken| doubtful.contains(&self.get(*taken).first.0))
            };
            let found: Vec<u32> = self.all.iter().filter(takes).map(|version| version.first.0).collect();
            let before = doubtful.len();
            doubtful.extend(found);
            if doubtful.len() == before {
                break;
            }
        }
        let calls = self.all.iter().filter(|version| doubtful.contains(&version.first.0));
        calls.map(|version| version.origin.clone()).collect()
    }

    /// Sets the versions in the arguments of the call that created a version.
    pub(super) fn set_takes(&mut self, id: VersionId, takes: Vec<VersionId>) {
        self.all[id.0 as usize].takes = takes;
    }

    fn next(&self) -> VersionId {
        VersionId(u32::try_from(self.all.len()).expect("the number of values is limited"))
    }

    fn know<T: Any>(&mut self, value: &Rc<T>, id: VersionId) {
        if self.by_address.len() >= FIRST_SWEEP.max(self.swept * 2) {
            self.by_address.retain(|_, (_, value)| value.strong_count() > 0);
            self.swept = self.by_address.len();
        }
        let value = Rc::clone(value);
        let any: Rc<dyn Any> = value;
        self.by_address.insert(Rc::as_ptr(&any).cast::<()>() as usize, (id, Rc::downgrade(&any)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CPU: Setter = Setter { name: "cpu", parameters: 1, adds: false };
    const EXEC: Setter = Setter { name: "exec", parameters: 0, adds: false };
    const ENV: Setter = Setter { name: "env", parameters: 2, adds: true };

    fn line(number: u32) -> Origin {
        Origin::new("app.rhai", number, 1)
    }

    /// Returns a chain of setters on one value, and the lines of earlier calls of the setter of its last one.
    fn chain(setters: &[&Setter]) -> (Versions, Option<u32>) {
        let mut versions = Versions::default();
        let mut value = Rc::new(0_u32);
        versions.begin("Number", &value, ("Number", line(1)));
        let mut earlier = None;
        for (setter, at) in setters.iter().zip(2_u32..) {
            let next = Rc::new(*value + 1);
            earlier = versions.called_before(versions.of(address(&value)), setter).map(|origin| origin.line);
            versions.change(&value, &next, setter, &line(at)).expect("a known value");
            value = next;
        }
        (versions, earlier)
    }

    #[test]
    fn second_call_of_a_setter_with_one_value_finds_the_first() {
        assert_eq!(chain(&[&CPU, &ENV, &CPU]).1, Some(2));
        assert_eq!(chain(&[&CPU, &ENV]).1, None);
    }

    #[test]
    fn setter_that_adds_and_flag_can_be_called_again() {
        assert_eq!(chain(&[&ENV, &ENV]).1, None);
        assert_eq!(chain(&[&EXEC, &EXEC]).1, None);
    }

    #[test]
    fn forgotten_values_do_not_hide_the_earlier_calls_of_a_chain() {
        let mut setters = vec![&CPU];
        setters.extend(std::iter::repeat_n(&ENV, 3 * FIRST_SWEEP));
        setters.push(&CPU);
        let (versions, earlier) = chain(&setters);
        assert_eq!(earlier, Some(2));
        assert!(versions.by_address.len() <= FIRST_SWEEP, "{} values are known", versions.by_address.len());
    }
}
