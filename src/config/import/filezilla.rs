//! FileZilla's `sitemanager.xml`: servers in folders.
//!
//! A document type is refused: FileZilla writes none, and entities are what an XML file does harm with.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::model::site::StartDir;
use crate::model::{DataMode, Secret, Site, TlsPolicy, VPath};

use super::{Bad, Found, Import, folder, host, local, port, tame};

/// Deeper folders are no person's.
const MOST_DEEP: usize = 64;
/// Old versions wrote no padding.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// Reads the file.
pub(super) fn parse(text: &str) -> Result<Import, Bad> {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk::default();
    loop {
        let event = reader.read_event();
        let line = || {
            let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
            text.as_bytes().get(..at).unwrap_or_default().iter().filter(|b| **b == b'\n').count() + 1
        };
        let at = |why: &str| (line(), why.to_owned());
        match event {
            Ok(Event::Start(tag)) => walk.open(&tag).map_err(|why| at(&why))?,
            Ok(Event::Empty(tag)) => {
                walk.open(&tag).map_err(|why| at(&why))?;
                walk.close()?;
            }
            Ok(Event::End(_)) => walk.close()?,
            Ok(Event::Text(text)) => walk.text(&text),
            Ok(Event::CData(text)) => walk.text(&text),
            Ok(Event::GeneralRef(name)) => {
                let number = name.resolve_char_ref().ok().flatten();
                let c = number.or_else(|| predefined(&name)).ok_or_else(|| at("an entity stands here that XML itself does not have"))?;
                walk.text(c.encode_utf8(&mut [0; 4]));
            }
            Ok(Event::DocType(_)) => return Err(at("the file has a document type, which FileZilla never writes; it is not read")),
            Ok(Event::Eof) if walk.stack.is_empty() && walk.is_filezilla => return Ok(walk.import),
            Ok(Event::Eof) if walk.is_filezilla => return Err(at("the file ends in the middle")),
            Ok(Event::Eof) => return Err(at("this is XML, and none of FileZilla's: it has no <FileZilla3>")),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => {}
            Err(error) => return Err(at(&format!("this is no XML: {}", crate::model::text::printable_str(&error.to_string())))),
        }
    }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// An element that is open.
struct Element {
    name: String,
    text: String,
    encoding: Option<String>,
}

#[derive(Default)]
struct Walk {
    stack: Vec<Element>,
    server: Option<Server>,
    is_filezilla: bool,
    import: Import,
}

/// What stands in a `<Server>`.
#[derive(Default)]
struct Server {
    fields: Vec<(String, String)>,
    encoding: Option<String>,
    bookmarks: usize,
}

impl Walk {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        if self.stack.len() >= MOST_DEEP {
            return Err(format!("elements are nested more than {MOST_DEEP} deep"));
        }
        let name = tag.local_name().into_inner().to_owned();
        if self.stack.is_empty() {
            self.is_filezilla = name == "FileZilla3";
        }
        if name == "Server" && self.server.is_none() {
            self.server = Some(Server::default());
        }
        let encoding = tag.try_get_attribute("encoding").ok().flatten().map(|value| value.value.into_owned());
        self.stack.push(Element { name, text: String::new(), encoding });
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.stack.last_mut() {
            element.text.push_str(text);
        }
    }

    fn close(&mut self) -> Result<(), Bad> {
        let Some(element) = self.stack.pop() else { return Ok(()) };
        let inside_server = self.stack.last().is_some_and(|parent| parent.name == "Server");
        match (&mut self.server, element.name.as_str()) {
            (Some(_), "Server") => self.finish(&element.text),
            (Some(server), "Bookmark") if inside_server => {
                server.bookmarks += 1;
                Ok(())
            }
            (Some(server), _) if inside_server => {
                if element.name == "Pass" {
                    server.encoding = element.encoding;
                }
                server.fields.push((element.name, element.text));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn finish(&mut self, text: &str) -> Result<(), Bad> {
        let Some(server) = self.server.take() else { return Ok(()) };
        let own = server.field("Name");
        // Old versions had the name behind the fields.
        let name = tame(if own.is_empty() { text } else { own });
        let levels = self.stack.iter().filter(|element| element.name == "Folder").map(|element| element.text.as_str());
        let folder = folder(levels);
        match server.site() {
            Ok(found) => self.import.found(Found { site: Site { name, folder, ..found.site }, ..found }),
            Err(why) => {
                self.import.left(name, why);
                Ok(())
            }
        }
    }
}

impl Server {
    fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text.trim())
    }

    fn site(&self) -> Result<Found, String> {
        // The values of FileZilla's enum ServerProtocol.
        let tls = match self.field("Protocol") {
            "" | "0" => TlsPolicy::Auto,
            "3" => TlsPolicy::Implicit,
            "4" => TlsPolicy::Required,
            "6" => TlsPolicy::Off,
            "1" => return Err("it is SFTP, which is not spoken here".to_owned()),
            other => return Err(format!("its protocol ({}) is not FTP", tame(other))),
        };
        let mut notes = Vec::new();
        let anonymous = self.field("Logontype") == "0";
        let user = Some(self.field("User")).filter(|user| !user.is_empty() && !anonymous);
        let mut site = Site { tls, user: user.map(Into::into), ..Site::of_host(host(self.field("Host"))) };
        site.port = port(self.field("Port"), tls)?;
        site.mode = match self.field("PasvMode") {
            "MODE_ACTIVE" => DataMode::Active,
            "MODE_PASSIVE" => DataMode::Passive,
            _ => DataMode::Auto,
        };
        site.charset = match self.field("EncodingType") {
            "UTF-8" => Some("utf-8".to_owned()),
            "Custom" => Some(self.field("CustomEncoding").to_ascii_lowercase()).filter(|charset| !charset.is_empty()),
            _ => None,
        };
        site.local = local(self.field("LocalDir"), &mut notes);
        match remote(self.field("RemoteDir")) {
            Ok(start) => site.start = start,
            Err(why) => notes.push(why.to_owned()),
        }
        site.learnt.connections = self.field("MaximumMultipleConnections").parse().ok().filter(|count| *count > 0);
        if !self.field("Account").is_empty() {
            notes.push("its account (ACCT) did not come over".to_owned());
        }
        if self.bookmarks > 0 {
            notes.push(format!("its bookmarks ({}) did not come over", self.bookmarks));
        }
        let secret = if anonymous { None } else { self.secret(&mut notes) };
        Ok(Found { site, secret, notes })
    }

    fn secret(&self, notes: &mut Vec<String>) -> Option<Secret> {
        // Not trimmed: a password of old versions stands there as it is.
        let text = self.fields.iter().find(|(known, _)| known == "Pass").map(|(_, text)| text.as_str()).filter(|text| !text.is_empty())?;
        let secret = match self.encoding.as_deref() {
            None => Some(Secret::new(text)),
            Some("base64") => BASE64.decode(text.trim()).ok().and_then(Secret::of_bytes),
            Some("crypt") => {
                notes.push("its password did not come over: FileZilla's master password encrypts it".to_owned());
                return None;
            }
            Some(_) => None,
        };
        let secret = secret.filter(Secret::is_sendable);
        if secret.is_none() {
            notes.push("its password did not come over: it cannot be read".to_owned());
        }
        secret
    }
}

/// FileZilla's "safe path": the kind of server, the length of a prefix and the prefix where it has one, then each part of the path behind
/// its length: `1 0 3 var 3 www`.
fn remote(text: &str) -> Result<StartDir, &'static str> {
    const NOT_READ: &str = "its remote directory did not come over: it cannot be read";
    let mut rest = text;
    let mut number = || -> Option<usize> {
        let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = behind;
        word.parse().ok()
    };
    if text.is_empty() {
        return Ok(StartDir::Login);
    }
    let (kind, prefix) = (number().ok_or(NOT_READ)?, number().ok_or(NOT_READ)?);
    // 0 is whatever the server is, 1 is Unix.
    if kind > 1 || prefix > 0 {
        return Err("its remote directory did not come over: it is none of a Unix server");
    }
    let mut path = String::new();
    while !rest.is_empty() {
        let (length, behind) = rest.split_once(' ').ok_or(NOT_READ)?;
        let length: usize = length.parse().map_err(|_| NOT_READ)?;
        // Lengths are in characters.
        let end = behind.char_indices().nth(length).map_or(behind.len(), |(at, _)| at);
        let (part, behind) = behind.split_at_checked(end).ok_or(NOT_READ)?;
        if part.is_empty() || part.chars().count() != length || part.contains('/') || !(behind.is_empty() || behind.starts_with(' ')) {
            return Err(NOT_READ);
        }
        path.push('/');
        path.push_str(part);
        rest = behind.strip_prefix(' ').unwrap_or_default();
    }
    let path = if path.is_empty() { "/" } else { &path };
    VPath::parse(path.as_bytes()).map(StartDir::Absolute).map_err(|_| NOT_READ)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<FileZilla3 version="3.66.5" platform="*nix">
  <Servers>
    <Folder expanded="1">Clients &amp; friends
      <Folder expanded="0">A/B
        <Server>
          <Host>ftp.example.org</Host><Port>2121</Port><Protocol>4</Protocol><Type>0</Type>
          <User>alice</User><Pass encoding="base64">aHVudGVyMg==</Pass><Logontype>1</Logontype>
          <PasvMode>MODE_ACTIVE</PasvMode><EncodingType>Custom</EncodingType><CustomEncoding>windows-1251</CustomEncoding>
          <MaximumMultipleConnections>2</MaximumMultipleConnections>
          <Name>Work&lt;1&gt;</Name><Comments>x</Comments><LocalDir>/home/alice</LocalDir><RemoteDir>1 0 3 var 5 w w w</RemoteDir>
          <Bookmark><Name>deep</Name><LocalDir/><RemoteDir/></Bookmark>
        </Server>
      </Folder>
      <Server><Host>::1</Host><Port>21</Port><Protocol>0</Protocol><Logontype>0</Logontype><User>anonymous</User><Name>Anon</Name><LocalDir>C:\x</LocalDir></Server>
    </Folder>
    <Server><Host>h</Host><Port>990</Port><Protocol>3</Protocol><User>bob</User><Pass encoding="crypt" pubkey="xyz">c2VjcmV0</Pass><Logontype>1</Logontype><Name>Locked</Name></Server>
    <Server><Host>h</Host><Port>22</Port><Protocol>1</Protocol><Name>Ssh</Name></Server>
    <Server><Host>old</Host><Protocol>6</Protocol><User>al</User><Pass>plain pw</Pass><Logontype>1</Logontype>Old one&#13;</Server>
    <Server><Host>a b</Host><Name>Broken</Name></Server>
  </Servers>
</FileZilla3>"#;

    #[test]
    fn servers_come_over_with_folders_and_passwords_and_what_does_not_is_named() {
        let import = parse(FILE).unwrap();
        let names: Vec<_> = import.sites.iter().map(|found| found.site.name.as_str()).collect();
        assert_eq!(names, ["Work<1>", "Anon", "Locked", "Old one"]);
        let work = &import.sites[0];
        let expected = Site {
            name: "Work<1>".into(),
            folder: "Clients & friends/A-B".into(),
            port: Some(2121),
            user: Some("alice".into()),
            tls: TlsPolicy::Required,
            mode: DataMode::Active,
            charset: Some("windows-1251".into()),
            start: StartDir::Absolute(VPath::parse(b"/var/w w w").unwrap()),
            local: Some(VPath::parse(b"/home/alice").unwrap()),
            learnt: crate::model::site::Learnt { connections: Some(2), ..Default::default() },
            ..Site::of_host("ftp.example.org")
        };
        assert_eq!((&work.site, &work.secret), (&expected, &Some(Secret::new("hunter2"))));
        assert_eq!(work.notes, ["its bookmarks (1) did not come over"]);
        let anon = &import.sites[1];
        assert_eq!((anon.site.user.as_ref(), anon.site.host.as_str(), anon.site.port), (None, "::1", None));
        assert_eq!(anon.notes, ["its local directory C:\\x is none here"]);
        let locked = &import.sites[2];
        assert_eq!((locked.site.tls, locked.site.port, &locked.secret), (TlsPolicy::Implicit, None, &None));
        assert!(locked.notes[0].contains("master password"));
        assert_eq!(import.sites[3].secret, Some(Secret::new("plain pw")));
        assert_eq!(import.sites[3].site.tls, TlsPolicy::Off);
        let left: Vec<_> = import.left.iter().map(|left| (left.name.as_str(), left.why.as_str())).collect();
        assert!(matches!(left[..], [("Ssh", "it is SFTP, which is not spoken here"), ("Broken", _)]), "{left:?}");
        assert!(!format!("{import:?}").contains("hunter2"));
    }

    #[test]
    fn a_file_that_means_harm_or_is_none_gets_an_error_with_its_line() {
        let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;\">]>\n<FileZilla3>&b;</FileZilla3>";
        let deep = format!("<FileZilla3>\n{}", "<Folder>".repeat(100_000));
        for (text, line, said) in [
            (bomb, 2, "document type"),
            ("<FileZilla3>\n\n&bomb;</FileZilla3>", 3, "entity"),
            (deep.as_str(), 2, "nested more than 64"),
            ("<FileZilla3><Servers>", 1, "ends in the middle"),
            ("<html></html>", 1, "none of FileZilla's"),
            ("<FileZilla3></x></FileZilla3>", 1, "no XML"),
        ] {
            let (at, why) = parse(text).unwrap_err();
            assert_eq!(at, line, "{why}");
            assert!(why.contains(said), "{why}");
        }
    }

    #[test]
    fn a_safe_path_is_read_by_its_lengths() {
        let absolute = |path: &str| Ok(StartDir::Absolute(VPath::parse(path.as_bytes()).unwrap()));
        assert_eq!(remote(""), Ok(StartDir::Login));
        assert_eq!(remote("1 0"), absolute("/"));
        assert_eq!(remote("1 0 3 var 3 www"), absolute("/var/www"));
        assert_eq!(remote("1 0 5 a 3 b 2 ä€"), absolute("/a 3 b/ä€"));
        for bad in ["x", "1", "2 0 3 var", "1 3 abc", "1 0 9 var", "1 0 2 var", "1 0 3 a/b", "1 0 99999999999999999999 a", "1 0 0  1 a"] {
            assert!(remote(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_stops_the_reader(text in "(<FileZilla3>|<Server>|</Server>|<Pass encoding=\"base64\">|<RemoteDir>|1 0 3 |&|;|<|>|/|\\PC){0,40}") {
            let _ = parse(&text);
            let _ = remote(&text);
        }
    }
}
