//! Why a password could not be had or kept, as sentences that say what to do. None of them holds a part of one.

use std::path::PathBuf;

use crate::config::ConfigError;

/// Why a password could not be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The vault needs its passphrase first.
    #[error("the vault is closed; it opens with its passphrase")]
    Locked,
    /// There is no vault yet: the passphrase that is given now will be its own.
    #[error("there is no vault yet; it is made with a passphrase of yours")]
    NoVault,
    /// The vault does not open with this passphrase.
    #[error("the vault does not open: another passphrase is its own, or its file was changed")]
    WrongPassphrase,
    /// The vault's file is not one.
    #[error("{} is no vault that can be opened: {why}; move it away to begin a new one", .path.display())]
    BadVault {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The system's keyring does not answer.
    #[error("no keyring answers here ({0}); the vault keeps passwords without one")]
    NoKeyring(String),
    /// The keyring refused.
    #[error("the keyring refused: {0}")]
    Keyring(String),
    /// A line of netrc cannot be understood.
    #[error("{}:{line}: {why}; nothing of the file was used", .path.display())]
    Netrc {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong there.
        why: &'static str,
    },
    /// Others can read netrc.
    #[error("{0} can be read by others (mode {1:o}), so the password in it is not used; run chmod 600 on it", .path.display(), .mode)]
    NetrcOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A command did not print a password.
    #[error("{0}; run it by itself to see what it prints")]
    Command(String),
    /// What was found cannot be a password.
    #[error("what is kept as the password of {0} holds a line break or a NUL; keep it anew")]
    Unsendable(String),
    /// The system gave no random numbers, no memory.
    #[error("the system does not give what encryption needs: {0}")]
    System(String),
    /// The settings' files.
    #[error(transparent)]
    Config(#[from] ConfigError),
}
