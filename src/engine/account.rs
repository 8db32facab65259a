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

/// How connections to a server are protected, and which way they go: TLS with all that is asked of it, the proxy, the address they come from.
/// What was opened in one way serves nothing that asks for another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Way(Option<Arc<str>>);

impl Way {
    /// The way in which `spec` is opened.
    pub(super) fn of(spec: &VolumeSpec) -> Self {
        match spec {
            VolumeSpec::Local => Self(None),
            // Each of these says all that it holds; only the proxy's password, which protects nothing of ours, is not shown.
            VolumeSpec::Ftp(site, _) => Self(Some(format!("{:?} {:?} {:?}", site.tls, site.secured, site.reach).into())),
        }
    }
}

/// What a lane is tied to: from which account to which, and in which way it is connected to them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Pair {
    /// The sources' account.
    pub(super) from: Account,
    /// The targets' account.
    pub(super) to: Account,
    /// How the one and the other are met.
    ways: (Way, Way),
}

impl Pair {
    /// The pair of what is copied from `from` to `to`.
    pub(super) fn of(from: &VolumeSpec, to: &VolumeSpec) -> Self {
        Self { from: Account::of(from), to: Account::of(to), ways: (Way::of(from), Way::of(to)) }
    }

    /// A pair of accounts, met in some way.
    #[cfg(test)]
    pub(super) fn plain(from: Account, to: Account) -> Self {
        Self { from, to, ways: (Way(None), Way(None)) }
    }

    /// Whether both go from one account to the other, however these are met.
    pub(super) fn is_between_the_same(&self, other: &Self) -> bool {
        self.from == other.from && self.to == other.to
    }

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
    use crate::model::reach::{Reach, Through};
    use crate::model::site::{Secured, TlsPolicy, TlsVersion};
    use crate::model::{Fingerprint, Site};

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

    #[test]
    fn whatever_protects_a_connection_makes_another_way_of_it_and_a_password_does_not() {
        let plain = Site::of_host("h");
        let way =
            |site: &Site, secret: Option<&str>| Way::of(&VolumeSpec::Ftp(Box::new(site.clone()), secret.map(crate::model::Secret::new)));
        let others = [
            Site { tls: TlsPolicy::Required, ..plain.clone() },
            Site { secured: Secured { minimum: TlsVersion::V13, ..Secured::default() }, ..plain.clone() },
            Site { secured: Secured { pins: vec![Fingerprint([7; 32])], ..Secured::default() }, ..plain.clone() },
            Site { secured: Secured { clear_control: true, ..Secured::default() }, ..plain.clone() },
            Site { secured: Secured { unchecked: true, ..Secured::default() }, ..plain.clone() },
            Site { secured: Secured { roots: Some("/ca".into()), ..Secured::default() }, ..plain.clone() },
            Site { reach: Reach { proxy: Through::parse("socks5://p").unwrap(), ..Reach::default() }, ..plain.clone() },
        ];
        for (place, site) in others.iter().enumerate() {
            assert_ne!(way(site, None), way(&plain, None), "{site:?}");
            assert!(others.iter().skip(place + 1).all(|other| way(other, None) != way(site, None)), "{site:?}");
            let (local, server) = (VolumeSpec::Local, |site: &Site| VolumeSpec::Ftp(Box::new(site.clone()), None));
            let (one, other) = (Pair::of(&server(site), &local), Pair::of(&server(&plain), &local));
            assert!(one != other && one.is_between_the_same(&other));
        }
        assert_eq!(way(&plain, Some("x")), way(&Site { mode: crate::model::site::DataMode::Active, ..plain.clone() }, None));
    }
}
