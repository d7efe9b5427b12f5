//! Strings from events: short ones live inline, and every one has a limit.

/// An id, a name or a reason as an event says it; up to 24 bytes cost no allocation.
pub type Text = compact_str::CompactString;

/// Longest `event_id`, in bytes.
pub const EVENT_ID_BYTES_MAX: usize = 128;
/// Longest id of a lead, a deal, a campaign, an owner or an asset, in bytes.
pub const ID_BYTES_MAX: usize = 256;
/// Longest reason, channel or attribute, in bytes.
pub const TEXT_BYTES_MAX: usize = 1024;
/// Most attributes of one event.
pub const ATTRIBUTES_MAX: usize = 64;
/// Most reasons of one `playbook_changed`.
pub const REASONS_MAX: usize = 64;
