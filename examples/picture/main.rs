//! Takes a picture of a program in a terminal, as an SVG: the README's screen is made by this from the real program.
//!
//! ```text
//! cargo build --features demo
//! cargo run --features demo --example picture -- [--size 100x30] [--out FILE] [STEP ...] [-- PROGRAM ARGS ...]
//! ```
//!
//! Without a program it is the `ftpane` of the same build, as `ftpane demo`; without `--out` it is `assets/ftpane.svg`.
//! Steps are done in order, before the picture is taken:
//!
//! | step | does |
//! |---|---|
//! | `wait:TEXT` | waits until the screen shows TEXT, at most 20 seconds; then prints the screen and fails |
//! | `gone:TEXT` | waits until it no longer does |
//! | `key:NAME` | presses a key: `F1` … `F12`, `Up`, `Enter`, `Tab`, `Esc`, `Space`, `Insert`, `PageDown`, `Ctrl-X`, `Alt-X`, `X` |
//! | `type:TEXT` | types TEXT |
//! | `press:X,Y` `drag:X,Y` `release:X,Y` | the left mouse button; columns and rows count from 1 |

mod glyph;
mod svg;
mod terminal;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use terminal::Terminal;

/// What the command line asks for.
struct Request {
    size: (u16, u16),
    out: PathBuf,
    steps: Vec<String>,
    program: Vec<String>,
}

fn main() -> Result<()> {
    let request = parse(std::env::args().skip(1))?;
    let program = if request.program.is_empty() { vec![beside()?, "demo".into()] } else { request.program };
    let mut terminal = Terminal::run(&program, request.size)?;
    for step in &request.steps {
        perform(&mut terminal, step).with_context(|| format!("at the step {step:?}"))?;
    }
    terminal.settle();
    let picture = terminal.with_screen(svg::draw)?;
    terminal.end();
    std::fs::write(&request.out, picture).with_context(|| format!("writing {}", request.out.display()))?;
    println!("{}", request.out.display());
    Ok(())
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Request> {
    let mut request = Request { size: (100, 30), out: "assets/ftpane.svg".into(), steps: Vec::new(), program: Vec::new() };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--" => request.program = args.by_ref().collect(),
            "--out" => request.out = args.next().context("--out needs a file")?.into(),
            "--size" => {
                let size = args.next().context("--size needs COLUMNSxROWS")?;
                request.size = pair(&size, 'x')?;
            }
            _ => request.steps.push(arg),
        }
    }
    Ok(request)
}

/// The `ftpane` that was built with this example: `target/debug/examples/picture` lies one below it.
fn beside() -> Result<String> {
    let here = std::env::current_exe()?;
    let target = here.parent().and_then(|dir| dir.parent()).context("no target directory")?;
    let program = target.join(format!("ftpane{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        bail!("{} is not there: cargo build --features demo", program.display());
    }
    Ok(program.to_string_lossy().into_owned())
}

fn perform(terminal: &mut Terminal, step: &str) -> Result<()> {
    let (verb, what) = step.split_once(':').context("a step is VERB:WHAT")?;
    match verb {
        "wait" => terminal.wait(|screen| screen.contains(what)),
        "gone" => terminal.wait(|screen| !screen.contains(what)),
        "key" => terminal.send(&key(what)?),
        "type" => terminal.send(what.as_bytes()),
        "press" => terminal.send(mouse(0, what, 'M')?.as_bytes()),
        "drag" => terminal.send(mouse(32, what, 'M')?.as_bytes()),
        "release" => terminal.send(mouse(0, what, 'm')?.as_bytes()),
        _ => bail!("no such verb: {verb}"),
    }
}

/// An SGR mouse report (xterm, mode 1006).
fn mouse(button: u8, place: &str, end: char) -> Result<String> {
    let (x, y) = pair(place, ',')?;
    Ok(format!("\x1b[<{button};{x};{y}{end}"))
}

fn pair(text: &str, between: char) -> Result<(u16, u16)> {
    let (a, b) = text.split_once(between).with_context(|| format!("not NUMBER{between}NUMBER: {text}"))?;
    Ok((a.trim().parse()?, b.trim().parse()?))
}

/// What xterm sends for a key.
fn key(name: &str) -> Result<Vec<u8>> {
    if let Some(rest) = name.strip_prefix("Alt-") {
        let mut bytes = vec![0x1b];
        bytes.extend(key(rest)?);
        return Ok(bytes);
    }
    if let Some(letter) = name.strip_prefix("Ctrl-") {
        let [byte] = letter.as_bytes() else { bail!("no such key: {name}") };
        return Ok(vec![byte.to_ascii_uppercase() & 0x1f]);
    }
    const NAMED: &[(&str, &str)] = &[
        ("F1", "\x1bOP"),
        ("F2", "\x1bOQ"),
        ("F3", "\x1bOR"),
        ("F4", "\x1bOS"),
        ("F5", "\x1b[15~"),
        ("F6", "\x1b[17~"),
        ("F7", "\x1b[18~"),
        ("F8", "\x1b[19~"),
        ("F9", "\x1b[20~"),
        ("F10", "\x1b[21~"),
        ("F11", "\x1b[23~"),
        ("F12", "\x1b[24~"),
        ("Up", "\x1b[A"),
        ("Down", "\x1b[B"),
        ("Right", "\x1b[C"),
        ("Left", "\x1b[D"),
        ("Home", "\x1b[H"),
        ("End", "\x1b[F"),
        ("PageUp", "\x1b[5~"),
        ("PageDown", "\x1b[6~"),
        ("Insert", "\x1b[2~"),
        ("Delete", "\x1b[3~"),
        ("Enter", "\r"),
        ("Tab", "\t"),
        ("Esc", "\x1b"),
        ("Space", " "),
        ("Backspace", "\x7f"),
    ];
    let named = NAMED.iter().find(|(known, _)| *known == name).map(|(_, bytes)| bytes.as_bytes().to_vec());
    match named {
        Some(bytes) => Ok(bytes),
        None if name.chars().count() == 1 => Ok(name.as_bytes().to_vec()),
        None => bail!("no such key: {name}"),
    }
}
