//! x
use crate::{fetch::PostFile, model::ParsedFeed};
pub fn read(_f:&[PostFile])->ParsedFeed{todo!()}
