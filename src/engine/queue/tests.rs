use super::*;
use crate::model::Shift;

const BATCH: BatchId = BatchId(1);

fn server(name: &str) -> Account {
    Account::Server(name.into())
}

fn down() -> Pair {
    Pair::plain(server("s"), Account::Local)
}

fn up() -> Pair {
    Pair::plain(Account::Local, server("s"))
}

/// A large file, which a lane is given by itself.
fn join(queue: &mut Queue<u32>, pair: &Pair, id: u64) {
    queue.join((pair, BATCH), TransferId(id), Priority::Normal, Some(SMALL + 1));
}

fn small(queue: &mut Queue<u32>, pair: &Pair, ids: std::ops::Range<u64>) {
    for id in ids {
        queue.join((pair, BATCH), TransferId(id), Priority::Normal, Some(1));
    }
}

fn steps(queue: &mut Queue<u32>) -> Vec<Step<u32>> {
    std::iter::from_fn(|| queue.next()).collect()
}

fn files(ids: &[u64]) -> Task<u32> {
    Task::Files(ids.iter().map(|id| TransferId(*id)).collect())
}

/// The order in which one lane would get what waits.
fn order(queue: &mut Queue<u32>) -> Vec<u64> {
    let mut order = Vec::new();
    loop {
        let all = steps(queue);
        if all.is_empty() {
            return order;
        }
        for step in all {
            let (Step::Give(runner, task) | Step::Open(runner, _, task)) = step else { continue };
            if let Task::Files(ids) = task {
                queue.done(runner, ids.len());
                order.extend(ids.iter().map(|id| id.0));
            }
        }
    }
}

#[test]
fn as_many_lanes_open_as_the_limit_allows_and_are_used_again() {
    let mut queue = Queue::new(2);
    for n in 0..3 {
        join(&mut queue, &down(), n);
    }
    assert_eq!(steps(&mut queue), [Step::Open(Runner::Lane(0), down(), files(&[0])), Step::Open(Runner::Lane(1), down(), files(&[1]))]);
    assert_eq!((queue.files(), queue.bytes()), (1, SMALL + 1));
    queue.done(Runner::Lane(1), 1);
    assert_eq!(steps(&mut queue), [Step::Give(Runner::Lane(1), files(&[2]))]);
    assert_eq!(queue.bytes(), 0);
}

#[test]
fn a_lane_above_what_its_pair_may_have_closes_once_it_is_idle() {
    let mut queue = Queue::new(2);
    for n in 0..4 {
        join(&mut queue, &down(), n);
    }
    assert_eq!(steps(&mut queue).len(), 2);
    queue.allow(&down(), 1);
    assert_eq!(steps(&mut queue), []);
    queue.done(Runner::Lane(0), 1);
    assert_eq!(steps(&mut queue), [Step::Close(Runner::Lane(0))]);
    queue.ended(Runner::Lane(0));
    queue.done(Runner::Lane(1), 1);
    assert_eq!(steps(&mut queue), [Step::Give(Runner::Lane(1), files(&[2]))]);
}

#[test]
fn small_files_go_by_the_handful_and_leave_the_others_their_share() {
    let mut queue = Queue::new(2);
    small(&mut queue, &down(), 0..8);
    let all = steps(&mut queue);
    assert_eq!(all.first(), Some(&Step::Open(Runner::Lane(0), down(), files(&[0, 1]))));
    assert_eq!(all.get(1), Some(&Step::Open(Runner::Lane(1), down(), files(&[2]))));
    let given = |step: &Step<u32>| match step {
        Step::Give(_, Task::Files(ids)) | Step::Open(_, _, Task::Files(ids)) => ids.len(),
        _ => 0,
    };
    assert!(all.iter().map(given).sum::<usize>() + queue.files() == 8, "{all:?}");
    let mut queue = Queue::new(1);
    small(&mut queue, &down(), 0..1000);
    assert_eq!(given(&queue.next().unwrap()), RUN);
}

#[test]
fn a_lane_is_given_more_small_files_before_it_is_done_but_never_a_large_one() {
    let mut queue = Queue::new(1);
    small(&mut queue, &down(), 0..100);
    assert_eq!(steps(&mut queue).len(), 1);
    queue.done(Runner::Lane(0), RUN - LOW);
    assert_eq!(steps(&mut queue).len(), 1, "it is low, and more wait");
    let mut queue = Queue::new(1);
    small(&mut queue, &down(), 0..1);
    for n in 1..9 {
        join(&mut queue, &down(), n);
    }
    assert_eq!(steps(&mut queue).len(), 1);
}

#[test]
fn walks_go_before_files_until_enough_files_wait() {
    let mut queue = Queue::new(1);
    join(&mut queue, &down(), 1);
    queue.push_plan(&down(), BATCH, Priority::Normal, 100);
    assert_eq!(steps(&mut queue), [Step::Open(Runner::Lane(0), down(), Task::Plan(100))]);
    for n in 2..100 {
        join(&mut queue, &down(), n);
    }
    queue.push_plan(&down(), BATCH, Priority::Normal, 101);
    queue.done(Runner::Lane(0), 1);
    assert_eq!(steps(&mut queue), [Step::Give(Runner::Lane(0), files(&[1]))]);
}

#[test]
fn one_lane_of_several_goes_on_walking_while_files_wait() {
    let mut queue = Queue::new(2);
    for n in 0..200 {
        join(&mut queue, &down(), n);
    }
    assert_eq!(steps(&mut queue).len(), 2);
    queue.push_plan(&down(), BATCH, Priority::Normal, 7);
    queue.push_plan(&down(), BATCH, Priority::Normal, 8);
    queue.done(Runner::Lane(1), 1);
    assert_eq!(steps(&mut queue), [Step::Give(Runner::Lane(1), Task::Plan(8))]);
    queue.done(Runner::Lane(0), 1);
    assert_eq!(steps(&mut queue), [Step::Give(Runner::Lane(0), files(&[2]))]);
}

#[test]
fn a_refused_lane_lowers_the_number_and_the_rest_go_on_in_their_order() {
    let mut queue = Queue::new(3);
    for n in 0..4 {
        join(&mut queue, &down(), n);
    }
    assert_eq!(steps(&mut queue).len(), 3);
    assert_eq!(queue.refused(Runner::Lane(2), &server("s")), 2);
    queue.put_back(TransferId(2));
    assert_eq!(steps(&mut queue), []);
    queue.done(Runner::Lane(0), 1);
    assert_eq!(steps(&mut queue), [Step::Give(Runner::Lane(0), files(&[2]))]);
}

#[test]
fn without_any_lane_the_browser_works_one_thing_at_a_time() {
    let mut queue = Queue::new(2);
    let browser = Runner::Browser(ConnectionId(7));
    queue.add_lender(ConnectionId(7), server("s"));
    join(&mut queue, &down(), 0);
    join(&mut queue, &down(), 1);
    assert_eq!(steps(&mut queue).len(), 2);
    assert_eq!(queue.refused(Runner::Lane(1), &server("s")), 1);
    assert_eq!(queue.refused(Runner::Lane(0), &server("s")), 0);
    queue.put_back(TransferId(1));
    queue.put_back(TransferId(0));
    assert_eq!(steps(&mut queue), [Step::Give(browser, files(&[0]))]);
    queue.done(browser, 1);
    assert_eq!(steps(&mut queue), [Step::Give(browser, files(&[1]))]);
    queue.withhold(ConnectionId(7));
    join(&mut queue, &down(), 2);
    queue.done(browser, 1);
    assert_eq!(steps(&mut queue), [], "a browser that is about to end is lent nothing");
}

#[test]
fn a_pair_without_a_lane_gets_the_next_free_one_of_a_full_account() {
    let mut queue = Queue::new(2);
    for n in 0..9 {
        join(&mut queue, &down(), n);
    }
    assert_eq!(steps(&mut queue).len(), 2);
    join(&mut queue, &up(), 100);
    assert_eq!(steps(&mut queue), [Step::Open(Runner::Lane(2), up(), files(&[100]))]);
    queue.refused(Runner::Lane(2), &server("s"));
    queue.put_back(TransferId(100));
    assert_eq!(steps(&mut queue), []);
    queue.done(Runner::Lane(0), 1);
    assert_eq!(steps(&mut queue), [Step::Close(Runner::Lane(0))], "though more wait for it");
    queue.ended(Runner::Lane(0));
    assert_eq!(steps(&mut queue), [Step::Open(Runner::Lane(3), up(), files(&[100]))]);
}

#[test]
fn priorities_go_first_and_within_one_it_is_first_come() {
    let mut queue = Queue::new(1);
    for (id, priority) in [(1, Priority::Low), (2, Priority::Normal), (3, Priority::High), (4, Priority::Normal)] {
        queue.join((&down(), BATCH), TransferId(id), priority, None);
    }
    assert!(queue.prioritize(TransferId(4), Priority::High));
    assert!(!queue.prioritize(TransferId(4), Priority::High));
    assert_eq!(queue.ready_from(&down(), Priority::Normal), 3);
    assert_eq!(order(&mut queue), [3, 4, 2, 1]);
}

#[test]
fn a_waiting_transfer_is_moved_among_those_of_its_priority() {
    let mut queue = Queue::new(1);
    queue.join((&down(), BATCH), TransferId(9), Priority::High, None);
    for n in 0..5 {
        join(&mut queue, &down(), n);
    }
    let id = TransferId;
    assert_eq!(queue.shift(id(2), Shift::Up), Some(Some(id(1))));
    assert_eq!(queue.shift(id(0), Shift::Down), Some(Some(id(1))));
    assert_eq!(queue.shift(id(4), Shift::Top), Some(Some(id(2))));
    assert_eq!(queue.shift(id(2), Shift::Bottom), Some(None));
    assert_eq!(queue.shift(id(4), Shift::Up), None, "it is the first of its priority");
    join(&mut queue, &down(), 5);
    assert_eq!(order(&mut queue), [9, 4, 0, 1, 3, 5, 2], "the bottom is behind those that come later");
}

#[test]
fn what_is_held_keeps_its_place_and_can_be_moved() {
    let mut queue = Queue::new(1);
    let other = BatchId(2);
    for n in 0..4 {
        queue.join((&down(), if n % 2 == 0 { BATCH } else { other }), TransferId(n), Priority::Normal, None);
    }
    queue.push_plan(&down(), other, Priority::Normal, 1);
    queue.hold(&down(), other, Priority::Normal);
    queue.pause(TransferId(2), true);
    assert_eq!(queue.files(), 4);
    assert_eq!(queue.shift(TransferId(3), Shift::Up), Some(Some(TransferId(2))));
    assert_eq!(order(&mut queue), [0]);
    queue.pause(TransferId(2), false);
    queue.release(other);
    assert_eq!(steps(&mut queue), [Step::Give(Runner::Lane(0), Task::Plan(1))]);
    queue.done(Runner::Lane(0), 1);
    assert_eq!(order(&mut queue), [1, 3, 2]);
}

#[test]
fn what_is_forgotten_no_longer_counts() {
    let mut queue: Queue<u32> = Queue::new(1);
    join(&mut queue, &down(), 1);
    small(&mut queue, &down(), 2..3);
    queue.push_plan(&down(), BATCH, Priority::Normal, 3);
    queue.forget(TransferId(1));
    assert_eq!(queue.take_plans(&down(), BATCH), [3]);
    assert_eq!((queue.files(), queue.bytes()), (1, 1));
}

#[test]
fn walking_pauses_for_what_takes_too_much_room_be_it_many_files_or_few_with_long_names() {
    let much = [Stock { files: 10, bytes: 100_000 }, Stock { files: 1000, bytes: 10 }];
    for found in much {
        for is_aside in [false, true] {
            let mut queue: Queue<u32> = Queue::new(2);
            queue.most = Stock { files: 1000, bytes: 100_000 };
            queue.push_plan(&down(), BATCH, Priority::Normal, 7);
            let (none, stock) = (Stock::default(), if is_aside { Queue::put_aside } else { Queue::stock });
            stock(&mut queue, &down(), found, none);
            assert_eq!(queue.next(), None, "{found:?}");
            stock(&mut queue, &down(), none, Stock { files: 1, bytes: 5 });
            assert_eq!(queue.next(), Some(Step::Open(Runner::Lane(0), down(), Task::Plan(7))), "{found:?}");
        }
    }
}
