//! Digests of local files.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use tokio_util::sync::CancellationToken;

use crate::model::digest::{Algorithm, Digest};
use crate::model::{During, Failure};

use super::super::Result;
use super::attempt;

/// Bytes read at once.
const BLOCK: usize = 256 * 1024;

/// The digest of a whole file.
pub(super) fn of(path: &Path, algorithm: Algorithm, stop: &CancellationToken) -> Result<Option<Digest>> {
    let mut file = attempt(During::Verify, path, File::open(path))?;
    let mut work = Work::new(algorithm);
    let mut block = vec![0; BLOCK];
    loop {
        if stop.is_cancelled() {
            return Err(Failure::cancelled(During::Verify));
        }
        match file.read(&mut block) {
            Ok(0) => return Ok(Digest::new(algorithm, &work.end())),
            Ok(count) => work.take(block.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return attempt(During::Verify, path, Err(error)),
        }
    }
}

/// A digest in the making.
enum Work {
    Sha512(Box<Sha512>),
    Sha256(Sha256),
    Sha1(Sha1),
    Md5(Md5),
    Crc32(crc32fast::Hasher),
}

impl Work {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha512 => Self::Sha512(Box::default()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Md5 => Self::Md5(Md5::new()),
            Algorithm::Crc32 => Self::Crc32(crc32fast::Hasher::new()),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha512(work) => work.update(bytes),
            Self::Sha256(work) => work.update(bytes),
            Self::Sha1(work) => work.update(bytes),
            Self::Md5(work) => work.update(bytes),
            Self::Crc32(work) => work.update(bytes),
        }
    }

    fn end(self) -> Vec<u8> {
        match self {
            Self::Sha512(work) => work.finalize().to_vec(),
            Self::Sha256(work) => work.finalize().to_vec(),
            Self::Sha1(work) => work.finalize().to_vec(),
            Self::Md5(work) => work.finalize().to_vec(),
            Self::Crc32(work) => work.finalize().to_be_bytes().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    #[test]
    fn each_algorithm_gives_what_its_standard_says() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        for (algorithm, expected) in [
            (
                Algorithm::Sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
            (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Algorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Algorithm::Crc32, "352441c2"),
        ] {
            let digest = of(&path, algorithm, &CancellationToken::new()).unwrap().unwrap();
            assert_eq!(digest.to_string(), expected, "{algorithm}");
        }
        let stop = CancellationToken::new();
        stop.cancel();
        assert_eq!(of(&path, Algorithm::Md5, &stop).unwrap_err().kind, FailureKind::Cancelled);
    }
}
