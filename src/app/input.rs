//! Lines of text: what keys do in them, and the completion of paths.

use tui_input::{Input, InputRequest};

use crate::model::{ConnectionId, Name, RequestId, VPath};

use super::key::{Key, KeyCode};

/// The names of a directory, for the completion of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Of which volume.
    pub connection: ConnectionId,
    /// Which directory.
    pub directory: VPath,
    /// The listing while it is on its way.
    pub request: Option<RequestId>,
    /// The directories in it.
    pub names: Vec<Name>,
}

/// Does in `input` what the key does in a line of text; tells whether the key was one for it.
pub fn type_key(input: &mut Input, key: Key) -> bool {
    let Some(request) = request_of(key) else { return false };
    input.handle(request);
    true
}

/// Puts pasted text in, without what cannot be part of one line.
pub fn paste(input: &mut Input, text: &str) {
    for c in text.chars().filter(|c| !c.is_control()) {
        input.handle(InputRequest::InsertChar(c));
    }
}

/// Another text, with the cursor at its end.
pub fn replace(input: &mut Input, text: String) {
    *input = Input::new(text);
}

fn request_of(key: Key) -> Option<InputRequest> {
    if key.ctrl || key.alt {
        return with_modifier(key);
    }
    match key.code {
        KeyCode::Char(c) if !c.is_control() => Some(InputRequest::InsertChar(c)),
        KeyCode::Backspace => Some(InputRequest::DeletePrevChar),
        KeyCode::Delete => Some(InputRequest::DeleteNextChar),
        KeyCode::Left => Some(InputRequest::GoToPrevChar),
        KeyCode::Right => Some(InputRequest::GoToNextChar),
        KeyCode::Home => Some(InputRequest::GoToStart),
        KeyCode::End => Some(InputRequest::GoToEnd),
        _ => None,
    }
}

fn with_modifier(key: Key) -> Option<InputRequest> {
    match (key.ctrl, key.code) {
        (true, KeyCode::Char('u')) => Some(InputRequest::DeleteLine),
        (true, KeyCode::Char('w')) | (false, KeyCode::Backspace) => Some(InputRequest::DeletePrevWord),
        (true, KeyCode::Char('k')) => Some(InputRequest::DeleteTillEnd),
        (true, KeyCode::Char('y')) => Some(InputRequest::Yank),
        (true, KeyCode::Char('a')) => Some(InputRequest::GoToStart),
        (true, KeyCode::Char('e')) => Some(InputRequest::GoToEnd),
        (true, KeyCode::Char('d')) => Some(InputRequest::DeleteNextChar),
        (true, KeyCode::Left) | (false, KeyCode::Char('b')) => Some(InputRequest::GoToPrevWord),
        (true, KeyCode::Right) | (false, KeyCode::Char('f')) => Some(InputRequest::GoToNextWord),
        (false, KeyCode::Char('d')) => Some(InputRequest::DeleteNextWord),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ctrl_u_kills_the_line_and_ctrl_y_brings_it_back() {
        let mut input = Input::new("some text".into());
        assert!(type_key(&mut input, Key::ctrl('u')));
        assert_eq!(input.value(), "");
        assert!(type_key(&mut input, Key::ctrl('y')));
        assert_eq!(input.value(), "some text");
    }

    #[test]
    fn pasted_line_breaks_and_escapes_do_not_get_into_a_line() {
        let mut input = Input::default();
        paste(&mut input, "ftp://a\r\n\x1b[2Jb");
        assert_eq!(input.value(), "ftp://a[2Jb");
    }
}
