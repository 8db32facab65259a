//! Every limit on what a server may send or how long it may take, in one place, each with its reason.
//!
//! Guarantee: no wait without an end, no buffer that grows with what the server sends. What a person may need to set is in [`Limits`]; the
//! rest are constants. Limits that guard against nobody (how much is shown, how often something is drawn) stand where they are used.

use std::time::Duration;

use super::Site;

/// How long one address may take to accept a connection. Twice what three lost SYN packets cost.
pub const CONNECT: Duration = Duration::from_secs(15);
/// How long a reply may take. Some servers look our name up backwards before they greet or let us in, which takes half a minute.
pub const REPLY: Duration = Duration::from_secs(60);
/// How long a data connection may stand still.
pub const IDLE: Duration = Duration::from_secs(60);
/// Bytes a second that a data connection must move on average, counted over twice the idle limit. A server that sends a byte a minute is
/// never idle, and yet holds a lane for as long as it likes; nothing that anybody wants comes slower than a teleprinter of 1930.
pub const LOW_SPEED: u64 = 6;
/// How long the next address waits for the one before it (RFC 8305 §5).
pub const STAGGER: Duration = Duration::from_millis(250);
/// How many addresses of one host are tried: more is a name server's joke.
pub const ADDRESSES: usize = 16;
/// How long a cancelled transfer may take to get back in step before its connection is thrown away.
pub const ABANDON: Duration = Duration::from_secs(3);
/// How long a transfer that is stopped before its first byte may take to begin and end by itself. Stopped by ABOR while its data connection
/// is still to be accepted, pyftpdlib 2.2.0 keeps what it was about to send for the next one, which then gets another file's bytes.
pub const EARLY_END: Duration = Duration::from_secs(1);
/// How long a server that answers out of order may take for the reply that comes last after a stop.
pub const STRAGGLER: Duration = Duration::from_millis(300);
/// How long a failed data connection waits for the server's words about it.
pub const LAST_WORDS: Duration = Duration::from_secs(5);
/// How long QUIT waits for its answer.
pub const QUIT: Duration = Duration::from_secs(1);
/// The round trip from which on a server is far: what is spared of them is seen.
pub const FAR: Duration = Duration::from_millis(10);
/// How long a port that was asked for ahead counts as open. Servers wait half a minute and more for us to dial.
pub const PORT_AHEAD: Duration = Duration::from_secs(10);
/// How long the second answer and those behind it may take where several commands were sent at once: a server that reads one packet as one command
/// never gives them.
pub const CHAIN: Duration = Duration::from_secs(10);
/// How long it holds what one session has found out about a server.
pub const KNOWN: Duration = Duration::from_secs(600);
/// How long a timer runs that is due before the limits are; see `Session::beat`.
pub const PULSE: Duration = Duration::from_secs(5);
/// The next port is asked for while a file is under way only where the file is at most this long: it fits what servers hand to the system at once, so
/// that none of them looks at the control connection in between.
pub const SMALL_FILE: u64 = 16 * 1024;
/// How much longer than any other reply the one after an upload may take: what the kernel still holds has to drain first, and the server
/// may have to write it to a slow disk.
pub const UPLOAD_COMPLETION: u32 = 5;
/// How long an idle control connection waits before the first TCP keepalive: NAT boxes forget a connection after five minutes at the
/// earliest.
pub const KEEPALIVE: Duration = Duration::from_secs(60);
/// How long a reply that ended with another code than it began with is waited on for more of it.
pub const LULL: Duration = Duration::from_secs(1);
/// The longest reply, in bytes; suppaftp has the same limit. Long banners are some kilobytes.
pub const REPLY_BYTES: usize = 256 * 1024;
/// The longest line of a reply, in bytes. A path of 4,096 bytes, quoted, with room.
pub const LINE_BYTES: usize = 64 * 1024;
/// What of a reply's words is kept with a failure, in bytes: a person reads a screenful, and thousands of failures are kept.
pub const WORDS: usize = 2 * 1024;
/// What of a line is written to the log, in bytes: thousands of lines are kept, and a line may be as long as [`LINE_BYTES`].
pub const LOG_LINE: usize = 4 * 1024;
/// What lines of the log may take up while they wait to be shown or written, in bytes. A server that talks faster than a disk writes would else
/// fill memory with its words.
pub const LOG_WAITING: usize = 4 * 1024 * 1024;
/// How many lines that belong to no reply are passed over before one that does.
pub const STRAY_LINES: usize = 100;
/// How many preliminary greetings (`120 ready in 5 minutes`) are waited through.
pub const GREETINGS: usize = 5;
/// How many strangers may knock at an active data port before we give up on it.
pub const STRANGERS: usize = 50;
/// The most rows of one directory: what fits the memory of whoever shows them.
pub const ROWS: usize = 2_000_000;
/// The most links of one directory that are held until a second listing tells of them: some ten megabytes. One with more is listed in the
/// form that tells of links by itself.
pub const LINKS: usize = 100_000;
/// What the names, link targets and owners of one directory may hold, in bytes: two million names of common length, or fewer long ones.
pub const LIST_TEXT: usize = 96 * 1024 * 1024;
/// The longest row that is read, in bytes, its CR included. A path has 4,096 bytes on the systems that servers run on, and a row holds
/// two at most: a name and where it leads.
pub const ROW: usize = 16 * 1024;
/// The longest name that is used, in bytes: 255 characters of four bytes each, with room. No system has longer ones.
pub const NAME: usize = 1024;
/// The longest path that is walked to or copied to, in bytes, as on Linux; elsewhere it is shorter.
pub const PATH: usize = 4096;
/// Bytes that the directories may take that wait beside the way down to the one that is walked: some hundred thousand. A tree is walked in depth,
/// so that nothing else waits.
pub const BESIDE: usize = 64 * 1024 * 1024;
/// Files that were found and wait, of one pair of accounts, before walking pauses for them …
pub const FOUND: usize = 1_000_000;
/// … or so many bytes that they take up: a million of common names fit, of the longest that there are some hundred thousand. What is being walked at
/// that moment comes on top: a directory for each lane.
pub const FOUND_BYTES: usize = 128 * 1024 * 1024;
/// Rows that are looked at before a dialect of LIST is chosen. A person sees the first rows when they are in or the listing ends.
pub const SAMPLE_ROWS: usize = 16;
/// Owners and groups of one listing that are remembered: more than a directory has, unless a server makes them up.
pub const PEOPLE: usize = 4096;
/// Directories in one another that are entered: a server that does not tell where a link has led could send a walk round for ever.
pub const DEPTH: usize = 128;
/// The most unreadable rows handed on of one directory; the rest are noise.
pub const UNPARSED: usize = 10_000;
/// What a listing may hold besides its entries, in bytes: unreadable rows, `.` and `..`, totals. More of it is no directory.
pub const LIST_NOISE: u64 = 32 * 1024 * 1024;
/// What an entry's row may have of bytes, on average, before the rest counts as noise.
pub const ROW_BYTES: u64 = 4 * 1024;
/// The first rows shown: a screenful.
pub const FIRST_CHUNK: usize = 64;
/// Rows handed on at once after that.
pub const CHUNK: usize = 2_000;
/// How long an upload waits to be announced, its connection being there.
pub const ANNOUNCED: Duration = Duration::from_secs(5);
/// The same of a server that does not announce them: a refusal comes at once.
pub const UNANNOUNCED: Duration = Duration::from_millis(250);
/// How long the first listing of a server may wait to be shown until it is known what its clock shows.
pub const CLOCK_WAIT: Duration = Duration::from_secs(1);
/// How long rows may wait for a chunk to fill.
pub const CHUNK_WAIT: Duration = Duration::from_millis(100);
/// The block that a listing is read by.
pub const LIST_BLOCK: usize = 64 * 1024;

/// The limits of one session: those that a person may set.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// See [`CONNECT`].
    pub connect: Duration,
    /// See [`REPLY`].
    pub reply: Duration,
    /// See [`IDLE`].
    pub idle: Duration,
    /// See [`LOW_SPEED`]; 0 is no limit.
    pub low_speed: u64,
}

impl Limits {
    /// The limits for a site: its own where it has them. Its timeout is all three.
    pub fn of(site: &Site) -> Self {
        let timeout = site.timeout.map(|seconds| Duration::from_secs(u64::from(seconds.max(1))));
        Self {
            connect: timeout.unwrap_or(CONNECT),
            reply: timeout.unwrap_or(REPLY),
            idle: timeout.unwrap_or(IDLE),
            low_speed: site.low_speed.unwrap_or(LOW_SPEED),
        }
    }
}
