//! The table in docs/servers.md: written by the program, between two marks.

use crate::plan::{Cell, Plan};
use crate::run::{Results, results};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- matrix: written by tests/matrix.sh -->\n";
const END: &str = "<!-- matrix: end -->\n";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/servers.md")
}

/// The document, cut at the marks: before, between and behind.
fn cut(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (between, behind) = rest.split_once(END)?;
    Some((before, between, behind))
}

/// What stands in the document, without the line that tells of one run.
pub fn in_docs() -> Option<String> {
    let text = fs::read_to_string(docs()).unwrap();
    let (_, between, _) = cut(&text)?;
    between.split_once("\n\n").map(|(_, tables)| tables.to_owned())
}

/// The tables, where `not` tells why a cell cannot be.
pub fn render(plan: &Plan, not: &dyn Fn(&Cell) -> Option<usize>) -> String {
    let mut notes = Notes::default();
    let cells: Vec<(Cell, Option<usize>)> = plan.cells().into_iter().map(|cell| (cell.clone(), not(&cell))).collect();
    let head = |title: &str| {
        let names = plan.server.join(" | ");
        format!("| {title} | {names} |\n|---|{}\n", "---|".repeat(plan.server.len()))
    };
    let mut text = head("how it is spoken to");
    for security in &plan.security {
        for address in &plan.address {
            let of = |cell: &&(Cell, Option<usize>)| cell.0.security == *security && cell.0.address == *address;
            let row: Vec<&(Cell, Option<usize>)> = cells.iter().filter(of).collect();
            let columns: Vec<String> = plan.server.iter().map(|server| ways(plan, server, &row, &mut notes)).collect();
            writeln!(text, "| {security}, {address} | {} |", columns.join(" | ")).unwrap();
        }
    }
    text += "\n";
    text += &head("what is done, in each of these ways");
    for operation in &plan.operation {
        let of = |cell: &&(Cell, Option<usize>)| cell.0.operation == operation.name;
        let row: Vec<&(Cell, Option<usize>)> = cells.iter().filter(of).collect();
        let columns: Vec<String> = plan.server.iter().map(|server| operations(plan, server, &row, &mut notes)).collect();
        writeln!(text, "| {} | {} |", operation.name, columns.join(" | ")).unwrap();
    }
    text + "\n" + &notes.text(plan)
}

/// Which data connections work, and which do not.
fn ways(plan: &Plan, server: &str, row: &[&(Cell, Option<usize>)], notes: &mut Notes) -> String {
    let said = plan.data.iter().map(|data| {
        let mut of = row.iter().filter(|(cell, _)| cell.server == server && cell.data == *data);
        let none = of.find_map(|(_, not)| not.filter(|&index| plan.not[index].is_of_ways()));
        none.map_or_else(|| data.clone(), |index| format!("~~{data}~~ {}", notes.mark(index)))
    });
    said.collect::<Vec<_>>().join(", ")
}

/// In how many of the ways that work it is done.
fn operations(plan: &Plan, server: &str, row: &[&(Cell, Option<usize>)], notes: &mut Notes) -> String {
    let is_open = |not: &Option<usize>| not.is_none_or(|index| !plan.not[index].is_of_ways());
    let open: Vec<Option<usize>> = row.iter().filter(|(cell, not)| cell.server == server && is_open(not)).map(|(_, not)| *not).collect();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    open.iter().flatten().for_each(|&index| *counts.entry(index).or_default() += 1);
    let nots: Vec<String> = counts.iter().map(|(&index, count)| format!("{count} n/a {}", notes.mark(index))).collect();
    let good = open.iter().filter(|not| not.is_none()).count();
    match (good, nots.as_slice()) {
        (_, []) => format!("{good} of {good}"),
        (0, [_]) => format!("n/a {}", notes.mark(*counts.keys().next().unwrap())),
        _ => format!("{good} of {}, {}", open.len(), nots.join(", ")),
    }
}

/// Notes, numbered as they are first needed.
#[derive(Default)]
struct Notes(Vec<usize>);

impl Notes {
    fn mark(&mut self, index: usize) -> String {
        if !self.0.contains(&index) {
            self.0.push(index);
        }
        format!("({})", self.0.iter().position(|&known| known == index).unwrap() + 1)
    }

    fn text(&self, plan: &Plan) -> String {
        let mut text = String::new();
        for (number, &index) in self.0.iter().enumerate() {
            let not = &plan.not[index];
            let reply = not.reply.replace('*', "…");
            let to = match not.ask.as_deref() {
                Some("") => "its greeting, in the clear: ".to_owned(),
                Some(line) => format!("`{line}`: "),
                None => String::new(),
            };
            writeln!(text, "{}. {}; {to}`{reply}`", number + 1, not.why).unwrap();
        }
        text
    }
}

/// Writes it from what the full run kept of every server.
///
/// # Panics
/// When something is missing of it.
pub fn write(plan: &Plan) {
    let all: BTreeMap<&str, Results> = plan.server.iter().map(|server| (server.as_str(), read(server))).collect();
    let became = |cell: &Cell| {
        all[cell.server.as_str()]
            .cells
            .get(&cell.name())
            .unwrap_or_else(|| panic!("nothing is known of {}: run tests/matrix.sh", cell.name()))
    };
    let not = |cell: &Cell| {
        let reply = became(cell).reply.as_ref();
        reply.map(|reply| {
            plan.not.iter().position(|not| not.reply == *reply && Some(not) == plan.not_of(cell).map(|at| &plan.not[at])).unwrap()
        })
    };
    let tables = render(plan, &not);
    let cells = plan.cells();
    let cannot = cells.iter().filter(|cell| not(cell).is_some()).count();
    let seconds: f64 = cells.iter().map(|cell| became(cell).seconds).sum();
    let versions: Vec<String> = plan.server.iter().map(|server| format!("{server} {}", all[server.as_str()].version)).collect();
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d");
    let line = format!(
        "{today}: {}. {} cells; {} pass, {cannot} cannot be; {seconds:.0} s.\n\n",
        versions.join(", "),
        cells.len(),
        cells.len() - cannot
    );
    let text = fs::read_to_string(docs()).unwrap();
    let (before, _, behind) = cut(&text).expect("docs/servers.md has the marks");
    fs::write(docs(), [before, BEGIN, &line, &tables, END, behind].concat()).unwrap();
}

fn read(server: &str) -> Results {
    let bytes = fs::read(results(server)).unwrap_or_else(|error| panic!("no results of {server}: {error}; run tests/matrix.sh"));
    serde_json::from_slice(&bytes).unwrap()
}
