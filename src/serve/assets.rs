//! What pages are dressed in, and what robots are told.

use super::{
    Visit,
    document::{Caching, Document, Problem},
    route::Route,
};
use axum::response::Response;

/// Of every page.
pub const STYLE: &str = include_str!("templates/style.css");

const SCRIPT: &str = include_str!("templates/copy.js");

const ICON: &str = include_str!("templates/icon.svg");

const ROBOTS: &str = "User-agent: *\nDisallow: /status.html\nDisallow: /status.json\nDisallow: /status.atom\n";

/// The style sheet and the script keep their addresses when an upgrade changes them: pages must not be dressed in the old ones for a day.
const SHORT: Caching = Caching::Public(60);

/// `/style.css`, `/copy.js`, `/icon.svg`, `/robots.txt`
pub async fn asset(visit: &Visit, route: &Route) -> Result<Response, Problem> {
    let document = match route {
        Route::Style => {
            let style = visit.config.site.theme.style(STYLE).into_owned();
            Document::file(style, "text/css; charset=utf-8", SHORT)
        }
        Route::Script => Document::file(SCRIPT, "text/javascript; charset=utf-8", SHORT),
        Route::Icon => Document::file(ICON, "image/svg+xml", Caching::Day),
        Route::Robots => Document::file(ROBOTS, "text/plain; charset=utf-8", Caching::Day),
        _ => return Err(Problem::Missing(Vec::new())),
    };
    visit.send(document).await
}
