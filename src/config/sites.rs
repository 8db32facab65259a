//! The saved sites: `sites.toml`, an array of `[[site]]` in the order in which a person sees them.
//!
//! Every change reads the file anew, so that two runs of the program do not undo each other's; comments and the order of keys stay.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use crate::model::site::Learnt;
use crate::model::{PasswordFrom, Site};

use super::error::ConfigError;
use super::row::{self, Origin, Row};
use super::{Paths, file};

/// The file of saved sites.
#[derive(Debug, Clone)]
pub struct SiteStore {
    path: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SitesFile {
    #[serde(default)]
    site: Vec<Spanned<Row>>,
}

impl SiteStore {
    /// The one in this person's, or a given, directory.
    pub fn new(paths: &Paths) -> Self {
        Self { path: paths.sites() }
    }

    /// All sites, in the order of the file; none where there is no file.
    ///
    /// # Errors
    /// [`ConfigError::Content`] names the place that cannot be read.
    pub fn load(&self) -> Result<Vec<Site>, ConfigError> {
        parse(&self.path, &file::read(&self.path)?)
    }

    /// The site of this name.
    ///
    /// # Errors
    /// As [`load`](Self::load), and [`ConfigError::NoSuchSite`].
    pub fn get(&self, name: &str) -> Result<Site, ConfigError> {
        self.load()?.into_iter().find(|site| site.name == name).ok_or_else(|| ConfigError::NoSuchSite(name.to_owned()))
    }

    /// Saves a new site.
    ///
    /// # Errors
    /// [`ConfigError::NameTaken`], [`ConfigError::BadName`]; [`ConfigError::Content`] where the file is broken, which is then left as it is.
    pub fn add(&self, site: &Site) -> Result<(), ConfigError> {
        self.add_all(std::slice::from_ref(site))
    }

    /// Whether a new site can be saved, as far as that can be told without saving it.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn check_new(&self, site: &Site) -> Result<(), ConfigError> {
        check_name(&site.name)?;
        let is_taken = self.load()?.iter().any(|known| known.name == site.name);
        if is_taken { Err(ConfigError::NameTaken(site.name.clone())) } else { Ok(()) }
    }

    /// Saves new sites, all of them or none.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_all(&self, new: &[Site]) -> Result<(), ConfigError> {
        for site in new {
            check_name(&site.name)?;
        }
        self.change(|sites, tables| {
            for site in new {
                if sites.iter().any(|known| known.name == site.name) {
                    return Err(ConfigError::NameTaken(site.name.clone()));
                }
                tables.push(table_of(site));
            }
            Ok(())
        })
    }

    /// Puts `site` in place of the one called `old`, under its own name: an edit, or a rename.
    ///
    /// # Errors
    /// As [`add`](Self::add), and [`ConfigError::NoSuchSite`].
    pub fn replace(&self, old: &str, site: &Site) -> Result<(), ConfigError> {
        check_name(&site.name)?;
        self.change(|sites, tables| {
            if site.name != old && sites.iter().any(|known| known.name == site.name) {
                return Err(ConfigError::NameTaken(site.name.clone()));
            }
            let (at, before) = find(sites, old)?;
            if let Some(table) = tables.get_mut(at) {
                row::write(table, Some(before), site);
            }
            Ok(())
        })
    }

    /// Gives a site another name.
    ///
    /// # Errors
    /// As [`replace`](Self::replace).
    pub fn rename(&self, old: &str, new: &str) -> Result<(), ConfigError> {
        let site = Site { name: new.to_owned(), ..self.get(old)? };
        self.replace(old, &site)
    }

    /// Keeps what was learnt about a site.
    ///
    /// # Errors
    /// As [`replace`](Self::replace).
    pub fn learn(&self, name: &str, learnt: &Learnt) -> Result<(), ConfigError> {
        let site = Site { learnt: learnt.clone(), ..self.get(name)? };
        self.replace(name, &site)
    }

    /// Removes a site.
    ///
    /// # Errors
    /// [`ConfigError::NoSuchSite`]; [`ConfigError::Content`] where the file is broken, which is then left as it is.
    pub fn remove(&self, name: &str) -> Result<(), ConfigError> {
        self.change(|sites, tables| {
            let (at, _) = find(sites, name)?;
            tables.remove(at);
            Ok(())
        })
    }

    fn change(&self, change: impl FnOnce(&[Site], &mut ArrayOfTables) -> Result<(), ConfigError>) -> Result<(), ConfigError> {
        file::change(&self.path, |text| {
            let sites = parse(&self.path, &text)?;
            let mut document: DocumentMut =
                text.parse().map_err(|error: toml_edit::TomlError| ConfigError::at(&self.path, &text, error.span(), error.message()))?;
            // Written as an array of inline tables it means the same; from the first change on it is an array of tables.
            let item = document.remove("site").unwrap_or_else(|| Item::ArrayOfTables(ArrayOfTables::new()));
            let mut tables = item.into_array_of_tables().unwrap_or_default();
            change(&sites, &mut tables)?;
            document.insert("site", Item::ArrayOfTables(tables));
            let new = document.to_string();
            // What was written must be what can be read.
            parse(&self.path, &new)?;
            Ok(new)
        })
    }
}

/// The sites as a text that can be imported, without what was learnt and without commands that could tell a password; with the names of
/// the sites whose command was left out.
pub fn export(sites: &[Site]) -> (String, Vec<String>) {
    let mut tables = ArrayOfTables::new();
    let mut without = Vec::new();
    for site in sites {
        let mut site = Site { learnt: Learnt::default(), ..site.clone() };
        if site.password_command.take().is_some() {
            without.push(site.name.clone());
        }
        if site.password == PasswordFrom::Command {
            site.password = PasswordFrom::Ask;
        }
        tables.push(table_of(&site));
    }
    let mut document = DocumentMut::new();
    document.insert("site", Item::ArrayOfTables(tables));
    (format!("# Sites of ftpane, without passwords: ftpane sites import FILE reads them.\n{document}"), without)
}

fn table_of(site: &Site) -> Table {
    let mut table = Table::new();
    row::write(&mut table, None, site);
    table
}

fn find<'a>(sites: &'a [Site], name: &str) -> Result<(usize, &'a Site), ConfigError> {
    sites.iter().enumerate().find(|(_, site)| site.name == name).ok_or_else(|| ConfigError::NoSuchSite(name.to_owned()))
}

/// Reads a file of sites; `path` is for errors.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<Site>, ConfigError> {
    let file: SitesFile = toml::from_str(text).map_err(|error| ConfigError::of_toml(path, text, &error))?;
    let origin = Origin { path, text };
    let mut sites: Vec<Site> = Vec::with_capacity(file.site.len());
    for row in &file.site {
        let at = Spanned::new(row.span(), ());
        let site = row.get_ref().to_site(origin, &at)?;
        let Some(name) = row.get_ref().name() else { return Err(origin.error(&at, "this site has no name")) };
        check_name(name.get_ref()).map_err(|error| origin.error(name, error.to_string()))?;
        if sites.iter().any(|known| known.name == site.name) {
            return Err(origin.error(name, format!("a second site is called {}", site.name)));
        }
        sites.push(site);
    }
    Ok(sites)
}

/// The sites in the text of such a file.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn read(text: &str) -> Result<Vec<Site>, ConfigError> {
    parse(Path::new("sites.toml"), text)
}

/// A name must be something that reads as a name when it is typed as a target.
///
/// # Errors
/// [`ConfigError::BadName`].
pub fn check_name(name: &str) -> Result<(), ConfigError> {
    Site::flaw_of_name(name).map_or(Ok(()), |why| Err(ConfigError::BadName(name.to_owned(), why)))
}

#[cfg(test)]
#[path = "sites_tests.rs"]
mod tests;
