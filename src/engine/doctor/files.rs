//! What needs a file: reading from its middle, how fast it comes; and, where a directory was named for that, writing one of ours.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::engine::dial::Held;
use crate::model::checkup::Rung;
use crate::model::figures;
use crate::model::url::path_from;
use crate::model::{During, Failure, FailureKind, Name, Timestamp, VPath};
use crate::volume::{Connector, Sink, Source, Volume, WriteFrom};

use super::{Doctor, Seen};

/// A read that is timed lasts no longer than this.
const LONG: Duration = Duration::from_secs(3);
/// Nor is more read than this, in bytes.
const MUCH: u64 = 32 << 20;
const BLOCK: usize = 64 * 1024;
/// What our file is called: nothing of a person's is.
const OURS: &str = ".ftpane-doctor";
/// What is in it: two halves, the second written by going on.
const HALF: &[u8] = b"ftpane was here and goes away\r\n";
/// The time that is set: 2001-09-09, which no new file has by itself.
const THEN: i64 = 1_000_000_000;

impl<C: Connector> Doctor<C> {
    /// Reads the second half of a file.
    pub(super) async fn restart(&mut self, held: &mut Held<C::Volume>, seen: &Seen) {
        if self.stop.is_cancelled() {
            return;
        }
        self.begin();
        let Some((path, size)) = sample(seen) else {
            let says = if seen.offers("REST") { "FEAT offers it" } else { "FEAT does not offer it" };
            return self.untried(Rung::Restart, &format!("there is no file to try it with in the directory; {says}"));
        };
        // The last bytes alone: this is about whether, not how fast.
        let from = size - (size / 2).min(MUCH / 32);
        match read(&mut held.volume, (&path, from), &self.stop).await {
            Ok((bytes, _, true)) if bytes == size - from => {
                self.works(Rung::Restart, format!("read the last {} of {}", figures::grouped(bytes), figures::count(size, "byte", "bytes")))
            }
            Ok((bytes, _, true)) => {
                let detail = format!(
                    "{} came where {} were asked for: the server begins at the start all the same",
                    figures::count(bytes, "byte", "bytes"),
                    figures::grouped(size - from)
                );
                self.fails(Rung::Restart, Failure::new(FailureKind::Incomplete, During::Read, detail));
            }
            Ok((bytes, _, false)) => {
                self.works(Rung::Restart, format!("{} from the middle, then left off", figures::count(bytes, "byte", "bytes")))
            }
            Err(failure) => self.fails(Rung::Restart, failure),
        }
    }

    /// How fast a file comes.
    pub(super) async fn rate(&mut self, held: &mut Held<C::Volume>, seen: &Seen) {
        if self.stop.is_cancelled() {
            return;
        }
        self.begin();
        let Some((path, _)) = sample(seen) else { return self.untried(Rung::Rate, "there is no file to read in the directory") };
        match read(&mut held.volume, (&path, 0), &self.stop).await {
            Ok((bytes, took, _)) => {
                let each = figures::rate(bytes as f64 / took.as_secs_f64().max(1e-6));
                let small = if bytes < 1 << 20 { ", which is too little to tell" } else { "" };
                self.works(Rung::Rate, format!("{each} over {}{small}", figures::size_in_words(bytes)));
            }
            Err(failure) => self.fails(Rung::Rate, failure),
        }
    }

    /// Writes a file of ours in two steps, sets its time, and deletes it, whatever came of that.
    pub(super) async fn writing(&mut self, held: &mut Held<C::Volume>) {
        let opened = held.volume.opened();
        let home = opened.home.clone().or_else(|| opened.start.clone()).unwrap_or_else(VPath::root);
        let Some(directory) = self.extent.write.as_ref().and_then(|directory| path_from(directory, &home).ok()) else {
            self.untried(Rung::Write, "nothing is written unless a directory is named for it");
            return self.untried(Rung::SetTime, "nothing is written unless a directory is named for it");
        };
        if self.stop.is_cancelled() {
            return;
        }
        self.begin();
        let Ok(name) = Name::new(OURS.as_bytes()) else { return };
        let path = directory.join(&name);
        match held.volume.stat(&path).await {
            Ok(None) => {}
            Ok(Some(_)) => {
                let detail = "a file of that name is there already, and is left as it is";
                self.fails(Rung::Write, Failure::new(FailureKind::AlreadyExists, During::Write, detail).about(path.as_bytes()));
                return self.untried(Rung::SetTime, "there is no file of ours to try it with");
            }
            Err(failure) => {
                self.fails(Rung::Write, failure);
                return self.untried(Rung::SetTime, "there is no file of ours to try it with");
            }
        }
        let wrote = write_in_two(&mut held.volume, &path, &self.stop).await;
        let is_there = wrote.is_ok();
        match wrote {
            Ok(text) => self.works(Rung::Write, text),
            Err(failure) => self.fails(Rung::Write, failure),
        }
        if is_there {
            self.set_time(held, &path).await;
        } else {
            self.untried(Rung::SetTime, "there is no file of ours to try it with");
        }
        // Also after a failure: part of it may be there, and what is left of ours is never kept quiet.
        match held.volume.remove_file(&path).await {
            Ok(()) => {}
            Err(failure) if is_there => self.fails(Rung::Write, failure.hint(format!("{OURS} is left there"))),
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => self.fails(Rung::Write, failure.hint(format!("{OURS} may be left there"))),
        }
    }

    async fn set_time(&mut self, held: &mut Held<C::Volume>, path: &VPath) {
        if let Err(failure) = held.volume.set_time(path, Timestamp::exact(THEN)).await {
            return self.fails(Rung::SetTime, failure);
        }
        let told = match held.volume.exact_time(path).await {
            Ok(Some(time)) => Some(time.seconds),
            _ => held.volume.stat(path).await.ok().flatten().and_then(|entry| entry.modified).map(|time| time.seconds),
        };
        match told {
            Some(THEN) => self.works(Rung::SetTime, "the time that was set is the one that is told".to_owned()),
            Some(other) => {
                let detail = format!("a time was set, and one {} s from it is told", other.saturating_sub(THEN));
                self.fails(Rung::SetTime, Failure::new(FailureKind::Unsupported, During::SetTime, detail));
            }
            None => self.works(Rung::SetTime, "taken; the server does not tell times to compare".to_owned()),
        }
    }
}

fn sample(seen: &Seen) -> Option<(VPath, u64)> {
    let entry = seen.sample.as_ref()?;
    Some((seen.path.join(&entry.name), entry.size?))
}

/// Reads a file from an offset for a while; tells the bytes, the time they took, and whether that was all of it.
async fn read<V: Volume>(volume: &mut V, (path, from): (&VPath, u64), stop: &CancellationToken) -> Result<(u64, Duration, bool), Failure> {
    let mut source = volume.read(path, from, stop).await?;
    let since = Instant::now();
    let mut block = vec![0; BLOCK];
    let mut bytes = 0_u64;
    loop {
        let read = match source.read(&mut block).await {
            Ok(read) => read,
            Err(error) => {
                source.abandon().await;
                return Err(Failure::new(FailureKind::Disconnected, During::Read, error.to_string()).about(path.as_bytes()));
            }
        };
        if read == 0 {
            let took = since.elapsed();
            source.finish().await?;
            return Ok((bytes, took, true));
        }
        bytes += read as u64;
        if since.elapsed() > LONG || bytes > MUCH || stop.is_cancelled() {
            let took = since.elapsed();
            source.abandon().await;
            return Ok((bytes, took, false));
        }
    }
}

/// Writes the first half, and goes on with the second.
async fn write_in_two<V: Volume>(volume: &mut V, path: &VPath, stop: &CancellationToken) -> Result<String, Failure> {
    let size = HALF.len() as u64;
    write(volume, (path, WriteFrom::Start), stop).await?;
    let resumed = write(volume, (path, WriteFrom::Offset(size)), stop).await;
    let there = volume.stat(path).await.ok().flatten().and_then(|entry| entry.size);
    match (resumed, there) {
        (Ok(()), Some(bytes)) if bytes == 2 * size => Ok("a file was written, gone on with and is whole".to_owned()),
        (Ok(()), Some(bytes)) => Err(Failure::new(
            FailureKind::Incomplete,
            During::Write,
            format!("a file was written and gone on with, and has {bytes} instead of {} bytes", 2 * size),
        )),
        (Ok(()), None) => Ok("a file was written and gone on with; the server does not tell its size".to_owned()),
        (Err(failure), _) => Err(failure.hint("writing works; going on with a file does not")),
    }
}

async fn write<V: Volume>(volume: &mut V, (path, from): (&VPath, WriteFrom), stop: &CancellationToken) -> Result<(), Failure> {
    let mut sink = volume.write(path, from, None, stop).await?;
    match sink.write(HALF).await {
        Ok(()) => sink.finish(false).await,
        Err(error) => {
            sink.abandon().await;
            Err(Failure::new(FailureKind::Disconnected, During::Write, error.to_string()).about(path.as_bytes()))
        }
    }
}
