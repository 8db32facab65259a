//! The system's keyring: the Secret Service on Linux and the BSDs, the keychain on macOS, the credential manager on Windows.
//!
//! Each call opens the store anew, on a thread of its own: the Secret Service's client panics inside of an async task, and a keyring that
//! is started later is found. The only place that names the keyring's crates.

use crate::model::Secret;

use super::SecretError;

/// The keyring.
#[derive(Clone, Copy)]
pub struct Keyring {
    #[cfg(feature = "keyring")]
    open: store::Open,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

impl Keyring {
    /// This system's.
    pub fn of_system() -> Self {
        Self {
            #[cfg(feature = "keyring")]
            open: store::system,
        }
    }

    /// Whether one answers.
    pub fn answers(&self) -> bool {
        !matches!(self.get("ftpane"), Err(SecretError::NoKeyring(_)))
    }

    /// The password of an account.
    ///
    /// # Errors
    /// [`SecretError::NoKeyring`], [`SecretError::Keyring`].
    pub fn get(&self, account: &str) -> Result<Option<Secret>, SecretError> {
        #[cfg(feature = "keyring")]
        return store::get(self.open, account);
        #[cfg(not(feature = "keyring"))]
        Err(not_built(account))
    }

    /// Keeps the password of an account.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn put(&self, account: &str, secret: &Secret) -> Result<(), SecretError> {
        #[cfg(feature = "keyring")]
        return store::put(self.open, account, secret);
        #[cfg(not(feature = "keyring"))]
        Err(not_built((account, secret)))
    }

    /// Takes the password of an account out; tells whether there was one.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn remove(&self, account: &str) -> Result<bool, SecretError> {
        #[cfg(feature = "keyring")]
        return store::remove(self.open, account);
        #[cfg(not(feature = "keyring"))]
        Err(not_built(account))
    }
}

#[cfg(not(feature = "keyring"))]
fn not_built<T>(_unused: T) -> SecretError {
    SecretError::NoKeyring("ftpane was built without the feature keyring".to_owned())
}

#[cfg(feature = "keyring")]
mod store {
    use std::sync::Arc;

    use keyring_core::{CredentialStore, Entry, Error};

    use crate::model::Secret;
    use crate::model::text::printable_str;

    use super::SecretError;

    /// Under which all of ours are in it.
    const SERVICE: &str = "ftpane";

    /// Opens a store.
    pub(super) type Open = fn() -> Result<Arc<CredentialStore>, Error>;

    #[cfg(all(unix, not(target_os = "macos")))]
    pub(super) fn system() -> Result<Arc<CredentialStore>, Error> {
        Ok(zbus_secret_service_keyring_store::Store::new()?)
    }

    #[cfg(target_os = "macos")]
    pub(super) fn system() -> Result<Arc<CredentialStore>, Error> {
        Ok(apple_native_keyring_store::keychain::Store::new()?)
    }

    #[cfg(windows)]
    pub(super) fn system() -> Result<Arc<CredentialStore>, Error> {
        Ok(windows_native_keyring_store::Store::new()?)
    }

    #[cfg(not(any(unix, windows)))]
    pub(super) fn system() -> Result<Arc<CredentialStore>, Error> {
        Err(Error::NoDefaultStore)
    }

    pub(super) fn get(open: Open, account: &str) -> Result<Option<Secret>, SecretError> {
        with(open, account, |entry| match entry.get_password() {
            Ok(password) => Ok(Some(Secret::new(password))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(error)),
        })
    }

    pub(super) fn put(open: Open, account: &str, secret: &Secret) -> Result<(), SecretError> {
        with(open, account, |entry| entry.set_password(secret.expose()).map_err(refused))
    }

    pub(super) fn remove(open: Open, account: &str) -> Result<bool, SecretError> {
        with(open, account, |entry| match entry.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(refused(error)),
        })
    }

    fn with<T: Send>(open: Open, account: &str, work: impl FnOnce(&Entry) -> Result<T, SecretError> + Send) -> Result<T, SecretError> {
        let work = || {
            let store = open().map_err(|error| SecretError::NoKeyring(words(&error)))?;
            let entry = store.build(SERVICE, account, None).map_err(refused)?;
            work(&entry)
        };
        std::thread::scope(|scope| {
            let outcome = std::thread::Builder::new().name("ftpane-keyring".to_owned()).spawn_scoped(scope, work);
            let outcome = outcome.map_err(|error| SecretError::System(error.to_string()))?;
            outcome.join().unwrap_or_else(|_| Err(SecretError::NoKeyring("its client broke down".to_owned())))
        })
    }

    fn refused(error: Error) -> SecretError {
        match error {
            Error::PlatformFailure(_) | Error::NoDefaultStore => SecretError::NoKeyring(words(&error)),
            error => SecretError::Keyring(words(&error)),
        }
    }

    /// Its words, without the bytes that some of its errors carry: they may be the password.
    fn words(error: &Error) -> String {
        let text = match error {
            Error::BadEncoding(_) => "the password there is not UTF-8".to_owned(),
            Error::BadDataFormat(..) => "what is there cannot be read".to_owned(),
            Error::Ambiguous(all) => format!("it has {} passwords for this account", all.len()),
            error => error.to_string(),
        };
        printable_str(&text).into_owned()
    }

    #[cfg(test)]
    mod tests {
        use std::sync::LazyLock;

        use super::super::Keyring;
        use super::*;

        static STORE: LazyLock<Arc<keyring_core::mock::Store>> = LazyLock::new(|| keyring_core::mock::Store::new().unwrap());

        fn mock() -> Result<Arc<CredentialStore>, Error> {
            Ok(STORE.clone())
        }

        fn none() -> Result<Arc<CredentialStore>, Error> {
            Err(Error::PlatformFailure("no session bus".into()))
        }

        #[test]
        fn a_password_is_kept_for_its_account_and_can_be_taken_out() {
            let keyring = Keyring { open: mock };
            assert!(keyring.answers());
            assert_eq!(keyring.get("alice@h:21").unwrap(), None);
            keyring.put("alice@h:21", &Secret::new("hunter2")).unwrap();
            keyring.put("alice@h:21", &Secret::new("hunter3")).unwrap();
            assert_eq!(keyring.get("alice@h:21").unwrap(), Some(Secret::new("hunter3")));
            assert_eq!(keyring.get("alice@h:2121").unwrap(), None, "another port is another account");
            assert!(keyring.remove("alice@h:21").unwrap() && !keyring.remove("alice@h:21").unwrap());
        }

        #[tokio::test]
        async fn without_a_keyring_that_is_said_even_inside_of_a_task() {
            let keyring = Keyring { open: none };
            assert!(!keyring.answers());
            let error = keyring.put("a", &Secret::new("hunter2")).unwrap_err().to_string();
            assert!(error.contains("no session bus") && error.contains("vault") && !error.contains("hunter2"), "{error}");
        }

        #[test]
        fn an_error_never_repeats_the_bytes_that_it_carries() {
            assert_eq!(words(&Error::BadEncoding(b"hunter2".to_vec())), "the password there is not UTF-8");
            assert!(!words(&Error::BadDataFormat(b"hunter2".to_vec(), "x".into())).contains("hunter2"));
        }
    }
}
