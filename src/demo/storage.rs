//! The files behind the sample server: unftp-sbe-fs, with what it gets wrong for us put right.
//!
//! Job: reads, writes and changes go to [`Filesystem`], which confines them to its root by file descriptor. Listings and
//! metadata are our own, because there unftp-sbe-fs 0.4
//! - panics on a worker thread when a file vanishes while its directory is read, and the panic hook of a program that draws on
//!   the terminal would then end the drawing;
//! - asks a thread of the pool for each entry, and lists the whole directory for a CWD into it;
//! - reports a symbolic link's own length where a client needs the length of what it will receive.
//!
//! Guarantee: nothing outside the root is listed or named, whatever `..` and links say. Must not know: what is in the tree.

use std::fmt::Debug;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Instant, Sleep};
use unftp_core::storage::{Error, ErrorKind, Fileinfo, Metadata, Permissions, Result, StorageBackend};
use unftp_sbe_fs::Filesystem;

use super::server::User;

type Reader = Box<dyn AsyncRead + Send + Sync + Unpin>;
type Row = Fileinfo<PathBuf, Meta>;

/// A directory as the server's `/`. A clone shows the same files.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    files: Arc<Filesystem>,
    /// Canonical, so that what is inside can be told by its beginning.
    root: Arc<Path>,
    /// Bytes a second, for each connection.
    pace: Option<u64>,
}

impl Tree {
    /// `root` must be canonical.
    pub(super) fn new(root: &Path, pace: Option<u64>) -> io::Result<Self> {
        Ok(Self { files: Arc::new(Filesystem::new(root)?), root: root.into(), pace })
    }

    /// Runs a blocking file operation on the pool.
    async fn blocking<T, F>(&self, path: &Path, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Path, &Path) -> io::Result<T> + Send + 'static,
    {
        let (root, path) = (Arc::clone(&self.root), inside(path));
        tokio::task::spawn_blocking(move || job(&root, &path)).await.map_err(|_| Error::from(ErrorKind::LocalError))?.map_err(Error::from)
    }
}

#[async_trait]
impl StorageBackend<User> for Tree {
    type Metadata = Meta;

    fn supported_features(&self) -> u32 {
        StorageBackend::<User>::supported_features(&*self.files)
    }

    async fn metadata<P: AsRef<Path> + Send + Debug>(&self, _: &User, path: P) -> Result<Meta> {
        self.blocking(path.as_ref(), stat).await
    }

    async fn list<P: AsRef<Path> + Send + Debug>(&self, _: &User, path: P) -> Result<Vec<Row>> {
        self.blocking(path.as_ref(), list).await
    }

    async fn cwd<P: AsRef<Path> + Send + Debug>(&self, _: &User, path: P) -> Result<()> {
        self.blocking(path.as_ref(), |root, path| {
            let dir = confined(root, path)?;
            if dir.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
        })
        .await
    }

    async fn get<P: AsRef<Path> + Send + Debug>(&self, user: &User, path: P, start: u64) -> Result<Reader> {
        let reader = self.files.get(user, inside(path.as_ref()), start).await?;
        Ok(match self.pace {
            Some(pace) => Box::new(Paced::new(reader, pace)),
            None => reader,
        })
    }

    async fn put<P, R>(&self, user: &User, input: R, path: P, start: u64) -> Result<u64>
    where
        P: AsRef<Path> + Send + Debug,
        R: AsyncRead + Send + Sync + Unpin + 'static,
    {
        self.files.put(user, input, inside(path.as_ref()), start).await
    }

    async fn del<P: AsRef<Path> + Send + Debug>(&self, user: &User, path: P) -> Result<()> {
        self.files.del(user, inside(path.as_ref())).await
    }

    async fn mkd<P: AsRef<Path> + Send + Debug>(&self, user: &User, path: P) -> Result<()> {
        // What is there already is no file that was not found.
        if self.blocking(path.as_ref(), stat).await.is_ok() {
            return Err(ErrorKind::FileNameNotAllowedError.into());
        }
        self.files.mkd(user, inside(path.as_ref())).await
    }

    async fn rename<P: AsRef<Path> + Send + Debug>(&self, user: &User, from: P, to: P) -> Result<()> {
        self.files.rename(user, inside(from.as_ref()), inside(to.as_ref())).await
    }

    async fn rmd<P: AsRef<Path> + Send + Debug>(&self, user: &User, path: P) -> Result<()> {
        self.files.rmd(user, inside(path.as_ref())).await
    }
}

/// The path below the root: libunftp joins names to the current directory as they come, with every `..` in them.
fn inside(path: &Path) -> PathBuf {
    let mut clean = PathBuf::from(".");
    for part in path.components() {
        match part {
            Component::Normal(name) => clean.push(name),
            // The root's parent is the root, as on every server.
            Component::ParentDir if clean.components().count() > 1 => {
                clean.pop();
            }
            _ => {}
        }
    }
    clean
}

/// The real place of `path`, every link followed, if it is inside the root.
fn confined(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let real = root.join(path).canonicalize()?;
    if real.starts_with(root) { Ok(real) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

fn stat(root: &Path, path: &Path) -> io::Result<Meta> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => Meta::of(root, &confined(root, parent)?.join(name)),
        _ => Meta::of(root, &confined(root, path)?),
    }
}

fn list(root: &Path, path: &Path) -> io::Result<Vec<Row>> {
    let place = confined(root, path)?;
    if !place.is_dir() {
        let name = PathBuf::from(place.file_name().unwrap_or_default());
        let metadata = Meta::of(root, &place)?;
        return Ok(vec![Fileinfo { path: name, metadata }]);
    }
    let mut rows = Vec::new();
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        // What has vanished since the directory was read is simply not there.
        if let Ok(metadata) = Meta::of(root, &entry.path()) {
            rows.push(Fileinfo { path: entry.file_name().into(), metadata });
        }
    }
    Ok(rows)
}

/// What is known of one file.
#[derive(Debug)]
pub(super) struct Meta {
    own: fs::Metadata,
    /// Where a symbolic link points, as it is written in it.
    link: Option<PathBuf>,
    /// Of the file a symbolic link leads to, if it is inside the root.
    target: Option<fs::Metadata>,
}

impl Meta {
    fn of(root: &Path, path: &Path) -> io::Result<Self> {
        let own = fs::symlink_metadata(path)?;
        if !own.is_symlink() {
            return Ok(Self { own, link: None, target: None });
        }
        // Not a directory's: a link to one has no size worth telling.
        let target = confined(root, path).and_then(fs::metadata).ok().filter(fs::Metadata::is_file);
        Ok(Self { own, link: fs::read_link(path).ok(), target })
    }

    /// What a transfer of this name would read.
    fn content(&self) -> &fs::Metadata {
        self.target.as_ref().unwrap_or(&self.own)
    }
}

impl Metadata for Meta {
    fn len(&self) -> u64 {
        self.content().len()
    }

    // Never true of a link, though MLSD calls it a file then: a client that is told "directory" would empty the
    // target when it deletes the link.
    fn is_dir(&self) -> bool {
        self.own.is_dir()
    }

    fn is_file(&self) -> bool {
        self.own.is_file()
    }

    fn is_symlink(&self) -> bool {
        self.own.is_symlink()
    }

    fn modified(&self) -> Result<SystemTime> {
        self.content().modified().map_err(Error::from)
    }

    fn readlink(&self) -> Option<&Path> {
        self.link.as_deref()
    }

    #[cfg(unix)]
    fn uid(&self) -> u32 {
        std::os::unix::fs::MetadataExt::uid(&self.own)
    }

    #[cfg(unix)]
    fn gid(&self) -> u32 {
        std::os::unix::fs::MetadataExt::gid(&self.own)
    }

    #[cfg(unix)]
    fn links(&self) -> u64 {
        std::os::unix::fs::MetadataExt::nlink(&self.own)
    }

    #[cfg(unix)]
    fn permissions(&self) -> Permissions {
        Permissions(std::os::unix::fs::MetadataExt::mode(&self.own))
    }

    #[cfg(not(unix))]
    fn uid(&self) -> u32 {
        0
    }

    #[cfg(not(unix))]
    fn gid(&self) -> u32 {
        0
    }
}

/// A reader that keeps to so many bytes a second on the average.
struct Paced {
    inner: Reader,
    pace: u64,
    begun: Instant,
    /// Bytes read so far.
    read: u64,
    pause: Pin<Box<Sleep>>,
}

impl Paced {
    /// Shorter pauses than this are saved up: a timer is no finer.
    const GRAIN: Duration = Duration::from_millis(10);

    fn new(inner: Reader, pace: u64) -> Self {
        let begun = Instant::now();
        Self { inner, pace: pace.max(1), begun, read: 0, pause: Box::pin(tokio::time::sleep_until(begun)) }
    }
}

impl AsyncRead for Paced {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.pause.as_mut().poll(cx));
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        self.read += u64::try_from(buf.filled().len() - before).unwrap_or(0);
        let due = self.begun + Duration::from_micros(self.read.saturating_mul(1_000_000) / self.pace);
        if due > Instant::now() + Self::GRAIN {
            self.pause.as_mut().reset(due);
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_parents_leads_above_the_root() {
        assert_eq!(inside(Path::new("/../../etc/passwd")), Path::new("./etc/passwd"));
        assert_eq!(inside(Path::new("/a/b/../../../c")), Path::new("./c"));
        assert_eq!(inside(Path::new("/")), Path::new("."));
        assert_eq!(inside(Path::new("/a/..")), Path::new("."));
    }

    #[test]
    fn a_single_file_lists_as_itself() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), b"abc").unwrap();
        let root = dir.path().canonicalize().unwrap();
        let rows = list(&root, Path::new("./a")).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].path, Path::new("a"));
        assert_eq!(rows[0].metadata.len(), 3);
    }

    #[cfg(unix)]
    mod links {
        use super::*;
        use std::os::unix::fs::symlink;

        #[test]
        fn a_link_to_a_file_tells_the_size_of_what_is_read_through_it() {
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path().canonicalize().unwrap();
            fs::write(root.join("file"), vec![0; 1234]).unwrap();
            symlink("file", root.join("link")).unwrap();
            let meta = stat(&root, Path::new("./link")).unwrap();
            assert_eq!(meta.len(), 1234);
            assert!(meta.is_symlink());
            assert_eq!(meta.readlink(), Some(Path::new("file")));
        }

        #[test]
        fn a_link_to_a_directory_is_never_called_a_directory() {
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path().canonicalize().unwrap();
            fs::create_dir(root.join("sub")).unwrap();
            symlink("sub", root.join("link")).unwrap();
            assert!(!stat(&root, Path::new("./link")).unwrap().is_dir());
        }

        #[test]
        fn a_link_out_of_the_root_shows_nothing_of_what_is_there() {
            let outside = tempfile::tempdir().unwrap();
            fs::write(outside.path().join("secret"), vec![0; 77_777]).unwrap();
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path().canonicalize().unwrap();
            symlink(outside.path(), root.join("out")).unwrap();
            symlink(outside.path().join("secret"), root.join("file")).unwrap();
            assert!(list(&root, Path::new("./out")).is_err());
            assert!(stat(&root, Path::new("./out/secret")).is_err());
            assert_ne!(stat(&root, Path::new("./file")).unwrap().len(), 77_777);
        }
    }
}
