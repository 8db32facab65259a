//! How servers are reached and which files are text, as keys of a site and of the settings: `proxy`, `bind`, `address_family`,
//! `active_ports`, `active_address`; `ascii`.
//!
//! Guarantee: the password of a proxy is neither read from a file of settings nor written to one.

// Values alone: nothing here opens a socket.
use core::net::IpAddr;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use toml_edit::Value;

use crate::model::words::Word;
use crate::model::{Ascii, Family, PortRange, Reach, Through};

use super::error::ConfigError;

/// The keys, as they stand in a file.
#[derive(Debug, Default, Clone, Copy)]
pub struct Keys<'a> {
    pub proxy: Option<&'a Spanned<String>>,
    pub bind: Option<&'a Spanned<String>>,
    pub family: Option<&'a Spanned<String>>,
    pub ports: Option<&'a Spanned<String>>,
    pub address: Option<&'a Spanned<String>>,
}

impl Keys<'_> {
    /// What they say.
    pub fn read(self, path: &Path, text: &str) -> Result<Reach, ConfigError> {
        let wrong = |at: &Spanned<String>, why: String| ConfigError::at(path, text, Some(at.span()), why);
        let address = |at: &Spanned<String>, what: &str| {
            at.get_ref().parse::<IpAddr>().map_err(|_| wrong(at, format!("{what} is no IP address, such as 192.0.2.1 or 2001:db8::1")))
        };
        let proxy = self.proxy.map(|at| match Through::parse(at.get_ref()) {
            Ok(Through::Proxy(proxy)) if proxy.password.is_some() => {
                Err(wrong(at, "the proxy holds a password, and passwords are not kept in this file; remove it".to_owned()))
            }
            Ok(through) => Ok(through),
            Err(why) => Err(wrong(at, why.to_string())),
        });
        let family = self
            .family
            .map(|at| Family::of_word(at.get_ref()).ok_or_else(|| wrong(at, format!("address_family is none of {}", Family::words()))));
        let ports = self.ports.map(|at| {
            PortRange::parse(at.get_ref()).ok_or_else(|| wrong(at, "active_ports is no range of ports, such as 50000-50100".to_owned()))
        });
        Ok(Reach {
            proxy: proxy.transpose()?.unwrap_or_default(),
            bind: self.bind.map(|at| address(at, "bind")).transpose()?,
            family: family.transpose()?.unwrap_or_default(),
            active_ports: ports.transpose()?,
            active_address: self.address.map(|at| address(at, "active_address")).transpose()?,
        })
    }
}

/// What changed between `old` and `new`: each key with what it says now, `None` where it is to go.
pub fn changes(old: &Reach, new: &Reach) -> Vec<(&'static str, Option<Value>)> {
    let mut changes = Vec::new();
    if old.proxy.text() != new.proxy.text() {
        changes.push(("proxy", new.proxy.text().map(Value::from)));
    }
    if old.bind != new.bind {
        changes.push(("bind", new.bind.map(|address| address.to_string().into())));
    }
    if old.family != new.family {
        changes.push(("address_family", (new.family != Family::Any).then(|| new.family.word().into())));
    }
    if old.active_ports != new.active_ports {
        changes.push(("active_ports", new.active_ports.map(|range| range.to_string().into())));
    }
    if old.active_address != new.active_address {
        changes.push(("active_address", new.active_address.map(|address| address.to_string().into())));
    }
    changes
}

/// `ascii = true`, or the ends of names.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum AsciiKey {
    /// All files, or none.
    All(bool),
    /// Those with these ends.
    Extensions(Vec<String>),
}

impl AsciiKey {
    /// What it says.
    pub fn read(&self) -> Ascii {
        match self {
            Self::All(true) => Ascii::Always,
            Self::All(false) => Ascii::Never,
            Self::Extensions(words) => Ascii::of_extensions(words.iter().map(String::as_str)),
        }
    }
}

/// The key for it; `None` where it is the default.
pub fn ascii_value(ascii: &Ascii) -> Option<Value> {
    match ascii {
        Ascii::Never => None,
        Ascii::Always => Some(true.into()),
        Ascii::Extensions(words) => Some(Value::Array(words.iter().map(String::as_str).collect())),
    }
}
