//! The data file as values: the axes, the cells, and which of them cannot be.

use crate::pairs;
use ftpane::model::percent;
use serde::Deserialize;

const TEXT: &str = include_str!("../data/matrix.toml");

/// The data file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub server: Vec<String>,
    pub security: Vec<String>,
    pub address: Vec<String>,
    pub data: Vec<String>,
    pub operation: Vec<Operation>,
    #[serde(default)]
    pub not: Vec<Not>,
}

/// Something that people do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    pub name: String,
    pub does: String,
    /// Names to try, `%XX` for a byte.
    #[serde(default)]
    pub names: Vec<String>,
    /// How many entries a directory is to have.
    #[serde(default)]
    pub count: usize,
    /// How large a file is to be.
    #[serde(default)]
    pub bytes: u64,
    /// Whether every change has to pass it.
    #[serde(default = "yes")]
    pub always: bool,
}

fn yes() -> bool {
    true
}

/// What cannot be: cells, and how their server says so. An axis that is not named has any value.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Not {
    #[serde(default)]
    pub server: Vec<String>,
    #[serde(default)]
    pub security: Vec<String>,
    #[serde(default)]
    pub address: Vec<String>,
    #[serde(default)]
    pub data: Vec<String>,
    #[serde(default)]
    pub operation: Vec<String>,
    /// A line of the server's, with `*` for what changes.
    pub reply: String,
    /// What is sent to get it, where the operation itself does not; nothing for the greeting.
    pub ask: Option<String>,
    /// What it means.
    pub why: String,
}

/// One value of each axis.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub server: String,
    pub security: String,
    pub address: String,
    pub data: String,
    pub operation: String,
}

impl Cell {
    /// In the order of the axes.
    pub fn values(&self) -> [&str; 5] {
        [&self.server, &self.security, &self.address, &self.data, &self.operation]
    }

    /// For messages and files of results.
    pub fn name(&self) -> String {
        self.values().join(" / ")
    }
}

impl Not {
    fn speaks_of(&self, cell: &Cell) -> bool {
        let axes = [&self.server, &self.security, &self.address, &self.data, &self.operation];
        axes.iter().zip(cell.values()).all(|(axis, value)| axis.is_empty() || axis.iter().any(|known| known == value))
    }

    /// Whether it is about ways, whatever is done in them.
    pub fn is_of_ways(&self) -> bool {
        self.operation.is_empty()
    }

    /// Whether a line of the server's is the one.
    pub fn is_said_in(&self, line: &str) -> bool {
        let mut rest = line;
        let mut parts = self.reply.split('*');
        let Some(after) = parts.next().and_then(|first| rest.strip_prefix(first)) else { return false };
        rest = after;
        for part in parts {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.is_empty() || self.reply.ends_with('*')
    }
}

impl Operation {
    /// The names as bytes.
    pub fn bytes_of_names(&self) -> Vec<Vec<u8>> {
        self.names.iter().map(|name| percent::decode(name.as_bytes()).unwrap()).collect()
    }
}

/// Each row with each value in a column.
fn with_each(rows: Vec<[String; 5]>, (column, values): (usize, &Vec<String>)) -> Vec<[String; 5]> {
    let with = |row: &[String; 5], value: &String| {
        let mut row = row.clone();
        row[column].clone_from(value);
        row
    };
    rows.iter().flat_map(|row| values.iter().map(move |value| with(row, value))).collect()
}

impl Plan {
    /// Reads it.
    pub fn read() -> Plan {
        toml::from_str(TEXT).unwrap_or_else(|error| panic!("tests/data/matrix.toml: {error}"))
    }

    /// All cells, those of one server and way beside each other.
    pub fn cells(&self) -> Vec<Cell> {
        let empty = [const { String::new() }; 5];
        let rows = [&self.server, &self.security, &self.address, &self.data].into_iter().enumerate().fold(vec![empty], with_each);
        let operations: Vec<String> = self.operation.iter().map(|operation| operation.name.clone()).collect();
        let rows = with_each(rows, (4, &operations));
        rows.into_iter().map(|[server, security, address, data, operation]| Cell { server, security, address, data, operation }).collect()
    }

    /// The operation of a cell.
    pub fn operation_of(&self, cell: &Cell) -> &Operation {
        self.operation.iter().find(|operation| operation.name == cell.operation).unwrap()
    }

    /// Why a cell cannot be, by its place in `not`; what is about ways comes first.
    pub fn not_of(&self, cell: &Cell) -> Option<usize> {
        let found = |of_ways: bool| self.not.iter().position(|not| not.is_of_ways() == of_ways && not.speaks_of(cell));
        found(true).or_else(|| found(false))
    }

    /// Whether the choice is made of it: a way that cannot be would hide what could be seen in another.
    pub fn is_of_choice(&self, cell: &Cell) -> bool {
        self.operation_of(cell).always && self.not_of(cell).is_none_or(|index| !self.not[index].is_of_ways())
    }

    /// The cells that every change has to pass: each two values that may meet do so in one of them. One cell for each way that cannot be
    /// is there besides.
    pub fn choice(&self) -> Vec<Cell> {
        let (may, cannot): (Vec<Cell>, Vec<Cell>) = self.cells().into_iter().partition(|cell| self.is_of_choice(cell));
        let first = &self.operation[0].name;
        let mut chosen = pairs::cover(&may, |cell| pairs::of(&cell.values()));
        chosen.extend(cannot.into_iter().filter(|cell| cell.operation == *first));
        chosen.sort();
        chosen
    }
}

#[test]
fn a_star_stands_for_what_changes() {
    let not = |reply: &str| Not { reply: reply.into(), ..toml::from_str("reply = ''\nwhy = ''").unwrap() };
    assert!(not("227 Entering (*).").is_said_in("227 Entering (127,0,0,1,4,1)."));
    assert!(!not("227 Entering (*).").is_said_in("227 Entering (127,0,0,1,4,1)"));
    assert!(not("500 *").is_said_in("500 what?") && !not("500").is_said_in("500 what?") && !not("500 what?").is_said_in("500 "));
}
