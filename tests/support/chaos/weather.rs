//! Which faults come, and when: decided for each connection by the seed and by which connection it is, so that a seed tells all.

use super::random::Random;
use std::time::Duration;

/// Most bytes that a data connection may have moved before a fault that was dealt to it strikes, where its bytes do not bring one.
const REACH_DATA: u64 = 256 * 1024;
/// The same of a control connection: a login and some commands.
const REACH_CONTROL: u64 = 2_500;

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Both sides see an orderly end.
    Fin,
    /// Both sides see a reset.
    Reset,
    /// Nothing moves any more; after a while both sides see a reset.
    Stall,
    /// One side sees an orderly end while the other may send all it has, to nobody.
    HalfClose(Toward),
    /// A few bytes at a time.
    Trickle,
    /// Closed as soon as it is opened.
    Refuse,
    /// A control connection is reset while this data connection goes on.
    CutControl,
    /// It begins late.
    Delay,
    /// It waits until the weather changes, then goes on: for tests that do something in the middle of a transfer.
    Hold,
    /// It brings little at a time until the weather changes: a line on which several connections bring more than one.
    Slow,
}

/// A side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toward {
    Client,
    Server,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Control,
    Data,
}

/// How many faults come. All by the seed: the same seed deals the same faults to the first, second, third … connection.
#[derive(Clone, Debug)]
pub struct Weather {
    /// What it all follows from.
    pub seed: u64,
    /// Of a hundred data connections so many get a fault, wherever they are by then.
    pub per_hundred_data: u32,
    /// The same of control connections.
    pub per_hundred_control: u32,
    /// Beside that, so many faults come for each MiB that moves on data connections.
    pub per_mib: f64,
    /// Of a hundred passive ports so many are not listened on.
    pub closed_ports: u32,
    /// What may come.
    pub faults: Vec<Fault>,
    /// Before so many bytes no side of a data connection sees an orderly end. In clear text nothing tells a listing that was so cut
    /// between two rows from a whole one.
    pub whole: u64,
    /// What comes to each data connection, once it has moved so many bytes, whatever else is said here.
    pub each: Option<(Fault, u64)>,
    /// How long a stall lasts: longer than the client's patience.
    pub stall: Duration,
}

/// What is in store for a connection: a fault, once it has moved so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub fault: Fault,
    pub at: u64,
    /// Numbers that the fault needs.
    pub dice: u64,
}

impl Weather {
    /// No faults.
    pub fn calm() -> Weather {
        Weather {
            seed: 0,
            per_hundred_data: 0,
            per_hundred_control: 0,
            per_mib: 0.0,
            closed_ports: 0,
            faults: Vec::new(),
            whole: 0,
            each: None,
            stall: Duration::from_secs(4),
        }
    }

    /// Everything that can go wrong, at `percent` of the data connections and half as often on control connections, and `per_mib` more
    /// for each MiB.
    pub fn stormy(seed: u64, percent: u32, per_mib: f64) -> Weather {
        Weather {
            seed,
            per_hundred_data: percent,
            per_hundred_control: percent / 2,
            per_mib,
            closed_ports: percent / 8,
            faults: Fault::ALL.to_vec(),
            ..Weather::calm()
        }
    }

    /// Nothing but this fault, on each data connection once it has moved so many bytes.
    pub fn each(fault: Fault, at: u64) -> Weather {
        Weather { each: Some((fault, at)), ..Weather::calm() }
    }

    /// What is in store for the connection number `ordinal` of its role.
    pub fn plan(&self, role: Role, ordinal: u64) -> Option<Plan> {
        let mut random = Random::part(self.seed, &[role as u64, ordinal]);
        if let Some((fault, at)) = self.each.filter(|_| role == Role::Data) {
            return Some(Plan { fault, at, dice: random.next() });
        }
        let (percent, reach) = match role {
            Role::Control => (self.per_hundred_control, REACH_CONTROL),
            Role::Data => (self.per_hundred_data, REACH_DATA),
        };
        let dealt = random.percent(percent).then(|| random.scaled(1, reach) - 1);
        let met = match role {
            Role::Data if self.per_mib > 0.0 => Some((-(1.0 - random.unit()).ln() / self.per_mib * 1_048_576.0) as u64),
            _ => None,
        };
        let at = dealt.into_iter().chain(met).min()?;
        // What happens at the beginning is dealt, not met after some bytes.
        let at_once = |fault: Fault| matches!(fault, Fault::Refuse | Fault::Delay);
        let possible = self.faults.iter().copied().filter(|&fault| fault.fits(role) && (dealt.is_some() || !at_once(fault)));
        let possible: Vec<Fault> = possible.collect();
        if possible.is_empty() {
            return None;
        }
        let fault = *random.pick(&possible);
        let at = match fault {
            fault if at_once(fault) => 0,
            Fault::Fin | Fault::HalfClose(_) if role == Role::Data => at.max(self.whole),
            _ => at,
        };
        Some(Plan { fault, at, dice: random.next() })
    }

    /// Whether a passive port is not listened on.
    pub fn is_closed(&self, port: u16) -> bool {
        Random::part(self.seed, &[2, u64::from(port)]).percent(self.closed_ports)
    }
}

impl Fault {
    /// All that come by chance; the two half-closes count as one each.
    pub const ALL: [Fault; 9] = [
        Fault::Fin,
        Fault::Reset,
        Fault::Stall,
        Fault::HalfClose(Toward::Client),
        Fault::HalfClose(Toward::Server),
        Fault::Trickle,
        Fault::Refuse,
        Fault::CutControl,
        Fault::Delay,
    ];

    /// Whether it can befall such a connection.
    fn fits(self, role: Role) -> bool {
        role == Role::Data || self != Fault::CutControl
    }
}
