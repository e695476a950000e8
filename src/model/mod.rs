//! What syndic talks about: what a document said, what is kept of it, and where it was read.
//! Plain data; no module here reads a clock, a file or the network.

mod account;
mod clock;
mod code;
mod entry;
mod feed;
mod field;
mod follower;
mod full_text;
mod info;
mod kept;
mod parsed;
mod printed;
mod recipe;
mod request;
mod retention;
mod rule;
mod secret;
mod source;
mod standing;
mod state;
mod subscription;
mod tag;
mod template;
mod text;
mod upstream;

pub use account::{Account, Fate, Heard, Via, Went, name_hash};
pub use clock::{Clock, Moment};
pub use code::{Alias, CodeKind, InfoCode};
pub use entry::{
    Attribution, Candidate, Changes, Claim, Commit, Draft, Edition, Entry, Join, Known, KnownEntry, PublishedIds,
    Publisher, SaidIds,
};
pub use feed::{CategoryRef, FeedId, FeedPart, Slug, SourceId};
pub use field::Field;
pub use follower::Follower;
pub use full_text::{Detail, Detailed, FullText, Missing, WantedText};
pub use info::{Caption, Cloud, FeedInfo, Rare, SourceRef, TextInput, Wishes};
pub use kept::{Filed, Gone, Kept, Portable};
pub use parsed::{Enclosure, IdForm, Link, ParsedEntry, ParsedFeed, Person, RawDate, SourceFormat, Tag};
pub use printed::{Maker, Past, Printed};
pub use recipe::{Asked, Drawn, Form, From, Next, Recipe, Slot, Spot};
pub use request::{Came, Request, Requests};
pub use retention::{Limit, Removed, Retention};
pub use rule::{Age, Filter, FilterAction, Matcher, ReplacedField, Replacement, RuleField, Rules, Test, span};
pub use secret::{Secret, opens, token_query};
pub use source::{ContentPolicy, GuidTrust, Source, SourceKind};
pub use standing::{Change, ChangeKind, Cursor, Deletion, Judge, Standing, Withdrawal, WithdrawalKind, Withdrawn};
pub use state::{Adopted, Answer, CacheControl, Failure, FailureKind, Health, Lifetime, SourceState, Validators};
pub use subscription::{Phase, Subscription};
pub use tag::TagName;
pub use template::Template;
pub use text::{Element, Text, TextKind};
pub use upstream::{Deleted, Tombstone, UpstreamSource};

/// A moment in time, UTC. Years are kept within 1990…now+1 by `enrich::dates` before anything is stored.
pub type Time = chrono::DateTime<chrono::Utc>;
