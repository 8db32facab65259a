//! Numbers that name things, one type for each kind so that they cannot be mixed up.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u64);

        impl $name {
            /// Returns this number and moves the counter on to the next.
            pub fn advance(&mut self) -> Self {
                let this = *self;
                self.0 += 1;
                this
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

id! {
    /// One volume that a pane has opened: a connection to a server, or a view of the local disk. Never used twice in a run.
    ConnectionId
}
id! {
    /// One thing that the app asked of the engine. An answer to a request nobody waits for any more is dropped.
    RequestId
}
id! {
    /// The count of listings that a pane has asked for. A destructive command names the one that the person saw.
    Generation
}
id! {
    /// One file to move, or one directory to make.
    TransferId
}
id! {
    /// What one copy or move command asked for: one or more transfers.
    BatchId
}
id! {
    /// Something that the engine must ask before it can go on.
    QuestionId
}
