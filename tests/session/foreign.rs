//! Servers whose places are not written as those of Unix: each walked as a person would, by scripts that answer as theirs do.

use ftpane::model::{FailureKind, Kind, Paths, Site, StartDir, VPath};
use ftpane::volume::ftp::FtpVolume;
use ftpane::volume::{Volume as _, WriteFrom};

use crate::client::{WireLog, listing, names, open, read_from, site_at, write_to};
use crate::support::script::ScriptServer;

/// A walk: a directory, a file in it, where a new one goes under two names, and a new directory where there are such.
struct Walk {
    script: &'static str,
    paths: Paths,
    home: &'static str,
    file: &'static str,
    new: &'static str,
    old: &'static str,
    directory: Option<&'static str>,
}

const WALKS: [Walk; 7] = [
    Walk {
        script: "foreign-vms",
        paths: Paths::Vms,
        home: "/DISK$USER:/ALICE",
        file: "/DISK$USER:/ALICE/LOGIN.COM",
        new: "/DISK$USER:/ALICE/WWW/NEW.TXT",
        old: "/DISK$USER:/ALICE/WWW/OLD.TXT",
        directory: Some("/DISK$USER:/ALICE/WWW/NEW"),
    },
    Walk {
        script: "foreign-mvs",
        paths: Paths::Mvs,
        home: "/ALICE",
        file: "/ALICE/DATA.SRC/SAVE03",
        new: "/ALICE/DATA.SRC/NEW",
        old: "/ALICE/DATA.SRC/OLD",
        directory: Some("/ALICE/NEW.PDS"),
    },
    Walk {
        script: "foreign-zvm",
        paths: Paths::Zvm,
        home: "/ALICE.191",
        file: "/ALICE.191/J43401.NETLOG",
        new: "/ALICE.191/NEW.TEXT",
        old: "/ALICE.191/OLD.TEXT",
        directory: Some("/POOL:/ALICE/NEW"),
    },
    Walk {
        script: "foreign-as400",
        paths: Paths::Unix,
        home: "/QSYS.LIB/ALICE.LIB",
        file: "/home/alice/build.xml",
        new: "/home/alice/new.txt",
        old: "/home/alice/old.txt",
        directory: Some("/home/alice/new"),
    },
    Walk {
        script: "foreign-as400-libraries",
        paths: Paths::As400,
        home: "/QGPL",
        file: "/QGPL/FPKI45POK5",
        new: "/QGPL/NEW.MBR",
        old: "/QGPL/OLD.MBR",
        directory: None,
    },
    Walk {
        script: "foreign-nonstop",
        paths: Paths::NonStop,
        home: "/\\SYS/$VOL/SUBVOL",
        file: "/\\SYS/$VOL/SUBVOL/FILE3",
        new: "/\\SYS/$VOL/SUBVOL/NEW",
        old: "/\\SYS/$VOL/SUBVOL/OLD",
        directory: None,
    },
    Walk {
        script: "foreign-os2",
        paths: Paths::Drive,
        home: "/C:",
        file: "/C:/My Directory/25-os2 file",
        new: "/C:/My Directory/new.txt",
        old: "/C:/My Directory/old.txt",
        directory: Some("/C:/My Directory/new"),
    },
];

fn path(text: &str) -> VPath {
    VPath::parse(text.as_bytes()).unwrap()
}

async fn met(script: &str) -> (ScriptServer, FtpVolume, WireLog) {
    let server = ScriptServer::play(script);
    let (volume, log) = open(&site_at(server.addr())).await;
    (server, volume, log)
}

fn said(names: &[Vec<u8>]) -> Vec<String> {
    names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

#[tokio::test]
async fn every_kind_of_tree_is_walked_read_and_changed() {
    for walk in WALKS {
        let (server, mut volume, log) = met(walk.script).await;
        let fail = |what: &str, failure: ftpane::model::Failure| -> ! { panic!("{}: {what}: {failure}\n{}", walk.script, log.text()) };
        assert_eq!((volume.opened().home.clone(), volume.opened().paths), (Some(path(walk.home)), walk.paths), "{}", log.text());
        let home = path(walk.home);
        let real = volume.list(&home, &tokio_util::sync::CancellationToken::new(), &mut |_| {}).await;
        assert_eq!(real.unwrap_or_else(|failure| fail("home", failure)), home, "{}", log.text());
        let file = path(walk.file);
        let directory = file.parent().unwrap();
        let real = volume.list(&directory, &tokio_util::sync::CancellationToken::new(), &mut |_| {}).await;
        assert_eq!(real.unwrap_or_else(|failure| fail("directory", failure)), directory, "{}", log.text());
        let there = volume.stat(&file).await.unwrap_or_else(|failure| fail("stat", failure)).unwrap();
        assert_eq!(there.name, file.name().unwrap(), "{}", log.text());
        assert_eq!(read_from(&mut volume, &file, 0).await.unwrap_or_else(|failure| fail("get", failure)), b"0123456789");
        let (new, old) = (path(walk.new), path(walk.old));
        write_to(&mut volume, &new, WriteFrom::Start, b"abc").await.unwrap_or_else(|failure| fail("put", failure));
        volume.rename(&new, &old, true).await.unwrap_or_else(|failure| fail("rename", failure));
        volume.remove_file(&old).await.unwrap_or_else(|failure| fail("delete", failure));
        match walk.directory.map(path) {
            Some(made) => {
                volume.make_dir(&made).await.unwrap_or_else(|failure| fail("mkdir", failure));
                volume.remove_dir(&made).await.unwrap_or_else(|failure| fail("rmdir", failure));
            }
            None => assert_eq!(
                volume.make_dir(&directory.join(&new.name().unwrap())).await.unwrap_err().kind,
                match walk.paths {
                    // Nothing can be below a library.
                    Paths::As400 => FailureKind::Invalid,
                    _ => FailureKind::Invalid,
                }
            ),
        }
        assert!(!volume.is_lost(), "{}", log.text());
        assert_eq!(server.record().uploads(), [b"abc"]);
    }
}

#[tokio::test]
async fn the_way_up_leads_to_the_top_and_back_down() {
    for walk in WALKS.iter().filter(|walk| walk.paths != Paths::Unix) {
        let (_server, mut volume, log) = met(walk.script).await;
        let mut place = path(walk.home);
        while let Some(above) = place.parent() {
            let (entries, _) = listing(&mut volume, &above).await.unwrap_or_else(|failure| panic!("{failure}\n{}", log.text()));
            let child = place.name().unwrap();
            let is_there = entries.iter().any(|entry| entry.name == child && entry.kind == Kind::Dir);
            assert!(is_there, "{above:?}: {entries:?}\n{}", log.text());
            place = above;
        }
    }
}

#[tokio::test]
async fn on_vms_the_newest_version_is_meant_and_a_name_that_is_a_pattern_is_only_shown() {
    let (_server, mut volume, log) = met("foreign-vms").await;
    let home = path("/DISK$USER:/ALICE");
    let (entries, unparsed) = listing(&mut volume, &home).await.unwrap();
    let names: Vec<Vec<u8>> = entries.iter().map(|entry| entry.name.as_bytes().to_vec()).collect();
    assert_eq!(said(&names), ["LOGIN.COM", "LOGIN.COM;1", "README.", "WWW"], "{}", log.text());
    assert_eq!(unparsed, [Box::from(&b"A*.TXT"[..])]);
    for name in ["LOGIN.COM", "LOGIN.COM;1", "README", "README."] {
        let file = home.resolve(name.as_bytes()).unwrap();
        assert_eq!(read_from(&mut volume, &file, 0).await.unwrap(), b"0123456789", "{}", log.text());
    }
    volume.remove_file(&home.resolve(b"LOGIN.COM;1").unwrap()).await.unwrap();
    // Another directory has words, too.
    volume.rename(&path("/DISK$USER:/ALICE/WWW/NEW.TXT"), &path("/DISK$USER:/ALICE/OLD.TXT"), true).await.unwrap();
    assert_eq!((log.sent("RETR README."), log.sent("RETR LOGIN.COM")), (2, 1), "{}", log.text());
}

#[tokio::test]
async fn on_vms_a_second_dot_is_refused_and_the_top_of_a_disk_is_not_within_itself() {
    let (server, mut volume, log) = met("foreign-vms").await;
    let top = path("/DISK$USER:");
    let (entries, unparsed) = listing(&mut volume, &top).await.unwrap();
    assert!(unparsed.is_empty() && entries.iter().all(|entry| entry.name.as_bytes() == b"ALICE"), "{entries:?}\n{}", log.text());
    let before = server.record().commands().len();
    // STOR app.log.1 would write the first version of app.log.
    let failure = write_to(&mut volume, &path("/DISK$USER:/ALICE/WWW/app.log.1"), WriteFrom::Start, b"x").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert!(failure.to_string().contains("one dot"), "{failure}");
    let again = top.resolve(b"000000").unwrap();
    assert_eq!(volume.remove_dir(&again).await.unwrap_err().kind, FailureKind::Invalid);
    assert_eq!(volume.make_dir(&again).await.unwrap_err().kind, FailureKind::Invalid);
    assert_eq!(listing(&mut volume, &again).await.map(drop).unwrap_err().kind, FailureKind::Invalid);
    assert_eq!(volume.remove_file(&top.resolve(b"000000.dir;1").unwrap()).await.unwrap_err().kind, FailureKind::Invalid);
    assert_eq!(server.record().commands().len(), before, "{}", log.text());
}

#[tokio::test]
async fn on_zos_unix_files_stand_beside_data_sets() {
    let (_server, mut volume, log) = met("foreign-mvs").await;
    assert_eq!(said(&names(&mut volume, &path("/ALICE")).await), ["DATA.SRC", "LOG.TEXT"], "{}", log.text());
    // Their names are not bound to what data sets may be called.
    let (entries, unparsed) = listing(&mut volume, &path("/u/alice")).await.unwrap();
    let found: Vec<Vec<u8>> = entries.iter().map(|entry| entry.name.as_bytes().to_vec()).collect();
    assert_eq!(
        (said(&found), unparsed),
        ([".profile", "a b.txt", "c++", "test.tst"].map(String::from).to_vec(), Vec::new()),
        "{}",
        log.text()
    );
    for file in ["/ALICE/LOG.TEXT", "/u/alice/test.tst", "/u/alice/a b.txt"] {
        assert_eq!(read_from(&mut volume, &path(file), 0).await.unwrap(), b"0123456789", "{}", log.text());
    }
    write_to(&mut volume, &path("/ALICE/NEW.TEXT"), WriteFrom::Start, b"abc").await.unwrap();
    assert_eq!(log.sent("TYPE I"), 1, "{}", log.text());
    // Where a member is, and where a data set begins, only the server knows: between two of them nothing is renamed.
    let failure = volume.rename(&path("/ALICE/NEW.TEXT"), &path("/ALICE/DATA.SRC/NEW"), true).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(volume.abilities().straight);
}

#[tokio::test]
async fn a_name_that_would_lead_elsewhere_is_refused_before_anything_is_sent() {
    let evil = ["[-]", "X:[Y]", "'SYS1.X'", "A*", "%", "A(B)", "..\\x", "C:\\x", "a?b"];
    for walk in WALKS.iter().filter(|walk| walk.paths != Paths::Unix) {
        let (server, mut volume, log) = met(walk.script).await;
        let before = server.record().commands().len();
        let home = path(walk.home);
        for name in evil.into_iter().filter(|name| walk.paths != Paths::Drive || name.contains([':', '*', '\\', '?'])) {
            let path = home.resolve(name.as_bytes()).unwrap();
            let outcomes = [
                volume.remove_file(&path).await,
                volume.make_dir(&path).await,
                volume.remove_dir(&path).await,
                volume.rename(&path, &home.resolve(b"X").unwrap(), true).await,
                write_to(&mut volume, &path, WriteFrom::Start, b"x").await,
                read_from(&mut volume, &path, 0).await.map(drop),
                listing(&mut volume, &path).await.map(drop),
            ];
            for outcome in outcomes {
                assert_eq!(outcome.unwrap_err().kind, FailureKind::Invalid, "{} {name}\n{}", walk.script, log.text());
            }
        }
        assert_eq!(server.record().commands().len(), before, "{}", log.text());
    }
}

#[tokio::test]
async fn an_url_walks_the_tree_as_rfc_1738_has_it() {
    let server = ScriptServer::play("foreign-vms");
    // ftp://vms/DISK$USER:[ALICE.WWW]/
    let site = Site { start: StartDir::Relative(b"DISK$USER:[ALICE.WWW]".to_vec()), ..site_at(server.addr()) };
    let (volume, log) = open(&site).await;
    assert_eq!(volume.opened().start, Some(path("/DISK$USER:/ALICE/WWW")), "{}", log.text());
    let server = ScriptServer::play("foreign-mvs");
    for (start, place) in [("'ALICE.DATA.SRC'", "/ALICE/DATA/SRC"), ("/u/alice", "/u/alice")] {
        let start = match start.strip_prefix('/') {
            Some(_) => StartDir::Absolute(path(start)),
            None => StartDir::Relative(start.as_bytes().to_vec()),
        };
        let (volume, log) = open(&Site { start, ..site_at(server.addr()) }).await;
        assert_eq!(volume.opened().start, Some(path(place)), "{}", log.text());
    }
}
