//! Servers that let few in: all files arrive, however many connections were asked for.

use crate::rig::{Rig, WAYS};
use crate::support::servers::{self, Kind};
use crate::support::tree::{Tree, pattern};

fn arrives_through(kind: Kind) {
    for connections in 1..=3 {
        for way in WAYS {
            let Some(setup) = servers::require(kind) else { return };
            let rig = Rig::new(setup.max_per_host(connections));
            let tree = (0..24).fold(Tree::new().dir("tree/empty"), |tree, number| {
                tree.file(format!("tree/{}/f{number}", number % 3), pattern(number * 3_000, number as u32))
            });
            rig.lay_out(way, &tree);
            let run = rig.program().run(&rig.words(way, "tree", &["-j", "10", "--timeout", "5"]));
            assert_eq!(run.code, Some(0), "{connections} connections, {way:?}: {run:#?}\n{}", rig.server.log_end());
            assert_eq!(run.with_state("done").len(), 24, "{run:#?}");
            tree.assert_same(&Tree::read(&rig.target(way)));
        }
    }
}

#[test]
fn all_files_arrive_where_vsftpd_lets_few_in() {
    arrives_through(Kind::Vsftpd);
}

#[test]
fn all_files_arrive_where_proftpd_lets_few_in() {
    arrives_through(Kind::Proftpd);
}

#[test]
fn all_files_arrive_where_pure_ftpd_lets_few_in() {
    arrives_through(Kind::PureFtpd);
}

#[test]
fn all_files_arrive_where_pyftpdlib_lets_few_in() {
    arrives_through(Kind::Pyftpdlib);
}
