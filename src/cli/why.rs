//! Why something failed, in the line under the server's words, and the option that would fix it.

use crate::model::explain::{Fix, Situation, Why, explain};
use crate::model::{Failure, FailureKind, Site};

/// The line, for a failure with a server of this site; `None` where there is nothing to add.
pub fn line(failure: &Failure, situation: &Situation) -> Option<String> {
    // A certificate is shown with all that is to be known of it.
    let why = explain(failure, situation).filter(|_| failure.kind != FailureKind::Certificate)?;
    Some(format!("  {}", words(&why)))
}

/// The words of it.
pub fn words(why: &Why) -> String {
    let cause = why.cause;
    why.fix.and_then(try_this).map_or_else(|| format!("why: {cause}"), |this| format!("why: {cause}; {this}"))
}

/// The failure with the line under it.
pub fn sentence(failure: &Failure, site: &Site) -> String {
    match line(failure, &Situation::of(site)) {
        Some(line) => format!("{failure}\n{line}"),
        None => failure.to_string(),
    }
}

/// What to do, on the command line.
fn try_this(fix: Fix) -> Option<String> {
    if let Some(option) = fix.option() {
        return Some(format!("try {option}"));
    }
    match fix {
        Fix::Tls12 => Some("the next run speaks TLS 1.2 with it".to_owned()),
        Fix::Password => {
            Some("keep the right one (ftpane sites password SITE), or give it by --password-command or FTPANE_PASSWORD".to_owned())
        }
        Fix::Charset => Some("save it as a site and set charset there: ftpane sites".to_owned()),
        Fix::Edit => Some("check the host and the port".to_owned()),
        Fix::Rename => Some(fix.words().to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DataMode, During, Reply};

    #[test]
    fn the_option_that_helps_stands_under_the_server_s_words() {
        let reply = Reply { code: 425, text: b"Failed to establish connection.".to_vec().into() };
        let failure = Failure::new(FailureKind::Transient, During::List, "").with_reply(reply);
        let site = Site { mode: DataMode::Active, ..Site::of_host("h") };
        let text = sentence(&failure, &site);
        let (words, why) = text.split_once('\n').unwrap();
        assert!(words.contains("425 Failed to establish connection"), "{text}");
        assert!(why.starts_with("  why: ") && why.ends_with("; try --mode=passive"), "{text}");
    }

    #[test]
    fn what_needs_no_words_gets_none() {
        assert_eq!(sentence(&Failure::cancelled(During::Read), &Site::of_host("h")), "cancelled");
    }
}
