use std::time::Duration;

/// Something that goes wrong on request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The logical id of the resource that fails.
    pub resource: String,
    /// At which step.
    pub moment: Moment,
    /// AWS's words.
    pub reason: String,
    /// How long after the step's beginning; mostly through it where nothing is said.
    pub after: Option<Duration>,
    /// How often.
    pub times: u32,
}

/// The steps that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It is made.
    Create,
    /// It is changed or replaced.
    Update,
    /// It is put back after a failed update.
    Restore,
    /// It is deleted.
    Delete,
}

impl Fault {
    /// A resource fails once.
    pub fn once(resource: &str, moment: Moment, reason: &str) -> Self {
        Self { resource: resource.to_owned(), moment, reason: reason.to_owned(), after: None, times: 1 }
    }
}
