//! What is kept between runs: settings, saved sites, recent sites, passwords where a person wants them kept.
//!
//! Job: find the files, read them with errors that name file, line and column, change them without losing what a person wrote into
//! them. Guarantee: a file that cannot be read as a whole is never written; what is written is complete or not there at all; a
//! password is written into the vault only, encrypted; files are 0600 in a 0700 directory. Must not know the engine, the command line or the screen.

pub mod error;
mod file;
pub mod import;
pub mod paths;
mod reach;
pub mod recent;
mod row;
pub mod secrets;
pub mod servers;
pub mod settings;
pub mod sites;
pub mod targets;

pub use error::ConfigError;
pub use paths::Paths;
pub use servers::KnownServers;
pub use settings::{Notify, Settings};
pub use sites::SiteStore;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use sites::read as read_sites;
