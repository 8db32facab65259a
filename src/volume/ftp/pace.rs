//! How far ahead a server may be asked: what it has shown of commands that are sent together.
//!
//! Job: says which of the three paces fits. Careful: a command, its reply, the next command. In pairs: the question for a port and the command that
//! uses it in one write. Ahead: also the question for the next file's port behind this file's command. Guarantee: no transfer's commands are sent
//! together before one has worked command by command, in this session or in one before it, and nothing is to a server that does not know
//! FEAT, since such ones were seen to read one packet as one command ([`super::prepare`] says which server is known to know it before it was
//! asked in this session); behind a file that still moves nothing is asked ahead before the server has answered a harmless NOOP there in order,
//! and a server that mixes anything up is not asked ahead again. From afar the questions of a login and those behind a listing's last row go
//! out without that: there is no file that they could cut.

/// Whether a server carries out one command after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Order {
    #[default]
    Unknown,
    Kept,
    Broken,
}

/// What is known of one server, by one session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// It answered FEAT with a list.
    is_modern: bool,
    /// A passive transfer has worked.
    has_worked: bool,
    /// Commands sent together were refused.
    no_pairs: bool,
    /// Short commands sent together were not answered in their order.
    no_chains: bool,
    /// It was seen to work at several commands at once.
    mixes: bool,
    order: Order,
}

impl Pace {
    /// The server knows FEAT.
    pub fn knows_feat(&mut self) {
        self.is_modern = true;
    }

    /// A passive data connection was made.
    pub fn worked(&mut self) {
        self.has_worked = true;
    }

    /// Commands that were sent together did not work; one after another from now on.
    pub fn be_careful(&mut self) {
        self.no_pairs = true;
        self.order = Order::Broken;
    }

    /// Short commands that were sent together did not work; a transfer's still may.
    pub fn no_chains(&mut self) {
        self.no_chains = true;
        self.mixes = true;
    }

    /// A NOOP behind a transfer was answered behind it.
    pub fn answered_in_order(&mut self) {
        if self.order == Order::Unknown {
            self.order = Order::Kept;
        }
    }

    /// Something that was asked ahead was answered out of order, refused, or went together with a file that came short.
    pub fn mixed_up(&mut self) {
        self.mixes = true;
        self.order = Order::Broken;
    }

    /// Whether replies may come in another order than commands went out, so that none of them tells that all before it is done.
    pub fn mixes(self) -> bool {
        self.mixes
    }

    /// Whether anything that was sent together went wrong.
    pub fn is_bad(self) -> bool {
        self.no_pairs || self.no_chains || self.order == Order::Broken
    }

    /// Whether commands that need no data connection may go out together.
    pub fn may_chain(self) -> bool {
        self.is_modern && !self.no_pairs && !self.no_chains
    }

    /// Whether the question for a port and the command that uses it may go out together.
    pub fn may_pair(self) -> bool {
        self.is_modern && !self.no_pairs && self.has_worked
    }

    /// Whether the order of answers is to be tried.
    pub fn is_untried(self) -> bool {
        self.may_pair() && self.order == Order::Unknown
    }

    /// Whether the next port may be asked for while a small file is under way.
    pub fn may_ask_ahead(self) -> bool {
        self.may_pair() && self.order == Order::Kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_sent_together_before_the_server_has_shown_what_it_takes() {
        let mut pace = Pace::default();
        pace.worked();
        assert!(!pace.may_chain() && !pace.may_pair() && !pace.is_untried(), "it does not know FEAT");
        pace.knows_feat();
        assert!(pace.may_pair() && pace.is_untried() && !pace.may_ask_ahead());
        pace.answered_in_order();
        assert!(pace.may_ask_ahead() && !pace.is_untried());
        pace.mixed_up();
        pace.answered_in_order();
        assert!(pace.may_pair() && !pace.may_ask_ahead() && !pace.is_untried());
        pace.be_careful();
        assert!(!pace.may_chain());
    }
}
