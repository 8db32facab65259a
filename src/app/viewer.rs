//! A file being viewed, by windows: the first screen at once, big files without reading them whole.

use crate::model::{ConnectionId, RequestId, VPath};

/// Text or bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ViewMode {
    /// Lines of text, wrapped or cut.
    #[default]
    Text,
    /// Offset, sixteen bytes in hex, and as characters.
    Hex,
}

/// A file being viewed.
#[derive(Debug)]
pub struct Viewer {
    /// Of which volume.
    pub connection: ConnectionId,
    /// Which file.
    pub path: VPath,
    /// Bytes of the file, where known.
    pub size: Option<u64>,
    /// Text or bytes.
    pub mode: ViewMode,
    /// Whether long lines are wrapped.
    pub wrap: bool,
    /// The window that is loaded begins at this byte.
    pub offset: u64,
    /// The window.
    pub bytes: Vec<u8>,
    /// The byte of the file that is at the top of the screen.
    pub top: u64,
    /// First column shown, when not wrapped.
    pub left: usize,
    /// The window that is on its way.
    pub loading: Option<RequestId>,
    /// Why it could not be read.
    pub trouble: Option<String>,
    /// What is searched for.
    pub needle: Vec<u8>,
    /// Where it was found: offset and length in bytes.
    pub found: Option<(u64, usize)>,
}
