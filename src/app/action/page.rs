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
- Dialogs: Tab and the arrows choose, Enter takes, Esc or Ctrl-C cancels. A button's first letter takes it; one that destroys wants the capital.
- An existing target: `o` overwrite, `n` if newer, `s` if the size differs, `d` if it differs (another size, or a newer source), `e` resume, `r` rename, `k` skip; `a` goes from this one to all of this copy and to every copy in this direction.
- Viewer: arrows, PgUp, PgDn, Home, End, Space; `F4` or `h` hex, `F2` or `w` wrap, `/` or `F7` find, `n` next, `F5` or `:` go to offset, `q`, `F3` or Esc close.
- Transfers and log, where they have the keys: arrows, `j`, `k`, PgUp, PgDn, Home, End move; Ctrl-C cancels the transfer under the cursor. Tab goes to the panes, Shift-Tab comes back, Esc shows all again or closes; letters for the panes do nothing, but for `w`, `L`, `C`, `D`, `:` and `?`.
- History of transfers: type to search, Enter tells more, Esc closes.
- Charsets: arrows or a letter choose, below is how names of the listing read in the one under the cursor; Enter uses it, F2 keeps it for the saved site too.
- Sites: type to filter or a URL, Enter opens; on a row `e` or F4 edits, `r` renames, Del or F8 deletes, `n` or F7 makes a new one.
- Form of a site: PgDn and PgUp turn its pages, Tab and the arrows go through all fields; Space and the arrows change a choice; Enter saves from everywhere.
";
