//! What all lives share: the scenario, its faults and moods, the campaigns and the content library.

use super::fault::Faults;
use super::library::Library;
use super::moods::Moods;
use super::programs::Campaign;
use super::scenario::Scenario;

/// What all lives share. It never changes once the company is founded.
#[derive(Debug)]
pub(super) struct World {
    /// Checked.
    pub(super) scenario: Scenario,
    pub(super) faults: Faults,
    pub(super) moods: Moods,
    /// In order of launch.
    pub(super) campaigns: Vec<Campaign>,
    pub(super) library: Library,
}
