//! The port of the next data connection, where it was asked for ahead: kept until it is wanted, and from afar dialled meanwhile.
//!
//! Guarantee: a port is used once, and not after a while in which the server may have closed it. Dialling ahead sends nothing: the command that
//! uses the connection still goes out when it would have, and finds it made.

use std::net::{SocketAddr, TcpStream};

use tokio::time::Instant;

use super::super::data::begin_to_dial;
use super::super::{limits, reply};
use super::{Behind, Session};
use crate::model::{DataMode, Reply};

/// A port of the server's for one data connection.
#[derive(Debug)]
pub struct Port {
    /// Its number.
    pub number: u16,
    /// The connection to it, which was begun: it may be made or have failed by now.
    pub early: Option<TcpStream>,
    since: Instant,
}

impl Port {
    /// One that was named just now.
    pub fn now(number: u16) -> Self {
        Self { number, early: None, since: Instant::now() }
    }
}

impl Session {
    /// Keeps the port that a reply names, if it names one.
    pub(super) fn keep_port(&mut self, answer: &Reply) {
        let told = if answer.code == 227 { reply::pasv_port(&answer.text) } else { reply::epsv_port(&answer.text) };
        let told = told.filter(|_| Behind::Port.is_answered_by(answer));
        self.port = told.map(|number| Port { early: self.dial_early(number), ..Port::now(number) });
    }

    /// Begins to dial, where that takes so long that it is worth a socket which may not be needed. What is no plain socket is not made ahead.
    fn dial_early(&self, number: u16) -> Option<TcpStream> {
        let is_worth_it = self.is_far && self.route.is_straight();
        is_worth_it.then(|| begin_to_dial(SocketAddr::new(self.peer.ip(), number))).flatten()
    }

    /// The port that was asked for ahead, unless it is so old that the server may have closed it.
    pub fn take_port(&mut self) -> Option<Port> {
        self.port.take().filter(|port| port.since.elapsed() < limits::PORT_AHEAD)
    }

    /// Whether the port for what comes first may be asked for in a login's last exchange: any server that takes several commands at once takes
    /// this one among them.
    pub fn may_ask_for_first_port(&self) -> bool {
        self.mode != DataMode::Active && !self.learnt.prefers_active && !self.features.offers("PRET")
    }

    /// Whether the port for the next transfer may be asked for now, with the data of this one through. Boldly, before it is known whether the server
    /// answers in order: there is nothing left that the question could cut.
    pub fn may_ask_for_port(&self) -> bool {
        let boldly = self.hint.bold && self.hint.size.is_some() && self.pace.is_untried();
        (self.pace.may_ask_ahead() || boldly) && self.may_pair_passive()
    }

    /// The same behind a listing, from afar alone: nearer it saves little, and the next thing to be asked for may be long in coming.
    pub fn may_ask_behind_listing(&self) -> bool {
        self.hint.bold && (self.pace.may_ask_ahead() || self.pace.is_untried()) && self.may_pair_passive()
    }

    /// Whether the next transfer will be passive, with the question for its port not by itself.
    pub fn may_pair_passive(&self) -> bool {
        self.pace.may_pair() && self.may_ask_for_first_port()
    }
}
