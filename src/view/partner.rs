//! What a partner is told of a change (`/changes.ndjson`). Pure. Nobody is told of what never was public.

use super::{ItemView, are_public, is_public, item_view};
use crate::{
    config::{Category, Config},
    model::{ChangeKind, Cursor, InfoCode, Slug, Time, WithdrawalKind},
    store::Told,
};

/// One line.
#[derive(Clone, Debug)]
pub struct PartnerLine {
    /// Where a reader who has this line goes on.
    pub cursor: Cursor,
    /// Which entry.
    pub code: InfoCode,
    /// What he is to do.
    pub what: PartnerChange,
}

/// What became of an entry, for someone who has read up to a cursor.
#[derive(Clone, Debug)]
pub enum PartnerChange {
    /// It stands: he has not seen it (`new`), or has it in an older edition or at another place.
    Stands {
        /// He has not seen it before.
        new: bool,
        /// The public categories it stands in.
        categories: Vec<Slug>,
        /// How it reads.
        item: Box<ItemView>,
    },
    /// It stands no more.
    Retracted {
        /// When it was taken away, if it was.
        at: Option<Time>,
        /// How.
        how: Gone,
    },
}

/// How an entry went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// We took it down.
    Withdrawn,
    /// Its publisher deleted it.
    Deleted,
    /// We do not keep it any longer: it was not taken down.
    Retired,
    /// It may not be shown any more: it expired, or policy says so.
    Hidden,
}

impl Gone {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Gone::Withdrawn => "withdrawn",
            Gone::Deleted => "deleted",
            Gone::Retired => "retired",
            Gone::Hidden => "hidden",
        }
    }
}

/// The line for a change; `None` when there is nothing to tell. `since`: where the partner has read to.
pub fn partner_line(config: &Config, categories: &[Category], since: Cursor, told: &Told) -> Option<PartnerLine> {
    let unseen = told.born > since.sequence || told.change.kind == ChangeKind::Restored;
    let what = match &told.entry {
        Some(entry) if is_public(categories, entry) => PartnerChange::Stands {
            new: unseen,
            categories: standing(categories, &entry.categories),
            item: Box::new(item_view(config, entry)),
        },
        _ if told.born > since.sequence || !are_public(categories, &told.filed) => return None,
        _ => {
            let withdrawal = told.withdrawal.as_ref();
            let how = withdrawal.map_or(Gone::Hidden, |withdrawal| match withdrawal.kind {
                WithdrawalKind::Retracted | WithdrawalKind::Erased => Gone::Withdrawn,
                WithdrawalKind::Deleted => Gone::Deleted,
                WithdrawalKind::Retired => Gone::Retired,
            });
            PartnerChange::Retracted { at: withdrawal.map(|withdrawal| withdrawal.at), how }
        }
    };
    Some(PartnerLine { cursor: told.change.cursor, code: told.change.code.clone(), what })
}

fn standing(categories: &[Category], slugs: &[Slug]) -> Vec<Slug> {
    let public = categories.iter().filter(|category| category.token.is_none() && slugs.contains(&category.slug));
    public.map(|category| category.slug.clone()).collect()
}
