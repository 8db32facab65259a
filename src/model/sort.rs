//! The order of a listing, as a person asks for it.

/// What listings can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortKey {
    /// By name, in natural order.
    #[default]
    Name,
    /// By size.
    Size,
    /// By time of modification.
    Time,
    /// By extension.
    Extension,
}
