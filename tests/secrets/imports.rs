//! Sites of other programs, brought over by the program itself.

use std::fs;

use crate::rig::{Home, PASSWORD, holds};
use crate::support::cli::{err, objects, out};

fn filezilla() -> String {
    // base64 of the password.
    let pass = "R2VoZWltbmlzLTczNTE=";
    format!(
        "<?xml version=\"1.0\"?>\n<FileZilla3><Servers><Folder expanded=\"1\">Clients\
         <Server><Host>h.example</Host><Port>21</Port><Protocol>4</Protocol><User>al</User><Pass encoding=\"base64\">{pass}</Pass><Logontype>1</Logontype><Name>work</Name></Server>\
         </Folder><Server><Host>s.example</Host><Protocol>1</Protocol><Name>ssh</Name></Server></Servers></FileZilla3>"
    )
}

#[test]
fn an_import_tells_what_came_over_and_what_did_not_and_changes_nothing_that_is_saved() {
    let home = Home::new();
    home.ftpane(&["sites", "add", "work", "ftp://bob@other.example/"]).assert().code(0);
    let file = home.file("sitemanager.xml", &filezilla());
    let file = file.to_str().unwrap();
    let dry = home.ftpane(&["sites", "import", "--dry-run", file]).assert().code(0);
    assert!(err(&dry).contains("1 would be added ("), "{}", err(&dry));
    assert!(err(&dry).contains("0 there already, 1 left out (ssh)"), "{}", err(&dry));
    assert!(!home.ftpane(&["sites", "list"]).assert().code(0).get_output().stdout.windows(9).any(|window| window == b"h.example"));

    let assert = home.ftpane(&["sites", "import", file]).assert().code(0);
    let lines = out(&assert);
    assert!(lines.contains("added\twork (2)\tftpes://al@h.example\t"), "{lines}");
    assert!(lines.contains("its password did not come over") && lines.contains("left\tssh\t\tit is SFTP"), "{lines}");
    assert!(err(&assert).contains("--store keyring or --store vault"), "{}", err(&assert));
    let listed = out(&home.ftpane(&["sites", "list"]).assert().code(0));
    assert_eq!(listed, "work\tftp://bob@other.example\nwork (2)\tftpes://al@h.example\n");

    let again = objects(&home.ftpane(&["sites", "import", "--json", file]).assert().code(0));
    assert_eq!((again[0]["state"].as_str(), again[0]["name"].as_str()), (Some("already"), Some("work (2)")));
    home.assert_holds_none(&[], "the import");
}

#[test]
fn passwords_come_over_into_the_vault_where_that_is_asked_for() {
    let home = Home::new();
    let file = home.file("sitemanager.xml", &filezilla());
    let mut screen = home.terminal(&["sites", "import", "--store", "vault", file.to_str().unwrap()]).start();
    screen.wait_text("There is no vault yet.");
    screen.keys("sesame\r");
    screen.wait_text("The same again:");
    screen.keys("sesame\r");
    screen.wait_text("passwords kept: 1");
    assert!(screen.wait_exit().success());
    assert!(!screen.saw_bytes(PASSWORD.as_bytes()));
    home.assert_holds_none(&[], "the import");
    let exported = home.ftpane(&["sites", "export"]).assert().code(0);
    assert!(out(&exported).contains("password = \"vault\"") && !holds(&exported.get_output().stdout), "{}", out(&exported));
}

#[test]
fn an_export_comes_back_the_same_elsewhere() {
    let (here, there) = (Home::new(), Home::new());
    for args in [
        &["a", "ftp://al@h.example:2121//www", "--folder", "x/y", "--charset", "windows-1251"][..],
        &["b", "ftp://h.example", "--password", "netrc"],
    ] {
        here.ftpane(&[&["sites", "add"], args].concat()).assert().code(0);
    }
    let exported = out(&here.ftpane(&["sites", "export"]).assert().code(0));
    let file = there.file("sites.txt", &exported);
    there.ftpane(&["sites", "import", file.to_str().unwrap()]).assert().code(0);
    assert_eq!(out(&there.ftpane(&["sites", "export"]).assert().code(0)), exported);
}

#[test]
fn logins_of_netrc_come_over_and_their_passwords_stay_in_it() {
    let home = Home::new();
    let netrc =
        home.file(".netrc", &format!("machine h.example login al password {PASSWORD}\nmacdef x\nfoo\n\ndefault login ftp password x@\n"));
    let assert = home.ftpane(&["sites", "import", netrc.to_str().unwrap()]).assert().code(0);
    assert!(out(&assert).contains("added\th.example\tftp://al@h.example\tits password: ~/.netrc"), "{}", out(&assert));
    assert!(!holds(&assert.get_output().stdout));
    let sites = fs::read_to_string(home.path().join(".config/ftpane/sites.toml")).unwrap();
    assert!(sites.contains("password = \"netrc\""), "{sites}");
}

#[test]
fn a_file_that_means_harm_ends_with_words_and_exit_2() {
    let home = Home::new();
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n<FileZilla3><Servers>&b;</Servers></FileZilla3>";
    for (name, content, said) in [
        ("bomb.xml", bomb.as_bytes(), "document type"),
        ("cut.xml", b"<FileZilla3><Servers>", "ends in the middle"),
        ("latin.xml", b"<FileZilla3>\xe4", "not UTF-8"),
        ("other", b"what is this", "no file of sites that is known"),
        (".netrc", b"machine h password a b c", ":1: a word stands here"),
    ] {
        let path = home.path().join(name);
        fs::write(&path, content).unwrap();
        let assert = home.ftpane(&["sites", "import", path.to_str().unwrap()]).assert().code(2);
        assert!(err(&assert).contains(said), "{name}: {}", err(&assert));
    }
    let huge = fs::File::create(home.path().join("huge.xml")).unwrap();
    huge.set_len(1 << 36).unwrap();
    let assert = home.ftpane(&["sites", "import", "huge.xml"]).assert().code(2);
    assert!(err(&assert).contains("larger than 16 MiB"), "{}", err(&assert));
}
