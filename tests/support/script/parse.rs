//! Reads a script. A line that means nothing is an error with its place, never passed over.

use super::line::{Manner, Version};
use super::steps::{Act, DataAct, Rule, Script, Step, Times};
use super::text::{pattern, quoted, unescape};
use crate::support::certs::Cert;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Reads a script and what it includes from `dir`.
pub fn script(name: &str, text: &str, dir: &Path) -> Result<Script, String> {
    let mut reader = Reader { sections: Vec::new(), rules: Vec::new(), included: Vec::new(), inside: Inside::Steps, named: false };
    reader.file(name, text, dir, false)?;
    let mut rules = reader.rules;
    rules.append(&mut reader.included);
    if reader.sections.iter().all(Vec::is_empty) {
        return Err(format!("{name}: a script without a step plays nothing"));
    }
    Ok(Script { sections: reader.sections, rules })
}

/// Where the next indented line belongs.
enum Inside {
    Steps,
    Rule,
}

struct Reader {
    sections: Vec<Vec<Step>>,
    rules: Vec<Rule>,
    /// Rules of included files: asked after the script's own.
    included: Vec<Rule>,
    inside: Inside,
    /// Below a `connection N:`, whose rules are its own.
    named: bool,
}

impl Reader {
    fn file(&mut self, name: &str, text: &str, dir: &Path, included: bool) -> Result<(), String> {
        for (number, line) in text.lines().enumerate() {
            let place = format!("{name}:{}", number + 1);
            self.line(&place, line, dir, included).map_err(|error| format!("{place}: {error}\n    {line}"))?;
        }
        self.inside = Inside::Steps;
        Ok(())
    }

    fn line(&mut self, place: &str, line: &str, dir: &Path, included: bool) -> Result<(), String> {
        let words = line.trim_start();
        if words.is_empty() || words.starts_with('#') {
            return Ok(());
        }
        let indented = words.len() < line.len();
        if indented && matches!(self.inside, Inside::Rule) {
            let step = step(place, words)?;
            let rules = if included { &mut self.included } else { &mut self.rules };
            rules.last_mut().ok_or("no rule to belong to")?.steps.push(step);
            return Ok(());
        }
        self.inside = Inside::Steps;
        if let Some(name) = words.strip_prefix("include ") {
            let text = fs::read_to_string(dir.join(name.trim())).map_err(|error| error.to_string())?;
            return self.file(name.trim(), &text, dir, true);
        }
        if let Some(rule) = words.strip_prefix("on ") {
            let rule = self.rule(place, rule)?;
            if rule.steps.is_empty() {
                self.inside = Inside::Rule;
            }
            if included {
                self.included.push(rule)
            } else {
                self.rules.push(rule)
            }
            return Ok(());
        }
        if let Some(number) = words.strip_prefix("connection ") {
            return self.connection(number);
        }
        if included {
            return Err("an included file holds rules only".to_owned());
        }
        if self.sections.is_empty() {
            self.sections.push(Vec::new());
        }
        let step = step(place, words)?;
        self.sections.last_mut().ok_or("no connection")?.push(step);
        Ok(())
    }

    fn connection(&mut self, words: &str) -> Result<(), String> {
        let next = self.sections.len() + 1;
        if words.trim() != format!("{next}:") {
            return Err(format!("connection {next}: is next"));
        }
        self.sections.push(Vec::new());
        self.named = true;
        Ok(())
    }

    /// `PATTERN [(N times)] -> REPLY`, or `PATTERN [(N times)]:` with steps below it.
    fn rule(&self, place: &str, words: &str) -> Result<Rule, String> {
        let (head, reply) = match words.split_once(" -> ") {
            Some((head, reply)) => (head, Some(reply)),
            None => (words.trim_end().strip_suffix(':').ok_or("-> REPLY or : is missing")?, None),
        };
        let (head, times) = match head.trim_end().strip_suffix(" times)").or(head.trim_end().strip_suffix(" time)")) {
            Some(head) => {
                let (head, count) = head.rsplit_once(" (").ok_or("a ( is missing")?;
                (head, Some(count.parse().map_err(|_| format!("{count} is no number"))?))
            }
            None => (head, None),
        };
        let steps = match reply {
            Some(reply) => vec![step(place, &format!("S: {reply}"))?],
            None => Vec::new(),
        };
        let connection = self.named.then_some(self.sections.len());
        Ok(Rule { pattern: pattern(head.trim_end())?, times, connection, steps })
    }
}

fn step(place: &str, words: &str) -> Result<Step, String> {
    let act = act(words)?;
    Ok(Step { line: format!("{place}: {words}"), act })
}

fn act(words: &str) -> Result<Act, String> {
    if let Some(rest) = words.strip_prefix("C:") {
        return Ok(Act::Expect(pattern(rest.strip_prefix(' ').unwrap_or(rest))?));
    }
    if let Some(rest) = words.strip_prefix('S') {
        return say(rest);
    }
    let (word, rest) = words.trim_end().split_once(' ').unwrap_or((words.trim_end(), ""));
    match (word, rest.trim_start()) {
        ("delay", rest) => Ok(Act::Delay(duration(rest)?)),
        ("serve", "") => Ok(Act::Serve { until: None }),
        ("serve", rest) => {
            let until = rest.strip_prefix("until ").ok_or("serve until WHAT?")?;
            Ok(Act::Serve { until: Some(pattern(until)?) })
        }
        ("stand", text) => Ok(Act::Stand(only_quoted(text)?)),
        ("stall", "") => Ok(Act::Stall),
        ("drop", "") => Ok(Act::Drop),
        ("reset", "") => Ok(Act::Reset),
        ("tls", rest) => Ok(Act::Tls(manner(rest)?)),
        ("data", rest) => Ok(Act::Data(data(rest)?)),
        _ => Err("no such line".to_owned()),
    }
}

/// What follows the S: `[ raw][ repeat N| forever]: TEXT`.
fn say(rest: &str) -> Result<Act, String> {
    let (head, text) = rest.split_once(':').ok_or("a : is missing")?;
    let mut bytes = unescape(text.strip_prefix(' ').unwrap_or(text))?;
    let (raw, head) = match head.trim().strip_prefix("raw") {
        Some(head) => (true, head.trim()),
        None => (false, head.trim()),
    };
    if !raw {
        bytes.extend_from_slice(b"\r\n");
    }
    let times = if head.is_empty() { Times::Some(1) } else { times(head)?.0 };
    Ok(Act::Say { bytes, times })
}

/// `repeat N …` or `forever …`, and the rest.
fn times(words: &str) -> Result<(Times, &str), String> {
    if let Some(rest) = words.strip_prefix("forever") {
        return Ok((Times::Forever, rest.trim_start()));
    }
    let rest = words.strip_prefix("repeat ").ok_or_else(|| format!("what is {words}?"))?;
    let (count, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let count = count.parse().map_err(|_| format!("{count} is no number"))?;
    Ok((Times::Some(count), rest.trim_start()))
}

fn data(words: &str) -> Result<DataAct, String> {
    let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
    let rest = rest.trim_start();
    match (word, rest) {
        ("listen", "") => Ok(DataAct::Listen),
        ("refuse", "") => Ok(DataAct::Refuse),
        ("connect", "") => Ok(DataAct::Connect),
        ("stranger", rest) => {
            let (from, text) = rest.split_once(' ').ok_or("data stranger ADDRESS \"TEXT\"")?;
            let from = from.parse().map_err(|_| format!("{from} is no IPv4 address"))?;
            Ok(DataAct::Stranger { from, bytes: only_quoted(text)? })
        }
        ("send", text) if text.starts_with('"') => Ok(DataAct::Send { bytes: only_quoted(text)?, times: Times::Some(1) }),
        ("send", rest) => {
            let (times, text) = times(rest)?;
            Ok(DataAct::Send { bytes: only_quoted(text)?, times })
        }
        ("recv", "") => Ok(DataAct::Recv { at_least: None }),
        ("recv", count) => {
            let count = count.parse().map_err(|_| format!("{count} is no number"))?;
            Ok(DataAct::Recv { at_least: Some(count) })
        }
        ("fin", "") => Ok(DataAct::Fin),
        ("tls", "") => Ok(DataAct::Tls),
        ("cut", "") => Ok(DataAct::Cut),
        ("rst", "") => Ok(DataAct::Rst),
        ("stall", "") => Ok(DataAct::Stall),
        _ => Err(format!("no such thing as data {words}")),
    }
}

/// `CERT [1.2|1.3]`
fn manner(words: &str) -> Result<Manner, String> {
    let (cert, version) = words.split_once(' ').unwrap_or((words, ""));
    let cert = Cert::of(cert).ok_or_else(|| format!("there is no certificate called {cert}"))?;
    let version = match version.trim() {
        "" => None,
        "1.2" => Some(Version::V12),
        "1.3" => Some(Version::V13),
        other => return Err(format!("TLS has no version {other}")),
    };
    Ok(Manner { cert, version })
}

fn only_quoted(text: &str) -> Result<Vec<u8>, String> {
    match quoted(text.trim_start())? {
        (bytes, "") => Ok(bytes),
        (_, rest) => Err(format!("what is {rest}?")),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let (count, unit): (&str, fn(u64) -> Duration) = match text.strip_suffix("ms") {
        Some(count) => (count, Duration::from_millis),
        None => (text.strip_suffix('s').ok_or("200ms or 2s")?, Duration::from_secs),
    };
    count.parse().map(unit).map_err(|_| format!("{count} is no number"))
}
