use std::path::Path;

use ftpane::app::action::keys_page;

#[test]
fn the_page_of_keys_is_the_action_table() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, keys_page()).unwrap();
    }
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page == keys_page(), "docs/keys.md is old: run this test with UPDATE_DOCS=1");
}
