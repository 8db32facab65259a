//! What a copy or move is refused for before anything is sent.

use crate::model::VPath;
use crate::model::text::printable;

/// Refuses a source that would become a part of itself.
pub(super) fn not_into_itself(same_volume: bool, source: &VPath, target: &VPath) -> Result<(), String> {
    if !same_volume {
        return Ok(());
    }
    let name = printable(source.as_bytes());
    if source == target {
        Err(format!("{name} cannot be copied onto itself: choose another directory or name"))
    } else if target.is_within(source) {
        Err(format!("{name} cannot be copied into itself"))
    } else {
        Ok(())
    }
}
