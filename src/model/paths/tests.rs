use super::*;

fn path(text: &str) -> VPath {
    VPath::parse(text.as_bytes()).unwrap()
}

fn name(text: &str) -> Name {
    Name::new(text.as_bytes()).unwrap()
}

/// What servers say, what it is in the program, and what they are told.
const PLACES: &[(Paths, &str, &str, &str)] = &[
    (Paths::Vms, "DISK$USER:[ALICE.WWW]", "/DISK$USER:/ALICE/WWW", "DISK$USER:[ALICE.WWW]"),
    (Paths::Vms, "DISK$USER:[000000]", "/DISK$USER:", "DISK$USER:[000000]"),
    (Paths::Vms, "DISK$USER:[000000.ALICE]", "/DISK$USER:/ALICE", "DISK$USER:[ALICE]"),
    (Paths::Vms, "WEB$ROOT:[ROOT.][SUB]", "/WEB$ROOT:/ROOT/SUB", "WEB$ROOT:[ROOT.SUB]"),
    (Paths::Vms, "$1$DGA100:<ALICE>", "/$1$DGA100:/ALICE", "$1$DGA100:[ALICE]"),
    (Paths::Vms, "DKA0:[A^.B.C]", "/DKA0:/A^.B/C", "DKA0:[A^.B.C]"),
    (Paths::Vms, "[ALICE]", "/ALICE", "[ALICE]"),
    (Paths::Mvs, "'ALICE.'", "/ALICE", "'ALICE.'"),
    (Paths::Mvs, "'SYS1.PROD.'", "/SYS1/PROD", "'SYS1.PROD'"),
    (Paths::Mvs, "'ALICE.DATA.SRC'", "/ALICE/DATA/SRC", "'ALICE.DATA.SRC'"),
    (Paths::Zvm, "ALICE.191", "/ALICE.191", "ALICE.191"),
    (Paths::Zvm, "ALICE 191", "/ALICE.191", "ALICE.191"),
    (Paths::Zvm, "POOL:ALICE.", "/POOL:/ALICE", "POOL:ALICE."),
    (Paths::Zvm, "POOL:ALICE.SUB.DEEP", "/POOL:/ALICE/SUB/DEEP", "POOL:ALICE.SUB.DEEP"),
    (Paths::As400, "QGPL", "/QGPL", "QGPL"),
    (Paths::NonStop, "\\SYS.$VOL.SUBVOL", "/\\SYS/$VOL/SUBVOL", "\\SYS.$VOL.SUBVOL"),
    (Paths::NonStop, "$VOL.SUBVOL", "/$VOL/SUBVOL", "$VOL.SUBVOL"),
    (Paths::Drive, "C:/", "/C:", "C:/"),
    (Paths::Drive, "C:", "/C:", "C:/"),
    (Paths::Drive, "C:/My Files/x", "/C:/My Files/x", "C:/My Files/x"),
    (Paths::Drive, "ata0:/log", "/ata0:/log", "ata0:/log"),
    (Paths::DriveBack, "C:\\dir\\sub", "/C:/dir/sub", "C:\\dir\\sub"),
    (Paths::DriveBack, "C:\\", "/C:", "C:\\"),
    (Paths::DriveBack, "\\pub\\", "/pub", "\\pub"),
];

#[test]
fn words_of_servers_are_places_and_back() {
    for (paths, told, place, words) in PLACES {
        let read = paths.read(told.as_bytes()).unwrap_or_else(|| panic!("{told} is not read"));
        assert_eq!(read, path(place), "{told}");
        assert_eq!(String::from_utf8(paths.directory(&read).unwrap()).unwrap(), *words, "{told}");
    }
}

#[test]
fn how_a_server_writes_is_known_by_its_words_and_by_what_it_says_it_is() {
    for (paths, told, ..) in PLACES {
        let system = match paths {
            // Words that others could say as well.
            Paths::Zvm => Some(ListingStyle::Zvm),
            Paths::As400 => Some(ListingStyle::As400),
            _ => None,
        };
        let found = Paths::of(system, told.as_bytes());
        // A disk alone is written with either.
        assert!(found == *paths || *told == "$1$DGA100:<ALICE>", "{told}: {found:?}");
    }
    for (system, told) in [(None, "/home/alice"), (Some(ListingStyle::Mvs), "/u/alice"), (None, "pub"), (None, ""), (None, "my home")] {
        assert_eq!(Paths::of(system, told.as_bytes()), Paths::Unix, "{told}");
    }
}

#[test]
fn no_name_leads_elsewhere() {
    let evil = [
        "[-]", "-", "--", "...", "A.B", "A...", "*", "A*", "%", "X]", "X:[Y]", "DISK:", "<X>", "A;1", "A,B", "a b\"", "@X", "'SYS1.X'",
        "X'", "A(B)", "+1", "\\SYS", "$VOL", "$V.S", "..\\x", "C:\\x", "D:", "x:y", "a?b", "é", "A..B", ".X", "X.",
    ];
    let homes = [
        (Paths::Vms, "/DISK:/ALICE"),
        (Paths::Mvs, "/ALICE/DATA"),
        (Paths::Zvm, "/POOL:/ALICE"),
        (Paths::Zvm, "/ALICE.191"),
        (Paths::As400, "/QGPL"),
        (Paths::NonStop, "/\\SYS/$VOL/SUBVOL"),
        (Paths::Drive, "/C:/dir"),
        (Paths::DriveBack, "/C:/dir"),
    ];
    for (paths, home) in homes {
        let home = path(home);
        let words = paths.directory(&home).unwrap();
        for evil in evil {
            let below = home.join(&name(evil));
            // What makes words is read again as what it was made of, and lies below.
            if let Ok(made) = paths.directory(&below) {
                let read = paths.read(&made).unwrap();
                assert!(paths.is_same(&read, &below) && read.is_within(&home), "{paths:?} {evil}: {}", made.escape_ascii());
                assert!(made.len() > words.len(), "{paths:?} {evil}");
            }
            if let Ok(made) = paths.file(&name(evil)) {
                let is_pattern =
                    made.iter().any(|byte| matches!(byte, b'*' | b'?' | b'%' | b'\'' | b'[' | b']' | b':' | b'\\' | b'(' | b','));
                let is_unicode = matches!(paths, Paths::Drive | Paths::DriveBack)
                    && matches!(evil, "%" | "[-]" | "X]" | "A,B" | "X'" | "'SYS1.X'" | "A(B)");
                assert!(!is_pattern || is_unicode, "{paths:?} {evil}: {}", made.escape_ascii());
            }
        }
    }
}

#[test]
fn the_newest_version_is_meant_and_what_is_deleted_says_which() {
    let words = |name_: &str| String::from_utf8(Paths::Vms.file(&name(name_)).unwrap()).unwrap();
    let doomed = |name_: &str| String::from_utf8(Paths::Vms.doomed(&name(name_)).unwrap()).unwrap();
    assert_eq!((words("A.TXT"), words("A.TXT;2"), words("README")), ("A.TXT".into(), "A.TXT;2".into(), "README.".into()));
    assert_eq!((doomed("A.TXT"), doomed("A.TXT;2"), doomed("README")), ("A.TXT;0".into(), "A.TXT;2".into(), "README.;0".into()));
    assert!(Paths::Vms.file(&name("A.TXT;*")).is_err() && Paths::Vms.file(&name("A.TXT;")).is_err());
    assert!(Paths::Vms.is_same_name(&name("readme"), &name("README.")));
}

#[test]
fn on_vms_a_second_dot_would_begin_a_version_and_the_top_of_a_disk_is_no_name() {
    let is_file = |text: &str| Paths::Vms.file(&name(text)).is_ok();
    assert!(!is_file("app.log.1") && !is_file("A.B.C;2") && is_file("app^.log.1") && is_file("app.log;1") && is_file("000000.TXT"));
    let top = path("/DISK:");
    assert!(Paths::Vms.directory(&top.join(&name("000000"))).is_err() && !is_file("000000.DIR;1") && !is_file("000000.dir"));
    assert!(Paths::Vms.is_itself(&top, &name("000000"), true) && !Paths::Vms.is_itself(&path("/DISK:/A"), &name("000000"), true));
    assert!(!Paths::Unix.is_itself(&top, &name("000000"), true) && !Paths::Vms.is_itself(&top, &name("000000.TXT"), false));
}

#[test]
fn names_of_unix_files_stand_beside_data_sets() {
    assert_eq!(Paths::Mvs.directory(&path("/u/alice")).unwrap(), b"/u/alice");
    assert!(Paths::Mvs.takes_path(&path("/u/alice/'SYS1.X'")) && !Paths::Mvs.takes_path(&path("/ALICE/X")));
    assert_eq!(Paths::Mvs.read(b"/u/alice"), Some(path("/u/alice")));
    assert!(Paths::Mvs.is_same(&path("/ALICE/DATA.SRC"), &path("/ALICE/DATA/SRC")));
}

#[test]
fn what_is_above_all_has_no_words() {
    for (paths, place) in
        [(Paths::Vms, "/"), (Paths::NonStop, "/\\SYS/$VOL"), (Paths::Zvm, "/POOL:"), (Paths::As400, "/"), (Paths::Drive, "/")]
    {
        assert_eq!(paths.directory(&path(place)), Err(NoWords::TooHigh), "{paths:?}");
        assert_eq!(paths.shown(&path(place)), place.as_bytes());
    }
}

#[test]
fn a_person_may_type_the_words_of_the_server() {
    let here = path("/DISK:/ALICE");
    assert_eq!(Paths::Vms.typed(&here, b"DISK$X:[BOB]").unwrap(), path("/DISK$X:/BOB"));
    assert_eq!(Paths::Vms.typed(&here, b"SUB").unwrap(), path("/DISK:/ALICE/SUB"));
    assert_eq!(Paths::Vms.typed(&here, b"..").unwrap(), path("/DISK:"));
    assert_eq!(Paths::Mvs.typed(&path("/ALICE"), b"'BOB.X'").unwrap(), path("/BOB/X"));
    assert_eq!(Paths::Mvs.typed(&path("/ALICE"), b"DATA.SRC").unwrap(), path("/ALICE/DATA.SRC"));
    assert_eq!(Paths::Unix.typed(&path("/a"), b"C:\\x").unwrap(), path("/a/C:\\x"));
}
