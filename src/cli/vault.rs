//! `ftpane vault`: what can be done with the vault itself.

use clap::{Args, Subcommand};

use super::options::Context;
use super::stop::{DONE, Stop, eprintln_quietly};

/// `ftpane vault`.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Vault {
    /// What to do.
    #[command(subcommand)]
    pub command: VaultCommand,
}

/// What can be done with the vault.
#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Give the vault another passphrase. Asks for the one that it has, then twice for the new one.
    Passphrase,
}

/// Runs the command.
///
/// # Errors
/// Exit 1 where there is no vault or it does not open, 130 where the person broke off; the vault stays as it was.
pub fn run(vault: &Vault, context: &Context) -> Result<u8, Stop> {
    match vault.command {
        VaultCommand::Passphrase => context.passwords.keys().change_passphrase()?,
    }
    if !context.common.quiet {
        eprintln_quietly("ftpane: the vault opens with the new passphrase from now on");
    }
    Ok(DONE)
}
