//! What a refused login wants before it is tried again, and how often that is worth asking; the one place that decides it.
//!
//! Pure: whoever dials asks in its own way. Guarantee: each thing is asked for a few times at most, and none of them uses up what the others may.

use crate::model::{During, Failure, FailureKind, Proxy, Site};

/// How often each is asked for before a login is given up.
const TRIES: usize = 3;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// The password, or another one.
    Password,
    /// An account besides the password (ACCT).
    Account,
    /// The password of the proxy that this login is for.
    Proxy(Box<Site>),
}

/// How often a login was refused so far.
#[derive(Debug, Default)]
pub struct Attempts {
    password: usize,
    account: usize,
    proxy: usize,
}

impl Attempts {
    /// What is to be asked for after a failure; `None` where nothing that a person knows would help, or it was asked often enough.
    pub fn after(&mut self, failure: &Failure) -> Option<Wanted> {
        if failure.kind != FailureKind::LoginRefused {
            return None;
        }
        let (wanted, tries) = match failure.during {
            During::Account => (Wanted::Account, &mut self.account),
            During::Proxy => (Wanted::Proxy(Box::new(failure.subject.as_deref().and_then(Proxy::login_of)?)), &mut self.proxy),
            _ => (Wanted::Password, &mut self.password),
        };
        *tries += 1;
        (*tries <= TRIES).then_some(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_asked_for_three_times_and_none_uses_up_what_the_others_may() {
        let refused = |during| Failure::new(FailureKind::LoginRefused, during, "no");
        let mut attempts = Attempts::default();
        for _ in 0..TRIES {
            assert_eq!(attempts.after(&refused(During::Login)), Some(Wanted::Password));
            assert_eq!(attempts.after(&refused(During::Account)), Some(Wanted::Account));
        }
        assert_eq!((attempts.after(&refused(During::Login)), attempts.after(&refused(During::Account))), (None, None));
        assert_eq!(attempts.after(&refused(During::Proxy)), None, "whose login it is is not known");
        assert_eq!(Attempts::default().after(&Failure::new(FailureKind::TooMany, During::Login, "full")), None);
    }
}
