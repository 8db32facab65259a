//! The vault: passwords in one file under a passphrase, for where there is no keyring.
//!
//! Guarantee: what is on the disk is encrypted and cannot be changed unnoticed; the file is replaced whole and is its owner's only; a
//! file made by somebody else cannot make us take gigabytes or minutes; keys and what was decrypted are wiped.
//!
//! The file: `ftpane vault\n`, a version byte, the cost of the key (memory in KiB, passes, lanes; four bytes each, big-endian), a salt of
//! 16 bytes, a nonce of 24, then the text under XChaCha20-Poly1305 with all before it as associated data. The key is Argon2id (RFC 9106)
//! of the passphrase and the salt. The nonce is random and new at each write: 24 bytes are enough for that. The text is a list of account
//! and password, each behind its length.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::config::{ConfigError, file};
use crate::model::Secret;

use super::SecretError;

const MAGIC: &[u8; 13] = b"ftpane vault\n";
const VERSION: u8 = 1;
const SALT: usize = 16;
const NONCE: usize = 24;
/// Up to the nonce: what says how the key is made.
const RECIPE: usize = MAGIC.len() + 1 + 12 + SALT;
const HEADER: usize = RECIPE + NONCE;
/// The largest file: thousands of passwords.
const MOST: u64 = 1 << 20;

/// What making the key costs. RFC 9106 §4 names 64 MiB and three passes for where memory is scarce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// KiB of memory.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// What new vaults are made with.
    pub const USUAL: Self = Self { memory: 64 * 1024, passes: 3, lanes: 1 };
    /// The dearest that a file may ask for: beyond it, opening would be the attack.
    pub const MOST: Self = Self { memory: 256 * 1024, passes: 16, lanes: 8 };

    fn is_bearable(self) -> bool {
        self.memory <= Self::MOST.memory && self.passes <= Self::MOST.passes && self.lanes <= Self::MOST.lanes
    }
}

/// The vault's file, and its key once a passphrase opened it.
#[derive(Debug)]
pub struct Vault {
    path: PathBuf,
    cost: Cost,
    opened: Option<Opened>,
}

/// The key, with what it was made of besides the passphrase.
struct Opened {
    recipe: [u8; RECIPE],
    key: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened(****)")
    }
}

type Passwords = BTreeMap<String, Secret>;

impl Vault {
    /// The vault in this file, which need not be there yet.
    pub fn new(path: PathBuf, cost: Cost) -> Self {
        Self { path, cost, opened: None }
    }

    /// Whether there is one.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Opens it; where there is none, this will be the passphrase of the one that the first [`put`](Self::put) makes.
    ///
    /// # Errors
    /// [`SecretError::WrongPassphrase`], [`SecretError::BadVault`].
    pub fn unlock(&mut self, passphrase: &Secret) -> Result<(), SecretError> {
        let content = self.read()?;
        let recipe = match &content {
            Some(content) => content.first_chunk().copied().ok_or_else(|| self.bad("it is too short"))?,
            None => new_recipe(self.cost)?,
        };
        let key = derive(passphrase, &recipe, self.cost_in(&recipe)?)?;
        let opened = Opened { recipe, key };
        if let Some(content) = &content {
            self.decrypt(&opened, content)?;
        }
        self.opened = Some(opened);
        Ok(())
    }

    /// The password of an account.
    ///
    /// # Errors
    /// [`SecretError::Locked`] until it was opened; none where there is no vault.
    pub fn get(&self, account: &str) -> Result<Option<Secret>, SecretError> {
        let Some(content) = self.read()? else { return Ok(None) };
        Ok(self.decrypt(self.opened_for(Some(&content))?, &content)?.remove(account))
    }

    /// Keeps the password of an account.
    ///
    /// # Errors
    /// [`SecretError::Locked`], or [`SecretError::NoVault`] where it would be the first and no passphrase was given.
    pub fn put(&self, account: &str, secret: &Secret) -> Result<(), SecretError> {
        self.change(|all| {
            all.insert(account.to_owned(), secret.clone());
            true
        })
        .map(drop)
    }

    /// Takes the password of an account out; tells whether there was one.
    ///
    /// # Errors
    /// [`SecretError::Locked`] until it was opened.
    pub fn remove(&self, account: &str) -> Result<bool, SecretError> {
        if self.exists() { self.change(|all| all.remove(account).is_some()) } else { Ok(false) }
    }

    /// Gives it another passphrase, and a key that is made anew. Until the new file is in its place the old one is there, whole.
    ///
    /// # Errors
    /// [`SecretError::NoVault`]; [`SecretError::Locked`] until it was opened.
    pub fn change_passphrase(&mut self, passphrase: &Secret) -> Result<(), SecretError> {
        let _lock = file::lock(&self.path)?;
        let content = self.read()?.ok_or(SecretError::NoVault)?;
        let all = self.decrypt(self.opened_for(Some(&content))?, &content)?;
        let recipe = new_recipe(self.cost)?;
        let key = derive(passphrase, &recipe, self.cost)?;
        let opened = Opened { recipe, key };
        file::replace(&self.path, &encrypt(&opened, &all)?)?;
        self.opened = Some(opened);
        Ok(())
    }

    /// Changes what is in it, where `change` says that it did; under a lock that other runs of the program respect.
    fn change(&self, change: impl FnOnce(&mut Passwords) -> bool) -> Result<bool, SecretError> {
        let _lock = file::lock(&self.path)?;
        let content = self.read()?;
        let opened = self.opened_for(content.as_deref())?;
        let mut all = match &content {
            Some(content) => self.decrypt(opened, content)?,
            None => Passwords::new(),
        };
        let changed = change(&mut all);
        if changed {
            file::replace(&self.path, &encrypt(opened, &all)?)?;
        }
        Ok(changed)
    }

    /// The key for this content. Another run may have made the vault anew meanwhile.
    fn opened_for(&self, content: Option<&[u8]>) -> Result<&Opened, SecretError> {
        let closed = if content.is_some() { SecretError::Locked } else { SecretError::NoVault };
        self.opened.as_ref().filter(|opened| content.is_none_or(|content| content.starts_with(&opened.recipe))).ok_or(closed)
    }

    fn read(&self) -> Result<Option<Vec<u8>>, SecretError> {
        let cannot = |source| ConfigError::Read { path: self.path.clone(), source };
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(cannot(error).into()),
        };
        let mut content = Vec::new();
        file.take(MOST + 1).read_to_end(&mut content).map_err(cannot)?;
        let version = content.get(MAGIC.len());
        match () {
            () if content.len() as u64 > MOST => Err(self.bad("it is larger than a vault can be")),
            () if !content.starts_with(MAGIC) => Err(self.bad("it does not begin as one")),
            () if version != Some(&VERSION) => Err(self.bad("a newer ftpane made it")),
            () => Ok(Some(content)),
        }
    }

    /// What the key costs, if that can be borne.
    fn cost_in(&self, recipe: &[u8; RECIPE]) -> Result<Cost, SecretError> {
        let number = |at: usize| {
            let bytes = recipe.get(MAGIC.len() + 1 + 4 * at..).and_then(|rest| rest.first_chunk::<4>());
            bytes.map_or(u32::MAX, |bytes| u32::from_be_bytes(*bytes))
        };
        let cost = Cost { memory: number(0), passes: number(1), lanes: number(2) };
        if cost.is_bearable() { Ok(cost) } else { Err(self.bad("its key would take more memory or time than a vault's may")) }
    }

    fn decrypt(&self, opened: &Opened, content: &[u8]) -> Result<Passwords, SecretError> {
        let (header, sealed) = content.split_at_checked(HEADER).ok_or_else(|| self.bad("it is too short"))?;
        let nonce: [u8; NONCE] = header.last_chunk().copied().unwrap_or_default();
        let cipher = XChaCha20Poly1305::new(&Key::from(*opened.key));
        let text = cipher.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: header }).map_err(|_| SecretError::WrongPassphrase)?;
        unpack(&Zeroizing::new(text)).ok_or_else(|| self.bad("what is in it cannot be read"))
    }

    fn bad(&self, why: &'static str) -> SecretError {
        SecretError::BadVault { path: self.path.clone(), why }
    }
}

fn new_recipe(cost: Cost) -> Result<[u8; RECIPE], SecretError> {
    let salt: [u8; SALT] = random()?;
    let numbers = [cost.memory, cost.passes, cost.lanes].map(u32::to_be_bytes).concat();
    let all = [MAGIC.as_slice(), &[VERSION], &numbers, &salt].concat();
    all.first_chunk().copied().ok_or_else(|| SecretError::System("the header has another length".to_owned()))
}

fn random<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| SecretError::System(error.to_string()))?;
    Ok(bytes)
}

fn derive(passphrase: &Secret, recipe: &[u8; RECIPE], cost: Cost) -> Result<Zeroizing<[u8; 32]>, SecretError> {
    let salt: &[u8; SALT] = recipe.last_chunk().ok_or_else(|| SecretError::System("no salt".to_owned()))?;
    let wrong = |error: argon2::Error| SecretError::System(error.to_string());
    let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(32)).map_err(wrong)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose().as_bytes(), salt, &mut *key)
        .map_err(wrong)?;
    Ok(key)
}

fn encrypt(opened: &Opened, all: &Passwords) -> Result<Vec<u8>, SecretError> {
    let nonce: [u8; NONCE] = random()?;
    let header = [opened.recipe.as_slice(), &nonce].concat();
    let text = pack(all);
    let sealed = XChaCha20Poly1305::new(&Key::from(*opened.key))
        .encrypt(&XNonce::from(nonce), Payload { msg: &text, aad: &header })
        .map_err(|_| SecretError::System("the cipher failed".to_owned()))?;
    Ok([header, sealed].concat())
}

fn pack(all: &Passwords) -> Zeroizing<Vec<u8>> {
    let size = all.iter().map(|(account, secret)| 8 + account.len() + secret.expose().len()).sum();
    // Whole from the start: growing would leave copies behind that nobody wipes.
    let mut out = Zeroizing::new(Vec::with_capacity(size));
    for part in all.iter().flat_map(|(account, secret)| [account.as_str(), secret.expose()]) {
        out.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend(part.as_bytes());
    }
    out
}

fn unpack(mut text: &[u8]) -> Option<Passwords> {
    let mut all = Passwords::new();
    while !text.is_empty() {
        let account = take(&mut text)?;
        let secret = take(&mut text)?;
        all.insert(account.to_owned(), Secret::new(secret));
    }
    Some(all)
}

fn take<'a>(text: &mut &'a [u8]) -> Option<&'a str> {
    let (length, rest) = text.split_first_chunk::<4>()?;
    let (part, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *text = rest;
    std::str::from_utf8(part).ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    impl Vault {
        fn path(&self) -> &Path {
            &self.path
        }
    }

    const CHEAP: Cost = Cost { memory: 64, passes: 1, lanes: 1 };

    fn vault(base: &Path) -> Vault {
        Vault::new(base.join("dir/vault"), CHEAP)
    }

    fn filled(base: &Path) -> Vault {
        let mut vault = vault(base);
        vault.unlock(&Secret::new("open")).unwrap();
        vault.put("alice@h:21", &Secret::new("hunter2")).unwrap();
        vault
    }

    #[test]
    fn a_password_comes_back_for_who_knows_the_passphrase() {
        let base = tempfile::tempdir().unwrap();
        assert!(matches!(vault(base.path()).put("a", &Secret::new("x")), Err(SecretError::NoVault)));
        let first = filled(base.path());
        first.put("bob@h:21", &Secret::new("")).unwrap();
        assert_eq!(first.get("alice@h:21").unwrap(), Some(Secret::new("hunter2")));
        let mut second = vault(base.path());
        assert!(matches!(second.get("alice@h:21"), Err(SecretError::Locked)));
        assert!(matches!(second.unlock(&Secret::new("opeN")), Err(SecretError::WrongPassphrase)));
        second.unlock(&Secret::new("open")).unwrap();
        assert_eq!(second.get("alice@h:21").unwrap(), Some(Secret::new("hunter2")));
        assert_eq!(second.get("eve@h:21").unwrap(), None);
        assert!(second.remove("alice@h:21").unwrap() && !second.remove("alice@h:21").unwrap());
        assert_eq!(first.get("alice@h:21").unwrap(), None, "the other run sees it at once");
    }

    #[test]
    fn another_passphrase_opens_what_the_old_one_did_and_closes_it_for_every_other_run() {
        let base = tempfile::tempdir().unwrap();
        assert!(matches!(vault(base.path()).change_passphrase(&Secret::new("x")), Err(SecretError::NoVault)));
        let mut first = filled(base.path());
        let mut other = filled(base.path());
        let before = std::fs::read(first.path()).unwrap();
        assert!(matches!(vault(base.path()).change_passphrase(&Secret::new("x")), Err(SecretError::Locked)));
        first.change_passphrase(&Secret::new("shut")).unwrap();
        first.put("bob@h:21", &Secret::new("x")).unwrap();
        let after = std::fs::read(first.path()).unwrap();
        assert_ne!(before[..RECIPE], after[..RECIPE], "salt and key are new");
        assert!(matches!(other.get("alice@h:21"), Err(SecretError::Locked)));
        assert!(matches!(other.put("alice@h:21", &Secret::new("y")), Err(SecretError::Locked)));
        assert!(matches!(other.unlock(&Secret::new("open")), Err(SecretError::WrongPassphrase)));
        other.unlock(&Secret::new("shut")).unwrap();
        for vault in [&first, &other] {
            assert_eq!(vault.get("alice@h:21").unwrap(), Some(Secret::new("hunter2")));
        }
    }

    #[test]
    fn a_change_of_the_passphrase_that_fails_leaves_the_old_vault_as_it_was() {
        let base = tempfile::tempdir().unwrap();
        let mut vault = filled(base.path());
        let before = std::fs::read(vault.path()).unwrap();
        // No key can be made at this cost.
        vault.cost = Cost { memory: 0, passes: 0, lanes: 0 };
        assert!(vault.change_passphrase(&Secret::new("shut")).is_err());
        vault.cost = CHEAP;
        assert_eq!(vault.get("alice@h:21").unwrap(), Some(Secret::new("hunter2")), "its key is the old one still");
        assert_eq!(std::fs::read(vault.path()).unwrap(), before);
        let left = std::fs::read_dir(base.path().join("dir")).unwrap().count();
        assert_eq!(left, 2, "the vault and the lock");
    }

    #[test]
    fn the_file_holds_no_word_of_it_is_private_and_never_twice_the_same() {
        let base = tempfile::tempdir().unwrap();
        let vault = filled(base.path());
        let before = std::fs::read(vault.path()).unwrap();
        let shows = |text: &[u8]| before.windows(text.len()).any(|window| window == text);
        assert!(!shows(b"hunter2") && !shows(b"alice") && !shows(b"open"));
        vault.put("alice@h:21", &Secret::new("hunter2")).unwrap();
        let after = std::fs::read(vault.path()).unwrap();
        assert_eq!(before[..RECIPE], after[..RECIPE]);
        assert_ne!(before[RECIPE..HEADER], after[RECIPE..HEADER], "a nonce is never used twice");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(vault.path()), mode(vault.path().parent().unwrap())), (0o600, 0o700));
        }
        assert!(!format!("{vault:?}").contains(&format!("{:?}", vault.opened.as_ref().unwrap().key[0..4].to_vec())));
    }

    #[test]
    fn any_byte_that_was_changed_is_noticed() {
        let base = tempfile::tempdir().unwrap();
        let path = filled(base.path()).path().to_owned();
        let good = std::fs::read(&path).unwrap();
        for at in 0..good.len() {
            // Costs that are far dearer, yet bearable, take their time: the high bytes are tried below.
            if (MAGIC.len() + 1..MAGIC.len() + 13).contains(&at) {
                continue;
            }
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            let error = vault(base.path()).unlock(&Secret::new("open")).unwrap_err();
            assert!(matches!(error, SecretError::WrongPassphrase | SecretError::BadVault { .. }), "{at}: {error}");
        }
        for length in 0..good.len() {
            std::fs::write(&path, &good[..length]).unwrap();
            assert!(vault(base.path()).unlock(&Secret::new("open")).is_err(), "{length}");
        }
    }

    #[test]
    fn a_file_cannot_ask_for_gigabytes_or_minutes() {
        let base = tempfile::tempdir().unwrap();
        let path = filled(base.path()).path().to_owned();
        let good = std::fs::read(&path).unwrap();
        let cost_at = MAGIC.len() + 1;
        for (number, value) in [(0, 4 * 1024 * 1024_u32), (0, u32::MAX), (1, 1_000), (1, u32::MAX), (2, 1 << 20)] {
            let mut bad = good.clone();
            bad[cost_at + 4 * number..cost_at + 4 * number + 4].copy_from_slice(&value.to_be_bytes());
            std::fs::write(&path, &bad).unwrap();
            let error = vault(base.path()).unlock(&Secret::new("open")).unwrap_err().to_string();
            assert!(error.contains("more memory or time"), "{error}");
        }
        for (number, value) in [(0, 0_u32), (1, 0), (2, 0)] {
            let mut bad = good.clone();
            bad[cost_at + 4 * number..cost_at + 4 * number + 4].copy_from_slice(&value.to_be_bytes());
            std::fs::write(&path, &bad).unwrap();
            assert!(vault(base.path()).unlock(&Secret::new("open")).is_err());
        }
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(1 << 34).unwrap();
        assert!(vault(base.path()).unlock(&Secret::new("open")).unwrap_err().to_string().contains("larger than a vault"));
    }

    #[test]
    fn a_vault_made_anew_by_another_run_is_closed_for_this_one() {
        let base = tempfile::tempdir().unwrap();
        let first = filled(base.path());
        std::fs::remove_file(first.path()).unwrap();
        let second = filled(base.path());
        assert!(matches!(first.get("alice@h:21"), Err(SecretError::Locked)));
        assert!(matches!(first.put("alice@h:21", &Secret::new("x")), Err(SecretError::Locked)));
        assert_eq!(second.get("alice@h:21").unwrap(), Some(Secret::new("hunter2")));
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked_and_nothing_stops_the_reader(
            all in proptest::collection::btree_map("\\PC{0,12}", "\\PC{0,12}", 0..6), junk in proptest::collection::vec(any::<u8>(), 0..64)
        ) {
            let all: Passwords = all.into_iter().map(|(account, secret)| (account, Secret::new(secret))).collect();
            prop_assert_eq!(unpack(&pack(&all)), Some(all));
            let _ = unpack(&junk);
        }
    }
}
