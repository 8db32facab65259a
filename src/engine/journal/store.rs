//! The file of the journal: opened, made, refused or set aside.
//!
//! Guarantee: readable by its owner only, from before its first byte; what another version wrote is left alone; a file that is damaged is
//! kept under another name, never deleted.

use std::collections::HashMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::model::{BatchId, During, Failure, FailureKind};

use super::lock::{self, Lock};

/// The version of the tables.
const VERSION: i64 = 2;
/// Marks the file as ours: `ftpn`.
const APPLICATION: i64 = 0x6674_706e;
/// How long another process may hold the file; a test need not wait as long.
const BUSY: Duration = if cfg!(test) { Duration::from_millis(50) } else { Duration::from_secs(5) };

const TABLES: &str = "
CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, began INTEGER NOT NULL);
CREATE TABLE batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, asked INTEGER NOT NULL, state INTEGER NOT NULL, verb TEXT NOT NULL,
    from_end TEXT NOT NULL, to_end TEXT NOT NULL, existing TEXT NOT NULL, follow INTEGER NOT NULL, manner TEXT NOT NULL,
    items INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX batches_state ON batches (state);
CREATE TABLE items (
    batch INTEGER NOT NULL, n INTEGER NOT NULL, source BLOB NOT NULL, target BLOB NOT NULL, kind TEXT NOT NULL, size INTEGER,
    time INTEGER, precision TEXT, mode INTEGER, PRIMARY KEY (batch, n)
) WITHOUT ROWID;
CREATE TABLE files (
    id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, at INTEGER NOT NULL, source BLOB NOT NULL, target BLOB NOT NULL,
    renamed INTEGER NOT NULL, size INTEGER, time INTEGER, precision TEXT, outcome TEXT NOT NULL, failure TEXT
);
CREATE TABLE partials (
    account TEXT NOT NULL, path BLOB NOT NULL, from_account TEXT NOT NULL, from_path BLOB NOT NULL, size INTEGER, time INTEGER,
    precision TEXT, beside INTEGER NOT NULL, done INTEGER NOT NULL, run INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (account, path)
) WITHOUT ROWID;
";

/// Every column that is used: a file that lacks one is none of ours.
const COLUMNS: [&str; 5] = [
    "SELECT id, began FROM runs LIMIT 0",
    "SELECT id, run, asked, state, verb, from_end, to_end, existing, follow, manner, items, done, failed FROM batches LIMIT 0",
    "SELECT batch, n, source, target, kind, size, time, precision, mode FROM items LIMIT 0",
    "SELECT id, batch, at, source, target, renamed, size, time, precision, outcome, failure FROM files LIMIT 0",
    "SELECT account, path, from_account, from_path, size, time, precision, beside, done, run, at FROM partials LIMIT 0",
];

/// Why the journal cannot be kept.
#[derive(Debug)]
pub(super) enum Cannot {
    /// A later version has written it.
    Newer,
    /// The database says no.
    Database(rusqlite::Error),
    /// The file system says no.
    System(io::Error),
}

impl From<rusqlite::Error> for Cannot {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<io::Error> for Cannot {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl Cannot {
    /// Whether the file is no sound journal.
    fn is_damage(&self) -> bool {
        match self {
            Self::Database(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown | ErrorCode::TypeMismatch)
            ),
            Self::Newer | Self::System(_) => false,
        }
    }

    /// As a person is told it.
    pub(super) fn failure(&self, dir: &Path) -> Failure {
        let (kind, detail) = match self {
            Self::Newer => (FailureKind::Unsupported, "a newer ftpane has written it".to_owned()),
            Self::System(error) => (FailureKind::Local, error.to_string()),
            Self::Database(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => (FailureKind::Full, "the disk is full".to_owned()),
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    (FailureKind::Local, "another program holds it locked".to_owned())
                }
                Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                    (FailureKind::Denied, "it cannot be written".to_owned())
                }
                _ => (FailureKind::Local, error.to_string()),
            },
        };
        Failure::new(kind, During::Write, format!("the journal: {detail}")).about(file_of(dir).as_os_str().as_encoded_bytes())
    }
}

/// The database, and who we are in it.
#[derive(Debug)]
pub(super) struct Store {
    db: Connection,
    pub(super) dir: PathBuf,
    pub(super) run: i64,
    _lock: Lock,
    /// Our batches, by the numbers of this run.
    pub(super) ids: HashMap<BatchId, i64>,
    /// Transactions that were written.
    pub(super) commits: u64,
}

fn file_of(dir: &Path) -> PathBuf {
    dir.join("journal.db")
}

impl Store {
    /// Opens the journal in `dir`, which is made where it is missing; tells besides where a damaged one was set aside.
    pub(super) fn open(dir: &Path, now: i64) -> Result<(Self, Option<Failure>), Cannot> {
        make_private(dir)?;
        // The database refuses links, and a home may lie behind one.
        let dir = fs::canonicalize(dir)?;
        let opening = lock::opening(&dir)?;
        let (mut db, note) = match connect(&dir) {
            Ok(db) => (db, None),
            Err(cannot) if cannot.is_damage() && opening.is_some() => {
                let aside = set_aside(&dir, now)?;
                (connect(&dir)?, Some(set_aside_note(&dir, &aside)))
            }
            Err(cannot) => return Err(cannot),
        };
        let (run, lock) = begin_run(&mut db, &dir, now)?;
        Ok((Self { db, dir, run, _lock: lock, ids: HashMap::new(), commits: 0 }, note))
    }

    /// Begins a transaction that writes.
    pub(super) fn write(&mut self) -> Result<Transaction<'_>, Cannot> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// The database, to read.
    pub(super) fn db(&self) -> &Connection {
        &self.db
    }
}

fn make_private(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    if fs::metadata(dir)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(dir, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn connect(dir: &Path) -> Result<Connection, Cannot> {
    let path = file_of(dir);
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(no_follow).open(&path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut db = Connection::open_with_flags(&path, flags)?;
    db.busy_timeout(BUSY)?;
    // Whatever stands in the file, it runs nothing and changes no rule.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    // The next start reads what was not moved into the file: an end need not wait for the disk.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let version = version_of(&db)?;
    if version > VERSION {
        return Err(Cannot::Newer);
    }
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "journal_size_limit", 8 << 20)?;
    db.set_prepared_statement_cache_capacity(32);
    match version {
        0 => make_tables(&mut db)?,
        1 => from_first(&mut db)?,
        _ => {}
    }
    for columns in COLUMNS {
        db.prepare(columns)?;
    }
    Ok(db)
}

fn version_of(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Makes the tables, unless another process has meanwhile.
fn make_tables(db: &mut Connection) -> Result<(), Cannot> {
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version_of(&change)? == 0 {
        change.execute_batch(TABLES)?;
        change.pragma_update(None, "application_id", APPLICATION)?;
        change.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(change.commit()?)
}

/// The first version kept which parts of a partial were there; the partial says so itself.
fn from_first(db: &mut Connection) -> Result<(), Cannot> {
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version_of(&change)? == 1 {
        change.execute_batch("ALTER TABLE partials DROP COLUMN ranges")?;
        change.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(change.commit()?)
}

/// Gives a file that is no sound journal another name, with all that belongs to it.
fn set_aside(dir: &Path, now: i64) -> io::Result<PathBuf> {
    let path = file_of(dir);
    let aside = (0..1000)
        .map(|n| dir.join(if n == 0 { format!("journal.damaged-{now}.db") } else { format!("journal.damaged-{now}-{n}.db") }))
        .find(|aside| !aside.exists())
        .ok_or_else(|| io::Error::other("there are too many damaged journals"))?;
    fs::rename(&path, &aside)?;
    for tail in ["-wal", "-shm"] {
        let of = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(tail);
            PathBuf::from(name)
        };
        match fs::rename(of(&path), of(&aside)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}

fn set_aside_note(dir: &Path, aside: &Path) -> Failure {
    let name = aside.file_name().unwrap_or_default().to_string_lossy();
    let detail = format!("the journal was damaged, and what earlier runs had not finished is not known; it is kept as {name}");
    Failure::new(FailureKind::Local, During::Read, detail)
        .about(file_of(dir).as_os_str().as_encoded_bytes())
        .hint("a new journal was begun")
}

/// Enters this run, holding its lock from before anybody can see it; clears away the runs that have ended and left nothing.
fn begin_run(db: &mut Connection, dir: &Path, now: i64) -> Result<(i64, Lock), Cannot> {
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let ended = "SELECT id FROM runs WHERE NOT EXISTS (SELECT 1 FROM batches WHERE run = runs.id AND state = 0)";
    let ended: Vec<i64> = change.prepare(ended)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for run in ended.into_iter().filter(|run| !lock::is_live(dir, *run)) {
        change.execute("DELETE FROM runs WHERE id = ?1", [run])?;
        lock::clear(dir, run);
    }
    change.execute("INSERT INTO runs (began) VALUES (?1)", [now])?;
    let run = change.last_insert_rowid();
    let lock = Lock::hold(dir, run)?;
    change.commit()?;
    Ok((run, lock))
}
