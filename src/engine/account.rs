//! Which file system a volume is a view of, so that two connections to the same one are known as such.

use std::sync::Arc;

use crate::model::site::VolumeSpec;
use crate::model::{Charset, Direction};

/// A file system as an account sees it: two volumes of the same account share paths, so that a rename can move between them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Account {
    /// The local disk.
    Local,
    /// `user@host:port`, the host in lower case; before it the charset of names, where it is not UTF-8: to whom they read otherwise, the paths
    /// are others.
    Server(Arc<str>),
}

impl Account {
    /// The account that `spec` opens.
    pub(super) fn of(spec: &VolumeSpec) -> Self {
        match spec {
            VolumeSpec::Local => Self::Local,
            VolumeSpec::Ftp(site, _) => {
                let names = Charset::of_site(site.charset.as_deref()).unwrap_or_default();
                let before = if names == Charset::UTF8 { String::new() } else { format!("{} ", names.label()) };
                Self::Server(format!("{before}{}", site.account()).into())
            }
        }
    }

    /// What stands for the account of ACCT that belongs to it.
    pub(super) fn besides(&self) -> Self {
        match self {
            Self::Local => Self::Local,
            Self::Server(account) => Self::Server(format!("ACCT {account}").into()),
        }
    }

    /// Whether it is the local disk.
    pub(super) fn is_local(&self) -> bool {
        *self == Self::Local
    }
}

/// What a lane is tied to: from which account to which.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Pair {
    /// The sources' account.
    pub(super) from: Account,
    /// The targets' account.
    pub(super) to: Account,
}

impl Pair {
    /// Whether both ends are one file system.
    pub(super) fn is_same(&self) -> bool {
        self.from == self.to
    }

    /// How many connections to `account` a lane of this pair holds.
    pub(super) fn connections_to(&self, account: &Account) -> usize {
        usize::from(self.from == *account) + usize::from(self.to == *account)
    }

    /// Which way bytes go.
    pub(super) fn direction(&self) -> Direction {
        match (self.from.is_local(), self.to.is_local()) {
            (true, true) => Direction::Local,
            (true, false) => Direction::Up,
            (false, true) => Direction::Down,
            (false, false) => Direction::Across,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Site;

    #[test]
    fn an_account_is_user_host_and_port_whatever_the_host_is_spelled_like() {
        let site = |host: &str, port| Site { port, ..Site::of_host(host) };
        let spec = |site: Site| VolumeSpec::Ftp(Box::new(site), None);
        assert_eq!(Account::of(&spec(site("Example.ORG", None))), Account::of(&spec(site("example.org", Some(21)))));
        assert_ne!(Account::of(&spec(site("example.org", Some(2121)))), Account::of(&spec(site("example.org", None))));
        assert_ne!(Account::of(&VolumeSpec::Local), Account::of(&spec(site("localhost", None))));
        let named = |charset: &str| Account::of(&spec(Site { charset: Some(charset.into()), ..site("example.org", None) }));
        assert_eq!(named("utf8"), Account::of(&spec(site("example.org", None))));
        assert_eq!(named("latin1"), named("windows-1252"));
        assert_ne!(named("latin1"), named("koi8-r"));
    }
}
