//! The table as a page for people: docs/keys.md.

use super::{ACTIONS, Layer};

/// The table as the page docs/keys.md.
pub fn keys_page() -> String {
    let mut page = String::from(
        "# Keys\n\nThe default set, \"commander\". This page is made from the action table in `src/app/action/table.rs`; a test compares them and\nwrites the page anew where `UPDATE_DOCS=1` is set.\n",
    );
    let mut group = "";
    for row in ACTIONS {
        if row.group != group {
            group = row.group;
            let place = if row.layer == Layer::Transfers { " (in their panel, `w`, while it has the keys)" } else { "" };
            page.push_str(&format!("\n## {group}{place}\n\n| key | action | name | what it does |\n|---|---|---|---|\n"));
        }
        let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
        page.push_str(&format!("| {} | {} | {} | {} |\n", keys.join(" "), row.title, row.name, row.help));
    }
    page.push_str(FIXED);
    page
}

/// What is no action of the table: keys of dialogs and inputs.
const FIXED: &str = "
## Everywhere

- Esc only ever closes or clears, at once. In the panes a digit within half a second after it is an F-key, and so is Alt with a digit.
- In a line of text: Ctrl-U kills the line, Ctrl-W the word before, Ctrl-A and Ctrl-E go to its ends, Tab completes or goes on.
- Dialogs: Tab and the arrows choose, Enter takes, Esc or Ctrl-C cancels. A button's first letter takes it; one that destroys, or trusts somebody, wants the capital, and the lower edge says so. Enter never begins on what cannot be had back. Where a text does not fit, the arrows up and down, PgUp, PgDn and the wheel scroll it.
- An existing target: `o` overwrite, `n` if newer, `s` if the size differs, `d` if it differs (another size, or a newer source), `e` resume, `r` rename, `k` skip; `a` goes from this one to all of this copy and to every copy in this direction.
- Viewer: arrows, PgUp, PgDn, Home, End, Space; `F4` or `h` hex, `F2` or `w` wrap, `/` or `F7` find, `n` next, `F5` or `:` go to offset, `q`, `F3` or Esc close.
- Transfers and log, where they have the keys: arrows, `j`, `k`, PgUp, PgDn, Home, End move; Ctrl-C cancels the transfer under the cursor. Tab goes to the panes, Shift-Tab comes back, Esc shows all again or closes; other letters say that they are for the panes, but for `w`, `L`, `C`, `D`, `:` and `?`.
- Command line: `:get` and `:put` take directories with all that is in them, by name, by mask, or what is marked; `:get NAME NEW` gives the copy another name. `:mget` and `:mput` take several names, and by a mask files only, unless `-r` stands before it. `-c` resumes, `--existing=RULE` says what is done about targets that exist. `:ls` lists again and says what is there, `:ls *.txt` filters.
- What went wrong: Ctrl-X f, or a click on it, says why and offers what fixes it, or to try again; of a row of the transfers that has not failed it tells the state; in the details of a transfer and in the panel of a server `x` or F2 does. In the panel of a server `r` or F5 tries the rest.
- History of transfers: type to search, Enter tells more, Esc closes.
- Charsets: arrows or a letter choose, below is how names of the listing read in the one under the cursor; Enter uses it, F2 keeps it for the saved site too.
- Sites: letters always go into the line, to search or as a URL; the arrows choose, Enter opens. F4 edits the chosen one, F6 renames, F8 or Del deletes, F7 makes a new one.
- Form of a site: PgDn and PgUp turn its pages, Tab and the arrows go through all fields; Space and the arrows change a choice; Enter saves from everywhere.
";
