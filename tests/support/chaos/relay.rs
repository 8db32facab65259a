//! One connection through the proxy: bytes as they come, both ways, until an end or the fault that is in store for it.

use super::Shared;
use super::weather::{Fault, Plan, Role, Toward};
use socket2::SockRef;
use std::cell::Cell;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::Notify;

const BLOCK: usize = 64 * 1024;
/// A trickle ends after so many drops, or a large file would never arrive.
const DROPS: u64 = 400;
/// With [`BLOCK`], how fast a slow connection is: about 3 MiB a second.
const BETWEEN_BLOCKS: Duration = Duration::from_millis(20);
const BETWEEN_DROPS: Duration = Duration::from_millis(1);
/// How long a side that sees no end may go on sending to nobody.
const HALF_CLOSED: Duration = Duration::from_secs(10);

/// Why a connection ends before both sides have ended it.
enum Break {
    /// A side is gone without an orderly end: the other one gets to see the same.
    Gone,
    /// The fault's time has come.
    Fault,
}

/// A connection while it is relayed.
pub struct Relay<'a> {
    pub shared: &'a Shared,
    pub role: Role,
    pub ordinal: u64,
    pub plan: Option<Plan>,
    /// Bytes moved both ways.
    pub moved: Cell<u64>,
    /// Drops of a trickle that are still to come.
    pub drops: Cell<u64>,
}

impl Relay<'_> {
    /// Relays until the end; `cut` ends it by a reset.
    pub async fn run(&self, mut client: TcpStream, mut server: TcpStream, cut: &Notify) {
        let outcome = tokio::select! {
            outcome = self.both(&mut client, &mut server) => outcome,
            () = cut.notified() => Err(Break::Gone),
        };
        match outcome {
            Ok(()) => {}
            Err(Break::Gone) => reset(&client, &server),
            Err(Break::Fault) => self.strike(client, server).await,
        }
    }

    async fn both(&self, client: &mut TcpStream, server: &mut TcpStream) -> Result<(), Break> {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::try_join!(self.one_way(from_client, to_server, true), self.one_way(from_server, to_client, false))?;
        Ok(())
    }

    async fn one_way(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, up: bool) -> Result<(), Break> {
        let mut block = vec![0; BLOCK];
        loop {
            let most = self.most().await?;
            // What is read here is within what may still go through, also where the other way moved meanwhile.
            let len = from.read(&mut block[..most]).await.map_err(|_| Break::Gone)?;
            if len == 0 {
                let _ = to.shutdown().await;
                return Ok(());
            }
            to.write_all(&block[..len]).await.map_err(|_| Break::Gone)?;
            self.count(up, len as u64);
            if self.drops.get() > 0 {
                self.drops.set(self.drops.get() - 1);
                tokio::time::sleep(BETWEEN_DROPS).await;
            }
        }
    }

    /// How many bytes may move next.
    async fn most(&self) -> Result<usize, Break> {
        if self.drops.get() > 0 {
            return Ok(1 + (self.drops.get() % 7) as usize);
        }
        let Some(plan) = self.plan else { return Ok(BLOCK) };
        let left = plan.at.saturating_sub(self.moved.get());
        if left > 0 {
            return Ok(BLOCK.min(left as usize));
        }
        match plan.fault {
            // These do not end it.
            Fault::Delay | Fault::Refuse => Ok(BLOCK),
            Fault::Trickle => Ok(self.once(|| self.drops.set(DROPS)).map_or(BLOCK, |()| 1)),
            Fault::CutControl => {
                self.once(|| self.shared.cut_a_control(plan.dice));
                Ok(BLOCK)
            }
            Fault::Hold => {
                if self.once(|| ()).is_some() {
                    self.shared.change().await;
                }
                Ok(BLOCK)
            }
            Fault::Slow => {
                if self.shared.weather().each.is_some_and(|(fault, _)| fault == Fault::Slow) {
                    tokio::time::sleep(BETWEEN_BLOCKS).await;
                }
                Ok(BLOCK)
            }
            Fault::Fin | Fault::Reset | Fault::Stall | Fault::HalfClose(_) => Err(Break::Fault),
        }
    }

    /// Does something when the plan's byte is reached, the first time only.
    fn once(&self, act: impl FnOnce()) -> Option<()> {
        if self.moved.get() == u64::MAX {
            return None;
        }
        self.moved.set(u64::MAX);
        self.struck();
        act();
        Some(())
    }

    fn count(&self, up: bool, bytes: u64) {
        self.moved.set(self.moved.get().saturating_add(bytes));
        if self.role == Role::Data {
            self.shared.counter.moved(up, bytes);
        }
    }

    fn struck(&self) {
        if let Some(plan) = &self.plan {
            self.shared.counter.struck(self.role, self.ordinal, plan);
        }
    }

    async fn strike(&self, mut client: TcpStream, mut server: TcpStream) {
        self.struck();
        match self.plan.map(|plan| plan.fault) {
            Some(Fault::Stall) => {
                let most = self.shared.weather().stall;
                let _ = tokio::time::timeout(most, self.shared.change()).await;
                reset(&client, &server);
            }
            Some(Fault::Reset) => reset(&client, &server),
            Some(Fault::HalfClose(Toward::Client)) => {
                let _ = tokio::time::timeout(HALF_CLOSED, self.half_closed(&mut server, &mut client, false)).await;
            }
            Some(Fault::HalfClose(Toward::Server)) => {
                let _ = tokio::time::timeout(HALF_CLOSED, self.half_closed(&mut client, &mut server, true)).await;
            }
            _ => {
                let _ = client.shutdown().await;
                let _ = server.shutdown().await;
            }
        }
    }

    /// `ended` sees an end; what `talker` still sends goes nowhere, and what `ended` says still gets through.
    async fn half_closed(&self, talker: &mut TcpStream, ended: &mut TcpStream, up: bool) {
        let _ = ended.shutdown().await;
        let (mut from_talker, to_talker) = talker.split();
        let (from_ended, _) = ended.split();
        let nowhere = async {
            let mut block = vec![0; BLOCK];
            while let Ok(1..) = from_talker.read(&mut block).await {}
        };
        let back =
            Relay { shared: self.shared, role: self.role, ordinal: self.ordinal, plan: None, moved: Cell::new(0), drops: Cell::new(0) };
        let _ = tokio::join!(nowhere, back.one_way(from_ended, to_talker, !up));
    }
}

/// Both sides get to see a reset when their sockets are dropped.
fn reset(client: &TcpStream, server: &TcpStream) {
    for stream in [client, server] {
        let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
    }
}
