//! What a script is, once read.

use super::line::Manner;
use std::net::Ipv4Addr;
use std::time::Duration;

/// A whole file with what it includes.
#[derive(Debug)]
pub struct Script {
    /// One per connection in the order of their coming; the last is for all that follow.
    pub sections: Vec<Vec<Step>>,
    /// What answers commands that no `C:` line waits for; the first that fits does.
    pub rules: Vec<Rule>,
}

/// `on PATTERN …`
#[derive(Debug)]
pub struct Rule {
    pub pattern: Vec<u8>,
    /// How often it answers; then the next that fits is asked.
    pub times: Option<usize>,
    /// Only on the connection of this number, from 1.
    pub connection: Option<usize>,
    pub steps: Vec<Step>,
}

/// A line of a script, with its place for messages.
#[derive(Debug, Clone)]
pub struct Step {
    pub line: String,
    pub act: Act,
}

/// What a line asks for.
#[derive(Debug, Clone)]
pub enum Act {
    /// `C: PATTERN`
    Expect(Vec<u8>),
    /// `S: TEXT`, with its line end if it has one, so many times.
    Say { bytes: Vec<u8>, times: Times },
    /// `delay 200ms`
    Delay(Duration),
    /// `serve`, `serve until PATTERN`
    Serve { until: Option<Vec<u8>> },
    /// `stand "PLACE"`
    Stand(Vec<u8>),
    /// `stall`
    Stall,
    /// `drop`
    Drop,
    /// `reset`
    Reset,
    /// `tls CERT [1.2|1.3]`: the handshake, here and from then on on data connections that say `data tls`.
    Tls(Manner),
    /// `data …`
    Data(DataAct),
}

/// What a `data` line asks for.
#[derive(Debug, Clone)]
pub enum DataAct {
    Listen,
    Refuse,
    Connect,
    Stranger {
        from: Ipv4Addr,
        bytes: Vec<u8>,
    },
    Send {
        bytes: Vec<u8>,
        times: Times,
    },
    Recv {
        at_least: Option<usize>,
    },
    Fin,
    /// `data tls`
    Tls,
    /// `data cut`: an end without the end of TLS.
    Cut,
    Rst,
    Stall,
}

/// How often something is sent.
#[derive(Debug, Clone, Copy)]
pub enum Times {
    Some(u64),
    /// Until the client closes.
    Forever,
}
