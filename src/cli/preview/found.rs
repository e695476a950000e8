//! What a recipe found in a document, item by item, and what it missed, for whoever writes the recipe.

use crate::{
    model::{Drawn, Form, From, Recipe, Slot},
    recipe::{Harvest, Item},
};

/// Items shown one by one.
const MAX_ITEMS: usize = 50;
/// Characters of a value shown.
const MAX_VALUE: usize = 70;

/// The table of fields, then the items.
pub(super) fn found(recipe: &Recipe, harvest: &Harvest) -> String {
    let mut text = match &recipe.form {
        Form::Json { items, spot, .. } => format!("{spot}: `{}` finds {} items\n", items.as_str(), harvest.items.len()),
        Form::Page { items, spot } => format!("{spot}: `{}` finds {} items\n", items.as_str(), harvest.items.len()),
        Form::Sitemap => format!("{} pages\n", harvest.items.len()),
    };
    for drawn in &recipe.fields {
        let times = harvest.findings.fields.iter().find(|(slot, _)| *slot == drawn.slot).map_or(0, |(_, times)| *times);
        text.push_str(&format!("  {:<10}{:>4}  {}\n", drawn.slot.name(), times, sought(drawn)));
        if let Some(missed) = harvest.findings.missed.iter().find(|missed| missed.slot == drawn.slot) {
            text.push_str(&format!("                  missed: {}\n", missed.words));
        }
    }
    if !harvest.kinds.is_empty() {
        text.push_str("an item is made of\n");
    }
    for (kind, words) in &harvest.kinds {
        text.push_str(&format!("  {kind:<24}{}\n", short(words)));
    }
    if !harvest.further.is_empty() {
        text.push_str(&format!(
            "further documents of the list: {} (a poll asks for them, a preview does not)\n",
            harvest.further.len()
        ));
    }
    if !recipe.fields.is_empty() {
        for (number, item) in harvest.items.iter().take(MAX_ITEMS).enumerate() {
            text.push_str(&format!("\nitem {}\n{}", number + 1, values(item)));
        }
    }
    text
}

fn sought(drawn: &Drawn) -> String {
    let sought = match &drawn.from {
        From::Path(path) => path.as_str().to_owned(),
        From::Choice(choice) => choice.words(),
        From::Text(template) => format!("\"{}\"", template.as_str()),
    };
    drawn.cut.as_ref().map_or(sought.clone(), |cut| format!("{sought}, cut by `{cut}`"))
}

fn values(item: &Item) -> String {
    let line = |(slot, values): &(Slot, Vec<String>)| {
        let value = if values.is_empty() { "—".to_owned() } else { short(&values.join(" | ")) };
        format!("  {:<12}{value}\n", slot.name())
    };
    item.0.iter().map(line).collect()
}

/// On one line, without what a terminal would obey.
fn short(value: &str) -> String {
    let line: String =
        value.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect();
    let cut: String = line.chars().take(MAX_VALUE).collect();
    if cut.len() < line.len() { format!("{cut}…") } else { cut }
}
