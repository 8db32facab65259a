//! The question whether a server's certificate is to be trusted.
//!
//! Guarantee: what stands against it and the fingerprints come first, all that it says of itself is made safe, and whoever just presses Enter,
//! Esc or a small letter trusts nothing.

use crate::model::text::printable_str;
use crate::model::{Certificate, Fingerprint, QuestionId, Site};

use super::super::Dialog;
use super::super::dialog::{Button, Confirm, Then};

/// Bytes of a fingerprint in one line, so that it can be compared at 60 columns.
const BYTES_A_LINE: usize = 16;

/// The dialog.
pub(super) fn ask(question: QuestionId, site: Box<Site>, certificate: &Certificate) -> Dialog {
    let server = printable_str(&site.title()).into_owned();
    let (title, mut lines) = if certificate.is_changed() { changed(&server, certificate) } else { unknown(&server, certificate) };
    let shown = |word: &str| !matches!(word, "SHA-256" | "trusted");
    lines.extend(certificate.rows().into_iter().filter(|(word, _)| shown(word)).map(|(word, text)| format!("{word}: {text}")));
    lines.extend([String::new(), advice(certificate).to_owned()]);
    let button = |label: &str, then| Button { label: label.to_owned(), then };
    let fingerprint = certificate.fingerprint;
    let for_good = if certificate.is_changed() {
        Then::Replace(question, site, fingerprint)
    } else {
        Then::Trust(question, Some((site, fingerprint)))
    };
    let buttons = vec![button("Once", Then::Trust(question, None)), button("For good", for_good), button("No", Then::Distrust(question))];
    let focus = buttons.len() - 1;
    Dialog::Confirm(Confirm { question: Some(question), ..Confirm::new(title, lines, buttons, focus) })
}

fn unknown(server: &str, certificate: &Certificate) -> (&'static str, Vec<String>) {
    let mut lines = vec![format!("The certificate of {server} is not to be trusted: {}.", certificate.trouble())];
    lines.push("SHA-256:".to_owned());
    lines.extend(halves(certificate.fingerprint));
    ("Unknown certificate", lines)
}

fn changed(server: &str, certificate: &Certificate) -> (&'static str, Vec<String>) {
    let mut lines = vec![format!("{server} shows another certificate than the one that is trusted for it.")];
    for pin in &certificate.pinned {
        lines.push("Trusted so far (SHA-256):".to_owned());
        lines.extend(halves(*pin));
    }
    lines.push("Shown now (SHA-256):".to_owned());
    lines.extend(halves(certificate.fingerprint));
    ("Changed certificate", lines)
}

/// A fingerprint in lines that stand below those of another.
fn halves(fingerprint: Fingerprint) -> Vec<String> {
    let text = fingerprint.to_string();
    text.split(':').collect::<Vec<_>>().chunks(BYTES_A_LINE).map(|half| half.join(":")).collect()
}

fn advice(certificate: &Certificate) -> &'static str {
    if certificate.is_changed() {
        "The server has a new one, or somebody stands in between. Ask its owner for the fingerprint before you trust it: the password goes to \
         whoever shows it. For good puts it in the place of the one so far."
    } else {
        "Compare the fingerprint with what the server's owner gives. Who trusts a wrong one gives the password to a stranger."
    }
}
