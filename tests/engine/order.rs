//! No sequence of commands and accidents loses a transfer, runs one twice at a time, or leaves a file that is not whole.

use std::collections::HashMap;
use std::time::Duration;

use ftpane::bus::{Command, Event, TransferEvent};
use ftpane::model::{BatchId, Priority, Shift, TransferId, TransferState, Which};
use proptest::prelude::*;

use super::rig::*;

/// What a person or the world does.
#[derive(Debug, Clone)]
enum Deed {
    Wait(u64),
    Pause(Aim),
    Resume(Aim),
    Cancel(Aim),
    Retry(Aim),
    Shift(usize, Shift),
    Prioritize(Aim, Priority),
    Break(u64),
    Fill(usize),
    Browse,
}

/// Which of what there is.
#[derive(Debug, Clone, Copy)]
enum Aim {
    All,
    Batch(bool),
    Transfer(usize),
}

fn aims() -> impl Strategy<Value = Aim> {
    prop_oneof![Just(Aim::All), any::<bool>().prop_map(Aim::Batch), (0..40usize).prop_map(Aim::Transfer)]
}

fn deeds() -> impl Strategy<Value = Deed> {
    let shift = prop_oneof![Just(Shift::Up), Just(Shift::Down), Just(Shift::Top), Just(Shift::Bottom)];
    let priority = prop_oneof![Just(Priority::Low), Just(Priority::Normal), Just(Priority::High)];
    prop_oneof![
        4 => (0..400u64).prop_map(Deed::Wait),
        2 => aims().prop_map(Deed::Pause),
        2 => aims().prop_map(Deed::Resume),
        1 => aims().prop_map(Deed::Cancel),
        2 => aims().prop_map(Deed::Retry),
        2 => ((0..40usize), shift).prop_map(|(nth, to)| Deed::Shift(nth, to)),
        1 => (aims(), priority).prop_map(|(aim, priority)| Deed::Prioritize(aim, priority)),
        1 => (0..20_000u64).prop_map(Deed::Break),
        1 => (0..30_000usize).prop_map(Deed::Fill),
        1 => Just(Deed::Browse),
    ]
}

struct Story {
    rig: Rig,
    batches: [BatchId; 2],
}

impl Story {
    async fn begin(connections: Option<usize>) -> Self {
        let mut rig = Rig::open().await;
        rig.host(HOST, |host| {
            host.faults.block_delay = Duration::from_millis(20);
            host.faults.max_connections = connections;
        });
        for n in 0..30usize {
            rig.file(HOST, &format!("/one/{n}"), &bytes(n * 37));
            rig.file(LOCAL, &format!("/two/{n}"), &bytes(n * 1500));
        }
        rig.file(HOST, "/one/large", &bytes(400_000));
        let one = rig.down(&[("/one", "/one")]);
        let two = rig.up(&[("/two", "/two")]);
        let batches = [rig.enqueue(one), rig.enqueue(two)];
        Self { rig, batches }
    }

    fn read(&mut self) {
        while let Ok(event) = self.rig.handle.events.try_recv() {
            self.rig.seen.push(event);
        }
    }

    fn nth(&self, nth: usize) -> TransferId {
        self.rig.queued().get(nth).map_or(TransferId(999_999), |transfer| transfer.id)
    }

    fn which(&self, aim: Aim) -> Which {
        match aim {
            Aim::All => Which::All,
            Aim::Batch(first) => Which::Batch(self.batches[usize::from(first)]),
            Aim::Transfer(nth) => Which::Transfer(self.nth(nth)),
        }
    }

    async fn happen(&mut self, deed: &Deed) {
        self.read();
        let command = match deed {
            Deed::Wait(millis) => return tokio::time::sleep(Duration::from_millis(*millis)).await,
            Deed::Break(after) => return self.rig.host(HOST, |host| host.faults.lose_after = Some(*after)),
            Deed::Fill(room) => return self.rig.host(LOCAL, |host| host.faults.room = Some(*room)),
            Deed::Browse => return drop(self.rig.list(SERVER, "/").await),
            Deed::Pause(aim) => Command::Pause(self.which(*aim)),
            Deed::Resume(aim) => Command::Resume(self.which(*aim)),
            Deed::Retry(aim) => Command::Retry(self.which(*aim)),
            Deed::Cancel(Aim::All) => Command::CancelAll,
            Deed::Cancel(Aim::Batch(first)) => Command::CancelBatch(self.batches[usize::from(*first)]),
            Deed::Cancel(Aim::Transfer(nth)) => Command::CancelTransfer(self.nth(*nth)),
            Deed::Shift(nth, to) => Command::Shift { transfer: self.nth(*nth), to: *to },
            Deed::Prioritize(aim, priority) => Command::Prioritize(self.which(*aim), *priority),
        };
        self.rig.send(command);
    }

    fn whole(&self) -> usize {
        let down = (0..30usize).filter(|n| self.rig.content(LOCAL, &format!("/one/{n}")) == Some(bytes(n * 37))).count();
        let up = (0..30usize).filter(|n| self.rig.content(HOST, &format!("/two/{n}")) == Some(bytes(n * 1500))).count();
        down + up + usize::from(self.rig.content(LOCAL, "/one/large") == Some(bytes(400_000)))
    }

    /// Lets everything go on, until all is there.
    async fn end(&mut self) {
        self.rig.host(LOCAL, |host| host.faults.room = None);
        self.rig.host(HOST, |host| (host.faults.lose_after, host.faults.block_delay) = (None, Duration::ZERO));
        for _ in 0..20 {
            self.rig.send(Command::Resume(Which::All));
            self.batches.iter().for_each(|batch| self.rig.send(Command::Retry(Which::Batch(*batch))));
            tokio::time::sleep(Duration::from_secs(60)).await;
            self.read();
            // What was cancelled at its last byte is whole, too, and is not what it was asked to become.
            if self.whole() == 61 && self.is_at_rest() && self.undone().is_empty() {
                return;
            }
        }
        let undone: Vec<_> = self.undone().into_keys().map(|source| (self.rig.history(&source), source)).collect();
        panic!("{} of 61 are whole; {undone:?}; {:?}", self.whole(), self.rig.handle.meters.borrow());
    }

    /// What was not told to be done, by its source.
    fn undone(&self) -> HashMap<String, TransferState> {
        let mut states = self.rig.states();
        states.retain(|_, state| !matches!(state, TransferState::Done(_)));
        states
    }

    fn is_at_rest(&self) -> bool {
        let meters = self.rig.handle.meters.borrow();
        meters.active.is_empty() && meters.queued == 0
    }

    /// Each transfer was told of in a way that makes sense, and ended well once.
    fn check(&self) {
        let mut now: HashMap<TransferId, TransferState> = HashMap::new();
        for event in &self.rig.seen {
            match event {
                Event::Transfer(TransferEvent::Queued(transfer)) => {
                    let before = now.insert(transfer.id, TransferState::Queued);
                    assert!(matches!(before, None | Some(TransferState::Failed(_) | TransferState::Cancelled)), "{before:?} {transfer:?}");
                }
                Event::Transfer(TransferEvent::Changed { id, state }) => {
                    let before = now.insert(*id, state.clone()).expect("it was queued");
                    assert!(!is_end(&before), "{id} was {before:?} and is {state:?}");
                    let active = *state == TransferState::Active && before == TransferState::Active;
                    assert!(!active, "{id} began twice");
                }
                _ => {}
            }
        }
        assert!(now.values().all(|state| matches!(state, TransferState::Done(_))), "{now:?}");
    }
}

fn is_end(state: &TransferState) -> bool {
    matches!(state, TransferState::Done(_) | TransferState::Skipped(_) | TransferState::Failed(_) | TransferState::Cancelled)
}

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

#[test]
fn what_is_taken_back_from_a_browser_before_it_begins_with_it_is_run_once() {
    // Each list keeps the only connection from what it was lent behind it, and each move in the queue takes that back.
    let deeds = [Deed::Browse, Deed::Shift(0, Shift::Up), Deed::Browse, Deed::Shift(4, Shift::Top), Deed::Browse, Deed::Break(0)];
    paused().block_on(async {
        let mut story = Story::begin(Some(1)).await;
        for deed in &deeds {
            story.happen(deed).await;
        }
        tokio::time::sleep(Duration::from_millis(21)).await;
        story.end().await;
        story.check();
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_and_accidents_loses_a_transfer_or_runs_one_twice(
        deeds in prop::collection::vec(deeds(), 0..40),
        connections in prop_oneof![Just(None), Just(Some(1)), Just(Some(2))],
    ) {
        paused().block_on(async {
            let mut story = Story::begin(connections).await;
            for deed in &deeds {
                story.happen(deed).await;
            }
            story.end().await;
            story.check();
        });
    }
}
