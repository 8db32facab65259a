//! The values that everything else speaks of: names, paths, entries, sites, failures.
//!
//! Guarantee: no I/O, no clock, no dependency besides std, serde, jiff, zeroize, encoding_rs and unicode-normalization. A value that exists is well formed: a [`Name`] can be put
//! into a command, a [`VPath`] is absolute and free of `.` and `..`.

pub mod ascii;
pub mod certificate;
pub mod charset;
pub mod checkup;
pub mod clock;
pub mod conflict;
pub mod digest;
pub mod entry;
pub mod explain;
pub mod failure;
pub mod figures;
pub mod fold;
pub mod id;
pub mod journal;
pub mod limits;
pub mod listing;
pub mod local_name;
pub mod opened;
pub mod path;
pub mod paths;
pub mod percent;
pub mod perms;
pub mod rate;
pub mod reach;
pub mod secret;
pub mod site;
pub mod sort;
pub mod target;
pub mod text;
pub mod transfer;
pub mod url;
mod url_error;
pub mod wire;
pub mod words;

pub use ascii::Ascii;
pub use certificate::{Certificate, Fingerprint, Flaw};
pub use charset::Charset;
pub use clock::ClockOffset;
pub use conflict::{Existing, Side};
pub use digest::{Algorithm, Digest};

pub use entry::{Entry, Kind, Precision, Timestamp};
pub use failure::{During, Failure, FailureKind, Reply};
pub use id::{BatchId, ConnectionId, Generation, QuestionId, RequestId, TransferId};
pub use path::{BadName, Name, VPath};
pub use paths::Paths;
pub use reach::{Family, PortRange, Proxy, ProxyKind, Reach, Through};
pub use secret::Secret;
pub use site::{DataMode, Identity, ListingStyle, PasswordFrom, Secured, Site, StartDir, TlsPolicy, TlsVersion};
pub use sort::SortKey;
pub use transfer::{BatchSpec, Direction, Extras, Limits, Manner, Mirror, Place, Priority, Shift, Transfer, TransferState, Which};
pub use wire::{WireKind, WireLine};
