//! Whole feeds, byte by byte, as they are published: tests/golden. A difference is either a mistake or a new `RENDER_VERSION`.
//! `INSTA_UPDATE=always scripts/test golden` writes them anew; read the difference before you commit it.

use crate::support::World;
use syndic::format::Format;

#[tokio::test(flavor = "multi_thread")]
async fn feeds_of_a_newspaper_a_blog_and_an_aggregator_are_as_they_were() {
    let world = World::new()
        .await
        .source("paper", "feeds/rss2-newspaper.xml")
        .source("blog", "feeds/atom-xml-base.xml")
        .source("above", "feeds/rss2-source-above-us.xml")
        .refreshed()
        .await;
    // The publisher's port is another one each time.
    let address = world.upstream.url("");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for format in Format::ALL {
        let feed = world.category("news", format).await.replace(&address, "http://upstream.test");
        let lines = feed.replace("><", ">\n<");
        settings.bind(|| insta::assert_snapshot!(format!("news.{}", format.extension()), lines));
    }
}
