use std::process::{ExitCode, Termination};

/// The exit status of the process; the README documents the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Success.
    Ok,
    /// An error in the script or its settings.
    Script,
    /// An error on the command line.
    Usage,
    /// An error of AWS, or a failed operation.
    Aws,
    /// A deployment failed and was rolled back.
    RolledBack,
    /// `diff` found changes.
    ChangesFound,
    /// The user interrupted.
    Interrupted,
    /// `SIGTERM` ended the command.
    Terminated,
    /// `SIGHUP` ended the command.
    HungUp,
    /// The exit code of the command of `exec` or `run-task`.
    ChildExit(u8),
    /// A rehearsal was killed by `--fault kill-at`.
    Killed,
}

impl ExitStatus {
    /// Returns the exit code.
    pub fn code(self) -> u8 {
        match self {
            ExitStatus::Ok => 0,
            ExitStatus::Script => 1,
            ExitStatus::Usage => 2,
            ExitStatus::Aws => 3,
            ExitStatus::RolledBack => 4,
            ExitStatus::ChangesFound => 5,
            ExitStatus::Interrupted => 130,
            ExitStatus::Terminated => 143,
            ExitStatus::HungUp => 129,
            ExitStatus::ChildExit(code) => code,
            ExitStatus::Killed => 137,
        }
    }
}

impl Termination for ExitStatus {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}
