//! The engine as it is shipped, asked and waited for.

use std::time::Duration;

use ftpane::bus::{Command, ConnectionEvent, Event};
use ftpane::engine::Handle;
use ftpane::model::ConnectionId;
use ftpane::model::site::VolumeSpec;

/// The local disk's connection.
pub const DISK: ConnectionId = ConnectionId(1);
/// The server's.
pub const SERVER: ConnectionId = ConnectionId(2);
/// How long an event may take on a machine that does other things.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Waits for an event that `pick` takes.
///
/// # Panics
/// With all that came, where it does not.
pub async fn until<T>(engine: &mut Handle, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
    let mut seen = Vec::new();
    loop {
        let event = tokio::time::timeout(DEADLINE, engine.events.recv()).await;
        let event = event.unwrap_or_else(|_| panic!("nothing comes; seen: {seen:#?}")).expect("the engine has ended");
        if let Some(found) = pick(&event) {
            return found;
        }
        seen.push(event);
    }
}

/// Opens a volume.
///
/// # Panics
/// Where it is refused.
pub async fn open(engine: &mut Handle, id: ConnectionId, spec: VolumeSpec) {
    engine.commands.send(Command::Open { connection: id, spec }).unwrap();
    until(engine, |event| match event {
        Event::Connection(of, ConnectionEvent::Opened(_)) if *of == id => Some(()),
        Event::Connection(of, ConnectionEvent::Refused(failure)) if *of == id => panic!("{failure}"),
        _ => None,
    })
    .await;
}

/// Ends it in good order.
///
/// # Panics
/// Where it does not end.
pub async fn end(mut engine: Handle) {
    engine.commands.send(Command::Shutdown).unwrap();
    while tokio::time::timeout(DEADLINE, engine.events.recv()).await.expect("the engine does not end").is_some() {}
}
