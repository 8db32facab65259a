//! netrc: a login for each machine.

use crate::config::secrets::netrc;
use crate::model::Site;

use super::{Bad, Found, Import, tame};

/// Reads the file.
pub(super) fn parse(text: &str) -> Result<Import, Bad> {
    let mut import = Import::default();
    for entry in netrc::parse(text).map_err(|(line, why)| (line, why.to_owned()))? {
        let Some(machine) = entry.machine else {
            import.left("default", "it stands for all servers");
            continue;
        };
        let Some(login) = entry.login else {
            import.left(tame(&machine), "it has no login");
            continue;
        };
        let twice = import.sites.iter().any(|found| found.site.host == machine);
        let name = if twice { tame(&format!("{login}@{machine}")) } else { tame(&machine) };
        let site = Site { name, user: Some(login), ..Site::of_host(machine) };
        import.found(Found { site, secret: entry.password, notes: Vec::new() })?;
    }
    Ok(import)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    #[test]
    fn machines_come_over_under_their_names() {
        let import =
            parse("machine h login a password 1\nmachine h login b password 2\nmachine k password 3\ndefault login ftp password x")
                .unwrap();
        let sites: Vec<_> = import.sites.iter().map(|found| (found.site.name.as_str(), found.secret.clone())).collect();
        assert_eq!(sites, [("h", Some(Secret::new("1"))), ("b@h", Some(Secret::new("2")))]);
        assert_eq!(import.left.iter().map(|left| left.name.as_str()).collect::<Vec<_>>(), ["k", "default"]);
        assert_eq!(parse("machine h\npassword a b").unwrap_err().0, 2);
    }
}
