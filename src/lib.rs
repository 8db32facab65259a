//! ftpane
