//! The cells of one server: those of the choice, or all of them, and what became of each.

use crate::cell::try_cell;
use crate::plan::{Cell, Plan};
use crate::serving::{Serving, version};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// `all`: every cell, and what became of each is kept for the table.
const WHICH: &str = "FTPANE_MATRIX";
/// Only cells whose name has this in it.
const ONLY: &str = "FTPANE_MATRIX_ONLY";

/// What is kept of a server's cells.
#[derive(Default, Serialize, Deserialize)]
pub struct Results {
    pub version: String,
    pub cells: BTreeMap<String, Became>,
}

/// What became of a cell.
#[derive(Clone, Serialize, Deserialize)]
pub struct Became {
    /// The reply for which it cannot be, as the data file has it.
    pub reply: Option<String>,
    pub seconds: f64,
}

/// Runs them.
///
/// # Panics
/// With each cell that is not as the data file says.
pub fn server(name: &str) {
    let plan = Plan::read();
    let is_all = env::var(WHICH).is_ok_and(|which| which == "all");
    let only = env::var(ONLY).unwrap_or_default();
    let cells = if is_all { plan.cells() } else { plan.choice() };
    assert!(cells.iter().any(|cell| cell.name().contains(&only)), "no cell has “{only}” in its name; one is {:?}", cells[0].name());
    let cells: Vec<Cell> = cells.into_iter().filter(|cell| cell.server == name && cell.name().contains(&only)).collect();
    let mut round = Round { plan: &plan, became: BTreeMap::new(), failed: Vec::new(), count: 0 };
    for group in cells.chunk_by(|a, b| (&a.security, &a.address) == (&b.security, &b.address)) {
        let begun = Instant::now();
        let Some(serving) = Serving::start(name, &group[0].security, &group[0].address) else { continue };
        group.iter().for_each(|cell| round.try_one(&serving, cell));
        if is_all {
            let seconds = begun.elapsed().as_secs();
            // Not eprintln!, which the test runner captures.
            let _ = writeln!(io::stderr(), "{name}, {}, {}: {} cells in {seconds} s", group[0].security, group[0].address, group.len());
        }
    }
    if is_all {
        keep(name, round.became);
    }
    let failed = round.failed.len();
    assert!(failed == 0, "{failed} of {} cells are not as tests/data/matrix.toml says:\n\n{}", cells.len(), round.failed.join("\n\n"));
}

struct Round<'a> {
    plan: &'a Plan,
    became: BTreeMap<String, Became>,
    failed: Vec<String>,
    count: usize,
}

impl Round<'_> {
    fn try_one(&mut self, serving: &Serving, cell: &Cell) {
        let begun = Instant::now();
        // A way that cannot be is proven once, not by every operation.
        let not = self.plan.not_of(cell).filter(|&index| self.plan.not[index].is_of_ways());
        let first = Cell { operation: self.plan.operation[0].name.clone(), ..cell.clone() };
        if let Some(proven) = not.and_then(|_| self.became.get(&first.name())).cloned() {
            self.became.insert(cell.name(), Became { seconds: 0.0, ..proven });
            return;
        }
        self.count += 1;
        match try_cell(self.plan, serving, cell, self.count) {
            Ok(not) => {
                let reply = not.map(|index| self.plan.not[index].reply.clone());
                self.became.insert(cell.name(), Became { reply, seconds: begun.elapsed().as_secs_f64() });
            }
            Err(why) => self.failed.push(why),
        }
    }
}

/// Where results are kept until the table is written.
pub fn results(server: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("matrix").join(format!("{server}.json"))
}

/// Adds to what is kept.
fn keep(server: &str, became: BTreeMap<String, Became>) {
    if became.is_empty() {
        return;
    }
    let path = results(server);
    let mut all: Results = fs::read(&path).map(|bytes| serde_json::from_slice(&bytes).unwrap()).unwrap_or_default();
    all.version = version(server);
    all.cells.extend(became);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, serde_json::to_vec_pretty(&all).unwrap()).unwrap();
}
