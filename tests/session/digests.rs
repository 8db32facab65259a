//! Digests as servers offer and answer them.

use ftpane::model::FailureKind;
use ftpane::model::digest::Algorithm;
use ftpane::volume::Volume as _;
use tokio_util::sync::CancellationToken;

use crate::client::{below, open, site_at};
use crate::support::script::ScriptServer;

const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";
const SHA1: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";

/// A server with these features, and these answers.
fn server_with(features: &str, rules: &str) -> ScriptServer {
    ScriptServer::play_text(&format!(
        "on FEAT -> 211-Features\\r\\n{features}211 End\n{rules}\ninclude rules-login.ftp\ninclude rules-epsv.ftp\ninclude \
         rules-listing.ftp\nS: 220 Ready\nserve\n"
    ))
}

#[tokio::test]
async fn the_best_algorithm_that_is_offered_is_chosen_and_said() {
    let server = server_with(
        " HASH SHA-1*;MD5\\r\\n XCRC\\r\\n",
        &format!("on OPTS HASH SHA-1 -> 200 SHA-1\non HASH * -> 213 SHA-1 0-2 {SHA1} a.txt"),
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let path = below(&volume, "a.txt");
    let digest = volume.digest(&path, None, &CancellationToken::new()).await.unwrap().unwrap();
    assert_eq!((digest.algorithm(), digest.to_string().as_str()), (Algorithm::Sha1, SHA1), "{}", log.text());
    assert_eq!(log.sent("OPTS HASH SHA-1"), 1, "{}", log.text());
}

#[tokio::test]
async fn a_refused_algorithm_gives_way_to_the_next() {
    let server = server_with(
        " HASH SHA-256;MD5\\r\\n XSHA1\\r\\n XMD5\\r\\n",
        &format!("on OPTS HASH * -> 501 Unknown algorithm\non XSHA1 * -> 502 Not here\non XMD5 * -> 250 {}", MD5.to_uppercase()),
    );
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let path = below(&volume, "a.txt");
    let stop = CancellationToken::new();
    let digest = volume.digest(&path, None, &stop).await.unwrap().unwrap();
    assert_eq!((digest.algorithm(), digest.to_string().as_str()), (Algorithm::Md5, MD5), "{}", log.text());
    assert_eq!(volume.digest(&path, Some(Algorithm::Sha512), &stop).await.unwrap(), None, "nothing else is given for what was asked");
    assert!(volume.digest(&path, Some(Algorithm::Md5), &stop).await.unwrap().is_some());
}

#[tokio::test]
async fn a_server_without_digests_says_none_and_a_missing_file_is_a_failure() {
    let server = server_with("", "");
    let (mut volume, log) = open(&site_at(server.addr())).await;
    let path = below(&volume, "a.txt");
    let stop = CancellationToken::new();
    assert_eq!(volume.digest(&path, None, &stop).await.unwrap(), None, "{}", log.text());
    let server = server_with(" XCRC\\r\\n", "on XCRC * -> 550 No such file");
    let (mut volume, _) = open(&site_at(server.addr())).await;
    let failure = volume.digest(&path, None, &stop).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(!volume.is_lost());
}
