//! A small choice of rows in which each two values of two columns that meet in any row meet in some row of the choice (all-pairs testing).

use std::collections::BTreeSet;

/// Two values, each with its column.
pub type Pair = ((usize, String), (usize, String));

/// The pairs that meet in a row.
pub fn of(row: &[&str]) -> BTreeSet<Pair> {
    let values: Vec<(usize, String)> = row.iter().map(|value| (*value).to_owned()).enumerate().collect();
    let beside = |at: usize| values[at + 1..].iter().map(|other| (values[at].clone(), other.clone())).collect::<Vec<_>>();
    (0..values.len()).flat_map(beside).collect()
}

/// Takes, again and again, the first of the rows that have the most pairs that are in no row yet: the same rows make the same choice.
pub fn cover<R: Clone>(rows: &[R], pairs_of: impl Fn(&R) -> BTreeSet<Pair>) -> Vec<R> {
    let all: Vec<Pair> = rows.iter().flat_map(&pairs_of).collect::<BTreeSet<_>>().into_iter().collect();
    let number = |pair: &Pair| all.binary_search(pair).unwrap();
    let pairs: Vec<Vec<usize>> = rows.iter().map(|row| pairs_of(row).iter().map(number).collect()).collect();
    let mut is_met = vec![false; all.len()];
    let mut chosen = Vec::new();
    while is_met.contains(&false) {
        let gain = |row: usize| pairs[row].iter().filter(|&&pair| !is_met[pair]).count();
        // Of equals max_by_key takes the last.
        let best = (0..rows.len()).rev().max_by_key(|&row| gain(row)).unwrap();
        pairs[best].iter().for_each(|&pair| is_met[pair] = true);
        chosen.push(rows[best].clone());
    }
    chosen
}

#[test]
fn every_pair_of_values_occurs_in_a_choice_that_is_small_and_always_the_same() {
    let mut rows = Vec::new();
    for (a, b, c, d) in (0..81).map(|n| (n / 27, n / 9 % 3, n / 3 % 3, n % 3)) {
        rows.push([a, b, c, d].map(|value: i32| value.to_string()));
    }
    let pairs_of = |row: &[String; 4]| of(&row.each_ref().map(String::as_str));
    let chosen = cover(&rows, pairs_of);
    for row in &rows {
        for pair in pairs_of(row) {
            assert!(chosen.iter().any(|row| pairs_of(row).contains(&pair)), "{pair:?}");
        }
    }
    // Nine is the least for four columns of three.
    assert!((9..=12).contains(&chosen.len()), "{} rows", chosen.len());
    assert_eq!(chosen, cover(&rows, pairs_of));
}
