//! One part, fetched over one connection.
//!
//! Guarantee: a part is begun a little before its first byte, and those bytes must be the ones that are there already, or will be; exactly
//! the part's bytes are written, however much the server sends. The connection is in step afterwards, or lost.

use std::pin::pin;

use futures_util::future::join;
use tokio::time::{Instant, sleep};

use crate::model::{During, Failure, FailureKind};
use crate::volume::{Ahead, Sink, Source, Volume, WriteFrom};

use super::super::pump::{Past, Stepped, broken, read_up_to, step, stoppable, wait};
use super::kept::MARK;
use super::table::Claim;
use super::{Head, Spread, early};

/// Bytes before a part that are compared.
const OVERLAP: u64 = 64 * 1024;

/// Who fetches a part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    pub(super) claim: Claim,
    /// It is the lane that has the file, whose connection is needed afterwards.
    pub(super) owns: bool,
}

/// Fetches a part and lets go of it.
pub(super) async fn fetch<A: Volume, B: Volume>(
    a: &mut A,
    b: &mut B,
    spread: &Spread,
    holder: Holder,
    block: &mut [u8],
) -> Result<(), Failure> {
    let fetched = begin(a, b, spread, holder, block).await;
    spread.release(holder.claim);
    fetched
}

async fn begin<A: Volume, B: Volume>(a: &mut A, b: &mut B, spread: &Spread, holder: Holder, block: &mut [u8]) -> Result<(), Failure> {
    let overlap = holder.claim.from.min(OVERLAP);
    let asked = Instant::now();
    a.expect(Ahead { bold: !holder.owns, ..Ahead::default() });
    // What takes a while on the disk is done while the server's answer is on its way.
    let reserving = async { if holder.owns { spread.reserve(b).await } else { Ok(()) } };
    let opened = join(a.read(&spread.source, holder.claim.from - overlap, &spread.stop), reserving).await;
    let mut source = match opened {
        (Ok(source), Ok(())) => source,
        (opened, Err(failure)) => {
            if let Ok(source) = opened {
                source.abandon().await;
            }
            return Err(failure);
        }
        (Err(failure), Ok(())) => {
            if overlap > 0 && matches!(failure.kind, FailureKind::Unsupported | FailureKind::Invalid) {
                not_from_the_middle(spread, holder.owns);
            }
            return Err(failure);
        }
    };
    let changed = overlap == 0 && source.size().is_some_and(|size| size != spread.size);
    let head = match read_up_to(&mut source, overlap as usize, &spread.stop).await {
        Ok(head) if head.len() as u64 == overlap && !changed => head,
        other => {
            if changed {
                spread.distrust();
            }
            source.abandon().await;
            return Err(other.err().unwrap_or_else(|| early(spread)));
        }
    };
    if overlap > 0 {
        spread.state().pace.began(asked.elapsed());
    }
    if let Err(failure) = compare(b, spread, holder, head).await {
        source.abandon().await;
        return Err(failure);
    }
    run(source, b, spread, holder, block).await
}

/// The server gives the file from its first byte only. A helper leaves the file to its owner then, whose own connection begins there; an
/// owner that cannot begin in the middle begins anew.
fn not_from_the_middle(spread: &Spread, owns: bool) {
    if owns {
        spread.distrust();
    } else {
        spread.leave_alone();
    }
}

/// Compares what came before the part with what is there, now or in the end.
async fn compare<B: Volume>(b: &mut B, spread: &Spread, holder: Holder, head: Vec<u8>) -> Result<(), Failure> {
    if head.is_empty() {
        return Ok(());
    }
    let at = holder.claim.from - head.len() as u64;
    if !spread.table(|table| table.has((at, holder.claim.from))) {
        if !holder.owns && begins_alike(b, spread, &head).await? {
            // It takes REST, and sends from the first byte all the same.
            not_from_the_middle(spread, holder.owns);
            let failure = Failure::new(FailureKind::Unsupported, During::Read, "the server begins at the first byte");
            return Err(failure.about(spread.source.as_bytes()));
        }
        spread.state().heads.push(Head::of(at, &head));
        return Ok(());
    }
    if spread.read_back(b, at, head.len()).await? == head {
        return Ok(());
    }
    spread.distrust();
    let failure = Failure::new(FailureKind::Incomplete, During::Verify, "the server sends other bytes than before");
    Err(failure.about(spread.source.as_bytes()))
}

/// Whether the file begins with these bytes too, as far as it is there. Bytes that are all the same say nothing.
async fn begins_alike<B: Volume>(b: &mut B, spread: &Spread, bytes: &[u8]) -> Result<bool, Failure> {
    let is_varied = bytes.first().is_some_and(|first| bytes.iter().any(|byte| byte != first));
    let is_there = spread.table(|table| table.has((0, bytes.len() as u64)));
    Ok(is_varied && is_there && spread.read_back(b, 0, bytes.len()).await? == bytes)
}

/// How a stretch of moving ended.
enum Stretch {
    /// The part is there.
    Full,
    /// It is somebody else's now, or the helper is to go.
    Gone,
    /// It is time to write down what is there.
    Due,
    /// It broke off.
    Broken(Failure),
}

async fn run<S: Source, B: Volume>(mut source: S, b: &mut B, spread: &Spread, holder: Holder, block: &mut [u8]) -> Result<(), Failure> {
    let mut past = Past::default();
    loop {
        let at = spread.table(|table| table.at(holder.claim.id));
        let Some(writing) = spread.begin_writing() else {
            source.abandon().await;
            return Ok(());
        };
        let mut sink = match b.write(&spread.partial, WriteFrom::Within(at), None, &spread.stop).await {
            Ok(sink) => sink,
            Err(failure) => {
                source.abandon().await;
                return Err(failure);
            }
        };
        let stretch = stretch(&mut source, &mut sink, spread, holder, (block, &mut past)).await;
        let closed = sink.finish(false).await;
        drop(writing);
        let done = match (stretch, closed) {
            (Stretch::Broken(failure), _) | (_, Err(failure)) => Err(failure),
            (Stretch::Gone, Ok(())) => {
                source.abandon().await;
                return Ok(());
            }
            (Stretch::Full, Ok(())) => return end(source, spread, holder, block).await,
            (Stretch::Due, Ok(())) => spread.mark(b).await,
        };
        if let Err(failure) = done {
            source.abandon().await;
            return Err(failure);
        }
    }
}

async fn stretch<S: Source, K: Sink>(
    source: &mut S,
    sink: &mut K,
    spread: &Spread,
    holder: Holder,
    (block, past): (&mut [u8], &mut Past),
) -> Stretch {
    // What came before a silence is written down as well.
    let mut silence = pin!(sleep(MARK));
    loop {
        let (room, is_held) = spread.table(|table| (table.room(holder.claim.id), table.is_held_by(holder.claim.id)));
        if !is_held || (!holder.owns && spread.is_one_too_many()) {
            return Stretch::Gone;
        }
        if room == 0 {
            return Stretch::Full;
        }
        let limit = spread.throttle.step().map_or(room, |step| room.min(step as u64));
        match step(source, sink, (&mut *block, limit), (past, Some(silence.as_mut())), &spread.stop).await {
            Stepped::Quiet => silence.as_mut().reset(Instant::now() + MARK),
            Stepped::Moved(0) => return Stretch::Broken(early(spread)),
            Stepped::Moved(count) => {
                spread.advance(holder.claim, count);
                if wait(&spread.throttle, count, &spread.stop).await.is_none() {
                    return Stretch::Broken(Failure::cancelled(During::Read));
                }
            }
            Stepped::Source(error) => return Stretch::Broken(broken(&error, During::Read).about(spread.source.as_bytes())),
            Stepped::Sink(error) => return Stretch::Broken(broken(&error, During::Write).about(spread.partial.as_bytes())),
            Stepped::Stopped => return Stretch::Broken(Failure::cancelled(During::Read)),
        }
        if spread.is_due() {
            return Stretch::Due;
        }
    }
}

/// The part is there: ends the transfer that it came by.
async fn end<S: Source>(mut source: S, spread: &Spread, holder: Holder, block: &mut [u8]) -> Result<(), Failure> {
    if spread.table(|table| table.at(holder.claim.id)) < spread.size {
        if holder.owns || !spread.is_done() {
            source.abandon().await;
        }
        // Else nobody needs this connection any more: dropping it spares the wait for the server to agree.
        return Ok(());
    }
    match stoppable(&spread.stop, source.read(block.get_mut(..1).unwrap_or_default())).await {
        Some(Ok(0)) => source.finish().await,
        Some(Ok(_)) => {
            // It sends more than the file has: from another place than it was asked for, or another file.
            spread.distrust();
            source.abandon().await;
            Err(early(spread))
        }
        Some(Err(error)) => {
            source.abandon().await;
            Err(broken(&error, During::Read).about(spread.source.as_bytes()))
        }
        None => {
            source.abandon().await;
            Ok(())
        }
    }
}
