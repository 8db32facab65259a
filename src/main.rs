//! The program: reads the command line and chooses who does the work. The only place that knows all of them.

use std::process::ExitCode;

#[cfg(feature = "cli")]
fn main() -> ExitCode {
    use ftpane::cli::{self, Order};

    let order = match cli::parse(cli::launch::take()) {
        Ok(order) => order,
        Err(code) => return code,
    };
    match order {
        Order::Headless(headless) => cli::run(&headless, ftpane::volume::any::StandardConnector),
        Order::Panes(panes) => open_panes(*panes),
        #[cfg(feature = "demo")]
        Order::Demo(wishes) => open_demo(&wishes),
    }
}

/// The panes alone take targets and nothing else.
#[cfg(all(feature = "tui", not(feature = "cli")))]
fn main() -> ExitCode {
    ExitCode::SUCCESS
}

#[cfg(not(any(feature = "cli", feature = "tui")))]
fn main() -> ExitCode {
    eprintln!("ftpane: built without the panes (feature tui) and without the commands (feature cli): there is nothing it can do");
    ExitCode::from(2)
}

/// Opens the panes.
#[cfg(feature = "cli")]
fn open_panes(_panes: ftpane::cli::panes::Panes) -> ExitCode {
    eprintln!("ftpane: this build has no panes yet; the commands are there: ftpane --help");
    ExitCode::from(2)
}

/// Opens the panes against the sample server.
#[cfg(all(feature = "cli", feature = "demo"))]
fn open_demo(_wishes: &ftpane::cli::panes::Wishes) -> ExitCode {
    eprintln!("ftpane: this build has no panes yet; the commands are there: ftpane --help");
    ExitCode::from(2)
}
