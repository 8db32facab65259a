//! The sites used lately: `recent.toml`, newest first, without passwords, written by the program alone.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use crate::model::{PasswordFrom, Site};

use super::error::ConfigError;
use super::row::{self, Origin, Row};
use super::{Paths, file};

/// How many are kept.
pub const KEPT: usize = 16;

/// The file of recent sites.
#[derive(Debug, Clone)]
pub struct RecentStore {
    path: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecentFile {
    #[serde(default)]
    recent: Vec<Spanned<Row>>,
}

impl RecentStore {
    /// The one in this person's, or a given, directory.
    pub fn new(paths: &Paths) -> Self {
        Self { path: paths.recent() }
    }

    /// All, newest first.
    ///
    /// # Errors
    /// [`ConfigError::Content`] names the place that cannot be read.
    pub fn load(&self) -> Result<Vec<Site>, ConfigError> {
        parse(&self.path, &file::read(&self.path)?)
    }

    /// Puts a site in front; one of the same account and directory moves there.
    ///
    /// # Errors
    /// [`ConfigError::Content`] where the file is broken, which is then left as it is.
    pub fn remember(&self, site: &Site) -> Result<(), ConfigError> {
        file::change(&self.path, |text| {
            let old = parse(&self.path, &text)?.into_iter().filter(|known| !(known.is_same_account(site) && known.start == site.start));
            // Where its password is, the saved site says.
            let site = Site { password: PasswordFrom::Ask, password_command: None, ..site.clone() };
            let all = std::iter::once(site).chain(old).take(KEPT);
            let mut tables = ArrayOfTables::new();
            for site in all {
                let mut table = Table::new();
                row::write(&mut table, None, &site);
                tables.push(table);
            }
            let mut document = DocumentMut::new();
            document.insert("recent", Item::ArrayOfTables(tables));
            let new = document.to_string();
            parse(&self.path, &new)?;
            Ok(new)
        })
    }
}

fn parse(path: &Path, text: &str) -> Result<Vec<Site>, ConfigError> {
    let file: RecentFile = toml::from_str(text).map_err(|error| ConfigError::of_toml(path, text, &error))?;
    file.recent.iter().map(|row| row.get_ref().to_site(Origin { path, text }, &Spanned::new(row.span(), ()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::url::FtpUrl;

    fn site(url: &str) -> Site {
        FtpUrl::parse(url.as_bytes()).unwrap().to_site()
    }

    #[test]
    fn the_newest_is_first_and_only_sixteen_are_kept() {
        let base = tempfile::tempdir().unwrap();
        let store = RecentStore::new(&Paths::under(base.path()));
        for host in 0..20 {
            store.remember(&site(&format!("ftp://h{host}/"))).unwrap();
        }
        store.remember(&site("ftp://h10/")).unwrap();
        let hosts: Vec<_> = store.load().unwrap().into_iter().map(|site| site.host).collect();
        assert_eq!(hosts.len(), KEPT);
        assert_eq!(hosts[..3], ["h10", "h19", "h18"]);
        assert_eq!(hosts.iter().filter(|host| *host == "h10").count(), 1);
    }

    #[test]
    fn a_password_in_a_url_is_not_kept() {
        let base = tempfile::tempdir().unwrap();
        let store = RecentStore::new(&Paths::under(base.path()));
        store.remember(&site("ftp://u:hunter2@h/")).unwrap();
        assert!(!std::fs::read_to_string(&store.path).unwrap().contains("hunter2"));
    }

    #[test]
    fn a_broken_file_is_named_and_left_alone() {
        let base = tempfile::tempdir().unwrap();
        let store = RecentStore::new(&Paths::under(base.path()));
        std::fs::write(&store.path, "[[recent]]\nurl = \"ftp://h\"\nx = 1\n").unwrap();
        let error = store.remember(&site("ftp://h2")).unwrap_err().to_string();
        assert!(error.contains("recent.toml:3:1: unknown key `x`"), "{error}");
        assert_eq!(std::fs::read_to_string(&store.path).unwrap(), "[[recent]]\nurl = \"ftp://h\"\nx = 1\n");
    }
}
