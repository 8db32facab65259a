//! How the values of a site show in its form, and how what was typed becomes values again.

// A value alone: nothing here opens a socket.
use core::net::IpAddr;
use std::path::PathBuf;

use crate::model::site::{Learnt, StartDir};
use crate::model::words::Word;
use crate::model::{Ascii, ClockOffset, Fingerprint, Identity, Site, Through, VPath};

use super::{target, text};

/// The word for all files.
const ALL: &str = "all";

pub(super) fn words<W: Word>(value: W) -> (Vec<String>, usize) {
    let all = W::ALL.iter().map(|(word, _)| (*word).to_owned()).collect();
    (all, W::ALL.iter().position(|(_, known)| *known == value).unwrap_or(0))
}

pub(super) fn word<W: Word + Default>(chosen: usize) -> W {
    W::ALL.get(chosen).map(|(_, value)| *value).unwrap_or_default()
}

pub(super) fn yes_or_no(is: bool) -> (Vec<String>, usize) {
    (vec!["no".to_owned(), "yes".to_owned()], usize::from(is))
}

pub(super) fn number<N: ToString>(value: Option<N>) -> String {
    value.map(|number| number.to_string()).unwrap_or_default()
}

pub(super) fn known(value: &Option<String>) -> String {
    value.clone().unwrap_or_default()
}

pub(super) fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

pub(super) fn shown_start(site: &Site) -> String {
    match &site.start {
        StartDir::Login => String::new(),
        StartDir::Relative(bytes) => target::text_of(bytes),
        StartDir::Absolute(path) => target::typed(path, false),
    }
}

pub(super) fn put_start(site: &mut Site, text: &str) -> Result<(), String> {
    let bytes = target::bytes(text);
    site.start = match bytes.first() {
        None => StartDir::Login,
        Some(b'/') => StartDir::Absolute(VPath::parse(&bytes).map_err(|why| why.to_string())?),
        Some(_) => StartDir::Relative(bytes),
    };
    Ok(())
}

pub(super) fn shown_local(site: &Site) -> String {
    site.local.as_ref().map(|path| target::typed(path, false)).unwrap_or_default()
}

pub(super) fn put_local(site: &mut Site, text: &str) -> Result<(), String> {
    site.local = match target::bytes(text) {
        bytes if bytes.is_empty() => None,
        bytes if bytes.first() == Some(&b'/') => Some(VPath::parse(&bytes).map_err(|why| why.to_string())?),
        _ => return Err("a full path, beginning with a slash".to_owned()),
    };
    Ok(())
}

/// `keep: no EPSV, 4 connections at most`.
pub(super) fn learnt(learnt: &Learnt) -> String {
    let facts = [(learnt.no_epsv, "no EPSV"), (learnt.prefers_active, "active data"), (learnt.no_mlsd, "no MLSD")];
    let mut facts: Vec<String> = facts.into_iter().filter(|(is, _)| *is).map(|(_, word)| word.to_owned()).collect();
    facts.extend(learnt.clock.map(|clock| format!("clock {clock}")));
    facts.extend(learnt.connections.map(|count| format!("{} at most", text::many(u64::from(count), "connection", "connections"))));
    if facts.is_empty() { "nothing yet".to_owned() } else { format!("keep: {}", facts.join(", ")) }
}

pub(super) fn put_clock(site: &mut Site, text: &str) -> Result<(), String> {
    let offset = |text: &str| ClockOffset::parse(text).ok_or("hours and minutes, such as +02:00 or -03:30");
    site.clock = if text.is_empty() { None } else { Some(offset(text)?) };
    Ok(())
}

pub(super) fn put_pins(site: &mut Site, text: &str) -> Result<(), String> {
    let pins = text.split([' ', ',', ';']).filter(|pin| !pin.is_empty()).map(Fingerprint::parse).collect::<Option<Vec<_>>>();
    // One alone may have blanks between its digits.
    let pins = pins.or_else(|| Fingerprint::parse(text).map(|pin| vec![pin]));
    site.secured.pins = pins.ok_or("a SHA-256 fingerprint has 64 hexadecimal digits, with or without colons between them")?;
    Ok(())
}

pub(super) fn shown_file(path: Option<&PathBuf>) -> String {
    path.map(|path| target::text_of(path.as_os_str().as_encoded_bytes())).unwrap_or_default()
}

pub(super) fn file(text: &str) -> Result<Option<PathBuf>, String> {
    match text {
        "" => Ok(None),
        text if text.starts_with('/') => Ok(Some(PathBuf::from(text))),
        _ => Err("a full path, beginning with a slash".to_owned()),
    }
}

/// Whether this key is in the file of the certificate.
pub(super) fn is_whole(site: &Site, key: &PathBuf) -> bool {
    site.secured.identity.as_ref().is_some_and(|identity| identity.certificate == *key)
}

pub(super) fn put_certificate(site: &mut Site, text: &str) -> Result<(), String> {
    let old = site.secured.identity.take();
    site.secured.identity = file(text)?.map(|certificate| {
        let apart = old.filter(|old| old.key != old.certificate);
        Identity { key: apart.map_or_else(|| certificate.clone(), |old| old.key), certificate }
    });
    Ok(())
}

pub(super) fn put_key(site: &mut Site, text: &str) -> Result<(), String> {
    let key = file(text)?;
    if let Some(identity) = &mut site.secured.identity {
        identity.key = key.unwrap_or_else(|| identity.certificate.clone());
    }
    Ok(())
}

pub(super) fn shown_ascii(site: &Site) -> String {
    match &site.ascii {
        Ascii::Never => String::new(),
        Ascii::Always => ALL.to_owned(),
        Ascii::Extensions(words) => words.join(" "),
    }
}

pub(super) fn put_ascii(site: &mut Site, text: &str) -> Result<(), String> {
    site.ascii = if text == ALL { Ascii::Always } else { Ascii::of_extensions(text.split([' ', ',', ';'])) };
    Ok(())
}

/// Without a password: it would be written into a file.
pub(super) fn put_proxy(site: &mut Site, text: &str) -> Result<(), String> {
    let through = if text.is_empty() { Through::Unsaid } else { Through::parse(text).map_err(|why| why.to_string())? };
    if through.proxy().is_some_and(|proxy| proxy.password.is_some()) {
        return Err("its password is not kept here: leave it out, and it is asked for".to_owned());
    }
    site.reach.proxy = through;
    Ok(())
}

pub(super) fn address(text: &str) -> Result<Option<IpAddr>, String> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| "an IP address, such as 192.0.2.1 or 2001:db8::1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_may_be_typed_in_every_way_that_it_is_printed_and_all_can_be_forgotten() {
        let pin = Fingerprint([0xAB; 32]);
        let spaced = "AB ".repeat(32);
        for text in [&*pin.to_string(), &*"ab".repeat(32), spaced.trim(), &*format!("SHA256:{}", "AB".repeat(32))] {
            let mut site = Site::default();
            put_pins(&mut site, text).unwrap();
            assert_eq!(site.secured.pins, [pin], "{text}");
            put_pins(&mut site, "").unwrap();
            assert!(site.secured.pins.is_empty());
        }
    }

    #[test]
    fn a_key_in_the_certificates_file_stays_there_when_the_file_is_another() {
        let mut site = Site::default();
        put_certificate(&mut site, "/both.pem").unwrap();
        put_certificate(&mut site, "/other.pem").unwrap();
        let key = |site: &Site| site.secured.identity.as_ref().unwrap().key.clone();
        assert_eq!(key(&site), PathBuf::from("/other.pem"));
        put_key(&mut site, "/key.pem").unwrap();
        put_certificate(&mut site, "/third.pem").unwrap();
        assert_eq!(key(&site), PathBuf::from("/key.pem"));
        put_key(&mut site, "").unwrap();
        assert_eq!(key(&site), PathBuf::from("/third.pem"));
    }
}
