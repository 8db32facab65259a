//! Which files are moved as text, with the line ends of the side that gets them (TYPE A, RFC 959 §3.1.1.1).
//!
//! None is, unless a person says so: a file that is no text is damaged by it, and no size tells whether it is whole.

use super::path::VPath;
use super::transfer::PARTIAL_END;

/// Which files are text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Ascii {
    /// None: every byte stays as it is.
    #[default]
    Never,
    /// All of them.
    Always,
    /// Those whose names end so, in small letters and without the dot.
    Extensions(Vec<String>),
}

impl Ascii {
    /// Those whose names end so, whatever way they are written: `txt`, `.TXT`, `*.txt`.
    pub fn of_extensions<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let bare = |word: &str| word.trim().trim_start_matches('*').trim_start_matches('.').to_ascii_lowercase();
        let extensions: Vec<String> = words.into_iter().map(bare).filter(|word| !word.is_empty()).collect();
        if extensions.is_empty() { Self::Never } else { Self::Extensions(extensions) }
    }

    /// Whether the file at `path` is text.
    pub fn covers(&self, path: &VPath) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::Extensions(extensions) => {
                let Some(name) = path.name() else { return false };
                // A copy on its way is what it will be.
                let name = name.as_bytes();
                let name = name.strip_suffix(PARTIAL_END).unwrap_or(name).to_ascii_lowercase();
                let ends = |extension: &String| name.strip_suffix(extension.as_bytes()).is_some_and(|before| before.ends_with(b"."));
                extensions.iter().any(ends)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_by_the_end_of_its_name() {
        let text = Ascii::of_extensions(["txt", ".CSV", "*.tar.gz", ""]);
        for (path, is_text) in [
            ("/a.txt", true),
            ("/b/A.TXT", true),
            ("/x.csv", true),
            ("/txt", false),
            ("/a.tar.gz", true),
            ("/a.gz", false),
            ("/.a.txt.ftpane-part", true),
        ] {
            assert_eq!(text.covers(&VPath::parse(path.as_bytes()).unwrap()), is_text, "{path}");
        }
        assert_eq!(Ascii::of_extensions([" ", "."]), Ascii::Never);
    }
}
