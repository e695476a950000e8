//! Which tags and attributes are shown, and with what values: URLs made absolute, images and links as they are meant.

use super::{
    address::{SCHEMES, absolute, loaded, srcset, without_tracking},
    allowed::{ATTRIBUTES, EVERYWHERE, INLINE, LAZY, UNWRAPPED},
    images::{self, Given, Offer, Shown},
};
use std::{borrow::Cow, collections::HashSet};
use url::Url;

/// What a fragment may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A body.
    Block,
    /// A title: lines and what stands in them.
    Inline,
}

/// Decides tag after tag.
pub struct Judge<'a> {
    /// What addresses are relative to.
    pub base: Option<&'a Url>,
    /// What the fragment may hold.
    pub shape: Shape,
    /// What the sources offer of the `picture` that we are in.
    pub offers: Option<Vec<Offer>>,
    /// Addresses of images that only stand in for others.
    pub repeated: HashSet<String>,
}

impl Judge<'_> {
    /// The attributes to show; `None` when the tag itself is not.
    pub fn shown<'t>(&mut self, name: &str, given: &Given<'t>, in_player: bool) -> Option<Shown<'t>> {
        if self.shape == Shape::Inline && !INLINE.contains(&name) {
            return None;
        }
        let shown =
            |attribute: &(&'t str, Cow<'t, str>)| Some((attribute.0, self.value(name, attribute.0, &attribute.1)?));
        let mut kept: Shown = given.iter().filter_map(shown).collect();
        match name {
            "img" => {
                let found =
                    images::addresses(given, self.offers.as_deref().unwrap_or_default(), &self.repeated, self.base)?;
                kept.retain(|(name, _)| {
                    !matches!(*name, "src" | "srcset") && (*name != "sizes" || found.set.is_some())
                });
                kept.splice(0..0, [("src", found.src)].into_iter().chain(found.set.map(|set| ("srcset", set))));
                Some(kept)
            }
            "picture" => {
                self.offers = Some(Vec::new());
                None
            }
            "source" if !in_player => {
                let offer = images::offer(given, self.base);
                self.offers.as_mut()?.extend(offer);
                None
            }
            "source" | "audio" | "video" => {
                if let Some(src) =
                    images::address_of(given, LAZY, self.base).filter(|_| !kept.iter().any(|(name, _)| *name == "src"))
                {
                    kept.insert(0, ("src", src));
                }
                kept.retain(|(name, _)| !matches!(*name, "srcset" | "sizes" | "media"));
                let playable = kept.iter().any(|(name, _)| *name == "src");
                if name == "source" {
                    return playable.then_some(kept);
                }
                // Without the browser's controls nobody could play it.
                if !kept.iter().any(|(name, _)| *name == "controls") {
                    kept.push(("controls", String::new()));
                }
                Some(kept)
            }
            "track" => kept.iter().any(|(name, _)| in_player && *name == "src").then_some(kept),
            _ if UNWRAPPED.contains(&name) && kept.is_empty() => None,
            "font" | "center" => None,
            _ => Some(kept),
        }
    }

    fn value(&self, element: &str, attribute: &str, value: &str) -> Option<String> {
        let own =
            ATTRIBUTES.iter().find(|(name, _)| *name == element).is_some_and(|(_, names)| names.contains(&attribute));
        if !own && !EVERYWHERE.contains(&attribute) {
            return None;
        }
        match attribute {
            // It leads within the page that it stood in; here nothing has a name to lead to.
            "href" if value.trim_start().starts_with('#') => None,
            "href" => absolute(value, self.base, SCHEMES).map(|address| without_tracking(&address).into_owned()),
            "cite" => absolute(value, self.base, SCHEMES),
            "src" | "poster" => loaded(value, self.base),
            "srcset" => srcset(value, self.base),
            "dir" => matches!(value, "ltr" | "rtl" | "auto").then(|| value.to_owned()),
            _ => Some(value.to_owned()),
        }
    }
}

/// Whether a browser would not show it.
pub fn is_hidden(attributes: &Given) -> bool {
    attributes.iter().any(|(name, value)| match *name {
        "hidden" => true,
        "style" => {
            let style: String = value.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        }
        _ => false,
    })
}
