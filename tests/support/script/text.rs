//! Escapes and patterns: how a script writes bytes.

/// The bytes that a text stands for: `\r \n \t \0 \e \" \\ \* \xNN`; all else as it is, in UTF-8.
pub fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match rest.next() {
            Some('r') => out.push(b'\r'),
            Some('n') => out.push(b'\n'),
            Some('t') => out.push(b'\t'),
            Some('0') => out.push(0),
            Some('e') => out.push(0x1b),
            Some(c @ ('"' | '\\' | '*')) => out.push(c as u8),
            Some('x') => {
                let digits: String = rest.by_ref().take(2).collect();
                out.push(u8::from_str_radix(&digits, 16).map_err(|_| format!("\\x{digits} is no byte"))?);
            }
            other => {
                return Err(format!("no escape \\{}", other.map_or(String::new(), String::from)));
            }
        }
    }
    Ok(out)
}

/// A quoted text's bytes, and what follows it.
pub fn quoted(text: &str) -> Result<(Vec<u8>, &str), String> {
    let body = text.strip_prefix('"').ok_or_else(|| format!("a \"text\" is wanted, not {text}"))?;
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            '"' if !escaped => return Ok((unescape(&body[..at])?, body[at + 1..].trim_start())),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    Err(format!("no end to {text}"))
}

/// Stands for "anything" in a pattern once read; a command has no such byte (RFC 3629 §1).
const ANY: u8 = 0xff;

/// A pattern's bytes: `*` stands for any bytes, `\*` for a star.
pub fn pattern(text: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut part = String::new();
    let mut escaped = false;
    for c in text.chars() {
        if c == '*' && !escaped {
            out.extend(unescape(&part)?);
            out.push(ANY);
            part.clear();
        } else {
            part.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    out.extend(unescape(&part)?);
    Ok(out)
}

/// Whether a command fits a pattern made by [`pattern`].
pub fn matches(pattern: &[u8], command: &[u8]) -> bool {
    match pattern.iter().position(|&byte| byte == ANY) {
        None => pattern == command,
        Some(at) => {
            let Some(rest) = command.strip_prefix(&pattern[..at]) else {
                return false;
            };
            (0..=rest.len()).any(|skip| matches(&pattern[at + 1..], &rest[skip..]))
        }
    }
}

/// A pattern as it is written.
pub fn show_pattern(pattern: &[u8]) -> String {
    let parts: Vec<String> = pattern.split(|&byte| byte == ANY).map(show).collect();
    parts.join("*")
}

/// Bytes for a person: UTF-8 as it is, control bytes and other bytes escaped.
pub fn show(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                out.extend(c.escape_default());
            } else {
                out.push(c);
            }
        }
        out.push_str(&chunk.invalid().escape_ascii().to_string());
    }
    out
}
