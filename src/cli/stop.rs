//! How a run ends: the exit codes, and the one sentence that goes with a failure.

use std::process::ExitCode;

use crate::model::{Failure, FailureKind, Site};

use super::{tls, why};

/// All done.
pub const DONE: u8 = 0;
/// Some of it failed.
pub const SOME_FAILED: u8 = 1;
/// What was asked makes no sense, or cannot be done at all.
pub const USAGE: u8 = 2;
/// No connection or no login, and nothing had started.
pub const NO_LOGIN: u8 = 3;
/// The certificate was refused, and nothing had started.
pub const CERTIFICATE: u8 = 4;
/// Ctrl-C or a request to end.
pub const INTERRUPTED: u8 = 130;

/// Why a run ends before its work is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The exit code.
    pub code: u8,
    /// One sentence for standard error, safe for the screen; none where nothing is left to say.
    pub message: Option<String>,
}

impl Stop {
    /// An end with a sentence.
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()) }
    }

    /// The end for wrong usage.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(USAGE, message)
    }

    /// An end that needs no words: they were said already, or nobody listens any more.
    pub fn silent(code: u8) -> Self {
        Self { code, message: None }
    }

    /// The end because the server of a site could not be used at all.
    pub fn not_opened(failure: &Failure, site: &Site) -> Self {
        match failure.kind {
            FailureKind::Cancelled => Self::silent(INTERRUPTED),
            FailureKind::Certificate => {
                let told =
                    failure.certificate.as_deref().map_or_else(|| failure.to_string(), |certificate| tls::refused(failure, certificate));
                Self::new(CERTIFICATE, told)
            }
            _ => Self::new(NO_LOGIN, why::sentence(failure, site)),
        }
    }

    /// Says the sentence and gives the code to the system.
    pub fn exit(self) -> ExitCode {
        if let Some(message) = &self.message {
            eprintln_quietly(&format!("ftpane: {message}"));
        }
        ExitCode::from(self.code)
    }
}

/// A line on standard error; where that is closed there is nobody to tell, and `eprintln!` would panic.
pub fn eprintln_quietly(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
