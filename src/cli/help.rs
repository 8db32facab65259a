//! The longer texts of `--help`: examples first, then what has to be known.

/// Behind `-h`.
pub const SHORT: &str = "\
Examples:
  ftpane ftp://alice@example.org/www        panes: local files beside the server's
  ftpane ls -l example.org/pub/
  ftpane get -r ftp://example.org/pub/docs .
  ftpane put -r site/ ftp://alice@example.org/www/

--help tells more; every command has its own: ftpane get --help.";

/// Behind `--help`.
pub const MAIN: &str = "\
Examples:
  ftpane                                    local files beside your saved sites
  ftpane ftp://alice@example.org/www        beside a server; asks for the password once
  ftpane example.org                        anonymous
  ftpane work                               a site saved as work
  ftpane ~/a ~/b                            two local directories
  ftpane ls -l example.org/pub/             list
  ftpane get -r ftp://example.org/pub/docs  download a tree
  ftpane get ftp://example.org/log - | less download to standard output
  ftpane put -r site/ work:                 upload a tree to a saved site
  ftpane mirror --delete site/ work:www     make a directory like another
  ftpane queue --resume                     go on with what was not finished
  ftpane doctor example.org                 what works there, and why the rest does not
  ftpane sites add work ftp://alice@example.org/www

Targets:
  Whatever has :// is a URL. What starts with / . or ~ is local. Anything else is a saved site's name, or an existing directory, or \
  [user@]host[:port][/path], in this order. Commands take SITE:path too, relative to the site's own directory (a single letter before \
  the colon is a drive).

URLs:
  ftp://user@host:port/path, as in RFC 1738. The path is relative to the directory after login; //path and /%2Fpath are absolute. A % \
  and two hexadecimal digits are one byte. ftps:// is implicit TLS, ftpes:// explicit TLS or \
  no connection; ftp:// uses TLS where the server offers it, and is plain only where the server refuses it and never spoke it before. \
  Without a user the login is anonymous.

Certificates:
  A server's certificate must lead to an authority that the system trusts (or to one in --cacert), be for the server's name, and be in \
  its time; else nothing is sent, exit code 4 comes with its fingerprint, and --trust FINGERPRINT trusts it, and no other. In the panes \
  it is shown and may be trusted once, or for good (servers.toml).

Passwords, in this order:
  in the URL (taken out of the process list, kept nowhere); --password-command; the variable FTPANE_PASSWORD; what the saved site says \
  (the keyring, the vault, its own command); ~/.netrc; asked for on the terminal. The first three go only to the server named on the \
  command line, and only the first to an anonymous login. ftpane sites password keeps one; nothing else does unasked.

Exit codes:
  0 all done; 1 some failed, each named on standard error; 2 wrong usage; 3 no connection or login; 4 certificate refused (3 and 4 only \
  when nothing had started); 130 interrupted, with partial files kept for -c.

Files:
  config.toml, sites.toml, servers.toml and vault in the configuration directory ($XDG_CONFIG_HOME/ftpane or ~/.config/ftpane on Linux); journal.db, with what \
  was not finished, in the state directory ($XDG_STATE_HOME/ftpane or ~/.local/state/ftpane).

More:
  ftpane man                                prints the man page: ftpane man | man -l -
  ftpane completions bash|zsh|fish|…        prints a completion script for your shell";

/// Behind `ftpane demo --help`.
#[cfg(feature = "demo")]
pub const DEMO: &str = "\
The sample server listens on 127.0.0.1 and a free port. Its files, and a configuration directory of its own, are made in the temporary \
directory and removed at the end.";

/// Behind `ftpane ls --help`.
pub const LS: &str = "\
Examples:
  ftpane ls example.org/pub/
  ftpane ls -l ftp://alice@example.org//var/log
  ftpane ls --json work:img | jq -r 'select(.type == \"file\") | .name'

A name a line, in the server's order, as it arrives. Control characters and bytes that are not UTF-8 show as \\n, \\x1b and so on, a \
backslash as \\\\. --json prints an object for each entry: type (file, dir, link, other), name (and name_hex where it is not UTF-8), \
size (and size_rounded where it is not to the byte), mtime (UTC), precision (day, minute, second), target, mode, owner, group, perm, leaving out what the server did not say; a row that \
could not be read has type unparsed and raw.";

/// Behind `ftpane get --help`.
pub const GET: &str = "\
Examples:
  ftpane get ftp://example.org/pub/README
  ftpane get -r ftp://example.org/pub/docs ~/docs
  ftpane get -c ftp://example.org/big.iso             go on with a download
  ftpane get --segments 8 ftp://example.org/big.iso   over eight connections at once
  ftpane get -r --existing=newer work:www/ .          only what is newer
  ftpane get ftp://example.org/log - | grep error

Into an existing directory the last part of the source names the copy, else LOCAL is the name. Several sources need an existing \
directory. A server's / copies what is in it. A file that is there is replaced only once the new one is complete. A LOCAL that is no \
regular file (/dev/null, a pipe, - for standard output) is written straight. A big file is fetched over several connections by itself where \
one brings less than several do; --segments says how many, and 1 keeps it to one. Wildcards are not expanded: names are taken as they are.";

/// Behind `ftpane put --help`.
pub const PUT: &str = "\
Examples:
  ftpane put report.pdf ftp://alice@example.org/inbox/
  ftpane put -r site/ ftp://alice@example.org/www
  ftpane put -r --existing=size img work:

Into an existing directory the last part of the source names the copy, else the URL's path is the name. Several sources need an existing \
directory.";

/// Behind `ftpane queue --help`.
pub const QUEUE: &str = "\
Examples:
  ftpane queue                                        what was not finished: number, when, what, how far
  ftpane queue --resume --limit 2M                    go on with all of it, no faster than that
  ftpane queue --discard 3
  ftpane queue --history report 2026                  what was done, or failed, with these words in it

A copy is unfinished where the program was ended before it, by a signal or a crash, or where files failed in a way that may pass: a lost \
connection, a full disk. It is gone on with where it is, with what was said then, but for -j, --limit, --retries and --retry-for, which are said anew; \
passwords are not in it: they come from where they are kept, or are asked for anew. FTPANE_PASSWORD and --password-command are used where all \
of it is for one login. What another ftpane is copying is passed over.";

/// Behind `ftpane doctor --help`.
pub const DOCTOR: &str = "\
Examples:
  ftpane doctor ftp://alice@example.org/
  ftpane doctor --connections 8 work                  how many connections it allows, up to 8
  ftpane doctor --write /tmp ftp://alice@example.org  try writing and times, too
  ftpane doctor --json work | jq 'select(.verdict == \"fails\")'

A line a step: ok, no or --, the step, and what was seen; under what does not work, why, and the option that would help. The steps: \
name, address (each by itself), tls, login, system, features, round-trip, charset, listing, epsv, pasv, active, resumption, clock, \
restart, rate, write, set-time, connections. Nothing is written on the server without --write; then a file .ftpane-doctor is, and is \
deleted again. --json prints an object for each step: type (step), step, verdict (works, fails, untried), text, code and reply \
of the server, why, fix, option, ms; and at the end one of type summary.

Exit codes: 0 the server can be used; 1 it cannot be listed; 3 no connection or login; 4 certificate refused; 130 interrupted.";

/// Behind `ftpane sites --help`.
pub const SITES: &str = "\
Examples:
  ftpane sites list
  ftpane sites add work ftp://alice@example.org/www --local ~/site
  ftpane sites password work                          keep its password, in the keyring where one answers
  ftpane sites password work --store vault            in a file of ours under a passphrase
  ftpane sites import ~/.config/filezilla/sitemanager.xml
  ftpane sites import WinSCP.ini --store keyring      with its passwords
  ftpane sites export > sites-of-mine.toml
  ftpane sites forget work                            what was learnt about its server: it is found out anew
  ftpane sites remove work

Sites are kept in sites.toml, which you may edit; passwords never are. There password = \"keyring\", \"vault\", \"netrc\" or \"command\" (with \
password_command) says where a site's password is; without it ~/.netrc is looked at, and then you are asked.";

/// Behind `ftpane vault --help`.
pub const VAULT: &str = "\
Examples:
  ftpane vault passphrase

The vault is the file vault beside sites.toml. It is replaced whole, so that it opens with the old passphrase until it opens with the new \
one. A copy of the old file, as in a backup, opens with the old one for ever. Who forgot the passphrase removes the file, and \
keeps the passwords anew.";

/// Behind `ftpane mirror --help`.
pub const MIRROR: &str = "\
Examples:
  ftpane mirror site/ ftp://alice@example.org/www      upload what differs
  ftpane mirror --delete work:www ~/backup/www         download, and delete what is gone there
  ftpane mirror --dry-run --delete site/ work:www      tell what that would do

What is in SRC is put into DST, which is made if it is missing. A file moves if its size is another, or if the source is newer by more \
than the coarser precision of the two times; whatever is the same is passed over. Empty directories are made too. Links to files are \
copied as what they lead to, links to directories are passed over, unless --follow.

Without --delete nothing is deleted. With it, what SRC does not have goes, each named, after everything was walked and copied and only if \
none of that failed; of links only the links. A file where a directory is wanted, and the reverse, is replaced then, and reported as \
failed without it. Unfinished downloads and uploads (.NAME.ftpane-part) stay.

--dry-run prints what would be done on standard output: copy, mkdir, delete.";
