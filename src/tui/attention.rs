//! Telling a person who looks elsewhere: a bell, and a notice of the desktop by OSC 9 or OSC 777, whichever the terminal is known to show.
//!
//! Guarantee: what is told is one safe line, so nothing in a file name can end the sequence early or begin another one.

use crate::config::Notify;
use crate::model::text::printable_str;

use super::text::cut_end;

/// Columns of a notice.
const WIDTH: usize = 160;
/// The bell.
const BELL: &str = "\x07";
/// Ends an OSC: what terminals and tmux agree on.
const END: &str = "\x1b\\";

/// The bytes that tell `text`, in the environment that is looked up by `variable`.
pub fn sequence(how: Notify, text: &str, variable: impl Fn(&str) -> Option<String>) -> String {
    let has = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let text = cut_end(&printable_str(text), WIDTH).into_owned();
    let osc = |how: Notify| match how {
        // A text that began with a digit and a semicolon would be another command to some.
        Notify::Osc9 => format!("\x1b]9;ftpane: {text}{END}"),
        // The title ends at a semicolon, the text does not.
        Notify::Osc777 => format!("\x1b]777;notify;ftpane;{text}{END}"),
        Notify::Auto | Notify::Bell | Notify::Off => String::new(),
    };
    let through = |osc: String| match osc {
        osc if osc.is_empty() => osc,
        // tmux hands this on where `allow-passthrough` is set (always before 3.3) and drops it otherwise.
        osc if has("TMUX") => format!("\x1bPtmux;{}{END}", osc.replace('\x1b', "\x1b\x1b")),
        // GNU screen would take the OSC for a title.
        _ if has("STY") => String::new(),
        osc => osc,
    };
    match how {
        Notify::Off => String::new(),
        Notify::Bell => BELL.to_owned(),
        Notify::Osc9 | Notify::Osc777 => through(osc(how)),
        Notify::Auto => format!("{}{BELL}", through(osc(known(&variable)))),
    }
}

/// Which notice the terminal is known to show; a bell where none is.
fn known(variable: &impl Fn(&str) -> Option<String>) -> Notify {
    let value = |name: &str| variable(name).unwrap_or_default();
    let (term, program) = (value("TERM"), value("TERM_PROGRAM"));
    // Inside tmux the last three still tell of the terminal outside.
    let is_osc9 = matches!(program.as_str(), "iTerm.app" | "WezTerm" | "ghostty" | "mintty")
        || term.contains("kitty")
        || term.contains("ghostty")
        || value("LC_TERMINAL") == "iTerm2"
        || ["KITTY_WINDOW_ID", "WEZTERM_PANE", "GHOSTTY_RESOURCES_DIR"].iter().any(|name| !value(name).is_empty());
    if is_osc9 {
        Notify::Osc9
    } else if term.starts_with("foot") || term.starts_with("rxvt") || !value("KONSOLE_VERSION").is_empty() {
        Notify::Osc777
    } else {
        Notify::Bell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(how: Notify, text: &str, env: &[(&str, &str)]) -> String {
        sequence(how, text, |name| env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn each_way_is_written_as_terminals_know_it() {
        assert_eq!(told(Notify::Osc9, "3 files copied", &[]), "\x1b]9;ftpane: 3 files copied\x1b\\");
        assert_eq!(told(Notify::Osc777, "a; b", &[]), "\x1b]777;notify;ftpane;a; b\x1b\\");
        assert_eq!(told(Notify::Bell, "x", &[]), "\x07");
        assert_eq!(told(Notify::Off, "x", &[("TERM", "foot")]), "");
    }

    #[test]
    fn by_itself_it_rings_and_sends_what_the_terminal_shows() {
        assert_eq!(told(Notify::Auto, "x", &[("TERM", "xterm-256color")]), "\x07");
        assert!(told(Notify::Auto, "x", &[("TERM", "xterm-kitty")]).starts_with("\x1b]9;"));
        assert!(told(Notify::Auto, "x", &[("TERM_PROGRAM", "WezTerm")]).ends_with("\x1b\\\x07"));
        assert!(told(Notify::Auto, "x", &[("TERM", "foot-extra")]).starts_with("\x1b]777;"));
    }

    #[test]
    fn inside_tmux_it_is_handed_through_and_the_bell_is_tmuxs_own() {
        let env = [("TMUX", "/tmp/tmux-0/default,1,0"), ("TERM", "tmux-256color"), ("KITTY_WINDOW_ID", "1")];
        assert_eq!(told(Notify::Auto, "x", &env), "\x1bPtmux;\x1b\x1b]9;ftpane: x\x1b\x1b\\\x1b\\\x07");
        assert_eq!(told(Notify::Osc9, "x", &[("STY", "1.screen")]), "");
    }

    #[test]
    fn a_name_with_escapes_cannot_leave_the_notice() {
        for how in [Notify::Osc9, Notify::Osc777] {
            let text = told(how, "a\x1b]0;pwned\x07b\u{9c}c\u{9d}\nd", &[]);
            assert_eq!(text.matches('\x1b').count(), 2, "{text:?}");
            assert_eq!(text.chars().filter(|c| c.is_control()).count(), 2, "{text:?}");
        }
        assert!(told(Notify::Osc9, &"x".repeat(5000), &[]).len() < 300);
    }
}
