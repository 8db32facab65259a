//! FTP URLs (RFC 1738 §3.2).
