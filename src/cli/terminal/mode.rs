//! The mode of the terminal: a line editor or a program in the terminal changes it.

/// The mode of the terminal of standard input; none if that is not a terminal.
#[derive(Clone)]
pub(crate) struct TerminalMode {
    #[cfg(unix)]
    mode: Option<rustix::termios::Termios>,
}

impl TerminalMode {
    /// Returns the mode as it is.
    pub(crate) fn current() -> Self {
        Self {
            #[cfg(unix)]
            mode: rustix::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }

    /// Restores the mode.
    pub(crate) fn restore(&self) {
        #[cfg(unix)]
        if let Some(mode) = &self.mode {
            // The terminal may be gone.
            let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, mode);
        }
    }
}
