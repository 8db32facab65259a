//! The jobs of a z/OS spool (`SITE FILETYPE=JES`): `USER1  JOB01906  OUTPUT    3 Spool Files`, and with JESINTERFACELEVEL 2
//! `USER1  JOB01791 USER  OUTPUT A  RC=0000 6 spool files`. A job is fetched by its number.

use crate::model::{Entry, Kind};

use super::dialect::{Row, entry_row};
use super::fields::Fields;
use super::scan::is_digits;

/// One job.
pub(super) fn read(fields: &Fields<'_>) -> Option<Row> {
    let all = fields.all();
    let [_, job, rest @ ..] = all else { return None };
    if !is_job(job) {
        return None;
    }
    let is_status = |field: &&[u8]| matches!(*field, b"OUTPUT" | b"INPUT" | b"ACTIVE" | b"HELD" | b"UNKNOWN");
    let status = rest.iter().take(2).position(is_status)?;
    // The owner, at level 2.
    let owner = if status == 1 { rest.first().and_then(|owner| std::str::from_utf8(owner).ok()) } else { None };
    Some(entry_row(job, Kind::File, |entry: &mut Entry| entry.owner = owner.map(Into::into)))
}

/// `JOB01906`, a user's session `TSU01830`, a started task `STC00012`; with seven digits one letter is left.
fn is_job(field: &[u8]) -> bool {
    let of = |letters: usize| {
        field.split_at_checked(letters).is_some_and(|(kind, number)| is_kind(kind) && (4..=7).contains(&number.len()) && is_digits(number))
    };
    of(3) || of(1)
}

fn is_kind(letters: &[u8]) -> bool {
    matches!(letters, b"JOB" | b"TSU" | b"STC" | b"J" | b"T" | b"S")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(entry: &Entry) -> &str {
        std::str::from_utf8(entry.name.as_bytes()).unwrap()
    }

    #[test]
    fn a_job_goes_by_its_number() {
        for (line, job, owner) in [
            ("IBMUSER1  JOB01906  OUTPUT    3 Spool Files", "JOB01906", None),
            ("IBMUSER   TSU01830  OUTPUT    3 Spool Files", "TSU01830", None),
            ("IBMUSER2  JOB01791 IBMUSER   OUTPUT A        RC=0000 6 spool files", "JOB01791", Some("IBMUSER")),
            ("IBMUSER   TSU01830 IBMUSER   OUTPUT TSU      ABEND=522 3 spool files", "TSU01830", Some("IBMUSER")),
            ("A         J0012345 B         ACTIVE A", "J0012345", Some("B")),
        ] {
            let Some(Row::Entry(entry)) = read(&Fields::of(line.as_bytes())) else { panic!("{line}") };
            assert_eq!((text(&entry), entry.owner.as_deref()), (job, owner), "{line}");
        }
        for line in ["IBMUSER JOB0190x OUTPUT", "IBMUSER JOB01906", "IBMUSER JOB01906 x y OUTPUT", "x", ""] {
            assert!(read(&Fields::of(line.as_bytes())).is_none(), "{line}");
        }
    }
}
