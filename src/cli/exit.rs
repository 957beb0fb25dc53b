use std::process::{ExitCode, Termination};

/// How the process ends; what each means is in the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
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
    Different,
    /// The user interrupted.
    Interrupted,
    /// What `exec` or `run-task` ran ended so.
    Ran(u8),
    /// A rehearsal was killed on request.
    Killed,
}

impl Exit {
    /// The code that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Script => 1,
            Exit::Usage => 2,
            Exit::Aws => 3,
            Exit::RolledBack => 4,
            Exit::Different => 5,
            Exit::Interrupted => 130,
            Exit::Ran(code) => code,
            Exit::Killed => 137,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}
