//! How the sockets to a server are made: from which of our addresses, over which family, and through what.
//!
//! Guarantee: where a proxy is named nothing goes round it. A proxy that passes bytes on as they are (SOCKS5, CONNECT) carries the data
//! connections as well, to the same host as the control connection and to no other; an FTP proxy is the server for all that is dialled.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::tunnel;
use crate::model::reach::{Tunnel, place};
use crate::model::{During, Failure, FailureKind, Family, PortRange, Proxy, Secret, Site, Through};
use crate::volume::Result;

/// How one server is reached; cheap to clone.
#[derive(Debug, Clone)]
pub struct Route(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    host: String,
    proxy: Option<Proxy>,
    bind: Option<IpAddr>,
    family: Family,
    ports: Option<PortRange>,
    announced: Option<IpAddr>,
}

impl Route {
    /// For a site; `secret` is the proxy's password, where it was asked for.
    ///
    /// # Errors
    /// `Local` where the proxy that was named cannot be used.
    pub fn of(site: &Site, secret: Option<&Secret>) -> Result<Self> {
        let reach = &site.reach;
        if let Through::Unusable(why) = &reach.proxy {
            let failure = Failure::new(FailureKind::Local, During::Connect, why.as_str());
            return Err(failure.hint("correct it, or give --proxy"));
        }
        let mut proxy = reach.proxy.proxy().cloned();
        if let (Some(proxy), Some(secret)) = (&mut proxy, secret) {
            proxy.password = Some(secret.clone());
        }
        Ok(Self(Arc::new(Inner {
            host: site.host.clone(),
            proxy,
            bind: reach.bind,
            family: reach.family,
            ports: reach.active_ports,
            announced: reach.active_address,
        })))
    }

    /// The proxy, where there is one.
    pub fn proxy(&self) -> Option<&Proxy> {
        self.0.proxy.as_ref()
    }

    /// The server by its name, with a port of it.
    pub fn server(&self, port: u16) -> String {
        place(&self.0.host, port)
    }

    /// The proxy that passes bytes on as they are.
    pub fn tunnel(&self) -> Option<(&Proxy, Tunnel)> {
        self.proxy().and_then(|proxy| Some((proxy, proxy.kind.tunnel()?)))
    }

    /// Whether sockets are made without more ado.
    pub fn is_straight(&self) -> bool {
        self.0.bind.is_none() && self.tunnel().is_none()
    }

    /// Our address to dial from.
    pub fn bind(&self) -> Option<IpAddr> {
        self.0.bind
    }

    /// Our address as servers are to be told.
    pub fn announced(&self) -> Option<IpAddr> {
        self.0.announced
    }

    /// What is dialled for a server: itself, or the proxy before it.
    pub fn first<'a>(&'a self, host: &'a str, port: u16) -> (&'a str, u16) {
        self.proxy().map_or((host, port), |proxy| (&proxy.host, proxy.port))
    }

    /// Whether an address may be dialled at all.
    pub fn takes(&self, address: IpAddr) -> bool {
        let is_ours = self.0.bind.is_none_or(|bind| bind.is_ipv6() == address.is_ipv6());
        self.0.family.has(address) && is_ours
    }

    /// Why none of a host's addresses may be dialled.
    pub fn without_address(&self) -> String {
        match self.0.bind {
            Some(bind) if self.0.family.has(bind) => format!("it has no address that can be dialled from {bind}"),
            _ => format!("it has no {} address, and others are not to be dialled", self.0.family),
        }
    }

    /// Dials an address.
    ///
    /// # Errors
    /// The system's.
    pub async fn dial(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let Some(bind) = self.0.bind else { return TcpStream::connect(address).await };
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket
            .bind(SocketAddr::new(bind, 0))
            .map_err(|error| io::Error::new(error.kind(), format!("{bind} is no address of ours: {error}")))?;
        socket.connect(address).await
    }

    /// Has the proxy pass on what goes over `tcp`, where there is such a one.
    ///
    /// # Errors
    /// The proxy's refusal; `LoginRefused` with [`During::Proxy`] where it wants another password.
    pub async fn pass(&self, tcp: TcpStream, port: u16) -> Result<TcpStream> {
        match self.tunnel() {
            Some(by) => tunnel::through(by, tcp, (&self.0.host, port)).await,
            None => Ok(tcp),
        }
    }

    /// Makes a data connection to a port of the server; `peer` is what the control connection goes to.
    ///
    /// # Errors
    /// What befell it.
    pub async fn data(&self, peer: IpAddr, port: u16) -> io::Result<TcpStream> {
        let Some((proxy, _)) = self.tunnel() else { return self.dial(SocketAddr::new(peer, port)).await };
        let tcp = self.dial(SocketAddr::new(peer, proxy.port)).await?;
        let words = |failure: Failure| io::Error::other(failure.reply.map_or(failure.detail, |reply| reply.said()));
        self.pass(tcp, port).await.map_err(words)
    }

    /// Opens a port for the server to dial, on `ip` and within the range that was set.
    ///
    /// # Errors
    /// `Local`, with what to do where all ports of the range are taken.
    pub async fn listen(&self, ip: IpAddr, during: During) -> Result<TcpListener> {
        let cannot = |error: io::Error| Failure::new(FailureKind::Local, during, format!("cannot open a port: {error}"));
        let Some(range) = self.0.ports else {
            return TcpListener::bind(SocketAddr::new(ip, 0)).await.map_err(cannot);
        };
        let count = range.last - range.first + 1;
        // Not always the first: the one before may not be free again yet.
        let from = u16::try_from(start() % u32::from(count)).unwrap_or_default();
        for step in 0..count {
            let port = range.first + (from + step) % count;
            match listen_on(SocketAddr::new(ip, port)) {
                Err(error) if matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied) => {}
                outcome => return outcome.map_err(cannot),
            }
        }
        let detail = format!("all ports of active_ports ({range}) are taken or not ours to open");
        Err(Failure::new(FailureKind::Local, during, detail).hint("set a wider range, use fewer connections or passive mode"))
    }
}

/// One port. It may be one whose last connection is just over.
fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(4)
}

/// A number that goes on from call to call.
fn start() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reach;

    fn route(reach: Reach) -> Route {
        Route::of(&Site { reach, ..Site::of_host("server") }, None).unwrap()
    }

    #[tokio::test]
    async fn a_range_of_ports_is_used_up_one_by_one_and_then_says_so() {
        let ip = IpAddr::from([127, 0, 0, 9]);
        // Three in a row that are free on an address that nobody else has.
        let first = TcpListener::bind(SocketAddr::new(ip, 0)).await.unwrap().local_addr().unwrap().port().min(65_000);
        let range = PortRange { first, last: first + 2 };
        let route = route(Reach { active_ports: Some(range), ..Reach::default() });
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(route.listen(ip, During::Read).await.unwrap());
        }
        let mut ports: Vec<u16> = held.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
        ports.sort_unstable();
        assert_eq!(ports, [first, first + 1, first + 2]);
        let failure = route.listen(ip, During::Read).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Local);
        assert!(failure.detail.contains(&range.to_string()), "{failure}");
        held.pop();
        assert!(route.listen(ip, During::Read).await.is_ok(), "a port that is free again is used");
    }

    #[test]
    fn a_proxy_is_what_is_dialled_and_its_kind_decides_about_data() {
        let through = |text: &str| route(Reach { proxy: Through::parse(text).unwrap(), ..Reach::default() });
        let socks = through("socks5://p:9");
        assert_eq!((socks.first("h", 21), socks.is_straight(), socks.tunnel().is_some()), (("p", 9), false, true));
        let ftp = through("ftp://gate");
        assert_eq!((ftp.first("h", 21), ftp.is_straight(), ftp.tunnel().is_some()), (("gate", 21), true, false));
        assert_eq!(through("none").first("h", 21), ("h", 21));
    }

    #[test]
    fn nothing_goes_round_a_proxy_that_cannot_be_used() {
        let reach = Reach { proxy: Through::Unusable("ALL_PROXY: x".into()), ..Reach::default() };
        let failure = Route::of(&Site { reach, ..Site::of_host("server") }, None).unwrap_err();
        assert_eq!(failure.to_string(), "cannot connect: ALL_PROXY: x; correct it, or give --proxy");
    }

    #[test]
    fn an_address_is_dialled_from_one_of_its_family() {
        let (four, six): (IpAddr, IpAddr) = ("127.0.0.1".parse().unwrap(), "::1".parse().unwrap());
        let bound = route(Reach { bind: Some(four), ..Reach::default() });
        assert!(bound.takes(four) && !bound.takes(six));
        let only = route(Reach { family: Family::V6, ..Reach::default() });
        assert!(!only.takes(four) && only.takes(six));
        assert!(only.without_address().contains("IPv6"));
    }
}
