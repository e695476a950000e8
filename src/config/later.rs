//! Keys of the contract that this version understands but does not act on: their form is checked,
//! so that a file written for a later version loads, and the operator is told.

use super::problems::{Place, Problems};

/// Says that a key is understood and ignored.
pub(super) fn without_effect(place: &Place, problems: &mut Problems) {
    let key = super::reader::last(&place.key).to_owned();
    problems.warning(place, format!("`{key}` has no effect in this version yet"));
}
