//! An item's fields as they stand in the document: what its paths or selectors found, what was cut out, what was made of both.

use crate::{
    jsonpath::Path,
    model::{Drawn, From, Slot, Template},
};

/// Bytes of one value.
const MAX_VALUE: usize = 2 << 20;

/// What one item holds: for each field of the recipe, in its order, what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item(pub Vec<(Slot, Vec<String>)>);

impl Item {
    /// Draws every field. `found` gives what a path or selector finds, `path` what a path inside a template does.
    pub(super) fn draw(
        fields: &[Drawn],
        found: impl Fn(usize, &From) -> Vec<String>,
        path: impl Fn(&Path) -> Option<String>,
    ) -> Item {
        let mut item = Item(fields.iter().map(|drawn| (drawn.slot, Vec::new())).collect());
        for (at, drawn) in fields.iter().enumerate().filter(|(_, drawn)| !matches!(drawn.from, From::Text(_))) {
            item.set(at, cut(drawn, found(at, &drawn.from)));
        }
        for (at, drawn) in fields.iter().enumerate() {
            let From::Text(template) = &drawn.from else { continue };
            let made = item.fill(template, &path);
            item.set(at, cut(drawn, made.into_iter().collect()));
        }
        item
    }

    /// The first value of a field.
    pub fn first(&self, slot: Slot) -> Option<&str> {
        self.all(slot).first().map(String::as_str)
    }

    /// All values of a field.
    pub fn all(&self, slot: Slot) -> &[String] {
        self.0.iter().find(|(known, _)| *known == slot).map(|(_, values)| values.as_slice()).unwrap_or_default()
    }

    /// Nothing was found of it.
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|(_, values)| values.is_empty())
    }

    fn fill(&self, template: &Template, path: &dyn Fn(&Path) -> Option<String>) -> Option<String> {
        let named = |name: &str| {
            let slot = Slot::ALL.into_iter().find(|slot| slot.name() == name)?;
            self.first(slot).map(str::to_owned)
        };
        template.fill(named, path)
    }

    fn set(&mut self, at: usize, values: Vec<String>) {
        if let Some((_, place)) = self.0.get_mut(at) {
            *place = values;
        }
    }
}

/// What is taken of the values found; blank ones are none.
fn cut(drawn: &Drawn, values: Vec<String>) -> Vec<String> {
    let taken = values.into_iter().filter_map(|mut value| {
        value.truncate(value.floor_char_boundary(MAX_VALUE));
        let value = match &drawn.cut {
            Some(pattern) => pattern.captures(&value)?.get(1)?.as_str().to_owned(),
            None => value,
        };
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    });
    taken.collect()
}
