use std::process::{ExitCode, Termination};

/// How the process ends; what each means is in the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// All went well.
    Ok,
    /// Something in the script or its settings.
    Script,
    /// Something on the command line.
    Usage,
    /// AWS refused or failed.
    Aws,
    /// A deployment failed and was undone.
    RolledBack,
    /// `diff` found changes.
    ChangesFound,
    /// The user interrupted.
    Interrupted,
    /// What `exec` or `run-task` ran ended so.
    ChildExit(u8),
    /// A rehearsal was killed on request.
    Killed,
}

impl ExitStatus {
    /// The code that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            ExitStatus::Ok => 0,
            ExitStatus::Script => 1,
            ExitStatus::Usage => 2,
            ExitStatus::Aws => 3,
            ExitStatus::RolledBack => 4,
            ExitStatus::ChangesFound => 5,
            ExitStatus::Interrupted => 130,
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
