//! The house rules that a compiler does not hold: who may import whom, which file may name which crate, how large things may grow.
//!
//! Read as text on purpose: a `use`, a path in an expression and a doc link all tell that one layer knows of another.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::fs;
use std::path::{Path, PathBuf};

/// What each layer may name of `crate::…`. A layer may always name itself.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("bus", &["model"]),
    ("app", &["model", "bus"]),
    ("volume", &["model"]),
    ("config", &["model"]),
    ("engine", &["model", "bus", "volume"]),
    ("cli", &["model", "bus", "volume", "engine", "config", "logging"]),
    ("tui", &["model", "bus", "app", "engine", "config", "logging"]),
    ("demo", &["model"]),
    ("logging", &["model"]),
    ("fuzzing", &["model", "volume", "config"]),
];

/// Crates that may be named in these places only.
const CRATES: &[(&str, &[&str])] = &[
    ("suppaftp", &["volume/ftp/"]),
    ("ratatui", &["tui/"]),
    ("crossterm", &["tui/terminal.rs", "tui/input.rs"]),
    ("rustls", &["volume/ftp/tls/"]),
    ("tokio_rustls", &["volume/ftp/tls/"]),
    ("rustls_platform_verifier", &["volume/ftp/tls/"]),
    ("x509_cert", &["volume/ftp/tls/"]),
    ("libunftp", &["demo.rs", "demo/"]),
    ("clap", &["cli/"]),
    ("anyhow", &["cli/", "tui/", "main.rs"]),
    ("rusqlite", &["engine/journal/"]),
    ("argon2", &["config/secrets/vault.rs"]),
    ("chacha20poly1305", &["config/secrets/vault.rs"]),
    ("keyring_core", &["config/secrets/keyring.rs"]),
    ("quick_xml", &["config/import/"]),
];

/// Where a password's text may be asked for: what sends it, what stores it, and what hands it to the program executed anew.
const MAY_EXPOSE: &[&str] = &["model/secret.rs", "volume/ftp/", "volume/memory/", "config/secrets/", "cli/launch.rs"];

/// The pure layers name no runtime, terminal or clock.
const PURE: &[&str] = &["model", "bus", "app"];
const NOT_IN_PURE: &[&str] =
    &["tokio", "crossterm", "ratatui", "std::fs::", "std::net::", "Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now"];

const MAX_LINES_A_FILE: usize = 400;

struct Source {
    /// Below `src`, with `/`.
    path: String,
    /// Without its test module and without comments.
    code: String,
    /// Lines before the test module.
    lines: usize,
}

fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    files.iter().map(|file| read(&src, file)).collect()
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn read(src: &Path, file: &Path) -> Source {
    let text = fs::read_to_string(file).unwrap();
    let production = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
    let code = production.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let path = file.strip_prefix(src).unwrap().to_str().unwrap().replace('\\', "/");
    Source { path, code, lines: production.lines().count() }
}

fn layer(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

fn is_word(code: &str, at: usize, word: &str) -> bool {
    let before = code.get(..at).and_then(|s| s.chars().next_back());
    let after = code.get(at + word.len()..).and_then(|s| s.chars().next());
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    !part(before) && !part(after)
}

fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| is_word(code, at, word))
}

#[test]
fn imports_run_one_way() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some((me, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer(&source.path)) else { continue };
        for (other, _) in LAYERS.iter().filter(|(name, _)| name != me && !allowed.contains(name)) {
            if names(&source.code, &format!("crate::{other}")) {
                wrong.push(format!("{} names crate::{other}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_belongs_to_a_layer() {
    for source in sources() {
        let layer = layer(&source.path);
        assert!(matches!(layer, "lib" | "main") || LAYERS.iter().any(|(name, _)| *name == layer), "{} is in no layer", source.path);
    }
}

#[test]
fn a_crate_is_named_only_where_it_belongs() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, places) in CRATES {
            let path_use = format!("{name}::");
            if !places.iter().any(|place| source.path.starts_with(place))
                && source.code.match_indices(&path_use).any(|(at, _)| is_word(&source.code, at, name))
            {
                wrong.push(format!("{} names {name}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_password_is_exposed_only_where_it_is_sent_or_stored() {
    let sources = sources();
    let exposing: Vec<_> = sources.iter().filter(|source| source.code.contains(".expose()")).map(|source| source.path.as_str()).collect();
    assert!(exposing.contains(&"volume/ftp/login.rs"), "this looks for the wrong word");
    let wrong: Vec<_> = exposing.iter().filter(|path| !MAY_EXPOSE.iter().any(|place| path.starts_with(place))).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_pure_layers_have_no_runtime_no_terminal_and_no_clock() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&layer(&source.path))) {
        for word in NOT_IN_PURE {
            if source.code.contains(word) {
                wrong.push(format!("{} names {word}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_small_enough_to_hold_in_mind() {
    let long: Vec<_> = sources().iter().filter(|s| s.lines > MAX_LINES_A_FILE).map(|s| format!("{}: {} lines", s.path, s.lines)).collect();
    assert!(long.is_empty(), "over {MAX_LINES_A_FILE} production lines:\n{}", long.join("\n"));
}

#[test]
fn the_project_names_no_path_outside_of_itself() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for dir in ["src", "tests", "docs", "benches", "assets", ".ci", "fuzz/fuzz_targets", "fuzz/corpus"] {
        let mut files = Vec::new();
        if top.join(dir).is_dir() {
            all_files(&top.join(dir), &mut files);
        }
        for file in files {
            let Ok(text) = fs::read_to_string(&file) else { continue };
            for word in [concat!("../sha", "red"), concat!("/wo", "rk/")] {
                assert!(!text.contains(word), "{} names {word}", file.display());
            }
        }
    }
}

fn all_files(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all_files(&path, files) } else { files.push(path) }
    }
}

/// docs/security.md names the test behind each of its promises.
#[test]
fn every_test_that_the_security_page_names_exists() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(top.join("docs/security.md")).unwrap();
    let mut files = Vec::new();
    collect(&top.join("src"), &mut files);
    collect(&top.join("tests"), &mut files);
    let code: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    // A test's name is a sentence: nothing else in backticks has so many underscores.
    let named: Vec<&str> = page.split('`').filter(|word| word.matches('_').count() >= 4 && !word.contains([' ', '\n'])).collect();
    let missing: Vec<_> = named.iter().filter(|name| !code.contains(&format!("fn {name}("))).collect();
    assert!(named.len() > 60 && missing.is_empty(), "{} named, missing: {missing:?}", named.len());
}
