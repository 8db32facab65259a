//! How a server is reached: through which proxy, from which of our addresses, over which family, and where it may dial back to.

// Values alone: nothing here opens a socket.
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;

use super::secret::Secret;
use super::site::{Site, StartDir};
use super::url::FtpUrl;
use super::words::Word;

/// Which addresses of a server are dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Family {
    /// Both kinds, by turns.
    #[default]
    Any,
    /// IPv4 alone.
    V4,
    /// IPv6 alone.
    V6,
}

impl Family {
    /// Whether an address is one of it.
    pub fn has(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => address.to_canonical().is_ipv4(),
            Self::V6 => address.to_canonical().is_ipv6(),
        }
    }
}

impl Word for Family {
    const ALL: &'static [(&'static str, Self)] = &[("any", Self::Any), ("ipv4", Self::V4), ("ipv6", Self::V6)];
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "IP",
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// The ports of ours that a server may dial in active mode, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PortRange {
    /// The lowest; never 0.
    pub first: u16,
    /// The highest; never lower.
    pub last: u16,
}

impl PortRange {
    /// Reads `50000-50100`, or one port.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let port = |text: &str| text.trim().parse().ok().filter(|port| *port > 0);
        let range = Self { first: port(first)?, last: port(last)? };
        (range.first <= range.last).then_some(range)
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { write!(f, "{}", self.first) } else { write!(f, "{}-{}", self.first, self.last) }
    }
}

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProxyKind {
    /// SOCKS version 5 (RFC 1928); the proxy looks the server's name up.
    Socks5,
    /// CONNECT of HTTP (RFC 9110 §9.3.6).
    Http,
    /// An FTP proxy that takes `USER user@host`.
    FtpUser,
    /// An FTP proxy that takes `OPEN host`.
    FtpOpen,
    /// An FTP proxy that takes `SITE host`.
    FtpSite,
}

/// The kinds of proxies that pass bytes on as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tunnel {
    /// SOCKS version 5 (RFC 1928).
    Socks5,
    /// CONNECT of HTTP (RFC 9110 §9.3.6).
    Http,
}

impl Word for ProxyKind {
    const ALL: &'static [(&'static str, Self)] =
        &[("socks5", Self::Socks5), ("http", Self::Http), ("ftp", Self::FtpUser), ("ftp+open", Self::FtpOpen), ("ftp+site", Self::FtpSite)];
}

/// Other spellings that programs have for the same.
const ALSO: [(&str, ProxyKind); 3] = [("socks5h", ProxyKind::Socks5), ("socks", ProxyKind::Socks5), ("ftp+user", ProxyKind::FtpUser)];

/// The port of a SOCKS proxy (RFC 1928 §3), and of one that names none, as curl takes it.
const PROXY_PORT: u16 = 1080;

impl ProxyKind {
    /// How bytes pass through it as they are, so that data connections go the same way; `None` of one that speaks FTP and is logged in to.
    pub fn tunnel(self) -> Option<Tunnel> {
        match self {
            Self::Socks5 => Some(Tunnel::Socks5),
            Self::Http => Some(Tunnel::Http),
            Self::FtpUser | Self::FtpOpen | Self::FtpSite => None,
        }
    }

    /// Whether bytes pass through it as they are.
    pub fn is_tunnel(self) -> bool {
        self.tunnel().is_some()
    }

    fn port(self) -> u16 {
        if self.is_tunnel() { PROXY_PORT } else { super::site::FTP_PORT }
    }
}

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// What it speaks.
    pub kind: ProxyKind,
    /// Host name or address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Who we are to it.
    pub user: Option<String>,
    /// Its password, where one is known; never shown and never kept.
    pub password: Option<Secret>,
}

/// Why a text is no proxy. Never carries what might be part of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadProxy {
    /// A scheme that is not spoken.
    Scheme(String),
    /// The rest is wrong.
    Rest(String),
}

impl fmt::Display for BadProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme(scheme) => {
                write!(f, "{scheme}:// is no kind of proxy that is spoken here; there are {}, and none for no proxy", ProxyKind::words())
            }
            Self::Rest(why) => write!(f, "this is no proxy: {why}"),
        }
    }
}

impl std::error::Error for BadProxy {}

impl Proxy {
    /// Reads `socks5://user@host:1080`, with or without a password; without a scheme it is HTTP's, as curl takes it.
    ///
    /// # Errors
    /// [`BadProxy`].
    pub fn parse(text: &str) -> Result<Self, BadProxy> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = scheme.to_ascii_lowercase();
        let also = || ALSO.iter().find(|(word, _)| *word == scheme).map(|(_, kind)| *kind);
        let kind = ProxyKind::of_word(&scheme).or_else(also);
        let kind = kind.ok_or_else(|| match super::url::is_scheme(scheme.as_bytes()) {
            true => BadProxy::Scheme(scheme.clone()),
            false => BadProxy::Rest("what stands before its :// is no scheme".into()),
        })?;
        let url = FtpUrl::parse(format!("ftp://{rest}").as_bytes()).map_err(|error| BadProxy::Rest(error.to_string()))?;
        if !matches!(&url.start, StartDir::Login) && url.start != StartDir::Absolute(super::path::VPath::root()) {
            return Err(BadProxy::Rest("something stands behind its port; a / there belongs to no proxy, and to a password as %2F".into()));
        }
        Ok(Self { kind, port: url.port.unwrap_or_else(|| kind.port()), host: url.host, user: url.user, password: url.password })
    }

    /// `host:port`, an IPv6 address in brackets.
    pub fn place(&self) -> String {
        place(&self.host, self.port)
    }

    /// `user@host:port`: whom its password belongs to, as the failure names it that asks for one.
    pub fn account(&self) -> String {
        format!("{}{}", self.user_part(), self.place())
    }

    /// The proxy of an [`account`](Self::account) as a server with a login, for whoever asks for passwords.
    pub fn login_of(account: &[u8]) -> Option<Site> {
        let url = FtpUrl::parse(&[b"ftp://", account].concat()).ok()?;
        let name = format!("the proxy {}", place(&url.host, url.port?));
        Some(Site { name, ..url.to_site() })
    }

    /// Whether a server is what [`login_of`](Self::login_of) makes of a proxy.
    pub fn is_login(site: &Site) -> bool {
        site.port.is_some_and(|port| site.name == format!("the proxy {}", place(&site.host, port)))
    }

    fn user_part(&self) -> String {
        self.user.as_ref().map(|user| format!("{}@", super::percent::encode(user.as_bytes(), b""))).unwrap_or_default()
    }
}

/// Without the password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.kind.word(), self.account())
    }
}

/// `host:port`, an IPv6 address in brackets.
pub fn place(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// What is said of a proxy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Through {
    /// Nothing: what holds elsewhere does.
    #[default]
    Unsaid,
    /// None.
    Straight,
    /// This one.
    Proxy(Box<Proxy>),
    /// One that cannot be used, and why: nothing is dialled, since who names a proxy does not want to go without. It is in no file.
    Unusable(String),
}

/// The word for [`Through::Straight`].
pub const NO_PROXY: &str = "none";

impl Through {
    /// Reads a proxy, or that there is none.
    ///
    /// # Errors
    /// [`BadProxy`].
    pub fn parse(text: &str) -> Result<Self, BadProxy> {
        if text.eq_ignore_ascii_case(NO_PROXY) || text.is_empty() {
            return Ok(Self::Straight);
        }
        Proxy::parse(text).map(|proxy| Self::Proxy(Box::new(proxy)))
    }

    /// The proxy, where there is one.
    pub fn proxy(&self) -> Option<&Proxy> {
        if let Self::Proxy(proxy) = self { Some(proxy) } else { None }
    }

    /// As it is written; `None` where nothing is said.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Unsaid | Self::Unusable(_) => None,
            Self::Straight => Some(NO_PROXY.to_owned()),
            Self::Proxy(proxy) => Some(proxy.to_string()),
        }
    }
}

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Through which proxy.
    pub proxy: Through,
    /// From which of our addresses.
    pub bind: Option<IpAddr>,
    /// Over which family.
    pub family: Family,
    /// The ports of ours that it may dial in active mode; `None` leaves that to the system.
    pub active_ports: Option<PortRange>,
    /// Our address as it is told in active mode, where a router gives us another one.
    pub active_address: Option<IpAddr>,
}

impl Reach {
    /// With what `other` says where this says nothing.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self {
            proxy: if self.proxy == Through::Unsaid { other.proxy.clone() } else { self.proxy },
            bind: self.bind.or(other.bind),
            family: if self.family == Family::Any { other.family } else { self.family },
            active_ports: self.active_ports.or(other.active_ports),
            active_address: self.active_address.or(other.active_address),
        }
    }
}

/// The proxies that the environment names, as curl reads them: `ftp_proxy`, else `all_proxy`, either in small letters or in capitals, unless
/// `no_proxy` has the server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    proxy: Through,
    without: Vec<String>,
}

impl Environment {
    /// Reads it; `get` gives the value of a variable. A proxy that cannot be used matters to those servers only that it is for.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let value =
            |names: &[&'static str]| names.iter().find_map(|name| get(name).filter(|text| !text.is_empty()).map(|text| (*name, text)));
        let without = value(&["no_proxy", "NO_PROXY"]).map(|(_, text)| text).unwrap_or_default();
        let without = without.split([',', ' ']).map(|word| word.trim().to_ascii_lowercase()).filter(|word| !word.is_empty()).collect();
        let proxy = value(&["ftp_proxy", "FTP_PROXY", "all_proxy", "ALL_PROXY"])
            .map(|(name, text)| Through::parse(&text).unwrap_or_else(|why| Through::Unusable(format!("{name}: {why}"))));
        Self { proxy: proxy.unwrap_or_default(), without }
    }

    /// What it says for a server.
    pub fn proxy_for(&self, host: &str) -> Through {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if self.without.iter().any(|word| covers(word, &host)) { Through::Unsaid } else { self.proxy.clone() }
    }
}

/// What holds for servers of which nothing else is said: the settings and the environment; and what the options of this run say before them.
#[derive(Debug, Clone, Default)]
pub struct Ambience {
    /// The options.
    pub given: Reach,
    /// The settings.
    pub settings: Reach,
    /// The environment.
    pub environment: Environment,
    /// How long a connection may idle, by the options and by the settings.
    pub keep_alive: (Option<u32>, Option<u32>),
}

impl Ambience {
    /// Takes off a site what holds for it anyway, and would be its own if it were saved with it.
    pub fn take_off(&self, site: &mut Site) {
        let (given, own) = (&self.given, &mut site.reach);
        let mut around = self.settings.clone();
        if around.proxy == Through::Unsaid {
            around.proxy = self.environment.proxy_for(&site.host);
        }
        if given.proxy == Through::Unsaid && own.proxy == around.proxy {
            own.proxy = Through::Unsaid;
        }
        own.bind = own.bind.filter(|_| given.bind.is_some() || own.bind != around.bind);
        if given.family == Family::Any && own.family == around.family {
            own.family = Family::Any;
        }
        own.active_ports = own.active_ports.filter(|_| given.active_ports.is_some() || own.active_ports != around.active_ports);
        own.active_address = own.active_address.filter(|_| given.active_address.is_some() || own.active_address != around.active_address);
        site.keep_alive = site.keep_alive.filter(|_| self.keep_alive.0.is_some() || site.keep_alive != self.keep_alive.1);
    }
}

/// Whether a word of `no_proxy` has a host: all, its name or one that it ends with, its address or a network.
fn covers(word: &str, host: &str) -> bool {
    if word == "*" {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        let word = word.trim_start_matches('[').trim_end_matches(']');
        return match word.split_once('/') {
            Some((net, bits)) => net.parse().ok().zip(bits.parse().ok()).is_some_and(|(net, bits)| is_in(address, net, bits)),
            None => word.parse() == Ok(address),
        };
    }
    let word = word.trim_start_matches('.').trim_end_matches('.');
    host == word || host.strip_suffix(word).is_some_and(|before| before.ends_with('.'))
}

fn is_in(address: IpAddr, net: IpAddr, bits: u32) -> bool {
    match (address, net) {
        (IpAddr::V4(address), IpAddr::V4(net)) if bits <= 32 => {
            let shift = |ip: Ipv4Addr| ip.to_bits().checked_shr(32 - bits).unwrap_or_default();
            shift(address) == shift(net)
        }
        (IpAddr::V6(address), IpAddr::V6(net)) if bits <= 128 => {
            let shift = |ip: Ipv6Addr| ip.to_bits().checked_shr(128 - bits).unwrap_or_default();
            shift(address) == shift(net)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_read_as_it_is_written_and_shown_without_its_password() {
        for (text, shown) in [
            ("socks5://host", "socks5://host:1080"),
            ("socks5h://u:hunter2@host:9", "socks5://u@host:9"),
            ("http://[::1]:3128/", "http://[::1]:3128"),
            ("proxy.example:8080", "http://proxy.example:8080"),
            ("ftp+open://gate", "ftp+open://gate:21"),
            ("ftp://a%40b@gate", "ftp://a%40b@gate:21"),
        ] {
            let proxy = Proxy::parse(text).unwrap();
            assert_eq!(proxy.to_string(), shown);
            assert!(!format!("{proxy:?}").contains("hunter2"));
            assert_eq!(Proxy::parse(shown).unwrap(), Proxy { password: None, ..proxy });
        }
        for secret in ["me:hunter2://x@host:1", "hunter2@x://h"] {
            assert!(!Proxy::parse(secret).unwrap_err().to_string().contains("hunter2"), "{secret}");
        }
        for wrong in ["socks4://h", "https://h", "socks5://", "socks5://h:0", "http://h/path", "http://a:b/c@h"] {
            assert!(Proxy::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Through::parse("none").unwrap(), Through::Straight);
    }

    #[test]
    fn a_range_of_ports_has_two_ends_in_their_order() {
        assert_eq!(PortRange::parse("50000-50100"), Some(PortRange { first: 50000, last: 50100 }));
        assert_eq!(PortRange::parse("4000").unwrap().to_string(), "4000");
        for wrong in ["", "0", "2-1", "1-65536", "a-b", "1-2-3", "-"] {
            assert_eq!(PortRange::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_environment_names_a_proxy_as_curl_reads_it() {
        let env = |pairs: &'static [(&str, &str)]| {
            Environment::read(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        let host = |through: Through| through.proxy().map(|proxy| proxy.host.clone());
        let all = env(&[("ALL_PROXY", "socks5://p"), ("no_proxy", "localhost,.example.org 10.0.0.0/8,::1")]);
        for with in ["elsewhere.org", "11.0.0.1", "myexample.org", "::2"] {
            assert_eq!(host(all.proxy_for(with)).as_deref(), Some("p"), "{with}");
        }
        for without in ["localhost", "LOCALHOST.", "a.example.org", "example.org", "10.9.8.7", "::1"] {
            assert_eq!(all.proxy_for(without), Through::Unsaid, "{without}");
        }
        let both = env(&[("ftp_proxy", "http://f"), ("ALL_PROXY", "socks5://p")]);
        assert_eq!(host(both.proxy_for("h")).as_deref(), Some("f"));
        assert_eq!(env(&[("ALL_PROXY", "socks5://p"), ("NO_PROXY", "*")]).proxy_for("h"), Through::Unsaid);
        assert_eq!(env(&[]).proxy_for("h"), Through::Unsaid);
    }

    #[test]
    fn a_proxy_of_the_environment_that_cannot_be_used_stands_in_the_way_of_its_servers_alone() {
        let env = Environment::read(|name| match name {
            "ALL_PROXY" => Some("socks4://p".to_owned()),
            "no_proxy" => Some("here".to_owned()),
            _ => None,
        });
        assert!(matches!(env.proxy_for("h"), Through::Unusable(why) if why.starts_with("ALL_PROXY: socks4://")));
        assert_eq!(env.proxy_for("here"), Through::Unsaid);
    }
}
