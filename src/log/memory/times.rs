//! How long things take and last in the broker's own time, in ms. It passes only where a test lets it pass.

/// The times of a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// How long each step of a member takes.
    pub call_ms: u64,
    /// How long a member waits in vain for a broker that it cannot reach.
    pub timeout_ms: u64,
    /// How often a client that runs says that it is alive, and learns what the group has decided.
    pub heartbeat_ms: u64,
    /// A member that says nothing for so long is given up by its group.
    pub session_ms: u64,
    /// A member that does not poll for so long is taken for stuck: its client gives up for it.
    pub poll_ms: u64,
    /// How long a group waits for the members that are to join it again.
    pub rebalance_ms: u64,
    /// A transaction that is open for so long is aborted, and its writer fenced.
    pub transaction_ms: u64,
}

impl Times {
    /// Nothing takes any time, and nothing ends by itself.
    pub const STILL: Times = Times {
        call_ms: 0,
        timeout_ms: 0,
        heartbeat_ms: 1,
        session_ms: u64::MAX,
        poll_ms: u64::MAX,
        rebalance_ms: u64::MAX,
        transaction_ms: u64::MAX,
    };
}
