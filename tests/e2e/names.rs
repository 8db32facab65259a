//! Names of a server that is not in UTF-8: read in another charset while it is open, copied, and made.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use crate::rig::{LARGE, Left, Opening, Right, Who, wait_bytes};
use crate::support::pty::Key;
use crate::support::tree::Tree;
use crate::support::wait::wait_for;

#[test]
fn alt_e_reads_names_in_another_charset_at_once_and_what_is_copied_or_made_has_it() {
    let cafe = OsStr::from_bytes(b"caf\xe9.txt");
    let session = open!(Opening::new(Who::Vsftpd).size(LARGE).remote(Tree::new().file(cafe, "noir").file("plain.txt", "p")));
    session.focus(Right);
    session.row_of(Right, "caf\\xe9.txt");
    session.screen.alt('e');
    session.screen.wait_text("Charset of names");
    session.screen.wait_text("names here would read");
    session.screen.keys("w");
    // The preview, while the pane still shows the bytes.
    session.screen.wait_text("  café.txt");
    session.screen.key(Key::Enter);
    session.row_of(Right, "café.txt");
    session.wait_no(Right, "caf\\xe9.txt");
    // Down: a name in Unicode.
    session.cursor_on(Right, "café.txt");
    session.screen.key(Key::F(5));
    session.row_of(Left, "café.txt");
    wait_bytes(&session.local().join("café.txt"), b"noir");
    // Made: a byte for each letter.
    session.screen.key(Key::F(7));
    session.screen.wait_text("Make");
    session.fill_in("Über");
    session.row_of(Right, "Über");
    wait_for("the directory in Latin-1", || session.remote().join(OsStr::from_bytes(b"\xdcber")).is_dir());
    // What the charset lacks is named, and nothing is made.
    session.screen.key(Key::F(7));
    session.screen.wait_text("Make");
    session.fill_in("☃");
    session.screen.wait_text("U+2603");
    assert_eq!(fs::read_dir(session.remote()).unwrap().count(), 3);
}
