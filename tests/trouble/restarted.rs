//! A server that dies in the middle and comes back: the run goes on by itself.

use std::thread;

use crate::rig::{Rig, WAYS, each};
use crate::support::chaos::{Fault, Weather};
use crate::support::tree::{Tree, pattern};
use crate::support::wait::wait_for;

#[test]
fn a_run_goes_on_by_itself_when_the_server_is_killed_and_comes_back() {
    for way in WAYS {
        each(|setup| {
            let mut rig = Rig::new(setup);
            let tree = (0..12).fold(Tree::new().dir("tree/empty").file("tree/big", pattern(2 << 20, 99)), |tree, number| {
                tree.file(format!("tree/{}/f{number}", number % 3), pattern(number * 9_000, number as u32))
            });
            rig.lay_out(way, &tree);
            let words = rig.words(way, "tree", &["-j", "3", "--timeout", "5", "--retries", "6"]);
            rig.proxy.set(Weather::each(Fault::Hold, 1 << 20));
            let program = rig.program();
            let run = thread::scope(|scope| {
                let run = scope.spawn(|| program.run(&words));
                // The large one waits in its middle, whatever else is under way.
                wait_for("the middle of the large file", || run.is_finished() || rig.proxy.figures().0 >= 1 << 20);
                rig.server.stop();
                rig.proxy.set(Weather::calm());
                rig.server.start_again();
                run.join().unwrap()
            });
            assert_eq!(run.code, Some(0), "{way:?} on {}: {run:#?}", rig.server.kind.name());
            rig.assert_honest(&run, way, &[&tree]);
            rig.assert_arrived(way, &tree);
        });
    }
}
