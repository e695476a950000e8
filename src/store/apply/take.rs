//! One entry of a document: what it means decides what is done, and the account says where it went.

use super::Desk;
use crate::{
    model::{Candidate, Fate, Went},
    store::{StoreError, resolve::Meaning},
};

impl Desk<'_, '_> {
    /// Takes it, and gives account of it.
    pub(super) fn take(&mut self, candidate: Candidate, meaning: Meaning, joins: bool) -> Result<(), StoreError> {
        let claimed = candidate.code.clone();
        let went = self.took(candidate, meaning, joins)?;
        let claimed = (claimed != went.code).then_some(claimed);
        if let Some(fates) = &mut self.fates {
            fates.add(Went { claimed, ..went });
        }
        Ok(())
    }

    /// The same; where the entry went.
    fn took(&mut self, candidate: Candidate, meaning: Meaning, joins: bool) -> Result<Went, StoreError> {
        let code = meaning.code().unwrap_or(&candidate.code).clone();
        let to = |fate| Went::new(code.clone(), fate);
        match meaning {
            Meaning::New { code, kind, weak, clash } => {
                let went = Went { holder: clash.clone(), ..to(Fate::New) };
                self.clashes.extend(clash.map(|holder| (candidate.code.clone(), holder)));
                self.begin(candidate, code, kind, weak, joins)?;
                Ok(went)
            }
            Meaning::Known(meta) => self.reconcile(candidate, *meta, joins),
            Meaning::Kept(_) => {
                self.changes.unchanged += 1;
                Ok(to(Fate::Kept))
            }
            Meaning::Refused(meta) if !self.is_overridden(&candidate, &meta) => {
                self.refuse(&candidate, *meta)?;
                Ok(to(Fate::Refused))
            }
            Meaning::Refused(meta) if meta.is_stub() => {
                self.bear(candidate, *meta, joins)?;
                Ok(to(Fate::Restored))
            }
            Meaning::Refused(mut meta) => {
                self.unbury(&mut meta)?;
                let went = self.reconcile(candidate, *meta, joins)?;
                Ok(Went { fate: Fate::Restored, ..went })
            }
            Meaning::Repeated => {
                self.changes.notes.push(format!("{code} stands in the document more than once"));
                Ok(to(Fate::Repeated))
            }
        }
    }
}
