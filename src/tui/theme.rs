//! Colours: the themes of assets/themes, brought down to what the terminal can show.
//!
//! Guarantee: with `NO_COLOR` or a dumb terminal no colour is used at all, and a theme of attributes only takes over, so that cursor,
//! focus and marks stay visible.

use std::collections::HashMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::model::{Entry, Kind};

const DARK: &str = include_str!("../../assets/themes/dark.toml");
const LIGHT: &str = include_str!("../../assets/themes/light.toml");
const MONO: &str = include_str!("../../assets/themes/mono.toml");

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: attributes only.
    None,
    /// The sixteen of the terminal's palette.
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// 24 bits.
    True,
}

impl Depth {
    /// What the environment says, looked up by `variable`: `NO_COLOR` (no-color.org), `COLORTERM`, `TERM`.
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Self {
        let term = variable("TERM").unwrap_or_default();
        if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) || term == "dumb" {
            return Self::None;
        }
        let colorterm = variable("COLORTERM").unwrap_or_default();
        if matches!(colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") {
            return Self::True;
        }
        if term.contains("256color") || ["kitty", "alacritty", "foot", "ghostty", "wezterm"].iter().any(|name| term.contains(name)) {
            return Self::Ansi256;
        }
        Self::Ansi16
    }
}

/// Whether the environment tells of a light background: `COLORFGBG` ends in 7 or 15 there.
pub fn is_light(variable: impl Fn(&str) -> Option<String>) -> bool {
    variable("COLORFGBG").is_some_and(|value| matches!(value.rsplit(';').next(), Some("7" | "15")))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Look {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    dim: bool,
    underline: bool,
    reverse: bool,
    italic: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    look: Look,
    extensions: Vec<String>,
}

macro_rules! looks {
    ($($(#[$doc:meta])+ $name:ident,)+) => {
        /// How everything on the screen looks.
        #[derive(Debug, Clone)]
        pub struct Theme {
            $($(#[$doc])+ pub $name: Style,)+
            extensions: HashMap<String, Style>,
        }

        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Looks { $($name: Look,)+ }

        impl Theme {
            fn of(file: &ThemeFile, depth: Depth) -> Result<Self, String> {
                let mut extensions = HashMap::new();
                for group in file.groups.values() {
                    let style = style_of(&group.look, depth)?;
                    extensions.extend(group.extensions.iter().map(|extension| (extension.clone(), style)));
                }
                Ok(Self { $($name: style_of(&file.looks.$name, depth)?,)+ extensions })
            }

            fn plain() -> Self {
                Self { $($name: Style::new(),)+ extensions: HashMap::new() }
            }
        }
    };
}

looks! {
    /// Ordinary text, and the background of everything.
    text,
    /// What matters less: hints, details.
    dim,
    /// The frame of a pane without the focus, and of panels.
    frame,
    /// The frame of the pane with the focus.
    frame_focus,
    /// A title.
    title,
    /// The title of the pane with the focus.
    title_focus,
    /// The heads of columns.
    header,
    /// The foot of a pane.
    foot,
    /// The row under the cursor, in the pane with the focus.
    cursor,
    /// The row under the cursor, in the other pane.
    cursor_other,
    /// A marked row.
    mark,
    /// A marked row under the cursor.
    mark_cursor,
    /// A row that could not be read.
    unparsed,
    /// What a drag would be dropped on.
    drop,
    /// The label that a drag carries.
    drag,
    /// The number of a key in the key bar.
    key_number,
    /// The word of a key in the key bar.
    key_label,
    /// A notice.
    toast,
    /// A notice of a failure.
    toast_error,
    /// An error within a pane or a dialog.
    error,
    /// What deserves a look: a plain connection, a lost one.
    warn,
    /// What is well: an encrypted connection, a finished transfer.
    good,
    /// The inside of a dialog.
    dialog,
    /// The frame of a dialog.
    dialog_frame,
    /// A line to type in.
    input,
    /// The line to type in that has the keys.
    input_focus,
    /// A button.
    button,
    /// The button that has the keys.
    button_focus,
    /// A key in help and palette.
    key,
    /// A group's name in help, menu and the list of sites.
    heading,
    /// A command in the log.
    sent,
    /// A reply in the log.
    received,
    /// A step in the log.
    step,
    /// The full part of a bar.
    bar,
    /// The empty part of a bar.
    bar_rest,
    /// Found text in the viewer.
    found,
    /// Names of directories.
    dir,
    /// Names of links.
    link,
    /// Names of links that lead nowhere.
    broken,
    /// Names of programs.
    program,
    /// Names of devices and the like.
    special,
    /// Hidden names.
    hidden,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    looks: Looks,
    #[serde(default)]
    groups: HashMap<String, Group>,
}

impl Theme {
    /// The theme that comes with the program under `name` (`dark`, `light`), for a terminal of `depth`.
    pub fn built_in(name: &str, depth: Depth) -> Self {
        let text = match (depth, name) {
            (Depth::None, _) => MONO,
            (_, "light") => LIGHT,
            _ => DARK,
        };
        // A test reads all three; without colours the program is still of use.
        Self::parse(text, depth).unwrap_or_else(|_| Self::plain())
    }

    /// Reads a theme file.
    ///
    /// # Errors
    /// A sentence with line and column, or the word that is no colour.
    pub fn parse(text: &str, depth: Depth) -> Result<Self, String> {
        let file: ThemeFile = toml::from_str(text).map_err(|error| error.to_string())?;
        Self::of(&file, depth)
    }

    /// How an entry's name looks, by its kind, mode and extension.
    pub fn entry(&self, entry: &Entry) -> Style {
        match entry.kind {
            Kind::Dir => return self.dir,
            Kind::Link if entry.leads_to == Some(Kind::Link) => return self.broken,
            Kind::Link => return self.link,
            Kind::Other => return self.special,
            Kind::File => {}
        }
        if entry.name.is_hidden() {
            return self.hidden;
        }
        let by_extension = entry
            .name
            .extension()
            .filter(|extension| extension.len() <= 8)
            .and_then(|extension| std::str::from_utf8(extension).ok())
            .and_then(|extension| self.extensions.get(&extension.to_ascii_lowercase()));
        match by_extension {
            Some(style) => *style,
            None if entry.mode.is_some_and(|mode| mode & 0o111 != 0) => self.program,
            None => self.text,
        }
    }
}

fn style_of(look: &Look, depth: Depth) -> Result<Style, String> {
    let mut style = Style::new();
    if depth > Depth::None {
        if let Some(fg) = &look.fg {
            style = style.fg(colour(fg, depth)?);
        }
        if let Some(bg) = &look.bg {
            style = style.bg(colour(bg, depth)?);
        }
    }
    for (wanted, modifier) in [
        (look.bold, Modifier::BOLD),
        (look.dim, Modifier::DIM),
        (look.underline, Modifier::UNDERLINED),
        (look.reverse, Modifier::REVERSED),
        (look.italic, Modifier::ITALIC),
    ] {
        if wanted {
            style = style.add_modifier(modifier);
        }
    }
    Ok(style)
}

/// A colour by name, number or `#rrggbb`, as near as the terminal can show it.
fn colour(word: &str, depth: Depth) -> Result<Color, String> {
    let colour: Color = word.parse().map_err(|_| format!("`{word}` is no colour"))?;
    Ok(match (colour, depth) {
        (Color::Rgb(r, g, b), Depth::Ansi256) => Color::Indexed(nearest_256([r, g, b])),
        (Color::Rgb(r, g, b), Depth::Ansi16 | Depth::None) => nearest_16([r, g, b]),
        (other, _) => other,
    })
}

/// The nearest of xterm's colour cube and grey ramp (16 to 255).
fn nearest_256(rgb: [u8; 3]) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let cube = (0u8..216).map(|index| {
        let level = |n: u8| STEPS.get(usize::from(n)).copied().unwrap_or(255);
        (16 + index, [level(index / 36), level(index / 6 % 6), level(index % 6)])
    });
    let greys = (0u8..24).map(|index| (232 + index, [8 + 10 * index; 3]));
    cube.chain(greys).min_by_key(|(_, other)| distance(rgb, *other)).map_or(7, |(index, _)| index)
}

/// The nearest of the sixteen, as xterm shows them.
fn nearest_16(rgb: [u8; 3]) -> Color {
    const PALETTE: [(Color, [u8; 3]); 16] = [
        (Color::Black, [0, 0, 0]),
        (Color::Red, [205, 0, 0]),
        (Color::Green, [0, 205, 0]),
        (Color::Yellow, [205, 205, 0]),
        (Color::Blue, [0, 0, 238]),
        (Color::Magenta, [205, 0, 205]),
        (Color::Cyan, [0, 205, 205]),
        (Color::Gray, [229, 229, 229]),
        (Color::DarkGray, [127, 127, 127]),
        (Color::LightRed, [255, 0, 0]),
        (Color::LightGreen, [0, 255, 0]),
        (Color::LightYellow, [255, 255, 0]),
        (Color::LightBlue, [92, 92, 255]),
        (Color::LightMagenta, [255, 0, 255]),
        (Color::LightCyan, [0, 255, 255]),
        (Color::White, [255, 255, 255]),
    ];
    PALETTE.iter().min_by_key(|(_, other)| distance(rgb, *other)).map_or(Color::Reset, |(colour, _)| *colour)
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter().zip(b).map(|(&a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Name;

    fn env(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn every_theme_that_comes_with_the_program_can_be_read() {
        for text in [DARK, LIGHT, MONO] {
            for depth in [Depth::None, Depth::Ansi16, Depth::Ansi256, Depth::True] {
                Theme::parse(text, depth).unwrap();
            }
        }
    }

    #[test]
    fn the_environment_decides_how_many_colours_there_are() {
        assert_eq!(Depth::from_env(env(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")])), Depth::None);
        assert_eq!(Depth::from_env(env(&[("NO_COLOR", ""), ("COLORTERM", "truecolor")])), Depth::True);
        assert_eq!(Depth::from_env(env(&[("TERM", "tmux-256color")])), Depth::Ansi256);
        assert_eq!(Depth::from_env(env(&[("TERM", "linux")])), Depth::Ansi16);
        assert_eq!(Depth::from_env(env(&[("TERM", "dumb")])), Depth::None);
    }

    #[test]
    fn without_colour_no_style_names_one_and_cursor_and_focus_still_differ() {
        let theme = Theme::built_in("dark", Depth::None);
        for style in [theme.cursor, theme.dir, theme.toast_error, theme.button_focus] {
            assert_eq!((style.fg, style.bg), (None, None));
        }
        assert_ne!(theme.cursor, theme.cursor_other);
        assert_ne!(theme.cursor_other, theme.text);
        assert_ne!(theme.title, theme.title_focus);
        assert_ne!(theme.mark, theme.text);
    }

    #[test]
    fn a_colour_becomes_the_nearest_that_the_terminal_has() {
        assert_eq!(colour("#ff0000", Depth::True), Ok(Color::Rgb(255, 0, 0)));
        assert_eq!(colour("#ff0000", Depth::Ansi256), Ok(Color::Indexed(196)));
        assert_eq!(colour("#f00000", Depth::Ansi16), Ok(Color::LightRed));
        assert!(colour("mauve-ish", Depth::True).is_err());
    }

    #[test]
    fn files_are_coloured_by_kind_and_extension() {
        let theme = Theme::built_in("dark", Depth::True);
        let mut zip = Entry::new(Name::new(&b"a.ZIP"[..]).unwrap(), Kind::File);
        assert_ne!(theme.entry(&zip), theme.text);
        zip.name = Name::new(&b"plain"[..]).unwrap();
        assert_eq!(theme.entry(&zip), theme.text);
        zip.mode = Some(0o755);
        assert_eq!(theme.entry(&zip), theme.program);
    }
}
