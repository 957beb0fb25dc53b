use super::Diagnostic;

/// The problems found so far; the first never hides the second.
pub type Sink = Vec<Diagnostic>;

/// A value with its problems: warnings with a value, or errors without one.
#[derive(Debug, Clone, PartialEq)]
pub struct Report<T> {
    /// The value, absent if there is an error.
    pub value: Option<T>,
    /// Every problem found, in the order of finding.
    pub problems: Sink,
}

impl<T> Report<T> {
    /// Creates a value, unless one of the problems is an error.
    pub fn new(value: T, problems: Sink) -> Self {
        let value = (!problems.iter().any(Diagnostic::is_error)).then_some(value);
        Self { value, problems }
    }

    /// Creates no value, because of these problems.
    pub fn failed(problems: Sink) -> Self {
        Self { value: None, problems }
    }

    /// Applies the next step to the value, and adds its problems.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Report<U>) -> Report<U> {
        let Some(value) = self.value else { return Report::failed(self.problems) };
        let mut after = next(value);
        let mut problems = self.problems;
        problems.append(&mut after.problems);
        Report { value: after.value, problems }
    }
}
