//! A field that several elements can fill: the better vocabulary wins, whatever the order in the document.

/// A value with the rank of where it came from.
#[derive(Debug)]
pub struct Slot<T> {
    rank: u8,
    value: Option<T>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Slot { rank: 0, value: None }
    }
}

impl<T> Slot<T> {
    /// Takes a value of a higher rank than the one held; of equal ranks the first stays. Nothing never replaces something.
    pub fn offer(&mut self, rank: u8, value: Option<T>) {
        if value.is_some() && (self.value.is_none() || rank > self.rank) {
            (self.rank, self.value) = (rank, value);
        }
    }

    /// As `offer`, but of equal ranks the last stays.
    pub fn replace(&mut self, rank: u8, value: Option<T>) {
        if value.is_some() && (self.value.is_none() || rank >= self.rank) {
            (self.rank, self.value) = (rank, value);
        }
    }

    /// What was found.
    pub fn take(self) -> Option<T> {
        self.value
    }

    /// Nothing was found yet.
    pub fn is_empty(&self) -> bool {
        self.value.is_none()
    }
}
