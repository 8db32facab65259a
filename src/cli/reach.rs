//! The options about how servers are reached and about text files.

// Values alone: nothing here opens a socket.
use core::net::IpAddr;

use clap::Args;

use crate::config::Settings;
use crate::model::reach::{Ambience, Environment};
use crate::model::{Ascii, Family, PortRange, Reach, Site, Through};

/// The options, as they are typed.
#[derive(Debug, Clone, Default, Args)]
pub struct ReachArgs {
    /// Wait so long for a server that went away while something is copied; 120 where neither this nor --retries is given.
    #[arg(long, global = true, value_name = "SECS", value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub retry_for: Option<u32>,
    /// Go through a proxy: socks5://[USER@]HOST[:PORT], http:// (by CONNECT), or an FTP proxy by ftp:// (USER user@host), ftp+open:// or
    /// ftp+site://; none goes straight. Without it the site's, the settings' or the environment's (ftp_proxy, all_proxy, no_proxy).
    #[arg(long, global = true, value_name = "URL", value_parser = Through::parse)]
    pub proxy: Option<Through>,
    /// Connect from this address of ours.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub bind: Option<IpAddr>,
    /// In active mode have the server dial one of these ports, such as 50000-50100.
    #[arg(long, global = true, value_name = "FIRST-LAST", value_parser = ports)]
    pub active_ports: Option<PortRange>,
    /// In active mode tell the server this address as ours, where a router gives us another one.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub active_address: Option<IpAddr>,
    /// Dial IPv4 addresses only.
    #[arg(short = '4', long, global = true, conflicts_with = "ipv6")]
    pub ipv4: bool,
    /// Dial IPv6 addresses only.
    #[arg(short = '6', long, global = true)]
    pub ipv6: bool,
    /// Send an idle server something harmless every so many seconds, 0 never.
    #[arg(long, global = true, value_name = "SECS", value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub keep_alive: Option<u32>,
    /// Move files as text, with the line ends of the side that gets them: all of them, or with =txt,csv those whose names end so. A file
    /// that is no text is damaged by it.
    #[arg(long, global = true, value_name = "EXT,...", num_args = 0..=1, require_equals = true, default_missing_value = "*", value_parser = text)]
    pub ascii: Option<Ascii>,
    /// Say this where the server asks for an account besides the password (ACCT).
    #[arg(long, global = true, value_name = "ACCOUNT", value_parser = account)]
    pub account: Option<String>,
}

fn ports(typed: &str) -> Result<PortRange, String> {
    PortRange::parse(typed).ok_or_else(|| "write a range of ports, such as 50000-50100".to_owned())
}

fn text(typed: &str) -> Result<Ascii, String> {
    if typed == "*" {
        return Ok(Ascii::Always);
    }
    match Ascii::of_extensions(typed.split(',')) {
        Ascii::Never => Err("write the ends of names, such as txt,csv; without any it is all files".to_owned()),
        ascii => Ok(ascii),
    }
}

fn account(typed: &str) -> Result<String, String> {
    if typed.contains(['\r', '\n']) { Err("an account has no line breaks".to_owned()) } else { Ok(typed.to_owned()) }
}

/// What the options, the settings and the environment say.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    reach: Reach,
    ascii: Option<Ascii>,
    keep_alive: Option<u32>,
    account: Option<String>,
    environment: Environment,
}

impl Ways {
    /// Of the options and the environment.
    pub fn of(args: &ReachArgs) -> Self {
        let family = match (args.ipv4, args.ipv6) {
            (true, _) => Family::V4,
            (_, true) => Family::V6,
            (false, false) => Family::Any,
        };
        let reach = Reach {
            proxy: args.proxy.clone().unwrap_or_default(),
            bind: args.bind,
            family,
            active_ports: args.active_ports,
            active_address: args.active_address,
        };
        let environment = Environment::read(|name| std::env::var(name).ok());
        let ReachArgs { ascii, keep_alive, account, .. } = args;
        Self { reach, ascii: ascii.clone(), keep_alive: *keep_alive, account: account.clone(), environment }
    }

    /// Puts the options on a site, as far as they were given: for one that is saved with them.
    pub fn put_given_on(&self, site: &mut Site) {
        site.reach = self.reach.clone().or(&site.reach);
        if let Some(ascii) = &self.ascii {
            site.ascii = ascii.clone();
        }
        site.keep_alive = self.keep_alive.or(site.keep_alive);
        if self.account.is_some() {
            site.account.clone_from(&self.account);
        }
    }

    /// How servers are reached, as far as options say it.
    pub fn given(&self) -> &Reach {
        &self.reach
    }

    /// All that holds where a site says nothing.
    pub fn ambience(&self, settings: &Settings) -> Ambience {
        Ambience {
            given: self.reach.clone(),
            settings: settings.reach.clone(),
            environment: self.environment.clone(),
            keep_alive: (self.keep_alive, settings.keep_alive),
        }
    }

    /// Puts on a site what holds for it: the options, else what it says itself, else the settings, else the environment.
    pub fn put_on(&self, site: &mut Site, settings: &Settings) {
        self.put_given_on(site);
        site.reach = std::mem::take(&mut site.reach).or(&settings.reach);
        site.keep_alive = site.keep_alive.or(settings.keep_alive);
        if site.reach.proxy == Through::Unsaid {
            site.reach.proxy = self.environment.proxy_for(&site.host);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(text: &str) -> Through {
        Through::parse(text).unwrap()
    }

    #[test]
    fn an_option_comes_before_the_site_the_site_before_the_settings_and_these_before_the_environment() {
        let environment = Environment::read(|name| (name == "ALL_PROXY").then(|| "socks5://env".to_owned()));
        let through = |option: Through, site: Through, settings: Through| {
            let ways = Ways { reach: Reach { proxy: option, ..Reach::default() }, environment: environment.clone(), ..Ways::default() };
            let settings = Settings { reach: Reach { proxy: settings, ..Reach::default() }, ..Settings::default() };
            let mut site = Site { reach: Reach { proxy: site, ..Reach::default() }, ..Site::of_host("h") };
            ways.put_on(&mut site, &settings);
            site.reach.proxy.text().unwrap()
        };
        let unsaid = || Through::Unsaid;
        assert_eq!(through(proxy("http://option"), proxy("http://site"), proxy("http://set")), "http://option:1080");
        assert_eq!(through(proxy("none"), proxy("http://site"), unsaid()), "none");
        assert_eq!(through(unsaid(), proxy("http://site"), proxy("http://set")), "http://site:1080");
        assert_eq!(through(unsaid(), unsaid(), proxy("http://set")), "http://set:1080");
        assert_eq!(through(unsaid(), unsaid(), unsaid()), "socks5://env:1080");
    }

    #[test]
    fn what_holds_anyway_is_taken_off_a_site_that_is_to_be_saved_and_options_stay() {
        let environment = Environment::read(|name| (name == "ALL_PROXY").then(|| "socks5://env".to_owned()));
        let settings = Settings { keep_alive: Some(9), ..Settings::default() };
        let option = Reach { family: Family::V4, ..Reach::default() };
        let ways = Ways { reach: option.clone(), environment, ..Ways::default() };
        let mut site = Site::of_host("h");
        ways.put_on(&mut site, &settings);
        assert_eq!((site.reach.proxy.text().as_deref(), site.keep_alive), (Some("socks5://env:1080"), Some(9)));
        ways.ambience(&settings).take_off(&mut site);
        assert_eq!((site.reach, site.keep_alive), (option, None));
        let mut own = Site { reach: Reach { proxy: proxy("http://own"), ..Reach::default() }, ..Site::of_host("h") };
        ways.ambience(&settings).take_off(&mut own);
        assert_eq!(own.reach.proxy, proxy("http://own"));
    }

    #[test]
    fn text_files_are_named_by_their_ends_or_are_all() {
        assert_eq!(text("*").unwrap(), Ascii::Always);
        assert_eq!(text("txt,.csv").unwrap(), Ascii::Extensions(vec!["txt".into(), "csv".into()]));
        assert!(text(",").is_err());
    }
}
