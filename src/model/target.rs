//! What a person typed as a target: a URL, a local path, a saved site's name, a host.
