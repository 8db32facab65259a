//! The question whether a server's certificate is to be trusted.
//!
//! Guarantee: what stands against it is said first, all that it says of itself is made safe, and whoever just presses Enter or Esc trusts nothing.

use crate::model::text::printable_str;
use crate::model::{Certificate, QuestionId, Site};

use super::super::Dialog;
use super::super::dialog::{Button, Confirm, Then};

/// Bytes of a fingerprint in one line, so that it can be compared at 60 columns.
const BYTES_A_LINE: usize = 16;

/// The dialog.
pub(super) fn ask(question: QuestionId, site: Box<Site>, certificate: &Certificate) -> Dialog {
    let title = printable_str(&site.title()).into_owned();
    let mut lines = vec![format!("The certificate of {title} is not to be trusted: {}.", certificate.trouble()), String::new()];
    for (word, text) in certificate.rows() {
        if text == certificate.fingerprint.to_string() {
            let pairs = text.split(':').collect::<Vec<_>>();
            lines.push(format!("{word}:"));
            lines.extend(pairs.chunks(BYTES_A_LINE).map(|half| half.join(":")));
        } else {
            lines.push(format!("{word}: {text}"));
        }
    }
    lines.extend([
        String::new(),
        "Compare the fingerprint with what the server's owner gives. Who trusts a wrong one gives the password to a stranger.".to_owned(),
    ]);
    let button = |label: &str, then| Button { label: label.to_owned(), then };
    let fingerprint = certificate.fingerprint;
    let buttons = vec![
        button("Once", Then::Trust(question, None)),
        button("For good", Then::Trust(question, Some((site, fingerprint)))),
        button("No", Then::Distrust(question)),
    ];
    let focus = buttons.len() - 1;
    Dialog::Confirm(Confirm { title: "Unknown certificate".to_owned(), lines, buttons, focus, count: None, question: Some(question) })
}
