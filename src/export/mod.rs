//! What is published, as folders of files: the static site, byte for byte as it is served, and a Jekyll site.

mod jekyll;
mod keeper;
mod manifest;
mod plan;
mod site;
mod tree;

pub use jekyll::jekyll;
pub use keeper::keep;
pub use site::{Done, Progress, site};
