//! What to do where the target of a copy exists already.

use super::entry::Timestamp;
use super::path::VPath;

/// The rule for an existing target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Existing {
    /// Ask the person.
    #[default]
    Ask,
    /// Replace it.
    Overwrite,
    /// Replace it if the source is newer, by more than the coarser precision of the two times.
    Newer,
    /// Replace it if the sizes differ.
    Size,
    /// Replace it if it differs: the sizes do, or the source is newer by more than the coarser precision of the two times.
    Differs,
    /// Go on where it ends, if it is shorter than the source.
    Resume,
    /// Keep it and give the copy another name.
    Rename,
    /// Keep it and copy nothing.
    Skip,
    /// Count it as an error.
    Fail,
}

/// One side of a conflict, for the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Where it is.
    pub path: VPath,
    /// Bytes.
    pub size: Option<u64>,
    /// Last modification.
    pub modified: Option<Timestamp>,
}
